//! A place with a ledger, kept up to date for sixty days by a clock that is moved: it has what the server has, and nothing was
//! written that had not changed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

use std::{collections::BTreeMap, path::Path, time::Duration};

use calllegs_core::{AccessKey, Account, CallLegs, blocking::Client, schema::Listing};
use calllegs_sandbox::{Clock, Sandbox};
use calllegs_store::{
    Export, Sqlite, WindowsDestination,
    ledger::{Schedule, Window, WindowStatus},
    windows::{Put, Shared, run_id},
};
use calllegs_ureq::UreqTransport;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Europe::Moscow;
use serde_json::Value;

const ACCOUNT: &str = "sandbox:100001";

/// Days that are synced, and days without syncs behind them, so that nothing is young any more.
const DAYS: u32 = 60;

fn begin() -> NaiveDateTime {
    "2026-01-01T00:00:00".parse().unwrap()
}

fn sandbox() -> Sandbox {
    let until = (begin() + TimeDelta::days((DAYS + 40).into())).date();
    let builder = Sandbox::builder().seed(11).since(begin().date()).until(until).legs_per_day(40);
    let clock = Clock::FixedWall(begin() + TimeDelta::hours(6));
    builder.clock(clock).minute_limit(None).day_limit(None).start().unwrap()
}

/// What a sync does: reads what is due, and puts it into the place.
fn sync(
    sandbox: &Sandbox,
    place: &Shared,
    since: Option<NaiveDateTime>,
    watch: &(impl Fn(&Put) + Clone + Send + Sync + 'static),
) -> String {
    let account = Account::new(sandbox.endpoint().unwrap(), AccessKey::new("sandbox-acme"));
    let client = Client::new(UreqTransport::new().unwrap(), account);
    let (now, schedule, run) = (sandbox.now(), Schedule::default(), run_id(sandbox.now()));
    place.lock().lease(ACCOUNT, &run).unwrap();
    let ledger = place.lock().ledger(ACCOUNT).unwrap();
    let read_at = |window: &Window| wall(window.fetched_at);
    for period in ledger.due(since, wall(now), &schedule, read_at) {
        let windows = WindowsDestination::new([place.clone()], &run).settle(schedule.settle);
        let export = Export::new(period, Moscow, now).account(ACCOUNT);
        export.run_blocking(&client, windows.watched_by(watch.clone()), &mut ()).unwrap();
    }
    place.lock().release(ACCOUNT);
    run
}

fn wall(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Moscow).naive_local()
}

/// The legs of the server, each as JSON, by id.
fn truth(sandbox: &Sandbox) -> BTreeMap<i64, Value> {
    let till = wall(sandbox.now());
    let rows = sandbox.truth(None, begin(), till, CallLegs::METHOD.fields).unwrap();
    let rows = rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
    rows.map(|row| (row["id"].as_i64().unwrap(), row)).collect()
}

/// The legs of the table, as the server writes them, and the run that wrote each.
fn table(path: &Path) -> BTreeMap<i64, (Value, String)> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT * FROM call_legs").unwrap();
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = statement.query([]).unwrap();
    let mut table = BTreeMap::new();
    while let Some(row) = rows.next().unwrap() {
        let mut leg = serde_json::Map::new();
        for field in CallLegs::METHOD.fields {
            let place = names.iter().position(|name| name == field.name()).unwrap();
            let is_flag = field.name().starts_with("is_");
            let value = match row.get_ref(place).unwrap() {
                rusqlite::types::ValueRef::Null => Value::Null,
                rusqlite::types::ValueRef::Integer(number) if is_flag => (number != 0).into(),
                rusqlite::types::ValueRef::Integer(number) => number.into(),
                rusqlite::types::ValueRef::Real(number) if number.fract() == 0.0 => {
                    serde_json::from_str(&format!("{number}")).unwrap()
                }
                rusqlite::types::ValueRef::Real(number) => number.into(),
                rusqlite::types::ValueRef::Text(text) if field.name().ends_with("call_records") => {
                    serde_json::from_slice(text).unwrap()
                }
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                rusqlite::types::ValueRef::Blob(_) => panic!("{}", field.name()),
            };
            leg.insert(field.name().to_owned(), value);
        }
        let of = |name: &str| names.iter().position(|known| known == name).unwrap();
        let run: String = row.get(of("cl_run_id")).unwrap();
        table.insert(row.get(of("id")).unwrap(), (leg.into(), run));
    }
    table
}

#[test]
fn sixty_days_of_syncs_end_with_what_the_server_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.db");
    let sandbox = sandbox();
    let place = Shared::new(Sqlite::open(&path).unwrap());
    let quiet = |_: &Put| {};
    let mut known: BTreeMap<i64, Value> = BTreeMap::new();
    for step in 0..DAYS * 4 {
        let run = sync(&sandbox, &place, Some(begin()), &quiet);
        let table = table(&path);
        // What the run wrote is what had changed, and no other row was touched.
        for (id, (leg, writer)) in &table {
            assert_eq!(*writer == run, known.get(id) != Some(leg), "step {step}, leg {id}");
        }
        known = table.into_iter().map(|(id, (leg, _))| (id, leg)).collect();
        sandbox.advance(Duration::from_secs(6 * 3600));
    }
    // Everything that comes late has come, and all windows are looked at once more.
    sandbox.advance(Duration::from_secs(31 * 86_400));
    sync(&sandbox, &place, None, &quiet);
    let (table, truth) = (table(&path), truth(&sandbox));
    assert_eq!(table.len(), truth.len());
    for (id, leg) in &truth {
        assert_eq!(&table[id].0, leg, "leg {id}");
    }
    let ledger = place.lock().ledger(ACCOUNT).unwrap();
    assert!(ledger.gaps().is_empty());
    let legs: u64 = ledger.windows().iter().map(|window| window.legs).sum();
    assert_eq!(usize::try_from(legs).unwrap(), table.len());
    let open = ledger.windows().iter().filter(|window| window.status == WindowStatus::Open).count();
    assert_eq!(open, 1, "the last two hours");
    let late = place.lock().lateness(ACCOUNT).unwrap();
    for field in ["employee_rating", "call_records", "new leg", "finish_reason"] {
        assert!(late.iter().any(|late| late.field == field && late.legs > 0), "{field}: {late:?}");
    }
}
