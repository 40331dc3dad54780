//! The numbers of a report as JSON, to be put into its page. Not here: the page.

use calllegs_stats::{
    Table,
    report::{Previous, Report},
};
use serde::Serialize;

use crate::{
    commands::stats::machine::{Named, Rows},
    failure::{Exit, Failure},
    lang::say,
};

#[derive(Serialize)]
struct Data<'a> {
    account: &'a str,
    zone: &'a str,
    days: [String; 2],
    missing_days: Vec<String>,
    parameters: Parameters,
    results: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Before>,
}

#[derive(Serialize)]
struct Parameters {
    answer_within: i64,
    goal_percent: u8,
    short_abandon: i64,
    callback_window: i64,
    repeat_window: i64,
}

#[derive(Serialize)]
struct Before {
    days: [String; 2],
    results: Named,
}

/// All of it but numbers of people.
pub(super) fn json(report: &Report) -> Result<String, Failure> {
    let named = |tables: &[Table]| Named(tables.iter().map(|it| (it.shape.name, Rows::from(it))).collect());
    let header = &report.header;
    let parameters = &report.parameters;
    let previous = |it: &Previous| Before {
        days: [it.days.0, it.days.1].map(|day| day.to_string()),
        results: named(&it.tables),
    };
    let data = Data {
        account: &header.account,
        zone: &header.zone,
        days: [header.days.0, header.days.1].map(|day| day.to_string()),
        missing_days: header.missing.iter().map(ToString::to_string).collect(),
        parameters: Parameters {
            answer_within: parameters.answer_within,
            goal_percent: parameters.goal_percent,
            short_abandon: parameters.short_abandon,
            callback_window: parameters.callback_window,
            repeat_window: parameters.repeat_window,
        },
        results: named(&[&*report.tables, &*report.beside()].concat()),
        previous: report.previous.as_ref().map(previous),
    };
    serde_json::to_string(&data)
        .map_err(|error| Failure::new(Exit::Bug, say!("numbers cannot be written as JSON: {error}", error)))
}
