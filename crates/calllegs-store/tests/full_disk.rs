//! Files and folders on a disk that gets full. A limit for the size of files stands for it, which is one of the whole process:
//! so this is a program of its own with one test.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

mod support;

use std::{path::Path, sync::Arc};

use calllegs_arrow::origin::Origin;
use calllegs_store::{
    Destination, Error, Lake,
    conformance::{Subject, check_full_disk},
    destination::{Committed, Ending, Failed, Opened, Page, Request, Run, Suspended, Writer},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Kept, NAMES, Place};

/// From now on files of this process get no more than so many bytes.
fn leave_room(bytes: Option<u64>) {
    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(limit.maximum), ..limit }).unwrap();
}

/// What can go wrong on a full disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Takes what it could not write for written.
    HidesIt,
    /// Throws away what was kept.
    ThrowsAway,
}

struct Faulty(Place, Fault);

impl Subject for Faulty {
    fn destination(&self, folder: &Path) -> Box<dyn Destination> {
        Box::new(Wrapped(self.0.destination(folder), self.1))
    }

    fn ids(&self, folder: &Path) -> Option<Vec<i64>> {
        self.0.ids(folder)
    }
}

struct Wrapped<T: ?Sized>(Box<T>, Fault);

impl Destination for Wrapped<dyn Destination> {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(Box::new(Wrapped(self.0.open()?, self.1)))
    }
}

impl Opened for Wrapped<dyn Opened> {
    fn is_typed(&self) -> bool {
        self.0.is_typed()
    }

    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
        self.0.check(possible, account)
    }

    fn begin(self: Box<Self>, request: Request) -> Result<Run, Error> {
        let Self(inner, fault) = *self;
        let mut run = inner.begin(request)?;
        run.writer = Box::new(WrongWriter { inner: run.writer, fault, is_full: false });
        Ok(run)
    }
}

struct WrongWriter {
    inner: Box<dyn Writer>,
    fault: Fault,
    is_full: bool,
}

impl Writer for WrongWriter {
    fn place(&self) -> Option<&Path> {
        self.inner.place()
    }

    fn write(&mut self, page: Page) -> Result<(), Error> {
        if self.is_full {
            return Ok(());
        }
        let written = self.inner.write(page);
        self.is_full = written.is_err();
        if self.fault == Fault::HidesIt { Ok(()) } else { written }
    }

    fn commit(self: Box<Self>) -> Result<Committed, Box<Failed>> {
        if self.fault == Fault::HidesIt && self.is_full {
            self.inner.suspend(Ending::default());
            return Ok(Committed::default());
        }
        self.inner.commit()
    }

    fn suspend(self: Box<Self>, ending: Ending) -> Suspended {
        self.inner.suspend(ending.begins_anew(self.fault == Fault::ThrowsAway && self.is_full))
    }
}

#[test]
fn a_full_disk_costs_no_rows_and_who_loses_some_is_found() {
    // Its signal would end the process on the spot.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).unwrap();
    for name in NAMES {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check_full_disk(&Place(name), folder.path(), &leave_room), Ok(()), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check_full_disk(&Kept("lake", Lake::open), folder.path(), &leave_room), Ok(()));
    for (fault, said) in [
        (Fault::HidesIt, "what does not fit on the disk is told to be whole"),
        (Fault::ThrowsAway, "400 rows were kept before, and 0 are left"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let found =
            check_full_disk(&Faulty(Place("a.jsonl"), fault), folder.path(), &leave_room).unwrap_err();
        assert!(found.starts_with("a full disk") && found.contains(said), "{fault:?}: {found}");
    }
}
