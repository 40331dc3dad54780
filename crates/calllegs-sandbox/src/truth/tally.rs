//! Counts while calls are played: the results of D1 to D14 under the names that they have wherever they are computed.
//!
//! Plain counting in place of the sets and sorts of a query: lines in use by each second, people in calls by marking
//! seconds. Quotients are rounded half up from whole sums. Not here: who asks, the columns' meaning.

mod callers;
mod seconds;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use self::{
    callers::Callers,
    seconds::{Lines, Presence},
};
use super::{Judged, TruthQuery, scenario};
use crate::world::{Cast, Ending, Leg, Outcome, Role, Session, Way, wall};

/// Everything that is counted.
pub(super) struct Tally<'a> {
    query: &'a TruthQuery,
    zone: Tz,
    inbound: Inbound,
    /// Seconds from the first ring to a voice, of each answered inbound call.
    waits: Vec<i64>,
    /// By weekday and hour: offered, missed.
    heat: BTreeMap<(u32, u32), (i64, i64)>,
    unanswered: BTreeMap<Ending, i64>,
    people: BTreeMap<u32, Person>,
    lines: Lines,
    presence: Presence,
    handed: BTreeMap<(u32, u32), i64>,
    callers: Callers,
    quality: Quality,
    days: BTreeMap<NaiveDate, Inbound>,
    /// By seconds: answered, the caller left, the exchange gave up.
    profile: BTreeMap<i64, [i64; 3]>,
    scenarios: BTreeMap<&'static str, Inbound>,
    groups: BTreeMap<&'static str, Group>,
    hours: BTreeMap<u32, Inbound>,
    /// Days on which a call began.
    active: BTreeSet<NaiveDate>,
}

/// Inbound calls, and sums over the answered ones.
#[derive(Default)]
struct Inbound {
    all: i64,
    offered: i64,
    answered: i64,
    in_time: i64,
    short: i64,
    abandoned: i64,
    dropped: i64,
    menu: i64,
    wait: i64,
    queue_wait: i64,
    talk: i64,
    rings: i64,
}

impl Inbound {
    fn add(&mut self, query: &TruthQuery, session: &Session, judged: &Judged) {
        self.all += 1;
        self.offered += i64::from(judged.is_offered);
        self.short += i64::from(judged.is_short);
        match session.outcome {
            Outcome::Answered => {
                let wait = judged.queue_wait.unwrap_or_default();
                self.answered += 1;
                self.in_time += i64::from(wait <= query.answer_within);
                self.wait += judged.wait.unwrap_or_default();
                self.queue_wait += wait;
                self.talk += session.talk.unwrap_or_default();
                self.rings += session.rings;
            }
            Outcome::Abandoned => self.abandoned += i64::from(judged.is_missed),
            Outcome::NoAnswer => self.dropped += 1,
            Outcome::IvrOnly => self.menu += 1,
            Outcome::NotReached | Outcome::Internal => {}
        }
    }

    fn missed(&self) -> i64 {
        self.abandoned + self.dropped
    }
}

#[derive(Default)]
struct Person {
    rung: i64,
    answered: i64,
    faster: i64,
    left: i64,
    ring: i64,
    talk: Option<i64>,
    stars: i64,
    rated: i64,
}

#[derive(Default)]
struct Group {
    rings: i64,
    talks: i64,
    calls: i64,
    calls_answered: i64,
    picked_up: i64,
    ring: i64,
    /// The latest call that rang it, and the latest that it answered.
    latest: (Option<i64>, Option<i64>),
}

#[derive(Default)]
struct Quality {
    talked: i64,
    recorded: i64,
    rated: i64,
    stars: i64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(query: &'a TruthQuery, zone: Tz) -> Self {
        Self {
            query,
            zone,
            inbound: Inbound::default(),
            waits: Vec::new(),
            heat: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            people: BTreeMap::new(),
            lines: Lines::new(zone),
            presence: Presence::default(),
            handed: BTreeMap::new(),
            callers: Callers::default(),
            quality: Quality::default(),
            days: BTreeMap::new(),
            profile: BTreeMap::new(),
            scenarios: BTreeMap::new(),
            groups: BTreeMap::new(),
            hours: BTreeMap::new(),
            active: BTreeSet::new(),
        }
    }

    /// A call that began at this time of the account's clock.
    pub(super) fn add(&mut self, session: &Session, start: NaiveDateTime, legs: &[Leg], cast: &Cast) {
        let judged = self.query.judge(session);
        self.active.insert(start.date());
        self.callers.add(session, &judged, start);
        for pair in &session.handed {
            *self.handed.entry(*pair).or_default() += 1;
        }
        if session.way == Way::In {
            self.add_inbound(session, &judged, start, cast);
        }
        for leg in legs {
            self.add_leg(leg, cast);
        }
    }

    fn add_inbound(&mut self, session: &Session, judged: &Judged, start: NaiveDateTime, cast: &Cast) {
        let query = self.query;
        self.inbound.add(query, session, judged);
        self.waits.extend(judged.queue_wait);
        let name = scenario(session, cast).unwrap_or("(none)");
        self.scenarios.entry(name).or_default().add(query, session, judged);
        if judged.is_offered {
            let heat = self.heat.entry((start.weekday().number_from_monday(), start.hour())).or_default();
            heat.0 += 1;
            heat.1 += i64::from(judged.is_missed);
            self.days.entry(start.date()).or_default().add(query, session, judged);
            self.hours.entry(start.hour()).or_default().add(query, session, judged);
        }
        let place = match session.outcome {
            Outcome::Answered => 0,
            Outcome::Abandoned => 1,
            Outcome::NoAnswer => 2,
            Outcome::IvrOnly | Outcome::NotReached | Outcome::Internal => return,
        };
        let wait = judged.queue_wait.or(judged.abandon).unwrap_or_default();
        let step = self.profile.entry(wait.div_euclid(5) * 5).or_default();
        if let Some(count) = step.get_mut(place) {
            *count += 1;
        }
    }

    fn add_leg(&mut self, leg: &Leg, cast: &Cast) {
        if leg.role == Role::Coach {
            return;
        }
        self.lines.mark(leg.start, leg.total);
        if leg.role == Role::Subscriber {
            return;
        }
        let ring = leg.connect.map(|connect| connect - leg.start);
        if ring.is_none() && leg.ending != Ending::AnotherAnswered {
            *self.unanswered.entry(leg.ending).or_default() += 1;
        }
        if let Some(employee) = leg.employee {
            if ring.is_some() || leg.ending != Ending::Offline {
                let day = wall(self.zone, leg.start).unwrap_or_default().date();
                self.presence.mark(employee, day, leg.start, leg.total);
            }
            if !leg.inward {
                self.people.entry(employee).or_default().add(leg, ring);
            }
        }
        if leg.role == Role::Operator && leg.is_talked {
            self.quality.talked += 1;
            self.quality.recorded += i64::from(leg.records.is_some());
            self.quality.rated += i64::from(leg.rating.is_some());
            self.quality.stars += leg.rating.unwrap_or_default();
        }
        if leg.role == Role::Operator && !leg.inward {
            let name = cast.line_name(leg.line).filter(|_| leg.queued).unwrap_or("(none)");
            self.groups.entry(name).or_default().add(leg, ring);
        }
    }

    /// The day is over: what was marked in the days before it is summed up.
    pub(super) fn settle(&mut self, day: NaiveDate) {
        self.lines.settle(day);
        self.presence.settle(day);
    }

    /// All results by name.
    pub(super) fn finish(mut self, cast: &Cast) -> Map<String, Value> {
        self.settle(NaiveDate::MAX);
        self.waits.sort_unstable();
        let results = [
            ("service_level", vec![self.service_level()]),
            ("abandonment", vec![self.abandonment()]),
            ("asa", vec![self.asa()]),
            ("talk", vec![self.talk()]),
            ("heatmap", self.heatmap()),
            ("pareto", self.pareto()),
            ("employees", self.employees(cast)),
            ("concurrency", self.lines.rows()),
            ("occupancy", self.presence.rows(cast)),
            ("transfers", self.transfers()),
            ("repeat_callers", vec![self.callers.repeats(self.query)]),
            ("not_called_back", vec![self.callers.not_called_back(self.query)]),
            ("first_response", vec![self.callers.first_response()]),
            ("quality", vec![self.quality()]),
            ("by_day", self.by_day()),
            ("call_profile", self.call_profile()),
            ("scenarios", self.scenarios()),
            ("groups", self.groups()),
            ("staffing_input", self.staffing_input()),
        ];
        results.into_iter().map(|(name, rows)| (name.to_owned(), Value::Array(rows))).collect()
    }

    fn service_level(&self) -> Value {
        let Inbound { offered, answered, in_time, short, .. } = self.inbound;
        json!({"offered": offered, "answered": answered, "short_abandons": short, "answered_in_time": in_time,
            "service_level_pct": percent(in_time, offered),
            "service_level_strict_pct": percent(in_time, offered + short)})
    }

    fn abandonment(&self) -> Value {
        let Inbound { offered, abandoned, dropped, .. } = self.inbound;
        let missed = self.inbound.missed();
        json!({"abandoned": abandoned, "dropped_by_system": dropped, "missed": missed,
            "missed_pct": percent(missed, offered)})
    }

    fn asa(&self) -> Value {
        let Inbound { answered, wait, queue_wait, .. } = self.inbound;
        let tenths = |tenth| percentile(&self.waits, tenth).and_then(|tenths| quotient(tenths, 10, 1));
        json!({"asa_s": quotient(queue_wait, answered, 1), "p50_s": tenths(5), "p90_s": tenths(9),
            "longest_s": self.waits.last(), "avg_wait_with_menu_s": quotient(wait, answered, 1)})
    }

    fn talk(&self) -> Value {
        let Inbound { answered, talk, rings, .. } = self.inbound;
        let total = (answered > 0).then_some(talk);
        json!({"att_s": quotient(talk, answered, 1), "talk_total_s": total,
            "rings_per_call": quotient(rings, answered, 2)})
    }

    fn heatmap(&self) -> Vec<Value> {
        let days = self.calendar();
        let row = |(&(weekday, hour), &(offered, missed)): (&(u32, u32), &(i64, i64))| {
            let days = days.get(&weekday).copied().unwrap_or_default();
            json!({"weekday": weekday, "hour": hour, "offered": offered, "per_day": quotient(offered, days, 1),
                "missed": missed, "missed_pct": percent(missed, offered)})
        };
        self.heat.iter().map(row).collect()
    }

    /// How many days of each weekday the period has; without one, the days from the first to the last call.
    fn calendar(&self) -> BTreeMap<u32, i64> {
        let mut days = BTreeMap::new();
        let active = self.active.first().copied().zip(self.active.last().copied());
        let given = self.query.period.and_then(|(from, till)| {
            Some((from.date(), till.checked_sub_signed(chrono::TimeDelta::seconds(1))?.date()))
        });
        let Some((first, last)) = given.or(active) else { return days };
        for day in first.iter_days().take_while(|day| *day <= last) {
            *days.entry(day.weekday().number_from_monday()).or_default() += 1;
        }
        days
    }

    fn pareto(&self) -> Vec<Value> {
        let all: i64 = self.unanswered.values().sum();
        let mut reasons: Vec<_> = self
            .unanswered
            .iter()
            .map(|(ending, legs)| (-legs, ending.facts().0.as_str().to_owned()))
            .collect();
        reasons.sort();
        let mut so_far = 0;
        let row = |(legs, reason): (i64, String)| {
            so_far -= legs;
            json!({"finish_reason": reason, "legs": -legs, "cumulative_pct": percent(so_far, all)})
        };
        reasons.into_iter().map(row).collect()
    }

    fn employees(&self, cast: &Cast) -> Vec<Value> {
        let mut people: Vec<_> = self.people.iter().collect();
        people.sort_by_key(|(employee, person)| (-person.answered, **employee));
        let row = |(employee, person): (&u32, &Person)| {
            let Person { rung, answered, faster, left, ring, talk, stars, rated } = *person;
            // Rings that were theirs to answer, and those that they answered.
            let theirs = rung - faster - left;
            json!({"employee_id": cast.employee(*employee).map(|employee| employee.id),
                "employee": Cast::employee_name(*employee), "rung": rung, "answered": answered,
                "colleague_was_faster": faster, "caller_left": left,
                "answer_rate_pct": percent(answered, theirs), "avg_ring_s": quotient(ring, answered, 1),
                "talk_s": talk, "rating": quotient(stars, rated, 2), "rated": rated})
        };
        people.into_iter().map(row).collect()
    }

    fn transfers(&self) -> Vec<Value> {
        let mut pairs = BTreeMap::<_, i64>::new();
        for ((from, to), count) in &self.handed {
            *pairs.entry((Cast::employee_name(*from), Cast::employee_name(*to))).or_default() += count;
        }
        let mut pairs: Vec<_> = pairs.into_iter().map(|(names, count)| (-count, names)).collect();
        pairs.sort();
        let row = |(count, (from, to)): (i64, (String, String))| json!({"from_who": from, "to_who": to, "transfers": -count});
        pairs.into_iter().take(20).map(row).collect()
    }

    fn quality(&self) -> Value {
        let Quality { talked, recorded, rated, stars } = self.quality;
        json!({"talked_legs": talked, "recorded_pct": percent(recorded, talked), "rated_pct": percent(rated, talked),
            "rating": quotient(stars, rated, 2)})
    }

    fn by_day(&self) -> Vec<Value> {
        let row = |(day, calls): (&NaiveDate, &Inbound)| {
            json!({"day": day.to_string(), "offered": calls.offered, "answered": calls.answered,
                "missed": calls.missed(), "answered_in_time": calls.in_time,
                "service_level_pct": percent(calls.in_time, calls.offered)})
        };
        self.days.iter().map(row).collect()
    }

    fn call_profile(&self) -> Vec<Value> {
        let row = |(wait, [answered, left, dropped]): (&i64, &[i64; 3])| json!({"wait_from_s": wait, "answered": answered, "caller_left": left, "dropped_by_system": dropped});
        self.profile.iter().map(row).collect()
    }

    fn scenarios(&self) -> Vec<Value> {
        let mut scenarios: Vec<_> = self.scenarios.iter().collect();
        scenarios.sort_by_key(|(name, calls)| (-calls.all, **name));
        let row = |(name, calls): (&&str, &Inbound)| {
            json!({"scenario": name, "inbound": calls.all, "answered": calls.answered, "left_in_menu": calls.menu,
                "short_abandons": calls.short, "missed": calls.missed(),
                "asa_s": quotient(calls.queue_wait, calls.answered, 1)})
        };
        scenarios.into_iter().map(row).collect()
    }

    fn groups(&self) -> Vec<Value> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(name, group)| (-group.rings, **name));
        let row = |(name, group): (&&str, &Group)| {
            json!({"group_name": name, "rings": group.rings, "answered_legs": group.talks,
                "calls_rung": group.calls, "calls_answered": group.calls_answered,
                "avg_ring_s": quotient(group.ring, group.picked_up, 1)})
        };
        groups.into_iter().map(row).collect()
    }

    fn staffing_input(&self) -> Vec<Value> {
        let days = i64::try_from(self.active.len()).unwrap_or_default();
        let row = |(hour, calls): (&u32, &Inbound)| {
            json!({"hour": hour, "calls_per_hour": quotient(calls.offered, days, 2),
                "avg_talk_s": quotient(calls.talk, calls.answered, 1),
                "erlangs": quotient(calls.offered * calls.talk, days * calls.answered * 3600, 2)})
        };
        self.hours.iter().map(row).collect()
    }
}

impl Person {
    fn add(&mut self, leg: &Leg, ring: Option<i64>) {
        if leg.role == Role::Operator {
            self.rung += 1;
            match (ring, leg.ending) {
                (Some(ring), _) => {
                    self.answered += 1;
                    self.ring += ring;
                }
                (None, Ending::AnotherAnswered) => self.faster += 1,
                (None, Ending::BySubscriber) => self.left += 1,
                (None, _) => {}
            }
        }
        if leg.is_talked {
            *self.talk.get_or_insert(0) += leg.duration;
        }
        self.rated += i64::from(leg.rating.is_some());
        self.stars += leg.rating.unwrap_or_default();
    }
}

impl Group {
    fn add(&mut self, leg: &Leg, ring: Option<i64>) {
        self.rings += 1;
        self.picked_up += i64::from(ring.is_some());
        self.ring += ring.unwrap_or_default();
        // Legs come call by call.
        let session = Some(leg.session);
        self.calls += i64::from(self.latest.0 != session);
        self.latest.0 = session;
        if ring.is_some() && leg.is_talked {
            self.talks += 1;
            self.calls_answered += i64::from(self.latest.1 != session);
            self.latest.1 = session;
        }
    }
}

/// A share of the whole with one digit.
fn percent(part: i64, whole: i64) -> Option<String> {
    quotient(100 * part, whole, 1)
}

/// A quotient with so many digits, rounded half up; nothing where there is nothing to divide by.
fn quotient(dividend: i64, divisor: i64, digits: u32) -> Option<String> {
    if divisor <= 0 {
        return None;
    }
    let scale = 10_i128.pow(digits);
    let (dividend, divisor) = (i128::from(dividend) * scale, i128::from(divisor));
    // Whole units of the last digit, and one more from a half on.
    let up = 2 * dividend.rem_euclid(divisor) >= divisor;
    let units = dividend.div_euclid(divisor) + i128::from(up);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, rest) = (units.abs() / scale, units.abs() % scale);
    Some(match digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{rest:0width$}", width = digits as usize),
    })
}

/// So many tenths of the sorted values lie below it; in tenths, which are exact.
fn percentile(sorted: &[i64], tenth: usize) -> Option<i64> {
    let place = tenth * sorted.len().checked_sub(1)?;
    let low = sorted.get(place / 10)?;
    let high = sorted.get(place / 10 + 1).unwrap_or(low);
    let part = i64::try_from(place % 10).ok()?;
    Some(low * (10 - part) + high * part)
}

#[cfg(test)]
mod tests {
    use super::{percentile, quotient};

    #[test]
    fn halves_go_up() {
        let shown = |dividend, divisor, digits| quotient(dividend, divisor, digits).unwrap_or_default();
        assert_eq!(shown(41, 4, 1), "10.3");
        assert_eq!(shown(9, 8, 2), "1.13");
        assert_eq!(shown(5, 2, 0), "3");
        assert_eq!(shown(-1, 4, 1), "-0.2");
        assert_eq!(shown(0, 7, 1), "0.0");
        assert_eq!(quotient(1, 0, 1), None);
    }

    #[test]
    fn percentiles_lie_between_values() {
        assert_eq!(percentile(&[1, 2, 4, 8], 5), Some(30));
        assert_eq!(percentile(&[1, 2, 4, 8], 9), Some(68));
        assert_eq!(percentile(&[7], 9), Some(70));
        assert_eq!(percentile(&[], 5), None);
    }
}
