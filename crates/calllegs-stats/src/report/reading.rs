//! Results by the names of their columns. Not here: how they are shown.

use chrono::NaiveDate;

use crate::{
    shape::Shape,
    table::{Cell, Decimal, Table},
};

/// Results of a period.
#[derive(Clone, Copy)]
pub(super) struct Results<'a>(pub(super) &'a [Table]);

impl<'a> Results<'a> {
    /// One of them, if it is there.
    pub(super) fn table(self, shape: &Shape) -> Option<&'a Table> {
        self.0.iter().find(|table| table.shape.name == shape.name)
    }

    /// Its rows; none where it is not there.
    pub(super) fn rows(self, shape: &Shape) -> impl Iterator<Item = Row<'a>> + use<'a> {
        self.table(shape)
            .into_iter()
            .flat_map(|table| table.rows.iter().map(|cells| Row { shape: table.shape, cells }))
    }

    /// The row of a result that has one.
    pub(super) fn row(self, shape: &Shape) -> Option<Row<'a>> {
        self.rows(shape).next()
    }
}

/// A row of a result.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    shape: &'static Shape,
    cells: &'a [Cell],
}

impl<'a> Row<'a> {
    fn cell(self, name: &str) -> &'a Cell {
        let place = self.shape.columns.iter().position(|column| column.name == name);
        debug_assert!(place.is_some(), "{} has no column {name}", self.shape.name);
        place.and_then(|place| self.cells.get(place)).unwrap_or(&Cell::Null)
    }

    /// A whole number.
    pub(super) fn integer(self, name: &str) -> Option<i64> {
        if let Cell::Integer(value) = self.cell(name) { Some(*value) } else { None }
    }

    /// A count, which is never null.
    pub(super) fn count(self, name: &str) -> i64 {
        self.integer(name).unwrap_or_default()
    }

    /// A quotient.
    pub(super) fn decimal(self, name: &str) -> Option<Decimal> {
        if let Cell::Decimal(value) = self.cell(name) { Some(*value) } else { None }
    }

    /// A name.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        if let Cell::Text(value) = self.cell(name) { Some(value) } else { None }
    }

    /// A day.
    pub(super) fn date(self, name: &str) -> Option<NaiveDate> {
        if let Cell::Date(value) = self.cell(name) { Some(*value) } else { None }
    }
}
