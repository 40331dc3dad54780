//! One leg, or a row of another listing, as a reference into the columns of its page: cheap to hold, to move and to compare.

use std::{fmt, sync::Arc};

use arrow_array::{Array, ListArray, RecordBatch, cast::AsArray, types};
use arrow_schema::DataType;
use calllegs_core::{
    projection::{Keyed, Mark, RowKey},
    schema::{Cell, Cells, Extra, FieldInfo, Items},
};
use chrono::DateTime;

/// One leg, or a row of another listing: a row of a batch that it shares with the other rows of its page.
#[derive(Clone)]
pub struct Leg {
    page: Arc<PageRows>,
    row: u32,
}

struct PageRows {
    batch: RecordBatch,
    keys: Box<[Option<RowKey>]>,
}

impl Leg {
    /// The rows of a batch, with their marks.
    pub(crate) fn all(batch: RecordBatch, marks: Vec<Mark>) -> Vec<Keyed<Self>> {
        let legs = Self::with_keys(batch, marks.iter().map(|mark| mark.key.ok()).collect());
        marks.into_iter().zip(legs).collect()
    }

    /// The rows of a batch that was read from a place that keeps legs. Nothing tells them apart: they have no
    /// [`key`](Self::key).
    pub fn kept(batch: RecordBatch) -> Vec<Self> {
        let keys = vec![None; batch.num_rows()];
        Self::with_keys(batch, keys)
    }

    /// The rows of a batch, with what tells each apart.
    pub(crate) fn with_keys(batch: RecordBatch, keys: Vec<Option<RowKey>>) -> Vec<Self> {
        let page = Arc::new(PageRows { batch, keys: keys.into() });
        let rows = (0..).take(page.keys.len());
        rows.map(|row| Self { page: Arc::clone(&page), row }).collect()
    }

    /// The batch that the leg is in.
    pub fn batch(&self) -> &RecordBatch {
        &self.page.batch
    }

    /// Its row in the batch.
    pub const fn row(&self) -> usize {
        self.row as usize
    }

    pub(crate) const fn index(&self) -> u32 {
        self.row
    }

    /// What tells the leg apart; `None` when it has no start or no id.
    pub fn key(&self) -> Option<RowKey> {
        self.page.keys.get(self.row()).copied().flatten()
    }

    /// Whether the other one is in the same batch.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.page, &other.page)
    }

    /// What no column holds: members that nobody documents, and values of another type or spelling than their column.
    /// `None` when there is nothing, or when the batch has no column `extra`.
    pub fn extra(&self) -> Option<Extra> {
        let column = self.batch().column_by_name("extra")?.as_string_opt::<i32>()?;
        let text = column.is_valid(self.row()).then(|| column.value(self.row()))?;
        serde_json::from_str(text).ok()
    }
}

impl Cells for Leg {
    fn cell(&self, field: &FieldInfo) -> Cell<'_> {
        let row = self.row();
        let Some(array) = self.batch().column_by_name(field.name()).filter(|array| array.is_valid(row))
        else {
            return Cell::Null;
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "no column has another type")]
        match array.data_type() {
            DataType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
            DataType::Float64 => decimal(array.as_primitive::<types::Float64Type>().value(row)),
            DataType::Int32 => Cell::Number(array.as_primitive::<types::Int32Type>().value(row).into()),
            DataType::Int64 => Cell::Number(array.as_primitive::<types::Int64Type>().value(row)),
            DataType::List(_) => Cell::List(items(array.as_list::<i32>(), row)),
            DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row)),
            DataType::Timestamp(..) => {
                let micros = array.as_primitive::<types::TimestampMicrosecondType>().value(row);
                DateTime::from_timestamp_micros(micros)
                    .map_or(Cell::Null, |time| Cell::Time(time.naive_utc()))
            }
            _ => Cell::Null,
        }
    }
}

/// A double as a cell: whole numbers are integers, as the API writes them.
#[expect(clippy::cast_possible_truncation, reason = "the number is whole and small")]
fn decimal<'a>(number: f64) -> Cell<'a> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = number.fract() == 0.0 && number.abs() < EXACT;
    if whole { Cell::Number(number as i64) } else { Cell::Decimal(number) }
}

/// The texts of a list.
fn items(lists: &ListArray, row: usize) -> Items<'_> {
    let texts = lists.values().as_string::<i32>();
    let find = || {
        let &[first, last] = lists.value_offsets().get(row..row + 2)? else { return None };
        let bounds = texts.value_offsets().get(usize::try_from(first).ok()?..=usize::try_from(last).ok()?)?;
        let (from, till) = (usize::try_from(*bounds.first()?).ok()?, usize::try_from(*bounds.last()?).ok()?);
        Some(Items::joined(std::str::from_utf8(texts.value_data().get(from..till)?).ok()?, bounds))
    };
    find().unwrap_or(Items::joined("", &[]))
}

/// Shows no value.
impl fmt::Debug for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leg({} of {})", self.row, self.batch().num_rows())
    }
}
