//! The words for days, in two languages. Tables only.

use calllegs_core::filter;
use chrono::Weekday;

use super::{Date, Relative};

/// The date that a word means; words are in lower case with `-` between their parts.
pub(super) fn find(word: &str) -> Option<Date> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, date)| *date)
}

/// The word that was probably meant.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    filter::nearest(word, WORDS.iter().map(|(known, _)| *known))
}

const fn relative(word: &'static str, relative: Relative) -> (&'static str, Date) {
    (word, Date::Relative(relative))
}

const fn weekday(word: &'static str, weekday: Weekday) -> (&'static str, Date) {
    relative(word, Relative::Weekday(weekday))
}

const WORDS: [(&str, Date); 39] = [
    ("now", Date::Now),
    ("сейчас", Date::Now),
    relative("today", Relative::Today),
    relative("сегодня", Relative::Today),
    relative("yesterday", Relative::Yesterday),
    relative("вчера", Relative::Yesterday),
    relative("day-before-yesterday", Relative::DayBeforeYesterday),
    relative("позавчера", Relative::DayBeforeYesterday),
    relative("this-week", Relative::ThisWeek),
    relative("эта-неделя", Relative::ThisWeek),
    relative("last-week", Relative::LastWeek),
    relative("прошлая-неделя", Relative::LastWeek),
    relative("this-month", Relative::ThisMonth),
    relative("этот-месяц", Relative::ThisMonth),
    relative("last-month", Relative::LastMonth),
    relative("прошлый-месяц", Relative::LastMonth),
    weekday("monday", Weekday::Mon),
    weekday("понедельник", Weekday::Mon),
    weekday("tuesday", Weekday::Tue),
    weekday("вторник", Weekday::Tue),
    weekday("wednesday", Weekday::Wed),
    weekday("среда", Weekday::Wed),
    weekday("среду", Weekday::Wed),
    weekday("thursday", Weekday::Thu),
    weekday("четверг", Weekday::Thu),
    weekday("friday", Weekday::Fri),
    weekday("пятница", Weekday::Fri),
    weekday("пятницу", Weekday::Fri),
    weekday("saturday", Weekday::Sat),
    weekday("суббота", Weekday::Sat),
    weekday("субботу", Weekday::Sat),
    weekday("sunday", Weekday::Sun),
    weekday("воскресенье", Weekday::Sun),
    relative("прошлую-неделю", Relative::LastWeek),
    relative("эту-неделю", Relative::ThisWeek),
    relative("прошлой-неделе", Relative::LastWeek),
    relative("этой-неделе", Relative::ThisWeek),
    relative("прошлом-месяце", Relative::LastMonth),
    relative("этом-месяце", Relative::ThisMonth),
];

/// The number of the month of this name, in English or Russian.
pub(super) fn month(word: &str) -> Option<u32> {
    // Cases of Russian nouns end in one letter; what is left is as good as a name.
    let stem = word.strip_suffix(['ь', 'я', 'е', 'а', 'й']).unwrap_or(word);
    let is_meant = |&(english, russian): &(&str, &str)| {
        stem == russian || word == english || (word.len() == 3 && english.starts_with(word))
    };
    MONTHS.iter().zip(1..).find(|(names, _)| is_meant(names)).map(|(_, number)| number)
}

/// English names, and what Russian ones begin with.
const MONTHS: [(&str, &str); 12] = [
    ("january", "январ"),
    ("february", "феврал"),
    ("march", "март"),
    ("april", "апрел"),
    ("may", "ма"),
    ("june", "июн"),
    ("july", "июл"),
    ("august", "август"),
    ("september", "сентябр"),
    ("october", "октябр"),
    ("november", "ноябр"),
    ("december", "декабр"),
];
