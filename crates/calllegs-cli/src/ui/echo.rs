//! Words of people as they may be said again: one that looks like a key stays unsaid, and none drives the terminal. Not here:
//! what is wrong with them.

use std::{borrow::Cow, path::Path};

use calllegs_core::{FinishReason, schema::MethodInfo};
use calllegs_sandbox::FAULTS;
use calllegs_stats::Metric;
use chrono::NaiveDate;

use crate::{lang::say, ui::text::clean};

/// A word as it was written, in backquotes, unless it may be a key or somebody's phone number.
pub(crate) fn shown(word: &str) -> String {
    match word {
        _ if may_be_secret(word) => say!("`…` (it looks like a key)").to_owned(),
        _ if may_be_phone(word) => say!("`…` (it may be somebody's phone number)").to_owned(),
        _ => format!("`{}`", clean(word)),
    }
}

/// A text with words in backquotes, of which those that may be keys stay unsaid.
pub(crate) fn without_keys(text: &str) -> String {
    let mut parts = text.split('`');
    let mut said = parts.next().unwrap_or_default().to_owned();
    while let (Some(word), Some(rest)) = (parts.next(), parts.next()) {
        said.extend([&*shown(word), rest]);
    }
    said
}

/// The name of a file or folder, unless it is a word that may be a key.
pub(crate) fn shown_path(path: &Path) -> String {
    let name = path.to_string_lossy();
    if is_word(path) && !name.contains('.') && may_be_secret(&name) {
        say!("a name that looks like a key").to_owned()
    } else {
        clean(&name).into_owned()
    }
}

/// Whether it is a word rather than a path.
pub(crate) fn is_word(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let is_path = name.starts_with(['/', '.', '~', '\\']) || name.contains(":\\");
    // Keys in Base64 may have `/` in them.
    !is_path && folder.is_none_or(|folder| may_be_secret(&name) && !folder.is_dir())
}

/// A message as it may be shown: the last that looks at it. What is as long and as mixed as only keys are stands as `…`.
pub(crate) fn safe(text: &str) -> String {
    let is_key = |run: &str| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        run.len() >= CERTAIN && digits > 1 && run.len() - digits > 1
    };
    let mut said = String::with_capacity(text.len());
    let text = without_passwords(text);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let is_run = rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        let end = rest.find(|c: char| c.is_ascii_alphanumeric() != is_run).unwrap_or(rest.len());
        let (part, more) = rest.split_at(end);
        said.push_str(if is_key(part) { "…" } else { part });
        rest = more;
    }
    // Lists of several lines are made here, with two spaces before each.
    said.split("\n  ").map(clean).collect::<Vec<Cow<'_, str>>>().join("\n  ")
}

/// Whether a part of the word is as long or as mixed as keys are. Numbers, dates and lengths of time are not: they have one
/// letter at most. No key has a comma in it, or `=` before its end, so that lists and pairs are looked at piece by piece.
pub(crate) fn may_be_secret(word: &str) -> bool {
    let looks_it = |part: &str| {
        let count = |of: fn(&char) -> bool| part.chars().filter(of).count();
        let alphabet = count(|char| char.is_ascii_alphanumeric() || "+/_=-".contains(*char));
        let (letters, digits) = (count(char::is_ascii_alphabetic), count(char::is_ascii_digit));
        letters > 1 && (alphabet >= LONG || (alphabet >= MIXED && digits > 1))
    };
    let pieces = word.split(|c: char| c.is_whitespace() || c == ',').flat_map(|part| part.split('='));
    pieces
        .into_iter()
        .any(|part| looks_it(part) && !is_public(part) && part.split(':').any(|word| !is_of_fault(word)))
}

/// Whether it is a word of `--fault`, which joins them with `:`.
fn is_of_fault(word: &str) -> bool {
    let is_short = word.len() < MIXED && word.bytes().all(|byte| byte.is_ascii_lowercase());
    is_short || FAULTS.iter().any(|fault| fault.name == word)
}

/// Whether it is not repeated, whatever is wrong with it.
pub(crate) fn is_private(word: &str) -> bool {
    may_be_secret(word) || may_be_phone(word)
}

/// Whether it has as many digits as phone numbers have, and one letter at most. What can only be a time is none: a day
/// begins with its year or ends with it, seconds since 1970 begin with a digit that no area does, and lengths have a unit.
pub(crate) fn may_be_phone(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let bytes = word.as_bytes();
    let is_mark = |place: usize| bytes.get(place).is_some_and(|mark| b"-./".contains(mark));
    let is_day = (is_mark(4) && is_mark(7)) || (is_mark(2) && is_mark(5));
    let is_second = digits == LEAST_DIGITS && word.starts_with('1');
    let is_length = word.ends_with(['s', 'm', 'h', 'd', 'w']);
    let is_time = is_day || is_second || is_length;
    (LEAST_DIGITS..=MOST_DIGITS).contains(&digits) && letters <= 1 && !is_time
}

/// Addresses in a text without the passwords in them.
pub(crate) fn without_passwords(text: &str) -> String {
    let mut parts = text.split("://");
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || c == '`').unwrap_or(part.len());
        let (address, behind) = part.split_at(end);
        let user = address.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host)));
        said.push_str("://");
        match user {
            Some((user, host)) => said.extend([user, ":…@", host]),
            None => said.push_str(address),
        }
        said.push_str(behind);
    }
    said
}

/// From so many letters and digits in a row on, both among them, a message does without them.
const CERTAIN: usize = 20;

/// From so many characters of the alphabet of keys on, a word is not repeated.
const LONG: usize = 16;

/// The same for words of letters and digits.
const MIXED: usize = 12;

/// Digits of a phone number: with its area, and at most.
const LEAST_DIGITS: usize = 10;
const MOST_DIGITS: usize = 15;

/// Whether everybody knows the word.
fn is_public(word: &str) -> bool {
    let word = word.trim_matches(['(', ')', ',']);
    // Columns of --with are named after those of their reports.
    let column = ["session_", "cost_"].iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    let is_of = |method: &MethodInfo| {
        let object =
            word.split_once('.').map_or(word, |(verb, object)| if verb == "get" { object } else { word });
        method.name.strip_prefix("get.") == Some(object)
            || [word, column].iter().any(|name| method.field(name).is_some())
    };
    calllegs_reports::ALL.iter().any(|method| is_of(method))
        || Metric::ALL.iter().any(|metric| metric.keys.contains(&word) || metric.definition == word)
        || FinishReason::from(word).is_known()
        // Also a day with a time that is none.
        || word.split(['T', 't']).next().is_some_and(|day| day.parse::<NaiveDate>().is_ok())
        || word.parse::<chrono_tz::Tz>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_certainly_a_key_is_in_no_message() {
        let key = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(safe(&format!("cannot read /run/{key}: gone")), "cannot read /run/…: gone");
        assert_eq!(safe("a\u{1b}[2J\nb"), "a\u{fffd}[2J\u{fffd}b");
        for text in
            ["/srv/september2026/legs.csv", "two holes:\n  2026-10-05", "99999999999999999999999", "вчера"]
        {
            assert_eq!(safe(text), text);
        }
        let told = safe("`http://u:S3cretPw@h/` and postgres://me@h/db");
        assert_eq!(told, "`http://u:…@h/` and postgres://me@h/db");
        assert_eq!(shown("79161234567x"), "`…` (it may be somebody's phone number)");
        assert_eq!(shown("hush-4711-key"), "`…` (it looks like a key)");
        assert_eq!(shown("2026-13-05 14:00"), "`2026-13-05 14:00`");
        let told = without_keys(&format!("there is no `{key}` of `duration`"));
        assert_eq!(told, "there is no `…` (it looks like a key) of `duration`");
        assert_eq!(shown_path(Path::new("ztdetmqxvtbxqwxtbpxkqo")), "a name that looks like a key");
        assert_eq!(shown_path(Path::new("./september-2026-legs")), "./september-2026-legs");
    }

    #[test]
    fn known_words_are_no_keys_alone_and_among_others() {
        for word in [
            "cost_total_charge",
            "session_postprocess_duration",
            "sip_offline,timeout,subscriber_disconnects",
            "sip_offlien,timeout,no_answr",
            "http-500:match=calls_report",
            "get.financial_call_legs_report",
            "employee_full_name=drop,contact_phone_number=mask",
        ] {
            assert_eq!(shown(word), format!("`{word}`"));
        }
        for word in ["timeout,0123456789abcdef", "phones=Zm9v+YmFy/YmF6Cg==", "http-500:0123456789abcdef"] {
            assert!(may_be_secret(word), "{word}");
        }
    }

    #[test]
    fn numbers_and_dates_are_no_keys() {
        for word in [
            "99999999999",
            "99999999999999d",
            "1764300000",
            "2026-11-25..2026-11-26",
            "2026-10-05T14:00:00+03:00",
            "+7 495 123-45-67",
        ] {
            assert!(!may_be_secret(word), "{word}");
        }
        assert!(may_be_phone("74951234567") && may_be_phone("+7(495)123-45-67") && !may_be_phone("2026"));
    }
}
