//! The thread that writes, so that reading the network, decoding and writing overlap. Two pages wait at most.

use std::{panic, thread};

use tokio::sync::mpsc;

use crate::{
    destination::{Destination, Page},
    exit::{Exit, Failure},
};

/// Pages that wait to be written.
const WAITING: usize = 2;

/// A destination at work.
pub(crate) struct Writing {
    pages: mpsc::Sender<Page>,
    thread: thread::JoinHandle<(Destination, Result<(), Failure>)>,
}

impl Writing {
    pub(crate) fn begin(mut destination: Destination) -> Result<Self, Failure> {
        let (pages, mut taken) = mpsc::channel(WAITING);
        let work = move || {
            let mut written = Ok(());
            while let Some(page) = taken.blocking_recv() {
                written = destination.take(page);
                if written.is_err() {
                    break;
                }
            }
            (destination, written)
        };
        let thread = thread::Builder::new().name("writing".to_owned()).spawn(work);
        let thread = thread.map_err(|error| {
            Failure::new(Exit::Bug, format!("no thread: {error}"))
                .because("rows are written by a thread of their own, and the system gives none")
                .next("raise the limit of processes (ulimit -u), and run the command again")
        })?;
        Ok(Self { pages, thread })
    }

    /// Hands over a page.
    ///
    /// # Errors
    /// When nothing is written any more; [`end`](Self::end) knows why.
    pub(crate) async fn take(&self, page: Page) -> Result<(), Failure> {
        let taken = self.pages.send(page).await;
        taken.map_err(|_| Failure::new(Exit::Bug, "nothing is written any more"))
    }

    /// Waits until all is written that was handed over, and says how that went.
    pub(crate) fn end(self) -> (Destination, Result<(), Failure>) {
        drop(self.pages);
        self.thread.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))
    }
}
