//! The blocking client: the machines of this crate, driven over a [`BlockingTransport`] and a [`BlockingTimer`].
//!
//! The same text as the async client without `async`; `cargo xtask tidy` holds them together.
//!
//! A period is read row by row. A run that is stopped keeps its rows, and beside them a [`Checkpoint`]; the next one goes on
//! behind the last row:
//!
//! ```
//! use calllegs_core::{AccessKey, Account, Brand, CallLeg, CallLegs, Period, Query, blocking::Client};
//! use calllegs_core::sweep::Checkpoint;
//! # use std::time::Instant;
//! # use calllegs_core::transport::{BlockingTimer, Body, HttpResponse, from_fn};
//! # #[derive(Debug)]
//! # struct Clock;
//! # impl BlockingTimer for Clock {
//! #     fn now(&self) -> Instant { Instant::now() }
//! #     fn sleep_until(&self, _: Instant) {}
//! #     fn entropy(&self) -> u64 { 0 }
//! # }
//! # // A server of six legs.
//! # let transport = from_fn(|request| {
//! #     let asked: serde_json::Value = serde_json::from_slice(request.body().as_bytes()).unwrap();
//! #     let bound = |name: &str| asked["params"][name].as_str().unwrap().to_owned();
//! #     let legs = (1..7).map(|id| (id, format!("2026-03-02 10:00:0{id}")));
//! #     let legs: Vec<_> = legs
//! #         .filter(|(_, start)| bound("date_from") <= *start && *start <= bound("date_till"))
//! #         .map(|(id, start)| serde_json::json!({"id": id, "start_time": start, "call_session_id": id}))
//! #         .collect();
//! #     let result = serde_json::json!({"metadata": {"total_items": legs.len()}, "data": legs});
//! #     let reply = serde_json::json!({"jsonrpc": "2.0", "id": asked["id"], "result": result});
//! #     Ok(HttpResponse::new(Body::new(reply.to_string())))
//! # });
//! # let timer = Clock;
//!
//! let account = Account::new(Brand::Uis, AccessKey::new("secret"));
//! let client = Client::builder(transport, account).timer(timer).budget(500).build(); // points
//! let day: Period = "2026-03-02..2026-03-03".parse()?;
//! let query = || Query::<CallLegs>::new(day).records_of((CallLegs::ID, CallLegs::START_TIME));
//!
//! // A run that is stopped after two legs.
//! let mut legs = client.sweep(query())?;
//! let mut kept = legs.by_ref().take(2).collect::<Result<Vec<CallLeg>, _>>()?;
//! let checkpoint = serde_json::to_string(&legs.sweep().checkpoint().expect("not at the end")).unwrap();
//!
//! // The next run has both. What was given is named, so that no copy of it comes again.
//! let checkpoint: Checkpoint = serde_json::from_str(&checkpoint).unwrap();
//! let ids = kept.iter().filter_map(|leg| i64::try_from(leg.id?.get()).ok());
//! let rest = client.resume(query(), checkpoint.with_given(ids))?;
//! kept.extend(rest.collect()?);
//! assert_eq!(kept.len(), 6);
//!
//! let usage = client.usage();
//! println!("{} requests, {} points", usage.requests, usage.spent);
//! # Ok::<(), calllegs_core::Error>(())
//! ```

use std::collections::VecDeque;

use crate::{
    query::Page,
    sweep::{CallId, PageCall, Placed},
    trace::AttemptSpan,
    transport::{BlockingTimed, BlockingTimer, BlockingTransport, HttpRequest, HttpResponse, TransportError},
};

/// One call at a time: there is no one to make the others.
const AHEAD: usize = 1;

/// What became of a call.
type Landed<R, P> = (CallId, Result<Page<Placed<<P as Projection<R>>::Row>>, Error>);

/// Calls that wait for their turn.
struct Flight<R: 'static, P: Projection<R>>(VecDeque<(Client, CallId, PageCall<R, P>)>);

impl<R: 'static, P: Projection<R>> Default for Flight<R, P> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<R: 'static, P: Projection<R>> Flight<R, P> {
    fn launch(&mut self, client: &Client, id: CallId, call: PageCall<R, P>) {
        self.0.push_back((client.clone(), id, call));
    }

    /// Makes the first of them; `None` when there is none, or when nobody waits for them.
    fn land(&mut self, is_idle: impl Fn() -> bool) -> Option<Landed<R, P>> {
        if is_idle() {
            return None;
        }
        let (client, id, call) = self.0.pop_front()?;
        Some((id, client.call(call)))
    }
}

/// Makes one attempt.
fn send(
    transport: &dyn BlockingTransport,
    request: HttpRequest,
    span: AttemptSpan,
) -> Result<HttpResponse, TransportError> {
    span.run(|| transport.send(request))
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
    transport: Arc<dyn BlockingTransport>,
    timer: Arc<dyn BlockingTimer>,
    account: Arc<Mutex<Account>>,
    policy: Arc<dyn RetryPolicy>,
    user_id: Option<u64>,
}

impl Client {
    /// A client over a transport that brings its timer, with the defaults of the [builder](Self::builder).
    pub fn new(transport: impl BlockingTimed, account: Account) -> Self {
        Self::builder(transport, account).build()
    }

    /// A client with options; the [module](self) has an example. A transport that brings no timer needs one:
    /// [`timer`](ClientBuilder::timer).
    pub fn builder<T: BlockingTransport>(transport: T, account: Account) -> ClientBuilder<T> {
        let policy = Arc::new(Exponential::default().at_most(5));
        ClientBuilder { transport, timer: (), account, policy }
    }

    /// Makes one call: signs in where needed, waits for points, tries again where it helps.
    ///
    /// # Errors
    /// Of any kind, after the last attempt.
    pub fn call<C: Call>(&self, call: C) -> Result<C::Reply, Error> {
        let exchange = Exchange::new(call, Arc::clone(&self.policy)).acting_for(self.user_id);
        let mut held = Held { client: self, exchange };
        let exchange = &mut held.exchange;
        loop {
            let step = exchange.poll(self.timer.now(), &mut self.account());
            match step {
                Step::Send(request) => {
                    let outcome = send(&*self.transport, request, exchange.span());
                    exchange.receive(self.timer.now(), self.timer.entropy(), outcome, &mut self.account());
                }
                Step::Wait(deadline) => self.timer.sleep_until(deadline),
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
    pub fn preview<R: 'static, P: Projection<R>>(
        &self,
        query: Query<R, P>,
        rows: u32,
    ) -> Result<Preview<R, P>, Error> {
        let mut preview = Preview::new(query, rows)?;
        while let Some((id, call)) = preview.next_call() {
            match self.call(call) {
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
/// `M` is the timer that was given. Where none was, the transport has to bring its own ([`BlockingTimed`]).
#[must_use]
pub struct ClientBuilder<T, M = ()> {
    transport: T,
    timer: M,
    account: Account,
    policy: Arc<dyn RetryPolicy>,
}

impl<T: BlockingTransport, M> ClientBuilder<T, M> {
    /// What tells the time, in place of the timer of the transport.
    pub fn timer<N: BlockingTimer>(self, timer: N) -> ClientBuilder<T, N> {
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

impl<T: BlockingTimed> ClientBuilder<T> {
    /// The client. Nothing is sent yet.
    pub fn build(self) -> Client {
        let timer = self.transport.timer();
        self.timer(timer).build()
    }
}

impl<T: BlockingTransport, M: BlockingTimer> ClientBuilder<T, M> {
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
    pub fn next(&mut self) -> Option<Result<P::Row, Error>> {
        loop {
            if let Some(row) = self.sweep.next_row() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.read_page() {
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
    pub fn next_page(&mut self) -> Result<Option<Vec<P::Row>>, Error> {
        let came = self.read_page()?;
        let rows = self.sweep.take_rows();
        Ok((came || !rows.is_empty()).then_some(rows))
    }

    /// Waits for the next page, whose rows are then ready; `false` when there is none.
    fn read_page(&mut self) -> Result<bool, Error> {
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
            let Some((id, outcome)) = self.flight.land(is_idle) else {
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
    pub fn collect(mut self) -> Result<Vec<P::Row>, Error> {
        let mut rows = Vec::new();
        while let Some(row) = self.next() {
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

impl<R: 'static, P: Projection<R>> Iterator for Rows<R, P> {
    type Item = Result<P::Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        Self::next(self)
    }
}
