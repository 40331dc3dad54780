//! Pages of legs as a server writes them, with and without what it should not write.

use arrow_array::RecordBatch;
use calllegs_arrow::{Columns, batches, schema::Column};
use calllegs_core::{CallLegs, page::PageReader, projection::Projection, schema::Listing};
use calllegs_tests::columns::ZONE;
use serde_json::{Value, json};

/// So many legs, a minute apart, from this second of 2026-03-01 on.
pub(crate) fn legs(count: u32, second: u32) -> Vec<Value> {
    (0..count).map(|number| leg(number, second + number * 60)).collect()
}

fn leg(number: u32, second: u32) -> Value {
    let start = "2026-03-01T00:00:00".parse::<chrono::NaiveDateTime>().unwrap()
        + chrono::TimeDelta::seconds(second.into());
    let answered = !number.is_multiple_of(3);
    json!({
        "id": 5_100_000_000_u64 + u64::from(number),
        "call_session_id": 11_600_000_000_u64 + u64::from(number / 2),
        "start_time": start.to_string(),
        "connect_time": answered.then(|| (start + chrono::TimeDelta::seconds(7)).to_string()),
        "duration": number % 200,
        "finish_reason": if answered { "subscriber_disconnects" } else { "no_success_subscriber_call" },
        "is_operator": number % 2 == 1,
        "contact_phone_number": format!("7916{:07}", number * 37 % 10_000_000),
        "contact_full_name": if number.is_multiple_of(5) { Value::Null } else { format!("Иванов \"{number}\"").into() },
        "employee_rating": if number.is_multiple_of(7) { json!(4.5) } else { Value::Null },
        "call_records": (0..number % 3).map(|part| format!("{number:x}.{part}")).collect::<Vec<_>>(),
        "total_duration": if number.is_multiple_of(11) { json!("long") } else { json!(number % 200 + 7) },
    })
}

/// All columns of these rows.
pub(crate) fn batch(rows: &[Value]) -> RecordBatch {
    let page = Value::from(rows).to_string();
    let columns = Columns::new(Column::all(), ZONE).account("uis:1103");
    let read = columns.read(&mut PageReader::new(&page, CallLegs::METHOD.fields)).unwrap();
    let legs: Vec<_> = read.into_iter().map(|(_, leg)| leg).collect();
    let mut batches = batches(&legs).unwrap();
    assert_eq!(batches.len(), 1);
    batches.remove(0)
}

/// The rows of a batch in pieces of these lengths, again and again.
pub(crate) fn pieces(batch: &RecordBatch, lengths: &[usize]) -> Vec<RecordBatch> {
    let mut pieces = Vec::new();
    let (mut from, mut lengths) = (0, lengths.iter().cycle());
    while from < batch.num_rows() {
        let length = (*lengths.next().unwrap()).clamp(1, batch.num_rows() - from);
        pieces.push(batch.slice(from, length));
        from += length;
    }
    pieces
}

pub(crate) fn all() -> Vec<&'static Column> {
    Column::all().iter().collect()
}

pub(crate) fn named(names: &[&str]) -> Vec<&'static Column> {
    let find = |name: &&str| Column::all().iter().find(|column| column.name() == *name).unwrap();
    names.iter().map(find).collect()
}
