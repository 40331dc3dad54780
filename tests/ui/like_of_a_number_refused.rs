//! Patterns are for text.

use calllegs_core::CallLegs;

fn main() {
    let _ = CallLegs::DURATION.like("3%");
}
