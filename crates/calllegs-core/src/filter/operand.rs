//! What a field is compared with. Not here: whether it fits the field.

use std::{borrow::Cow, fmt};

use chrono::NaiveDateTime;

use crate::schema::{Cell, Scalar};

/// The right side of a condition. Debug shows its type only: it may be a phone number.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// true or false.
    Boolean(bool),
    /// An integer.
    Number(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text, a pattern, or the word of an enum.
    Text(Box<str>),
    /// An account-local wall clock time.
    Time(NaiveDateTime),
    /// Several values, for `in` and its kin.
    List(Vec<Self>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean(_) => "[boolean]",
            Self::Number(_) | Self::Decimal(_) => "[number]",
            Self::Text(_) => "[text]",
            Self::Time(_) => "[time]",
            Self::List(_) => "[list]",
        })
    }
}

/// What a field can hold stands as its cell: a whole number as an integer, an enum as its word.
impl<T: Scalar> From<T> for Value {
    fn from(value: T) -> Self {
        match value.cell() {
            Cell::Boolean(value) => Self::Boolean(value),
            Cell::Number(value) => Self::Number(value),
            Cell::Decimal(value) => Self::Decimal(value),
            Cell::Text(value) => value.into(),
            Cell::Time(value) => Self::Time(value),
            Cell::List(items) => Self::List(items.iter().map(Self::from).collect()),
            // An id beyond the numbers of the API. It must match no row, and null would match those without a value.
            Cell::Null => Self::Number(i64::MAX),
        }
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::Number(value.into())
            }
        }
    )*};
}

integers!(i32 i16 i8 u32 u16 u8);

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(value: Cow<'_, str>) -> Self {
        Self::from(value.into_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(values: [T; N]) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// Nothing is null.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
