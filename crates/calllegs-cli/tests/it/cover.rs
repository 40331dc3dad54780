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
        }
        let told = ask(&["stats", "offered", "--last", "3650d"], place);
        let said = told.stderr.matches("clock of the account: UTC+10, as the newest leg has it").count();
        assert_eq!(said, 1, "{}", told.stderr);
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

#[test]
fn what_is_complete_is_said_where_the_beginning_is_not() {
    let clock = Clock::FixedWall("2026-03-20T12:00:00".parse().unwrap());
    let sandbox = small().legs_per_day(3000).clock(clock).since("2026-03-02".parse().unwrap());
    let sandbox = sandbox.until("2026-03-08".parse().unwrap()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("legs.db");
    sync(&sandbox, &place, &["--from", "2026-03-07", "--till", "2026-03-19"]);
    let mut earlier = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "sync", "--to"]);
    let told = run(earlier.arg(&place).args(["--since", "2026-03-02", "--max-points", "2"]));
    assert_eq!(told.code, Some(6), "{}", told.stderr);
    let complete = "complete 2026-03-07 00:00:00 … 2026-03-20 00:00:00 Europe/Moscow, not yet before that; a gap from 2026-03-0";
    assert!(told.stderr.contains(complete), "{}", told.stderr);
    assert!(!told.stderr.contains("nothing is complete"), "{}", told.stderr);
    let shown = ask(&["state", "show"], &place);
    assert!(shown.stdout.contains("only 2026-03-07 00:00:00 … 2026-03-20 00:00:00"), "{}", shown.stdout);
    let shown = json(&ask(&["state", "show", "--json"], &place));
    assert_eq!(shown[0]["complete"], serde_json::json!([["2026-03-07 00:00:00", "2026-03-20 00:00:00"]]));
}

#[test]
fn a_file_in_the_place_of_a_place_is_named_by_the_flag_that_names_it() {
    for words in [&["state", "show"][..], &["verify"], &["compact"]] {
        let told = ask(words, Path::new("legs.csv"));
        told.refused(2, &["--data does not take", "a file keeps no ledger"]);
    }
}

#[cfg(unix)]
#[test]
fn a_report_that_does_not_fit_leaves_nothing() {
    let sandbox = small().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let legs = folder.path().join("legs.parquet");
    let told = run(get_at(&sandbox.url(), &["--on", "2026-02-27", "-o"]).arg(&legs));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let program = tool(&[]).get_program().to_owned();
    for words in ["report html -o full.html", "stats offered --format xlsx -o full.xlsx"] {
        let mut shell = std::process::Command::new("/bin/sh");
        let script = format!("trap '' XFSZ; ulimit -f 1; exec \"$0\" {words} --data legs.parquet");
        let told = run(shell.arg("-c").arg(script).arg(&program).current_dir(folder.path()).env_clear());
        told.refused(10, &["full."]);
        assert_eq!(crate::support::names(folder.path()), ["legs.parquet"], "{}", told.stderr);
    }
}

#[test]
fn sessions_are_held_against_legs_of_their_own_account_with_whole_times() {
    let sandbox = small().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [legs, rounded, other] =
        ["legs.parquet", "rounded.csv", "other.csv"].map(|name| folder.path().join(name));
    let day = ["--on", "2026-02-27"];
    let told = run(get_at(&sandbox.url(), &[&day[..], &["-o"]].concat()).arg(&legs));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let told = run(tool(&["redact", "--redact", "times=bucket:1h", "-o"]).arg(&rounded).arg(&legs));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let stranger = small().seed(99).start().unwrap();
    let told = run(get_at(&stranger.url(), &[&day[..], &["-o"]].concat()).arg(&other));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    // Another account has other sessions.
    let text = std::fs::read_to_string(&other).unwrap();
    let column = text.lines().next().unwrap().split(',').position(|name| name == "call_session_id").unwrap();
    let moved =
        |(place, cell): (usize, &str)| if place == column { format!("9{cell}") } else { cell.to_owned() };
    let rows =
        text.lines().skip(1).map(|line| line.split(',').enumerate().map(moved).collect::<Vec<_>>().join(","));
    let head = text.lines().next().unwrap().to_owned();
    std::fs::write(&other, [head].into_iter().chain(rows).collect::<Vec<_>>().join("\n") + "\n").unwrap();
    let against = |data: &Path| {
        let mut verify =
            tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "verify", "--against", "sessions"]);
        run(verify.args(day).arg("--data").arg(data))
    };
    assert_eq!(against(&legs).code, Some(0));
    against(&rounded).refused(3, &["the times of these legs are rounded"]);
    let told = against(&other);
    assert_eq!(told.code, Some(11), "{}", told.stderr);
    assert!(told.stderr.contains("the legs are hardly those of"), "{}", told.stderr);
}
