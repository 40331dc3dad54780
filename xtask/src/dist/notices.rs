//! Whose code the tool is linked from, with the texts of their licences, which ask to be handed on with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::step::Step;

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: PathBuf,
    /// None where it is of this repository.
    source: Option<String>,
}

/// Crates by their names and licences, then each text once with those who have it.
pub(super) fn of(root: &Path) -> Result<String, String> {
    let tree = "tree -p calllegs-cli -e normal --prefix none --format {p} --locked --target all";
    let linked = linked(&Step::cargo(tree).output(root)?);
    let mut crates = String::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages(root)? {
        let name = format!("{} {}", package.name, package.version);
        if package.source.is_none() || !linked.contains(&name) {
            continue;
        }
        let licence = package.license.as_deref().unwrap_or("see its text");
        _ = writeln!(crates, "{name}: {licence}");
        for text in licences(&package.manifest_path)? {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    let mut whole = format!("What calllegs is linked from, on one system or another:\n\n{crates}");
    let mut texts: Vec<_> = texts.into_iter().map(|(text, names)| (names, text)).collect();
    texts.sort();
    for (names, text) in texts {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        _ = write!(whole, "\n{}\n{names}\n\n{text}\n", "-".repeat(80));
    }
    Ok(whole)
}

/// Names and versions, from lines such as `bytes v1.10.1 (proc-macro) (*)`.
fn linked(tree: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    };
    tree.lines().filter_map(name).collect()
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let text = Step::cargo("metadata --format-version 1 --locked").output(root)?;
    let mut metadata: Metadata = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    metadata.packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(metadata.packages)
}

/// The texts beside a manifest, in the order of their names.
fn licences(manifest: &Path) -> Result<Vec<String>, String> {
    let folder = manifest.parent().unwrap_or_else(|| Path::new(""));
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = BTreeMap::new();
    for file in fs::read_dir(folder).map_err(failed)? {
        let file = file.map_err(failed)?;
        let name = file.file_name().to_string_lossy().to_uppercase();
        let is_text = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"]
            .iter()
            .any(|word| name.starts_with(word));
        if is_text && file.path().is_file() {
            let text = fs::read(file.path()).map_err(failed)?;
            // As others write the same text.
            let text = String::from_utf8_lossy(&text).replace('\r', "");
            let lines: Vec<_> = text.trim().lines().map(str::trim_end).collect();
            found.insert(name, lines.join("\n"));
        }
    }
    Ok(found.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_is_read_from_the_tree() {
        let tree = "calllegs-cli v0.1.0 (crates/calllegs-cli)\nasync-trait v0.1.89 (proc-macro)\nbytes v1.10.1 (*)\n\n";
        let expected = ["async-trait 0.1.89", "bytes 1.10.1", "calllegs-cli 0.1.0"].map(str::to_owned);
        assert_eq!(linked(tree), expected.into());
    }
}
