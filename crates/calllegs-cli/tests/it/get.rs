//! What `get` gives: all rows of a period, those that match, and the same bytes everywhere.

use crate::support::{BOTH, emulator, get, get_at, get_both, ids, run, small, sorted, truth};
use calllegs_sandbox::Bounds;

#[test]
fn a_period_is_complete_and_in_order() {
    let run = run(&mut get_both(&[]));
    let rows = run.rows();
    let truth = truth(emulator(), "2026-02-27", "2026-03-01");
    assert!(truth.len() > 300, "{}", truth.len());
    assert_eq!(sorted(ids(&rows)), sorted(truth));
    assert!(rows.windows(2).all(|pair| pair[0]["start_time"].as_str() <= pair[1]["start_time"].as_str()));
    assert!(rows.iter().all(|row| row.as_object().unwrap().len() == 34));
    assert!(run.stderr.contains("2026-02-27 00:00:00 … 2026-02-28 23:59:59 Europe/Moscow (account), 2 days"));
    assert!(run.stderr.contains("2 points, 2 calls"), "{}", run.stderr);
}

#[test]
fn no_meaning_of_the_bounds_loses_or_adds_a_row() {
    // The period begins and ends with a leg, so every reading of its ends differs.
    let legs = emulator().legs(chrono::NaiveDateTime::MIN, chrono::NaiveDateTime::MAX);
    let (from, till) = (legs[10].1, legs[90].1);
    let expected: Vec<_> = legs.iter().filter(|leg| from <= leg.1 && leg.1 < till).map(|leg| leg.0).collect();
    let (from, till) = (from.to_string(), till.to_string());
    for bounds in Bounds::ALL {
        let emulator = small().bounds(bounds).start().unwrap();
        let told = run(&mut get_at(&emulator.url(), &["--from", &from, "--till", &till]));
        assert_eq!(sorted(told.ids()), sorted(expected.clone()), "{bounds:?}");
        // The short way, one page by number, counts the same.
        let few = run(&mut get_at(&emulator.url(), &["--from", &from, "--till", &till, "--limit", "1000"]));
        assert_eq!(sorted(few.ids()), sorted(expected.clone()), "{bounds:?}");
    }
}

#[test]
fn long_periods_are_read_in_windows_that_neither_overlap_nor_leave_gaps() {
    // The seam of the two windows, 31 days after the beginning, lies inside the data.
    let told = run(&mut get(&["--from", "2026-01-27T12:00", "--till", "2026-03-10"]));
    assert_eq!(sorted(told.ids()), sorted(truth(emulator(), "2026-02-27", "2026-03-01")));
    assert!(told.stderr.contains("window 1 of 2 read"), "{}", told.stderr);
}

#[test]
fn filters_of_the_server_and_of_the_tool_agree_with_a_filter_of_the_full_extract() {
    let rows = run(&mut get_both(&[])).rows();
    let wanted = |keep: &dyn Fn(&serde_json::Value) -> bool| {
        let kept: Vec<_> = rows.iter().filter(|row| keep(row)).cloned().collect();
        assert!(!kept.is_empty() && kept.len() < rows.len());
        ids(&kept)
    };
    let talks = wanted(&|row| row["is_operator"] == true && row["duration"].as_i64() > Some(30));
    for flag in ["--where", "--where-local"] {
        let told = run(&mut get_both(&[flag, "is_operator and duration > 30"]));
        assert_eq!(told.ids(), talks, "{flag}");
    }
    // The server cannot filter by this one, and it is not among the columns that are written.
    let early = wanted(&|row| row["start_time"].as_str() < Some("2026-02-27 12:00:00"));
    let told = run(&mut get_both(&["--where-local", "start_time < '2026-02-27 12:00:00'", "--fields", "id"]));
    assert_eq!(told.ids(), early);
    assert!(told.rows().iter().all(|row| row.as_object().unwrap().len() == 1));

    let session = rows[0]["call_session_id"].to_string();
    let told = run(&mut get_both(&["--session", &session]));
    assert_eq!(told.ids(), wanted(&|row| row["call_session_id"] == rows[0]["call_session_id"]));
    let told = run(&mut get_both(&["--leg", &rows[5]["id"].to_string()]));
    assert_eq!(told.ids(), [rows[5]["id"].as_i64().unwrap()]);
}

#[test]
fn the_zone_of_the_machine_decides_nothing() {
    let told: Vec<_> = ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati"]
        .iter()
        .map(|zone| run(get(&["--on", "2026-02-27"]).env("TZ", zone)))
        .collect();
    assert!(!told[0].rows().is_empty());
    assert!(told.iter().all(|run| run.stdout == told[0].stdout && run.stderr == told[0].stderr));
}

#[test]
fn dates_can_be_meant_in_another_zone() {
    let told = run(&mut get(&["--on", "2026-02-27", "--tz", "Asia/Yekaterinburg"]));
    for said in [
        "the account is in Europe/Moscow, not in Asia/Yekaterinburg of --tz",
        "2026-02-26 22:00:00 … 2026-02-27 21:59:59 Europe/Moscow (account), 1 day",
        "2 points, 2 calls\n",
    ] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    assert!(!run(&mut get(&["--on", "2026-02-27", "--tz", "Europe/Moscow"])).stderr.contains("--tz"));
    // An offset of its own is converted into the account's zone.
    let told = run(&mut get(&["--from", "2026-02-27T09:00Z", "--till", "2026-02-27T10:00Z"]));
    assert!(told.stderr.contains("2026-02-27 12:00:00 … 2026-02-27 12:59:59 Europe/Moscow"));
}

#[test]
fn columns_are_those_asked_for_in_the_order_asked_for() {
    let told = run(&mut get(&["--on", "2026-02-27", "--fields", "duration,id"]));
    assert!(told.stdout.starts_with("{\"duration\":"), "{}", &told.stdout[..40]);
    let told = run(&mut get(&["--on", "2026-02-27", "--fields", "-contact_phone_number"]));
    assert!(
        told.rows().iter().all(|row| row.get("contact_phone_number").is_none() && row.get("id").is_some())
    );
}

#[test]
fn columns_that_a_brand_refuses_are_left_out_with_a_word() {
    let emulator = small().brand(calllegs_core::Brand::Callgear).start().unwrap();
    for limit in [&[][..], &["--limit", "100000"], &["--limit", "50"]] {
        let mut command = get_at(&emulator.url(), &BOTH);
        let told = run(command.args(limit));
        assert!(!told.rows().is_empty());
        assert!(told.stderr.contains("the server refuses them") && told.stderr.contains("wav_call_records"));
        assert!(told.rows()[0]["wav_call_records"].is_null());
    }
}

#[test]
fn a_count_is_exact_and_is_all_that_is_printed() {
    let told = run(&mut get_both(&["--count"]));
    assert_eq!(told.stdout, format!("{}\n", truth(emulator(), "2026-02-27", "2026-03-01").len()));
    let told = run(&mut get(&["--on", "2020-01-01", "--count"]));
    assert_eq!(told.stdout, "0\n");
}

#[test]
fn explain_prints_requests_without_key_and_sends_nothing() {
    let calls = small().start().unwrap();
    let arguments = ["--on", "2026-02-27", "--where", "is_operator", "--explain"];
    let told = run(get_at(&calls.url(), &arguments).env("CALLLEGS_TOKEN", "hush"));
    let requests = told.rows();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0]["method"], "get.account");
    assert_eq!(requests[1]["params"]["access_token"], "…");
    assert_eq!(requests[1]["params"]["filter"]["field"], "is_operator");
    assert!(!told.stdout.contains("hush") && told.stderr.contains("2026-02-27 23:59:59 UTC"));
    assert_eq!(calls.stats().calls, 0);
    // Longer periods show every window; no brand is needed.
    let long = ["get", "--from", "2026-01-01", "--till", "2026-03-31", "--tz", "UTC", "--explain"];
    assert_eq!(run(&mut crate::support::tool(&long)).rows().len(), 4);
}

#[test]
fn a_table_shows_the_first_rows_and_what_is_left() {
    let told = run(&mut get_both(&["--format", "table"]));
    assert_eq!(told.code, Some(0));
    assert_eq!(told.stdout.lines().count(), 51);
    assert!(told.stdout.starts_with("start_time"));
    let left = truth(emulator(), "2026-02-27", "2026-03-01").len() - 50;
    assert!(told.stderr.contains(&format!("… {left} more; use -o FILE or --format")), "{}", told.stderr);
    assert!(told.stderr.contains("50 legs, 2 points, 2 calls"));
}

#[test]
fn logins_and_partners() {
    let told = run(get_both(&[]).env("CALLLEGS_LOGIN", "demo").env("CALLLEGS_PASSWORD", "demo"));
    assert_eq!(sorted(told.ids()), sorted(truth(emulator(), "2026-02-27", "2026-03-01")));
    run(get_both(&["--user-id", "1"]).env("CALLLEGS_TOKEN", "sandbox-agency")).refused(2, &["--tz"]);
    let partner = run(get_both(&["--tz", "Europe/Moscow"]).env("CALLLEGS_TOKEN", "sandbox-agency"));
    partner.refused(8, &["required_parameter_missed", "--user-id"]);
}

#[test]
fn a_long_run_says_what_it_will_cost_before_it_goes_on() {
    // One page in the first of 22 windows: one point each is expected.
    let sandbox = small().until("2024-02-22".parse().unwrap()).start().unwrap();
    let told = run(&mut get_at(&sandbox.url(), &["--from", "2024-02-20", "--till", "2025-12-31", "--count"]));
    assert!(told.stderr.contains("about 23 points in all"), "{}", told.stderr);
    assert_eq!(told.code, Some(0));
}
