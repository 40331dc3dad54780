//! What happens, for machines: one JSON object a line, or a line of text. By an allow-list: an event has the members below and
//! no others, and what people read is said only once numbers and keys are taken out of it. Names of events and members are a
//! contract. Not here: what people read (`terminal`).

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::{
    failure::{Exit, Failure},
    lang::say,
    ui::echo::{may_be_phone, safe, shown_path},
};

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

impl std::str::FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    AccountFail,
    CallReply,
    CallSent,
    DestError,
    LimitWait,
    PageOk,
    PageRetry,
    RunEnd,
    RunStart,
    Warning,
    WindowCommit,
    WindowPlan,
}

impl Event {
    const fn name(self) -> &'static str {
        match self {
            Self::AccountFail => "account.fail",
            Self::CallReply => "call.reply",
            Self::CallSent => "call.sent",
            Self::DestError => "dest.error",
            Self::LimitWait => "limit.wait",
            Self::PageOk => "page.ok",
            Self::PageRetry => "page.retry",
            Self::RunEnd => "run.end",
            Self::RunStart => "run.start",
            Self::Warning => "warning",
            Self::WindowCommit => "window.commit",
            Self::WindowPlan => "window.plan",
        }
    }
}

/// What there is to know of an event; what is not known is left out.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Facts {
    /// As `uis:1103`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// The first moment of a window and the first behind it, on the account's wall clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) day_remaining: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit: Option<u8>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// What was sent or answered, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Value>,
}

/// Why a run fails, as programs read it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    code: &'static str,
    what: String,
    cause: Option<String>,
    next: Option<String>,
}

impl Told {
    pub(crate) fn of(failure: &Failure) -> Self {
        let told = |text: &Option<String>| text.as_deref().map(public);
        let (cause, next) = (told(&failure.cause), told(&failure.next));
        Self { code: failure.exit.name(), what: public(&failure.what), cause, next }
    }
}

/// A line of a JSON log.
#[derive(Serialize)]
struct Line<'a> {
    ts: String,
    level: &'static str,
    event: &'static str,
    run_id: &'a str,
    #[serde(flatten)]
    facts: &'a Facts,
}

/// A log that is being written.
#[derive(Debug)]
pub(crate) struct Log {
    format: LogFormat,
    /// `None` is standard error.
    to: Option<Mutex<File>>,
    run_id: String,
    begun: Instant,
    at: DateTime<Utc>,
    /// What the run as a whole has come to.
    totals: Mutex<Facts>,
}

impl Log {
    /// Opens it; `None` where nobody asked for one. A file is gone on with, and only its owner can read a new one.
    pub(crate) fn open(
        format: Option<LogFormat>,
        path: Option<&Path>,
        run_id: String,
        at: DateTime<Utc>,
    ) -> Result<Option<Self>, Failure> {
        let format = format.unwrap_or_default();
        if path.is_none() && format == LogFormat::Text {
            return Ok(None);
        }
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path).map_err(|error| {
                Failure::new(
                    Exit::Config,
                    say!("--log-file: cannot write {path}: {error}", path = shown_path(path), error),
                )
                .because(say!("a log that is not written would be missed when it is needed"))
                .next(say!("name a file in a folder that is there"))
                .unspent()
            })
        };
        let to = path.map(open).transpose()?.map(Mutex::new);
        Ok(Some(Self { format, to, run_id, begun: Instant::now(), at, totals: Mutex::default() }))
    }

    /// The name of the run, which summaries and places have too.
    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Whether standard error is for machines.
    pub(crate) fn has_stderr(&self) -> bool {
        self.to.is_none()
    }

    pub(crate) fn event(&self, event: Event, facts: &Facts) {
        let level = match event {
            Event::AccountFail | Event::DestError => "error",
            Event::RunEnd if facts.failure.is_some() => "error",
            Event::PageRetry | Event::Warning => "warn",
            Event::CallReply | Event::CallSent | Event::PageOk => "debug",
            Event::LimitWait | Event::RunEnd | Event::RunStart | Event::WindowCommit | Event::WindowPlan => {
                "info"
            }
        };
        // Of what the clock of the process says, the moment follows: it is read once.
        let ts = (self.at + self.begun.elapsed()).to_rfc3339_opts(SecondsFormat::Millis, true);
        let text = match self.format {
            LogFormat::Json => {
                let line = Line { ts, level, event: event.name(), run_id: &self.run_id, facts };
                // Texts and numbers always serialise.
                serde_json::to_string(&line).unwrap_or_default()
            }
            LogFormat::Text => {
                let facts = serde_json::to_value(facts).unwrap_or_default();
                let facts = facts.as_object().into_iter().flatten();
                let facts =
                    facts.map(|(name, value)| format!(" {name}={value}")).collect::<Vec<_>>().concat();
                format!("{ts} {level} {}{facts}", event.name())
            }
        };
        self.write(&format!("{text}\n"));
    }

    /// Takes note of what the run has come to.
    pub(crate) fn total(&self, totals: Facts) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    /// The last line.
    pub(crate) fn end(&self, ended: Result<Exit, &Failure>) {
        let mut facts = self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        facts.ms = u64::try_from(self.begun.elapsed().as_millis()).ok();
        facts.exit = Some(ended.unwrap_or_else(|failure| failure.exit).code());
        facts.failure = ended.err().map(Told::of);
        if facts.exit == Some(Exit::Destination.code()) {
            let failure = facts.failure.clone();
            self.event(Event::DestError, &Facts { failure, ..Facts::default() });
        }
        self.event(Event::RunEnd, &facts);
    }

    /// A disk that is full costs lines of the log, and not the run.
    fn write(&self, text: &str) {
        let _best_effort = match &self.to {
            Some(file) => file.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes()),
            None => io::stderr().lock().write_all(text.as_bytes()),
        };
    }
}

/// A message as a log may have it: without what may be a key or somebody's number.
pub(crate) fn public(text: &str) -> String {
    let is_of_number = |c: char| c.is_ascii_digit() || "+()-".contains(c);
    let text = safe(text);
    let (mut said, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while !rest.is_empty() {
        let is_run = rest.starts_with(is_of_number);
        let end = rest.find(|c: char| is_of_number(c) != is_run).unwrap_or(rest.len());
        let (part, more) = rest.split_at(end);
        said.push_str(if is_run && may_be_phone(part) { "…" } else { part });
        rest = more;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_for_a_log_has_no_number_in_it() {
        assert_eq!(public("cannot write 79161234567.csv: gone"), "cannot write ….csv: gone");
        assert_eq!(public("legs of 2026-03-02 00:00:00 … 12,345"), "legs of 2026-03-02 00:00:00 … 12,345");
        let told = Told::of(&Failure::usage("no `+7(916)123-45-67` here").next("go on"));
        assert_eq!((told.code, told.what.as_str()), ("usage", "no `…` here"));
    }
}
