//! What a place was given is read from it again, whatever the place.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[cfg(unix)]
#[path = "support/server.rs"]
mod server;

use std::{collections::BTreeMap, fs, path::Path};

use arrow_array::{Array, RecordBatch, cast::AsArray, types::Int64Type};
use calllegs_arrow::schema::Column;
use calllegs_core::{AccessKey, Account, blocking::Client};
use calllegs_sandbox::Sandbox;
use calllegs_store::{
    Destination, Error, ErrorKind, Export, FileDestination, FolderDestination, Lake, Postgres, Reading,
    Sqlite, Wanted,
};
use calllegs_ureq::UreqTransport;
use chrono::Utc;
use chrono_tz::Europe::Moscow;

/// Columns that a place does not change: what fits no column is spelled in several ways.
fn columns() -> Vec<&'static str> {
    Column::all().iter().map(Column::name).filter(|name| *name != "extra").collect()
}

fn fill(sandbox: &Sandbox, place: impl Destination + 'static) {
    let account = Account::new(sandbox.endpoint().unwrap(), AccessKey::new("sandbox-acme"));
    let client = Client::new(UreqTransport::new().unwrap(), account);
    let days = "2026-02-27..2026-03-01".parse().unwrap();
    Export::new(days, Moscow, Utc::now()).account("uis:1103").run_blocking(&client, place, &mut ()).unwrap();
}

/// A leg: its values as text, by column.
type Leg = BTreeMap<String, String>;

/// Each leg by its id.
fn legs(place: &mut Reading, wanted: &Wanted) -> BTreeMap<i64, Leg> {
    let mut legs = BTreeMap::new();
    let take = |batch: RecordBatch| {
        let ids = batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().clone();
        for row in 0..batch.num_rows() {
            // CSV has the same cell for no list and for an empty one.
            let empty = "StringArray\n[\n],";
            let value = |column: &arrow_array::ArrayRef| {
                format!("{:?}", column.slice(row, 1)).replace(empty, "null,")
            };
            let schema = batch.schema();
            let names = schema.fields().iter().map(|field| field.name().clone());
            let leg = names.zip(batch.columns().iter().map(value)).collect();
            assert!(legs.insert(ids.value(row), leg).is_none());
        }
        Ok::<_, Error>(())
    };
    place.read(wanted, take).unwrap();
    legs
}

/// What fills a place, and what reads it.
type Place = (Box<dyn FnOnce(&Sandbox)>, Box<dyn Fn() -> Reading>);

fn place(to: impl Destination + 'static, from: impl Fn() -> Reading + 'static) -> Place {
    (Box::new(move |sandbox: &Sandbox| fill(sandbox, to)), Box::new(from))
}

fn places(folder: &Path) -> Vec<Place> {
    let file = |name: &str| {
        let path = folder.join(name);
        place(FileDestination::new(&path).unwrap(), move || Reading::file(&path).unwrap())
    };
    let names =
        ["a.parquet", "a.csv", "a.csv.gz", "a.csv.zst", "a.jsonl", "a.jsonl.zst", "a.arrow", "a.arrow.gz"];
    let mut places: Vec<Place> = names.map(file).into();
    let path = folder.join("folder");
    places.push(place(FolderDestination::new(&path), move || Reading::folder(&path).unwrap()));
    let path = folder.join("lake");
    places.push(place(Lake::open(&path).unwrap(), move || Reading::folder(&path).unwrap()));
    let path = folder.join("calls.db");
    places.push(place(Sqlite::open(&path).unwrap(), move || Reading::sqlite(&path).unwrap()));
    #[cfg(unix)]
    if let Some(server) = server::server() {
        let url = server.url("reading");
        let to = Postgres::open(&url).unwrap();
        places.push(place(to, move || Reading::postgres(&url).unwrap()));
    }
    places
}

#[test]
fn every_place_gives_back_what_it_got() {
    let sandbox = Sandbox::builder().seed(7).days(3).legs_per_day(400).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let second_day = || {
        let time = |text: &str| text.parse().unwrap();
        time("2026-02-28T00:00:00")..time("2026-03-01T00:00:00")
    };
    let mut first: Option<BTreeMap<i64, Leg>> = None;
    for (fill, reading) in places(folder.path()) {
        fill(&sandbox);
        let mut reading = reading();
        let all = legs(&mut reading, &Wanted::columns(&columns()));
        // Text files have the fields of the API alone.
        assert!(all.len() > 100 && all.values().all(|leg| leg.len() >= 34), "{reading:?}");
        let first = first.get_or_insert_with(|| all.clone());
        assert!(all.keys().eq(first.keys()), "{reading:?}");
        for ((name, value), leg) in all.iter().flat_map(|(id, leg)| leg.iter().map(|it| (it, &first[id]))) {
            assert_eq!(Some(value), leg.get(name), "{name} of {reading:?}");
        }
        // More than was asked for may come, never less.
        let wanted = Wanted::columns(&["id", "start_time"]).starts(second_day());
        let some = legs(&mut reading, &wanted);
        assert!(some.values().all(|leg| leg.len() == 2), "{reading:?}");
        let is_on_second = |leg: &&Leg| leg["start_time"].contains("2026-02-28T");
        let count = |legs: &BTreeMap<i64, Leg>| legs.values().filter(is_on_second).count();
        assert!(count(&all) > 30 && count(&some) == count(&all), "{reading:?}");
    }
}

#[test]
fn a_value_that_a_line_leaves_out_is_null_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("legs.jsonl");
    let lines = "{\"id\":7}\n{\"id\":8,\"group_name\":\"employee_id\"}\n{\"id\":9,\"is_talked\":true}\n";
    fs::write(&path, lines).unwrap();
    let wanted = Wanted::columns(&["id", "group_name", "is_talked", "employee_id"]);
    let legs = legs(&mut Reading::file(&path).unwrap(), &wanted);
    let has = |id: i64, name: &str| !legs[&id][name].contains("null,");
    assert_eq!([7, 8, 9].map(|id| has(id, "group_name")), [false, true, false]);
    assert_eq!([7, 8, 9].map(|id| has(id, "is_talked")), [false, false, true]);
    // No line has it: the file has no such column.
    assert!(legs.values().all(|leg| !leg.contains_key("employee_id")));
    fs::write(&path, "").unwrap();
    assert!(self::legs(&mut Reading::file(&path).unwrap(), &wanted).is_empty());
}

/// Of what is cut, joined or lies elsewhere a part would be read, and nobody would know.
#[test]
fn a_part_of_the_legs_is_not_taken_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::builder().legs_per_day(300).start().unwrap();
    let wanted = Wanted::columns(&["id", "start_time"]);
    let refused = |mut place: Reading| {
        let error = place.read(&wanted, |_| Ok::<_, Error>(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}");
    };
    let path = folder.path().join("legs.arrow");
    fill(&sandbox, FileDestination::new(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    assert!(!legs(&mut Reading::file(&path).unwrap(), &wanted).is_empty());
    for other in [whole[..whole.len() - 8].to_vec(), [&*whole, &*whole].concat(), [&*whole, b"x"].concat()] {
        fs::write(&path, other).unwrap();
        refused(Reading::file(&path).unwrap());
    }
    let parts = folder.path().join("parts");
    fill(&sandbox, FolderDestination::new(&parts));
    let all = legs(&mut Reading::folder(&parts).unwrap(), &wanted).len();
    let account = fs::read_dir(&parts).unwrap().next().unwrap().unwrap().path();
    let date = fs::read_dir(&account).unwrap().next().unwrap().unwrap().path();
    let file = fs::read_dir(&date).unwrap().next().unwrap().unwrap().path();
    let upper = date.join("0.PARQUET");
    fs::rename(&file, &upper).unwrap();
    assert_eq!(legs(&mut Reading::folder(&parts).unwrap(), &wanted).len(), all);
    for elsewhere in [date.join("0.parq"), account.join("0.parquet"), parts.join("0.parquet")] {
        fs::rename(&upper, &elsewhere).unwrap();
        refused(Reading::folder(&parts).unwrap());
        fs::rename(&elsewhere, &upper).unwrap();
    }
    fs::create_dir(date.join("part=0")).unwrap();
    refused(Reading::folder(&parts).unwrap());
}

#[test]
fn what_cannot_be_read_is_an_error_that_shows_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let wanted = Wanted::columns(&["id", "start_time", "is_talked"]);
        Reading::file(&path).unwrap().read(&wanted, |_| Ok::<_, Error>(())).unwrap_err()
    };
    for (name, text) in [
        ("day.csv", "id,start_time\n7,02.03.2026 10:15:04\n"),
        ("excel.csv", "\u{feff}id;start_time\r\n7;02.03.2026 10:15:04\r\n"),
        ("truth.csv", "id,is_talked\n7,\u{418}\u{421}\u{422}\u{418}\u{41d}\u{410}\n"),
        ("short.csv", "id,start_time\n7\n"),
        ("other.jsonl", "{\"id\":\"seven\"}\n"),
        ("twice.csv", "id,start_time,id\n7,2026-03-02 10:15:04,8\n"),
        ("half.jsonl", "{\"id\":7}\n{\"id\":8,"),
        ("others.jsonl", "{\"call\":7}\n"),
        ("none.parquet", "PAR1"),
    ] {
        let error = read(name, text);
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{name}");
        for secret in ["10:15", "seven", "\u{418}\u{421}"] {
            assert!(!format!("{error} {:?}", error.cause()).contains(secret), "{name}: {error}");
        }
    }
    let absent = Reading::file(folder.path().join("absent.csv")).unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::Place);
    assert_eq!(Reading::folder(folder.path()).unwrap_err().kind(), ErrorKind::Place);
}
