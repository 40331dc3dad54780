//! What holds of every report: its table, its record and its columns are the same lines.

use calllegs_core::{
    Brand, Filter, Order, Query, RequestId, rpc,
    schema::{AnyListing, FieldInfo, Kind, Listing, Record},
};
use calllegs_reports::{METHODS, calls_report::CallsReport, employees::Employees, tags::Tags};

fn places(fields: &[FieldInfo]) {
    for (place, field) in fields.iter().enumerate() {
        assert_eq!(field.position(), place, "{}", field.name());
        assert_eq!(fields.iter().filter(|other| other.name() == field.name()).count(), 1, "{}", field.name());
        places(field.parts());
    }
}

#[test]
fn every_method_is_listed_once_and_its_table_is_in_order() {
    assert!(METHODS.len() >= 124, "{}", METHODS.len());
    for method in METHODS {
        assert!(method.takes("access_token"), "{}", method.name);
        assert!(Brand::ALL.iter().any(|brand| method.is_documented(*brand)), "{}", method.name);
        places(method.fields);
    }
    assert!(METHODS.windows(2).all(|pair| pair.iter().map(|method| method.name).is_sorted()));
}

#[test]
fn a_row_is_given_back_as_it_was_written() {
    // Of the form that a server was seen to send, with members that no page has.
    let row = r#"{"id":147100001,"source":"va","is_lost":false,"start_time":"2025-06-15 14:59:50","campaign_id":-1,
        "tags":[{"tag_id":3,"tag_name":"vip","tag_type":"robot"}],"call_records":["0123"],"hold_duration":0}"#;
    let reply = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{row}]}}}}"#);
    let page = rpc::reply(
        &Query::<CallsReport>::new("2025-06-15..2025-06-16".parse().unwrap()),
        RequestId::new(1),
        reply.as_bytes(),
    );
    let page = page.unwrap();
    let session = page.rows.first().unwrap();
    assert_eq!(session.tags.as_ref().unwrap().first().unwrap().tag_id, Some(3.into()));
    assert_eq!(session.campaign_id, None);
    let sent: serde_json::Value = serde_json::from_str(row).unwrap();
    let given: serde_json::Value = serde_json::to_value(session).unwrap();
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(given.get(name), Some(value), "{name}");
    }
    assert!(!format!("{session:?}").contains("vip"));
    assert_eq!(<CallsReport as Listing>::Row::fields().len(), given.as_object().unwrap().len() - 1);
}

#[test]
fn conditions_as_text_go_by_the_same_table() {
    let read = Filter::<Employees>::parse;
    assert!(read("full_name like 'A%' and status = 'available'").is_ok());
    assert!(read("patronymic = 'x'").is_err());
}

#[test]
fn a_brand_has_its_own_flags() {
    let id = Tags::ID.info();
    assert!(id.is_sortable(Some(Brand::Comagic)) && !id.is_sortable(Some(Brand::Novofon)));
    assert!(!Tags::RATING.info().is_documented(Brand::Novofon));
    assert_eq!(Employees::COACH.info().kind(), Kind::Object);
}

/// Before anything is sent, with the mnemonic that the API would answer.
#[test]
fn filters_and_sorts_that_the_server_prohibits_are_refused() {
    let (mut filters, mut sorts) = (0, 0);
    for method in METHODS.into_iter().filter(|method| method.takes("filter") && method.takes("sort")) {
        for field in method.fields {
            let name = field.name();
            if !field.is_filterable(None) && !field.is_json() && field.kind() != Kind::Array {
                let refusal = Filter::<AnyListing>::parse_of(method, &format!("{name} is null")).unwrap_err();
                assert_eq!(refusal.mnemonic().as_str(), "filter_prohibited", "{} {name}", method.name);
                filters += 1;
            }
            let sorted = Query::<AnyListing>::of(method).sort_by_name(name, Order::Ascending);
            match sorted {
                Ok(_) => assert!(field.is_sortable(None), "{} {name}", method.name),
                Err(refusal) => {
                    assert_eq!(refusal.mnemonic().as_str(), "sort_prohibited", "{} {name}", method.name);
                    sorts += 1;
                }
            }
        }
    }
    assert!(filters > 100 && sorts > 100, "{filters} {sorts}");
}
