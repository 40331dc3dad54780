//! The filter language: three forms, the server's rules, three-valued logic.

use calllegs_core::{
    Brand, CallLeg, CallLegs, Direction, FinishReason, Mnemonic,
    filter::{Filter, Value},
};
use serde_json::json;

use super::time;

type Legs = Filter<CallLegs>;

fn parse(text: &str) -> Legs {
    Legs::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

#[test]
fn typed_text_and_wire_agree() {
    let typed = CallLegs::IS_OPERATOR.equals(true)
        & CallLegs::IS_COACH.equals(false)
        & CallLegs::DURATION.greater_than(30)
        & CallLegs::FINISH_REASON.one_of([FinishReason::OperatorBusy, FinishReason::Timeout]);
    let text =
        parse("is_operator and not is_coach and duration > 30 and finish_reason in (operator_busy, timeout)");
    assert_eq!(typed, text);
    let wire = json!({"condition": "and", "filters": [
        {"field": "is_operator", "operator": "=", "value": true},
        {"field": "is_coach", "operator": "=", "value": false},
        {"field": "duration", "operator": ">", "value": 30},
        {"field": "finish_reason", "operator": "in", "value": ["operator_busy", "timeout"]},
    ]});
    assert_eq!(serde_json::to_value(&typed).unwrap(), wire);
    assert_eq!(Legs::from_wire(&wire).unwrap(), typed);
}

#[test]
fn an_id_beyond_the_numbers_of_the_api_is_not_null() {
    let typed = CallLegs::ID.equals(u64::MAX) | CallLegs::EMPLOYEE_ID.one_of([7, u64::MAX]);
    assert_eq!(typed.to_string(), "id = 9223372036854775807 or employee_id in (7, 9223372036854775807)");
}

#[test]
fn text_reads_as_documented() {
    for (text, canonical) in [
        ("direction = in", "direction = in"),
        ("finish_reason = caller_busy", "finish_reason = subscriber_busy"),
        ("finish_reason = 'brand_new'", "finish_reason = \"brand_new\""),
        ("employee_id is null or not employee_id is null", "employee_id is null or employee_id is not null"),
        ("calling_phone_number = 79990000001", "calling_phone_number = \"79990000001\""),
        (
            "called_phone_number in (0288122, +79990000001)",
            "called_phone_number in (\"0288122\", \"79990000001\")",
        ),
        ("employee_full_name like '%o''neil%'", "employee_full_name like \"%o'neil%\""),
        ("not (is_coach or duration >= 5)", "is_coach = false and duration < 5"),
        (
            "not finish_reason in (timeout, no_money)",
            "finish_reason != timeout and finish_reason != no_money",
        ),
        ("finish_reason not in (timeout)", "finish_reason != timeout"),
        ("finish_reason not_in (timeout)", "finish_reason not_in (timeout)"),
        ("is_talked AND (is_coach OR is_failed)", "is_talked and (is_coach or is_failed)"),
        ("duration <> 1 and duration == 2", "duration != 1 and duration = 2"),
        ("employee_full_name not like 'А%'", "employee_full_name not_like \"А%\""),
    ] {
        let filter = parse(text);
        assert_eq!(filter.to_string(), canonical, "{text}");
        assert_eq!(parse(canonical), filter);
    }
}

#[test]
fn errors_point_at_the_column_and_suggest() {
    for (text, column, mnemonic, words) in [
        ("is_operator and durration > 3", 17, Mnemonic::UnexpectedParameters, "did you mean `duration`?"),
        ("finish_reason = timeot", 17, Mnemonic::InvalidParameterValue, "did you mean `timeout`?"),
        ("contact_id = 1", 1, Mnemonic::FilterProhibited, "after they arrive"),
        ("start_time > '2026-01-01 00:00:00'", 1, Mnemonic::FilterProhibited, "refuses to filter"),
        ("duration > ", 12, Mnemonic::InvalidParameterValue, "missing at the end"),
        ("duration > 'x'", 10, Mnemonic::DataTypeError, "`duration` is number, not text"),
        ("duration like 'x'", 10, Mnemonic::InvalidParameterValue, "does not take"),
        ("duration", 9, Mnemonic::InvalidParameterValue, "needs an operator"),
        ("(is_coach", 1, Mnemonic::InvalidParameterValue, "not closed"),
        ("is_coach is_failed", 10, Mnemonic::InvalidParameterValue, "there is no operator"),
        ("is_coach) or", 9, Mnemonic::InvalidParameterValue, "not expected"),
        ("finish_reason in ()", 19, Mnemonic::InvalidParameterValue, "a value is expected"),
        ("employee_full_name = 'x", 22, Mnemonic::InvalidParameterValue, "does not end"),
        ("not employee_full_name regexp 'x'", 1, Mnemonic::InvalidParameterValue, "no opposite"),
        ("", 1, Mnemonic::InvalidParameterValue, "missing"),
        ("имя = 1", 1, Mnemonic::UnexpectedParameters, "no field"),
        ("employee_full_name = Ivan", 22, Mnemonic::InvalidParameterValue, "in quotes"),
        ("duration = null", 12, Mnemonic::InvalidParameterValue, "`duration is null`"),
        ("duration <> NULL", 13, Mnemonic::InvalidParameterValue, "`duration is not null`"),
        ("finish_reason in timeout", 18, Mnemonic::InvalidParameterValue, "`in (timeout)`"),
    ] {
        let refusal = Legs::parse(text).unwrap_err();
        assert_eq!((refusal.column(), refusal.mnemonic()), (Some(column), &mnemonic), "{text}: {refusal}");
        assert!(refusal.to_string().contains(words), "{text}: {refusal}");
    }
    let deep = format!("{}is_coach{}", "(".repeat(5000), ")".repeat(5000));
    assert!(Legs::parse(&deep).unwrap_err().to_string().contains("too deep"));
}

#[test]
fn the_wire_is_read_with_the_servers_rules() {
    for (tree, mnemonic, field) in [
        (json!([]), Mnemonic::DataTypeError, "filter"),
        (
            json!({"field": "id", "operator": "=", "value": 1, "x": 1}),
            Mnemonic::UnexpectedParameters,
            "filter.x",
        ),
        (json!({"operator": "=", "value": 1}), Mnemonic::RequiredParameterMissed, "filter.field"),
        (json!({"field": "id", "value": 1}), Mnemonic::RequiredParameterMissed, "filter.operator"),
        (json!({"field": 1, "operator": "="}), Mnemonic::DataTypeError, "filter.field"),
        (json!({"field": "nope", "operator": "="}), Mnemonic::UnexpectedParameters, "filter.field"),
        (json!({"field": "start_time", "operator": "="}), Mnemonic::FilterProhibited, "filter.start_time"),
        (
            json!({"field": "id", "operator": "~", "value": 1}),
            Mnemonic::InvalidParameterValue,
            "filter.operator",
        ),
        (json!({"field": "id", "operator": "=", "value": "1"}), Mnemonic::DataTypeError, "filter.id"),
        (json!({"field": "id", "operator": "in", "value": 1}), Mnemonic::DataTypeError, "filter.id"),
        (json!({"field": "id", "operator": "in", "value": []}), Mnemonic::InvalidParameterValue, "filter.id"),
        (json!({"filters": [], "condition": "and"}), Mnemonic::InvalidParameterValue, "filter.filters"),
        (json!({"filters": {}, "condition": "and"}), Mnemonic::DataTypeError, "filter.filters"),
        (
            json!({"filters": [{"field": "id", "operator": "="}], "condition": "xor"}),
            Mnemonic::InvalidParameterValue,
            "filter.condition",
        ),
        (
            json!({"filters": [{"field": "id", "operator": "="}, {"field": "id", "operator": "="}]}),
            Mnemonic::RequiredParameterMissed,
            "filter.condition",
        ),
    ] {
        let refusal = Legs::from_wire(&tree).unwrap_err();
        assert_eq!((refusal.mnemonic(), refusal.field()), (&mnemonic, field), "{tree}");
    }
    assert_eq!(Legs::read_wire(&json!({})).unwrap(), None);
    // A value that is missing is no value (docs/api.md 5.4).
    assert_eq!(Legs::from_wire(&json!({"field": "id", "operator": "="})).unwrap(), CallLegs::ID.is_null());
}

#[test]
fn missing_values_match_neither_a_condition_nor_its_opposite() {
    let leg = CallLeg::default();
    for text in [
        "duration > 3",
        "duration != 3",
        "is_coach",
        "finish_reason in (timeout)",
        "employee_full_name like '%'",
    ] {
        let filter = parse(text);
        assert!(!filter.matches(&leg).unwrap(), "{text}");
        assert!(!filter.negate().unwrap().matches(&leg).unwrap(), "not {text}");
    }
    assert!(parse("duration is null").matches(&leg).unwrap());
    assert!(parse("duration > 3 or employee_id is null").matches(&leg).unwrap(), "unknown or true is true");
    assert!(
        !parse("duration > 3 and employee_id is null").matches(&leg).unwrap(),
        "unknown and true is unknown"
    );
}

#[test]
fn values_compare_by_their_type() {
    let mut leg = CallLeg::default();
    leg.duration = Some(30);
    leg.direction = Some(Direction::Out);
    leg.employee_full_name = Some("Тестова Анна".into());
    leg.start_time = Some(time("2026-03-02 10:00:00"));
    for (text, expected) in [
        ("duration >= 30 and duration <= 30", true),
        ("duration > 29.5", true),
        ("direction = out", true),
        ("direction = in", false),
        ("employee_full_name like 'Тест%'", true),
        ("employee_full_name like '%Анн_'", true),
        ("employee_full_name like 'тест%'", false),
        ("employee_full_name ilike 'тест%'", true),
        ("employee_full_name like '%\\%%'", false),
        ("employee_full_name regexp 'А[а-я]+$'", true),
        ("employee_full_name in ('x', 'Тестова Анна')", true),
    ] {
        assert_eq!(parse(text).matches(&leg).unwrap(), expected, "{text}");
    }
    for (text, column, words) in [
        ("call_records = 'x'", 14, "`is null` and `is not null`"),
        ("call_records jsquery 'x'", 14, "by the server only"),
        ("start_time > '2026-11-01'", 12, "write '2026-11-01 00:00:00'"),
        ("contact_full_name regexp '^(7495'", 26, "not a regular expression"),
    ] {
        let refusal = Legs::parse_local(text).unwrap_err();
        assert_eq!(refusal.column(), Some(column), "{text}: {refusal}");
        assert!(refusal.to_string().contains(words), "{text}: {refusal}");
    }
    for text in ["call_records is null", "NOT call_records IS NOT NULL"] {
        assert!(Legs::parse_local(text).unwrap().matches(&leg).unwrap(), "{text}");
    }
    let local = Legs::parse_local("start_time >= '2026-03-02 10:00:00' and contact_id is null").unwrap();
    assert!(local.matches(&leg).unwrap());
}

#[test]
fn brands_document_different_operators() {
    let filter = parse("employee_full_name ilike 'x'");
    assert!(filter.check(Brand::Comagic).is_ok() && filter.check(Brand::Uis).is_ok());
    for brand in [Brand::Novofon, Brand::Callgear] {
        assert!(filter.check(brand).unwrap_err().to_string().contains("`ilike`"));
    }
    for portable in ["employee_id is null", "not finish_reason in (timeout, no_money)", "not is_coach"] {
        for brand in Brand::ALL {
            parse(portable).check(*brand).unwrap();
        }
    }
}

#[test]
fn array_operators_hold_for_no_filterable_leg_field() {
    for operator in ["jsquery", "overlap", "not_overlap"] {
        let value = Value::from("x");
        let refusal = Legs::by_name("employee_full_name", operator, value).unwrap_err();
        assert!(matches!(refusal.mnemonic(), Mnemonic::InvalidParameterValue | Mnemonic::DataTypeError));
    }
}

/// `not in` is one condition in text and a tree when it is displayed or sent.
#[test]
fn the_deepest_filter_that_is_read_reads_back() {
    let deep = |parentheses: usize| {
        let (before, after) = ("is_coach or (".repeat(parentheses), ")".repeat(parentheses));
        format!("{before}is_coach or duration not in (1, 2){after}")
    };
    let mut read = 0;
    for parentheses in 58..66 {
        let Ok(filter) = Legs::parse(&deep(parentheses)) else { continue };
        assert_eq!(Legs::parse(&filter.to_string()).as_ref(), Ok(&filter), "{parentheses}");
        assert_eq!(Legs::from_wire(&serde_json::to_value(&filter).unwrap()), Ok(filter), "{parentheses}");
        read += 1;
    }
    assert!((1..8).contains(&read), "{read}");
}
