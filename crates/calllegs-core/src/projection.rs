//! What a row is read into: the generated record, a tuple of fields, or a struct of one's own.
//!
//! A projection fixes the row type and the `fields` member together, because the server returns what was asked for.

use std::{fmt, marker::PhantomData};

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use crate::page::{Keyless, Mark, RowKey, Unfit};
use crate::{
    error::Error,
    page::{PageReader, Row},
    schema::{Field, FieldInfo, FieldValue, Listing, Record},
};

/// How a row of listing `R` is asked for and read.
#[diagnostic::on_unimplemented(
    message = "this is no selection of fields of `{R}`",
    label = "not a selection",
    note = "`select` takes a field or a tuple of at most 12 fields of the listing",
    note = "for more of them, `records_of` gives records and `select_as` rows of a type of your own"
)]
pub trait Projection<R>: fmt::Debug + Send + Sync + 'static {
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
        collect(page, |row| R::Row::take(row.values_mut()))
    }
}

/// The JSON text of each row, as the server wrote it: for listings that are chosen at run time.
#[derive(Clone, Debug)]
pub struct JsonRows {
    columns: Vec<&'static FieldInfo>,
}

impl JsonRows {
    /// Rows with these columns.
    pub(crate) fn of(columns: Vec<&'static FieldInfo>) -> Self {
        Self { columns }
    }
}

impl<R> Projection<R> for JsonRows {
    type Row = Box<RawValue>;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        self.columns.clone()
    }

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error> {
        let rows = collect(page, |row| RawValue::from_string(row.text().to_owned()))?;
        rows.into_iter()
            .enumerate()
            .map(|(index, (mark, row))| match row {
                Ok(row) => Ok((mark, row)),
                Err(error) => Err(Error::decode_row(index, "the row is not JSON", Some(error))),
            })
            .collect()
    }
}

/// All rows of a page, each read in this way.
fn collect<T>(
    page: &mut PageReader<'_>,
    mut read: impl FnMut(&mut Row<'_>) -> T,
) -> Result<Vec<Keyed<T>>, Error> {
    let mut rows = Vec::new();
    while let Some(row) = page.next_row()? {
        rows.push((row.mark(), read(row)));
        if rows.len() == 1 {
            rows.reserve(page.size_hint());
        }
    }
    Ok(rows)
}

/// Rows of a type of one's own, read by serde from the row's JSON.
///
/// A row that does not fit is read once more with its documented values in the form that their kinds promise: an id as
/// text becomes a number, `1` a boolean, a time with a `T` one without. What does not fit then is an [`Unfit`].
pub struct Custom<T> {
    columns: Vec<&'static FieldInfo>,
    row: PhantomData<fn() -> T>,
}

impl<T> Custom<T> {
    pub(crate) fn new(columns: Vec<&'static FieldInfo>) -> Self {
        Self { columns, row: PhantomData }
    }
}

impl<T> fmt::Debug for Custom<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.columns.iter().map(|column| column.name())).finish()
    }
}

impl<R, T: DeserializeOwned + Send + 'static> Projection<R> for Custom<T> {
    type Row = Result<T, Unfit>;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        self.columns.clone()
    }

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error> {
        collect(page, |row| serde_json::from_str(row.text()).or_else(|_| read_plain(row)))
    }
}

/// Reads a row that did not fit as it is.
#[cold]
fn read_plain<T: DeserializeOwned>(row: &Row<'_>) -> Result<T, Unfit> {
    let (text, ends) = row.to_plain_json().ok_or_else(|| Unfit::new(row, None, None))?;
    serde_json::from_str(&text).map_err(|error| {
        // An error stands behind the value that it is about, or behind the object where a member is missing. Some of the last
        // value stand behind the object too, unless one more member follows.
        let more = text.strip_suffix('}').map(|members| format!("{members},\"\":0}}"));
        let error_of_more = more.and_then(|more| serde_json::from_str::<T>(&more).err());
        let column = error_of_more.map_or(usize::MAX, |error| error.column());
        let member = ends.iter().find(|(end, _)| column <= *end).map(|(_, name)| &**name);
        // The message can quote values; these parts of it do not.
        let message = error.to_string();
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        match (member, missing) {
            (None, Some((name, _))) => Unfit::new(row, Some(name), Some("it is missing".to_owned())),
            (member, _) => Unfit::new(row, member, reason(&message)),
        }
    })
}

/// What serde found and expected, without the value that its message quotes.
fn reason(message: &str) -> Option<String> {
    const FOUND: [&str; 7] = ["boolean", "floating point", "integer", "map", "null", "sequence", "string"];
    let (message, _) = message.rsplit_once(" at line ")?;
    let (found, expected) = message.rsplit_once(", expected ")?;
    let found = ["invalid type: ", "invalid value: "].iter().find_map(|prefix| found.strip_prefix(prefix))?;
    let found = FOUND.iter().find(|known| found.starts_with(**known))?;
    Some(format!("{found}, expected {expected}"))
}

/// Fields of listing `R`, in an order: a field, a tuple of at most 12, or the descriptions of any number of them.
#[diagnostic::on_unimplemented(
    message = "this is no list of fields of `{R}`",
    note = "a field, a tuple of at most 12 fields, or an array, slice or `Vec` of `&'static FieldInfo`"
)]
pub trait Fields<R> {
    /// Their descriptions.
    fn infos(self) -> Vec<&'static FieldInfo>;
}

impl<R, const N: usize> Fields<R> for [&'static FieldInfo; N] {
    fn infos(self) -> Vec<&'static FieldInfo> {
        self.into()
    }
}

impl<R> Fields<R> for &[&'static FieldInfo] {
    fn infos(self) -> Vec<&'static FieldInfo> {
        self.into()
    }
}

impl<R> Fields<R> for &'static [FieldInfo] {
    fn infos(self) -> Vec<&'static FieldInfo> {
        self.iter().collect()
    }
}

impl<R> Fields<R> for Vec<&'static FieldInfo> {
    fn infos(self) -> Vec<&'static FieldInfo> {
        self
    }
}

impl<R, V, F, S> Fields<R> for Field<R, V, F, S> {
    fn infos(self) -> Vec<&'static FieldInfo> {
        vec![self.info()]
    }
}

/// Rows of one field.
impl<R: 'static, V: FieldValue, F: 'static, S: 'static> Projection<R> for Field<R, V, F, S> {
    type Row = Result<Option<V>, Unfit>;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        vec![self.info()]
    }

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error> {
        collect(page, |row| row.read(self.info()))
    }
}

/// Implements both for a tuple, and for those that lack its first members.
macro_rules! tuples {
    ($(($value:ident $filter:ident $sort:ident $field:ident))+) => {
        impl<R: 'static, $($value: FieldValue, $filter: 'static, $sort: 'static),+> Projection<R>
            for ($(Field<R, $value, $filter, $sort>,)+)
        {
            type Row = Result<($(Option<$value>,)+), Unfit>;

            fn columns(&self) -> Vec<&'static FieldInfo> {
                self.infos()
            }

            fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Self::Row>>, Error> {
                let ($($field,)+) = self;
                collect(page, |row| Ok(($(row.read::<$value>($field.info())?,)+)))
            }
        }

        impl<R, $($value, $filter, $sort),+> Fields<R> for ($(Field<R, $value, $filter, $sort>,)+) {
            fn infos(self) -> Vec<&'static FieldInfo> {
                let ($($field,)+) = self;
                vec![$($field.info()),+]
            }
        }

        tuples!(@rest $(($value $filter $sort $field))+);
    };
    (@rest $first:tt) => {};
    (@rest $first:tt $($rest:tt)+) => { tuples!($($rest)+); };
}

// As many as std gives Debug to.
tuples!(
    (A A1 A2 a) (B B1 B2 b) (C C1 C2 c) (D D1 D2 d) (E E1 E2 e) (F F1 F2 f)
    (G G1 G2 g) (H H1 H2 h) (I I1 I2 i) (J J1 J2 j) (K K1 K2 k) (L L1 L2 l)
);
