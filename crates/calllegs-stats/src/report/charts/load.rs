//! Load by hour of the day: people who talk at once, people needed, and the highest peaks of lines in use.

use chrono::{DateTime, Datelike, Timelike};

use super::super::{
    Report,
    data_table::DataTable,
    reading::Results,
    section::{HALF, Section},
    svg::{Anchor, Drawing, Scale, fraction, real},
    texts,
};
use crate::{
    erlang::{self, Goal, Load},
    language::Language,
    parameters::Parameters,
    shape,
    table::Decimal,
};

struct Slot {
    hour: i64,
    calls: Option<Decimal>,
    talk: Option<Decimal>,
    erlangs: Option<Decimal>,
    people: i64,
}

struct Peak {
    hour: i64,
    when: String,
    lines: i64,
}

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let results = Results(&report.tables);
    let Parameters { answer_within, goal_percent, .. } = report.parameters;
    let mut goal = Goal::default();
    (goal.in_time, goal.answer_within) = (f64::from(goal_percent) / 100.0, real(answer_within));
    let hours: Vec<_> = results
        .rows(&shape::STAFFING_INPUT)
        .map(|row| {
            let [calls, talk, erlangs] =
                ["calls_per_hour", "avg_talk_s", "erlangs"].map(|name| row.decimal(name));
            let [load, seconds] = [erlangs, talk].map(|it| it.map_or(0.0, fraction));
            let load = Load::new(load * 3600.0 / seconds.max(1.0), seconds);
            let needed = erlang::people(load, goal).filter(|_| seconds > 0.0);
            let people = needed.map_or(0, |needed| needed.on_phones.into());
            Slot { hour: row.count("hour"), calls, talk, erlangs, people }
        })
        .collect();
    if hours.is_empty() {
        return None;
    }
    let peaks: Vec<_> = results
        .rows(&shape::CONCURRENCY)
        .filter_map(|row| {
            let begun = DateTime::from_timestamp(row.integer("hour_epoch")?, 0)?.naive_utc();
            let hour = begun.hour().into();
            let weekday = lang.weekday(begun.weekday().number_from_monday().into());
            let when = format!("{weekday}, {}, {}", lang.short_date(begun.date()), Language::hour(hour));
            Some(Peak { hour, when, lines: row.count("peak_legs") })
        })
        .collect();

    let mut data = DataTable::new(
        vec![texts::HOUR, texts::CALLS_PER_HOUR, texts::TALK_SECONDS, texts::ERLANGS, texts::PEOPLE_NEEDED],
        1,
    );
    let shown = |number: Option<Decimal>| number.map_or_else(|| "–".to_owned(), |it| lang.decimal(it));
    for hour in &hours {
        let numbers = [hour.calls, hour.talk, hour.erlangs].map(shown);
        data.push(
            [vec![Language::hour(hour.hour)], numbers.to_vec(), vec![lang.integer(hour.people)]].concat(),
        );
    }
    let busiest = hours.iter().max_by_key(|hour| (hour.people, -hour.hour));
    let goal = lang.percent(Decimal::new(goal_percent.into(), 0));
    let within = lang.duration(answer_within);
    let says = busiest.filter(|hour| hour.people > 0).map(|hour| {
        let people = format!("{} {}", lang.integer(hour.people), lang.counted(hour.people, texts::PEOPLE));
        lang.fill(texts::LOAD_SAYS, &[&Language::hour(hour.hour), &people, &goal, &within])
    });
    let mut legend = vec![
        ("load", lang.say(texts::LOAD_LEGEND).to_owned()),
        ("needed", lang.fill(texts::NEEDED_LEGEND, &[&goal, &within])),
    ];
    let mut counted = vec![lang.say(texts::LOAD_COUNTED).to_owned()];
    if !peaks.is_empty() {
        legend.push(("peak", lang.say(texts::PEAK_LEGEND).to_owned()));
        let list: Vec<_> =
            peaks.iter().map(|peak| format!("{} – {}", peak.when, lang.integer(peak.lines))).collect();
        counted.push(lang.fill(texts::PEAKS_COUNTED, &[&list.join("; ")]));
    }
    Some(Section {
        name: "load",
        is_wide: false,
        title: texts::LOAD,
        says,
        legend,
        figure: draw(&hours, &peaks, lang).finish(
            "load",
            lang.say(texts::LOAD),
            lang.say(texts::LOAD_DESCRIPTION),
        ),
        metrics: &["load", "staff"],
        counted,
        data: Some(data),
    })
}

fn draw(hours: &[Slot], peaks: &[Peak], lang: Language) -> Drawing {
    const LEFT: f64 = 36.0;
    const TOP: f64 = 14.0;
    const LOW: f64 = 232.0;
    let mut drawing = Drawing::new(HALF, LOW + 38.0);
    let first = hours.iter().map(|hour| hour.hour).min().unwrap_or(0);
    let last = hours.iter().map(|hour| hour.hour).max().unwrap_or(23);
    let wide = (HALF - LEFT - 6.0) / real(last - first + 1);
    let x = |hour: i64| LEFT + wide * real(hour - first);
    let in_view = |peak: &&Peak| (first..=last).contains(&peak.hour);
    let most =
        hours.iter().map(|hour| hour.people).chain(peaks.iter().filter(in_view).map(|peak| peak.lines));
    let scale = Scale::to(most.max().unwrap_or(1), 5, (LOW, TOP));
    for tick in scale.ticks() {
        let y = scale.at(real(tick));
        drawing.line(if tick == 0 { "axis" } else { "grid" }, (LEFT, y), (HALF - 6.0, y));
        drawing.text("tick", (LEFT - 6.0, y + 4.0), Anchor::End, &lang.integer(tick));
    }
    for hour in hours {
        let Some(erlangs) = hour.erlangs else { continue };
        let top = scale.at(fraction(erlangs));
        let said = format!(
            "{}: {} – {}",
            Language::hour(hour.hour),
            lang.say(texts::LOAD_LEGEND),
            lang.decimal(erlangs)
        );
        drawing.bar("load", (x(hour.hour) + 1.5, top), (wide - 3.0, LOW - top), &said);
    }
    // Hours without calls are a gap in the steps.
    for run in hours.chunk_by(|left, right| left.hour + 1 == right.hour) {
        let steps = run.iter().flat_map(|hour| {
            let y = scale.at(real(hour.people));
            [(x(hour.hour), y), (x(hour.hour + 1), y)]
        });
        drawing.polyline("needed", &steps.collect::<Vec<_>>());
    }
    for hour in hours {
        let y = scale.at(real(hour.people));
        let said = format!(
            "{}: {} – {}",
            Language::hour(hour.hour),
            lang.say(texts::PEOPLE_NEEDED),
            lang.integer(hour.people)
        );
        drawing.bar("hit", (x(hour.hour), y - 5.0), (wide, 10.0), &said);
    }
    for peak in peaks.iter().filter(in_view) {
        let at = (x(peak.hour) + wide / 2.0, scale.at(real(peak.lines)));
        let said = format!("{}: {} – {}", peak.when, lang.say(texts::PEAK_LEGEND), lang.integer(peak.lines));
        drawing.dot("peak", at, 4.0, &said);
    }
    let every = if last - first > 12 { 2 } else { 1 };
    for hour in (first..=last).filter(|hour| hour % every == 0) {
        drawing.text("tick", (x(hour), LOW + 16.0), Anchor::Middle, &hour.to_string());
    }
    drawing.text("tick", (f64::midpoint(LEFT, HALF), LOW + 33.0), Anchor::Middle, lang.say(texts::HOUR_AXIS));
    drawing
}
