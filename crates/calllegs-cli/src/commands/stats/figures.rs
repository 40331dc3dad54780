//! Results as figures and tables in words, for people. Not here: charts.

use std::{collections::HashMap, fmt::Write as _};

use calllegs_stats::{Cell, Decimal, Language, Table, name_in_words, shape};
use chrono::DateTime;
use unicode_width::UnicodeWidthStr;

use super::{
    machine::Rows,
    words::{reason, say, state, title},
};
use crate::ui::table::{self, Grid};

/// Results of one row, which are read from top to bottom.
const SINGLE: [&str; 8] = [
    shape::SERVICE_LEVEL.name,
    shape::ABANDONMENT.name,
    shape::ASA.name,
    shape::TALK.name,
    shape::REPEAT_CALLERS.name,
    shape::NOT_CALLED_BACK.name,
    shape::FIRST_RESPONSE.name,
    shape::QUALITY.name,
];

/// Of fewer calls a percentage is counted out.
pub(super) const FEW: i64 = 20;

/// A row by the names of its columns.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) columns: &'a [&'static str],
    pub(super) cells: &'a [Cell],
}

impl<'a> Row<'a> {
    fn cell(self, name: &str) -> Option<&'a Cell> {
        self.columns.iter().position(|column| *column == name).and_then(|place| self.cells.get(place))
    }

    /// A count; nothing is none.
    pub(super) fn count(self, name: &str) -> i64 {
        if let Some(Cell::Integer(number)) = self.cell(name) { *number } else { 0 }
    }

    /// A quotient.
    pub(super) fn decimal(self, name: &str) -> Option<Decimal> {
        if let Some(Cell::Decimal(number)) = self.cell(name) { Some(*number) } else { None }
    }

    /// A name.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        if let Some(Cell::Text(text)) = self.cell(name) { Some(text) } else { None }
    }

    /// Of how many a percentage is.
    fn whole(self, column: &str) -> Option<i64> {
        let count = |name| self.cell(name).map(|_| self.count(name));
        match column {
            "service_level_pct" | "missed_pct" => count("offered"),
            "service_level_strict_pct" => Some(count("offered")? + count("short_abandons")?),
            "answer_rate_pct" => {
                Some(count("rung")? - count("colleague_was_faster")? - count("caller_left")?)
            }
            "repeats_pct" => count("inbound"),
            "recorded_pct" | "rated_pct" => count("talked_legs"),
            _ => None,
        }
    }

    /// A cell for people.
    pub(super) fn shown(self, column: &str, language: Language) -> String {
        let seconds = say(language, "s", "с");
        match self.cell(column) {
            Some(Cell::Integer(number)) => match column {
                "employee_id" => number.to_string(),
                "weekday" => language.weekday(*number).to_owned(),
                "hour" => format!("{number:02}"),
                "hour_epoch" => {
                    let hour = DateTime::from_timestamp(*number, 0).unwrap_or_default();
                    hour.format("%Y-%m-%d %H:00").to_string()
                }
                _ if column.ends_with("_s") => language.duration(*number),
                _ => language.integer(*number),
            },
            Some(Cell::Decimal(number)) if column.ends_with("_pct") => {
                percent(*number, self.whole(column), language)
            }
            Some(Cell::Decimal(number)) => {
                let unit = match column {
                    "presence_est_h" => say(language, " h", " ч"),
                    "avg_minutes_to_fix" => say(language, " min", " мин"),
                    _ if column.ends_with("_s") => return format!("{} {seconds}", language.decimal(*number)),
                    _ => "",
                };
                format!("{}{unit}", language.decimal(*number))
            }
            Some(Cell::Text(text)) if column == "state" => state(text, language).to_owned(),
            Some(Cell::Text(text)) if column == "finish_reason" => reason(text, language).to_owned(),
            Some(Cell::Text(text)) if matches!(column, "group_name" | "scenario") => {
                name_in_words(text, language).to_owned()
            }
            Some(Cell::Text(text)) => text.clone(),
            Some(Cell::Date(day)) => day.to_string(),
            None | Some(_) => "–".to_owned(),
        }
    }
}

/// The rows of a result.
pub(super) fn rows<'a>(columns: &'a [&'static str], rows: &'a [Vec<Cell>]) -> impl Iterator<Item = Row<'a>> {
    rows.iter().map(move |cells| Row { columns, cells })
}

/// The names of the columns of a result.
pub(super) fn columns(table: &Table) -> Vec<&'static str> {
    table.shape.columns.iter().map(|column| column.name).collect()
}

/// A percentage; of few it is counted out, which its one digit behind the point allows.
pub(super) fn percent(number: Decimal, whole: Option<i64>, language: Language) -> String {
    let part = whole.and_then(|whole| Decimal::quotient(number.units() * whole, 1000, 0));
    let share = part.zip(whole).and_then(|(part, whole)| language.share(part.units(), whole));
    match (share, whole) {
        // Of many it is what it was computed as.
        (Some(share), Some(whole)) if whole < FEW => share,
        _ => language.percent(number),
    }
}

/// A result with what stands in another one: of how many calls its share is, or who its people are.
pub(super) fn beside(table: &Table, other: &Table) -> Rows {
    let (names, others) = (columns(table), columns(other));
    if table.shape == &shape::OCCUPANCY {
        let people: HashMap<i64, Cell> = rows(&others, &other.rows)
            .filter_map(|row| Some((row.count("employee_id"), row.cell("employee")?.clone())))
            .collect();
        let with_name = |row: Row<'_>| {
            let name = people.get(&row.count("employee_id")).cloned().unwrap_or(Cell::Null);
            [name].into_iter().chain(row.cells.iter().cloned()).collect()
        };
        return Rows {
            columns: ["employee"].into_iter().chain(names.iter().copied()).collect(),
            rows: rows(&names, &table.rows).map(with_name).collect(),
        };
    }
    let offered = rows(&others, &other.rows).next().map_or(0, |row| row.count("offered"));
    let with_offered = |row: &Vec<Cell>| [offered.into()].into_iter().chain(row.iter().cloned()).collect();
    Rows {
        columns: ["offered"].into_iter().chain(names).collect(),
        rows: table.rows.iter().map(with_offered).collect(),
    }
}

/// The same as figures, or as a table of people.
pub(super) fn joined(joined: &Rows, language: Language, width: Option<usize>) -> String {
    if joined.columns.contains(&"employee") {
        return table(joined, language, width);
    }
    let lines = rows(&joined.columns, &joined.rows).next().map(|row| lines(row, language));
    figures(&lines.unwrap_or_default(), width)
}

/// A table. Who it is matters more than the number of the person.
pub(super) fn table(of: &Rows, language: Language, width: Option<usize>) -> String {
    let mut names = of.columns.clone();
    if let Some(place) = names.iter().position(|name| *name == "employee_id").filter(|_| names.len() > 3) {
        let id = names.remove(place);
        names.push(id);
    }
    let grid =
        rows(&of.columns, &of.rows).map(|row| names.iter().map(|name| row.shown(name, language)).collect());
    grid_of(&names, grid.collect(), language, (width, 2))
}

/// What a part is called.
pub(super) fn name(cell: &Cell, language: Language) -> String {
    match cell {
        Cell::Text(text) => name_in_words(text, language).to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Date(day) => day.to_string(),
        Cell::Null | Cell::Decimal(_) | _ => "–".to_owned(),
    }
}

/// A row from top to bottom.
fn lines(row: Row<'_>, language: Language) -> Vec<Vec<String>> {
    row.columns.iter().map(|name| vec![title(name, language).to_owned(), row.shown(name, language)]).collect()
}

/// A result: figures below each other where there is one row, and a table otherwise.
pub(super) fn result(table: &Table, language: Language, width: Option<usize>) -> String {
    let names = columns(table);
    if SINGLE.contains(&table.shape.name) {
        let lines = rows(&names, &table.rows).next().map(|row| lines(row, language));
        return figures(&lines.unwrap_or_default(), width);
    }
    self::table(&Rows::from(table), language, width)
}

/// Figures below each other, numbers on the right.
pub(super) fn figures(lines: &[Vec<String>], width: Option<usize>) -> String {
    let [left, right] = [0, 1].map(|at| {
        lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.width()).max().unwrap_or_default()
    });
    let room = width.map_or(left, |width| left.min(width.saturating_sub(right + 2)));
    let mut text = String::new();
    for line in lines {
        if let [name, value] = line.as_slice() {
            let pad = " ".repeat(right.saturating_sub(value.width()));
            _ = writeln!(text, "{}  {pad}{value}", table::fitted(name, room));
        }
    }
    text
}

/// A table whose numbers stand on the right of their columns.
pub(super) fn grid_of(
    names: &[&'static str],
    mut grid: Grid,
    language: Language,
    (width, vital): (Option<usize>, usize),
) -> String {
    let mut head: Vec<String> = names.iter().map(|name| title(name, language).to_owned()).collect();
    for (place, name) in names.iter().enumerate() {
        let is_text = matches!(
            *name,
            "employee"
                | "scenario"
                | "group_name"
                | "virtual_phone_number"
                | "half_hour"
                | "weekday"
                | "from_who"
                | "to_who"
                | "finish_reason"
                | "day"
                | "hour_epoch"
                | "start_time"
                | "contact"
                | "state"
                | "account"
        );
        if is_text {
            continue;
        }
        let widest =
            grid.iter().chain([&head]).filter_map(|row| row.get(place)).map(|cell| cell.width()).max();
        for cell in grid.iter_mut().chain([&mut head]).filter_map(|row| row.get_mut(place)) {
            let pad = widest.unwrap_or_default().saturating_sub(cell.width());
            *cell = format!("{}{cell}", " ".repeat(pad));
        }
    }
    table::layout(&head, grid, width, vital)
}
