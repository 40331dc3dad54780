//! What a row is read into: the generated record, a tuple of fields, or a struct of one's own.
//!
//! A projection fixes the row type and the `fields` member together, because the server returns what was asked for.

use std::{fmt, marker::PhantomData};

use chrono::NaiveDateTime;
use serde::de::DeserializeOwned;

use crate::{
    error::Error,
    page::{PageReader, Row},
    schema::{Field, FieldInfo, Listing, Record},
    value::lenient::FieldValue,
};

/// How a row of listing `R` is asked for and read.
pub trait Projection<R: Listing>: fmt::Debug + Send + Sync + 'static {
    /// What one row becomes.
    type Row: Send + 'static;

    /// The columns to ask for, each once.
    fn columns(&self) -> Vec<&'static FieldInfo>;

    /// Reads the rows of a page, each with its mark. Null and missing members both read as no value.
    ///
    /// # Errors
    /// Of kind [`Decode`](crate::ErrorKind::Decode) when the page does not hold such rows.
    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error>;
}

/// A row with its mark.
pub type Keyed<T> = (Mark, T);

/// What tells a row apart, and from another copy of itself: [`Row::mark`].
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
    /// There is no `start_time` that is a wall clock time of the account.
    Start,
}

impl Keyless {
    /// The member that is missing or cannot be read.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Start => "start_time",
        }
    }
}

impl fmt::Display for Keyless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no usable `{}`", self.member())
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

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<R::Row>>, Error> {
        collect(page, |row| Ok((row.mark(), R::Row::take(row))))
    }
}

/// All rows of a page, each read in this way.
fn collect<T>(
    page: &mut PageReader<'_>,
    mut read: impl FnMut(&mut Row<'_>) -> Result<T, serde_json::Error>,
) -> Result<Vec<T>, Error> {
    let mut rows = Vec::new();
    while let Some(row) = page.next_row()? {
        let read = read(row);
        let wrong = |error| {
            Error::decode_row(page.rows() - 1, "the row does not have the expected shape", Some(error))
        };
        rows.push(read.map_err(wrong)?);
        if rows.len() == 1 {
            rows.reserve(page.size_hint());
        }
    }
    Ok(rows)
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

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<T>>, Error> {
        collect(page, |row| Ok((row.mark(), serde_json::from_str(row.text())?)))
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

            fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error> {
                collect(page, |row| Ok((row.mark(), ($(row.read::<$value>(self.$at.info()),)+))))
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
