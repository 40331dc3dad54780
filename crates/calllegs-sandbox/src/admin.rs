//! The addresses under `/__sandbox/`: what was asked, what is true, what goes wrong. They are no part of the API, cost
//! no points, and are in no journal. The crate's page lists them.

use std::fmt::Write as _;

use calllegs_core::value::wall_time;
use chrono::NaiveDateTime;
use serde::Serialize;

use crate::{emulator::Emulator, fault::Fault};

/// Where the addresses begin.
pub(crate) const ROOT: &str = "/__sandbox/";

/// An answer: status, type, body.
pub(crate) type Reply = (u16, &'static str, String);

const TEXT: &str = "text/plain; charset=UTF-8";
const JSON: &str = "application/json; charset=UTF-8";
const LINES: &str = "application/x-ndjson; charset=UTF-8";

/// Answers a request to the address `name` below the root.
pub(crate) fn answer(emulator: &mut Emulator, method: &str, name: &str, query: &str, body: &[u8]) -> Reply {
    let answered = match (method, name) {
        ("GET", "requests") => requests(emulator, query),
        ("GET", "stats") => json(&emulator.stats()),
        ("GET", "truth") => truth(emulator, query),
        ("GET", "faults") => json(&emulator.faults().map(ToString::to_string).collect::<Vec<_>>()),
        ("POST", "faults") => faults(emulator, body),
        ("POST", "reset") => {
            emulator.reset();
            Ok((JSON, "{}\n".to_owned()))
        }
        (_, "requests" | "stats" | "truth" | "faults" | "reset") => {
            return (405, TEXT, "GET, or POST where something changes\n".to_owned());
        }
        _ => {
            let known = "requests?since=N, stats, truth?from=&till=, faults, reset";
            return (404, TEXT, format!("below {ROOT} there are {known}\n"));
        }
    };
    match answered {
        Ok((content_type, body)) => (200, content_type, body),
        Err(reason) => (400, TEXT, format!("{reason}\n")),
    }
}

type Answered = Result<(&'static str, String), String>;

fn requests(emulator: &Emulator, query: &str) -> Answered {
    let since = match parameter(query, "since") {
        Some(text) => text.parse().map_err(|_| "`since` is the number of a request".to_owned())?,
        None => 0_u64,
    };
    let mut lines = String::new();
    for entry in emulator.journal().filter(|entry| entry.number > since) {
        lines.push_str(&json(entry)?.1);
    }
    Ok((LINES, lines))
}

fn truth(emulator: &Emulator, query: &str) -> Answered {
    let time = |name: &str, unless_given: NaiveDateTime| match parameter(query, name) {
        Some(text) => wall_time::parse(&text)
            .map_err(|_| format!("write `{name}` as 2026-03-02 10:15:04, encoded for an address")),
        None => Ok(unless_given),
    };
    let mut lines = String::new();
    for (id, start) in emulator.legs(time("from", NaiveDateTime::MIN)?, time("till", NaiveDateTime::MAX)?) {
        let start = wall_time::format(start);
        writeln!(lines, r#"{{"id":{id},"start_time":"{start}"}}"#).map_err(|error| error.to_string())?;
    }
    Ok((LINES, lines))
}

fn faults(emulator: &mut Emulator, body: &[u8]) -> Answered {
    let texts: Vec<String> = serde_json::from_slice(body)
        .map_err(|_| r#"send a JSON array of faults, such as ["http-500:n=3"]"#.to_owned())?;
    let faults = texts.iter().map(|text| text.parse::<Fault>()).collect::<Result<_, _>>();
    emulator.set_faults(faults.map_err(|error| error.to_string())?);
    json(&texts)
}

fn json(value: &impl Serialize) -> Answered {
    let mut text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    text.push('\n');
    Ok((JSON, text))
}

/// The value of a parameter of the address, decoded; an empty one is none.
fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(found, value)| *found == name && !value.is_empty())?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
