//! Rows in the binary format of COPY. The client's own writer of it takes values one by one, each behind a pointer; legs are
//! columns already.
//!
//! A text with the character U+0000, which PostgreSQL cannot hold, gets U+FFFD in its place.

use std::{borrow::Cow, io::Write as _};

use arrow_array::RecordBatch;
use calllegs_arrow::schema::{Column, ColumnKind, Source};
use chrono::{DateTime, Utc};
use postgres::Transaction;

use super::trouble::Trouble;
use crate::{
    cells::{Legs, Value},
    error::{Error, ErrorKind},
    found::Extra,
    warehouse::Change,
};

/// Bytes of rows that are sent at once.
const CHUNK: usize = 1 << 16;

/// Microseconds from 1970 to 2000, from which PostgreSQL counts.
const EPOCH: i64 = 946_684_800_000_000;

/// An array of texts is of this type.
const TEXT: i32 = 25;

/// What all rows of a load have in common.
#[derive(Clone, Copy)]
pub(super) struct Version<'v> {
    pub(super) run_id: &'v str,
    pub(super) extracted_at: DateTime<Utc>,
}

/// Encodes rows.
struct Encoder<'f> {
    bytes: Vec<u8>,
    found: &'f [String],
    /// A character that no text can have was replaced.
    has_replaced: bool,
}

impl<'f> Encoder<'f> {
    /// For a table with these columns behind those that every table has.
    fn new(found: &'f [String]) -> Self {
        let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, found, has_replaced: false }
    }

    /// What was encoded since.
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn clear(&mut self) {
        self.bytes.clear();
    }

    const fn has_replaced(&self) -> bool {
        self.has_replaced
    }

    /// Adds what stands behind the last row.
    fn end(&mut self) {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
    }

    /// Adds a row with these columns, of which `legs` was made.
    fn row(&mut self, columns: &[Column], legs: &Legs<'_>, row: usize, (hash, version): (i64, Version<'_>)) {
        let width = columns.len() + crate::layout::VERSION.len() + self.found.len();
        self.bytes.extend_from_slice(&i16::try_from(width).unwrap_or(i16::MAX).to_be_bytes());
        let mut extra = None;
        for (place, column) in columns.iter().enumerate() {
            let value = legs.value(place, row);
            match (column.source(), value) {
                (Source::Extra, Value::Text(text)) => {
                    let mut members = Extra::read(text).filter(|_| !self.found.is_empty());
                    let taken: Vec<_> = self
                        .found
                        .iter()
                        .map(|name| members.as_mut().and_then(|members| members.take(name)))
                        .collect();
                    let rest = members.map_or(Some(Cow::Borrowed(text)), |rest| rest.rest().map(Cow::Owned));
                    self.json(rest.as_deref());
                    extra = Some(taken);
                }
                (_, Value::Text(text)) if column.is_json() => self.json(Some(text)),
                (_, value) => self.value(&value, column.kind()),
            }
        }
        self.fixed(&hash.to_be_bytes());
        self.text(version.run_id);
        self.instant(version.extracted_at.timestamp_micros());
        self.instant(version.extracted_at.timestamp_micros());
        for place in 0..self.found.len() {
            match extra.as_ref().and_then(|taken| taken.get(place)?.as_deref()) {
                Some(text) => self.text(text),
                None => self.null(),
            }
        }
    }

    fn value(&mut self, value: &Value<'_>, kind: ColumnKind) {
        match value {
            Value::Null => self.null(),
            Value::Boolean(value) => self.fixed(&[u8::from(*value)]),
            Value::Integer(value) if kind == ColumnKind::Int32 => {
                // The column held no more.
                self.fixed(&i32::try_from(*value).unwrap_or_default().to_be_bytes());
            }
            Value::Integer(value) => self.fixed(&value.to_be_bytes()),
            Value::Double(value) => self.numeric(*value),
            Value::Text(text) => self.text(text),
            Value::Texts(texts) => self.sized(|encoder| {
                let count = i32::try_from(texts.len()).unwrap_or(i32::MAX);
                for number in [i32::from(count > 0), 0, TEXT] {
                    encoder.bytes.extend_from_slice(&number.to_be_bytes());
                }
                if count > 0 {
                    encoder.bytes.extend_from_slice(&count.to_be_bytes());
                    encoder.bytes.extend_from_slice(&1_i32.to_be_bytes());
                }
                texts.iter().for_each(|text| encoder.text(text));
            }),
            Value::Time(micros) => self.instant(*micros),
        }
    }

    fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    fn fixed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// What is written, with its length before it.
    fn sized(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        write(self);
        let length = i32::try_from(self.bytes.len() - start - 4).unwrap_or(i32::MAX);
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    fn text(&mut self, text: &str) {
        if text.contains('\0') {
            self.has_replaced = true;
            self.fixed(text.replace('\0', "\u{fffd}").as_bytes());
        } else {
            self.fixed(text.as_bytes());
        }
    }

    fn json(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.null() };
        let safe = json_text(text);
        self.has_replaced |= matches!(safe, Cow::Owned(_));
        self.sized(|encoder| {
            // The version of the format.
            encoder.bytes.push(1);
            encoder.bytes.extend_from_slice(safe.as_bytes());
        });
    }

    fn instant(&mut self, micros: i64) {
        self.fixed(&micros.saturating_sub(EPOCH).to_be_bytes());
    }

    /// The shortest decimal number that is read back as this one.
    fn numeric(&mut self, value: f64) {
        let mut digits: Vec<i16> = Vec::new();
        let (mut weight, mut scale) = (0_i16, 0_i16);
        let mut sign: u16 = if value.is_sign_negative() { 0x4000 } else { 0 };
        if value.is_finite() {
            let text = value.abs().to_string();
            let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
            scale = i16::try_from(part.len()).unwrap_or(i16::MAX);
            let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
            let part = format!("{part}{}", "0".repeat((4 - part.len() % 4) % 4));
            weight = i16::try_from(whole.len() / 4).unwrap_or(i16::MAX) - 1;
            let all = whole.into_bytes().into_iter().chain(part.into_bytes()).collect::<Vec<_>>();
            digits = all
                .chunks(4)
                .map(|four| four.iter().fold(0, |number, digit| number * 10 + i16::from(digit - b'0')))
                .collect();
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            digits.drain(..zeros);
            weight -= i16::try_from(zeros).unwrap_or_default();
            let used = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
            digits.truncate(used);
            if digits.is_empty() {
                (weight, sign) = (0, 0);
            }
        } else {
            // JSON has no such number.
            sign = 0xc000;
        }
        self.sized(|encoder| {
            let count = i16::try_from(digits.len()).unwrap_or(i16::MAX);
            encoder.bytes.extend_from_slice(&count.to_be_bytes());
            encoder.bytes.extend_from_slice(&weight.to_be_bytes());
            encoder.bytes.extend_from_slice(&sign.to_be_bytes());
            encoder.bytes.extend_from_slice(&scale.to_be_bytes());
            for digit in digits {
                encoder.bytes.extend_from_slice(&digit.to_be_bytes());
            }
        });
    }
}

/// JSON that PostgreSQL takes: it holds no U+0000 and no half of a pair, which JSON can spell as escapes.
fn json_text(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let mut safe = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        let (length, is_wrong) = match unit(at) {
            Some(0 | 0xdc00..=0xdfff) => (6, true),
            Some(0xd800..=0xdbff) => match unit(at + 6) {
                Some(0xdc00..=0xdfff) => (12, false),
                Some(_) | None => (6, true),
            },
            Some(_) => (6, false),
            None => (2, false),
        };
        if is_wrong {
            safe.push_str(text.get(kept..at).unwrap_or_default());
            safe.push_str("\\ufffd");
            kept = at + length;
        }
        at += length;
    }
    if safe.is_empty() {
        return Cow::Borrowed(text);
    }
    safe.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(safe)
}

/// Rows in memory, in their order.
pub(super) struct Rows<'r> {
    pub(super) columns: &'r [Column],
    pub(super) batches: &'r [RecordBatch],
    pub(super) hashes: &'r [i64],
    /// Columns of the table behind those that every table has.
    pub(super) found: &'r [String],
}

/// Copies the rows of which `wanted` is true; returns whether a character was replaced.
pub(super) fn copy_rows(
    transaction: &mut Transaction<'_>,
    copy: &str,
    rows: &Rows<'_>,
    version: Version<'_>,
    (changes, wanted): (&[Change], fn(Change) -> bool),
) -> Result<bool, Trouble> {
    let mut encoder = Encoder::new(rows.found);
    let mut writer = transaction.copy_in(copy)?;
    let mut each = changes.iter().zip(rows.hashes);
    for batch in rows.batches {
        let legs = Legs::with(batch, rows.columns);
        for (row, (change, hash)) in (0..batch.num_rows()).zip(&mut each) {
            if !wanted(*change) {
                continue;
            }
            encoder.row(rows.columns, &legs, row, (*hash, version));
            if encoder.bytes().len() >= CHUNK {
                writer.write_all(encoder.bytes())?;
                encoder.clear();
            }
        }
    }
    encoder.end();
    writer.write_all(encoder.bytes())?;
    let sent = changes.iter().filter(|change| wanted(**change)).count() as u64;
    let written = writer.finish()?;
    if written < sent {
        return Err(fewer(sent, written));
    }
    Ok(encoder.has_replaced())
}

/// The table did not take all rows: a trigger of somebody's leaves some out.
fn fewer(sent: u64, written: u64) -> Trouble {
    Error::new(ErrorKind::Place, format!("the table took {written} of {sent} rows"))
        .because("a trigger of the table leaves some out")
        .next("look at the triggers of the table, or sync into another one")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_a_server_refuses_are_replaced_and_no_others() {
        for (text, safe) in [
            (r#"{"a":"\u0000b"}"#, r#"{"a":"\ufffdb"}"#),
            (r#"{"a":"\\u0000"}"#, r#"{"a":"\\u0000"}"#),
            (r#"{"a":"\\\u0000"}"#, r#"{"a":"\\\ufffd"}"#),
            (r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\ud83d\ude00"}"#),
            (r#"{"a":"\ud83d","b":"\ude00"}"#, r#"{"a":"\ufffd","b":"\ufffd"}"#),
            (r#"{"a":"\"\n\u00e9"}"#, r#"{"a":"\"\n\u00e9"}"#),
        ] {
            assert_eq!(json_text(text), safe);
        }
    }

    #[test]
    fn a_number_has_the_digits_of_its_shortest_text() {
        let digits = |value: f64| {
            let mut encoder = Encoder::new(&[]);
            encoder.clear();
            encoder.numeric(value);
            let numbers = encoder.bytes().chunks(2).skip(2).map(|two| i16::from_be_bytes([two[0], two[1]]));
            numbers.collect::<Vec<_>>()
        };
        // Their count, the weight of the first, the sign, the decimals that are shown, and the digits to the base 10,000.
        assert_eq!(digits(0.0), [0, 0, 0, 0]);
        assert_eq!(digits(4.5), [2, 0, 0, 1, 4, 5000]);
        assert_eq!(digits(-10000.0), [1, 1, 0x4000, 0, 1]);
        assert_eq!(digits(0.00001), [1, -2, 0, 5, 1000]);
        assert_eq!(digits(123_456.78), [3, 1, 0, 2, 12, 3456, 7800]);
    }
}
