//! Closed enums with a word for each value: how they are written and read, and which known word a misspelt one is near
//! to. Not here: enums that keep words of the server which they do not know (`open_enum`).

use std::fmt;

/// A text that is none of the words of an enum.
///
/// ```
/// use calllegs_core::{Brand, Order};
///
/// assert_eq!("uis".parse::<Brand>()?, Brand::Uis);
/// let error = "novafon".parse::<Brand>().unwrap_err();
/// assert_eq!(error.to_string(), "`novafon` is no brand; did you mean `novofon`?");
/// let error = "ascending".parse::<Order>().unwrap_err();
/// assert_eq!(error.to_string(), "`ascending` is no order; it is one of asc, desc");
/// # Ok::<(), calllegs_core::value::UnknownWord>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    what: &'static str,
    word: Box<str>,
    known: Vec<&'static str>,
}

impl UnknownWord {
    /// No `what` is called `word`; these are.
    pub fn new(what: &'static str, word: &str, known: impl IntoIterator<Item = &'static str>) -> Self {
        Self { what, word: word.into(), known: known.into_iter().collect() }
    }

    /// The words that there are.
    pub fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// The one that was probably meant.
    pub fn nearest(&self) -> Option<&'static str> {
        nearest(&self.word.to_lowercase(), self.known.iter().copied())
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no {}; ", self.word, self.what)?;
        match self.nearest() {
            Some(nearest) => write!(f, "did you mean `{nearest}`?"),
            None => write!(f, "it is one of {}", self.known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownWord {}

/// The known name at the smallest edit distance, if a third of the word or less has to change. Two letters that changed
/// places are one change.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (word.chars().count() / 3).max(1);
    names
        .map(|name| (distance(word, name), name))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edit distance over characters; a swap of neighbours is one change. Twenty lines of our own (the measure is `osa_distance`
/// of the crate `strsim`), because this crate depends on little, and everything that suggests a name asks here.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX);
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    let mut previous = None;
    for (i, from) in a.chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = at(&above, j).saturating_add(usize::from(from != *to));
            let inserted = at(&row, j).min(at(&above, j + 1)).saturating_add(1);
            let left = j.checked_sub(1).filter(|left| previous == Some(*to) && b.get(*left) == Some(&from));
            let swapped = left.map_or(usize::MAX, |left| at(&before, left).saturating_add(1));
            row.push(replaced.min(inserted).min(swapped));
        }
        before = std::mem::replace(&mut above, row);
        previous = Some(from);
    }
    above.last().copied().unwrap_or_default()
}

/// Display and `FromStr` of an enum by its `as_str` and `ALL`.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($name:ident, $what:literal) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let unknown = || {
                    $crate::value::UnknownWord::new($what, word, Self::ALL.iter().map(|known| known.as_str()))
                };
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(unknown)
            }
        }
    };
}

/// [`words!`], and the same for serde.
macro_rules! serde_words {
    ($name:ident, $what:literal) => {
        $crate::words!($name, $what);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use serde_words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_by_few_changes() {
        for (a, b, changes) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("gte", "get", 1),
            ("kitten", "sitting", 3),
            ("длинна", "длина", 1),
            ("ca", "abc", 3),
        ] {
            assert_eq!(distance(a, b), changes, "{a} {b}");
            assert_eq!(distance(b, a), changes, "{b} {a}");
        }
        assert_eq!(nearest("gte", ["plan", "get"].into_iter()), Some("get"));
        assert_eq!(nearest("status", ["plan", "get"].into_iter()), None);
    }
}
