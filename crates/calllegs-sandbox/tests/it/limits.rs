//! Points, windows and their metadata, by a clock that the test moves.

use serde_json::json;

use crate::support::{caller, fault, rows, small};

#[test]
fn only_successes_are_charged_and_the_metadata_counts_this_call() {
    let mut caller = caller(small().minute_limit(Some(3)).day_limit(Some(5)));
    let limits = |reply: &serde_json::Value| reply["result"]["metadata"]["limits"].clone();
    assert_eq!(fault(&caller.legs(json!({"limit": 0}))).0, "invalid_parameter_value");
    let reply = caller.call("get.account", json!({}));
    assert_eq!(reply["result"]["metadata"]["total_items"], 1);
    assert_eq!(
        limits(&reply),
        json!({"day_limit": 5, "day_remaining": 4, "day_reset": 86_400,
            "minute_limit": 3, "minute_remaining": 2, "minute_reset": 60})
    );
    caller.now += 45;
    assert_eq!(limits(&caller.call("get.account", json!({})))["minute_reset"], 15);
    assert_eq!(limits(&caller.call("get.account", json!({})))["minute_remaining"], 0);
    let reply = caller.call("get.account", json!({}));
    assert_eq!(fault(&reply).0, "limit_exceeded");
    assert_eq!(reply["error"]["code"], -32029);
    assert_eq!(reply["error"]["data"]["params"], json!({"limit_type": "minute", "limit_max_value": 3}));
    assert_eq!(
        reply["error"]["message"],
        "Limit per minute has been exceeded. Value of current limit per minute is 3"
    );
    // The window began with the first charged call, not with the hour hand.
    caller.now += 14;
    assert_eq!(fault(&caller.call("get.account", json!({}))).0, "limit_exceeded");
    caller.now += 1;
    assert_eq!(limits(&caller.call("get.account", json!({})))["minute_reset"], 60);
    rows(&caller.call("get.account", json!({})));
    let reply = caller.call("get.account", json!({}));
    assert_eq!(reply["error"]["data"]["params"]["limit_type"], "day");
    caller.now += 86_400 - 60;
    assert_eq!(limits(&caller.call("get.account", json!({})))["day_remaining"], 4);
    let stats = caller.emulator.stats();
    assert_eq!((stats.calls, stats.refused, stats.points), (10, 4, 6));
}

#[test]
fn sessions_share_the_points_of_their_account_and_cost_none() {
    let mut caller = caller(small().minute_limit(Some(1)));
    let login = caller.call("login.user", json!({"login": "demo", "password": "demo", "access_token": null}));
    assert_eq!(fault(&login).0, "unexpected_parameters");
    let body =
        r#"{"jsonrpc":"2.0","id":1,"method":"login.user","params":{"login":"demo","password":"demo"}}"#;
    let login = caller.raw(body);
    assert!(login["result"].get("metadata").is_none());
    let token = login["result"]["data"]["access_token"].clone();
    rows(&caller.call("get.account", json!({"access_token": token})));
    assert_eq!(fault(&caller.call("get.account", json!({}))).0, "limit_exceeded");
    // Another account has its own; signing out is free.
    rows(&caller.call("get.customer_users", json!({"access_token": "sandbox-agency"})));
    assert_eq!(caller.call("logout.user", json!({"access_token": token}))["result"], json!({"data": {}}));
}

#[test]
fn a_limit_that_is_off_is_not_told() {
    let mut caller = caller(small().minute_limit(Some(9)));
    let reply = caller.call("get.account", json!({}));
    assert_eq!(
        reply["result"]["metadata"]["limits"],
        json!({"minute_limit": 9, "minute_remaining": 8, "minute_reset": 60})
    );
}

#[test]
fn a_clock_set_back_neither_frees_nor_prolongs() {
    let mut caller = caller(small().minute_limit(Some(2)));
    rows(&caller.call("get.account", json!({})));
    caller.now -= 1_000_000;
    let reply = caller.call("get.account", json!({}));
    assert_eq!(reply["result"]["metadata"]["limits"]["minute_reset"], 60);
    assert_eq!(fault(&caller.call("get.account", json!({}))).0, "limit_exceeded");
}
