//! Other reports than legs in every place that keeps a ledger: the same rows in each, nothing written twice, whatever stops a
//! run, and what it will cost told before.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use arrow_array::{cast::AsArray, types::Int64Type};
use calllegs_sandbox::{Clock, Sandbox};
use serde_json::Value;

use super::support::{BOTH, Run, contents, run, small, tool};

/// A listing by windows, one that is kept whole by its number, and one that nothing tells apart.
const REPORTS: [&str; 3] = ["calls_report", "employees", "group_employees"];

fn sync(sandbox: &Sandbox, to: &[&str], words: &[&str]) -> Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "--retries", "0", "sync"]);
    command.env("CALLLEGS_TOKEN", "sandbox-acme").args(words);
    for place in to {
        command.args(["--to", place]);
    }
    command
}

fn done(command: &mut Command) -> Run {
    let told = run(command);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    told
}

/// How often a place has each row, by its hash.
type Rows = BTreeMap<i64, usize>;

fn of_sqlite(path: &Path, report: &str) -> Rows {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut hashes = connection.prepare(&format!("SELECT cl_row_hash FROM {report}")).unwrap();
    counted(hashes.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap))
}

fn of_lake(lake: &Path, report: &str) -> Rows {
    let mut hashes = Vec::new();
    for path in parquets(&lake.join("reports").join(report)) {
        let (_, batches) = calllegs_arrow::parquet::read_back(std::fs::File::open(path).unwrap()).unwrap();
        for batch in batches {
            let batch = batch.unwrap();
            let column = batch.column_by_name("cl_row_hash").unwrap();
            hashes.extend_from_slice(column.as_primitive::<Int64Type>().values());
        }
    }
    counted(hashes)
}

fn parquets(folder: &Path) -> Vec<PathBuf> {
    let files = contents(folder).into_keys().filter(|name| name.ends_with(".parquet"));
    files.map(|name| folder.join(name.trim_start_matches('/'))).collect()
}

fn counted(hashes: impl IntoIterator<Item = i64>) -> Rows {
    let mut rows = Rows::new();
    hashes.into_iter().for_each(|hash| *rows.entry(hash).or_default() += 1);
    rows
}

/// How many rows of a listing the emulator has for a user.
fn truth(sandbox: &Sandbox, user: Option<i64>, report: &str) -> usize {
    let method = calllegs_reports::method(report).unwrap();
    let (from, till) = ("2026-02-27T00:00:00".parse().unwrap(), "2026-03-01T00:00:00".parse().unwrap());
    sandbox.truth_of(method, user, from, till, method.identity()).unwrap().len()
}

/// Values of every kind of column, as both databases write them.
const VALUES: &str = "SELECT CAST(id AS TEXT), CAST(start_time AS TEXT), CAST(wait_duration AS TEXT), \
    CAST(is_lost AS INTEGER), contact_phone_number, source FROM calls_report ORDER BY id";

type Texts = Vec<(String, String, Option<String>, Option<i32>, Option<String>, Option<String>)>;

fn texts_of_sqlite(path: &Path) -> Texts {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut rows = connection.prepare(VALUES).unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    };
    rows.query_map([], row).unwrap().map(Result::unwrap).collect()
}

#[cfg(unix)]
fn texts_of_server(server: &super::server::Server) -> Texts {
    let rows = server.client("kept").query(VALUES, &[]).unwrap();
    let row = |row: postgres::Row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
    rows.into_iter().map(row).collect()
}

#[test]
fn a_file_a_lake_and_a_server_keep_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = small().start().unwrap();
    let [file, lake] = ["calls.db", "lake"].map(|name| folder.path().join(name));
    let mut to = vec![file.display().to_string(), format!("{}/", lake.display())];
    #[cfg(unix)]
    let server = super::server::server();
    #[cfg(unix)]
    to.extend(server.map(|server| server.url("kept")));
    let to: Vec<_> = to.iter().map(String::as_str).collect();
    let reports = format!("call_legs_report,{}", REPORTS.join(","));
    let words = [&["--json", "-v", "--report", &reports][..], &BOTH].concat();
    let first = done(&mut sync(&sandbox, &to, &words));
    for report in REPORTS {
        let rows = of_sqlite(&file, report);
        assert_eq!(rows.values().sum::<usize>(), truth(&sandbox, None, report), "{report}");
        assert_eq!(of_lake(&lake, report), rows, "{report}");
        let told: Value = serde_json::from_str(&first.stdout).unwrap();
        let told = told["reports"].as_array().unwrap().iter();
        let told = told.filter(|told| told["report"] == format!("get.{report}")).collect::<Vec<_>>();
        assert_eq!(told[0]["inserted"], truth(&sandbox, None, report), "{report}");
    }

    // Nothing is written that has not changed: files keep their bytes, rows their version.
    #[cfg(unix)]
    let versions = || {
        let mut client = server?.client("kept");
        let mut versions = Vec::new();
        for report in REPORTS {
            let sql = format!("SELECT cl_row_hash, xmin::text FROM {report} ORDER BY 1, 2");
            let rows = client.query(&sql, &[]).unwrap();
            let rows: Vec<(i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
            assert_eq!(counted(rows.iter().map(|(hash, _)| *hash)), of_sqlite(&file, report), "{report}");
            versions.push(rows);
        }
        Some(versions)
    };
    #[cfg(unix)]
    let of_server = versions();
    #[cfg(unix)]
    if let Some(server) = server {
        assert_eq!(texts_of_server(server), texts_of_sqlite(&file));
    }
    let files = contents(&lake.join("reports"));
    let anew = ["--report", &reports, "--full-refresh", "2026-02-27..2026-02-28"];
    let again = done(&mut sync(&sandbox, &to, &anew));
    for report in REPORTS {
        let said = format!("get.{report}: ");
        let line = again.stderr.lines().find(|line| line.contains(&said)).unwrap();
        assert!(line.contains("rows read, 0 new, 0 changed"), "{line}");
    }
    assert_eq!(contents(&lake.join("reports")), files);
    #[cfg(unix)]
    assert_eq!(versions(), of_server);

    // A row that somebody changed or took away, and one that the server does not have, are put right.
    let connection = rusqlite::Connection::open(&file).unwrap();
    let harm = "UPDATE employees SET cl_row_hash = 7 WHERE id = (SELECT min(id) FROM employees); DELETE FROM group_employees WHERE rowid = 1";
    connection.execute_batch(harm).unwrap();
    let gone = parquets(&lake.join("reports/calls_report"));
    std::fs::remove_file(&gone[0]).unwrap();
    std::fs::remove_file(&parquets(&lake.join("reports/employees"))[0]).unwrap();
    #[cfg(unix)]
    if let Some(server) = server {
        let harm = "DELETE FROM employees WHERE id = (SELECT max(id) FROM employees); \
            UPDATE group_employees SET cl_row_hash = 7 WHERE ctid = (SELECT min(ctid) FROM group_employees)";
        server.client("kept").batch_execute(harm).unwrap();
    }
    let mended = done(&mut sync(&sandbox, &to, &words));
    assert!(mended.stderr.contains("get.employees: "), "{}", mended.stderr);
    for report in REPORTS {
        assert_eq!(
            of_sqlite(&file, report).values().sum::<usize>(),
            truth(&sandbox, None, report),
            "{report}"
        );
        assert_eq!(of_lake(&lake, report), of_sqlite(&file, report), "{report}");
    }
    #[cfg(unix)]
    versions();
}

#[test]
fn a_run_that_is_stopped_goes_on_to_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = small().start().unwrap();
    let lake = folder.path().join("lake");
    let to = [format!("{}/", lake.display())];
    let to = [to[0].as_str()];
    let words = [&["--report", "calls_report,employees,group_employees"][..], &BOTH].concat();
    // The second report is refused: the first stays, and nothing of the second is there.
    sandbox.set_faults(vec!["http-500:match=method=get.employees".parse().unwrap()]);
    let stopped = run(&mut sync(&sandbox, &to, &words));
    assert_eq!(stopped.code, Some(7), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("continue: "), "{}", stopped.stderr);
    assert!(!lake.join("reports/employees").exists());
    assert_eq!(of_lake(&lake, "calls_report").len(), truth(&sandbox, None, "calls_report"));
    sandbox.set_faults(Vec::new());

    // As if a run was killed behind the files and before the lists of them, and in the middle of a file.
    let about = lake.join("_calllegs/reports/calls_report");
    let before = contents(&lake.join("reports"));
    std::fs::remove_dir_all(&about).unwrap();
    let file = &parquets(&lake.join("reports/calls_report"))[0];
    std::fs::write(file.with_extension("parquet.part"), "PAR1").unwrap();
    done(&mut sync(&sandbox, &to, &words));
    for (name, bytes) in &before {
        assert_eq!(contents(&lake.join("reports")).get(name), Some(bytes), "{name}");
    }
    for report in REPORTS {
        assert_eq!(of_lake(&lake, report).values().sum::<usize>(), truth(&sandbox, None, report), "{report}");
    }
    let shown = done(&mut sync(&sandbox, &to, &["--report", "calls_report", "--dry-run"]));
    assert!(!shown.stdout.is_empty());
}

#[test]
fn what_other_reports_will_cost_is_told_and_is_what_they_cost() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = small().start().unwrap();
    let place = folder.path().join("calls.db").display().to_string();
    let words =
        [&["--report", "employees,calls_report,financial_call_legs_report,statuses"][..], &BOTH].concat();
    let dry = done(sync(&sandbox, &[&place], &words).arg("--dry-run"));
    assert!(!Path::new(&place).exists(), "nothing is made");
    let points = |line: &str| -> u64 {
        let (_, behind) = line.split_once("about ").unwrap();
        behind.split(' ').next().unwrap().parse().unwrap()
    };
    let told: u64 = dry.stdout.lines().map(points).sum();
    assert_eq!(dry.stdout.lines().count(), 4, "{}", dry.stdout);
    let rows = truth(&sandbox, None, "employees");
    assert!(dry.stdout.contains(&format!("get.employees  {rows} rows, about 1 point")), "{}", dry.stdout);
    sandbox.reset();
    done(&mut sync(&sandbox, &[&place], &words));
    let listed = sandbox.journal().into_iter().filter(|entry| entry.method != "get.account").count() as u64;
    assert_eq!(told, listed, "{}", dry.stdout);
}

#[test]
fn the_reports_of_all_customers_are_kept_by_account() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::FixedWall("2026-03-01T12:00:00".parse().unwrap());
    let builder = Sandbox::builder().seed(5).agency(3).legs_per_day(60).days(2).clock(clock);
    let sandbox = builder.minute_limit(None).day_limit(None).start().unwrap();
    let path = folder.path().join("calls.db");
    let lake = folder.path().join("lake");
    let mut to = vec![path.display().to_string(), format!("{}/", lake.display())];
    #[cfg(unix)]
    let server = super::server::server();
    #[cfg(unix)]
    to.extend(server.map(|server| server.url("customers")));
    let to: Vec<_> = to.iter().map(String::as_str).collect();
    let all = |words: &[&str]| {
        let words = [words, &["--all-customers", "--report", "calls_report,employees"], &BOTH].concat();
        let mut command = sync(&sandbox, &to, &words);
        done(command.env("CALLLEGS_TOKEN", "sandbox-hundred"))
    };
    let forecast = all(&["--dry-run"]);
    assert!(!path.exists() && forecast.stdout.contains("  rows "), "{}", forecast.stdout);
    let first = all(&[]);
    assert_eq!(first.stdout.lines().filter(|line| line.ends_with("  ok")).count(), 3, "{}", first.stdout);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let rows = |account: &str, report: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {report} WHERE account = ?1");
        connection.query_row(&sql, [account], |row| row.get(0)).unwrap()
    };
    let mut sessions = 0;
    for customer in sandbox.customers().into_iter().filter(|customer| customer.app_id > 200_000) {
        let account = format!("sandbox:{}", customer.app_id);
        for report in ["calls_report", "employees"] {
            let there = usize::try_from(rows(&account, report)).unwrap();
            assert_eq!(there, truth(&sandbox, Some(customer.users[0]), report), "{account} {report}");
            sessions += if report == "calls_report" { there } else { 0 };
        }
    }
    assert!(sessions > 0);
    for report in ["calls_report", "employees"] {
        assert_eq!(of_lake(&lake, report), of_sqlite(&path, report), "{report}");
        #[cfg(unix)]
        if let Some(server) = server {
            let rows = server.client("customers").query(&format!("SELECT cl_row_hash FROM {report}"), &[]);
            let hashes = rows.unwrap().into_iter().map(|row| row.get(0));
            assert_eq!(counted(hashes), of_sqlite(&path, report), "{report}");
        }
    }
    let again = all(&["--summary-file", folder.path().join("s.json").to_str().unwrap()]);
    let told = super::support::json(&folder.path().join("s.json"));
    for report in told["reports"].as_array().unwrap() {
        assert_eq!((&report["inserted"], &report["changed"]), (&0.into(), &0.into()), "{}", again.stderr);
    }
    assert_eq!(told["reports"].as_array().unwrap().len(), 2);
}

/// What is noticed on the way is told of the report, and of its rows.
#[test]
fn warnings_name_rows_and_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = small().start().unwrap();
    sandbox.set_faults(vec!["unsorted:match=method=get.calls_report".parse().unwrap()]);
    let place = folder.path().join("calls.db").display().to_string();
    let synced = run(&mut sync(&sandbox, &[&place], &[&["--report", "calls_report"][..], &BOTH].concat()));
    assert_eq!(synced.code, Some(0), "{}", synced.stderr);
    assert!(
        synced.stderr.contains("get.calls_report: the server lists rows out of order"),
        "{}",
        synced.stderr
    );
    let mut get =
        tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "get", "--report", "calls_report"]);
    let told = run(get.args(BOTH));
    assert!(told.stderr.contains("the server lists rows out of order"), "{}", told.stderr);
    assert!(
        !format!("{}{}", synced.stderr, told.stderr).contains(" legs"),
        "{}{}",
        synced.stderr,
        told.stderr
    );
}

/// Before a point is spent.
#[test]
fn a_place_that_cannot_keep_a_report_is_known_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = small().start().unwrap();
    let file = folder.path().join("calls.db").display().to_string();
    done(&mut sync(&sandbox, &[&file], &["--report", "tags"]));
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch("CREATE TABLE statuses (id INTEGER)").unwrap();
    let refused = |place: &str, words: &[&str], said: &str| {
        sandbox.reset();
        let told = run(&mut sync(&sandbox, &[place], words));
        told.refused(10, &[said]);
        assert!(sandbox.journal().iter().all(|entry| !entry.method.starts_with("get.s")), "{}", told.stderr);
    };
    refused(&file, &["--report", "statuses"], "a table statuses of another program");
    refused(&file, &["--report", "scenarios", "--create-table", "never"], "the table scenarios is not there");
    #[cfg(unix)]
    if let Some(server) = super::server::server() {
        let url = server.url("prepared");
        done(&mut sync(&sandbox, &[&url], &["--report", "tags"]));
        server.client("prepared").batch_execute("CREATE TABLE statuses (id bigint)").unwrap();
        refused(&url, &["--report", "statuses"], "of another program");
        refused(
            &url,
            &["--report", "scenarios", "--create-table", "never"],
            "is not there, or lacks columns",
        );
        let named = format!("{url}&table=sip_lines");
        let told = run(&mut sync(&sandbox, &[&named], &["--report", "sip_lines"]));
        assert_eq!(told.code, Some(10), "{}", told.stderr);
        // Once more at once: what this run reads anew is what the server has.
        let again = done(&mut sync(&sandbox, &[&url], &["--report", "tags"]));
        assert!(again.stderr.contains("get.tags: 4 rows read, 0 new"), "{}", again.stderr);
    }
}
