//! Legs that the server lists more than once.

use std::collections::BTreeSet;

use calllegs_core::{
    CallLeg, CallLegs, Query, blocking,
    pager::Reach,
    rpc::{self, Identity, RequestId},
    sweep::{Checkpoint, Sweep, Tally},
    value::wall_time,
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{DAY, Leg, Machine, Reply, Server, day, in_order_of, machine, read};
use crate::{period, time};

#[test]
fn a_leg_that_the_server_lists_twice_is_proved_by_its_id() {
    let server = Server::dense(8, 1);
    let twice = |reply: Reply<'_>| {
        let last = *reply.rows.last().unwrap();
        reply.rows.push(last);
        *reply.total = Some(9);
    };
    let outcome = read(machine(day()), &server, |_, reply| twice(reply));
    outcome.is_exactly(&server.legs);
    assert_eq!(outcome.tally.repeats, 1);
    let filter = &outcome.asked[1]["params"]["filter"];
    assert_eq!(*filter, json!({"field": "id", "operator": "=", "value": 7}));

    // It stands in the place of another one: the server has it once when it is asked for it.
    let outcome = read(machine(day()), &server, |_, reply| {
        if reply.filtered { reply.rows.retain(|leg| leg.0 == 7) } else { twice(reply) }
    });
    assert_eq!(outcome.ids.len(), 8);
    assert_eq!(outcome.tally.repeats, 0);
    assert_eq!((outcome.tally.gaps.len(), outcome.tally.gaps[0].expected), (1, Some(9)));
}

#[test]
fn of_a_leg_that_is_listed_twice_the_later_copy_is_given() {
    let row = |id: u64, second: u32, reason: &str| {
        json!({"id": id, "start_time": format!("2026-03-02 10:00:{second:02}"), "call_session_id": id,
            "finish_reason": reason})
    };
    let rows = [row(1, 1, "timeout"), row(2, 2, "timeout"), row(2, 2, "no_operation"), row(3, 3, "timeout")];
    let script = Script::new([Answer::page(&rows, 4), Answer::page(&rows[1..3], 2)]);
    let client = blocking::Client::builder(script, account_with_key()).timer(VirtualClock::default()).build();
    let mut legs = client.sweep(Query::<CallLegs>::new(period(DAY.0, DAY.1))).unwrap();
    let given: Vec<_> = legs.by_ref().map(Result::unwrap).collect();
    assert_eq!(given.len(), 3);
    assert_eq!(given[1].finish_reason.as_ref().unwrap().as_str(), "no_operation");
    assert_eq!(legs.sweep().tally().repeats, 1);
}

/// A server of 300 legs, two a second, that lists some of them twice, the second time with another reason.
fn read_repeats(mut sweep: Machine, twice: &[i64], calls: usize) -> (Vec<(u64, bool)>, Machine) {
    let mut server = Server::dense(300, 2);
    server.legs.extend(twice.iter().map(|id| server.legs[usize::try_from(*id).unwrap()]).collect::<Vec<_>>());
    let mut given = Vec::new();
    for _ in 0..calls {
        let Some((id, call)) = sweep.next_call() else { break };
        let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
        let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
        let mut rows = server.rows(&body["params"]);
        if let Some(filter) = body["params"].get("filter") {
            let value = &filter["value"];
            rows.retain(|leg| {
                *value == leg.0 || value.as_array().is_some_and(|ids| ids.contains(&json!(leg.0)))
            });
        }
        let total = rows.len();
        let mut before = None;
        let rows = rows.into_iter().map(|leg| {
            let reason = if before.replace(leg.0) == Some(leg.0) { "no_operation" } else { "timeout" };
            json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": leg.0,
                "finish_reason": reason})
        });
        let rows: Vec<_> =
            rows.skip(body["params"]["offset"].as_u64().unwrap().try_into().unwrap()).take(10).collect();
        let reply =
            json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": total}}});
        sweep.absorb(id, rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap());
        let reason = |row: &CallLeg| row.finish_reason.as_ref().unwrap().as_str() == "no_operation";
        given.extend(sweep.take_rows().iter().map(|row| (row.id.unwrap().get(), reason(row))));
    }
    (given, sweep)
}

#[test]
fn copies_on_both_sides_of_a_hops_end_are_one_leg_and_no_window_is_bought_again() {
    let (_, plain) = read_repeats(machine(day()), &[], usize::MAX);
    for id in 80..130 {
        let (given, sweep) = read_repeats(machine(day()), &[id], usize::MAX);
        let expected: Vec<_> = (0..300).map(|leg| (leg, leg == id.cast_unsigned())).collect();
        assert_eq!(given, expected);
        let tally = sweep.tally();
        assert!(sweep.is_complete(), "{id}: {:?}", tally.gaps);
        assert_eq!((tally.repeats, tally.rereads), (1, 0), "{id}");
        assert!(tally.calls <= plain.tally().calls + 2, "{id}: {} calls", tally.calls);
    }
}

#[test]
fn a_sweep_that_goes_on_behind_repeats_does_not_begin_anew() {
    let twice = [3, 4, 17, 40, 88, 89, 140, 199, 250];
    let expected: Vec<_> = (0..300_u64).map(|leg| (leg, twice.contains(&leg.cast_signed()))).collect();
    for calls in 1..40 {
        let (mut given, mut stopped) = read_repeats(machine(day()), &twice, calls);
        let mut spent = stopped.tally().calls;
        while !stopped.is_finished() {
            let kept = serde_json::to_string(&stopped.checkpoint().unwrap()).unwrap();
            let kept = serde_json::from_str(&kept).unwrap();
            let resumed = Sweep::resume(Query::<CallLegs>::new(day()), kept).unwrap();
            let (rest, next) = read_repeats(resumed.with_reach(Reach::new(10, 100)), &twice, calls.max(2));
            assert!(next.tally().gaps.is_empty(), "{calls}: {:?}", next.tally().gaps);
            spent += next.tally().calls;
            assert!(spent < 200, "after {calls} calls it does not get on");
            given.extend(rest);
            stopped = next;
        }
        assert_eq!(given, expected, "stopped after {calls} calls");
    }
}

#[test]
fn a_leg_that_is_listed_again_far_behind_is_not_given_twice() {
    // So far that its id is not remembered for the counts: in a later hop, and in a later slice.
    for (legs, period) in [(2000, day()), (100, period("2026-03-01 00:00:00", "2026-05-20 00:00:00"))] {
        let seconds = (period.till() - period.from()).num_seconds() / (legs + 1);
        let leg = |id| {
            let start = period.from() + TimeDelta::seconds(id * seconds);
            Leg(id, start, start)
        };
        let mut server = Server { legs: (0..legs).map(leg).collect(), by_session: false, ends: (true, true) };
        let last = server.legs[server.legs.len() - 2].1;
        server.legs.push(Leg(1, last, last));
        let outcome = read(machine(period), &server, |_, _| {});
        assert_eq!(outcome.ids, (0..legs).collect::<Vec<_>>());
        let outdated = |tally: &Tally| tally.gaps.iter().map(|gap| gap.outdated).sum::<u64>();
        assert_eq!(outdated(&outcome.tally), 1);
        // Also when a stop lies between the two, where the program says what it has.
        for (checkpoint, given) in outcome.checkpoints.iter().step_by(29) {
            let (mut ids, kept) =
                (outcome.ids[..*given].to_vec(), serde_json::to_string(checkpoint).unwrap());
            let kept = serde_json::from_str::<Checkpoint>(&kept).unwrap().with_given(ids.iter().copied());
            let resumed = Sweep::resume(Query::<CallLegs>::new(period), kept).unwrap();
            let rest = read(resumed.with_reach(Reach::new(10, 100)), &server, |_, _| {});
            ids.extend(rest.ids);
            assert_eq!((ids, outdated(&rest.tally)), (outcome.ids.clone(), 1));
        }
        let backwards = |sweep| in_order_of(&server, |leg| -leg.0, sweep);
        let outcome = backwards(machine(period));
        let is_each_once = |ids: &[i64]| ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
        assert!(is_each_once(&outcome.ids) && !outcome.tally.gaps.is_empty());
        for (checkpoint, given) in outcome.checkpoints.into_iter().step_by(97) {
            let mut ids = outcome.ids[..given].to_vec();
            let checkpoint = checkpoint.with_given(ids.iter().copied());
            let resumed = Sweep::resume(Query::<CallLegs>::new(period), checkpoint).unwrap();
            let rest = backwards(resumed.with_reach(Reach::new(10, 100)));
            ids.extend(rest.ids);
            assert!(is_each_once(&ids) && !rest.tally.gaps.is_empty());
        }
    }
}

/// A page that lists a leg in the place of another one, and a leg that comes before the rest is counted: as many as were
/// left, and one of them is missing.
#[test]
fn a_leg_in_the_place_of_another_is_not_hidden_by_one_that_comes() {
    let at = |seconds| time(DAY.0) + TimeDelta::seconds(seconds);
    let legs = [(1, 100), (2, 200), (3, 300), (4, 300)].map(|(id, start)| Leg(id, at(start), at(start)));
    let server = Server { legs: legs.to_vec(), by_session: false, ends: (false, false) };
    let tamper = |number: usize, reply: Reply<'_>| {
        if reply.filtered {
            // Nobody but leg 1 is asked for.
            (*reply.rows, *reply.total) = (vec![legs[0]], Some(1));
        } else if number == 0 {
            (*reply.rows, *reply.total) = (vec![legs[0], legs[0], legs[2]], Some(3));
        }
    };
    let outcome = read(machine(day()), &server, tamper);
    outcome.is_exactly(&server.legs);
    assert!(outcome.tally.calls <= 7, "{} calls", outcome.tally.calls);

    // A stop behind that page changes nothing.
    let (checkpoint, given) = &outcome.checkpoints[0];
    assert_eq!(*given, 2);
    for again in 1..3 {
        let mut ids = outcome.ids[..*given].to_vec();
        let mut kept = checkpoint.clone().with_given(ids.iter().copied());
        for _ in 1..again {
            // Nor does one behind the question about the leg.
            let resumed = Sweep::resume(Query::<CallLegs>::new(day()), kept).unwrap();
            let rest = read(resumed.with_reach(Reach::new(10, 100)), &server, |_, reply| tamper(1, reply));
            let (next, none) = rest.checkpoints[0].clone();
            assert_eq!(none, 0);
            kept = next.with_given(ids.iter().copied());
        }
        let kept = serde_json::from_str::<Checkpoint>(&serde_json::to_string(&kept).unwrap()).unwrap();
        let resumed =
            Sweep::resume(Query::<CallLegs>::new(day()), kept.with_given(ids.iter().copied())).unwrap();
        let rest = read(resumed.with_reach(Reach::new(10, 100)), &server, |_, reply| tamper(1, reply));
        ids.extend(&rest.ids);
        ids.sort_unstable();
        assert_eq!(ids, [1, 2, 3, 4], "{:?}", rest.tally.gaps);
        assert!(rest.tally.gaps.is_empty(), "{:?}", rest.tally.gaps);
    }
}

/// The same where pages are in flight together: the last one was answered before the leg came, and its total is not the
/// last word.
#[test]
fn a_total_from_before_a_leg_came_is_not_the_windows() {
    let start = time(DAY.0);
    let legs: Vec<_> = (0..30).rev().map(|id| Leg(id, start + TimeDelta::seconds(id), start)).collect();
    let late = legs[18].0;
    let (mut has_come, mut is_first) = (false, true);
    let (mut ids, mut out) = (BTreeSet::new(), Vec::new());
    let mut sweep = machine(day()).ahead(3);
    loop {
        out.extend(std::iter::from_fn(|| sweep.next_call()).map(|(id, call)| {
            let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
            (serde_json::from_slice::<Value>(body.as_bytes()).unwrap()["params"].take(), id, call)
        }));
        // The page at 16 is answered last.
        out.sort_by_key(|(params, ..)| params["offset"] == 16);
        if out.is_empty() {
            break;
        }
        let (params, id, call) = out.remove(0);
        let offset = usize::try_from(params["offset"].as_u64().unwrap()).unwrap();
        has_come |= offset == 16;
        let value = &params["filter"]["value"];
        let is_asked = |leg: &&Leg| {
            (has_come || leg.0 != late)
                && (value.is_null()
                    || *value == leg.0
                    || value.as_array().is_some_and(|ids| ids.contains(&json!(leg.0))))
        };
        let all: Vec<_> = legs.iter().filter(is_asked).collect();
        let mut rows: Vec<_> = all.iter().skip(offset).take(10).collect();
        if std::mem::take(&mut is_first) {
            rows[5] = rows[0];
        }
        let rows: Vec<_> = rows
            .iter()
            .map(|leg| json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": leg.0}))
            .collect();
        let reply = json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": all.len()}}});
        sweep.absorb(id, rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap());
        ids.extend(sweep.take_rows().iter().map(|row| i64::try_from(row.id.unwrap().get()).unwrap()));
    }
    assert!(sweep.is_complete(), "{:?}", sweep.tally().gaps);
    assert_eq!(ids, (0..30).collect());
}
