//! What a sweep is to read, and how it asks for it. Not here: what came of it.

use std::sync::Arc;

use chrono::NaiveDateTime;

use crate::{
    page::KEY_FIELDS,
    pager::Reach,
    query::{Order, distinct},
    schema::{FieldInfo, Report},
    window::{LONGEST_SLICE, MARGIN, Period},
};

/// What is to be read, and how it is asked for.
#[derive(Debug)]
pub(super) struct Plan {
    /// The period of the query.
    pub(super) asked: Period,
    /// The asked period, without a bound in an hour that the account's clock shows twice or never.
    pub(super) reading: Period,
    /// Slices that are not begun, the next one last.
    pub(super) slices: Vec<Period>,
    /// Columns that are asked for: those of the query that the server did not refuse, and the keys.
    pub(super) columns: Arc<[&'static FieldInfo]>,
    pub(super) sort: Vec<(&'static FieldInfo, Order)>,
    pub(super) reach: Reach,
    /// How many pages may be asked for together.
    pub(super) ahead: usize,
}

impl Plan {
    pub(super) fn new<R: Report>(
        asked: Period,
        changes: &[Period],
        columns: impl IntoIterator<Item = &'static FieldInfo>,
    ) -> Self {
        let keys = KEY_FIELDS.iter().filter_map(|name| R::field(name));
        let columns = distinct(columns.into_iter().chain(keys)).into();
        let sort = ["start_time", "call_session_id"].iter().filter_map(|name| R::field(name));
        let sort = sort.map(|field| (field, Order::Ascending)).collect();
        let reading = around(asked, changes);
        let mut slices: Vec<_> = reading.slices(LONGEST_SLICE).collect();
        slices.reverse();
        Self { asked, reading, slices, columns, sort, reach: Reach::DOCUMENTED, ahead: 1 }
    }
}

/// The period, so much longer that neither bound, with its margin, lies in one of these hours.
pub(super) fn around(period: Period, changes: &[Period]) -> Period {
    let hour =
        |bound: NaiveDateTime| changes.iter().find(|change| change.widened().widened().encloses(bound));
    let (mut from, mut till) = (period.from(), period.till());
    if let Some(hour) = hour(from) {
        from = from.min(hour.from() - MARGIN * 2);
    }
    if let Some(hour) = hour(till) {
        till = till.max(hour.till() + MARGIN * 2);
    }
    Period::raw(from, till)
}
