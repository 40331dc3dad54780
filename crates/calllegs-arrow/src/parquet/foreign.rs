//! Columns as other programs type them: pandas, `DuckDB`, Spark. A value that fits its column is taken, one that would have to
//! change is an error, and so is an instant in place of a wall clock. What is no number and no time is left as it is. Not
//! here: columns that are not ours.

use std::{io, sync::Arc};

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, RecordBatch,
    cast::AsArray,
    new_null_array,
    types::{
        Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::{
    rebatch::broken,
    schema::{Column, ColumnKind},
};

/// Whole numbers up to here are exact with a point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The batch with the types that the columns of its names have.
pub(super) fn fitted(batch: RecordBatch) -> io::Result<RecordBatch> {
    let schema = batch.schema();
    let mut arrays = batch.columns().to_vec();
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    let mut is_ours = true;
    for (field, array) in fields.iter_mut().zip(&mut arrays) {
        let Some(column) = Column::all().iter().find(|column| column.name() == field.name()) else {
            continue;
        };
        if column.kind().data_type() == *field.data_type() {
            continue;
        }
        let other = |why: &str| io::Error::other(format!("the column {} {why}", column.name()));
        if let Some(fit) = fit(array, column.kind()).map_err(other)? {
            *field = Arc::new(Field::new(field.name(), fit.data_type().clone(), true));
            *array = fit;
            is_ours = false;
        }
    }
    if is_ours {
        return Ok(batch);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(broken)
}

/// The values in the type of the column; `None` where they are of quite another kind.
#[expect(clippy::wildcard_enum_match_arm, reason = "of all types, numbers and times have several widths")]
fn fit(array: &ArrayRef, kind: ColumnKind) -> Result<Option<ArrayRef>, &'static str> {
    match array.data_type() {
        DataType::Null => Ok(Some(new_null_array(&kind.data_type(), array.len()))),
        DataType::Int8 => whole::<Int8Type>(array, kind),
        DataType::Int16 => whole::<Int16Type>(array, kind),
        DataType::Int32 => whole::<Int32Type>(array, kind),
        DataType::Int64 => whole::<Int64Type>(array, kind),
        DataType::UInt8 => whole::<UInt8Type>(array, kind),
        DataType::UInt16 => whole::<UInt16Type>(array, kind),
        DataType::UInt32 => whole::<UInt32Type>(array, kind),
        DataType::UInt64 => whole::<UInt64Type>(array, kind),
        DataType::Float32 => point::<Float32Type>(array, kind),
        DataType::Float64 => point::<Float64Type>(array, kind),
        DataType::Timestamp(unit, zone) => {
            match (kind, zone) {
                (ColumnKind::WallTime, Some(_)) => return Err("has instants in place of wall clocks"),
                (ColumnKind::Instant, None) => return Err("has wall clocks in place of instants"),
                (ColumnKind::WallTime | ColumnKind::Instant, _) => {}
                (_, _) => return Ok(None),
            }
            let micros = match unit {
                TimeUnit::Second => changed::<TimestampSecondType, _>(array, |it| it.checked_mul(1_000_000)),
                TimeUnit::Millisecond => {
                    changed::<TimestampMillisecondType, _>(array, |it| it.checked_mul(1000))
                }
                TimeUnit::Microsecond => changed::<TimestampMicrosecondType, _>(array, Some),
                TimeUnit::Nanosecond => {
                    changed::<TimestampNanosecondType, _>(array, |it| Some(it.div_euclid(1000)))
                }
            };
            let micros: PrimitiveArray<TimestampMicrosecondType> = micros?;
            Ok(Some(Arc::new(micros.with_data_type(kind.data_type()))))
        }
        _ => Ok(None),
    }
}

fn whole<S>(array: &ArrayRef, kind: ColumnKind) -> Result<Option<ArrayRef>, &'static str>
where
    S: ArrowPrimitiveType<Native: TryInto<i64>>,
{
    numbers::<S>(array, kind, |value| value.try_into().ok())
}

/// What has gaps has points in pandas.
fn point<S>(array: &ArrayRef, kind: ColumnKind) -> Result<Option<ArrayRef>, &'static str>
where
    S: ArrowPrimitiveType<Native: Into<f64>>,
{
    if kind == ColumnKind::Double {
        return Ok(Some(Arc::new(changed::<S, Float64Type>(array, |value| Some(value.into()))?)));
    }
    numbers::<S>(array, kind, |value| {
        let value: f64 = value.into();
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and no larger than an i64")]
        (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
    })
}

fn numbers<S: ArrowPrimitiveType>(
    array: &ArrayRef,
    kind: ColumnKind,
    number: impl Fn(S::Native) -> Option<i64>,
) -> Result<Option<ArrayRef>, &'static str> {
    Ok(Some(match kind {
        ColumnKind::Int32 => Arc::new(changed::<S, Int32Type>(array, |it| i32::try_from(number(it)?).ok())?),
        ColumnKind::Int64 => Arc::new(changed::<S, Int64Type>(array, number)?),
        ColumnKind::Double => {
            let small = |it| i32::try_from(number(it)?).ok().map(f64::from);
            Arc::new(changed::<S, Float64Type>(array, small)?)
        }
        ColumnKind::Boolean
        | ColumnKind::Instant
        | ColumnKind::Text
        | ColumnKind::TextList
        | ColumnKind::WallTime => return Ok(None),
    }))
}

fn changed<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &ArrayRef,
    change: impl Fn(S::Native) -> Option<T::Native>,
) -> Result<PrimitiveArray<T>, &'static str> {
    let values = array.as_primitive::<S>();
    values.try_unary(|value| change(value).ok_or("has a value that does not fit"))
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        Float64Array, Int64Array, NullArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
    };

    use super::*;

    fn one(name: &str, array: ArrayRef) -> io::Result<ArrayRef> {
        let batch = RecordBatch::try_from_iter_with_nullable([(name, array, true)]).unwrap();
        let fitted = fitted(batch)?;
        let kind = Column::all().iter().find(|column| column.name() == name).unwrap().kind();
        assert_eq!(fitted.schema().field(0).data_type(), &kind.data_type());
        Ok(Arc::clone(fitted.column(0)))
    }

    #[test]
    fn values_that_fit_are_taken() {
        let seconds = one("duration", Arc::new(Int64Array::from(vec![Some(7), None]))).unwrap();
        assert_eq!(seconds.as_primitive::<Int32Type>().iter().collect::<Vec<_>>(), [Some(7), None]);
        let people = one("employee_id", Arc::new(Float64Array::from(vec![Some(90_001.0), None]))).unwrap();
        assert_eq!(people.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(90_001), None]);
        let starts = one("start_time", Arc::new(TimestampNanosecondArray::from(vec![-1, 1_000]))).unwrap();
        assert_eq!(starts.as_primitive::<TimestampMicrosecondType>().values(), &[-1, 1]);
        let instants = TimestampMillisecondArray::from(vec![5]).with_timezone("+00:00");
        let instants = one("start_at", Arc::new(instants)).unwrap();
        assert_eq!(instants.as_primitive::<TimestampMicrosecondType>().values(), &[5000]);
        assert_eq!(one("group_name", Arc::new(NullArray::new(3))).unwrap().null_count(), 3);
    }

    #[test]
    fn no_value_is_changed() {
        let instants = TimestampMillisecondArray::from(vec![5]).with_timezone("UTC");
        let refused: [(&str, ArrayRef); 5] = [
            ("duration", Arc::new(Int64Array::from(vec![1 << 31]))),
            ("id", Arc::new(UInt64Array::from(vec![u64::MAX]))),
            ("employee_id", Arc::new(Float64Array::from(vec![0.5]))),
            ("start_time", Arc::new(instants)),
            ("start_at", Arc::new(TimestampMillisecondArray::from(vec![5]))),
        ];
        for (name, array) in refused {
            assert!(
                one(name, array).unwrap_err().to_string().starts_with(&format!("the column {name} has "))
            );
        }
    }
}
