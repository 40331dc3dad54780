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

    /// Reads the rows of a page, each with its key where it has one. Null and missing members both read as no value.
    ///
    /// # Errors
    /// Of kind [`Decode`](crate::ErrorKind::Decode) when the page does not hold such rows.
    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error>;
}

/// A row with its key, where it has one.
pub type Keyed<T> = (Option<RowKey>, T);

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
        collect(page, |row| Ok((row.key(), R::Row::take(row))))
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
        collect(page, |row| Ok((row.key(), serde_json::from_str(row.text())?)))
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
                collect(page, |row| Ok((row.key(), ($(row.read::<$value>(self.$at.info()),)+))))
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
