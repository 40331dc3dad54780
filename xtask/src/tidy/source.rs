//! Rust text without comments and without the contents of literals: enough to search for words, not a parser.

/// The code of a file. Comments, strings and characters become spaces; lines stay where they are.
pub(super) fn bare(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = skipped(rest, code.chars().next_back());
        let length = if end == 0 { c.len_utf8() } else { end };
        let (taken, after) = rest.split_at(length);
        if end == 0 {
            code.push(c);
        } else {
            code.push(' ');
            code.extend(taken.chars().filter(|c| *c == '\n'));
        }
        rest = after;
    }
    code
}

/// The identifiers and keywords of code.
pub(super) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// How long the comment or literal is that begins here; 0 when none does.
fn skipped(rest: &str, before: Option<char>) -> usize {
    let to = |end: Option<usize>| end.unwrap_or(rest.len());
    if rest.starts_with("//") {
        return to(rest.find('\n'));
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if let Some(raw) = rest.strip_prefix('r').or_else(|| rest.strip_prefix("br")).filter(|_| !in_word) {
        let hashes: String = raw.chars().take_while(|c| *c == '#').collect();
        let opening = rest.len() - raw.len() + hashes.len();
        if rest.get(opening..).is_some_and(|tail| tail.starts_with('"')) {
            let closing = format!("\"{hashes}");
            let body = opening + 1;
            let end = rest.get(body..).and_then(|tail| tail.find(&closing));
            return to(end.map(|end| body + end + closing.len()));
        }
    }
    if rest.starts_with('"') {
        return string(rest);
    }
    if rest.starts_with('\'') { character(rest) } else { 0 }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if tail.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal; a lifetime is code.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            chars.next();
            chars.find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank() {
        let code = bare(
            "a // fn\nb /* if /* x */ match */ c \"loop \\\" fn\" d r#\"if \" fn\"# e '\"' f '\\'' g b\"fn\" <'h> i",
        );
        assert_eq!(words(&code).collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f", "g", "b", "h", "i"]);
        assert_eq!(bare("a\n/*\n\n*/b").lines().count(), 4);
        assert_eq!(words(&bare("\"open fn")).count(), 0);
        assert_eq!(words(&bare("for r in \"fn\"")).collect::<Vec<_>>(), ["for", "r", "in"]);
    }
}
