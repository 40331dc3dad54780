//! Many legs in little time, on top of what the call centre does: for windows that no page reaches the end of.

use chrono::NaiveDateTime;

use super::{
    call::{Leg, Outcome, Role, Session, Way},
    cast::Cast,
    ending::Ending,
};
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
        mut told: impl FnMut(&Session, &[Leg]),
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
            let first = legs.len();
            let subscriber = Leg {
                connect: Some(at),
                duration: length,
                total: length,
                ending: Ending::BySubscriber,
                via: line,
                line,
                caller: Some(caller),
                role: Role::Subscriber,
                inward: true,
                queued: false,
                ..Leg::ring(session, 1, at)
            };
            legs.push(subscriber);
            let mut truth = Session::new(session, at, Way::In);
            (truth.end, truth.contact, truth.via) = (at + length, Some(caller), Some(line));
            truth.routed = true;
            for order in 2..=size {
                let employee = Some(random.below(employees));
                let caller = Some(caller);
                truth.offer(at);
                truth.outcome = Outcome::Abandoned;
                legs.push(Leg {
                    total: length,
                    via: line,
                    line,
                    caller,
                    employee,
                    ..Leg::ring(session, order, at)
                });
            }
            told(&truth, legs.get(first..).unwrap_or_default());
        }
    }
}
