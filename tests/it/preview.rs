//! The first rows of a period: few calls, the rows of the period alone, and no gap without a word.

use calllegs_core::{
    CallLeg, CallLegs, ErrorKind, Period, Query, blocking,
    projection::Records,
    rpc::{self, Identity, RequestId},
    sweep::Preview,
    value::wall_time,
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, leg};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::{period, time};

type Machine = Preview<CallLegs, Records>;

fn preview(period: Period, rows: u32) -> Machine {
    Preview::new(Query::<CallLegs>::new(period), rows).unwrap()
}

/// Asks a server that lists legs by their starts, both ends of a window included, and says a total of its own.
fn run(preview: &mut Machine, legs: &[(i64, NaiveDateTime)], total: impl Fn(usize) -> usize) -> Vec<Value> {
    let mut asked = Vec::new();
    while let Some(call) = preview.next_call() {
        let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
        let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
        let params = &body["params"];
        let bound = |name: &str| wall_time::parse(params[name].as_str().unwrap()).unwrap();
        let number = |name: &str| usize::try_from(params[name].as_u64().unwrap()).unwrap();
        let within = |at: NaiveDateTime| bound("date_from") <= at && at <= bound("date_till");
        let all: Vec<_> = legs.iter().filter(|(_, start)| within(*start)).collect();
        let rows = all.iter().skip(number("offset")).take(number("limit"));
        let rows: Vec<_> = rows
            .map(|(id, start)| json!({"id": id, "start_time": wall_time::format(*start).to_string()}))
            .collect();
        let total = total(all.len());
        asked.push(params.clone());
        let reply =
            json!({"jsonrpc": "2.0", "id": 1, "result": {"metadata": {"total_items": total}, "data": rows}});
        preview.absorb(rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap());
        assert!(asked.len() < 20, "it does not end");
    }
    asked
}

fn ids(rows: &[CallLeg]) -> Vec<u64> {
    rows.iter().map(|row| row.id.unwrap().get()).collect()
}

fn legs(from: &str, count: i64, apart: TimeDelta) -> Vec<(i64, NaiveDateTime)> {
    let from = time(from);
    (0..count).map(|id| (id, from + apart * i32::try_from(id).unwrap())).collect()
}

const DAY: (&str, &str) = ("2026-03-02 00:00:00", "2026-03-03 00:00:00");

#[test]
fn one_call_gives_the_first_rows_of_the_period_and_counts_the_rest() {
    // Two of them start before the day, one at its end.
    let legs = legs("2026-03-01 23:59:58", 50, TimeDelta::seconds(1));
    let mut first = preview(period(DAY.0, DAY.1), 10);
    let asked = run(&mut first, &legs, |all| all);
    assert_eq!((asked.len(), asked[0]["limit"].as_u64()), (1, Some(30)));
    assert_eq!(ids(first.rows()), (2..12).collect::<Vec<_>>());
    // The second before the day is listed too, and is not counted.
    assert_eq!(first.rest().map(|rest| (rest.counted, rest.unread)), Some((38, None)));
    assert!(first.shortfall().is_none());
}

#[test]
fn a_period_with_fewer_rows_is_read_to_its_end() {
    let legs = legs("2026-01-05 12:00:00", 3, TimeDelta::days(20));
    let mut all = preview(period("2026-01-01 00:00:00", "2026-03-01 00:00:00"), 10);
    assert_eq!(run(&mut all, &legs, |all| all).len(), 2, "a slice each");
    assert_eq!((ids(all.rows()), all.rest()), (vec![0, 1, 2], None));
}

#[test]
fn what_was_not_asked_is_said() {
    let legs = legs("2026-01-05 12:00:00", 3, TimeDelta::days(20));
    let mut first = preview(period("2026-01-01 00:00:00", "2026-03-01 00:00:00"), 2);
    assert_eq!(run(&mut first, &legs, |all| all).len(), 1);
    let rest = first.rest().unwrap();
    assert_eq!((rest.counted, rest.unread), (0, Some(time("2026-02-01 00:00:00"))));
}

#[test]
fn a_leg_that_is_listed_twice_is_one_row() {
    let start = time(DAY.0);
    let mut first = preview(period(DAY.0, DAY.1), 10);
    run(&mut first, &[(1, start), (2, start), (1, start + TimeDelta::seconds(9))], |all| all);
    assert_eq!(ids(first.rows()), [1, 2]);
    assert_eq!(first.rows()[0].start_time, Some(start + TimeDelta::seconds(9)), "as listed last");
    assert_eq!((first.rest(), first.tally().repeats), (None, 1));
}

#[test]
fn rows_that_the_server_counts_and_does_not_give_are_a_gap() {
    let legs = legs(DAY.0, 4, TimeDelta::seconds(1));
    for total in [3, 5] {
        let mut first = preview(period(DAY.0, DAY.1), 10);
        run(&mut first, &legs, |_| total);
        assert_eq!(first.shortfall().map(|error| error.kind()), Some(ErrorKind::Incomplete), "{total}");
        assert_eq!(first.tally().gaps.len(), 1);
    }
    // As many as were asked for are there all the same.
    let mut first = preview(period(DAY.0, DAY.1), 4);
    run(&mut first, &legs, |_| 5);
    assert_eq!((first.rows().len(), first.rest().unwrap().counted), (4, 1));
}

#[test]
fn a_client_leaves_out_a_column_that_the_server_refuses_and_asks_once_more() {
    let refused =
        Answer::error("unexpected_parameters", -32602, &json!({"field": "fields.release_cause_code"}));
    let script = Script::new(vec![refused, Answer::page(&[leg(7, "2026-03-02 10:15:04")], 1)]);
    let client = blocking::Client::builder(script, account_with_key()).timer(VirtualClock::default()).build();
    let query = Query::<CallLegs>::new(period(DAY.0, DAY.1)).records_of(CallLegs::RELEASE_CAUSE_CODE);
    let first = client.preview(query, 5).unwrap();
    assert_eq!((ids(first.rows()), first.tally().dropped.len()), (vec![7], 1));
}
