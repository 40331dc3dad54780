//! What a text of this tool holds, told by its first line and its rows: it has no place for metadata. Not here: whether it may
//! be replaced.

use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Cursor, Read},
};

use calllegs_arrow::schema::Column;
use calllegs_core::{Period, value::wall_time};
use chrono::{NaiveDateTime, TimeDelta};
use csv::{ByteRecord, ReaderBuilder};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::format::Format;

/// No line that tells a text by its beginning is longer.
const LINE: u64 = 1 << 20;

/// What its rows say of the request that wrote it.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) columns: Vec<String>,
    /// Whose legs they are, where a column says it.
    pub(super) account: Option<String>,
    /// The first and the last start of a leg.
    starts: Option<(NaiveDateTime, NaiveDateTime)>,
}

/// The members of a line that are looked at.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    account: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    start_time: Option<Cow<'a, str>>,
}

impl Text {
    /// Reads it to its end; `None` when this tool has not written it. One column alone is ours where it is what is asked
    /// for now.
    pub(super) fn read(text: impl Read, format: Format, columns: &[String]) -> io::Result<Option<Self>> {
        let mut text = BufReader::new(text);
        let mut first = Vec::new();
        if text.by_ref().take(LINE).read_until(b'\n', &mut first)? == 0 {
            return Ok(Some(Self::default()));
        }
        let Some(names) = names(&first, format, columns) else { return Ok(None) };
        let mut read = Self { columns: names, ..Self::default() };
        let whole = BufReader::new(Cursor::new(&first).chain(text));
        // What is broken further on is ours all the same.
        _ = if format == Format::Jsonl { read.lines(whole) } else { read.cells(whole, delimiter(&first)) };
        Ok(Some(read))
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The time in which its legs start.
    pub(super) fn held(&self) -> Option<Period> {
        let (first, last) = self.starts?;
        Period::new(first, last + TimeDelta::seconds(1)).ok()
    }

    fn lines(&mut self, mut text: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        while text.read_until(b'\n', &mut line)? > 0 {
            if let Ok(Line { account, start_time }) = serde_json::from_slice(&line) {
                self.take(account.as_deref(), start_time.as_deref());
            }
            line.clear();
        }
        Ok(())
    }

    fn cells(&mut self, text: impl Read, delimiter: u8) -> io::Result<()> {
        let mut text = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text);
        let place = |name: &str| self.columns.iter().position(|column| column == name);
        let (account, start) = (place("account"), place("start_time"));
        let mut row = ByteRecord::new();
        while text.read_byte_record(&mut row)? {
            let cell = |place: Option<usize>| std::str::from_utf8(row.get(place?)?).ok();
            self.take(cell(account), cell(start));
        }
        Ok(())
    }

    fn take(&mut self, account: Option<&str>, start: Option<&str>) {
        if let (None, Some(account)) = (&self.account, account) {
            self.account = Some(account.to_owned());
        }
        let day_first = |start| NaiveDateTime::parse_from_str(start, "%d.%m.%Y %H:%M:%S").ok();
        if let Some(start) = start.and_then(|start| wall_time::parse(start).ok().or_else(|| day_first(start)))
        {
            let (first, last) = self.starts.unwrap_or((start, start));
            self.starts = Some((first.min(start), last.max(start)));
        }
    }
}

/// The columns of a text that this tool has written, by its first line.
fn names(line: &[u8], format: Format, columns: &[String]) -> Option<Vec<String>> {
    let is_column = |name: &str| {
        Column::all().iter().any(|column| column.name() == name)
            || columns.iter().any(|column| column == name)
            || Column::is_name_of_joined(name)
    };
    let text = std::str::from_utf8(line).ok()?;
    if format == Format::Jsonl {
        // Written without spaces, and a member that nobody documents is rare.
        let members: Map<String, Value> = serde_json::from_str(text).ok()?;
        let (ours, others): (Vec<_>, Vec<_>) = members.keys().cloned().partition(|name| is_column(name));
        let first = text.strip_prefix("{\"")?.split_once("\":").map(|(name, _)| name)?;
        // Those that were asked for, and whatever the API adds.
        let is_same = columns.len() > 1
            && ours.len() == columns.len()
            && columns.iter().all(|column| members.contains_key(column));
        let is_ours = is_column(first)
            && !text.starts_with(&format!("{{\"{first}\": "))
            && (is_same || others.len() * 8 <= ours.len());
        return is_ours.then_some(ours);
    }
    let names = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let names: Vec<String> = names.split(char::from(delimiter(line))).map(str::to_owned).collect();
    let is_ours = names.iter().all(|name| is_column(name)) && (names.len() > 1 || names == columns);
    is_ours.then_some(names)
}

fn delimiter(line: &[u8]) -> u8 {
    if line.contains(&b';') { b';' } else { b',' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(line: &str, format: Format) -> Option<usize> {
        names(line.as_bytes(), format, &["id".to_owned()]).map(|names| names.len())
    }

    #[test]
    fn texts_of_this_tool_are_known_by_their_first_line() {
        for (line, expected) in [
            ("id,start_time\n", Some(2)),
            ("\u{feff}id;start_time;duration\r\n", Some(3)),
            ("id\n", Some(1)),
            ("duration\n", None),
            ("id,price\n", None),
            ("id, start_time\n", None),
            ("some text\n", None),
            ("", None),
        ] {
            assert_eq!(count(line, Format::Csv), expected, "{line}");
        }
        for (line, expected) in [
            ("{\"id\":1,\"start_time\":null}\n", Some(2)),
            ("{\"id\":1,\"session_is_lost\":true,\"cost_total_charge\":1}\n", Some(3)),
            ("{\"id\":1}\n", Some(1)),
            ("{\"id\":1,\"name\":\"x\"}\n", None),
            ("{\"id\": 1}\n", None),
            ("{\"name\":\"x\"}\n", None),
            ("[1]\n", None),
            ("{\"id\":1", None),
        ] {
            assert_eq!(count(line, Format::Jsonl), expected, "{line}");
        }
        assert!(names(b"\xff\xfe", Format::Csv, &[]).is_none());
    }

    #[test]
    fn rows_say_which_time_a_text_holds() {
        let held = |text: &str, format| {
            let text = Text::read(text.as_bytes(), format, &[]).unwrap().unwrap();
            (text.account.clone(), text.held().map(|held| (held.from().to_string(), held.till().to_string())))
        };
        let time =
            |from: &str, till: &str| Some((format!("2026-10-05 {from}"), format!("2026-10-05 {till}")));
        let csv = "id,start_time\n1,2026-10-05 09:00:00\n2,\n3,2026-10-05 08:00:00\n";
        assert_eq!(held(csv, Format::Csv), (None, time("08:00:00", "09:00:01")));
        let excel =
            "\u{feff}account;contact_full_name;start_time\r\nuis:1;\"a;\r\nb\";05.10.2026 08:00:00\r\n";
        assert_eq!(held(excel, Format::Csv), (Some("uis:1".to_owned()), time("08:00:00", "08:00:01")));
        let lines =
            "{\"id\":1,\"start_time\":\"soon\"}\n[]\n{\"id\":2,\"start_time\":\"2026-10-05 08:00:00\"}\n";
        assert_eq!(held(lines, Format::Jsonl), (None, time("08:00:00", "08:00:01")));
        assert_eq!(held("id,start_time\n", Format::Csv), (None, None));
    }
}
