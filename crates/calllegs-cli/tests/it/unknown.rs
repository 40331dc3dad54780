//! Numbers that would be wrong in silence: of columns that nobody extracted, of people who are taken for one, of a period whose
//! zone nobody said. They are refused, or it is said.

use std::{fs, path::Path};

use calllegs_sandbox::Sandbox;

use crate::support::{BOTH, Run, emulator, get_at, get_both, rows, run, small, tool};

/// What every metric needs.
const NEEDED: &str = "id,call_session_id,start_time,connect_time,duration,total_duration,finish_reason,direction,is_operator,\
                      is_transfered,is_coach";

fn stats(data: &Path, words: &[&str]) -> Run {
    run(tool(&["stats", "--data"]).arg(data).args(words))
}

fn fine(told: &Run) {
    assert_eq!(told.code, Some(0), "{}", told.stderr);
}

#[test]
fn what_was_not_extracted_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("narrow.parquet");
    fine(&run(get_both(&["--fields", NEEDED, "-o"]).arg(&file)));
    for metric in ["service-level", "missed", "waits", "heatmap", "reasons", "load"] {
        fine(&stats(&file, &[metric]));
    }
    for (metric, column) in [
        ("repeat", "contact_phone_number"),
        ("callbacks", "contact_phone_number"),
        ("first-response", "contact_phone_number"),
        ("people", "employee_id"),
        ("occupancy", "employee_id"),
        ("groups", "group_name"),
        ("scenarios", "scenario_name"),
        ("ratings", "employee_rating"),
    ] {
        stats(&file, &[metric]).refused(3, &[column, "extract it too: calllegs get without --fields"]);
    }
    stats(&file, &["missed", "--list"]).refused(3, &["contact_phone_number"]);
    let report = folder.path().join("report.html");
    run(tool(&["report", "html", "--data"]).arg(&file).arg("-o").arg(&report))
        .refused(3, &["there is no column", "extract it too"]);
    assert!(!report.exists());
}

#[test]
fn a_column_without_a_value_is_no_no() {
    let folder = tempfile::tempdir().unwrap();
    let legs = rows(&run(&mut get_both(&[])).stdout);
    for name in ["is_operator", "is_coach", "direction"] {
        let file = folder.path().join("empty.jsonl");
        let mut text = String::new();
        for mut leg in legs.clone() {
            leg[name] = serde_json::Value::Null;
            text += &leg.to_string();
            text.push('\n');
        }
        fs::write(&file, text).unwrap();
        stats(&file, &["missed"]).refused(3, &[&format!("no leg has a {name}")]);
    }
    // A database computes for itself, and refuses the same.
    let place = folder.path().join("calls.db");
    let url = emulator().url();
    let mut sync = tool(&["--brand", "sandbox", "--endpoint", &url, "sync", "--since", "2026-02-27", "--to"]);
    fine(&run(sync.arg(&place)));
    fine(&stats(&place, &["missed"]));
    let database = rusqlite::Connection::open(&place).unwrap();
    database.execute("UPDATE call_legs SET is_operator = NULL", []).unwrap();
    drop(database);
    stats(&place, &["missed"]).refused(3, &["no leg has a is_operator"]);
}

#[test]
fn callers_with_masked_numbers_are_not_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let url = emulator().url();
    for spec in ["phones=mask", "phones=prefix:4", "phones=drop"] {
        let file = folder.path().join("masked.parquet");
        fine(&run(get_both(&["--force", "--redact", spec, "-o"]).arg(&file)));
        let place = folder.path().join(format!("{}.db", spec.replace(':', "")));
        let mut sync = tool(&["--brand", "sandbox", "--endpoint", &url, "sync", "--redact", spec, "--to"]);
        fine(&run(sync.arg(&place).args(["--since", "2026-02-27"])));
        for data in [&file, &place] {
            for metric in ["repeat", "callbacks", "first-response"] {
                stats(data, &[metric]).refused(3, &["--redact phones=hmac"]);
            }
            fine(&stats(data, &["missed"]));
            fine(&stats(data, &["people"]));
        }
    }
    let report = |name: &str| {
        let out = folder.path().join("report.html");
        run(tool(&["report", "html", "--data"]).arg(folder.path().join(name)).arg("-o").arg(out))
    };
    report("phones=mask.db").refused(3, &["masked or cut"]);
    let told = report("phones=drop.db");
    fine(&told);
    assert!(told.stderr.contains("who was rung back is left out"), "{}", told.stderr);
    let numbers =
        run(tool(&["report", "term", "--json", "--data"]).arg(folder.path().join("phones=drop.db")));
    fine(&numbers);
    assert!(!numbers.stdout.contains("not_called_back") && numbers.stdout.contains("abandonment"));
}

#[test]
fn the_words_of_a_period_are_meant_by_a_zone_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("legs.parquet");
    fine(&run(get_both(&["-o"]).arg(&file)));
    let warns = |words: &[&str]| stats(&file, words).stderr.contains("clock of the account: UTC+3, as");
    assert!(warns(&["missed", "--last", "3650d"]));
    assert!(warns(&["missed", "--from", "yesterday"]));
    assert!(!warns(&["missed", "--last", "3650d", "--tz", "Europe/Moscow"]));
    assert!(!warns(&["missed", "--on", "2026-02-27"]));
    let part = ["report", "term", "--from", "2026-02-27T11:00", "--till", "2026-02-27T13:00", "--data"];
    for (lang, said) in [("en", "27 February 2026, 11:00–13:00"), ("ru", "27 февраля 2026, 11:00–13:00")]
    {
        let told = run(tool(&part).arg(&file).args(["--lang", lang]));
        assert!(told.stdout.contains(said), "{}", told.stdout);
    }
    let none = folder.path().join("none.parquet");
    let told = stats(&none, &["missed"]);
    told.refused(10, &["is not there", "legs are read from it"]);
    assert!(!told.stderr.contains("can be written"), "{}", told.stderr);
}

#[test]
fn a_copy_has_each_leg_once_and_is_as_strict_as_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let legs = run(&mut get_both(&[])).stdout;
    let twice = folder.path().join("twice.jsonl");
    let first = legs.lines().next().unwrap();
    fs::write(&twice, format!("{legs}{first}\n")).unwrap();
    let copy = folder.path().join("copy.jsonl");
    let told = run(tool(&["redact"]).arg(&twice).arg("-o").arg(&copy));
    told.refused(3, &["is there twice"]);
    assert!(!copy.exists());

    // Times of a copy may be rounded, and numbers are not computed from it.
    let (whole, rounded) = (folder.path().join("whole.parquet"), folder.path().join("rounded.jsonl"));
    fine(&run(get_both(&["-o"]).arg(&whole)));
    let copy =
        |spec: &str| run(tool(&["redact"]).arg(&whole).arg("-o").arg(&rounded).args(["--redact", spec]));
    fine(&copy("times=bucket:1h,phones=drop"));
    let made = rows(&fs::read_to_string(&rounded).unwrap());
    let was = rows(&legs);
    assert_eq!(made.len(), was.len());
    for (made, was) in made.iter().zip(&was) {
        let hour = |row: &serde_json::Value| row["start_time"].as_str().unwrap()[..13].to_owned();
        assert_eq!((hour(made), &made["id"]), (hour(was), &was["id"]));
        assert!(made["start_time"].as_str().unwrap().ends_with(":00:00"), "{made}");
        assert!(made["connect_time"].as_str().is_none_or(|time| time.ends_with(":00:00")), "{made}");
    }
    stats(&rounded, &["waits"]).refused(3, &["the times of these legs are rounded"]);
    copy("start_time=bucket:1h").refused(2, &["times=bucket:1h"]);
    run(&mut get_both(&["--redact", "times=bucket:1h"])).refused(2, &["in a copy alone", "calllegs redact"]);

    let sandbox: Sandbox = small().new_field("ai_score".parse().unwrap()).start().unwrap();
    for redaction in [&[][..], &["--redact", "phones=mask"]] {
        let told = run(&mut get_at(&sandbox.url(), &[&BOTH[..], &["--strict"], redaction].concat()));
        assert_eq!(told.code, Some(11), "{redaction:?}: {}", told.stderr);
        assert!(told.stderr.contains("ai_score"), "{}", told.stderr);
    }
}

#[test]
fn names_without_ids_and_talks_without_a_beginning_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.jsonl");
    let legs = rows(&run(&mut get_both(&[])).stdout);
    let without = |name: &str| {
        let empty = legs.iter().map(|leg| {
            let mut leg = leg.clone();
            leg[name] = serde_json::Value::Null;
            format!("{leg}\n")
        });
        fs::write(&file, empty.collect::<String>()).unwrap();
    };
    without("employee_id");
    fine(&stats(&file, &["service-level"]));
    for metric in ["people", "occupancy"] {
        stats(&file, &[metric]).refused(3, &["no leg has an employee_id"]);
    }
    run(tool(&["report", "term", "--section", "people", "--data"]).arg(&file))
        .refused(3, &["no leg has an employee_id"]);
    without("connect_time");
    stats(&file, &["service-level"]).refused(3, &["no leg has a connect_time"]);
}
