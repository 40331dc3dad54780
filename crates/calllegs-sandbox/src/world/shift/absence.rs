//! Who is away when: a break in the middle of the work, and other times of a status or a phone that is not there.

use std::ops::Range;

use crate::{
    random::Random,
    world::{cast::Cast, ending::Ending},
};

/// The absences of a day.
#[derive(Default)]
pub(super) struct Absences {
    /// By employee; they may overlap, and the first one counts.
    of: Vec<Vec<(Range<i64>, Ending)>>,
}

impl Absences {
    /// `midnight` is the instant at which the day begins.
    pub(super) fn new(cast: &Cast, midnight: i64, mut random: Random) -> Self {
        let refusals = cast.rules().refusals;
        let of = cast.employees().iter().map(|employee| {
            let (first, after) = employee.hours;
            let hours = if first < after { after - first } else { after + 24 - first };
            // A night that goes on in the morning belongs to the day on both ends of it.
            let at = |hour: u32, minute: i64| midnight + i64::from((first + hour) % 24) * 3600 + minute * 60;
            let lunch = at(hours / 2, random.between(0, 59));
            let mut away = vec![(lunch..lunch + random.between(25, 45) * 60, Ending::AtBreak)];
            for _ in 0..random.below(cast.rules().absences + 1) {
                let start = at(random.below(hours), random.between(0, 59));
                let length = random.between(4, 50) * 60;
                away.extend(random.pick(refusals).map(|ending| (start..start + length, *ending)));
            }
            away
        });
        Self { of: of.collect() }
    }

    /// Why the employee is away at this time.
    pub(super) fn of(&self, employee: u32, at: i64) -> Option<Ending> {
        let away = self.of.get(employee as usize)?;
        away.iter().find(|(time, _)| time.contains(&at)).map(|(_, ending)| *ending)
    }
}
