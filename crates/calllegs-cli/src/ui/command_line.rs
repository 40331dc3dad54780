//! The command line as the user typed it, to be said again. Not here: how it is read (`cli`).

/// The command that goes on, as the user typed it. Conditions can name people, so they are not repeated.
pub(crate) fn command() -> String {
    let words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let tells = |word: &String| ["--where", "--session", "--leg"].iter().any(|flag| word.starts_with(flag));
    if words.iter().any(tells) {
        return "the same command".to_owned();
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,%+@".contains(c);
    let is_plain = !word.is_empty() && word.chars().all(plain);
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
