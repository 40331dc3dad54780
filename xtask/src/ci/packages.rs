//! What cargo says about the packages of a workspace.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::step::Step;

/// What cargo says about a package.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) categories: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) features: BTreeMap<String, Vec<String>>,
    pub(super) keywords: Vec<String>,
    pub(super) license: Option<String>,
    pub(super) manifest_path: PathBuf,
    pub(super) name: String,
    /// The registries it may go to; `None` is any.
    pub(super) publish: Option<Vec<String>>,
    pub(super) readme: Option<String>,
    pub(super) rust_version: Option<String>,
    pub(super) targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub(super) kind: Vec<String>,
    pub(super) name: String,
}

impl Package {
    /// What has to be in its package, from its own folder.
    pub(super) fn files(&self) -> Result<Vec<String>, String> {
        let mut files =
            ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"].map(str::to_owned).to_vec();
        let home = self.manifest_path.parent().unwrap_or_else(|| Path::new(""));
        let mut folders = vec!["src".to_owned()];
        while let Some(folder) = folders.pop() {
            let failed = |error: std::io::Error| format!("{}: {folder}: {error}", self.name);
            for entry in fs::read_dir(home.join(&folder)).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        Ok(files)
    }
}

/// The crates that users take.
pub(super) fn published(root: &Path) -> Result<Vec<Package>, String> {
    let mut packages = metadata(root, "")?;
    packages.retain(|package| package.publish.is_none());
    Ok(packages)
}

pub(super) fn metadata(root: &Path, words: &str) -> Result<Vec<Package>, String> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let text = Step::cargo("metadata --no-deps --format-version 1").words(words).output(root)?;
    let metadata: Metadata = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(metadata.packages)
}
