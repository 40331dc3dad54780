//! Telephone numbers in texts, however people and programs write them. Not here: what else may be in a text.

use std::net::Ipv4Addr;

use chrono::NaiveDate;

/// Digits in a row.
struct Group<'t> {
    /// What stands between it and the digits before.
    before: &'t str,
    digits: &'t str,
    /// It is a part of a date, of a time of day or of the address of a machine.
    is_known: bool,
}

/// So many digits has a telephone number.
const LENGTHS: std::ops::RangeInclusive<usize> = 10..=15;

/// Between the digits of a number, and so common there that any number of them all is one.
const USUAL: &str = "+()_ -";

/// Between those of some number too, and of much else: what is around them has to begin as numbers do.
const UNUSUAL: &str = "./,:*~|='[]";

/// As many as may stand between two groups of a number where they are unusual.
const FEW: usize = 4;

/// How numbers of twelve digits begin where accounts are and their callers live.
const BEGINNINGS: [&str; 8] = ["375", "380", "971", "992", "994", "995", "996", "998"];

/// Ten to fifteen digits, with what stands between those of a number. Neither dates nor addresses of machines are any.
pub(super) fn has_phone(text: &str) -> bool {
    if !text.chars().any(|c| digit(c).is_some()) {
        return false;
    }
    let text = plain(text);
    let groups = groups(&text);
    let length = |groups: &[Group<'_>]| groups.iter().map(|group| group.digits.len()).sum::<usize>();
    let is_one = |groups: &[Group<'_>]| groups.len() > 1 && LENGTHS.contains(&length(groups));
    let is_usual = |between: &str| between.chars().all(|c| USUAL.contains(c));
    let is_dotted =
        |between: &str| between.chars().all(|c| USUAL.contains(c) && c != ' ' || "./".contains(c));
    let is_any = |between: &str| {
        let is_it = |c| USUAL.contains(c) || UNUSUAL.contains(c);
        is_usual(between) || between.chars().all(is_it) && between.chars().count() <= FEW
    };
    // Dots and slashes stand between more groups of a number than there are parts of a fraction.
    let has_dots = |groups: &[Group<'_>]| {
        let behind = groups.get(1..).unwrap_or_default().iter();
        behind.map(|group| group.before.matches(['.', '/']).count()).sum::<usize>() > 1
    };
    alone(&groups)
        || runs(&groups, is_usual).any(is_one)
        || runs(&groups, |between| is_usual(between) && !between.contains(' ')).any(is_one)
        || runs(&groups, is_dotted).any(|run| is_one(run) && has_dots(run))
        || runs(&groups, is_any).any(begins_one)
}

/// Groups with nothing but these between them. What is known is with none.
fn runs<'g, 't>(
    groups: &'g [Group<'t>],
    joins: impl Fn(&str) -> bool,
) -> impl Iterator<Item = &'g [Group<'t>]> {
    groups.chunk_by(move |one, other| !one.is_known && !other.is_known && joins(other.before))
}

/// Whether one group is a number, unless it is what a fraction has behind its point.
fn alone(groups: &[Group<'_>]) -> bool {
    let mut last = "";
    groups.iter().any(|group| {
        let is_fraction = last == "0" && group.before == ".";
        last = group.digits;
        LENGTHS.contains(&group.digits.len()) && !is_fraction
    })
}

/// Whether some of the groups, one behind the other, are a number by how it begins and how long it is.
fn begins_one(run: &[Group<'_>]) -> bool {
    (0..run.len()).any(|begin| {
        let groups = run.get(begin..).unwrap_or_default();
        let mut digits = String::new();
        groups.iter().enumerate().any(|(place, group)| {
            digits.push_str(group.digits);
            let is_fraction = place == 1 && [".", ","].contains(&group.before);
            place > 0 && !is_fraction && LENGTHS.contains(&digits.len()) && is_like_one(&digits, groups)
        })
    })
}

fn is_like_one(digits: &str, groups: &[Group<'_>]) -> bool {
    let has_plus = groups.first().is_some_and(|first| first.before.ends_with('+'));
    let begins = |letters: &str| digits.starts_with(|c| letters.contains(c));
    let is_by_threes = || groups.iter().take(2).all(|group| group.digits.len() == 3);
    has_plus
        || match digits.len() {
            10 => begins("9") || (begins("348") && is_by_threes()),
            11 => digits.starts_with("374") || (begins("78") && digits.chars().nth(1) > Some('2')),
            12 => BEGINNINGS.iter().any(|beginning| digits.starts_with(beginning)),
            _ => false,
        }
}

/// With digits, spaces and dashes as ASCII has them.
fn plain(text: &str) -> String {
    let of = |c: char| match digit(c) {
        Some(digit) => digit,
        None if c.is_whitespace() || is_unseen(c) => ' ',
        None if is_dash(c) => '-',
        None if c == '\u{ff0b}' => '+',
        None => c,
    };
    text.chars().map(of).collect()
}

/// The digit that it is in the script of whoever wrote it.
fn digit(c: char) -> Option<char> {
    /// The zeros of scripts with digits of their own; nine more follow each.
    const ZEROS: [u32; 14] =
        [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xe50, 0x1040, 0x17e0, 0xff10];
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// Of no width.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\0' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Hyphens and dashes of all kinds.
fn is_dash(c: char) -> bool {
    ('\u{2010}'..='\u{2015}').contains(&c) || "-\u{ad}\u{2043}\u{2212}\u{fe58}\u{fe63}\u{ff0d}".contains(c)
}

fn groups(text: &str) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, behind) = rest.split_at(begin);
        let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (digits, behind) = behind.split_at(end);
        groups.push(Group { before, digits, is_known: false });
        rest = behind;
    }
    let mut place = 0;
    while let Some(rest) = groups.get(place..).filter(|rest| !rest.is_empty()) {
        let is_first = place == 0;
        let known = date(rest, is_first).or_else(|| time(rest, is_first)).or_else(|| machine(rest, is_first));
        let known = known.unwrap_or(0);
        groups.iter_mut().skip(place).take(known).for_each(|group| group.is_known = true);
        place += known.max(1);
    }
    groups
}

/// What is between the parts of dates.
const OF_DATES: [&str; 3] = ["-", ".", "/"];

/// How many groups are a date, as in `2026-03-02`, `02.03.2026`, `2026/03/02` and `2026-03-02-101504`.
fn date(groups: &[Group<'_>], is_first: bool) -> Option<usize> {
    let [first, second, third, behind @ ..] = groups else { return None };
    let is_apart = is_first || !OF_DATES.contains(&first.before);
    let is_joined = second.before == third.before && OF_DATES.contains(&second.before);
    if !is_apart || !is_joined || first.before.ends_with('+') {
        return None;
    }
    let number = |group: &Group<'_>| group.digits.parse::<u32>().ok();
    let (one, two, three) = (number(first)?, number(second)?, number(third)?);
    let is_day = |year: u32, month, day| {
        let year = i32::try_from(year).ok().filter(|year| (1900..=2100).contains(year));
        year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).is_some()
    };
    let is_date = match [first, second, third].map(|group| group.digits.len()) {
        [4, 2, 2] => is_day(one, two, three),
        [2, 2, 4] => is_day(three, two, one) || is_day(three, one, two),
        _ => false,
    };
    if !is_date {
        return None;
    }
    match behind.first() {
        Some(next) if next.before == "_" || OF_DATES.contains(&next.before) => Some(3 + stamp(behind)?),
        _ => Some(3),
    }
}

/// How many groups are the time of day in the name of a file.
fn stamp(groups: &[Group<'_>]) -> Option<usize> {
    let parts = groups.iter().take_while(|group| ["-", "_", ".", ":"].contains(&group.before));
    let parts: Vec<_> = parts.map(|group| group.digits).collect();
    let digits = parts.concat();
    let pair = |place: usize| digits.get(place..place + 2)?.parse::<u32>().ok();
    let is_time = pair(0)? < 24 && pair(2)? < 60 && (digits.len() == 4 || pair(4)? < 60 && digits.len() == 6);
    is_time.then_some(parts.len())
}

/// How many groups are a time of day, as in `10:15` and `10:15:04.123`.
fn time(groups: &[Group<'_>], is_first: bool) -> Option<usize> {
    let [hour, minute, behind @ ..] = groups else { return None };
    let is_below = |group: &Group<'_>, end: u32| group.digits.parse::<u32>().is_ok_and(|number| number < end);
    let is_part = |group: &Group<'_>| group.before == ":" && group.digits.len() == 2 && is_below(group, 60);
    let begins = is_first || hour.before != ":";
    if !begins || hour.digits.len() > 2 || !is_below(hour, 24) || !is_part(minute) {
        return None;
    }
    let seconds = usize::from(behind.first().is_some_and(is_part));
    let fraction = behind.get(seconds).filter(|group| group.before == "." && group.digits.len() < 10);
    let fraction = usize::from(seconds > 0 && fraction.is_some());
    let next = behind.get(seconds + fraction);
    next.is_none_or(|next| next.before != ":").then_some(2 + seconds + fraction)
}

/// How many groups are the address of a machine: four numbers up to 255.
fn machine(groups: &[Group<'_>], is_first: bool) -> Option<usize> {
    let [first, second, third, fourth, behind @ ..] = groups else { return None };
    let is_apart = (is_first || first.before != ".") && !first.before.ends_with('+');
    let is_joined = [second, third, fourth].iter().all(|group| group.before == ".");
    let is_last = behind.first().is_none_or(|next| next.before != ".");
    let text = [first, second, third, fourth].map(|group| group.digits).join(".");
    (is_apart && is_joined && is_last && text.parse::<Ipv4Addr>().is_ok()).then_some(4)
}
