//! Destinations that keep nothing: a table for people, and a count. Not here: files and streams (`calllegs_store`).

use std::path::Path;

use calllegs_arrow::{Leg, origin::Origin};
use calllegs_store::{
    Error, Findings,
    destination::{Committed, Destination, Ending, Failed, Opened, Page, Request, Run, Suspended, Writer},
};

use crate::{
    input::columns::{self, Columns},
    lang::say,
    ui::{
        stdout,
        table::{self, Grid},
    },
};

/// A table on standard output, once all rows are known; or nothing, where they are only counted.
#[derive(Debug)]
pub(crate) struct Shown {
    table: Option<Table>,
    taken: u64,
}

impl Shown {
    pub(crate) fn table(columns: Columns) -> Self {
        Self { table: Some(Table::new(columns)), taken: 0 }
    }

    pub(crate) const fn counted() -> Self {
        Self { table: None, taken: 0 }
    }

    fn print(&mut self) -> Result<(), Error> {
        let text = self.table.take().map(Table::text).unwrap_or_default();
        stdout::write(&text).map_err(|error| Error::writing(say!("to standard output"), &error))
    }
}

impl Destination for Shown {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(self)
    }
}

impl Opened for Shown {
    fn is_typed(&self) -> bool {
        false
    }

    fn check(&self, _: &[Origin], _: Option<&str>) -> Result<(), Error> {
        Ok(())
    }

    fn begin(self: Box<Self>, request: Request) -> Result<Run, Error> {
        Ok(Run::new(request.origin().clone(), self))
    }
}

impl Writer for Shown {
    fn place(&self) -> Option<&Path> {
        None
    }

    fn write(&mut self, page: Page) -> Result<(), Error> {
        if let Some(table) = &mut self.table {
            page.legs.iter().for_each(|leg| table.push(leg));
        }
        self.taken += page.legs.len() as u64;
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<Committed, Box<Failed>> {
        match self.print() {
            Ok(()) => Ok(Committed::at(None)),
            Err(error) => Err(Failed::new(error, self.suspend(Ending::default()))),
        }
    }

    fn suspend(mut self: Box<Self>, _: Ending) -> Suspended {
        let error = self.print().err();
        Suspended::nothing(self.taken, Findings::default(), error)
    }
}

/// Rows of text under a header.
#[derive(Debug)]
struct Table {
    columns: Columns,
    rows: Grid,
    /// So many of the first columns are shown in whatever width, and cut for that.
    vital: usize,
}

impl Table {
    fn new(columns: Columns) -> Self {
        let vital = columns::vital(&columns);
        Self { columns, rows: Vec::new(), vital }
    }

    fn push(&mut self, leg: &Leg) {
        self.rows.push(self.columns.iter().map(|column| stdout::text(leg, column)).collect());
    }

    /// As wide as the terminal; for a pipe as wide as it is.
    fn text(self) -> String {
        let header: Vec<_> = self.columns.iter().map(|column| column.name().to_owned()).collect();
        table::text(&header, self.rows, self.vital)
    }
}
