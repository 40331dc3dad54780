//! A lake over time: what a load rewrites and what it leaves, what is left of a run that was killed, and that it holds what a
//! database holds.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Int64Type, TimestampMicrosecondType},
};
use calllegs_arrow::{Columns, Leg, Zone, origin::Origin, parquet, schema::Column};
use calllegs_core::{CallLegs, Period, Query, RequestId, rpc};
use calllegs_store::{
    Destination, ErrorKind, FolderDestination, Lake, Ledger, Sqlite, WindowsDestination,
    destination::{Page, Request},
    ledger::WindowStatus,
    warehouse::Warehouse,
    windows::Shared,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

const ACCOUNT: &str = "uis:1";
const DAY: &str = "2026-03-02..2026-03-03";
const DAYS: &str = "2026-03-02..2026-03-05";

/// A leg: its id, its start and a field that may change.
type Told<'t> = (i64, &'t str, i64);

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn columns() -> Columns {
    Columns::new(Column::all(), Zone::built_in("UTC").unwrap()).account(ACCOUNT)
}

fn legs<'t>(told: impl IntoIterator<Item = Told<'t>>) -> Vec<Leg> {
    let mut rows = String::new();
    for (id, start, duration) in told {
        let comma = if rows.is_empty() { "" } else { "," };
        write!(
            rows,
            r#"{comma}{{"id":{id},"call_session_id":{id},"start_time":"{start}","duration":{duration},"odd":"{id}"}}"#
        )
        .unwrap();
    }
    let reply = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{rows}]}}}}"#);
    let query = Query::<CallLegs>::new(period("2000-01-01..2040-01-01")).select(columns());
    let page = rpc::reply(&query, RequestId::new(1), reply.as_bytes()).unwrap();
    page.rows
}

/// Some legs of three days.
fn three_days() -> Vec<Told<'static>> {
    vec![
        (1, "2026-03-02 10:00:00", 5),
        (3, "2026-03-02 14:30:00", 5),
        (2, "2026-03-02 14:30:00", 5),
        (4, "2026-03-03 00:00:00", 5),
        (5, "2026-03-04 23:59:59", 5),
    ]
}

/// A run that reads a period.
struct Run<'r> {
    id: &'r str,
    now: &'r str,
    exact: bool,
}

const FIRST: Run<'_> = Run { id: "first", now: "2026-03-20T00:00:00Z", exact: false };
const SECOND: Run<'_> = Run { id: "second", now: "2026-03-21T00:00:00Z", exact: false };

impl Run<'_> {
    fn begin(&self, places: &[Shared], asked: &str) -> Box<dyn calllegs_store::destination::Writer> {
        for place in places {
            place.lock().lease(ACCOUNT, self.id).unwrap();
        }
        let target = WindowsDestination::new(places.iter().cloned(), self.id).exact(self.exact);
        let columns: Vec<_> = Column::all().iter().collect();
        let origin = Origin::new(ACCOUNT, &columns, period(asked));
        let zone = Zone::built_in("UTC").unwrap();
        let request = Request::new("a", columns, origin, (at(self.now), zone));
        Box::new(target).open().unwrap().begin(request).unwrap().writer
    }

    fn read(&self, places: &[Shared], asked: &str, told: &[Told<'_>]) {
        let mut writer = self.begin(places, asked);
        writer.write(Page { legs: legs(told.iter().copied()), resume: None }).unwrap();
        writer.commit().unwrap();
        for place in places {
            place.lock().release(ACCOUNT);
        }
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("lake")
    }

    fn lake(&self) -> Lake {
        Lake::open(self.path()).unwrap()
    }

    fn shared(&self) -> Shared {
        Shared::new(self.lake())
    }

    fn load(&self, run: &Run<'_>, asked: &str, told: &[Told<'_>]) {
        run.read(&[self.shared()], asked, told);
    }

    /// Files of legs by name, with their bytes and their time.
    fn files(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let found = files(&self.path(), "parquet");
        let name = |path: &Path| path.strip_prefix(self.path()).unwrap().to_str().unwrap().to_owned();
        let file =
            |path: &PathBuf| (fs::read(path).unwrap(), fs::metadata(path).unwrap().modified().unwrap());
        found.iter().map(|path| (name(path), file(path))).collect()
    }

    fn names(&self) -> Vec<String> {
        let name = |name: String| name.strip_prefix("account=uis%3A1/").unwrap().to_owned();
        self.files().into_keys().map(name).collect()
    }

    /// Rows of all files, file by file.
    fn rows(&self) -> Vec<Row> {
        files(&self.path(), "parquet").iter().flat_map(|path| rows(path)).collect()
    }

    fn ids(&self) -> Vec<i64> {
        self.rows().iter().map(|row| row.id).collect()
    }

    fn manifest(&self) -> Value {
        let about = files(&self.path().join("_calllegs"), "json");
        let is_manifest =
            |path: &&PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("manifest-");
        let last = about.iter().rfind(is_manifest).unwrap();
        serde_json::from_slice(&fs::read(last).unwrap()).unwrap()
    }

    /// The last manifest lists these files as they are.
    fn is_listed(&self) {
        let manifest = self.manifest();
        let listed = manifest["files"].as_object().unwrap();
        let files = self.files();
        assert_eq!(listed.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
        for (name, (bytes, _)) in files {
            let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
            let told = listed[&name]["sha256"].as_str().unwrap();
            let told =
                (0..64).step_by(2).map(|place| u8::from_str_radix(&told[place..place + 2], 16).unwrap());
            assert!(told.eq(digest.as_ref().iter().copied()), "{name}");
            assert_eq!(listed[&name]["bytes"], bytes.len());
            assert_eq!(listed[&name]["rows"], rows(&self.path().join(name)).len());
        }
    }

    fn copy(&self) -> Self {
        let copy = Self::new();
        for path in files(&self.path(), "") {
            let to = copy.path().join(path.strip_prefix(self.path()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(path, to).unwrap();
        }
        copy
    }

    /// Takes over what another folder has of its files of legs, or of the rest.
    fn take(&self, from: &Self, is_wanted: impl Fn(&str) -> bool) {
        for path in files(&from.path(), "") {
            let name = path.strip_prefix(from.path()).unwrap();
            if is_wanted(name.to_str().unwrap()) {
                let to = self.path().join(name);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(path, to).unwrap();
            }
        }
    }
}

/// All files below a folder with this ending; with none, all.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if ending.is_empty() || path.extension().is_some_and(|has| has == ending) {
            found.push(path);
        }
    }
    found.sort_unstable();
    found
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    start: i64,
    id: i64,
    run: String,
    extracted: i64,
    first_seen: i64,
}

fn rows(path: &Path) -> Vec<Row> {
    let (_, batches) = parquet::read_back(File::open(path).unwrap()).unwrap();
    batches.flat_map(|batch| rows_of(&batch.unwrap())).collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    let moment = |name: &str, row| {
        batch.column_by_name(name).unwrap().as_primitive::<TimestampMicrosecondType>().value(row)
    };
    let row = |row| Row {
        start: moment("start_time", row),
        id: batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().value(row),
        run: batch.column_by_name("cl_run_id").unwrap().as_string::<i32>().value(row).to_owned(),
        extracted: moment("cl_extracted_at", row),
        first_seen: moment("cl_first_seen_at", row),
    };
    (0..batch.num_rows()).map(row).collect()
}

#[test]
fn a_file_has_the_columns_of_a_leg_and_of_its_version_in_the_order_of_time() {
    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    assert_eq!(
        folder.names(),
        ["date=2026-03-02", "date=2026-03-03", "date=2026-03-04"]
            .map(|date| format!("{date}/w-000000-235959.parquet"))
    );
    assert_eq!(folder.ids(), [1, 2, 3, 4, 5]);
    let path = &files(&folder.path(), "parquet")[0];
    let (_, mut batches) = parquet::read_back(File::open(path).unwrap()).unwrap();
    let batch = batches.next().unwrap().unwrap();
    let names: Vec<_> = Column::all().iter().chain(Column::version()).map(Column::name).collect();
    assert_eq!(batch.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), names);
    assert_eq!(names.len(), 42);
    assert_eq!(batch.column_by_name("extra").unwrap().as_string::<i32>().value(0), r#"{"odd":"1"}"#);
    assert!(batch.column_by_name("cl_row_hash").unwrap().is_valid(0));
    folder.is_listed();
}

#[test]
fn a_reload_without_changes_touches_no_file() {
    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    let (before, manifest) = (folder.files(), folder.manifest());
    folder.load(&SECOND, DAYS, &three_days());
    assert_eq!(folder.files(), before);
    assert_eq!(folder.manifest(), manifest);
    assert_eq!(folder.lake().ledger(ACCOUNT).unwrap().windows()[0].run_id, "second");
}

#[test]
fn a_leg_that_changed_rewrites_the_file_of_its_date_alone() {
    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    let before = folder.files();
    let mut told = three_days();
    told[1].2 = 6;
    folder.load(&SECOND, DAYS, &told);
    let rewritten: Vec<_> = folder
        .files()
        .into_iter()
        .filter(|(name, file)| before[name] != *file)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(rewritten, ["account=uis%3A1/date=2026-03-02/w-000000-235959.parquet"]);
    let runs: Vec<_> = folder.rows().into_iter().map(|row| (row.id, row.run)).collect();
    let first = |id| (id, "first".to_owned());
    assert_eq!(runs, [first(1), first(2), (3, "second".to_owned()), first(4), first(5)]);
    let seen = at(FIRST.now).timestamp_micros();
    assert!(folder.rows().iter().all(|row| row.first_seen == seen));
    let mut lake = folder.lake();
    let changes = lake.lateness(ACCOUNT).unwrap();
    assert_eq!(
        changes.iter().map(|late| (&*late.field, late.age, late.legs)).collect::<Vec<_>>(),
        [("duration", 720, 1)]
    );
    assert_eq!(lake.ledger(ACCOUNT).unwrap().windows()[0].changed, 1);
    folder.is_listed();
}

#[test]
fn an_older_version_never_takes_the_place_of_a_newer_one() {
    let folder = Folder::new();
    folder.load(&SECOND, DAY, &[(1, "2026-03-02 10:00:00", 5)]);
    let before = folder.files();
    folder.load(&Run { exact: true, ..FIRST }, DAY, &[(1, "2026-03-02 10:00:00", 6)]);
    folder.load(&Run { exact: true, ..FIRST }, DAY, &[]);
    assert_eq!(folder.files(), before);
}

#[test]
fn a_lake_holds_what_a_database_holds() {
    let folder = Folder::new();
    let (lake, base) =
        (folder.shared(), Shared::new(Sqlite::open(folder.0.path().join("calls.db")).unwrap()));
    let places = [lake.clone(), base.clone()];
    let same = || {
        let of = |place: &Shared| {
            let mut place = place.lock();
            let ledger: Ledger = place.ledger(ACCOUNT).unwrap();
            let hashes: BTreeMap<_, _> =
                place.hashes(ACCOUNT, period("2026-01-01..2027-01-01")).unwrap().into_iter().collect();
            let mut changes: Vec<_> = place
                .lateness(ACCOUNT)
                .unwrap()
                .into_iter()
                .map(|late| (late.field, late.age, late.legs))
                .collect();
            changes.sort();
            let some = place.hashes(ACCOUNT, period("2026-03-02 12:00:00..2026-03-03 12:00:00")).unwrap();
            (ledger, hashes, changes, some, place.accounts().unwrap())
        };
        assert_eq!(of(&lake), of(&base));
        of(&lake).1.into_keys().collect::<Vec<_>>()
    };
    FIRST.read(&places, DAYS, &three_days());
    assert_eq!(same(), [1, 2, 3, 4, 5]);
    let mut told = three_days();
    told[2].2 = 9;
    told.push((6, "2026-03-03 12:00:00", 1));
    SECOND.read(&places, DAYS, &told);
    assert_eq!(same(), [1, 2, 3, 4, 5, 6]);
    told.remove(0);
    Run { id: "third", now: "2026-03-22T00:00:00Z", exact: false }.read(&places, DAYS, &told);
    assert_eq!(same(), [1, 2, 3, 4, 5, 6], "what the server has not is kept");
    Run { id: "fourth", now: "2026-03-23T00:00:00Z", exact: true }.read(&places, DAYS, &told);
    assert_eq!(same(), [2, 3, 4, 5, 6], "unless the load is exact");
    told[3].1 = "2026-03-02 23:00:00";
    Run { id: "moved", now: "2026-03-23T01:00:00Z", exact: true }.read(&places, DAYS, &told);
    assert_eq!(same(), [2, 3, 4, 5, 6], "a start that moved to another date");
    assert_eq!(folder.ids().len(), 5);
    Run { id: "fifth", now: "2026-03-24T00:00:00Z", exact: true }.read(
        &places,
        "2026-03-03..2026-03-04",
        &[],
    );
    assert_eq!(same(), [2, 3, 5]);
    assert_eq!(folder.names().len(), 1, "a date without legs has no file");
    folder.is_listed();
}

#[test]
fn a_window_takes_the_place_of_those_that_it_covers() {
    let folder = Folder::new();
    let told = [(1, "2026-03-02 10:00:00", 5), (2, "2026-03-02 15:00:00", 5), (3, "2026-03-02 23:00:00", 5)];
    folder.load(&FIRST, "2026-03-02..2026-03-02 14:00:00", &told[..1]);
    folder.load(&FIRST, "2026-03-02 14:00:00..2026-03-02 16:00:00", &told[1..2]);
    let names = ["date=2026-03-02/w-000000-135959.parquet", "date=2026-03-02/w-140000-155959.parquet"];
    assert_eq!(folder.names(), names, "windows that touch are two files");
    folder.load(&SECOND, DAY, &told);
    assert_eq!(folder.names(), ["date=2026-03-02/w-000000-235959.parquet"]);
    assert_eq!(folder.ids(), [1, 2, 3]);
    // An hour of a day that has one file.
    folder.load(&SECOND, "2026-03-02 11:00:00..2026-03-02 12:00:00", &[(4, "2026-03-02 11:00:00", 5)]);
    assert_eq!(folder.names(), ["date=2026-03-02/w-000000-235959.parquet"]);
    assert_eq!(folder.ids(), [1, 4, 2, 3]);
    folder.is_listed();
}

#[test]
fn the_files_of_a_date_are_put_together() {
    let folder = Folder::new();
    folder.load(&FIRST, "2026-03-02..2026-03-02 14:00:00", &[(1, "2026-03-02 10:00:00", 5)]);
    folder.load(
        &FIRST,
        "2026-03-02 14:00:00..2026-03-04",
        &[(2, "2026-03-02 15:00:00", 5), (3, "2026-03-03 00:00:00", 5)],
    );
    let (before, rows) = (folder.files(), folder.rows());
    let mut lake = folder.lake();
    let date = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    assert_eq!(lake.compact(ACCOUNT, date(9)).unwrap_err().kind(), ErrorKind::Internal, "it is not leased");
    lake.lease(ACCOUNT, "a run").unwrap();
    assert_eq!(lake.compact(ACCOUNT, date(2)).unwrap(), 0);
    assert_eq!(lake.compact(ACCOUNT, date(9)).unwrap(), 1);
    assert_eq!(lake.compact(ACCOUNT, date(9)).unwrap(), 0);
    lake.release(ACCOUNT);
    let name = "account=uis%3A1/date=2026-03-03/w-000000-235959.parquet";
    assert_eq!(
        folder.names(),
        ["date=2026-03-02/w-000000-235959.parquet", "date=2026-03-03/w-000000-235959.parquet"]
    );
    assert_eq!(folder.files()[name], before[name]);
    assert_eq!(folder.rows(), rows);
    folder.is_listed();
}

#[test]
fn legs_that_start_outside_the_window_are_kept_on_their_date() {
    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    let outside = [
        (7, "2026-03-04 00:00:00", 5),
        (8, "2026-02-27 09:00:00", 5),
        (9, "2026-02-27 10:00:00", 5),
        (1, "2026-03-02 10:00:00", 5),
    ];
    folder.load(&SECOND, DAY, &outside);
    assert_eq!(folder.ids(), [8, 9, 1, 2, 3, 4, 7, 5]);
    assert_eq!(folder.names()[0], "date=2026-02-27/w-090000-100000.parquet");
    folder.is_listed();
    // They bring nothing to an end between them and the window.
    let exact = Run { exact: true, ..SECOND };
    exact.read(&[folder.shared()], "2026-03-04..2026-03-05", &outside[1..2]);
    assert_eq!(folder.ids(), [8, 9, 1, 2, 3, 4]);
}

#[test]
fn rows_that_come_before_their_window_are_in_it_in_the_end() {
    let folder = Folder::new();
    let place = folder.shared();
    let starts: Vec<_> = (0..60_000)
        .map(|leg| format!("2026-03-02 {:02}:{:02}:{:02}", leg / 3600, leg / 60 % 60, leg % 60))
        .collect();
    // In the order of nothing.
    let told = |from: usize, till: usize| {
        (from..till)
            .map(|leg| (leg * 7919) % 60_000)
            .map(|leg| (i64::try_from(leg).unwrap(), &*starts[leg], 1))
            .collect::<Vec<_>>()
    };
    let mut writer = FIRST.begin(std::slice::from_ref(&place), DAY);
    for (from, till) in [(0, 50_000), (50_000, 60_000)] {
        writer.write(Page { legs: legs(told(from, till)), resume: None }).unwrap();
        assert!(place.lock().ledger(ACCOUNT).unwrap().windows().is_empty());
    }
    assert_eq!(folder.ids().len(), 50_000);
    let killed = folder.copy();
    writer.commit().unwrap();
    place.lock().release(ACCOUNT);
    assert_eq!(folder.names(), ["date=2026-03-02/w-000000-235959.parquet"]);
    assert!(folder.ids().into_iter().eq(0..60_000));
    let window = place.lock().ledger(ACCOUNT).unwrap().windows()[0].clone();
    assert_eq!((window.legs, window.inserted), (60_000, 60_000));
    folder.is_listed();
    // Those of a run that was killed are of no use to anybody.
    let mut lake = killed.lake();
    assert_eq!(lake.lease(ACCOUNT, "a run").unwrap().len(), 1);
    assert!(killed.ids().is_empty());
}

#[test]
fn what_a_run_that_was_killed_left_is_put_right() {
    let before = Folder::new();
    before.load(&FIRST, "2026-03-02..2026-03-02 14:00:00", &[(1, "2026-03-02 10:00:00", 5)]);
    before.load(&FIRST, "2026-03-02 14:00:00..2026-03-03", &[(2, "2026-03-02 15:00:00", 5)]);
    let told = [
        (1, "2026-03-02 10:00:00", 6),
        (2, "2026-03-02 15:00:00", 5),
        (3, "2026-03-03 10:00:00", 5),
        (4, "2026-03-04 10:00:00", 5),
    ];
    let after = before.copy();
    after.load(&SECOND, DAYS, &told);
    let is_file = |name: &str| name.ends_with(".parquet");
    let is_manifest = |name: &str| name.contains("manifest-");
    let killed = |what: &str, spoil: &dyn Fn(&Folder)| {
        let folder = before.copy();
        spoil(&folder);
        let mut lake = folder.lake();
        lake.lease(ACCOUNT, "a run").unwrap();
        assert_eq!(lake.ledger(ACCOUNT).unwrap(), before.lake().ledger(ACCOUNT).unwrap(), "{what}");
        assert_eq!(folder.ids()[..2], [1, 2], "{what}");
        lake.release(ACCOUNT);
        assert!(files(&folder.path(), "part").is_empty(), "{what}");
        folder.is_listed();
        folder.load(&SECOND, DAYS, &told);
        assert_eq!(folder.names(), after.names(), "{what}");
        assert_eq!(folder.rows(), after.rows(), "{what}");
        folder.is_listed();
    };
    killed("before a file has its name", &|folder| {
        let part = folder.path().join("account=uis%3A1/date=2026-03-02/w-000000-235959.parquet.part");
        fs::write(part, "PAR1").unwrap();
    });
    killed("before others go", &|folder| folder.take(&after, is_file));
    killed("behind the manifest", &|folder| folder.take(&after, |name| is_file(name) || is_manifest(name)));
    killed("before the ledger", &|folder| {
        fs::remove_dir_all(folder.path().join("account=uis%3A1")).unwrap();
        folder.take(&after, |name| is_file(name) || is_manifest(name));
    });
    killed("between the names", &|folder| {
        folder.take(&after, |name| is_file(name) && name.contains("03-04"));
        assert_eq!(folder.names().len(), 3);
    });
}

#[test]
fn old_manifests_go() {
    let folder = Folder::new();
    let manifests = || {
        let about = files(&folder.path().join("_calllegs"), "json");
        let is_manifest =
            |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("manifest-");
        about.into_iter().filter(is_manifest).collect::<Vec<_>>()
    };
    let load = |duration| folder.load(&FIRST, DAY, &[(1, "2026-03-02 10:00:00", duration)]);
    (0..25).for_each(load);
    let young = manifests();
    assert!(young.len() > 24, "a reader may be at work by one that is young");
    for path in young {
        let old = SystemTime::now() - std::time::Duration::from_secs(49 * 3600);
        File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    load(25);
    assert_eq!(manifests().len(), 20);
    folder.is_listed();
}

#[test]
fn a_ledger_that_is_lost_loses_no_legs() {
    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    let about = folder.path().join("_calllegs");
    fs::remove_file(about.join("ledger-uis%3A1.json")).unwrap();
    let mut lake = folder.lake();
    assert!(lake.lease(ACCOUNT, "a run").unwrap().is_empty());
    assert_eq!(folder.ids(), [1, 2, 3, 4, 5]);
    lake.release(ACCOUNT);
    for path in files(&about, "json") {
        if !path.ends_with("lake.json") {
            fs::remove_file(path).unwrap();
        }
    }
    assert!(lake.lease(ACCOUNT, "a run").unwrap().is_empty());
    assert_eq!(folder.ids(), [1, 2, 3, 4, 5]);
    folder.is_listed();
}

#[test]
fn windows_whose_files_were_taken_away_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake");
    let place = Shared::new(Lake::open(&path).unwrap());
    FIRST.read(std::slice::from_ref(&place), DAYS, &three_days());
    fs::remove_dir_all(path.join("account=uis%3A1/date=2026-03-03")).unwrap();
    let told = place.lock().lease(ACCOUNT, "second").unwrap();
    assert_eq!(told, ["1 file of the lake is gone: what it held is read again"]);
    let ledger = place.lock().ledger(ACCOUNT).unwrap();
    let open = ledger.windows().iter().filter(|window| window.status == WindowStatus::Open);
    assert_eq!(open.map(|window| window.period).collect::<Vec<_>>(), [period("2026-03-03..2026-03-04")]);
    place.lock().release(ACCOUNT);
    assert!(place.lock().lease(ACCOUNT, "third").unwrap().is_empty(), "it is told once");
}

#[test]
fn lines_are_replaced_and_rows_stay() {
    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    let before = folder.files();
    let mut lake = folder.lake();
    let lines = lake.ledger(ACCOUNT).unwrap().windows().to_vec();
    lake.lease(ACCOUNT, "a run").unwrap();
    let from = lines[1].period.from();
    lake.replace_lines(ACCOUNT, from, &[]).unwrap();
    assert_eq!(lake.ledger(ACCOUNT).unwrap().windows(), &lines[..1]);
    lake.release(ACCOUNT);
    lake.lease(ACCOUNT, "a run").unwrap();
    lake.replace_lines(ACCOUNT, from, &lines[1..]).unwrap();
    assert_eq!(lake.ledger(ACCOUNT).unwrap().windows(), lines);
    assert_eq!(lake.accounts().unwrap(), [ACCOUNT]);
    assert_eq!(folder.files(), before);
}

#[test]
fn one_run_at_a_time_writes() {
    let folder = Folder::new();
    let (mut one, mut other) = (folder.lake(), folder.lake());
    one.lease(ACCOUNT, "the first").unwrap();
    one.lease("uis:2", "the first").unwrap();
    one.release("uis:2");
    let error = other.lease("uis:3", "the second").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.cause().unwrap().contains("run the first"), "{:?}", error.cause());
    one.release(ACCOUNT);
    other.lease("uis:3", "the second").unwrap();
}

#[test]
fn what_others_wrote_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let kind = |path: &Path| Lake::open(path).err().map(|error| error.kind());
    let path = place.path().join("legs");
    fs::create_dir(&path).unwrap();
    assert_eq!(kind(&path), None, "a folder that is empty");
    fs::create_dir(path.join("account=uis%3A1")).unwrap();
    assert_eq!(kind(&path), Some(ErrorKind::Conflict));
    assert_eq!(kind(&place.path().join("no/such")), Some(ErrorKind::Place));
    let file = place.path().join("file");
    fs::write(&file, "x").unwrap();
    assert_eq!(kind(&file), Some(ErrorKind::Place));

    let folder = Folder::new();
    folder.load(&FIRST, DAYS, &three_days());
    // Nor does an export into the same folder replace what is the lake's.
    let export = Box::new(FolderDestination::new(folder.path()).replace(true)).open();
    assert_eq!(export.err().map(|error| error.kind()), Some(ErrorKind::Conflict));
    let strange = folder.path().join("account=uis%3A1/date=2026-03-02/more.parquet");
    fs::write(&strange, "x").unwrap();
    assert_eq!(folder.lake().lease(ACCOUNT, "a run").unwrap_err().kind(), ErrorKind::Conflict);
    fs::remove_file(strange).unwrap();
    // A file of an export, under a name that ours have: neither is removed for the other.
    let mut export =
        parquet::ParquetWriter::new(Vec::new(), &Column::all().iter().collect::<Vec<_>>()).unwrap();
    export.write(legs([(9, "2026-03-02 10:00:00", 5)])[0].batch()).unwrap();
    let (before, strange) =
        (folder.files(), folder.path().join("account=uis%3A1/date=2026-03-09/w-000000-235959.parquet"));
    fs::create_dir(strange.parent().unwrap()).unwrap();
    fs::write(&strange, export.finish().unwrap()).unwrap();
    assert_eq!(folder.lake().lease(ACCOUNT, "a run").unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(folder.files().len(), before.len() + 1);
    fs::remove_file(strange).unwrap();
    folder.lake().lease(ACCOUNT, "a run").unwrap();
    fs::write(folder.path().join("_calllegs/lake.json"), r#"{"format":2}"#).unwrap();
    assert_eq!(kind(&folder.path()), Some(ErrorKind::Conflict));
}
