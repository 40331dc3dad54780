//! The server refuses to sort by id.

use calllegs_core::{CallLegs, Order, Period, Query};

fn sorted(period: Period) -> Query<CallLegs> {
    Query::<CallLegs>::new(period).sort_by(CallLegs::ID, Order::Ascending)
}

fn main() {}
