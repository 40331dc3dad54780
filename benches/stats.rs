//! All results of about a million legs from a Parquet file, on one thread, and the most memory that it takes.
//!
//! With `CALLLEGS_PEERS` (a Python that has the packages; `cargo xtask bench --peers` sees to it) pandas and `DuckDB` compute
//! them from the same file, `DuckDB` by our own statements. Not here: how the file comes to be (`write`, `end_to_end`); the
//! page that shows results (`report`).

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

use calllegs_arrow::parquet::read_columns;
use calllegs_benches::{Figure, criterion, folder, legs_file, measured, rate};
use calllegs_stats::{
    Analysis, COLUMNS, Finish, Parameters, Results, Shape, shape,
    sql::{self, Dialect, Source},
};
use criterion::Throughput;

fn main() {
    let path = folder().join("stats.parquet");
    let rows = legs_file(&path, 90, 11_200);
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
    let all = "Parquet → all 19 results";
    let figure = |reference, bars| Figure { work: all, reference, bars };
    figure("Parquet → the same columns, not counted", ("", "")).ratio_of(rows, "stats/parquet", "stats/read");
    if let Some(python) = env::var_os("CALLLEGS_PEERS") {
        let peer = |script: &str, more: &[&Path]| {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script);
            let output = Command::new(&python).arg(script).arg(&path).args(more).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            Duration::from_secs_f64(said.split(' ').next().unwrap().parse().unwrap())
        };
        let text = |name: &str, text: String| {
            let path = folder().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let parameters = Parameters::default();
        let views = sql::views(Dialect::DuckDb, &Source::default(), &parameters);
        let metric = |shape: &'static Shape| {
            format!("-- name: {}\n{};\n", shape.name, sql::metric(shape, Dialect::DuckDb, &parameters))
        };
        let views = text("stats.views.sql", views);
        let metrics = text("stats.metrics.sql", Shape::ALL.into_iter().map(metric).collect());
        figure("pandas, the same results", ("20", "50")).ratio(rows, ours, peer("pandas_metrics.py", &[]));
        let duckdb = peer("duckdb_metrics.py", &[&views, &metrics]);
        figure("DuckDB, 19 statements, two threads", ("1.0", "3")).ratio(rows, ours, duckdb);
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
