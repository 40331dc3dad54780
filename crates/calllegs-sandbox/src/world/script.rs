//! Worlds whose calls are given act by act: `tiny`, twenty calls of which each is a case, and `halves`, whose averages
//! and shares are exact halves of the last digit that is shown. Every day has the same calls. No dice.
//!
//! Not here: worlds that are played (`shift`).

use super::{
    World,
    call::{Leg, Outcome, Role, Session, Way},
    cast::Cast,
    ending::Ending,
};

/// A call: when, in seconds of the day, with whom, and what happens in it.
struct Scene {
    at: u32,
    way: Way,
    /// Callers keep to a line: even ones to the first, odd ones to the second. The number of 97 is withheld.
    caller: u32,
    acts: Vec<Act>,
}

/// What happens. Durations in seconds.
enum Act {
    /// Menus and music.
    Pass(i64),
    /// The employee is not rung.
    Refuse(u32, Ending),
    /// The group has nobody in it.
    Closed,
    /// These ring so long, and nobody answers.
    Ring(&'static [u32], i64),
    /// These ring so long, and the caller hangs up.
    Left(&'static [u32], i64),
    /// The first of these answers after so long, and talks for so long.
    Answer(&'static [u32], i64, i64),
    /// The employee picks up after so long, and the caller hangs up so long into the greeting.
    Greet(u32, i64, i64),
    /// Somebody listens in on the talk before, from its fifth second on.
    Coach(u32),
    /// The call is handed over to somebody who answers after so long, and talks for so long.
    Transfer(u32, i64, i64),
    /// The same, and the caller hangs up after so long.
    LostTransfer(u32, i64),
    /// The talk before is rated.
    Rate(i64),
    /// The talk before is not recorded.
    Unrecorded,
    /// The caller hangs up.
    Leave,
    /// The exchange ends the call.
    Drop(Ending),
    /// An employee dials; the subscriber answers after so long, and talks for so long.
    Dial(u32, i64, i64),
    /// An employee dials, and nobody answers for so long.
    DialInVain(u32, i64),
    /// An employee calls another one, who answers after so long, and talks for so long.
    Within(u32, u32, i64, i64),
    /// A list dials; the subscriber answers after so long.
    List(i64),
}

/// Plays the calls of a day; the argument finds the instant of a second of the day.
pub(super) fn play(
    world: World,
    cast: &Cast,
    session: i64,
    instant: impl Fn(u32) -> Option<i64>,
    legs: &mut Vec<Leg>,
    mut told: impl FnMut(&Session, &[Leg]),
) {
    let scenes = if world == World::Halves { halves() } else { tiny() };
    for (session, scene) in (session + 1..).zip(scenes) {
        let Some(at) = instant(scene.at) else { continue };
        let mut stage = Stage {
            truth: Session::new(session, at, scene.way),
            now: at,
            scene: &scene,
            line: scene.caller % cast.lines().max(1),
            legs: Vec::new(),
        };
        stage.play();
        told(&stage.truth, &stage.legs);
        legs.append(&mut stage.legs);
    }
}

/// A call while it is played.
struct Stage<'a> {
    truth: Session,
    now: i64,
    scene: &'a Scene,
    line: u32,
    legs: Vec<Leg>,
}

impl Stage<'_> {
    fn play(&mut self) {
        let start = self.now;
        let inbound = self.scene.way == Way::In;
        if self.scene.way != Way::Internal {
            let is_withheld = inbound && self.scene.caller.is_multiple_of(97);
            self.truth.contact = Some(self.scene.caller).filter(|_| !is_withheld);
            self.truth.via = Some(self.line);
        }
        self.truth.routed = inbound;
        if inbound {
            let leg = self.leg(start);
            self.legs.push(Leg {
                connect: Some(start),
                role: Role::Subscriber,
                inward: true,
                queued: false,
                ..leg
            });
        }
        // The subscriber hangs up, unless the exchange does.
        let mut ending = Ending::BySubscriber;
        for act in &self.scene.acts {
            if let Act::Drop(reason) = act {
                ending = *reason;
            }
            self.act(act);
        }
        self.truth.end = self.now;
        if inbound && self.truth.outcome != Outcome::Answered {
            self.truth.fail(ending == Ending::BySubscriber);
        }
        let (total, talked) = (self.now - start, self.truth.outcome == Outcome::Answered);
        if let Some(leg) = self.legs.first_mut().filter(|_| inbound) {
            (leg.duration, leg.total, leg.ending, leg.is_talked) = (total, total, ending, talked);
        }
    }

    fn act(&mut self, act: &Act) {
        let now = self.now;
        match *act {
            Act::Pass(seconds) => self.now += seconds,
            Act::Refuse(employee, ending) => self.offer(now, Some(employee), 0, ending),
            Act::Closed => self.offer(now, None, 0, Ending::Closed),
            Act::Ring(employees, seconds) | Act::Left(employees, seconds) => {
                let left = matches!(act, Act::Left(..));
                let ending = if left { Ending::BySubscriber } else { Ending::RangOut };
                for employee in employees {
                    self.offer(now, Some(*employee), seconds, ending);
                }
                self.now += seconds;
            }
            Act::Answer(employees, ring, talk) => {
                let (mut winner, connect) = (None, now + ring);
                for employee in employees {
                    match winner {
                        None => winner = Some(*employee),
                        Some(_) => self.offer(now, Some(*employee), ring, Ending::AnotherAnswered),
                    }
                }
                let Some(employee) = winner else { return };
                self.truth.offer(now);
                self.truth.outcome = Outcome::Answered;
                self.truth.talk(employee, connect, talk);
                self.talk(employee, now, ring, talk, Role::Operator);
            }
            Act::Greet(employee, ring, seconds) => {
                self.truth.offer(now);
                self.talk(employee, now, ring, seconds, Role::Operator);
                if let Some(leg) = self.legs.last_mut() {
                    (leg.is_talked, leg.records) = (false, None);
                }
            }
            Act::Coach(employee) => {
                let Some(talk) = self.legs.last() else { return };
                let start = talk.connect.unwrap_or(talk.start) + 5;
                self.truth.coaches += 1;
                self.talk(employee, start, 1, now - start - 1, Role::Coach);
                if let Some(leg) = self.legs.last_mut() {
                    (leg.is_talked, leg.records) = (false, None);
                }
            }
            Act::Transfer(employee, ring, talk) => {
                self.truth.rings += 1;
                let from = self.legs.iter().rev().find(|leg| leg.is_talked && leg.role != Role::Subscriber);
                let from = from.and_then(|leg| leg.employee);
                self.truth.handed.extend(from.map(|from| (from, employee)));
                self.truth.talk(employee, now + ring, talk);
                self.talk(employee, now, ring, talk, Role::Transfer);
            }
            Act::LostTransfer(employee, ring) => {
                self.truth.rings += 1;
                let leg = self.leg(now);
                let (employee, role) = (Some(employee), Role::Transfer);
                self.legs.push(Leg { employee, total: ring, ending: Ending::BySubscriber, role, ..leg });
                self.now += ring;
            }
            Act::Rate(stars) => {
                if let Some(leg) = self.legs.last_mut() {
                    leg.rating = Some(stars);
                }
            }
            Act::Unrecorded => {
                if let Some(leg) = self.legs.last_mut() {
                    leg.records = None;
                }
            }
            Act::Leave | Act::Drop(_) => {}
            Act::Dial(employee, ring, talk) => self.dial(employee, ring, talk),
            Act::DialInVain(employee, seconds) => self.dial_in_vain(employee, seconds),
            Act::Within(from, to, ring, talk) => self.within((from, to), ring, talk),
            Act::List(ring) => {
                self.truth.routed = true;
                self.now += ring;
                self.subscriber(now, Some(now + ring), Ending::BySubscriber);
                // The rest of the call follows; its end is known there.
                self.truth.reached = Some(now + ring);
            }
        }
    }

    fn dial(&mut self, employee: u32, ring: i64, talk: i64) {
        let now = self.now;
        let connect = now + ring;
        self.truth.rings += 1;
        self.truth.outcome = Outcome::Answered;
        self.truth.reached = Some(connect);
        self.truth.talk(employee, connect, ring + talk);
        self.talk(employee, now, 0, ring + talk, Role::Operator);
        self.beside(employee, None);
        self.subscriber(now, Some(connect), Ending::BySubscriber);
    }

    fn dial_in_vain(&mut self, employee: u32, seconds: i64) {
        let now = self.now;
        self.truth.rings += 1;
        self.talk(employee, now, 0, seconds, Role::Operator);
        self.beside(employee, None);
        if let Some(leg) = self.legs.last_mut() {
            (leg.is_talked, leg.records, leg.ending) = (false, None, Ending::SubscriberSilent);
        }
        self.subscriber(now, None, Ending::SubscriberSilent);
    }

    fn within(&mut self, (from, to): (u32, u32), ring: i64, talk: i64) {
        let now = self.now;
        self.truth.rings += 2;
        self.truth.talk(to, now + ring, ring + talk + talk);
        self.talk(from, now, 0, ring + talk, Role::Operator);
        self.beside(from, Some(to));
        self.talk(to, now, ring, talk, Role::Operator);
        self.beside(to, Some(from));
        if let Some(leg) = self.legs.last_mut() {
            leg.inward = false;
        }
        for leg in &mut self.legs {
            leg.records = None;
        }
    }

    /// Somebody is tried, and does not answer.
    fn offer(&mut self, start: i64, employee: Option<u32>, total: i64, ending: Ending) {
        self.truth.offer(start);
        let leg = self.leg(start);
        self.legs.push(Leg { total, ending, employee, ..leg });
    }

    /// A leg of an employee who picks up; it goes on until now, which moves to its end.
    fn talk(&mut self, employee: u32, start: i64, ring: i64, talk: i64, role: Role) {
        let leg = self.leg(start);
        let records = u128::from(leg.session.unsigned_abs()) << 64 | u128::from(leg.order);
        self.legs.push(Leg {
            employee: Some(employee),
            connect: Some(start + ring),
            duration: talk,
            total: ring + talk,
            ending: Ending::BySubscriber,
            is_talked: true,
            records: Some(records),
            role,
            ..leg
        });
        self.now = start + ring + talk;
        // A list's subscriber leg lasts as long as the call.
        let end = self.now;
        if let Some(leg) = self.legs.first_mut().filter(|leg| leg.role == Role::Subscriber && !leg.inward) {
            (leg.duration, leg.total) = (end - leg.connect.unwrap_or(end), end - leg.start);
        }
    }

    /// The last leg is of an employee who dials, outside of every queue.
    fn beside(&mut self, employee: u32, peer: Option<u32>) {
        if let Some(leg) = self.legs.last_mut() {
            (leg.employee, leg.peer) = (Some(employee), peer);
            (leg.inward, leg.routed, leg.queued) = (true, false, false);
            leg.disclosed = peer.is_none();
        }
    }

    /// The leg to a subscriber who is called, until now.
    fn subscriber(&mut self, start: i64, connect: Option<i64>, ending: Ending) {
        let (end, leg) = (self.now, self.leg(start));
        self.legs.push(Leg {
            connect,
            duration: connect.map_or(0, |connect| end - connect),
            total: end - start,
            ending,
            role: Role::Subscriber,
            is_talked: connect.is_some(),
            routed: self.truth.routed,
            queued: false,
            ..leg
        });
    }

    fn leg(&self, start: i64) -> Leg {
        let order = u32::try_from(self.legs.len() + 1).unwrap_or_default();
        Leg {
            via: self.line,
            line: self.line,
            caller: Some(self.scene.caller).filter(|_| self.scene.way != Way::Internal),
            disclosed: self.truth.contact.is_some(),
            ..Leg::ring(self.truth.id, order, start)
        }
    }
}

const fn clock(hour: u32, minute: u32, second: u32) -> u32 {
    hour * 3600 + minute * 60 + second
}

/// Employees 0, 2 and 4 sell, rung together; 1, 3 and 5 support, one after another.
fn tiny() -> Vec<Scene> {
    use Act::{
        Answer, Closed, Coach, Dial, DialInVain, Drop, Greet, Leave, Left, List, LostTransfer, Pass, Rate,
        Refuse, Ring, Transfer, Within,
    };
    use Way::{In, Internal, Out};
    let calls = [
        (clock(9, 0, 0), In, 2, vec![Pass(10), Answer(&[0, 2, 4], 5, 120), Rate(5)]),
        (clock(9, 5, 0), In, 4, vec![Pass(10), Ring(&[0, 2, 4], 20), Answer(&[2, 0, 4], 7, 60)]),
        (clock(9, 10, 0), In, 1, vec![Pass(8), Refuse(1, Ending::Offline), Answer(&[3], 4, 90), Rate(4)]),
        (clock(9, 20, 0), In, 3, vec![Pass(8), Leave]),
        (clock(9, 30, 0), In, 6, vec![Pass(10), Left(&[0, 2, 4], 3)]),
        (clock(9, 40, 0), In, 8, vec![Pass(10), Left(&[0, 2, 4], 15)]),
        (clock(9, 50, 0), Out, 8, vec![Dial(0, 12, 100)]),
        (
            clock(10, 0, 0),
            In,
            5,
            vec![Pass(8), Ring(&[1], 20), Ring(&[3], 20), Ring(&[5], 20), Drop(Ending::QueueTimeout)],
        ),
        (clock(10, 5, 0), In, 5, vec![Pass(8), Answer(&[1], 6, 45)]),
        (clock(10, 30, 0), In, 10, vec![Pass(10), Answer(&[4, 0, 2], 9, 100), Transfer(1, 5, 80)]),
        (clock(10, 45, 0), In, 12, vec![Pass(10), Answer(&[0, 2, 4], 8, 50), LostTransfer(3, 15)]),
        (clock(11, 0, 0), In, 14, vec![Pass(10), Answer(&[2, 0, 4], 3, 200), Coach(4)]),
        (clock(11, 15, 0), In, 16, vec![Pass(10), Greet(0, 6, 4)]),
        (clock(11, 30, 0), In, 97, vec![Pass(8), Left(&[1], 5)]),
        (clock(12, 0, 0), Out, 7, vec![DialInVain(1, 30)]),
        (clock(12, 10, 0), Internal, 0, vec![Within(0, 1, 4, 40)]),
        (clock(13, 0, 0), Out, 9, vec![List(6), Answer(&[3], 2, 70)]),
        (clock(18, 30, 0), In, 20, vec![Pass(10), Closed, Pass(10), Drop(Ending::NobodyToRing)]),
        (clock(20, 0, 0), In, 2, vec![Pass(10), Answer(&[4], 20, 30)]),
        (clock(23, 59, 30), In, 11, vec![Pass(8), Answer(&[5], 10, 200)]),
    ];
    calls.into_iter().map(|(at, way, caller, acts)| Scene { at, way, caller, acts }).collect()
}

/// Sixteen calls that are answered and sixteen that are not. Ten of 32 are answered in time: 31.25 %.
fn halves() -> Vec<Scene> {
    let mut scenes = Vec::new();
    // Their waits add up to 284 s, their talks to 964 s, their rings to 18, eight ratings to 37.
    for number in 0..16_u32 {
        let ring = match number {
            0..8 => 10,
            8 | 9 => 11,
            10 | 11 => 31,
            _ => 30,
        };
        let mut acts = vec![Act::Pass(5)];
        if number < 2 {
            acts.push(Act::Refuse(2, Ending::AtBreak));
        }
        acts.push(Act::Answer(&[0], ring, if number == 0 { 64 } else { 60 }));
        if number < 3 {
            acts.push(Act::Unrecorded);
        }
        if number < 8 {
            acts.push(Act::Rate(if number < 5 { 5 } else { 4 }));
        }
        // The last one is the caller of 12:58:00, who rings again 63 s after having hung up.
        let at = if number == 15 { clock(12, 59, 23) } else { clock(9, 10 * number, 0) };
        scenes.push(Scene { at, way: Way::In, caller: 2 * number + 2, acts });
    }
    for number in 0..16_u32 {
        let (at, caller) = match number {
            0 => (clock(12, 58, 0), 32),
            // One caller gives up twice: the second of two repeats in 32 calls.
            1 | 2 => (clock(13, 5 * number, 0), 36),
            _ => (clock(13, 5 * number, 0), 32 + 2 * number),
        };
        let acts = vec![Act::Pass(5), Act::Left(&[0, 2], 15)];
        scenes.push(Scene { at, way: Way::In, caller, acts });
    }
    scenes.sort_by_key(|scene| scene.at);
    scenes
}
