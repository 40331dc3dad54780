//! `cargo xtask ci`: every check of the repository as a named job, run one after the other.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use clap::ValueEnum;

use crate::{codegen, tidy};

/// A check. In the order in which they run: the quick ones that fail most often come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    Fmt,
    Clippy,
    Test,
    Fuzz,
    Doc,
    Codegen,
    Tidy,
    Wasm,
}

/// How a job ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Skipped(&'static str),
    Failed,
}

const WASM: &str = "wasm32-unknown-unknown";

impl Job {
    /// The jobs that were asked for; all where none was named.
    pub(crate) fn chosen(only: &[Self], skip: &[Self]) -> Vec<Self> {
        let wanted = |job: &Self| (only.is_empty() || only.contains(job)) && !skip.contains(job);
        Self::value_variants().iter().copied().filter(wanted).collect()
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The arguments of cargo that do the same by hand.
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Fmt => &["fmt", "--all", "--check"],
            Self::Clippy => &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--locked",
                "--",
                "-D",
                "warnings",
            ],
            Self::Test => &["test", "--workspace", "--locked"],
            // Only that they still compile: how long to fuzz is decided by hand.
            Self::Fuzz => &["build", "--manifest-path", "tests/fuzz/Cargo.toml", "--locked"],
            Self::Doc => &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
            Self::Codegen => &["xtask", "codegen", "--check"],
            Self::Tidy => &["xtask", "tidy"],
            Self::Wasm => &["build", "-p", "calllegs-core", "--target", WASM, "--locked"],
        }
    }

    /// The command's environment.
    const fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Doc => &[("RUSTDOCFLAGS", "-D warnings")],
            // What `cargo +nightly` sets.
            Self::Fuzz => &[("RUSTUP_TOOLCHAIN", "nightly")],
            Self::Fmt | Self::Clippy | Self::Test | Self::Codegen | Self::Tidy | Self::Wasm => &[],
        }
    }

    fn command_line(self) -> String {
        let variables = self.variables().iter().map(|(name, value)| format!("{name}={value:?} "));
        format!("{}cargo {}", variables.collect::<String>(), self.arguments().join(" "))
    }

    fn run(self, root: &Path) -> Outcome {
        match self {
            Self::Codegen => told(codegen::run(root, true)),
            Self::Tidy => told(tidy::run(root)),
            Self::Wasm if !wasm_installed() => Outcome::Skipped("target not installed"),
            Self::Fuzz if !nightly_installed() => Outcome::Skipped("no nightly toolchain"),
            Self::Fmt | Self::Clippy | Self::Test | Self::Fuzz | Self::Doc | Self::Wasm => {
                // The cargo of this run belongs to this toolchain; another one is found by rustup's.
                let own = std::env::var_os("CARGO").filter(|_| self != Self::Fuzz);
                let cargo = own.unwrap_or_else(|| "cargo".into());
                let variables = self.variables().iter().copied();
                let status =
                    Command::new(cargo).args(self.arguments()).envs(variables).current_dir(root).status();
                if status.is_ok_and(|status| status.success()) { Outcome::Passed } else { Outcome::Failed }
            }
        }
    }
}

/// Runs the jobs and sums up.
pub(crate) fn run(root: &Path, jobs: &[Job]) -> Result<(), String> {
    let mut outcomes = Vec::new();
    for job in jobs {
        eprintln!("== {}: {}", job.name(), job.command_line());
        let outcome = job.run(root);
        if let Outcome::Skipped(why) = outcome {
            eprintln!("skipped: {why}");
        }
        outcomes.push((*job, outcome));
    }
    eprint!("{}", summary(&outcomes));
    if outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Failed) {
        return Err("not every job passed".to_owned());
    }
    Ok(())
}

fn summary(outcomes: &[(Job, Outcome)]) -> String {
    let line = |(job, outcome): &(Job, Outcome)| {
        let outcome = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped(why) => format!("skipped: {why}"),
            Outcome::Failed => format!("FAILED   cargo xtask ci {}", job.name()),
        };
        format!("{:<8} {outcome}\n", job.name())
    };
    format!("== summary\n{}", outcomes.iter().map(line).collect::<String>())
}

fn told(result: Result<(), String>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(message) => {
            eprintln!("{message}");
            Outcome::Failed
        }
    }
}

/// Whether the standard library of the target is there.
fn wasm_installed() -> bool {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", WASM])
        .stderr(Stdio::null())
        .output();
    let Ok(output) = output else { return false };
    Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir() && output.status.success()
}

fn nightly_installed() -> bool {
    let mut version = Command::new("rustup");
    version.args(["run", "nightly", "rustc", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_chosen_in_the_order_of_the_repository() {
        assert_eq!(Job::chosen(&[], &[]), Job::value_variants());
        assert_eq!(Job::chosen(&[Job::Tidy, Job::Fmt], &[]), [Job::Fmt, Job::Tidy]);
        assert!(!Job::chosen(&[], &[Job::Test]).contains(&Job::Test));
    }

    #[test]
    fn commands_can_be_copied() {
        let doc =
            "RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps --document-private-items --locked";
        assert_eq!(Job::Doc.command_line(), doc);
        assert_eq!(Job::Fmt.command_line(), "cargo fmt --all --check");
    }

    #[test]
    fn the_summary_tells_the_three_ends_apart() {
        let outcomes = [
            (Job::Fmt, Outcome::Passed),
            (Job::Test, Outcome::Failed),
            (Job::Wasm, Outcome::Skipped("no target")),
        ];
        assert_eq!(
            summary(&outcomes),
            "== summary\nfmt      passed\ntest     FAILED   cargo xtask ci test\nwasm     skipped: no target\n"
        );
    }
}
