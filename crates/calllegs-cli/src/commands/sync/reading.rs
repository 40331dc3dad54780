//! A period, read into places with a ledger. Not here: which period (`job`), how rows become windows
//! (`calllegs_store::windows`).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use calllegs_arrow::origin::Origin;
use calllegs_core::{Period, value::wall_time};
use calllegs_store::{
    ExportSpec, WindowsDestination, WriterThread,
    destination::{Destination, Ending, Request},
    ledger::WindowStatus,
    ledger_check,
    redact::Redaction,
    windows::{Put, Shared},
};
use chrono::{NaiveTime, TimeDelta};

use crate::{
    account::session::{Line, Session},
    commands::export::{Export, wall_period},
    failure::{Exit, Failure},
    input::dates::describe,
    lang::say,
    ui::{
        findings,
        log::{Event, Facts},
        outcome::Outcome,
        progress::Progress,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// An account that is this run's in some places, until this is dropped.
pub(super) struct Leased {
    places: Vec<Shared>,
    pub(super) account: String,
    pub(super) told: Vec<String>,
}

impl Leased {
    pub(super) fn take<'p>(
        places: impl IntoIterator<Item = &'p Shared>,
        account: &str,
        run_id: &str,
    ) -> Result<Self, Failure> {
        let mut leased = Self { places: Vec::new(), account: account.to_owned(), told: Vec::new() };
        for place in places {
            leased.told.extend(place.lock().lease(account, run_id)?);
            leased.places.push(place.clone());
            let opened = ledger_check::reopen_emptied(&mut **place.lock(), account)?;
            if opened > 0 {
                leased.told.push(say!(
                    "the table has none of the legs that its ledger counts in {windows}: they are read again",
                    windows = counted(opened as u64, "window")
                ));
            }
        }
        Ok(leased)
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        self.places.iter().for_each(|place| place.lock().release(&self.account));
    }
}

/// What reading a period into places needs.
pub(crate) struct Reading<'r> {
    pub(crate) places: &'r [Shared],
    pub(crate) run_id: &'r str,
    pub(crate) settle: TimeDelta,
    pub(crate) exact: bool,
    /// What is taken off the legs.
    pub(crate) redaction: Option<&'r Redaction>,
    /// Pages in flight together.
    pub(crate) ahead: usize,
    /// Pages after which it stops, to go on another time.
    pub(crate) turn: u64,
    pub(crate) session: &'r Session,
    pub(crate) line: &'r mut Line,
    pub(crate) terminal: &'r Arc<Terminal>,
    /// Each window is told.
    pub(crate) tells: bool,
}

/// What became of a period.
pub(crate) struct Read {
    pub(crate) rows: u64,
    pub(crate) pages: u64,
    /// It was stopped before its end because its turn was over; what was read is put.
    pub(crate) is_cut: bool,
    /// What is missing.
    pub(crate) holes: Vec<String>,
    /// In what the legs are not as they are documented.
    pub(crate) drift: Vec<String>,
    /// Windows that are in all places, however it ended.
    pub(crate) put: Vec<Put>,
    pub(crate) ended: Result<(), Failure>,
}

impl Reading<'_> {
    /// Reads a period into the places.
    ///
    /// # Errors
    /// When it cannot be begun.
    pub(crate) fn read(&mut self, period: Period) -> Result<Read, Failure> {
        let Self { session, terminal, .. } = self;
        let Session { connection, owner, clock } = session;
        terminal.note(&describe(period, &clock.zone, owner.source).to_string());
        let spec = ExportSpec::default();
        let put = Arc::new(Mutex::new(Vec::new()));
        let (seen, shown, tells) = (Arc::clone(&put), Arc::clone(terminal), self.tells);
        let whose = owner.account.clone();
        let destination = WindowsDestination::new(self.places.iter().cloned(), self.run_id)
            .settle(self.settle)
            .exact(self.exact)
            .redact(self.redaction.cloned())
            .watched_by(move |put: &Put| {
                if tells {
                    tell(put, &shown, whose.as_deref());
                }
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(put.clone());
            });
        let account = owner.account.as_deref().unwrap_or_default();
        let origin = Origin::new(account, &spec.written(), period);
        let request = Request::new("", spec.written(), origin, (clock.now, clock.zone.clone()));
        let opened = Box::new(destination).open()?;
        let writing = WriterThread::begin(opened.begin(request)?.writer)?;
        let mut outcome = Outcome::default();
        let mut context = connection.context();
        context.clock = Some(clock.clone());
        context.period = Some(period);
        let mut export = Export {
            client: &connection.client,
            spec: &spec,
            context: &context,
            terminal,
            outcome: &mut outcome,
            owner,
            writing: &writing,
            ahead: self.ahead,
            turn: self.turn,
            is_bounded: true,
            progress: Progress::begin(Instant::now()),
        };
        let Line { runtime, interruptions } = &mut *self.line;
        let read = runtime.block_on(export.read(period, None, interruptions));
        let (writer, written) = writing.end();
        // What is missing is named at the end; the other windows are put.
        let is_told = |failure: &Failure| failure.exit == Exit::Incomplete && !outcome.holes.is_empty();
        let read = read.or_else(|failure| if is_told(&failure) { Ok(()) } else { Err(failure) });
        let ended = written.map_err(Failure::from).and(read);
        let (ended, noticed) = match ended {
            Ok(()) if outcome.is_cut => {
                let suspended = writer.suspend(Ending::behind(outcome.rows));
                (suspended.error.map_or(Ok(()), |error| Err(Failure::from(error))), suspended.findings)
            }
            Ok(()) if !outcome.gaps.is_empty() => {
                let suspended = writer.commit_but(&outcome.gaps, Ending::behind(outcome.rows));
                (suspended.error.map_or(Ok(()), |error| Err(Failure::from(error))), suspended.findings)
            }
            Ok(()) => match writer.commit() {
                Ok(committed) => (Ok(()), committed.findings),
                Err(failed) => (Err(Failure::from(failed.error)), failed.suspended.findings),
            },
            Err(failure) => {
                let suspended = writer.suspend(Ending::behind(outcome.rows));
                (Err(failure), suspended.findings)
            }
        };
        for line in outcome.warnings("leg").iter().chain(&findings::lines(&noticed)) {
            terminal.warn(line);
        }
        let put = std::mem::take(&mut *put.lock().unwrap_or_else(PoisonError::into_inner));
        let drift = findings::drift(&noticed, &outcome.notes);
        let Outcome { rows, pages, is_cut, holes, .. } = outcome;
        Ok(Read { rows, pages, is_cut, holes, drift, put, ended })
    }
}

/// One line a window.
fn tell(put: &Put, terminal: &Terminal, account: Option<&str>) {
    for told in &put.told {
        terminal.note(told);
    }
    for window in &put.windows {
        let facts = Facts {
            account: account.map(str::to_owned),
            window: Some(wall_period(window.period)),
            rows: Some(window.legs),
            changed: Some(window.changed),
            points: Some(window.points),
            ..Facts::default()
        };
        terminal.event(Event::WindowCommit, &facts);
        let legs = counted(window.legs, "leg");
        let [new, changed] = [grouped(window.inserted), grouped(window.changed)];
        let open = match window.status {
            WindowStatus::Final | WindowStatus::Unverified => "",
            WindowStatus::Open if window.legs < window.total_items => say!(", open: the server counts more"),
            WindowStatus::Open | _ => say!(", open: it is not settled"),
        };
        terminal.note(&say!(
            "{period}  {legs}, {new} new, {changed} changed{open}",
            period = name(window.period),
            legs,
            new,
            changed,
            open
        ));
    }
    if let Some(first) = put.gone.first() {
        terminal.warn(&say!(
            "{legs} in the place that the server does not have any more, the first with id {first}",
            legs = counted(put.gone.len() as u64, "leg"),
            first
        ));
    }
}

/// A window as people write it: a day by its date.
pub(crate) fn name(period: Period) -> String {
    let (from, till) = (period.from(), period.till());
    if from.time() == NaiveTime::MIN && till == from + TimeDelta::days(1) {
        return from.date().to_string();
    }
    format!("{} … {}", wall_time::format(from), wall_time::format(till))
}
