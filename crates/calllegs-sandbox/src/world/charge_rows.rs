//! The rows of `get.financial_call_legs_report`: of the same legs, those that cost something. Not here: what they cost
//! (`tariff`).

use calllegs_core::{Direction, schema::Listing};
use calllegs_reports::financial_call_legs_report::FinancialCallLegsReport as Report;
use chrono_tz::Tz;

use super::{
    Plan,
    call::{Leg, Role},
    cast::Cast,
    parties::Parties,
    tariff::Tariff,
    wall,
};
use crate::store::{Roles, Row, Slot, Store, StoreBuilder, TextId};

/// Makes rows of charged legs.
pub(super) struct ChargeRows {
    zone: Tz,
    cast: Cast,
    tariff: Tariff,
    builder: StoreBuilder,
    row: Row,
}

impl ChargeRows {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut builder = StoreBuilder::new(Report::METHOD.fields, Roles::CHARGES);
        let cast = Cast::new(plan, &mut builder);
        Self { zone: plan.zone, row: builder.row(), tariff: Tariff::new(plan), cast, builder }
    }

    pub(super) fn push(&mut self, id: i64, leg: &Leg) {
        let Some(charge) = self.tariff.charge(leg) else { return };
        let parties = Parties::of(leg, &mut self.cast, &mut self.builder);
        let text = |text: Option<TextId>| text.map_or(Slot::Null, Slot::Text);
        let direction = if leg.inward { Direction::In } else { Direction::Out };
        let direction = self.builder.text(direction.as_str());
        let source = self.builder.text(source(leg));
        let reach = self.builder.text(charge.reach.as_str());
        let row = &mut self.row;
        row.put(Report::START_TIME.info(), wall(self.zone, leg.start).map_or(Slot::Null, Slot::Time));
        row.put(Report::DIRECTION.info(), Slot::Text(direction));
        row.put(Report::SOURCE.info(), Slot::Text(source));
        row.put(Report::CALL_SESSION_ID.info(), Slot::Number(leg.session));
        row.put(Report::LEG_ID.info(), Slot::Number(id));
        row.put(Report::CALLING_PHONE_NUMBER.info(), text(parties.calling));
        row.put(Report::CALLED_PHONE_NUMBER.info(), text(parties.called));
        row.put(Report::DURATION.info(), Slot::Number(leg.duration));
        row.put(Report::CHARGEABLE_DURATION.info(), Slot::Number(charge.seconds));
        row.put(Report::DIRECTION_TYPE.info(), Slot::Text(reach));
        row.put(Report::COST_PER_MINUTE.info(), Slot::Cents(charge.per_minute));
        row.put(Report::TOTAL_CHARGE.info(), Slot::Cents(charge.total));
        row.put(Report::BONUSES_CHARGE.info(), Slot::Cents(charge.bonuses));
        self.builder.push_lasting(&self.row, leg.total);
    }

    pub(super) fn finish(self) -> Store {
        self.builder.finish()
    }
}

/// What made the leg: a scenario that had a list called, one that handles calls to a rented number, or a phone.
fn source(leg: &Leg) -> &'static str {
    match (leg.role, leg.routed) {
        (Role::Subscriber, true) => "callapi_scenario_call",
        (Role::Operator | Role::Transfer | Role::Coach, true) => "va",
        (_, false) => "sip",
    }
}
