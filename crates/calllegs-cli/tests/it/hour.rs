//! The first hour: a word is explained, a profile is made, and whatever is in the way is named with what to do.

use std::{io::Write as _, path::Path, process::Stdio, time::Duration};

use calllegs_sandbox::{Bounds, Builder, DateAppliesTo, ListingOrder, Sandbox};
use serde_json::Value;

use super::{
    server, stub,
    support::{Run, emulator, finished, names, run, small, tool},
};

fn doctor(url: &str, words: &[&str]) -> Run {
    run(tool(&["--brand", "sandbox", "--endpoint", url, "--retries", "0", "doctor"]).args(words))
}

/// The lines that begin with this sign.
fn signed<'t>(told: &'t Run, sign: &str) -> Vec<&'t str> {
    told.stdout.lines().filter(|line| line.starts_with(sign)).collect()
}

fn with_fault(fault: &str) -> Sandbox {
    small().fault(fault.parse().unwrap()).start().unwrap()
}

#[test]
fn what_is_in_the_way_is_named_with_what_to_do() {
    let component = "component-disabled:match=method=get.call_legs_report";
    for (fault, code, name, next) in [
        ("token-expired", 4, "key", "make a new key in the cabinet"),
        ("token-blocked", 4, "key", "unblock the key in the cabinet"),
        ("ip-not-whitelisted", 5, "white list", "add 192.0.2.1"),
        (component, 5, "rights", "order the component for the account"),
        ("account-inactive", 5, "account", "ask the support of the platform"),
        ("day-limit", 6, "points", "within 24 h"),
        ("http-503:match=method=get.account", 7, "network", "overloaded"),
    ] {
        let sandbox = with_fault(fault);
        let told = doctor(&sandbox.url(), &[]);
        assert_eq!(told.code, Some(code), "{fault}: {}", told.stdout);
        let failed = signed(&told, "✗");
        assert!(matches!(failed.as_slice(), [only] if only.starts_with(&format!("✗ {name} "))), "{failed:?}");
        assert!(
            told.stdout.lines().any(|line| line.contains("next: ") && line.contains(next)),
            "{}",
            told.stdout
        );
    }
    // A brand is asked for its own cabinet.
    let sandbox = with_fault("ip-not-whitelisted");
    let url = sandbox.url();
    let mut command = tool(&["--brand", "uis", "--endpoint", &url, "doctor"]);
    let told = run(command.env("CALLLEGS_TOKEN", "sandbox-acme"));
    assert!(told.stdout.contains("Правила и настройки безопасности → API"), "{}", told.stdout);
}

#[test]
fn keys_that_are_wrong_or_missing_are_told_apart_and_never_shown() {
    let url = emulator().url();
    let wrong = "hush-4711-hush-4711-hush";
    let told = run(tool(&["--endpoint", &url, "doctor"]).env("CALLLEGS_TOKEN", wrong));
    assert_eq!(told.code, Some(4), "{}", told.stdout);
    assert!(told.stdout.contains("access_token_invalid") && told.stdout.contains("check --brand"));
    assert!(!told.stdout.contains("hush") && !told.stderr.contains("hush"), "{told:?}");

    let told = run(&mut tool(&["--endpoint", &url, "doctor"]));
    assert_eq!(told.code, Some(4), "{}", told.stdout);
    assert!(
        told.stdout.contains("✗ key source") && told.stdout.contains("calllegs auth login"),
        "{}",
        told.stdout
    );
}

#[test]
fn rights_that_are_missing_are_told() {
    let account = stub::page(r#"{"app_id":7,"name":"Acme","timezone":"Europe/Moscow"}"#, "1");
    let url = stub::serve(move |method| match method {
        "get.account" => account.clone(),
        _ => stub::error("forbidden", "Permission denied", "", "{}"),
    });
    let told = doctor(&url, &[]);
    assert_eq!(told.code, Some(5), "{}", told.stdout);
    assert_eq!(signed(&told, "✗").len(), 1);
    assert!(told.stdout.contains("give the user the right to reports"), "{}", told.stdout);

    let account = stub::page(r#"{"app_id":7,"name":"Acme","timezone":"Europe/Moscow"}"#, "1");
    let url = stub::serve(move |method| match method {
        "get.account" => account.clone(),
        "get.call_legs_report" | "get.calls_report" => stub::page("", "0"),
        _ => stub::error("method_component_disabled", "Component", "", "{}"),
    });
    let told = doctor(&url, &[]);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    assert!(
        told.stdout.contains("call legs: yes · sessions: yes · costs: no (component off)"),
        "{}",
        told.stdout
    );
    assert!(told.stderr.contains("3 points spent"), "{}", told.stderr);
}

#[test]
fn a_server_that_cannot_be_reached_is_a_matter_of_the_network() {
    let nobody = "127.0.0.1:1";
    for (words, proxy, next) in [
        (["--brand", "sandbox", "--endpoint", "http://127.0.0.1:1/v2.0"], None, "calllegs sandbox serve"),
        (["--brand", "uis", "--endpoint", "https://127.0.0.1:1/v2.0"], None, "check the network"),
        (["--brand", "uis", "--color", "never"], Some(format!("http://{nobody}")), "HTTPS_PROXY"),
    ] {
        let mut command = tool(&words);
        command.arg("doctor").env("CALLLEGS_TOKEN", "sandbox-acme");
        if let Some(proxy) = proxy {
            command.env("HTTPS_PROXY", proxy);
        }
        let told = run(&mut command);
        assert_eq!(told.code, Some(7), "{}", told.stdout);
        assert!(told.stdout.starts_with("✗ network") && told.stdout.contains(next), "{}", told.stdout);
    }
}

#[test]
fn a_machine_whose_clock_is_off_is_told_by_how_much() {
    let clock = calllegs_sandbox::Clock::FixedWall("2026-03-02T10:00:00".parse().unwrap());
    let sandbox = small().clock(clock).start().unwrap();
    let url = sandbox.url();
    let told =
        run(tool(&["--brand", "uis", "--endpoint", &url, "doctor"]).env("CALLLEGS_TOKEN", "sandbox-acme"));
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let clock: Vec<_> = told.stdout.lines().filter(|line| line.starts_with("! clock")).collect();
    assert!(matches!(clock.as_slice(), [only] if only.contains(" h ")), "{}", told.stdout);
    // Of an emulator that is no news.
    let told = doctor(&url, &[]);
    assert!(told.stdout.contains("✓ clock"), "{}", told.stdout);
}

/// The two days of a small centre, seen on the day after them.
fn after_two_days() -> Builder {
    let clock = calllegs_sandbox::Clock::FixedWall("2026-03-01T20:00:00".parse().unwrap());
    small().clock(clock).late_data(false)
}

#[test]
fn oddities_of_a_server_are_found_and_an_ordinary_one_alarms_nobody() {
    let told = |builder: Builder| {
        let sandbox = builder.start().unwrap();
        let told = doctor(&sandbox.url(), &["--semantics"]);
        assert_eq!(told.code, Some(0), "{}", told.stdout);
        told
    };
    let ordinary = told(after_two_days());
    assert_eq!(signed(&ordinary, "!"), [""; 0], "{}", ordinary.stdout);
    for said in [
        "in 200 of 200, in the order asked in 199 of 199",
        "are 'out' in ",
        "exclusive: neither",
        "by their own start",
    ] {
        assert!(ordinary.stdout.contains(said), "{said}: {}", ordinary.stdout);
    }
    for (builder, said) in [
        (after_two_days().bounds(Bounds::Inclusive), "✓ bounds        inclusive: the first and the last"),
        (after_two_days().bounds(Bounds::HalfOpen), "✓ bounds        half-open: the first second"),
        (
            after_two_days().date_applies_to(DateAppliesTo::Session),
            "! dates         a period selects legs by the start of their session",
        ),
        (after_two_days().listing_order(ListingOrder::Shuffled), "! listing"),
        (after_two_days().repeats(500), "! listing       legs come once in 1"),
        (after_two_days().min_age(Duration::from_secs(7 * 3600)), "! recent        the last hour is refused"),
        (after_two_days().fault("negative-duration".parse().unwrap()), "! connect_time"),
    ] {
        let told = told(builder);
        assert!(told.stdout.contains(said), "{said}: {}", told.stdout);
        let odd = usize::from(said.starts_with('!'));
        assert_eq!(signed(&told, "!").len(), odd, "{}", told.stdout);
    }
}

#[test]
fn how_far_back_data_go_is_found_with_a_few_points() {
    let clock = calllegs_sandbox::Clock::FixedWall("2026-03-01T20:00:00".parse().unwrap());
    let since = "2025-01-17".parse().unwrap();
    let builder = Sandbox::builder().since(since).until("2026-03-01".parse().unwrap()).legs_per_day(40);
    let sandbox = builder.clock(clock).late_data(false).start().unwrap();
    let told = doctor(&sandbox.url(), &["--history"]);
    assert!(told.stdout.contains("✓ history       the first leg is of 2025-01-17"), "{}", told.stdout);
    assert!(told.stderr.contains("--history: up to 7 points"), "{}", told.stderr);
    assert!(told.stderr.contains("11 points spent"), "{}", told.stderr);
}

#[test]
fn a_place_is_tried_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let url = emulator().url();
    let (new, lake, nowhere) = (at("new.db"), at("lake/"), at("none/calls.db"));
    let told = doctor(&url, &["--dest", &new, "--dest", &lake]);
    assert_eq!((told.code, signed(&told, "✓ place").len()), (Some(0), 2), "{}", told.stdout);
    assert_eq!(names(folder.path()), [""; 0]);
    let told = doctor(&url, &["--dest", &nowhere]);
    assert_eq!(told.code, Some(10), "{}", told.stdout);
    assert!(told.stdout.contains("make the folder"), "{}", told.stdout);

    let mut sync =
        tool(&["--brand", "sandbox", "--endpoint", &url, "sync", "--on", "2026-02-27", "--to", &new]);
    assert_eq!(run(&mut sync).code, Some(0));
    let before = std::fs::read(&new).unwrap();
    let told = doctor(&url, &["--dest", &new]);
    assert!(told.stdout.contains("is there and can be written"), "{}", told.stdout);
    assert_eq!(std::fs::read(Path::new(&new)).unwrap(), before);

    let Some(server) = server::server() else { return };
    let place = server.url("tried");
    for _ in 0..2 {
        let told = doctor(&url, &["--dest", &place]);
        assert!(told.stdout.contains("is not there yet and can be made"), "{}", told.stdout);
    }
    let mut sync =
        tool(&["--brand", "sandbox", "--endpoint", &url, "sync", "--on", "2026-02-27", "--to", &place]);
    assert_eq!(run(&mut sync).code, Some(0));
    let told = doctor(&url, &["--dest", &place]);
    assert!(told.stdout.contains("is there and can be written"), "{}", told.stdout);
}

#[test]
fn each_customer_is_ready_or_told_what_to_click() {
    let sandbox = small().agency(7).start().unwrap();
    let url = sandbox.url();
    let command = ["--brand", "sandbox", "--endpoint", &url, "doctor", "--all-customers"];
    let told = run(tool(&command).env("CALLLEGS_TOKEN", "sandbox-hundred"));
    assert_eq!(told.code, Some(9), "{}", told.stdout);
    assert_eq!(signed(&told, "✗").len(), 2, "{}", told.stdout);
    assert!(told.stdout.contains("5 of 7 ready") && told.stdout.contains("white list"), "{}", told.stdout);
    let told = run(tool(&command[..5]).env("CALLLEGS_TOKEN", "sandbox-hundred"));
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    assert!(told.stdout.contains("! account       a partner's"), "{}", told.stdout);
}

fn init(folder: &Path, words: &[&str], key: &str) -> Run {
    let mut command = tool(words);
    command.env("CALLLEGS_CONFIG", folder.join("config.toml")).current_dir(folder).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(key.as_bytes()).unwrap();
    finished(child.wait_with_output().unwrap())
}

#[test]
fn a_profile_is_made_checked_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let url = emulator().url();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    let bare = init(folder.path(), &["init"], "");
    bare.refused(2, &["no --brand and no --token-stdin", "calllegs init --brand uis --token-stdin"]);
    let words = ["--brand", "sandbox", "--endpoint", &url, "init", "--token-stdin", "--json"];
    let told = init(folder.path(), &words, "sandbox-acme\n");
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let said: Value = serde_json::from_str(&told.stdout).unwrap();
    let checks = said["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["status"] == "ok"), "{}", told.stdout);
    assert_eq!((&said["exit"], &said["spent"]), (&0.into(), &4.into()));
    // From here on no flag is needed.
    assert_eq!(init(folder.path(), &["doctor"], "").code, Some(0));
    let wrong = init(folder.path(), &["init", "--token-stdin"], "hush-4711-hush-4711-hush\n");
    assert_eq!(wrong.code, Some(4), "{}", wrong.stdout);
    assert!(wrong.stderr.contains("calllegs doctor -p default"), "{}", wrong.stderr);
    assert!(!wrong.stdout.contains("hush") && !wrong.stderr.contains("hush"));
}

#[test]
fn words_are_explained_and_slips_are_seen() {
    let explain = |words: &[&str]| run(tool(&["explain"]).args(words));
    for (words, said) in [
        (&["is_failed"][..], "true means that nobody picked up"),
        (&["operator-busy"], "finish_reason = operator_busy"),
        (&["caller_disconnects"], "subscriber_disconnects  (reason)"),
        (&["ip_not_whitelisted"], "Настройки → Правила и настройки безопасности → API"),
        (&["-32001"], "access_token_blocked  (error)"),
        (&["exit", "9"], "finished with holes"),
        (&["duration", "exit", "9"], "finished with holes"),
        (&["not", "in"], "Is none of a list."),
    ] {
        let told = explain(words);
        assert_eq!(told.code, Some(0), "{words:?}: {}", told.stderr);
        assert!(told.stdout.contains(said), "{words:?}: {}", told.stdout);
    }
    explain(&["is_faild"]).refused(2, &["there is no `is_faild`", "did you mean is_failed?"]);
    assert!(explain(&[]).stdout.contains("64 reasons why a leg ends"));
    // A word of two tables is told from both.
    let both: Vec<Value> = serde_json::from_str(&explain(&["internal_error", "--json"]).stdout).unwrap();
    assert_eq!(
        both.iter().map(|said| said["kind"].as_str().unwrap()).collect::<Vec<_>>(),
        ["reason", "error"]
    );
}
