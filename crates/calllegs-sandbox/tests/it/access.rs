//! Keys, sessions, partners.

use serde_json::{Value, json};

use crate::support::{Caller, NOW, caller, fault, rows, small};

fn log_in(caller: &mut Caller, password: &str) -> Value {
    let params = json!({"login": "demo", "password": password});
    caller.raw(&json!({"jsonrpc": "2.0", "id": 1, "method": "login.user", "params": params}).to_string())
}

#[test]
fn a_session_lives_one_hour() {
    let mut caller = caller(small());
    assert_eq!(fault(&log_in(&mut caller, "wrong")), ("auth_error", None));
    let data = log_in(&mut caller, "demo")["result"]["data"].clone();
    assert_eq!(data["expire_at"], NOW + 3600);
    assert_eq!(data["app_id"], 100_001);
    let token = data["access_token"].clone();
    caller.now += 3599;
    rows(&caller.call("get.account", json!({"access_token": token})));
    caller.now += 1;
    assert_eq!(fault(&caller.call("get.account", json!({"access_token": token}))).0, "access_token_expired");
    let second = log_in(&mut caller, "demo")["result"]["data"]["access_token"].clone();
    assert_ne!(second, token);
    rows(&caller.call("get.account", json!({"access_token": second})));
    caller.call("logout.user", json!({"access_token": second}));
    assert_eq!(fault(&caller.call("get.account", json!({"access_token": second}))).0, "access_token_invalid");
    assert_eq!(fault(&caller.call("logout.user", json!({"access_token": second}))).0, "access_token_invalid");
}

#[test]
fn a_login_and_the_key_of_its_account_see_the_same() {
    let mut caller = caller(small());
    let token = log_in(&mut caller, "demo")["result"]["data"]["access_token"].clone();
    let with_key = caller.legs(json!({"limit": 50}));
    let with_login = caller.legs(json!({"limit": 50, "access_token": token}));
    assert_eq!(rows(&with_key), rows(&with_login));
    // Signing out ends sessions, not keys.
    caller.call("logout.user", json!({}));
    rows(&caller.call("get.account", json!({})));
}

#[test]
fn the_account_is_an_array_of_one_object() {
    let mut caller = caller(small().zone(calllegs_sandbox::Tz::Asia__Yekaterinburg));
    let reply = caller.call("get.account", json!({}));
    assert_eq!(
        reply["result"]["data"],
        json!([{"app_id": 100_001, "name": "Акме (тест)", "timezone": "Asia/Yekaterinburg"}])
    );
}

#[test]
fn a_partner_speaks_for_the_users_of_its_customers() {
    let mut caller = caller(small());
    let own = caller.leg_ids(json!({"limit": 10_000}));
    assert_eq!(fault(&caller.call("get.customer_users", json!({}))).0, "forbidden");
    caller.token = "sandbox-agency".to_owned();
    assert_eq!(fault(&caller.call("get.account", json!({}))).0, "forbidden");
    assert_eq!(fault(&caller.legs(json!({}))), ("required_parameter_missed", Some("user_id")));
    assert_eq!(fault(&caller.legs(json!({"user_id": "320001"}))).0, "data_type_error");
    // The user of an account that is no customer.
    assert_eq!(
        fault(&caller.legs(json!({"user_id": 310_001}))),
        ("invalid_parameter_value", Some("user_id"))
    );

    let reply =
        caller.call("get.customer_users", json!({"sort": [{"field": "customer_id", "order": "desc"}]}));
    let users = rows(&reply);
    assert_eq!(reply["result"]["metadata"]["total_items"], 3);
    let ids: Vec<_> = users.iter().map(|user| user["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [330_001, 320_001, 320_002]);
    assert_eq!(users[1]["customer_id"], users[2]["customer_id"]);
    let mut legs = |user: i64| caller.leg_ids(json!({"user_id": user, "limit": 10_000}));
    let (shop, same_shop, clinic) = (legs(320_001), legs(320_002), legs(330_001));
    assert!(!shop.is_empty() && !clinic.is_empty());
    assert_eq!(shop, same_shop);
    assert_ne!(shop, clinic);
    assert_ne!(shop, own);
    let filter = json!({"field": "name", "operator": "like", "value": "Клиника%"});
    assert_eq!(rows(&caller.call("get.customer_users", json!({"filter": filter}))).len(), 1);
}

#[test]
fn a_client_may_name_its_own_user_only() {
    let mut caller = caller(small());
    let plain = caller.leg_ids(json!({}));
    assert_eq!(caller.leg_ids(json!({"user_id": 310_001})), plain);
    assert_eq!(fault(&caller.legs(json!({"user_id": 320_001}))).0, "invalid_parameter_value");
}
