//! What is wrong with a text that is no date, or how it is written here. Texts only: what is understood is in [`super`].

use chrono::{DateTime, Days, Months, NaiveDate};

use super::{Date, Relative, Span, words};

use crate::lang::say;

/// What helps with a text that is no date.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// Why it is none; forms that exist follow.
    Cause(String),
    /// What to write.
    Next(String),
}

/// What helps with this text; words are in lower case with `-` between their parts.
pub(super) fn of(text: &str, folded: &str) -> Option<Hint> {
    range(text)
        .or_else(|| stamp(text))
        .or_else(|| calendar(text))
        .or_else(|| spelled(folded))
        .or_else(|| months(text))
        .or_else(|| named(folded))
        .or_else(|| lengths(folded))
        .or_else(|| times(text))
}

/// Two dates in one text.
fn range(text: &str) -> Option<Hint> {
    let is_date = |text: &str| Date::find(text).is_some();
    ["...", "..", "…", " - ", "—", "–", ":", "/", ","].iter().find_map(|sign| {
        let (from, till) = text.split_once(sign)?;
        let (from, till) = (from.trim(), till.trim());
        let told = || {
            let quoted = |text: &str| if text.contains(' ') { format!("'{text}'") } else { text.to_owned() };
            say!(
                "two dates are written as --from {value} --till {till}",
                value = quoted(from),
                till = quoted(till)
            )
        };
        (is_date(from) && is_date(till)).then(|| Hint::Next(told()))
    })
}

/// Seconds or milliseconds since 1970, as programs write moments.
fn stamp(text: &str) -> Option<Hint> {
    let number: i64 = text.parse().ok()?;
    let seconds = match text.len() {
        10 => number,
        13 => number / 1000,
        _ => return None,
    };
    let day = DateTime::from_timestamp(seconds, 0)?.date_naive();
    Some(Hint::Next(say!("seconds since 1970 are not read: write the day, perhaps {day}", day)))
}

/// A day with the name of its month: `25 ноября 2026`, `Nov 25, 2026`.
fn spelled(folded: &str) -> Option<Hint> {
    let parts: Vec<_> = folded.split(['-', ',', '.']).filter(|part| !part.is_empty()).collect();
    let number = |part: &&str| -> Option<u32> {
        let digits = part.trim_end_matches(|c: char| c.is_alphabetic());
        ["", "st", "nd", "rd", "th", "г", "го", "е"]
            .contains(&part.strip_prefix(digits)?)
            .then(|| digits.parse().ok())
            .flatten()
    };
    let month = parts.iter().find_map(|part| words::month(part))?;
    let day = parts.iter().filter_map(number).find(|day| (1..=31).contains(day))?;
    let year = parts.iter().filter_map(number).find(|year| (1970..=9999).contains(year));
    Some(match (year, year.and_then(|year| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day))) {
        (Some(_), Some(day)) => Hint::Next(say!("write it as {day}", day)),
        (Some(year), None) => {
            Hint::Cause(say!("{year}-{month} has no day {day}", year, month = format!("{month:02}"), day))
        }
        (None, _) => Hint::Next(say!(
            "add the year, for example 2026-{month}-{day}",
            month = format!("{month:02}"),
            day = format!("{day:02}")
        )),
    })
}

/// Numbers that look like a day, a month, a week or a quarter.
fn calendar(text: &str) -> Option<Hint> {
    let (date, _) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let parts: Vec<_> = date.split(['-', '.', '/']).collect();
    let number = |text: &str| -> Option<u32> {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let (first, second, third) = match *parts.as_slice() {
        [all] if all.len() == 8 => {
            let (year, rest) = all.split_at_checked(4)?;
            let (month, day) = rest.split_at_checked(2)?;
            let day = NaiveDate::from_ymd_opt(year.parse().ok()?, number(month)?, number(day)?)?;
            return Some(Hint::Next(say!("write it as {day}", day)));
        }
        [year] if year.len() == 4 => return number(year).map(a_year),
        [year, month] if year.len() == 4 => {
            if let Some(week) = month.strip_prefix(['W', 'w']) {
                return number(week).map(|week| Hint::Cause(say!("{year} has no week {week}", year, week)));
            }
            if month.starts_with(['Q', 'q']) {
                return Some(Hint::Cause(say!("a year has the quarters Q1 to Q4").to_owned()));
            }
            return match number(month)? {
                month @ 1..=12 => {
                    Some(Hint::Next(say!("write it as {year}-{month}", year, month = format!("{month:02}"))))
                }
                month => Some(Hint::Cause(say!("there is no month {month}", month))),
            };
        }
        [first, second, third] => (number(first)?, number(second)?, number(third)?),
        _ => return None,
    };
    let long = |at: usize| parts.get(at).is_some_and(|part| part.len() == 4);
    let day_of = |year: u32, month: u32, day: u32| {
        let first = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, 1));
        let Some(first) = first else { return Hint::Cause(say!("there is no month {month}", month)) };
        match first.checked_add_days(Days::new(u64::from(day).saturating_sub(1))) {
            Some(found)
                if day > 0 && found.format("%Y-%m").to_string() == first.format("%Y-%m").to_string() =>
            {
                Hint::Next(say!("write it as {found}", found))
            }
            _ => {
                let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
                Hint::Cause(say!(
                    "{first} has {first2} days",
                    first = first.format("%Y-%m"),
                    first2 = (next - first).num_days()
                ))
            }
        }
    };
    if long(0) {
        let hint = day_of(first, second, third);
        // The day is there, so what is wrong is the time that follows it.
        return if date == text || matches!(hint, Hint::Cause(_)) { Some(hint) } else { None };
    }
    if long(2) && !date.contains('/') {
        return Some(day_of(third, second, first));
    }
    if long(2) {
        // People write both orders with this sign.
        return Some(match (first, second) {
            (day @ 13..=31, month @ 1..=12) | (month @ 1..=12, day @ 13..=31) => day_of(third, month, day),
            _ => Hint::Next(say!("write the year first: 2026-10-05").to_owned()),
        });
    }
    // Where points stand, the year is the last of the three.
    if date.contains('.')
        && third < 100
        && let Hint::Next(day) = day_of(2000 + third, second, first)
    {
        return Some(Hint::Next(day));
    }
    Some(Hint::Cause(say!("a year has four digits, and stands first").to_owned()))
}

fn a_year(year: u32) -> Hint {
    Hint::Next(say!("a year is written as --from {year}-01-01 --till {year}-12-31", year))
}

/// Words that are near to words for days.
fn named(folded: &str) -> Option<Hint> {
    if let Some(month) = words::month(folded) {
        return Some(Hint::Next(say!(
            "add the year, for example '{folded} 2026' or 2026-{month}",
            folded,
            month = format!("{month:02}")
        )));
    }
    let (before, word) = folded.split_once('-').unwrap_or(("", folded));
    let is_past = ["last", "previous", "past", "prev"].contains(&before) || before.starts_with("прошл");
    let is_weekday = matches!(words::find(word), Some(Date::Relative(Relative::Weekday(_))));
    if is_past && is_weekday {
        return Some(Hint::Next(say!(
            "`{word}` is the latest one, today included; for another one write its date, as 2026-10-05",
            word
        )));
    }
    if ["tomorrow", "завтра", "послезавтра"].contains(&folded)
        || before == "next"
        || before.starts_with("следующ")
    {
        return Some(Hint::Cause(
            say!("it lies in the future, and calls of the future are not known").to_owned(),
        ));
    }
    match word {
        "year" | "год" | "году" | "года" => {
            Some(Hint::Next(say!("a year is written as --from 2026-01-01 --till 2026-12-31").to_owned()))
        }
        "quarter" | "квартал" => Some(Hint::Next(say!("a quarter is written as 2026-Q3").to_owned())),
        "week" | "неделя" | "неделю" if before.is_empty() => Some(Hint::Next(
            say!("write this-week, last-week, or last-7d for the seven days up to yesterday").to_owned(),
        )),
        "month" | "месяц" if before.is_empty() => {
            Some(Hint::Next(say!("write this-month, last-month or a month as 2026-10").to_owned()))
        }
        "weekend" | "выходные" => {
            Some(Hint::Next(say!("write two days: --from saturday --till sunday").to_owned()))
        }
        _ => None,
    }
}

/// Why a length in months or years is not taken.
pub(super) fn no_months(text: &str) -> &'static str {
    if text.trim().ends_with(['M', 'М']) {
        say!("an M may mean months or minutes")
    } else {
        say!("months and years differ in length")
    }
}

/// A length in months or years.
fn months(text: &str) -> Option<Hint> {
    Span::is_of_months(text).then(|| {
        Hint::Next(
            say!("months and years differ in length: write -30d, last-30d, last-month or 2026-09; minutes are a small m")
                .to_owned(),
        )
    })
}

/// A length of time where a day is expected: `7d`, `7 days`, `last 7 days`, `2 days ago`.
fn lengths(folded: &str) -> Option<Hint> {
    let ago = folded.strip_suffix("-ago").or_else(|| folded.strip_suffix("-назад"));
    let rest = ago.unwrap_or(folded);
    let rest = ["last-", "past-", "последние-", "за-"]
        .iter()
        .find_map(|before| rest.strip_prefix(before))
        .unwrap_or(rest)
        .trim_start_matches("последние-");
    let span = Span::read(&rest.replace('-', ""))?;
    Some(match (span, ago) {
        (Span::Days(days), Some(_)) => Hint::Next(say!(
            "-{days}d means from then until now; for one day write its date, as 2026-10-05",
            days
        )),
        (Span::Days(days), None) => {
            Hint::Next(say!("write last-{days}d for whole days up to yesterday, or -{days}d up to now", days))
        }
        (Span::Minutes(minutes), _) if minutes.is_multiple_of(60) => {
            Hint::Next(say!("write -{minutes}h, which goes up to now", minutes = minutes / 60))
        }
        (Span::Minutes(minutes), _) => Hint::Next(say!("write -{minutes}m, which goes up to now", minutes)),
    })
}

/// Times of a day.
fn times(text: &str) -> Option<Hint> {
    if text.contains(':') && !text.contains('-') {
        return Some(Hint::Next(say!("a time of day needs its day: 2026-10-05T14:00").to_owned()));
    }
    let (date, _) = text.split_once(['T', 't', ' '])?;
    super::day(date)?;
    Some(Hint::Cause(
        say!(
            "a time goes from 00:00 to 23:59:59, without parts of a second, and an offset follows as +03:00"
        )
        .to_owned(),
    ))
}
