//! The result of a run as JSON, for the program that started it. Its keys are a contract.

use std::path::Path;

use calllegs_core::value::wall_time;
use calllegs_store::AtomicFile;
use serde::Serialize;

use crate::{
    failure::{Exit, Failure},
    lang::say,
    ui::outcome::Outcome,
};

/// The members, in this order.
#[derive(Serialize)]
struct Summary<'a> {
    /// Legs that were written.
    rows: u64,
    /// Distinct legs that the server counts in the period; null while it is not counted whole.
    expected: Option<u64>,
    points: u32,
    calls: u64,
    windows: u64,
    duplicates: u64,
    /// Legs that start outside the window that listed them.
    strays: u64,
    /// Pages and windows that were asked again.
    rereads: u64,
    /// What is missing.
    holes: &'a [String],
    complete: bool,
    /// Where the period reaches beyond the moment of the run: that moment, on the account's wall clock. What begins
    /// later is not there, however complete the run is.
    until: Option<String>,
    exit: u8,
}

/// What every summary begins with.
const BEGINS: &str = "{\"rows\":";

/// A summary to be written when the run has ended, however it ends.
#[derive(Debug)]
pub(crate) struct SummaryFile(AtomicFile);

impl SummaryFile {
    /// Opens it, so that a bad place is known before anything is spent. It takes the place of an earlier summary, and of
    /// nothing else unless that is forced.
    pub(crate) fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        if force {
            return Ok(Self(AtomicFile::create(path)?));
        }
        let is_ours = |first: &[u8]| first.starts_with(BEGINS.as_bytes());
        Ok(Self(AtomicFile::create_over(path, ("--summary-file", "summary"), is_ours)?))
    }

    pub(crate) fn write(mut self, outcome: &Outcome, exit: Exit) -> Result<(), Failure> {
        let summary = Summary {
            rows: outcome.rows,
            expected: outcome.expected,
            points: outcome.points,
            calls: outcome.calls,
            windows: outcome.windows,
            duplicates: outcome.duplicates,
            strays: outcome.strays,
            rereads: outcome.rereads,
            holes: &outcome.holes,
            complete: outcome.complete,
            until: outcome.until.map(|until| wall_time::format(until).to_string()),
            exit: exit.code(),
        };
        let mut text = serde_json::to_vec(&summary)
            .map_err(|error| Failure::new(Exit::Bug, say!("the summary is not JSON: {error}", error)))?;
        text.push(b'\n');
        self.0.fill(&text)?;
        Ok(self.0.commit()?)
    }
}
