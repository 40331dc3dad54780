//! All results of about a million legs from a Parquet file, on one thread, and the most memory that it takes.
//!
//! With `CALLLEGS_PEERS` (a Python that has the packages; `cargo xtask bench --peers` sees to it) pandas computes the calls
//! and the service level alone from the same file. Not here: how the file comes to be (`write`, `end_to_end`).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::{
    env,
    fs::{self, File},
    hint::black_box,
    path::Path,
    process::Command,
    time::Duration,
};

use calllegs_arrow::{
    batches,
    parquet::{ParquetWriter, read_columns},
    schema::Column,
};
use calllegs_benches::{Figure, KEY, NOW, all_columns, call_centre, criterion, folder, measured, rate};
use calllegs_core::{
    CallLegs, Period, Query,
    query::Order,
    rpc::{self, Identity, RequestId},
};
use calllegs_stats::{Analysis, COLUMNS, Finish, Parameters, Results, shape};
use chrono::{NaiveDate, TimeDelta};
use criterion::Throughput;

const DAYS: u32 = 90;

fn main() {
    let path = folder().join("stats.parquet");
    let rows = write(&path, 11_200);
    let counted = results(&path);
    let offered = counted.total().unwrap().table(&shape::SERVICE_LEVEL).unwrap();
    println!("stats: {rows} legs, {:?}", offered.rows);

    let mut criterion = criterion(10, 10);
    let mut benches = criterion.benchmark_group("stats");
    benches.throughput(Throughput::Elements(rows));
    benches.bench_function("parquet", |bencher| bencher.iter(|| black_box(results(&path))));
    benches.bench_function("read", |bencher| {
        bencher.iter(|| {
            let (_, batches) =
                read_columns(File::open(&path).unwrap(), &COLUMNS, i64::MIN..i64::MAX).unwrap();
            batches.map(|batch| batch.unwrap().num_rows()).sum::<usize>()
        });
    });
    benches.finish();
    let Some(ours) = measured("stats/parquet") else { return };
    let figure = |work, reference| Figure { work, reference, bars: ("", "") };
    figure("Parquet → all 19 results", "Parquet → the same columns, not counted").ratio_of(
        rows,
        "stats/parquet",
        "stats/read",
    );
    if let Some(python) = env::var_os("CALLLEGS_PEERS") {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/pandas_calls.py");
        let output = Command::new(python).arg(script).arg(&path).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let seconds = said.split(' ').next().unwrap().parse().unwrap();
        let theirs = Duration::from_secs_f64(seconds);
        figure("Parquet → all 19 results", "pandas → calls and the service level alone")
            .ratio(rows, ours, theirs);
    }
    let peak = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    println!("stats: {} M rows/s, peak {} KiB", rate(rows, ours), peak.unwrap_or("?"));
    fs::remove_file(path).unwrap();
}

/// The results of a file; legs are listed by start, so that one reading is enough.
fn results(path: &Path) -> Results {
    let mut analysis = Analysis::new(Parameters::default());
    let (_, batches) = read_columns(File::open(path).unwrap(), &COLUMNS, i64::MIN..i64::MAX).unwrap();
    for batch in batches {
        analysis.push(&batch.unwrap()).unwrap();
    }
    match analysis.finish().unwrap() {
        Finish::Done(results) => results,
        Finish::Again(_) => panic!("legs came late"),
    }
}

/// A file of as many legs a day; how many it has in all.
fn write(path: &Path, legs_per_day: u32) -> u64 {
    let mut emulator = call_centre(DAYS, legs_per_day).emulator().unwrap();
    let columns: Vec<_> = Column::all().iter().collect();
    let mut file = ParquetWriter::new(File::create(path).unwrap(), &columns).unwrap();
    let last = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let mut rows = 0;
    for day in (1..=i64::from(DAYS)).rev() {
        let from = (last - TimeDelta::days(day)).and_time(chrono::NaiveTime::MIN);
        let period = Period::new(from, from + TimeDelta::days(1)).unwrap();
        let query = Query::<CallLegs>::new(period).select(all_columns()).limit(10_000);
        let query = query.sort_by(CallLegs::START_TIME, Order::Ascending);
        for offset in (0..).step_by(10_000) {
            let query = query.clone().offset(offset);
            let id = RequestId::new(1);
            let request = rpc::request(&query, &Identity::key(KEY), id).unwrap();
            let page = rpc::reply(&query, id, &emulator.handle(NOW, request.as_bytes())).unwrap();
            rows += page.rows.len() as u64;
            for batch in batches(&page.rows).unwrap() {
                file.write(&batch).unwrap();
            }
            if page.rows.len() < 10_000 {
                break;
            }
        }
    }
    file.finish().unwrap();
    rows
}
