//! Odd values: one of them costs no other row of its page, and what cannot be placed is named.

use calllegs_core::{
    CallLeg, CallLegs, Query,
    filter::{Filter, Value},
    projection::Keyless,
    rpc::{self, RequestId},
    schema::{Cell, Cells, Record},
    sweep::Sweep,
    value::wall_time,
};

use serde::Deserialize;

use super::{period, time};

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

#[derive(Debug, Deserialize, PartialEq)]
struct Own {
    id: u64,
    start_time: String,
    #[serde(default)]
    is_coach: bool,
}

#[test]
fn a_row_that_a_type_cannot_read_costs_itself_only() {
    let data = r#"[{"id":1,"start_time":"2026-10-05 10:00:00"},{"id":" 2 ","start_time":"2026-10-05T10:00:01.5","is_coach":1},
        {"id":"none","start_time":"2026-10-05 10:00:02"},{"id":4},{"id":5,"start_time":"a","start_time":"b"}]"#;
    let own = query().select_as::<Own>((CallLegs::ID, CallLegs::START_TIME));
    let page = rpc::reply(&own, RequestId::new(1), body(data).as_bytes()).unwrap();
    let own = |id, start_time: &str, is_coach| Own { id, start_time: start_time.to_owned(), is_coach };
    assert_eq!(page.rows[0], Ok(own(1, "2026-10-05 10:00:00", false)));
    assert_eq!(page.rows[1], Ok(own(2, "2026-10-05 10:00:01", true)), "values as their kinds promise");
    assert_eq!(page.rows[4], Ok(own(5, "b", false)), "of members that come twice the last one holds");
    let unfit = page.rows[2].as_ref().unwrap_err();
    assert_eq!((unfit.row(), unfit.member()), (2, Some("id")));
    assert_eq!(unfit.text(), r#"{"id":"none","start_time":"2026-10-05 10:00:02"}"#);
    assert_eq!(unfit.to_string(), "row 2 of the page: `id` does not fit its type: string, expected u64");
    let missing = page.rows[3].as_ref().unwrap_err();
    assert_eq!((missing.member(), missing.reason()), (Some("start_time"), Some("it is missing")));
}

#[test]
fn a_value_that_a_tuple_cannot_hold_is_said() {
    let data = r#"[{"id":1,"duration":"long"},{"id":2,"duration":null},{"id":3},{"id":18446744073709551616,"duration":4}]"#;
    let tuples = query().select((CallLegs::ID, CallLegs::DURATION));
    let page = rpc::reply(&tuples, RequestId::new(1), body(data).as_bytes()).unwrap();
    let members: Vec<_> =
        page.rows.iter().map(|row| row.as_ref().err().and_then(|unfit| unfit.member())).collect();
    assert_eq!(members, [Some("duration"), None, None, Some("id")]);
    let reason = |row: usize| page.rows[row].as_ref().unwrap_err().reason().unwrap();
    assert_eq!((reason(0), reason(3)), ("string, expected number", "a number that its type cannot hold"));
    assert_eq!(page.rows[1], Ok((Some(2.into()), None)));
}

#[test]
fn a_sweep_gives_rows_that_do_not_fit_in_their_place() {
    let data = r#"[{"id":1,"start_time":"2026-10-05 10:00:00","duration":"long"},{"id":2,"start_time":"2026-10-05 10:00:01","duration":3}]"#;
    let mut sweep = Sweep::new(query().select(CallLegs::DURATION)).unwrap();
    let (id, call) = sweep.next_call().unwrap();
    let page = rpc::reply(&call, RequestId::new(1), body(data).as_bytes()).unwrap();
    sweep.absorb(id, page);
    let rows = sweep.take_rows();
    assert_eq!(rows[0].as_ref().unwrap_err().member(), Some("duration"));
    assert_eq!(rows[1], Ok(Some(3)));
    assert!(sweep.is_complete());
}

#[test]
fn numbers_keep_all_their_digits() {
    let data = r#"[{"id":1,"contact_id":123456789012345678901234567890,"employee_rating":1.10,"duration":1.5,
        "sum":12345.678901234567890,"deep":{"x": [1.10,
        -0]},"list":[1.0,9223372036854775808]}]"#;
    let page = rpc::reply(&query(), RequestId::new(1), body(data).as_bytes()).unwrap();
    let leg = &page.rows[0];
    let columns = ["contact_id", "employee_rating", "duration"].map(find);
    assert_eq!(
        serde_json::to_string(&leg.select(&columns)).unwrap(),
        r#"{"contact_id":123456789012345678901234567890,"employee_rating":1.10,"duration":1.5,"deep":{"x":[1.10,-0]},"list":[1.0,9223372036854775808],"sum":12345.678901234567890}"#
    );
    assert_eq!((leg.employee_rating, leg.contact_id, leg.duration), (Some(1.1), None, None));
    assert_eq!(leg.extra.text("contact_id").unwrap(), "123456789012345678901234567890");
}

fn find(name: &str) -> &'static calllegs_core::schema::FieldInfo {
    calllegs_core::query::find_column::<CallLegs>(name).unwrap()
}

#[test]
fn marks_have_fractions_and_filters_take_both() {
    let leg = |rating: &str| -> CallLeg {
        serde_json::from_str(&format!("{{\"employee_rating\":{rating}}}")).unwrap()
    };
    assert_eq!(leg("4.5").employee_rating, Some(4.5));
    assert_eq!(serde_json::to_value(leg("4.5")).unwrap()["employee_rating"].to_string(), "4.5");
    for four in ["4", "4.0", "\"4\""] {
        let leg = leg(four);
        assert_eq!(leg.cell(CallLegs::EMPLOYEE_RATING.info()), Cell::Number(4), "{four}");
        assert!(leg.extra.is_empty());
        assert!(CallLegs::EMPLOYEE_RATING.equals(4).matches(&leg).unwrap());
        assert!(CallLegs::EMPLOYEE_RATING.less_than(4.5).matches(&leg).unwrap());
    }
    assert!(CallLegs::EMPLOYEE_RATING.equals(4.5).matches(&leg("4.5")).unwrap());
    let text = |filter: Filter<CallLegs>| serde_json::to_string(&filter).unwrap();
    assert!(text(CallLegs::EMPLOYEE_RATING.at_least(4.5)).contains("4.5"));
    let four = text(CallLegs::EMPLOYEE_RATING.one_of([4.0]));
    assert!(four.contains("[4]"), "{four}");
    let named = Filter::<CallLegs>::by_name("employee_rating", "=", Value::from(4.5)).unwrap();
    assert_eq!(text(named), text(CallLegs::EMPLOYEE_RATING.equals(4.5)));
}

#[test]
fn a_start_is_a_reading_of_the_accounts_clock() {
    let plain = time("2026-10-05 10:01:00");
    for text in [
        "2026-10-05 10:01:00",
        "2026-10-05T10:01:00",
        "2026-10-05t10:01:00.123456789",
        "2026-10-05 10:01:00,5",
        " 2026-10-05 10:01:00\n",
    ] {
        assert_eq!(wall_time::read(text), Ok(plain), "{text}");
    }
    for text in [
        "2026-10-05T10:01:00Z",
        "2026-10-05 10:01:00+03:00",
        "2026-10-05T10:01:00.5Z",
        "2026-10-05 10:01:00 UTC",
        "2026-10-05 10:01:00.",
        "2026-10-05_10:01:00",
        "2026-10-05T10:01",
        "2026-10-05",
        "0000-00-00 00:00:00",
        "05.10.2026 10:01:00",
        "",
        "2026-10-05 10:01:0ы",
    ] {
        assert!(wall_time::read(text).is_err(), "{text}");
    }
    assert!(wall_time::read("0001-01-01 00:00:00").is_ok());
}
