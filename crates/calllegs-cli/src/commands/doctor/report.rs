//! What the checks found: a line for each, and how the run ends. Not here: the checks.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    failure::{Exit, Failure},
    lang::{Text, say, text},
    ui::{echo::safe, stdout},
};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// Nothing is in the way, and somebody should look.
    Warn,
    Fail,
}

impl Status {
    const fn sign(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Warn => "!",
            Self::Fail => "✗",
        }
    }
}

/// One line.
#[derive(Debug, Serialize)]
struct Check {
    name: String,
    status: Status,
    text: String,
    cause: Option<String>,
    next: Option<String>,
    exit: u8,
    /// The word of that exit code.
    code: &'static str,
}

/// The lines so far. For people each is printed when it is known.
#[derive(Debug)]
pub(super) struct Report {
    checks: Vec<Check>,
    json: bool,
    /// Of the first failure.
    exit: Exit,
}

/// Columns of a name.
const NAME: usize = 12;

/// The names of checks, which programs read as they are.
#[rustfmt::skip] // a list
const NAMES: [Text; 18] = [
    text!("account"), text!("bounds"), text!("clock"), text!("connect_time"), text!("customers"), text!("dates"),
    text!("direction"), text!("history"), text!("is_failed"), text!("key"), text!("key source"), text!("listing"),
    text!("network"), text!("place"), text!("points"), text!("recent"), text!("rights"), text!("white list"),
];

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self { checks: Vec::new(), json, exit: Exit::Done }
    }

    pub(super) fn ok(&mut self, name: &str, text: impl Into<String>) -> Result<(), Failure> {
        self.add(name, Status::Ok, &Failure::new(Exit::Done, text))
    }

    pub(super) fn warn(
        &mut self,
        name: &str,
        text: impl Into<String>,
        next: impl Into<String>,
    ) -> Result<(), Failure> {
        self.add(name, Status::Warn, &Failure::new(Exit::Done, text).next(next))
    }

    /// The same of what went wrong where nothing depends on it.
    pub(super) fn doubt(&mut self, name: &str, failure: &Failure) -> Result<(), Failure> {
        self.add(name, Status::Warn, failure)
    }

    pub(super) fn fail(&mut self, name: &str, failure: &Failure) -> Result<(), Failure> {
        if self.exit == Exit::Done {
            self.exit = failure.exit;
        }
        self.add(name, Status::Fail, failure)
    }

    /// What a check found is one sentence, and whether all is as it should be.
    pub(super) fn held(&mut self, name: &str, text: String, all: bool, next: &str) -> Result<(), Failure> {
        if all { self.ok(name, text) } else { self.warn(name, text, next) }
    }

    /// Where some of many are not ready, that is what a script has to know.
    pub(super) fn ends_with(&mut self, exit: Exit) {
        if self.exit != Exit::Done {
            self.exit = exit;
        }
    }

    fn add(&mut self, name: &str, status: Status, failure: &Failure) -> Result<(), Failure> {
        let exit = if status == Status::Fail { failure.exit } else { Exit::Done };
        let check = Check {
            name: name.to_owned(),
            status,
            text: safe(&failure.what),
            cause: failure.cause.as_deref().map(safe),
            next: failure.next.as_deref().map(safe),
            exit: exit.code(),
            code: exit.name(),
        };
        if !self.json {
            stdout::print(&check.lines())?;
        }
        self.checks.push(check);
        Ok(())
    }

    /// Prints what was not printed yet.
    pub(super) fn end(self, spent: u32) -> Result<Exit, Failure> {
        #[derive(Serialize)]
        struct All<'a> {
            checks: &'a [Check],
            spent: u32,
            exit: u8,
            code: &'static str,
        }
        if self.json {
            let Self { checks, exit, .. } = &self;
            stdout::print_json(&All { checks, spent, exit: exit.code(), code: exit.name() })?;
        }
        Ok(self.exit)
    }
}

impl Check {
    fn lines(&self) -> String {
        let Self { name, status, text, cause, next, .. } = self;
        let known = NAMES.iter().find(|known| known.english() == name);
        let name = known.map_or(name.as_str(), |known| known.say());
        let mut lines = format!("{} {name:<NAME$}  {text}\n", status.sign());
        let more = [("", cause), (say!("next: "), next)];
        for (label, text) in more.into_iter().filter_map(|(label, text)| Some((label, text.as_ref()?))) {
            // Writing to a string does not fail.
            let _infallible = writeln!(lines, "{:width$}{label}{text}", "", width = NAME + 4);
        }
        lines
    }
}
