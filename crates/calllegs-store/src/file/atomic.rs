//! A file that appears whole: it is written as `FILE.part` beside its name and renamed when it is complete.
//!
//! Own code, and not `tempfile`, because the next run has to find what this one left: under a name that follows from the
//! file's own, however long that is, locked while a run has it, and there after a crash. A temporary file has a random name
//! and is gone. Not here: what is in it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use calllegs_arrow::{
    checksum::Checksum,
    files::{beside, settle},
};

use super::{
    compress::{CompressedWriter, Mark, decompressed},
    lock,
};
use crate::{
    error::{Error, ErrorKind},
    format::Compression,
};

/// The first bytes of a file, which tell what it is.
pub(crate) fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut first)?;
    Ok(first)
}

/// A file that does not have its name yet. What is in it reaches the disk before the name does; until then it is its
/// owner's alone, and one run at a time has it.
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    path: PathBuf,
    target: PathBuf,
    compression: Compression,
    /// Rights in the end, unless it takes the place of a file. Until then they are the owner's.
    mode: u32,
}

impl AtomicFile {
    /// Opens it, so that a folder that is missing or closed is known before anything is spent. What a run before left in
    /// it stays.
    pub(crate) fn open(target: &Path, compression: Compression) -> Result<Self, Error> {
        // A file takes the name in the end: whatever else has it would be gone, a device as well as a link.
        match fs::symlink_metadata(target) {
            Ok(found) if !found.is_file() => {
                let what = match found.file_type() {
                    kind if kind.is_dir() => "is a folder",
                    kind if kind.is_symlink() => "is a link, and a file would take its place",
                    _ => "is not a file",
                };
                return Err(
                    Error::new(ErrorKind::Place, format!("{} {what}", target.display())).next("name a file")
                );
            }
            Ok(_) => {}
            Err(error) => check_name(target, &error)?,
        }
        let path = beside(target, ".part");
        let file = Self::file(&path, false).map_err(|error| {
            lock::busy(target, &error).or_else(|| below_a_file(target)).unwrap_or_else(|| {
                Error::new(ErrorKind::Place, format!("cannot write {}: {error}", path.display()))
                    .next("the folder must exist and be writable")
            })
        })?;
        Ok(Self { file, path, target: target.to_owned(), compression, mode: usual_mode() })
    }

    /// What its rights are in the end, unless it takes the place of a file; the umask decides otherwise.
    pub(crate) fn with_mode(mut self, mode: Option<u32>) -> Self {
        self.mode = mode.unwrap_or(self.mode);
        self
    }

    /// A file that will have this name; what an earlier run left of it is gone.
    ///
    /// # Errors
    /// When the place cannot be written, or another run writes there.
    pub fn create(target: &Path) -> Result<Self, Error> {
        let mut part = Self::open(target, Compression::None)?;
        part.cut(0).map_err(|error| part.lost(&error))?;
        Ok(part)
    }

    /// [`create`](Self::create) in the place of a file of its kind, which its first bytes tell, and of no other. The words
    /// are for the error: what would replace it, and what kind of file it is.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when another program wrote what is there.
    pub fn create_over(
        target: &Path,
        (flag, kind): (&str, &str),
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> Result<Self, Error> {
        let is_file = fs::metadata(target).is_ok_and(|found| found.is_file());
        if is_file && !first_bytes(target).is_ok_and(|first| first.is_empty() || is_ours(&first)) {
            return Err(Error::new(ErrorKind::Place, format!("{} holds no {kind}", target.display()))
                .because(format!("{flag} would replace what another program wrote"))
                .next("choose another name, or move the file away"));
        }
        Self::create(target)
    }

    /// Locked, so that two runs do not write one file.
    fn file(path: &Path, is_new: bool) -> io::Result<File> {
        // A link or a device is not ours to write through.
        if fs::symlink_metadata(path).is_ok_and(|found| is_new || !found.is_file()) {
            fs::remove_file(path)?;
        }
        let mut file = Self::open_or_create(path)?;
        lock::lock(&file)?;
        // The previous owner may have renamed the file before it was locked here. Once: some file systems reuse the number of
        // a file, so that the question has no certain answer.
        if !lock::is_at(&file, path) {
            file = Self::open_or_create(path)?;
            lock::lock(&file)?;
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

    /// What is in it, decompressed. The end of a compressed file that was not finished cannot be read.
    pub(crate) fn decompressed_stream(&self) -> io::Result<Box<dyn Read + Send>> {
        decompressed(&self.path, self.compression)
    }

    /// What tells whether it still holds what was written.
    pub(crate) fn marks(&self) -> Marks<'_> {
        Marks { part: self, at: None }
    }

    /// Leaves so many bytes of rows, and whatever is written next follows them.
    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.file.seek(SeekFrom::Start(bytes)).map(drop)
    }

    /// A writer behind so many bytes of rows. A compressed file is compressed anew, into the file that comes with the writer: the
    /// same rows then give the same bytes, whether a run was stopped or not.
    pub(crate) fn writer(&mut self, bytes: u64) -> Result<(CompressedWriter, Option<Replacement>), Error> {
        let made = if self.compression == Compression::None {
            self.cut(bytes).and_then(|()| {
                let mut sum = Checksum::new();
                sum.read(&mut self.decompressed_stream()?, bytes).1?;
                let writer = CompressedWriter::new(self.file.try_clone()?, Compression::None)?;
                Ok((writer.behind(bytes, sum), None))
            })
        } else {
            self.compress_anew(bytes)
        };
        made.map_err(|error| self.lost(&error))
    }

    fn compress_anew(&mut self, bytes: u64) -> io::Result<(CompressedWriter, Option<Replacement>)> {
        let (mut writer, replacement) = self.replacement()?;
        if bytes == 0 {
            self.adopt(&replacement)?;
            return Ok((writer, None));
        }
        io::copy(&mut self.decompressed_stream()?.take(bytes), &mut writer)?;
        Ok((writer, Some(replacement)))
    }

    /// A writer of another file beside it, which does not take its place yet.
    pub(crate) fn replacement(&self) -> io::Result<(CompressedWriter, Replacement)> {
        let replacement = self.another()?;
        Ok((CompressedWriter::new(replacement.file.try_clone()?, self.compression)?, replacement))
    }

    /// Another file beside it.
    pub(crate) fn another(&self) -> io::Result<Replacement> {
        let path = beside(&self.path, ".new");
        let file = Self::file(&path, true)?;
        let enough = self.file.metadata()?.len() + WITHHELD;
        Ok(Replacement { file, path, enough })
    }

    /// The other file takes its place.
    pub(crate) fn adopt(&mut self, replacement: &Replacement) -> io::Result<()> {
        self.file = replacement.file.try_clone()?;
        fs::rename(&replacement.path, &self.path)
    }

    /// Of writing it.
    pub(crate) fn lost(&self, error: &io::Error) -> Error {
        Error::writing(self.path.display(), error)
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
    ///
    /// # Errors
    /// Of the file system.
    pub fn commit(&self) -> Result<(), Error> {
        self.give_name(&self.file, &self.path)
    }

    /// Gives another file that was made of it the name, and removes it.
    pub(crate) fn commit_as(&self, other: &Replacement) -> Result<(), Error> {
        self.give_name(&other.file, &other.path)?;
        // Where that fails the next run finds all rows here, and makes the same of them.
        let _best_effort = fs::remove_file(&self.path);
        Ok(())
    }

    fn give_name(&self, file: &File, path: &Path) -> Result<(), Error> {
        // Where the file system keeps no rights, there are none to give.
        let old = fs::metadata(&self.target).ok();
        let _best_effort = settle(file, old.as_ref(), self.mode);
        let renamed = file.sync_all().and_then(|()| fs::rename(path, &self.target));
        renamed.map_err(|error| Error::writing(self.target.display(), &error))?;
        // The name reaches the disk with its folder; where folders cannot be opened this is left to the system.
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let _best_effort =
            File::open(folder.unwrap_or_else(|| Path::new("."))).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Removes it.
    pub fn discard(self) {
        let _best_effort = fs::remove_file(&self.path);
    }

    /// Removes it when there is nothing in it.
    pub(crate) fn discard_if_empty(self) {
        if self.is_empty() {
            self.discard();
        }
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.len() == 0)
    }

    /// Writes these bytes and gives the file its name; where that fails nothing is left of it.
    ///
    /// # Errors
    /// Of the file system.
    pub fn write_all(mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.fill(bytes).and_then(|()| self.commit());
        if written.is_err() {
            self.discard();
        }
        written
    }

    /// Writes these bytes.
    ///
    /// # Errors
    /// Of the file system.
    pub fn fill(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| self.lost(&error))
    }
}

/// Reads a part from its beginning, and compares it with what was noted on the way. Of a compressed file the end that was
/// torn off, and what comes behind damage, is not there.
pub(crate) struct Marks<'p> {
    part: &'p AtomicFile,
    /// How far it is read.
    at: Option<(u64, Checksum, Box<dyn Read + Send>)>,
}

impl Marks<'_> {
    /// Whether the bytes up to there are those that were written.
    pub(crate) fn fits(&mut self, mark: Mark) -> bool {
        let known = self.at.take().filter(|(bytes, ..)| *bytes <= mark.bytes);
        let begun = known.or_else(|| Some((0, Checksum::new(), self.part.decompressed_stream().ok()?)));
        let Some((bytes, mut sum, mut stream)) = begun else { return false };
        let (read, _) = sum.read(&mut stream, mark.bytes - bytes);
        let bytes = bytes + read;
        let fits = bytes == mark.bytes && sum.value() == mark.sum;
        self.at = Some((bytes, sum, stream));
        fits
    }
}

/// Another file for a part, which holds the rows anew.
#[derive(Debug)]
pub(crate) struct Replacement {
    file: File,
    path: PathBuf,
    enough: u64,
}

impl Replacement {
    /// To be written.
    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// What was passed on up to here is not to be lost either.
    pub(crate) fn needs_what_was_passed_on(&mut self) -> io::Result<()> {
        self.enough = self.enough.max(self.file.metadata()?.len() + WITHHELD);
        Ok(())
    }

    /// Whether it has all that the part has on the disk, whatever is still on its way: both hold the same rows first.
    pub(crate) fn has_enough(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.len() >= self.enough)
    }
}

/// More than compressors and buffers withhold: a block of zstd is up to 128 KiB.
const WITHHELD: u64 = 512 << 10;

impl Drop for Replacement {
    fn drop(&mut self) {
        // Once it has taken the place of the part there is none of this name.
        let _best_effort = fs::remove_file(&self.path);
    }
}

/// Why nothing can be written there, where a file stands in the place of a folder above it.
pub(crate) fn below_a_file(path: &Path) -> Option<Error> {
    let above = path.ancestors().skip(1).find(|above| above.exists()).filter(|above| !above.is_dir())?;
    let error = Error::new(ErrorKind::Place, format!("{} is a file and no folder", above.display()));
    Some(
        error
            .because(format!("{} would lie in it", path.display()))
            .next("choose another place, or move the file away"),
    )
}

/// Whether the name can be written, by the error of looking for it.
pub(crate) fn check_name(path: &Path, error: &io::Error) -> Result<(), Error> {
    if error.kind() == io::ErrorKind::NotFound {
        return Ok(());
    }
    if let Some(error) = below_a_file(path) {
        return Err(error);
    }
    Err(Error::new(ErrorKind::Place, format!("cannot write {}: {error}", path.display()))
        .next("choose another place"))
}

/// The rights of a new file by the umask of the process, which is told by setting it: to be asked before there are threads.
#[cfg(unix)]
#[allow(clippy::useless_conversion, reason = "a mode has fewer bits on other systems")]
pub fn usual_mode() -> u32 {
    use rustix::{fs::Mode, process::umask};

    let mask = umask(Mode::RWXG | Mode::RWXO);
    umask(mask);
    0o666 & !u32::from(mask.bits())
}

#[cfg(not(unix))]
pub const fn usual_mode() -> u32 {
    0o666
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
            assert_eq!(AtomicFile::create(&at(name)).unwrap_err().kind(), ErrorKind::Place, "{name}");
        }
        AtomicFile::create(&at("file")).unwrap().discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn one_run_at_a_time_writes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for compression in [Compression::None, Compression::Gzip] {
            let target = folder.path().join(format!("{compression:?}"));
            let mut part = AtomicFile::open(&target, compression).unwrap();
            // A compressed file is written anew: the lock goes along.
            let (writer, _) = part.writer(0).unwrap();
            let refused = AtomicFile::open(&target, compression).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Busy);
            drop((part, writer));
            drop(AtomicFile::open(&target, compression).unwrap());
        }
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.csv");
        let mut part = AtomicFile::create(&target).unwrap();
        part.fill(b"x").unwrap();
        assert!(!target.exists());
        part.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"x");
        AtomicFile::create(&target).unwrap().discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(AtomicFile::create(&folder.path().join("no/a.csv")).unwrap_err().kind(), ErrorKind::Place);
    }

    /// How many bytes of rows there are, and their checksum.
    fn mark(rows: &[u8]) -> Mark {
        Mark { bytes: rows.len() as u64, sum: Checksum::of(rows) }
    }

    #[test]
    fn what_was_damaged_or_torn_off_is_not_there_and_what_comes_before_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let marks: Vec<_> = (0..=rows.len()).step_by(50_000).map(|end| mark(&rows[..end])).collect();
        for compression in [Compression::None, Compression::Zstd, Compression::Gzip] {
            let path = folder.path().join(format!("{compression:?}"));
            let mut part = AtomicFile::open(&path, compression).unwrap();
            let (mut writer, _) = part.writer(0).unwrap();
            writer.write_all(&rows).unwrap();
            assert_eq!(writer.mark(), mark(&rows));
            writer.finish().unwrap();
            let whole = fs::read(part.path()).unwrap();
            let sound = || {
                let mut read = part.marks();
                marks.iter().filter(|mark| read.fits(**mark)).count()
            };
            assert_eq!(sound(), marks.len());
            for place in (20..whole.len()).step_by(whole.len() / 50) {
                let mut damaged = whole.clone();
                damaged[place] ^= 0x10;
                let torn = &whole[..place];
                for bytes in [&damaged, torn] {
                    fs::write(part.path(), bytes).unwrap();
                    let sound = sound();
                    // The mark of no bytes always fits. What is behind the rows of a compressed file is none of them.
                    let is_near_the_end = place + 64 > whole.len();
                    assert!((1..marks.len()).contains(&sound) || is_near_the_end, "{compression:?} {place}");
                    assert!(sound > 2 || place < whole.len() / 2, "{compression:?} {place}: {sound}");
                }
            }
        }
    }

    #[test]
    fn what_is_compressed_is_gone_on_with_as_if_it_had_not_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let written = |stopped: bool| {
                let target = folder.path().join(if stopped { "stopped" } else { "whole" });
                let mut part = AtomicFile::open(&target, compression).unwrap();
                let (mut writer, mut replacement) = part.writer(0).unwrap();
                if stopped {
                    writer.write_all(&rows[..700_000]).unwrap();
                    writer.finish().unwrap();
                    drop(part);
                    part = AtomicFile::open(&target, compression).unwrap();
                    assert!(part.marks().fits(mark(&rows[..700_000])));
                    assert!(!part.marks().fits(mark(&rows[..700_001])));
                    (writer, replacement) = part.writer(500_000).unwrap();
                    writer.write_all(&rows[500_000..]).unwrap();
                } else {
                    for piece in rows.chunks(12_345) {
                        writer.write_all(piece).unwrap();
                    }
                }
                writer.finish().unwrap();
                if let Some(replacement) = &replacement {
                    part.adopt(replacement).unwrap();
                }
                part.commit().unwrap();
                fs::read(target).unwrap()
            };
            assert!(written(false) == written(true), "{compression:?}");
        }
    }
}
