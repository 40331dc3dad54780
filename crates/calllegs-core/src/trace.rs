//! What `tracing` is told, with the feature of that name: methods, numbers of attempts and kinds of errors. Never a body, a
//! row, a parameter or a key.

use crate::error::ErrorKind;

/// The span of one attempt; nothing without the feature.
#[derive(Debug)]
pub(crate) struct AttemptSpan(#[cfg(feature = "tracing")] tracing::Span);

#[cfg(feature = "tracing")]
impl AttemptSpan {
    pub(crate) fn of(method: &str, attempt: u32) -> Self {
        Self(tracing::debug_span!(target: "calllegs", "attempt", method, attempt))
    }

    /// What the future does belongs to the span.
    pub(crate) fn carry<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        tracing::Instrument::instrument(future, self.0)
    }

    /// What is run belongs to the span.
    pub(crate) fn run<T>(self, run: impl FnOnce() -> T) -> T {
        self.0.in_scope(run)
    }
}

#[cfg(not(feature = "tracing"))]
#[expect(clippy::unused_self, reason = "they are called as with the feature")]
impl AttemptSpan {
    pub(crate) fn of(_: &str, _: u32) -> Self {
        Self()
    }

    pub(crate) fn carry<F: Future>(self, future: F) -> F {
        future
    }

    pub(crate) fn run<T>(self, run: impl FnOnce() -> T) -> T {
        run()
    }
}

/// An attempt has failed.
#[cfg(feature = "tracing")]
pub(crate) fn failed(method: &str, attempt: u32, kind: ErrorKind) {
    tracing::debug!(target: "calllegs", method, attempt, ?kind, "the attempt failed");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn failed(_: &str, _: u32, _: ErrorKind) {}
