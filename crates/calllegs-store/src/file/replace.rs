//! What a run would replace, and whether it may: a narrower request takes the place of no wider one, and of no file that
//! this crate did not write, unless that is asked for.
//!
//! Columns say in their metadata which request wrote them. A text has no place for that: it is known by its first line and
//! by what its rows say of the time, and a request with conditions never takes its place. Not here: how files are replaced
//! (`file`, `folder`).

mod text;

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, ErrorKind as Io, Read},
    path::Path,
};

use calllegs_arrow::{
    ipc,
    origin::{Difference, Origin, Said},
    parquet::{self, DateFolder},
    xlsx,
};
use calllegs_core::{Period, value::wall_time};

use self::text::Text;
use super::{atomic::first_bytes, compress::decompressed, resume_log::WAYS};
use crate::{
    error::{Error, ErrorKind},
    format::{Compression, Format},
};

/// What a file says of the request that wrote it.
enum Existing {
    Foreign,
    /// A file of an earlier version.
    Columns(Vec<String>),
    Origin(Box<Origin>),
    Text(Text),
}

/// Refuses what would be lost if any of these requests took the place of a file: by all that the request may turn out to be
/// once the account is known.
pub(crate) fn check_file(
    (path, format, compression): (&Path, Format, Compression),
    possible: &[Origin],
) -> Result<(), Error> {
    let Some(first) = possible.first() else { return Ok(()) };
    let Some(existing) = existing((path, format, compression), &first.columns) else { return Ok(()) };
    any(possible.iter().map(|origin| {
        let (lost, old) = match &existing {
            Existing::Foreign => return Err(foreign(path)),
            Existing::Columns(columns) => (origin.loses_of(columns), None),
            Existing::Text(text) => (loses_text(origin, text), None),
            Existing::Origin(old) => {
                let mut origin = origin.clone();
                // One that is not known yet is no difference.
                if origin.account.is_empty() {
                    origin.account.clone_from(&old.account);
                }
                (origin.loses(old), Some(&**old))
            }
        };
        lost.map_or(Ok(()), |lost| Err(narrower(path, lost, old)))
    }))
}

/// The time of the legs that a file holds, where the request that takes its place does not read all of it: the same command
/// on another day, mostly.
pub(crate) fn other_time(
    (path, format, compression): (&Path, Format, Compression),
    origin: &Origin,
) -> Option<Period> {
    let held = match existing((path, format, compression), &origin.columns)? {
        Existing::Origin(old) => Some(old.whole()),
        Existing::Text(text) => text.held(),
        Existing::Columns(_) | Existing::Foreign => None,
    };
    held.filter(|held| origin.leaves_out(*held) && holds_rows(path, format, compression))
}

/// Refuses to let no legs at all take the place of legs of another time.
pub(crate) fn check_empty(file: (&Path, Format, Compression), origin: &Origin) -> Result<(), Error> {
    let Some(held) = other_time(file, origin) else { return Ok(()) };
    let (from, till) = (wall_time::format(held.from()), wall_time::format(held.till()));
    let what = format!("{} holds legs of {from} … {till}, and this request has none", file.0.display());
    Err(Error::new(ErrorKind::Conflict, what)
        .because("they are of another time, and a file without legs would take their place")
        .next(WAYS))
}

/// As [`check_file`], of the dates of a folder. Of several accounts in it all have to be in the way.
pub(crate) fn check_folder(path: &Path, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
    let accounts = match account {
        None => DateFolder::accounts(path).map_err(|error| unreadable(path, &error))?,
        Some(account) => vec![account.to_owned()],
    };
    let of_account = |account: &String| {
        let mut origins = possible.to_vec();
        for origin in &mut origins {
            origin.account.clone_from(account);
        }
        origins
    };
    any(accounts.iter().flat_map(of_account).map(|origin| match DateFolder::conflict(path, &origin) {
        Ok(Some((path, Difference::Unknown))) => Err(foreign(&path)),
        Ok(Some((path, lost))) => Err(other(&path, lost)),
        Ok(None) => Ok(()),
        Err(error) => Err(unreadable(path, &error)),
    }))
}

/// Whether a folder is of this version.
pub(crate) fn check_version(path: &Path) -> Result<(), Error> {
    let is_earlier = DateFolder::is_of_earlier_version(path).map_err(|error| unreadable(path, &error))?;
    if is_earlier { Err(earlier_version(path)) } else { Ok(()) }
}

/// The first that is possible, or why the last one is not.
fn any(each: impl Iterator<Item = Result<(), Error>>) -> Result<(), Error> {
    let mut refused = Ok(());
    for result in each {
        if result.is_ok() {
            return Ok(());
        }
        refused = result;
    }
    refused
}

/// What would be lost of a text: its rows say more than its first line.
fn loses_text(origin: &Origin, text: &Text) -> Option<Difference> {
    let is_others = |account: &String| !origin.account.is_empty() && *account != origin.account;
    if text.account.as_ref().is_some_and(is_others) {
        return Some(Difference::Account);
    }
    origin.loses_of(&text.columns).or_else(|| origin.loses_time(text.held()?))
}

/// Whether the file looks like rows of this format, whole or not.
pub(crate) fn is_of_format(path: &Path, format: Format, compression: Compression, known: &[String]) -> bool {
    match format {
        Format::Parquet => first_bytes(path).is_ok_and(|first| first.starts_with(b"PAR1")),
        Format::Arrow => {
            decompressed(path, compression).is_ok_and(|stream| ipc::said(stream) != Said::Foreign)
        }
        Format::Xlsx => File::open(path).is_ok_and(|file| xlsx::said(file) != Said::Foreign),
        Format::Csv | Format::Jsonl => {
            let text = decompressed(path, compression).and_then(|text| Text::read(text, format, known));
            text.is_ok_and(|text| text.is_some())
        }
    }
}

/// Whether there are rows in a file of this format, whole or not.
pub(crate) fn holds_rows(path: &Path, format: Format, compression: Compression) -> bool {
    let is_there = |stream: Result<Box<dyn Read + Send>, io::Error>, lines: usize| {
        let lines_of = |stream| BufReader::new(stream).split(b'\n').map_while(Result::ok).take(lines).count();
        stream.is_ok_and(|stream| lines_of(stream) == lines)
    };
    match format {
        // Until it has a footer its row groups follow these letters.
        Format::Parquet => File::open(path).is_ok_and(|file| match parquet::read_back(file) {
            Ok((rows, _)) => rows > 0,
            Err(_) => fs::metadata(path).is_ok_and(|found| found.len() > 4),
        }),
        Format::Arrow => {
            let batches = decompressed(path, compression).and_then(ipc::read_back);
            batches.is_ok_and(|mut batches| batches.next().is_some())
        }
        Format::Xlsx => File::open(path).is_ok_and(xlsx::holds_rows),
        Format::Csv => is_there(decompressed(path, compression), 2),
        Format::Jsonl => is_there(decompressed(path, compression), 1),
    }
}

/// What a file says of the request that wrote it; `None` where there is nothing to lose.
fn existing(
    (path, format, compression): (&Path, Format, Compression),
    columns: &[String],
) -> Option<Existing> {
    // A pipe or a device would be waited for; it is refused where the file is made.
    if fs::metadata(path).ok().is_none_or(|metadata| !metadata.is_file()) {
        return None;
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == Io::NotFound => return None,
        // What cannot be read can still be lost.
        Err(_) => return Some(Existing::Foreign),
    };
    if file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        return None;
    }
    let said = match format {
        Format::Parquet => parquet::said(&file),
        Format::Xlsx => xlsx::said(&file),
        Format::Arrow => decompressed(path, compression).map_or(Said::Foreign, ipc::said),
        Format::Csv | Format::Jsonl => {
            let text = decompressed(path, compression).and_then(|text| Text::read(text, format, columns));
            return match text {
                Ok(Some(text)) if text.is_empty() => None,
                Ok(Some(text)) => Some(Existing::Text(text)),
                Ok(None) | Err(_) => Some(Existing::Foreign),
            };
        }
    };
    Some(match said {
        Said::Foreign => Existing::Foreign,
        Said::Columns(columns) => Existing::Columns(columns),
        Said::Origin(origin) => Existing::Origin(origin),
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Unreadable, format!("cannot read {}: {error}", path.display()))
        .because("what it holds must be known before something of it is replaced")
        .next("correct the rights of the folder, or choose another one")
}

fn foreign(path: &Path) -> Error {
    Error::new(ErrorKind::Conflict, format!("{} was not written by this tool", path.display()))
        .because("neither its metadata nor its first line is of this tool, and what it holds would be lost")
        .next(WAYS)
}

fn narrower(path: &Path, lost: Difference, old: Option<&Origin>) -> Error {
    let what = match lost {
        Difference::Account => "holds legs of another account",
        Difference::Columns => "has other columns, or more of them",
        Difference::Conditions => "was written with other conditions, or with none",
        Difference::Limit => "holds more rows than this request asks for",
        Difference::Period => "covers more time than this request",
        Difference::Report => "holds rows of another report",
        Difference::Unknown | _ => "does not say which request wrote it, and this one is not for all legs",
    };
    let held = old.map(|old| {
        let (from, till) = (wall_time::format(old.period.from()), wall_time::format(old.period.till()));
        format!(": {}, {from} … {till}", old.account)
    });
    Error::new(ErrorKind::Conflict, format!("{} {what}{}", path.display(), held.unwrap_or_default()))
        .because("a request replaces what the same request wrote, and a narrower one would lose legs without a word")
        .next(WAYS)
}

/// Of a folder, whose files hold one request each account and date.
fn other(path: &Path, lost: Difference) -> Error {
    let what = match lost {
        Difference::Account => "holds legs of another account",
        Difference::Columns => "has other columns",
        Difference::Conditions => "was written with other conditions, or with none",
        Difference::Limit => "was written with another limit, or with none",
        Difference::Period => "covers time of its date that this request does not read",
        Difference::Unknown | _ => "does not say which request wrote it",
    };
    Error::new(ErrorKind::Conflict, format!("{} {what}", path.display()))
        .because("a folder keeps one request for each account and date; legs would be lost, or counted twice")
        .next(WAYS)
}

fn earlier_version(path: &Path) -> Error {
    Error::new(
        ErrorKind::Place,
        format!("{} has dates without accounts above them, as earlier versions wrote folders", path.display()),
    )
    .because("whose legs those are is not said, so readers would count them beside the ones of this run")
    .next("choose another folder, or move the folders date=… into account=BRAND%3AID/ of the account that they are of")
}
