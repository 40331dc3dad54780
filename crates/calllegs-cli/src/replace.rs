//! What a run would replace, and whether it may: a narrower request takes the place of no wider one, and of no file that
//! this tool did not write, unless `--force` says so.
//!
//! Columns say in their metadata which request wrote them. A text has no place for that: it is known by its first line and
//! by what its rows say of the time, and a request with conditions never takes its place. Not here: how files are replaced
//! (`part`, `calllegs_arrow`).

mod text;

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::Path,
};

use calllegs_arrow::{
    ipc,
    origin::{Difference, Origin, Said},
    parquet::{self, DateFolder},
};
use calllegs_core::value::wall_time;

use self::text::Text;
use crate::{
    args::Format,
    exit::{Exit, Failure},
    form::Form,
    get::Job,
    part,
};

/// What a file says of the request that wrote it.
enum Found {
    Foreign,
    /// A file of an earlier version.
    Columns(Vec<String>),
    Origin(Box<Origin>),
    Text(Text),
}

/// Refuses what would be lost, before anything is asked: by all that the request may turn out to be once the account is
/// known. Of several accounts in a folder all have to be in the way.
pub(crate) fn check_unasked(job: &Job, account: Option<&str>, possible: &[Origin]) -> Result<(), Failure> {
    if let Form::Folder(path) = &job.form
        && DateFolder::is_of_earlier_version(path).map_err(|error| unspent(unreadable(path, &error)))?
    {
        return Err(unspent(earlier_version(path)));
    }
    if job.force {
        return Ok(());
    }
    let accounts = match (&job.form, account) {
        (Form::Folder(path), None) => {
            DateFolder::accounts(path).map_err(|error| unspent(unreadable(path, &error)))?
        }
        (_, account) => vec![account.unwrap_or_default().to_owned()],
    };
    let found = found(job);
    let mut refused = Ok(());
    for account in accounts {
        for origin in possible {
            let mut origin = origin.clone();
            origin.account.clone_from(&account);
            refused = may_replace(job, found.as_ref(), &origin);
            if refused.is_ok() {
                return Ok(());
            }
        }
    }
    refused.map_err(unspent)
}

/// Refuses what would be lost. An account that is not known yet is no difference.
pub(crate) fn check(job: &Job, origin: &Origin) -> Result<(), Failure> {
    if job.force { Ok(()) } else { may_replace(job, found(job).as_ref(), origin) }
}

fn may_replace(job: &Job, found: Option<&Found>, origin: &Origin) -> Result<(), Failure> {
    match &job.form {
        Form::Count | Form::Stdout(_) => Ok(()),
        Form::File { path, .. } => {
            let Some(found) = found else { return Ok(()) };
            let (lost, old) = match found {
                Found::Foreign => return Err(foreign(path)),
                Found::Columns(columns) => (origin.loses_of(columns), None),
                Found::Text(text) => (loses_text(origin, text), None),
                Found::Origin(old) => {
                    let mut origin = origin.clone();
                    if origin.account.is_empty() {
                        origin.account.clone_from(&old.account);
                    }
                    (origin.loses(old), Some(&**old))
                }
            };
            lost.map_or(Ok(()), |lost| Err(narrower(path, lost, old)))
        }
        Form::Folder(path) => match DateFolder::conflict(path, origin) {
            Ok(Some((path, Difference::Unknown))) => Err(foreign(&path)),
            Ok(Some((path, lost))) => Err(other(&path, lost)),
            Ok(None) => Ok(()),
            Err(error) => Err(unreadable(path, &error)),
        },
    }
}

/// What would be lost of a text: its rows say more than its first line.
fn loses_text(origin: &Origin, text: &Text) -> Option<Difference> {
    let is_others = |account: &String| !origin.account.is_empty() && *account != origin.account;
    if text.account.as_ref().is_some_and(is_others) {
        return Some(Difference::Account);
    }
    origin.loses_of(&text.columns).or_else(|| origin.loses_time(text.held()?))
}

/// Whether the file looks like rows of the job, whole or not.
pub(crate) fn is_of_this_form(job: &Job, path: &Path) -> bool {
    let Form::File { format, packing, .. } = &job.form else { return false };
    match format {
        Format::Parquet => part::first_bytes(path).is_ok_and(|first| first.starts_with(b"PAR1")),
        Format::Arrow => part::unpacked(path, *packing).is_ok_and(|text| ipc::said(text) != Said::Foreign),
        Format::Csv | Format::Jsonl | Format::Table => {
            let text = part::unpacked(path, *packing).and_then(|text| Text::read(text, *format, &[]));
            text.is_ok_and(|text| text.is_some())
        }
    }
}

/// What the file of the job says of the request that wrote it; `None` where there is nothing to lose.
fn found(job: &Job) -> Option<Found> {
    let Form::File { path, format, packing } = &job.form else { return None };
    // A pipe or a device would be waited for; it is refused where the file is made.
    if fs::metadata(path).ok().is_none_or(|metadata| !metadata.is_file()) {
        return None;
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        // What cannot be read can still be lost.
        Err(_) => return Some(Found::Foreign),
    };
    if file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        return None;
    }
    let said = match format {
        Format::Parquet => parquet::said(&file),
        Format::Arrow => part::unpacked(path, *packing).map_or(Said::Foreign, ipc::said),
        Format::Csv | Format::Jsonl | Format::Table => {
            let columns: Vec<_> = job.request.written().iter().map(|column| column.name()).collect();
            let text = part::unpacked(path, *packing).and_then(|text| Text::read(text, *format, &columns));
            return match text {
                Ok(Some(text)) if text.is_empty() => None,
                Ok(Some(text)) => Some(Found::Text(text)),
                Ok(None) | Err(_) => Some(Found::Foreign),
            };
        }
    };
    Some(match said {
        Said::Foreign => Found::Foreign,
        Said::Columns(columns) => Found::Columns(columns),
        Said::Origin(origin) => Found::Origin(origin),
    })
}

/// Ways out of a refusal.
const WAYS: &str = "choose another name, or add --force to replace it";

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Destination, format!("cannot read {}: {error}", path.display()))
        .because("what it holds must be known before something of it is replaced")
        .next("correct the rights of the folder, or choose another one")
}

fn foreign(path: &Path) -> Failure {
    Failure::new(Exit::Destination, format!("{} was not written by this tool", path.display()))
        .because("neither its metadata nor its first line is of this tool, and what it holds would be lost")
        .next(WAYS)
}

fn narrower(path: &Path, lost: Difference, old: Option<&Origin>) -> Failure {
    let what = match lost {
        Difference::Account => "holds legs of another account",
        Difference::Columns => "has other columns, or more of them",
        Difference::Conditions => "was written with other conditions, or with none",
        Difference::Limit => "holds more legs than --limit asks for",
        Difference::Period => "covers more time than this request",
        Difference::Unknown | _ => "does not say which request wrote it, and this one is not for all legs",
    };
    let held = old.map(|old| {
        let (from, till) = (wall_time::format(old.period.from()), wall_time::format(old.period.till()));
        format!(": {}, {from} … {till}", old.account)
    });
    Failure::new(Exit::Destination, format!("{} {what}{}", path.display(), held.unwrap_or_default()))
        .because("a request replaces what the same request wrote, and a narrower one would lose legs without a word")
        .next(WAYS)
}

/// Of a folder, whose files hold one request each account and date.
fn other(path: &Path, lost: Difference) -> Failure {
    let what = match lost {
        Difference::Account => "holds legs of another account",
        Difference::Columns => "has other columns",
        Difference::Conditions => "was written with other conditions, or with none",
        Difference::Limit => "was written with another --limit, or with none",
        Difference::Period => "covers time of its date that this request does not read",
        Difference::Unknown | _ => "does not say which request wrote it",
    };
    Failure::new(Exit::Destination, format!("{} {what}", path.display()))
        .because("a folder keeps one request for each account and date; legs would be lost, or counted twice")
        .next("choose another folder, or add --force to replace these dates")
}

fn earlier_version(path: &Path) -> Failure {
    Failure::new(
        Exit::Destination,
        format!("{} has dates without accounts above them, as earlier versions wrote folders", path.display()),
    )
    .because("whose legs those are is not said, so readers would count them beside the ones of this run")
    .next("choose another folder, or move the folders date=… into account=BRAND%3AID/ of the account that they are of")
}

fn unspent(failure: Failure) -> Failure {
    let next = failure.next.clone().unwrap_or_default();
    failure.next(format!("{next}; nothing was spent"))
}
