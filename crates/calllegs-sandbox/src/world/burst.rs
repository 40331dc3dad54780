//! Many legs in little time, on top of what the call centre does: for windows that no page reaches the end of.

use chrono::NaiveDateTime;

use super::{call::Leg, cast::Cast, ending::Ending};
use crate::random::Random;

/// So many legs from a time of the wall clock on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Burst {
    pub(crate) at: NaiveDateTime,
    pub(crate) legs: u32,
    pub(crate) seconds: u32,
}

impl Burst {
    /// Plays it: sessions of one to three legs, each in one second. The subscriber's leg comes first, then employees
    /// who do not answer. `start` is in Unix seconds.
    pub(super) fn play(
        &self,
        session: i64,
        start: i64,
        cast: &Cast,
        mut random: Random,
        legs: &mut Vec<Leg>,
    ) {
        let employees = u32::try_from(cast.employees().len()).unwrap_or(u32::MAX);
        let mut left = self.legs;
        for session in session.. {
            if left == 0 {
                break;
            }
            let size = (random.below(3) + 1).min(left);
            left -= size;
            let at = start + i64::from(random.below(self.seconds.max(1)));
            let (caller, line) = (random.below(cast.callers()), random.below(cast.lines()));
            let length = random.between(5, 60);
            for order in 1..=size {
                let is_operator = order > 1;
                legs.push(Leg {
                    session,
                    order,
                    start: at,
                    connect: (!is_operator).then_some(at),
                    duration: if is_operator { 0 } else { length },
                    total: length,
                    ending: if is_operator { Ending::RangOut } else { Ending::BySubscriber },
                    line,
                    caller,
                    employee: is_operator.then(|| random.below(employees)),
                    inward: !is_operator,
                    is_operator,
                    is_transfered: false,
                    is_coach: false,
                    is_talked: false,
                    routed: true,
                    queued: is_operator,
                    disclosed: true,
                    rating: None,
                    records: None,
                    tracks: None,
                });
            }
        }
    }
}
