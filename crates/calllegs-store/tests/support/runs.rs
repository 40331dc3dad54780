//! Runs as `calllegs sync` makes them, in this process.

use calllegs_core::{AccessKey, Account, blocking::Client};
use calllegs_sandbox::Sandbox;
use calllegs_store::{
    Export, WindowsDestination,
    export::ExportError,
    ledger::{Schedule, Window, joined},
    windows::{Put, Shared},
};
use calllegs_ureq::UreqTransport;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Europe::Moscow;

/// Whose legs they are.
pub(crate) const ACCOUNT: &str = "sandbox:100001";

/// Leases the account, reads once what is due in any of the places, and puts it into all of them.
pub(crate) fn sync(
    sandbox: &Sandbox,
    places: &[Shared],
    run: &str,
    since: Option<NaiveDateTime>,
    watch: impl Fn(&Put) + Clone + Send + Sync + 'static,
) -> Result<(), ExportError> {
    let account = Account::new(sandbox.endpoint().unwrap(), AccessKey::new("sandbox-acme"));
    let client = Client::new(UreqTransport::new().unwrap(), account);
    let (now, schedule) = (sandbox.now(), Schedule::default());
    let read_at = |window: &Window| wall(window.fetched_at);
    let mut due = Vec::new();
    for place in places {
        place.lock().lease(ACCOUNT, run)?;
        due.extend(place.lock().ledger(ACCOUNT)?.due(since, wall(now), &schedule, read_at));
    }
    for period in joined(due) {
        let windows = WindowsDestination::new(places.iter().cloned(), run).settle(schedule.settle);
        let export = Export::new(period, Moscow, now).account(ACCOUNT);
        export.run_blocking(&client, windows.watched_by(watch.clone()), &mut ())?;
    }
    Ok(())
}

/// What the clock of the account shows.
pub(crate) fn wall(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&Moscow).naive_local()
}
