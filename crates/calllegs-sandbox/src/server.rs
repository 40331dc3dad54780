//! The shell: HTTP/1.1 around the emulator, in a thread and a runtime of its own, so that asynchronous and blocking
//! programs can use it alike. No protocol rules here; API errors are HTTP 200 like everything that the API says.

use std::{
    fmt,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use calllegs_core::{Brand, Endpoint, filter::Refusal};
use chrono::NaiveDateTime;
use flate2::{Compression, write::GzEncoder};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{runtime, sync::oneshot};

use crate::{emulator::Emulator, error::Error, journal::Stats, options::Builder};

/// Bytes of a request at most; a filter with ten thousand values fits.
const MAX_REQUEST: usize = 1 << 20;

/// Bytes of a reply from which compression pays.
const MIN_GZIP: usize = 4096;

/// A running emulator. It stops when it is dropped.
///
/// ```
/// use calllegs_sandbox::Sandbox;
///
/// let sandbox = Sandbox::builder().seed(7).days(1).start()?;
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// assert!(sandbox.url().ends_with("/v2.0"));
/// # Ok::<(), calllegs_sandbox::Error>(())
/// ```
pub struct Sandbox {
    address: SocketAddr,
    brand: Brand,
    emulator: Arc<Mutex<Emulator>>,
    /// Dropped, it ends the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Options, then [`Builder::start`].
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(bind: SocketAddr, brand: Brand, emulator: Emulator) -> Result<Self, Error> {
        let refused = |error| Error::bind(bind, error);
        let listener = TcpListener::bind(bind).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(refused)?
        };
        let emulator = Arc::new(Mutex::new(emulator));
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&emulator);
        let serve = move || {
            runtime.spawn(accept(listener, shared));
            // Ends with an error when the sender is dropped; either way it is over.
            let _ended = runtime.block_on(stopped);
        };
        let thread =
            thread::Builder::new().name("calllegs-sandbox".to_owned()).spawn(serve).map_err(refused)?;
        Ok(Self { address, brand, emulator, stop: Some(stop), thread: Some(thread) })
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the API, as a client on this machine reaches it.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}/v2.0")
    }

    /// The endpoint for a client of calllegs, with the tables of the emulated brand.
    ///
    /// # Errors
    /// When the server listens on an address of the network only: clients send keys over plain HTTP to this machine
    /// alone.
    pub fn endpoint(&self) -> Result<Endpoint, Refusal> {
        Ok(Endpoint::custom(&self.url())?.with_brand(self.brand))
    }

    /// Calls so far.
    pub fn stats(&self) -> Stats {
        lock(&self.emulator).stats()
    }

    /// The truth to compare replies with; see [`Emulator::legs`].
    pub fn legs(&self, from: NaiveDateTime, till: NaiveDateTime) -> Vec<(i64, NaiveDateTime)> {
        lock(&self.emulator).legs(from, till)
    }

    /// Accounts with legs, and their legs; see [`Emulator::size`].
    pub fn size(&self) -> (usize, usize) {
        lock(&self.emulator).size()
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread ends only when `self` is dropped, or by a panic, after which there is nothing to wait for.
            let _ended = thread.join();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .field("brand", &self.brand)
            .finish_non_exhaustive()
    }
}

/// The emulator has no state that a panic could leave half-written and that matters to a test.
fn lock(emulator: &Mutex<Emulator>) -> MutexGuard<'_, Emulator> {
    emulator.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: tokio::net::TcpListener, emulator: Arc<Mutex<Emulator>>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, or the peer is gone already: open connections must end first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // Latency only; without it the exchange still works.
        let _best_effort = stream.set_nodelay(true);
        let emulator = Arc::clone(&emulator);
        let service = service_fn(move |request| exchange(Arc::clone(&emulator), request));
        tokio::spawn(async move {
            // A client that breaks its connection is the client's matter.
            let _ended = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn exchange(
    emulator: Arc<Mutex<Emulator>>,
    request: Request<Incoming>,
) -> hyper::Result<Response<Full<Bytes>>> {
    let plain = |status: StatusCode| {
        let mut response = Response::new(Full::from(status.canonical_reason().unwrap_or_default()));
        *response.status_mut() = status;
        response
    };
    if !request.uri().path().split('/').any(|segment| segment == "v2.0") {
        return Ok(plain(StatusCode::NOT_FOUND));
    }
    if request.method() != Method::POST {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return Ok(response);
    }
    let gzip = accepts_gzip(request.headers());
    let body = match Limited::new(request.into_body(), MAX_REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            return match error.downcast::<hyper::Error>() {
                Ok(error) => Err(*error),
                Err(_) => Ok(plain(StatusCode::PAYLOAD_TOO_LARGE)),
            };
        }
    };
    let mut reply = {
        let mut emulator = lock(&emulator);
        let began = clock();
        let answer = emulator.exchange(began.as_secs().try_into().unwrap_or(i64::MAX), &body);
        let took = clock().saturating_sub(began).as_millis();
        emulator.journal_mut().time(took.try_into().unwrap_or(u64::MAX));
        answer.body
    };
    let mut response = Response::new(Full::default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if gzip
        && reply.len() >= MIN_GZIP
        && let Ok(packed) = pack(&reply)
    {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        reply = packed;
    }
    *response.body_mut() = Full::from(reply);
    Ok(response)
}

/// Whether `gzip` is named and not refused with `q=0`.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn pack(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock: the emulator takes it as an argument"
)]
fn clock() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
