//! The sandbox's own clock, and what comes late by it.

use std::{collections::BTreeMap, time::Duration};

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
};
use calllegs_sandbox::{Builder, Sandbox};
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Value, json};

use crate::{
    server::{exchange, post, request},
    support::{Caller, caller, fault, rows},
};

/// Three days, with enough ratings; without limits.
fn small() -> Builder {
    crate::support::small().legs_per_day(2000)
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// 2026-02-27 12:00:00 in Moscow, in the middle of three days.
const NOON: i64 = 1_772_182_800;

fn at(builder: Builder, now: i64) -> Caller {
    Caller { now, ..caller(builder.late_data(true)) }
}

/// All legs with these fields by id.
fn legs(caller: &mut Caller, fields: &[&str]) -> BTreeMap<i64, Value> {
    let reply = caller.legs(json!({"limit": 10_000, "fields": fields}));
    let rows = rows(&reply).iter().map(|row| (row["id"].as_i64().unwrap(), row.clone()));
    rows.collect()
}

const RATED: [&str; 3] = ["id", "start_time", "employee_rating"];

#[test]
fn the_same_seed_and_clock_make_the_same_bytes() {
    let every: Vec<&str> = CallLegs::METHOD.fields.iter().map(FieldInfo::name).collect();
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "get.call_legs_report", "params": {
        "access_token": "sandbox-acme", "date_from": "2026-02-01", "date_till": "2026-03-02",
        "limit": 10_000, "fields": every}});
    let bytes = |now: i64, before: Option<i64>| {
        let mut emulator = small().late_data(true).emulator().unwrap();
        for now in before.into_iter().chain([now]) {
            emulator.handle(now, body.to_string().as_bytes());
        }
        emulator.handle(now, body.to_string().as_bytes())
    };
    assert!(bytes(NOON, None) == bytes(NOON, None));
    assert!(bytes(NOON, None) == bytes(NOON, Some(NOON + 20 * DAY)), "whatever the clock showed before");
    assert!(bytes(NOON, None) != bytes(NOON + DAY, None));
    // In the end it is what it is without delays.
    let mut prompt = small().emulator().unwrap();
    assert!(bytes(NOON + 9 * DAY, None) == prompt.handle(NOON + 9 * DAY, body.to_string().as_bytes()));
}

#[test]
fn a_rating_comes_after_its_leg_and_stays() {
    let mut caller = at(small(), NOON);
    let first = legs(&mut caller, &RATED);
    caller.now = NOON + 8 * DAY;
    let last = legs(&mut caller, &RATED);
    let rated =
        |legs: &BTreeMap<i64, Value>| legs.values().filter(|leg| !leg["employee_rating"].is_null()).count();
    let (mut seen, mut before) = (0, BTreeMap::new());
    for hours in 0..72 {
        caller.now = NOON + hours * HOUR;
        let now = legs(&mut caller, &RATED);
        for (id, leg) in &before {
            let leg: &Value = leg;
            assert!(leg["employee_rating"].is_null() || leg == &now[id], "none goes away again");
            seen += usize::from(leg != &now[id]);
        }
        before = now;
    }
    assert!(rated(&first) < rated(&last) && seen > 10, "{} {} {seen}", rated(&first), rated(&last));
    assert!(first.keys().all(|id| last.contains_key(id)));
}

#[test]
fn filters_see_what_is_known_by_now() {
    let mut caller = at(small(), NOON);
    let all = legs(&mut caller, &RATED);
    let rated: Vec<_> =
        all.iter().filter(|(_, leg)| !leg["employee_rating"].is_null()).map(|(id, _)| *id).collect();
    let filter = json!({"field": "employee_rating", "operator": "!=", "value": null});
    assert_eq!(caller.leg_ids(json!({"limit": 10_000, "fields": ["id"], "filter": filter})), rated);
    caller.now = NOON + 8 * DAY;
    assert!(caller.leg_ids(json!({"limit": 10_000, "fields": ["id"], "filter": filter})).len() > rated.len());
}

#[test]
fn recordings_are_empty_first_and_reasons_are_corrected_once() {
    let fields = ["id", "finish_reason", "finish_reason_description", "call_records", "wav_call_records"];
    // Enough legs that one in a thousand is there.
    let mut caller = at(small().legs_per_day(2600), NOON);
    let mut reasons = BTreeMap::<i64, Vec<Value>>::new();
    let mut came = 0;
    let mut before = BTreeMap::new();
    for hours in [0, 1, 2, 4, 8, 16, 32, 64, 128, 256] {
        caller.now = NOON + hours * HOUR;
        let now = legs(&mut caller, &fields);
        for (id, leg) in &now {
            let known = reasons.entry(*id).or_default();
            let reason = json!([leg["finish_reason"], leg["finish_reason_description"]]);
            if known.last() != Some(&reason) {
                known.push(reason);
            }
            let earlier: Option<&Value> = before.get(id);
            came += usize::from(earlier.is_some_and(|old| old["call_records"] != leg["call_records"]));
            if let Some(old) = earlier {
                assert!(old["call_records"] == leg["call_records"] || old["call_records"] == json!([]));
            }
        }
        before = now;
    }
    assert!(came > 10, "{came}");
    let corrected = reasons.values().filter(|known| known.len() > 1).count();
    assert!(corrected > 0 && corrected * 200 < reasons.len(), "{corrected} of {}", reasons.len());
    assert!(reasons.values().all(|known| known.len() <= 2));
}

#[test]
fn some_rows_come_hours_after_their_end() {
    let builder = || small().legs_per_day(2600);
    let (mut late, mut prompt) = (at(builder(), NOON), caller(builder()));
    prompt.now = NOON;
    let (first, all) = (legs(&mut late, &["id"]), legs(&mut prompt, &["id"]));
    let missing = all.len() - first.len();
    assert!(missing > 0 && missing * 50 < all.len(), "{missing} of {}", all.len());
    late.now = NOON + DAY + HOUR;
    let later = legs(&mut late, &["id"]);
    assert!(all.keys().all(|id| later.contains_key(id)));
}

#[test]
fn the_truth_is_as_of_the_same_moment() {
    let fields = [CallLegs::ID.info(), CallLegs::START_TIME.info(), CallLegs::EMPLOYEE_RATING.info()];
    let mut caller = at(small(), NOON);
    for now in [NOON, NOON + 5 * HOUR, NOON + 8 * DAY] {
        caller.now = now;
        let served: Vec<Value> = legs(&mut caller, &RATED).into_values().collect();
        let truth = caller.emulator.truth(None, NaiveDateTime::MIN, NaiveDateTime::MAX, fields).unwrap();
        let truth: Vec<Value> = truth.iter().map(|leg| serde_json::from_str(leg).unwrap()).collect();
        assert_eq!(served, truth);
        assert_eq!(truth.len(), caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX).len());
    }
}

fn header(head: &str, name: &str) -> String {
    let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    found.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
}

fn fixed() -> Sandbox {
    small().clock("fixed:2026-02-27T12:00:00".parse().unwrap()).start().unwrap()
}

#[test]
fn every_answer_carries_the_clock() {
    let sandbox = fixed();
    let body = request().to_string();
    for (method, path, body) in [
        ("POST", "/v2.0", &*body),
        ("POST", "/v2.0", "no request"),
        ("GET", "/v2.0", ""),
        ("GET", "/elsewhere", ""),
        ("GET", "/__sandbox/stats", ""),
        ("POST", "/v2.0", &" ".repeat((1 << 20) + 1)),
    ] {
        let (_, head, _) = exchange(&sandbox, method, path, "", body);
        assert_eq!(header(&head, "date"), "fri, 27 feb 2026 09:00:00 gmt", "{method} {path}");
        assert_eq!(head.matches("date: ").count(), 1);
    }
    assert_eq!(sandbox.journal()[0].time, NOON);
    sandbox.advance(Duration::from_secs(26 * 3600));
    assert_eq!(
        header(&exchange(&sandbox, "GET", "/v2.0", "", "").1, "date"),
        "sat, 28 feb 2026 11:00:00 gmt"
    );
    sandbox.set_clock(DateTime::from_timestamp(NOON, 0).unwrap());
    assert_eq!(sandbox.now().timestamp(), NOON);
}

fn clock(sandbox: &Sandbox, body: &str) -> (u16, String) {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let (status, _, body) = exchange(sandbox, method, "/__sandbox/clock", "", body);
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn the_address_moves_the_clock_and_what_it_shows() {
    let sandbox = fixed();
    let noon = "{\"local\":\"2026-02-27 12:00:00\",\"now\":\"2026-02-27T09:00:00Z\"}\n";
    assert_eq!(clock(&sandbox, ""), (200, noon.to_owned()));
    let address = "/__sandbox/truth?fields=id,start_time,employee_rating&from=2026-02-27+00:00:00";
    let truth = || {
        let lines = String::from_utf8(exchange(&sandbox, "GET", address, "", "").2).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let served = || {
        let mut page = request();
        page["params"]["fields"] = json!(RATED);
        page["params"]["date_from"] = json!("2026-02-26 23:59:59");
        page["params"]["limit"] = json!(10_000);
        page["params"]["sort"] = json!([]);
        rows(&post(&sandbox, &page)).clone()
    };
    let before = truth();
    assert_eq!(before, served(), "before and after the first request it is the same");
    let later = "{\"local\":\"2026-02-28 14:00:00\",\"now\":\"2026-02-28T11:00:00Z\"}\n";
    assert_eq!(clock(&sandbox, r#"{"advance":"26h"}"#), (200, later.to_owned()));
    let after = truth();
    assert!(after.len() > before.len());
    assert_eq!(after, served());
    let rated = |legs: &[Value]| legs.iter().filter(|leg| !leg["employee_rating"].is_null()).count();
    assert!(rated(&after) > rated(&before));
    assert_eq!(clock(&sandbox, r#"{"set":"2026-02-27T09:00:00Z"}"#), (200, noon.to_owned()));
    assert_eq!(truth(), before);
    for (body, said) in [
        (r#"{"advance":"soon"}"#, "write a span as"),
        (r#"{"set":"noon"}"#, "write a time as"),
        (r#"{"advance":26}"#, r#"send {"advance":"26h"}"#),
        (r#"{"advance":"1h","set":"2026-03-01"}"#, r#"send {"advance":"26h"}"#),
    ] {
        let (status, text) = clock(&sandbox, body);
        assert!(status == 400 && text.contains(said), "{text}");
    }
    assert_eq!(clock(&sandbox, "").1, noon, "what is wrong changes nothing");
}

#[test]
fn a_day_on_the_points_of_a_day_are_new() {
    let sandbox = small()
        .clock("fixed:2026-02-27T12:00:00".parse().unwrap())
        .day_limit(Some(2))
        .minute_limit(Some(60))
        .start()
        .unwrap();
    for remaining in [1, 0] {
        let limits = post(&sandbox, &request())["result"]["metadata"]["limits"].clone();
        assert_eq!(limits["day_remaining"], remaining);
        let reset = limits["minute_reset"].as_i64().unwrap();
        assert!((0..=60).contains(&reset), "in real seconds: {reset}");
    }
    assert_eq!(fault(&post(&sandbox, &request())).0, "limit_exceeded");
    sandbox.advance(Duration::from_secs(24 * 3600));
    rows(&post(&sandbox, &request()));
}

#[test]
fn a_fast_clock_states_resets_in_real_seconds() {
    let sandbox = small().clock("x60".parse().unwrap()).day_limit(Some(9)).start().unwrap();
    let reply = post(&sandbox, &request());
    let reset = reply["result"]["metadata"]["limits"]["day_reset"].as_i64().unwrap();
    assert!((1300..=1440).contains(&reset), "{reset}");
}

#[test]
fn what_is_not_late_is_as_ever() {
    let now = NOON + 2 * HOUR;
    let mut plain = Caller { now, ..caller(small()) };
    let mut prompt =
        Caller { now, ..caller(small().clock("fixed:2026-02-28".parse().unwrap()).late_data(false)) };
    assert!(legs(&mut plain, &RATED) == legs(&mut prompt, &RATED));
    // Unless told otherwise, it follows from the clock.
    let mut late = Caller { now, ..caller(small().clock("x2".parse().unwrap())) };
    assert!(legs(&mut plain, &RATED) != legs(&mut late, &RATED));
}

#[test]
fn a_field_that_nobody_documents_comes_from_a_moment_on() {
    let sandbox = small().start().unwrap();
    let send = |body: &str| {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let (status, _, body) = exchange(&sandbox, method, "/__sandbox/new-field", "", body);
        (status, String::from_utf8(body).unwrap())
    };
    let first = || rows(&post(&sandbox, &request()))[0].as_object().unwrap().clone();
    assert!(!first().contains_key("ai_score"));
    assert_eq!(send(r#"{"name":"ai_score"}"#), (200, "{\"name\":\"ai_score\"}\n".to_owned()));
    assert_eq!(first()["ai_score"], 0);
    let (status, text) = send(r#"{"name":"duration"}"#);
    assert!(status == 400 && text.contains("have this field already"));
    assert_eq!(send(""), (200, "{\"name\":\"ai_score\"}\n".to_owned()));
    assert_eq!(send(r#"{"name":null}"#), (200, "{\"name\":null}\n".to_owned()));
    assert!(!first().contains_key("ai_score"));

    let mut from_the_start =
        caller(small().new_field("ai_score".parse().unwrap()).fault("new-field".parse().unwrap()));
    let reply = from_the_start.legs(json!({"limit": 1}));
    assert_eq!((&rows(&reply)[0]["ai_score"], &rows(&reply)[0]["hold_duration"]), (&json!(0), &json!(0)));
}
