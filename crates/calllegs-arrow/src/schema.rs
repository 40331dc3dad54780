//! The columns of a leg: 34 fields of the API and four of our own, with their types and what they mean.
//!
//! The table is written by `cargo xtask codegen` from the project's specification. Times of the API are wall clocks of
//! the account and stay so: timestamps without a zone. What is an instant is said by a column of its own, in UTC. Not
//! here: how values get into columns (`decode`).

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
};

use crate::generated::call_legs::COLUMNS;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// true or false.
    Boolean,
    /// A 64-bit floating point number.
    Double,
    /// Microseconds since 1970, UTC.
    Instant,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// UTF-8 text.
    Text,
    /// A list of texts.
    TextList,
    /// Microseconds since 1970 on the wall clock of the account, whose zone is not part of the column.
    WallTime,
}

impl ColumnKind {
    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Double => DataType::Float64,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Text => DataType::Utf8,
            Self::TextList => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, false))),
            Self::WallTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }
}

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The brand and account that is read.
    Account,
    /// `connect_time` by the zone of the account.
    ConnectAt,
    /// What no other column holds, as a JSON object.
    Extra,
    /// The field at this place of the API's table.
    Field(usize),
    /// `start_time` by the zone of the account.
    StartAt,
}

/// One column.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    name: &'static str,
    kind: ColumnKind,
    source: Source,
    comment: &'static str,
}

impl Column {
    pub(crate) const fn new(
        name: &'static str,
        kind: ColumnKind,
        source: Source,
        comment: &'static str,
    ) -> Self {
        Self { name, kind, source, comment }
    }

    /// All columns, in the order in which files have them.
    pub fn all() -> &'static [Self] {
        &COLUMNS
    }

    /// The name, which is the API's own where the API has the field.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type.
    pub const fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// Where the values come from.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// One line on what it means.
    pub const fn comment(&self) -> &'static str {
        self.comment
    }
}

/// The columns for these fields of the API, in their order: the account before them, an instant behind each time, and
/// what fits no column at the end. All fields give [`Column::all`] in another order.
pub fn columns_of(fields: &[&'static FieldInfo]) -> Vec<&'static Column> {
    let of = |source| COLUMNS.iter().find(move |column| column.source == source);
    let mut columns: Vec<_> = of(Source::Account).into_iter().collect();
    for field in fields {
        columns.extend(of(Source::Field(field.position())));
        columns.extend(match field.name() {
            "start_time" => of(Source::StartAt),
            "connect_time" => of(Source::ConnectAt),
            _ => None,
        });
    }
    columns.extend(of(Source::Extra));
    columns
}

/// The fields of the API that these columns are made of, each once.
pub fn fields_of(columns: &[&'static Column]) -> Vec<&'static FieldInfo> {
    let mut fields: Vec<&'static FieldInfo> = Vec::new();
    for column in columns {
        let field = match column.source {
            Source::Account | Source::Extra => None,
            Source::Field(position) => CallLegs::METHOD.fields.get(position),
            Source::StartAt => CallLegs::field("start_time"),
            Source::ConnectAt => CallLegs::field("connect_time"),
        };
        fields.extend(field.filter(|field| !fields.contains(field)));
    }
    fields
}

/// The Arrow schema of these columns. Every column may be null; its comment is in the metadata of its field under
/// `comment`.
pub fn schema(columns: &[&'static Column]) -> SchemaRef {
    let field = |column: &&'static Column| {
        let comment = ("comment".to_owned(), column.comment.to_owned());
        Field::new(column.name, column.kind.data_type(), true).with_metadata([comment])
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}
