//! The rows of one load, in its transaction: those that are new straight into the table, those that differ by way of a stage.
//!
//! Not here: who may write ([`lease`](super::lease)), the statements themselves ([`statements`](super::statements)).

use std::collections::{BTreeSet, HashMap, HashSet};

use calllegs_arrow::{Leg, batches, schema::Column};
use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use postgres::{Transaction, error::SqlState};

use super::{
    copy::{Rows, Version, copy_rows},
    look::Seen,
    rows,
    statements::{Names, copy_stage},
    trouble::Trouble,
};
use crate::{
    error::{Error, ErrorKind},
    warehouse::{Change, Counts, LateCounts, Load, Loaded},
};

/// The rows of a load on their way into the tables.
pub(super) struct Step<'s, 't> {
    transaction: &'s mut Transaction<'t>,
    names: &'s Names,
    seen: &'s Seen,
    load: &'s Load<'s>,
    /// A character that no text of the server can have was replaced.
    has_replaced: bool,
}

impl<'s, 't> Step<'s, 't> {
    pub(super) fn new(
        transaction: &'s mut Transaction<'t>,
        names: &'s Names,
        seen: &'s Seen,
        load: &'s Load<'s>,
    ) -> Self {
        Self { transaction, names, seen, load, has_replaced: false }
    }

    pub(super) const fn has_replaced(&self) -> bool {
        self.has_replaced
    }

    /// Puts the rows and the windows that they complete. What was done with rows that came before is counted in them.
    pub(super) fn put(&mut self, altered: &HashSet<i64>, early: Counts) -> Result<Loaded, Trouble> {
        let Some(reach) = self.load.reach() else { return Ok(Loaded::default()) };
        let account = self.load.account;
        let known = rows::hashes(self.transaction, self.names, account, reach)?;
        let changes = self.load.changes(&known, altered);
        let (changes, late) = self.put_rows(&known, altered, changes)?;
        let mut loaded = Loaded { counts: Counts::of(&changes), ..Loaded::default() };
        loaded.gone = self
            .load
            .gone_of_reach(&known, |covered| rows::hashes(self.transaction, self.names, account, covered))?;
        if self.load.exact {
            rows::remove(self.transaction, self.names, account, &loaded.gone)?;
        }
        rows::add_lateness(self.transaction, self.names, account, &late)?;
        if let Some(covered) = self.load.covered() {
            loaded.windows = self.load.counted(&changes, early);
            rows::remove_lines(self.transaction, self.names, account, (covered.from(), covered.till()))?;
            rows::put_lines(self.transaction, &self.names.put_lines(), account, &loaded.windows)?;
        }
        Ok(loaded)
    }

    /// Puts what is new and what differs; returns what was done, and changes by field and age.
    fn put_rows(
        &mut self,
        known: &HashMap<i64, i64>,
        altered: &HashSet<i64>,
        mut changes: Vec<Change>,
    ) -> Result<(Vec<Change>, LateCounts), Trouble> {
        if self.seen.is_partitioned {
            // Its key has the start in it: a leg whose start was another one would be there twice.
            self.remove_moved()?;
        }
        let late = if changes.contains(&Change::New) && !self.copy_new(&changes)? {
            // Legs of these ids are there with another start, or for another reason out of reach.
            let ids: Vec<i64> = self.load.legs.iter().filter_map(Leg::key).map(|key| key.id).collect();
            let mut known = known.clone();
            known.extend(rows::hashes_of(self.transaction, self.names, self.load.account, &ids)?);
            changes = self.load.changes(&known, altered);
            self.upsert(&changes, |change| change != Change::None)?
        } else {
            self.upsert(&changes, |change| change == Change::Changed)?
        };
        let late = self.with_new(&changes, late)?;
        Ok((changes, late))
    }

    /// Removes legs of the load that the table has with another start.
    fn remove_moved(&mut self) -> Result<(), Trouble> {
        let keys: Vec<_> = self.load.legs.iter().filter_map(Leg::key).collect();
        let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
        let starts: Vec<NaiveDateTime> = keys.iter().map(|key| key.start).collect();
        rows::remove_moved(self.transaction, self.names, self.load.account, &ids, &starts)
    }

    /// Adds the legs that appeared in windows that had been read.
    fn with_new(&mut self, changes: &[Change], mut late: LateCounts) -> Result<LateCounts, Trouble> {
        let Some(reach) = self.load.reach() else { return Ok(late) };
        let bounds = (reach.from(), reach.till());
        let read =
            rows::lines(self.transaction, &self.names.lines(self.seen.format), self.load.account, bounds)?;
        for (leg, _) in self.load.legs.iter().zip(changes).filter(|(_, change)| **change == Change::New) {
            let Some(key) = leg.key() else { continue };
            if read.iter().any(|window| window.period.contains(key.start)) {
                late.add("new leg", key.start, self.load.extracted_wall);
            }
        }
        Ok(late)
    }

    /// New rows straight into the table; `false` when one of them is there.
    fn copy_new(&mut self, changes: &[Change]) -> Result<bool, Trouble> {
        let found = &self.seen.found;
        let copy = self.names.copy(found);
        let mut savepoint = self.transaction.savepoint("straight")?;
        let is_new = |change| change == Change::New;
        match copy_legs(&mut savepoint, &copy, self.load, found, (changes, is_new)) {
            Ok(has_replaced) => {
                self.has_replaced |= has_replaced;
                savepoint.commit()?;
                Ok(true)
            }
            Err(trouble) if trouble.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                savepoint.rollback()?;
                Ok(false)
            }
            Err(trouble) => Err(trouble),
        }
    }

    fn upsert(&mut self, changes: &[Change], wanted: fn(Change) -> bool) -> Result<LateCounts, Trouble> {
        let mut late = LateCounts::default();
        if !changes.iter().any(|change| wanted(*change)) {
            return Ok(late);
        }
        let Seen { found, is_partitioned, .. } = self.seen;
        self.transaction.batch_execute(&self.names.create_stage())?;
        self.has_replaced |=
            copy_legs(self.transaction, &copy_stage(found), self.load, found, (changes, wanted))?;
        for row in self.transaction.query_typed(&self.names.differing(), &[])? {
            let (start, fields): (NaiveDateTime, &str) = (row.try_get(0)?, row.try_get(1)?);
            for field in fields.split_ascii_whitespace() {
                late.add(field, start, self.load.extracted_wall);
            }
        }
        let upsert = self.names.upsert(found, *is_partitioned, self.load.exact);
        self.transaction.execute_typed(&upsert, &[])?;
        Ok(late)
    }
}

/// Ids of legs that the table has with other values. Leaves a stage behind.
pub(super) fn altered(
    transaction: &mut Transaction<'_>,
    names: &Names,
    seen: &Seen,
    load: &Load<'_>,
) -> Result<HashSet<i64>, Trouble> {
    transaction.batch_execute(&names.create_stage())?;
    let all = vec![Change::Changed; load.legs.len()];
    copy_legs(transaction, &copy_stage(&seen.found), load, &seen.found, (&all, |_| true))?;
    let rows = transaction.query_typed(&names.altered(), &[])?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Copies legs of which `wanted` is true; returns whether a character was replaced.
fn copy_legs(
    transaction: &mut Transaction<'_>,
    copy: &str,
    load: &Load<'_>,
    found: &[String],
    wanted: (&[Change], fn(Change) -> bool),
) -> Result<bool, Trouble> {
    let batches = batches(load.legs).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    let rows = Rows { columns: Column::all(), batches: &batches, hashes: load.hashes, found };
    let version = Version { run_id: load.run_id, extracted_at: load.extracted_at };
    copy_rows(transaction, copy, &rows, version, wanted)
}

/// The months of the legs get their partitions.
pub(super) fn add_partitions(
    transaction: &mut Transaction<'_>,
    names: &Names,
    load: &Load<'_>,
) -> Result<(), Trouble> {
    let starts = load.legs.iter().filter_map(Leg::key).map(|key| key.start.date());
    let months: BTreeSet<NaiveDate> = starts.filter_map(|day| day.with_day(1)).collect();
    for from in months {
        if let Some(till) = from.checked_add_months(Months::new(1)) {
            transaction.batch_execute(&names.partition(from, till))?;
        }
    }
    Ok(())
}
