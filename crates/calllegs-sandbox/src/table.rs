//! The rows that an account has of a listing: held in a store, or made in stores of ten minutes when they are asked for,
//! of which the latest few are kept. How many legs each of these has is known before it is made; how many other rows, once it
//! was. Not here: what is made (`world`), which rows a page has (`report`).

use std::{
    fmt,
    ops::Range,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use crate::{
    store::Store,
    world::{Made, OF_DAY, Plan, TimeSlot},
};

/// Stores that are kept. Pages go through one or two at a time, and come back to the last one of their period.
const KEPT: usize = 4;

/// Where the rows of an account are. A clone shares them.
#[derive(Clone)]
pub(crate) enum Table {
    Held(Arc<Store>),
    OnDemand(Arc<OnDemand>),
}

/// Stores that come and go, numbered in the order of their times.
pub(crate) struct OnDemand {
    plan: Plan,
    what: Made,
    /// Of each store, once it is known.
    counts: Vec<OnceLock<usize>>,
    /// No rows.
    blank: Store,
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
            let made = slot.map(|slot| self.what.generate_slot(&self.plan, slot));
            Arc::new(made.unwrap_or_else(|| self.what.none()))
        };
        let store = known.unwrap_or_else(play);
        made.push((place, Arc::clone(&store)));
        store
    }

    fn count(&self, place: usize) -> usize {
        self.counts.get(place).map_or(0, |count| *count.get_or_init(|| self.store(place).len()))
    }
}

impl Table {
    /// What the plan makes of this; nothing without a plan.
    pub(crate) fn made(what: Made, plan: Option<&Plan>) -> Self {
        match plan {
            Some(plan) if plan.world.is_on_demand() => Self::on_demand(what, plan),
            Some(plan) => what.generate(plan).into(),
            None => what.none().into(),
        }
    }

    fn on_demand(what: Made, plan: &Plan) -> Self {
        let mut rows = OnDemand {
            plan: plan.clone(),
            what,
            counts: Vec::new(),
            blank: what.none(),
            made: Mutex::default(),
        };
        let days = plan.until.signed_duration_since(plan.since).num_days();
        for place in 0..usize::try_from(days).unwrap_or_default() * OF_DAY as usize {
            let count = rows.slot(place).filter(|_| what == Made::Legs).map(|slot| slot.count(plan) as usize);
            rows.counts.push(count.map_or_else(OnceLock::new, OnceLock::from));
        }
        Self::OnDemand(Arc::new(rows))
    }

    /// All that there will be.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Held(store) => store.len(),
            Self::OnDemand(rows) => (0..rows.counts.len()).map(|place| rows.count(place)).sum(),
        }
    }

    /// A store of the same table: its rows are all or none.
    pub(crate) fn sample(&self) -> &Store {
        match self {
            Self::Held(store) => store,
            Self::OnDemand(rows) => &rows.blank,
        }
    }

    /// The stores with the rows that start between these times, both included.
    pub(crate) fn places(&self, period: Option<(NaiveDateTime, NaiveDateTime)>) -> Range<usize> {
        let rows = match self {
            Self::Held(_) => return 0..1,
            Self::OnDemand(rows) => rows,
        };
        let count = rows.counts.len();
        let Some((from, till)) = period else { return 0..count };
        let before = |bound: NaiveDateTime| {
            let minutes = bound.signed_duration_since(rows.plan.since.and_time(NaiveTime::MIN)).num_minutes();
            // Below 0 before the first day.
            usize::try_from(minutes * i64::from(OF_DAY) / 1440).map_or(0, |place| place.min(count))
        };
        let starts = rows.plan.since.and_time(NaiveTime::MIN) <= till;
        before(from)..if starts { (before(till) + 1).min(count) } else { before(from) }
    }

    pub(crate) fn store(&self, place: usize) -> Arc<Store> {
        match self {
            Self::Held(store) => Arc::clone(store),
            Self::OnDemand(rows) => rows.store(place),
        }
    }

    /// From when, and up to when, not including that, the rows of a store start that is made on demand.
    pub(crate) fn span(&self, place: usize) -> Option<(NaiveDateTime, NaiveDateTime)> {
        match self {
            Self::Held(_) => None,
            Self::OnDemand(rows) => rows.slot(place).map(TimeSlot::span),
        }
    }

    /// The rows of a store.
    pub(crate) fn count(&self, place: usize) -> usize {
        match self {
            Self::Held(store) => store.len(),
            Self::OnDemand(rows) => rows.count(place),
        }
    }

    /// The first and the last day of rows that are made on demand.
    pub(crate) fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Held(_) => None,
            Self::OnDemand(rows) => Some((rows.plan.since, rows.plan.until.pred_opt()?)),
        }
    }
}

impl From<Store> for Table {
    fn from(store: Store) -> Self {
        Self::Held(Arc::new(store))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}
