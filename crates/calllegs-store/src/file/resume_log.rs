//! What a stopped run leaves beside its rows, and how the same request goes on from there.
//!
//! `NAME.part` holds the rows so far, and `NAME.resume` a line per page: how many rows there were, how long they were and
//! their checksum, the ids of those that were given, the checkpoint of the sweep behind them, and a digest of the line. A
//! run only adds lines. So one that is killed at any moment leaves a line that fits what reached the disk, and the next run
//! cuts off what follows that line; what is damaged fits no line. Not here: what a checkpoint means (core), and which rows are still there (the destination).

use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use calllegs_arrow::files::beside;
use calllegs_core::{Period, sweep::Checkpoint, value::wall_time};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{atomic::first_bytes, compress::Mark};
use crate::{
    destination::{Earlier, Paused, Request, ResumePoint, ResumeState, Unusable},
    digest::digest,
    error::{Error, ErrorKind},
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
    /// For the message to a request that would throw its rows away. Records of before have none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draft: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<Box<str>>,
}

impl Header {
    /// The period that it reads, and what "now" meant.
    fn period(&self) -> Option<(Period, DateTime<Utc>)> {
        let time = |text: &str| wall_time::parse(text).ok();
        let period = Period::new(time(&self.from)?, time(&self.till)?).ok()?;
        Some((period, DateTime::from_timestamp(self.begun, 0)?))
    }
}

/// One line per page.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResumeRecord {
    /// Length of the file, before it is compressed.
    bytes: u64,
    /// Checksum of as many bytes; of a folder, that of its finished files.
    sum: u64,
    /// Rows that were written.
    pub(crate) rows: u64,
    /// Rows that the sweep gave up to here.
    given: u64,
    /// The ids of the last of them, those that no line before has; each but the first less the one before, which is short.
    ids: Vec<i64>,
    pub(crate) checkpoint: Checkpoint,
}

impl ResumeRecord {
    pub(crate) const fn mark(&self) -> Mark {
        Mark { bytes: self.bytes, sum: self.sum }
    }
}

/// `NAME.resume`, open for more lines.
#[derive(Debug)]
pub(crate) struct ResumeLog {
    file: File,
    path: PathBuf,
}

/// Version of the record, and of the fingerprint; a run of another version starts anew and says so.
const VERSION: u32 = 5;

/// The name beside the target.
fn path_of(target: &Path) -> PathBuf {
    beside(target, ".resume")
}

/// What an earlier run left, and where the lines end that say so.
#[derive(Clone, Debug)]
pub(crate) struct Resumable {
    pub(crate) state: ResumeState,
    /// Length of the file, before it is compressed.
    pub(crate) bytes: u64,
    end: u64,
}

/// What an earlier run left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leftovers {
    pub(crate) kept: Option<Resumable>,
    /// Rows that were paid for are there and cannot be used.
    pub(crate) unusable: Option<Unusable>,
    /// Rows of another request, which can go on with them.
    pub(crate) paused: Option<Paused>,
}

impl Leftovers {
    /// Without the rows of another request, if they may go.
    ///
    /// # Errors
    /// Of kind [`Conflict`](ErrorKind::Conflict) when they may not.
    pub(crate) fn discarding(mut self, replaces: bool) -> Result<Self, Error> {
        match self.paused.take() {
            None => Ok(self),
            Some(paused) if replaces => {
                let why = "they are of another request, and the place was to be replaced";
                self.unusable = Some(Unusable { rows: Some(paused.rows), why });
                Ok(self)
            }
            Some(paused) => Err(another(&paused)),
        }
    }
}

/// A request whose rows would take the place of those of another one.
fn another(paused: &Paused) -> Error {
    let Paused { place, rows, command, .. } = paused;
    let legs = if *rows == 1 { "leg" } else { "legs" };
    let next = match command {
        Some(command) => format!("finish it: {command}; or {WAYS}"),
        None => format!("finish it with its own command; or {WAYS}"),
    };
    Error::new(
        ErrorKind::Conflict,
        format!("{} holds {rows} {legs} of another request, which was stopped", place.display()),
    )
    .because("they are paid for, and this request cannot go on behind them")
    .next(next)
}

/// The run that was stopped, as its record says it; `None` when it is of no use to any request.
pub(crate) fn paused(target: &Path) -> Option<Paused> {
    let text = fs::read(path_of(target)).ok()?;
    let first = text.split_inclusive(|byte| *byte == b'\n').next()?;
    let Version { version: VERSION } = serde_json::from_slice(said(first)).ok()? else { return None };
    let header: Header = checked(first).and_then(|text| serde_json::from_slice(text).ok())?;
    paused_as(target, &header, &text)
}

fn paused_as(target: &Path, header: &Header, record: &[u8]) -> Option<Paused> {
    let (period, begun) = header.period()?;
    let Header { zone, draft, command, .. } = header;
    let (zone, draft, command) = (zone.clone(), draft.clone(), command.clone());
    let rows = Some(rows_said(record)).filter(|rows| *rows > 0)?;
    Some(Paused { place: beside(target, ".part"), rows, period, begun, zone, draft, command })
}

/// What a run left beside the target: the last line whose rows are still there, if it was of the same request.
pub(crate) fn find(
    target: &Path,
    request: &Request,
    holds_rows: &dyn Fn() -> bool,
    fits: &mut dyn FnMut(&ResumeRecord) -> bool,
) -> Leftovers {
    let text = fs::read(path_of(target)).unwrap_or_default();
    let unusable = |why| {
        let rows = Some(rows_said(&text)).filter(|rows| *rows > 0);
        let is_lost = rows.is_some() || holds_rows();
        Leftovers { unusable: is_lost.then_some(Unusable { rows, why }), ..Leftovers::default() }
    };
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next() else { return unusable(MISSING) };
    match serde_json::from_slice(said(first)) {
        Ok(Version { version: VERSION }) => {}
        Ok(_) => return unusable("another version of calllegs wrote them"),
        Err(_) => return unusable(DAMAGED),
    }
    let header = checked(first).and_then(|text| serde_json::from_slice::<Header>(text).ok());
    let Some((header, (period, begun))) =
        header.and_then(|header| header.period().map(|read| (header, read)))
    else {
        return unusable(DAMAGED);
    };
    let earlier =
        if header.request == request.fingerprint { request.earlier(period, begun) } else { Earlier::Another };
    match earlier {
        Earlier::Same => {}
        Earlier::Outdated => return unusable("the command means another period by now"),
        Earlier::Another => {
            return Leftovers { paused: paused_as(target, &header, &text), ..Leftovers::default() };
        }
    }
    let mut end = first.len() as u64;
    let mut last: Option<(ResumeRecord, u64)> = None;
    let mut ids = Vec::new();
    let mut is_damaged = false;
    for text in lines {
        let record = checked(text).and_then(|text| serde_json::from_slice::<ResumeRecord>(text).ok());
        let Some(record) = record.filter(|record| add_ids(record.given, &record.ids, &mut ids).is_some())
        else {
            is_damaged = true;
            break;
        };
        end += text.len() as u64;
        // A run that goes on in the middle of a date first notes the midnight before it.
        let before = last.as_ref().map_or(0, |(last, _)| last.rows);
        if before <= record.rows && fits(&record) {
            (last, is_damaged) = (Some((record, end)), false);
        } else {
            is_damaged |= before < record.rows;
        }
    }
    let Some((ResumeRecord { bytes, rows, given, checkpoint, .. }, end)) = last else {
        return unusable(DAMAGED);
    };
    // Lines behind that one go on at it, or later.
    ids.truncate(usize::try_from(given).unwrap_or(usize::MAX));
    let checkpoint = checkpoint.with_given(ids);
    let state = ResumeState { period, checkpoint, rows, given, begun };
    let missing = Some(rows_said(&text).saturating_sub(rows)).filter(|missing| *missing > 0);
    Leftovers {
        kept: Some(Resumable { state, bytes, end }),
        unusable: is_damaged.then_some(Unusable { rows: missing, why: DAMAGED }),
        paused: None,
    }
}

/// What a line says, without the digest behind it.
fn said(line: &[u8]) -> &[u8] {
    line.split(|byte| *byte == b'\t').next().unwrap_or(line)
}

/// What a line says, if its digest is right: a record that was changed would make rows of others, or none.
fn checked(line: &[u8]) -> Option<&[u8]> {
    let text = said(line);
    let digest = line.get(text.len() + 1..)?.strip_suffix(b"\n")?;
    (digest == digest_of(text).as_bytes()).then_some(text)
}

/// Short: it is no secret, and nobody forges it.
fn digest_of(text: &[u8]) -> String {
    let mut digest = digest(text);
    digest.truncate(16);
    digest
}

/// Adds the ids of a line to those of the lines before, from where it goes on behind them. `None` when some are missing.
fn add_ids(given: u64, ids: &[i64], all: &mut Vec<i64>) -> Option<()> {
    let given = usize::try_from(given).ok()?;
    if !ids.is_empty() {
        let behind = given.checked_sub(ids.len()).filter(|behind| *behind <= all.len())?;
        all.truncate(behind);
        all.extend(ids.iter().scan(0_i64, |id, less| {
            *id = id.wrapping_add(*less);
            Some(*id)
        }));
    }
    (all.len() >= given).then_some(())
}

/// Ways out of a refusal.
pub(crate) const WAYS: &str = "choose another name, or ask for what is there to be replaced";

const DAMAGED: &str = "they or their record are damaged, or did not all reach the disk";

const MISSING: &str = "their record is missing";

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
    lines.find_map(|line| serde_json::from_slice::<Rows>(said(line)).ok()).map_or(0, |line| line.rows)
}

/// Refuses what stands where a run keeps its rows, under names with these endings, and their record, and is of no earlier
/// run: another program's file, a file that cannot be read, or a link that would be written through.
pub(crate) fn check_leftovers(
    target: &Path,
    endings: &[&str],
    is_ours: impl Fn(&Path) -> bool,
) -> Result<(), Error> {
    let record = path_of(target);
    // It may have been cut off at its beginning.
    let is_record = first_bytes(&record).is_ok_and(|first| first.is_empty() || first.starts_with(BEGINS));
    let beside = endings.iter().map(|ending| beside(target, ending));
    for path in [record.clone()].into_iter().chain(beside) {
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        let kind = found.file_type();
        let is_empty = match kind {
            kind if kind.is_dir() => fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none()),
            kind => kind.is_file() && found.len() == 0,
        };
        let is_plain = kind.is_file() || kind.is_dir();
        if is_plain && (is_empty || is_record || is_ours(&path)) {
            continue;
        }
        let unreadable = if kind.is_file() { first_bytes(&path).err() } else { None };
        if let Some(error) = unreadable {
            return Err(Error::new(ErrorKind::Place, format!("cannot read {}: {error}", path.display()))
                .because("a run that was stopped may have left it, perhaps of another user, and its rows would be lost")
                .next("run the command as that user, move the file away, or choose another name"));
        }
        let what = match kind {
            kind if kind.is_symlink() => "is a link",
            kind if kind.is_dir() => "is a folder that this tool did not write",
            kind if !kind.is_file() => "is not a file",
            _ if path == record => "is no record of this tool, or its first line is damaged",
            _ => "was not written by this tool",
        };
        return Err(Error::new(ErrorKind::Place, format!("{} {what}", path.display()))
            .because("under this name a run keeps what it has until all of it is there, and what is there would be lost")
            .next("move it away, or choose another name"));
    }
    Ok(())
}

/// What every record begins with.
const BEGINS: &[u8] = b"{\"v";

impl ResumeLog {
    /// Begins a record for a new run, or goes on with the one that is there.
    pub(crate) fn open(target: &Path, request: &Request, kept: Option<&Resumable>) -> Result<Self, Error> {
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
        let file = opened.map_err(|error| Error::writing(path.display(), &error))?;
        let mut record = Self { file, path };
        if kept.is_none() {
            let text = |time| wall_time::format(time).to_string();
            record.add(&Header {
                version: VERSION,
                request: request.fingerprint.clone(),
                begun: request.now.timestamp(),
                from: text(request.origin.period.from()),
                till: text(request.origin.period.till()),
                zone: Some(request.zone.name().into()),
                draft: request.draft.clone(),
                command: request.command.clone(),
            })?;
        }
        Ok(record)
    }

    /// Adds a line.
    pub(crate) fn keep(&mut self, point: ResumePoint, mark: Mark) -> Result<(), Error> {
        let Mark { bytes, sum } = mark;
        let ResumePoint { checkpoint, rows, given, ids, points: _ } = point;
        let mut before = 0_i64;
        let less = |id: i64| id.wrapping_sub(std::mem::replace(&mut before, id));
        let ids = ids.into_iter().map(less).collect();
        self.add(&ResumeRecord { bytes, sum, rows, given, ids, checkpoint })
    }

    /// The file is complete, or nothing of it is left.
    pub(crate) fn discard(self) {
        let _best_effort = fs::remove_file(&self.path);
    }

    fn add(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line).map_err(|error| {
            Error::new(ErrorKind::Internal, format!("the checkpoint is not JSON: {error}"))
        })?;
        let digest = digest_of(&text);
        text.extend_from_slice(format!("\t{digest}\n").as_bytes());
        let written = self.file.write_all(&text);
        written.map_err(|error| Error::writing(self.path.display(), &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_changed_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.resume");
        let mut log = ResumeLog { file: File::create(&path).unwrap(), path: path.clone() };
        log.add(&serde_json::json!({"rows": 17, "at": "2026-10-12 00:00:00"})).unwrap();
        let line = fs::read(&path).unwrap();
        assert_eq!(checked(&line), Some(said(&line)));
        for place in 0..line.len() {
            let mut changed = line.clone();
            changed[place] ^= 1;
            assert_eq!(checked(&changed), None, "{place}");
        }
    }

    #[test]
    fn ids_are_those_of_the_rows_that_a_line_speaks_of() {
        let mut all = Vec::new();
        // A stop behind three rows; the next run goes on there, and notes the midnight behind the first of them.
        assert!(add_ids(3, &[10, 1, -4], &mut all).is_some());
        assert!(add_ids(1, &[], &mut all).is_some());
        assert_eq!(all, [10, 11, 7]);
        let mut on = all.clone();
        assert!(add_ids(5, &[20, 1], &mut on).is_some());
        assert_eq!(on, [10, 11, 7, 20, 21]);
        // Or a run that goes on at midnight.
        assert!(add_ids(2, &[30], &mut all).is_some());
        assert_eq!(all, [10, 30]);
        // Some are missing.
        assert!(add_ids(4, &[40], &mut all).is_none());
        assert!(add_ids(1, &[1, 1], &mut all).is_none());
    }
}
