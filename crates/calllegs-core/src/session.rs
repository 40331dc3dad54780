//! Who calls: a key of the cabinet, or a login whose session is renewed every hour. Pure transitions.

use std::{
    collections::BTreeMap,
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

impl Credentials {
    /// A login and its password.
    pub fn login(login: impl Into<Box<str>>, password: Password) -> Self {
        Self::Login { login: login.into(), password }
    }
}

impl From<AccessKey> for Credentials {
    fn from(key: AccessKey) -> Self {
        Self::Key(key)
    }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(u32);

impl Epoch {
    const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

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

/// A session lives for an hour (docs/api.md 1.3); it is renewed this early, so that a call in flight does not outlive it.
const RENEW_AFTER: Duration = Duration::from_secs(55 * 60);

/// A sign-in that has not come back after this was dropped by its caller: the next one may sign in.
const SIGN_IN_LEASE: Duration = Duration::from_secs(120);

/// How soon a call that waits for another's sign-in asks again.
const BUSY_POLL: Duration = Duration::from_millis(50);

/// Sessions in a row that were refused before anything was read with them: the next one would be refused too.
const FRUITLESS: u32 = 2;

/// The state of access to one account.
#[derive(Debug)]
pub struct Session {
    credentials: Credentials,
    epoch: Epoch,
    state: State,
    /// Of the open session, and of older ones whose calls are still on their way.
    uses: BTreeMap<Epoch, Use>,
    /// Sessions that ended with nothing read, since something was last read.
    fruitless: u32,
}

/// What a session was good for. A page takes longer to arrive than a refusal, so that is known when the last call is back.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    calls: u32,
    read: bool,
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
        Self {
            credentials,
            epoch: Epoch::default(),
            state: State::Closed,
            uses: BTreeMap::new(),
            fruitless: 0,
        }
    }

    /// What the account is entered with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Enters the account with something else from now on. A call that was sent before keeps its token; where that is
    /// refused, it is made again with the new one.
    pub fn replace_credentials(&mut self, credentials: Credentials) {
        *self = Self { epoch: self.epoch.next(), ..Self::new(credentials) };
    }

    /// Which session a token of now belongs to.
    pub fn epoch(&self) -> Epoch {
        self.epoch
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
        self.epoch = self.epoch.next();
        self.state = State::Open { token, renew: now + RENEW_AFTER };
        self.uses.retain(|_, used| used.calls > 0);
        self.uses.insert(self.epoch, Use::default());
    }

    /// The sign-in failed: the next call may try.
    pub fn sign_in_failed(&mut self) {
        self.state = State::Closed;
    }

    /// The session of this epoch was ended by a call: the next one signs in again. A key is no session.
    pub fn left(&mut self, epoch: Epoch) {
        if epoch == self.epoch && matches!(self.state, State::Open { .. }) {
            self.state = State::Closed;
        }
    }

    /// A call with the token of this epoch is on its way.
    pub fn sent(&mut self, epoch: Epoch) {
        if let Some(used) = self.uses.get_mut(&epoch) {
            used.calls += 1;
        }
    }

    /// A call that was [sent](Self::sent) is back, or was given up, and its token was not refused. `read`: it brought what
    /// was asked for.
    pub fn ended(&mut self, epoch: Epoch, read: bool) {
        if let Some(used) = self.uses.get_mut(&epoch) {
            used.calls = used.calls.saturating_sub(1);
            used.read |= read;
        }
        if read {
            self.fruitless = 0;
        }
    }

    /// A call that was [sent](Self::sent) is back: the server refused the token of this epoch. Whether asking again can
    /// help: with a key when it was replaced since, and with a login until two sessions in a row were refused with nothing
    /// read. A refusal of an older epoch closes nothing, so calls in flight together do not sign in one after the other.
    pub fn refused(&mut self, epoch: Epoch) -> bool {
        let Credentials::Login { .. } = self.credentials else { return epoch != self.epoch };
        self.left(epoch);
        if let Some(used) = self.uses.get_mut(&epoch) {
            used.calls = used.calls.saturating_sub(1);
            if used.calls == 0 {
                self.fruitless += u32::from(!used.read);
                self.uses.remove(&epoch);
            }
        }
        self.fruitless < FRUITLESS
    }
}
