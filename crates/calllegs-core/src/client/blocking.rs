//! The blocking client: the machines of this crate, driven over a [`BlockingTransport`] and a [`BlockingTimer`].
//!
//! The same text as the async client without `async`; `cargo xtask tidy` holds them together.

use crate::transport::{BlockingTimer, BlockingTransport};

// tidy: begin same text
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    call::Call,
    error::Error,
    exchange::{Account, Exchange, Step},
    projection::Projection,
    query::Query,
    retry::{Exponential, RetryPolicy},
    schema::Report,
    sweep::Sweep,
};

/// Makes calls for one account. Share it by reference or `Arc`: session, limits and connections are shared too.
pub struct Client {
    transport: Box<dyn BlockingTransport>,
    timer: Box<dyn BlockingTimer>,
    account: Mutex<Account>,
    policy: Arc<dyn RetryPolicy>,
}

impl Client {
    /// A client with the default retry policy: five attempts with growing, random pauses.
    pub fn new(transport: impl BlockingTransport, timer: impl BlockingTimer, account: Account) -> Self {
        Self {
            transport: Box::new(transport),
            timer: Box::new(timer),
            account: Mutex::new(account),
            policy: Arc::new(Exponential::default().at_most(5)),
        }
    }

    /// The same client with another retry policy.
    #[must_use]
    pub fn with_policy(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Makes one call: signs in where needed, waits for points, tries again where it helps.
    ///
    /// # Errors
    /// Of any kind, after the last attempt.
    pub fn call<C: Call>(&self, call: C) -> Result<C::Reply, Error> {
        let exchange = Exchange::new(call, Arc::clone(&self.policy));
        let mut held = Held { client: self, exchange };
        let exchange = &mut held.exchange;
        loop {
            let step = exchange.poll(self.timer.now(), &mut self.account());
            match step {
                Step::Send(request) => {
                    let outcome = self.transport.send(request);
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
    pub fn sweep<R: Report, P: Projection<R> + Clone>(
        &self,
        query: Query<R, P>,
    ) -> Result<Rows<'_, R, P>, Error> {
        let sweep = Sweep::new(query)?;
        Ok(Rows { client: self, sweep, ready: VecDeque::new(), ended: false })
    }

    /// What the calls share: limits seen, points spent, requests made. Do not hold the guard across calls.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        // A panic elsewhere cannot leave the account half-changed: every transition is one method.
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", &self.transport).finish_non_exhaustive()
    }
}

/// A call under way. Dropped before its end, it gives back what it holds.
struct Held<'c, C: Call> {
    client: &'c Client,
    exchange: Exchange<C>,
}

impl<C: Call> Drop for Held<'_, C> {
    fn drop(&mut self) {
        self.exchange.abandon(&mut self.client.account());
    }
}

/// The rows of a whole period. Dropping it keeps nothing.
pub struct Rows<'c, R: Report, P: Projection<R>> {
    client: &'c Client,
    sweep: Sweep<R, P>,
    ready: VecDeque<P::Row>,
    ended: bool,
}

/// Shows no row.
impl<R: Report, P: Projection<R>> fmt::Debug for Rows<'_, R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}

impl<R: Report, P: Projection<R> + Clone> Rows<'_, R, P> {
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
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.next_page() {
                Ok(Some(page)) => self.ready.extend(page),
                Ok(None) => {
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

    /// The rows of the next page, which may be none; `None` when there is nothing left to ask. Whether the period is
    /// complete is then [`sweep`](Self::sweep)'s to say.
    ///
    /// # Errors
    /// Of any kind of a call.
    pub fn next_page(&mut self) -> Result<Option<Vec<P::Row>>, Error> {
        // A call that was given up or failed is asked again.
        self.sweep.forget_call();
        while let Some((id, call)) = self.sweep.next_call() {
            match self.client.call(call) {
                Ok(page) => return Ok(Some(self.sweep.absorb(id, page))),
                Err(error) => {
                    let brand = self.client.account().endpoint().brand();
                    self.sweep.absorb_error(id, error, brand)?;
                }
            }
        }
        Ok(None)
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

    /// The machine, with its tally.
    pub fn sweep(&self) -> &Sweep<R, P> {
        &self.sweep
    }
}
// tidy: end same text

impl<R: Report, P: Projection<R> + Clone> Iterator for Rows<'_, R, P> {
    type Item = Result<P::Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        Rows::next(self)
    }
}
