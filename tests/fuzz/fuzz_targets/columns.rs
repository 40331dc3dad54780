//! A page of any bytes is refused, or its columns are what `serde_json::Value` says, value by value.

#![no_main]

#[path = "../../support/columns.rs"]
mod columns;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|page: &str| columns::check(page));
