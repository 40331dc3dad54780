//! Ctrl-C and SIGTERM. Not here: what a run that is stopped leaves.

use crate::{
    failure::{Exit, Failure},
    ui::terminal,
};

/// Ctrl-C and SIGTERM; both end a run in the same way, with a code of their own. None is lost between two waits.
pub(crate) struct Interruptions {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 2]>,
}

impl Interruptions {
    /// Inside a runtime. Where signals cannot be watched, the run goes on without.
    pub(crate) fn watch() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
            let signals =
                if let (Ok(interrupt), Ok(terminate)) = both { Some([interrupt, terminate]) } else { None };
            Self { signals }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Failure {
        let interrupted = || Failure::new(Exit::Interrupted, "interrupted");
        #[cfg(unix)]
        if let Some([interrupt, terminate]) = &mut self.signals {
            return tokio::select! {
                _ = interrupt.recv() => {
                    terminal::after_echo();
                    interrupted()
                }
                _ = terminate.recv() => Failure::new(Exit::Terminated, "terminated"),
            };
        }
        match tokio::signal::ctrl_c().await {
            Ok(()) => {
                terminal::after_echo();
                interrupted()
            }
            Err(_) => std::future::pending().await,
        }
    }

    /// Does the work, unless the user stops the run before it is done.
    pub(crate) async fn or<T>(
        &mut self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            stopped = self.next() => Err(stopped),
            done = work => done,
        }
    }
}
