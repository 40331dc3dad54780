//! One error type for everything a call can end with: kind, context, source.
//!
//! Display prints its own level only; `source()` carries the rest. No error holds a body, a row, a value of the
//! request or a secret. Not here: whether to try again ([`retry`](crate::retry) decides, by [`Retryability`]).
//!
//! ```
//! use calllegs_core::{CallLegs, Error, ErrorKind, Mnemonic, Period, Query, rpc};
//!
//! /// What to tell the user.
//! fn advice(error: &Error) -> String {
//!     if let Some(server) = error.server() {
//!         return match server.mnemonic() {
//!             Mnemonic::AccessTokenExpired | Mnemonic::AccessTokenInvalid => "make a new key".to_owned(),
//!             Mnemonic::IpNotWhitelisted => "let the address of this machine in".to_owned(),
//!             _ => format!("the server says: {server}"),
//!         };
//!     }
//!     match (error.kind(), error.retry_after()) {
//!         (ErrorKind::Limit, Some(wait)) => format!("points come back in {} s", wait.as_secs()),
//!         (ErrorKind::Transport, _) => format!("look at the network: {error}"),
//!         _ => error.to_string(),
//!     }
//! }
//!
//! let reply = br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"Access token is invalid",
//!     "data":{"mnemonic":"access_token_invalid"}}}"#;
//! # let day: Period = "2026-03-02..2026-03-03".parse()?;
//! let error = rpc::reply(&Query::<CallLegs>::new(day), rpc::RequestId::new(1), reply).unwrap_err();
//! assert_eq!(advice(&error), "make a new key");
//! # Ok::<(), Error>(())
//! ```

mod retryability;
mod server;

use std::{error, fmt, time::Duration};

pub use server::ServerError;

#[doc(inline)]
pub use crate::schema::{MnemonicInfo, Retryability};
use crate::transport::TransportError;
pub use crate::{filter::Refusal, limits::Budget};

/// What a call ended with instead of a reply. One word in size.
pub struct Error(Box<Inner>);

struct Inner {
    cause: Cause,
    method: Option<Box<str>>,
    attempts: u32,
    retry_after: Option<Duration>,
}

enum Cause {
    Build(Refusal),
    Decode { what: Box<str>, row: Option<usize>, source: Option<serde_json::Error> },
    Http(http::StatusCode),
    Incomplete(Box<str>),
    Limit(Budget),
    Server(ServerError),
    Transport(TransportError),
}

/// Groups errors by what the reader can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request was not built: the server would have refused it.
    ///
    /// Troubleshooting: the message names the field and the next step; nothing was sent.
    Build,
    /// A reply arrived that is not what the protocol promises.
    ///
    /// Troubleshooting: a proxy that answers in the server's place is the usual cause; otherwise report the drift.
    Decode,
    /// A reply that is not JSON, with an HTTP status of a gateway.
    ///
    /// Troubleshooting: 4xx means a wrong address or a proxy; 5xx and 429 pass, try later.
    Http,
    /// The rows do not match what the server counted.
    ///
    /// Troubleshooting: ask again; the message names the window.
    Incomplete,
    /// A bound on points is reached, nothing was sent.
    ///
    /// Troubleshooting: [`Error::retry_after`] says when the server's limit resets.
    Limit,
    /// The server answered with an error.
    ///
    /// Troubleshooting: [`ServerError::mnemonic`] tells which.
    Server,
    /// There is no reply.
    ///
    /// Troubleshooting: [`TransportError::kind`] says whether the request may have been sent.
    Transport,
}

impl Error {
    /// What the reader can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self.0.cause {
            Cause::Build(_) => ErrorKind::Build,
            Cause::Decode { .. } => ErrorKind::Decode,
            Cause::Http(_) => ErrorKind::Http,
            Cause::Incomplete(_) => ErrorKind::Incomplete,
            Cause::Limit(_) => ErrorKind::Limit,
            Cause::Server(_) => ErrorKind::Server,
            Cause::Transport(_) => ErrorKind::Transport,
        }
    }

    /// The server's own error, of kind [`ErrorKind::Server`].
    pub fn server(&self) -> Option<&ServerError> {
        if let Cause::Server(error) = &self.0.cause { Some(error) } else { None }
    }

    /// The transport's error, of kind [`ErrorKind::Transport`].
    pub fn transport(&self) -> Option<&TransportError> {
        if let Cause::Transport(error) = &self.0.cause { Some(error) } else { None }
    }

    /// The refusal of a filter, sort or field, of kind [`ErrorKind::Build`].
    pub fn refusal(&self) -> Option<&Refusal> {
        if let Cause::Build(refusal) = &self.0.cause { Some(refusal) } else { None }
    }

    /// The HTTP status of a reply that is not JSON, of kind [`ErrorKind::Http`].
    pub fn status(&self) -> Option<http::StatusCode> {
        if let Cause::Http(status) = self.0.cause { Some(status) } else { None }
    }

    /// The bound that is reached, of kind [`ErrorKind::Limit`].
    pub fn budget(&self) -> Option<Budget> {
        if let Cause::Limit(budget) = self.0.cause { Some(budget) } else { None }
    }

    /// Whether, and on what condition, the same call can succeed later.
    pub fn retryability(&self) -> Retryability {
        match &self.0.cause {
            Cause::Build(_)
            | Cause::Incomplete(_)
            | Cause::Limit(Budget::Points)
            | Cause::Decode { row: Some(_), .. } => Retryability::Never,
            Cause::Limit(Budget::Day | Budget::Hour | Budget::Reserve) => Retryability::AtReset,
            // A body cut on its way inside a proxy looks like this; asking again is safe for reads.
            Cause::Decode { row: None, .. } => Retryability::IfIdempotent,
            Cause::Http(status) => Retryability::of_status(*status),
            Cause::Server(error) => error.retryability(),
            Cause::Transport(error) => Retryability::of_transport(error.kind()),
        }
    }

    /// How long to wait before the call is made again: `Retry-After` of a reply, or the time until a limit resets. The
    /// caller's own [budget](Budget::Points) has no reset.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many times the call was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The method that was called, when one was.
    pub fn method(&self) -> Option<&str> {
        self.0.method.as_deref()
    }

    /// A page that a projection cannot read, of kind [`ErrorKind::Decode`]. The text must not quote the page.
    pub fn unreadable(what: impl Into<Box<str>>) -> Self {
        Self::decode(what, None)
    }

    fn new(cause: Cause) -> Self {
        Self(Box::new(Inner { cause, method: None, attempts: 0, retry_after: None }))
    }

    pub(crate) fn decode(what: impl Into<Box<str>>, source: Option<serde_json::Error>) -> Self {
        Self::new(Cause::Decode { what: what.into(), row: None, source })
    }

    pub(crate) fn decode_row(row: usize, what: &str, source: Option<serde_json::Error>) -> Self {
        Self::new(Cause::Decode { what: what.into(), row: Some(row), source })
    }

    pub(crate) fn status_only(status: http::StatusCode) -> Self {
        Self::new(Cause::Http(status))
    }

    pub(crate) fn incomplete(what: impl Into<Box<str>>) -> Self {
        Self::new(Cause::Incomplete(what.into()))
    }

    pub(crate) fn limit(budget: Budget, retry_after: Option<Duration>) -> Self {
        Self::new(Cause::Limit(budget)).after(retry_after)
    }

    pub(crate) fn from_server(error: ServerError) -> Self {
        Self::new(Cause::Server(error))
    }

    pub(crate) fn from_transport(error: TransportError) -> Self {
        Self::new(Cause::Transport(error))
    }

    pub(crate) fn after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = self.0.retry_after.or(retry_after);
        self
    }

    /// At least so long, whatever the reply says.
    pub(crate) fn not_before(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = self.0.retry_after.max(wait);
        self
    }

    pub(crate) fn of_call(mut self, method: &str, attempts: u32) -> Self {
        self.0.method = Some(method.into());
        self.0.attempts = attempts;
        self
    }
}

/// A refused filter, sort or field list is an error of kind [`ErrorKind::Build`].
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(Cause::Build(refusal))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.0.method {
            write!(f, "{method}: ")?;
        }
        match &self.0.cause {
            Cause::Build(refusal) => refusal.fmt(f),
            Cause::Decode { what, row: Some(row), .. } => write!(f, "row {row} of the page: {what}"),
            Cause::Http(status) => write!(f, "HTTP status {} and a body that is not JSON", status.as_u16()),
            Cause::Incomplete(what) | Cause::Decode { what, row: None, .. } => f.write_str(what),
            Cause::Limit(Budget::Points) => f.write_str("the bound on points of this run is reached"),
            Cause::Limit(Budget::Day) => f.write_str("no points are left today"),
            Cause::Limit(Budget::Hour) => f.write_str("no points are left this hour"),
            Cause::Limit(Budget::Reserve) => {
                f.write_str("what is left of the day's points is kept for others")
            }
            Cause::Server(error) => error.fmt(f),
            Cause::Transport(error) => error.fmt(f),
        }?;
        if self.0.attempts > 1 {
            write!(f, " (after {} attempts)", self.0.attempts)?;
        }
        // The reset of a limit is not said here: it may be a guess.
        match self.0.retry_after.map(|wait| wait.as_secs()) {
            Some(seconds @ 1..) if self.retryability() != Retryability::AtReset => {
                write!(f, "; the server asks to wait {seconds} s")
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, \"{self}\")", self.kind())
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0.cause {
            Cause::Transport(error) => error.source(),
            // The syntax error alone: serde_json's data errors can quote values of the reply.
            Cause::Decode { source: Some(source), .. } if source.is_syntax() || source.is_eof() => {
                Some(source)
            }
            Cause::Decode { .. }
            | Cause::Build(_)
            | Cause::Http(_)
            | Cause::Incomplete(_)
            | Cause::Limit(_)
            | Cause::Server(_) => None,
        }
    }
}
