//! The rows of a page, one after the other, each as its members: what projections read.
//!
//! Servers write the members of all rows in one order. So the order, and every byte between two values, is learned from
//! the first row; each further row is compared with it and read in one pass. A row that differs anywhere is read by
//! serde instead, and so is a value that is not plain. Both ways give the same [`Row`]: of members that come twice the
//! last one holds, whitespace and the order of members mean nothing. A row that is no object has no members. Not here:
//! what members become (`projection`), and text that is no JSON (`rpc`).

mod digest;
mod key;
mod layout;
mod scan;
mod unfit;

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(crate) use self::key::KeyFields;
use self::layout::Layout;
pub use self::{
    key::{Keyless, Mark, RowKey},
    unfit::Unfit,
};
use crate::{
    error::Error,
    schema::{FieldInfo, FieldValue, Kind, MethodInfo, Values},
    value::{lenient::LenientValue, wall_time},
};

/// Rows of a page at most (docs/api.md 5.1).
pub const MAX_LIMIT: u32 = 10_000;

/// Rows that can be skipped at most (docs/api.md 5.1).
pub const MAX_OFFSET: u32 = 100_000;

/// Reads the rows of `result.data`. See the [module](self).
pub struct PageReader<'a> {
    text: &'a str,
    at: usize,
    place: ArrayPosition,
    layout: Option<Layout<'a>>,
    /// A layout was learned, or there was nothing to learn from the row that was to teach.
    learned: bool,
    /// The row before had another shape than the layout.
    differed: bool,
    row: Row<'a>,
    /// By position of the field: whether some row had it.
    seen: Vec<bool>,
    rows: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ArrayPosition {
    Before,
    First,
    Between,
    Behind,
}

/// One row: the values of the documented fields, and the members that are not documented.
pub struct Row<'a> {
    fields: &'static [FieldInfo],
    values: Values<'a>,
    text: &'a str,
    /// Where it begins in the text of the page.
    at: usize,
    number: usize,
    key: KeyFields,
}

impl<'a> PageReader<'a> {
    /// Of the text of an array of rows, and the fields of its listing. A row is told apart by its `id` and `start_time`.
    pub fn new(text: &'a str, fields: &'static [FieldInfo]) -> Self {
        Self::with_key(text, fields, KeyFields::by_name(fields))
    }

    /// The same, where a row is told apart by what the method says.
    pub(crate) fn of(text: &'a str, method: &'static MethodInfo) -> Self {
        Self::with_key(text, method.fields, KeyFields::of(method))
    }

    fn with_key(text: &'a str, fields: &'static [FieldInfo], key: KeyFields) -> Self {
        let row = Row {
            fields,
            values: Values {
                documented: fields.iter().map(|_| LenientValue::Null).collect(),
                others: Vec::new(),
            },
            text: "",
            at: 0,
            number: 0,
            key,
        };
        let seen = vec![false; fields.len()];
        Self {
            text,
            at: 0,
            place: ArrayPosition::Before,
            layout: None,
            learned: false,
            differed: false,
            row,
            seen,
            rows: 0,
        }
    }

    /// The next row; `None` behind the last one.
    ///
    /// # Errors
    /// Of kind [`Decode`](crate::ErrorKind::Decode) when the text is not an array.
    pub fn next_row(&mut self) -> Result<Option<&mut Row<'a>>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        let start = self.at;
        let known = self.layout.as_ref().and_then(|layout| {
            if self.differed {
                layout.prepare(&mut self.row);
            }
            layout.read(self.text, start, &mut self.row)
        });
        self.differed = known.is_none();
        self.at = match known {
            Some(end) => end,
            None => self.read_any(start)?,
        };
        (self.row.at, self.row.number) = (start, self.rows);
        self.row.text = self.text.get(start..self.at).unwrap_or_default();
        if !self.learned && self.row.is_object() {
            self.learned = true;
            self.layout = Layout::learn(&self.row);
        }
        self.rows += 1;
        Ok(Some(&mut self.row))
    }

    /// How many rows there are about, judged by the last one.
    pub fn size_hint(&self) -> usize {
        let left = self.text.len().saturating_sub(self.at);
        left.checked_div(self.row.text.len()).map_or(0, |rows| rows + 1)
    }

    /// Reads what no one has read, so that all of the text is known to be rows.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        while self.next_row()?.is_some() {}
        Ok(())
    }

    /// Whether some row so far has a member of this name, null or not.
    pub(crate) fn has_seen(&self, field: &FieldInfo) -> bool {
        self.seen.get(field.position()).is_some_and(|seen| *seen)
    }

    /// Rows so far.
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    /// Goes to the beginning of the next row, if there is one.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            let byte = self.text.as_bytes().get(self.at).copied();
            match (self.place, byte) {
                (_, Some(b' ' | b'\n' | b'\r' | b'\t')) => {}
                (ArrayPosition::Before, Some(b'[')) => self.place = ArrayPosition::First,
                (ArrayPosition::First | ArrayPosition::Between, Some(b']')) => {
                    self.place = ArrayPosition::Behind;
                }
                (ArrayPosition::First, Some(_)) => {
                    self.place = ArrayPosition::Between;
                    return Ok(true);
                }
                (ArrayPosition::Between, Some(b',')) => {
                    self.at = scan::spaces(self.text, self.at + 1);
                    return Ok(true);
                }
                (ArrayPosition::Behind, None) => return Ok(false),
                (ArrayPosition::Before, _) => return Err(Error::decode("`data` is not an array", None)),
                (ArrayPosition::First | ArrayPosition::Between | ArrayPosition::Behind, _) => {
                    return Err(Error::decode("`data` does not end as an array does", None));
                }
            }
            self.at += 1;
        }
    }

    /// Reads a row of any shape, and tells where it ends.
    fn read_any(&mut self, start: usize) -> Result<usize, Error> {
        let rest = self.text.get(start..).unwrap_or_default();
        let stream = serde_json::Deserializer::from_str(rest);
        let wrong = |error| Error::decode_row(self.rows, "the row is not JSON", error);
        self.row.clear();
        if !rest.starts_with('{') {
            let mut stream = stream.into_iter::<&RawValue>();
            stream.next().ok_or_else(|| wrong(None))?.map_err(|error| wrong(Some(error)))?;
            return Ok(start + stream.byte_offset());
        }
        let mut stream = stream.into_iter::<Members<'a>>();
        let members = stream.next().ok_or_else(|| wrong(None))?.map_err(|error| wrong(Some(error)))?;
        for (name, value) in members.0 {
            if let Some(position) = self.row.put(name, value)
                && let Some(seen) = self.seen.get_mut(position)
            {
                *seen = true;
            }
        }
        Ok(start + stream.byte_offset())
    }
}

/// Shows no row.
impl fmt::Debug for PageReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageReader")
            .field("rows", &self.rows)
            .field("at", &self.at)
            .field("length", &self.text.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Row<'a> {
    /// The value of a field of the listing; null where the row does not have it.
    #[inline]
    pub fn value(&self, field: &FieldInfo) -> &LenientValue<'a> {
        self.values.documented.get(field.position()).unwrap_or(&LenientValue::Null)
    }

    /// The value of a field, read as a type; `None` where it is null or missing.
    ///
    /// # Errors
    /// When the value is there and does not fit the type.
    pub fn read<T: FieldValue>(&self, field: &FieldInfo) -> Result<Option<T>, Unfit> {
        let value = self.value(field);
        if *value == LenientValue::Null {
            return Ok(None);
        }
        T::from_lenient(value).map(Some).ok_or_else(|| {
            let reason = match (value.what(), field.kind()) {
                ("number", Kind::Id | Kind::Number) => "a number that its type cannot hold".to_owned(),
                (what, kind) => format!("{what}, expected {kind}"),
            };
            Unfit::new(self, Some(field.name()), Some(reason))
        })
    }

    /// Its number in the page, from 0.
    pub(crate) const fn number(&self) -> usize {
        self.number
    }

    fn is_object(&self) -> bool {
        self.text.starts_with('{')
    }

    /// The object with its values in the form that the kinds of their fields promise, each name once, and where in the
    /// text each member ends.
    pub(crate) fn to_plain_json(&self) -> Option<(String, Ends<'a>)> {
        let Members(members) = serde_json::from_str(self.text).ok()?;
        let members = members.into_iter().map(|(name, value)| {
            let field = self.fields.iter().find(|field| field.name() == name);
            let plain = match field.map(FieldInfo::kind) {
                Some(Kind::Id | Kind::Number) => match value.integer() {
                    Some(number) => Some(LenientValue::Integer(number)),
                    None => value.double().map(|number| LenientValue::of(&number)),
                },
                Some(Kind::Boolean) => value.boolean().map(LenientValue::Bool),
                Some(Kind::Iso8601) => value
                    .text()
                    .and_then(|text| wall_time::read(text).ok())
                    .map(|time| LenientValue::Text(wall_time::format(time).to_string().into())),
                Some(Kind::Array | Kind::Enum | Kind::Object | Kind::String) | None => None,
            };
            (name, plain.unwrap_or(value))
        });
        let (mut json, mut ends) = (String::new(), Ends::new());
        for (name, value) in members.collect::<BTreeMap<_, _>>() {
            json.push(if ends.is_empty() { '{' } else { ',' });
            json += &serde_json::to_string(&name).ok()?;
            json.push(':');
            json += value.into_json().get();
            ends.push((json.len(), name));
        }
        json += if ends.is_empty() { "{}" } else { "}" };
        Some((json, ends))
    }

    /// Members that no field of the listing has the name of, each name once.
    pub fn others(&self) -> &[(Cow<'a, str>, LenientValue<'a>)] {
        &self.values.others
    }

    /// The values of all fields and of the other members, to be [taken out](crate::schema::Record::take).
    pub fn values_mut(&mut self) -> &mut Values<'a> {
        &mut self.values
    }

    /// The object as the server wrote it.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// What tells the row apart. To be asked before values are taken out.
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark { key: self.key.read(self), at: self.at, digest: digest::digest(self.text.as_bytes()) }
    }

    fn clear(&mut self) {
        self.values.documented.fill_with(|| LenientValue::Null);
        self.values.others.clear();
    }

    /// Adds a member, or replaces one of the same name. The position of its field, if it is documented.
    fn put(&mut self, name: Cow<'a, str>, value: LenientValue<'a>) -> Option<usize> {
        let position = self.fields.iter().position(|field| field.name() == name);
        if let Some(slot) = position.and_then(|position| self.values.documented.get_mut(position)) {
            *slot = value;
        } else if let Some((_, old)) = self.values.others.iter_mut().find(|(known, _)| *known == name) {
            *old = value;
        } else {
            self.values.others.push((name, value));
        }
        position
    }
}

/// Shows no value.
impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("length", &self.text.len()).finish_non_exhaustive()
    }
}

/// Where the members of an object end in its text, with their names.
pub(crate) type Ends<'a> = Vec<(usize, Cow<'a, str>)>;

/// The members of an object, in the order of the wire.
struct Members<'a>(Vec<(Cow<'a, str>, LenientValue<'a>)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row, which is an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(40));
                while let Some((name, value)) = map.next_entry::<LenientValue<'de>, &'de RawValue>()? {
                    let half = || serde::de::Error::custom("half a surrogate pair");
                    let value = LenientValue::from_raw(value).ok_or_else(half)?;
                    if let LenientValue::Text(name) = name {
                        members.push((name, value));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
