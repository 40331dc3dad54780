//! Servers that keep another order than the one asked for, or select legs by their sessions.

use std::collections::BTreeSet;

use calllegs_core::Period;
use calllegs_tests::{Answer, leg};
use chrono::TimeDelta;

use super::{ALL_ENDS, DAY, Leg, Server, day, in_order_of, machine, read, sessions, sweep};
use crate::time;

#[test]
fn a_server_that_selects_by_session_is_found_out_and_read_in_parts() {
    for ends in ALL_ENDS {
        let server = Server { ends, ..sessions() };
        let outcome = read(machine(day()), &server, |_, _| {});
        outcome.is_exactly(&server.legs);
        assert!(outcome.tally.out_of_window > 0);
    }
    // The seam of two slices, in the middle of the sessions.
    let server = sessions();
    let seam = time(DAY.0) + TimeDelta::seconds(600);
    let long = Period::new(seam - TimeDelta::days(31), seam + TimeDelta::days(1)).unwrap();
    read(machine(long), &server, |_, _| {}).is_exactly(&server.legs);
}

#[test]
fn a_leg_on_the_seam_that_only_one_window_returns_is_given() {
    let seam = time(DAY.0);
    let long = Period::new(seam - TimeDelta::days(31), seam + TimeDelta::days(1)).unwrap();
    let before = seam - TimeDelta::seconds(5);
    let legs = vec![Leg(1, before, before), Leg(2, seam, before), Leg(3, seam + TimeDelta::seconds(9), seam)];
    let server = Server { legs, by_session: true, ends: (true, true) };
    let outcome = read(machine(long), &server, |_, _| {});
    outcome.is_exactly(&server.legs);
}

#[test]
fn a_row_far_outside_its_window_is_given_once_where_it_lies_in_the_period() {
    let first = [leg(1, "2026-03-02 10:00:00"), leg(2, "2026-04-05 10:00:00"), leg(3, "2026-04-20 10:00:00")];
    let second = [leg(2, "2026-04-05 10:00:00")];
    let (ids, tally, failure, _) = sweep(
        "2026-03-01 00:00:00",
        "2026-04-10 00:00:00",
        vec![Answer::page(&first, 3), Answer::page(&first[2..], 1), Answer::page(&second, 1)],
    );
    assert_eq!(ids, [1, 2]);
    assert_eq!((tally.out_of_window, tally.windows, tally.by_session), (1, 2, false));
    assert!(failure.is_none());
    // A server that selects by overlap returns a leg of the first window in the second one too.
    let long = [leg(4, "2026-03-31 23:00:00")];
    let answers = vec![Answer::page(&long, 1), Answer::page(&long, 1)];
    let (ids, _, failure, _) = sweep("2026-03-01 00:00:00", "2026-04-10 00:00:00", answers);
    assert_eq!(ids, [4]);
    assert!(failure.is_none());
}

#[test]
fn a_listing_in_another_order_is_whole_all_the_same() {
    let scattered = |leg: &Leg| leg.0 * 7919 % 1009;
    let backwards = |leg: &Leg| -leg.0;
    // One row stands on a later page than its start says.
    let displaced = |leg: &Leg| if leg.0 == 31 { 95 } else { leg.0 };
    let places: [&dyn Fn(&Leg) -> i64; 3] = [&scattered, &backwards, &displaced];
    for legs in [40, 105, 300, 900] {
        for ends in ALL_ENDS {
            for (number, place) in places.iter().enumerate() {
                let server = Server { ends, ..Server::dense(legs, 2) };
                let outcome = in_order_of(&server, place, machine(day()));
                outcome.is_exactly(&server.legs);
                assert!(outcome.tally.disordered, "{legs} legs, order {number}");
            }
        }
    }
}

#[test]
fn a_row_out_of_order_behind_some_hops_makes_no_gap() {
    for ends in ALL_ENDS {
        let server = Server { ends, ..Server::dense(400, 2) };
        let place = |leg: &Leg| if leg.0 == 150 { 1705 } else { leg.0 * 10 };
        let outcome = in_order_of(&server, place, machine(day()));
        outcome.is_exactly(&server.legs);
        assert_eq!(outcome.tally.rereads, 0, "{ends:?}");
    }
}

#[test]
fn a_period_of_sessions_is_the_same_from_both_sides_of_a_seam() {
    for ends in ALL_ENDS {
        let server = Server { ends, ..sessions() };
        let seam = time(DAY.0) + TimeDelta::seconds(600);
        let parts = [
            Period::new(time(DAY.0) - TimeDelta::hours(2), seam).unwrap(),
            Period::new(seam, time(DAY.1)).unwrap(),
        ];
        let mut ids = Vec::new();
        for part in parts {
            let outcome = read(machine(part), &server, |_, _| {});
            assert!(outcome.tally.gaps.is_empty() && outcome.tally.by_session, "{:?}", outcome.tally);
            // Sessions whose first leg starts in the period, whole.
            assert!(outcome.ids.iter().all(|id| part.contains(server.legs[usize::try_from(*id).unwrap()].2)));
            ids.extend(outcome.ids);
        }
        ids.sort_unstable();
        assert_eq!(ids, (0..2000).collect::<Vec<_>>(), "{ends:?}");
    }
}

#[test]
fn sessions_that_begin_before_their_first_leg_are_in_one_period_each() {
    let seam = time("2026-03-02 12:00:00");
    for ends in ALL_ENDS {
        // Each leg is a session of its own, which began before it.
        let leg = |number: i64| {
            let start = seam + TimeDelta::seconds(number * 7 - 1400);
            Leg(number * 10, start, start - TimeDelta::seconds(25))
        };
        let server = Server { legs: (0..400).map(leg).collect(), by_session: true, ends };
        let mut ids = Vec::new();
        for part in [Period::new(time(DAY.0), seam).unwrap(), Period::new(seam, time(DAY.1)).unwrap()] {
            let outcome = read(machine(part), &server, |_, _| {});
            assert!(outcome.tally.gaps.is_empty(), "{:?}", outcome.tally.gaps);
            ids.extend(outcome.ids);
        }
        ids.sort_unstable();
        assert_eq!(ids, (0..400).map(|number| number * 10).collect::<Vec<_>>(), "{ends:?}");
    }
}

/// A second between two that are too full is asked alone, together with the next one as bounds are meant, and its only leg
/// stands on a later page.
#[test]
fn a_second_that_is_not_on_the_first_page_is_not_empty() {
    let at = |second| time(DAY.0) + TimeDelta::seconds(second);
    let crowd = |first: i64, second| (first..first + 120).map(move |id| Leg(id, at(second), at(second)));
    let mut legs: Vec<_> = crowd(0, 41).chain(crowd(600, 39)).collect();
    legs.extend([Leg(500, at(40), at(40)), Leg(501, at(43), at(43))]);
    let server = Server { legs, by_session: false, ends: (false, true) };
    let outcome = in_order_of(&server, |leg| leg.0 % 501, machine(day()));
    let gaps = &outcome.tally.gaps;
    let given: BTreeSet<_> = outcome.ids.iter().collect();
    for leg in server.legs.iter().filter(|leg| !given.contains(&leg.0)) {
        assert!(gaps.iter().any(|gap| gap.period.contains(leg.1)), "{leg:?} is missing: {gaps:?}");
    }
}
