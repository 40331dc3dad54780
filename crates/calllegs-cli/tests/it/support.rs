//! One emulator with two busy days, and the tool with nothing of this machine's environment but what a test gives.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use calllegs_sandbox::Sandbox;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

/// The emulator that tests share: they only read. 2026-02-27 and 2026-02-28, Europe/Moscow.
pub(crate) fn emulator() -> &'static Sandbox {
    static EMULATOR: OnceLock<Sandbox> = OnceLock::new();
    EMULATOR.get_or_init(|| small().start().unwrap())
}

/// Two days of a small call centre, without limits.
pub(crate) fn small() -> calllegs_sandbox::Builder {
    Sandbox::builder().seed(7).days(2).legs_per_day(400).minute_limit(None).day_limit(None)
}

/// The tool with these arguments.
pub(crate) fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calllegs"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// `get` at this address with the emulator's key.
pub(crate) fn get_at(url: &str, arguments: &[&str]) -> Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", url, "get"]);
    command.args(arguments);
    command
}

/// `get` at the shared emulator.
pub(crate) fn get(arguments: &[&str]) -> Command {
    get_at(&emulator().url(), arguments)
}

/// Both days of the shared emulator.
pub(crate) const BOTH: [&str; 4] = ["--from", "2026-02-27", "--till", "2026-02-28"];

/// `get` of both days.
pub(crate) fn get_both(arguments: &[&str]) -> Command {
    let mut command = get(&BOTH);
    command.args(arguments);
    command
}

/// What a finished run left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn run(command: &mut Command) -> Run {
    finished(command.output().unwrap())
}

pub(crate) fn finished(output: Output) -> Run {
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    /// The rows of JSON Lines.
    pub(crate) fn rows(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        rows(&self.stdout)
    }

    /// The ids of JSON Lines, in order.
    pub(crate) fn ids(&self) -> Vec<i64> {
        ids(&self.rows())
    }

    /// Ends with this code, says all of these on standard error, and nothing on standard output.
    pub(crate) fn refused(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for said in said {
            assert!(self.stderr.contains(said), "`{said}` is not in: {}", self.stderr);
        }
        assert_eq!(self.stdout, "");
    }
}

pub(crate) fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn ids(rows: &[Value]) -> Vec<i64> {
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// What the emulator itself has: ids in the order of their starts.
pub(crate) fn truth(sandbox: &Sandbox, from: &str, till: &str) -> Vec<i64> {
    let at = |day: &str| NaiveDateTime::from(day.parse::<NaiveDate>().unwrap());
    sandbox.legs(at(from), at(till)).into_iter().map(|(id, _)| id).collect()
}

pub(crate) fn sorted(mut ids: Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A file, or all files below a folder, by their names in it.
pub(crate) fn contents(path: &Path) -> BTreeMap<String, Vec<u8>> {
    fn add(path: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
        if path.is_dir() {
            for inner in names(path) {
                add(&path.join(&inner), &format!("{name}/{inner}"), files);
            }
        } else {
            files.insert(name.to_owned(), std::fs::read(path).unwrap());
        }
    }
    let mut files = BTreeMap::new();
    add(path, "", &mut files);
    files
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
