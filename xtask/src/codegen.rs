//! `cargo xtask codegen`: the spec document and its quirks become the committed tables of the core and of the
//! columns.
//!
//! What is written is a function of the two files and of rustfmt alone.

mod emit_columns;
mod emit_docs;
mod emit_enum;
mod emit_method;
mod emit_mnemonic;
mod emit_operator;
mod emit_reports;
pub(crate) mod model;
mod quirks;
mod spec;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use model::{Home, Model};

const SPEC: &str = "xtask/spec/calllegs-2.0.spec";
/// The types that several reports share.
const SHARED: &str = "xtask/spec/reports.spec";
/// A document a report.
const REPORT_SPECS: &str = "xtask/spec/reports";
const QUIRKS: &str = "xtask/spec/quirks.toml";

const ARROW: &str = "crates/calllegs-arrow/src/generated";
const CORE: &str = "crates/calllegs-core/src/generated";
const REPORTS: &str = "crates/calllegs-reports/src/generated";

/// The folders of generated files, from the root.
pub(crate) const GENERATED: [&str; 3] = [ARROW, CORE, REPORTS];

/// Begins a line of a document that asks a person for what no page says.
pub(crate) const QUESTION: &str = "# ? ";

const REFRESH: &str = "cargo xtask codegen";

/// Files by their path from the root, or from their folder while they are made.
type Files = BTreeMap<PathBuf, String>;

/// Writes the tables, or with `check` only says which are stale, and which documents wait for a person.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), String> {
    let fresh = generate(root)?;
    let committed = read_generated(root)?;
    let stale = compare(&fresh, &committed);
    if stale.is_empty() {
        return if check { answered(root) } else { Ok(()) };
    }
    if check {
        let mut message = String::new();
        for (path, what) in &stale {
            _ = writeln!(message, "{} {what}", path.display());
        }
        return Err(format!("{message}run `{REFRESH}`"));
    }
    for path in stale.keys() {
        let target = root.join(path);
        let done = match fresh.get(path) {
            Some(text) => {
                target.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&target, text))
            }
            None => fs::remove_file(&target),
        };
        done.map_err(|error| format!("{}: {error}", target.display()))?;
    }
    Ok(())
}

/// Refuses reports with a question that `spec import --emit` left for a person.
fn answered(root: &Path) -> Result<(), String> {
    for path in report_specs(root)? {
        let text =
            fs::read_to_string(root.join(&path)).map_err(|error| format!("{}: {error}", path.display()))?;
        if let Some(place) = text.lines().position(|line| line.starts_with(QUESTION)) {
            let what = "a question for a person stands there: answer it, and take the line away";
            return Err(format!("{}: line {}: {what}", path.display(), place + 1));
        }
    }
    Ok(())
}

/// The committed spec with its quirks.
pub(crate) fn load(root: &Path) -> Result<Model, String> {
    let read = |path: &Path| {
        let path = path.display();
        fs::read_to_string(root.join(path.to_string())).map_err(|error| format!("{path}: {error}"))
    };
    let mut documents = vec![(SPEC.into(), Home::Core)];
    if root.join(SHARED).exists() {
        documents.push((SHARED.into(), Home::Reports));
    }
    documents.extend(report_specs(root)?.into_iter().map(|path| (path, Home::Reports)));
    let mut texts = Vec::new();
    for (path, home) in documents {
        texts.push((path.display().to_string(), read(&path)?, home));
    }
    load_documents(&texts, &read(Path::new(QUIRKS))?)
}

/// The documents of reports in the order of their names. No folder is an empty one.
fn report_specs(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join(REPORT_SPECS);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| format!("{REPORT_SPECS}: {error}"))?,
    };
    let mut specs = Vec::new();
    for entry in entries {
        let name = PathBuf::from(entry.map_err(|error| format!("{REPORT_SPECS}: {error}"))?.file_name());
        if name.extension().is_some_and(|extension| extension == "spec") {
            specs.push(Path::new(REPORT_SPECS).join(name));
        }
    }
    specs.sort();
    Ok(specs)
}

#[cfg(test)]
pub(crate) fn load_texts(spec: &str, quirks: &str) -> Result<Model, String> {
    load_documents(&[(SPEC.to_owned(), spec.to_owned(), Home::Core)], quirks)
}

/// Reads documents in an order in which each knows the types of those before it.
pub(crate) fn load_documents(documents: &[(String, String, Home)], quirks: &str) -> Result<Model, String> {
    let mut model = Model::default();
    for (path, text, home) in documents {
        model::extend(&mut model, text, *home).map_err(|complaint| format!("{path}: {complaint}"))?;
    }
    quirks::apply(&mut model, quirks).map_err(|message| format!("{QUIRKS}: {message}"))?;
    Ok(model)
}

fn generate(root: &Path) -> Result<Files, String> {
    format_all(root, emit(&load(root)?))
}

/// Every file, before formatting.
fn emit(model: &Model) -> Files {
    let folders = [(ARROW, arrow(model)), (CORE, core(model)), (REPORTS, reports(model))];
    let inside = |(folder, files): (&'static str, Files)| {
        files.into_iter().map(move |(path, text)| (Path::new(folder).join(path), text))
    };
    folders.into_iter().flat_map(inside).collect()
}

fn arrow(model: &Model) -> Files {
    let mut files = Files::new();
    let mut text = format!("{HEADER}//!\n//! Tables only; the logic is in `schema`.\n\n");
    for method in model.methods.iter().filter(|method| !method.columns.is_empty()) {
        let module = method.module();
        _ = writeln!(text, "pub(crate) mod {module};");
        files.insert(format!("{module}.rs").into(), emit_columns::file(method));
    }
    files.insert("COLUMNS.md".into(), emit_columns::page(model));
    files.insert("mod.rs".into(), text);
    files
}

fn core(model: &Model) -> Files {
    let mut files = Files::new();
    let mut modules = BTreeMap::from([("calls", BTreeSet::new()), ("reports", BTreeSet::new())]);
    for method in model.methods.iter().filter(|method| method.home == Home::Core) {
        let folder = if method.listing.is_some() { "reports" } else { "calls" };
        let module = method.module();
        files.insert(format!("{folder}/{module}.rs").into(), emit_method::file(model, method));
        modules.entry(folder).or_default().insert(module);
    }
    for (folder, modules) in &modules {
        let mut text = format!("{HEADER}\n");
        for module in modules {
            _ = writeln!(text, "pub mod {module};");
        }
        files.insert(format!("{folder}/mod.rs").into(), text);
    }
    files.insert("enums.rs".into(), emit_enum::enums(model, Home::Core));
    files.insert("ids.rs".into(), emit_enum::ids(model, Home::Core));
    files.insert("mnemonics.rs".into(), emit_mnemonic::file(model));
    files.insert("operators.rs".into(), emit_operator::operators(model));
    files.insert("hosts.rs".into(), emit_operator::hosts(model));
    files.insert("FIELDS.md".into(), emit_docs::fields(model));
    let mut text = HEADER.to_owned();
    text.push_str(
        "//!\n//! Tables and macro invocations only; the logic is in `schema`, `value` and `filter`.\n\n",
    );
    for module in ["calls", "enums", "hosts", "ids", "mnemonics", "operators", "reports"] {
        _ = writeln!(text, "pub mod {module};");
    }
    files.insert("mod.rs".into(), text);
    files
}

/// A file a report. None where no document is of one.
fn reports(model: &Model) -> Files {
    let mut files = Files::new();
    let methods: Vec<_> = model.methods.iter().filter(|method| method.home == Home::Reports).collect();
    if methods.is_empty() {
        return files;
    }
    let all: Vec<_> = model.methods.iter().filter(|method| method.listing.is_some()).collect();
    for method in &methods {
        files.insert(format!("{}.rs", method.module()).into(), emit_method::file(model, method));
    }
    files.insert("enums.rs".into(), emit_enum::enums(model, Home::Reports));
    files.insert("ids.rs".into(), emit_enum::ids(model, Home::Reports));
    files.insert("METHODS.md".into(), emit_reports::page(&all));
    files.insert("mod.rs".into(), emit_reports::root(&methods, &all));
    files
}

fn format_all(root: &Path, mut files: Files) -> Result<Files, String> {
    for (path, text) in &mut files {
        if path.extension().is_some_and(|extension| extension == "rs") {
            *text = rustfmt(root, text).map_err(|message| format!("{}: {message}", path.display()))?;
        }
    }
    Ok(files)
}

/// The text in the style of the repository.
fn rustfmt(root: &Path, text: &str) -> Result<String, String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join(".rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt does not start ({error}); `rustup component add rustfmt`"))?;
    let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    written.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("rustfmt refuses it: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// What the folders hold now. No folder is an empty one.
fn read_generated(root: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    let mut folders = GENERATED.map(|folder| root.join(folder)).to_vec();
    folders.retain(|folder| folder.exists());
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.insert(name, String::from_utf8_lossy(&text).into_owned());
        }
    }
    Ok(files)
}

/// The paths that differ, and how.
fn compare(fresh: &Files, committed: &Files) -> BTreeMap<PathBuf, &'static str> {
    let mut stale = BTreeMap::new();
    for (path, text) in fresh {
        match committed.get(path) {
            None => _ = stale.insert(path.clone(), "is missing"),
            Some(committed) if committed != text => _ = stale.insert(path.clone(), "is stale"),
            Some(_) => {}
        }
    }
    for path in committed.keys().filter(|path| !fresh.contains_key(*path)) {
        stale.insert(path.clone(), "is not generated any more");
    }
    stale
}

/// The first line of every generated Rust file, and the empty line after it is the emitter's.
const HEADER: &str =
    "//! Generated by cargo xtask codegen from xtask/spec/calllegs-2.0.spec, do not edit by hand.\n";

/// The same of the files of reports.
const REPORTS_HEADER: &str =
    "//! Generated by cargo xtask codegen from xtask/spec/reports/, do not edit by hand.\n";

/// Appends paragraphs as a doc comment, broken at the width of the repository.
fn doc(text: &mut String, indent: usize, paragraphs: &[&str]) {
    const WIDTH: usize = 110;
    let margin = format!("{}///", " ".repeat(indent));
    for (index, paragraph) in paragraphs.iter().enumerate() {
        if index > 0 {
            _ = writeln!(text, "{margin}");
        }
        let mut line = margin.clone();
        for word in paragraph.split_whitespace() {
            let broken = line.chars().count() + 1 + word.chars().count() > WIDTH && line != margin;
            if broken {
                _ = writeln!(text, "{line}");
                line.clone_from(&margin);
            }
            line.push(' ');
            line.push_str(word);
        }
        _ = writeln!(text, "{line}");
    }
}

/// `&[Brand::Comagic, Brand::Novofon]`, in the order of the arguments.
fn brand_list(brands: &[String]) -> String {
    let brands: Vec<_> = brands.iter().map(|brand| format!("Brand::{}", model::variant(brand))).collect();
    format!("&[{}]", brands.join(", "))
}
