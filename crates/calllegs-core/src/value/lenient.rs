//! Tolerant scalars: what a server may write where its documentation promises something else, in one place.
//!
//! | seen | read as | evidence (docs/api.md) |
//! |---|---|---|
//! | an integer as text, `"5139032004"`, or as `5.0`, or both, with spaces around | the integer | section 10, question 10 |
//! | `0`, `1`, `"true"` where a boolean is promised | the boolean | section 10, question 10 |
//! | `null` where an array is promised | no value, the same as a missing member | Q7 |
//! | a time with a `T`, or with a fraction of a second | the second of the wall clock, and the text is kept | |
//! | a time with a zone, `Z` or `+03:00` | no wall clock time of the account | |
//!
//! What fits no reading is not an error: the record keeps it, whole, in its `extra` members. So are numbers kept that a
//! double does not give back: `1.10`, or more digits than it holds.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::repair::repair;

/// A JSON value before it is read as a field: scalars without allocation, anything else as it is written.
///
/// Read from a page, nothing of a value is lost. Read by serde from anything else, a number is what that reader makes of
/// it: of `serde_json`'s own, an integer beyond 64 bits is a double.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum LenientValue<'a> {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Integer(i64),
    /// An array.
    List(Vec<Self>),
    /// Any other number, an object, or an array of more than scalars, as it is written.
    Raw(Cow<'a, RawValue>),
    /// A string.
    Text(Cow<'a, str>),
}

impl<'a> LenientValue<'a> {
    /// The value as it is written; `None` where a text in it is half a surrogate pair, which no text can hold.
    pub(crate) fn from_raw(raw: &'a RawValue) -> Option<Self> {
        let json = raw.get();
        Some(match json.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'"' if !json.contains('\\') => {
                Self::Text(Cow::Borrowed(json.strip_prefix('"')?.strip_suffix('"')?))
            }
            b'"' => Self::Text(Cow::Owned(serde_json::from_str(json).ok()?)),
            b'[' | b'{' => match scalars(json) {
                Some(items) => {
                    let items = items.into_iter().map(LenientValue::from_raw);
                    Self::List(items.collect::<Option<_>>()?)
                }
                None if json.contains("\\u") && repair(json.as_bytes()).is_some() => return None,
                None => Self::Raw(Cow::Borrowed(raw)),
            },
            // Only what an integer gives back is one: `-0` is not.
            _ => match json.parse::<i64>().ok().filter(|number| *number != 0 || json == "0") {
                Some(number) => Self::Integer(number),
                None => Self::Raw(Cow::Borrowed(raw)),
            },
        })
    }

    /// A number or an object as JSON writes it; null where JSON cannot.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        match to_raw_value(value) {
            Ok(raw) if raw.get() != "null" => Self::Raw(Cow::Owned(raw)),
            Ok(_) | Err(_) => Self::Null,
        }
    }

    /// What JSON calls it.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::List(_) => "array",
            Self::Text(_) => "string",
            Self::Raw(raw) if raw.get().starts_with('{') => "object",
            Self::Raw(raw) if raw.get().starts_with('[') => "array",
            Self::Integer(_) | Self::Raw(_) => "number",
        }
    }

    /// The digits of a number, also of one as text.
    pub(crate) fn digits(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()),
            Self::Raw(raw) if !raw.get().starts_with(['[', '{']) => Some(raw.get()),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::List(_) | Self::Raw(_) => None,
        }
    }

    /// The value as an integer: a number without a fraction, or such a number as text.
    #[inline]
    pub fn integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { self.digits().and_then(integral) }
    }

    /// The value as a boolean: also 0, 1, "true", "false".
    #[inline]
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            Self::Text(text) => text.parse().ok(),
            Self::Null | Self::Integer(_) | Self::List(_) | Self::Raw(_) => None,
        }
    }

    /// The value as a number with a fraction, or such a number as text. An integer beyond what a double holds exactly is
    /// none.
    #[inline]
    pub fn double(&self) -> Option<f64> {
        if let Some(number) = self.integer() {
            return exact(number);
        }
        let digits = self.digits().filter(|digits| digits.contains(['.', 'e', 'E']))?;
        digits.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The value as text, when it is a string.
    #[inline]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::List(_) | Self::Raw(_) => None,
        }
    }

    /// Puts another value in its place. Most values own nothing: those are overwritten, not moved out and dropped, which
    /// would double the time that a page takes.
    #[inline]
    pub(crate) fn set(&mut self, value: Self) {
        if let Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Text(Cow::Borrowed(_)) = self {
            std::mem::forget(std::mem::replace(self, value));
        } else {
            *self = value;
        }
    }

    /// The value as a list of texts, when it is an array of nothing else.
    #[inline]
    pub fn texts(&self) -> Option<impl Iterator<Item = &str>> {
        let Self::List(items) = self else { return None };
        items.iter().all(|item| item.text().is_some()).then(|| items.iter().filter_map(Self::text))
    }

    /// The value as JSON of one line, nothing lost.
    pub fn into_json(self) -> Box<RawValue> {
        if let Self::Raw(raw) = self {
            return on_one_line(raw);
        }
        // Scalars, and lists of them, always serialise.
        to_raw_value(&self).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}

/// Compares what is written, so `1.0` is not `1`.
impl PartialEq for LenientValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Raw(one), Self::Raw(other)) => one.get() == other.get(),
            (Self::Text(one), Self::Text(other)) => one == other,
            _ => false,
        }
    }
}

/// The items of an array of scalars.
fn scalars(json: &str) -> Option<Vec<&RawValue>> {
    if !json.starts_with('[') {
        return None;
    }
    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    items.iter().all(|item| !item.get().starts_with(['[', '{'])).then_some(items)
}

/// JSON without the whitespace between its tokens.
fn on_one_line(raw: Cow<'_, RawValue>) -> Box<RawValue> {
    let space = |byte: u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    if !raw.get().bytes().any(space) {
        return raw.into_owned();
    }
    let (mut in_text, mut escaped) = (false, false);
    let mut json = raw.get().to_owned();
    json.retain(|char| {
        let keep = in_text || !u8::try_from(char).is_ok_and(space);
        in_text ^= char == '"' && !escaped;
        escaped = in_text && char == '\\' && !escaped;
        keep
    });
    RawValue::from_string(json).unwrap_or_else(|_| raw.into_owned())
}

/// Up to here a double holds every integer.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;

/// 5 as `5.0`.
#[expect(clippy::cast_precision_loss, reason = "what is lost is out of range")]
fn exact(number: i64) -> Option<f64> {
    Some(number as f64).filter(|double| double.abs() < EXACT)
}

/// `5`, `5.0` and `5e0` as 5; `None` for fractions, and with an exponent beyond the integers that a double holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn integral(digits: &str) -> Option<i64> {
    if digits.contains(['e', 'E']) {
        let number: f64 = digits.parse().ok()?;
        return (number.abs() <= EXACT && number.fract() == 0.0).then_some(number as i64);
    }
    match digits.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole.parse().ok(),
        Some(_) => None,
        None => digits.parse().ok(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for LenientValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor)
    }
}

struct LenientVisitor;

impl<'de> de::Visitor<'de> for LenientVisitor {
    type Value = LenientValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(LenientValue::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(LenientValue::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        LenientValue::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(LenientValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(LenientValue::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| LenientValue::of(&value), LenientValue::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(LenientValue::of(&value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(LenientValue::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(LenientValue::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(LenientValue::List(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let tree = Value::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(LenientValue::of(&tree))
    }
}
