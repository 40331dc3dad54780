//! Servers that fail: the exit code says how, the message says why and what to do, and rows are not lost silently.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
};

use crate::{
    stub,
    support::{get, get_at, names, rows, run, tool},
};

/// `get` of one day in a zone that need not be asked for.
const DAY: [&str; 6] = ["--on", "2026-02-27", "--tz", "Europe/Moscow", "--retries", "0"];

const ROW: &str = r#"{"id":1,"start_time":"2026-02-27 10:00:00","call_session_id":1}"#;

#[test]
fn rows_that_the_server_counts_and_does_not_give_are_a_failure() {
    let url = stub::serve(|_| stub::page(ROW, "3"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let told = run(get_at(&url, &DAY).args(["-o", path.to_str().unwrap()]));
    // The same page again is no news, so the run ends after the third.
    told.refused(
        9,
        &["1 window is not complete", "2026-02-27 00:00:00", "counts 3 legs and gave 1", "a.jsonl.part"],
    );
    assert_eq!(names(folder.path()), ["a.jsonl.part", "a.jsonl.resume"]);
    assert_eq!(rows(&fs::read_to_string(folder.path().join("a.jsonl.part")).unwrap()).len(), 1);

    let told = run(get_at(&url, &DAY).arg("--count"));
    told.refused(9, &["not complete"]);
}

#[test]
fn more_rows_than_offsets_reach_are_a_failure() {
    let url = stub::serve(|_| stub::page(ROW, "150000"));
    // One second cannot be cut any more.
    let mut second =
        get_at(&url, &["--from", "2026-02-27T10:00:00", "--till", "2026-02-27T10:00:01", "--tz", "UTC"]);
    let told = run(&mut second);
    assert_eq!(told.code, Some(9), "{}", told.stderr);
    assert!(told.stderr.contains("counts 150,000 legs"), "{}", told.stderr);
}

#[test]
fn every_kind_of_refusal_has_its_exit_code() {
    let table = [
        (
            stub::error(
                "ip_not_whitelisted",
                "Your IP 203.0.113.7 is not whitelisted",
                "",
                r#"{"ip":"203.0.113.7"}"#,
            ),
            5,
            vec!["Your IP 203.0.113.7 is not whitelisted (ip_not_whitelisted", "add 203.0.113.7"],
        ),
        (
            stub::error("limit_exceeded", "Limit", "", r#"{"limit_type":"day"}"#),
            6,
            vec!["when the day's points are back", "within 24 h"],
        ),
        (stub::error("internal_error", "Internal error", "", "{}"), 7, vec!["run the command again later"]),
        (
            stub::error("invalid_parameter_value", "Invalid parameter value", "date_from", "{}"),
            8,
            vec!["field date_from", "in Europe/Moscow", "in UTC"],
        ),
        (stub::error("brand_new", "Something new", "", "{}"), 8, vec!["newer than this version"]),
        (stub::error("auth_error", "evil \\u001b[2J", "", "{}"), 4, vec!["evil \u{fffd}[2J"]),
        (r#""result":{"data":null}"#.to_owned(), 7, vec!["next:"]),
        (stub::page(r#"{"id":1}"#, "1"), 9, vec!["without a readable id or start_time"]),
        (r#""neither":1"#.to_owned(), 7, vec!["neither `result` nor `error`"]),
    ];
    for (answer, code, said) in table {
        let url = stub::serve(move |_| answer.clone());
        run(&mut get_at(&url, &DAY)).refused(code, &said);
    }
}

#[test]
fn errors_without_a_mnemonic_are_told_by_code_and_in_the_servers_words() {
    let worded = |code: &str| format!(r#""error":{{"code":{code},"message":"Words of the server"}}"#);
    for (error, code, said) in [
        (worded("-32029"), 6, "again in a minute"),
        (worded("-32001"), 4, "CALLLEGS_TOKEN"),
        (worded("-32003"), 5, "white list"),
        (worded("-32008"), 5, "component"),
        (worded("-32009"), 5, "account"),
        (worded("-32603"), 7, "again later"),
        (worded("-32602"), 8, "--explain"),
        (worded("-32700"), 8, "--endpoint"),
        (worded("-31999"), 8, "words of the server"),
        (worded("\"-32003\""), 5, "white list"),
        (worded("null"), 8, "gives no code"),
        (r#""error":"Words of the server""#.to_owned(), 8, "gives no code"),
        (r#""error":["Words of the server"]"#.to_owned(), 8, "gives no code"),
        (r#""error":{"code":-32001,"data":"Words of the server"}"#.to_owned(), 4, "CALLLEGS_TOKEN"),
        (r#""error":{"code":-32003,"message":"Words of the server","data":[]}"#.to_owned(), 5, "white list"),
    ] {
        let url = stub::serve(move |_| error.clone());
        run(&mut get_at(&url, &DAY)).refused(code, &["Words of the server", said, "next:"]);
    }
}

#[test]
fn a_server_that_asks_for_too_long_a_wait_is_quoted() {
    let page = || stub::page(ROW, "1");
    for (status, body, code, said) in [
        ("503 Busy\r\nRetry-After: 600", "\"busy\":1".to_owned(), 7, "again in 10 min, as the server asks"),
        ("429 Slow\r\nRetry-After: 7200.0", "\"busy\":1".to_owned(), 7, "again in 2 h, as the server asks"),
        (
            "503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sunday, 06-Nov-94 09:49:37 GMT",
            "\"busy\":1".to_owned(),
            7,
            "again in 60 min, as the server asks",
        ),
        // Without a date of the server, the clock of this machine has to do.
        (
            "503 Busy\r\nRetry-After: Fri Dec 31 23:59:59 2100",
            "\"busy\":1".to_owned(),
            7,
            " h, as the server asks",
        ),
        (
            "503 Busy\r\nRetry-After: 900",
            stub::error("internal_error", "Internal error", "", "{}"),
            7,
            "again in 15 min, as the server asks",
        ),
        (
            "429 Slow\r\nRetry-After: 900",
            stub::error("limit_exceeded", "Limit", "", r#"{"limit_type":"minute"}"#),
            6,
            "again in 15 min",
        ),
        // A time that is not one is no reason to give up.
        ("503 Busy\r\nRetry-After: soon", page(), 0, ""),
    ] {
        let asked = std::sync::atomic::AtomicU32::new(0);
        let url = stub::serve_under(move |_| {
            // It would answer the second attempt.
            match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => (status.to_owned(), body.clone()),
                _ => ("200 OK".to_owned(), page()),
            }
        });
        let told = run(&mut get_at(&url, &["--on", "2026-02-27", "--tz", "Europe/Moscow"]));
        match code {
            0 => assert_eq!(told.ids(), [1]),
            code => told.refused(code, &[said]),
        }
    }
}

#[test]
fn a_login_whose_sessions_are_all_refused_ends() {
    let url = stub::serve(|method| match method {
        "login.user" => r#""result":{"data":{"access_token":"session"}}"#.to_owned(),
        _ => r#""error":{"code":-32001,"message":"Words of the server"}"#.to_owned(),
    });
    let mut command = get_at(&url, &["--from", "2026-01-01", "--till", "2026-02-27", "--tz", "UTC"]);
    run(command.env("CALLLEGS_LOGIN", "someone").env("CALLLEGS_PASSWORD", "hush"))
        .refused(4, &["Words of the server", "next:"]);
}

#[test]
fn an_entry_of_no_proxy_that_is_not_understood_is_named() {
    let warned = |no_proxy: &str, named: &[&str]| {
        let mut command = tool(&["get", "--brand", "uis", "--endpoint", "https://127.0.0.1:1/v2.0"]);
        command.args(DAY).env("CALLLEGS_TOKEN", "k").env("HTTPS_PROXY", "http://127.0.0.1:1");
        let told = run(command.env("NO_PROXY", no_proxy));
        assert_eq!(told.code, Some(7), "{}", told.stderr);
        assert_eq!(told.stderr.matches("is not understood").count(), named.len(), "{}", told.stderr);
        for entry in named {
            assert!(
                told.stderr.contains(&format!("NO_PROXY: `{entry}` is not understood")),
                "{}",
                told.stderr
            );
        }
    };
    warned("near.example:443 *.near.example, .near.example.;10.0.0.0/8,[::1],*", &[]);
    warned("near.example, 10.*, near.example:http", &["10.*", "near.example:http"]);
}

#[test]
fn a_wrong_key_and_a_closed_port() {
    run(get(&["--on", "2026-02-27"]).env("CALLLEGS_TOKEN", "wrong"))
        .refused(4, &["access_token_invalid", "next:"]);
    let mut nobody = get_at("http://127.0.0.1:1/v2.0", &DAY);
    run(&mut nobody).refused(7, &["no connection to the server", "calllegs sandbox serve"]);
    let mut tls = tool(&["get", "--brand", "uis", "--endpoint", "https://127.0.0.1:1/v2.0"]);
    run(tls.args(DAY).env("CALLLEGS_TOKEN", "k")).refused(7, &["check the network"]);
    run(get_at("http://127.0.0.1:1/v2.0", &DAY).env("SSL_CERT_FILE", "missing.pem"))
        .refused(3, &["SSL_CERT_FILE"]);
}

#[test]
fn strange_rows_are_kept_and_told() {
    let row = r#"{"id":"7","start_time":"2026-02-27 10:00:00","call_session_id":1,"finish_reason":"brand_new",
        "duration":"long","is_coach":null,"call_records":null,"hold_duration":5}"#;
    let url = stub::serve(move |_| stub::page(row, "1"));
    let told = run(get_at(&url, &DAY).args(["--fields", "id,finish_reason,duration,call_records"]));
    assert_eq!(
        told.stdout,
        "{\"id\":7,\"finish_reason\":\"brand_new\",\"duration\":\"long\",\"call_records\":null,\"hold_duration\":5}\n"
    );
    assert!(
        told.stderr.contains("1 leg ends for a reason that this version does not know"),
        "{}",
        told.stderr
    );
    let told = run(get_at(&url, &DAY).args(["--format", "csv"]));
    assert!(told.stderr.contains("have no column in CSV: hold_duration"), "{}", told.stderr);
    assert!(told.stderr.contains("missing in the replies: action_id"), "{}", told.stderr);
}

#[test]
fn an_account_without_a_usable_zone_is_told() {
    for (row, said) in
        [("{}", "does not say the time zone"), (r#"{"timezone":"Mars/Olympus"}"#, "Mars/Olympus")]
    {
        let url = stub::serve(move |_| stub::page(row, "1"));
        run(&mut get_at(&url, &["--on", "2026-02-27"])).refused(8, &[said, "--tz"]);
    }
}

/// Ctrl-C, or the system's request to end, while a page is on its way.
#[cfg(unix)]
#[test]
fn an_interrupted_run_says_what_is_left_of_it() {
    stopped_by("-INT", 130, "interrupted");
    stopped_by("-TERM", 143, "terminated");
}

#[cfg(unix)]
fn stopped_by(signal: &str, code: i32, word: &str) {
    use std::{process::Stdio, sync::mpsc};
    let (asked, arrived) = mpsc::channel();
    let pages = std::sync::atomic::AtomicU32::new(0);
    let url = stub::serve(move |method| {
        if method == "get.account" {
            return stub::page(r#"{"app_id":1103,"timezone":"Europe/Moscow"}"#, "1");
        }
        asked.send(()).unwrap();
        // The page of the second window never comes: the test ends before.
        while pages.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0 {
            std::thread::park();
        }
        stub::page(ROW, "1")
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let summary = folder.path().join("s.json");
    let mut command =
        get_at(&url, &["--from", "2026-02-01", "--till", "2026-03-31", "--tz", "Europe/Moscow"]);
    command.args(["-o", path.to_str().unwrap(), "--summary-file", summary.to_str().unwrap()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    arrived.recv().unwrap();
    arrived.recv().unwrap();
    // The first one waits for the page on its way, the second one does not.
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    send(signal, &child);
    while !said.contains("finishing the page in flight") {
        assert!(told.read_line(&mut said).unwrap() > 0, "{said}");
    }
    send(signal, &child);
    told.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(code), "{said}");
    for part in [word, "1 leg so far in", "a.jsonl.part", "continue:", "get --from 2026-02-01"] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(names(folder.path()), ["a.jsonl.part", "a.jsonl.resume", "s.json"]);
    assert_eq!(crate::support::json(&summary)["exit"], code);
}

#[cfg(unix)]
fn send(signal: &str, child: &std::process::Child) {
    let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

#[test]
fn the_place_of_a_summary_is_checked_before_anything_is_spent() {
    let url = stub::serve(|_| panic!("nothing is asked"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run(get_at(&url, &DAY).args(["--summary-file", path])).refused(10, &["is a folder", "nothing was spent"]);
    let file = folder.path().join("a.jsonl");
    let file = file.to_str().unwrap();
    run(get_at(&url, &DAY).args(["-o", file, "--summary-file", file])).refused(2, &["the same file"]);
    assert!(names(folder.path()).is_empty());
}
