//! Every answer of every switch, and that the truth follows it.

use std::time::Duration;

use calllegs_core::value::wall_time;
use calllegs_sandbox::{
    Bounds, DateAppliesTo, FutureDates, HttpErrors, Ids, LimitsOf, OffsetCap, Unfinished,
};
use serde_json::{Value, json};

use crate::support::{Caller, NOW, caller, fault, file, rows, small};

fn leg(id: i64, session: i64, start: &str) -> Value {
    json!({"id": id, "call_session_id": session, "start_time": start, "duration": 20, "total_duration": 30,
        "finish_reason": "timeout", "finish_reason_description": "…"})
}

#[test]
fn a_session_that_starts_in_the_window_brings_all_its_legs() {
    let legs = [
        leg(1, 7, "2026-02-10 09:59:50"),
        leg(2, 7, "2026-02-10 10:00:10"),
        leg(3, 8, "2026-02-10 10:59:59"),
        leg(4, 8, "2026-02-10 11:00:30"),
        // Without a session it is its own.
        json!({"id": 5, "start_time": "2026-02-10 10:30:00"}),
    ];
    let file = file(&legs);
    let hour = json!({"date_from": "2026-02-10 10:00:00", "date_till": "2026-02-10 11:00:00"});
    let time = |text| wall_time::parse(text).unwrap();
    for (applies_to, expected) in
        [(DateAppliesTo::Leg, vec![2, 3, 5]), (DateAppliesTo::Session, vec![3, 4, 5])]
    {
        let mut caller = caller(small().data(file.path()).date_applies_to(applies_to));
        assert_eq!(caller.leg_ids(hour.clone()), expected, "{}", applies_to.as_str());
        let mut truth: Vec<_> =
            caller.emulator.legs(time("2026-02-10 10:00:00"), time("2026-02-10 11:00:00"));
        truth.sort_unstable();
        assert_eq!(truth.iter().map(|(id, _)| *id).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn offsets_beyond_the_cap() {
    for (cap, accepted) in [(OffsetCap::Error, false), (OffsetCap::Empty, true)] {
        let mut caller = caller(small().offset_cap(cap).reach(10, 50));
        let at_the_cap = caller.legs(json!({"limit": 10, "offset": 50}));
        assert_eq!(rows(&at_the_cap).len(), 10);
        let beyond = caller.legs(json!({"limit": 10, "offset": 51}));
        if accepted {
            assert_eq!(rows(&beyond).len(), 0);
            assert_eq!(
                beyond["result"]["metadata"]["total_items"],
                at_the_cap["result"]["metadata"]["total_items"]
            );
        } else {
            assert_eq!(fault(&beyond), ("invalid_parameter_value", Some("offset")));
        }
        assert_eq!(fault(&caller.legs(json!({"limit": 11}))), ("invalid_parameter_value", Some("limit")));
        assert_eq!(rows(&caller.legs(json!({}))).len(), 10, "the usual limit does not exceed the reach");
    }
}

#[test]
fn dates_in_the_future() {
    // 2026-03-03 04:06:40 by the account's clock.
    let ask = |caller: &mut Caller, from: &str| {
        caller.legs(json!({"date_from": from, "date_till": "2026-03-05 00:00:00"}))
    };
    let mut empty = caller(small());
    assert_eq!(rows(&ask(&mut empty, "2026-03-03 04:06:41")).len(), 0);
    let mut strict = caller(small().future_dates(FutureDates::Refuse));
    assert_eq!(
        fault(&ask(&mut strict, "2026-03-03 04:06:41")),
        ("invalid_parameter_value", Some("date_from"))
    );
    assert_eq!(rows(&ask(&mut strict, "2026-03-03 04:06:40")).len(), 0);
}

#[test]
fn periods_that_are_too_young() {
    let mut caller = caller(small().min_age(Duration::from_secs(7 * 3600)));
    let mut ask = |till: &str| caller.legs(json!({"date_from": "2026-03-01 00:00:00", "date_till": till}));
    assert_eq!(fault(&ask("2026-03-02 21:06:41")), ("invalid_parameter_value", Some("date_from")));
    assert_eq!(rows(&ask("2026-03-02 21:06:40")).len(), 0);
}

#[test]
fn points_are_shared_as_the_switch_says() {
    let session = |caller: &mut Caller| {
        let login = caller.raw(
            r#"{"jsonrpc":"2.0","id":1,"method":"login.user","params":{"login":"demo","password":"demo"}}"#,
        );
        login["result"]["data"]["access_token"].clone()
    };
    let mut own = caller(small().minute_limit(Some(1)).limits_of(LimitsOf::Token));
    let token = session(&mut own);
    rows(&own.call("get.account", json!({})));
    assert_eq!(fault(&own.call("get.account", json!({}))).0, "limit_exceeded");
    rows(&own.call("get.account", json!({"access_token": token})));
    assert_eq!(fault(&own.call("get.account", json!({"access_token": token}))).0, "limit_exceeded");

    let mut none = caller(small().minute_limit(Some(1)).limits_of(LimitsOf::Nobody));
    for _ in 0..3 {
        let reply = none.call("get.account", json!({}));
        assert_eq!(reply["result"]["metadata"], json!({"total_items": 1, "version": null}));
    }
    assert_eq!(none.points(), 0);
}

#[test]
fn points_of_an_hour() {
    let mut caller = caller(small().hour_limit(Some(2)));
    let reply = caller.call("get.account", json!({}));
    assert_eq!(
        reply["result"]["metadata"]["limits"],
        json!({"hour_limit": 2, "hour_remaining": 1, "hour_reset": 3600})
    );
    rows(&caller.call("get.account", json!({})));
    let reply = caller.call("get.account", json!({}));
    assert_eq!(reply["error"]["data"]["params"]["limit_type"], "hour");
}

#[test]
fn http_statuses_of_errors() {
    for (method, token, status) in [
        ("get.account", "nobody", 401),
        ("get.customer_users", "sandbox-acme", 403),
        ("get.weather", "sandbox-acme", 404),
        ("get.call_legs_report", "sandbox-acme", 400),
        ("get.account", "sandbox-acme", 200),
    ] {
        for (switch, expected) in [(HttpErrors::Status, status), (HttpErrors::Always200, 200)] {
            let mut caller = caller(small().http_errors(switch));
            token.clone_into(&mut caller.token);
            assert_eq!(caller.exchange(method, json!({})).status, expected, "{method}");
        }
    }
    let mut caller = caller(small().http_errors(HttpErrors::Status).minute_limit(Some(0)));
    assert_eq!(caller.exchange("get.account", json!({})).status, 429);
}

#[test]
fn a_leg_that_is_not_over_is_hidden_or_shown_without_its_end() {
    // 01:06:40 UTC is 04:06:40 in Moscow.
    let legs = [
        leg(1, 1, "2026-03-03 04:06:10"),
        leg(2, 2, "2026-03-03 04:06:11"),
        leg(3, 3, "2026-03-03 04:06:41"),
    ];
    let file = file(&legs);
    let window = json!({"date_from": "2026-03-03 00:00:00", "date_till": "2026-03-04 00:00:00",
        "fields": ["id", "start_time", "duration", "total_duration", "finish_reason", "finish_reason_description"]});
    let day = || {
        let midnight = wall_time::parse("2026-03-03 00:00:00").unwrap();
        (midnight, midnight + chrono::Days::new(1))
    };
    let mut hide = caller(small().data(file.path()));
    assert_eq!(hide.emulator.legs(day().0, day().1).len(), 3, "before the first request all is over");
    assert_eq!(hide.leg_ids(window.clone()), [1]);
    assert_eq!(hide.emulator.legs(day().0, day().1).len(), 1);
    let mut show = caller(small().data(file.path()).unfinished(Unfinished::Show));
    let reply = show.legs(window.clone());
    assert_eq!(reply["result"]["metadata"]["total_items"], 2);
    assert_eq!(rows(&reply)[0]["finish_reason"], "timeout");
    assert_eq!(
        rows(&reply)[1],
        json!({"id": 2, "start_time": "2026-03-03 04:06:11", "duration": null, "total_duration": null,
            "finish_reason": null, "finish_reason_description": null})
    );
    // To a filter it has no duration either.
    let mut filtered = window.clone();
    filtered["filter"] = json!({"field": "duration", "operator": "=", "value": null});
    assert_eq!(show.leg_ids(filtered), [2]);
    for caller in [&mut hide, &mut show] {
        caller.now = NOW + 1000;
        assert_eq!(caller.leg_ids(window.clone()), [1, 2, 3]);
        caller.now = NOW;
        assert_ne!(caller.leg_ids(window.clone()), [1, 2, 3], "a clock that is set back takes legs back");
    }
}

#[test]
fn no_leg_goes_away_when_the_clock_is_put_back() {
    // Berlin, 2026-10-25: 03:00 is 02:00 once more, at 01:00 UTC.
    let legs = [leg(1, 1, "2026-10-25 01:59:50"), leg(2, 2, "2026-10-25 02:30:00")];
    let zone = calllegs_sandbox::Tz::Europe__Berlin;
    let mut caller = caller(small().data(file(&legs).path()).zone(zone));
    let one = 1_792_890_000;
    for (now, expected) in [
        (one - 3600 + 19, vec![]),
        (one - 3600 + 20, vec![1]),
        (one - 3600 + 45 * 60, vec![1]),
        (one + 20 * 60, vec![1]),
        (one + 30 * 60 + 29, vec![1]),
        (one + 30 * 60 + 30, vec![1, 2]),
    ] {
        caller.now = now;
        let day = json!({"date_from": "2026-10-25 00:00:00", "date_till": "2026-10-26 00:00:00"});
        assert_eq!(caller.leg_ids(day), expected, "{now}");
    }
}

#[test]
fn ids_as_text() {
    let file = file(&[json!({"id": 1, "call_session_id": 2, "employee_id": null, "duration": 3,
        "start_time": "2026-02-10 10:00:00"})]);
    let mut caller = caller(small().data(file.path()).ids(Ids::Text));
    let reply = caller.legs(json!({"fields": ["id", "call_session_id", "employee_id", "duration"]}));
    assert_eq!(
        rows(&reply)[0],
        json!({"id": "1", "call_session_id": "2", "employee_id": null, "duration": 3})
    );
}

#[test]
fn words_of_switches_are_found_again() {
    for bounds in Bounds::ALL {
        assert_eq!(bounds.to_string().parse(), Ok(bounds));
    }
    assert_eq!("none".parse(), Ok(LimitsOf::Nobody));
    assert!("text".parse::<Ids>().is_err());
    assert_eq!(Unfinished::ALL.map(Unfinished::as_str), ["hide", "show"]);
}

#[test]
fn emulators_of_any_options_share_one_world() {
    let base = small().emulator().unwrap();
    let mut wide =
        Caller { emulator: small().seed(99).over(&base), now: NOW, token: "sandbox-acme".to_owned() };
    let mut narrow =
        Caller { emulator: small().reach(5, 5).bounds(Bounds::Inclusive).over(&base), ..caller(small()) };
    assert_eq!(wide.emulator.size(), base.size());
    assert_eq!(narrow.leg_ids(json!({})), wide.leg_ids(json!({"limit": 5})));
    let copy = wide.emulator.clone();
    wide.legs(json!({}));
    assert_eq!((copy.stats().calls, wide.emulator.stats().calls), (1, 2));
    assert_eq!(base.stats().calls, 0);
}
