//! What is made of the calls of a plan: the rows of three listings, all of its days or ten minutes of them.
//!
//! Legs get their ids in the order of their start. A session is listed if any of its legs is. Not here: how calls are
//! played (`shift`, `script`, `slot`).

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
};
use calllegs_reports::{calls_report::CallsReport, financial_call_legs_report::FinancialCallLegsReport};

use super::{
    FIRST_LEG, Plan, Session, TimeSlot, call::Leg, cast::Cast, charge_rows::ChargeRows, first_instant,
    first_of_burst, leg_rows::LegRows, session_rows::SessionRows,
};
use crate::store::{Roles, Store, StoreBuilder};

/// The listings that calls become rows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// `get.financial_call_legs_report`.
    Charges,
    /// `get.call_legs_report`.
    Legs,
    /// `get.calls_report`.
    Sessions,
}

impl Made {
    /// The rows of the plan's days.
    pub(crate) fn generate(self, plan: &Plan) -> Store {
        self.rows(plan, None)
    }

    /// The rows of ten minutes.
    pub(crate) fn generate_slot(self, plan: &Plan, slot: TimeSlot) -> Store {
        self.rows(plan, Some(slot))
    }

    /// No rows.
    pub(crate) fn none(self) -> Store {
        let (fields, roles): (&'static [FieldInfo], Roles) = match self {
            Self::Charges => (FinancialCallLegsReport::METHOD.fields, Roles::CHARGES),
            Self::Legs => (CallLegs::METHOD.fields, Roles::LEGS),
            Self::Sessions => (CallsReport::METHOD.fields, Roles::SESSIONS),
        };
        StoreBuilder::new(fields, roles).finish()
    }

    fn rows(self, plan: &Plan, slot: Option<TimeSlot>) -> Store {
        // Whoever plays has texts of their own: rows are made while they do.
        let cast = Cast::without_texts(plan);
        match self {
            Self::Charges => {
                let mut rows = ChargeRows::new(plan);
                each_leg(plan, &cast, slot, |id, leg| rows.push(id, leg));
                rows.finish()
            }
            Self::Legs => {
                let mut rows = LegRows::new(plan);
                each_leg(plan, &cast, slot, |id, leg| rows.push(id, leg));
                rows.finish()
            }
            Self::Sessions => {
                let mut rows = SessionRows::new(plan);
                each_session(plan, &cast, slot, |session, legs| rows.push(session, legs));
                rows.finish()
            }
        }
    }
}

/// Every leg of the plan's days, or of the slot, with its id.
pub(crate) fn each_leg(plan: &Plan, cast: &Cast, slot: Option<TimeSlot>, mut each: impl FnMut(i64, &Leg)) {
    if let Some(slot) = slot {
        let mut legs = Vec::new();
        slot.play(plan, cast, &mut legs, |_, _| {});
        legs.sort_by_key(|leg: &Leg| (leg.start, leg.session, leg.order));
        (FIRST_LEG + slot.ids_before(plan)..).zip(&legs).for_each(|(id, leg)| each(id, leg));
        return;
    }
    // The day before gives the calls that were still going at midnight.
    let mut pending = Vec::new();
    for day in plan.days() {
        let Some(midnight) = day.succ_opt().and_then(|next| first_instant(plan.zone, next)) else { break };
        plan.calls_of(cast, day, &mut pending, |_, _| {});
        pending.sort_by_key(|leg: &Leg| (leg.start, leg.session, leg.order));
        let rest = pending.split_off(pending.partition_point(|leg| leg.start < midnight));
        let today = std::mem::replace(&mut pending, rest);
        if day < plan.since {
            continue;
        }
        let first_id = FIRST_LEG + plan.ids_before(day);
        (first_id..).zip(&today).for_each(|(id, leg)| each(id, leg));
    }
    for (number, burst) in (0_u32..).zip(&plan.bursts) {
        let mut legs = Vec::new();
        plan.calls_of_burst(cast, number, burst, &mut legs, |_, _| {});
        (first_of_burst(number)..).zip(&legs).for_each(|(id, leg)| each(id, leg));
    }
}

/// Every session that has a leg in the plan's days, or in the slot, with all of its legs.
pub(crate) fn each_session(
    plan: &Plan,
    cast: &Cast,
    slot: Option<TimeSlot>,
    mut each: impl FnMut(&Session, &[Leg]),
) {
    let mut legs = Vec::new();
    if let Some(slot) = slot {
        return slot.play(plan, cast, &mut legs, each);
    }
    let since = first_instant(plan.zone, plan.since).unwrap_or(i64::MIN);
    let until = first_instant(plan.zone, plan.until).unwrap_or(i64::MAX);
    for day in plan.days() {
        legs.clear();
        plan.calls_of(cast, day, &mut legs, |session, legs| {
            if legs.iter().any(|leg| (since..until).contains(&leg.start)) {
                each(session, legs);
            }
        });
    }
    for (number, burst) in (0_u32..).zip(&plan.bursts) {
        legs.clear();
        plan.calls_of_burst(cast, number, burst, &mut legs, &mut each);
    }
}
