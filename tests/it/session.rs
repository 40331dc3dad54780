//! Sessions: one sign-in however many calls need it.

use std::time::{Duration, Instant};

use calllegs_core::{
    blocking,
    call::{Logout, Raw},
    session::{Access, Credentials, Session},
    value::secret::{Password, SessionToken},
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_login};
use serde_json::json;

fn login() -> Session {
    Session::new(Credentials::Login { login: "me".into(), password: Password::new("secret") })
}

#[test]
fn many_calls_wait_for_one_sign_in() {
    let now = Instant::now();
    let mut session = login();
    assert!(matches!(session.access(now), Access::SignIn { login: "me", .. }));
    for _ in 0..3 {
        assert!(matches!(session.access(now), Access::Busy { until } if until > now));
    }
    session.signed_in(now, SessionToken::new("token"));
    assert!(matches!(session.access(now), Access::Ready(token, _) if token.expose() == "token"));
}

#[test]
fn a_refusal_of_an_old_session_is_no_news() {
    let now = Instant::now();
    let mut session = login();
    let _ = session.access(now);
    session.signed_in(now, SessionToken::new("first"));
    let Access::Ready(_, first) = session.access(now) else { panic!() };
    assert!(session.refused(first));
    assert!(matches!(session.access(now), Access::SignIn { .. }));
    session.signed_in(now, SessionToken::new("second"));
    assert!(session.refused(first), "the late call may still try again");
    assert!(matches!(session.access(now), Access::Ready(token, _) if token.expose() == "second"));
}

#[test]
fn a_session_is_renewed_before_its_hour_ends() {
    let now = Instant::now();
    let mut session = login();
    let _ = session.access(now);
    session.signed_in(now, SessionToken::new("first"));
    assert!(matches!(session.access(now + Duration::from_secs(50 * 60)), Access::Ready(..)));
    assert!(matches!(session.access(now + Duration::from_secs(59 * 60)), Access::SignIn { .. }));
}

#[test]
fn a_sign_in_that_was_dropped_does_not_block_for_ever() {
    let now = Instant::now();
    let mut session = login();
    let _ = session.access(now);
    assert!(matches!(session.access(now + Duration::from_secs(300)), Access::SignIn { .. }));
    session.sign_in_failed();
    assert!(matches!(session.access(now + Duration::from_secs(300)), Access::SignIn { .. }));
}

#[test]
fn who_leaves_signs_in_again() {
    let login = || Answer::data(&json!({"access_token": "token", "expire_at": 1}), &json!({}));
    let done = || Answer::data(&json!([]), &json!({}));
    let script = Script::new([login(), done(), done(), login(), done()]);
    let client = blocking::Client::builder(script.clone(), account_with_login());
    let client = client.timer(VirtualClock::default()).build();
    let get = || Raw::new("get.account", serde_json::Map::new());
    client.call(get()).unwrap();
    client.call(Logout).unwrap();
    client.call(get()).unwrap();
    assert_eq!(script.methods(), ["login.user", "get.account", "logout.user", "login.user", "get.account"]);
}
