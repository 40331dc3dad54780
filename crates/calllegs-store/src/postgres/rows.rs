//! Rows of the tables beside that of legs, and what is read of legs.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use calllegs_core::Period;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use postgres::{
    Row, Transaction,
    types::{ToSql, Type},
};

use super::{statements::Names, trouble::Trouble};
use crate::{
    error::{Error, ErrorKind},
    ledger::{Window, WindowStatus},
    warehouse::{Late, LateCounts},
};

type Value<'v> = (&'v (dyn ToSql + Sync), Type);

/// Times before and behind which no leg starts, and which the server has: those with four digits of the year.
pub(super) fn bounds((from, till): (NaiveDateTime, NaiveDateTime)) -> [NaiveDateTime; 2] {
    let january = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
    let (least, most) = (january(1), january(9999));
    [from.clamp(least, most), till.clamp(least, most)]
}

pub(super) fn accounts(transaction: &mut Transaction<'_>, names: &Names) -> Result<Vec<String>, Trouble> {
    let rows = transaction.query_typed(&names.accounts(), &[])?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

pub(super) fn hashes(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
    period: Period,
) -> Result<HashMap<i64, i64>, Trouble> {
    let [from, till] = bounds((period.from(), period.till()));
    let mut copy = transaction.copy_out(&names.copy_hashes(account, from, till))?;
    pairs(&mut copy).map_err(Trouble::from)
}

/// Reads rows of two numbers in the binary format of COPY.
fn pairs(copy: &mut impl Read) -> io::Result<HashMap<i64, i64>> {
    const HEAD: usize = 19;
    copy.read_exact(&mut [0; HEAD])?;
    let mut pairs = HashMap::new();
    loop {
        let mut columns = [0; 2];
        copy.read_exact(&mut columns)?;
        if i16::from_be_bytes(columns) != 2 {
            // The end has -1 there. What comes behind it is the end of the stream.
            return copy.read_to_end(&mut Vec::new()).map(|_| pairs);
        }
        let mut number = || {
            let (mut size, mut number) = ([0; 4], [0; 8]);
            copy.read_exact(&mut size)?;
            copy.read_exact(&mut number)?;
            Ok::<_, io::Error>(i64::from_be_bytes(number))
        };
        pairs.insert(number()?, number()?);
    }
}

/// Row hashes of the legs with these ids, whenever they start.
pub(super) fn hashes_of(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
    ids: &[i64],
) -> Result<Vec<(i64, i64)>, Trouble> {
    let values: [Value<'_>; 2] = [(&account, Type::TEXT), (&ids, Type::INT8_ARRAY)];
    let rows = transaction.query_typed(&names.hashes_of(), &values)?;
    let pair = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
    Ok(rows.iter().map(pair).collect::<Result<_, postgres::Error>>()?)
}

/// Takes legs out of the table.
pub(super) fn remove(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
    ids: &[i64],
) -> Result<(), Trouble> {
    if !ids.is_empty() {
        transaction.execute_typed(&names.remove(), &[(&account, Type::TEXT), (&ids, Type::INT8_ARRAY)])?;
    }
    Ok(())
}

/// Removes legs of these ids that start at another time.
pub(super) fn remove_moved(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
    ids: &[i64],
    starts: &[NaiveDateTime],
) -> Result<(), Trouble> {
    let values: [Value<'_>; 3] =
        [(&account, Type::TEXT), (&ids, Type::INT8_ARRAY), (&starts, Type::TIMESTAMP_ARRAY)];
    transaction.execute_typed(&names.remove_moved(), &values)?;
    Ok(())
}

pub(super) fn lateness(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
) -> Result<Vec<Late>, Trouble> {
    let rows = transaction.query_typed(&names.lateness(), &[(&account, Type::TEXT)])?;
    let late = |row: &Row| {
        let legs: i64 = row.try_get(2)?;
        Ok(Late { field: row.try_get(0)?, age: row.try_get(1)?, legs: legs.unsigned_abs() })
    };
    Ok(rows.iter().map(late).collect::<Result<_, postgres::Error>>()?)
}

pub(super) fn add_lateness(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
    late: &LateCounts,
) -> Result<(), Trouble> {
    let (mut fields, mut ages, mut legs) = (Vec::new(), Vec::new(), Vec::new());
    for (field, age, count) in late.iter() {
        fields.push(field);
        ages.push(age);
        legs.push(count);
    }
    if fields.is_empty() {
        return Ok(());
    }
    let values: [Value<'_>; 4] = [
        (&account, Type::TEXT),
        (&fields, Type::TEXT_ARRAY),
        (&ages, Type::INT8_ARRAY),
        (&legs, Type::INT8_ARRAY),
    ];
    transaction.execute_typed(&names.add_lateness(), &values)?;
    Ok(())
}

/// Lines that overlap a stretch of time, as this statement reads them.
pub(super) fn lines(
    transaction: &mut Transaction<'_>,
    sql: &str,
    account: &str,
    stretch: (NaiveDateTime, NaiveDateTime),
) -> Result<Vec<Window>, Trouble> {
    let [from, till] = bounds(stretch);
    let rows = transaction.query_typed(sql, &within(&account, &from, &till))?;
    rows.iter().map(line).collect()
}

fn line(row: &Row) -> Result<Window, Trouble> {
    let broken = |what: String| {
        Error::new(ErrorKind::Unreadable, format!("a line of the ledger cannot be read: {what}"))
            .next("restore the ledger from the table")
    };
    let number = |column: usize| row.try_get::<_, i64>(column).map(i64::unsigned_abs);
    let status: WindowStatus =
        row.try_get::<_, &str>(2)?.parse().map_err(|_| broken("its status".to_owned()))?;
    Ok(Window {
        period: Period::new(row.try_get(0)?, row.try_get(1)?).map_err(|error| broken(error.to_string()))?,
        status,
        total_items: number(3)?,
        legs: number(4)?,
        inserted: number(5)?,
        changed: number(6)?,
        content_hash: row.try_get(7)?,
        points: u32::try_from(number(8)?).unwrap_or(u32::MAX),
        run_id: row.try_get(9)?,
        fetched_at: row.try_get(10)?,
        version: row.try_get(11)?,
    })
}

pub(super) fn remove_lines(
    transaction: &mut Transaction<'_>,
    names: &Names,
    account: &str,
    stretch: (NaiveDateTime, NaiveDateTime),
) -> Result<(), Trouble> {
    let [from, till] = bounds(stretch);
    transaction.execute_typed(&names.remove_lines(), &within(&account, &from, &till))?;
    Ok(())
}

/// Puts lines by this statement.
pub(super) fn put_lines(
    transaction: &mut Transaction<'_>,
    sql: &str,
    account: &str,
    lines: &[Window],
) -> Result<(), Trouble> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let numbers = |of: fn(&Window) -> u64| lines.iter().map(of).map(number).collect::<Vec<_>>();
    let from: Vec<NaiveDateTime> = lines.iter().map(|line| line.period.from()).collect();
    let till: Vec<NaiveDateTime> = lines.iter().map(|line| line.period.till()).collect();
    let status: Vec<&str> = lines.iter().map(|line| line.status.as_str()).collect();
    let counts = [
        numbers(|line| line.total_items),
        numbers(|line| line.legs),
        numbers(|line| line.inserted),
        numbers(|line| line.changed),
        numbers(|line| line.points.into()),
    ];
    let [total, legs, inserted, changed, points] = &counts;
    let hashes: Vec<&str> = lines.iter().map(|line| line.content_hash.as_str()).collect();
    let runs: Vec<&str> = lines.iter().map(|line| line.run_id.as_str()).collect();
    let fetched: Vec<DateTime<Utc>> = lines.iter().map(|line| line.fetched_at).collect();
    let versions: Vec<&str> = lines.iter().map(|line| line.version.as_str()).collect();
    let values: [Value<'_>; 13] = [
        (&account, Type::TEXT),
        (&from, Type::TIMESTAMP_ARRAY),
        (&till, Type::TIMESTAMP_ARRAY),
        (&status, Type::TEXT_ARRAY),
        (total, Type::INT8_ARRAY),
        (legs, Type::INT8_ARRAY),
        (inserted, Type::INT8_ARRAY),
        (changed, Type::INT8_ARRAY),
        (&hashes, Type::TEXT_ARRAY),
        (points, Type::INT8_ARRAY),
        (&runs, Type::TEXT_ARRAY),
        (&fetched, Type::TIMESTAMPTZ_ARRAY),
        (&versions, Type::TEXT_ARRAY),
    ];
    transaction.execute_typed(sql, &values)?;
    Ok(())
}

fn within<'v>(account: &'v &str, from: &'v NaiveDateTime, till: &'v NaiveDateTime) -> [Value<'v>; 3] {
    [(account, Type::TEXT), (from, Type::TIMESTAMP), (till, Type::TIMESTAMP)]
}
