//! How many people or lines a load needs, by the formulas of Erlang: B where nobody can wait, C where everybody waits, A
//! where callers give up.
//!
//! Calls come at random, one apart from the other, and take times as random as that. Erlang C takes nobody to give up, so it
//! asks for too many people where many do. Not here: loads of an account ([`STAFFING_INPUT`](crate::shape::STAFFING_INPUT)).

/// Points of a numerical integral, an even number.
const POINTS: u32 = 4096;

/// Nobody plans with more.
const MOST: u32 = 100_000;

/// Calls in an hour, and how long one takes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Load {
    /// Calls in an hour.
    pub calls_per_hour: f64,
    /// Seconds that a call keeps somebody busy.
    pub handle_time: f64,
}

impl Load {
    /// So many calls in an hour of so many seconds each.
    pub const fn new(calls_per_hour: f64, handle_time: f64) -> Self {
        Self { calls_per_hour, handle_time }
    }

    /// Erlangs: people who would be busy all the time.
    pub const fn erlangs(self) -> f64 {
        self.calls_per_hour * self.handle_time / 3600.0
    }
}

/// What so many people make of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Service {
    /// Share of calls that wait at all.
    pub waiting: f64,
    /// Share of calls that are answered in time.
    pub in_time: f64,
    /// Mean wait in seconds, over all calls.
    pub mean_wait: f64,
    /// Share of callers who give up.
    pub abandoned: f64,
    /// Share of their time that people are busy.
    pub occupancy: f64,
}

/// What is wanted of people.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Goal {
    /// Share of calls to be answered in time; 0.8.
    pub in_time: f64,
    /// Seconds in which a call is answered in time; 20.
    pub answer_within: f64,
    /// Share of their time that people may be busy at most; 0.85.
    pub max_occupancy: f64,
    /// Share of paid time that people are not there: breaks, illness, training; 0.3.
    pub shrinkage: f64,
    /// Mean time after which a caller gives up, in seconds. Without it nobody does.
    pub patience: Option<f64>,
}

impl Default for Goal {
    fn default() -> Self {
        Self { in_time: 0.8, answer_within: 20.0, max_occupancy: 0.85, shrinkage: 0.3, patience: None }
    }
}

/// How many people are needed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Staffing {
    /// People on the phones.
    pub on_phones: u32,
    /// People on the schedule, of whom some are not there.
    pub on_schedule: u32,
    /// What they make of the load.
    pub service: Service,
}

/// Erlang B: the share of calls that find all lines busy, where none can wait.
///
/// ```
/// # use calllegs_stats::erlang::blocking;
/// assert_eq!(format!("{:.6}", blocking(3, 2.0)), "0.210526");
/// ```
pub fn blocking(lines: u32, erlangs: f64) -> f64 {
    (1..=lines).fold(1.0, |blocked, line| {
        let offered = erlangs * blocked;
        offered / (f64::from(line) + offered)
    })
}

/// The least number of lines with which no more than this share of calls is blocked; `None` where no number helps.
pub fn lines(erlangs: f64, loss: f64) -> Option<u32> {
    let mut blocked = 1.0;
    (0..=MOST).find(|line| {
        if *line > 0 {
            let offered = erlangs * blocked;
            blocked = offered / (f64::from(*line) + offered);
        }
        blocked <= loss
    })
}

/// Erlang C: everybody waits until somebody answers. `None` where people cannot keep up.
pub fn without_patience(load: Load, people: u32, answer_within: f64) -> Option<Service> {
    let (erlangs, people) = (load.erlangs(), (people, f64::from(people)));
    let spare = people.1 - erlangs;
    if spare <= 0.0 {
        return None;
    }
    let blocked = blocking(people.0, erlangs);
    let waiting = blocked * people.1 / (people.1 - erlangs * (1.0 - blocked));
    Some(Service {
        waiting,
        in_time: 1.0 - waiting * (-spare * answer_within / load.handle_time).exp(),
        mean_wait: waiting * load.handle_time / spare,
        abandoned: 0.0,
        occupancy: erlangs / people.1,
    })
}

/// Erlang A: callers give up after a random time of this mean. Who gives up is not answered in time.
///
/// The wait that a caller with endless patience would meet has a known density; shares are integrals over it
/// (Zeltyn and Mandelbaum, "Call centers with impatient customers", 2005).
pub fn with_patience(load: Load, people: u32, answer_within: f64, patience: f64) -> Service {
    let arrivals = load.calls_per_hour / 3600.0;
    if people == 0 {
        let abandoned = 1.0;
        return Service { waiting: 1.0, in_time: 0.0, mean_wait: patience, abandoned, occupancy: 0.0 };
    }
    let departures = f64::from(people) / load.handle_time;
    let stays = |wait: f64| (-wait / patience).exp();
    // The logarithm of the density, but for a factor.
    let exponent = |wait: f64| -arrivals * patience * (-wait / patience).exp_m1() - departures * wait;
    // The density is highest where as many still wait as are answered.
    let peak = if arrivals > departures { patience * (arrivals / departures).ln() } else { 0.0 };
    let highest = exponent(peak);
    let density = |wait: f64| arrivals * (exponent(wait) - highest).exp();
    let mut end = peak + 1.0 / departures;
    while exponent(end) > highest - 60.0 {
        end = peak + 2.0 * (end - peak);
    }
    // Callers who find somebody free weigh this much beside the density.
    let free = (-highest).exp() / blocking(people - 1, load.erlangs());
    let soon = answer_within.min(end);
    let waits = integral(density, 0.0, soon) + integral(density, soon, end);
    let answered_soon = integral(|wait| density(wait) * stays(wait), 0.0, soon);
    let answered_late = integral(|wait| density(wait) * stays(wait), soon, end);
    let all = free + waits;
    let abandoned = (waits - answered_soon - answered_late).max(0.0) / all;
    Service {
        waiting: waits / all,
        in_time: (free + answered_soon) / all,
        // Callers leave at a constant rate while they wait.
        mean_wait: abandoned * patience,
        abandoned,
        occupancy: load.erlangs() * (1.0 - abandoned) / f64::from(people),
    }
}

/// The fewest people who meet the goal; `None` where no number of them does.
///
/// ```
/// use calllegs_stats::erlang::{Goal, Load, people};
///
/// let needed = people(Load::new(200.0, 180.0), Goal::default()).unwrap();
/// assert_eq!((needed.on_phones, needed.on_schedule), (14, 20));
/// ```
pub fn people(load: Load, goal: Goal) -> Option<Staffing> {
    let service = |people| match goal.patience {
        Some(patience) => Some(with_patience(load, people, goal.answer_within, patience)),
        None => without_patience(load, people, goal.answer_within),
    };
    let meets =
        |service: &Service| service.in_time >= goal.in_time && service.occupancy <= goal.max_occupancy;
    let (mut least, mut most) = (0, 1);
    while !service(most).is_some_and(|service| meets(&service)) {
        (least, most) = (most, most * 2);
        if most > MOST {
            return None;
        }
    }
    // More people never serve worse.
    while most - least > 1 {
        let middle = least + (most - least) / 2;
        if service(middle).is_some_and(|service| meets(&service)) { most = middle } else { least = middle }
    }
    let there = 1.0 - goal.shrinkage;
    let on_schedule = (most..=MOST).find(|people| f64::from(*people) * there >= f64::from(most) - 1e-9)?;
    Some(Staffing { on_phones: most, on_schedule, service: service(most)? })
}

/// By Simpson's rule.
fn integral(of: impl Fn(f64) -> f64, from: f64, till: f64) -> f64 {
    let step = (till - from) / f64::from(POINTS);
    let inner = (1..POINTS).map(|point| {
        let weight = if point % 2 == 0 { 2.0 } else { 4.0 };
        weight * of(from + f64::from(point) * step)
    });
    (of(from) + inner.sum::<f64>() + of(till)) * step / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64, within: f64) {
        assert!((one - other).abs() <= within, "{one} is not {other}");
    }

    /// Calls in an hour for so many erlangs.
    fn load(erlangs: f64, handle_time: f64) -> Load {
        Load::new(erlangs * 3600.0 / handle_time, handle_time)
    }

    #[test]
    fn erlang_b_is_as_in_the_books() {
        for (erlangs, lines, blocked) in [(2.0, 3, 0.210_526), (10.0, 17, 0.012_949), (100.0, 117, 0.009_790)]
        {
            near(blocking(lines, erlangs), blocked, 5e-7);
        }
        assert_eq!([10.0, 25.0, 50.0].map(|erlangs| lines(erlangs, 0.01)), [Some(18), Some(36), Some(64)]);
        assert_eq!((lines(0.0, 0.01), lines(1.0, -1.0)), (Some(1), None));
    }

    #[test]
    fn erlang_c_is_as_in_the_books() {
        for (erlangs, people, handle_time, waiting, in_time, mean_wait) in [
            (10.0, 12, 180.0, 0.449_388, 64.02, 40.4),
            (10.0, 14, 180.0, 0.174_132, 88.84, 7.8),
            (100.0, 105, 240.0, 0.515_707, 66.00, 24.8),
        ] {
            let service = without_patience(load(erlangs, handle_time), people, 20.0).unwrap();
            near(service.waiting, waiting, 5e-7);
            near(100.0 * service.in_time, in_time, 5e-3);
            near(service.mean_wait, mean_wait, 5e-2);
        }
        assert_eq!(without_patience(load(10.0, 180.0), 10, 20.0), None);
    }

    #[test]
    fn people_meet_the_goal() {
        let goal = Goal { max_occupancy: 1.0, ..Goal::default() };
        for (calls, handle_time, needed) in
            [(100.0, 180.0, 8), (200.0, 180.0, 14), (360.0, 240.0, 29), (1000.0, 300.0, 91)]
        {
            assert_eq!(people(Load::new(calls, handle_time), goal).map(|it| it.on_phones), Some(needed));
        }
        // Nine in ten minutes of a big group would be busy: more people are needed than for the calls alone.
        let busy = people(Load::new(1000.0, 300.0), Goal::default()).unwrap();
        assert_eq!(busy.on_phones, 99);
        assert!(people(Load::new(1000.0, 300.0), Goal { in_time: 1.1, ..goal }).is_none());
        let patient = people(Load::new(200.0, 180.0), Goal { patience: Some(60.0), ..goal }).unwrap();
        assert!(patient.on_phones < 14, "{patient:?}");
    }

    #[test]
    fn endless_patience_is_erlang_c() {
        for (erlangs, people, handle_time) in [(10.0, 12, 180.0), (10.0, 14, 180.0), (100.0, 105, 240.0)] {
            let load = load(erlangs, handle_time);
            let (a, c) =
                (with_patience(load, people, 20.0, 1e9), without_patience(load, people, 20.0).unwrap());
            near(a.waiting, c.waiting, 1e-5);
            near(a.in_time, c.in_time, 1e-5);
            near(a.abandoned, 0.0, 1e-5);
            near(a.occupancy, c.occupancy, 1e-5);
        }
    }

    #[test]
    fn no_patience_is_erlang_b() {
        for (erlangs, people, handle_time) in [(10.0, 12, 180.0), (10.0, 8, 180.0), (100.0, 105, 240.0)] {
            let service = with_patience(load(erlangs, handle_time), people, 20.0, 1e-4);
            let blocked = blocking(people, erlangs);
            near(service.abandoned, blocked, 1e-4);
            near(service.in_time, 1.0 - blocked, 1e-4);
        }
    }

    /// By the chain of states itself, summed up one by one.
    #[test]
    fn patience_is_as_the_states_of_the_queue_say() {
        for (erlangs, people, patience) in [(10.0, 9_u32, 120.0), (10.0, 12, 60.0), (50.0, 40, 300.0)] {
            let load = load(erlangs, 180.0);
            let (arrivals, rate) = (load.calls_per_hour / 3600.0, 1.0 / load.handle_time);
            let leave = |state: u32| {
                f64::from(state.min(people)) * rate + f64::from(state.saturating_sub(people)) / patience
            };
            let mut weights = vec![1.0];
            for state in 1..2000 {
                weights.push(weights[weights.len() - 1] * arrivals / leave(state));
            }
            let all: f64 = weights.iter().sum();
            let waiting: f64 =
                (0..).zip(&weights).filter(|(state, _)| *state >= people).map(|(_, weight)| weight).sum();
            let queue: f64 = (0..)
                .zip(&weights)
                .map(|(state, weight)| f64::from(u32::saturating_sub(state, people)) * weight)
                .sum();
            let service = with_patience(load, people, 20.0, patience);
            near(service.waiting, waiting / all, 1e-6);
            near(service.abandoned, queue / all / patience / arrivals, 1e-6);
        }
    }
}
