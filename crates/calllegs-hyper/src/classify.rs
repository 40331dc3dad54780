//! Errors of hyper in the terms of [`TransportErrorKind`]: was the request sent, and did a reply come?
//!
//! The causes are passed on as they are. None of them quotes a body.

use std::{error::Error, io};

use calllegs_core::transport::{TransportError, TransportErrorKind};
use hyper_util::client::legacy;
use tokio::{task::JoinError, time::error::Elapsed};

use crate::{
    error::{NoTls, PlainHttp, UnknownIssuer},
    intake::OverCap,
};

/// The exchange took longer than its deadline. The request may have been sent.
pub(crate) fn deadline(error: Elapsed) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, error)
}

/// The task did not end by itself: a panic goes on in the caller, and a runtime that shuts down leaves the outcome open.
pub(crate) fn task(error: JoinError) -> TransportError {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => TransportError::new(TransportErrorKind::Interrupted, error),
    }
}

/// No response head.
pub(crate) fn request(error: legacy::Error) -> TransportError {
    if cause::<NoTls>(&error).is_some() {
        return TransportError::new(TransportErrorKind::Other, NoTls); // however often it is tried again
    }
    if is_plain_http(&error) {
        return TransportError::new(TransportErrorKind::Other, PlainHttp(error.into())); // so is the next try
    }
    if is_unknown_issuer(&error) {
        return TransportError::new(TransportErrorKind::Connect, UnknownIssuer(error.into()));
    }
    let kind = match cause::<hyper::Error>(&error) {
        _ if error.is_connect() => TransportErrorKind::Connect,
        // hyper hands the request back unwritten: the idle connection was closed meanwhile.
        Some(cause) if cause.is_canceled() => TransportErrorKind::Connect,
        Some(cause) if cause.is_parse() || cause.is_user() => TransportErrorKind::Other,
        Some(_) => TransportErrorKind::Interrupted,
        // hyper-util refuses a request it cannot send at all, a relative URL for one.
        None => TransportErrorKind::Other,
    };
    TransportError::new(kind, error)
}

/// A response head, and then no whole body on the wire.
pub(crate) fn body(error: hyper::Error) -> TransportError {
    let malformed = cause::<io::Error>(&error).is_some_and(|cause| {
        matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
    });
    let kind = if malformed || error.is_parse() {
        TransportErrorKind::Other
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::new(kind, error)
}

/// A whole body on the wire that is too long, or whose gzip stream is damaged or cut: lost on the way, so
/// `Interrupted`.
pub(crate) fn decoding(error: io::Error) -> TransportError {
    let over = error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<OverCap>);
    let kind = if over { TransportErrorKind::BodyTooLarge } else { TransportErrorKind::Interrupted };
    TransportError::new(kind, error)
}

/// Whether the server was refused for want of a root.
fn is_unknown_issuer(error: &legacy::Error) -> bool {
    #[cfg(feature = "rustls")]
    if let Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) = cause(error) {
        return true;
    }
    // The libraries of platforms say it in words.
    #[cfg(feature = "native-tls")]
    if let Some(error) = cause::<native_tls::Error>(error) {
        let words = error.to_string();
        return ["issuer", "self-signed", "self signed", "not trusted"]
            .iter()
            .any(|word| words.contains(word));
    }
    _ = error;
    false
}

/// Whether what answered a handshake does not speak TLS.
fn is_plain_http(error: &legacy::Error) -> bool {
    #[cfg(feature = "rustls")]
    if let Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)) = cause(error) {
        return true;
    }
    _ = error;
    false
}

/// The first error of this type below `error`.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(below(error), |&error| below(error)).find_map(|error| error.downcast_ref())
}

/// The next error of the chain; what an I/O error carries is not its source but itself.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    carried.map(|carried| carried as _).or_else(|| error.source())
}
