//! What could not be read whole, and how it is named. Not here: what leads to it.

use std::fmt;

use crate::{pager::Reach, value::wall_time::format, window::Period};

/// A part of the listing that could not be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// What it covers. Every row that is missing starts in it, or was selected by the server as if it did. Of a listing that
    /// is read by offset it is the period of the query, and empty where that has none.
    pub period: Period,
    /// Rows that the server counts in the window that was asked last, a second on both sides included; `None` when it
    /// does not say.
    pub expected: Option<u64>,
    /// Distinct rows of that window that it gave.
    pub received: u64,
    /// Rows that it gave without a readable identity or start: nobody can tell what they are.
    pub unplaced: u64,
    /// Rows that it lists twice, the later copy so far behind that the earlier one was given.
    pub outdated: u64,
    /// The identities that it covers, of a listing that is cut by them.
    pub ids: Option<IdRange>,
    pub(super) rows: Rows,
}

/// What the rows of a listing are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Legs,
    /// Of another report.
    Others,
}

/// Numbers that identify rows, from the first to the last of them; without a bound where nothing is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two bounds are what a range has")]
pub struct IdRange {
    /// The smallest.
    pub first: Option<i64>,
    /// The largest.
    pub last: Option<i64>,
}

impl IdRange {
    /// All of them.
    pub(super) const ALL: Self = Self { first: None, last: None };

    pub(super) fn contains(self, id: i64) -> bool {
        self.first.is_none_or(|first| first <= id) && self.last.is_none_or(|last| id <= last)
    }
}

impl fmt::Display for IdRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (None, None) => f.write_str("the listing"),
            (Some(first), None) => write!(f, "ids from {first}"),
            (None, Some(last)) => write!(f, "ids up to {last}"),
            (Some(first), Some(last)) => write!(f, "ids {first} … {last}"),
        }
    }
}

impl Gap {
    /// So many rows of a period.
    pub(super) const fn new(period: Period, expected: Option<u64>, received: u64) -> Self {
        Self { period, expected, received, unplaced: 0, outdated: 0, ids: None, rows: Rows::Legs }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ids {
            Some(ids) => write!(f, "{ids}: ")?,
            None => write!(f, "{} … {}: ", format(self.period.from()), format(self.period.till()))?,
        }
        let rows = match self.rows {
            Rows::Legs => "legs",
            Rows::Others => "rows",
        };
        let reach = Reach::DOCUMENTED.rows();
        // What cannot be cut any more.
        let is_one = self.ids.is_some() || self.period.bisect().is_none();
        match self.expected {
            Some(expected) if expected > reach && is_one => {
                let (expected, reach) = (grouped(expected), grouped(reach));
                write!(f, "the server counts {expected} {rows}, more than the {reach} that a window can give")
            }
            Some(expected) => {
                let (expected, received) = (grouped(expected), grouped(self.received));
                write!(f, "the server counts {expected} {rows} and gave {received}")
            }
            None => {
                let received = grouped(self.received);
                write!(f, "the server did not say how many {rows} there are and gave {received}")
            }
        }?;
        if self.unplaced > 0 {
            let lacks = match self.rows {
                Rows::Legs => "id or start_time",
                Rows::Others => "identity or start",
            };
            write!(f, ", {} more without a readable {lacks}", self.unplaced)?;
        }
        match self.ids {
            _ if self.outdated == 0 => Ok(()),
            Some(_) => write!(f, ", {} of them twice", self.outdated),
            None => write!(f, ", {} of them twice and differently: the earlier copy was kept", self.outdated),
        }
    }
}

/// 12401 as `12,401`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
