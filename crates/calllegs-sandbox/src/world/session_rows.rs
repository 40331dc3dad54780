//! The rows of `get.calls_report`: sessions, as the simulation knows them. Columns of visitors, sites and campaigns are
//! null: nobody in these worlds comes by an advertisement.
//!
//! A call within the house has no outside party, and goes out. `is_lost` is said of calls that come in.

use calllegs_core::{
    Direction,
    schema::{FieldInfo, Listing},
};
use calllegs_reports::calls_report::CallsReport as Report;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{
    Plan,
    call::{Leg, Outcome, Role, Session, Way},
    cast::Cast,
    parties::Parties,
    wall,
};
use crate::{
    jsonb,
    store::{Roles, Row, Slot, Store, StoreBuilder, TextId},
};

/// Makes rows of sessions.
pub(super) struct SessionRows {
    zone: Tz,
    cast: Cast,
    builder: StoreBuilder,
    row: Row,
    /// The empty array.
    none: TextId,
}

/// Seconds of a session.
struct Seconds {
    wait: i64,
    talk: i64,
    /// Of the talk, those in which somebody was there for the subscriber.
    clean: i64,
    total: i64,
}

impl Seconds {
    fn of(session: &Session) -> Self {
        let total = session.end - session.start;
        let (Some((answered, _)), Outcome::Answered | Outcome::Internal) =
            (session.answered, session.outcome)
        else {
            return Self { wait: total, talk: 0, clean: 0, total };
        };
        let wait = answered - session.start;
        let talk = total - wait;
        // Of a call that comes in, people take turns in the talk; of another one, the dialling is counted among it.
        let clean = if session.way == Way::In { session.talk.unwrap_or_default() } else { talk };
        Self { wait, talk, clean, total }
    }
}

impl SessionRows {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut builder = StoreBuilder::new(Report::METHOD.fields, Roles::SESSIONS);
        let cast = Cast::new(plan, &mut builder);
        Self { zone: plan.zone, row: builder.row(), none: builder.text("[]"), cast, builder }
    }

    pub(super) fn push(&mut self, session: &Session, legs: &[Leg]) {
        let Some(first) = legs.iter().min_by_key(|leg| leg.order) else { return };
        let parties = Parties::of(first, &mut self.cast, &mut self.builder);
        let seconds = Seconds::of(session);
        self.row = self.builder.row();
        let none = Slot::List(self.none);
        for field in
            [&Report::ATTRIBUTES.info(), &Report::SEGMENTS.info(), &Report::VOICE_MAIL_RECORDS.info()]
        {
            self.row.put(field, none);
        }
        self.row.put(Report::VISITOR_CUSTOM_PROPERTIES.info(), none);
        self.row.put(Report::TAGS.info(), none);
        self.times(session, &seconds);
        self.words(session, first);
        let text = |text: Option<TextId>| text.map_or(Slot::Null, Slot::Text);
        let contact = parties.contact.as_ref().filter(|_| session.way != Way::Internal);
        let row = &mut self.row;
        row.put(Report::ID.info(), Slot::Number(session.id));
        row.put(Report::COMMUNICATION_ID.info(), Slot::Number(session.id));
        row.put(Report::IS_LOST.info(), Slot::Boolean(is_lost(session)));
        row.put(Report::IS_TRANSFER.info(), Slot::Boolean(!session.handed.is_empty()));
        row.put(Report::CONTACT_PHONE_NUMBER.info(), text(parties.subscriber));
        row.put(Report::VIRTUAL_PHONE_NUMBER.info(), text(parties.number));
        let id = contact.and_then(|contact| contact.id);
        row.put(Report::CONTACT_ID.info(), id.map_or(Slot::Null, Slot::Number));
        row.put(Report::CONTACT_FULL_NAME.info(), text(contact.and_then(|contact| contact.name)));
        self.people(session, legs);
        self.recordings(legs);
        self.builder.push(&self.row);
    }

    pub(super) fn finish(self) -> Store {
        self.builder.finish()
    }

    fn times(&mut self, session: &Session, seconds: &Seconds) {
        let zone = self.zone;
        let time = |at: i64| wall(zone, at).map_or(Slot::Null, Slot::Time);
        let row = &mut self.row;
        row.put(Report::START_TIME.info(), time(session.start));
        row.put(Report::FINISH_TIME.info(), time(session.end));
        row.put(Report::WAIT_DURATION.info(), Slot::Number(seconds.wait));
        row.put(Report::TOTAL_WAIT_DURATION.info(), Slot::Number(seconds.total - seconds.clean));
        row.put(Report::TALK_DURATION.info(), Slot::Number(seconds.talk));
        row.put(Report::CLEAN_TALK_DURATION.info(), Slot::Number(seconds.clean));
        row.put(Report::TOTAL_DURATION.info(), Slot::Number(seconds.total));
        row.put(Report::POSTPROCESS_DURATION.info(), Slot::Number(0));
    }

    fn words(&mut self, session: &Session, first: &Leg) {
        let direction = if session.way == Way::In { Direction::In } else { Direction::Out };
        let source = match (session.way, session.routed) {
            (Way::In, _) => "va",
            (Way::Out, true) => "callapi_scenario_call",
            (Way::Out | Way::Internal, _) => "sip",
        };
        let line = session.via.filter(|_| session.routed).and_then(|via| self.cast.line(via));
        let scenario = line.map(|line| (line.scenario, line.name));
        let operations = line.map(|line| [line.action(false), line.action(true)]);
        let ending = self.cast.ending(first.ending).map(|ending| ending.reason);
        let operations = match operations {
            Some(operations) => {
                let one = |(id, name)| json!({"id": id, "name": self.builder.text_of(name)});
                let json = jsonb::text(&operations.into_iter().map(one).collect());
                self.builder.text(&json)
            }
            None => self.none,
        };
        let (builder, row) = (&mut self.builder, &mut self.row);
        row.put(Report::DIRECTION.info(), Slot::Text(builder.text(direction.as_str())));
        row.put(Report::SOURCE.info(), Slot::Text(builder.text(source)));
        row.put(Report::COMMUNICATION_TYPE.info(), Slot::Text(builder.text("call")));
        row.put(Report::FINISH_REASON.info(), ending.map_or(Slot::Null, Slot::Text));
        row.put(Report::SCENARIO_OPERATIONS.info(), Slot::List(operations));
        if let Some((id, name)) = scenario {
            row.put(Report::SCENARIO_ID.info(), Slot::Number(id));
            row.put(Report::SCENARIO_NAME.info(), Slot::Text(name));
        }
    }

    /// Who took part, who picked up and who talked first and last. Whoever listens in takes no part.
    fn people(&mut self, session: &Session, legs: &[Leg]) {
        let mut tried: Vec<&Leg> =
            legs.iter().filter(|leg| leg.role != Role::Coach && leg.employee.is_some()).collect();
        tried.sort_by_key(|leg| (leg.connect.unwrap_or(leg.start), leg.order));
        let mut people: Vec<(u32, bool, bool)> = Vec::new();
        for leg in &tried {
            let (Some(employee), answered) = (leg.employee, leg.connect.is_some()) else { continue };
            match people.iter_mut().find(|(known, ..)| *known == employee) {
                Some((_, picked_up, talked)) => {
                    (*picked_up, *talked) = (*picked_up || answered, *talked || leg.is_talked);
                }
                None => people.push((employee, answered, leg.is_talked)),
            }
        }
        let one = |(employee, answered, talked): &(u32, bool, bool)| {
            self.cast.employee(*employee).map(|employee| {
                json!({"employee_id": employee.id, "employee_full_name": self.builder.text_of(employee.name),
                    "is_answered": answered, "is_talked": talked})
            })
        };
        let people: Value = people.iter().filter_map(one).collect();
        let people = self.builder.list(&jsonb::text(&people));
        self.row.put(Report::EMPLOYEES.info(), Slot::List(people));
        let picked_up = || tried.iter().filter(|leg| leg.connect.is_some());
        let last = picked_up().next_back();
        self.put_person(
            Report::FIRST_ANSWERED_EMPLOYEE_ID.info(),
            Report::FIRST_ANSWERED_EMPLOYEE_FULL_NAME.info(),
            picked_up().next().and_then(|leg| leg.employee),
        );
        self.put_person(
            Report::LAST_ANSWERED_EMPLOYEE_ID.info(),
            Report::LAST_ANSWERED_EMPLOYEE_FULL_NAME.info(),
            last.and_then(|leg| leg.employee),
        );
        self.put_person(
            Report::FIRST_TALKED_EMPLOYEE_ID.info(),
            Report::FIRST_TALKED_EMPLOYEE_FULL_NAME.info(),
            session.answered.map(|(_, employee)| employee),
        );
        let talked = tried.iter().rfind(|leg| leg.is_talked);
        self.put_person(
            Report::LAST_TALKED_EMPLOYEE_ID.info(),
            Report::LAST_TALKED_EMPLOYEE_FULL_NAME.info(),
            talked.and_then(|leg| leg.employee),
        );
        let rating = last.and_then(|leg| leg.rating);
        self.row.put(Report::LAST_ANSWERED_EMPLOYEE_RATING.info(), rating.map_or(Slot::Null, Slot::Number));
        if let Some(employee) = last.and_then(|leg| leg.employee)
            && let Some(number) = self.cast.extension(employee, &mut self.builder)
        {
            self.row.put(Report::OPERATOR_PHONE_NUMBER.info(), Slot::Text(number));
        }
    }

    fn put_person(&mut self, id: &FieldInfo, name: &FieldInfo, employee: Option<u32>) {
        if let Some(employee) = employee.and_then(|employee| self.cast.employee(employee)) {
            self.row.put(id, Slot::Number(employee.id));
            self.row.put(name, Slot::Text(employee.name));
        }
    }

    /// Those of the legs, in their order.
    fn recordings(&mut self, legs: &[Leg]) {
        let mut recorded: Vec<&Leg> = legs.iter().filter(|leg| leg.records.is_some()).collect();
        recorded.sort_by_key(|leg| (leg.start, leg.order));
        let names = recorded.iter().filter_map(|leg| leg.records);
        let tracks = recorded.iter().filter_map(|leg| leg.tracks).flatten();
        let lists = [
            (Report::CALL_RECORDS.info(), names.map(|name| format!("{name:032x}")).collect::<Value>()),
            (Report::WAV_CALL_RECORDS.info(), tracks.map(|name| format!("{name:032x}")).collect()),
        ];
        for (field, list) in lists {
            let is_empty = list.as_array().is_none_or(Vec::is_empty);
            let list = if is_empty { self.none } else { self.builder.list(&list.to_string()) };
            self.row.put(field, Slot::List(list));
        }
    }
}

/// Whether nobody talked to a caller.
fn is_lost(session: &Session) -> bool {
    session.way == Way::In && session.outcome != Outcome::Answered
}
