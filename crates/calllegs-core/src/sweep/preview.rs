//! The first rows of a period by few calls. Not here: how a period is read (`sweep`).

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDateTime;

use super::{CallId, PageCall, Placed, Sweep, Tally};
use crate::{
    error::Error,
    filter::Refusal,
    pager::{MAX_LIMIT, MAX_OFFSET, Reach},
    projection::Projection,
    query::{Page, Query},
    schema::Brand,
};

/// Rows that a short page has room for beside those that are wanted: what starts in the second before the period, and the
/// row behind the last one.
const SPARE: u32 = 20;

/// Reads the first rows of a period by few calls: mostly one.
///
/// For a look at the data. A [`Sweep`] reads a page that is hardly longer than what is wanted; where that page is all there
/// is to say (the rows come in order, none is listed twice, the next ones are there too), it was enough. Otherwise a sweep
/// with full pages begins anew and is stopped when it has given enough: so a preview gives what the sweep would give first,
/// for at most a call more. Not here: more rows than a page holds.
///
/// Of a server that selects by session ([`Tally::by_session`]) a short page may not tell, and a leg of a session that began
/// in the second before the period can be among the first.
///
/// ```
/// use calllegs_core::{CallLegs, Period, Query, rpc, sweep::Preview};
///
/// let day: Period = "2026-03-02..2026-03-03".parse()?;
/// let mut preview = Preview::new(Query::<CallLegs>::new(day), 1)?;
/// let (id, call) = preview.next_call().unwrap();
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"metadata":{"total_items":2},"data":[
///     {"id":7,"start_time":"2026-03-02 10:15:04"},{"id":8,"start_time":"2026-03-02 10:15:09"}]}}"#;
/// preview.absorb(id, rpc::reply(&call, rpc::RequestId::new(1), reply)?);
///
/// assert!(preview.next_call().is_none());
/// assert_eq!(preview.rows().len(), 1);
/// assert_eq!(preview.rest().unwrap().counted, 1); // one more in the slice that was asked
/// # Ok::<(), calllegs_core::Error>(())
/// ```
pub struct Preview<R, P: Projection<R>> {
    sweep: Sweep<R, P>,
    wanted: usize,
    /// Those that are wanted, and one behind them where there is one.
    rows: Vec<P::Row>,
    /// Pages are short, and each of them has to be enough.
    is_short: bool,
    /// A slice has just ended: no row is missing behind the last one.
    is_between: bool,
    /// Rows that were given before the window that was asked last, and rows of the period that the server counts in it.
    counted: (usize, u64),
}

/// What lies behind the first rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rest {
    /// Rows that the server counts behind them, in the slices that were asked. Legs that it lists twice count twice where the
    /// second copy was not met, and a leg may be among them that starts in the second after the period.
    pub counted: u64,
    /// From here on nothing was asked; `None` when that is the end of the period.
    pub unread: Option<NaiveDateTime>,
}

impl<R, P: Projection<R>> Preview<R, P> {
    /// The first rows of the query's period, 1 to 10,000. Its sort, limit and offset are replaced.
    ///
    /// # Errors
    /// As [`Sweep::new`].
    pub fn new(query: Query<R, P>, rows: u32) -> Result<Self, Refusal> {
        let wanted = rows.clamp(1, MAX_LIMIT);
        let sweep = Sweep::new(query)?.with_reach(Reach::new(wanted.saturating_add(SPARE), MAX_OFFSET));
        let (wanted, counted) = (wanted as usize, (0, 0));
        Ok(Self { sweep, wanted, rows: Vec::new(), is_short: true, is_between: false, counted })
    }

    /// The next call; `None` when there are enough rows, or no more, or an answer is waited for.
    pub fn next_call(&mut self) -> Option<(CallId, PageCall<R, P>)> {
        if self.sweep.offset.is_some() {
            return self.sweep.next_call();
        }
        if self.rows.len() > self.wanted || (self.is_between && self.rows.len() == self.wanted) {
            return None;
        }
        let (id, call) = self.sweep.next_call()?;
        if !self.is_short || (call.begins_a_window() && self.sweep.tally().rereads == 0) {
            return Some((id, call));
        }
        self.sweep = self.sweep.anew();
        self.is_short = false;
        self.rows.clear();
        self.sweep.next_call()
    }

    /// Takes the page of a call.
    pub fn absorb(&mut self, id: CallId, page: Page<Placed<P::Row>>) {
        if self.sweep.offset.is_some() {
            self.absorb_first(id, page);
            return;
        }
        let period = self.sweep.plan.asked;
        let of_period = page.rows.iter().filter(|row| period.contains(row.key.start));
        let distinct: BTreeSet<_> = of_period.map(|row| row.key.id).collect();
        let surplus = (page.rows.len() - distinct.len()) as u64;
        if self.sweep.asked_a_window(id) {
            self.counted = (self.rows.len(), page.total.unwrap_or_default().saturating_sub(surplus));
        }
        let ended = self.sweep.tally().windows;
        self.sweep.absorb(id, page);
        while self.rows.len() <= self.wanted
            && let Some(row) = self.sweep.next_row()
        {
            self.rows.push(row);
        }
        self.is_between = self.sweep.tally().windows > ended;
    }

    /// Takes the first page of a listing that is read by offset: what it lists first.
    fn absorb_first(&mut self, id: CallId, page: Page<Placed<P::Row>>) {
        let Page { rows, total, .. } = self.sweep.leave_listing(id, page);
        self.counted = (0, total.unwrap_or(rows.len() as u64));
        self.rows = rows.into_iter().map(|row| row.row).collect();
        self.rows.truncate(self.wanted);
        self.is_between = true;
    }

    /// Takes the error of a call: where the server refuses columns that can do without, they are left out and the call is
    /// made again.
    ///
    /// # Errors
    /// The error, where that does not help.
    pub fn absorb_error(&mut self, id: CallId, error: Error, brand: Option<Brand>) -> Result<(), Error> {
        self.sweep.absorb_error(id, error, brand)
    }

    /// The rows so far, in the order of the sweep.
    pub fn rows(&self) -> &[P::Row] {
        self.rows.get(..self.wanted).unwrap_or(&self.rows)
    }

    /// The rows.
    pub fn into_rows(mut self) -> Vec<P::Row> {
        self.rows.truncate(self.wanted);
        self.rows
    }

    /// What was seen on the way.
    pub fn tally(&self) -> &Tally {
        self.sweep.tally()
    }

    /// What lies behind the rows; `None` when they are all of the period's.
    pub fn rest(&self) -> Option<Rest> {
        if self.sweep.offset.is_some() {
            let counted = self.counted.1.saturating_sub(self.rows.len() as u64);
            return (counted > 0).then_some(Rest { counted, unread: None });
        }
        if self.sweep.is_finished() && self.rows.len() <= self.wanted {
            return None;
        }
        let (before, counted) = self.counted;
        let given = self.rows().len().saturating_sub(before) as u64;
        let counted = counted.saturating_sub(given).max(u64::from(self.rows.len() > self.wanted));
        let begun = self.sweep.slice.as_ref().filter(|_| self.is_between).map(|slice| slice.period.from());
        let unread = begun.or_else(|| self.sweep.plan.slices.last().map(|slice| slice.from()));
        Some(Rest { counted: if begun.is_some() { 0 } else { counted }, unread })
    }

    /// The outcome as an error, when what was read lacks rows that the server counts.
    pub fn shortfall(&self) -> Option<Error> {
        self.tally().shortfall()
    }
}

/// Shows no row.
impl<R, P: Projection<R>> fmt::Debug for Preview<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview").field("sweep", &self.sweep).finish_non_exhaustive()
    }
}
