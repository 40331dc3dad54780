//! One account, from what is due to what its places have in the end. Not here: which accounts (`fan_out`).

use std::sync::Arc;

use calllegs_arrow::Zone;
use calllegs_core::Period;
use calllegs_store::{ExportSpec, windows::Shared};
use chrono::{DateTime, Utc};

use super::{
    asked::Asked,
    job::Job,
    reading::{Leased, Read, Reading, name},
    recount::{self, Left, recount},
    summary::{PlaceState, Synced},
};
use crate::{
    account::{
        connect::Connection,
        session::{Line, Session},
    },
    commands::plan::{self, Counted},
    failure::{Exit, Failure},
    lang::say,
    ui::{
        command_line::{self, Bound},
        stdout,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// What holds for all accounts of a run.
#[derive(Clone, Copy)]
pub(super) struct Loader<'r> {
    pub(super) job: &'r Job,
    pub(super) asked: &'r Asked,
    pub(super) run_id: &'r str,
    /// The zone that dates are meant in.
    pub(super) given: Option<&'r Zone>,
    pub(super) now: DateTime<Utc>,
}

/// How an account is read at one time.
pub(super) struct Turn<'t> {
    pub(super) line: &'t mut Line,
    pub(super) places: &'t [Shared],
    pub(super) terminal: &'t Arc<Terminal>,
    /// Pages after which it stops.
    pub(super) pages: u64,
    /// Pages in flight together.
    pub(super) ahead: usize,
}

impl Loader<'_> {
    /// Opens the session of the one account of a connection. What that costs is counted, also where it fails.
    pub(super) fn open(
        &self,
        connection: &Connection,
        line: &mut Line,
        terminal: &Arc<Terminal>,
        synced: &mut Synced,
    ) -> Result<Session, Failure> {
        let session = Session::open(connection.clone(), line, self.given, terminal, self.now);
        synced.spent(connection);
        let session = session?;
        session.account().clone_into(&mut synced.account);
        Ok(session)
    }

    /// The legs of the one account of a connection.
    pub(super) fn alone(
        &self,
        session: &Session,
        line: &mut Line,
        places: &[Shared],
        terminal: &Arc<Terminal>,
        synced: &mut Synced,
    ) -> Result<(), Failure> {
        if self.job.dry_run {
            let due = self.job.due(places, session)?;
            let waiting = recount::waiting(places, session.account())?.len() as u64;
            return tell_forecast(&due, waiting, session, line, terminal);
        }
        // To know the account may have cost a point.
        let is_free = session.connection.client.usage().spent == 0;
        let leased = Leased::take(places, session.account(), self.run_id)
            .map_err(|failure| if is_free { failure.unspent() } else { failure })?;
        for told in &leased.told {
            terminal.note(told);
        }
        self.settle_before(session, places, line, terminal, synced).map_err(kept)?;
        let due = self.job.due(places, session)?;
        let mut turn = Turn { line, places, terminal, pages: u64::MAX, ahead: self.job.ahead };
        let ended = self.read(session, due, &mut turn, synced).map(drop);
        let ended = finish(session, places, terminal, synced, ended);
        drop(leased);
        ended.map_err(kept)
    }

    /// Counts what earlier runs left, before anything is read: a budget that ends this run too has brought it on.
    pub(super) fn settle_before(
        &self,
        session: &Session,
        places: &[Shared],
        line: &mut Line,
        terminal: &Terminal,
        synced: &mut Synced,
    ) -> Result<(), Failure> {
        if self.job.is_anew() {
            return Ok(());
        }
        // What differs is open then, and due.
        let counted = recount(Left::Before(self.run_id), places, session, line, terminal);
        synced.spent(&session.connection);
        counted.map(drop)
    }

    /// Reads what is due, as much of it as the turn has pages for, and counts what earlier runs and turns left; returns
    /// whether that was all.
    pub(super) fn read(
        &self,
        session: &Session,
        due: Vec<Period>,
        turn: &mut Turn<'_>,
        synced: &mut Synced,
    ) -> Result<bool, Failure> {
        let mut left = turn.pages;
        for period in due {
            if left == 0 {
                return Ok(false);
            }
            let read = self.read_period(session, period, left, turn, synced)?;
            if read.is_cut {
                return Ok(false);
            }
            left = left.saturating_sub(read.pages);
        }
        let counted = recount(Left::ByAny, turn.places, session, turn.line, turn.terminal);
        synced.spent(&session.connection);
        for period in counted? {
            self.read_period(session, period, u64::MAX, turn, synced)?;
        }
        Ok(true)
    }

    fn read_period(
        &self,
        session: &Session,
        period: Period,
        pages: u64,
        turn: &mut Turn<'_>,
        synced: &mut Synced,
    ) -> Result<Read, Failure> {
        let mut reading = Reading {
            places: turn.places,
            run_id: self.run_id,
            settle: self.job.schedule.settle,
            exact: self.job.exact,
            redaction: self.job.redaction.as_ref(),
            ahead: turn.ahead,
            turn: pages,
            session,
            line: turn.line,
            terminal: turn.terminal,
            tells: true,
        };
        let mut read = reading.read(period)?;
        synced.add(&read);
        synced.spent(&session.connection);
        std::mem::replace(&mut read.ended, Ok(())).map(|()| read)
    }
}

/// Whether the same command goes on where the run ended.
pub(super) const fn can_go_on(exit: Exit) -> bool {
    matches!(exit, Exit::Points | Exit::Network | Exit::Interrupted | Exit::Terminated | Exit::HungUp)
}

/// A run that was stopped: what it has read stays, and the command that goes on.
pub(super) fn kept(mut failure: Failure) -> Failure {
    if can_go_on(failure.exit) {
        let bound = if failure.is_out_of_budget { Bound::LeftOut } else { Bound::Kept };
        failure.kept = Some(say!("the windows that were told are in their places").to_owned());
        failure.resume_with = Some(command_line::to_go_on(bound).into());
    }
    failure
}

/// Says what the places have now, and what is missing.
pub(super) fn finish(
    session: &Session,
    places: &[Shared],
    terminal: &Terminal,
    synced: &mut Synced,
    mut ended: Result<(), Failure>,
) -> Result<(), Failure> {
    for (index, place) in places.iter().enumerate() {
        let state =
            match PlaceState::read(place, session.account(), &session.clock.zone, synced.counts(index)) {
                Ok(state) => state,
                // A place that is gone says so once.
                Err(_) if ended.is_err() => continue,
                Err(failure) => return Err(failure),
            };
        let until = &state.told;
        let [new, changed] = [grouped(state.inserted), grouped(state.changed)];
        let written = if places.len() > 1 {
            say!(", {new} new, {changed} changed", new, changed)
        } else {
            String::new()
        };
        let unverified = if state.unverified == 0 {
            String::new()
        } else {
            say!(", {windows} to be counted", windows = counted(state.unverified as u64, "window"))
        };
        terminal.note(&format!("{}: {until}{unverified}{written}", state.place));
        synced.places.push(state);
    }
    if ended.is_ok() && !synced.holes.is_empty() {
        ended = Err(Failure::new(
            Exit::Incomplete,
            say!("not everything came:\n  {holes}", holes = synced.holes.join("\n  ")),
        )
        .because(say!("what the server gives is not what it counts, also when it is asked again"))
        .next(say!("run the command again: those windows are open and will be read anew")));
    }
    let [legs, points, calls] =
        [counted(synced.rows, "leg"), counted(synced.points.into(), "point"), counted(synced.calls, "call")];
    let [new, changed] = [grouped(synced.inserted), grouped(synced.changed)];
    // Of several places each has said its own.
    let written =
        if places.len() > 1 { String::new() } else { say!("{new} new, {changed} changed, ", new, changed) };
    terminal.note(&say!("{legs} read: {written}{points}, {calls}", legs, written, points, calls));
    ended
}

/// What each of these periods holds, and what reading it costs.
pub(super) fn forecast(
    due: &[Period],
    session: &Session,
    line: &mut Line,
) -> Result<Vec<(Period, Counted)>, Failure> {
    let spec = ExportSpec::default();
    let mut context = session.connection.context();
    context.clock = Some(session.clock.clone());
    let count = |period: &Period| {
        let counting = plan::count(&session.connection, &spec, &context, *period);
        Ok((*period, line.wait(counting)?))
    };
    due.iter().map(count).collect()
}

/// Says what would be read, and what that costs.
fn tell_forecast(
    due: &[Period],
    waiting: u64,
    session: &Session,
    line: &mut Line,
    terminal: &Terminal,
) -> Result<(), Failure> {
    line.wait(plan::agree(terminal, due))?;
    let mut text = String::new();
    let mut all = Counted::default();
    for (period, forecast) in forecast(due, session, line)? {
        all += forecast;
        let [legs, calls] = [counted(forecast.legs, "leg"), counted(forecast.calls, "point")];
        text.push_str(&say!("{period}  {legs}, about {calls}\n", period = name(period), legs, calls));
    }
    if waiting > 0 {
        all.calls += waiting * recount::COST;
        let points = counted(waiting * recount::COST, "point");
        text.push_str(&say!("counting what a stopped run has read: about {points}\n", points));
    }
    let [legs, points] = [counted(all.legs, "leg"), counted(all.calls, "point")];
    stdout::print(&say!("{text}{legs} in all, about {points}\n", text, legs, points))?;
    Ok(())
}
