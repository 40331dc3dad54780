//! The world that is made on demand, smaller than it is: its listing is that of its truth however it is asked for.

use std::collections::BTreeMap;

use calllegs_core::{CallLegs, schema::Listing, value::wall_time};
use calllegs_sandbox::{
    Bounds, Builder, DateAppliesTo, ErrorKind, ListingOrder, TruthQuery, Tz, Unfinished, World,
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use crate::support::{caller, fault, ids, rows, small};

/// Two days, 2026-02-27 and 2026-02-28.
fn huge() -> Builder {
    small().world(World::Huge).days(2).legs_per_day(6000)
}

fn time(text: &str) -> NaiveDateTime {
    wall_time::parse(text).unwrap()
}

fn total(reply: &Value) -> usize {
    reply["result"]["metadata"]["total_items"].as_u64().unwrap().try_into().unwrap()
}

#[test]
fn pages_are_the_truth_in_its_order() {
    let mut caller = caller(huge());
    let truth: Vec<i64> =
        caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX).into_iter().map(|(id, _)| id).collect();
    assert!((11_000..13_000).contains(&truth.len()) && truth.is_sorted_by(|a, b| a < b), "{}", truth.len());
    for sort in [json!([]), json!([{"field": "start_time"}, {"field": "call_session_id"}])] {
        let mut listed = Vec::new();
        while listed.len() < truth.len() {
            // Pages end within ten minutes, and have many of them.
            let page =
                caller.legs(json!({"limit": 1700, "offset": listed.len(), "sort": sort, "fields": ["id"]}));
            assert_eq!(total(&page), truth.len());
            assert!(!rows(&page).is_empty());
            listed.extend(ids(&page));
        }
        assert!(listed == truth, "{sort}");
    }
    let newest = json!({"limit": 200, "sort": [{"field": "start_time", "order": "desc"}]});
    let mut newest = caller.leg_ids(newest);
    newest.sort_unstable();
    // Of the earliest second of the page not all legs are on it.
    assert_eq!(newest[10..], truth[truth.len() - 190..]);
}

#[test]
fn every_period_has_the_rows_between_its_bounds() {
    let periods = [
        ("2026-02-27 00:00:00", "2026-02-28 00:00:00"),
        ("2026-02-27 09:10:00", "2026-02-27 09:20:00"),
        ("2026-02-27 09:17:31", "2026-02-27 12:20:01"),
        ("2026-02-27 23:59:59", "2026-03-01 00:00:01"),
        ("2026-01-27 00:00:00", "2026-02-27 00:00:00"),
        ("2026-03-01 00:00:00", "2026-03-02 00:00:00"),
    ];
    for bounds in Bounds::ALL {
        let mut caller = caller(huge().bounds(bounds));
        let all = caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
        for (from, till) in periods {
            let (first, last) = (time(from), time(till));
            let within = |start: NaiveDateTime| match bounds {
                Bounds::Exclusive => first < start && start < last,
                Bounds::HalfOpen => first <= start && start < last,
                Bounds::Inclusive => first <= start && start <= last,
            };
            let reply = caller.legs(json!({"date_from": from, "date_till": till, "limit": 10_000}));
            let expected: Vec<_> =
                all.iter().filter(|(_, start)| within(*start)).map(|(id, _)| *id).collect();
            assert!(ids(&reply) == expected && total(&reply) == expected.len(), "{bounds:?} {from}");
        }
    }
}

#[test]
fn filters_and_switches_leave_totals_and_pages_consistent() {
    let fields = ["id", "is_talked"].map(|name| CallLegs::field(name).unwrap());
    let truth = caller(huge()).emulator.truth(None, NaiveDateTime::MIN, NaiveDateTime::MAX, fields).unwrap();
    let talked = truth.iter().filter(|leg| leg.contains("true")).count();
    assert!(talked > truth.len() / 4);
    let is_talked = json!({"field": "is_talked", "operator": "=", "value": true});
    for builder in [
        huge(),
        huge().listing_order(ListingOrder::End),
        huge().date_applies_to(DateAppliesTo::Session),
        huge().repeats(100),
    ] {
        let repeats = if format!("{builder:?}").contains("repeats: 100") { 100 } else { 0 };
        let mut caller = caller(builder);
        for (filter, distinct) in [(Some(&is_talked), talked), (None, truth.len())] {
            let mut listed = Vec::new();
            loop {
                let mut params = json!({"limit": 5000, "offset": listed.len()});
                if let Some(filter) = filter {
                    params["filter"] = filter.clone();
                }
                let page = caller.legs(params);
                listed.extend(ids(&page));
                if rows(&page).is_empty() {
                    assert_eq!(total(&page), listed.len());
                    break;
                }
            }
            assert_eq!(listed.len() > distinct, repeats > 0);
            listed.sort_unstable();
            listed.dedup();
            assert_eq!(listed.len(), distinct);
        }
    }
}

#[test]
fn legs_come_as_their_time_comes() {
    // Noon of the second day in Moscow, and within a call.
    for unfinished in Unfinished::ALL {
        let mut caller = caller(huge().unfinished(unfinished).late_data(unfinished == Unfinished::Hide));
        caller.now = 1_772_269_205;
        let reply = caller.legs(json!({"limit": 1, "offset": 7000}));
        let there = caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
        assert_eq!(total(&reply), there.len());
        assert_eq!(ids(&reply), [there[7000].0]);
        assert!(there.len() > 8000 && there.last().unwrap().1 <= time("2026-02-28 12:00:05"));
    }
}

#[test]
fn another_order_is_refused_beyond_ten_minutes() {
    let mut caller = caller(huge());
    let sort = json!([{"field": "total_duration"}]);
    assert_eq!(fault(&caller.legs(json!({"sort": sort}))), ("sort_prohibited", Some("sort.field")));
    let within =
        json!({"date_from": "2026-02-27 12:00:00", "date_till": "2026-02-27 12:09:59", "sort": sort});
    let reply = caller.legs(within);
    assert!(rows(&reply).len() > 20 && rows(&reply).is_sorted_by_key(|row| row["total_duration"].as_i64()));
}

#[test]
fn calls_are_over_with_the_next_ten_minutes_and_nobody_is_in_two() {
    let mut talks = BTreeMap::<i64, Vec<(NaiveDateTime, i64)>>::new();
    let fields = CallLegs::METHOD.fields;
    let emulator = huge().days(1).legs_per_day(30_000).emulator().unwrap();
    let (mut talked, mut waited_in_vain) = (0, 0);
    for leg in emulator.truth(None, NaiveDateTime::MIN, NaiveDateTime::MAX, fields).unwrap() {
        let leg: Value = serde_json::from_str(&leg).unwrap();
        let start = time(leg["start_time"].as_str().unwrap());
        let end = start + TimeDelta::seconds(leg["total_duration"].as_i64().unwrap());
        let minutes = |time: NaiveDateTime| time.and_utc().timestamp().div_euclid(600);
        assert!(minutes(end) - minutes(start) <= 2, "{leg}");
        if leg["is_operator"] == false && leg["direction"] == "in" {
            talked += i32::from(leg["is_talked"] == true);
            waited_in_vain += i32::from(leg["is_talked"] == false);
        }
        if let (Some(employee), Some(connect)) = (leg["employee_id"].as_i64(), leg["connect_time"].as_str()) {
            talks.entry(employee).or_default().push((time(connect), leg["duration"].as_i64().unwrap()));
        }
    }
    assert!(talked > waited_in_vain, "{talked} {waited_in_vain}");
    for mut talks in talks.into_values() {
        talks.sort_unstable();
        for pair in talks.windows(2) {
            assert!((pair[1].0 - pair[0].0).num_seconds() >= pair[0].1);
        }
    }
}

#[test]
fn an_hour_that_the_zone_skips_has_no_legs_and_bursts_are_refused() {
    let day = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
    let builder = huge().zone(Tz::Europe__Berlin).since(day).until(day.succ_opt().unwrap());
    let emulator = builder.emulator().unwrap();
    let between = |from: u32, till: u32| {
        let hour = |hour| day.and_hms_opt(hour, 0, 0).unwrap();
        emulator.legs(hour(from), hour(till)).len()
    };
    assert!(between(1, 2) > 50 && between(3, 4) > 50);
    assert_eq!(between(2, 3), 0);
    let refused = huge().burst(day.and_hms_opt(12, 0, 0).unwrap(), 10, 1).emulator().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::World);
}

#[test]
fn what_happened_is_told_of_a_part_of_very_much() {
    let emulator = small().world(World::Huge).days(1).legs_per_day(2_000_000).emulator().unwrap();
    assert_eq!(emulator.truth_sessions(None, &TruthQuery::default()), None);
    let (from, till) = (time("2026-02-28 03:05:00"), time("2026-02-28 03:15:00"));
    let told = emulator.truth_sessions(None, &TruthQuery::between(from, till)).unwrap();
    let mut told: Vec<_> = told.iter().map(|session| session.call_session_id).collect();
    let session = CallLegs::field("call_session_id").unwrap();
    let legs = emulator.truth(None, from, till, [session]).unwrap();
    let mut served: Vec<i64> = legs
        .iter()
        .map(|leg| serde_json::from_str::<Value>(leg).unwrap()["call_session_id"].as_i64().unwrap())
        .collect();
    served.sort_unstable();
    served.dedup();
    told.sort_unstable();
    // Calls from before 03:05 have legs after it.
    assert!(told.len() > 1000 && told.iter().all(|id| served.binary_search(id).is_ok()));
}
