//! From a socket to a file: about 500,000 legs, 528 MB over loopback, by the tool as it is shipped and by the library. The
//! server answers from memory, so that it does not limit. With `CALLLEGS_PEERS` (a Python that has the packages; `cargo
//! xtask bench --peers` sees to it) programs of the kind that people use today take turns with ours.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use calllegs_benches::{Canned, Figure, KEY, all_columns, call_centre, criterion, folder, rate, tool};
use calllegs_core::{
    Account, CallLegs, Client, Endpoint, Period, Query, session::Credentials, value::wall_time,
};
use calllegs_hyper::HyperTransport;
use criterion::{Criterion, Throughput};
use serde_json::json;

/// About so many legs in 90 days.
const LEGS_PER_DAY: u32 = 7_450;

/// Days of the world.
const DAYS: u32 = 90;

fn main() {
    let Some(tool) = tool() else { return };
    let canned = Canned::start(call_centre(DAYS, LEGS_PER_DAY), true);
    let rows = library(&canned, false, false);
    let mut criterion = criterion(10, 8);
    run(&mut criterion, &canned, &tool, rows);
    emulator(&mut criterion);
    let figure = |work, reference, bars| Figure { work, reference, bars };
    let wire = "the bytes alone, same server";
    for (work, name) in [
        ("`get -o x.parquet`", "parquet"),
        ("`get -o x.csv`", "csv"),
        ("`get -o x.jsonl`", "jsonl"),
        ("library: hyper → typed rows", "rows"),
        ("library: hyper → columns", "columns"),
    ] {
        figure(work, wire, ("", "")).ratio_of(rows, &format!("end_to_end/{name}"), "end_to_end/bytes");
    }
    figure("gzip on the wire → columns", "identity on the wire → columns", ("0.5", "0.9")).ratio_of(
        rows,
        "end_to_end/columns_gzip",
        "end_to_end/columns",
    );
    if let Some(python) = env::var_os("CALLLEGS_PEERS") {
        peers(Path::new(&python), &canned, &tool, rows);
    }
}

fn run(criterion: &mut Criterion, canned: &Canned, tool: &Path, rows: u64) {
    let mut group = criterion.benchmark_group("end_to_end");
    group.throughput(Throughput::Elements(rows));
    let bodies = requests();
    group.bench_function("bytes", |bencher| bencher.iter(|| fetch(canned.port(), &bodies)));
    group.bench_function("rows", |bencher| bencher.iter(|| library(canned, false, false)));
    group.bench_function("columns", |bencher| bencher.iter(|| library(canned, true, false)));
    group.bench_function("columns_gzip", |bencher| bencher.iter(|| library(canned, true, true)));
    for ending in ["parquet", "csv", "jsonl"] {
        group.bench_function(ending, |bencher| bencher.iter(|| assert_eq!(get(canned, tool, ending), rows)));
    }
    group.finish();
}

/// The emulator making its pages, read by a client that only counts bytes.
fn emulator(criterion: &mut Criterion) {
    let sandbox = call_centre(DAYS, LEGS_PER_DAY).start().unwrap();
    let bodies = requests();
    let rows = sandbox.legs(chrono::NaiveDateTime::MIN, chrono::NaiveDateTime::MAX).len() as u64;
    let mut group = criterion.benchmark_group("emulator");
    group.throughput(Throughput::Elements(rows));
    group.bench_function("bytes", |bencher| bencher.iter(|| fetch(sandbox.address().port(), &bodies)));
    group.finish();
    if let Some(time) = calllegs_benches::measured("emulator/bytes") {
        Figure {
            work: "emulator → a client that counts bytes", reference: "M rows/s", bars: ("0.3", "1.5")
        }
        .say(&rate(rows, time), "absolute; both on the same two cores");
    }
}

fn period() -> Period {
    let time = |text| wall_time::parse(text).unwrap();
    Period::new(time("2025-12-01 00:00:00"), time("2026-03-01 00:00:00")).unwrap()
}

/// The pages of the period, as a script would ask for them: by day spans that stay below 110,000 legs.
fn requests() -> Vec<String> {
    let mut bodies = Vec::new();
    for slice in period().slices(chrono::TimeDelta::days(15)) {
        for page in 0..11 {
            let text = |time| wall_time::format(time).to_string();
            let body = json!({"jsonrpc": "2.0", "id": 1, "method": "get.call_legs_report", "params": {
                "access_token": KEY, "date_from": text(slice.from()), "date_till": text(slice.till()),
                "limit": 10_000, "offset": page * 10_000, "fields": fields(),
            }});
            bodies.push(body.to_string());
        }
    }
    bodies
}

fn fields() -> Vec<&'static str> {
    use calllegs_core::schema::Listing;
    CallLegs::METHOD.fields.iter().map(calllegs_core::schema::FieldInfo::name).collect()
}

/// Reads the replies and throws them away.
fn fetch(port: u16, bodies: &[String]) {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut reader = BufReader::with_capacity(256 << 10, &stream);
    let mut trash = vec![0; 256 << 10];
    for body in bodies {
        let length = body.len();
        let head = format!(
            "POST /v2.0 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        (&stream).write_all(head.as_bytes()).unwrap();
        let mut left = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(length) = line.strip_prefix("content-length: ") {
                left = length.parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        while left > 0 {
            let most = left.min(trash.len());
            left -= reader.read(&mut trash[..most]).unwrap();
        }
    }
}

/// A whole period by the library; how many rows.
fn library(canned: &Canned, columns: bool, gzip: bool) -> u64 {
    // As `#[tokio::main]` does it.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let key = calllegs_core::value::secret::AccessKey::new(KEY);
    let account = Account::new(Endpoint::custom(&canned.url()).unwrap(), Credentials::Key(key));
    let transport = HyperTransport::builder().gzip(gzip).build().unwrap();
    let client = Client::new(transport, account);
    let query = Query::<CallLegs>::new(period());
    runtime.block_on(async {
        let mut rows = 0;
        if columns {
            let mut legs = client.sweep(query.select(all_columns())).unwrap().ahead(4);
            while let Some(page) = legs.next_page().await.unwrap() {
                rows += page.len() as u64;
            }
        } else {
            let all = <CallLegs as calllegs_core::schema::Listing>::METHOD.fields;
            let mut legs = client.sweep(query.records_of(all)).unwrap().ahead(4);
            while let Some(page) = legs.next_page().await.unwrap() {
                rows += page.len() as u64;
            }
        }
        rows
    })
}

/// A whole period by the tool into a file; how many rows.
fn get(canned: &Canned, tool: &Path, ending: &str) -> u64 {
    let file = folder().join(format!("legs.{ending}"));
    let summary = folder().join("summary.json");
    let mut command = Command::new(tool);
    command.args(["--brand", "sandbox", "--endpoint", &canned.url(), "-q", "get", "--tz", "Europe/Moscow"]);
    command.args(["--from", "2025-12-01", "--till", "2026-02-28", "-o"]).arg(&file);
    command.arg("--summary-file").arg(&summary).env_clear().stdin(Stdio::null());
    assert!(command.status().unwrap().success());
    fs::remove_file(file).unwrap();
    let told: serde_json::Value = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    told["rows"].as_u64().unwrap()
}

/// Ours and theirs by turns, the best of three of each.
fn peers(python: &Path, canned: &Canned, tool: &Path, rows: u64) {
    let best = |work: &mut dyn FnMut() -> u64| {
        assert_eq!(work(), rows, "a peer that reads other rows is none");
        (0..3)
            .map(|_| {
                let start = Instant::now();
                work();
                start.elapsed()
            })
            .min()
            .unwrap_or(Duration::MAX)
    };
    let peer = |script: &str| {
        let mut run = || {
            let mut command = Command::new(python);
            command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script));
            command.arg(canned.url()).arg(folder().join("peer.parquet"));
            let told = command.stderr(Stdio::inherit()).output().unwrap();
            String::from_utf8(told.stdout).unwrap().trim().parse().unwrap_or(0)
        };
        if run() != rows {
            println!("{script}: it does not run here, or reads other rows");
            return None;
        }
        Some(best(&mut run))
    };
    let parquet = best(&mut || get(canned, tool, "parquet"));
    let typed = best(&mut || library(canned, false, false));
    for (script, work, reference, ours, bars) in [
        (
            "requests_pyarrow.py",
            "`get -o x.parquet`",
            "requests, json, pyarrow → Parquet",
            parquet,
            ("6", "10"),
        ),
        (
            "comagic_sdk.py",
            "library: hyper → typed rows",
            "PyPI comagic-data-api-sdk, typed rows",
            typed,
            ("15", "40"),
        ),
        ("requests_json.py", "library: hyper → typed rows", "requests, json → dicts", typed, ("", "")),
        ("aiohttp_orjson.py", "library: hyper → typed rows", "aiohttp, orjson → dicts", typed, ("", "")),
    ] {
        if let Some(theirs) = peer(script) {
            Figure { work, reference, bars }.ratio(rows, ours, theirs);
        }
    }
}
