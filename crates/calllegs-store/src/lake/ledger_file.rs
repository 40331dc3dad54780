//! The ledger of an account as a file, which changes in one step. Not here: what its lines mean
//! ([`Ledger`]).

use std::{
    fs, io, mem,
    path::{Path, PathBuf},
};

use calllegs_arrow::partition;
use calllegs_core::Period;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, ErrorKind},
    file::AtomicFile,
    ledger::{Ledger, Window, WindowStatus},
    warehouse::Late,
};

/// The layout of the files. One that is newer is refused.
pub(super) const FORMAT: u32 = 1;

/// The lines of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LedgerFile {
    format: u32,
    pub(super) account: String,
    pub(super) windows: Vec<Window>,
    pub(super) late: Vec<Late>,
}

/// What every file of ours says first.
#[derive(Deserialize)]
struct Marked {
    format: u32,
}

impl LedgerFile {
    /// That of an account, in this folder; without lines where there is none.
    pub(super) fn read(folder: &Path, account: &str) -> Result<Self, Error> {
        let path = path(folder, account);
        Ok(read(&path)?.unwrap_or_else(|| Self {
            format: FORMAT,
            account: account.to_owned(),
            windows: Vec::new(),
            late: Vec::new(),
        }))
    }

    /// All that a folder has.
    pub(super) fn all(folder: &Path) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        for path in entries(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("ledger-") && name.ends_with(".json") {
                all.extend(read(&path)?);
            }
        }
        Ok(all)
    }

    pub(super) fn write(&self, folder: &Path, mode: u32) -> Result<(), Error> {
        write(&path(folder, &self.account), self, mode)
    }

    /// Puts lines in the place of those that they overlap.
    pub(super) fn put(&mut self, lines: &[Window]) {
        let mut ledger = Ledger::new(mem::take(&mut self.windows));
        for line in lines {
            ledger.put(line.clone());
        }
        self.windows = ledger.windows().to_vec();
    }

    /// Windows that are to be read again.
    pub(super) fn open(&mut self, is_due: impl Fn(Period) -> bool) {
        for window in self.windows.iter_mut().filter(|window| is_due(window.period)) {
            window.status = WindowStatus::Open;
        }
    }

    /// Counts a change of a field at this age.
    pub(super) fn add_late(&mut self, field: &str, age: i64) {
        match self.late.iter_mut().find(|late| late.field == field && late.age == age) {
            Some(late) => late.legs += 1,
            None => self.late.push(Late { field: field.to_owned(), age, legs: 1 }),
        }
    }
}

fn path(folder: &Path, account: &str) -> PathBuf {
    folder.join(format!("ledger-{}.json", partition::escaped(account)))
}

/// A file of ours; `None` where there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let format = serde_json::from_slice(&text).map(|Marked { format }| format);
    if let Some(format) = format.ok().filter(|format| *format > FORMAT) {
        return Err(Error::new(
            ErrorKind::Conflict,
            format!("{} was written by a newer calllegs", path.display()),
        )
        .because(format!("it has format {format}; this version knows {FORMAT}"))
        .next("use that version, or choose another folder"));
    }
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        // Its own words may quote what is in the file.
        unreadable(path, &io::Error::new(io::ErrorKind::InvalidData, format!("line {}", error.line())))
    })
}

/// Writes a file of ours in one step.
pub(super) fn write(path: &Path, what: &impl Serialize, mode: u32) -> Result<(), Error> {
    let text =
        serde_json::to_vec(what).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    let mut file = AtomicFile::create(path)?.with_mode(Some(mode));
    file.fill(&text)?;
    file.commit()
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Unreadable, format!("cannot read {}: {error}", path.display()))
        .next("look at its rights, or restore it from a copy")
}

/// What is in a folder, in the order of names; of one that is not there, nothing.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let paths: io::Result<Vec<_>> = read.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| unreadable(folder, &error))?;
    paths.sort_unstable();
    Ok(paths)
}
