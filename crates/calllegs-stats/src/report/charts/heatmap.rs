//! When people call: weekdays and hours, with a dot where many calls are missed.

use super::super::{
    Report,
    data_table::DataTable,
    locale::FEW,
    reading::{Results, Row},
    section::{Figure, Section, WIDE},
    svg::{Anchor, Drawing, fraction, real},
    texts,
};
use crate::{language::Language, shape, table::Decimal};

/// Missed in a hundred from which an hour is marked.
const MANY: i64 = 10;

const LEFT: f64 = 40.0;
const CELL: (f64, f64) = (29.5, 28.0);
const TOP: f64 = 20.0;

struct Slot {
    weekday: i64,
    hour: i64,
    offered: i64,
    missed: i64,
    per_day: Option<Decimal>,
}

impl Slot {
    fn read(row: Row<'_>) -> Self {
        Self {
            weekday: row.count("weekday"),
            hour: row.count("hour"),
            offered: row.count("offered"),
            missed: row.count("missed"),
            per_day: row.decimal("per_day"),
        }
    }

    /// Enough calls for a share, and too many of them missed.
    const fn is_marked(&self) -> bool {
        self.offered >= FEW && self.missed * 100 > self.offered * MANY
    }

    fn name(&self, lang: Language) -> String {
        format!("{} {}", lang.weekday(self.weekday), Language::hour(self.hour))
    }
}

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let hours: Vec<_> = Results(&report.tables).rows(&shape::HEATMAP).map(Slot::read).collect();
    let most = hours.iter().filter_map(|hour| hour.per_day).map(fraction).fold(0.0, f64::max);
    if hours.is_empty() {
        return None;
    }
    let mut data = DataTable::new(
        vec![texts::WEEKDAY, texts::HOUR, texts::OFFERED, texts::PER_DAY, texts::MISSED, texts::MISSED_SHARE],
        1,
    );
    for hour in &hours {
        let row = vec![
            lang.long_weekday(hour.weekday).to_owned(),
            Language::hour(hour.hour),
            lang.integer(hour.offered),
            hour.per_day.map_or_else(|| "–".to_owned(), |it| lang.decimal(it)),
            lang.integer(hour.missed),
            lang.share(hour.missed, hour.offered).unwrap_or_default(),
        ];
        data.push_drawn(row, [hour.offered - hour.missed, hour.missed]);
    }
    let worst = hours.iter().filter(|hour| hour.is_marked());
    let worst = worst.max_by_key(|hour| (hour.missed, -hour.weekday, -hour.hour));
    let says = worst.map(|hour| {
        let when = format!("{} {}", lang.long_weekday(hour.weekday), Language::hour(hour.hour));
        let share = lang.share(hour.missed, hour.offered).unwrap_or_default();
        lang.fill(texts::WORST_HOUR, &[&when, &lang.of(hour.missed, hour.offered), &share])
    });
    let few = lang.integer(FEW);
    Some(Section {
        name: "hours",
        is_wide: true,
        title: texts::WHEN,
        says,
        legend: vec![
            ("heat", lang.fill(texts::HEAT_LEGEND, &[&lang.decimal(Decimal::new(rounded(most), 0))])),
            ("mark", lang.fill(texts::MARK_LEGEND, &[&lang.percent(Decimal::new(MANY, 0)), &few])),
        ],
        figure: Figure::Drawing(draw(&hours, most, lang).finish(
            "hours",
            lang.say(texts::WHEN),
            lang.say(texts::HEAT_DESCRIPTION),
        )),
        metrics: &["heatmap"],
        counted: vec![lang.fill(texts::HEAT_COUNTED, &[&report.header.zone])],
        data,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "calls in an hour")]
fn rounded(number: f64) -> i64 {
    number.round() as i64
}

/// One of six shades.
fn shade(per_day: Option<Decimal>, most: f64) -> &'static str {
    let share = per_day.map_or(0.0, fraction) / most.max(0.1);
    match share {
        ..0.04 => "h0",
        ..0.2 => "h1",
        ..0.4 => "h2",
        ..0.6 => "h3",
        ..0.8 => "h4",
        _ => "h5",
    }
}

fn draw(hours: &[Slot], most: f64, lang: Language) -> Drawing {
    let mut drawing = Drawing::new(WIDE, TOP + 7.0 * CELL.1 + 4.0);
    let x = |hour: i64| LEFT + CELL.0 * real(hour);
    let y = |weekday: i64| TOP + CELL.1 * real(weekday - 1);
    for hour in 0..24 {
        drawing.text("tick", (x(hour) + CELL.0 / 2.0, 13.0), Anchor::Middle, &hour.to_string());
    }
    let (calls, missed) = (WIDE - 84.0, WIDE - 6.0);
    drawing.text("tick", (calls, 13.0), Anchor::End, lang.say(texts::CALLS_HEAD));
    drawing.text("tick", (missed, 13.0), Anchor::End, lang.say(texts::MISSED));
    for weekday in 1..=7 {
        let base = y(weekday) + 18.5;
        drawing.text("", (LEFT - 8.0, base), Anchor::End, lang.weekday(weekday));
        let of_day: Vec<_> = hours.iter().filter(|hour| hour.weekday == weekday).collect();
        for hour in 0..24 {
            let found = of_day.iter().find(|it| it.hour == hour);
            let place = (x(hour) + 1.0, y(weekday) + 1.0);
            let size = (CELL.0 - 2.0, CELL.1 - 2.0);
            let Some(found) = found else {
                drawing.bar("none", place, size, "");
                continue;
            };
            let per_day = found.per_day.map_or_else(String::new, |it| lang.decimal(it));
            let said = lang.fill(
                texts::HEAT_SAID,
                &[&found.name(lang), &per_day, &lang.of(found.missed, found.offered)],
            );
            let shade = shade(found.per_day, most);
            drawing.bar(shade, place, size, &said);
            let number = found.per_day.filter(|it| fraction(*it) >= 0.95);
            if let Some(number) = number.and_then(|it| Decimal::quotient(it.units(), 10, 0)) {
                let class = format!("n {shade}t");
                drawing.text(&class, (x(hour) + CELL.0 / 2.0, base), Anchor::Middle, &lang.decimal(number));
            }
            if found.is_marked() {
                drawing.dot("mark", (x(hour) + CELL.0 - 6.0, y(weekday) + 6.5), 3.2, "");
            }
        }
        let sum = |of: fn(&Slot) -> i64| of_day.iter().map(|hour| of(hour)).sum::<i64>();
        let (all, lost) = (sum(|hour| hour.offered), sum(|hour| hour.missed));
        drawing.text("", (calls, base), Anchor::End, &lang.integer(all));
        let share = lang.share(lost, all).unwrap_or_else(|| "–".to_owned());
        drawing.text("", (missed, base), Anchor::End, &share);
    }
    drawing
}
