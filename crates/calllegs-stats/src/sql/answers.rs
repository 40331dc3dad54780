//! Results computed where the legs are kept: the database runs the statements and gives back the same tables.
//!
//! All of them are of one moment. What is made for it is gone afterwards; where a database lets nothing be made, each
//! statement brings the views along.

use calllegs_store::{Error, ErrorKind, Postgres, Sqlite, warehouse::Answer};
use chrono::NaiveDate;

use super::{Dialect, Life, Source, VIEW_NAMES, create, metric, select, split_comments};
use crate::{
    parameters::Parameters,
    shape::{Kind, Shape},
    table::{Cell, Decimal, Table},
};

/// A database with legs that computes results itself.
///
/// ```
/// use calllegs_stats::{Parameters, Shape, sql::{Database, Source}};
/// use calllegs_store::{Sqlite, warehouse::Warehouse};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("calls.db");
/// let mut calls = Sqlite::open(path)?;
/// # calls.lease("uis:1103", "a run")?;
/// let tables = calls.compute(&[&Shape::ALL[0]], &Source::default(), &Parameters::default())?;
/// assert_eq!(tables[0].rows.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Database {
    /// Computes results over the legs of a source, whose table is the database's own unless the source names one.
    ///
    /// # Errors
    /// When the database cannot be read, or has no table of legs.
    fn compute(
        &mut self,
        shapes: &[&'static Shape],
        source: &Source,
        parameters: &Parameters,
    ) -> Result<Vec<Table>, Error>;
}

impl Database for Sqlite {
    fn compute(
        &mut self,
        shapes: &[&'static Shape],
        source: &Source,
        parameters: &Parameters,
    ) -> Result<Vec<Table>, Error> {
        let place = Place { dialect: Dialect::Sqlite, source, parameters };
        let answers = self.select(|legs| place.with_views(legs, shapes))?;
        tables(shapes, answers)
    }
}

impl Database for Postgres {
    fn compute(
        &mut self,
        shapes: &[&'static Shape],
        source: &Source,
        parameters: &Parameters,
    ) -> Result<Vec<Table>, Error> {
        let place = Place { dialect: Dialect::Postgres, source, parameters };
        let answers = match self.select(|legs| place.with_views(legs, shapes)) {
            // No right to make what lives for a transaction, or a server that only reads.
            Err(error) if error.kind() == ErrorKind::Write => {
                self.select(|legs| place.alone(legs, shapes))?
            }
            answers => answers?,
        };
        tables(shapes, answers)
    }
}

struct Place<'a> {
    dialect: Dialect,
    source: &'a Source,
    parameters: &'a Parameters,
}

impl Place<'_> {
    fn source(&self, legs: &str) -> Source {
        let source = self.source.clone();
        if source.table.is_some() { source } else { source.table(legs) }
    }

    /// The views, then the statements.
    fn with_views(&self, legs: &str, shapes: &[&'static Shape]) -> Vec<String> {
        let source = self.source(legs);
        let views = VIEW_NAMES
            .iter()
            .filter_map(|name| create(name, self.dialect, Life::Transaction, &source, self.parameters));
        let metrics = shapes.iter().map(|shape| metric(shape, self.dialect, self.parameters));
        views.flatten().chain(metrics).collect()
    }

    /// The statements, each with the views before it.
    fn alone(&self, legs: &str, shapes: &[&'static Shape]) -> Vec<String> {
        let source = self.source(legs);
        let views: Vec<_> = VIEW_NAMES
            .iter()
            .filter_map(|name| Some((name, select(name, self.dialect, &source, self.parameters)?)))
            .map(|(name, body)| format!("{name} AS (\n{body}\n)"))
            .collect();
        let metrics = shapes.iter().map(|shape| metric(shape, self.dialect, self.parameters));
        let with_views = |metric: String| {
            let (comments, body) = split_comments(&metric);
            let (then, rest) = body.strip_prefix("WITH ").map_or(("\n", body), |rest| (",\n", rest));
            format!("{comments}WITH {}{then}{rest}", views.join(",\n"))
        };
        metrics.map(with_views).collect()
    }
}

/// The answers to the last statements, as tables.
fn tables(shapes: &[&'static Shape], answers: Vec<Answer>) -> Result<Vec<Table>, Error> {
    let behind = answers.len().saturating_sub(shapes.len());
    let table = |(shape, rows): (&&'static Shape, Answer)| {
        let rows = rows.into_iter().map(|row| cells(shape, row)).collect::<Option<_>>();
        let rows = rows.ok_or_else(|| {
            let what = format!("the database answered {} with something else", shape.name);
            Error::new(ErrorKind::Unreadable, what)
        })?;
        Ok(Table::new(shape, rows))
    };
    shapes.iter().zip(answers.into_iter().skip(behind)).map(table).collect()
}

/// A row by the columns of its result.
fn cells(shape: &Shape, row: Vec<Option<String>>) -> Option<Vec<Cell>> {
    if row.len() != shape.columns.len() {
        return None;
    }
    let cell = |(kind, text): (Kind, Option<String>)| {
        let Some(text) = text else { return Some(Cell::Null) };
        Some(match kind {
            Kind::Integer => Cell::Integer(text.parse().ok()?),
            Kind::Decimal(places) => Cell::Decimal(decimal(&text, places)?),
            Kind::Text => Cell::Text(text),
            Kind::Date => Cell::Date(text.parse::<NaiveDate>().ok()?),
        })
    };
    shape.columns.iter().map(|column| column.kind).zip(row).map(cell).collect()
}

/// A number as it is written, with no more digits than it may have.
fn decimal(text: &str, places: u8) -> Option<Decimal> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let digits = digits.trim_end_matches('0');
    let width = usize::from(places);
    if digits.len() > width {
        return None;
    }
    format!("{whole}{digits:0<width$}").parse().ok().map(|units| Decimal::new(units, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_they_are_written() {
        let read = |text, places| decimal(text, places).map(|it| it.to_string());
        assert_eq!(read("60.7", 1).as_deref(), Some("60.7"));
        assert_eq!(read("60.70", 1).as_deref(), Some("60.7"));
        assert_eq!(read("-0.2", 1).as_deref(), Some("-0.2"));
        assert_eq!(read("3", 2).as_deref(), Some("3.00"));
        assert_eq!(read("60.75", 1), None);
        assert_eq!(read("six", 1), None);
    }
}
