//! `get --with` and `verify --against sessions`: legs beside the sessions they are of and what they cost. Each row is what the
//! emulator has; a reading that is not whole is no reading.

use std::{collections::HashMap, fs, path::Path, process::Command};

use arrow_array::Array;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use crate::{
    stub,
    support::{self, BOTH, emulator, get_at, get_both, ids, rows, run, small, tool},
};

/// Columns beside a leg, and their fields.
const SESSION: [(&str, &str); 5] = [
    ("session_direction", "direction"),
    ("session_is_lost", "is_lost"),
    ("session_wait_duration", "wait_duration"),
    ("session_postprocess_duration", "postprocess_duration"),
    ("session_source", "source"),
];
const COST: [(&str, &str); 5] = [
    ("cost_total_charge", "total_charge"),
    ("cost_bonuses_charge", "bonuses_charge"),
    ("cost_per_minute", "cost_per_minute"),
    ("cost_chargeable_duration", "chargeable_duration"),
    ("cost_direction_type", "direction_type"),
];

/// What the emulator has of a method, by the number in this field.
fn truth(method: &str, key: &str, fields: &[(&str, &str)]) -> HashMap<i64, Value> {
    let method = calllegs_reports::method(method).unwrap();
    let names = fields.iter().map(|(_, field)| *field).chain([key]);
    let fields = names.map(|name| method.fields.iter().find(|field| field.name() == name).unwrap());
    let at = |day: &str| NaiveDateTime::from(day.parse::<NaiveDate>().unwrap());
    let lines = emulator().truth_of(method, None, at("2026-02-27"), at("2026-03-01"), fields).unwrap();
    let rows = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row[key].as_i64().unwrap(), row)).collect()
}

/// What is true of a leg, or nulls.
fn beside(of: Option<&Value>, columns: &[(&str, &str)]) -> Vec<Option<f64>> {
    let number = |value: &Value| {
        let is = value.as_bool().map(|is| f64::from(u8::from(is)));
        let text = || value.as_str().map(|text| text.bytes().map(f64::from).sum());
        is.or_else(text).or_else(|| value.as_f64())
    };
    columns.iter().map(|(_, field)| of.and_then(|row| number(&row[*field]))).collect()
}

#[test]
fn each_leg_has_what_the_emulator_says_of_its_session_and_its_cost() {
    let (sessions, costs) =
        (truth("calls_report", "id", &SESSION), truth("financial_call_legs_report", "leg_id", &COST));
    let told = run(&mut get_both(&["--with", "sessions,costs", "--format", "jsonl"]));
    let rows = told.rows();
    assert_eq!(ids(&rows), run(&mut get_both(&["--format", "jsonl"])).ids());
    let names =
        |columns: &[(&'static str, &str)]| columns.iter().map(|(name, _)| (*name, *name)).collect::<Vec<_>>();
    let (mut of_session, mut charged) = (0, 0);
    for row in &rows {
        let (session, cost) = (
            sessions.get(&row["call_session_id"].as_i64().unwrap()),
            costs.get(&row["id"].as_i64().unwrap()),
        );
        (of_session, charged) =
            (of_session + usize::from(session.is_some()), charged + usize::from(cost.is_some()));
        assert_eq!(beside(Some(row), &names(&SESSION)), beside(session, &SESSION), "{row}");
        assert_eq!(beside(Some(row), &names(&COST)), beside(cost, &COST), "{row}");
    }
    assert_eq!((of_session, charged), (rows.len(), costs.len()), "{}", told.stderr);
    let free = format!("{} legs without a row of get.financial_call_legs_report", rows.len() - charged);
    assert!(charged > 0 && told.stderr.contains(&free), "{}", told.stderr);
    assert!(!told.stderr.contains("without a row of get.calls_report"), "{}", told.stderr);
}

#[test]
fn files_of_every_form_have_the_columns() {
    let folder = tempfile::tempdir().unwrap();
    let some = ["--fields", "id,start_time", "--with", "costs,sessions,costs"];
    let expected = run(get_both(&some).args(["--format", "jsonl"])).rows();
    for ending in ["csv", "parquet", "arrow", "xlsx", "jsonl.zst"] {
        let path = folder.path().join(format!("legs.{ending}"));
        let output = ["-o", path.to_str().unwrap()];
        // The second time takes the place of the first; one without the columns does not.
        for _ in 0..2 {
            let told = run(get_both(&some).args(output));
            assert_eq!(told.code, Some(0), "{ending}: {}", told.stderr);
        }
        let told = run(get_both(&some[..2]).args(output));
        assert_eq!(told.code, Some(10), "{ending}: {}", told.stderr);
    }
    let told = run(get_both(&some).args(["-o", folder.path().join("by-date/").to_str().unwrap()]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let mut csv = csv::Reader::from_path(folder.path().join("legs.csv")).unwrap();
    let names = csv.headers().unwrap().clone();
    let joined = SESSION.iter().chain(&COST).map(|(name, _)| *name);
    assert_eq!(
        names.iter().collect::<Vec<_>>(),
        ["id", "start_time"].into_iter().chain(joined).collect::<Vec<_>>()
    );
    // Cells are as the server wrote them: 1.60 is 1.6.
    let is_same = |cell: &str, value: &Value| {
        let number = value.as_f64().map(|number| cell.parse() == Ok(number));
        let text = || value.as_str().map_or_else(|| *cell == *value.to_string(), |text| cell == text);
        number.unwrap_or_else(|| if value.is_null() { cell.is_empty() } else { text() })
    };
    for (record, row) in csv.records().zip(&expected) {
        for (name, cell) in names.iter().zip(&record.unwrap()) {
            assert!(is_same(cell, &row[name]), "{name}: {cell} {row}");
        }
    }
    let file = fs::File::open(folder.path().join("legs.parquet")).unwrap();
    let (count, batches) = calllegs_arrow::parquet::read_back(file).unwrap();
    assert_eq!(count, expected.len() as u64);
    for batch in batches {
        let batch = batch.unwrap();
        let columns = SESSION.iter().map(|(name, _)| batch.column_by_name(name).unwrap());
        assert!(columns.into_iter().all(|column| column.null_count() == 0));
    }
}

/// A session that began before the period is found all the same.
#[test]
fn a_leg_behind_the_start_of_its_session_has_it_too() {
    let legs = run(&mut get_both(&["--format", "jsonl"])).rows();
    let mut first = HashMap::new();
    let late = legs.iter().find(|leg| {
        let start = leg["start_time"].as_str().unwrap();
        first.entry(leg["call_session_id"].as_i64()).or_insert(start);
        first[&leg["call_session_id"].as_i64()] < start
    });
    let at = late.unwrap()["start_time"].as_str().unwrap().replace(' ', "T");
    let at = ["--from", &*at, "--till", "2026-02-28", "--with", "sessions", "--format", "jsonl"];
    let told = run(&mut get_at(&emulator().url(), &at));
    let rows = told.rows();
    assert_eq!(rows[0]["id"], late.unwrap()["id"]);
    assert!(rows.iter().all(|row| !row["session_direction"].is_null()), "{}", told.stderr);
}

/// 62 days: two windows of legs and of charges, three of sessions.
const WINDOWS: [&str; 10] = [
    "--from",
    "2025-12-29",
    "--till",
    "2026-02-28",
    "--tz",
    "Europe/Moscow",
    "--fields",
    "id",
    "--with",
    "sessions,costs",
];

#[test]
fn a_forecast_counts_the_points_of_all_and_the_run_keeps_to_it() {
    let sandbox = small().days(62).legs_per_day(10).start().unwrap();
    let mut plan = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "plan", "--json"]);
    let told = run(plan.args(WINDOWS));
    let plan: Value = serde_json::from_str(&told.stdout).unwrap_or_else(|_| panic!("{}", told.stderr));
    assert_eq!((&plan["points"], &plan["spent"]), (&json!(8), &json!(3)), "{plan}");
    let before = sandbox.stats().points;
    let told = run(get_at(&sandbox.url(), &WINDOWS).args(["--format", "jsonl"]));
    assert_eq!(plan["legs"], told.rows().len());
    assert_eq!(sandbox.stats().points - before, 8);
    for (method, rows) in plan["with"].as_object().unwrap() {
        assert!(told.stderr.contains(&format!("{method}: {rows} rows read")), "{method}: {}", told.stderr);
    }
    // Nothing is sent for an explanation.
    let told = run(get_at(&sandbox.url(), &WINDOWS).arg("--explain"));
    let methods: Vec<_> = rows(&told.stdout).iter().map(|body| body["method"].clone()).collect();
    for method in ["get.calls_report", "get.financial_call_legs_report", "get.call_legs_report"] {
        assert!(methods.contains(&json!(method)), "{methods:?}");
    }
    assert_eq!(sandbox.stats().points - before, 8);
}

#[test]
fn a_run_that_was_stopped_by_points_goes_on_with_the_same_legs() {
    let sandbox = small().days(62).legs_per_day(10).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let get = |name: &str, more: &[&str]| {
        let mut command = get_at(&sandbox.url(), &WINDOWS);
        run(command.arg("-o").arg(folder.path().join(name)).args(more))
    };
    let whole = get("whole.csv", &[]);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    // In the listings, then in the legs.
    let told = get("parts.csv", &["--max-points", "4"]);
    told.refused(6, &["nothing of get.", "--max-points"]);
    assert!(!folder.path().join("parts.csv").exists());
    let told = get("parts.csv", &["--max-points", "7"]);
    told.refused(6, &["so far in"]);
    assert!(!folder.path().join("parts.csv").exists());
    let told = get("parts.csv", &[]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("going on behind"), "{}", told.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("parts.csv"), read("whole.csv"));
}

#[test]
fn a_listing_that_is_not_whole_is_no_reading() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("legs.csv");
    for method in ["get.calls_report", "get.financial_call_legs_report"] {
        let sandbox = small().fault(format!("total-wrong:match=method={method}").parse().unwrap());
        let sandbox = sandbox.start().unwrap();
        let mut command = get_at(&sandbox.url(), &BOTH);
        let told = run(command.args(["--with", "sessions,costs", "-o"]).arg(&path));
        told.refused(9, &[&format!("{method} is not complete")]);
        assert!(!path.exists());
    }
}

#[test]
fn a_column_that_does_not_come_is_told() {
    let fault = "missing-field:match=method=get.calls_report".parse().unwrap();
    let sandbox = small().fault(fault).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.json");
    let mut command = get_at(&sandbox.url(), &BOTH);
    command.args(["--with", "sessions", "--format", "jsonl", "--summary-file"]).arg(&summary);
    let told = run(&mut command);
    let rows = told.rows();
    let is_null = |name: &str| rows.iter().all(|row| row[name].is_null());
    let missing: Vec<_> = SESSION.iter().filter(|(name, _)| is_null(name)).collect();
    let [(_, field)] = missing[..] else { panic!("{missing:?}: {}", told.stderr) };
    let said = format!("get.calls_report: {field} missing in the replies");
    assert!(told.stderr.contains(&said), "{}", told.stderr);
    assert_eq!(support::json(&summary)["without"], json!({"get.calls_report": 0}));
}

#[test]
fn what_is_dear_is_told_before_it_is_bought() {
    let sandbox = small().days(700).legs_per_day(1).start().unwrap();
    let years =
        ["--from", "2024-04-01", "--till", "2026-02-28", "--with", "sessions,costs", "--format", "jsonl"];
    let told = run(get_at(&sandbox.url(), &years).args(["--max-points", "4"]));
    told.refused(6, &["get.calls_report, get.financial_call_legs_report: about 44 points more"]);
    assert_eq!(sandbox.stats().points, 4);
}

/// Two legs of two sessions, with these rows of the listings beside them.
fn stub(sessions: &'static str, costs: &'static str) -> String {
    stub::serve(move |method| match method {
        "get.calls_report" => stub::page(sessions, &sessions.matches("start_time").count().to_string()),
        "get.financial_call_legs_report" => {
            stub::page(costs, &costs.matches("start_time").count().to_string())
        }
        _ => stub::page(
            r#"{"id":1,"call_session_id":10,"start_time":"2026-02-27 10:00:00"},
               {"id":2,"call_session_id":20,"start_time":"2026-02-27 11:00:00"}"#,
            "2",
        ),
    })
}

const DAY: [&str; 6] = ["--on", "2026-02-27", "--tz", "Europe/Moscow", "--format", "jsonl"];

#[test]
fn a_row_that_is_not_there_is_null_and_told() {
    let url = stub(
        r#"{"id":10,"start_time":"2026-02-27 10:00:00","direction":"in","wait_duration":"long"}"#,
        r#"{"leg_id":2,"start_time":"2026-02-27 11:00:00","call_session_id":20,"total_charge":1.5}"#,
    );
    let told = run(get_at(&url, &DAY).args(["--with", "sessions,costs"]));
    let rows = told.rows();
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("id"), [1, 2]);
    assert_eq!(column("session_direction"), [json!("in"), Value::Null]);
    // As the server wrote it.
    assert_eq!(column("session_wait_duration"), [json!("long"), Value::Null]);
    assert_eq!(column("cost_total_charge"), [Value::Null, json!(1.5)]);
    for said in ["1 leg without a row of get.calls_report", "1 leg without a row of get.financial"] {
        assert!(told.stderr.contains(said), "{}", told.stderr);
    }
}

/// A leg is one row, whatever it cost: sums nobody asked for would hide that the server means something else.
#[test]
fn two_charges_of_one_leg_neither_double_it_nor_are_one_left_out() {
    let url = stub(
        "",
        r#"{"leg_id":2,"start_time":"2026-02-27 11:00:00","call_session_id":20,"total_charge":1.5},
           {"leg_id":2,"start_time":"2026-02-27 11:00:00","call_session_id":20,"total_charge":2.5}"#,
    );
    let told = run(get_at(&url, &DAY).args(["--with", "costs"]));
    told.refused(9, &["get.financial_call_legs_report lists 1 row more than once"]);
}

#[test]
fn what_cannot_be_joined_right_is_refused_before_anything_is_asked() {
    let url = "http://127.0.0.1:9/v2.0";
    for (more, said) in [
        (&["--with", "sessions", "--limit", "5"][..], "--with is not for --limit"),
        (&["--with", "sessions", "--count"], "--with is not for --count"),
        (&["--with", "costs", "--format", "table"], "--with is not for a table"),
        (&["--with", "costs", "--report", "employees"], "--with"),
        (&["--with", "tags"], "sessions, costs"),
    ] {
        run(get_at(url, &BOTH).args(more)).refused(2, &[said]);
    }
}

#[test]
fn points_that_went_for_reports_alone_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |spent: &str, more: &[&str]| {
        let bounded = ["--with", "costs,sessions", "--max-points", spent];
        let told = run(get_both(&bounded).args(more).current_dir(folder.path()));
        assert_eq!(told.code, Some(6), "{}", told.stderr);
        told.stderr
    };
    for more in [&["-o", "with.parquet"][..], &["-o", "with.csv"], &[]] {
        let told = ask("3", more);
        assert!(told.contains("kept:     nothing: no leg came, and the next run reads get."), "{told}");
        let told = ask("2", more);
        assert!(told.contains("kept:     nothing of get."), "{told}");
    }
    let told = run(&mut get_both(&["--with", "costs", "--format", "jsonl"]));
    assert!(told.stderr.contains("calls that cost nothing have none"), "{}", told.stderr);
}

/// `verify --against sessions` of a file.
fn verify(path: &Path, more: &[&str]) -> Command {
    let url = emulator().url();
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &url, "verify", "--against", "sessions"]);
    command.arg("--data").arg(path).args(BOTH).args(more);
    command
}

#[test]
fn calls_of_legs_agree_with_the_report_and_a_difference_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("legs.jsonl");
    let told = run(get_both(&["-o"]).arg(&path));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let compared = |path: &Path, code: i32| {
        let told = run(&mut verify(path, &["--json"]));
        assert_eq!(told.code, Some(code), "{}", told.stderr);
        serde_json::from_str::<Value>(&told.stdout).unwrap()
    };
    let all = compared(&path, 0);
    let sessions = truth("calls_report", "id", &SESSION);
    assert_eq!(all["calls"], sessions.len());
    for figure in ["direction", "is_lost", "wait_duration", "talk_duration"] {
        assert!(all[figure]["of"].as_u64() > Some(10), "{all:#}");
        assert_eq!(all[figure]["agree"], all[figure]["of"], "{figure}: {all:#}");
    }
    let told = run(&mut verify(&path, &[]));
    assert_eq!(told.stdout.matches("100.0 %").count(), 4, "{}", told.stdout);

    // Places of a sync too.
    let place = folder.path().join("calls.db");
    let url = emulator().url();
    let mut sync = tool(&["--brand", "sandbox", "--endpoint", &url, "-q", "sync", "--to"]);
    let told = run(sync.arg(&place).args(BOTH));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert_eq!(compared(&place, 0), all);

    // Somebody picked up ten seconds later, in the file.
    let legs = rows(&fs::read_to_string(&path).unwrap());
    let answered =
        |leg: &&Value| leg["is_operator"] == true && leg["is_talked"] == true && leg["direction"] == "out";
    let planted = legs.iter().find(answered).unwrap();
    let later = planted["connect_time"].as_str().unwrap().parse::<NaiveDateTime>();
    let later = later.or_else(|_| {
        NaiveDateTime::parse_from_str(planted["connect_time"].as_str().unwrap(), "%Y-%m-%d %H:%M:%S")
    });
    let later = (later.unwrap() + chrono::TimeDelta::seconds(10)).to_string();
    let write = |name: &str, legs: Vec<Value>| {
        let path = folder.path().join(name);
        let lines = legs.iter().map(|leg| format!("{leg}\n")).collect::<Vec<_>>().concat();
        fs::write(&path, lines).unwrap();
        path
    };
    let changed = legs.iter().map(|leg| {
        let mut leg = leg.clone();
        if leg["id"] == planted["id"] {
            leg["connect_time"] = later.clone().into();
        }
        leg
    });
    let found = compared(&write("changed.jsonl", changed.collect()), 0);
    assert_eq!(found["wait_duration"]["differ"], json!([planted["call_session_id"]]), "{found:#}");
    assert_eq!(found["direction"], all["direction"]);

    // A call of which no leg is there, and one that the server does not have.
    let session = &planted["call_session_id"];
    let without = legs.iter().filter(|leg| leg["call_session_id"] != *session).cloned();
    let mut foreign = planted.clone();
    (foreign["id"], foreign["call_session_id"]) = (json!(1), json!(2));
    let found = compared(&write("lacking.jsonl", without.chain([foreign]).collect()), 11);
    assert_eq!((&found["only_report"]["ids"], &found["only_legs"]["ids"]), (&json!([session]), &json!([2])));
}

#[test]
fn a_file_is_compared_for_a_part_of_its_period() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("legs.jsonl");
    let told = run(get_both(&["-o"]).arg(&path));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let compared = |period: [&str; 4]| {
        let url = emulator().url();
        let mut command =
            tool(&["--brand", "sandbox", "--endpoint", &url, "verify", "--against", "sessions"]);
        run(command.arg("--data").arg(&path).args(period).arg("--json"))
    };
    for day in ["2026-02-27", "2026-02-28"] {
        let told = compared(["--from", day, "--till", day]);
        assert_eq!(told.code, Some(0), "{day}: {}", told.stderr);
        let found: Value = serde_json::from_str(&told.stdout).unwrap();
        assert!(found["calls"].as_u64() > Some(10), "{found:#}");
        assert_eq!(found["only_legs"]["calls"], 0, "{found:#}");
    }
    // Nothing that was compared is no agreement.
    let legs = rows(&fs::read_to_string(&path).unwrap());
    let long =
        legs.iter().find(|leg| leg["is_operator"] == false && leg["total_duration"].as_i64() > Some(60));
    let start = long.unwrap()["start_time"].as_str().unwrap().replace(' ', "T");
    let end = start.parse::<NaiveDateTime>().unwrap() + chrono::TimeDelta::seconds(1);
    let end = end.format("%Y-%m-%dT%H:%M:%S").to_string();
    let told = compared(["--from", &start, "--till", &end]);
    let is_said = told.stderr.contains("no session could be compared");
    assert!(told.code == Some(9) && is_said, "{:?}: {}", told.code, told.stderr);
}
