//! Results drawn with blocks: hours of the week, reasons, days. Not here: tables.

use std::{collections::BTreeMap, fmt::Write as _};

use calllegs_stats::{Cell, Decimal, Language, ReasonClass, Table};
use chrono::NaiveDate;
use unicode_width::UnicodeWidthStr;

use super::{
    figures::{FEW, Row, columns, percent, rows},
    machine::Rows,
    words::{reason, say},
};
use crate::ui::{
    table::{fitted, folded},
    text::clean,
};

/// Eighths of a column in height, and of a bar in length.
const HEIGHTS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const LENGTHS: [&str; 7] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// What charts are drawn on.
#[derive(Clone, Copy)]
pub(crate) struct Paper {
    pub(crate) width: usize,
    pub(crate) ascii: bool,
    pub(crate) language: Language,
}

impl Paper {
    pub(crate) fn say(self, english: &'static str, russian: &'static str) -> &'static str {
        say(self.language, english, russian)
    }

    /// A text in lines of its own.
    pub(crate) fn folded(self, text: &str) -> String {
        folded(text, self.width).join("\n") + "\n"
    }

    /// What an hour looks like of whose calls this share was missed, in tenths of a percent.
    fn shade(self, missed: i64) -> char {
        match (missed, self.ascii) {
            (..=0, false) => '·',
            (..=0, true) => ' ',
            (..50, false) => '░',
            (50..100, false) => '▒',
            (..100, true) => '.',
            (100..=200, false) => '▓',
            (100..=200, true) => ':',
            (_, false) => '█',
            (_, true) => '#',
        }
    }

    /// A bar of this share of a length.
    fn bar(self, part: i64, whole: i64, length: usize) -> String {
        let length = i64::try_from(length).unwrap_or_default();
        let eighths = Decimal::quotient(8 * length * part, whole, 0).map_or(0, Decimal::units);
        // What is there is seen.
        let eighths = if part > 0 { eighths.max(1) } else { 0 };
        let full = usize::try_from(eighths / 8).unwrap_or_default();
        let rest = usize::try_from(eighths % 8).unwrap_or_default();
        if self.ascii {
            let end = [".", ":", "#"].get(rest.wrapping_sub(1) / 3).filter(|_| rest > 0);
            return "#".repeat(full) + end.unwrap_or(&"");
        }
        "█".repeat(full) + rest.checked_sub(1).and_then(|rest| LENGTHS.get(rest)).unwrap_or(&"")
    }
}

/// Missed calls by weekday and hour.
pub(crate) fn heatmap(table: &Table, paper: Paper) -> String {
    let names = columns(table);
    let mut hours_of_week: BTreeMap<(i64, i64), (i64, i64, i64)> = BTreeMap::new();
    for row in rows(&names, &table.rows) {
        let share = row.decimal("missed_pct").map_or(0, Decimal::units);
        let cell = (row.count("offered"), row.count("missed"), share);
        hours_of_week.insert((row.count("weekday"), row.count("hour")), cell);
    }
    let hours = || hours_of_week.keys().map(|(_, hour)| *hour);
    let Some((first, last)) = hours().min().zip(hours().max()) else { return nothing(paper) };
    let totals: Vec<_> = (1..=7)
        .map(|day| {
            let of_day = hours_of_week.iter().filter(|((weekday, _), _)| *weekday == day);
            let (offered, missed) = of_day.fold((0, 0), |sum, (_, cell)| (sum.0 + cell.0, sum.1 + cell.1));
            (
                paper.language.integer(offered),
                paper.language.share(missed, offered).unwrap_or_else(|| "–".to_owned()),
            )
        })
        .collect();
    let heads = [paper.say("calls", "звонки"), paper.say("missed", "пропущено")];
    let wide = |head: &str, shown: &mut dyn Iterator<Item = &String>| {
        shown.map(|cell| cell.width()).max().unwrap_or_default().max(head.width())
    };
    let [head_calls, head_missed] = heads;
    let calls = wide(head_calls, &mut totals.iter().map(|(calls, _)| calls));
    let missed = wide(head_missed, &mut totals.iter().map(|(_, missed)| missed));
    let count = usize::try_from(last - first + 1).unwrap_or(1);
    // As much as there is room for: hours side by side, sums behind them.
    let behind = calls + missed + 4;
    let (step, has_totals) = [(3, true), (2, true), (2, false)]
        .into_iter()
        .find(|(step, totals)| 4 + step * count + if *totals { behind } else { 0 } <= paper.width)
        .unwrap_or((2, false));
    let right =
        |text: &str, width: usize| format!("{}{text}", " ".repeat(width.saturating_sub(text.width())));
    let end = |calls_said: &str, missed_said: &str| {
        if has_totals {
            format!("  {}  {}", right(calls_said, calls), right(missed_said, missed))
        } else {
            String::new()
        }
    };
    let mut text = format!(
        "{}\n",
        paper.say(
            "Missed calls, share of offered, by weekday and hour",
            "Пропущенные, доля поступивших, по дням недели и часам",
        )
    );
    text.push_str(&legend(paper));
    let mut head = " ".repeat(4);
    for hour in first..=last {
        // Side by side two digits would run together.
        let shown = step == 3 || (hour - first) % 2 == 0;
        let label = if shown { format!("{hour:02}") } else { "  ".to_owned() };
        _ = write!(head, "{label:<step$}");
    }
    head.push_str(&end(head_calls, head_missed));
    text.push_str(head.trim_end());
    text.push('\n');
    for (day, (calls_said, missed_said)) in (1..=7).zip(&totals) {
        let mut line = fitted(paper.language.weekday(day), 4);
        for hour in first..=last {
            let shade = hours_of_week.get(&(day, hour)).map_or(' ', |(_, _, share)| paper.shade(*share));
            _ = write!(line, "{shade:<step$}");
        }
        line.push_str(&end(calls_said, missed_said));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn legend(paper: Paper) -> String {
    let (no_calls, none) = (paper.say("blank: no calls", "пусто: звонков нет"), paper.say("none", "нет"));
    let over = paper.say("over 20 %", "больше 20 %");
    if paper.ascii {
        let under = paper.say("under 10 %", "до 10 %");
        format!(". {under}  : 10-20 %  # {over}  {}\n", paper.say("blank: none", "пусто: нет"))
    } else {
        let under = paper.say("under 5 %", "до 5 %");
        format!("· {none}  ░ {under}  ▒ 5–10 %  ▓ 10–20 %  █ {over}\n{no_calls}\n")
    }
}

/// Why rings were not answered, or who of one reason: bars, and what to mend first. The label is the column that names a bar.
pub(crate) fn reasons(of: &Rows, label: &'static str, paper: Paper) -> String {
    let language = paper.language;
    let all: Vec<Row<'_>> = rows(&of.columns, &of.rows).collect();
    let total: i64 = all.iter().map(|row| row.count("legs")).sum();
    if total == 0 {
        return nothing(paper);
    }
    let head = match language {
        Language::English => {
            format!("{} rings; those that a colleague answered are left out", language.integer(total))
        }
        Language::Russian => {
            format!("вызовов: {}; без тех, на которые ответил коллега", language.integer(total))
        }
    };
    let title = paper.say("Rings that were not answered, by reason", "Неотвеченные вызовы по причинам");
    let is_by_reason = label == "finish_reason";
    let mut text = if is_by_reason { format!("{title}\n{head}\n") } else { String::new() };
    text.push_str(&bars(&all, (label, total), paper));
    if !is_by_reason {
        return text;
    }
    let is_setting = |class: ReasonClass| {
        matches!(
            class,
            ReasonClass::Device | ReasonClass::CapacityMoney | ReasonClass::Rules | ReasonClass::Scenario
        )
    };
    let classes =
        || all.iter().filter_map(|row| row.text("finish_reason")).map(|it| (it, ReasonClass::of(it)));
    // Settings are mended today, schedules are not.
    let first = classes().find(|(_, class)| is_setting(*class));
    if let Some((name, class)) = first.or_else(|| classes().find(|(_, class)| class.is_fixable())) {
        let head = paper.say("fix first", "сначала");
        text.push_str(&paper.folded(&format!(
            "{head}: {} ({})",
            reason(name, language),
            kind(class, language)
        )));
        text.push_str(&paper.folded(class.remedy(language)));
        if all.len() > 1 {
            let who = paper.say("who", "кто");
            text.push_str(
                &paper.folded(&format!("{who}: calllegs stats reasons --reason {name} --by employee")),
            );
        }
    }
    text
}

/// What kind of reason it is: in Russian in words, in English as programs know it.
const fn kind(class: ReasonClass, language: Language) -> &'static str {
    match language {
        Language::English => class.as_str(),
        Language::Russian => class.title(language),
    }
}

/// A bar for each row.
fn bars(all: &[Row<'_>], (label, total): (&'static str, i64), paper: Paper) -> String {
    let language = paper.language;
    let most = all.iter().map(|row| row.count("legs")).max().unwrap_or_default();
    let lines: Vec<_> = all
        .iter()
        .map(|row| {
            let so_far = row.decimal("cumulative_pct").map(|pct| percent(pct, Some(total), language));
            [
                clean(&row.shown(label, language)).into_owned(),
                language.integer(row.count("legs")),
                language.share(row.count("legs"), total).unwrap_or_default(),
                so_far.unwrap_or_default(),
            ]
        })
        .collect();
    let widest = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|text| text.width()).max();
    let [name, rings, share, so_far] = [0, 1, 2, 3].map(|at| widest(at).unwrap_or_default());
    let name = name.min((paper.width * 2 / 5).max(20));
    let words = paper.say(" so far", " накоплено");
    let taken = name + rings + share + so_far + 8;
    // A bar of less says nothing.
    let words = if paper.width.saturating_sub(taken + words.width()) >= 10 { words } else { "" };
    let length = paper.width.saturating_sub(taken + words.width()).clamp(4, 60);
    let mut text = String::new();
    for (row, [name_said, rings_said, share_said, so_far_said]) in all.iter().zip(&lines) {
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
        _ = writeln!(
            text,
            "{}  {}{rings_said}  {}{share_said}  {}  {}{so_far_said}{words}",
            fitted(name_said, name),
            pad(rings_said, rings),
            pad(share_said, share),
            fitted(&paper.bar(row.count("legs"), most, length), length),
            pad(so_far_said, so_far),
        );
    }
    text
}

/// The service level of each day as one line, or as many as it takes; nothing of one day alone.
pub(crate) fn service_level(
    table: &Table,
    days: (NaiveDate, NaiveDate),
    goal: (u8, i64),
    paper: Paper,
) -> Option<String> {
    let language = paper.language;
    let names = columns(table);
    let of_days: BTreeMap<NaiveDate, Row<'_>> = rows(&names, &table.rows)
        .filter_map(
            |row| if let Some(Cell::Date(day)) = row.cells.first() { Some((*day, row)) } else { None },
        )
        .collect();
    let level = |row: &Row<'_>| row.decimal("service_level_pct").map(Decimal::units);
    let range = |least_calls: i64| {
        let days = || of_days.values().filter(|row| row.count("offered") >= least_calls).filter_map(level);
        days().min().zip(days().max())
    };
    let (least, most) = range(0).filter(|_| of_days.len() > 1)?;
    let mark = |day: NaiveDate| {
        let Some(level) = of_days.get(&day).and_then(level) else { return " " };
        let steps = if paper.ascii { 3 } else { 7 };
        let height =
            if most > least { Decimal::quotient(steps * (level - least), most - least, 0) } else { None };
        let height = usize::try_from(height.map_or(steps, Decimal::units)).unwrap_or_default();
        if paper.ascii {
            [".", ":", "#", "#"].get(height).copied().unwrap_or(" ")
        } else {
            HEIGHTS.get(height).copied().unwrap_or(" ")
        }
    };
    let tens = |units: i64| Decimal::quotient(units, 10, 0).map_or(0, Decimal::units);
    let latest = of_days.last_key_value().map(|(_, row)| row.shown("service_level_pct", language));
    let title = match language {
        Language::English => format!("Service level {}/{} by day", goal.0, goal.1),
        Language::Russian => format!("Уровень обслуживания {}/{} по дням", goal.0, goal.1),
    };
    let mut said = format!("{} {}", paper.say("last day", "последний день"), latest.unwrap_or_default());
    // A percentage of few calls says more than is known.
    if let Some((least, most)) = range(FEW) {
        said = format!("{}–{} %, {said}", tens(least), tens(most));
    }
    let goal = format!("{} {} %", paper.say("goal", "цель"), goal.0);
    let all: Vec<NaiveDate> = days.0.iter_days().take_while(|day| *day <= days.1).collect();
    let line: String = all.iter().map(|day| mark(*day)).collect();
    let whole = format!("{title}  {line}  {said}  {goal}");
    if whole.width() <= paper.width {
        return Some(whole + "\n");
    }
    let mut text = format!("{title}\n{said}  {goal}\n");
    for some in all.chunks(paper.width.saturating_sub(12).max(7)) {
        let line: String = some.iter().map(|day| mark(*day)).collect();
        let first = some.first().map(ToString::to_string).unwrap_or_default();
        text.push_str(format!("{first}  {line}").trim_end());
        text.push('\n');
    }
    Some(text)
}

pub(super) fn nothing(paper: Paper) -> String {
    format!("{}\n", paper.say("There are no such calls.", "Таких звонков нет."))
}
