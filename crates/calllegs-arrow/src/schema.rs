//! The columns of a leg: 34 fields of the API and four of our own, with their types and what they mean.
//!
//! The table is written by `cargo xtask codegen` from the project's specification. Times of the API are wall clocks of
//! the account and stay so: timestamps without a zone. What is an instant is said by a column of its own, in UTC. Not
//! here: how values get into columns (`decode`).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Kind, Listing, MethodInfo},
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
    /// The type of the column of a field. Numbers have 64 bits, with a fraction where the table says so; structures are JSON
    /// text.
    pub fn of(field: &FieldInfo) -> Self {
        match field.kind() {
            Kind::Boolean => Self::Boolean,
            Kind::Iso8601 => Self::WallTime,
            Kind::Number if field.is_decimal() => Self::Double,
            Kind::Number | Kind::Id => Self::Int64,
            Kind::Array if !field.is_json() => Self::TextList,
            Kind::Array | Kind::Enum | Kind::Object | Kind::String | _ => Self::Text,
        }
    }

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
    /// A field of another listing that is joined to legs, under a name of its own.
    Joined(&'static FieldInfo),
    /// A field of another listing than legs.
    Listed(&'static FieldInfo),
    /// `start_time` by the zone of the account.
    StartAt,
    /// The place that keeps the leg.
    Place,
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
    ///
    #[doc = include_str!("generated/COLUMNS.md")]
    pub fn all() -> &'static [Self] {
        &COLUMNS
    }

    /// The columns of any listing: the account, each field, and what fits no column. They are made once for each method.
    ///
    /// ```
    /// use calllegs_arrow::schema::Column;
    /// use calllegs_core::{CustomerUsers, schema::Listing}; // or a method of `calllegs-reports`
    ///
    /// let columns = Column::of_listing(CustomerUsers::METHOD);
    /// assert_eq!((columns[0].name(), columns[1].name()), ("account", CustomerUsers::METHOD.fields[0].name()));
    /// assert_eq!(columns.last().map(Column::name), Some("extra"));
    /// ```
    pub fn of_listing(method: &'static MethodInfo) -> &'static [Self] {
        static MADE: Mutex<BTreeMap<usize, &'static [Column]>> = Mutex::new(BTreeMap::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(std::ptr::from_ref(method).addr()).or_insert_with(|| {
            let [account, .., extra] = &COLUMNS;
            let own = |column: &Self| Self::new(column.name, column.kind, column.source, column.comment);
            let listed = |field: &'static FieldInfo| {
                Self::new(field.name(), ColumnKind::of(field), Source::Listed(field), field.summary())
            };
            let mut columns = vec![own(account)];
            columns.extend(method.fields.iter().map(listed));
            columns.push(own(extra));
            Box::leak(columns.into_boxed_slice())
        })
    }

    /// A column that legs get from another listing, under a name that none of theirs has. Files are known by such names where
    /// they begin with `session_` or `cost_`.
    ///
    /// ```
    /// use calllegs_arrow::schema::Column;
    /// use calllegs_core::{CustomerUsers, schema::Listing}; // or a field of `calllegs-reports`
    ///
    /// let login = CustomerUsers::METHOD.fields.iter().find(|field| field.name() == "login").unwrap();
    /// assert_eq!(Column::joined("customer_login", login).name(), "customer_login");
    /// ```
    pub fn joined(name: &'static str, field: &'static FieldInfo) -> Self {
        Self::new(name, ColumnKind::of(field), Source::Joined(field), field.summary())
    }

    /// Whether a column that is joined to legs can have this name.
    pub fn is_name_of_joined(name: &str) -> bool {
        ["session_", "cost_"].iter().any(|prefix| name.starts_with(prefix))
    }

    /// What places that keep legs over time put behind the columns of a leg: which version of it they have.
    pub fn version() -> &'static [Self] {
        &VERSION
    }

    /// The column of this field of the API.
    pub fn of(field: &FieldInfo) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.source == Source::Field(field.position()))
    }

    /// The column `extra`: what no other column of the row holds.
    pub fn extra() -> &'static Self {
        let [.., last] = &COLUMNS;
        last
    }

    /// The field of the listing that its values are, or are made of; the account, `extra` and what is joined are of none.
    pub fn field(&self) -> Option<&'static FieldInfo> {
        match self.source {
            Source::Account | Source::Extra | Source::Joined(_) | Source::Place => None,
            Source::Field(position) => CallLegs::METHOD.fields.get(position),
            Source::Listed(field) => Some(field),
            Source::StartAt => CallLegs::field("start_time"),
            Source::ConnectAt => CallLegs::field("connect_time"),
        }
    }

    /// Whether its texts are JSON: structures of another listing than legs.
    pub const fn is_json(&self) -> bool {
        matches!(self.source, Source::Joined(field) | Source::Listed(field) if field.is_json())
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

/// Behind the columns of a leg, where several versions of it are received over time.
static VERSION: [Column; 4] = {
    const fn column(name: &'static str, kind: ColumnKind, comment: &'static str) -> Column {
        Column::new(name, kind, Source::Place, comment)
    }
    [
        column("cl_row_hash", ColumnKind::Int64, "Hash of the row as received, for change detection."),
        column("cl_run_id", ColumnKind::Text, "Run that wrote this version."),
        column("cl_extracted_at", ColumnKind::Instant, "When this version was received."),
        column("cl_first_seen_at", ColumnKind::Instant, "When the leg was received for the first time."),
    ]
};

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
        fields.extend(column.field().filter(|field| !fields.contains(field)));
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

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("generated/COLUMNS.md");

    /// What files promise: the names, their order and their types.
    const PROMISED: [(&str, &str); 38] = [
        ("account", "Utf8"),
        ("id", "Int64"),
        ("call_session_id", "Int64"),
        ("start_time", "Timestamp(µs)"),
        ("start_at", "Timestamp(µs, UTC)"),
        ("connect_time", "Timestamp(µs)"),
        ("connect_at", "Timestamp(µs, UTC)"),
        ("duration", "Int32"),
        ("total_duration", "Int32"),
        ("finish_reason", "Utf8"),
        ("finish_reason_description", "Utf8"),
        ("direction", "Utf8"),
        ("is_operator", "Boolean"),
        ("is_transfered", "Boolean"),
        ("is_coach", "Boolean"),
        ("is_failed", "Boolean"),
        ("is_talked", "Boolean"),
        ("virtual_phone_number", "Utf8"),
        ("calling_phone_number", "Utf8"),
        ("called_phone_number", "Utf8"),
        ("contact_id", "Int64"),
        ("contact_full_name", "Utf8"),
        ("contact_phone_number", "Utf8"),
        ("employee_id", "Int64"),
        ("employee_full_name", "Utf8"),
        ("employee_phone_number", "Utf8"),
        ("employee_rating", "Float64"),
        ("scenario_id", "Int64"),
        ("scenario_name", "Utf8"),
        ("action_id", "Int64"),
        ("action_name", "Utf8"),
        ("group_id", "Int64"),
        ("group_name", "Utf8"),
        ("release_cause_code", "Int32"),
        ("release_cause_description", "Utf8"),
        ("call_records", "List of Utf8"),
        ("wav_call_records", "List of Utf8"),
        ("extra", "Utf8"),
    ];

    /// The type that a word of the table and of the page for people stands for.
    fn arrow(word: &str) -> DataType {
        match word {
            "Boolean" => DataType::Boolean,
            "Float64" => DataType::Float64,
            "Int32" => DataType::Int32,
            "Int64" => DataType::Int64,
            "List of Utf8" => DataType::List(Arc::new(Field::new("item", DataType::Utf8, false))),
            "Timestamp(µs)" => DataType::Timestamp(TimeUnit::Microsecond, None),
            "Timestamp(µs, UTC)" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "Utf8" => DataType::Utf8,
            other => panic!("{other}"),
        }
    }

    fn names(columns: &[&'static Column]) -> Vec<&'static str> {
        columns.iter().map(|column| column.name()).collect()
    }

    fn fields(names: &[&str]) -> Vec<&'static FieldInfo> {
        names.iter().map(|name| CallLegs::field(name).unwrap()).collect()
    }

    #[test]
    fn files_have_the_promised_columns() {
        let schema = schema(&Column::all().iter().collect::<Vec<_>>());
        let found: Vec<_> =
            schema.fields().iter().map(|field| (field.name().as_str(), field.data_type().clone())).collect();
        assert_eq!(found, PROMISED.map(|(name, word)| (name, arrow(word))));
        assert!(schema.fields().iter().all(|field| field.is_nullable()));
    }

    #[test]
    fn the_page_for_people_says_the_same() {
        let rows: Vec<Vec<&str>> = PAGE
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|line| line.trim_matches(['|', ' ']).split(" | ").collect())
            .collect();
        let found: Vec<_> = rows.iter().map(|row| (row[0].trim_matches('`'), row[1])).collect();
        assert_eq!(found, PROMISED);
        let comments: Vec<_> = rows.iter().map(|row| row[3]).collect();
        assert_eq!(comments, Column::all().iter().map(Column::comment).collect::<Vec<_>>());
    }

    #[test]
    fn a_column_of_a_field_has_its_name_and_its_description() {
        let mut of_fields = 0;
        for column in Column::all() {
            if let Source::Field(position) = column.source() {
                let field = &CallLegs::METHOD.fields[position];
                assert_eq!((column.name(), column.comment()), (field.name(), field.summary()));
                of_fields += 1;
            }
        }
        assert_eq!(of_fields, CallLegs::METHOD.fields.len());
    }

    #[test]
    fn every_column_says_what_it_means_also_in_the_schema() {
        let schema = schema(&Column::all().iter().collect::<Vec<_>>());
        for (column, field) in Column::all().iter().zip(schema.fields()) {
            assert!(column.comment().ends_with('.') && column.comment().len() > 10, "{}", column.name());
            assert_eq!(field.metadata().get("comment").map(String::as_str), Some(column.comment()));
        }
    }

    #[test]
    fn all_fields_give_all_columns() {
        let columns = columns_of(&CallLegs::METHOD.fields.iter().collect::<Vec<_>>());
        let (mut found, mut all) = (names(&columns), PROMISED.map(|(name, _)| name));
        found.sort_unstable();
        all.sort_unstable();
        assert_eq!(found, all);
    }

    #[test]
    fn columns_follow_the_fields_that_were_asked_for() {
        let of = |wanted: &[&str]| names(&columns_of(&fields(wanted)));
        assert_eq!(of(&["id", "start_time"]), ["account", "id", "start_time", "start_at", "extra"]);
        assert_eq!(
            of(&["connect_time", "duration"]),
            ["account", "connect_time", "connect_at", "duration", "extra"]
        );
        assert_eq!(of(&[]), ["account", "extra"]);
    }

    #[test]
    fn the_fields_of_columns_are_each_named_once() {
        let of = |wanted: &[&str]| {
            let columns: Vec<_> = wanted
                .iter()
                .map(|name| Column::all().iter().find(|column| column.name() == *name).unwrap())
                .collect();
            fields_of(&columns)
        };
        assert_eq!(
            of(&["account", "start_at", "id", "start_time", "connect_at", "extra"]),
            fields(&["start_time", "id", "connect_time"])
        );
        assert_eq!(of(&["account", "extra"]), fields(&[]));
        assert_eq!(fields_of(&columns_of(&fields(&["direction", "id"]))), fields(&["direction", "id"]));
    }

    #[test]
    fn the_last_column_holds_what_fits_no_other() {
        assert_eq!((Column::extra().name(), Column::extra().source()), ("extra", Source::Extra));
    }

    #[test]
    fn bookkeeping_of_databases_is_no_column() {
        assert!(Column::all().iter().all(|column| !column.name().starts_with("cl_")));
        assert!(Column::version().iter().all(|column| column.name().starts_with("cl_")));
    }
}
