//! What can go wrong before the emulator answers: a bad data file, an impossible period, a taken port.

use std::{fmt, io};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address cannot be listened on.
    ///
    /// **Troubleshooting**: another program may hold the port; port 0 takes any free one.
    Bind,
    /// The data file cannot be read, or a line of it is not a row.
    ///
    /// **Troubleshooting**: [`Error::line_number`] is the line at fault, from 1. Values are not shown: they are people's data.
    Data,
    /// The period of the generated rows is empty or beyond the calendar.
    ///
    /// **Troubleshooting**: `since` must lie before `until`, `days` must be at least 1.
    Period,
    /// The world does not go with another option.
    ///
    /// **Troubleshooting**: leave the one or the other out.
    World,
}

/// Why an emulator could not be made or a server not be started. Display prints this level; `source()` has the cause.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    next_step: &'static str,
    line: Option<u64>,
    source: Option<io::Error>,
}

impl Error {
    pub(crate) fn bind(address: std::net::SocketAddr, source: io::Error) -> Self {
        Self {
            kind: ErrorKind::Bind,
            message: format!("cannot serve on {address}"),
            next_step: "choose another address, or port 0 for any free one",
            line: None,
            source: Some(source),
        }
    }

    pub(crate) fn unreadable(source: io::Error) -> Self {
        Self {
            kind: ErrorKind::Data,
            message: "cannot read the data file".to_owned(),
            next_step: "give a file of JSON lines, plain or gzip",
            line: None,
            source: Some(source),
        }
    }

    pub(crate) fn line(line: u64, reason: &dyn fmt::Display) -> Self {
        Self {
            kind: ErrorKind::Data,
            message: format!("line {line} of the data file: {reason}"),
            next_step: "every line is one JSON object in the form of `result.data` of get.call_legs_report",
            line: Some(line),
            source: None,
        }
    }

    pub(crate) fn period(message: &str) -> Self {
        Self {
            kind: ErrorKind::Period,
            message: message.to_owned(),
            next_step: "rows are made from `since` (or `days` back) up to, not including, `until`",
            line: None,
            source: None,
        }
    }

    pub(crate) fn world(message: &str) -> Self {
        Self {
            kind: ErrorKind::World,
            message: message.to_owned(),
            next_step: "leave the one or the other out",
            line: None,
            source: None,
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What to do about it, one line.
    pub fn next_step(&self) -> &'static str {
        self.next_step
    }

    /// The line of the data file at fault, from 1.
    pub fn line_number(&self) -> Option<u64> {
        self.line
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
