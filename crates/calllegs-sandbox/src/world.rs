//! A made-up call centre: the calls of each day, the legs of each call, and the rows they become.
//!
//! Callers arrive by hour and weekday, go through a menu, wait with limited patience, ring employees who may be in
//! another call or away, are transferred, coached, hang up and ring again (`shift`); some worlds have given calls instead
//! (`script`), one is made in independent pieces (`slot`). What worlds differ in is a table (`rules`). People, numbers and names are invented (`cast`). A day depends on the seed and its date alone: it has the same rows in every period that holds it.
//! Times are made as instants and written in the account's zone. Not here: anything about requests.

mod burst;
mod call;
mod cast;
mod ending;
mod rules;
mod script;
mod shift;
mod slot;

use std::{cmp::Reverse, collections::BinaryHeap};

use calllegs_core::{CallLegs, Direction, schema::Listing};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

pub(crate) use self::{
    burst::Burst,
    call::{Leg, Outcome, Role, Session, Way},
    cast::Cast,
    ending::Ending,
    slot::{LONGEST, OF_DAY, Slot as TimeSlot},
};
use self::{
    call::{Call, Kind},
    rules::{Rules, weekday_percent},
    shift::Shift,
};
use crate::{
    random::Random,
    store::{Row, Slot, Store, StoreBuilder, TextId},
};

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

/// Makes the rows of the plan's days.
pub(crate) fn generate(plan: &Plan) -> Store {
    let mut rows = RowMaker::new(plan);
    // The day before gives the calls that were still going at midnight.
    let mut pending = Vec::new();
    for day in plan.days() {
        let Some(midnight) = day.succ_opt().and_then(|next| first_instant(plan.zone, next)) else { break };
        plan.calls_of(&rows.cast, day, &mut pending, |_, _| {});
        pending.sort_by_key(|leg: &Leg| (leg.start, leg.session, leg.order));
        let rest = pending.split_off(pending.partition_point(|leg| leg.start < midnight));
        let today = std::mem::replace(&mut pending, rest);
        if day < plan.since {
            continue;
        }
        let first_id = FIRST_LEG + plan.ids_before(day);
        for (id, leg) in (first_id..).zip(&today) {
            rows.push(id, leg);
        }
    }
    for (number, burst) in (0_u32..).zip(&plan.bursts) {
        let mut legs = Vec::new();
        plan.calls_of_burst(&rows.cast, number, burst, &mut legs, |_, _| {});
        for (id, leg) in (first_of_burst(number)..).zip(&legs) {
            rows.push(id, leg);
        }
    }
    rows.builder.finish()
}

/// Makes the rows of ten minutes.
pub(crate) fn generate_slot(plan: &Plan, slot: TimeSlot) -> Store {
    let mut rows = RowMaker::new(plan);
    let mut legs = Vec::new();
    slot.play(plan, &rows.cast, &mut legs, |_, _| {});
    legs.sort_by_key(|leg| (leg.start, leg.session, leg.order));
    for (id, leg) in (FIRST_LEG + slot.ids_before(plan)..).zip(&legs) {
        rows.push(id, leg);
    }
    rows.builder.finish()
}

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

/// Makes rows of legs.
struct RowMaker {
    zone: Tz,
    cast: Cast,
    builder: StoreBuilder,
    row: Row,
    /// The empty array.
    none: TextId,
    /// The words for towards and away from the platform.
    directions: (TextId, TextId),
}

impl RowMaker {
    fn new(plan: &Plan) -> Self {
        let mut builder = StoreBuilder::new(CallLegs::METHOD.fields);
        let cast = Cast::new(plan, &mut builder);
        Self {
            zone: plan.zone,
            row: builder.row(),
            none: builder.text("[]"),
            directions: (builder.text(Direction::In.as_str()), builder.text(Direction::Out.as_str())),
            cast,
            builder,
        }
    }

    fn push(&mut self, id: i64, leg: &Leg) {
        let text = |text: Option<TextId>| text.map_or(Slot::Null, Slot::Text);
        let number = |number: Option<i64>| number.map_or(Slot::Null, Slot::Number);
        let zone = self.zone;
        let time = |at: Option<i64>| at.and_then(|at| wall(zone, at)).map_or(Slot::Null, Slot::Time);
        let contact = leg.caller.map(|caller| self.cast.contact(caller, &mut self.builder));
        let employee = leg.employee.and_then(|index| self.cast.employee(index));
        let extension = leg.employee.and_then(|index| self.cast.extension(index, &mut self.builder));
        // Who is at the other end of an employee's leg.
        let peer = leg.peer.and_then(|index| self.cast.extension(index, &mut self.builder));
        // Within the house there is no rented number.
        let line = self.cast.line(leg.via).filter(|_| contact.is_some());
        let queue = self.cast.line(leg.line).filter(|_| leg.queued);
        let ending = self.cast.ending(leg.ending);
        let phone = contact.as_ref().map(|contact| contact.phone);
        let subscriber = phone.filter(|_| leg.disclosed);
        let is_operator = leg.role != Role::Subscriber;
        let far = if is_operator { extension } else { phone };
        let (calling, called) = match (leg.inward, is_operator) {
            // The caller reaches the rented number; an employee dials out.
            (true, false) => (subscriber, line.map(|line| line.number)),
            (true, true) => (far, phone.or(peer)),
            // The platform rings an employee for the caller, or the subscriber for an employee.
            (false, true) => (subscriber.or(peer), far),
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
        row.put(CallLegs::IS_TRANSFERED.info(), Slot::Boolean(leg.role == Role::Transfer));
        row.put(CallLegs::IS_OPERATOR.info(), Slot::Boolean(is_operator));
        row.put(CallLegs::EMPLOYEE_ID.info(), number(employee.map(|employee| employee.id)));
        row.put(CallLegs::EMPLOYEE_FULL_NAME.info(), text(employee.map(|employee| employee.name)));
        row.put(CallLegs::EMPLOYEE_PHONE_NUMBER.info(), text(extension));
        row.put(CallLegs::EMPLOYEE_RATING.info(), number(leg.rating));
        row.put(CallLegs::SCENARIO_ID.info(), number(line.filter(|_| leg.routed).map(|line| line.scenario)));
        row.put(CallLegs::SCENARIO_NAME.info(), text(line.filter(|_| leg.routed).map(|line| line.name)));
        row.put(CallLegs::IS_COACH.info(), Slot::Boolean(leg.role == Role::Coach));
        row.put(CallLegs::RELEASE_CAUSE_CODE.info(), number(ending.map(|ending| ending.cause)));
        row.put(CallLegs::RELEASE_CAUSE_DESCRIPTION.info(), text(ending.map(|ending| ending.cause_text)));
        row.put(CallLegs::IS_FAILED.info(), Slot::Boolean(leg.connect.is_none()));
        row.put(CallLegs::IS_TALKED.info(), Slot::Boolean(leg.is_talked));
        row.put(CallLegs::CONTACT_ID.info(), number(contact.as_ref().and_then(|contact| contact.id)));
        row.put(CallLegs::CONTACT_FULL_NAME.info(), text(contact.as_ref().and_then(|contact| contact.name)));
        row.put(CallLegs::CONTACT_PHONE_NUMBER.info(), text(subscriber));
        let action = line.filter(|_| leg.routed);
        row.put(CallLegs::ACTION_ID.info(), number(action.map(|line| line.action(leg.queued).0)));
        row.put(CallLegs::ACTION_NAME.info(), text(action.map(|line| line.action(leg.queued).1)));
        row.put(CallLegs::GROUP_ID.info(), number(queue.map(|line| line.group)));
        row.put(CallLegs::GROUP_NAME.info(), text(queue.map(|line| line.name)));
        self.builder.push(&self.row);
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
