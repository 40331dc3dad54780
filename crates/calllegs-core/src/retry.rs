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

use crate::error::{Error, Retryability};

/// Decides about the next attempt.
pub trait RetryPolicy: fmt::Debug + Send + Sync {
    /// What to do after this failure.
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict;

    /// The same policy with a bound on the number of attempts, the first one included.
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

/// Back-off with full jitter: a random part of a bound that doubles with every attempt, and never less than what the
/// server asks for.
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    first: Duration,
    longest: Duration,
}

impl Exponential {
    /// Bounds of the first and of the longest wait.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }
}

/// At most one second, then two, four, ..., thirty.
impl Default for Exponential {
    fn default() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(30))
    }
}

impl RetryPolicy for Exponential {
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict {
        let sensible = match error.retryability() {
            Retryability::Always => true,
            Retryability::IfIdempotent => attempt.idempotent,
            // A minute is waited for; hours of sleep belong to the caller.
            Retryability::AtReset => {
                let span = error.server().map(crate::error::ServerError::exceeded);
                return match span {
                    Some(span @ crate::limits::Span::Minute) => {
                        let wait = error.retry_after().unwrap_or_else(|| span.length()).min(LONGEST_ASKED);
                        Verdict::Retry { at: attempt.now + wait }
                    }
                    _ => Verdict::Exhausted,
                };
            }
            // The machine signs in again by itself, once; what arrives here came after that.
            Retryability::AfterLogin | Retryability::Never => false,
        };
        if !sensible {
            return Verdict::Permanent;
        }
        let doubled = self.first.saturating_mul(1 << attempt.number.saturating_sub(1).min(16));
        let bound = u64::try_from(doubled.min(self.longest).as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(attempt.entropy % bound.saturating_add(1));
        let asked = error.retry_after().unwrap_or_default().min(LONGEST_ASKED);
        Verdict::Retry { at: attempt.now + asked.max(jitter) }
    }
}

/// The longest `Retry-After` that is waited for; a gateway that asks for more is asked again after this.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// Returned by [`RetryPolicy::at_most`].
#[derive(Clone, Copy, Debug)]
pub struct AtMost<P> {
    attempts: u32,
    policy: P,
}

impl<P: RetryPolicy> RetryPolicy for AtMost<P> {
    fn verdict(&self, attempt: &Attempt, error: &Error) -> Verdict {
        match self.policy.verdict(attempt, error) {
            Verdict::Retry { .. } if attempt.number >= self.attempts => Verdict::Exhausted,
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
