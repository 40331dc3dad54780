//! The rows of `get.call_legs_report`.

use calllegs_core::{CallLegs, Direction, schema::Listing};
use chrono_tz::Tz;

use super::{
    Plan,
    call::{Leg, Role},
    cast::Cast,
    parties::Parties,
    wall,
};
use crate::store::{Roles, Row, Slot, Store, StoreBuilder, TextId};

/// Makes rows of legs.
pub(super) struct LegRows {
    zone: Tz,
    cast: Cast,
    builder: StoreBuilder,
    row: Row,
    /// The empty array.
    none: TextId,
    /// The words for towards and away from the platform.
    directions: (TextId, TextId),
}

impl LegRows {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut builder = StoreBuilder::new(CallLegs::METHOD.fields, Roles::LEGS);
        let cast = Cast::new(plan, &mut builder);
        Self {
            zone: plan.zone,
            row: builder.row(),
            none: builder.text("[]"),
            directions: (builder.text(Direction::In.as_str()), builder.text(Direction::Out.as_str())),
            cast,
            builder,
        }
    }

    pub(super) fn push(&mut self, id: i64, leg: &Leg) {
        let text = |text: Option<TextId>| text.map_or(Slot::Null, Slot::Text);
        let number = |number: Option<i64>| number.map_or(Slot::Null, Slot::Number);
        let zone = self.zone;
        let time = |at: Option<i64>| at.and_then(|at| wall(zone, at)).map_or(Slot::Null, Slot::Time);
        let employee = leg.employee.and_then(|index| self.cast.employee(index));
        let parties = Parties::of(leg, &mut self.cast, &mut self.builder);
        let contact = parties.contact.as_ref();
        let line = self.cast.line(leg.via).filter(|_| contact.is_some());
        let queue = self.cast.line(leg.line).filter(|_| leg.queued);
        let ending = self.cast.ending(leg.ending);
        let records = leg.records.map_or(self.none, |name| self.builder.list(&format!("[\"{name:032x}\"]")));
        let tracks = leg.tracks.map_or(self.none, |[contact, employee]| {
            self.builder.list(&format!("[\"{contact:032x}\",\"{employee:032x}\"]"))
        });
        let row = &mut self.row;
        row.put(CallLegs::ID.info(), Slot::Number(id));
        row.put(CallLegs::CALL_SESSION_ID.info(), Slot::Number(leg.session));
        row.put(CallLegs::CALL_RECORDS.info(), Slot::List(records));
        row.put(CallLegs::WAV_CALL_RECORDS.info(), Slot::List(tracks));
        row.put(CallLegs::START_TIME.info(), time(Some(leg.start)));
        row.put(CallLegs::CONNECT_TIME.info(), time(leg.connect));
        row.put(CallLegs::DURATION.info(), Slot::Number(leg.duration));
        row.put(CallLegs::TOTAL_DURATION.info(), Slot::Number(leg.total));
        row.put(CallLegs::FINISH_REASON.info(), text(ending.map(|ending| ending.reason)));
        row.put(CallLegs::FINISH_REASON_DESCRIPTION.info(), text(ending.map(|ending| ending.label)));
        row.put(CallLegs::VIRTUAL_PHONE_NUMBER.info(), text(parties.number));
        row.put(CallLegs::CALLING_PHONE_NUMBER.info(), text(parties.calling));
        row.put(CallLegs::CALLED_PHONE_NUMBER.info(), text(parties.called));
        let direction = if leg.inward { self.directions.0 } else { self.directions.1 };
        row.put(CallLegs::DIRECTION.info(), Slot::Text(direction));
        row.put(CallLegs::IS_TRANSFERED.info(), Slot::Boolean(leg.role == Role::Transfer));
        row.put(CallLegs::IS_OPERATOR.info(), Slot::Boolean(leg.role != Role::Subscriber));
        row.put(CallLegs::EMPLOYEE_ID.info(), number(employee.map(|employee| employee.id)));
        row.put(CallLegs::EMPLOYEE_FULL_NAME.info(), text(employee.map(|employee| employee.name)));
        row.put(CallLegs::EMPLOYEE_PHONE_NUMBER.info(), text(parties.extension));
        row.put(CallLegs::EMPLOYEE_RATING.info(), number(leg.rating));
        row.put(CallLegs::SCENARIO_ID.info(), number(line.filter(|_| leg.routed).map(|line| line.scenario)));
        row.put(CallLegs::SCENARIO_NAME.info(), text(line.filter(|_| leg.routed).map(|line| line.name)));
        row.put(CallLegs::IS_COACH.info(), Slot::Boolean(leg.role == Role::Coach));
        row.put(CallLegs::RELEASE_CAUSE_CODE.info(), number(ending.map(|ending| ending.cause)));
        row.put(CallLegs::RELEASE_CAUSE_DESCRIPTION.info(), text(ending.map(|ending| ending.cause_text)));
        row.put(CallLegs::IS_FAILED.info(), Slot::Boolean(leg.connect.is_none()));
        row.put(CallLegs::IS_TALKED.info(), Slot::Boolean(leg.is_talked));
        row.put(CallLegs::CONTACT_ID.info(), number(contact.and_then(|contact| contact.id)));
        row.put(CallLegs::CONTACT_FULL_NAME.info(), text(contact.and_then(|contact| contact.name)));
        row.put(CallLegs::CONTACT_PHONE_NUMBER.info(), text(parties.subscriber));
        let action = line.filter(|_| leg.routed);
        row.put(CallLegs::ACTION_ID.info(), number(action.map(|line| line.action(leg.queued).0)));
        row.put(CallLegs::ACTION_NAME.info(), text(action.map(|line| line.action(leg.queued).1)));
        row.put(CallLegs::GROUP_ID.info(), number(queue.map(|line| line.group)));
        row.put(CallLegs::GROUP_NAME.info(), text(queue.map(|line| line.name)));
        self.builder.push(&self.row);
    }

    pub(super) fn finish(self) -> Store {
        self.builder.finish()
    }
}
