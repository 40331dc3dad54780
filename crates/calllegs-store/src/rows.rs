//! Values one by one, put together as a batch. Not here: where they come from.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{
        BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
        TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};
use calllegs_arrow::schema::{Column, ColumnKind, schema};
use calllegs_core::value::wall_time;
use chrono::{DateTime, Utc};

/// Rows of a batch.
const ROWS: usize = 8192;

/// Rows of some columns, until there are enough for a batch.
pub(crate) struct Rows {
    columns: Vec<&'static Column>,
    cells: Vec<Cells>,
    schema: SchemaRef,
    count: usize,
}

/// The values of a column.
pub(crate) enum Cells {
    Boolean(BooleanBuilder),
    Double(Float64Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Text(StringBuilder),
    Texts(ListBuilder<StringBuilder>),
    /// Instants in UTC, or the wall clock of the account.
    Time(TimestampMicrosecondBuilder),
}

impl Cells {
    fn new(column: &Column) -> Self {
        match column.kind() {
            ColumnKind::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnKind::Double => Self::Double(Float64Builder::new()),
            ColumnKind::Int32 => Self::Int32(Int32Builder::new()),
            ColumnKind::Int64 => Self::Int64(Int64Builder::new()),
            ColumnKind::TextList => {
                let item = Arc::new(Field::new_list_field(DataType::Utf8, false));
                Self::Texts(ListBuilder::new(StringBuilder::new()).with_field(item))
            }
            kind @ (ColumnKind::Instant | ColumnKind::WallTime) => {
                Self::Time(TimestampMicrosecondBuilder::new().with_data_type(kind.data_type()))
            }
            ColumnKind::Text | _ => Self::Text(StringBuilder::new()),
        }
    }

    pub(crate) fn null(&mut self) {
        match self {
            Self::Boolean(cells) => cells.append_null(),
            Self::Double(cells) => cells.append_null(),
            Self::Int32(cells) => cells.append_null(),
            Self::Int64(cells) => cells.append_null(),
            Self::Text(cells) => cells.append_null(),
            Self::Texts(cells) => cells.append_null(),
            Self::Time(cells) => cells.append_null(),
        }
    }

    /// A value as texts have it; `None` where it is none of this column.
    pub(crate) fn text(&mut self, text: &str) -> Option<()> {
        match self {
            Self::Boolean(cells) => cells.append_value(text.parse().ok()?),
            Self::Double(cells) => cells.append_value(text.parse().ok()?),
            Self::Int32(cells) => cells.append_value(text.parse().ok()?),
            Self::Int64(cells) => cells.append_value(text.parse().ok()?),
            Self::Text(cells) => cells.append_value(text),
            Self::Texts(cells) if text.starts_with('[') => {
                let texts: Vec<String> = serde_json::from_str(text).ok()?;
                cells.append_value(texts.iter().map(Some));
            }
            Self::Texts(cells) => cells.append_value(text.split_whitespace().map(Some)),
            Self::Time(cells) => cells.append_value(micros(text)?),
        }
        Some(())
    }

    /// A number of a column that may hold numbers or truths.
    pub(crate) fn integer(&mut self, number: i64) -> Option<()> {
        match self {
            Self::Boolean(cells) => cells.append_value(number != 0),
            Self::Int32(cells) => cells.append_value(i32::try_from(number).ok()?),
            Self::Int64(cells) => cells.append_value(number),
            Self::Double(_) | Self::Text(_) | Self::Texts(_) | Self::Time(_) => return None,
        }
        Some(())
    }

    /// A number with a point; a whole one is stored without.
    #[cfg(feature = "sqlite")]
    pub(crate) fn double(&mut self, number: f64) -> Option<()> {
        let Self::Double(cells) = self else { return None };
        cells.append_value(number);
        Some(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(cells) => Arc::new(cells.finish()),
            Self::Double(cells) => Arc::new(cells.finish()),
            Self::Int32(cells) => Arc::new(cells.finish()),
            Self::Int64(cells) => Arc::new(cells.finish()),
            Self::Text(cells) => Arc::new(cells.finish()),
            Self::Texts(cells) => Arc::new(cells.finish()),
            Self::Time(cells) => Arc::new(cells.finish()),
        }
    }
}

impl Rows {
    pub(crate) fn new(columns: Vec<&'static Column>) -> Self {
        let cells = columns.iter().map(|column| Cells::new(column)).collect();
        Self { schema: schema(&columns), columns, cells, count: 0 }
    }

    /// The columns, each with its values: every one gets a value, and then the row [ends](Self::end).
    pub(crate) fn cells(&mut self) -> impl Iterator<Item = (&'static Column, &mut Cells)> {
        self.columns.iter().copied().zip(&mut self.cells)
    }

    /// A batch, if there are enough rows.
    pub(crate) fn end(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        self.count += 1;
        if self.count < ROWS { Ok(None) } else { self.batch().map(Some) }
    }

    /// The rows that are there.
    pub(crate) fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        self.count = 0;
        let arrays = self.cells.iter_mut().map(Cells::finish).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
    }
}

/// A wall clock, or an instant with a Z.
fn micros(text: &str) -> Option<i64> {
    if text.ends_with('Z') {
        return text.parse::<DateTime<Utc>>().ok().map(|at| at.timestamp_micros());
    }
    wall_time::parse(text).ok().map(|time| time.and_utc().timestamp_micros())
}
