//! The boundary: what carries one HTTP exchange, and what tells the time.
//!
//! Implemented by `calllegs-hyper` (async) and `calllegs-ureq` (blocking), by tests, and by anyone with an HTTP
//! client of their own. Not here: retries, redirects, JSON. A transport sends one request and returns one reply.
//!
//! The contract of an implementation:
//! - any HTTP status is `Ok`: errors of the API arrive inside status 200, and the machine reads the body first;
//! - no redirects (the body carries the access key) and no retries (the machine decides, and counts points);
//! - a deadline and a cap on the decoded body; a gzip reply is decoded before it is returned;
//! - a reply without `Date` is given one ([`date_if_missing`]): a `Retry-After` with a date is compared with it;
//! - an error says whether the request may have been sent ([`TransportErrorKind`]).
//!
//! A transport of one's own, over some HTTP client:
//!
//! ```
//! use calllegs_core::transport::{Body, HttpRequest, HttpResponse, TransportError, TransportErrorKind};
//! use calllegs_core::transport::{Transport, async_trait, date_if_missing};
//! # mod some_http {
//! #     use calllegs_core::{bytes::Bytes, http::{HeaderMap, StatusCode, Uri}};
//! #     #[derive(Debug)]
//! #     pub enum Failure { NoConnection, TimedOut, Cut }
//! #     pub struct Reply { pub status: StatusCode, pub headers: HeaderMap, pub body: Bytes }
//! #     #[derive(Debug)]
//! #     pub struct Http;
//! #     impl Http {
//! #         pub async fn post(&self, _: &Uri, _: HeaderMap, _: Bytes) -> Result<Reply, Failure> {
//! #             let body = Bytes::from_static(br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"app_id":7}]}}"#);
//! #             Ok(Reply { status: StatusCode::OK, headers: HeaderMap::new(), body })
//! #         }
//! #     }
//! # }
//! # use some_http::{Failure, Http};
//!
//! #[derive(Debug)]
//! struct Mine(Http);
//!
//! #[async_trait]
//! impl Transport for Mine {
//!     async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
//!         let (head, body) = request.into_parts();
//!         let sent = self.0.post(&head.uri, head.headers, body.into_bytes()).await;
//!         let reply = sent.map_err(|failure| {
//!             let kind = match failure {
//!                 Failure::NoConnection => TransportErrorKind::Connect, // nothing was sent
//!                 Failure::TimedOut => TransportErrorKind::Timeout,     // it may have been
//!                 Failure::Cut => TransportErrorKind::Interrupted,      // so may this
//!             };
//!             TransportError::new(kind, format!("{failure:?}"))
//!         })?;
//!         let mut response = HttpResponse::new(Body::new(reply.body));
//!         *response.status_mut() = reply.status; // any status is a reply
//!         *response.headers_mut() = reply.headers;
//!         date_if_missing(response.headers_mut(), std::time::SystemTime::now());
//!         Ok(response)
//!     }
//! }
//! # use calllegs_core::{AccessKey, Account, Accounts, Brand, Client, Query, transport::Timer};
//! # #[derive(Debug)]
//! # struct Clock;
//! # #[async_trait]
//! # impl Timer for Clock {
//! #     fn now(&self) -> std::time::Instant { std::time::Instant::now() }
//! #     async fn sleep_until(&self, _: std::time::Instant) {}
//! #     fn entropy(&self) -> u64 { 0 }
//! # }
//! # let client = Client::builder(Mine(Http), Account::new(Brand::Uis, AccessKey::new("secret"))).timer(Clock).build();
//! # let mut call = std::pin::pin!(client.call(Query::<Accounts>::all()));
//! # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! # let std::task::Poll::Ready(page) = call.as_mut().poll(&mut context) else { panic!() };
//! # assert_eq!(page?.rows[0].app_id, Some(7.into()));
//! # Ok::<(), calllegs_core::Error>(())
//! ```
//!
#![cfg_attr(not(doctest), doc = include_str!("transport/REQWEST.md"))]
//!
//! With a [`Timer`] beside it that is a client ([`Client::builder`](crate::Client::builder)); where the transport
//! brings its timer itself ([`Timed`]), [`Client::new`](crate::Client::new) takes it alone.
//!
//! What every transport reads in the same way is here too, as functions of texts: [`is_gzipped`], [`NoProxy`].

mod content_coding;
mod no_proxy;
mod retry_after;

use std::{
    error, fmt,
    sync::Arc,
    time::{Duration, Instant},
};

pub use async_trait::async_trait;
use bytes::Bytes;

pub(crate) use self::retry_after::retry_after;
pub use self::{content_coding::is_gzipped, no_proxy::NoProxy, retry_after::date_if_missing};

/// A request ready to be sent: POST, URL, headers and body are complete.
pub type HttpRequest = http::Request<Body>;

/// A reply with any status, its body decoded and read to the end.
pub type HttpResponse = http::Response<Body>;

/// Bytes of a message. Debug prints the length only: requests carry the access key, replies carry personal data.
#[derive(Clone, Default)]
pub struct Body(Bytes);

impl Body {
    /// Wraps the bytes of a message.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// The bytes. Do not log them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes without a copy. Do not log them.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

/// Carries one HTTP exchange. See the [module](self) for the contract.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request and reads the whole reply, whatever its status.
    ///
    /// # Errors
    /// When there is no usable reply; the kind says whether the request may have been sent.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// [`Transport`] for programs without an async runtime.
pub trait BlockingTransport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request and reads the whole reply, whatever its status.
    ///
    /// # Errors
    /// When there is no usable reply; the kind says whether the request may have been sent.
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

#[async_trait]
impl<T: Transport> Transport for Arc<T> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        T::send(self, request).await
    }
}

impl<T: BlockingTransport> BlockingTransport for Arc<T> {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        T::send(self, request)
    }
}

/// The clock, the wait and the randomness of an async [`Client`](crate::Client).
#[async_trait]
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// The present moment of a clock that never goes back.
    fn now(&self) -> Instant;
    /// Returns at the deadline, at once when it has passed.
    async fn sleep_until(&self, deadline: Instant);
    /// A seed for jitter, nothing else.
    fn entropy(&self) -> u64;
}

/// [`Timer`] for programs without an async runtime.
pub trait BlockingTimer: fmt::Debug + Send + Sync + 'static {
    /// The present moment of a clock that never goes back.
    fn now(&self) -> Instant;
    /// Returns at the deadline, at once when it has passed.
    fn sleep_until(&self, deadline: Instant);
    /// A seed for jitter, nothing else.
    fn entropy(&self) -> u64;
}

/// A [`Transport`] that brings the timer of the runtime that it runs on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` brings no timer",
    note = "`Client::builder(transport, account).timer(timer)` takes a transport and a timer"
)]
pub trait Timed: Transport {
    /// What tells the time there.
    type Timer: Timer;

    /// The timer that goes with the transport.
    fn timer(&self) -> Self::Timer;
}

/// [`Timed`] for programs without an async runtime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` brings no timer",
    note = "`Client::builder(transport, account).timer(timer)` takes a transport and a timer"
)]
pub trait BlockingTimed: BlockingTransport {
    /// What tells the time there.
    type Timer: BlockingTimer;

    /// The timer that goes with the transport.
    fn timer(&self) -> Self::Timer;
}

impl<T: Timed> Timed for Arc<T> {
    type Timer = T::Timer;

    fn timer(&self) -> Self::Timer {
        T::timer(self)
    }
}

impl<T: BlockingTimed> BlockingTimed for Arc<T> {
    type Timer = T::Timer;

    fn timer(&self) -> Self::Timer {
        T::timer(self)
    }
}

/// A [`BlockingTransport`] made of a closure, for tests and adapters. It also serves as a [`Transport`].
pub fn from_fn<F>(send: F) -> FromFn<F>
where
    F: Fn(HttpRequest) -> Result<HttpResponse, TransportError> + Send + Sync + 'static,
{
    FromFn(send)
}

/// Returned by [`from_fn`]. A closure has no Debug, so it needs a wrapper.
pub struct FromFn<F>(F);

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn")
    }
}

impl<F> BlockingTransport for FromFn<F>
where
    F: Fn(HttpRequest) -> Result<HttpResponse, TransportError> + Send + Sync + 'static,
{
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0(request)
    }
}

#[async_trait]
impl<F> Transport for FromFn<F>
where
    F: Fn(HttpRequest) -> Result<HttpResponse, TransportError> + Send + Sync + 'static,
{
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0(request)
    }
}

/// No usable reply. Built by implementors of [`Transport`].
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Box<dyn error::Error + Send + Sync>,
}

impl TransportError {
    /// An error of this kind with its cause.
    ///
    /// The cause is printed to users: it must not quote the request body, which carries the access key.
    pub fn new(kind: TransportErrorKind, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into() }
    }

    /// What happened, and so whether the request may have been sent.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::BodyTooLarge => "the reply is larger than the body cap",
            TransportErrorKind::Connect => "no connection to the server",
            TransportErrorKind::Interrupted => "the connection was cut before the reply was complete",
            TransportErrorKind::Other => "the HTTP exchange failed",
            TransportErrorKind::Timeout => "no complete reply before the deadline",
        })
    }
}

impl error::Error for TransportError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.source)
    }
}

/// Why there is no usable reply, in the terms that decide about a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// A reply arrived and was refused for its size: never retried.
    BodyTooLarge,
    /// The request was not sent: any call may be retried.
    Connect,
    /// The request may have been sent: only idempotent calls are retried.
    Interrupted,
    /// Unknown: never retried.
    Other,
    /// The request may have been sent: only idempotent calls are retried.
    Timeout,
}

/// Deadline of one exchange that both transports take unless told otherwise: a page of 10,000 legs is about 10 MB.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Cap on a decoded reply body that both transports take unless told otherwise, bytes: six full pages of legs.
pub const DEFAULT_BODY_CAP: usize = 64 << 20;
