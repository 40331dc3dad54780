//! The legs of an account: held in a store, or made in stores of ten minutes when they are asked for, of which the latest
//! few are kept. How many legs each of these has is known before it is made. Not here: what is made (`world`), which rows a
//! listing has (`report`).

use std::{
    fmt,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use calllegs_core::{CallLegs, schema::Listing};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use crate::{
    store::{Store, StoreBuilder},
    world::{OF_DAY, Plan, TimeSlot, generate_slot},
};

/// Stores that are kept. Pages go through one or two at a time, and come back to the last one of their period.
const KEPT: usize = 4;

/// Where the rows of an account are.
pub(crate) enum Legs {
    Held(Arc<Store>),
    OnDemand(Box<OnDemand>),
}

/// Stores that come and go, numbered in the order of their times.
pub(crate) struct OnDemand {
    plan: Plan,
    /// Of each store.
    counts: Vec<u32>,
    /// No rows.
    table: Store,
    /// By place, the latest one last.
    made: Mutex<Vec<(usize, Arc<Store>)>>,
}

impl OnDemand {
    fn slot(&self, place: usize) -> Option<TimeSlot> {
        let of_day = OF_DAY as usize;
        let day = self.plan.since.checked_add_days(Days::new((place / of_day) as u64))?;
        TimeSlot::new(day, u32::try_from(place % of_day).ok()?)
    }

    fn store(&self, place: usize) -> Arc<Store> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().position(|(known, _)| *known == place).map(|index| made.remove(index).1);
        if known.is_none() {
            let gone = made.len().saturating_sub(KEPT - 1);
            made.drain(..gone);
        }
        let play = || {
            let slot = self.slot(place);
            Arc::new(slot.map_or_else(empty, |slot| generate_slot(&self.plan, slot)))
        };
        let store = known.unwrap_or_else(play);
        made.push((place, Arc::clone(&store)));
        store
    }
}

impl Legs {
    pub(crate) fn on_demand(plan: &Plan) -> Self {
        let mut legs =
            OnDemand { plan: plan.clone(), counts: Vec::new(), table: empty(), made: Mutex::default() };
        let days = plan.until.signed_duration_since(plan.since).num_days();
        for place in 0..usize::try_from(days).unwrap_or_default() * OF_DAY as usize {
            legs.counts.extend(legs.slot(place).map(|slot| slot.count(plan)));
        }
        Self::OnDemand(Box::new(legs))
    }

    /// All that there will be.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Held(store) => store.len(),
            Self::OnDemand(legs) => legs.counts.iter().map(|count| *count as usize).sum(),
        }
    }

    /// A store of the same table: its rows are all or none.
    pub(crate) fn table(&self) -> &Store {
        match self {
            Self::Held(store) => store,
            Self::OnDemand(legs) => &legs.table,
        }
    }

    /// The stores with the rows that start between these times, both included.
    pub(crate) fn places(&self, period: Option<(NaiveDateTime, NaiveDateTime)>) -> Range<usize> {
        let legs = match self {
            Self::Held(_) => return 0..1,
            Self::OnDemand(legs) => legs,
        };
        let count = legs.counts.len();
        let Some((from, till)) = period else { return 0..count };
        let before = |bound: NaiveDateTime| {
            let minutes = bound.signed_duration_since(legs.plan.since.and_time(NaiveTime::MIN)).num_minutes();
            // Below 0 before the first day.
            usize::try_from(minutes * i64::from(OF_DAY) / 1440).map_or(0, |place| place.min(count))
        };
        let starts = legs.plan.since.and_time(NaiveTime::MIN) <= till;
        before(from)..if starts { (before(till) + 1).min(count) } else { before(from) }
    }

    pub(crate) fn store(&self, place: usize) -> Arc<Store> {
        match self {
            Self::Held(store) => Arc::clone(store),
            Self::OnDemand(legs) => legs.store(place),
        }
    }

    /// From when, and up to when, not including that, the rows of a store start that is made on demand.
    pub(crate) fn span(&self, place: usize) -> Option<(NaiveDateTime, NaiveDateTime)> {
        match self {
            Self::Held(_) => None,
            Self::OnDemand(legs) => legs.slot(place).map(TimeSlot::span),
        }
    }

    /// The rows of a store.
    pub(crate) fn count(&self, place: usize) -> usize {
        match self {
            Self::Held(store) => store.len(),
            Self::OnDemand(legs) => legs.counts.get(place).map_or(0, |count| *count as usize),
        }
    }

    /// The first and the last day of rows that are made on demand.
    pub(crate) fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Held(_) => None,
            Self::OnDemand(legs) => Some((legs.plan.since, legs.plan.until.pred_opt()?)),
        }
    }
}

impl fmt::Debug for Legs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Legs").field("len", &self.len()).finish_non_exhaustive()
    }
}

fn empty() -> Store {
    StoreBuilder::new(CallLegs::METHOD.fields).finish()
}
