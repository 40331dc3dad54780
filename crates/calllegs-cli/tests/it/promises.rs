//! All rows of a period, each once and in order, or a failure that says what is missing: whatever the server does.
//!
//! Not here: the faults `minute-limit` and `limits-lying`, which cost real minutes; simulations without a clock cover them.

use std::{collections::BTreeSet, process::Command, thread, time::UNIX_EPOCH};

use calllegs_sandbox::{
    Bounds, Builder, Chaos, DateAppliesTo, FAULTS, FutureDates, HttpErrors, Ids, LimitsOf, OffsetCap,
    Sandbox, Tz, Unfinished,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta};

use crate::support::{Run, get_at, ids, json, rows, run, small, sorted, truth};

/// From before the first leg of [`world`] to the end of its last day.
const ALL: [&str; 4] = ["--from", "2025-11-01", "--till", "2026-02-28"];

/// Columns of every kind that a fault can spoil.
const SOME: [&str; 2] = ["--fields", "id,start_time,duration,finish_reason,contact_full_name"];

/// What only time heals.
const REAL_MINUTES: [&str; 2] = ["minute-limit", "limits-lying"];

/// The noon of the last day of every emulator here.
fn noon() -> NaiveDateTime {
    "2026-02-28T12:00:00".parse().unwrap()
}

/// Four windows, the last of them with two pages.
fn world() -> Builder {
    small().days(118).legs_per_day(10).burst(noon(), 10_500, 3600)
}

/// Without legs but those of bursts and a few around them.
fn sparse() -> Builder {
    small().legs_per_day(10)
}

fn read(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = get_at(&sandbox.url(), &ALL);
    command.args(arguments);
    command
}

/// All legs that the emulator has by now.
fn all(sandbox: &Sandbox) -> BTreeSet<i64> {
    let legs = sandbox.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    legs.into_iter().map(|(id, _)| id).collect()
}

/// The ids of a run, which are distinct, and in the order of their starts unless the run says otherwise.
fn in_order(told: &Run) -> BTreeSet<i64> {
    let rows = rows(&told.stdout);
    let starts: Vec<_> = rows.iter().map(|row| row["start_time"].as_str().unwrap()).collect();
    assert!(
        starts.is_sorted() || told.stderr.contains("not in the order of their starts"),
        "{}",
        told.stderr
    );
    let distinct = BTreeSet::from_iter(ids(&rows));
    assert_eq!(distinct.len(), rows.len());
    distinct
}

/// Ends well with exactly the legs of the emulator.
fn exact(sandbox: &Sandbox, told: &Run) {
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert_eq!(in_order(told), all(sandbox));
}

#[test]
fn an_hour_of_more_legs_than_a_window_reaches_is_complete() {
    let hour = || sparse().burst(noon(), 150_000, 3600);
    for builder in [
        hour(),
        hour().offset_cap(OffsetCap::Empty).bounds(Bounds::HalfOpen),
        hour().date_applies_to(DateAppliesTo::Session).bounds(Bounds::Inclusive),
    ] {
        let sandbox = builder.start().unwrap();
        exact(&sandbox, &run(&mut read(&sandbox, &["--fields", "id,start_time"])));
    }
}

#[test]
fn a_second_of_many_legs_is_complete() {
    let sandbox = sparse().burst(noon(), 400, 1).start().unwrap();
    exact(&sandbox, &run(&mut read(&sandbox, &[])));
}

#[test]
fn a_quarter_of_a_year_is_complete() {
    let sandbox = small().days(90).legs_per_day(100).start().unwrap();
    assert!(all(&sandbox).len() > 3000);
    exact(&sandbox, &run(&mut read(&sandbox, &[])));
}

#[test]
fn a_second_of_more_legs_than_a_window_reaches_is_named_and_all_others_are_there() {
    let sandbox = sparse().burst(noon(), 110_001, 1).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("s.json");
    let flags = ["--fields", "id,start_time", "--summary-file", summary.to_str().unwrap()];
    let told = run(&mut read(&sandbox, &flags));
    assert_eq!(told.code, Some(9), "{}", told.stderr);
    for said in ["2026-02-28 12:00:00", "110,001 legs", "1 window is not complete", "next:"] {
        assert!(told.stderr.contains(said), "{}", told.stderr);
    }
    let legs = sandbox.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    let others: BTreeSet<_> = legs.iter().filter(|leg| leg.1 != noon()).map(|leg| leg.0).collect();
    let given = in_order(&told);
    assert!(!others.is_empty() && given.is_superset(&others));

    let summary = json(&summary);
    assert_eq!((&summary["exit"], &summary["complete"]), (&9.into(), &false.into()));
    let holes = summary["holes"].as_array().unwrap();
    assert!(holes[0].as_str().unwrap().starts_with("2026-02-28 12:00:00"), "{holes:?}");
    assert_eq!((holes.len(), &summary["rows"]), (1, &given.len().into()));
}

#[test]
fn no_meaning_of_what_is_undocumented_changes_a_byte() {
    let plain = world().start().unwrap();
    let plain = run(&mut read(&plain, &SOME));
    assert_eq!(plain.code, Some(0), "{}", plain.stderr);
    let mut builders = Vec::new();
    builders.extend(Bounds::ALL.map(|answer| world().bounds(answer)));
    builders.extend(OffsetCap::ALL.map(|answer| world().offset_cap(answer)));
    builders.extend(FutureDates::ALL.map(|answer| world().future_dates(answer)));
    builders.extend(LimitsOf::ALL.map(|answer| world().limits_of(answer).minute_limit(Some(60))));
    builders.extend(
        HttpErrors::ALL
            .map(|answer| world().http_errors(answer).fault("internal-error:n=1".parse().unwrap())),
    );
    builders.extend(Unfinished::ALL.map(|answer| world().unfinished(answer)));
    builders.extend(Ids::ALL.map(|answer| world().ids(answer)));
    for builder in builders {
        let said = format!("{builder:?}");
        let sandbox = builder.start().unwrap();
        let told = run(&mut read(&sandbox, &SOME));
        assert_eq!(told.code, Some(0), "{said}: {}", told.stderr);
        assert!(told.stdout == plain.stdout, "{said}");
    }
    for answer in DateAppliesTo::ALL {
        let sandbox = world().date_applies_to(answer).start().unwrap();
        exact(&sandbox, &run(&mut read(&sandbox, &SOME)));
        // Calls that cross midnight belong to the day of their session, or to both.
        let told = run(&mut get_at(&sandbox.url(), &["--on", "2026-02-28"]));
        assert_eq!(sorted(told.ids()), sorted(truth(&sandbox, "2026-02-28", "2026-03-01")), "{answer:?}");
    }
}

#[test]
fn legs_of_this_minute_are_there_once_they_are_listed() {
    let unix = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let now = DateTime::from_timestamp(unix, 0).unwrap().with_timezone(&Tz::Europe__Moscow).naive_local();
    let (from, till) = ((now - TimeDelta::days(1)).date(), (now + TimeDelta::days(70)).date());
    let tomorrow = (now + TimeDelta::days(1)).date();
    for (unfinished, future) in Unfinished::ALL.into_iter().zip(FutureDates::ALL) {
        let builder = small().until(tomorrow).legs_per_day(9000).unfinished(unfinished);
        let sandbox = builder.future_dates(future).start().unwrap();
        // The first request tells the emulator the time.
        assert_eq!(run(&mut read(&sandbox, &["--limit", "1"])).code, Some(0));
        let before: BTreeSet<_> = sandbox.legs(from.into(), now).into_iter().map(|(id, _)| id).collect();
        let from = from.to_string();
        let told = run(&mut get_at(&sandbox.url(), &["--from", &from, "--fields", "id,start_time"]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let given = in_order(&told);
        assert!(given.is_superset(&before) && given.is_subset(&all(&sandbox)), "{unfinished:?}");
        // Days that are still to come.
        let told =
            run(&mut get_at(&sandbox.url(), &["--from", &from, "--till", &till.to_string(), "--count"]));
        // They are not asked for.
        assert_eq!(told.code, Some(0), "{future:?}: {}", told.stderr);
    }
}

#[test]
fn no_fault_loses_a_row_in_silence() {
    /// They change what members say, not which rows there are.
    const OTHER_MEMBERS: [&str; 11] = [
        "forbidden-fields",
        "overlap",
        "shuffled-ties",
        "new-field",
        "missing-field",
        "type-change",
        "unknown-reason",
        "contact-name",
        "null-everywhere",
        "huge-ids",
        "negative-duration",
    ];
    let faults: Vec<_> = FAULTS.iter().filter(|fault| !REAL_MINUTES.contains(&fault.name)).collect();
    // Together, because most of the time is waiting for the next attempt.
    thread::scope(|scope| {
        for faults in faults.chunks(3) {
            scope.spawn(move || {
                let sandbox = world().start().unwrap();
                let plain = run(&mut read(&sandbox, &SOME));
                exact(&sandbox, &plain);
                for fault in faults {
                    let told = under(&sandbox, fault.name);
                    let same = told.stdout == plain.stdout || OTHER_MEMBERS.contains(&fault.name);
                    assert!(same || told.code != Some(0), "{}", fault.name);
                }
            });
        }
    });
}

/// What comes of a run under this fault: all rows that there were at its beginning, or a failure that says more.
fn under(sandbox: &Sandbox, name: &str) -> Run {
    let written = match name {
        "hour-limits" | "huge-ids" | "overlap" => name.to_owned(),
        "contact-name" => "contact-name=\u{feff}\"N;\n\u{1b}[2J:p=0.4".to_owned(),
        "slow-first-byte" | "dribble" => format!("{name}:p=0.4:ms=20"),
        "hang" | "dup-page" => format!("{name}:n=1"),
        _ => format!("{name}:p=0.4:n=3"),
    };
    sandbox.set_faults(vec![written.parse().unwrap()]);
    sandbox.reset();
    let before = all(sandbox);
    let mut command = read(sandbox, &SOME);
    if name == "hang" {
        command.args(["--timeout", "1"]);
    }
    let told = run(&mut command);
    assert!(sandbox.stats().faults > 0, "{name}");
    match told.code {
        Some(0) => {
            let given = in_order(&told);
            assert!(given.is_superset(&before) && given.is_subset(&all(sandbox)), "{name}");
        }
        Some(4..=7 | 9) => assert!(told.stderr.contains("next:"), "{name}: {}", told.stderr),
        _ => panic!("{name}: {:?} {}", told.code, told.stderr),
    }
    told
}

#[test]
fn a_rude_server_costs_calls_and_not_rows() {
    thread::scope(|scope| {
        for seed in 1_u64..=10 {
            scope.spawn(move || rude(seed));
        }
    });
}

fn rude(seed: u64) {
    let sandbox = sparse().seed(seed).burst(noon(), 25_000, 3600).start().unwrap();
    let read = || {
        let mut command = read(&sandbox, &["--fields", "id,start_time", "--retries", "9"]);
        if seed.is_multiple_of(2) {
            command.envs([("CALLLEGS_LOGIN", "demo"), ("CALLLEGS_PASSWORD", "demo")]);
        }
        run(&mut command)
    };
    let plain = read();
    exact(&sandbox, &plain);
    let waits = |fault: &str| REAL_MINUTES.iter().any(|name| fault.starts_with(name));
    let faults = Chaos::Rude.faults().iter().filter(|fault| !waits(fault));
    sandbox.set_faults(faults.map(|fault| fault.parse().unwrap()).collect());
    sandbox.reset();
    let told = read();
    match told.code {
        Some(0) => assert!(told.stdout == plain.stdout, "{seed}"),
        Some(9) => assert!(told.stderr.contains("not complete:\n  2"), "{seed}: {}", told.stderr),
        _ => panic!("{seed}: {:?} {}", told.code, told.stderr),
    }
}

#[test]
fn pages_in_flight_together_keep_to_the_points_of_a_minute() {
    let sandbox = sparse().burst(noon(), 75_000, 3600).minute_limit(Some(10)).start().unwrap();
    let day = ["--on", "2026-02-28", "--fields", "id,start_time", "--concurrency", "4"];
    let told = run(&mut get_at(&sandbox.url(), &day));
    assert_eq!(sorted(told.ids()), sorted(truth(&sandbox, "2026-02-28", "2026-03-01")));
    let (calls, refused) = (sandbox.stats().calls, sandbox.stats().refused);
    assert!((8..=10).contains(&calls), "{calls}");
    assert_eq!(refused, 0);
}

/// One day of a small emulator under these faults; its zone need not be asked for.
fn day_under(sandbox: &Sandbox, faults: &[&str], more: &[&str]) -> Command {
    sandbox.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
    sandbox.reset();
    let mut command = get_at(&sandbox.url(), &["--on", "2026-02-28", "--tz", "Europe/Moscow"]);
    command.args(more);
    command
}

#[test]
fn what_no_repetition_heals_is_asked_once() {
    for answer in HttpErrors::ALL {
        let sandbox = small().http_errors(answer).start().unwrap();
        let table: [(&str, i32, &[&str]); 3] = [
            ("token-blocked", 4, &["access_token_blocked", "unblock the key in the cabinet"]),
            ("ip-not-whitelisted", 5, &["add 192.0.2.1", "Правила и настройки безопасности"]),
            ("account-inactive", 5, &["account_inactive", "next:"]),
        ];
        for (fault, code, said) in table {
            let mut command = day_under(&sandbox, &[fault], &["--brand", "uis"]);
            run(command.env("CALLLEGS_TOKEN", "sandbox-acme")).refused(code, said);
            assert_eq!(sandbox.stats().calls, 1, "{fault}");
        }
    }
}

#[test]
fn a_server_that_fails_is_asked_as_often_as_retries_say() {
    let sandbox = small().start().unwrap();
    let plain = run(&mut day_under(&sandbox, &[], &[]));
    exact_day(&sandbox, &plain);
    let told = run(&mut day_under(&sandbox, &["http-500:n=3"], &[]));
    assert_eq!((told.code, sandbox.stats().calls), (Some(0), 5), "{}", told.stderr);
    assert_eq!(told.stdout, plain.stdout);
    run(&mut day_under(&sandbox, &["http-500"], &["--retries", "2"]))
        .refused(7, &["HTTP status 500", "next:"]);
    assert_eq!(sandbox.stats().calls, 3);
}

fn exact_day(sandbox: &Sandbox, told: &Run) {
    assert_eq!(sorted(told.ids()), sorted(truth(sandbox, "2026-02-28", "2026-03-01")));
}

#[test]
fn a_session_that_ends_on_the_way_is_opened_once_more() {
    let sandbox = world().start().unwrap();
    sandbox.set_faults(vec!["token-expired:n=1:after=2".parse().unwrap()]);
    let mut command = read(&sandbox, &SOME);
    command.envs([("CALLLEGS_LOGIN", "demo"), ("CALLLEGS_PASSWORD", "demo")]);
    exact(&sandbox, &run(&mut command));
    assert_eq!(sandbox.stats().sign_ins, 2);
}
