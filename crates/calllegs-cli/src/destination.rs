//! Where the rows of a run go, page by page, and what a stopped run leaves to go on from.
//!
//! A text is cut behind the last page that was kept, to the byte. Columns are packed in groups, so what was kept of them
//! is written anew: groups as they would have been had nothing stopped. Not here: how the record of it looks (`resume`),
//! the thread that this runs on (`writing`).

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use calllegs_arrow::{
    Leg, batches,
    csv::CsvWriter,
    ipc::{self, IpcWriter},
    jsonl::JsonlWriter,
    parquet::{self, Batches, DateFolder, ParquetWriter},
    schema::Column,
};
use calllegs_core::{Period, sweep::Checkpoint};
use chrono::{NaiveDate, NaiveTime};

use crate::{
    args::Format,
    claim,
    dates::Clock,
    exit::{Exit, Failure},
    form::Form,
    get::Job,
    notes::Notes,
    part::{Anew, Part, Pipe, beside},
    resume::{self, Kept, Line, ResumeFile},
    table::Table,
};

/// The rows of a page, and where a later run can go on behind them.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) legs: Vec<Leg>,
    pub(crate) mark: Option<Mark>,
}

/// A place in the rows to go on from.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) checkpoint: Checkpoint,
    /// Rows that were written up to here.
    pub(crate) rows: u64,
    /// Rows that the server has up to here.
    pub(crate) expected: u64,
}

/// What takes the rows.
enum Sink {
    Arrow(IpcWriter<Pipe>),
    Count,
    Csv(CsvWriter<Pipe>),
    Folder(DateFolder),
    Jsonl(JsonlWriter<Pipe>),
    Parquet(ParquetWriter<Pipe>),
    Table(Table),
}

/// Where rows go.
pub(crate) struct Destination {
    part: Option<Part>,
    /// Keeps other runs from the folder.
    claim: Option<File>,
    record: Option<ResumeFile>,
    sink: Option<Sink>,
    /// A file that will take the place of the part, once it holds as many rows.
    anew: Option<(Anew, u64)>,
    /// What is not yet safe.
    marks: Vec<Mark>,
    /// Rows that the footer beside the part speaks of.
    told: u64,
    /// The date up to which a folder is safe.
    date: Option<NaiveDate>,
    pub(crate) notes: Notes,
}

impl Destination {
    /// Opens the place, so that a bad one is known before anything is spent.
    pub(crate) fn open(form: &Form) -> Result<Self, Failure> {
        let part = match form {
            Form::Count | Form::Stdout(_) => None,
            Form::File { path, packing, .. } => Some(Part::open(path, *packing)?),
            Form::Folder(path) => {
                check_folder(path)?;
                None
            }
        };
        Ok(Self {
            part,
            claim: None,
            record: None,
            sink: None,
            anew: None,
            marks: Vec::new(),
            told: 0,
            date: None,
            notes: Notes::default(),
        })
    }

    /// Makes it ready for rows: behind those that an earlier run of the same request left, or from the beginning.
    pub(crate) fn begin(
        &mut self,
        job: &Job,
        request: &str,
        period: Period,
        clock: &Clock,
    ) -> Result<Option<Kept>, Failure> {
        let columns = job.request.written();
        let find = |target: &Path, fits: &mut dyn FnMut(&Line) -> bool| {
            resume::find(target, request, (job.range, period), clock, fits)
        };
        let record =
            |target: &Path, kept: Option<&Kept>| ResumeFile::open(target, request, period, clock, kept);
        let (kept, sink) = match &job.form {
            Form::Count => (None, Sink::Count),
            Form::Folder(path) => {
                let mut folder =
                    DateFolder::open(path, &columns, period).map_err(|error| refused(path, &error))?;
                self.claim = claim::folder(folder.staging())
                    .map_err(|error| claim::taken(path, &error).unwrap_or_else(|| lost(path, &error)))?;
                let rows = folder.kept().unwrap_or_default();
                let kept = find(path, &mut |line| {
                    let before = midnight(&line.checkpoint);
                    let dates = rows.iter().filter(|(date, _)| before.is_none_or(|before| **date < before));
                    dates.map(|(_, rows)| rows).sum::<u64>() == line.rows
                });
                let before = kept.as_ref().and_then(|kept| midnight(&kept.checkpoint));
                folder.begin(kept.is_some(), before).map_err(|error| lost(path, &error))?;
                self.record = Some(record(path, kept.as_ref())?);
                (kept, Sink::Folder(folder))
            }
            Form::Stdout(format) => {
                let mut sink = Sink::new(*format, Pipe::stdout(), job, &columns);
                if let Ok(sink) = &mut sink {
                    sink.header().map_err(|error| Failure::stdout(&error))?;
                }
                (None, sink.map_err(|error| Failure::stdout(&error))?)
            }
            Form::File { format, .. } => {
                let Some(part) = &mut self.part else { return Ok(None) };
                let target = part.target().to_owned();
                let (kept, sink) = if job.form.is_columnar() {
                    let found = left(part, *format);
                    let rows = found.as_ref().map_or(0, |(rows, _)| *rows);
                    let kept = find(&target, &mut |line| line.rows <= rows);
                    let old = found.filter(|_| kept.is_some()).map(|(_, batches)| batches);
                    let rows = kept.as_ref().map_or(0, |kept| kept.rows);
                    let restored = self.restore(old, rows, |pipe| Sink::new(*format, pipe, job, &columns))?;
                    (kept, restored)
                } else {
                    let length = part.unpacked_length();
                    let kept = find(&target, &mut |line| line.bytes <= length);
                    let bytes = kept.as_ref().map_or(0, |kept| kept.bytes);
                    let pipe = part.pipe(bytes)?;
                    let mut sink =
                        Sink::new(*format, pipe, job, &columns).map_err(|error| part.lost(&error))?;
                    if bytes == 0 {
                        sink.header().map_err(|error| part.lost(&error))?;
                    }
                    (kept, sink)
                };
                self.record = Some(record(&target, kept.as_ref())?);
                (kept, sink)
            }
        };
        self.sink = Some(sink);
        Ok(kept)
    }

    /// A sink that has these rows of an earlier run already.
    fn restore(
        &mut self,
        old: Option<Batches>,
        rows: u64,
        sink: impl FnOnce(Pipe) -> io::Result<Sink>,
    ) -> Result<Sink, Failure> {
        let Some(part) = &mut self.part else { return Ok(Sink::Count) };
        let Some(old) = old.filter(|_| rows > 0) else {
            let _absent = fs::remove_file(footer_of(part.target()));
            let pipe = part.pipe(0)?;
            return sink(pipe).map_err(|error| part.lost(&error));
        };
        let (pipe, anew) = part.anew().map_err(|error| part.lost(&error))?;
        let mut sink = sink(pipe).map_err(|error| part.lost(&error))?;
        let mut missing = rows;
        for batch in old {
            let batch = batch.map_err(|error| {
                Failure::new(
                    Exit::Destination,
                    format!("cannot read {} back: {error}", part.path().display()),
                )
                .next("remove it and run the command again, which then starts anew")
            })?;
            let taken = usize::try_from(missing).unwrap_or(usize::MAX).min(batch.num_rows());
            sink.write(&batch.slice(0, taken)).map_err(|error| part.lost(&error))?;
            missing -= taken as u64;
            if missing == 0 {
                break;
            }
        }
        self.anew = Some((anew, rows));
        Ok(sink)
    }

    /// Takes the rows of a page.
    pub(crate) fn take(&mut self, page: Page) -> Result<(), Failure> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let written = (|| {
            if let Sink::Table(table) = sink {
                for leg in &page.legs {
                    table.push(leg);
                }
                return Ok(());
            }
            let batches = batches(&page.legs).map_err(|error| io::Error::other(error.to_string()))?;
            for batch in &batches {
                self.notes.observe(batch, matches!(sink, Sink::Csv(_)));
                sink.write(batch)?;
            }
            sink.pass_on()
        })();
        written.map_err(|error| self.failed(&error))?;
        self.marks.extend(page.mark);
        self.keep()
    }

    /// Keeps what is safe.
    fn keep(&mut self) -> Result<(), Failure> {
        let (Some(sink), Some(record)) = (&mut self.sink, &mut self.record) else { return Ok(()) };
        match sink {
            Sink::Count | Sink::Table(_) => {}
            Sink::Csv(_) | Sink::Jsonl(_) => {
                let bytes = sink.bytes();
                for mark in self.marks.drain(..) {
                    record.keep(mark, bytes)?;
                }
            }
            Sink::Folder(folder) => {
                let Some(mark) = self.marks.pop() else { return Ok(()) };
                self.marks.clear();
                let date = folder.open_date().filter(|date| Some(*date) != self.date);
                let midnight = date.map(|date| date.and_time(NaiveTime::MIN));
                // Where rows were left out, it is not known how many the server has before midnight.
                if mark.rows == mark.expected
                    && let Some(checkpoint) = midnight.and_then(|midnight| mark.checkpoint.back_to(midnight))
                {
                    let rows = folder.rows_finished();
                    record.keep(Mark { checkpoint, rows, expected: rows }, 0)?;
                    self.date = date;
                }
                self.marks.push(mark);
            }
            Sink::Arrow(_) | Sink::Parquet(_) => {
                let flushed = sink.rows_flushed();
                let Some(part) = &mut self.part else { return Ok(()) };
                if let Some((anew, rows)) = self.anew.take() {
                    if flushed < rows {
                        self.anew = Some((anew, rows));
                        return Ok(());
                    }
                    // The footer speaks of the file that goes.
                    let _absent = fs::remove_file(footer_of(part.target()));
                    part.take(&anew).map_err(|error| part.lost(&error))?;
                }
                if let Sink::Parquet(writer) = sink
                    && flushed > self.told
                {
                    let path = footer_of(part.target());
                    let written = writer.footer().and_then(|footer| write_footer(&path, &footer));
                    written.map_err(|error| lost(&path, &error))?;
                    self.told = flushed;
                }
                let safe = self.marks.iter().take_while(|mark| mark.rows <= flushed).count();
                if let Some(mark) = self.marks.drain(..safe).next_back() {
                    record.keep(mark, 0)?;
                }
            }
        }
        Ok(())
    }

    /// Ends the rows: all of them are there, or the run was stopped and what is there is kept.
    pub(crate) fn end(&mut self, complete: bool) -> Result<(), Failure> {
        if !complete && let Some(sink) = &mut self.sink {
            let flushed = match sink {
                Sink::Arrow(writer) => writer.flush(),
                Sink::Folder(folder) => folder.finish(),
                Sink::Parquet(writer) if self.part.is_some() => writer.flush(),
                Sink::Count | Sink::Csv(_) | Sink::Jsonl(_) | Sink::Parquet(_) | Sink::Table(_) => Ok(()),
            };
            flushed.map_err(|error| self.failed(&error))?;
            match (&self.sink, &mut self.record) {
                (Some(Sink::Folder(_)), Some(record)) => {
                    self.marks.pop().map_or(Ok(()), |mark| record.keep(mark, 0))?;
                }
                _ => self.keep()?,
            }
        }
        let Some(sink) = self.sink.take() else { return Ok(()) };
        let ended = match sink {
            Sink::Count => Ok(()),
            Sink::Table(table) => return table.print(),
            Sink::Arrow(writer) => writer.finish().and_then(Pipe::finish),
            Sink::Csv(writer) => {
                self.notes.lost_letters += writer.lost();
                writer.finish().and_then(Pipe::finish)
            }
            Sink::Jsonl(writer) => writer.finish().and_then(Pipe::finish),
            // Without a footer it is not taken for a file.
            Sink::Parquet(_) if !complete => Ok(()),
            Sink::Parquet(writer) => writer.finish().and_then(Pipe::finish),
            Sink::Folder(folder) => {
                self.sink = Some(Sink::Folder(folder));
                Ok(())
            }
        };
        ended.map_err(|error| self.failed(&error))?;
        if let (Some((anew, _)), Some(part)) = (self.anew.take().filter(|_| complete), &mut self.part) {
            part.take(&anew).map_err(|error| part.lost(&error))?;
        }
        Ok(())
    }

    /// Gives the rows their place, and says which.
    pub(crate) fn commit(self, form: &Form) -> Result<Option<PathBuf>, Failure> {
        let place = match form {
            Form::Count | Form::Stdout(_) => return Ok(None),
            Form::File { path, .. } | Form::Folder(path) => path.clone(),
        };
        if let Some(part) = self.part {
            part.commit()?;
        }
        if let Some(Sink::Folder(folder)) = self.sink {
            folder.commit().map_err(|error| lost(&place, &error))?;
        }
        let _absent = fs::remove_file(footer_of(&place));
        if let Some(record) = self.record {
            record.discard();
        }
        Ok(Some(place))
    }

    /// Where rows are until all are there.
    pub(crate) fn place(&self) -> Option<&Path> {
        match (&self.part, &self.sink) {
            (Some(part), _) => Some(part.path()),
            (None, Some(Sink::Folder(folder))) => Some(folder.staging()),
            (None, _) => None,
        }
    }

    /// What becomes of it when the run failed: the place of what is kept for a later run, if anything is.
    pub(crate) fn leave(self, rows: u64) -> Option<PathBuf> {
        let keeps = self.record.as_ref().is_some_and(|record| rows > 0 || record.goes_on());
        // Rows cost points, and so do windows without any: they are kept, but not under the name of a complete file.
        if keeps {
            return self.place().map(Path::to_owned);
        }
        let Some(record) = self.record else {
            // Nothing was asked for yet: what an earlier run left stays.
            if let Some(part) = self.part {
                part.discard_if_empty();
            }
            return None;
        };
        if let Some(part) = self.part {
            let _absent = fs::remove_file(footer_of(part.target()));
            part.discard();
        }
        if let Some(Sink::Folder(folder)) = self.sink {
            folder.discard();
        }
        record.discard();
        None
    }

    fn failed(&self, error: &io::Error) -> Failure {
        match (&self.part, &self.sink) {
            (Some(_), _) => Failure::writing("the rows", error),
            (None, Some(Sink::Folder(folder))) => lost(folder.staging(), error),
            (None, _) => Failure::stdout(error),
        }
    }
}

impl Sink {
    fn new(format: Format, pipe: Pipe, job: &Job, columns: &[&'static Column]) -> io::Result<Self> {
        Ok(match format {
            Format::Arrow => Self::Arrow(IpcWriter::new(pipe, columns)?),
            Format::Csv => Self::Csv(CsvWriter::new(pipe, columns, job.csv.clone())),
            Format::Jsonl => Self::Jsonl(JsonlWriter::new(pipe, columns)),
            Format::Parquet => Self::Parquet(ParquetWriter::new(pipe, columns)?),
            Format::Table => Self::Table(Table::new(job.request.columns.clone())),
        })
    }

    /// What stands before the first row.
    fn header(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.header(),
            Self::Arrow(_)
            | Self::Count
            | Self::Folder(_)
            | Self::Jsonl(_)
            | Self::Parquet(_)
            | Self::Table(_) => Ok(()),
        }
    }

    fn write(&mut self, batch: &arrow_array::RecordBatch) -> io::Result<()> {
        match self {
            Self::Arrow(writer) => writer.write(batch),
            Self::Count | Self::Table(_) => Ok(()),
            Self::Csv(writer) => writer.write(batch),
            Self::Folder(folder) => folder.write(batch),
            Self::Jsonl(writer) => writer.write(batch),
            Self::Parquet(writer) => writer.write(batch),
        }
    }

    /// Passes on what was taken, so that a reader of a pipe sees every page. Columns wait for a whole group.
    fn pass_on(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.flush(),
            Self::Jsonl(writer) => writer.flush(),
            Self::Arrow(_) | Self::Count | Self::Folder(_) | Self::Parquet(_) | Self::Table(_) => Ok(()),
        }
    }

    /// Bytes of text so far, before they are packed.
    fn bytes(&self) -> u64 {
        match self {
            Self::Csv(writer) => writer.get_ref().bytes(),
            Self::Jsonl(writer) => writer.get_ref().bytes(),
            Self::Arrow(_) | Self::Count | Self::Folder(_) | Self::Parquet(_) | Self::Table(_) => 0,
        }
    }

    /// Rows of columns that are in the file.
    fn rows_flushed(&self) -> u64 {
        match self {
            Self::Arrow(writer) => writer.rows_flushed(),
            Self::Parquet(writer) => writer.rows_flushed(),
            Self::Count | Self::Csv(_) | Self::Folder(_) | Self::Jsonl(_) | Self::Table(_) => 0,
        }
    }
}

/// What an earlier run left of columns: how many rows, and these.
fn left(part: &Part, format: Format) -> Option<(u64, Batches)> {
    if format == Format::Parquet {
        let footer = fs::read(footer_of(part.target())).ok()?;
        return parquet::recover(File::open(part.path()).ok()?, &footer).ok();
    }
    let stream = || part.unpacked().and_then(ipc::read_back);
    // Its end may be torn off.
    let rows = stream().ok()?.map_while(Result::ok).map(|batch| batch.num_rows() as u64).sum();
    Some((rows, Box::new(stream().ok()?)))
}

/// Where the footer of a Parquet file is until the file ends with it.
fn footer_of(target: &Path) -> PathBuf {
    beside(target, ".footer")
}

/// Replaces it as a whole: a run that is killed leaves the one before.
fn write_footer(path: &Path, footer: &[u8]) -> io::Result<()> {
    let new = beside(path, ".new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&new)?.write_all(footer)?;
    fs::rename(new, path)
}

/// The date before which all rows are safe, if that is what the checkpoint of a folder says.
fn midnight(checkpoint: &Checkpoint) -> Option<NaiveDate> {
    let at = checkpoint.at();
    (at.time() == NaiveTime::MIN).then(|| at.date())
}

fn lost(path: &Path, error: &io::Error) -> Failure {
    Failure::writing(&path.display().to_string(), error)
}

/// Whether a folder can be there.
fn check_folder(path: &Path) -> Result<(), Failure> {
    let parent =
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let (is_file, parent_is_folder) = (path.exists() && !path.is_dir(), parent.is_dir());
    if is_file || !parent_is_folder {
        let what = if is_file { "is a file" } else { "has no folder around it" };
        return Err(Failure::new(Exit::Destination, format!("{} {what}", path.display()))
            .next("choose another place with -o; nothing was spent"));
    }
    Ok(())
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Failure::new(
            Exit::Destination,
            format!("{} has legs of these dates already: {error}", path.display()),
        )
        .because("its name is another part of the day, so readers of the folder would count legs twice")
        .next("ask for whole days, remove that file, or choose another folder");
    }
    lost(path, error)
}
