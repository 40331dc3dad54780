//! The table of legs as batches. Not here: what is changed in it.

use std::ops::ControlFlow;

use calllegs_arrow::schema::{Column, ColumnKind};
use chrono::{DateTime, NaiveDateTime, Utc};
use postgres::{IsolationLevel, Row, fallible_iterator::FallibleIterator, types::Type};

use super::{Postgres, rows::bounds, trouble::Trouble};
use crate::{
    error::{Error, ErrorKind},
    rows::{Cells, Rows},
    wanted::{Each, Wanted},
};

impl Postgres {
    /// Gives the legs by start, as they are at one moment. The server sorts them.
    pub(crate) fn legs(&mut self, wanted: &Wanted, each: &mut Each<'_>) -> Result<ControlFlow<()>, Error> {
        self.told(|place| place.read_legs(wanted, each))
    }

    fn read_legs(&mut self, wanted: &Wanted, each: &mut Each<'_>) -> Result<ControlFlow<()>, Trouble> {
        self.connect()?;
        let legs = self.names.legs();
        let known = self.seen.as_ref().map(|seen| &seen.columns);
        let mut columns = wanted.known();
        columns.retain(|column| known.is_some_and(|known| known.contains(column.name())));
        if columns.is_empty() {
            let what = format!("{}: there is no table {legs}", self.address.text);
            return Err(Error::new(ErrorKind::Place, what)
                .next("name the database that a sync wrote")
                .into());
        }
        // The table keeps their digits; readers want numbers.
        let double = |column: &&'static Column| {
            let cast = if column.kind() == ColumnKind::Double { "::float8" } else { "" };
            format!("{}{cast}", column.name())
        };
        let names: Vec<_> = columns.iter().map(double).collect();
        let sql = format!(
            "SELECT {} FROM {legs} WHERE start_time >= $1 AND start_time < $2 ORDER BY start_time",
            names.join(", ")
        );
        let [from, till] = bounds((wanted.starts.start, wanted.starts.end));
        let transaction = self.client()?.build_transaction();
        let mut transaction =
            transaction.isolation_level(IsolationLevel::RepeatableRead).read_only(true).start()?;
        let mut rows = Rows::new(columns);
        let bounds = [(&from, Type::TIMESTAMP), (&till, Type::TIMESTAMP)];
        let broken = |error| Error::new(ErrorKind::Internal, format!("a batch of legs: {error}"));
        {
            let mut found = transaction.query_typed_raw(&sql, bounds)?;
            while let Some(row) = found.next()? {
                put(&row, &mut rows)?;
                if let Some(batch) = rows.end().map_err(broken)?
                    && each(batch).is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        transaction.commit()?;
        Ok(each(rows.batch().map_err(broken)?))
    }
}

fn put(row: &Row, rows: &mut Rows) -> Result<(), postgres::Error> {
    for (place, (column, cells)) in rows.cells().enumerate() {
        match cells {
            Cells::Boolean(cells) => cells.append_option(row.try_get(place)?),
            Cells::Double(cells) => cells.append_option(row.try_get(place)?),
            Cells::Int32(cells) => cells.append_option(row.try_get(place)?),
            Cells::Int64(cells) => cells.append_option(row.try_get(place)?),
            Cells::Text(cells) => cells.append_option(row.try_get::<_, Option<&str>>(place)?),
            Cells::Texts(cells) => {
                let texts: Option<Vec<&str>> = row.try_get(place)?;
                cells.append_option(texts.map(|texts| texts.into_iter().map(Some)));
            }
            Cells::Time(cells) if column.kind() == ColumnKind::Instant => {
                let at: Option<DateTime<Utc>> = row.try_get(place)?;
                cells.append_option(at.map(|at| at.timestamp_micros()));
            }
            Cells::Time(cells) => {
                let time: Option<NaiveDateTime> = row.try_get(place)?;
                cells.append_option(time.map(|time| time.and_utc().timestamp_micros()));
            }
        }
    }
    Ok(())
}
