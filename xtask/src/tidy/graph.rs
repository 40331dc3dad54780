//! Which file of a crate uses which other: files are rooms, paths in their code are arrows.
//!
//! A scanner of words, not a compiler. It follows `use`, re-exports with their globs, and paths that begin with
//! `crate`, `self`, `super`, a child or an imported name. Code for tests is left out, as are macros by their call: what
//! a macro names is an arrow of the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use super::source::bare;

/// The path of a module from the crate's root, which is the empty one.
pub(super) type Room = Vec<String>;

/// The rooms of one crate and what they use of each other.
#[derive(Debug, Default)]
pub(super) struct Graph {
    rooms: BTreeMap<Room, File>,
    /// From and to, with the first path that says so.
    pub(super) arrows: BTreeMap<(Room, Room), String>,
}

#[derive(Debug, Default)]
struct File {
    imports: Vec<Import>,
    /// Paths of code, each with the module it stands in.
    paths: Vec<(Room, Room)>,
    /// The names that the file gives to items of its own.
    items: BTreeSet<String>,
    /// Children that only tests have.
    tests: Vec<String>,
}

/// One name of a `use`.
#[derive(Debug)]
struct Import {
    within: Room,
    path: Room,
    /// `None` is a glob.
    name: Option<String>,
}

impl Graph {
    /// Reads files by their path below `src`.
    pub(super) fn read<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let read = |(path, text)| (room(path), File::read(&room(path), text));
        let mut graph = Self { rooms: files.map(read).collect(), arrows: BTreeMap::new() };
        let tests =
            graph.rooms.iter().flat_map(|(room, file)| file.tests.iter().map(|name| child(room, name)));
        let tests: Vec<Room> = tests.collect();
        graph.rooms.retain(|room, _| !tests.iter().any(|test| room.starts_with(test)));
        graph.arrows = graph.find_arrows();
        graph
    }

    fn find_arrows(&self) -> BTreeMap<(Room, Room), String> {
        let mut arrows = BTreeMap::new();
        for (from, file) in &self.rooms {
            let imports = file.imports.iter().map(|import| (&import.within, &import.path));
            for (within, path) in imports.chain(file.paths.iter().map(|(within, path)| (within, path))) {
                let to = self.resolve(from, within, path, &mut BTreeSet::new());
                if let Some(to) = to.filter(|to| to != from) {
                    arrows.entry((from.clone(), to)).or_insert_with(|| path.join("::"));
                }
            }
        }
        arrows
    }

    /// The room that holds what a path names; `None` where the path leaves the crate.
    fn resolve(
        &self,
        file: &Room,
        within: &Room,
        path: &[String],
        seen: &mut BTreeSet<Room>,
    ) -> Option<Room> {
        let (first, rest) = path.split_first()?;
        let start = match &**first {
            "crate" => Room::new(),
            "self" => within.clone(),
            "super" => within.split_last()?.1.to_vec(),
            name => {
                if self.rooms.contains_key(&child(within, name)) {
                    return self.walk(within, path, seen);
                }
                let import = self.rooms.get(file)?.imports.iter().find(|import| import.gives(name))?;
                let through = [&import.path, rest].concat();
                // A name that leads back to itself is one of another crate.
                let fresh = seen.insert(child(file, name));
                return fresh.then(|| self.resolve(file, &import.within, &through, seen)).flatten();
            }
        };
        let up = rest.iter().take_while(|word| *word == "super").count();
        let start = start.get(..start.len().checked_sub(up)?)?;
        self.walk(start, rest.get(up..)?, seen)
    }

    /// Goes down into modules as far as they are files, then through a re-export where there is one.
    fn walk(&self, start: &[String], path: &[String], seen: &mut BTreeSet<Room>) -> Option<Room> {
        let mut at = start.to_vec();
        let mut rest = path;
        while let Some((name, after)) = rest.split_first() {
            if !self.rooms.contains_key(&child(&at, name)) {
                break;
            }
            at.push(name.clone());
            rest = after;
        }
        // A module inside a file is a part of that file.
        while !self.rooms.contains_key(&at) {
            at.pop()?;
        }
        let found = rest.first().and_then(|name| self.re_exported(&at, name, rest, seen));
        Some(found.unwrap_or(at))
    }

    fn re_exported(&self, at: &Room, name: &str, rest: &[String], seen: &mut BTreeSet<Room>) -> Option<Room> {
        let file = self.rooms.get(at).filter(|file| !file.items.contains(name))?;
        if !seen.insert(child(at, name)) {
            return None;
        }
        if let Some(import) = file.imports.iter().find(|import| import.gives(name)) {
            let through = [&import.path, rest.get(1..)?].concat();
            return self.resolve(at, &import.within, &through, seen);
        }
        for glob in file.imports.iter().filter(|import| import.name.is_none()) {
            let Some(home) = self.resolve(at, &glob.within, &glob.path, seen) else { continue };
            if self.rooms.get(&home).is_some_and(|file| file.items.contains(name)) {
                return Some(home);
            }
            let further = self.re_exported(&home, name, rest, seen);
            if further.is_some() {
                return further;
            }
        }
        None
    }
}

impl Import {
    fn gives(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }
}

impl File {
    fn read(room: &Room, text: &str) -> Self {
        let code = bare(text);
        let tokens = tokens(&code);
        let mut file = Self::default();
        // Modules inside the file, each with the depth of braces at which it ends.
        let mut inner: Vec<(usize, &str)> = Vec::new();
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = tokens.get(at..).unwrap_or_default();
            let within = || room.iter().map(String::as_str).chain(inner.iter().map(|(_, name)| *name));
            let within: Room = within().map(str::to_owned).collect();
            if let Some(attribute) =
                ["#", "[", "cfg", "(", "test", ")", "]"].get(..).filter(|it| rest.starts_with(it))
            {
                let item = rest.get(attribute.len()..).unwrap_or_default();
                file.tests.extend(declared_module(item).map(str::to_owned));
                at += attribute.len() + item_length(item);
                continue;
            }
            match (*token, rest.get(1).copied(), rest.get(2).copied()) {
                ("use", Some(_), _) => {
                    let length = rest.iter().position(|token| *token == ";").unwrap_or(rest.len());
                    use_tree(rest.get(1..length).unwrap_or_default(), &[], &within, &mut file.imports);
                    at += length;
                    continue;
                }
                ("mod", Some(name), Some("{")) => inner.push((depth, name)),
                (
                    "const" | "enum" | "fn" | "static" | "struct" | "trait" | "type" | "union",
                    Some(name),
                    _,
                )
                | ("macro_rules", Some("!"), Some(name)) => {
                    file.items.insert(name.to_owned());
                }
                ("{", ..) => depth += 1,
                ("}", ..) => {
                    depth = depth.saturating_sub(1);
                    inner.pop_if(|(end, _)| *end == depth);
                }
                _ => {}
            }
            let length = path_length(rest);
            let continued = at
                .checked_sub(1)
                .and_then(|before| tokens.get(before))
                .is_some_and(|it| ["::", "."].contains(it));
            if length > 1 && !continued {
                let words = rest.iter().take(length).filter(|token| **token != "::");
                file.paths.push((within, words.map(|word| (*word).to_owned()).collect()));
            }
            at += length.max(1);
        }
        file
    }
}

/// The module of a file below `src`.
fn room(path: &str) -> Room {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut room: Room = path.split('/').map(str::to_owned).collect();
    let whole = ["lib", "main"].contains(&path);
    room.pop_if(|last| whole || last == "mod");
    room
}

fn child(room: &[String], name: &str) -> Room {
    [room, &[name.to_owned()]].concat()
}

/// Words, `::`, and other characters one by one.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if rest.starts_with("::") { 2 } else { word.max(first.len_utf8()) };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// How many tokens the path has that begins here, its `::` included.
fn path_length(tokens: &[&str]) -> usize {
    let mut length = usize::from(tokens.first().is_some_and(|first| is_word(first)));
    while length > 0
        && tokens.get(length) == Some(&"::")
        && tokens.get(length + 1).is_some_and(|token| is_word(token))
    {
        length += 2;
    }
    length
}

/// The module in `mod name;`, behind attributes and a visibility.
fn declared_module<'a>(item: &[&'a str]) -> Option<&'a str> {
    let words = item.get(..item_length(item))?;
    let at = words.iter().position(|token| *token == "mod")?;
    (words.last() == Some(&";")).then(|| words.get(at + 1).copied()).flatten()
}

/// How many tokens an item has: to its `;`, or to the end of its braces.
fn item_length(tokens: &[&str]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && [";", "}"].contains(token) {
            return at + 1;
        }
    }
    tokens.len()
}

/// The names of a `use` without its keyword and its `;`.
fn use_tree(tokens: &[&str], before: &[String], within: &Room, imports: &mut Vec<Import>) {
    let length = path_length(tokens);
    let words = tokens.iter().take(length).filter(|token| **token != "::").map(|word| (*word).to_owned());
    let path: Room = before.iter().cloned().chain(words).collect();
    let rest = tokens.get(length..).unwrap_or_default();
    let rest = rest.strip_prefix(&["::"]).unwrap_or(rest);
    match rest {
        ["{", group @ .., "}"] => {
            for tree in group_of(group) {
                use_tree(tree, &path, within, imports);
            }
        }
        ["*", ..] => imports.push(Import { within: within.clone(), path, name: None }),
        _ => {
            let module = path.last().is_some_and(|word| word == "self") && path.len() > 1;
            let path: Room =
                if module { path.split_last().map_or_else(Room::new, |it| it.1.to_vec()) } else { path };
            let name = match rest {
                ["as", name, ..] => Some((*name).to_owned()),
                _ => path.last().cloned(),
            };
            imports.extend(name.map(|name| Import { within: within.clone(), path, name: Some(name) }));
        }
    }
}

/// The trees between the outer commas.
fn group_of<'a, 'b>(tokens: &'a [&'b str]) -> impl Iterator<Item = &'a [&'b str]> {
    let mut depth = 0_usize;
    let trees = tokens.split(move |token| {
        match *token {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == ","
    });
    trees.filter(|tree| !tree.is_empty())
}
