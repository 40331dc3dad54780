//! `sandbox serve`: every flag reaches the emulator, and what is wrong is told before anything is served.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
};

use serde_json::{Value, json};

use crate::support::{get_at, rows, run, tool};

/// A small emulator with these flags until the closure ends: its address, and what it said at its start.
fn served(flags: &[&str], with: impl FnOnce(&str, &str)) {
    let mut command = tool(&["sandbox", "serve", "--port", "0", "--days", "2", "--legs-per-day", "400"]);
    let mut child = command.args(flags).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let greeting: Vec<_> = lines.by_ref().take_while(|line| !line.starts_with("stop")).collect();
    let greeting = greeting.join("\n");
    let url = greeting.split_whitespace().find(|word| word.starts_with("http://"));
    with(url.unwrap_or_else(|| panic!("no address in: {greeting}")), &greeting);
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// One exchange: head and body.
fn exchange(url: &str, method: &str, path: &str, body: &str) -> (String, String) {
    let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn call(url: &str, method: &str, params: &Value) -> Value {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    serde_json::from_str(&exchange(url, "POST", "/v2.0", &request.to_string()).1).unwrap()
}

/// A page of legs; what is given replaces or adds parameters.
fn legs(url: &str, given: &Value) -> Value {
    let mut params = json!({"access_token": "sandbox-acme", "date_from": "2026-02-01 00:00:00",
        "date_till": "2026-03-01 00:00:00", "fields": ["id"]});
    for (name, value) in given.as_object().unwrap() {
        params[name] = value.clone();
    }
    call(url, "get.call_legs_report", &params)
}

#[test]
fn the_greeting_names_every_switch_and_its_answer() {
    served(&[], |_, greeting| {
        for said in [
            "faults   none",
            "bounds exclusive",
            "date-applies-to leg",
            "offset-cap error",
            "future empty",
            "limits account",
            "http-errors always200",
            "unfinished hide",
            "min-age none",
            "ids number",
            "world shop",
            "clock    real, late data off, new field none",
            "/__sandbox/",
        ] {
            assert!(greeting.contains(said), "`{said}` is not in: {greeting}");
        }
    });
    let flags = [
        ("--bounds", "half-open"),
        ("--date-applies-to", "session"),
        ("--offset-cap", "empty"),
        ("--future", "refuse"),
        ("--limits", "token"),
        ("--http-errors", "status"),
        ("--unfinished", "show"),
        ("--ids", "string"),
        ("--world", "ties"),
    ];
    let mut line: Vec<_> = flags.iter().flat_map(|(flag, word)| [*flag, *word]).collect();
    line.extend(["--until", "2026-03-01", "--min-age", "7h", "--limit", "hour=9", "--no-admin"]);
    served(&line, |url, greeting| {
        for (flag, word) in flags {
            let said = format!("{} {word}", flag.strip_prefix("--").unwrap());
            assert!(greeting.contains(&said), "`{said}` is not in: {greeting}");
        }
        assert!(greeting.contains("min-age 25200 s") && greeting.contains("control  none"), "{greeting}");
        let reply = legs(url, &json!({"offset": 100_001}));
        assert_eq!(reply["result"]["data"], json!([]));
        assert_eq!(reply["result"]["metadata"]["limits"]["hour_remaining"], 8);
        assert!(legs(url, &json!({"limit": 1}))["result"]["data"][0]["id"].is_string());
        let head = exchange(url, "POST", "/v2.0", r#"{"jsonrpc":"2.0","id":1,"method":"get.weather"}"#).0;
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
        let young = json!({"date_from": "2999-01-01 00:00:00", "date_till": "2999-01-02 00:00:00"});
        assert_eq!(legs(url, &young)["error"]["data"]["field"], "date_from");
        assert!(exchange(url, "GET", "/__sandbox/stats", "").0.starts_with("HTTP/1.1 404"));
    });
}

#[test]
fn faults_and_mixes_are_told_and_come_up() {
    let flags = ["--fault", "http-500:n=1", "--fault", "contact-name=a:b", "--chaos", "mild"];
    served(&flags, |url, greeting| {
        let told = greeting.lines().find(|line| line.starts_with("faults")).unwrap();
        assert!(
            told.contains("http-500:n=1 contact-name=a:b minute-limit:p=") && told.contains("chaos mild")
        );
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"get.account","params":{}}"#;
        let head = exchange(url, "POST", "/v2.0", body).0.to_lowercase();
        assert!(head.starts_with("http/1.1 500") && head.contains("x-sandbox-fault: http-500"), "{head}");
        let (_, faults) = exchange(url, "POST", "/__sandbox/faults", r#"["internal-error"]"#);
        assert_eq!(faults, "[\"internal-error\"]\n");
        assert_eq!(legs(url, &json!({}))["error"]["data"]["mnemonic"], "internal_error");
        let (_, journal) = exchange(url, "GET", "/__sandbox/requests?since=1", "");
        assert_eq!(rows(&journal)[0]["fault"], "internal-error");
    });
}

#[test]
fn a_burst_is_served() {
    let flags = ["--until", "2026-03-01", "--burst", "2026-02-28T12:00:00=500/1s", "--limit", "none"];
    served(&flags, |url, _| {
        let told = run(&mut get_at(
            url,
            &["--from", "2026-02-28T12:00:00", "--till", "2026-02-28T12:00:01", "--format", "jsonl"],
        ));
        assert!(told.rows().len() >= 500);
    });
}

/// `get` as JSON Lines; the machine's own clock is months away from the emulator's.
fn got(url: &str, flags: &[&str]) -> Vec<Value> {
    run(get_at(url, flags).args(["--format", "jsonl"])).rows()
}

#[test]
fn yesterday_moves_with_the_clock_of_the_emulator() {
    let flags = ["--clock", "fixed:2026-03-03T10:00:00", "--limit", "none"];
    served(&flags, |url, greeting| {
        let told = "fixed:2026-03-03 10:00:00, now 2026-03-03T07:00:00Z, late data on";
        assert!(greeting.contains(told), "{greeting}");
        let days = |legs: &[Value]| {
            let days =
                legs.iter().map(|leg| leg["start_time"].as_str().unwrap().get(..10).unwrap().to_owned());
            days.collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(days(&got(url, &["--on", "yesterday"])), ["2026-03-02".to_owned()].into());
        let early = got(url, &["--on", "2026-03-02", "--fields", "id,start_time,employee_rating"]);
        let (_, clock) = exchange(url, "POST", "/__sandbox/clock", r#"{"advance":"26h"}"#);
        assert_eq!(clock, "{\"local\":\"2026-03-04 12:00:00\",\"now\":\"2026-03-04T09:00:00Z\"}\n");
        let late = got(url, &["--on", "2026-03-02", "--fields", "id,start_time,employee_rating"]);
        let rated = |legs: &[Value]| legs.iter().filter(|leg| !leg["employee_rating"].is_null()).count();
        assert!(rated(&late) > rated(&early), "{} {}", rated(&late), rated(&early));
        assert_eq!(days(&got(url, &["--on", "yesterday"])), ["2026-03-03".to_owned()].into());
        let plan = run(&mut tool(&["--brand", "sandbox", "--endpoint", url, "plan", "--on", "yesterday"]));
        assert!(plan.stderr.contains("2026-03-03"), "{} {}", plan.stdout, plan.stderr);
        let (_, stats) = exchange(url, "GET", "/__sandbox/stats", "");
        let stats: Value = serde_json::from_str(&stats).unwrap();
        assert_eq!(
            (&stats["refused"], &stats["calls"]),
            (&json!(0), &stats["points"]),
            "the question is free"
        );
    });
}

#[test]
fn a_new_field_and_an_agency_are_served() {
    let flags = ["--until", "2026-03-01", "--new-field", "ai_score", "--agency", "7", "--limit", "none"];
    served(&flags, |url, greeting| {
        assert!(
            greeting.contains("new field ai_score") && greeting.contains("with 7 clients, sandbox-hundred")
        );
        let reply = legs(url, &json!({"limit": 1}));
        assert_eq!(reply["result"]["data"][0]["ai_score"], 0);
        let users = call(url, "get.customer_users", &json!({"access_token": "sandbox-hundred"}));
        assert_eq!(users["result"]["metadata"]["total_items"], 8);
    });
}

#[test]
fn faults_are_listed() {
    let told = run(&mut tool(&["sandbox", "serve", "--fault", "help"]));
    assert_eq!((told.code, &*told.stderr), (Some(0), ""));
    for fault in calllegs_sandbox::FAULTS {
        assert!(told.stdout.contains(fault.name), "{}", fault.name);
    }
    assert!(told.stdout.contains("--chaos rude\n  minute-limit:p="));
}

#[test]
fn wrong_words_are_told_with_the_right_ones() {
    for (flags, said) in [
        (["--fault", "http-501"], "did you mean `http-500`?"),
        (["--fault", "http-500:p=2"], "`p` is no chance from 0 to 1"),
        (["--chaos", "wild"], "one of mild, rude"),
        (["--world", "vast"], "one of shop, callcentre, clinic, dense, dst"),
        (["--bounds", "open"], "one of exclusive, half-open, inclusive"),
        (["--unfinished", "maybe"], "one of hide, show"),
        (["--min-age", "7"], "write it as 7h"),
        (["--clock", "noon"], "write real, x60 (2 to 86400 times as fast), or fixed:2026-03-02T10:00:00"),
        (["--late", "maybe"], "one of on, off"),
        (["--new-field", "duration"], "legs have this field already"),
        (["--agency", "1001"], "write a whole number from 0 to 1000"),
        (["--burst", "noon=5"], "write it as 2026-10-05T12:00:00=150000/3600s"),
        (["--limit", "week=5"], "write minute=60,hour=1000,day=3000"),
    ] {
        let mut command = tool(&["sandbox", "serve", "--port", "0"]);
        run(command.args(flags)).refused(2, &[said]);
    }
    let mut command = tool(&["sandbox", "serve", "--port", "0", "--data", "legs.jsonl", "--world", "ties"]);
    run(&mut command).refused(2, &["--world"]);
}

#[test]
fn made_up_legs_are_the_same_bytes_everywhere() {
    for (world, pinned) in [
        ("tiny", "67c951400c8154970cdd59231979145a674b7d0a1230026b559e4fd1541268be"),
        ("halves", "373daf885bb40f0b13fa66ed9127ce79967bf0124479026c5fc2b96413d083de"),
        ("clinic", "9515851d502c6b681ba5b8e1f1bdafeae27091a76c9e003cf1fc84a8b49404d8"),
    ] {
        let made = run(&mut tool(&["sandbox", "generate", "--world", world, "--days", "2", "--hash"]));
        assert_eq!((made.code, made.stdout.trim_end()), (Some(0), pinned), "{world}: {}", made.stderr);
    }
}

#[test]
fn legs_and_truth_go_to_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (legs, sessions, other) = (path("legs.jsonl"), path("sessions.jsonl"), path("notes.txt"));
    for command in
        [&["generate", "-o", &legs][..], &["truth", "sessions", "-o", &sessions], &["generate", "-o", &legs]]
    {
        let made = run(&mut tool(&[&["sandbox"], command, &["--world", "tiny"]].concat()));
        assert_eq!((made.code, made.stdout.as_str()), (Some(0), ""), "{}", made.stderr);
    }
    let count = |path: &str| std::fs::read_to_string(path).unwrap().lines().count();
    assert_eq!((count(&legs), count(&sessions)), (62, 20));

    let metrics = run(&mut tool(&["sandbox", "truth", "metrics", "--world", "tiny", "--answer-within", "5"]));
    let metrics: Value = serde_json::from_str(&metrics.stdout).unwrap();
    assert_eq!(metrics["service_level"][0]["answered_in_time"], 3);
    let none = run(&mut tool(&["sandbox", "truth", "sessions", "--world", "tiny", "--till", "2026-02-01"]));
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));

    let huge = &["sandbox", "truth", "metrics", "--world", "huge"];
    run(&mut tool(huge)).refused(2, &["more than a million legs", "--legs-per-day"]);

    std::fs::write(&other, "not JSON").unwrap();
    let refused = run(&mut tool(&["sandbox", "generate", "--world", "tiny", "-o", &other]));
    assert!(refused.code != Some(0) && refused.stderr.contains("holds no JSON"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "not JSON");
}
