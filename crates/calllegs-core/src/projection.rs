//! What a row is read into: the generated record, a tuple of fields, or a struct of one's own.
//!
//! A projection fixes the row type and the `fields` member together, because the server returns what was asked for.

use std::{fmt, marker::PhantomData};

use chrono::NaiveDateTime;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use crate::{
    schema::{Cell, Cells, Field, FieldInfo, Listing},
    value::lenient::{FieldValue, Loose},
};

/// How a row of listing `R` is asked for and read.
pub trait Projection<R: Listing>: fmt::Debug + Send + Sync + 'static {
    /// What one row becomes.
    type Row: Send + 'static;

    /// The columns to ask for, each once.
    fn columns(&self) -> Vec<&'static FieldInfo>;

    /// Reads one row, and its key where it has one. Null and missing members both read as no value.
    ///
    /// # Errors
    /// When the row is not of this shape.
    fn read<'de, D: Deserializer<'de>>(&self, row: D) -> Result<(Self::Row, Option<RowKey>), D::Error>;
}

/// What a sweep tells rows apart and puts them in order by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct RowKey {
    /// The start of the row, account wall clock.
    pub start: NaiveDateTime,
    /// The call session; the largest number where the row has none, as the server sorts it.
    pub session: i64,
    /// The unique id.
    pub id: i64,
}

impl RowKey {
    /// What the server sorts by. Rows that are equal in it come in an order that nobody promises.
    pub(crate) const fn order(&self) -> (NaiveDateTime, i64) {
        (self.start, self.session)
    }
}

/// What a key is read from.
pub(crate) const KEY_FIELDS: [&str; 3] = ["id", "start_time", "call_session_id"];

/// The generated record of the listing, all its columns optional.
#[derive(Clone, Debug, Default)]
pub struct Records {
    columns: Option<Vec<&'static FieldInfo>>,
}

impl Records {
    /// Records with these columns only.
    pub(crate) fn of(columns: Vec<&'static FieldInfo>) -> Self {
        Self { columns: Some(columns) }
    }
}

impl<R: Listing> Projection<R> for Records {
    type Row = R::Row;

    /// Every column that is not announced to disappear, unless the query says otherwise: the server leaves a quarter
    /// of them out when it is not asked by name.
    fn columns(&self) -> Vec<&'static FieldInfo> {
        let all = || R::METHOD.fields.iter().filter(|field| !field.is_deprecated()).collect();
        self.columns.clone().unwrap_or_else(all)
    }

    fn read<'de, D: Deserializer<'de>>(&self, row: D) -> Result<(R::Row, Option<RowKey>), D::Error> {
        let row = R::Row::deserialize(row)?;
        let cell = |name| R::field(name).map_or(Cell::Null, |field| row.cell(field));
        let session = if let Cell::Number(session) = cell("call_session_id") { session } else { i64::MAX };
        let key = match (cell("id"), cell("start_time")) {
            (Cell::Number(id), Cell::Time(start)) => Some(RowKey { start, session, id }),
            _ => None,
        };
        Ok((row, key))
    }
}

/// Rows of a type of one's own, read by serde from the row's JSON.
pub struct Own<T> {
    columns: Vec<&'static FieldInfo>,
    row: PhantomData<fn() -> T>,
}

impl<T> Own<T> {
    pub(crate) fn new(columns: Vec<&'static FieldInfo>) -> Self {
        Self { columns, row: PhantomData }
    }
}

impl<T> fmt::Debug for Own<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.columns.iter().map(|column| column.name())).finish()
    }
}

impl<R: Listing, T: DeserializeOwned + Send + 'static> Projection<R> for Own<T> {
    type Row = T;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        self.columns.clone()
    }

    fn read<'de, D: Deserializer<'de>>(&self, row: D) -> Result<(T, Option<RowKey>), D::Error> {
        let row = serde_json::Value::deserialize(row)?;
        let key = Members::deserialize(&row).ok().and_then(|members| members.key());
        Ok((T::deserialize(row).map_err(D::Error::custom)?, key))
    }
}

/// The members of a row, in the order of the wire.
#[derive(Default)]
pub(crate) struct Members<'a>(Vec<(Loose<'a>, Loose<'a>)>);

impl Members<'_> {
    fn key(&self) -> Option<RowKey> {
        let session = self.value("call_session_id").unwrap_or(i64::MAX);
        Some(RowKey { start: self.value("start_time")?, session, id: self.value("id")? })
    }

    /// Whether the row has the member, null or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key.text() == Some(name))
    }

    /// The value of a member; of duplicates, the last one. `None` when it is null, missing or of another type.
    fn value<T: FieldValue>(&self, name: &str) -> Option<T> {
        let (_, value) = self.0.iter().rev().find(|(key, _)| key.text() == Some(name))?;
        if *value == Loose::Null { None } else { T::from_loose(value) }
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row, which is an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

macro_rules! tuples {
    ($(($($value:ident $filter:ident $sort:ident $at:tt),+);)*) => {$(
        impl<R: Listing, $($value: FieldValue, $filter: 'static, $sort: 'static),+> Projection<R>
            for ($(Field<R, $value, $filter, $sort>,)+)
        {
            type Row = ($(Option<$value>,)+);

            fn columns(&self) -> Vec<&'static FieldInfo> {
                vec![$(self.$at.info()),+]
            }

            fn read<'de, De: Deserializer<'de>>(&self, row: De) -> Result<(Self::Row, Option<RowKey>), De::Error> {
                let members = Members::deserialize(row)?;
                Ok((($(members.value::<$value>(self.$at.name()),)+), members.key()))
            }
        }
    )*};
}

tuples! {
    (A A1 A2 0);
    (A A1 A2 0, B B1 B2 1);
    (A A1 A2 0, B B1 B2 1, C C1 C2 2);
    (A A1 A2 0, B B1 B2 1, C C1 C2 2, D D1 D2 3);
    (A A1 A2 0, B B1 B2 1, C C1 C2 2, D D1 D2 3, E E1 E2 4);
    (A A1 A2 0, B B1 B2 1, C C1 C2 2, D D1 D2 3, E E1 E2 4, F F1 F2 5);
    (A A1 A2 0, B B1 B2 1, C C1 C2 2, D D1 D2 3, E E1 E2 4, F F1 F2 5, G G1 G2 6);
    (A A1 A2 0, B B1 B2 1, C C1 C2 2, D D1 D2 3, E E1 E2 4, F F1 F2 5, G G1 G2 6, H H1 H2 7);
}
