//! A checkpoint of any content is refused, or a sweep goes on from it: it makes legal calls, and its own checkpoint is
//! accepted again.

#![no_main]

use calllegs_core::{
    CallLegs, Period, Query,
    rpc::{self, Identity, RequestId},
    sweep::{Checkpoint, Sweep},
    value::wall_time,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(checkpoint) = serde_json::from_slice::<Checkpoint>(bytes) else { return };
    let time = |text| wall_time::parse(text).unwrap();
    let year = Period::new(time("2026-01-01 00:00:00"), time("2027-01-01 00:00:00")).unwrap();
    let query = Query::<CallLegs>::new(year);
    let Ok(sweep) = Sweep::resume(query.clone(), checkpoint) else { return };
    let mut sweep = sweep.ahead(3);
    while let Some((_, call)) = sweep.next_call() {
        rpc::request(&call, &Identity::key("key"), RequestId::new(1)).unwrap();
    }
    if let Some(checkpoint) = sweep.checkpoint() {
        let kept = serde_json::to_string(&checkpoint).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&kept).unwrap(), checkpoint);
        Sweep::resume(query, checkpoint).unwrap();
    }
});
