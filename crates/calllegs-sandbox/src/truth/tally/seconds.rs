//! What is counted second by second: lines in use, and people in calls.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::quotient;
use crate::world::{Cast, wall};

/// Seconds of a block: no zone is ahead by less.
const SECONDS: u16 = 900;
const BLOCK: i64 = SECONDS as i64;

/// Days after which no call of a day goes on any more.
const OPEN_DAYS: i64 = 3;

/// How many lines are in use, by second; of what is over, the peak of each hour by the account's clock.
pub(super) struct Lines {
    zone: Tz,
    blocks: BTreeMap<i64, Vec<u32>>,
    peaks: BTreeMap<i64, u32>,
}

impl Lines {
    pub(super) fn new(zone: Tz) -> Self {
        Self { zone, blocks: BTreeMap::new(), peaks: BTreeMap::new() }
    }

    pub(super) fn mark(&mut self, start: i64, seconds: i64) {
        for second in start..start + seconds {
            let block =
                self.blocks.entry(second.div_euclid(BLOCK)).or_insert_with(|| vec![0; SECONDS.into()]);
            let place = usize::try_from(second.rem_euclid(BLOCK)).unwrap_or_default();
            if let Some(count) = block.get_mut(place) {
                *count += 1;
            }
        }
    }

    pub(super) fn settle(&mut self, day: NaiveDate) {
        let before = days(day) - OPEN_DAYS;
        let open = self.blocks.split_off(&(before * 86_400 / BLOCK));
        for (block, counts) in std::mem::replace(&mut self.blocks, open) {
            let Some(wall) = wall(self.zone, block * BLOCK) else { continue };
            let hour = wall.and_utc().timestamp() - i64::from(wall.minute() * 60 + wall.second());
            let peak = self.peaks.entry(hour).or_default();
            *peak = (*peak).max(counts.into_iter().max().unwrap_or_default());
        }
    }

    /// The five highest peaks.
    pub(super) fn rows(&self) -> Vec<Value> {
        let mut peaks: Vec<_> = self.peaks.iter().map(|(hour, peak)| (-i64::from(*peak), *hour)).collect();
        peaks.sort_unstable();
        let row = |(peak, hour): (i64, i64)| json!({"hour_epoch": hour, "peak_legs": -peak});
        peaks.into_iter().take(5).map(row).collect()
    }
}

/// When people are rung or in calls: by person and day while it goes on, then summed up.
#[derive(Default)]
pub(super) struct Presence {
    open: BTreeMap<(NaiveDate, u32), Marks>,
    /// By person: seconds busy, seconds from the first to the last activity of each day.
    sums: BTreeMap<u32, (i64, i64)>,
}

struct Marks {
    /// Unix seconds of the first bit.
    base: i64,
    bits: Vec<bool>,
    first: i64,
    last: i64,
}

impl Presence {
    pub(super) fn mark(&mut self, employee: u32, day: NaiveDate, start: i64, seconds: i64) {
        // A day begins up to 14 hours before that of UTC.
        let base = (days(day) - 1) * 86_400;
        let fresh = || Marks { base, bits: Vec::new(), first: start, last: start };
        let marks = self.open.entry((day, employee)).or_insert_with(fresh);
        marks.first = marks.first.min(start);
        marks.last = marks.last.max(start + seconds);
        let place = |second: i64| usize::try_from(second - marks.base).unwrap_or_default();
        let (from, till) = (place(start), place(start + seconds));
        if marks.bits.len() < till {
            marks.bits.resize(till, false);
        }
        marks.bits.get_mut(from..till).unwrap_or_default().fill(true);
    }

    pub(super) fn settle(&mut self, day: NaiveDate) {
        let before = day.checked_sub_days(chrono::Days::new(3)).unwrap_or(day);
        let open = self.open.split_off(&(before, 0));
        for ((_, employee), marks) in std::mem::replace(&mut self.open, open) {
            let sums = self.sums.entry(employee).or_default();
            sums.0 += i64::try_from(marks.bits.iter().filter(|busy| **busy).count()).unwrap_or_default();
            sums.1 += marks.last - marks.first;
        }
    }

    /// The busiest first, as far as the digit that is shown; whoever was there for no time at all last.
    pub(super) fn rows(&self, cast: &Cast) -> Vec<Value> {
        let share = |(busy, there): (i64, i64)| {
            (1000 * 2 * busy + there).checked_div(2 * there).filter(|_| there > 0)
        };
        let mut people: Vec<_> = self.sums.iter().map(|(who, sums)| (share(*sums), *who, *sums)).collect();
        people.sort_by_key(|(share, who, _)| (share.map_or(1, |share| -share), *who));
        let row = |(_, who, (busy, there)): (Option<i64>, u32, (i64, i64))| {
            json!({"employee_id": cast.employee(who).map(|employee| employee.id),
                "occupancy_est_pct": quotient(100 * busy, there, 1), "presence_est_h": quotient(there, 3600, 1)})
        };
        people.into_iter().map(row).collect()
    }
}

/// Since 1970.
fn days(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}
