//! The machine of one call, from its first attempt to its outcome.
//!
//! ```text
//!             +-------+  gate says At(t)   +-------------+
//!    new ---> | Ready | -----------------> | Waiting(t)  |
//!             +-------+ <----------------- +-------------+
//!              |     |      now >= t             ^
//!    no token  |     | poll -> Send              | Verdict::Retry { at }
//!              v     v                           |
//!       +---------+ +----------+  receive(..)    |
//!       | SignIn  | | InFlight | ----------------+----> Done(Ok | Err)
//!       +---------+ +----------+
//!              |         | token refused, see `session`
//!              +---------+----> SignIn (login.user) ---> Ready
//! ```
//!
//! It never reads a clock, never sleeps, never sends: a driver does what [`Exchange::poll`] says and tells
//! [`Exchange::receive`] what came of it.
//!
//! ```
//! use std::{sync::Arc, time::Instant};
//! use calllegs_core::{AccessKey, Brand, call::Raw, retry::Exponential, exchange::{Account, Exchange, Step}};
//! use calllegs_core::transport::{Body, HttpResponse};
//!
//! let mut account = Account::new(Brand::Uis, AccessKey::new("secret"));
//! let mut exchange = Exchange::new(Raw::new("get.account", Default::default()), Arc::new(Exponential::default()));
//!
//! let now = Instant::now(); // the driver's clock
//! let Step::Send(request) = exchange.poll(now, &mut account) else { panic!() };
//! assert_eq!(request.uri(), "https://dataapi.uiscom.ru/v2.0");
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[]}}"#;
//! exchange.receive(now, 0, Ok(HttpResponse::new(Body::new(&reply[..]))), &mut account);
//! let Step::Done(outcome) = exchange.poll(now, &mut account) else { panic!() };
//! assert_eq!(outcome.unwrap().0.get(), "[]");
//! ```

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use crate::{
    call::{Call, Login},
    endpoint::Endpoint,
    error::{Error, ErrorKind, Retryability},
    generated::calls::{login_user::LOGIN_USER, logout_user::LOGOUT_USER},
    limits::{Admission, Gate, QuotaState, QuotaWindow},
    retry::{Attempt, RetryPolicy, Verdict},
    rpc::{self, Identity, Metadata, RequestId},
    session::{Access, Credentials, Epoch, Session},
    trace::{self, AttemptSpan},
    transport::{HttpRequest, HttpResponse, TransportError, TransportErrorKind, retry_after},
};

/// What the calls of one account share: where they go, the session, the gate and the request ids.
///
/// Drivers keep it behind a lock that is never held while they wait.
#[derive(Debug)]
pub struct Account {
    endpoint: Endpoint,
    session: Session,
    gate: Gate,
    user_id: Option<u64>,
    /// What calls on behalf of each user have used.
    used: BTreeMap<u64, Used>,
    last_id: u64,
    sent: u64,
}

/// What some of the calls have used.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    requests: u64,
    spent: u32,
}

impl Account {
    /// An account that nothing is known of yet: at a [brand](crate::Brand) or at an [endpoint](Endpoint::custom), entered
    /// with a [key](crate::AccessKey) or with a [login](Credentials::login).
    pub fn new(endpoint: impl Into<Endpoint>, credentials: impl Into<Credentials>) -> Self {
        let (session, gate) = (Session::new(credentials.into()), Gate::default());
        Self {
            endpoint: endpoint.into(),
            session,
            gate,
            user_id: None,
            used: BTreeMap::new(),
            last_id: 0,
            sent: 0,
        }
    }

    /// For partners: calls are made on behalf of this user of a client (docs/api.md 1.6), unless they
    /// [name another](crate::Query::acting_for).
    #[must_use]
    pub fn acting_for(mut self, user_id: u64) -> Self {
        self.user_id = Some(user_id);
        self
    }

    /// With a gate of one's own, for instance one with a budget.
    #[must_use]
    pub fn with_gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Where the calls go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The user of a client on whose behalf a partner calls.
    pub fn user_id(&self) -> Option<u64> {
        self.user_id
    }

    /// What is known of the limits.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The same, to change its bounds.
    pub fn gate_mut(&mut self) -> &mut Gate {
        &mut self.gate
    }

    /// Enters the account with something else from now on: a key that was renewed, say. What was spent stays spent.
    pub fn replace_credentials(&mut self, now: Instant, credentials: impl Into<Credentials>) {
        self.session.replace_credentials(credentials.into());
        self.gate.renew(now);
    }

    /// Requests handed to the transport so far, sign-ins and repeated attempts included.
    pub fn requests(&self) -> u64 {
        self.sent
    }

    /// What was used so far and what is known of the limits.
    pub fn usage(&self) -> Usage {
        Usage {
            endpoint: self.endpoint.clone(),
            user_id: self.user_id,
            requests: self.sent,
            spent: self.gate.spent(),
            in_flight: self.gate.in_flight(),
            reserved: self.gate.reserved(),
            day: self.gate.quota_state(QuotaWindow::Day),
            hour: self.gate.quota_state(QuotaWindow::Hour),
            minute: self.gate.quota_state(QuotaWindow::Minute),
        }
    }

    /// The same for calls on behalf of one user: what they alone have used, and the limits, which all calls share.
    pub fn usage_of(&self, user_id: u64) -> Usage {
        let Used { requests, spent } = self.used.get(&user_id).copied().unwrap_or_default();
        Usage { user_id: Some(user_id), requests, spent, ..self.usage() }
    }

    /// A request was handed to the transport, and was charged so much.
    fn count(&mut self, user_id: Option<u64>, cost: u32) {
        self.sent += 1;
        if let Some(user_id) = user_id {
            let used = self.used.entry(user_id).or_default();
            used.requests += 1;
            used.spent = used.spent.saturating_add(cost);
        }
    }

    fn next_id(&mut self) -> RequestId {
        self.last_id += 1;
        RequestId::new(self.last_id)
    }
}

/// What the calls of an account have used, and what is known of its limits, at one moment. A plain value: it holds
/// nothing of the account and does not change with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Where the calls go.
    pub endpoint: Endpoint,
    /// The user of a client on whose behalf a partner calls, unless a call names another.
    pub user_id: Option<u64>,
    /// Requests handed to the transport, sign-ins and repeated attempts included.
    pub requests: u64,
    /// Points that successful calls have cost.
    pub spent: u32,
    /// Points of calls whose outcome is not known yet.
    pub in_flight: u32,
    /// Points of the day that are kept for others, as far as the limit is known.
    pub reserved: Option<u32>,
    /// The limit of the day, by the server's last word.
    pub day: Option<QuotaState>,
    /// The limit of the hour.
    pub hour: Option<QuotaState>,
    /// The limit of the minute.
    pub minute: Option<QuotaState>,
}

impl Usage {
    /// The limit of a window, by the server's last word.
    pub fn quota_state(&self, window: QuotaWindow) -> Option<QuotaState> {
        match window {
            QuotaWindow::Day => self.day,
            QuotaWindow::Hour => self.hour,
            QuotaWindow::Minute => self.minute,
        }
    }
}

/// What a driver has to do next.
#[derive(Debug)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all three")]
#[expect(clippy::large_enum_variant, reason = "one is made per call and attempt, beside a network exchange")]
pub enum Step<T> {
    /// Send this, then call [`Exchange::receive`].
    Send(HttpRequest),
    /// Poll again then.
    Wait(Instant),
    /// The call has ended; there is nothing to poll for any more.
    Done(Result<T, Error>),
}

/// One call. See the [module](self) for its states.
#[derive(Debug)]
pub struct Exchange<C: Call> {
    call: C,
    policy: Arc<dyn RetryPolicy>,
    state: State<C::Reply>,
    attempts: u32,
    uncounted: u32,
    started: Option<Instant>,
    renewals: u32,
    user_id: Option<u64>,
}

enum State<T> {
    Ready,
    Waiting(Instant),
    SigningIn(RequestId, Epoch, HttpRequest),
    InFlight(RequestId, Epoch, Instant, HttpRequest),
    Done(Option<Result<T, Error>>),
}

impl<T> std::fmt::Debug for State<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ready => "Ready",
            Self::Waiting(_) => "Waiting",
            Self::SigningIn(..) => "SigningIn",
            Self::InFlight(..) => "InFlight",
            Self::Done(_) => "Done",
        })
    }
}

impl<C: Call> Exchange<C> {
    /// A call that has not been sent yet.
    pub fn new(call: C, policy: Arc<dyn RetryPolicy>) -> Self {
        let state = State::Ready;
        Self { call, policy, state, attempts: 0, uncounted: 0, started: None, renewals: 0, user_id: None }
    }

    /// On behalf of this user, unless the call names another; `None` for that of the account.
    pub(crate) fn acting_for(mut self, user_id: Option<u64>) -> Self {
        self.user_id = user_id;
        self
    }

    /// The user on whose behalf the call is made.
    fn user_id(&self, of_account: Option<u64>) -> Option<u64> {
        self.call.user_id().or(self.user_id).or(of_account)
    }

    /// What to do next. Polled again before [`receive`](Self::receive), it yields the same request.
    pub fn poll(&mut self, now: Instant, account: &mut Account) -> Step<C::Reply> {
        match &mut self.state {
            State::Waiting(until) if now < *until => return Step::Wait(*until),
            State::Waiting(_) | State::Ready => {}
            State::SigningIn(_, _, request) | State::InFlight(_, _, _, request) => {
                return Step::Send(request.clone());
            }
            State::Done(outcome) => {
                let spent = || Err(Error::decode("the call was polled after its end", None));
                return Step::Done(outcome.take().unwrap_or_else(spent));
            }
        }
        self.state = State::Ready;
        match self.prepare(now, account) {
            Ok(step) => step,
            Err(error) => Step::Done(Err(error.of_call(self.call.method(), self.attempts))),
        }
    }

    /// Feeds the outcome of the last [`Step::Send`]. `entropy` seeds jitter and nothing else.
    pub fn receive(
        &mut self,
        now: Instant,
        entropy: u64,
        outcome: Result<HttpResponse, TransportError>,
        account: &mut Account,
    ) {
        match std::mem::replace(&mut self.state, State::Ready) {
            State::SigningIn(id, epoch, _) => {
                account.count(None, 0);
                self.receive_sign_in(now, entropy, (id, epoch), outcome, account);
            }
            State::InFlight(id, epoch, sent, _) => {
                self.receive_reply(now, entropy, (id, epoch, sent), outcome, account);
            }
            // Nothing was sent: what arrives belongs to nobody.
            state @ (State::Ready | State::Waiting(_) | State::Done(_)) => {
                account.count(None, 0);
                self.state = state;
            }
        }
    }

    /// The span of what is on its way.
    pub(crate) fn span(&self) -> AttemptSpan {
        let is_sign_in = matches!(self.state, State::SigningIn(..));
        AttemptSpan::of(if is_sign_in { LOGIN_USER.name } else { self.call.method() }, self.attempts)
    }

    /// Gives back what the call holds of the account, when it is given up before its outcome: a request that was sent
    /// may be charged, a sign-in is somebody else's turn.
    pub fn abandon(&mut self, now: Instant, account: &mut Account) {
        match std::mem::replace(&mut self.state, State::Done(None)) {
            State::InFlight(_, epoch, ..) => {
                account.count(self.user_id(account.user_id), self.call.cost());
                account.session.ended(epoch, false);
                account.gate.charge_unseen(now, self.call.cost());
                account.gate.settle(self.call.cost(), true);
            }
            State::SigningIn(_, epoch, _) => {
                account.count(None, 0);
                if epoch == account.session.epoch() {
                    account.session.sign_in_failed();
                }
            }
            State::Ready | State::Waiting(_) | State::Done(_) => {}
        }
    }

    fn prepare(&mut self, now: Instant, account: &mut Account) -> Result<Step<C::Reply>, Error> {
        let id = account.next_id();
        let mut identity = Identity::default();
        let mut epoch = Epoch::default();
        if self.call.is_authenticated() {
            match account.session.access(now) {
                Access::Ready(token, current) => {
                    identity.access_token = Some(token.expose());
                    epoch = current;
                }
                Access::SignIn { login, password } => {
                    let login = Login::new(login, password);
                    let request = account.endpoint.http(rpc::request(&login, &identity, id)?);
                    self.state = State::SigningIn(id, account.session.epoch(), request.clone());
                    self.start(now);
                    return Ok(Step::Send(request));
                }
                Access::Busy { until } => return Ok(Step::Wait(until)),
            }
        }
        identity.user_id = self.user_id(account.user_id).filter(|_| self.call.takes_user_id());
        let body = rpc::request(&self.call, &identity, id)?;
        match account.gate.admit(now, self.call.cost()) {
            Admission::Now => {}
            Admission::At(until) => return Ok(Step::Wait(until)),
            Admission::Refused(budget, until) => {
                return Err(Error::limit(budget, until.map(|until| until.saturating_duration_since(now))));
            }
        }
        let request = account.endpoint.http(body);
        account.session.sent(epoch);
        self.state = State::InFlight(id, epoch, now, request.clone());
        self.start(now);
        Ok(Step::Send(request))
    }

    fn start(&mut self, now: Instant) {
        self.attempts += 1;
        self.started.get_or_insert(now);
    }

    fn receive_sign_in(
        &mut self,
        now: Instant,
        entropy: u64,
        (id, epoch): (RequestId, Epoch),
        outcome: Result<HttpResponse, TransportError>,
        account: &mut Account,
    ) {
        if epoch != account.session.epoch() {
            // The credentials were replaced, or another call signed in since: this word is about what is over.
            self.attempts -= 1;
            return;
        }
        let signed_in = match &account.session.credentials() {
            Credentials::Login { login, password } => {
                let login = Login::new(login, password);
                read(outcome).and_then(|reply| reply.decode(&login, id)).map(|(reply, _)| reply)
            }
            Credentials::Key(_) => Err(Error::decode("a key does not sign in", None)),
        };
        match signed_in {
            Ok(reply) => {
                account.session.signed_in(now, reply.access_token);
                account.gate.renew(now);
                // The sign-in was not an attempt of the call itself.
                self.attempts -= 1;
            }
            Err(error) => {
                account.session.sign_in_failed();
                self.fail(now, entropy, error.of_call(LOGIN_USER.name, self.attempts));
            }
        }
    }

    fn receive_reply(
        &mut self,
        now: Instant,
        entropy: u64,
        (id, epoch, sent): (RequestId, Epoch, Instant),
        outcome: Result<HttpResponse, TransportError>,
        account: &mut Account,
    ) {
        let cost = self.call.cost();
        let reply = read(outcome).and_then(|reply| reply.decode(&self.call, id)).map(|(reply, metadata)| {
            account.gate.observe(sent, now, cost, &metadata.limits);
            reply
        });
        let lost = reply.as_ref().err().is_some_and(may_be_charged);
        if lost {
            account.gate.charge_unseen(now, cost);
        }
        let is_charged = lost || reply.is_ok();
        account.gate.settle(cost, is_charged);
        account.count(self.user_id(account.user_id), if is_charged { cost } else { 0 });
        let error = match reply {
            Ok(reply) => {
                account.session.ended(epoch, true);
                if self.call.method() == LOGOUT_USER.name {
                    account.session.left(epoch);
                }
                self.state = State::Done(Some(Ok(reply)));
                return;
            }
            Err(error) => error,
        };
        let mut error = error;
        if let Some(server) = error.server() {
            account.gate.observe(sent, now, 0, server.limits());
            if server.retryability() == Retryability::AtReset {
                let (window, reset) = (server.exceeded(), server.reset());
                account.gate.exhausted(now, window, error.retry_after().or(reset));
                // The gate does not let the call pass earlier.
                let state = account.gate.quota_state(window);
                let resets = state.and_then(|state| state.known_reset());
                error = error.not_before(resets.map(|resets| resets.saturating_duration_since(now)));
            }
        }
        if error.retryability() != Retryability::AfterLogin {
            account.session.ended(epoch, false);
        } else if account.session.refused(epoch) && self.renewals < LONGEST_CHASE {
            self.renewals += 1;
            self.uncounted += 1;
            return;
        }
        self.fail(now, entropy, error.of_call(self.call.method(), self.attempts));
    }

    fn fail(&mut self, now: Instant, entropy: u64, error: Error) {
        trace::failed(error.method().unwrap_or_default(), self.attempts, error.kind());
        let attempt = Attempt {
            number: self.attempts,
            uncounted: self.uncounted,
            idempotent: self.call.is_idempotent(),
            started: self.started.unwrap_or(now),
            now,
            entropy,
        };
        self.state = match self.policy.verdict(&attempt, &error) {
            Verdict::Retry { at } => {
                self.uncounted += u32::from(error.retry_after().is_some_and(|asked| !asked.is_zero()));
                State::Waiting(at)
            }
            Verdict::Permanent | Verdict::Exhausted => State::Done(Some(Err(error))),
        };
    }
}

/// How often one call may find its session ended. Others may read in between for as long as they like, so this bounds a
/// call that alone is refused; it is more than there are calls together on their way.
const LONGEST_CHASE: u32 = 100;

/// Failed calls cost nothing (docs/api.md 4), but of a reply that was lost nobody knows whether the call failed.
fn may_be_charged(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Decode => true,
        // A gateway that gave up may stand before a server that did not.
        ErrorKind::Http => error.status().is_some_and(|status| status.is_server_error()),
        ErrorKind::Transport => {
            error.transport().is_some_and(|error| error.kind() != TransportErrorKind::Connect)
        }
        ErrorKind::Build | ErrorKind::Incomplete | ErrorKind::Limit | ErrorKind::Server => false,
    }
}

/// A reply that arrived, before it is read.
struct Arrived(HttpResponse);

impl Arrived {
    /// The body decides; the status speaks only where the body is not of this protocol (docs/api.md 3.3).
    fn decode<C: Call>(&self, call: &C, id: RequestId) -> Result<(C::Reply, Metadata), Error> {
        let outcome = rpc::reply_with_metadata(call, id, self.0.body().as_bytes());
        match outcome {
            Err(error) if error.kind() == ErrorKind::Decode && !self.0.status().is_success() => {
                Err(Error::status_only(self.0.status()).after(retry_after(self.0.headers())))
            }
            Err(error) => Err(error.after(retry_after(self.0.headers()))),
            Ok(reply) => Ok(reply),
        }
    }
}

fn read(outcome: Result<HttpResponse, TransportError>) -> Result<Arrived, Error> {
    outcome.map(Arrived).map_err(Error::from_transport)
}
