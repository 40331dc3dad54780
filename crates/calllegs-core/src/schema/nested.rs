//! Structures in rows: what they are made of, and the JSON that they were.

use std::{fmt, ops::Deref};

use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{Cell, Container, FieldValue};
use crate::value::lenient::LenientValue;

/// A record inside a row, or a list of them (`Nested<Vec<T>>`), with the JSON that it was read from: cells, files and
/// columns have the text, code has the members.
///
/// ```
/// use calllegs_core::schema::{FieldInfo, Kind, Nested};
/// use calllegs_core::value::lenient::LenientValue;
/// use calllegs_core::record;
///
/// static FIELDS: [FieldInfo; 2] =
///     [FieldInfo::new(0, "coach_id", Kind::Number, 0, ""), FieldInfo::new(1, "type", Kind::String, 0, "")];
///
/// record! {
///     /// Who listens in.
///     Coach of FIELDS {
///         /// Whom it is.
///         coach_id: i64,
///         /// Of which sort.
///         r#type = "type": Box<str>,
///     }
/// }
///
/// let json = r#"{"coach_id":"7","type":"loud","since":2024}"#;
/// let coach: Coach = serde_json::from_str(json)?;
/// assert_eq!((coach.coach_id, coach.r#type.as_deref()), (Some(7), Some("loud")));
/// assert_eq!(serde_json::to_string(&coach)?, r#"{"coach_id":7,"type":"loud","since":2024}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Nested<T> {
    value: T,
    json: Box<RawValue>,
}

impl<T> Nested<T> {
    /// The JSON that it was read from.
    pub fn json(&self) -> &RawValue {
        &self.json
    }

    /// What it is made of, alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Nested<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Clone> Clone for Nested<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), json: self.json.clone() }
    }
}

/// Compares what is written.
impl<T> PartialEq for Nested<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json.get() == other.json.get()
    }
}

impl<T: fmt::Debug> fmt::Debug for Nested<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<T> Container for Nested<T> {}

impl<T: DeserializeOwned + Send + 'static> FieldValue for Nested<T> {
    fn from_lenient(lenient: &LenientValue<'_>) -> Option<Self> {
        let json = lenient.clone().into_json();
        serde_json::from_str(json.get()).ok().map(|value| Self { value, json })
    }

    fn cell(&self) -> Cell<'_> {
        Cell::Text(self.json.get())
    }
}
