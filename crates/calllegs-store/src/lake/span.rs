//! Seconds of a date: the names of files, and which of them a load rewrites together. Pure. Not here: what is in the files.

use calllegs_core::Period;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

/// Seconds of a date, from the first up to, not including, the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) till: u32,
}

const DAY: u32 = 86_400;

impl Span {
    /// The part of a period that is on this date, in whole seconds.
    pub(super) fn of(period: Period, date: NaiveDate) -> Option<Self> {
        let midnight = date.and_time(NaiveTime::MIN);
        let from = if period.from() <= midnight { 0 } else { second_on(date, period.from())? };
        let till = match second_on(date, period.till()) {
            Some(second) => second + u32::from(period.till().nanosecond() > 0),
            None if period.till() > midnight => DAY,
            None => return None,
        };
        (from < till).then_some(Self { from, till })
    }

    /// The name of a file that holds them: its first and its last second.
    pub(super) fn name(self) -> String {
        let clock = |second: u32| format!("{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60);
        format!("w-{}-{}.parquet", clock(self.from), clock(self.till.saturating_sub(1)))
    }

    /// The seconds of a file of this name; `None` where it is no name that [`name`](Self::name) gives.
    pub(super) fn named(name: &str) -> Option<Self> {
        let second = |text: &str| {
            let part = |place: usize| text.get(place..place + 2)?.parse::<u32>().ok();
            Some(part(0)? * 3600 + part(2)? * 60 + part(4)?)
        };
        let (from, last) = name.strip_prefix("w-")?.strip_suffix(".parquet")?.split_once('-')?;
        let span = Self { from: second(from)?, till: second(last)? + 1 };
        (span.from < span.till && span.till <= DAY && span.name() == name).then_some(span)
    }

    pub(super) const fn overlaps(self, other: Self) -> bool {
        self.from < other.till && other.from < self.till
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        self.from <= other.from && other.till <= self.till
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), till: self.till.max(other.till) }
    }
}

/// The second of the date that the moment is in.
pub(super) fn second_on(date: NaiveDate, at: NaiveDateTime) -> Option<u32> {
    (at.date() == date).then(|| at.time().num_seconds_from_midnight())
}

/// What becomes one file: files that are there, and legs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) span: Span,
    /// Files that it takes the place of, in the order of time.
    pub(super) old: Vec<Span>,
    /// Legs by their place in the load.
    pub(super) legs: Vec<usize>,
}

/// The files that a load makes on a date: one of each window, together with all files that it overlaps, so that no two ever
/// hold the same second. Legs of no window join the file of their second, or get one of their own. `legs` are in the order
/// of time.
pub(super) fn groups(windows: &[Span], old: &[Span], legs: &[(u32, usize)]) -> Vec<Group> {
    let mut spans: Vec<_> = windows.iter().map(|span| (*span, false)).collect();
    spans.extend(old.iter().map(|span| (*span, true)));
    spans.sort_unstable();
    // Whether there is a window in it.
    let mut taken: Vec<(Group, bool)> = Vec::new();
    for (span, is_old) in spans {
        let files = if is_old { vec![span] } else { Vec::new() };
        match taken.last_mut() {
            Some((group, has_window)) if group.span.overlaps(span) => {
                group.span = group.span.with(span);
                group.old.extend(files);
                *has_window |= !is_old;
            }
            Some(_) | None => taken.push((Group { span, old: files, legs: Vec::new() }, !is_old)),
        }
    }
    let mut loose: Vec<(usize, Group)> = Vec::new();
    for (second, leg) in legs {
        let behind = taken.partition_point(|(group, _)| group.span.from <= *second);
        let before = behind.checked_sub(1).and_then(|place| taken.get_mut(place));
        if let Some((group, _)) = before.filter(|(group, _)| *second < group.span.till) {
            group.legs.push(*leg);
            continue;
        }
        let span = Span { from: *second, till: second + 1 };
        match loose.last_mut() {
            Some((place, group)) if *place == behind => {
                group.span = group.span.with(span);
                group.legs.push(*leg);
            }
            Some(_) | None => loose.push((behind, Group { span, old: Vec::new(), legs: vec![*leg] })),
        }
    }
    let taken = taken.into_iter().filter(|(group, has_window)| *has_window || !group.legs.is_empty());
    let mut groups: Vec<_> =
        taken.map(|(group, _)| group).chain(loose.into_iter().map(|(_, group)| group)).collect();
    groups.sort_by_key(|group| group.span);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn hours(from: u32, till: u32) -> Span {
        Span { from: from * 3600, till: till * 3600 }
    }

    fn told(groups: &[Group]) -> Vec<(String, usize, &[usize])> {
        groups.iter().map(|group| (group.span.name(), group.old.len(), &*group.legs)).collect()
    }

    #[test]
    fn a_name_is_the_first_and_the_last_second() {
        assert_eq!(hours(0, 24).name(), "w-000000-235959.parquet");
        for span in [hours(0, 24), hours(3, 4), Span { from: 5, till: 6 }] {
            assert_eq!(Span::named(&span.name()), Some(span));
        }
        for name in [
            "w-000000-240000.parquet",
            "w-000000-until-143000.parquet",
            "w-1-2.parquet",
            "w-020000-010000.parquet",
        ] {
            assert_eq!(Span::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_period_is_cut_at_midnight() {
        let period: Period = "2026-03-01 14:00:00..2026-03-03".parse().unwrap();
        let on = |day| Span::of(period, NaiveDate::from_ymd_opt(2026, 3, day).unwrap());
        assert_eq!((on(1), on(2), on(3)), (Some(hours(14, 24)), Some(hours(0, 24)), None));
    }

    #[test]
    fn no_two_files_hold_the_same_second() {
        // Windows that touch stay apart; one over several files takes their place.
        let found = groups(&[hours(0, 2), hours(2, 4)], &[], &[(0, 0), (7200, 1)]);
        assert_eq!(
            told(&found),
            [("w-000000-015959.parquet".into(), 0, &[0][..]), ("w-020000-035959.parquet".into(), 0, &[1])]
        );
        let found = groups(&[hours(0, 3)], &[hours(0, 2), hours(2, 4), hours(5, 6)], &[]);
        assert_eq!(told(&found), [("w-000000-035959.parquet".into(), 2, &[][..])]);
    }

    #[test]
    fn legs_of_no_window_join_the_file_of_their_second_or_get_one() {
        let found = groups(&[], &[hours(1, 2), hours(4, 5)], &[(10, 0), (20, 1), (3600, 2), (7200, 3)]);
        assert_eq!(
            told(&found),
            [
                ("w-000010-000020.parquet".into(), 0, &[0, 1][..]),
                ("w-010000-015959.parquet".into(), 1, &[2]),
                ("w-020000-020000.parquet".into(), 0, &[3]),
            ]
        );
    }
}
