//! The half hours of a day: what is to be done in them, and who is there to do it.
//!
//! All are means over the days that had a call, but the peak of lines. Who is there is an estimate: legs know of no log-in. A
//! person is there while a leg of theirs that was picked up lasts, and from one such leg to the next where no more than two
//! hours lie between them.

use std::collections::HashMap;

use crate::{
    legs::{Leg, Role},
    session::Call,
    table::Decimal,
};

const DAY: i64 = 86_400;
const HALF: i64 = 1800;
/// Half hours of a day.
pub(super) const COUNT: usize = 48;
/// Half hours without a conversation after which a person has left.
const AWAY: u32 = 4;

/// A half hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HalfHour {
    /// Seconds from midnight to its beginning, on the wall clock.
    pub start: i64,
    /// Offered calls.
    pub calls: Decimal,
    /// Seconds of talk of an answered call.
    pub talk: Option<Decimal>,
    /// People who were there, an estimate.
    pub people: Decimal,
    /// Lines in use.
    pub lines: Decimal,
    /// The most lines that ever were.
    pub peak: i64,
}

pub(super) struct HalfHours {
    slots: [Slot; COUNT],
    /// Half hours with a conversation, a bit each, by person and day.
    people: HashMap<(i64, i64), u64>,
}

/// Sums of all days.
#[derive(Clone, Copy, Default)]
struct Slot {
    calls: i64,
    talk: i64,
    talked: i64,
    line_seconds: i64,
}

impl Default for HalfHour {
    fn default() -> Self {
        let none = |places| Decimal::new(0, places);
        Self { start: 0, calls: none(2), talk: None, people: none(1), lines: none(1), peak: 0 }
    }
}

/// The half hour of the day that a second of the wall clock is in.
pub(super) fn slot(wall: i64) -> usize {
    usize::try_from(wall.rem_euclid(DAY) / HALF).unwrap_or_default()
}

impl Default for HalfHours {
    fn default() -> Self {
        Self { slots: [Slot::default(); COUNT], people: HashMap::new() }
    }
}

impl HalfHours {
    pub(super) fn leg(&mut self, leg: &Leg<'_>) {
        if leg.role == Role::Coach || leg.total <= 0 {
            return;
        }
        let (mut from, till) = (leg.wall, leg.wall + leg.total);
        let mut lasted = 0_u64;
        while from < till {
            let end = till.min((from.div_euclid(HALF) + 1) * HALF);
            let slot = slot(from);
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.line_seconds += end - from;
            }
            // What is after midnight is of the next day.
            if from.div_euclid(DAY) == leg.wall.div_euclid(DAY) {
                lasted |= 1 << slot;
            }
            from = end;
        }
        if let (Some(employee), Some(true), Some(_)) = (leg.employee_id, leg.is_operator, leg.t1) {
            *self.people.entry((employee, leg.wall.div_euclid(DAY))).or_default() |= lasted;
        }
    }

    pub(super) fn call(&mut self, call: &Call) {
        if let Some(slot) = self.slots.get_mut(slot(call.wall)).filter(|_| call.is_offered) {
            slot.calls += 1;
            if let Some(talk) = call.talk {
                slot.talk += talk;
                slot.talked += 1;
            }
        }
    }

    /// Those from the first to the last in which something happens.
    pub(super) fn finish(self, peaks: &[i64; COUNT], days: usize) -> Vec<HalfHour> {
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        let mut people = [0_i64; COUNT];
        for lasted in self.people.into_values() {
            let there = filled(lasted);
            for (bit, count) in people.iter_mut().enumerate() {
                *count += i64::from(there >> bit & 1 == 1);
            }
        }
        let mean = |sum, days, places| {
            Decimal::quotient(sum, days, places).unwrap_or_else(|| Decimal::new(0, places))
        };
        let all = (0..).zip(self.slots).zip(people).zip(peaks);
        let half_hours = all.map(|(((index, slot), people), peak)| HalfHour {
            start: index * HALF,
            calls: mean(slot.calls, days, 2),
            talk: Decimal::quotient(slot.talk, slot.talked, 1),
            people: mean(people, days, 1),
            lines: mean(slot.line_seconds, days.saturating_mul(HALF), 1),
            peak: *peak,
        });
        let is_idle = |half_hour: &HalfHour| {
            half_hour.peak == 0 && half_hour.calls.units() == 0 && half_hour.people.units() == 0
        };
        let mut half_hours: Vec<_> = half_hours.skip_while(is_idle).collect();
        while half_hours.pop_if(|last| is_idle(last)).is_some() {}
        half_hours
    }
}

/// With the half hours between two that are near each other.
fn filled(lasted: u64) -> u64 {
    let mut there = lasted;
    let mut rest = lasted;
    while rest != 0 {
        let at = rest.trailing_zeros();
        rest &= rest - 1;
        let gap = rest.trailing_zeros().saturating_sub(at + 1);
        if rest != 0 && gap <= AWAY {
            there |= ((1 << gap) - 1) << (at + 1);
        }
    }
    there
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_talks_again_within_two_hours_was_there_between() {
        assert_eq!(filled(0), 0);
        assert_eq!(filled(0b1), 0b1);
        // Two, then four half hours lie between; five are too many.
        assert_eq!(filled(0b100_0001_0000_1001), 0b100_0001_1111_1111);
    }
}
