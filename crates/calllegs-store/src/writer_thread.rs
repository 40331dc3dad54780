//! The thread that writes, so that reading the network, decoding and writing overlap. Two pages wait at most. Not here: what
//! is written.

use std::{fmt, panic, thread};

use tokio::sync::mpsc;

use crate::{
    destination::{Page, Writer},
    error::{Error, ErrorKind},
};

/// Pages that wait to be written.
const WAITING: usize = 2;

/// A [`Writer`] at work.
pub struct WriterThread {
    pages: mpsc::Sender<Page>,
    thread: thread::JoinHandle<(Box<dyn Writer>, Result<(), Error>)>,
}

impl WriterThread {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn begin(mut writer: Box<dyn Writer>) -> Result<Self, Error> {
        let (pages, mut taken) = mpsc::channel(WAITING);
        let work = move || {
            let mut written = Ok(());
            while let Some(page) = taken.blocking_recv() {
                written = writer.write(page);
                if written.is_err() {
                    break;
                }
            }
            (writer, written)
        };
        let thread = thread::Builder::new().name("writing".to_owned()).spawn(work);
        let thread = thread.map_err(|error| {
            Error::new(ErrorKind::Internal, format!("no thread: {error}"))
                .because("rows are written by a thread of their own, and the system gives none")
                .next("raise the limit of processes (ulimit -u), and run it again")
        })?;
        Ok(Self { pages, thread })
    }

    /// Hands over a page; `false` when nothing is written any more, and [`end`](Self::end) knows why.
    pub async fn write(&self, page: Page) -> bool {
        self.pages.send(page).await.is_ok()
    }

    /// The same, for a thread that may wait.
    pub fn write_blocking(&self, page: Page) -> bool {
        self.pages.blocking_send(page).is_ok()
    }

    /// Waits until all is written that was handed over, and says how that went.
    pub fn end(self) -> (Box<dyn Writer>, Result<(), Error>) {
        drop(self.pages);
        self.thread.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))
    }
}

impl fmt::Debug for WriterThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterThread").finish_non_exhaustive()
    }
}
