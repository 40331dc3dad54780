//! Where rows go: standard output or a file that appears whole, as JSON Lines or CSV.
//!
//! A file is written as `FILE.part` beside its name and renamed when it is complete. Not here: tables (`table`), what
//! happens to the part of a run that fails (`get`), and how a later run goes on with it (`resume`).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Stdout, Write},
    path::{Path, PathBuf},
};

use calllegs_core::{
    CallLeg,
    schema::{Cell, Cells, Record},
    value::wall_time,
};
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};
use serde::Serialize;

use crate::{
    args::Format,
    columns::Columns,
    exit::{Exit, Failure},
    table::Table,
};

/// The form and packing that a file name asks for.
///
/// # Errors
/// Names the endings that exist.
pub(crate) fn form_of(path: &Path) -> Result<(Format, bool), Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (stem, packed) = name.strip_suffix(".gz").map_or((&*name, false), |stem| (stem, true));
    let is_folder = path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator);
    match stem.rsplit_once('.') {
        Some((stem, "jsonl" | "ndjson")) if !stem.is_empty() && !is_folder => Ok((Format::Jsonl, packed)),
        Some((stem, "csv")) if !stem.is_empty() && !is_folder => Ok((Format::Csv, packed)),
        _ => Err(Failure::usage(format!("-o does not write {}", path.display()))
            .next("name a file that ends with .jsonl, .jsonl.gz, .csv or .csv.gz")),
    }
}

/// Writes a text to standard output, all of it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::stdout(&error))
}

/// Writes a value to standard output, as JSON that people can read too.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value);
    print(&format!("{}\n", text.map_err(|error| Failure::stdout(&error.into()))?))
}

/// A file that does not have its name yet.
#[derive(Debug)]
pub(crate) struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    packed: bool,
}

impl Part {
    /// Opens it, so that a folder that is missing or closed is known before anything is spent. What a run before left in
    /// it stays.
    pub(crate) fn open(target: &Path, packed: bool) -> Result<Self, Failure> {
        if target.is_dir() {
            return Err(Failure::new(Exit::Destination, format!("{} is a folder", target.display()))
                .next("name a file; nothing was spent"));
        }
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let path = target.with_file_name(name);
        let file = Self::file(&path, false).map_err(|error| {
            Failure::new(Exit::Destination, format!("cannot write {}: {error}", path.display()))
                .next("the folder must exist and be writable; nothing was spent")
        })?;
        Ok(Self { file, path, target: target.to_owned(), packed })
    }

    /// [`open`](Self::open), without what is in it.
    pub(crate) fn create(target: &Path) -> Result<Self, Failure> {
        let mut part = Self::open(target, false)?;
        part.cut(0)?;
        Ok(part)
    }

    fn file(path: &Path, anew: bool) -> io::Result<File> {
        // A link or a device is not ours to write through.
        if fs::symlink_metadata(path).is_ok_and(|found| anew || !found.is_file()) {
            fs::remove_file(path)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // Call records are people's data.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }

    /// How many bytes of rows it holds. The end of a packed file that was not finished cannot be read.
    pub(crate) fn unpacked_length(&self) -> u64 {
        if self.packed {
            let Ok(file) = File::open(&self.path) else { return 0 };
            let mut unpacked = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file));
            let (mut length, mut piece) = (0, vec![0; BUFFER]);
            while let Ok(read @ 1..) = unpacked.read(&mut piece) {
                length += read as u64;
            }
            return length;
        }
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Leaves so many bytes of rows, and whatever is written next follows them.
    fn cut(&mut self, bytes: u64) -> Result<(), Failure> {
        let cut = self.file.set_len(bytes).and_then(|()| self.file.seek(SeekFrom::Start(bytes)));
        cut.map(drop).map_err(|error| self.lost(&error))
    }

    /// A writer behind so many bytes of rows. A packed file is packed anew: the same rows then give the same bytes,
    /// whether a run was stopped or not.
    fn pipe(&mut self, bytes: u64) -> Result<Pipe, Failure> {
        if !self.packed {
            self.cut(bytes)?;
            let file = self.file.try_clone().map_err(|error| self.lost(&error))?;
            return Ok(Pipe::Plain(BufWriter::with_capacity(BUFFER, file)));
        }
        self.repack(bytes).map_err(|error| self.lost(&error))
    }

    fn repack(&mut self, bytes: u64) -> io::Result<Pipe> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let path = self.path.with_file_name(name);
        let file = Self::file(&path, true)?;
        let writer = BufWriter::with_capacity(BUFFER, file.try_clone()?);
        let mut encoder = GzEncoder::new(writer, Compression::default());
        if bytes > 0 {
            let old = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, File::open(&self.path)?));
            io::copy(&mut old.take(bytes), &mut encoder)?;
            encoder.get_mut().flush()?;
        }
        fs::rename(&path, &self.path)?;
        self.file = file;
        Ok(Pipe::Gzip(encoder))
    }

    fn lost(&self, error: &io::Error) -> Failure {
        Failure::writing(&self.path.display().to_string(), error)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it its name, once everything has reached the disk.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        let renamed = self.file.sync_all().and_then(|()| fs::rename(&self.path, &self.target));
        renamed.map_err(|error| Failure::writing(&self.target.display().to_string(), &error))?;
        // The name reaches the disk with its folder; where folders cannot be opened this is left to the system.
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let _best_effort =
            File::open(folder.unwrap_or_else(|| Path::new("."))).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Removes it.
    pub(crate) fn discard(self) {
        let _best_effort = fs::remove_file(&self.path);
    }

    /// Removes it when there is nothing in it.
    pub(crate) fn discard_if_empty(self) {
        if self.file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            self.discard();
        }
    }

    /// Writes all of it at once.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| self.lost(&error))
    }
}

/// What takes the rows of a run.
pub(crate) enum Sink {
    /// Counts them, which the reader does anyway.
    Count,
    Csv(Box<csv::Writer<Counted>>, Columns),
    /// With room for one row: serde writes it in pieces, and each piece on its own costs more than the row.
    Jsonl(Counted, Columns, Vec<u8>),
    Table(Table),
}

impl Sink {
    /// A sink for standard output, or for a file behind the bytes of rows that it is to keep.
    pub(crate) fn new(
        format: Format,
        columns: Columns,
        part: Option<(&mut Part, u64)>,
    ) -> Result<Self, Failure> {
        let (pipe, bytes) = match part {
            None => (Pipe::Stdout(BufWriter::with_capacity(BUFFER, io::stdout())), 0),
            Some((part, bytes)) => (part.pipe(bytes)?, bytes),
        };
        let counted = Counted { pipe, bytes };
        Ok(match format {
            Format::Table => Self::Table(Table::new(columns)),
            Format::Jsonl => Self::Jsonl(counted, columns, Vec::new()),
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().from_writer(counted);
                if bytes == 0 {
                    let header = columns.iter().map(|column| column.name());
                    writer.write_record(header).map_err(lost_record)?;
                }
                Self::Csv(Box::new(writer), columns)
            }
        })
    }

    /// Bytes of rows so far, before they are packed; exact behind a [`flush`](Self::flush).
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Count | Self::Table(_) => 0,
            Self::Csv(writer, _) => writer.get_ref().bytes,
            Self::Jsonl(counted, ..) => counted.bytes,
        }
    }

    /// Takes one row.
    pub(crate) fn row(&mut self, leg: &CallLeg) -> Result<(), Failure> {
        match self {
            Self::Count => Ok(()),
            Self::Table(table) => {
                table.push(leg);
                Ok(())
            }
            Self::Jsonl(counted, columns, line) => {
                line.clear();
                serde_json::to_writer(&mut *line, &leg.select(columns))
                    .map_err(io::Error::from)
                    .map_err(lost)?;
                line.push(b'\n');
                counted.write_all(line).map_err(lost)
            }
            Self::Csv(writer, columns) => {
                for column in &*columns {
                    writer.write_field(text(leg, column)).map_err(lost_record)?;
                }
                writer.write_record(None::<&[u8]>).map_err(lost_record)
            }
        }
    }

    /// Whether members that nobody documents get lost: only JSON Lines has a place for them.
    pub(crate) const fn is_fixed(&self) -> bool {
        matches!(self, Self::Csv(..))
    }

    /// Passes on what was taken, so that a reader of a pipe sees every page.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        match self {
            Self::Count | Self::Table(_) => Ok(()),
            Self::Jsonl(counted, ..) => counted.flush().map_err(lost),
            Self::Csv(writer, _) => writer.flush().map_err(lost),
        }
    }

    /// Ends the output. A table is printed now, when its widths are known.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Count => Ok(()),
            Self::Table(table) => table.print(),
            Self::Jsonl(counted, ..) => counted.pipe.finish().map_err(lost),
            Self::Csv(mut writer, _) => {
                writer.flush().map_err(lost)?;
                let counted =
                    writer.into_inner().map_err(|error| lost(io::Error::other(error.to_string())))?;
                counted.pipe.finish().map_err(lost)
            }
        }
    }
}

/// One page of text or so: few system calls, constant memory.
const BUFFER: usize = 64 << 10;

/// Bytes on their way.
pub(crate) enum Pipe {
    Gzip(GzEncoder<BufWriter<File>>),
    Plain(BufWriter<File>),
    Stdout(BufWriter<Stdout>),
}

impl Pipe {
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.finish()?.flush(),
            Self::Plain(mut file) => file.flush(),
            Self::Stdout(mut stdout) => stdout.flush(),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Plain(file) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            // Flushing a compressor costs compression; the file has no reader yet.
            Self::Gzip(_) => Ok(()),
            Self::Plain(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// A pipe that knows how much went through it.
pub(crate) struct Counted {
    pipe: Pipe,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.pipe.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}

fn lost(error: impl Into<io::Error>) -> Failure {
    Failure::writing("the rows", &error.into())
}

/// The csv crate hides the kind of an I/O error when it is converted.
fn lost_record(error: csv::Error) -> Failure {
    let what = error.to_string();
    if let csv::ErrorKind::Io(error) = error.into_kind() { lost(error) } else { lost(io::Error::other(what)) }
}

/// A value as text: nothing for no value, arrays joined with `;`, what does not fit its type as the server wrote it.
pub(crate) fn text(leg: &CallLeg, column: &calllegs_core::schema::FieldInfo) -> String {
    if let Some(value) = leg.extra().get(column.name()) {
        return value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    }
    match leg.cell(column) {
        Cell::Boolean(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Decimal(value) => value.to_string(),
        Cell::Text(value) => value.to_owned(),
        Cell::Time(value) => wall_time::format(value).to_string(),
        Cell::List(items) => items.iter().collect::<Vec<_>>().join(";"),
        // No value, and kinds of cells that core may learn of.
        Cell::Null | _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_say_the_form() {
        let table = [
            ("a.jsonl", (Format::Jsonl, false)),
            ("d/a.JSONL.gz", (Format::Jsonl, true)),
            ("вчера.csv", (Format::Csv, false)),
            ("a.b.csv.gz", (Format::Csv, true)),
        ];
        for (name, form) in table {
            assert_eq!(form_of(Path::new(name)).unwrap(), form, "{name}");
        }
        for name in ["a.xlsx", "a", "a.gz", ".csv", "dir/", "a.csv/", "a.json"] {
            assert_eq!(form_of(Path::new(name)).unwrap_err().exit, Exit::Usage, "{name}");
        }
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.csv");
        let mut part = Part::create(&target).unwrap();
        part.fill(b"x").unwrap();
        assert!(!target.exists());
        part.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"x");
        Part::create(&target).unwrap().discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(Part::create(&folder.path().join("no/a.csv")).unwrap_err().exit, Exit::Destination);
    }

    #[test]
    fn cells_as_text() {
        let leg: CallLeg = serde_json::from_str(
            r#"{"id":7,"is_coach":false,"call_records":["a","b"],"start_time":"2026-03-02 10:15:04",
            "duration":"long","employee_full_name":null}"#,
        )
        .unwrap();
        let told: Vec<_> = ["id", "is_coach", "call_records", "start_time", "duration", "employee_full_name"]
            .iter()
            .map(|name| {
                text(&leg, calllegs_core::query::find_column::<calllegs_core::CallLegs>(name).unwrap())
            })
            .collect();
        assert_eq!(told, ["7", "false", "a;b", "2026-03-02 10:15:04", "long", ""]);
    }
}
