//! Words of the command line as they may be said again: one that looks like a key stays unsaid. Not here: what is wrong with
//! them.

use calllegs_core::{CallLegs, FinishReason, schema::Listing};
use chrono::NaiveDate;

use crate::ui::text::clean;

/// A word as it was written, in backquotes, unless it may be a key.
pub(crate) fn shown(word: &str) -> String {
    if may_be_secret(word) { "a text that looks like a key".to_owned() } else { format!("`{}`", clean(word)) }
}

/// Whether a part of the word is as long or as mixed as keys are, or has as many digits as phone numbers have.
pub(crate) fn may_be_secret(word: &str) -> bool {
    let looks_it = |part: &str| {
        let count = |of: fn(&char) -> bool| part.chars().filter(of).count();
        let alphabet = count(|char| char.is_ascii_alphanumeric() || "+/_=-".contains(*char));
        let (letters, digits) = (count(char::is_ascii_alphabetic), count(char::is_ascii_digit));
        alphabet >= LONG || digits >= MANY_DIGITS || (alphabet >= MIXED && letters > 1 && digits > 1)
    };
    word.split_whitespace().any(|part| looks_it(part) && !is_public(part))
}

/// From so many characters of the alphabet of keys on, a word is not repeated.
const LONG: usize = 16;

/// The same for words of letters and digits.
const MIXED: usize = 12;

/// The same for digits.
const MANY_DIGITS: usize = 10;

/// Whether everybody knows the word.
fn is_public(word: &str) -> bool {
    CallLegs::field(word).is_some()
        || FinishReason::from(word).is_known()
        // Also a day with a time that is none.
        || word.split(['T', 't']).next().is_some_and(|day| day.parse::<NaiveDate>().is_ok())
        || word.parse::<chrono_tz::Tz>().is_ok()
}
