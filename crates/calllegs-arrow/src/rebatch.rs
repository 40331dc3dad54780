//! Batches of one size, whatever came in, so that what is written does not depend on how pages fell.

use std::{error::Error, io, sync::Arc};

use arrow_array::{RecordBatch, new_null_array};
use arrow_schema::SchemaRef;
use arrow_select::coalesce::BatchCoalescer;

use crate::schema::Column;

/// Rows of a batch. Row groups of Parquet are whole multiples of it.
pub(crate) const BATCH_ROWS: usize = 8192;

/// Makes batches of [`BATCH_ROWS`].
pub(crate) struct Rebatcher(BatchCoalescer);

impl Rebatcher {
    pub(crate) fn new(schema: &SchemaRef) -> Self {
        Self(BatchCoalescer::new(Arc::clone(schema), BATCH_ROWS))
    }

    pub(crate) fn push(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.0.push_batch(batch).map_err(broken)
    }

    /// A batch that is full.
    pub(crate) fn next(&mut self) -> Option<RecordBatch> {
        self.0.next_completed_batch()
    }

    /// What is left, when no more rows come.
    pub(crate) fn rest(&mut self) -> io::Result<Option<RecordBatch>> {
        self.0.finish_buffered_batch().map_err(broken)?;
        Ok(self.0.next_completed_batch())
    }
}

/// The batch with these columns alone; what it lacks is null.
pub(crate) fn project(
    batch: &RecordBatch,
    columns: &[&'static Column],
    schema: &SchemaRef,
) -> io::Result<RecordBatch> {
    let array = |column: &&'static Column| {
        let null = || new_null_array(&column.kind().data_type(), batch.num_rows());
        batch.column_by_name(column.name()).cloned().unwrap_or_else(null)
    };
    RecordBatch::try_new(Arc::clone(schema), columns.iter().map(array).collect()).map_err(broken)
}

/// An error of Arrow or Parquet. An I/O error inside it comes out as it went in: a full disk stays one, in its own words.
pub(crate) fn broken(error: impl Error + Send + Sync + 'static) -> io::Error {
    let mut inner: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = inner {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let made = || io::Error::new(error.kind(), error.to_string());
            return error.raw_os_error().map_or_else(made, io::Error::from_raw_os_error);
        }
        inner = error.source();
    }
    io::Error::new(io::ErrorKind::InvalidData, error)
}
