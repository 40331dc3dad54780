//! The addresses that are no part of the API.

use calllegs_sandbox::{Sandbox, TruthQuery};
use chrono::NaiveDateTime;
use serde_json::{Value, json};

use crate::{
    server::{exchange, post, request},
    support::{fault, rows, small},
};

fn get(sandbox: &Sandbox, name: &str) -> (u16, String) {
    let (status, _, body) = exchange(sandbox, "GET", &format!("/__sandbox/{name}"), "", "");
    (status, String::from_utf8(body).unwrap())
}

fn send(sandbox: &Sandbox, name: &str, body: &str) -> (u16, String) {
    let (status, _, body) = exchange(sandbox, "POST", &format!("/__sandbox/{name}"), "", body);
    (status, String::from_utf8(body).unwrap())
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_journal_is_read_from_a_number_on() {
    let sandbox = small().start().unwrap();
    for _ in 0..3 {
        rows(&post(&sandbox, &request()));
    }
    post(&sandbox, &json!([]));
    let (status, text) = get(&sandbox, "requests?since=2");
    let entries = lines(&text);
    assert_eq!((status, entries.len()), (200, 2));
    let entry = entries[0].as_object().unwrap();
    let names: Vec<_> = entry.keys().map(String::as_str).collect();
    for name in [
        "number",
        "time",
        "method",
        "account",
        "date_from",
        "date_till",
        "offset",
        "limit",
        "rows",
        "points",
        "refused",
        "fault",
        "status",
        "milliseconds",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    assert_eq!(
        (&entry["number"], &entry["rows"], &entry["date_from"]),
        (&json!(3), &json!(100), &json!("2026-02-26 00:00:00"))
    );
    assert_eq!(entries[1]["refused"], "batch_opreations_not_supported");
    assert!(!text.contains("sandbox-acme"));
    assert_eq!(lines(&get(&sandbox, "requests").1).len(), 4);
    assert_eq!(sandbox.journal().len(), 4);
    assert_eq!(get(&sandbox, "requests?since=x").0, 400);

    let sums: Value = serde_json::from_str(&get(&sandbox, "stats").1).unwrap();
    assert_eq!(
        sums,
        json!({"calls": 4, "refused": 1, "points": 3, "sign_ins": 0, "faults": 0, "peak_parallel": 1})
    );
    assert_eq!(send(&sandbox, "reset", "").0, 200);
    assert_eq!(get(&sandbox, "requests"), (200, String::new()));
}

#[test]
fn the_truth_is_what_the_library_says() {
    let sandbox = small().start().unwrap();
    let all = lines(&get(&sandbox, "truth").1);
    assert_eq!(all.len(), sandbox.legs(NaiveDateTime::MIN, NaiveDateTime::MAX).len());
    let some = get(&sandbox, "truth?from=2026-02-27%2009%3A00%3A00&till=2026-02-27+12:00:00").1;
    let some = lines(&some);
    assert!(!some.is_empty() && some.len() < all.len());
    assert!(some.iter().all(|leg| all.contains(leg)));
    assert!(some[0]["start_time"].as_str().unwrap() >= "2026-02-27 09:00:00" && some[0]["id"].is_i64());
    assert_eq!(get(&sandbox, "truth?from=yesterday").0, 400);
    assert_eq!(get(&sandbox, "truth?from=%zz").0, 200, "what cannot be decoded was not said");
}

#[test]
fn what_happened_is_what_the_library_says() {
    let sandbox = small().start().unwrap();
    let query = TruthQuery::default();
    let sessions = sandbox.truth_sessions(None, &query).unwrap();
    let all = lines(&get(&sandbox, "truth/sessions").1);
    assert_eq!(all, sessions.iter().map(|one| serde_json::to_value(one).unwrap()).collect::<Vec<_>>());
    let metrics: Value = serde_json::from_str(&get(&sandbox, "truth/metrics").1).unwrap();
    assert_eq!(metrics, Value::Object(sandbox.truth_metrics(None, &query).unwrap()));

    let day =
        lines(&get(&sandbox, "truth/sessions?from=2026-02-27%2000%3A00%3A00&till=2026-02-28+00:00:00").1);
    assert!(!day.is_empty() && day.len() < all.len() && day.iter().all(|session| all.contains(session)));
    let slow: Value = serde_json::from_str(&get(&sandbox, "truth/metrics?answer_within=3600").1).unwrap();
    let row = &slow["service_level"][0];
    assert_eq!(row["answered"], row["answered_in_time"]);
    let lavka = lines(&get(&sandbox, "truth/sessions?user_id=320001").1);
    assert!(!lavka.is_empty() && lavka.len() < all.len());
    assert_eq!(get(&sandbox, "truth/sessions?user_id=1").0, 400);
    assert_eq!(get(&sandbox, "truth/metrics?short_abandon=soon").0, 400);
}

#[test]
fn people_find_a_page() {
    let sandbox = small().start().unwrap();
    rows(&post(&sandbox, &request()));
    post(&sandbox, &json!({"jsonrpc": "2.0", "id": 1, "method": "<script>", "params": {}}));
    let (status, page) = get(&sandbox, "");
    assert_eq!(status, 200);
    for said in [
        "world shop, seed 7",
        "sandbox-acme",
        "Europe/Moscow",
        "2, of which 1",
        "href=\"/__sandbox/truth/metrics\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
}

#[test]
fn faults_are_listed_and_replaced() {
    let sandbox = small().fault("http-500:n=3".parse().unwrap()).start().unwrap();
    assert_eq!(get(&sandbox, "faults"), (200, "[\"http-500:n=3\"]\n".to_owned()));
    assert_eq!(send(&sandbox, "faults", r#"["internal-error:n=1"]"#).0, 200);
    assert_eq!(fault(&post(&sandbox, &request())).0, "internal_error");
    rows(&post(&sandbox, &request()));
    for (body, said) in [("{}", "JSON array"), (r#"["http-501"]"#, "there is no fault `http-501`")] {
        let (status, text) = send(&sandbox, "faults", body);
        assert!(status == 400 && text.contains(said), "{text}");
    }
    assert_eq!(sandbox.faults().len(), 1, "what is wrong changes nothing");
    sandbox.set_faults(Vec::new());
    assert_eq!(get(&sandbox, "faults").1, "[]\n");
    sandbox.reset();
    assert_eq!(sandbox.stats().calls, 0);
}

#[test]
fn other_addresses_and_methods_are_told() {
    let sandbox = small().start().unwrap();
    assert_eq!(get(&sandbox, "reset").0, 405);
    let (status, text) = get(&sandbox, "nothing");
    assert!(status == 404 && text.contains("requests?since=N"));
    assert_eq!(send(&sandbox, "", "").0, 405);
    assert_eq!(sandbox.stats().calls, 0);
    let closed = small().admin(false).start().unwrap();
    assert_eq!(get(&closed, "stats"), (404, "Not Found".to_owned()));
}

#[test]
fn the_truth_of_other_rows_and_of_employees_can_be_read_back() {
    let sandbox = small().world(calllegs_sandbox::World::Tiny).start().unwrap();
    let lines = |name: &str| {
        let (status, text) = get(&sandbox, name);
        assert_eq!(status, 200, "{text}");
        lines(&text)
    };
    let employees = lines("truth?method=get.employees&fields=id,full_name");
    assert_eq!((employees.len(), employees[0].as_object().unwrap().len()), (6, 2));
    let day = "from=2026-02-28+00:00:00&till=2026-03-01+00:00:00";
    assert_eq!(lines(&format!("truth?method=get.calls_report&{day}")).len(), 20);
    let told = lines(&format!("truth/employees?{day}"));
    // Nobody was told on 2026-02-28 beside the six, and what belongs to none of them.
    assert_eq!(told.len(), 7);
    assert_eq!(told.iter().map(|row| row["calls"].as_i64().unwrap()).sum::<i64>(), 20);
    assert!(told.iter().map(|row| row["call_cost_cents"].as_i64().unwrap()).sum::<i64>() > 0);
    for wrong in
        ["truth?method=get.weather", "truth?method=get.employees&fields=weather", "truth?method=get.sites"]
    {
        assert_eq!(get(&sandbox, wrong).0, 400, "{wrong}");
    }
}
