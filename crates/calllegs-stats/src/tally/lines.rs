//! Lines in use: how many legs are there at the same time, coaches left out.
//!
//! Legs are half-open, `[start, end)`. Where instants are known and the clock changes, legs are counted at instants and an
//! hour is called what the clock of the leg that starts or ends in it showed when the leg started: of an hour that the clock
//! shows twice there is one line, the higher of both. A leg that lasts over the change may so end in the hour beside.

use std::collections::{BTreeMap, HashMap};

use super::half_hours::{COUNT, slot};
use crate::{
    legs::{Leg, Role},
    shape::CONCURRENCY,
    table::Table,
};

const HOUR: i64 = 3600;

/// Starts and ends by the offset of the clock and its hour.
#[derive(Default)]
pub(super) struct Lines(HashMap<(i64, i64), Hour>);

impl Lines {
    pub(super) fn leg(&mut self, leg: &Leg<'_>) {
        if leg.role != Role::Coach && leg.total > 0 {
            let offset = leg.wall - leg.t0;
            self.add(offset, leg.wall, 1);
            self.add(offset, leg.wall + leg.total, -1);
        }
    }

    fn add(&mut self, offset: i64, wall: i64, change: i16) {
        let hour = self.0.entry((offset, wall.div_euclid(HOUR))).or_default();
        // Seconds of an hour always fit.
        hour.add(u16::try_from(wall.rem_euclid(HOUR)).unwrap_or_default(), change);
    }

    /// The five highest peaks, and the highest of each half hour of the day.
    pub(super) fn finish(self) -> (Table, [i64; COUNT]) {
        let mut offsets: Vec<i64> = self.0.keys().map(|(offset, _)| *offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let mut peaks = Peaks::default();
        if let [_] = offsets.as_slice() {
            let mut hours: Vec<_> = self.0.into_iter().map(|((_, hour), changes)| (hour, changes)).collect();
            hours.sort_unstable_by_key(|(hour, _)| *hour);
            for (hour, mut changes) in hours {
                for (second, change) in changes.sums() {
                    peaks.change(hour, second, change);
                }
            }
        } else {
            // The clock changed: what happens at an instant may be called by two hours.
            let mut hours: Vec<_> = self.0.into_iter().collect();
            let begins = |((offset, hour), _): &((i64, i64), Hour)| hour * HOUR - offset;
            hours.sort_unstable_by_key(begins);
            let mut hours = hours.into_iter().peekable();
            let mut waiting: BTreeMap<i64, Vec<(i64, i64, i64)>> = BTreeMap::new();
            loop {
                let next = hours.peek().map(begins);
                while let Some(entry) = waiting.first_entry()
                    && next.is_none_or(|next| *entry.key() < next)
                {
                    peaks.changes_at_once(&mut entry.remove());
                }
                let Some(((offset, hour), mut changes)) = hours.next() else { break };
                for (second, change) in changes.sums() {
                    let at = hour * HOUR - offset + i64::from(second);
                    waiting.entry(at).or_default().push((hour, i64::from(second), change));
                }
            }
        }
        let half_hours = peaks.half_hours;
        let mut peaks: Vec<_> = peaks.hours.into_iter().collect();
        peaks.sort_by_key(|(hour, peak)| (-peak, *hour));
        let rows = peaks.into_iter().take(5).map(|(hour, peak)| vec![(hour * HOUR).into(), peak.into()]);
        (Table::new(&CONCURRENCY, rows.collect()), half_hours)
    }
}

/// The highest level of each hour, and of each half hour of the day, while levels go by.
struct Peaks {
    level: i64,
    hours: BTreeMap<i64, i64>,
    half_hours: [i64; COUNT],
    /// Since when the level is what it is, on the wall clock.
    since: i64,
}

impl Default for Peaks {
    fn default() -> Self {
        Self { level: 0, hours: BTreeMap::new(), half_hours: [0; COUNT], since: i64::MAX }
    }
}

impl Peaks {
    /// The level changes in this hour; at its first second what was before belongs to the hour before.
    fn change(&mut self, hour: i64, second: u16, change: i64) {
        let before = self.level;
        self.level += change;
        self.half_hours(before, hour * HOUR + i64::from(second));
        let peak = if second > 0 { before.max(self.level) } else { self.level };
        let known = self.hours.entry(hour).or_insert(peak);
        *known = peak.max(*known);
    }

    /// The level was what it was until now, and is another from now on.
    fn half_hours(&mut self, before: i64, now: i64) {
        const HALF: i64 = HOUR / 2;
        let mut raise = |at: i64, level: i64| {
            if let Some(peak) = self.half_hours.get_mut(slot(at)) {
                *peak = level.max(*peak);
            }
        };
        if before > 0 {
            let mut at = self.since;
            while at < now {
                raise(at, before);
                at = (at.div_euclid(HALF) + 1) * HALF;
            }
        }
        raise(now, self.level);
        self.since = now;
    }

    /// What changes at one instant, by hour and second of the hour.
    fn changes_at_once(&mut self, changes: &mut [(i64, i64, i64)]) {
        let before = self.level;
        self.level += changes.iter().map(|(_, _, change)| change).sum::<i64>();
        if let Some((hour, second, _)) = changes.iter().min() {
            self.half_hours(before, hour * HOUR + second);
        }
        for (hour, second, _) in changes {
            let peak = if *second > 0 { before.max(self.level) } else { self.level };
            let known = self.hours.entry(*hour).or_insert(peak);
            *known = peak.max(*known);
        }
    }
}

/// What changes in an hour, by second. A second is there several times until it is put in order.
#[derive(Default)]
struct Hour {
    changes: Vec<(u16, i16)>,
    /// How many of them are in order, each second once.
    sorted: usize,
}

impl Hour {
    fn add(&mut self, second: u16, change: i16) {
        if self.changes.len() == self.changes.capacity() && self.changes.len() >= 2 * self.sorted.max(64) {
            self.settle();
        }
        self.changes.push((second, change));
    }

    /// One change for each second, as far as they fit into one.
    fn settle(&mut self) {
        self.changes.sort_unstable();
        self.changes.dedup_by(|(second, change), (kept_second, kept)| {
            let sum = kept.checked_add(*change).filter(|_| second == kept_second);
            *kept = sum.unwrap_or(*kept);
            sum.is_some()
        });
        self.sorted = self.changes.len();
    }

    /// The sum of each second, in order.
    fn sums(&mut self) -> impl Iterator<Item = (u16, i64)> + '_ {
        self.changes.sort_unstable();
        self.changes.chunk_by(|(one, _), (other, _)| one == other).map(|changes| {
            let second = changes.first().map_or(0, |(second, _)| *second);
            (second, changes.iter().map(|(_, change)| i64::from(*change)).sum())
        })
    }
}
