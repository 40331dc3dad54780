//! On what condition a failed call can succeed when it is made again.

use http::StatusCode;

use crate::transport::TransportErrorKind;

/// On what condition the same call can succeed later. Part of the table of mnemonics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retryability {
    /// With a new session, when the credentials are a login.
    AfterLogin,
    /// At any time: the request was not sent.
    Always,
    /// When the limit that was hit resets, the server's or what this side knows of it: a minute is waited for, a day is
    /// the caller's decision.
    AtReset,
    /// At any time, when making the call twice does no harm.
    IfIdempotent,
    /// Not without a change of the request, the account or the key.
    Never,
}

impl Retryability {
    /// Of a reply that is not JSON: statuses of an overloaded or broken gateway pass, and so does a broken body
    /// under status 200; other 4xx are final (docs/api.md 3.3).
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let passing = matches!(status.as_u16(), 408 | 425 | 429 | 500..=599 | 200..=299);
        if passing { Self::IfIdempotent } else { Self::Never }
    }

    /// Of an exchange without a reply.
    pub(crate) fn of_transport(kind: TransportErrorKind) -> Self {
        match kind {
            TransportErrorKind::Connect => Self::Always,
            TransportErrorKind::Interrupted | TransportErrorKind::Timeout => Self::IfIdempotent,
            TransportErrorKind::BodyTooLarge | TransportErrorKind::Other => Self::Never,
        }
    }
}
