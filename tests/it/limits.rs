//! The gate: it waits before it would be refused, and believes the lower of two words.

use std::time::{Duration, Instant};

use calllegs_core::{
    error::Budget,
    limits::{Admission, Gate, Limits, QuotaWindow},
};

fn limits(json: &str) -> Limits {
    serde_json::from_str(json).unwrap()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn points_in_flight_count() {
    let now = Instant::now();
    let mut gate = Gate::default();
    gate.observe(now, now, 1, &limits(r#"{"minute_remaining": 2, "minute_reset": 30}"#));
    assert_eq!(gate.admit(now, 1), Admission::Now);
    assert_eq!(gate.admit(now, 1), Admission::Now);
    assert!(matches!(gate.admit(now, 1), Admission::At(at) if at >= now + seconds(30)));
    gate.settle(1, false);
    assert_eq!(gate.admit(now, 1), Admission::Now, "a failed call gives its point back");
}

#[test]
fn an_older_reply_never_raises_what_is_left() {
    let now = Instant::now();
    let mut gate = Gate::default();
    gate.observe(now, now, 1, &limits(r#"{"minute_remaining": 0, "minute_reset": 30}"#));
    gate.observe(now, now, 1, &limits(r#"{"minute_remaining": 5, "minute_reset": 30}"#));
    assert!(matches!(gate.admit(now, 1), Admission::At(_)));
    let next_minute = now + seconds(32);
    gate.observe(next_minute, next_minute, 1, &limits(r#"{"minute_remaining": 5, "minute_reset": 60}"#));
    assert_eq!(gate.admit(next_minute, 1), Admission::Now);
}

#[test]
fn an_empty_day_or_hour_is_the_callers_decision() {
    let now = Instant::now();
    for (json, budget) in [
        (r#"{"day_remaining": 0, "day_reset": 5000}"#, Budget::Day),
        (r#"{"hour_remaining": 0, "hour_reset": 500}"#, Budget::Hour),
    ] {
        let mut gate = Gate::default();
        gate.observe(now, now, 1, &limits(json));
        assert!(matches!(gate.admit(now, 1), Admission::Refused(refused, Some(_)) if refused == budget));
        assert_eq!(gate.admit(now, 0), Admission::Now, "free calls pass");
    }
}

#[test]
fn missing_and_absurd_limits_do_not_stop_anything() {
    let now = Instant::now();
    for json in [
        "{}",
        "null",
        "[]",
        r#"{"minute_remaining": 0}"#,
        r#"{"minute_reset": 3}"#,
        r#"{"week_remaining": 0}"#,
    ] {
        let mut gate = Gate::default();
        gate.observe(now, now, 1, &limits(json));
        assert_eq!(gate.admit(now, 1), Admission::Now, "{json}");
    }
    // A reset of a year cannot be a minute's: at most a minute is waited.
    let mut gate = Gate::default();
    gate.observe(now, now, 1, &limits(r#"{"minute_remaining": -4, "minute_reset": 31536000}"#));
    assert!(matches!(gate.admit(now, 1), Admission::At(at) if at <= now + seconds(61)));
}

#[test]
fn a_refusal_empties_the_span_until_its_reset() {
    let now = Instant::now();
    let mut gate = Gate::default();
    gate.observe(now, now, 1, &limits(r#"{"minute_remaining": 50, "minute_reset": 20}"#));
    gate.exhausted(now, QuotaWindow::Minute, None);
    assert!(matches!(gate.admit(now, 1), Admission::At(at) if at <= now + seconds(21)));
    assert_eq!(gate.admit(now + seconds(22), 1), Admission::Now);
}
