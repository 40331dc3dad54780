//! Legs in the order of files, and in batches: by start and id, however the server ordered the legs of one second.
//!
//! A sweep gives legs in the order of `start_time, call_session_id`. Files are sorted by `start_time, id`, so the legs of
//! the last second are held until it is known that no more of them come. Not here: who knows that.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::take::take_record_batch;
use chrono::NaiveDateTime;

use crate::leg::Leg;

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Gather {
    legs: Vec<Leg>,
}

impl Gather {
    /// Takes legs behind those that were taken before.
    pub fn push(&mut self, legs: impl IntoIterator<Item = Leg>) {
        self.legs.extend(legs);
    }

    /// The second of the legs that are held.
    pub fn held(&self) -> Option<NaiveDateTime> {
        self.legs.last().and_then(second)
    }

    /// The legs that were taken, but for those of the last second.
    ///
    /// # Errors
    /// When Arrow cannot build a batch: it would exceed its bounds.
    pub fn settled(&mut self) -> Result<Vec<RecordBatch>, ArrowError> {
        let held = self.held();
        let later = self.legs.iter().rev().take_while(|leg| second(leg) == held).count();
        let settled = self.legs.len() - later;
        batches(self.legs.drain(..settled))
    }

    /// All legs that were taken.
    ///
    /// # Errors
    /// As [`settled`](Self::settled).
    pub fn rest(&mut self) -> Result<Vec<RecordBatch>, ArrowError> {
        batches(self.legs.drain(..))
    }
}

fn second(leg: &Leg) -> Option<NaiveDateTime> {
    leg.key().map(|key| key.start)
}

/// One batch for legs that come from one page in a row.
fn batches(legs: impl Iterator<Item = Leg>) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut legs: Vec<_> = legs.collect();
    for leg in legs.chunk_by_mut(|one, other| second(one) == second(other)) {
        leg.sort_by_key(|leg| leg.key().map(|key| key.id));
    }
    let of_one_page = legs.chunk_by(Leg::is_beside);
    of_one_page.map(batch).collect()
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
