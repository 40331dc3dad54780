//! No text panics the parser of filters, and what it reads is displayed as text that reads back equal; a filter for the
//! server also goes over the wire and comes back.

#![no_main]

use calllegs_core::{CallLegs, filter::Filter};
use libfuzzer_sys::fuzz_target;

type Legs = Filter<CallLegs>;

fuzz_target!(|text: &str| {
    if let Ok(filter) = Legs::parse_local(text) {
        assert_eq!(Legs::parse_local(&filter.to_string()).as_ref(), Ok(&filter));
    }
    if let Ok(filter) = Legs::parse(text) {
        assert_eq!(Legs::parse(&filter.to_string()).as_ref(), Ok(&filter));
        let tree = serde_json::to_value(&filter).unwrap();
        assert_eq!(Legs::read_wire(&tree), Ok(Some(filter)));
    }
});
