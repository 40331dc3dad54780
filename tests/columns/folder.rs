//! A folder by date: whole or not there, each leg once, and gone on with where it stopped.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use arrow_array::RecordBatch;
use calllegs_arrow::{
    origin::{Difference, Origin, Said},
    parquet::{DateFolder, read_back, said},
};
use calllegs_core::{Period, value::wall_time};
use chrono::NaiveDate;
use tempfile::TempDir;

use crate::pages::{all, batch, legs, pieces};

fn period(from: &str, till: &str) -> Period {
    Period::new(wall_time::parse(from).unwrap(), wall_time::parse(till).unwrap()).unwrap()
}

fn three_days() -> Period {
    period("2026-03-01 00:00:00", "2026-03-04 00:00:00")
}

/// Legs of three days, a minute apart.
fn rows() -> RecordBatch {
    batch(&legs(3 * 1440, 0))
}

fn origin(period: Period) -> Origin {
    Origin::new("uis:1103", &all(), period)
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn target(&self) -> PathBuf {
        self.0.path().join("dir")
    }

    fn open(&self, period: Period) -> io::Result<DateFolder> {
        DateFolder::open(&self.target(), &all(), origin(period))
    }

    /// Writes these rows for a request, as a run does.
    fn write(&self, origin: Origin, rows: &RecordBatch) {
        let mut folder = DateFolder::open(&self.target(), &all(), origin).unwrap();
        folder.begin(false, None).unwrap();
        folder.write(rows).unwrap();
        folder.commit().unwrap();
    }

    fn begun(&self, period: Period) -> DateFolder {
        let mut folder = self.open(period).unwrap();
        folder.begin(false, None).unwrap();
        folder
    }

    /// Rows of each file below the folder.
    fn files(&self) -> BTreeMap<String, u64> {
        let mut files = BTreeMap::new();
        for path in below(&self.target()) {
            let name = path.strip_prefix(self.target()).unwrap().to_str().unwrap().to_owned();
            files.insert(name, read_back(File::open(path).unwrap()).unwrap().0);
        }
        files
    }
}

fn below(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| below(&path)).collect()
}

fn told<const N: usize>(files: [(&str, u64); N]) -> BTreeMap<String, u64> {
    files.map(|(name, rows)| (name.to_owned(), rows)).into()
}

#[test]
fn each_date_has_its_file_and_none_is_seen_before_all_are_whole() {
    let desk = Desk::new();
    let mut folder = desk.begun(three_days());
    for piece in pieces(&rows(), &[700]) {
        folder.write(&piece).unwrap();
        assert!(!desk.target().exists());
        let readable = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "parquet");
        assert!(!below(folder.staging()).iter().any(readable));
    }
    folder.commit().unwrap();
    assert_eq!(
        desk.files(),
        told([
            ("account=uis%3A1103/date=2026-03-01/w-000000-235959.parquet", 1440),
            ("account=uis%3A1103/date=2026-03-02/w-000000-235959.parquet", 1440),
            ("account=uis%3A1103/date=2026-03-03/w-000000-235959.parquet", 1440),
        ])
    );
    assert_eq!(fs::read_dir(desk.0.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&desk.target()), 0o700);
        assert!(below(&desk.target()).iter().all(|path| mode(path) == 0o600));
    }
}

#[test]
fn names_say_the_part_of_the_day() {
    let desk = Desk::new();
    let mut folder = desk.begun(period("2026-03-01 22:00:00", "2026-03-02 01:30:00"));
    folder.write(&rows().slice(22 * 60, 3 * 60 + 30)).unwrap();
    folder.commit().unwrap();
    let names: Vec<_> = desk.files().into_keys().collect();
    assert_eq!(
        names,
        [
            "account=uis%3A1103/date=2026-03-01/w-220000-235959.parquet",
            "account=uis%3A1103/date=2026-03-02/w-000000-012959.parquet"
        ]
    );
}

#[test]
fn the_same_period_replaces_and_another_one_is_added() {
    let desk = Desk::new();
    let write = |period, rows: &RecordBatch| {
        let mut folder = desk.begun(period);
        folder.write(rows).unwrap();
        folder.commit().unwrap();
    };
    let first_two = period("2026-03-01 00:00:00", "2026-03-03 00:00:00");
    write(first_two, &rows().slice(0, 2000));
    write(period("2026-03-03 00:00:00", "2026-03-04 00:00:00"), &rows().slice(2880, 100));
    // The second day has no legs any more.
    write(first_two, &rows().slice(0, 1000));
    assert_eq!(
        desk.files(),
        told([
            ("account=uis%3A1103/date=2026-03-01/w-000000-235959.parquet", 1000),
            ("account=uis%3A1103/date=2026-03-03/w-000000-235959.parquet", 100)
        ])
    );
}

#[test]
fn legs_that_would_be_read_twice_are_refused_before_anything() {
    let desk = Desk::new();
    let mut folder = desk.begun(three_days());
    folder.write(&rows()).unwrap();
    folder.commit().unwrap();
    let error = desk.open(period("2026-03-02 10:00:00", "2026-03-02 11:00:00")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert!(error.to_string().ends_with("date=2026-03-02/w-000000-235959.parquet"), "{error}");
    assert!(
        desk.open(three_days()).is_ok()
            && desk.open(period("2026-03-04 00:00:00", "2026-03-05 00:00:00")).is_ok()
    );
}

#[test]
fn late_legs_get_a_file_beside_and_those_from_outside_one_of_their_own() {
    let desk = Desk::new();
    let mut folder = desk.begun(period("2026-03-01 00:00:00", "2026-03-03 00:00:00"));
    for (from, count) in [(0, 10), (1440, 10), (20, 5), (1460, 5), (2880, 3)] {
        folder.write(&rows().slice(from, count)).unwrap();
    }
    folder.commit().unwrap();
    assert_eq!(
        desk.files(),
        told([
            ("account=uis%3A1103/date=2026-03-01/w-000000-235959-1.parquet", 5),
            ("account=uis%3A1103/date=2026-03-01/w-000000-235959.parquet", 10),
            ("account=uis%3A1103/date=2026-03-02/w-000000-235959-1.parquet", 5),
            ("account=uis%3A1103/date=2026-03-02/w-000000-235959.parquet", 10),
            ("account=uis%3A1103/date=2026-03-03/outside-20260301000000-20260303000000.parquet", 3),
        ])
    );
    // Read again without late legs: nothing of before stays.
    let mut folder = desk.begun(period("2026-03-01 00:00:00", "2026-03-03 00:00:00"));
    folder.write(&rows().slice(0, 30)).unwrap();
    folder.commit().unwrap();
    let names: Vec<_> = desk.files().into_keys().collect();
    assert_eq!(names.first().unwrap(), "account=uis%3A1103/date=2026-03-01/w-000000-235959.parquet");
    assert!(!names.iter().any(|name| name.contains("-1.parquet")));
}

#[test]
fn a_folder_that_was_stopped_goes_on_and_equals_one_that_was_not() {
    let whole = Desk::new();
    let mut folder = whole.begun(three_days());
    folder.write(&rows()).unwrap();
    folder.commit().unwrap();
    let bytes = |desk: &Desk| -> Vec<_> {
        let mut paths = below(&desk.target());
        paths.sort();
        paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
    };

    // Stopped in the middle of a day: all rows are kept.
    let desk = Desk::new();
    let mut folder = desk.begun(three_days());
    folder.write(&rows().slice(0, 2000)).unwrap();
    folder.finish().unwrap();
    let mut folder = desk.open(three_days()).unwrap();
    let second = NaiveDate::from_ymd_opt(2026, 3, 2);
    let kept = folder.kept().unwrap();
    assert_eq!((kept.rows(second), kept.rows(None)), (1440, 2000));
    folder.begin(true, None).unwrap();
    assert_eq!(folder.finished().rows(None), 1440);
    folder.write(&rows().slice(2000, 2320)).unwrap();
    folder.commit().unwrap();
    assert!(bytes(&desk) == bytes(&whole));

    // Killed: the date that was being written counts for nothing, those before it stay.
    let desk = Desk::new();
    let mut folder = desk.begun(three_days());
    folder.write(&rows().slice(0, 2000)).unwrap();
    let date = folder.open_date().unwrap();
    assert_eq!((date.to_string().as_str(), folder.finished().rows(None)), ("2026-03-02", 1440));
    drop(folder);
    let mut folder = desk.open(three_days()).unwrap();
    assert_eq!(folder.kept().unwrap().rows(None), 1440);
    folder.begin(true, Some(date)).unwrap();
    folder.write(&rows().slice(1440, 2880)).unwrap();
    folder.commit().unwrap();
    assert!(bytes(&desk) == bytes(&whole));
}

#[test]
fn a_leg_without_a_start_has_no_date() {
    let desk = Desk::new();
    let rows = batch(&[serde_json::json!({"id": 1})]);
    assert_eq!(desk.begun(three_days()).write(&rows).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    let folder = desk.open(three_days()).unwrap();
    folder.discard();
    assert_eq!(fs::read_dir(desk.0.path()).unwrap().count(), 0);
}

#[test]
fn accounts_stand_side_by_side_and_each_file_says_what_it_is() {
    let desk = Desk::new();
    let mut other = origin(three_days());
    other.account = "uis:user:7/8".to_owned();
    desk.write(origin(three_days()), &rows());
    desk.write(other, &rows().slice(0, 5));
    desk.write(origin(three_days()), &rows());
    let files = desk.files();
    assert_eq!((files.len(), files.values().sum::<u64>()), (4, 3 * 1440 + 5));
    assert_eq!(files["account=uis%3Auser%3A7%2F8/date=2026-03-01/w-000000-235959.parquet"], 5);
    let path = desk.target().join("account=uis%3A1103/date=2026-03-02/w-000000-235959.parquet");
    let day = period("2026-03-02 00:00:00", "2026-03-03 00:00:00");
    assert_eq!(said(&File::open(path).unwrap()), Said::Origin(Box::new(origin(day))));
    assert_eq!(DateFolder::accounts(&desk.target()).unwrap(), ["uis:1103", "uis:user:7/8"]);
    assert!(!DateFolder::is_of_earlier_version(&desk.target()).unwrap());
    fs::create_dir(desk.target().join("date=2026-03-01")).unwrap();
    assert!(DateFolder::is_of_earlier_version(&desk.target()).unwrap());
}

#[test]
fn what_another_request_wrote_is_in_the_way() {
    let desk = Desk::new();
    desk.write(origin(three_days()), &rows());
    let told = desk.files();
    let day = period("2026-03-02 00:00:00", "2026-03-03 00:00:00");
    let other = |change: fn(&mut Origin)| {
        let mut origin = origin(day);
        change(&mut origin);
        origin
    };
    for (origin, difference) in [
        (other(|origin| drop(origin.columns.pop())), Difference::Columns),
        (other(|origin| origin.conditions = Some("some".to_owned())), Difference::Conditions),
        (other(|origin| origin.limit = Some(3)), Difference::Limit),
        (other(|origin| origin.until = wall_time::parse("2026-03-02 10:00:00").ok()), Difference::Period),
    ] {
        let (_, found) = DateFolder::conflict(&desk.target(), &origin).unwrap().unwrap();
        assert_eq!(found, difference);
        assert!(DateFolder::open(&desk.target(), &all(), origin).is_err());
    }
    let foreign = desk.target().join("account=uis%3A1103/date=2026-03-02/mine.parquet");
    fs::write(&foreign, "x").unwrap();
    let found = DateFolder::conflict(&desk.target(), &origin(day)).unwrap();
    assert_eq!(found, Some((foreign.clone(), Difference::Unknown)));
    fs::remove_file(foreign).unwrap();
    assert_eq!(desk.files(), told);
    // Unless it is said.
    let narrow = other(|origin| origin.limit = Some(3));
    let mut folder = DateFolder::over(&desk.target(), &all(), narrow).unwrap();
    folder.begin(false, None).unwrap();
    folder.write(&rows().slice(1440, 3)).unwrap();
    folder.commit().unwrap();
    assert_eq!(desk.files().into_values().collect::<Vec<_>>(), [1440, 3, 1440]);
}

#[test]
fn a_day_that_was_not_over_says_so_and_goes_when_more_of_it_is_read() {
    let desk = Desk::new();
    let until = |time| {
        let mut origin = origin(three_days());
        origin.until = wall_time::parse(time).ok();
        origin
    };
    desk.write(until("2026-03-02 10:00:00"), &rows().slice(0, 1440 + 600));
    assert_eq!(
        desk.files(),
        told([
            ("account=uis%3A1103/date=2026-03-01/w-000000-235959.parquet", 1440),
            ("account=uis%3A1103/date=2026-03-02/w-000000-until-100000.parquet", 600),
        ])
    );
    let path = desk.target().join("account=uis%3A1103/date=2026-03-02/w-000000-until-100000.parquet");
    let Said::Origin(day) = said(&File::open(path).unwrap()) else { panic!("it does not say") };
    assert_eq!(day.until, wall_time::parse("2026-03-02 10:00:00").ok());
    desk.write(until("2026-03-02 11:30:00"), &rows().slice(0, 1440 + 690));
    assert!(desk.open(period("2026-03-02 00:00:00", "2026-03-02 11:00:00")).is_err());
    assert_eq!(desk.files().into_values().collect::<Vec<_>>(), [1440, 690]);
    desk.write(origin(three_days()), &rows());
    assert_eq!(desk.files().into_values().collect::<Vec<_>>(), [1440; 3]);
    // And what was read of the same day by the hour.
    let desk = Desk::new();
    desk.write(origin(period("2026-03-01 09:00:00", "2026-03-01 10:00:00")), &rows().slice(540, 60));
    desk.write(origin(three_days()), &rows());
    assert_eq!(desk.files().into_values().collect::<Vec<_>>(), [1440; 3]);
}
