//! The names of a partner's customers as `accounts` listed them last, so that a shell can complete them without a call. A file
//! for its owner alone. What cannot be read is not there. Not here: who is a customer now (`commands::accounts`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::Path,
};

use tempfile::NamedTempFile;

use super::zone_cache::{folder, make_private};

const FILE: &str = "customers.json";

/// Names by the fingerprint of the key that listed them.
type Names = BTreeMap<String, BTreeSet<String>>;

/// Remembers the names that a key reaches, in the place of those before.
pub(crate) fn keep(print: &str, names: BTreeSet<String>) -> io::Result<()> {
    let Ok(Some(folder)) = folder() else { return Ok(()) };
    let mut all = read(&folder);
    all.insert(print.to_owned(), names);
    make_private(&folder)?;
    let mut file = NamedTempFile::with_prefix_in(FILE, &folder)?;
    file.write_all(&serde_json::to_vec(&all)?)?;
    file.persist(folder.join(FILE))?;
    Ok(())
}

/// The names that any key reached.
pub(crate) fn recall() -> BTreeSet<String> {
    let Ok(Some(folder)) = folder() else { return BTreeSet::new() };
    read(&folder).into_values().flatten().collect()
}

fn read(folder: &Path) -> Names {
    let text = fs::read(folder.join(FILE)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}
