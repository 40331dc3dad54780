//! The table of legs, as each engine makes it. Where the tool writes the table itself, the text is that of the place.

use std::fmt::Write as _;

use calllegs_arrow::schema::{Column, ColumnKind};
use calllegs_store::{Postgres, Sqlite};

use super::Dialect;

/// The statements that make the table `call_legs`, or name the Parquet files in its place.
pub fn ddl(dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => Postgres::default_ddl(),
        Dialect::Sqlite => Sqlite::ddl(),
        Dialect::DuckDb => duckdb(),
        Dialect::ClickHouse => clickhouse(),
        Dialect::DataFusion => {
            let columns =
                list(|column| format!("{} {}", column.name(), datafusion_kind(column)), |_| String::new());
            format!(
                "-- Put the folder or the file with the legs in place of 'legs/'.\n\
                 CREATE EXTERNAL TABLE IF NOT EXISTS call_legs (\n{columns})\nSTORED AS PARQUET LOCATION 'legs/';\n"
            )
        }
        Dialect::Spark => {
            let comment = |column: &Column| format!(" COMMENT {}", dialect.text(column.comment()));
            let columns = list(|column| format!("{} {}", column.name(), spark_kind(column)), comment);
            format!(
                "-- Put the folder or the file with the legs in place of 'legs/'.\n\
                 CREATE OR REPLACE TEMPORARY VIEW call_legs (\n{columns})\n\
                 USING parquet OPTIONS (path 'legs/', recursiveFileLookup 'true');\n"
            )
        }
    }
}

/// All columns, those of the version too.
fn columns() -> impl Iterator<Item = &'static Column> {
    Column::all().iter().chain(Column::version())
}

/// Columns of a statement, one a line.
fn list(definition: impl Fn(&Column) -> String, comment: impl Fn(&Column) -> String) -> String {
    let lines: Vec<_> =
        columns().map(|column| format!("  {}{}", definition(column), comment(column))).collect();
    lines.join(",\n") + "\n"
}

fn duckdb() -> String {
    let definition = |column: &Column| {
        let null = if is_key(column) { " NOT NULL" } else { "" };
        format!("{} {}{null}", column.name(), duckdb_kind(column))
    };
    let columns_of = list(definition, |_| String::new());
    let mut sql = format!(
        "CREATE TABLE IF NOT EXISTS call_legs (\n{},\n  PRIMARY KEY (account, id)\n);\n",
        columns_of.trim_end()
    );
    for column in columns() {
        let comment = Dialect::DuckDb.text(column.comment());
        // Writing to a string does not fail.
        let _infallible = writeln!(sql, "COMMENT ON COLUMN call_legs.{} IS {comment};", column.name());
    }
    sql
}

/// A leg that is loaded again takes the place of the older version when parts are merged; the view shows the newest one
/// before that too. The key holds only what never changes.
fn clickhouse() -> String {
    let comment = |column: &Column| format!(" COMMENT {}", Dialect::ClickHouse.text(column.comment()));
    let columns = list(|column| format!("{} {}", column.name(), clickhouse_kind(column)), comment);
    format!(
        "CREATE TABLE IF NOT EXISTS call_legs (\n{columns})\nENGINE = ReplacingMergeTree(cl_extracted_at)\n\
         PARTITION BY toYYYYMM(start_time)\nORDER BY (account, toDate(start_time), call_session_id, id)\n\
         SETTINGS non_replicated_deduplication_window = 1000;\n\
         -- The newest version of each leg.\n\
         CREATE VIEW IF NOT EXISTS call_legs_v AS SELECT * FROM call_legs FINAL;\n"
    )
}

/// Whether a column tells legs apart or when they were written, and so has a value always.
fn is_key(column: &Column) -> bool {
    let keys = ["account", "id", "call_session_id", "start_time"];
    keys.contains(&column.name()) || column.name().starts_with("cl_")
}

fn duckdb_kind(column: &Column) -> &'static str {
    match column.kind() {
        ColumnKind::Boolean => "BOOLEAN",
        ColumnKind::Double => "DOUBLE",
        ColumnKind::Instant => "TIMESTAMPTZ",
        ColumnKind::Int32 => "INTEGER",
        ColumnKind::Int64 => "BIGINT",
        ColumnKind::TextList => "VARCHAR[]",
        ColumnKind::WallTime => "TIMESTAMP",
        ColumnKind::Text | _ => "VARCHAR",
    }
}

fn datafusion_kind(column: &Column) -> &'static str {
    if column.kind() == ColumnKind::Instant { "TIMESTAMP WITH TIME ZONE" } else { duckdb_kind(column) }
}

fn spark_kind(column: &Column) -> &'static str {
    match column.kind() {
        ColumnKind::Boolean => "BOOLEAN",
        ColumnKind::Double => "DOUBLE",
        ColumnKind::Instant => "TIMESTAMP",
        ColumnKind::Int32 => "INT",
        ColumnKind::Int64 => "BIGINT",
        ColumnKind::TextList => "ARRAY<STRING>",
        ColumnKind::WallTime => "TIMESTAMP_NTZ",
        ColumnKind::Text | _ => "STRING",
    }
}

fn clickhouse_kind(column: &Column) -> String {
    // Of texts with few values each is kept once.
    let is_word = ["account", "direction"].contains(&column.name())
        || ["_reason", "_description", "_name", "virtual_phone_number"]
            .iter()
            .any(|end| column.name().ends_with(end) && column.name() != "contact_full_name");
    let kind = match column.kind() {
        ColumnKind::Boolean => "Bool",
        ColumnKind::Double => "Float64",
        ColumnKind::Instant => "DateTime64(6, 'UTC')",
        ColumnKind::Int32 => "Int32",
        ColumnKind::Int64 => "Int64",
        ColumnKind::TextList => return "Array(String)".to_owned(),
        // The wall clock as if it were that of Greenwich: no other rule is applied to it.
        ColumnKind::WallTime => "DateTime('UTC')",
        ColumnKind::Text | _ => "String",
    };
    let kind = if is_key(column) { kind.to_owned() } else { format!("Nullable({kind})") };
    if is_word { format!("LowCardinality({kind})") } else { kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_has_every_column() {
        for dialect in Dialect::ALL {
            let sql = ddl(dialect);
            for column in columns() {
                assert!(sql.contains(&format!("  {} ", column.name())), "{dialect}: {}", column.name());
            }
        }
    }
}
