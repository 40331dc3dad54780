//! Calls: how many were offered, answered in time, missed; waits and talk; days, hours and scenarios.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    str::FromStr,
};

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};

use super::{busy::HALVES, histogram::Histogram, shown};
use crate::{
    names::{NONE, Name, Names},
    parameters::Parameters,
    session::{Call, Outcome, Way},
    shape::{
        ABANDONMENT, ASA, BY_DAY, CALL_PROFILE, HALF_HOURS, HEATMAP, OFFERED, PATIENCE, SCENARIOS,
        SERVICE_LEVEL, STAFFING_INPUT, Shape, TALK,
    },
    table::{Cell, Decimal, Table},
};

/// Steps of the call profile, in seconds.
const STEP: i64 = 5;

#[derive(Default)]
pub(super) struct Calls {
    service_level: ServiceLevel,
    abandoned: i64,
    no_answer: i64,
    waits: Histogram,
    wait: Sum,
    menu_wait: Sum,
    talk: Sum,
    rings: Sum,
    /// Days that any call began on, and what was offered on them.
    days: BTreeMap<NaiveDate, Day>,
    /// By weekday and half hour of the day.
    halves: BTreeMap<(i64, i64), Hour>,
    profile: BTreeMap<Option<i64>, [i64; 3]>,
    scenarios: HashMap<Option<Name>, Scenario>,
    last_start: Option<i64>,
    /// How long callers waited altogether, and how many gave up.
    patience: (i64, i64),
}

/// A sum, and of how many.
#[derive(Clone, Copy, Default)]
struct Sum {
    sum: i64,
    count: i64,
}

impl Sum {
    fn add(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1;
        }
    }

    fn mean(self, places: u8) -> Cell {
        Decimal::quotient(self.sum, self.count, places).into()
    }

    fn total(self) -> Cell {
        Some(self.sum).filter(|_| self.count > 0).into()
    }
}

#[derive(Default)]
struct Day {
    offered: i64,
    answered: i64,
    missed: i64,
    in_time: i64,
}

/// A part of a weekday.
#[derive(Clone, Copy, Default)]
struct Hour {
    offered: i64,
    missed: i64,
    talk: Sum,
}

#[derive(Default)]
struct Scenario {
    inbound: i64,
    answered: i64,
    left_in_menu: i64,
    short_abandons: i64,
    missed: i64,
    wait: Sum,
}

impl Scenario {
    fn add(&mut self, other: &Self) {
        self.inbound += other.inbound;
        self.answered += other.answered;
        self.left_in_menu += other.left_in_menu;
        self.short_abandons += other.short_abandons;
        self.missed += other.missed;
        self.wait.sum += other.wait.sum;
        self.wait.count += other.wait.count;
    }
}

/// Ways to count the share of calls that were answered in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceLevelVariant {
    /// Answered in time of all that were answered or missed. One number for everyone.
    #[default]
    Standard,
    /// Short abandons are in the divisor too: for contracts that say "of all calls".
    Strict,
    /// Answered in time of all that were answered: leaves out who gave up.
    Answered,
    /// Callers who gave up in time count as served: in some contracts with other companies.
    Lenient,
    /// As standard, by the clock of the caller: from the beginning of the call, menu included.
    FromEntry,
}

impl ServiceLevelVariant {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Standard, Self::Strict, Self::Answered, Self::Lenient, Self::FromEntry];

    /// The name, as a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Strict => "strict",
            Self::Answered => "answered",
            Self::Lenient => "lenient",
            Self::FromEntry => "from-entry",
        }
    }
}

impl FromStr for ServiceLevelVariant {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|variant| variant.as_str() == text).ok_or(())
    }
}

/// What the variants of the service level are quotients of: parts are summed, and divided once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceLevel {
    /// Calls that were answered or missed.
    pub offered: i64,
    /// Calls that were answered.
    pub answered: i64,
    /// Callers who left too early to count.
    pub short_abandons: i64,
    /// Answered in time, from the first ring.
    pub in_time: i64,
    /// Answered in time, from the beginning of the call.
    pub in_time_from_entry: i64,
    /// Missed calls whose callers gave up in time.
    pub abandoned_in_time: i64,
}

impl ServiceLevel {
    /// What is divided by what.
    pub const fn parts(self, variant: ServiceLevelVariant) -> (i64, i64) {
        match variant {
            ServiceLevelVariant::Standard => (self.in_time, self.offered),
            ServiceLevelVariant::Strict => (self.in_time, self.offered + self.short_abandons),
            ServiceLevelVariant::Answered => (self.in_time, self.answered),
            ServiceLevelVariant::Lenient => (self.in_time + self.abandoned_in_time, self.offered),
            ServiceLevelVariant::FromEntry => (self.in_time_from_entry, self.offered),
        }
    }

    /// In percent; `None` of no calls.
    pub fn percent(self, variant: ServiceLevelVariant) -> Option<Decimal> {
        let (dividend, divisor) = self.parts(variant);
        Decimal::quotient(100 * dividend, divisor, 1)
    }
}

impl Calls {
    pub(super) fn call(&mut self, call: &Call, parameters: &Parameters) {
        let start = shown(call.wall);
        self.last_start = self.last_start.max(Some(call.wall));
        let in_time = call.queue_wait.is_some_and(|wait| wait <= parameters.answer_within);
        let is_answered = call.outcome == Outcome::Answered;
        let day = self.days.entry(start.date()).or_default();
        if call.is_offered {
            day.offered += 1;
            day.answered += i64::from(is_answered);
            day.missed += i64::from(call.is_missed);
            day.in_time += i64::from(in_time);
            let half = start.num_seconds_from_midnight() / 1800;
            let key = (start.weekday().number_from_monday().into(), half.into());
            let hour = self.halves.entry(key).or_default();
            hour.offered += 1;
            hour.missed += i64::from(call.is_missed);
            hour.talk.add(call.talk);
            self.offered(call, in_time, parameters);
        }
        if call.is_offered || call.is_short {
            let waited = call.queue_wait.or(call.abandon).unwrap_or_default().max(0);
            let gave_up = i64::from(call.outcome == Outcome::Abandoned);
            self.patience = (self.patience.0 + waited, self.patience.1 + gave_up);
            let step = call.queue_wait.or(call.abandon).map(|wait| wait.div_euclid(STEP) * STEP);
            let [answered, left, dropped] = self.profile.entry(step).or_default();
            *answered += i64::from(is_answered);
            *left += i64::from(call.outcome == Outcome::Abandoned);
            *dropped += i64::from(call.outcome == Outcome::NoAnswer);
        }
        self.service_level.short_abandons += i64::from(call.is_short);
        if call.way == Way::In {
            self.inbound(call, is_answered);
        }
    }

    fn offered(&mut self, call: &Call, in_time: bool, parameters: &Parameters) {
        let within = |wait: Option<i64>| i64::from(wait.is_some_and(|wait| wait <= parameters.answer_within));
        let level = &mut self.service_level;
        level.offered += 1;
        level.in_time += i64::from(in_time);
        level.in_time_from_entry += within(call.wait);
        match call.outcome {
            Outcome::Abandoned => {
                self.abandoned += 1;
                level.abandoned_in_time += within(call.abandon);
            }
            Outcome::NoAnswer => self.no_answer += 1,
            Outcome::Answered | Outcome::IvrOnly | Outcome::NotReached | Outcome::Internal => {
                level.answered += 1;
            }
        }
    }

    fn inbound(&mut self, call: &Call, is_answered: bool) {
        if is_answered {
            if let Some(wait) = call.queue_wait {
                self.waits.add(wait);
            }
            self.wait.add(call.queue_wait);
            self.menu_wait.add(call.wait);
            self.talk.add(call.talk);
            self.rings.add(Some(call.rings));
        }
        let scenario = self.scenarios.entry(call.scenario).or_default();
        scenario.inbound += 1;
        scenario.answered += i64::from(is_answered);
        scenario.left_in_menu += i64::from(call.outcome == Outcome::IvrOnly);
        scenario.short_abandons += i64::from(call.is_short);
        scenario.missed += i64::from(call.is_missed);
        if is_answered {
            scenario.wait.add(call.queue_wait);
        }
    }

    /// How many days had a call.
    pub(super) fn day_count(&self) -> usize {
        self.days.len()
    }

    /// When the last call began, on the wall clock.
    pub(super) const fn last_start(&self) -> Option<i64> {
        self.last_start
    }

    /// The first and the last day on which a call began.
    pub(super) fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        Some((*self.days.keys().next()?, *self.days.keys().next_back()?))
    }

    /// Results are added. Without a period the calendar is of these days, or of those with a call.
    pub(super) fn finish(
        self,
        names: &Names,
        parameters: &Parameters,
        days: Option<(NaiveDate, NaiveDate)>,
        active: &BTreeMap<i64, [i64; HALVES]>,
        tables: &mut Vec<Table>,
    ) -> ServiceLevel {
        let days = days.or_else(|| self.days());
        let level = self.service_level;
        let percent = |variant| Cell::from(level.percent(variant));
        let missed = self.abandoned + self.no_answer;
        let mut one = |shape: &'static Shape, row: Vec<Cell>| tables.push(Table::new(shape, vec![row]));
        one(
            &SERVICE_LEVEL,
            vec![
                level.offered.into(),
                level.answered.into(),
                level.short_abandons.into(),
                level.in_time.into(),
                percent(ServiceLevelVariant::Standard),
                percent(ServiceLevelVariant::Strict),
            ],
        );
        one(
            &ABANDONMENT,
            vec![
                self.abandoned.into(),
                self.no_answer.into(),
                missed.into(),
                Decimal::quotient(100 * missed, level.offered, 1).into(),
            ],
        );
        one(
            &ASA,
            vec![
                self.wait.mean(1),
                self.waits.tenths(5, 1).into(),
                self.waits.tenths(9, 1).into(),
                self.waits.largest().into(),
                self.menu_wait.mean(1),
            ],
        );
        one(&TALK, vec![self.talk.mean(1), self.talk.total(), self.rings.mean(2)]);
        one(
            &OFFERED,
            vec![
                level.offered.into(),
                level.answered.into(),
                missed.into(),
                level.in_time.into(),
                percent(ServiceLevelVariant::Standard),
            ],
        );
        let (waited, gave_up) = self.patience;
        let mean = Decimal::quotient(waited, gave_up, 1).into();
        one(&PATIENCE, vec![waited.into(), gave_up.into(), mean]);
        let hours = hours(&self.halves);
        tables.push(by_day(&self.days));
        tables.push(heatmap(&hours, days, parameters));
        tables.push(call_profile(&self.profile));
        tables.push(scenarios(self.scenarios, names));
        tables.push(staffing_input(&hours, self.days.len()));
        tables.push(half_hours(&self.halves, &self.days, active));
        level
    }
}

fn by_day(days: &BTreeMap<NaiveDate, Day>) -> Table {
    let days = days.iter().filter(|(_, day)| day.offered > 0);
    let row = |(date, day): (&NaiveDate, &Day)| {
        vec![
            (*date).into(),
            day.offered.into(),
            day.answered.into(),
            day.missed.into(),
            day.in_time.into(),
            Decimal::quotient(100 * day.in_time, day.offered, 1).into(),
        ]
    };
    Table::new(&BY_DAY, days.map(row).collect())
}

/// Half hours put together.
fn hours(halves: &BTreeMap<(i64, i64), Hour>) -> BTreeMap<(i64, i64), Hour> {
    let mut hours: BTreeMap<(i64, i64), Hour> = BTreeMap::new();
    for ((weekday, half), counts) in halves {
        let hour = hours.entry((*weekday, half / 2)).or_default();
        hour.offered += counts.offered;
        hour.missed += counts.missed;
        hour.talk.sum += counts.talk.sum;
        hour.talk.count += counts.talk.count;
    }
    hours
}

/// Half hours in which there were calls or people, over the days that had any call.
fn half_hours(
    halves: &BTreeMap<(i64, i64), Hour>,
    days: &BTreeMap<NaiveDate, Day>,
    active: &BTreeMap<i64, [i64; HALVES]>,
) -> Table {
    let mut people: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let mut count: BTreeMap<i64, i64> = BTreeMap::new();
    for day in days.keys() {
        let weekday = day.weekday().number_from_monday().into();
        *count.entry(weekday).or_default() += 1;
        let number = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp().div_euclid(86_400);
        for (half, active) in
            (0..).zip(active.get(&number).into_iter().flatten()).filter(|(_, active)| **active > 0)
        {
            *people.entry((weekday, half)).or_default() += active;
        }
    }
    // Each such weekday has a row, so that its days are told.
    let first = count.keys().map(|weekday| (*weekday, 0));
    let places: BTreeSet<_> = halves.keys().chain(people.keys()).copied().chain(first).collect();
    let row = |(weekday, half): (i64, i64)| {
        let counts = halves.get(&(weekday, half)).copied().unwrap_or_default();
        vec![
            weekday.into(),
            format!("{:02}:{:02}", half / 2, half % 2 * 30).into(),
            count.get(&weekday).copied().into(),
            counts.offered.into(),
            counts.talk.count.into(),
            counts.talk.sum.into(),
            people.get(&(weekday, half)).copied().unwrap_or_default().into(),
        ]
    };
    Table::new(&HALF_HOURS, places.into_iter().map(row).collect())
}

/// Divided by how many such weekdays the period has, days without a call too; without a period, those from the first to the
/// last day with a call.
fn heatmap(
    hours: &BTreeMap<(i64, i64), Hour>,
    days: Option<(NaiveDate, NaiveDate)>,
    parameters: &Parameters,
) -> Table {
    let named =
        parameters.period.map(|(from, till)| (from.date(), (till - TimeDelta::microseconds(1)).date()));
    let mut count = [0_i64; 7];
    if let Some((first, last)) = named.or(days) {
        for day in first.iter_days().take_while(|day| *day <= last) {
            let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
            count.iter_mut().skip(weekday).take(1).for_each(|count| *count += 1);
        }
    }
    let row = |((weekday, hour), counts): (&(i64, i64), &Hour)| {
        let days = usize::try_from(weekday - 1).ok().and_then(|place| count.get(place)).copied();
        vec![
            (*weekday).into(),
            (*hour).into(),
            counts.offered.into(),
            Decimal::quotient(counts.offered, days.unwrap_or_default(), 1).into(),
            counts.missed.into(),
            Decimal::quotient(100 * counts.missed, counts.offered, 1).into(),
        ]
    };
    Table::new(&HEATMAP, hours.iter().map(row).collect())
}

/// A call that was answered without a first ring, by transfers alone, has no wait: it comes last.
fn call_profile(profile: &BTreeMap<Option<i64>, [i64; 3]>) -> Table {
    let without = profile.get_key_value(&None);
    let steps = profile.iter().filter(|(step, _)| step.is_some()).chain(without);
    let row = |(step, counts): (&Option<i64>, &[i64; 3])| {
        let mut row: Vec<Cell> = vec![(*step).into()];
        row.extend(counts.map(Cell::from));
        row
    };
    Table::new(&CALL_PROFILE, steps.map(row).collect())
}

fn scenarios(scenarios: HashMap<Option<Name>, Scenario>, names: &Names) -> Table {
    // Calls without a scenario are one with those of a scenario that is called so.
    let mut by_name: BTreeMap<&str, Scenario> = BTreeMap::new();
    for (name, scenario) in scenarios {
        by_name.entry(name.map_or(NONE, |name| names.text(name))).or_default().add(&scenario);
    }
    let mut scenarios: Vec<_> = by_name.into_iter().collect();
    scenarios.sort_by_key(|(name, scenario)| (-scenario.inbound, *name));
    let row = |(name, scenario): (&str, Scenario)| {
        vec![
            name.to_owned().into(),
            scenario.inbound.into(),
            scenario.answered.into(),
            scenario.left_in_menu.into(),
            scenario.short_abandons.into(),
            scenario.missed.into(),
            scenario.wait.mean(1),
        ]
    };
    Table::new(&SCENARIOS, scenarios.into_iter().map(row).collect())
}

/// Over the days that had any call: a day on which nothing was recorded says nothing of its load.
fn staffing_input(hours: &BTreeMap<(i64, i64), Hour>, days: usize) -> Table {
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    let mut by_hour: BTreeMap<i64, (i64, Sum)> = BTreeMap::new();
    for ((_, hour), counts) in hours {
        let (calls, talk) = by_hour.entry(*hour).or_default();
        *calls += counts.offered;
        talk.sum += counts.talk.sum;
        talk.count += counts.talk.count;
    }
    let row = |(hour, (calls, talk)): (i64, (i64, Sum))| {
        vec![
            hour.into(),
            Decimal::quotient(calls, days, 2).into(),
            talk.mean(1),
            Decimal::quotient(calls.saturating_mul(talk.sum), days * 3600 * talk.count, 2).into(),
        ]
    };
    Table::new(&STAFFING_INPUT, by_hour.into_iter().map(row).collect())
}
