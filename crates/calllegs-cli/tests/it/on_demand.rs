//! A day of the world whose legs are made when they are asked for: whole, each leg once, across windows and stores.

use calllegs_sandbox::{Builder, DateAppliesTo, ListingOrder, Sandbox, World};
use chrono::NaiveDate;

use crate::support::{get_at, run, sorted};

/// 2026-02-28 with so many legs, roughly.
fn huge(legs: u32) -> Builder {
    let builder = Sandbox::builder().seed(7).world(World::Huge).days(1).legs_per_day(legs);
    builder.minute_limit(None).day_limit(None)
}

#[test]
fn a_sweep_of_a_day_that_is_made_on_demand_is_whole() {
    let midnight = |day| NaiveDate::from_ymd_opt(2026, 2, day).unwrap().and_hms_opt(0, 0, 0).unwrap();
    for builder in [
        // More than the 110,000 that a window reaches.
        huge(130_000),
        huge(12_000).listing_order(ListingOrder::End),
        huge(12_000).date_applies_to(DateAppliesTo::Session),
        huge(12_000).repeats(20),
    ] {
        let sandbox = builder.start().unwrap();
        let truth: Vec<i64> = sandbox
            .legs(midnight(28), midnight(28) + chrono::Days::new(1))
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        assert!(truth.len() > 11_000, "{}", truth.len());
        let told = run(&mut get_at(&sandbox.url(), &["--on", "2026-02-28", "--fields", "id,start_time"]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert!(sorted(told.ids()) == truth, "{}", told.stderr);
    }
}
