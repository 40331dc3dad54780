//! `calllegs report html` over ten million legs of Parquet against one million, by the tool as it is shipped: how long it
//! takes and the most memory that it holds. Not here: what is counted (`stats`).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use calllegs_benches::{Figure, Watched, folder, grouped, legs_file, rate, tool, watch};

fn main() {
    if !Path::new("/proc/self/status").exists() {
        println!("report: needs /proc");
        return;
    }
    let Some(tool) = tool() else { return };
    let figure = |work, reference, bars| Figure { work, reference, bars };
    let work = "peak of `report html`";
    let (few, short, size) = report(&tool, 11_200);
    figure(work, "1 M legs, MiB", ("500", "200")).say(&format!("{:.0}", short.mib()), &told(few, short));
    let (many, long, _) = report(&tool, 105_000);
    figure(work, "10 M legs, MiB", ("500", "200")).say(&format!("{:.0}", long.mib()), &told(many, long));
    figure("`report html` of 10 M legs", "of 1 M legs, by the leg", ("linear", ""))
        .say(&format!("{:.2}", by_leg(short, few) / by_leg(long, many)), "1 is linear, less is worse");
    figure("size of the page", "KB", ("2000", "300")).say(&(size / 1000).to_string(), "90 days");
}

/// How many legs there were, what the program held, and the bytes of its page.
fn report(tool: &Path, legs_per_day: u32) -> (u64, Watched, u64) {
    let (legs, page) = (folder().join("report.parquet"), folder().join("report.html"));
    let rows = legs_file(&legs, 90, legs_per_day);
    let mut command = Command::new(tool);
    command.args(["-q", "report", "html", "--data"]).arg(&legs).arg("-o").arg(&page);
    let watched = watch(command.stdin(Stdio::null()).stdout(Stdio::null()));
    let size = fs::metadata(&page).unwrap().len();
    fs::remove_file(legs).unwrap();
    fs::remove_file(page).unwrap();
    (rows, watched, size)
}

fn told(rows: u64, watched: Watched) -> String {
    format!("{} legs; {} M rows/s", grouped(rows), rate(rows, watched.time))
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn by_leg(watched: Watched, rows: u64) -> f64 {
    watched.time.as_secs_f64() / rows as f64
}
