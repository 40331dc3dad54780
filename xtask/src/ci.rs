//! `cargo xtask ci`: every check of the repository as a named job, run one after the other.

mod handout;
mod jobs;
mod need;
mod packages;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use clap::ValueEnum;

use self::need::Need;

/// A check. In the order in which they run: the quick ones that fail most often come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    /// Layout of the code
    Fmt,
    /// Lints of all targets with all features
    Clippy,
    /// Tests of all crates
    Test,
    /// Each feature of a published crate alone, and none
    Features,
    /// Each published crate on the oldest compiler that it promises
    Msrv,
    /// The oldest versions of dependencies that the manifests allow
    Minimal,
    /// Ten seconds of each fuzz target
    Fuzz,
    /// Documentation and its links
    Doc,
    /// Generated files are those of the spec
    Codegen,
    /// Layers, circles, twins, prose, leftovers
    Tidy,
    /// What would be published is whole
    Package,
    /// Archives and packages: the same when packed twice, installed and removed
    Dist,
    /// Spelling
    Typos,
    /// Licences, advisories, sources and duplicates of dependencies
    Deny,
    /// The SQL of each engine, in that engine
    Engines,
    /// The public interface against the last release
    Semver,
    /// The core without an operating system
    Wasm,
}

/// Why a job did not pass.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// What it needs is not on this machine.
    Missing(Need),
    Failed(String),
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

impl Job {
    /// The jobs that were asked for; all where none was named.
    pub(crate) fn chosen(only: &[Self], skip: &[Self]) -> Vec<Self> {
        let wanted = |job: &Self| (only.is_empty() || only.contains(job)) && !skip.contains(job);
        Self::value_variants().iter().copied().filter(wanted).collect()
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl Outcome {
    /// What is missing fails under CI, where a check that never runs would not be noticed, unless it is excused.
    fn of(result: Result<(), Stop>, in_ci: bool) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(Stop::Failed(message)) => Self::Failed(message),
            Err(Stop::Missing(need)) => match (in_ci, need.excuse()) {
                (false, _) => Self::Skipped(need.to_string()),
                (true, Some(excuse)) => Self::Skipped(format!("{need}. Excused: {excuse}")),
                (true, None) => Self::Failed(need.to_string()),
            },
        }
    }
}

/// Runs the jobs and sums up.
pub(crate) fn run(root: &Path, jobs: &[Job]) -> Result<(), String> {
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    let mut outcomes = Vec::new();
    for job in jobs {
        eprintln!("== {}", job.name());
        let start = Instant::now();
        let outcome = Outcome::of(jobs::run(*job, root, in_ci), in_ci);
        if let Outcome::Failed(message) | Outcome::Skipped(message) = &outcome {
            eprintln!("{}", message.trim_end());
        }
        outcomes.push((*job, outcome, start.elapsed()));
    }
    eprint!("{}", summary(&outcomes));
    if outcomes.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))) {
        return Err("not every job passed".to_owned());
    }
    Ok(())
}

fn summary(outcomes: &[(Job, Outcome, Duration)]) -> String {
    let line = |(job, outcome, took): &(Job, Outcome, Duration)| {
        let name = job.name();
        let outcome = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped(why) => format!("skipped: {why}"),
            Outcome::Failed(_) => format!("FAILED   cargo xtask ci {name}"),
        };
        format!("{name:<8} {:>4} s  {outcome}\n", took.as_secs())
    };
    format!("== summary\n{}", outcomes.iter().map(line).collect::<String>())
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
    fn what_is_missing_fails_under_ci_unless_it_is_excused() {
        let missing = |need, in_ci| Outcome::of(Err(Stop::Missing(need)), in_ci);
        assert!(matches!(missing(Need::Component("clippy"), false), Outcome::Skipped(_)));
        assert!(matches!(missing(Need::Component("clippy"), true), Outcome::Failed(_)));
        assert!(matches!(missing(Need::CargoDeny, true), Outcome::Skipped(why) if why.contains("Excused")));
        assert_eq!(Outcome::of(Err(Stop::Failed("x".to_owned())), false), Outcome::Failed("x".to_owned()));
        assert_eq!(Outcome::of(Ok(()), true), Outcome::Passed);
    }

    #[test]
    fn the_summary_tells_the_three_ends_apart_and_how_long_they_took() {
        let outcomes = [
            (Job::Fmt, Outcome::Passed, Duration::from_millis(900)),
            (Job::Test, Outcome::Failed("a test".to_owned()), Duration::from_secs(61)),
            (Job::Wasm, Outcome::Skipped("no target".to_owned()), Duration::ZERO),
        ];
        let expected = "== summary\nfmt         0 s  passed\ntest       61 s  FAILED   cargo xtask ci test\n\
                        wasm        0 s  skipped: no target\n";
        assert_eq!(summary(&outcomes), expected);
    }
}
