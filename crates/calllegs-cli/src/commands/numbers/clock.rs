//! The clock of an account as its legs tell it: what it showed when a leg began, beside the instant of that. Not here: zones by
//! name (`account::zone_rules`).

use std::collections::BTreeMap;

use arrow_array::{Array as _, RecordBatch, cast::AsArray as _, types::TimestampMicrosecondType};
use calllegs_arrow::Zone;
use calllegs_store::Wanted;
use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};

use crate::{failure::Failure, lang::say};

/// The newest leg is looked for among those of so many days first; most places are read every day.
const NEWEST: [i64; 2] = [4, 60];
/// Offsets are of whole quarters of an hour; another one is a mistake of whoever wrote the legs.
const QUARTER: i64 = 15 * 60;

/// The clock that the newest legs of a place have.
///
/// # Errors
/// When no leg says it, or accounts have different ones: a day would be another one without a word.
pub(super) fn of_legs(data: &str, now: DateTime<Utc>) -> Result<Zone, Failure> {
    let recent = NEWEST.into_iter().map(|days| now.naive_utc().checked_sub_signed(TimeDelta::days(days)));
    for since in recent.chain([Some(NaiveDateTime::MIN)]).flatten() {
        let mut newest = Newest::default();
        let wanted =
            Wanted::columns(&["account", "start_time", "start_at"]).starts(since..NaiveDateTime::MAX);
        match super::open(data)?.read(&wanted, |batch| newest.look(&batch)) {
            Ok(()) | Err(Looked::Nothing) => {}
            Err(Looked::Failed(failure)) => return Err(failure),
        }
        let mut clocks: Vec<_> = newest.0.iter().map(|(account, (_, offset))| (account, *offset)).collect();
        clocks.sort_by_key(|(_, offset)| *offset);
        match (clocks.first(), clocks.last()) {
            (Some((_, first)), Some((_, last))) if first == last => {
                if let Some(offset) = i32::try_from(*first).ok().and_then(FixedOffset::east_opt) {
                    return Ok(Zone::fixed(offset));
                }
            }
            (Some((one, first)), Some((other, last))) => {
                let [first, last] = [first, last].map(|seconds| {
                    let offset = i32::try_from(*seconds).ok().and_then(FixedOffset::east_opt);
                    offset.map_or_else(String::new, |offset| Zone::fixed(offset).name().to_owned())
                });
                return Err(Failure::usage(say!("the accounts of these legs have different clocks"))
                    .because(say!(
                        "{one} has {first}, {other} has {last}: it is not the same day on both at all times",
                        one,
                        first,
                        other,
                        last
                    ))
                    .next(say!(
                        "say by which clock the period is meant, with --tz ZONE, or write its days out"
                    )));
            }
            _ => {}
        }
    }
    Err(Failure::usage(say!("the period depends on what time it is, and these legs do not say by which clock"))
        .because(say!("no leg has start_at, the instant beside the account's own time; another zone would be another day"))
        .next(say!("add --tz ZONE, the time zone of the account, or write the days out: --from 2026-10-05 --till 2026-10-06")))
}

/// The start and the offset of the newest leg of each account.
#[derive(Default)]
struct Newest(BTreeMap<String, (i64, i64)>);

impl Newest {
    fn look(&mut self, batch: &RecordBatch) -> Result<(), Looked> {
        let times = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let Some((walls, instants)) = times("start_time").zip(times("start_at")) else {
            return if batch.num_rows() == 0 { Ok(()) } else { Err(Looked::Nothing) };
        };
        let accounts = batch.column_by_name("account").and_then(|column| column.as_string_opt::<i32>());
        for (row, (wall, instant)) in walls.iter().zip(instants.iter()).enumerate() {
            let Some((wall, instant)) = wall.zip(instant) else { continue };
            let offset = (wall - instant) / 1_000_000;
            if offset % QUARTER != 0 {
                continue;
            }
            let account =
                accounts.filter(|accounts| accounts.is_valid(row)).map_or("", |names| names.value(row));
            match self.0.get_mut(account) {
                Some(newest) => *newest = (*newest).max((wall, offset)),
                None => {
                    self.0.insert(account.to_owned(), (wall, offset));
                }
            }
        }
        Ok(())
    }
}

/// How a look ends early.
enum Looked {
    /// The legs have no instants.
    Nothing,
    Failed(Failure),
}

impl From<calllegs_store::Error> for Looked {
    fn from(error: calllegs_store::Error) -> Self {
        Self::Failed(error.into())
    }
}
