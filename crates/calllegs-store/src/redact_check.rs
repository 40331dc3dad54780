//! What is left of people in a place: numbers, addresses of mail, names and recordings, by the names of columns and by the
//! values themselves. Not here: taking it off
//! ([`redact`](crate::redact)).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray, types::Int64Type};
use calllegs_arrow::schema::{Column, ColumnKind};
use calllegs_core::value::phone::HIDDEN;
use serde::Serialize;

use crate::{
    error::Error,
    read::Reading,
    redact::{OWN, PARTIES, Redaction, is_pseudonym},
    wanted::Wanted,
};

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftKind {
    /// An address of mail.
    Email,
    /// Something stands in a column of names.
    Name,
    /// Ten to fifteen digits.
    Phone,
    /// The id of a recording: whoever has it can hear the call.
    Record,
}

impl fmt::Display for LeftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "addresses of mail",
            Self::Name => "names",
            Self::Phone => "phone numbers",
            Self::Record => "ids of recordings",
        })
    }
}

/// What a column still has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Left {
    /// The column.
    pub column: String,
    /// What its values look like.
    pub kind: LeftKind,
    /// In how many rows.
    pub rows: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// Rows that were looked at.
    pub rows: u64,
    /// What is left, by column.
    pub left: Vec<Left>,
    /// Columns with texts that people have written, which may say anything.
    pub free_texts: Vec<String>,
    /// Columns with values that are kept on purpose, and so were not looked at.
    pub kept: Vec<String>,
}

/// Looks at every value of a place, also of columns that nobody knows; of a database, at those of legs. What the redaction
/// keeps on purpose is not looked at, and neither are the account's own numbers.
///
/// # Errors
/// When it cannot be read.
pub fn check(place: &mut Reading, kept: Option<&Redaction>) -> Result<Checked, Error> {
    let mut seen =
        Seen { kept, rows: 0, left: BTreeMap::new(), free_texts: BTreeSet::new(), passed: BTreeSet::new() };
    place.read(&Wanted::everything(), |batch| {
        seen.look(&batch);
        Ok::<_, Error>(())
    })?;
    let left = seen.left.into_iter().map(|((column, kind), rows)| Left { column, kind, rows });
    Ok(Checked {
        rows: seen.rows,
        left: left.collect(),
        free_texts: seen.free_texts.into_iter().collect(),
        kept: seen.passed.into_iter().collect(),
    })
}

/// Names of scenarios and the like, which people choose.
const FREE_TEXTS: [&str; 3] = ["action_name", "group_name", "scenario_name"];

struct Seen<'r> {
    kept: Option<&'r Redaction>,
    rows: u64,
    left: BTreeMap<(String, LeftKind), u64>,
    free_texts: BTreeSet<String>,
    passed: BTreeSet<String>,
}

impl Seen<'_> {
    fn look(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        let own = batch.column_by_name(OWN).and_then(|own| own.as_string_opt::<i32>());
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let name = field.name().as_str();
            if is_no_text(name) || name == OWN {
                continue;
            }
            if self.kept.is_some_and(|kept| kept.keeps_on_purpose(name)) {
                if array.null_count() < array.len() {
                    self.passed.insert(name.to_owned());
                }
                continue;
            }
            for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
                let own = own.filter(|own| PARTIES.contains(&name) && own.is_valid(row));
                let own = own.map(|own| own.value(row)).filter(|own| !own.is_empty());
                let kinds: BTreeSet<LeftKind> = if let Some(texts) = array.as_string_opt::<i32>() {
                    look_at(name, texts.value(row), own).collect()
                } else if let Some(lists) = array.as_list_opt::<i32>() {
                    let list = lists.value(row);
                    let texts: Option<&StringArray> = list.as_string_opt();
                    texts.into_iter().flatten().flatten().flat_map(|text| look_at(name, text, own)).collect()
                } else {
                    // Of a column that nobody knows.
                    number(array, row).iter().flat_map(|text| look_at(name, text, own)).collect()
                };
                if FREE_TEXTS.contains(&name) {
                    self.free_texts.insert(name.to_owned());
                }
                for kind in kinds {
                    *self.left.entry((name.to_owned(), kind)).or_default() += 1;
                }
            }
        }
    }
}

/// A whole number as text.
fn number(array: &dyn Array, row: usize) -> Option<String> {
    Some(array.as_primitive_opt::<Int64Type>()?.value(row).to_string())
}

/// Whether it is a column of ours with times, truths, or numbers that are no phones.
fn is_no_text(name: &str) -> bool {
    let known = Column::all().iter().chain(Column::version()).find(|column| column.name() == name);
    known.is_some_and(|column| {
        !matches!(column.kind(), ColumnKind::Text | ColumnKind::TextList)
            || column.name().starts_with("cl_")
            || column.name() == "account"
    })
}

/// What a value looks like.
fn look_at(column: &str, text: &str, own: Option<&str>) -> impl Iterator<Item = LeftKind> {
    let is_there = !text.is_empty() && !is_pseudonym(text) && own != Some(text);
    let is_of_records = column.ends_with("call_records");
    [
        (is_there && has_email(text)).then_some(LeftKind::Email),
        (is_there && column.ends_with("full_name") && text != HIDDEN).then_some(LeftKind::Name),
        (is_there && !is_of_records && has_phone(text)).then_some(LeftKind::Phone),
        (is_there && (is_of_records && has_word(text) || has_record(text))).then_some(LeftKind::Record),
    ]
    .into_iter()
    .flatten()
}

/// Whether a list, as texts have it, has anything but pseudonyms.
fn has_word(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| !word.is_empty() && !is_pseudonym(word))
}

fn has_email(text: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    text.match_indices('@').any(|(place, _)| {
        let (before, behind) = text.split_at(place);
        let host: String = behind.chars().skip(1).take_while(|c| is_of_name(*c)).collect();
        before.ends_with(is_of_name) && host.trim_matches('.').contains('.')
    })
}

/// Thirty-two hexadecimal digits, as recordings have.
fn has_record(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit())
        .any(|run| run.len() == 32 && run.bytes().any(|byte| !byte.is_ascii_digit()))
}

/// Ten to fifteen digits, with what stands between those of a number. Neither dates nor addresses of machines are any.
fn has_phone(text: &str) -> bool {
    // Hyphens and dashes of all kinds among them.
    let is_dash = |c: char| {
        ('\u{2010}'..='\u{2015}').contains(&c)
            || "-\u{ad}\u{2043}\u{2212}\u{fe58}\u{fe63}\u{ff0d}".contains(c)
    };
    let is_between = |c: char| c.is_ascii_digit() || "+()_ \u{a0}\u{202f}".contains(c) || is_dash(c);
    let has_number = |run: &str| {
        let digits = |run: &str| run.bytes().filter(u8::is_ascii_digit).count();
        let is_long = |run: &str| (10..=15).contains(&digits(run));
        // Several numbers in a row, or a number behind a date.
        run.split_whitespace().any(|word| is_long(word) && !is_date(word))
            || (is_long(run) && !run.split_whitespace().any(is_date))
    };
    // Dots and slashes stand between more groups of a number than there are parts of a fraction.
    let is_dotted = |word: &str| word.matches(['.', '/']).count() > 1 && !is_date(word) && !is_machine(word);
    text.split(|c: char| !is_between(c)).any(has_number)
        || text
            .split(|c: char| !is_between(c) && !"./".contains(c))
            .flat_map(str::split_whitespace)
            .any(|word| is_dotted(word) && has_number(word))
}

/// Whether a word begins as dates do: `2026-03-02`, `02.03.2026`, `2026/03/02`.
fn is_date(word: &str) -> bool {
    let parts: Vec<_> = word.split(['-', '.', '/']).map(str::len).take(3).collect();
    parts == [4, 2, 2] || parts == [2, 2, 4]
}

/// Whether it is the address of a machine: four numbers up to 255.
fn is_machine(word: &str) -> bool {
    word.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(column: &str, text: &str) -> Vec<LeftKind> {
        look_at(column, text, Some("74951112233")).collect()
    }

    #[test]
    fn numbers_addresses_names_and_recordings_are_seen() {
        for text in [
            "79161234567",
            "+7 916 123-45-67",
            "call 8(916)123-45-67 back",
            "8–916–123–45–67",
            "8_916_123_45_67",
            "8.916.123.45.67",
            "+7.916.123.45.67",
            "8/916/1234567",
            "call 8-916.123.45.67 or mail",
            "8−916−123−45−67",
            "8\u{202f}916\u{202f}1234567",
            "2026-03-02 79161234567",
            r#"{"note":"9161234567"}"#,
        ] {
            assert_eq!(kinds("whatever", text), [LeftKind::Phone], "{text}");
        }
        assert_eq!(kinds("action_name", "to anna.i@example.ru"), [LeftKind::Email]);
        assert_eq!(kinds("contact_full_name", "Анна"), [LeftKind::Name]);
        assert_eq!(kinds("x_call_records", "a1"), [LeftKind::Record]);
        assert_eq!(kinds("note", "9f3c0a11b2d4e5f60718293a4b5c6d7e"), [LeftKind::Record]);
    }

    #[test]
    fn what_is_none_of_them_is_left_alone() {
        for (column, text) in [
            ("called_phone_number", "74951112233"),
            ("called_phone_number", "+7 9•• •••-45-67"),
            ("called_phone_number", "7495"),
            ("contact_full_name", "abcdefghijklmnopqrstuv"),
            ("contact_full_name", ""),
            ("call_records", r#"["abcdefghijklmnopqrstuv","•••"]"#),
            ("note", "2026-03-02 10:15:04"),
            ("note", "2026-03-02"),
            ("note", "02.03.2026 10:15:04"),
            ("note", "2026/03/02 10:15"),
            ("note", "203.0.113.107"),
            ("note", "1234567.8901"),
            ("note", "Q.850 16, 1234567890123456"),
            ("action_name", "anna@home"),
        ] {
            assert_eq!(kinds(column, text), [], "{column} {text}");
        }
    }
}
