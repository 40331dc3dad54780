//! Listings other than legs in a place with a ledger: a table for each, whose rows and windows change in one step.
//!
//! A listing whose rows have a number and a start is kept by windows, as legs are: what is due is read, windows that the
//! server did not give whole stay due. Any other listing without a period is read whole and takes the place of what was
//! there, so what is gone is gone. Not here: legs ([`windows`](crate::windows)), what is due ([`Ledger`]), the SQL.

use std::collections::HashMap;

use calllegs_arrow::{Leg, batches, schema::Column};
use calllegs_core::{
    Period,
    schema::{MethodInfo, Shape},
    sweep::Gap,
};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::{
    cells::Legs,
    error::{Error, ErrorKind},
    ledger::{Ledger, Window, WindowStatus},
    row_hash::{RowHasher, content_hash},
    windows::Shared,
};

/// Rows that wait for their window; more are put before it is complete.
const WAITING: usize = 50_000;

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
    /// The rows, with all columns of [`Column::of_listing`] that there are.
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

    fn add(&mut self, more: Self) {
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
    match method.shape() {
        Shape::Hops | Shape::Windows => Ok(true),
        _ if !method.is_over_period() => Ok(false),
        _ => Err(Error::new(ErrorKind::Place, format!("{} is not kept in a database", method.name))
            .because("its rows are of the whole period that was asked for, and nothing places them in it")
            .next(format!(
                "write the period to a file: calllegs get --report {} -o FILE",
                method.name.trim_start_matches("get.")
            ))),
    }
}

/// Takes the rows of a reading into some places.
#[derive(Debug)]
pub struct ListingWriter<'w> {
    places: &'w [Shared],
    method: &'static MethodInfo,
    account: &'w str,
    run_id: &'w str,
    extracted_at: DateTime<Utc>,
    exact: bool,
    waiting: Vec<Leg>,
    hashes: Vec<i64>,
    /// Number and hash of each row, and its start.
    seen: HashMap<i64, i64>,
    starts: Vec<(NaiveDateTime, i64)>,
    rows: u64,
    counts: ListingCounts,
}

impl<'w> ListingWriter<'w> {
    /// For a reading of a listing, received at this moment.
    pub fn new(
        places: &'w [Shared],
        method: &'static MethodInfo,
        (account, run_id): (&'w str, &'w str),
        extracted_at: DateTime<Utc>,
    ) -> Self {
        Self {
            places,
            method,
            account,
            run_id,
            extracted_at,
            exact: false,
            waiting: Vec::new(),
            hashes: Vec::new(),
            seen: HashMap::new(),
            starts: Vec::new(),
            rows: 0,
            counts: ListingCounts::default(),
        }
    }

    /// Removes rows that the server does not have any more from windows too.
    #[must_use]
    pub const fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    /// Rows so far.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes the rows of a page. Of a listing with windows many are put before their windows are.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take(&mut self, rows: Vec<Leg>) -> Result<(), Error> {
        let mut hasher = RowHasher::new();
        let table = Column::of_listing(self.method);
        let mut keys = rows.iter().map(Leg::key);
        for batch in batches(&rows).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))? {
            let values = Legs::with(&batch, table);
            for row in 0..batch.num_rows() {
                let hash = hasher.hash_of(table, &values, row);
                self.hashes.push(hash);
                if let Some(Some(key)) = keys.next() {
                    self.seen.insert(key.id, hash);
                    self.starts.push((key.start, key.id));
                }
            }
        }
        self.rows += rows.len() as u64;
        self.waiting.extend(rows);
        let has_windows = matches!(self.method.shape(), Shape::Hops | Shape::Windows);
        if has_windows && self.waiting.len() >= WAITING { self.put(&[], false) } else { Ok(()) }
    }

    /// All rows of a listing without windows are there.
    ///
    /// # Errors
    /// When they cannot be written: the place has what it had.
    pub fn replace(mut self, points: u64) -> Result<ListingCounts, Error> {
        let hashes = self.hashes.iter().copied().enumerate();
        let content = content_hash(hashes.map(|(_, hash)| (0, hash)));
        let window = self.window(Period::NONE, WindowStatus::Final, self.rows, content, points);
        self.put(&[window], true)?;
        Ok(self.counts)
    }

    /// The reading of a period ended; it is over up to `now`. Its days become windows, but for those with a gap; they are
    /// final where they ended before `settled`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn end(
        mut self,
        period: Period,
        gaps: &[Gap],
        settled: NaiveDateTime,
        points: u64,
    ) -> Result<ListingCounts, Error> {
        let mut windows = Vec::new();
        let mut points = points;
        for day in days(period) {
            let misses = |gap: &Gap| gap.period.from() < day.till() && day.from() < gap.period.till();
            if gaps.iter().any(misses) {
                continue;
            }
            let of_day = self.starts.iter().filter(|(start, _)| day.contains(*start));
            let of_day: Vec<_> =
                of_day.map(|(_, id)| (*id, self.seen.get(id).copied().unwrap_or_default())).collect();
            let status = if day.till() <= settled { WindowStatus::Final } else { WindowStatus::Open };
            let rows = of_day.len() as u64;
            windows.push(self.window(day, status, rows, content_hash(of_day), std::mem::take(&mut points)));
        }
        self.put(&windows, true)?;
        Ok(self.counts)
    }

    fn window(
        &self,
        period: Period,
        status: WindowStatus,
        rows: u64,
        content_hash: String,
        points: u64,
    ) -> Window {
        Window {
            period,
            status,
            total_items: rows,
            legs: rows,
            inserted: 0,
            changed: 0,
            content_hash,
            points: u32::try_from(points).unwrap_or(u32::MAX),
            run_id: self.run_id.to_owned(),
            fetched_at: self.extracted_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn put(&mut self, windows: &[Window], is_all: bool) -> Result<(), Error> {
        let has_windows = matches!(self.method.shape(), Shape::Hops | Shape::Windows);
        let load = ListingLoad {
            method: self.method,
            account: self.account,
            rows: &self.waiting,
            hashes: &self.hashes,
            windows,
            mirrors: match (is_all, has_windows) {
                (false, _) => Mirrors::Nothing,
                (true, true) => Mirrors::Windows(&self.seen),
                (true, false) => Mirrors::Everything,
            },
            exact: self.exact,
            run_id: self.run_id,
            extracted_at: self.extracted_at,
        };
        for (index, place) in self.places.iter().enumerate() {
            let mut place = place.lock();
            let address = place.address().to_owned();
            let listings = place.listings().ok_or_else(|| takes_legs_alone(&address))?;
            let counts = listings.put(&load)?;
            // What was new is told of the first place.
            if index == 0 {
                self.counts.add(counts);
            }
        }
        self.waiting.clear();
        self.hashes.clear();
        Ok(())
    }
}

/// Why a place keeps no other listing.
pub fn takes_legs_alone(address: &str) -> Error {
    Error::new(ErrorKind::Place, format!("{address} keeps legs, and no other report yet"))
        .because("tables of other reports are made in SQLite files alone")
        .next("add a place for them, for example --to reports.db, with a sync of its own")
}

/// A period cut at its midnights.
fn days(period: Period) -> Vec<Period> {
    let mut days = Vec::new();
    let mut from = period.from();
    while from < period.till() {
        let midnight = from.date().and_time(NaiveTime::MIN) + TimeDelta::days(1);
        let till = midnight.min(period.till());
        days.extend(Period::new(from, till));
        from = till;
    }
    days
}
