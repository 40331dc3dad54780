//! Whose legs a file holds, which of them and up to when: nothing wider and nothing foreign is replaced, and no instant is
//! wrong without a word.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use arrow_array::{Array, cast::AsArray, types};
use calllegs_arrow::{
    ipc,
    origin::{Origin, Said},
    parquet,
};
use calllegs_sandbox::Sandbox;
use chrono::{Days, TimeDelta};

use crate::{
    stub,
    support::{Run, contents, get_at, json, names, rows, run, small},
    tzif::tzif,
};

const LAVKA: &str = "320001";
const KLINIKA: &str = "330001";

struct Desk {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { sandbox: small().start().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn get(&self, name: &str, arguments: &[&str]) -> Run {
        run(get_at(&self.sandbox.url(), arguments).arg("-o").arg(self.path(name)))
    }

    /// As the partner, for the user of a customer.
    fn for_user(&self, user: &str, name: &str, arguments: &[&str]) -> Run {
        let mut command = get_at(&self.sandbox.url(), arguments);
        command.env("CALLLEGS_TOKEN", "sandbox-agency").args(["--user-id", user, "--tz", "Europe/Moscow"]);
        run(command.arg("-o").arg(self.path(name)))
    }

    fn spent(&self) -> u32 {
        u32::try_from(self.sandbox.stats().points).unwrap()
    }
}

/// The values of a text column and of `start_at`, of a Parquet file.
fn read(path: &Path) -> (BTreeSet<Option<String>>, Vec<i64>) {
    let (_, batches) = parquet::read_back(File::open(path).unwrap()).unwrap();
    let (mut accounts, mut instants) = (BTreeSet::new(), Vec::new());
    for batch in batches.map(Result::unwrap) {
        let account = batch.column_by_name("account").unwrap().as_string::<i32>();
        accounts.extend(account.iter().map(|account| account.map(str::to_owned)));
        let starts = batch.column_by_name("start_at").unwrap();
        assert_eq!(starts.null_count(), 0);
        instants.extend_from_slice(starts.as_primitive::<types::TimestampMicrosecondType>().values());
    }
    (accounts, instants)
}

fn origin(path: &Path) -> Origin {
    match parquet::said(&File::open(path).unwrap()) {
        Said::Origin(origin) => *origin,
        Said::Foreign | Said::Columns(_) => panic!("it does not say"),
    }
}

fn done(told: &Run) {
    assert_eq!(told.code, Some(0), "{}", told.stderr);
}

const DAY: [&str; 2] = ["--on", "2026-02-27"];

#[test]
fn two_customers_of_a_partner_stand_side_by_side_in_a_folder() {
    let desk = Desk::new();
    done(&desk.for_user(LAVKA, "lake/", &DAY));
    let lavka = contents(&desk.path("lake"));
    done(&desk.for_user(KLINIKA, "lake/", &DAY));
    let both = contents(&desk.path("lake"));
    let files: Vec<_> = both.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "/account=sandbox%3A100003/date=2026-02-27/w-000000-235959.parquet",
            "/account=sandbox%3A100004/date=2026-02-27/w-000000-235959.parquet",
        ]
    );
    assert!(lavka.iter().all(|(name, bytes)| both[name] == *bytes));
    for (name, account) in files.iter().zip(["sandbox:100003", "sandbox:100004"]) {
        let path = desk.path(&format!("lake{name}"));
        let (accounts, instants) = read(&path);
        assert_eq!(accounts, [Some(account.to_owned())].into());
        assert!(!instants.is_empty());
        assert_eq!(origin(&path).account, account);
    }
    // Again for one of them: the other one's stay as they are.
    done(&desk.for_user(LAVKA, "lake/", &DAY));
    assert!(contents(&desk.path("lake")) == both);
    // And another user of the same customer is the same account.
    done(&desk.for_user("320002", "lake/", &DAY));
    assert!(contents(&desk.path("lake")) == both);
    // A file of one is not replaced by the other's.
    done(&desk.for_user(LAVKA, "a.parquet", &DAY));
    let file = contents(&desk.path("a.parquet"));
    desk.for_user(KLINIKA, "a.parquet", &DAY).refused(10, &["another account", "sandbox:100003", "--force"]);
    assert!(contents(&desk.path("a.parquet")) == file);
}

#[test]
fn customers_are_named_by_what_the_api_tells() {
    let answers = |object: &'static str, users: &'static str| {
        stub::serve(move |method| match method {
            "getobj.account" if object.is_empty() => stub::error("method_not_found", "No method", "", "{}"),
            "getobj.account" => format!(r#""result":{{"data":{object}}}"#),
            "get.customer_users" if users.is_empty() => {
                stub::error("forbidden", "Permission denied", "", "{}")
            }
            "get.customer_users" => stub::page(users, "1"),
            "get.account" => stub::page(r#"{"app_id":5,"timezone":"Europe/Moscow"}"#, "1"),
            _ => stub::page(r#"{"id":1,"call_session_id":2,"start_time":"2026-02-27 12:00:00"}"#, "1"),
        })
    };
    let users = r#"{"id":7,"customer_id":1104,"login":"x"}"#;
    for (object, users, account, zone) in [
        (r#"{"app_id":1103,"timezone":"Asia/Omsk"}"#, users, "sandbox:1103", "Asia/Omsk"),
        (r#"{"timezone":"Asia/Omsk"}"#, users, "sandbox:1104", "Asia/Omsk"),
        ("", users, "sandbox:1104", "UTC"),
        ("", r#"{"id":8,"customer_id":1105}"#, "sandbox:user:7", "UTC"),
        ("", "", "sandbox:5", "Europe/Moscow"),
    ] {
        let url = answers(object, users);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let told = run(get_at(&url, &DAY).args(["--user-id", "7", "--tz", "UTC", "-o"]).arg(&path));
        done(&told);
        let (accounts, _) = read(&path);
        assert_eq!(accounts, [Some(account.to_owned())].into(), "{object} {users}");
        assert!(told.stderr.contains(&format!(" {zone} (")), "{}", told.stderr);
    }
    // The zone is known without --tz then, and asked for otherwise.
    let folder = tempfile::tempdir().unwrap();
    let get = |object| {
        run(get_at(&answers(object, users), &DAY)
            .args(["--user-id", "7", "-o"])
            .arg(folder.path().join("b.csv")))
    };
    assert!(get(r#"{"timezone":"Asia/Omsk"}"#).stderr.contains("Asia/Omsk (account)"));
    get("").refused(2, &["--tz"]);
}

#[test]
fn an_account_that_does_not_say_its_id_has_a_name_too() {
    let url = stub::serve(|method| match method {
        "get.account" => stub::error("forbidden", "Permission denied", "", "{}"),
        _ => stub::page(r#"{"id":1,"call_session_id":2,"start_time":"2026-02-27 12:00:00"}"#, "1"),
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let told = run(get_at(&url, &DAY).args(["--tz", "Europe/Moscow", "-o"]).arg(&path));
    done(&told);
    assert!(told.stderr.contains("Europe/Moscow of --tz is used as its zone"), "{}", told.stderr);
    let (accounts, _) = read(&path);
    let [Some(account)] = &accounts.into_iter().collect::<Vec<_>>()[..] else { panic!("no account") };
    assert!(account.starts_with("sandbox:key:") && account.len() == 24, "{account}");
}

/// Requests that are narrower than a day.
const NARROWER: [&[&str]; 7] = [
    &["--on", "2026-02-27", "--where", "is_operator"],
    &["--on", "2026-02-27", "--where-local", "duration > 30"],
    &["--on", "2026-02-27", "--session", "5"],
    &["--on", "2026-02-27", "--leg", "5"],
    &["--on", "2026-02-27", "--limit", "7000"],
    &["--on", "2026-02-27", "--fields", "id,start_time"],
    &["--from", "2026-02-27T00:00", "--till", "2026-02-27T12:00"],
];

#[test]
fn a_narrower_request_replaces_nothing_and_spends_nothing() {
    for name in ["lake/", "a.parquet", "a.arrow", "a.arrow.gz", "a.csv", "a.jsonl", "a.jsonl.zst"] {
        let desk = Desk::new();
        done(&desk.get(name, &DAY));
        let (before, spent) = (contents(desk.folder.path()), desk.spent());
        for arguments in NARROWER {
            if name == "lake/" && arguments.contains(&"--limit") {
                desk.get(name, arguments).refused(2, &["--limit is not for a folder"]);
            } else {
                desk.get(name, arguments).refused(10, &["--force", "nothing was spent"]);
            }
            assert!(contents(desk.folder.path()) == before, "{name} {arguments:?}");
        }
        assert_eq!(desk.spent(), spent, "{name}");
        // The same request does.
        done(&desk.get(name, &DAY));
        assert!(contents(desk.folder.path()) == before, "{name}");
        // And whatever is forced.
        done(&desk.get(name, &[NARROWER[5], &["--force"]].concat()));
        assert!(contents(desk.folder.path()) != before, "{name}");
    }
}

#[test]
fn a_part_of_the_time_up_to_now_is_a_part() {
    let desk = Desk::new();
    for _ in 0..2 {
        done(&desk.get("a.parquet", &["--last", "20d"]));
    }
    let before = contents(&desk.path("a.parquet"));
    desk.get("a.parquet", &["--last", "3d"])
        .refused(10, &["covers more time than this request", "nothing was spent"]);
    // Of some hours it has to be known first when they are.
    desk.get("a.parquet", &["--last", "5h"]).refused(10, &["covers more time than this request"]);
    assert!(contents(&desk.path("a.parquet")) == before);
}

#[test]
fn a_wider_request_takes_the_place_of_a_narrower_file() {
    let desk = Desk::new();
    for arguments in NARROWER {
        done(&desk.get("a.parquet", &[arguments, &["--force"]].concat()));
        done(&desk.get("a.parquet", &DAY));
    }
    // Another day is another matter, as it is every morning.
    done(&desk.get("a.parquet", &["--on", "2026-02-28"]));
    // The same conditions are the same request.
    done(&desk.get("b.parquet", NARROWER[0]));
    done(&desk.get("b.parquet", NARROWER[0]));
    desk.get("b.parquet", &["--on", "2026-02-27", "--where", "not is_operator"])
        .refused(10, &["other conditions"]);
    // Two conditions of one account do not mix in a folder, but time may grow.
    done(&desk.get("lake/", NARROWER[6]));
    done(&desk.get("lake/", &DAY));
    let files = contents(&desk.path("lake"));
    assert_eq!(files.len(), 1, "{:?}", files.keys());
}

#[test]
fn what_this_tool_did_not_write_stays() {
    let desk = Desk::new();
    for name in ["a.csv", "a.jsonl", "a.parquet", "a.arrow", "a.csv.gz", "a"] {
        let arguments: &[&str] = if name == "a" { &["--format", "csv"] } else { &[] };
        for mine in [&b"dear diary"[..], b"id,price\n1,2\n", b"{\"name\":1}\n", b"\x00\xff\n", b"PAR1"] {
            let path = desk.path(name);
            fs::write(&path, mine).unwrap();
            let spent = desk.spent();
            desk.get(name, &[&DAY, arguments].concat())
                .refused(10, &["was not written by this tool", "--force", "nothing was spent"]);
            assert_eq!(fs::read(&path).unwrap(), mine);
            assert_eq!(desk.spent(), spent);
        }
        done(&desk.get(name, &[&DAY, arguments, &["--force"]].concat()));
        done(&desk.get(name, &[&DAY, arguments].concat()));
        // There is nothing to lose in nothing.
        fs::write(desk.path(name), "").unwrap();
        done(&desk.get(name, &[&DAY, arguments].concat()));
    }
    // The same in a folder.
    done(&desk.get("lake/", &DAY));
    let foreign = desk.path("lake/account=sandbox%3A100001/date=2026-02-27/mine.parquet");
    fs::write(&foreign, "x").unwrap();
    desk.get("lake/", &DAY).refused(10, &["mine.parquet was not written by this tool"]);
    assert_eq!(contents(&desk.path("lake")).len(), 2);
}

#[test]
fn what_stands_beside_the_target_stays() {
    let desk = Desk::new();
    fs::create_dir(desk.path("mine")).unwrap();
    for (target, foreign) in [
        ("a.csv", "a.csv.part"),
        ("a.parquet", "a.parquet.part"),
        ("a.csv", "a.csv.part/notes.txt"),
        ("a.arrow", "a.arrow.resume"),
        ("a.jsonl", "a.jsonl.resume"),
        ("lake/", "lake.part/notes.txt"),
        ("lake/", "lake.resume"),
    ] {
        let said = match foreign {
            foreign if foreign.ends_with(".resume") => {
                "is no record of this tool, or its first line is damaged"
            }
            foreign if foreign.contains('/') => "is a folder that this tool did not write",
            _ => "was not written by this tool",
        };
        let path = desk.path(foreign);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "dear diary").unwrap();
        let before = contents(desk.folder.path());
        desk.get(target, &DAY).refused(10, &[said, "move it away", "nothing was spent"]);
        assert!(contents(desk.folder.path()) == before, "{target} {foreign}");
        let path = if foreign.contains('/') { path.parent().unwrap() } else { &path };
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        // Nor is anything written through a link.
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(desk.path("mine"), path).unwrap();
            desk.get(target, &[&DAY[..], &["--force"]].concat()).refused(10, &["is a link", "move it away"]);
            fs::remove_file(path).unwrap();
            assert!(contents(&desk.path("mine")).is_empty(), "{target}");
        }
        done(&desk.get(target, &DAY));
    }
    assert_eq!(desk.spent(), 14, "an account and a page of each");
}

#[test]
fn a_summary_takes_the_place_of_a_summary_alone() {
    let desk = Desk::new();
    let summary = desk.path("s.json");
    let summary = summary.to_str().unwrap();
    for _ in 0..2 {
        done(&desk.get("a.csv", &[&DAY[..], &["--summary-file", summary]].concat()));
    }
    fs::write(summary, "{\"mine\":1}").unwrap();
    for arguments in [&DAY[..], &["--on", "yesterdya"]] {
        desk.get("a.csv", &[arguments, &["--summary-file", summary]].concat())
            .refused(10, &["holds no summary"]);
    }
    assert_eq!(fs::read_to_string(summary).unwrap(), "{\"mine\":1}");
    let spelt = desk.folder.path().join(".").join("a.csv.resume");
    desk.get("a.csv", &[&DAY[..], &["--summary-file", spelt.to_str().unwrap()]].concat())
        .refused(2, &["what stands beside it"]);
}

#[test]
fn every_csv_of_this_tool_is_known_again() {
    let desk = Desk::new();
    for arguments in [
        &["--csv-preset", "excel-ru"][..],
        &["--csv-preset", "excel-en"],
        &["--csv-preset", "1c"],
        &["--fields", "id"],
    ] {
        for _ in 0..2 {
            done(&desk.get("a.csv", &[&DAY, arguments].concat()));
        }
        fs::remove_file(desk.path("a.csv")).unwrap();
    }
}

#[test]
fn folders_of_earlier_versions_and_names_of_folders_are_refused() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("lake/date=2026-02-20")).unwrap();
    for force in [&[][..], &["--force"]] {
        desk.get("lake/", &[&DAY, force].concat()).refused(10, &["earlier versions", "another folder"]);
    }
    for name in ["legs.parquet", "plain", "legs.csv"] {
        fs::create_dir(desk.path(name)).unwrap();
        desk.get(name, &DAY).refused(2, &["is a folder"]);
        assert!(names(&desk.path(name)).is_empty());
    }
    assert_eq!(desk.sandbox.stats().calls, 0);
}

#[test]
fn another_zone_for_dates_changes_no_instant() {
    let desk = Desk::new();
    let read = |name: &str, zone: &[&str], period: &[&str]| {
        done(&desk.get(name, &[zone, period].concat()));
        read(&desk.path(name)).1
    };
    // The same moments, by three clocks.
    let moscow = read("a.parquet", &[], &["--from", "2026-02-27T02:00", "--till", "2026-02-28T02:00"]);
    let omsk = read(
        "b.parquet",
        &["--tz", "Asia/Omsk"],
        &["--from", "2026-02-27T05:00", "--till", "2026-02-28T05:00"],
    );
    let lisbon = read(
        "c.parquet",
        &["--tz", "Europe/Lisbon"],
        &["--from", "2026-02-26T23:00", "--till", "2026-02-27T23:00"],
    );
    assert!(!moscow.is_empty() && moscow == omsk && moscow == lisbon);
    // And texts have the same legs.
    done(
        &desk.get(
            "a.jsonl",
            &["--tz", "Asia/Omsk", "--from", "2026-02-27T05:00", "--till", "2026-02-28T05:00"],
        ),
    );
    assert_eq!(rows(&fs::read_to_string(desk.path("a.jsonl")).unwrap()).len(), moscow.len());
    let told = desk.get("d.parquet", &["--tz", "Asia/Omsk", "--on", "2026-02-27"]);
    assert!(
        told.stderr.contains("the account is in Europe/Moscow, not in Asia/Omsk of --tz"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_period_that_is_not_over_says_up_to_when() {
    let desk = Desk::new();
    let summary = desk.path("s.json");
    let until = |arguments: &[&str], name: &str| {
        let flag = ["--summary-file", summary.to_str().unwrap()];
        let told = desk.get(name, &[arguments, &flag].concat());
        done(&told);
        let until = json(&summary)["until"].as_str().map(str::to_owned);
        assert_eq!(until.is_some(), told.stderr.contains("the period is not over"), "{}", told.stderr);
        (until, told)
    };
    let future = ["--from", "2026-02-27", "--till", "2090-01-01"];
    // It is too long to be read: one window of it will do.
    let (told, _) = until(&[&future[..], &["--limit", "1"]].concat(), "a.parquet");
    let origin = origin(&desk.path("a.parquet"));
    assert_eq!(origin.until.map(|until| until.to_string()), told);
    assert_eq!(origin.period.till().to_string(), "2090-01-02 00:00:00");
    assert_eq!(until(&DAY, "b.parquet").0, None);
    assert_eq!(self::origin(&desk.path("b.parquet")).until, None);
    assert_eq!(until(&["--last", "2h"], "c.csv").0, None);
    assert!(until(&["--on", "today"], "d.csv").0.is_some());
    assert!(until(&["--on", "today"], "d.arrow").0.is_some());
    match ipc::said(File::open(desk.path("d.arrow")).unwrap()) {
        Said::Origin(origin) => assert!(origin.until.is_some()),
        Said::Foreign | Said::Columns(_) => panic!("it does not say"),
    }
}

#[test]
fn a_day_that_was_not_over_is_replaced_when_it_is() {
    // An account whose day of now ends soon or late, but not yet: legs of every minute of it.
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = chrono::DateTime::from_timestamp(i64::try_from(now).unwrap(), 0).unwrap().naive_utc();
    let day = now.date();
    let next = day.checked_add_days(Days::new(1)).unwrap();
    let leg = |time: chrono::NaiveDateTime| {
        format!(r#"{{"id":1,"call_session_id":2,"start_time":"{}"}}"#, time.format("%F %T"))
    };
    let row = leg(day.and_hms_opt(0, 0, 1).unwrap());
    let url = stub::serve(move |method| match method {
        "get.account" => stub::page(r#"{"app_id":1103,"timezone":"UTC"}"#, "1"),
        _ => stub::page(&row, "1"),
    });
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake/");
    let get = |period: &[&str]| -> Command {
        let mut command = get_at(&url, period);
        command.arg("-o").arg(&lake);
        command
    };
    let on = day.to_string();
    let told = run(&mut get(&["--on", &on]));
    done(&told);
    let files: Vec<String> = contents(&lake).into_keys().collect();
    let [name] = &files[..] else { panic!("{files:?}") };
    if now + TimeDelta::minutes(5) < next.into() {
        assert!(name.contains(&format!("date={day}/w-000000-until-")), "{name}");
        assert!(told.stderr.contains("the period is not over"), "{}", told.stderr);
    }
    // Read again a moment later, or when it is over: one file of the day.
    done(&run(&mut get(&["--on", &on])));
    let files: BTreeMap<_, _> = contents(&lake);
    assert_eq!(files.len(), 1, "{:?}", files.keys());
}

#[test]
fn zone_data_of_the_machine_are_used_where_they_are_newer() {
    let url = stub::serve(|method| match method {
        "get.account" => stub::page(r#"{"app_id":1103,"timezone":"Africa/Casablanca"}"#, "1"),
        _ => stub::page(r#"{"id":1,"start_time":"2026-11-28 12:00:00","call_session_id":1}"#, "1"),
    });
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("zoneinfo");
    fs::create_dir_all(data.join("Africa")).unwrap();
    let read = |release: &str, zone: &[u8]| {
        fs::write(data.join("tzdata.zi"), format!("# version {release}\n")).unwrap();
        fs::write(data.join("Africa/Casablanca"), zone).unwrap();
        let path = folder.path().join("a.parquet");
        let mut command = get_at(&url, &["--on", "2026-11-28", "-v", "-o"]);
        let told = run(command.arg(&path).env("TZDIR", &data));
        done(&told);
        let version = run(crate::support::tool(&["version"]).env("TZDIR", &data)).stdout;
        (chrono::DateTime::from_timestamp_micros(read(&path).1[0]).unwrap().to_string(), told.stderr, version)
    };
    let east = tzif("<+02>-2");
    let (instant, told, version) = read("2099f", &east);
    assert_eq!(instant, "2026-11-28 10:00:00 UTC");
    assert!(
        told.contains("rules of time zones: 2099f of") && version.contains("2099f of"),
        "{told} {version}"
    );
    // Older ones, and broken ones with a word.
    let (instant, told, version) = read("2013c", &east);
    assert_eq!(instant, "2026-11-28 12:00:00 UTC");
    assert!(told.contains("built in") && version.contains("built in; "), "{told} {version}");
    let (instant, told, _) = read("2099f", &east[..east.len() - 9]);
    assert_eq!(instant, "2026-11-28 12:00:00 UTC");
    assert!(
        told.contains("warning: the zone data of this machine are not used for Africa/Casablanca"),
        "{told}"
    );

    // The last hour is the one before now by the newer rules.
    fs::write(data.join("Africa/Casablanca"), &east).unwrap();
    let mut command = get_at(&url, &["--last", "1h", "--format", "jsonl"]);
    let told = run(command.env("TZDIR", &data));
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = chrono::DateTime::from_timestamp(i64::try_from(now).unwrap(), 0).unwrap().naive_utc();
    let till = told.stderr.split(" … ").nth(1).unwrap().get(..19).unwrap();
    let till = chrono::NaiveDateTime::parse_from_str(till, "%F %T").unwrap();
    assert!((now + TimeDelta::hours(2) - till).num_minutes().abs() < 10, "{now} {till}");
}

#[test]
fn a_file_of_another_time_is_not_replaced_without_a_word_and_not_by_nothing() {
    let desk = Desk::new();
    let on = |day: &'static str| ["--tz", "Europe/Moscow", "--on", day];
    for name in ["n.parquet", "n.arrow", "n.csv", "n.jsonl.gz"] {
        done(&desk.get(name, &on("2026-02-27")));
        let told = desk.get(name, &on("2026-02-28"));
        done(&told);
        assert!(told.stderr.contains("replaces the legs of 2026-02-27 "), "{name}: {}", told.stderr);
        let told = desk.get(name, &on("2026-02-28"));
        done(&told);
        assert!(!told.stderr.contains("replaces"), "{name}: {}", told.stderr);
        let before = fs::read(desk.path(name)).unwrap();
        // A day without legs.
        let told = desk.get(name, &on("2026-03-02"));
        told.refused(10, &["holds legs of 2026-02-28 ", "and this request has none", "--force"]);
        assert!(fs::read(desk.path(name)).unwrap() == before, "{name}");
        done(&desk.get(name, &[&on("2026-03-02")[..], &["--force"]].concat()));
        // And what holds none is no loss.
        done(&desk.get(name, &on("2026-03-03")));
    }
}
