//! Periods as people write them, in English and Russian, resolved in the zone of an account.
//!
//! Pure: the present moment and the zone are arguments, so the clock and the zone of the machine decide nothing.
//! Reading a text needs neither, so a misspelt date is refused before anything is asked.

mod hints;
mod words;

use std::fmt;

use calllegs_arrow::Zone;
use calllegs_core::{Period, value::wall_time};
use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    Timelike,
};
use chrono::{Utc, Weekday};
use chrono_tz::Tz;

use crate::{
    cli::PeriodArgs,
    clock::Clock,
    failure::Failure,
    lang::{Text, say, text},
    ui::{echo::shown, text::counted},
};

/// One date as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Date {
    /// So long before now.
    Ago(Span),
    /// Days with fixed dates: the first, and the first one after.
    Fixed(NaiveDate, NaiveDate),
    /// A moment with an offset of its own.
    Instant(DateTime<Utc>),
    /// So many whole days, the last one yesterday.
    LastDays(u32),
    /// A moment of the zone's wall clock.
    Moment(NaiveDateTime),
    /// This very second.
    Now,
    /// Days that depend on today.
    Relative(Relative),
}

/// Days that depend on today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relative {
    DayBeforeYesterday,
    LastMonth,
    LastWeek,
    ThisMonth,
    ThisWeek,
    Today,
    /// The latest one, today included.
    Weekday(Weekday),
    Yesterday,
}

/// A length of time: days by the calendar, the rest by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    Days(u32),
    Minutes(u32),
}

/// Where a date lies on the clock of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Between(NaiveDateTime, NaiveDateTime),
    Point(NaiveDateTime),
}

impl Date {
    /// Reads one date.
    ///
    /// # Errors
    /// Says what is wrong with it, or how it is written.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        Self::find(text).ok_or_else(|| unreadable(text.trim()))
    }

    /// The date that a text means, if it means one.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let text = text.trim();
        let folded = folded(text);
        day(text)
            .map(|day| (day, day.succ_opt()))
            .or_else(|| month(text, &folded).map(|first| (first, first.checked_add_months(Months::new(1)))))
            .or_else(|| week(&folded).map(|first| (first, first.checked_add_days(Days::new(7)))))
            .or_else(|| quarter(&folded).map(|first| (first, first.checked_add_months(Months::new(3)))))
            .and_then(|(first, next)| Some(Self::Fixed(first, next?)))
            .or_else(|| moment(text))
            .or_else(|| folded.strip_prefix("last-").and_then(whole_days).map(Self::LastDays))
            .or_else(|| {
                let span = folded.strip_prefix('-').filter(|_| !Span::is_of_months(text));
                span.and_then(Span::read).map(Self::Ago)
            })
            .or_else(|| words::find(&folded))
    }

    /// `None` beyond the calendar.
    fn position(self, clock: &Clock) -> Option<Position> {
        let today = clock.of_dates().date();
        let days = |first: NaiveDate, next: NaiveDate| {
            let midnight = |date: NaiveDate| clock.at(date.and_time(NaiveTime::MIN));
            Some(Position::Between(midnight(first), midnight(next)))
        };
        match self {
            Self::Fixed(first, next) => days(first, next),
            Self::Moment(time) => Some(Position::Point(clock.at(time))),
            Self::Instant(instant) => Some(Position::Point(clock.zone.wall(instant))),
            Self::Now => Some(Position::Point(clock.local())),
            Self::Ago(span) => span.before(clock).map(Position::Point),
            Self::LastDays(count) => days(today.checked_sub_days(Days::new(count.into()))?, today),
            Self::Relative(relative) => {
                let (first, next) = relative.days(today)?;
                days(first, next)
            }
        }
    }
}

impl Span {
    /// `90m`, `2h`, `7d`, `2w`, also with Russian letters, and whole words.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let count: u32 = digits.parse().ok().filter(|count| *count > 0)?;
        match text.strip_prefix(digits)? {
            "m" | "min" | "м" | "мин" | "minute" | "minutes" | "минута" | "минуты" | "минут" => {
                Some(Self::Minutes(count))
            }
            "h" | "ч" | "hour" | "hours" | "час" | "часа" | "часов" => {
                count.checked_mul(60).map(Self::Minutes)
            }
            "d" | "д" | "day" | "days" | "день" | "дня" | "дней" => Some(Self::Days(count)),
            "w" | "н" | "week" | "weeks" | "неделя" | "недели" | "недель" => {
                count.checked_mul(7).map(Self::Days)
            }
            _ => None,
        }
    }

    /// Whether a length is in months or years, which have no length, or in an `M` that may mean a month.
    fn is_of_months(text: &str) -> bool {
        let text = text.trim().trim_start_matches('-');
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let unit = unit.trim_start_matches([' ', '-', '_']);
        let is_counted = text.starts_with(|c: char| c.is_ascii_digit());
        is_counted && (matches!(unit, "M" | "М") || MONTHS_AND_YEARS.contains(&&*unit.to_lowercase()))
    }

    /// The wall clock so long before now.
    fn before(self, clock: &Clock) -> Option<NaiveDateTime> {
        match self {
            Self::Days(days) => Some(clock.at(clock.of_dates().checked_sub_days(Days::new(days.into()))?)),
            Self::Minutes(minutes) => {
                let then = clock.now.checked_sub_signed(TimeDelta::minutes(minutes.into()))?;
                Some(clock.zone.wall(then))
            }
        }
    }
}

const MONTHS_AND_YEARS: [&str; 15] = [
    "mo",
    "mon",
    "mth",
    "month",
    "months",
    "мес",
    "месяц",
    "месяца",
    "месяцев",
    "y",
    "year",
    "years",
    "год",
    "года",
    "лет",
];

impl Relative {
    fn days(self, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let back = |days: u32| today.checked_sub_days(Days::new(days.into()));
        let monday = back(today.weekday().num_days_from_monday());
        let first_of_month = today.with_day(1);
        let (first, next) = match self {
            Self::DayBeforeYesterday => (back(2), today.pred_opt()),
            Self::Today => (Some(today), today.succ_opt()),
            Self::Yesterday => (today.pred_opt(), Some(today)),
            Self::ThisWeek => (monday, monday.and_then(|day| day.checked_add_days(Days::new(7)))),
            Self::LastWeek => (monday.and_then(|day| day.checked_sub_days(Days::new(7))), monday),
            Self::ThisMonth => (first_of_month, first_of_month?.checked_add_months(Months::new(1))),
            Self::LastMonth => (first_of_month?.checked_sub_months(Months::new(1)), first_of_month),
            Self::Weekday(weekday) => {
                let day = back(today.weekday().days_since(weekday));
                (day, day.and_then(|day| day.succ_opt()))
            }
        };
        Some((first?, next?))
    }
}

/// Whether a flag of a period is given.
pub(crate) const fn is_said(args: &PeriodArgs) -> bool {
    let PeriodArgs { from, till, on, last, month } = args;
    from.is_some() || till.is_some() || on.is_some() || last.is_some() || month.is_some()
}

/// A period as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    Between(Date, Date),
    /// Of what has no dates.
    None,
    On(Date),
}

/// A period of an account's wall clock, and what is doubtful about it.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) period: Period,
    /// Now, where the period reaches beyond it.
    pub(crate) until: Option<NaiveDateTime>,
    pub(crate) warnings: Vec<String>,
}

impl Range {
    /// Reads days of a flag that takes all of it: one date, or two with `..` between them, the last one included.
    pub(crate) fn of_dates(flag: &str, text: &str) -> Result<Self, Failure> {
        match text.split_once("..") {
            Some((from, till)) => Ok(Self::Between(Date::read(from)?, Date::read(till)?)),
            None => Date::read(text).map(Self::On),
        }
        .map_err(|failure| Failure { what: format!("{flag}: {}", failure.what), ..failure })
    }

    /// Reads the flags of a period.
    pub(crate) fn read(args: &PeriodArgs) -> Result<Self, Failure> {
        if args.from.is_none() && args.till.is_some() {
            return Err(Failure::usage(say!("--till is there without --from"))
                .because(say!("it says where a period ends, and nothing says where it begins"))
                .next(say!("add --from DATE")));
        }
        if let Some(from) = &args.from {
            let till = args.till.as_deref().map_or(Ok(Date::Now), Date::read)?;
            return Ok(Self::Between(Date::read(from)?, till));
        }
        if let Some(text) = &args.last {
            let span = Some(folded(text.trim()).replace('-', "")).filter(|_| !Span::is_of_months(text));
            return span.and_then(|span| Span::read(&span)).map(|span| Self::On(Date::Ago(span))).ok_or_else(|| {
                let failure = Failure::usage(say!("--last does not take {text}", text = shown(text)));
                if Span::is_of_months(text) {
                    return failure.because(hints::no_months(text)).next(
                        say!("write --last 30d, or whole months: --month last-month, --month 2026-09; a minute is 1m"),
                    );
                }
                failure.because(say!("it takes a length of time, which goes up to now")).next(
                    say!("write 90m, 24h, 7d or 2w; whole weeks and months are --on last-week, --month last-month"),
                )
            });
        }
        if let Some(text) = &args.month {
            let fit = |date: &Date| match date {
                Date::Fixed(first, next) => {
                    first.checked_add_months(Months::new(1)) == Some(*next) && first.day() == 1
                }
                Date::Relative(relative) => matches!(relative, Relative::LastMonth | Relative::ThisMonth),
                Date::Ago(_) | Date::Instant(_) | Date::LastDays(_) | Date::Moment(_) | Date::Now => false,
            };
            return Date::find(text).filter(fit).map(Self::On).ok_or_else(|| {
                let failure = Failure::usage(say!("--month does not take {text}", text = shown(text)))
                    .because(say!("it takes one month"));
                let text = if Date::find(text).is_none() { text } else { "" };
                let months = say!("write 2026-09 or last-month");
                hinted(failure, text, months).unwrap_or_else(|failure| failure.next(months))
            });
        }
        let Some(text) = &args.on else {
            return Err(Failure::usage(say!("no period is given"))
                .because(say!("reading everything could spend many points"))
                .next(say!(
                    "add --on yesterday, --last 7d, --month 2026-09, or --from DATE with --till DATE"
                )));
        };
        match Date::read(text)? {
            Date::Moment(_) | Date::Instant(_) | Date::Now => {
                Err(Failure::usage(say!("`{text}` is a moment, not a period", text))
                    .because(say!("a period has a beginning and an end"))
                    .next(say!("say where it begins and ends: --from DATE --till DATE")))
            }
            date @ (Date::Ago(_) | Date::Fixed(..) | Date::LastDays(_) | Date::Relative(_)) => {
                Ok(Self::On(date))
            }
        }
    }

    /// Whether it depends on what time it is, or on the zone.
    pub(crate) const fn is_moving(self) -> bool {
        const fn is_written_out(date: Date) -> bool {
            matches!(date, Date::Fixed(..) | Date::Moment(_))
        }
        match self {
            Self::Between(from, till) => !is_written_out(from) || !is_written_out(till),
            Self::None => false,
            Self::On(date) => !is_written_out(date),
        }
    }

    /// What the period can be before the zone of the account is known.
    ///
    /// # Errors
    /// When it is none in whatever zone.
    pub(crate) fn possible(self, now: DateTime<Utc>, dates: Option<&Zone>) -> Result<Vec<Resolved>, Failure> {
        let (mut possible, mut refused) = (Vec::new(), Ok(()));
        for zone in zones_of_earth(dates) {
            match self.resolve(&Clock { now, zone, dates: dates.cloned() }) {
                Ok(resolved) => possible.push(resolved),
                Err(failure) => refused = refused.and(Err(failure)),
            }
        }
        if possible.is_empty() { refused.map(|()| possible) } else { Ok(possible) }
    }

    /// Refuses a period that ends before it begins, in whatever zone, so that nothing is asked for it.
    pub(crate) fn refuse_reversed(
        self,
        args: &PeriodArgs,
        now: DateTime<Utc>,
        dates: Option<&Zone>,
    ) -> Result<(), Failure> {
        let (Some(from), Some(till)) = (&args.from, &args.till) else { return Ok(()) };
        for zone in zones_of_earth(dates) {
            match self.bounds(&Clock { now, zone, dates: dates.cloned() }) {
                Ok((first, after)) if first >= after => {}
                Ok(_) | Err(_) => return Ok(()),
            }
        }
        let (from, till) = (shown(from), shown(till));
        if from == till {
            return Err(Failure::usage(say!("the period is empty: it begins and ends at {from}", from))
                .because(say!("a time of day given to --till is not included"))
                .next(say!("give a later one, or a whole day")));
        }
        Err(Failure::usage(say!(
            "the period ends before it starts: --from {from} is not before --till {till}",
            from,
            till
        ))
        .because(say!("--from begins at the start of what it names, --till goes to its end"))
        .next(say!("give the earlier date to --from")))
    }

    /// The period in the zone of the clock.
    pub(crate) fn resolve(self, clock: &Clock) -> Result<Resolved, Failure> {
        if self == Self::None {
            return Ok(Resolved { period: Period::NONE, until: None, warnings: Vec::new() });
        }
        let (from, till) = self.bounds(clock)?;
        if from > clock.local() {
            return Err(Failure::usage(say!("the period begins in the future: at {value} in {zone}", value = wall_time::format(from), zone = clock.zone))
            .because(say!("calls of the future are not known, and it is {local} there, {utc} in UTC by the clock of this machine", local = wall_time::format(clock.local()), utc = wall_time::format(clock.now.naive_utc())))
            .next(say!("begin it earlier, or correct the clock of this machine")));
        }
        if from >= till {
            let ends = say!(
                "from {value} till {till}",
                value = wall_time::format(from),
                till = wall_time::format(till)
            );
            let what = if from == till { say!("is empty") } else { say!("ends before it starts") };
            return Err(Failure::usage(say!(
                "the period {what}: {ends} in {zone}",
                what,
                ends,
                zone = clock.zone
            ))
            .because(say!("--till with a day goes to its end, a time of day is not included"))
            .next(say!("give the earlier date to --from")));
        }
        let period = Period::new(from, till).map_err(|refusal| {
            Failure::from(refusal)
                .because(say!("the API writes the year of a time with four digits"))
                .next(say!("give dates of this century"))
        })?;
        let warnings: Vec<String> = [period.from(), period.till()]
            .into_iter()
            .filter_map(|bound| doubt(bound, &clock.zone))
            .collect();
        let until = Some(clock.local()).filter(|now| *now < period.till());
        Ok(Resolved { period, until, warnings })
    }

    /// The first moment of the period, and the first one after it.
    fn bounds(self, clock: &Clock) -> Result<(NaiveDateTime, NaiveDateTime), Failure> {
        let position = |date: Date| {
            date.position(clock).ok_or_else(|| {
                Failure::usage(say!("the period lies beyond the calendar"))
                    .because(say!("no clock shows such a time"))
                    .next(say!("give dates of this century"))
            })
        };
        let (from, till) = match self {
            Self::None => (Period::NONE.from(), Period::NONE.till()),
            Self::On(date) => match position(date)? {
                Position::Between(from, till) => (from, till),
                Position::Point(from) => (from, clock.local()),
            },
            Self::Between(from, till) => {
                let from = match position(from)? {
                    Position::Between(from, _) | Position::Point(from) => from,
                };
                let till = match position(till)? {
                    Position::Between(_, till) | Position::Point(till) => till,
                };
                (from, till)
            }
        };
        let (from, till) = match &clock.dates {
            Some(_) => (edge(from, &clock.zone, -1), edge(till, &clock.zone, 1)),
            None => (from, till),
        };
        Ok((from, till))
    }
}

/// Zones that make every date that a word can stand for: the one that dates are meant in, if that is known, and those where
/// it is earliest, in between, and latest.
fn zones_of_earth(dates: Option<&Zone>) -> impl Iterator<Item = Zone> {
    // The first of them is the one that a refusal names.
    let all = [Tz::UTC, Tz::Etc__GMTPlus12, Tz::Etc__GMTMinus14];
    dates.cloned().into_iter().chain(all.map(Zone::from))
}

/// A bound that was converted, or where the wall clock shows it twice, the edge of what it shows twice in this direction:
/// which of the two was meant cannot be asked for.
fn edge(bound: NaiveDateTime, zone: &Zone, direction: i32) -> NaiveDateTime {
    /// No clock is set back by more.
    const LONGEST: i32 = 3 * 60;
    let is_twice = |time: &NaiveDateTime| matches!(zone.offsets(*time), MappedLocalTime::Ambiguous(..));
    if !is_twice(&bound) {
        return bound;
    }
    let bound = bound.with_second(0).unwrap_or(bound);
    let step = TimeDelta::minutes(direction.into());
    // The first minute belongs to it, the last one ends it.
    let steps = (1..=LONGEST).filter_map(|minutes| bound.checked_add_signed(step * minutes));
    let last = steps.take_while(is_twice).last().unwrap_or(bound);
    if direction > 0 { last.checked_add_signed(step).unwrap_or(last) } else { last }
}

/// A bound that the wall clock shows twice, or never.
fn doubt(bound: NaiveDateTime, zone: &Zone) -> Option<String> {
    let time = wall_time::format(bound);
    match zone.offsets(bound) {
        MappedLocalTime::Single(_) => None,
        MappedLocalTime::Ambiguous(..) => Some(say!(
            "{time} comes twice in {zone}, where the clock is set back; the API cannot tell the two hours apart, so legs of both are read",
            time,
            zone
        )),
        MappedLocalTime::None => {
            Some(say!("{time} does not exist in {zone}, where the clock is set forward", time, zone))
        }
    }
}

/// A period for people: its last second, and its length.
pub(crate) fn describe(period: Period, zone: &Zone, source: &str) -> impl fmt::Display {
    let last = period.till().checked_sub_signed(TimeDelta::seconds(1)).unwrap_or_else(|| period.till());
    let length = length(period.till() - period.from());
    format!("{} … {} {zone} ({source}), {length}", wall_time::format(period.from()), wall_time::format(last))
}

fn length(length: TimeDelta) -> String {
    let (days, hours) = (length.num_days(), length.num_hours() % 24);
    let (minutes, seconds) = (length.num_minutes() % 60, length.num_seconds() % 60);
    let parts = [
        (days, counted(days.unsigned_abs(), "day")),
        (hours, say!("{hours} h", hours)),
        (minutes, say!("{minutes} min", minutes)),
        (seconds, say!("{seconds} s", seconds)),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, part)| part);
    parts.collect::<Vec<_>>().join(" ")
}

/// Lower case, with `-` between words and without the prepositions of Russian.
fn folded(text: &str) -> String {
    let folded = text.to_lowercase().replace([' ', '_'], "-");
    let bare = ["на-", "в-", "во-", "за-"].iter().find_map(|before| folded.strip_prefix(before));
    bare.map_or_else(|| folded.clone(), str::to_owned)
}

/// `YYYY-MM-DD`, in full; also `YYYY/MM/DD` and `DD.MM.YYYY`, which cannot be misread.
fn day(text: &str) -> Option<NaiveDate> {
    if let [day, month, year] = *text.split('.').collect::<Vec<_>>().as_slice() {
        return if day.len() <= 2 && year.len() == 4 { digits_of(year, month, day) } else { None };
    }
    let sign = if text.contains('/') { '/' } else { '-' };
    match *text.split(sign).collect::<Vec<_>>().as_slice() {
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
            digits_of(year, month, day)
        }
        _ => None,
    }
}

fn digits_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let number = |text: &str| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, number(month)?, number(day)?)
}

/// `YYYY-MM`, `MM.YYYY`, or a name with a year: its first day.
fn month(text: &str, folded: &str) -> Option<NaiveDate> {
    if text.len() == 7 {
        return day(&format!("{text}-01")).or_else(|| day(&format!("01.{text}")));
    }
    let (name, year) = folded.rsplit_once('-').filter(|(_, year)| year.len() == 4)?;
    digits_of(year, &words::month(name)?.to_string(), "1")
}

/// `YYYY-Www` in lower case: its Monday.
fn week(text: &str) -> Option<NaiveDate> {
    let (year, week) = text.split_once("-w")?;
    let digits =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || !digits(week, 2) {
        return None;
    }
    NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, Weekday::Mon)
}

/// `YYYY-Qn` in lower case: its first day.
fn quarter(text: &str) -> Option<NaiveDate> {
    let (year, quarter) = text.split_once("-q")?;
    let quarter: u32 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    if year.len() != 4 || quarter.to_string().len() != text.len() - 6 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, quarter * 3 - 2, 1)
}

/// A day and a time, with `T` or a space between them, perhaps with an offset.
fn moment(text: &str) -> Option<Date> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let date = day(date)?;
    // Programs write the parts of a second that are none.
    let rest = &*rest.replacen(".000", "", 1);
    let offset_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at_checked(offset_at)?;
    let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    let local = date.and_time(time);
    if offset.is_empty() {
        return Some(Date::Moment(local));
    }
    let minutes = if offset.eq_ignore_ascii_case("z") { 0 } else { offset_minutes(offset)? };
    Some(Date::Instant(local.checked_sub_signed(TimeDelta::minutes(minutes))?.and_utc()))
}

/// `+03:00`, `+0300` or `+03` in minutes.
fn offset_minutes(offset: &str) -> Option<i64> {
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits = offset.get(1..)?.replacen(':', "", 1);
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours: i64 = hours.parse().ok().filter(|hours| *hours < 24)?;
    let minutes: i64 =
        if minutes.is_empty() { 0 } else { minutes.parse().ok().filter(|minutes| *minutes < 60)? };
    Some(sign * (hours * 60 + minutes))
}

/// The count of `7d`.
fn whole_days(text: &str) -> Option<u32> {
    match Span::read(text)? {
        Span::Days(days) => Some(days),
        Span::Minutes(_) => None,
    }
}

fn unreadable(text: &str) -> Failure {
    if text.is_empty() {
        return Failure::usage(say!("a date is empty"))
            .because(say!("the flag is there, and its value is not"))
            .next(FORMS);
    }
    let failure = Failure::usage(say!("{text} is not a date", text = shown(text)))
        .because(say!("dates are written in one of a few forms, in English or Russian"));
    hinted(failure, text, FORMS.say()).unwrap_or_else(|failure| match words::nearest(&folded(text)) {
        Some(word) => failure.next(say!("did you mean `{word}`?", word)),
        None => failure.next(FORMS),
    })
}

/// The failure with what helps against this text, or as it was.
fn hinted(failure: Failure, text: &str, forms: &str) -> Result<Failure, Failure> {
    match hints::of(text, &folded(text)) {
        Some(hints::Hint::Cause(cause)) => Ok(failure.because(cause).next(forms)),
        Some(hints::Hint::Next(next)) => Ok(failure.next(next)),
        None => Err(failure),
    }
}

const FORMS: Text = text!(
    "write 2026-10-05, 2026-10-05T14:00, 2026-10, 2026-W41, 2026-Q3, yesterday, last-week, monday, -7d or \
                     last-7d"
);

#[cfg(test)]
mod tests;
