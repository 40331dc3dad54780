//! The statements in real databases, over legs of made-up call centres: SQLite, PostgreSQL and the code say the
//! same, cell by cell.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[path = "../../calllegs-store/tests/support/server.rs"]
mod server;

use arrow_array::{Array, RecordBatch, cast::AsArray, make_array, types::Int64Type};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use calllegs_arrow::parquet;
use calllegs_core::{AccessKey, Account, Period, blocking::Client};
use calllegs_sandbox::{Clock, Sandbox, TruthQuery, World};
use calllegs_stats::{
    Analysis, COLUMNS, Cell, Finish, Parameters, Shape, Table,
    sql::{Database, Source},
};
use calllegs_store::{
    Export, FileDestination, Postgres, Reading, Sqlite, Wanted, WindowsDestination,
    windows::{Shared, run_id},
};
use calllegs_ureq::UreqTransport;
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::{Asia::Jerusalem, Europe::Moscow, Tz};

use serde_json::Value;

use crate::server::{Server, server};

const ACCOUNT: &str = "sandbox:100001";
const PERIOD: &str = "2026-02-02..2026-02-12";
/// A time in which Jerusalem sets its clock back.
const TWICE: &str = "2026-10-20..2026-10-29";

/// The legs of a world in a file and, where there is a server, in a schema of it.
struct Loaded {
    folder: tempfile::TempDir,
    schema: String,
    period: Period,
    server: Option<&'static Server>,
}

impl Loaded {
    fn new(world: World, seed: u64) -> Self {
        Self::of(world, seed, Moscow, PERIOD)
    }

    fn of(world: World, seed: u64, zone: Tz, period: &str) -> Self {
        Self::with_sandbox(world, seed, zone, period.parse().unwrap(), 350).0
    }

    fn with_sandbox(world: World, seed: u64, zone: Tz, period: Period, legs_per_day: u32) -> (Self, Sandbox) {
        let clock = Clock::FixedWall(period.till() + TimeDelta::days(60));
        let builder = Sandbox::builder().seed(seed).world(world).legs_per_day(legs_per_day).late_data(false);
        let builder = builder.since(period.from().date()).until(period.till().date());
        let sandbox = builder.clock(clock).zone(zone).minute_limit(None).day_limit(None).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let loaded =
            Self { folder, schema: format!("{world}{seed}x{legs_per_day}"), period, server: server() };
        let mut places = vec![Shared::new(Sqlite::open(loaded.path()).unwrap())];
        places.extend(loaded.postgres().map(Shared::new));
        let run = run_id(sandbox.now());
        for place in &places {
            place.lock().lease(ACCOUNT, &run).unwrap();
        }
        let account = Account::new(sandbox.endpoint().unwrap(), AccessKey::new("sandbox-acme"));
        let client = Client::new(UreqTransport::new().unwrap(), account);
        let windows = WindowsDestination::new(places.clone(), &run);
        let export = || Export::new(period, zone, sandbox.now()).account(ACCOUNT);
        assert!(export().run_blocking(&client, windows, &mut ()).unwrap().rows > 100);
        let file = FileDestination::new(loaded.folder.path().join("legs.parquet")).unwrap();
        export().run_blocking(&client, file, &mut ()).unwrap();
        for place in &places {
            place.lock().release(ACCOUNT);
        }
        (loaded, sandbox)
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("calls.db")
    }

    fn sqlite(&self) -> Sqlite {
        Sqlite::open(self.path()).unwrap()
    }

    /// The first minute from this time on in which no call goes on.
    fn quiet(&self, from: NaiveDateTime) -> NaiveDateTime {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        let sql =
            "SELECT count(*) FROM (SELECT min(start_time) AS first, max(start_time) AS last FROM call_legs
            GROUP BY call_session_id) WHERE first < ?1 AND last >= ?1";
        let mut calls = connection.prepare(sql).unwrap();
        let mut goes_on =
            |at: &NaiveDateTime| calls.query_one([at.to_string()], |row| row.get::<_, i64>(0)).unwrap() > 0;
        (0..1440).map(|minutes| from + TimeDelta::minutes(minutes)).find(|at| !goes_on(at)).unwrap()
    }

    fn batches(&self) -> Vec<RecordBatch> {
        let file = std::fs::File::open(self.folder.path().join("legs.parquet")).unwrap();
        parquet::read_back(file).unwrap().1.map(Result::unwrap).collect()
    }

    /// What the code says.
    fn counted(&self, parameters: &Parameters) -> Vec<Table> {
        counted(&self.batches(), parameters)
    }

    fn postgres(&self) -> Option<Postgres> {
        self.server.map(|server| Postgres::open(&server.url(&self.schema)).unwrap())
    }
}

fn counted(batches: &[RecordBatch], parameters: &Parameters) -> Vec<Table> {
    let mut analysis = Analysis::new(parameters.clone());
    loop {
        for batch in batches {
            analysis.push(batch).unwrap();
        }
        match analysis.finish().unwrap() {
            Finish::Done(results) => return results.total().unwrap().tables().cloned().collect(),
            Finish::Again(second) => analysis = *second,
        }
    }
}

fn computed(place: &mut impl Database, parameters: &Parameters) -> Vec<Table> {
    place.compute(&Shape::ALL, &Source::default(), parameters).unwrap()
}

/// The same results, told apart by cell.
fn assert_same(one: &[Table], other: &[Table], about: &str) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        let name = one.shape.name;
        assert_eq!(one.rows.len(), other.rows.len(), "{about}: rows of {name}");
        for (place, (left, right)) in one.rows.iter().zip(&other.rows).enumerate() {
            for (column, (left, right)) in one.shape.columns.iter().zip(left.iter().zip(right)) {
                assert_eq!(left, right, "{about}: {name}, row {place}, {}", column.name);
            }
        }
    }
}

fn other_choices(period: Period) -> Parameters {
    let mut parameters = Parameters::default();
    parameters.answer_within = 11;
    parameters.short_abandon = 0;
    parameters.callback_window = 3600;
    parameters.repeat_window = 7200;
    parameters.period = Some((period.from() + TimeDelta::hours(9), period.till()));
    parameters
}

#[test]
fn databases_and_code_say_the_same_of_every_world() {
    let worlds = [
        (World::Shop, 1, Moscow, PERIOD),
        (World::Shop, 2, Jerusalem, TWICE),
        (World::Ties, 3, Moscow, PERIOD),
    ];
    for (world, seed, zone, period) in worlds {
        let loaded = Loaded::of(world, seed, zone, period);
        for parameters in [Parameters::default(), other_choices(loaded.period)] {
            let about = format!("{world} {seed}");
            let sqlite = computed(&mut loaded.sqlite(), &parameters);
            assert!(sqlite.iter().all(|table| !table.rows.is_empty()), "{about}: {sqlite:?}");
            assert_same(&loaded.counted(&parameters), &sqlite, &about);
            let Some(mut postgres) = loaded.postgres() else { continue };
            assert_same(&sqlite, &computed(&mut postgres, &parameters), &about);
        }
    }
}

/// Worlds that are worth a month, for which so many legs a day are enough.
const MONTHS: [World; 5] = [World::Shop, World::Clinic, World::Callcentre, World::Outage, World::EveryReason];

#[test]
fn databases_and_code_say_what_happened() {
    let others = World::ALL.into_iter().filter(|world| *world != World::Dense && !MONTHS.contains(world));
    others.for_each(|world| what_happened(world, 8, 6, 350));
}

#[test]
fn databases_and_code_say_what_happened_in_a_month() {
    for world in MONTHS {
        for seed in [1, 8, 42] {
            what_happened(world, seed, 30, 120);
        }
    }
}

/// What the made-up calls were, as the emulator decided it, is what is counted of their legs. The period begins and ends when
/// no call goes on: a ring counts by its own start, and for the emulator by that of its call.
fn what_happened(world: World, seed: u64, days: i64, legs_per_day: u32) {
    let until = world.until().unwrap_or_else(|| "2026-03-02".parse().unwrap()).and_time(NaiveTime::MIN);
    let days = Period::new(until - TimeDelta::days(days), until).unwrap();
    let (loaded, sandbox) = Loaded::with_sandbox(world, seed, world.zone(), days, legs_per_day);
    let mut parameters = Parameters::default();
    let at = |bound, days| loaded.quiet(bound + TimeDelta::days(days) + TimeDelta::hours(4));
    let (from, till) = (at(days.from(), 1), at(days.till(), -1));
    parameters.period = Some((from, till));
    let truth = sandbox.truth_metrics(None, &TruthQuery::between(from, till)).unwrap();
    let about = format!("{world} {seed}");
    let sqlite = computed(&mut loaded.sqlite(), &parameters);
    let told = |table: &Table| -> Value {
        let columns = table.shape.columns;
        let row = |row: &Vec<Cell>| {
            columns.iter().zip(row).map(|(column, cell)| (column.name, value(cell))).collect()
        };
        table.rows.iter().map(row).collect::<Vec<Value>>().into()
    };
    let wrong = sqlite.iter().filter(|table| told(table) != truth[table.shape.name]);
    let wrong: Vec<_> = wrong
        .map(|table| format!("{}: {} and {}", table.shape.name, told(table), truth[table.shape.name]))
        .collect();
    assert!(wrong.is_empty(), "{about}:\n{}", wrong.join("\n"));
    assert_same(&sqlite, &loaded.counted(&parameters), &about);
    let Some(mut postgres) = loaded.postgres() else { return };
    assert_same(&sqlite, &computed(&mut postgres, &parameters), &about);
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => (*number).into(),
        Cell::Decimal(decimal) => decimal.to_string().into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Date(date) => date.to_string().into(),
        other => panic!("{other:?}"),
    }
}

/// What no call centre should have: times that go back, lengths below nothing, calls put together that lie hours and days
/// apart, groups and scenarios that are called as if they were none.
const ODD: &str = "
    UPDATE call_legs SET total_duration = -total_duration WHERE id % 17 = 3;
    UPDATE call_legs SET duration = -duration WHERE id % 13 = 2;
    UPDATE call_legs SET start_time = connect_time, start_at = connect_at, connect_time = start_time,
      connect_at = start_at WHERE connect_time IS NOT NULL AND id % 19 = 4;
    UPDATE call_legs SET group_name = '(none)' WHERE id % 11 = 1;
    UPDATE call_legs SET group_name = NULL WHERE id % 11 = 2;
    UPDATE call_legs SET scenario_name = '(none)' WHERE call_session_id % 11 = 1;
    UPDATE call_legs SET scenario_name = NULL WHERE call_session_id % 11 = 2;
    UPDATE call_legs SET call_session_id = (SELECT min(call_session_id) FROM call_legs) WHERE call_session_id % 41 = 5;";

#[test]
fn what_is_odd_is_odd_alike() {
    let loaded = Loaded::new(World::Shop, 7);
    rusqlite::Connection::open(loaded.path()).unwrap().execute_batch(ODD).unwrap();
    let mut batches = Vec::new();
    let mut reading = Reading::sqlite(loaded.path()).unwrap();
    let push = |batch| {
        batches.push(batch);
        Ok::<_, calllegs_store::Error>(())
    };
    reading.read(&Wanted::columns(&COLUMNS), push).unwrap();
    for parameters in [Parameters::default(), other_choices(loaded.period)] {
        let sqlite = computed(&mut loaded.sqlite(), &parameters);
        assert_same(&counted(&batches, &parameters), &sqlite, "odd");
        let (Some(mut postgres), Some(server)) = (loaded.postgres(), loaded.server) else { continue };
        if parameters == Parameters::default() {
            server.client(&loaded.schema).batch_execute(ODD).unwrap();
        }
        assert_same(&sqlite, &computed(&mut postgres, &parameters), "odd");
    }
}

/// Columns that may have no value, and of which legs they have none: those whose id the number divides.
const HOLES: [(&str, i64); 12] = [
    ("is_operator", 13),
    ("is_talked", 3),
    ("is_coach", 5),
    ("is_transfered", 7),
    ("duration", 11),
    ("total_duration", 17),
    ("finish_reason", 19),
    ("direction", 23),
    ("contact_phone_number", 29),
    ("employee_id", 31),
    ("employee_full_name", 2),
    ("group_name", 37),
];

#[test]
fn what_is_unknown_is_unknown_alike() {
    let loaded = Loaded::new(World::Shop, 6);
    let mut update = HOLES
        .map(|(column, number)| format!("UPDATE call_legs SET {column} = NULL WHERE id % {number} = 0;"))
        .concat();
    // What a brand writes for a number that is withheld.
    update.push_str("UPDATE call_legs SET contact_phone_number = '' WHERE contact_phone_number IS NULL;");
    rusqlite::Connection::open(loaded.path()).unwrap().execute_batch(&update).unwrap();
    let batches: Vec<_> = loaded.batches().iter().map(with_holes).collect();
    for parameters in [Parameters::default(), other_choices(loaded.period)] {
        let sqlite = computed(&mut loaded.sqlite(), &parameters);
        assert_same(&counted(&batches, &parameters), &sqlite, "holes");
        let (Some(mut postgres), Some(server)) = (loaded.postgres(), loaded.server) else { continue };
        server.client(&loaded.schema).batch_execute(&update).unwrap();
        assert_same(&sqlite, &computed(&mut postgres, &parameters), "holes");
    }
}

fn with_holes(batch: &RecordBatch) -> RecordBatch {
    let schema = batch.schema();
    let ids = batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().clone();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        let Some((_, number)) = HOLES.iter().find(|(name, _)| name == field.name()) else {
            return array.clone();
        };
        let is_kept = BooleanBuffer::collect_bool(ids.len(), |row| ids.value(row) % number != 0);
        let nulls = NullBuffer::union(array.nulls(), Some(&NullBuffer::new(is_kept)));
        make_array(array.to_data().into_builder().nulls(nulls).build().unwrap())
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

#[test]
fn nothing_is_left_behind_and_reading_is_enough() {
    let loaded = Loaded::new(World::Shop, 4);
    let sqlite = computed(&mut loaded.sqlite(), &Parameters::default());
    let connection = rusqlite::Connection::open(loaded.path()).unwrap();
    let count = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'v\\_%' ESCAPE '\\'";
    assert_eq!(connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 0);

    let Some(server) = loaded.server else { return };
    computed(&mut loaded.postgres().unwrap(), &Parameters::default());
    let mut client = server.client(&loaded.schema);
    let count = "SELECT count(*) FROM pg_class WHERE relname IN ('v_leg', 'v_session')";
    assert_eq!(client.query_one(count, &[]).unwrap().get::<_, i64>(0), 0);
    // A user who may make nothing at all, not even what is temporary.
    client
        .batch_execute(&format!(
            "CREATE ROLE reader LOGIN; ALTER ROLE reader SET default_transaction_read_only = on;
            GRANT USAGE ON SCHEMA \"{0}\" TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA \"{0}\" TO reader;",
            loaded.schema
        ))
        .unwrap();
    let address = server.url(&loaded.schema).replace("postgres@", "reader@");
    let reader = computed(&mut Postgres::open(&address).unwrap(), &Parameters::default());
    assert_same(&sqlite, &reader, "a reader");
}

#[test]
fn one_account_of_several_is_computed_alone() {
    let loaded = Loaded::new(World::Shop, 5);
    let alone = computed(&mut loaded.sqlite(), &Parameters::default());
    let connection = rusqlite::Connection::open(loaded.path()).unwrap();
    // Another account with half of the same legs.
    connection
        .execute_batch(
            "CREATE TEMP TABLE other AS SELECT * FROM call_legs WHERE id % 2 = 0;
            UPDATE other SET account = 'uis:1''s'; INSERT INTO call_legs SELECT * FROM other;",
        )
        .unwrap();
    let of = |account: &str| {
        let source = Source::default().account(account);
        loaded.sqlite().compute(&Shape::ALL, &source, &Parameters::default()).unwrap()
    };
    assert_same(&alone, &of(ACCOUNT), ACCOUNT);
    assert!(!of("uis:1's")[0].rows[0].contains(&Cell::Integer(0)));
    assert_ne!(alone, computed(&mut loaded.sqlite(), &Parameters::default()));
}

#[test]
fn a_place_without_legs_has_no_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let place = Shared::new(Sqlite::open(folder.path().join("calls.db")).unwrap());
    place.lock().lease(ACCOUNT, "a run").unwrap();
    place.lock().release(ACCOUNT);
    let tables = computed(&mut Sqlite::open(folder.path().join("calls.db")).unwrap(), &Parameters::default());
    for table in tables {
        let is_number = |cell: &Cell| !matches!(cell, Cell::Null | Cell::Integer(0));
        assert!(!table.rows.iter().flatten().any(is_number), "{table:?}");
    }
}
