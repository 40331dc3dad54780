//! [`UreqTransport`]: one exchange over a pooled connection. How errors are named is in `classify`.

use std::{
    fmt,
    io::{self, Read},
    time::SystemTime,
};

use calllegs_core::transport::{
    BlockingTimed, BlockingTransport, Body, HttpRequest, HttpResponse, NoProxy, TransportError,
    TransportErrorKind, date_if_missing, is_gzipped,
};
use flate2::read::MultiGzDecoder;
use http::{
    Request, Response,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
    uri::Scheme,
};
use ureq::{Agent, SendBody};

use crate::{
    builder::Builder,
    classify,
    error::{BuildError, NoTls},
    timer::ThreadTimer,
};

/// Carries exchanges with ureq. Clones share the pool of connections. See the [crate page](crate).
#[derive(Clone)]
pub struct UreqTransport {
    direct: Agent,
    tunnel: Option<(Agent, NoProxy)>,
    body_cap: u64,
    speaks_tls: bool,
}

impl UreqTransport {
    /// The defaults of the [crate page](crate#limits).
    ///
    /// # Errors
    /// As [`Builder::build`]; the defaults themselves are sound.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Starts from the defaults.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// `tunnel` carries what is sent over TLS, when the environment names a proxy, but to these hosts.
    pub(crate) fn with(
        direct: Agent,
        tunnel: Option<(Agent, NoProxy)>,
        body_cap: u64,
        speaks_tls: bool,
    ) -> Self {
        Self { direct, tunnel, body_cap, speaks_tls }
    }
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport")
            .field("timeout", &self.direct.config().timeouts().global)
            .field("body_cap", &self.body_cap)
            .finish_non_exhaustive()
    }
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (mut head, body) = request.into_parts();
        let is_https = head.uri.scheme() == Some(&Scheme::HTTPS);
        if is_https && !self.speaks_tls {
            return Err(TransportError::new(TransportErrorKind::Other, NoTls));
        }
        let agent = match &self.tunnel {
            Some((tunnel, direct)) if is_https && !direct.excepts(&head.uri) => tunnel,
            Some(_) | None => &self.direct,
        };
        let mut body = Outgoing { rest: body.as_bytes(), begun: false };
        let outcome = if body.rest.is_empty() {
            body.begun = true; // there is no body to tell by
            agent.run(Request::from_parts(head, SendBody::none()))
        } else {
            head.headers.entry(CONTENT_LENGTH).or_insert(body.rest.len().into());
            agent.run(Request::from_parts(head, SendBody::from_reader(&mut body)))
        };
        let (mut head, mut wire) =
            outcome.map_err(|error| classify::request(error, body.begun))?.into_parts();
        date_if_missing(&mut head.headers, now());

        if is_gzipped(head.status, &head.headers)? {
            // These two describe the wire, no longer the decoded body.
            head.headers.remove(CONTENT_ENCODING);
            head.headers.remove(CONTENT_LENGTH);
            let mut body = Vec::new();
            let mut decoded = MultiGzDecoder::new(wire.as_reader()).take(self.body_cap.saturating_add(1));
            decoded.read_to_end(&mut body).map_err(classify::decoding)?;
            if decoded.limit() == 0 {
                return Err(classify::body(ureq::Error::BodyExceedsLimit(self.body_cap)));
            }
            return Ok(Response::from_parts(head, Body::new(body)));
        }
        // Known only for a plain body; refused now instead of after a cap's worth of reading.
        if wire.content_length().is_some_and(|length| length > self.body_cap) {
            return Err(classify::body(ureq::Error::BodyExceedsLimit(self.body_cap)));
        }
        let body = wire.with_config().limit(self.body_cap).read_to_vec().map_err(classify::body)?;
        Ok(Response::from_parts(head, Body::new(body)))
    }
}

impl BlockingTimed for UreqTransport {
    type Timer = ThreadTimer;

    fn timer(&self) -> ThreadTimer {
        ThreadTimer
    }
}

#[expect(clippy::disallowed_methods, reason = "a reply without a date is given one")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// A request body that remembers whether ureq has begun to take it: up to then nothing can have been executed.
struct Outgoing<'a> {
    rest: &'a [u8],
    begun: bool,
}

impl Read for Outgoing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.begun = true;
        self.rest.read(buffer)
    }
}
