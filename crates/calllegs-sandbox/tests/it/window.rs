//! Which legs a pair of dates selects.

use calllegs_core::value::wall_time;
use calllegs_sandbox::Bounds;
use serde_json::{Value, json};

use crate::support::{caller, caller_on, fault, file, rows, small};

fn legs() -> Vec<Value> {
    let starts = [
        "2026-02-10 11:59:59",
        "2026-02-10 12:00:00",
        "2026-02-10 12:00:00",
        "2026-02-10 12:00:01",
        "2026-02-10 12:00:02",
    ];
    // Not in the order of the file.
    (0..5).zip(starts).rev().map(|(id, start)| json!({"id": id, "start_time": start})).collect()
}

#[test]
fn bounds_decide_about_the_two_ends() {
    let file = file(&legs());
    for (bounds, between, instant) in [
        (Bounds::Exclusive, vec![3], vec![]),
        (Bounds::HalfOpen, vec![1, 2, 3], vec![]),
        (Bounds::Inclusive, vec![1, 2, 3, 4], vec![1, 2]),
    ] {
        let mut caller = caller(small().data(file.path()).bounds(bounds));
        let mut ids = |from: &str, till: &str| caller.leg_ids(json!({"date_from": from, "date_till": till}));
        assert_eq!(ids("2026-02-10 12:00:00", "2026-02-10 12:00:02"), between, "{}", bounds.as_str());
        assert_eq!(ids("2026-02-10 12:00:00", "2026-02-10 12:00:00"), instant, "{}", bounds.as_str());
        assert_eq!(ids("2026-02-11 00:00:00", "2026-02-12 00:00:00"), [0; 0]);
        // A margin of one second on both sides finds a period's legs under all three.
        assert_eq!(ids("2026-02-10 11:59:58", "2026-02-10 12:00:03"), [0, 1, 2, 3, 4]);
    }
}

#[test]
fn a_date_alone_is_its_midnight() {
    let mut caller = caller_on(&[
        json!({"id": 1, "start_time": "2026-02-10 00:00:01"}),
        json!({"id": 2, "start_time": "2026-02-11 00:00:01"}),
    ]);
    assert_eq!(caller.leg_ids(json!({"date_from": "2026-02-10", "date_till": "2026-02-11"})), [1]);
}

#[test]
fn three_calendar_months_and_not_a_second_more() {
    let mut caller = caller(small());
    for (from, till, legal) in [
        ("2026-01-01 00:00:00", "2026-04-01 00:00:00", true),
        ("2026-01-01 00:00:00", "2026-04-01 00:00:01", false),
        // 31 May has no counterpart in February: the last day of the month is meant.
        ("2025-11-30 00:00:00", "2026-02-28 00:00:00", true),
        ("2025-11-30 00:00:00", "2026-02-28 00:00:01", false),
        ("2026-01-01 00:00:00", "2026-05-01 00:00:00", false),
    ] {
        let reply = caller.legs(json!({"date_from": from, "date_till": till}));
        if legal {
            rows(&reply);
        } else {
            assert_eq!(fault(&reply), ("date_interval_limit_reached", Some("date_till")), "{from} {till}");
        }
    }
}

#[test]
fn the_truth_is_the_half_open_period() {
    let mut caller = caller(small().bounds(Bounds::HalfOpen));
    let time = |text| wall_time::parse(text).unwrap();
    let truth = caller.emulator.legs(time("2026-02-27 09:00:00"), time("2026-02-27 15:00:00"));
    assert!(truth.len() > 20);
    let params =
        json!({"date_from": "2026-02-27 09:00:00", "date_till": "2026-02-27 15:00:00", "limit": 10_000});
    let reply = caller.legs(params);
    assert_eq!(reply["result"]["metadata"]["total_items"], truth.len());
    let mut told: Vec<_> = rows(&reply)
        .iter()
        .map(|row| (row["id"].as_i64().unwrap(), time(row["start_time"].as_str().unwrap())))
        .collect();
    told.sort_by_key(|(id, start)| (*start, *id));
    assert_eq!(told, truth);
}
