//! What a run would replace, and whether it may: a narrower request takes the place of no wider one, and of no file that
//! this tool did not write, unless `--force` says so.
//!
//! Columns say in their metadata which request wrote them. A text has no place for that: it is known by its first line, and
//! a request with conditions never takes its place. Not here: how files are replaced (`part`, `calllegs_arrow`).

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
};

use calllegs_arrow::{
    ipc,
    origin::{Difference, Origin, Said},
    parquet::{self, DateFolder},
    schema::Column,
};
use calllegs_core::value::wall_time;
use serde_json::{Map, Value};

use crate::{
    args::Format,
    exit::{Exit, Failure},
    form::{Form, Packing},
    get::Job,
    part,
};

/// No line that tells a text by its beginning is longer.
const LINE: u64 = 1 << 20;

/// Refuses what would be lost, before anything is asked: by all that the request may turn out to be once the account is
/// known. Of several accounts in a folder all have to be in the way.
pub(crate) fn check_unasked(job: &Job, account: Option<&str>, possible: &[Origin]) -> Result<(), Failure> {
    if let Form::Folder(path) = &job.form
        && DateFolder::is_of_earlier_version(path).unwrap_or_default()
    {
        return Err(unspent(earlier_version(path)));
    }
    if job.force {
        return Ok(());
    }
    let accounts = match (&job.form, account) {
        (Form::Folder(path), account) => {
            let all = || DateFolder::accounts(path).unwrap_or_default();
            account.map_or_else(all, |account| vec![account.to_owned()])
        }
        (_, account) => vec![account.unwrap_or_default().to_owned()],
    };
    let mut refused = Ok(());
    for account in accounts {
        for origin in possible {
            let mut origin = origin.clone();
            origin.account.clone_from(&account);
            refused = check(job, &origin);
            if refused.is_ok() {
                return Ok(());
            }
        }
    }
    refused.map_err(unspent)
}

/// Refuses what would be lost. An account that is not known yet is no difference.
pub(crate) fn check(job: &Job, origin: &Origin) -> Result<(), Failure> {
    match &job.form {
        _ if job.force => Ok(()),
        Form::Count | Form::Stdout(_) => Ok(()),
        Form::File { path, format, packing } => {
            let said = said(path, *format, *packing, &origin.columns);
            let lost = match said {
                None => return Ok(()),
                Some(Said::Foreign) => return Err(foreign(path)),
                Some(Said::Columns(columns)) => origin.loses_of(&columns).map(|lost| (lost, None)),
                Some(Said::Origin(old)) => {
                    let mut origin = origin.clone();
                    if origin.account.is_empty() {
                        origin.account.clone_from(&old.account);
                    }
                    origin.loses(&old).map(|lost| (lost, Some(old)))
                }
            };
            lost.map_or(Ok(()), |(lost, old)| Err(narrower(path, lost, old.as_deref())))
        }
        Form::Folder(path) => match DateFolder::conflict(path, origin) {
            Ok(Some((path, Difference::Unknown))) => Err(foreign(&path)),
            Ok(Some((path, lost))) => Err(narrower(&path, lost, None)),
            Ok(None) => Ok(()),
            Err(error) => Err(Failure::writing(&path.display().to_string(), &error)),
        },
    }
}

/// What the file says of the request that wrote it; `None` where there is nothing to lose.
fn said(path: &Path, format: Format, packing: Packing, columns: &[String]) -> Option<Said> {
    // A pipe or a device would be waited for; it is refused where the file is made.
    if fs::metadata(path).ok().is_none_or(|metadata| !metadata.is_file()) {
        return None;
    }
    let file = File::open(path).ok()?;
    if file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        return None;
    }
    if format == Format::Parquet {
        return Some(parquet::said(&file));
    }
    let Ok(text) = part::unpacked(path, packing) else { return Some(Said::Foreign) };
    if format == Format::Arrow {
        return Some(ipc::said(text));
    }
    let mut line = Vec::new();
    let read = BufReader::new(text.take(LINE)).read_until(b'\n', &mut line);
    match read {
        // Packed, and nothing in it.
        Ok(0) => None,
        Ok(_) => Some(said_by_line(&line, format, columns).map_or(Said::Foreign, Said::Columns)),
        Err(_) => Some(Said::Foreign),
    }
}

/// The columns of a text that this tool has written, by its first line.
fn said_by_line(line: &[u8], format: Format, columns: &[String]) -> Option<Vec<String>> {
    let is_column = |name: &str| Column::all().iter().any(|column| column.name() == name);
    let text = std::str::from_utf8(line).ok()?;
    if format == Format::Jsonl {
        // Written without spaces, and a member that nobody documents is rare.
        let members: Map<String, Value> = serde_json::from_str(text).ok()?;
        let (ours, others): (Vec<_>, Vec<_>) = members.keys().cloned().partition(|name| is_column(name));
        let first = text.strip_prefix("{\"")?.split_once("\":").map(|(name, _)| name)?;
        let is_ours = is_column(first)
            && !text.starts_with(&format!("{{\"{first}\": "))
            && others.len() * 8 <= ours.len();
        return is_ours.then_some(ours);
    }
    let names = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let delimiter = if names.contains(';') { ';' } else { ',' };
    let names: Vec<String> = names.split(delimiter).map(str::to_owned).collect();
    let is_ours = names.iter().all(|name| is_column(name)) && (names.len() > 1 || names == columns);
    is_ours.then_some(names)
}

/// Ways out of a refusal.
const WAYS: &str = "choose another name, or add --force to replace it";

fn foreign(path: &Path) -> Failure {
    Failure::new(Exit::Destination, format!("{} was not written by this tool", path.display()))
        .because("it says so neither in its metadata nor by its first line, and what is in it would be lost")
        .next(WAYS)
}

fn narrower(path: &Path, lost: Difference, old: Option<&Origin>) -> Failure {
    let what = match lost {
        Difference::Account => "holds legs of another account",
        Difference::Columns => "has other columns, or more of them",
        Difference::Conditions => "was written with other conditions, or with none",
        Difference::Limit => "holds more legs than --limit asks for",
        Difference::Period => "holds more of the time",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str, format: Format) -> Option<usize> {
        said_by_line(line.as_bytes(), format, &["id".to_owned()]).map(|names| names.len())
    }

    #[test]
    fn texts_of_this_tool_are_known_by_their_first_line() {
        for (line, count) in [
            ("id,start_time\n", Some(2)),
            ("\u{feff}id;start_time;duration\r\n", Some(3)),
            ("id\n", Some(1)),
            ("duration\n", None),
            ("id,price\n", None),
            ("id, start_time\n", None),
            ("some text\n", None),
            ("", None),
        ] {
            assert_eq!(names(line, Format::Csv), count, "{line}");
        }
        for (line, count) in [
            ("{\"id\":1,\"start_time\":null}\n", Some(2)),
            ("{\"id\":1}\n", Some(1)),
            ("{\"id\":1,\"name\":\"x\"}\n", None),
            ("{\"id\": 1}\n", None),
            ("{\"name\":\"x\"}\n", None),
            ("[1]\n", None),
            ("{\"id\":1", None),
        ] {
            assert_eq!(names(line, Format::Jsonl), count, "{line}");
        }
        assert!(said_by_line(b"\xff\xfe", Format::Csv, &[]).is_none());
    }
}
