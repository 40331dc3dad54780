//! What became of a run, and what a reader of its rows should know. Not here: how it is found out.

use std::collections::BTreeSet;

use calllegs_core::{
    Period,
    schema::Listing as _,
    sweep::{Gap, Tally},
};
use calllegs_reports::financial_call_legs_report::FinancialCallLegsReport;
use calllegs_store::Unmatched;
use chrono::NaiveDateTime;

use crate::{
    lang::{self, say},
    ui::{log::Facts, text::counted},
};

/// What became of a run. Valid at any moment, so that an interrupted run can be summed up too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Rows written.
    pub(crate) rows: u64,
    /// Distinct rows that the server counts in the period, once all of it is counted.
    pub(crate) expected: Option<u64>,
    pub(crate) points: u32,
    pub(crate) calls: u64,
    pub(crate) windows: u64,
    pub(crate) pages: u64,
    /// It was stopped before its end, and nobody asked for that: another time it goes on.
    pub(crate) is_cut: bool,
    pub(crate) duplicates: u64,
    /// Legs that are given although they start outside the window that listed them.
    pub(crate) strays: u64,
    /// What was kept does not fit what the server lists now: the next run must not go on behind it.
    pub(crate) begins_anew: bool,
    /// Pages and windows that were asked again, because what they said did not fit together.
    pub(crate) rereads: u64,
    pub(crate) complete: bool,
    /// Rows beyond those written, as far as they are counted, and where the count ends before the period does.
    pub(crate) more: Option<(u64, Option<NaiveDateTime>)>,
    /// What the server did not give whole, and the same in words.
    pub(crate) gaps: Vec<Gap>,
    pub(crate) holes: Vec<String>,
    /// Where the period reaches beyond the moment of the run: that moment, on the account's wall clock.
    pub(crate) until: Option<NaiveDateTime>,
    /// Whose legs they are, and the period that was read, with the zone of its clock.
    pub(crate) account: Option<String>,
    pub(crate) period: Option<(Period, String)>,
    /// The points that the server said were left of the day.
    pub(crate) day_remaining: Option<u32>,
    /// In what the legs are not as they are documented.
    pub(crate) drift: Vec<String>,
    /// Which legs lose their place to these.
    pub(crate) replaces: Option<String>,
    /// Legs without a row of a listing that is joined to them.
    pub(crate) without: Without,
    pub(crate) notes: Notes,
}

/// What is noticed on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) dropped: BTreeSet<&'static str>,
    pub(crate) absent: BTreeSet<&'static str>,
    pub(crate) repeats: u64,
    pub(crate) by_session: bool,
    pub(crate) disordered: bool,
    pub(crate) repaired: u64,
}

/// How many legs have no row of a listing that is joined to them: known when all are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Without {
    /// The methods that list the rows.
    pub(crate) names: Vec<&'static str>,
    pub(crate) counts: Unmatched,
}

impl Without {
    /// The listings, and the legs that each has no row for.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.names.iter().copied().zip(self.counts.counts())
    }

    /// A line for each listing that lacks a row for some legs.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lacking = self.counts().filter(|(_, legs)| *legs > 0);
        lacking
            .map(|(name, legs)| {
                let legs = counted(legs, "leg");
                if name == FinancialCallLegsReport::METHOD.name {
                    return say!("{legs} without a row of {name}: calls that cost nothing have none; its columns are null there", legs, name);
                }
                say!("{legs} without a row of {name}: its columns are null there", legs, name)
            })
            .collect()
    }
}

impl Outcome {
    /// Takes over what core has seen on the way.
    pub(crate) fn observe(&mut self, tally: &Tally) {
        self.windows = tally.windows;
        self.pages = tally.pages;
        self.duplicates = tally.repeats;
        self.rereads = tally.rereads;
        self.gaps.clone_from(&tally.gaps);
        self.holes = tally.gaps.iter().map(ToString::to_string).collect();
        self.strays = tally.out_of_window;
        self.notes.repeats = tally.repeats;
        self.notes.by_session = tally.by_session;
        self.notes.disordered = tally.disordered;
        self.notes.repaired = tally.repaired;
        self.notes.dropped = tally.dropped.iter().map(|column| column.name()).collect();
        self.notes.absent = tally.absent.iter().map(|column| column.name()).collect();
    }

    /// Adds what became of one of several accounts.
    pub(crate) fn add(&mut self, name: &str, other: &Self) {
        self.rows += other.rows;
        self.windows += other.windows;
        self.duplicates += other.duplicates;
        self.strays += other.strays;
        self.rereads += other.rereads;
        self.complete &= other.complete;
        self.drift.extend(other.drift.iter().map(|drift| format!("{name}: {drift}")));
        self.holes.extend(other.holes.iter().map(|hole| format!("{name}: {hole}")));
        self.until = self.until.or(other.until);
        self.expected = other.expected.map(|expected| self.expected.unwrap_or_default() + expected);
    }

    /// The same, for a log.
    pub(crate) fn facts(&self) -> Facts {
        Facts {
            account: self.account.clone(),
            rows: Some(self.rows),
            holes: Some(self.holes.len() as u64),
            points: Some(self.points),
            day_remaining: self.day_remaining,
            ..Facts::default()
        }
    }

    /// One line for each kind of thing that a reader of the rows, which are called so, should know.
    pub(crate) fn warnings(&self, noun: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let names = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
        if !self.notes.dropped.is_empty() {
            lines.push(say!(
                "columns left out, because the server refuses them: {dropped}",
                dropped = names(&self.notes.dropped)
            ));
        }
        if !self.notes.absent.is_empty() {
            lines.push(say!(
                "columns that were asked for and are missing in the replies: {absent}",
                absent = names(&self.notes.absent)
            ));
        }
        let strays = counted(self.strays, noun);
        if self.notes.by_session {
            lines.push(say!(
                "the server selects by the start of sessions: these are the sessions that start in the period, whole; \
                 {strays} of them start outside the window that was asked",
                strays
            ));
        } else if self.strays > 0 {
            lines.push(match self.strays {
                1 => say!("{strays} starts outside the window that listed them; it is kept", strays),
                _ => say!("{strays} start outside the window that listed them; they are kept", strays),
            });
        }
        if self.notes.disordered {
            let noun = lang::noun(0, noun);
            lines.push(if self.holes.is_empty() {
                say!("the server lists {noun} out of order: all are here, but not in the order of their starts", noun)
            } else {
                say!("the server lists {noun} out of order: those that came are not in the order of their starts", noun)
            });
        }
        if self.notes.repeats > 0 {
            lines.push(say!(
                "the server lists {legs} more than once: given as listed last",
                legs = counted(self.notes.repeats, noun)
            ));
        }
        if self.notes.repaired > 0 {
            let values = counted(self.notes.repaired, "value");
            lines.push(match self.notes.repaired {
                1 => say!(
                    "{values} in the replies was not valid JSON and was repaired: broken characters became U+FFFD, bare \
                     words such as NaN became text",
                    values
                ),
                _ => say!(
                    "{values} in the replies were not valid JSON and were repaired: broken characters became U+FFFD, bare \
                     words such as NaN became text",
                    values
                ),
            });
        }
        lines
    }
}
