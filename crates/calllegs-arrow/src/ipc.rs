//! Arrow IPC streams: batches of 8,192 rows, not packed, so that equal rows give equal bytes. Not here: files and packing.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    io::{self, Read, Write},
    iter,
    sync::Arc,
};

use arrow_array::RecordBatch;
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{Schema, SchemaRef};

use crate::{
    origin::{Origin, Said},
    rebatch::{Rebatcher, broken, project},
    schema::{Column, schema},
};

/// Writes legs as an Arrow IPC stream. What is not yet a full batch is in memory.
pub struct IpcWriter<W: Write> {
    stream: StreamWriter<W>,
    columns: Vec<&'static Column>,
    schema: SchemaRef,
    rebatcher: Rebatcher,
    flushed: u64,
}

impl<W: Write> IpcWriter<W> {
    /// These columns, in this order. Batches may have others; what they lack is null.
    ///
    /// # Errors
    /// Of the writer, which gets the schema.
    pub fn new(out: W, columns: &[&'static Column]) -> io::Result<Self> {
        Self::with(out, columns, schema(columns))
    }

    /// [`new`](Self::new), with the request that the rows answer, for the metadata of the schema.
    ///
    /// # Errors
    /// Of the writer.
    pub fn of(out: W, columns: &[&'static Column], origin: &Origin) -> io::Result<Self> {
        let pairs = origin.pairs().into_iter().map(|(name, value)| (name.to_owned(), value));
        let schema =
            Schema::new_with_metadata(schema(columns).fields().clone(), pairs.collect::<BTreeMap<_, _>>());
        Self::with(out, columns, Arc::new(schema))
    }

    fn with(out: W, columns: &[&'static Column], schema: SchemaRef) -> io::Result<Self> {
        let stream = StreamWriter::try_new(out, &schema).map_err(broken)?;
        Ok(Self { stream, columns: columns.to_vec(), rebatcher: Rebatcher::new(&schema), schema, flushed: 0 })
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// Of the writer, or when a column has another type.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.rebatcher.push(project(batch, &self.columns, &self.schema)?)?;
        while let Some(batch) = self.rebatcher.next() {
            self.encode(&batch)?;
        }
        Ok(())
    }

    /// Writes what is there, also as a batch that is not full. A stream that is gone on with behind this is valid, but
    /// not equal to one that was written in one go.
    ///
    /// # Errors
    /// Of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        if let Some(rest) = self.rebatcher.rest()? {
            self.encode(&rest)?;
        }
        self.stream.flush().map_err(broken)
    }

    /// What is written to.
    pub fn get_ref(&self) -> &W {
        self.stream.get_ref()
    }

    /// Rows that were passed on.
    pub const fn rows_flushed(&self) -> u64 {
        self.flushed
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// Of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.stream.into_inner().map_err(broken)
    }

    fn encode(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.stream.write(batch).map_err(broken)?;
        self.flushed += batch.num_rows() as u64;
        Ok(())
    }
}

/// Shows no value.
impl<W: Write> fmt::Debug for IpcWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IpcWriter").field("rows_flushed", &self.flushed).finish_non_exhaustive()
    }
}

/// What a stream says of the request that wrote it. One that cannot be read is foreign.
pub fn said(stream: impl Read) -> Said {
    let Ok(reader) = StreamReader::try_new(stream, None) else { return Said::Foreign };
    let schema = reader.schema();
    let value = |name: &str| schema.metadata().get(name).map(|value| Cow::Borrowed(value.as_str()));
    if let Some(origin) = Origin::read(value) {
        return Said::Origin(Box::new(origin));
    }
    let is_ours = |field: &Arc<arrow_schema::Field>| {
        let column = Column::all().iter().find(|column| column.name() == field.name());
        column.is_some_and(|column| {
            field.metadata().get("comment").is_some_and(|told| told == column.comment())
        })
    };
    if schema.fields().iter().all(is_ours) {
        return Said::Columns(schema.fields().iter().map(|field| field.name().clone()).collect());
    }
    Said::Foreign
}

/// What ends a stream.
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// The batches of a stream that is finished: one that is cut, or that something follows, ends with an error.
///
/// # Errors
/// When there is not even a schema.
pub fn read_whole(
    stream: impl Read + Send,
) -> io::Result<impl Iterator<Item = io::Result<RecordBatch>> + Send> {
    let mut reader = StreamReader::try_new(Ending { stream, last: [0; 8] }, None).map_err(broken)?;
    let mut is_over = false;
    Ok(iter::from_fn(move || match reader.next() {
        Some(batch) => Some(batch.map_err(broken)),
        None if is_over => None,
        None => {
            is_over = true;
            let stream = reader.get_mut();
            let is_ended = stream.last == END;
            match stream.stream.read(&mut [0]) {
                Ok(0) if is_ended => None,
                Ok(0) => Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream is cut"))),
                Ok(_) => {
                    Some(Err(io::Error::new(io::ErrorKind::InvalidData, "something follows the stream")))
                }
                Err(error) => Some(Err(error)),
            }
        }
    }))
}

/// Knows the last bytes that were read.
struct Ending<R> {
    stream: R,
    last: [u8; 8],
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(into)?;
        let read = into.get(..count).unwrap_or_default();
        let known = self.last.iter().chain(read).copied();
        let mut last = self.last;
        for (kept, byte) in last.iter_mut().zip(known.skip(count)) {
            *kept = byte;
        }
        self.last = last;
        Ok(count)
    }
}

/// The batches of a stream, also of one that was never finished: then an error follows the last whole batch, or
/// nothing does.
///
/// # Errors
/// When there is not even a schema.
pub fn read_back(
    stream: impl Read + Send,
) -> io::Result<impl Iterator<Item = io::Result<RecordBatch>> + Send> {
    let reader = StreamReader::try_new(stream, None).map_err(broken)?;
    Ok(reader.map(|batch| batch.map_err(broken)))
}
