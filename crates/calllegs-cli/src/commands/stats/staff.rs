//! `calllegs staff`: people and lines by the formulas of Erlang. Not here: the formulas (`calllegs_stats::erlang`).

mod half_hours;

use std::fmt::Write as _;

use calllegs_stats::{
    Cell, Decimal, Language, Table,
    erlang::{self, Goal, Load, Staffing},
    report::Header,
    shape,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    answer::Wish,
    figures::{self, grid_of},
    machine::{Object, Rows},
    plain,
    words::say,
};
use crate::{
    cli::{Common, StaffArgs, StaffBy, StaffCommand, SyncSettings},
    commands::numbers::Numbers,
    failure::Failure,
    lang,
    ui::{stdout, table, terminal::Terminal},
};

/// Runs `staff`.
pub(crate) fn run(
    args: &StaffArgs,
    common: &Common,
    profile: &SyncSettings,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if let Some(StaffCommand::Lines(args)) = &args.command {
        let lines = erlang::lines(args.erlangs, args.loss)
            .ok_or_else(|| out_of_reach(lang::say!("no number of lines is enough")))?;
        let blocked = 100.0 * erlang::blocking(lines, args.erlangs);
        if args.json {
            let columns = ["formula", "lines", "erlangs", "blocked_pct"];
            let row = [
                "erlang-b".to_owned().into(),
                i64::from(lines).into(),
                rounded(args.erlangs, 2).into(),
                rounded(blocked, 2).into(),
            ];
            return stdout::print_json(&Object { columns: &columns, row: &row });
        }
        let language = lang::spoken();
        let percent = rounded(blocked, 2).map(|percent| language.percent(percent)).unwrap_or_default();
        return stdout::print(&plain(
            &match language {
                Language::English => {
                    let noun = if lines == 1 { "line" } else { "lines" };
                    format!("{lines} {noun} · {percent} of calls find all in use · Erlang B\n")
                }
                Language::Russian => {
                    format!("линий: {lines} · {percent} звонков застают все занятыми · Erlang B\n")
                }
            },
            false,
        ));
    }
    let planner = Planner { args, goal: goal(args), language: lang::spoken() };
    if let (Some(calls), Some(handle)) = (args.calls, args.handle) {
        return planner.one(Load::new(calls, handle.as_secs_f64()));
    }
    let numbers = Numbers::read(&args.numbers(), common, profile, terminal, now)?;
    match args.by {
        StaffBy::Hour => planner.hours(&numbers),
        by @ (StaffBy::HalfHour | StaffBy::Weekday) => planner.half_hours(&numbers, by),
    }
}

fn goal(args: &StaffArgs) -> Goal {
    let mut goal = Goal::default();
    goal.in_time = f64::from(args.goal.0) / 100.0;
    goal.answer_within = f64::from(args.goal.1);
    goal.max_occupancy = args.max_occupancy;
    goal.shrinkage = args.shrinkage;
    goal.patience = args.patience.map(|patience| patience.as_secs_f64());
    goal
}

/// What is wanted, and how it is said.
struct Planner<'a> {
    args: &'a StaffArgs,
    goal: Goal,
    language: Language,
}

const COLUMNS: [&str; 6] =
    ["on_phones", "on_schedule", "service_level_pct", "mean_wait_s", "occupancy_pct", "abandoned_pct"];

#[derive(Serialize)]
struct Json<'a> {
    formula: &'static str,
    goal_percent: u8,
    answer_within: u16,
    shrinkage: Option<f64>,
    max_occupancy: Option<f64>,
    patience_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// Days that the place lacks; nothing where it keeps no ledger of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_days: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<Object<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<Rows>,
    #[serde(skip_serializing_if = "Option::is_none")]
    half_hours: Option<Rows>,
}

impl Planner<'_> {
    fn people(&self, load: Load) -> Result<Staffing, Failure> {
        people(load, self.goal)
    }

    /// Of one load.
    fn one(&self, load: Load) -> Result<(), Failure> {
        let needed = self.people(load)?;
        let row = cells(&needed);
        if self.args.json {
            return stdout::print_json(&Json {
                people: Some(Object { columns: &COLUMNS, row: &row }),
                hours: None,
                ..self.json()
            });
        }
        let row = figures::Row { columns: &COLUMNS, cells: &row };
        let [level, wait, occupancy, gone] =
            ["service_level_pct", "mean_wait_s", "occupancy_pct", "abandoned_pct"]
                .map(|name| row.shown(name, self.language));
        let (phones, schedule) = (needed.on_phones, needed.on_schedule);
        let people = if phones == 1 { "person" } else { "people" };
        let mut text = match self.language {
            Language::English => format!(
                "{phones} {people} on the phones, {schedule} on the schedule · SL {level} · ASA {wait} · occupancy {occupancy}"
            ),
            Language::Russian => format!(
                "на телефонах: {phones}, в графике: {schedule} · SL {level} · ASA {wait} · занятость {occupancy}"
            ),
        };
        if self.goal.patience.is_some() {
            _ = write!(text, " · {} {gone}", say(self.language, "give up", "не дождутся"));
        }
        text.push('\n');
        text.push_str(&self.foot(table::width()));
        stdout::print(&plain(&text, false))
    }

    /// Of each hour of the day.
    fn hours(&self, numbers: &Numbers) -> Result<(), Failure> {
        let wish = Wish { numbers, shapes: &[&shape::STAFFING_INPUT], by: None, needs_legs: false };
        let answer = wish.answer()?;
        let input = answer.parts.first().and_then(|part| part.table(&shape::STAFFING_INPUT));
        let mut rows =
            Rows { columns: vec!["hour", "calls_per_hour", "avg_talk_s", "erlangs"], rows: Vec::new() };
        rows.columns.extend(COLUMNS);
        if let Some(table) = input {
            let names = figures::columns(table);
            let usual = mean_talk(&names, table);
            for row in figures::rows(&names, &table.rows) {
                let calls = row.decimal("calls_per_hour").map_or(0.0, real);
                // An hour in which nobody was ever answered takes the talk of the others, as half hours do.
                let talk = row.decimal("avg_talk_s").map(real).or(usual);
                let handle = self.args.handle.map(|handle| handle.as_secs_f64()).or(talk);
                let needed = handle.map(|handle| {
                    let load = Load::new(calls, handle);
                    self.people(load).map(|needed| (load, needed))
                });
                let tail = match needed.transpose()? {
                    Some((load, needed)) => {
                        let handle: Cell = rounded(load.handle_time, 1).into();
                        let erlangs: Cell = rounded(load.erlangs(), 2).into();
                        [handle, erlangs].into_iter().chain(cells(&needed)).collect()
                    }
                    None => vec![Cell::Null; COLUMNS.len() + 2],
                };
                rows.rows.push(row.cells.iter().take(2).cloned().chain(tail).collect());
            }
        }
        if self.args.json {
            return stdout::print_json(&Json { hours: Some(rows), ..self.json_of(&answer.header) });
        }
        let width = table::width();
        let language = self.language;
        let mut text = heading(&answer.header, language);
        let mut shown = rows.columns.clone();
        if self.goal.patience.is_none() {
            shown.pop();
        }
        let grid = figures::rows(&rows.columns, &rows.rows)
            .map(|row| shown.iter().map(|name| row.shown(name, language)).collect());
        text.push_str(&grid_of(&shown, grid.collect(), language, (width, 5)));
        text.push('\n');
        text.push_str(&self.foot(width));
        stdout::print(&plain(&text, false))
    }

    /// Of what was counted.
    fn json_of(&self, header: &Header) -> Json<'_> {
        Json {
            zone: Some(header.zone.clone()).filter(|zone| !zone.is_empty()),
            missing_days: header
                .is_recorded
                .then(|| header.missing.iter().map(ToString::to_string).collect()),
            ..self.json()
        }
    }

    fn json<'a>(&self) -> Json<'a> {
        Json {
            formula: if self.goal.patience.is_some() { "erlang-a" } else { "erlang-c" },
            goal_percent: self.args.goal.0,
            answer_within: self.args.goal.1,
            shrinkage: Some(self.goal.shrinkage),
            max_occupancy: Some(self.goal.max_occupancy),
            patience_s: self.args.patience.map(|patience| patience.as_secs()),
            zone: None,
            missing_days: None,
            people: None,
            hours: None,
            half_hours: None,
        }
    }

    /// What it was computed with.
    fn foot(&self, width: Option<usize>) -> String {
        let language = self.language;
        let formula = match (self.args.patience, language) {
            (None, Language::English) => {
                "Erlang C takes nobody to hang up: where people do, it over-staffs (--patience)".to_owned()
            }
            (None, Language::Russian) => {
                "Erlang C считает, что никто не кладёт трубку: где кладут, людей выходит больше нужного (--patience)".to_owned()
            }
            (Some(patience), Language::English) => {
                format!("Erlang A: callers hang up after {} on average", whole(patience.as_secs(), language))
            }
            (Some(patience), Language::Russian) => {
                format!("Erlang A: звонящие кладут трубку в среднем через {}", whole(patience.as_secs(), language))
            }
        };
        let lines =
            [formula, self.wanted()].map(|line| table::folded(&line, width.unwrap_or(usize::MAX)).join("\n"));
        lines.join("\n") + "\n"
    }

    fn wanted(&self) -> String {
        let percent =
            |share: f64| rounded(100.0 * share, 1).map(|it| self.language.percent(it)).unwrap_or_default();
        let (goal, within) = self.args.goal;
        match self.language {
            Language::English => format!(
                "goal {goal} % within {within} s · busy at most {} · not there {}",
                percent(self.goal.max_occupancy),
                percent(self.goal.shrinkage)
            ),
            Language::Russian => format!(
                "цель {goal} % за {within} с · занятость до {} · отсутствие {}",
                percent(self.goal.max_occupancy),
                percent(self.goal.shrinkage)
            ),
        }
    }
}

/// How long a call is talked about on average, over the hours in which somebody was answered.
fn mean_talk(names: &[&'static str], table: &Table) -> Option<f64> {
    let hours = figures::rows(names, &table.rows).filter_map(|row| {
        let calls = row.decimal("calls_per_hour").map(real)?;
        Some((calls, calls * row.decimal("avg_talk_s").map(real)?))
    });
    let (calls, talk) = hours.fold((0.0, 0.0), |sum, hour| (sum.0 + hour.0, sum.1 + hour.1));
    (calls > 0.0).then(|| talk / calls)
}

fn people(load: Load, goal: Goal) -> Result<Staffing, Failure> {
    erlang::people(load, goal).ok_or_else(|| out_of_reach(lang::say!("no number of people is enough")))
}

fn cells(needed: &Staffing) -> [Cell; 6] {
    let service = needed.service;
    [
        i64::from(needed.on_phones).into(),
        i64::from(needed.on_schedule).into(),
        rounded(100.0 * service.in_time, 1).into(),
        rounded(service.mean_wait, 1).into(),
        rounded(100.0 * service.occupancy, 1).into(),
        rounded(100.0 * service.abandoned, 1).into(),
    ]
}

/// What is shown, and of which days.
fn heading(header: &Header, language: Language) -> String {
    let title = say(language, "People needed · staff (D11)", "Сколько нужно людей · staff (D11)");
    let (from, till) = header.days;
    let zone = if header.zone.is_empty() { String::new() } else { format!(" · {}", header.zone) };
    let lacking = header.incomplete(language).map(|lacking| format!("! {lacking}\n")).unwrap_or_default();
    format!("{title}\n{from} … {till}{zone}\n{lacking}\n")
}

fn whole(seconds: u64, language: Language) -> String {
    language.duration(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// With so many digits behind the point; nothing where it is no number.
fn rounded(number: f64, places: u8) -> Option<Decimal> {
    let digits = format!("{number:.*}", places.into());
    digits.replace('.', "").parse().ok().map(|units| Decimal::new(units, places))
}

fn real(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or_default()
}

/// Neither people nor lines are enough.
fn out_of_reach(what: &str) -> Failure {
    Failure::usage(what)
        .because(lang::say!("the load is too high for the goal, or the goal allows nothing"))
        .next(lang::say!(
            "lower the goal, or give more room: --goal 80/20, --max-occupancy 85%, --shrinkage 30%, --loss 1%"
        ))
}
