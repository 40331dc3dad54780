//! The five figures at the top, each with that of the period before.

use std::{cmp::Ordering, fmt::Write as _};

use super::{
    Report,
    locale::FEW,
    reading::Results,
    svg::{escape, fraction},
    texts,
};
use crate::{
    language::{Both, Language},
    shape,
    table::Decimal,
};

/// Whether more is good.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    More,
    Less,
    Neither,
}

/// A figure of one period.
struct Figure {
    value: String,
    /// What it is compared by; `None` where it is of few calls.
    number: Option<Decimal>,
    said: String,
}

struct Tile {
    key: &'static str,
    title: Both,
    anchor: &'static str,
    wish: Wish,
    /// The unit of a difference.
    unit: Both,
    /// A bar from 0 to 100 with the goal.
    is_level: bool,
    figure: fn(Results<'_>, &Report, Language) -> Option<Figure>,
}

static TILES: [Tile; 5] = [
    Tile {
        key: "service-level",
        title: texts::SERVICE_LEVEL,
        anchor: "days",
        wish: Wish::More,
        unit: texts::POINTS,
        is_level: true,
        figure: service_level,
    },
    Tile {
        key: "missed",
        title: texts::MISSED,
        anchor: "hours",
        wish: Wish::Less,
        unit: texts::POINTS,
        is_level: false,
        figure: missed,
    },
    Tile {
        key: "waits",
        title: texts::SPEED,
        anchor: "waits",
        wish: Wish::Less,
        unit: texts::SECONDS,
        is_level: false,
        figure: speed,
    },
    Tile {
        key: "talk",
        title: texts::AVERAGE_TALK,
        anchor: "load",
        wish: Wish::Neither,
        unit: texts::SECONDS,
        is_level: false,
        figure: talk,
    },
    Tile {
        key: "callbacks",
        title: texts::NEVER_REACHED,
        anchor: "callbacks",
        wish: Wish::Less,
        unit: texts::NO_UNIT,
        is_level: false,
        figure: never_reached,
    },
];

/// A tile as it is shown.
pub(super) struct Shown {
    tile: &'static Tile,
    figure: Figure,
    /// Where there is an earlier period.
    change: Option<Change>,
}

/// How a figure has changed.
struct Change {
    /// What it was.
    was: String,
    /// By how much it differs, and whether that is good.
    difference: Option<(String, &'static str, &'static str)>,
}

impl Shown {
    pub(super) const fn key(&self) -> &'static str {
        self.tile.key
    }

    pub(super) fn title(&self, lang: Language) -> &'static str {
        lang.say(self.tile.title)
    }

    pub(super) fn value(&self) -> &str {
        &self.figure.value
    }

    pub(super) fn said(&self) -> &str {
        &self.figure.said
    }

    /// What it was, and how it differs.
    pub(super) fn change(&self) -> Option<String> {
        let Change { was, difference } = self.change.as_ref()?;
        let difference = difference.as_ref().map(|(number, _, word)| format!("{number} {word}"));
        let parts: Vec<_> = [Some(was.clone()), difference].into_iter().flatten().collect();
        Some(parts.join(" ").trim_end().to_owned())
    }
}

/// Those whose results are there.
pub(super) fn shown(report: &Report, lang: Language) -> Vec<Shown> {
    let shown = |tile: &'static Tile| {
        let figure = (tile.figure)(Results(&report.tables), report, lang)?;
        let change = report.previous.as_ref().map(|previous| {
            let before = (tile.figure)(Results(&previous.tables), report, lang);
            change(tile, &figure, before.as_ref(), lang)
        });
        Some(Shown { tile, figure, change })
    };
    TILES.iter().filter_map(shown).collect()
}

pub(super) fn write(report: &Report, lang: Language, out: &mut String) {
    out.push_str("<div class=\"tiles\">");
    for shown in shown(report, lang) {
        let Tile { key, anchor, .. } = shown.tile;
        let (title, value, said) = (shown.title(lang), shown.value(), escape(shown.said()));
        _ = write!(
            out,
            "<a class=\"tile\" href=\"#{anchor}\"><span class=\"name\">{title}</span><b>{value}</b>"
        );
        if let Some(number) = shown.figure.number.filter(|_| shown.tile.is_level) {
            let (width, goal) = (fraction(number), report.parameters.goal_percent);
            _ = write!(
                out,
                "<span class=\"gauge\"><i style=\"width:{width:.1}%\"></i><u style=\"left:{goal}%\"></u></span>"
            );
        }
        _ = write!(out, "<small>{said}</small>");
        if let Some(Change { was, difference }) = &shown.change {
            _ = write!(out, "<span class=\"change\">{was}");
            if let Some((number, class, word)) = difference {
                let said = format!("{number} {word}");
                _ = write!(out, " <em class=\"{class}\">{}</em>", said.trim_end());
            }
            out.push_str("</span>");
        }
        _ = write!(out, "<code>{key}</code></a>");
    }
    out.push_str("</div>");
}

fn change(tile: &Tile, now: &Figure, before: Option<&Figure>, lang: Language) -> Change {
    let Some(before) = before else {
        return Change { was: lang.say(texts::NO_PREVIOUS).to_owned(), difference: None };
    };
    let was = lang.fill(texts::WAS, &[&before.value]);
    let difference = now.number.zip(before.number).filter(|(now, before)| now.places() == before.places());
    let difference = difference.map(|(now, before)| Decimal::new(now.units() - before.units(), now.places()));
    let Some(difference) = difference else { return Change { was, difference: None } };
    let (sign, way) = match difference.units().cmp(&0) {
        Ordering::Greater => ("▲\u{202f}+", Wish::More),
        Ordering::Less => ("▼\u{202f}", Wish::Less),
        Ordering::Equal => return Change { was: lang.say(texts::AS_BEFORE).to_owned(), difference: None },
    };
    let (class, word) = match tile.wish {
        Wish::Neither => ("", ""),
        wish if wish == way => ("good", lang.say(texts::BETTER)),
        Wish::More | Wish::Less => ("bad", lang.say(texts::WORSE)),
    };
    let number = format!("{sign}{}", lang.unit(&lang.decimal(difference), tile.unit));
    Change { was, difference: Some((number.trim_end().to_owned(), class, word)) }
}

fn service_level(results: Results<'_>, report: &Report, lang: Language) -> Option<Figure> {
    let row = results.row(&shape::SERVICE_LEVEL)?;
    let (in_time, offered) = (row.count("answered_in_time"), row.count("offered"));
    let within = lang.duration(report.parameters.answer_within);
    Some(Figure {
        value: lang.share(in_time, offered)?,
        number: row.decimal("service_level_pct").filter(|_| offered >= FEW),
        said: lang.fill(texts::LEVEL_SAID, &[&lang.of(in_time, offered), &within]),
    })
}

fn missed(results: Results<'_>, _: &Report, lang: Language) -> Option<Figure> {
    let row = results.row(&shape::ABANDONMENT)?;
    let offered = offered(results)?;
    let [missed, left, dropped] = ["missed", "abandoned", "dropped_by_system"].map(|name| row.count(name));
    Some(Figure {
        value: lang.share(missed, offered)?,
        number: row.decimal("missed_pct").filter(|_| offered >= FEW),
        said: lang
            .fill(texts::MISSED_SAID, &[&lang.integer(missed), &lang.integer(left), &lang.integer(dropped)]),
    })
}

fn speed(results: Results<'_>, _: &Report, lang: Language) -> Option<Figure> {
    let row = results.row(&shape::ASA)?;
    let seconds = |name| Some(lang.unit(&lang.brief(row.decimal(name)?), texts::SECONDS));
    Some(Figure {
        value: seconds("asa_s")?,
        number: row.decimal("asa_s"),
        said: lang.fill(texts::SPEED_SAID, &[&seconds("p50_s")?, &seconds("p90_s")?]),
    })
}

fn talk(results: Results<'_>, _: &Report, lang: Language) -> Option<Figure> {
    let row = results.row(&shape::TALK)?;
    let mean = row.decimal("att_s")?;
    let seconds = Decimal::quotient(mean.units(), 10, 0)?.units();
    let answered = results.row(&shape::SERVICE_LEVEL).map_or(0, |row| row.count("answered"));
    Some(Figure {
        value: lang.duration(seconds),
        number: Some(mean),
        said: lang.fill(
            texts::TALK_SAID,
            &[
                &lang.hours(row.count("talk_total_s")),
                &lang.integer(answered),
                lang.counted(answered, texts::OF_ANSWERED),
            ],
        ),
    })
}

fn never_reached(results: Results<'_>, report: &Report, lang: Language) -> Option<Figure> {
    let row = results.row(&shape::NOT_CALLED_BACK)?;
    let people = row.count("lost_people");
    let window = lang.hours(report.parameters.callback_window);
    let word = lang.counted(people, texts::PEOPLE);
    Some(Figure {
        value: lang.integer(people),
        number: Some(Decimal::new(people, 0)),
        said: lang.fill(texts::NEVER_REACHED_SAID, &[word, &window]),
    })
}

/// Offered calls, by whichever result says so.
pub(super) fn offered(results: Results<'_>) -> Option<i64> {
    let level = results.row(&shape::SERVICE_LEVEL).map(|row| row.count("offered"));
    let days = || {
        results
            .table(&shape::BY_DAY)
            .map(|_| results.rows(&shape::BY_DAY).map(|row| row.count("offered")).sum())
    };
    level.or_else(days)
}
