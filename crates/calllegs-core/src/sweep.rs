//! A whole period: complete, or loudly not.
//!
//! The period is cut into slices of at most 31 days. Each is asked one second wider on both sides, because nobody
//! knows whether the server's bounds are inclusive (API.md Q2); the extra second is left to the neighbour. Pages of a
//! slice come in the order `start_time, call_session_id`; ids are compared, so a row that two pages hold is given
//! once; at its end the distinct ids are compared with `total_items`. What differs is a [`Hole`] with a name.
//!
//! A slice of more rows than offsets reach (110,000) is cut into shorter ones; a single second of so many is a hole.
//!
//! Pure: [`Sweep::next_call`] says what to ask, [`Sweep::absorb`] takes the answer. One call is out at a time.

use std::{collections::BTreeSet, fmt};

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::value::RawValue;

use crate::{
    call::{Call, Params},
    error::Error,
    filter::Refusal,
    generated::mnemonics::Mnemonic,
    pager::{Cursor, MAX_LIMIT, Progress},
    projection::{Projection, RowKey},
    query::{Ask, Order, Page, Query, distinct},
    rpc::Metadata,
    schema::{Brand, FieldInfo, Report},
    window::{LONGEST_SLICE, Period},
};

/// Names one call of a sweep, so that answers find their way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(u64);

/// A period that could not be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hole {
    /// The slice.
    pub period: Period,
    /// Rows that the server counts in it, a second on both sides included; `None` when it does not say.
    pub expected: Option<u64>,
    /// Distinct rows that it gave.
    pub received: u64,
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::value::wall_time::format;
        let (from, till) = (format(self.period.from()), format(self.period.till()));
        write!(f, "{from} … {till}: ")?;
        match self.expected {
            Some(expected) if expected > REACHABLE => {
                write!(
                    f,
                    "the server counts {expected} legs, more than the {REACHABLE} that a window can give"
                )
            }
            Some(expected) => write!(f, "the server counts {expected} legs and gave {}", self.received),
            None => write!(f, "the server did not say how many legs there are and gave {}", self.received),
        }
    }
}

/// Rows of one window that offsets reach (API.md 5.1).
const REACHABLE: u64 = 110_000;

/// Rows that a part of a window which is cut is to hold.
const COMFORTABLE: u64 = 80_000;

/// What a sweep has seen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Distinct rows that the server counts in the asked period, margins subtracted; of the slices read so far.
    pub expected: u64,
    /// Distinct rows given.
    pub rows: u64,
    /// Rows that came again and were dropped.
    pub duplicates: u64,
    /// Slices that were read to their end.
    pub windows: u64,
    /// Pages that were read.
    pub pages: u64,
    /// Rows that start more than a second outside their window: the server selects by something else than the leg's
    /// start. They are given.
    pub strays: u64,
    /// Slices that could not be read whole.
    pub holes: Vec<Hole>,
    /// Columns that the server refused and that were left out.
    pub dropped: Vec<&'static FieldInfo>,
    /// Columns that were asked for and that some page lacked altogether.
    pub absent: Vec<&'static FieldInfo>,
}

/// Reads a whole period. See the [module](self).
///
/// ```
/// use calllegs_core::{CallLegs, Period, Query, rpc, sweep::Sweep, value::wall_time};
///
/// let time = |text| wall_time::parse(text).unwrap();
/// let day = Period::new(time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00"))?;
/// let mut sweep = Sweep::new(Query::<CallLegs>::new(day).select((CallLegs::ID,)))?;
///
/// let (id, call) = sweep.next_call().unwrap();
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"metadata":{"total_items":1},
///     "data":[{"id":7,"start_time":"2026-03-02 10:15:04","call_session_id":3}]}}"#;
/// let page = rpc::reply(&call, rpc::RequestId::new(1), reply)?;
/// assert_eq!(sweep.absorb(id, page).len(), 1);
/// assert!(sweep.next_call().is_none());
/// assert!(sweep.is_complete());
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Sweep<R: Report, P: Projection<R>> {
    query: Query<R, P>,
    columns: Vec<&'static FieldInfo>,
    sort: Vec<(&'static FieldInfo, Order)>,
    slices: Vec<Period>,
    cuts: Vec<Cut>,
    slice: Option<Slice>,
    in_flight: Option<CallId>,
    last_call: u64,
    /// Rows that start far from the window that returned them, given already.
    strays: BTreeSet<i64>,
    /// The rows of the slice before: a server that selects by session may return them again.
    before: BTreeSet<i64>,
    /// Rows that were left to the neighbour, by id, until it returns them.
    left: BTreeSet<i64>,
    tally: Tally,
}

/// The slice that is being read.
#[derive(Debug)]
struct Slice {
    period: Period,
    cursor: Cursor,
    seen: BTreeSet<i64>,
    outside: u64,
    /// The highest total of its pages: rows that went away between two pages leave a gap that nobody sees.
    total: Option<u64>,
}

/// A slice that was cut: how many of its rows the parts may still hold.
#[derive(Debug)]
struct Cut {
    till: NaiveDateTime,
    left: u64,
}

impl<R: Report, P: Projection<R> + Clone> Sweep<R, P> {
    /// A sweep over the query's period. Its sort, limit and offset are the sweep's own business and are replaced.
    ///
    /// # Errors
    /// When the query has no period, or the report no `id` and `start_time` to tell its rows apart by.
    pub fn new(query: Query<R, P>) -> Result<Self, Refusal> {
        let Some(period) = query.period else {
            return Err(Refusal::new(
                Mnemonic::RequiredParameterMissed,
                "date_from",
                "the query has no period",
            ));
        };
        let (Some(id), Some(start)) = (R::field("id"), R::field("start_time")) else {
            let reason = "rows without `id` and `start_time` cannot be told apart";
            return Err(Refusal::new(Mnemonic::UnexpectedParameters, "fields", reason));
        };
        let columns = distinct(query.projection.columns().into_iter().chain([id, start]));
        let sort = ["start_time", "call_session_id"].iter().filter_map(|name| R::field(name));
        let sort = sort.map(|field| (field, Order::Ascending)).collect();
        let mut slices: Vec<_> = period.slices(LONGEST_SLICE).collect();
        slices.reverse();
        Ok(Self {
            query,
            columns,
            sort,
            slices,
            cuts: Vec::new(),
            slice: None,
            in_flight: None,
            last_call: 0,
            strays: BTreeSet::new(),
            before: BTreeSet::new(),
            left: BTreeSet::new(),
            tally: Tally::default(),
        })
    }

    /// The next call to make; `None` while one is out, and at the end.
    pub fn next_call(&mut self) -> Option<(CallId, PageCall<R, P>)> {
        if self.in_flight.is_some() {
            return None;
        }
        if self.slice.is_none() {
            let period = self.slices.pop()?;
            let (cursor, seen) = (Cursor::new(MAX_LIMIT), BTreeSet::new());
            self.slice = Some(Slice { period, cursor, seen, outside: 0, total: None });
        }
        let slice = self.slice.as_ref()?;
        self.last_call += 1;
        let id = CallId(self.last_call);
        self.in_flight = Some(id);
        let call = PageCall {
            query: self.query.clone(),
            period: slice.period.widened(),
            columns: self.columns.clone(),
            sort: self.sort.clone(),
            cursor: slice.cursor,
        };
        Some((id, call))
    }

    /// Takes a page and gives the rows that are ready, in order. An answer that nobody waits for gives none.
    pub fn absorb(&mut self, id: CallId, page: Page<(RowKey, P::Row)>) -> Vec<P::Row> {
        if self.in_flight != Some(id) {
            return Vec::new();
        }
        self.in_flight = None;
        let Some(mut slice) = self.slice.take() else { return Vec::new() };
        self.tally.pages += 1;
        for column in page.absent {
            if !self.tally.absent.iter().any(|known| known.name() == column.name()) {
                self.tally.absent.push(column);
            }
        }
        let progress = slice.cursor.advance(u32::try_from(page.rows.len()).unwrap_or(u32::MAX), page.total);
        if let (Progress::Ceiling { total }, 0) = (progress, slice.cursor.offset())
            && self.cut(slice.period, total)
        {
            return Vec::new();
        }
        let mut ready = Vec::with_capacity(page.rows.len());
        for (key, row) in page.rows {
            if !slice.seen.insert(key.id) {
                self.tally.duplicates += 1;
            } else if slice.period.contains(key.start) {
                self.left.remove(&key.id);
                if self.strays.contains(&key.id) {
                    self.tally.duplicates += 1;
                } else {
                    ready.push(row);
                }
            } else if slice.period.widened().encloses(key.start) {
                slice.outside += 1;
                let asked = self.query.period.is_some_and(|period| period.contains(key.start));
                if asked && !self.before.contains(&key.id) {
                    self.left.insert(key.id);
                }
            } else if !self.before.contains(&key.id) && self.strays.insert(key.id) {
                self.tally.strays += 1;
                ready.push(row);
            } else {
                self.tally.duplicates += 1;
            }
        }
        self.tally.rows += ready.len() as u64;
        slice.total = if page.total.is_none() { None } else { slice.total.max(page.total) };
        match progress {
            Progress::More(cursor) => self.slice = Some(Slice { cursor, ..slice }),
            Progress::Done | Progress::Shortfall { .. } | Progress::Ceiling { .. } => self.close(slice),
        }
        ready
    }

    /// Forgets the call that is out, because its answer will not come: the next call asks the same again.
    pub fn forget_call(&mut self) {
        self.in_flight = None;
    }

    /// Takes a failure. A column that the server refuses is left out, when it is announced to disappear or some
    /// brand's page lacks it; the call is then made again and `Ok` is returned. Any other error is handed back.
    ///
    /// # Errors
    /// The error itself, when the sweep cannot go on.
    pub fn absorb_error(&mut self, id: CallId, error: Error, brand: Option<Brand>) -> Result<(), Error> {
        if self.in_flight != Some(id) {
            return Err(error);
        }
        let refused = self.refused(&error, brand);
        if refused.is_empty() {
            return Err(error);
        }
        self.columns.retain(|column| !refused.contains(column));
        self.tally.dropped.extend(refused);
        self.in_flight = None;
        Ok(())
    }

    /// The columns to leave out after this error: the one that it names, or else all that may be meant.
    fn refused(&self, error: &Error, brand: Option<Brand>) -> Vec<&'static FieldInfo> {
        let Some(server) = error.server().filter(|error| *error.mnemonic() == Mnemonic::UnexpectedParameters)
        else {
            return Vec::new();
        };
        let brands = brand.as_ref().map_or(Brand::ALL, std::slice::from_ref);
        let doubtful = |column: &FieldInfo| {
            column.is_deprecated() || brands.iter().any(|brand| !column.is_documented(*brand))
        };
        let named = server.field().map(|field| field.strip_prefix("fields.").unwrap_or(field));
        let meant = |column: &FieldInfo| named.is_none_or(|name| name == "fields" || name == column.name());
        self.columns.iter().copied().filter(|column| doubtful(column) && meant(column)).collect()
    }

    /// What was seen so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether the whole period was read and every slice holds what the server counts.
    pub fn is_complete(&self) -> bool {
        self.is_finished() && self.tally.holes.is_empty()
    }

    /// Whether there is nothing left to ask.
    pub fn is_finished(&self) -> bool {
        self.slices.is_empty() && self.slice.is_none()
    }

    /// How many slices are neither read nor begun.
    pub fn slices_left(&self) -> usize {
        self.slices.len()
    }

    /// The outcome as an error, when a slice could not be read whole or was not read yet.
    pub fn shortfall(&self) -> Option<Error> {
        if !self.is_finished() {
            return Some(Error::incomplete("the period was not read to its end"));
        }
        let (first, rest) = self.tally.holes.split_first()?;
        let more =
            if rest.is_empty() { String::new() } else { format!(" (and {} more windows)", rest.len()) };
        Some(Error::incomplete(format!("{first}{more}")))
    }

    /// Puts shorter slices in the place of one that holds too many rows. A single second has no shorter ones, and a
    /// server that counts more rows in the parts than in the whole is not believed: it would be asked without end.
    fn cut(&mut self, period: Period, total: u64) -> bool {
        let seconds = (period.till() - period.from()).num_seconds();
        self.cuts.retain(|cut| cut.till > period.from());
        // Parts overlap by their margins, and rows may appear meanwhile.
        let believed = self.cuts.iter().all(|cut| total <= cut.left + cut.left / 10 + u64::from(MAX_LIMIT));
        if seconds < 2 || !believed {
            return false;
        }
        // Calls come in bursts: room is left in each part, and a part that is still too full is cut again.
        let parts = i64::try_from(total / COMFORTABLE + 1).unwrap_or(i64::MAX).max(2);
        // Rounded down, so that each part is shorter than the whole; `slices` takes a second at least.
        let parts: Vec<_> = period.slices(TimeDelta::seconds(seconds / parts)).collect();
        self.slices.extend(parts.into_iter().rev());
        self.cuts.push(Cut { till: period.till(), left: total });
        true
    }

    /// A slice has ended: what the server counts must be what it gave.
    fn close(&mut self, slice: Slice) {
        let total = slice.total;
        let received = slice.seen.len() as u64;
        self.tally.windows += 1;
        for cut in &mut self.cuts {
            cut.left = cut.left.saturating_sub(total.unwrap_or_default());
        }
        self.tally.expected += total.unwrap_or(received).saturating_sub(slice.outside);
        if total != Some(received) {
            self.tally.holes.push(Hole { period: slice.period, expected: total, received });
        }
        self.before = slice.seen;
        if let (true, Some(period)) = (self.is_finished() && !self.left.is_empty(), self.query.period) {
            // The neighbours of these rows did not return them: the server selects by something else than the start.
            let (expected, received) = (self.tally.rows + self.left.len() as u64, self.tally.rows);
            self.tally.expected = self.tally.expected.max(expected);
            self.tally.holes.push(Hole { period, expected: Some(expected), received });
        }
    }
}

/// One page of a sweep. Its rows carry their keys.
pub struct PageCall<R: Report, P: Projection<R>> {
    query: Query<R, P>,
    period: Period,
    columns: Vec<&'static FieldInfo>,
    sort: Vec<(&'static FieldInfo, Order)>,
    cursor: Cursor,
}

impl<R: Report, P: Projection<R>> fmt::Debug for PageCall<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageCall({:?}, {:?})", self.period, self.cursor)
    }
}

impl<R: Report, P: Projection<R>> Call for PageCall<R, P> {
    type Reply = Page<(RowKey, P::Row)>;

    fn method(&self) -> &str {
        self.query.method()
    }

    fn encode(&self, params: &mut Params) -> Result<(), Error> {
        let ask = Ask {
            period: Some(self.period),
            columns: &self.columns,
            sort: &self.sort,
            limit: Some(self.cursor.limit()),
            offset: self.cursor.offset(),
        };
        self.query.encode_as(&ask, params)
    }

    fn decode(&self, data: &RawValue, metadata: &Metadata) -> Result<Self::Reply, Error> {
        self.query.decode_as(&self.columns, data, metadata, |row, key| Some((key?, row)))
    }

    fn cost(&self) -> u32 {
        self.query.cost()
    }

    fn takes_user_id(&self) -> bool {
        self.query.takes_user_id()
    }
}
