//! Tables of texts and the periods that they mean.

use proptest::prelude::*;

use super::*;

/// Wednesday 2026-10-14, 21:30:05 UTC: already Thursday in Moscow.
fn clock(zone: Tz) -> Clock {
    Clock { now: "2026-10-14T21:30:05Z".parse().unwrap(), zone: zone.into(), dates: None }
}

fn on(text: &str) -> PeriodArgs {
    PeriodArgs { on: Some(text.to_owned()), ..PeriodArgs::default() }
}

fn between(from: &str, till: &str) -> PeriodArgs {
    PeriodArgs { from: Some(from.to_owned()), till: Some(till.to_owned()), ..PeriodArgs::default() }
}

fn resolve(args: &PeriodArgs, zone: Tz) -> (String, String) {
    let period = Range::read(args).unwrap().resolve(&clock(zone)).unwrap().period;
    (wall_time::format(period.from()).to_string(), wall_time::format(period.till()).to_string())
}

#[test]
fn periods_by_one_word() {
    let table = [
        ("2026-10-05", "2026-10-05 00:00:00", "2026-10-06 00:00:00"),
        ("2026-10", "2026-10-01 00:00:00", "2026-11-01 00:00:00"),
        ("2025-12", "2025-12-01 00:00:00", "2026-01-01 00:00:00"),
        ("2026-W41", "2026-10-05 00:00:00", "2026-10-12 00:00:00"),
        ("2026-w01", "2025-12-29 00:00:00", "2026-01-05 00:00:00"),
        ("2026-Q3", "2026-07-01 00:00:00", "2026-10-01 00:00:00"),
        ("2026-q4", "2026-10-01 00:00:00", "2027-01-01 00:00:00"),
        ("today", "2026-10-15 00:00:00", "2026-10-16 00:00:00"),
        ("Сегодня", "2026-10-15 00:00:00", "2026-10-16 00:00:00"),
        ("yesterday", "2026-10-14 00:00:00", "2026-10-15 00:00:00"),
        ("вчера", "2026-10-14 00:00:00", "2026-10-15 00:00:00"),
        ("this-week", "2026-10-12 00:00:00", "2026-10-19 00:00:00"),
        ("last week", "2026-10-05 00:00:00", "2026-10-12 00:00:00"),
        ("прошлая-неделя", "2026-10-05 00:00:00", "2026-10-12 00:00:00"),
        ("last-month", "2026-09-01 00:00:00", "2026-10-01 00:00:00"),
        ("прошлый_месяц", "2026-09-01 00:00:00", "2026-10-01 00:00:00"),
        ("thursday", "2026-10-15 00:00:00", "2026-10-16 00:00:00"),
        ("friday", "2026-10-09 00:00:00", "2026-10-10 00:00:00"),
        ("понедельник", "2026-10-12 00:00:00", "2026-10-13 00:00:00"),
        ("-2h", "2026-10-14 22:30:05", "2026-10-15 00:30:05"),
        ("-7d", "2026-10-08 00:30:05", "2026-10-15 00:30:05"),
        ("-1w", "2026-10-08 00:30:05", "2026-10-15 00:30:05"),
        ("позавчера", "2026-10-13 00:00:00", "2026-10-14 00:00:00"),
        ("day before yesterday", "2026-10-13 00:00:00", "2026-10-14 00:00:00"),
        ("25.11.2025", "2025-11-25 00:00:00", "2025-11-26 00:00:00"),
        ("5.1.2026", "2026-01-05 00:00:00", "2026-01-06 00:00:00"),
        ("2025/11/25", "2025-11-25 00:00:00", "2025-11-26 00:00:00"),
        ("11.2025", "2025-11-01 00:00:00", "2025-12-01 00:00:00"),
        ("November 2025", "2025-11-01 00:00:00", "2025-12-01 00:00:00"),
        ("nov 2025", "2025-11-01 00:00:00", "2025-12-01 00:00:00"),
        ("мая 2026", "2026-05-01 00:00:00", "2026-06-01 00:00:00"),
        ("в пятницу", "2026-10-09 00:00:00", "2026-10-10 00:00:00"),
        ("на прошлой неделе", "2026-10-05 00:00:00", "2026-10-12 00:00:00"),
        ("-7д", "2026-10-08 00:30:05", "2026-10-15 00:30:05"),
        ("last-7d", "2026-10-08 00:00:00", "2026-10-15 00:00:00"),
    ];
    for (text, from, till) in table {
        assert_eq!(resolve(&on(text), Tz::Europe__Moscow), (from.to_owned(), till.to_owned()), "{text}");
    }
}

#[test]
fn today_is_the_zones_own() {
    assert_eq!(resolve(&on("today"), Tz::UTC).0, "2026-10-14 00:00:00");
    assert_eq!(resolve(&on("today"), Tz::America__New_York).0, "2026-10-14 00:00:00");
    assert_eq!(resolve(&on("today"), Tz::Asia__Tokyo).0, "2026-10-15 00:00:00");
}

#[test]
fn ends_are_days_or_moments() {
    let table = [
        ("2026-10-05", "2026-10-06", "2026-10-05 00:00:00", "2026-10-07 00:00:00"),
        ("2026-10-05T14:00", "2026-10-05T14:00:30", "2026-10-05 14:00:00", "2026-10-05 14:00:30"),
        ("2026-10-05 14:00", "2026-10-05", "2026-10-05 14:00:00", "2026-10-06 00:00:00"),
        ("2026-10-05T14:00Z", "2026-10-05T14:00-01:00", "2026-10-05 17:00:00", "2026-10-05 18:00:00"),
        ("2026-10-05T14:00+0530", "2026-10-05T14:00+03", "2026-10-05 11:30:00", "2026-10-05 14:00:00"),
        ("2026-09", "2026-W41", "2026-09-01 00:00:00", "2026-10-12 00:00:00"),
        ("last-week", "yesterday", "2026-10-05 00:00:00", "2026-10-15 00:00:00"),
        ("05.10.2026 14:00", "2026-10-05T14:00:30.000Z", "2026-10-05 14:00:00", "2026-10-05 17:00:30"),
        ("-7d", "-2h", "2026-10-08 00:30:05", "2026-10-14 22:30:05"),
        ("last-2d", "now", "2026-10-13 00:00:00", "2026-10-15 00:30:05"),
    ];
    for (first, last, from, till) in table {
        let resolved = resolve(&between(first, last), Tz::Europe__Moscow);
        assert_eq!(resolved, (from.to_owned(), till.to_owned()), "{first} {last}");
    }
    let open = PeriodArgs { from: Some("2026-10-01".to_owned()), ..PeriodArgs::default() };
    assert_eq!(resolve(&open, Tz::Europe__Moscow).1, "2026-10-15 00:30:05");
}

#[test]
fn last_is_a_rolling_period_and_month_a_whole_one() {
    let last = |text: &str| PeriodArgs { last: Some(text.to_owned()), ..PeriodArgs::default() };
    for (text, from) in [
        ("7d", "2026-10-08 00:30:05"),
        ("24h", "2026-10-14 00:30:05"),
        ("-90m", "2026-10-14 23:00:05"),
        ("7 days", "2026-10-08 00:30:05"),
        ("24 часа", "2026-10-14 00:30:05"),
    ] {
        assert_eq!(
            resolve(&last(text), Tz::Europe__Moscow),
            (from.to_owned(), "2026-10-15 00:30:05".to_owned())
        );
    }
    for text in ["7", "d", "0d", "yesterday", "7y", ""] {
        assert!(Range::read(&last(text)).is_err(), "{text:?}");
    }
    let month = |text: &str| PeriodArgs { month: Some(text.to_owned()), ..PeriodArgs::default() };
    assert_eq!(resolve(&month("1999-02"), Tz::UTC).1, "1999-03-01 00:00:00");
    assert_eq!(resolve(&month("last-month"), Tz::UTC).0, "2026-09-01 00:00:00");
    for text in ["2026-02-05", "2026-Q1", "yesterday", "february"] {
        assert!(Range::read(&month(text)).is_err(), "{text:?}");
    }
}

#[test]
fn what_is_no_date_is_refused_with_the_next_step() {
    for text in
        ["", "2026-13-01", "2026-02-30", "2026-W54", "2026-Q5", "26-10-05", "2026-10-05T25:00", "5", "-d"]
    {
        let failure = Date::read(text).unwrap_err();
        assert!(failure.next.unwrap().contains("2026-10-05"), "{text:?}");
    }
    assert_eq!(Date::read("yesterdy").unwrap_err().next.unwrap(), "did you mean `yesterday`?");
    assert!(Range::read(&PeriodArgs::default()).unwrap_err().next.unwrap().contains("--on"));
    assert!(Range::read(&on("2026-10-05T14:00")).is_err());
    let backwards = Range::read(&between("2026-10-06", "2026-10-04")).unwrap();
    let backwards = backwards.resolve(&clock(Tz::UTC)).unwrap_err().what;
    for said in ["ends before it starts", "2026-10-06 00:00:00", "2026-10-05 00:00:00"] {
        assert!(backwards.contains(said), "{backwards}");
    }
    let empty = Range::read(&between("2026-10-06T10:00", "2026-10-06T10:00")).unwrap();
    assert!(empty.resolve(&clock(Tz::UTC)).unwrap_err().what.contains("empty"));
}

#[test]
fn what_is_nearly_a_date_gets_its_own_hint() {
    for (text, cause, next) in [
        ("2026-02-30", "2026-02 has 28 days", "2026-10-05"),
        ("30.02.2026", "2026-02 has 28 days", "2026-10-05"),
        ("2026-13-01", "no month 13", "2026-10-05"),
        ("2026-13", "no month 13", "2026-10-05"),
        ("2026-W54", "no week 54", "2026-10-05"),
        ("2026-Q5", "Q1 to Q4", "2026-10-05"),
        ("26-10-05", "four digits", "2026-10-05"),
        ("2026-10-05T25:00", "00:00 to 23:59:59", "2026-10-05"),
        ("tomorrow", "future", "2026-10-05"),
        ("следующая неделя", "future", "2026-10-05"),
        ("11/25/2026", "", "2026-11-25"),
        ("25/11/2026", "", "2026-11-25"),
        ("5/6/2026", "", "the year first"),
        ("20261125", "", "2026-11-25"),
        ("2026-1-5", "", "2026-01-05"),
        ("2026-1", "", "2026-01"),
        ("2026", "", "--from 2026-01-01 --till 2026-12-31"),
        ("last year", "", "--from 2026-01-01"),
        ("ноябрь", "", "2026-11"),
        ("november", "", "november 2026"),
        ("мая", "", "2026-05"),
        ("last monday", "", "`monday` is the latest one"),
        ("прошлый понедельник", "", "`понедельник` is the latest one"),
        ("прошлую среду", "", "`среду` is the latest one"),
        ("2 days ago", "", "-2d"),
        ("2 дня назад", "", "-2d"),
        ("7d", "", "last-7d"),
        ("last 7 days", "", "last-7d"),
        ("последние 7 дней", "", "last-7d"),
        ("week", "", "last-week"),
        ("неделя", "", "last-week"),
        ("14:00", "", "2026-10-05T14:00"),
        ("yesterdy", "", "`yesterday`"),
        ("soon", "", "2026-10-05"),
    ] {
        let failure = Date::read(text).unwrap_err();
        assert!(failure.cause.as_ref().unwrap().contains(cause), "{text}: {failure:?}");
        assert!(failure.next.as_ref().unwrap().contains(next), "{text}: {failure:?}");
    }
    let month = |text: &str| PeriodArgs { month: Some(text.to_owned()), ..PeriodArgs::default() };
    for (text, cause, next) in [
        ("november", "one month", "november 2026"),
        ("11", "one month", "2026-09"),
        ("2026-13", "no month 13", "2026-09"),
        ("yesterday", "one month", "2026-09"),
    ] {
        let failure = Range::read(&month(text)).unwrap_err();
        assert!(failure.cause.unwrap().contains(cause) && failure.next.unwrap().contains(next), "{text}");
    }
}

#[test]
fn a_reversed_period_is_refused_without_a_zone() {
    let now = clock(Tz::UTC).now;
    let look = |from: &str, till: &str| {
        let args = between(from, till);
        Range::read(&args).unwrap().refuse_reversed(&args, now, None)
    };
    for (from, till) in [
        ("today", "yesterday"),
        ("2026-10-05", "2026-10-01"),
        ("this-week", "last-week"),
        ("now", "yesterday"),
        ("-2h", "-7d"),
        ("2026-10-05T14:00Z", "2026-10-05T13:00Z"),
    ] {
        let what = look(from, till).unwrap_err().what;
        assert!(
            what.contains("ends before it starts") && what.contains(from) && what.contains(till),
            "{what}"
        );
    }
    assert!(look("2026-10-05T14:00", "2026-10-05T14:00").unwrap_err().what.contains("is empty"));
    // In some zone these are in order.
    for (from, till) in
        [("yesterday", "yesterday"), ("2026-10-14", "yesterday"), ("now", "today"), ("-7d", "-2h")]
    {
        assert!(look(from, till).is_ok(), "{from} {till}");
    }
}

#[test]
fn doubtful_times_are_named() {
    let warnings = |from: &str, till: &str, zone: Tz| {
        Range::read(&between(from, till)).unwrap().resolve(&clock(zone)).unwrap().warnings
    };
    let twice = warnings("2025-10-26T02:30", "2025-10-27", Tz::Europe__Berlin);
    assert_eq!(twice.len(), 1);
    assert!(twice[0].contains("2025-10-26 02:30:00 comes twice in Europe/Berlin"));
    assert!(warnings("2025-03-30T02:30", "2025-04-01", Tz::Europe__Berlin)[0].contains("does not exist"));
    assert!(warnings("2025-10-26T02:30", "2025-10-27", Tz::Europe__Moscow).is_empty());
}

#[test]
fn a_period_that_begins_in_the_future_is_refused_with_both_clocks() {
    let resolve = |from: &str, till: &str| {
        Range::read(&between(from, till)).unwrap().resolve(&clock(Tz::Europe__Moscow))
    };
    let refused = resolve("2026-11-01", "2026-11-02").unwrap_err();
    assert_eq!(refused.exit, crate::failure::Exit::Usage);
    assert!(refused.what.contains("at 2026-11-01 00:00:00 in Europe/Moscow"), "{}", refused.what);
    let cause = refused.cause.unwrap();
    assert!(cause.contains("2026-10-15 00:30:05 there, 2026-10-14 21:30:05 in UTC"), "{cause}");
    let until = resolve("2026-10-15", "2026-11-02").unwrap().until;
    assert_eq!(until.map(|until| until.to_string()).as_deref(), Some("2026-10-15 00:30:05"));
}

#[test]
fn periods_are_described_by_their_last_second() {
    let told = |args: &PeriodArgs| {
        let period = Range::read(args).unwrap().resolve(&clock(Tz::Europe__Moscow)).unwrap().period;
        describe(period, &Tz::Europe__Moscow.into(), "account").to_string()
    };
    let week = "2026-10-05 00:00:00 … 2026-10-11 23:59:59 Europe/Moscow (account), 7 days";
    assert_eq!(told(&on("2026-W41")), week);
    assert!(told(&on("2026-10-05")).ends_with("1 day"));
    assert!(told(&between("2026-10-05T10:00", "2026-10-06T12:30:05")).ends_with("1 day 2 h 30 min 5 s"));
}

#[test]
fn dates_of_another_zone_are_the_same_moments() {
    let resolve = |args: &PeriodArgs, dates: Tz, account: Tz| {
        let clock = Clock { dates: Some(dates.into()), ..clock(account) };
        let period = Range::read(args).unwrap().resolve(&clock).unwrap().period;
        (wall_time::format(period.from()).to_string(), wall_time::format(period.till()).to_string())
    };
    for (text, from, till) in [
        ("2026-10-05", "2026-10-04 22:00:00", "2026-10-05 22:00:00"),
        // Already Thursday in Yekaterinburg and in Moscow.
        ("yesterday", "2026-10-13 22:00:00", "2026-10-14 22:00:00"),
        ("-2h", "2026-10-14 22:30:05", "2026-10-15 00:30:05"),
        ("-1d", "2026-10-14 00:30:05", "2026-10-15 00:30:05"),
    ] {
        let found = resolve(&on(text), Tz::Asia__Yekaterinburg, Tz::Europe__Moscow);
        assert_eq!(found, (from.to_owned(), till.to_owned()), "{text}");
    }
    let moments = between("2026-10-05T12:00", "2026-10-05T10:00Z");
    let found = resolve(&moments, Tz::Asia__Yekaterinburg, Tz::Europe__Moscow);
    assert_eq!(found, ("2026-10-05 10:00:00".to_owned(), "2026-10-05 13:00:00".to_owned()));
    // What the account's clock shows twice belongs to the period as a whole.
    let night = between("2025-10-26T00:50:10", "2025-10-26T01:10");
    let found = resolve(&night, Tz::UTC, Tz::Europe__Berlin);
    assert_eq!(found, ("2025-10-26 02:00:00".to_owned(), "2025-10-26 03:00:00".to_owned()));
}

#[test]
fn a_period_that_is_not_over_says_so() {
    let until = |text: &str| {
        let resolved = Range::read(&on(text)).unwrap().resolve(&clock(Tz::Europe__Moscow)).unwrap();
        resolved.until.map(|until| wall_time::format(until).to_string())
    };
    for text in ["today", "2026-10", "this-week", "2026-Q4"] {
        assert_eq!(until(text).as_deref(), Some("2026-10-15 00:30:05"), "{text}");
    }
    for text in ["yesterday", "-7d", "last-month"] {
        assert_eq!(until(text), None, "{text}");
    }
}

proptest! {
    /// Any text is a date or a refusal, and a date resolves or is refused.
    #[test]
    fn no_text_panics(text in "\\PC{0,24}") {
        if let Ok(date) = Date::read(&text) {
            let _either = Range::Between(date, Date::Now).resolve(&clock(Tz::Europe__Berlin)).is_ok();
        }
    }

    /// A day is 24 hours of wall clock, whatever the zone does.
    #[test]
    fn a_day_is_its_midnights(day in 0u64..20_300, zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec())) {
        let day = NaiveDate::from_ymd_opt(1971, 1, 1).unwrap().checked_add_days(Days::new(day)).unwrap();
        let period = Range::read(&on(&day.to_string())).unwrap().resolve(&clock(zone)).unwrap().period;
        prop_assert_eq!(period.from(), day.and_time(NaiveTime::MIN));
        prop_assert_eq!(period.till() - period.from(), TimeDelta::days(1));
    }
}
