//! Places that keep a ledger beside the legs: databases and lakes. Rows and the lines that speak of them change in one step,
//! so a place holds what its ledger says, whatever was killed on the way.
//!
//! Not here: the places themselves, how rows become windows ([`windows`](crate::windows)), what is to be read
//! ([`Ledger`]).

use std::collections::{HashMap, HashSet};

use calllegs_arrow::Leg;
use calllegs_core::Period;
use chrono::{DateTime, NaiveDateTime, Utc};

pub use crate::change::{Change, Counts};
use crate::{
    error::Error,
    ledger::{Ledger, Window},
    listings::Listings,
};

/// A place with a ledger that is open.
pub trait Warehouse: Send {
    /// Its address as people write it, without secrets.
    fn address(&self) -> &str;

    /// Makes the account this run's: no other run writes it until it is [released](Self::release), or dies. A place that is
    /// missing, or older than this version, is made or brought up to date; what that changed is told.
    ///
    /// # Errors
    /// Of kind [`Busy`](crate::ErrorKind::Busy) when another run has it, with who that is.
    fn lease(&mut self, account: &str, run_id: &str) -> Result<Vec<String>, Error>;

    /// Gives the account back.
    fn release(&mut self, account: &str);

    /// Tries whether it can be written, and leaves it as it was: what a run would make is made and given up in one step. Tells
    /// whether it is there already.
    ///
    /// # Errors
    /// When a run could not write it.
    fn try_writing(&mut self) -> Result<bool, Error>;

    /// The accounts that it has windows of.
    ///
    /// # Errors
    /// When it cannot be read.
    fn accounts(&mut self) -> Result<Vec<String>, Error>;

    /// The ledger of an account.
    ///
    /// # Errors
    /// When it cannot be read.
    fn ledger(&mut self, account: &str) -> Result<Ledger, Error>;

    /// Ids and row hashes of the legs that start in a period.
    ///
    /// # Errors
    /// When they cannot be read.
    fn hashes(&mut self, account: &str, period: Period) -> Result<HashMap<i64, i64>, Error>;

    /// Ids of the legs of a load that the place has with other values than these, whatever their hashes say: somebody changed
    /// them there.
    ///
    /// # Errors
    /// When they cannot be read.
    fn altered(&mut self, load: &Load<'_>) -> Result<Vec<i64>, Error>;

    /// How late changes of each field came: legs that changed, by field and by age.
    ///
    /// # Errors
    /// When that cannot be read.
    fn lateness(&mut self, account: &str) -> Result<Vec<Late>, Error>;

    /// Puts rows, and the windows that they complete, in one step. What was done with rows that came before their window is
    /// counted in it.
    ///
    /// # Errors
    /// When they cannot be written: nothing of it is there then.
    fn load(&mut self, load: &Load<'_>, early: Counts) -> Result<Loaded, Error>;

    /// Takes lines out of the ledger and puts others, in one step; rows stay as they are. For a ledger that was lost, moved
    /// or reset.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace_lines(&mut self, account: &str, from: NaiveDateTime, lines: &[Window]) -> Result<(), Error>;

    /// Where it keeps other listings than legs; `None` where it keeps none.
    fn listings(&mut self) -> Option<&mut dyn Listings> {
        None
    }
}

/// Rows for a place, and what they complete.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Load<'l> {
    /// Whose legs they are.
    pub account: &'l str,
    /// The legs, each once, and the hash of each.
    pub legs: &'l [Leg],
    /// Row hashes of the legs, in their order.
    pub hashes: &'l [i64],
    /// The windows that are complete with them, in the order of time and without gaps; none for rows that come early.
    pub windows: &'l [Window],
    /// Legs of those windows that were put before.
    pub early: &'l [(NaiveDateTime, i64, i64)],
    /// Legs of those windows that the place has and the server has not are removed, and values that were changed in the place
    /// are mended.
    pub exact: bool,
    /// The run.
    pub run_id: &'l str,
    /// When the legs were received.
    pub extracted_at: DateTime<Utc>,
    /// The same on the clock of the account.
    pub extracted_wall: NaiveDateTime,
}

impl Load<'_> {
    /// The stretch of time that its windows cover.
    pub fn covered(&self) -> Option<Period> {
        let (first, last) = self.windows.first().zip(self.windows.last())?;
        Period::new(first.period.from(), last.period.till()).ok()
    }

    /// The stretch in which rows may be known already: its windows, and the starts of its legs.
    pub fn reach(&self) -> Option<Period> {
        let starts = self.legs.iter().filter_map(Leg::key).map(|key| key.start);
        let covered = self.covered();
        let from = starts.clone().min().into_iter().chain(covered.map(Period::from)).min()?;
        let last = starts.max().and_then(|last| last.checked_add_signed(chrono::TimeDelta::seconds(1)));
        let till = last.into_iter().chain(covered.map(Period::till)).max()?;
        Period::new(from, till).ok()
    }

    /// What is to be done with each leg, given what the place has, and which of it has other values than its hash says.
    pub fn changes(&self, known: &HashMap<i64, i64>, altered: &HashSet<i64>) -> Vec<Change> {
        let legs = self.legs.iter().zip(self.hashes);
        legs.map(|(leg, hash)| match leg.key().and_then(|key| Some((key.id, known.get(&key.id)?))) {
            None => Change::New,
            Some((id, known)) if known == hash && !altered.contains(&id) => Change::None,
            Some(_) => Change::Changed,
        })
        .collect()
    }

    /// Ids that the place has in the windows and the server has not. `known` is what it has within [reach](Self::reach);
    /// where the windows are less than that, what is in them is read: rows that start outside say nothing of them.
    ///
    /// # Errors
    /// Of reading.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn gone_of_reach<E>(
        &self,
        known: &HashMap<i64, i64>,
        read: impl FnOnce(Period) -> Result<HashMap<i64, i64>, E>,
    ) -> Result<Vec<i64>, E> {
        match self.covered() {
            Some(covered) if self.reach() != Some(covered) => read(covered).map(|known| self.gone(&known)),
            Some(_) => Ok(self.gone(known)),
            None => Ok(Vec::new()),
        }
    }

    /// Ids that the place has in the windows, which are these, and the server has not.
    pub fn gone(&self, known: &HashMap<i64, i64>) -> Vec<i64> {
        if self.windows.is_empty() {
            return Vec::new();
        }
        let legs = self.legs.iter().filter_map(Leg::key).map(|key| key.id);
        let here: HashSet<i64> = legs.chain(self.early.iter().map(|(_, id, _)| *id)).collect();
        let mut gone: Vec<i64> = known.keys().copied().filter(|id| !here.contains(id)).collect();
        gone.sort_unstable();
        gone
    }

    /// The windows with what each leg was to the place, those of rows that came early among it.
    pub fn counted(&self, changes: &[Change], early: Counts) -> Vec<Window> {
        let mut windows = self.windows.to_vec();
        for (leg, change) in self.legs.iter().zip(changes) {
            let Some(start) = leg.key().map(|key| key.start) else { continue };
            if let Some(window) = windows.iter_mut().find(|window| window.period.contains(start)) {
                window.inserted += u64::from(*change == Change::New);
                window.changed += u64::from(*change == Change::Changed);
            }
        }
        if let Some(first) = windows.first_mut() {
            first.inserted += early.inserted;
            first.changed += early.changed;
        }
        windows
    }
}

/// The rows with which a database answers a statement, each value as text; `None` is NULL.
pub type Answer = Vec<Vec<Option<String>>>;

/// What a place did with rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// Legs that were written.
    pub counts: Counts,
    /// The windows with what was inserted and changed in each.
    pub windows: Vec<Window>,
    /// Ids that the place has in those windows and the server has not: kept, unless the load was exact.
    pub gone: Vec<i64>,
    /// What changed in the place itself: a column that was added.
    pub told: Vec<String>,
}

/// Legs of which a field changed after they were first received.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a line of a table that others read too")]
pub struct Late {
    /// The field; `new leg` for legs that appeared in a window that had been read before.
    pub field: String,
    /// How old they were at most when the change was seen, in hours: one of [`AGES`].
    pub age: i64,
    /// How many.
    pub legs: u64,
}

/// The bounds by which ages of changes are counted, in hours; what is older has the last.
pub const AGES: [i64; 7] = [1, 6, 24, 72, 168, 720, i64::MAX];

/// Changes by field and age, while they are counted.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[derive(Default)]
pub(crate) struct LateCounts(HashMap<(String, i64), i64>);

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl LateCounts {
    /// One more, of a leg that starts then, seen now.
    pub(crate) fn add(&mut self, field: &str, start: NaiveDateTime, seen: NaiveDateTime) {
        *self.0.entry((field.to_owned(), age(start, seen))).or_default() += 1;
    }

    /// Field, bound of the age, and how many.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, i64, i64)> {
        self.0.iter().map(|((field, age), legs)| (field.as_str(), *age, *legs))
    }
}

/// The bound of [`AGES`] for a change that was seen now.
pub(crate) fn age(start: NaiveDateTime, seen: NaiveDateTime) -> i64 {
    let hours = (seen - start).num_hours();
    AGES.into_iter().find(|bound| hours < *bound).unwrap_or(i64::MAX)
}
