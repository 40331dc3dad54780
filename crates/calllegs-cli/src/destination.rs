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
    files::beside,
    ipc::{self, IpcWriter},
    jsonl::JsonlWriter,
    origin::Origin,
    parquet::{self, Batches, DateFolder, ParquetWriter},
    schema::Column,
};
use calllegs_core::sweep::Checkpoint;
use chrono::{NaiveDate, NaiveTime};

use crate::{
    args::Format,
    claim,
    exit::{Exit, Failure},
    form::Form,
    get::Job,
    notes::Notes,
    output,
    part::{Anew, Part, Pipe, check_name, usual_mode},
    replace,
    resume::{self, Asked, Kept, ResumeFile, Unusable},
    screen::counted,
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
    /// Rows that the server has up to here: all were given, with or without being written.
    pub(crate) expected: u64,
    /// The ids of those since the mark before.
    pub(crate) ids: Vec<i64>,
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
    asked: Option<Asked>,
    sink: Option<Sink>,
    /// Rights of new files.
    mode: u32,
    /// A file that will take the place of the part, once it holds as many rows.
    anew: Option<(Anew, u64)>,
    /// What is not yet safe, and how many bytes of text there were.
    marks: Vec<(Mark, u64)>,
    /// Rows that were passed on.
    taken: u64,
    /// Rows that the footer beside the part speaks of.
    told: u64,
    /// The date up to which a folder is safe.
    date: Option<NaiveDate>,
    /// Nothing can be written any more: what is there may end anywhere.
    broken: bool,
    pub(crate) notes: Notes,
}

/// What a run that failed leaves.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) place: PathBuf,
    /// Rows behind which the same command goes on; `None` when it begins anew.
    pub(crate) rows: Option<u64>,
}

impl Destination {
    /// Opens the place, so that a bad one is known before anything is spent.
    pub(crate) fn open(job: &Job) -> Result<Self, Failure> {
        if let Form::File { path, .. } | Form::Folder(path) = &job.form {
            resume::check_leftovers(path, |part| job.force || replace::is_of_this_form(job, part))?;
        }
        let part = match &job.form {
            Form::Count | Form::Stdout(_) => {
                output::check()?;
                None
            }
            Form::File { path, packing, .. } => {
                check_side(&beside(&footer_of(path), ".new"))?;
                Some(Part::open(path, *packing)?.with_mode(job.mode))
            }
            Form::Folder(path) => {
                check_folder(path)?;
                check_side(&beside(path, ".part").join(DEEPEST))?;
                None
            }
        };
        Ok(Self {
            part,
            claim: None,
            record: None,
            asked: None,
            sink: None,
            mode: job.mode.unwrap_or_else(usual_mode),
            anew: None,
            marks: Vec::new(),
            taken: 0,
            told: 0,
            date: None,
            broken: false,
            notes: Notes::default(),
        })
    }

    /// Makes it ready for rows: behind those that an earlier run of the same request left, or from the beginning. What of
    /// them is of no use is told.
    pub(crate) fn begin(
        &mut self,
        job: &Job,
        asked: &Asked,
    ) -> Result<(Option<Kept>, Option<String>), Failure> {
        self.asked = Some(asked.clone());
        self.try_begin(job, asked).inspect_err(|_| self.broken = true)
    }

    fn try_begin(&mut self, job: &Job, asked: &Asked) -> Result<(Option<Kept>, Option<String>), Failure> {
        let columns = job.request.written();
        let mut found = Ok(None);
        let sink = match &job.form {
            Form::Count => Sink::Count,
            Form::Folder(path) => {
                // What may be replaced is known by now.
                let over = |kept: Option<&Kept>| {
                    let folder = DateFolder::over(path, &columns, resume::origin_of(asked, kept));
                    folder.map(|folder| folder.mode(self.mode)).map_err(|error| lost(path, &error))
                };
                let mut folder = over(None)?;
                self.claim = claim::folder(folder.staging())
                    .map_err(|error| claim::taken(path, &error).unwrap_or_else(|| lost(path, &error)))?;
                found = kept_in_folder(path, &folder, asked);
                let kept = found.as_ref().ok().and_then(Option::as_ref);
                if kept.is_some() {
                    folder = over(kept)?;
                }
                let before = kept.and_then(|kept| midnight(&kept.checkpoint));
                if let Err(error) = folder.begin(kept.is_some(), before) {
                    self.sink = Some(Sink::Folder(folder));
                    return Err(lost(path, &error));
                }
                self.record = Some(ResumeFile::open(path, asked, kept)?);
                Sink::Folder(folder)
            }
            Form::Stdout(format) => {
                let mut sink = Sink::new(*format, Pipe::stdout(), job, &columns, asked.origin.clone());
                if let Ok(sink) = &mut sink {
                    sink.header().map_err(|error| Failure::stdout(&error))?;
                }
                sink.map_err(|error| Failure::stdout(&error))?
            }
            Form::File { format, .. } => {
                let Some(part) = &mut self.part else { return Ok((None, None)) };
                found = kept_in_part(part, *format, asked);
                let kept = found.as_ref().ok().and_then(Option::as_ref);
                let origin = resume::origin_of(asked, kept);
                let sink = |pipe| Sink::new(*format, pipe, job, &columns, origin);
                let target = part.target().to_owned();
                let sink = if job.form.is_columnar() {
                    let rows = kept.map_or(0, |kept| kept.rows);
                    let old = left(part, *format).filter(|_| rows > 0).map(|(_, batches)| batches);
                    self.restore(old, rows, sink)?
                } else {
                    let bytes = kept.map_or(0, |kept| kept.bytes);
                    let (pipe, anew) = part.pipe(bytes)?;
                    self.anew = anew.map(|anew| (anew, 0));
                    let mut sink = sink(pipe).map_err(|error| part.lost(&error))?;
                    if bytes == 0 {
                        sink.header().map_err(|error| part.lost(&error))?;
                    }
                    sink
                };
                self.record = Some(ResumeFile::open(&target, asked, kept)?);
                sink
            }
        };
        self.sink = Some(sink);
        Ok(match found {
            Ok(kept) => (kept, None),
            Err(Unusable { rows, why }) => (
                None,
                Some(format!(
                    "{} of an earlier run cannot be used and will be read again: {why}",
                    counted(rows, "leg")
                )),
            ),
        })
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
            let (pipe, _) = part.pipe(0)?;
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
                .next(format!(
                    "remove it and {}, and run the command again, which then starts anew",
                    beside(part.target(), ".resume").display()
                ))
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
        if let Err(error) = written {
            self.broken = true;
            return Err(self.failed(&error));
        }
        self.taken += page.legs.len() as u64;
        let bytes = sink.bytes();
        // Where nothing is recorded, nobody asks for them.
        self.marks.extend(page.mark.filter(|_| self.record.is_some()).map(|mark| (mark, bytes)));
        self.keep().inspect_err(|_| self.broken = true)
    }

    /// Keeps what is safe.
    fn keep(&mut self) -> Result<(), Failure> {
        let (Some(sink), Some(record)) = (&mut self.sink, &mut self.record) else { return Ok(()) };
        match sink {
            Sink::Count | Sink::Table(_) => Ok(()),
            Sink::Csv(_) | Sink::Jsonl(_) => {
                self.replace(|anew, _| anew.has_enough())?;
                self.keep_up_to(u64::MAX)
            }
            Sink::Folder(folder) => {
                // The last one speaks of all.
                let earlier: Vec<_> = self.marks.drain(..self.marks.len().saturating_sub(1)).collect();
                let Some((mark, _)) = self.marks.last_mut() else { return Ok(()) };
                mark.ids.splice(..0, earlier.into_iter().flat_map(|(mark, _)| mark.ids));
                let date = folder.open_date().filter(|date| Some(*date) != self.date);
                let midnight = date.map(|date| date.and_time(NaiveTime::MIN));
                // Where rows were left out, it is not known how many the server has before midnight.
                if mark.rows == mark.expected
                    && let Some(checkpoint) = midnight.and_then(|midnight| mark.checkpoint.back_to(midnight))
                {
                    let rows = folder.rows_finished();
                    // Those behind midnight are of the next mark.
                    let behind = usize::try_from(mark.expected.saturating_sub(rows)).unwrap_or(usize::MAX);
                    let before = mark.ids.len().saturating_sub(behind);
                    let ids = mark.ids.drain(..before).collect();
                    record.keep(Mark { checkpoint, rows, expected: rows, ids }, 0)?;
                    self.date = date;
                }
                Ok(())
            }
            Sink::Arrow(writer) => {
                let flushed = writer.rows_flushed();
                self.replace(|anew, rows| flushed >= rows && anew.has_enough())?;
                self.keep_up_to(flushed)
            }
            Sink::Parquet(writer) => {
                let flushed = writer.rows_flushed();
                let Some(part) = &mut self.part else { return Ok(()) };
                if flushed > self.told && self.anew.as_ref().is_none_or(|(_, rows)| *rows <= flushed) {
                    // All that can fail comes before the file and the footer of the run before go.
                    let path = footer_of(part.target());
                    let new = beside(&path, ".new");
                    let written = writer.footer().and_then(|footer| write_footer(&new, &footer));
                    written.map_err(|error| lost(&path, &error))?;
                    if self.anew.is_some() {
                        let _absent = fs::remove_file(&path);
                    }
                    self.told = flushed;
                    self.replace(|_, _| true)?;
                    fs::rename(&new, &path).map_err(|error| lost(&path, &error))?;
                }
                self.keep_up_to(flushed)
            }
        }
    }

    /// Records the marks whose rows are in the file, as far as so many of them are.
    fn keep_up_to(&mut self, rows: u64) -> Result<(), Failure> {
        let Some(record) = &mut self.record else { return Ok(()) };
        // They speak of the file that will take its place.
        if self.anew.is_some() {
            return Ok(());
        }
        let safe = self.marks.iter().take_while(|(mark, _)| mark.rows <= rows).count();
        self.marks.drain(..safe).try_for_each(|(mark, bytes)| record.keep(mark, bytes))
    }

    /// The file that holds the rows anew takes the place of the part, if it is time.
    fn replace(&mut self, is_time: impl FnOnce(&Anew, u64) -> bool) -> Result<(), Failure> {
        let (Some((anew, rows)), Some(part)) = (&self.anew, &mut self.part) else { return Ok(()) };
        if is_time(anew, *rows) {
            part.take(anew).map_err(|error| part.lost(&error))?;
            self.anew = None;
        }
        Ok(())
    }

    /// Ends the rows: all of them are there, or the run was stopped and what is there is kept.
    pub(crate) fn end(&mut self, complete: bool) -> Result<(), Failure> {
        if self.broken {
            return Ok(());
        }
        self.try_end(complete).inspect_err(|_| self.broken = true)
    }

    fn try_end(&mut self, complete: bool) -> Result<(), Failure> {
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
                    self.marks.pop().map_or(Ok(()), |(mark, _)| record.keep(mark, 0))?;
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
            Sink::Parquet(_) if !complete => return Ok(()),
            Sink::Parquet(writer) => writer.finish().and_then(Pipe::finish),
            Sink::Folder(mut folder) => {
                let finished = folder.finish();
                self.sink = Some(Sink::Folder(folder));
                finished
            }
        };
        ended.map_err(|error| self.failed(&error))?;
        self.replace(|_, _| true)?;
        if complete { Ok(()) } else { self.keep_up_to(u64::MAX) }
    }

    /// Gives the rows their place, and says which. What is there may have come while the run was under way.
    pub(crate) fn commit(&mut self, job: &Job) -> Result<Option<PathBuf>, Failure> {
        let place = match &job.form {
            Form::Count | Form::Stdout(_) => return Ok(None),
            Form::File { path, .. } | Form::Folder(path) => path.clone(),
        };
        if let Some(asked) = &self.asked {
            replace::check(job, &asked.origin)?;
        }
        if let Some(part) = &self.part {
            part.commit()?;
        }
        if let Some(Sink::Folder(folder)) = &mut self.sink {
            folder.commit().map_err(|error| lost(&place, &error))?;
        }
        self.sink = None;
        let _absent = fs::remove_file(footer_of(&place));
        if let Some(record) = self.record.take() {
            record.discard();
        }
        Ok(Some(place))
    }

    /// Rows that were passed on, which is all that is known of them where nothing is kept.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    /// Where rows are until all are there.
    pub(crate) fn place(&self) -> Option<&Path> {
        match (&self.part, &self.sink) {
            (Some(part), _) => Some(part.path()),
            (None, Some(Sink::Folder(folder))) => Some(folder.staging()),
            (None, _) => None,
        }
    }

    /// What becomes of it when the run failed: what is kept for a later run, if anything is, and if the later run may go on
    /// behind it.
    pub(crate) fn leave(mut self, form: &Form, rows: u64, begins_anew: bool) -> Option<Left> {
        let record = self.record.take();
        let place = self.place().map(Path::to_owned);
        let folder = match self.sink.take() {
            Some(Sink::Folder(folder)) => Some(folder),
            _ => None,
        };
        self.anew = None;
        // What the next run will find, whatever this one meant to write: bytes may be lost on their way.
        let kept = match (form, &self.asked, &self.part, &folder) {
            (Form::File { format, .. }, Some(asked), Some(part), _) => kept_in_part(part, *format, asked),
            (Form::Folder(path), Some(asked), _, Some(folder)) => kept_in_folder(path, folder, asked),
            _ => Ok(None),
        };
        let kept = kept.ok().flatten().map(|kept| kept.rows);
        // Rows cost points, and so do windows without any: they are kept, but not under the name of a complete file.
        if !begins_anew && (kept.is_some() || (rows > 0 && record.is_some() && !self.broken)) {
            return place.map(|place| Left { place, rows: kept });
        }
        let Some(record) = record else {
            // Nothing was begun: what a run of another request left stays.
            if let Some(part) = self.part {
                part.discard_if_empty();
            }
            return None;
        };
        if let Some(part) = self.part {
            let _absent = fs::remove_file(footer_of(part.target()));
            part.discard();
        }
        if let Some(folder) = folder {
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
    fn new(
        format: Format,
        pipe: Pipe,
        job: &Job,
        columns: &[&'static Column],
        origin: Origin,
    ) -> io::Result<Self> {
        Ok(match format {
            Format::Arrow => Self::Arrow(IpcWriter::of(pipe, columns, &origin)?),
            Format::Csv => Self::Csv(CsvWriter::new(pipe, columns, job.csv.clone())),
            Format::Jsonl => Self::Jsonl(JsonlWriter::new(pipe, columns)),
            Format::Parquet => Self::Parquet(ParquetWriter::new(pipe, columns)?.of(origin)),
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

/// What a run of the same request left in a part.
fn kept_in_part(part: &Part, format: Format, asked: &Asked) -> Result<Option<Kept>, Unusable> {
    if matches!(format, Format::Arrow | Format::Parquet) {
        let rows = left(part, format).map_or(0, |(rows, _)| rows);
        return resume::find(part.target(), asked, &mut |line| line.rows <= rows);
    }
    let length = part.unpacked_length();
    resume::find(part.target(), asked, &mut |line| line.bytes <= length)
}

/// What a run of the same request left of a folder.
fn kept_in_folder(path: &Path, folder: &DateFolder, asked: &Asked) -> Result<Option<Kept>, Unusable> {
    let rows = folder.kept().unwrap_or_default();
    resume::find(path, asked, &mut |line| {
        let before = midnight(&line.checkpoint);
        let dates = rows.iter().filter(|(date, _)| before.is_none_or(|before| **date < before));
        dates.map(|(_, rows)| rows).sum::<u64>() == line.rows
    })
}

/// Where the footer of a Parquet file is until the file ends with it.
fn footer_of(target: &Path) -> PathBuf {
    beside(target, ".footer")
}

/// Writes it whole under a name of its own; half of one is removed.
fn write_footer(path: &Path, footer: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(footer));
    written.inspect_err(|_| {
        let _best_effort = fs::remove_file(path);
    })
}

/// The date before which all rows are safe, if that is what the checkpoint of a folder says.
fn midnight(checkpoint: &Checkpoint) -> Option<NaiveDate> {
    let at = checkpoint.at();
    (at.time() == NaiveTime::MIN).then(|| at.date())
}

fn lost(path: &Path, error: &io::Error) -> Failure {
    Failure::writing(&path.display().to_string(), error)
}

/// The longest name below a folder while it is written.
const DEEPEST: &str = "account=comagic%3Auser%3A1000000000000/date=2026-03-01/outside-20260301000000-20260302000000-100.parquet.part";

/// Whether the longest name that is written on the way can be there: a name can be too long, and so can a path.
fn check_side(path: &Path) -> Result<(), Failure> {
    fs::symlink_metadata(path).map_or_else(|error| check_name(path, &error), |_| Ok(()))
}

/// Whether a folder can be there.
fn check_folder(path: &Path) -> Result<(), Failure> {
    check_side(path)?;
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
