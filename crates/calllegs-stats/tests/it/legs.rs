//! Legs that tests write down, as batches, and results as text.

use std::{fmt::Write as _, sync::Arc};

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use calllegs_arrow::{Zone, schema::Column};
use calllegs_stats::{Analysis, Cell, Error, Parameters, Results, Table, shape::Shape};
use chrono::NaiveDateTime;

/// A leg. Those of an employee say so.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the API has them")]
pub(crate) struct Leg {
    pub(crate) account: &'static str,
    pub(crate) id: i64,
    pub(crate) session: i64,
    pub(crate) start: NaiveDateTime,
    /// Seconds of the clock after the start.
    pub(crate) picked: Option<i64>,
    pub(crate) duration: i32,
    pub(crate) total: i32,
    pub(crate) reason: &'static str,
    pub(crate) direction: &'static str,
    pub(crate) is_operator: bool,
    pub(crate) is_transfer: bool,
    pub(crate) is_coach: bool,
    pub(crate) is_failed: bool,
    pub(crate) talked: bool,
    pub(crate) contact: Option<&'static str>,
    pub(crate) scenario: Option<&'static str>,
    pub(crate) number: Option<&'static str>,
    pub(crate) employee: Option<(i64, &'static str)>,
    pub(crate) rating: Option<f64>,
    pub(crate) group: Option<&'static str>,
    /// Its instants, where they are not those of a clock in Moscow.
    pub(crate) instants: Option<(NaiveDateTime, Option<NaiveDateTime>)>,
}

pub(crate) fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

/// The leg of somebody outside who calls.
pub(crate) fn caller(session: i64, start: &str, total: i32) -> Leg {
    Leg {
        account: "uis:1",
        id: session * 100,
        session,
        start: time(start),
        picked: Some(0),
        duration: total,
        total,
        reason: "subscriber_disconnects",
        direction: "in",
        is_operator: false,
        is_transfer: false,
        is_coach: false,
        is_failed: false,
        talked: true,
        contact: Some("74950000001"),
        scenario: Some("Main"),
        number: Some("74951000000"),
        employee: None,
        rating: None,
        group: None,
        instants: None,
    }
}

/// A ring of an employee that nobody picked up.
pub(crate) fn ring(session: i64, number: i64, start: &str, total: i32, reason: &'static str) -> Leg {
    Leg {
        id: session * 100 + number,
        picked: None,
        duration: 0,
        reason,
        direction: "out",
        is_operator: true,
        talked: false,
        employee: Some((number, ["", "Anna", "Boris", "Vera"][usize::try_from(number).unwrap().min(3)])),
        group: Some("Sales"),
        ..caller(session, start, total)
    }
}

impl Leg {
    /// Picked up after so many seconds, and talked.
    pub(crate) fn picked(mut self, after: i32) -> Self {
        self.picked = Some(after.into());
        self.duration = self.total - after;
        self.talked = true;
        self.reason = "operator_disconnects";
        self
    }
}

/// A batch with all columns, in the account's clock.
pub(crate) fn batch(legs: &[Leg]) -> RecordBatch {
    let moscow = Zone::built_in("Europe/Moscow").unwrap();
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    let wall = |leg: &Leg| leg.picked.map(|after| leg.start + chrono::TimeDelta::seconds(after));
    let instants = |leg: &Leg| {
        let of = |time| moscow.instant(time).naive_utc();
        leg.instants.unwrap_or_else(|| (of(leg.start), wall(leg).map(of)))
    };
    let times = |of: &dyn Fn(&Leg) -> Option<NaiveDateTime>| -> TimestampMicrosecondArray {
        legs.iter().map(|leg| of(leg).map(micros)).collect()
    };
    let longs = |of: &dyn Fn(&Leg) -> Option<i64>| -> ArrayRef {
        Arc::new(legs.iter().map(of).collect::<Int64Array>())
    };
    let ints = |of: &dyn Fn(&Leg) -> i32| -> ArrayRef {
        Arc::new(legs.iter().map(|leg| Some(of(leg))).collect::<Int32Array>())
    };
    let flags = |of: &dyn Fn(&Leg) -> bool| -> ArrayRef {
        Arc::new(legs.iter().map(|leg| Some(of(leg))).collect::<BooleanArray>())
    };
    let texts = |of: &dyn Fn(&Leg) -> Option<&'static str>| -> ArrayRef {
        Arc::new(legs.iter().map(of).collect::<StringArray>())
    };
    let array = |column: &Column| -> Option<ArrayRef> {
        Some(match column.name() {
            "account" => texts(&|leg| Some(leg.account)),
            "id" => longs(&|leg| Some(leg.id)),
            "call_session_id" => longs(&|leg| Some(leg.session)),
            "start_time" => Arc::new(times(&|leg| Some(leg.start))),
            "start_at" => Arc::new(times(&|leg| Some(instants(leg).0)).with_timezone("UTC")),
            "connect_time" => Arc::new(times(&wall)),
            "connect_at" => Arc::new(times(&|leg| instants(leg).1).with_timezone("UTC")),
            "duration" => ints(&|leg| leg.duration),
            "total_duration" => ints(&|leg| leg.total),
            "finish_reason" => texts(&|leg| Some(leg.reason)),
            "direction" => texts(&|leg| Some(leg.direction)),
            "is_operator" => flags(&|leg| leg.is_operator),
            "is_transfered" => flags(&|leg| leg.is_transfer),
            "is_coach" => flags(&|leg| leg.is_coach),
            "is_failed" => flags(&|leg| leg.is_failed),
            "is_talked" => flags(&|leg| leg.talked),
            "contact_phone_number" => texts(&|leg| leg.contact),
            "scenario_name" => texts(&|leg| leg.scenario),
            "employee_id" => longs(&|leg| leg.employee.map(|(id, _)| id)),
            "employee_full_name" => texts(&|leg| leg.employee.map(|(_, name)| name)),
            "employee_rating" => Arc::new(legs.iter().map(|leg| leg.rating).collect::<Float64Array>()),
            "virtual_phone_number" => texts(&|leg| leg.number),
            "group_name" => texts(&|leg| leg.group),
            _ => return None,
        })
    };
    let columns = Column::all().iter().filter_map(|column| Some((column.name(), array(column)?)));
    RecordBatch::try_from_iter(columns).unwrap()
}

/// The results of batches, read as often as they are asked for.
pub(crate) fn read(analysis: Analysis, batches: &[RecordBatch]) -> Result<Results, Error> {
    analysis.run(|analysis| batches.iter().try_for_each(|batch| analysis.push(batch)))
}

pub(crate) fn results(legs: &[Leg]) -> Results {
    read(Analysis::new(Parameters::default()), &[batch(legs)]).unwrap()
}

/// The rows of a result, cells with a space between.
pub(crate) fn shown(results: &Results, shape: &'static Shape) -> Vec<String> {
    results.total().unwrap().table(shape).unwrap().rows.iter().map(|row| line(row)).collect()
}

/// All results.
pub(crate) fn everything(results: &Results) -> String {
    let mut text = String::new();
    for (name, summary) in results.parts() {
        let name = line(name);
        for Table { shape, rows, .. } in summary.tables() {
            writeln!(text, "{name} {}", shape.name).unwrap();
            for row in rows {
                writeln!(text, "  {}", line(row)).unwrap();
            }
        }
        writeln!(text, "{:?}", (summary.half_hours(), summary.group_transfers())).unwrap();
        for call in summary.missed_calls() {
            writeln!(text, "{call:?} {:?} {:?}", call.contact, call.scenario).unwrap();
        }
    }
    text
}

fn line(row: &[Cell]) -> String {
    let cell = |cell: &Cell| match cell {
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(decimal) => decimal.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Date(date) => date.to_string(),
        Cell::Null | _ => "-".to_owned(),
    };
    row.iter().map(cell).collect::<Vec<_>>().join(" ")
}
