//! What every place for legs can do, in the order in which it is done: it is opened, begun for a request, given pages, and
//! then committed or suspended. A state that has passed is gone, so rows cannot get into a place that is not ready, and
//! nothing can be committed twice.
//!
//! ```text
//!   Destination ── open ──> Opened ── begin(request) ──> Run { what is kept, writer }
//!                                                          │ write(page) …
//!                                                          ├─ commit  ──> all rows are under their name
//!                                                          └─ suspend ──> what is kept for the next run
//! ```
//!
//! Not here: where the rows come from ([`export`](crate::export)), and the places themselves.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use calllegs_arrow::{Leg, Zone, origin::Origin, schema::Column};
use calllegs_core::{
    Period,
    sweep::{Checkpoint, Gap},
};
use chrono::{DateTime, Utc};

use crate::{error::Error, findings::Findings};

/// A place where legs can be kept, before anything is done to it.
pub trait Destination: Send {
    /// Opens the place, so that a bad one is known before a point is spent. Nothing of what is there changes.
    ///
    /// # Errors
    /// When the place cannot be used, or another run uses it.
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error>;
}

/// A place that can be used.
pub trait Opened: Send {
    /// Whether its columns have types, and so those of our own (`account`, `start_at`, …) are written too.
    fn is_typed(&self) -> bool;

    /// Refuses what would be lost if any of these requests were begun, which differ in what is not known yet: an account that
    /// is not known is `None`. To ask costs nothing; [`begin`](Self::begin) asks again.
    ///
    /// # Errors
    /// Of kind [`Conflict`](crate::ErrorKind::Conflict) when each of them would lose something.
    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error>;

    /// The run that was stopped here, if its rows can still be gone on with: by the request that it was of.
    fn paused(&self) -> Option<Paused> {
        None
    }

    /// Makes it ready for the rows of a request: behind those that an earlier run of the same request left, or from the
    /// beginning.
    ///
    /// # Errors
    /// When something would be lost, rows of a paused run of another request among it, or the place cannot be written.
    fn begin(self: Box<Self>, request: Request) -> Result<Run, Error>;
}

/// A place that takes rows.
pub trait Writer: Send {
    /// Where rows are until all are there; `None` where nothing is kept.
    fn place(&self) -> Option<&Path>;

    /// Takes the rows of a page. What its [`ResumePoint`] speaks of is kept as soon as it is safe.
    ///
    /// # Errors
    /// When it cannot be written; nothing more can be written then.
    fn write(&mut self, page: Page) -> Result<(), Error>;

    /// Ends the rows, all of which are there, and gives them their name.
    ///
    /// # Errors
    /// When they cannot get it: with what is kept for the next run.
    fn commit(self: Box<Self>) -> Result<Committed, Box<Failed>>;

    /// Ends before all rows are there. What was paid for is kept, but not under the name of a complete file; where the next
    /// run cannot go on behind it, it is removed.
    fn suspend(self: Box<Self>, ending: Ending) -> Suspended;

    /// Ends when everything was read, and the server did not give what is in these gaps. A place that can say so keeps the
    /// rest; others [suspend](Self::suspend).
    fn commit_but(self: Box<Self>, _gaps: &[Gap], ending: Ending) -> Suspended {
        self.suspend(ending)
    }
}

/// What is asked for, and what decides whether an earlier run asked for the same.
#[derive(Clone)]
pub struct Request {
    /// A fingerprint of all that decides what the rows are, apart from the period.
    pub(crate) fingerprint: String,
    /// The columns that are written.
    pub(crate) columns: Vec<&'static Column>,
    /// What it is, with the period that is meant now.
    pub(crate) origin: Origin,
    /// What "now" means.
    pub(crate) now: DateTime<Utc>,
    pub(crate) zone: Zone,
    /// A fingerprint of what is known of it before the account is asked.
    pub(crate) draft: Option<Box<str>>,
    /// What a person runs to go on with it.
    pub(crate) command: Option<Box<str>>,
    meant: Arc<dyn Fn(Period, DateTime<Utc>) -> Earlier + Send + Sync>,
}

/// What an earlier run of a request that differs in its period alone is to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is handled in a way of its own")]
pub enum Earlier {
    /// Another request.
    Another,
    /// The same words, which mean another period by now: nobody waits for its rows.
    Outdated,
    /// The same request.
    Same,
}

impl Request {
    /// A request for these columns. The fingerprint tells it from others with the same period, without saying what it is:
    /// conditions can name people. `now` is the moment of the request, and the zone that of the account.
    pub fn new(
        fingerprint: impl Into<String>,
        columns: Vec<&'static Column>,
        origin: Origin,
        (now, zone): (DateTime<Utc>, Zone),
    ) -> Self {
        Self {
            fingerprint: fingerprint.into(),
            columns,
            origin,
            now,
            zone,
            draft: None,
            command: None,
            meant: Arc::new(|_, _| Earlier::Another),
        }
    }

    /// For periods that move with the clock ("the last day"): what an earlier run that asked for that period, at that moment,
    /// is to this one. Without it only the same period is the same.
    #[must_use]
    pub fn meant(mut self, what: impl Fn(Period, DateTime<Utc>) -> Earlier + Send + Sync + 'static) -> Self {
        self.meant = Arc::new(what);
        self
    }

    /// What [`Paused`] tells a later run of it before that has asked anything: a fingerprint of what needs no account, and
    /// the command of it, without what can name people.
    #[must_use]
    pub fn told_as(mut self, draft: &str, command: &str) -> Self {
        (self.draft, self.command) = (Some(draft.into()), Some(command.into()));
        self
    }

    /// What is asked for.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The columns that are written.
    pub fn columns(&self) -> &[&'static Column] {
        &self.columns
    }

    /// What a run of that period, begun at that moment, is to this request.
    pub(crate) fn earlier(&self, period: Period, begun: DateTime<Utc>) -> Earlier {
        if self.origin.period == period { Earlier::Same } else { (self.meant)(period, begun) }
    }

    /// What it is when it goes on: what "now" meant when the earlier run began.
    pub(crate) fn origin_behind(&self, state: Option<&ResumeState>) -> Origin {
        let mut origin = self.origin.clone();
        if let Some(state) = state {
            origin.period = state.period;
            origin.until = Some(self.zone.wall(state.begun)).filter(|begun| *begun < state.period.till());
        }
        origin
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("origin", &self.origin)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// A request that was begun: what is to be read, and where it goes.
#[non_exhaustive]
pub struct Run {
    /// What it is: where it goes on, with the period of the run that began it.
    pub origin: Origin,
    /// Where the earlier run was stopped.
    pub resumed: Option<ResumeState>,
    /// Rows of an earlier run that are of no use, beside those that it goes on behind.
    pub unusable: Option<Unusable>,
    /// The time of the legs that are there under the name, where the request does not read all of it.
    pub replaces: Option<Period>,
    /// Takes the rows.
    pub writer: Box<dyn Writer>,
}

impl Run {
    /// A run, for destinations of one's own.
    pub fn new(origin: Origin, writer: Box<dyn Writer>) -> Self {
        Self { origin, resumed: None, unusable: None, replaces: None, writer }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, resumed, unusable, replaces, writer } = self;
        f.debug_struct("Run")
            .field("origin", origin)
            .field("resumed", &resumed.as_ref().map(|state| state.rows))
            .field("unusable", unusable)
            .field("replaces", replaces)
            .field("place", &writer.place())
            .finish()
    }
}

/// The rows of a page, and where a later run can go on behind them.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "whoever drives a destination makes them")]
pub struct Page {
    /// In the order in which they are written.
    pub legs: Vec<Leg>,
    /// `None` where no later run can go on.
    pub resume: Option<ResumePoint>,
}

/// A place in the rows to go on from.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever drives a destination makes one for each page")]
pub struct ResumePoint {
    /// Where the sweep goes on.
    pub checkpoint: Checkpoint,
    /// Rows that were written up to here.
    pub rows: u64,
    /// Rows that the sweep gave up to here, with or without being written.
    pub given: u64,
    /// The ids of those since the point before.
    pub ids: Vec<i64>,
    /// Points that this run had spent on them.
    pub points: u64,
}

/// What an earlier run left to go on from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResumeState {
    /// The period that is being read.
    pub period: Period,
    /// Where the sweep goes on; it knows the ids of all rows that were given.
    pub checkpoint: Checkpoint,
    /// Rows that are kept.
    pub rows: u64,
    /// Rows that the sweep gave.
    pub given: u64,
    /// What "now" meant.
    pub begun: DateTime<Utc>,
}

/// A run that was stopped, and whose rows were paid for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Paused {
    /// Where its rows are.
    pub place: PathBuf,
    /// How many.
    pub rows: u64,
    /// The period that it reads.
    pub period: Period,
    /// What "now" meant.
    pub begun: DateTime<Utc>,
    /// The name of its account's zone. This and the next two: where its record has them.
    pub zone: Option<Box<str>>,
    /// A fingerprint of what was known of its request before the account was asked.
    pub draft: Option<Box<str>>,
    /// The command that goes on with it.
    pub command: Option<Box<str>>,
}

/// Rows that were paid for and are of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unusable {
    /// How many, where that is known.
    pub rows: Option<u64>,
    /// Why.
    pub why: &'static str,
}

/// Rows have got their name.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Committed {
    /// Where they are; `None` where they were passed on.
    pub place: Option<PathBuf>,
    /// What was noticed about them.
    pub findings: Findings,
}

impl Committed {
    /// For destinations of one's own.
    pub fn at(place: Option<PathBuf>) -> Self {
        Self { place, findings: Findings::default() }
    }
}

/// How a run ends before all rows are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// Rows that were read, those of the run before included: windows without any cost points too.
    pub rows: u64,
    /// The next run must not go on behind what is there.
    pub begins_anew: bool,
}

impl Ending {
    /// So many rows were read.
    pub const fn behind(rows: u64) -> Self {
        Self { rows, begins_anew: false }
    }

    /// What was read does not fit what the server lists now.
    #[must_use]
    pub const fn begins_anew(mut self, begins_anew: bool) -> Self {
        self.begins_anew = begins_anew;
        self
    }

    /// Whether what is there stays: rows cost points, and so do windows without any. `kept` are the rows behind which the
    /// next run goes on; what is broken may end anywhere.
    pub(crate) const fn keeps(self, kept: Option<u64>, is_broken: bool) -> bool {
        !self.begins_anew && (kept.is_some() || self.rows > 0 && !is_broken)
    }
}

/// What a run that was not complete leaves.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Suspended {
    /// What is kept; `None` when the next run begins anew.
    pub left: Option<Left>,
    /// Rows that were passed on, which is all that is known of them where nothing is kept.
    pub taken: u64,
    /// What was noticed about them.
    pub findings: Findings,
    /// The last rows could not be written.
    pub error: Option<Error>,
}

impl Suspended {
    /// For destinations that keep nothing.
    pub fn nothing(taken: u64, findings: Findings, error: Option<Error>) -> Self {
        Self { left: None, taken, findings, error }
    }
}

/// Rows that are kept for a later run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Left {
    /// Where.
    pub place: PathBuf,
    /// Rows behind which the same request goes on; `None` when it begins anew.
    pub rows: Option<u64>,
}

/// Rows did not get their name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed {
    /// Why.
    pub error: Error,
    /// What became of them.
    pub suspended: Suspended,
}

impl Failed {
    /// For destinations of one's own.
    pub fn new(error: Error, suspended: Suspended) -> Box<Self> {
        Box::new(Self { error, suspended })
    }
}
