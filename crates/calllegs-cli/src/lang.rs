//! The language in which people are told things. English stands where it is said, and is the key of its Russian
//! ([`russian`]); a text without one is said in English.
//!
//! [`say!`] says a text, [`text!`] is one that is said later. What programs read (keys and codes of JSON, headers, names of
//! events) is neither. That every text has its Russian is a matter of `tests`. Not here: which language a run speaks
//! (`account::language`), the help of the command line ([`help`]).

mod heard;
pub(crate) mod help;
mod russian;
#[cfg(test)]
mod tests;

use std::{
    fmt::{self, Display},
    sync::atomic::{AtomicBool, Ordering},
};

use calllegs_stats::Language;
use serde::{Serialize, Serializer};

pub(crate) use self::heard::heard;

/// The one thing that a run sets for all its rooms: whatever they say goes to the same person.
static IS_RUSSIAN: AtomicBool = AtomicBool::new(false);

/// Says everything from now on in this language.
pub(crate) fn speak(language: Language) {
    IS_RUSSIAN.store(language == Language::Russian, Ordering::Relaxed);
}

/// The language that is spoken.
pub(crate) fn spoken() -> Language {
    if IS_RUSSIAN.load(Ordering::Relaxed) { Language::Russian } else { Language::English }
}

/// Says a text in the language of the run: `say!("no rows")` is a `&'static str`, and
/// `say!("column {column} is not there", column = shown(name))` a `String`.
macro_rules! say {
    ($english:literal $(,)?) => {
        $crate::lang::said($english)
    };
    ($english:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        match $crate::lang::translated($english) {
            None => format!($english, $($name = say!(@ $name $(, $value)?)),+),
            Some(russian) => $crate::lang::filled(
                russian,
                &[$((stringify!($name), &say!(@ $name $(, $value)?) as &dyn ::std::fmt::Display)),+],
            ),
        }
    };
    (@ $name:ident) => { $name };
    (@ $name:ident, $value:expr) => { $value };
}
pub(crate) use say;

/// A text of a table, which is said where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text(&'static str);

/// A text that is said later.
macro_rules! text {
    ($english:literal) => {
        $crate::lang::Text::new($english)
    };
}
pub(crate) use text;

impl Text {
    /// For [`text!`] alone, which `tests` finds.
    pub(crate) const fn new(english: &'static str) -> Self {
        Self(english)
    }

    /// As the code has it, and programs read it.
    pub(crate) const fn english(self) -> &'static str {
        self.0
    }

    /// In the language of the run.
    pub(crate) fn say(self) -> &'static str {
        said(self.0)
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.say())
    }
}

/// A program reads the key.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.say().to_owned()
    }
}

/// A whole text in the language of the run; a noun for itself is that of one.
pub(crate) fn said(english: &'static str) -> &'static str {
    let is_noun = english.bytes().all(|byte| byte.is_ascii_lowercase());
    match translated(english) {
        Some(forms) if is_noun => form(1, forms),
        Some(russian) => russian,
        None => english,
    }
}

/// The Russian of a text, where Russian is spoken.
pub(crate) fn translated(english: &str) -> Option<&'static str> {
    if spoken() == Language::Russian { russian::of(english) } else { None }
}

/// A template with its values: `{name}` stands for the value of that name.
pub(crate) fn filled(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut parts = template.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text.push_str(&value.to_string());
        }
        text.push_str(rest);
    }
    text
}

/// A noun as it goes with a count: `leg`, `legs`; `плечо`, `плеча`, `плеч`.
pub(crate) fn noun(count: u64, english: &str) -> String {
    match translated(english) {
        Some(forms) => form(count, forms).to_owned(),
        None => format!("{english}{}", if count == 1 { "" } else { "s" }),
    }
}

/// Of the Russian forms for one, a few and many, the one that goes with a count.
fn form(count: u64, forms: &str) -> &str {
    let index = match (count % 100, count % 10) {
        (11..=14, _) => 2,
        (_, 1) => 0,
        (_, 2..=4) => 1,
        _ => 2,
    };
    forms.split('|').nth(index).unwrap_or(forms)
}
