//! Listings other than legs in a SQLite file: a table for each, named as the report is, and one ledger for all of them.

use std::{collections::HashMap, fmt::Write as _};

use arrow_array::RecordBatch;
use calllegs_arrow::{
    batches,
    schema::{Column, ColumnKind},
};
use calllegs_core::{Period, schema::MethodInfo};
use rusqlite::{Connection, params};

use super::{Sqlite, bind_value, instant, lost, read_line, wall};
use crate::{
    cells::Legs,
    error::{Error, ErrorKind},
    layout::{FORMAT, VERSION, line},
    ledger::{Ledger, Window},
    listings::{ListingCounts, ListingLoad, Listings, Mirrors, Table},
    warehouse::Change,
};

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS _calllegs_report_windows (
  report TEXT NOT NULL, -- the table
  account TEXT NOT NULL,
  win_from TEXT NOT NULL, -- wall clock of the account, inclusive; of a report without a period 1970
  win_till TEXT NOT NULL, -- exclusive
  status TEXT NOT NULL, -- open | final
  total_items INTEGER NOT NULL, -- rows that the server counted
  legs INTEGER NOT NULL, -- rows that were received
  inserted INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  points INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  fetched_at TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (report, account, win_from)
) STRICT, WITHOUT ROWID;
";

impl Table {
    fn kind(&self, column: &Column) -> &'static str {
        match column.kind() {
            ColumnKind::Boolean | ColumnKind::Int32 | ColumnKind::Int64 if self.is_key(column) => {
                "INTEGER NOT NULL"
            }
            ColumnKind::Boolean | ColumnKind::Int32 | ColumnKind::Int64 => "INTEGER",
            ColumnKind::Double => "REAL",
            ColumnKind::Text if column.name() == "account" => "TEXT NOT NULL",
            ColumnKind::Instant | ColumnKind::Text | ColumnKind::TextList | ColumnKind::WallTime | _ => {
                "TEXT"
            }
        }
    }

    fn is_key(&self, column: &Column) -> bool {
        self.id == Some(column.name())
    }

    fn create(&self) -> String {
        let mut sql = format!("CREATE TABLE IF NOT EXISTS \"{}\" (\n", self.name);
        for column in self.columns() {
            // Writing to a string does not fail.
            let _infallible =
                writeln!(sql, "  \"{}\" {}, -- {}", column.name(), self.kind(column), column.comment());
        }
        let key = self.id.map(|id| format!(",\n  PRIMARY KEY (account, \"{id}\")")).unwrap_or_default();
        let _infallible = writeln!(
            sql,
            "  cl_row_hash INTEGER NOT NULL,\n  cl_run_id TEXT NOT NULL,\n  cl_extracted_at TEXT NOT NULL,\n  \
             cl_first_seen_at TEXT NOT NULL{key}\n) STRICT;"
        );
        if let Some(order) = self.method.order() {
            let (name, order) = (self.name, order.name());
            let _infallible = writeln!(
                sql,
                "CREATE INDEX IF NOT EXISTS \"{name}_start_i\" ON \"{name}\" (account, \"{order}\");"
            );
        }
        sql
    }

    fn insert(&self) -> String {
        let names: Vec<_> = self.columns().iter().map(Column::name).chain(VERSION).collect();
        let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let places: Vec<_> = (1..=names.len()).map(|place| format!("?{place}")).collect();
        let kept = |name: &&String| !["\"account\"", "\"cl_first_seen_at\""].contains(&name.as_str());
        let changes: Vec<_> =
            quoted.iter().filter(kept).map(|name| format!("{name} = excluded.{name}")).collect();
        let conflict = self.id.map(|id| {
            format!(
                " ON CONFLICT (account, \"{id}\") DO UPDATE SET {} WHERE cl_extracted_at <= excluded.cl_extracted_at",
                changes.join(", ")
            )
        });
        format!(
            "INSERT INTO \"{}\" ({}) VALUES ({}){}",
            self.name,
            quoted.join(", "),
            places.join(", "),
            conflict.unwrap_or_default()
        )
    }

    /// What the table has of the account, or of some of its time: keys, or row numbers, with hashes.
    fn known(
        &self,
        connection: &Connection,
        account: &str,
        period: Option<Period>,
    ) -> rusqlite::Result<HashMap<i64, i64>> {
        let id = self.id.map_or_else(|| "rowid".to_owned(), |id| format!("\"{id}\""));
        let mut sql = format!("SELECT {id}, cl_row_hash FROM \"{}\" WHERE account = ?1", self.name);
        let (from, till) = if let (Some(period), Some(order)) = (period, self.method.order()) {
            // Writing to a string does not fail.
            let _infallible = write!(sql, " AND \"{0}\" >= ?2 AND \"{0}\" < ?3", order.name());
            (wall(period.from()), wall(period.till()))
        } else {
            sql.push_str(" AND ?2 <= ?3");
            (String::new(), String::new())
        };
        let mut statement = connection.prepare_cached(&sql)?;
        statement.query_map(params![account, from, till], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

impl Listings for Sqlite {
    fn ledger_of(&mut self, method: &'static MethodInfo, account: &str) -> Result<Ledger, Error> {
        let Some(connection) = &self.connection else { return Ok(Ledger::default()) };
        let table = Table::of(method);
        let read = || {
            if !connection.table_exists(None, "_calllegs_report_windows")? {
                return Ok(Vec::new());
            }
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {} FROM _calllegs_report_windows WHERE report = ?1 AND account = ?2 ORDER BY win_from",
                line(FORMAT)
            ))?;
            statement
                .query_map(params![table.name, account], read_line)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map(Ledger::new).map_err(|error| lost(&self.path, &error))
    }

    fn prepare(&mut self, method: &'static MethodInfo) -> Result<(), Error> {
        self.check_table(&Table::of(method))
    }

    fn put(&mut self, load: &ListingLoad<'_>) -> Result<ListingCounts, Error> {
        let table = Table::of(load.method);
        self.check_table(&table)?;
        self.in_one_step(|place| {
            let connection = place.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
            put(connection, &table, load)
        })
    }
}

impl Sqlite {
    /// Makes the table, or what it lacks.
    fn check_table(&mut self, table: &Table) -> Result<(), Error> {
        let connection = self.connection()?;
        let columns = (|| {
            let mut statement = connection.prepare_cached("SELECT name FROM pragma_table_info(?1)")?;
            statement.query_map([table.name], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        })()
        .map_err(|error| lost(&self.path, &error))?;
        let has = |name: &str| columns.iter().any(|column| column == name);
        let is_ours = has("account") && VERSION.iter().all(|name| has(name));
        if !(columns.is_empty() || is_ours) || table.name == "call_legs" {
            let what = format!("{} has a table {} of another program", self.path.display(), table.name);
            return Err(Error::new(ErrorKind::Conflict, what)
                .because("it lacks the columns by which a sync knows its rows")
                .next("choose another file, or give that table another name"));
        }
        let lacks = table.columns().iter().filter(|column| !has(column.name()));
        let sql = if columns.is_empty() {
            format!("{LEDGER}{}", table.create())
        } else {
            let add = |column: &Column| {
                format!(
                    "ALTER TABLE \"{}\" ADD COLUMN \"{}\" {};",
                    table.name,
                    column.name(),
                    table.kind(column)
                )
            };
            lacks.map(add).collect()
        };
        if sql.is_empty() {
            return Ok(());
        }
        if !self.adds_columns {
            return Err(Error::new(
                ErrorKind::Place,
                format!("the table {} is not there, or lacks columns", table.name),
            )
            .because("it was told to make none")
            .next("allow to make tables, once"));
        }
        self.in_one_step(|place| {
            place.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?.execute_batch(&sql)
        })
    }
}

fn put(connection: &Connection, table: &Table, load: &ListingLoad<'_>) -> rusqlite::Result<ListingCounts> {
    let account = load.account;
    let known = table.known(connection, account, load.reach())?;
    if matches!(load.mirrors, Mirrors::Everything) && table.id.is_none() {
        return replace(connection, table, load, &known);
    }
    let changes = load.changes(&known);
    insert(connection, table, load, &changes)?;
    let gone = load.gone(&known, |period| table.known(connection, account, Some(period)))?;
    if load.removes() {
        remove(connection, table, account, &gone)?;
    }
    for window in load.counted(&changes) {
        put_line(connection, table, account, &window)?;
    }
    Ok(ListingCounts::of(&changes, gone.len() as u64))
}

/// All rows of an account in the place of what is there. Nothing tells them apart: those that are the same stay, by what
/// they hold.
fn replace(
    connection: &Connection,
    table: &Table,
    load: &ListingLoad<'_>,
    known: &HashMap<i64, i64>,
) -> rusqlite::Result<ListingCounts> {
    let mut there: HashMap<i64, u64> = HashMap::new();
    for hash in known.values() {
        *there.entry(*hash).or_default() += 1;
    }
    let (mut kept, changes) = load.kept(there);
    insert(connection, table, load, &changes)?;
    let gone = known.iter().filter(|(_, hash)| match kept.get_mut(hash).filter(|left| **left > 0) {
        Some(left) => {
            *left -= 1;
            false
        }
        None => true,
    });
    let gone: Vec<i64> = gone.map(|(row, _)| *row).collect();
    remove(connection, table, load.account, &gone)?;
    for window in load.counted(&changes) {
        put_line(connection, table, load.account, &window)?;
    }
    Ok(ListingCounts::of(&changes, gone.len() as u64))
}

/// Writes the rows that are new or differ.
fn insert(
    connection: &Connection,
    table: &Table,
    load: &ListingLoad<'_>,
    changes: &[Change],
) -> rusqlite::Result<()> {
    let extracted = instant(load.extracted_at);
    let mut statement = connection.prepare_cached(&table.insert())?;
    let mut rows = changes.iter().zip(load.hashes);
    for batch in batches_of(load)? {
        let values = Legs::with(&batch, table.columns());
        for (row, (change, hash)) in (0..batch.num_rows()).zip(&mut rows) {
            if *change != Change::None {
                bind(&mut statement, table, &values, row, (*hash, load.run_id, &extracted))?;
                statement.raw_execute()?;
            }
        }
    }
    Ok(())
}

/// Takes rows out of the table, by their keys or row numbers.
fn remove(connection: &Connection, table: &Table, account: &str, ids: &[i64]) -> rusqlite::Result<()> {
    let id = table.id.map_or_else(|| "rowid".to_owned(), |id| format!("\"{id}\""));
    let sql = format!("DELETE FROM \"{}\" WHERE account = ?1 AND {id} = ?2", table.name);
    let mut statement = connection.prepare_cached(&sql)?;
    ids.iter().try_for_each(|id| statement.execute(params![account, id]).map(drop))
}

fn put_line(connection: &Connection, table: &Table, account: &str, line: &Window) -> rusqlite::Result<()> {
    let (from, till) = (wall(line.period.from()), wall(line.period.till()));
    connection
        .prepare_cached(
            "DELETE FROM _calllegs_report_windows WHERE report = ?1 AND account = ?2 \
             AND (win_from = ?3 OR (win_from < ?4 AND ?3 < win_till))",
        )?
        .execute(params![table.name, account, from, till])?;
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "INSERT INTO _calllegs_report_windows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    let values = params![
        table.name,
        account,
        from,
        till,
        line.status.as_str(),
        number(line.total_items),
        number(line.legs),
        number(line.inserted),
        number(line.changed),
        line.content_hash,
        line.points,
        line.run_id,
        instant(line.fetched_at),
        line.version,
    ];
    statement.execute(values).map(drop)
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    table: &Table,
    values: &Legs<'_>,
    row: usize,
    (hash, run_id, extracted): (i64, &str, &str),
) -> rusqlite::Result<()> {
    let columns = table.columns();
    for (place, column) in columns.iter().enumerate() {
        bind_value(statement, place + 1, &values.value(place, row), column.kind())?;
    }
    statement.raw_bind_parameter(columns.len() + 1, hash)?;
    statement.raw_bind_parameter(columns.len() + 2, run_id)?;
    statement.raw_bind_parameter(columns.len() + 3, extracted)?;
    statement.raw_bind_parameter(columns.len() + 4, extracted)
}

fn batches_of(load: &ListingLoad<'_>) -> rusqlite::Result<Vec<RecordBatch>> {
    batches(load.rows).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
