//! What a sweep is to read, and how it asks for it. Not here: what came of it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};

use super::{PageCall, Tally, gap::Rows, refused_columns};
use crate::{
    error::Error,
    filter::{Filter, Refusal},
    generated::{mnemonics::Mnemonic, reports::call_legs::CallLegs},
    page::KeyFields,
    pager::Reach,
    projection::Projection,
    query::{Order, PageRequest, Query, Selection, distinct},
    schema::{Brand, FieldInfo, Listing, Shape},
    window::{LONGEST_SLICE, MARGIN, Period},
};

/// What is to be read, and how it is asked for.
pub(super) struct Plan<R, P: Projection<R>> {
    pub(super) selection: Arc<Selection<R, P>>,
    pub(super) shape: Shape,
    pub(super) rows: Rows,
    /// The period of the query, if it has one.
    pub(super) period: Option<Period>,
    /// The same; an empty one where there is none.
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

impl<R, P: Projection<R>> Plan<R, P> {
    /// For the period of a query, whose sort, limit and offset are replaced.
    ///
    /// # Errors
    /// When the query lacks a period or another parameter that the method requires.
    pub(super) fn new(query: Query<R, P>) -> Result<Self, Refusal> {
        let Query { selection, page } = query;
        let (method, period) = (selection.method, page.period);
        if period.is_none() && method.is_over_period() {
            let reason = "the query has no period";
            return Err(Refusal::new(Mnemonic::RequiredParameterMissed, "date_from", reason));
        }
        selection.check_params()?;
        let shape = method.shape();
        let key = KeyFields::of(method);
        let columns = distinct(selection.projection.columns().into_iter().chain(key.columns())).into();
        let sort = match shape {
            Shape::Hops => key.sort().collect(),
            Shape::Offset => Vec::from_iter(method.sortable_number()),
            Shape::Single | Shape::Windows => Vec::new(),
        };
        let sort = sort.into_iter().map(|field| (field, Order::Ascending)).collect();
        let beginning = DateTime::UNIX_EPOCH.naive_utc();
        let asked = period.unwrap_or_else(|| Period::raw(beginning, beginning));
        let reading = around(asked, &selection.changes);
        let rows = if method.name == CallLegs::METHOD.name { Rows::Legs } else { Rows::Others };
        let plan = Self {
            selection: Arc::new(selection),
            shape,
            rows,
            period,
            asked,
            reading,
            slices: Vec::new(),
            columns,
            sort,
            reach: Reach::DOCUMENTED,
            ahead: 1,
        };
        Ok(Self { slices: plan.slices(), ..plan })
    }

    /// The slices of a period that is cut, the next one last.
    fn slices(&self) -> Vec<Period> {
        match self.shape {
            Shape::Hops | Shape::Windows => {
                let mut slices: Vec<_> = self.reading.slices(LONGEST_SLICE).collect();
                slices.reverse();
                slices
            }
            Shape::Offset | Shape::Single => Vec::new(),
        }
    }

    /// The same from the beginning, with full pages.
    pub(super) fn anew(&self) -> Self {
        Self {
            selection: Arc::clone(&self.selection),
            columns: Arc::clone(&self.columns),
            slices: self.slices(),
            sort: self.sort.clone(),
            reach: Reach::DOCUMENTED,
            ..*self
        }
    }

    /// One page of a window.
    pub(super) fn call(
        &self,
        condition: Option<Filter<R>>,
        period: Period,
        limit: u32,
        offset: u32,
    ) -> PageCall<R, P> {
        self.page(
            condition,
            PageRequest { period: Some(period), limit: Some(limit), offset, sort: self.sort.clone() },
        )
    }

    /// One page.
    pub(super) fn page(&self, condition: Option<Filter<R>>, page: PageRequest) -> PageCall<R, P> {
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
