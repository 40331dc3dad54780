//! A store as one request finds it: which rows are there at the account's time, and what standing faults make of them.
//! The store itself never changes, so emulators share it.

use std::cmp::Ordering;

use calllegs_core::schema::{Cell, Cells, FieldInfo};
use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::{
    lateness::{self, Lateness},
    random::Random,
    store::{Ripe, Store},
    switches::Unfinished,
};

/// Rows that appear late (the fault `overlap`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late {
    pub(crate) seed: u64,
    /// The share of late rows, in millionths.
    pub(crate) share: u32,
    /// Answered calls before which no late row appears.
    pub(crate) after: u64,
    /// Answered calls over which they appear.
    pub(crate) spread: u32,
    /// Calls answered so far.
    pub(crate) answered: u64,
}

impl Late {
    fn hides(self, id: i64) -> bool {
        let mut random = Random::new(self.seed, id.cast_unsigned());
        random.below(1_000_000) < self.share
            && self.answered <= self.after + u64::from(random.below(self.spread))
    }
}

/// A moment in a zone, to which wall clock times of rows are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Unix seconds.
    pub(crate) unix: i64,
    pub(crate) zone: Tz,
}

impl Moment {
    /// Whether it has come so many seconds after the wall clock showed the time. Of two readings in the hour that is
    /// there twice the later one counts: rows appear in the order of their times, and none goes away again.
    fn is_past(self, time: NaiveDateTime, seconds: i64) -> bool {
        // No zone is further from UTC, and most rows are.
        const FURTHEST: i64 = 15 * 3600;
        let at = time.and_utc().timestamp().saturating_add(seconds);
        if self.unix.abs_diff(at) > FURTHEST.unsigned_abs() {
            return at <= self.unix;
        }
        let exact = |time: &NaiveDateTime| self.zone.from_local_datetime(time).latest();
        // A time in the hour that is skipped is one by the clock that was not put forward.
        let exact = exact(&time).or_else(|| exact(&time.checked_add_signed(TimeDelta::hours(1))?));
        exact.is_none_or(|exact| exact.timestamp().saturating_add(seconds) <= self.unix)
    }
}

/// A store at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) store: &'a Store,
    /// Without one everything is over.
    pub(crate) now: Option<Moment>,
    pub(crate) unfinished: Unfinished,
    pub(crate) late: Option<Late>,
    /// What comes late by the clock; without it everything of a row that is over is there.
    pub(crate) lateness: Option<Lateness>,
    /// Added to every id.
    pub(crate) shift: i64,
}

impl<'a> View<'a> {
    /// Whether the row has happened, is told yet, and does not come late.
    pub(crate) fn has(&self, row: usize) -> bool {
        let delay = match self.lateness.zip(self.store.id(row)) {
            Some((lateness, id)) => lateness.of_row(id),
            None => 0,
        };
        let seconds = match self.unfinished {
            // A row that comes late does not come before its end.
            Unfinished::Show if delay == 0 => 0,
            Unfinished::Hide | Unfinished::Show => self.store.seconds(row).saturating_add(delay),
        };
        self.is_past(row, seconds)
            && !self.late.zip(self.store.id(row)).is_some_and(|(late, id)| late.hides(id))
    }

    /// Whether every row up to this one is there for good, told without looking at each.
    pub(crate) fn is_settled(&self, last_row: usize) -> bool {
        let settled = if self.lateness.is_some() { lateness::SETTLED } else { 0 };
        self.late.is_none() && self.is_past(last_row, self.store.longest().saturating_add(settled))
    }

    /// Whether rows that start at this time may be there.
    pub(crate) fn has_come(&self, time: NaiveDateTime) -> bool {
        self.now.is_none_or(|now| now.is_past(time, 0))
    }

    /// Whether every row that starts before this time and is over so many seconds after it is there for good.
    pub(crate) fn is_settled_before(&self, time: NaiveDateTime, longest: i64) -> bool {
        let settled = if self.lateness.is_some() { lateness::SETTLED } else { 0 };
        self.late.is_none() && self.now.is_none_or(|now| now.is_past(time, longest.saturating_add(settled)))
    }

    /// What of the row is not known yet.
    pub(crate) fn early(&self, row: usize) -> Early {
        let mut early = Early { open: self.is_open(row), ..Early::default() };
        let Some((lateness, id)) = self.lateness.zip(self.store.id(row)) else { return early };
        let over = self.store.seconds(row);
        let waits = |delay: i64| !self.is_past(row, over.saturating_add(delay));
        if !waits(lateness::SETTLED) {
            return early;
        }
        early.rating = waits(lateness.of_rating(id));
        early.records = waits(lateness.of_records(id));
        if waits(lateness.of_reason(id)) {
            let (reason, description) = self.store.reason(row);
            early.reason = (!reason.is_empty()).then(|| lateness::earlier_reason(reason, description));
        }
        early
    }

    /// Whether the row is listed although it is still going on.
    pub(crate) fn is_open(&self, row: usize) -> bool {
        self.unfinished == Unfinished::Show && !self.is_past(row, self.store.seconds(row))
    }

    /// Whether it is so many seconds since the row started.
    fn is_past(&self, row: usize, seconds: i64) -> bool {
        let (Some(now), Some(start)) = (self.now, self.store.start(row)) else { return true };
        now.is_past(start, seconds)
    }

    pub(crate) fn row(self, index: usize) -> RowView<'a> {
        RowView { view: self, index }
    }

    /// The order of two rows by one field, as PostgreSQL has it ascending: null after everything, text by bytes.
    pub(crate) fn compare(self, position: usize, a: usize, b: usize) -> Ordering {
        match (self.cell(position, a), self.cell(position, b)) {
            (Cell::Null, Cell::Null) => Ordering::Equal,
            (Cell::Null, _) => Ordering::Greater,
            (_, Cell::Null) => Ordering::Less,
            (Cell::Boolean(a), Cell::Boolean(b)) => a.cmp(&b),
            (Cell::Decimal(a), Cell::Decimal(b)) => a.total_cmp(&b),
            (Cell::Number(a), Cell::Number(b)) => a.cmp(&b),
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            (Cell::Time(a), Cell::Time(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        }
    }

    fn cell(self, position: usize, row: usize) -> Cell<'a> {
        let ripe = self.store.ripe(position);
        if ripe != Ripe::AtOnce
            && let Some(cell) = self.early(row).value(ripe)
        {
            return cell;
        }
        let cell = self.store.cell(position, row);
        if self.shift != 0
            && self.store.is_id(position)
            && let Cell::Number(id) = cell
        {
            return Cell::Number(id.saturating_add(self.shift));
        }
        cell
    }
}

/// What of a row is not known yet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Early {
    /// It is going on.
    pub(crate) open: bool,
    rating: bool,
    records: bool,
    /// The reason and the description that are to be corrected.
    reason: Option<(&'static str, &'static str)>,
}

impl Early {
    pub(crate) fn is_any(&self) -> bool {
        self.open || self.rating || self.records || self.reason.is_some()
    }

    /// What a field shows in place of the value that it waits for.
    pub(crate) fn value(&self, ripe: Ripe) -> Option<Cell<'static>> {
        let null = |early: bool| early.then_some(Cell::Null);
        let text = |text: Option<&'static str>| null(self.open).or_else(|| text.map(Cell::Text));
        match ripe {
            Ripe::AtOnce => None,
            Ripe::AtEnd => null(self.open),
            Ripe::Reason => text(self.reason.map(|(reason, _)| reason)),
            Ripe::ReasonDescription => text(self.reason.map(|(_, description)| description)),
            Ripe::Rating => null(self.rating),
            Ripe::Records => null(self.records),
        }
    }
}

/// One row, as filters see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowView<'a> {
    view: View<'a>,
    index: usize,
}

impl Cells for RowView<'_> {
    fn cell(&self, field: &FieldInfo) -> Cell<'_> {
        self.view.cell(field.position(), self.index)
    }
}
