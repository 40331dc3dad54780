//! What the text forms share: a column of a batch seen by row, times as digits, and values that fit no column.

use arrow_array::{
    Array, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, cast::AsArray,
};
use calllegs_core::schema::Extra;
use chrono::{DateTime, Datelike};

use crate::schema::{Column, ColumnKind};

/// The values of one column of a batch.
#[derive(Clone, Copy)]
pub(crate) enum Values<'a> {
    Boolean(&'a BooleanArray),
    Double(&'a Float64Array),
    Instant(&'a TimestampMicrosecondArray),
    Int32(&'a Int32Array),
    Int64(&'a Int64Array),
    /// The batch does not have the column.
    Missing,
    Text(&'a StringArray),
    TextList(&'a ListArray),
    WallTime(&'a TimestampMicrosecondArray),
}

/// One value that is there.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    Boolean(bool),
    Double(f64),
    Instant(i64),
    Integer(i64),
    Text(&'a str),
    TextList(Texts<'a>),
    WallTime(i64),
}

/// The texts of a list.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    of: &'a StringArray,
    from: usize,
    till: usize,
}

impl<'a> Texts<'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        (self.from..self.till).map(move |index| self.of.value(index))
    }
}

impl<'a> Values<'a> {
    /// The values of this column.
    pub(crate) fn of(batch: &'a RecordBatch, column: &Column) -> Self {
        let Some(array) = batch.column_by_name(column.name()) else { return Self::Missing };
        let found = match column.kind() {
            ColumnKind::Boolean => array.as_boolean_opt().map(Self::Boolean),
            ColumnKind::Double => array.as_primitive_opt().map(Self::Double),
            ColumnKind::Instant => array.as_primitive_opt().map(Self::Instant),
            ColumnKind::Int32 => array.as_primitive_opt().map(Self::Int32),
            ColumnKind::Int64 => array.as_primitive_opt().map(Self::Int64),
            ColumnKind::Text => array.as_string_opt().map(Self::Text),
            ColumnKind::TextList => array.as_list_opt().map(Self::TextList),
            ColumnKind::WallTime => array.as_primitive_opt().map(Self::WallTime),
        };
        found.unwrap_or(Self::Missing)
    }

    /// The value in this row; `None` where it is null.
    #[inline]
    pub(crate) fn cell(self, row: usize) -> Option<Cell<'a>> {
        match self {
            Self::Boolean(array) => array.is_valid(row).then(|| Cell::Boolean(array.value(row))),
            Self::Double(array) => array.is_valid(row).then(|| Cell::Double(array.value(row))),
            Self::Instant(array) => array.is_valid(row).then(|| Cell::Instant(array.value(row))),
            Self::Int32(array) => array.is_valid(row).then(|| Cell::Integer(array.value(row).into())),
            Self::Int64(array) => array.is_valid(row).then(|| Cell::Integer(array.value(row))),
            Self::Missing => None,
            Self::Text(array) => array.is_valid(row).then(|| Cell::Text(array.value(row))),
            Self::TextList(array) => array.is_valid(row).then(|| Cell::TextList(texts(array, row))),
            Self::WallTime(array) => array.is_valid(row).then(|| Cell::WallTime(array.value(row))),
        }
    }
}

fn texts(lists: &ListArray, row: usize) -> Texts<'_> {
    let bound = |row: usize| lists.value_offsets().get(row).and_then(|bound| usize::try_from(*bound).ok());
    let (from, till) = (bound(row).unwrap_or_default(), bound(row + 1).unwrap_or_default());
    Texts { of: lists.values().as_string(), from, till }
}

/// What fits no column, of the rows of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Extras<'a>(Option<&'a StringArray>);

impl<'a> Extras<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Self {
        Self(batch.column_by_name("extra").and_then(|array| array.as_string_opt()))
    }

    /// The members by name; `None` for the many rows that have none.
    pub(crate) fn of_row(self, row: usize) -> Option<Extra> {
        let texts = self.0.filter(|texts| texts.is_valid(row))?;
        serde_json::from_str(texts.value(row)).ok()
    }
}

/// Order and separators of a date: `2026-03-02` or `02.03.2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateForm {
    #[cfg(feature = "csv")]
    DayFirst,
    Iso,
}

/// Writes times as digits. Neighbours mostly share their date, so the last one is kept.
#[derive(Debug)]
pub(crate) struct Clock {
    form: DateForm,
    day: Option<i64>,
    date: [u8; 10],
}

const DAY: i64 = 86_400;

impl Clock {
    pub(crate) const fn new(form: DateForm) -> Self {
        Self { form, day: None, date: [b'0'; 10] }
    }

    /// Writes the date, this byte and the time of day of microseconds since 1970; fractions of a second are cut.
    pub(crate) fn write(&mut self, micros: i64, between: u8, out: &mut Vec<u8>) {
        let seconds = micros.div_euclid(1_000_000);
        let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        if self.day != Some(day) {
            self.date = date(day, self.form);
            self.day = Some(day);
        }
        let [h1, h2] = digits(second / 3600);
        let [m1, m2] = digits(second / 60 % 60);
        let [s1, s2] = digits(second % 60);
        out.extend_from_slice(&self.date);
        out.extend_from_slice(&[between, h1, h2, b':', m1, m2, b':', s1, s2]);
    }
}

/// A date of four-digit years, which is what a server can write.
fn date(day: i64, form: DateForm) -> [u8; 10] {
    let date = DateTime::from_timestamp(day * DAY, 0).unwrap_or_default();
    let year = i64::from(date.year()).rem_euclid(10_000);
    let ([c1, c2], [y1, y2]) = (digits(year / 100), digits(year % 100));
    let ([m1, m2], [d1, d2]) = (digits(date.month().into()), digits(date.day().into()));
    match form {
        #[cfg(feature = "csv")]
        DateForm::DayFirst => [d1, d2, b'.', m1, m2, b'.', c1, c2, y1, y2],
        DateForm::Iso => [c1, c2, y1, y2, b'-', m1, m2, b'-', d1, d2],
    }
}

/// A number below 100 as two digits.
fn digits(number: i64) -> [u8; 2] {
    let digit = |number: i64| b'0' + u8::try_from(number % 10).unwrap_or_default();
    [digit(number / 10), digit(number)]
}

/// Writes an integer.
#[cfg(any(feature = "csv", feature = "jsonl"))]
#[inline]
pub(crate) fn integer(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes a double as the API writes numbers: 5, not 5.0.
#[cfg(any(feature = "csv", feature = "jsonl"))]
#[expect(clippy::cast_possible_truncation, reason = "the number is whole and small")]
pub(crate) fn double(number: f64, out: &mut Vec<u8>) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        integer(number as i64, out);
    } else {
        out.extend_from_slice(number.to_string().as_bytes());
    }
}
