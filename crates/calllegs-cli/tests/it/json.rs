//! Every command for programs: its result is JSON, and so is the error that it ends with. The commands are those that the tool
//! itself lists, so that a new one has to be tried here.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::support::{Run, emulator, finished, rows, run, tool};

/// What is on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    One,
    Lines,
}

/// Each command that does something, with the words that it takes to do it. `DIR` is a folder.
#[rustfmt::skip] // a table is read in rows
const CASES: &[(&str, &[&str], Form)] = &[
    ("demo", &["--dir", "DIR/demo", "--days", "1", "--legs-per-day", "400"], Form::One),
    ("init", &["--token-stdin"], Form::One),
    ("auth status", &["-p", "default"], Form::One),
    ("profile list", &[], Form::One),
    ("profile show", &["default"], Form::One),
    ("profile use", &["default"], Form::One),
    ("config show", &[], Form::One),
    ("config path", &[], Form::One),
    ("config edit", &[], Form::One),
    ("doctor", &[], Form::One),
    ("get", &["--on", "2026-02-27", "--limit", "3"], Form::Lines),
    ("get", &["--on", "2026-02-27", "--count"], Form::One),
    ("get", &["--on", "2026-02-27", "-o", "DIR/legs.parquet"], Form::One),
    ("plan", &["--on", "2026-02-27"], Form::One),
    ("sync", &["--on", "2026-02-27", "--to", "DIR/calls.db"], Form::One),
    ("sync", &["--on", "2026-02-27", "--to", "DIR/lake/"], Form::One),
    ("state show", &["--data", "DIR/calls.db"], Form::One),
    ("state windows", &["--data", "DIR/calls.db"], Form::Lines),
    ("state runs", &["--data", "DIR/calls.db"], Form::One),
    ("state lateness", &["--data", "DIR/calls.db"], Form::One),
    ("state export", &["--data", "DIR/calls.db"], Form::Lines),
    ("state import", &["--data", "DIR/calls.db"], Form::One),
    ("verify", &["--data", "DIR/calls.db", "--on", "2026-02-27"], Form::One),
    ("state reset", &["--data", "DIR/calls.db", "--from", "2026-02-27"], Form::One),
    ("compact", &["--data", "DIR/lake/"], Form::One),
    ("redact", &["DIR/legs.parquet", "-o", "DIR/shared.csv"], Form::One),
    ("redact", &["--check", "DIR/shared.csv", "--redact", "staff=keep"], Form::One),
    ("redact key new", &[], Form::One),
    ("redact key rotate", &[], Form::One),
    ("sql views", &["--dialect", "sqlite"], Form::One),
    ("sql metrics", &["--dialect", "sqlite", "--only", "heatmap"], Form::One),
    ("sql ddl", &["--dialect", "sqlite"], Form::One),
    ("report", &["html", "--data", "DIR/legs.parquet", "-o", "DIR/report.html"], Form::One),
    ("report", &["xlsx", "--data", "DIR/legs.parquet", "-o", "DIR/report.xlsx"], Form::One),
    ("report", &["term", "--data", "DIR/legs.parquet"], Form::One),
    ("stats", &["missed", "--data", "DIR/legs.parquet"], Form::One),
    ("staff", &["--data", "DIR/legs.parquet"], Form::One),
    ("staff lines", &["--erlangs", "10"], Form::One),
    ("accounts", &[], Form::One),
    ("limits", &[], Form::One),
    ("fields", &[], Form::One),
    ("reasons", &[], Form::One),
    ("explain", &["is_failed"], Form::One),
    ("sandbox serve", &["--fault", "help"], Form::One),
    ("sandbox generate", &["--world", "tiny"], Form::Lines),
    ("sandbox generate", &["--world", "tiny", "--hash"], Form::One),
    ("sandbox generate", &["--world", "tiny", "-o", "DIR/tiny.jsonl"], Form::One),
    ("sandbox truth", &["metrics", "--world", "tiny"], Form::One),
    ("completions", &["bash"], Form::One),
    ("man", &[], Form::One),
    ("man", &["--dir", "DIR/man"], Form::One),
    ("version", &[], Form::One),
    ("auth login", &["--token-stdin", "-p", "default"], Form::One),
    ("auth logout", &["-p", "default"], Form::One),
    ("profile remove", &["default"], Form::One),
];

/// The tool with this folder for everything that it keeps.
fn at(folder: &Path, words: &[&str]) -> Command {
    let mut command = tool(words);
    command
        .arg("--json")
        .current_dir(folder)
        .env("CALLLEGS_CONFIG", folder.join("config.toml"))
        .env("CALLLEGS_CACHE_DIR", folder)
        .env("CALLLEGS_REDACT_KEY_FILE", folder.join("redact.key"))
        .env("EDITOR", "true");
    command
}

/// Runs it with this text on standard input.
fn fed(command: &mut Command, text: &str) -> Run {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A command that reads nothing may have closed it.
    let _unread = child.stdin.take().unwrap().write_all(text.as_bytes());
    finished(child.wait_with_output().unwrap())
}

/// The commands that do something, as the tool lists them.
fn commands() -> Vec<String> {
    let told = run(&mut tool(&["man", "--json"]));
    let all: Vec<Value> = serde_json::from_str(&told.stdout).unwrap();
    let name = |command: &Value| {
        command["command"].as_str().unwrap().trim_start_matches("calllegs").trim().to_owned()
    };
    // `redact` and `staff` do something, and have commands in them too.
    let acts = |command: &&Value| {
        command["has_commands"] == false || ["redact", "staff"].contains(&name(command).as_str())
    };
    all.iter().filter(acts).map(name).collect()
}

#[test]
fn every_command_has_its_result_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    let url = emulator().url();
    let mut ledger = String::new();
    for (name, words, form) in CASES {
        let words: Vec<_> = words.iter().map(|word| word.replace("DIR", dir)).collect();
        let mut line: Vec<_> = name.split(' ').collect();
        line.extend(words.iter().map(String::as_str));
        line.extend(["--brand", "sandbox", "--endpoint", &url, "--yes"]);
        let mut command = at(folder.path(), &line);
        let told = match *name {
            "accounts" => run(command.env("CALLLEGS_TOKEN", "sandbox-agency")),
            "init" | "auth login" => fed(&mut command, "sandbox-acme\n"),
            "state import" => fed(&mut command, &ledger),
            _ => run(&mut command),
        };
        assert_eq!(told.code, Some(0), "{line:?}: {}{}", told.stdout, told.stderr);
        match form {
            Form::One => {
                let said: Value = serde_json::from_str(&told.stdout)
                    .unwrap_or_else(|error| panic!("{line:?}: {error}: {}", told.stdout));
                assert!(said.is_object() || said.is_array(), "{line:?}: {}", told.stdout);
            }
            Form::Lines => assert!(rows(&told.stdout).iter().all(Value::is_object), "{line:?}"),
        }
        if *name == "state export" {
            ledger = told.stdout;
        }
    }
    let tried: BTreeSet<_> = CASES.iter().map(|(name, ..)| *name).collect();
    let untried: Vec<_> = commands().into_iter().filter(|name| !tried.contains(name.as_str())).collect();
    assert_eq!(untried, [""; 0], "commands without a case");
}

#[test]
fn every_error_of_a_command_is_one_object() {
    let object = |told: &Run, line: &[&str]| -> Value {
        assert_eq!(told.stdout, "", "{line:?}");
        let said: Value = serde_json::from_str(&told.stderr)
            .unwrap_or_else(|error| panic!("{line:?}: {error}: {}", told.stderr));
        for member in ["code", "what", "cause", "next"] {
            assert!(
                said[member].as_str().is_some_and(|text| !text.is_empty()),
                "{line:?}: {member} of {said}"
            );
        }
        assert_eq!(said["exit"], told.code.unwrap(), "{line:?}");
        said
    };
    for name in commands() {
        let mut line: Vec<_> = name.split(' ').collect();
        line.extend(["--json", "--no-such-flag"]);
        let told = run(&mut tool(&line));
        assert_eq!(object(&told, &line)["code"], "usage");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    let nowhere = folder.path().join("none/legs.parquet");
    let nowhere = nowhere.to_str().unwrap();
    let nobody = "http://127.0.0.1:1/v2.0";
    #[rustfmt::skip] // a table is read in rows
    let lines: &[(&[&str], &str)] = &[
        (&["get", "--on", "2026-02-27", "--tz", "UTC", "--brand", "sandbox", "--endpoint", nobody, "--retries", "0"], "network"),
        (&["plan", "--on", "2026-02-27", "--brand", "uis"], "key"),
        (&["stats", "missed", "--data", nowhere], "destination"),
        (&["report", "term", "--data", nowhere], "destination"),
        (&["staff", "--data", nowhere], "destination"),
        (&["redact", "--check", nowhere], "destination"),
        (&["state", "show", "--data", "none.db"], "destination"),
        (&["sql", "views", "--dialect", "sqlite", "--from", "2026-02-02", "--till", "2026-02-01"], "usage"),
        (&["explain", "nothing-at-all"], "usage"),
        (&["profile", "show", "nobody"], "config"),
        (&["auth", "logout"], "config"),
        (&["config", "edit"], "config"),
        (&["redact", "key", "new"], "config"),
        (&["man", "nothing"], "usage"),
    ];
    for (line, code) in lines {
        let mut command = at(folder.path(), line);
        let told = run(command.env_remove("EDITOR").env_remove("CALLLEGS_REDACT_KEY_FILE"));
        assert_eq!(object(&told, line)["code"], *code, "{line:?}: {}", told.stderr);
    }
}

/// Notes before the error are not in the way of a program that reads it.
#[test]
fn an_error_is_the_one_object_on_standard_error() {
    let emulator = emulator();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db").display().to_string();
    let to = ["--brand", "sandbox", "--endpoint", &emulator.url()];
    let synced = run(tool(&to).args(["sync", "--on", "2026-02-27", "--to", &place, "--json"]));
    assert_eq!((synced.code, &*synced.stderr), (Some(0), ""));
    for (words, exit) in [
        (
            &[
                "sync",
                "--on",
                "2026-02-27",
                "--to",
                &place,
                "--max-points",
                "0",
                "--full-refresh",
                "2026-02-27",
                "--json",
            ][..],
            2,
        ),
        (&["get", "--on", "2026-02-27", "-o", &place, "--json"], 2),
        (&["get", "--on", "2026-02-27", "--max-points", "0", "--count", "--json"], 6),
        (&["redact", "--check", "a.csv", "b.csv", "--json"], 2),
        (&["redact", "--check", &place, "--json"], 11),
    ] {
        let told = run(tool(&to).args(words));
        assert_eq!(told.code, Some(exit), "{words:?}: {}", told.stderr);
        let error: Value = serde_json::from_str(&told.stderr).unwrap();
        assert_eq!(error["exit"], exit, "{words:?}");
    }
}
