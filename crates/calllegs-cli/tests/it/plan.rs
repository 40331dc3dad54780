//! `plan`: the forecast, what it costs, and whether the run that follows keeps to it.

use std::process::Command;

use calllegs_sandbox::Sandbox;
use serde_json::Value;

use crate::{
    stub,
    support::{BOTH, emulator, get_at, run, small, tool, truth},
};

fn plan_at(url: &str, arguments: &[&str]) -> Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", url, "plan"]);
    command.args(arguments);
    command
}

fn json(command: &mut Command) -> Value {
    let told = run(command.arg("--json"));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    serde_json::from_str(&told.stdout).unwrap()
}

const MOSCOW: [&str; 2] = ["--tz", "Europe/Moscow"];

#[test]
fn a_forecast_has_exactly_the_promised_members() {
    let emulator = small().start().unwrap();
    // A program hears its result alone, unless it asks for more.
    let told = run(plan_at(&emulator.url(), &BOTH).args(MOSCOW).args(["--json", "-v"]));
    let legs = truth(&emulator, "2026-02-27", "2026-03-01").len();
    let bytes = legs * 960;
    let expected = format!(
        r#"{{
  "from": "2026-02-27 00:00:00",
  "till": "2026-03-01 00:00:00",
  "timezone": "Europe/Moscow",
  "legs": {legs},
  "windows": 1,
  "hops": 1,
  "calls": 2,
  "points": 2,
  "spent": 1,
  "seconds": 1,
  "bytes": {bytes},
  "day_remaining": null,
  "minute_limit": null
}}
"#
    );
    assert_eq!(told.stdout, expected);
    assert!(told.stderr.contains("2026-02-27 00:00:00 … 2026-02-28 23:59:59 Europe/Moscow (--tz), 2 days"));
    assert!(told.stderr.contains("1 point spent"), "{}", told.stderr);
    assert_eq!((emulator.stats().calls, emulator.stats().points), (1, 1));
}

/// Plans, then gets, and compares the points of both.
fn kept_to(sandbox: &Sandbox, period: &[&str]) -> u64 {
    let plan = json(plan_at(&sandbox.url(), period).args(MOSCOW));
    assert_eq!((&plan["spent"], sandbox.stats().points), (&1.into(), 1));
    let told =
        run(get_at(&sandbox.url(), period).args(MOSCOW).args(["-q", "--format", "jsonl", "--fields", "id"]));
    assert_eq!((told.code, &*told.stderr), (Some(0), ""));
    let points = sandbox.stats().points - 1;
    let forecast = plan["points"].as_u64().unwrap();
    assert!(forecast.abs_diff(points) * 10 <= points, "{forecast} forecast, {points} spent");
    assert_eq!(told.stdout.lines().count() as u64, plan["legs"].as_u64().unwrap());
    points
}

#[test]
fn a_run_keeps_to_its_forecast() {
    // The run asks for the zone too.
    assert_eq!(kept_to(&small().start().unwrap(), &BOTH), 2);
    let month = Sandbox::builder().seed(7).days(30).legs_per_day(14_000).minute_limit(None).day_limit(None);
    let points = kept_to(&month.start().unwrap(), &["--from", "2026-01-30", "--till", "2026-02-28"]);
    assert!(points > 30, "{points}");
}

#[test]
fn three_months_cost_one_point_and_the_zone_another() {
    let sandbox = small().start().unwrap();
    for (from, till, more, points) in [
        ("2025-12-01", "2026-02-28", &MOSCOW[..], 1),
        ("2025-11-30", "2026-02-28", &MOSCOW, 2),
        ("2025-12-01", "2026-02-28", &[], 2),
    ] {
        let before = sandbox.stats().points;
        let plan = json(plan_at(&sandbox.url(), &["--from", from, "--till", till]).args(more));
        assert_eq!(plan["spent"], points, "{from}");
        assert_eq!(sandbox.stats().points - before, points);
    }
    // What is not remembered is asked for by the run too.
    assert_eq!(json(&mut plan_at(&sandbox.url(), &BOTH))["points"], 2);
}

#[test]
fn a_forecast_that_is_dear_says_so_first_and_is_bounded() {
    let sandbox = small().start().unwrap();
    let told = run(plan_at(&sandbox.url(), &["--from", "1990-01-01", "--till", "2026-02-28"])
        .args(MOSCOW)
        .args(["--max-points", "3"]));
    told.refused(6, &["the forecast itself costs 145 points", "--max-points bounds it"]);
    assert_eq!(sandbox.stats().points, 3);
    // The run says what it can know: a window without legs says nothing of the others.
    let told = run(get_at(&sandbox.url(), &["--from", "1990-01-01", "--till", "2026-02-28"])
        .args(MOSCOW)
        .args(["--max-points", "3", "--fields", "id"]));
    told.refused(6, &["legs: not known yet; at least 428 points for 427 windows"]);
    // Where nobody can be asked and nothing bounds it, nothing more is spent.
    let before = sandbox.stats().points;
    let ancient = ["--from", "1990-01-01", "--till", "2026-02-28", "--count"];
    let told = run(get_at(&sandbox.url(), &ancient).args(MOSCOW));
    told.refused(2, &["at least 428 points for 427 windows", "--max-points N, or --yes"]);
    assert!(sandbox.stats().points <= before + 2);
    let told = run(get_at(&sandbox.url(), &ancient).args(MOSCOW).args(["--yes", "--progress", "plain"]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!((40..=100).contains(&told.stderr.lines().count()), "{}", told.stderr);
}

#[test]
fn the_future_costs_nothing() {
    let sandbox = small().start().unwrap();
    for period in
        [["--on", "2090-01-01"], ["--month", "2090-12"], ["--from", "2090-01-01"], ["--on", "tomorrow"]]
    {
        run(&mut plan_at(&sandbox.url(), &period)).refused(2, &["in the future"]);
        run(&mut get_at(&sandbox.url(), &period)).refused(2, &["in the future"]);
    }
    assert_eq!(sandbox.stats().calls, 0);
    let reaching = ["--from", "2026-02-01", "--till", "2090-12-31"];
    let plan = json(plan_at(&sandbox.url(), &reaching).args(MOSCOW));
    assert_eq!(plan["till"], "2091-01-01 00:00:00");
    let told = run(get_at(&sandbox.url(), &reaching).args(MOSCOW).args(["--fields", "id"]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert_eq!(told.stderr.matches("warning").count(), 1, "{}", told.stderr);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = chrono::DateTime::from_timestamp(i64::try_from(now).unwrap(), 0).unwrap().naive_utc();
    let later = (now + chrono::TimeDelta::days(2)).to_string();
    for entry in sandbox.journal() {
        assert!(entry.date_from.is_none_or(|from| from < later));
    }
}

#[test]
fn filters_and_columns_count() {
    let url = emulator().url();
    let whole = json(plan_at(&url, &BOTH).args(MOSCOW));
    let some = json(plan_at(&url, &BOTH).args(MOSCOW).args(["--where", "is_operator"]));
    assert!(some["legs"].as_u64() < whole["legs"].as_u64());
    let legs = whole["legs"].as_u64().unwrap();
    let few = json(plan_at(&url, &BOTH).args(MOSCOW).args(["--fields", "start_time"]));
    // The id comes along.
    assert_eq!(few["bytes"].as_u64().unwrap(), legs * (960 * 2 / 34));
    assert_eq!(few["points"], whole["points"]);
}

#[test]
fn people_read_what_it_costs_and_what_stays() {
    let sandbox = small().minute_limit(Some(60)).day_limit(Some(3000)).start().unwrap();
    let told = run(plan_at(&sandbox.url(), &BOTH).args(MOSCOW));
    for said in [
        "legs ",
        "1 window (31 days at most), 1 hop",
        "~2 points of 2,999 left today, 2,997 stay",
        "1 s",
        "limited by the network",
        "960 B a leg",
    ] {
        assert!(told.stdout.contains(said), "{said}: {}", told.stdout);
    }
    assert!(!told.stderr.contains("warning"), "{}", told.stderr);
    let quiet = run(plan_at(&sandbox.url(), &BOTH).args(MOSCOW).arg("-q"));
    assert_eq!((quiet.code, &*quiet.stderr, quiet.stdout.lines().count()), (Some(0), "", 4));
}

#[test]
fn a_day_that_is_too_short_is_told() {
    let sandbox = small().legs_per_day(12_000).minute_limit(Some(1)).day_limit(Some(4)).start().unwrap();
    let plan = |more: &[&str]| run(plan_at(&sandbox.url(), &BOTH).args(MOSCOW).args(more));
    let told = plan(&["--reserve", "50%"]);
    assert!(
        told.stderr.contains("warning: about 3 points will not fit into the 1 that are left today, beside 2 that --reserve keeps"),
        "{}",
        told.stderr
    );
    assert!(told.stdout.contains("limited by 1 point a minute"), "{}", told.stdout);
}

#[test]
fn refusals_are_those_of_get_and_send_nothing() {
    let sandbox = small().start().unwrap();
    let table: &[(&[&str], i32, &[&str])] = &[
        (&[], 2, &["no period is given"]),
        (&["--on", "yesterdy"], 2, &["did you mean `yesterday`?"]),
        (&["--on", "yesterday", "--where", "duratoin > 1"], 2, &["did you mean `duration`?"]),
        (&["--on", "yesterday", "--fields", "durations"], 2, &["did you mean `duration`?"]),
        (&["--on", "yesterday", "--tz", "Mars/Base"], 2, &["no time zone"]),
        (&["--from", "today", "--till", "2020-01-01"], 2, &["ends before it starts"]),
        (&["--on", "yesterday", "--max-points", "0"], 6, &["--max-points"]),
        (&["--on", "yesterday", "--max-points", "0", "--tz", "UTC"], 6, &["--max-points"]),
    ];
    for (arguments, code, said) in table {
        run(&mut plan_at(&sandbox.url(), arguments)).refused(*code, said);
    }
    assert_eq!(sandbox.stats().calls, 0);
    run(&mut plan_at(&sandbox.url(), &["--on", "yesterday", "--user-id", "5"])).refused(2, &["--tz"]);
    assert_eq!(sandbox.stats().points, 0);
    run(plan_at(&sandbox.url(), &BOTH).env("CALLLEGS_TOKEN", "wrong")).refused(4, &["CALLLEGS_TOKEN"]);
}

#[test]
fn a_server_that_does_not_count_is_a_failure() {
    let url = stub::serve(|_| stub::page(r#"{"id":1}"#, "null"));
    run(plan_at(&url, &BOTH).args(MOSCOW)).refused(9, &["did not say how many legs"]);
}
