//! The other commands: demo, sandbox serve, dictionaries, version, help.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::Value;

use crate::support::{get_at, names, rows, run, tool};

#[test]
fn the_demo_writes_every_leg_whatever_the_bounds_mean() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("d");
    let mut first = None;
    for bounds in ["exclusive", "inclusive", "half-open"] {
        // The folder is there from the second time on.
        let mut command =
            tool(&["demo", "--days", "2", "--legs-per-day", "400", "--bounds", bounds, "--dir"]);
        let told = run(command.arg(&dir));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let bytes = fs::read(dir.join("call_legs.parquet")).unwrap();
        let file = fs::File::open(dir.join("call_legs.parquet")).unwrap();
        let (count, _) = calllegs_arrow::parquet::read_back(file).unwrap();
        assert!((300..1000).contains(&count));
        assert!(told.stdout.contains(&format!("{count} rows, {count} distinct ids")), "{}", told.stdout);
        let page = fs::read_to_string(dir.join("report.html")).unwrap();
        assert!(page.starts_with("<!doctype html>") && told.stdout.contains("5/5 report"), "{}", told.stdout);
        // A few rows, three numbers, and how to install it.
        let table: Vec<_> =
            told.stdout.lines().skip_while(|line| !line.starts_with("start_time")).take(6).collect();
        assert!(table[0].ends_with("finish_reason") && table[5].starts_with("2026-02-2"), "{}", told.stdout);
        assert!(told.stdout.contains(&format!("\n{count} legs, ")), "{}", told.stdout);
        assert!(told.stdout.contains(" % of the calls answered"), "{}", told.stdout);
        assert!(told.stdout.contains("cargo install --path crates/calllegs-cli"), "{}", told.stdout);
        assert!(
            told.stdout.contains("sandbox serve")
                && told.stdout.contains("--brand sandbox get --on yesterday")
        );
        assert_eq!(names(&dir), ["call_legs.parquet", "calls.db", "report.html"]);
        assert_eq!(*first.get_or_insert_with(|| bytes.clone()), bytes);
    }
}

#[test]
fn the_demo_needs_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    run(tool(&["demo", "--days", "1", "--dir"]).arg(&file)).refused(10, &["cannot make the folder", "--dir"]);
}

/// Serves until it is interrupted, and says where.
#[cfg(unix)]
fn serve(arguments: &[&str], with: impl FnOnce(&str, &str)) {
    let mut command = tool(&["sandbox", "serve", "--port", "0"]);
    let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let greeting: Vec<_> = lines.by_ref().take_while(|line| !line.starts_with("stop")).collect();
    let greeting = greeting.join("\n");
    let url = greeting.split_whitespace().find(|word| word.starts_with("http://"));
    with(url.unwrap_or_else(|| panic!("no address in: {greeting}")), &greeting);
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_served_emulator_has_yesterday_and_ends_at_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("port");
    let arguments = ["--port-file", file.to_str().unwrap(), "--days", "2", "--legs-per-day", "400"];
    serve(&arguments, |url, greeting| {
        let port = fs::read_to_string(&file).unwrap();
        assert!(url.contains(&format!(":{}/", port.trim())), "{url} {port}");
        assert!(!run(&mut get_at(url, &["--on", "yesterday"])).rows().is_empty());
        for said in
            ["zone Europe/Moscow", "sandbox-acme", "60 points a minute, 3,000 points a day", "exclusive"]
        {
            assert!(greeting.contains(said), "{said}: {greeting}");
        }
        // The line that is offered works.
        let offered = greeting.lines().find(|line| line.starts_with("try")).unwrap();
        let arguments: Vec<_> = offered.split_whitespace().skip(2).collect();
        assert!(!run(&mut tool(&arguments)).rows().is_empty(), "{offered}");
    });
}

#[cfg(unix)]
#[test]
fn rows_of_a_file_are_served_and_fetched_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("legs.jsonl");
    let all = rows(&run(&mut crate::support::get_both(&[])).stdout);
    let mut text = String::new();
    for row in &all[..50] {
        text.push_str(&row.to_string());
        text.push('\n');
    }
    fs::write(&file, &text).unwrap();
    serve(
        &["--data", file.to_str().unwrap(), "--tz", "Asia/Jerusalem", "--limit", "none"],
        |url, greeting| {
            let told = run(&mut get_at(url, &["--month", "2026-02"]));
            assert_eq!(told.rows(), all[..50]);
            assert!(told.stderr.contains("Asia/Jerusalem (account)"));
            assert!(greeting.contains("50 legs") && greeting.contains("limits   none"), "{greeting}");
        },
    );
    fs::write(&file, format!("{text}{{\"id\":\n")).unwrap();
    let bad = run(&mut tool(&["sandbox", "serve", "--port", "0", "--data", file.to_str().unwrap()]));
    bad.refused(2, &["line 51"]);
}

#[test]
fn the_dictionaries_are_whole() {
    let fields = run(&mut tool(&["fields", "--json"]));
    let fields: Vec<Value> = serde_json::from_str(&fields.stdout).unwrap();
    assert_eq!(fields.len(), 34);
    let id = &fields[0];
    assert_eq!((&id["name"], &id["type"]), (&"id".into(), &"number".into()));
    assert_eq!(
        (&id["filterable"], &id["sortable"], &id["default"]),
        (&true.into(), &false.into(), &true.into())
    );
    assert!(fields.iter().all(|field| field["summary"].as_str().is_some_and(|text| !text.is_empty())));
    assert!(fields.iter().any(|field| field["deprecated"] == true));

    let reasons = run(&mut tool(&["reasons", "--json"]));
    let reasons: Vec<Value> = serde_json::from_str(&reasons.stdout).unwrap();
    assert_eq!(reasons.len(), 64);
    let aliases = reasons.iter().map(|reason| reason["aliases"].as_array().unwrap().len()).sum::<usize>();
    assert_eq!(aliases, 5);

    let fields = run(&mut tool(&["fields"])).stdout;
    assert_eq!(fields.lines().take_while(|line| !line.is_empty()).count(), 35);
    assert!(fields.contains("Conditions, for --where") && fields.contains("finish_reason in ("), "{fields}");
    assert_eq!(run(&mut tool(&["reasons"])).stdout.lines().count(), 65);
    let callgear = run(&mut tool(&["--brand", "callgear", "fields", "--json"])).stdout;
    assert!(!callgear.contains("wav_call_records"));
}

#[test]
fn versions_and_help() {
    let version = format!("calllegs {}\n", env!("CARGO_PKG_VERSION"));
    let told = run(&mut tool(&["version"])).stdout;
    assert!(told.starts_with(&version) && told.contains("\nrules of time zones: 20"), "{told}");
    assert_eq!(run(&mut tool(&["--version"])).stdout, version);
    let help = run(&mut tool(&["get", "--help"]));
    assert_eq!((help.code, &*help.stderr), (Some(0), ""));
    for told in ["Examples:", "last-7d", "прошлая-неделя", "--summary-file"] {
        assert!(help.stdout.contains(told), "{told}");
    }
}
