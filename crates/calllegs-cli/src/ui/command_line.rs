//! The command line as the user typed it, to be said again. Not here: how it is read (`cli`).

use crate::lang::say;

/// The command that goes on, as the user typed it. Conditions can name people, so they are not repeated.
pub(crate) fn to_go_on(bound: Bound) -> String {
    let words = words(bound);
    if words.iter().any(|word| hides(word)) {
        return match bound {
            Bound::Kept => say!("the same command").to_owned(),
            Bound::LeftOut => say!("the same command, with more points").to_owned(),
        };
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// The command as it may be written down: in place of conditions, which can name people, stands `…`.
pub(crate) fn without_conditions(bound: Bound) -> String {
    let mut is_hidden = false;
    let said = words(bound).into_iter().map(|word| {
        if std::mem::take(&mut is_hidden) {
            return "…".to_owned();
        }
        match word.split_once('=') {
            Some((flag, _)) if hides(flag) => format!("{flag}=…"),
            _ => {
                is_hidden = hides(&word);
                quoted(&word)
            }
        }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// Whether a program reads what the command says: then its errors are objects too.
pub(crate) fn asks_for_json() -> bool {
    std::env::args_os().skip(1).take_while(|word| word != "--").any(|word| word == "--json")
}

/// What becomes of `--max-points`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Kept,
    /// It has stopped a run, and would stop the next one too.
    LeftOut,
}

fn words(bound: Bound) -> Vec<String> {
    let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word.strip_prefix("--max-points") {
            Some("") if bound == Bound::LeftOut => drop(words.next()),
            Some(value) if bound == Bound::LeftOut && value.starts_with('=') => {}
            _ => kept.push(word),
        }
    }
    kept
}

/// Whether a flag has a value that can name people.
fn hides(word: &str) -> bool {
    let flag = word.split('=').next().unwrap_or(word);
    ["--where", "--where-local", "--session", "--leg"].contains(&flag)
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,%+@".contains(c);
    let is_plain = !word.is_empty() && word.chars().all(plain);
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
