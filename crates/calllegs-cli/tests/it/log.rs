//! What machines hear of a run: the log, the summary, errors as objects. And what none of them hears: keys and people.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    redact::{has_nobody, people},
    support::{Run, emulator, json, names, rows, run, tool},
};

/// The key of the emulator's account, and one that opens nothing.
const KEYS: [&str; 2] = ["sandbox-acme", "hush-4711-hush-4711-hush"];

fn at(folder: &Path, key: &str, words: &[&str]) -> Run {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &emulator().url()]);
    run(command.args(words).current_dir(folder).env("CALLLEGS_TOKEN", key))
}

fn events(text: &str) -> Vec<(String, Value)> {
    rows(text).into_iter().map(|line| (line["event"].as_str().unwrap().to_owned(), line)).collect()
}

#[test]
fn a_log_of_objects_tells_a_run_from_its_start_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "sync",
        "--to",
        "calls.db",
        "--since",
        "2026-02-27",
        "--log-format",
        "json",
        "--summary-file",
        "s.json",
    ];
    let told = at(folder.path(), KEYS[0], &words);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let events = events(&told.stderr);
    let named = |name: &str| {
        events.iter().filter(|(event, _)| event == name).map(|(_, line)| line).collect::<Vec<_>>()
    };
    assert_eq!((&*events[0].0, &*events.last().unwrap().0), ("run.start", "run.end"));
    assert!(
        !named("window.plan").is_empty()
            && !named("page.ok").is_empty()
            && !named("window.commit").is_empty()
    );
    let (end, summary) = (&events.last().unwrap().1, json(&folder.path().join("s.json")));
    assert_eq!(
        (&end["exit"], &end["rows"], &end["points"]),
        (&0.into(), &summary["rows"], &summary["points"])
    );
    assert!(end["account"].as_str().unwrap().contains(':') && end["ms"].is_u64());
    for (_, line) in &events {
        assert_eq!(line["run_id"], summary["run_id"]);
        assert!(line["ts"].as_str().unwrap().ends_with('Z') && line["level"].is_string());
    }
    let legs: u64 = named("window.commit").iter().map(|line| line["rows"].as_u64().unwrap()).sum();
    assert_eq!(legs, summary["rows"].as_u64().unwrap());
    has_nobody("the log", told.stderr.as_bytes(), &people());
    // The same result on standard output, for whoever asks for it.
    let told = at(folder.path(), KEYS[0], &["-q", "sync", "--to", "calls.db", "--json"]);
    let said: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&said["exit"], said["places"].as_array().unwrap().len()), (&0.into(), 1));
}

#[test]
fn a_log_file_is_gone_on_with_and_people_are_still_told() {
    let folder = tempfile::tempdir().unwrap();
    let get = |words: &[&str]| {
        at(folder.path(), KEYS[0], &[&["--log-file", "run.log", "get", "--on", "2026-02-27"], words].concat())
    };
    let told = get(&["-o", "legs.csv", "--summary-file", "s.json"]);
    assert!(told.stderr.contains("legs.csv"), "{}", told.stderr);
    let log = fs::read_to_string(folder.path().join("run.log")).unwrap();
    assert!(log.lines().all(|line| line.contains('Z')) && log.contains(" info run.end "), "{log}");
    assert_eq!(get(&["-o", "no/such/legs.csv"]).code, Some(10));
    let longer = fs::read_to_string(folder.path().join("run.log")).unwrap();
    assert!(
        longer.starts_with(&log)
            && longer.contains(" error dest.error ")
            && longer.contains("code=\"destination\""),
        "{longer}"
    );
    let summary = json(&folder.path().join("s.json"));
    let file = &summary["files"][0];
    let bytes = fs::read(folder.path().join("legs.csv")).unwrap();
    let digest = ring_hex(&bytes);
    assert_eq!((file["bytes"].as_u64(), file["sha256"].as_str()), (Some(bytes.len() as u64), Some(&*digest)));
    assert_eq!(
        (&summary["period"]["from"], &summary["error"]),
        (&"2026-02-27 00:00:00".into(), &Value::Null)
    );
    at(folder.path(), KEYS[0], &["--log-file", "no/such/l", "limits"])
        .refused(3, &["--log-file", "nothing was spent"]);
}

fn ring_hex(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[test]
fn an_error_for_a_program_is_an_object() {
    for (words, code, name) in [
        (&["get", "--on", "2026-13-05", "--json"][..], 2, "usage"),
        (&["get", "--on", "2026-02-27", "--json", "-q", "--where", "durtion > 3"], 2, "usage"),
        (&["limits", "--json", "--no-such-flag"], 2, "usage"),
        (&["redact", "--check", "--json", "missing.csv"], 10, "destination"),
    ] {
        let told = at(Path::new("."), KEYS[0], words);
        assert_eq!(told.code, Some(code), "{words:?}: {}", told.stderr);
        let said: Value = serde_json::from_str(&told.stderr).unwrap();
        assert_eq!((&said["exit"], &said["code"]), (&code.into(), &name.into()), "{said}");
        assert!(said["what"].is_string() && said["cause"].is_string() && said["next"].is_string(), "{said}");
    }
    // In a log on standard error it is the last line.
    let words = ["--log-format", "json", "-q", "get", "--on", "2026-02-27"];
    let told = at(Path::new("."), KEYS[1], &words);
    let (event, end) = events(&told.stderr).pop().unwrap();
    assert_eq!(
        (&*event, &end["exit"], &end["code"]),
        ("run.end", &4.into(), &"key".into()),
        "{}",
        told.stderr
    );
}

#[test]
fn progress_for_a_program_is_an_object_a_line() {
    let told = at(
        Path::new("."),
        KEYS[0],
        &["-q", "--progress", "json", "get", "--on", "2026-02-27", "--format", "csv"],
    );
    let last = events(&told.stderr).pop().unwrap().1;
    assert_eq!((&last["share"], &last["windows"]), (&1.0.into(), &1.into()), "{}", told.stderr);
    assert_eq!(last["rows"].as_u64().unwrap() + 1, told.stdout.lines().count() as u64);
}

/// Whole runs of every command, as they succeed and as they fail: what they say and every file that is not for the legs.
#[test]
fn keys_and_people_are_in_nothing_that_is_not_for_them() {
    let people = people();
    for (key, more) in
        [(KEYS[0], &["-v", "--log-file", "text.log"][..]), (KEYS[1], &["--log-format", "json"])]
    {
        let folder = tempfile::tempdir().unwrap();
        for words in [
            &["get", "--on", "2026-02-27", "-o", "legs.parquet", "--summary-file", "get.json"][..],
            &["get", "--on", "2026-02-27", "--count"],
            &["get", "--on", "2026-02-27", "--explain"],
            &["get", "--on", "2026-02-27", "--max-points", "0", "-o", "none.csv"],
            &["plan", "--month", "2026-02", "--json"],
            &[
                "sync",
                "--to",
                "calls.db",
                "--since",
                "2026-02-27",
                "--summary-file",
                "sync.json",
                "--metrics-file",
                "sync.prom",
            ],
            &["sync", "--to", "lake/", "--since", "2026-02-27"],
            &["state", "show", "--data", "calls.db", "--json"],
            &["state", "export", "--data", "calls.db"],
            &["verify", "--data", "calls.db"],
            &["compact", "--data", "lake/"],
            &["doctor", "--history"],
            &["doctor", "--semantics", "--json"],
            &["limits"],
            &["accounts"],
            &["auth", "status"],
            &["config", "show", "--origin"],
            &["stats", "missed", "--data", "calls.db"],
            &["report", "html", "--data", "calls.db", "-o", "report.html"],
            &["staff", "--data", "calls.db"],
            &[
                "redact",
                "calls.db",
                "-o",
                "shared.csv",
                "--redact",
                "phones=mask,names=drop,staff=drop,records=drop",
            ],
            &["redact", "--check", "legs.parquet"],
            &["sql", "views", "--dialect", "duckdb"],
            &["version"],
        ] {
            let told = at(folder.path(), key, &[more, words].concat());
            for said in [&told.stdout, &told.stderr] {
                assert!(!said.contains(key), "{words:?}: {said}");
                has_nobody(&words.join(" "), said.as_bytes(), &people);
            }
        }
        for name in names(folder.path()) {
            let path = folder.path().join(&name);
            let Ok(bytes) = fs::read(&path) else { continue };
            assert!(!String::from_utf8_lossy(&bytes).contains(key), "{name}");
            let is_for_legs = ["legs.", "calls.db", "report."].iter().any(|begin| name.starts_with(begin));
            if !is_for_legs {
                has_nobody(&name, &bytes, &people);
            }
        }
    }
}
