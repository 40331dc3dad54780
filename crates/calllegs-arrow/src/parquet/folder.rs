//! A folder of Parquet files by date: `DIR/date=2026-03-02/w-000000-235959.parquet`, by the date of `start_time` on the
//! account's wall clock. The name of a file is the window that it holds.
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

use super::{ParquetWriter, read_back, starts};
use crate::{
    files::{beside, of_folder, settle},
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
    period: Period,
    open: Option<Open>,
    finished: u64,
    mode: u32,
}

/// The file that is being written.
struct Open {
    date: NaiveDate,
    writer: ParquetWriter<File>,
    /// Its name once it is finished.
    path: PathBuf,
}

impl DateFolder {
    /// A folder for the legs of a period. What an earlier run left beside it stays until [`begin`](Self::begin).
    ///
    /// # Errors
    /// When the place cannot be written. [`ErrorKind::AlreadyExists`](io::ErrorKind::AlreadyExists), with the name, when
    /// the folder has files of the same dates but other windows: their legs would be read twice.
    pub fn open(target: &Path, columns: &[&'static Column], period: Period) -> io::Result<Self> {
        let named = if target.file_name().is_some() { target } else { &target.with_file_name("legs") };
        let staging = beside(named, ".part");
        let folder = Self {
            target: target.to_owned(),
            staging,
            columns: columns.to_vec(),
            period,
            open: None,
            finished: 0,
            mode: 0o600,
        };
        for date in dates(period) {
            for found in files(&folder.target.join(dated(date)), "parquet")? {
                if !folder.is_ours(date, &found) && !is_outside(&found) {
                    return Err(io::Error::new(io::ErrorKind::AlreadyExists, found.display().to_string()));
                }
            }
        }
        make(&folder.staging)?;
        Ok(folder)
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

    /// Rows that an earlier run left, by date. Files that it did not finish do not count.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn kept(&self) -> io::Result<BTreeMap<NaiveDate, u64>> {
        let mut kept = BTreeMap::new();
        for date in staged_dates(&self.staging)? {
            for path in files(&self.staging.join(dated(date)), STAGED)? {
                *kept.entry(date).or_default() += read_back(File::open(path)?)?.0;
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
        for date in staged_dates(&self.staging)? {
            let folder = self.staging.join(dated(date));
            if !goes_on || before.is_some_and(|before| before <= date) {
                fs::remove_dir_all(folder)?;
                continue;
            }
            for path in files(&folder, UNFINISHED)? {
                fs::remove_file(path)?;
            }
        }
        self.finished = self.kept()?.into_values().sum();
        if goes_on && before.is_none() { self.reopen() } else { Ok(()) }
    }

    /// Opens the last file again: more legs of its date will come.
    fn reopen(&mut self) -> io::Result<()> {
        let Some(date) = staged_dates(&self.staging)?.pop() else { return Ok(()) };
        let Some(path) = files(&self.staging.join(dated(date)), STAGED)?.pop() else { return Ok(()) };
        let (rows, batches) = read_back(File::open(&path)?)?;
        self.finished -= rows;
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

    fn of(&mut self, date: NaiveDate) -> io::Result<&mut ParquetWriter<File>> {
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
        let folder = self.staging.join(dated(date));
        let stem = self.stem(date);
        let first = folder.join(format!("{stem}.parquet.{STAGED}"));
        let others = (1_u32..).map(|number| folder.join(format!("{stem}-{number}.parquet.{STAGED}")));
        [first].into_iter().chain(others).find(|path| !path.exists()).unwrap_or_default()
    }

    fn file(&self, date: NaiveDate, path: PathBuf) -> io::Result<Open> {
        make(&self.staging.join(dated(date)))?;
        let unfinished = unfinished(&path);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Call records are people's data.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let writer = ParquetWriter::new(options.open(unfinished)?, &self.columns)?;
        Ok(Open { date, writer, path })
    }

    /// Finishes the file that is open: all rows are on the disk then, and [`kept`](Self::kept) counts them.
    ///
    /// # Errors
    /// Of the file system.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(Open { mut writer, path, .. }) = self.open.take() else { return Ok(()) };
        writer.flush()?;
        let rows = writer.rows_flushed();
        writer.finish()?.sync_all()?;
        fs::rename(unfinished(&path), path)?;
        self.finished += rows;
        Ok(())
    }

    /// Rows in finished files.
    pub const fn rows_finished(&self) -> u64 {
        self.finished
    }

    /// The date whose file is open: all rows of dates before it are on the disk.
    pub fn open_date(&self) -> Option<NaiveDate> {
        self.open.as_ref().map(|open| open.date)
    }

    /// Gives all files their names. A folder that was not there, or empty, appears whole; into another one they move one
    /// by one, each whole, and replace what it had of the same windows.
    ///
    /// # Errors
    /// Of the file system.
    pub fn commit(mut self) -> io::Result<()> {
        self.finish()?;
        let is_new = match fs::read_dir(&self.target) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(error),
        };
        let into = if is_new { &self.staging } else { &self.target };
        let mut moved = BTreeSet::new();
        for date in staged_dates(&self.staging)? {
            let folder = into.join(dated(date));
            if is_new || !folder.exists() {
                make(&folder)?;
                give_rights(&folder, None, of_folder(self.mode));
            }
            for path in files(&self.staging.join(dated(date)), STAGED)? {
                let named = folder.join(path.file_stem().unwrap_or_default());
                give_rights(&path, fs::metadata(&named).ok().as_ref(), self.mode);
                fs::rename(path, &named)?;
                moved.insert(named);
            }
            sync(&folder)?;
        }
        if is_new {
            give_rights(&self.staging, fs::metadata(&self.target).ok().as_ref(), of_folder(self.mode));
            sync(&self.staging)?;
            if self.target.exists() {
                fs::remove_dir(&self.target)?;
            }
            fs::rename(&self.staging, &self.target)?;
        } else {
            for date in dates(self.period) {
                for found in files(&self.target.join(dated(date)), "parquet")? {
                    if self.is_ours(date, &found) && !moved.contains(&found) {
                        fs::remove_file(found)?;
                    }
                }
            }
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

    /// The part of the period that is on this date.
    fn window(&self, date: NaiveDate) -> Option<Period> {
        let from = self.period.from().max(date.and_time(NaiveTime::MIN));
        let next = date.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
        Period::new(from, self.period.till().min(next)).ok().filter(|window| !window.is_empty())
    }

    fn stem(&self, date: NaiveDate) -> String {
        let clock = |time: NaiveTime| time.format("%H%M%S");
        if let Some(window) = self.window(date) {
            let last = (window.till() - calllegs_core::window::MARGIN).time();
            return format!("w-{}-{}", clock(window.from().time()), clock(last));
        }
        let digits = |time| wall_time::format(time).to_string().replace(['-', ':', ' '], "");
        format!("{OUTSIDE}{}-{}", digits(self.period.from()), digits(self.period.till()))
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

fn dated(date: NaiveDate) -> String {
    format!("date={date}")
}

fn date_of(micros: i64) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp_micros(micros)?.date_naive())
}

fn unfinished(path: &Path) -> PathBuf {
    path.with_extension(UNFINISHED)
}

/// The dates that the folder has, in their order.
fn staged_dates(folder: &Path) -> io::Result<Vec<NaiveDate>> {
    let mut dates = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        dates.extend(name.strip_prefix("date=").and_then(|date| date.parse::<NaiveDate>().ok()));
    }
    dates.sort_unstable();
    Ok(dates)
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
