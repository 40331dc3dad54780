//! Odd values in replies: the leg is kept, the others are given, no digit is lost.

use serde_json::Value;

use crate::{
    stub,
    support::{get_at, rows, run},
};

const DAY: [&str; 6] = ["--on", "2026-10-05", "--tz", "Europe/Moscow", "--retries", "0"];

/// A page of a plain leg, one with these members besides, and another plain one.
fn page(odd: &[u8]) -> Vec<u8> {
    let leg = |id: u8, odd: &[u8]| {
        let head = format!(r#"{{"id":{id},"start_time":"2026-10-05 10:0{id}:00","call_session_id":{id}"#);
        [head.as_bytes(), odd, b"}"].concat()
    };
    let legs = [leg(1, b""), leg(2, odd), leg(3, b"")].join(&b","[..]);
    [br#""result":{"data":["#, &*legs, br#"],"metadata":{"total_items":3}}"#].concat()
}

const REPAIRED: &str = "not valid JSON";

#[test]
fn one_odd_value_costs_nothing_and_is_told() {
    // What is sent, what the line has of it, and whether something had to be repaired.
    let table: [(&[u8], &str, bool); 17] = [
        (br#","contact_full_name":"B \ud83d""#, "\"contact_full_name\":\"B \u{fffd}\"", true),
        (br#","tags":[{"name":"\ude00 x"}]"#, r#""tags":[{"name":"\ufffd x"}]"#, true),
        (b",\"contact_full_name\":\"a\nb\x01\"", r#""contact_full_name":"a\nb\u0001""#, true),
        (b",\"contact_full_name\":\"\xcf\xe5\"", "\"contact_full_name\":\"\u{fffd}\u{fffd}\"", true),
        (br#","duration":NaN"#, r#""duration":"NaN""#, true),
        (br#","employee_rating":-Infinity"#, r#""employee_rating":"-Infinity""#, true),
        (br#","duration":007"#, r#""duration":7"#, true),
        (br#","employee_rating":1e400"#, r#""employee_rating":1e400"#, false),
        (br#","employee_rating":4.5"#, r#""employee_rating":4.5"#, false),
        (br#","employee_rating":4"#, r#""employee_rating":4"#, false),
        (br#","connect_time":"2026-10-05T10:02:05.5""#, r#""connect_time":"2026-10-05T10:02:05.5""#, false),
        (br#","connect_time":"2026-10-05 10:02:05Z""#, r#""connect_time":"2026-10-05 10:02:05Z""#, false),
        (br#","connect_time":"0000-00-00 00:00:00""#, r#""connect_time":"0000-00-00 00:00:00""#, false),
        (br#","connect_time":"0001-01-01 00:00:00""#, r#""connect_time":"0001-01-01 00:00:00""#, false),
        (br#","duration":1,"duration":2"#, r#""duration":2"#, false),
        (
            br#","contact_id":123456789012345678901234567890,"sum":1.10"#,
            r#""contact_id":123456789012345678901234567890"#,
            false,
        ),
        (
            b",\"deep\":{ \"a\":\n[1.10, 12345678901234567890123]}",
            r#""deep":{"a":[1.10,12345678901234567890123]}"#,
            false,
        ),
    ];
    for (odd, kept, repaired) in table {
        let odd = odd.to_vec();
        let shown = String::from_utf8_lossy(&odd).into_owned();
        let url = stub::serve_bytes(move |_| page(&odd));
        for bound in [&["--limit", "9"][..], &[]] {
            let told = run(get_at(&url, &DAY).args(bound));
            assert_eq!(told.code, Some(0), "{shown}: {}", told.stderr);
            let ids =
                told.stdout.lines().zip(1..).filter(|(line, id)| line.contains(&format!("\"id\":{id},")));
            assert_eq!((ids.count(), told.stdout.lines().count()), (3, 3), "{shown}: {}", told.stdout);
            assert!(told.stdout.contains(kept), "{shown}: {}", told.stdout);
            assert_eq!(told.stderr.contains(REPAIRED), repaired, "{shown}: {}", told.stderr);
        }
    }
}

#[test]
fn repaired_values_are_counted_and_not_shown() {
    let odd = br#","contact_full_name":"secret \ud83d","duration":NaN"#;
    let url = stub::serve_bytes(move |_| page(odd));
    let told = run(&mut get_at(&url, &DAY));
    assert!(told.stderr.contains("2 values in the replies were not valid JSON"), "{}", told.stderr);
    assert!(!told.stderr.contains("secret"), "{}", told.stderr);
}

#[test]
fn identifiers_and_starts_are_read_in_other_spellings() {
    for (id, start) in [
        (r#""3.0""#, "2026-10-05 10:02:00"),
        ("3.0", "2026-10-05T10:02:00"),
        (r#""3""#, "2026-10-05 10:02:00.123"),
        (" 3 ", "2026-10-05t10:02:00,5"),
        (r#"" 3 ""#, " 2026-10-05 10:02:00 "),
        ("03", "2026-10-05 10:02:00"),
    ] {
        let row = format!(r#"{{"id":{id},"start_time":"{start}","call_session_id":1}}"#);
        let url = stub::serve(move |_| stub::page(&row, "1"));
        let told = run(get_at(&url, &DAY).args(["--fields", "id,start_time"]));
        assert_eq!(told.code, Some(0), "{id} {start}: {}", told.stderr);
        let [row] = &*rows(&told.stdout) else { panic!("{}", told.stdout) };
        assert_eq!(*row, serde_json::json!({"id": 3, "start_time": start}));
    }
}

#[test]
fn nesting_of_any_depth_is_kept() {
    let deep = "[".repeat(3000) + &"]".repeat(3000);
    let odd = format!(r#","deep":{deep}"#);
    let url = stub::serve_bytes(move |_| page(odd.as_bytes()));
    let told = run(&mut get_at(&url, &DAY));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains(&deep));
}

#[test]
fn a_cut_reply_is_no_reply_whatever_it_holds() {
    let whole = page(br#","contact_full_name":"B \ud83d","duration":NaN"#);
    for left in [whole.len() - 1, whole.len() - 40, whole.len() / 2, whole.len() / 3] {
        let cut = whole[..left].to_vec();
        let url = stub::serve_bytes(move |_| cut.clone());
        let told = run(&mut get_at(&url, &DAY));
        assert_eq!(told.code, Some(7), "{left}: {}", told.stderr);
        assert!(told.stdout.is_empty());
    }
}

#[test]
fn files_hold_what_their_columns_cannot() {
    let odd = br#","contact_id":123456789012345678901234567890,"employee_rating":4.5,"sum":1.10"#;
    let url = stub::serve_bytes(move |_| page(odd));
    let told = run(get_at(&url, &DAY).args(["--format", "csv", "--fields", "id,contact_id,employee_rating"]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("\n2,123456789012345678901234567890,4.5\n"), "{}", told.stdout);
    let told = run(get_at(&url, &DAY).args(["--fields", "id,contact_id"]));
    let line = told.stdout.lines().nth(1).unwrap();
    assert_eq!(line, r#"{"id":2,"contact_id":123456789012345678901234567890,"sum":1.10}"#);
    assert_eq!(serde_json::from_str::<Value>(line).unwrap()["id"], 2);
}

#[test]
fn a_row_that_cannot_be_placed_is_a_hole_and_the_others_are_given() {
    for odd in [
        r#"{"id":2,"start_time":null}"#,
        r#"{"id":2,"start_time":"2026-10-05T10:02:00Z"}"#,
        r#"{"id":2,"start_time":"2026-10-05 10:02:00+03:00"}"#,
        r#"{"start_time":"2026-10-05 10:02:00"}"#,
        r#"{"id":123456789012345678901234567890,"start_time":"2026-10-05 10:02:00"}"#,
        "null",
        "5",
    ] {
        let leg =
            |id: u8| format!(r#"{{"id":{id},"start_time":"2026-10-05 10:0{id}:00","call_session_id":{id}}}"#);
        let rows = [leg(1), odd.to_owned(), leg(3)].join(",");
        let url = stub::serve(move |_| stub::page(&rows, "3"));
        let told = run(get_at(&url, &DAY).args(["--fields", "id,start_time"]));
        assert_eq!(told.code, Some(9), "{odd}: {}", told.stderr);
        let named = told.stderr.contains("1 more without a readable id or start_time");
        assert!(named, "{odd}: {}", told.stderr);
        for id in [1, 3] {
            assert!(told.stdout.contains(&format!("\"id\":{id},")), "{odd}: {}", told.stdout);
        }
    }
}
