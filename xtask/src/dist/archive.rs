//! Files packed so that the same ones make the same bytes: sorted by their names, one time for all, nobody's user.

use std::{
    collections::BTreeSet,
    io::{Cursor, Write as _},
};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    mode: u32,
}

impl Entry {
    pub(super) fn file(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), bytes, mode: 0o644 }
    }

    pub(super) fn program(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { mode: 0o755, ..Self::file(path, bytes) }
    }

    /// The same file in a folder.
    pub(super) fn below(&self, folder: &str) -> Self {
        Self { path: format!("{folder}/{}", self.path), ..self.clone() }
    }
}

/// A tar with its folders, packed with gzip.
pub(super) fn tar_gz(mut entries: Vec<Entry>, time: u64) -> Result<Vec<u8>, String> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut tar = Builder::new(Vec::new());
    let mut add = |path: &str, kind, mode, bytes: &[u8]| {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(time);
        header.set_size(bytes.len() as u64);
        header.set_username("root")?;
        header.set_groupname("root")?;
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, path, bytes)
    };
    let failed = |error: std::io::Error| error.to_string();
    for folder in folders(&entries) {
        add(&format!("{folder}/"), EntryType::Directory, 0o755, &[]).map_err(failed)?;
    }
    for entry in &entries {
        add(&entry.path, EntryType::Regular, entry.mode, &entry.bytes).map_err(failed)?;
    }
    gzip(&tar.into_inner().map_err(failed)?)
}

/// A zip, for Windows.
pub(super) fn zip(mut entries: Vec<Entry>, time: u64) -> Result<Vec<u8>, String> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let time = dos_time(time)?;
    for entry in &entries {
        let options = SimpleFileOptions::default().last_modified_time(time).unix_permissions(entry.mode);
        zip.start_file(&entry.path, options).map_err(|error| error.to_string())?;
        zip.write_all(&entry.bytes).map_err(|error| error.to_string())?;
    }
    Ok(zip.finish().map_err(|error| error.to_string())?.into_inner())
}

/// Without a name and a time of its own.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    packed.write_all(bytes).and_then(|()| packed.finish()).map_err(|error| error.to_string())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Every folder above the files, each before those in it.
fn folders(entries: &[Entry]) -> BTreeSet<&str> {
    let above =
        |entry: &'_ Entry| -> Vec<usize> { entry.path.match_indices('/').map(|(at, _)| at).collect() };
    entries.iter().flat_map(|entry| above(entry).into_iter().filter_map(|at| entry.path.get(..at))).collect()
}

/// The day alone: a zip has local times, and this one is nobody's.
fn dos_time(time: u64) -> Result<DateTime, String> {
    // Days since 0000-03-01, by which leap days come last in a year.
    let days = time / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let fitting = |number: u64| u8::try_from(number).map_err(|error| error.to_string());
    let year = u16::try_from(year).map_err(|error| error.to_string())?;
    DateTime::from_date_and_time(year, fitting(month)?, fitting(day)?, 0, 0, 0)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        vec![Entry::program("c/b/tool", vec![7; 5000]), Entry::file("c/README.md", b"read".to_vec())]
    }

    #[test]
    fn the_same_files_make_the_same_bytes_in_whatever_order_they_come() {
        let turned = || entries().into_iter().rev().collect::<Vec<_>>();
        assert_eq!(tar_gz(entries(), 1_700_000_000), tar_gz(turned(), 1_700_000_000));
        assert_eq!(zip(entries(), 1_700_000_000), zip(turned(), 1_700_000_000));
        assert_ne!(tar_gz(entries(), 1_700_000_000), tar_gz(entries(), 1_700_000_001));
    }

    #[test]
    fn an_archive_has_its_folders_and_rights() {
        let packed = tar_gz(entries(), 1_700_000_000).unwrap();
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(&*packed));
        let found = tar.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (1_700_000_000, 0));
            (entry.path().unwrap().display().to_string(), header.mode().unwrap())
        });
        let expected = [("c/", 0o755), ("c/b/", 0o755), ("c/README.md", 0o644), ("c/b/tool", 0o755)];
        assert_eq!(found.collect::<Vec<_>>(), expected.map(|(path, mode)| (path.to_owned(), mode)));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (time, day) in [
            (951_782_400, (2000, 2, 29)),
            (1_700_000_000, (2023, 11, 14)),
            (1_795_963_161, (2026, 11, 29)),
            (4_107_542_400, (2100, 3, 1)),
        ] {
            let found = dos_time(time).unwrap();
            assert_eq!((found.year(), found.month(), found.day()), day);
        }
        assert!(dos_time(0).is_err());
    }
}
