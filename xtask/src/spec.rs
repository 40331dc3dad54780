//! `cargo xtask spec import PAGE`: how the vendor's page differs from our spec.
//!
//! Read-only: what to do with a difference is a person's decision, made in `calllegs-2.0.spec` or in `quirks.toml`.

mod drift;
mod page;

use std::{fs, path::Path};

use crate::codegen::{self, model::Model};

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    NoDrift,
    Drift,
}

/// Reads the page and compares; `Err` says why it is unreadable.
pub(crate) fn import(root: &Path, page: &Path, brand: &str, json: bool) -> Result<(String, Verdict), String> {
    let model = codegen::load(root)?;
    let bytes = fs::read(page).map_err(|error| format!("{}: {error}", page.display()))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8 text", page.display()))?;
    import_text(&model, &text, brand, json).map_err(|message| format!("{}: {message}", page.display()))
}

fn import_text(model: &Model, text: &str, brand: &str, json: bool) -> Result<(String, Verdict), String> {
    let Some(table) = model.table_of(brand) else {
        let names: Vec<_> = model.brands.iter().map(|brand| &*brand.name).collect();
        return Err(format!("no brand `{brand}`: {}", names.join(", ")));
    };
    let page = page::read(model, text)?;
    let drift = drift::compare(model, brand, table, &page)?;
    let verdict = if drift.differences.is_empty() { Verdict::NoDrift } else { Verdict::Drift };
    Ok((if json { drift.to_json() } else { drift.to_text() }, verdict))
}

#[cfg(test)]
mod tests;
