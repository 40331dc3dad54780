//! A checksum of bytes on their way, which tells later whether they are still what was written. It finds damage and no
//! forgery. Not here: where it is kept.

use std::{
    fmt,
    fs::File,
    hash::Hasher,
    io::{self, Read, Write},
    path::Path,
};

use twox_hash::XxHash3_64;

/// The checksum of the bytes so far, which are told in whatever pieces.
#[derive(Clone)]
pub struct Checksum(XxHash3_64);

impl Checksum {
    /// Of no bytes.
    pub fn new() -> Self {
        Self(XxHash3_64::with_seed(0))
    }

    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> u64 {
        XxHash3_64::oneshot(bytes)
    }

    /// Of a whole file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_file(path: &Path) -> io::Result<u64> {
        let mut file = Summed::new(io::sink());
        io::copy(&mut File::open(path)?, &mut file)?;
        Ok(file.sum())
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// What it is behind those so far.
    pub fn value(&self) -> u64 {
        self.0.finish()
    }

    /// Takes up to so many bytes of a stream, and says how many there were before its end, or before the error that it
    /// could not be read for.
    pub fn read(&mut self, from: &mut impl Read, bytes: u64) -> (u64, io::Result<()>) {
        let mut piece = vec![0; PIECE];
        let mut taken = 0;
        while taken < bytes {
            let room = usize::try_from(bytes - taken).unwrap_or(PIECE).min(PIECE);
            let Some(room) = piece.get_mut(..room) else { break };
            match from.read(room) {
                Ok(0) => break,
                Ok(read) => {
                    self.update(room.get(..read).unwrap_or_default());
                    taken += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (taken, Err(error)),
            }
        }
        (taken, Ok(()))
    }
}

const PIECE: usize = 64 << 10;

impl Default for Checksum {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({:016x})", self.value())
    }
}

/// Bytes on their way to a writer, and the checksum of them.
#[derive(Debug)]
pub struct Summed<W> {
    to: W,
    sum: Checksum,
}

impl<W> Summed<W> {
    /// Nothing has passed yet.
    pub fn new(to: W) -> Self {
        Self { to, sum: Checksum::new() }
    }

    /// Of the bytes that have passed.
    pub fn sum(&self) -> u64 {
        self.sum.value()
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.to
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_in_whatever_pieces() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let whole = Checksum::of(&bytes);
        for size in [1000, 4096, 65_537] {
            let mut to = Summed::new(Vec::new());
            bytes.chunks(size).for_each(|piece| to.write_all(piece).unwrap());
            assert_eq!((to.sum(), to.into_inner() == bytes), (whole, true));
        }
        let mut sum = Checksum::new();
        let mut stream = &*bytes;
        assert_eq!(sum.read(&mut stream, 5000).0, 5000);
        assert_eq!(sum.value(), Checksum::of(&bytes[..5000]));
        assert_eq!(sum.read(&mut stream, u64::MAX).0, bytes.len() as u64 - 5000);
        assert_eq!(sum.value(), whole);
        let mut damaged = bytes;
        damaged[50_000] ^= 1;
        assert_ne!(Checksum::of(&damaged), whole);
    }
}
