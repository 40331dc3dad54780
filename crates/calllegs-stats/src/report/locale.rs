//! Numbers, dates and words as a language writes them.
//!
//! Not here: the words themselves (`texts`).

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::texts;
use crate::{
    language::{Both, Language},
    table::Decimal,
};

/// Between digits and before a unit: what belongs together stays on one line.
const THIN: char = '\u{202f}';

/// Of fewer calls a percentage says more than is known.
pub(super) const FEW: i64 = 20;

impl Language {
    pub(super) const fn say(self, text: Both) -> &'static str {
        text.text(self)
    }

    /// A text whose `{0}`, `{1}` … are these.
    pub(super) fn fill(self, text: Both, with: &[&str]) -> String {
        let said = self.say(text).to_owned();
        with.iter().enumerate().fold(said, |said, (index, with)| said.replace(&format!("{{{index}}}"), with))
    }

    /// The form of a word that goes with a count, out of `one|few|many`; English needs the first and the last.
    pub(super) fn counted(self, count: i64, forms: Both) -> &'static str {
        let mut forms = self.say(forms).split('|');
        let (tens, ones) = (count.rem_euclid(100), count.rem_euclid(10));
        let form = match self {
            Self::English => usize::from(count != 1),
            Self::Russian if (11..=14).contains(&tens) => 2,
            Self::Russian if ones == 1 => 0,
            Self::Russian if (2..=4).contains(&ones) => 1,
            Self::Russian => 2,
        };
        forms.nth(form).unwrap_or_default()
    }

    /// `4,131` or `4 131`.
    pub fn integer(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut shown = String::from(if number < 0 { "−" } else { "" });
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                shown.push(if self == Self::English { ',' } else { THIN });
            }
            shown.push(digit);
        }
        shown
    }

    /// `1,234.5` or `1 234,5`.
    pub fn decimal(self, number: Decimal) -> String {
        let text = number.to_string();
        let (sign, text) = text.strip_prefix('-').map_or(("", &*text), |text| ("−", text));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), |whole| self.integer(whole));
        let point = if self == Self::English { '.' } else { ',' };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{point}{fraction}") }
    }

    /// `20.2`, and `16` of 16.0: for sentences.
    pub(super) fn brief(self, number: Decimal) -> String {
        let scale = 10_i64.pow(number.places().into());
        let is_whole = number.units() % scale == 0;
        if is_whole { self.integer(number.units() / scale) } else { self.decimal(number) }
    }

    /// `10.6 %`.
    pub fn percent(self, number: Decimal) -> String {
        format!("{}{THIN}%", self.decimal(number))
    }

    /// `7 of 11` of few, `10.6 %` of many; `None` of none.
    pub fn share(self, part: i64, whole: i64) -> Option<String> {
        if whole > 0 && whole < FEW {
            return Some(self.of(part, whole));
        }
        Some(self.percent(Decimal::quotient(100 * part, whole, 1)?))
    }

    /// `7 of 11`.
    pub(super) fn of(self, part: i64, whole: i64) -> String {
        self.fill(texts::OF, &[&self.integer(part), &self.integer(whole)])
    }

    /// A number with its unit.
    pub(super) fn unit(self, number: &str, unit: Both) -> String {
        format!("{number}{THIN}{}", self.say(unit))
    }

    /// `20 s`, `3:40`, `2:05:09`.
    pub fn duration(self, seconds: i64) -> String {
        match seconds {
            ..60 => self.unit(&self.integer(seconds), texts::SECONDS),
            60..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
            _ => format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
        }
    }

    /// `19.2 h`.
    pub(super) fn hours(self, seconds: i64) -> String {
        let hours = Decimal::quotient(seconds, 3600, 1).unwrap_or(Decimal::new(0, 1));
        self.unit(&self.brief(hours), texts::HOURS)
    }

    /// `17–18`.
    pub(super) fn hour(hour: i64) -> String {
        format!("{hour}–{}", hour + 1)
    }

    /// `5 October 2026`, `5 октября 2026`.
    pub(super) fn date(self, day: NaiveDate) -> String {
        format!("{} {} {}", day.day(), self.month(day, texts::MONTHS), day.year())
    }

    /// `5 Oct`, `05.10`.
    pub(super) fn short_date(self, day: NaiveDate) -> String {
        match self {
            Self::English => format!("{} {}", day.day(), self.month(day, texts::SHORT_MONTHS)),
            Self::Russian => format!("{:02}.{:02}", day.day(), day.month()),
        }
    }

    /// `Oct 2026`, `окт 2026`.
    pub(super) fn short_month(self, day: NaiveDate) -> String {
        format!("{} {}", self.month(day, texts::SHORT_MONTHS), day.year())
    }

    /// `5–18 October 2026`: what first and last have in common is said once.
    pub(super) fn days(self, (from, till): (NaiveDate, NaiveDate)) -> String {
        let month = |day| self.month(day, texts::MONTHS);
        if from == till {
            self.date(from)
        } else if (from.year(), from.month()) == (till.year(), till.month()) {
            format!("{}–{}", from.day(), self.date(till))
        } else if from.year() == till.year() {
            format!("{} {} – {}", from.day(), month(from), self.date(till))
        } else {
            format!("{} – {}", self.date(from), self.date(till))
        }
    }

    /// `5 October 2026, 09:30`.
    pub(super) fn moment(self, moment: NaiveDateTime) -> String {
        format!("{}, {}", self.date(moment.date()), moment.format("%H:%M"))
    }

    /// `Mon`, 1 is Monday.
    pub fn weekday(self, day: i64) -> &'static str {
        self.nth(texts::SHORT_WEEKDAYS, day - 1)
    }

    /// `Monday`, 1 is Monday.
    pub(super) fn long_weekday(self, day: i64) -> &'static str {
        self.nth(texts::WEEKDAYS, day - 1)
    }

    fn month(self, day: NaiveDate, names: Both) -> &'static str {
        self.nth(names, day.month0().into())
    }

    fn nth(self, list: Both, index: i64) -> &'static str {
        usize::try_from(index).ok().and_then(|index| self.say(list).split('|').nth(index)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_language() {
        let number = Decimal::new(-41_310_057, 2);
        assert_eq!(Language::English.decimal(number), "−413,100.57");
        assert_eq!(Language::Russian.decimal(number), "−413\u{202f}100,57");
        assert_eq!(Language::English.integer(1000), "1,000");
        assert_eq!(
            [0, 59, 60, 3600].map(|seconds| Language::English.duration(seconds)),
            ["0\u{202f}s", "59\u{202f}s", "1:00", "1:00:00"]
        );
    }

    #[test]
    fn a_share_of_few_is_counted_out() {
        assert_eq!(Language::English.share(7, 11).as_deref(), Some("7 of 11"));
        assert_eq!(Language::Russian.share(7, 11).as_deref(), Some("7 из 11"));
        assert_eq!(Language::Russian.share(7, 20).as_deref(), Some("35,0\u{202f}%"));
        assert_eq!(Language::English.share(0, 0), None);
    }

    #[test]
    fn words_go_with_their_count() {
        let shown = [1, 2, 5, 11, 21, 104, 111].map(|count| Language::Russian.counted(count, texts::PEOPLE));
        assert_eq!(shown, ["человек", "человека", "человек", "человек", "человек", "человека", "человек"]);
        assert_eq!([1, 2].map(|count| Language::English.counted(count, texts::PEOPLE)), ["person", "people"]);
    }

    #[test]
    fn what_days_have_in_common_is_said_once() {
        let days = |from: &str, till: &str| (from.parse().unwrap(), till.parse().unwrap());
        assert_eq!(Language::English.days(days("2026-10-05", "2026-10-18")), "5–18 October 2026");
        assert_eq!(Language::Russian.days(days("2026-09-28", "2026-10-04")), "28 сентября – 4 октября 2026");
        assert_eq!(
            Language::English.days(days("2025-12-31", "2026-01-01")),
            "31 December 2025 – 1 January 2026"
        );
        assert_eq!(Language::Russian.days(days("2026-05-01", "2026-05-01")), "1 мая 2026");
    }
}
