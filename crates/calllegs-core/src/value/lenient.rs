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
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Loose<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Integer(i64),
    /// Any other number, object or array.
    Tree(Value),
    /// A string.
    Text(Cow<'a, str>),
}

impl Loose<'_> {
    /// The value as an integer: a number without a fraction, or such a number as text.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Tree(Value::Number(number)) => number.as_f64().and_then(integral),
            Self::Null | Self::Bool(_) | Self::Tree(_) => None,
        }
    }

    /// The value as a boolean: also 0, 1, "true", "false".
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            Self::Text(text) => text.parse().ok(),
            Self::Null | Self::Integer(_) | Self::Tree(_) => None,
        }
    }

    /// The value as text, when it is a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Tree(_) => None,
        }
    }

    /// The value as a JSON tree, nothing lost.
    pub fn into_json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Integer(value) => value.into(),
            Self::Tree(value) => value,
            Self::Text(value) => value.into_owned().into(),
        }
    }
}

/// `5.0` as 5; `None` for fractions and beyond the integers that a double holds exactly.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn integral(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
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

    fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(Loose::Tree)
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
        let Loose::Tree(Value::Array(items)) = loose else { return None };
        items.iter().map(|item| item.as_str().map(Into::into)).collect()
    }

    fn cell(&self) -> Cell<'_> {
        Cell::List(self)
    }
}
