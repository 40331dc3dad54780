//! What a server says when something goes wrong, without the values that it may tell of.

use std::{error::Error as _, io};

use postgres::error::{DbError, SqlState};
use rustls::CertificateError;

use crate::error::{Error, ErrorKind};

/// Something that went wrong while a server was asked.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server, or the way to it.
    Server(postgres::Error),
    /// What has its words already.
    Told(Error),
}

impl Trouble {
    /// What the server says it is.
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Server(error) => error.code(),
            Self::Told(_) => None,
        }
    }

    /// The table cannot be changed by this user, or not now.
    pub(super) fn is_of_the_table(&self) -> bool {
        matches!(self.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE | &SqlState::LOCK_NOT_AVAILABLE))
    }

    /// In words.
    pub(super) fn told(self, address: &str) -> Error {
        match self {
            Self::Told(error) => error,
            Self::Server(error) => match error.as_db_error() {
                Some(said) => refused(address, said),
                None => unreachable(address, &error),
            },
        }
    }
}

impl From<postgres::Error> for Trouble {
    fn from(error: postgres::Error) -> Self {
        Self::Server(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// What a writer of the client wraps.
impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.downcast::<postgres::Error>() {
            Ok(error) => Self::Server(error),
            Err(error) => Self::Told(Error::writing("to PostgreSQL", &error)),
        }
    }
}

fn unreachable(address: &str, error: &postgres::Error) -> Error {
    if let Some(distrust) = distrust(error) {
        return unproven(address, distrust);
    }
    let said = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Error::new(ErrorKind::Place, format!("{address} cannot be reached: {said}"))
        .because("no server answers there, or it went away; nothing of this step is there")
        .next(
            "look whether the server runs there and `psql` gets in with the same settings, then run it again",
        )
}

/// What TLS finds wrong with the certificate of the server.
fn distrust(error: &postgres::Error) -> Option<&CertificateError> {
    let mut source = error.source();
    while let Some(cause) = source {
        let within = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let found = within.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(why)) = found.or_else(|| cause.downcast_ref()) {
            return Some(why);
        }
        source = cause.source();
    }
    None
}

fn unproven(address: &str, why: &CertificateError) -> Error {
    let is_of_another =
        matches!(why, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. });
    let is_old = matches!(why, CertificateError::Expired | CertificateError::ExpiredContext { .. });
    let next = if is_of_another {
        "name the server in the address as its certificate does"
    } else if is_old {
        "let an administrator renew the certificate"
    } else if matches!(why, CertificateError::Other(_)) {
        // What `openssl req -x509` makes without more words.
        "let an administrator give the server a certificate of its own, not that of an authority (CA:FALSE)"
    } else {
        "name the file with the certificate of whoever signed it: sslrootcert=FILE or PGSSLROOTCERT"
    };
    Error::new(ErrorKind::Place, format!("{address}: the server does not prove who it is"))
        .because(why.to_string())
        .next(next)
}

/// DETAIL and CONTEXT hold values of rows, and so does the message where a value does not fit.
fn refused(address: &str, said: &DbError) -> Error {
    let code = said.code().code();
    let (kind, next) = match code {
        "28000" | "28P01" => {
            (ErrorKind::Place, "set PGPASSWORD, or write a line into ~/.pgpass; look at the user's name too")
        }
        "3D000" => (ErrorKind::Place, "create the database, or name another"),
        "42501" => (ErrorKind::Write, "grant the user that right, or use another user"),
        "53100" => (ErrorKind::Write, "make room on the disk of the server, then run it again"),
        "53300" => (ErrorKind::Busy, "close other connections, or raise max_connections"),
        "55P03" => (ErrorKind::Busy, "wait for the end of what locks the table, then run it again"),
        _ if code.starts_with("57P") || code.starts_with("40") => {
            (ErrorKind::Write, "run it again: nothing of this step is there")
        }
        _ => (ErrorKind::Write, "look at the log of the server; nothing of this step is there"),
    };
    let what = if code.starts_with("22") {
        let column = said.column().map_or_else(String::new, |column| format!(" into column {column}"));
        format!("{address}: a value does not fit{column}")
    } else {
        format!("{address}: {}", said.message())
    };
    let hint = said.hint().map_or_else(String::new, |hint| format!("; {hint}"));
    Error::new(kind, what).because(format!("SQLSTATE {code}{hint}")).next(next)
}
