//! A whole listing: complete, or loudly not.
//!
//! # Shapes
//!
//! How a listing can be read follows from its tables ([`Shape`]): whether it is over a period, what tells its rows apart
//! ([`MethodInfo::identity`]) and what places them in the period ([`MethodInfo::order`]). Complete is, of each shape:
//!
//! | shape | how it is read | it is complete when |
//! |---|---|---|
//! | [`Hops`](Shape::Hops) | as drawn below: legs, and all that is like them | the distinct identities of each window are as many as its total, and windows count what the one before left |
//! | [`Windows`](Shape::Windows) | as the parts below, from the beginning | the distinct identities of each window are as many as its total, and together as many as the slice's |
//! | [`Offset`](Shape::Offset) | one page if it holds all; else pages that share rows, sorted by the identity; else ranges of the identity that a page holds each; else all pages until two readings agree | the distinct identities are as many as the total; ranges together are as many as the total without a range |
//! | [`Single`](Shape::Single) | one answer | it has as many rows as it counts, if it counts them |
//!
//! Of a listing without an identity rows are counted: what comes is as many rows as each page's total says, all of one
//! page, or the same in two readings, one after the other. That its order is the same at each request is assumed there, and
//! that a row which went away does not come back; nothing else is. A period that is read by offset is not cut, because its
//! rows may be sums over it: three months at most, its bounds sent as they are, and more than 110,000 rows are a gap, as is
//! everything that does not come out. The rows of such a listing are given at its end, and a stop begins it anew.
//!
//! # Periods in hops
//!
//! ```text
//!   period ──> slices of at most 31 days, one after the other
//!                │
//!                v                 the last start seen
//!        ┌──> hop: date_from ──────────────────────────┐     a window of up to 110,000 rows, pages by offset,
//!        │      │ page page page ... (in flight together)    sorted by start_time, call_session_id
//!        │      v                                      │
//!        │    it counts what the window before left ───┘──> next hop, until the slice ends
//!        │      │ no, or a row is out of order
//!        │      v
//!        └── parts: what is not verified again, in windows that are short enough, without hops
//! ```
//!
//! # The law
//!
//! A window is whole when the distinct ids that its pages listed are as many as the server's last total. Each of these
//! ids was given in this run, or was given before and is known by its id ([`Checkpoint::with_given`]), or starts outside
//! the asked period. A row is never dropped because of where it starts or where it stands. What does not come out is a
//! [`Gap`] with a name.
//!
//! Between windows counts decide too: a hop must count exactly what the window before left, and parts together what the
//! window counts that they are cut from. Where that does not come out, because rows appeared meanwhile, or proves nothing,
//! because a leg stood in the place of another one, the slice is counted as a whole at its end, by one call.
//!
//! # What is assumed of the server
//!
//! | assumption | if it does not hold |
//! |---|---|
//! | **order**: rows come by `start_time` | one row out of order is enough: no hops; a window is read by offset to its end, its rows wait for it and are sorted; one that is too full is cut |
//! | **stable pages**: the order is the same at each request | pages share rows, so a shift is seen; without an order only counts tell, and a window that does not come out is cut until one page holds it |
//! | **bounds**: nobody knows which ends are included (docs/api.md Q2) | not assumed: a window is asked one second wider on both sides, rows are told apart by id |
//! | **clock**: a time of the wall clock is one moment | not assumed between windows: rows are given by whichever window lists them. The outer bounds leave out hours that the clock shows twice or never, if [`Query::around`] names them; without it a period that begins or ends in one has the rows that the server means |
//! | **totals** are true | they must agree with what pages hold, also when asked again; a total that is never said makes a gap |
//! | **totals** may grow | rows that appear are read too, or the window is read again; a window that grows faster than it can be read is a gap. Pages in flight are answered in any order: of their totals the largest is the last word |
//! | **ids** are unique | a leg that is listed twice is given as it is listed last; a call with its id proves that both are one; a copy that comes when the leg was given, and differs, makes a gap, also behind a stop if the program says what it has |
//! | **selection** by the start of the leg (docs/api.md question 3) | the hop counts too little, or rows lie outside the window: then a period has the sessions that start in it, whole: those whose first listed leg does, and those that only its windows list. [`Tally::by_session`] says so |
//! | **rows** have an id and a start | one that has none is counted and makes a gap; the others are given |
//!
//! # How
//!
//! - **Slices** are at most 31 days long (docs/api.md question 4: never near the three months).
//! - **Pages** of a hop share rows ([`Reach`]), and are believed when they continue what is known without a gap and hold
//!   what their own total promises. A page that does not is asked again; then the window is read again; then what
//!   is left of it is a gap.
//! - **A second with more rows than a hop reaches** is asked alone, in the three ways in which bounds can be meant.
//!   One that holds more than 110,000 rows cannot be read: a gap.
//! - **Rows** come in the order of `start_time, call_session_id`, unless [`Tally::disordered`] or [`Tally::by_session`]
//!   says otherwise: then they do inside a window. A row that appears late comes when it is seen.
//!
//! Memory is bounded by the pages in flight, without an order by one window, and two bytes for each id that is not
//! verified. Pure: [`Sweep::next_call`] says what to ask, [`Sweep::absorb`] takes the answer, in whatever order answers
//! come, [`Sweep::next_row`] gives the rows, and [`Sweep::checkpoint`] says where to go on behind the row given last.
//!
//! [`MethodInfo::identity`]: crate::schema::MethodInfo::identity
//! [`MethodInfo::order`]: crate::schema::MethodInfo::order

mod checkpoint;
mod copies;
mod coverage;
mod forecast;
mod gap;
mod handed;
mod ids;
mod in_flight;
mod listing;
mod offset;
mod page_call;
mod placing;
mod plan;
mod preview;
mod questions;
mod reading;
mod slice;

use std::fmt;

use chrono::NaiveDateTime;

pub use self::{
    checkpoint::Checkpoint,
    forecast::{Forecast, forecast, forecast_of},
    gap::{Gap, IdRange},
    page_call::{PageCall, Placed},
    preview::{Preview, Rest},
};
use self::{
    handed::Handed,
    in_flight::{Calls, InFlight, Wanted},
    listing::WindowListing,
    offset::OffsetListing,
    placing::Carry,
    plan::Plan,
    questions::Question,
    reading::{Attempts, ServerTraits},
    slice::Slice,
};
use crate::{
    error::Error,
    filter::Refusal,
    generated::mnemonics::Mnemonic,
    pager::Reach,
    projection::Projection,
    query::{Page, Query},
    schema::{Brand, FieldInfo, Shape},
};

/// Names one call of a sweep, so that answers find their way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u64);

/// What a sweep has given so far, and what it has seen on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Distinct rows that the server has in the asked period, as far as it was read: given ones and missing ones.
    pub expected: u64,
    /// Distinct rows given: those that left the sweep.
    pub rows: u64,
    /// Legs that the server listed more than once, as it confirmed when it was asked for them by id. They are given as
    /// they were listed last.
    pub repeats: u64,
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
    /// Rows that are given although they start more than a second outside the window that listed them.
    pub out_of_window: u64,
    /// The server selects by the start of sessions. The period then has the sessions that start in it, whole.
    pub by_session: bool,
    /// The server does not keep to the order that was asked for, or rows came late: those that were given are not in the
    /// order of their starts.
    pub disordered: bool,
    /// Values in replies that were not JSON and were repaired; of a page that was asked again, again.
    pub repaired: u64,
    /// What was given up to the checkpoint does not fit what the server lists now: only a new sweep can be complete.
    pub outdated: bool,
    /// Windows that could not be read whole.
    pub gaps: Vec<Gap>,
    /// Columns that the server refused and that were left out.
    pub dropped: Vec<&'static FieldInfo>,
    /// Columns that were asked for and that some page lacked altogether.
    pub absent: Vec<&'static FieldInfo>,
}

impl Tally {
    fn observe<T>(&mut self, page: &Page<T>, cost: u32) {
        self.repaired += page.repaired;
        self.pages += 1;
        self.points += u64::from(cost);
        for column in &page.absent {
            if !self.absent.iter().any(|known| known.name() == column.name()) {
                self.absent.push(column);
            }
        }
    }

    /// What could not be read whole, as an error.
    fn shortfall(&self) -> Option<Error> {
        let (first, rest) = self.gaps.split_first()?;
        let more =
            if rest.is_empty() { String::new() } else { format!(" (and {} more windows)", rest.len()) };
        Some(Error::incomplete(format!("{first}{more}")))
    }
}

/// Of the columns that were asked for those to leave out after this error: the one that it names, or else all that may be
/// meant. Only columns that are announced to disappear, or that some brand's page lacks: without another the server would
/// refuse the query again.
pub fn refused_columns(
    columns: &[&'static FieldInfo],
    error: &Error,
    brand: Option<Brand>,
) -> Vec<&'static FieldInfo> {
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
    columns.iter().copied().filter(|column| doubtful(column) && meant(column)).collect()
}

/// Reads a whole listing. See the [module](self).
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
/// sweep.absorb(id, page);
/// assert_eq!(sweep.take_rows().len(), 1);
/// assert!(sweep.next_call().is_none());
/// assert!(sweep.is_complete());
/// # Ok::<(), calllegs_core::Error>(())
/// ```
pub struct Sweep<R, P: Projection<R>> {
    plan: Plan<R, P>,
    calls: Calls,
    traits: ServerTraits,
    slice: Option<Slice>,
    listing: Option<WindowListing<P::Row>>,
    question: Option<Question>,
    /// Rows on their way to the caller.
    handed: Handed<P::Row>,
    carry: Carry<P::Row>,
    /// A listing that is read by offset, without windows.
    offset: Option<OffsetListing<P::Row>>,
    attempts: Attempts,
    /// The total of the page before.
    counted: Option<u64>,
    /// Rows that are missing in gaps.
    missing: u64,
    tally: Tally,
}

impl<R, P: Projection<R>> Sweep<R, P> {
    /// A sweep over the query's period. Its sort, limit and offset are the sweep's own business and are replaced.
    ///
    /// # Errors
    /// When the query lacks a period or another parameter that the method requires.
    pub fn new(query: Query<R, P>) -> Result<Self, Refusal> {
        Ok(Self::of(Plan::new(query)?))
    }

    fn of(plan: Plan<R, P>) -> Self {
        Self {
            calls: Calls::default(),
            traits: ServerTraits { disordered: plan.shape == Shape::Windows, ..ServerTraits::new() },
            slice: None,
            listing: None,
            question: None,
            handed: Handed::new(plan.reading.from()),
            carry: Carry::new(),
            offset: OffsetListing::of(plan.selection.method),
            attempts: Attempts::default(),
            counted: None,
            missing: 0,
            tally: Tally::default(),
            plan,
        }
    }

    /// A sweep over the same query with full pages. What this one has spent, and columns that it leaves out, it knows.
    fn anew(&self) -> Self {
        let Tally { calls, pages, points, dropped, .. } = &self.tally;
        let (calls, pages, points, dropped) = (*calls, *pages, *points, dropped.clone());
        let tally = Tally { calls, pages, points, dropped, ..Tally::default() };
        Self { tally, ..Self::of(self.plan.anew()) }
    }

    /// Whether the call asked for the first page of a window.
    fn asked_a_window(&self, id: CallId) -> bool {
        let asked = self.calls.in_flight.iter().find(|call| call.id == id);
        asked.is_some_and(|call| call.wanted == Wanted::Page(0))
    }

    /// How many pages may be asked for together: 1 unless said otherwise. That many are held in memory at most.
    #[must_use]
    pub fn ahead(mut self, pages: usize) -> Self {
        self.plan.ahead = pages.max(1);
        self
    }

    /// For a server with smaller bounds than the documented ones.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        (self.plan.reach, self.traits.page) = (reach, reach.limit());
        self
    }

    /// The next call to make. `None`: wait for an answer that is out, take the rows that are ready, or it is over.
    pub fn next_call(&mut self) -> Option<(CallId, PageCall<R, P>)> {
        if self.calls.stopped || self.calls.in_flight.len() >= self.plan.ahead {
            return None;
        }
        self.begin();
        let (wanted, call) = match &self.question {
            _ if self.offset.is_some() => self.ask_by_offset()?,
            Some(question) => (Wanted::Answer, self.asks(question)?),
            None => self.next_page()?,
        };
        self.calls.last += 1;
        self.tally.calls += 1;
        let id = CallId(self.calls.last);
        self.calls.in_flight.push(InFlight { id, wanted, columns: self.plan.columns.len() });
        Some((id, call))
    }

    /// The next page of the window that is being read.
    fn next_page(&mut self) -> Option<(Wanted, PageCall<R, P>)> {
        let listing = self.listing.as_ref()?;
        let held = |offset| listing.arrived.contains_key(&offset) || self.calls.awaits(Wanted::Page(offset));
        let expecting = listing.coverage.expecting();
        let offset = if held(expecting) {
            // Pages wait for the one before them: no more of them than may be in flight.
            let room = self.calls.in_flight.len() + listing.arrived.len() < self.plan.ahead
                && listing.coverage.is_begun();
            let furthest = listing.furthest.max(expecting);
            listing.coverage.following(furthest).filter(|_| room)?
        } else {
            expecting
        };
        let call = self.plan.call(None, listing.asked, self.plan.reach.limit(), offset);
        let listing = self.listing.as_mut()?;
        listing.furthest = listing.furthest.max(offset);
        Some((Wanted::Page(offset), call))
    }

    /// Takes a page; the rows that it makes ready are then [`next_row`](Self::next_row)'s to give. An answer that nobody
    /// waits for changes nothing.
    pub fn absorb(&mut self, id: CallId, page: Page<Placed<P::Row>>) {
        let Some(call) = self.calls.take(id) else { return };
        self.tally.observe(&page, self.plan.selection.method.cost);
        match (call.wanted, &mut self.listing) {
            _ if self.offset.is_some() => self.accept_by_offset(page),
            (Wanted::Answer, _) => self.answered(&page),
            (Wanted::Page(offset), Some(listing)) => _ = listing.arrived.insert(offset, page),
            (Wanted::Page(_), None) | (Wanted::Nothing, _) => {}
        }
        self.proceed();
        self.begin();
    }

    /// The next row that is ready. Once it is taken, [`tally`](Self::tally) and [`checkpoint`](Self::checkpoint) count it
    /// as given.
    pub fn next_row(&mut self) -> Option<P::Row> {
        if let Some(listing) = &mut self.offset {
            let row = listing.next_row()?;
            self.tally.rows += 1;
            self.tally.expected = self.tally.rows + self.missing;
            return Some(row);
        }
        let at = self.handed.recent.at();
        let (key, row) = self.handed.next()?;
        self.tally.disordered |= key.start < at;
        self.tally.rows += 1;
        self.tally.expected = self.tally.rows + self.missing;
        self.handed.skip_empty();
        if self.handed.is_empty() {
            self.begin();
        }
        Some(row)
    }

    /// All rows that are ready.
    pub fn take_rows(&mut self) -> Vec<P::Row> {
        std::iter::from_fn(|| self.next_row()).collect()
    }

    /// Takes note that no answer will come to this call: what it asked for will be asked again.
    pub fn forget_call(&mut self, id: CallId) {
        self.calls.take(id);
    }

    /// [`forget_call`](Self::forget_call) of every call that is out.
    pub fn forget_calls(&mut self) {
        self.calls.in_flight.clear();
    }

    /// Takes a failure; what the call asked for will be asked again. A column that the server refuses is left out, when
    /// it is announced to disappear or some brand's page lacks it, and `Ok` is returned. Any other error is handed
    /// back.
    ///
    /// # Errors
    /// The error itself, when asking again does not help.
    pub fn absorb_error(&mut self, id: CallId, error: Error, brand: Option<Brand>) -> Result<(), Error> {
        let Some(out) = self.calls.take(id) else { return Err(error) };
        let is_refusal =
            error.server().is_some_and(|error| *error.mnemonic() == Mnemonic::UnexpectedParameters);
        if is_refusal && out.columns != self.plan.columns.len() {
            // It was sent before another answer told which columns to leave out.
            return Ok(());
        }
        self.plan.leave_out(error, brand, &mut self.tally)
    }

    /// The calls that the period takes if there is not one row in it: the first one of each slice. A dry run shows them.
    pub fn first_calls(mut self) -> Vec<PageCall<R, P>> {
        let mut calls = Vec::new();
        while let Some((id, call)) = self.next_call() {
            calls.push(call);
            self.absorb(id, Page::of_nothing());
        }
        calls
    }

    /// Asks for nothing more. What is out can still be absorbed, and [`checkpoint`](Self::checkpoint) says where to go
    /// on.
    pub fn stop(&mut self) {
        self.calls.stopped = true;
    }

    /// Whether it was [stopped](Self::stop).
    pub(crate) fn is_stopped(&self) -> bool {
        self.calls.stopped
    }

    /// What was seen so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether the whole period was read and every window holds what the server counts.
    pub fn is_complete(&self) -> bool {
        self.is_finished() && self.tally.gaps.is_empty()
    }

    /// Whether there is nothing left to ask, and every row was given.
    pub fn is_finished(&self) -> bool {
        let is_read = self.plan.slices.is_empty() && self.slice.is_none() && self.handed.is_empty();
        is_read && self.offset.as_ref().is_none_or(OffsetListing::is_finished)
    }

    /// How many slices are not read to their end. A listing without slices is one.
    pub fn slices_left(&self) -> usize {
        let is_open = self.offset.as_ref().is_some_and(|listing| !listing.is_read());
        self.plan.slices.len() + usize::from(self.slice.is_some() || is_open)
    }

    /// How many rows the server counted in the window that it was asked for last.
    pub fn counted(&self) -> Option<u64> {
        self.counted
    }

    /// Where the rows that were given end in time: in a listing that keeps its order, everything before it was given. In
    /// one that is read by offset nothing was before its end.
    pub fn at(&self) -> NaiveDateTime {
        if self.offset.is_some() && !self.is_finished() {
            return self.plan.asked.from();
        }
        if self.is_finished() { self.plan.asked.till() } else { self.handed.recent.at() }
    }

    /// The outcome as an error, when a window could not be read whole or was not read yet.
    pub fn shortfall(&self) -> Option<Error> {
        if !self.is_finished() {
            let what = if self.plan.period.is_some() { "period" } else { "listing" };
            return Some(Error::incomplete(format!("the {what} was not read to its end")));
        }
        self.tally.shortfall()
    }

    /// Whether the account's clock shows this second twice or never.
    fn changes_at(&self, second: NaiveDateTime) -> bool {
        self.plan.selection.changes.iter().any(|change| change.contains(second))
    }
}

/// Shows no row.
impl<R, P: Projection<R>> fmt::Debug for Sweep<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep")
            .field("method", &self.plan.selection.method.name)
            .field("period", &self.plan.asked)
            .field("filter", &self.plan.selection.filter)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}
