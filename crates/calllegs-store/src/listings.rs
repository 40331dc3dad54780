//! Listings other than legs in a place with a ledger: a table for each, whose rows and windows change in one step.
//!
//! A listing whose rows have a number and a start is kept by windows, as legs are: what is due is read, windows that the
//! server did not give whole stay due. Any other listing without a period is read whole and takes the place of what was
//! there, so what is gone is gone. Not here: how rows
//! are taken ([`ListingWriter`](crate::ListingWriter)), legs ([`windows`](crate::windows)), what is due ([`Ledger`]), the SQL.

use std::collections::{HashMap, HashSet};

use calllegs_arrow::{Leg, schema::Column};
use calllegs_core::{
    Period,
    schema::{FieldInfo, Kind, MethodInfo, Shape},
};
use chrono::{DateTime, Utc};

use crate::{
    change::{Change, Counts},
    error::{Error, ErrorKind},
    ledger::{Ledger, Window},
};

/// A place that keeps other listings beside legs.
pub trait Listings: Send {
    /// The ledger of a listing: its windows, or one line of no time where it is kept whole.
    ///
    /// # Errors
    /// When it cannot be read.
    fn ledger_of(&mut self, method: &'static MethodInfo, account: &str) -> Result<Ledger, Error>;

    /// Makes what it needs for a listing, so that a place that cannot keep it is known before anything is spent.
    ///
    /// # Errors
    /// When it may not, or another program has a table of that name.
    fn prepare(&mut self, method: &'static MethodInfo) -> Result<(), Error>;

    /// Puts rows and lines in one step. Lines take the place of those that they overlap.
    ///
    /// # Errors
    /// When they cannot be written: nothing of it is there then.
    fn put(&mut self, load: &ListingLoad<'_>) -> Result<ListingCounts, Error>;
}

/// Rows of a listing for a place.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ListingLoad<'l> {
    /// The method that lists them.
    pub method: &'static MethodInfo,
    /// Whose rows they are.
    pub account: &'l str,
    /// The rows, with all columns of [`Column::of_listing`](calllegs_arrow::schema::Column::of_listing) that there are.
    pub rows: &'l [Leg],
    /// The hash of each.
    pub hashes: &'l [i64],
    /// The windows that are complete with them.
    pub windows: &'l [Window],
    /// What of the table these rows, and those that came before, are all of.
    pub mirrors: Mirrors<'l>,
    /// Rows of those windows that the server does not have any more are removed.
    pub exact: bool,
    /// The run.
    pub run_id: &'l str,
    /// When they were received.
    pub extracted_at: DateTime<Utc>,
}

impl ListingLoad<'_> {
    /// The time in which rows may be known already; all of it where the listing has no windows.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn reach(&self) -> Option<Period> {
        if matches!(self.mirrors, Mirrors::Everything) {
            return None;
        }
        let starts = || self.rows.iter().filter_map(|row| Some(row.key()?.start));
        let till = starts().max()?.checked_add_signed(chrono::TimeDelta::seconds(1))?;
        Period::new(starts().min()?, till).ok()
    }

    /// What is to be done with each row, given the numbers and hashes that the place has.
    pub(crate) fn changes(&self, known: &HashMap<i64, i64>) -> Vec<Change> {
        let rows = self.rows.iter().zip(self.hashes);
        rows.map(|(row, hash)| match row.key().and_then(|key| known.get(&key.id)) {
            None => Change::New,
            Some(known) if known == hash => Change::None,
            Some(_) => Change::Changed,
        })
        .collect()
    }

    /// Numbers that the place has and the server does not have any more: of all rows, or of those in the windows, which
    /// `within` reads.
    ///
    /// # Errors
    /// Of reading.
    pub(crate) fn gone<E>(
        &self,
        known: &HashMap<i64, i64>,
        mut within: impl FnMut(Period) -> Result<HashMap<i64, i64>, E>,
    ) -> Result<Vec<i64>, E> {
        let mut gone = Vec::new();
        match self.mirrors {
            Mirrors::Nothing => {}
            Mirrors::Everything => {
                let here: HashSet<_> = self.rows.iter().filter_map(|row| Some(row.key()?.id)).collect();
                gone.extend(known.keys().filter(|id| !here.contains(id)));
            }
            Mirrors::Windows(seen) => {
                for window in self.windows {
                    let there = within(window.period)?;
                    gone.extend(there.into_keys().filter(|id| !seen.contains_key(id)));
                }
            }
        }
        gone.sort_unstable();
        Ok(gone)
    }

    /// Whether rows that are gone are removed.
    pub(crate) const fn removes(&self) -> bool {
        self.exact || matches!(self.mirrors, Mirrors::Everything)
    }

    /// The windows with what each row was to the place.
    pub(crate) fn counted(&self, changes: &[Change]) -> Vec<Window> {
        let mut windows = self.windows.to_vec();
        for (row, change) in self.rows.iter().zip(changes) {
            let is_of = |window: &&mut Window| {
                window.period.is_empty() || row.key().is_some_and(|key| window.period.contains(key.start))
            };
            if let Some(window) = windows.iter_mut().find(is_of) {
                window.inserted += u64::from(*change == Change::New);
                window.changed += u64::from(*change == Change::Changed);
            }
        }
        windows
    }

    /// For rows that nothing tells apart, what of the place stays, given how often it has each hash: so many of a hash, at
    /// most. The others go, and rows for which none is left are new.
    pub(crate) fn kept(&self, mut there: HashMap<i64, u64>) -> (HashMap<i64, u64>, Vec<Change>) {
        let mut kept = HashMap::new();
        let changes = self.hashes.iter().map(|hash| match there.get_mut(hash).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                *kept.entry(*hash).or_default() += 1;
                Change::None
            }
            None => Change::New,
        });
        let changes = changes.collect();
        (kept, changes)
    }
}

/// How a listing is kept: in a table, or a folder, of its name.
pub(crate) struct Table {
    pub(crate) method: &'static MethodInfo,
    pub(crate) name: &'static str,
    /// The number that is the key of its rows, beside the account.
    pub(crate) id: Option<&'static str>,
}

impl Table {
    pub(crate) fn of(method: &'static MethodInfo) -> Self {
        let mut identity = method.identity();
        let one = identity.next().filter(|_| identity.next().is_none());
        let is_number = |kind| matches!(kind, Kind::Id | Kind::Number);
        let id = one.filter(|field| is_number(field.kind()) && !field.is_decimal()).map(FieldInfo::name);
        Self { method, name: method.name.strip_prefix("get.").unwrap_or(method.name), id }
    }

    pub(crate) fn columns(&self) -> &'static [Column] {
        Column::of_listing(self.method)
    }
}

/// What of a table a load is all of: what else is there, the server does not have any more.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "each is handled in a way of its own")]
pub enum Mirrors<'l> {
    /// Nothing: more rows come.
    Nothing,
    /// The windows of the load: these are the numbers and hashes of all rows that came.
    Windows(&'l HashMap<i64, i64>),
    /// All of the account.
    Everything,
}

/// What became of rows in a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListingCounts {
    /// Rows that were new.
    pub inserted: u64,
    /// Rows that were otherwise.
    pub changed: u64,
    /// Rows that the server does not have any more: removed where the listing is kept whole, or where that was asked for.
    pub gone: u64,
    /// A text has a character that the place cannot hold: U+FFFD stands there.
    pub has_replaced: bool,
}

impl ListingCounts {
    /// So many.
    pub const fn new(inserted: u64, changed: u64, gone: u64) -> Self {
        Self { inserted, changed, gone, has_replaced: false }
    }

    pub(crate) fn of(changes: &[Change], gone: u64) -> Self {
        let Counts { inserted, changed } = Counts::of(changes);
        Self::new(inserted, changed, gone)
    }

    /// Adds those of more rows.
    pub fn add(&mut self, more: Self) {
        self.inserted += more.inserted;
        self.changed += more.changed;
        self.gone += more.gone;
        self.has_replaced |= more.has_replaced;
    }
}

/// Whether a listing is kept by windows.
///
/// # Errors
/// When it cannot be kept at all: its rows are of a period, and nothing tells which of them are of which time.
pub fn has_windows(method: &MethodInfo) -> Result<bool, Error> {
    let is_placed = matches!(method.shape(), Shape::Hops | Shape::Windows);
    if is_placed || !method.is_over_period() {
        return Ok(is_placed);
    }
    Err(Error::new(ErrorKind::Place, format!("{} is not kept in a database", method.name))
        .because("its rows are of the whole period that was asked for, and nothing places them in it")
        .next(format!(
            "write the period to a file: calllegs get --report {} -o FILE",
            method.name.trim_start_matches("get.")
        )))
}

/// Why a place keeps no other listing.
pub fn takes_legs_alone(address: &str) -> Error {
    Error::new(ErrorKind::Place, format!("{address} keeps legs, and no other report"))
        .because("it has no tables for them")
        .next(
            "add a place that has, with a sync of its own: a SQLite file, PostgreSQL, or a folder of Parquet",
        )
}
