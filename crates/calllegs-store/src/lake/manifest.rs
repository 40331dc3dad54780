//! Manifests: numbered lists of all files, for readers that want those of one moment. Each is written once, under a number that
//! no other has. Not here: when one is due.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use calllegs_arrow::{files::settle, parquet};
use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::ledger_file::{self, FORMAT, entries, unreadable};
use crate::error::{Error, ErrorKind};

/// So many stay, and those that are younger than a day: a reader may be at work by one.
const KEPT: usize = 20;
const YOUNG: Duration = Duration::from_secs(24 * 3600);

/// A file of legs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) account: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Of its bytes.
    pub(super) sha256: String,
    /// In microseconds since 1970: by it and the size, a file that was replaced is found without reading it.
    pub(super) modified: i64,
}

/// The list, as readers get it.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    made_at: DateTime<Utc>,
    files: BTreeMap<String, Listed>,
}

/// The files of a lake as its last manifest lists them, and what was done to them since.
#[derive(Debug)]
pub(super) struct Manifests {
    folder: PathBuf,
    number: u64,
    mode: u32,
    files: BTreeMap<String, Listed>,
    has_changed: bool,
}

impl Manifests {
    /// By the last one that a folder has.
    pub(super) fn read(folder: &Path, mode: u32) -> Result<Self, Error> {
        let mut manifests =
            Self { folder: folder.to_owned(), number: 0, mode, files: BTreeMap::new(), has_changed: true };
        if let Some((number, path)) = numbered(folder)?.pop() {
            manifests.number = number;
            if let Some(Manifest { files, .. }) = ledger_file::read(&path)? {
                (manifests.files, manifests.has_changed) = (files, false);
            }
        }
        Ok(manifests)
    }

    /// Whether there is one.
    pub(super) const fn is_first(&self) -> bool {
        self.number == 0
    }

    pub(super) fn get(&self, path: &str) -> Option<&Listed> {
        self.files.get(path)
    }

    /// The files of an account.
    pub(super) fn of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m str> {
        self.files.iter().filter(move |(_, listed)| listed.account == account).map(|(path, _)| &**path)
    }

    pub(super) fn put(&mut self, path: String, listed: Listed) {
        self.has_changed |= self.files.get(&path) != Some(&listed);
        self.files.insert(path, listed);
    }

    pub(super) fn remove(&mut self, path: &str) -> Option<Listed> {
        let removed = self.files.remove(path);
        self.has_changed |= removed.is_some();
        removed
    }

    /// Writes the next one, if anything has changed since the last.
    pub(super) fn publish(&mut self) -> Result<(), Error> {
        if !self.has_changed {
            return Ok(());
        }
        let manifest =
            Manifest { format: FORMAT, made_at: Utc::now(), files: std::mem::take(&mut self.files) };
        let text = serde_json::to_vec(&manifest);
        self.files = manifest.files;
        let text = text.map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        let part = self.folder.join("manifest.part");
        let path = self.folder.join(name(self.number + 1));
        self.write(&part, &path, &text).map_err(|error| Error::writing(path.display(), &error))?;
        self.number += 1;
        self.has_changed = false;
        self.prune()
    }

    /// It has its name when it is whole, and takes the place of none.
    fn write(&self, part: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
        let mut file = File::create(part)?;
        file.write_all(text)?;
        // Where the file system keeps no rights, there are none to give.
        let _best_effort = settle(&file, None, self.mode);
        file.sync_all()?;
        match fs::hard_link(part, path) {
            Ok(()) => fs::remove_file(part)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Not every file system has links. The lock keeps other runs from the name.
            Err(_) if !path.exists() => fs::rename(part, path)?,
            Err(error) => return Err(error),
        }
        sync(&self.folder)
    }

    fn prune(&self) -> Result<(), Error> {
        let manifests = numbered(&self.folder)?;
        let surplus = manifests.len().saturating_sub(KEPT);
        for (_, path) in manifests.into_iter().take(surplus) {
            let modified = fs::metadata(&path).and_then(|about| about.modified());
            let age = modified.ok().and_then(|modified| modified.elapsed().ok());
            if age.is_some_and(|age| age >= YOUNG) {
                // The next one tries again.
                let _best_effort = fs::remove_file(path);
            }
        }
        Ok(())
    }
}

/// The files that the last manifest lists, each there with its size. Those that were replaced meanwhile are in the manifest
/// that is last then.
pub(super) fn listed(about: &Path, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut last = 0;
    loop {
        let Some((number, path)) = numbered(about)?.pop() else { return Ok(Vec::new()) };
        let files = ledger_file::read(&path)?.map_or_else(BTreeMap::new, |Manifest { files, .. }| files);
        let is_there = |(name, listed): (&String, &Listed)| {
            fs::metadata(folder.join(name)).is_ok_and(|about| about.len() == listed.bytes)
        };
        if files.iter().all(is_there) {
            return Ok(files.into_keys().map(|name| folder.join(name)).collect());
        }
        if number == last {
            return Err(Error::new(
                ErrorKind::Unreadable,
                format!("{} does not have the files of its last manifest", folder.display()),
            )
            .because("a run that replaced some was stopped, or another program took them away")
            .next("run the sync again, which puts the lake in order"));
        }
        last = number;
    }
}

fn name(number: u64) -> String {
    format!("manifest-{number:06}.json")
}

/// The manifests of a folder by their number.
fn numbered(folder: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let number = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("manifest-")?.strip_suffix(".json")?.parse().ok()
    };
    let mut numbered: Vec<(u64, PathBuf)> =
        entries(folder)?.into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    numbered.sort_unstable();
    Ok(numbered)
}

/// When a file was written, and its size.
pub(super) fn written(path: &Path) -> Result<(i64, u64), Error> {
    let about = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let micros = modified.and_then(|at| i64::try_from(at.as_micros()).ok()).unwrap_or_default();
    Ok((micros, about.len()))
}

/// What a file is, by reading it.
pub(super) fn describe(path: &Path, account: &str) -> Result<Listed, Error> {
    let lost = |error: io::Error| unreadable(path, &error);
    let open = || File::open(path).map_err(lost);
    let (rows, _) = parquet::read_back(open()?).map_err(lost)?;
    let (mut file, mut context, mut piece) = (open()?, Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece).map_err(lost)? {
            0 => break,
            read => context.update(piece.get(..read).unwrap_or_default()),
        }
    }
    let (modified, bytes) = written(path)?;
    Ok(Listed { account: account.to_owned(), rows, bytes, sha256: hexadecimal(context), modified })
}

pub(super) fn hexadecimal(context: Context) -> String {
    context.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The names in a folder reach the disk; where folders cannot be opened this is left to the system.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
