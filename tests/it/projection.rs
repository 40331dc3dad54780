//! Rows: lenient where a server drifts, and nothing that it said is lost.

use calllegs_core::{
    CallLeg, CallLegs, ErrorKind, FinishReason, Query,
    projection::Keyless,
    rpc::{self, RequestId},
    schema::{Listing, Record},
};
use serde_json::{Value, json};

use super::{period, time};

fn row(json: &Value) -> CallLeg {
    serde_json::from_str(&json.to_string()).unwrap()
}

#[test]
fn scalars_are_read_leniently() {
    let leg = row(&json!({"id": "11692454785", "duration": 5.0, "is_coach": 1, "is_failed": "false",
        "start_time": "2026-03-02 10:15:04", "call_records": ["a", "b"], "wav_call_records": null}));
    assert_eq!(leg.id.unwrap().get(), 11_692_454_785);
    assert_eq!((leg.duration, leg.is_coach, leg.is_failed), (Some(5), Some(true), Some(false)));
    assert_eq!(leg.start_time, Some(time("2026-03-02 10:15:04")));
    assert_eq!(leg.call_records.as_ref().unwrap().len(), 2);
    assert_eq!(leg.wav_call_records, None);
}

#[test]
fn what_does_not_fit_stays_whole() {
    let said = json!({"id": 1, "duration": "soon", "hold_duration": 7, "finish_reason": "caller_busy",
        "employee_id": 1.5, "tags": [{"a": 1}]});
    let leg = row(&said);
    assert_eq!((leg.duration, leg.employee_id), (None, None));
    assert_eq!(leg.finish_reason, Some(FinishReason::SubscriberBusy), "aliases are read as the known word");
    let columns: Vec<_> = ["id", "duration", "finish_reason", "employee_id"]
        .iter()
        .map(|name| CallLegs::field(name).unwrap())
        .collect();
    assert_eq!(serde_json::to_value(leg.select(&columns)).unwrap(), said);
}

#[test]
fn an_unknown_reason_is_kept() {
    let leg = row(&json!({"finish_reason": "robot_detected"}));
    let reason = leg.finish_reason.clone().unwrap();
    assert!(!reason.is_known());
    assert_eq!(reason.as_str(), "robot_detected");
    assert!(leg.extra.is_empty());
    assert_eq!(serde_json::to_value(&leg).unwrap()["finish_reason"], "robot_detected");
}

#[test]
fn of_duplicate_members_the_last_one_counts() {
    let leg: CallLeg =
        serde_json::from_str(r#"{"duration": "x", "duration": 3, "id": 2, "id": null}"#).unwrap();
    assert_eq!((leg.duration, leg.id), (Some(3), None));
    assert!(leg.extra.is_empty());
}

#[test]
fn a_record_survives_any_deserializer() {
    let said = json!({"id": 3, "is_operator": true, "direction": "out", "call_records": ["a"]});
    let leg: CallLeg = serde_json::from_value(said.clone()).unwrap();
    assert_eq!(leg, row(&said));
}

fn reply(rows: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":{rows},"metadata":{{"total_items":2}}}}}}"#)
}

#[test]
fn tuples_and_own_structs_read_by_name() {
    let day = period("2026-03-02 00:00:00", "2026-03-03 00:00:00");
    let body = reply(r#"[{"duration":5,"id":1},{"id":2,"duration":null}]"#);
    let tuples = Query::<CallLegs>::new(day).select((CallLegs::ID, CallLegs::DURATION));
    let page = rpc::reply(&tuples, RequestId::new(1), body.as_bytes()).unwrap();
    let rows: Vec<_> = page.rows.into_iter().map(Result::unwrap).collect();
    assert_eq!(rows, [(Some(1.into()), Some(5)), (Some(2.into()), None)]);

    let own = Query::<CallLegs>::new(day).select_as::<Value>((CallLegs::ID, CallLegs::ID));
    let page = rpc::reply(&own, RequestId::new(1), body.as_bytes()).unwrap();
    assert_eq!(page.rows[1].as_ref().unwrap()["id"], 2);
}

#[test]
fn a_column_that_no_row_has_is_named() {
    let day = period("2026-03-02 00:00:00", "2026-03-03 00:00:00");
    let query = Query::<CallLegs>::new(day).records_of((CallLegs::ID, CallLegs::DURATION));
    let page = rpc::reply(&query, RequestId::new(1), reply(r#"[{"id":1},{"id":2}]"#).as_bytes()).unwrap();
    assert_eq!(page.absent, [CallLegs::DURATION.info()]);
    let page =
        rpc::reply(&query, RequestId::new(1), reply(r#"[{"id":1},{"id":2,"duration":null}]"#).as_bytes());
    assert!(page.unwrap().absent.is_empty(), "null is not absent");
}

#[test]
fn a_row_that_is_no_object_is_named_by_its_place() {
    let query = Query::<CallLegs>::new(period("2026-03-02 00:00:00", "2026-03-03 00:00:00"));
    let page =
        rpc::reply(&query, RequestId::new(1), reply(r#"[5, {"id":1}, null, [{}]]"#).as_bytes()).unwrap();
    assert_eq!(page.rows.len(), 1);
    let unplaced: Vec<_> = page.unplaced.iter().map(|row| (row.row, row.at, row.reason)).collect();
    assert_eq!(unplaced, [(0, 1, Keyless::Shape), (2, 14, Keyless::Shape), (3, 20, Keyless::Shape)]);
}

#[test]
fn what_a_method_does_not_take_is_refused_and_not_overlooked() {
    use calllegs_core::Accounts;
    let write = |query: &Query<Accounts>| rpc::request(query, &rpc::Identity::key("x"), RequestId::new(1));
    let body = write(&Query::all()).unwrap();
    let sent: Value = serde_json::from_slice(body.as_bytes()).unwrap();
    assert_eq!(sent["params"], json!({"access_token": "x"}));
    for query in [Query::all().limit(1), Query::all().offset(1)] {
        assert_eq!(write(&query).unwrap_err().kind(), ErrorKind::Build);
    }
}
