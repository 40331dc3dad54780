//! Odd values: one of them costs no other row of its page, and what cannot be placed is named.

use calllegs_core::{
    CallLegs, Query,
    projection::Keyless,
    rpc::{self, RequestId},
    sweep::Sweep,
};

use super::period;

fn body(rows: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":{rows},"metadata":{{"total_items":2}}}}}}"#)
}

fn query() -> Query<CallLegs> {
    Query::new(period("2026-10-05 00:00:00", "2026-10-06 00:00:00"))
}

#[test]
fn a_row_without_id_or_start_does_not_cost_its_page() {
    let data = r#"[{"id":1,"start_time":"2026-10-05 10:00:00"}, {"start_time":"2026-10-05 10:00:01"},
        {"id":3,"start_time":null},{"id":18446744073709551615,"start_time":"2026-10-05 10:00:01"},
        {"id":"5","start_time":"2026-10-05 10:00:05"}]"#;
    let (_, call) = Sweep::new(query()).unwrap().next_call().unwrap();
    let page = rpc::reply(&call, RequestId::new(1), body(data).as_bytes()).unwrap();
    assert_eq!(page.rows.iter().map(|row| row.key.id).collect::<Vec<_>>(), [1, 5]);
    let unplaced: Vec<_> = page.unplaced.iter().map(|row| (row.row, row.reason)).collect();
    assert_eq!(unplaced, [(1, Keyless::Id), (2, Keyless::Start), (3, Keyless::Id)]);
    for row in &page.unplaced {
        assert!(data[row.at..].starts_with('{'), "{row:?}");
    }
    assert!(data[page.unplaced[1].at..].starts_with(r#"{"id":3,"#));

    // A page by itself needs no places.
    let page = rpc::reply(&query(), RequestId::new(1), body(data).as_bytes()).unwrap();
    assert_eq!((page.rows.len(), page.unplaced.len()), (5, 0));
}

#[test]
fn copies_of_a_row_are_told_apart_by_their_digest() {
    let data = r#"[{"id":1,"start_time":"2026-10-05 10:00:00","duration":1},{"id":1,"start_time":"2026-10-05 10:00:00","duration":1},
        {"id":1,"start_time":"2026-10-05 10:00:00","duration":2}]"#;
    let (_, call) = Sweep::new(query()).unwrap().next_call().unwrap();
    let page = rpc::reply(&call, RequestId::new(1), body(data).as_bytes()).unwrap();
    assert_eq!(page.rows[0].digest, page.rows[1].digest);
    assert_ne!(page.rows[0].digest, page.rows[2].digest);
}
