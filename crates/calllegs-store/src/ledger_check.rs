//! A ledger held against the rows of its own place, without the API: a table that was dropped, a ledger that came from
//! elsewhere. Not here: a place held against the API ([`verify`](crate::verify)).

use chrono::NaiveDateTime;

use crate::{
    error::Error,
    ledger::{Window, WindowStatus},
    row_hash::content_hash,
    warehouse::Warehouse,
};

/// The lines, of which those stay final whose legs the place has; the others are open, so that the next run reads them.
///
/// # Errors
/// When the place cannot be read.
pub fn believed(place: &mut dyn Warehouse, account: &str, lines: &[Window]) -> Result<Vec<Window>, Error> {
    let check = |line: &Window| {
        let mut line = line.clone();
        if line.status == WindowStatus::Final && !has(place, account, &line)? {
            line.status = WindowStatus::Open;
        }
        Ok(line)
    };
    lines.iter().map(check).collect()
}

fn has(place: &mut dyn Warehouse, account: &str, line: &Window) -> Result<bool, Error> {
    let rows = place.hashes(account, line.period)?;
    Ok(line.legs == line.total_items
        && rows.len() as u64 == line.legs
        && content_hash(rows) == line.content_hash)
}

/// Opens the windows whose legs are not there, where the place has none of the newest window that had legs: somebody emptied
/// the table, or dropped it. How many; rows that somebody took out one by one are found by [`verify`](crate::verify). The
/// account has to be leased.
///
/// # Errors
/// When the place cannot be read or written.
pub fn reopen_emptied(place: &mut dyn Warehouse, account: &str) -> Result<usize, Error> {
    let ledger = place.ledger(account)?;
    let Some(newest) = ledger.windows().iter().rfind(|line| line.legs > 0) else { return Ok(0) };
    if !place.hashes(account, newest.period)?.is_empty() {
        return Ok(0);
    }
    let lines = believed(place, account, ledger.windows())?;
    let opened =
        lines.iter().zip(ledger.windows()).filter(|(now, before)| now.status != before.status).count();
    if opened > 0 {
        place.replace_lines(account, NaiveDateTime::MIN, &lines)?;
    }
    Ok(opened)
}
