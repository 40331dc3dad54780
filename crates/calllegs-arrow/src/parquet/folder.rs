//! A folder of Parquet files by account and date: `DIR/account=uis%3A1103/date=2026-03-02/w-000000-235959.parquet`, by the
//! date of `start_time` on the account's wall clock. The name of a file is the window that it holds, and says where that
//! was not over: `w-000000-until-143000.parquet`.
//!
//! A run replaces what the same account, columns and conditions wrote of its dates, and the metadata of each file says what
//! that was. Anything else of these dates is a conflict.
//!
//! Files are written into `DIR.part` under names that no reader takes, and move when all of them are whole. Legs come in
//! the order of their start, so one file is open at a time; a leg that comes late gets a file of its own beside
//! (`…-1.parquet`), and one that starts outside the period goes to `outside-….parquet` of its date, where it replaces no
//! file of another period.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use arrow_array::RecordBatch;
use calllegs_core::{Period, value::wall_time};
use chrono::{DateTime, Days, NaiveDate, NaiveTime};

use super::{ParquetWriter, read_back, said, starts};
use crate::{
    checksum::{Checksum, Summed},
    files::{beside, of_folder, settle},
    origin::{Difference, Origin, Said},
    partition::{self, ACCOUNT, DATE},
    schema::Column,
};

/// What a file is called until it has its name.
const UNFINISHED: &str = "new";

/// What a finished file is called until all are.
const STAGED: &str = "part";

/// What names of files with legs from outside the period begin with.
const OUTSIDE: &str = "outside-";

/// Writes legs as a folder of Parquet files.
pub struct DateFolder {
    target: PathBuf,
    staging: PathBuf,
    columns: Vec<&'static Column>,
    origin: Origin,
    open: Option<Open>,
    finished: FinishedFiles,
    mode: u32,
}

/// The file that is being written.
struct Open {
    date: NaiveDate,
    writer: ParquetWriter<Summed<File>>,
    /// Its name once it is finished.
    path: PathBuf,
}

/// Files that are finished and do not have their names yet: how many rows they have, and the checksums of their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinishedFiles(BTreeMap<(NaiveDate, String), (u64, u64)>);

impl FinishedFiles {
    /// Rows of the dates before this one, or of all.
    pub fn rows(&self, before: Option<NaiveDate>) -> u64 {
        self.of(before).map(|(_, (rows, _))| rows).sum()
    }

    /// What tells these files, by their names and their bytes.
    pub fn sum(&self, before: Option<NaiveDate>) -> u64 {
        let mut sum = Checksum::new();
        for ((date, name), (_, of_file)) in self.of(before) {
            sum.update(format!("{date}/{name}\t{of_file:016x}\n").as_bytes());
        }
        sum.value()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, before: Option<NaiveDate>) -> impl Iterator<Item = (&(NaiveDate, String), &(u64, u64))> {
        self.0.iter().take_while(move |((date, _), _)| before.is_none_or(|before| *date < before))
    }

    fn add(&mut self, date: NaiveDate, path: &Path, rows: u64, sum: u64) {
        self.0.insert((date, name_of(path)), (rows, sum));
    }

    fn remove(&mut self, date: NaiveDate, path: &Path) {
        self.0.remove(&(date, name_of(path)));
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl DateFolder {
    /// A folder for the legs of a request. What an earlier run left beside it stays until [`begin`](Self::begin).
    ///
    /// # Errors
    /// When the place cannot be written. [`ErrorKind::AlreadyExists`](io::ErrorKind::AlreadyExists), with the name, when
    /// there is a [`conflict`](Self::conflict).
    pub fn open(target: &Path, columns: &[&'static Column], origin: Origin) -> io::Result<Self> {
        match Self::conflict(target, &origin)? {
            Some((path, _)) => Err(io::Error::new(io::ErrorKind::AlreadyExists, path.display().to_string())),
            None => Self::over(target, columns, origin),
        }
    }

    /// [`open`](Self::open), to replace whatever the folder has of the account and the dates.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub fn over(target: &Path, columns: &[&'static Column], origin: Origin) -> io::Result<Self> {
        let named = if target.file_name().is_some() { target } else { &target.with_file_name("legs") };
        let staging = beside(named, ".part");
        make(&staging)?;
        let columns = columns.to_vec();
        Ok(Self {
            target: target.to_owned(),
            staging,
            columns,
            origin,
            open: None,
            finished: FinishedFiles::default(),
            mode: 0o600,
        })
    }

    /// A file of the account and the dates of this request that is not the same request's, or holds more of the time: with
    /// the rows of this one beside it legs would be read twice, and in its place some would be lost.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn conflict(target: &Path, origin: &Origin) -> io::Result<Option<(PathBuf, Difference)>> {
        let folder = target.join(partition::account(&origin.account));
        for date in dates(origin.period) {
            let files = files(&folder.join(partition::date(date)), "parquet")?;
            for path in files.into_iter().filter(|path| !is_outside(path)) {
                let ours =
                    Origin { period: window(origin.period, date).unwrap_or(origin.period), ..origin.clone() };
                let difference = match said(&File::open(&path)?) {
                    Said::Origin(old) => ours.differs(&old),
                    Said::Columns(_) | Said::Foreign => Some(Difference::Unknown),
                };
                if let Some(difference) = difference {
                    return Ok(Some((path, difference)));
                }
            }
        }
        Ok(None)
    }

    /// The accounts that a folder has legs of, as far as files say so.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn accounts(target: &Path) -> io::Result<Vec<String>> {
        let mut accounts = Vec::new();
        for name in subfolders(target, ACCOUNT)? {
            let folder = target.join(format!("{ACCOUNT}{name}"));
            let files = dates_of(&folder)?
                .into_iter()
                .rev()
                .flat_map(|date| files(&folder.join(partition::date(date)), "parquet"));
            let origin = files.flatten().find_map(|path| match said(&File::open(path).ok()?) {
                Said::Origin(origin) => Some(*origin),
                Said::Columns(_) | Said::Foreign => None,
            });
            accounts.extend(origin.map(|origin| origin.account));
        }
        Ok(accounts)
    }

    /// Whether the folder has dates without accounts above them, as an earlier version wrote it: whose legs those are is not
    /// said, and readers would count them beside others.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_of_earlier_version(target: &Path) -> io::Result<bool> {
        Ok(!dates_of(target)?.is_empty())
    }

    /// Whether a folder looks like one that an earlier run was writing: accounts in it, and nothing else.
    pub fn is_staging(folder: &Path) -> bool {
        fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.all(|entry| {
                entry.is_ok_and(|entry| {
                    entry.file_name().to_string_lossy().starts_with(ACCOUNT) && entry.path().is_dir()
                })
            })
        })
    }

    /// The rights of new files, on Unix; their folders may be entered by those who may read them. Without it both are the
    /// owner's alone, as everything is until it is complete. A file that is replaced hands its rights on.
    #[must_use]
    pub const fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Where rows are until all are there.
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// What an earlier run left. Files that it did not finish do not count, and one that is damaged has no rows.
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub fn kept(&self) -> io::Result<FinishedFiles> {
        let mut kept = FinishedFiles::default();
        for date in dates_of(&self.staged())? {
            for path in files(&self.staged().join(partition::date(date)), STAGED)? {
                let rows = read_back(File::open(&path)?).map_or(0, |(rows, _)| rows);
                kept.add(date, &path, rows, Checksum::of_file(&path)?);
            }
        }
        Ok(kept)
    }

    /// Begins: without what an earlier run left, or, where it is gone on with, with all of it or with the dates before
    /// this one.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn begin(&mut self, goes_on: bool, before: Option<NaiveDate>) -> io::Result<()> {
        let staged = self.staged();
        for entry in fs::read_dir(&self.staging)? {
            let path = entry?.path();
            if !goes_on || path != staged {
                if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
            }
        }
        for date in dates_of(&staged)? {
            let folder = staged.join(partition::date(date));
            if before.is_some_and(|before| before <= date) {
                fs::remove_dir_all(folder)?;
                continue;
            }
            for path in files(&folder, UNFINISHED)? {
                fs::remove_file(path)?;
            }
        }
        self.finished = self.kept()?;
        if goes_on && before.is_none() { self.reopen() } else { Ok(()) }
    }

    /// Opens a file of the last date again: more legs of it will come.
    fn reopen(&mut self) -> io::Result<()> {
        let staged = self.staged();
        let Some(date) = dates_of(&staged)?.pop() else { return Ok(()) };
        let Some(path) = files(&staged.join(partition::date(date)), STAGED)?.pop() else { return Ok(()) };
        let (_, batches) = read_back(File::open(&path)?)?;
        self.finished.remove(date, &path);
        let mut open = self.file(date, path)?;
        for batch in batches {
            open.writer.write(&batch?)?;
        }
        self.open = Some(open);
        Ok(())
    }

    /// Writes the rows of a batch, which has a column `start_time`.
    ///
    /// # Errors
    /// Of the file system, and when a row has no start.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let place = batch.schema().index_of("start_time").ok();
        let dates: Option<Vec<_>> = starts(batch, place)
            .map(|starts| starts.iter().map(|start| date_of(start?)).collect())
            .unwrap_or_default();
        let Some(dates) = dates else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a leg without a start has no date"));
        };
        let mut row = 0;
        for run in dates.chunk_by(PartialEq::eq) {
            if let Some(date) = run.first() {
                self.of(*date)?.write(&batch.slice(row, run.len()))?;
            }
            row += run.len();
        }
        Ok(())
    }

    fn of(&mut self, date: NaiveDate) -> io::Result<&mut ParquetWriter<Summed<File>>> {
        let open = match self.open.take() {
            Some(open) if open.date == date => open,
            other => {
                self.open = other;
                self.finish()?;
                self.file(date, self.free_name(date))?
            }
        };
        Ok(&mut self.open.insert(open).writer)
    }

    /// A name of the date that no file has.
    fn free_name(&self, date: NaiveDate) -> PathBuf {
        let folder = self.staged().join(partition::date(date));
        let stem = self.stem(date);
        let first = folder.join(format!("{stem}.parquet.{STAGED}"));
        let others = (1_u32..).map(|number| folder.join(format!("{stem}-{number}.parquet.{STAGED}")));
        [first].into_iter().chain(others).find(|path| !path.exists()).unwrap_or_default()
    }

    fn file(&self, date: NaiveDate, path: PathBuf) -> io::Result<Open> {
        make(&self.staged().join(partition::date(date)))?;
        let unfinished = unfinished(&path);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Call records are people's data.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let window = window(self.origin.period, date);
        let mut origin = Origin { period: window.unwrap_or(self.origin.period), ..self.origin.clone() };
        origin.until = origin.until.filter(|until| *until < origin.period.till());
        let writer = ParquetWriter::new(Summed::new(options.open(unfinished)?), &self.columns)?.of(origin);
        Ok(Open { date, writer, path })
    }

    /// Finishes the file that is open: all rows are on the disk then, and [`kept`](Self::kept) counts them.
    ///
    /// # Errors
    /// Of the file system.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(Open { date, mut writer, path }) = self.open.take() else { return Ok(()) };
        writer.flush()?;
        let rows = writer.rows_flushed();
        let file = writer.finish()?;
        let sum = file.sum();
        file.into_inner().sync_all()?;
        fs::rename(unfinished(&path), &path)?;
        self.finished.add(date, &path, rows, sum);
        Ok(())
    }

    /// Files that are finished.
    pub const fn finished(&self) -> &FinishedFiles {
        &self.finished
    }

    /// The date whose file is open: all rows of dates before it are on the disk.
    pub fn open_date(&self) -> Option<NaiveDate> {
        self.open.as_ref().map(|open| open.date)
    }

    /// Gives all files their names. A folder that was not there appears whole; into another one they move one by one, each
    /// whole, and take the place of what it had of the account and the dates.
    ///
    /// # Errors
    /// Of the file system.
    pub fn commit(&mut self) -> io::Result<()> {
        self.finish()?;
        // One that is there, if only as a mount point or for its rights, stays.
        let is_new = !self.target.try_exists()?;
        let staged = self.staged();
        let account =
            if is_new { staged.clone() } else { self.target.join(partition::account(&self.origin.account)) };
        let days: BTreeSet<_> = dates(self.origin.period).collect();
        for date in days.iter().copied().chain(dates_of(&staged)?).collect::<BTreeSet<_>>() {
            let folder = account.join(partition::date(date));
            let new: Vec<_> = files(&staged.join(partition::date(date)), STAGED)?
                .into_iter()
                .map(|path| (folder.join(path.file_stem().unwrap_or_default()), path))
                .collect();
            let mut old = files(&folder, "parquet")?;
            old.retain(|path| {
                let is_replaced = days.contains(&date) && !is_outside(path) || self.is_ours(date, path);
                is_replaced && new.iter().all(|(name, _)| name != path)
            });
            for made in [&account, &folder] {
                if !new.is_empty() && (is_new || !made.exists()) {
                    make(made)?;
                    give_rights(made, None, of_folder(self.mode));
                }
            }
            for (name, path) in new {
                let replaced = if name.exists() { Some(&name) } else { old.last() };
                let replaced = replaced.and_then(|replaced| fs::metadata(replaced).ok());
                give_rights(&path, replaced.as_ref(), self.mode);
                // In the place of one that goes: so no reader ever sees both, or neither.
                if !name.exists()
                    && let Some(old) = old.pop()
                {
                    fs::rename(path, &old)?;
                    fs::rename(old, name)?;
                } else {
                    fs::rename(path, name)?;
                }
            }
            for path in old {
                fs::remove_file(path)?;
            }
            if folder.exists() {
                sync(&folder)?;
            }
        }
        if is_new {
            give_rights(&self.staging, None, of_folder(self.mode));
            if staged.exists() {
                sync(&staged)?;
            }
            sync(&self.staging)?;
            fs::rename(&self.staging, &self.target)?;
        } else {
            fs::remove_dir_all(&self.staging)?;
        }
        sync(
            self.target
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .unwrap_or_else(|| Path::new(".")),
        )
    }

    /// Removes what was written.
    pub fn discard(self) {
        let _best_effort = fs::remove_dir_all(&self.staging);
    }

    /// Where the files of the account are until they have their names.
    fn staged(&self) -> PathBuf {
        self.staging.join(partition::account(&self.origin.account))
    }

    fn stem(&self, date: NaiveDate) -> String {
        let clock = |time: NaiveTime| time.format("%H%M%S");
        if let Some(window) = window(self.origin.period, date) {
            let from = clock(window.from().time());
            if let Some(until) = self.origin.until.filter(|until| *until < window.till()) {
                return format!("w-{from}-until-{}", clock(until.max(window.from()).time()));
            }
            let last = (window.till() - calllegs_core::window::MARGIN).time();
            return format!("w-{from}-{}", clock(last));
        }
        let digits = |time| wall_time::format(time).to_string().replace(['-', ':', ' '], "");
        let period = self.origin.period;
        format!("{OUTSIDE}{}-{}", digits(period.from()), digits(period.till()))
    }

    /// Whether this file of the date is one that this folder would write.
    fn is_ours(&self, date: NaiveDate, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(rest) = name.strip_prefix(&self.stem(date)) else { return false };
        let number = rest.strip_suffix(".parquet").unwrap_or_default();
        number.is_empty()
            || number.strip_prefix('-').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Shows no value.
impl std::fmt::Debug for DateFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DateFolder").field("target", &self.target).finish_non_exhaustive()
    }
}

/// The part of the period that is on this date.
fn window(period: Period, date: NaiveDate) -> Option<Period> {
    let from = period.from().max(date.and_time(NaiveTime::MIN));
    let next = date.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    Period::new(from, period.till().min(next)).ok().filter(|window| !window.is_empty())
}

/// Whether the file holds legs that start outside the period that they were read for.
fn is_outside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(OUTSIDE))
}

/// The dates of which the period has a second.
fn dates(period: Period) -> impl Iterator<Item = NaiveDate> {
    let first = period.from().date();
    first
        .iter_days()
        .take_while(move |date| !period.is_empty() && date.and_time(NaiveTime::MIN) < period.till())
}

fn date_of(micros: i64) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp_micros(micros)?.date_naive())
}

fn unfinished(path: &Path) -> PathBuf {
    path.with_extension(UNFINISHED)
}

/// The dates that a folder has, in their order; of a folder that is not there, none.
fn dates_of(folder: &Path) -> io::Result<Vec<NaiveDate>> {
    let names = subfolders(folder, DATE)?;
    let mut dates: Vec<_> = names.into_iter().filter_map(|date| date.parse::<NaiveDate>().ok()).collect();
    dates.sort_unstable();
    Ok(dates)
}

/// What follows these letters in the names of a folder; of a folder that is not there, nothing.
fn subfolders(folder: &Path, letters: &str) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        names.extend(name.to_string_lossy().strip_prefix(letters).map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

/// The files of a folder with this ending, in the order of their names; of a folder that is not there, none.
fn files(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry?.path());
    }
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files.sort_unstable();
    Ok(files)
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Where the file system keeps no rights, there are none to give.
fn give_rights(path: &Path, old: Option<&fs::Metadata>, mode: u32) {
    if cfg!(unix) {
        let _best_effort = File::open(path).and_then(|file| settle(&file, old, mode));
    }
}

/// The names in a folder reach the disk; where folders cannot be opened this is left to the system.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
