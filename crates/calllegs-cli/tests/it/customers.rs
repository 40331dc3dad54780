//! Many customers with one partner's key: each complete or named, several machines beside each other, and what it costs.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use calllegs_sandbox::{Builder, Clock, Condition, Entry, Sandbox};
use rusqlite::Connection;
use serde_json::Value;

use super::{
    server, stub,
    support::{Run, json, names, run, tool},
};

/// Ten days with legs. A load of a hundred days has four windows, so that even small customers have several pages.
fn agency(customers: u32) -> Sandbox {
    agency_of(customers).start().unwrap()
}

fn agency_of(customers: u32) -> Builder {
    let clock = Clock::FixedWall("2026-04-11T12:00:00".parse().unwrap());
    let builder = Sandbox::builder().seed(5).agency(customers).legs_per_day(300).clock(clock);
    let builder = builder.since("2026-04-01".parse().unwrap()).until("2026-04-11".parse().unwrap());
    builder.minute_limit(None).day_limit(None)
}

const SINCE: [&str; 2] = ["--since", "2026-01-01"];

fn at(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = tool(&[
        "--brand",
        "sandbox",
        "--endpoint",
        &sandbox.url(),
        "--retries",
        "0",
        "--tz",
        "Europe/Moscow",
    ]);
    command.env("CALLLEGS_TOKEN", "sandbox-hundred").args(words);
    command
}

fn sync(sandbox: &Sandbox, place: &str, words: &[&str]) -> Command {
    let mut command = at(sandbox, &["sync", "--all-customers", "--to", place]);
    command.args(words);
    command
}

/// Legs by account.
fn legs(place: &Path) -> Vec<(String, i64)> {
    let connection = Connection::open(place).unwrap();
    let mut rows =
        connection.prepare("SELECT account, count(*) FROM call_legs GROUP BY 1 ORDER BY 1").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What the emulator has of the customers that answer.
fn sound(sandbox: &Sandbox) -> Vec<(String, i64)> {
    let all = sandbox.customers().into_iter();
    let sound = all.filter(|one| one.condition == Condition::Sound && one.legs > 0 && one.app_id > 200_000);
    sound.map(|one| (format!("sandbox:{}", one.app_id), i64::try_from(one.legs).unwrap())).collect()
}

fn lines<'t>(told: &'t Run, with: &'t str) -> Vec<&'t str> {
    told.stdout.lines().filter(|line| line.contains(with)).collect()
}

#[test]
fn of_a_hundred_customers_three_are_named_and_the_others_complete() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(100);
    let listed = run(&mut at(&sandbox, &["accounts", "--json"]));
    let customers: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(customers.as_array().map(Vec::len), Some(100), "{}", listed.stderr);
    sandbox.reset();
    let summary = folder.path().join("s.json");
    let mut command = sync(&sandbox, place.to_str().unwrap(), &SINCE);
    let told = run(command.arg("--summary-file").arg(&summary));
    assert_eq!(told.code, Some(9), "{}", told.stderr);
    for said in ["97 of 100 are complete", "ip_not_whitelisted", "add 192.0.2.1", "account_inactive", "503"] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    assert_eq!(told.stdout.lines().filter(|line| line.ends_with("  ok")).count(), 97, "{}", told.stdout);
    let dead = sandbox.customers().into_iter().find(|one| one.condition == Condition::DiesHalfWay).unwrap();
    let dead = format!("sandbox:{}", dead.app_id);
    let kept: Vec<_> = legs(&place).into_iter().filter(|(account, _)| *account != dead).collect();
    assert_eq!(kept, sound(&sandbox));

    // Each customer has its points, and together with the list they are all of them.
    let told = json(&summary);
    let customers = told["customers"].as_array().unwrap();
    let points = |of: &Value| of["points"].as_u64().unwrap();
    // A reply that was lost may have been charged.
    assert_eq!((customers.len(), points(&told)), (100, sandbox.stats().points + 1));
    assert_eq!(customers.iter().map(points).sum::<u64>() + 1, points(&told));

    // The same command mends what was wrong, and buys nothing of what is complete twice: only what is young is read.
    sandbox.reset();
    let again = run(&mut sync(&sandbox, place.to_str().unwrap(), &[]));
    assert!(again.stderr.contains("98 of 100 are complete"), "{}", again.stderr);
    let oldest = sandbox.journal().into_iter().filter_map(|entry| entry.date_from);
    let old = oldest.filter(|from| from.as_str() < "2026-03-01").count();
    assert!(old <= 2, "{old} pages of the one that died");
}

#[test]
fn points_bound_all_customers_together_and_a_file_is_one_runs() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(4);
    let told = run(sync(&sandbox, place.to_str().unwrap(), &SINCE).args(["--max-points", "12"]));
    assert_eq!((told.code, sandbox.stats().points), (Some(6), 12), "{}", told.stderr);
    assert!(told.stderr.contains("continue:"), "{}", told.stderr);
    assert_eq!(run(&mut sync(&sandbox, place.to_str().unwrap(), &SINCE)).code, Some(0));
    assert_eq!(legs(&place), sound(&sandbox));
    let mut held = calllegs_store::Sqlite::open(&place).unwrap();
    calllegs_store::warehouse::Warehouse::lease(&mut held, "sandbox:1", "another").unwrap();
    let told = run(&mut sync(&sandbox, place.to_str().unwrap(), &SINCE));
    assert_eq!(told.code, Some(13), "{}", told.stderr);
}

#[test]
fn what_customers_will_cost_is_told_for_each_and_in_all() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(4);
    let spent = |told: &str| told.split(" spent").next().unwrap().rsplit_once(' ').unwrap().0.to_owned();
    let told = run(sync(&sandbox, place.to_str().unwrap(), &SINCE).arg("--dry-run"));
    assert_eq!((told.code, place.exists()), (Some(0), false), "{}", told.stderr);
    let total: i64 = sound(&sandbox).iter().map(|(_, legs)| legs).sum();
    let all: Vec<_> = lines(&told, "in all").iter().flat_map(|line| line.split_whitespace()).collect();
    assert_eq!(all[2].replace(',', ""), total.to_string(), "{}", told.stdout);
    assert_eq!(told.stdout.lines().count(), 6, "{}", told.stdout);

    let period = ["plan", "--from", "2026-01-01", "--till", "2026-04-10"];
    let told = run(at(&sandbox, &period).args(["--all-customers", "--json"]));
    assert_eq!(told.code, Some(0), "{} {}", told.stderr, spent(&told.stderr));
    let plan: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&plan["total"]["legs"], plan["customers"].as_array().unwrap().len()), (&total.into(), 4));
    // Two, by their users: nobody lists them.
    let users: Vec<_> =
        sandbox.customers().iter().filter(|one| one.app_id > 200_000).map(|one| one.users[0]).collect();
    let two = format!("{},{}", users[0], users[1]);
    sandbox.reset();
    let told = run(at(&sandbox, &period).args(["--user-id", &two]));
    assert_eq!((told.code, told.stdout.lines().count()), (Some(0), 4), "{} {}", told.stderr, told.stdout);
    assert!(sandbox.journal().iter().all(|entry| entry.method != "get.customer_users"));
    run(at(&sandbox, &["limits"]).args(["--user-id", &two])).refused(2, &["several users"]);

    // Each has its own part of a folder; no file mixes them.
    let lake = folder.path().join("lake");
    let day = ["get", "--on", "2026-04-02", "--all-customers"];
    run(at(&sandbox, &day).args(["-o", "x.csv"])).refused(2, &["do not go into one file", "-o legs/"]);
    let told = run(at(&sandbox, &day).arg("-o").arg(format!("{}/", lake.display())));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let parts: BTreeSet<_> = names(&lake).into_iter().filter(|name| name.starts_with("account=")).collect();
    assert_eq!(parts.len(), 3, "{parts:?}: one has no legs");
}

#[test]
fn a_list_that_is_not_whole_leaves_nobody_out_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let whole = r#"{"id":7,"customer_id":1104,"name":"x"}"#;
    for (rows, total) in [
        (format!("{whole},{}", r#"{"customer_id":1105,"name":"y"}"#), "2"),
        (format!("{whole},{}", r#"{"id":8,"name":"y"}"#), "2"),
        (String::new(), "2"),
    ] {
        let url = stub::serve(move |_| stub::page(&rows, total));
        let place = folder.path().join("calls.db");
        let at = |words: &[&str]| {
            run(tool(&["--brand", "sandbox", "--endpoint", &url, "--tz", "UTC"]).args(words))
        };
        let sync = ["sync", "--all-customers", "--since", "2026-01-01", "--to", place.to_str().unwrap()];
        for words in [&["accounts"][..], &sync] {
            at(words).refused(9, &["get.customer_users", "left out without a word"]);
        }
        assert!(!place.exists());
    }
}

/// Stops a run once it has read some customers, and returns its exit code and what it said then.
fn stopped_after(command: &mut Command, customers: usize, signal: &str) -> (Option<i32>, String) {
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.by_ref().filter(|line| line.contains("customers, ")).take(customers).count();
    assert_eq!(told, customers);
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let rest: Vec<_> = lines.collect();
    (child.wait().unwrap().code(), rest.join("\n"))
}

#[test]
fn a_signal_stops_all_of_them_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(60);
    let (code, said) = stopped_after(&mut sync(&sandbox, place.to_str().unwrap(), &SINCE), 2, "-INT");
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("of 60 customers are complete") && said.contains("continue:"), "{said}");
    let told = run(&mut sync(&sandbox, place.to_str().unwrap(), &SINCE));
    assert_eq!(told.code, Some(9), "{}", told.stderr);
    assert!(told.stderr.contains("57 of 60 are complete"), "{}", told.stderr);
}

/// A turn has fifty pages, and each window of a load is one at least.
#[test]
fn an_account_that_gives_way_is_read_whole_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(4);
    let long = ["--since", "2019-01-01", "--concurrency", "1"];
    let told = run(&mut sync(&sandbox, place.to_str().unwrap(), &long));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert_eq!(legs(&place), sound(&sandbox));
    // 2,658 days in windows of 31 days, and the list of customers.
    let (least, spent) = (1 + 4 * 86, sandbox.stats().points);
    assert!((least..least + 4 * 2).contains(&spent), "{spent} points, and {least} without turns");
    let ledger = Connection::open(&place).unwrap();
    let gaps: i64 = ledger
        .query_row(
            "SELECT count(*) FROM _calllegs_windows AS one WHERE win_till < '2026-04-11' AND NOT EXISTS \
             (SELECT 1 FROM _calllegs_windows AS next \
             WHERE next.account = one.account AND next.win_from = one.win_till)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(gaps, 0);
}

#[test]
fn three_workers_read_each_of_sixty_accounts_once() {
    let Some(server) = server::server() else { return };
    let sandbox = agency(60);
    let is_page = |entry: &Entry| entry.method == "get.call_legs_report" && entry.points > 0;
    let pages = || sandbox.journal().iter().filter(|entry| is_page(entry)).count();
    let rows = |schema: &str| -> Vec<(String, i64)> {
        let mut client = server.client(schema);
        let rows =
            client.query("SELECT account, count(*) FROM call_legs GROUP BY 1 ORDER BY 1", &[]).unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let alone = run(&mut sync(&sandbox, &server.url("alone"), &SINCE));
    assert_eq!(alone.code, Some(9), "{}", alone.stderr);
    let once = pages();

    sandbox.reset();
    let worker = || {
        sync(&sandbox, &server.url("shared"), &SINCE).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn()
    };
    let workers = [worker(), worker(), worker()].map(Result::unwrap);
    let told = workers.map(|child| super::support::finished(child.wait_with_output().unwrap()));
    assert_eq!(rows("shared"), rows("alone"));
    let read: usize =
        told.iter().map(|told| told.stdout.lines().filter(|line| line.ends_with("  ok")).count()).sum();
    assert_eq!(read, 57, "{told:?}");
    assert_eq!(pages(), once, "no page is bought twice");
    assert!(told.iter().any(|told| told.stderr.contains("by others of this round")), "{told:?}");

    // One is killed: its accounts are another's at once, as its process is known to be gone.
    sandbox.reset();
    let (code, _) = stopped_after(&mut sync(&sandbox, &server.url("killed"), &SINCE), 5, "-KILL");
    let other = run(&mut sync(&sandbox, &server.url("killed"), &SINCE));
    assert_eq!((code, other.code), (None, Some(9)), "{}", other.stderr);
    assert_eq!(rows("killed"), rows("alone"));
    assert!(other.stdout.contains("read by another run"), "{}", other.stdout);

    // All of them are in the hands of others.
    let mut held = calllegs_store::Postgres::open(&server.url("alone")).unwrap();
    for customer in sandbox.customers() {
        let account = format!("sandbox:{}", customer.app_id);
        calllegs_store::warehouse::Warehouse::lease(&mut held, &account, "another").unwrap();
    }
    let before = pages();
    let told = run(&mut sync(&sandbox, &server.url("alone"), &[]));
    assert_eq!((told.code, pages()), (Some(13), before), "{}", told.stderr);
}

#[test]
fn what_is_wrong_with_the_command_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    // The key may not ask for accounts.
    let closed = "component-disabled:match=method=getobj.account".parse().unwrap();
    let sandbox = agency_of(4).fault(closed).start().unwrap();
    let words = ["--brand", "sandbox", "--endpoint", &sandbox.url(), "sync", "--all-customers", "--dry-run"];
    let mut command = tool(&words);
    command
        .env("CALLLEGS_TOKEN", "sandbox-hundred")
        .args(["--progress", "plain", "--to"])
        .arg(&place)
        .args(SINCE);
    let told = run(&mut command);
    told.refused(2, &["the zone of a customer's account"]);
    assert!(!told.stderr.contains("of 4 customers"), "{}", told.stderr);
}

#[test]
fn a_customer_is_found_by_its_name_in_any_case_and_by_its_ids() {
    let sandbox = agency(4);
    let listed = run(&mut at(&sandbox, &["accounts", "--json"]));
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let user = &listed[1]["users"][0];
    let name = user["name"].as_str().unwrap();
    let plan = |name: &str| {
        let period = ["plan", "--on", "2026-04-02", "--json", "--customer", name];
        run(&mut at(&sandbox, &period))
    };
    let ids = [&listed[1]["customer"], &user["id"]].map(ToString::to_string);
    for word in [&name.to_uppercase(), &name.to_lowercase(), &ids[0], &ids[1]] {
        let told = plan(word);
        assert_eq!(told.code, Some(0), "{word}: {}", told.stderr);
        let told: Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(told["customers"][0]["customer"], name);
    }
    plan(&format!("{name}x")).refused(2, &["did you mean", name]);
}

#[test]
fn a_closed_door_is_told_before_what_else_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(100);
    let first = run(&mut sync(&sandbox, place.to_str().unwrap(), &SINCE));
    assert_eq!(first.code, Some(9), "{}", first.stderr);
    let again = run(&mut sync(&sandbox, place.to_str().unwrap(), &[]));
    assert_eq!(again.code, Some(9), "{}", again.stderr);
    assert!(again.stderr.contains("ip_not_whitelisted"), "{}", again.stderr);
    assert!(!again.stderr.contains("nothing says where"), "{}", again.stderr);
    let plan = run(&mut at(&sandbox, &["plan", "--on", "2026-04-02", "--all-customers"]));
    assert_eq!(plan.code, Some(9), "{}", plan.stderr);
    assert!(!plan.stderr.contains("bought"), "{}", plan.stderr);
}

#[test]
fn a_partner_that_names_no_customer_hears_how() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = agency(4);
    let told = run(at(&sandbox, &["sync", "--to", place.to_str().unwrap()]).args(SINCE));
    assert!(told.code != Some(0) && told.stderr.contains("--all-customers"), "{}", told.stderr);
}
