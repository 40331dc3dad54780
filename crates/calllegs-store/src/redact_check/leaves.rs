//! The texts and numbers of a value, whatever its type and however deep they are. Not here: what they look like.

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, UnionArray,
    cast::AsArray,
    types::{
        ArrowDictionaryKeyType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
        Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType,
        UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::DataType;

/// Bytes that are no text: what is in them nobody knows.
#[derive(Debug)]
pub(super) struct NoText;

/// Takes the name of a column, or of a member of a structure in it, and a text. Of numbers it is their whole part.
pub(super) type Take<'t> = dyn FnMut(&str, &str) + 't;

/// Gives what stands in a row. Truths, times and spans of time have nothing to give.
#[expect(clippy::wildcard_enum_match_arm, reason = "keys and ends of runs are whole numbers")]
pub(super) fn leaves(name: &str, array: &dyn Array, row: usize, take: &mut Take<'_>) -> Result<(), NoText> {
    if array.is_null(row) {
        return Ok(());
    }
    let mut text = |text: &str| {
        take(name, text);
        Ok(())
    };
    match array.data_type() {
        DataType::Null
        | DataType::Boolean
        | DataType::Date32
        | DataType::Date64
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(..) => Ok(()),
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Binary => text(read(array.as_binary::<i32>().value(row))?),
        DataType::LargeBinary => text(read(array.as_binary::<i64>().value(row))?),
        DataType::BinaryView => text(read(array.as_binary_view().value(row))?),
        DataType::FixedSizeBinary(_) => text(read(array.as_fixed_size_binary().value(row))?),
        DataType::Int8 => text(&whole::<Int8Type>(array, row)),
        DataType::Int16 => text(&whole::<Int16Type>(array, row)),
        DataType::Int32 => text(&whole::<Int32Type>(array, row)),
        DataType::Int64 => text(&whole::<Int64Type>(array, row)),
        DataType::UInt8 => text(&whole::<UInt8Type>(array, row)),
        DataType::UInt16 => text(&whole::<UInt16Type>(array, row)),
        DataType::UInt32 => text(&whole::<UInt32Type>(array, row)),
        DataType::UInt64 => text(&whole::<UInt64Type>(array, row)),
        DataType::Float16 => text(&point(array.as_primitive::<Float16Type>().value(row).to_f64())),
        DataType::Float32 => text(&point(array.as_primitive::<Float32Type>().value(row).into())),
        DataType::Float64 => text(&point(array.as_primitive::<Float64Type>().value(row))),
        DataType::Decimal32(..) => text(&decimal::<Decimal32Type>(array, row)),
        DataType::Decimal64(..) => text(&decimal::<Decimal64Type>(array, row)),
        DataType::Decimal128(..) => text(&decimal::<Decimal128Type>(array, row)),
        DataType::Decimal256(..) => text(&decimal::<Decimal256Type>(array, row)),
        DataType::List(_) => all(name, &array.as_list::<i32>().value(row), take),
        DataType::LargeList(_) => all(name, &array.as_list::<i64>().value(row), take),
        DataType::ListView(_) => all(name, &array.as_list_view::<i32>().value(row), take),
        DataType::LargeListView(_) => all(name, &array.as_list_view::<i64>().value(row), take),
        DataType::FixedSizeList(..) => all(name, &array.as_fixed_size_list().value(row), take),
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            entries.columns().iter().try_for_each(|entries| all(name, entries, take))
        }
        DataType::Struct(members) => {
            let columns = array.as_struct().columns();
            let mut members = members.iter().zip(columns);
            members.try_for_each(|(member, column)| leaves(member.name(), column, row, take))
        }
        DataType::Union(..) => match array.as_any().downcast_ref::<UnionArray>() {
            Some(union) => all(name, &union.value(row), take),
            None => Err(NoText),
        },
        DataType::Dictionary(keys, _) => match **keys {
            DataType::Int8 => entry::<Int8Type>(name, array, row, take),
            DataType::Int16 => entry::<Int16Type>(name, array, row, take),
            DataType::Int32 => entry::<Int32Type>(name, array, row, take),
            DataType::Int64 => entry::<Int64Type>(name, array, row, take),
            DataType::UInt8 => entry::<UInt8Type>(name, array, row, take),
            DataType::UInt16 => entry::<UInt16Type>(name, array, row, take),
            DataType::UInt32 => entry::<UInt32Type>(name, array, row, take),
            DataType::UInt64 => entry::<UInt64Type>(name, array, row, take),
            _ => Err(NoText),
        },
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => run::<Int16Type>(name, array, row, take),
            DataType::Int32 => run::<Int32Type>(name, array, row, take),
            DataType::Int64 => run::<Int64Type>(name, array, row, take),
            _ => Err(NoText),
        },
    }
}

fn all(name: &str, array: &ArrayRef, take: &mut Take<'_>) -> Result<(), NoText> {
    (0..array.len()).try_for_each(|row| leaves(name, array, row, take))
}

fn entry<K: ArrowDictionaryKeyType>(
    name: &str,
    array: &dyn Array,
    row: usize,
    take: &mut Take<'_>,
) -> Result<(), NoText> {
    let entries = array.as_dictionary::<K>();
    entries.key(row).map_or(Ok(()), |place| leaves(name, entries.values(), place, take))
}

fn run<E: RunEndIndexType>(
    name: &str,
    array: &dyn Array,
    row: usize,
    take: &mut Take<'_>,
) -> Result<(), NoText> {
    let runs = array.as_run_opt::<E>().ok_or(NoText)?;
    leaves(name, runs.values(), runs.get_physical_index(row), take)
}

fn read(bytes: &[u8]) -> Result<&str, NoText> {
    std::str::from_utf8(bytes).map_err(|_| NoText)
}

fn whole<N: ArrowPrimitiveType<Native: ToString>>(array: &dyn Array, row: usize) -> String {
    array.as_primitive::<N>().value(row).to_string()
}

/// What is behind the point is no part of a telephone number.
fn point(number: f64) -> String {
    number.trunc().to_string()
}

fn decimal<D: DecimalType + ArrowPrimitiveType>(array: &dyn Array, row: usize) -> String {
    let mut text = array.as_primitive::<D>().value_as_string(row);
    text.truncate(text.find('.').unwrap_or(text.len()));
    text
}
