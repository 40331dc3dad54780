//! Results for programs: JSON with exact decimals, CSV. Not here: results for people (`figures`, `charts`).

use calllegs_stats::{Cell, Table};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

use crate::failure::Failure;

/// Rows with their columns.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl From<&Table> for Rows {
    fn from(table: &Table) -> Self {
        let columns = table.shape.columns.iter().map(|column| column.name).collect();
        Self { columns, rows: table.rows.clone() }
    }
}

/// As a list of objects.
impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|row| Object { columns: &self.columns, row }))
    }
}

/// A row as an object, its columns in their order.
pub(super) struct Object<'a> {
    pub(super) columns: &'a [&'static str],
    pub(super) row: &'a [Cell],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.row) {
            map.serialize_key(column)?;
            match cell {
                Cell::Integer(number) => map.serialize_value(number)?,
                // Digits as they are: a float would round them.
                Cell::Decimal(number) => {
                    let number = RawValue::from_string(number.to_string()).map_err(S::Error::custom)?;
                    map.serialize_value(&number)?;
                }
                Cell::Text(text) => map.serialize_value(text)?,
                Cell::Date(day) => map.serialize_value(&day.to_string())?,
                Cell::Null | _ => map.serialize_value(&())?,
            }
        }
        map.end()
    }
}

/// Parts by the names of their results, in their order.
pub(crate) struct Named(pub(crate) Vec<(&'static str, Rows)>);

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, rows)| (name, rows)))
    }
}

/// As CSV, under these titles.
pub(super) fn csv(titles: &[&str], rows: &Rows) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let wrote = writer
        .write_record(titles)
        .and_then(|()| rows.rows.iter().try_for_each(|row| writer.write_record(row.iter().map(plain))));
    wrote.map_err(|error| Failure::stdout(&error.into()))?;
    let bytes = writer.into_inner().map_err(|error| Failure::stdout(error.error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Date(day) => day.to_string(),
        Cell::Null | _ => String::new(),
    }
}
