//! What became of missed calls: a flow to who was called back, who tried again, who was lost.

use std::fmt::Write as _;

use super::super::{
    Report,
    data_table::DataTable,
    reading::Results,
    section::{Figure, HALF, Section},
    svg::{Anchor, Drawing, escape, real},
    texts,
};
use crate::{
    language::{Both, Language},
    shape,
};

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let results = Results(&report.tables);
    let row = results.row(&shape::NOT_CALLED_BACK)?;
    let missed = row.count("missed");
    let parts = [
        ("answered", texts::CALLED_BACK, row.count("called_back")),
        ("again", texts::TRIED_AGAIN, row.count("caller_tried_again")),
        ("missed", texts::LOST, row.count("lost")),
    ];
    let mut data = DataTable::new(vec![texts::WHAT_BECAME, texts::CALLS_HEAD, texts::SHARE], 1);
    for (class, name, count) in parts {
        let share = lang.share(count, missed).unwrap_or_else(|| "–".to_owned());
        let bar = if class == "missed" { [0, count] } else { [count, 0] };
        data.push_drawn(vec![lang.say(name).to_owned(), lang.integer(count), share], bar);
    }
    let window = lang.hours(report.parameters.callback_window);
    let people = row.count("lost_people");
    let people = format!("{} {}", lang.integer(people), lang.counted(people, texts::PEOPLE));
    let mut counted = vec![lang.fill(texts::CALLBACKS_COUNTED, &[&window])];
    let hidden = results.row(&shape::ABANDONMENT).map_or(0, |row| row.count("missed")) - missed;
    if hidden > 0 {
        counted.push(lang.fill(texts::HIDDEN_COUNTED, &[&lang.integer(hidden)]));
    }
    let says = if missed == 0 {
        lang.say(texts::NOTHING_MISSED).to_owned()
    } else {
        let quick = lang.of(row.count("called_back_in_15_min"), missed);
        let mut says = lang.fill(texts::CALLBACKS_SAY, &[&people, &quick]);
        if let Some(minutes) = row.decimal("avg_minutes_to_fix") {
            _ = write!(
                says,
                " {}",
                lang.fill(texts::MINUTES_TO_FIX, &[&lang.unit(&lang.brief(minutes), texts::MINUTES)])
            );
        }
        says
    };
    let mut figure = draw(missed, &parts, lang).finish(
        "callbacks",
        lang.say(texts::CALLBACKS),
        lang.say(texts::CALLBACKS_DESCRIPTION),
    );
    list(report, lang, &mut figure);
    Some(Section {
        name: "callbacks",
        is_wide: false,
        title: texts::CALLBACKS,
        says: Some(says),
        legend: Vec::new(),
        figure: Figure::Drawing(figure),
        metrics: &["callbacks"],
        counted,
        data,
    })
}

fn draw(missed: i64, parts: &[(&str, Both, i64)], lang: Language) -> Drawing {
    const TOP: f64 = 28.0;
    const ALL: f64 = 210.0;
    const GAP: f64 = 22.0;
    const LEFT: (f64, f64) = (4.0, 16.0);
    const RIGHT: f64 = 190.0;
    let mut drawing = Drawing::new(HALF, TOP + ALL + 2.0 * GAP + 40.0);
    let one = ALL / real(missed.max(1));
    let from = TOP;
    let said = format!("{}: {}", lang.say(texts::MISSED_CALLS), lang.integer(missed));
    drawing.text("strong", (LEFT.0, from - 12.0), Anchor::Start, &said);
    drawing.bar("stem", (LEFT.0, from), (LEFT.1, ALL), &said);
    let (mut y, mut right) = (from, TOP);
    for (class, name, count) in parts {
        let high = one * real(*count);
        let share = lang.share(*count, missed).unwrap_or_default();
        let said = format!("{}: {} ({share})", lang.say(*name), lang.integer(*count));
        if *count > 0 {
            let band = format!("band {class}");
            drawing.band(&band, (LEFT.0 + LEFT.1, y), (RIGHT, right), high.max(1.5), &said);
            drawing.bar(class, (RIGHT, right), (14.0, high.max(1.5)), &said);
        }
        // Two lines of text have room beside a thin band.
        let middle = right + high.max(26.0) / 2.0;
        drawing.text("strong", (RIGHT + 24.0, middle - 2.0), Anchor::Start, lang.say(*name));
        let numbers =
            if share.contains('%') { format!("{} · {share}", lang.integer(*count)) } else { share };
        drawing.text("", (RIGHT + 24.0, middle + 14.0), Anchor::Start, &numbers);
        y += high;
        right += high.max(26.0) + GAP / 2.0;
    }
    drawing
}

/// Who is to be called back, latest first.
fn list(report: &Report, lang: Language, out: &mut String) {
    const MOST: usize = 200;
    if report.lost_callers.is_empty() {
        return;
    }
    _ = write!(
        out,
        "<details class=\"people\"><summary>{}</summary><div class=\"scroll\"><table class=\"data\"><thead><tr>",
        lang.say(texts::WHO_IS_LOST)
    );
    for head in [texts::CALLER, texts::LAST_CALL, texts::MISSED] {
        _ = write!(out, "<th scope=\"col\" class=\"t\">{}</th>", lang.say(head));
    }
    out.push_str("</tr></thead><tbody>");
    for caller in report.lost_callers.iter().take(MOST) {
        let (phone, last) = (escape(&report.phone(caller)), lang.moment(caller.last));
        _ = write!(
            out,
            "<tr><td class=\"t\">{phone}</td><td class=\"t\">{last}</td><td>{}</td></tr>",
            lang.integer(caller.missed)
        );
    }
    out.push_str("</tbody></table></div>");
    let more = report.lost_callers.len().saturating_sub(MOST);
    if more > 0 {
        let more = lang.integer(i64::try_from(more).unwrap_or(i64::MAX));
        _ = write!(out, "<p>{}</p>", lang.fill(texts::MORE_ROWS, &[&more]));
    }
    out.push_str("</details>");
}
