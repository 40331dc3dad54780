//! What numbers are of: by which clock a period is meant, and which of its days the place has.

use std::path::Path;

use calllegs_sandbox::{Clock, Sandbox};
use chrono_tz::Asia::Vladivostok;
use serde_json::Value;

use crate::support::{Run, get_at, run, small, tool};

/// What reads numbers, over a place.
fn ask(words: &[&str], place: &Path) -> Run {
    run(tool(words).arg("--data").arg(place))
}

fn json(told: &Run) -> Value {
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    serde_json::from_str(&told.stdout).unwrap()
}

fn sync(sandbox: &Sandbox, place: &Path, words: &[&str]) {
    let mut sync = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "sync", "--to"]);
    let told = run(sync.arg(place).args(words));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
}

#[test]
fn a_period_that_depends_on_now_is_meant_by_the_clock_of_the_legs() {
    let sandbox = small().zone(Vladivostok).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [database, lake, parquet, csv] =
        ["legs.db", "lake/", "legs.parquet", "legs.csv"].map(|name| folder.path().join(name));
    sync(&sandbox, &database, &["--since", "2026-02-27"]);
    sync(&sandbox, &lake, &["--since", "2026-02-27"]);
    for file in [&parquet, &csv] {
        let told = run(get_at(&sandbox.url(), &["--on", "2026-02-27", "-o"]).arg(file));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
    }
    for place in [&database, &lake, &parquet] {
        for words in [
            &["stats", "offered", "--last", "3650d", "--json"][..],
            &["stats", "offered", "--from", "2026-02-27", "--json"],
            &["report", "term", "--last", "3650d", "--json"],
            &["staff", "--last", "3650d", "--json"],
        ] {
            let told = ask(words, place);
            assert_eq!(json(&told)["zone"], "UTC+10", "{words:?}");
            let said = told.stderr.matches("clock of the account: UTC+10, as the newest leg has it").count();
            assert_eq!(said, 1, "{words:?}: {}", told.stderr);
        }
        // The same day as by the zone itself, which is another one than that of UTC for most of the day.
        let day = |words: &[&str]| {
            let told =
                json(&ask(&[&["stats", "offered", "--last", "3650d", "--json"], words].concat(), place));
            told["from"].as_str().unwrap()[..13].to_owned()
        };
        let (before, found, after) =
            (day(&["--tz", "Asia/Vladivostok"]), day(&[]), day(&["--tz", "Asia/Vladivostok"]));
        assert!(found == before || found == after, "{found}, and by the zone {before}");
        let told = ask(&["stats", "offered", "--on", "2026-02-27", "--json"], place);
        assert_eq!((&json(&told)["zone"], &*told.stderr), (&Value::Null, ""));
    }
    // Texts have no instants: another day would be counted without a word.
    for (words, said) in [
        (&["stats", "offered", "--on", "yesterday", "-q"][..], "add --tz"),
        (&["report", "term", "--last", "10h"], "add --tz"),
        (&["staff", "--last", "7d"], "add --tz"),
        (&["stats", "offered", "--from", "2026-02-27T00:00:00Z", "--till", "2026-02-28"], "add --tz"),
        (&["stats", "offered", "--on", "вчера", "--lang", "ru"], "добавьте --tz"),
    ] {
        ask(words, &csv).refused(2, &[said]);
    }
    assert_eq!(
        ask(&["stats", "offered", "--on", "yesterday", "--tz", "Asia/Vladivostok"], &csv).code,
        Some(0)
    );
    assert_eq!(
        ask(&["stats", "offered", "--from", "2026-02-27", "--till", "2026-02-28"], &csv).code,
        Some(0)
    );

    let legs = rusqlite::Connection::open(&database).unwrap();
    let other = "UPDATE call_legs SET account = 'uis:7', start_at = start_time WHERE id % 2 = 0";
    assert!(legs.execute(other, []).unwrap() > 0);
    let told = ask(&["stats", "offered", "--last", "3650d"], &database);
    told.refused(2, &["have different clocks", "uis:7 has UTC", "UTC+10", "--tz ZONE"]);
}

#[test]
fn days_that_a_place_lacks_are_no_zeros() {
    let clock = Clock::FixedWall("2026-03-10T12:00:00".parse().unwrap());
    let sandbox =
        small().clock(clock).since("2026-03-02".parse().unwrap()).until("2026-03-09".parse().unwrap());
    let sandbox = sandbox.start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (database, lake) = (folder.path().join("legs.db"), folder.path().join("lake/"));
    for place in [&database, &lake] {
        sync(&sandbox, place, &["--from", "2026-03-03", "--till", "2026-03-04"]);
        sync(&sandbox, place, &["--from", "2026-03-06", "--till", "2026-03-07"]);
        let part = ["--from", "2026-03-01", "--till", "2026-03-06"];
        let all = ["--from", "2026-03-03", "--till", "2026-03-04"];
        let lacks = "incomplete: 3 of 6 days; no data of 1 Mar, 2 Mar, 5 Mar";
        for command in [&["stats", "offered"][..], &["staff"], &["report", "term"]] {
            let told = ask(&[command, &part].concat(), place);
            assert!(told.code == Some(0) && told.stdout.contains(lacks), "{command:?}: {}", told.stdout);
            let missing = json(&ask(&[command, &part, &["--json"]].concat(), place))["missing_days"].clone();
            assert_eq!(missing, serde_json::json!(["2026-03-01", "2026-03-02", "2026-03-05"]), "{command:?}");
            let told = ask(&[command, &all].concat(), place);
            assert!(!told.stdout.contains("incomplete"), "{command:?}: {}", told.stdout);
            let missing = json(&ask(&[command, &all, &["--json"]].concat(), place))["missing_days"].clone();
            assert_eq!(missing, serde_json::json!([]), "{command:?}");
        }
        let told = ask(&[&["stats", "talk", "--format", "csv"], &part[..]].concat(), place);
        assert!(told.stderr.contains(&format!("warning: {lacks}")), "{}", told.stderr);
        // Hours of a day are there, or not, whatever the rest of it is.
        let hours = ["stats", "talk", "--from", "2026-03-03T10:00", "--till", "2026-03-03T12:00"];
        assert!(!ask(&hours, place).stdout.contains("incomplete"));
        for words in [&["stats", "talk"][..], &["stats", "offered", "--json"], &["staff"]] {
            for day in ["2026-03-01", "2026-03-05", "2026-03-09"] {
                let told = ask(&[words, &["--on", day]].concat(), place);
                told.refused(12, &["was ever read into this place", "2026-03-03 00:00:00"]);
            }
        }
    }
}
