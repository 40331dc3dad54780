//! Legs as batches again: what a sweep gives, page by page, with as little copying as the rows allow. Their order is the
//! sweep's.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::take::take_record_batch;

use crate::leg::Leg;

/// The legs in their order, as one batch for those that come from one page in a row: mostly the page without its first
/// rows, and then nothing is copied.
///
/// # Errors
/// When Arrow cannot build a batch: it would exceed its bounds.
pub fn batches(legs: &[Leg]) -> Result<Vec<RecordBatch>, ArrowError> {
    legs.chunk_by(Leg::is_beside).map(batch).collect()
}

/// The legs with other values: what `map` makes of the batches that they come in, row by row. What tells them apart stays.
///
/// # Errors
/// Those of `map`, and when it gives other rows than it took.
pub fn mapped(
    legs: &[Leg],
    mut map: impl FnMut(&RecordBatch) -> Result<RecordBatch, ArrowError>,
) -> Result<Vec<Leg>, ArrowError> {
    let mut all = Vec::with_capacity(legs.len());
    for legs in legs.chunk_by(Leg::is_beside) {
        let made = map(&batch(legs)?)?;
        if made.num_rows() != legs.len() {
            return Err(ArrowError::InvalidArgumentError("a row has no other row in its place".to_owned()));
        }
        all.extend(Leg::with_keys(made, legs.iter().map(Leg::key).collect()));
    }
    Ok(all)
}

/// The rows of legs of one page: as they stand there, where that is their order.
fn batch(legs: &[Leg]) -> Result<RecordBatch, ArrowError> {
    let Some(first) = legs.first() else {
        return Err(ArrowError::InvalidArgumentError("no legs".to_owned()));
    };
    if legs.iter().map(Leg::row).eq(first.row()..first.row() + legs.len()) {
        return Ok(first.batch().slice(first.row(), legs.len()));
    }
    let rows = UInt32Array::from_iter_values(legs.iter().map(Leg::index));
    take_record_batch(first.batch(), &rows)
}
