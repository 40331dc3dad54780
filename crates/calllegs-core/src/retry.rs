//! Whether and when a failed call is made again. Pure functions over what is passed in.
//!
//! ```
//! use calllegs_core::retry::{Exponential, RetryPolicy};
//! let policy = Exponential::default().at_most(3);
//! # let _: &dyn RetryPolicy = &policy;
//! ```

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Retryability, ServerError},
    limits::QuotaWindow,
};

/// Decides about the next attempt.
pub trait RetryPolicy: fmt::Debug + Send + Sync {
    /// What to do after this failure.
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict;

    /// The same policy with a bound on the number of attempts, the first one included. Attempts whose time was not this
    /// side's to choose are [not counted](Attempt::uncounted), but for a bound of one: that is no retry at all.
    fn at_most(self, attempts: u32) -> AtMost<Self>
    where
        Self: Sized,
    {
        AtMost { attempts, policy: self }
    }

    /// The same policy with a bound on the time since the first attempt.
    fn within(self, bound: Duration) -> Within<Self>
    where
        Self: Sized,
    {
        Within { bound, policy: self }
    }
}

/// What is known about a call that has just failed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// How many times it was sent, this one included.
    pub number: u32,
    /// How many of those before this one do not count: the server named the time of the next one, or the session had
    /// ended.
    pub uncounted: u32,
    /// Whether making it twice does no harm.
    pub idempotent: bool,
    /// When it was first sent.
    pub started: Instant,
    /// The present moment.
    pub now: Instant,
    /// A seed for jitter, nothing else.
    pub entropy: u64,
}

/// The policy's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all three")]
pub enum Verdict {
    /// It makes no sense to try again.
    Permanent,
    /// It would make sense, but the bound is reached.
    Exhausted,
    /// Try again then.
    Retry {
        /// Not before this moment.
        at: Instant,
    },
}

/// Back-off with full jitter: a random part of a bound that doubles with every attempt.
///
/// Where the server names the time of the next attempt, by `Retry-After` in any of its forms or by the reset of a limit,
/// the call waits until then and no longer. It does so for five minutes in all, counted from the first attempt; what
/// the server wants later than that is [`Exhausted`](Verdict::Exhausted), and [`Error::retry_after`] says how long it
/// asks for. [`waiting_at_most`](Self::waiting_at_most) sets another bound.
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    first: Duration,
    longest: Duration,
    patience: Duration,
}

impl Exponential {
    /// Bounds of the first and of the longest wait.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, patience: PATIENCE }
    }

    /// The same policy with another bound on the time that a call waits because the server asks it to.
    #[must_use]
    pub const fn waiting_at_most(mut self, bound: Duration) -> Self {
        self.patience = bound;
        self
    }

    /// The server names the time: then, or not at all.
    fn as_asked(&self, attempt: &Attempt, wait: Duration) -> Verdict {
        let waited = attempt.now.saturating_duration_since(attempt.started);
        if waited.saturating_add(wait) > self.patience {
            return Verdict::Exhausted;
        }
        Verdict::Retry { at: attempt.now + wait }
    }
}

/// How long the server's wishes are followed unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(300);

/// At most one second, then two, four, ..., thirty.
impl Default for Exponential {
    fn default() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(30))
    }
}

impl RetryPolicy for Exponential {
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict {
        let asked = error.retry_after().filter(|wait| !wait.is_zero());
        let sensible = match error.retryability() {
            Retryability::Always => true,
            Retryability::IfIdempotent => attempt.idempotent,
            // A minute is waited for; hours of sleep belong to the caller.
            Retryability::AtReset => {
                let minute = QuotaWindow::Minute.length();
                let stated = error.server().and_then(ServerError::stated_limit);
                let waited = attempt.now.saturating_duration_since(attempt.started);
                return match (asked, stated) {
                    (None, Some(QuotaWindow::Day | QuotaWindow::Hour)) => Verdict::Exhausted,
                    // A minute was taken to be meant, waited for, and was not it.
                    (wait, None) if waited >= minute && wait.unwrap_or(minute) >= minute => {
                        Verdict::Exhausted
                    }
                    (wait, _) => self.as_asked(attempt, wait.unwrap_or(minute)),
                };
            }
            // The machine signs in again by itself; what arrives here came after that.
            Retryability::AfterLogin | Retryability::Never => false,
        };
        if !sensible {
            return Verdict::Permanent;
        }
        if let Some(wait) = asked {
            return self.as_asked(attempt, wait);
        }
        let counted = attempt.number.saturating_sub(attempt.uncounted);
        let doubled = self.first.saturating_mul(1 << counted.saturating_sub(1).min(16));
        let bound = u64::try_from(doubled.min(self.longest).as_millis()).unwrap_or(u64::MAX);
        Verdict::Retry { at: attempt.now + Duration::from_millis(attempt.entropy % bound.saturating_add(1)) }
    }
}

/// Returned by [`RetryPolicy::at_most`].
#[derive(Clone, Copy, Debug)]
pub struct AtMost<P> {
    attempts: u32,
    policy: P,
}

impl<P: RetryPolicy> RetryPolicy for AtMost<P> {
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict {
        match self.policy.verdict(attempt, error) {
            Verdict::Retry { .. } if attempt.number.saturating_sub(attempt.uncounted) >= self.attempts => {
                Verdict::Exhausted
            }
            verdict @ (Verdict::Retry { .. } | Verdict::Exhausted | Verdict::Permanent) => verdict,
        }
    }
}

/// Returned by [`RetryPolicy::within`].
#[derive(Clone, Copy, Debug)]
pub struct Within<P> {
    bound: Duration,
    policy: P,
}

impl<P: RetryPolicy> RetryPolicy for Within<P> {
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict {
        match self.policy.verdict(attempt, error) {
            Verdict::Retry { at } if at.saturating_duration_since(attempt.started) > self.bound => {
                Verdict::Exhausted
            }
            verdict @ (Verdict::Retry { .. } | Verdict::Exhausted | Verdict::Permanent) => verdict,
        }
    }
}
