//! The tables of a SQLite file: what is made, changed and left alone.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[path = "support/loads.rs"]
mod loads;

use std::path::Path;

use calllegs_store::{ErrorKind, Sqlite, warehouse::Warehouse, windows::Shared};
use rusqlite::{Connection, types::FromSql};

use crate::loads::{ACCOUNT, at, leg, legs, load, try_load};

fn leased(mut place: Sqlite) -> Shared {
    place.lease(ACCOUNT, "run").unwrap();
    Shared::new(place)
}

fn one<T: FromSql>(path: &Path, query: &str) -> T {
    Connection::open(path).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_ledger_of_an_older_version_is_read_and_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.db");
    load(&leased(Sqlite::open(&path).unwrap()), &legs(0..5), 10).unwrap();
    let columns =
        "SELECT group_concat(name || ' ' || \"notnull\") FROM pragma_table_info('_calllegs_windows')";
    let made: String = one(&path, columns);
    // What format 1 had.
    let format_1 = "ALTER TABLE _calllegs_windows DROP COLUMN version; UPDATE _calllegs_meta SET value = '1'";
    Connection::open(&path).unwrap().execute_batch(format_1).unwrap();

    let before = Sqlite::open(&path).unwrap().ledger(ACCOUNT).unwrap();
    assert_eq!((before.windows()[0].legs, before.windows()[0].version.as_str()), (5, ""));
    let error = Sqlite::open(&path).unwrap().creates(false).lease(ACCOUNT, "run").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.next_step().unwrap().contains("ADD COLUMN version"), "{error:?}");

    let mut place = Sqlite::open(&path).unwrap();
    let told = place.lease(ACCOUNT, "run").unwrap();
    assert!(told[0].contains("format 1"), "{told:?}");
    assert_eq!(place.ledger(ACCOUNT).unwrap(), before);
    assert_eq!(one::<String>(&path, columns), made, "as one that is new");
    let place = Shared::new(place);
    load(&place, &legs(0..6), 11).unwrap();
    let line = place.lock().ledger(ACCOUNT).unwrap().windows()[0].clone();
    assert_eq!((line.legs, line.version.as_str()), (6, env!("CARGO_PKG_VERSION")));
    assert!(place.lock().lease(ACCOUNT, "run").unwrap().is_empty(), "once");
}

#[test]
fn nothing_is_made_where_that_is_not_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.db");
    let never = || Sqlite::open(&path).unwrap().creates(false);
    assert_eq!(never().lease(ACCOUNT, "run").unwrap_err().kind(), ErrorKind::Place);
    assert!(!path.exists());
    drop(leased(Sqlite::open(&path).unwrap()));

    // A field that the table has no column for.
    let told = load(&leased(never()), &leg(1, r#","mood":"good""#), 10).unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(one::<String>(&path, "SELECT extra FROM call_legs"), r#"{"mood":"good"}"#);

    // Once it has one, the field is there also where no more are made.
    let told = load(&leased(Sqlite::open(&path).unwrap()), &leg(1, r#","mood":"bad""#), 11).unwrap();
    assert!(told[0].contains("a new field mood"), "{told:?}");
    load(&leased(never()), &leg(1, r#","mood":"fair","tone":"low""#), 12).unwrap();
    let row = "SELECT mood || extra FROM call_legs";
    assert_eq!(one::<String>(&path, row), r#"fair{"tone":"low"}"#);
}

#[test]
fn legs_that_the_server_lost_go_when_it_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.db");
    let place = leased(Sqlite::open(&path).unwrap());
    load(&place, &legs(0..4), 10).unwrap();
    load(&place, &legs(1..4), 11).unwrap();
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM call_legs"), 4);
    try_load(&place, &legs(1..4), 11, true).unwrap();
    assert_eq!(one::<String>(&path, "SELECT group_concat(id) FROM call_legs"), "1,2,3");
    let line = place.lock().ledger(ACCOUNT).unwrap().windows()[0].clone();
    assert_eq!(line.fetched_at, at("2026-03-11 12:00:00").and_utc());
}
