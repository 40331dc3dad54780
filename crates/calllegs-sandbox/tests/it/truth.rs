//! Worlds, and what happened in them: counted by hand where a world is small, held against the served legs elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use calllegs_core::{
    CallLegs, FinishReason,
    schema::{FieldInfo, Listing},
};
use calllegs_sandbox::{Builder, Emulator, Sandbox, SessionTruth, TruthQuery, World};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value, json};

fn world(world: World) -> Builder {
    Sandbox::builder().world(world).seed(7)
}

/// Two days of it, small enough for every test run.
fn two_days(kind: World) -> Emulator {
    world(kind).days(2).legs_per_day(1000).emulator().unwrap()
}

fn metrics(emulator: &Emulator) -> Map<String, Value> {
    emulator.truth_metrics(None, &TruthQuery::default()).unwrap()
}

fn legs(emulator: &Emulator) -> Vec<Value> {
    let fields: Vec<&FieldInfo> = CallLegs::METHOD.fields.iter().collect();
    let legs = emulator.truth(None, NaiveDateTime::MIN, NaiveDateTime::MAX, fields).unwrap();
    legs.iter().map(|leg| serde_json::from_str(leg).unwrap()).collect()
}

fn reasons(emulator: &Emulator) -> BTreeSet<String> {
    legs(emulator).iter().map(|leg| leg["finish_reason"].as_str().unwrap().to_owned()).collect()
}

/// The twenty calls: start, direction, outcome, and seconds: wait, wait from the first ring, wait in vain, talk; rings.
type Counted<'a> = (&'a str, &'a str, &'a str, [Option<i64>; 4], i64);

const TINY: [Counted<'_>; 20] = [
    // The menu takes 10 s, the first ring 5 s; two colleagues rang too.
    ("09:00:00", "in", "answered", [Some(15), Some(5), None, Some(120)], 3),
    // All three rang for 20 s in vain, then again: not in time.
    ("09:05:00", "in", "answered", [Some(37), Some(27), None, Some(60)], 6),
    // The first phone is not registered.
    ("09:10:00", "in", "answered", [Some(12), Some(4), None, Some(90)], 2),
    // Left in the menu.
    ("09:20:00", "in", "ivr_only", [None, None, None, None], 0),
    // Gave up 3 s after the first ring: a short abandon.
    ("09:30:00", "in", "abandoned", [None, None, Some(3), None], 3),
    // Missed, and called back 575 s later.
    ("09:40:00", "in", "abandoned", [None, None, Some(15), None], 3),
    ("09:50:00", "out", "answered", [None, None, None, Some(112)], 1),
    // Three phones for 20 s each, then the queue gives up; the caller rings again 232 s later.
    ("10:00:00", "in", "no_answer", [None, None, Some(60), None], 3),
    ("10:05:00", "in", "answered", [Some(14), Some(6), None, Some(45)], 1),
    // 100 s, handed over, 80 s more.
    ("10:30:00", "in", "answered", [Some(19), Some(9), None, Some(180)], 4),
    // Handed over to nobody: lost in transfer, but answered once.
    ("10:45:00", "in", "answered", [Some(18), Some(8), None, Some(50)], 4),
    // Somebody listens in.
    ("11:00:00", "in", "answered", [Some(13), Some(3), None, Some(200)], 3),
    // Picked up, and the caller left in the greeting: missed.
    ("11:15:00", "in", "abandoned", [None, None, Some(10), None], 1),
    // A withheld number; 5 s are not short any more.
    ("11:30:00", "in", "abandoned", [None, None, Some(5), None], 1),
    ("12:00:00", "out", "not_reached", [None, None, None, None], 1),
    ("12:10:00", "internal", "internal", [None, None, None, Some(84)], 2),
    // A list dials, then an employee is rung.
    ("13:00:00", "out", "answered", [None, None, None, Some(70)], 1),
    // Nobody is in the group any more.
    ("18:30:00", "in", "no_answer", [None, None, Some(10), None], 1),
    // The caller of 09:00 again; 20 s are in time.
    ("20:00:00", "in", "answered", [Some(30), Some(20), None, Some(30)], 1),
    // Goes on beyond midnight.
    ("23:59:30", "in", "answered", [Some(18), Some(10), None, Some(200)], 1),
];

#[test]
fn twenty_calls_are_what_they_were_meant_to_be() {
    let sessions = world(World::Tiny).emulator().unwrap().truth_sessions(None, &TruthQuery::default());
    let sessions = sessions.unwrap();
    assert_eq!(sessions.len(), TINY.len());
    for (session, (start, dir, outcome, seconds, rings)) in sessions.iter().zip(TINY) {
        let SessionTruth { wait_s, queue_wait_s, abandon_s, talk_s, .. } = *session;
        assert_eq!(session.session_start, format!("2026-02-28 {start}"));
        assert_eq!((session.dir, session.outcome, session.rings), (dir, outcome, rings), "{start}");
        assert_eq!([wait_s, queue_wait_s, abandon_s, talk_s], seconds, "{start}");
    }
    let starts = |flag: fn(&SessionTruth) -> bool| -> Vec<&str> {
        sessions.iter().filter(|session| flag(session)).map(|session| &session.session_start[11..]).collect()
    };
    assert_eq!(starts(|session| session.is_short_abandon), ["09:30:00"]);
    assert_eq!(
        starts(|session| session.is_missed),
        ["09:40:00", "10:00:00", "11:15:00", "11:30:00", "18:30:00"]
    );
    assert_eq!(starts(|session| session.transfers > 0), ["10:30:00"]);
    assert_eq!(starts(|session| session.coach_legs > 0), ["11:00:00"]);
    assert_eq!(starts(|session| session.contact.is_none()), ["11:30:00", "12:10:00"]);
    assert_eq!(starts(|session| session.answered_by == Some(94_001)), ["09:00:00", "09:50:00", "10:45:00"]);
}

#[test]
fn twenty_calls_are_counted_as_by_hand() {
    let truth = metrics(&world(World::Tiny).emulator().unwrap());
    for (name, row) in [
        // 9 answered, 5 missed; 8 of 14, and of 15 with the short one.
        (
            "service_level",
            json!({"offered": 14, "answered": 9, "short_abandons": 1, "answered_in_time": 8,
                "service_level_pct": "57.1", "service_level_strict_pct": "53.3"}),
        ),
        ("abandonment", json!({"abandoned": 3, "dropped_by_system": 2, "missed": 5, "missed_pct": "35.7"})),
        // 92 s and 176 s by 9; the fifth of 3 4 5 6 8 9 10 20 27; 20 and a fifth of the way to 27.
        (
            "asa",
            json!({"asa_s": "10.2", "p50_s": "8.0", "p90_s": "21.4", "longest_s": 27,
                "avg_wait_with_menu_s": "19.6"}),
        ),
        ("talk", json!({"att_s": "108.3", "talk_total_s": 975, "rings_per_call": "2.78"})),
        ("repeat_callers", json!({"inbound": 15, "repeats": 2, "repeats_pct": "13.3"})),
        // The withheld number is left out; (575 + 232) s are 13.45 minutes.
        (
            "not_called_back",
            json!({"missed": 4, "called_back": 1, "caller_tried_again": 1, "lost": 2, "lost_people": 2,
                "avg_minutes_to_fix": "6.7", "called_back_in_15_min": 1, "still_open": 2}),
        ),
        // 6 12 13 15 18 18 19 37 314 612
        ("first_response", json!({"people": 15, "reached": 10, "median_first_response_s": 18})),
        (
            "quality",
            json!({"talked_legs": 13, "recorded_pct": "84.6", "rated_pct": "15.4", "rating": "4.50"}),
        ),
        (
            "by_day",
            json!({"day": "2026-02-28", "offered": 14, "answered": 9, "missed": 5, "answered_in_time": 8,
                "service_level_pct": "57.1"}),
        ),
    ] {
        assert_eq!(truth[name], json!([row]), "{name}");
    }
    assert_eq!(truth.len(), 19);
    assert_eq!(truth["transfers"][0]["transfers"], 1);
    // Four phones ring or are rung by at most: the caller's line and three.
    assert_eq!(truth["concurrency"][0]["peak_legs"], 4);
    let scenarios = truth["scenarios"].as_array().unwrap();
    let counts: Vec<_> = scenarios.iter().map(|row| (row["scenario"].as_str(), &row["inbound"])).collect();
    assert_eq!(counts, [(Some("Продажи"), &json!(10)), (Some("Поддержка"), &json!(6))]);
    // 9:00 to 9:59: four offered; 90 s on average, 4 × 90 / 3600 Erlang.
    assert_eq!(
        truth["staffing_input"][0],
        json!({"hour": 9, "calls_per_hour": "4.00", "avg_talk_s": "90.0", "erlangs": "0.10"})
    );
}

#[test]
fn halves_of_the_last_digit_go_up() {
    let truth = metrics(&world(World::Halves).emulator().unwrap());
    for (result, column, shown) in [
        ("service_level", "service_level_pct", json!("31.3")), // 10 of 32: 31.25
        ("asa", "asa_s", json!("17.8")),                       // 284 by 16: 17.75
        ("asa", "p50_s", json!("10.5")),                       // between 10 and 11
        ("asa", "avg_wait_with_menu_s", json!("22.8")),        // 364 by 16: 22.75
        ("talk", "att_s", json!("60.3")),                      // 964 by 16: 60.25
        ("talk", "rings_per_call", json!("1.13")),             // 18 by 16: 1.125
        ("repeat_callers", "repeats_pct", json!("6.3")),       // 2 of 32: 6.25
        ("not_called_back", "avg_minutes_to_fix", json!("1.1")), // 63 s: 1.05
        ("first_response", "median_first_response_s", json!(16)), // between 15 and 16
        ("quality", "recorded_pct", json!("81.3")),            // 13 of 16: 81.25
        ("quality", "rating", json!("4.63")),                  // 37 by 8: 4.625
        ("by_day", "service_level_pct", json!("31.3")),
        ("groups", "avg_ring_s", json!("17.8")),
    ] {
        assert_eq!(truth[result][0][column], shown, "{result}.{column}");
    }
}

#[test]
fn every_reason_occurs() {
    for seed in [42, 7] {
        let found = reasons(&world(World::EveryReason).seed(seed).emulator().unwrap());
        let missing: Vec<_> = FinishReason::WORDS.iter().filter(|word| !found.contains(**word)).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
    }
}

#[test]
fn an_outage_shows() {
    let [shop, outage] = [World::Shop, World::Outage].map(two_days);
    let [well, ill] = [&shop, &outage].map(metrics);
    let count = |truth: &Map<String, Value>, reason: &str| {
        let rows = truth["pareto"].as_array().unwrap();
        rows.iter().find(|row| row["finish_reason"] == reason).map_or(0, |row| row["legs"].as_i64().unwrap())
    };
    assert!(count(&ill, "sip_offline") > 5 * count(&well, "sip_offline"));
    let level = |truth: &Map<String, Value>| -> f64 {
        truth["service_level"][0]["service_level_pct"].as_str().unwrap().parse().unwrap()
    };
    assert!(level(&ill) + 5.0 < level(&well), "{} against {}", level(&ill), level(&well));
    let answered = |emulator: &Emulator| {
        let sessions = emulator.truth_sessions(None, &TruthQuery::default()).unwrap();
        let in_it = |session: &&SessionTruth| ("11".."13").contains(&&session.session_start[11..13]);
        sessions
            .iter()
            .filter(|session| session.dir == "in" && session.outcome == "answered")
            .filter(in_it)
            .count()
    };
    assert!(answered(&shop) > 10 && answered(&outage) == 0);
}

#[test]
fn a_clock_changes_in_the_world_of_it() {
    let night = NaiveDate::from_ymd_opt(2025, 10, 26).unwrap();
    let emulator = world(World::Dst).legs_per_day(3000).emulator().unwrap();
    // The hour from two to three comes twice: longer calls than an hour are too rare to explain what starts in it.
    let query = TruthQuery::between(night.and_hms_opt(2, 0, 0).unwrap(), night.and_hms_opt(3, 0, 0).unwrap());
    let twice = emulator.truth_sessions(None, &query).unwrap();
    // By start: calls of the earlier hour and of the later one are mixed, their ids are not.
    assert!(twice.len() > 10 && !twice.is_sorted_by_key(|session| session.call_session_id));
}

/// The rules of sessions, as far as a few lines go.
fn outcome(legs: &[&Value]) -> (&'static str, &'static str) {
    let external: Vec<_> = legs.iter().filter(|leg| leg["is_operator"] == false).collect();
    let employees = || legs.iter().filter(|leg| leg["is_operator"] == true && leg["is_coach"] == false);
    let talked = |leg: &&&Value| !leg["connect_time"].is_null() && leg["is_talked"] == true;
    let (Some(first), Some(caller)) = (legs.first(), external.first()) else {
        return ("internal", "internal");
    };
    if first["is_operator"] == true || first["direction"] == "out" {
        return ("out", if caller["is_talked"] == true { "answered" } else { "not_reached" });
    }
    let outcome = if employees().any(|leg| talked(&leg)) {
        "answered"
    } else if employees().all(|leg| leg["is_transfered"] == true) {
        "ivr_only"
    } else if caller["finish_reason"] == "subscriber_disconnects" {
        "abandoned"
    } else {
        "no_answer"
    };
    ("in", outcome)
}

#[test]
fn served_legs_agree_with_what_happened() {
    for kind in World::ALL {
        if kind == World::Dense {
            continue; // As `ties`, with more.
        }
        let emulator = two_days(kind);
        let rows = legs(&emulator);
        let mut sessions = BTreeMap::<i64, Vec<&Value>>::new();
        for row in &rows {
            sessions.entry(row["call_session_id"].as_i64().unwrap()).or_default().push(row);
        }
        let truth = emulator.truth_sessions(None, &TruthQuery::default()).unwrap();
        assert!(truth.len() > 19, "{kind:?}");
        for session in &truth {
            let legs = &sessions[&session.call_session_id];
            assert_eq!(outcome(legs), (session.dir, session.outcome), "{kind:?} {session:?}");
            assert_eq!(legs[0]["start_time"], session.session_start.as_str(), "{kind:?}");
            assert_eq!(json!(session.contact), legs[0]["contact_phone_number"], "{kind:?}");
        }
        // Legs of other calls are those of calls that began before.
        let known: BTreeSet<_> = truth.iter().map(|session| session.call_session_id).collect();
        let first = &rows[0]["start_time"].as_str().unwrap()[..10];
        let others = sessions.iter().filter(|(id, _)| !known.contains(id));
        assert!(
            others.into_iter().all(|(_, legs)| legs[0]["start_time"].as_str().unwrap().starts_with(first))
        );
        let truth = metrics(&emulator);
        let level = &truth["service_level"][0];
        let sum = level["answered"].as_i64().unwrap() + truth["abandonment"][0]["missed"].as_i64().unwrap();
        assert_eq!(level["offered"], sum, "{kind:?}");
    }
}

#[test]
fn each_world_has_its_kinds_of_calls() {
    let outcomes = |kind| {
        let sessions = two_days(kind).truth_sessions(None, &TruthQuery::default()).unwrap();
        sessions.iter().map(|session| session.outcome).collect::<BTreeSet<_>>()
    };
    for kind in [World::Callcentre, World::Clinic, World::EveryReason, World::Dst] {
        let found = outcomes(kind);
        // On a weekend the clinic is closed.
        let least = if kind == World::Clinic { 3 } else { 6 };
        assert!(found.len() >= least, "{kind:?}: {found:?}");
    }
    let week = world(World::Clinic).days(5).emulator().unwrap();
    let picked_up = |leg: &&Value| leg["is_operator"] == true && !leg["connect_time"].is_null();
    let greeted =
        |leg: &&Value| leg["is_talked"] == false && leg["direction"] == "out" && leg["is_coach"] == false;
    assert!(legs(&week).iter().filter(picked_up).any(|leg| greeted(&leg)));
    assert_eq!(metrics(&week)["employees"].as_array().map(Vec::len), Some(12));
}

#[test]
fn the_same_seed_makes_the_same_world_everywhere() {
    // FNV-1a of the rows and of the metrics. A change belongs into the change log.
    let found = PINNED.map(|(kind, _)| {
        let emulator = two_days(kind);
        let fields: Vec<&FieldInfo> = CallLegs::METHOD.fields.iter().collect();
        let mut lines = emulator.truth(None, NaiveDateTime::MIN, NaiveDateTime::MAX, fields).unwrap();
        // Members in an order that no feature of a library changes.
        let truth: BTreeMap<String, Vec<BTreeMap<String, Value>>> =
            serde_json::from_value(metrics(&emulator).into()).unwrap();
        lines.push(serde_json::to_string(&truth).unwrap());
        let hash =
            lines.iter().flat_map(|line| line.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        (kind, hash)
    });
    assert_eq!(found, PINNED, "{}", found.map(|(kind, hash)| format!("{kind:?} {hash:#x}")).join(", "));
}

const PINNED: [(World, u64); 9] = [
    (World::Shop, 0x473c_14af_3565_26ac),
    (World::Callcentre, 0x64f8_2e5d_71df_1bc8),
    (World::Clinic, 0xd27f_8731_a467_671a),
    (World::Dst, 0xb79d_1540_be64_7432),
    (World::EveryReason, 0x2e59_b057_b72a_5c63),
    (World::Halves, 0x6779_d978_64f7_aa5c),
    (World::Outage, 0xe1ee_cf88_17af_fbd5),
    (World::Ties, 0x0b19_c6c6_c761_b5a7),
    (World::Tiny, 0x888a_03dc_5f9d_d39f),
];

#[test]
fn a_day_of_any_world_is_the_same_in_every_period_that_holds_it() {
    let friday = NaiveDate::from_ymd_opt(2026, 2, 27).unwrap();
    for kind in World::ALL {
        if matches!(kind, World::Dense | World::Ties) {
            continue; // Their last day is not like the others.
        }
        let of_friday = |builder: Builder| -> Vec<Value> {
            let rows = legs(&builder.legs_per_day(800).emulator().unwrap());
            rows.into_iter()
                .filter(|row| row["start_time"].as_str().unwrap().starts_with("2026-02-27"))
                .collect()
        };
        let alone = of_friday(world(kind).since(friday).until(friday.succ_opt().unwrap()));
        let until = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        assert!(alone.len() > 50, "{kind:?}");
        assert_eq!(alone, of_friday(world(kind).days(6).until(until)), "{kind:?}");
    }
}

#[test]
fn rows_of_a_file_have_no_truth() {
    let file = crate::support::file(&[json!({"id": 1, "start_time": "2026-02-10 10:00:00"})]);
    let emulator = Sandbox::builder().data(file.path()).emulator().unwrap();
    assert_eq!(emulator.truth_sessions(None, &TruthQuery::default()), None);
}
