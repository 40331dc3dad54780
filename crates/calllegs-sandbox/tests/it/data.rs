//! Rows from a file: exact in every field, and refused by line.

use std::{error::Error as _, io::Write};

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
};
use calllegs_sandbox::ErrorKind;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::{caller, caller_on, file, rows, small};

fn full_row() -> Value {
    json!({"id": 11_692_454_785_i64, "duration": 0, "group_id": -1, "is_coach": false, "action_id": 555_010,
        "direction": "out", "is_failed": true, "is_talked": false, "contact_id": i64::MAX,
        "group_name": "\"Отдел\\1\"\n\u{1}\u{1f600}", "start_time": "2026-02-10 10:15:04", "action_name": "",
        "employee_id": null, "is_operator": true, "scenario_id": 70_001, "call_records": ["a\"b", ""],
        "connect_time": null, "finish_reason": "a_reason_of_tomorrow", "is_transfered": null,
        "scenario_name": "x", "total_duration": 1, "call_session_id": 5_139_032_004_i64, "employee_rating": 5,
        "wav_call_records": [], "contact_full_name": "Имя", "employee_full_name": null, "release_cause_code": 16,
        "called_phone_number": "0288122", "contact_phone_number": "70001112233", "calling_phone_number": null,
        "virtual_phone_number": "70001112200", "employee_phone_number": "88",
        "finish_reason_description": "описание", "release_cause_description": "Normal call clearing"})
}

#[test]
fn every_field_comes_back_as_it_was() {
    let row = full_row();
    let fields: Value = CallLegs::METHOD.fields.iter().map(FieldInfo::name).collect();
    assert_eq!(row.as_object().unwrap().len(), 34);
    let mut sparse = json!({"id": 2, "start_time": "2026-02-10 10:15:03"});
    let reply = caller_on(&[row.clone(), sparse.clone()]).legs(json!({"fields": fields}));
    // A member that the file leaves out is null.
    for field in CallLegs::METHOD.fields {
        sparse.as_object_mut().unwrap().entry(field.name()).or_insert(Value::Null);
    }
    assert_eq!(*rows(&reply), [sparse, row]);
}

#[test]
fn a_packed_file_is_the_same_file() {
    let mut packed = NamedTempFile::new().unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    writeln!(encoder, "{}", full_row()).unwrap();
    packed.write_all(&encoder.finish().unwrap()).unwrap();
    let plain = caller_on(&[full_row()]).legs(json!({}));
    assert_eq!(caller(small().data(packed.path())).legs(json!({})), plain);
    assert_eq!(rows(&plain).len(), 1);
}

#[test]
fn all_keys_see_the_rows_of_the_file() {
    let mut caller = caller_on(&[full_row()]);
    assert_eq!(caller.emulator.size(), (3, 3));
    caller.token = "sandbox-agency".to_owned();
    assert_eq!(rows(&caller.legs(json!({"user_id": 330_001}))).len(), 1);
}

#[test]
fn a_bad_line_is_refused_by_number_and_reason_and_without_its_values() {
    let good = r#"{"id":1,"start_time":"2026-02-10 10:00:00"}"#;
    for (line, reason) in [
        ("", "not a JSON object"),
        (r#"["marker"]"#, "not a JSON object"),
        (r#""marker""#, "not a JSON object"),
        (r#"{"id":2,"start_time":"2026-02-10 10:00:00""#, "not JSON at column"),
        (r#"{"id":2,"start_time":"2026-02-10 10:00:00"} marker"#, "not JSON at column"),
        (r#"{"id":2,"start_time":"2026-02-10 10:00:00","weather":"marker"}"#, "there is no field `weather`"),
        (r#"{"id":2,"id":3,"start_time":"2026-02-10 10:00:00"}"#, "`id` is there twice"),
        (r#"{"id":1,"start_time":"2026-02-10 10:00:00"}"#, "the id 1 is there already"),
        (r#"{"start_time":"2026-02-10 10:00:00"}"#, "`id` is null or missing"),
        (r#"{"id":null,"start_time":"2026-02-10 10:00:00"}"#, "`id` is null or missing"),
        (r#"{"id":2}"#, "`start_time` is null or missing"),
        (r#"{"id":2,"start_time":"marker"}"#, "`start_time` is not a time as YYYY-MM-DD hh:mm:ss"),
        (r#"{"id":2,"start_time":"2026-02-10"}"#, "`start_time` is not a time as YYYY-MM-DD hh:mm:ss"),
        (r#"{"id":"2","start_time":"2026-02-10 10:00:00"}"#, "`id` is not an integer"),
        (r#"{"id":2,"start_time":"2026-02-10 10:00:00","duration":1.5}"#, "`duration` is not an integer"),
        // The store's own sign for null is no value.
        (
            r#"{"id":2,"start_time":"2026-02-10 10:00:00","duration":-9223372036854775808}"#,
            "`duration` is not an integer",
        ),
        (r#"{"id":2,"start_time":"2026-02-10 10:00:00","is_coach":1}"#, "`is_coach` is not true or false"),
        (r#"{"id":2,"start_time":"2026-02-10 10:00:00","group_name":7}"#, "`group_name` is not text"),
        (
            r#"{"id":2,"start_time":"2026-02-10 10:00:00","call_records":"marker"}"#,
            "`call_records` is not an array",
        ),
        (
            r#"{"id":2,"start_time":"2026-02-10 10:00:00","call_records":["marker",1]}"#,
            "`call_records` is not an array",
        ),
    ] {
        let mut file = NamedTempFile::new().unwrap();
        write!(file, "{good}\n{line}\n").unwrap();
        let error = small().data(file.path()).emulator().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        assert_eq!(error.line_number(), Some(2), "{line}");
        assert!(
            error.to_string().starts_with(&format!("line 2 of the data file: {reason}")),
            "{line}: {error}"
        );
        assert!(!format!("{error} {error:?}").contains("marker"), "{error:?}");
    }
}

#[test]
fn a_line_that_is_no_text_is_refused() {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(b"{\"id\":1,\"start_time\":\"2026-02-10 10:00:00\",\"group_name\":\"\xff\"}\n").unwrap();
    assert_eq!(small().data(file.path()).emulator().unwrap_err().line_number(), Some(1));
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_cause() {
    let error = small().data("no/such/file.jsonl").emulator().unwrap_err();
    assert_eq!((error.kind(), error.line_number()), (ErrorKind::Data, None));
    assert!(error.source().is_some());
    let mut cut = NamedTempFile::new().unwrap();
    cut.write_all(&[0x1f, 0x8b, 8, 0]).unwrap();
    assert_eq!(small().data(cut.path()).emulator().unwrap_err().kind(), ErrorKind::Data);
}

#[test]
fn an_empty_file_is_a_world_without_legs() {
    let mut caller = caller(small().data(file(&[]).path()));
    assert_eq!(caller.legs(json!({}))["result"]["metadata"]["total_items"], 0);
}
