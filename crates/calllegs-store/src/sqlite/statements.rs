//! The SQL of SQLite: the tables, and what is done to them. The columns of legs are those of the column table, in its order.

use std::fmt::Write as _;

use calllegs_arrow::schema::{Column, ColumnKind};

use crate::layout::{self, FORMAT, is_required, known_columns};

/// The tables, where they are missing.
pub(super) fn create() -> String {
    let mut sql = "CREATE TABLE IF NOT EXISTS call_legs (\n".to_owned();
    for column in Column::all() {
        // Writing to a string does not fail.
        let _infallible = writeln!(sql, "  {} {}, -- {}", column.name(), kind(column), column.comment());
    }
    sql.push_str(LEGS_END);
    sql.push_str(WINDOWS);
    for (_, column) in layout::lacking(1) {
        let _infallible = writeln!(sql, "  {column},");
    }
    sql.push_str(REST);
    sql
}

/// What brings a ledger of an older format up to date.
pub(super) fn upgrade(format: i64) -> String {
    let added = layout::lacking(format)
        .map(|(_, column)| format!("ALTER TABLE _calllegs_windows ADD COLUMN {column}; "));
    format!("{}UPDATE _calllegs_meta SET value = '{FORMAT}' WHERE key = 'format'", added.collect::<String>())
}

const LEGS_END: &str = "  cl_row_hash INTEGER NOT NULL, -- Hash of the row as received, for change detection
  cl_run_id TEXT NOT NULL, -- Run that wrote this version
  cl_extracted_at TEXT NOT NULL, -- When this version was received
  cl_first_seen_at TEXT NOT NULL, -- When the leg was received for the first time
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS call_legs_start_i ON call_legs (account, start_time);
CREATE INDEX IF NOT EXISTS call_legs_session_i ON call_legs (account, call_session_id);
";

const WINDOWS: &str = "CREATE TABLE IF NOT EXISTS _calllegs_windows (
  account TEXT NOT NULL,
  win_from TEXT NOT NULL, -- wall clock of the account, inclusive
  win_till TEXT NOT NULL, -- exclusive
  status TEXT NOT NULL, -- open | unverified | final
  total_items INTEGER NOT NULL, -- legs that the server counted
  legs INTEGER NOT NULL, -- legs that were received
  inserted INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  points INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  fetched_at TEXT NOT NULL,
";

const REST: &str = "  PRIMARY KEY (account, win_from)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _calllegs_lateness (
  account TEXT NOT NULL,
  field TEXT NOT NULL, -- what changed after it was first received; 'new leg' for a leg that came late
  age_hours INTEGER NOT NULL, -- age of the leg when that was seen: less than this
  legs INTEGER NOT NULL,
  PRIMARY KEY (account, field, age_hours)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _calllegs_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
";

fn kind(column: &Column) -> &'static str {
    match (column.kind(), is_required(column)) {
        (ColumnKind::Int64, true) => "INTEGER NOT NULL",
        (_, true) => "TEXT NOT NULL",
        (ColumnKind::Boolean | ColumnKind::Int32 | ColumnKind::Int64, false) => "INTEGER",
        (ColumnKind::Double, false) => "REAL",
        (_, false) => "TEXT",
    }
}

/// Writes a row that is new or that differs. An older version never takes the place of a newer one. What was altered in the
/// table is not told by its hash.
pub(super) fn upsert(found: &[String], is_altered: bool) -> String {
    let quoted = |name: &str| format!("\"{name}\"");
    let names: Vec<_> = known_columns().map(quoted).chain(found.iter().map(|name| quoted(name))).collect();
    let places: Vec<_> = (1..=names.len()).map(|place| format!("?{place}")).collect();
    let kept = ["\"account\"", "\"id\"", "\"cl_first_seen_at\""];
    let changes = names.iter().filter(|name| !kept.contains(&name.as_str()));
    let changes: Vec<_> = changes.map(|name| format!("{name} = excluded.{name}")).collect();
    format!(
        "INSERT INTO call_legs AS t ({}) VALUES ({}) ON CONFLICT (account, id) DO UPDATE SET {} \
         WHERE {}t.cl_extracted_at <= excluded.cl_extracted_at",
        names.join(", "),
        places.join(", "),
        changes.join(", "),
        if is_altered { "" } else { "t.cl_row_hash <> excluded.cl_row_hash AND " }
    )
}

pub(super) const OLD: &str = "SELECT * FROM call_legs WHERE account = ?1 AND id = ?2";

pub(super) const LATENESS: &str =
    "SELECT field, age_hours, legs FROM _calllegs_lateness WHERE account = ?1 ORDER BY field, age_hours";

pub(super) const ADD_LATENESS: &str = "INSERT INTO _calllegs_lateness AS t VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (account, field, age_hours) DO UPDATE SET legs = t.legs + excluded.legs";

/// Lines that overlap a stretch of time.
pub(super) fn lines(format: i64) -> String {
    format!(
        "SELECT {} FROM _calllegs_windows WHERE account = ?1 AND win_from < ?3 AND ?2 < win_till ORDER BY win_from",
        layout::line(format)
    )
}

pub(super) const REMOVE_LINES: &str =
    "DELETE FROM _calllegs_windows WHERE account = ?1 AND win_from < ?3 AND ?2 < win_till";

pub(super) const PUT_LINE: &str =
    "INSERT INTO _calllegs_windows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

pub(super) const HASHES: &str =
    "SELECT id, cl_row_hash FROM call_legs WHERE account = ?1 AND start_time >= ?2 AND start_time < ?3";
