//! The wire's wall clock: `YYYY-MM-DD hh:mm:ss` in the account's own zone, without an offset (docs/api.md 1.2, Q1).
//!
//! One strict parser, one that takes other spellings of the same reading of a clock, and one writer. Not here: zones.
//! Turning a wall time into an instant is the application's step.
//!
//! A field of a type of one's own is read and written in this form with `#[serde(with = "wall_time")]`, or with
//! `#[serde(with = "wall_time::option")]` where there may be no time:
//!
//! ```
//! use calllegs_core::value::wall_time;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Answered {
//!     #[serde(with = "wall_time::option", default)]
//!     connect_time: Option<chrono::NaiveDateTime>,
//! }
//!
//! let json = r#"{"connect_time":"2026-03-02 10:15:04"}"#;
//! assert_eq!(serde_json::to_string(&serde_json::from_str::<Answered>(json)?)?, json);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::{borrow::Cow, fmt};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Unexpected},
};

/// Reads `YYYY-MM-DD hh:mm:ss`, nothing more lenient: a date alone or a `T` is not what the API writes. The year 0 stands
/// for no date at all, and hardly any program can represent it.
///
/// ```
/// use calllegs_core::value::wall_time;
/// let time = wall_time::parse("2026-03-02 10:15:04")?;
/// assert_eq!(wall_time::format(time).to_string(), "2026-03-02 10:15:04");
/// let error = wall_time::parse("2026-03-02T10:15:04").unwrap_err();
/// assert_eq!(error.to_string(), "a time is written as YYYY-MM-DD hh:mm:ss");
/// # Ok::<(), wall_time::ParseError>(())
/// ```
///
/// # Errors
/// When it is written in another way, or there is no such time.
pub fn parse(text: &str) -> Result<NaiveDateTime, ParseError> {
    parse_plain(text).ok_or(ParseError(()))
}

/// A text that is no wall clock time. It does not quote the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError(());

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a time is written as {FORM}")
    }
}

impl std::error::Error for ParseError {}

const FORM: &str = "YYYY-MM-DD hh:mm:ss";

fn parse_plain(text: &str) -> Option<NaiveDateTime> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    let &[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b' ', h1, h2, b':', mi1, mi2, b':', s1, s2] = bytes
    else {
        return None;
    };
    if ![y1, y2, y3, y4, mo1, mo2, d1, d2, h1, h2, mi1, mi2, s1, s2].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |tens: u8, ones: u8| u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
    let year = i32::try_from(two(y1, y2) * 100 + two(y3, y4)).ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, two(mo1, mo2), two(d1, d2))?.and_hms_opt(
        two(h1, h2),
        two(mi1, mi2),
        two(s1, s2),
    )
}

/// Reads what [`parse`] reads, and the same in other spellings: with a `T`, with a fraction of a second, which is cut, and
/// with spaces around. A text that names a zone (`Z`, `+03:00`) is an instant and no reading of the account's clock.
///
/// ```
/// use calllegs_core::value::wall_time;
/// let time = wall_time::parse("2026-03-02 10:15:04");
/// assert_eq!(wall_time::read("2026-03-02T10:15:04.250"), time);
/// assert!(wall_time::read("2026-03-02T10:15:04Z").is_err());
/// ```
///
/// # Errors
/// When it is none of that, or there is no such time.
#[inline]
pub fn read(text: &str) -> Result<NaiveDateTime, ParseError> {
    parse_plain(text).or_else(|| read_other(text)).ok_or(ParseError(()))
}

#[cold]
fn read_other(text: &str) -> Option<NaiveDateTime> {
    let (time, fraction) = text.trim().split_at_checked(19)?;
    let is_fraction = match fraction.strip_prefix(['.', ',']) {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()),
        None => fraction.is_empty(),
    };
    let (date, time) = time.split_at_checked(10).filter(|_| is_fraction)?;
    parse_plain(&format!("{date} {}", time.strip_prefix(['T', 't', ' '])?))
}

/// Whether a text that [`read`] takes is one that [`parse`] takes.
pub(crate) fn is_plain(text: &str) -> bool {
    text.len() == 19 && text.as_bytes().get(10) == Some(&b' ')
}

/// Writes a time as the wire does, for `#[serde(with)]`.
///
/// # Errors
/// As the serializer.
pub fn serialize<S: Serializer>(time: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    format(*time).serialize(serializer)
}

/// Takes what [`read`] takes, for `#[serde(with)]`. The error does not quote the text.
///
/// # Errors
/// When it is no such time.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDateTime, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    let expected = format_args!("a time as {FORM}").to_string();
    read(&text).map_err(|ParseError(())| Error::invalid_value(Unexpected::Other("string"), &&*expected))
}

/// For `#[serde(with)]` where there may be no time.
pub mod option {
    use super::{Deserialize, Deserializer, NaiveDateTime, Serialize, Serializer, format};

    /// Writes a time as the wire does, or null.
    ///
    /// # Errors
    /// As the serializer.
    pub fn serialize<S: Serializer>(time: &Option<NaiveDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(format).serialize(serializer)
    }

    /// Takes what [`read`](super::read) takes, or null.
    ///
    /// # Errors
    /// When it is no such time.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveDateTime>, D::Error> {
        #[derive(Deserialize)]
        struct Time(#[serde(with = "super")] NaiveDateTime);

        Ok(Option::<Time>::deserialize(deserializer)?.map(|Time(time)| time))
    }
}

/// Displays a time as the wire writes it; fractions of a second are cut.
pub fn format(time: NaiveDateTime) -> WallTime {
    WallTime(time)
}

/// Returned by [`format`](fn@format).
#[derive(Clone, Copy, Debug)]
pub struct WallTime(NaiveDateTime);

impl WallTime {
    /// The nineteen characters; `None` beyond the years that four digits can write.
    pub fn bytes(self) -> Option<[u8; 19]> {
        let (date, time) = (self.0.date(), self.0.time());
        let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
        let digit = |number: u32, unit: u32| b'0' + u8::try_from(number / unit % 10).unwrap_or_default();
        let two = |number: u32| [digit(number, 10), digit(number, 1)];
        let ([month_a, month_b], [day_a, day_b]) = (two(date.month()), two(date.day()));
        let ([hour_a, hour_b], [minute_a, minute_b]) = (two(time.hour()), two(time.minute()));
        let [second_a, second_b] = two(time.second());
        #[rustfmt::skip]
        let bytes = [
            digit(year, 1000), digit(year, 100), digit(year, 10), digit(year, 1), b'-', month_a, month_b, b'-', day_a, day_b,
            b' ', hour_a, hour_b, b':', minute_a, minute_b, b':', second_a, second_b,
        ];
        Some(bytes)
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        match bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()) {
            Some(text) => f.write_str(text),
            None => write!(f, "{}", self.0.format("%Y-%m-%d %H:%M:%S")),
        }
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
