//! A row gives back what the server said, whatever it said.

use calllegs_core::{
    CallLeg, CallLegs,
    call::Raw,
    rpc::{self, RequestId},
    schema::{FieldInfo, Listing, Record},
};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(Value::from("2026-03-02 10:15:04")),
        Just(Value::from("operator_busy")),
        Just(Value::from("caller_busy")),
        prop::collection::vec("[a-f0-9]{4}".prop_map(Value::from), 0..3).prop_map(Value::from),
        Just(serde_json::json!({"a": [1, null]})),
    ]
}

fn member() -> impl Strategy<Value = (String, Value)> {
    let names: Vec<String> = CallLegs::METHOD.fields.iter().map(|field| field.name().to_owned()).collect();
    (prop_oneof![9 => prop::sample::select(names), 1 => Just("hold_duration".to_owned())], value())
}

proptest! {
    #[test]
    fn nothing_that_the_server_said_is_lost(members in prop::collection::vec(member(), 0..40)) {
        let said: Map<String, Value> = members.into_iter().collect();
        let leg: CallLeg = serde_json::from_str(&Value::from(said.clone()).to_string()).unwrap();
        let columns: Vec<&FieldInfo> = CallLegs::METHOD.fields.iter().collect();
        let gave = serde_json::to_value(leg.select(&columns)).unwrap();
        for (name, value) in &said {
            // A number as text, a flag as a number: the typed value may stand for it, but never another one.
            let same = gave.get(name) == Some(value) || match (gave.get(name), value) {
                (Some(Value::Number(gave)), Value::String(said)) => gave.as_f64() == said.trim().parse().ok(),
                (Some(Value::Number(gave)), Value::Number(said)) => gave.as_f64() == said.as_f64(),
                (Some(Value::Bool(gave)), Value::Number(said)) => said.as_i64() == Some(i64::from(*gave)),
                (Some(Value::Bool(gave)), Value::String(said)) => *said == gave.to_string(),
                (Some(Value::Number(gave)), Value::Bool(_)) => gave.is_i64(),
                _ => false,
            };
            prop_assert!(same, "{name}: {value} became {:?}", gave.get(name));
        }
    }

    #[test]
    fn no_bytes_panic_the_reader_of_replies(body in prop::collection::vec(any::<u8>(), 0..80)) {
        let call = Raw::new("get.account", Map::new());
        prop_assert!(rpc::reply(&call, RequestId::new(1), &body).is_err());
    }
}
