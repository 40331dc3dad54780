//! People that each half hour needs, by Erlang A with the patience that callers showed and by Erlang C, beside those who
//! were there. Not here: the formulas, how a single load is planned.

use std::collections::BTreeMap;

use calllegs_stats::{Cell, Decimal, Language, erlang::Load, shape};

use super::{Planner, heading, people, real, rounded, whole};
use crate::{
    cli::StaffBy,
    commands::{
        numbers::Numbers,
        stats::{
            answer::{Part, Wish},
            figures::{self, grid_of},
            machine::Rows,
            plain,
            words::say,
        },
    },
    failure::Failure,
    ui::{stdout, table},
};

/// What was counted in a half hour, over so many days.
#[derive(Clone, Copy, Default)]
struct Counted {
    offered: i64,
    talked: i64,
    talk: i64,
    people: i64,
}

impl Planner<'_> {
    /// Of each half hour of the day, or of each weekday.
    pub(super) fn half_hours(&self, numbers: &Numbers, by: StaffBy) -> Result<(), Failure> {
        let shapes = [&shape::HALF_HOURS, &shape::PATIENCE];
        let answer = Wish { numbers, shapes: &shapes, by: None, needs_legs: true }.answer()?;
        let part = answer.parts.first();
        let by_weekday = by == StaffBy::Weekday;
        let measured = part.and_then(|part| part.table(&shape::PATIENCE)).and_then(patience);
        let patience = self.goal.patience.or(measured);
        let rows = self.plan(part, by_weekday, patience)?;
        if self.args.json {
            let mut json = self.json_of(&answer.header);
            json.formula = if patience.is_some() { "erlang-a" } else { "erlang-c" };
            json.patience_s =
                patience.and_then(|patience| rounded(patience, 0)).map(|it| it.units().unsigned_abs());
            json.half_hours = Some(rows);
            return stdout::print_json(&json);
        }
        let (width, language) = (table::width(), self.language);
        let mut text = heading(&answer.header, language);
        let shown: Vec<_> = rows.columns.clone();
        let grid = figures::rows(&rows.columns, &rows.rows)
            .map(|row| shown.iter().map(|name| row.shown(name, language)).collect());
        text.push_str(&grid_of(&shown, grid.collect(), language, (width, 5)));
        text.push('\n');
        for line in [self.formulas(patience), self.wanted(), self.remark()] {
            text.push_str(&table::folded(&line, width.unwrap_or(usize::MAX)).join("\n"));
            text.push('\n');
        }
        stdout::print(&plain(&text, false))
    }

    fn plan(&self, part: Option<&Part>, by_weekday: bool, patience: Option<f64>) -> Result<Rows, Failure> {
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        let mut halves: BTreeMap<(i64, String), Counted> = BTreeMap::new();
        let table = part.and_then(|part| part.table(&shape::HALF_HOURS));
        let names = table.map(figures::columns).unwrap_or_default();
        for row in table.into_iter().flat_map(|table| figures::rows(&names, &table.rows)) {
            let weekday = row.count("weekday");
            days.insert(weekday, row.count("days"));
            let half = row.text("half_hour").unwrap_or_default().to_owned();
            let counted = halves.entry((if by_weekday { weekday } else { 0 }, half)).or_default();
            counted.offered += row.count("offered");
            counted.talked += row.count("talked");
            counted.talk += row.count("talk_s");
            counted.people += row.count("people");
        }
        let all: i64 = days.values().sum();
        let talk =
            halves.values().fold((0, 0), |sum, counted| (sum.0 + counted.talk, sum.1 + counted.talked));
        let mut columns = if by_weekday { vec!["weekday"] } else { Vec::new() };
        columns.extend(["half_hour", "calls_per_hour", "avg_talk_s", "erlangs", "on_phones", "on_schedule"]);
        columns.extend(["on_phones_c", "on_schedule_c", "active"]);
        let mut rows = Rows { columns, rows: Vec::new() };
        for ((weekday, half), counted) in halves {
            if counted.offered == 0 && counted.people == 0 {
                continue;
            }
            let days = if by_weekday { days.get(&weekday).copied().unwrap_or_default() } else { all };
            let calls = Decimal::quotient(2 * counted.offered, days, 2);
            // A half hour in which nobody was answered takes the talk of all.
            let talk = Decimal::quotient(counted.talk, counted.talked, 1)
                .or_else(|| Decimal::quotient(talk.0, talk.1, 1));
            let handle = self.args.handle.map(|handle| handle.as_secs_f64()).or_else(|| talk.map(real));
            let load = calls.zip(handle).map(|(calls, handle)| Load::new(real(calls), handle));
            let mut row: Vec<Cell> = if by_weekday { vec![weekday.into()] } else { Vec::new() };
            row.push(half.into());
            row.push(calls.into());
            row.push(handle.and_then(|handle| rounded(handle, 1)).into());
            row.push(load.and_then(|load| rounded(load.erlangs(), 2)).into());
            for patience in [patience, None] {
                let mut goal = self.goal;
                goal.patience = patience;
                // Where nobody calls, nobody is needed.
                let load = load.filter(|_| counted.offered > 0);
                let needed = load.map(|load| people(load, goal)).transpose()?;
                let [phones, schedule] = needed.map_or([0, 0], |it| [it.on_phones, it.on_schedule]);
                row.push(i64::from(phones).into());
                row.push(i64::from(schedule).into());
            }
            row.push(Decimal::quotient(counted.people, days, 1).into());
            rows.rows.push(row);
        }
        Ok(rows)
    }

    fn formulas(&self, patience: Option<f64>) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates"
        )]
        let said = |seconds: f64| whole(seconds.round() as u64, self.language);
        let how = if self.args.patience.is_some() {
            say(self.language, "given", "задано")
        } else {
            say(self.language, "measured from these calls", "измерено по этим звонкам")
        };
        match (patience, self.language) {
            (Some(patience), Language::English) => format!(
                "Erlang A: callers hang up after {} on average, {how}; (C): Erlang C takes nobody to hang up and over-staffs",
                said(patience)
            ),
            (Some(patience), Language::Russian) => format!(
                "Erlang A: звонящие кладут трубку в среднем через {}, {how}; (C): Erlang C считает, что никто не кладёт, и завышает",
                said(patience)
            ),
            (None, Language::English) => {
                "Nobody gave up, so patience cannot be measured: Erlang C".to_owned()
            }
            (None, Language::Russian) => {
                "Никто не положил трубку, терпение измерить нельзя: Erlang C".to_owned()
            }
        }
    }

    fn remark(&self) -> String {
        say(
            self.language,
            "active: people who rang or talked in the half hour; who was there and waited is not seen in legs",
            "активны: кому звонили или кто говорил в эти полчаса; кто ждал звонка, не видно",
        )
        .to_owned()
    }
}

/// How long callers wait before they give up, on average.
fn patience(table: &calllegs_stats::Table) -> Option<f64> {
    let names = figures::columns(table);
    let row = figures::rows(&names, &table.rows).next()?;
    row.decimal("patience_s").map(real).filter(|patience| *patience > 0.0)
}
