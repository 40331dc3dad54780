//! Connections to a file, and what can be known of it before there is one. Not here: what is read and written.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{PATIENCE, lost};
use crate::{
    error::{Error, ErrorKind},
    file::{below_a_file, resolved},
};

/// A connection to a file that is changed.
pub(super) fn to_write(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags);
    let prepared = connection.and_then(|connection| {
        connection.busy_timeout(PATIENCE)?;
        // A power cut may lose the last transactions, never a part of one; what it loses is read again.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        // In KiB: the legs of one load with their indexes, so that no page of them is read back or written twice.
        connection.pragma_update(None, "cache_size", -65_536)?;
        Ok(connection)
    });
    prepared.map_err(|error| lost(path, &error))
}

/// A connection that changes nothing.
pub(super) fn to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = |path: &Path, flags| {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // SQLite opens a file when it is first read.
        connection.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
        Ok(connection)
    };
    open(path, flags).or_else(|error: rusqlite::Error| {
        // A reader of a file with a log makes files beside it. Where it may not and there is no log, nobody is writing.
        let path = resolved(path);
        let log = [path.as_os_str(), OsStr::new("-wal")].join(OsStr::new(""));
        let lacks_files =
            matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly));
        if !lacks_files || Path::new(&log).exists() {
            return Err(error);
        }
        let path = utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC).to_string();
        let uri = format!("file:{path}?immutable=1");
        open(Path::new(&uri), flags | OpenFlags::SQLITE_OPEN_URI)
    })
}

/// Whether this user may change the file, and what SQLite makes beside it.
pub(super) fn is_writable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};

        let path = resolved(path);
        let folder = path.parent().unwrap_or_else(|| Path::new("/"));
        access(&path, Access::WRITE_OK).is_ok() && access(folder, Access::WRITE_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        fs::metadata(path).is_ok_and(|file| !file.permissions().readonly())
    }
}

/// Whether it is a SQLite file, or an empty one.
pub(super) fn check_file(path: &Path) -> Result<(), Error> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut begin));
    read.map_err(|error| {
        Error::new(ErrorKind::Unreadable, format!("cannot read {}: {error}", path.display()))
            .next("look at its rights, or choose another file")
    })?;
    if begin.is_empty() || begin == MAGIC {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, format!("{} is no SQLite file", path.display()))
        .because("its first bytes are those of something else")
        .next("choose another file"))
}

pub(super) fn check_parent(path: &Path) -> Result<(), Error> {
    let parent =
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if fs::metadata(parent).is_ok_and(|parent| parent.is_dir()) {
        return Ok(());
    }
    if let Some(error) = below_a_file(path) {
        return Err(error);
    }
    Err(Error::new(ErrorKind::Place, format!("{} has no folder around it", path.display()))
        .next("make the folder, or choose another place"))
}
