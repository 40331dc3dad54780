//! Who and what an account has, whatever the time: employees, their groups, statuses and lines, the rented numbers and the
//! scenarios behind them. Their ids, names and numbers are those that legs have.

use calllegs_core::schema::{Listing, MethodInfo};
use calllegs_reports::{
    employees::Employees, group_employees::GroupEmployees, scenarios::Scenarios, sip_lines::SipLines,
    statuses::Statuses, tags::Tags, virtual_numbers::VirtualNumbers,
};
use chrono::{Days, NaiveTime};
use serde_json::{Value, json};

use super::{
    Plan,
    cast::{Cast, Line, is_mobile},
};
use crate::store::{Roles, Store, StoreBuilder};

/// A listing of what an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directory {
    Employees,
    Groups,
    Numbers,
    Scenarios,
    SipLines,
    Statuses,
    Tags,
}

/// Ids of what has none in legs.
const FIRST_NUMBER: i64 = 88_001;
const FIRST_PHONE: i64 = 61_001;
const FIRST_LINE: i64 = 62_001;
const FIRST_STATUS: i64 = 20_001;

/// Statuses: the word, the name, whether calls come through, whether it is work.
const STATUSES: [(&str, &str, bool, bool); 6] = [
    ("available", "Доступен", true, true),
    ("break", "Перерыв", false, false),
    ("do_not_disturb", "Не беспокоить", false, true),
    ("not_at_workplace", "Нет на месте", false, true),
    ("not_at_work", "Нет на работе", false, false),
    ("auto_out_call", "Исходящий обзвон", false, true),
];

const TAGS: [(&str, bool); 4] =
    [("Важный", false), ("Перезвонить", false), ("Спам", true), ("Целевой", true)];

impl Directory {
    pub(crate) const ALL: [Self; 7] = [
        Self::Employees,
        Self::Groups,
        Self::Numbers,
        Self::Scenarios,
        Self::SipLines,
        Self::Statuses,
        Self::Tags,
    ];

    /// The method that lists it.
    pub(crate) const fn method(self) -> &'static MethodInfo {
        match self {
            Self::Employees => Employees::METHOD,
            Self::Groups => GroupEmployees::METHOD,
            Self::Numbers => VirtualNumbers::METHOD,
            Self::Scenarios => Scenarios::METHOD,
            Self::SipLines => SipLines::METHOD,
            Self::Statuses => Statuses::METHOD,
            Self::Tags => Tags::METHOD,
        }
    }

    /// Its rows.
    pub(crate) fn rows(self, plan: &Plan) -> Store {
        let mut rows = StoreBuilder::new(self.method().fields, Roles::TIMELESS);
        let cast = Cast::new(plan, &mut rows);
        let mut staff = Staff { plan, cast, rows };
        match self {
            Self::Employees => staff.each_employee(Staff::employee),
            Self::Groups => staff.each_line(Staff::group),
            Self::Numbers => staff.each_line(Staff::number),
            Self::Scenarios => staff.each_line(Staff::scenario),
            Self::SipLines => staff.each_employee(Staff::sip_line),
            Self::Statuses => STATUSES.iter().zip(FIRST_STATUS..).for_each(|(status, id)| {
                staff.rows.push_object(&status_row(id, *status));
            }),
            Self::Tags => TAGS.iter().zip(1..).for_each(|((name, is_system), id)| {
                staff
                    .rows
                    .push_object(&json!({"id": id, "name": name, "is_system": is_system, "is_auto": false,
                    "state": "active"}));
            }),
        }
        staff.rows.finish()
    }
}

/// Whose rows are made.
struct Staff<'a> {
    plan: &'a Plan,
    cast: Cast,
    rows: StoreBuilder,
}

impl Staff<'_> {
    fn each_employee(&mut self, row: fn(&mut Self, u32) -> Option<Value>) {
        for index in (0..).take(self.cast.employees().len()) {
            let row = row(self, index);
            if let Some(row) = row {
                self.rows.push_object(&row);
            }
        }
    }

    fn each_line(&mut self, row: fn(&mut Self, u32) -> Option<Value>) {
        for index in 0..self.cast.lines() {
            let row = row(self, index);
            if let Some(row) = row {
                self.rows.push_object(&row);
            }
        }
    }

    fn name(&self, line: &Line) -> &str {
        self.rows.text_of(line.name)
    }

    /// The number of an employee, with its id.
    fn phone(&mut self, index: u32) -> Option<(i64, String)> {
        let number = self.cast.extension(index, &mut self.rows)?;
        Some((FIRST_PHONE + i64::from(index), self.rows.text_of(number).to_owned()))
    }

    fn full_name(&self, index: u32) -> Option<(i64, String)> {
        let employee = self.cast.employee(index)?;
        Some((employee.id, self.rows.text_of(employee.name).to_owned()))
    }

    fn employee(&mut self, index: u32) -> Option<Value> {
        let (phone_id, phone) = self.phone(index)?;
        let (id, full_name) = self.full_name(index)?;
        let mut names = full_name.split(' ');
        let (last, first) = (names.next(), names.next());
        let line = self.cast.line(index % self.cast.lines().max(1))?;
        let extension = if is_mobile(index) {
            json!({})
        } else {
            json!({"extension_phone_number": phone, "extension_voice_mail_enabled": false,
                "extension_queue_enabled": true})
        };
        let both = ["in", "out"];
        let (status, ..) = STATUSES[0];
        Some(json!({"id": id, "login": format!("employee-{id}"), "first_name": first, "last_name": last,
            "full_name": full_name, "status": status, "status_id": FIRST_STATUS, "calls_available": true,
            "allowed_in_call_types": ["internal", "external"], "allowed_out_call_types": ["internal", "external"],
            "in_external_allowed_call_directions": both, "in_internal_allowed_call_directions": both,
            "out_external_allowed_call_directions": both, "out_internal_allowed_call_directions": both,
            "email": format!("employee-{id}@example.com"), "call_recording": "all",
            "groups": [{"group_id": line.group, "group_name": self.name(line)}],
            "phone_numbers": [{"phone_id": phone_id, "phone_number": phone, "channels_count": 1, "dial_time": 20,
                "status": "active"}],
            "extension": extension}))
    }

    fn group(&mut self, index: u32) -> Option<Value> {
        let (mut members, mut phones) = (Vec::new(), Vec::new());
        let count = u32::try_from(self.cast.employees().len()).unwrap_or(u32::MAX);
        for employee in (index..count).step_by(self.cast.lines().max(1) as usize) {
            let (phone_id, phone) = self.phone(employee)?;
            let (id, full_name) = self.full_name(employee)?;
            members.push(json!({"employee_id": id, "employee_full_name": full_name}));
            phones.push(
                json!({"employee_id": id, "employee_full_name": full_name, "employee_phone_number": phone,
                "employee_phone_number_id": phone_id, "available": true}),
            );
        }
        let line = self.cast.line(index)?;
        Some(json!({"id": line.group, "name": self.name(line), "members": members, "phone_numbers": phones,
            "group_phone_number": (3001 + index).to_string(), "queue_enabled": true, "channels_count": 30}))
    }

    fn number(&mut self, index: u32) -> Option<Value> {
        let line = self.cast.line(index)?;
        let rented = self.plan.since.checked_sub_days(Days::new(90)).unwrap_or(self.plan.since);
        let rented = calllegs_core::value::wall_time::format(rented.and_time(NaiveTime::MIN)).to_string();
        Some(
            json!({"id": FIRST_NUMBER + i64::from(index), "virtual_phone_number": self.rows.text_of(line.number),
            "activation_date": rented, "status": "active", "category": "usual", "type": "va", "name": self.name(line),
            "scenarios": [{"scenario_id": line.scenario, "scenario_name": self.name(line), "is_active": true}]}),
        )
    }

    fn scenario(&mut self, index: u32) -> Option<Value> {
        let line = self.cast.line(index)?;
        let operation = |queued| {
            let (id, name) = line.action(queued);
            json!({"id": id, "name": self.rows.text_of(name)})
        };
        Some(json!({"id": line.scenario, "name": self.name(line),
            "virtual_phone_numbers": [self.rows.text_of(line.number)],
            "operations": [operation(false), operation(true)]}))
    }

    fn sip_line(&mut self, index: u32) -> Option<Value> {
        let (_, number) = self.phone(index).filter(|_| !is_mobile(index))?;
        let (id, full_name) = self.full_name(index)?;
        let line = self.cast.line(index % self.cast.lines().max(1))?;
        Some(json!({"id": FIRST_LINE + i64::from(index), "phone_number": number, "type": "in_out",
            "channels_count": 1, "dial_time": 20, "billing_state": "active", "physical_state": "online",
            "virtual_phone_number": self.rows.text_of(line.number), "status": "active", "employee_id": id,
            "employee_full_name": full_name}))
    }
}

fn status_row(id: i64, (word, name, is_open, is_work): (&str, &str, bool, bool)) -> Value {
    let directions: &[&str] = if is_open { &["in", "out"] } else { &[] };
    let within: &[&str] = if is_work { &["in", "out"] } else { &[] };
    json!({"id": id, "name": name, "mnemonic": word, "description": name, "color": "#808080", "is_deleted": false,
        "in_external_allowed_call_directions": directions, "in_internal_allowed_call_directions": within,
        "out_external_allowed_call_directions": within, "out_internal_allowed_call_directions": within,
        "allowed_phone_protocols": ["PSTN", "SIP", "SIP_TRUNK", "FMC"], "is_select_allowed": true,
        "is_worktime": is_work, "is_auto_out_calls_ready": word == "auto_out_call"})
}
