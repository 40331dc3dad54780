//! The types of fields: how each reads what a server wrote, what cell it makes, and which comparisons take it. Not here:
//! which field has which type ([`Field`](super::Field)).

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::value::RawValue;

use super::Cell;
use crate::value::{
    lenient::{EXACT, LenientValue},
    wall_time,
};

/// A type that a field of a record can have.
pub trait FieldValue: Sized + Send + 'static {
    /// Reads the value; `None` when it does not fit. Never called with [`LenientValue::Null`].
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self>;

    /// The value as filters and writers see it.
    fn cell(&self) -> Cell<'_>;

    /// Whether the value still says what it was read from. An enum that read another spelling does not.
    fn gives_back(&self, _: &LenientValue<'_>) -> bool {
        true
    }
}

/// Values that `=` and `!=` take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scalar",
    note = "`=` takes single values, not arrays"
)]
pub trait Scalar: FieldValue {}
impl Scalar for bool {}
impl Scalar for f64 {}
impl Scalar for i64 {}
impl Scalar for Box<str> {}
impl Scalar for NaiveDate {}
impl Scalar for NaiveDateTime {}

/// Values that `in` takes: numbers, text and words.
#[diagnostic::on_unimplemented(
    message = "`in` does not take `{Self}`",
    note = "numbers, text and enums only"
)]
pub trait Listed: Scalar {}
impl Listed for f64 {}
impl Listed for i64 {}
impl Listed for Box<str> {}

/// Values with an order: numbers and times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no order on the server",
    note = "`<` and `>` take numbers and times"
)]
pub trait Ordered: Scalar {}
impl Ordered for f64 {}
impl Ordered for i64 {}
impl Ordered for NaiveDate {}
impl Ordered for NaiveDateTime {}

/// Text values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text",
    note = "`like` and `regexp` take text fields"
)]
pub trait Textual: Scalar {}
impl Textual for Box<str> {}

/// Arrays.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an array",
    note = "`jsquery` takes arrays and objects"
)]
pub trait Container {}
impl Container for Vec<Box<str>> {}
impl Container for Box<RawValue> {}

impl FieldValue for i64 {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        lenient.integer()
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Number(*self)
    }
}

impl FieldValue for f64 {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        lenient.double()
    }

    /// Whole numbers are integers, as the API writes them.
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small")]
    fn cell(&self) -> Cell<'_> {
        let whole = self.fract() == 0.0 && self.abs() < EXACT;
        if whole { Cell::Number(*self as i64) } else { Cell::Decimal(*self) }
    }

    /// `5.0` is 5, as it is where integers are promised, but `1.10` has a digit more than the number.
    fn gives_back(&self, lenient: &LenientValue<'_>) -> bool {
        lenient.digits().is_none_or(|digits| self.fract() == 0.0 || self.to_string() == digits)
    }
}

impl FieldValue for bool {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        lenient.boolean()
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Boolean(*self)
    }
}

impl FieldValue for Box<str> {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        lenient.text().map(Into::into)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl FieldValue for NaiveDateTime {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        lenient.text().and_then(|text| wall_time::read(text).ok())
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Time(*self)
    }

    fn gives_back(&self, lenient: &LenientValue<'_>) -> bool {
        lenient.text().is_some_and(wall_time::is_plain)
    }
}

/// `YYYY-MM-DD`. Filters see its first moment; the text is kept, so a row is written as it was.
impl FieldValue for NaiveDate {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        let text = lenient.text()?;
        text.parse().ok().filter(|_| text.len() == "YYYY-MM-DD".len())
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Time(self.and_time(NaiveTime::MIN))
    }

    fn gives_back(&self, _: &LenientValue<'_>) -> bool {
        false
    }
}

/// Any JSON, as the server wrote it: for objects, and for numbers whose every digit counts.
impl FieldValue for Box<RawValue> {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        Some(lenient.clone().into_json())
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(self.get())
    }
}

impl FieldValue for Vec<Box<str>> {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        lenient.texts().map(|texts| texts.map(Into::into).collect())
    }

    fn cell(&self) -> Cell<'_> {
        Cell::List(self.as_slice().into())
    }
}

/// Makes identifiers the types of fields.
#[macro_export]
macro_rules! id_values {
    ($($name:ident),+) => {$(
        impl $crate::schema::FieldValue for $name {
            fn from_lenient(lenient: &$crate::value::lenient::LenientValue<'_>) -> Option<Self> {
                lenient.integer().and_then(|id| u64::try_from(id).ok()).map(Self::new)
            }

            fn cell(&self) -> $crate::schema::Cell<'_> {
                i64::try_from(self.get()).map_or($crate::schema::Cell::Null, $crate::schema::Cell::Number)
            }
        }

        impl $crate::schema::Scalar for $name {}
        impl $crate::schema::Listed for $name {}
        impl $crate::schema::Ordered for $name {}
    )+};
}

/// Makes open enums the types of fields.
#[macro_export]
macro_rules! enum_values {
    ($($name:ident),+) => {$(
        impl $crate::schema::FieldValue for $name {
            fn from_lenient(lenient: &$crate::value::lenient::LenientValue<'_>) -> Option<Self> {
                lenient.text().map(Self::from)
            }

            fn cell(&self) -> $crate::schema::Cell<'_> {
                $crate::schema::Cell::Text(self.as_str())
            }

            fn gives_back(&self, lenient: &$crate::value::lenient::LenientValue<'_>) -> bool {
                lenient.text() == Some(self.as_str())
            }
        }

        impl $crate::schema::Scalar for $name {}
        impl $crate::schema::Listed for $name {}
    )+};
}

pub(crate) use {enum_values, id_values};
