//! Wrong command lines: exit code 2, the cause and the next step, and nothing spent.

use crate::support::{get_at, run, small, tool};

#[test]
fn wrong_flags_are_told_with_the_next_step_and_send_nothing() {
    let emulator = small().start().unwrap();
    let table: &[(&[&str], &[&str])] = &[
        (&["--where", "contact_id = 1"], &["refuses to filter by `contact_id`", "--where-local"]),
        (&["--where", "duratoin > 30"], &["column 1", "did you mean `duration`?"]),
        (&["--where", "finish_reason = timeot"], &["did you mean `timeout`?"]),
        (&["--where", "duration > 30 and"], &["column 18"]),
        (&["--where-local", "nonsense = 1"], &["there is no field `nonsense`"]),
        (&["--fields", "durations"], &["did you mean `duration`?"]),
        (&["--fields", "id,-id"], &["leaves no column"]),
        (&["--fields", "id duration"], &["--fields id,duration"]),
        (&["--fields", "ID"], &["did you mean `id`?"]),
        (&["--where", "is_operator = 1"], &["write `is_operator`"]),
        (&["--where", "duration >= 1,5"], &["a fraction has a point"]),
        (&["--where", "employee_full_name ~ 'x'"], &["regexp"]),
        (&["--where", "direction in in, out"], &["`in (in)`"]),
        (&["--where", "duration contains 3"], &["like, not like"]),
        (&["--on", "yesterdy"], &["did you mean `yesterday`?"]),
        (&["--on", "2026-02-30"], &["is not a date", "2026-10-05"]),
        (&["--on", "2026-02-27T10:00"], &["is a moment", "--from"]),
        (&["--from", "2026-02-28", "--till", "2026-02-26", "--tz", "UTC"], &["ends before it starts"]),
        (&["--till", "2026-02-28"], &["--from"]),
        (&["--on", "today", "--last", "7d"], &["cannot be used with"]),
        (&["--last", "soon"], &["24h, 7d"]),
        (&["--last", "1M"], &["may mean months or minutes", "--month last-month"]),
        (&["--last", "2 months"], &["--last 30d"]),
        (&["--on", "-1M"], &["minutes are a small m"]),
        (&["--from", "-1y"], &["-30d"]),
        (&["--month", "2026-02-01"], &["2026-09"]),
        (&[], &["no period is given", "--on yesterday"]),
        (&["--on", "2026-02-27", "--tz", "Europe/Moskow"], &["did you mean `Europe/Moscow`?"]),
        (&["--on", "2026-02-27", "--limit", "0"], &["--limit"]),
        (
            &["--on", "2026-02-27", "--limit", "1", "-o", "lim/"],
            &["--limit is not for a folder", "-o lim.parquet"],
        ),
        (&["--on", "2026-02-27", "-o", "a.xlsx"], &[".parquet, .csv, .jsonl or .arrow"]),
        (&["--on", "2026-02-27", "-o", "a.csv", "--format", "jsonl"], &["the ending of the file decides"]),
        (&["--on", "2026-02-27", "-o", "-", "--format", "csv"], &["leave -o out for standard output"]),
        (&["--on", "2026-02-27", "-o", "a.parquet.gz"], &["compressed inside"]),
        (&["--on", "2026-02-27", "-o", "dir/", "--format", "csv"], &["is a folder"]),
        (&["--on", "2026-02-27", "-o", "a.csv", "--format", "table"], &["a table is for the screen"]),
        (&["--on", "2026-02-27", "-o", "a.jsonl", "--csv-preset", "1c"], &["--csv-preset is for CSV"]),
        (&["--on", "2026-02-27", "-o", "a.csv", "--csv-preset", "excel"], &["plain, excel-en, excel-ru, 1c"]),
        (&["--on", "2026-02-27", "--count", "--limit", "5"], &["cannot be used with"]),
        (&["--on", "2026-02-27", "--formt", "csv"], &["--format"]),
    ];
    for (arguments, said) in table {
        let told = run(&mut get_at(&emulator.url(), arguments));
        told.refused(2, said);
        told.refused(2, &["\ncause:", "\nnext:"]);
    }
    assert_eq!(emulator.stats().calls, 0);
}

#[test]
fn operators_are_those_of_the_brand() {
    let filter =
        ["--brand", "callgear", "get", "--on", "2026-02-27", "--where", "virtual_phone_number ilike '7%'"];
    run(tool(&filter).env("CALLLEGS_TOKEN", "hush"))
        .refused(2, &["callgear does not document the operator `ilike`"]);
}

#[test]
fn keys_travel_over_https_or_inside_this_machine() {
    let on = ["get", "--on", "2026-02-27", "--brand", "uis", "--endpoint"];
    let at = |endpoint: &str| run(tool(&on).arg(endpoint).env("CALLLEGS_TOKEN", "hush"));
    at("http://dataapi.example/v2.0").refused(2, &["https only"]);
    at("http://127.0.0.1.example/v2.0").refused(2, &["https only"]);
    at("dataapi.example").refused(2, &["https://host/v2.0"]);
    at("https://user:hush@dataapi.example/v2.0").refused(2, &["carries a user name"]);
}

#[test]
fn who_is_asked_and_with_which_key_must_be_said() {
    run(&mut tool(&["get", "--on", "2026-02-27"])).refused(2, &["--brand", "comagic"]);
    run(&mut tool(&["get", "--on", "2026-02-27", "--brand", "uis"]))
        .refused(4, &["CALLLEGS_TOKEN", "--token-stdin"]);
    let both =
        run(tool(&["get", "--on", "2026-02-27"])
            .envs([("UIS_ACCESS_TOKEN", "a"), ("NOVOFON_ACCESS_TOKEN", "b")]));
    both.refused(2, &["--brand"]);
    run(tool(&["get", "--on", "2026-02-27"]).env("CALLLEGS_BRAND", "acme"))
        .refused(3, &["CALLLEGS_BRAND", "comagic"]);
    run(tool(&["get", "--on", "2026-02-27", "--brand", "uis"]).env("CALLLEGS_LOGIN", "me"))
        .refused(3, &["CALLLEGS_PASSWORD"]);
}

#[test]
fn misspelt_commands_get_the_nearest_one() {
    run(&mut tool(&["gett"])).refused(2, &["`calllegs get`"]);
    run(&mut tool(&["sandbox", "server"])).refused(2, &["`calllegs sandbox serve`"]);
    assert!(run(&mut tool(&[])).stderr.starts_with("Examples:"));
}
