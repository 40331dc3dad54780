//! Tokens, phones, names and record ids never reach Debug, Display or an error.

use std::{collections::BTreeMap, error::Error as _};

use calllegs_core::{
    CallLeg, CallLegs, Client, Query, blocking,
    call::{Login, LoginReply, Params, Raw},
    filter::{Filter, Value},
    rpc::{self, Identity, RequestId},
    schema::Record,
    transport::{Body, HttpRequest, TransportError, TransportErrorKind},
    value::secret::{AccessKey, Password, SessionToken},
};
use calllegs_tests::{Answer, KEY, Script, VirtualClock, account_with_key, account_with_login};
use serde_json::json;

use super::period;

/// Whatever must not be seen starts with this.
const MARKER: &str = "marker-";

fn clean(text: &str) {
    assert!(!text.contains(MARKER), "{text}");
}

fn chain(error: &calllegs_core::Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(format!("{error} {error:?}"), |text, cause| format!("{text} {cause} {cause:?}"))
}

#[test]
fn debug_of_everything_that_holds_a_secret_is_clean() {
    clean(&format!("{:?}", AccessKey::new(KEY)));
    clean(&format!("{:?}", SessionToken::new("marker-session")));
    clean(&format!("{:?}", Password::new("marker-password")));
    clean(&format!("{:?} {:?}", account_with_key(), account_with_login()));
    clean(&format!("{:?}", Login::new("marker-login", &Password::new("marker-password"))));
    clean(&format!("{:?}", Body::new(KEY)));
    clean(&format!("{:?}", HttpRequest::new(Body::new(KEY))));
    let mut params = Params::default();
    params.member("access_token", KEY);
    clean(&format!("{params:?}"));
    let members = json!({"phone": "marker-phone"}).as_object().unwrap().clone();
    clean(&format!("{:?}", Raw::new("get.account", members)));
    let (script, clock) = (Script::default(), VirtualClock::default());
    clean(&format!(
        "{:?}",
        blocking::Client::builder(script.clone(), account_with_key()).timer(clock.clone()).build()
    ));
    clean(&format!("{:?}", Client::builder(script, account_with_login()).timer(clock).build()));
}

#[test]
fn debug_of_rows_and_filters_shows_no_person() {
    let said = json!({"id": 1, "employee_full_name": "marker-name", "calling_phone_number": "marker-phone",
        "call_records": ["marker-record"], "hold": "marker-extra", "duration": "marker-misfit",
        "finish_reason": "marker-reason"});
    let leg: CallLeg = serde_json::from_value(said.clone()).unwrap();
    clean(&format!("{leg:?} {:?} {:?}", leg.extra, leg.finish_reason));
    clean(&format!("{:?}", leg.select(&[])));
    // A documented word is nobody's secret.
    let leg: CallLeg = serde_json::from_value(json!({"finish_reason": "operator_disconnects"})).unwrap();
    assert!(format!("{leg:?}").contains("finish_reason: operator_disconnects"), "{leg:?}");
    let filter =
        CallLegs::EMPLOYEE_FULL_NAME.equals("marker-name") | CallLegs::CALLING_PHONE_NUMBER.like("marker-%");
    clean(&format!("{filter:?}"));
    let query = Query::<CallLegs>::new(period("2026-03-02 00:00:00", "2026-03-03 00:00:00")).filter(filter);
    clean(&format!("{query:?}"));
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{said}]}}}}"#);
    clean(&format!("{:?}", rpc::reply(&query, RequestId::new(1), body.as_bytes()).unwrap()));
    let login = rpc::reply(
        &Login::new("x", &Password::new("y")),
        RequestId::new(1),
        br#"{"jsonrpc":"2.0","id":1,"result":{"data":{"access_token":"marker-session"}}}"#,
    );
    let login: LoginReply = login.unwrap();
    clean(&format!("{login:?}"));
}

#[test]
fn rows_on_their_way_are_not_shown() {
    let row =
        |id| json!({"id": id, "start_time": "2026-03-02 10:00:00", "contact_phone_number": "marker-phone"});
    let script = Script::new([Answer::page(&[row(1), row(2)], 2)]);
    let client = blocking::Client::builder(script, account_with_key()).timer(VirtualClock::default()).build();
    let query = Query::<CallLegs>::new(period("2026-03-02 00:00:00", "2026-03-03 00:00:00"));
    let mut legs = client.sweep(query.select((CallLegs::CONTACT_PHONE_NUMBER,))).unwrap();
    assert!(legs.next().is_some());
    clean(&format!("{legs:?}"));
}

#[test]
fn errors_quote_neither_request_nor_reply() {
    let query = || Query::<CallLegs>::new(period("2026-03-02 00:00:00", "2026-03-03 00:00:00"));
    let bodies = [
        r#"{"jsonrpc":"2.0","id":1,"result":{"data":"marker-data"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":"marker-result"}"#,
        r#"{"jsonrpc":"marker-version","id":1}"#,
        r#"{"jsonrpc":"2.0","id":"marker-id","result":{"data":[]}}"#,
        "marker-garbage",
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no","data":{"mnemonic":"data_type_error","field":"filter","value":"marker-value"}}}"#,
    ];
    for body in bodies {
        let error = rpc::reply(&query(), RequestId::new(1), body.as_bytes()).unwrap_err();
        clean(&chain(&error));
    }
    let own = query().select_as::<BTreeMap<String, u8>>([]);
    let body = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"tags":"marker-tag"},"marker-row"]}}"#;
    let page = rpc::reply(&own, RequestId::new(1), body).unwrap();
    let unfit = page.rows[0].as_ref().unwrap_err();
    clean(&format!("{page:?} {:?} {unfit} {unfit:?}", page.unplaced));
}

#[test]
fn failed_calls_do_not_show_the_key() {
    for answer in [
        Answer::Fail(TransportErrorKind::Timeout),
        Answer::status(404, "marker-page"),
        Answer::error("access_token_invalid", -32001, &json!({})),
    ] {
        let script = Script::new(std::iter::repeat_n(answer, 9));
        let client =
            blocking::Client::builder(script, account_with_key()).timer(VirtualClock::default()).build();
        clean(&chain(&client.call(Raw::new("get.account", serde_json::Map::new())).unwrap_err()));
    }
    clean(&format!("{:?}", TransportError::new(TransportErrorKind::Other, "x")));
    clean(&format!("{:?}", Identity::key(KEY)));
}

#[test]
fn refusals_show_names_and_not_values() {
    for text in ["duration = 'marker-value'", "is_coach = 'marker-value'", "finish_reason > 'marker-value'"] {
        let refusal = Filter::<CallLegs>::parse(text).unwrap_err();
        clean(&format!("{refusal} {refusal:?}"));
    }
    let refusal = Filter::<CallLegs>::by_name("duration", "=", Value::from("marker-value")).unwrap_err();
    clean(&format!("{refusal} {refusal:?}"));
}
