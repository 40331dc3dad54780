//! The made-up rows: the same every time, and what their fields promise of each other.

use std::collections::{BTreeMap, BTreeSet};

use calllegs_core::{
    CallLegs, FINISH_REASONS,
    schema::{FieldInfo, Listing},
    value::wall_time,
};
use calllegs_sandbox::Tz;
use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use serde_json::{Value, json};

use crate::support::{NOW, caller, rows, small};

fn all_fields() -> Value {
    CallLegs::METHOD.fields.iter().map(FieldInfo::name).collect()
}

fn all_rows(builder: calllegs_sandbox::Builder) -> Vec<Value> {
    let reply = caller(builder).legs(json!({"limit": 10_000, "fields": all_fields()}));
    let rows = rows(&reply).clone();
    assert_eq!(reply["result"]["metadata"]["total_items"], rows.len());
    rows
}

fn time(row: &Value, name: &str) -> Option<NaiveDateTime> {
    row[name].as_str().map(|text| wall_time::parse(text).unwrap())
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let hash = |seed: u64| {
        let mut caller = caller(small().seed(seed));
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "get.call_legs_report", "params": {
            "access_token": "sandbox-acme", "date_from": "2026-02-01", "date_till": "2026-03-02",
            "limit": 10_000, "fields": all_fields()}});
        let reply = caller.emulator.handle(NOW, request.to_string().as_bytes());
        // FNV-1a.
        reply.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    assert_eq!(hash(7), hash(7));
    assert_ne!(hash(7), hash(8));
    // A change of this number is a change of everybody's rows: it belongs into the change log.
    assert_eq!(hash(7), GOLDEN, "{:#x}", hash(7));
}

const GOLDEN: u64 = 0x9a8e_fa0b_7043_d9c7;

#[test]
fn a_day_is_the_same_in_every_period_that_holds_it() {
    let friday = |rows: Vec<Value>| -> Vec<Value> {
        rows.into_iter().filter(|row| row["start_time"].as_str().unwrap().starts_with("2026-02-27")).collect()
    };
    let day = |day| NaiveDate::from_ymd_opt(2026, 2, day).unwrap();
    let alone = friday(all_rows(small().since(day(27)).until(day(28))));
    assert!(alone.len() > 100);
    assert_eq!(alone, friday(all_rows(small().days(10))));
}

#[test]
fn ids_are_distinct_beyond_32_bits_and_ascend_with_the_start() {
    let rows = all_rows(small());
    let mut last = (0, NaiveDateTime::MIN);
    for row in &rows {
        let this = (row["id"].as_i64().unwrap(), time(row, "start_time").unwrap());
        assert!(this.0 > last.0 && this.1 >= last.1);
        assert!(
            this.0 > i64::from(u32::MAX) && row["call_session_id"].as_i64().unwrap() > i64::from(u32::MAX)
        );
        last = this;
    }
}

#[test]
fn fields_of_a_leg_agree() {
    let labels: BTreeMap<_, _> =
        FINISH_REASONS.iter().map(|info| (info.reason.as_str().to_owned(), info.ru)).collect();
    for row in all_rows(small()) {
        let answered = !row["connect_time"].is_null();
        assert_eq!(row["is_failed"], !answered);
        assert_eq!(row["finish_reason_description"], labels[row["finish_reason"].as_str().unwrap()]);
        let (duration, total) = (row["duration"].as_i64().unwrap(), row["total_duration"].as_i64().unwrap());
        if answered {
            let ring =
                (time(&row, "connect_time").unwrap() - time(&row, "start_time").unwrap()).num_seconds();
            assert!(ring >= 0 && (0..=1).contains(&(total - duration - ring)), "{row}");
        } else {
            assert_eq!(duration, 0);
            assert_eq!(row["is_talked"], false);
            assert_eq!(row["call_records"], json!([]));
        }
        for name in row["call_records"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        for name in ["virtual_phone_number", "contact_phone_number"] {
            if let Some(number) = row[name].as_str() {
                assert!(number.len() == 11 && number.starts_with("7000"), "{number}");
            }
        }
        for name in ["employee_full_name", "contact_full_name"] {
            assert!(row[name].as_str().is_none_or(|name| name.ends_with("(тест)")));
        }
        assert_eq!(row["employee_id"].is_null(), row["employee_full_name"].is_null());
    }
}

#[test]
fn every_kind_of_leg_occurs() {
    let rows = all_rows(small());
    let mut sessions = BTreeMap::<i64, Vec<&Value>>::new();
    for row in &rows {
        sessions.entry(row["call_session_id"].as_i64().unwrap()).or_default().push(row);
    }
    for (what, found) in [
        (
            "menu",
            rows.iter().any(|row| row["action_name"].as_str().is_some_and(|name| name.starts_with("Меню"))),
        ),
        ("transfer", rows.iter().any(|row| row["is_transfered"] == true)),
        ("coach", rows.iter().any(|row| row["is_coach"] == true)),
        ("rating", rows.iter().any(|row| !row["employee_rating"].is_null())),
        ("loser of a race", rows.iter().any(|row| row["finish_reason"] == "another_operator_answer")),
        ("outbound", rows.iter().any(|row| row["is_operator"] == true && row["direction"] == "in")),
        ("no contact", rows.iter().any(|row| row["contact_id"].is_null())),
        (
            "tracks",
            rows.iter().any(|row| row["wav_call_records"].as_array().is_some_and(|all| all.len() == 2)),
        ),
        (
            "answered session",
            sessions.values().any(|legs| {
                legs.iter().any(|leg| {
                    leg["direction"] == "in" && leg["is_operator"] == false && leg["is_talked"] == true
                }) && legs.iter().any(|leg| {
                    leg["direction"] == "out" && leg["is_operator"] == true && leg["is_talked"] == true
                })
            }),
        ),
        (
            "missed session",
            sessions.values().any(|legs| {
                legs.len() > 1
                    && legs[0]["direction"] == "in"
                    && legs.iter().all(|leg| leg["is_talked"] == false)
            }),
        ),
    ] {
        assert!(found, "{what}");
    }
    let reasons: BTreeSet<_> = rows.iter().map(|row| row["finish_reason"].as_str().unwrap()).collect();
    assert!(reasons.len() >= 12, "{reasons:?}");
}

#[test]
fn nobody_talks_in_two_calls_at_once() {
    let mut talks = BTreeMap::<i64, Vec<(NaiveDateTime, i64)>>::new();
    for row in all_rows(small().days(1).legs_per_day(2000)) {
        if let (Some(employee), Some(start)) = (row["employee_id"].as_i64(), time(&row, "connect_time")) {
            talks.entry(employee).or_default().push((start, row["duration"].as_i64().unwrap()));
        }
    }
    for mut talks in talks.into_values() {
        talks.sort_unstable();
        for pair in talks.windows(2) {
            assert!((pair[1].0 - pair[0].0).num_seconds() >= pair[0].1);
        }
    }
}

#[test]
fn working_days_are_busy_and_nights_are_not() {
    let mut days = BTreeMap::<String, usize>::new();
    let mut hours = BTreeMap::<String, usize>::new();
    for row in all_rows(small().days(7)) {
        let start = row["start_time"].as_str().unwrap();
        *days.entry(start[..10].to_owned()).or_default() += 1;
        *hours.entry(start[11..13].to_owned()).or_default() += 1;
    }
    // 2026-02-23 is a Monday, 2026-03-01 a Sunday that the world leaves out.
    assert!(days["2026-02-23"] > 2 * days["2026-02-22"] && days["2026-02-27"] > days["2026-02-28"]);
    assert!(hours["10"] > 10 * hours.get("03").copied().unwrap_or_default());
}

#[test]
fn no_leg_lies_in_an_hour_that_the_zone_skips() {
    let day = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
    let zone = Tz::Europe__Berlin;
    let builder = small().legs_per_day(20_000).since(day).until(day.succ_opt().unwrap()).zone(zone);
    let emulator = builder.emulator().unwrap();
    let midnight = day.and_hms_opt(0, 0, 0).unwrap();
    let legs = emulator.legs(midnight, midnight + chrono::Days::new(1));
    assert!(legs.iter().all(|(_, start)| zone.from_local_datetime(start).earliest().is_some()));
    let between = |from: u32, till: u32| {
        let hour = |hour| day.and_hms_opt(hour, 0, 0).unwrap();
        emulator.legs(hour(from), hour(till)).len()
    };
    assert!(between(0, 2) > 0 && between(3, 5) > 0);
    assert_eq!(between(2, 3), 0);
}

#[test]
fn a_period_without_days_is_refused() {
    for builder in
        [small().days(0), small().since(NaiveDate::from_ymd_opt(2027, 1, 1).unwrap()), small().days(u32::MAX)]
    {
        let error = builder.emulator().unwrap_err();
        assert_eq!(error.kind(), calllegs_sandbox::ErrorKind::Period);
    }
}
