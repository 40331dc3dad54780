//! How a run ends: the exit codes, and failures that carry one. Not here: what an API error means (`advice`).

use std::{error::Error, fmt::Write, io};

use calllegs_core::{Mnemonic, filter::Refusal};

/// What the process reports to its caller. The numbers are a contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; complete unless a `--limit` was asked for.
    Done = 0,
    /// A bug in the tool.
    Bug = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Local configuration: variables, files that hold secrets or certificates.
    Config = 3,
    /// The key is missing, wrong, expired or blocked.
    Login = 4,
    /// The key is right and is not allowed to do this.
    Denied = 5,
    /// Points are used up.
    Points = 6,
    /// Network or server trouble after all attempts.
    Network = 7,
    /// The API refused the request for good.
    Refused = 8,
    /// Finished with holes, and they are named.
    Incomplete = 9,
    /// The destination failed.
    Destination = 10,
    /// Not one row, and `--fail-if-empty`.
    Empty = 12,
    /// Stopped by the user.
    Interrupted = 130,
    /// Stopped by the system: SIGTERM.
    Terminated = 143,
    /// The reader of standard output went away.
    PipeClosed = 141,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }
}

/// Why a run ends early: what happened, why, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) what: String,
    pub(crate) cause: Option<String>,
    pub(crate) next: Option<String>,
    /// What is left of the run.
    pub(crate) kept: Option<String>,
    /// The command that goes on with it.
    pub(crate) goes_on: Option<Box<str>>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), cause: None, next: None, kept: None, goes_on: None }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// A file that cannot be written, or a pipe without a reader, which ends a run without a word.
    pub(crate) fn writing(what: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Exit::PipeClosed, "the reader went away");
        }
        let failure = Self::new(Exit::Destination, format!("cannot write {what}: {error}"));
        if error.kind() == io::ErrorKind::FileTooLarge {
            return failure
                .because("the limit for the size of one file is reached, that of this process or of the file system")
                .next("raise it (`ulimit -f` shows it) or choose another place, then run the command again");
        }
        failure.next("make room or choose another place with -o, then run the command again")
    }

    /// Standard output cannot be written.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        Self::writing("to standard output", error)
    }
}

/// A refused filter, field or endpoint is a wrong command line. Its text ends with the core's hint; what the tool
/// itself offers is the next step.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure = Self::usage(refusal.to_string());
        if *refusal.mnemonic() == Mnemonic::FilterProhibited {
            return failure.next("move the condition from --where to --where-local");
        }
        if refusal.column().is_some() && refusal.next_step().is_none() {
            return failure.next("`calllegs get --help` has an example, `calllegs fields` the names");
        }
        failure
    }
}

/// The message of an error and of all its causes, each said once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            // Writing to a string does not fail.
            let _infallible = write!(text, ": {said}");
        }
        source = cause.source();
    }
    text
}
