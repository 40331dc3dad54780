//! Where rows go: files that appear whole, pipes that break, the summary.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::Stdio,
};

use serde_json::Value;

use crate::support::{
    BOTH, emulator, finished, get, get_at, get_both, ids, json, names, rows, run, small, truth,
};

#[test]
fn jsonl_csv_and_their_gzip_hold_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let piped = run(&mut get_both(&[]));
    let expected = piped.rows();
    for (name, packed) in [("a.jsonl", false), ("a.jsonl.gz", true), ("a.csv", false), ("a.csv.gz", true)] {
        let path = folder.path().join(name);
        let told = run(&mut get_both(&["-o", path.to_str().unwrap()]));
        assert_eq!((told.code, &*told.stdout), (Some(0), ""), "{}", told.stderr);
        let bytes = fs::read(&path).unwrap();
        let mut text = String::new();
        if packed {
            flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        if name.contains("jsonl") {
            assert_eq!(text, piped.stdout, "{name}");
            continue;
        }
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        assert_eq!(header.len(), 34);
        let mut count = 0;
        for (record, row) in reader.records().zip(&expected) {
            for (name, cell) in header.iter().zip(&record.unwrap()) {
                let told = match &row[name] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    Value::Array(items) => {
                        items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                    }
                    other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => other.to_string(),
                };
                assert_eq!(cell, told, "{name}");
            }
            count += 1;
        }
        assert_eq!(count, expected.len());
    }
    assert_eq!(names(folder.path()), ["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz"]);
}

#[test]
fn the_summary_has_exactly_the_promised_members() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    let flag = ["--summary-file", path.to_str().unwrap()];
    let total = truth(emulator(), "2026-02-27", "2026-03-01").len();
    assert_eq!(run(&mut get_both(&flag)).code, Some(0));
    let text = fs::read_to_string(&path).unwrap();
    let expected = format!(
        "{{\"rows\":{total},\"expected\":{total},\"points\":2,\"calls\":2,\"windows\":1,\"duplicates\":0,\
         \"strays\":0,\"rereads\":0,\"holes\":[],\"complete\":true,\"until\":null,\"exit\":0,\
         \"account\":null,\"period\":{{\"from\":\"2026-02-27 00:00:00\",\"till\":\"2026-03-01 00:00:00\",\
         \"zone\":\"Europe/Moscow\"}},\"files\":[],\"error\":null}}\n"
    );
    assert_eq!(text, expected);

    // A filter of the tool drops rows that the server counts.
    run(get_both(&flag).args(["--where-local", "duration > 30"]));
    let summary = json(&path);
    assert_eq!(summary["expected"], total);
    assert!(summary["rows"].as_u64() < summary["expected"].as_u64());
    assert_eq!(summary["complete"], true);

    // A cut is no failure, and is not complete either: by one page, and by pages.
    for more in [&[][..], &["--where-local", "duration >= 0"]] {
        let told = run(get_both(&flag).args(["--limit", "7"]).args(more));
        assert_eq!(told.rows().len(), 7);
        let summary = json(&path);
        assert_eq!(
            (&summary["rows"], &summary["complete"], &summary["exit"]),
            (&7.into(), &false.into(), &0.into())
        );
    }
    // A limit beyond the last row cuts nothing.
    run(get_both(&flag).args(["--limit", "4000"]));
    assert_eq!((&json(&path)["rows"], &json(&path)["complete"]), (&total.into(), &true.into()));

    // Failures are summed up as well.
    assert_eq!(run(get_both(&flag).env("CALLLEGS_TOKEN", "wrong")).code, Some(4));
    let summary = json(&path);
    assert_eq!(
        (&summary["rows"], &summary["complete"], &summary["exit"]),
        (&0.into(), &false.into(), &4.into())
    );
    assert!(summary["expected"].is_null());
    assert_eq!(run(get(&["--on", "nonsense"]).args(flag)).code, Some(2));
    assert_eq!(json(&path)["exit"], 2);
    assert_eq!(run(get(&["--on", "2020-01-01", "--fail-if-empty"]).args(flag)).code, Some(12));
    assert_eq!(json(&path)["exit"], 12);
    assert_eq!(names(folder.path()), ["summary.json"]);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_without_a_word() {
    for format in ["jsonl", "csv"] {
        let mut child = get_both(&["-q", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(first.contains("id"));
        let told = finished(child.wait_with_output().unwrap());
        assert_eq!((told.code, &*told.stderr), (Some(141), ""), "{format}");
    }
}

#[test]
fn a_run_that_fails_leaves_nothing_under_the_final_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let output = ["-o", path.to_str().unwrap()];
    // Without rows nothing stays at all.
    assert_eq!(run(get_both(&output).env("CALLLEGS_TOKEN", "wrong")).code, Some(4));
    assert_eq!(names(folder.path()), [""; 0]);

    // With rows that were paid for they stay, under another name.
    let emulator = small().legs_per_day(9000).start().unwrap();
    let mut command = get_at(&emulator.url(), &BOTH);
    let told = run(command.args(output).args(["--max-points", "2", "--fields", "id"]));
    assert_eq!(told.code, Some(6), "{}", told.stderr);
    assert!(
        told.stderr.contains("9,980 legs so far in") && told.stderr.contains("a.jsonl.part"),
        "{}",
        told.stderr
    );
    assert_eq!(names(folder.path()), ["a.jsonl.part", "a.jsonl.resume"]);
    let kept = rows(&fs::read_to_string(folder.path().join("a.jsonl.part")).unwrap());
    // The last twenty of the page wait for the next one, which lists them again.
    assert_eq!(ids(&kept).len(), 9980);

    // Another request replaces it only where that is said.
    run(&mut get_both(&output)).refused(10, &["of another request", "nothing was spent"]);
    assert_eq!(run(get_both(&output).arg("--force")).code, Some(0));
    assert_eq!(names(folder.path()), ["a.jsonl"]);
}

#[test]
fn a_destination_that_cannot_be_written_costs_nothing() {
    let emulator = small().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no").join("a.csv");
    for (flag, said) in [("-o", "does not exist"), ("--summary-file", "cannot write")] {
        let told = run(get_at(&emulator.url(), &BOTH).args([flag, path.to_str().unwrap()]));
        told.refused(10, &[said, "nothing was spent"]);
    }
    assert_eq!(emulator.stats().calls, 0);
}

#[test]
fn quiet_is_quiet_and_verbose_says_more() {
    let told = run(&mut get_both(&["-q"]));
    assert_eq!(told.stderr, "");
    assert!(!told.rows().is_empty());
    assert!(run(&mut get_both(&["-q", "--fields", "nonsense"])).stderr.contains("there is no field"));
    assert!(run(&mut get_both(&["-v"])).stderr.contains("key from the emulator's own key"));
}
