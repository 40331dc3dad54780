//! The shell: HTTP/1.1 around the emulator, in a thread and a runtime of its own, so that asynchronous and blocking
//! programs can use it alike. No protocol rules here: it carries out what an answer says of its own delivery.

use std::{
    convert::Infallible,
    fmt,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use calllegs_core::{
    Brand, Endpoint,
    filter::Refusal,
    schema::{FieldInfo, MethodInfo},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use http_body_util::{BodyExt, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Body, Frame, Incoming, SizeHint},
    header::{
        ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, DATE, HOST, HeaderName, HeaderValue,
        LOCATION, RETRY_AFTER, VARY,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Map, Value};
use tokio::{
    runtime,
    sync::oneshot,
    time::{Sleep, sleep},
};

use crate::{
    accounts::AllAccounts,
    admin::{self, Asked},
    agency::Customer,
    answer::{Answer, Delivery},
    clock::http_date,
    clocked::Clocked,
    emulator::Emulator,
    error::Error,
    fault::Fault,
    journal::{Entry, Stats},
    new_field::NewField,
    openrpc,
    options::Builder,
    truth::{EmployeeTruth, SessionTruth, TruthQuery},
};

/// Bytes of a request at most: a filter by a million ids fits. Nobody wrote down what the API itself takes.
const MAX_REQUEST: usize = 16 << 20;

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
    shared: Arc<Shared>,
    /// Dropped, it ends the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What connections share.
struct Shared {
    clocked: Mutex<Clocked>,
    /// Requests that are being answered.
    running: AtomicU64,
    admin: bool,
}

impl Shared {
    /// The emulator has no state that a panic could leave half-written and that matters to a test.
    fn clocked(&self) -> MutexGuard<'_, Clocked> {
        self.clocked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Options, then [`Builder::start`].
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(options: &Builder, emulator: Emulator) -> Result<Self, Error> {
        let (bind, brand) = (options.bind, options.brand);
        let refused = |error| Error::bind(bind, error);
        let listener = TcpListener::bind(bind).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(refused)?
        };
        let clocked = Mutex::new(Clocked::new(options.clock, emulator, clock()));
        let shared = Arc::new(Shared { clocked, running: AtomicU64::new(0), admin: options.admin });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let serve = move || {
            runtime.spawn(accept(listener, serving));
            // Ends with an error when the sender is dropped; either way it is over.
            let _ended = runtime.block_on(stopped);
        };
        let thread =
            thread::Builder::new().name("calllegs-sandbox".to_owned()).spawn(serve).map_err(refused)?;
        Ok(Self { address, brand, shared, stop: Some(stop), thread: Some(thread) })
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
        self.shared.clocked().emulator.stats()
    }

    /// The latest requests, the oldest of them first; see [`Emulator::journal`].
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.clocked().emulator.journal().cloned().collect()
    }

    /// The faults in force.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.clocked().emulator.faults().cloned().collect()
    }

    /// Replaces all faults; see [`Emulator::set_faults`].
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.clocked().emulator.set_faults(faults);
    }

    /// As it was at its start; see [`Emulator::reset`].
    pub fn reset(&self) {
        self.shared.clocked().emulator.reset();
    }

    /// The truth to compare replies with; see [`Emulator::legs`].
    pub fn legs(&self, from: NaiveDateTime, till: NaiveDateTime) -> Vec<(i64, NaiveDateTime)> {
        self.shared.clocked().emulator.legs(from, till)
    }

    /// The truth about these fields; see [`Emulator::truth`].
    pub fn truth<'a>(
        &self,
        user: Option<i64>,
        from: NaiveDateTime,
        till: NaiveDateTime,
        fields: impl IntoIterator<Item = &'a FieldInfo>,
    ) -> Option<Vec<String>> {
        self.shared.clocked().emulator.truth(user, from, till, fields)
    }

    /// What became of the made-up calls; see [`Emulator::truth_sessions`].
    pub fn truth_sessions(&self, user: Option<i64>, query: &TruthQuery) -> Option<Vec<SessionTruth>> {
        Some(self.world().truth(user, query)?.sessions())
    }

    /// Their metrics; see [`Emulator::truth_metrics`].
    pub fn truth_metrics(&self, user: Option<i64>, query: &TruthQuery) -> Option<Map<String, Value>> {
        Some(self.world().truth(user, query)?.metrics())
    }

    /// Cost and talk of employees; see [`Emulator::truth_employees`].
    pub fn truth_employees(&self, user: Option<i64>, query: &TruthQuery) -> Option<Vec<EmployeeTruth>> {
        Some(self.world().truth(user, query)?.employees())
    }

    /// The truth about the rows of another method; see [`Emulator::truth_of`].
    pub fn truth_of<'a>(
        &self,
        method: &'static MethodInfo,
        user: Option<i64>,
        from: NaiveDateTime,
        till: NaiveDateTime,
        fields: impl IntoIterator<Item = &'a FieldInfo>,
    ) -> Option<Vec<String>> {
        self.shared.clocked().emulator.truth_of(method, user, from, till, fields)
    }

    /// Apart from the server: nobody waits while calls are played again.
    fn world(&self) -> Arc<AllAccounts> {
        self.shared.clocked().emulator.world()
    }

    /// The days of the first and the last leg; see [`Emulator::days`].
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.shared.clocked().emulator.days()
    }

    /// What its clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clocked().instant(clock())
    }

    /// Moves its clock on; the truth is as of then.
    pub fn advance(&self, by: Duration) {
        self.shared.clocked().advance(by, clock());
    }

    /// Makes its clock show this instant; the truth is as of then. A clock that goes goes on from there.
    pub fn set_clock(&self, at: DateTime<Utc>) {
        self.shared.clocked().set(at, clock());
    }

    /// A member of every row that no page documents; see [`Emulator::set_new_field`].
    pub fn set_new_field(&self, field: Option<NewField>) {
        self.shared.clocked().emulator.set_new_field(field);
    }

    /// The clients of all partners; see [`Emulator::customers`].
    pub fn customers(&self) -> Vec<Customer> {
        self.shared.clocked().emulator.customers()
    }

    /// Accounts with legs, and their legs; see [`Emulator::size`].
    pub fn size(&self) -> (usize, usize) {
        self.shared.clocked().emulator.size()
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

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, or the peer is gone already: open connections must end first.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // Latency only; without it the exchange still works.
        let _best_effort = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| exchange(Arc::clone(&shared), request));
        tokio::spawn(async move {
            // A client that breaks its connection is the client's matter; a broken answer breaks it on purpose.
            let _ended = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// An error ends the connection without an answer.
async fn exchange(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Outgoing>> {
    let mut response = answer(Arc::clone(&shared), request).await?;
    if !response.headers().contains_key(DATE) {
        let now = shared.clocked().now(clock());
        response.headers_mut().extend(date(now));
    }
    Ok(response)
}

/// The header that carries the clock.
fn date(now: i64) -> Option<(HeaderName, HeaderValue)> {
    Some((DATE, HeaderValue::from_str(&http_date(now)).ok()?))
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Outgoing>> {
    let (head, body) = request.into_parts();
    let admin = head.uri.path().strip_prefix(admin::ROOT).filter(|_| shared.admin);
    if head.uri.path() == openrpc::PATH && head.method == Method::GET {
        return Ok(discovered(&shared, &head.headers));
    }
    if admin.is_none() {
        if !head.uri.path().split('/').any(|segment| segment == "v2.0") {
            return Ok(plain(StatusCode::NOT_FOUND));
        }
        if head.method != Method::POST {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return Ok(response);
        }
    }
    let body = match Limited::new(body, MAX_REQUEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            return match error.downcast::<hyper::Error>() {
                Ok(error) => Err(io::Error::other(error)),
                Err(_) => Ok(plain(StatusCode::PAYLOAD_TOO_LARGE)),
            };
        }
    };
    if let Some(name) = admin {
        let query = head.uri.query().unwrap_or_default();
        let (method, real) = (head.method.as_str(), clock());
        let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let asked = Asked { method, name, query, host };
        let (status, content_type, body) = admin::answer(&mut shared.clocked(), real, asked, &body);
        let mut response = Response::new(Outgoing::whole(body.into_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        return Ok(response);
    }
    let running = Running::new(&shared);
    let (answer, now) = {
        let mut clocked = shared.clocked();
        let began = clock();
        let answer = clocked.receive(began, &body);
        let took = clock().saturating_sub(began).as_millis().try_into().unwrap_or(u64::MAX);
        clocked.emulator.journal_mut().finish(took, running.number);
        (answer, clocked.now(began))
    };
    let mut response = deliver(answer, accepts_gzip(&head.headers), running).await?;
    response.headers_mut().extend(date(now));
    Ok(response)
}

/// The document that says what there is.
fn discovered(shared: &Shared, headers: &HeaderMap) -> Response<Outgoing> {
    let brand = shared.clocked().emulator.brand();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let document = openrpc::document(brand, host).to_string();
    let mut response = Response::new(Outgoing::whole(document.into_bytes()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Carries out what the answer says of its delivery.
async fn deliver(answer: Answer, gzip: bool, running: Running) -> io::Result<Response<Outgoing>> {
    let Answer { status, content_type, retry_after, location, mut body, delivery, fault, .. } = answer;
    let mut response = plain(StatusCode::from_u16(status).unwrap_or_default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.extend(retry_after.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
    headers.extend(location.map(|address| (LOCATION, HeaderValue::from_static(address))));
    headers.extend(fault.map(|name| (FAULT, HeaderValue::from_static(name))));
    let whole = matches!(delivery, Delivery::Whole | Delivery::Late { .. });
    let broken = delivery == Delivery::BrokenGzip;
    if broken || whole && gzip && body.len() >= MIN_GZIP {
        body = pack(&body)?;
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if broken {
        body.truncate(body.len() / 2);
    }
    let mut outgoing = Outgoing::whole(body);
    match delivery {
        Delivery::Late { milliseconds } => sleep(Duration::from_millis(milliseconds)).await,
        Delivery::Dribbled { piece, milliseconds } => {
            (outgoing.piece, outgoing.pause) = (piece.max(1), Duration::from_millis(milliseconds));
        }
        Delivery::Cut { after } => outgoing.cut(after),
        Delivery::Closed => return Err(io::ErrorKind::ConnectionReset.into()),
        Delivery::Never => match std::future::pending::<Infallible>().await {},
        Delivery::Whole | Delivery::BrokenGzip => {}
    }
    outgoing.running = Some(running);
    *response.body_mut() = outgoing;
    Ok(response)
}

fn plain(status: StatusCode) -> Response<Outgoing> {
    let text = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(Outgoing::whole(text.into()));
    *response.status_mut() = status;
    response
}

/// Names the fault that hit an answer.
const FAULT: HeaderName = HeaderName::from_static("x-sandbox-fault");

/// A request that is being answered, until its last byte is out.
struct Running {
    shared: Arc<Shared>,
    /// How many there are with this one.
    number: u64,
}

impl Running {
    fn new(shared: &Arc<Shared>) -> Self {
        let number = shared.running.fetch_add(1, Ordering::Relaxed) + 1;
        Self { shared: Arc::clone(shared), number }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body on its way out.
struct Outgoing {
    rest: Bytes,
    /// What `Content-Length` says.
    length: u64,
    /// Bytes of a piece at most.
    piece: usize,
    /// Before each piece but the first.
    pause: Duration,
    pausing: Option<Pin<Box<Sleep>>>,
    end: End,
    running: Option<Running>,
}

/// What comes after the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Regular,
    /// The connection breaks, once the bytes before are out.
    Breaking,
    Broken,
}

impl Outgoing {
    fn whole(body: Vec<u8>) -> Self {
        let length = body.len() as u64;
        let (rest, pause) = (Bytes::from(body), Duration::ZERO);
        Self { rest, length, piece: usize::MAX, pause, pausing: None, end: End::Regular, running: None }
    }

    fn cut(&mut self, after: usize) {
        self.rest.truncate(after);
        self.end = End::Breaking;
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(pausing) = &mut self.pausing {
            ready!(pausing.as_mut().poll(context));
            self.pausing = None;
        }
        if !self.rest.is_empty() {
            let piece = self.piece.min(self.rest.len());
            let piece = self.rest.split_to(piece);
            if !self.rest.is_empty() && !self.pause.is_zero() {
                self.pausing = Some(Box::pin(sleep(self.pause)));
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.end {
            End::Regular => Poll::Ready(None),
            // An error at once would take the bytes with it that the connection has not written yet.
            End::Breaking => {
                self.end = End::Broken;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Broken => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.end == End::Regular
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
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
