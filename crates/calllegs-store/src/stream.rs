//! A stream: standard output, a pipe, a buffer in memory. Rows are passed on as they come, and nothing is kept.

use std::{io::Write, path::Path};

use calllegs_arrow::{csv::CsvOptions, origin::Origin};

use crate::{
    destination::{Committed, Destination, Ending, Failed, Opened, Page, Request, Run, Suspended, Writer},
    error::{Error, ErrorKind},
    file::{Sink, compress::CompressedWriter},
    findings::Findings,
    format::{Compression, Format},
};

/// Rows in a format, into whatever takes bytes.
pub struct StreamDestination<W> {
    to: W,
    name: &'static str,
    format: Format,
    csv: CsvOptions,
}

impl<W: Write + Send + 'static> StreamDestination<W> {
    /// A stream of rows in this format. The name is for errors: `to standard output`.
    pub fn new(to: W, name: &'static str, format: Format) -> Self {
        Self { to, name, format, csv: CsvOptions::default() }
    }

    /// The dialect of a CSV.
    #[must_use]
    pub fn csv(mut self, options: CsvOptions) -> Self {
        self.csv = options;
        self
    }
}

impl<W> std::fmt::Debug for StreamDestination<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamDestination").field("format", &self.format).finish_non_exhaustive()
    }
}

impl<W: Write + Send + 'static> Destination for StreamDestination<W> {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(self)
    }
}

impl<W: Write + Send + 'static> Opened for StreamDestination<W> {
    fn is_typed(&self) -> bool {
        self.format.is_columnar()
    }

    fn check(&self, _: &[Origin], _: Option<&str>) -> Result<(), Error> {
        Ok(())
    }

    fn begin(self: Box<Self>, request: Request) -> Result<Run, Error> {
        let Self { to, name, format, csv } = *self;
        let origin = request.origin;
        let sink = CompressedWriter::new(to, Compression::None)
            .and_then(|to| Sink::new(format, to, &request.columns, csv, &origin))
            .and_then(|mut sink| sink.header().map(|()| sink));
        let sink = Some(sink.map_err(|error| Error::writing(name, &error))?);
        let writer = StreamWriter { name, sink, taken: 0, findings: Findings::default() };
        Ok(Run::new(origin, Box::new(writer)))
    }
}

struct StreamWriter {
    name: &'static str,
    sink: Option<Sink>,
    taken: u64,
    findings: Findings,
}

impl StreamWriter {
    fn failed(&self, error: &std::io::Error) -> Error {
        Error::writing(self.name, error)
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(sink) = self.sink.take() else { return Ok(()) };
        let ended = sink.finish(&mut self.findings);
        ended.map_err(|error| self.failed(&error))
    }
}

impl Writer for StreamWriter {
    fn place(&self) -> Option<&Path> {
        None
    }

    fn write(&mut self, page: Page) -> Result<(), Error> {
        let Some(sink) = &mut self.sink else {
            return Err(Error::new(ErrorKind::Internal, "the rows have ended already"));
        };
        if let Err(error) = sink.take(&page.legs, &mut self.findings) {
            // Its reader went away, or the disk is full: the end would only fail again.
            self.sink = None;
            return Err(self.failed(&error));
        }
        self.taken += page.legs.len() as u64;
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<Committed, Box<Failed>> {
        let sound = if self.sink.is_some() { Ok(()) } else { Err(Error::torn(self.name)) };
        match sound.and_then(|()| self.end()) {
            Ok(()) => Ok(Committed { place: None, findings: self.findings }),
            Err(error) => Err(Failed::new(error, self.suspend(Ending::default()))),
        }
    }

    fn suspend(mut self: Box<Self>, _: Ending) -> Suspended {
        let error = self.end().err();
        Suspended { left: None, taken: self.taken, findings: self.findings, error }
    }
}
