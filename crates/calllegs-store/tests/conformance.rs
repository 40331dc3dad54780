//! Files and folders pass the suite, and a destination with a fault does not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

mod support;

use std::{fs, path::Path};

use calllegs_arrow::origin::Origin;
use calllegs_store::{
    Destination, Error, ErrorKind, FileDestination, Lake, Sqlite,
    conformance::{Subject, check},
    destination::{Committed, Ending, Failed, Opened, Page, Request, Run, Suspended, Writer},
};

use crate::support::{Kept, NAMES, Place};

#[test]
fn files_and_folders_pass() {
    for name in NAMES {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check(&Place(name), folder.path()), Ok(()), "{name}");
    }
}

#[test]
fn a_database_passes() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check(&Kept("calls.db", Sqlite::open), folder.path()), Ok(()));
}

#[test]
fn a_lake_passes() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check(&Kept("lake", Lake::open), folder.path()), Ok(()));
}

#[test]
fn a_footer_of_somebody_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.parquet"] {
        let footer = folder.path().join(format!("{name}.footer"));
        fs::write(&footer, "mine").unwrap();
        let opened = Place(name).destination(folder.path()).open();
        // Parquet keeps its own under that name.
        assert_eq!(opened.err().map(|error| error.kind()), name.ends_with('t').then_some(ErrorKind::Place));
        assert_eq!(fs::read(footer).unwrap(), b"mine");
    }
}

/// What a destination can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Loses a page.
    DropsAPage,
    /// Writes a page twice.
    DoublesAPage,
    /// Records a place to go on from before the rows up to it are safe.
    RecordsTooEarly,
    /// Gives what is there the name of a whole file.
    CommitsWhenStopped,
    /// Replaces whatever is there.
    Replaces,
}

struct Faulty(Place, Fault);

impl Subject for Faulty {
    fn destination(&self, folder: &Path) -> Box<dyn Destination> {
        let Self(place, fault) = self;
        if *fault == Fault::Replaces {
            return Box::new(FileDestination::new(place.path(folder)).unwrap().replace(true));
        }
        Box::new(Wrapped(place.destination(folder), *fault))
    }

    fn ids(&self, folder: &Path) -> Option<Vec<i64>> {
        self.0.ids(folder)
    }
}

struct Wrapped<T: ?Sized>(Box<T>, Fault);

impl Destination for Wrapped<dyn Destination> {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        let Self(inner, fault) = *self;
        Ok(Box::new(Wrapped(inner.open()?, fault)))
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
        run.writer = Box::new(WrongWriter { inner: run.writer, fault, pages: 0, withheld: Vec::new() });
        Ok(run)
    }
}

struct WrongWriter {
    inner: Box<dyn Writer>,
    fault: Fault,
    pages: usize,
    /// Rows that are not passed on yet.
    withheld: Vec<calllegs_arrow::Leg>,
}

impl Writer for WrongWriter {
    fn place(&self) -> Option<&Path> {
        self.inner.place()
    }

    fn write(&mut self, mut page: Page) -> Result<(), Error> {
        self.pages += 1;
        match self.fault {
            Fault::DropsAPage if self.pages == 5 => page.legs.clear(),
            Fault::DoublesAPage if self.pages == 5 => page.legs.extend(page.legs.clone()),
            Fault::RecordsTooEarly => {
                let legs = std::mem::replace(&mut self.withheld, page.legs);
                page.legs = legs;
            }
            Fault::DropsAPage | Fault::DoublesAPage | Fault::CommitsWhenStopped | Fault::Replaces => {}
        }
        self.inner.write(page)
    }

    fn commit(mut self: Box<Self>) -> Result<Committed, Box<Failed>> {
        let legs = std::mem::take(&mut self.withheld);
        self.inner.write(Page { legs, resume: None }).unwrap();
        self.inner.commit()
    }

    fn suspend(mut self: Box<Self>, ending: Ending) -> Suspended {
        if self.fault == Fault::CommitsWhenStopped {
            self.inner.commit().unwrap();
            return Suspended::default();
        }
        let legs = std::mem::take(&mut self.withheld);
        self.inner.write(Page { legs, resume: None }).unwrap();
        self.inner.suspend(ending)
    }
}

#[test]
fn a_fault_is_found() {
    for (fault, said) in [
        (Fault::DropsAPage, "rows are there, and 2500 were read"),
        (Fault::DoublesAPage, "rows are there twice"),
        (Fault::RecordsTooEarly, " pages: "),
        (Fault::CommitsWhenStopped, "Suspended after"),
        (Fault::Replaces, "a narrower request is not refused"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let found = check(&Faulty(Place("a.jsonl"), fault), folder.path()).unwrap_err();
        assert!(found.contains(said), "{fault:?}: {found}");
    }
}
