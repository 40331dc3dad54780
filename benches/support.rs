//! What benchmarks share: timing by ratio, and figures for people.
//!
//! Two pieces of work take turns in one run, and what is printed is how much faster one is. Absolute figures drift from
//! machine to machine; the ratio within one run hardly does. Not here: assertions.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Runs both by turns and prints the best time of each and the ratio `reference / work`: above 1, the work is faster.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
pub fn compare<A, B>(name: &str, rows: usize, mut work: impl FnMut() -> A, mut reference: impl FnMut() -> B) {
    let (mut best, mut best_reference) = (Duration::MAX, Duration::MAX);
    for _ in 0..20 {
        best = best.min(time(&mut work));
        best_reference = best_reference.min(time(&mut reference));
    }
    let ratio = best_reference.as_secs_f64() / best.as_secs_f64();
    println!(
        "{name}: {ratio:.2} x the reference ({} against {})",
        rate(rows, best),
        rate(rows, best_reference)
    );
}

fn time<T>(work: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(rows: usize, time: Duration) -> String {
    format!("{:.2} M rows/s", rows as f64 / time.as_secs_f64() / 1e6)
}

/// A count with its thousands apart: 1,003,512.
pub fn grouped(count: u64) -> String {
    match count / 1000 {
        0 => count.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), count % 1000),
    }
}
