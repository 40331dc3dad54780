//! Each check with a sample that it must refuse and one that it must not.

use super::*;

const CORE: &str = "crates/calllegs-core/src/x.rs";
const TABLES: [&str; 2] =
    ["crates/calllegs-arrow/src/generated/x.rs", "crates/calllegs-core/src/generated/reports/x.rs"];

fn sources(files: &[(&str, &str)]) -> Sources {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn generated_code_with_control_flow_is_refused() {
    for bad in ["fn f() {}", "const A: u8 = if true { 1 } else { 2 };", "const B: u8 = match 1 { _ => 2 };"] {
        for table in TABLES {
            assert!(tables_only(table, bad).is_some(), "{table}: {bad}");
        }
        assert!(tables_only(CORE, bad).is_none(), "{bad}");
    }
    for table in TABLES {
        assert_eq!(tables_only(table, "//! if fn\nstatic A: &str = \"match loop\"; impl A for B {}"), None);
    }
}

#[test]
fn unordered_collections_in_the_core_are_refused() {
    assert!(ordered_collections(CORE, "use std::collections::HashMap;").is_some());
    assert!(ordered_collections(CORE, "let a: HashSet<u8>;").is_some());
    assert_eq!(ordered_collections(CORE, "// HashMap\nlet a = \"HashSet\"; let b: MyHashMap;"), None);
    assert_eq!(ordered_collections("crates/calllegs-cli/src/x.rs", "HashMap"), None);
}

#[test]
fn modules_without_prose_are_refused() {
    assert!(opening_prose(CORE, "use std::fmt;").is_some());
    assert!(opening_prose("tests/it/x.rs", "// not this\n//! but this").is_some());
    assert!(opening_prose("xtask/src/x.rs", "").is_some());
    assert_eq!(opening_prose(CORE, "//! What it is."), None);
    assert_eq!(opening_prose("crates/a/build.rs", "fn main() {}"), None);
}

#[test]
fn leftovers_are_refused() {
    for bad in
        ["fn f() { todo!() }", "unimplemented!(\"x\")", "#[ignore = \"slow\"]", "# [ignore]", "/// ```ignore"]
    {
        assert_eq!(leftovers(CORE, bad).len(), 1, "{bad}");
    }
    assert!(leftovers(CORE, "// todo!(\nlet a = \"#[ignore]\"; /// ```\n").is_empty());
}

#[test]
fn paths_of_a_machine_are_refused() {
    let home = ["/ho", "me/someone/x"].concat();
    for bad in [home.clone(), format!("cd {home}"), format!("\"{home}\""), ["a=C:", "\\x"].concat()] {
        let text = format!("first\n{bad}");
        assert!(
            machine_paths("README.md", &text).is_some_and(|complaint| complaint.contains(":2:")),
            "{bad}"
        );
    }
    let address = format!("https://example.com{home} and ~{home}");
    assert_eq!(machine_paths("README.md", &address), None);
}

#[test]
fn drivers_that_differ_are_refused() {
    let region = |text: &str| format!("head\n// tidy: begin same text\n{text}\n// tidy: end same text\ntail");
    let asynchronous =
        region("async fn call(t: &dyn Transport) {\n    t.send(\n        request,\n    )\n    .await\n}");
    let blocking = region("fn call(t: &dyn BlockingTransport) {\n    t.send(request)\n}");
    let twins = |one: &str, other: &str| twins(["one.rs", "other.rs"], [one, other]);
    assert_eq!(twins(&asynchronous, &blocking), None);
    let other = blocking.replace("request", "another");
    assert!(twins(&asynchronous, &other).is_some_and(|complaint| complaint.contains("t.send(")));
    for empty in ["", "fn call() {}", &region(""), "// tidy: begin same text\nfn call() {}"] {
        assert!(twins(&asynchronous, empty).is_some(), "{empty}");
        assert!(twins(empty, &blocking).is_some(), "{empty}");
        assert!(twins(empty, empty).is_some(), "{empty}");
    }
}

#[test]
fn dependencies_that_point_up_are_refused() {
    let check = |name: &str, dependencies: &str| {
        let manifest = format!("[package]\nname = \"{name}\"\n{dependencies}");
        layers(&sources(&[(&format!("crates/{name}/Cargo.toml"), &manifest)])).len()
    };
    assert_eq!(check("calllegs-core", "[dependencies]\nserde = \"1\""), 0);
    assert_eq!(check("calllegs-core", "[dependencies]\ncalllegs-hyper.workspace = true"), 1);
    assert_eq!(
        check("calllegs-core", "[target.'cfg(unix)'.dependencies]\ncalllegs-ureq.workspace = true"),
        1
    );
    assert_eq!(check("calllegs-hyper", "[dependencies]\ncalllegs-core.workspace = true"), 0);
    assert_eq!(check("calllegs-hyper", "[dev-dependencies]\ncalllegs-sandbox.workspace = true"), 1);
    assert_eq!(check("calllegs-sandbox", "[dependencies]\nserver = { package = \"calllegs-hyper\" }"), 1);
    assert_eq!(check("calllegs-cli", "[dependencies]\ncalllegs-hyper.workspace = true"), 0);
    assert_eq!(check("calllegs-tests", "[dependencies]\ncalllegs-cli.workspace = true"), 1);
    assert_eq!(check("calllegs-core", "not toml"), 1);
}

#[test]
fn the_list_of_the_cores_dependencies_is_exact() {
    let path = "crates/calllegs-core/Cargo.toml";
    let listed =
        "async-trait bytes chrono futures-core http regex-lite serde serde_json simdutf8 tracing zeroize";
    let manifest = |names: &str| {
        let lines: Vec<_> = names.split_whitespace().map(|name| format!("{name} = \"1\"")).collect();
        sources(&[(
            path,
            &format!("[package]\nname = \"calllegs-core\"\n[dependencies]\n{}", lines.join("\n")),
        )])
    };
    assert!(core_dependencies(&manifest(listed)).is_empty());
    assert_eq!(core_dependencies(&manifest(&format!("{listed} rand"))).len(), 1);
    assert_eq!(core_dependencies(&manifest(&listed.replace("bytes", ""))).len(), 1);
    assert_eq!(core_dependencies(&Sources::new()).len(), 1);
}

#[test]
fn published_crates_without_licences_are_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = "[package]\nname = \"nowhere\"";
    let path = "crates/nowhere/Cargo.toml";
    assert_eq!(licences(root, &sources(&[(path, manifest)])).len(), 2);
    assert!(licences(root, &sources(&[(path, &format!("{manifest}\npublish = false"))])).is_empty());
}

#[test]
fn a_second_binary_is_refused() {
    let manifest = "[package]\nname = \"x\"\n[[bin]]\nname = \"x\"\n";
    assert_eq!(other_binaries(&sources(&[("tests/Cargo.toml", manifest)])).len(), 1);
    assert!(other_binaries(&sources(&[("crates/calllegs-cli/Cargo.toml", manifest)])).is_empty());
    assert!(other_binaries(&sources(&[("xtask/Cargo.toml", manifest)])).is_empty());
}

#[test]
fn strangers_in_the_root_are_refused() {
    let entries = |names: &str| names.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let expected = "Cargo.toml Cargo.lock LICENSE-APACHE LICENSE-MIT README.md deny.toml crates docs xtask tests \
                    benches .ci .gitignore";
    assert!(visible_root(&entries(expected)).is_empty());
    assert_eq!(visible_root(&entries(&format!("{expected} notes.txt"))), ["notes.txt: not for the root"]);
    assert_eq!(visible_root(&entries(&expected.replace("README.md", ""))), ["README.md: is missing"]);
}
