//! Names as small numbers, and contacts as numbers that need no memory of their own.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use crate::{error::Error, language::Language};

/// What groups and scenarios without a name are called.
pub(crate) const NONE: &str = "(none)";

/// The name of a group or scenario in words: one that has none says so in the language.
///
/// ```
/// use calllegs_stats::{Language, name_in_words};
///
/// assert_eq!(name_in_words("(none)", Language::Russian), "(без названия)");
/// assert_eq!(name_in_words("Sales", Language::Russian), "Sales");
/// ```
pub fn name_in_words(name: &str, language: Language) -> &str {
    match language {
        Language::Russian if name == NONE => "(без названия)",
        Language::English | Language::Russian => name,
    }
}

/// A name that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(u32);

/// Names that were met.
#[derive(Clone, Default)]
pub(crate) struct Names {
    known: HashMap<Arc<str>, Name>,
    texts: Vec<Arc<str>>,
}

impl Names {
    pub(crate) fn of(&mut self, text: &str) -> Result<Name, Error> {
        if let Some(name) = self.known.get(text) {
            return Ok(*name);
        }
        let name = Name(u32::try_from(self.texts.len()).map_err(|_| Error::TooMany("names"))?);
        let text: Arc<str> = text.into();
        self.known.insert(Arc::clone(&text), name);
        self.texts.push(text);
        Ok(name)
    }

    pub(crate) fn text(&self, Name(number): Name) -> &str {
        usize::try_from(number).ok().and_then(|number| self.texts.get(number)).map_or("", |text| text)
    }

    /// The later name by the bytes of its text, as `max` of a database in the collation `C`.
    pub(crate) fn max(&self, one: Option<Name>, other: Option<Name>) -> Option<Name> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        Some(if a == b || self.text(a) > self.text(b) { a } else { b })
    }
}

/// A contact's number. Up to eighteen digits are kept in it, behind a one for zeros at their begin; others are names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Contact(u64);

/// Says that it is a name.
const NAMED: u64 = 1 << 63;

impl Contact {
    pub(crate) fn of(text: &str, names: &mut Names) -> Result<Self, Error> {
        if (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text.bytes().fold(1, |sum, digit| sum * 10 + u64::from(digit - b'0'))));
        }
        let Name(number) = names.of(text)?;
        Ok(Self(NAMED | u64::from(number)))
    }

    pub(crate) fn text(self, names: &Names) -> Cow<'_, str> {
        match u32::try_from(self.0 & !NAMED) {
            Ok(number) if self.0 & NAMED != 0 => names.text(Name(number)).into(),
            _ => self.0.to_string().split_off(1).into(),
        }
    }

    /// Which of 64 parts it is in, to keep contacts apart.
    pub(crate) const fn part(self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58
    }

    /// As [`Names::max`].
    pub(crate) fn max(one: Option<Self>, other: Option<Self>, names: &Names) -> Option<Self> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        Some(if a == b || a.text(names) > b.text(names) { a } else { b })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_comes_out_as_it_went_in() {
        let mut names = Names::default();
        for text in [
            "0",
            "00",
            "74951234567",
            "007",
            "+74951234567",
            "999999999999999999",
            "1999999999999999999",
            "",
            "sip",
        ] {
            let contact = Contact::of(text, &mut names).unwrap();
            assert_eq!(contact.text(&names), text);
        }
        let of = |text, names: &mut Names| Contact::of(text, names).ok();
        let (short, long) = (of("8", &mut names), of("74951234567", &mut names));
        assert_eq!(Contact::max(short, long, &names), short);
        assert_eq!(Contact::max(long, None, &names), long);
    }
}
