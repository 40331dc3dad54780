//! Bytes on their way to a file, compressed or not, in a form that depends on the bytes alone. Not here: the file.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use calllegs_arrow::checksum::Checksum;
use flate2::{bufread::MultiGzDecoder, write::GzEncoder};

use crate::format::Compression;

/// What is in a file, not compressed.
pub(crate) fn decompressed(path: &Path, compression: Compression) -> io::Result<Box<dyn Read + Send>> {
    let file = BufReader::with_capacity(BUFFER, File::open(path)?);
    Ok(match compression {
        Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
        Compression::None => Box::new(file),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
    })
}

/// One page of text or so: few system calls, constant memory.
pub(super) const BUFFER: usize = 64 << 10;

/// A place in the bytes of a file before they are compressed: how many come before it, and their checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) bytes: u64,
    pub(crate) sum: u64,
}

/// Bytes on their way, how many, and their checksum.
pub(crate) struct CompressedWriter {
    to: Encoder,
    bytes: u64,
    sum: Checksum,
}

type Sink = Box<dyn Write + Send>;

enum Encoder {
    Gzip(FixedChunks<GzEncoder<BufWriter<Sink>>>),
    Plain(BufWriter<Sink>),
    Zstd(FixedChunks<zstd::Encoder<'static, BufWriter<Sink>>>),
}

/// Hands a compressor pieces of one size: what it makes of bytes may depend on how they come.
struct FixedChunks<W> {
    to: W,
    piece: Vec<u8>,
}

impl<W: Write> FixedChunks<W> {
    fn new(to: W) -> Self {
        Self { to, piece: Vec::with_capacity(BUFFER) }
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(BUFFER - self.piece.len()));
            self.piece.extend_from_slice(taken);
            bytes = rest;
            if self.piece.len() == BUFFER {
                self.to.write_all(&self.piece)?;
                self.piece.clear();
            }
        }
        Ok(())
    }

    /// The compressor, which has all of it.
    fn end(mut self) -> io::Result<W> {
        self.to.write_all(&self.piece)?;
        Ok(self.to)
    }
}

impl CompressedWriter {
    /// Writes to a file, a pipe or whatever takes bytes.
    pub(crate) fn new(to: impl Write + Send + 'static, compression: Compression) -> io::Result<Self> {
        let to = BufWriter::with_capacity(BUFFER, Box::new(to) as Sink);
        let to = match compression {
            Compression::Gzip => {
                Encoder::Gzip(FixedChunks::new(GzEncoder::new(to, flate2::Compression::default())))
            }
            Compression::None => Encoder::Plain(to),
            Compression::Zstd => {
                Encoder::Zstd(FixedChunks::new(zstd::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?))
            }
        };
        Ok(Self { to, bytes: 0, sum: Checksum::new() })
    }

    /// The same, behind so many bytes of an earlier run, with their checksum.
    pub(crate) fn behind(mut self, bytes: u64, sum: Checksum) -> Self {
        (self.bytes, self.sum) = (bytes, sum);
        self
    }

    /// What went in, that of an earlier run included.
    pub(crate) fn mark(&self) -> Mark {
        Mark { bytes: self.bytes, sum: self.sum.value() }
    }

    /// Ends the compression, and passes everything on.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.to {
            Encoder::Gzip(encoder) => encoder.end()?.finish()?.flush(),
            Encoder::Plain(mut file) => file.flush(),
            Encoder::Zstd(encoder) => encoder.end()?.finish()?.flush(),
        }
    }
}

impl Write for CompressedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            Encoder::Gzip(encoder) => encoder.write_all(bytes),
            Encoder::Plain(file) => file.write_all(bytes),
            Encoder::Zstd(encoder) => encoder.write_all(bytes),
        }?;
        self.bytes += bytes.len() as u64;
        self.sum.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            // Flushing a compressor costs compression; the file has no reader yet.
            Encoder::Gzip(_) | Encoder::Zstd(_) => Ok(()),
            Encoder::Plain(file) => file.flush(),
        }
    }
}
