//! Who hands calls on to whom: the heaviest pairs, and a flow where few people take part.

use std::fmt::Write as _;

use super::super::{
    Report,
    data_table::DataTable,
    reading::Results,
    section::{Section, WIDE},
    svg::{Anchor, Drawing, escape, real},
    texts,
};
use crate::{language::Language, shape};

/// With more people a flow is a knot.
const MOST_PEOPLE: usize = 12;
const PAIRS: usize = 10;

/// Who, and how many calls.
type Side<'a> = Vec<(&'a str, i64)>;

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let pairs: Vec<_> = Results(&report.tables)
        .rows(&shape::TRANSFERS)
        .filter_map(|row| {
            Some((row.text("from_who")?, row.text("to_who").unwrap_or("–"), row.count("transfers")))
        })
        .collect();
    let heaviest = *pairs.first()?;
    let mut data = DataTable::new(vec![texts::FROM, texts::TO, texts::TRANSFERS], 2);
    for (from, to, count) in &pairs {
        data.push(vec![(*from).to_owned(), (*to).to_owned(), lang.integer(*count)]);
    }
    let (left, right) = (side(&pairs, |pair| pair.0), side(&pairs, |pair| pair.1));
    let mut names: Vec<_> = left.iter().chain(&right).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let figure = if names.len() <= MOST_PEOPLE {
        let drawn = draw(&pairs, &left, &right, lang);
        drawn.finish("transfers", lang.say(texts::TRANSFERS), lang.say(texts::TRANSFERS_DESCRIPTION))
    } else {
        table(&pairs, lang)
    };
    let (from, to, count) = heaviest;
    let back = pairs.iter().find(|pair| (pair.0, pair.1) == (to, from)).map(|pair| pair.2);
    let says = match back {
        Some(back) if back * 2 > count => {
            lang.fill(texts::PING_PONG, &[from, to, &lang.integer(count), &lang.integer(back)])
        }
        _ => lang.fill(texts::TRANSFERS_SAY, &[from, to, &lang.integer(count)]),
    };
    Some(Section {
        name: "transfers",
        is_wide: true,
        title: texts::TRANSFERS,
        says: Some(says),
        legend: Vec::new(),
        figure,
        metrics: &["transfers"],
        counted: vec![lang.say(texts::TRANSFERS_COUNTED).to_owned()],
        data: Some(data),
    })
}

/// Names with their sums, heaviest first.
fn side<'a>(pairs: &[(&'a str, &'a str, i64)], of: fn(&(&'a str, &'a str, i64)) -> &'a str) -> Side<'a> {
    let mut found = Side::new();
    for pair in pairs {
        match found.iter_mut().find(|(name, _)| *name == of(pair)) {
            Some((_, count)) => *count += pair.2,
            None => found.push((of(pair), pair.2)),
        }
    }
    found.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    found
}

fn draw(pairs: &[(&str, &str, i64)], left: &Side<'_>, right: &Side<'_>, lang: Language) -> Drawing {
    const TOP: f64 = 24.0;
    const SIDES: (f64, f64) = (230.0, WIDE - 230.0);
    const NODE: f64 = 12.0;
    const GAP: f64 = 8.0;
    let all: i64 = pairs.iter().map(|pair| pair.2).sum();
    let most = real(i64::try_from(left.len().max(right.len())).unwrap_or(1));
    let one = (most * 26.0).max(120.0) / real(all.max(1));
    // A thin node has the room of its name.
    let high = |count: i64| (one * real(count)).max(16.0);
    let tall = |side: &Side<'_>| side.iter().map(|(_, count)| high(*count) + GAP).sum::<f64>();
    let mut drawing = Drawing::new(WIDE, TOP + tall(left).max(tall(right)) + 2.0);
    drawing.text("tick", (SIDES.0, 12.0), Anchor::End, lang.say(texts::FROM));
    drawing.text("tick", (SIDES.1, 12.0), Anchor::Start, lang.say(texts::TO));
    let places = |side: &Side<'_>| {
        let mut y = TOP;
        let place = |(_, count): &(&str, i64)| {
            let at = y;
            y += high(*count) + GAP;
            at
        };
        side.iter().map(place).collect::<Vec<_>>()
    };
    let (mut from, mut to) = (places(left), places(right));
    for (side, places, x, anchor, at) in [
        (left, &from, SIDES.0 - NODE, Anchor::End, SIDES.0 - NODE - 8.0),
        (right, &to, SIDES.1, Anchor::Start, SIDES.1 + NODE + 8.0),
    ] {
        for ((name, count), y) in side.iter().zip(places) {
            let said = format!("{name}: {}", lang.integer(*count));
            drawing.bar("stem", (x, *y), (NODE, high(*count)), &said);
            let text = format!("{} · {}", short(name), lang.integer(*count));
            drawing.text("", (at, y + high(*count) / 2.0 + 4.0), anchor, &text);
        }
    }
    for (one_from, one_to, count) in pairs {
        let found = |side: &Side<'_>, name: &str| side.iter().position(|(it, _)| *it == name);
        let (Some(start), Some(end)) = (found(left, one_from), found(right, one_to)) else { continue };
        let (Some(start), Some(end)) = (from.get_mut(start), to.get_mut(end)) else { continue };
        let thick = one * real(*count);
        let said = format!("{one_from} → {one_to}: {}", lang.integer(*count));
        drawing.band("band flow", (SIDES.0, *start), (SIDES.1, *end), thick.max(1.0), &said);
        *start += thick;
        *end += thick;
    }
    drawing
}

/// A name that fits beside a drawing.
fn short(name: &str) -> String {
    const MOST: usize = 26;
    if name.chars().count() <= MOST {
        name.to_owned()
    } else {
        name.chars().take(MOST - 1).chain(['…']).collect()
    }
}

fn table(pairs: &[(&str, &str, i64)], lang: Language) -> String {
    let most = pairs.iter().map(|pair| pair.2).max().unwrap_or(1).max(1);
    let mut out = String::from("<table class=\"grid\"><thead><tr>");
    for (head, class) in [(texts::FROM, " class=\"t\""), (texts::TO, " class=\"t\""), (texts::TRANSFERS, "")]
    {
        _ = write!(out, "<th scope=\"col\"{class}>{}</th>", lang.say(head));
    }
    out.push_str("</tr></thead><tbody>");
    for (from, to, count) in pairs.iter().take(PAIRS) {
        let (from, to, width) = (escape(from), escape(to), 100 * count / most);
        _ = write!(
            out,
            "<tr><td class=\"t\">{from}</td><td class=\"t\">{to}</td>\
             <td class=\"meter\"><b style=\"width:{width}%\"></b><span>{}</span></td></tr>",
            lang.integer(*count)
        );
    }
    out.push_str("</tbody></table>");
    out
}
