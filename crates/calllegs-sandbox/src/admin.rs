//! The addresses under `/__sandbox/`: what was asked, what is true, what goes wrong. They are no part of the API, cost
//! no points, and are in no journal. The crate's page lists them.

use std::time::Duration;

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
    value::wall_time,
};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::{
    clock::{self, written},
    clocked::Clocked,
    emulator::Emulator,
    fault::Fault,
    methods, page,
    truth::TruthQuery,
};

/// Where the addresses begin.
pub(crate) const ROOT: &str = "/__sandbox/";

/// An answer: status, type, body.
pub(crate) type Reply = (u16, &'static str, String);

const TEXT: &str = "text/plain; charset=UTF-8";
const HTML: &str = "text/html; charset=UTF-8";
const JSON: &str = "application/json; charset=UTF-8";
const LINES: &str = "application/x-ndjson; charset=UTF-8";

/// A request to an address below the root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) name: &'a str,
    pub(crate) query: &'a str,
    /// The address of the server as the caller knows it.
    pub(crate) host: &'a str,
}

/// Answers it. `real` is the machine's time.
pub(crate) fn answer(clocked: &mut Clocked, real: Duration, asked: Asked<'_>, body: &[u8]) -> Reply {
    let Asked { method, name, query, host } = asked;
    let emulator = &mut clocked.emulator;
    let answered = match (method, name) {
        ("GET", "") => {
            let now = clocked.instant(real);
            Ok((HTML, page::page(&clocked.emulator, now, host)))
        }
        ("GET", "clock") => shown(clocked, real),
        ("POST", "clock") => set_clock(clocked, real, body),
        ("GET", "customers") => customers(emulator),
        ("GET", "new-field") => new_field(emulator),
        ("POST", "new-field") => set_new_field(emulator, body),
        ("GET", "requests") => requests(emulator, query),
        ("GET", "stats") => json(&emulator.stats()),
        ("GET", "truth") => truth(emulator, query),
        ("GET", "truth/sessions") => sessions(emulator, query),
        ("GET", "truth/metrics") => metrics(emulator, query),
        ("GET", "truth/employees") => employees(emulator, query),
        ("GET", "faults") => json(&emulator.faults().map(ToString::to_string).collect::<Vec<_>>()),
        ("POST", "faults") => faults(emulator, body),
        ("POST", "reset") => {
            emulator.reset();
            Ok((JSON, "{}\n".to_owned()))
        }
        (
            _,
            "" | "clock" | "customers" | "faults" | "new-field" | "requests" | "reset" | "stats" | "truth"
            | "truth/employees" | "truth/sessions" | "truth/metrics",
        ) => {
            return (405, TEXT, "GET, or POST where something changes\n".to_owned());
        }
        _ => {
            let known = "requests?since=N, stats, truth?from=&till=&fields=&method=&user_id=, truth/sessions, \
                         truth/metrics, truth/employees, customers, faults, clock, new-field, reset, and a page about all of it";
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

/// The period, where one is said.
fn period(query: &str) -> Result<(Option<NaiveDateTime>, Option<NaiveDateTime>), String> {
    let time = |name: &str| match parameter(query, name) {
        Some(text) => wall_time::parse(&text)
            .map(Some)
            .map_err(|_| format!("write `{name}` as 2026-03-02 10:15:04, encoded for an address")),
        None => Ok(None),
    };
    Ok((time("from")?, time("till")?))
}

/// A parameter that is a number.
fn number(query: &str, name: &str) -> Result<Option<i64>, String> {
    let number = parameter(query, name).map(|text| text.parse());
    number.transpose().map_err(|_| format!("`{name}` is a number"))
}

/// What is asked of the truth about calls.
fn truth_query(query: &str) -> Result<TruthQuery, String> {
    let seconds = |name: &str, usual: i64| Ok::<_, String>(number(query, name)?.unwrap_or(usual));
    let usual = TruthQuery::default();
    let (from, till) = period(query)?;
    Ok(TruthQuery {
        period: (from.is_some() || till.is_some())
            .then(|| (from.unwrap_or(NaiveDateTime::MIN), till.unwrap_or(NaiveDateTime::MAX))),
        answer_within: seconds("answer_within", usual.answer_within)?,
        short_abandon: seconds("short_abandon", usual.short_abandon)?,
        callback_window: seconds("callback_window", usual.callback_window)?,
        repeat_window: seconds("repeat_window", usual.repeat_window)?,
    })
}

const NO_CALLS: &str =
    "there is no such user, or there are no made-up calls of it, or more than a million legs on demand";

fn sessions(emulator: &Emulator, query: &str) -> Answered {
    let sessions = emulator.truth_sessions(number(query, "user_id")?, &truth_query(query)?);
    let mut lines = String::new();
    for session in sessions.ok_or(NO_CALLS)? {
        lines.push_str(&json(&session)?.1);
    }
    Ok((LINES, lines))
}

fn metrics(emulator: &Emulator, query: &str) -> Answered {
    let metrics = emulator.truth_metrics(number(query, "user_id")?, &truth_query(query)?);
    json(&metrics.ok_or(NO_CALLS)?)
}

fn employees(emulator: &Emulator, query: &str) -> Answered {
    let employees = emulator.truth_employees(number(query, "user_id")?, &truth_query(query)?);
    let mut lines = String::new();
    for employee in employees.ok_or(NO_CALLS)? {
        lines.push_str(&json(&employee)?.1);
    }
    Ok((LINES, lines))
}

fn truth(emulator: &Emulator, query: &str) -> Answered {
    let (from, till) = period(query)?;
    let (from, till) = (from.unwrap_or(NaiveDateTime::MIN), till.unwrap_or(NaiveDateTime::MAX));
    let user = number(query, "user_id")?;
    let named = parameter(query, "method").unwrap_or_else(|| CallLegs::METHOD.name.to_owned());
    let method = methods::all().into_iter().find(|method| method.name == named);
    let method = method.ok_or_else(|| format!("there is no method `{named}`"))?;
    let is_legs = method.name == CallLegs::METHOD.name;
    let usual = if is_legs { "id,start_time" } else { "" };
    let named = parameter(query, "fields").unwrap_or_else(|| usual.to_owned());
    let mut fields = Vec::<&FieldInfo>::new();
    for name in named.split(',').filter(|name| !name.is_empty()) {
        let field = method.field(name);
        fields.push(field.ok_or_else(|| format!("rows of `{}` have no field `{name}`", method.name))?);
    }
    if fields.is_empty() {
        fields.extend(method.fields);
    }
    let rows = emulator.truth_of(method, user, from, till, fields);
    let rows = rows.ok_or("there is no such user, or nobody makes rows of this method")?;
    Ok((LINES, rows.into_iter().map(|row| row + "\n").collect()))
}

/// What a request puts the clock to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum ClockOrder {
    Advance(String),
    Set(String),
}

fn shown(clocked: &Clocked, real: Duration) -> Answered {
    let now = clocked.instant(real);
    let local = now.with_timezone(&clocked.emulator.zone()).naive_local();
    json(&serde_json::json!({"now": written(now), "local": wall_time::format(local).to_string()}))
}

fn set_clock(clocked: &mut Clocked, real: Duration, body: &[u8]) -> Answered {
    let order = serde_json::from_slice(body);
    match order.map_err(|_| r#"send {"advance":"26h"} or {"set":"2026-03-02T10:00:00"}"#.to_owned())? {
        ClockOrder::Advance(span) => {
            clocked.advance(clock::span(&span).map_err(|error| error.to_string())?, real);
        }
        ClockOrder::Set(time) => {
            let at = clock::instant(&time, clocked.emulator.zone());
            clocked.set(at.map_err(|error| error.to_string())?, real);
        }
    }
    shown(clocked, real)
}

fn customers(emulator: &Emulator) -> Answered {
    let mut lines = String::new();
    for customer in emulator.customers() {
        let line = serde_json::json!({"app_id": customer.app_id, "name": customer.name, "users": customer.users,
            "legs": customer.legs, "condition": customer.condition.as_str()});
        lines.push_str(&json(&line)?.1);
    }
    Ok((LINES, lines))
}

fn new_field(emulator: &Emulator) -> Answered {
    json(&serde_json::json!({"name": emulator.new_field().map(ToString::to_string)}))
}

fn set_new_field(emulator: &mut Emulator, body: &[u8]) -> Answered {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        name: Option<String>,
    }
    let order: Order = serde_json::from_slice(body)
        .map_err(|_| r#"send {"name":"ai_score"}, or {"name":null} to end it"#.to_owned())?;
    let field = order.name.map(|name| name.parse()).transpose();
    emulator.set_new_field(field.map_err(|error: crate::NewFieldError| error.to_string())?);
    new_field(emulator)
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
