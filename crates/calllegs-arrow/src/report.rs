//! The columns of any listing, from its table of fields: what `schema` and `decode` are for legs, without instants and
//! without a file's order.
//!
//! Numbers have 64 bits, with a fraction where the table says so; structures are JSON text. What fits no column is whole
//! in `extra`. Not here: legs ([`Columns`](crate::Columns)), and what a field is (`calllegs_core::schema`).

use std::{fmt, marker::PhantomData, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch, RecordBatchOptions, StringArray,
    builder::{
        BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
    },
};
use arrow_schema::SchemaRef;
use calllegs_core::{
    Error,
    page::{PageReader, Row},
    projection::{Keyed, Projection},
    schema::{AnyListing, FieldInfo, FieldValue, Listing, MethodInfo},
    value::lenient::LenientValue,
};

use crate::{
    decode::{Misfits, json, list_builder, micros, time},
    leg::Leg,
    schema::{Column, ColumnKind, Source, fields_of, schema},
};

/// Reads rows of a listing as columns: what a [`Query`](calllegs_core::Query) selects. A column a field, and `extra`, unless
/// others are chosen.
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
    chosen: Arc<[&'static Column]>,
    schema: SchemaRef,
    account: Option<Arc<str>>,
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
        let columns = Column::of_listing(method).iter();
        Self::chosen(method, columns.filter(|column| column.source() != Source::Account))
    }

    fn chosen(method: &'static MethodInfo, columns: impl IntoIterator<Item = &'static Column>) -> Self {
        let chosen: Arc<[_]> = columns.into_iter().collect();
        Self { method, schema: schema(&chosen), chosen, account: None, listing: PhantomData }
    }

    /// These columns of [`Column::of_listing`] alone; `extra`, which holds what fits no other, is the last of them.
    #[must_use]
    pub fn columns(self, columns: impl IntoIterator<Item = &'static Column>) -> Self {
        Self { account: self.account, ..Self::chosen(self.method, columns) }
    }

    /// What the column `account` says: brand and account id, as in `uis:1103`. It is null otherwise.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.into());
        self
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

impl<R: 'static> Projection<R> for ReportColumns<R> {
    type Row = Leg;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        fields_of(&self.chosen)
    }

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Leg>>, Error> {
        let mut fillers: Vec<_> = self.chosen.iter().map(|column| Filler::new(column)).collect();
        let mut marks = Vec::new();
        while let Some(row) = page.next_row()? {
            marks.push(row.mark());
            let mut misfits = Misfits::new();
            for filler in &mut fillers {
                filler.take(row, &mut misfits);
            }
        }
        let arrays = fillers.into_iter().map(|filler| filler.finish(marks.len(), self.account.as_deref()));
        let length = RecordBatchOptions::new().with_row_count(Some(marks.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays.collect(), &length);
        let batch = batch.map_err(|error| Error::unreadable(format!("the page has no columns: {error}")))?;
        Ok(Leg::all(batch, marks))
    }
}

/// Fills a column.
enum Filler {
    Account,
    Boolean(&'static FieldInfo, BooleanBuilder),
    Double(&'static FieldInfo, Float64Builder),
    Extra(StringBuilder),
    Int64(&'static FieldInfo, Int64Builder),
    Json(&'static FieldInfo, StringBuilder),
    /// Of no listing.
    None,
    Text(&'static FieldInfo, StringBuilder),
    TextList(&'static FieldInfo, ListBuilder<StringBuilder>),
    Time(&'static FieldInfo, TimestampMicrosecondBuilder),
}

impl Filler {
    fn new(column: &'static Column) -> Self {
        let Some(field) = column.field() else {
            return match column.source() {
                Source::Account => Self::Account,
                Source::Extra => Self::Extra(StringBuilder::new()),
                Source::ConnectAt
                | Source::Field(_)
                | Source::Joined(_)
                | Source::Listed(_)
                | Source::Place
                | Source::StartAt => Self::None,
            };
        };
        match column.kind() {
            ColumnKind::Boolean => Self::Boolean(field, BooleanBuilder::new()),
            ColumnKind::Double => Self::Double(field, Float64Builder::new()),
            ColumnKind::Int32 | ColumnKind::Int64 => Self::Int64(field, Int64Builder::new()),
            ColumnKind::Text if field.is_json() => Self::Json(field, StringBuilder::new()),
            ColumnKind::Text => Self::Text(field, StringBuilder::new()),
            ColumnKind::TextList => Self::TextList(field, list_builder()),
            ColumnKind::Instant | ColumnKind::WallTime => {
                Self::Time(field, TimestampMicrosecondBuilder::new())
            }
        }
    }

    /// Takes the value of a row. What the column does not give back is a misfit; the column of those is the last one.
    fn take(&mut self, row: &Row<'_>, misfits: &mut Misfits) {
        let (field, fits) = match self {
            Self::Account | Self::None => return,
            Self::Extra(builder) => {
                for (name, value) in row.others() {
                    misfits.insert(name.to_string(), value.clone().into_json());
                }
                builder.append_option(json(misfits));
                return;
            }
            Self::Boolean(field, builder) => {
                let taken = row.value(field).boolean();
                builder.append_option(taken);
                (field, taken.is_some())
            }
            Self::Double(field, builder) => {
                let value = row.value(field);
                let taken = value.double();
                builder.append_option(taken);
                (field, taken.is_some_and(|taken| taken.gives_back(value)))
            }
            Self::Int64(field, builder) => {
                let taken = row.value(field).integer();
                builder.append_option(taken);
                (field, taken.is_some())
            }
            Self::Json(field, builder) => {
                let value = row.value(field);
                let taken = (*value != LenientValue::Null).then(|| value.clone().into_json());
                builder.append_option(taken.as_ref().map(|json| json.get()));
                (field, taken.is_some())
            }
            Self::Text(field, builder) => {
                let taken = row.value(field).text();
                builder.append_option(taken);
                (field, taken.is_some())
            }
            Self::TextList(field, builder) => {
                let texts = row.value(field).texts();
                let fits = texts.is_some();
                for text in texts.into_iter().flatten() {
                    builder.values().append_value(text);
                }
                builder.append(fits);
                (field, fits)
            }
            Self::Time(field, builder) => {
                let value = row.value(field);
                let taken = time(value);
                builder.append_option(taken.map(micros));
                (field, taken.is_some_and(|taken| taken.gives_back(value)))
            }
        };
        if !fits && *row.value(field) != LenientValue::Null {
            misfits.insert(field.name().to_owned(), row.value(field).clone().into_json());
        }
    }

    fn finish(self, rows: usize, account: Option<&str>) -> ArrayRef {
        match self {
            Self::Account => match account {
                Some(account) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(account, rows))),
                None => Arc::new(StringArray::new_null(rows)),
            },
            Self::None => Arc::new(StringArray::new_null(rows)),
            Self::Boolean(_, mut builder) => Arc::new(builder.finish()),
            Self::Double(_, mut builder) => Arc::new(builder.finish()),
            Self::Int64(_, mut builder) => Arc::new(builder.finish()),
            Self::Extra(mut builder) | Self::Json(_, mut builder) | Self::Text(_, mut builder) => {
                Arc::new(builder.finish())
            }
            Self::TextList(_, mut builder) => Arc::new(builder.finish()),
            Self::Time(_, mut builder) => Arc::new(builder.finish()),
        }
    }
}
