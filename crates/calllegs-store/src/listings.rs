//! Listings other than legs in a place with a ledger: a table for each, whose rows and windows change in one step.
//!
//! A listing whose rows have a number and a start is kept by windows, as legs are: what is due is read, windows that the
//! server did not give whole stay due. Any other listing without a period is read whole and takes the place of what was
//! there, so what is gone is gone. Not here: how rows
//! are taken ([`ListingWriter`](crate::ListingWriter)), legs ([`windows`](crate::windows)), what is due ([`Ledger`]), the SQL.

use std::collections::HashMap;

use calllegs_arrow::Leg;
use calllegs_core::schema::{MethodInfo, Shape};
use chrono::{DateTime, Utc};

use crate::{
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
}

impl ListingCounts {
    /// So many.
    pub const fn new(inserted: u64, changed: u64, gone: u64) -> Self {
        Self { inserted, changed, gone }
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.inserted += more.inserted;
        self.changed += more.changed;
        self.gone += more.gone;
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
    Error::new(ErrorKind::Place, format!("{address} keeps legs, and no other report yet"))
        .because("tables of other reports are made in SQLite files alone")
        .next("add a place for them, for example --to reports.db, with a sync of its own")
}
