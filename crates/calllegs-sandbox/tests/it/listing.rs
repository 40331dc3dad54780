//! Fields, order, pages and filters, against naive answers that the test works out itself.

use std::cmp::Ordering;

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use crate::support::{Caller, NOW, caller, caller_on, rows, small};

#[test]
fn default_fields_come_in_the_order_of_the_server() {
    let text = {
        let mut caller = caller(small());
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "get.call_legs_report", "params": {"limit": 1, "fields": [],
            "access_token": "sandbox-acme", "date_from": "2026-02-26", "date_till": "2026-03-01"}});
        String::from_utf8(caller.emulator.handle(NOW, body.to_string().as_bytes())).unwrap()
    };
    let mut rest = text.as_str();
    for name in [
        "id",
        "duration",
        "group_id",
        "is_coach",
        "action_id",
        "direction",
        "is_failed",
        "group_name",
        "start_time",
        "action_name",
        "employee_id",
        "is_operator",
        "scenario_id",
        "call_records",
        "connect_time",
        "finish_reason",
        "is_transfered",
        "total_duration",
        "call_session_id",
        "employee_rating",
        "wav_call_records",
        "release_cause_code",
        "called_phone_number",
        "calling_phone_number",
        "virtual_phone_number",
        "release_cause_description",
    ] {
        let key = format!("\"{name}\":");
        rest = &rest[rest.find(&key).unwrap_or_else(|| panic!("{name} is not next")) + key.len()..];
    }
    let mut caller = caller(small());
    let reply = caller.legs(json!({"limit": 1}));
    assert_eq!(rows(&reply)[0].as_object().unwrap().len(), 26);
    let reply = caller.legs(json!({"limit": 1, "fields": ["start_time", "id", "start_time"]}));
    assert_eq!(rows(&reply)[0].as_object().unwrap().len(), 2);
}

#[test]
fn pages_cut_one_listing() {
    let mut caller = caller(small());
    let all = caller.leg_ids(json!({"limit": 10_000}));
    assert!(all.is_sorted(), "without a sort the id decides");
    assert_eq!(caller.leg_ids(json!({})).len(), all.len().min(1000));
    let sort = json!([{"field": "duration", "order": "desc"}]);
    let sorted = caller.leg_ids(json!({"limit": 10_000, "sort": sort}));
    let mut pages = Vec::new();
    for offset in (0..all.len() + 7).step_by(7) {
        let reply = caller.legs(json!({"limit": 7, "offset": offset, "sort": sort}));
        assert_eq!(reply["result"]["metadata"]["total_items"], all.len());
        pages.extend(rows(&reply).iter().map(|row| row["id"].as_i64().unwrap()));
    }
    assert_eq!(pages, sorted);
    assert_eq!(caller.leg_ids(json!({"offset": 100_000})), [0; 0]);
}

#[test]
fn a_page_forgets_nothing_of_another_listing() {
    let mut caller = caller(small());
    let only = |value: bool| json!({"filter": {"field": "is_operator", "operator": "=", "value": value}, "limit": 10_000});
    let (operators, others) = (caller.leg_ids(only(true)), caller.leg_ids(only(false)));
    assert!(!operators.is_empty() && !others.is_empty());
    assert_eq!(caller.leg_ids(only(true)), operators);
    assert_eq!(operators.len() + others.len(), caller.leg_ids(json!({"limit": 10_000})).len());
}

#[test]
fn nulls_are_last_ascending_and_first_descending_and_ties_go_by_id() {
    let row = |id: i64, rating: Value, name: Value| json!({"id": id, "start_time": "2026-02-10 10:00:00", "employee_rating": rating, "scenario_name": name});
    let mut caller = caller_on(&[
        row(4, json!(2), json!("я")),
        row(2, Value::Null, json!("Б")),
        row(3, json!(2), json!("b")),
        row(1, Value::Null, json!("B")),
        row(5, json!(-1), Value::Null),
    ]);
    let mut sorted = |sort: Value| caller.leg_ids(json!({"sort": sort}));
    assert_eq!(sorted(json!([{"field": "employee_rating"}])), [5, 3, 4, 1, 2]);
    assert_eq!(sorted(json!([{"field": "employee_rating", "order": "desc"}])), [1, 2, 3, 4, 5]);
    // Text by bytes: capitals before small letters, Latin before Cyrillic.
    assert_eq!(sorted(json!([{"field": "scenario_name", "order": "asc"}])), [1, 3, 2, 4, 5]);
    assert_eq!(
        sorted(json!([{"field": "employee_rating"}, {"field": "scenario_name", "order": "desc"}])),
        [5, 4, 3, 2, 1]
    );
}

/// Forty rows in which every combination of small values and nulls occurs.
fn grid() -> Vec<Value> {
    let durations = [json!(0), json!(30), json!(31), Value::Null];
    let reasons =
        [json!("operator_busy"), json!("timeout"), Value::Null, json!("Timeout_"), json!("operator_answer")];
    let flags = [json!(true), json!(false), Value::Null];
    (0..60)
        .map(|id: usize| {
            json!({"id": id, "start_time": "2026-02-10 10:00:00", "duration": durations[id % 4],
                "finish_reason": reasons[id % 5], "is_operator": flags[id % 3]})
        })
        .collect()
}

/// A filter with its meaning, worked out on JSON values: true, false, or unknown.
type Meaning = std::rc::Rc<dyn Fn(&Value) -> Option<bool>>;

#[derive(Clone)]
struct Case {
    wire: Value,
    meaning: Meaning,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.wire.fmt(f)
    }
}

fn leaf() -> impl Strategy<Value = Case> {
    let number = (select(vec!["=", "!=", "<", ">", "<=", ">="]), select(vec![0_i64, 29, 30, 31]));
    let number = number.prop_map(|(operator, value)| {
        let meaning = move |row: &Value| {
            let order = row["duration"].as_i64()?.cmp(&value);
            Some(match operator {
                "=" => order == Ordering::Equal,
                "!=" => order != Ordering::Equal,
                "<" => order == Ordering::Less,
                ">" => order == Ordering::Greater,
                "<=" => order != Ordering::Greater,
                _ => order != Ordering::Less,
            })
        };
        case("duration", operator, &json!(value), meaning)
    });
    let null =
        (select(vec!["duration", "finish_reason", "is_operator"]), any::<bool>()).prop_map(|(field, is)| {
            case(field, if is { "=" } else { "!=" }, &Value::Null, move |row| {
                Some(row[field].is_null() == is)
            })
        });
    let flag = any::<bool>().prop_map(|value| {
        case("is_operator", "=", &json!(value), move |row| Some(row["is_operator"].as_bool()? == value))
    });
    let words = (
        select(vec!["in", "not_in"]),
        select(vec![vec!["timeout"], vec!["operator_busy", "operator_answer"]]),
    );
    let words = words.prop_map(|(operator, words)| {
        let wire = json!(words);
        case("finish_reason", operator, &wire, move |row| {
            Some(words.contains(&row["finish_reason"].as_str()?) == (operator == "in"))
        })
    });
    let numbers = Just(()).prop_map(|()| {
        case("duration", "in", &json!([0, 31]), |row| Some([0, 31].contains(&row["duration"].as_i64()?)))
    });
    prop_oneof![number, null, flag, words, numbers]
}

fn case(
    field: &str,
    operator: &str,
    value: &Value,
    meaning: impl Fn(&Value) -> Option<bool> + 'static,
) -> Case {
    Case {
        wire: json!({"field": field, "operator": operator, "value": value}),
        meaning: std::rc::Rc::new(meaning),
    }
}

fn tree() -> impl Strategy<Value = Case> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        (prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(cases, and)| {
            let wires: Vec<_> = cases.iter().map(|case| case.wire.clone()).collect();
            let wire = json!({"filters": wires, "condition": if and { "and" } else { "or" }});
            let meaning = move |row: &Value| {
                let parts: Vec<_> = cases.iter().map(|case| (case.meaning)(row)).collect();
                if parts.contains(&Some(!and)) {
                    Some(!and)
                } else if parts.contains(&None) {
                    None
                } else {
                    Some(and)
                }
            };
            Case { wire, meaning: std::rc::Rc::new(meaning) }
        })
    })
}

thread_local! {
    static GRID: std::cell::RefCell<Caller> = std::cell::RefCell::new(caller_on(&grid()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn filters_mean_what_sql_means(case in tree()) {
        let expected: Vec<i64> = grid()
            .iter()
            .filter(|row| (case.meaning)(row) == Some(true))
            .map(|row| row["id"].as_i64().unwrap())
            .collect();
        let got = GRID.with_borrow_mut(|caller| caller.leg_ids(json!({"filter": case.wire})));
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn sorts_mean_what_postgresql_means(keys in prop::collection::vec(
        (select(vec!["duration", "finish_reason", "is_operator"]), any::<bool>()), 0..4))
    {
        let mut expected = grid();
        expected.sort_by(|a, b| {
            for (field, descending) in &keys {
                let (a, b) = (&a[field], &b[field]);
                let order = match (a.is_null(), b.is_null()) {
                    (true, true) => Ordering::Equal,
                    (true, false) => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    (false, false) => (a.as_i64(), a.as_bool(), a.as_str()).cmp(&(b.as_i64(), b.as_bool(), b.as_str())),
                };
                let order = if *descending { order.reverse() } else { order };
                if order != Ordering::Equal {
                    return order;
                }
            }
            a["id"].as_i64().cmp(&b["id"].as_i64())
        });
        let expected: Vec<i64> = expected.iter().map(|row| row["id"].as_i64().unwrap()).collect();
        let sort: Vec<_> = keys
            .iter()
            .map(|(field, descending)| json!({"field": field, "order": if *descending { "desc" } else { "asc" }}))
            .collect();
        let got = GRID.with_borrow_mut(|caller| caller.leg_ids(json!({"sort": sort})));
        prop_assert_eq!(got, expected);
    }
}

#[test]
fn text_operators() {
    let numbers = ["70001112233", "0288122", "70_01", "7\\01", "ЖУК"];
    let legs: Vec<_> = (0..)
        .zip(numbers)
        .map(|(id, number)| json!({"id": id, "start_time": "2026-02-10 10:00:00", "called_phone_number": number}))
        .collect();
    let mut caller = caller_on(&legs);
    let mut ids = |operator: &str, value: Value| {
        caller.leg_ids(
            json!({"filter": {"field": "called_phone_number", "operator": operator, "value": value}}),
        )
    };
    assert_eq!(ids("like", json!("7%")), [0, 2, 3]);
    assert_eq!(ids("like", json!("%22%")), [0, 1]);
    assert_eq!(ids("like", json!("7\\_%")), [0; 0]);
    assert_eq!(ids("like", json!("70\\_01")), [2]);
    assert_eq!(ids("like", json!("7\\\\01")), [3]);
    assert_eq!(ids("like", json!("7_\\_01")), [2]);
    assert_eq!(ids("not_like", json!("7%")), [1, 4]);
    assert_eq!(ids("like", json!("жук")), [0; 0]);
    assert_eq!(ids("ilike", json!("жу_")), [4]);
    assert_eq!(ids("not_ilike", json!("ж%")), [0, 1, 2, 3]);
    assert_eq!(ids("regexp", json!("^0[0-9]+$")), [1]);
    assert_eq!(ids("is_not_null", Value::Null).len(), 5);
    assert_eq!(ids("is_null", Value::Null), [0; 0]);
}
