//! Which metrics can be split by what, and parts as one table. Not here: to which part a call belongs (`calllegs_stats`).

use calllegs_stats::{By, Cell, Decimal, Language};

use super::{answer::Part, figures, machine::Rows, words};
use crate::{cli::MetricName, failure::Failure, lang::say};

/// By what a metric can be split: where its parts mean something alone.
const fn splits(metric: MetricName) -> &'static [By] {
    match metric {
        MetricName::Offered
        | MetricName::ServiceLevel
        | MetricName::Missed
        | MetricName::Waits
        | MetricName::Talk
        | MetricName::People
        | MetricName::Callbacks => &[By::Account, By::Group, By::Scenario, By::Number, By::Day, By::Hour],
        MetricName::Reasons | MetricName::Ratings => &By::ALL,
        MetricName::Groups | MetricName::Transfers => {
            &[By::Account, By::Scenario, By::Number, By::Day, By::Hour]
        }
        MetricName::Scenarios => &[By::Account, By::Group, By::Number, By::Day, By::Hour],
        MetricName::Heatmap => &[By::Account, By::Group, By::Scenario, By::Number],
        MetricName::Load => &[By::Account, By::Scenario, By::Number],
        MetricName::Occupancy => &[By::Account, By::Day],
        MetricName::Repeat | MetricName::FirstResponse => &[By::Account],
    }
}

/// Refuses a split that would say nothing.
pub(super) fn check(metric: MetricName, by: By) -> Result<(), Failure> {
    let can = splits(metric);
    if can.contains(&by) {
        return Ok(());
    }
    let key = metric.key();
    let (split, told) = (by.as_str(), key.as_str());
    let why = match (metric, by) {
        (MetricName::People | MetricName::Occupancy, By::Employee)
        | (MetricName::Groups, By::Group)
        | (MetricName::Scenarios, By::Scenario)
        | (MetricName::Heatmap | MetricName::Load, By::Day | By::Hour) => {
            say!("it is told by that as it is").to_owned()
        }
        (MetricName::Repeat | MetricName::FirstResponse, _) => {
            say!("it follows callers, who go through more than one {split}", split)
        }
        (_, By::Employee) => say!(
            "a call rings several employees and is none's alone; `calllegs stats people` says what each did"
        )
        .to_owned(),
        _ => say!("what it counts does not fall into one {split}", split),
    };
    let legal: Vec<_> = can.iter().map(|by| by.as_str()).collect();
    Err(Failure::usage(say!("{told} cannot be split by {split}", told, split))
        .because(why)
        .next(format!("--by {}", legal.join(say!(", or ")))))
}

/// The same result of all parts as one table, their names first. Rows in which nothing was counted are left out, but
/// accounts.
pub(super) fn joined(by: Option<By>, parts: &[Part], of: &dyn Fn(&Part) -> Option<Rows>) -> Option<Rows> {
    let mut all: Option<Rows> = None;
    let names = by.map_or(&[][..], By::columns);
    let is_something = |row: &Vec<Cell>| {
        !row.iter().all(|cell| match cell {
            Cell::Integer(number) => *number == 0,
            Cell::Decimal(number) => number.units() == 0,
            Cell::Null => true,
            Cell::Text(_) | Cell::Date(_) | _ => false,
        })
    };
    for part in parts {
        let Some(rows) = of(part) else { continue };
        let all = all.get_or_insert_with(|| Rows {
            columns: names.iter().map(|column| column.name).chain(rows.columns.iter().copied()).collect(),
            rows: Vec::new(),
        });
        let keeps_all = matches!(by, None | Some(By::Account));
        let kept = rows.rows.into_iter().filter(|row| keeps_all || is_something(row));
        all.rows.extend(kept.map(|row| part.name.iter().cloned().chain(row).collect()));
    }
    all
}

/// Of reasons only this one, most rings first.
pub(super) fn of_reason(mut reasons: Rows, reason: &str) -> Rows {
    let [name, legs, share] = ["finish_reason", "legs", "cumulative_pct"]
        .map(|name| reasons.columns.iter().position(|column| *column == name).unwrap_or_default());
    reasons.rows.retain(|row| matches!(row.get(name), Some(Cell::Text(text)) if text == reason));
    let count = |row: &[Cell]| if let Some(Cell::Integer(legs)) = row.get(legs) { *legs } else { 0 };
    reasons.rows.sort_by_key(|row| -count(row));
    let total: i64 = reasons.rows.iter().map(|row| count(row)).sum();
    let mut sum = 0;
    for row in &mut reasons.rows {
        sum += count(row);
        if let Some(cell) = row.get_mut(share) {
            *cell = Decimal::quotient(100 * sum, total, 1).into();
        }
    }
    reasons
}

/// A table for people: what a part is called, then its figures, numbers of people last.
pub(super) fn text(rows: &Rows, by: By, language: Language, width: Option<usize>) -> String {
    let (ids, shown): (Vec<_>, Vec<_>) =
        rows.columns.iter().copied().partition(|column| *column == "employee_id");
    let names = by.columns();
    let is_name = |column: &str| names.iter().any(|name| name.name == column);
    let first = shown.iter().copied().find(|column| !is_name(column));
    // A narrow terminal shows the share that is asked for before what it is a quotient of.
    let mut shown: Vec<&'static str> = shown;
    shown.sort_by_key(|column| match *column {
        column if is_name(column) => 0,
        column if Some(column) == first => 1,
        "service_level_pct" | "missed_pct" | "answer_rate_pct" => 2,
        _ => 3,
    });
    shown.extend(ids);
    let grid = figures::rows(&rows.columns, &rows.rows)
        .map(|row| shown.iter().map(|name| row.shown(name, language)).collect());
    let mut text = figures::grid_of(&shown, grid.collect(), language, (width, 4));
    if !by.adds_up() {
        let said = words::say(
            language,
            "A call that rang several groups counts in each of them: groups do not add up.",
            "Звонок, который вызывал несколько групп, учтён в каждой: группы не складываются.",
        );
        text.push_str(&crate::ui::table::folded(said, width.unwrap_or(usize::MAX)).join("\n"));
        text.push('\n');
    }
    text
}
