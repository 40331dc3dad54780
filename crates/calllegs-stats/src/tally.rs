//! What is counted while legs and calls go by, and the results that it gives at the end.
//!
//! | module | counts |
//! |---|---|
//! | `calls` | calls: service level, waits, talk, days and hours, scenarios |
//! | `rings` | rings of employees: reasons, people, groups, recordings |
//! | `lines` | legs at the same time |
//! | `busy` | hours in which people are busy |
//! | `half_hours` | load and people by half hour of the day |
//! | `breakdown` | calls by account, group, number or scenario |
//! | `contacts` | calls of the same contact: repeats, call backs, first responses |
//!
//! Not here: which legs are a call.

mod breakdown;
mod busy;
mod calls;
mod contacts;
mod half_hours;
mod histogram;
mod lines;
mod rings;

use chrono::{DateTime, NaiveDateTime};

use self::{
    breakdown::Breakdown, busy::Busy, calls::Calls, contacts::Contacts, half_hours::HalfHours, lines::Lines,
    rings::Rings,
};
pub use self::{
    breakdown::{Dimension, Slice},
    calls::{ServiceLevel, ServiceLevelVariant},
    contacts::{After, MissedCall},
    half_hours::HalfHour,
    rings::GroupTransfer,
};
use crate::{
    error::Error, legs::Leg, names::Names, parameters::Parameters, session::Call, shape::Shape, table::Table,
};

/// Everything that is counted of an account, or of several together.
#[derive(Default)]
pub(crate) struct Tally {
    calls: Calls,
    rings: Rings,
    lines: Lines,
    busy: Busy,
    half_hours: HalfHours,
    breakdown: Breakdown,
    contacts: Contacts,
}

impl Tally {
    /// Whose calls are told apart by this.
    pub(crate) fn by(dimension: Option<Dimension>) -> Self {
        Self { breakdown: Breakdown::new(dimension), ..Self::default() }
    }

    pub(crate) fn leg(&mut self, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        self.rings.leg(leg, names)?;
        self.lines.leg(leg);
        self.busy.leg(leg);
        self.half_hours.leg(leg);
        Ok(())
    }

    /// A call of the account of this number.
    pub(crate) fn call(&mut self, account: u16, call: &Call, parameters: &Parameters) -> Result<(), Error> {
        self.calls.call(call, parameters);
        self.rings.call(call);
        self.half_hours.call(call);
        self.breakdown.call(account, call, parameters);
        self.contacts.call(account, call)
    }

    pub(crate) fn summary(self, names: &Names, accounts: &[Box<str>], parameters: &Parameters) -> Summary {
        let mut tables = Vec::new();
        let group_transfers = self.rings.group_transfers(names);
        self.rings.tables(names, &mut tables);
        let (lines, peaks) = self.lines.finish();
        tables.push(lines);
        let half_hours = self.half_hours.finish(&peaks, self.calls.day_count());
        let slices = self.breakdown.finish(names, accounts);
        tables.push(self.busy.table());
        let last = self.calls.last_start();
        let missed = self.contacts.finish(names, accounts, parameters, last, &mut tables);
        let service_level = self.calls.finish(names, parameters, &mut tables);
        Summary { tables, service_level, missed, half_hours, group_transfers, slices }
    }
}

/// All results of an account, or of several together.
#[derive(Clone, Debug)]
pub struct Summary {
    tables: Vec<Table>,
    service_level: ServiceLevel,
    missed: Vec<MissedCall>,
    half_hours: Vec<HalfHour>,
    group_transfers: Vec<GroupTransfer>,
    slices: Vec<Slice>,
}

impl Summary {
    /// The result of this shape; every one of [`Shape::ALL`] is there.
    pub fn table(&self, shape: &'static Shape) -> Option<&Table> {
        self.tables.iter().find(|table| table.shape == shape)
    }

    /// All results, in the order of [`Shape::ALL`].
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        Shape::ALL.into_iter().filter_map(|shape| self.table(shape))
    }

    /// What the variants of the service level are quotients of.
    pub const fn service_level(&self) -> ServiceLevel {
        self.service_level
    }

    /// Missed calls, by start: who was missed when, and what became of them.
    pub fn missed_calls(&self) -> &[MissedCall] {
        &self.missed
    }

    /// Load and people by half hour of the day, from the first to the last one with a leg.
    pub fn half_hours(&self) -> &[HalfHour] {
        &self.half_hours
    }

    /// Transfers between groups, most frequent first, then by name.
    pub fn group_transfers(&self) -> &[GroupTransfer] {
        &self.group_transfers
    }

    /// Calls by what the analysis was asked to [tell apart](crate::Analysis::tell_apart), most first.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }
}

/// Seconds since 1970 of a wall clock, as one shows them.
fn shown(wall: i64) -> NaiveDateTime {
    DateTime::from_timestamp(wall, 0).unwrap_or_default().naive_utc()
}
