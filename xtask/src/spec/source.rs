//! Where pages come from: one page, a folder of a published documentation, or a file of facts. Each method once.

use std::{collections::BTreeMap, fs, path::Path};

use super::page::{self, Page};
use crate::codegen::model::Model;

/// The pages of a brand.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) brand: String,
    /// Whose pages the brand goes by.
    pub(super) table: String,
    /// Whether it should have every method: all but a single page.
    pub(super) is_whole: bool,
    pub(super) pages: BTreeMap<String, Page>,
    /// Further pages of the same methods, by their places.
    pub(super) second: Vec<(String, Page)>,
    /// Pages of methods that could not be read: the place and the reason.
    pub(super) unreadable: Vec<(String, String)>,
    /// Pages that are about no reading method.
    pub(super) others: usize,
}

impl Source {
    /// Reads what is there.
    pub(super) fn load(model: &Model, path: &Path, brand: Option<&str>) -> Result<Self, String> {
        let is_facts = path.extension().is_some_and(|extension| extension == "csv");
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .filter(|stem| is_facts && model.table_of(stem).is_some());
        let brand = brand.or(stem).unwrap_or("comagic");
        let Some(table) = model.table_of(brand) else {
            let names: Vec<_> = model.brands.iter().map(|brand| &*brand.name).collect();
            return Err(format!("no brand `{brand}`: {}", names.join(", ")));
        };
        let mut source = Self {
            brand: brand.to_owned(),
            table: table.to_owned(),
            is_whole: is_facts || path.is_dir(),
            pages: BTreeMap::new(),
            second: Vec::new(),
            unreadable: Vec::new(),
            others: 0,
        };
        if is_facts {
            let pages = page::read_facts(&text(path)?).map_err(|why| format!("{}: {why}", path.display()))?;
            for (method, pages) in pages {
                if !is_reading(&method) {
                    source.others += 1;
                    continue;
                }
                for (number, page) in pages.into_iter().enumerate() {
                    if number == 0 {
                        source.pages.insert(method.clone(), page);
                    } else {
                        source.second.push((format!("page {}", number + 1), page));
                    }
                }
            }
        } else if path.is_dir() {
            source.folder(model, path)?;
        } else {
            let page = page::read(model, &text(path)?).map_err(|why| format!("{}: {why}", path.display()))?;
            source.pages.insert(page.method.clone(), page);
        }
        Ok(source)
    }

    fn folder(&mut self, model: &Model, folder: &Path) -> Result<(), String> {
        for path in pages_below(folder)? {
            let place = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            let text = match text(&path) {
                Ok(text) => text,
                Err(why) => {
                    self.unreadable.push((place, why));
                    continue;
                }
            };
            let Some(method) = page::method_of(&text).filter(|method| is_reading(method)) else {
                self.others += 1;
                continue;
            };
            match page::read(model, &text) {
                Ok(page) if self.pages.contains_key(&method) => self.second.push((place, page)),
                Ok(page) => _ = self.pages.insert(method, page),
                Err(why) => self.unreadable.push((place, format!("`{method}`: {why}"))),
            }
        }
        Ok(())
    }
}

fn is_reading(method: &str) -> bool {
    method.starts_with("get.")
}

fn text(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8 text", path.display()))
}

/// The pages of a folder and of those in it, by name.
fn pages_below(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html" || extension == "htm") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}
