//! What is asked for of a place that keeps legs. Not here: places.

use std::ops::{ControlFlow, Range};

use arrow_array::RecordBatch;
use calllegs_arrow::schema::Column;
use chrono::NaiveDateTime;

/// What takes batches until it has enough.
pub(crate) type Each<'e> = dyn FnMut(RecordBatch) -> ControlFlow<()> + Send + 'e;

/// What is asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wanted {
    /// Columns of legs, by name; those that a place does not have are left out.
    pub columns: Vec<&'static str>,
    /// When legs start, on the account's wall clock.
    pub starts: Range<NaiveDateTime>,
    /// Files give every column that they have, whatever it is.
    pub(crate) is_whole: bool,
}

impl Wanted {
    /// These columns of all legs.
    pub fn columns(columns: &[&'static str]) -> Self {
        let starts = NaiveDateTime::MIN..NaiveDateTime::MAX;
        Self { columns: columns.to_vec(), starts, is_whole: false }
    }

    /// Every column of legs, and of files those too that are none of legs. Texts that are read so have texts in all columns.
    pub(crate) fn everything() -> Self {
        let columns = Column::all().iter().map(Column::name).collect();
        Self { columns, is_whole: true, ..Self::columns(&[]) }
    }

    /// Only legs that start then.
    #[must_use]
    pub const fn starts(mut self, starts: Range<NaiveDateTime>) -> Self {
        self.starts = starts;
        self
    }

    /// In microseconds since 1970; times that are too far for that are as far as can be.
    pub(crate) fn micros(&self) -> Range<i64> {
        let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
        micros(self.starts.start)..micros(self.starts.end)
    }

    /// The columns of these names, in this order.
    pub(crate) fn known(&self) -> Vec<&'static Column> {
        let of = |name: &&'static str| Column::all().iter().find(|column| column.name() == *name);
        self.columns.iter().filter_map(of).collect()
    }
}
