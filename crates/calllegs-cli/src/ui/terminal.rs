//! Everything that is said to a person: standard error, its colours, the progress line, questions.
//!
//! With `--json` a program reads along: the failure is an object on one line, and nothing else is said, unless `-v` or
//! `--progress` asks for it. What a run did is its result then, and warnings are in the log.
//!
//! Every message is cleaned of what would drive the terminal, warnings and failures also of keys ([`echo`](super::echo)). Not
//! here: standard output, which carries data only.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, IsTerminal, Write},
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::{
    env,
    failure::{Exit, Failure},
    lang::say,
    ui::{
        bodies::masked,
        command_line,
        echo::safe,
        log::{Event, Facts, Log, public},
        table::fitted,
        text::clean,
    },
};

/// When messages are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    #[default]
    Auto,
    Plain,
    Json,
    Never,
}

impl FromStr for Progress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true)
    }
}

/// How messages are shown.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct Manners {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// What is sent and answered is shown too.
    pub(crate) bodies: bool,
    pub(crate) color: Option<Color>,
    pub(crate) progress: Option<Progress>,
    pub(crate) no_input: bool,
    pub(crate) yes: bool,
}

/// Standard error with manners. Shared with the timer, which announces long waits.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct Terminal {
    quiet: bool,
    verbose: bool,
    bodies: bool,
    colour: bool,
    progress: Progress,
    asks: bool,
    yes: bool,
    /// A progress line stands on the screen without its line end.
    open: Arc<AtomicBool>,
    /// Of which of several accounts it tells; only what a reader should look at.
    whose: Option<Box<str>>,
    /// Warnings about one of several accounts: what holds for others too is said once.
    said: Arc<Mutex<BTreeSet<String>>>,
    /// The final error is an object.
    json: bool,
    log: Option<Arc<Log>>,
}

impl Terminal {
    pub(crate) fn new(manners: Manners) -> Result<Self, Failure> {
        let terminal = io::stderr().is_terminal();
        let dumb = env::text("TERM")?.is_some_and(|text| *text == "dumb");
        let colour = match manners.color.unwrap_or_default() {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if env::text("NO_COLOR")?.is_some() => false,
            Color::Auto => env::text("FORCE_COLOR")?.is_some() || (terminal && !dumb),
        };
        let progress = match manners.progress.unwrap_or_default() {
            Progress::Auto if terminal && !dumb => Progress::Auto,
            Progress::Auto | Progress::Plain => Progress::Plain,
            Progress::Json => Progress::Json,
            Progress::Never => Progress::Never,
        };
        let asks = terminal && io::stdin().is_terminal() && !manners.no_input;
        let json = command_line::asks_for_json();
        // A program reads what is said there, unless somebody asks for more.
        let is_read = json && !manners.verbose && manners.progress.is_none();
        Ok(Self {
            quiet: manners.quiet || is_read,
            verbose: manners.verbose,
            bodies: manners.bodies,
            colour,
            progress,
            asks,
            yes: manners.yes,
            open: Arc::default(),
            whose: None,
            said: Arc::default(),
            json,
            log: None,
        })
    }

    /// With a log for machines. Where it has standard error, nothing else is said there.
    pub(crate) fn logging(self, log: Option<Log>) -> Self {
        let quiet = self.quiet || log.as_ref().is_some_and(Log::has_stderr);
        Self { quiet, log: log.map(Arc::new), ..self }
    }

    /// The log, where there is one.
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_deref()
    }

    /// Tells machines.
    pub(crate) fn event(&self, event: Event, facts: &Facts) {
        if let Some(log) = &self.log {
            log.event(event, facts);
        }
    }

    /// For one of several accounts that are read at once: it warns with the name of the account, of the same thing once for
    /// all of them, and nobody is asked. What else there is to know only `-v` shows.
    pub(crate) fn of(&self, name: &str) -> Self {
        let (open, said, whose) = (Arc::clone(&self.open), Arc::clone(&self.said), Some(name.into()));
        let log = self.log.clone();
        Self { asks: false, progress: Progress::Never, open, said, whose, log, ..*self }
    }

    /// What a reader wants to know; `-q` silences it.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && (self.whose.is_none() || self.verbose) {
            self.line(&self.named(&clean(text)));
        }
    }

    /// What a reader should look at; `-q` silences it.
    pub(crate) fn warn(&self, text: &str) {
        if self.log.is_some() {
            let message = Some(public(text));
            self.event(Event::Warning, &Facts { message, ..Facts::default() });
        }
        if !self.quiet && (self.is_new(text) || self.verbose) {
            self.line(&format!("{} {}", self.paint(say!("warning:"), "33"), self.named(&safe(text))));
        }
    }

    /// What only `-v` shows.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose && !self.quiet {
            self.line(&self.named(&clean(text)));
        }
    }

    /// What is sent, or with the status of its reply what is answered: for `-vv` alone, which masks it.
    pub(crate) fn body(&self, status: Option<u16>, body: &[u8]) {
        if !self.bodies {
            return;
        }
        let body = masked(body);
        if !self.quiet {
            let arrow = status.map_or_else(|| "→".to_owned(), |status| format!("← {status}"));
            self.line(&self.named(&clean(&format!("{arrow} {body}"))));
        }
        let event = if status.is_some() { Event::CallReply } else { Event::CallSent };
        self.event(event, &Facts { status, body: Some(body), ..Facts::default() });
    }

    fn is_new(&self, text: &str) -> bool {
        let said = || self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned());
        self.whose.is_none() || said()
    }

    fn named(&self, text: &str) -> String {
        match &self.whose {
            Some(name) => format!("{}: {text}", clean(name)),
            None => text.to_owned(),
        }
    }

    /// Where a long run stands: one line that is rewritten, with as many of the parts as it has room for.
    pub(crate) fn progress(&self, parts: &[String]) {
        if self.progress == Progress::Auto && !self.quiet {
            self.open.store(true, Ordering::Relaxed);
            let width = terminal_size::terminal_size_of(io::stderr());
            let width = width.map_or(80, |(terminal_size::Width(columns), _)| usize::from(columns));
            // Behind its last column a terminal begins a new line.
            write(&format!("\r\x1b[2K{}", one_line(parts, width.saturating_sub(1))));
        }
    }

    /// The same, for a program that watches: an object a line.
    pub(crate) fn progress_json(&self, facts: impl FnOnce() -> Value) {
        if self.progress == Progress::Json {
            write(&format!("{}\n", facts()));
        }
    }

    /// A step of a long run, for logs.
    pub(crate) fn step(&self, text: &str) {
        if self.progress == Progress::Plain {
            self.note(text);
        }
    }

    /// Why the run fails. Nothing silences it, except a reader that went away.
    pub(crate) fn fail(&self, failure: &Failure) {
        let is_logged = || self.log().is_some_and(Log::has_stderr);
        if failure.exit == Exit::PipeClosed || is_logged() {
            return;
        }
        if self.json {
            return self.line(&json(failure));
        }
        self.line(&format!("{} {}", self.paint(say!("error:"), "1;31"), safe(&failure.what)));
        let parts = [
            (say!("kept:    "), failure.kept.as_deref().map(|kept| clean(kept).into_owned())),
            (say!("cause:   "), failure.cause.as_deref().map(safe)),
            (say!("next:    "), failure.next.as_deref().map(safe)),
            // To be copied as it is.
            (say!("continue:"), failure.resume_with.as_deref().map(|command| clean(command).into_owned())),
        ];
        for (label, text) in parts {
            if let Some(text) = text {
                self.line(&format!("{label} {text}"));
            }
        }
    }

    /// Whether somebody can be asked. `--yes` has answered already.
    pub(crate) fn asks(&self) -> bool {
        self.asks && !self.yes
    }

    /// Whether `--yes` has answered what may be asked.
    pub(crate) const fn has_agreed(&self) -> bool {
        self.yes
    }

    /// Asks, and waits for a line on standard input: a word that begins with `y` or `д` is a yes, and a line without one is
    /// the usual answer.
    pub(crate) async fn ask(&self, question: &str, usually: bool) -> bool {
        self.clear();
        write(&format!("{question} {} ", if usually { say!("[Y/n]") } else { say!("[y/N]") }));
        tokio::task::spawn_blocking(move || answer(usually)).await.unwrap_or(false)
    }

    /// Asks for a line on standard input.
    pub(crate) fn ask_line(&self, question: &str) -> String {
        self.clear();
        write(&format!("{question} "));
        let mut line = String::new();
        // What cannot be read is no answer.
        let _best_effort = io::stdin().lock().read_line(&mut line);
        line
    }

    fn line(&self, text: &str) {
        self.clear();
        write(&format!("{text}\n"));
    }

    fn clear(&self) {
        if self.open.swap(false, Ordering::Relaxed) {
            write("\r\x1b[2K");
        }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Why a run fails, as an object on one line.
fn json(failure: &Failure) -> String {
    #[derive(Serialize)]
    struct Said<'a> {
        exit: u8,
        code: &'static str,
        what: String,
        cause: Option<String>,
        next: Option<String>,
        kept: Option<&'a str>,
        r#continue: Option<&'a str>,
    }
    let said = Said {
        exit: failure.exit.code(),
        code: failure.exit.name(),
        what: safe(&failure.what),
        cause: failure.cause.as_deref().map(safe),
        next: failure.next.as_deref().map(safe),
        kept: failure.kept.as_deref(),
        r#continue: failure.resume_with.as_deref(),
    };
    // Texts and numbers always serialise.
    serde_json::to_string(&said).unwrap_or_default()
}

/// The first of the parts that fit side by side; the first alone is cut where even that does not.
fn one_line(parts: &[String], width: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { " · " };
        if line.width() + gap.width() + part.width() > width {
            break;
        }
        line.push_str(gap);
        line.push_str(part);
    }
    match parts.first() {
        Some(first) if line.is_empty() && width > 0 => fitted(first, width),
        _ => line,
    }
}

/// The terminal has shown `^C` where the cursor stood: what follows begins a line of its own.
pub(crate) fn after_echo() {
    if io::stderr().is_terminal() {
        write("\n");
    }
}

fn answer(usually: bool) -> bool {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    let first = line.trim().chars().flat_map(char::to_lowercase).next();
    let is_yes = first.map_or(usually, |first| matches!(first, 'y' | 'д'));
    read.is_ok_and(|bytes| bytes > 0) && is_yes
}

/// Standard error may be closed; there is nobody left to tell.
fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    let _best_effort = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_line_is_one_line() {
        let parts = ["71 %", "12,401 of 15,000 legs", "窓 3", "1 point"].map(str::to_owned);
        assert_eq!(one_line(&parts, 80), "71 % · 12,401 of 15,000 legs · 窓 3 · 1 point");
        assert_eq!(one_line(&parts, 40), "71 % · 12,401 of 15,000 legs · 窓 3");
        assert_eq!(one_line(&parts, 34), "71 % · 12,401 of 15,000 legs");
        for width in 0..50 {
            assert!(one_line(&parts, width).width() <= width, "{width}");
        }
    }
}
