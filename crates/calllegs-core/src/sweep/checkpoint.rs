//! Where a sweep can go on after it was stopped: a value that is kept beside the rows.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{copies::Copies, ids::IdSet};
use crate::{
    value::wall_time,
    window::{LONGEST_SLICE, Period},
};

/// Which rows of a period were given. What a [`Sweep`](super::Sweep) that is resumed from it gives, and what was given
/// before, is together the period, each row once.
///
/// Keep it with the rows that it speaks of: as JSON it is some hundred bytes, and where the server keeps no order about two
/// more for each row of the slice. It names ids of legs, no people.
///
/// ```
/// use calllegs_core::{CallLegs, Period, Query, rpc, sweep::{Checkpoint, Sweep}, value::wall_time};
///
/// let time = |text| wall_time::parse(text).unwrap();
/// let days = Period::new(time("2026-03-02 00:00:00"), time("2026-03-04 00:00:00"))?;
/// let query = Query::<CallLegs>::new(days).select((CallLegs::ID,));
/// let sweep = Sweep::new(query.clone())?;
///
/// let kept = serde_json::to_string(&sweep.checkpoint().unwrap()).unwrap();
/// let kept: Checkpoint = serde_json::from_str(&kept).unwrap();
/// assert_eq!(kept.at(), time("2026-03-02 00:00:00")); // nothing was read yet
/// let resumed = Sweep::resume(query, kept)?;
/// assert!(!resumed.is_finished());
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The slice that was being read.
    #[serde(with = "wire")]
    pub(super) from: NaiveDateTime,
    #[serde(with = "wire")]
    pub(super) till: NaiveDateTime,
    /// How far rows were given.
    #[serde(with = "wire")]
    pub(super) at: NaiveDateTime,
    /// Rows of that second that were given.
    pub(super) ids: BTreeSet<i64>,
    /// Rows of the second before it.
    pub(super) earlier: BTreeSet<i64>,
    /// How many rows the server had from that second on.
    pub(super) expected: Option<u64>,
    /// How many rows of the slice were listed before those that are named here.
    pub(super) listed: u64,
    /// Each window up to here counted what the one before left.
    pub(super) is_sure: bool,
    /// Legs up to there that the server lists more than once.
    #[serde(default, skip_serializing_if = "Copies::is_empty")]
    pub(super) copies: Copies,
    /// The slice is read in parts, not by hops.
    pub(super) parts: Option<Parts>,
    /// The last midnight.
    pub(super) day: Option<Day>,
    /// The server listed rows out of order.
    pub(super) disordered: bool,
    /// The server selects by sessions.
    pub(super) by_session: Option<bool>,
}

/// A slice that is read in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// Parts to be read, the next one last.
    pub(super) windows: Vec<Span>,
    /// What the parts make up, and how many rows the server counted in it.
    pub(super) whole: Option<(Span, u64)>,
    #[serde(with = "wire")]
    pub(super) verified: NaiveDateTime,
    /// Rows that were listed since.
    pub(super) known: IdSet,
    /// Rows that were given before, as far as a window may list them again.
    pub(super) before: IdSet,
    /// The beginning is read once more.
    pub(super) again: Option<Again>,
    /// An earlier run gave it, and its rows are not all known.
    pub(super) resumed: Option<Again>,
    /// Rows of the second before `verified`.
    #[serde(default)]
    pub(super) near: IdSet,
    /// Those of them that no part has listed.
    #[serde(default)]
    pub(super) unlisted: IdSet,
    /// Before its begin an earlier run gave rows whose ids are not known.
    #[serde(default)]
    pub(super) remembered: Option<Span>,
    /// The slice holds what it counts as a whole.
    #[serde(default)]
    pub(super) is_counted: bool,
}

/// Rows before this second that an earlier run gave, and that are met again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Again {
    #[serde(with = "wire")]
    pub(super) at: NaiveDateTime,
    /// How many the earlier run had listed.
    pub(super) listed: u64,
    /// How many were met.
    pub(super) met: u64,
}

/// A window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) Period);

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (wall_time::format(self.0.from()), wall_time::format(self.0.till())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (from, till) = <(Box<str>, Box<str>)>::deserialize(deserializer)?;
        Ok(Self(Period::raw(wire::read(&from)?, wire::read(&till)?)))
    }
}

/// A midnight that was passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    #[serde(with = "wire")]
    pub(super) at: NaiveDateTime,
    /// Rows of the second before.
    pub(super) earlier: BTreeSet<i64>,
    /// How many rows the server had from then on.
    pub(super) expected: Option<u64>,
    /// How many rows of the slice were listed before those.
    pub(super) listed: u64,
    /// Further copies of them.
    #[serde(default)]
    pub(super) copies: u64,
    /// Legs before it that seem to be listed more than once.
    #[serde(default)]
    pub(super) repeated: BTreeSet<i64>,
    pub(super) is_sure: bool,
}

impl Checkpoint {
    /// The beginning of a slice.
    pub(super) fn new(slice: Period) -> Self {
        Self {
            from: slice.from(),
            till: slice.till(),
            at: slice.from(),
            ids: BTreeSet::new(),
            earlier: BTreeSet::new(),
            expected: None,
            listed: 0,
            is_sure: true,
            copies: Copies::default(),
            parts: None,
            day: None,
            disordered: false,
            by_session: None,
        }
    }

    /// How far rows were given. In a listing that keeps the order of starts, every row before this second was.
    pub fn at(&self) -> NaiveDateTime {
        self.at
    }

    /// Goes back to the last midnight before it: what was given from then on will be given again. For those who keep
    /// whole days. `None` when the time is no midnight that was passed last, or rows do not come in the order of their
    /// starts.
    #[must_use]
    pub fn back_to(&self, midnight: NaiveDateTime) -> Option<Self> {
        if midnight == self.at && self.ids.is_empty() && self.parts.is_none() {
            return Some(self.clone());
        }
        let Day { at, earlier, expected, listed, copies, repeated, is_sure } = self.day.clone()?;
        (self.parts.is_none() && at == midnight).then(|| Self {
            at,
            ids: BTreeSet::new(),
            earlier,
            expected,
            listed,
            copies: Copies::of_earlier_run(copies, repeated),
            is_sure,
            day: None,
            ..self.clone()
        })
    }

    /// Whether it speaks of this period, and of a slice that a sweep would make of it.
    pub(super) fn fits(&self, period: Period) -> bool {
        let within = |time: NaiveDateTime| self.from <= time && time <= self.till;
        let is_part = |part: &Span| {
            let (from, till) = (part.0.from(), part.0.till());
            from <= till && self.from <= from && till <= self.till
        };
        let parts = self.parts.as_ref().is_none_or(|parts| {
            let whole = parts.whole.is_none_or(|(whole, _)| {
                whole.0.from() <= whole.0.till() && whole.0.till() - whole.0.from() <= LONGEST_SLICE * 2
            });
            whole && within(parts.verified) && parts.windows.iter().all(is_part)
        });
        period.from() <= self.from
            && self.till <= period.till()
            && self.from < self.till
            && self.till - self.from <= LONGEST_SLICE
            && (within(self.at) || self.parts.is_some())
            && parts
    }
}

/// Times as the wire writes them.
mod wire {
    use serde::de::Error;

    use super::{Deserialize, Deserializer, NaiveDateTime, Serialize, Serializer, wall_time};

    pub(super) fn serialize<S: Serializer>(time: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
        wall_time::format(*time).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDateTime, D::Error> {
        read(&Box::<str>::deserialize(deserializer)?)
    }

    pub(super) fn read<E: Error>(text: &str) -> Result<NaiveDateTime, E> {
        wall_time::parse(text).ok_or_else(|| E::custom("not a time as YYYY-MM-DD hh:mm:ss"))
    }
}
