//! What tells rows apart, and puts them in order. Not here: how it is read out of a row.

use std::fmt;

use chrono::NaiveDateTime;

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
