//! Cost and talk of each employee, counted while calls are played. Not here: rows, and joins of rows, which this is what can
//! be compared with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Truth;
use crate::world::{Outcome, Role, Tariff, each_leg, each_session};

/// What an employee's calls come to, in two countings. Sums of money are in hundredths: exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EmployeeTruth {
    /// As legs have it; `None`: of nobody.
    pub employee_id: Option<i64>,
    /// As legs have it.
    pub employee_full_name: Option<String>,
    /// Legs that begin in the period in which the employee talked.
    pub legs: i64,
    /// Seconds of these.
    pub leg_talk_s: i64,
    /// What the employee's own legs cost: those to a mobile phone.
    pub leg_cost_cents: i64,
    /// Sessions that begin in the period in which the employee was the first to talk, or, of nobody, those without a talk.
    pub calls: i64,
    /// Seconds from the first talk to the end of these.
    pub call_talk_s: i64,
    /// What all legs of these cost, whenever they begin.
    pub call_cost_cents: i64,
}

impl Truth<'_> {
    /// In the order of their ids, at the end what belongs to nobody.
    pub(crate) fn employees(&self) -> Vec<EmployeeTruth> {
        let tariff = Tariff::new(self.plan);
        let mut all = BTreeMap::<Option<u32>, EmployeeTruth>::new();
        for slot in self.slots() {
            each_leg(self.plan, &self.cast, slot, |_, leg| {
                if !self.is_in_period(leg.start) {
                    return;
                }
                let employee = all.entry(leg.employee).or_default();
                if leg.is_talked && matches!(leg.role, Role::Operator | Role::Transfer) {
                    employee.legs += 1;
                    employee.leg_talk_s += leg.duration;
                }
                employee.leg_cost_cents += tariff.charge(leg).map_or(0, |charge| charge.total);
            });
            each_session(self.plan, &self.cast, slot, |session, legs| {
                if !self.is_in_period(session.start) {
                    return;
                }
                let talked = matches!(session.outcome, Outcome::Answered | Outcome::Internal);
                let answered = session.answered.filter(|_| talked);
                let employee = all.entry(answered.map(|(_, employee)| employee)).or_default();
                employee.calls += 1;
                employee.call_talk_s += answered.map_or(0, |(at, _)| session.end - at);
                let charges = legs.iter().filter_map(|leg| tariff.charge(leg));
                employee.call_cost_cents += charges.map(|charge| charge.total).sum::<i64>();
            });
        }
        let nobody = all.remove(&None);
        let named = all.into_iter().map(|(employee, truth)| {
            let index = employee.unwrap_or_default();
            EmployeeTruth {
                employee_id: self.cast.employee(index).map(|employee| employee.id),
                employee_full_name: Some(crate::world::Cast::employee_name(index)),
                ..truth
            }
        });
        named.chain(nobody).collect()
    }
}
