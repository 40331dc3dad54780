//! Peak memory of `calllegs get` over ten million legs against one million, thrown away and into Parquet, and of `calllegs
//! sync` into SQLite, by the tool as it is shipped:
//! one process serves an emulator, another one reads it. Not here: what the emulator holds.
//!
//! The peak depends on how the pages in flight meet, by some MiB either way; so a line says too when it was reached. Memory
//! that grows with the rows peaks at the end.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use calllegs_benches::{Figure, Running, Watched, folder, grouped, rate, tool, watch};
use serde::Deserialize;

/// What `--summary-file` says.
#[derive(Deserialize)]
struct Summary {
    rows: u64,
    complete: bool,
}

/// A run, and the rows that it wrote.
struct Run {
    rows: u64,
    watched: Watched,
}

fn main() {
    if !Path::new("/proc/self/status").exists() {
        println!("memory: needs /proc");
        return;
    }
    let Some(tool) = tool() else { return };
    let parquet = folder().join("memory.parquet");
    let parquet = parquet.to_str().unwrap();
    let database = folder().join("memory.db");
    let database = database.to_str().unwrap();
    for (work, form) in [
        ("peak of `get > /dev/null`", &["get", "--format", "jsonl"][..]),
        ("peak of `get -o x.parquet`", &["get", "-o", parquet]),
        ("peak of `sync --to x.db`", &["sync", "--to", database]),
    ] {
        let figure = |reference, bars| Figure { work, reference, bars };
        forget(database);
        let short = measure(&tool, 13_100, form);
        figure("1 M legs, MiB", ("200", "96")).say(&format!("{:.0}", short.watched.mib()), &short.told());
        forget(database);
        let long = measure(&tool, 106_000, form);
        figure("10 M legs, MiB", ("200", "96")).say(&format!("{:.0}", long.watched.mib()), &long.told());
        let more = long.watched.mib() - short.watched.mib();
        figure("10 M over 1 M, MiB", ("96", "no slope")).say(&format!("{more:+.0}"), "");
    }
    fs::remove_file(parquet).unwrap();
    forget(database);
}

/// Removes a database of an earlier run.
fn forget(database: &str) {
    for ending in ["", "-wal", "-shm"] {
        // It may not be there.
        let _ = fs::remove_file(format!("{database}{ending}"));
    }
}

impl Run {
    fn told(&self) -> String {
        let Watched { reached, time, .. } = self.watched;
        let part = 100.0 * reached.as_secs_f64() / time.as_secs_f64();
        let (legs, rate) = (grouped(self.rows), rate(self.rows, time));
        format!("{legs} legs; reached after {part:.0} % of the run; {rate} M rows/s, emulator included")
    }
}

fn measure(tool: &Path, legs_per_day: u32, form: &[&str]) -> Run {
    let (_server, port) = serve(tool, legs_per_day);
    read(tool, port, form)
}

fn serve(tool: &Path, legs_per_day: u32) -> (Running, u16) {
    let file = folder().join("memory.port");
    if file.exists() {
        fs::remove_file(&file).unwrap();
    }
    let mut command = Command::new(tool);
    command.args(["sandbox", "serve", "-q", "--limit", "none", "--port", "0", "--until", "2026-03-01"]);
    command.args(["--days", "90", "--legs-per-day", &legs_per_day.to_string(), "--port-file"]).arg(&file);
    let mut server = Running(command.stdin(Stdio::null()).spawn().unwrap());
    loop {
        // The file appears with the port in it.
        if let Ok(port) = fs::read_to_string(&file) {
            return (server, port.trim().parse().unwrap());
        }
        assert!(server.0.try_wait().unwrap().is_none(), "the emulator ended");
        thread::sleep(PAUSE);
    }
}

fn read(tool: &Path, port: u16, form: &[&str]) -> Run {
    let summary = folder().join("memory.json");
    let mut command = Command::new(tool);
    command.args(["--brand", "sandbox", "--endpoint", &format!("http://127.0.0.1:{port}/v2.0"), "-q"]);
    command.args(form).args(["--from", "2025-12-01", "--till", "2026-02-28", "--tz", "Europe/Moscow"]);
    command.arg("--summary-file").arg(&summary);
    let watched = watch(command.stdin(Stdio::null()).stdout(Stdio::null()));
    let Summary { rows, complete } = serde_json::from_slice(&fs::read(&summary).unwrap()).unwrap();
    assert!(complete, "not complete");
    Run { rows, watched }
}

/// Between two looks at a process.
const PAUSE: Duration = Duration::from_millis(10);
