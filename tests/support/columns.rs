//! What the columns of a page have to be, told by `serde_json` alone, value by value and without any haste.

use std::collections::BTreeMap;

use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use calllegs_arrow::{
    Columns,
    schema::{Column, ColumnKind, Source},
};
use calllegs_core::{CallLegs, page::PageReader, projection::Projection, schema::Listing, value::wall_time};
use chrono::{NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

/// An account whose clock was changed now and then.
pub const ZONE: Tz = Tz::America__New_York;

/// Members by name, each as it is written.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// Reads a page into columns and holds them against serde's reading of the same text. A text that is no array has to be
/// refused, and so has half a surrogate pair.
pub fn check(page: &str) {
    let expected = expected(page);
    let columns = Columns::new(Column::all(), ZONE).account("uis:1103");
    let read = columns.read(&mut PageReader::new(page, CallLegs::METHOD.fields));
    let (Some(expected), Ok(read)) = (&expected, &read) else {
        assert_eq!(expected.is_some(), read.is_ok(), "{:?}", read.as_ref().err());
        return;
    };
    assert_eq!(read.len(), expected.len());
    for (number, ((mark, leg), members)) in read.iter().zip(expected).enumerate() {
        assert_eq!(leg.row(), number);
        let id = members.get("id").and_then(|value| integer(value));
        let start = members.get("start_time").and_then(|value| time(value));
        assert_eq!(mark.key.ok().map(|key| (key.id, key.start)), id.zip(start));
        for (column, wanted) in row(members) {
            assert_eq!(cell(leg.batch(), column, number), wanted, "row {number}, {}", column.name());
        }
    }
}

/// The rows of a page; one that is no object has no members.
pub fn expected(page: &str) -> Option<Vec<Members>> {
    let rows: Vec<&RawValue> = serde_json::from_str(page).ok()?;
    let row = |row: &RawValue| {
        if !row.get().starts_with('{') {
            return Some(Members::new());
        }
        // The reader looks at each member, also at one that a later one replaces.
        let every: Every = serde_json::from_str(row.get()).ok()?;
        every.0.iter().all(|(_, value)| is_whole(value)).then(|| every.0.into_iter().collect())
    };
    rows.into_iter().map(row).collect()
}

/// The members of an object, in the order of the wire.
struct Every(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Every;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Every, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Every(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// Whether no text in the value is half a surrogate pair.
fn is_whole(value: &RawValue) -> bool {
    let read = serde_json::from_str::<Value>(value.get());
    read.err().is_none_or(|error| !error.to_string().contains("hex escape"))
}

/// The cells of a row, null where there is no value.
pub fn row(members: &Members) -> Vec<(&'static Column, Value)> {
    let undocumented = members.iter().filter(|(name, _)| CallLegs::field(name).is_none());
    let mut extra: BTreeMap<String, String> =
        undocumented.map(|(name, value)| (name.clone(), kept(value))).collect();
    let mut cells = Vec::new();
    for column in Column::all() {
        let named = |name: &str| Some(instant(time(members.get(name)?)?).into());
        let cell = match column.source() {
            Source::Account => Some("uis:1103".into()),
            Source::StartAt => named("start_time"),
            Source::ConnectAt => named("connect_time"),
            Source::Field(_) => {
                members.get(column.name()).filter(|value| value.get() != "null").and_then(|value| {
                    let fitted = fitted(column.kind(), value);
                    if fitted.is_none() || !gives_back(column.kind(), value) {
                        extra.insert(column.name().to_owned(), kept(value));
                    }
                    fitted
                })
            }
            // The last one: by now it is known what fits no other.
            Source::Extra | _ => (!extra.is_empty()).then(|| {
                let members = extra.iter().map(|(name, value)| format!("{}:{value}", Value::from(&**name)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into()
            }),
        };
        cells.push((column, cell.unwrap_or_default()));
    }
    cells
}

/// A value as it is kept where no column holds it: numbers and objects as they are written, less whitespace.
pub fn kept(value: &RawValue) -> String {
    let written = value.get();
    if written.starts_with('"') {
        return serde_json::from_str::<Value>(written).unwrap().to_string();
    }
    let items: Vec<&RawValue> = serde_json::from_str(written).unwrap_or_default();
    if written.starts_with('[') && items.iter().all(|item| !item.get().starts_with(['[', '{'])) {
        return format!("[{}]", items.into_iter().map(kept).collect::<Vec<_>>().join(","));
    }
    let mut parts = Vec::new();
    for (number, part) in written.replace("\\\\", "\0\0").replace("\\\"", "\0\u{1}").split('"').enumerate() {
        let inside = number % 2 == 1;
        parts.push(if inside { part.to_owned() } else { part.split_ascii_whitespace().collect() });
    }
    parts.join("\"").replace("\0\0", "\\\\").replace("\0\u{1}", "\\\"")
}

/// The digits of a number, also of one as text.
fn digits(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => Some(serde_json::from_str::<String>(value.get()).ok()?.trim().to_owned()),
        b'-' | b'0'..=b'9' => Some(value.get().to_owned()),
        _ => None,
    }
}

/// Whether the column says what the value said.
fn gives_back(kind: ColumnKind, value: &RawValue) -> bool {
    let text = serde_json::from_str::<String>(value.get()).ok();
    if kind == ColumnKind::Double {
        let same = |number: f64| number.fract() == 0.0 || digits(value) == Some(number.to_string());
        return double(value).is_some_and(same);
    }
    kind != ColumnKind::WallTime || text == time(value).map(|time| wall_time::format(time).to_string())
}

/// The value as its column has it; times in microseconds.
fn fitted(kind: ColumnKind, value: &RawValue) -> Option<Value> {
    let plain = || serde_json::from_str::<Value>(value.get()).ok();
    match kind {
        ColumnKind::Boolean => match value.get() {
            "true" | "1" | "\"true\"" => Some(true.into()),
            "false" | "0" | "\"false\"" => Some(false.into()),
            _ => plain()?.as_str()?.parse::<bool>().ok().map(Value::from),
        },
        ColumnKind::Double => double(value).map(Value::from),
        ColumnKind::Int32 => integer(value).filter(|value| i32::try_from(*value).is_ok()).map(Value::from),
        ColumnKind::Int64 => integer(value).map(Value::from),
        ColumnKind::Text => plain().filter(Value::is_string),
        ColumnKind::TextList => {
            plain().filter(|value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string)))
        }
        ColumnKind::WallTime => time(value).map(|time| time.and_utc().timestamp_micros().into()),
        ColumnKind::Instant | _ => None,
    }
}

/// Up to here every integer has a double of its own.
const EXACT: i64 = 1 << 53;

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the range is checked")]
fn integer(value: &RawValue) -> Option<i64> {
    let digits = digits(value)?;
    if digits.contains(['e', 'E']) {
        let number: f64 = digits.parse().ok()?;
        return (number.fract() == 0.0 && number.abs() <= EXACT as f64).then_some(number as i64);
    }
    let whole = digits.contains('.').then(|| digits.trim_end_matches('0').strip_suffix('.')).flatten();
    whole.unwrap_or(&digits).parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "the range is checked")]
fn double(value: &RawValue) -> Option<f64> {
    match integer(value) {
        Some(i64::MIN) => None,
        Some(number) => (number.abs() < EXACT).then_some(number as f64),
        None => {
            let digits = digits(value).filter(|digits| digits.contains(['.', 'e', 'E']))?;
            digits.parse().ok().filter(|number: &f64| number.is_finite())
        }
    }
}

fn time(value: &RawValue) -> Option<NaiveDateTime> {
    serde_json::from_str::<String>(value.get()).ok().as_deref().and_then(|text| wall_time::read(text).ok())
}

/// The earliest instant at which the clock showed this, or would have without the jump.
fn instant(wall: NaiveDateTime) -> i64 {
    let offset = |wall: NaiveDateTime| ZONE.offset_from_local_datetime(&wall).map(|offset| offset.fix());
    let minutes = (0..=1440).filter_map(|minutes| wall.checked_add_signed(TimeDelta::minutes(minutes)));
    let offset = minutes.map(offset).find_map(chrono::LocalResult::earliest);
    let seconds = offset.map_or(0, |offset| i64::from(offset.local_minus_utc()));
    wall.and_utc().timestamp_micros() - seconds * 1_000_000
}

/// What a column of a batch has in a row, in the form of [`row`].
pub fn cell(batch: &RecordBatch, column: &Column, row: usize) -> Value {
    let array = batch.column_by_name(column.name()).unwrap();
    if array.is_null(row) {
        return Value::Null;
    }
    match column.kind() {
        ColumnKind::Boolean => array.as_boolean().value(row).into(),
        ColumnKind::Double => array.as_primitive::<types::Float64Type>().value(row).into(),
        ColumnKind::Int32 => array.as_primitive::<types::Int32Type>().value(row).into(),
        ColumnKind::Int64 => array.as_primitive::<types::Int64Type>().value(row).into(),
        ColumnKind::Instant | ColumnKind::WallTime => {
            array.as_primitive::<types::TimestampMicrosecondType>().value(row).into()
        }
        ColumnKind::TextList => {
            let texts = array.as_list::<i32>().value(row);
            texts.as_string::<i32>().iter().collect::<Vec<_>>().into()
        }
        ColumnKind::Text | _ => array.as_string::<i32>().value(row).into(),
    }
}
