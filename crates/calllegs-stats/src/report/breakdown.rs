//! Tables by scenario and by group, and the figures that need no drawing.

use std::fmt::Write as _;

use super::{
    Report,
    reading::{Results, Row},
    section::Section,
    svg::escape,
    texts,
};
use crate::{
    language::{Both, Language},
    shape,
    table::Decimal,
};

/// A page is read by people.
const MOST: usize = 50;

pub(super) fn scenarios(report: &Report, lang: Language) -> Option<Section> {
    let rows: Vec<_> = Results(&report.tables).rows(&shape::SCENARIOS).collect();
    let heads = [
        texts::SCENARIO,
        texts::INBOUND,
        texts::ANSWERED,
        texts::LEFT_IN_MENU,
        texts::SHORT_ABANDONS,
        texts::MISSED,
        texts::SPEED,
    ];
    let line = |row: &Row<'_>| {
        let counts = ["inbound", "answered", "left_in_menu", "short_abandons", "missed"];
        let mut cells = vec![name(*row, "scenario", lang)];
        cells.extend(counts.map(|column| lang.integer(row.count(column))));
        cells.push(seconds(row.decimal("asa_s"), lang));
        cells
    };
    Some(Section {
        name: "scenarios",
        is_wide: true,
        title: texts::BY_SCENARIO,
        says: None,
        legend: Vec::new(),
        figure: table(&heads, &rows, line, lang)?,
        metrics: &["scenarios"],
        counted: vec![lang.say(texts::SCENARIOS_COUNTED).to_owned()],
        data: None,
    })
}

pub(super) fn groups(report: &Report, lang: Language) -> Option<Section> {
    let rows: Vec<_> = Results(&report.tables).rows(&shape::GROUPS).collect();
    let heads = [
        texts::GROUP,
        texts::RINGS,
        texts::ANSWERED_RINGS,
        texts::CALLS_RUNG,
        texts::CALLS_ANSWERED,
        texts::RING_TIME,
    ];
    let line = |row: &Row<'_>| {
        let counts = ["rings", "answered_legs", "calls_rung", "calls_answered"];
        let mut cells = vec![name(*row, "group_name", lang)];
        cells.extend(counts.map(|column| lang.integer(row.count(column))));
        cells.push(seconds(row.decimal("avg_ring_s"), lang));
        cells
    };
    Some(Section {
        name: "groups",
        is_wide: true,
        title: texts::BY_GROUP,
        says: None,
        legend: Vec::new(),
        figure: table(&heads, &rows, line, lang)?,
        metrics: &["groups"],
        counted: vec![lang.say(texts::GROUPS_COUNTED).to_owned()],
        data: None,
    })
}

/// Figures that need no drawing.
pub(super) fn figures(report: &Report, lang: Language) -> Option<Section> {
    let results = Results(&report.tables);
    let mut list = Vec::new();
    if let Some(row) = results.row(&shape::REPEAT_CALLERS) {
        let (repeats, inbound) = (row.count("repeats"), row.count("inbound"));
        let within = lang.hours(report.parameters.repeat_window);
        let said = lang.fill(texts::REPEATS_SAID, &[&lang.of(repeats, inbound), &within]);
        list.extend(lang.share(repeats, inbound).map(|share| (texts::REPEATS, share, said)));
    }
    if let Some(row) = results.row(&shape::FIRST_RESPONSE) {
        let reached = lang.of(row.count("reached"), row.count("people"));
        let said = lang.fill(texts::FIRST_RESPONSE_SAID, &[&reached]);
        let median = row.integer("median_first_response_s").map(|it| lang.duration(it));
        list.extend(median.map(|median| (texts::FIRST_RESPONSE, median, said)));
    }
    if let Some(row) = results.row(&shape::QUALITY) {
        let legs = lang.integer(row.count("talked_legs"));
        let recorded = row.decimal("recorded_pct").map(|it| lang.percent(it));
        list.extend(recorded.map(|it| (texts::RECORDED, it, lang.fill(texts::OF_TALKS, &[&legs]))));
        let share = row.decimal("rated_pct").map(|it| lang.percent(it)).unwrap_or_default();
        let rating = row.decimal("rating").map(|it| lang.decimal(it));
        list.extend(rating.map(|it| (texts::RATING, it, lang.fill(texts::RATED_SAID, &[&share]))));
    }
    if let Some(row) = results.row(&shape::TALK) {
        let rings = row.decimal("rings_per_call").map(|it| lang.decimal(it));
        list.extend(
            rings.map(|it| (texts::RINGS_PER_CALL, it, lang.say(texts::RINGS_PER_CALL_SAID).to_owned())),
        );
    }
    if list.is_empty() {
        return None;
    }
    let mut figure = String::from("<dl class=\"facts\">");
    for (name, value, said) in list {
        let (name, said) = (lang.say(name), escape(&said));
        _ = write!(figure, "<div><dt>{name}</dt><dd><b>{value}</b><small>{said}</small></dd></div>");
    }
    figure.push_str("</dl>");
    Some(Section {
        name: "figures",
        is_wide: true,
        title: texts::FIGURES,
        says: None,
        legend: Vec::new(),
        figure,
        metrics: &["repeat", "first-response", "ratings"],
        counted: vec![lang.say(texts::FIGURES_COUNTED).to_owned()],
        data: None,
    })
}

fn name(row: Row<'_>, column: &str, lang: Language) -> String {
    match row.text(column) {
        None | Some("(none)") => lang.say(texts::NO_NAME).to_owned(),
        Some(name) => name.to_owned(),
    }
}

fn seconds(number: Option<Decimal>, lang: Language) -> String {
    number.map_or_else(|| "–".to_owned(), |it| lang.unit(&lang.decimal(it), texts::SECONDS))
}

fn table(
    heads: &[Both],
    rows: &[Row<'_>],
    line: impl Fn(&Row<'_>) -> Vec<String>,
    lang: Language,
) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let mut out = String::from("<table class=\"grid\"><thead><tr>");
    for (index, head) in heads.iter().enumerate() {
        let class = if index == 0 { " class=\"t\"" } else { "" };
        _ = write!(out, "<th scope=\"col\"{class}>{}</th>", lang.say(*head));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows.iter().take(MOST) {
        out.push_str("<tr>");
        for (index, cell) in line(row).iter().enumerate() {
            let cell = escape(cell);
            let cell = if index == 0 {
                format!("<th scope=\"row\" class=\"t\">{cell}</th>")
            } else {
                format!("<td>{cell}</td>")
            };
            out.push_str(&cell);
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    if rows.len() > MOST {
        let more = lang.integer(i64::try_from(rows.len() - MOST).unwrap_or(i64::MAX));
        _ = write!(out, "<p class=\"more\">{}</p>", lang.fill(texts::MORE_ROWS, &[&more]));
    }
    Some(out)
}
