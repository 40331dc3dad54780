//! What is counted while legs and calls go by, and the results that it gives at the end.
//!
//! | module | counts |
//! |---|---|
//! | `calls` | calls: service level, waits, talk, days and hours, scenarios |
//! | `rings` | rings of employees: reasons, people, groups, recordings |
//! | `lines` | legs at the same time |
//! | `busy` | hours in which people are busy |
//! | `half_hours` | load and people by half hour of the day |
//! | `contacts` | calls of the same contact: repeats, call backs, first responses |
//!
//! Not here: which legs are a call.

mod busy;
mod calls;
mod contacts;
mod half_hours;
mod histogram;
mod lines;
mod rings;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

pub(crate) use self::contacts::Contacts;
use self::{busy::Busy, calls::Calls, contacts::Followed, half_hours::HalfHours, lines::Lines, rings::Rings};
pub use self::{
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
}

impl Tally {
    pub(crate) fn leg(&mut self, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        self.rings.leg(leg, names)?;
        self.lines.leg(leg);
        self.busy.leg(leg);
        self.half_hours.leg(leg);
        Ok(())
    }

    pub(crate) fn call(&mut self, call: &Call, parameters: &Parameters) {
        self.calls.call(call, parameters);
        self.rings.call(call);
        self.half_hours.call(call);
    }

    /// When the last call began, on the wall clock.
    pub(crate) const fn last_start(&self) -> Option<i64> {
        self.calls.last_start()
    }

    /// The first and the last day on which a call began.
    pub(crate) fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.calls.days()
    }

    /// With what became of its missed calls: of all that are followed, or of those in this part of a split.
    pub(crate) fn summary(
        mut self,
        names: &Names,
        accounts: &[Box<str>],
        parameters: &Parameters,
        days: Option<(NaiveDate, NaiveDate)>,
        (followed, part): (&Followed, Option<usize>),
    ) -> Summary {
        let mut tables = Vec::new();
        let group_transfers = self.rings.group_transfers(names);
        self.rings.tables(names, &mut tables);
        let (lines, peaks) = self.lines.finish();
        tables.push(lines);
        let half_hours = self.half_hours.finish(&peaks, self.calls.day_count());
        let active = self.busy.active();
        tables.push(self.busy.table());
        followed.tables(part, &mut tables);
        let missed = followed.missed_calls(names, accounts, part);
        let service_level = self.calls.finish(names, parameters, days, &active, &mut tables);
        Summary { tables, service_level, missed, half_hours, group_transfers }
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
}

impl Summary {
    /// The result of this shape. Every one of [`Shape::ALL`] is there, but in a part of a split that is not an account
    /// those that need all calls of a contact.
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
}

/// Seconds since 1970 of a wall clock, as one shows them.
pub(crate) fn shown(wall: i64) -> NaiveDateTime {
    DateTime::from_timestamp(wall, 0).unwrap_or_default().naive_utc()
}
