//! JSON Lines are the bytes that serde writes.

use calllegs_arrow::{jsonl::JsonlWriter, schema::Column};
use calllegs_core::{CallLegs, schema::Listing};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::pages::{batch, legs, named, pieces};

fn lines(rows: &[Value], columns: &[&'static Column], lengths: &[usize]) -> Vec<String> {
    let mut writer = JsonlWriter::new(Vec::new(), columns);
    for piece in pieces(&batch(rows), lengths) {
        writer.write(&piece).unwrap();
    }
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(str::to_owned).collect()
}

/// The columns of the API.
fn fields() -> Vec<&'static Column> {
    CallLegs::METHOD.fields.iter().filter_map(Column::of).collect()
}

#[test]
fn rows_come_out_as_they_came_in() {
    let rows = legs(40, 0);
    let columns = fields();
    assert_eq!(columns.len(), 34);
    for (line, row) in lines(&rows, &columns, &[1, 7, 3]).iter().zip(&rows) {
        let told: Map<String, Value> = serde_json::from_str(line).unwrap();
        let names: Vec<_> = columns.iter().map(|column| column.name()).collect();
        assert_eq!(told.len(), 34);
        for (name, value) in told {
            assert!(names.contains(&&*name));
            assert_eq!(value, row.get(&name).cloned().unwrap_or_default(), "{name}");
        }
    }
}

#[test]
fn a_line_has_its_columns_in_order_and_what_nobody_documents_at_its_end() {
    let row = json!({"id": "7", "start_time": "2026-03-02 10:15:04", "duration": "long", "employee_rating": 5.0,
        "is_coach": 1, "call_records": ["a", "b\"c"], "zeta": null, "alpha": {"x": [1]}});
    let columns =
        named(&["duration", "id", "call_records", "is_coach", "employee_rating", "start_at", "group_id"]);
    assert_eq!(
        lines(std::slice::from_ref(&row), &columns, &[1]),
        [
            r#"{"duration":"long","id":7,"call_records":["a","b\"c"],"is_coach":true,"employee_rating":5,"start_at":"2026-03-02T15:15:04Z","group_id":null,"alpha":{"x":[1]},"zeta":null}"#
        ]
    );
    // As a column of its own it is text.
    assert_eq!(
        lines(&[row], &named(&["id", "extra"]), &[1]),
        [r#"{"id":7,"extra":"{\"alpha\":{\"x\":[1]},\"duration\":\"long\",\"zeta\":null}"}"#]
    );
}

proptest! {
    #[test]
    fn texts_are_written_as_serde_writes_them(text in ".*", items in prop::collection::vec(".*", 0..3)) {
        let row = json!({"contact_full_name": text, "call_records": items});
        let expected = format!(r#"{{"contact_full_name":{},"call_records":{}}}"#,
            serde_json::to_string(&text).unwrap(), serde_json::to_string(&items).unwrap());
        prop_assert_eq!(lines(&[row], &named(&["contact_full_name", "call_records"]), &[1]), [expected]);
    }

    #[test]
    fn numbers_keep_their_value(number in any::<f64>().prop_filter("JSON", |value| value.is_finite()), id in any::<i64>()) {
        let told = lines(&[json!({"employee_rating": number, "id": id})], &named(&["employee_rating", "id"]), &[1]);
        let told: Value = serde_json::from_str(&told[0]).unwrap();
        prop_assert_eq!(told["employee_rating"].as_f64(), Some(number));
        prop_assert_eq!(told["id"].as_i64(), Some(id));
    }
}
