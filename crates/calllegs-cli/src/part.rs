//! A file that appears whole: it is written as `FILE.part` beside its name and renamed when it is complete. Not here: what
//! is in it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Stdout, Write},
    path::{Path, PathBuf},
};

use calllegs_arrow::files::{beside, settle};
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};

use crate::{
    claim,
    exit::{Exit, Failure},
    form::Packing,
};

/// What is in a file, not packed.
pub(crate) fn unpacked(path: &Path, packing: Packing) -> io::Result<Box<dyn Read + Send>> {
    let file = BufReader::with_capacity(BUFFER, File::open(path)?);
    Ok(match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(file)),
        Packing::None => Box::new(file),
        Packing::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
    })
}

/// The first bytes of a file, which tell what it is.
pub(crate) fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut first)?;
    Ok(first)
}

/// A file that does not have its name yet.
#[derive(Debug)]
pub(crate) struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    packing: Packing,
    /// Rights in the end, unless it takes the place of a file. Until then they are the owner's.
    mode: u32,
}

impl Part {
    /// Opens it, so that a folder that is missing or closed is known before anything is spent. What a run before left in
    /// it stays.
    pub(crate) fn open(target: &Path, packing: Packing) -> Result<Self, Failure> {
        // A file takes the name in the end: whatever else has it would be gone, a device as well as a link.
        match fs::symlink_metadata(target) {
            Ok(found) if !found.is_file() => {
                let what = match found.file_type() {
                    kind if kind.is_dir() => "is a folder",
                    kind if kind.is_symlink() => "is a link, and a file would take its place",
                    _ => "is not a file",
                };
                return Err(Failure::new(Exit::Destination, format!("{} {what}", target.display()))
                    .next("name a file; nothing was spent"));
            }
            Ok(_) => {}
            Err(error) => check_name(target, &error)?,
        }
        let path = beside(target, ".part");
        let file = Self::file(&path, false).map_err(|error| {
            claim::taken(target, &error).unwrap_or_else(|| {
                Failure::new(Exit::Destination, format!("cannot write {}: {error}", path.display()))
                    .next("the folder must exist and be writable; nothing was spent")
            })
        })?;
        Ok(Self { file, path, target: target.to_owned(), packing, mode: usual_mode() })
    }

    /// What its rights are in the end, unless it takes the place of a file; the umask decides otherwise.
    pub(crate) fn with_mode(mut self, mode: Option<u32>) -> Self {
        self.mode = mode.unwrap_or(self.mode);
        self
    }

    /// [`open`](Self::open), without what is in it.
    pub(crate) fn create(target: &Path) -> Result<Self, Failure> {
        let mut part = Self::open(target, Packing::None)?;
        part.cut(0).map_err(|error| part.lost(&error))?;
        Ok(part)
    }

    /// [`create`](Self::create) in the place of a file of its kind, which its first bytes tell, and of no other.
    pub(crate) fn create_over(
        target: &Path,
        (flag, kind): (&str, &str),
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> Result<Self, Failure> {
        let is_file = fs::metadata(target).is_ok_and(|found| found.is_file());
        if is_file && !first_bytes(target).is_ok_and(|first| first.is_empty() || is_ours(&first)) {
            return Err(Failure::new(Exit::Destination, format!("{} holds no {kind}", target.display()))
                .because(format!("{flag} would replace what another program wrote"))
                .next("choose another name, or move the file away; nothing was spent"));
        }
        Self::create(target)
    }

    /// Claimed, so that two runs do not write one file.
    fn file(path: &Path, anew: bool) -> io::Result<File> {
        // A link or a device is not ours to write through.
        if fs::symlink_metadata(path).is_ok_and(|found| anew || !found.is_file()) {
            fs::remove_file(path)?;
        }
        let mut file = Self::open_or_create(path)?;
        claim::claim(&file)?;
        // The run that had it may have given it its name meanwhile. Once: some file systems never tell two files apart.
        if !claim::is_at(&file, path) {
            file = Self::open_or_create(path)?;
            claim::claim(&file)?;
        }
        Ok(file)
    }

    fn open_or_create(path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // Call records are people's data.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }

    /// What is in it, not packed. The end of a packed file that was not finished cannot be read.
    pub(crate) fn unpacked(&self) -> io::Result<Box<dyn Read + Send>> {
        unpacked(&self.path, self.packing)
    }

    /// How many bytes of rows it holds.
    pub(crate) fn unpacked_length(&self) -> u64 {
        if self.packing == Packing::None {
            return self.file.metadata().map_or(0, |metadata| metadata.len());
        }
        let Ok(mut unpacked) = self.unpacked() else { return 0 };
        let (mut length, mut piece) = (0, vec![0; BUFFER]);
        while let Ok(read @ 1..) = unpacked.read(&mut piece) {
            length += read as u64;
        }
        length
    }

    /// Leaves so many bytes of rows, and whatever is written next follows them.
    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.file.seek(SeekFrom::Start(bytes)).map(drop)
    }

    /// A writer behind so many bytes of rows. A packed file is packed anew, into the file that comes with the writer: the
    /// same rows then give the same bytes, whether a run was stopped or not.
    pub(crate) fn pipe(&mut self, bytes: u64) -> Result<(Pipe, Option<Anew>), Failure> {
        let piped = if self.packing == Packing::None {
            self.cut(bytes).and_then(|()| {
                Ok((Pipe { bytes, ..Pipe::file(self.file.try_clone()?, Packing::None)? }, None))
            })
        } else {
            self.repack(bytes)
        };
        piped.map_err(|error| self.lost(&error))
    }

    fn repack(&mut self, bytes: u64) -> io::Result<(Pipe, Option<Anew>)> {
        let (mut pipe, anew) = self.anew()?;
        if bytes == 0 {
            self.take(&anew)?;
            return Ok((pipe, None));
        }
        io::copy(&mut self.unpacked()?.take(bytes), &mut pipe)?;
        Ok((pipe, Some(anew)))
    }

    /// A writer of another file beside it, which does not take its place yet.
    pub(crate) fn anew(&self) -> io::Result<(Pipe, Anew)> {
        let path = beside(&self.path, ".new");
        let file = Self::file(&path, true)?;
        let enough = self.file.metadata()?.len() + WITHHELD;
        Ok((Pipe::file(file.try_clone()?, self.packing)?, Anew { file, path, enough }))
    }

    /// The other file takes its place.
    pub(crate) fn take(&mut self, anew: &Anew) -> io::Result<()> {
        self.file = anew.file.try_clone()?;
        fs::rename(&anew.path, &self.path)
    }

    /// Of writing it.
    pub(crate) fn lost(&self, error: &io::Error) -> Failure {
        Failure::writing(&self.path.display().to_string(), error)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it its name, once everything has reached the disk.
    pub(crate) fn commit(&self) -> Result<(), Failure> {
        // Where the file system keeps no rights, there are none to give.
        let old = fs::metadata(&self.target).ok();
        let _best_effort = settle(&self.file, old.as_ref(), self.mode);
        let renamed = self.file.sync_all().and_then(|()| fs::rename(&self.path, &self.target));
        renamed.map_err(|error| Failure::writing(&self.target.display().to_string(), &error))?;
        // The name reaches the disk with its folder; where folders cannot be opened this is left to the system.
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let _best_effort =
            File::open(folder.unwrap_or_else(|| Path::new("."))).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Removes it.
    pub(crate) fn discard(self) {
        let _best_effort = fs::remove_file(&self.path);
    }

    /// Removes it when there is nothing in it.
    pub(crate) fn discard_if_empty(self) {
        if self.file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            self.discard();
        }
    }

    /// Writes all of it at once.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| self.lost(&error))
    }
}

/// Another file for a part, which holds the rows anew.
#[derive(Debug)]
pub(crate) struct Anew {
    file: File,
    path: PathBuf,
    enough: u64,
}

impl Anew {
    /// Whether it has all that the part has on the disk, whatever is still on its way: both hold the same rows first.
    pub(crate) fn has_enough(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.len() >= self.enough)
    }
}

/// More than compressors and buffers withhold: a block of zstd is up to 128 KiB.
const WITHHELD: u64 = 512 << 10;

impl Drop for Anew {
    fn drop(&mut self) {
        // Once it has taken the place of the part there is none of this name.
        let _best_effort = fs::remove_file(&self.path);
    }
}

/// Whether the name can be written, by the error of looking for it.
pub(crate) fn check_name(path: &Path, error: &io::Error) -> Result<(), Failure> {
    if error.kind() == io::ErrorKind::NotFound {
        return Ok(());
    }
    Err(Failure::new(Exit::Destination, format!("cannot write {}: {error}", path.display()))
        .next("choose another place; nothing was spent"))
}

/// The rights of a new file by the umask of the process, which is told by setting it: to be asked before there are threads.
#[cfg(unix)]
#[allow(clippy::useless_conversion, reason = "a mode has fewer bits on other systems")]
pub(crate) fn usual_mode() -> u32 {
    use rustix::{fs::Mode, process::umask};

    let mask = umask(Mode::RWXG | Mode::RWXO);
    umask(mask);
    0o666 & !u32::from(mask.bits())
}

#[cfg(not(unix))]
pub(crate) const fn usual_mode() -> u32 {
    0o666
}

/// One page of text or so: few system calls, constant memory.
const BUFFER: usize = 64 << 10;

/// Bytes on their way, and how many.
pub(crate) struct Pipe {
    to: Packer,
    bytes: u64,
}

enum Packer {
    Gzip(Even<GzEncoder<BufWriter<File>>>),
    Plain(BufWriter<File>),
    Stdout(BufWriter<Stdout>),
    Zstd(Even<zstd::Encoder<'static, BufWriter<File>>>),
}

/// Hands a compressor pieces of one size: what it makes of bytes may depend on how they come.
struct Even<W> {
    to: W,
    piece: Vec<u8>,
}

impl<W: Write> Even<W> {
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

impl Pipe {
    fn file(file: File, packing: Packing) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, file);
        let to = match packing {
            Packing::Gzip => Packer::Gzip(Even::new(GzEncoder::new(file, Compression::default()))),
            Packing::None => Packer::Plain(file),
            Packing::Zstd => {
                Packer::Zstd(Even::new(zstd::Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL)?))
            }
        };
        Ok(Self { to, bytes: 0 })
    }

    pub(crate) fn stdout() -> Self {
        Self { to: Packer::Stdout(BufWriter::with_capacity(BUFFER, io::stdout())), bytes: 0 }
    }

    /// How many bytes went in, those of an earlier run included.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the packing.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.to {
            Packer::Gzip(encoder) => encoder.end()?.finish()?.flush(),
            Packer::Plain(mut file) => file.flush(),
            Packer::Stdout(mut stdout) => stdout.flush(),
            Packer::Zstd(encoder) => encoder.end()?.finish()?.flush(),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            Packer::Gzip(encoder) => encoder.write_all(bytes),
            Packer::Plain(file) => file.write_all(bytes),
            Packer::Stdout(stdout) => stdout.write_all(bytes),
            Packer::Zstd(encoder) => encoder.write_all(bytes),
        }?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            // Flushing a compressor costs compression; the file has no reader yet.
            Packer::Gzip(_) | Packer::Zstd(_) => Ok(()),
            Packer::Plain(file) => file.flush(),
            Packer::Stdout(stdout) => stdout.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_and_devices_keep_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        fs::write(at("file"), b"x").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for name in ["link", "socket"] {
            assert_eq!(Part::create(&at(name)).unwrap_err().exit, Exit::Destination, "{name}");
        }
        Part::create(&at("file")).unwrap().discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn one_run_at_a_time_writes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for packing in [Packing::None, Packing::Gzip] {
            let target = folder.path().join(format!("{packing:?}"));
            let mut part = Part::open(&target, packing).unwrap();
            // A packed file is written anew: the claim goes along.
            let (pipe, _) = part.pipe(0).unwrap();
            let refused = Part::open(&target, packing).unwrap_err();
            assert_eq!((refused.exit, refused.what.contains("another run")), (Exit::Destination, true));
            drop((part, pipe));
            drop(Part::open(&target, packing).unwrap());
        }
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.csv");
        let mut part = Part::create(&target).unwrap();
        part.fill(b"x").unwrap();
        assert!(!target.exists());
        part.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"x");
        Part::create(&target).unwrap().discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(Part::create(&folder.path().join("no/a.csv")).unwrap_err().exit, Exit::Destination);
    }

    #[test]
    fn what_is_packed_is_gone_on_with_as_if_it_had_not_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for packing in [Packing::None, Packing::Gzip, Packing::Zstd] {
            let written = |stopped: bool| {
                let target = folder.path().join(if stopped { "stopped" } else { "whole" });
                let mut part = Part::open(&target, packing).unwrap();
                let (mut pipe, mut anew) = part.pipe(0).unwrap();
                if stopped {
                    pipe.write_all(&rows[..700_000]).unwrap();
                    pipe.finish().unwrap();
                    drop(part);
                    part = Part::open(&target, packing).unwrap();
                    assert_eq!(part.unpacked_length(), 700_000);
                    (pipe, anew) = part.pipe(500_000).unwrap();
                    pipe.write_all(&rows[500_000..]).unwrap();
                } else {
                    for piece in rows.chunks(12_345) {
                        pipe.write_all(piece).unwrap();
                    }
                }
                pipe.finish().unwrap();
                if let Some(anew) = &anew {
                    part.take(anew).unwrap();
                }
                part.commit().unwrap();
                fs::read(target).unwrap()
            };
            assert!(written(false) == written(true), "{packing:?}");
        }
    }
}
