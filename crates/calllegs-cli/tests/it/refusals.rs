//! Wrong command lines: exit code 2, the cause and the next step, and nothing spent.

use crate::support::{get_at, run, small, tool};

#[test]
fn wrong_flags_are_told_with_the_next_step_and_send_nothing() {
    let emulator = small().start().unwrap();
    let table: &[(&[&str], &[&str])] = &[
        (&["--where", "contact_id = 1"], &["refuses to filter by `contact_id`", "--where-local"]),
        (&["--where", "duratoin > 30"], &["character 1", "did you mean `duration`?"]),
        (&["--where", "finish_reason = timeot"], &["did you mean `timeout`?"]),
        (&["--where", "duration > 30 and"], &["character 18"]),
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
        (&["--on", "2026-02-27", "-o", "a.ods"], &[".parquet, .csv, .jsonl, .xlsx or .arrow"]),
        (&["--on", "2026-02-27", "-o", "a.csv", "--format", "jsonl"], &["the ending of the file decides"]),
        (&["--on", "2026-02-27", "-o", "-", "--format", "csv"], &["leave -o out for standard output"]),
        (&["--on", "2026-02-27", "-o", "a.parquet.gz"], &["compressed inside"]),
        (&["--on", "2026-02-27", "-o", "dir/", "--format", "csv"], &["is a folder"]),
        (&["--on", "2026-02-27", "-o", "a.csv", "--format", "table"], &["a table is for the screen"]),
        (&["--on", "2026-02-27", "-o", "a.jsonl", "--csv-preset", "1c"], &["--csv-preset is for CSV"]),
        (&["--on", "2026-02-27", "-o", "a.csv", "--csv-preset", "excel"], &["plain, excel-en, excel-ru, 1c"]),
        (&["--on", "2026-02-27", "--count", "--limit", "5"], &["cannot be used with"]),
        (&["--on", "2026-02-27", "--formt", "csv"], &["--format"]),
        (
            &["--where", "call_records is null"],
            &["lists cannot be filtered", "--where-local 'call_records is not"],
        ),
        (&["--where-local", "call_records = 'x'"], &["character 14", "`is null` and `is not null`"]),
        (&["--where", "duration = null"], &["character 12", "write `duration is null`"]),
        (&["--where", "employee_full_name != NULL"], &["write `employee_full_name is not null`"]),
        (
            &["--where-local", "contact_full_name regexp '^(7495'"],
            &["character 26", "not a regular expression", "'\\(495\\)'"],
        ),
        (&["--where-local", "call_records jsquery 'x'"], &["evaluated by the server only"]),
        (&["--where-local", "start_time > '2026-11-01'"], &["write '2026-11-01 00:00:00'"]),
        (&["--where", "finish_reason in timeout"], &["`in (timeout)`"]),
        (&["--where", "is_coach", "--where", "is_operator"], &["join them with `and`"]),
        (&["--fields", "id;duration"], &["separated with commas", "--fields id,duration"]),
        (&["--fields", "-"], &["without a name", "-call_records"]),
        (&["--session", "4711"], &["wants a period with every request"]),
        (&["--leg", "4711"], &["--leg says which legs", "--on yesterday"]),
        (&["--session", "-5", "--on", "today"], &["`-5`", "below zero"]),
        (&["--on", ""], &["a date is empty"]),
        (&["--on", "0000-01-01"], &["the years 1 to 9998", "dates of this century"]),
        (&["--on", "1764300000"], &["`1764300000`", "2025-11-28"]),
        (&["--on", "2026-11-25..2026-11-26"], &["--from 2026-11-25 --till 2026-11-26"]),
        (&["--on", "25 ноября 2026"], &["2026-11-25"]),
        (&["--on", "Nov 25 2026"], &["2026-11-25"]),
        (&["--on", "25.11.26"], &["2026-11-25"]),
        (&["--on", "25 ноября"], &["add the year"]),
        (&["--last", "99999999999999d"], &["`99999999999999d`"]),
        (&["--on", "2026-02-27", "--limit", "99999999999999999999999"], &["at most 18446744073709551615"]),
        (&["--on", "2026-02-27", "--max-points", "99999999999"], &["`99999999999`", "at most 4294967295"]),
        (&["--on", "2026-02-27", "--max-points", "-1"], &["below zero", "a whole number from 0"]),
        (&["--on", "2026-02-27", "--reserve", "-5"], &["`-5`", "0% to 100%"]),
        (&["--on", "2026-02-27", "--timeout", "-1"], &["from 1 to 86400"]),
        (&["--on", "2026-02-27", "-o", "-x.csv"], &["write ./-x.csv"]),
        (&["--on", "2026-02-27", "--mode", "640"], &["--mode is for a file"]),
    ];
    for (arguments, said) in table {
        let told = run(&mut get_at(&emulator.url(), arguments));
        told.refused(2, said);
        told.refused(2, &["\ncause:", "\nnext:"]);
    }
    assert_eq!(emulator.stats().calls, 0);
}

#[test]
fn words_of_the_language_may_be_in_capitals_and_lists_be_asked_for_after_download() {
    for condition in [
        "call_records IS NOT NULL AND duration IS NOT NULL",
        "NOT duration IS NULL AND finish_reason NOT IN (timeout) OR employee_full_name LIKE 'А%' OR is_coach = TRUE",
    ] {
        let told = run(&mut crate::support::get_both(&["--where-local", condition]));
        assert!(!told.rows().is_empty(), "{condition}: {}", told.stderr);
    }
}

#[test]
fn an_expression_that_the_server_may_refuse_is_doubted_and_sent() {
    let told = run(&mut crate::support::get_both(&["--where", "called_phone_number regexp '^(7495'"]));
    assert!(told.stderr.contains("warning: the server may refuse the expression"), "{}", told.stderr);
}

#[test]
fn a_place_where_nothing_can_be_written_is_told_by_what_stands_in_the_way() {
    let emulator = small().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| format!("{}/{name}", folder.path().display());
    std::fs::write(path("afile"), "").unwrap();
    std::fs::create_dir(path("z.csv.part")).unwrap();
    let mut table = vec![
        ("afile/a.csv", vec!["afile is a file and no folder"]),
        ("afile/b/a.parquet", vec!["afile is a file and no folder"]),
        ("afile/", vec!["afile is a file and no folder"]),
        ("afile/d/", vec!["afile is a file and no folder"]),
        ("a/b/c/", vec!["/a/b does not exist", "mkdir -p"]),
        ("none/a.csv", vec!["/none does not exist"]),
        ("z.csv", vec!["z.csv.part is a folder"]),
    ];
    #[cfg(unix)]
    {
        std::fs::write(path("target2.csv"), "").unwrap();
        std::os::unix::fs::symlink("target2.csv", path("link.csv")).unwrap();
        table.push(("link.csv/", vec!["link.csv is a link to no folder"]));
        table.push(("link.csv", vec!["is a link", "write to its target: -o", "target2.csv"]));
    }
    table.push(("bad\u{1b}[2J\nname/a.csv", vec!["bad\u{fffd}[2J\u{fffd}name does not exist"]));
    for (name, said) in table {
        let told = run(get_at(&emulator.url(), &["--on", "2026-02-27", "-o"]).arg(path(name)));
        told.refused(10, &said);
        told.refused(10, &["\ncause:", "\nnext:", "nothing was spent"]);
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
    at("localhost:36685/v2.0").refused(
        2,
        &[
            "no scheme",
            "http://localhost:36685/v2.0 for an emulator",
            "https://localhost:36685/v2.0 otherwise",
        ],
    );
    at("file:///etc/legs.jsonl").refused(2, &["no address of http", "a file answers no calls", "--data"]);
    at("ftp://dataapi.example/v2.0").refused(2, &["no address of http", "https://host/v2.0"]);
    at("http://dataapi.example").refused(2, &["whoever is on the way could read it", "write https://"]);
    at("https://dataapi.example/v2.0?a=b").refused(2, &["more than a path"]);
    // Told at once, and not tried again.
    let url = crate::support::emulator().url().replace("http://", "https://");
    let told = at(&url);
    told.refused(7, &["speaks plain http", "write http://"]);
    assert!(!told.stderr.contains("waiting"), "{}", told.stderr);
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
    run(tool(&["get", "--on", "2026-02-27", "--brand", "uis"]).env("CALLLEGS_PASSWORD", "hush"))
        .refused(3, &["without a login", "set CALLLEGS_LOGIN"]);
    for (variable, meant) in [
        ("CALLLEGS_KEY", "CALLLEGS_TOKEN"),
        ("CALLLEGS_TOKENS", "CALLLEGS_TOKEN"),
        ("CALLLEGS_URL", "CALLLEGS_ENDPOINT"),
    ] {
        let told = run(tool(&["get", "--on", "2026-02-27", "--brand", "uis"]).env(variable, "hush"));
        told.refused(4, &[&format!("{variable} is not read; did you mean {meant}?")]);
        assert!(!told.stderr.contains("hush"), "{}", told.stderr);
    }
}

#[test]
fn misspelt_commands_get_the_nearest_one() {
    run(&mut tool(&["gett"])).refused(2, &["`calllegs get`"]);
    run(&mut tool(&["sandbox", "server"])).refused(2, &["`calllegs sandbox serve`"]);
    assert!(run(&mut tool(&[])).stderr.starts_with("Examples:"));
}
