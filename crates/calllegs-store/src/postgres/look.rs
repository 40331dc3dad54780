//! What is there of the tables: whether they are this program's, of which version, and which columns they have. Not here: what
//! makes them ([`statements`](super::statements)).

use std::collections::BTreeSet;

use postgres::{
    Transaction,
    types::{ToSql, Type},
};

use super::{
    statements::{COLUMNS, DUE, FOUND, LATENESS, LEASES, META, Names, TABLES, WINDOWS, is_kind, kind_of},
    trouble::Trouble,
};
use crate::{
    error::{Error, ErrorKind},
    layout::{FORMAT, check_format, known_columns},
};

/// The tables as they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) tables: BTreeSet<String>,
    pub(super) is_partitioned: bool,
    /// That of the ledger.
    pub(super) format: i64,
    /// The first load has not ended: some indexes are to be made.
    pub(super) lacks_indexes: bool,
    /// All columns of the table of legs.
    pub(super) columns: BTreeSet<String>,
    /// Those of fields that nobody documents.
    pub(super) found: Vec<String>,
}

/// What is there of the tables.
pub(super) fn look(transaction: &mut Transaction<'_>, names: &Names, address: &str) -> Result<Seen, Trouble> {
    let mut seen = Seen { format: FORMAT, ..Seen::default() };
    let tables = [&names.table, WINDOWS, LATENESS, LEASES, META].map(str::to_owned).to_vec();
    let schema = names.schema.clone().unwrap_or_default();
    let about = [(&schema as &(dyn ToSql + Sync), Type::TEXT), (&tables, Type::TEXT_ARRAY)];
    for row in transaction.query_typed(TABLES, &about)? {
        let name: String = row.try_get(0)?;
        if name == names.table {
            seen.is_partitioned = row.try_get(1)?;
        }
        seen.tables.insert(name);
    }
    if seen.tables.contains(META) {
        (seen.format, seen.lacks_indexes) = read_meta(transaction, names, address)?;
    }
    let about = [(&schema as &(dyn ToSql + Sync), Type::TEXT), (&names.table, Type::TEXT)];
    for row in transaction.query_typed(COLUMNS, &about)? {
        let (name, kind, comment): (String, &str, Option<&str>) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if !is_kind(&name, kind) {
            let legs = names.legs();
            return Err(conflict(format!("{address}: the column {name} of {legs} is {kind}"))
                .because(format!("it is to be {}", kind_of(&name)))
                .into());
        }
        if kind == "text" && comment.is_some_and(|comment| comment.starts_with(FOUND)) {
            seen.found.push(name.clone());
        }
        seen.columns.insert(name);
    }
    let is_there = seen.tables.contains(&names.table);
    if let Some(lacks) = known_columns().find(|name| is_there && !seen.columns.contains(*name)) {
        let legs = names.legs();
        return Err(conflict(format!("{address}: the table {legs} has no column {lacks}"))
            .because("another program made it")
            .into());
    }
    Ok(seen)
}

/// The format of the ledger and whether indexes are to be made, of the one table that the ledger speaks of.
fn read_meta(
    transaction: &mut Transaction<'_>,
    names: &Names,
    address: &str,
) -> Result<(i64, bool), Trouble> {
    let mut value = |key: &str| -> Result<Option<String>, Trouble> {
        let row = transaction.query_typed_opt(&names.meta(), &[(&key, Type::TEXT)])?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    };
    let format = value("format")?.and_then(|format| format.parse().ok()).unwrap_or(i64::MAX);
    check_format(address, format)?;
    let lacks_indexes = value(DUE)?.is_some();
    match value("table")? {
        Some(table) if table != names.table => Err(conflict(format!(
            "{address}: what is loaded in this schema is in the table {table}, not {}",
            names.table
        ))
        .because("a schema has one ledger, and it speaks of one table")
        .next("name that table, as in ?table=legs, or another schema")
        .into()),
        Some(_) | None => Ok((format, lacks_indexes)),
    }
}

fn conflict(what: String) -> Error {
    Error::new(ErrorKind::Conflict, what).next("choose another schema or table")
}
