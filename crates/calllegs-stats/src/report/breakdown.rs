//! Tables by what was asked for, by scenario and by group, and the figures that need no drawing.

use std::fmt::Write as _;

use super::{
    Report,
    data_table::DataTable,
    locale::FEW,
    reading::Results,
    section::{Figure, Section},
    svg::escape,
    texts,
};
use crate::{
    language::Language,
    names::NONE,
    shape,
    split::By,
    table::{Cell, Decimal},
    tally::Summary,
};

/// A page is read by people.
const MOST: usize = 50;

/// Calls of one account, group, number or scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slice {
    /// Which; `None` where the legs do not say.
    pub name: Option<String>,
    /// Offered calls.
    pub offered: i64,
    /// Those that were answered.
    pub answered: i64,
    /// Those that nobody answered.
    pub missed: i64,
    /// Those that were answered in time.
    pub in_time: i64,
    /// Mean seconds from the first ring to an answer.
    pub wait: Option<Decimal>,
    /// Mean seconds of talk.
    pub talk: Option<Decimal>,
}

impl Slice {
    /// What a part is called and what was counted in it.
    pub(super) fn of(name: &[Cell], summary: &Summary) -> Self {
        let name = name.iter().find_map(|cell| if let Cell::Text(name) = cell { Some(name) } else { None });
        let name = name.filter(|name| *name != NONE).cloned();
        let tables: Vec<_> = summary.tables().cloned().collect();
        let results = Results(&tables);
        let mean = |shape, column| results.rows(shape).next()?.decimal(column);
        let level = summary.service_level();
        Self {
            name,
            offered: level.offered,
            answered: level.answered,
            missed: level.offered - level.answered,
            in_time: level.in_time,
            wait: mean(&shape::ASA, "asa_s"),
            talk: mean(&shape::TALK, "att_s"),
        }
    }
}

/// A line for each part.
pub(super) fn slices(report: &Report, lang: Language) -> Option<Section> {
    let (by, slices) = report.slices.as_ref()?;
    let (title, head) = match by {
        By::Account => (texts::BY_ACCOUNT, texts::FACT_ACCOUNT),
        By::Group => (texts::BY_GROUP, texts::GROUP),
        By::Number => (texts::BY_NUMBER, texts::NUMBER),
        By::Scenario => (texts::BY_SCENARIO, texts::SCENARIO),
        // The page has days, hours and people of its own.
        By::Day | By::Employee | By::Hour => return None,
    };
    let heads = vec![
        head,
        texts::OFFERED,
        texts::ANSWERED,
        texts::MISSED,
        texts::MISSED_SHARE,
        texts::SERVICE_LEVEL,
        texts::SPEED,
        texts::AVERAGE_TALK,
    ];
    let mut data = DataTable::new(heads, 1).signs(texts::ANSWERED, texts::NOT_ANSWERED);
    let shown = |share: Option<String>| share.unwrap_or_else(|| "–".to_owned());
    for slice in slices {
        let talk = slice.talk.and_then(|talk| Decimal::quotient(talk.units(), 10, 0));
        let cells = vec![
            name(slice.name.as_deref(), lang),
            lang.integer(slice.offered),
            lang.integer(slice.answered),
            lang.integer(slice.missed),
            shown(lang.share(slice.missed, slice.offered)),
            shown(lang.share(slice.in_time, slice.offered)),
            seconds(slice.wait, lang),
            shown(talk.map(|talk| lang.duration(talk.units()))),
        ];
        data.push_drawn(cells, [slice.answered, slice.offered - slice.answered]);
    }
    // Of few calls a share says little.
    let worst = slices.iter().filter(|slice| slice.offered >= FEW && slice.missed > 0);
    let worst = worst.max_by(|one, other| {
        let share = (one.missed * other.offered).cmp(&(other.missed * one.offered));
        share.then(other.name.cmp(&one.name))
    });
    let says = worst.filter(|_| slices.len() > 1).map(|slice| {
        let share = lang.share(slice.missed, slice.offered).unwrap_or_default();
        let of = lang.of(slice.missed, slice.offered);
        lang.fill(texts::WORST_DAY, &[&name(slice.name.as_deref(), lang), &of, &share])
    });
    let mut counted = vec![lang.say(texts::SLICES_COUNTED).to_owned()];
    if *by == By::Group {
        counted.push(lang.say(texts::GROUPS_COUNTED).to_owned());
    }
    Some(Section {
        name: "breakdown",
        is_wide: true,
        title,
        says,
        legend: Vec::new(),
        figure: table(&data, lang)?,
        metrics: &["offered", "service-level", "waits", "talk"],
        counted,
        data,
    })
}

pub(super) fn scenarios(report: &Report, lang: Language) -> Option<Section> {
    let heads = vec![
        texts::SCENARIO,
        texts::INBOUND,
        texts::ANSWERED,
        texts::LEFT_IN_MENU,
        texts::SHORT_ABANDONS,
        texts::MISSED,
        texts::SPEED,
    ];
    let mut data = DataTable::new(heads, 1).signs(texts::ANSWERED, texts::MISSED);
    for row in Results(&report.tables).rows(&shape::SCENARIOS) {
        let counts = ["inbound", "answered", "left_in_menu", "short_abandons", "missed"];
        let mut cells = vec![name(row.text("scenario"), lang)];
        cells.extend(counts.map(|column| lang.integer(row.count(column))));
        cells.push(seconds(row.decimal("asa_s"), lang));
        data.push_drawn(cells, [row.count("answered"), row.count("missed")]);
    }
    Some(Section {
        name: "scenarios",
        is_wide: true,
        title: texts::BY_SCENARIO,
        says: None,
        legend: Vec::new(),
        figure: table(&data, lang)?,
        metrics: &["scenarios"],
        counted: vec![lang.say(texts::SCENARIOS_COUNTED).to_owned()],
        data,
    })
}

pub(super) fn groups(report: &Report, lang: Language) -> Option<Section> {
    let heads = vec![
        texts::GROUP,
        texts::RINGS,
        texts::ANSWERED_RINGS,
        texts::CALLS_RUNG,
        texts::CALLS_ANSWERED,
        texts::RING_TIME,
    ];
    let mut data = DataTable::new(heads, 1).signs(texts::ANSWERED, texts::NOT_ANSWERED);
    for row in Results(&report.tables).rows(&shape::GROUPS) {
        let counts = ["rings", "answered_legs", "calls_rung", "calls_answered"];
        let mut cells = vec![name(row.text("group_name"), lang)];
        cells.extend(counts.map(|column| lang.integer(row.count(column))));
        cells.push(seconds(row.decimal("avg_ring_s"), lang));
        let (rung, answered) = (row.count("calls_rung"), row.count("calls_answered"));
        data.push_drawn(cells, [answered, rung - answered]);
    }
    Some(Section {
        name: "groups",
        is_wide: true,
        title: texts::BY_GROUP,
        says: None,
        legend: Vec::new(),
        figure: table(&data, lang)?,
        metrics: &["groups"],
        counted: vec![lang.say(texts::GROUPS_COUNTED).to_owned()],
        data,
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
    let mut data = DataTable::new(vec![texts::METRIC, texts::VALUE, texts::MEANING], 3);
    for (name, value, said) in list {
        data.push(vec![lang.say(name).to_owned(), value.clone(), said.clone()]);
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
        figure: Figure::Table(figure),
        metrics: &["repeat", "first-response", "ratings"],
        counted: vec![lang.say(texts::FIGURES_COUNTED).to_owned()],
        data,
    })
}

fn name(name: Option<&str>, lang: Language) -> String {
    match name {
        None | Some(NONE) => lang.say(texts::NO_NAME).to_owned(),
        Some(name) => name.to_owned(),
    }
}

fn seconds(number: Option<Decimal>, lang: Language) -> String {
    number.map_or_else(|| "–".to_owned(), |it| lang.unit(&lang.decimal(it), texts::SECONDS))
}

/// The first rows; nothing of none.
fn table(data: &DataTable, lang: Language) -> Option<Figure> {
    if data.rows().len() == 0 {
        return None;
    }
    let mut out = String::from("<table class=\"grid\"><thead><tr>");
    for (index, head) in data.heads(lang).enumerate() {
        let class = if index == 0 { " class=\"t\"" } else { "" };
        _ = write!(out, "<th scope=\"col\"{class}>{head}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for row in data.rows().take(MOST) {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
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
    let more = data.rows().len().saturating_sub(MOST);
    if more > 0 {
        let more = lang.integer(i64::try_from(more).unwrap_or(i64::MAX));
        _ = write!(out, "<p class=\"more\">{}</p>", lang.fill(texts::MORE_ROWS, &[&more]));
    }
    Some(Figure::Table(out))
}
