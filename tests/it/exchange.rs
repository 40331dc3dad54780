//! The machine of one call, over both drivers and a clock that only waits move.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use calllegs_core::{
    Client, ErrorKind, Mnemonic, blocking,
    call::Raw,
    error::Retryability,
    exchange::{Account, Exchange, Step},
    limits::{Gate, Reserve},
    retry::{Exponential, RetryPolicy},
    session::Credentials,
    transport::{
        Body, HttpRequest, HttpResponse,
        TransportErrorKind::{BodyTooLarge, Connect, Interrupted, Other, Timeout},
    },
    value::secret::{AccessKey, Password},
};
use calllegs_tests::{Answer, KEY, Script, VirtualClock, account_with_key, account_with_login};
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
    let client = blocking::Client::builder(script.clone(), account()).timer(clock.clone()).build();
    let result = text(client.call(raw()));
    let outcome = Outcome { result, script, waited: clock.passed(), spent: client.usage().spent };

    let (script, clock) = (Script::new(answers.to_vec()), VirtualClock::default());
    let client = Client::builder(script.clone(), account()).timer(clock.clone()).build();
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
        // An hour is over after an hour at the latest; when a day ends is for the server to say.
        assert_eq!(error.retry_after().is_some(), span == "hour");
        assert_eq!(outcome.waited, Duration::ZERO);
    }
}

#[test]
fn a_time_that_the_server_names_is_waited_for_and_no_longer() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    for asked in [
        "8",
        "8.0",
        "Sun, 06 Nov 1994 08:49:45 GMT",
        "Sunday, 06-Nov-94 08:49:45 GMT",
        "Sun Nov  6 08:49:45 1994",
    ] {
        let Answer::Reply(_, internal) = Answer::error("internal_error", -32603, &json!({})) else {
            unreachable!()
        };
        for busy in [
            Answer::status(503, "<html>busy</html>"),
            Answer::status(429, "slow down"),
            Answer::status(408, ""),
            Answer::status(200, "{"),
            Answer::Reply(500, internal),
        ] {
            let busy = busy.with("retry-after", asked).with("date", DATE);
            let outcome = call("get.account", account_with_key, &[busy, ok()]);
            assert_eq!(outcome.result.unwrap(), "[]", "{asked}");
            assert_eq!(outcome.waited.as_secs(), 8, "{asked}");
        }
    }
    // What is not understood, and what is no wait, is left to the back-off.
    for asked in ["soon", "-8", "0", "Sun, 06 Nov 1994 08:49:30 GMT"] {
        let busy = Answer::status(503, "").with("retry-after", asked).with("date", DATE);
        let outcome = call("get.account", account_with_key, &[busy, ok()]);
        assert!(outcome.result.is_ok() && outcome.waited <= Duration::from_secs(2), "{asked}");
    }
}

#[test]
fn short_waits_that_the_server_names_do_not_use_up_the_attempts() {
    let busy = Answer::status(503, "").with("retry-after", "2");
    let mut answers = vec![busy; 60];
    answers.push(ok());
    let outcome = call("get.account", account_with_key, &answers);
    assert_eq!(outcome.result.unwrap(), "[]");
    assert_eq!(outcome.waited.as_secs(), 120);
    // Those without a time are counted as ever.
    let mut answers = vec![Answer::status(503, "").with("retry-after", "2"); 7];
    answers.extend(vec![Answer::status(503, ""); 20]);
    let outcome = call("get.account", account_with_key, &answers);
    assert_eq!((outcome.result.unwrap_err().attempts(), outcome.script.sent().len()), (12, 12));
}

#[test]
fn the_patience_with_a_server_has_an_end_that_says_what_it_asks_for() {
    for asked in ["301", "99999999999999999999", "Mon, 07 Nov 1994 08:49:37 GMT"] {
        let busy =
            Answer::status(503, "").with("retry-after", asked).with("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let outcome = call("get.account", account_with_key, &[busy, ok()]);
        let error = outcome.result.unwrap_err();
        let seconds = error.retry_after().unwrap().as_secs();
        assert!(seconds > 300 && error.to_string().contains(&format!("asks to wait {seconds} s")), "{error}");
        assert_eq!((outcome.script.sent().len(), outcome.waited), (1, Duration::ZERO));
    }
    // Five minutes are the bound of all waits together.
    let outcome =
        call("get.account", account_with_key, &vec![Answer::status(503, "").with("retry-after", "60"); 50]);
    assert_eq!((outcome.result.unwrap_err().attempts(), outcome.waited.as_secs()), (5, 240));
    // A policy may have another one, and one attempt is one attempt.
    for (policy, sent) in [
        (
            Box::new(Exponential::default().waiting_at_most(Duration::from_secs(10)).at_most(5))
                as Box<dyn RetryPolicy>,
            2,
        ),
        (Box::new(Exponential::default().at_most(1)), 1),
    ] {
        let script = Script::new(vec![Answer::status(503, "").with("retry-after", "7"); 9]);
        let client = blocking::Client::builder(script.clone(), account_with_key());
        let client = client.timer(VirtualClock::default()).retry_policy(Boxed(policy)).build();
        client.call(Raw::new("get.account", serde_json::Map::new())).unwrap_err();
        assert_eq!(script.sent().len(), sent);
    }
}

/// Policies of different types in one table.
#[derive(Debug)]
struct Boxed(Box<dyn RetryPolicy>);

impl RetryPolicy for Boxed {
    fn verdict(
        &self,
        attempt: &calllegs_core::retry::Attempt,
        error: &calllegs_core::Error,
    ) -> calllegs_core::retry::Verdict {
        self.0.verdict(attempt, error)
    }
}

#[test]
fn an_exceeded_limit_says_its_time_in_any_way() {
    let exceeded = |params| Answer::error("limit_exceeded", -32029, &params);
    // By the header, whatever the limit.
    for params in [json!({"limit_type": "minute"}), json!({"limit_type": "day"}), json!({})] {
        let answers = [exceeded(params.clone()).with("retry-after", "20.0"), ok()];
        let outcome = call("get.account", account_with_key, &answers);
        assert_eq!(outcome.result.unwrap(), "[]", "{params}");
        // One second more than asked for: the gate's margin.
        assert_eq!(outcome.waited.as_secs(), 21, "{params}");
    }
    // By the name of the limit in any spelling, or by the words of the message.
    for span in ["minute", "Minute", " MINUTE ", "per_minute", "per minute"] {
        let outcome = call("get.account", account_with_key, &[exceeded(json!({"limit_type": span})), ok()]);
        assert!(outcome.result.is_ok() && outcome.waited.as_secs() >= 60, "{span}");
    }
    let worded = |text: &str| {
        let error = json!({"code": -32029, "message": text});
        Answer::Reply(200, format!(r#"{{"jsonrpc":"2.0","id":$id,"error":{error}}}"#))
    };
    for text in ["Limit per day has been exceeded", "LIMIT PER HOUR"] {
        let outcome = call("get.account", account_with_key, &[worded(text), ok()]);
        let error = outcome.result.unwrap_err();
        // Nothing is known of the end of a day.
        assert_eq!(error.retry_after().is_none(), text.contains("day"), "{text}");
        assert!(outcome.waited.is_zero(), "{text}");
    }
    // A limit without a name is taken for the minute's, once.
    let outcome = call("get.account", account_with_key, &[worded("Words of the server"), ok()]);
    assert!(outcome.result.is_ok() && outcome.waited.as_secs() >= 60);
    let outcome = call("get.account", account_with_key, &vec![worded("Words of the server"); 9]);
    assert_eq!(outcome.script.sent().len(), 2);
}

#[test]
fn the_error_of_a_local_limit_says_when_to_come_back() {
    for (limits, gate, budget) in [
        (json!({"day_remaining": 0, "day_reset": 500}), Gate::default(), Some(500)),
        (json!({"hour_remaining": 0, "hour_reset": 500}), Gate::default(), Some(500)),
        (
            json!({"day_remaining": 5, "day_limit": 10, "day_reset": 500}),
            Gate::default().with_reserve(Reserve::Percent(50)),
            Some(500),
        ),
        (json!({}), Gate::default().with_budget(1), None),
    ] {
        let script = Script::new([Answer::data(&json!([]), &json!({"limits": limits})), ok()]);
        let client = blocking::Client::builder(script, account_with_key().with_gate(gate))
            .timer(VirtualClock::default())
            .build();
        client.call(Raw::new("get.account", serde_json::Map::new())).unwrap();
        let error = client.call(Raw::new("get.account", serde_json::Map::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        let at_reset = error.retryability() == Retryability::AtReset;
        assert_eq!(at_reset, budget.is_some(), "{limits}");
        // A second more: the margin of the gate.
        assert_eq!(error.retry_after().map(|wait| wait.as_secs() - 1), budget, "{limits}");
    }
}

#[test]
fn a_call_is_not_sent_into_an_empty_minute() {
    let last = Answer::data(&json!([]), &json!({"limits": {"minute_remaining": 0, "minute_reset": 23}}));
    let (script, clock) = (Script::new([last, ok()]), VirtualClock::default());
    let client = blocking::Client::builder(script.clone(), account_with_key()).timer(clock.clone()).build();
    client.call(Raw::new("get.account", serde_json::Map::new())).unwrap();
    assert_eq!(clock.passed(), Duration::ZERO);
    client.call(Raw::new("get.account", serde_json::Map::new())).unwrap();
    assert!((23..=25).contains(&clock.passed().as_secs()), "{:?}", clock.passed());
}

#[test]
fn a_budget_stops_before_the_call_that_would_break_it() {
    let script = Script::new([ok(), ok(), ok()]);
    let client = blocking::Client::builder(script.clone(), account_with_key())
        .timer(VirtualClock::default())
        .budget(2)
        .build();
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
fn sessions_are_renewed_as_long_as_something_is_read() {
    // Each session lives for one reply; of the calls that are made together all but one find it ended.
    for together in [1, 2, 4, 16] {
        let answered = drive(together, |token, answered| if answered == token { expired() } else { ok() });
        assert_eq!(answered, Ok(()), "{together}");
    }
    // A server that refuses every token it gave out ends the run, whatever is on its way.
    for together in [1, 2, 4, 16] {
        let answered = drive(together, |_, _| expired());
        assert!(answered.is_err_and(|sent| sent <= 4 * together + 4), "{together}");
    }
    // So does one that does it after it was of use.
    let answered = drive(4, |token, _| if token == 1 { ok() } else { expired() });
    assert_eq!(answered, Ok(()));
    let answered = drive(4, |token, answered| if token == 1 && answered == 0 { ok() } else { expired() });
    assert!(answered.is_err_and(|sent| sent <= 20), "{answered:?}");
}

#[test]
fn a_session_that_read_something_may_die_as_often_as_it_likes() {
    // Each session reads once, then it is over.
    let mut answers = vec![login(), ok()];
    for _ in 1..10 {
        answers.extend([expired(), login(), ok()]);
    }
    let script = Script::new(answers);
    let client = blocking::Client::builder(script.clone(), account_with_login())
        .timer(VirtualClock::default())
        .build();
    for _ in 0..10 {
        client.call(Raw::new("get.account", serde_json::Map::new())).unwrap();
    }
    assert_eq!(script.sent().len(), 2 + 9 * 3);
}

#[test]
fn credentials_and_budget_change_on_a_living_client() {
    let get = || Raw::new("get.account", serde_json::Map::new());
    let script = Script::new([ok(), ok(), login(), ok()]);
    let account = account_with_key().with_gate(Gate::default().with_budget(1));
    let client = blocking::Client::builder(script.clone(), account).timer(VirtualClock::default()).build();
    client.call(get()).unwrap();
    assert_eq!(client.call(get()).unwrap_err().kind(), ErrorKind::Limit);
    client.replace_budget(None);
    client.replace_credentials(Credentials::Key(AccessKey::new("another")));
    client.call(get()).unwrap();
    let login = Credentials::Login { login: "somebody".into(), password: Password::new("secret") };
    client.replace_credentials(login);
    client.call(get()).unwrap();
    let sent = script.sent();
    let tokens: Vec<_> = sent.iter().map(|body| body["params"]["access_token"].as_str()).collect();
    assert_eq!(tokens, [Some(KEY), Some("another"), None, Some("marker-session")]);
}

#[test]
fn what_was_under_way_when_credentials_changed_belongs_to_the_old_ones() {
    let now = std::time::Instant::now();
    let new =
        || Exchange::new(Raw::new("get.account", serde_json::Map::new()), Arc::new(Exponential::default()));
    let send = |exchange: &mut Exchange<Raw>, account: &mut Account| {
        let Step::Send(request) = exchange.poll(now, account) else { panic!("nothing to send") };
        request
    };
    let token = |request: &HttpRequest| {
        let body: serde_json::Value = serde_json::from_slice(request.body().as_bytes()).unwrap();
        body["params"]["access_token"].as_str().map(str::to_owned)
    };
    // A refusal of the old key is no word about the new one.
    let (mut account, mut exchange) = (account_with_key(), new());
    let request = send(&mut exchange, &mut account);
    account.replace_credentials(now, Credentials::Key(AccessKey::new("another")));
    exchange.receive(now, 0, Script::new([expired()]).answer(&request), &mut account);
    assert_eq!(token(&send(&mut exchange, &mut account)).as_deref(), Some("another"));
    // Neither is the session of the old login one of the new credentials.
    let (mut account, mut exchange) = (account_with_login(), new());
    let request = send(&mut exchange, &mut account);
    account.replace_credentials(now, Credentials::Key(AccessKey::new("another")));
    exchange.receive(now, 0, Script::new([login()]).answer(&request), &mut account);
    assert_eq!(token(&send(&mut exchange, &mut account)).as_deref(), Some("another"));
}

/// Makes so many calls together, and says after how many requests one of them failed. `answer` is given the number of the
/// session and of the last session that read. Refusals arrive first, and pages when nothing else is on its way.
fn drive(together: usize, answer: impl Fn(u64, u64) -> Answer) -> Result<(), usize> {
    let mut account = account_with_login();
    let now = std::time::Instant::now();
    let new =
        || Exchange::new(Raw::new("get.account", serde_json::Map::new()), Arc::new(Exponential::default()));
    let mut calls: Vec<_> = (0..together).map(|_| (new(), None)).collect();
    let (mut sessions, mut last_read, mut sent) = (0_u64, 0, 0);
    while !calls.is_empty() {
        let mut moved = false;
        for index in (0..calls.len()).rev() {
            let (exchange, page) = &mut calls[index];
            if page.is_some() {
                continue;
            }
            let request = match exchange.poll(now, &mut account) {
                Step::Send(request) => request,
                Step::Wait(_) => continue,
                Step::Done(_) => return Err(sent),
            };
            (sent, moved) = (sent + 1, true);
            let body: serde_json::Value = serde_json::from_slice(request.body().as_bytes()).unwrap();
            let reply = if body["method"] == "login.user" {
                sessions += 1;
                Answer::data(&json!({"access_token": format!("session-{sessions}")}), &json!({}))
            } else {
                let token =
                    body["params"]["access_token"].as_str().unwrap().strip_prefix("session-").unwrap();
                let token = token.parse().unwrap();
                let reply = answer(token, last_read);
                if matches!(&reply, Answer::Reply(_, text) if text.contains("result")) {
                    last_read = token;
                    *page = Some((body["id"].clone(), reply));
                    continue;
                }
                reply
            };
            let reply = Script::new([reply]).answer(&request);
            exchange.receive(now, 0, reply, &mut account);
        }
        if !moved {
            let (mut exchange, page) =
                calls.remove(calls.iter().position(|(_, page)| page.is_some()).unwrap());
            let (id, Answer::Reply(_, text)) = page.unwrap() else { unreachable!() };
            let body = Body::new(text.replace("$id", &id.to_string()));
            exchange.receive(now, 0, Ok(HttpResponse::new(body)), &mut account);
            assert!(matches!(exchange.poll(now, &mut account), Step::Done(Ok(_))));
        }
    }
    Ok(())
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
    let attempts = |policy: Box<dyn RetryPolicy>| {
        let script = failing();
        let client = blocking::Client::builder(script.clone(), account_with_key());
        let client = client.timer(VirtualClock::default()).retry_policy(Boxed(policy)).build();
        let error = client.call(Raw::new("get.account", serde_json::Map::new())).unwrap_err();
        assert_eq!(error.attempts() as usize, script.sent().len());
        script.sent().len()
    };
    assert_eq!(attempts(Box::new(Exponential::default().at_most(3))), 3);
    let within = attempts(Box::new(Exponential::default().within(Duration::from_secs(10)).at_most(90)));
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
            _: HttpRequest,
        ) -> Result<HttpResponse, calllegs_core::transport::TransportError> {
            std::future::pending().await
        }
    }

    let account = account_with_key().with_gate(Gate::default().with_budget(3));
    let client = Client::builder(Silent, account).timer(VirtualClock::default()).build();
    for _ in 0..3 {
        let mut call = Box::pin(client.call(Raw::new("get.account", serde_json::Map::new())));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    // What was sent may have been charged: it counts, and it is no longer in flight.
    assert_eq!((client.usage().requests, client.usage().spent, client.usage().in_flight), (3, 3, 0));
    let refused = ready(client.call(Raw::new("get.account", serde_json::Map::new())));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn rows_that_are_stopped_wait_for_nothing() {
    /// Cannot be reached, so each call is made again later.
    #[derive(Debug)]
    struct Down;

    #[async_trait::async_trait]
    impl calllegs_core::transport::Transport for Down {
        async fn send(
            &self,
            _: HttpRequest,
        ) -> Result<HttpResponse, calllegs_core::transport::TransportError> {
            Err(calllegs_core::transport::TransportError::new(Connect, "down"))
        }
    }

    /// Later never comes.
    #[derive(Debug)]
    struct Never(VirtualClock);

    #[async_trait::async_trait]
    impl calllegs_core::transport::Timer for Never {
        fn now(&self) -> std::time::Instant {
            calllegs_core::transport::BlockingTimer::now(&self.0)
        }

        async fn sleep_until(&self, _: std::time::Instant) {
            std::future::pending::<()>().await;
        }

        fn entropy(&self) -> u64 {
            1
        }
    }

    let client = Client::builder(Down, account_with_key()).timer(Never(VirtualClock::default())).build();
    let day = crate::period("2026-03-02 00:00:00", "2026-03-03 00:00:00");
    let mut rows = client.sweep(calllegs_core::Query::<calllegs_core::CallLegs>::new(day)).unwrap();
    let poll = |page: &mut (dyn Future<Output = _> + Unpin)| {
        std::pin::Pin::new(page).poll(&mut Context::from_waker(Waker::noop()))
    };
    assert!(poll(&mut Box::pin(rows.next_page())).is_pending());
    rows.stop();
    assert!(matches!(poll(&mut Box::pin(rows.next_page())), Poll::Ready(Ok(None))));
    assert!(!rows.sweep().is_finished());
}
