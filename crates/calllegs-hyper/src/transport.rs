//! [`HyperTransport`]: one exchange over a pooled connection. How errors are named is in `classify`, how
//! connections are opened in `connect`.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use bytes::Bytes;
use calllegs_core::transport::{
    Body, HttpRequest, HttpResponse, Timed, Transport, TransportError, date_if_missing, is_gzipped,
};
use http::{
    HeaderMap, HeaderValue, Request, Response,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, USER_AGENT},
};
use http_body_util::{BodyExt, Full};
use hyper::body::Body as _;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::task::JoinSet;

use crate::{
    builder::Builder, classify, connect::Connector, error::BuildError, intake::Intake, timer::TokioTimer,
};

/// Carries exchanges with hyper. Clones share the pool of connections. See the [crate page](crate).
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<Connector, Full<Bytes>>,
    timeout: Duration,
    body_cap: usize,
    gzip: bool,
}

impl HyperTransport {
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

    pub(crate) fn with(connector: Connector, timeout: Duration, body_cap: usize, gzip: bool) -> Self {
        let client = Client::builder(TokioExecutor::new())
            // The machine retries, and counts points.
            .retry_canceled_requests(false)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .build(connector);
        Self { client, timeout, body_cap, gzip }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (mut head, body) = request.into_parts();
        if self.gzip {
            head.headers.entry(ACCEPT_ENCODING).or_insert(GZIP);
        }
        head.headers.entry(USER_AGENT).or_insert(AGENT);
        let request = Request::from_parts(head, Full::new(body.into_bytes()));
        let response = self.client.request(request).await.map_err(classify::request)?;

        let (mut head, mut wire) = response.into_parts();
        date_if_missing(&mut head.headers, now());
        let gzip = is_gzipped(head.status, &head.headers)?;
        let mut body = Intake::new(gzip, self.body_cap);
        body.announce(wire.size_hint().lower()).map_err(classify::decoding)?;
        while let Some(frame) = wire.frame().await {
            // A frame that is not data is a trailer: nothing of the API.
            if let Ok(chunk) = frame.map_err(classify::body)?.into_data() {
                body.push(&chunk).map_err(classify::decoding)?;
            }
        }
        if gzip {
            strip_encoding(&mut head.headers);
        }
        let body = body.finish().map_err(classify::decoding)?;
        Ok(Response::from_parts(head, Body::new(body)))
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport")
            .field("timeout", &self.timeout)
            .field("body_cap", &self.body_cap)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let transport = self.clone();
        let exchange = async move {
            tokio::time::timeout(transport.timeout, transport.exchange(request))
                .await
                .map_err(classify::deadline)?
        };
        // A task of its own: the bytes come in while the caller reads the page before. A set ends its tasks with itself.
        let mut tasks = JoinSet::new();
        tasks.spawn(exchange);
        let ended = tasks.join_next().await.unwrap_or_else(|| unreachable!("one task was spawned"));
        ended.map_err(classify::task)?
    }
}

impl Timed for HyperTransport {
    type Timer = TokioTimer;

    fn timer(&self) -> TokioTimer {
        TokioTimer
    }
}

#[expect(clippy::disallowed_methods, reason = "a reply without a date is given one")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// These two describe the wire, no longer the decoded body.
fn strip_encoding(headers: &mut HeaderMap) {
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
}

const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("calllegs/", env!("CARGO_PKG_VERSION")));

/// Servers and balancers often drop a silent connection after 30 or 60 s; leave well before they do.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
const IDLE_PER_HOST: usize = 10;
