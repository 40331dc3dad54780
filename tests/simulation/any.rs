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

use calllegs_core::schema::Shape;
use calllegs_tests::simulation::{self, End, Report, Spared, Violation};

#[expect(clippy::print_stdout, reason = "what it says is its result")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [shape, first, count] = words.as_slice()
        && let (Ok(shape), Ok(first), Ok(count)) = (shape.parse(), first.parse(), count.parse())
    {
        return of_shape(shape, first, count);
    }
    let (first, count, spared) = match asked(&words) {
        Ok(asked) => asked,
        Err(message) => {
            println!("{message}");
            return ExitCode::from(2);
        }
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
                    let seed = first.wrapping_add(number);
                    let outcome = simulation::run_without(seed, &spared);
                    told.lock().unwrap_or_else(PoisonError::into_inner).add(seed, outcome);
                }
            });
        }
    });
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (seed, violation) in told.violations.iter().take(20) {
        println!("{violation}");
        if spared.is_empty() {
            let (spared, violation) = simulation::smallest(*seed, violation.clone());
            println!("smaller: {violation}\n  cargo xtask simulate --seed {seed} --without {spared}");
        }
    }
    if count == 1 {
        println!("{}", simulation::describe(first, &spared));
        told.last.iter().for_each(|report| println!("{report:?}"));
    }
    println!(
        "{count} seeds from {first}: {} violations; {:?}; {} rows in {} requests, {} asked again, {} kills, {} returns",
        told.violations.len(),
        told.ends,
        told.rows,
        told.requests,
        told.rereads,
        told.kills,
        told.returns,
    );
    if told.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Seeds of one shape of listings: `offset 0 100000`.
#[expect(clippy::print_stdout, reason = "what it says is its result")]
fn of_shape(shape: Shape, first: u64, count: u64) -> ExitCode {
    let (next, told) = (AtomicU64::new(0), Mutex::new((0_u64, BTreeMap::<End, u64>::new())));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let outcome = simulation::shapes::run(shape, first.wrapping_add(number));
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    match outcome {
                        Ok(read) => *told.1.entry(read.end).or_default() += 1,
                        Err(violation) => {
                            told.0 += 1;
                            println!("{violation}");
                        }
                    }
                }
            });
        }
    });
    let (violations, ends) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{shape}: {count} seeds from {first}: {violations} violations; {ends:?}");
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The first seed, how many, and what they are spared.
fn asked(words: &[String]) -> Result<(u64, u64, Spared), String> {
    let (first, count, spared) = match words {
        [first, count] => (first, count, ""),
        [first, count, spared] => (first, count, &**spared),
        _ => return Err("give the first seed and how many, and what they are spared".to_owned()),
    };
    let number = |word: &str| word.parse().map_err(|_| format!("`{word}` is not a number"));
    Ok((number(first)?, number(count)?, spared.parse()?))
}

/// The sum of all seeds.
#[derive(Default)]
struct Told {
    violations: BTreeMap<u64, Violation>,
    ends: BTreeMap<End, u64>,
    rows: usize,
    requests: u64,
    rereads: u64,
    kills: u32,
    returns: u32,
    last: Option<Report>,
}

impl Told {
    fn add(&mut self, seed: u64, outcome: Result<Report, Violation>) {
        match outcome {
            Ok(report) => {
                *self.ends.entry(report.end).or_default() += 1;
                self.rows += report.rows;
                self.requests += report.requests;
                self.rereads += report.rereads;
                self.kills += report.kills;
                self.returns += report.returns;
                self.last = Some(report);
            }
            Err(violation) => _ = self.violations.insert(seed, violation),
        }
    }
}
