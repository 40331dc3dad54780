//! Numbers, times and foreign text as people read them. Not here: where they are shown.

use std::{borrow::Cow, time::Duration};

use calllegs_stats::Language;

use crate::lang::{self, say};

/// Foreign text without what would move the cursor, change colours or turn the direction of writing.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(harmful) { text.replace(harmful, "\u{fffd}").into() } else { text.into() }
}

/// `412906` as `412,906`, in Russian with spaces that do not break.
pub(crate) fn grouped(number: u64) -> String {
    let mark = match lang::spoken() {
        Language::English => ',',
        Language::Russian => '\u{a0}',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// `1 leg`, `2 legs`, `412,906 legs`: the noun is one of the table of texts.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {}", grouped(number), lang::noun(number, noun))
}

/// `23 s`, `3 min 20 s`, `14 h`: as exact as a person who waits wants to know it.
pub(crate) fn human_duration(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => say!("{seconds} s", seconds),
        (minutes, 0) if minutes < 120 => say!("{minutes} min", minutes),
        (minutes, seconds) if minutes < 10 => say!("{minutes} min {seconds} s", minutes, seconds),
        (minutes, _) if minutes < 120 => say!("{minutes} min", minutes = minutes + 1),
        (minutes, _) => say!("{hours} h", hours = minutes.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_exact_as_they_are_short() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (601, "11 min"),
            (7199, "120 min"),
            (7200, "2 h"),
            (50_000, "14 h"),
            (86_400, "24 h"),
        ] {
            assert_eq!(human_duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(human_duration(Duration::from_millis(1)), "1 s");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "point"), "1 point");
        assert_eq!(counted(0, "point"), "0 points");
    }

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\r\n\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}c");
        assert!(matches!(clean("Петрова Анна"), Cow::Borrowed(_)));
    }
}
