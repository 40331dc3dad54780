//! One call from the first ring to the last leg, and whether the caller tries again.

use std::{collections::BTreeMap, rc::Rc};

use chrono::{NaiveDateTime, Timelike, Weekday};

use super::{cast::Cast, ending::Ending};
use crate::random::Random;

/// An attempt to call. Ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    /// Unix seconds.
    pub(super) at: i64,
    pub(super) caller: u32,
    pub(super) inbound: bool,
    pub(super) attempt: u32,
}

/// One leg. Times are Unix seconds.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the rows have these flags")]
pub(super) struct Leg {
    pub(super) session: i64,
    /// Place in the session.
    pub(super) order: u32,
    pub(super) start: i64,
    pub(super) connect: Option<i64>,
    pub(super) duration: i64,
    pub(super) total: i64,
    pub(super) ending: Ending,
    pub(super) line: u32,
    pub(super) caller: u32,
    pub(super) employee: Option<u32>,
    /// Towards the platform.
    pub(super) inward: bool,
    pub(super) is_operator: bool,
    pub(super) is_transfered: bool,
    pub(super) is_coach: bool,
    pub(super) is_talked: bool,
    /// A scenario made it.
    pub(super) routed: bool,
    /// It belongs to the queue of the line's group.
    pub(super) queued: bool,
    /// The subscriber's number is not withheld.
    pub(super) disclosed: bool,
    pub(super) rating: Option<i64>,
    pub(super) records: Option<u128>,
    pub(super) tracks: Option<[u128; 2]>,
}

/// The employees of one day and their dice.
pub(super) struct Shift<'a> {
    cast: &'a Cast,
    weekend: bool,
    random: Random,
    /// By employee: until when in a call.
    busy: Vec<i64>,
    /// By line: whose turn it is.
    turn: Vec<u32>,
    /// By line and hour: who is at work, once it was asked for.
    at_work: BTreeMap<(u32, u32), Rc<[u32]>>,
    /// The call being played.
    session: i64,
    order: u32,
    call: Call,
    line: u32,
    disclosed: bool,
}

/// How the search for an employee ended.
enum Found {
    /// This one answered, after so many seconds since the start of the leg at this place.
    Answer { employee: u32, start: i64, ring: i64 },
    /// The caller hung up at this time.
    Abandoned(i64),
    /// Nobody answered up to this time.
    Nobody(i64, Ending),
}

impl<'a> Shift<'a> {
    pub(super) fn new(cast: &'a Cast, weekday: Weekday, random: Random) -> Self {
        Self {
            cast,
            weekend: matches!(weekday, Weekday::Sat | Weekday::Sun),
            random,
            busy: vec![i64::MIN; cast.employees().len()],
            turn: vec![0; cast.lines() as usize],
            at_work: BTreeMap::new(),
            session: 0,
            order: 0,
            call: Call { at: 0, caller: 0, inbound: true, attempt: 0 },
            line: 0,
            disclosed: true,
        }
    }

    /// Plays a call; `wall` is its time in the account's zone. Returns the attempt that follows from it, if any.
    pub(super) fn play(
        &mut self,
        call: Call,
        session: i64,
        wall: Option<NaiveDateTime>,
        legs: &mut Vec<Leg>,
    ) -> Option<Call> {
        let hour = wall.map_or(0, |wall| wall.hour());
        (self.session, self.order, self.call) = (session, 0, call);
        // A caller keeps to a line.
        self.line = call.caller % self.cast.lines().max(1);
        self.disclosed = !call.inbound || !call.caller.is_multiple_of(97);
        if call.inbound { self.inbound(hour, legs) } else { self.outbound(hour, legs) }
    }

    fn inbound(&mut self, hour: u32, legs: &mut Vec<Leg>) -> Option<Call> {
        let at = self.call.at;
        let place = legs.len();
        // The subscriber's leg lasts as long as the call; its end is known last.
        let subscriber = self.leg(at);
        legs.push(Leg { connect: Some(at), is_operator: false, inward: true, queued: false, ..subscriber });
        let menu = self.random.between(6, 25);
        let (end, ending, talked) = if self.random.chance(60) {
            let ending = if self.random.chance(150) { Ending::WrongInput } else { Ending::BySubscriber };
            (at + self.random.between(2, 20), ending, false)
        } else {
            let patience = at + menu + 8 + self.random.around(100);
            match self.search(hour, at + menu, patience, legs) {
                Found::Answer { employee, start, ring } => {
                    let (end, ending) = self.talk(hour, employee, start, ring, legs);
                    (end, ending, true)
                }
                Found::Abandoned(end) => (end, Ending::BySubscriber, false),
                Found::Nobody(end, ending) => (end, ending, false),
            }
        };
        if let Some(leg) = legs.get_mut(place) {
            (leg.duration, leg.total, leg.ending, leg.is_talked) = (end - at, end - at, ending, talked);
        }
        if talked {
            return None;
        }
        let Call { caller, attempt, .. } = self.call;
        if attempt < 4 && self.random.chance(450) {
            let at = end + 40 + self.random.around(900);
            return Some(Call { at, caller, inbound: true, attempt: attempt + 1 });
        }
        // Somebody calls back in working hours.
        let back = self.disclosed && (9..19).contains(&hour) && self.random.chance(500);
        back.then(|| Call { at: end + 300 + self.random.around(1800), caller, inbound: false, attempt: 4 })
    }

    /// Rings employees until one answers, the caller loses patience, or there is nobody left to ring.
    fn search(&mut self, hour: u32, mut at: i64, patience: i64, legs: &mut Vec<Leg>) -> Found {
        let staff = self.on_shift(hour);
        if staff.is_empty() {
            let leg = self.leg(at);
            legs.push(Leg { ending: Ending::Closed, ..leg });
            return Found::Nobody(at + self.random.between(5, 20), Ending::NobodyToRing);
        }
        let together = self.cast.line(self.line).is_some_and(|line| line.together);
        for _ in 0..5 {
            let chosen = self.choose(&staff, if together { 4 } else { 1 }, at, legs);
            if chosen.is_empty() {
                // All are in calls: wait for the next look.
                at += self.random.between(8, 16);
                if at >= patience {
                    let leg = self.leg(patience);
                    legs.push(Leg { ending: Ending::BySubscriber, ..leg });
                    return Found::Abandoned(patience);
                }
                continue;
            }
            if let Some(found) = self.ring(&chosen, at, patience, legs) {
                return found;
            }
            at += RING + 1;
        }
        Found::Nobody(at, Ending::QueueTimeout)
    }

    /// Free employees whose turn it is. Some of those passed over leave a leg that failed at once.
    fn choose(&mut self, staff: &[u32], wanted: usize, at: i64, legs: &mut Vec<Leg>) -> Vec<u32> {
        let turn = self.turn.get(self.line as usize).copied().unwrap_or_default() as usize;
        let (mut chosen, mut refusals) = (Vec::new(), 0);
        for offset in 0..staff.len() {
            let Some(employee) = staff.get((turn + offset) % staff.len()).copied() else { break };
            let until = self.busy.get(employee as usize).copied().unwrap_or(i64::MIN);
            let refusal = if until > at {
                self.random.chance(120).then_some(Ending::InAnotherCall)
            } else if until > at - AFTER_CALL {
                self.random.chance(300).then_some(Ending::AfterCall)
            } else {
                self.unavailable()
            };
            match refusal {
                // However many are passed over, a call does not leave a leg for each.
                Some(ending) if refusals < 3 => {
                    refusals += 1;
                    let leg = self.leg(at);
                    legs.push(Leg { employee: Some(employee), ending, ..leg });
                }
                None if until <= at - AFTER_CALL => chosen.push(employee),
                Some(_) | None => {}
            }
            if chosen.len() == wanted {
                break;
            }
        }
        if let Some(turn) = self.turn.get_mut(self.line as usize) {
            *turn = turn.wrapping_add(1) % u32::try_from(staff.len()).unwrap_or(1).max(1);
        }
        chosen
    }

    fn unavailable(&mut self) -> Option<Ending> {
        let causes = [Ending::Offline, Ending::AtBreak, Ending::Away, Ending::DoNotDisturb, Ending::Busy];
        if self.random.chance(110) { self.random.pick(&causes).copied() } else { None }
    }

    /// Rings them together. `None` when nobody answered in time.
    fn ring(&mut self, chosen: &[u32], at: i64, patience: i64, legs: &mut Vec<Leg>) -> Option<Found> {
        let mut winner: Option<(u32, i64)> = None;
        for employee in chosen {
            let delay = if self.random.chance(700) { self.random.between(2, 16) } else { RING };
            if delay < RING && winner.is_none_or(|(_, best)| delay < best) {
                winner = Some((*employee, delay));
            }
        }
        let given_up = (patience - at).max(1);
        let winner = winner.filter(|(_, delay)| *delay <= given_up);
        let (total, ending) = match winner {
            Some((_, delay)) => (delay, Ending::AnotherAnswered),
            None if given_up < RING => (given_up, Ending::BySubscriber),
            None => (RING, Ending::RangOut),
        };
        for employee in chosen {
            if winner.is_none_or(|(answered, _)| answered != *employee) {
                let leg = self.leg(at);
                legs.push(Leg { employee: Some(*employee), total, ending, ..leg });
            }
        }
        match winner {
            Some((employee, ring)) => Some(Found::Answer { employee, start: at, ring }),
            None if given_up < RING => Some(Found::Abandoned(at + given_up)),
            None => None,
        }
    }

    /// The answered leg, its coach and its transfer. Returns when and how the call ended.
    fn talk(
        &mut self,
        hour: u32,
        employee: u32,
        start: i64,
        ring: i64,
        legs: &mut Vec<Leg>,
    ) -> (i64, Ending) {
        let answered = start + ring;
        let mut end = answered + 8 + self.random.around(150).min(3600);
        let mut ending = self.hang_up();
        let transfer = self.random.chance(70);
        let leg =
            self.answered(employee, start, ring, end, if transfer { Ending::Transferred } else { ending });
        legs.push(leg);
        if end - answered > 30 && self.random.chance(25) {
            self.coach(employee, answered + 5, end, legs);
        }
        if transfer {
            self.line = (self.line + 1) % self.cast.lines().max(1);
            let staff = self.on_shift(hour);
            let free = staff.iter().copied().find(|other| {
                *other != employee && self.busy.get(*other as usize).is_some_and(|until| *until < end)
            });
            if let Some(other) = free {
                let (start, ring) = (end, self.random.between(2, 12));
                if self.random.chance(800) {
                    end = start + ring + 8 + self.random.around(120).min(3600);
                    let leg = self.answered(other, start, ring, end, ending);
                    legs.push(Leg { is_transfered: true, ..leg });
                } else {
                    end = start + RING;
                    ending = Ending::BySubscriber;
                    let leg = self.leg(start);
                    let employee = Some(other);
                    legs.push(Leg {
                        employee,
                        total: RING,
                        ending: Ending::RangOut,
                        is_transfered: true,
                        ..leg
                    });
                }
            }
        }
        (end, ending)
    }

    /// A call to a subscriber: the employee's leg, then the subscriber's.
    fn outbound(&mut self, hour: u32, legs: &mut Vec<Leg>) -> Option<Call> {
        let at = self.call.at;
        let staff = self.on_shift(hour);
        let first = self.random.below(u32::try_from(staff.len()).unwrap_or(u32::MAX)) as usize;
        let free = |employee: &u32| self.busy.get(*employee as usize).is_some_and(|until| *until < at);
        let employee = staff.iter().cycle().skip(first).take(staff.len()).copied().find(free)?;
        let dialled = at + self.random.between(1, 3);
        let ring = self.random.between(3, 20);
        let silent = self.random.between(25, 40);
        let outcome = self.random.below(1000);
        let (connect, end, ending) = match outcome {
            0..620 => {
                let connect = dialled + ring;
                (Some(connect), connect + 5 + self.random.around(140).min(3600), self.hang_up())
            }
            620..870 => (None, dialled + silent, Ending::SubscriberSilent),
            870..970 => (None, dialled + 3, Ending::SubscriberBusy),
            _ => (None, dialled + 1, Ending::WrongNumber),
        };
        let mut employees = self.answered(employee, at, 0, end, ending);
        employees.is_talked = connect.is_some();
        if connect.is_none() {
            (employees.records, employees.tracks, employees.rating) = (None, None, None);
        }
        legs.push(Leg { inward: true, routed: false, queued: false, ..employees });
        let leg = self.leg(dialled);
        legs.push(Leg {
            connect,
            duration: connect.map_or(0, |connect| end - connect),
            total: end - dialled,
            ending,
            is_operator: false,
            is_talked: connect.is_some(),
            routed: false,
            queued: false,
            ..leg
        });
        let again = connect.is_none() && self.call.attempt < 3 && self.random.chance(300);
        again.then(|| Call {
            at: end + 1200 + self.random.around(3600),
            attempt: self.call.attempt + 1,
            ..self.call
        })
    }

    /// An employee's leg that was answered; the employee is in a call until its end.
    fn answered(&mut self, employee: u32, start: i64, ring: i64, end: i64, ending: Ending) -> Leg {
        if let Some(busy) = self.busy.get_mut(employee as usize) {
            *busy = end;
        }
        let connect = start + ring;
        let mut name = || u128::from(self.random.next()) << 64 | u128::from(self.random.next());
        let (record, tracks) = (name(), [name(), name()]);
        let (recorded, tracked) = (self.random.chance(930), self.random.chance(100));
        Leg {
            employee: Some(employee),
            connect: Some(connect),
            duration: end - connect,
            // Live totals are rounded on their own: one second more now and then.
            total: end - start + i64::from(self.random.chance(120)),
            is_talked: true,
            records: recorded.then_some(record),
            tracks: (recorded && tracked).then_some(tracks),
            rating: self.random.chance(120).then(|| 5 - self.random.around(1).min(4)),
            ending,
            ..self.leg(start)
        }
    }

    /// Somebody of the same line listens in.
    fn coach(&mut self, employee: u32, start: i64, end: i64, legs: &mut Vec<Leg>) {
        let count = u32::try_from(self.cast.employees().len()).unwrap_or_default();
        let coach = (employee + self.cast.lines()) % count.max(1);
        if self.busy.get(coach as usize).is_none_or(|until| *until > start) {
            return;
        }
        let ring = self.random.between(1, 4);
        let leg = self.answered(coach, start, ring, end.max(start + ring), Ending::ByEmployee);
        legs.push(Leg { is_coach: true, is_talked: false, records: None, tracks: None, rating: None, ..leg });
    }

    fn hang_up(&mut self) -> Ending {
        if self.random.chance(620) { Ending::BySubscriber } else { Ending::ByEmployee }
    }

    /// Employees of the line who work at this hour.
    fn on_shift(&mut self, hour: u32) -> Rc<[u32]> {
        let (cast, line, weekend) = (self.cast, self.line, self.weekend);
        let staff = self.at_work.entry((line, hour)).or_insert_with(|| {
            let lines = cast.lines().max(1);
            let at_work = |(first, after): (u32, u32)| {
                if first < after { (first..after).contains(&hour) } else { hour >= first || hour < after }
            };
            let staff = (0..).zip(cast.employees()).filter(|(index, employee)| {
                index % lines == line && at_work(employee.hours) && (employee.weekends || !weekend)
            });
            staff.map(|(index, _)| index).collect()
        });
        Rc::clone(staff)
    }

    /// A leg to an employee through the queue that was not answered, the next of the session.
    fn leg(&mut self, start: i64) -> Leg {
        self.order += 1;
        Leg {
            session: self.session,
            order: self.order,
            start,
            connect: None,
            duration: 0,
            total: 0,
            ending: Ending::RangOut,
            line: self.line,
            caller: self.call.caller,
            employee: None,
            inward: false,
            is_operator: true,
            is_transfered: false,
            is_coach: false,
            is_talked: false,
            routed: true,
            queued: true,
            disclosed: self.disclosed,
            rating: None,
            records: None,
            tracks: None,
        }
    }
}

/// Seconds that a phone rings before it is given up.
const RING: i64 = 20;

/// Seconds after a call in which an employee is not rung.
const AFTER_CALL: i64 = 15;
