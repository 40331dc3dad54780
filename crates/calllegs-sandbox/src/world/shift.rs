//! One call from the first ring to the last leg, what became of it, and whether the caller tries again.
//!
//! What happened is noted in the [`Session`] at the moment at which it is decided: the truth is never read back from
//! legs. Not here: calls that go out (`outbound`), who is away when (`absence`).

mod absence;
mod outbound;

use std::{collections::BTreeMap, rc::Rc};

use chrono::{NaiveDateTime, Timelike, Weekday};

use self::absence::Absences;
use super::{
    call::{Call, Kind, Leg, Outcome, Role, Session, Way},
    cast::Cast,
    ending::Ending,
    rules::Rules,
};
use crate::random::Random;

/// The employees of one day and their dice.
pub(super) struct Shift<'a> {
    cast: &'a Cast,
    rules: &'static Rules,
    weekend: bool,
    /// Of the crews of the staff, the one at work.
    crew: u32,
    random: Random,
    absences: Absences,
    /// By employee: until when in a call.
    busy: Vec<i64>,
    /// By line: whose turn it is.
    turn: Vec<u32>,
    /// By line and hour: who is at work, once it was asked for.
    at_work: BTreeMap<(u32, u32), Rc<[u32]>>,
    /// The call being played, and what is known of it so far.
    call: Call,
    truth: Session,
    order: u32,
    /// The line that it came through, and the one whose group has it.
    via: u32,
    line: u32,
    disclosed: bool,
    /// Phones are not registered in this hour.
    is_outage: bool,
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

/// A call that was played.
pub(super) struct Played {
    /// None where nobody was there to make the call.
    pub(super) session: Option<Session>,
    /// The attempt that follows from it.
    pub(super) again: Option<Call>,
}

impl<'a> Shift<'a> {
    /// The day's absences have dice of their own.
    pub(super) fn new(cast: &'a Cast, weekday: Weekday, midnight: i64, crew: u32, random: Random) -> Self {
        let rules = cast.rules();
        let weekend = matches!(weekday, Weekday::Sat | Weekday::Sun);
        Self {
            cast,
            rules,
            weekend,
            crew,
            absences: if rules.absences > 0 {
                Absences::new(cast, midnight, random.clone())
            } else {
                Absences::default()
            },
            random,
            busy: vec![i64::MIN; cast.employees().len()],
            turn: vec![0; cast.lines() as usize],
            at_work: BTreeMap::new(),
            call: Call { at: 0, caller: 0, kind: Kind::Inbound, attempt: 0 },
            truth: Session::new(0, 0, Way::In),
            order: 0,
            via: 0,
            line: 0,
            disclosed: true,
            is_outage: false,
        }
    }

    /// Plays a call; `wall` is its time in the account's zone.
    pub(super) fn play(
        &mut self,
        call: Call,
        session: i64,
        wall: Option<NaiveDateTime>,
        legs: &mut Vec<Leg>,
    ) -> Played {
        let hour = wall.map_or(0, |wall| wall.hour());
        let way = match call.kind {
            Kind::Inbound => Way::In,
            Kind::Outbound | Kind::Listed => Way::Out,
            Kind::Internal => Way::Internal,
        };
        (self.order, self.call, self.truth) = (0, call, Session::new(session, call.at, way));
        // A caller keeps to a line.
        self.via = call.caller % self.cast.lines().max(1);
        self.line = self.via;
        self.disclosed = call.kind != Kind::Inbound || !call.caller.is_multiple_of(97);
        self.is_outage = (self.rules.offline.0..self.rules.offline.1).contains(&hour);
        if call.kind != Kind::Internal {
            (self.truth.contact, self.truth.via) = (self.disclosed.then_some(call.caller), Some(self.via));
        }
        let first = legs.len();
        let again = match call.kind {
            Kind::Inbound => self.inbound(hour, legs),
            Kind::Outbound => self.outbound(hour, legs),
            Kind::Listed => self.listed(hour, legs),
            Kind::Internal => self.internal(hour, legs),
        };
        let session = (legs.len() > first).then(|| self.truth.clone());
        Played { session, again }
    }

    fn inbound(&mut self, hour: u32, legs: &mut Vec<Leg>) -> Option<Call> {
        let at = self.call.at;
        let place = legs.len();
        self.truth.routed = true;
        // The subscriber's leg lasts as long as the call; its end is known last.
        let subscriber = self.leg(at);
        let role = Role::Subscriber;
        legs.push(Leg { connect: Some(at), role, inward: true, queued: false, ..subscriber });
        let menu = self.random.between(6, 25);
        let (end, ending, talked) = if self.random.chance(self.rules.menu) {
            let by_exchange = self.random.chance(self.rules.cut);
            let ending = if by_exchange { self.one_of(self.rules.in_menu) } else { Ending::BySubscriber };
            self.truth.fail(!by_exchange);
            (at + self.random.between(2, 20), ending, false)
        } else {
            let patience = at + menu + 8 + self.random.around(self.rules.patience);
            match self.search(hour, at + menu, patience, legs) {
                Found::Answer { employee, start, ring } if self.happens(self.rules.greeted) => {
                    let end = self.greet(employee, start, ring, legs);
                    self.truth.fail(true);
                    (end, Ending::BySubscriber, false)
                }
                Found::Answer { employee, start, ring } => {
                    let (end, ending) = self.talk(hour, employee, start, ring, legs);
                    (end, ending, true)
                }
                Found::Abandoned(end) => {
                    self.truth.fail(true);
                    (end, Ending::BySubscriber, false)
                }
                Found::Nobody(end, ending) => {
                    self.truth.fail(false);
                    (end, ending, false)
                }
            }
        };
        self.truth.end = end;
        if let Some(leg) = legs.get_mut(place) {
            (leg.duration, leg.total, leg.ending, leg.is_talked) = (end - at, end - at, ending, talked);
        }
        if talked {
            return None;
        }
        let Call { caller, attempt, .. } = self.call;
        if attempt < 4 && self.random.chance(450) {
            let at = end + 40 + self.random.around(900);
            return Some(Call { at, caller, kind: Kind::Inbound, attempt: attempt + 1 });
        }
        // Somebody calls back in working hours.
        let back = self.disclosed && (9..19).contains(&hour) && self.random.chance(500);
        let at = back.then(|| end + 300 + self.random.around(1800))?;
        Some(Call { at, caller, kind: Kind::Outbound, attempt: 4 })
    }

    /// Rings employees until one answers, the caller loses patience, or there is nobody left to ring.
    fn search(&mut self, hour: u32, mut at: i64, patience: i64, legs: &mut Vec<Leg>) -> Found {
        let staff = self.on_shift(hour);
        if staff.is_empty() {
            let (leg, ending) = (self.leg(at), self.one_of(self.rules.closed));
            self.offer(Leg { ending, ..leg }, legs);
            let end = at + self.random.between(5, 20);
            return Found::Nobody(end, self.one_of(self.rules.unattended));
        }
        let together = self.cast.line(self.line).is_some_and(|line| line.together);
        for _ in 0..self.rules.looks {
            let chosen = self.choose(&staff, if together { 4 } else { 1 }, at, legs);
            if chosen.is_empty() {
                // All are in calls: wait for the next look.
                at += self.random.between(8, 16);
                if at >= patience {
                    let leg = self.leg(patience);
                    self.offer(Leg { ending: Ending::BySubscriber, ..leg }, legs);
                    return Found::Abandoned(patience);
                }
                continue;
            }
            if let Some(found) = self.ring(&chosen, at, patience, legs) {
                return found;
            }
            at += RING + 1;
        }
        Found::Nobody(at, self.one_of(self.rules.in_queue))
    }

    /// Free employees whose turn it is. Some of those passed over leave a leg that failed at once.
    fn choose(&mut self, staff: &[u32], wanted: usize, at: i64, legs: &mut Vec<Leg>) -> Vec<u32> {
        let turn = self.turn.get(self.line as usize).copied().unwrap_or_default() as usize;
        let (mut chosen, mut refusals) = (Vec::new(), 0);
        for offset in 0..staff.len() {
            let Some(employee) = staff.get((turn + offset) % staff.len()).copied() else { break };
            let until = self.busy.get(employee as usize).copied().unwrap_or(i64::MIN);
            let mut away = None;
            let refusal = if until > at {
                let refuses = self.random.chance(120);
                refuses.then(|| self.one_of(self.rules.engaged))
            } else if until > at - AFTER_CALL {
                self.random.chance(300).then_some(Ending::AfterCall)
            } else {
                away = self.unavailable(employee, at);
                // Those who are away longer are passed over in silence more often than not.
                away.filter(|_| self.rules.absences == 0 || self.is_outage || self.random.chance(250))
            };
            match refusal {
                // However many are passed over, a call does not leave a leg for each.
                Some(ending) if refusals < 3 => {
                    refusals += 1;
                    let leg = self.leg(at);
                    self.offer(Leg { employee: Some(employee), ending, ..leg }, legs);
                }
                None if until <= at - AFTER_CALL && away.is_none() => chosen.push(employee),
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

    /// Why the employee is not rung at this time, although in no call.
    fn unavailable(&mut self, employee: u32, at: i64) -> Option<Ending> {
        if self.is_outage {
            return Some(Ending::Offline);
        }
        if self.rules.absences > 0 {
            return self.absences.of(employee, at);
        }
        if self.random.chance(110) { self.random.pick(self.rules.refusals).copied() } else { None }
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
            Some((_, delay)) => (delay, self.one_of(self.rules.slower)),
            None if given_up < RING => (given_up, Ending::BySubscriber),
            None => (RING, Ending::RangOut),
        };
        for employee in chosen {
            if winner.is_none_or(|(answered, _)| answered != *employee) {
                let leg = self.leg(at);
                self.offer(Leg { employee: Some(*employee), total, ending, ..leg }, legs);
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
        self.truth.outcome = Outcome::Answered;
        self.truth.talk(employee, answered, end - answered);
        self.offer(leg, legs);
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
                self.truth.rings += 1;
                if self.random.chance(800) {
                    let connect = start + ring;
                    end = connect + 8 + self.random.around(120).min(3600);
                    let leg = self.answered(other, start, ring, end, ending);
                    self.truth.handed.push((employee, other));
                    self.truth.talk(other, connect, end - connect);
                    legs.push(Leg { role: Role::Transfer, ..leg });
                } else {
                    end = start + RING;
                    ending = Ending::BySubscriber;
                    let leg = self.leg(start);
                    let (employee, role) = (Some(other), Role::Transfer);
                    legs.push(Leg { employee, total: RING, ending: Ending::RangOut, role, ..leg });
                }
            }
        }
        (end, ending)
    }

    /// The employee picks up, and the caller hangs up while the greeting still plays. Returns when.
    fn greet(&mut self, employee: u32, start: i64, ring: i64, legs: &mut Vec<Leg>) -> i64 {
        let end = start + ring + self.random.between(1, 6);
        let leg = self.answered(employee, start, ring, end, Ending::BySubscriber);
        let (total, is_talked) = (end - start, false);
        self.offer(Leg { total, is_talked, records: None, tracks: None, rating: None, ..leg }, legs);
        end
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
        let is_of_crew = crew_of(coach / self.cast.lines().max(1), self.rules.crews) == self.crew;
        if !is_of_crew || self.busy.get(coach as usize).is_none_or(|until| *until > start) {
            return;
        }
        let ring = self.random.between(1, 4);
        let leg = self.answered(coach, start, ring, end.max(start + ring), Ending::ByEmployee);
        self.truth.coaches += 1;
        let role = Role::Coach;
        legs.push(Leg { role, is_talked: false, records: None, tracks: None, rating: None, ..leg });
    }

    /// Adds the leg of an employee or a group that is tried.
    fn offer(&mut self, leg: Leg, legs: &mut Vec<Leg>) {
        self.truth.offer(leg.start);
        legs.push(leg);
    }

    /// True so many times in a thousand; what a world does not have takes no dice.
    fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.random.chance(per_mille)
    }

    /// One of them; a choice of one takes no dice.
    fn one_of(&mut self, endings: &'static [Ending]) -> Ending {
        match endings {
            [only] => *only,
            _ => self.random.pick(endings).copied().unwrap_or(Ending::NobodyToRing),
        }
    }

    fn hang_up(&mut self) -> Ending {
        if self.random.chance(620) { Ending::BySubscriber } else { Ending::ByEmployee }
    }

    /// Employees of the line who work at this hour.
    fn on_shift(&mut self, hour: u32) -> Rc<[u32]> {
        let (cast, line, weekend) = (self.cast, self.line, self.weekend);
        let (crew, crews) = (self.crew, self.rules.crews);
        let staff = self.at_work.entry((line, hour)).or_insert_with(|| {
            let lines = cast.lines().max(1);
            let at_work = |(first, after): (u32, u32)| {
                if first < after { (first..after).contains(&hour) } else { hour >= first || hour < after }
            };
            let of_line = (0..).zip(cast.employees()).skip(line as usize).step_by(lines as usize);
            let staff = of_line.filter(|(index, employee)| {
                crew_of(*index / lines, crews) == crew
                    && at_work(employee.hours)
                    && (employee.weekends || !weekend)
            });
            staff.map(|(index, _)| index).collect()
        });
        Rc::clone(staff)
    }

    /// A leg to an employee through the queue that was not answered, the next of the session.
    fn leg(&mut self, start: i64) -> Leg {
        self.order += 1;
        Leg {
            via: self.via,
            line: self.line,
            caller: (self.call.kind != Kind::Internal).then_some(self.call.caller),
            disclosed: self.disclosed,
            ..Leg::ring(self.truth.id, self.order, start)
        }
    }
}

/// The crew of an employee of this place in the line. Twelve in a row have all hours and days off.
fn crew_of(place: u32, crews: u32) -> u32 {
    place / 12 % crews.max(1)
}

/// Seconds that a phone rings before it is given up.
const RING: i64 = 20;

/// Seconds after a call in which an employee is not rung.
const AFTER_CALL: i64 = 15;
