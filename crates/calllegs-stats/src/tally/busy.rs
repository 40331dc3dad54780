//! How long people were busy, ringing or talking, in the time between their first and last leg of a day.
//!
//! A leg belongs to the day that it started. Legs of a person who has the same number in two accounts are one person's.

use std::collections::{BTreeMap, HashMap};

use crate::{
    legs::{Leg, Role},
    shape::OCCUPANCY,
    table::{Decimal, Table},
};

const DAY: i64 = 86_400;
const HALF_HOUR: i64 = 1800;
/// Of a day.
pub(super) const HALVES: usize = 48;

/// The busy times of each person, by day and offset of the clock.
#[derive(Default)]
pub(super) struct Busy(HashMap<(i64, i64, i64), Times>);

impl Busy {
    /// A ring that went nowhere, to a phone that was not there, kept nobody busy.
    pub(super) fn leg(&mut self, leg: &Leg<'_>) {
        let Some(employee) = leg.employee_id else { return };
        let rang = leg.t1.is_some() || leg.reason.is_some_and(|reason| reason != "sip_offline");
        if rang && leg.is_operator == Some(true) && leg.role != Role::Coach {
            let key = (employee, leg.wall.div_euclid(DAY), leg.wall - leg.t0);
            self.0.entry(key).or_default().add(leg.wall.rem_euclid(DAY), leg.total.max(0));
        }
    }

    /// How many people rang or talked in each half hour of a day, by day.
    pub(super) fn active(&mut self) -> BTreeMap<i64, [i64; HALVES]> {
        let mut people: HashMap<(i64, i64), u64> = HashMap::new();
        for ((employee, day, _), times) in &mut self.0 {
            for (from, till) in times.spans() {
                // A leg beyond midnight is of the next day there.
                for half in from / HALF_HOUR..=(till - 1).max(from) / HALF_HOUR {
                    let halves = people.entry((*employee, day + half / 48)).or_default();
                    *halves |= 1 << half.rem_euclid(48);
                }
            }
        }
        let mut days: BTreeMap<i64, [i64; HALVES]> = BTreeMap::new();
        for ((_, day), halves) in people {
            let counts = days.entry(day).or_insert([0; HALVES]);
            for (half, count) in counts.iter_mut().enumerate() {
                *count += i64::from(halves >> half & 1 == 1);
            }
        }
        days
    }

    pub(super) fn table(self) -> Table {
        // On a day when the clock changes, times before and after it meet at instants.
        let mut days: BTreeMap<(i64, i64), Vec<(i64, i64)>> = BTreeMap::new();
        for ((employee, day, offset), mut times) in self.0 {
            let instants = times.spans().map(|(from, till)| (from - offset, till - offset));
            days.entry((employee, day)).or_default().extend(instants);
        }
        let mut people: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for ((employee, _), mut spans) in days {
            spans.sort_unstable();
            let first = spans.first().map_or(0, |(from, _)| *from);
            let (mut busy, mut end) = (0, first);
            for (from, till) in spans {
                busy += (till - from.max(end)).max(0);
                end = end.max(till);
            }
            let sums = people.entry(employee).or_default();
            *sums = (sums.0 + busy, sums.1 + (end - first));
        }
        let mut rows: Vec<_> = people
            .into_iter()
            .map(|(employee, (busy, present))| {
                let share = Decimal::quotient(100 * busy, present, 1);
                (employee, share, Decimal::quotient(present, 3600, 1))
            })
            .collect();
        // Nothing is least.
        rows.sort_by_key(|(employee, share, _)| (share.map_or(i64::MAX, |share| -share.units()), *employee));
        let row = |(employee, share, hours): (i64, Option<Decimal>, Option<Decimal>)| {
            vec![employee.into(), share.into(), hours.into()]
        };
        Table::new(&OCCUPANCY, rows.into_iter().map(row).collect())
    }
}

/// Spans of a day, in seconds from its beginning. Those that overlap are made one whenever there is no room for more.
#[derive(Default)]
struct Times {
    spans: Vec<(u32, u32)>,
    settled: usize,
}

impl Times {
    fn add(&mut self, from: i64, length: i64) {
        if self.spans.len() == self.spans.capacity() && self.spans.len() >= 2 * self.settled.max(16) {
            self.settle();
        }
        // A second of the day and a length of 32 bits fit.
        let [from, till] = [from, from + length].map(|second| u32::try_from(second).unwrap_or(u32::MAX));
        self.spans.push((from, till));
    }

    fn settle(&mut self) {
        self.spans.sort_unstable();
        self.spans.dedup_by(|(from, till), (_, kept)| {
            let touches = *from <= *kept;
            if touches {
                *kept = (*kept).max(*till);
            }
            touches
        });
        self.settled = self.spans.len();
    }

    fn spans(&mut self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.settle();
        self.spans.iter().map(|(from, till)| (i64::from(*from), i64::from(*till)))
    }
}
