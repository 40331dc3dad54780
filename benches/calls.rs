//! Calls of a complete sweep against the least there could be, `ceil(legs / 10,000)`, with four pages in flight. The
//! emulator answers without a socket; of pages that are out together the one that was asked last arrives first.
//!
//! A figure is printed only of a sweep that gave exactly the emulator's legs, each once. Not here: time.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::collections::HashSet;

use calllegs_benches::{Figure, grouped};
use calllegs_core::{
    CallLegs, Period, Query,
    pager::MAX_LIMIT,
    rpc::{self, Identity, RequestId},
    sweep::{Sweep, Tally},
};
use calllegs_sandbox::{Builder, Emulator, Sandbox, World};
use chrono::{NaiveDate, TimeDelta};

/// Pages in flight.
const AHEAD: usize = 4;

/// Unix time of every request, a week after the last leg.
const NOW: i64 = 1_773_000_000;

fn main() {
    let last = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
    let till = last.succ_opt().unwrap().into();
    let quarter = Period::new(till - TimeDelta::days(90), till).unwrap();
    let noon = last.and_hms_opt(12, 0, 0).unwrap();
    let hour = Period::new(noon, noon + TimeDelta::hours(1)).unwrap();
    let shop = |legs_per_day| Sandbox::builder().days(90).legs_per_day(legs_per_day);
    measure("1 M legs, 90 days", ("1.10", "1.02"), shop(13_100), quarter);
    measure("10 M legs, 90 days", ("1.10", "1.005"), shop(106_000), quarter);
    measure("150 k legs in an hour", ("", ""), Sandbox::builder().days(1).world(World::Dense), hour);
}

fn measure(name: &str, bars: (&str, &str), world: Builder, period: Period) {
    let mut emulator = world.minute_limit(None).day_limit(None).emulator().unwrap();
    let truth = emulator.legs(period.from(), period.till());
    let (ids, tally) = read(&mut emulator, period);
    assert!(tally.gaps.is_empty() && tally.rows == truth.len() as u64, "not complete: {tally:?}");
    assert!(ids.len() == truth.len() && truth.iter().all(|(id, _)| ids.contains(id)), "not these legs");
    let least = tally.rows.div_ceil(MAX_LIMIT.into());
    let (calls, legs) = (grouped(tally.calls), grouped(tally.rows));
    let note =
        format!("{calls} calls for {legs} legs in {} windows, {} asked again", tally.hops, tally.rereads);
    Figure { work: &format!("calls for {name}"), reference: "legs / 10,000, rounded up", bars }
        .say(&format!("{:.4}", ratio(tally.calls, least)), &note);
}

fn read(emulator: &mut Emulator, period: Period) -> (HashSet<i64>, Tally) {
    let query = Query::<CallLegs>::new(period).select((CallLegs::ID,));
    let mut sweep = Sweep::new(query).unwrap().ahead(AHEAD);
    let (mut ids, mut out) = (HashSet::new(), Vec::new());
    loop {
        out.extend(std::iter::from_fn(|| sweep.next_call()));
        let Some((id, call)) = out.pop() else { break };
        let number = RequestId::new(1);
        let request = rpc::request(&call, &Identity::key("sandbox-acme"), number).unwrap();
        let reply = emulator.handle(NOW, request.as_bytes());
        let page = rpc::reply(&call, number, &reply).unwrap();
        sweep.absorb(id, page);
        let given = sweep.take_rows().into_iter().map(|row| row.unwrap().0.unwrap());
        ids.extend(given.map(|id| i64::try_from(id.get()).unwrap()));
    }
    (ids, sweep.tally().clone())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn ratio(calls: u64, least: u64) -> f64 {
    calls as f64 / least as f64
}
