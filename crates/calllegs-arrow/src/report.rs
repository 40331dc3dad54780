//! The columns of any listing, from its table of fields: what `schema` and `decode` are for legs, without instants and
//! without a file's order.
//!
//! Numbers have 64 bits, with a fraction where the table says so; structures are JSON text. What fits no column is whole
//! in `extra`. Not here: legs ([`Columns`](crate::Columns)), and what a field is (`calllegs_core::schema`).

use std::{fmt, marker::PhantomData, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch, RecordBatchOptions,
    builder::{
        BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{Field, Schema, SchemaRef};
use calllegs_core::{
    Error,
    page::{PageReader, Row},
    projection::{Keyed, Projection},
    schema::{AnyListing, FieldInfo, FieldValue, Kind, Listing, MethodInfo},
    value::lenient::LenientValue,
};

use crate::{
    decode::{Misfits, json, list_builder, micros, time},
    schema::ColumnKind,
};

/// Reads rows of a listing as columns: what a [`Query`](calllegs_core::Query) selects. A column a field, and `extra`.
///
/// ```
/// use calllegs_arrow::report::ReportColumns;
/// use calllegs_core::{CustomerUsers, Query, RequestId, rpc}; // or any listing of `calllegs-reports`
///
/// let query = Query::<CustomerUsers>::all().select(ReportColumns::new());
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"id":7,"login":"anna","team":1}]}}"#;
/// let page = rpc::reply(&query, RequestId::new(1), reply)?;
/// let batch = page.rows[0].batch();
/// assert_eq!((batch.num_rows(), batch.num_columns()), (1, 6));
/// # Ok::<(), calllegs_core::Error>(())
/// ```
pub struct ReportColumns<R> {
    method: &'static MethodInfo,
    schema: SchemaRef,
    listing: PhantomData<fn() -> R>,
}

impl<R: Listing> ReportColumns<R> {
    /// Every field of the listing.
    pub fn new() -> Self {
        Self::with_fields(R::METHOD)
    }
}

impl ReportColumns<AnyListing> {
    /// Every field of the listing of a method that is chosen at run time.
    pub fn of(method: &'static MethodInfo) -> Self {
        Self::with_fields(method)
    }
}

impl<R> ReportColumns<R> {
    fn with_fields(method: &'static MethodInfo) -> Self {
        let comment = |text: &str| [("comment".to_owned(), text.to_owned())];
        let column = |field: &FieldInfo| {
            Field::new(field.name(), kind_of(field).data_type(), true).with_metadata(comment(field.summary()))
        };
        let mut columns: Vec<_> = method.fields.iter().map(column).collect();
        columns.push(Field::new("extra", ColumnKind::Text.data_type(), true));
        Self { method, schema: Arc::new(Schema::new(columns)), listing: PhantomData }
    }

    /// The schema of the batches.
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl<R: Listing> Default for ReportColumns<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for ReportColumns<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReportColumns({})", self.method.name)
    }
}

/// The type of a field's column.
pub fn kind_of(field: &FieldInfo) -> ColumnKind {
    match field.kind() {
        Kind::Boolean => ColumnKind::Boolean,
        Kind::Iso8601 => ColumnKind::WallTime,
        Kind::Number if field.is_decimal() => ColumnKind::Double,
        Kind::Number | Kind::Id => ColumnKind::Int64,
        Kind::Array if !field.is_json() => ColumnKind::TextList,
        Kind::Array | Kind::Enum | Kind::Object | Kind::String | _ => ColumnKind::Text,
    }
}

/// A row in the batch of its page.
#[derive(Clone)]
pub struct ReportRow {
    batch: Arc<RecordBatch>,
    row: usize,
}

impl ReportRow {
    /// The batch that the row is in.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// Its row in the batch.
    pub const fn row(&self) -> usize {
        self.row
    }
}

/// Shows where it is.
impl fmt::Debug for ReportRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReportRow({} of {})", self.row, self.batch.num_rows())
    }
}

impl<R: 'static> Projection<R> for ReportColumns<R> {
    type Row = ReportRow;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        self.method.fields.iter().collect()
    }

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<ReportRow>>, Error> {
        let mut fillers: Vec<_> =
            self.method.fields.iter().map(|field| (field, Filler::new(field))).collect();
        let (mut marks, mut extra) = (Vec::new(), StringBuilder::new());
        while let Some(row) = page.next_row()? {
            marks.push(row.mark());
            let mut misfits = Misfits::new();
            for (field, filler) in &mut fillers {
                if !filler.take(field, row) && *row.value(field) != LenientValue::Null {
                    misfits.insert(field.name().to_owned(), row.value(field).clone().into_json());
                }
            }
            for (name, value) in row.others() {
                misfits.insert(name.to_string(), value.clone().into_json());
            }
            extra.append_option(json(&mut misfits));
        }
        let mut arrays: Vec<_> = fillers.into_iter().map(|(_, filler)| filler.finish()).collect();
        arrays.push(Arc::new(extra.finish()));
        let length = RecordBatchOptions::new().with_row_count(Some(marks.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &length);
        let batch = batch.map_err(|error| Error::unreadable(format!("the page has no columns: {error}")))?;
        let batch = Arc::new(batch);
        let rows = marks.into_iter().enumerate();
        Ok(rows.map(|(row, mark)| (mark, ReportRow { batch: Arc::clone(&batch), row })).collect())
    }
}

/// Fills a column.
enum Filler {
    Boolean(BooleanBuilder),
    Double(Float64Builder),
    Int64(Int64Builder),
    Json(StringBuilder),
    Text(StringBuilder),
    TextList(ListBuilder<StringBuilder>),
    Time(TimestampMicrosecondBuilder),
}

impl Filler {
    fn new(field: &FieldInfo) -> Self {
        match kind_of(field) {
            ColumnKind::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnKind::Double => Self::Double(Float64Builder::new()),
            ColumnKind::Int32 | ColumnKind::Int64 => Self::Int64(Int64Builder::new()),
            ColumnKind::Text if field.is_json() => Self::Json(StringBuilder::new()),
            ColumnKind::Text => Self::Text(StringBuilder::new()),
            ColumnKind::TextList => Self::TextList(list_builder()),
            ColumnKind::Instant | ColumnKind::WallTime => Self::Time(TimestampMicrosecondBuilder::new()),
        }
    }

    /// Takes the value of a row, and says whether the column gives it back.
    fn take(&mut self, field: &FieldInfo, row: &Row<'_>) -> bool {
        let value = row.value(field);
        match self {
            Self::Boolean(builder) => {
                let taken = value.boolean();
                builder.append_option(taken);
                taken.is_some()
            }
            Self::Double(builder) => {
                let taken = value.double();
                builder.append_option(taken);
                taken.is_some_and(|taken| taken.gives_back(value))
            }
            Self::Int64(builder) => {
                let taken = value.integer();
                builder.append_option(taken);
                taken.is_some()
            }
            Self::Json(builder) => {
                let taken = (*value != LenientValue::Null).then(|| value.clone().into_json());
                builder.append_option(taken.as_ref().map(|json| json.get()));
                taken.is_some()
            }
            Self::Text(builder) => {
                let taken = value.text();
                builder.append_option(taken);
                taken.is_some()
            }
            Self::TextList(builder) => {
                let texts = value.texts();
                let fits = texts.is_some();
                for text in texts.into_iter().flatten() {
                    builder.values().append_value(text);
                }
                builder.append(fits);
                fits
            }
            Self::Time(builder) => {
                let taken = time(value);
                builder.append_option(taken.map(micros));
                taken.is_some_and(|taken| taken.gives_back(value))
            }
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
            Self::Double(mut builder) => Arc::new(builder.finish()),
            Self::Int64(mut builder) => Arc::new(builder.finish()),
            Self::Json(mut builder) | Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::TextList(mut builder) => Arc::new(builder.finish()),
            Self::Time(mut builder) => Arc::new(builder.finish()),
        }
    }
}
