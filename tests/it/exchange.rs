//! The machine of one call, over both drivers and a clock that only waits move.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use calllegs_core::{
    Client, ErrorKind, Mnemonic, blocking,
    call::Raw,
    exchange::Account,
    limits::Gate,
    retry::{Exponential, RetryPolicy},
    transport::TransportErrorKind::{BodyTooLarge, Connect, Interrupted, Other, Timeout},
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, account_with_login};
use serde_json::json;

/// What one call came to.
struct Outcome {
    result: Result<String, calllegs_core::Error>,
    script: Script,
    waited: Duration,
    spent: u32,
}

/// Makes the call with the blocking and with the async client and checks that they agree in everything.
fn call(method: &str, account: fn() -> Account, answers: &[Answer]) -> Outcome {
    let raw = || Raw::new(method, serde_json::Map::new());
    let text = |reply: Result<_, _>| {
        reply.map(|(data, _): (Box<serde_json::value::RawValue>, _)| data.get().to_owned())
    };

    let (script, clock) = (Script::new(answers.to_vec()), VirtualClock::default());
    let client = blocking::Client::new(script.clone(), clock.clone(), account());
    let result = text(client.call(raw()));
    let outcome = Outcome { result, script, waited: clock.passed(), spent: client.account().gate().spent() };

    let (script, clock) = (Script::new(answers.to_vec()), VirtualClock::default());
    let client = Client::new(script.clone(), clock.clone(), account());
    let twin = text(ready(client.call(raw())));
    assert_eq!(format!("{twin:?}"), format!("{:?}", outcome.result));
    assert_eq!(script.sent(), outcome.script.sent());
    assert_eq!(clock.passed(), outcome.waited);
    outcome
}

/// Runs a future that never has to wait for anything outside.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing in these tests is pending"),
    }
}

fn ok() -> Answer {
    Answer::data(&json!([]), &json!({}))
}

fn login() -> Answer {
    Answer::data(
        &json!({"access_token": "marker-session", "expire_at": 1_800_000_000, "app_id": 1}),
        &json!({}),
    )
}

fn expired() -> Answer {
    Answer::error("access_token_expired", -32001, &json!({}))
}

#[test]
fn three_server_errors_in_a_row_are_invisible() {
    let internal = || Answer::error("internal_error", -32603, &json!({}));
    for fault in
        [internal(), Answer::status(500, "oops"), Answer::status(502, "<html>"), Answer::status(200, "{")]
    {
        let outcome = call("get.account", account_with_key, &[fault.clone(), fault.clone(), fault, ok()]);
        assert_eq!(outcome.result.unwrap(), "[]");
        assert!(outcome.waited > Duration::ZERO, "back-off waits");
    }
}

#[test]
fn transport_faults_are_retried_by_what_may_have_been_sent() {
    // (kind, retried for a read, retried for a write that must not happen twice)
    for (kind, read, write) in [
        (Connect, true, true),
        (Interrupted, true, false),
        (Timeout, true, false),
        (BodyTooLarge, false, false),
        (Other, false, false),
    ] {
        let of = |method| call(method, account_with_key, &[Answer::Fail(kind), ok()]).result.is_ok();
        assert_eq!((of("get.account"), of("create.tag")), (read, write), "{kind:?}");
    }
}

#[test]
fn refusals_are_final_and_free() {
    for word in Mnemonic::WORDS {
        if matches!(*word, "internal_error" | "limit_exceeded") {
            continue;
        }
        let outcome = call("get.account", account_with_key, &[Answer::error(word, -32602, &json!({})), ok()]);
        let error = outcome.result.unwrap_err();
        assert_eq!(error.server().unwrap().mnemonic().as_str(), *word);
        assert_eq!(outcome.script.sent().len(), 1, "{word} is not asked twice");
        assert_eq!(outcome.spent, 0, "{word} costs nothing");
    }
}

#[test]
fn an_unknown_mnemonic_is_final() {
    let outcome =
        call("get.account", account_with_key, &[Answer::error("brand_new", -32603, &json!({})), ok()]);
    assert_eq!(outcome.result.unwrap_err().server().unwrap().mnemonic().as_str(), "brand_new");
}

#[test]
fn gateway_statuses_that_pass_are_retried_and_others_are_not() {
    for (status, passes) in [
        (408, true),
        (425, true),
        (429, true),
        (500, true),
        (503, true),
        (301, false),
        (400, false),
        (404, false),
    ] {
        let outcome = call("get.account", account_with_key, &[Answer::status(status, "gateway"), ok()]);
        assert_eq!(outcome.result.is_ok(), passes, "{status}");
        if let Err(error) = outcome.result {
            assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Http, status));
        }
    }
}

#[test]
fn a_json_error_wins_over_the_status() {
    let Answer::Reply(_, body) = Answer::error("forbidden", -32003, &json!({})) else { unreachable!() };
    let outcome = call("get.account", account_with_key, &[Answer::Reply(500, body), ok()]);
    assert_eq!(*outcome.result.unwrap_err().server().unwrap().mnemonic(), Mnemonic::Forbidden);
}

#[test]
fn the_minute_is_waited_for_and_the_day_is_not() {
    let exceeded =
        |span| Answer::error("limit_exceeded", -32029, &json!({"limit_type": span, "limit_max_value": 60}));
    let outcome = call("get.account", account_with_key, &[exceeded("minute"), ok()]);
    assert_eq!(outcome.result.unwrap(), "[]");
    assert!((60..=62).contains(&outcome.waited.as_secs()), "{:?}", outcome.waited);

    for span in ["day", "hour"] {
        let outcome = call("get.account", account_with_key, &[exceeded(span), ok()]);
        let error = outcome.result.unwrap_err();
        assert_eq!(*error.server().unwrap().mnemonic(), Mnemonic::LimitExceeded);
        assert!(error.retry_after().is_some(), "the error says when");
        assert_eq!(outcome.waited, Duration::ZERO);
    }
}

#[test]
fn a_call_is_not_sent_into_an_empty_minute() {
    let last = Answer::data(&json!([]), &json!({"limits": {"minute_remaining": 0, "minute_reset": 23}}));
    let (script, clock) = (Script::new([last, ok()]), VirtualClock::default());
    let client = blocking::Client::new(script.clone(), clock.clone(), account_with_key());
    client.call(Raw::new("get.account", serde_json::Map::new())).unwrap();
    assert_eq!(clock.passed(), Duration::ZERO);
    client.call(Raw::new("get.account", serde_json::Map::new())).unwrap();
    assert!((23..=25).contains(&clock.passed().as_secs()), "{:?}", clock.passed());
}

#[test]
fn a_budget_stops_before_the_call_that_would_break_it() {
    let script = Script::new([ok(), ok(), ok()]);
    let account = account_with_key().with_gate(Gate::default().with_budget(2));
    let client = blocking::Client::new(script.clone(), VirtualClock::default(), account);
    let get = || client.call(Raw::new("get.account", serde_json::Map::new()));
    get().unwrap();
    get().unwrap();
    assert_eq!(get().unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(script.sent().len(), 2);
}

#[test]
fn a_login_signs_in_once_and_again_when_the_session_dies() {
    let outcome = call("get.account", account_with_login, &[login(), expired(), login(), ok()]);
    assert_eq!(outcome.result.unwrap(), "[]");
    assert_eq!(outcome.script.methods(), ["login.user", "get.account", "login.user", "get.account"]);
    assert_eq!(outcome.script.sent()[1]["params"]["access_token"], "marker-session");
    assert_eq!(outcome.spent, 1, "sign-ins cost nothing");

    let outcome =
        call("get.account", account_with_login, &[login(), expired(), login(), expired(), login(), ok()]);
    assert_eq!(*outcome.result.unwrap_err().server().unwrap().mnemonic(), Mnemonic::AccessTokenExpired);
    assert_eq!(outcome.script.sent().len(), 4, "once, not for ever");
}

#[test]
fn a_dead_key_is_final_at_once() {
    let outcome = call("get.account", account_with_key, &[expired(), ok()]);
    assert_eq!(outcome.script.sent().len(), 1);
    assert!(outcome.result.is_err());
}

#[test]
fn a_sign_in_that_meets_the_minutes_limit_waits_for_it() {
    let exceeded = Answer::error("limit_exceeded", -32029, &json!({"limit_type": "minute"}));
    let outcome = call("get.account", account_with_login, &[exceeded, login(), ok()]);
    assert_eq!(outcome.result.unwrap(), "[]");
    assert!(outcome.waited >= Duration::from_secs(60), "{:?}", outcome.waited);
}

#[test]
fn a_refused_sign_in_names_its_own_method() {
    let refused = Answer::error("auth_error", -32001, &json!({}));
    let outcome = call("get.account", account_with_login, &[refused, login(), ok()]);
    let error = outcome.result.unwrap_err();
    assert_eq!(error.method(), Some("login.user"));
    assert_eq!(outcome.script.sent().len(), 1);
}

#[test]
fn policies_bound_attempts_and_time() {
    let failing = || Script::new(std::iter::repeat_n(Answer::status(500, ""), 100));
    let attempts = |policy: Box<dyn Fn(blocking::Client) -> blocking::Client>| {
        let script = failing();
        let client =
            policy(blocking::Client::new(script.clone(), VirtualClock::default(), account_with_key()));
        let error = client.call(Raw::new("get.account", serde_json::Map::new())).unwrap_err();
        assert_eq!(error.attempts() as usize, script.sent().len());
        script.sent().len()
    };
    assert_eq!(attempts(Box::new(|client| client.with_policy(Exponential::default().at_most(3)))), 3);
    let within = attempts(Box::new(|client| {
        client.with_policy(Exponential::default().within(Duration::from_secs(10)).at_most(90))
    }));
    assert!((2..20).contains(&within), "{within}");
}

#[test]
fn a_call_that_is_given_up_holds_nothing_of_the_account() {
    /// Never answers.
    #[derive(Debug)]
    struct Silent;

    #[async_trait::async_trait]
    impl calllegs_core::transport::Transport for Silent {
        async fn send(
            &self,
            _: calllegs_core::transport::HttpRequest,
        ) -> Result<calllegs_core::transport::HttpResponse, calllegs_core::transport::TransportError>
        {
            std::future::pending().await
        }
    }

    let account = account_with_key().with_gate(Gate::default().with_budget(3));
    let client = Client::new(Silent, VirtualClock::default(), account);
    for _ in 0..3 {
        let mut call = Box::pin(client.call(Raw::new("get.account", serde_json::Map::new())));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    // What was sent may have been charged: it counts, and it is no longer in flight.
    assert_eq!(client.account().gate().spent(), 3);
    let refused = ready(client.call(Raw::new("get.account", serde_json::Map::new())));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Limit);
}
