//! A sweep that is stopped, and one that goes on from its checkpoint.

use std::collections::BTreeSet;

use calllegs_core::{
    CallLegs, ErrorKind, Query, blocking,
    pager::Reach,
    rpc::{self, Identity, RequestId},
    sweep::{Checkpoint, Sweep},
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, leg};
use serde_json::{Value, json};

use super::{DAY, Leg, Outcome, Server, answer, day, machine, read, sessions};
use crate::period;

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
fn legs_that_come_behind_the_checkpoint_are_found_by_the_sweep_that_goes_on() {
    let server = Server::dense(2000, 3);
    let whole = read(machine(day()), &server, |_, _| {});
    for place in [20, 60, 120] {
        let (checkpoint, given) = whole.checkpoints[place].clone();
        let mut late = Server::dense(2000, 3);
        let Leg(_, start, session) = late.legs[5];
        late.legs.push(Leg(9_999_999, start, session));
        let ids = &whole.ids[..given];
        let resumed =
            Sweep::resume(Query::<CallLegs>::new(day()), checkpoint.with_given(ids.iter().copied()));
        let rest = read(resumed.unwrap().with_reach(Reach::new(10, 100)), &late, |_, _| {});
        let ids = ids.iter().chain(&rest.ids).copied().collect();
        Outcome { ids, tally: rest.tally, ..Outcome::default() }.is_exactly(&late.legs);
    }
}

#[test]
fn a_stopped_sweep_asks_nothing_more() {
    let mut sweep = machine(day());
    sweep.stop();
    assert!(sweep.next_call().is_none() && !sweep.is_finished());
    assert_eq!(sweep.shortfall().unwrap().kind(), ErrorKind::Incomplete);
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
