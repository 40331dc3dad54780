//! What databases have in common beside a ledger: columns, and the version of their tables. Not here: their SQL.

use std::fmt;

use calllegs_arrow::schema::Column;

use crate::error::{Error, ErrorKind};

/// The layout of the tables. One that is newer is refused, one that is older is brought up to date.
pub(crate) const FORMAT: i64 = 1;

/// What tells versions of a row apart, behind the columns of the leg.
pub(crate) const VERSION: [&str; 4] = ["cl_row_hash", "cl_run_id", "cl_extracted_at", "cl_first_seen_at"];

/// Names of all columns that every table has.
pub(crate) fn known_columns() -> impl Iterator<Item = &'static str> {
    Column::all().iter().map(Column::name).chain(VERSION)
}

/// Whether a column always has a value: what the API leaves out of a leg may be null.
pub(crate) fn is_required(column: &Column) -> bool {
    matches!(column.name(), "account" | "id" | "start_time")
}

/// # Errors
/// When the tables of this place are of a newer version.
pub(crate) fn check_format(place: impl fmt::Display, format: i64) -> Result<(), Error> {
    if format <= FORMAT {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, format!("{place} was written by a newer calllegs"))
        .because(format!("its tables have format {format}; this version knows {FORMAT}"))
        .next("use that version, or choose another place"))
}
