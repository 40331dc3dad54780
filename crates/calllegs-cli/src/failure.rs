//! How a run ends: the exit codes, and failures that carry one. Not here: what an API error means (`diagnostics`).

use std::{error::Error, fmt::Write, io};

use calllegs_core::{
    CallLegs, Mnemonic,
    filter::Refusal,
    schema::{Kind, Listing},
};
use calllegs_stats::Language;
use calllegs_store as store;

use crate::lang::{self, Text, say, text};

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
    /// Finished with gaps, and they are named.
    Incomplete = 9,
    /// The destination failed.
    Destination = 10,
    /// A comparison found a difference.
    Differs = 11,
    /// Not one row, and `--fail-if-empty`.
    Empty = 12,
    /// Another run is at the same place.
    Busy = 13,
    /// Stopped by the end of its terminal: SIGHUP.
    HungUp = 129,
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

    /// Its name in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Bug => "bug",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Login => "key",
            Self::Denied => "denied",
            Self::Points => "points",
            Self::Network => "network",
            Self::Refused => "refused",
            Self::Incomplete => "incomplete",
            Self::Destination => "destination",
            Self::Differs => "differs",
            Self::Empty => "empty",
            Self::Busy => "busy",
            Self::HungUp => "hung_up",
            Self::Interrupted => "interrupted",
            Self::PipeClosed => "pipe_closed",
            Self::Terminated => "terminated",
        }
    }

    /// All of them, with what each means and what a script does about it.
    #[rustfmt::skip] // a table is read in rows
    pub(crate) const ALL: [(Self, Text, Text); 18] = [
        (Self::Done, text!("done and complete, unless a --limit was asked for"), text!("go on")),
        (Self::Bug, text!("a bug in the tool"), text!("report the message")),
        (Self::Usage, text!("the command line is wrong"), text!("correct the command")),
        (Self::Config, text!("a variable, a file of settings, or the rights of a local file"), text!("correct what is named")),
        (Self::Login, text!("the key is missing, wrong, expired or blocked"), text!("calllegs auth login")),
        (Self::Denied, text!("the key is right and may not do this: white list, rights, component or account"),
            text!("calllegs doctor says what to click")),
        (Self::Points, text!("the points of the day, the reserve or --max-points are used up"), text!("run it again later")),
        (Self::Network, text!("trouble of the network or the server after all attempts"), text!("run it again")),
        (Self::Refused, text!("the API refused the request for good"), text!("correct the request; --explain shows it")),
        (Self::Incomplete, text!("finished with holes, which are listed"), text!("raise an alarm and run it again")),
        (Self::Destination, text!("disk, database or folder failed; nothing half-written is visible"),
            text!("mend the destination")),
        (Self::Differs, text!("a comparison found a difference"), text!("look at what is listed")),
        (Self::Empty, text!("not one row, and --fail-if-empty"), text!("as wanted")),
        (Self::Busy, text!("another run writes the same place"), text!("wait for it")),
        (Self::HungUp, text!("its terminal was closed (SIGHUP)"), text!("the same command goes on")),
        (Self::Interrupted, text!("stopped by Ctrl-C (SIGINT)"), text!("the same command goes on")),
        (Self::PipeClosed, text!("the reader of standard output went away"), text!("as wanted")),
        (Self::Terminated, text!("stopped by the system (SIGTERM)"), text!("the same command goes on")),
    ];
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
    pub(crate) resume_with: Option<Box<str>>,
    /// The user's own bound on points stopped it.
    pub(crate) is_out_of_budget: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            cause: None,
            next: None,
            kept: None,
            resume_with: None,
            is_out_of_budget: false,
        }
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

    /// What happened, for a summary beside the failure itself.
    pub(crate) fn brief(&self) -> Self {
        Self::new(self.exit, self.what.clone())
    }

    /// Found out before anything was asked.
    pub(crate) fn unspent(self) -> Self {
        let unspent = say!("nothing was spent");
        let next = self.next.as_ref().map_or_else(|| unspent.to_owned(), |next| format!("{next}; {unspent}"));
        self.next(next)
    }

    /// A value of the environment that no flag replaces: a matter of configuration, told with the variable's name.
    pub(crate) fn of_variable(mut self, name: &str) -> Self {
        self.exit = Exit::Config;
        self.what = format!("{name}: {}", self.what);
        let next = self.next.take().map_or_else(String::new, |next| format!("; {next}"));
        self.next(say!("correct or unset {name}{next}", name, next))
    }

    /// A file that cannot be written, or a pipe without a reader, which ends a run without a word.
    pub(crate) fn writing(what: &str, error: &io::Error) -> Self {
        store::Error::writing(what, error).into()
    }

    /// Standard output cannot be written.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        Self::writing(say!("to standard output"), error)
    }
}

/// What goes wrong where rows are kept is a matter of the destination. Flags are the tool's own: it names them.
impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let exit = match error.kind() {
            store::ErrorKind::Internal => Exit::Bug,
            store::ErrorKind::Spec => Exit::Usage,
            store::ErrorKind::ReaderGone => Exit::PipeClosed,
            store::ErrorKind::Busy => Exit::Busy,
            store::ErrorKind::Conflict
            | store::ErrorKind::Place
            | store::ErrorKind::Unreadable
            | store::ErrorKind::Write
            | _ => Exit::Destination,
        };
        let next = error.next_step().map(|next| {
            // The flags of the tool are its own.
            let english = || {
                let next = next.replace("ask for what is there to be replaced", "add --force to replace it");
                next.replace("then run it again", "then run the command again")
            };
            lang::heard(next).unwrap_or_else(english)
        });
        let failure = next.into_iter().fold(Self::new(exit, told(&error)), Self::next);
        let usual = match error.kind() {
            store::ErrorKind::Busy => {
                say!("one run at a time writes a place, so that what is there stays whole")
            }
            store::ErrorKind::Place => say!("whether it can be written is tried before anything is asked"),
            store::ErrorKind::Unreadable => {
                say!("what is there is looked at before it is gone on with or replaced")
            }
            store::ErrorKind::Spec => say!("it is not understood"),
            store::ErrorKind::Write => say!("the system refuses it"),
            store::ErrorKind::Internal => say!("the tool contradicts itself"),
            store::ErrorKind::Conflict | store::ErrorKind::ReaderGone | _ => {
                say!("the place does not allow it")
            }
        };
        let cause = error.cause().map(|cause| lang::heard(cause).unwrap_or_else(|| cause.to_owned()));
        failure.because(cause.unwrap_or_else(|| usual.to_owned()))
    }
}

/// What happened, as the store says it. Of what has no Russian, its kind stands before that.
fn told(error: &store::Error) -> String {
    let details = error.to_string();
    if lang::spoken() == Language::English {
        return details;
    }
    if let Some(russian) = lang::heard(&details) {
        return russian;
    }
    let kind = match error.kind() {
        store::ErrorKind::Busy => say!("somebody writes there"),
        store::ErrorKind::Conflict => say!("something else is there"),
        store::ErrorKind::Place => say!("the place cannot be used"),
        store::ErrorKind::ReaderGone => say!("the reader went away"),
        store::ErrorKind::Spec => say!("it is not understood"),
        store::ErrorKind::Unreadable => say!("it cannot be read"),
        store::ErrorKind::Internal | store::ErrorKind::Write | _ => say!("it could not be kept"),
    };
    format!("{kind}: {details}")
}

/// Legs that give no numbers: nothing of it names a person.
impl From<calllegs_stats::Error> for Failure {
    fn from(error: calllegs_stats::Error) -> Self {
        use calllegs_stats::Error;
        let what = match &error {
            Error::NoColumn(name) => {
                say!("there is no column {name}; without it calls cannot be told, extract it too", name)
            }
            Error::NothingToSplitBy(name) => {
                say!("there is no column {name} to split by; extract it too", name)
            }
            Error::Type(name) => say!("the column {name} has not the type that calllegs writes", name),
            Error::NoValue(name) => say!("a leg has no {name}; without it calls cannot be told", name),
            Error::Unknown(name) => {
                say!("no leg has a {name}; without it calls cannot be told, extract it too", name)
            }
            Error::Twice(id) => {
                say!("the leg {id} is there twice; name only one of the places that hold it", id)
            }
            Error::Time(name) => say!("a {name} is before 1970 or after 2105", name),
            Error::TooMany(what) => say!("there are too many {what}", what),
            Error::Changed => say!("what is read changed while it was read; run it again").to_owned(),
            other => other.to_string(),
        };
        Self::new(Exit::Config, what)
            .because(say!("numbers are computed from legs as calllegs writes them"))
            .next(say!("extract the legs again: calllegs get -o legs.parquet"))
    }
}

/// A refused filter, field or endpoint is a wrong command line. The core's hint is the next step, unless the tool itself
/// offers another.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let said = refusal.to_string();
        let hint = refusal.next_step();
        let reason = hint.and_then(|hint| said.strip_suffix(hint)?.strip_suffix("; ")).unwrap_or(&said);
        let hint = hint.map(guess);
        let Some(column) = refusal.column() else {
            // Core says it in English.
            let failure = Self::usage(match lang::spoken() {
                Language::English => reason.to_owned(),
                Language::Russian => lang::heard(reason)
                    .unwrap_or_else(|| format!("{}: {reason}", say!("the request is not a legal one"))),
            });
            return match refusal.field().split('.').next() {
                Some("fields") => failure
                    .because(say!("columns have the names that the API gives them"))
                    .next(hint.unwrap_or_else(|| say!("`calllegs fields` lists them all").to_owned())),
                Some("filter") => hint
                    .into_iter()
                    .fold(failure.because(say!("brands know different conditions")), Self::next),
                _ => hint.into_iter().fold(failure.because(say!("the API takes no such value")), Self::next),
            };
        };
        let reason = reason.split_once(": ").map_or(reason, |(_, reason)| reason);
        let reason = lang::heard(reason).unwrap_or_else(|| reason.to_owned());
        let failure = Self::usage(say!("character {column} of the condition: {reason}", column, reason));
        if *refusal.mnemonic() == Mnemonic::FilterProhibited {
            let field = refusal.field().strip_prefix("filter.").and_then(CallLegs::field);
            if let Some(field) = field.filter(|field| matches!(field.kind(), Kind::Array | Kind::Object)) {
                return failure
                    .because(say!(
                        "lists cannot be filtered, but for `is null` and `is not null` after download"
                    ))
                    .next(say!(
                        "leave it out, or write --where-local '{field} is not null'",
                        field = field.name()
                    ));
            }
            return failure
                .because(say!("some fields can be filtered after download alone; `calllegs fields` marks the others with F"))
                .next(say!("move the condition from --where to --where-local"));
        }
        let failure = failure.because(say!("conditions are checked before anything is sent"));
        failure.next(hint.unwrap_or_else(|| {
            say!("`calllegs fields` lists the names and how conditions are written").to_owned()
        }))
    }
}

/// A hint of core in the language of the run.
fn guess(hint: &str) -> String {
    lang::heard(hint).unwrap_or_else(|| hint.to_owned())
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
