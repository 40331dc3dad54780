//! Results depend on which legs there are, and on nothing else.

use std::collections::BTreeSet;

use calllegs_stats::{Analysis, By, Cell, Parameters, Results, Shape, shape};
use chrono::TimeDelta;
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest},
};

use crate::legs::{Leg, batch, caller, everything, read, ring, time};

const REASONS: [&str; 5] =
    ["another_operator_answer", "operator_busy", "sip_offline", "subscriber_disconnects", "timeout"];
const CONTACTS: [Option<&str>; 4] = [None, Some("74951112233"), Some("+74951112233"), Some("0074951112233")];
const GROUPS: [Option<&str>; 3] = [None, Some("Sales"), Some("Support")];
const NUMBERS: [Option<&str>; 3] = [None, Some("74951000000"), Some("74951000001")];
const SCENARIOS: [Option<&str>; 3] = [None, Some("Main"), Some("(none)")];

/// Legs of some calls over three days, clocks in Berlin, which go back in the second night. Legs of a call may be hours
/// apart.
fn calls() -> impl Strategy<Value = Vec<Leg>> {
    let leg = (any::<[u8; 8]>(), 0..7200_i64, 0..400_i32);
    let call = (0..3 * 86_400_i64, vec(leg, 1..6));
    vec(call, 1..30).prop_map(|calls| {
        let zone = calllegs_arrow::Zone::built_in("Europe/Berlin").unwrap();
        let begin = time("2026-10-24 00:00:00");
        let mut legs = Vec::new();
        for (session, (start, parts)) in (1..).zip(calls) {
            for (number, (bytes, after, total)) in (0..).zip(parts) {
                let [role, picked, reason, talked, contact, group, rating, account] = bytes;
                let at = begin + TimeDelta::seconds(start + after * i64::from(number > 0));
                let start = "2026-10-24 00:00:00";
                let mut leg = if role % 3 == 0 {
                    caller(session, start, total)
                } else {
                    ring(session, i64::from(role) % 3 + 1, start, total, "")
                };
                leg.id = session * 100 + number;
                leg.account = ["uis:1", "uis:2"][usize::from(account % 8 == 0)];
                leg.is_coach = role % 11 == 1;
                leg.is_transfer = role % 7 == 1;
                leg.reason = REASONS[usize::from(reason) % REASONS.len()];
                leg.talked = talked % 4 > 0;
                leg.contact = CONTACTS[usize::from(contact) % CONTACTS.len()];
                leg.number = NUMBERS[usize::from(contact) % NUMBERS.len()];
                leg.scenario = SCENARIOS[usize::from(talked) % SCENARIOS.len()];
                leg.group = GROUPS[usize::from(group) % GROUPS.len()];
                leg.rating = (rating % 3 == 0).then(|| f64::from(rating) / 50.0);
                let connected = (picked % 2 == 0).then(|| at + TimeDelta::seconds(i64::from(total) / 2));
                leg.start = zone.wall(at.and_utc());
                leg.picked = connected.map(|at| (zone.wall(at.and_utc()) - leg.start).num_seconds());
                leg.instants = Some((at, connected));
                legs.push(leg);
            }
        }
        legs
    })
}

fn shuffled() -> impl Strategy<Value = (Vec<Leg>, Vec<Leg>, usize)> {
    calls().prop_flat_map(|legs| (Just(legs.clone()), Just(legs).prop_shuffle(), 1..40_usize))
}

fn counted(legs: &[Leg], rows: usize, by: Option<By>) -> String {
    let analysis = Analysis::new(Parameters::default());
    let analysis = by.into_iter().fold(analysis, Analysis::by);
    everything(&read(analysis, &legs.chunks(rows).map(batch).collect::<Vec<_>>()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_order_nor_batches_change_a_result((legs, shuffled, rows) in shuffled()) {
        for by in [None, Some(By::Account), Some(By::Group), Some(By::Day)] {
            prop_assert_eq!(counted(&legs, legs.len(), by), counted(&shuffled, rows, by));
        }
    }

    /// A few legs at once take many readings.
    #[test]
    fn little_memory_changes_no_result((legs, shuffled, rows) in shuffled(), held in 0..30_u64) {
        let batches: Vec<_> = shuffled.chunks(rows).map(batch).collect();
        let few = everything(&read(Analysis::new(Parameters::default()).held(held), &batches).unwrap());
        prop_assert_eq!(counted(&legs, legs.len(), None), few);
    }

    /// By start, most calls are counted long before the end; a leg of the far future first, and nothing is counted before.
    #[test]
    fn counting_early_is_counting_late((legs, _, rows) in shuffled()) {
        let mut sorted = legs;
        sorted.sort_by_key(|leg| (leg.instants, leg.id));
        let backwards: Vec<_> = sorted.iter().rev().cloned().collect();
        prop_assert_eq!(counted(&sorted, rows, None), counted(&backwards, rows, None));
    }

    #[test]
    fn offered_is_answered_and_missed(legs in calls()) {
        let results = read(Analysis::new(Parameters::default()), &[batch(&legs)]).unwrap();
        let summary = results.total().unwrap();
        let level = summary.service_level();
        let missed = i64::try_from(summary.missed_calls().len()).unwrap();
        prop_assert_eq!(level.offered, level.answered + missed);
        let sessions: BTreeSet<_> = legs.iter().map(|leg| (leg.account, leg.session)).collect();
        prop_assert!(level.offered + level.short_abandons <= i64::try_from(sessions.len()).unwrap());
    }

    /// What may be added up is, whatever it is split by; groups count a call that rang several in each of them.
    #[test]
    fn parts_add_up_to_the_whole((legs, _, rows) in shuffled()) {
        let batches: Vec<_> = legs.chunks(rows).map(batch).collect();
        let whole = read(Analysis::new(Parameters::default()), &batches).unwrap();
        for by in By::ALL {
            let parts = read(Analysis::new(Parameters::default()).by(by), &batches).unwrap();
            for (shape, column) in SUMS {
                // Calls are nobody's alone.
                if by == By::Employee && !RINGS.contains(&shape.name) {
                    continue;
                }
                let (one, all) = (sum(&whole, shape, column), sum(&parts, shape, column));
                if by.adds_up() || RINGS.contains(&shape.name) {
                    prop_assert_eq!(one, all, "{} of {} by {}", column, shape.name, by.as_str());
                } else {
                    prop_assert!(one <= all, "{} of {}: {} and {}", column, shape.name, one, all);
                }
            }
        }
    }
}

/// Of rings, which are each in one part.
const RINGS: [&str; 3] = ["pareto", "employees", "quality"];

const SUMS: [(&Shape, &str); 19] = [
    (&shape::SERVICE_LEVEL, "offered"),
    (&shape::SERVICE_LEVEL, "answered"),
    (&shape::SERVICE_LEVEL, "short_abandons"),
    (&shape::SERVICE_LEVEL, "answered_in_time"),
    (&shape::OFFERED, "missed"),
    (&shape::ABANDONMENT, "abandoned"),
    (&shape::ABANDONMENT, "dropped_by_system"),
    (&shape::TALK, "talk_total_s"),
    (&shape::BY_DAY, "offered"),
    (&shape::HEATMAP, "missed"),
    (&shape::CALL_PROFILE, "answered"),
    (&shape::SCENARIOS, "inbound"),
    (&shape::SCENARIOS, "left_in_menu"),
    (&shape::NOT_CALLED_BACK, "called_back"),
    (&shape::NOT_CALLED_BACK, "lost"),
    (&shape::PARETO, "legs"),
    (&shape::EMPLOYEES, "rung"),
    (&shape::EMPLOYEES, "talk_s"),
    (&shape::QUALITY, "talked_legs"),
];

fn sum(results: &Results, shape: &'static Shape, column: &str) -> i64 {
    let place = shape.columns.iter().position(|known| known.name == column).unwrap();
    let rows = results.parts().flat_map(|(_, summary)| summary.table(shape).unwrap().rows.iter());
    rows.map(|row| if let Cell::Integer(number) = row[place] { number } else { 0 }).sum()
}
