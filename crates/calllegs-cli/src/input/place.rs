//! Places with a ledger, as `--to` names them. Not here: output files (`output_target`).

use std::path::Path;

use calllegs_core::filter::nearest;
use calllegs_store::{Lake, Postgres, Sqlite, resolved, windows::Shared};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    cli::PgPartition,
    failure::{Exit, Failure},
    lang::say,
    ui::echo::{may_be_phone, shown, shown_path},
};

/// What an address can begin with.
const SCHEMES: [&str; 4] = ["postgres", "postgresql", "sqlite", "lake"];

/// What the value of an option in an address cannot have as it is.
const OPTION: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');

/// A place with a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder.
    Lake(String),
    Postgres(String),
    Sqlite(String),
}

impl Place {
    /// Reads what `--to` names; nothing is opened.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        Self::of_flag("--to", text)
    }

    /// Reads what `--data` names, where it is to be a place with a ledger.
    pub(crate) fn of_data(text: &str) -> Result<Self, Failure> {
        Self::of_flag("--data", text)
    }

    fn of_flag(flag: &str, text: &str) -> Result<Self, Failure> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return named(flag, path, text).map(Self::Sqlite);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        if let Some(path) = text.strip_prefix("lake:") {
            return named(flag, path, text).map(Self::Lake);
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(unknown_scheme(flag, scheme));
        }
        if text.ends_with('/') || Path::new(text).is_dir() {
            return Ok(Self::Lake(text.to_owned()));
        }
        let ending = Path::new(text).extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("db" | "sqlite" | "sqlite3")) {
            return named(flag, text, text).map(Self::Sqlite);
        }
        let is_path = text.contains('/') && !may_be_phone(text);
        let what = if is_path { shown_path(Path::new(text)) } else { shown(text) };
        let failure = Failure::usage(say!("{flag} does not take {what}", flag, what))
            .because(say!("it names a place that keeps a ledger"));
        if flag == "--data" {
            return Err(failure.next(say!("name what `calllegs sync --to` has written: calls.db, lake/, or postgres://user@host/db; a file keeps no ledger")));
        }
        Err(failure.next(say!("write calls.db for SQLite, postgres://user@host/db, or lake/ for Parquet; for one file of a period: calllegs get -o FILE")))
    }

    /// With what flags say of the table of a server. Its address can say the same, so that every command finds it.
    pub(crate) fn in_table(
        self,
        table: Option<&str>,
        partition: Option<PgPartition>,
    ) -> Result<Self, Failure> {
        let flags = [table.map(|_| "--table"), partition.map(|_| "--pg-partition")];
        let Some(flag) = flags.into_iter().flatten().next() else { return Ok(self) };
        let Self::Postgres(mut url) = self else {
            return Err(Failure::usage(say!("{flag} is for PostgreSQL alone", flag))
                .because(say!("other places have one table, or files"))
                .next(say!("leave it out, or sync that place by a command of its own")));
        };
        let table = table.map(|table| format!("table={}", utf8_percent_encode(table, OPTION)));
        let partition = partition.map(|PgPartition::Month| "partition=month".to_owned());
        for option in table.into_iter().chain(partition) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&option);
        }
        Ok(Self::Postgres(url))
    }

    /// A folder of Parquet files that is there.
    pub(crate) fn lake(&self) -> Result<Lake, Failure> {
        match self {
            Self::Lake(path) if Path::new(path).exists() => Ok(Lake::open(path)?),
            Self::Lake(path) => Err(missing(path)),
            Self::Postgres(_) | Self::Sqlite(_) => Err(Failure::usage(say!("--data names no lake"))
                .because(say!("only a lake has small files"))
                .next(say!("write --data lake/"))),
        }
    }

    /// Opens it, so that a bad place is known before anything is spent.
    pub(crate) fn open(&self, creates: bool) -> Result<Shared, Failure> {
        match self {
            Self::Lake(path) => Ok(Shared::new(Lake::open(path)?)),
            Self::Postgres(url) => Ok(Shared::new(postgres(url)?.creates(creates))),
            Self::Sqlite(path) => Ok(Shared::new(Sqlite::open(path)?.creates(creates))),
        }
    }
}

impl Place {
    /// Whether both names lead to one place.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Lake(one), Self::Lake(other)) | (Self::Sqlite(one), Self::Sqlite(other)) => {
                resolved(Path::new(one)) == resolved(Path::new(other))
            }
            _ => self == other,
        }
    }

    /// Whether several runs may write it at once, an account each.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Opens it for reading, where it is there.
    pub(crate) fn existing(&self) -> Result<Shared, Failure> {
        match self {
            Self::Lake(path) | Self::Sqlite(path) if !Path::new(path).exists() => Err(missing(path)),
            Self::Lake(_) => self.open(false),
            Self::Sqlite(path) => Ok(Shared::new(Sqlite::open_to_read(path)?.creates(false))),
            Self::Postgres(url) => {
                let mut place = postgres(url)?.creates(false);
                if place.is_there()? { Ok(Shared::new(place)) } else { Err(missing(url)) }
            }
        }
    }
}

/// The accounts of a place that are asked about: the one that is named, or all.
pub(crate) fn chosen(named: Option<&str>, known: Vec<String>) -> Result<Vec<String>, Failure> {
    let Some(named) = named else { return Ok(known) };
    if known.iter().any(|account| account == named) {
        return Ok(vec![named.to_owned()]);
    }
    let next = match nearest(named, known.iter().map(String::as_str)) {
        _ if known.is_empty() => say!("it has no windows of any account yet").to_owned(),
        Some(near) if known.len() == 1 => say!("did you mean {near}?", near),
        Some(near) => say!("did you mean {near}? There are {known}", near, known = known.join(", ")),
        None => say!("there are {known}", known = known.join(", ")),
    };
    Err(Failure::usage(say!("the place has no account {named}", named = shown(named)))
        .because(say!("accounts are named as brand:id"))
        .next(next))
}

/// What is wrong with an address is a matter of the command line.
fn postgres(url: &str) -> Result<Postgres, Failure> {
    Postgres::open(url).map_err(|error| Failure { exit: Exit::Usage, ..error.into() })
}

/// The rest of the address may have a password in it.
fn unknown_scheme(flag: &str, scheme: &str) -> Failure {
    let is_word = scheme.len() <= 20 && scheme.bytes().all(|letter| letter.is_ascii_alphabetic());
    let what = if is_word { format!("{scheme}://") } else { say!("an address of this kind").to_owned() };
    let near = nearest(&scheme.to_lowercase(), SCHEMES.into_iter()).filter(|_| is_word);
    let near = near.map_or_else(String::new, |near| say!("did you mean {near}:? ", near));
    Failure::usage(say!("{flag} does not take {what}", flag, what))
        .because(say!("it names a place that keeps a ledger"))
        .next(say!(
            "{near}write postgres://user@host/db, sqlite:FILE or lake:FOLDER, or a file such as calls.db",
            near
        ))
}

fn missing(path: &str) -> Failure {
    Failure::new(Exit::Destination, say!("{path} is not there", path))
        .because(say!("no sync has written it"))
        .next(say!("name what a sync has written, or run one: calllegs sync --to PLACE --since DATE"))
}

fn named(flag: &str, path: &str, text: &str) -> Result<String, Failure> {
    if path.is_empty() {
        return Err(Failure::usage(say!("{flag} does not take {text}", flag, text = shown(text)))
            .because(say!("the name of the file is missing"))
            .next(say!("write sqlite:calls.db")));
    }
    Ok(path.to_owned())
}
