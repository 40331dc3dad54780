//! Load by half hour of the day: people who were there and people needed, and below, by the same hours, lines in use.

use super::super::{
    Report,
    data_table::DataTable,
    section::{Figure, HALF, Section},
    svg::{Anchor, Drawing, Scale, fraction, real},
    texts,
};
use crate::{
    erlang::{self, Goal, Load},
    language::{Both, Language},
    parameters::Parameters,
    table::Decimal,
    tally::HalfHour,
};

/// A half hour, in seconds, and an hour.
const STEP: i64 = 1800;
const HOUR: i64 = 3600;
/// Hundredths of calls in a half hour from which people are planned for it.
const BUSY: i64 = 100;

/// A half hour with what follows from it.
struct Slot {
    of: HalfHour,
    erlangs: Option<Decimal>,
    /// `None` where nothing is known of talk.
    needed: Option<i64>,
}

impl Slot {
    fn new(of: HalfHour, goal: Goal) -> Self {
        let talk = of.talk.map_or(0.0, fraction);
        let needed = erlang::people(Load::new(fraction(of.calls) * 2.0, talk), goal);
        let erlangs = of.talk.and_then(|talk| {
            // Hundredths of calls, tenths of seconds.
            Decimal::quotient(of.calls.units().checked_mul(talk.units())?, 1000 * STEP, 2)
        });
        let needed = needed.filter(|_| talk > 0.0 && of.calls.units() > 0);
        Self { of, erlangs, needed: needed.map(|needed| needed.on_phones.into()) }
    }

    fn name(&self) -> String {
        let time = |second: i64| format!("{}:{:02}", second / HOUR, second % HOUR / 60);
        format!("{}–{}", time(self.of.start), time(self.of.start + STEP))
    }

    /// Tenths of people who were needed and not there.
    fn lacking(&self) -> i64 {
        (self.needed.unwrap_or(0) * 10 - self.of.people.units()).max(0)
    }
}

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let Parameters { answer_within, goal_percent, .. } = report.parameters;
    let mut goal = Goal::default();
    (goal.in_time, goal.answer_within) = (f64::from(goal_percent) / 100.0, real(answer_within));
    let slots: Vec<_> = report.half_hours.iter().map(|half_hour| Slot::new(*half_hour, goal)).collect();
    if slots.is_empty() {
        return None;
    }
    let mut data = DataTable::new(
        vec![
            texts::HALF_HOUR,
            texts::PEOPLE_THERE,
            texts::PEOPLE_NEEDED,
            texts::CALLS_HEAD,
            texts::TALK_SECONDS,
            texts::ERLANGS,
            texts::LINES,
            texts::MOST_LINES,
        ],
        1,
    )
    .signs(texts::THERE, texts::LACKING);
    let shown = |number: Option<Decimal>| number.map_or_else(|| "–".to_owned(), |it| lang.decimal(it));
    for slot in &slots {
        let row = vec![
            slot.name(),
            lang.decimal(slot.of.people),
            slot.needed.map_or_else(|| "–".to_owned(), |needed| lang.integer(needed)),
            lang.decimal(slot.of.calls),
            shown(slot.of.talk),
            shown(slot.erlangs),
            lang.decimal(slot.of.lines),
            lang.integer(slot.of.peak),
        ];
        data.push_drawn(row, [slot.of.people.units(), slot.lacking()]);
    }
    let goal = lang.percent(Decimal::new(goal_percent.into(), 0));
    let within = lang.duration(answer_within);
    let people = |count: i64| format!("{} {}", lang.integer(count), lang.counted(count, texts::PEOPLE));
    // Where hardly anybody calls, one person is always lacking; half a person is within what an estimate can tell.
    let busy = || slots.iter().filter(|slot| slot.of.calls.units() >= BUSY);
    let widest = busy().max_by_key(|slot| (slot.lacking(), -slot.of.start));
    let says = widest.filter(|slot| slot.lacking() >= 5).and_then(|slot| {
        let there = lang.decimal(slot.of.people);
        Some(lang.fill(texts::LOAD_LACKS, &[&slot.name(), &people(slot.needed?), &there]))
    });
    let enough = || {
        let busiest = busy().max_by_key(|slot| (slot.needed, -slot.of.start))?;
        let needed = people(busiest.needed?);
        Some(lang.fill(texts::LOAD_SUFFICES, &[&busiest.name(), &needed, &lang.decimal(busiest.of.people)]))
    };
    let needed = lang.fill(texts::NEEDED_LEGEND, &[&goal, &within]);
    let legend = [
        ("load", lang.say(texts::THERE_LEGEND)),
        ("needed", &needed),
        ("missed", lang.say(texts::LACKING)),
        ("lines", lang.say(texts::LINES_LEGEND)),
        ("most", lang.say(texts::MOST_LINES_LEGEND)),
    ];
    let figure = draw(&slots, lang).finish("load", lang.say(texts::LOAD), lang.say(texts::LOAD_DESCRIPTION));
    Some(Section {
        name: "load",
        is_wide: false,
        title: texts::LOAD,
        says: says.or_else(enough),
        legend: legend.map(|(sign, text)| (sign, text.to_owned())).to_vec(),
        figure: Figure::Drawing(figure),
        metrics: &["load", "staff"],
        counted: [texts::LOAD_COUNTED, texts::THERE_COUNTED, texts::LINES_COUNTED]
            .map(|text| lang.say(text).to_owned())
            .to_vec(),
        data,
    })
}

const LEFT: f64 = 36.0;
const RIGHT: f64 = HALF - 6.0;
/// Both panels: where they begin and end.
const PEOPLE: (f64, f64) = (22.0, 158.0);
const LINES: (f64, f64) = (198.0, 288.0);

fn draw(slots: &[Slot], lang: Language) -> Drawing {
    let mut drawing = Drawing::new(HALF, LINES.1 + 38.0);
    let first = slots.first().map_or(0, |slot| slot.of.start).div_euclid(HOUR) * HOUR;
    let last = slots.last().map_or(0, |slot| slot.of.start + STEP);
    let last = (last + HOUR - 1).div_euclid(HOUR) * HOUR;
    let one = (RIGHT - LEFT) / real((last - first).max(HOUR));
    let x = |second: i64| LEFT + one * real(second - first);
    let wide = one * real(STEP);
    let whole = |number: Decimal| (number.units() + 9) / 10;

    let most = slots.iter().map(|slot| slot.needed.unwrap_or(0).max(whole(slot.of.people))).max();
    let people = panel(&mut drawing, most, PEOPLE, texts::PEOPLE_TITLE, lang);
    let most = slots.iter().map(|slot| slot.of.peak.max(whole(slot.of.lines))).max();
    let lines = panel(&mut drawing, most, LINES, texts::LINES, lang);
    for slot in slots {
        let (x, name) = (x(slot.of.start), slot.name());
        let there = people.at(fraction(slot.of.people));
        let needed = slot.needed.map_or_else(|| "–".to_owned(), |needed| lang.integer(needed));
        let said = |what: Both, number: &str| format!("{}: {number}", lang.say(what));
        let of_people =
            [said(texts::PEOPLE_THERE, &lang.decimal(slot.of.people)), said(texts::PEOPLE_NEEDED, &needed)];
        drawing.bar("load", (x + 0.5, there), (wide - 1.0, PEOPLE.1 - there), "");
        if slot.lacking() > 0 {
            let top = people.at(real(slot.needed.unwrap_or(0)));
            drawing.bar("missed", (x + 0.5, top), (wide - 1.0, there - top), "");
        }
        let whole = (wide, PEOPLE.1 - PEOPLE.0);
        drawing.bar("hit", (x, PEOPLE.0), whole, &format!("{name}. {}", of_people.join("; ")));
        let mean = lines.at(fraction(slot.of.lines));
        drawing.bar("lines", (x + 0.5, mean), (wide - 1.0, LINES.1 - mean), "");
        let of_lines = [
            said(texts::LINES, &lang.decimal(slot.of.lines)),
            said(texts::MOST_LINES, &lang.integer(slot.of.peak)),
        ];
        let whole = (wide, LINES.1 - LINES.0);
        drawing.bar("hit", (x, LINES.0), whole, &format!("{name}. {}", of_lines.join("; ")));
    }
    let steps = |class, scale: Scale, value: &dyn Fn(&Slot) -> Option<i64>, drawing: &mut Drawing| {
        // Where there is no value is a gap.
        for run in slots.chunk_by(|one, other| value(one).is_some() == value(other).is_some()) {
            let points = run.iter().filter_map(|slot| {
                let y = scale.at(real(value(slot)?));
                Some([(x(slot.of.start), y), (x(slot.of.start + STEP), y)])
            });
            let points: Vec<_> = points.flatten().collect();
            if !points.is_empty() {
                drawing.polyline(class, &points);
            }
        }
    };
    steps("needed", people, &|slot| slot.needed, &mut drawing);
    steps("most", lines, &|slot| Some(slot.of.peak), &mut drawing);

    let hours = (last - first) / HOUR;
    let every = if hours > 12 { 2 } else { 1 };
    for hour in (first / HOUR..=last / HOUR).filter(|hour| hour % every == 0) {
        let anchor = if hour == 24 { Anchor::End } else { Anchor::Middle };
        drawing.text("tick", (x(hour * HOUR), LINES.1 + 16.0), anchor, &hour.to_string());
    }
    drawing.text(
        "tick",
        (f64::midpoint(LEFT, HALF), LINES.1 + 33.0),
        Anchor::Middle,
        lang.say(texts::HOUR_AXIS),
    );
    drawing
}

/// A panel with its name, from zero to a round number.
fn panel(
    drawing: &mut Drawing,
    most: Option<i64>,
    (top, low): (f64, f64),
    name: Both,
    lang: Language,
) -> Scale {
    let scale = Scale::to(most.unwrap_or(1), 4, (low, top));
    for tick in scale.ticks() {
        let y = scale.at(real(tick));
        drawing.line(if tick == 0 { "axis" } else { "grid" }, (LEFT, y), (RIGHT, y));
        drawing.text("tick", (LEFT - 6.0, y + 4.0), Anchor::End, &lang.integer(tick));
    }
    drawing.text("strong", (LEFT, top - 9.0), Anchor::Start, lang.say(name));
    scale
}
