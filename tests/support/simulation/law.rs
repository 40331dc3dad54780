//! The laws: what a run has to have given, asked and paid for when it has ended. Not here: how it runs.

use std::collections::{BTreeMap, BTreeSet};

use calllegs_core::{Error, ErrorKind, Mnemonic, error::Budget};
use calllegs_sandbox::{Emulator, ListingOrder};
use chrono::{NaiveDateTime, TimeDelta};

use super::{End, Simulation, run::Process};

impl Simulation {
    /// The sessions that start in the period, whole: neither more nor less, but for legs `near` its end.
    fn judge_sessions(
        &self,
        given: &BTreeSet<i64>,
        near: impl Fn(NaiveDateTime) -> bool,
    ) -> Result<(), String> {
        let period = self.scenario.period;
        let rows = self.scenario.emulator.legs(period.from(), period.till());
        let (near, truth): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, start)| near(*start));
        let ids =
            |rows: Vec<(i64, NaiveDateTime)>| rows.into_iter().map(|(id, _)| id).collect::<BTreeSet<_>>();
        let (near, truth) = (ids(near), ids(truth));
        let more: Vec<_> = given.iter().filter(|id| !truth.contains(id) && !near.contains(id)).collect();
        if !more.is_empty() {
            return Err(format!("rows of sessions that start elsewhere: {more:?}"));
        }
        let fewer: Vec<_> = truth.difference(given).collect();
        if fewer.is_empty() {
            Ok(())
        } else {
            Err(format!("rows of sessions that start here are missing: {fewer:?}"))
        }
    }

    pub(super) fn judge(&mut self, process: &Process, error: Option<&Error>) -> Result<(), String> {
        let tally = process.sweep.tally();
        let given: BTreeSet<_> = self.given.iter().map(|(id, _)| *id).collect();
        if given.len() != self.given.len() {
            return Err(format!("{} rows were given twice", self.given.len() - given.len()));
        }
        // A row that the program loses is for the law below.
        let taken = self.given.len() as u64 + u64::from(self.lost_id.is_some());
        if self.report.kills == 0 && taken != tally.rows {
            return Err(format!("{} rows are there and {} were given", self.given.len(), tally.rows));
        }
        let period = self.scenario.period;
        let world: BTreeMap<_, _> =
            self.scenario.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX).into_iter().collect();
        if let Some((id, _)) = self.given.iter().find(|(id, start)| world.get(id) != Some(start)) {
            return Err(format!("row {id} was given and does not exist"));
        }
        if !self.scenario.by_session {
            if let Some((id, start)) = self.given.iter().find(|(_, start)| !period.contains(*start)) {
                return Err(format!("row {id} of {start} lies outside the period"));
            }
            let keeps_order = !self.disordered && !tally.disordered && !tally.by_session;
            if self.scenario.calm && keeps_order && !self.given.is_sorted_by_key(|(_, start)| *start) {
                return Err("rows are not in the order of their starts".to_owned());
            }
        }
        // Where totals lie and there is no order either, nothing tells.
        let hides = self.scenario.by_session && self.scenario.hides;
        let blind = self.scenario.lies && self.scenario.order != ListingOrder::Asked;
        // A row that appears when its slice is being read is owed to nobody.
        let is_new = self.lost_id.is_some_and(|id| !self.owed.contains_key(&id));
        self.report.blind = blind || hides || is_new;
        let gaps = &tally.gaps;
        let unread = |start: NaiveDateTime| start >= process.sweep.at();
        // A leg a second behind its session, in the second after the period: no question tells whose it is. Where sessions are
        // hidden, no more can be said of other legs behind the period.
        let is_near_end =
            |start: NaiveDateTime| period.till() <= start && start <= period.till() + TimeDelta::seconds(1);
        for (id, start) in self.owed.iter().filter(|(id, _)| !given.contains(id)) {
            let margin =
                self.scenario.by_session && (is_near_end(*start) || hides && !period.contains(*start));
            let in_gap = gaps.iter().any(|gap| gap.period.contains(*start))
                || (self.scenario.is_strange() && !gaps.is_empty());
            let behind = error.is_some() && (unread(*start) || self.scenario.is_strange());
            if !margin && !in_gap && !behind && !blind {
                return Err(format!("row {id} of {start} is missing; gaps {gaps:?}, error {error:?}"));
            }
        }
        let whole = error.is_none() && gaps.is_empty();
        if let Some(id) = given.intersection(&self.partial).next().filter(|_| whole && self.scenario.calm) {
            return Err(format!("row {id} was given as it was listed first"));
        }
        if whole && self.scenario.calm && self.scenario.by_session {
            self.judge_sessions(&given, is_near_end)?;
        }
        if error.is_none() && gaps.is_empty() && tally.expected != tally.rows {
            return Err(format!("{} rows of {} and no gap", tally.rows, tally.expected));
        }
        self.report.end = match error {
            Some(error) => {
                self.may_fail(process, error)?;
                End::Error
            }
            None if gaps.is_empty() => End::Complete,
            None => End::Gaps,
        };
        let unreadable = |gap: &calllegs_core::sweep::Gap| gap.expected > Some(self.scenario.reach.rows());
        // A second at a bound of the period that fills pages alone is asked without the ones beside it.
        let edges = [period.from(), period.till()];
        let near = |start: NaiveDateTime| edges.iter().any(|edge| (start - *edge).num_seconds().abs() <= 1);
        let dense =
            world.values().filter(|start| near(**start)).count() > self.scenario.reach.limit() as usize;
        let unreadable = |gap: &calllegs_core::sweep::Gap| dense || unreadable(gap);
        let stable = self.scenario.order != ListingOrder::Shuffled;
        // An earlier run may have taken rows for ordered that are not.
        let begins_anew = tally.outdated && self.scenario.is_strange();
        if self.scenario.calm && stable && !begins_anew && !gaps.iter().all(unreadable) {
            return Err(format!("gaps on a calm day: {gaps:?}"));
        }
        let stats = self.scenario.emulator.stats();
        // What nobody counts is not charged; what was on its way when the run ended was not seen any more.
        let counts = self.scenario.calm && self.report.kills == 0 && error.is_none() && stats.points > 0;
        if counts && u64::from(process.account.gate().spent()) != stats.points {
            return Err(format!(
                "{} points counted, {} charged",
                process.account.gate().spent(),
                stats.points
            ));
        }
        if self.scenario.login
            && stats.sign_ins > 1 + u64::from(self.report.kills) + expiries(&self.scenario.emulator, self.now)
        {
            return Err(format!("{} sign-ins", stats.sign_ins));
        }
        self.report.rows = self.given.len();
        self.report.requests = self.requests;
        self.report.rereads = self.rereads;
        self.report.gaps = gaps.len();
        Ok(())
    }

    /// On a calm day only points end a run: by the gate's word, or by the server's to a program that has just started.
    fn may_fail(&self, process: &Process, error: &Error) -> Result<(), String> {
        let points = matches!(error.budget(), Some(Budget::Day | Budget::Points | Budget::Hour));
        let told = error.server().is_some_and(|error| *error.mnemonic() == Mnemonic::LimitExceeded);
        let begins = process.sweep.tally().pages == 0;
        if self.scenario.calm && !points && !(told && begins) {
            return Err(format!("an error on a calm day: {error}"));
        }
        if error.kind() == ErrorKind::Build {
            return Err(format!("an illegal call: {error}"));
        }
        Ok(())
    }
}

/// How often a session was over: refused, or an hour old.
fn expiries(emulator: &Emulator, now: u64) -> u64 {
    let refused = emulator
        .journal()
        .filter(|entry| entry.refused.as_deref().is_some_and(|word| word.starts_with("access_token")));
    // A sign-in whose reply is lost is made again.
    let lost = emulator.journal().filter(|entry| entry.method == "login.user" && entry.fault.is_some());
    refused.count() as u64 + lost.count() as u64 + now / 3_000_000
}
