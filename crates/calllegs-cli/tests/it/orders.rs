//! Listings in any order, nights in which the clock is changed, legs that are listed twice, and sessions: whole, each leg
//! once, as the emulator says.

use std::collections::BTreeSet;

use calllegs_sandbox::{Builder, ClockChange, DateAppliesTo, ListingOrder, Sandbox, Tz};
use chrono::{NaiveDate, NaiveDateTime};

use crate::support::{get_at, rows, run, sorted};

/// A few days with a busy hour, without limits.
fn world() -> Builder {
    let noon = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap().and_hms_opt(12, 0, 0).unwrap();
    Sandbox::builder()
        .seed(7)
        .days(3)
        .legs_per_day(300)
        .burst(noon, 12_000, 3600)
        .minute_limit(None)
        .day_limit(None)
}

/// The ids between two times, in order.
fn between(sandbox: &Sandbox, from: NaiveDateTime, till: NaiveDateTime) -> Vec<i64> {
    sorted(sandbox.legs(from, till).into_iter().map(|(id, _)| id).collect())
}

/// The nights in which a clock is put back: by an hour, by an hour, by half an hour; and one in which it is put forward.
const NIGHTS: [(Tz, &str); 4] = [
    (Tz::Europe__Berlin, "2025-10-26"),
    (Tz::America__New_York, "2025-11-02"),
    (Tz::Australia__Lord_Howe, "2025-04-06"),
    (Tz::Europe__Berlin, "2025-03-30"),
];

/// Both passes of an hour that the clock shows twice belong to the day, whichever of them a bound means, and in whatever
/// order the legs are listed.
#[test]
fn a_night_in_which_the_clock_is_changed_is_whole() {
    for (zone, date) in NIGHTS {
        let day: NaiveDate = date.parse().unwrap();
        let twenty_past = |hour| day.and_hms_opt(hour, 20, 0).unwrap();
        let world = || {
            Sandbox::builder()
                .zone(zone)
                .until(day.succ_opt().unwrap())
                .days(2)
                .legs_per_day(600)
                .burst(twenty_past(1), 9000, 3600)
                .burst(twenty_past(2), 9000, 3600)
                .minute_limit(None)
                .day_limit(None)
        };
        for order in [ListingOrder::Asked, ListingOrder::Moment] {
            for meaning in ClockChange::ALL {
                let sandbox = world().listing_order(order).clock_change(meaning).start().unwrap();
                let at = |hour, minute| day.and_hms_opt(hour, minute, 0).unwrap();
                let whole = (at(0, 0), day.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap());
                for (from, till) in [whole, (at(1, 40), at(2, 40))] {
                    let words = [from, till].map(|time| time.format("%Y-%m-%dT%H:%M").to_string());
                    let arguments = ["--from", &words[0], "--till", &words[1], "--fields", "id,start_time"];
                    let told = run(&mut get_at(&sandbox.url(), &arguments));
                    assert_eq!(told.code, Some(0), "{}", told.stderr);
                    let truth = between(&sandbox, from, till);
                    assert!(truth.len() > 1000, "{}", truth.len());
                    let said = format!("{zone}, {} and {}, {from}", order.as_str(), meaning.as_str());
                    assert_eq!(sorted(told.ids()), truth, "{said}");
                }
            }
        }
    }
}

#[test]
fn no_order_of_a_listing_and_no_leg_listed_twice_loses_or_doubles_one() {
    for order in ListingOrder::ALL {
        for repeats in [0, 20] {
            let sandbox = world().listing_order(order).repeats(repeats).start().unwrap();
            let period = ["--from", "2026-02-26", "--till", "2026-02-28"];
            let mut get = get_at(&sandbox.url(), &period);
            let told = run(get.args(["--fields", "id,start_time,duration"]));
            assert_eq!(told.code, Some(0), "{}: {}", order.as_str(), told.stderr);
            let rows = rows(&told.stdout);
            let all = between(&sandbox, NaiveDateTime::MIN, NaiveDateTime::MAX);
            assert_eq!(sorted(crate::support::ids(&rows)), all, "{}", order.as_str());
            // Of two copies the later one is whole.
            assert!(rows.iter().all(|row| !row["duration"].is_null()), "{}", order.as_str());
            assert_eq!(told.stderr.contains("more than once"), repeats > 0, "{}", told.stderr);
            let starts: Vec<_> = rows.iter().map(|row| row["start_time"].as_str().unwrap()).collect();
            assert!(starts.is_sorted() || told.stderr.contains("out of order"), "{}", told.stderr);
        }
    }
}

#[test]
fn a_server_that_selects_by_sessions_gives_the_same_from_both_sides_of_midnight() {
    let sandbox = world().legs_per_day(900).date_applies_to(DateAppliesTo::Session).start().unwrap();
    let mut ids = Vec::new();
    for day in ["2026-02-26", "2026-02-27", "2026-02-28"] {
        let told = run(&mut get_at(&sandbox.url(), &["--on", day, "--fields", "id,start_time"]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        ids.extend(told.ids());
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert_eq!(sorted(ids), between(&sandbox, NaiveDateTime::MIN, NaiveDateTime::MAX));
}
