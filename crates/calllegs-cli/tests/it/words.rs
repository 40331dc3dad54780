//! What a newcomer types first, and what the tool makes of it: nothing is sent, and the next step is named.

use crate::{
    stub,
    support::{emulator, get_at, get_both, run, small, tool},
};

#[test]
fn help_is_a_command() {
    let help = run(&mut tool(&["help"]));
    assert_eq!((help.code, &*help.stderr), (Some(0), ""));
    for told in ["get", "plan", "CALLLEGS_TOKEN", "Exit codes"] {
        assert!(help.stdout.contains(told), "{told}");
    }
    let of_get = run(&mut tool(&["help", "get"]));
    for told in ["--where-local", "not_ilike", "is not null", "like \"Иван%\""] {
        assert!(of_get.stdout.contains(told), "{told}");
    }
    assert!(run(&mut tool(&["help", "sandbox", "serve"])).stdout.contains("--chaos"));
    run(&mut tool(&["help", "gte"])).refused(2, &["word 2 after `calllegs`", "calllegs help get"]);
}

#[test]
fn every_refusal_of_the_command_line_has_a_cause_and_a_next_step() {
    let table: &[(&[&str], &[&str])] = &[
        (&["gte"], &["word 1 after `calllegs`, `gte`,", "`calllegs get`"]),
        (&["get", "yesterday"], &["word 2", "`calllegs get --on yesterday`"]),
        (&["get", "--on", "last", "week"], &["word 4 after `calllegs`, `week`,", "--on 'last week'"]),
        (&["get", "--where", "is_operator", "and", "duration"], &["word 4", "`and`", "in quotes"]),
        (&["get", "--date", "yesterday"], &["`--date`", "`--on`"]),
        (&["--brand", "sanbox", "limits"], &["`sandbox`"]),
        (&["get", "--on"], &["without its value"]),
        (&["get", "--on", "today", "--on", "today"], &["more than once"]),
        (&["get", "--on", "today", "--limit", "-5"], &["a whole number"]),
        (&["--quiet=yes", "limits"], &["takes no value"]),
        (&["get", "--on", "ноябрь"], &["'ноябрь 2026' or 2026-11"]),
        (&["get", "--on", "last monday"], &["`monday` is the latest one"]),
        (&["get", "--on", "2026-02-30"], &["2026-02 has 28 days"]),
        (&["get", "--on", "today", "--tz", "MSK"], &["`Europe/Moscow`"]),
        (&["get", "--on", "today", "--tz", "Moscow"], &["`Europe/Moscow`"]),
        (&["--on", "yesterday", "get"], &["stands behind the command: calllegs get --on yesterday"]),
        (&["help", "get", "--help"], &["`calllegs get --help`"]),
        (&["help", "get", "nonsense"], &["`calllegs get --help`"]),
        (&["help", "nope"], &["`calllegs --help`"]),
        (&["help", "sandbox", "nope"], &["`calllegs sandbox --help`"]),
        (&["get", "--count", "--limit", "5"], &["a count is one number"]),
        (&["sandbox", "serve", "--fault", "nope"], &["--fault help"]),
        (&["sandbox", "serve", "--legs-per-day", "99999999999"], &["`99999999999`", "at most 4294967295"]),
        (&["sandbox", "serve", "--port", "0", "--since", "2030-01-01"], &["--since", "--until"]),
        (&["--timeout", "9999999999999", "limits"], &["`9999999999999`", "from 1 to 86400"]),
    ];
    for (arguments, said) in table {
        let told = run(&mut tool(arguments));
        told.refused(2, said);
        told.refused(2, &["\ncause:", "\nnext:"]);
        assert!(!told.stderr.contains("For more information"), "{}", told.stderr);
        assert!(!told.stderr.contains("looks like a key"), "{}", told.stderr);
    }
}

#[test]
fn a_reversed_period_is_refused_before_anything_is_sent() {
    let emulator = small().start().unwrap();
    for (from, till) in [("today", "yesterday"), ("2026-02-28", "2026-02-26"), ("this-month", "last-month")] {
        // Without --tz: the zone would be asked for.
        let told = run(&mut get_at(&emulator.url(), &["--from", from, "--till", till]));
        told.refused(2, &["ends before it starts", from, till, "next:"]);
        let plan =
            ["--brand", "sandbox", "--endpoint", &emulator.url(), "plan", "--from", from, "--till", till];
        run(&mut tool(&plan)).refused(2, &["ends before it starts"]);
    }
    assert_eq!(emulator.stats().calls, 0);
}

#[test]
fn conditions_that_never_hold_are_told_and_sent() {
    let url = emulator().url();
    for (condition, said) in [
        ("direction = 'inbound'", "there are in, out"),
        ("finish_reason = 'timeot'", "did you mean `timeout`?"),
        ("virtual_phone_number = '+7 495 123-45-67'", "74951234567"),
    ] {
        let told = run(&mut get_both(&["--where", condition]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert!(told.stderr.contains("warning:") && told.stderr.contains(said), "{}", told.stderr);
        assert!(!told.stderr.contains("123-45-67"), "{}", told.stderr);
        assert!(told.rows().is_empty());
        let plan =
            ["--brand", "sandbox", "--endpoint", &url, "plan", "--on", "2026-02-27", "--where", condition];
        assert!(run(&mut tool(&plan)).stderr.contains(said));
    }
    let sound = run(&mut get_both(&["--where", "direction = in and virtual_phone_number like '7%'"]));
    assert!(!sound.stderr.contains("warning:"), "{}", sound.stderr);
    for (condition, said) in [
        ("DURATION > 3", "`duration`"),
        ("is_operator = да", "write `is_operator`"),
        ("finish_reason in ()", "write a word, for example subscriber_disconnects"),
        ("duration > '30'", "without quotes"),
        ("is_operator && is_coach", "`and`, `or`"),
    ] {
        run(&mut get_both(&["--where", condition])).refused(2, &[said, "of the condition", "next:"]);
    }
}

#[test]
fn variables_are_configuration_and_flags_are_usage() {
    let limits = ["--brand", "uis", "limits"];
    for (variable, value, said) in [
        ("CALLLEGS_TZ", "MSK", "`Europe/Moscow`"),
        ("CALLLEGS_ENDPOINT", "dataapi.example", "https://host/v2.0"),
        ("CALLLEGS_ENDPOINT", "http://dataapi.example/v2.0", "https"),
        ("CALLLEGS_USER_ID", "me", "a number"),
        ("CALLLEGS_RESERVE", "much", "0% to 100%"),
    ] {
        let told = run(tool(&limits).env(variable, value).env("CALLLEGS_TOKEN", "hush"));
        told.refused(3, &[variable, said, "next:"]);
    }
    run(tool(&["--tz", "MSK", "get", "--on", "today"]).env("CALLLEGS_TZ", "Mars"))
        .refused(2, &["Europe/Moscow"]);
    // A flag that is right hides a variable that is not.
    let told = run(get_both(&["--tz", "UTC"]).env("CALLLEGS_TZ", "Mars"));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
}

#[test]
fn a_user_of_somebody_else_and_a_full_reserve_are_explained() {
    let told = run(&mut get_both(&["--user-id", "4711", "--tz", "Europe/Moscow"]));
    assert_eq!(told.code, Some(8), "{}", told.stderr);
    assert!(told.stderr.contains("leave --user-id out"), "{}", told.stderr);
    assert!(told.stderr.contains("partner's key"), "{}", told.stderr);
    let partner = ["--user-id", "1", "--tz", "Europe/Moscow"];
    let told = run(get_both(&partner).env("CALLLEGS_TOKEN", "sandbox-agency"));
    told.refused(8, &["may not act for the user of --user-id", "the client's cabinet shows the ids"]);
    let emulator = small().day_limit(Some(100)).start().unwrap();
    let told = run(get_at(&emulator.url(), &["--on", "2026-02-27"]).args(["--reserve", "100%"]));
    assert_eq!(told.code, Some(6), "{}", told.stderr);
    assert!(told.stderr.contains("100% leaves all points of the day"), "{}", told.stderr);
    assert!(!told.stderr.contains("a tenth"), "{}", told.stderr);
}

#[test]
fn a_folder_is_no_file_of_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let told = run(tool(&["--brand", "uis", "limits"]).env("CALLLEGS_TOKEN_FILE", folder.path()));
    told.refused(3, &["names a folder", "next:"]);
    assert!(!told.stderr.contains("chmod"), "{}", told.stderr);
}

#[test]
fn the_forecast_of_a_resumed_run_is_of_the_rest() {
    // Two windows; the second run begins where little of the first is left.
    let emulator = small().days(62).legs_per_day(6000).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.jsonl");
    let command = |points: &str| {
        let mut command =
            get_at(&emulator.url(), &["--from", "2025-12-29", "--till", "2026-02-28", "--fields", "id"]);
        command.arg("-o").arg(&file).args(["--max-points", points]);
        run(&mut command)
    };
    let said = |stderr: &str| -> u64 {
        let line =
            stderr.lines().find(|line| line.starts_with("about ")).unwrap_or_else(|| panic!("{stderr}"));
        line.split(' ').nth(1).unwrap().replace(',', "").parse().unwrap()
    };
    let first = command("8");
    assert_eq!(first.code, Some(6), "{}", first.stderr);
    let whole = said(&first.stderr);
    let total = emulator.legs(chrono::NaiveDateTime::MIN, chrono::NaiveDateTime::MAX).len() as u64;
    assert!(whole.abs_diff(total) < total / 10, "{whole} {total}");
    let second = command("40");
    let behind: u64 = second
        .stderr
        .split("going on behind ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .replace(',', "")
        .parse()
        .unwrap();
    let rest = said(&second.stderr);
    assert!(
        rest.abs_diff(total - behind) < total / 10,
        "{rest} of {total} behind {behind}: {}",
        second.stderr
    );
}

#[test]
fn steps_of_a_run_have_a_share_where_they_are_told() {
    let emulator = small().days(62).start().unwrap();
    let told = run(&mut get_at(
        &emulator.url(),
        &["--from", "2025-12-29", "--till", "2026-02-28", "--fields", "id"],
    ));
    let steps: Vec<_> = told.stderr.lines().filter(|line| line.starts_with("window ")).collect();
    assert_eq!(steps.len(), 2, "{}", told.stderr);
    assert!(steps[0].contains(" % · 9,420 legs · "), "{}", told.stderr);
    assert!(steps[1].contains("100 %") && !steps[1].contains(" left"), "{}", told.stderr);
}

#[test]
fn the_servers_own_words_stay_when_there_is_a_user() {
    let url = stub::serve(|_| stub::error("invalid_parameter_value", "As sent", "filter", "{}"));
    let told = run(get_at(&url, &["--on", "2026-02-27", "--tz", "UTC"]).args(["--user-id", "1"]));
    assert!(
        told.stderr.contains("As sent") && !told.stderr.contains("leave --user-id out"),
        "{}",
        told.stderr
    );
}
