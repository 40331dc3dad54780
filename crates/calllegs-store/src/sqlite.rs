//! Legs in a SQLite file: one table of legs, one of windows. Rows and windows change in one transaction; one run at a time
//! has the file, by a lock beside it.
//!
//! Not here: how rows become windows ([`windows`](crate::windows)).

mod connect;
mod listings;
mod read;
mod statements;

use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use arrow_array::RecordBatch;
use calllegs_arrow::{
    Leg, batches,
    schema::{Column, ColumnKind, Source},
};
use calllegs_core::{Period, value::wall_time};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OpenFlags, Statement, params, types::ValueRef};

use self::statements::{
    ADD_LATENESS, HASHES, LATENESS, OLD, PUT_LINE, REMOVE_LINES, create, lines, upgrade, upsert,
};
use crate::{
    cells::{Legs, Value},
    destination::{Destination, Opened},
    error::{Error, ErrorKind},
    file::lock,
    found::{self, Extra},
    layout::{self, FORMAT, known_columns},
    ledger::{Ledger, Window},
    listings::Listings,
    warehouse::{Answer, Change, Counts, Late, LateCounts, Load, Loaded, Warehouse},
    windows::{Shared, WindowsDestination},
};

/// How long another program may hold the file.
const PATIENCE: Duration = Duration::from_secs(30);

/// A SQLite file with legs.
///
/// ```
/// use calllegs_store::{Sqlite, warehouse::Warehouse};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("calls.db");
/// let mut calls = Sqlite::open(path)?; // nothing is made yet
/// calls.lease("uis:1103", "a run")?;
/// assert_eq!(calls.ledger("uis:1103")?.complete_until(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    address: String,
    connection: Option<Connection>,
    lock: Option<File>,
    /// That of its tables.
    format: i64,
    /// Columns of fields that nobody documents.
    found: Vec<String>,
    /// All columns of the table of legs.
    columns: BTreeSet<String>,
    adds_columns: bool,
}

impl Sqlite {
    /// A file, which need not be there yet.
    ///
    /// # Errors
    /// When it cannot be used, is of another program, or of a newer version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::open_by(path.into(), |path| connect::to_write(path, OpenFlags::SQLITE_OPEN_READ_WRITE))
    }

    /// A file to be read. Where the file and its folder can be written, so can it; elsewhere every change fails.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_to_read(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::open_by(path.into(), |path| {
            if connect::is_writable(path) {
                return connect::to_write(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
            }
            connect::to_read(path).map_err(|error| lost(path, &error))
        })
    }

    fn open_by(
        path: PathBuf,
        connect: impl FnOnce(&Path) -> Result<Connection, Error>,
    ) -> Result<Self, Error> {
        let mut place = Self {
            address: format!("sqlite:{}", path.display()),
            path,
            connection: None,
            lock: None,
            format: FORMAT,
            found: Vec::new(),
            columns: BTreeSet::new(),
            adds_columns: true,
        };
        if place.path.exists() {
            connect::check_file(&place.path)?;
            let connection = connect(&place.path)?;
            place.format = format(&place.path, &connection)?;
            place.connection = Some(connection);
            place.read_columns()?;
        } else {
            connect::check_parent(&place.path)?;
        }
        Ok(place)
    }

    /// Fields that nobody documents stay in `extra`, and no table is made or changed.
    #[must_use]
    pub const fn creates(mut self, creates: bool) -> Self {
        self.adds_columns = creates;
        self
    }

    /// The SQL that makes the tables.
    pub fn ddl() -> String {
        create()
    }

    /// Runs statements one after the other, over one state of the file, and gives what each answers; those that answer
    /// nothing, such as one that makes a temporary table, give no rows. The file is not changed, and what they make is gone
    /// afterwards. They are written by `of`, which gets the name of the table of legs.
    ///
    /// # Errors
    /// When the file cannot be read, or a statement is wrong.
    pub fn select(&self, of: impl FnOnce(&str) -> Vec<String>) -> Result<Vec<Answer>, Error> {
        self.connection()?;
        let answers = connect::to_read(&self.path).and_then(|connection| {
            connection.execute_batch("BEGIN")?;
            of("main.call_legs").iter().map(|sql| answer(&mut connection.prepare(sql)?)).collect()
        });
        answers.map_err(|error| lost(&self.path, &error))
    }

    fn connection(&self) -> Result<&Connection, Error> {
        self.connection.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Unreadable, format!("{} is not there", self.path.display()))
                .next("name the file that a sync wrote")
        })
    }

    /// Whether there is what it may not make.
    fn check_tables(&self) -> Result<(), Error> {
        let has = |table: &&str| {
            let connection = self.connection.as_ref();
            connection.is_some_and(|connection| connection.table_exists(None, *table).unwrap_or_default())
        };
        if TABLES.iter().all(has) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Place, format!("{}: the tables are not all there", self.path.display()))
            .because("it was told to make none")
            .next("allow to make tables, once"))
    }

    fn read_columns(&mut self) -> Result<(), Error> {
        let ours: BTreeSet<_> = known_columns().collect();
        let connection = self.connection()?;
        let columns = (|| {
            let mut statement = connection.prepare("SELECT name FROM pragma_table_info('call_legs')")?;
            let names = statement.query_map([], |row| row.get::<_, String>(0))?;
            names.collect::<rusqlite::Result<Vec<_>>>()
        })()
        .map_err(|error| lost(&self.path, &error))?;
        let has: BTreeSet<_> = columns.iter().map(String::as_str).collect();
        if let Some(lacks) = ours.iter().find(|name| !has.contains(*name)).filter(|_| !has.is_empty()) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the table call_legs of {} has no column {lacks}", self.path.display()),
            )
            .because("another program made it")
            .next("choose another file"));
        }
        // Columns of somebody else are not touched.
        let found = "SELECT substr(key, 7) FROM _calllegs_meta WHERE key LIKE 'field %'";
        let found = (|| -> rusqlite::Result<BTreeSet<String>> {
            if !connection.table_exists(None, "_calllegs_meta")? {
                return Ok(BTreeSet::new());
            }
            let mut statement = connection.prepare(found)?;
            statement.query_map([], |row| row.get(0))?.collect()
        })()
        .map_err(|error| lost(&self.path, &error))?;
        self.found = columns.iter().filter(|name| found.contains(*name)).cloned().collect();
        // SQLite tells them apart without regard to case.
        self.columns = columns.iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(())
    }

    /// Adds a column for each field that is new, and says so.
    fn add_columns(&mut self, load: &Load<'_>) -> Result<Vec<String>, Error> {
        let mut told = Vec::new();
        if !self.adds_columns {
            return Ok(told);
        }
        let mut names =
            found::names(load.legs).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        names.retain(|name| !self.columns.contains(name));
        for name in names {
            self.in_one_step(|place| {
                let connection = place.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
                connection.execute_batch(&format!("ALTER TABLE call_legs ADD COLUMN \"{name}\" TEXT"))?;
                connection.execute("INSERT INTO _calllegs_meta VALUES ('field ' || ?1, '')", params![name])
            })?;
            told.push(format!("the server has a new field {name}: the table has a column of that name now"));
            self.found.push(name.clone());
            self.columns.insert(name);
        }
        Ok(told)
    }

    fn put(&self, load: &Load<'_>, early: Counts) -> rusqlite::Result<Loaded> {
        let Some(connection) = &self.connection else { return Ok(Loaded::default()) };
        let Some(reach) = load.reach() else { return Ok(Loaded::default()) };
        let known = hashes(connection, load.account, reach)?;
        let altered = if load.exact { altered(connection, load)? } else { Vec::new() };
        let changes = load.changes(&known, &altered.into_iter().collect());
        let mut loaded = Loaded { counts: Counts::of(&changes), ..Loaded::default() };
        let (from, till) = (wall(reach.from()), wall(reach.till()));
        let read = read_lines(connection, self.format, load.account, (&from, &till))?;
        let mut late = LateCounts::default();
        let mut statement = connection.prepare_cached(&upsert(&self.found, load.exact))?;
        let mut old = connection.prepare_cached(OLD)?;
        let extracted = instant(load.extracted_at);
        let mut rows = load.legs.iter().zip(load.hashes).zip(&changes);
        for batch in
            batches(load.legs).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?
        {
            let legs = Legs::of(&batch);
            for (row, ((leg, hash), change)) in (0..batch.num_rows()).zip(&mut rows) {
                if *change == Change::None {
                    continue;
                }
                if let Some(key) = leg.key() {
                    let seen = load.extracted_wall;
                    match change {
                        Change::New if read.iter().any(|window| window.period.contains(key.start)) => {
                            late.add("new leg", key.start, seen);
                        }
                        Change::Changed => {
                            for field in differing(&mut old, load.account, key.id, &legs, row)? {
                                late.add(field, key.start, seen);
                            }
                        }
                        Change::New | Change::None => {}
                    }
                }
                bind(&mut statement, &legs, row, &self.found, (*hash, load.run_id, &extracted))?;
                statement.raw_execute()?;
            }
        }
        loaded.gone = load.gone_of_reach(&known, |covered| hashes(connection, load.account, covered))?;
        if load.exact {
            let mut remove =
                connection.prepare_cached("DELETE FROM call_legs WHERE account = ?1 AND id = ?2")?;
            for id in &loaded.gone {
                remove.execute(params![load.account, id])?;
            }
        }
        put_late(connection, load.account, &late)?;
        if let Some(covered) = load.covered() {
            loaded.windows = load.counted(&changes, early);
            let (from, till) = (wall(covered.from()), wall(covered.till()));
            remove_lines(connection, load.account, (&from, &till))?;
            put_lines(connection, load.account, &loaded.windows)?;
        }
        Ok(loaded)
    }

    /// Everything or nothing.
    fn in_one_step<T>(&self, step: impl FnOnce(&Self) -> rusqlite::Result<T>) -> Result<T, Error> {
        let connection = self.connection()?;
        let done = connection.execute_batch("BEGIN IMMEDIATE").and_then(|()| {
            let done = step(self).and_then(|done| connection.execute_batch("COMMIT").map(|()| done));
            if done.is_err() {
                // What is wrong with the file is told by the first error.
                let _told = connection.execute_batch("ROLLBACK");
            }
            done
        });
        done.map_err(|error| lost(&self.path, &error))
    }
}

/// One period, the account leased while it is read.
impl Destination for Sqlite {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(Box::new(WindowsDestination::alone(Shared::new(*self))))
    }
}

impl Warehouse for Sqlite {
    fn address(&self) -> &str {
        &self.address
    }

    fn lease(&mut self, account: &str, run_id: &str) -> Result<Vec<String>, Error> {
        if self.lock.is_none() {
            self.lock = Some(lock::take(&self.path, account, run_id)?);
        }
        if self.connection.is_none() && self.adds_columns {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            self.connection = Some(connect::to_write(&self.path, flags)?);
        }
        if !self.adds_columns {
            self.check_tables()?;
        }
        // Another run may have brought it up to date, or this one not have seen it yet.
        self.format = format(&self.path, self.connection()?)?;
        let upgrade = (self.format < FORMAT).then(|| upgrade(self.format));
        let mut told = Vec::new();
        if self.adds_columns {
            self.in_one_step(|place| {
                let connection = place.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
                connection.execute_batch(upgrade.as_deref().unwrap_or_default())?;
                connection.execute_batch(&create())?;
                connection.execute(
                    "INSERT INTO _calllegs_meta VALUES ('format', ?1) ON CONFLICT (key) DO NOTHING",
                    params![FORMAT.to_string()],
                )
            })?;
            told.extend(upgrade.map(|_| layout::brought_up(self.format)));
            self.format = FORMAT;
        } else if let Some(upgrade) = upgrade {
            return Err(layout::outdated(&self.address, self.format, &upgrade));
        }
        self.read_columns()?;
        Ok(told)
    }

    fn release(&mut self, _: &str) {
        self.lock = None;
    }

    fn try_writing(&mut self) -> Result<bool, Error> {
        let Some(connection) = &self.connection else {
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            tempfile::tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
                .map_err(|error| Error::writing(self.path.display(), &error))?;
            return Ok(false);
        };
        let made = format!("BEGIN IMMEDIATE; {}; CREATE TABLE _calllegs_try (i); ROLLBACK", create());
        let tried = connection.execute_batch(&made);
        if tried.is_err() {
            // What is wrong with the file is told by the first error.
            let _told = connection.execute_batch("ROLLBACK");
        }
        tried.map(|()| true).map_err(|error| lost(&self.path, &error))
    }

    fn accounts(&mut self) -> Result<Vec<String>, Error> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let read = || {
            if !connection.table_exists(None, "_calllegs_windows")? {
                return Ok(Vec::new());
            }
            let mut statement = connection
                .prepare_cached("SELECT DISTINCT account FROM _calllegs_windows ORDER BY account")?;
            let names = statement.query_map([], |row| row.get(0))?;
            names.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| lost(&self.path, &error))
    }

    fn ledger(&mut self, account: &str) -> Result<Ledger, Error> {
        let Some(connection) = &self.connection else { return Ok(Ledger::default()) };
        let lines = read_lines(connection, self.format, account, EVER);
        lines.map(Ledger::new).map_err(|error| lost(&self.path, &error))
    }

    fn hashes(&mut self, account: &str, period: Period) -> Result<HashMap<i64, i64>, Error> {
        hashes(self.connection()?, account, period).map_err(|error| lost(&self.path, &error))
    }

    fn altered(&mut self, load: &Load<'_>) -> Result<Vec<i64>, Error> {
        altered(self.connection()?, load).map_err(|error| lost(&self.path, &error))
    }

    fn lateness(&mut self, account: &str) -> Result<Vec<Late>, Error> {
        let connection = self.connection()?;
        let read = || {
            let mut statement = connection.prepare_cached(LATENESS)?;
            let late = statement.query_map([account], |row| {
                Ok(Late { field: row.get(0)?, age: row.get(1)?, legs: row.get::<_, i64>(2)?.unsigned_abs() })
            })?;
            late.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| lost(&self.path, &error))
    }

    fn load(&mut self, load: &Load<'_>, early: Counts) -> Result<Loaded, Error> {
        let told = self.add_columns(load)?;
        let loaded = self.in_one_step(|place| place.put(load, early))?;
        Ok(Loaded { told, ..loaded })
    }

    fn listings(&mut self) -> Option<&mut dyn Listings> {
        Some(self)
    }

    fn replace_lines(&mut self, account: &str, from: NaiveDateTime, lines: &[Window]) -> Result<(), Error> {
        let from = wall(from);
        self.in_one_step(|place| {
            let connection = place.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
            remove_lines(connection, account, (&from, EVER.1))?;
            put_lines(connection, account, lines)
        })
    }
}

/// All that a file has.
const TABLES: [&str; 4] = ["call_legs", "_calllegs_windows", "_calllegs_lateness", "_calllegs_meta"];

/// Before and behind every window, as the tables write times.
const EVER: (&str, &str) = ("0000", "9999-12-31");

/// Binds all values of a row.
fn bind(
    statement: &mut Statement<'_>,
    legs: &Legs<'_>,
    row: usize,
    found: &[String],
    (hash, run_id, extracted): (i64, &str, &str),
) -> rusqlite::Result<()> {
    let mut place = 0;
    let mut next = || {
        place += 1;
        place
    };
    let mut extra = None;
    for (column, about) in Column::all().iter().enumerate() {
        let value = legs.value(column, row);
        if about.source() == Source::Extra && !found.is_empty() {
            extra = Some((next(), value));
            continue;
        }
        bind_value(statement, next(), &value, about.kind())?;
    }
    statement.raw_bind_parameter(next(), hash)?;
    statement.raw_bind_parameter(next(), run_id)?;
    statement.raw_bind_parameter(next(), extracted)?;
    statement.raw_bind_parameter(next(), extracted)?;
    let Some((place, value)) = extra else { return Ok(()) };
    let Value::Text(text) = value else {
        statement.raw_bind_parameter(place, rusqlite::types::Null)?;
        return found.iter().try_for_each(|_| statement.raw_bind_parameter(next(), rusqlite::types::Null));
    };
    let mut extra = Extra::read(text);
    for name in found {
        statement.raw_bind_parameter(next(), extra.as_mut().and_then(|extra| extra.take(name)))?;
    }
    statement.raw_bind_parameter(place, extra.map_or_else(|| Some(text.to_owned()), |extra| extra.rest()))
}

fn bind_value(
    statement: &mut Statement<'_>,
    place: usize,
    value: &Value<'_>,
    kind: ColumnKind,
) -> rusqlite::Result<()> {
    match value {
        Value::Null => statement.raw_bind_parameter(place, rusqlite::types::Null),
        Value::Boolean(value) => statement.raw_bind_parameter(place, i64::from(*value)),
        Value::Integer(value) => statement.raw_bind_parameter(place, value),
        Value::Double(value) => statement.raw_bind_parameter(place, value),
        Value::Text(value) => statement.raw_bind_parameter(place, value),
        Value::Texts(_) | Value::Time(_) => statement.raw_bind_parameter(place, text(value, kind)),
    }
}

/// A list as JSON; a time as it is on the wall clock, or as an instant with a Z.
fn text(value: &Value<'_>, kind: ColumnKind) -> Option<String> {
    match value {
        Value::Texts(texts) => serde_json::to_string(&texts.iter().collect::<Vec<_>>()).ok(),
        Value::Time(micros) => {
            let time = DateTime::from_timestamp_micros(*micros)?;
            if kind != ColumnKind::Instant {
                return Some(wall(time.naive_utc()));
            }
            if time.timestamp_subsec_nanos() > 0 {
                return Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
            }
            Some(wall(time.naive_utc()).replacen(' ', "T", 1) + "Z")
        }
        Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::Double(_) | Value::Text(_) => None,
    }
}

/// Fields in which the row that is there differs from the one that came.
fn differing(
    old: &mut Statement<'_>,
    account: &str,
    id: i64,
    legs: &Legs<'_>,
    row: usize,
) -> rusqlite::Result<Vec<&'static str>> {
    let mut rows = old.query(params![account, id])?;
    let Some(known) = rows.next()? else { return Ok(Vec::new()) };
    let mut differing = Vec::new();
    for (column, about) in Column::all().iter().enumerate() {
        if !matches!(about.source(), Source::Field(_)) {
            continue;
        }
        let value = legs.value(column, row);
        let is_same = match (known.get_ref(about.name())?, &value) {
            (ValueRef::Null, Value::Null) => true,
            (ValueRef::Integer(known), Value::Boolean(value)) => known == i64::from(*value),
            (ValueRef::Integer(known), Value::Integer(value)) => known == *value,
            (ValueRef::Real(known), Value::Double(value)) => known.to_bits() == value.to_bits(),
            (ValueRef::Text(known), Value::Text(value)) => known == value.as_bytes(),
            (ValueRef::Text(known), Value::Texts(_) | Value::Time(_)) => {
                text(&value, about.kind()).is_some_and(|value| known == value.as_bytes())
            }
            _ => false,
        };
        if !is_same {
            differing.push(about.name());
        }
    }
    Ok(differing)
}

/// Ids of legs that the table has with other values.
fn altered(connection: &Connection, load: &Load<'_>) -> rusqlite::Result<Vec<i64>> {
    let mut old = connection.prepare_cached(OLD)?;
    let mut altered = Vec::new();
    let mut keys = load.legs.iter().map(Leg::key);
    for batch in batches_of(load)? {
        let legs = Legs::of(&batch);
        for row in 0..batch.num_rows() {
            if let Some(Some(key)) = keys.next()
                && !differing(&mut old, load.account, key.id, &legs, row)?.is_empty()
            {
                altered.push(key.id);
            }
        }
    }
    Ok(altered)
}

fn batches_of(load: &Load<'_>) -> rusqlite::Result<Vec<RecordBatch>> {
    batches(load.legs).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn put_late(connection: &Connection, account: &str, late: &LateCounts) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(ADD_LATENESS)?;
    late.iter()
        .try_for_each(|(field, age, legs)| statement.execute(params![account, field, age, legs]).map(drop))
}

fn hashes(connection: &Connection, account: &str, period: Period) -> rusqlite::Result<HashMap<i64, i64>> {
    let mut statement = connection.prepare_cached(HASHES)?;
    let bounds = params![account, wall(period.from()), wall(period.till())];
    statement.query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn read_lines(
    connection: &Connection,
    format: i64,
    account: &str,
    (from, till): (&str, &str),
) -> rusqlite::Result<Vec<Window>> {
    let mut statement = connection.prepare_cached(&lines(format))?;
    statement.query_map(params![account, from, till], read_line)?.collect()
}

fn read_line(row: &rusqlite::Row<'_>) -> rusqlite::Result<Window> {
    let broken = |column: usize, error: String| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    };
    let time = |column: usize| {
        let text: String = row.get(column)?;
        wall_time::parse(&text).map_err(|error| broken(column, error.to_string()))
    };
    let number = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let status: String = row.get(2)?;
    let fetched: String = row.get(10)?;
    Ok(Window {
        period: Period::new(time(0)?, time(1)?).map_err(|refusal| broken(1, refusal.to_string()))?,
        status: status.parse().map_err(|_| broken(2, "a window is open, unverified or final".to_owned()))?,
        total_items: number(3)?,
        legs: number(4)?,
        inserted: number(5)?,
        changed: number(6)?,
        content_hash: row.get(7)?,
        points: u32::try_from(number(8)?).unwrap_or(u32::MAX),
        run_id: row.get(9)?,
        fetched_at: fetched.parse().map_err(|_| broken(10, "no instant".to_owned()))?,
        version: row.get(11)?,
    })
}

fn remove_lines(connection: &Connection, account: &str, (from, till): (&str, &str)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(REMOVE_LINES)?;
    statement.execute(params![account, from, till]).map(drop)
}

fn put_lines(connection: &Connection, account: &str, lines: &[Window]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(PUT_LINE)?;
    lines.iter().try_for_each(|line| {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let line = params![
            account,
            wall(line.period.from()),
            wall(line.period.till()),
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
        statement.execute(line).map(drop)
    })
}

fn answer(statement: &mut Statement<'_>) -> rusqlite::Result<Answer> {
    let width = statement.column_count();
    let value = |row: &rusqlite::Row<'_>, column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
        })
    };
    let rows = statement.query_map([], |row| (0..width).map(|column| value(row, column)).collect())?;
    rows.collect()
}

fn wall(time: NaiveDateTime) -> String {
    wall_time::format(time).to_string()
}

/// Always as long, so that later is greater.
fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The format of the tables, where it is known.
fn format(path: &Path, connection: &Connection) -> Result<i64, Error> {
    let has_meta = connection.table_exists(None, "_calllegs_meta").map_err(|error| lost(path, &error))?;
    if !has_meta {
        return Ok(FORMAT);
    }
    let format = "SELECT CAST(value AS INTEGER) FROM _calllegs_meta WHERE key = 'format'";
    let format: i64 =
        connection.query_row(format, [], |row| row.get(0)).map_err(|error| lost(path, &error))?;
    layout::check_format(path.display(), format)?;
    Ok(format)
}

/// What SQLite says, without values: its messages name tables and columns.
fn lost(path: &Path, error: &rusqlite::Error) -> Error {
    let kind = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            return Error::new(ErrorKind::Busy, format!("{} is in use by another program", path.display()))
                .because(format!("it was waited for {} seconds", PATIENCE.as_secs()))
                .next("close that program, then run it again");
        }
        Some(
            rusqlite::ErrorCode::NotADatabase
            | rusqlite::ErrorCode::DatabaseCorrupt
            | rusqlite::ErrorCode::CannotOpen,
        ) => ErrorKind::Unreadable,
        _ => ErrorKind::Write,
    };
    let next = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => "make room, then run it again",
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            "restore the file from a copy, or choose another"
        }
        Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => {
            "look at the rights of the file and of its folder, then run it again"
        }
        _ => "look at the file and its folder, then run it again",
    };
    Error::new(kind, format!("{}: {error}", path.display())).next(next)
}
