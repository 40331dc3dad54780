//! What the columns of a page have to be, told by `serde_json::Value` alone, value by value and without any haste.

use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use calllegs_arrow::{
    Columns,
    schema::{Column, ColumnKind, Source},
};
use calllegs_core::{CallLegs, page::PageReader, projection::Projection, schema::Listing, value::wall_time};
use chrono::{NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde_json::{Map, Value};

/// An account whose clock was changed now and then.
pub const ZONE: Tz = Tz::America__New_York;

/// Reads a page into columns and holds them against serde's reading of the same text. A text that is no array of objects
/// has to be refused.
pub fn check(page: &str) {
    let expected = serde_json::from_str::<Vec<Map<String, Value>>>(page);
    let columns = Columns::new(Column::all(), ZONE).account("uis:1103");
    let read = columns.read(&mut PageReader::new(page, CallLegs::METHOD.fields));
    let (Ok(expected), Ok(read)) = (&expected, &read) else {
        assert_eq!(expected.is_ok(), read.is_ok(), "{:?} {:?}", expected.as_ref().err(), read.as_ref().err());
        return;
    };
    assert_eq!(read.len(), expected.len());
    for (number, ((mark, leg), members)) in read.iter().zip(expected).enumerate() {
        assert_eq!(leg.row(), number);
        let id = members.get("id").and_then(integer);
        let start = members.get("start_time").and_then(time);
        assert_eq!(mark.key.ok().map(|key| (key.id, key.start)), id.zip(start));
        for (column, wanted) in row(members) {
            assert_eq!(cell(leg.batch(), column, number), wanted, "row {number}, {}", column.name());
        }
    }
}

/// The cells of a row, null where there is no value.
pub fn row(members: &Map<String, Value>) -> Vec<(&'static Column, Value)> {
    let mut extra: Map<String, Value> =
        members.iter().filter(|(name, _)| CallLegs::field(name).is_none()).map(own).collect();
    let mut cells = Vec::new();
    for column in Column::all() {
        let named = |name: &str| members.get(name).and_then(time).map(|time| instant(time).into());
        let cell = match column.source() {
            Source::Account => Some("uis:1103".into()),
            Source::StartAt => named("start_time"),
            Source::ConnectAt => named("connect_time"),
            Source::Field(_) => {
                members.get(column.name()).filter(|value| !value.is_null()).and_then(|value| {
                    let fitted = fitted(column.kind(), value);
                    if fitted.is_none() {
                        extra.insert(column.name().to_owned(), value.clone());
                    }
                    fitted
                })
            }
            // The last one: by now it is known what fits no other.
            Source::Extra | _ => (!extra.is_empty()).then(|| Value::Object(extra.clone()).to_string().into()),
        };
        cells.push((column, cell.unwrap_or_default()));
    }
    cells
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// The value as its column has it; times in microseconds.
fn fitted(kind: ColumnKind, value: &Value) -> Option<Value> {
    match kind {
        ColumnKind::Boolean => match value {
            Value::Bool(value) => Some((*value).into()),
            Value::Number(number) if number.is_i64() => match number.as_i64() {
                Some(0) => Some(false.into()),
                Some(1) => Some(true.into()),
                _ => None,
            },
            Value::String(text) => text.parse::<bool>().ok().map(Value::from),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        },
        ColumnKind::Double => double(value).map(Value::from),
        ColumnKind::Int32 => integer(value).filter(|value| i32::try_from(*value).is_ok()).map(Value::from),
        ColumnKind::Int64 => integer(value).map(Value::from),
        ColumnKind::Text => value.is_string().then(|| value.clone()),
        ColumnKind::TextList => {
            value.as_array().filter(|items| items.iter().all(Value::is_string)).map(|_| value.clone())
        }
        ColumnKind::WallTime => time(value).map(|time| time.and_utc().timestamp_micros().into()),
        ColumnKind::Instant | _ => None,
    }
}

/// Up to here every integer has a double of its own.
const EXACT: i64 = 1 << 53;

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the range is checked")]
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64()?;
            (number.fract() == 0.0 && number.abs() <= EXACT as f64).then_some(number as i64)
        }
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "the range is checked")]
fn double(value: &Value) -> Option<f64> {
    let whole = |number: i64| (number.abs() < EXACT).then_some(number as f64);
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64(),
        Value::Number(number) => number.as_i64().filter(|number| *number != i64::MIN).and_then(whole),
        Value::String(text) => match text.parse::<i64>() {
            Ok(i64::MIN) => None,
            Ok(number) => whole(number),
            Err(_) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn time(value: &Value) -> Option<NaiveDateTime> {
    value.as_str().and_then(wall_time::parse)
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
