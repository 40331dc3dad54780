//! On what condition a call can succeed later that failed without a word of the server. Not here: what the table says of
//! the server's errors ([`MnemonicInfo`](super::MnemonicInfo)).

use http::StatusCode;

use crate::{schema::Retryability, transport::TransportErrorKind};

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
