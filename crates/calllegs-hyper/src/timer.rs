//! [`Timer`] on tokio: the clock, the wait, the randomness.

use std::{
    hash::{BuildHasher, RandomState},
    time::Instant,
};

use async_trait::async_trait;
use calllegs_core::transport::Timer;

/// The clock of the tokio runtime.
///
/// It follows `tokio::time::pause`, so programs can test their waits. Needs a runtime with time enabled.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct: there is nothing to configure, ever")]
pub struct TokioTimer;

#[async_trait]
impl Timer for TokioTimer {
    #[expect(clippy::disallowed_methods, reason = "the timer is where the clock is read")]
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    async fn sleep_until(&self, deadline: Instant) {
        tokio::time::sleep_until(deadline.into()).await;
    }

    /// Taken from the keys of a fresh std hasher, which differ each time: enough for jitter, and no dependency.
    fn entropy(&self) -> u64 {
        RandomState::new().hash_one(0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_and_the_wait_are_those_of_the_runtime() {
        let start = TokioTimer.now();
        TokioTimer.sleep_until(start + Duration::from_secs(3600)).await;
        assert_eq!(TokioTimer.now() - start, Duration::from_secs(3600));
        TokioTimer.sleep_until(start).await;
        assert_eq!(TokioTimer.now() - start, Duration::from_secs(3600));
    }

    #[test]
    fn entropy_varies() {
        assert_ne!(TokioTimer.entropy(), TokioTimer.entropy());
    }
}
