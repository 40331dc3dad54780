//! The page for people at `/__sandbox/`: what is served, how to ask, what was asked. One text without scripts, and nothing
//! from elsewhere. Not here: the addresses that it links to (`admin`).

use std::fmt::{self, Write as _};

use chrono::{DateTime, Utc};

use crate::{clock::written, emulator::Emulator, journal::Entry, quota::Points};

/// Requests that it shows.
const SHOWN: usize = 20;

/// Below the page: address, what is there.
const LINKS: [(&str, &str); 10] = [
    ("requests", "the journal, as JSON Lines"),
    ("stats", "its sums"),
    ("truth", "id and start of every leg, as JSON Lines"),
    ("truth/sessions", "what became of every made-up call, as JSON Lines"),
    ("truth/metrics", "the metrics D1 to D14 of the made-up calls"),
    ("truth/employees", "cost and talk of every employee, as JSON Lines"),
    ("customers", "the clients of partners"),
    ("faults", "the faults in force"),
    ("clock", "the clock"),
    ("new-field", "the member of every row that no page documents"),
];

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse}td,th{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}\
    pre{overflow-x:auto;padding:.8rem;border:1px solid #8888}code{font-size:.95em}\
    :root{color-scheme:light dark}";

/// The page. `host` is the address that it was asked at.
pub(crate) fn page(emulator: &Emulator, now: DateTime<Utc>, host: &str) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _infallible = write(&mut out, emulator, now, host);
    out
}

fn write(out: &mut String, emulator: &Emulator, now: DateTime<Utc>, host: &str) -> fmt::Result {
    let host = Escaped(host);
    let (accounts, legs) = emulator.size();
    let days = emulator.days();
    let period = days.map_or_else(|| "none".to_owned(), |(first, last)| format!("{first} … {last}"));
    let zone = emulator.zone();
    let local = now.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
    let stats = emulator.stats();
    let faults: Vec<_> = emulator.faults().map(ToString::to_string).collect();
    let faults = if faults.is_empty() { "none".to_owned() } else { faults.join(" ") };
    let mut rows = vec![
        ("API", format!("http://{host}/v2.0")),
        ("Data", emulator.described()),
        ("Legs", format!("{legs} of {accounts} accounts; those of Acme: {period}")),
        ("Clock", format!("{local} in {zone}, {} UTC", written(now))),
        ("Points", format!("{}; {} charged so far", points(emulator.points()), stats.points)),
        ("Requests", format!("{}, of which {} were refused", stats.calls, stats.refused)),
        ("Faults", Escaped(&faults).to_string()),
    ];
    rows.push(("Key of Acme", "sandbox-acme, or login demo with password demo".to_owned()));
    rows.push((
        "Key of a partner",
        "sandbox-agency; user_id 320001 or 330001 acts for a customer".to_owned(),
    ));
    if emulator.customers().len() > 2 {
        rows.push(("Key of a partner with many clients", "sandbox-hundred".to_owned()));
    }
    write!(out, "<!doctype html><html lang=en><meta charset=utf-8><title>calllegs sandbox</title>")?;
    write!(out, "<meta name=viewport content=\"width=device-width\"><style>{STYLE}</style>")?;
    write!(
        out,
        "<h1>calllegs sandbox</h1><p>An emulator of the Data API. All people and numbers are invented.</p>"
    )?;
    write!(out, "<table>")?;
    for (name, text) in rows {
        write!(out, "<tr><th>{name}<td>{text}")?;
    }
    write!(out, "</table><h2>Read and control</h2><table>")?;
    for (name, meaning) in LINKS {
        write!(out, "<tr><td><a href=\"/__sandbox/{name}\"><code>{name}</code></a><td>{meaning}")?;
    }
    let day = days.map(|(_, last)| last).unwrap_or_default();
    let next = day.succ_opt().unwrap_or(day);
    write!(
        out,
        "</table><h2>Try</h2><pre>\
         curl http://{host}/v2.0 -d '{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get.call_legs_report\",\"params\":{{\
         \"access_token\":\"sandbox-acme\",\"date_from\":\"{day} 00:00:00\",\"date_till\":\"{next} 00:00:00\",\
         \"limit\":10}}}}'\n\
         curl 'http://{host}/__sandbox/truth/metrics?from={day}+00:00:00&amp;till={next}+00:00:00'\n\
         curl http://{host}/__sandbox/clock -d '{{\"advance\":\"26h\"}}'\n\
         curl http://{host}/__sandbox/faults -d '[\"http-500:n=3\"]'\n\
         curl -X POST http://{host}/__sandbox/reset</pre>"
    )?;
    write!(
        out,
        "<h2>Last requests</h2><table><tr><th>#<th>Method<th>From<th>Till<th>Rows<th>Points<th>Became"
    )?;
    let requests: Vec<&Entry> = emulator.journal().collect();
    for entry in requests.iter().rev().take(SHOWN) {
        let said = |text: &Option<String>| Escaped(text.as_deref().unwrap_or_default()).to_string();
        let became = entry.refused.as_deref().or(entry.fault).or(entry.remark).unwrap_or("answered");
        write!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
            entry.number,
            Escaped(&entry.method),
            said(&entry.date_from),
            said(&entry.date_till),
            entry.rows,
            entry.points,
            Escaped(became)
        )?;
    }
    writeln!(out, "</table></html>")
}

fn points(points: Points) -> String {
    let known = [(points.minute, "minute"), (points.hour, "hour"), (points.day, "day")];
    let known: Vec<_> =
        known.into_iter().filter_map(|(points, span)| Some(format!("{} a {span}", points?))).collect();
    if known.is_empty() { "no limit".to_owned() } else { known.join(", ") }
}

/// Text that may be anybody's.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                character => f.write_char(character)?,
            }
        }
        Ok(())
    }
}
