//! Behaviour of core that users rely on, one module per room.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod boundary;
mod exchange;
mod filter;
mod limits;
mod pager;
mod preview;
mod projection;
mod rpc;
mod secrets;
mod session;
mod sweep;
mod tracing;
mod values;
mod window;

use calllegs_core::{Period, value::wall_time};
use chrono::NaiveDateTime;

fn time(text: &str) -> NaiveDateTime {
    wall_time::parse(text).unwrap()
}

fn period(from: &str, till: &str) -> Period {
    Period::new(time(from), time(till)).unwrap()
}
