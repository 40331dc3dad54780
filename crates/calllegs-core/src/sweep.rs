//! A whole period: complete, or loudly not.
//!
//! ```text
//!   period ──> slices of at most 31 days, one after the other
//!                │
//!                v                 the last start seen
//!        ┌──> hop: date_from ──────────────────────────┐     a window of up to 110,000 rows, pages by offset,
//!        │      │ page page page ... (in flight together)    sorted by start_time, call_session_id
//!        │      v                                      │
//!        │    the server counts what it should ────────┘──> next hop, until the slice ends
//!        │      │ no, twice
//!        │      v
//!        └── parts: the slice again in windows that are short enough, without hops
//! ```
//!
//! - **Margins.** Every window is asked one second wider on both sides, because nobody knows whether the server's
//!   bounds are inclusive (API.md Q2); the extra second is left to the neighbour. The slice is at most 31 days long
//!   (API.md question 4: never near the three months), the window those two seconds longer.
//! - **Hops.** The start of the last row becomes the next `date_from`. That rests on one assumption, that the server
//!   selects by the start of the leg, and is checked. It must count as many rows in the new window as the last page
//!   left; rows may appear meanwhile, so only a shortfall counts. And once the new window begins early enough to hold
//!   a witness: a leg whose session began before it. A server that selects by the session does not return it. When
//!   either fails twice, the slice is read in parts.
//! - **Pages** of a hop share rows ([`Reach`]), and are believed when they continue what is known without a gap and hold
//!   what their own total promises. A page that does not is asked again; then the window is read again; then what
//!   is left of it is a [`Hole`] with a name.
//! - **A second with more rows than a hop reaches** is asked alone, in the three ways in which bounds can be meant.
//!   One that holds more than 110,000 rows cannot be read: a hole.
//! - **Complete** means: every row that existed when the first reply of its slice was made, once, in the order of
//!   `start_time, call_session_id`. Rows that appear behind the place that is being read are left to the next run.
//!
//! Memory is bounded by the pages in flight. Pure: [`Sweep::next_call`] says what to ask, [`Sweep::absorb`] takes the
//! answer, in whatever order answers come. After each page [`Sweep::checkpoint`] says where to go on.

mod chain;
mod checkpoint;
mod forecast;
mod page_call;
mod reading;

use std::{collections::BTreeSet, fmt};

use chrono::{NaiveDateTime, TimeDelta};

pub use self::{
    checkpoint::Checkpoint,
    forecast::{Forecast, forecast},
    page_call::{PageCall, Placed},
};
use self::{
    checkpoint::Witness,
    reading::{Expected, Floor, Listing, Out, Slice},
};
use crate::{
    call::Call,
    error::Error,
    filter::Refusal,
    generated::mnemonics::Mnemonic,
    pager::{MAX_LIMIT, Reach},
    projection::{KEY_FIELDS, Projection, RowKey},
    query::{Order, Page, Query, distinct},
    schema::{Brand, FieldInfo, Report},
    window::{LONGEST_SLICE, MARGIN, Period},
};

/// Names one call of a sweep, so that answers find their way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(u64);

/// A period that could not be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hole {
    /// What it covers. Every row that is missing starts in it, or was selected by the server as if it did.
    pub period: Period,
    /// Rows that the server counts in the window that was asked last, a second on both sides included; `None` when it
    /// does not say.
    pub expected: Option<u64>,
    /// Distinct rows of that window that it gave.
    pub received: u64,
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::value::wall_time::format;
        let (from, till) = (format(self.period.from()), format(self.period.till()));
        write!(f, "{from} … {till}: ")?;
        let reach = Reach::DOCUMENTED.rows();
        match self.expected {
            Some(expected) if expected > reach && self.period.bisect().is_none() => {
                write!(f, "the server counts {expected} legs, more than the {reach} that a window can give")
            }
            Some(expected) => write!(f, "the server counts {expected} legs and gave {}", self.received),
            None => write!(f, "the server did not say how many legs there are and gave {}", self.received),
        }
    }
}

/// What a sweep has seen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Distinct rows that the server has in the asked period, as far as it was read: given ones and missing ones.
    pub expected: u64,
    /// Distinct rows given.
    pub rows: u64,
    /// Rows that came again although nobody asked for them again, and were dropped.
    pub duplicates: u64,
    /// Slices and parts that were read to their end.
    pub windows: u64,
    /// Hops, parts and single seconds that were begun.
    pub hops: u64,
    /// Calls that were handed out.
    pub calls: u64,
    /// Pages that were answered.
    pub pages: u64,
    /// Points that those pages cost.
    pub points: u64,
    /// Pages and windows that were asked again, because what they said did not fit together.
    pub rereads: u64,
    /// Rows that start more than a second outside their window: the server selects by something else than the leg's
    /// start. They are given.
    pub strays: u64,
    /// Windows that could not be read whole.
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
pub struct Sweep<R: Report, P: Projection<R>> {
    query: Query<R, P>,
    asked: Period,
    columns: Vec<&'static FieldInfo>,
    sort: Vec<(&'static FieldInfo, Order)>,
    reach: Reach,
    ahead: usize,
    stopped: bool,
    last_call: u64,
    out: Vec<Out>,
    /// Slices that are not begun, the next one last.
    slices: Vec<Period>,
    slice: Option<Slice>,
    listing: Option<Listing<P::Row>>,
    floor: Floor,
    /// Rows of the second after the window before, until this one is seen to return them or not.
    held: Vec<(RowKey, P::Row)>,
    /// Rows of the second after this window.
    left: Vec<(RowKey, P::Row)>,
    /// Rows that were given although they start far from the window that returned them.
    strays: BTreeSet<i64>,
    /// The rows of the window before.
    before: BTreeSet<i64>,
    /// What is behind in the part that is being read; rows far outside a part do not rise it.
    part_floor: Floor,
    /// The server was seen to select by something else than the start: no hops any more.
    by_parts: bool,
    /// The server was seen to select by the start.
    selects_by_start: bool,
    /// A row whose session began more than a second before it.
    witness: Option<RowKey>,
    /// How much earlier a window is asked: nothing once the server has shown that it includes its first second.
    lower: TimeDelta,
    /// Rows that the server was seen to give at once at most.
    page: u32,
    /// How often in a row something did not fit.
    strikes: u8,
    /// The total of the page before.
    counted: Option<u64>,
    tally: Tally,
}

impl<R: Report, P: Projection<R> + Clone> Sweep<R, P> {
    /// A sweep over the query's period. Its sort, limit and offset are the sweep's own business and are replaced.
    ///
    /// # Errors
    /// When the query has no period, or the report no `id` and `start_time` to tell its rows apart by.
    pub fn new(query: Query<R, P>) -> Result<Self, Refusal> {
        let Some(asked) = query.period else {
            let reason = "the query has no period";
            return Err(Refusal::new(Mnemonic::RequiredParameterMissed, "date_from", reason));
        };
        if R::field("id").is_none() || R::field("start_time").is_none() {
            let reason = "rows without `id` and `start_time` cannot be told apart";
            return Err(Refusal::new(Mnemonic::UnexpectedParameters, "fields", reason));
        }
        let keys = KEY_FIELDS.iter().filter_map(|name| R::field(name));
        let columns = distinct(query.projection.columns().into_iter().chain(keys));
        let sort = ["start_time", "call_session_id"].iter().filter_map(|name| R::field(name));
        let sort = sort.map(|field| (field, Order::Ascending)).collect();
        let mut slices: Vec<_> = asked.slices(LONGEST_SLICE).collect();
        slices.reverse();
        Ok(Self {
            query,
            asked,
            columns,
            sort,
            reach: Reach::DOCUMENTED,
            ahead: 1,
            stopped: false,
            last_call: 0,
            out: Vec::new(),
            slices,
            slice: None,
            listing: None,
            floor: Floor::new(asked.from()),
            held: Vec::new(),
            left: Vec::new(),
            strays: BTreeSet::new(),
            before: BTreeSet::new(),
            part_floor: Floor::new(asked.from()),
            by_parts: false,
            selects_by_start: false,
            witness: None,
            lower: MARGIN,
            page: MAX_LIMIT,
            strikes: 0,
            counted: None,
            tally: Tally::default(),
        })
    }

    /// Goes on where another sweep over the same query was stopped. The tally begins anew.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the checkpoint is not one of this period.
    pub fn resume(query: Query<R, P>, checkpoint: Checkpoint) -> Result<Self, Refusal> {
        let mut sweep = Self::new(query)?;
        if !checkpoint.fits(sweep.asked) {
            let reason = "the checkpoint belongs to another period";
            return Err(Refusal::new(Mnemonic::InvalidParameterValue, "date_from", reason));
        }
        let Checkpoint { from, till, parts, at, ids, expected, steady, selects_by_start, witness, strays } =
            checkpoint;
        let rest = Period::raw(till, sweep.asked.till());
        sweep.slices = rest.slices(LONGEST_SLICE).collect();
        sweep.slices.reverse();
        let period = Period::raw(from, till);
        sweep.slice = Some(Slice {
            expected: expected.map(|rows| Expected { start: at, rows, steady }),
            parts: parts.then(|| vec![period]),
            verified: at,
            ..Slice::new(period)
        });
        sweep.floor = Floor { start: at, ids };
        (sweep.strays, sweep.selects_by_start) = (strays, selects_by_start);
        sweep.witness = witness.map(|witness| witness.0);
        Ok(sweep)
    }

    /// How many pages may be asked for together: 1 unless said otherwise. That many are held in memory at most.
    #[must_use]
    pub fn ahead(mut self, pages: usize) -> Self {
        self.ahead = pages.max(1);
        self
    }

    /// For a server with smaller bounds than the documented ones.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        (self.reach, self.page) = (reach, reach.limit());
        self
    }

    /// The next call to make. `None`: wait for an answer that is out, or it is over.
    pub fn next_call(&mut self) -> Option<(CallId, PageCall<R, P>)> {
        if self.stopped || self.out.len() >= self.ahead {
            return None;
        }
        self.begin();
        let listing = self.listing.as_ref()?;
        let held = |offset| {
            listing.arrived.contains_key(&offset) || self.out.iter().any(|out| out.offset == Some(offset))
        };
        let expecting = listing.chain.expecting();
        let offset = if held(expecting) {
            // Pages wait for the one before them: no more of them than may be in flight.
            let room = self.out.len() + listing.arrived.len() < self.ahead && listing.chain.is_begun();
            let furthest = listing.furthest.max(expecting);
            listing.chain.following(furthest).filter(|_| room)?
        } else {
            expecting
        };
        let period = self.window(listing.aim);
        let listing = self.listing.as_mut()?;
        listing.furthest = listing.furthest.max(offset);
        self.last_call += 1;
        self.tally.calls += 1;
        let id = CallId(self.last_call);
        self.out.push(Out { id, offset: Some(offset), columns: self.columns.len() });
        let call = PageCall {
            query: self.query.clone(),
            period,
            columns: self.columns.clone(),
            sort: self.sort.clone(),
            limit: self.reach.limit(),
            offset,
        };
        Some((id, call))
    }

    /// Takes a page and gives the rows that are ready, in order. An answer that nobody waits for gives none.
    pub fn absorb(&mut self, id: CallId, page: Page<Placed<P::Row>>) -> Vec<P::Row> {
        let Page { rows, total, limits, absent, unplaced } = page;
        let rows = rows.into_iter().map(|row| (row.key, row.row)).collect();
        let page = Page { rows, total, limits, absent, unplaced };
        let Some(out) = self.take_out(id) else { return Vec::new() };
        self.tally.pages += 1;
        self.tally.points += u64::from(self.query.cost());
        for column in &page.absent {
            if !self.tally.absent.iter().any(|known| known.name() == column.name()) {
                self.tally.absent.push(column);
            }
        }
        let mut ready = Vec::new();
        if let (Some(offset), Some(listing)) = (out.offset, &mut self.listing) {
            listing.arrived.insert(offset, page);
        }
        while let Some((offset, page)) = self.listing.as_mut().and_then(|listing| {
            let offset = listing.chain.expecting();
            Some((offset, listing.arrived.remove(&offset)?))
        }) {
            self.accept(offset, page, &mut ready);
        }
        self.tally.rows += ready.len() as u64;
        self.tally.expected += ready.len() as u64;
        ready
    }

    /// Takes note that no answer will come to this call: what it asked for will be asked again.
    pub fn forget_call(&mut self, id: CallId) {
        self.take_out(id);
    }

    /// [`forget_call`](Self::forget_call) of every call that is out.
    pub fn forget_calls(&mut self) {
        self.out.clear();
    }

    /// Takes a failure; what the call asked for will be asked again. A column that the server refuses is left out, when
    /// it is announced to disappear or some brand's page lacks it, and `Ok` is returned. Any other error is handed
    /// back.
    ///
    /// # Errors
    /// The error itself, when asking again does not help.
    pub fn absorb_error(&mut self, id: CallId, error: Error, brand: Option<Brand>) -> Result<(), Error> {
        let Some(out) = self.take_out(id) else { return Err(error) };
        let is_refusal =
            error.server().is_some_and(|error| *error.mnemonic() == Mnemonic::UnexpectedParameters);
        if is_refusal && out.columns != self.columns.len() {
            // It was sent before another answer told which columns to leave out.
            return Ok(());
        }
        let refused = self.refused(&error, brand);
        if refused.is_empty() {
            return Err(error);
        }
        self.columns.retain(|column| !refused.contains(column));
        self.tally.dropped.extend(refused);
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

    /// Asks for nothing more. What is out can still be absorbed, and [`checkpoint`](Self::checkpoint) says where to go
    /// on.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// What was seen so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether the whole period was read and every window holds what the server counts.
    pub fn is_complete(&self) -> bool {
        self.is_finished() && self.tally.holes.is_empty()
    }

    /// Whether there is nothing left to ask.
    pub fn is_finished(&self) -> bool {
        self.slices.is_empty() && self.slice.is_none()
    }

    /// How many slices are not read to their end.
    pub fn slices_left(&self) -> usize {
        self.slices.len() + usize::from(self.slice.is_some())
    }

    /// How many rows the server counted in the window that it was asked for last.
    pub fn counted(&self) -> Option<u64> {
        self.counted
    }

    /// Where the rows that were given end in time: everything before it was read.
    pub fn at(&self) -> NaiveDateTime {
        if self.is_finished() { self.asked.till() } else { self.floor.start }
    }

    /// Where to go on if the sweep ends here, when the rows that it has given so far are kept. `None` at the end, in the
    /// middle of a part, and behind a hole: then the last one still holds, with the rows that were given up to it.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        if !self.tally.holes.is_empty() || !self.held.is_empty() || !self.left.is_empty() {
            return None;
        }
        let strays = self.strays.clone();
        let Some(slice) = &self.slice else {
            let next = self.slices.last()?;
            return Some(Checkpoint {
                strays,
                selects_by_start: self.selects_by_start,
                parts: self.by_parts,
                ..Checkpoint::new(*next)
            });
        };
        let at = self.floor.start;
        let from = match slice.parts.as_ref().map(|parts| parts.last()) {
            None => slice.period.from(),
            // Nothing of the part was given.
            Some(part) if self.listing.is_none() && self.part_floor.is_at(part?.from()) => part?.from(),
            Some(_) => return None,
        };
        let expected = self.expectation().filter(|expected| expected.start == at);
        Some(Checkpoint {
            at,
            parts: slice.parts.is_some(),
            ids: self.floor.ids.clone(),
            expected: expected.map(|expected| expected.rows),
            steady: expected.is_some_and(|expected| expected.steady),
            selects_by_start: self.selects_by_start,
            witness: self.witness.map(Witness),
            strays,
            ..Checkpoint::new(Period::raw(from, slice.period.till()))
        })
    }

    /// The outcome as an error, when a window could not be read whole or was not read yet.
    pub fn shortfall(&self) -> Option<Error> {
        if !self.is_finished() {
            return Some(Error::incomplete("the period was not read to its end"));
        }
        let (first, rest) = self.tally.holes.split_first()?;
        let more =
            if rest.is_empty() { String::new() } else { format!(" (and {} more windows)", rest.len()) };
        Some(Error::incomplete(format!("{first}{more}")))
    }

    fn take_out(&mut self, id: CallId) -> Option<Out> {
        let index = self.out.iter().position(|out| out.id == id)?;
        Some(self.out.swap_remove(index))
    }
}

/// Shows no row.
impl<R: Report, P: Projection<R>> fmt::Debug for Sweep<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep")
            .field("query", &self.query)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}
