//! Windows: how a period is cut into them, and what is done where one does not fit. Not here: copies, the order of rows.

use std::collections::BTreeSet;

use calllegs_core::{
    CallLegs, ErrorKind, Query, blocking,
    projection::Records,
    rpc::{self, Identity, RequestId},
    sweep::Sweep,
    value::wall_time,
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, leg};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ALL_ENDS, DAY, Leg, Server, day, machine, read, sweep};
use crate::{period, time};

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
fn a_second_with_more_rows_than_offsets_reach_is_a_gap_and_the_rest_is_read() {
    for ends in ALL_ENDS {
        let server = Server { ends, ..Server::dense(333, 111) };
        let outcome = read(machine(day()), &server, |_, _| {});
        let gaps: Vec<_> = outcome.tally.gaps.iter().map(|gap| gap.period).collect();
        let seconds: Vec<_> = day().slices(TimeDelta::seconds(1)).take(3).collect();
        assert_eq!(gaps, seconds, "{ends:?}");
        assert_eq!(outcome.tally.gaps[0].expected, Some(111));
        assert!(outcome.tally.gaps[0].received > 100, "what it reached of the second is given");
        assert_eq!(outcome.tally.expected, 333, "{ends:?}");
        assert_eq!(outcome.ids.iter().collect::<BTreeSet<_>>().len(), outcome.ids.len());
    }
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
            assert!(outcome.tally.gaps.is_empty(), "fault {kind} on page {hit}: {:?}", outcome.tally.gaps);
            assert!(outcome.asked.len() <= undisturbed.asked.len() + 60, "fault {kind} on page {hit}");
        }
    }
}

#[test]
fn rows_that_a_server_counts_and_never_gives_are_a_gap_that_begins_where_they_do() {
    let server = Server::dense(80, 1);
    let outcome = read(machine(day()), &server, |_, reply| reply.rows.retain(|leg| leg.0 != 40));
    let gap = &outcome.tally.gaps[0];
    assert!(gap.period.contains(time(DAY.0) + TimeDelta::seconds(40)));
    assert!(gap.period.from() > time(DAY.0) + TimeDelta::seconds(20), "{gap}");
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
    // The gaps and nothing else make up the period: what was not read is named.
    let mut at = time("2026-03-01 00:00:00");
    for gap in &tally.gaps {
        assert_eq!(gap.period.from(), at);
        at = gap.period.till();
    }
    assert_eq!(at, time("2026-04-01 00:00:00"));
}

#[test]
fn a_server_that_does_not_count_cannot_be_believed() {
    let row = json!([leg(1, "2026-03-02 10:00:00")]);
    let (ids, tally, failure, _) = sweep(DAY.0, DAY.1, vec![Answer::data(&row, &json!({}))]);
    assert_eq!(ids, [1]);
    assert_eq!(tally.gaps[0].expected, None);
    assert_eq!(failure.unwrap().kind(), ErrorKind::Incomplete);
    let server = Server::dense(400, 3);
    let outcome = read(machine(day()), &server, |_, reply| *reply.total = None);
    assert_eq!(outcome.ids, (0..400).collect::<Vec<_>>(), "it is read all the same");
    assert_eq!((outcome.tally.gaps.len(), outcome.tally.gaps[0].received), (1, 400));
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
