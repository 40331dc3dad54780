//! Legs without people in them: what becomes of numbers, names and recordings before rows reach a place.
//!
//! A [`Redaction`] says what is done to which columns. [`Redaction::batch`] does it, [`RedactedDestination`] puts it before
//! any place, and [`redact_check`](crate::redact_check) looks for what is left in one. Nothing else of a leg changes, so that calls are still counted
//! as before; pseudonyms (`hmac`) are the same for the same value and key, so that callers are still told apart.
//!
//! ```
//! use calllegs_store::redact::{RedactKey, Redaction};
//!
//! let key = RedactKey::new(b"0123456789abcdef0123456789abcdef")?;
//! let redaction = Redaction::read(["phones=hmac,names=drop", "records=drop"])?.with_key(key);
//! assert_eq!(redaction.to_string(), "names=drop,phones=hmac,records=drop");
//! # Ok::<(), calllegs_store::Error>(())
//! ```
//!
//! What is not named is kept, except `extra`, which may hold anything and is dropped. A plain hash is not offered: all
//! numbers of a country are hashed in minutes. Pseudonyms remain personal data: whoever has the key can make them again.
//!
//! Not here: files of keys, and which rows there are.

mod destination;
mod times;
mod value;

use std::{collections::BTreeMap, fmt, sync::Arc};

use arrow_array::{
    Array, ArrayRef, ListArray, RecordBatch, RecordBatchOptions, StringArray,
    builder::{ListBuilder, StringBuilder},
    cast::AsArray,
    new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field};
use calllegs_arrow::{
    Leg, mapped,
    schema::{Column, ColumnKind, Source},
};
use calllegs_core::filter::nearest;
use serde_json::{Map, Value};

pub(crate) use self::value::is_pseudonym;
use self::value::{Kind, pseudonym, without};
pub use self::{destination::RedactedDestination, value::RedactKey};
use crate::{
    digest::digest,
    error::{Error, ErrorKind},
    findings::Findings,
};

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transform {
    /// Of times: rounded down to so many seconds of the day.
    Bucket(u32),
    /// Nothing is there.
    Drop,
    /// A pseudonym: the same for the same value and the same key.
    Hmac,
    /// As it is.
    Keep,
    /// Enough to recognise a number that one has.
    Mask,
    /// So many digits at its beginning; at least six are taken off.
    Prefix(u8),
}

impl Transform {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "drop" => Self::Drop,
            "hmac" => Self::Hmac,
            "keep" => Self::Keep,
            "mask" => Self::Mask,
            _ if text.starts_with("bucket:") => Self::Bucket(times::read(text.strip_prefix("bucket:")?)?),
            _ => {
                let digits = text.strip_prefix("prefix:")?.parse().ok()?;
                Self::Prefix(Some(digits).filter(|digits| (1..=6).contains(digits))?)
            }
        })
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(seconds) => write!(f, "bucket:{}", times::shown(*seconds)),
            Self::Drop => f.write_str("drop"),
            Self::Hmac => f.write_str("hmac"),
            Self::Keep => f.write_str("keep"),
            Self::Mask => f.write_str("mask"),
            Self::Prefix(digits) => write!(f, "prefix:{digits}"),
        }
    }
}

/// Groups of columns, by the word that names them.
const GROUPS: [(&str, &[&str]); 7] = [
    ("extra", &["extra"]),
    ("ids", &["contact_id", "employee_id"]),
    ("names", &["contact_full_name"]),
    ("phones", &["calling_phone_number", "called_phone_number", "contact_phone_number"]),
    ("records", &["call_records", "wav_call_records"]),
    ("staff", &["employee_full_name", "employee_phone_number"]),
    ("times", &["start_time", "connect_time", "start_at", "connect_at"]),
];

/// The number rented from the platform: the account's own.
pub(crate) const OWN: &str = "virtual_phone_number";

/// Where a number of the account's own may stand instead of a person's.
pub(crate) const PARTIES: [&str; 2] = ["calling_phone_number", "called_phone_number"];

/// What is done to which columns.
#[derive(Clone)]
pub struct Redaction {
    /// As it was asked for: a word for each group or column.
    said: BTreeMap<String, Transform>,
    columns: BTreeMap<&'static str, Transform>,
    key: Option<Arc<RedactKey>>,
}

impl Redaction {
    /// For those who work with the legs and are not to have the people in them; it needs no key.
    pub const USUAL: &str = "phones=mask,names=drop,staff=keep,records=drop,extra=drop";

    /// Reads what is asked for: `phones=hmac,names=drop`, in one text or several. The names are those of groups (`phones`,
    /// `names`, `staff`, `records`, `ids`, `extra`) or of single columns, and columns come before groups.
    ///
    /// # Errors
    /// Names what is not understood.
    pub fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, Error> {
        let mut said = BTreeMap::new();
        let parts = texts.into_iter().flat_map(|text| text.split(',')).map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, transform) = part.split_once('=').ok_or_else(|| {
                unclear("a part of the redaction says no NAME=WHAT")
                    .next("write, for example, phones=mask,names=drop")
            })?;
            let transform = Transform::read(transform.trim()).ok_or_else(|| {
                unclear(format!("the redaction of {} is none that is known", known(name)))
                    .next("write keep, mask, prefix:1 to prefix:6, hmac or drop; of times keep or bucket:1h")
            })?;
            let name = name.trim();
            // What is left of one of them tells the others.
            if matches!(transform, Transform::Bucket(_)) && name != "times" {
                return Err(unclear(format!("{} does not take {transform}", known(name)))
                    .next("times are rounded all together: write times=bucket:1h"));
            }
            for column in columns_of(name)? {
                check_fits(column, transform)?;
            }
            said.insert(name.to_owned(), transform);
        }
        if said.is_empty() {
            return Err(
                unclear("the redaction is empty").next(format!("write, for example, {}", Self::USUAL))
            );
        }
        let mut columns = BTreeMap::from([("extra", Transform::Drop)]);
        let is_group = |name: &str| GROUPS.iter().any(|(group, _)| *group == name);
        // A column has the last word.
        let (groups, single): (Vec<_>, Vec<_>) = said.iter().partition(|(name, _)| is_group(name));
        for (name, transform) in groups.into_iter().chain(single) {
            columns.extend(columns_of(name)?.into_iter().map(|column| (column.name(), *transform)));
        }
        Ok(Self { said, columns, key: None })
    }

    /// With the key of pseudonyms.
    #[must_use]
    pub fn with_key(mut self, key: RedactKey) -> Self {
        self.key = Some(Arc::new(key));
        self
    }

    /// Whether there are pseudonyms, which need a key.
    pub fn needs_key(&self) -> bool {
        self.columns.values().any(|transform| *transform == Transform::Hmac)
    }

    /// What becomes of a column.
    pub fn of(&self, column: &str) -> Transform {
        self.columns.get(column).copied().unwrap_or(Transform::Keep)
    }

    /// Whether it was asked for that what no column holds is dropped, and so with it columns that are none of legs.
    pub fn drops_unknown(&self) -> bool {
        self.said.get("extra") == Some(&Transform::Drop)
    }

    /// Whether times are rounded: then nothing can be computed from them any more.
    pub fn rounds_times(&self) -> bool {
        self.columns.values().any(|transform| matches!(transform, Transform::Bucket(_)))
    }

    /// Whether it was asked for that the column stays as it is.
    pub(crate) fn keeps_on_purpose(&self, column: &str) -> bool {
        self.columns.get(column) == Some(&Transform::Keep)
    }

    /// What tells this redaction from others, and its key from other keys, without saying it.
    pub fn fingerprint(&self) -> String {
        let key = self.key.as_ref().filter(|_| self.needs_key()).map(|key| key.fingerprint());
        digest(format!("{self} {}", key.unwrap_or_default()).as_bytes())
    }

    /// The same legs without what is redacted.
    ///
    /// # Errors
    /// When a column is not of its type, and when there are pseudonyms and no key.
    pub fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let schema = batch.schema();
        let own = batch.column_by_name(OWN).filter(|_| self.of(OWN) == Transform::Keep);
        let own = own.and_then(|own| own.as_string_opt::<i32>());
        let columns = schema.fields().iter().zip(batch.columns());
        let columns =
            columns.map(|(field, array)| self.column(batch, field, array, own)).collect::<Result<_, _>>()?;
        let length = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema, columns, &length)
    }

    /// The same of the legs of a page. What is noticed is noticed before: a member that nobody documents may be taken off.
    pub(crate) fn legs(&self, legs: &[Leg], findings: &mut Findings) -> Result<Vec<Leg>, Error> {
        let redacted = mapped(legs, |batch| {
            findings.observe(batch, false);
            self.batch(batch)
        });
        redacted.map_err(|error| {
            Error::new(ErrorKind::Internal, format!("legs cannot be redacted: {error}"))
                .because("none is passed on with what was to be taken off")
        })
    }

    fn column(
        &self,
        batch: &RecordBatch,
        field: &Field,
        array: &ArrayRef,
        own: Option<&StringArray>,
    ) -> Result<ArrayRef, ArrowError> {
        let name = field.name().as_str();
        let transform = self.of(name);
        if name == "extra" && transform == Transform::Keep {
            return self.extra(array);
        }
        match transform {
            Transform::Keep => return Ok(Arc::clone(array)),
            Transform::Drop => return Ok(new_null_array(field.data_type(), array.len())),
            Transform::Bucket(seconds) => {
                let rounded = times::rounded(batch, name, array, seconds);
                return rounded.ok_or_else(|| ArrowError::SchemaError(format!("{name} is no time")));
            }
            Transform::Hmac | Transform::Mask | Transform::Prefix(_) => {}
        }
        let kind = Kind::of(name);
        let one = |text: &str| self.value(kind, transform, text);
        if let Some(texts) = array.as_string_opt::<i32>() {
            let own = own.filter(|_| PARTIES.contains(&name));
            let mut made = StringBuilder::with_capacity(texts.len(), texts.len() * 22);
            for (row, text) in texts.iter().enumerate() {
                let is_own = own.is_some_and(|own| own.is_valid(row) && Some(own.value(row)) == text);
                match text {
                    Some(text) if !is_own => made.append_value(one(text)?),
                    text => made.append_option(text),
                }
            }
            return Ok(Arc::new(made.finish()));
        }
        if let Some(lists) = array.as_list_opt::<i32>() {
            return lists_of(lists, one);
        }
        Err(ArrowError::SchemaError(format!("{name} is {}, and no text", field.data_type())))
    }

    fn value(&self, kind: Kind, transform: Transform, text: &str) -> Result<String, ArrowError> {
        if text.is_empty() {
            return Ok(String::new());
        }
        if transform != Transform::Hmac {
            return Ok(without(kind, transform, text));
        }
        let key = self.key.as_ref().ok_or_else(|| {
            ArrowError::InvalidArgumentError("pseudonyms were asked for, and there is no key".to_owned())
        })?;
        Ok(pseudonym(key, kind, text))
    }

    /// Members that nobody documents, without values of columns that are redacted: what does not fit its column is here.
    fn extra(&self, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let texts = array.as_string_opt::<i32>();
        let texts = texts.ok_or_else(|| ArrowError::SchemaError("extra is no text".to_owned()))?;
        let mut made = StringBuilder::new();
        for text in texts {
            let members = text.and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
            let mut members = members.unwrap_or_default();
            members.retain(|name, _| self.of(name) == Transform::Keep);
            made.append_option((!members.is_empty()).then(|| Value::Object(members).to_string()));
        }
        Ok(Arc::new(made.finish()))
    }
}

/// As it was asked for, in the order of names.
impl fmt::Display for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, transform)) in self.said.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{name}={transform}")?;
        }
        Ok(())
    }
}

/// Without its key.
impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redaction({self})")
    }
}

fn lists_of(
    lists: &ListArray,
    one: impl Fn(&str) -> Result<String, ArrowError>,
) -> Result<ArrayRef, ArrowError> {
    let mut made =
        ListBuilder::new(StringBuilder::new()).with_field(Field::new_list_field(DataType::Utf8, false));
    for list in lists {
        if let Some(texts) = list.as_ref().and_then(|list| list.as_string_opt::<i32>()) {
            for text in texts.iter().flatten() {
                made.values().append_value(one(text)?);
            }
        }
        made.append(list.is_some());
    }
    Ok(Arc::new(made.finish()))
}

/// The columns that a word names: those of a group, or one.
fn columns_of(name: &str) -> Result<Vec<&'static Column>, Error> {
    let group = GROUPS.iter().find(|(group, _)| *group == name);
    let names: &[&str] = group.map_or_else(|| std::slice::from_ref(&name), |(_, names)| *names);
    let found: Vec<_> = Column::all().iter().filter(|column| names.contains(&column.name())).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let words = GROUPS.iter().map(|(group, _)| *group).chain(Column::all().iter().map(Column::name));
    let next = nearest(name, words).map_or_else(
        || {
            "name phones, names, staff, records, ids, times or extra, or a column: `calllegs fields` lists them"
                .to_owned()
        },
        |near| format!("did you mean {near}?"),
    );
    Err(unclear("the redaction names no column that legs have").next(next))
}

/// Refuses what cannot be done to a column.
fn check_fits(column: &Column, transform: Transform) -> Result<(), Error> {
    let name = column.name();
    let tells_apart = ["account", "id", "call_session_id"].contains(&name);
    let fits = match (transform, column.kind()) {
        (Transform::Keep, _) => true,
        _ if tells_apart => false,
        (Transform::Drop, ColumnKind::Instant | ColumnKind::WallTime) => false,
        (Transform::Bucket(_), kind) => matches!(kind, ColumnKind::Instant | ColumnKind::WallTime),
        (Transform::Drop, _) => true,
        (Transform::Prefix(_), _) => Kind::of(name) == Kind::Phone,
        (_, ColumnKind::Text | ColumnKind::TextList) => column.source() != Source::Extra,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let is_text = matches!(column.kind(), ColumnKind::Text | ColumnKind::TextList) && name != "extra";
    let next = if tells_apart {
        "it tells legs apart: write keep, or leave it out"
    } else if matches!(column.kind(), ColumnKind::Instant | ColumnKind::WallTime) {
        "times are kept or rounded: write times=bucket:1h, or leave it out"
    } else if is_text {
        "prefix is for phones: write mask, hmac or drop"
    } else {
        "it is no text: write keep or drop"
    };
    Err(unclear(format!("{name} does not take {transform}")).next(next))
}

/// A name of ours; what else it may be is not repeated.
fn known(name: &str) -> &str {
    let is_known = columns_of(name.trim()).is_ok();
    if is_known { name.trim() } else { "a column" }
}

fn unclear(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Spec, what).because("it says what is done to which columns")
}
