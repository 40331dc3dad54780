//! The table of legs as batches. Not here: what is changed in it.

use std::ops::ControlFlow;

use chrono::NaiveDateTime;
use rusqlite::{Row, params, types::ValueRef};

use super::{Sqlite, lost};
use crate::{
    error::{Error, ErrorKind},
    rows::Rows,
    wanted::{Each, Wanted},
};

impl Sqlite {
    /// Gives the legs by account and start, as they are at one moment.
    pub(crate) fn legs(&self, wanted: &Wanted, each: &mut Each<'_>) -> Result<ControlFlow<()>, Error> {
        let columns = wanted.known();
        let names: Vec<_> = columns.iter().map(|column| column.name()).collect();
        let sql = format!(
            "SELECT {} FROM call_legs WHERE start_time >= ?1 AND start_time < ?2 ORDER BY account, start_time",
            names.join(", ")
        );
        let connection = self.connection()?;
        let failed = |error: rusqlite::Error| lost(&self.path, &error);
        let arrow = |error| Error::new(ErrorKind::Internal, format!("a batch of legs: {error}"));
        let mut statement = connection.prepare(&sql).map_err(failed)?;
        let bound = |time: NaiveDateTime, far: &str| match time {
            NaiveDateTime::MIN | NaiveDateTime::MAX => far.to_owned(),
            time => super::wall(time),
        };
        let bounds = (bound(wanted.starts.start, super::EVER.0), bound(wanted.starts.end, super::EVER.1));
        let mut found = statement.query(params![bounds.0, bounds.1]).map_err(failed)?;
        let mut rows = Rows::new(columns);
        while let Some(row) = found.next().map_err(failed)? {
            put(row, &mut rows).map_err(failed)?.map_err(|column| {
                let path = self.path.display();
                Error::new(ErrorKind::Unreadable, format!("{path}: a {column} is not as calllegs writes it"))
                    .because("another program changed it")
                    .next("restore the file from a copy")
            })?;
            if let Some(batch) = rows.end().map_err(arrow)?
                && each(batch).is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(each(rows.batch().map_err(arrow)?))
    }
}

/// The values of a row; a column where one does not fit.
fn put(row: &Row<'_>, rows: &mut Rows) -> rusqlite::Result<Result<(), &'static str>> {
    for (place, (column, cells)) in rows.cells().enumerate() {
        let fits = match row.get_ref(place)? {
            ValueRef::Null => {
                cells.null();
                Some(())
            }
            ValueRef::Integer(number) => cells.integer(number),
            ValueRef::Real(number) => cells.double(number),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(|text| cells.text(text)),
            ValueRef::Blob(_) => None,
        };
        if fits.is_none() {
            return Ok(Err(column.name()));
        }
    }
    Ok(Ok(()))
}
