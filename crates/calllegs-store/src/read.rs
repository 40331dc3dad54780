//! Legs that are kept somewhere, read again as batches: any file, folder or table that the tool writes.
//!
//! What is read is what was asked for at least: some columns, and legs that start in a range of time. Of Parquet only these
//! columns are read, and only row groups that may have such legs; of folders only such dates. Text that is not as the tool
//! writes it is an error that names its line.
//!
//! Not here: what is made of legs; how a user names a place.

mod texts;
mod whole_texts;

use std::{
    collections::BTreeSet,
    fmt,
    fs::File,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use arrow_array::{Array as _, RecordBatch};
use calllegs_arrow::{
    ipc,
    parquet::{read_back, read_columns},
    partition::{ACCOUNT, DATE},
    schema::Column,
};
use chrono::NaiveDate;

#[cfg(feature = "postgres")]
use crate::postgres::Postgres;
#[cfg(feature = "sqlite")]
use crate::sqlite::Sqlite;
use crate::{
    error::{Error, ErrorKind},
    file::decompressed,
    format::{Compression, Format},
    lake,
    wanted::{Each, Wanted},
};

/// So many batches are decoded before they are wanted.
const AHEAD: usize = 4;

/// A place that legs are read from.
///
/// ```
/// use calllegs_store::{Wanted, Reading};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("march.csv");
/// # std::fs::write(&path, "id,start_time\n7,2026-03-02 10:15:04\n")?;
/// let mut legs = Reading::file(path)?;
/// let mut rows = 0;
/// legs.read(&Wanted::columns(&["id", "start_time"]), |batch| {
///     rows += batch.num_rows();
///     Ok::<_, calllegs_store::Error>(())
/// })?;
/// assert_eq!(rows, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reading(Place);

enum Place {
    File(PathBuf, Format, Compression),
    Folder(PathBuf),
    Lake(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(Box<Postgres>),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<Sqlite>),
}

/// A path, or an address without its password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, ..) | Self::Folder(path) | Self::Lake(path) => path.fmt(f),
            #[cfg(feature = "postgres")]
            Self::Postgres(place) => place.fmt(f),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(place) => place.fmt(f),
        }
    }
}

impl Reading {
    /// A file, in the format that its name ends with.
    ///
    /// # Errors
    /// When it is not there, or its name says no format.
    pub fn file(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let (Some(format), compression) = Format::by_name(&path) else {
            return Err(Error::new(
                ErrorKind::Place,
                format!("the name of {} says no format", path.display()),
            )
            .because("the ending of a name says how the legs in it are written")
            .next("end it with .parquet, .csv, .jsonl or .arrow, texts also with .gz or .zst"));
        };
        if !path.is_file() {
            return Err(absent(&path));
        }
        Ok(Self(Place::File(path, format, compression)))
    }

    /// A folder of Parquet files by account and date; a lake too, which is read by its last manifest.
    ///
    /// # Errors
    /// When it is not there, or has no folder of an account.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        if lake::is_lake(&path) {
            return Ok(Self(Place::Lake(path)));
        }
        let accounts = entries(&path)?.into_iter().filter(|path| partition(path, ACCOUNT).is_some());
        if accounts.count() == 0 {
            return Err(Error::new(
                ErrorKind::Place,
                format!("{} has no legs by account and date", path.display()),
            )
            .because("legs of a folder are read from account=…/date=…/*.parquet")
            .next("name a folder that calllegs wrote, or a file in it"));
        }
        Ok(Self(Place::Folder(path)))
    }

    /// The table of a SQLite file.
    ///
    /// # Errors
    /// When it is not there or cannot be used.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        if !path.is_file() {
            return Err(absent(&path));
        }
        Ok(Self(Place::Sqlite(Box::new(Sqlite::open_to_read(path)?.creates(false)))))
    }

    /// The table of a database.
    ///
    /// # Errors
    /// When the address cannot be used.
    #[cfg(feature = "postgres")]
    pub fn postgres(url: &str) -> Result<Self, Error> {
        Ok(Self(Place::Postgres(Box::new(Postgres::open(url)?.creates(false)))))
    }

    /// Gives batches until all are read, legs of a file in its order, of a table by their start. May be called again.
    ///
    /// # Errors
    /// When something cannot be read, and those of whoever takes the batches: then no more are read.
    pub fn read<E: From<Error> + Send>(
        &mut self,
        wanted: &Wanted,
        mut take: impl FnMut(RecordBatch) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let mut stopped = None;
        let read = self.pass(wanted, &mut |batch| match take(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stopped = Some(error);
                ControlFlow::Break(())
            }
        });
        match stopped {
            Some(error) => Err(error),
            None => Ok(read.map(drop)?),
        }
    }

    /// The columns of files, with a value in them, that are none of legs and none of these. Those of tables are not looked for.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn others(&mut self, joined: &[&'static Column]) -> Result<BTreeSet<String>, Error> {
        let mut others = BTreeSet::new();
        #[cfg(any(feature = "postgres", feature = "sqlite"))]
        if !matches!(&self.0, Place::File(..) | Place::Folder(_) | Place::Lake(_)) {
            return Ok(others);
        }
        let known: BTreeSet<_> = Column::all().iter().chain(Column::version()).map(Column::name).collect();
        let is_known = |name: &str| known.contains(name) || joined.iter().any(|column| column.name() == name);
        // Of one file with types, one batch tells it all.
        let has_types = matches!(&self.0, Place::File(_, Format::Parquet | Format::Arrow, _));
        let _ = self.pass(&Wanted::everything(), &mut |batch| {
            let schema = batch.schema();
            let fields = schema.fields().iter().zip(batch.columns());
            let unknown = fields.filter(|(field, _)| !is_known(field.name()));
            let with_values =
                unknown.filter(|(_, array)| has_types || array.logical_null_count() < array.len());
            others.extend(with_values.map(|(field, _)| field.name().clone()));
            if has_types { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(others)
    }

    fn pass(&mut self, wanted: &Wanted, each: &mut Each<'_>) -> Result<ControlFlow<()>, Error> {
        match &mut self.0 {
            Place::File(path, format, compression) => file(path, *format, *compression, wanted, each),
            Place::Folder(path) => {
                let mut files = Vec::new();
                let is_data = |path: &Path| !path.is_dir() && ends_with(path, |it| it == "parquet");
                for account in those(path, |path| partition(path, ACCOUNT).is_some())? {
                    for date in those(&account, |path| partition(path, DATE).is_some())? {
                        if is_wanted(&date, wanted) {
                            files.extend(those(&date, is_data)?);
                        }
                    }
                }
                parquets(&files, wanted, each)
            }
            Place::Lake(path) => {
                let mut files = lake::files(path)?;
                files.retain(|path| path.parent().is_none_or(|date| is_wanted(date, wanted)));
                parquets(&files, wanted, each)
            }
            #[cfg(feature = "postgres")]
            Place::Postgres(place) => place.legs(wanted, each),
            #[cfg(feature = "sqlite")]
            Place::Sqlite(place) => place.legs(wanted, each),
        }
    }
}

fn absent(path: &Path) -> Error {
    Error::new(ErrorKind::Place, format!("{} is not there", path.display()))
        .because("legs are read from it; nothing is written")
        .next("name a file that is there")
}

/// What stands behind these letters in the name of a folder.
fn partition<'p>(path: &'p Path, letters: &str) -> Option<&'p str> {
    path.file_name()?.to_str()?.strip_prefix(letters)
}

/// Whether the folder of a date may have legs that are asked for. One of a date that nobody understands may.
fn is_wanted(path: &Path, wanted: &Wanted) -> bool {
    let Some(name) = partition(path, DATE) else { return false };
    name.parse::<NaiveDate>()
        .map_or(true, |date| wanted.starts.start.date() <= date && date <= wanted.starts.end.date())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let mut paths: Vec<_> =
            folder.read_dir()?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        paths.sort_unstable();
        Ok(paths)
    };
    read().map_err(|error| unreadable(folder, &error))
}

/// What of a folder belongs there. Further Parquet and folders, unless they are hidden, would be legs that nobody reads.
fn those(folder: &Path, belongs: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let (found, others): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|path| belongs(path));
    let is_hidden = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(['.', '_'])
    };
    let may_be_legs = |path: &&PathBuf| path.is_dir() || ends_with(path, |it| it.starts_with("parq"));
    match others.iter().filter(|path| !is_hidden(path)).find(may_be_legs) {
        Some(path) => Err(Error::new(ErrorKind::Unreadable, format!("{} is not read", path.display()))
            .because("legs are read from account=…/date=…/*.parquet, and others would be left out")
            .next("put it where it belongs, or out of the folder")),
        None => Ok(found),
    }
}

/// Whether the ending of a name, in lower case, is one of these.
fn ends_with(path: &Path, is_it: impl Fn(&str) -> bool) -> bool {
    path.extension().is_some_and(|ending| is_it(&ending.to_string_lossy().to_lowercase()))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Unreadable, format!("cannot read {}: {error}", path.display()))
        .because("numbers of a part of the legs would be wrong ones")
        .next("look at its rights, or make it anew")
}

/// One file after the other; the next batches are decoded while one is taken.
fn parquets(
    paths: &[impl AsRef<Path> + Sync],
    wanted: &Wanted,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Error> {
    thread::scope(|scope| {
        let (give, batches) = mpsc::sync_channel(AHEAD);
        scope.spawn(move || {
            for path in paths.iter().map(AsRef::as_ref) {
                let lost = |error: io::Error| unreadable(path, &error);
                let batches = |file| {
                    if wanted.is_whole {
                        read_back(file)
                    } else {
                        read_columns(file, &wanted.columns, wanted.micros())
                    }
                };
                let opened = File::open(path).and_then(batches).map_err(lost);
                let decoded: Box<dyn Iterator<Item = Result<RecordBatch, Error>>> = match opened {
                    Ok((_, batches)) => Box::new(batches.map(|batch| batch.map_err(lost))),
                    Err(error) => Box::new([Err(error)].into_iter()),
                };
                for batch in decoded {
                    // Whoever takes them wants no more, after an error either.
                    if give.send(batch).is_err() {
                        return;
                    }
                }
            }
        });
        for batch in batches {
            if each(batch?).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn file(
    path: &Path,
    format: Format,
    compression: Compression,
    wanted: &Wanted,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Error> {
    let lost = |error: io::Error| unreadable(path, &error);
    let stream = || decompressed(path, compression).map_err(lost);
    match format {
        Format::Parquet => return parquets(&[path], wanted, each),
        Format::Xlsx => {
            return Err(Error::new(
                ErrorKind::Place,
                format!("{} is a workbook, which is for people", path.display()),
            )
            .because("dates and numbers of a workbook are as a spreadsheet last left them")
            .next("read the legs into a .parquet, .csv or .jsonl"));
        }
        Format::Arrow => {
            for batch in ipc::read_whole(stream()?).map_err(lost)? {
                let batch = batch.map_err(lost)?;
                if wanted.is_whole {
                    if each(batch).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    continue;
                }
                let schema = batch.schema();
                let places: Vec<usize> =
                    wanted.columns.iter().filter_map(|name| schema.index_of(name).ok()).collect();
                let batch = batch.project(&places);
                let batch = batch.map_err(|error| lost(io::Error::new(io::ErrorKind::InvalidData, error)))?;
                if each(batch).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Format::Csv if wanted.is_whole => return whole_texts::csv(path, stream()?, each),
        Format::Jsonl if wanted.is_whole => return whole_texts::jsonl(path, stream()?, each),
        Format::Csv => return texts::csv(path, stream()?, wanted, each),
        Format::Jsonl => return texts::jsonl(path, stream, wanted, each),
    }
    Ok(ControlFlow::Continue(()))
}
