//! Where a sweep can go on after it was stopped: a value that is kept beside the rows.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    projection::RowKey,
    value::wall_time,
    window::{LONGEST_SLICE, Period},
};

/// Everything before one second was given, and some rows of that second. What a [`Sweep`](super::Sweep) that is
/// resumed from it gives, and what was given before, is together the period, each row once.
///
/// Keep it with the rows that it speaks of: as JSON it is about a hundred bytes. It names ids of legs, no people.
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
    /// The slice that was being read, as far as it is not read in parts.
    #[serde(with = "wire")]
    pub(super) from: NaiveDateTime,
    #[serde(with = "wire")]
    pub(super) till: NaiveDateTime,
    /// The slice is read in parts, not by hops.
    pub(super) parts: bool,
    #[serde(with = "wire")]
    pub(super) at: NaiveDateTime,
    /// Rows of that second that were given.
    pub(super) ids: BTreeSet<i64>,
    /// How many rows the server had from that second on.
    pub(super) expected: Option<u64>,
    /// Its totals did not change meanwhile.
    pub(super) steady: bool,
    /// It was seen to select by the start.
    pub(super) selects_by_start: bool,
    pub(super) witness: Option<Witness>,
    /// Rows that were given early.
    pub(super) strays: BTreeSet<i64>,
}

/// The key of a row: start, session, id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Witness(pub(super) RowKey);

impl Serialize for Witness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (wall_time::format(self.0.start), self.0.session, self.0.id).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Witness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (start, session, id) = <(Box<str>, i64, i64)>::deserialize(deserializer)?;
        Ok(Self(RowKey { start: wire::read(&start)?, session, id }))
    }
}

impl Checkpoint {
    /// The beginning of a slice.
    pub(super) fn new(slice: Period) -> Self {
        Self {
            from: slice.from(),
            till: slice.till(),
            parts: false,
            at: slice.from(),
            ids: BTreeSet::new(),
            expected: None,
            steady: false,
            selects_by_start: false,
            witness: None,
            strays: BTreeSet::new(),
        }
    }

    /// Every row of the period that starts before this second was given.
    pub fn at(&self) -> NaiveDateTime {
        self.at
    }

    /// Goes back to the beginning of this second: what was given from it on will be given again. For those who keep only
    /// rows before a second. `None` when the second is later than the checkpoint, or cannot be gone back to: the slice
    /// began after it, rows were given before their time, or it is not known that the server selects by the start of legs:
    /// then what it returns from the second on may not be all.
    #[must_use]
    pub fn back_to(&self, second: NaiveDateTime) -> Option<Self> {
        if second == self.at && self.ids.is_empty() {
            return Some(self.clone());
        }
        let is_known = self.selects_by_start && !self.parts && self.strays.is_empty();
        (is_known && self.from <= second && second < self.at).then(|| Self {
            at: second,
            ids: BTreeSet::new(),
            expected: None,
            steady: false,
            witness: None,
            ..self.clone()
        })
    }

    /// Whether it speaks of this period, and of a slice that a sweep would make of it.
    pub(super) fn fits(&self, period: Period) -> bool {
        period.from() <= self.from
            && period.from() <= self.at
            && (self.parts || self.from <= self.at)
            && self.at <= self.till
            && self.from < self.till
            && self.till - self.from <= LONGEST_SLICE
            && self.till <= period.till()
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
