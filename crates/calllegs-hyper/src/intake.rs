//! Collects a reply body chunk by chunk, inflates it on the way, and stops at the cap. No I/O.

use std::{
    error, fmt,
    io::{self, Write},
};

use flate2::write::MultiGzDecoder;

/// A body on its way in.
pub(crate) enum Intake {
    Gzip(Box<MultiGzDecoder<Capped>>),
    Plain(Capped),
}

impl Intake {
    /// An empty body that may grow to `cap` decoded bytes.
    pub(crate) fn new(gzip: bool, cap: usize) -> Self {
        let body = Capped { bytes: Vec::new(), cap };
        if gzip { Self::Gzip(Box::new(MultiGzDecoder::new(body))) } else { Self::Plain(body) }
    }

    /// Makes room for a plain body of this announced length, or refuses it at once instead of after a cap's worth of
    /// reading.
    ///
    /// # Errors
    /// [`OverCap`] inside.
    pub(crate) fn announce(&mut self, length: u64) -> io::Result<()> {
        // The length of a compressed body says nothing about the decoded one.
        let Self::Plain(body) = self else { return Ok(()) };
        let length = usize::try_from(length).ok().filter(|length| *length <= body.cap);
        let length = length.ok_or(OverCap { cap: body.cap })?;
        // What is announced need not come: a page of rows is believed.
        body.bytes.reserve_exact(length.min(BELIEVED));
        Ok(())
    }

    /// Takes the next chunk of the wire.
    ///
    /// # Errors
    /// [`OverCap`] inside, or the gzip stream is damaged.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Gzip(decoder) => decoder.write_all(chunk),
            Self::Plain(body) => body.write_all(chunk),
        }
    }

    /// The decoded body, once the wire has ended.
    ///
    /// # Errors
    /// As [`push`](Self::push), or the gzip stream ends early.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(decoder) => Ok(decoder.finish()?.bytes),
            Self::Plain(body) => Ok(body.bytes),
        }
    }
}

/// Bytes that are made room for before they come: more than the longest page.
const BELIEVED: usize = 16 << 20;

/// A vector that refuses to outgrow its cap: the decoder writes into it, so a bomb never unfolds.
pub(crate) struct Capped {
    bytes: Vec<u8>,
    cap: usize,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if chunk.len() > self.cap - self.bytes.len() {
            return Err(OverCap { cap: self.cap }.into());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body is longer than allowed.
#[derive(Debug)]
pub(crate) struct OverCap {
    pub(crate) cap: usize,
}

impl fmt::Display for OverCap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the decoded body is longer than {} bytes", self.cap)
    }
}

impl error::Error for OverCap {}

impl From<OverCap> for io::Error {
    fn from(over: OverCap) -> Self {
        Self::other(over)
    }
}
