//! A ledger held against the rows of its own place, without the API: a table that was dropped, a ledger that came from
//! elsewhere. Not here: a place held against the API ([`verify`](crate::verify)).

use calllegs_core::{Period, pager::MAX_LIMIT};
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
        if line.status != WindowStatus::Open && !has(place, account, &line)? {
            line.status = WindowStatus::Open;
        }
        Ok(line)
    };
    lines.iter().map(check).collect()
}

/// Gives lines of the ledger that end behind a moment another status; `None` leaves a line as it is.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn restate(
    place: &mut dyn Warehouse,
    account: &str,
    from: NaiveDateTime,
    status_of: impl Fn(&Window) -> Option<WindowStatus>,
) -> Result<(), Error> {
    let mut lines = place.ledger(account)?.windows().to_vec();
    lines.retain(|window| from < window.period.till());
    let from = lines.first().map_or(from, |first| first.period.from().min(from));
    let mut is_due = false;
    for line in &mut lines {
        if let Some(status) = status_of(line).filter(|status| *status != line.status) {
            (line.status, is_due) = (status, true);
        }
    }
    if is_due { place.replace_lines(account, from, &lines) } else { Ok(()) }
}

/// Of windows that touch each other, those in which the server may have other legs than were received; `count` asks it how
/// many it has in a stretch, and answers `None` where that cannot be told. Where they are many, halves are counted until
/// what is to be read again is small.
///
/// # Errors
/// Of counting.
pub fn differing<E>(
    mut windows: &[Window],
    mut count: impl FnMut(Period) -> Result<Option<u64>, E>,
) -> Result<&[Window], E> {
    let Some(all) = span(windows) else { return Ok(&[]) };
    let Some(mut total) = count(all)? else { return Ok(windows) };
    loop {
        let legs = legs_of(windows);
        let (left, right) = windows.split_at(windows.len() / 2);
        let half = span(left).filter(|_| legs > WORTH_COUNTING);
        match (total == legs, half) {
            (true, _) => return Ok(&[]),
            (false, None) => return Ok(windows),
            (false, Some(half)) => {
                let Some(in_left) = count(half)? else { return Ok(windows) };
                let in_right = total.saturating_sub(in_left);
                (windows, total) = match (in_left == legs_of(left), in_right == legs_of(right)) {
                    (false, true) => (left, in_left),
                    (true, false) => (right, in_right),
                    _ => return Ok(windows),
                };
            }
        }
    }
}

/// So few legs cost no more to be read than to be counted twice.
const WORTH_COUNTING: u64 = 4 * MAX_LIMIT as u64;

fn legs_of(windows: &[Window]) -> u64 {
    windows.iter().map(|window| window.legs).sum()
}

fn span(windows: &[Window]) -> Option<Period> {
    let (first, last) = windows.first().zip(windows.last())?;
    Period::new(first.period.from(), last.period.till()).ok()
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use calllegs_core::value::wall_time;
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn days(legs: u64, days: i64) -> Vec<Window> {
        let begin = wall_time::parse("2026-03-01 00:00:00").unwrap();
        let day = |day| Window {
            period: Period::new(begin + TimeDelta::days(day), begin + TimeDelta::days(day + 1)).unwrap(),
            status: WindowStatus::Unverified,
            total_items: legs,
            legs,
            inserted: legs,
            changed: 0,
            content_hash: String::new(),
            points: 0,
            run_id: String::new(),
            fetched_at: DateTime::UNIX_EPOCH,
            version: String::new(),
        };
        (0..days).map(day).collect()
    }

    /// How many windows are to be read again, and how often the server was asked, when it has one leg more on these days.
    fn found(windows: &[Window], more: &[usize]) -> (Vec<usize>, usize) {
        let mut asked = 0;
        let other = differing(windows, |period| {
            asked += 1;
            let within = |window: &Window| {
                period.from() <= window.period.from() && window.period.till() <= period.till()
            };
            let of_day = |(day, window): (usize, &Window)| window.legs + u64::from(more.contains(&day));
            let days = windows.iter().enumerate().filter(|(_, window)| within(window));
            Ok::<_, Infallible>(Some(days.map(of_day).sum()))
        });
        let Ok(other) = other;
        let place = |other: &Window| windows.iter().position(|window| window == other).unwrap();
        (other.iter().map(place).collect(), asked)
    }

    #[test]
    fn a_day_that_differs_is_found_by_halves_where_that_is_cheaper_than_reading() {
        let large = days(25_000, 16);
        assert_eq!(found(&large, &[]), (vec![], 1));
        assert_eq!(found(&large, &[5]), (vec![5], 5));
        assert_eq!(found(&large, &[4, 5]).0, [4, 5]);
        assert_eq!(found(&large, &[1, 15]).0.len(), 16, "both halves differ");
        assert_eq!(found(&days(100, 16), &[5]), ((0..16).collect(), 1), "a page has them all");
        assert_eq!(found(&[], &[]), (vec![], 0));
    }

    #[test]
    fn what_cannot_be_counted_is_read_again() {
        let windows = days(10, 2);
        let Ok(other) = differing(&windows, |_| Ok::<_, Infallible>(None));
        assert_eq!(other.len(), 2);
    }
}
