//! How long people wait: answered calls up, lost ones down.

use super::super::{
    Report,
    data_table::DataTable,
    reading::Results,
    section::{Figure, HALF, Section},
    svg::{Anchor, Drawing, Scale, real},
    texts,
};
use crate::{
    language::{Both, Language},
    shape,
};

/// The width of a column in seconds, as the result has it, and where the last one begins, which holds all longer waits.
const STEP: i64 = 5;
const LAST: i64 = 120;

#[derive(Clone, Copy, Default)]
struct Waits {
    from: i64,
    answered: i64,
    left: i64,
    dropped: i64,
}

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let mut columns: Vec<_> =
        (0..=LAST / STEP).map(|index| Waits { from: index * STEP, ..Waits::default() }).collect();
    let (mut all, mut longest) = (0, 0);
    for row in Results(&report.tables).rows(&shape::CALL_PROFILE) {
        let from = row.count("wait_from_s").clamp(0, LAST);
        let Some(column) = usize::try_from(from / STEP).ok().and_then(|index| columns.get_mut(index)) else {
            continue;
        };
        let [answered, left, dropped] =
            ["answered", "caller_left", "dropped_by_system"].map(|name| row.count(name));
        column.answered += answered;
        column.left += left;
        column.dropped += dropped;
        all += answered + left + dropped;
        longest = longest.max(from);
    }
    if all == 0 {
        return None;
    }
    let within = report.parameters.answer_within;
    columns.retain(|column| column.from <= longest.max(within));
    let name = |from: i64| match from {
        LAST => lang.fill(texts::LONGER, &[&LAST.to_string()]),
        from => lang.unit(&format!("{from}–{}", from + STEP), texts::SECONDS),
    };
    let mut data = DataTable::new(vec![texts::WAIT, texts::ANSWERED, texts::CALLER_LEFT, texts::DROPPED], 1)
        .signs(texts::ANSWERED, texts::LOST);
    for column in &columns {
        let numbers = [column.answered, column.left, column.dropped].map(|it| lang.integer(it));
        let row = [vec![name(column.from)], numbers.to_vec()].concat();
        data.push_drawn(row, [column.answered, column.left + column.dropped]);
    }
    let asa = Results(&report.tables).row(&shape::ASA);
    let says = asa.and_then(|row| {
        let [half, most] = [row.decimal("p50_s")?, row.decimal("p90_s")?]
            .map(|it| lang.unit(&lang.brief(it), texts::SECONDS));
        Some(lang.fill(texts::WAITS_SAY, &[&half, &most, &lang.duration(row.count("longest_s"))]))
    });
    Some(Section {
        name: "waits",
        is_wide: false,
        title: texts::WAITS,
        says,
        legend: vec![
            ("answered", lang.say(texts::ANSWERED).to_owned()),
            ("missed", lang.say(texts::CALLER_LEFT).to_owned()),
            ("dropped", lang.say(texts::DROPPED).to_owned()),
        ],
        figure: Figure::Drawing(draw(&columns, within, lang, &name).finish(
            "waits",
            lang.say(texts::WAITS),
            lang.say(texts::WAITS_DESCRIPTION),
        )),
        metrics: &["waits"],
        counted: vec![lang.say(texts::WAITS_COUNTED).to_owned()],
        data,
    })
}

fn draw(columns: &[Waits], within: i64, lang: Language, name: &dyn Fn(i64) -> String) -> Drawing {
    const LEFT: f64 = 58.0;
    const TOP: f64 = 22.0;
    const HEIGHT: f64 = 210.0;
    let up = columns.iter().map(|column| column.answered).max().unwrap_or(0);
    let down = columns.iter().map(|column| column.left + column.dropped).max().unwrap_or(0);
    // One scale for both sides: a call is as high above as below.
    let above = Scale::to(up, 4, (0.0, 1.0));
    let step = above.ticks().nth(1).unwrap_or(1);
    let (top, low) = (above.ticks().last().unwrap_or(step), (down + step - 1) / step * step);
    let one = HEIGHT / real(top + low);
    let zero = TOP + one * real(top);
    let mut drawing = Drawing::new(HALF, TOP + HEIGHT + 38.0);
    let count = i64::try_from(columns.len()).unwrap_or(1);
    let wide = (HALF - LEFT - 6.0) / real(count);

    for index in -(low / step)..=top / step {
        let y = zero - one * real(index * step);
        drawing.line(if index == 0 { "axis" } else { "grid" }, (LEFT, y), (HALF - 6.0, y));
        drawing.text("tick", (LEFT - 6.0, y + 4.0), Anchor::End, &lang.integer((index * step).abs()));
    }
    let ends = TOP + HEIGHT + 16.0;
    let every = if count > 13 { 4 * STEP } else { 2 * STEP };
    for (index, column) in (0..).zip(columns) {
        let x = LEFT + wide * real(index) + 1.0;
        let said = |count: i64, what: Both| {
            format!("{}: {} – {}", name(column.from), lang.say(what), lang.integer(count))
        };
        let high = |count: i64| one * real(count);
        let size = |count: i64| (wide - 2.0, high(count));
        drawing.bar(
            "answered",
            (x, zero - high(column.answered)),
            size(column.answered),
            &said(column.answered, texts::ANSWERED),
        );
        drawing.bar("missed", (x, zero), size(column.left), &said(column.left, texts::CALLER_LEFT));
        let below = (x, zero + high(column.left));
        drawing.bar("dropped", below, size(column.dropped), &said(column.dropped, texts::DROPPED));
        if column.from % every == 0 {
            let text = if column.from == LAST { format!("{LAST}+") } else { column.from.to_string() };
            drawing.text("tick", (x - 1.0, ends), Anchor::Middle, &text);
        }
    }
    drawing.text(
        "tick",
        (f64::midpoint(LEFT, HALF), ends + 17.0),
        Anchor::Middle,
        lang.say(texts::WAITS_AXIS),
    );
    let goal = LEFT + wide * real(within) / real(STEP);
    drawing.line("goal", (goal, TOP - 6.0), (goal, TOP + HEIGHT));
    let said = lang.fill(texts::GOAL_AT, &[&lang.duration(within)]);
    drawing.text("strong", (goal + 5.0, TOP - 8.0), Anchor::Start, &said);
    drawing
}
