//! What became of a sync, for programs: JSON, and figures for Prometheus. Not here: what is said to people.

use std::fmt::Write as _;

use calllegs_core::value::wall_time;
use calllegs_store::{AtomicFile, ledger::WindowStatus, windows::Shared};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::reading::Read;
use crate::{
    account::connect::Connection,
    failure::{Exit, Failure},
};

/// What every summary of a sync begins with.
pub(super) const SUMMARY_BEGINS: &str = "{\"accou";

/// What every file of figures begins with.
pub(super) const METRICS_BEGIN: &str = "# HELP c";

/// What became of a sync. Its keys in JSON are a contract.
#[derive(Debug, Default, Serialize)]
pub(super) struct Synced {
    pub(super) account: String,
    pub(super) run_id: String,
    /// Legs that were read.
    pub(super) rows: u64,
    pub(super) inserted: u64,
    pub(super) changed: u64,
    /// Legs that a place has and the server has not.
    gone: u64,
    pub(super) points: u32,
    pub(super) calls: u64,
    windows: u64,
    /// What is missing.
    pub(super) holes: Vec<String>,
    /// Everything that was due was read.
    complete: bool,
    pub(super) places: Vec<PlaceState>,
    exit: u8,
    error: Option<String>,
    /// What runs that share the accounts have done, in words for people.
    #[serde(skip)]
    pub(super) shared: Option<String>,
    /// Another run has the account, or one of them: what became of it is not known here.
    #[serde(skip)]
    pub(super) leaves_some: bool,
    /// Of a partner: what became of each customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customers: Vec<Self>,
}

impl Synced {
    pub(super) fn of(run_id: &str) -> Self {
        Self { run_id: run_id.to_owned(), ..Self::default() }
    }

    pub(super) fn end(&mut self, ended: &Result<(), Failure>) {
        self.complete = ended.is_ok() && !self.leaves_some;
        self.exit = ended.as_ref().map_or_else(|failure| failure.exit, |()| Exit::Done).code();
        self.error = ended.as_ref().err().map(|failure| failure.what.clone());
    }

    /// Windows that were put.
    pub(super) const fn windows(&self) -> u64 {
        self.windows
    }

    /// Takes note of what the calls of a connection have used.
    pub(super) fn spent(&mut self, connection: &Connection) {
        let usage = connection.client.usage();
        (self.points, self.calls) = (usage.spent, usage.requests);
    }

    /// Adds what became of a customer; what was used is told by the calls of all.
    pub(super) fn take(&mut self, customer: Self) {
        self.rows += customer.rows;
        self.inserted += customer.inserted;
        self.changed += customer.changed;
        self.gone += customer.gone;
        self.windows += customer.windows;
        let account = &customer.account;
        self.holes.extend(customer.holes.iter().map(|hole| format!("{account}: {hole}")));
        self.customers.push(customer);
    }

    pub(super) fn add(&mut self, read: &Read) {
        self.rows += read.rows;
        self.holes.extend_from_slice(&read.holes);
        for put in &read.put {
            self.windows += put.windows.len() as u64;
            self.inserted += put.windows.iter().map(|window| window.inserted).sum::<u64>();
            self.changed += put.windows.iter().map(|window| window.changed).sum::<u64>();
            self.gone += put.gone.len() as u64;
        }
    }
}

/// Up to when a place is complete.
#[derive(Debug, Serialize)]
pub(super) struct PlaceState {
    pub(super) place: String,
    pub(super) complete_until: Option<String>,
    /// Stretches that no window covers.
    gaps: usize,
    /// Windows that are read again by the next run.
    open: usize,
}

impl PlaceState {
    pub(super) fn read(place: &Shared, account: &str) -> Result<Self, Failure> {
        let mut place = place.lock();
        let ledger = place.ledger(account)?;
        Ok(Self {
            place: place.address().to_owned(),
            complete_until: ledger.complete_until().map(|until| wall_time::format(until).to_string()),
            gaps: ledger.gaps().len(),
            open: ledger.windows().iter().filter(|window| window.status == WindowStatus::Open).count(),
        })
    }
}

pub(super) fn fill(mut file: AtomicFile, text: &[u8]) -> Result<(), Failure> {
    file.fill(text)?;
    Ok(file.commit()?)
}

pub(super) fn json(synced: &Synced) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec(synced)
        .map_err(|error| Failure::new(Exit::Bug, format!("the summary is not JSON: {error}")))?;
    text.push(b'\n');
    Ok(text)
}

/// The text format of Prometheus. Names are a contract.
pub(super) fn prometheus(synced: &Synced, now: DateTime<Utc>) -> String {
    let account = synced.account.replace(['"', '\\', '\n'], "_");
    let mut text = String::new();
    let figures: [(&str, &str, u64); 7] = [
        ("legs", "Legs that the last run read", synced.rows),
        ("inserted", "Legs that were new to the first place", synced.inserted),
        ("changed", "Legs that the first place had otherwise", synced.changed),
        ("points", "Points that the last run spent", synced.points.into()),
        ("holes", "Windows that the server did not give whole", synced.holes.len() as u64),
        ("exit_code", "How the last run ended; 0 is complete", synced.exit.into()),
        ("run_timestamp_seconds", "When the last run began", now.timestamp().unsigned_abs()),
    ];
    for (name, help, value) in figures {
        // Writing to a string does not fail.
        let _infallible = write!(
            text,
            "# HELP calllegs_sync_{name} {help}\n# TYPE calllegs_sync_{name} gauge\n\
             calllegs_sync_{name}{{account=\"{account}\"}} {value}\n"
        );
    }
    text
}
