//! The async client: the machines of this crate, driven over a [`Transport`] and a [`Timer`].
//!
//! It decides nothing: what to send, when to wait and when to stop is the machines' word. The blocking twin has the
//! same text without `async`. Dropping a future is safe: the account stays valid, but a request that was already sent
//! may still be answered, and charged, at the server.
//!
//! ```
//! use calllegs_core::{AccessKey, Account, Brand, CallLegs, Client, Direction, Error, Period, Query};
//! use calllegs_core::{limits::Reserve, retry::{Exponential, RetryPolicy}};
//! # use calllegs_core::transport::Timed;
//!
//! /// A client for the whole program: `transport` is a `HyperTransport` of `calllegs-hyper`, or one of your own.
//! fn client(transport: impl Timed, key: AccessKey) -> Client {
//!     // Client::new(transport, account) is the same without options.
//!     Client::builder(transport, Account::new(Brand::Uis, key))
//!         .retry_policy(Exponential::default().at_most(3))
//!         .budget(500) // points
//!         .reserve(Reserve::Percent(25)) // of the day, for others
//!         .build()
//! }
//!
//! /// Seconds that were talked on inbound legs.
//! async fn talked(client: &Client, period: Period) -> Result<i64, Error> {
//!     let query = Query::<CallLegs>::new(period).filter(CallLegs::DIRECTION.equals(Direction::In));
//!     let mut legs = client.sweep(query)?;
//!     let mut seconds = 0;
//!     while let Some(leg) = legs.next().await {
//!         seconds += leg?.duration.unwrap_or(0); // a period that is not complete ends with an error
//!     }
//!     Ok(seconds)
//! }
//! ```
//!
//! How a run goes on where another was stopped is shown at the [blocking client](blocking); it is the same here.

pub mod blocking;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    query::Page,
    sweep::{CallId, PageCall, Placed},
    trace::AttemptSpan,
    transport::{HttpRequest, HttpResponse, Timed, Timer, Transport, TransportError},
};

/// Pages that are on their way together unless [`Rows::ahead`] says otherwise: more than four or five calls at once
/// are not seen in practice (docs/api.md question 30).
const AHEAD: usize = 4;

/// What became of a call.
type Landed<R, P> = (CallId, Result<Page<Placed<<P as Projection<R>>::Row>>, Error>);

/// A call on its way.
type Airborne<R, P> = Pin<Box<dyn Future<Output = Landed<R, P>> + Send>>;

/// Calls on their way, polled together: nothing is spawned, and dropping them gives back what they hold.
struct Flight<R: 'static, P: Projection<R>>(Vec<Airborne<R, P>>);

impl<R: 'static, P: Projection<R>> Default for Flight<R, P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R: 'static, P: Projection<R>> Flight<R, P> {
    fn launch(&mut self, client: &Client, id: CallId, call: PageCall<R, P>) {
        let client = client.clone();
        self.0.push(Box::pin(async move { (id, client.call(call).await) }));
    }

    /// Waits for the first of them; `None` when there is none, or when all of them only wait and nobody waits for them.
    async fn land(&mut self, is_idle: impl Fn() -> bool) -> Option<Landed<R, P>> {
        if self.0.is_empty() {
            return None;
        }
        std::future::poll_fn(|context| match self.poll(context) {
            Poll::Pending if is_idle() => Poll::Ready(None),
            polled @ (Poll::Pending | Poll::Ready(_)) => polled.map(Some),
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Landed<R, P>> {
        let polled = self.0.iter_mut().enumerate();
        let landed = polled.filter_map(|(index, call)| match call.as_mut().poll(context) {
            Poll::Ready(landed) => Some((index, landed)),
            Poll::Pending => None,
        });
        let Some((index, landed)) = { landed }.next() else { return Poll::Pending };
        drop(self.0.swap_remove(index));
        Poll::Ready(landed)
    }
}

/// Makes one attempt.
fn send(
    transport: &dyn Transport,
    request: HttpRequest,
    span: AttemptSpan,
) -> impl Future<Output = Result<HttpResponse, TransportError>> {
    span.carry(transport.send(request))
}

// tidy: begin same text
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    call::Call,
    error::Error,
    exchange::{Account, Exchange, Step, Usage},
    limits::Reserve,
    pager::Reach,
    projection::{Projection, Records},
    query::Query,
    retry::{Exponential, RetryPolicy},
    session::Credentials,
    sweep::{Checkpoint, Preview, Sweep},
};

/// Makes calls for one account. Clones are cheap and share the session, the limits and the connections.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    timer: Arc<dyn Timer>,
    account: Arc<Mutex<Account>>,
    policy: Arc<dyn RetryPolicy>,
    user_id: Option<u64>,
}

impl Client {
    /// A client over a transport that brings its timer, with the defaults of the [builder](Self::builder).
    pub fn new(transport: impl Timed, account: Account) -> Self {
        Self::builder(transport, account).build()
    }

    /// A client with options; the [module](self) has an example. A transport that brings no timer needs one:
    /// [`timer`](ClientBuilder::timer).
    pub fn builder<T: Transport>(transport: T, account: Account) -> ClientBuilder<T> {
        let policy = Arc::new(Exponential::default().at_most(5));
        ClientBuilder { transport, timer: (), account, policy }
    }

    /// Makes one call: signs in where needed, waits for points, tries again where it helps.
    ///
    /// # Errors
    /// Of any kind, after the last attempt.
    pub async fn call<C: Call>(&self, call: C) -> Result<C::Reply, Error> {
        let exchange = Exchange::new(call, Arc::clone(&self.policy)).acting_for(self.user_id);
        let mut held = Held { client: self, exchange };
        let exchange = &mut held.exchange;
        loop {
            let step = exchange.poll(self.timer.now(), &mut self.account());
            match step {
                Step::Send(request) => {
                    let outcome = send(&*self.transport, request, exchange.span()).await;
                    exchange.receive(self.timer.now(), self.timer.entropy(), outcome, &mut self.account());
                }
                Step::Wait(deadline) => self.timer.sleep_until(deadline).await,
                Step::Done(outcome) => return outcome,
            }
        }
    }

    /// Reads the whole period of a query: complete, or an error that names what is missing.
    ///
    /// # Errors
    /// Of kind [`Build`](crate::ErrorKind::Build) when the query has no period.
    pub fn sweep<R: 'static, P: Projection<R>>(&self, query: Query<R, P>) -> Result<Rows<R, P>, Error> {
        Ok(self.read(Sweep::new(query)?))
    }

    /// The first rows of the query's period, 1 to 10,000, by as few calls as possible: mostly one. What lies behind them is
    /// [counted](Preview::rest), not read.
    ///
    /// # Errors
    /// Of any kind of a call, or of kind [`Incomplete`](crate::ErrorKind::Incomplete) when the server does not give what it
    /// counts.
    pub async fn preview<R: 'static, P: Projection<R>>(
        &self,
        query: Query<R, P>,
        rows: u32,
    ) -> Result<Preview<R, P>, Error> {
        let mut preview = Preview::new(query, rows)?;
        while let Some((id, call)) = preview.next_call() {
            match self.call(call).await {
                Ok(page) => preview.absorb(id, page),
                Err(error) => preview.absorb_error(id, error, self.usage().endpoint.brand())?,
            }
        }
        preview.shortfall().map_or(Ok(preview), Err)
    }

    /// Goes on with a period that was read up to a checkpoint.
    ///
    /// # Errors
    /// Of kind [`Build`](crate::ErrorKind::Build) when the query has no period, or not that of the checkpoint.
    pub fn resume<R: 'static, P: Projection<R>>(
        &self,
        query: Query<R, P>,
        checkpoint: Checkpoint,
    ) -> Result<Rows<R, P>, Error> {
        Ok(self.read(Sweep::resume(query, checkpoint)?))
    }

    /// Reads what is left of a sweep, whether it begins or [goes on](Sweep::resume).
    pub fn read<R: 'static, P: Projection<R>>(&self, sweep: Sweep<R, P>) -> Rows<R, P> {
        let sweep = sweep.ahead(AHEAD);
        Rows { client: self.clone(), sweep, flight: Flight::default(), failed: None, ended: false }
    }

    /// For partners: the same client, whose calls are made on behalf of this user of a client (docs/api.md 1.6), unless they
    /// [name another](Query::acting_for). All share one session, one gate and its budget;
    /// [`usage`](Self::usage) tells what the calls for this user have used.
    #[must_use]
    pub fn acting_for(&self, user_id: u64) -> Self {
        Self { user_id: Some(user_id), ..self.clone() }
    }

    /// What was used so far and what is known of the limits, as of now.
    pub fn usage(&self) -> Usage {
        match self.user_id {
            Some(user_id) => self.account().usage_of(user_id),
            None => self.account().usage(),
        }
    }

    /// Enters the account with something else from now on, without a new client: a key that was renewed, say. Calls that
    /// are on their way, and whose old token is refused, are made again.
    pub fn replace_credentials(&self, credentials: impl Into<Credentials>) {
        let credentials = credentials.into();
        self.account().replace_credentials(self.timer.now(), credentials);
    }

    /// Another bound on points from now on, or none. It counts what was spent before too.
    pub fn replace_budget(&self, points: Option<u32>) {
        self.account().gate_mut().replace_budget(points);
    }

    /// Leaves so much of the day to others from now on, or nothing.
    pub fn replace_reserve(&self, reserve: Option<Reserve>) {
        self.account().gate_mut().replace_reserve(reserve);
    }

    /// Never held while anything is waited for.
    fn account(&self) -> MutexGuard<'_, Account> {
        // A panic elsewhere cannot leave the account half-changed: every transition is one method.
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// Options of a [`Client`]; made by [`Client::builder`].
///
/// `M` is the timer that was given. Where none was, the transport has to bring its own ([`Timed`]).
#[must_use]
pub struct ClientBuilder<T, M = ()> {
    transport: T,
    timer: M,
    account: Account,
    policy: Arc<dyn RetryPolicy>,
}

impl<T: Transport, M> ClientBuilder<T, M> {
    /// What tells the time, in place of the timer of the transport.
    pub fn timer<N: Timer>(self, timer: N) -> ClientBuilder<T, N> {
        let Self { transport, timer: _, account, policy } = self;
        ClientBuilder { transport, timer, account, policy }
    }

    /// When a call is made again; five attempts with growing, random pauses unless told otherwise.
    pub fn retry_policy(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Spends at most so many points; as many as the server gives unless told otherwise.
    pub fn budget(mut self, points: u32) -> Self {
        self.account.gate_mut().replace_budget(Some(points));
        self
    }

    /// Leaves so much of the day to others; nothing unless told otherwise.
    pub fn reserve(mut self, reserve: Reserve) -> Self {
        self.account.gate_mut().replace_reserve(Some(reserve));
        self
    }
}

impl<T: Timed> ClientBuilder<T> {
    /// The client. Nothing is sent yet.
    pub fn build(self) -> Client {
        let timer = self.transport.timer();
        self.timer(timer).build()
    }
}

impl<T: Transport, M: Timer> ClientBuilder<T, M> {
    /// The client. Nothing is sent yet.
    pub fn build(self) -> Client {
        Client {
            transport: Arc::new(self.transport),
            timer: Arc::new(self.timer),
            account: Arc::new(Mutex::new(self.account)),
            policy: self.policy,
            user_id: None,
        }
    }
}

impl<T: fmt::Debug, M> fmt::Debug for ClientBuilder<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// A call under way. Dropped before its end, it gives back what it holds.
struct Held<'c, C: Call> {
    client: &'c Client,
    exchange: Exchange<C>,
}

impl<C: Call> Drop for Held<'_, C> {
    fn drop(&mut self) {
        self.exchange.abandon(self.client.timer.now(), &mut self.client.account());
    }
}

/// The rows of a whole period. It borrows nothing: it may outlive the client that it came from. Dropping it keeps nothing.
pub struct Rows<R: 'static, P: Projection<R> = Records> {
    client: Client,
    sweep: Sweep<R, P>,
    flight: Flight<R, P>,
    failed: Option<Error>,
    ended: bool,
}

/// Shows no row.
impl<R: 'static, P: Projection<R>> fmt::Debug for Rows<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("sweep", &self.sweep).finish_non_exhaustive()
    }
}

impl<R: 'static, P: Projection<R>> Rows<R, P> {
    /// The next row; `None` at the end of a complete period. A period that is not complete ends with an error.
    ///
    /// # Errors
    /// Of any kind of a call, or of kind [`Incomplete`](crate::ErrorKind::Incomplete) at the end.
    #[allow(
        clippy::should_implement_trait,
        reason = "one text for both twins; the blocking one is an Iterator too"
    )]
    pub async fn next(&mut self) -> Option<Result<P::Row, Error>> {
        loop {
            if let Some(row) = self.sweep.next_row() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.read_page().await {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    return self.sweep.shortfall().map(Err);
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// The rows of the next page, which may be none; `None` when there is nothing left to ask, or after
    /// [`stop`](Self::stop). Whether the period is complete is then [`sweep`](Self::sweep)'s to say.
    ///
    /// # Errors
    /// Of any kind of a call, once the pages that were on their way with it have come: they are paid for. Called again,
    /// it makes the call again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<P::Row>>, Error> {
        let came = self.read_page().await?;
        let rows = self.sweep.take_rows();
        Ok((came || !rows.is_empty()).then_some(rows))
    }

    /// Waits for the next page, whose rows are then ready; `false` when there is none.
    async fn read_page(&mut self) -> Result<bool, Error> {
        loop {
            if self.failed.is_none() {
                while let Some((id, call)) = self.sweep.next_call() {
                    self.flight.launch(&self.client, id, call);
                }
            } else if self.client.account().gate().in_flight() == 0 {
                // What is left waits for points or for a sign-in.
                self.flight = Flight::default();
                self.sweep.forget_calls();
            }
            let (client, stopped) = (&self.client, self.sweep.is_stopped());
            let is_idle = || stopped && client.account().gate().in_flight() == 0;
            let Some((id, outcome)) = self.flight.land(is_idle).await else {
                // What waits for points, or for another attempt, is not on its way.
                self.flight = Flight::default();
                self.sweep.forget_calls();
                return self.failed.take().map_or(Ok(false), Err);
            };
            match outcome {
                Ok(page) => {
                    self.sweep.absorb(id, page);
                    return Ok(true);
                }
                Err(error) => {
                    let brand = self.client.account().endpoint().brand();
                    let failed = self.sweep.absorb_error(id, error, brand).err();
                    self.failed = self.failed.take().or(failed);
                }
            }
        }
    }

    /// Asks for nothing more: pages that are on their way still come, then nothing. Calls that only wait, for points or for
    /// another attempt, are given up.
    pub fn stop(&mut self) {
        self.sweep.stop();
    }

    /// All remaining rows at once. A month can be hundreds of megabytes: prefer [`next`](Self::next).
    ///
    /// # Errors
    /// The first error, and then no rows.
    pub async fn collect(mut self) -> Result<Vec<P::Row>, Error> {
        let mut rows = Vec::new();
        while let Some(row) = self.next().await {
            rows.push(row?);
        }
        Ok(rows)
    }

    /// How many pages may be on their way together. That many are held in memory; a blocking client makes one call at a
    /// time all the same.
    #[must_use]
    pub fn ahead(mut self, pages: usize) -> Self {
        self.sweep = self.sweep.ahead(pages);
        self
    }

    /// For a server with smaller bounds than the documented ones.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        self.sweep = self.sweep.with_reach(reach);
        self
    }

    /// The machine. Its tally and its checkpoint speak of the rows that were given so far, and of no other: a program
    /// that takes rows one by one goes on behind the last one.
    pub fn sweep(&self) -> &Sweep<R, P> {
        &self.sweep
    }
}
// tidy: end same text

/// As [`next`](Self::next), with the feature `stream`.
#[cfg(feature = "stream")]
impl<R: 'static, P: Projection<R>> futures_core::Stream for Rows<R, P> {
    type Item = Result<P::Row, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // A future that waits for the next row holds nothing: what is on its way is in the rows.
        std::pin::pin!(self.get_mut().next()).poll(context)
    }
}

/// Nothing in them is pinned in its place.
impl<R: 'static, P: Projection<R>> Unpin for Rows<R, P> {}
