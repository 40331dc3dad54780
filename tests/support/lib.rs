//! What the suites share: a scripted transport, a clock that only tests move, replies as the server writes them.
//!
//! Not here: expectations. Each suite states its own.

#![expect(
    clippy::exhaustive_enums,
    clippy::indexing_slicing,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

pub mod columns;
pub mod simulation;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use calllegs_core::{
    Brand, Endpoint,
    exchange::Account,
    session::Credentials,
    transport::{
        BlockingTimer, BlockingTransport, Body, HttpRequest, HttpResponse, Timer, Transport, TransportError,
        TransportErrorKind,
    },
    value::secret::{AccessKey, Password},
};
use serde_json::{Value, json};

/// A clock that moves only when somebody waits. Waiting ends at once.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    base: Instant,
    passed: Arc<AtomicU64>,
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self { base: Instant::now(), passed: Arc::default() }
    }
}

impl VirtualClock {
    /// How much time went by in waits.
    pub fn passed(&self) -> Duration {
        Duration::from_millis(self.passed.load(Ordering::SeqCst))
    }

    /// Lets time go by.
    pub fn advance(&self, by: Duration) {
        self.passed.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn reach(&self, deadline: Instant) {
        let missing = deadline.saturating_duration_since(BlockingTimer::now(self));
        self.advance(missing + Duration::from_millis(1));
    }
}

impl BlockingTimer for VirtualClock {
    fn now(&self) -> Instant {
        self.base + self.passed()
    }

    fn sleep_until(&self, deadline: Instant) {
        self.reach(deadline);
    }

    fn entropy(&self) -> u64 {
        u64::MAX / 3
    }
}

#[async_trait]
impl Timer for VirtualClock {
    fn now(&self) -> Instant {
        BlockingTimer::now(self)
    }

    async fn sleep_until(&self, deadline: Instant) {
        self.reach(deadline);
    }

    fn entropy(&self) -> u64 {
        BlockingTimer::entropy(self)
    }
}

/// One answer of a [`Script`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// Another answer with one header more.
    Headed(Box<Self>, &'static str, String),
    /// A reply with a status and a body; `$id` in the body becomes the id of the request.
    Reply(u16, String),
    /// No usable reply.
    Fail(TransportErrorKind),
}

impl Answer {
    /// A successful page.
    pub fn page(rows: &[Value], total: u64) -> Self {
        Self::data(&json!(rows), &json!({"total_items": total}))
    }

    /// A successful reply.
    pub fn data(data: &Value, metadata: &Value) -> Self {
        let result = json!({"data": data, "metadata": metadata});
        Self::Reply(200, format!(r#"{{"jsonrpc":"2.0","id":$id,"result":{result}}}"#))
    }

    /// An error inside HTTP 200, as this API answers.
    pub fn error(mnemonic: &str, code: i32, params: &Value) -> Self {
        let data = json!({"mnemonic": mnemonic, "field": null, "value": null, "params": params});
        let error = json!({"code": code, "message": "words of the server", "data": data});
        Self::Reply(200, format!(r#"{{"jsonrpc":"2.0","id":$id,"error":{error}}}"#))
    }

    /// A reply of a gateway.
    pub fn status(status: u16, body: &str) -> Self {
        Self::Reply(status, body.to_owned())
    }

    /// The same with this header.
    #[must_use]
    pub fn with(self, name: &'static str, value: &str) -> Self {
        Self::Headed(Box::new(self), name, value.to_owned())
    }

    fn give(self, id: &str) -> Result<HttpResponse, TransportError> {
        match self {
            Self::Headed(answer, name, value) => {
                let mut response = answer.give(id)?;
                response.headers_mut().append(name, value.try_into().unwrap());
                Ok(response)
            }
            Self::Reply(status, body) => {
                let mut response = HttpResponse::new(Body::new(body.replace("$id", id)));
                *response.status_mut() = status.try_into().unwrap();
                Ok(response)
            }
            Self::Fail(kind) => Err(TransportError::new(kind, "scripted")),
        }
    }
}

/// A transport of both kinds that answers from a list and remembers what it was sent.
#[derive(Clone, Debug, Default)]
pub struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    sent: Arc<Mutex<Vec<Value>>>,
}

impl Script {
    /// Answers in this order; a request too many is answered with a failed connection.
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), sent: Arc::default() }
    }

    /// The bodies that were sent.
    pub fn sent(&self) -> Vec<Value> {
        self.sent.lock().unwrap().clone()
    }

    /// The methods that were called.
    pub fn methods(&self) -> Vec<String> {
        self.sent().iter().map(|body| body["method"].as_str().unwrap().to_owned()).collect()
    }

    /// Answers one request.
    pub fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let body: Value = serde_json::from_slice(request.body().as_bytes()).unwrap();
        let id = body["id"].to_string();
        self.sent.lock().unwrap().push(body);
        let answer = self.answers.lock().unwrap().pop_front();
        answer.map_or_else(
            || Err(TransportError::new(TransportErrorKind::Other, "the script has ended")),
            |answer| answer.give(&id),
        )
    }
}

impl BlockingTransport for Script {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.answer(&request)
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.answer(&request)
    }
}

/// The key that tests look for where no key may be.
pub const KEY: &str = "marker-key-5f1d";

/// An account entered with [`KEY`].
pub fn account_with_key() -> Account {
    Account::new(Endpoint::of(Brand::Uis), Credentials::Key(AccessKey::new(KEY)))
}

/// An account entered with a login.
pub fn account_with_login() -> Account {
    let credentials =
        Credentials::Login { login: "marker-login".into(), password: Password::new("marker-password") };
    Account::new(Endpoint::of(Brand::Uis), credentials)
}

/// A leg row with the three members that order and tell apart.
pub fn leg(id: u64, start: &str) -> Value {
    json!({"id": id, "start_time": start, "call_session_id": id + 1_000_000})
}

/// The examples of the project's first page, run as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The example of a transport over reqwest, which core does not depend on.
#[cfg(doctest)]
#[doc = include_str!("../../crates/calllegs-core/src/transport/REQWEST.md")]
pub struct OverReqwest;
