//! Calls that go out: of an employee to a subscriber, of a list, and within the house.

use super::{RING, Shift};
use crate::world::{
    call::{Call, Kind, Leg, Outcome, Role},
    ending::Ending,
};

/// Whether the number that was called was reached.
struct Dialled {
    connect: Option<i64>,
    end: i64,
    ending: Ending,
}

impl Shift<'_> {
    /// A call to a subscriber: the employee's leg, then the subscriber's.
    pub(super) fn outbound(&mut self, hour: u32, legs: &mut Vec<Leg>) -> Option<Call> {
        let at = self.call.at;
        let employee = self.somebody(hour, at)?;
        let dialled = at + self.random.between(1, 3);
        let Dialled { connect, end, ending } = self.dial(dialled);
        let mut employees = self.answered(employee, at, 0, end, ending);
        employees.is_talked = connect.is_some();
        if connect.is_none() {
            (employees.records, employees.tracks, employees.rating) = (None, None, None);
        }
        self.truth.rings += 1;
        legs.push(Leg { inward: true, routed: false, queued: false, ..employees });
        let leg = self.leg(dialled);
        legs.push(Leg {
            connect,
            duration: connect.map_or(0, |connect| end - connect),
            total: end - dialled,
            ending,
            role: Role::Subscriber,
            is_talked: connect.is_some(),
            routed: false,
            queued: false,
            ..leg
        });
        self.truth.end = end;
        if let Some(connect) = connect {
            self.truth.outcome = Outcome::Answered;
            self.truth.reached = Some(connect);
            // The employee's line is in use from the dialling on, and counts as talk from then.
            self.truth.talk(employee, connect, end - at);
        }
        self.later(connect.is_some(), end)
    }

    /// A call of a list: the subscriber's leg, then that of whoever is free.
    pub(super) fn listed(&mut self, hour: u32, legs: &mut Vec<Leg>) -> Option<Call> {
        let at = self.call.at;
        let employee = self.somebody(hour, at);
        let Dialled { connect, mut end, mut ending } = self.dial(at);
        let place = legs.len();
        let leg = self.leg(at);
        self.truth.routed = true;
        let role = Role::Subscriber;
        legs.push(Leg { connect, total: end - at, ending, role, queued: false, ..leg });
        let mut talked = false;
        if let Some(connect) = connect {
            // Nobody is rung where all are in calls: silence, and the subscriber hangs up.
            let (start, ring) = (connect + 1, self.random.between(1, 6));
            (end, ending) = (start + ring + self.random.between(2, 9), Ending::BySubscriber);
            if let Some(employee) = employee {
                (end, ending) = (start + ring + 5 + self.random.around(110).min(3600), self.hang_up());
                let leg = self.answered(employee, start, ring, end, ending);
                self.offer(leg, legs);
                self.truth.outcome = Outcome::Answered;
                self.truth.reached = Some(connect);
                self.truth.talk(employee, start + ring, end - start - ring);
                talked = true;
            }
            if let Some(leg) = legs.get_mut(place) {
                (leg.duration, leg.total, leg.ending) = (end - connect, end - at, ending);
                leg.is_talked = talked;
            }
        }
        self.truth.end = end;
        self.later(talked, end)
    }

    /// One employee calls another.
    pub(super) fn internal(&mut self, hour: u32, legs: &mut Vec<Leg>) -> Option<Call> {
        let at = self.call.at;
        let from = self.somebody(hour, at)?;
        self.line = (self.line + 1) % self.cast.lines().max(1);
        let to = self.somebody(hour, at).filter(|to| *to != from)?;
        let (start, ring) = (at + 1, self.random.between(2, 12));
        let answers = self.random.chance(750);
        let end = if answers { start + ring + 4 + self.random.around(60).min(1800) } else { start + RING };
        let ending = if answers { self.hang_up() } else { self.one_of(self.rules.within) };
        // What is forbidden ends at once.
        let end = if answers || ending == Ending::RangOut { end } else { start };
        let plain = |leg: Leg| Leg { routed: false, queued: false, disclosed: false, ..leg };
        let caller = plain(self.answered(from, at, 0, end, ending));
        let caller = Leg { records: None, tracks: None, rating: None, ..caller };
        self.truth.rings += 2;
        legs.push(Leg { inward: true, peer: Some(to), is_talked: answers, ..caller });
        let other = if answers {
            let leg = self.answered(to, start, ring, end, ending);
            self.truth.talk(to, start + ring, end - start - ring + end - at);
            Leg { records: None, tracks: None, rating: None, ..leg }
        } else {
            let leg = self.leg(start);
            Leg { employee: Some(to), total: end - start, ending, ..leg }
        };
        legs.push(Leg { peer: Some(from), ..plain(other) });
        self.truth.end = end;
        None
    }

    /// Whether the subscriber answers, and until when.
    fn dial(&mut self, dialled: i64) -> Dialled {
        let ring = self.random.between(3, 20);
        let silent = self.random.between(25, 40);
        let busy_below = self.rules.unreached_from;
        let (connect, end, ending) = match self.random.below(1000) {
            0..620 => {
                let connect = dialled + ring;
                (Some(connect), connect + 5 + self.random.around(140).min(3600), self.hang_up())
            }
            620..870 => (None, dialled + silent, Ending::SubscriberSilent),
            share if share < busy_below => (None, dialled + 3, Ending::SubscriberBusy),
            _ => (None, dialled + 1, self.one_of(self.rules.unreachable)),
        };
        Dialled { connect, end, ending }
    }

    /// Whoever is not in a call.
    fn somebody(&mut self, hour: u32, at: i64) -> Option<u32> {
        let staff = self.on_shift(hour);
        let first = self.random.below(u32::try_from(staff.len()).unwrap_or(u32::MAX)) as usize;
        let free = |employee: &u32| self.busy.get(*employee as usize).is_some_and(|until| *until < at);
        staff.iter().cycle().skip(first).take(staff.len()).copied().find(free)
    }

    /// Subscribers who were not reached are called again, up to three times.
    fn later(&mut self, reached: bool, end: i64) -> Option<Call> {
        let again = !reached && self.call.attempt < 3 && self.random.chance(300);
        again.then(|| Call {
            at: end + 1200 + self.random.around(3600),
            kind: if self.call.kind == Kind::Listed { Kind::Listed } else { Kind::Outbound },
            attempt: self.call.attempt + 1,
            ..self.call
        })
    }
}
