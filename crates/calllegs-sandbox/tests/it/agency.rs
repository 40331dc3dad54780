//! The partner with many clients.

use std::collections::{BTreeMap, BTreeSet};

use calllegs_sandbox::{Builder, Condition, Customer};
use chrono::NaiveDateTime;
use serde_json::{Value, json};

use crate::{
    server::{exchange, post},
    support::{Caller, NOW, caller, fault, ids, json as body_of, rows, small},
};

fn agency(builder: Builder) -> Caller {
    Caller { token: "sandbox-hundred".to_owned(), ..caller(builder) }
}

fn hundred() -> Builder {
    small().legs_per_day(8000).days(2).agency(100)
}

fn with(customers: &[Customer], condition: Condition) -> Customer {
    let found: Vec<_> = customers.iter().filter(|customer| customer.condition == condition).collect();
    found[0].clone()
}

#[test]
fn the_key_is_there_on_demand_only() {
    let reply = agency(small()).call("get.customer_users", json!({}));
    assert_eq!(fault(&reply).0, "access_token_invalid");
    // What was there is as ever.
    let mut small_partner = caller(hundred());
    small_partner.token = "sandbox-agency".to_owned();
    assert_eq!(rows(&small_partner.call("get.customer_users", json!({}))).len(), 3);
}

#[test]
fn its_clients_are_listed_by_pages() {
    let mut caller = agency(hundred());
    let mut listed = Vec::new();
    for offset in [0, 40, 80, 120] {
        let reply = caller.call("get.customer_users", json!({"limit": 40, "offset": offset}));
        assert_eq!(reply["result"]["metadata"]["total_items"], 110);
        listed.extend(rows(&reply).clone());
    }
    assert_eq!(listed.len(), 110);
    let mut users = BTreeMap::<i64, Vec<i64>>::new();
    for row in &listed {
        assert!(row["name"].as_str().unwrap().contains("(тест)") && row["login"].is_string());
        users.entry(row["customer_id"].as_i64().unwrap()).or_default().push(row["id"].as_i64().unwrap());
    }
    let customers = caller.emulator.customers();
    let own: Vec<_> = customers.iter().filter(|customer| customer.app_id > 200_000).collect();
    assert_eq!(own.len(), 100);
    assert!(own.iter().all(|customer| users[&customer.app_id] == customer.users));
    let sizes: BTreeSet<_> = own.iter().map(|customer| customer.legs).collect();
    assert!(sizes.contains(&0) && sizes.last().unwrap() > &500, "{sizes:?}");
}

#[test]
fn each_client_has_its_own_legs_and_all_share_the_points_of_the_partner() {
    let mut caller = agency(hundred().day_limit(Some(300)).limits_of(calllegs_sandbox::LimitsOf::Account));
    let customers = caller.emulator.customers();
    let mut spent = 0;
    let mut seen = BTreeSet::new();
    for customer in customers.iter().filter(|customer| customer.app_id > 200_000) {
        let user = customer.users[0];
        let reply =
            caller.legs(json!({"user_id": user, "limit": 10_000, "fields": ["id", "call_session_id"]}));
        if customer.condition != Condition::Sound && customer.condition != Condition::DiesHalfWay {
            continue;
        }
        spent += 1;
        assert_eq!(reply["result"]["metadata"]["limits"]["day_remaining"], 300 - spent);
        assert_eq!(rows(&reply).len(), customer.legs);
        let truth = caller.emulator.truth(
            Some(user),
            NaiveDateTime::MIN,
            NaiveDateTime::MAX,
            [calllegs_core::CallLegs::ID.info()],
        );
        let truth: Vec<Value> = truth.unwrap().iter().map(|leg| serde_json::from_str(leg).unwrap()).collect();
        assert_eq!(truth.iter().map(|leg| leg["id"].as_i64().unwrap()).collect::<Vec<_>>(), ids(&reply));
        if !rows(&reply).is_empty() {
            seen.insert(reply["result"]["data"].to_string());
        }
    }
    assert_eq!(spent, 98);
    assert!(seen.len() > 90, "clients differ: {}", seen.len());
}

#[test]
fn two_clients_refuse_and_one_dies_half_way() {
    let mut caller = agency(hundred());
    let customers = caller.emulator.customers();
    for (condition, mnemonic) in
        [(Condition::NotWhitelisted, "ip_not_whitelisted"), (Condition::Disabled, "account_inactive")]
    {
        let user = with(&customers, condition).users[0];
        let points = caller.points();
        let reply = caller.legs(json!({"user_id": user}));
        assert_eq!(fault(&reply).0, mnemonic);
        assert_eq!(caller.points(), points, "a refused call costs nothing");
    }
    let dying = with(&customers, Condition::DiesHalfWay);
    let sound = with(&customers, Condition::Sound);
    assert!(dying.legs > 200, "it has more than two pages of a hundred");
    let mut page = |user: i64, offset: u32| {
        caller.exchange(
            "get.call_legs_report",
            json!({"date_from": "2026-02-01 00:00:00", "date_till": "2026-03-02 00:00:00",
                "user_id": user, "limit": 100, "offset": offset}),
        )
    };
    for offset in [0, 100] {
        assert_eq!(rows(&body_of(&page(dying.users[0], offset))).len(), 100);
    }
    for offset in [200, 200, 0] {
        assert_eq!(page(dying.users[0], offset).status, 503);
    }
    assert_eq!(page(sound.users[0], 0).status, 200, "the others live");
    let (now, dying) = (NOW, dying.users[0]);
    caller.emulator.reset();
    let again = caller.legs(json!({"user_id": dying, "limit": 1}));
    assert_eq!((rows(&again).len(), now), (1, caller.now));
}

#[test]
fn users_of_others_are_no_users() {
    let mut caller = agency(hundred());
    for user in [310_001, 320_001, 999_999] {
        assert_eq!(
            fault(&caller.legs(json!({"user_id": user}))),
            ("invalid_parameter_value", Some("user_id"))
        );
    }
    assert_eq!(fault(&caller.legs(json!({}))), ("required_parameter_missed", Some("user_id")));
    caller.token = "sandbox-agency".to_owned();
    assert_eq!(fault(&caller.legs(json!({"user_id": 400_001}))).0, "invalid_parameter_value");
}

#[test]
fn the_server_tells_who_they_are() {
    let sandbox = small().agency(5).start().unwrap();
    let (status, _, body) = exchange(&sandbox, "GET", "/__sandbox/customers", "", "");
    let lines = String::from_utf8(body).unwrap();
    let customers: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((status, customers.len()), (200, 7));
    let conditions: Vec<_> =
        customers.iter().map(|customer| customer["condition"].as_str().unwrap()).collect();
    for word in ["sound", "not-whitelisted", "disabled", "dies-half-way"] {
        assert!(conditions.contains(&word), "{conditions:?}");
    }
    let reply = post(
        &sandbox,
        &json!({"jsonrpc": "2.0", "id": 1, "method": "get.customer_users",
            "params": {"access_token": "sandbox-hundred"}}),
    );
    assert_eq!(rows(&reply).len(), 6);
    let user = customers[2]["users"][0].as_i64().unwrap();
    let (_, _, legs) = exchange(&sandbox, "GET", &format!("/__sandbox/truth?user_id={user}"), "", "");
    assert_eq!(String::from_utf8(legs).unwrap().lines().count(), customers[2]["legs"]);
    assert_eq!(exchange(&sandbox, "GET", "/__sandbox/truth?user_id=1", "", "").0, 400);
    assert_eq!(exchange(&sandbox, "GET", "/__sandbox/truth?fields=id,mood", "", "").0, 400);
}
