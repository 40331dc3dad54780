//! A made-up call centre: the calls of each day, the legs of each call, and the rows they become.
//!
//! Callers arrive by hour and weekday, go through a menu, wait with limited patience, ring employees who may be in
//! another call, are transferred, coached, hang up and ring again (`call`). People, numbers and names are invented
//! (`cast`). A day depends on the seed and its date alone: it has the same rows in every period that holds it.
//! Times are made as instants and written in the account's zone. Not here: anything about requests.

mod burst;
mod call;
mod cast;
mod ending;

use std::{cmp::Reverse, collections::BinaryHeap};

use calllegs_core::{CallLegs, Direction, schema::Listing};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

use self::{
    call::{Call, Leg, Shift},
    cast::Cast,
};
use crate::{
    random::Random,
    store::{Row, Slot, Store, StoreBuilder, TextId},
};

pub(crate) use self::burst::Burst;

/// What made-up rows are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum World {
    /// A call centre of sixty people or so.
    #[default]
    Shop,
    /// The same, and 150,000 legs in one hour of the last day, 12:00 to 13:00: more than the 110,000 rows that pages
    /// of one window reach.
    Dense,
    /// The same, and 1,000 legs in one second of the last day, 12:00:00.
    Ties,
}

impl World {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shop, Self::Dense, Self::Ties];

    /// The word of `--world`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Dense => "dense",
            Self::Ties => "ties",
        }
    }

    /// What it adds to its last day.
    pub(crate) fn burst(self, day: NaiveDate) -> Option<Burst> {
        let at = day.and_hms_opt(12, 0, 0)?;
        match self {
            Self::Shop => None,
            Self::Dense => Some(Burst { at, legs: 150_000, seconds: 3600 }),
            Self::Ties => Some(Burst { at, legs: 1000, seconds: 1 }),
        }
    }
}

calllegs_core::words!(World, "world");

/// What to make.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
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

/// Makes the rows of the plan's days.
pub(crate) fn generate(plan: &Plan) -> Store {
    let mut builder = StoreBuilder::new(CallLegs::METHOD.fields);
    let mut world = Making {
        plan,
        cast: Cast::new(plan, &mut builder),
        row: builder.row(),
        none: builder.text("[]"),
        directions: (builder.text(Direction::In.as_str()), builder.text(Direction::Out.as_str())),
        builder,
    };
    // The day before gives the calls that were still going at midnight.
    let mut pending = Vec::new();
    let eve = plan.since.pred_opt().unwrap_or(plan.since);
    for day in eve.iter_days().take_while(|day| *day < plan.until) {
        let Some(midnight) = day.succ_opt().and_then(|next| first_instant(plan.zone, next)) else { break };
        world.calls_of(day, &mut pending);
        pending.sort_by_key(|leg: &Leg| (leg.start, leg.session, leg.order));
        let rest = pending.split_off(pending.partition_point(|leg| leg.start < midnight));
        let today = std::mem::replace(&mut pending, rest);
        if day < plan.since {
            continue;
        }
        let first_id = FIRST_LEG + world.ids_before(day);
        for (id, leg) in (first_id..).zip(&today) {
            world.push(id, leg);
        }
    }
    let mut legs = Vec::new();
    for (number, burst) in (0_u32..).zip(&plan.bursts) {
        let random = Random::new(plan.seed, BURST_STREAM + u64::from(number));
        let first = FIRST_BURST + BURST_IDS * i64::from(number);
        let Some(start) = first_moment(plan.zone, burst.at) else { continue };
        burst.play(first, start, &world.cast, random, &mut legs);
        for (id, leg) in (first..).zip(legs.drain(..)) {
            world.push(id, &leg);
        }
    }
    world.builder.finish()
}

struct Making<'a> {
    plan: &'a Plan,
    cast: Cast,
    builder: StoreBuilder,
    row: Row,
    /// The empty array.
    none: TextId,
    /// The words for towards and away from the platform.
    directions: (TextId, TextId),
}

impl Making<'_> {
    /// Ids given to the days before: so many a day that no day needs more.
    fn ids_before(&self, day: NaiveDate) -> i64 {
        day.signed_duration_since(FIRST_DAY).num_days() * (i64::from(self.plan.legs_per_day) * 3 + 1000)
    }

    /// Adds the legs of every call that begins on the day.
    fn calls_of(&mut self, day: NaiveDate, legs: &mut Vec<Leg>) {
        let number = i64::from(day.num_days_from_ce());
        let stream = self.plan.account << 32 ^ number.cast_unsigned();
        let mut random = Random::new(self.plan.seed, stream);
        let mut calls = BinaryHeap::new();
        self.arrivals(day, &mut random, &mut calls);
        let mut shift = Shift::new(&self.cast, day.weekday(), random);
        let mut session = FIRST_SESSION + self.ids_before(day);
        while let Some(Reverse(call)) = calls.pop() {
            session += 1;
            let hour = wall(self.plan.zone, call.at);
            if let Some(again) = shift.play(call, session, hour, legs) {
                calls.push(Reverse(again));
            }
        }
    }

    /// The first attempts of the day: by hour, at even chances within it.
    fn arrivals(&self, day: NaiveDate, random: &mut Random, calls: &mut BinaryHeap<Reverse<Call>>) {
        let total = u64::from(self.plan.legs_per_day) * weekday_percent(day.weekday()) / LEGS_PER_ARRIVAL;
        for (hour, weight) in (0..).zip(hour_weights(day.weekday())) {
            let mean = u32::try_from(total * weight / 1000).unwrap_or(u32::MAX);
            // Within a tenth of the mean, and now and then one where the mean is below one.
            let spread = mean / 5;
            let count = mean - spread / 2 + random.below(spread + 1) + u32::from(random.chance(300));
            for _ in 0..count {
                let (minute, second) = (random.below(60), random.below(60));
                let caller = random.below(self.cast.callers());
                let inbound = random.chance(760);
                // An hour that the zone skips has no calls.
                let at = day.and_hms_opt(hour, minute, second).and_then(|wall| instant(self.plan.zone, wall));
                calls.extend(at.map(|at| Reverse(Call { at, caller, inbound, attempt: 1 })));
            }
        }
    }

    fn push(&mut self, id: i64, leg: &Leg) {
        let text = |text: Option<TextId>| text.map_or(Slot::Null, Slot::Text);
        let number = |number: Option<i64>| number.map_or(Slot::Null, Slot::Number);
        let zone = self.plan.zone;
        let time = |at: Option<i64>| at.and_then(|at| wall(zone, at)).map_or(Slot::Null, Slot::Time);
        let contact = self.cast.contact(leg.caller, &mut self.builder);
        let employee = leg.employee.and_then(|index| self.cast.employee(index));
        let line = self.cast.line(leg.line);
        let queue = leg.queued.then_some(line).flatten();
        let ending = self.cast.ending(leg.ending);
        let subscriber = leg.disclosed.then_some(contact.phone);
        let far = if leg.is_operator { employee.map(|employee| employee.phone) } else { Some(contact.phone) };
        let (calling, called) = match (leg.inward, leg.is_operator) {
            // The caller reaches the rented number; an employee dials out.
            (true, false) => (subscriber, line.map(|line| line.number)),
            (true, true) => (far, Some(contact.phone)),
            // The platform rings an employee for the caller, or the subscriber for an employee.
            (false, true) => (subscriber, far),
            (false, false) => (line.map(|line| line.number), far),
        };
        let records = leg.records.map_or(self.none, |name| self.builder.list(&format!("[\"{name:032x}\"]")));
        let tracks = leg.tracks.map_or(self.none, |[contact, employee]| {
            self.builder.list(&format!("[\"{contact:032x}\",\"{employee:032x}\"]"))
        });
        let row = &mut self.row;
        row.put(CallLegs::ID.info(), Slot::Number(id));
        row.put(CallLegs::CALL_SESSION_ID.info(), Slot::Number(leg.session));
        row.put(CallLegs::CALL_RECORDS.info(), Slot::List(records));
        row.put(CallLegs::WAV_CALL_RECORDS.info(), Slot::List(tracks));
        row.put(CallLegs::START_TIME.info(), time(Some(leg.start)));
        row.put(CallLegs::CONNECT_TIME.info(), time(leg.connect));
        row.put(CallLegs::DURATION.info(), Slot::Number(leg.duration));
        row.put(CallLegs::TOTAL_DURATION.info(), Slot::Number(leg.total));
        row.put(CallLegs::FINISH_REASON.info(), text(ending.map(|ending| ending.reason)));
        row.put(CallLegs::FINISH_REASON_DESCRIPTION.info(), text(ending.map(|ending| ending.label)));
        row.put(CallLegs::VIRTUAL_PHONE_NUMBER.info(), text(line.map(|line| line.number)));
        row.put(CallLegs::CALLING_PHONE_NUMBER.info(), text(calling));
        row.put(CallLegs::CALLED_PHONE_NUMBER.info(), text(called));
        let direction = if leg.inward { self.directions.0 } else { self.directions.1 };
        row.put(CallLegs::DIRECTION.info(), Slot::Text(direction));
        row.put(CallLegs::IS_TRANSFERED.info(), Slot::Boolean(leg.is_transfered));
        row.put(CallLegs::IS_OPERATOR.info(), Slot::Boolean(leg.is_operator));
        row.put(CallLegs::EMPLOYEE_ID.info(), number(employee.map(|employee| employee.id)));
        row.put(CallLegs::EMPLOYEE_FULL_NAME.info(), text(employee.map(|employee| employee.name)));
        row.put(CallLegs::EMPLOYEE_PHONE_NUMBER.info(), text(employee.map(|employee| employee.phone)));
        row.put(CallLegs::EMPLOYEE_RATING.info(), number(leg.rating));
        row.put(CallLegs::SCENARIO_ID.info(), number(line.filter(|_| leg.routed).map(|line| line.scenario)));
        row.put(CallLegs::SCENARIO_NAME.info(), text(line.filter(|_| leg.routed).map(|line| line.name)));
        row.put(CallLegs::IS_COACH.info(), Slot::Boolean(leg.is_coach));
        row.put(CallLegs::RELEASE_CAUSE_CODE.info(), number(ending.map(|ending| ending.cause)));
        row.put(CallLegs::RELEASE_CAUSE_DESCRIPTION.info(), text(ending.map(|ending| ending.cause_text)));
        row.put(CallLegs::IS_FAILED.info(), Slot::Boolean(leg.connect.is_none()));
        row.put(CallLegs::IS_TALKED.info(), Slot::Boolean(leg.is_talked));
        row.put(CallLegs::CONTACT_ID.info(), number(contact.id));
        row.put(CallLegs::CONTACT_FULL_NAME.info(), text(contact.name));
        row.put(CallLegs::CONTACT_PHONE_NUMBER.info(), text(subscriber));
        let action = line.filter(|_| leg.routed);
        row.put(CallLegs::ACTION_ID.info(), number(action.map(|line| line.action(leg.queued).0)));
        row.put(CallLegs::ACTION_NAME.info(), text(action.map(|line| line.action(leg.queued).1)));
        row.put(CallLegs::GROUP_ID.info(), number(queue.map(|line| line.group)));
        row.put(CallLegs::GROUP_NAME.info(), text(queue.map(|line| line.name)));
        self.builder.push(&self.row);
    }
}

/// Volume by weekday, in percent of an ordinary day.
fn weekday_percent(weekday: Weekday) -> u64 {
    match weekday {
        Weekday::Mon => 120,
        Weekday::Tue => 112,
        Weekday::Wed => 106,
        Weekday::Thu => 104,
        Weekday::Fri => 98,
        Weekday::Sat => 50,
        Weekday::Sun => 35,
    }
}

/// Volume by hour, in thousandths of the day: two rushes on working days, one late hump at weekends.
fn hour_weights(weekday: Weekday) -> [u64; 24] {
    match weekday {
        Weekday::Sat | Weekday::Sun => {
            [6, 4, 3, 2, 2, 4, 8, 16, 30, 52, 72, 86, 90, 88, 84, 80, 76, 74, 70, 58, 42, 28, 16, 9]
        }
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => {
            [3, 2, 1, 1, 1, 3, 8, 24, 62, 98, 112, 106, 84, 72, 88, 96, 88, 66, 40, 22, 12, 6, 3, 2]
        }
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

fn wall(zone: Tz, at: i64) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp(at, 0)?.with_timezone(&zone).naive_local())
}
