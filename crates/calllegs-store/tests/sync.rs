//! Places with a ledger, kept up to date for sixty days by a clock that is moved: they have what the server has, and nothing
//! was written that had not changed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[path = "support/readers.rs"]
mod readers;
#[path = "support/runs.rs"]
mod runs;
#[cfg(unix)]
#[path = "support/server.rs"]
mod server;

use std::{collections::BTreeMap, time::Duration};

use calllegs_core::{CallLegs, schema::Listing};
use calllegs_sandbox::{Clock, Sandbox};
use calllegs_store::{
    ledger::WindowStatus,
    windows::{Shared, run_id},
};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;

use crate::{
    readers::Rows,
    runs::{ACCOUNT, wall},
};

/// Days that are synced, and days without syncs behind them, so that nothing is young any more.
const DAYS: u32 = 60;

fn begin() -> NaiveDateTime {
    "2026-01-01T00:00:00".parse().unwrap()
}

fn sandbox() -> Sandbox {
    let until = (begin() + TimeDelta::days((DAYS + 40).into())).date();
    let builder = Sandbox::builder().seed(11).since(begin().date()).until(until).legs_per_day(25);
    let clock = Clock::FixedWall(begin() + TimeDelta::hours(6));
    builder.clock(clock).minute_limit(None).day_limit(None).start().unwrap()
}

/// Reads once what is due in any of the places, and puts it into all of them.
fn sync(sandbox: &Sandbox, places: &[Shared], since: Option<NaiveDateTime>) -> String {
    let run = run_id(sandbox.now());
    runs::sync(sandbox, places, &run, since, |_| ()).unwrap();
    for place in places {
        place.lock().release(ACCOUNT);
    }
    run
}

/// The legs of the server, each as JSON, by id.
fn truth(sandbox: &Sandbox) -> BTreeMap<i64, Value> {
    let till = wall(sandbox.now());
    let rows = sandbox.truth(None, begin(), till, CallLegs::METHOD.fields).unwrap();
    let rows = rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
    rows.map(|row| (row["id"].as_i64().unwrap(), row)).collect()
}

/// What was written is what changed, and all else is as it was.
fn only_what_changed_was_written(what: &str, before: &Rows, after: &Rows) {
    for (id, (leg, version)) in after {
        let known = before.get(id);
        let is_written = known.is_none_or(|(_, known)| known != version);
        assert_eq!(is_written, known.is_none_or(|(known, _)| known != leg), "{what}, leg {id}");
    }
    assert!(before.keys().all(|id| after.contains_key(id)), "{what}");
}

#[test]
fn sixty_days_of_syncs_end_with_what_the_server_has() {
    let folder = tempfile::tempdir().unwrap();
    let mut readers = readers::all(folder.path());
    let places: Vec<Shared> = readers.iter().map(|reader| reader.place()).collect();
    let sandbox = sandbox();
    let mut known = vec![Rows::new(); readers.len()];
    for step in 0..DAYS * 4 {
        let run = sync(&sandbox, &places, Some(begin()));
        for (reader, known) in readers.iter_mut().zip(&mut known) {
            let rows = reader.rows(&run);
            only_what_changed_was_written(&format!("{}, step {step}", reader.name()), known, &rows);
            *known = rows;
        }
        sandbox.advance(Duration::from_secs(6 * 3600));
    }
    // Everything that comes late has come, and all windows are looked at once more.
    sandbox.advance(Duration::from_secs(31 * 86_400));
    let run = sync(&sandbox, &places, None);
    let truth = truth(&sandbox);
    for (reader, place) in readers.iter_mut().zip(&places) {
        let name = reader.name();
        let rows = reader.rows(&run);
        assert_eq!(rows.len(), truth.len(), "{name}");
        for (id, leg) in &truth {
            assert_eq!(*rows[id].0, *leg, "{name}, leg {id}");
        }
        let ledger = place.lock().ledger(ACCOUNT).unwrap();
        assert!(ledger.gaps().is_empty(), "{name}");
        let legs: u64 = ledger.windows().iter().map(|window| window.legs).sum();
        assert_eq!(usize::try_from(legs).unwrap(), rows.len(), "{name}");
        let open = ledger.windows().iter().filter(|window| window.status == WindowStatus::Open).count();
        assert_eq!(open, 1, "{name}: the last two hours");
        let late = place.lock().lateness(ACCOUNT).unwrap();
        for field in ["employee_rating", "call_records", "new leg", "finish_reason"] {
            assert!(
                late.iter().any(|late| late.field == field && late.legs > 0),
                "{name}, {field}: {late:?}"
            );
        }
    }
}
