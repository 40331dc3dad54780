//! Calls by day, by week or by month: answered and missed, and the service level above them.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use super::super::{
    Report,
    data_table::DataTable,
    locale::FEW,
    reading::Results,
    section::{Figure, Section, WIDE},
    svg::{Anchor, Drawing, Scale, fraction, real},
    texts,
};
use crate::{
    language::{Both, Language},
    shape,
    table::Decimal,
};

/// More columns than this are hard to tell apart.
const MOST_DAYS: i64 = 62;
const MOST_WEEKS: i64 = 62;

/// A column.
struct Column {
    days: (NaiveDate, NaiveDate),
    offered: i64,
    answered: i64,
    missed: i64,
    in_time: i64,
    level: Option<Decimal>,
    /// Days without data.
    missing: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Day,
    Week,
    Month,
}

impl Step {
    fn of(days: i64) -> Self {
        match days {
            ..=MOST_DAYS => Self::Day,
            days if days / 7 <= MOST_WEEKS => Self::Week,
            _ => Self::Month,
        }
    }

    /// The first day of the step that a day is in.
    fn begin(self, day: NaiveDate) -> NaiveDate {
        let back = match self {
            Self::Day => 0,
            Self::Week => day.weekday().num_days_from_monday(),
            Self::Month => day.day0(),
        };
        day.checked_sub_days(Days::new(back.into())).unwrap_or(day)
    }
}

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let step = Step::of(report.header.day_count());
    let columns = columns(report, step)?;
    let title = match step {
        Step::Day => texts::BY_DAY,
        Step::Week => texts::BY_WEEK,
        Step::Month => texts::BY_MONTH,
    };
    let label = |column: &Column| match step {
        Step::Day | Step::Week => lang.short_date(column.days.0),
        Step::Month => lang.short_month(column.days.0),
    };
    let told = |column: &Column| match step {
        Step::Day => format!(
            "{}, {}",
            lang.long_weekday(column.days.0.weekday().number_from_monday().into()),
            lang.days(column.days)
        ),
        Step::Week | Step::Month => lang.days(column.days),
    };

    let mut data = DataTable::new(
        vec![
            texts::PERIOD,
            texts::OFFERED,
            texts::ANSWERED,
            texts::MISSED,
            texts::MISSED_SHARE,
            texts::SERVICE_LEVEL,
        ],
        1,
    )
    .signs(texts::ANSWERED, texts::MISSED);
    for column in &columns {
        let when = told(column);
        if column.missing > 0 && column.offered == 0 {
            data.push([vec![when], vec![lang.say(texts::NO_DATA).to_owned(); 5]].concat());
            continue;
        }
        let shown = |share: Option<String>| share.unwrap_or_else(|| "–".to_owned());
        let row = vec![
            when,
            lang.integer(column.offered),
            lang.integer(column.answered),
            lang.integer(column.missed),
            shown(lang.share(column.missed, column.offered)),
            shown(column.said_level(lang)),
        ];
        data.push_drawn(row, [column.answered, column.missed]);
    }

    let worst = columns.iter().filter(|column| column.offered >= FEW && column.missed > 0);
    let worst = worst.max_by(|left, right| {
        (left.missed * right.offered).cmp(&(right.missed * left.offered)).then(right.days.cmp(&left.days))
    });
    let says = worst.map(|column| {
        let share = lang.share(column.missed, column.offered).unwrap_or_default();
        let of = lang.of(column.missed, column.offered);
        lang.fill(texts::WORST_DAY, &[&told(column), &of, &share])
    });
    let goal = Decimal::new(report.parameters.goal_percent.into(), 0);
    let within = lang.duration(report.parameters.answer_within);
    let mut legend = vec![
        ("answered", lang.say(texts::ANSWERED).to_owned()),
        ("missed", lang.say(texts::MISSED).to_owned()),
        ("level", lang.fill(texts::LEVEL_LEGEND, &[&within])),
        ("goal", lang.fill(texts::GOAL_LEGEND, &[&lang.percent(goal)])),
    ];
    if step == Step::Day {
        legend.push(("weekend", lang.say(texts::WEEKEND).to_owned()));
    }
    if columns.iter().any(|column| column.missing > 0) {
        legend.push(("nodata", lang.say(texts::NO_DATA).to_owned()));
    }
    let mut counted = vec![
        lang.fill(texts::DAYS_COUNTED, &[&lang.duration(report.parameters.short_abandon)]),
        lang.fill(texts::LEVEL_COUNTED, &[&within]),
    ];
    if step != Step::Day {
        counted.push(lang.say(texts::STEPS_COUNTED).to_owned());
    }
    Some(Section {
        name: "days",
        is_wide: true,
        title,
        says,
        legend,
        figure: Figure::Drawing(draw(&columns, step, real(goal.units()), lang, &label, &told).finish(
            "days",
            lang.say(title),
            lang.say(texts::DAYS_DESCRIPTION),
        )),
        metrics: &["offered", "service-level"],
        counted,
        data,
    })
}

/// All columns of the period, those without calls among them.
fn columns(report: &Report, step: Step) -> Option<Vec<Column>> {
    let (first, last) = report.header.days;
    let mut columns = BTreeMap::new();
    for day in first.iter_days().take_while(|day| *day <= last) {
        let column = columns.entry(step.begin(day)).or_insert_with(|| Column {
            days: (day, day),
            offered: 0,
            answered: 0,
            missed: 0,
            in_time: 0,
            level: None,
            missing: 0,
        });
        column.days.1 = day;
        column.missing += usize::from(report.header.missing.contains(&day));
    }
    let mut is_any = false;
    for row in Results(&report.tables).rows(&shape::BY_DAY) {
        let Some(day) = row.date("day") else { continue };
        let Some(column) = columns.get_mut(&step.begin(day)) else { continue };
        is_any = true;
        let (offered, level) = (row.count("offered"), row.decimal("service_level_pct"));
        column.offered += offered;
        column.answered += row.count("answered");
        column.missed += row.count("missed");
        // The count behind the percentage: exact below a thousand calls, and to half a call in a thousand above.
        let in_time = level.and_then(|level| Decimal::quotient(level.units() * offered, 1000, 0));
        column.in_time += in_time.map_or(0, Decimal::units);
        column.level = level;
    }
    if step != Step::Day {
        for column in columns.values_mut() {
            column.level = Decimal::quotient(100 * column.in_time, column.offered, 1);
        }
    }
    is_any.then(|| columns.into_values().collect())
}

impl Column {
    fn said_level(&self, lang: Language) -> Option<String> {
        if (1..FEW).contains(&self.offered) {
            return Some(lang.of(self.in_time, self.offered));
        }
        self.level.map(|level| lang.percent(level))
    }
}

fn draw(
    columns: &[Column],
    step: Step,
    goal: f64,
    lang: Language,
    label: &dyn Fn(&Column) -> String,
    told: &dyn Fn(&Column) -> String,
) -> Drawing {
    const LEFT: f64 = 48.0;
    const LEVEL: (f64, f64) = (92.0, 16.0);
    const CALLS: (f64, f64) = (272.0, 122.0);
    let mut drawing = Drawing::new(WIDE, 296.0);
    let count = i64::try_from(columns.len()).unwrap_or(i64::MAX);
    let wide = (WIDE - LEFT - 8.0) / real(count.max(1));
    let bar = (wide * 0.74).min(64.0);
    let level = Scale::percent(50, LEVEL);
    let calls =
        Scale::to(columns.iter().map(|column| column.answered + column.missed).max().unwrap_or(0), 5, CALLS);
    let x = |index: usize| LEFT + wide * real(i64::try_from(index).unwrap_or(0));

    for (index, column) in columns.iter().enumerate() {
        let is_weekend = step == Step::Day && column.days.0.weekday().number_from_monday() > 5;
        let class = match () {
            () if column.missing > 0 => "nodata",
            () if is_weekend => "weekend",
            () => continue,
        };
        let said = if column.missing > 0 {
            format!("{}: {}", told(column), lang.say(texts::NO_DATA))
        } else {
            String::new()
        };
        drawing.bar(class, (x(index), LEVEL.1), (wide, CALLS.0 - LEVEL.1), &said);
    }
    for (scale, shown) in [(level, true), (calls, false)] {
        for tick in scale.ticks() {
            let y = scale.at(real(tick));
            drawing.line(if tick == 0 { "axis" } else { "grid" }, (LEFT, y), (WIDE - 8.0, y));
            let text = if shown { lang.percent(Decimal::new(tick, 0)) } else { lang.integer(tick) };
            drawing.text("tick", (LEFT - 6.0, y + 4.0), Anchor::End, &text);
        }
    }
    drawing.line("goal", (LEFT, level.at(goal)), (WIDE - 8.0, level.at(goal)));

    let every = usize::try_from((count + 15) / 16).unwrap_or(1);
    for (index, column) in columns.iter().enumerate() {
        let (left, middle) = (x(index) + (wide - bar) / 2.0, x(index) + wide / 2.0);
        let [bottom, top, most] =
            [0, column.answered, column.answered + column.missed].map(|at| calls.at(real(at)));
        let said = |count: i64, what: Both| {
            format!("{}: {} – {}", told(column), lang.say(what), lang.integer(count))
        };
        drawing.bar("answered", (left, top), (bar, bottom - top), &said(column.answered, texts::ANSWERED));
        drawing.bar("missed", (left, most), (bar, top - most), &said(column.missed, texts::MISSED));
        if index.is_multiple_of(every) {
            drawing.text("tick", (middle, CALLS.0 + 18.0), Anchor::Middle, &label(column));
        }
    }
    // A day without calls has no level: the line has a gap there.
    let points: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| column.level.map(|at| (x(index) + wide / 2.0, level.at(fraction(at)))))
        .collect();
    for run in points.split(Option::is_none) {
        let run: Vec<_> = run.iter().copied().flatten().collect();
        if run.len() > 1 {
            drawing.polyline("level", &run);
        }
    }
    for (column, point) in columns.iter().zip(points) {
        if let (Some(point), Some(said)) = (point, column.said_level(lang)) {
            let class = if column.offered < FEW { "point few" } else { "point" };
            let said = format!("{}: {} – {said}", told(column), lang.say(texts::SERVICE_LEVEL));
            drawing.dot(class, point, 3.5, &said);
        }
    }
    drawing
}
