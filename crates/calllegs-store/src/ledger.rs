//! The ledger of an account: which windows of its time a place has, what the server counted in each, and what is to be read
//! next. It is kept beside the rows and changes with them in one step, so that gaps are visible and nothing is believed twice.
//!
//! All times are the wall clock of the account. Pure: where a ledger is kept is the places' word
//! ([`Warehouse`](crate::warehouse::Warehouse)).

use std::{fmt, str::FromStr};

use calllegs_core::{Period, window::LONGEST_SLICE};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Whether a window is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WindowStatus {
    /// It is read again by the next run: it was younger than the settling margin, or lacked legs that the server counts.
    Open,
    /// It was read to its end by a run that was stopped before the stretch around it was verified. It is not read again,
    /// but counted: see [`Ledger::unverified`].
    Unverified,
    /// Its legs are those that the server counted, and it was old enough.
    Final,
}

impl WindowStatus {
    /// The word in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unverified => "unverified",
            Self::Final => "final",
        }
    }
}

impl fmt::Display for WindowStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WindowStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Open, Self::Unverified, Self::Final]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

/// A word that is no status of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownStatus;

impl fmt::Display for UnknownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a window is open, unverified or final")
    }
}

impl std::error::Error for UnknownStatus {}

/// A line of the ledger: a stretch of time that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a line of a table that others read too")]
pub struct Window {
    /// From its first second up to, not including, its last.
    pub period: Period,
    /// Whether it is settled.
    pub status: WindowStatus,
    /// Legs that the server counted in it.
    pub total_items: u64,
    /// Distinct legs that were received in it. Less than it counted: the window stays open.
    pub legs: u64,
    /// Legs that were new to the place.
    pub inserted: u64,
    /// Legs that the place had otherwise.
    pub changed: u64,
    /// Over the ids and row hashes of its legs: see [`content_hash`](crate::row_hash::content_hash).
    pub content_hash: String,
    /// Points that the run had spent up to here since the window before.
    pub points: u32,
    /// The run that read it.
    pub run_id: String,
    /// When it was read.
    pub fetched_at: DateTime<Utc>,
    /// The version of calllegs that read it; empty where none was noted.
    #[serde(default)]
    pub version: String,
}

/// When windows are read again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the settings of a sync, each documented")]
pub struct Schedule {
    /// A window that ends less than this before the moment of reading stays open: legs of calls that go on appear late.
    pub settle: TimeDelta,
    /// Windows younger than this are read by each run: ratings and recordings come late.
    pub lookback: TimeDelta,
    /// Ages at which a window is read once more.
    pub refresh: Vec<TimeDelta>,
}

impl Default for Schedule {
    /// Settles in 2 hours, looks back 3 days, refreshes at 1, 7 and 30 days.
    fn default() -> Self {
        Self {
            settle: TimeDelta::hours(2),
            lookback: TimeDelta::days(3),
            refresh: [1, 7, 30].map(TimeDelta::days).to_vec(),
        }
    }
}

/// The windows of one account, in the order of time; no two of them overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    windows: Vec<Window>,
}

impl Ledger {
    /// Of lines in any order. Of two that overlap the one that was read later stays.
    pub fn new(lines: impl IntoIterator<Item = Window>) -> Self {
        let mut lines: Vec<_> = lines.into_iter().collect();
        lines.sort_by_key(|line| line.fetched_at);
        let mut ledger = Self::default();
        for line in lines {
            ledger.put(line);
        }
        ledger
    }

    /// Adds a line in the place of those that it overlaps.
    pub fn put(&mut self, line: Window) {
        let (from, till) = (line.period.from(), line.period.till());
        self.windows.retain(|window| window.period.till() <= from || till <= window.period.from());
        let place = self.windows.partition_point(|window| window.period.from() < from);
        self.windows.insert(place, line);
    }

    /// Its lines, in the order of time.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// The end of the unbroken run of final windows from the beginning: up to here the place has all legs.
    pub fn complete_until(&self) -> Option<NaiveDateTime> {
        let mut end = None;
        for window in &self.windows {
            let follows = end.is_none_or(|end| end == window.period.from());
            if !follows || window.status != WindowStatus::Final {
                break;
            }
            end = Some(window.period.till());
        }
        end
    }

    /// The stretches of which the place has all legs, in the order of time.
    pub fn complete(&self) -> Vec<Period> {
        let windows = self.windows.iter().filter(|window| window.status == WindowStatus::Final);
        joined(windows.map(|window| window.period).collect())
    }

    /// The stretches between windows that no window covers.
    pub fn gaps(&self) -> Vec<Period> {
        let pairs = self.windows.iter().zip(self.windows.iter().skip(1));
        pairs.filter_map(|(one, other)| stretch(one.period.till(), other.period.from())).collect()
    }

    /// The windows that wait for a count, those together that touch each other and that one call can count.
    pub fn unverified(&self) -> Vec<&[Window]> {
        let mut begin: Option<NaiveDateTime> = None;
        let together = |one: &Window, other: &Window| {
            let from = *begin.get_or_insert_with(|| one.period.from());
            let is_one = one.status == other.status
                && one.period.till() == other.period.from()
                && other.period.till() - from <= LONGEST_SLICE;
            if !is_one {
                begin = None;
            }
            is_one
        };
        let groups = self.windows.chunk_by(together);
        groups
            .filter(|group| group.first().is_some_and(|window| window.status == WindowStatus::Unverified))
            .collect()
    }

    /// What is to be read: of the time from `since`, or from the first window, up to `now` what no window covers, and the
    /// windows that are due. `read_at` tells what the account's clock showed when a line was read.
    pub fn due(
        &self,
        since: Option<NaiveDateTime>,
        now: NaiveDateTime,
        schedule: &Schedule,
        read_at: impl Fn(&Window) -> NaiveDateTime,
    ) -> Vec<Period> {
        let first = self.windows.first().map(|window| window.period.from());
        let Some(begin) = since.into_iter().chain(first).min() else { return Vec::new() };
        let mut due = Vec::new();
        let mut covered = begin;
        for window in &self.windows {
            due.extend(stretch(covered, window.period.from().min(now)));
            covered = covered.max(window.period.till());
            if is_due(window, now, schedule, read_at(window)) {
                due.push(window.period);
            }
        }
        due.extend(stretch(covered, now));
        joined(due)
    }

    /// What is to be read so that these hours are read anew: whole windows, and what none covers.
    pub fn whole_windows(&self, asked: Period) -> Period {
        let overlaps =
            |window: &&Window| window.period.from() < asked.till() && asked.from() < window.period.till();
        let bounds = self.windows.iter().filter(overlaps).map(|window| window.period);
        bounds.fold(asked, |asked, window| {
            stretch(asked.from().min(window.from()), asked.till().max(window.till())).unwrap_or(asked)
        })
    }
}

fn is_due(window: &Window, now: NaiveDateTime, schedule: &Schedule, read_at: NaiveDateTime) -> bool {
    let end = window.period.till();
    let ages = schedule.refresh.iter().chain([&schedule.lookback]);
    window.status == WindowStatus::Open
        || now < end + schedule.lookback
        || ages.into_iter().any(|age| read_at < end + *age && end + *age <= now)
}

fn stretch(from: NaiveDateTime, till: NaiveDateTime) -> Option<Period> {
    Period::new(from, till).ok().filter(|period| !period.is_empty())
}

/// Those that touch or overlap become one.
pub fn joined(mut periods: Vec<Period>) -> Vec<Period> {
    periods.sort_by_key(|period| period.from());
    let mut joined: Vec<Period> = Vec::new();
    for period in periods {
        match joined.last_mut() {
            Some(last) if period.from() <= last.till() => {
                *last = stretch(last.from(), last.till().max(period.till())).unwrap_or(*last);
            }
            Some(_) | None => joined.push(period),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use calllegs_core::value::wall_time;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        wall_time::parse(&format!("2026-03-{text}:00:00")).unwrap()
    }

    fn window(from: &str, till: &str, read: &str) -> Window {
        Window {
            period: Period::new(at(from), at(till)).unwrap(),
            status: WindowStatus::Final,
            total_items: 1,
            legs: 1,
            inserted: 1,
            changed: 0,
            content_hash: String::new(),
            points: 1,
            run_id: "r".to_owned(),
            fetched_at: at(read).and_utc(),
            version: String::new(),
        }
    }

    fn due(ledger: &Ledger, since: Option<&str>, now: &str) -> Vec<String> {
        let due =
            ledger.due(since.map(at), at(now), &Schedule::default(), |line| line.fetched_at.naive_utc());
        due.iter()
            .map(|period| format!("{}-{}", period.from().format("%d %H"), period.till().format("%d %H")))
            .collect()
    }

    #[test]
    fn a_first_load_is_all_of_it_and_without_a_beginning_nothing() {
        assert_eq!(due(&Ledger::default(), Some("01 00"), "05 10"), ["01 00-05 10"]);
        assert!(due(&Ledger::default(), None, "05 10").is_empty());
    }

    #[test]
    fn a_load_that_was_stopped_goes_on_behind_its_last_window() {
        let ledger = Ledger::new([window("01 00", "02 00", "20 10"), window("02 00", "02 07", "20 10")]);
        assert_eq!(due(&ledger, Some("01 00"), "20 11"), ["02 07-20 11"]);
        assert_eq!(ledger.complete_until(), Some(at("02 07")));
    }

    #[test]
    fn young_windows_are_read_each_time_and_older_ones_once_at_each_age() {
        // Read when it was an hour old.
        let ledger = Ledger::new([window("01 00", "02 00", "02 01")]);
        assert_eq!(due(&ledger, None, "02 07"), ["01 00-02 07"]);
        assert_eq!(due(&ledger, None, "05 00"), ["01 00-05 00"], "the last look at the end of the look-back");
        // Read when it was three days old: nothing until it is seven.
        let ledger = Ledger::new([window("01 00", "02 00", "05 00"), window("02 00", "08 00", "30 00")]);
        assert_eq!(due(&ledger, None, "08 23"), ["02 00-08 23"]);
        assert_eq!(due(&ledger, None, "09 00"), ["01 00-09 00"]);
        let ledger = Ledger::new([window("01 00", "02 00", "09 00")]);
        assert_eq!(due(&ledger, None, "30 00"), ["02 00-30 00"]);
    }

    #[test]
    fn gaps_and_open_windows_are_read() {
        let mut open = window("03 00", "04 00", "20 00");
        open.status = WindowStatus::Open;
        let ledger =
            Ledger::new([window("01 00", "02 00", "20 00"), open, window("04 00", "20 00", "30 00")]);
        assert_eq!(due(&ledger, None, "20 00"), ["02 00-20 00"]);
        assert_eq!(ledger.gaps().len(), 1);
        let complete: Vec<_> =
            ledger.complete().iter().map(|stretch| (stretch.from(), stretch.till())).collect();
        assert_eq!(complete, [(at("01 00"), at("02 00")), (at("04 00"), at("20 00"))]);
        assert_eq!(ledger.complete_until(), Some(at("02 00")));
    }

    #[test]
    fn windows_of_a_stopped_run_are_not_read_again_but_counted_together() {
        let mut windows = [("01 00", "02 00"), ("02 00", "03 00"), ("03 00", "03 07"), ("04 00", "05 00")]
            .map(|(from, till)| window(from, till, "30 00"));
        for window in &mut windows[1..] {
            window.status = WindowStatus::Unverified;
        }
        let ledger = Ledger::new(windows);
        assert_eq!(due(&ledger, None, "09 00"), ["03 07-04 00", "05 00-09 00"], "what no window covers");
        assert_eq!(ledger.complete_until(), Some(at("02 00")));
        let bounds = |group: &&[Window]| (group[0].period.from(), group.len());
        let groups: Vec<_> = ledger.unverified().iter().map(bounds).collect();
        assert_eq!(groups, [(at("02 00"), 2), (at("04 00"), 1)]);
    }

    #[test]
    fn a_line_takes_the_place_of_those_that_it_overlaps() {
        let mut ledger = Ledger::new([window("01 00", "02 00", "02 00"), window("02 00", "03 00", "03 00")]);
        ledger.put(window("01 12", "02 12", "04 00"));
        assert_eq!(ledger.windows().len(), 1);
        let asked = Period::new(at("02 00"), at("02 03")).unwrap();
        assert_eq!(ledger.whole_windows(asked), Period::new(at("01 12"), at("02 12")).unwrap());
    }
    #[test]
    fn a_line_that_notes_no_version_is_read() {
        let line = serde_json::to_value(window("01 00", "02 00", "02 00")).unwrap();
        let mut older = line.clone();
        older.as_object_mut().unwrap().remove("version");
        assert_eq!(serde_json::from_value::<Window>(older).unwrap(), serde_json::from_value(line).unwrap());
    }
}
