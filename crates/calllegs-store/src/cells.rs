//! The values of legs by column and row, for places that take them one by one. Not here: batches that are written whole.

use arrow_array::{
    Array, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
    cast::AsArray,
    types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType},
};
use calllegs_arrow::schema::{Column, ColumnKind};

/// A value, as it was received.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(&'a str),
    Texts(Texts<'a>),
    /// Microseconds since 1970: on the account's wall clock, or in UTC where the column is an instant.
    Time(i64),
}

/// The texts of a list.
#[derive(Clone, Debug)]
pub(crate) struct Texts<'a> {
    all: &'a StringArray,
    from: usize,
    till: usize,
}

impl<'a> Texts<'a> {
    pub(crate) const fn len(&self) -> usize {
        self.till - self.from
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let all = self.all;
        (self.from..self.till).map(move |place| all.value(place))
    }
}

impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// A batch, with each column of the table found once.
pub(crate) struct Legs<'a> {
    columns: Vec<Option<Values<'a>>>,
}

enum Values<'a> {
    Boolean(&'a BooleanArray),
    Double(&'a Float64Array),
    Int32(&'a Int32Array),
    Int64(&'a Int64Array),
    Text(&'a StringArray),
    TextList(&'a ListArray, &'a StringArray),
    Time(&'a TimestampMicrosecondArray),
}

impl<'a> Legs<'a> {
    /// The columns of [`Column::all`], in their order; one that the batch lacks is null throughout.
    pub(crate) fn of(batch: &'a RecordBatch) -> Self {
        Self::with(batch, Column::all())
    }

    /// These columns, in their order.
    pub(crate) fn with(batch: &'a RecordBatch, columns: &[Column]) -> Self {
        let values = |column: &Column| {
            let array = batch.column_by_name(column.name())?;
            match column.kind() {
                ColumnKind::Boolean => array.as_boolean_opt().map(Values::Boolean),
                ColumnKind::Double => array.as_primitive_opt::<Float64Type>().map(Values::Double),
                ColumnKind::Int32 => array.as_primitive_opt::<Int32Type>().map(Values::Int32),
                ColumnKind::Int64 => array.as_primitive_opt::<Int64Type>().map(Values::Int64),
                ColumnKind::Text => array.as_string_opt().map(Values::Text),
                ColumnKind::TextList => array
                    .as_list_opt()
                    .and_then(|lists| Some(Values::TextList(lists, lists.values().as_string_opt()?))),
                ColumnKind::Instant | ColumnKind::WallTime => {
                    array.as_primitive_opt::<TimestampMicrosecondType>().map(Values::Time)
                }
                _ => None,
            }
        };
        Self { columns: columns.iter().map(values).collect() }
    }

    /// The value of the column at this place of [`Column::all`], or of those that it was made with.
    #[inline]
    pub(crate) fn value(&self, column: usize, row: usize) -> Value<'a> {
        #[inline]
        fn of<'a, A: Array>(array: &A, row: usize, value: impl FnOnce() -> Value<'a>) -> Value<'a> {
            if array.is_valid(row) { value() } else { Value::Null }
        }
        match self.columns.get(column).and_then(Option::as_ref) {
            None => Value::Null,
            Some(Values::Boolean(array)) => of(*array, row, || Value::Boolean(array.value(row))),
            Some(Values::Double(array)) => of(*array, row, || Value::Double(array.value(row))),
            Some(Values::Int32(array)) => of(*array, row, || Value::Integer(array.value(row).into())),
            Some(Values::Int64(array)) => of(*array, row, || Value::Integer(array.value(row))),
            Some(Values::Text(array)) => of(*array, row, || Value::Text(array.value(row))),
            Some(Values::TextList(lists, all)) => of(*lists, row, || {
                let offsets = lists.value_offsets();
                let bound = |place: usize| {
                    offsets.get(place).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or_default()
                };
                Value::Texts(Texts { all, from: bound(row), till: bound(row + 1) })
            }),
            Some(Values::Time(array)) => of(*array, row, || Value::Time(array.value(row))),
        }
    }
}
