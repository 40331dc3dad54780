//! Ctrl-C, SIGTERM and SIGHUP. Not here: what a run that is stopped leaves.

use crate::{
    failure::{Exit, Failure},
    lang::say,
    ui::terminal,
};

/// Ctrl-C, SIGTERM, and the SIGHUP of a terminal that is closed; all end a run in the same way, with a code of their own.
/// None is lost between two waits.
pub(crate) struct Interruptions {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 2]>,
    /// `None` where it is ignored, as `nohup` asks for, or where that cannot be told.
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
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
            let hangup = ignores_hangup() == Some(false);
            Self { signals, hangup: hangup.then(|| signal(SignalKind::hangup()).ok()).flatten() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Failure {
        let interrupted = || Failure::new(Exit::Interrupted, "interrupted");
        #[cfg(unix)]
        if let Some([interrupt, terminate]) = &mut self.signals {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            return tokio::select! {
                _ = interrupt.recv() => {
                    terminal::after_echo();
                    interrupted()
                }
                _ = terminate.recv() => Failure::new(Exit::Terminated, "terminated"),
                _ = hangup => Failure::new(Exit::HungUp, say!("the terminal was closed")),
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

/// Whether SIGHUP is ignored; `None` where that cannot be told. It was before this process watches signals, or never.
#[cfg(unix)]
fn ignores_hangup() -> Option<bool> {
    static IGNORES: std::sync::OnceLock<Option<bool>> = std::sync::OnceLock::new();
    *IGNORES.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        // SIGHUP is the first signal.
        Some(u64::from_str_radix(ignored.trim(), 16).ok()? & 1 == 1)
    })
}
