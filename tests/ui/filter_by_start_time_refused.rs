//! The server refuses to filter by the start of a leg.

use calllegs_core::CallLegs;

fn main() {
    let _ = CallLegs::START_TIME.equals(chrono::NaiveDateTime::default());
}
