//! The rows of a reading of a listing into places that keep other listings beside legs: what is complete with them, and when.
//! Not here: what a place does with them ([`listings`](crate::listings)), legs ([`windows`](crate::windows)).

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
    ledger::{Window, WindowStatus},
    listings::{ListingCounts, ListingLoad, Mirrors, takes_legs_alone},
    row_hash::{RowHasher, content_hash},
    windows::Shared,
};

/// Rows that wait for their window; more are put before it is complete.
const WAITING: usize = 50_000;

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
        let content = content_hash(self.hashes.iter().map(|hash| (0, *hash)));
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
