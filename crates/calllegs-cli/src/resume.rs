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

use calllegs_arrow::{files::beside, origin::Origin};
use calllegs_core::{Period, sweep::Checkpoint, value::wall_time};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    dates::{Clock, Range},
    destination::Mark,
    exit::{Exit, Failure},
    part::first_bytes,
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
    /// The ids of the last of them, those that no line before has; each but the first less the one before, which is short.
    ids: Vec<i64>,
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
    /// What "now" meant.
    pub(crate) begun: DateTime<Utc>,
    /// Where the lines end that say so.
    end: u64,
}

/// `FILE.resume`, open for more lines.
#[derive(Debug)]
pub(crate) struct ResumeFile {
    file: File,
    path: PathBuf,
}

/// Version of the form, and of the fingerprint; a run of another version starts anew and says so.
const VERSION: u32 = 4;

/// How long after its start a run up to "now" is continued: its period then ends a little earlier than it would today.
const FRESH: TimeDelta = TimeDelta::days(1);

/// The name beside the target.
fn path_of(target: &Path) -> PathBuf {
    beside(target, ".resume")
}

/// What is asked for, and what decides whether an earlier run asked for the same.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Fingerprint of everything that decides what the rows are, apart from the period.
    pub(crate) request: String,
    pub(crate) range: Range,
    /// What it is to be, with the period that the range means now.
    pub(crate) origin: Origin,
    pub(crate) clock: Clock,
}

/// What a run of the same request left beside the target: the last line whose rows are still there.
///
/// # Errors
/// When rows that were paid for are there and cannot be used: how many they were, and why.
pub(crate) fn find(
    target: &Path,
    asked: &Asked,
    fits: &mut dyn FnMut(&Line) -> bool,
) -> Result<Option<Kept>, Unusable> {
    let Ok(text) = fs::read(path_of(target)) else { return Ok(None) };
    let unusable = |why| match rows_said(&text) {
        0 => Ok(None),
        rows => Err(Unusable { rows, why }),
    };
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let Some(first) = lines.next() else { return Ok(None) };
    match serde_json::from_slice(first) {
        Ok(Version { version: VERSION }) => {}
        Ok(_) => return unusable("another version of calllegs wrote them"),
        Err(_) => return unusable(DAMAGED),
    }
    let Ok(header) = serde_json::from_slice::<Header>(first) else { return unusable(DAMAGED) };
    let time = |text: &str| wall_time::parse(text).ok();
    let kept =
        time(&header.from).zip(time(&header.till)).and_then(|(from, till)| Period::new(from, till).ok());
    let Some(period) = kept else { return unusable(DAMAGED) };
    if header.request != asked.request || !is_meant(asked, period, &header) {
        return unusable("they are of another request or period");
    }
    let mut end = first.len() as u64;
    let mut last: Option<(Line, u64)> = None;
    let mut ids = Vec::new();
    for text in lines {
        let Ok(line) = serde_json::from_slice::<Line>(text) else { break };
        if add_ids(line.expected, &line.ids, &mut ids).is_none() {
            break;
        }
        end += text.len() as u64;
        // A run that goes on in the middle of a date first notes the midnight before it.
        if last.as_ref().is_none_or(|(last, _)| last.rows <= line.rows) && fits(&line) {
            last = Some((line, end));
        }
    }
    let Some((Line { bytes, rows, expected, checkpoint, .. }, end)) = last else { return unusable(DAMAGED) };
    let Some(begun) = DateTime::from_timestamp(header.begun, 0) else { return unusable(DAMAGED) };
    // Lines behind that one go on at it, or later.
    ids.truncate(usize::try_from(expected).unwrap_or(usize::MAX));
    let checkpoint = checkpoint.with_given(ids);
    Ok(Some(Kept { period, checkpoint, bytes, rows, expected, begun, end }))
}

/// Adds the ids of a line to those of the lines before, from where it goes on behind them. `None` when some are missing.
fn add_ids(expected: u64, ids: &[i64], all: &mut Vec<i64>) -> Option<()> {
    let expected = usize::try_from(expected).ok()?;
    if !ids.is_empty() {
        let behind = expected.checked_sub(ids.len()).filter(|behind| *behind <= all.len())?;
        all.truncate(behind);
        all.extend(ids.iter().scan(0_i64, |id, less| {
            *id = id.wrapping_add(*less);
            Some(*id)
        }));
    }
    (all.len() >= expected).then_some(())
}

/// The request of a run that goes on: what "now" meant when it began.
pub(crate) fn origin_of(asked: &Asked, kept: Option<&Kept>) -> Origin {
    let mut origin = asked.origin.clone();
    if let Some(kept) = kept {
        origin.period = kept.period;
        origin.until = Some(asked.clock.zone.wall(kept.begun)).filter(|begun| *begun < kept.period.till());
    }
    origin
}

/// Rows that were paid for and are of no use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) rows: u64,
    pub(crate) why: &'static str,
}

const DAMAGED: &str = "they or their record are damaged";

/// What the first line of every version says.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The rows that the last whole line of a record speaks of, whatever version wrote it.
fn rows_said(text: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Rows {
        rows: u64,
    }
    let mut lines = text.split(|byte| *byte == b'\n').rev();
    lines.find_map(|line| serde_json::from_slice::<Rows>(line).ok()).map_or(0, |line| line.rows)
}

/// Whether the kept period is what the same words mean now. A period that ends now ended a little earlier then.
fn is_meant(asked: &Asked, kept: Period, header: &Header) -> bool {
    let Asked { range, origin, clock, .. } = asked;
    let period = origin.period;
    if period == kept {
        return true;
    }
    let Some(begun) = DateTime::<Utc>::from_timestamp(header.begun, 0) else { return false };
    let passed = clock.now - begun;
    let then = range.resolve(&Clock { now: begun, ..clock.clone() });
    let meant_it_then = then.is_ok_and(|then| then.period == kept);
    let moves_with_the_clock = period.till() - kept.till() == passed;
    meant_it_then && moves_with_the_clock && TimeDelta::zero() <= passed && passed < FRESH
}

/// Refuses what stands where a run keeps its rows and their record, and is of no earlier run: another program's file, or a
/// link that would be written through.
pub(crate) fn check_leftovers(target: &Path, is_ours: impl Fn(&Path) -> bool) -> Result<(), Failure> {
    let record = path_of(target);
    // It may have been cut off at its beginning.
    let is_record = first_bytes(&record).is_ok_and(|first| first.is_empty() || first.starts_with(BEGINS));
    for path in [record, beside(target, ".part")] {
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        let is_empty = match found.file_type() {
            kind if kind.is_dir() => fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none()),
            kind => kind.is_file() && found.len() == 0,
        };
        let is_plain = found.is_file() || found.is_dir();
        if !is_plain || !(is_empty || is_record || is_ours(&path)) {
            return Err(Failure::new(Exit::Destination, format!("{} is not of this tool", path.display()))
                .because("rows and a record of them are kept there until all have come, and it would be lost")
                .next("move it away, or choose another name with -o; nothing was spent"));
        }
    }
    Ok(())
}

/// What every record begins with.
const BEGINS: &[u8] = b"{\"v";

impl ResumeFile {
    /// Begins a record for a new run, or goes on with the one that is there.
    pub(crate) fn open(target: &Path, asked: &Asked, kept: Option<&Kept>) -> Result<Self, Failure> {
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
        let mut record = Self { file, path };
        if kept.is_none() {
            let text = |time| wall_time::format(time).to_string();
            record.add(&Header {
                version: VERSION,
                request: asked.request.clone(),
                begun: asked.clock.now.timestamp(),
                from: text(asked.origin.period.from()),
                till: text(asked.origin.period.till()),
            })?;
        }
        Ok(record)
    }

    /// Adds a line.
    pub(crate) fn keep(&mut self, mark: Mark, bytes: u64) -> Result<(), Failure> {
        let Mark { checkpoint, rows, expected, ids } = mark;
        let mut before = 0_i64;
        let less = |id: i64| id.wrapping_sub(std::mem::replace(&mut before, id));
        let ids = ids.into_iter().map(less).collect();
        self.add(&Line { bytes, rows, expected, ids, checkpoint })
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
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,%+@".contains(c);
    let is_plain = !word.is_empty() && word.chars().all(plain);
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_rows_that_a_line_speaks_of() {
        let line = |expected, ids: &[i64]| format!(r#"{{"expected":{expected},"ids":{ids:?}}}"#);
        #[derive(Deserialize)]
        struct Ids {
            expected: u64,
            ids: Vec<i64>,
        }
        let add = |text: &str, all: &mut Vec<i64>| {
            let Ids { expected, ids } = serde_json::from_str(text).unwrap();
            add_ids(expected, &ids, all)
        };
        let mut all = Vec::new();
        // A stop behind three rows; the next run goes on there, and notes the midnight behind the first of them.
        assert!(add(&line(3, &[10, 1, -4]), &mut all).is_some());
        assert!(add(&line(1, &[]), &mut all).is_some());
        assert_eq!(all, [10, 11, 7]);
        let mut on = all.clone();
        assert!(add(&line(5, &[20, 1]), &mut on).is_some());
        assert_eq!(on, [10, 11, 7, 20, 21]);
        // Or a run that goes on at midnight.
        assert!(add(&line(2, &[30]), &mut all).is_some());
        assert_eq!(all, [10, 30]);
        // Some are missing.
        assert!(add(&line(4, &[40]), &mut all).is_none());
        assert!(add(&line(1, &[1, 1]), &mut all).is_none());
    }
}
