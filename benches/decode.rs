//! A full page of the emulator to typed rows. The reference is what one would write with serde alone: a struct with
//! owned strings, which fails on the first value of another type.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
#![allow(dead_code, missing_docs, reason = "the reference is read by serde only")]

use calllegs_benches::compare;
use calllegs_core::{
    CallLegs, Period, Query,
    rpc::{self, Identity, RequestId},
    schema::Listing,
    value::wall_time,
};
use calllegs_sandbox::Sandbox;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reply {
    result: Data,
}

#[derive(Deserialize)]
struct Data {
    data: Vec<Leg>,
}

#[derive(Deserialize)]
struct Leg {
    id: Option<u64>,
    call_session_id: Option<u64>,
    call_records: Option<Vec<String>>,
    wav_call_records: Option<Vec<String>>,
    start_time: Option<String>,
    connect_time: Option<String>,
    duration: Option<i64>,
    total_duration: Option<i64>,
    finish_reason: Option<String>,
    finish_reason_description: Option<String>,
    virtual_phone_number: Option<String>,
    calling_phone_number: Option<String>,
    called_phone_number: Option<String>,
    direction: Option<String>,
    is_transfered: Option<bool>,
    is_operator: Option<bool>,
    employee_id: Option<u64>,
    employee_full_name: Option<String>,
    employee_phone_number: Option<String>,
    employee_rating: Option<i64>,
    scenario_id: Option<u64>,
    scenario_name: Option<String>,
    is_coach: Option<bool>,
    release_cause_code: Option<i64>,
    release_cause_description: Option<String>,
    is_failed: Option<bool>,
    is_talked: Option<bool>,
    contact_id: Option<u64>,
    contact_full_name: Option<String>,
    contact_phone_number: Option<String>,
    action_id: Option<u64>,
    action_name: Option<String>,
    group_id: Option<u64>,
    group_name: Option<String>,
}

fn main() {
    let mut emulator = Sandbox::builder().seed(7).days(2).legs_per_day(20_000).emulator().unwrap();
    let time = |text| wall_time::parse(text).unwrap();
    let period = Period::new(time("2026-02-26 00:00:00"), time("2026-03-01 00:00:00")).unwrap();
    let query = Query::<CallLegs>::new(period).records_of(CallLegs::METHOD.fields.iter()).limit(10_000);
    let id = RequestId::new(1);
    let request = rpc::request(&query, &Identity::key("sandbox-acme"), id).unwrap();
    let page = emulator.handle(1_773_000_000, request.as_bytes());
    let rows = rpc::reply(&query, id, &page).unwrap().rows.len();

    compare(
        "page -> typed rows",
        rows,
        || rpc::reply(&query, id, &page).unwrap(),
        || serde_json::from_slice::<Reply>(&page).unwrap().result.data,
    );
}
