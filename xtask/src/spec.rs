//! `cargo xtask spec import`: the vendor's pages against our spec, and the lines of what the spec does not have.
//!
//! Read-only: what to do with a difference is a person's decision, made in `xtask/spec/`.

mod align;
mod all;
mod drift;
mod emit;
mod page;
mod source;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::codegen::{self, QUESTION, model::Model};
use all::Table;
use emit::Said;
use source::Source;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    NoDrift,
    Drift,
    /// Some pages; the others were compared.
    Unreadable,
}

/// What to read, and how to answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) brand: Option<String>,
    /// The same methods on other brands: `BRAND=PATH`.
    pub(crate) also: Vec<(String, PathBuf)>,
    pub(crate) all: bool,
    pub(crate) emit: bool,
    pub(crate) json: bool,
}

/// Reads and answers; `Err` says why nothing could be compared.
pub(crate) fn import(root: &Path, request: &Request) -> Result<(String, Verdict), String> {
    answer(&codegen::load(root)?, request)
}

fn answer(model: &Model, request: &Request) -> Result<(String, Verdict), String> {
    let given = request.paths.iter().map(|path| (path, request.brand.as_deref()));
    let also = request.also.iter().map(|(brand, path)| (path, Some(&**brand)));
    let sources = given.chain(also).map(|(path, brand)| Source::load(model, path, brand));
    let sources: Vec<_> = sources.collect::<Result<_, _>>()?;
    if request.emit {
        return emitted(model, &sources);
    }
    match sources.as_slice() {
        [] => Err("give a page, a folder of pages, or a file of facts".to_owned()),
        [source] if !source.is_whole && !request.all => one(model, source, request),
        _ => Ok(tables(model, &sources, request.json)),
    }
}

/// How one page differs.
fn one(model: &Model, source: &Source, request: &Request) -> Result<(String, Verdict), String> {
    let at = request.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
    let page = source.pages.values().next().ok_or_else(|| format!("{at}: no page"))?;
    let drift =
        drift::compare(model, &source.brand, &source.table, page).map_err(|why| format!("{at}: {why}"))?;
    let verdict = if drift.differences.is_empty() { Verdict::NoDrift } else { Verdict::Drift };
    Ok((if request.json { drift.to_json() } else { drift.to_text() }, verdict))
}

fn tables(model: &Model, sources: &[Source], json: bool) -> (String, Verdict) {
    let tables: Vec<_> = sources.iter().map(|source| Table::of(model, source)).collect();
    let verdict = tables.iter().map(Table::verdict).max().unwrap_or(Verdict::NoDrift);
    let text = match tables.as_slice() {
        _ if !json => tables.iter().map(Table::to_text).collect(),
        [table] => format!("{:#}\n", table.to_json()),
        _ => format!("{:#}\n", Value::from(tables.iter().map(Table::to_json).collect::<Vec<_>>())),
    };
    (text, verdict)
}

/// The lines of the methods that the spec does not have.
fn emitted(model: &Model, sources: &[Source]) -> Result<(String, Verdict), String> {
    let mut names: Vec<_> = sources.iter().flat_map(|source| source.pages.keys()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| model.method(name).is_none());
    if names.is_empty() {
        return Err("the spec has every method of these pages; without --emit they are compared".to_owned());
    }
    let mut text = String::new();
    for name in names {
        let said = sources
            .iter()
            .filter_map(|source| Some(Said { table: &source.table, page: source.pages.get(name)? }));
        text.push_str(&emit::document(model, &said.collect::<Vec<_>>()));
        text.push('\n');
    }
    let unreadable = sources.iter().flat_map(|source| &source.unreadable);
    let mut verdict = Verdict::NoDrift;
    for (place, why) in unreadable {
        verdict = Verdict::Unreadable;
        _ = writeln!(text, "{QUESTION}{place} cannot be read: {why}");
    }
    Ok((text, verdict))
}

#[cfg(test)]
mod tests;
