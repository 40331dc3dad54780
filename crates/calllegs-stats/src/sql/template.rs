//! Texts with the words of an engine put in: `$NAME(…)` is what an engine writes its own way, `$name` a value.

use super::dialect::Dialect;

/// The part of a text that follows `-- name: NAME`, up to the next one.
pub(super) fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut sections = text.split("-- name: ").filter_map(|section| section.split_once('\n'));
    sections.find(|(found, _)| *found == name).map(|(_, body)| body.trim_end())
}

/// A text for an engine. What is not known is left as it is.
pub(super) fn expand(text: &str, dialect: Dialect, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        let called = behind.strip_prefix('(').and_then(arguments).and_then(|(arguments, behind)| {
            let arguments: Vec<_> =
                arguments.iter().map(|argument| expand(argument.trim(), dialect, value)).collect();
            Some((dialect.call(name, &arguments)?, behind))
        });
        match (called, value(name)) {
            (Some((called, behind)), _) => {
                expanded.push_str(&called);
                rest = behind;
            }
            (None, Some(value)) => {
                expanded.push_str(&value);
                rest = behind;
            }
            (None, None) => {
                expanded.push('$');
                rest = after;
            }
        }
    }
    expanded.push_str(rest);
    expanded
}

/// What stands between here and the parenthesis that ends it, by its commas, and what follows.
fn arguments(text: &str) -> Option<(Vec<&str>, &str)> {
    let (mut arguments, mut from, mut depth, mut is_quoted) = (Vec::new(), 0, 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => {
                arguments.push(text.get(from..at)?);
                return Some((arguments, text.get(at + 1..)?));
            }
            ')' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(text.get(from..at)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_stand_in_calls_and_values_in_both() {
        let value = |name: &str| (name == "within").then(|| "20".to_owned());
        let text = "SELECT $MIN($GREATEST(a, f('),', b)), x <= $within) AS y, $unknown, $UNKNOWN(z)";
        assert_eq!(
            expand(text, Dialect::Postgres, &value),
            "SELECT min(greatest(a, f('),', b))) FILTER (WHERE x <= 20) AS y, $unknown, $UNKNOWN(z)"
        );
    }
}
