//! Places with a ledger, as `--to` names them. Not here: output files (`output_target`).

use std::path::Path;

use calllegs_store::{Lake, Postgres, Sqlite, windows::Shared};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    cli::PgPartition,
    failure::{Exit, Failure},
    ui::echo::{shown, shown_path},
};

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
    /// Reads one; nothing is opened.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return named(path, text).map(Self::Sqlite);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        if let Some(path) = text.strip_prefix("lake:") {
            return named(path, text).map(Self::Lake);
        }
        if text.ends_with('/') || Path::new(text).is_dir() {
            return Ok(Self::Lake(text.to_owned()));
        }
        let ending = Path::new(text).extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("db" | "sqlite" | "sqlite3")) {
            return named(text, text).map(Self::Sqlite);
        }
        let what = if text.contains('/') { shown_path(Path::new(text)) } else { shown(text) };
        Err(Failure::usage(format!("--to does not take {what}"))
            .because("it names a place that keeps a ledger")
            .next("write calls.db for SQLite, postgres://user@host/db, or lake/ for Parquet; for one file of a period: calllegs get -o FILE"))
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
            return Err(Failure::usage(format!("{flag} is for PostgreSQL alone"))
                .because("other places have one table, or files")
                .next("leave it out, or sync that place by a command of its own"));
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
            Self::Postgres(_) | Self::Sqlite(_) => Err(Failure::usage("--data names no lake")
                .because("only a lake has small files")
                .next("write --data lake/")),
        }
    }

    /// Opens it, so that a bad place is known before anything is spent.
    pub(crate) fn open(&self, creates: bool) -> Result<Shared, Failure> {
        match self {
            Self::Lake(path) => Ok(Shared::new(Lake::open(path)?)),
            Self::Postgres(url) => {
                // What is wrong with an address is a matter of the command line.
                let place =
                    Postgres::open(url).map_err(|error| Failure { exit: Exit::Usage, ..error.into() })?;
                Ok(Shared::new(place.creates(creates)))
            }
            Self::Sqlite(path) => Ok(Shared::new(Sqlite::open(path)?.creates(creates))),
        }
    }
}

impl Place {
    /// Whether several runs may write it at once, an account each.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Opens it for reading, where it is there.
    pub(crate) fn existing(&self) -> Result<Shared, Failure> {
        match self {
            Self::Lake(path) | Self::Sqlite(path) if !Path::new(path).exists() => Err(missing(path)),
            Self::Lake(_) | Self::Postgres(_) | Self::Sqlite(_) => self.open(false),
        }
    }
}

fn missing(path: &str) -> Failure {
    Failure::new(Exit::Destination, format!("{path} is not there"))
        .because("no sync has written it")
        .next("name the file of a sync, or run one: calllegs sync --to FILE --since DATE")
}

fn named(path: &str, text: &str) -> Result<String, Failure> {
    if path.is_empty() {
        return Err(Failure::usage(format!("--to does not take {}", shown(text)))
            .because("the name of the file is missing")
            .next("write sqlite:calls.db"));
    }
    Ok(path.to_owned())
}
