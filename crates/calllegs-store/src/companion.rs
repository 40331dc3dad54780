//! Which other listing is joined to legs, by what, and as which columns. Not here: how it is joined (`joined`).

use calllegs_arrow::schema::{Column, Source};
use calllegs_core::{
    Period,
    schema::{FieldInfo, MethodInfo},
};
use chrono::TimeDelta;

/// A listing whose rows are joined to legs.
#[derive(Debug)]
pub struct Companion {
    method: &'static MethodInfo,
    key: &'static FieldInfo,
    leg_key: &'static FieldInfo,
    columns: Vec<Column>,
    lead: TimeDelta,
    has_amounts: bool,
}

impl Companion {
    /// The rows of a method whose `key` is the `leg_key` of a leg, and what of them is joined, each under a name that no column
    /// of legs has.
    pub fn new(
        method: &'static MethodInfo,
        (key, leg_key): (&'static FieldInfo, &'static FieldInfo),
        columns: impl IntoIterator<Item = (&'static str, &'static FieldInfo)>,
    ) -> Self {
        let columns = columns.into_iter().map(|(name, field)| Column::joined(name, field)).collect();
        Self { method, key, leg_key, columns, lead: TimeDelta::zero(), has_amounts: false }
    }

    /// A row may begin so long before a leg that it is joined to; unless said, it begins with it.
    #[must_use]
    pub const fn begins_before(mut self, lead: TimeDelta) -> Self {
        self.lead = lead;
        self
    }

    /// Its rows are amounts: what looks like a copy of a row may be one more of them, and is not to be left out.
    #[must_use]
    pub const fn amounts(mut self) -> Self {
        self.has_amounts = true;
        self
    }

    /// Whether its rows are amounts.
    pub const fn has_amounts(&self) -> bool {
        self.has_amounts
    }

    /// The time in which the rows for the legs of a period begin.
    pub fn period(&self, legs: Period) -> Period {
        let from = legs.from().checked_sub_signed(self.lead);
        from.and_then(|from| Period::new(from, legs.till()).ok()).unwrap_or(legs)
    }

    /// The method that lists the rows.
    pub const fn method(&self) -> &'static MethodInfo {
        self.method
    }

    /// The field that names a row.
    pub const fn key(&self) -> &'static FieldInfo {
        self.key
    }

    /// The field of legs by which rows are found.
    pub const fn leg_key(&self) -> &'static FieldInfo {
        self.leg_key
    }

    /// What legs get, in this order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// The field that a joined column has its values from.
pub(crate) fn source(column: &Column) -> Option<&'static FieldInfo> {
    if let Source::Joined(field) = column.source() { Some(field) } else { None }
}
