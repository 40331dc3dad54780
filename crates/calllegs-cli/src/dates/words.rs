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

const WORDS: [(&str, Date); 33] = [
    ("now", Date::Now),
    ("сейчас", Date::Now),
    relative("today", Relative::Today),
    relative("сегодня", Relative::Today),
    relative("yesterday", Relative::Yesterday),
    relative("вчера", Relative::Yesterday),
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
];
