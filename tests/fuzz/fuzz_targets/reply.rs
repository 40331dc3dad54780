//! No body panics the reader of replies, and rows that were read are written as JSON that reads back the same.

#![no_main]

use std::collections::BTreeMap;

use calllegs_core::{
    Accounts, CallLegs, Query,
    rpc::{self, RequestId},
};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

const ID: RequestId = RequestId::new(1);

/// A reply around rows.
fn around(data: &[u8]) -> Vec<u8> {
    [br#"{"jsonrpc":"2.0","id":1,"result":{"data":"#, data, b"}}"].concat()
}

macro_rules! read {
    ($query:expr, $body:expr) => {
        if let Ok(page) = rpc::reply(&$query, ID, $body) {
            let written = serde_json::to_vec(&page.rows).unwrap();
            let again = rpc::reply(&$query, ID, &around(&written)).unwrap();
            assert_eq!(json(&written), json(&serde_json::to_vec(&again.rows).unwrap()));
        }
    };
}

/// The members of rows, each number with all its digits.
fn json(text: &[u8]) -> Vec<BTreeMap<String, String>> {
    let rows: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_slice(text).unwrap();
    let written = |row: BTreeMap<_, Box<RawValue>>| row.into_iter().map(|(name, value)| (name, value.to_string()));
    rows.into_iter().map(|row| written(row).collect()).collect()
}

fuzz_target!(|bytes: &[u8]| {
    // Most bytes are no reply, so they are tried as rows too.
    for body in [bytes, &around(bytes)] {
        read!(Query::<CallLegs>::all(), body);
        read!(Query::<Accounts>::all(), body);
    }
});
