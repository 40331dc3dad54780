//! What became of a sync, for programs: JSON, and figures for Prometheus. Not here: what is said to people.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use calllegs_arrow::Zone;
use calllegs_core::{limits::QuotaWindow, schema::MethodInfo, value::wall_time};
use calllegs_store::{
    AtomicFile, Ledger, ledger::WindowStatus, listings::ListingCounts, warehouse::Counts, windows::Shared,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::reading::Read;
use crate::{
    account::connect::Connection,
    cli::SyncArgs,
    failure::{Exit, Failure},
    lang::say,
    ui::{echo::safe, log::Facts},
};

/// What every summary of a sync begins with.
const SUMMARY_BEGINS: &str = "{\"accou";

/// What every file of figures begins with.
const METRICS_BEGIN: &str = "# HELP c";

/// Files that tell how a run ended, whatever ended it.
#[derive(Debug)]
pub(super) struct Reports {
    summary: Option<AtomicFile>,
    metrics: Option<AtomicFile>,
    /// Whose figures are there so far: who watches them hears of a run that ends before it knows its account.
    earlier: Option<String>,
}

impl Reports {
    /// Opens them before anything else is done. Where one cannot be used, the other tells of that.
    pub(super) fn open(args: &SyncArgs) -> (Self, Result<(), Failure>) {
        let mut opened = Ok(());
        let mut file = |path: Option<&Path>, words, begins: &'static str| {
            let ours = move |first: &[u8]| first.starts_with(begins.as_bytes());
            let file = path.map(|path| AtomicFile::create_over(path, words, ours)).transpose();
            file.unwrap_or_else(|error| {
                opened = Err(Failure::from(error).unspent());
                None
            })
        };
        let path = args.metrics_file.as_deref();
        let metrics = file(path, ("--metrics-file", "file of figures"), METRICS_BEGIN);
        let summary = file(args.summary_file.as_deref(), ("--summary-file", "summary"), SUMMARY_BEGINS);
        let earlier =
            path.filter(|_| metrics.is_some()).and_then(|path| account_of(&fs::read_to_string(path).ok()?));
        (Self { summary, metrics, earlier }, opened)
    }

    pub(super) fn write(self, synced: &Synced, now: DateTime<Utc>) -> Result<(), Failure> {
        let Self { summary, metrics, earlier } = self;
        let fill = |file: Option<AtomicFile>, text: &[u8]| -> Result<(), Failure> {
            let Some(mut file) = file else { return Ok(()) };
            file.fill(text)?;
            Ok(file.commit()?)
        };
        let summary = fill(summary, &json(synced)?);
        let metrics = fill(metrics, prometheus(synced, earlier.as_deref(), now).as_bytes());
        summary.and(metrics)
    }
}

/// Whose exit code a file of figures has.
fn account_of(figures: &str) -> Option<String> {
    let (_, behind) = figures.split_once("\ncalllegs_sync_exit_code{account=\"")?;
    behind.split_once('"').map(|(account, _)| account.to_owned())
}

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
    /// In what the legs are not as they are documented.
    #[serde(skip)]
    pub(super) drift: BTreeSet<String>,
    /// Points of the day that the server said were left.
    #[serde(skip)]
    day_remaining: Option<u32>,
    /// What was written into each place.
    #[serde(skip)]
    counts: Vec<Counts>,
    /// What runs that share the accounts have done, in words for people.
    #[serde(skip)]
    pub(super) shared: Option<String>,
    /// Another run has the account, or one of them: what became of it is not known here.
    #[serde(skip)]
    pub(super) leaves_some: bool,
    /// Other reports than legs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reports: Vec<ReportState>,
    /// Of a partner: what became of each customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customers: Vec<Self>,
}

impl Synced {
    pub(super) fn of(run_id: &str) -> Self {
        Self { run_id: run_id.to_owned(), ..Self::default() }
    }

    pub(super) fn end(&mut self, ended: &Result<(), Failure>) {
        // Neither drift nor a lack of legs makes what was read less than whole.
        let is_whole = |failure: &Failure| matches!(failure.exit, Exit::Differs | Exit::Empty);
        self.complete = ended.as_ref().err().is_none_or(is_whole) && !self.leaves_some;
        self.exit = ended.as_ref().map_or_else(|failure| failure.exit, |()| Exit::Done).code();
        self.error = ended.as_ref().err().map(|failure| safe(&failure.what));
    }

    /// The same, for a log.
    pub(super) fn facts(&self) -> Facts {
        Facts {
            account: Some(self.account.clone()).filter(|account| !account.is_empty()),
            rows: Some(self.all_rows()),
            changed: Some(self.changed),
            holes: Some(self.holes.len() as u64),
            points: Some(self.points),
            day_remaining: self.day_remaining,
            ..Facts::default()
        }
    }

    /// Adds what came of a report.
    pub(super) fn listed(&mut self, method: &MethodInfo, rows: u64, counts: ListingCounts) {
        let ListingCounts { inserted, changed, gone, .. } = counts;
        self.reports.push(ReportState { report: method.name.to_owned(), rows, inserted, changed, gone });
    }

    /// Rows of all reports, legs among them.
    pub(super) fn all_rows(&self) -> u64 {
        self.rows + self.reports.iter().map(|report| report.rows).sum::<u64>()
    }

    /// Of those, how many were new or otherwise.
    pub(super) fn all_written(&self) -> u64 {
        let of_reports = self.reports.iter().map(|report| report.inserted + report.changed);
        self.inserted + self.changed + of_reports.sum::<u64>()
    }

    /// Windows that were put.
    pub(super) const fn windows(&self) -> u64 {
        self.windows
    }

    /// Takes note of what the calls of a connection have used.
    pub(super) fn spent(&mut self, connection: &Connection) {
        let usage = connection.client.usage();
        (self.points, self.calls) = (usage.spent, usage.requests);
        self.day_remaining =
            usage.quota_state(QuotaWindow::Day).map(|state| state.remaining).or(self.day_remaining);
    }

    /// Adds what became of a customer; what was used is told by the calls of all.
    pub(super) fn take(&mut self, customer: Self) {
        self.rows += customer.rows;
        self.inserted += customer.inserted;
        self.changed += customer.changed;
        self.gone += customer.gone;
        self.windows += customer.windows;
        self.drift.extend(customer.drift.iter().cloned());
        let account = &customer.account;
        for report in &customer.reports {
            match self.reports.iter_mut().find(|known| known.report == report.report) {
                Some(known) => known.add(report),
                None => self.reports.push(report.clone()),
            }
        }
        self.holes.extend(customer.holes.iter().map(|hole| format!("{account}: {hole}")));
        self.customers.push(customer);
    }

    /// What was written into the place of this number.
    pub(super) fn counts(&self, place: usize) -> Counts {
        self.counts.get(place).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, read: &Read) {
        self.rows += read.rows;
        self.holes.extend_from_slice(&read.holes);
        self.drift.extend(read.drift.iter().cloned());
        for put in &read.put {
            self.counts.resize(put.places.len(), Counts::default());
            for (all, counts) in self.counts.iter_mut().zip(&put.places) {
                *all += *counts;
            }
            self.windows += put.windows.len() as u64;
            self.inserted += put.windows.iter().map(|window| window.inserted).sum::<u64>();
            self.changed += put.windows.iter().map(|window| window.changed).sum::<u64>();
            self.gone += put.gone.len() as u64;
        }
    }
}

/// What came of a report other than legs.
#[derive(Clone, Debug, Serialize)]
struct ReportState {
    report: String,
    rows: u64,
    /// Into the first place.
    inserted: u64,
    changed: u64,
    gone: u64,
}

impl ReportState {
    const fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.inserted += other.inserted;
        self.changed += other.changed;
        self.gone += other.gone;
    }
}

/// Up to when a place is complete.
#[derive(Debug, Serialize)]
pub(super) struct PlaceState {
    pub(super) place: String,
    complete_until: Option<String>,
    /// The stretches that are complete, in the order of time.
    complete: Vec<(String, String)>,
    /// The same for people.
    #[serde(skip)]
    pub(super) told: String,
    /// Legs that this run has brought it, and those that it had otherwise.
    pub(super) inserted: u64,
    pub(super) changed: u64,
    /// Stretches that no window covers.
    gaps: usize,
    /// Windows that are read again by the next run.
    open: usize,
    /// Windows that are counted by it, because a run was stopped.
    pub(super) unverified: usize,
}

impl PlaceState {
    pub(super) fn read(place: &Shared, account: &str, zone: &Zone, counts: Counts) -> Result<Self, Failure> {
        let mut place = place.lock();
        let ledger = place.ledger(account)?;
        let count = |status| ledger.windows().iter().filter(|window| window.status == status).count();
        Ok(Self {
            place: place.address().to_owned(),
            complete_until: ledger.complete_until().map(|until| wall_time::format(until).to_string()),
            complete: stretches(&ledger),
            told: complete_in_words(&ledger, zone),
            inserted: counts.inserted,
            changed: counts.changed,
            gaps: ledger.gaps().len(),
            open: count(WindowStatus::Open),
            unverified: count(WindowStatus::Unverified),
        })
    }
}

/// The stretches of a ledger that are complete.
pub(crate) fn stretches(ledger: &Ledger) -> Vec<(String, String)> {
    let time = |time| wall_time::format(time).to_string();
    ledger.complete().iter().map(|stretch| (time(stretch.from()), time(stretch.till()))).collect()
}

/// Up to when a ledger is complete; where it is only later, since when, and what lies before that.
fn complete_in_words(ledger: &Ledger, zone: &Zone) -> String {
    let stretches = stretches(ledger);
    let Some((from, till)) = stretches.last() else { return say!("nothing is complete yet").to_owned() };
    let gaps = ledger.gaps();
    let gap = gaps.first().map(|gap| {
        let (from, till) = (wall_time::format(gap.from()), wall_time::format(gap.till()));
        say!("; a gap from {from} until {till}", from, till)
    });
    let gap = gap.unwrap_or_default();
    match ledger.complete_until() {
        Some(until) if stretches.len() == 1 => {
            say!("complete until {until} {zone}", until = wall_time::format(until), zone)
        }
        Some(until) => say!(
            "complete until {until} {zone}, and again {from} … {till}{gap}",
            until = wall_time::format(until),
            zone,
            from,
            till,
            gap
        ),
        None => say!("complete {from} … {till} {zone}, not yet before that{gap}", from, till, zone, gap),
    }
}

fn json(synced: &Synced) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec(synced)
        .map_err(|error| Failure::new(Exit::Bug, say!("the summary is not JSON: {error}", error)))?;
    text.push(b'\n');
    Ok(text)
}

/// The text format of Prometheus. Names are a contract, and so is that a run which ends before its account is known has
/// figures without a label, and the exit code and the time also for the account of the file before.
fn prometheus(synced: &Synced, earlier: Option<&str>, now: DateTime<Utc>) -> String {
    let label = |account: &str| match account.replace(['"', '\\', '\n'], "_") {
        account if account.is_empty() => String::new(),
        account => format!("{{account=\"{account}\"}}"),
    };
    let account = label(&synced.account);
    let earlier = earlier.filter(|_| account.is_empty()).map(label);
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
             calllegs_sync_{name}{account} {value}\n"
        );
        if let Some(earlier) =
            earlier.as_ref().filter(|_| ["exit_code", "run_timestamp_seconds"].contains(&name))
        {
            let _infallible = writeln!(text, "calllegs_sync_{name}{earlier} {value}");
        }
    }
    text
}
