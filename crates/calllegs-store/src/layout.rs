//! What databases have in common beside a ledger: columns, and the version of their tables. Not here: their SQL.

use std::fmt;

use calllegs_arrow::schema::Column;

use crate::error::{Error, ErrorKind};

/// The format of the tables. One that is newer is refused, one that is older is brought up to date.
pub(crate) const FORMAT: i64 = 2;

/// What the ledger got since format 1, each behind what it had: the format, the column, its type and its value in lines of
/// before. Every database spells them alike.
const ADDED: [(i64, &str, &str, &str); 1] = [(2, "version", "text", "''")];

/// The column of a line that all formats have.
const LINE: [&str; 11] = [
    "win_from",
    "win_till",
    "status",
    "total_items",
    "legs",
    "inserted",
    "changed",
    "content_hash",
    "points",
    "run_id",
    "fetched_at",
];

/// What a ledger of this format lacks: names of columns, and how each is defined.
pub(crate) fn lacking(format: i64) -> impl Iterator<Item = (&'static str, String)> {
    let lacks = ADDED.into_iter().filter(move |(since, ..)| format < *since);
    lacks.map(|(_, name, kind, value)| (name, format!("{name} {kind} NOT NULL DEFAULT {value}")))
}

/// The columns of a line, for a ledger of this format: in the place of what it lacks stands what a new column would hold.
pub(crate) fn line(format: i64) -> String {
    let added = ADDED.map(|(since, name, _, value)| if format < since { value } else { name });
    LINE.into_iter().chain(added).collect::<Vec<_>>().join(", ")
}

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

/// A ledger that is to be written and may not be changed.
pub(crate) fn outdated(place: impl fmt::Display, format: i64, statements: &str) -> Error {
    Error::new(ErrorKind::Conflict, format!("{place} was written by an older calllegs"))
        .because(format!(
            "its tables have format {format}, this version writes {FORMAT}, and it was told to change none"
        ))
        .next(format!("allow to change tables once, or let an administrator run: {statements}"))
}

/// That a ledger was brought up to date.
pub(crate) fn brought_up(format: i64) -> String {
    let names: Vec<_> = lacking(format).map(|(name, _)| name).collect();
    format!(
        "the ledger was of an older calllegs (format {format}): it has the column {} now",
        names.join(", ")
    )
}
