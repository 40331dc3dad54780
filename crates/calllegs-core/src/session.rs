//! Who calls: a key of the cabinet, or a login whose session is renewed every hour. Pure transitions.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::value::secret::{AccessKey, Password, SessionToken};

/// What an account is entered with.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A permanent or temporary key.
    Key(AccessKey),
    /// A login and its password; sessions are opened and renewed silently.
    Login {
        /// The user's login.
        login: Box<str>,
        /// The user's password.
        password: Password,
    },
}

/// Shows which kind it is and nothing of it: a login can be a person's address.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Credentials::Key",
            Self::Login { .. } => "Credentials::Login",
        })
    }
}

/// Which session a token belongs to. A refusal of an older one is no news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch(u32);

/// What a call may do next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a machine must handle all three")]
pub enum Access<'a> {
    /// Here is the token.
    Ready(Token<'a>, Epoch),
    /// Sign in first; until [`signed_in`](Session::signed_in) everybody else is told to wait.
    SignIn {
        /// The user's login.
        login: &'a str,
        /// The user's password.
        password: &'a Password,
    },
    /// Another call is signing in: ask again then.
    Busy {
        /// When to ask again.
        until: Instant,
    },
}

/// A token on loan. Debug does not show it.
#[derive(Clone, Copy)]
pub struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// The token itself.
    pub fn expose(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// A session lives for an hour (API.md 1.3); it is renewed this early, so that a call in flight does not outlive it.
const RENEW_AFTER: Duration = Duration::from_secs(55 * 60);

/// A sign-in that has not come back after this was dropped by its caller: the next one may sign in.
const SIGN_IN_LEASE: Duration = Duration::from_secs(120);

/// How soon a call that waits for another's sign-in asks again.
const BUSY_POLL: Duration = Duration::from_millis(50);

/// The state of access to one account.
#[derive(Debug)]
pub struct Session {
    credentials: Credentials,
    epoch: Epoch,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed,
    SigningIn { lease: Instant },
    Open { token: SessionToken, renew: Instant },
}

impl Session {
    /// Nothing is opened until a call needs it.
    pub fn new(credentials: Credentials) -> Self {
        Self { credentials, epoch: Epoch::default(), state: State::Closed }
    }

    /// What the account is entered with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// What a call may do now. A key is always ready; a login signs in once an hour.
    pub fn access(&mut self, now: Instant) -> Access<'_> {
        let (login, password) = match &self.credentials {
            Credentials::Key(key) => return Access::Ready(Token(key.expose()), self.epoch),
            Credentials::Login { login, password } => (login, password),
        };
        match &self.state {
            State::SigningIn { lease } if now < *lease => return Access::Busy { until: now + BUSY_POLL },
            State::Open { renew, .. } if now < *renew => {}
            State::Closed | State::SigningIn { .. } | State::Open { .. } => {
                self.state = State::SigningIn { lease: now + SIGN_IN_LEASE };
                return Access::SignIn { login, password };
            }
        }
        match &self.state {
            State::Open { token, .. } => Access::Ready(Token(token.expose()), self.epoch),
            State::Closed | State::SigningIn { .. } => Access::Busy { until: now + BUSY_POLL },
        }
    }

    /// The sign-in succeeded.
    pub fn signed_in(&mut self, now: Instant, token: SessionToken) {
        self.epoch = Epoch(self.epoch.0.wrapping_add(1));
        self.state = State::Open { token, renew: now + RENEW_AFTER };
    }

    /// The sign-in failed: the next call may try.
    pub fn sign_in_failed(&mut self) {
        self.state = State::Closed;
    }

    /// The server refused the token of this epoch. Whether a new sign-in can help: never with a key. A refusal of an
    /// older epoch changes nothing, so calls in flight together do not sign in one after the other.
    pub fn refused(&mut self, epoch: Epoch) -> bool {
        let Credentials::Login { .. } = self.credentials else { return false };
        if epoch == self.epoch && matches!(self.state, State::Open { .. }) {
            self.state = State::Closed;
        }
        true
    }
}
