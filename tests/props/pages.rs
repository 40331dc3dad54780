//! A page is read the same whichever way its rows take: by the order of the first row, or by serde.

use std::collections::BTreeMap;

use calllegs_core::{
    CallLegs, Query,
    page::PageReader,
    rpc::{self, RequestId},
    schema::{FieldInfo, Listing},
    value::lenient::LenientValue,
};
use calllegs_tests::columns::{expected, kept};
use proptest::prelude::*;
use serde_json::Value;

/// The text of one value, as servers and their proxies may write it.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        (0_i64..100_000_000_000).prop_map(|value| value.to_string()),
        any::<u64>().prop_map(|value| value.to_string()),
        any::<f64>()
            .prop_filter("JSON", |value| value.is_finite())
            .prop_map(|value| Value::from(value).to_string()),
        ".*".prop_map(|text| Value::from(text).to_string()),
        "[а-я a-z0-9]{0,40}".prop_map(|text| format!("\"{text}\"")),
        Just(r#""\ud83d\ude00\u0430\"""#.to_owned()),
        Just(r#"["a.1","b"]"#.to_owned()),
        Just("[]".to_owned()),
        Just(r#"[ "a" , null, 1.5 ]"#.to_owned()),
        Just(r#"{"a":[{}]}"#.to_owned()),
        Just("{\"a b\" : [ 1.10,\n\t\"c \\\" d\" ] }".to_owned()),
        prop::sample::select(vec![
            "-0",
            "0",
            "-7",
            "1.10",
            "1e400",
            "-0.0",
            "1E+2",
            "18446744073709551616",
            "1e3",
            "1.0",
            "123456789012345678901234567890"
        ])
        .prop_map(str::to_owned),
    ]
}

/// The text of a member's name: documented, escaped or nobody's.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "\"id\"",
        "\"duration\"",
        "\"start_time\"",
        "\"call_records\"",
        "\"employee_full_name\"",
        r#""\u0069d""#,
        "\"new_member\"",
        "\"\"",
    ])
    .prop_map(str::to_owned)
}

fn row(names: Vec<String>, space: &'static str) -> impl Strategy<Value = String> {
    let count = names.len();
    prop::collection::vec(value(), count).prop_map(move |values| {
        let members = names.iter().zip(values).map(|(name, value)| format!("{name}{space}:{space}{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(&format!("{space},{space}")))
    })
}

/// Rows of one order of members, and now and then one of another.
fn page() -> impl Strategy<Value = String> {
    let shape = || (prop::collection::vec(name(), 0..9), prop::sample::select(vec!["", "", " ", "\n\t"]));
    (shape(), prop::collection::vec((any::<bool>(), shape()), 0..12))
        .prop_flat_map(|((names, space), others)| {
            let rows: Vec<_> = others
                .into_iter()
                .map(
                    |(differs, (other, spaces))| {
                        if differs { row(other, spaces).boxed() } else { row(names.clone(), space).boxed() }
                    },
                )
                .collect();
            (rows, prop::sample::select(vec![",", " ,\n"]))
        })
        .prop_map(|(rows, comma)| format!("[{}]", rows.join(comma)))
}

proptest! {
    #[test]
    fn rows_are_what_serde_makes_of_them(page in page()) {
        let fields = CallLegs::METHOD.fields;
        let expected = expected(&page).unwrap();
        let mut reader = PageReader::new(&page, fields);
        for members in expected {
            let row = reader.next_row().unwrap().unwrap();
            for field in fields {
                let value = members.get(field.name()).map_or_else(|| "null".to_owned(), |value| kept(value));
                prop_assert_eq!(row.value(field).clone().into_json().to_string(), value);
            }
            let others: BTreeMap<String, String> =
                row.others().iter().map(|(name, value)| (name.to_string(), value.clone().into_json().to_string())).collect();
            let undocumented = members.iter().filter(|(name, _)| CallLegs::field(name).is_none());
            let undocumented: BTreeMap<_, _> = undocumented.map(|(name, value)| (name.clone(), kept(value))).collect();
            prop_assert_eq!(others, undocumented);
        }
        prop_assert!(reader.next_row().unwrap().is_none());
    }

    /// Whatever is cut out of a page, it is read as serde reads it or refused.
    #[test]
    fn a_broken_page_is_refused(page in page(), cut in any::<prop::sample::Index>()) {
        let places: Vec<_> = page.char_indices().map(|(place, _)| place).collect();
        let place = places[cut.index(places.len())];
        let mut broken = page.clone();
        broken.remove(place);
        let expected = expected(&broken).map(|rows| rows.len());
        let mut reader = PageReader::new(&broken, CallLegs::METHOD.fields);
        let mut rows = 0;
        let read = loop {
            match reader.next_row() {
                Ok(Some(row)) => {
                    rows += 1;
                    prop_assert!(*row.value(CallLegs::ID.info()) == LenientValue::Null || !row.text().is_empty());
                }
                Ok(None) => break Some(rows),
                Err(_) => break None,
            }
        };
        prop_assert_eq!(read, expected);
    }

    /// One odd value, whatever it is and whichever field has it, leaves the other rows as they are.
    #[test]
    fn an_odd_value_leaves_the_other_rows(
        field in prop::sample::select(CallLegs::METHOD.fields.iter().map(FieldInfo::name).collect::<Vec<_>>()),
        odd in odd(),
        place in 0_usize..6,
        filler in prop::sample::select(vec![0, 70_000]),
    ) {
        let row = |id: usize| format!(
            r#"{{"id":{id},"start_time":"2026-10-05 10:00:00","contact_full_name":"{}"}}"#, "я".repeat(filler / 10)
        );
        let mut rows: Vec<_> = (1..6).map(|id| row(id).into_bytes()).collect();
        let body = |rows: &[Vec<u8>]| [
            br#"{"jsonrpc":"2.0","id":1,"result":{"data":["#, &*rows.join(&b","[..]), b"]}}",
        ].concat();
        let query = Query::<CallLegs>::all();
        let read = |body: &[u8]| rpc::reply(&query, RequestId::new(1), body);
        let plain = read(&body(&rows)).unwrap();
        prop_assert_eq!(plain.repaired, 0);
        rows.insert(place.min(5), [format!("{{\"{field}\":").as_bytes(), &odd, b"}"].concat());
        let whole = body(&rows);
        let mut page = read(&whole).unwrap();
        prop_assert_eq!(page.rows.len(), 6);
        page.rows.remove(place.min(5));
        prop_assert_eq!(&page.rows, &plain.rows);
        // Never from a part of the body.
        let cut = whole.len() - 1 - place * 40;
        prop_assert!(read(&whole[..cut]).is_err());
    }

    /// What is JSON is read as it is.
    #[test]
    fn nothing_of_json_is_repaired(page in page()) {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":{page}}}}}"#);
        prop_assert_eq!(rpc::reply(&Query::<CallLegs>::all(), RequestId::new(1), body.as_bytes()).unwrap().repaired, 0);
    }
}

/// Values that are not JSON, or that strict readers stop at.
fn odd() -> impl Strategy<Value = Vec<u8>> {
    let text = |inner: Vec<u8>| [b"\"", &*inner, b"\""].concat();
    prop_oneof![
        prop::collection::vec(any::<u8>().prop_filter("ends the text", |byte| !b"\"\\".contains(byte)), 0..12)
            .prop_map(text),
        "\\\\u[dD][89a-fA-F][0-9a-f]{2}[a-z ]{0,4}".prop_map(move |inner| text(inner.into_bytes())),
        "\\\\[a-z'0-9 ].{0,4}".prop_filter("ends the text", |inner| !inner.contains('"') && !inner.ends_with('\\'))
            .prop_map(move |inner| text(inner.into_bytes())),
        "[-+]?(NaN|nan|Infinity|inf|None|True|undefined|0[0-9]{1,30}|[0-9]{1,40}|[.][0-9]+|[0-9]+[.]|1[eE][0-9]{3,9})"
            .prop_map(String::into_bytes),
        (1_usize..2000).prop_map(|depth| ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes()),
        value().prop_map(String::into_bytes),
    ]
}
