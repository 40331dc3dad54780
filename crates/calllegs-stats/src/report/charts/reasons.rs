//! Why rings were not answered: the most frequent reasons, marked by who can do something about it.

use super::super::{
    Report,
    data_table::DataTable,
    reading::Results,
    reason_words::{self, Fixer},
    section::{Figure, HALF, Section},
    svg::{Anchor, Drawing, Scale, fraction, real},
    texts,
};
use crate::{language::Language, shape, table::Decimal};

/// So many reasons are drawn; the others are one bar.
const MOST: usize = 9;

struct Bar {
    name: String,
    fixer: Fixer,
    legs: i64,
    cumulative: Decimal,
}

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let rows: Vec<_> = Results(&report.tables).rows(&shape::PARETO).collect();
    let all: i64 = rows.iter().map(|row| row.count("legs")).sum();
    if all == 0 {
        return None;
    }
    let mut data = DataTable::new(
        vec![texts::REASON, texts::API_WORD, texts::WHO_CAN_FIX, texts::RINGS, texts::SHARE, texts::SO_FAR],
        3,
    );
    let (mut bars, mut others) = (Vec::<Bar>::new(), 0);
    for (index, row) in rows.iter().enumerate() {
        let word = row.text("finish_reason").unwrap_or("–");
        let (name, fixer) = reason_words::of(word, lang);
        let legs = row.count("legs");
        let cumulative = row.decimal("cumulative_pct").unwrap_or(Decimal::new(0, 1));
        let share = lang.share(legs, all).unwrap_or_default();
        let said = vec![
            name.to_owned(),
            word.to_owned(),
            lang.say(fixer.name()).to_owned(),
            lang.integer(legs),
            share,
            lang.percent(cumulative),
        ];
        data.push_drawn(said, [0, legs]);
        if index < MOST {
            bars.push(Bar { name: name.to_owned(), fixer, legs, cumulative });
        } else {
            others += legs;
        }
    }
    if others > 0 {
        let name = lang.say(texts::OTHER_REASONS).to_owned();
        bars.push(Bar { name, fixer: Fixer::Nobody, legs: others, cumulative: Decimal::new(1000, 1) });
    }
    let fixable = |row: &super::super::reading::Row<'_>| {
        reason_words::of(row.text("finish_reason").unwrap_or_default(), lang).1 != Fixer::Nobody
    };
    let curable: i64 = rows.iter().filter(|row| fixable(row)).map(|row| row.count("legs")).sum();
    let says =
        lang.share(curable, all).map(|share| lang.fill(texts::REASONS_SAY, &[&share, &lang.integer(all)]));
    let legend = Fixer::ALL.into_iter().filter(|fixer| bars.iter().any(|bar| bar.fixer == *fixer));
    let mut legend: Vec<_> = legend.map(|fixer| (fixer.class(), lang.say(fixer.name()).to_owned())).collect();
    legend.push(("sofar", lang.say(texts::SO_FAR).to_owned()));
    Some(Section {
        name: "reasons",
        is_wide: false,
        title: texts::REASONS,
        says,
        legend,
        figure: Figure::Drawing(draw(&bars, all, lang).finish(
            "reasons",
            lang.say(texts::REASONS),
            lang.say(texts::REASONS_DESCRIPTION),
        )),
        metrics: &["reasons"],
        counted: vec![lang.say(texts::REASONS_COUNTED).to_owned()],
        data,
    })
}

fn draw(bars: &[Bar], all: i64, lang: Language) -> Drawing {
    const ROW: f64 = 44.0;
    const TOP: f64 = 20.0;
    const LEFT: f64 = 4.0;
    let right = HALF - 12.0;
    let rows = real(i64::try_from(bars.len()).unwrap_or(1));
    let low = TOP + ROW * rows;
    let mut drawing = Drawing::new(HALF, low + 6.0);
    let scale = Scale::percent(25, (LEFT, right));
    for tick in scale.ticks() {
        let x = scale.at(real(tick));
        drawing.line(if tick == 0 { "axis" } else { "grid" }, (x, TOP - 4.0), (x, low));
        let anchor = match tick {
            0 => Anchor::Start,
            100 => Anchor::End,
            _ => Anchor::Middle,
        };
        drawing.text("tick", (x, TOP - 8.0), anchor, &lang.percent(Decimal::new(tick, 0)));
    }
    let point = |index: i64, bar: &Bar| (scale.at(fraction(bar.cumulative)), TOP + ROW * real(index) + 28.5);
    let points: Vec<_> = (0..).zip(bars).map(|(index, bar)| point(index, bar)).collect();
    drawing.polyline("sofar", &points);
    for (index, bar) in (0..).zip(bars) {
        let y = TOP + ROW * real(index);
        let share = lang.share(bar.legs, all).unwrap_or_default();
        let fixer = lang.say(bar.fixer.name());
        let said = format!("{}: {} ({share}). {fixer}", bar.name, lang.integer(bar.legs));
        let end = scale.at(100.0 * real(bar.legs) / real(all));
        drawing.bar(bar.fixer.class(), (LEFT, y + 21.0), (end - LEFT, 15.0), &said);
        drawing.text("strong halo", (LEFT + 4.0, y + 15.0), Anchor::Start, &bar.name);
        let numbers =
            if share.contains('%') { format!("{} · {share}", lang.integer(bar.legs)) } else { share };
        let numbers = match bar.fixer {
            Fixer::Nobody => numbers,
            Fixer::People | Fixer::Admin | Fixer::Owner => {
                format!("{numbers} · {}", lang.say(bar.fixer.short()))
            }
        };
        // The first point of the sum stands at the end of the first bar.
        let gap = if index == 0 { 12.0 } else { 6.0 };
        drawing.text("halo", (end + gap, y + 33.0), Anchor::Start, &numbers);
    }
    for (bar, point) in bars.iter().zip(points) {
        let said = format!("{}: {}", lang.say(texts::SO_FAR), lang.percent(bar.cumulative));
        drawing.dot("sofar", point, 3.0, &said);
    }
    drawing
}
