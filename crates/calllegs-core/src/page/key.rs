//! What tells rows apart, and puts them in order: which fields, and what is read out of them.

use std::fmt;

use chrono::{DateTime, NaiveDateTime};

use super::{LenientValue, Row, digest, wall_time};
use crate::schema::{FieldInfo, MethodInfo, Shape};

/// What tells a row apart, and from another copy of itself: [`Row::mark`](super::Row::mark).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// The key, or why there is none.
    pub key: Result<RowKey, Keyless>,
    /// Where the row begins in the text of `result.data`, in bytes.
    pub at: usize,
    /// Of the text of the row: two copies of one row that differ anywhere differ in it. To be compared within a run
    /// only; another version of this crate may count otherwise.
    pub digest: u64,
}

/// Why a row has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keyless {
    /// There is no `id` that is an integer of 64 bits.
    Id,
    /// It is not an object, so it has no members at all.
    Shape,
    /// There is no `start_time` that is a wall clock time of the account.
    Start,
}

impl fmt::Display for Keyless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "no usable `id`",
            Self::Shape => "not an object",
            Self::Start => "no usable `start_time`",
        })
    }
}

/// What a sweep tells rows apart and puts them in order by. What a listing does not have is a constant in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct RowKey {
    /// The start of the row, account wall clock. The beginning of 1970 where rows are not read by their starts.
    pub start: NaiveDateTime,
    /// The call session; the largest number where the row has none, as the server sorts it.
    pub session: i64,
    /// The unique id. A digest of what tells the row apart where that is not one number, and of all of it where nothing
    /// tells.
    pub id: i64,
}

impl RowKey {
    /// What the server sorts by. Rows that are equal in it come in an order that nobody promises.
    pub(crate) const fn order(&self) -> (NaiveDateTime, i64) {
        (self.start, self.session)
    }
}

/// The fields that a key is read from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFields {
    identity: Identity,
    start: Option<&'static FieldInfo>,
    session: Option<&'static FieldInfo>,
}

/// What tells a row apart.
#[derive(Clone, Copy, Debug)]
enum Identity {
    /// The number in this field.
    Number(&'static FieldInfo),
    /// Nothing but its text.
    Text,
    /// The values of several fields, or of one that is no number.
    Values(&'static MethodInfo),
}

impl KeyFields {
    pub(crate) fn of(method: &'static MethodInfo) -> Self {
        let identity = match (method.number(), method.identity().next()) {
            (Some(number), _) => Identity::Number(number),
            (None, Some(_)) => Identity::Values(method),
            (None, None) => Identity::Text,
        };
        let is_by_start = matches!(method.shape(), Shape::Hops | Shape::Windows);
        let [start, session] = [method.order(), method.session()].map(|field| field.filter(|_| is_by_start));
        Self { identity, start, session }
    }

    /// Of a row that is told apart by `id`, if its fields are not known to be those of a method.
    pub(super) fn by_name(fields: &'static [FieldInfo]) -> Self {
        let field = |name: &str| fields.iter().find(|field| field.name() == name);
        let identity = field("id").map_or(Identity::Text, Identity::Number);
        Self { identity, start: field("start_time"), session: field("call_session_id") }
    }

    /// The columns, those of the identity first.
    pub(crate) fn columns(self) -> impl Iterator<Item = &'static FieldInfo> {
        let (number, method) = match self.identity {
            Identity::Number(number) => (Some(number), None),
            Identity::Text => (None, None),
            Identity::Values(method) => (None, Some(method)),
        };
        let values = method.into_iter().flat_map(MethodInfo::identity);
        number.into_iter().chain(values).chain(self.start).chain(self.session)
    }

    /// What a sweep by starts has the server sort by.
    pub(crate) fn sort(self) -> impl Iterator<Item = &'static FieldInfo> {
        self.start.into_iter().chain(self.session).filter(|field| field.is_sortable(None))
    }

    pub(super) fn read(self, row: &Row<'_>) -> Result<RowKey, Keyless> {
        if !row.is_object() {
            return Err(Keyless::Shape);
        }
        let start = self.start.map_or(Ok(DateTime::UNIX_EPOCH.naive_utc()), |field| {
            row.value(field).text().and_then(|text| wall_time::read(text).ok()).ok_or(Keyless::Start)
        });
        let session = self.session.and_then(|field| row.value(field).integer()).unwrap_or(i64::MAX);
        let id = match self.identity {
            Identity::Number(field) => row.value(field).integer().ok_or(Keyless::Id)?,
            Identity::Text => as_number(digest::digest(row.text().as_bytes())),
            Identity::Values(method) => values(row, method)?,
        };
        Ok(RowKey { id, start: start?, session })
    }
}

/// A digest of the values that together tell a row apart.
fn values(row: &Row<'_>, method: &'static MethodInfo) -> Result<i64, Keyless> {
    let mut text = String::new();
    let mut is_known = false;
    for field in method.identity() {
        let value = row.value(field);
        is_known |= *value != LenientValue::Null;
        text += value.clone().into_json().get();
        text.push(',');
    }
    if is_known { Ok(as_number(digest::digest(text.as_bytes()))) } else { Err(Keyless::Id) }
}

/// The digest of a text, as a number like those that tell rows apart.
const fn as_number(digest: u64) -> i64 {
    i64::from_ne_bytes(digest.to_ne_bytes())
}
