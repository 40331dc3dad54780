//! What is left of the points: `limits`, the reserve, waiting.

use std::{fs, path::Path, process::Command, time::UNIX_EPOCH};

use calllegs_sandbox::Sandbox;
use serde_json::Value;

use crate::{
    stub,
    support::{get, get_at, run, small, tool},
};

fn limits_at(url: &str, arguments: &[&str]) -> Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", url, "limits"]);
    command.args(arguments);
    command
}

/// A small emulator with these limits.
fn limited(minute: Option<u32>, day: Option<u32>) -> Sandbox {
    small().minute_limit(minute).day_limit(day).start().unwrap()
}

fn json(command: &mut Command) -> Value {
    let told = run(command);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    serde_json::from_str(&told.stdout).unwrap()
}

#[test]
fn limits_are_those_of_the_reply() {
    let emulator = limited(Some(60), Some(3000));
    let told = run(&mut limits_at(&emulator.url(), &[]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let rows: Vec<Vec<_>> = told
        .stdout
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(rows[0], ["points", "limit", "left", "resets", "kept for others"]);
    assert_eq!((&rows[1][..3], rows[1][4]), (&["a day", "3,000", "2,999"][..], "300"));
    assert_eq!((&rows[2][..3], rows[2][4]), (&["a minute", "60", "59"][..], "–"));
    assert!(rows[1][3].starts_with("in ") && rows[2][3].starts_with("in "), "{}", told.stdout);
    assert_eq!((rows.len(), emulator.stats().points), (3, 1));
    assert!(told.stderr.contains("1 point spent"), "{}", told.stderr);

    let told = json(limits_at(&emulator.url(), &["--json", "-q"]).env("CALLLEGS_RESERVE", "25%"));
    assert_eq!((&told["day_limit"], &told["day_remaining"]), (&3000.into(), &2998.into()));
    assert_eq!(
        (&told["minute_limit"], &told["day_reserved"], &told["spent"]),
        (&60.into(), &750.into(), &1.into())
    );
    assert!(told["minute_reset"].as_u64().is_some_and(|seconds| seconds <= 60));
    assert!(told["hour_limit"].is_null());
}

#[test]
fn a_server_without_limits_says_so() {
    let emulator = limited(None, None);
    assert_eq!(run(&mut limits_at(&emulator.url(), &[])).stdout, "the server states no limits\n");
    let told = json(&mut limits_at(&emulator.url(), &["--json"]));
    assert_eq!((&told["day_remaining"], &told["spent"]), (&Value::Null, &1.into()));
}

#[test]
fn a_partner_learns_the_limits_from_its_customers() {
    let emulator = limited(Some(60), Some(3000));
    let mut command = limits_at(&emulator.url(), &["--json"]);
    let told = json(command.env("CALLLEGS_TOKEN", "sandbox-agency"));
    assert_eq!(
        (&told["day_limit"], &told["day_remaining"], &told["spent"]),
        (&3000.into(), &2999.into(), &1.into())
    );
    run(limits_at(&emulator.url(), &[]).env("CALLLEGS_TOKEN", "wrong")).refused(4, &["CALLLEGS_TOKEN"]);
    run(&mut limits_at(&emulator.url(), &["--max-points", "0"])).refused(6, &["--max-points"]);
}

#[test]
fn the_reserve_of_the_day_is_left_to_others() {
    let emulator = limited(None, Some(10));
    let day = ["--on", "2026-02-27", "--tz", "Europe/Moscow", "--limit", "1"];
    let get = |more: &[&str]| run(get_at(&emulator.url(), &day).args(more));
    // The reply to the question of the zone tells the limit.
    let both = ["--from", "2026-02-27", "--till", "2026-02-28"];
    let count = |more: &[&str]| run(get_at(&emulator.url(), &both).args(["--limit", "1"]).args(more));
    for _ in 0..3 {
        assert_eq!(get(&[]).code, Some(0));
    }
    count(&["--reserve", "30%"])
        .refused(6, &["others may use the same account", "--reserve 0", "when the limit resets"]);
    assert_eq!(emulator.stats().points, 7);
    count(&["--reserve", "2"]).refused(6, &["--reserve 0"]);
    assert_eq!(emulator.stats().points, 8);
    assert_eq!(get(&["--reserve", "0"]).code, Some(0));
    assert_eq!(emulator.stats().points, 10);
    get(&["--reserve", "0", "--retries", "0"]).refused(6, &["limit"]);
}

#[test]
fn bad_values_say_what_is_legal() {
    for bad in ["", "many", "101%", "-1", "1.5"] {
        run(&mut get(&["--on", "2026-02-27", &format!("--reserve={bad}")])).refused(2, &["--reserve"]);
    }
    run(&mut get(&["--on", "2026-02-27", "--reserve", "half"]))
        .refused(2, &["300", "0% to 100%", "0 for none"]);
    run(get(&["--on", "2026-02-27"]).env("CALLLEGS_RESERVE", "half"))
        .refused(3, &["CALLLEGS_RESERVE", "300", "0% to 100%"]);
    for bad in ["0", "17", "many", "-1"] {
        run(&mut get(&["--on", "2026-02-27", &format!("--concurrency={bad}")]))
            .refused(2, &["--concurrency"]);
    }
    run(&mut get(&["--on", "2026-02-27", "--concurrency", "17"])).refused(2, &["from 1 to 16"]);
}

#[test]
fn one_page_at_a_time_gives_the_same_rows() {
    let emulator = small().legs_per_day(15_000).start().unwrap();
    let fetch = |pages: &str| {
        run(get_at(&emulator.url(), &["--from", "2026-02-27", "--fields", "id"])
            .args(["--concurrency", pages]))
    };
    let one = fetch("1");
    assert!(one.ids().len() > 20_000);
    assert_eq!(fetch("16").stdout, one.stdout);
}

#[test]
fn zones_of_emulators_are_not_remembered() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let told = run(get(&["--on", "2026-02-27", "--limit", "1"]).env("CALLLEGS_CACHE_DIR", folder.path()));
        assert!(told.stderr.contains("Europe/Moscow (account),"), "{}", told.stderr);
    }
    assert_eq!(crate::support::names(folder.path()), [""; 0]);
}

/// A file of zones in this folder, with one for the key `hush` at an address that no test reaches.
fn remember(folder: &Path, zone: &str) {
    let account = ring::digest::digest(&ring::digest::SHA256, b"https://nobody.example/v2.0\nkey\nhush");
    let account: Vec<_> = account.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let at = UNIX_EPOCH.elapsed().unwrap().as_secs();
    fs::create_dir_all(folder).unwrap();
    let text = format!(r#"{{"{}":{{"zone":"{zone}","at":{at}}}}}"#, account.concat());
    fs::write(folder.join("zones.json"), text).unwrap();
}

#[test]
fn a_remembered_zone_is_looked_for_in_the_nearest_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (own, xdg, home) = (folder.path().join("own"), folder.path().join("xdg"), folder.path().join("home"));
    remember(&own, "Asia/Jerusalem");
    remember(&xdg.join("calllegs"), "Asia/Almaty");
    remember(&home.join(".cache/calllegs"), "Asia/Omsk");
    let told = |variables: &[(&str, &Path)]| {
        let mut command = tool(&["--endpoint", "https://nobody.example/v2.0", "get", "--on", "2026-02-27"]);
        // The proxy is not there either, so nothing leaves this machine.
        let proxy = ("HTTPS_PROXY", Path::new("http://127.0.0.1:1"));
        command.args(["--retries", "0"]).env("CALLLEGS_TOKEN", "hush").envs([proxy]);
        let told = run(command.envs(variables.iter().copied()));
        assert_eq!(told.code, Some(7), "{}", told.stderr);
        told.stderr
    };
    let all = [("CALLLEGS_CACHE_DIR", &*own), ("XDG_CACHE_HOME", &*xdg), ("HOME", &*home)];
    for (variables, zone) in
        [(&all[..], "Asia/Jerusalem"), (&all[1..], "Asia/Almaty"), (&all[2..], "Asia/Omsk")]
    {
        let told = told(variables);
        assert!(told.contains(&format!("{zone} (account, cached), 1 day")), "{told}");
        assert!(told.contains("get.call_legs_report"), "{told}");
    }
    // A folder without a root is none, by the rules of XDG.
    assert!(told(&[("XDG_CACHE_HOME", Path::new("xdg")), ("HOME", &home)]).contains("Asia/Omsk"));
    // Without a folder, and with another account, the account is asked.
    assert!(told(&[]).contains("get.account"));
}

#[test]
fn limits_that_are_odd_are_shown_as_they_are() {
    let url = stub::serve(|_| {
        r#""result":{"data":[{"timezone":"UTC"}],"metadata":{"total_items":1,"limits":{"hour_limit":4000,"day_remaining":"5"}}}"#.to_owned()
    });
    let told = run(&mut limits_at(&url, &["-q"]));
    assert_eq!((told.code, &*told.stderr), (Some(0), ""));
    assert!(told.stdout.contains("an hour"), "{}", told.stdout);
}
