//! No JSON panics the reader of the wire's filters, and what it accepts is written as a tree that it accepts again.

#![no_main]

use calllegs_core::{CallLegs, filter::Filter};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

type Legs = Filter<CallLegs>;

fuzz_target!(|bytes: &[u8]| {
    let Ok(tree) = serde_json::from_slice::<Value>(bytes) else { return };
    if let Ok(Some(filter)) = Legs::read_wire(&tree) {
        let written = serde_json::to_value(&filter).unwrap();
        assert_eq!(Legs::read_wire(&written), Ok(Some(filter)));
    }
});
