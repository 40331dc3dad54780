//! Rows from a file: one JSON object a line, in the form in which the API returns them, plain or gzip.
//!
//! Every line is checked, and the first bad one ends it with its number. Reasons name members, never values: the
//! file holds people's data. A member that is missing is null; one that the tables do not have is refused.

use std::{
    collections::HashSet,
    fmt,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Kind, Listing},
    value::{lenient::LenientValue, wall_time},
};
use flate2::bufread::MultiGzDecoder;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use crate::{
    error::Error,
    store::{MAX_ROWS, NULL_NUMBER, Roles, Slot, Store, StoreBuilder},
};

/// Reads the file at the path.
pub(crate) fn file(path: &Path) -> Result<Store, Error> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(Error::unreadable)?);
    if file.fill_buf().map_err(Error::unreadable)?.starts_with(&[0x1f, 0x8b]) {
        lines(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
    } else {
        lines(file)
    }
}

fn lines(mut input: impl BufRead) -> Result<Store, Error> {
    let mut rows =
        Rows { builder: StoreBuilder::new(CallLegs::METHOD.fields, Roles::LEGS), ids: HashSet::new() };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Error::unreadable)? == 0 {
            break;
        }
        rows.add(&line).map_err(|fault| Error::line(number, &fault))?;
    }
    Ok(rows.builder.finish())
}

/// Why a line is not a row.
enum Fault {
    Duplicate(i64),
    Missing(&'static str),
    Mismatch(&'static str, &'static str),
    NotJson(usize),
    NotObject,
    TooMany,
    Twice(&'static str),
    Unknown(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The id is told although it is data: without it the other row cannot be found.
            Self::Duplicate(id) => write!(f, "the id {id} is there already"),
            Self::Missing(name) => write!(f, "`{name}` is null or missing"),
            Self::Mismatch(name, wanted) => write!(f, "`{name}` is not {wanted}"),
            Self::NotJson(column) => write!(f, "not JSON at column {column}"),
            Self::NotObject => f.write_str("not a JSON object"),
            Self::TooMany => write!(f, "more than {MAX_ROWS} rows"),
            Self::Twice(name) => write!(f, "`{name}` is there twice"),
            Self::Unknown(name) => write!(f, "there is no field `{name}`"),
        }
    }
}

struct Rows {
    builder: StoreBuilder,
    ids: HashSet<i64>,
}

impl Rows {
    fn add(&mut self, line: &[u8]) -> Result<(), Fault> {
        if line.trim_ascii_start().first() != Some(&b'{') {
            return Err(Fault::NotObject);
        }
        let fields = CallLegs::METHOD.fields;
        let mut members = Members { fields, values: vec![None; fields.len()], fault: None };
        let mut json = serde_json::Deserializer::from_slice(line);
        let read = members.deserialize(&mut json).and_then(|()| json.end());
        if let Some(fault) = members.fault {
            return Err(fault);
        }
        read.map_err(|error| Fault::NotJson(error.column()))?;
        let mut row = self.builder.row();
        for (field, value) in fields.iter().zip(members.values) {
            let slot = self.slot(field, value.unwrap_or(LenientValue::Null))?;
            match (field.name(), slot) {
                ("id", Slot::Number(id)) if !self.ids.insert(id) => return Err(Fault::Duplicate(id)),
                ("id" | "start_time", Slot::Null) => return Err(Fault::Missing(field.name())),
                (_, slot) => row.put(field, slot),
            }
        }
        if self.builder.len() == MAX_ROWS {
            return Err(Fault::TooMany);
        }
        self.builder.push(&row);
        Ok(())
    }

    fn slot(&mut self, field: &'static FieldInfo, value: LenientValue<'_>) -> Result<Slot, Fault> {
        let mismatch = |wanted| Err(Fault::Mismatch(field.name(), wanted));
        Ok(match (field.kind(), value) {
            (_, LenientValue::Null) => Slot::Null,
            (Kind::Boolean, LenientValue::Bool(value)) => Slot::Boolean(value),
            (Kind::Number | Kind::Id, LenientValue::Integer(value)) if value != NULL_NUMBER => {
                Slot::Number(value)
            }
            (Kind::String | Kind::Enum, LenientValue::Text(text)) => Slot::Text(self.builder.text(&text)),
            (Kind::Iso8601, LenientValue::Text(text)) => match wall_time::parse(&text) {
                Ok(time) => Slot::Time(time),
                Err(wall_time::ParseError { .. }) => return mismatch("a time as YYYY-MM-DD hh:mm:ss"),
            },
            (Kind::Array, list @ LenientValue::List(_)) if list.texts().is_some() => {
                let json = list.into_json().to_string();
                // Most legs have no recording; those that have share it with nobody.
                Slot::List(if json == "[]" { self.builder.text(&json) } else { self.builder.list(&json) })
            }
            (Kind::Boolean, _) => return mismatch("true or false"),
            (Kind::Number | Kind::Id, _) => return mismatch("an integer"),
            (Kind::Array, _) => return mismatch("an array of texts"),
            (Kind::Iso8601, _) => return mismatch("a time as text"),
            (_, _) => return mismatch("text"),
        })
    }
}

/// The members of one line by position. What is wrong with it is kept here, since an error of the reader would quote.
struct Members<'de> {
    fields: &'static [FieldInfo],
    values: Vec<Option<LenientValue<'de>>>,
    fault: Option<Fault>,
}

impl<'de> DeserializeSeed<'de> for &mut Members<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Members<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<LenientValue<'de>>()? {
            let name = key.text().unwrap_or_default();
            let value = map.next_value::<LenientValue<'de>>()?;
            let Some((field, place)) =
                self.fields.iter().zip(&mut self.values).find(|(field, _)| field.name() == name)
            else {
                self.fault = Some(Fault::Unknown(name.to_owned()));
                return Err(A::Error::custom("unknown member"));
            };
            if place.replace(value).is_some() {
                self.fault = Some(Fault::Twice(field.name()));
                return Err(A::Error::custom("repeated member"));
            }
        }
        Ok(())
    }
}
