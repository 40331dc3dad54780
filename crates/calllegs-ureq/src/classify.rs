//! Errors of ureq in the terms of [`TransportErrorKind`]: was the request sent, and did a reply come?
//!
//! The causes are passed on as they are. None of them quotes a body.

use std::io;

use calllegs_core::transport::{TransportError, TransportErrorKind};
use ureq::{Error, Timeout};

/// No response head. `sent`: ureq has begun to write the body, so the server may have got all of it.
///
/// Below the body there is no telling by the error alone: a refused port and a cut connection are both
/// [`Error::Io`]. What was not written cannot have been executed.
pub(crate) fn request(error: Error, sent: bool) -> TransportError {
    let mut kind = exchange(&error);
    // Any I/O: a handshake with something that does not speak TLS is malformed input.
    if !sent && (kind == TransportErrorKind::Interrupted || matches!(error, Error::Io(_))) {
        kind = TransportErrorKind::Connect;
    }
    TransportError::new(kind, error)
}

/// A response head, and then no whole body.
pub(crate) fn body(error: Error) -> TransportError {
    TransportError::new(exchange(&error), error)
}

/// A body whose gzip stream is damaged or cut: lost on the way, so `Interrupted`. What the wire itself did comes as ureq
/// tells it.
pub(crate) fn decoding(error: io::Error) -> TransportError {
    let error = Error::from(error);
    let kind = if matches!(error, Error::Io(_)) { TransportErrorKind::Interrupted } else { exchange(&error) };
    TransportError::new(kind, error)
}

/// The kind of an error, if the request was sent.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "ureq's list is open, and unknown is a kind: never retried"
)]
fn exchange(error: &Error) -> TransportErrorKind {
    match error {
        Error::BodyExceedsLimit(_) => TransportErrorKind::BodyTooLarge,
        Error::Io(cause) if is_malformed(cause) => TransportErrorKind::Other,
        Error::Io(_)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::Rustls(_)
        | Error::Tls(_) => TransportErrorKind::Interrupted,
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => TransportErrorKind::Connect,
        Error::Timeout(_) => TransportErrorKind::Timeout,
        // Requests that cannot be sent, replies that are not HTTP, and what later versions of ureq add.
        _ => TransportErrorKind::Other,
    }
}

fn is_malformed(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}
