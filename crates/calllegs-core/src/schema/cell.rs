//! Values as filters compare them and writers print them. Not here: how they are read ([`FieldValue`](super::FieldValue)).

use std::fmt;

use chrono::NaiveDateTime;
use serde::ser::{Serialize, Serializer};

use crate::value::wall_time;

/// One value of a row, borrowed: what filters compare and writers print.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// No value: null, or not in the reply.
    Null,
    /// true or false.
    Boolean(bool),
    /// An integer.
    Number(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text or the word of an enum.
    Text(&'a str),
    /// An account-local wall clock time.
    Time(NaiveDateTime),
    /// An array of texts.
    List(Items<'a>),
}

/// The texts of a list, borrowed from wherever they are kept.
#[derive(Clone, Copy, PartialEq)]
pub struct Items<'a>(Kept<'a>);

#[derive(Clone, Copy, PartialEq)]
enum Kept<'a> {
    Apart(&'a [Box<str>]),
    Joined(&'a str, &'a [i32]),
}

impl<'a> Items<'a> {
    /// Texts that stand one behind the other, and the bounds between them: one more than there are texts, counted from
    /// anywhere, as Arrow keeps lists. Bounds that are none give empty texts.
    pub const fn joined(text: &'a str, bounds: &'a [i32]) -> Self {
        Self(Kept::Joined(text, bounds))
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        match self.0 {
            Kept::Apart(items) => items.len(),
            Kept::Joined(_, bounds) => bounds.len().saturating_sub(1),
        }
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |index| match self.0 {
            Kept::Apart(items) => items.get(index).map_or("", |item| item),
            Kept::Joined(text, bounds) => {
                let bound = |index| usize::try_from(bounds.get(index)? - bounds.first()?).ok();
                let range = bound(index).zip(bound(index + 1));
                range.and_then(|(from, till)| text.get(from..till)).unwrap_or_default()
            }
        })
    }
}

impl<'a> From<&'a [Box<str>]> for Items<'a> {
    fn from(items: &'a [Box<str>]) -> Self {
        Self(Kept::Apart(items))
    }
}

/// Shows how many there are.
impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Items({})", self.len())
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => value.serialize(serializer),
            Self::Number(value) => value.serialize(serializer),
            Self::Decimal(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::Time(value) => wall_time::format(*value).serialize(serializer),
            Self::List(items) => serializer.collect_seq(items.iter()),
        }
    }
}
