//! Every refusal, its form, and which of two wins.

use calllegs_core::Brand;
use serde_json::{Value, json};

use crate::support::{Caller, caller, fault, rows, small};

#[test]
fn an_error_has_the_documented_form() {
    let mut caller = caller(small());
    assert_eq!(
        caller.legs(json!({"limit": 10_001})),
        json!({"jsonrpc": "2.0", "id": 1, "error": {
            "code": -32602,
            "message": "Invalid parameter value",
            "data": {"mnemonic": "invalid_parameter_value", "field": "limit", "value": 10_001, "params": {},
                "extended_helper": null},
        }})
    );
}

#[test]
fn bodies_that_are_no_requests() {
    let mut caller = caller(small());
    for (body, mnemonic, code, id) in [
        ("", "parse_error", -32700, Value::Null),
        ("{", "parse_error", -32700, Value::Null),
        ("\u{feff}{}", "parse_error", -32700, Value::Null),
        (r#"{"jsonrpc":"2.0","id":1,"method":"get.account"} x"#, "parse_error", -32700, Value::Null),
        ("[", "parse_error", -32700, Value::Null),
        ("[]", "batch_opreations_not_supported", -32099, Value::Null),
        ("7", "invalid_request", -32600, Value::Null),
        ("{}", "invalid_request", -32600, Value::Null),
        (r#"{"jsonrpc":"1.0","id":5,"method":"get.account"}"#, "invalid_request", -32600, json!(5)),
        (r#"{"jsonrpc":2.0,"id":5,"method":"get.account"}"#, "invalid_request", -32600, json!(5)),
        (r#"{"jsonrpc":"2.0","method":"get.account"}"#, "notifications_not_supported", -32099, Value::Null),
        (r#"{"jsonrpc":"2.0","id":null,"method":"get.account"}"#, "invalid_request", -32600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":true,"method":"get.account"}"#, "invalid_request", -32600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":{},"method":"get.account"}"#, "invalid_request", -32600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":5}"#, "invalid_request", -32600, json!(5)),
        (r#"{"jsonrpc":"2.0","id":5,"method":1}"#, "invalid_request", -32600, json!(5)),
        (
            r#"{"jsonrpc":"2.0","id":5,"method":"get.account","params":[1]}"#,
            "invalid_request",
            -32600,
            json!(5),
        ),
        (r#"{"jsonrpc":"2.0","id":"a","method":"get.weather"}"#, "method_not_found", -32601, json!("a")),
        (r#"{"jsonrpc":"2.0","id":5,"method":"get.account"}"#, "required_parameter_missed", -32602, json!(5)),
    ] {
        let reply = caller.raw(body);
        assert_eq!(fault(&reply).0, mnemonic, "{body}");
        assert_eq!(reply["error"]["code"], code, "{body}");
        assert_eq!(reply["id"], id, "{body}");
    }
}

#[test]
fn a_body_that_is_no_text_is_no_json() {
    let mut caller = caller(small());
    let reply = caller.emulator.handle(0, b"{\"jsonrpc\":\"\xff\"}");
    assert_eq!(fault(&serde_json::from_slice(&reply).unwrap()).0, "parse_error");
}

#[test]
fn nesting_without_end_is_refused() {
    let mut caller = caller(small());
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"get.account","params":{{"a":{}"#, "[".repeat(100_000));
    assert_eq!(fault(&caller.raw(&deep)).0, "parse_error");
    let closed = format!("{deep}{}}}}}", "]".repeat(100_000));
    assert_eq!(fault(&caller.raw(&closed)).0, "parse_error");
}

#[test]
fn a_batch_is_spelt_by_brand() {
    for brand in [Brand::Comagic, Brand::Uis, Brand::Novofon, Brand::Callgear] {
        let reply = caller(small().brand(brand)).raw("[{}]");
        let right = if brand == Brand::Callgear {
            "batch_operations_not_supported"
        } else {
            "batch_opreations_not_supported"
        };
        assert_eq!(fault(&reply).0, right);
        assert_eq!(reply["error"]["message"], "Batch operations not supported");
    }
}

#[test]
fn ids_come_back_as_they_were_sent() {
    let mut caller = caller(small());
    for id in ["7", "-1", "12345678901234567890123", "1.50", r#""""#, r#""0042""#, r#""\u0041\"""#] {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"get.account","params":{{"access_token":"sandbox-acme"}}}}"#
        );
        let reply = caller.emulator.handle(0, body.as_bytes());
        let text = String::from_utf8(reply).unwrap();
        assert!(text.starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#)), "{text}");
    }
}

#[test]
fn unknown_members_are_tolerated_beside_params_and_the_last_of_two_holds() {
    let mut caller = caller(small());
    let reply = caller.raw(
        r#"{"jsonrpc":"1.0","jsonrpc":"2.0","id":1,"contentType":"json","method":"get.account",
        "params":{"access_token":"nobody","access_token":"sandbox-acme"}}"#,
    );
    assert_eq!(rows(&reply).len(), 1);
}

#[test]
fn parameters_of_the_report() {
    let mut caller = caller(small());
    let leaf = |field: &str, operator: &str, value: Value| json!({"field": field, "operator": operator, "value": value});
    for (params, mnemonic, field) in [
        (json!({"date_from": 5}), "data_type_error", Some("date_from")),
        (json!({"limit": "10"}), "data_type_error", Some("limit")),
        (json!({"limit": null}), "data_type_error", Some("limit")),
        (json!({"fields": "id"}), "data_type_error", Some("fields")),
        (json!({"fields": [1]}), "data_type_error", Some("fields")),
        (json!({"sort": {}}), "data_type_error", Some("sort")),
        (json!({"sort": ["id"]}), "data_type_error", Some("sort")),
        (json!({"filter": []}), "data_type_error", Some("filter")),
        (json!({"include_ongoing_calls": true}), "unexpected_parameters", Some("include_ongoing_calls")),
        (json!({"limit": 0}), "invalid_parameter_value", Some("limit")),
        (json!({"limit": 1.5}), "invalid_parameter_value", Some("limit")),
        (json!({"limit": 10_001}), "invalid_parameter_value", Some("limit")),
        (json!({"offset": -1}), "invalid_parameter_value", Some("offset")),
        (json!({"offset": 100_001}), "invalid_parameter_value", Some("offset")),
        (json!({"date_from": "2026-02-01T00:00:00"}), "invalid_parameter_value", Some("date_from")),
        (json!({"date_till": "2026-02-30 00:00:00"}), "invalid_parameter_value", Some("date_till")),
        (json!({"date_till": "01.03.2026"}), "invalid_parameter_value", Some("date_till")),
        (json!({"fields": ["id", "weather"]}), "unexpected_parameters", Some("fields")),
        (json!({"sort": [{"field": "weather"}]}), "unexpected_parameters", Some("sort.field")),
        (json!({"sort": [{"field": "id"}]}), "sort_prohibited", Some("sort.field")),
        (json!({"sort": [{"field": "group_id"}]}), "sort_prohibited", Some("sort.field")),
        (json!({"sort": [{"order": "asc"}]}), "required_parameter_missed", Some("sort.field")),
        (
            json!({"sort": [{"field": "duration", "order": "up"}]}),
            "invalid_parameter_value",
            Some("sort.order"),
        ),
        (json!({"sort": [{"field": "duration", "by": 1}]}), "unexpected_parameters", Some("sort.by")),
        (json!({"filter": leaf("start_time", ">", json!("2026-02-01 00:00:00"))}), "filter_prohibited", None),
        (json!({"filter": leaf("contact_id", "=", json!(1))}), "filter_prohibited", None),
        (json!({"filter": leaf("weather", "=", json!(1))}), "unexpected_parameters", None),
        (json!({"filter": leaf("duration", "~", json!(1))}), "invalid_parameter_value", None),
        (json!({"filter": leaf("duration", "like", json!("1%"))}), "invalid_parameter_value", None),
        (json!({"filter": leaf("duration", "=", json!("1"))}), "data_type_error", None),
        (json!({"filter": leaf("duration", "in", json!(1))}), "data_type_error", None),
        (json!({"filter": {"field": "duration"}}), "required_parameter_missed", None),
        (
            json!({"filter": {"filters": [leaf("id", "=", json!(1)), leaf("id", "=", json!(2))]}}),
            "required_parameter_missed",
            None,
        ),
        (
            json!({"filter": leaf("called_phone_number", "regexp", json!("("))}),
            "invalid_parameter_value",
            None,
        ),
        (json!({"user_id": 1}), "invalid_parameter_value", Some("user_id")),
        (
            json!({"date_from": "2026-03-01 00:00:00", "date_till": "2026-02-01 00:00:00"}),
            "invalid_parameters_combination",
            Some("date_from"),
        ),
        (
            json!({"date_from": "2025-10-01 00:00:00", "date_till": "2026-02-01 00:00:00"}),
            "date_interval_limit_reached",
            Some("date_till"),
        ),
    ] {
        let reply = caller.legs(params.clone());
        let (got, at) = fault(&reply);
        assert_eq!(got, mnemonic, "{params}");
        if field.is_some() {
            assert_eq!(at, field, "{params}");
        }
    }
    let reply = caller.call("get.call_legs_report", json!({"date_from": "2026-02-01 00:00:00"}));
    assert_eq!(fault(&reply), ("required_parameter_missed", Some("date_till")));
}

/// Each step adds one more mistake, of an earlier check: it must win over all later ones.
#[test]
fn checks_run_in_the_documented_order() {
    let mut caller = caller(small().minute_limit(Some(1)));
    let mut params = json!({"access_token": "sandbox-acme", "date_from": "2026-03-01 00:00:00",
        "date_till": "2026-02-01 00:00:00"});
    let expect = |caller: &mut Caller, params: &Value, method: &str, wrap: &str, mnemonic: &str| {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        assert_eq!(fault(&caller.raw(&wrap.replace("BODY", &body))).0, mnemonic);
    };
    let method = "get.call_legs_report";
    expect(&mut caller, &params, method, "BODY", "invalid_parameters_combination");
    params["limit"] = json!(0);
    expect(&mut caller, &params, method, "BODY", "invalid_parameter_value");
    params.as_object_mut().unwrap().remove("date_till");
    expect(&mut caller, &params, method, "BODY", "required_parameter_missed");
    params["surplus"] = json!(1);
    expect(&mut caller, &params, method, "BODY", "unexpected_parameters");
    params["offset"] = json!("0");
    expect(&mut caller, &params, method, "BODY", "data_type_error");
    assert_eq!(rows(&caller.call("get.account", json!({}))).len(), 1);
    expect(&mut caller, &params, method, "BODY", "limit_exceeded");
    expect(&mut caller, &params, "get.customer_users", "BODY", "forbidden");
    params["access_token"] = json!("nobody");
    expect(&mut caller, &params, "get.customer_users", "BODY", "access_token_invalid");
    expect(&mut caller, &params, "get.weather", "BODY", "method_not_found");
    expect(&mut caller, &params, "get.weather", "[BODY]", "batch_opreations_not_supported");
    expect(&mut caller, &params, "get.weather", "[BODY", "parse_error");
}

#[test]
fn no_error_repeats_a_secret() {
    let mut caller = caller(small());
    let secret = "marker-of-a-secret";
    for body in [
        json!({"method": "get.account", "params": {"access_token": secret}}),
        json!({"method": "get.account", "params": {"access_token": [secret]}}),
        json!({"method": "get.account", "params": {"access_token": "sandbox-acme", "acces_token": secret}}),
        json!({"method": "login.user", "params": {"login": "demo", "password": secret}}),
        json!({"method": "login.user", "params": {"login": "demo", "password": {"a": secret}}}),
    ] {
        let mut request = body;
        (request["jsonrpc"], request["id"]) = (json!("2.0"), json!(1));
        let reply = caller.raw(&request.to_string());
        fault(&reply);
        assert!(!reply.to_string().contains(secret), "{reply}");
    }
    assert!(!format!("{:?}", caller.emulator).contains("sandbox-acme"));
}

#[test]
fn the_pages_of_a_brand_decide() {
    let regexp = json!({"field": "called_phone_number", "operator": "ilike", "value": "7%"});
    assert_eq!(
        fault(&caller(small().brand(Brand::Novofon)).legs(json!({"filter": regexp}))).0,
        "invalid_parameter_value"
    );
    assert!(!rows(&caller(small().brand(Brand::Comagic)).legs(json!({"filter": regexp}))).is_empty());
    let mut callgear = caller(small().brand(Brand::Callgear));
    let filter = json!({"field": "scenario_name", "operator": "=", "value": "x"});
    assert_eq!(
        fault(&callgear.legs(json!({"filter": filter}))),
        ("unexpected_parameters", Some("filter.field"))
    );
    assert_eq!(fault(&callgear.legs(json!({"fields": ["scenario_name"]}))).0, "unexpected_parameters");
    assert_eq!(
        fault(&callgear.legs(json!({"sort": [{"field": "scenario_name"}]}))).0,
        "unexpected_parameters"
    );
    let reply = callgear.legs(json!({"limit": 1}));
    assert!(rows(&reply)[0].get("wav_call_records").is_none());
}
