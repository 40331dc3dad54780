//! PostgreSQL as a place for legs, with a server of the test's own.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[path = "support/loads.rs"]
mod loads;
#[path = "support/server.rs"]
mod server;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use calllegs_store::{
    Destination, ErrorKind, Ledger, Postgres,
    conformance::{Subject, check},
    ledger::WindowStatus,
    warehouse::Warehouse,
    windows::Shared,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    loads::{ACCOUNT, at, leg, legs, load, try_load},
    server::{Server, server},
};

/// A schema for each folder, and what is read of it over one connection.
struct Database {
    server: &'static Server,
    readers: Mutex<HashMap<PathBuf, Postgres>>,
}

impl Database {
    fn schema(folder: &Path) -> String {
        format!("suite {}", folder.file_stem().unwrap().to_string_lossy())
    }

    fn place(&self, folder: &Path) -> Postgres {
        Postgres::open(&self.server.url(&Self::schema(folder).replace(' ', "%20"))).unwrap()
    }
}

impl Subject for Database {
    fn destination(&self, folder: &Path) -> Box<dyn Destination> {
        Box::new(self.place(folder))
    }

    fn ids(&self, folder: &Path) -> Option<Vec<i64>> {
        let mut readers = self.readers.lock().unwrap();
        let place = readers.entry(folder.to_owned()).or_insert_with(|| self.place(folder));
        let end = DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::days(20_003);
        let whole = place.ledger(ACCOUNT).unwrap().complete_until()? == end;
        let all = "0001-01-01..9000-01-01".parse().unwrap();
        whole.then(|| place.hashes(ACCOUNT, all).unwrap().into_keys().collect())
    }

    fn after_kill(&self, from: &Path, to: &Path) -> Result<(), String> {
        let mut client = self.server.client(&Self::schema(from));
        client.batch_execute("DELETE FROM _calllegs_leases").map_err(|error| error.to_string())?;
        fs::create_dir_all(to).map_err(|error| error.to_string())
    }

    fn is_reproducible(&self) -> bool {
        false
    }

    fn keeps_all(&self) -> bool {
        false
    }
}

#[test]
fn a_database_passes() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check(&Database { server, readers: Mutex::default() }, folder.path()), Ok(()));
}

/// A place in a schema of its own, leased.
fn place(server: &Server, schema: &str) -> Shared {
    let mut place = Postgres::open(&server.url(schema)).unwrap();
    place.lease(ACCOUNT, "run").unwrap();
    Shared::new(place)
}

/// The version of each row.
fn versions(client: &mut postgres::Client) -> BTreeMap<i64, String> {
    let rows = client.query("SELECT id, xmin::text FROM call_legs", &[]).unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn one<T: for<'a> postgres::types::FromSql<'a>>(client: &mut postgres::Client, query: &str) -> T {
    client.query_one(query, &[]).unwrap().get(0)
}

#[test]
fn what_did_not_change_is_not_written() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "unchanged"), server.client("unchanged"));
    load(&place, &legs(0..300), 10).unwrap();
    let first = versions(&mut client);
    assert_eq!(first.len(), 300);
    load(&place, &legs(0..300), 11).unwrap();
    assert_eq!(versions(&mut client), first, "not one row is rewritten");

    let rated = format!("{},{}", legs(0..299), leg(299, r#","employee_rating":4.25"#));
    load(&place, &rated, 12).unwrap();
    let second = versions(&mut client);
    let changed: Vec<_> = second.iter().filter(|(id, version)| first[*id] != **version).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(
        one::<String>(&mut client, "SELECT employee_rating::text FROM call_legs WHERE id = 299"),
        "4.25"
    );
    let first_seen = "SELECT cl_first_seen_at FROM call_legs WHERE id = 299";
    assert_eq!(one::<DateTime<Utc>>(&mut client, first_seen), at("2026-03-10 12:00:00").and_utc());
    let late = place.lock().lateness(ACCOUNT).unwrap();
    let late: Vec<_> = late.iter().map(|late| (late.field.as_str(), late.age, late.legs)).collect();
    assert_eq!(late, [("employee_rating", 720, 1)]);
    let ledger = place.lock().ledger(ACCOUNT).unwrap();
    let line = &ledger.windows()[0];
    assert_eq!((line.legs, line.inserted, line.changed, line.status), (300, 0, 1, WindowStatus::Final));
}

#[test]
fn an_older_extract_never_overwrites() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "older"), server.client("older"));
    load(&place, &leg(1, r#","employee_rating":5"#), 12).unwrap();
    load(&place, &leg(1, ""), 10).unwrap();
    assert_eq!(one::<String>(&mut client, "SELECT employee_rating::text FROM call_legs"), "5");
    assert_eq!(place.lock().lateness(ACCOUNT).unwrap(), []);
}

#[test]
fn values_are_those_that_came() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "values"), server.client("values"));
    let more = r#","finish_reason":"it's","employee_rating":-0.5,"contact_id":9007199254740993,"Odd":{"x":[1,2.50]}"#;
    load(&place, &format!("{},{}", leg(61, more), r#"{"id":62,"start_time":"2026-03-01 02:00:00"}"#), 10)
        .unwrap();
    let row: String = one(
        &mut client,
        "SELECT concat_ws('|', account, id, start_time, start_at AT TIME ZONE 'UTC', duration, finish_reason, is_operator, \
         employee_rating, contact_id, call_records, extra, connect_time IS NULL) FROM call_legs WHERE id = 61",
    );
    assert_eq!(
        row,
        "uis:1|61|2026-03-01 01:01:00|2026-03-01 01:01:00|7|it's|t|-0.5|9007199254740993|{a61,b}|{\"Odd\": {\"x\": [1, 2.50]}}|t"
    );
    let nulls =
        "SELECT num_nulls(call_session_id, duration, call_records, extra)::text FROM call_legs WHERE id = 62";
    assert_eq!(one::<String>(&mut client, nulls), "4");
    let comments = "SELECT count(*)::text FROM pg_attribute WHERE attrelid = 'call_legs'::regclass AND attnum > 0 \
                    AND col_description(attrelid, attnum) IS NULL";
    assert_eq!(one::<String>(&mut client, comments), "0");
}

/// The indexes of the table, by their names.
fn indexes(client: &mut postgres::Client, schema: &str) -> String {
    let query = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'call_legs' \
                 AND schemaname = $1";
    client.query_one(query, &[&schema]).unwrap().get(0)
}

const ALL_INDEXES: &str = "call_legs_contact_i call_legs_pkey call_legs_session_i call_legs_start_i";

#[test]
fn a_first_load_ends_with_all_indexes() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "indexes"), server.client("indexes"));
    load(&place, &legs(0..9), 10).unwrap();
    assert_eq!(indexes(&mut client, "indexes"), "call_legs_pkey call_legs_start_i");
    place.lock().release(ACCOUNT);
    assert_eq!(indexes(&mut client, "indexes"), ALL_INDEXES);

    // An administrator may think otherwise.
    client.batch_execute("DROP INDEX call_legs_contact_i").unwrap();
    let told = place.lock().lease(ACCOUNT, "next").unwrap();
    place.lock().release(ACCOUNT);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(indexes(&mut client, "indexes"), ALL_INDEXES.replace("call_legs_contact_i ", ""));
}

#[test]
fn what_a_killed_first_load_left_out_the_next_run_makes() {
    let Some(server) = server() else { return };
    let (first, mut client) = (place(server, "killed"), server.client("killed"));
    load(&first, &legs(0..9), 10).unwrap();
    drop(first);
    client.batch_execute("DELETE FROM _calllegs_leases").unwrap();
    // One who may not make them loads all the same.
    client
        .batch_execute(
            "CREATE ROLE lesser LOGIN; GRANT USAGE ON SCHEMA killed TO lesser;
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA killed TO lesser;",
        )
        .unwrap();
    let mut lesser = Postgres::open(&server.url("killed").replace("postgres@", "lesser@")).unwrap();
    let told = lesser.lease(ACCOUNT, "lesser").unwrap();
    assert!(told[0].contains("lacks indexes"), "{told:?}");
    let lesser = Shared::new(lesser);
    load(&lesser, &legs(0..10), 11).unwrap();
    lesser.lock().release(ACCOUNT);

    let told = Postgres::open(&server.url("killed")).unwrap().lease(ACCOUNT, "next").unwrap();
    assert!(told[0].contains("the indexes were made"), "{told:?}");
    assert_eq!(indexes(&mut client, "killed"), ALL_INDEXES);
}

#[test]
fn a_leg_that_moved_takes_its_old_place() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "moved"), server.client("moved"));
    load(&place, &legs(0..3), 10).unwrap();
    // Out of reach of what is read next.
    client.batch_execute("UPDATE call_legs SET start_time = '2026-02-01' WHERE id = 1").unwrap();
    client.batch_execute("UPDATE call_legs SET cl_row_hash = 0 WHERE id = 1").unwrap();
    load(&place, &legs(0..5), 11).unwrap();
    assert_eq!(
        one::<String>(&mut client, "SELECT string_agg(id::text, ' ' ORDER BY start_time) FROM call_legs"),
        "0 1 2 3 4"
    );
    let line = place.lock().ledger(ACCOUNT).unwrap().windows()[0].clone();
    assert_eq!((line.inserted, line.changed), (2, 1));
}

#[test]
fn legs_that_the_server_lost_go_when_it_is_asked() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "exact"), server.client("exact"));
    load(&place, &legs(0..4), 10).unwrap();
    load(&place, &legs(1..4), 11).unwrap();
    assert_eq!(versions(&mut client).len(), 4);
    try_load(&place, &legs(1..4), 11, true).unwrap();
    assert_eq!(versions(&mut client).into_keys().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_lease_is_for_one_run() {
    let Some(server) = server() else { return };
    let (first, mut client) = (place(server, "leases"), server.client("leases"));
    let mut second = Postgres::open(&server.url("leases")).unwrap();
    let error = second.lease(ACCOUNT, "another").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.cause().unwrap().contains(&format!("process {} on ", std::process::id())), "{error:?}");
    let accounts = [ACCOUNT.to_owned(), "uis:2".to_owned()];
    assert_eq!(second.lease_any(&accounts, "another").unwrap().as_deref(), Some("uis:2"));

    // A process of this machine that is gone.
    client
        .batch_execute(
            "UPDATE _calllegs_leases SET pid = 2147483646, run_id = 'gone' WHERE account = 'uis:1'",
        )
        .unwrap();
    let told = second.lease(ACCOUNT, "another").unwrap();
    assert!(told[0].contains("process is gone"), "{told:?}");
    let error = load(&first, &legs(0..1), 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "the one that lost it writes no more");
    assert_eq!(second.ledger(ACCOUNT).unwrap(), Ledger::default());

    // One of another machine that was not heard of.
    for (age, busy) in [("14 minutes", true), ("16 minutes", false)] {
        let old = format!(
            "UPDATE _calllegs_leases SET machine = 'far', host = 'far', renewed_at = now() - interval '{age}' \
             WHERE account = 'uis:1'"
        );
        client.batch_execute(&old).unwrap();
        let taken = Postgres::open(&server.url("leases")).unwrap().lease(ACCOUNT, "third");
        assert_eq!(taken.is_err_and(|error| error.kind() == ErrorKind::Busy), busy, "{age}");
    }
    second.release("uis:2");
    assert_eq!(one::<String>(&mut client, "SELECT string_agg(account, ' ') FROM _calllegs_leases"), "uis:1");
}

#[test]
fn a_writer_that_is_at_work_is_not_waited_for() {
    let Some(server) = server() else { return };
    let (_first, mut client) = (place(server, "at_work"), server.client("at_work"));
    let mut at_work = client.transaction().unwrap();
    at_work.batch_execute("UPDATE _calllegs_leases SET renewed_at = now() - interval '1 day'").unwrap();
    let mut second = Postgres::open(&server.url("at_work")).unwrap();
    assert_eq!(second.lease(ACCOUNT, "another").unwrap_err().kind(), ErrorKind::Busy);
}

#[test]
fn tables_of_a_newer_version_are_refused() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "newer"), server.client("newer"));
    load(&place, &legs(0..1), 10).unwrap();
    client.batch_execute("UPDATE _calllegs_meta SET value = '9' WHERE key = 'format'").unwrap();
    let error = Postgres::open(&server.url("newer")).unwrap().ledger(ACCOUNT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.cause().unwrap().contains("format 9"), "{error:?}");
}

#[test]
fn a_ledger_of_an_older_version_is_read_and_brought_up_to_date() {
    let Some(server) = server() else { return };
    let (first, mut client) = (place(server, "upgraded"), server.client("upgraded"));
    load(&first, &legs(0..5), 10).unwrap();
    first.lock().release(ACCOUNT);
    let columns = "SELECT string_agg(attname || ' ' || attnotnull, ',' ORDER BY attnum) FROM pg_attribute \
                   WHERE attrelid = '_calllegs_windows'::regclass AND attnum > 0 AND NOT attisdropped";
    let made: String = one(&mut client, columns);
    // What format 1 had.
    client
        .batch_execute(
            "ALTER TABLE _calllegs_windows DROP COLUMN version; UPDATE _calllegs_meta SET value = '1' WHERE key = 'format'",
        )
        .unwrap();
    let open = || Postgres::open(&server.url("upgraded")).unwrap();
    let before = open().ledger(ACCOUNT).unwrap();
    assert_eq!((before.windows()[0].legs, before.windows()[0].version.as_str()), (5, ""));

    let error = open().creates(false).lease(ACCOUNT, "run").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.next_step().unwrap().contains("ADD COLUMN version"), "{error:?}");

    let mut place = open();
    let told = place.lease(ACCOUNT, "run").unwrap();
    assert!(told[0].contains("format 1"), "{told:?}");
    assert_eq!(place.ledger(ACCOUNT).unwrap(), before);
    assert_eq!(one::<String>(&mut client, columns), made, "as one that is new");
    let place = Shared::new(place);
    load(&place, &legs(0..6), 11).unwrap();
    let line = place.lock().ledger(ACCOUNT).unwrap().windows()[0].clone();
    assert_eq!((line.legs, line.version.as_str()), (6, env!("CARGO_PKG_VERSION")));
    assert!(place.lock().lease(ACCOUNT, "run").unwrap().is_empty(), "once");
}

#[test]
fn a_ledger_speaks_of_one_table() {
    let Some(server) = server() else { return };
    drop(place(server, "one_table"));
    let mut other = Postgres::open(&server.url("one_table")).unwrap().table("other");
    assert_eq!(other.lease("uis:2", "run").unwrap_err().kind(), ErrorKind::Conflict);
    let mut elsewhere = Postgres::open(&server.url("one_table")).unwrap().table("elsewhere.legs");
    elsewhere.lease("uis:2", "run").unwrap();
    assert_eq!(one::<i64>(&mut server.client("elsewhere"), "SELECT count(*) FROM legs"), 0);
}

#[test]
fn a_new_field_becomes_a_column() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "fields"), server.client("fields"));
    client.batch_execute("ALTER TABLE call_legs ADD COLUMN mine text DEFAULT 'mine'").unwrap();
    let told = load(&place, &leg(1, r#","mood":"good","score":4.50,"mine":1,"Odd One":true"#), 10).unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("a new field mood"), "{told:?}");
    let row = "SELECT concat_ws('|', mood, score, mine, extra) FROM call_legs";
    assert_eq!(one::<String>(&mut client, row), r#"good|4.50|mine|{"mine": 1, "Odd One": true}"#);
    let told = load(&place, &leg(1, r#","mood":"bad""#), 11).unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(one::<String>(&mut client, row), "bad|mine", "what is somebody else's stays");
}

#[test]
fn nothing_is_made_where_that_is_not_allowed() {
    let Some(server) = server() else { return };
    let open = || Postgres::open(&server.url("administered")).unwrap().creates(false);
    let error = open().lease(ACCOUNT, "run").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Place);
    assert_eq!(
        one::<i64>(
            &mut server.client("public"),
            "SELECT count(*) FROM pg_namespace WHERE nspname = 'administered'"
        ),
        0
    );

    let mut client = server.client("administered");
    client.batch_execute(&format!("CREATE SCHEMA administered; {}", open().ddl())).unwrap();
    client
        .batch_execute(
            "CREATE ROLE loader LOGIN; GRANT USAGE ON SCHEMA administered TO loader;
             GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA administered TO loader;
             GRANT DELETE ON _calllegs_windows, _calllegs_leases TO loader;",
        )
        .unwrap();
    let url = server.url("administered").replace("postgres@", "loader@");
    let mut place = Postgres::open(&url).unwrap().creates(false);
    place.lease(ACCOUNT, "run").unwrap();
    let place = Shared::new(place);
    load(&place, &leg(1, r#","mood":"good""#), 10).unwrap();
    load(&place, &leg(1, r#","mood":"bad""#), 11).unwrap();
    assert_eq!(one::<String>(&mut client, "SELECT extra::text FROM call_legs"), r#"{"mood": "bad"}"#);

    // Without the right to add a column, the rows come all the same.
    place.lock().release(ACCOUNT);
    let mut place = Postgres::open(&url).unwrap();
    place.lease(ACCOUNT, "run").unwrap();
    let told = load(&Shared::new(place), &leg(1, r#","mood":"fair""#), 12).unwrap();
    assert!(told[0].contains("stay in extra"), "{told:?}");
    assert_eq!(one::<String>(&mut client, "SELECT extra::text FROM call_legs"), r#"{"mood": "fair"}"#);
}

#[test]
fn a_table_of_somebody_else_is_refused() {
    let Some(server) = server() else { return };
    let mut client = server.client("theirs");
    client.batch_execute("CREATE SCHEMA theirs; CREATE TABLE call_legs (id integer)").unwrap();
    let error = Postgres::open(&server.url("theirs")).unwrap().lease(ACCOUNT, "run").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("the column id"), "{error}");
}

#[test]
fn characters_that_no_text_can_have_are_replaced_and_told_once() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "nul"), server.client("nul"));
    let more =
        r#","contact_full_name":"a\u0000b","call_records":["\u0000"],"Odd":"\u0000 \\u0000","mood":"\u0000""#;
    let told =
        load(&place, &leg(1, more).replacen(r#""call_records":["a1","b"]"#, r#""is_coach":false"#, 1), 10)
            .unwrap();
    assert_eq!(told.iter().filter(|told| told.contains("U+FFFD")).count(), 1, "{told:?}");
    let row = "SELECT concat_ws('|', contact_full_name, call_records, mood, extra->>'Odd') FROM call_legs";
    assert_eq!(one::<String>(&mut client, row), "a\u{fffd}b|{\u{fffd}}|\u{fffd}|\u{fffd} \\u0000");
    assert!(load(&place, &leg(2, r#","contact_full_name":"\u0000""#), 11).unwrap().is_empty());
}

#[test]
fn what_is_cut_off_leaves_nothing_half_written() {
    let Some(server) = server() else { return };
    let (place, mut client) = (place(server, "cut_off"), server.client("cut_off"));
    load(&place, &legs(0..10), 10).unwrap();
    client
        .batch_execute(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NEW.id = 150 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;
             CREATE TRIGGER cut BEFORE INSERT ON call_legs FOR EACH ROW EXECUTE FUNCTION cut()",
        )
        .unwrap();
    let ledger = place.lock().ledger(ACCOUNT).unwrap();
    let rated = leg(1, r#","employee_rating":1"#);
    let error = load(&place, &format!("{rated},{}", legs(2..200)), 11).unwrap_err();
    assert!(error.next_step().is_some(), "{error:?}");
    assert_eq!(versions(&mut client).len(), 10);
    assert_eq!(one::<Option<String>>(&mut client, "SELECT max(employee_rating)::text FROM call_legs"), None);
    assert_eq!(place.lock().ledger(ACCOUNT).unwrap(), ledger, "on a new connection");
    client.batch_execute("DROP TRIGGER cut ON call_legs").unwrap();
    load(&place, &format!("{rated},{}", legs(2..200)), 11).unwrap();
    assert_eq!(versions(&mut client).len(), 200);
}

#[test]
fn months_have_their_partitions() {
    let Some(server) = server() else { return };
    let mut place = Postgres::open(&server.url("months")).unwrap().partitioned(true);
    place.lease(ACCOUNT, "run").unwrap();
    let (place, mut client) = (Shared::new(place), server.client("months"));
    load(&place, &legs(0..10), 10).unwrap();
    let rated = format!("{},{}", leg(1, r#","employee_rating":1"#), legs(2..12));
    load(&place, &rated, 11).unwrap();
    assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM call_legs_2026_03"), 12);
    assert_eq!(one::<String>(&mut client, "SELECT employee_rating::text FROM call_legs WHERE id = 1"), "1");
}

#[test]
fn a_thread_of_a_runtime_may_use_it() {
    let Some(server) = server() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let place = place(server, "runtime");
        load(&place, &legs(0..2), 10).unwrap();
        place.lock().release(ACCOUNT);
    });
}

#[test]
fn what_cannot_be_reached_is_said() {
    let error = Postgres::open("postgres://me@/db?host=/nowhere").unwrap().lease(ACCOUNT, "run").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Place);
    let Some(server) = server() else { return };
    let url = server.url("x").replace("/postgres?", "/missing?");
    let error = Postgres::open(&url).unwrap().lease(ACCOUNT, "run").unwrap_err();
    assert!(error.cause().unwrap().contains("3D000"), "{error:?}");
}
