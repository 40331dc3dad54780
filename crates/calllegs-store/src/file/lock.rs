//! Locks: two runs do not write one file or folder. They are advisory locks of Unix, which end with the process however
//! it ends; elsewhere, and where the file system knows no locks, nothing is locked. `File::try_lock` of the standard library
//! needs Rust 1.89, and this crate compiles from 1.88 on.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use calllegs_arrow::files::beside;
use chrono::Utc;

use crate::error::{Error, ErrorKind};

/// Keeps other runs from this file until it is closed.
///
/// # Errors
/// Of kind `WouldBlock` when another run has it.
#[cfg(unix)]
pub(crate) fn lock(file: &File) -> io::Result<()> {
    use rustix::{fs::FlockOperation, io::Errno};

    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(not(unix))]
pub(crate) fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

/// A folder, locked.
///
/// # Errors
/// As [`lock`], and when it cannot be opened.
pub(crate) fn folder(path: &Path) -> io::Result<Option<File>> {
    // Elsewhere a folder cannot be opened as a file.
    let folder = if cfg!(unix) { Some(File::open(path)?) } else { None };
    if let Some(folder) = &folder {
        lock(folder)?;
        // The run that had it may have given it its name meanwhile.
        if !is_at(folder, path) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
    }
    Ok(folder)
}

/// Where a path leads in the end, through links, also where nothing is there yet: two names of one place are told from two
/// places by it.
pub fn resolved(path: &Path) -> PathBuf {
    // As many links as Linux follows; a circle of them leads nowhere.
    let mut leads_to = path.to_owned();
    for _ in 0..40 {
        let Ok(link) = fs::read_link(&leads_to) else { break };
        leads_to = leads_to.parent().unwrap_or_else(|| Path::new("")).join(link);
    }
    fs::canonicalize(&leads_to).unwrap_or_else(|_| {
        let folder = leads_to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or_else(|| Path::new(".")));
        match (folder, leads_to.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => leads_to,
        }
    })
}

/// The lock `PATH.lock` of a place that runs write into one after the other; it says who has it, for the error of the next.
///
/// # Errors
/// Of kind [`Busy`](ErrorKind::Busy) when another run has it, with who that is.
pub(crate) fn take(path: &Path, account: &str, run_id: &str) -> Result<File, Error> {
    let beside = beside(&resolved(path), ".lock");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&beside);
    let mut file = file.map_err(|error| Error::writing(beside.display(), &error))?;
    if let Err(error) = lock(&file) {
        let mut holder = String::new();
        // What it says is a help, no more.
        let _unread = file.read_to_string(&mut holder);
        let who = holder.lines().next().map_or_else(String::new, |who| format!(": {who}"));
        return Err(busy(path, &error)
            .unwrap_or_else(|| Error::writing(beside.display(), &error))
            .because(format!("the lock {} is held{who}", beside.display())));
    }
    let who =
        format!("process {}, run {run_id}, account {account}, since {}\n", std::process::id(), Utc::now());
    let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(who.as_bytes()));
    written.map_err(|error| Error::writing(beside.display(), &error))?;
    Ok(file)
}

/// Whether the file still has this name.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let place = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().map(place).ok() == fs::metadata(path).map(place).ok()
}

#[cfg(not(unix))]
pub(crate) fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// What a run is told whose file or folder another one has locked, if it is that.
pub(crate) fn busy(target: &Path, error: &io::Error) -> Option<Error> {
    (error.kind() == io::ErrorKind::WouldBlock).then(|| {
        Error::new(ErrorKind::Busy, format!("another run is writing {}", target.display()))
            .next("wait for its end, or choose another place")
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_lock_of_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let [place, link] = ["k.db", "kl.db"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("k.db", &link).unwrap();
        // Before the place is there, and then.
        for _ in 0..2 {
            let held = take(&place, "uis:1", "a").unwrap();
            assert_eq!(take(&link, "uis:1", "b").unwrap_err().kind(), ErrorKind::Busy);
            drop(held);
            fs::write(&place, "").unwrap();
        }
    }

    #[test]
    fn a_folder_is_for_one_run_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let first = folder(place.path()).unwrap();
        let error = folder(place.path()).unwrap_err();
        assert_eq!(busy(place.path(), &error).unwrap().kind(), ErrorKind::Busy);
        drop(first);
        assert!(folder(place.path()).unwrap().is_some());
        assert!(busy(place.path(), &io::ErrorKind::NotFound.into()).is_none());
    }
}
