//! People: a table with bars that can be sorted. Those with few rings stand apart: a rate of few says little.

use std::fmt::Write as _;

use super::{
    Report,
    data_table::DataTable,
    locale::FEW,
    reading::{Results, Row},
    section::{Figure, Section},
    svg::escape,
    texts,
};
use crate::{
    language::{Both, Language},
    shape,
    table::Decimal,
};

/// Fewer rings than these rank nobody; fewer ratings are not averaged.
const RANKED: i64 = 30;
const RATED: i64 = 10;
/// A page is read by people.
const MOST: usize = 140;

pub(super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let results = Results(&report.tables);
    let people: Vec<_> = results.rows(&shape::EMPLOYEES).collect();
    if people.is_empty() {
        return None;
    }
    let most = people.iter().map(|row| row.count("rung")).max().unwrap_or(1).max(1);
    let (ranked, few): (Vec<Row<'_>>, Vec<Row<'_>>) =
        people.iter().copied().partition(|row| row.count("rung") >= RANKED);
    let mut figure = String::from("<table class=\"grid sortable\"><thead><tr>");
    for (index, head) in HEADS.iter().enumerate() {
        let class = if index < 2 { " class=\"t\"" } else { "" };
        // The order of the result.
        let sort = if index == 2 { " aria-sort=\"descending\"" } else { "" };
        _ = write!(
            figure,
            "<th scope=\"col\"{class}{sort}><button type=\"button\">{}</button></th>",
            lang.say(*head)
        );
    }
    figure.push_str("</tr></thead>");
    let mut data = DataTable::new(HEADS.to_vec(), 1).signs(texts::ANSWERED, texts::NOT_PICKED_UP);
    let mut shown = 0;
    for (rows, is_few) in [(&ranked, false), (&few, true)] {
        if rows.is_empty() {
            continue;
        }
        if is_few {
            let said = lang.fill(texts::FEW_RINGS, &[&lang.integer(RANKED)]);
            let span = HEADS.len();
            _ = write!(
                figure,
                "<tbody class=\"apart\"><tr><th scope=\"rowgroup\" colspan=\"{span}\">{said}</th></tr></tbody>"
            );
        }
        figure.push_str("<tbody>");
        for row in rows.iter().take(MOST - shown) {
            let id = row.integer("employee_id");
            let occupancy =
                results.rows(&shape::OCCUPANCY).find(|it| id.is_some() && it.integer("employee_id") == id);
            write_person(*row, occupancy, most, lang, &mut figure, &mut data);
        }
        shown += rows.len().min(MOST - shown);
        figure.push_str("</tbody>");
    }
    figure.push_str("</table>");
    if people.len() > shown {
        let more = lang.integer(i64::try_from(people.len() - shown).unwrap_or(i64::MAX));
        _ = write!(figure, "<p class=\"more\">{}</p>", lang.fill(texts::MORE_ROWS, &[&more]));
    }
    Some(Section {
        name: "people",
        is_wide: true,
        title: texts::PEOPLE_TITLE,
        says: Some(lang.say(texts::PEOPLE_SAY).to_owned()),
        legend: vec![
            ("answered", lang.say(texts::ANSWERED).to_owned()),
            ("faster", lang.say(texts::FASTER).to_owned()),
            ("left", lang.say(texts::LEFT_RINGING).to_owned()),
            ("missed", lang.say(texts::NOT_PICKED_UP).to_owned()),
        ],
        figure: Figure::Table(figure),
        metrics: &["people", "occupancy"],
        counted: vec![
            lang.say(texts::PEOPLE_COUNTED).to_owned(),
            lang.fill(texts::PEOPLE_LIMITS, &[&lang.integer(RANKED), &lang.integer(RATED)]),
            lang.say(texts::OCCUPANCY_COUNTED).to_owned(),
        ],
        data,
    })
}

const HEADS: [Both; 8] = [
    texts::PERSON,
    texts::RINGS,
    texts::ANSWERED,
    texts::ANSWER_RATE,
    texts::RING_TIME,
    texts::TALK_TIME,
    texts::RATING,
    texts::OCCUPANCY,
];

fn write_person(
    row: Row<'_>,
    occupancy: Option<Row<'_>>,
    most: i64,
    lang: Language,
    out: &mut String,
    data: &mut DataTable,
) {
    let name = row.text("employee").unwrap_or_else(|| lang.say(texts::NOBODY));
    let [rung, answered, faster, left] =
        ["rung", "answered", "colleague_was_faster", "caller_left"].map(|name| row.count(name));
    let missed = (rung - answered - faster - left).max(0);
    let parts = [
        ("answered", texts::ANSWERED, answered),
        ("faster", texts::FASTER, faster),
        ("left", texts::LEFT_RINGING, left),
        ("missed", texts::NOT_PICKED_UP, missed),
    ];
    _ = write!(out, "<tr><th scope=\"row\" class=\"t\">{}</th>", escape(name));
    let said: Vec<_> = parts
        .iter()
        .map(|(_, name, count)| format!("{}: {}", lang.say(*name), lang.integer(*count)))
        .collect();
    _ = write!(out, "<td class=\"stack\" data-v=\"{rung}\" title=\"{}\"><div><span>", said.join("; "));
    for (class, _, count) in parts {
        if count > 0 {
            let width = Decimal::quotient(100 * count, most, 1).unwrap_or(Decimal::new(0, 1));
            _ = write!(out, "<b class=\"{class}\" style=\"width:{width}%\"></b>");
        }
    }
    _ = write!(out, "</span>{}</div></td>", lang.integer(rung));
    let theirs = answered + missed;
    let rate = row.decimal("answer_rate_pct");
    let cells = [
        (Some(answered), Some(lang.integer(answered))),
        (
            rate.map(Decimal::units),
            if theirs < FEW { lang.share(answered, theirs) } else { rate.map(|it| lang.percent(it)) },
        ),
        measured(row.decimal("avg_ring_s"), |it| lang.unit(&lang.decimal(it), texts::SECONDS)),
        (row.integer("talk_s"), row.integer("talk_s").map(|it| lang.hours(it))),
        rating(row, lang),
        measured(occupancy.and_then(|row| row.decimal("occupancy_est_pct")), |it| {
            format!("≈{}", lang.percent(it))
        }),
    ];
    let mut told = vec![name.to_owned(), lang.integer(rung)];
    for (value, shown) in cells {
        let value = value.map(|it| it.to_string()).unwrap_or_default();
        let shown = shown.unwrap_or_else(|| "–".to_owned());
        _ = write!(out, "<td data-v=\"{value}\">{shown}</td>");
        told.push(shown);
    }
    out.push_str("</tr>");
    data.push_drawn(told, [answered, missed]);
}

fn measured(number: Option<Decimal>, shown: impl Fn(Decimal) -> String) -> (Option<i64>, Option<String>) {
    (number.map(Decimal::units), number.map(shown))
}

/// A mean with its count; of few ratings only the count.
fn rating(row: Row<'_>, lang: Language) -> (Option<i64>, Option<String>) {
    let (rating, rated) = (row.decimal("rating"), row.count("rated"));
    match rating {
        Some(rating) if rated >= RATED => {
            (Some(rating.units()), Some(format!("{} ({})", lang.decimal(rating), lang.integer(rated))))
        }
        _ if rated > 0 => (None, Some(format!("– ({})", lang.integer(rated)))),
        _ => (None, None),
    }
}
