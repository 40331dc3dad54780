//! What a stopped run leaves beside its rows, and how the same command goes on from there.
//!
//! `FILE.part` holds the rows so far, `FILE.resume` a line per page: how many and how long the rows were, and the
//! checkpoint of the sweep behind them. A run only ever adds lines, so one that is killed in the middle of anything leaves a line that
//! fits what reached the disk; the next one cuts off what follows that line. Not here: what a checkpoint means (core),
//! how rows are written and
//! which of them are still there (`destination`).

use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use calllegs_core::{Period, sweep::Checkpoint, value::wall_time};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    dates::{Clock, Range},
    destination::Mark,
    exit::{Exit, Failure},
    part::beside,
};

/// The first line: which run it was.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    /// Fingerprint of everything that decides what the rows are, apart from the period.
    request: String,
    /// Unix seconds: what "now" meant.
    begun: i64,
    from: String,
    till: String,
}

/// One line per page.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Length of a text, before it is packed.
    pub(crate) bytes: u64,
    /// Rows that were written.
    pub(crate) rows: u64,
    /// Rows that the server has up to here.
    expected: u64,
    pub(crate) checkpoint: Checkpoint,
}

/// What an earlier run left to go on from.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) period: Period,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) expected: u64,
    /// Where the lines end that say so.
    end: u64,
}

/// `FILE.resume`, open for more lines.
#[derive(Debug)]
pub(crate) struct ResumeFile {
    file: File,
    path: PathBuf,
    /// Whether it has a line to go on from.
    goes_on: bool,
}

/// Version of the form; a run of another version starts anew.
const VERSION: u32 = 2;

/// How long a run up to "now" may have been stopped and still be gone on with: then its period ends a little earlier
/// than it would today.
const FRESH: TimeDelta = TimeDelta::days(1);

/// The name beside the target.
fn path_of(target: &Path) -> PathBuf {
    beside(target, ".resume")
}

/// What a run of the same request left beside the target: the last line whose rows are still there.
pub(crate) fn find(
    target: &Path,
    request: &str,
    (range, period): (Range, Period),
    clock: &Clock,
    fits: &mut dyn FnMut(&Line) -> bool,
) -> Option<Kept> {
    let text = fs::read(path_of(target)).ok()?;
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let header = lines.next()?;
    let mut end = header.len() as u64;
    let header: Header = serde_json::from_slice(header).ok()?;
    let time = |text: &str| wall_time::parse(text);
    let kept = Period::new(time(&header.from)?, time(&header.till)?).ok()?;
    if header.version != VERSION
        || header.request != request
        || !is_meant(range, period, kept, &header, clock)
    {
        return None;
    }
    let mut last = None;
    for text in lines {
        let Ok(line) = serde_json::from_slice::<Line>(text) else { break };
        end += text.len() as u64;
        if fits(&line) {
            last = Some((line, end));
        }
    }
    let (Line { bytes, rows, expected, checkpoint }, end) = last?;
    Some(Kept { period: kept, checkpoint, bytes, rows, expected, end })
}

/// Whether the kept period is what the same words mean now. A period that ends now ended a little earlier then.
fn is_meant(range: Range, period: Period, kept: Period, header: &Header, clock: &Clock) -> bool {
    if period == kept {
        return true;
    }
    let Some(begun) = DateTime::<Utc>::from_timestamp(header.begun, 0) else { return false };
    let passed = clock.now - begun;
    let then = range.resolve(&Clock { now: begun, zone: clock.zone });
    let meant_it_then = then.is_ok_and(|then| then.period == kept);
    let moves_with_the_clock = period.till() - kept.till() == passed;
    meant_it_then && moves_with_the_clock && TimeDelta::zero() <= passed && passed < FRESH
}

impl ResumeFile {
    /// Begins a record for a new run, or goes on with the one that is there.
    pub(crate) fn open(
        target: &Path,
        request: &str,
        period: Period,
        clock: &Clock,
        kept: Option<&Kept>,
    ) -> Result<Self, Failure> {
        let path = path_of(target);
        let mut options = OpenOptions::new();
        // The ids of legs and the period are nobody else's business.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // What follows the last good line is of rows that are written anew.
        let end = kept.map_or(0, |kept| kept.end);
        let opened = options.write(true).create(true).truncate(false).open(&path).and_then(|mut file| {
            file.set_len(end)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        });
        let file = opened.map_err(|error| Failure::writing(&path.display().to_string(), &error))?;
        let mut record = Self { file, path, goes_on: kept.is_some() };
        if kept.is_none() {
            let text = |time| wall_time::format(time).to_string();
            record.add(&Header {
                version: VERSION,
                request: request.to_owned(),
                begun: clock.now.timestamp(),
                from: text(period.from()),
                till: text(period.till()),
            })?;
        }
        Ok(record)
    }

    /// Adds a line.
    pub(crate) fn keep(&mut self, mark: Mark, bytes: u64) -> Result<(), Failure> {
        let Mark { checkpoint, rows, expected } = mark;
        self.add(&Line { bytes, rows, expected, checkpoint })?;
        self.goes_on = true;
        Ok(())
    }

    /// Whether a later run can go on from it.
    pub(crate) const fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// The file is complete, or nothing of it is left.
    pub(crate) fn discard(self) {
        let _best_effort = fs::remove_file(&self.path);
    }

    fn add(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_vec(line)
            .map_err(|error| Failure::new(Exit::Bug, format!("the checkpoint is not JSON: {error}")))?;
        text.push(b'\n');
        let written = self.file.write_all(&text);
        written.map_err(|error| Failure::writing(&self.path.display().to_string(), &error))
    }
}

/// The command that goes on, as the user typed it. Conditions can name people, so they are not repeated.
pub(crate) fn command() -> String {
    let words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let tells = |word: &String| ["--where", "--session", "--leg"].iter().any(|flag| word.starts_with(flag));
    if words.iter().any(tells) {
        return "the same command".to_owned();
    }
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,%+@".contains(c);
    let quoted = words.iter().map(|word| {
        let is_plain = !word.is_empty() && word.chars().all(plain);
        if is_plain { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
