//! The repository's own commands: `cargo xtask --help`. Nothing that users depend on.

mod bench;
mod ci;
mod codegen;
mod dist;
mod engines;
mod flags;
mod python;
mod simulate;
mod spec;
mod step;
mod tidy;

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::Parser as _;

use ci::Job;
use flags::{Command, Spec};
use spec::Verdict;

fn main() -> ExitCode {
    let root = root();
    let done = match Command::parse() {
        Command::Bench { groups, peers } => bench::run(&root, &groups, peers),
        Command::Ci { only, skip } => ci::run(&root, &Job::chosen(&only, &skip)),
        Command::Codegen { check } => codegen::run(&root, check),
        Command::Dist { profile } => dist::run(&root, &profile),
        Command::Engines { only, seed } => engines::python(&root).and_then(|python| {
            let engines = if only.is_empty() { engines::possible() } else { only };
            engines::run(&root, &python, &engines, seed)
        }),
        Command::Simulate { seeds, seed, without } => {
            let count = seeds.unwrap_or_else(|| if seed.is_some() { 1 } else { 10_000 });
            return match simulate::run(&root, seed.unwrap_or(0), count, &without) {
                Ok(code) => ExitCode::from(code),
                Err(message) => fail(2, &message),
            };
        }
        Command::Spec(Spec::Import { mut paths, brand, facts, also, all, emit, json }) => {
            paths.extend(facts);
            return match spec::import(&root, &spec::Request { paths, brand, also, all, emit, json }) {
                Ok((text, verdict)) => {
                    say(&text);
                    ExitCode::from(match verdict {
                        Verdict::NoDrift => 0,
                        Verdict::Drift => 1,
                        Verdict::Unreadable => 2,
                    })
                }
                Err(message) => fail(2, &message),
            };
        }
        Command::Tidy { graph: true } => tidy::graph(&root).map(|text| say(&text)),
        Command::Tidy { graph: false } => tidy::run(&root),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(1, &message),
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

fn say(text: &str) {
    // A closed pipe is the reader's decision.
    _ = std::io::stdout().write_all(text.as_bytes());
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("{}", message.trim_end());
    ExitCode::from(code)
}
