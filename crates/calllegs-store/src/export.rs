//! A period into a place: read by a sweep, chosen, written by a thread of its own, and committed when all of it is there.
//!
//! ```text
//!   Export ── open, begin ──> where an earlier run was stopped, or the beginning
//!      │                                  │
//!      │        ┌── page ──> Filling ── chosen rows, resume point ──> WriterThread
//!      │        └──────────── until the sweep ends, the limit is reached or it is stopped
//!      v
//!   commit, or suspend: the same export goes on behind what is kept
//! ```
//!
//! [`Filling`] is the pure part, for a loop of one's own. Not here: what a page means and when a period is complete
//! (core), where rows go ([`destination`](crate::destination)), anything about a terminal.

use std::{
    error, fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use calllegs_arrow::{Columns, Leg, Zone, origin::Origin};
use calllegs_core::{
    CallLegs, Client, Period, blocking,
    filter::{Filter, Refusal},
    schema::FieldInfo,
    sweep::{Sweep, Tally},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::{
    destination::{Committed, Destination, Ending, Left, Page, Request, ResumePoint, ResumeState, Run},
    error::Error,
    findings::Findings,
    spec::{ExportSpec, RowSpec},
    writer_thread::WriterThread,
};

/// All legs of a period, or some of them, to be read into a place.
#[derive(Clone, Debug)]
pub struct Export {
    spec: ExportSpec,
    period: Period,
    zone: Zone,
    now: DateTime<Utc>,
    account: Option<Box<str>>,
    ahead: usize,
    stop: Stop,
}

impl Export {
    /// Every leg of a period, as every column. Times are the wall clock of the account, whose zone this is; `now` says how far
    /// the period is over.
    pub fn new(period: Period, zone: impl Into<Zone>, now: DateTime<Utc>) -> Self {
        Self {
            spec: ExportSpec::default(),
            period,
            zone: zone.into(),
            now,
            account: None,
            ahead: 4,
            stop: Stop::default(),
        }
    }

    /// Whose legs they are, as `brand:id`, for the column `account` and the metadata of files. Files of one account are not
    /// replaced by those of another.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.into());
        self
    }

    /// These columns alone.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = &'static FieldInfo>) -> Self {
        self.spec.columns = columns.into_iter().collect();
        self
    }

    /// The legs that the server finds to match.
    #[must_use]
    pub fn filter(mut self, filter: Filter<CallLegs>) -> Self {
        self.spec.filter = Some(filter);
        self
    }

    /// The legs that are found to match here, by fields that the server does not filter by. All are read, and paid for.
    #[must_use]
    pub fn filter_locally(mut self, filter: Filter<CallLegs>) -> Self {
        self.spec.local = Some(filter);
        self
    }

    /// So many legs at most.
    #[must_use]
    pub const fn limit(mut self, rows: u64) -> Self {
        self.spec.limit = Some(rows);
        self
    }

    /// So many pages on their way together; a blocking client makes one call at a time all the same.
    #[must_use]
    pub const fn concurrency(mut self, pages: usize) -> Self {
        self.ahead = pages;
        self
    }

    /// What stops it from elsewhere: a signal, another thread.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Stop) -> Self {
        self.stop = stop.clone();
        self
    }

    fn account_name(&self) -> &str {
        self.account.as_deref().unwrap_or_default()
    }

    /// What files say of it.
    fn origin(&self) -> Origin {
        let mut origin = Origin::new(self.account_name(), &self.spec.written(), self.period);
        origin.conditions = self.spec.conditions();
        origin.limit = self.spec.limit;
        origin.until = Some(self.zone.wall(self.now)).filter(|now| *now < self.period.till());
        origin
    }

    /// Opens the place and begins there: what is to be read, and the thread that writes it.
    fn begin(
        &mut self,
        destination: impl Destination + 'static,
    ) -> Result<(LegSweep, Filling<'_>, Begun), ExportError> {
        let opened = Box::new(destination).open()?;
        self.spec.is_typed = opened.is_typed();
        let fingerprint = self.spec.fingerprint(&(self.account_name(), self.zone.name()));
        let clock = (self.now, self.zone.clone());
        let Run { origin, resumed, writer, .. } =
            opened.begin(Request::new(fingerprint, self.spec.written(), self.origin(), clock))?;
        let filling = Filling::new(&self.spec, resumed.as_ref());
        let kept = resumed.as_ref().map(|state| state.rows);
        let now = origin.until.max(Some(self.zone.wall(self.now))).unwrap_or_default();
        let period = readable(origin.period, now);
        let query = self.spec.whole(period, &self.zone, self.account.as_deref());
        let sweep = match resumed {
            Some(state) => Sweep::resume(query, state.checkpoint),
            None => Sweep::new(query),
        };
        let sweep = match sweep {
            Ok(sweep) => sweep,
            Err(refusal) => {
                let left = writer.suspend(Ending::behind(filling.rows())).left;
                return Err(ExportError { cause: Cause::Api(refusal.into()), left, tally: Box::default() });
            }
        };
        let thread = WriterThread::begin(writer)?;
        Ok((sweep, filling, Begun { thread, period: origin.period, until: origin.until, resumed: kept }))
    }

    /// Reads it. Run again after whatever stopped it, it goes on behind the rows that are kept; those of another export are
    /// not thrown away, unless the destination is told to.
    ///
    /// # Errors
    /// Of the API, of the place, or that the period is not complete: with what is kept for the next run.
    pub async fn run(
        mut self,
        client: &Client,
        destination: impl Destination + 'static,
        observer: &mut impl Observer,
    ) -> Result<Exported, ExportError> {
        let (ahead, stop) = (self.ahead, self.stop.clone());
        let (sweep, mut filling, begun) = self.begin(destination)?;
        let mut rows = client.read(sweep).ahead(ahead);
        let mut is_stopped = false;
        let ended = loop {
            let page = {
                let (mut page, mut stopped) = (pin!(rows.next_page()), pin!(stop.wait()));
                std::future::poll_fn(|context| match page.as_mut().poll(context) {
                    Poll::Ready(page) => Poll::Ready(Some(page)),
                    Poll::Pending if is_stopped => Poll::Pending,
                    Poll::Pending => stopped.as_mut().poll(context).map(|()| None),
                })
                .await
            };
            let page = match page {
                None => {
                    // Pages that are on their way are paid for.
                    rows.stop();
                    is_stopped = true;
                    continue;
                }
                Some(Ok(None)) => break Ok(()),
                Some(Ok(Some(page))) => page,
                Some(Err(error)) => break Err(Cause::Api(error)),
            };
            let page = match filling.take(page, rows.sweep()) {
                Ok(page) => page,
                Err(refusal) => break Err(Cause::Api(refusal.into())),
            };
            if !begun.thread.write(page).await {
                break Ok(());
            }
            observer.page(Seen { rows: filling.rows(), sweep: rows.sweep() });
            if filling.is_full() {
                break Ok(());
            }
        };
        end(begun, &filling, rows.sweep(), ended)
    }

    /// [`run`](Self::run), over a blocking client. It is stopped between two pages.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_blocking(
        mut self,
        client: &blocking::Client,
        destination: impl Destination + 'static,
        observer: &mut impl Observer,
    ) -> Result<Exported, ExportError> {
        let (ahead, stop) = (self.ahead, self.stop.clone());
        let (sweep, mut filling, begun) = self.begin(destination)?;
        let mut rows = client.read(sweep).ahead(ahead);
        let ended = loop {
            if stop.is_requested() {
                rows.stop();
            }
            let page = match rows.next_page() {
                Ok(None) => break Ok(()),
                Ok(Some(page)) => page,
                Err(error) => break Err(Cause::Api(error)),
            };
            let page = match filling.take(page, rows.sweep()) {
                Ok(page) => page,
                Err(refusal) => break Err(Cause::Api(refusal.into())),
            };
            if !begun.thread.write_blocking(page) {
                break Ok(());
            }
            observer.page(Seen { rows: filling.rows(), sweep: rows.sweep() });
            if filling.is_full() {
                break Ok(());
            }
        };
        end(begun, &filling, rows.sweep(), ended)
    }
}

/// The part of a period in which legs can begin by then: up to a day later, because the clock of the server may show
/// another time. What lies behind it is not asked for. Where a run goes on later, it is longer.
pub fn readable(period: Period, now: NaiveDateTime) -> Period {
    let last = now.checked_add_signed(TimeDelta::days(1)).unwrap_or(now);
    Period::new(period.from(), last.clamp(period.from(), period.till())).unwrap_or(period)
}

type LegSweep = Sweep<CallLegs, Columns>;

/// A run under way.
struct Begun {
    thread: WriterThread,
    period: Period,
    until: Option<NaiveDateTime>,
    resumed: Option<u64>,
}

/// Commits or suspends.
fn end(
    begun: Begun,
    filling: &Filling<'_>,
    sweep: &LegSweep,
    read: Result<(), Cause>,
) -> Result<Exported, ExportError> {
    let tally = Box::new(sweep.tally().clone());
    let (writer, written) = begun.thread.end();
    let is_whole = filling.is_full() || sweep.is_finished();
    let read = read.and_then(|()| match tally.gaps.is_empty() {
        true if is_whole => Ok(()),
        true => Err(Cause::Stopped),
        false => Err(Cause::Incomplete),
    });
    if let Err(cause) = written.map_err(Cause::Store).and(read) {
        let ending = Ending::behind(filling.rows()).begins_anew(tally.outdated);
        let suspended = match cause {
            Cause::Incomplete if sweep.is_finished() => writer.commit_but(&tally.gaps, ending),
            Cause::Api(_) | Cause::Incomplete | Cause::Stopped | Cause::Store(_) => writer.suspend(ending),
        };
        return Err(ExportError { cause, left: suspended.left, tally });
    }
    match writer.commit() {
        Ok(Committed { findings, .. }) => Ok(Exported {
            rows: filling.rows(),
            period: begun.period,
            until: begun.until,
            resumed: begun.resumed,
            is_cut: filling.is_cut,
            findings,
            tally: *tally,
        }),
        Err(failed) => {
            Err(ExportError { cause: Cause::Store(failed.error), left: failed.suspended.left, tally })
        }
    }
}

/// What of the pages of a sweep is written, and where a later run can go on behind it: the part of an export that reads and
/// writes nothing.
#[derive(Debug)]
pub struct Filling<'s, S = ExportSpec> {
    spec: &'s S,
    rows: u64,
    /// Rows that an earlier run was given.
    base: u64,
    /// The ids of rows since the last place to go on from.
    ids: Vec<i64>,
    is_cut: bool,
}

impl<'s, S: RowSpec> Filling<'s, S> {
    /// Behind what an earlier run left.
    pub fn new(spec: &'s S, resumed: Option<&ResumeState>) -> Self {
        let (rows, base) = resumed.map_or((0, 0), |state| (state.rows, state.given));
        Self { spec, rows, base, ids: Vec::new(), is_cut: false }
    }

    /// Of the rows of a page, in the order of the sweep, those that are written. The sweep stands behind them.
    ///
    /// # Errors
    /// When a local condition cannot be checked.
    pub fn take(&mut self, legs: Vec<Leg>, sweep: &Sweep<S::Listing, S::Rows>) -> Result<Page, Refusal> {
        self.ids.extend(legs.iter().filter_map(Leg::key).map(|key| key.id));
        let (legs, left) = self.choose(legs)?;
        self.is_cut = left || (self.is_full() && !sweep.is_finished());
        let checkpoint = sweep.checkpoint().filter(|_| !self.is_cut);
        let resume = checkpoint.map(|checkpoint| ResumePoint {
            checkpoint,
            rows: self.rows,
            given: self.base + sweep.tally().expected,
            ids: std::mem::take(&mut self.ids),
            points: sweep.tally().points,
        });
        Ok(Page { legs, resume })
    }

    /// Of some rows those that match the local filter, up to the limit, and whether rows are left beyond it.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn choose(&mut self, legs: Vec<Leg>) -> Result<(Vec<Leg>, bool), Refusal> {
        let mut taken = Vec::with_capacity(legs.len());
        let mut legs = legs.into_iter();
        while !self.is_full()
            && let Some(leg) = legs.next()
        {
            if self.spec.is_chosen(&leg)? {
                taken.push(leg);
                self.rows += 1;
            }
        }
        Ok((taken, legs.next().is_some()))
    }

    /// Rows that were written, those of the earlier run included.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows that an earlier run was given.
    pub const fn base(&self) -> u64 {
        self.base
    }

    /// The limit is reached.
    pub fn is_full(&self) -> bool {
        self.spec.limit().is_some_and(|limit| self.rows >= limit)
    }

    /// Rows are left behind the limit.
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }
}

/// Looks on while an export runs.
pub trait Observer {
    /// A page was read, and is on its way to its place.
    fn page(&mut self, seen: Seen<'_>);
}

/// Nobody looks on.
impl Observer for () {
    fn page(&mut self, _: Seen<'_>) {}
}

impl<F: FnMut(Seen<'_>)> Observer for F {
    fn page(&mut self, seen: Seen<'_>) {
        self(seen);
    }
}

/// Where an export stands.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Seen<'s> {
    /// Rows so far, those of an earlier run included.
    pub rows: u64,
    /// How far the period is read, and what was noticed.
    pub sweep: &'s Sweep<CallLegs, Columns>,
}

/// Stops exports from elsewhere: they finish the pages that are on their way, keep what they have, and end.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(AtomicBool, Notify)>);

impl Stop {
    /// Stops them.
    pub fn request(&self) {
        self.0.0.store(true, Ordering::Release);
        self.0.1.notify_waiters();
    }

    /// Whether they are stopped.
    pub fn is_requested(&self) -> bool {
        self.0.0.load(Ordering::Acquire)
    }

    async fn wait(&self) {
        let mut notified = pin!(self.0.1.notified());
        // Before the look: a request between the two is not missed.
        notified.as_mut().enable();
        if !self.is_requested() {
            notified.await;
        }
    }
}

/// An export that is complete, or has as many rows as its limit allows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exported {
    /// Rows in the place.
    pub rows: u64,
    /// The period that was read: that of the run that began it.
    pub period: Period,
    /// Where the period reaches beyond the moment of the run: that moment, on the account's wall clock.
    pub until: Option<NaiveDateTime>,
    /// Rows that an earlier run had left, where this one went on.
    pub resumed: Option<u64>,
    /// There are more rows than the limit.
    pub is_cut: bool,
    /// What was noticed about the rows.
    pub findings: Findings,
    /// What was seen on the way.
    pub tally: Tally,
}

/// Why an export has not ended well, and what is kept of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExportError {
    /// Why.
    pub cause: Cause,
    /// What the next run goes on behind; `None` when it begins anew.
    pub left: Option<Left>,
    /// What was seen on the way: the gaps of a period that is not complete among it.
    pub tally: Box<Tally>,
}

/// Why an export has not ended well.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The API, or a condition that cannot be checked.
    Api(calllegs_core::Error),
    /// The server does not give what it counts: [`Tally::gaps`] names it.
    Incomplete,
    /// [`Stop`] was requested.
    Stopped,
    /// The place.
    Store(Error),
}

impl From<Error> for ExportError {
    fn from(error: Error) -> Self {
        Self { cause: Cause::Store(error), left: None, tally: Box::default() }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Api(_) => f.write_str("the period could not be read")?,
            Cause::Incomplete => {
                f.write_str("the period is not complete")?;
                for gap in &self.tally.gaps {
                    write!(f, "; {gap}")?;
                }
            }
            Cause::Stopped => f.write_str("stopped")?,
            Cause::Store(_) => f.write_str("the rows could not be kept")?,
        }
        match self.left.as_ref().and_then(|left| left.rows) {
            Some(rows) => write!(f, "; {rows} rows are kept for the next run"),
            None => Ok(()),
        }
    }
}

impl error::Error for ExportError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.cause {
            Cause::Api(error) => Some(error),
            Cause::Store(error) => Some(error),
            Cause::Incomplete | Cause::Stopped => None,
        }
    }
}
