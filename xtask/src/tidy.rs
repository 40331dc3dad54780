//! `cargo xtask tidy`: what the repository promises and no compiler checks.
//!
//! Each check is a function of texts that returns complaints, so a test can show it a bad sample.

mod circles;
mod graph;
mod source;
mod translation;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use source::{bare, words};

use crate::codegen::GENERATED;

/// Text files by path from the root, with `/` between the parts.
type Sources = BTreeMap<String, String>;

/// Files that hold the same text between their marks: a client of each kind, and what both transports decide alike.
const TWINS: [[&str; 2]; 3] = [
    ["crates/calllegs-core/src/client.rs", "crates/calllegs-core/src/client/blocking.rs"],
    ["crates/calllegs-hyper/src/error.rs", "crates/calllegs-ureq/src/error.rs"],
    ["crates/calllegs-hyper/src/tls.rs", "crates/calllegs-ureq/src/tls.rs"],
];

/// Runs every check over the repository.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let sources = read_sources(root)?;
    let mut complaints = Vec::new();
    complaints.extend(visible_root(&root_entries(root)?));
    complaints.extend(layers(&sources));
    complaints.extend(core_dependencies(&sources));
    complaints.extend(licences(root, &sources));
    complaints.extend(other_binaries(&sources));
    complaints.extend(circles::check(&sources));
    complaints.extend(translation::check(&sources));
    for pair in TWINS {
        complaints.extend(twins(pair, pair.map(|path| sources.get(path).map_or("", String::as_str))));
    }
    for (path, text) in &sources {
        complaints.extend(machine_paths(path, text));
        if Path::new(path).extension().is_some_and(|extension| extension == "rs") {
            complaints.extend(tables_only(path, text));
            complaints.extend(ordered_collections(path, text));
            complaints.extend(opening_prose(path, text));
            complaints.extend(leftovers(path, text));
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// The files of each crate and what they use of each other, as DOT.
pub(crate) fn graph(root: &Path) -> Result<String, String> {
    Ok(circles::dot(&read_sources(root)?))
}

/// Generated files are tables: no control flow.
fn tables_only(path: &str, text: &str) -> Option<String> {
    let code = bare(text);
    let found = words(&code).find(|word| ["fn", "if", "loop", "match", "while"].contains(word));
    let found = found.filter(|_| GENERATED.iter().any(|folder| path.starts_with(folder)))?;
    Some(format!("{path}: generated files hold tables only, this has `{found}`"))
}

/// The core has no collection whose order is not a function of the input.
fn ordered_collections(path: &str, text: &str) -> Option<String> {
    let code = bare(text);
    let found = words(&code).find(|word| ["HashMap", "HashSet"].contains(word));
    let found = found.filter(|_| path.starts_with("crates/calllegs-core/"))?;
    Some(format!("{path}: `{found}` has no order; take its BTree twin"))
}

/// Every module says what it is.
fn opening_prose(path: &str, text: &str) -> Option<String> {
    let in_scope = path.starts_with("xtask/")
        || path.starts_with("tests/")
        || (path.starts_with("crates/") && path.contains("/src/"));
    (in_scope && !text.starts_with("//!")).then(|| format!("{path}: does not open with `//!`"))
}

/// Nothing is left for later.
fn leftovers(path: &str, text: &str) -> Vec<String> {
    let code = bare(text);
    let squeezed: String = code.split_whitespace().collect();
    let mut found: Vec<&str> = ["todo!", "unimplemented!", "#[ignore"]
        .into_iter()
        .filter(|leftover| squeezed.contains(leftover))
        .collect();
    let is_doc = |line: &&str| line.trim_start().starts_with("///") || line.trim_start().starts_with("//!");
    if text.lines().filter(is_doc).any(|line| line.contains("```ignore") || line.contains("```rust,ignore")) {
        found.push("an ignored doctest");
    }
    found.into_iter().map(|leftover| format!("{path}: {leftover} is left")).collect()
}

/// No file knows the machine that it was written on.
fn machine_paths(path: &str, text: &str) -> Option<String> {
    // Written apart, or this file would complain about itself.
    let roots =
        [["/wo", "rk/"], ["/tm", "p/"], ["/ho", "me/"], ["/ro", "ot/"], ["/Use", "rs/"], ["C:", "\\"]];
    let roots: Vec<_> = roots.iter().map(|parts| parts.concat()).collect();
    for (index, line) in text.lines().enumerate() {
        for root in &roots {
            let mut rest = line;
            while let Some((before, after)) = rest.split_once(root.as_str()) {
                // A longer path or an address goes through here, it does not begin here.
                if !before.ends_with(|c: char| c.is_alphanumeric() || "_.}-~".contains(c)) {
                    return Some(format!("{path}:{}: names the path `{root}` of a machine", index + 1));
                }
                rest = after;
            }
        }
    }
    None
}

/// What two files have in common is one text.
fn twins([one, other]: [&str; 2], [a, b]: [&str; 2]) -> Option<String> {
    let (a, b) = match (same_text(a), same_text(b)) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(message), _) => return Some(format!("{one}: {message}")),
        (_, Err(message)) => return Some(format!("{other}: {message}")),
    };
    if a == b {
        return None;
    }
    let at = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let near = |text: &str| text.chars().skip(at.saturating_sub(20)).take(60).collect::<String>();
    Some(format!("{one} and {other} differ: `{}` and `{}`", near(&a), near(&b)))
}

/// What stands between the markers, without what makes it asynchronous and without layout.
fn same_text(text: &str) -> Result<String, String> {
    const BEGIN: &str = "// tidy: begin same text";
    const END: &str = "// tidy: end same text";
    let mut found = String::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (region, after) = after.split_once(END).ok_or_else(|| format!("no `{END}`"))?;
        found.push_str(region);
        rest = after;
    }
    for asynchronous in ["async ", ".await", "Blocking"] {
        found = found.replace(asynchronous, "");
    }
    // A shorter line may be laid out in another way.
    let found: String = found.split_whitespace().collect();
    let found = found.replace(",)", ")").replace(",}", "}");
    if found.is_empty() { Err(format!("no text after `{BEGIN}`")) } else { Ok(found) }
}

/// Which workspace crates a crate of `crates/` may depend on.
fn layers(sources: &Sources) -> Vec<String> {
    const LAYERS: [(&str, &[&str]); 8] = [
        ("calllegs-arrow", &["calllegs-core"]),
        ("calllegs-core", &[]),
        ("calllegs-hyper", &["calllegs-core"]),
        ("calllegs-reports", &["calllegs-core"]),
        ("calllegs-sandbox", &["calllegs-core"]),
        // Its tests need worlds with a known truth, and the way to read them.
        (
            "calllegs-stats",
            &[
                "calllegs-arrow",
                "calllegs-core",
                "calllegs-sandbox",
                "calllegs-stats",
                "calllegs-store",
                "calllegs-ureq",
            ],
        ),
        // Its tests and examples need an account to read, and themselves with all features.
        (
            "calllegs-store",
            &["calllegs-arrow", "calllegs-core", "calllegs-sandbox", "calllegs-store", "calllegs-ureq"],
        ),
        ("calllegs-ureq", &["calllegs-core"]),
    ];
    let mut complaints = Vec::new();
    for (path, text) in sources.iter().filter(|(path, _)| path.ends_with("/Cargo.toml")) {
        let manifest = match Manifest::read(text) {
            Ok(manifest) => manifest,
            Err(error) => {
                complaints.push(format!("{path}: {error}"));
                continue;
            }
        };
        let allowed = LAYERS.iter().find(|(name, _)| *name == manifest.name).map(|(_, below)| *below);
        for dependency in
            manifest.dependencies("dependencies").iter().chain(&manifest.dependencies("dev-dependencies"))
        {
            let below = allowed.is_none_or(|below| below.contains(&&**dependency));
            if dependency.starts_with("calllegs-") && !below {
                complaints.push(format!("{path}: {} does not stand on {dependency}", manifest.name));
            }
            if dependency == "calllegs-cli" && allowed.is_none() {
                complaints.push(format!("{path}: nothing depends on the command line"));
            }
        }
    }
    complaints
}

/// The core's dependencies are these and no others: each one is a promise to every user.
fn core_dependencies(sources: &Sources) -> Vec<String> {
    const PATH: &str = "crates/calllegs-core/Cargo.toml";
    // Those of `stream` and `tracing` are optional.
    const ALLOWED: [&str; 11] = [
        "async-trait",
        "bytes",
        "chrono",
        "futures-core",
        "http",
        "regex-lite",
        "serde",
        "serde_json",
        "simdutf8",
        "tracing",
        "zeroize",
    ];
    let Some(text) = sources.get(PATH) else { return vec![format!("{PATH}: is missing")] };
    let manifest = match Manifest::read(text) {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("{PATH}: {error}")],
    };
    let mut found = manifest.dependencies("dependencies");
    found.extend(manifest.dependencies("build-dependencies"));
    let allowed: BTreeSet<_> = ALLOWED.into_iter().map(str::to_owned).collect();
    let more =
        found.difference(&allowed).map(|name| format!("{PATH}: {name} is not on the list of dependencies"));
    let less = allowed.difference(&found).map(|name| format!("{PATH}: {name} is on the list and not used"));
    more.chain(less).collect()
}

/// Published crates carry their licences.
fn licences(root: &Path, sources: &Sources) -> Vec<String> {
    let crates =
        sources.iter().filter(|(path, _)| path.starts_with("crates/") && path.ends_with("/Cargo.toml"));
    let published =
        crates.filter(|(_, text)| Manifest::read(text).is_ok_and(|manifest| manifest.published()));
    published
        .filter_map(|(path, _)| path.strip_suffix("Cargo.toml"))
        .flat_map(|folder| ["LICENSE-APACHE", "LICENSE-MIT"].map(|file| format!("{folder}{file}")))
        .filter(|file| !root.join(file).is_file())
        .map(|file| format!("{file}: is missing"))
        .collect()
}

/// `cargo run` in the root runs the tool: no other default member has a binary.
fn other_binaries(sources: &Sources) -> Vec<String> {
    let manifests = sources.iter().filter(|(path, _)| path.ends_with("/Cargo.toml"));
    let defaults = manifests.filter(|(path, _)| path.starts_with("crates/") || *path == "tests/Cargo.toml");
    let others = defaults.filter(|(path, _)| *path != "crates/calllegs-cli/Cargo.toml");
    others
        .filter(|(_, text)| Manifest::read(text).is_ok_and(|manifest| manifest.table.contains_key("bin")))
        .map(|(path, _)| format!("{path}: a second binary, `cargo run` would not know which to run"))
        .collect()
}

/// The root shows what a visitor looks for, and nothing else.
fn visible_root(entries: &BTreeSet<String>) -> Vec<String> {
    const NEEDED: [&str; 10] = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "benches",
        "crates",
        "deny.toml",
        "tests",
        "xtask",
    ];
    const WELCOME: [&str; 3] = ["CHANGELOG.md", "README.ru.md", "docs"];
    let allowed = |entry: &str| entry.starts_with('.') || NEEDED.contains(&entry) || WELCOME.contains(&entry);
    let strange =
        entries.iter().filter(|entry| !allowed(entry)).map(|entry| format!("{entry}: not for the root"));
    let missing =
        NEEDED.iter().filter(|entry| !entries.contains(**entry)).map(|entry| format!("{entry}: is missing"));
    strange.chain(missing).collect()
}

struct Manifest {
    name: String,
    table: toml::Table,
}

impl Manifest {
    fn read(text: &str) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
        let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let name = name.ok_or("no package name")?.to_owned();
        Ok(Self { name, table })
    }

    /// The names in a section, those of single targets included; renamed packages by their real name.
    fn dependencies(&self, section: &str) -> BTreeSet<String> {
        let targets = self.table.get("target").and_then(toml::Value::as_table);
        let targets = targets.into_iter().flat_map(toml::Table::values);
        let sections = targets.filter_map(|target| target.get(section)).chain(self.table.get(section));
        let entries = sections.filter_map(toml::Value::as_table).flatten();
        entries
            .map(|(name, value)| {
                value.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned()
            })
            .collect()
    }

    fn published(&self) -> bool {
        let publish = self.table.get("package").and_then(|package| package.get("publish"));
        publish.and_then(toml::Value::as_bool).unwrap_or(true)
    }
}

/// Folders that builds and fuzzers fill.
const FILLED: [&str; 3] = ["/target", "tests/fuzz/corpus", "tests/fuzz/artifacts"];

/// The text files of the members and the dotfiles of the root.
fn read_sources(root: &Path) -> Result<Sources, String> {
    let mut sources = Sources::new();
    let mut folders: Vec<String> =
        [".cargo", ".ci", ".github", "benches", "crates", "docs", "tests", "xtask"]
            .map(str::to_owned)
            .to_vec();
    let mut files: Vec<String> =
        ["CHANGELOG.md", "Cargo.toml", "README.md", "README.ru.md", "deny.toml"].map(str::to_owned).to_vec();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries {
            let entry = entry.map_err(|error| format!("{folder}: {error}"))?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let is_folder = entry.file_type().map_err(|error| format!("{path}: {error}"))?.is_dir();
            match is_folder {
                true if FILLED.iter().any(|folder| path.ends_with(folder)) => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    for path in files {
        let Ok(bytes) = fs::read(root.join(&path)) else { continue };
        // Binary files have no text to check.
        if let Ok(text) = String::from_utf8(bytes) {
            sources.insert(path, text);
        }
    }
    Ok(sources)
}

/// The entries of the root that belong to the repository: by git's index, or all but what builds leave where there
/// is no index.
fn root_entries(root: &Path) -> Result<BTreeSet<String>, String> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    if let Ok(listed) = listed
        && listed.status.success()
        && !listed.stdout.is_empty()
    {
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        return Ok(listed
            .split('\0')
            .filter_map(|path| path.split('/').next())
            .filter(|entry| !entry.is_empty())
            .map(str::to_owned)
            .collect());
    }
    let mut entries = BTreeSet::new();
    for entry in fs::read_dir(root).map_err(|error| error.to_string())? {
        let name = entry.map_err(|error| error.to_string())?.file_name().to_string_lossy().into_owned();
        if !["target", "calllegs-demo"].contains(&&*name) {
            entries.insert(name);
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
