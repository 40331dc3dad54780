//! Which request wrote a file, said in the metadata of the file itself: whose legs they are, which of them, and up to when.
//! A run that would replace the file knows by it what would be lost. Not here: the rows.

use std::borrow::Cow;

use calllegs_core::{Period, value::wall_time};
use chrono::{NaiveDateTime, TimeDelta};

use crate::schema::Column;

/// The request behind a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// Brand and account, as in the column `account`.
    pub account: String,
    /// The method, where the rows are no legs.
    pub report: Option<String>,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// A fingerprint of the conditions, which can name people; `None` is every leg of the period.
    pub conditions: Option<String>,
    /// How many legs at most.
    pub limit: Option<u64>,
    /// The period that was asked for; an empty one of a listing that has none.
    pub period: Period,
    /// Where the period reaches beyond the moment of the request: that moment. What begins later is not there, or not
    /// whole.
    pub until: Option<NaiveDateTime>,
}

/// What a file says of the program that wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each of them is handled in a way of its own")]
pub enum Said {
    /// Another program wrote it.
    Foreign,
    /// These columns are of legs, and nothing else is said: a text, or a file of an earlier version.
    Columns(Vec<String>),
    /// Which request.
    Origin(Box<Origin>),
}

/// In what a request is narrower than another one, or not of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// Another account.
    Account,
    /// A column is missing.
    Columns,
    /// Other conditions.
    Conditions,
    /// Not all legs, but a number of them.
    Limit,
    /// A part of the time.
    Period,
    /// Rows of another report.
    Report,
    /// It is not said what the other one was.
    Unknown,
}

const ACCOUNT: &str = "calllegs.account";
const COLUMNS: &str = "calllegs.columns";
const CONDITIONS: &str = "calllegs.conditions";
const FROM: &str = "calllegs.from";
const LIMIT: &str = "calllegs.limit";
const REPORT: &str = "calllegs.report";
const TILL: &str = "calllegs.till";
const UNTIL: &str = "calllegs.until";

impl Origin {
    /// All legs of an account in a period, as these columns.
    pub fn new(account: &str, columns: &[&'static Column], period: Period) -> Self {
        Self {
            account: account.to_owned(),
            report: None,
            columns: columns.iter().map(|column| column.name().to_owned()).collect(),
            conditions: None,
            limit: None,
            period,
            until: None,
        }
    }

    /// What the metadata of a file says of it.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let time = |time| wall_time::format(time).to_string();
        let mut pairs = vec![(ACCOUNT, self.account.clone()), (COLUMNS, self.columns.join(","))];
        if !self.period.is_empty() {
            pairs.extend([(FROM, time(self.period.from())), (TILL, time(self.period.till()))]);
        }
        pairs.extend(self.report.clone().map(|report| (REPORT, report)));
        pairs.extend(self.conditions.clone().map(|conditions| (CONDITIONS, conditions)));
        pairs.extend(self.limit.map(|limit| (LIMIT, limit.to_string())));
        pairs.extend(self.until.map(|until| (UNTIL, time(until))));
        pairs
    }

    /// Reads it out of the metadata of a file; `None` when it is not there.
    pub fn read<'a>(value: impl Fn(&str) -> Option<Cow<'a, str>>) -> Option<Self> {
        let time = |name| wall_time::parse(&value(name)?).ok();
        let said = |name| value(name).map(Cow::into_owned);
        let report = said(REPORT);
        let period = match (time(FROM), time(TILL)) {
            (Some(from), Some(till)) => Period::new(from, till).ok()?,
            (None, None) if report.is_some() => Period::NONE,
            _ => return None,
        };
        Some(Self {
            account: said(ACCOUNT)?,
            report,
            columns: value(COLUMNS)?.split(',').map(str::to_owned).collect(),
            conditions: said(CONDITIONS),
            limit: value(LIMIT).and_then(|limit| limit.parse().ok()),
            period,
            until: time(UNTIL),
        })
    }

    /// The part of the period that was over when it was asked for.
    pub fn whole(&self) -> Period {
        let Some(until) = self.until else { return self.period };
        let (from, till) = (self.period.from(), self.period.till());
        Period::new(from, until.max(from).min(till)).unwrap_or(self.period)
    }

    /// What would be lost if this request replaced what the other one wrote; `None` when it is as wide or wider, or reads
    /// another time.
    pub fn loses(&self, old: &Self) -> Option<Difference> {
        let is_part = is_part(self.whole(), old.whole());
        [
            (self.report != old.report, Difference::Report),
            (self.account != old.account, Difference::Account),
            (self.lacks(&old.columns), Difference::Columns),
            (self.conditions.is_some() && self.conditions != old.conditions, Difference::Conditions),
            (self.limit.is_some_and(|limit| old.limit.is_none_or(|old| limit < old)), Difference::Limit),
            (is_part, Difference::Period),
        ]
        .into_iter()
        .find_map(|(differs, difference)| differs.then_some(difference))
    }

    /// As [`loses`](Self::loses), of a file that says no more than its columns.
    pub fn loses_of(&self, columns: &[String]) -> Option<Difference> {
        if self.lacks(columns) {
            return Some(Difference::Columns);
        }
        (self.conditions.is_some() || self.limit.is_some()).then_some(Difference::Unknown)
    }

    /// What would be lost of legs that start in this time, of a file that does not say which time was asked for.
    pub fn loses_time(&self, held: Period) -> Option<Difference> {
        is_part(self.whole(), held).then_some(Difference::Period)
    }

    /// Whether a part of this time is not read by this request.
    pub fn leaves_out(&self, held: Period) -> bool {
        !held.is_empty() && !lies_in(held, self.period)
    }

    /// Whether rows of both can stand in one folder: the same columns and conditions, and not a part of what is there.
    #[cfg(feature = "parquet")]
    pub(crate) fn differs(&self, old: &Self) -> Option<Difference> {
        let same_columns = !self.lacks(&old.columns) && !old.lacks(&self.columns);
        [
            (self.account != old.account, Difference::Account),
            (!same_columns, Difference::Columns),
            (self.conditions != old.conditions, Difference::Conditions),
            (self.limit != old.limit, Difference::Limit),
            (!lies_in(old.whole(), self.whole()), Difference::Period),
        ]
        .into_iter()
        .find_map(|(differs, difference)| differs.then_some(difference))
    }

    fn lacks(&self, columns: &[String]) -> bool {
        columns.iter().any(|column| !self.columns.contains(column))
    }
}

/// Whether the first is a part of the second, or would be if both had been asked for at the same moment: the last three days
/// of the last twenty. Lengths that a change of the clock makes are no difference.
fn is_part(new: Period, old: Period) -> bool {
    let length = |period: Period| period.till() - period.from();
    let meets = new.from() < old.till() && old.from() < new.till();
    let is_shorter = length(new) + TimeDelta::hours(1) < length(old);
    // Another time may take the place of one that is about as long: the next day, or February that of January.
    (lies_in(new, old) && new != old) || (meets && is_shorter) || length(new) * 4 < length(old) * 3
}

fn lies_in(inner: Period, outer: Period) -> bool {
    outer.from() <= inner.from() && inner.till() <= outer.till()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, till: &str) -> Period {
        Period::new(from.parse().unwrap(), till.parse().unwrap()).unwrap()
    }

    fn day() -> Origin {
        let columns: Vec<_> = Column::all().iter().collect();
        Origin::new("uis:1103", &columns, period("2026-10-05T00:00:00", "2026-10-06T00:00:00"))
    }

    /// Requests that are narrower than a day, and in what.
    fn narrower() -> [(Origin, Difference); 5] {
        let with = |change: fn(&mut Origin)| {
            let mut origin = day();
            change(&mut origin);
            origin
        };
        [
            (with(|origin| origin.account = "uis:1104".to_owned()), Difference::Account),
            (with(|origin| drop(origin.columns.pop())), Difference::Columns),
            (with(|origin| origin.conditions = Some("c".to_owned())), Difference::Conditions),
            (with(|origin| origin.limit = Some(5)), Difference::Limit),
            (
                with(|origin| origin.period = period("2026-10-05T00:00:00", "2026-10-05T12:00:00")),
                Difference::Period,
            ),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let until = Origin { until: Some("2026-10-05T14:30:00".parse().unwrap()), ..day() };
        for origin in narrower().map(|(origin, _)| origin).into_iter().chain([day(), until]) {
            let pairs = origin.pairs();
            let value = |name: &str| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| Cow::Borrowed(value.as_str()))
            };
            assert_eq!(Origin::read(value), Some(origin));
        }
        assert_eq!(Origin::read(|_| None), None);
    }

    #[test]
    fn a_narrower_request_loses_and_a_wider_one_does_not() {
        assert_eq!((day().loses(&day()), day().differs(&day())), (None, None));
        for (narrow, difference) in narrower() {
            assert_eq!(narrow.loses(&day()), Some(difference));
            assert_eq!(narrow.differs(&day()), Some(difference));
            if difference != Difference::Account {
                assert_eq!(day().loses(&narrow), None);
            }
            // In a folder only time may grow.
            let grows = (difference != Difference::Period).then_some(difference);
            assert_eq!(day().differs(&narrow), grows);
        }
        let other = Origin { period: period("2026-10-06T00:00:00", "2026-10-07T00:00:00"), ..day() };
        assert_eq!(other.loses(&day()), None);
        for (from, till, part) in [
            ("2026-10-05T06:00:00", "2026-10-06T06:00:00", false),
            ("2026-10-05T06:00:00", "2026-10-06T05:00:00", false),
            ("2026-10-05T21:00:00", "2026-10-06T00:00:05", true),
            ("2026-10-04T00:00:00", "2026-10-06T00:00:00", false),
            ("2026-10-06T00:00:00", "2026-10-06T00:00:05", true),
            ("2026-10-06T00:00:00", "2026-10-06T20:00:00", false),
        ] {
            let other = Origin { period: period(from, till), ..day() };
            assert_eq!(other.loses(&day()), part.then_some(Difference::Period), "{from} {till}");
        }
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(day().loses_of(&columns(&["id", "duration"])), None);
        assert_eq!(day().loses_of(&columns(&["id", "price"])), Some(Difference::Columns));
        let [.., (conditional, _), _, _] = &narrower();
        assert_eq!(conditional.loses_of(&columns(&["id"])), Some(Difference::Unknown));
    }

    #[test]
    fn a_day_that_was_not_over_is_a_part_of_the_day() {
        let at = |hour: u32| Origin { until: day().period.from().date().and_hms_opt(hour, 0, 0), ..day() };
        assert_eq!((at(15).loses(&at(10)), at(15).differs(&at(10))), (None, None));
        assert_eq!((day().loses(&at(10)), day().differs(&at(10))), (None, None));
        assert_eq!(at(10).differs(&at(15)), Some(Difference::Period));
        assert_eq!(at(10).differs(&day()), Some(Difference::Period));
    }
}
