//! A report on a terminal: its texts, its figures, and bars of blocks. Not here: what it says
//! (`calllegs_stats::report::Outline`), charts that `stats` has too.

use std::fmt::Write as _;

use calllegs_stats::{
    Language,
    report::{Chapter, Outline, Report},
    shape,
};
use unicode_width::UnicodeWidthStr;

use crate::{
    commands::stats::{
        charts::{self, Paper},
        machine::Rows,
        plain,
    },
    ui::{
        table::{fitted, folded},
        text::clean,
    },
};

/// A bar that is shorter says nothing.
const SHORTEST: usize = 12;
/// A name takes no more of a line.
const NAME: usize = 28;
/// So many people, pairs or groups are told of; days and hours are told of all.
const MOST: usize = 15;
/// Parts whose rows are a scale.
const SCALES: [&str; 3] = ["days", "waits", "load"];

/// The whole of it.
pub(super) fn text(report: &Report, paper: Paper) -> String {
    let outline = report.outline(paper.language);
    let mut text = head(&outline, paper);
    for chapter in &outline.chapters {
        _ = write!(text, "\n{}\n", chapter.title);
        if let Some(says) = &chapter.says {
            text.push_str(&paper.folded(&clean(says)));
        }
        text.push_str(&body(chapter, report, paper));
    }
    text.push('\n');
    text.push_str(&paper.folded(outline.foot));
    let sign = |char| match char {
        '▲' => '^',
        '▼' => 'v',
        '✓' => '+',
        '⚠' => '!',
        '→' => '>',
        '≈' => '~',
        '“' | '”' | '«' | '»' => '"',
        other => other,
    };
    let text = if paper.ascii { text.chars().map(sign).collect() } else { text };
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    plain(&lines.join("\n"), paper.ascii) + "\n"
}

fn head(outline: &Outline, paper: Paper) -> String {
    let mut text = String::new();
    text.extend(outline.warning.iter().map(|warning| paper.folded(warning) + "\n"));
    text.push_str(&paper.folded(&outline.title));
    if !outline.of.is_empty() {
        text.push_str(&paper.folded(&clean(&outline.of)));
    }
    text.push('\n');
    text.push_str(&paper.folded(&outline.lead));
    if !outline.todo.is_empty() {
        _ = write!(text, "\n{}\n", outline.todo_title);
    }
    for (number, todo) in (1..).zip(&outline.todo) {
        for (place, line) in (0..).zip(folded(&clean(todo), paper.width.saturating_sub(3))) {
            let number = if place == 0 { format!("{number}. ") } else { "   ".to_owned() };
            _ = writeln!(text, "{number}{line}");
        }
    }
    text.push('\n');
    text.push_str(&paper.folded(&clean(&outline.banner.join(" · "))));
    text.push('\n');
    let figures = outline.figures.iter().flat_map(|figure| {
        let key = format!("  {}", figure.key);
        let change = figure.change.clone().unwrap_or_default();
        let first = [figure.title.to_owned(), figure.value.clone(), figure.said.clone()];
        [first, [key, String::new(), change]]
    });
    text.push_str(&triples(&figures.collect::<Vec<_>>(), paper));
    text
}

/// A name, its value on the right of its column, and what is said of it.
fn triples(rows: &[[String; 3]], paper: Paper) -> String {
    let widest =
        |cell: fn(&[String; 3]) -> &String| rows.iter().map(|row| cell(row).width()).max().unwrap_or(0);
    let (name, value) = (widest(|[name, ..]| name), widest(|[_, value, _]| value));
    let room = paper.width.saturating_sub(name + value + 4).max(SHORTEST);
    let mut text = String::new();
    for [said_name, said_value, said] in rows {
        let mut lines = folded(&clean(said), room).into_iter();
        let pad = " ".repeat(value.saturating_sub(said_value.width()));
        let first = lines.next().unwrap_or_default();
        _ = writeln!(text, "{}  {pad}{said_value}  {first}", fitted(said_name, name));
        for line in lines {
            _ = writeln!(text, "{}{line}", " ".repeat(name + value + 4));
        }
    }
    text
}

fn body(chapter: &Chapter, report: &Report, paper: Paper) -> String {
    let table = |shape| report.tables.iter().find(|table| table.shape == shape);
    match chapter.name {
        // The heads of these charts are the chapter's.
        "hours" => table(&shape::HEATMAP).map(|table| charts::heatmap(table, paper)).unwrap_or_default(),
        "reasons" => table(&shape::PARETO)
            .map(|table| charts::reasons(&Rows::from(table), "finish_reason", paper))
            .unwrap_or_default(),
        "figures" => {
            let rows: Vec<_> =
                chapter.rows.iter().filter_map(|(row, _)| row.clone().try_into().ok()).collect();
            triples(&rows, paper)
        }
        "days" => {
            let goal = (report.parameters.goal_percent, report.parameters.answer_within);
            let line = table(&shape::BY_DAY)
                .and_then(|table| charts::service_level(table, report.header.days, goal, paper));
            line.unwrap_or_default() + &bars(chapter, paper)
        }
        _ => bars(chapter, paper),
    }
}

/// Rows under their heads, each with a bar.
fn bars(chapter: &Chapter, paper: Paper) -> String {
    let most = if SCALES.contains(&chapter.name) { usize::MAX } else { MOST };
    let rows: Vec<_> = chapter.rows.iter().take(most).collect();
    let heads: Vec<String> = chapter.heads.iter().map(|head| clean(head).into_owned()).collect();
    let cells = |row: &[String]| row.iter().map(|cell| clean(cell).into_owned()).collect::<Vec<_>>();
    let grid: Vec<_> = rows.iter().map(|(row, _)| cells(row)).collect();
    let [good, bad] = if paper.ascii { ["#", ":"] } else { ["█", "░"] };
    let legend = match chapter.signs {
        Some([one, other]) => format!("{good} {one} {bad} {other}"),
        None => String::new(),
    };
    let widths: Vec<usize> = (0..heads.len())
        .map(|place| {
            let column =
                grid.iter().chain([&heads]).filter_map(|row| row.get(place)).map(|cell| cell.width());
            let widest = column.max().unwrap_or_default();
            if place < chapter.texts { widest.min(NAME) } else { widest }
        })
        .collect();
    // As many columns as leave room for a bar.
    let mut columns = widths.len();
    let used = |columns: usize| widths.iter().take(columns).map(|width| width + 2).sum::<usize>();
    let longest = legend.width().max(SHORTEST);
    while columns > chapter.texts + 1 && used(columns) + longest > paper.width {
        columns -= 1;
    }
    let length = paper.width.saturating_sub(used(columns)).min(60);
    let whole = rows.iter().map(|(_, [good, bad])| good + bad).max().unwrap_or_default();
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (place, (cell, width)) in cells.iter().zip(&widths).take(columns).enumerate() {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            if place < chapter.texts {
                line.push_str(&fitted(cell, *width));
            } else {
                line.push_str(&pad);
                line.push_str(cell);
            }
            line.push_str("  ");
        }
        line
    };
    let mut text = line(&heads) + &fitted(&legend, length) + "\n";
    for ((_, [one, other]), cells) in rows.iter().zip(&grid) {
        let of = |part: i64| share(part, whole, length);
        // What is there is seen, and of two parts in one place the larger.
        let (end, solid) = (of(one + other), of(*one));
        let solid = match (end, *other) {
            (_, 0) => end,
            (..=1, _) if one >= other => end,
            (..=1, _) => 0,
            (_, _) => solid.min(end - 1),
        };
        _ = writeln!(text, "{}{}{}", line(cells), good.repeat(solid), bad.repeat(end.saturating_sub(solid)));
    }
    let more = chapter.rows.len() - rows.len();
    if more > 0 {
        let more = match paper.language {
            Language::English => format!("and {more} more: they are in the workbook"),
            Language::Russian => format!("и ещё {more}: они есть в книге Excel"),
        };
        text.push_str(&paper.folded(&more));
    }
    text
}

/// So much of a length; what is not nothing is at least one.
fn share(part: i64, whole: i64, length: usize) -> usize {
    let length = i64::try_from(length).unwrap_or_default();
    let cells = (2 * part * length + whole).checked_div(2 * whole).unwrap_or_default();
    usize::try_from(if part > 0 { cells.max(1) } else { 0 }).unwrap_or_default()
}
