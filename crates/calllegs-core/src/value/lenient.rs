//! Tolerant scalars: what a server may write where its documentation promises something else, in one place.
//!
//! | seen | read as | evidence (API.md) |
//! |---|---|---|
//! | an integer as text, `"5139032004"`, or as `5.0` | the integer | section 10, question 10 |
//! | `0`, `1`, `"true"` where a boolean is promised | the boolean | section 10, question 10 |
//! | `null` where an array is promised | no value, the same as a missing member | Q7 |
//!
//! What fits no reading is not an error: the record keeps it, whole, in its `extra` members.

use std::{borrow::Cow, fmt};

use chrono::NaiveDateTime;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::{schema::Cell, value::wall_time};

/// A JSON value before it is read as a field: scalars without allocation, anything else as a tree.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Loose<'a> {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Integer(i64),
    /// An array.
    List(Vec<Self>),
    /// Any other number, or an object.
    Tree(Value),
    /// A string.
    Text(Cow<'a, str>),
}

impl Loose<'_> {
    /// The value as an integer: a number without a fraction, or such a number as text.
    #[inline]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Tree(Value::Number(number)) => number.as_f64().and_then(integral),
            Self::Null | Self::Bool(_) | Self::List(_) | Self::Tree(_) => None,
        }
    }

    /// The value as a boolean: also 0, 1, "true", "false".
    #[inline]
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            Self::Text(text) => text.parse().ok(),
            Self::Null | Self::Integer(_) | Self::List(_) | Self::Tree(_) => None,
        }
    }

    /// The value as a number with a fraction, or such a number as text. An integer beyond what a double holds exactly is
    /// none.
    #[inline]
    pub fn double(&self) -> Option<f64> {
        match self {
            Self::Tree(Value::Number(number)) if number.is_f64() => number.as_f64(),
            Self::Text(text) if self.integer().is_none() => {
                text.parse().ok().filter(|number: &f64| number.is_finite())
            }
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::List(_) | Self::Text(_) | Self::Tree(_) => {
                self.integer().and_then(exact)
            }
        }
    }

    /// The value as text, when it is a string.
    #[inline]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::List(_) | Self::Tree(_) => None,
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

    /// The value as a JSON tree, nothing lost.
    pub fn into_json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Integer(value) => value.into(),
            Self::List(items) => items.into_iter().map(Self::into_json).collect(),
            Self::Tree(value) => value,
            Self::Text(value) => value.into_owned().into(),
        }
    }
}

/// Up to here a double holds every integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// 5 as `5.0`.
#[expect(clippy::cast_precision_loss, reason = "what is lost is out of range")]
fn exact(number: i64) -> Option<f64> {
    Some(number as f64).filter(|double| double.abs() < EXACT)
}

/// `5.0` as 5; `None` for fractions and beyond the integers that a double holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn integral(number: f64) -> Option<i64> {
    (number.abs() <= EXACT && number.fract() == 0.0).then_some(number as i64)
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> de::Visitor<'de> for LooseVisitor {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Loose::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Loose::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Loose::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Loose::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Loose::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Loose::Tree(value.into()), Loose::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Loose::Tree(value.into()))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Loose::List(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(de::value::MapAccessDeserializer::new(map)).map(Loose::Tree)
    }
}

/// A type that a field of a record can have.
pub trait FieldValue: Sized + Send + 'static {
    /// Reads the value; `None` when it does not fit. Never called with [`Loose::Null`].
    fn from_loose(loose: &Loose<'_>) -> Option<Self>;

    /// The value as filters and writers see it.
    fn cell(&self) -> Cell<'_>;

    /// Whether the value still says what it was read from. An enum that read another spelling does not.
    fn gives_back(&self, _: &Loose<'_>) -> bool {
        true
    }
}

impl FieldValue for i64 {
    fn from_loose(loose: &Loose<'_>) -> Option<Self> {
        loose.integer()
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Number(*self)
    }
}

impl FieldValue for bool {
    fn from_loose(loose: &Loose<'_>) -> Option<Self> {
        loose.boolean()
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Boolean(*self)
    }
}

impl FieldValue for Box<str> {
    fn from_loose(loose: &Loose<'_>) -> Option<Self> {
        loose.text().map(Into::into)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl FieldValue for NaiveDateTime {
    fn from_loose(loose: &Loose<'_>) -> Option<Self> {
        loose.text().and_then(wall_time::parse)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Time(*self)
    }
}

impl FieldValue for Vec<Box<str>> {
    fn from_loose(loose: &Loose<'_>) -> Option<Self> {
        loose.texts().map(|texts| texts.map(Into::into).collect())
    }

    fn cell(&self) -> Cell<'_> {
        Cell::List(self.as_slice().into())
    }
}
