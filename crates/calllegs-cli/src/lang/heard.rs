//! What the other crates say of their errors, in the language of the run. They say it in English, with values in it, so that a
//! text is known by its template as their sources have it. Not here: the Russian itself ([`super::russian`]).

use calllegs_stats::Language;

use super::{russian, spoken};

/// The Russian of a text of another crate, where Russian is spoken and the text is known.
pub(crate) fn heard(text: &str) -> Option<String> {
    if spoken() == Language::Russian { in_russian(text) } else { None }
}

/// By the whole text, by its template, or by how it ends: `x.csv is a folder`.
pub(super) fn in_russian(text: &str) -> Option<String> {
    if let Some(russian) = russian::of(text) {
        return Some(russian.to_owned());
    }
    let fits =
        russian::heard().filter_map(|(english, russian)| Some((values(english, text)?, english, russian)));
    // Of two that fit, the one that says more of it.
    if let Some((values, english, russian)) = fits.max_by_key(|(_, english, _)| fixed(english)) {
        return Some(put(&values, english, russian));
    }
    let ends = russian::heard().filter_map(|(english, russian)| {
        let before = text.strip_suffix(english)?.strip_suffix(' ')?;
        Some((before, english, russian))
    });
    let (before, _, russian) = ends.max_by_key(|(_, english, _)| english.len())?;
    Some(format!("{} {russian}", in_russian(before).unwrap_or_else(|| before.to_owned())))
}

/// The values of a text that is made by the template.
fn values<'t>(template: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = template.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut behind: Vec<_> = parts.filter_map(|part| Some(part.split_once('}')?.1)).collect();
    let last = behind.pop()?;
    let mut values = Vec::new();
    for fixed in behind {
        let (value, more) = if fixed.is_empty() { ("", rest) } else { rest.split_once(fixed)? };
        values.push(value);
        rest = more;
    }
    values.push(rest.strip_suffix(last)?);
    Some(values)
}

/// The Russian with the values of the English: those without a name in their order.
fn put(values: &[&str], english: &str, russian: &str) -> String {
    let mut left: Vec<_> = names(english).zip(values).collect();
    let mut parts = russian.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        if let Some(place) = left.iter().position(|(known, _)| *known == name) {
            let (_, value) = if name.is_empty() { left.remove(place) } else { left.swap_remove(place) };
            text.push_str(&in_russian(value).unwrap_or_else(|| (*value).to_owned()));
        }
        text.push_str(rest);
    }
    text
}

/// The names of the values of a template, in their order.
fn names(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
}

/// How much of a template is no value.
fn fixed(template: &str) -> usize {
    template.len() - names(template).map(|name| name.len() + 2).sum::<usize>()
}
