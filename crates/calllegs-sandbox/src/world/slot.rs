//! Ten minutes of a world that is made on demand: calls that depend on the seed, the date and these minutes alone, and
//! exactly as many legs as are known before any is made.
//!
//! A call is made only if all its legs begin in the slot and it is over when the next one ends: then no leg of a slot
//! comes from another, and the crews, which take turns, have nobody in two calls. What is missing to the count is filled up
//! with callers who soon give up. Not here: who keeps slots (`on_demand`).

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use super::{
    Burst, Plan,
    call::{Call, Leg, Session},
    cast::Cast,
    instant, kind,
    shift::Shift,
    wall,
};
use crate::random::Random;

const SECONDS: u32 = 600;
/// Slots of a day.
pub(crate) const OF_DAY: u32 = 86_400 / SECONDS;
const OF_HOUR: u64 = 6;

/// Seconds from the end of a slot to the end of its last call, and one that totals are rounded up by.
pub(crate) const LONGEST: i64 = SECONDS as i64 + 1;

/// Legs of a first attempt with all that follows from it in the slot, in hundredths. An estimate on the high side: few calls
/// are cut off by the count.
const LEGS_PER_CALL: usize = 330;

/// Streams of the seed.
const CALLS: u64 = 0x510_7000;
const COUNTS: u64 = 0x510_7001;
const FILLING: u64 = 0x510_7002;

/// Ten minutes of the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    day: NaiveDate,
    number: u32,
}

impl Slot {
    /// `None` beyond the day.
    pub(crate) fn new(day: NaiveDate, number: u32) -> Option<Self> {
        (number < OF_DAY).then_some(Self { day, number })
    }

    pub(super) fn of_day(day: NaiveDate) -> impl Iterator<Item = Self> {
        (0..OF_DAY).map(move |number| Self { day, number })
    }

    /// When it begins, and when the next one does.
    pub(crate) fn span(self) -> (NaiveDateTime, NaiveDateTime) {
        let midnight = self.day.and_hms_opt(0, 0, 0).unwrap_or_default();
        let start = midnight + TimeDelta::seconds((self.number * SECONDS).into());
        (start, start + TimeDelta::seconds(SECONDS.into()))
    }

    /// Where it begins; none where the clock skips some of it.
    fn start(self, plan: &Plan) -> Option<i64> {
        let (start, end) = self.span();
        let first = instant(plan.zone, start)?;
        let last = instant(plan.zone, end - TimeDelta::seconds(1))?;
        (last - first == i64::from(SECONDS) - 1).then_some(first)
    }

    fn random(self, plan: &Plan, stream: u64) -> Random {
        let slot = u64::from(self.day.num_days_from_ce().unsigned_abs() * OF_DAY + self.number);
        Random::new(plan.seed ^ stream << 32, plan.account << 32 ^ slot)
    }

    /// Its legs: within a twentieth of what the hour has on average.
    pub(crate) fn count(self, plan: &Plan) -> u32 {
        if self.start(plan).is_none() {
            return 0;
        }
        let volume = (plan.world.rules().volume)(self.day.weekday());
        let weight = volume.get(self.span().0.hour() as usize);
        let mean = u64::from(plan.legs_per_day) * weight.copied().unwrap_or_default() / (1000 * OF_HOUR);
        let mean = u32::try_from(mean).unwrap_or(u32::MAX);
        let spread = mean / 10;
        mean - spread / 2 + self.random(plan, COUNTS).below(spread + 1)
    }

    /// Ids given to the slots before: twice as many as any has legs.
    pub(super) fn ids_before(self, plan: &Plan) -> i64 {
        plan.ids_before(self.day) + plan.ids_of_day() / i64::from(OF_DAY) * i64::from(self.number)
    }

    /// Adds its legs, and tells each call.
    pub(super) fn play(
        self,
        plan: &Plan,
        cast: &Cast,
        legs: &mut Vec<Leg>,
        mut told: impl FnMut(&Session, &[Leg]),
    ) {
        let Some(start) = self.start(plan) else { return };
        let (end, count) = (start + i64::from(SECONDS), self.count(plan) as usize);
        let mut random = self.random(plan, CALLS);
        let mut calls = BinaryHeap::new();
        for _ in 0..count * 100 / LEGS_PER_CALL {
            let at = start + i64::from(random.below(SECONDS));
            let caller = random.below(cast.callers());
            let kind = kind(cast.rules(), &mut random);
            calls.push(Reverse(Call { at, caller, kind, attempt: 1 }));
        }
        let mut session = super::FIRST_SESSION + self.ids_before(plan);
        let crew = self.number % cast.rules().crews;
        let mut shift = Shift::new(cast, self.day.weekday(), start, crew, random);
        let before = legs.len();
        while let Some(Reverse(call)) = calls.pop() {
            session += 1;
            let first = legs.len();
            let played = shift.play(call, session, wall(plan.zone, call.at), legs);
            let fits = |session: &Session, legs: &[Leg]| {
                session.end < end + i64::from(SECONDS) && legs.iter().all(|leg| leg.start < end)
            };
            let made = played.session.filter(|session| {
                legs.len() - before <= count && fits(session, legs.get(first..).unwrap_or_default())
            });
            match made {
                Some(session) => {
                    told(&session, legs.get(first..).unwrap_or_default());
                    calls.extend(played.again.filter(|again| again.at < end).map(Reverse));
                }
                None => legs.truncate(first),
            }
        }
        let missing = u32::try_from(count - (legs.len() - before)).unwrap_or_default();
        let rest = Burst { at: self.span().0, legs: missing, seconds: SECONDS };
        rest.play(session + 1, start, cast, self.random(plan, FILLING), legs, told);
    }
}
