//! Async HTTP transport of calllegs: [hyper](https://docs.rs/hyper) on tokio, with the TLS of your choice.
//!
//! It carries one HTTP exchange at a time for [`calllegs_core`], keeps connections open between exchanges, and
//! tells by the [kind](calllegs_core::transport::TransportErrorKind) of an error whether the request may have
//! been sent. It knows no JSON, retries nothing and follows no redirect: those are decisions, and the core makes
//! them. `calllegs-ureq` is its blocking twin with the same options and the same error kinds; one conformance
//! suite runs on both.
//!
//! ```no_run
//! use calllegs_hyper::{HyperTransport, calllegs_core};
//! use calllegs_core::{AccessKey, Account, Brand, CallLegs, Client, Query};
//!
//! # async fn example(key: AccessKey) -> Result<(), Box<dyn std::error::Error>> {
//! let account = Account::new(Brand::Comagic, key);
//! let client = Client::new(HyperTransport::new()?, account);
//!
//! let mut legs = client.sweep(Query::<CallLegs>::new("2026-03-02..2026-03-03".parse()?))?;
//! while let Some(leg) = legs.next().await {
//!     println!("{:?}", leg?.finish_reason); // an incomplete period ends with an error
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Limits
//!
//! | What | Unless told otherwise | Error kind |
//! |---|---|---|
//! | the whole exchange, from DNS to the last byte of the body | [`DEFAULT_TIMEOUT`] | `Timeout` |
//! | DNS, TCP, proxy and TLS handshake together; each address of a name has its share | 10 s | `Connect` |
//! | the decoded body; a gzip bomb stops here too | [`DEFAULT_BODY_CAP`] | `BodyTooLarge` |
//!
//! Idle connections are kept for 15 s, at most ten of them to one host. A connection becomes idle in a task of its
//! own: on a runtime of many threads a call that follows at once may open one more. A reply whose framing is cut
//! short, or whose gzip stream is damaged, is `Interrupted`. A reply that is not HTTP is `Other`, and so is a successful
//! one with a content coding other than gzip.
//!
//! # Cancel safety
//!
//! Dropping the future of `send` closes its connection, or with HTTP/2 its stream. What was already written may still be executed by the
//! server: a dropped call is *outcome unknown*, exactly like `Interrupted`. The transport itself stays usable.
//!
//! # TLS
//!
//! | feature | TLS | whom it trusts |
//! |---|---|---|
//! | `rustls-webpki-roots`, on by default | rustls | Mozilla's roots, built in |
//! | `rustls-native-roots` | rustls | the roots of this machine, a company's own among them |
//! | `rustls` | rustls | the roots that are given, no others |
//! | `native-tls` | OpenSSL, `SChannel` or Secure Transport | the roots of the platform |
//!
//! Features add up: with both kinds of roots rustls trusts both. Where rustls and `native-tls` are on, rustls is taken
//! unless [`Builder::tls`] says otherwise. Without any of them an `https` address is an error of kind `Other`, and plain
//! `http` works.
//!
//! [`Builder::root_certificates`] adds to the roots of the features; [`Builder::only_root_certificates`] takes their
//! place. There is no switch that turns the check off.
//!
//! ```no_run
//! use calllegs_hyper::HyperTransport;
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let company = std::fs::read("company-root.pem")?;
//! let transport = HyperTransport::builder().root_certificates(company).build()?;
//! # Ok(())
//! # }
//! ```
//!
//! rustls has the ring provider, TLS 1.2 and 1.3. The process-wide rustls provider is neither read nor
//! set. The roots of the machine are read when the transport is
//! built: from `SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set, as OpenSSL does, else from where the platform keeps
//! them.
//!
//! # HTTP/2
//!
//! With the feature `http2`, off by default, rustls offers HTTP/2 in the handshake, and where the server takes it up all calls
//! share one connection. Replies, deadlines and error kinds are the same. Otherwise, over plain `http` and with `native-tls`
//! it is HTTP/1.1. `calllegs-ureq` speaks HTTP/1.1 alone.
//!
//! # Proxy
//!
//! For a proxy the environment is read only when [`Builder::proxy_from_env`] asks for it. The forms of `NO_PROXY` are those of
//! [`NoProxy`](calllegs_core::transport::NoProxy).
//!
//! # Runtime
//!
//! Needs a tokio runtime with I/O and time enabled. [`TokioTimer`] is the timer that it brings. Each exchange is a
//! task of its own, so on a runtime of many threads the next page comes in while the caller reads this one.
//!
//! [`DEFAULT_TIMEOUT`]: calllegs_core::transport::DEFAULT_TIMEOUT
//! [`DEFAULT_BODY_CAP`]: calllegs_core::transport::DEFAULT_BODY_CAP

mod builder;
mod classify;
mod connect;
mod error;
mod intake;
mod timer;
mod tls;
mod transport;

pub use calllegs_core;

pub use crate::{
    builder::Builder, error::BuildError, timer::TokioTimer, tls::Tls, transport::HyperTransport,
};
