//! The columns of a page are what serde's tree of it says, by the fast path and by the slow one.

use arrow_array::RecordBatch;
use calllegs_arrow::{Columns, batches, schema::Column};
use calllegs_core::{
    CallLegs, Period, Query,
    page::PageReader,
    projection::Projection,
    rpc::{self, RequestId},
    schema::Listing,
    value::wall_time,
};
use calllegs_tests::columns::{self, ZONE, check};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::pages::{batch, legs};

/// The text of a value, as servers and what stands before them may write it.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<u64>().prop_map(|value| value.to_string()),
        (-100_000_i64..100_000).prop_map(|value| value.to_string()),
        any::<f64>()
            .prop_filter("JSON", |value| value.is_finite())
            .prop_map(|value| json!(value).to_string()),
        any::<i64>().prop_map(|value| format!("\"{value}\"")),
        (0_i64..4_000_000_000).prop_map(|second| {
            let time = chrono::DateTime::from_timestamp(second, 0).unwrap().naive_utc();
            format!("\"{}\"", wall_time::format(time))
        }),
        ".*".prop_map(|text| Value::from(text).to_string()),
        "[а-я a-z0-9]{0,40}".prop_map(|text| format!("\"{text}\"")),
        prop::collection::vec("[a-z0-9.]{0,9}", 0..4).prop_map(|items| Value::from(items).to_string()),
        prop::sample::select(vec![
            r#""\ud83d\ude00\u0430\"""#,
            r#""4.5""#,
            r#""true""#,
            r#""1e5""#,
            r#""inf""#,
            r#"["a",null]"#,
            "[1]",
            r#"{"a":[{}]}"#,
            "-0",
            "0",
            "1",
            "0.0",
            "5.0",
            "1e3",
            "4.5",
            "9007199254740993",
            "-9223372036854775808",
            r#""9007199254740993""#,
            "123456789012345678901234567890",
            "1.10",
            "1e400",
            "0.1234567890123456789",
            "12345678901234567.0",
            r#"" 7 ""#,
            r#""7.0""#,
            r#"{"a":1.10,"b":[ 12345678901234567890123 ]}"#,
            r#""2026-03-02T10:15:04""#,
            r#""2026-03-02 10:15:04.250""#,
            r#""2026-03-02T10:15:04Z""#,
            r#""0000-00-00 00:00:00""#,
            r#""0001-01-01 00:00:00""#,
            "2147483648",
            "-2147483649",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Members by name: all of a leg in their order, or what a server makes of that.
fn names() -> impl Strategy<Value = Vec<String>> {
    let documented: Vec<_> =
        CallLegs::METHOD.fields.iter().map(|field| format!("\"{}\"", field.name())).collect();
    let mut strange = documented.clone();
    strange.extend(
        [r#""\u0069d""#, r#""start_\u0074ime""#, r#""new_member""#, r#""""#, r#""extra""#].map(str::to_owned),
    );
    prop_oneof![
        Just(documented.clone()),
        prop::sample::subsequence(documented, 0..34),
        prop::collection::vec(prop::sample::select(strange), 0..40),
    ]
}

fn object(names: Vec<String>, space: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec(value(), names.len()).prop_map(move |values| {
        let members = names.iter().zip(values).map(|(name, value)| format!("{name}{space}:{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(&format!(",{space}")))
    })
}

/// Rows of one order of members, and now and then one of another.
fn page() -> impl Strategy<Value = String> {
    (names(), prop::collection::vec((0..4_u8, names()), 0..8), prop::sample::select(vec!["", " ", "\n\t"]))
        .prop_flat_map(|(usual, others, space)| {
            let row = |(differs, other)| object(if differs == 0 { other } else { usual.clone() }, space);
            others.into_iter().map(row).collect::<Vec<_>>()
        })
        .prop_map(|rows| format!("[{}]", rows.join(",")))
}

proptest! {
    #[test]
    fn columns_are_what_serde_says(page in page()) {
        check(&page);
    }

    /// A row that differs from the one before leaves it alone, and the rows behind.
    #[test]
    fn one_strange_row_changes_no_other(
        strange in names().prop_flat_map(|names| object(names, "")),
        place in 0_usize..=12,
    ) {
        let mut rows: Vec<_> = legs(12, 0).iter().map(Value::to_string).collect();
        rows.insert(place, strange);
        check(&format!("[{}]", rows.join(",")));
    }
}

#[test]
fn a_reordered_row_an_extra_member_and_a_number_as_text() {
    let reply = r#"{"jsonrpc":"2.0","id":1,"result":{"metadata":{"total_items":4},"data":[
        {"id":1,"start_time":"2026-03-02 10:00:00","duration":5,"is_operator":true},
        {"is_operator":false,"duration":6,"start_time":"2026-03-02 10:00:01","id":2},
        {"id":3,"start_time":"2026-03-02 10:00:02","duration":7,"is_operator":true,"mood":{"score":[1,"a"]}},
        {"id":"4","start_time":"2026-03-02 10:00:03","duration":"8","is_operator":true}]}}"#;
    let time = |text| wall_time::parse(text).unwrap();
    let day = Period::new(time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00")).unwrap();
    let query = Query::<CallLegs>::new(day).select(Columns::new(Column::all(), ZONE));
    let page = rpc::reply(&query, RequestId::new(1), reply.as_bytes()).unwrap();
    let batches = batches(&page.rows).unwrap();
    let [batch] = &*batches else { panic!("{} batches", batches.len()) };
    let told = |name: &str| -> Vec<Value> {
        let column = Column::all().iter().find(|column| column.name() == name).unwrap();
        (0..batch.num_rows()).map(|row| columns::cell(batch, column, row)).collect()
    };
    assert_eq!(told("id"), [1, 2, 3, 4]);
    assert_eq!(told("duration"), [5, 6, 7, 8]);
    assert_eq!(told("is_operator"), [true, false, true, true]);
    let start = time("2026-03-02 10:00:00").and_utc().timestamp_micros();
    assert_eq!(told("start_time"), [0, 1, 2, 3].map(|second| start + second * 1_000_000));
    // New York is five hours behind.
    assert_eq!(told("start_at"), [0, 1, 2, 3].map(|second| start + (5 * 3600 + second) * 1_000_000));
    assert_eq!(
        told("extra"),
        [Value::Null, Value::Null, r#"{"mood":{"score":[1,"a"]}}"#.into(), Value::Null]
    );
    assert_eq!(page.rows[2].extra().unwrap().get("mood").unwrap().get(), r#"{"score":[1,"a"]}"#);
}

/// Servers write such dates for no time. An instant of another year makes the whole column unreadable in Python.
#[test]
fn a_date_that_stands_for_no_time_is_no_instant_and_stays_as_it_was_written() {
    let times = ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "0000-00-00 00:00:00", "0000-01-01 00:00:00"];
    let none = Value::Null;
    for (zone, first, last) in [
        (chrono_tz::Europe::Moscow, false, true),
        (chrono_tz::America::New_York, true, false),
        (chrono_tz::UTC, true, true),
    ] {
        let rows: Vec<_> = times.iter().map(|time| json!({"id": 1, "connect_time": time})).collect();
        let page = Value::from(rows).to_string();
        let read = Columns::new(Column::all(), zone)
            .read(&mut PageReader::new(&page, CallLegs::METHOD.fields))
            .unwrap();
        let batch = read[0].1.batch();
        let told = |name: &str| {
            let column = Column::all().iter().find(|column| column.name() == name).unwrap();
            times.iter().enumerate().map(|(row, _)| columns::cell(batch, column, row)).collect::<Vec<_>>()
        };
        let micros = |text| json!(wall_time::parse(text).unwrap().and_utc().timestamp_micros());
        assert_eq!(told("connect_time"), [micros(times[0]), micros(times[1]), none.clone(), none.clone()]);
        let instants: Vec<_> = told("connect_at").iter().map(Value::is_number).collect();
        assert_eq!(instants, [first, last, false, false], "{zone}");
        let kept = |time| json!(json!({ "connect_time": time }).to_string());
        assert_eq!(told("extra"), [none.clone(), none.clone(), kept(times[2]), kept(times[3])]);
    }
}

#[test]
fn of_duplicate_members_the_last_one_counts_on_both_paths() {
    for first in [r#"{"duration":1,"id":1,"duration":2}"#, r#"{"id":9,"duration":9}"#] {
        let page = format!(
            r#"[{first},{{"id":1,"duration":1,"duration":"x","duration":3}},{{"duration":4,"id":2,"duration":5}}]"#
        );
        check(&page);
    }
}

#[test]
fn a_page_that_is_broken_is_refused() {
    let whole = Value::from(legs(3, 0)).to_string();
    for (place, _) in whole.char_indices() {
        let columns = Columns::new(Column::all(), ZONE);
        assert!(
            columns.read(&mut PageReader::new(&whole[..place], CallLegs::METHOD.fields)).is_err(),
            "{place}"
        );
    }
    check(&whole);
}

#[test]
fn chosen_columns_are_those_of_all() {
    let rows = legs(5, 0);
    let all = batch(&rows);
    let page = Value::from(rows).to_string();
    let chosen = crate::pages::named(&["duration", "start_at", "extra"]);
    let read = Columns::new(chosen, ZONE).read(&mut PageReader::new(&page, CallLegs::METHOD.fields)).unwrap();
    let few = read[0].1.batch();
    for name in ["duration", "start_at"] {
        assert_eq!(few.column_by_name(name), all.column_by_name(name));
    }
    // Documented members that nobody chose are no extras.
    let extra = few.column_by_name("extra").unwrap();
    assert_eq!(arrow_array::Array::null_count(extra), 5);
}

#[test]
fn legs_of_several_pages_become_batches_in_their_order() {
    let pages = [legs(4, 0), legs(4, 100_000)].map(|rows| {
        let page = Value::from(rows).to_string();
        let columns = Columns::new(Column::all(), ZONE);
        columns.read(&mut PageReader::new(&page, CallLegs::METHOD.fields)).unwrap()
    });
    let pick = |page: usize, row: usize| pages[page][row].1.clone();
    let legs = [pick(0, 1), pick(0, 2), pick(0, 3), pick(1, 2), pick(1, 0), pick(0, 0)];
    let batches = batches(&legs).unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [3, 2, 1]);
    let id = Column::of(CallLegs::ID.info()).unwrap();
    let told =
        batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| columns::cell(batch, id, row)));
    assert_eq!(told.collect::<Vec<_>>(), [1, 2, 3, 2, 0, 0].map(|number| 5_100_000_000_u64 + number));
}
