//! What is asked for of a place that keeps legs. Not here: places.

use std::ops::{ControlFlow, Range};

use arrow_array::{BooleanArray, RecordBatch, cast::AsArray as _, types::TimestampMicrosecondType};
use arrow_select::filter::filter_record_batch;
use calllegs_arrow::schema::Column;
use chrono::NaiveDateTime;

use crate::error::{Error, ErrorKind};

/// What takes batches until it has enough.
pub(crate) type Each<'e> = dyn FnMut(RecordBatch) -> ControlFlow<()> + Send + 'e;

/// What is asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wanted {
    /// Columns of legs, by name; those that a place does not have are left out.
    pub columns: Vec<&'static str>,
    /// When legs start, on the account's wall clock. Files give what may be so: see [`only`](Self::only).
    pub starts: Range<NaiveDateTime>,
    /// Columns of files that are asked for beside those of legs.
    pub(crate) joined: Vec<&'static Column>,
    /// Files give every column that they have, whatever it is.
    pub(crate) is_whole: bool,
}

impl Wanted {
    /// These columns of all legs.
    pub fn columns(columns: &[&'static str]) -> Self {
        let starts = NaiveDateTime::MIN..NaiveDateTime::MAX;
        Self { columns: columns.to_vec(), starts, joined: Vec::new(), is_whole: false }
    }

    /// Every column of legs, and of files those too that are none of legs. Texts that are read so have texts in all columns.
    pub(crate) fn everything() -> Self {
        let columns = Column::all().iter().map(Column::name).collect();
        Self { columns, is_whole: true, ..Self::columns(&[]) }
    }

    /// With columns that legs in files have [from another listing](Column::joined).
    #[must_use]
    pub fn joined(mut self, columns: &[&'static Column]) -> Self {
        self.columns.extend(columns.iter().map(|column| column.name()));
        self.joined.extend(columns);
        self
    }

    /// Only legs that start then.
    #[must_use]
    pub const fn starts(mut self, starts: Range<NaiveDateTime>) -> Self {
        self.starts = starts;
        self
    }

    /// The rows of a batch that start then: files give others beside them.
    ///
    /// # Errors
    /// When the batch has no starts.
    pub fn only(&self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let starts = batch.column_by_name("start_time");
        let starts = starts.and_then(|starts| starts.as_primitive_opt::<TimestampMicrosecondType>());
        let starts = starts.ok_or_else(|| {
            Error::new(ErrorKind::Unreadable, "the legs have no start_time")
                .because("legs of a time are told by their start")
                .next("extract them with start_time")
        })?;
        let range = self.micros();
        let is_wanted = starts.iter().map(|start| Some(start.is_some_and(|start| range.contains(&start))));
        filter_record_batch(batch, &is_wanted.collect::<BooleanArray>()).map_err(|error| {
            Error::new(ErrorKind::Internal, format!("legs of a time cannot be told from others: {error}"))
        })
    }

    /// In microseconds since 1970; times that are too far for that are as far as can be.
    pub(crate) fn micros(&self) -> Range<i64> {
        let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
        micros(self.starts.start)..micros(self.starts.end)
    }

    /// The columns of legs of these names, in this order.
    pub(crate) fn known(&self) -> Vec<&'static Column> {
        let of = |name: &&'static str| Column::all().iter().find(|column| column.name() == *name);
        self.columns.iter().filter_map(of).collect()
    }

    /// The same, and behind them those that are in files alone.
    pub(crate) fn of_files(&self) -> Vec<&'static Column> {
        let mut columns = self.known();
        columns.extend(&self.joined);
        columns
    }
}
