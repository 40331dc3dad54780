//! Whole periods: complete, or a hole with a name. A server in miniature answers: pages of 10 rows, offsets up to 100.

use std::collections::BTreeSet;

use calllegs_core::{
    CallLeg, CallLegs, ErrorKind, Period, Query, blocking,
    pager::Reach,
    projection::Records,
    rpc::{self, Identity, RequestId},
    sweep::{Checkpoint, Sweep, Tally},
    value::wall_time,
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, leg};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::{period, time};

const DAY: (&str, &str) = ("2026-03-02 00:00:00", "2026-03-03 00:00:00");

/// Sweeps a period with a script; the rows, the tally and the error at the end.
fn sweep(
    from: &str,
    till: &str,
    answers: Vec<Answer>,
) -> (Vec<u64>, Tally, Option<calllegs_core::Error>, Script) {
    let script = Script::new(answers);
    let client =
        blocking::Client::builder(script.clone(), account_with_key()).timer(VirtualClock::default()).build();
    let mut rows = client.sweep(Query::<CallLegs>::new(period(from, till))).unwrap();
    let mut ids = Vec::new();
    let mut failure = None;
    for row in rows.by_ref() {
        match row {
            Ok(row) => ids.push(row.id.unwrap().get()),
            Err(error) => failure = Some(error),
        }
    }
    (ids, rows.sweep().tally().clone(), failure, script)
}

/// A leg: id, start, start of its session.
#[derive(Clone, Copy, Debug)]
struct Leg(i64, NaiveDateTime, NaiveDateTime);

/// A server that keeps the rules: what it selects by, and which ends of a window it includes, is its own.
#[derive(Clone, Debug)]
struct Server {
    legs: Vec<Leg>,
    by_session: bool,
    ends: (bool, bool),
}

/// One answer on its way: what was asked, the rows and the total.
struct Reply<'a> {
    offset: usize,
    /// A condition was sent, which this server overlooks.
    filtered: bool,
    /// All rows of the window.
    all: Vec<Leg>,
    rows: &'a mut Vec<Leg>,
    total: &'a mut Option<usize>,
}

impl Server {
    /// So many legs, each its own session, so many a second, from the beginning of the day.
    fn dense(legs: i64, a_second: i64) -> Self {
        let at = |id| time(DAY.0) + TimeDelta::seconds(id / a_second);
        let legs = (0..legs).map(|id| Leg(id, at(id), at(id))).collect();
        Self { legs, by_session: false, ends: (false, false) }
    }

    /// The rows of a window, in order.
    fn rows(&self, params: &Value) -> Vec<Leg> {
        let bound = |name: &str| wall_time::parse(params[name].as_str().unwrap()).unwrap();
        let (from, till) = (bound("date_from"), bound("date_till"));
        let within = |at: NaiveDateTime| {
            (from < at || (self.ends.0 && from == at)) && (at < till || (self.ends.1 && at == till))
        };
        let mut rows: Vec<_> = self.legs.clone();
        rows.retain(|leg| within(if self.by_session { leg.2 } else { leg.1 }));
        rows.sort_by_key(|leg| (leg.1, leg.0));
        rows
    }

    fn page(&self, params: &Value) -> (Vec<Leg>, usize) {
        let rows = self.rows(params);
        let total = rows.len();
        let number = |name: &str| usize::try_from(params[name].as_u64().unwrap()).unwrap();
        assert!(number("offset") <= 100 && number("limit") <= 10, "{params}");
        (rows.into_iter().skip(number("offset")).take(number("limit")).collect(), total)
    }
}

/// What a sweep gave and asked.
#[derive(Debug, Default)]
struct Outcome {
    ids: Vec<i64>,
    tally: Tally,
    asked: Vec<Value>,
    checkpoints: Vec<(Checkpoint, usize)>,
}

impl Outcome {
    fn is_exactly(&self, legs: &[Leg]) {
        let given: BTreeSet<_> = self.ids.iter().copied().collect();
        assert_eq!(given.len(), self.ids.len(), "a row twice");
        assert!(self.tally.holes.is_empty(), "{:?}", self.tally.holes);
        let missing: Vec<_> = legs.iter().filter(|leg| !given.contains(&leg.0)).collect();
        assert!(missing.is_empty(), "{} missing, first {:?}", missing.len(), missing.first());
        assert_eq!(given.len(), legs.len());
        assert_eq!(self.tally.expected, self.tally.rows);
    }

    fn windows(&self) -> BTreeSet<(String, String)> {
        let text = |body: &Value, name: &str| body["params"][name].as_str().unwrap().to_owned();
        self.asked.iter().map(|body| (text(body, "date_from"), text(body, "date_till"))).collect()
    }
}

type Machine = Sweep<CallLegs, Records>;

fn machine(period: Period) -> Machine {
    Sweep::new(Query::<CallLegs>::new(period)).unwrap().with_reach(Reach::new(10, 100))
}

fn day() -> Period {
    period(DAY.0, DAY.1)
}

/// Runs a sweep with one call at a time; `tamper` may change each answer, and is told its number.
fn read(mut sweep: Machine, server: &Server, mut tamper: impl FnMut(usize, Reply<'_>)) -> Outcome {
    let mut outcome = Outcome::default();
    while let Some((id, call)) = sweep.next_call() {
        let number = outcome.asked.len();
        assert!(number < 3000, "the sweep does not end");
        let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
        let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
        let (mut rows, total) = server.page(&body["params"]);
        let mut total = Some(total);
        let offset = usize::try_from(body["params"]["offset"].as_u64().unwrap()).unwrap();
        let filtered = body["params"].get("filter").is_some();
        let all = server.rows(&body["params"]);
        tamper(number, Reply { offset, filtered, all, rows: &mut rows, total: &mut total });
        let rows: Vec<_> = rows
            .iter()
            .map(|leg| json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": if server.by_session { leg.0 / 10 } else { leg.0 }}))
            .collect();
        let reply =
            json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": total}}});
        let page = rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap();
        outcome.asked.push(body);
        sweep.absorb(id, page);
        outcome.ids.extend(sweep.take_rows().iter().map(|row| i64::try_from(row.id.unwrap().get()).unwrap()));
        outcome.checkpoints.extend(sweep.checkpoint().map(|checkpoint| (checkpoint, outcome.ids.len())));
    }
    outcome.tally = sweep.tally().clone();
    outcome
}

const ALL_ENDS: [(bool, bool); 3] = [(false, false), (true, false), (true, true)];

#[test]
fn any_density_is_read_by_hops_whatever_the_bounds() {
    for a_second in [1, 7, 30, 60] {
        for ends in ALL_ENDS {
            let server = Server { ends, ..Server::dense(1000, a_second) };
            let outcome = read(machine(day()), &server, |_, _| {});
            outcome.is_exactly(&server.legs);
            assert!(outcome.ids.is_sorted(), "in the order of their starts");
            assert_eq!(outcome.tally.rereads, 0);
            let bound = if a_second < 30 { 145 } else { 250 };
            assert!(outcome.asked.len() < bound, "{a_second} a second: {} calls", outcome.asked.len());
        }
    }
}

#[test]
fn a_second_that_a_hop_cannot_pass_is_asked_alone() {
    // Exactly as many rows as offsets reach, and as many in the seconds around it.
    for ends in ALL_ENDS {
        let server = Server { ends, ..Server::dense(440, 110) };
        let outcome = read(machine(day()), &server, |_, _| {});
        outcome.is_exactly(&server.legs);
        assert!(outcome.ids.is_sorted());
    }
}

#[test]
fn a_second_with_more_rows_than_offsets_reach_is_a_hole_and_the_rest_is_read() {
    for ends in ALL_ENDS {
        let server = Server { ends, ..Server::dense(333, 111) };
        let outcome = read(machine(day()), &server, |_, _| {});
        let holes: Vec<_> = outcome.tally.holes.iter().map(|hole| hole.period).collect();
        let seconds: Vec<_> = day().slices(TimeDelta::seconds(1)).take(3).collect();
        assert_eq!(holes, seconds, "{ends:?}");
        assert_eq!(outcome.tally.holes[0].expected, Some(111));
        assert!(outcome.tally.holes[0].received > 100, "what it reached of the second is given");
        assert_eq!(outcome.tally.expected, 333, "{ends:?}");
        assert_eq!(outcome.ids.iter().collect::<BTreeSet<_>>().len(), outcome.ids.len());
    }
}

/// Sessions of ten legs, one leg in 40 seconds: legs start long after their session.
fn sessions() -> Server {
    let start = |id: i64| time(DAY.0) + TimeDelta::seconds(id / 10 * 6);
    let legs = (0..2000).map(|id| Leg(id, start(id) + TimeDelta::seconds(id % 10 * 40), start(id))).collect();
    Server { legs, by_session: true, ends: (false, false) }
}

#[test]
fn a_server_that_selects_by_session_is_found_out_and_read_in_parts() {
    for ends in ALL_ENDS {
        let server = Server { ends, ..sessions() };
        let outcome = read(machine(day()), &server, |_, _| {});
        outcome.is_exactly(&server.legs);
        assert!(outcome.tally.strays > 0);
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
fn what_does_not_fit_is_asked_again_before_anything_is_given() {
    let server = Server::dense(150, 2);
    let undisturbed = read(machine(day()), &server, |_, _| {});
    // Each kind of fault hits each page once.
    for hit in 0..undisturbed.asked.len() {
        for kind in 0..6 {
            let outcome = read(machine(day()), &server, |number, reply| {
                if number != hit {
                    return;
                }
                let total = reply.total.as_mut().unwrap();
                match kind {
                    0 => reply.rows.clear(),
                    1 => drop(reply.rows.remove(reply.rows.len() / 2)),
                    2 => *total += 3,
                    3 => *total -= 3,
                    4 => reply.rows.reverse(),
                    _ => {
                        *reply.rows = server
                            .legs
                            .iter()
                            .skip(reply.offset.saturating_sub(8))
                            .take(10)
                            .copied()
                            .collect();
                    }
                }
            });
            assert_eq!(outcome.ids, undisturbed.ids, "fault {kind} on page {hit}");
            assert!(outcome.tally.holes.is_empty(), "fault {kind} on page {hit}: {:?}", outcome.tally.holes);
            assert!(outcome.asked.len() <= undisturbed.asked.len() + 60, "fault {kind} on page {hit}");
        }
    }
}

#[test]
fn rows_that_a_server_counts_and_never_gives_are_a_hole_that_begins_where_they_do() {
    let server = Server::dense(80, 1);
    let outcome = read(machine(day()), &server, |_, reply| reply.rows.retain(|leg| leg.0 != 40));
    let hole = &outcome.tally.holes[0];
    assert!(hole.period.contains(time(DAY.0) + TimeDelta::seconds(40)));
    assert!(hole.period.from() > time(DAY.0) + TimeDelta::seconds(20), "{hole}");
    assert!(!outcome.ids.contains(&40) && outcome.ids.contains(&39));

    let (ids, tally, failure, script) = sweep(
        DAY.0,
        DAY.1,
        std::iter::repeat_with(|| Answer::page(&[leg(1, "2026-03-02 10:00:00")], 3)).take(9).collect(),
    );
    assert_eq!(ids, [1]);
    assert!(
        failure
            .unwrap()
            .to_string()
            .contains("2026-03-02 00:00:00 … 2026-03-03 00:00:00: the server counts 3")
    );
    assert_eq!((tally.expected, tally.rows, tally.rereads), (3, 1, 3));
    assert_eq!(script.sent().len(), 4, "asked again three times, and then believed");
}

#[test]
fn a_server_that_gives_shorter_pages_than_asked_is_read_with_those() {
    let server = Server::dense(60, 1);
    let outcome = read(machine(day()), &server, |_, reply| reply.rows.truncate(6));
    outcome.is_exactly(&server.legs);
    assert_eq!(outcome.tally.rereads, 1, "once it is asked again");
}

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
    assert_eq!((outcome.tally.holes.len(), outcome.tally.holes[0].expected), (1, Some(9)));
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
        assert!(sweep.is_complete(), "{id}: {:?}", tally.holes);
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
            assert!(next.tally().holes.is_empty(), "{calls}: {:?}", next.tally().holes);
            spent += next.tally().calls;
            assert!(spent < 200, "after {calls} calls it does not get on");
            given.extend(rest);
            stopped = next;
        }
        assert_eq!(given, expected, "stopped after {calls} calls");
    }
}

#[test]
fn rows_that_appear_meanwhile_do_no_harm_and_rows_that_go_away_are_noticed() {
    let server = Server::dense(300, 2);
    for grows_at in 0..40 {
        let mut grown = server.clone();
        let outcome = {
            // From one page on the server has a row more, long before the place that is read.
            grown.legs.push(Leg(1000, time(DAY.0), time(DAY.0)));
            let mut sweep = machine(day());
            let mut given = Vec::new();
            let mut number = 0;
            while let Some((id, call)) = sweep.next_call() {
                let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
                let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
                let now = if number < grows_at { &server } else { &grown };
                let (rows, total) = now.page(&body["params"]);
                let rows: Vec<_> =
                    rows.iter().map(|leg| json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": leg.0})).collect();
                let reply = json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": total}}});
                let page = rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap();
                sweep.absorb(id, page);
                given.extend(sweep.take_rows().iter().map(|row| row.id.unwrap().get()));
                number += 1;
            }
            assert!(sweep.is_complete(), "{:?}", sweep.tally());
            given
        };
        let old: Vec<_> = outcome.into_iter().filter(|id| *id < 1000).collect();
        assert_eq!(old, (0..300).collect::<Vec<u64>>());
    }
}

#[test]
fn a_stopped_sweep_goes_on_from_any_checkpoint() {
    for server in [Server::dense(500, 3), Server::dense(440, 110), sessions()] {
        let whole = read(machine(day()), &server, |_, _| {});
        for (checkpoint, given) in &whole.checkpoints {
            let kept = serde_json::to_string(checkpoint).unwrap();
            let kept: Checkpoint = serde_json::from_str(&kept).unwrap();
            let resumed = Sweep::resume(Query::<CallLegs>::new(day()), kept).unwrap();
            let rest = read(resumed.with_reach(Reach::new(10, 100)), &server, |_, _| {});
            let ids: Vec<_> = whole.ids[..*given].iter().chain(&rest.ids).copied().collect();
            Outcome { ids, tally: rest.tally, ..Outcome::default() }.is_exactly(&server.legs);
        }
        assert!(whole.checkpoints.len() > 5);
    }
    let other = Query::<CallLegs>::new(period("2026-04-01 00:00:00", "2026-04-02 00:00:00"));
    let checkpoint = machine(day()).checkpoint().unwrap();
    assert!(Sweep::resume(other, checkpoint).is_err());
}

/// Found by fuzzing: the server refuses such a window, so the sweep would end with a call that is not legal.
#[test]
fn a_checkpoint_with_a_longer_slice_than_sweeps_make_is_refused() {
    let year = period("2026-01-01 00:00:00", "2027-01-01 00:00:00");
    let checkpoint = Sweep::new(Query::<CallLegs>::new(year)).unwrap().checkpoint().unwrap();
    let resume = |till: &str| {
        let mut kept = serde_json::to_value(&checkpoint).unwrap();
        kept["till"] = till.into();
        Sweep::resume(Query::<CallLegs>::new(year), serde_json::from_value(kept).unwrap())
    };
    assert!(resume("2026-02-01 00:00:00").is_ok());
    assert!(resume("2026-02-01 00:00:01").is_err());
}

#[test]
fn no_window_is_bought_again_after_a_stop() {
    let server = Server::dense(2000, 3);
    let whole = read(machine(day()), &server, |_, _| {});
    let (checkpoint, _) = whole.checkpoints[60].clone();
    let first: BTreeSet<_> = Outcome { asked: whole.asked[..61].to_vec(), ..Outcome::default() }.windows();
    let resumed = Sweep::resume(Query::<CallLegs>::new(day()), checkpoint).unwrap();
    let rest = read(resumed.with_reach(Reach::new(10, 100)), &server, |_, _| {});
    assert!(first.is_disjoint(&rest.windows()));
    assert!(61 + rest.asked.len() <= whole.asked.len() + 3);
}

#[test]
fn a_stopped_sweep_asks_nothing_more() {
    let mut sweep = machine(day());
    sweep.stop();
    assert!(sweep.next_call().is_none() && !sweep.is_finished());
    assert_eq!(sweep.shortfall().unwrap().kind(), ErrorKind::Incomplete);
}

#[test]
fn pages_of_one_hop_are_in_flight_together_and_no_more_than_allowed() {
    let mut sweep = machine(day()).ahead(3);
    let first = sweep.next_call().unwrap();
    assert!(sweep.next_call().is_none(), "what follows is not known before the first page");
    sweep.forget_call(first.0);
    let (id, call) = sweep.next_call().unwrap();
    let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
    let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
    let (rows, _) = Server::dense(200, 1).page(&body["params"]);
    let rows: Vec<_> = rows
        .iter()
        .map(|leg| calllegs_tests::leg(u64::try_from(leg.0).unwrap(), &leg.1.to_string()))
        .collect();
    let reply =
        json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": 200}}});
    let page = rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap();
    sweep.absorb(id, page);
    assert_eq!(sweep.take_rows().len(), 8, "two wait for the next page, which lists them again");
    let calls: Vec<_> = std::iter::from_fn(|| sweep.next_call()).collect();
    let offsets: Vec<_> = calls
        .iter()
        .map(|(_, call)| {
            let body = rpc::request(call, &Identity::key("k"), RequestId::new(1)).unwrap();
            serde_json::from_slice::<Value>(body.as_bytes()).unwrap()["params"]["offset"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(offsets, [8, 16, 24], "pages share two rows of ten");
}

#[test]
fn a_server_that_counts_more_in_the_parts_than_in_the_whole_is_not_asked_without_end() {
    let full = || Answer::page(&[leg(1, "2026-03-02 10:00:00")], 1_000_000);
    let (_, tally, failure, script) = sweep(
        "2026-03-01 00:00:00",
        "2026-04-01 00:00:00",
        std::iter::repeat_with(full).take(2000).collect(),
    );
    assert_eq!(failure.unwrap().kind(), ErrorKind::Incomplete);
    assert!(script.sent().len() < 200, "{}", script.sent().len());
    // The holes and nothing else make up the period: what was not read is named.
    let mut at = time("2026-03-01 00:00:00");
    for hole in &tally.holes {
        assert_eq!(hole.period.from(), at);
        at = hole.period.till();
    }
    assert_eq!(at, time("2026-04-01 00:00:00"));
}

#[test]
fn a_server_that_does_not_count_cannot_be_believed() {
    let row = json!([leg(1, "2026-03-02 10:00:00")]);
    let (ids, tally, failure, _) = sweep(DAY.0, DAY.1, vec![Answer::data(&row, &json!({}))]);
    assert_eq!(ids, [1]);
    assert_eq!(tally.holes[0].expected, None);
    assert_eq!(failure.unwrap().kind(), ErrorKind::Incomplete);
    let server = Server::dense(400, 3);
    let outcome = read(machine(day()), &server, |_, reply| *reply.total = None);
    assert_eq!(outcome.ids, (0..400).collect::<Vec<_>>(), "it is read all the same");
    assert_eq!((outcome.tally.holes.len(), outcome.tally.holes[0].received), (1, 400));
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
    assert_eq!((tally.strays, tally.windows, tally.by_session), (1, 2, false));
    assert!(failure.is_none());
    // A server that selects by overlap returns a leg of the first window in the second one too.
    let long = [leg(4, "2026-03-31 23:00:00")];
    let answers = vec![Answer::page(&long, 1), Answer::page(&long, 1)];
    let (ids, _, failure, _) = sweep("2026-03-01 00:00:00", "2026-04-10 00:00:00", answers);
    assert_eq!(ids, [4]);
    assert!(failure.is_none());
}

#[test]
fn windows_are_asked_a_second_wider_and_cut_to_the_period() {
    let rows = [
        leg(1, "2026-03-01 23:59:59"),
        leg(2, "2026-03-02 00:00:00"),
        leg(3, "2026-03-02 23:59:59"),
        leg(4, "2026-03-03 00:00:00"),
    ];
    let (ids, tally, failure, script) = sweep(DAY.0, DAY.1, vec![Answer::page(&rows, 4)]);
    assert_eq!(ids, [2, 3]);
    assert_eq!((tally.expected, tally.rows, tally.windows), (2, 2, 1));
    assert!(failure.is_none());
    let params = &script.sent()[0]["params"];
    assert_eq!(params["date_from"], "2026-03-01 23:59:59");
    assert_eq!(params["date_till"], "2026-03-03 00:00:01");
    assert_eq!(params["limit"], 10_000);
    assert_eq!(
        params["sort"],
        json!([{"field": "start_time", "order": "asc"}, {"field": "call_session_id", "order": "asc"}])
    );
    let fields = params["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("is_talked")), "columns outside the default answer are asked for");
}

#[test]
fn refused_columns_are_left_out_when_a_brand_may_lack_them() {
    let refused = |field: Value| {
        let data = json!({"mnemonic": "unexpected_parameters", "field": field});
        let error = json!({"code": -32602, "message": "no", "data": data});
        Answer::Reply(200, format!(r#"{{"jsonrpc":"2.0","id":$id,"error":{error}}}"#))
    };
    let read = |answers: Vec<Answer>| {
        let columns = [
            CallLegs::ID.info(),
            CallLegs::DURATION.info(),
            CallLegs::RELEASE_CAUSE_CODE.info(),
            CallLegs::SCENARIO_NAME.info(),
        ];
        let script = Script::new(answers);
        let client = blocking::Client::builder(script.clone(), account_with_key())
            .timer(VirtualClock::default())
            .build();
        let query = Query::<CallLegs>::new(period(DAY.0, DAY.1)).records_of(columns);
        let mut rows = client.sweep(query).unwrap();
        let outcome = rows
            .next_page()
            .map(|_| rows.sweep().tally().dropped.iter().map(|c| c.name()).collect::<Vec<_>>());
        (outcome, script.sent().last().unwrap()["params"]["fields"].clone())
    };
    let page = || Answer::page(&[], 0);

    // Unnamed: what is announced to disappear, or what the brand (UIS here) lacks.
    for field in [json!(null), json!("fields")] {
        let (dropped, fields) = read(vec![refused(field), page()]);
        assert_eq!(dropped.unwrap(), ["release_cause_code"]);
        assert_eq!(fields, json!(["id", "duration", "scenario_name", "start_time", "call_session_id"]));
    }
    let (dropped, _) = read(vec![refused(json!("fields.release_cause_code")), page()]);
    assert_eq!(dropped.unwrap(), ["release_cause_code"]);
    // A column that every page has is what the user asked for: the refusal is passed on.
    for answers in [vec![refused(json!("fields.duration"))], vec![refused(json!(null)), refused(json!(null))]]
    {
        let (dropped, _) = read(answers);
        assert_eq!(dropped.unwrap_err().server().unwrap().mnemonic().as_str(), "unexpected_parameters");
    }
    let (dropped, _) = read(vec![refused(json!("filter.duration"))]);
    assert!(dropped.is_err());
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let query = Query::<CallLegs>::new(period(DAY.0, DAY.1));
    let mut sweep: Sweep<CallLegs, Records> = Sweep::new(query).unwrap();
    let (id, call) = sweep.next_call().unwrap();
    assert!(sweep.next_call().is_none(), "one call is out at a time unless said otherwise");
    let Answer::Reply(_, body) = Answer::page(&[leg(1, "2026-03-02 10:00:00")], 1) else { unreachable!() };
    let body = body.replace("$id", "1");
    let page = || rpc::reply(&call, RequestId::new(1), body.as_bytes()).unwrap();
    sweep.absorb(id, page());
    assert_eq!(sweep.take_rows().len(), 1);
    sweep.absorb(id, page());
    assert_eq!(sweep.take_rows().len(), 0);
    assert_eq!(sweep.tally().rows, 1);
    assert!(sweep.is_complete());
}

#[test]
fn rows_that_failed_or_were_given_up_go_on_where_they_were() {
    let rows = [leg(1, "2026-03-02 10:00:00")];
    let script = Script::new([Answer::error("forbidden", -32003, &json!({})), Answer::page(&rows, 1)]);
    let client = blocking::Client::builder(script, account_with_key()).timer(VirtualClock::default()).build();
    let mut legs = client.sweep(Query::<CallLegs>::new(period(DAY.0, DAY.1))).unwrap();
    assert!(legs.next_page().is_err());
    assert!(legs.sweep().shortfall().is_some(), "what was not read is not complete");
    assert_eq!(legs.next_page().unwrap().unwrap().len(), 1);
    assert!(legs.next_page().unwrap().is_none());
    assert!(legs.sweep().is_complete());
}

/// A server that lists the legs in an order of its own, sorted by nothing that was asked for.
fn in_order_of(server: &Server, place: impl Fn(&Leg) -> i64, sweep: Machine) -> Outcome {
    let mut legs = server.legs.clone();
    legs.sort_by_key(|leg| place(leg));
    read(sweep, server, |_, reply| {
        let listed: BTreeSet<_> = reply.all.iter().map(|leg| leg.0).collect();
        let mut rows: Vec<_> = legs.iter().filter(|leg| listed.contains(&leg.0)).copied().collect();
        rows = rows.into_iter().skip(reply.offset).take(10).collect();
        *reply.rows = rows;
    })
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
fn a_row_out_of_order_behind_some_hops_makes_no_hole() {
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
            assert!(outcome.tally.holes.is_empty() && outcome.tally.by_session, "{:?}", outcome.tally);
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
            assert!(outcome.tally.holes.is_empty(), "{:?}", outcome.tally.holes);
            ids.extend(outcome.ids);
        }
        ids.sort_unstable();
        assert_eq!(ids, (0..400).map(|number| number * 10).collect::<Vec<_>>(), "{ends:?}");
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
        let outdated = |tally: &Tally| tally.holes.iter().map(|hole| hole.outdated).sum::<u64>();
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
        assert!(is_each_once(&outcome.ids) && !outcome.tally.holes.is_empty());
        for (checkpoint, given) in outcome.checkpoints.into_iter().step_by(97) {
            let mut ids = outcome.ids[..given].to_vec();
            let checkpoint = checkpoint.with_given(ids.iter().copied());
            let resumed = Sweep::resume(Query::<CallLegs>::new(period), checkpoint).unwrap();
            let rest = backwards(resumed.with_reach(Reach::new(10, 100)));
            ids.extend(rest.ids);
            assert!(is_each_once(&ids) && !rest.tally.holes.is_empty());
        }
    }
}

#[test]
fn a_checkpoint_speaks_of_the_rows_that_were_taken() {
    let server = Server::dense(2000, 3);
    for taken in [1, 9, 10, 11, 123, 999, 1000, 1500] {
        let mut sweep = machine(day()).ahead(3);
        let mut ids: Vec<u64> = Vec::new();
        while ids.len() < taken {
            if let Some(row) = sweep.next_row() {
                ids.push(row.id.unwrap().get());
                continue;
            }
            let (id, call) = sweep.next_call().unwrap();
            let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
            let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
            sweep.absorb(id, rpc::reply(&call, RequestId::new(1), &answer(&server, &body)).unwrap());
        }
        assert_eq!(sweep.tally().rows, taken as u64);
        let kept = serde_json::to_string(&sweep.checkpoint().unwrap()).unwrap();
        let resumed =
            Sweep::resume(Query::<CallLegs>::new(day()), serde_json::from_str(&kept).unwrap()).unwrap();
        let rest = read(resumed.with_reach(Reach::new(10, 100)), &server, |_, _| {});
        let ids = ids.into_iter().map(|id| i64::try_from(id).unwrap()).chain(rest.ids).collect();
        Outcome { ids, tally: rest.tally, ..Outcome::default() }.is_exactly(&server.legs);
    }
}

fn answer(server: &Server, body: &Value) -> Vec<u8> {
    let (rows, total) = server.page(&body["params"]);
    let rows: Vec<_> = rows
        .iter()
        .map(|leg| json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": leg.0}))
        .collect();
    let reply =
        json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": total}}});
    reply.to_string().into_bytes()
}
