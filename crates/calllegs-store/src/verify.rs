//! A place compared with the API: read into this, windows are held against the rows that the place has, and nothing is
//! written. Not here: what is read ([`export`](crate::export)).

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use calllegs_arrow::Leg;
use calllegs_core::Period;
use chrono::NaiveDateTime;
use serde::Serialize;

use crate::{
    error::Error,
    ledger::{Ledger, Window},
    warehouse::{Counts, Late, Load, Loaded, Warehouse},
    windows::Shared,
};

/// A window of the API beside what a place has of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// The window.
    pub period: Period,
    /// Legs that the server has.
    pub api: u64,
    /// Legs that the place has.
    pub place: u64,
    /// Ids that the place lacks.
    pub missing: Vec<i64>,
    /// Ids of which the place has other values.
    pub different: Vec<i64>,
    /// Ids that the server does not have.
    pub extra: Vec<i64>,
}

impl Compared {
    /// Whether the place has what the server has.
    pub fn is_equal(&self) -> bool {
        self.missing.is_empty() && self.different.is_empty() && self.extra.is_empty()
    }
}

/// What a comparison found so far.
#[derive(Clone, Debug, Default)]
pub struct Verification(Arc<Mutex<Found>>);

#[derive(Debug, Default)]
struct Found {
    compared: Vec<Compared>,
    lines: Vec<Window>,
}

impl Verification {
    /// The windows that were compared, in the order of time.
    pub fn compared(&self) -> Vec<Compared> {
        self.found(|found| found.compared.clone())
    }

    /// The lines of a ledger that speaks of what was read. They say what the place has where that is what the server has.
    pub fn lines(&self) -> Vec<Window> {
        self.found(|found| found.lines.clone())
    }

    fn found<T>(&self, of: impl FnOnce(&mut Found) -> T) -> T {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Stands in for a place while it is compared: see [`WindowsDestination`](crate::WindowsDestination).
#[derive(Debug)]
pub struct Verifier {
    place: Shared,
    address: String,
    verification: Verification,
    /// Ids with other values in the place, of windows that are not complete yet.
    altered: BTreeSet<i64>,
}

impl Verifier {
    /// Compares with this place.
    pub fn new(place: Shared) -> (Self, Verification) {
        let verification = Verification::default();
        let address = place.lock().address().to_owned();
        (Self { place, address, verification: verification.clone(), altered: BTreeSet::new() }, verification)
    }
}

/// Reads the place, and writes nothing.
impl Warehouse for Verifier {
    fn address(&self) -> &str {
        &self.address
    }

    fn lease(&mut self, _: &str, _: &str) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn release(&mut self, _: &str) {}

    fn try_writing(&mut self) -> Result<bool, Error> {
        Ok(true)
    }

    fn accounts(&mut self) -> Result<Vec<String>, Error> {
        self.place.lock().accounts()
    }

    fn ledger(&mut self, account: &str) -> Result<Ledger, Error> {
        self.place.lock().ledger(account)
    }

    fn hashes(&mut self, account: &str, period: Period) -> Result<HashMap<i64, i64>, Error> {
        self.place.lock().hashes(account, period)
    }

    fn lateness(&mut self, account: &str) -> Result<Vec<Late>, Error> {
        self.place.lock().lateness(account)
    }

    fn altered(&mut self, load: &Load<'_>) -> Result<Vec<i64>, Error> {
        self.place.lock().altered(load)
    }

    fn load(&mut self, load: &Load<'_>, _: Counts) -> Result<Loaded, Error> {
        self.altered.extend(self.place.lock().altered(load)?);
        let legs = load.legs.iter().filter_map(Leg::key).zip(load.hashes);
        let legs: Vec<_> =
            legs.map(|(key, hash)| (key.start, key.id, *hash)).chain(load.early.iter().copied()).collect();
        for window in load.windows {
            let known = self.place.lock().hashes(load.account, window.period)?;
            let of_window = legs.iter().filter(|(start, ..)| window.period.contains(*start));
            let here: HashMap<i64, i64> = of_window.map(|(_, id, hash)| (*id, *hash)).collect();
            let mut compared = compared(window.period, &here, &known);
            let altered = self.altered.iter().filter(|id| here.contains_key(id) && known.contains_key(id));
            compared.different.extend(altered);
            compared.different.sort_unstable();
            compared.different.dedup();
            self.verification.found(|found| {
                found.compared.push(compared);
                found.lines.push(window.clone());
            });
        }
        if !load.windows.is_empty() {
            self.altered.clear();
        }
        Ok(Loaded { windows: load.windows.to_vec(), ..Loaded::default() })
    }

    fn replace_lines(&mut self, account: &str, from: NaiveDateTime, lines: &[Window]) -> Result<(), Error> {
        self.place.lock().replace_lines(account, from, lines)
    }
}

fn compared(period: Period, api: &HashMap<i64, i64>, place: &HashMap<i64, i64>) -> Compared {
    let sorted = |ids: &mut dyn Iterator<Item = i64>| {
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids
    };
    let lacks = |ids: &HashMap<i64, i64>, others: &HashMap<i64, i64>| {
        sorted(&mut ids.keys().copied().filter(|id| !others.contains_key(id)))
    };
    let different =
        api.iter().filter(|(id, hash)| place.get(*id).is_some_and(|known| known != *hash)).map(|(id, _)| *id);
    Compared {
        period,
        api: api.len() as u64,
        place: place.len() as u64,
        missing: lacks(api, place),
        different: sorted(&mut { different }),
        extra: lacks(place, api),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_difference_has_its_ids() {
        let period = "2026-03-01..2026-03-02".parse().unwrap();
        let api = HashMap::from([(1, 10), (2, 20), (3, 30)]);
        let equal = compared(period, &api, &api);
        assert!(equal.is_equal() && (equal.api, equal.place) == (3, 3));
        let other = compared(period, &api, &HashMap::from([(1, 10), (2, 21), (4, 40)]));
        assert!(!other.is_equal());
        assert_eq!((other.missing, other.different, other.extra), (vec![3], vec![2], vec![4]));
    }
}
