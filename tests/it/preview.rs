//! The first rows of a period: few calls, the rows of the period alone, and no gap without a word.

use calllegs_core::{
    CallLeg, CallLegs, ErrorKind, Page, Period, Query, blocking,
    projection::Records,
    rpc::{self, Identity, RequestId},
    sweep::{PageCall, Placed, Preview},
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

/// Asks a server that lists these legs, both ends of a window included, and says a total of its own.
fn run(preview: &mut Machine, legs: &[(i64, NaiveDateTime)], total: impl Fn(usize) -> usize) -> Vec<Value> {
    let mut asked = Vec::new();
    while let Some((id, call)) = preview.next_call() {
        asked.push(params(&call));
        assert!(asked.len() < 20, "it does not end");
        preview.absorb(id, answer(&call, legs, &total));
    }
    asked
}

type Asked = PageCall<CallLegs, Records>;

fn params(call: &Asked) -> Value {
    let body = rpc::request(call, &Identity::key("k"), RequestId::new(1)).unwrap();
    serde_json::from_slice::<Value>(body.as_bytes()).unwrap()["params"].clone()
}

/// The page of a call, in the order of the list; a condition on ids is kept to.
fn answer(
    call: &Asked,
    legs: &[(i64, NaiveDateTime)],
    total: impl Fn(usize) -> usize,
) -> Page<Placed<CallLeg>> {
    let params = params(call);
    let bound = |name: &str| wall_time::parse(params[name].as_str().unwrap()).unwrap();
    let number = |name: &str| usize::try_from(params[name].as_u64().unwrap()).unwrap();
    let within = |at: NaiveDateTime| bound("date_from") <= at && at <= bound("date_till");
    let value = &params["filter"]["value"];
    let meant = |id: i64| {
        value.is_null() || *value == id || value.as_array().is_some_and(|ids| ids.contains(&json!(id)))
    };
    let all: Vec<_> = legs.iter().filter(|(id, start)| within(*start) && meant(*id)).collect();
    let rows = all.iter().skip(number("offset")).take(number("limit"));
    let rows: Vec<_> = rows
        .map(|(id, start)| json!({"id": id, "start_time": wall_time::format(*start).to_string()}))
        .collect();
    let reply = json!({"jsonrpc": "2.0", "id": 1,
        "result": {"metadata": {"total_items": total(all.len())}, "data": rows}});
    rpc::reply(call, RequestId::new(1), reply.to_string().as_bytes()).unwrap()
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
    assert_eq!(ids(first.rows()), [2, 1]);
    assert_eq!(first.rows()[1].start_time, Some(start + TimeDelta::seconds(9)), "as listed last");
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
    // Whether the last one is whole is not known either.
    let mut first = preview(period(DAY.0, DAY.1), 4);
    run(&mut first, &legs, |_| 5);
    assert!(first.shortfall().is_some());
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

/// A page that stands in the place of another one, copies, no order: whatever a server does, a preview without a shortfall
/// has as many distinct rows as there are, and those of a sweep.
#[test]
fn what_a_server_lists_oddly_makes_no_preview_short() {
    let start = time(DAY.0);
    let day = period(DAY.0, DAY.1);
    for seed in 0..60_u64 {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = move |bound: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % u64::try_from(bound).unwrap()).unwrap()
        };
        let count = 30 + next(200);
        let mut listed: Vec<(i64, NaiveDateTime)> = (0..count)
            .map(|id| {
                (
                    i64::try_from(id).unwrap(),
                    start + TimeDelta::seconds(i64::try_from(next(40) + id * 9).unwrap()),
                )
            })
            .collect();
        listed.sort_by_key(|(id, start)| (*start, *id));
        for _ in 0..next(40) {
            let copied = listed[next(listed.len())];
            let place = listed.iter().position(|leg| leg.1 > copied.1).unwrap_or(listed.len());
            listed.insert(place, copied);
        }
        for _ in 0..if seed % 3 == 0 { next(9) } else { 0 } {
            let (one, other) = (next(listed.len()), next(listed.len()));
            listed.swap(one, other);
        }
        for wanted in [1, 5, 25, count - 1, count, count + 40] {
            let mut first = preview(day, u32::try_from(wanted).unwrap());
            let mut calls = 0;
            while let Some((id, call)) = first.next_call() {
                calls += 1;
                assert!(calls < 40, "seed {seed}, {wanted} rows");
                first.absorb(id, answer(&call, &listed, |all| all));
            }
            let given: std::collections::BTreeSet<_> = ids(first.rows()).into_iter().collect();
            assert_eq!(given.len(), first.rows().len(), "seed {seed}, {wanted} rows: one twice");
            if first.shortfall().is_none() {
                assert_eq!(given.len(), wanted.min(count), "seed {seed}, {wanted} rows");
                assert_eq!(first.rest().is_none(), wanted >= count, "seed {seed}, {wanted} rows");
            }
        }
    }
}
