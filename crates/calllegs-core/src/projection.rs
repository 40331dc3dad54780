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
#[diagnostic::on_unimplemented(
    message = "this is no selection of fields of `{R}`",
    label = "not a selection",
    note = "`select` takes a field or a tuple of at most 12 fields of the listing",
    note = "for more of them, `records_of` gives records and `select_as` rows of a type of your own"
)]
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
        collect(page, R::Row::take)
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

/// A row that does not fit the type that it is to be read as. It costs no other row, and it is kept: [`text`](Self::text).
///
/// ```
/// use calllegs_core::{CallLegs, Period, Query, rpc, value::wall_time};
/// # let time = |text| wall_time::parse(text).unwrap();
/// # let day = Period::new(time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00"))?;
/// let query = Query::<CallLegs>::new(day).select((CallLegs::ID, CallLegs::DURATION));
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"id":1,"duration":"long"},{"id":2,"duration":5}]}}"#;
/// let page = rpc::reply(&query, rpc::RequestId::new(1), reply)?;
/// let unfit = page.rows[0].as_ref().unwrap_err();
/// assert_eq!(unfit.to_string(), "row 0 of the page: `duration` does not fit its type: string, expected number");
/// assert_eq!(unfit.text(), r#"{"id":1,"duration":"long"}"#);
/// assert_eq!(page.rows[1], Ok((Some(2.into()), Some(5))));
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Unfit(Box<Misread>);

#[derive(Clone, PartialEq, Eq)]
struct Misread {
    row: usize,
    member: Option<Box<str>>,
    reason: Option<Box<str>>,
    text: Box<str>,
}

impl Unfit {
    /// A row whose member of this name is not of the type. The reason quotes no value.
    pub(crate) fn new(row: &Row<'_>, member: Option<&str>, reason: Option<String>) -> Self {
        let (member, reason) = (member.map(Into::into), reason.map(Into::into));
        Self(Box::new(Misread { row: row.number(), member, reason, text: row.text().into() }))
    }

    /// The number of the row in its page, from 0.
    pub fn row(&self) -> usize {
        self.0.row
    }

    /// Which member is missing or does not fit; `None` when that cannot be told.
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// What was found there and what the type expects, as far as that can be told without the value itself.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The row as the server wrote it.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} of the page: ", self.0.row)?;
        match &self.0.member {
            Some(member) => write!(f, "`{member}` does not fit its type"),
            None => f.write_str("it does not fit its type"),
        }?;
        match &self.0.reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

/// Shows where it is, and no value.
impl fmt::Debug for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unfit({self})")
    }
}

impl std::error::Error for Unfit {}

/// Rows of a type of one's own, read by serde from the row's JSON.
///
/// A row that does not fit is read once more with its documented values in the form that their kinds promise: an id as
/// text becomes a number, `1` a boolean, a time with a `T` one without. What does not fit then is an [`Unfit`].
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
impl<R: Listing, V: FieldValue, F: 'static, S: 'static> Projection<R> for Field<R, V, F, S> {
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
        impl<R: Listing, $($value: FieldValue, $filter: 'static, $sort: 'static),+> Projection<R>
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
