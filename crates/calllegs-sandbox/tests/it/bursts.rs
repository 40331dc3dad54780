//! Many legs in little time: on top of the usual ones, in order, and too many for one window's pages.

use std::collections::BTreeSet;

use calllegs_core::value::wall_time;
use calllegs_sandbox::World;
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::json;

use crate::support::{caller, ids, json, rows, small};

fn time(text: &str) -> NaiveDateTime {
    wall_time::parse(text).unwrap()
}

#[test]
fn a_burst_adds_its_legs_and_changes_no_other() {
    let plain = caller(small()).emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    let at = time("2026-02-27 10:00:00");
    let mut caller = caller(small().burst(at, 400, 1).burst(at, 600, 60));
    let all = caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    assert_eq!(all.len(), plain.len() + 1000);
    let all_ids: BTreeSet<_> = all.iter().map(|(id, _)| *id).collect();
    assert_eq!(all_ids.len(), all.len());
    assert!(plain.iter().all(|(id, _)| all_ids.contains(id)));
    assert!(all.is_sorted_by_key(|(_, start)| start));
    assert!(caller.emulator.legs(at, at + TimeDelta::seconds(1)).len() >= 400);
    // Pages in the usual order give the order of the truth, the made-up legs among them.
    let mut paged = Vec::new();
    while paged.len() < all.len() {
        paged.extend(ids(&json(&caller.page(700, u32::try_from(paged.len()).unwrap()))));
    }
    assert_eq!(paged, all.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let row = caller.legs(json!({"date_from": "2026-02-27 09:59:59", "date_till": "2026-02-27 10:00:01"}));
    let sessions: BTreeSet<_> = rows(&row).iter().map(|row| row["call_session_id"].as_i64()).collect();
    assert!(sessions.len() > 400 / 3 && rows(&row).len() >= 400);
}

#[test]
fn worlds_end_with_their_burst() {
    let (noon, second) = (time("2026-02-28 12:00:00"), TimeDelta::seconds(1));
    let legs = |world| small().world(world).emulator().unwrap().legs(noon, noon + second).len();
    assert!(legs(World::Shop) < 10 && legs(World::Ties) >= 1000);
    let dense = small().world(World::Dense).emulator().unwrap();
    assert!(dense.legs(noon, noon + TimeDelta::hours(1)).len() >= 150_000);
    assert!(dense.legs(noon + TimeDelta::hours(1), noon + TimeDelta::hours(2)).len() < 100);
    for world in World::ALL {
        assert_eq!(world.to_string().parse(), Ok(world));
    }
}
