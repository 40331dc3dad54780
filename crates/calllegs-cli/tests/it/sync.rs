//! Legs kept in a database: complete, without doubles, whatever stops a run, and found out where somebody changed them.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use calllegs_sandbox::{Bounds, Chaos, Clock, Sandbox};
use calllegs_store::{Sqlite, warehouse::Warehouse};
use chrono::{NaiveDateTime, TimeDelta};
use rusqlite::Connection;

use super::support::{json, run, tool};

const SINCE: [&str; 2] = ["--since", "2026-01-01"];

/// A hundred days that are all older than any look-back.
fn old(legs: u32) -> Sandbox {
    let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
    let builder =
        Sandbox::builder().seed(5).legs_per_day(legs).clock(clock).minute_limit(None).day_limit(None);
    builder.since("2026-01-01".parse().unwrap()).until("2026-04-11".parse().unwrap()).start().unwrap()
}

fn at(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url()]);
    command.args(words);
    command
}

fn sync(sandbox: &Sandbox, place: &Path, words: &[&str]) -> Command {
    let mut command = at(sandbox, &["sync", "--to"]);
    command.arg(place).args(words);
    command
}

fn verify(sandbox: &Sandbox, place: &Path, words: &[&str]) -> Command {
    let mut command = at(sandbox, &["verify", "--data"]);
    command.arg(place).args(words);
    command
}

/// Row hashes by id.
fn legs(place: &Path) -> BTreeMap<i64, i64> {
    let connection = Connection::open(place).unwrap();
    let mut rows = connection.prepare("SELECT id, cl_row_hash FROM call_legs").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn change(place: &Path, sql: &str) {
    assert!(Connection::open(place).unwrap().execute(sql, []).unwrap() > 0, "{sql}");
}

#[test]
fn a_first_load_is_followed_by_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let [summary, figures] = ["s.json", "f.prom"].map(|name| folder.path().join(name));
    let clock = Clock::FixedWall("2026-03-01T06:00:00".parse().unwrap());
    let sandbox = Sandbox::builder().seed(5).days(9).legs_per_day(60).clock(clock).start().unwrap();
    let files = ["--summary-file", summary.to_str().unwrap(), "--metrics-file", figures.to_str().unwrap()];
    let first = run(sync(&sandbox, &place, &["--since", "2026-02-22"]).args(files));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let told = json(&summary);
    assert_eq!(told["rows"], told["inserted"]);
    assert_eq!(told["rows"], legs(&place).len());
    assert_eq!((&told["complete"], &told["exit"]), (&true.into(), &0.into()));
    assert_eq!(told["places"][0]["complete_until"], "2026-03-01 04:00:00");
    let text = std::fs::read_to_string(&figures).unwrap();
    assert!(text.contains("calllegs_sync_exit_code{account=\"sandbox:100001\"} 0\n"), "{text}");

    let again = run(sync(&sandbox, &place, &[]).args(files));
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!((json(&summary)["inserted"].as_u64(), json(&summary)["changed"].as_u64()), (Some(0), Some(0)));
    let shown = run(&mut tool(&["state", "show", "--json", "--data", place.to_str().unwrap()]));
    assert!(
        shown.stdout.contains("\"complete_until\": \"2026-03-01 04:00:00\"")
            || shown.stdout.contains("\"complete_until\":\"2026-03-01 04:00:00\""),
        "{}",
        shown.stdout
    );
}

#[test]
fn a_place_without_legs_asks_for_a_beginning_and_spends_little() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = old(5);
    run(&mut sync(&sandbox, &folder.path().join("calls.db"), &[])).refused(2, &["--since"]);
    run(&mut sync(&sandbox, &folder.path().join("no/calls.db"), &SINCE)).refused(10, &["nothing was spent"]);
    run(&mut sync(&sandbox, &folder.path().join("calls.csv"), &SINCE)).refused(2, &["calllegs get -o"]);
    let foreign = folder.path().join("x.db");
    std::fs::write(&foreign, "something else entirely").unwrap();
    run(&mut sync(&sandbox, &foreign, &SINCE)).refused(10, &["is no SQLite file"]);
    assert_eq!(std::fs::read(&foreign).unwrap(), b"something else entirely");
    let missing = folder.path().join("missing.db");
    run(&mut verify(&sandbox, &missing, &[])).refused(10, &["is not there"]);
    assert!(!missing.exists());
}

/// Kills the run when it has told so many windows.
fn killed(command: &mut Command, windows: usize) {
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).filter(|line| line.contains(" new, ")).take(windows).count();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(told == windows || status.success(), "{told} windows, {status}");
}

#[test]
fn a_load_that_is_killed_again_and_again_buys_no_window_twice() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = old(2500);
    let whole = folder.path().join("whole.db");
    assert_eq!(run(&mut sync(&sandbox, &whole, &SINCE)).code, Some(0));
    let place = folder.path().join("calls.db");
    let mut until = String::new();
    for kill in 0..20 {
        sandbox.reset();
        killed(&mut sync(&sandbox, &place, &SINCE), 1 + kill * 7 % 9);
        // The next run counts what this one left, by two columns, and begins where the ledger ends.
        let is_read = |entry: &calllegs_sandbox::Entry| entry.fields.is_none_or(|fields| fields > 2);
        let asked = sandbox.journal().into_iter().filter(is_read).filter_map(|entry| entry.date_from).min();
        if let Some(first) = asked.filter(|_| !until.is_empty() && *until < *"2026-04") {
            // One second earlier, because nobody knows which bounds are included.
            let before = until.parse::<NaiveDateTime>().unwrap() - TimeDelta::seconds(1);
            assert!(first >= before.format("%Y-%m-%d %H:%M:%S").to_string(), "{until}: {first}");
        }
        let connection = Connection::open(&place).unwrap();
        until = connection
            .query_row("SELECT replace(max(win_till), ' ', 'T') FROM _calllegs_windows", [], |row| row.get(0))
            .unwrap_or_default();
    }
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
    assert_eq!(legs(&place), legs(&whole));
    let again = run(&mut sync(&sandbox, &place, &[]));
    assert!(again.stderr.contains("0 new, 0 changed"), "{}", again.stderr);
}

#[test]
fn a_load_that_is_out_of_points_goes_on_with_the_same_command() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = old(6000);
    let whole = folder.path().join("whole.db");
    let points = |place: &Path, words: &[&str], code: i32| {
        let summary = folder.path().join("s.json");
        let told = run(sync(&sandbox, place, words).arg("--summary-file").arg(&summary).args(SINCE));
        assert_eq!(told.code, Some(code), "{}", told.stderr);
        if code == 6 {
            assert!(
                told.stderr.contains("continue:") && !told.stderr.contains("continue: calllegs --max"),
                "{}",
                told.stderr
            );
        }
        json(&summary)["points"].as_u64().unwrap()
    };
    let undisturbed = points(&whole, &[], 0);
    let place = folder.path().join("calls.db");
    let mut spent = 0;
    for _ in 0..3 {
        spent += points(&place, &["--max-points", "16"], 6);
    }
    spent += points(&place, &[], 0);
    assert_eq!(legs(&place), legs(&whole));
    // A page that a stop has cut is bought again.
    assert!(spent <= undisturbed + 3 * 4, "{spent} points, and {undisturbed} without a stop");
}

/// Faults that only time heals, or that take time.
const SLOW: [&str; 3] = ["minute-limit", "limits-lying", "slow-first-byte"];

/// Faults of a reply that was charged: it is asked for, and paid for, once more.
const SPOILT: [&str; 6] = ["reset", "truncate", "bad-json", "dup-page", "lost-page", "total-drift"];

/// More than nine years of a quiet office: a hundred windows of the API, a point each.
fn quiet(day_limit: Option<u32>) -> Sandbox {
    let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
    let builder = Sandbox::builder().seed(5).legs_per_day(1).clock(clock).minute_limit(None);
    let builder = builder.since("2017-01-01".parse().unwrap()).until("2026-04-11".parse().unwrap());
    builder.day_limit(day_limit).start().unwrap()
}

#[test]
fn a_rude_server_whose_day_ends_three_times_costs_what_it_spoils() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, place] = ["whole.db", "calls.db"].map(|name| folder.path().join(name));
    let words = ["--since", "2017-01-01", "--reserve", "0", "--retries", "9"];
    let calm = quiet(None);
    let told = run(&mut sync(&calm, &whole, &words));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let undisturbed = calm.stats().points;

    let rude = quiet(Some(35));
    let faults = Chaos::Rude.faults().iter().filter(|fault| !SLOW.iter().any(|slow| fault.starts_with(slow)));
    rude.set_faults(faults.map(|fault| fault.parse().unwrap()).collect());
    let mut spent = 0;
    for code in [6, 6, 6, 0] {
        let told = run(&mut sync(&rude, &place, &words));
        assert_eq!(told.code, Some(code), "{}", told.stderr);
        let is_spoilt = |fault: &&str| SPOILT.contains(fault);
        let sound = rude.journal().into_iter().filter(|entry| !entry.fault.as_ref().is_some_and(is_spoilt));
        spent += sound.map(|entry| u64::from(entry.points)).sum::<u64>();
        // The next day.
        rude.reset();
    }
    assert_eq!(legs(&place), legs(&whole));
    // Each run asks once whose zone it is; no window is bought twice.
    assert!(
        undisturbed > 100 && spent <= undisturbed + 3,
        "{spent} points, and {undisturbed} without trouble"
    );
}

#[test]
fn what_the_server_counts_and_does_not_give_is_read_again_and_never_removed() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, place] = ["whole.db", "calls.db"].map(|name| folder.path().join(name));
    let sandbox = old(5);
    assert_eq!(run(&mut sync(&sandbox, &whole, &SINCE)).code, Some(0));
    let all = legs(&whole);
    // Pages without the rows that their totals promise.
    sandbox.set_faults(vec!["lost-page".parse().unwrap()]);
    let anew = ["--full-refresh", "2026-02", "--exact"];
    let told = run(&mut sync(&sandbox, &whole, &anew));
    assert_eq!(told.code, Some(9), "{}", told.stderr);
    assert!(!told.stderr.contains("does not have any more"), "{}", told.stderr);
    assert_eq!(legs(&whole), all, "what was not given is not gone");
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(9));

    sandbox.set_faults(Vec::new());
    for place in [&whole, &place] {
        let told = run(&mut sync(&sandbox, place, &[]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert_eq!(legs(place), all);
    }
}

#[test]
fn two_runs_at_once_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = old(20);
    let mut first = Sqlite::open(&place).unwrap();
    first.lease("sandbox:100001", "another").unwrap();
    let told = run(&mut sync(&sandbox, &place, &SINCE));
    told.refused(13, &["another run", &format!("process {}", std::process::id()), "since"]);
    drop(first);
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
}

#[test]
fn what_was_changed_in_a_table_is_found_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = old(30);
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
    let whole = legs(&place);
    let equal = run(&mut verify(&sandbox, &place, &[]));
    assert_eq!(equal.code, Some(0), "{}", equal.stderr);

    let first = "(SELECT min(id) FROM call_legs)";
    let last = "(SELECT max(id) FROM call_legs)";
    change(&place, &format!("UPDATE call_legs SET total_duration = total_duration + 1 WHERE id = {first}"));
    change(&place, &format!("DELETE FROM call_legs WHERE id = {last}"));
    change(
        &place,
        "INSERT INTO call_legs (account, id, start_time, cl_row_hash, cl_run_id, cl_extracted_at, cl_first_seen_at) \
         VALUES ('sandbox:100001', 7, '2026-02-02 02:02:02', 1, 'r', '2026-01-01', '2026-01-01')",
    );
    let differs = run(&mut verify(&sandbox, &place, &[]));
    assert_eq!(differs.code, Some(11), "{}", differs.stderr);
    let (first, last) = (whole.keys().next().unwrap(), whole.keys().last().unwrap());
    for said in [format!("other values {first}"), format!("missing {last}"), "too many 7".to_owned()] {
        assert!(differs.stdout.contains(&said), "{said}: {}", differs.stdout);
    }
    assert!(differs.stderr.contains("--full-refresh"), "{}", differs.stderr);

    let mended = run(&mut sync(&sandbox, &place, &["--full-refresh", "2026-01-01..2026-04-10", "--exact"]));
    assert_eq!(mended.code, Some(0), "{}", mended.stderr);
    assert_eq!(legs(&place), whole);
    assert_eq!(run(&mut verify(&sandbox, &place, &[])).code, Some(0));

    // A ledger that was lost.
    change(&place, "DELETE FROM _calllegs_windows");
    run(&mut verify(&sandbox, &place, &[])).refused(2, &["--rebuild"]);
    let days = ["--from", "2026-01-01", "--till", "2026-06-01T12:00:00", "--rebuild"];
    let rebuilt = run(&mut verify(&sandbox, &place, &days));
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    let again = run(&mut sync(&sandbox, &place, &[]));
    assert!(again.code == Some(0) && again.stderr.contains("0 new, 0 changed"), "{}", again.stderr);
}

#[test]
fn a_new_field_becomes_a_column_once_and_a_newer_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let clock = Clock::FixedWall("2026-03-01T06:00:00".parse().unwrap());
    let sandbox = Sandbox::builder().seed(5).days(9).legs_per_day(60).clock(clock).start().unwrap();
    assert_eq!(run(&mut sync(&sandbox, &place, &["--since", "2026-02-22"])).code, Some(0));
    let own = "ALTER TABLE call_legs ADD COLUMN Mine TEXT DEFAULT 'mine'";
    Connection::open(&place).unwrap().execute_batch(own).unwrap();
    sandbox.set_new_field(Some("ai_score".parse().unwrap()));
    let told = run(&mut sync(&sandbox, &place, &[]));
    assert_eq!(
        (told.code, told.stderr.matches("new field ai_score").count()),
        (Some(0), 1),
        "{}",
        told.stderr
    );
    let again = run(&mut sync(&sandbox, &place, &[]));
    assert!(
        !again.stderr.contains("new field") && again.stderr.contains("0 new, 0 changed"),
        "{}",
        again.stderr
    );
    let connection = Connection::open(&place).unwrap();
    let scored: i64 = connection
        .query_row("SELECT count(ai_score) FROM call_legs WHERE extra IS NULL", [], |row| row.get(0))
        .unwrap();
    assert!(scored > 0);
    let lost = "SELECT count(*) FROM call_legs WHERE Mine IS NULL";
    let lost: i64 = connection.query_row(lost, [], |row| row.get(0)).unwrap();
    assert_eq!(lost, 0, "what is somebody else's stays");
    change(&place, "UPDATE _calllegs_meta SET value = '9' WHERE key = 'format'");
    run(&mut sync(&sandbox, &place, &[])).refused(10, &["newer calllegs", "format 9"]);
}

#[test]
fn a_ledger_can_be_carried_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = old(20);
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
    let data = ["--data", place.to_str().unwrap()];
    let kept = run(tool(&["state", "export"]).args(data));
    assert!(kept.code == Some(0) && kept.stdout.lines().count() > 100, "{}", kept.stderr);
    let reset = run(tool(&["--yes", "state", "reset", "--from", "2026-03-01"]).args(data));
    assert_eq!(reset.code, Some(0), "{}", reset.stderr);
    let shown = run(tool(&["state", "show"]).args(data));
    assert!(shown.stdout.contains("2026-03-01 00:00:00"), "{}", shown.stdout);
    let file = folder.path().join("ledger.jsonl");
    std::fs::write(&file, &kept.stdout).unwrap();
    let import = run(tool(&["state", "import"]).args(data).stdin(std::fs::File::open(&file).unwrap()));
    assert_eq!(import.code, Some(0), "{}", import.stderr);
    assert_eq!(run(tool(&["state", "export"]).args(data)).stdout, kept.stdout);
}

#[test]
fn a_table_that_was_emptied_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = old(5);
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
    let whole = legs(&place);
    for loss in ["DELETE FROM call_legs", "DROP TABLE call_legs"] {
        Connection::open(&place).unwrap().execute(loss, []).unwrap();
        let again = run(&mut sync(&sandbox, &place, &[]));
        assert_eq!(again.code, Some(0), "{}", again.stderr);
        assert!(again.stderr.contains("they are read again"), "{}", again.stderr);
        assert_eq!(legs(&place), whole, "{loss}");
    }
    // Who keeps a year removes what is older, and does not buy it back.
    change(&place, "DELETE FROM call_legs WHERE start_time < '2026-03-01'");
    let kept = legs(&place);
    assert_eq!(run(&mut sync(&sandbox, &place, &[])).code, Some(0));
    assert_eq!(legs(&place), kept);
}

#[test]
fn a_ledger_from_elsewhere_is_believed_where_the_rows_are() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let [place, other] = ["calls.db", "other.db"].map(|name| folder.path().join(name));
    let sandbox = old(5);
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
    let exported = run(&mut tool(&["state", "export", "--data", place.to_str().unwrap()])).stdout;
    let import = |place: &Path| {
        let mut command = tool(&["state", "import", "--data", place.to_str().unwrap()]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(exported.as_bytes()).unwrap();
        super::support::finished(child.wait_with_output().unwrap())
    };
    let own = import(&place);
    assert!(own.code == Some(0) && !own.stderr.contains("has not the legs"), "{}", own.stderr);
    assert!(import(&other).stderr.contains("has not the legs"));
    assert_eq!(run(&mut sync(&sandbox, &other, &[])).code, Some(0));
    assert_eq!(legs(&other), legs(&place));
}

#[test]
fn days_before_the_beginning_leave_no_gap_to_be_bought() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let sandbox = old(5);
    assert_eq!(run(&mut sync(&sandbox, &place, &["--since", "2026-03-01"])).code, Some(0));
    run(&mut sync(&sandbox, &place, &["--full-refresh", "2026-01-05"]))
        .refused(2, &["begins with 2026-03-01", "--since 2026-01-05"]);
    run(&mut sync(&sandbox, &place, &["--on", "2026-01-05"])).refused(2, &["begins with 2026-03-01"]);
    assert_eq!(run(&mut sync(&sandbox, &place, &["--on", "2026-02-28"])).code, Some(0));
}

#[test]
fn whatever_ends_a_run_is_told_to_who_watches_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let [place, summary, figures] = ["calls.db", "s.json", "f.prom"].map(|name| folder.path().join(name));
    let files = ["--summary-file", summary.to_str().unwrap(), "--metrics-file", figures.to_str().unwrap()];
    let sandbox = old(5);
    let first = run(sync(&sandbox, &place, &SINCE).args(files));
    assert_eq!((first.code, json(&summary)["exit"].as_u64()), (Some(0), Some(0)), "{}", first.stderr);
    let told = |code: u64| {
        assert_eq!(json(&summary)["exit"], code);
        assert!(json(&summary)["error"].is_string());
        let text = std::fs::read_to_string(&figures).unwrap();
        for series in ["", "{account=\"sandbox:100001\"}"] {
            assert!(text.contains(&format!("\ncalllegs_sync_exit_code{series} {code}\n")), "{text}");
        }
        assert!(text.contains("\ncalllegs_sync_legs 0\n"), "{text}");
    };
    run(sync(&sandbox, &folder.path().join("no/calls.db"), &SINCE).args(files)).refused(10, &["no folder"]);
    told(10);
    run(sync(&sandbox, &place, &["--since", "2026-13-01"]).args(files)).refused(2, &["2026-13-01"]);
    told(2);
    let mut command = sync(&sandbox, &place, &[]);
    run(command.args(files).env("CALLLEGS_RESERVE", "much")).refused(3, &["CALLLEGS_RESERVE"]);
    told(3);
    // One that cannot be written is told by the other.
    let words =
        ["--metrics-file", figures.to_str().unwrap(), "--summary-file", folder.path().to_str().unwrap()];
    run(sync(&sandbox, &place, &[]).args(words)).refused(10, &["is a folder"]);
    assert!(std::fs::read_to_string(&figures).unwrap().contains("exit_code 10\n"));
    run(sync(&sandbox, &place, &[]).args(["--summary-file", "-"])).refused(2, &["name of a file"]);
    let again = run(sync(&sandbox, &place, &[]).args(files));
    assert_eq!((again.code, json(&summary)["exit"].as_u64()), (Some(0), Some(0)), "{}", again.stderr);
    let text = std::fs::read_to_string(&figures).unwrap();
    assert!(!text.contains("exit_code 10"), "{text}");
}

#[test]
fn what_is_new_is_told_for_each_place() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two, summary] = ["1.db", "2.db", "s.json"].map(|name| folder.path().join(name));
    let sandbox = old(5);
    let first = run(&mut sync(&sandbox, &one, &SINCE));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let words = ["--to", two.to_str().unwrap(), "--summary-file", summary.to_str().unwrap()];
    let told = run(sync(&sandbox, &one, &SINCE).args(words));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let new = |place: usize| json(&summary)["places"][place]["inserted"].as_u64().unwrap();
    assert_eq!((new(0), new(1)), (0, legs(&two).len() as u64));
    assert!(
        told.stderr.lines().any(|line| line.contains("1.db: ") && line.contains(", 0 new")),
        "{}",
        told.stderr
    );
    assert!(!told.stderr.contains("read: 0 new"), "{}", told.stderr);
}

/// A user who may only read. For root, who may everything, it is another one.
#[cfg(unix)]
fn who_reads(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt as _;
    if rustix::process::geteuid().is_root() { command.uid(65_534) } else { command }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_can_be_read() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let folder = tempfile::tempdir().unwrap();
    let within = folder.path().join("closed");
    fs::create_dir(&within).unwrap();
    let place = within.join("calls.db");
    let sandbox = old(5);
    assert_eq!(run(&mut sync(&sandbox, &place, &SINCE)).code, Some(0));
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&place, 0o444);
    mode(&within, 0o555);
    mode(folder.path(), 0o755);
    let shown = run(who_reads(&mut tool(&["state", "show", "--data", place.to_str().unwrap()])));
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("sandbox:100001"), "{}", shown.stdout);
    let compared = run(who_reads(&mut verify(&sandbox, &place, &[])));
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    let changed = run(who_reads(&mut tool(&[
        "state",
        "reset",
        "--yes",
        "--from",
        "2026-01-01",
        "--data",
        place.to_str().unwrap(),
    ])));
    changed.refused(10, &["rights"]);
    assert!(!changed.stderr.contains("make room"), "{}", changed.stderr);
    mode(&within, 0o755);
}

#[test]
fn rows_that_come_while_others_are_listed_are_read_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = |fault: Option<&str>| {
        let clock = Clock::FixedWall("2026-11-20T10:00:00".parse().unwrap());
        let builder = Sandbox::builder().seed(5).days(9).legs_per_day(4000).clock(clock).late_data(false);
        let builder = builder.until("2026-11-20".parse().unwrap()).minute_limit(None).day_limit(None);
        let faults = fault.map(|fault| fault.parse::<calllegs_sandbox::Fault>().unwrap());
        faults.into_iter().fold(builder, calllegs_sandbox::Builder::fault).start().unwrap()
    };
    let since = ["--since", "2026-11-11"];
    let still = sandbox(None);
    let whole = folder.path().join("whole.db");
    assert_eq!(run(&mut sync(&still, &whole, &since)).code, Some(0));
    // All of them have come when the run is stopped, behind pages that lacked them, in whatever order pages in flight came.
    let place = folder.path().join("moving.db");
    let moving = sandbox(Some("overlap:p=0.1:n=2"));
    let stopped = run(sync(&moving, &place, &since).args(["--max-points", "4"]));
    assert_eq!(stopped.code, Some(6), "{}", stopped.stderr);
    let ended = run(&mut sync(&moving, &place, &since));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(legs(&place) == legs(&whole), "{} of {} legs", legs(&place).len(), legs(&whole).len());
}

#[test]
fn what_a_stopped_run_has_read_is_counted_and_only_what_differs_is_bought_again() {
    let since = ["--since", "2026-01-01"];
    for bounds in [Bounds::Exclusive, Bounds::Inclusive, Bounds::HalfOpen] {
        let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
        let builder =
            Sandbox::builder().seed(5).legs_per_day(1200).clock(clock).minute_limit(None).day_limit(None);
        let builder = builder.since("2026-01-01".parse().unwrap()).until("2026-02-02".parse().unwrap());
        let sandbox = builder.bounds(bounds).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [place, planted] = ["calls.db", "planted.db"].map(|name| folder.path().join(name));
        let stopped = run(sync(&sandbox, &place, &since).args(["--max-points", "3", "--concurrency", "1"]));
        assert_eq!(stopped.code, Some(6), "{}", stopped.stderr);
        assert!(stopped.stderr.contains("to be counted"), "{}", stopped.stderr);
        // As if a leg had come in a window behind the pages that were read.
        std::fs::copy(&place, &planted).unwrap();
        let line = "UPDATE _calllegs_windows SET legs = legs - 1, total_items = total_items - 1
            WHERE win_from = '2026-01-03 00:00:00' AND status = 'unverified'";
        change(&planted, line);
        let leg = "DELETE FROM call_legs WHERE id = (SELECT min(id) FROM call_legs
            WHERE start_time >= '2026-01-03' AND start_time < '2026-01-04')";
        change(&planted, leg);

        let ended = run(&mut sync(&sandbox, &place, &since));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("nothing has come since"), "{bounds:?}: {}", ended.stderr);
        let truth =
            sandbox.legs("2026-01-01T00:00:00".parse().unwrap(), "2026-06-01T00:00:00".parse().unwrap());
        assert_eq!(legs(&place).len(), truth.len());
        let mended = run(&mut sync(&sandbox, &planted, &since));
        assert_eq!(mended.code, Some(0), "{}", mended.stderr);
        assert!(mended.stderr.contains("are read again"), "{bounds:?}: {}", mended.stderr);
        assert!(legs(&planted) == legs(&place), "{bounds:?}");
        let still = Connection::open(&planted).unwrap();
        let open = "SELECT count(*) FROM _calllegs_windows WHERE status = 'unverified'";
        assert_eq!(still.query_row(open, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}

#[test]
fn a_small_budget_comes_on_and_a_leg_exchanged_behind_it_is_found() {
    let clock = Clock::FixedWall("2026-02-02T12:00:00".parse().unwrap());
    let builder =
        Sandbox::builder().seed(5).legs_per_day(1200).clock(clock).minute_limit(None).day_limit(None);
    let builder = builder.since("2026-01-01".parse().unwrap()).until("2026-02-02".parse().unwrap());
    let sandbox = builder.late_data(false).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls.db");
    let words = ["--since", "2026-01-01", "--max-points", "2", "--concurrency", "1"];
    assert_eq!(run(&mut sync(&sandbox, &place, &words)).code, Some(6));
    // As if the server had another leg in the place of this one.
    change(&place, "UPDATE call_legs SET id = -id WHERE id = (SELECT min(id) FROM call_legs)");
    let mut ended = run(&mut sync(&sandbox, &place, &words));
    assert!(ended.stderr.contains("are read again"), "{}", ended.stderr);
    let mut runs = 2;
    while ended.code == Some(6) {
        ended = run(&mut sync(&sandbox, &place, &words));
        runs += 1;
        assert!(runs < 20, "{}", ended.stderr);
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let (from, till) = ("2026-01-01T00:00:00".parse().unwrap(), "2026-02-02T12:00:00".parse().unwrap());
    let kept = legs(&place);
    assert!(sandbox.legs(from, till).iter().all(|(id, ..)| kept.contains_key(id)));
}
