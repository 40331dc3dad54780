//! The listings that the emulator answers from the same calls as legs: each is what it has, conditions agree with a filter of
//! all rows, and what the server would refuse is refused here.

use calllegs_core::{
    Brand,
    schema::{FieldInfo, Kind, MethodInfo},
};
use serde_json::Value;

use super::{
    listings::{report, sorted, truth},
    support::{run, small},
};

const COMPANIONS: [&str; 12] = [
    "calls_report",
    "financial_call_legs_report",
    "employees",
    "group_employees",
    "scenarios",
    "virtual_numbers",
    "sip_lines",
    "statuses",
    "tags",
    "customers",
    "customer_users",
    "account",
];

/// Fields that hold one value, and that the server filters by or not.
fn plain(method: &'static MethodInfo, is_filterable: bool) -> impl Iterator<Item = &'static FieldInfo> {
    let has_one = |field: &&FieldInfo| {
        let kinds = [Kind::Boolean, Kind::Enum, Kind::Id, Kind::Number, Kind::String];
        kinds.contains(&field.kind()) && field.is_documented(Brand::Uis) && !field.is_deprecated()
    };
    let fields = method.fields.iter().filter(has_one);
    fields
        .filter(move |field| method.takes("filter") && field.is_filterable(Some(Brand::Uis)) == is_filterable)
}

/// A condition that this value of a field passes.
fn condition(field: &FieldInfo, value: &Value) -> Option<String> {
    let value = match value {
        Value::String(text) if !text.contains(['\'', '\\', '"']) => format!("'{text}'"),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Array(_) | Value::Null | Value::Object(_) | Value::String(_) => return None,
    };
    Some(format!("{} = {value}", field.name()))
}

#[test]
fn each_companion_is_what_the_emulator_has() {
    let mut own = small().emulator().unwrap();
    for name in COMPANIONS {
        let expected = truth(&mut own, name);
        let told = run(&mut report(name, &[]));
        let rows = told.rows();
        assert!(!rows.is_empty(), "{name}");
        assert_eq!(sorted(&rows), sorted(&expected), "{name}");
    }
}

#[test]
fn conditions_on_every_companion_agree_with_a_filter_of_all_rows() {
    let mut asked = 0;
    for name in COMPANIONS {
        let all = run(&mut report(name, &[])).rows();
        let method = calllegs_reports::method(name).unwrap();
        let telling = |field: &'static FieldInfo| {
            // A value that some rows have and others have not tells the most.
            let mut values =
                all.iter().filter_map(|row| row.get(field.name())).filter(|value| !value.is_null());
            let first = values.next()?;
            Some((field, values.find(|value| *value != first).unwrap_or(first).clone()))
        };
        for (field, value) in plain(method, true).filter_map(telling).take(4) {
            let Some(condition) = condition(field, &value) else { continue };
            let expected: Vec<_> = all.iter().filter(|row| row[field.name()] == value).cloned().collect();
            let told = run(&mut report(name, &["--where", &condition]));
            assert_eq!(sorted(&told.rows()), sorted(&expected), "{name}: {condition}");
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked}");
}

#[test]
fn a_condition_that_the_server_prohibits_is_refused_without_it() {
    let mut refused = 0;
    for name in COMPANIONS {
        let method = calllegs_reports::method(name).unwrap();
        for field in plain(method, false).take(2) {
            let condition = format!("{} is null", field.name());
            let told =
                run(&mut report(name, &["--where", &condition, "--endpoint", "http://127.0.0.1:9/v2.0"]));
            told.refused(
                2,
                &[&format!("the server refuses to filter by `{}`", field.name()), "--where-local"],
            );
            refused += 1;
        }
    }
    assert!(refused > 8, "{refused}");
    let told = run(&mut report("account", &["--where", "name is null"]));
    told.refused(2, &["get.account takes no conditions"]);
}

#[test]
fn conditions_agree_with_a_filter_of_all_rows() {
    for (name, condition, keep) in [
        (
            "calls_report",
            "is_lost and wait_duration > 5",
            (|row: &Value| row["is_lost"] == true && row["wait_duration"].as_i64() > Some(5))
                as fn(&Value) -> bool,
        ),
        ("employees", "id > 0 and full_name like '%а%'", |row| {
            row["full_name"].as_str().unwrap().contains('а')
        }),
    ] {
        let all = run(&mut report(name, &[])).rows();
        let expected: Vec<_> = all.iter().filter(|row| keep(row)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{name}: {}", expected.len());
        for flag in ["--where", "--where-local"] {
            assert_eq!(
                sorted(&run(&mut report(name, &[flag, condition])).rows()),
                sorted(&expected),
                "{name} {flag}"
            );
        }
        let count = run(&mut report(name, &["--where", condition, "--count"]));
        assert_eq!(count.stdout.trim(), expected.len().to_string(), "{name}: {}", count.stderr);
    }
}
