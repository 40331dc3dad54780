//! Other reports than legs: files, tables of a database, what they cost, and what is refused. That each is what the emulator
//! has: `companions`.

use calllegs_core::{Brand, schema::FieldInfo};
use calllegs_sandbox::Emulator;
use serde_json::{Map, Value, json};

use crate::support::{BOTH, emulator, run, small, tool};

/// A key of a partner.
const AGENCY: &str = "sandbox-agency";

fn key_of(report: &str) -> &'static str {
    if report.starts_with("customer") { AGENCY } else { "sandbox-acme" }
}

/// `get --report` at the shared emulator.
pub(crate) fn report(name: &str, arguments: &[&str]) -> std::process::Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &emulator().url(), "get", "--report", name]);
    command.env("CALLLEGS_TOKEN", key_of(name)).args(arguments);
    if calllegs_reports::method(name).unwrap().is_over_period() {
        command.args(BOTH);
    }
    command
}

/// What an emulator of the same seed answers to one call, by its own fields.
pub(crate) fn truth(emulator: &mut Emulator, name: &str) -> Vec<Value> {
    let method = calllegs_reports::method(name).unwrap();
    let fields =
        method.fields.iter().filter(|field| field.is_documented(Brand::Uis) && !field.is_deprecated());
    let names: Vec<_> = fields.map(FieldInfo::name).collect();
    let mut params = Map::from_iter([("access_token".to_owned(), key_of(name).into())]);
    if method.takes("fields") {
        params.insert("fields".to_owned(), json!(names));
    }
    if method.takes("limit") {
        params.insert("limit".to_owned(), 10_000.into());
    }
    if method.is_over_period() {
        params.insert("date_from".to_owned(), "2026-02-27 00:00:00".into());
        params.insert("date_till".to_owned(), "2026-02-28 23:59:59".into());
    }
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method.name, "params": params}).to_string();
    let answer: Value = serde_json::from_slice(&emulator.handle(1_772_500_000, body.as_bytes())).unwrap();
    answer["result"]["data"].as_array().unwrap_or_else(|| panic!("{name}: {answer}")).clone()
}

/// Rows as texts, in an order of their own.
pub(crate) fn sorted(rows: &[Value]) -> Vec<String> {
    // Members that are null say what those that are missing say, and 2.0 is 2.
    let number = |value: &Value| match value.as_f64() {
        Some(number) if !value.is_i64() => format!("{number}").parse().unwrap(),
        _ => value.clone(),
    };
    let text = |row: &Value| {
        let members = row.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        Value::Object(members.map(|(name, value)| (name.clone(), number(value))).collect()).to_string()
    };
    let mut texts: Vec<_> = rows.iter().map(text).collect();
    texts.sort();
    texts
}

#[test]
fn files_of_every_form_hold_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let all = run(&mut report("employees", &[])).rows();
    for ending in ["jsonl.gz", "csv", "parquet", "arrow", "xlsx"] {
        let path = folder.path().join(format!("employees.{ending}"));
        let path = path.to_str().unwrap();
        // The second time takes the place of the first.
        for _ in 0..2 {
            let told = run(&mut report("employees", &["-o", path]));
            assert_eq!(told.code, Some(0), "{ending}: {}", told.stderr);
            assert!(told.stderr.contains(&format!("{} rows → ", all.len())), "{}", told.stderr);
        }
    }
    let text = std::fs::read_to_string(folder.path().join("employees.csv")).unwrap();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let names = csv.headers().unwrap().clone();
    let place = names.iter().position(|name| name == "full_name").unwrap();
    let read: Vec<_> = csv.records().map(|row| row.unwrap()[place].to_owned()).collect();
    let expected: Vec<_> = all.iter().map(|row| row["full_name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(read, expected);
}

#[test]
fn what_the_server_would_refuse_is_refused_here() {
    for (name, arguments, said) in [
        ("calls_report", &["--where", "start_time > '2026-02-27 00:00:00'"][..], "filter"),
        ("employees", &["--fields", "salary"], "there is no field `salary`"),
        ("employees", &["--last", "7d"], "get.employees has no period"),
        ("employees", &["--param", "report_id=7"], "takes no `report_id`"),
        ("employees", &["-o", "folder/"], "a folder takes legs"),
    ] {
        let mut command =
            tool(&["--brand", "sandbox", "--endpoint", "http://127.0.0.1:9/v2.0", "get", "--report", name]);
        command.args(arguments);
        if name == "calls_report" {
            command.args(BOTH);
        }
        let told = run(&mut command);
        told.refused(2, &[said]);
    }
    let told = run(&mut tool(&["get", "--report", "employes"]));
    told.refused(2, &["there is no report `employes`", "did you mean `employees`?"]);
    let told = run(&mut tool(&["get", "--report", "delete.employees"]));
    told.refused(2, &["reads, and `delete` methods write"]);
    let told = run(&mut tool(&["get", "--report", "getobj.account"]));
    told.refused(2, &["did you mean `account`?"]);
    let told = run(&mut tool(&["get", "--report", "calls_report"]));
    told.refused(2, &["no period is given"]);
}

#[test]
fn the_reports_their_fields_and_their_cost_are_told() {
    let told = run(&mut tool(&["get", "--report", "list"]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.lines().count() > 124, "{}", told.stdout);
    // Each below its subject.
    let subject_of = |name: &str| {
        let place = told.stdout.lines().position(|line| line.trim_start().starts_with(&format!("{name} ")));
        let above = told.stdout.lines().take(place.unwrap()).filter(|line| !line.starts_with(' '));
        above.last().unwrap().to_owned()
    };
    for (name, subject) in
        [("calls_report", "Calls"), ("employees", "Employees"), ("customer_users", "Partners")]
    {
        assert_eq!(subject_of(name), subject);
    }
    let told = run(&mut tool(&["fields", "--report", "employees", "--json"]));
    let fields: Value = serde_json::from_str(&told.stdout).unwrap();
    assert!(fields.as_array().unwrap().iter().any(|field| field["name"] == "full_name"));
    let told = run(&mut tool(&["explain", "get.employees"]));
    assert!(told.stdout.contains("get.employees  (report)"), "{}", told.stdout);

    let url = emulator().url();
    let plan = |name: &str, more: &[&str]| {
        let mut command =
            tool(&["--brand", "sandbox", "--endpoint", &url, "plan", "--json", "--report", name]);
        let told = run(command.args(more));
        serde_json::from_str::<Value>(&told.stdout).unwrap_or_else(|_| panic!("{}", told.stderr))
    };
    let employees = plan("employees", &[]);
    assert_eq!(employees["rows"], run(&mut report("employees", &[])).rows().len());
    assert_eq!((&employees["points"], &employees["spent"]), (&json!(1), &json!(1)));
    let sessions = plan("calls_report", &BOTH);
    assert_eq!(sessions["rows"], run(&mut report("calls_report", &[])).rows().len());
}

/// `sync` of both days into a file.
fn sync(path: &str, reports: &str) -> std::process::Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &emulator().url(), "sync", "--to", path]);
    command.env("CALLLEGS_TOKEN", "sandbox-acme").args(["--report", reports]).args(BOTH);
    command
}

#[test]
fn one_join_answers_what_employees_talked_and_what_it_cost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.db");
    let path = path.to_str().unwrap();
    let reports = "calls_report,employees,call_legs_report,financial_call_legs_report";
    for round in 0..2 {
        let told = run(&mut sync(path, reports));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        // The second time there is nothing new.
        assert_eq!(
            told.stderr.contains("get.employees: ") && told.stderr.contains(", 0 new, 0 changed"),
            round == 1
        );
    }
    let database = rusqlite::Connection::open(path).unwrap();
    let count = |table: &str| -> usize {
        let sql = format!("SELECT count(*) FROM {table}");
        usize::try_from(database.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap()
    };
    let mut own = small().emulator().unwrap();
    let (legs, charges) =
        (truth(&mut own, "call_legs_report"), truth(&mut own, "financial_call_legs_report"));
    for name in ["calls_report", "employees", "financial_call_legs_report"] {
        assert_eq!(count(name), truth(&mut own, name).len(), "{name}");
    }
    let sql = "SELECT e.full_name, sum(l.duration), sum(coalesce(c.cents, 0)) FROM call_legs l \
        JOIN employees e ON e.account = l.account AND e.id = l.employee_id \
        LEFT JOIN (SELECT account, leg_id, sum(CAST(round(total_charge * 100) AS INTEGER)) AS cents \
            FROM financial_call_legs_report GROUP BY account, leg_id) c \
            ON c.account = l.account AND c.leg_id = l.id \
        WHERE l.start_time >= '2026-02-27' AND l.start_time < '2026-03-01' GROUP BY e.id ORDER BY e.id";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let found: Vec<(String, i64, i64)> = rows.map(Result::unwrap).collect();

    let mut expected = std::collections::BTreeMap::<i64, (String, i64, i64)>::new();
    let employees = truth(&mut own, "employees");
    for leg in legs.iter().filter(|leg| leg["employee_id"].is_number()) {
        let id = leg["employee_id"].as_i64().unwrap();
        let Some(employee) = employees.iter().find(|employee| employee["id"] == id) else { continue };
        let of_leg = charges.iter().filter(|charge| charge["leg_id"] == leg["id"]);
        #[expect(clippy::cast_possible_truncation, reason = "cents of a call are few")]
        let cents: i64 =
            of_leg.map(|charge| (charge["total_charge"].as_f64().unwrap() * 100.0).round() as i64).sum();
        let name = employee["full_name"].as_str().unwrap().to_owned();
        let sum = expected.entry(id).or_insert((name, 0, 0));
        (sum.1, sum.2) = (sum.1 + leg["duration"].as_i64().unwrap_or_default(), sum.2 + cents);
    }
    assert!(found.len() > 3 && found.iter().any(|(_, talk, _)| *talk > 0), "{found:?}");
    assert!(found.iter().any(|(_, _, cents)| *cents > 0), "{found:?}");
    assert_eq!(found, expected.into_values().collect::<Vec<_>>());
}

#[test]
fn rows_that_are_gone_go_and_what_nobody_keeps_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.db");
    let path = path.to_str().unwrap();
    let told = run(&mut sync(path, "employees,group_employees"));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let database = rusqlite::Connection::open(path).unwrap();
    let ghost = "INSERT INTO employees SELECT * FROM employees WHERE id = (SELECT min(id) FROM employees)";
    let ghost = ghost.replacen("SELECT *", "SELECT account, -1, {}", 1);
    let mut statement = database.prepare("SELECT name FROM pragma_table_info('employees')").unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    database.execute_batch(&ghost.replace("{}", &names[2..].join(", "))).unwrap();
    let told = run(&mut sync(path, "employees"));
    assert!(told.stderr.contains("does not have 1 row any more, removed"), "{}", told.stderr);
    let left: i64 =
        database.query_row("SELECT count(*) FROM employees WHERE id = -1", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);

    let told = run(&mut sync(path, "employes"));
    told.refused(2, &["did you mean `employees`?"]);
}

#[test]
fn what_is_not_given_whole_gets_no_name_and_takes_no_place() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("calls.db");
    for name in ["employees", "calls_report"] {
        let sandbox = small().start().unwrap();
        let at = |words: &[&str]| {
            let mut command = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url()]);
            command.env("CALLLEGS_TOKEN", "sandbox-acme").args(words).args(["--report", name]);
            if name == "calls_report" || words[0] == "sync" {
                command.args(BOTH);
            }
            run(&mut command)
        };
        let sync = ["sync", "--to", database.to_str().unwrap()];
        assert_eq!(at(&sync).code, Some(0));
        let count = || -> i64 {
            let database = rusqlite::Connection::open(&database).unwrap();
            database.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0)).unwrap()
        };
        let before = count();
        assert!(before > 0);

        // Pages without the rows that their totals promise.
        sandbox.set_faults(vec![format!("lost-page:match=method=get.{name}").parse().unwrap()]);
        let file = folder.path().join(format!("{name}.csv"));
        let told = at(&["get", "-o", file.to_str().unwrap()]);
        assert_eq!(told.code, Some(9), "{name}: {}", told.stderr);
        assert!(told.stderr.contains("the server counts"), "{}", told.stderr);
        assert!(!file.exists(), "{name}");
        let told = at(&[sync[0], sync[1], sync[2]]);
        // Nothing is due of a period that is complete; a listing without one is read each time.
        assert_eq!(told.code, Some(if name == "employees" { 9 } else { 0 }), "{name}: {}", told.stderr);
        assert_eq!(count(), before, "{name}");
    }
}
