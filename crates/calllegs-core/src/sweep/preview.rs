//! The first rows of a period by as few calls as possible: mostly one.
//!
//! For a look at the data, where a [`Sweep`](crate::sweep::Sweep) would read whole pages. Slices are asked one after the
//! other until there are enough rows or the period ends; what the server counts and does not give is a gap here too. Not
//! here: more rows than a page holds, and the true order of a server that keeps none: its first rows are those that it
//! lists first.
//!
//! ```
//! use calllegs_core::{CallLegs, Period, Query, rpc, sweep::Preview};
//!
//! let day: Period = "2026-03-02..2026-03-03".parse()?;
//! let mut preview = Preview::new(Query::<CallLegs>::new(day), 1)?;
//! let call = preview.next_call().unwrap();
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"metadata":{"total_items":2},"data":[
//!     {"id":7,"start_time":"2026-03-02 10:15:04"},{"id":8,"start_time":"2026-03-02 10:15:09"}]}}"#;
//! preview.absorb(rpc::reply(&call, rpc::RequestId::new(1), reply)?);
//!
//! assert!(preview.next_call().is_none());
//! assert_eq!(preview.rows().len(), 1);
//! assert_eq!(preview.rest().unwrap().counted, 1); // one more in the slice that was asked
//! # Ok::<(), calllegs_core::Error>(())
//! ```

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};

use chrono::NaiveDateTime;

use super::{Gap, PageCall, Placed, Tally, plan::Plan};
use crate::{
    error::Error,
    filter::Refusal,
    pager::{MAX_LIMIT, MAX_OFFSET},
    projection::Projection,
    query::{Page, Query},
    schema::{Brand, Report},
    window::Period,
};

/// Rows that are in the window and not in its slice, for which a page has room.
const SPARE: u32 = 20;

/// Reads the first rows of a period. See the [module](self).
pub struct Preview<R: Report, P: Projection<R>> {
    plan: Plan<R, P>,
    wanted: u32,
    /// The one that is read; `None` at the end.
    slice: Option<Slice>,
    rows: Vec<P::Row>,
    tally: Tally,
}

struct Slice {
    period: Period,
    offset: u32,
    /// Rows that the server counts and that are none of the slice's: starts outside it, and copies.
    surplus: u64,
    unplaced: u64,
    /// Where the rows of the slice stand among all.
    places: BTreeMap<i64, Option<usize>>,
    /// How many there were before it.
    base: usize,
}

/// What lies behind the first rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rest {
    /// Rows that the server counts behind them, in the slices that were asked.
    pub counted: u64,
    /// From here on nothing was asked; `None` when that is the end of the period.
    pub unread: Option<NaiveDateTime>,
}

impl<R: Report, P: Projection<R>> Preview<R, P> {
    /// The first rows of the query's period, 1 to 10,000. Its sort, limit and offset are replaced.
    ///
    /// # Errors
    /// As [`Sweep::new`](crate::sweep::Sweep::new).
    pub fn new(query: Query<R, P>, rows: u32) -> Result<Self, Refusal> {
        let wanted = rows.clamp(1, MAX_LIMIT);
        let plan = Plan::new(query)?;
        let mut preview = Self { plan, wanted, slice: None, rows: Vec::new(), tally: Tally::default() };
        preview.begin();
        Ok(preview)
    }

    /// The next call; `None` when there are enough rows, or no more. Asked again, it is the same call until a page is
    /// [absorbed](Self::absorb).
    pub fn next_call(&self) -> Option<PageCall<R, P>> {
        let slice = self.slice.as_ref()?;
        let missing = self.wanted - u32::try_from(self.rows.len()).unwrap_or(self.wanted).min(self.wanted);
        let limit = (missing + SPARE).min(MAX_LIMIT);
        Some(self.plan.call(None, slice.window(), limit, slice.offset))
    }

    /// Takes the page of the call.
    pub fn absorb(&mut self, page: Page<Placed<P::Row>>) {
        let Some(mut slice) = self.slice.take() else { return };
        self.tally.calls += 1;
        self.tally.observe::<R, _>(&page);
        let received = page.rows.len() + page.unplaced.len();
        slice.unplaced += page.unplaced.len() as u64;
        for Placed { key, row, .. } in page.rows {
            let is_margin = slice.window().encloses(key.start)
                && !(slice.period.contains(key.start) && self.plan.asked.contains(key.start));
            let room = (!is_margin && !self.is_full()).then_some(self.rows.len());
            match slice.places.entry(key.id) {
                Entry::Occupied(mut place) => {
                    self.tally.repeats += 1;
                    match (*place.get(), room) {
                        (None, Some(_)) => _ = place.insert(room),
                        (known, _) => {
                            slice.surplus += 1;
                            // As it was listed last.
                            if let Some(known) = known.and_then(|known| self.rows.get_mut(known)) {
                                *known = row;
                            }
                            continue;
                        }
                    }
                }
                Entry::Vacant(place) => {
                    slice.surplus += u64::from(is_margin);
                    place.insert(room);
                }
            }
            self.rows.extend(room.map(|_| row));
        }
        slice.offset = slice.offset.saturating_add(u32::try_from(received).unwrap_or(u32::MAX));
        let is_listed = page.total.is_none_or(|total| u64::from(slice.offset) >= total);
        let is_stuck = received == 0 || slice.offset > MAX_OFFSET;
        if is_listed || is_stuck || self.is_full() {
            self.end(&slice, page.total);
        } else {
            self.slice = Some(slice);
        }
    }

    /// Takes the error of the call: where the server refuses columns that can do without, they are left out and the call is
    /// to be made again.
    ///
    /// # Errors
    /// The error, where that does not help.
    pub fn absorb_error(&mut self, error: Error, brand: Option<Brand>) -> Result<(), Error> {
        self.plan.leave_out(error, brand, &mut self.tally)
    }

    fn begin(&mut self) {
        let next = if self.is_full() { None } else { self.plan.slices.pop() };
        let base = self.rows.len();
        self.slice = next.map(|period| Slice {
            period,
            offset: 0,
            surplus: 0,
            unplaced: 0,
            places: BTreeMap::new(),
            base,
        });
    }

    fn end(&mut self, slice: &Slice, total: Option<u64>) {
        let rows = (self.rows.len() - slice.base) as u64;
        let counted = total.map(|total| total.saturating_sub(slice.surplus));
        self.tally.windows += 1;
        self.tally.rows += rows;
        self.tally.expected += counted.unwrap_or(rows);
        if slice.unplaced > 0 || (counted != Some(rows) && !self.is_full()) {
            self.tally.gaps.push(Gap {
                period: slice.period,
                expected: counted,
                received: rows,
                unplaced: slice.unplaced,
                outdated: 0,
            });
        }
        self.begin();
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.wanted as usize
    }
}

impl<R: Report, P: Projection<R>> Preview<R, P> {
    /// The rows so far, in the order of the server.
    pub fn rows(&self) -> &[P::Row] {
        &self.rows
    }

    /// The rows.
    pub fn into_rows(self) -> Vec<P::Row> {
        self.rows
    }

    /// What was seen so far. What is expected is what the server counts in the slices that were asked.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What lies behind the rows; `None` when they are all of the period's.
    pub fn rest(&self) -> Option<Rest> {
        let counted = self.tally.expected.saturating_sub(self.tally.rows);
        let unread = self.plan.slices.last().map(|slice| slice.from());
        (counted > 0 || unread.is_some()).then_some(Rest { counted, unread })
    }

    /// The outcome as an error, when a slice lacks rows that the server counts.
    pub fn shortfall(&self) -> Option<Error> {
        self.tally.shortfall()
    }
}

/// Shows no row.
impl<R: Report, P: Projection<R>> fmt::Debug for Preview<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("period", &self.plan.asked)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

impl Slice {
    /// Wider before its beginning only: what lies there comes first and is seen and cut, while what lies beyond the end
    /// would be counted unseen.
    fn window(&self) -> Period {
        Period::raw(self.period.widened().from(), self.period.till())
    }
}
