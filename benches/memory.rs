//! Peak memory of `calllegs get > /dev/null` over ten million legs against one million, by the tool as it is shipped:
//! one process serves an emulator, another one reads it. Not here: what the emulator holds.
//!
//! The kernel keeps the peak (`VmHWM`) and tells it while the process lives, so it is read again and again. It depends
//! on how the pages in flight meet, by some MiB either way; so a line says too when the peak was reached. Memory that
//! grows with the rows peaks at the end.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use calllegs_benches::grouped;
use serde::Deserialize;

/// A process that does not outlive its owner, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Neither fails for a process of one's own that is not waited for elsewhere.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `--summary-file` says.
#[derive(Deserialize)]
struct Summary {
    rows: u64,
    complete: bool,
}

/// A run: the most memory that it held, in KiB, when it first did, the rows that it wrote, and how long it took.
struct Run {
    peak: u64,
    reached: Duration,
    rows: u64,
    time: Duration,
}

fn main() {
    if !Path::new("/proc/self/status").exists() {
        println!("memory: needs /proc");
        return;
    }
    let tool = tool();
    if !tool.exists() {
        println!("memory: no {}; build it: cargo build --release -p calllegs-cli", tool.display());
        return;
    }
    let short = measure("1 M", &tool, 13_100);
    let long = measure("10 M", &tool, 106_000);
    let more = mib(long.peak) - mib(short.peak);
    println!("memory 10 M over 1 M: {more:+.1} MiB (bar: at most 96 MiB, goal: no slope)");
}

const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// The tool, two folders above the benchmark: `release/deps/memory-…`.
fn tool() -> PathBuf {
    let own = env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().join(format!("calllegs{EXE_SUFFIX}"))
}

fn measure(name: &str, tool: &Path, legs_per_day: u32) -> Run {
    let (_server, port) = serve(tool, legs_per_day);
    let run = read(tool, port);
    println!(
        "memory {name}: peak {:.1} MiB after {:.0} % of the run ({} legs, {:.0} k rows/s, server included)",
        mib(run.peak),
        100.0 * run.reached.as_secs_f64() / run.time.as_secs_f64(),
        grouped(run.rows),
        kilo(run.rows) / run.time.as_secs_f64(),
    );
    run
}

fn serve(tool: &Path, legs_per_day: u32) -> (Running, u16) {
    let file = Path::new(FOLDER).join("memory.port");
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

fn read(tool: &Path, port: u16) -> Run {
    let summary = Path::new(FOLDER).join("memory.json");
    let mut command = Command::new(tool);
    command.args(["--brand", "sandbox", "--endpoint", &format!("http://127.0.0.1:{port}/v2.0"), "-q"]);
    command.args(["get", "--from", "2025-12-01", "--till", "2026-02-28", "--tz", "Europe/Moscow"]);
    command.args(["--format", "jsonl", "--summary-file"]).arg(&summary);
    let start = Instant::now();
    let mut reader = Running(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    let (mut peak, mut reached) = (0, Duration::ZERO);
    let status = loop {
        if let Some(higher) = held(&reader.0).filter(|now| *now > peak) {
            (peak, reached) = (higher, start.elapsed());
        }
        if let Some(status) = reader.0.try_wait().unwrap() {
            break status;
        }
        thread::sleep(PAUSE);
    };
    let time = start.elapsed();
    assert!(status.success(), "get: {status}");
    let Summary { rows, complete } = serde_json::from_slice(&fs::read(&summary).unwrap()).unwrap();
    assert!(complete, "not complete");
    Run { peak, reached, rows, time }
}

/// Between two looks at a process.
const PAUSE: Duration = Duration::from_millis(10);

/// The most that a process held so far, in KiB; `None` once it has ended.
fn held(process: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn kilo(rows: u64) -> f64 {
    rows as f64 / 1e3
}
