//! Which days of a period a place has, by its ledger: what is missing is said wherever numbers are, so that none of a part of
//! the calls is taken for all. Not here: what a ledger is (`calllegs_store::ledger`).

use std::collections::BTreeSet;

use calllegs_core::Period;
use calllegs_stats::report::Header;
use calllegs_store::{Ledger, ledger::Schedule};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::Numbers;
use crate::{
    failure::{Exit, Failure},
    input::place::Place,
    lang::say,
    ui::text::counted,
};

impl Numbers {
    /// What numbers are of: whose legs were seen, and how much of these days is there. Of several accounts it is as complete
    /// and as late as the one that has least.
    pub(crate) fn header(&self, seen: &[String], days: (NaiveDate, NaiveDate)) -> Header {
        let ledgers = self.ledgers();
        let mut accounts: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
        let is_recorded = accounts.iter().all(|account| ledgers.iter().any(|(known, _)| known == account));
        if accounts.is_empty() {
            accounts.extend(ledgers.iter().map(|(account, _)| account.as_str()));
        }
        let account = match accounts.iter().collect::<Vec<_>>().as_slice() {
            several @ [_, _, ..] => counted(several.len() as u64, "account"),
            one => one.iter().map(ToString::to_string).collect(),
        };
        let mut header = Header::new(account, self.zone.clone(), days);
        header.hours = self.hours();
        header.is_recorded = is_recorded && !ledgers.is_empty();
        let mut missing = BTreeSet::new();
        for (_, ledger) in &ledgers {
            let Some(till) = ledger.windows().last().map(|window| window.period.till()) else { continue };
            let settles = till - Schedule::default().settle;
            header.as_of = Some(header.as_of.map_or(till, |known| known.min(till)));
            header.settles_from = Some(header.settles_from.map_or(settles, |known| known.min(settles)));
            missing.extend(missing_days(ledger, days, self.parameters.period, till));
        }
        if header.is_recorded {
            header.missing = missing.into_iter().collect();
        }
        header
    }

    /// The period, where it is not one of whole days.
    pub(crate) fn hours(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let is_midnight = |moment: &NaiveDateTime| moment.time() == NaiveTime::MIN;
        self.parameters.period.filter(|(from, till)| !is_midnight(from) || !is_midnight(till))
    }

    /// Refuses numbers of a time of which the place has nothing at all: they would be zeros, as if nobody had called.
    pub(crate) fn check_covered(&self, header: &Header) -> Result<(), Failure> {
        let (first, last) = header.days;
        let lacks_all = header.is_recorded
            && first.iter_days().take_while(|day| *day <= last).count() == header.missing.len();
        let Some((from, till)) = self.parameters.period.filter(|_| lacks_all) else { return Ok(()) };
        let ledgers = self.ledgers();
        let windows = || ledgers.iter().flat_map(|(_, ledger)| ledger.windows());
        if windows().any(|window| window.period.from() < till && from < window.period.till()) {
            return Ok(());
        }
        let first = windows().map(|window| window.period.from()).min().unwrap_or(from);
        let last = windows().map(|window| window.period.till()).max().unwrap_or(till);
        Err(Failure::new(Exit::Empty, say!("nothing of {from} … {till} was ever read into this place", from, till))
            .because(say!("it has calls from {first} until {last}, perhaps with gaps: zeros would say that nobody called", first, last))
            .next(say!("read it: calllegs sync --to PLACE --from DATE --till DATE; `calllegs state show` has what is there")))
    }

    /// What the place says of each of its accounts; nothing where it keeps no ledger.
    fn ledgers(&self) -> Vec<(String, Ledger)> {
        let Ok(place) = Place::read(&self.data).and_then(|place| place.existing()) else { return Vec::new() };
        let mut place = place.lock();
        let accounts = place.accounts().unwrap_or_default();
        let ledger = |account: String| Some((place.ledger(&account).ok()?, account));
        let ledgers = accounts.into_iter().filter_map(ledger).map(|(ledger, account)| (account, ledger));
        ledgers.filter(|(_, ledger)| !ledger.windows().is_empty()).collect()
    }
}

/// Days of the period, or parts of them, that no final window covers.
fn missing_days(
    ledger: &Ledger,
    days: (NaiveDate, NaiveDate),
    period: Option<(NaiveDateTime, NaiveDateTime)>,
    settled: NaiveDateTime,
) -> Vec<NaiveDate> {
    let final_of = |day: &NaiveDate| {
        let begin = day.and_time(NaiveTime::MIN);
        let end = begin + TimeDelta::days(1);
        let (begin, end) = period.map_or((begin, end), |(from, till)| (begin.max(from), end.min(till)));
        let end = end.min(settled);
        // What nobody has read yet is not there either.
        let Some(day) = Period::new(begin, end).ok().filter(|_| begin < end) else { return false };
        let mut covered = day.from();
        for window in ledger.windows().iter().filter(|window| window.legs == window.total_items) {
            if window.period.from() <= covered {
                covered = covered.max(window.period.till());
            }
        }
        covered >= day.till()
    };
    days.0.iter_days().take_while(|day| *day <= days.1).filter(|day| !final_of(day)).collect()
}
