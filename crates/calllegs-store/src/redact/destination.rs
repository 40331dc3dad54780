//! A place that gets legs without what is redacted. Not here: the place.

use std::{fmt, path::Path};

use calllegs_arrow::origin::Origin;
use calllegs_core::sweep::Gap;

use super::Redaction;
use crate::{
    destination::{
        Committed, Destination, Ending, Failed, Opened, Page, Paused, Request, Run, Suspended, Writer,
    },
    digest::digest,
    error::Error,
    findings::Findings,
};

/// A destination behind a redaction. A request with one is narrower than the same without: it takes the place of no rows
/// that were not redacted, and goes on behind none.
pub struct RedactedDestination {
    inner: Box<dyn Destination>,
    redaction: Redaction,
}

impl RedactedDestination {
    /// This place, behind this redaction.
    pub fn new(inner: Box<dyn Destination>, redaction: Redaction) -> Self {
        Self { inner, redaction }
    }
}

impl fmt::Debug for RedactedDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedactedDestination").field(&self.redaction).finish_non_exhaustive()
    }
}

impl Destination for RedactedDestination {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        let Self { inner, redaction } = *self;
        Ok(Box::new(OpenRedacted { inner: inner.open()?, redaction }))
    }
}

struct OpenRedacted {
    inner: Box<dyn Opened>,
    redaction: Redaction,
}

impl OpenRedacted {
    /// What a file says of conditions tells of the redaction too.
    fn origin(&self, mut origin: Origin) -> Origin {
        let conditions = origin.conditions.unwrap_or_default();
        origin.conditions = Some(mixed(&conditions, &self.redaction));
        origin
    }
}

fn mixed(said: &str, redaction: &Redaction) -> String {
    digest(format!("{said} {}", redaction.fingerprint()).as_bytes())
}

impl Opened for OpenRedacted {
    fn is_typed(&self) -> bool {
        self.inner.is_typed()
    }

    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
        let possible: Vec<_> = possible.iter().map(|origin| self.origin(origin.clone())).collect();
        self.inner.check(&possible, account)
    }

    fn paused(&self) -> Option<Paused> {
        self.inner.paused()
    }

    fn begin(self: Box<Self>, mut request: Request) -> Result<Run, Error> {
        request.origin = self.origin(request.origin);
        request.fingerprint = mixed(&request.fingerprint, &self.redaction);
        let Self { inner, redaction } = *self;
        let mut run = inner.begin(request)?;
        run.writer = Box::new(RedactedWriter { inner: run.writer, redaction, seen: Findings::default() });
        Ok(run)
    }
}

struct RedactedWriter {
    inner: Box<dyn Writer>,
    redaction: Redaction,
    /// What was noticed before anything was taken off.
    seen: Findings,
}

/// What the place has noticed, and what it did not get to see.
fn both(place: &mut Findings, seen: Findings) {
    place.new_reasons = place.new_reasons.max(seen.new_reasons);
    place.new_members.extend(seen.new_members);
}

impl Writer for RedactedWriter {
    fn place(&self) -> Option<&Path> {
        self.inner.place()
    }

    fn write(&mut self, mut page: Page) -> Result<(), Error> {
        page.legs = self.redaction.legs(&page.legs, &mut self.seen)?;
        self.inner.write(page)
    }

    fn commit(self: Box<Self>) -> Result<Committed, Box<Failed>> {
        let Self { inner, seen, .. } = *self;
        match inner.commit() {
            Ok(mut committed) => {
                both(&mut committed.findings, seen);
                Ok(committed)
            }
            Err(mut failed) => {
                both(&mut failed.suspended.findings, seen);
                Err(failed)
            }
        }
    }

    fn suspend(self: Box<Self>, ending: Ending) -> Suspended {
        let Self { inner, seen, .. } = *self;
        let mut suspended = inner.suspend(ending);
        both(&mut suspended.findings, seen);
        suspended
    }

    fn commit_but(self: Box<Self>, gaps: &[Gap], ending: Ending) -> Suspended {
        let Self { inner, seen, .. } = *self;
        let mut suspended = inner.commit_but(gaps, ending);
        both(&mut suspended.findings, seen);
        suspended
    }
}
