//! The gate against a server that counts points in fixed windows, each opened by its first charged call.
//!
//! Replies take their time and overtake each other; up to eight calls are in flight. Time is a number.

use std::time::{Duration, Instant};

use calllegs_core::{
    error::Budget,
    limits::{Admission, Gate, Limits, Reserve},
};
use proptest::prelude::*;
use serde_json::json;

/// Milliseconds.
type Time = u64;

/// Milliseconds that a reply travels at most.
const LONGEST_REPLY: Time = 5000;

/// Milliseconds that a request travels at most.
const LONGEST_REQUEST: Time = 2000;

/// One window of the server.
struct Window {
    length: Time,
    limit: u32,
    used: u32,
    opened: Option<Time>,
}

impl Window {
    fn new(length: Time, limit: u32) -> Self {
        Self { length, limit, used: 0, opened: None }
    }

    fn roll(&mut self, now: Time) {
        if self.opened.is_some_and(|opened| now >= opened + self.length) {
            (self.opened, self.used) = (None, 0);
        }
    }

    fn charge(&mut self, now: Time) {
        self.opened.get_or_insert(now);
        self.used += 1;
    }

    fn resets(&self, now: Time) -> Time {
        self.opened.unwrap_or(now) + self.length
    }
}

/// A call on its way: it reaches the server, then its reply reaches us.
struct Call {
    sent: Time,
    served: Time,
    delivered: Time,
    fate: Fate,
    reply: Option<Limits>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    /// The server fails and charges nothing.
    Refused,
    /// It is charged, and its reply does not arrive.
    Lost,
}

/// One step of a schedule.
#[derive(Clone, Debug)]
struct Move {
    /// Milliseconds that go by before it.
    pause: Time,
    /// How long the request and the reply travel.
    ways: (Time, Time),
    fate: Fate,
    /// A wait that the gate asks for is waited out.
    obeys: bool,
}

fn step() -> impl Strategy<Value = Move> {
    let pause = prop_oneof![4 => 0..300_u64, 2 => 0..4000_u64, 1 => 0..70_000_u64];
    let fate = prop_oneof![8 => Just(Fate::Answered), 1 => Just(Fate::Refused), 1 => Just(Fate::Lost)];
    (pause, 0..LONGEST_REQUEST, 0..LONGEST_REPLY, fate, prop::bool::weighted(0.7))
        .prop_map(|(pause, up, down, fate, obeys)| Move { pause, ways: (up, down), fate, obeys })
}

struct GateModel {
    base: Instant,
    now: Time,
    gate: Gate,
    minute: Window,
    day: Window,
    rounds_up: bool,
    calls: Vec<Call>,
    charged: u32,
    lost: u32,
}

impl GateModel {
    fn at(&self, time: Time) -> Instant {
        self.base + Duration::from_millis(time)
    }

    /// Lets everything happen that happens until then, in its order.
    fn advance(&mut self, till: Time) {
        loop {
            let next = |call: &Call| if call.reply.is_none() { call.served } else { call.delivered };
            let first = (0..self.calls.len()).min_by_key(|index| next(&self.calls[*index]));
            let Some(index) = first.filter(|index| next(&self.calls[*index]) <= till) else { break };
            self.now = next(&self.calls[index]);
            if self.calls[index].reply.is_none() {
                self.serve(index);
            } else {
                let call = self.calls.swap_remove(index);
                let (sent, now, limits) = (self.at(call.sent), self.at(self.now), call.reply.unwrap());
                match call.fate {
                    Fate::Answered => self.gate.observe(sent, now, 1, &limits),
                    Fate::Refused => {}
                    Fate::Lost => {
                        self.gate.charge_unseen(now, 1);
                        self.lost += 1;
                    }
                }
                self.gate.settle(1, call.fate != Fate::Refused);
            }
        }
        self.now = till;
    }

    fn serve(&mut self, index: usize) {
        let now = self.now;
        self.minute.roll(now);
        if self.calls[index].fate == Fate::Refused {
            self.calls[index].reply = Some(Limits::default());
            return;
        }
        assert!(self.minute.used < self.minute.limit, "the minute is exceeded at {now}");
        assert!(self.day.used < self.day.limit, "the day is exceeded at {now}");
        self.minute.charge(now);
        self.day.charge(now);
        self.charged += 1;
        let seconds = |window: &Window| {
            let left = window.resets(now) - now;
            if self.rounds_up { left.div_ceil(1000) } else { left / 1000 }
        };
        let left = |window: &Window| window.limit - window.used;
        let limits = json!({
            "minute_limit": self.minute.limit, "minute_remaining": left(&self.minute),
            "minute_reset": seconds(&self.minute),
            "day_limit": self.day.limit, "day_remaining": left(&self.day), "day_reset": seconds(&self.day),
        });
        self.calls[index].reply = Some(serde_json::from_value(limits).unwrap());
    }

    fn send(&mut self, (up, down): (Time, Time), fate: Fate) {
        let (sent, served) = (self.now, self.now + up);
        self.calls.push(Call { sent, served, delivered: served + down, fate, reply: None });
    }
}

proptest! {
    #[test]
    fn no_call_is_refused_and_no_wait_is_longer_than_the_servers(
        steps in prop::collection::vec(step(), 1..400),
        (minute, day) in (1..30_u32, 20..200_u32),
        reserve in prop_oneof![(0..40_u32).prop_map(Reserve::Points), (0..=100_u8).prop_map(Reserve::Percent)],
        budget in prop::option::of(1..150_u32),
        rounds_up: bool,
    ) {
        let mut gate = Gate::default().with_reserve(reserve);
        if let Some(points) = budget {
            gate = gate.with_budget(points);
        }
        let (minute, day) = (Window::new(60_000, minute), Window::new(86_400_000, day));
        let kept = match reserve {
            Reserve::Points(points) => points,
            Reserve::Percent(share) => day.limit * u32::from(share) / 100,
            _ => unreachable!(),
        };
        let mut world =
            GateModel { base: Instant::now(), now: 0, gate, minute, day, rounds_up, calls: Vec::new(), charged: 0, lost: 0 };
        // Before the first reply nothing is known.
        prop_assert_eq!(world.gate.admit(world.at(0), 1), Admission::Now);
        world.send((0, 0), Fate::Answered);
        world.advance(0);
        for step in steps {
            world.advance(world.now + step.pause);
            if world.calls.len() == 8 {
                continue;
            }
            match world.gate.admit(world.at(world.now), 1) {
                Admission::Now => world.send(step.ways, step.fate),
                Admission::At(until) => {
                    world.minute.roll(world.now);
                    // A lost reply may have opened a window: at most a whole one is waited for then.
                    let whole = if world.lost > 0 { world.now + world.minute.length } else { 0 };
                    // What the server said is as old as its reply travelled, in whole seconds, and a second is added. A
                    // request that is on its way may open a window when it arrives.
                    let latest = world.minute.resets(world.now).max(whole) + LONGEST_REPLY + 2000 + LONGEST_REQUEST;
                    prop_assert!(until <= world.at(latest), "{:?} too long", until - world.at(latest));
                    if step.obeys {
                        let until = (until - world.base).as_millis();
                        world.advance(u64::try_from(until).unwrap());
                    }
                }
                Admission::Refused(Budget::Day | Budget::Reserve, Some(_)) => {
                    // Calls in flight and lost replies can be counted twice until the server has spoken again.
                    let doubtful = 2 * world.gate.in_flight() + world.lost;
                    prop_assert!(world.day.used + doubtful + kept >= world.day.limit);
                }
                Admission::Refused(Budget::Points, None) => {
                    prop_assert!(budget.is_some_and(|budget| world.gate.spent() + world.gate.in_flight() >= budget));
                }
                refused @ Admission::Refused(..) => prop_assert!(false, "{:?}", refused),
            }
        }
        world.advance(world.now + 10_000);
        prop_assert!(budget.is_none_or(|budget| world.charged <= budget));
        // The first call passes whatever the reserve is.
        prop_assert!(world.charged <= world.day.limit.saturating_sub(kept).max(1));
        prop_assert_eq!(world.gate.in_flight(), 0);
        prop_assert_eq!(world.gate.spent(), world.charged);
    }

    #[test]
    fn no_words_of_a_server_panic_the_gate(
        words in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i64>(), 0..200_000_u64), 0..40),
        reserve in any::<u8>(),
    ) {
        let base = Instant::now();
        let mut gate = Gate::default().with_reserve(Reserve::Percent(reserve));
        for (limit, remaining, reset, time) in words {
            let now = base + Duration::from_millis(time);
            let admission = gate.admit(now, 1);
            for span in ["minute", "hour", "day"] {
                let limits = json!({format!("{span}_limit"): limit, format!("{span}_remaining"): remaining,
                    format!("{span}_reset"): reset});
                gate.observe(now, now, 1, &serde_json::from_value(limits).unwrap());
            }
            if admission == Admission::Now {
                gate.settle(1, true);
            }
            if let Admission::At(until) = admission {
                prop_assert!(until <= now + Duration::from_secs(61 + 200), "a minute is waited for, not more");
            }
        }
    }
}
