//! No two rooms of a crate need each other, not even by a way round.
//!
//! A room is a file with all files below it: between `sweep.rs` and `sweep/coverage.rs` arrows may go both ways, a child is
//! a part of its parent and shares its private items. So the circles that count are those between siblings, at each
//! level of the tree: an arrow from `a/x.rs` to `b/y.rs` is one from `a` to `b`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use super::{
    Sources,
    graph::{Graph, Room},
};

/// Crates in which a circle is a mistake. One that is not there yet has none.
const CHECKED: [&str; 4] = ["calllegs-cli", "calllegs-core", "calllegs-stats", "calllegs-store"];

/// Arrows between siblings by their names from the crate's root, with the first path that says so.
type Level = BTreeMap<(String, String), String>;

/// The complaints about all checked crates.
pub(super) fn check(sources: &Sources) -> Vec<String> {
    let graphs = graphs(sources);
    let checked = graphs.iter().filter(|(name, _)| CHECKED.contains(name));
    checked.flat_map(|(name, graph)| complaints(name, level(graph))).collect()
}

/// All crates as DOT, the arrows between files as they are.
pub(super) fn dot(sources: &Sources) -> String {
    let mut text = String::new();
    for (name, graph) in graphs(sources) {
        _ = writeln!(text, "digraph {name:?} {{");
        for (from, to) in graph.arrows.keys() {
            _ = writeln!(text, "  {:?} -> {:?};", shown(from), shown(to));
        }
        text.push_str("}\n");
    }
    text
}

fn graphs(sources: &Sources) -> BTreeMap<&str, Graph> {
    let mut crates: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (path, text) in sources {
        let parts = path.strip_prefix("crates/").and_then(|path| path.split_once("/src/"));
        let parts = parts.filter(|(_, file)| Path::new(file).extension().is_some_and(|it| it == "rs"));
        if let Some((name, file)) = parts {
            crates.entry(name).or_default().push((file, text));
        }
    }
    crates.into_iter().map(|(name, files)| (name, Graph::read(files.into_iter()))).collect()
}

/// The arrows between siblings, of all levels: a sibling's name holds its parents.
fn level(graph: &Graph) -> Level {
    let mut level = Level::new();
    for ((from, to), path) in &graph.arrows {
        let common = from.iter().zip(to).take_while(|(from, to)| from == to).count();
        let sibling = |room: &Room| room.get(..=common).map(shown);
        // Without a sibling on one side this is an arrow between a room and its parent.
        if let Some(pair) = sibling(from).zip(sibling(to)) {
            level.entry(pair).or_insert_with(|| format!("{} uses {path}", shown(from)));
        }
    }
    level
}

fn complaints(name: &str, mut rest: Level) -> Vec<String> {
    let mut complaints = Vec::new();
    // Without one arrow of each that was told, so that a ring of many rooms is told by few circles.
    while let Some(circle) = shortest(&rest) {
        let arrows = circle.iter().zip(circle.iter().skip(1)).map(|(from, to)| (from.clone(), to.clone()));
        let arrows: Vec<_> = arrows.collect();
        let uses: Vec<_> = arrows.iter().filter_map(|arrow| rest.get(arrow).map(String::as_str)).collect();
        complaints.push(format!("{name}: a circle {}: {}", circle.join(" -> "), uses.join(", ")));
        let Some(last) = arrows.last() else { break };
        rest.remove(last);
    }
    complaints
}

/// The shortest circle, from a room back to it.
fn shortest(level: &Level) -> Option<Vec<String>> {
    let circles = level.keys().filter_map(|(from, to)| {
        let back = way(level, to, from)?;
        Some(std::iter::once(from.clone()).chain(back.into_iter().map(str::to_owned)).collect::<Vec<_>>())
    });
    circles.min_by_key(Vec::len)
}

/// The shortest way along the arrows, both ends included.
fn way<'a>(level: &'a Level, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    while !ways.is_empty() {
        if let Some(found) = ways.iter().find(|way| way.last() == Some(&to)) {
            return Some(found.clone());
        }
        let mut longer = Vec::new();
        for way in ways {
            let next = level.keys().filter(|(start, _)| way.last() == Some(&start.as_str()));
            for (_, next) in next {
                if seen.insert(next) {
                    longer.push([&*way, &[next.as_str()]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn shown(room: &[String]) -> String {
    if room.is_empty() { "crate".to_owned() } else { room.join("::") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(name: &str, files: &[(&str, &str)]) -> Sources {
        let place = |path: &str| format!("crates/{name}/src/{path}");
        files.iter().map(|(path, text)| (place(path), (*text).to_owned())).collect()
    }

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let sources = sources("calllegs-store", files);
        graphs(&sources).iter().flat_map(|(name, graph)| complaints(name, level(graph))).collect()
    }

    #[test]
    fn a_planted_circle_is_found_however_it_is_written() {
        for way in [
            "use crate::a::A;",
            "pub(crate) use crate::{c, a::{self as other}};",
            "use super::a::*;",
            "fn f() -> crate::a::A { loop {} }",
            "use super::a; fn f() { a::g(); }",
            "use crate::Again;",
            "use crate::by_glob;",
            "mod inner { use super::super::a::A; }",
            "#[cfg(test)] mod tests {} use crate::a::A;",
        ] {
            let root = ("lib.rs", "mod a; mod b; pub use a::A as Again; pub use a::*;");
            let a = ("a.rs", "pub struct A; pub fn by_glob() { crate::b::g(); }");
            let told = told(&[root, a, ("b.rs", way)]);
            assert!(told.len() == 1 && told[0].contains("a -> b -> a"), "{way}: {told:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_circle_is_none() {
        for way in [
            "// use crate::a::A;",
            "const A: &str = \"use crate::a::A;\";",
            "#[cfg(test)] mod tests { use crate::a::A; }",
            "#[cfg(test)] #[allow(x)] use crate::a::A;",
            "use a::A;",
            "use other::a; fn f() { a::g(); }",
            "use crate::{Root, c};",
        ] {
            let root = ("lib.rs", "mod a; mod b; mod c; pub use a::A; pub struct Root;");
            let told = told(&[root, ("a.rs", "use crate::b;"), ("b.rs", way), ("c.rs", "")]);
            assert!(told.is_empty(), "{way}: {told:?}");
        }
        let test = [("a.rs", "use crate::b;"), ("b.rs", "#[cfg(test)] mod t;"), ("b/t.rs", "use crate::a;")];
        assert!(told(&test).is_empty());
    }

    #[test]
    fn a_child_is_a_part_of_its_parent_and_the_others_are_not() {
        let family = |x: &'static str, y: &'static str| {
            [("a.rs", "mod x; mod y; use x::X;"), ("a/x.rs", x), ("a/y.rs", y), ("b.rs", "use crate::a;")]
        };
        assert!(told(&family("use super::A;", "use super::x::X;")).is_empty());
        let siblings = told(&family("use super::y;", "use super::x::X;"));
        assert!(siblings.len() == 1 && siblings[0].contains("a::x -> a::y -> a::x"), "{siblings:?}");
        let cousins = told(&family("", "use crate::b::B;"));
        assert!(cousins.len() == 1 && cousins[0].contains("a -> b -> a"), "{cousins:?}");
    }

    #[test]
    fn other_crates_may_have_circles_and_the_graph_shows_them() {
        let sources = sources("calllegs-other", &[("a.rs", "use crate::b;"), ("b.rs", "use crate::a;")]);
        assert!(!check(&sources).iter().any(|complaint| complaint.contains("circle a")));
        let expected = "digraph \"calllegs-other\" {\n  \"a\" -> \"b\";\n  \"b\" -> \"a\";\n}\n";
        assert_eq!(dot(&sources), expected);
    }
}
