//! Errors of ureq in the terms of [`TransportErrorKind`]: was the request sent, and did a reply come?
//!
//! The causes are passed on as they are. None of them quotes a body.

use std::io;

use calllegs_core::transport::{TransportError, TransportErrorKind};
use ureq::{Error, Timeout};

use crate::error::{PlainHttp, UnknownIssuer};

/// No response head. `sent`: ureq has begun to write the body, so the server may have got all of it.
///
/// Below the body there is no telling by the error alone: a refused port and a cut connection are both
/// [`Error::Io`]. What was not written cannot have been executed.
pub(crate) fn request(error: Error, sent: bool) -> TransportError {
    if !sent && is_plain_http(&error) {
        return TransportError::new(TransportErrorKind::Other, PlainHttp(error.into())); // however often it is tried again
    }
    if !sent && is_unknown_issuer(&error) {
        return TransportError::new(TransportErrorKind::Connect, UnknownIssuer(error.into()));
    }
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
fn exchange(error: &Error) -> TransportErrorKind {
    match error {
        Error::BodyExceedsLimit(_) => TransportErrorKind::BodyTooLarge,
        Error::Io(cause) if is_malformed(cause) => TransportErrorKind::Other,
        Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_) => {
            TransportErrorKind::Interrupted
        }
        #[cfg(feature = "rustls")]
        Error::Rustls(_) => TransportErrorKind::Interrupted,
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        Error::Tls(_) => TransportErrorKind::Interrupted,
        #[cfg(feature = "native-tls")]
        Error::NativeTls(_) => TransportErrorKind::Interrupted,
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => TransportErrorKind::Connect,
        Error::Timeout(_) => TransportErrorKind::Timeout,
        // Requests that cannot be sent, replies that are not HTTP, and what later versions of ureq add: never retried.
        _ => TransportErrorKind::Other,
    }
}

fn is_malformed(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

/// Whether what answered a handshake does not speak TLS.
fn is_plain_http(error: &Error) -> bool {
    #[cfg(feature = "rustls")]
    if let Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)) = cause(error) {
        return true;
    }
    _ = error;
    false
}

/// Whether the server was refused for want of a root.
fn is_unknown_issuer(error: &Error) -> bool {
    #[cfg(feature = "rustls")]
    if let Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) = cause(error) {
        return true;
    }
    // The libraries of platforms say it in words.
    #[cfg(feature = "native-tls")]
    if let Error::NativeTls(error) = error {
        let words = error.to_string();
        return ["issuer", "self-signed", "self signed", "not trusted"]
            .iter()
            .any(|word| words.contains(word));
    }
    _ = error;
    false
}

/// The error of this type that ureq passes on, or that an I/O error of it carries.
#[cfg(feature = "rustls")]
fn cause<E: std::error::Error + 'static>(error: &Error) -> Option<&E> {
    let Error::Io(error) = error else { return None };
    let mut carried = error.get_ref();
    while let Some(error) = carried {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    }
    None
}
