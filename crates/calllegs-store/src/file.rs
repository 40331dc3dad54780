//! A file: CSV, JSON Lines, Parquet, a workbook or an Arrow stream, texts and streams also compressed. It is written beside its name and
//! gets it when it is whole; a run that is stopped goes on behind what it left, to the same bytes.
//!
//! A text is cut behind the last page that was kept, to the byte. Columns are packed in groups, so what was kept of them
//! is written anew: groups as they would have been had nothing stopped. Not here: how the record of it looks
//! (`resume_log`), what may be replaced (`replace`).

pub(crate) mod atomic;
pub(crate) mod compress;
pub(crate) mod lock;
pub(crate) mod replace;
pub(crate) mod resume_log;
mod workbook;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use arrow_array::RecordBatch;
use calllegs_arrow::{
    Leg, batches,
    checksum::Checksum,
    csv::{CsvOptions, CsvWriter},
    files::beside,
    ipc::{self, IpcWriter},
    jsonl::JsonlWriter,
    origin::Origin,
    parquet::{self, Batches, ParquetWriter},
    schema::Column,
};

pub(crate) use self::{atomic::below_a_file, compress::decompressed};
pub use self::{
    atomic::{AtomicFile, usual_mode},
    lock::resolved,
};
use self::{
    atomic::{Replacement, check_name},
    compress::{CompressedWriter, Mark},
    resume_log::{Leftovers, Resumable, ResumeLog},
};
use crate::{
    destination::{
        Committed, Destination, Ending, Failed, Left, Opened, Page, Paused, Request, ResumePoint,
        ResumeState, Run, Suspended, Writer,
    },
    error::{Error, ErrorKind},
    findings::Findings,
    format::{Compression, Format},
};

/// A file to be written.
#[derive(Clone, Debug)]
pub struct FileDestination {
    path: PathBuf,
    format: Format,
    compression: Compression,
    csv: CsvOptions,
    mode: Option<u32>,
    replaces: bool,
    discards: bool,
    /// Names that a text of this tool can begin with, beside those of legs.
    known: Vec<String>,
}

impl FileDestination {
    /// A file in the format that its name ends with: `.parquet`, `.csv`, `.jsonl`, `.xlsx` or `.arrow`, texts and streams also with
    /// `.gz` or `.zst`.
    ///
    /// # Errors
    /// When the name has no such ending.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let (Some(format), compression) = Format::by_name(&path) else {
            return Err(Error::new(ErrorKind::Place, format!("{} names no format", path.display()))
                .because("the ending of the name says how the rows are written")
                .next("end it with .parquet, .csv, .jsonl, .xlsx or .arrow, texts also with .gz or .zst"));
        };
        Ok(Self::of(path, format, compression))
    }

    /// A file in this format, whatever its name. Parquet and workbooks are compressed inside: they take no compression around
    /// them.
    pub fn of(path: impl Into<PathBuf>, format: Format, compression: Compression) -> Self {
        let compression = if format.is_compressed() { Compression::None } else { compression };
        let csv = CsvOptions::default();
        Self {
            path: path.into(),
            format,
            compression,
            csv,
            mode: None,
            replaces: false,
            discards: false,
            known: Vec::new(),
        }
    }

    /// For these columns: a text has no place to say whose it is, and is known by the names in its first line.
    #[must_use]
    pub fn columns(mut self, columns: &[&'static Column]) -> Self {
        self.known = columns.iter().map(|column| column.name().to_owned()).collect();
        self
    }

    /// The dialect of a CSV.
    #[must_use]
    pub fn csv(mut self, options: CsvOptions) -> Self {
        self.csv = options;
        self
    }

    /// The rights of the file in the end, on Unix, unless it takes the place of another one; without it the umask says.
    #[must_use]
    pub const fn mode(mut self, mode: Option<u32>) -> Self {
        self.mode = mode;
        self
    }

    /// Takes the place of whatever has the name: a wider request's file, one that another program wrote, and the rows of a
    /// paused run of another request.
    #[must_use]
    pub const fn replace(mut self, replaces: bool) -> Self {
        self.replaces = replaces;
        self
    }

    /// Throws the rows of a paused run of another request away, and takes the place of nothing else.
    #[must_use]
    pub const fn discard(mut self, discards: bool) -> Self {
        self.discards = discards;
        self
    }

    fn kind(&self) -> (&Path, Format, Compression) {
        (&self.path, self.format, self.compression)
    }

    /// How rows are kept until all are there. A workbook is made of them at the end.
    fn form(&self) -> (Format, Compression) {
        match self.format {
            Format::Xlsx => (Format::Arrow, Compression::Zstd),
            Format::Arrow | Format::Csv | Format::Jsonl | Format::Parquet => (self.format, self.compression),
        }
    }

    /// Other formats have none: a file of that name is somebody else's.
    fn forget_footer(&self) {
        if self.format == Format::Parquet {
            let _absent = fs::remove_file(footer_of(&self.path));
        }
    }

    fn check(&self, possible: &[Origin]) -> Result<(), Error> {
        if self.replaces { Ok(()) } else { replace::check_file(self.kind(), possible) }
    }
}

impl Destination for FileDestination {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        let footer = footer_of(&self.path);
        let (format, compression) = self.form();
        let is_ours = |side: &Path| {
            self.replaces
                || replace::is_of_format(side, format, compression, &self.known)
                || (side == footer && fs::read(side).is_ok_and(|footer| sound(&footer).is_some()))
        };
        let endings: &[_] = if self.format == Format::Parquet { &[".part", ".footer"] } else { &[".part"] };
        resume_log::check_leftovers(&self.path, endings, is_ours)?;
        check_side(&new_footer(&footer))?;
        let part = AtomicFile::open(&self.path, compression)?.with_mode(self.mode);
        Ok(Box::new(OpenFile { target: *self, part: Some(part) }))
    }
}

/// A file whose part is locked.
struct OpenFile {
    target: FileDestination,
    part: Option<AtomicFile>,
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        // Nothing was begun: what a run of another request left stays.
        if let Some(part) = self.part.take() {
            part.discard_if_empty();
        }
    }
}

impl Opened for OpenFile {
    fn is_typed(&self) -> bool {
        self.target.format.is_columnar()
    }

    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
        let mut possible = possible.to_vec();
        for origin in &mut possible {
            account.unwrap_or_default().clone_into(&mut origin.account);
        }
        self.target.check(&possible)
    }

    fn paused(&self) -> Option<Paused> {
        self.part.as_ref().filter(|part| !part.is_empty())?;
        resume_log::paused(&self.target.path)
    }

    fn begin(mut self: Box<Self>, request: Request) -> Result<Run, Error> {
        self.target.check(std::slice::from_ref(&request.origin))?;
        let Some(mut part) = self.part.take() else {
            return Err(Error::new(ErrorKind::Internal, "the file was begun already"));
        };
        // What is read is decided before anything is written.
        let left = kept_in(&part, self.target.form(), &request);
        let Leftovers { kept, unusable, .. } =
            left.discarding(self.target.replaces || self.target.discards)?;
        let resumed = kept.as_ref().map(|kept| kept.state.clone());
        let origin = request.origin_behind(resumed.as_ref());
        let begun = restore(&mut part, &self.target, &request, &origin, kept.as_ref()).and_then(|restored| {
            ResumeLog::open(&self.target.path, &request, kept.as_ref()).map(|log| (restored, log))
        });
        let ((sink, anew), log) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                part.discard_if_empty();
                return Err(error);
            }
        };
        let replaces = replace::other_time(self.target.kind(), &origin);
        let writer = FileWriter {
            target: self.target.clone(),
            behind: resumed.as_ref().map_or(0, |state| state.rows),
            request,
            origin: origin.clone(),
            part,
            log,
            sink: Some(sink),
            anew,
            points: Vec::new(),
            taken: 0,
            told: 0,
            is_broken: false,
            findings: Findings::default(),
        };
        Ok(Run { origin, resumed, unusable, replaces, writer: Box::new(writer) })
    }
}

/// Rows of an earlier run on their way into a file that will take the place of the part.
struct Anew {
    file: Replacement,
    /// Where the earlier run stopped: what its record says of columns does not fit the new file, which has their groups as
    /// they would have been without a stop.
    behind: Option<ResumePoint>,
    /// What the new file has up to there, and perhaps some rows more.
    mark: Option<Mark>,
}

impl Anew {
    /// Rows that the file must have before it takes the place of the part.
    fn rows(&self) -> u64 {
        self.behind.as_ref().map_or(0, |behind| behind.rows)
    }
}

/// A sink behind the rows that an earlier run left, and the file that will take the place of the part if they are written
/// anew.
fn restore(
    part: &mut AtomicFile,
    target: &FileDestination,
    request: &Request,
    origin: &Origin,
    kept: Option<&Resumable>,
) -> Result<(Sink, Option<Anew>), Error> {
    let sink = |writer| Sink::new(target.form().0, writer, &request.columns, target.csv.clone(), origin);
    if target.format.is_columnar() {
        return restore_columns(part, target, kept.map(|kept| &kept.state), sink);
    }
    let bytes = kept.map_or(0, |kept| kept.bytes);
    let (writer, replacement) = part.writer(bytes)?;
    let mut sink = sink(writer).map_err(|error| part.lost(&error))?;
    if bytes == 0 {
        sink.header().map_err(|error| part.lost(&error))?;
    }
    Ok((sink, replacement.map(|file| Anew { file, behind: None, mark: None })))
}

/// A sink that has the rows of an earlier run already.
fn restore_columns(
    part: &mut AtomicFile,
    target: &FileDestination,
    kept: Option<&ResumeState>,
    sink: impl FnOnce(CompressedWriter) -> io::Result<Sink>,
) -> Result<(Sink, Option<Anew>), Error> {
    let old = kept.filter(|kept| kept.rows > 0).and_then(|kept| Some((kept, left(part, target.form().0)?.1)));
    let Some((kept, old)) = old else {
        target.forget_footer();
        let (writer, _) = part.writer(0)?;
        return Ok((sink(writer).map_err(|error| part.lost(&error))?, None));
    };
    let (writer, file) = part.replacement().map_err(|error| part.lost(&error))?;
    let mut sink = sink(writer).map_err(|error| part.lost(&error))?;
    let mut missing = kept.rows;
    for batch in old {
        let batch = batch.map_err(|error| {
            Error::new(ErrorKind::Unreadable, format!("cannot read {} back: {error}", part.path().display()))
                .next(format!(
                    "remove it and {}, and run it again, which then starts anew",
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
    let (checkpoint, rows, given) = (kept.checkpoint.clone(), kept.rows, kept.given);
    let behind = Some(ResumePoint { checkpoint, rows, given, ids: Vec::new(), points: 0 });
    Ok((sink, Some(Anew { file, behind, mark: None })))
}

/// A file that takes rows.
struct FileWriter {
    target: FileDestination,
    request: Request,
    /// What the file says of the request.
    origin: Origin,
    part: AtomicFile,
    log: ResumeLog,
    sink: Option<Sink>,
    /// A file that will take the place of the part, once it holds as many rows.
    anew: Option<Anew>,
    /// What is not yet safe, and where a text ended there.
    points: Vec<(ResumePoint, Option<Mark>)>,
    /// Rows of the earlier run.
    behind: u64,
    /// Rows that were passed on.
    taken: u64,
    /// Rows that the footer beside the part speaks of.
    told: u64,
    /// Nothing can be written any more: what is there may end anywhere.
    is_broken: bool,
    findings: Findings,
}

impl Writer for FileWriter {
    fn place(&self) -> Option<&Path> {
        Some(self.part.path())
    }

    fn write(&mut self, page: Page) -> Result<(), Error> {
        self.take(page).inspect_err(|_| self.is_broken = true)
    }

    fn commit(mut self: Box<Self>) -> Result<Committed, Box<Failed>> {
        let ended = self.is_sound().and_then(|()| self.end(true)).and_then(|()| {
            // What is there may have come while the run was under way.
            self.target.check(std::slice::from_ref(&self.request.origin))?;
            if self.behind + self.taken == 0 && !self.target.replaces {
                replace::check_empty(self.target.kind(), &self.request.origin)?;
            }
            self.give_name()
        });
        if let Err(error) = ended {
            let rows = self.taken;
            return Err(Failed::new(error, self.leave(Ending::behind(rows))));
        }
        let Self { target, log, findings, .. } = *self;
        target.forget_footer();
        log.discard();
        Ok(Committed { place: Some(target.path), findings })
    }

    fn suspend(mut self: Box<Self>, ending: Ending) -> Suspended {
        let error = self.end(false).err();
        Suspended { error, ..self.leave(ending) }
    }
}

impl FileWriter {
    /// A page that could not be written is missing in what is there.
    fn is_sound(&self) -> Result<(), Error> {
        if self.is_broken { Err(Error::torn(self.part.path().display())) } else { Ok(()) }
    }

    /// All rows are in the part.
    fn give_name(&self) -> Result<(), Error> {
        let rows = self.behind + self.taken;
        match self.target.format {
            Format::Xlsx => workbook::commit(&self.part, &self.request.columns, &self.origin, rows),
            Format::Arrow | Format::Csv | Format::Jsonl | Format::Parquet => self.part.commit(),
        }
    }

    fn take(&mut self, page: Page) -> Result<(), Error> {
        let Some(sink) = &mut self.sink else {
            return Err(Error::new(ErrorKind::Internal, "the rows have ended already"));
        };
        let written = sink.take(&page.legs, &mut self.findings);
        written.map_err(|error| Error::writing("the rows", &error))?;
        self.taken += page.legs.len() as u64;
        let mark = if self.target.format.is_columnar() { None } else { sink.mark() };
        self.points.extend(page.resume.map(|point| (point, mark)));
        self.keep()
    }

    /// Keeps what is safe.
    fn keep(&mut self) -> Result<(), Error> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let rows = match sink {
            Sink::Csv(_) | Sink::Jsonl(_) => u64::MAX,
            Sink::Arrow(writer) => writer.rows_flushed(),
            Sink::Parquet(writer) => {
                let rows = writer.rows_flushed();
                let is_enough = self.anew.as_ref().is_none_or(|anew| anew.rows() <= rows);
                if rows > self.told && is_enough {
                    // All that can fail comes before the file and the footer of the run before go.
                    let path = footer_of(&self.target.path);
                    let written = writer.footer().and_then(|footer| write_footer(&new_footer(&path), footer));
                    written.map_err(|error| Error::writing(path.display(), &error))?;
                    self.told = rows;
                    return self.keep_with_footer(rows, &path);
                }
                rows
            }
        };
        let mark = sink.mark();
        if let Some(anew) = &mut self.anew {
            if rows < anew.rows() {
                return Ok(());
            }
            if anew.behind.is_some() && anew.mark.is_none() {
                anew.mark = mark;
                anew.file.needs_what_was_passed_on().map_err(|error| self.part.lost(&error))?;
            }
            if !anew.file.has_enough() {
                return Ok(());
            }
        }
        self.keep_up_to(rows, mark)
    }

    /// The footer that was written takes the place of the one before.
    fn keep_with_footer(&mut self, rows: u64, path: &Path) -> Result<(), Error> {
        let mark = self.sink.as_ref().and_then(Sink::mark);
        let named =
            |()| fs::rename(new_footer(path), path).map_err(|error| Error::writing(path.display(), &error));
        if self.anew.is_none() {
            named(())?;
            return self.keep_up_to(rows, mark);
        }
        // Until everything is recorded that a full disk can refuse, the footer of the run before is there.
        self.record_up_to(rows, mark)?;
        let _absent = fs::remove_file(path);
        self.adopt().and_then(named)
    }

    /// Records the points whose rows are in the file, as far as so many of them are. Then a file that holds the rows anew
    /// takes the place of the part: until it has done so the record fits the one, and from then on the other.
    fn keep_up_to(&mut self, rows: u64, mark: Option<Mark>) -> Result<(), Error> {
        self.record_up_to(rows, mark)?;
        self.adopt()
    }

    fn record_up_to(&mut self, rows: u64, mark: Option<Mark>) -> Result<(), Error> {
        if let Some(Anew { behind: Some(behind), mark: known, .. }) = &self.anew
            && let Some(mark) = known.or(mark)
        {
            self.log.keep(behind.clone(), mark)?;
        }
        let safe = self.points.iter().take_while(|(point, _)| point.rows <= rows).count();
        for (point, of_text) in self.points.drain(..safe) {
            let Some(mark) = of_text.or(mark) else { continue };
            self.log.keep(point, mark)?;
        }
        Ok(())
    }

    fn adopt(&mut self) -> Result<(), Error> {
        match self.anew.take() {
            Some(anew) => self.part.adopt(&anew.file).map_err(|error| self.part.lost(&error)),
            None => Ok(()),
        }
    }

    /// Ends the rows: all of them are there, or the run was stopped and what is there is kept.
    fn end(&mut self, complete: bool) -> Result<(), Error> {
        if self.is_broken {
            return Ok(());
        }
        self.try_end(complete).inspect_err(|_| self.is_broken = true)
    }

    fn try_end(&mut self, complete: bool) -> Result<(), Error> {
        let failed = |error: io::Error| Error::writing("the rows", &error);
        match &mut self.sink {
            Some(Sink::Arrow(writer)) => writer.flush(),
            Some(Sink::Parquet(writer)) => writer.flush(),
            Some(Sink::Csv(_) | Sink::Jsonl(_)) | None => Ok(()),
        }
        .map_err(failed)?;
        self.keep()?;
        let Some(sink) = self.sink.take() else { return Ok(()) };
        // Without a footer it is not taken for a file.
        if matches!(sink, Sink::Parquet(_)) && !complete {
            return Ok(());
        }
        let mark = sink.mark();
        sink.finish(&mut self.findings).map_err(failed)?;
        self.keep_up_to(u64::MAX, mark)
    }

    /// What becomes of it when not all rows came: what is kept for a later run, if anything is, and if the later run may go on
    /// behind it.
    fn leave(self, ending: Ending) -> Suspended {
        let Self { target, request, part, log, anew, taken, is_broken, findings, .. } = self;
        drop(anew);
        // What the next run will find, whatever this one meant to write: bytes may be lost on their way.
        let kept = kept_in(&part, target.form(), &request).kept.map(|kept| kept.state.rows);
        let is_kept = ending.keeps(kept, is_broken);
        let left = is_kept.then(|| Left { place: part.path().to_owned(), rows: kept });
        if !is_kept {
            target.forget_footer();
            part.discard();
            log.discard();
        }
        Suspended { left, taken, findings, error: None }
    }
}

/// What writes rows in a format.
pub(crate) enum Sink {
    Arrow(IpcWriter<CompressedWriter>),
    Csv(CsvWriter<CompressedWriter>),
    Jsonl(JsonlWriter<CompressedWriter>),
    Parquet(ParquetWriter<CompressedWriter>),
}

impl Sink {
    pub(crate) fn new(
        format: Format,
        to: CompressedWriter,
        columns: &[&'static Column],
        csv: CsvOptions,
        origin: &Origin,
    ) -> io::Result<Self> {
        Ok(match format {
            Format::Arrow => Self::Arrow(IpcWriter::of(to, columns, origin)?),
            Format::Csv => Self::Csv(CsvWriter::new(to, columns, csv)),
            Format::Jsonl => Self::Jsonl(JsonlWriter::new(to, columns)),
            Format::Parquet => Self::Parquet(ParquetWriter::new(to, columns)?.of(origin.clone())),
            Format::Xlsx => return Err(io::Error::other("a workbook is put together at its end, in a file")),
        })
    }

    /// What stands before the first row.
    pub(crate) fn header(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.header(),
            Self::Arrow(_) | Self::Jsonl(_) | Self::Parquet(_) => Ok(()),
        }
    }

    /// Writes legs, and takes note of what is odd about them.
    pub(crate) fn take(&mut self, legs: &[Leg], findings: &mut Findings) -> io::Result<()> {
        for batch in batches(legs).map_err(|error| io::Error::other(error.to_string()))? {
            findings.observe(&batch, matches!(self, Self::Csv(_)));
            self.write(&batch)?;
        }
        self.pass_on()
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Self::Arrow(writer) => writer.write(batch),
            Self::Csv(writer) => writer.write(batch),
            Self::Jsonl(writer) => writer.write(batch),
            Self::Parquet(writer) => writer.write(batch),
        }
    }

    /// Passes on what was taken, so that a reader of a pipe sees every page. Columns wait for a whole group.
    fn pass_on(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.flush(),
            Self::Jsonl(writer) => writer.flush(),
            Self::Arrow(_) | Self::Parquet(_) => Ok(()),
        }
    }

    /// What was passed on so far.
    fn mark(&self) -> Option<Mark> {
        match self {
            Self::Arrow(writer) => Some(writer.get_ref()),
            Self::Csv(writer) => Some(writer.get_ref()),
            Self::Jsonl(writer) => Some(writer.get_ref()),
            Self::Parquet(writer) => writer.get_ref(),
        }
        .map(CompressedWriter::mark)
    }

    /// Ends the rows.
    pub(crate) fn finish(self, findings: &mut Findings) -> io::Result<()> {
        match self {
            Self::Arrow(writer) => writer.finish(),
            Self::Csv(writer) => {
                findings.lost_letters += writer.lost();
                writer.finish()
            }
            Self::Jsonl(writer) => writer.finish(),
            Self::Parquet(writer) => writer.finish(),
        }
        .and_then(CompressedWriter::finish)
    }
}

/// What an earlier run left of columns: these rows, and how many at most.
fn left(part: &AtomicFile, format: Format) -> Option<(u64, Batches)> {
    if part.is_empty() {
        return None;
    }
    if format == Format::Parquet {
        let footer = fs::read(footer_of(part.target())).ok()?;
        return parquet::recover(File::open(part.path()).ok()?, sound(&footer)?).ok();
    }
    let stream = part.decompressed_stream().and_then(ipc::read_back).ok()?;
    Some((u64::MAX, Box::new(stream)))
}

/// What a run of the same request left in a part.
fn kept_in(part: &AtomicFile, (format, compression): (Format, Compression), request: &Request) -> Leftovers {
    let rows = match format {
        // Groups that no footer speaks of cannot be found.
        Format::Parquet => left(part, format).map_or(0, |(rows, _)| rows),
        Format::Arrow | Format::Csv | Format::Jsonl | Format::Xlsx => u64::MAX,
    };
    let holds_rows = || replace::holds_rows(part.path(), format, compression);
    let mut marks = part.marks();
    let left = resume_log::find(part.target(), request, &holds_rows, &mut |record| {
        // Columns without rows are begun anew.
        (format.is_columnar() && record.rows == 0) || (record.rows <= rows && marks.fits(record.mark()))
    });
    // A record alone is of no use to anybody.
    Leftovers { paused: left.paused.filter(|_| !part.is_empty()), ..left }
}

/// Where the footer of a Parquet file is until the file ends with it.
fn footer_of(target: &Path) -> PathBuf {
    beside(target, ".footer")
}

/// Where the next footer is until all of it is there.
fn new_footer(footer: &Path) -> PathBuf {
    beside(footer, ".new")
}

/// Writes it whole under a name of its own, with its checksum behind it; half of one is removed. The name is not random, as
/// that of a temporary file is: what a killed run has left there is written over by the next one.
fn write_footer(path: &Path, mut footer: Vec<u8>) -> io::Result<()> {
    let sum = Checksum::of(&footer);
    footer.extend(sum.to_le_bytes());
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(&footer));
    written.inspect_err(|_| {
        let _best_effort = fs::remove_file(path);
    })
}

/// A footer, if it is the one that was written.
fn sound(footer: &[u8]) -> Option<&[u8]> {
    let (footer, sum) = footer.split_last_chunk()?;
    (Checksum::of(footer).to_le_bytes() == *sum).then_some(footer)
}

/// Whether the longest name that is written on the way can be there: a name can be too long, and so can a path.
pub(crate) fn check_side(path: &Path) -> Result<(), Error> {
    fs::symlink_metadata(path).map_or_else(|error| check_name(path, &error), |_| Ok(()))
}
