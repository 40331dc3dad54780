//! From the bytes of a page straight to columns: a projection of core that builds a record batch a page.
//!
//! Which members a row has is core's word ([`PageReader`]); here each value goes into its column, or, when it does not
//! fit there, whole into `extra`. Not here: the order of rows, and which of them are given (the sweep's business).

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch, RecordBatchOptions, StringArray,
    builder::{
        BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
        TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{DataType, Field, SchemaRef};
use calllegs_core::{
    CallLegs, Error,
    page::{PageReader, Row},
    projection::{Keyed, Projection},
    schema::{FieldInfo, FieldValue, Listing},
    value::{lenient::LenientValue, wall_time},
};
use chrono::NaiveDateTime;
use serde_json::value::RawValue;

use crate::{
    instants::Instants,
    leg::Leg,
    schema::{Column, ColumnKind, Source, fields_of, schema},
    zone::Zone,
};

/// Reads legs as columns: what a [`Query`](calllegs_core::Query) selects.
///
/// ```
/// use calllegs_arrow::{Columns, schema::Column};
/// use calllegs_core::{CallLegs, Period, Query, rpc, value::wall_time};
/// use chrono_tz::Europe::Moscow;
///
/// let time = |text| wall_time::parse(text).unwrap();
/// let day = Period::new(time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00"))?;
/// let query = Query::<CallLegs>::new(day).select(Columns::new(Column::all(), Moscow).account("uis:1103"));
///
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"metadata":{"total_items":1},
///     "data":[{"id":7,"start_time":"2026-03-02 10:15:04","duration":"long"}]}}"#;
/// let page = rpc::reply(&query, rpc::RequestId::new(1), reply)?;
/// let batch = page.rows[0].batch();
/// assert_eq!((batch.num_rows(), batch.num_columns()), (1, 38));
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Columns {
    chosen: Arc<[&'static Column]>,
    schema: SchemaRef,
    account: Option<Arc<str>>,
    zone: Zone,
}

impl Columns {
    /// These columns, with the time zone of the account.
    pub fn new(columns: impl IntoIterator<Item = &'static Column>, zone: impl Into<Zone>) -> Self {
        let chosen: Arc<[_]> = columns.into_iter().collect();
        Self { schema: schema(&chosen), chosen, account: None, zone: zone.into() }
    }

    /// What the column `account` says: brand and account id, as in `uis:1103`. It is null otherwise.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Projection<CallLegs> for Columns {
    type Row = Leg;

    fn columns(&self) -> Vec<&'static FieldInfo> {
        fields_of(&self.chosen)
    }

    fn read(&self, page: &mut PageReader<'_>) -> Result<Vec<Keyed<Leg>>, Error> {
        let mut fillers: Vec<_> = self.chosen.iter().filter_map(|column| Filler::new(column)).collect();
        let mut marks = Vec::new();
        let mut times = Times { start: None, connect: None, instants: Instants::new(self.zone.clone()) };
        let mut misfits = Misfits::new();
        while let Some(row) = page.next_row()? {
            marks.push(row.mark());
            times.start = time(row.value(CallLegs::START_TIME.info()));
            times.connect = time(row.value(CallLegs::CONNECT_TIME.info()));
            for filler in &mut fillers {
                filler.take(row, &mut times, &mut misfits);
            }
            if marks.len() == 1 {
                marks.reserve(page.size_hint());
            }
        }
        let arrays = fillers.into_iter().map(|filler| filler.finish(marks.len(), self.account.as_deref()));
        let length = RecordBatchOptions::new().with_row_count(Some(marks.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays.collect(), &length);
        let batch = batch.map_err(|error| Error::unreadable(format!("the page has no columns: {error}")))?;
        Ok(Leg::all(batch, marks))
    }
}

/// Values of a row that fit no column, or that their column does not give back, by name.
pub(crate) type Misfits = BTreeMap<String, Box<RawValue>>;

/// The times of a row, each parsed once for two columns.
struct Times {
    start: Option<NaiveDateTime>,
    connect: Option<NaiveDateTime>,
    instants: Instants,
}

pub(crate) fn time(value: &LenientValue<'_>) -> Option<NaiveDateTime> {
    value.text().and_then(|text| wall_time::read(text).ok())
}

pub(crate) fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

/// Fills one column.
enum Filler {
    Account,
    Boolean(&'static FieldInfo, BooleanBuilder),
    ConnectAt(TimestampMicrosecondBuilder),
    Double(&'static FieldInfo, Float64Builder),
    Extra(StringBuilder),
    Int32(&'static FieldInfo, Int32Builder),
    Int64(&'static FieldInfo, Int64Builder),
    StartAt(TimestampMicrosecondBuilder),
    Text(&'static FieldInfo, StringBuilder),
    TextList(&'static FieldInfo, ListBuilder<StringBuilder>),
    Time(&'static FieldInfo, TimestampMicrosecondBuilder),
}

impl Filler {
    fn new(column: &Column) -> Option<Self> {
        let instants = || TimestampMicrosecondBuilder::new().with_data_type(column.kind().data_type());
        let position = match column.source() {
            Source::Account => return Some(Self::Account),
            Source::ConnectAt => return Some(Self::ConnectAt(instants())),
            Source::Extra => return Some(Self::Extra(StringBuilder::new())),
            Source::StartAt => return Some(Self::StartAt(instants())),
            Source::Field(position) => position,
            Source::Joined(_) | Source::Listed(_) | Source::Place => return None,
        };
        let field = CallLegs::METHOD.fields.get(position)?;
        Some(match column.kind() {
            ColumnKind::Boolean => Self::Boolean(field, BooleanBuilder::new()),
            ColumnKind::Double => Self::Double(field, Float64Builder::new()),
            ColumnKind::Int32 => Self::Int32(field, Int32Builder::new()),
            ColumnKind::Int64 => Self::Int64(field, Int64Builder::new()),
            ColumnKind::Text => Self::Text(field, StringBuilder::new()),
            ColumnKind::TextList => Self::TextList(field, list_builder()),
            ColumnKind::Instant | ColumnKind::WallTime => Self::Time(field, instants()),
        })
    }

    /// Takes the value of a row; what does not fit becomes null and is a misfit, and so is another spelling of a time or
    /// a number. The column of misfits is the last one that is filled.
    fn take(&mut self, row: &Row<'_>, times: &mut Times, misfits: &mut Misfits) {
        let (field, fits) = match self {
            Self::Account => return,
            Self::ConnectAt(builder) => {
                builder.append_option(times.connect.and_then(|time| times.instants.at(micros(time))));
                return;
            }
            Self::Extra(builder) => {
                for (name, value) in row.others() {
                    misfits.insert(name.to_string(), value.clone().into_json());
                }
                builder.append_option(json(misfits));
                return;
            }
            Self::StartAt(builder) => {
                builder.append_option(times.start.and_then(|time| times.instants.at(micros(time))));
                return;
            }
            Self::Boolean(field, builder) => {
                let value = row.value(field).boolean();
                builder.append_option(value);
                (field, value.is_some())
            }
            Self::Double(field, builder) => {
                let value = row.value(field).double();
                builder.append_option(value);
                let fits = value.is_some_and(|value| value.gives_back(row.value(field)));
                (field, fits)
            }
            Self::Int32(field, builder) => {
                let value = row.value(field).integer().and_then(|value| i32::try_from(value).ok());
                builder.append_option(value);
                (field, value.is_some())
            }
            Self::Int64(field, builder) => {
                let value = row.value(field).integer();
                builder.append_option(value);
                (field, value.is_some())
            }
            Self::Text(field, builder) => {
                let value = row.value(field).text();
                builder.append_option(value);
                (field, value.is_some())
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
                let is_start = field.position() == CallLegs::START_TIME.info().position();
                let time = if is_start { times.start } else { times.connect };
                builder.append_option(time.map(micros));
                let fits = time.is_some_and(|time| time.gives_back(row.value(field)));
                (field, fits)
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
            Self::Boolean(_, mut builder) => Arc::new(builder.finish()),
            Self::Double(_, mut builder) => Arc::new(builder.finish()),
            Self::Int32(_, mut builder) => Arc::new(builder.finish()),
            Self::Int64(_, mut builder) => Arc::new(builder.finish()),
            Self::Extra(mut builder) | Self::Text(_, mut builder) => Arc::new(builder.finish()),
            Self::TextList(_, mut builder) => Arc::new(builder.finish()),
            Self::ConnectAt(mut builder) | Self::StartAt(mut builder) | Self::Time(_, mut builder) => {
                Arc::new(builder.finish())
            }
        }
    }
}

/// The misfits of a row as a JSON object, which forgets them.
pub(crate) fn json(misfits: &mut Misfits) -> Option<String> {
    if misfits.is_empty() {
        return None;
    }
    serde_json::to_string(&std::mem::take(misfits)).ok()
}

/// Of lists whose items are never null.
pub(crate) fn list_builder() -> ListBuilder<StringBuilder> {
    ListBuilder::new(StringBuilder::new()).with_field(Field::new_list_field(DataType::Utf8, false))
}
