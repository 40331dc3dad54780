//! The document of what there is: by the meta-schema of `OpenRPC`, which lies beside this file as its project publishes it
//! under the Apache License 2.0 (github.com/open-rpc/meta-schema), and by the tables.

use std::collections::BTreeSet;

use calllegs_core::Brand;
use calllegs_reports::METHODS;
use calllegs_sandbox::{Builder, Emulator};
use serde_json::{Value, json};

use crate::{
    server::exchange,
    support::{caller, fault, small},
};

fn document(builder: Builder) -> Value {
    let mut emulator: Emulator = builder.emulator().unwrap();
    let reply = emulator.handle(0, br#"{"jsonrpc":"2.0","id":7,"method":"rpc.discover"}"#);
    let mut reply: Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!((&reply["jsonrpc"], &reply["id"]), (&json!("2.0"), &json!(7)));
    assert_eq!(emulator.stats().points, 0);
    reply["result"].take()
}

/// What of the value a schema of the meta-schema's own words does not allow.
fn violations(schema: &Value, value: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        match reference.strip_prefix('#') {
            Some(path) => violations(root.pointer(path).unwrap(), value, root, at, found),
            None if reference.contains("/properties/$ref") => {
                check(value.is_string(), at, "a reference", found);
            }
            None => check_schema(value, at, found),
        }
        return;
    }
    let fits = |name: &str| match name {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        other => panic!("the meta-schema has the type {other}"),
    };
    check(schema["type"].as_str().is_none_or(fits), at, "its type", found);
    if let Some(words) = schema["enum"].as_array() {
        // The version is filled in where the meta-schema is released.
        let is_open =
            words.iter().any(|word| word.as_str().is_some_and(|word| word.starts_with("GENERATED")));
        check(is_open || words.contains(value), at, "one of its words", found);
    }
    let shortest = schema["minLength"].as_u64().unwrap_or_default();
    check(value.as_str().is_none_or(|text| text.len() as u64 >= shortest), at, "its length", found);
    if let Some(choices) = schema["oneOf"].as_array() {
        let matching = choices.iter().filter(|choice| {
            let mut wrong = Vec::new();
            violations(choice, value, root, at, &mut wrong);
            wrong.is_empty()
        });
        check(matching.count() == 1, at, "exactly one of its forms", found);
    }
    for item in value.as_array().into_iter().flatten().filter(|_| !schema["items"].is_null()) {
        violations(&schema["items"], item, root, &format!("{at}/*"), found);
    }
    let Some(members) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        check(members.contains_key(name.as_str().unwrap()), at, &format!("its member {name}"), found);
    }
    for (name, member) in members {
        let at = format!("{at}/{name}");
        let by_pattern = |pattern: &str| match pattern {
            "^x-" => name.starts_with("x-"),
            "[0-z]+" => name.bytes().any(|byte| (b'0'..=b'z').contains(&byte)),
            other => panic!("the meta-schema has the pattern {other}"),
        };
        let patterns = schema["patternProperties"].as_object().into_iter().flatten();
        let pattern = patterns.filter(|(pattern, _)| by_pattern(pattern)).map(|(_, schema)| schema).next();
        match schema["properties"].get(name).or(pattern) {
            Some(schema) => violations(schema, member, root, &at, found),
            None => check(schema["additionalProperties"] != false, &at, "nothing", found),
        }
    }
}

fn check(holds: bool, at: &str, wanted: &str, found: &mut Vec<String>) {
    if !holds {
        found.push(format!("{at}: {wanted}"));
    }
}

/// A JSON schema, by the words that the document uses.
fn check_schema(schema: &Value, at: &str, found: &mut Vec<String>) {
    if schema.is_boolean() {
        return;
    }
    let Some(words) = schema.as_object() else { return found.push(format!("{at}: a schema")) };
    for (word, value) in words {
        let at = format!("{at}/{word}");
        let is_type = |value: &Value| {
            ["array", "boolean", "integer", "null", "number", "object", "string"]
                .iter()
                .any(|name| value == name)
        };
        match word.as_str() {
            "type" => check(
                value.as_array().map_or_else(|| is_type(value), |all| all.iter().all(is_type)),
                &at,
                "types",
                found,
            ),
            "properties" => {
                value.as_object().unwrap().values().for_each(|schema| check_schema(schema, &at, found));
            }
            "items" | "additionalProperties" => check_schema(value, &at, found),
            "anyOf" => value.as_array().unwrap().iter().for_each(|schema| check_schema(schema, &at, found)),
            "enum" => check(value.as_array().is_some_and(|words| !words.is_empty()), &at, "words", found),
            "examples" | "required" => check(value.is_array(), &at, "a list", found),
            "$ref" | "description" | "pattern" | "title" => check(value.is_string(), &at, "a text", found),
            "maxProperties" | "maximum" | "minItems" | "minimum" => {
                check(value.is_u64(), &at, "a number", found);
            }
            "default" => {}
            "deprecated" | "x-default" | "x-filter" | "x-sort" => {
                check(value.is_boolean(), &at, "a flag", found);
            }
            _ => found.push(format!("{at}: a word of JSON Schema")),
        }
    }
}

#[test]
fn the_document_is_one_by_the_meta_schema() {
    let schema: Value = serde_json::from_str(include_str!("openrpc-meta-schema.json")).unwrap();
    for brand in Brand::ALL {
        let document = document(small().brand(*brand));
        let mut found = Vec::new();
        violations(&schema, &document, &schema, "", &mut found);
        assert!(found.is_empty(), "{found:#?}");
        assert!(document["openrpc"].as_str().unwrap().starts_with("1."));
        // Names are distinct, and every reference leads somewhere.
        let names: BTreeSet<_> =
            document["methods"].as_array().unwrap().iter().map(|method| method["name"].as_str()).collect();
        assert_eq!(names.len(), document["methods"].as_array().unwrap().len());
        let text = document.to_string();
        for reference in text.split(r##""$ref":"#"##).skip(1) {
            let (path, _) = reference.split_once('"').unwrap();
            assert!(document.pointer(path).is_some(), "{path}");
        }
    }
}

#[test]
fn a_schema_that_is_none_is_found() {
    let schema: Value = serde_json::from_str(include_str!("openrpc-meta-schema.json")).unwrap();
    let sound = document(small());
    for (path, wrong) in [
        ("/openrpc", json!(1)),
        ("/methods/0/name", json!("")),
        ("/methods/0/paramStructure", json!("by-luck")),
        ("/methods/0/params/0/schema", json!(7)),
        ("/methods/0/errors/0", json!({"code": "x", "message": ""})),
        ("/methods/0", json!({"name": "x", "params": [], "surplus": 1})),
        ("/info", json!({"title": "x"})),
    ] {
        let mut document = sound.clone();
        *document.pointer_mut(path).unwrap() = wrong;
        let mut found = Vec::new();
        violations(&schema, &document, &schema, "", &mut found);
        assert!(!found.is_empty(), "{path}");
    }
}

#[test]
fn methods_and_fields_are_those_of_the_brand() {
    for brand in [Brand::Callgear, Brand::Novofon, Brand::Uis] {
        let document = document(small().brand(brand));
        let methods = document["methods"].as_array().unwrap();
        let find = |name: &str| methods.iter().find(|method| method["name"] == name);
        for method in METHODS {
            let found = find(method.name);
            assert_eq!(found.is_some(), method.is_documented(brand), "{}", method.name);
            let Some(found) = found else { continue };
            let items = &found["result"]["schema"]["properties"]["data"]["items"]["properties"];
            for field in method.fields {
                let is_there = !items[field.name()].is_null();
                assert_eq!(is_there, field.is_documented(brand), "{} {}", method.name, field.name());
                if is_there {
                    assert_eq!(items[field.name()]["x-filter"], field.is_filterable(Some(brand)));
                    assert_eq!(items[field.name()]["x-sort"], field.is_sortable(Some(brand)));
                }
            }
        }
        let legs = find("get.call_legs_report").unwrap();
        let required: Vec<_> =
            legs["params"].as_array().unwrap().iter().filter(|param| param["required"] == true).collect();
        assert_eq!(required.len(), 3);
        assert!(find("login.user").is_some());
    }
}

#[test]
fn a_server_has_the_document_at_an_address_of_its_own() {
    let sandbox = small().start().unwrap();
    let (status, head, body) = exchange(&sandbox, "GET", "/openrpc.json", "", "");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"));
    let served: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(served["servers"][0]["url"], "http://sandbox/v2.0");
    assert_eq!(served["methods"], document(small())["methods"]);
    assert_eq!(exchange(&sandbox, "POST", "/openrpc.json", "", "{}").0, 404);
    let mut caller = caller(small());
    assert_eq!(
        fault(&caller.raw(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.discover","params":{"a":1}}"#)).0,
        "unexpected_parameters"
    );
}
