//! A made-up call centre: the calls of each day, the legs of each call, and the rows they become.
//!
//! Callers arrive by hour and weekday, go through a menu, wait with limited patience, ring employees who may be in
//! another call or away, are transferred, coached, hang up and ring again (`shift`); some worlds have given calls instead
//! (`script`), one is made in independent pieces (`slot`). What worlds differ in is a table (`rules`). Calls become the rows of
//! several listings (`made`). People, numbers and names are invented (`cast`). A day
//! depends on the seed and its date alone: it has the same rows in every period that holds it.
//! Times are made as instants and written in the account's zone. Not here: anything about requests.

mod burst;
mod call;
mod cast;
mod charge_rows;
mod directory;
mod ending;
mod leg_rows;
mod made;
mod parties;
mod rules;
mod script;
mod session_rows;
mod shift;
mod slot;
mod tariff;

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

pub(crate) use self::{
    burst::Burst,
    call::{Leg, Outcome, Role, Session, Way},
    cast::Cast,
    directory::Directory,
    ending::Ending,
    made::{Made, each_leg, each_session},
    slot::{LONGEST, OF_DAY, Slot as TimeSlot},
    tariff::Tariff,
};
use self::{
    call::{Call, Kind},
    rules::{Rules, weekday_percent},
    shift::Shift,
};
use crate::random::Random;

pub use self::rules::World;

/// What to make.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) world: World,
    pub(crate) seed: u64,
    /// Accounts of one seed differ.
    pub(crate) account: u64,
    pub(crate) since: NaiveDate,
    /// The first day without rows.
    pub(crate) until: NaiveDate,
    pub(crate) zone: Tz,
    /// On an ordinary working day, roughly.
    pub(crate) legs_per_day: u32,
    pub(crate) bursts: Vec<Burst>,
}

/// Ids beyond 32 bits, as live ones are; they grow by day from here.
const FIRST_LEG: i64 = 11_600_000_000;
const FIRST_SESSION: i64 = 5_100_000_000;
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day of the calendar");

/// Ids of bursts, beyond those of all days, and how far apart those of two bursts are.
const FIRST_BURST: i64 = 1 << 40;
const BURST_IDS: i64 = 1 << 32;
const BURST_STREAM: u64 = 0xb0_0257;

/// Legs of a first call attempt with all that follows from it, in hundredths. Measured.
const LEGS_PER_ARRIVAL: u64 = 375;

/// Tells every session of the plan's days, with its legs, in the order of its day; `day` after each day. Of a world that
/// is made on demand only what lies near the period is played.
pub(crate) fn tell<T>(
    plan: &Plan,
    cast: &Cast,
    period: Option<(NaiveDateTime, NaiveDateTime)>,
    to: &mut T,
    mut session: impl FnMut(&mut T, &Session, &[Leg]),
    mut day: impl FnMut(&mut T, NaiveDate),
) {
    let mut legs = Vec::new();
    for today in plan.days() {
        if plan.world.is_on_demand() {
            let near = |slot: &TimeSlot| {
                let (start, end) = slot.span();
                today >= plan.since && period.is_none_or(|(from, till)| start < till && from < end)
            };
            for slot in TimeSlot::of_day(today).filter(near) {
                legs.clear();
                slot.play(plan, cast, &mut legs, |told, legs| session(to, told, legs));
            }
            day(to, today);
            continue;
        }
        legs.clear();
        plan.calls_of(cast, today, &mut legs, |told, legs| {
            // Only these have all rows there are: some calls of the day before begin today, some of today tomorrow.
            let began = wall(plan.zone, told.start).map(|start| start.date());
            if began.is_some_and(|day| plan.since <= day && day < plan.until) {
                session(to, told, legs);
            }
        });
        day(to, today);
    }
    for (number, burst) in (0_u32..).zip(&plan.bursts) {
        legs.clear();
        plan.calls_of_burst(cast, number, burst, &mut legs, |told, legs| session(to, told, legs));
    }
}

const fn first_of_burst(number: u32) -> i64 {
    FIRST_BURST + BURST_IDS * number as i64
}

impl Plan {
    /// The day before the period, and those of the period.
    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let eve = self.since.pred_opt().unwrap_or(self.since);
        let until = self.until;
        eve.iter_days().take_while(move |day| *day < until)
    }

    /// The slots of the plan's days that lie near the period.
    pub(crate) fn slots(
        &self,
        period: Option<(NaiveDateTime, NaiveDateTime)>,
    ) -> impl Iterator<Item = TimeSlot> {
        let days = self.days().skip(1);
        days.flat_map(TimeSlot::of_day).filter(move |slot| {
            let (start, end) = slot.span();
            period.is_none_or(|(from, till)| start < till && from < end)
        })
    }

    /// Ids given to the days before: so many a day that no day needs more.
    fn ids_before(&self, day: NaiveDate) -> i64 {
        day.signed_duration_since(FIRST_DAY).num_days() * self.ids_of_day()
    }

    fn ids_of_day(&self) -> i64 {
        i64::from(self.legs_per_day) * 3 + 1000
    }

    /// Adds the legs of every call that begins on the day, and tells each call once it is over.
    fn calls_of(
        &self,
        cast: &Cast,
        day: NaiveDate,
        legs: &mut Vec<Leg>,
        mut told: impl FnMut(&Session, &[Leg]),
    ) {
        let mut session = FIRST_SESSION + self.ids_before(day);
        if self.world.is_scripted() {
            return script::play(self.world, cast, session, |at| self.instant(day, at), legs, told);
        }
        let number = i64::from(day.num_days_from_ce());
        let stream = self.account << 32 ^ number.cast_unsigned();
        let mut random = Random::new(self.seed, stream);
        let mut calls = BinaryHeap::new();
        self.arrivals(cast, day, &mut random, &mut calls);
        let midnight = first_instant(self.zone, day).unwrap_or_default();
        let mut shift = Shift::new(cast, day.weekday(), midnight, 0, random);
        while let Some(Reverse(call)) = calls.pop() {
            session += 1;
            let (first, hour) = (legs.len(), wall(self.zone, call.at));
            let played = shift.play(call, session, hour, legs);
            if let Some(session) = &played.session {
                told(session, legs.get(first..).unwrap_or_default());
            }
            calls.extend(played.again.map(Reverse));
        }
    }

    fn calls_of_burst(
        &self,
        cast: &Cast,
        number: u32,
        burst: &Burst,
        legs: &mut Vec<Leg>,
        told: impl FnMut(&Session, &[Leg]),
    ) {
        let random = Random::new(self.seed, BURST_STREAM + u64::from(number));
        if let Some(start) = first_moment(self.zone, burst.at) {
            burst.play(first_of_burst(number), start, cast, random, legs, told);
        }
    }

    /// The first attempts of the day: by hour, at even chances within it.
    fn arrivals(
        &self,
        cast: &Cast,
        day: NaiveDate,
        random: &mut Random,
        calls: &mut BinaryHeap<Reverse<Call>>,
    ) {
        let rules = cast.rules();
        let total = u64::from(self.legs_per_day) * weekday_percent(day.weekday()) / LEGS_PER_ARRIVAL;
        for (hour, weight) in (0..).zip((rules.volume)(day.weekday())) {
            let mean = u32::try_from(total * weight / 1000).unwrap_or(u32::MAX);
            // Within a tenth of the mean, and now and then one where the mean is below one.
            let spread = mean / 5;
            let count = mean - spread / 2 + random.below(spread + 1) + u32::from(random.chance(300));
            for _ in 0..count {
                let (minute, second) = (random.below(60), random.below(60));
                let caller = random.below(cast.callers());
                let kind = kind(rules, random);
                // An hour that the zone skips has no calls; in one that it shows twice they are made at either time.
                let at = day.and_hms_opt(hour, minute, second).and_then(|wall| {
                    let later = rules.twice && second % 2 == 1;
                    let times = self.zone.from_local_datetime(&wall);
                    Some((if later { times.latest() } else { times.earliest() })?.timestamp())
                });
                calls.extend(at.map(|at| Reverse(Call { at, caller, kind, attempt: 1 })));
            }
        }
    }

    /// The instant of a time of the day, in seconds since its midnight by the clock on the wall.
    fn instant(&self, day: NaiveDate, seconds: u32) -> Option<i64> {
        let wall = day.and_hms_opt(seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        first_moment(self.zone, wall)
    }
}

/// What an attempt is.
fn kind(rules: &Rules, random: &mut Random) -> Kind {
    if random.chance(rules.inbound) {
        Kind::Inbound
    } else if rules.internal > 0 && random.chance(rules.internal) {
        Kind::Internal
    } else if rules.listed > 0 && random.chance(rules.listed) {
        Kind::Listed
    } else {
        Kind::Outbound
    }
}

/// The instant, in Unix seconds, of a wall clock time; the earlier one of two, none in a gap.
fn instant(zone: Tz, wall: NaiveDateTime) -> Option<i64> {
    Some(zone.from_local_datetime(&wall).earliest()?.timestamp())
}

/// Some zones skip midnight when they change their clock.
fn first_instant(zone: Tz, day: NaiveDate) -> Option<i64> {
    (0..24).find_map(|hour| instant(zone, day.and_hms_opt(hour, 0, 0)?))
}

/// The instant of a time, or of the first full hour after the gap that it lies in.
fn first_moment(zone: Tz, at: NaiveDateTime) -> Option<i64> {
    (0..24).find_map(|hours| instant(zone, at.checked_add_signed(TimeDelta::try_hours(hours)?)?))
}

pub(crate) fn wall(zone: Tz, at: i64) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp(at, 0)?.with_timezone(&zone).naive_local())
}
