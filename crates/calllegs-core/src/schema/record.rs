//! Records: one struct per listing with every documented field, and what the tables do not know beside them.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Serialize,
    ser::{self, SerializeMap, Serializer},
};
use serde_json::value::RawValue;

use super::{Cell, FieldInfo, FieldValue, Kind};
use crate::value::lenient::LenientValue;

/// Anything with a value per field: records, and the rows of a server.
pub trait Cells {
    /// The value of the field; [`Cell::Null`] for a field of another listing.
    fn cell(&self, field: &FieldInfo) -> Cell<'_>;
}

/// The values of a row before they have types: what a [`Record`] is made of. A [row of a page](crate::page::Row) has them.
#[derive(PartialEq)]
pub struct Values<'a> {
    /// By position of the field; null where the member is missing.
    pub(crate) documented: Vec<LenientValue<'a>>,
    /// Members that no field of the listing has the name of, each name once.
    pub(crate) others: Vec<(Cow<'a, str>, LenientValue<'a>)>,
}

impl Values<'_> {
    /// Takes the value of a field out; what its type cannot give back goes to `extra`, whole.
    pub fn take<T: FieldValue>(&mut self, field: &FieldInfo, extra: &mut Extra) -> Option<T> {
        keep(self.documented.get_mut(field.position()), field.name(), extra)
    }

    /// Members that no field of the listing has the name of, taken out.
    pub fn take_others(&mut self) -> Extra {
        let mut extra = Extra::default();
        for (name, value) in &mut self.others {
            extra.insert(name, std::mem::take(value).into_json());
        }
        extra
    }
}

/// Shows how many there are.
impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({} and {} others)", self.documented.len(), self.others.len())
    }
}

/// A row with all fields of its listing, each optional: the server returns what was asked for. It is written by serde as
/// the server wrote it, but for what was not in it, which is null.
///
/// ```
/// use calllegs_core::{CallLeg, CallLegs, schema::Record};
///
/// let row = r#"{"id":7,"duration":31,"finish_reason":"robot_answered","queue":"sales"}"#;
/// let leg: CallLeg = serde_json::from_str(row)?;
/// assert_eq!((leg.id, leg.duration, leg.is_coach), (Some(7.into()), Some(31), None));
/// assert!(!leg.finish_reason.as_ref().unwrap().is_known()); // and still says `robot_answered`
/// assert_eq!(leg.extra().text("queue").as_deref(), Some("sales")); // a member that nobody documents
///
/// let columns = [CallLegs::ID.info(), CallLegs::DURATION.info(), CallLegs::FINISH_REASON.info()];
/// assert_eq!(serde_json::to_string(&leg.select(&columns))?, row);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait Record: Cells + Sized {
    /// What the server sent beside the documented fields, and documented members whose value did not fit.
    fn extra(&self) -> &Extra;

    /// The documented fields.
    fn fields() -> &'static [FieldInfo];

    /// Takes the values out of a row.
    fn take(values: &mut Values<'_>) -> Self;

    /// The row with these columns only, as JSON: a value that did not fit its type appears as the server wrote it,
    /// and members that nobody documents follow at the end.
    fn select<'a>(&'a self, columns: &'a [&'static FieldInfo]) -> Selected<'a, Self> {
        Selected { record: self, columns }
    }
}

/// Members of a row that its typed fields cannot hold, by name: undocumented ones, values of another type, and other
/// spellings of enum words, times and numbers. So nothing that the server said is lost: each is kept as the server wrote
/// it, less the whitespace between tokens, and a number with all its digits.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(BTreeMap<Box<str>, Box<RawValue>>);

impl Extra {
    /// The member, as the server wrote it.
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|value| &**value)
    }

    /// The member as text: a string without its quotes, anything else as the server wrote it.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let json = self.get(name)?.get();
        let text = || serde_json::from_str(json).map(Cow::Owned).ok();
        Some(if json.starts_with('"') { text()? } else { Cow::Borrowed(json) })
    }

    /// All members by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether the typed fields hold everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps a member; one of the same name is replaced.
    pub fn insert(&mut self, name: &str, value: Box<RawValue>) {
        self.0.insert(name.into(), value);
    }

    /// A later member of the same name replaces what an earlier one left here.
    #[doc(hidden)]
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.iter().all(|(name, value)| other.get(name).is_some_and(|same| same.get() == value.get()))
    }
}

/// Shows names only.
impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Returned by [`Record::select`].
#[derive(Debug)]
pub struct Selected<'a, T> {
    record: &'a T,
    columns: &'a [&'static FieldInfo],
}

impl<T: Record> Serialize for Selected<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extra = self.record.extra();
        let mut map = serializer.serialize_map(None)?;
        for column in self.columns {
            match extra.get(column.name()) {
                Some(value) => map.serialize_entry(column.name(), value)?,
                None => match (self.record.cell(column), column.kind()) {
                    // The JSON text of a structure is written as what it is.
                    (Cell::Text(json), Kind::Array | Kind::Object) => {
                        let raw: &RawValue = serde_json::from_str(json).map_err(ser::Error::custom)?;
                        map.serialize_entry(column.name(), raw)?;
                    }
                    (cell, _) => map.serialize_entry(column.name(), &cell)?,
                },
            }
        }
        for (name, value) in extra.iter() {
            if !T::fields().iter().any(|field| field.name() == name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// The part of Debug that every record shares: numbers, flags, times and documented words are shown, other text is not.
#[doc(hidden)]
pub fn debug<T: Record>(
    record: &T,
    name: &str,
    fields: &'static [FieldInfo],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for field in fields {
        match record.cell(field) {
            Cell::Null => {}
            Cell::Text(word) if field.words().contains(&word) => {
                shown.field(field.name(), &format_args!("{word}"));
            }
            Cell::Text(_) => drop(shown.field(field.name(), &format_args!("[text]"))),
            Cell::List(items) => drop(shown.field(field.name(), &format_args!("[{} items]", items.len()))),
            Cell::Time(time) => drop(shown.field(field.name(), &format_args!("{time}"))),
            Cell::Boolean(value) => drop(shown.field(field.name(), &value)),
            Cell::Number(value) => drop(shown.field(field.name(), &value)),
            Cell::Decimal(value) => drop(shown.field(field.name(), &value)),
        }
    }
    shown.finish_non_exhaustive()
}

/// Reads one member into its field; what the field could not give back goes to `extra`.
#[doc(hidden)]
#[inline]
pub fn keep<T: FieldValue>(
    lenient: Option<&mut LenientValue<'_>>,
    name: &str,
    extra: &mut Extra,
) -> Option<T> {
    let lenient = lenient.filter(|lenient| !matches!(lenient, LenientValue::Null))?;
    let value = T::from_lenient(lenient);
    if !value.as_ref().is_some_and(|value| value.gives_back(lenient)) {
        extra.insert(name, std::mem::take(lenient).into_json());
    }
    value
}

/// Declares a record of a table of fields, for the tables of a crate of reports: one optional member per line of the table,
/// in its order, and `extra`. A member that cannot be called what the server calls it says so: `r#type = "type": i64`.
#[macro_export]
macro_rules! record {
    ($(#[$doc:meta])* $name:ident of $table:ident {
        $($(#[$field_doc:meta])* $field:ident $(= $wire:literal)?: $type:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// What the fields above cannot hold.
            pub extra: $crate::schema::Extra,
        }

        impl $crate::schema::Cells for $name {
            fn cell(&self, field: &$crate::schema::FieldInfo) -> $crate::schema::Cell<'_> {
                match field.name() {
                    $($crate::wire_name!($field $($wire)?) => self.$field.as_ref().map_or(
                        $crate::schema::Cell::Null,
                        $crate::schema::FieldValue::cell,
                    ),)*
                    _ => $crate::schema::Cell::Null,
                }
            }
        }

        impl $crate::schema::Record for $name {
            fn extra(&self) -> &$crate::schema::Extra {
                &self.extra
            }

            fn fields() -> &'static [$crate::schema::FieldInfo] {
                &$table
            }

            fn take(values: &mut $crate::schema::Values<'_>) -> Self {
                let mut extra = values.take_others();
                // The table of fields and the struct come from the same lines of the specification, in one order.
                let mut fields = $table.iter();
                Self {
                    $($field: fields.next().and_then(|field| values.take(field, &mut extra)),)*
                    extra,
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::schema::debug_record(self, stringify!($name), &$table, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let columns: Vec<_> = $table.iter().collect();
                $crate::schema::Record::select(self, &columns).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct RowVisitor;

                impl<'de> serde::de::Visitor<'de> for RowVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a row, which is an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        use $crate::value::lenient::LenientValue;
                        let mut row = $name::default();
                        while let Some(key) = map.next_key::<LenientValue<'de>>()? {
                            let key = key.text().unwrap_or_default();
                            let mut lenient = map.next_value::<LenientValue<'de>>()?;
                            row.extra.forget(key);
                            match key {
                                $($crate::wire_name!($field $($wire)?) => {
                                    row.$field = $crate::schema::keep(Some(&mut lenient), key, &mut row.extra);
                                })*
                                _ => row.extra.insert(key, lenient.into_json()),
                            }
                        }
                        Ok(row)
                    }
                }

                deserializer.deserialize_map(RowVisitor)
            }
        }
    };
}

/// What the server calls a member.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

pub(crate) use record;
