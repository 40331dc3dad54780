//! The result of a run as JSON, for the program that started it. Its keys are a contract.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::{self, Read},
    path::Path,
};

use calllegs_core::value::wall_time;
use calllegs_store::AtomicFile;
use ring::digest::{Context, SHA256};
use serde::Serialize;

use crate::{
    failure::{Exit, Failure},
    lang::say,
    ui::{log::Told, outcome::Outcome},
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
    account: Option<&'a str>,
    /// What was read, on the clock of this zone.
    period: Option<PeriodRead>,
    /// The file, where it is complete.
    files: Vec<FileWritten>,
    error: Option<Told>,
    /// Legs without a row of a listing that is joined to them, by its method; those of this run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    without: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct PeriodRead {
    from: String,
    till: String,
    zone: String,
}

/// A file as others find it again.
#[derive(Serialize)]
struct FileWritten {
    path: String,
    bytes: u64,
    sha256: String,
}

impl FileWritten {
    fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut digest, mut buffer, mut bytes) = (Context::new(&SHA256), vec![0; 1 << 16], 0);
        loop {
            let read = file.read(&mut buffer)?;
            let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
            digest.update(part);
            bytes += part.len() as u64;
        }
        let digest = digest.finish();
        let sha256 = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            // Writing to a string does not fail.
            let _infallible = write!(text, "{byte:02x}");
            text
        });
        Ok(Self { path: path.display().to_string(), bytes, sha256 })
    }
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

    /// Writes it: how the run ended, and where its rows are.
    pub(crate) fn write(
        mut self,
        outcome: &Outcome,
        file: Option<&Path>,
        ended: Result<(), &Failure>,
    ) -> Result<(), Failure> {
        self.0.fill(&text(outcome, file, ended)?)?;
        Ok(self.0.commit()?)
    }
}

/// The result as a line of JSON.
pub(crate) fn text(
    outcome: &Outcome,
    file: Option<&Path>,
    ended: Result<(), &Failure>,
) -> Result<Vec<u8>, Failure> {
    let exit = ended.err().map_or(Exit::Done, |failure| failure.exit);
    let file = file.filter(|path| ended.is_ok() && path.is_file());
    let files = file.map(FileWritten::of).transpose().map_err(|error| {
        Failure::new(Exit::Destination, say!("cannot read the file back: {error}", error))
            .because(say!("a summary has a digest of it"))
            .next(say!("run it without --summary-file"))
    })?;
    let period = outcome.period.as_ref().map(|(period, zone)| PeriodRead {
        from: wall_time::format(period.from()).to_string(),
        till: wall_time::format(period.till()).to_string(),
        zone: zone.clone(),
    });
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
        account: outcome.account.as_deref(),
        period,
        files: files.into_iter().collect(),
        error: ended.err().map(Told::of),
        without: outcome.without.counts().collect(),
    };
    let mut text = serde_json::to_vec(&summary)
        .map_err(|error| Failure::new(Exit::Bug, say!("the summary is not JSON: {error}", error)))?;
    text.push(b'\n');
    Ok(text)
}
