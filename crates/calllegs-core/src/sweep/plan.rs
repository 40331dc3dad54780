//! What a sweep is to read, and how it asks for it. Not here: what came of it.

use std::sync::Arc;

use chrono::NaiveDateTime;

use super::{PageCall, Tally, refused_columns};
use crate::{
    error::Error,
    filter::{Filter, Refusal},
    generated::mnemonics::Mnemonic,
    page::KEY_FIELDS,
    pager::Reach,
    projection::Projection,
    query::{Order, PageRequest, Query, Selection, distinct},
    schema::{Brand, FieldInfo, Report},
    window::{LONGEST_SLICE, MARGIN, Period},
};

/// What is to be read, and how it is asked for.
pub(super) struct Plan<R: Report, P: Projection<R>> {
    pub(super) selection: Arc<Selection<R, P>>,
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

impl<R: Report, P: Projection<R>> Plan<R, P> {
    /// For the period of a query, whose sort, limit and offset are replaced.
    ///
    /// # Errors
    /// When the query has no period, or the report no `id` and `start_time` to tell its rows apart by.
    pub(super) fn new(query: Query<R, P>) -> Result<Self, Refusal> {
        let Query { selection, page } = query;
        let Some(asked) = page.period else {
            let reason = "the query has no period";
            return Err(Refusal::new(Mnemonic::RequiredParameterMissed, "date_from", reason));
        };
        if R::field("id").is_none() || R::field("start_time").is_none() {
            let reason = "rows without `id` and `start_time` cannot be told apart";
            return Err(Refusal::new(Mnemonic::UnexpectedParameters, "fields", reason));
        }
        let keys = KEY_FIELDS.iter().filter_map(|name| R::field(name));
        let columns = distinct(selection.projection.columns().into_iter().chain(keys)).into();
        let sort = ["start_time", "call_session_id"].iter().filter_map(|name| R::field(name));
        let sort = sort.map(|field| (field, Order::Ascending)).collect();
        let reading = around(asked, &selection.changes);
        let selection = Arc::new(selection);
        let slices = slices_of(reading);
        Ok(Self { selection, asked, reading, slices, columns, sort, reach: Reach::DOCUMENTED, ahead: 1 })
    }

    /// The same from the beginning, with full pages.
    pub(super) fn anew(&self) -> Self {
        let (selection, columns) = (Arc::clone(&self.selection), Arc::clone(&self.columns));
        let Self { asked, reading, sort, ahead, .. } = self;
        let (asked, reading, sort, ahead) = (*asked, *reading, sort.clone(), *ahead);
        let slices = slices_of(reading);
        Self { selection, asked, reading, slices, columns, sort, reach: Reach::DOCUMENTED, ahead }
    }

    /// One page of a window.
    pub(super) fn call(
        &self,
        condition: Option<Filter<R>>,
        period: Period,
        limit: u32,
        offset: u32,
    ) -> PageCall<R, P> {
        let page = PageRequest { period: Some(period), sort: self.sort.clone(), limit: Some(limit), offset };
        PageCall {
            selection: Arc::clone(&self.selection),
            columns: Arc::clone(&self.columns),
            condition,
            page,
        }
    }

    /// Leaves out columns that the server refuses, where it can do without.
    ///
    /// # Errors
    /// The error, where that does not help.
    pub(super) fn leave_out(
        &mut self,
        error: Error,
        brand: Option<Brand>,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let refused = refused_columns(&self.columns, &error, brand);
        if refused.is_empty() {
            return Err(error);
        }
        self.columns = self.columns.iter().copied().filter(|column| !refused.contains(column)).collect();
        tally.dropped.extend(refused);
        Ok(())
    }
}

/// The next one last.
fn slices_of(period: Period) -> Vec<Period> {
    let mut slices: Vec<_> = period.slices(LONGEST_SLICE).collect();
    slices.reverse();
    slices
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
