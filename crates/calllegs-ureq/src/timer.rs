//! [`BlockingTimer`] on the calling thread: the clock, the wait, the randomness.

use std::{
    hash::{BuildHasher, RandomState},
    thread,
    time::Instant,
};

use calllegs_core::transport::BlockingTimer;

/// The clock of the system; waits by blocking the calling thread.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct: there is nothing to configure, ever")]
pub struct ThreadTimer;

impl BlockingTimer for ThreadTimer {
    #[expect(clippy::disallowed_methods, reason = "the timer is where the clock is read")]
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the timer is where a thread waits")]
    fn sleep_until(&self, deadline: Instant) {
        thread::sleep(deadline.saturating_duration_since(self.now()));
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

    #[test]
    fn a_wait_ends_at_its_deadline_or_at_once() {
        let start = ThreadTimer.now();
        ThreadTimer.sleep_until(start);
        ThreadTimer.sleep_until(start + Duration::from_millis(2));
        assert!(ThreadTimer.now() - start >= Duration::from_millis(2));
    }

    #[test]
    fn entropy_varies() {
        assert_ne!(ThreadTimer.entropy(), ThreadTimer.entropy());
    }
}
