//! Whole periods: complete, or a hole with a name.

use calllegs_core::{
    CallLegs, ErrorKind, Query, blocking,
    projection::Records,
    sweep::{Sweep, Tally},
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, leg};
use serde_json::{Value, json};

use super::period;

/// Sweeps a period with a script; the rows, the tally and the error at the end.
fn sweep(
    from: &str,
    till: &str,
    answers: Vec<Answer>,
) -> (Vec<u64>, Tally, Option<calllegs_core::Error>, Script) {
    let script = Script::new(answers);
    let client = blocking::Client::new(script.clone(), VirtualClock::default(), account_with_key());
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

const DAY: (&str, &str) = ("2026-03-02 00:00:00", "2026-03-03 00:00:00");

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
fn a_short_page_is_not_the_end_and_a_repeated_row_is_given_once() {
    let page = |ids: std::ops::RangeInclusive<u64>, total| {
        Answer::page(&ids.map(|id| leg(id, "2026-03-02 10:00:00")).collect::<Vec<_>>(), total)
    };
    let (ids, tally, failure, script) =
        sweep(DAY.0, DAY.1, vec![page(1..=3, 7), page(3..=5, 7), page(6..=7, 8)]);
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(tally.duplicates, 1);
    let offsets: Vec<_> =
        script.sent().iter().map(|body| body["params"]["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets, [0, 3, 6]);
    // Eight rows came for a total of eight, one of them twice: seven is one too few.
    assert_eq!(failure.unwrap().kind(), ErrorKind::Incomplete);
    assert_eq!((tally.holes.len(), tally.holes[0].expected, tally.holes[0].received), (1, Some(8), 7));
}

#[test]
fn an_empty_page_before_the_total_is_a_hole() {
    let rows = [leg(1, "2026-03-02 10:00:00")];
    let (ids, tally, failure, _) = sweep(DAY.0, DAY.1, vec![Answer::page(&rows, 2), Answer::page(&[], 2)]);
    assert_eq!(ids, [1]);
    let failure = failure.unwrap();
    assert_eq!(failure.kind(), ErrorKind::Incomplete);
    assert!(failure.to_string().contains("2026-03-02 00:00:00 … 2026-03-03 00:00:00"), "{failure}");
    assert_eq!((tally.expected, tally.rows), (2, 1));
}

#[test]
fn a_window_beyond_the_reach_of_offsets_is_cut_until_it_is_not() {
    let row = |id, start: &str| [leg(id, start)];
    let answers = vec![
        Answer::page(&row(1, "2026-03-02 01:00:00"), 150_000), // the day
        Answer::page(&row(1, "2026-03-02 01:00:00"), 110_001), // its first half, which is still too full
        Answer::page(&row(1, "2026-03-02 01:00:00"), 1),
        Answer::page(&row(2, "2026-03-02 07:00:00"), 1),
        Answer::page(&row(3, "2026-03-02 13:00:00"), 1),
    ];
    let (ids, tally, failure, script) = sweep(DAY.0, DAY.1, answers);
    assert_eq!(ids, [1, 2, 3], "in order, and the row of the pages that were cut is not given twice");
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!((tally.rows, tally.expected, tally.windows, tally.pages), (3, 3, 3, 5));
    let asked: Vec<_> =
        script.sent().iter().map(|body| body["params"]["date_from"].as_str().unwrap().to_owned()).collect();
    assert!(asked.is_sorted(), "{asked:?}");
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
    let mut at = super::time("2026-03-01 00:00:00");
    for hole in &tally.holes {
        assert_eq!(hole.period.from(), at);
        at = hole.period.till();
    }
    assert_eq!(at, super::time("2026-04-01 00:00:00"));
}

#[test]
fn a_second_beyond_the_reach_of_offsets_is_a_hole() {
    let rows = [leg(1, "2026-03-02 10:00:00")];
    let (_, tally, failure, script) =
        sweep("2026-03-02 10:00:00", "2026-03-02 10:00:01", vec![Answer::page(&rows, 110_001)]);
    assert_eq!(script.sent().len(), 1, "no points are spent on a window that cannot be read");
    assert_eq!(tally.holes[0].expected, Some(110_001));
    assert!(failure.unwrap().to_string().contains("110000"));
}

#[test]
fn a_server_that_does_not_count_cannot_be_believed() {
    let row = json!([leg(1, "2026-03-02 10:00:00")]);
    let answers = vec![Answer::data(&row, &json!({})), Answer::data(&json!([]), &json!({}))];
    let (ids, tally, failure, _) = sweep(DAY.0, DAY.1, answers);
    assert_eq!(ids, [1]);
    assert_eq!(tally.holes[0].expected, None);
    assert_eq!(failure.unwrap().kind(), ErrorKind::Incomplete);
}

#[test]
fn a_row_far_outside_its_window_is_given_once_and_counted() {
    let first = [leg(1, "2026-03-02 10:00:00"), leg(2, "2026-04-20 10:00:00")];
    let second = [leg(2, "2026-04-20 10:00:00")];
    let (ids, tally, _, _) = sweep(
        "2026-03-01 00:00:00",
        "2026-04-10 00:00:00",
        vec![Answer::page(&first, 2), Answer::page(&second, 1)],
    );
    assert_eq!(ids, [1, 2]);
    assert_eq!((tally.strays, tally.duplicates, tally.windows), (1, 1, 2));
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
        let client = blocking::Client::new(script.clone(), VirtualClock::default(), account_with_key());
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
        assert_eq!(fields, json!(["id", "duration", "scenario_name", "start_time"]));
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
fn a_row_without_a_key_is_an_error_not_a_loss() {
    let rows = [json!({"id": null, "start_time": "2026-03-02 10:00:00"})];
    let (ids, _, failure, script) = sweep(DAY.0, DAY.1, vec![Answer::page(&rows, 1)]);
    assert!(ids.is_empty());
    assert_eq!(failure.unwrap().kind(), ErrorKind::Decode);
    assert_eq!(script.sent().len(), 1, "a page that was charged is not bought again");
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let query = Query::<CallLegs>::new(period(DAY.0, DAY.1));
    let mut sweep: Sweep<CallLegs, Records> = Sweep::new(query).unwrap();
    let (id, call) = sweep.next_call().unwrap();
    assert!(sweep.next_call().is_none(), "one call is out at a time");
    let Answer::Reply(_, body) = Answer::page(&[leg(1, "2026-03-02 10:00:00")], 1) else { unreachable!() };
    let body = body.replace("$id", "1");
    let page =
        || calllegs_core::rpc::reply(&call, calllegs_core::rpc::RequestId::new(1), body.as_bytes()).unwrap();
    assert_eq!(sweep.absorb(id, page()).len(), 1);
    assert_eq!(sweep.absorb(id, page()).len(), 0);
    assert_eq!(sweep.tally().rows, 1);
    assert!(sweep.is_complete());
}

#[test]
fn a_row_that_went_away_between_two_pages_leaves_a_gap_that_is_named() {
    let page = |ids: std::ops::RangeInclusive<u64>, total| {
        Answer::page(&ids.map(|id| leg(id, "2026-03-02 10:00:00")).collect::<Vec<_>>(), total)
    };
    // Row 1 went away after the first page, so row 4 moved to its end and is on neither page.
    let (ids, tally, failure, _) = sweep(DAY.0, DAY.1, vec![page(1..=3, 6), page(5..=6, 5)]);
    assert_eq!(ids, [1, 2, 3, 5, 6]);
    assert_eq!(failure.unwrap().kind(), ErrorKind::Incomplete);
    assert_eq!((tally.holes[0].expected, tally.holes[0].received), (Some(6), 5));
}

#[test]
fn rows_at_the_seam_are_neither_lost_nor_doubled_when_the_server_selects_by_session() {
    const PERIOD: (&str, &str) = ("2026-03-01 00:00:00", "2026-04-10 00:00:00"); // the seam is 2026-04-01
    // The session starts before the seam, the leg on it: only the first window returns it.
    let first = [leg(1, "2026-03-02 10:00:00"), leg(2, "2026-04-01 00:00:00")];
    let (ids, tally, failure, _) =
        sweep(PERIOD.0, PERIOD.1, vec![Answer::page(&first, 2), Answer::page(&[], 0)]);
    assert_eq!(ids, [1]);
    assert_eq!(
        failure.unwrap().kind(),
        ErrorKind::Incomplete,
        "the leg was not given, so the run must not look whole"
    );
    assert_eq!((tally.expected, tally.rows), (2, 1));
    // The session starts on the seam: both windows return its leg.
    let both = [leg(3, "2026-04-01 00:00:05")];
    let (ids, tally, failure, _) =
        sweep(PERIOD.0, PERIOD.1, vec![Answer::page(&both, 1), Answer::page(&both, 1)]);
    assert_eq!((ids, tally.duplicates), (vec![3], 1));
    assert!(failure.is_none());
    // A server that selects by overlap returns a leg of the first window in the second one too.
    let long = [leg(4, "2026-03-31 23:00:00")];
    let (ids, tally, failure, _) =
        sweep(PERIOD.0, PERIOD.1, vec![Answer::page(&long, 1), Answer::page(&long, 1)]);
    assert_eq!((ids, tally.duplicates), (vec![4], 1));
    assert!(failure.is_none());
}

#[test]
fn rows_that_failed_or_were_given_up_go_on_where_they_were() {
    let rows = [leg(1, "2026-03-02 10:00:00")];
    let script = Script::new([Answer::error("forbidden", -32003, &json!({})), Answer::page(&rows, 1)]);
    let client = blocking::Client::new(script, VirtualClock::default(), account_with_key());
    let mut legs = client.sweep(Query::<CallLegs>::new(period(DAY.0, DAY.1))).unwrap();
    assert!(legs.next_page().is_err());
    assert!(legs.sweep().shortfall().is_some(), "what was not read is not complete");
    assert_eq!(legs.next_page().unwrap().unwrap().len(), 1);
    assert!(legs.next_page().unwrap().is_none());
    assert!(legs.sweep().is_complete());
}
