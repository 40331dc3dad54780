//! A period into places with a ledger: rows become windows, and each window is put when the server's count of it is known to
//! be met. Several places take the same reading. Not here: what is to be read next ([`Ledger`](crate::ledger::Ledger)).

use std::{
    fmt, mem,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use calllegs_arrow::{Leg, Zone, batches, origin::Origin};
use calllegs_core::{Period, sweep::Gap};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use crate::{
    cells::Legs,
    destination::{
        Committed, Destination, Ending, Failed, Opened, Page, Request, ResumePoint, Run, Suspended, Writer,
    },
    error::{Error, ErrorKind},
    findings::Findings,
    ledger::{Window, WindowStatus},
    ledger_check,
    redact::Redaction,
    row_hash::{RowHasher, content_hash},
    warehouse::{Counts, Load, Warehouse},
};

/// Rows that wait for their window; more are put before it is complete.
const WAITING: usize = 50_000;

/// A place with a ledger, shared by the runs that read into it one after the other.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Box<dyn Warehouse>>>);

impl Shared {
    /// A place.
    pub fn new(place: impl Warehouse + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(place))))
    }

    /// The place. Not to be held while anything is read into it.
    pub fn lock(&self) -> MutexGuard<'_, Box<dyn Warehouse>> {
        // What a panic may have left open is rolled back by the place.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.lock().address()).finish()
    }
}

/// Places that a period is read into. The account is leased by whoever opened them.
#[derive(Clone, Debug)]
pub struct WindowsDestination {
    places: Vec<Shared>,
    run_id: String,
    settle: TimeDelta,
    exact: bool,
    redaction: Option<Redaction>,
    /// The account is leased for the one period, not by whoever opened the places.
    is_alone: bool,
    watch: Watch,
}

/// Tells of each window that was put.
#[derive(Clone, Default)]
struct Watch(Option<Arc<Watching>>);

type Watching = dyn Fn(&Put) + Send + Sync;

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({})", self.0.is_some())
    }
}

/// Windows that were put into all places.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Put {
    /// Their lines; what was inserted and changed is the first place's.
    pub windows: Vec<Window>,
    /// What was new and what was otherwise in each place, in their order.
    pub places: Vec<Counts>,
    /// Ids that some place has in them and the server has not.
    pub gone: Vec<i64>,
    /// What changed in the places themselves.
    pub told: Vec<String>,
}

impl WindowsDestination {
    /// These places, by this run.
    pub fn new(places: impl IntoIterator<Item = Shared>, run_id: &str) -> Self {
        Self {
            places: places.into_iter().collect(),
            run_id: run_id.to_owned(),
            settle: crate::ledger::Schedule::default().settle,
            exact: false,
            redaction: None,
            is_alone: false,
            watch: Watch::default(),
        }
    }

    /// One place for one period: the account is leased while it is read.
    pub(crate) fn alone(place: Shared) -> Self {
        Self { is_alone: true, ..Self::new([place], &run_id(Utc::now())) }
    }

    /// Windows that end less than this before now stay open.
    #[must_use]
    pub const fn settle(mut self, settle: TimeDelta) -> Self {
        self.settle = settle;
        self
    }

    /// Removes legs that the server does not have any more.
    #[must_use]
    pub const fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    /// Takes numbers, names or recordings off the legs before anything else is done with them: also the hashes that places
    /// keep are those of what is left.
    #[must_use]
    pub fn redact(mut self, redaction: Option<Redaction>) -> Self {
        self.redaction = redaction;
        self
    }

    /// Tells of each window that was put, on the thread that writes.
    #[must_use]
    pub fn watched_by(mut self, watch: impl Fn(&Put) + Send + Sync + 'static) -> Self {
        self.watch = Watch(Some(Arc::new(watch)));
        self
    }
}

impl Destination for WindowsDestination {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(self)
    }
}

impl Opened for WindowsDestination {
    fn is_typed(&self) -> bool {
        true
    }

    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
        let wide = |origin: &Origin| origin.conditions.is_none() && origin.limit.is_none();
        if !possible.iter().any(wide) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "only some of the legs of each window were asked for",
            )
            .because("a ledger speaks of whole windows, so that nothing is missing without a word")
            .next("ask for all legs, or write the few to a file"));
        }
        if account.is_some_and(str::is_empty) {
            return Err(Error::new(ErrorKind::Place, "it is not known whose legs these are")
                .because("the account is part of the key of each row")
                .next("say the account, as brand:id"));
        }
        Ok(())
    }

    fn begin(self: Box<Self>, request: Request) -> Result<Run, Error> {
        self.check(std::slice::from_ref(&request.origin), Some(&request.origin.account))?;
        let origin = request.origin.clone();
        if self.is_alone {
            for place in &self.places {
                place.lock().lease(&origin.account, &self.run_id)?;
            }
        }
        let writer = WindowsWriter::new(*self, request);
        Ok(Run::new(origin, Box::new(writer)))
    }
}

/// Windows that are being filled.
struct WindowsWriter {
    target: WindowsDestination,
    account: String,
    period: Period,
    zone: Zone,
    now: DateTime<Utc>,
    waiting: Vec<Leg>,
    hashes: Vec<i64>,
    hasher: RowHasher,
    /// Legs that were put before their window was complete, with their hashes.
    early: Vec<(NaiveDateTime, i64, i64)>,
    early_counts: Vec<Counts>,
    /// Up to here the ledger has windows.
    cut: NaiveDateTime,
    /// What the server did not give whole.
    gaps: Vec<Gap>,
    /// The server gives no reason to doubt what it gave: see [`Checkpoint::is_sure`](calllegs_core::sweep::Checkpoint::is_sure).
    is_sure: bool,
    /// The stretches up to here were read to their ends, and are what the server counts.
    verified: NaiveDateTime,
    /// What was spent before the cut.
    points: u64,
    point: Option<ResumePoint>,
    taken: u64,
    is_broken: bool,
    findings: Findings,
}

impl WindowsWriter {
    fn new(target: WindowsDestination, request: Request) -> Self {
        Self {
            early_counts: vec![Counts::default(); target.places.len()],
            target,
            account: request.origin.account.clone(),
            period: request.origin.period,
            cut: request.origin.period.from(),
            zone: request.zone,
            now: request.now,
            waiting: Vec::new(),
            hashes: Vec::new(),
            hasher: RowHasher::new(),
            early: Vec::new(),
            gaps: Vec::new(),
            is_sure: true,
            verified: request.origin.period.from(),
            points: 0,
            point: None,
            taken: 0,
            is_broken: false,
            findings: Findings::default(),
        }
    }

    fn take(&mut self, mut page: Page) -> Result<(), Error> {
        if let Some(redaction) = &self.target.redaction {
            page.legs = redaction.legs(&page.legs, &mut self.findings)?;
        }
        let batches =
            batches(&page.legs).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        for batch in &batches {
            if self.target.redaction.is_none() {
                self.findings.observe(batch, false);
            }
            let legs = Legs::of(batch);
            self.hashes.extend((0..batch.num_rows()).map(|row| self.hasher.hash(&legs, row)));
        }
        self.taken += page.legs.len() as u64;
        self.waiting.extend(page.legs);
        self.point = page.resume.or_else(|| self.point.take());
        self.doubt()?;
        let verified = self.point.as_ref().map(|point| point.checkpoint.slice_begin());
        if let Some(verified) = verified.filter(|verified| self.verified < *verified) {
            self.believe(verified)?;
        }
        let complete = self.complete_before();
        if let Some(midnight) = complete.map(|complete| complete.date().and_time(NaiveTime::MIN))
            && self.cut < midnight
        {
            self.put(midnight)?;
        }
        if self.waiting.len() < WAITING {
            return Ok(());
        }
        let hour = complete.and_then(|complete| complete.with_minute(0)?.with_second(0));
        match hour.filter(|hour| self.cut < *hour) {
            Some(hour) => self.put(hour),
            None => self.put_early(),
        }
    }

    /// Opens the windows of the slice that is being read once its rows turn out to come in no sure way: more of them may
    /// come at its end, and a run that is stopped before has not seen these.
    fn doubt(&mut self) -> Result<(), Error> {
        let Some(point) = &self.point else { return Ok(()) };
        let is_sure = point.checkpoint.is_sure();
        if mem::replace(&mut self.is_sure, is_sure) && !is_sure {
            let from = point.checkpoint.slice_begin();
            self.restate(from, |window| window.period.till() > from, WindowStatus::Open)?;
        }
        Ok(())
    }

    /// The stretches up to there were verified: their windows are final, if they are old enough and whole.
    fn believe(&mut self, verified: NaiveDateTime) -> Result<(), Error> {
        let settled = self.zone.wall(self.now) - self.target.settle;
        let till = verified.min(self.cut).min(settled);
        let from = mem::replace(&mut self.verified, verified);
        let is_whole = |window: &Window| {
            window.period.till() <= till
                && window.legs == window.total_items
                && self.period.from() <= window.period.from()
        };
        self.restate(from, is_whole, WindowStatus::Final)
    }

    /// Gives lines of this run another status.
    fn restate(
        &self,
        from: NaiveDateTime,
        wanted: impl Fn(&Window) -> bool,
        status: WindowStatus,
    ) -> Result<(), Error> {
        let status_of =
            |window: &Window| (window.run_id == self.target.run_id && wanted(window)).then_some(status);
        let mut places = self.target.places.iter();
        places
            .try_for_each(|place| ledger_check::restate(&mut **place.lock(), &self.account, from, status_of))
    }

    /// Every row that starts before it was given.
    fn complete_before(&self) -> Option<NaiveDateTime> {
        let before = self.point.as_ref()?.checkpoint.complete_before()?;
        Some(before.min(self.period.till()))
    }

    /// Puts the windows up to there.
    fn put(&mut self, till: NaiveDateTime) -> Result<(), Error> {
        let starts_before = |leg: &Leg| leg.key().is_none_or(|key| key.start < till);
        let (mut legs, mut hashes) = (Vec::new(), Vec::new());
        let waiting = mem::take(&mut self.waiting).into_iter().zip(mem::take(&mut self.hashes));
        for (leg, hash) in waiting {
            let (to, hash_to) = if starts_before(&leg) {
                (&mut legs, &mut hashes)
            } else {
                (&mut self.waiting, &mut self.hashes)
            };
            to.push(leg);
            hash_to.push(hash);
        }
        let (early, later) = mem::take(&mut self.early).into_iter().partition(|(start, ..)| *start < till);
        self.early = later;
        let windows = self.windows(till, &legs, &hashes, &early);
        self.load(&legs, &hashes, &windows, &early)?;
        self.cut = till;
        Ok(())
    }

    /// Opens windows that were put before it was known that something is missing in them.
    fn reopen(&self) -> Result<(), Error> {
        let Some(from) = self.gaps.iter().map(|gap| gap.period.from()).min() else { return Ok(()) };
        let is_touched = |window: &Window| self.gaps.iter().any(|gap| overlap(gap.period, window.period));
        self.restate(from, is_touched, WindowStatus::Open)
    }

    /// Puts the windows up to the end of the period, and all rows.
    fn put_all(&mut self) -> Result<(), Error> {
        if self.is_broken {
            return Err(Error::new(ErrorKind::Internal, "rows were lost on their way"));
        }
        self.put(self.period.till())?;
        // Some start behind the period: no window speaks of them, and they were paid for.
        if self.waiting.is_empty() { Ok(()) } else { self.put_early() }
    }

    /// Puts what waits, of windows that are not complete.
    fn put_early(&mut self) -> Result<(), Error> {
        let (legs, hashes) = (mem::take(&mut self.waiting), mem::take(&mut self.hashes));
        self.load(&legs, &hashes, &[], &[])?;
        let keys = legs.iter().filter_map(Leg::key).zip(hashes);
        self.early.extend(keys.map(|(key, hash)| (key.start, key.id, hash)));
        Ok(())
    }

    /// The lines of the ledger from the cut up to there: a day each, and the moment from which windows are too young.
    fn windows(
        &mut self,
        till: NaiveDateTime,
        legs: &[Leg],
        hashes: &[i64],
        early: &[(NaiveDateTime, i64, i64)],
    ) -> Vec<Window> {
        let points = self.point.as_ref().map_or(0, |point| point.points);
        let spent = points.saturating_sub(mem::replace(&mut self.points, points));
        let settled = self.zone.wall(self.now) - self.target.settle;
        let mut bounds = vec![self.cut];
        let mut midnight = self.cut.date().and_time(NaiveTime::MIN) + TimeDelta::days(1);
        while midnight < till {
            bounds.push(midnight);
            midnight += TimeDelta::days(1);
        }
        if let Some(settled) = settled.with_nanosecond(0).filter(|at| self.cut < *at && *at < till) {
            bounds.push(settled);
        }
        bounds.push(till);
        bounds.sort_unstable();
        bounds.dedup();
        let mut contents: Vec<Vec<(i64, i64)>> = vec![Vec::new(); bounds.len()];
        let keys = legs.iter().filter_map(Leg::key).zip(hashes).map(|(key, hash)| (key.start, key.id, *hash));
        for (start, id, hash) in keys.chain(early.iter().copied()) {
            let place = bounds.partition_point(|bound| *bound <= start);
            if let Some(content) = place.checked_sub(1).and_then(|place| contents.get_mut(place)) {
                content.push((id, hash));
            }
        }
        let pairs = bounds.iter().zip(bounds.iter().skip(1)).zip(contents);
        let mut windows: Vec<Window> = pairs
            .filter_map(|((from, till), content)| {
                let period = Period::new(*from, *till).ok()?;
                let is_touched = self.gaps.iter().any(|gap| overlap(gap.period, period));
                let status = match *till <= self.verified {
                    _ if is_touched || settled < *till => WindowStatus::Open,
                    true => WindowStatus::Final,
                    false if self.is_sure => WindowStatus::Unverified,
                    false => WindowStatus::Open,
                };
                Some(Window {
                    period,
                    status,
                    total_items: content.len() as u64,
                    legs: content.len() as u64,
                    inserted: 0,
                    changed: 0,
                    content_hash: content_hash(content),
                    points: 0,
                    run_id: self.target.run_id.clone(),
                    fetched_at: self.now,
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                })
            })
            .collect();
        if let Some(first) = windows.first_mut() {
            first.points = u32::try_from(spent).unwrap_or(u32::MAX);
        }
        for gap in &self.gaps {
            // In which of them they are missing is not known.
            if let Some(window) = windows.iter_mut().find(|window| overlap(gap.period, window.period)) {
                window.total_items += gap.expected.unwrap_or_default().saturating_sub(gap.received);
            }
        }
        windows
    }

    fn load(
        &mut self,
        legs: &[Leg],
        hashes: &[i64],
        windows: &[Window],
        early: &[(NaiveDateTime, i64, i64)],
    ) -> Result<(), Error> {
        let load = Load {
            account: &self.account,
            legs,
            hashes,
            windows,
            early,
            // What was not given may be there all the same.
            exact: self.target.exact && self.gaps.is_empty(),
            run_id: &self.target.run_id,
            extracted_at: self.now,
            extracted_wall: self.zone.wall(self.now),
        };
        let mut put =
            Put { windows: windows.to_vec(), places: Vec::new(), gone: Vec::new(), told: Vec::new() };
        for (index, (place, early)) in self.target.places.iter().zip(&mut self.early_counts).enumerate() {
            let mut place = place.lock();
            let loaded = place.load(&load, *early)?;
            put.places.push(loaded.counts);
            if windows.is_empty() {
                *early += loaded.counts;
            } else {
                *early = Counts::default();
            }
            if index == 0 {
                put.windows = loaded.windows;
            }
            if self.gaps.is_empty() {
                put.gone.extend(loaded.gone);
            }
            put.told.extend(loaded.told.into_iter().map(|told| format!("{}: {told}", place.address())));
        }
        put.gone.sort_unstable();
        put.gone.dedup();
        if let Some(watch) = &self.target.watch.0 {
            watch(&put);
        }
        Ok(())
    }
}

fn overlap(one: Period, other: Period) -> bool {
    one.from() < other.till() && other.from() < one.till()
}

/// Whoever leased the account gives it back.
impl Drop for WindowsWriter {
    fn drop(&mut self) {
        if self.target.is_alone {
            self.target.places.iter().for_each(|place| place.lock().release(&self.account));
        }
    }
}

impl Writer for WindowsWriter {
    fn place(&self) -> Option<&Path> {
        None
    }

    fn write(&mut self, page: Page) -> Result<(), Error> {
        self.take(page).inspect_err(|_| self.is_broken = true)
    }

    fn commit(mut self: Box<Self>) -> Result<Committed, Box<Failed>> {
        let end = self.period.till();
        let put = self.believe(end).and_then(|()| self.put_all());
        match put {
            Ok(()) => Ok(Committed { place: None, findings: mem::take(&mut self.findings) }),
            Err(error) => {
                Err(Failed::new(error, Suspended::nothing(self.taken, mem::take(&mut self.findings), None)))
            }
        }
    }

    /// All windows are put; those that a gap touches stay open.
    fn commit_but(mut self: Box<Self>, gaps: &[Gap], _: Ending) -> Suspended {
        self.gaps = gaps.to_vec();
        let error = self.reopen().and_then(|()| self.put_all()).err();
        Suspended::nothing(self.taken, mem::take(&mut self.findings), error)
    }

    /// What is complete is put, up to the last second; what is behind it will be read again.
    fn suspend(mut self: Box<Self>, _: Ending) -> Suspended {
        let complete = self.complete_before().filter(|complete| self.cut < *complete && !self.is_broken);
        let error = complete.and_then(|complete| self.put(complete).err());
        Suspended::nothing(self.taken, mem::take(&mut self.findings), error)
    }
}

/// A name for a run that no other run has: later ones sort behind earlier ones.
pub fn run_id(now: DateTime<Utc>) -> String {
    let mut random = [0; 8];
    // Without randomness the moment alone has to do.
    let _filled = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random);
    format!("{:012x}-{:016x}", now.timestamp_millis(), u64::from_le_bytes(random))
}
