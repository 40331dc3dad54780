//! Sessions: one sign-in however many calls need it.

use std::time::{Duration, Instant};

use calllegs_core::{
    session::{Access, Credentials, Session},
    value::secret::{Password, SessionToken},
};

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
