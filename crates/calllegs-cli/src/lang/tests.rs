//! That everything that is said has its Russian, and the table nothing else. The sources are read for it: a text that is not
//! given to `say!` or `text!` is found where it stands.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use calllegs_core::{CallLegs, filter::Operator, schema::Listing};
use calllegs_stats::Language;
use clap::{Command, CommandFactory};

use super::{form, heard::in_russian, help::Walk, russian};
use crate::cli::Cli;

/// Rooms that speak English only, and why.
const ENGLISH: [(&str, &str); 3] = [
    ("cli.rs", "help is found in the tree of commands"),
    ("cli/", "help is found in the tree of commands"),
    ("lang", "the table itself"),
];

/// Texts with words in them that nobody is told: queries, formats of other programs, words that are looked for.
const UNSAID: [&str; 31] = [
    "# HELP calllegs_sync_{name} {help}\n# TYPE calllegs_sync_{name} gauge\ncalllegs_sync_{name}{account} {value}\n",
    "-- name: {}\n{metric};\n",
    "# version",
    "--format csv",
    "--format jsonl",
    "--format parquet",
    "--format xlsx",
    "GET {} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n",
    "How the last run ended; 0 is complete",
    "Legs that the first place had otherwise",
    "Legs that the last run read",
    "Legs that were new to the first place",
    "Points that the last run spent",
    "When the last run began",
    "Windows that the server did not give whole",
    "add --force to replace it",
    "ask for what is there to be replaced",
    "calllegs fields",
    "calllegs fields --report {object}",
    "calllegs reasons",
    "cannot write ",
    "did you mean ",
    "file of figures",
    "get --count",
    "key source",
    "sandbox serve",
    "speaks plain http",
    "then run the command again",
    "then run it again",
    "there is no fault",
    "white list",
];

/// The same, by how they begin.
const UNSAID_BEGINNINGS: [&str; 10] = [
    "\n```text\n{}\n",
    "# Commands\n\n",
    "SELECT ",
    "calllegs get --with {}",
    "calllegs report ",
    "calllegs stats ",
    "calllegs {version}",
    "if [[ $funcstack[1] == _calllegs ]]",
    "{print}",
    "{who}: calllegs stats ",
];

/// What the other crates say to programs: queries, contents of files, forms that are read back.
const OF_PROGRAMS: [&str; 23] = [
    " ON CONFLICT ",
    "\n  PRIMARY KEY",
    ",\n  PRIMARY KEY",
    "ALTER ",
    "COPY ",
    "CREATE ",
    "DELETE ",
    "INSERT ",
    "One row per row of {}",
    "PRAGMA ",
    "Page({} of {:?} rows)",
    "SELECT ",
    "SQLite format 3",
    "UPDATE ",
    "a day of the calendar",
    "account, {}",
    "column {column}: ",
    "fingerprint of the key",
    "is not null",
    "is null",
    "process {}, run {run_id}, account {account}, since {}\n",
    "{name} is not null",
    "{name} is null",
];

/// A literal of a source, with what stands before it.
struct Literal {
    before: String,
    text: String,
}

#[test]
fn whatever_is_said_is_in_the_table() {
    let table: BTreeMap<_, _> = russian::all().collect();
    let said = said();
    let lacking: Vec<_> = said.iter().filter(|text| !table.contains_key(text.as_str())).collect();
    assert!(lacking.is_empty(), "{} texts have no Russian:\n{lacking:#?}", lacking.len());
    let unsaid: Vec<_> = table.keys().filter(|text| !said.contains(**text)).collect();
    assert!(unsaid.is_empty(), "{} entries are said nowhere:\n{unsaid:#?}", unsaid.len());
    assert_eq!(table.len(), russian::all().count(), "an entry stands twice");
}

#[test]
fn a_translation_has_the_values_and_the_edges_of_its_text() {
    for (english, russian) in russian::all() {
        assert_eq!(values(english), values(russian), "{english}");
        let edges = |text: &str| {
            let count = |part: &str| part.len() - part.trim_matches([' ', '\n']).len();
            (count(text.trim_end_matches([' ', '\n'])), text.ends_with('\n'))
        };
        assert_eq!(edges(english), edges(russian), "{english}");
        assert!(!russian.trim().is_empty(), "{english}");
    }
}

#[test]
fn what_people_read_goes_through_the_table() {
    let mut found = Vec::new();
    for (path, source) in sources(&tool()) {
        if ENGLISH.iter().any(|(room, _)| path.starts_with(room)) {
            continue;
        }
        let literals = literals(&source);
        // Some rooms have both languages side by side.
        let is_russian = |text: &str| text.contains(|c: char| ('\u{400}'..'\u{500}').contains(&c));
        let next = literals.iter().skip(1).map(|literal| is_russian(&literal.text)).chain([false]);
        for (literal, has_russian) in literals.iter().zip(next) {
            let is_said = ["say!(", "text!("].iter().any(|by| literal.before.ends_with(by))
                || has_russian
                || is_russian(&literal.text);
            if !is_said && is_prose(&literal.text) && !is_unsaid(&literal.text) {
                found.push(format!("{path}: {:?}", literal.text));
            }
        }
    }
    assert!(found.is_empty(), "{} texts are English for everybody:\n{}", found.len(), found.join("\n"));
}

#[test]
fn short_help_in_russian_takes_no_more_of_the_screen() {
    fn lines(command: &Command, path: &str, all: &mut BTreeMap<String, usize>) {
        let help = command.clone().term_width(80).render_help().to_string();
        all.insert(path.to_owned(), help.lines().count());
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            lines(inner, &format!("{path} {}", inner.get_name()), all);
        }
    }
    let [english, russian] =
        [&mut |_: &str| None, &mut russian::of as &mut dyn FnMut(&str) -> _].map(|translate| {
            let mut all = BTreeMap::new();
            lines(&Walk { translate }.root(Cli::command()), "calllegs", &mut all);
            all
        });
    let longer: Vec<_> = russian.iter().filter(|(path, lines)| **lines > english[*path] + 3).collect();
    assert!(longer.is_empty(), "{longer:?} of {english:?}");
}

#[test]
fn errors_of_the_other_crates_are_heard_with_their_values() {
    for (english, told) in [
        ("a value is missing at the end", "в конце не хватает значения"),
        ("cannot read bad parquet.parquet: gone", "не удаётся прочитать bad parquet.parquet: gone"),
        ("cannot write the rows: no room", "не удаётся записать строки: no room"),
        ("legs.csv is a folder", "legs.csv – это папка"),
        ("a field is expected here, not a number", "здесь должно быть поле, а не число"),
        (
            "finish it: calllegs get -o x; or choose another name, or ask for what is there to be replaced",
            "закончите его: calllegs get -o x; или выберите другое имя или добавьте --force, чтобы заменить то, что там есть",
        ),
        ("phones does not take bucket:1h", "bucket:1h не применяется к phones"),
    ] {
        assert_eq!(in_russian(english).as_deref(), Some(told));
    }
    assert_eq!(in_russian("what no crate says"), None);
}

#[test]
fn nouns_go_with_their_count() {
    let said = [0, 1, 2, 5, 11, 14, 21, 104, 111].map(|count| form(count, "плечо|плеча|плеч"));
    assert_eq!(said, ["плеч", "плечо", "плеча", "плеч", "плеч", "плеч", "плечо", "плеча", "плеч"]);
}

#[test]
fn a_language_that_is_not_known_is_english() {
    assert_eq!(super::spoken(), Language::English);
    assert_eq!(super::filled("{b} из {a}", &[("a", &1), ("b", &"два")]), "два из 1");
}

fn is_unsaid(text: &str) -> bool {
    UNSAID.contains(&text) || UNSAID_BEGINNINGS.iter().any(|begins| text.starts_with(begins))
}

fn is_of_programs(text: &str) -> bool {
    OF_PROGRAMS.iter().any(|begins| text.starts_with(begins))
}

/// Every text of the code and of the help.
fn said() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for (_, source) in sources(&tool()) {
        for Literal { before, text } in literals(&source) {
            let is_said = ["say!(", "text!("].iter().any(|by| before.ends_with(by));
            let is_noun = before.contains("counted(") && text.bytes().all(|byte| byte.is_ascii_lowercase());
            if is_said || (is_noun && !text.is_empty()) {
                said.insert(text);
            }
        }
    }
    let mut note = |english: &str| {
        let is_whole = !english.contains("\n\n") && !english.starts_with("Examples:\n");
        if is_whole && english.contains(|c: char| c.is_ascii_alphabetic()) {
            said.insert(english.to_owned());
        }
        None
    };
    Walk { translate: &mut note }.root(Cli::command());
    said.extend(heard());
    said.extend(CallLegs::METHOD.fields.iter().map(|field| field.summary().to_owned()));
    said.extend(Operator::ALL.iter().map(|operator| operator.summary().to_owned()));
    said
}

/// What the other crates say of their errors, which is looked up as it comes.
fn heard() -> BTreeSet<String> {
    let is_room = |of: &str, path: &str| match of {
        "core" => path.starts_with("filter") || ["endpoint.rs", "query.rs", "window.rs"].contains(&path),
        "sandbox" => ["error.rs", "options.rs"].contains(&path),
        _ => path != "conformance.rs" && !path.ends_with("statements.rs"),
    };
    let mut heard = BTreeSet::new();
    for of in ["core", "sandbox", "store"] {
        let root = tool().join(format!("../../calllegs-{of}/src"));
        for (_, source) in sources(&root).into_iter().filter(|(path, _)| is_room(of, path)) {
            let said = literals(&source).into_iter().map(|literal| literal.text);
            let is_error = |text: &String| is_prose(text) && !is_unsaid(text) && !is_of_programs(text);
            heard.extend(said.filter(is_error));
        }
    }
    heard
}

fn tool() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The sources of a crate by their paths below `src`, without their tests.
fn sources(root: &Path) -> Vec<(String, String)> {
    let (mut folders, mut files) = (vec![root.to_owned()], Vec::<PathBuf>::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let files =
        files.into_iter().filter(|path| !path.ends_with("tests.rs") && !path.ends_with("help_tests.rs"));
    files
        .map(|path| {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            (name, code)
        })
        .filter(|(path, _)| !path.starts_with("lang/russian"))
        .collect()
}

/// The literals of a source that are texts, but for those of attributes.
fn literals(source: &str) -> Vec<Literal> {
    let bytes = source.as_bytes();
    let (mut literals, mut at, mut attribute) = (Vec::new(), 0, None);
    let mut depth = 0_usize;
    while at < bytes.len() {
        let rest = &source[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("#[") || rest.starts_with("#![") {
            attribute = Some(depth);
            at += rest.find('[').unwrap();
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            at += 3 + raw.find("\"#").unwrap() + 2;
        } else if rest.starts_with('"') {
            let end = at + 1 + closing(&source[at + 1..]);
            if attribute.is_none() {
                let before: Vec<char> =
                    source[..at].chars().rev().filter(|c| !c.is_whitespace()).take(60).collect();
                let text = unescaped(&source[at + 1..end]);
                literals.push(Literal { before: before.into_iter().rev().collect(), text });
            }
            at = end + 1;
        } else if let Some(length) = letter(rest) {
            at += length;
        } else {
            match bytes[at] {
                b'[' => depth += 1,
                b']' => {
                    depth = depth.saturating_sub(1);
                    attribute = attribute.filter(|begun| *begun < depth);
                }
                _ => {}
            }
            at += 1;
        }
    }
    literals
}

/// Where a text ends that has begun.
fn closing(text: &str) -> usize {
    let mut is_escaped = false;
    text.bytes()
        .position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })
        .unwrap()
}

/// The length of a character in quotes, which may be a quotation mark.
fn letter(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    let length = if let Some(escape) = inner.strip_prefix('\\') {
        1 + escape.chars().next()?.len_utf8() + escape.get(1..)?.find('\'')?
    } else {
        inner.chars().next()?.len_utf8()
    };
    inner.get(length..)?.starts_with('\'').then_some(length + 2)
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap().to_owned();
    let mut is_backslash = false;
    for part in parts {
        if is_backslash {
            plain.push_str(part);
            is_backslash = false;
            continue;
        }
        match part.chars().next() {
            None => {
                plain.push('\\');
                is_backslash = true;
            }
            Some('\n') => plain.push_str(part.trim_start()),
            Some('n') => plain.extend(["\n", &part[1..]]),
            Some('r') => plain.extend(["\r", &part[1..]]),
            Some(_) if part.starts_with("u{") => {
                let (code, rest) = part[2..].split_once('}').unwrap();
                plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
                plain.push_str(rest);
            }
            Some(_) => plain.push_str(part),
        }
    }
    plain
}

/// Whether there are two words side by side, or one beside a value.
fn is_prose(text: &str) -> bool {
    let mut is_value = false;
    let plain: String = text
        .chars()
        .map(|c| {
            is_value = (is_value || c == '{') && c != '}';
            if is_value || c == '}' { '\u{1}' } else { c }
        })
        .collect();
    let is_word = |word: &str| {
        let word = word.trim_matches(|c: char| ",;:.?()`'…".contains(c));
        word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let words: Vec<_> = plain.split([' ', '\n']).filter(|word| !word.is_empty()).collect();
    words.len() > 1 && words.iter().any(|word| is_word(word))
}

/// The names of values in a template.
fn values(template: &str) -> BTreeSet<&str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
}
