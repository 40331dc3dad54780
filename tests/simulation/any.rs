//! `cargo xtask simulate`: as many seeds as wanted, on every core, and what came of them.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use calllegs_tests::simulation::{self, End};

#[expect(clippy::print_stdout, reason = "what it says is its result")]
fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let &[first, count] = numbers.as_slice() else {
        println!("give the first seed and how many");
        return ExitCode::from(2);
    };
    let (next, told) = (AtomicU64::new(0), Mutex::new(Told::default()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let outcome = simulation::run(first + number);
                    told.lock().unwrap_or_else(PoisonError::into_inner).add(outcome);
                }
            });
        }
    });
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    for violation in told.violations.iter().take(20) {
        println!("{violation}");
    }
    println!(
        "{count} seeds from {first}: {} violations; {:?}; {} rows in {} requests, {} asked again, {} kills",
        told.violations.len(),
        told.ends,
        told.rows,
        told.requests,
        told.rereads,
        told.kills,
    );
    if told.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The sum of all seeds.
#[derive(Default)]
struct Told {
    violations: Vec<String>,
    ends: BTreeMap<End, u64>,
    rows: usize,
    requests: u64,
    rereads: u64,
    kills: u32,
}

impl Told {
    fn add(&mut self, outcome: Result<simulation::Report, simulation::Violation>) {
        match outcome {
            Ok(report) => {
                *self.ends.entry(report.end).or_default() += 1;
                self.rows += report.rows;
                self.requests += report.requests;
                self.rereads += report.rereads;
                self.kills += report.kills;
            }
            Err(violation) => self.violations.push(violation.to_string()),
        }
    }
}
