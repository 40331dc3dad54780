//! Who hands calls on to whom: a flow from group to group, beside it the heaviest pairs of people. Where rings have no groups
//! the flow is of people, if they are few.

use std::fmt::Write as _;

use super::super::{
    Report,
    data_table::DataTable,
    reading::Results,
    section::{Figure, Section},
    svg::{Anchor, Drawing, escape, real},
    texts,
};
use crate::{language::Language, shape};

/// With more people, or more groups on a side, a flow is a knot.
const MOST_PEOPLE: usize = 12;
const MOST_GROUPS: usize = 8;
const PAIRS: usize = 10;
/// Of the drawing, which has the table beside it.
const WIDTH: f64 = 500.0;

/// From whom, to whom, how many calls.
type Pair<'a> = (&'a str, &'a str, i64);
/// Who, and how many calls.
type Side<'a> = Vec<(&'a str, i64)>;

pub(in super::super) fn section(report: &Report, lang: Language) -> Option<Section> {
    let people: Vec<_> = Results(&report.tables)
        .rows(&shape::TRANSFERS)
        .filter_map(|row| {
            Some((row.text("from_who")?, row.text("to_who").unwrap_or("–"), row.count("transfers")))
        })
        .collect();
    let unnamed = lang.say(texts::NO_NAME);
    let groups: Vec<_> = report
        .group_transfers
        .iter()
        .map(|pair| {
            let [from, to] = [&pair.from, &pair.to].map(|name| name.as_deref().unwrap_or(unnamed));
            (from, to, pair.count)
        })
        .collect();
    // Without groups few people may still be told apart.
    let (pairs, is_groups) = if groups.is_empty() { (&people, false) } else { (&groups, true) };
    let heaviest = *pairs.first()?;
    let mut data = DataTable::new(vec![texts::FROM, texts::TO, texts::TRANSFERS], 2);
    for (from, to, count) in pairs {
        data.push_drawn(vec![(*from).to_owned(), (*to).to_owned(), lang.integer(*count)], [*count, 0]);
    }
    let other = lang.say(texts::OTHERS);
    let drawn = is_groups.then(|| folded(pairs, other)).or_else(|| {
        let mut names: Vec<_> = pairs.iter().flat_map(|pair| [pair.0, pair.1]).collect();
        names.sort_unstable();
        names.dedup();
        (names.len() <= MOST_PEOPLE).then(|| pairs.clone())
    });
    let mut figure = String::from("<div class=\"beside\">");
    if let Some(pairs) = drawn {
        let (left, right) = (side(&pairs, |pair| pair.0), side(&pairs, |pair| pair.1));
        let drawing = draw(&pairs, &left, &right, lang);
        figure.push_str(&drawing.finish(
            "transfers",
            lang.say(texts::TRANSFERS),
            lang.say(texts::TRANSFERS_DESCRIPTION),
        ));
    }
    table(&people, lang, &mut figure);
    figure.push_str("</div>");
    let (from, to, count) = heaviest;
    let back = pairs.iter().find(|pair| from != to && (pair.0, pair.1) == (to, from)).map(|pair| pair.2);
    let says = match back {
        Some(back) if back * 2 > count => {
            lang.fill(texts::PING_PONG, &[from, to, &lang.integer(count), &lang.integer(back)])
        }
        _ => lang.fill(texts::TRANSFERS_SAY, &[from, to, &lang.integer(count)]),
    };
    let mut counted = vec![lang.say(texts::TRANSFERS_COUNTED).to_owned()];
    if is_groups {
        counted.push(lang.say(texts::GROUP_TRANSFERS_COUNTED).to_owned());
    }
    Some(Section {
        name: "transfers",
        is_wide: true,
        title: texts::TRANSFERS,
        says: Some(says),
        legend: Vec::new(),
        figure: Figure::Drawing(figure),
        metrics: &["transfers"],
        counted,
        data,
    })
}

/// Pairs of the heaviest names; the others are one.
fn folded<'a>(pairs: &[Pair<'a>], other: &'a str) -> Vec<Pair<'a>> {
    let few = |of: fn(&Pair<'a>) -> &'a str| {
        side(pairs, of).into_iter().map(|(name, _)| name).take(MOST_GROUPS).collect::<Vec<_>>()
    };
    let (left, right) = (few(|pair| pair.0), few(|pair| pair.1));
    let mut found: Vec<Pair<'_>> = Vec::new();
    for (from, to, count) in pairs {
        let from = if left.contains(from) { from } else { other };
        let to = if right.contains(to) { to } else { other };
        match found.iter_mut().find(|pair| (pair.0, pair.1) == (from, to)) {
            Some(pair) => pair.2 += count,
            None => found.push((from, to, *count)),
        }
    }
    found
}

/// Names with their sums, heaviest first.
fn side<'a>(pairs: &[Pair<'a>], of: fn(&Pair<'a>) -> &'a str) -> Side<'a> {
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

fn draw(pairs: &[Pair<'_>], left: &Side<'_>, right: &Side<'_>, lang: Language) -> Drawing {
    const TOP: f64 = 24.0;
    const SIDES: (f64, f64) = (160.0, WIDTH - 160.0);
    const NODE: f64 = 10.0;
    const GAP: f64 = 8.0;
    let all: i64 = pairs.iter().map(|pair| pair.2).sum();
    let most = real(i64::try_from(left.len().max(right.len())).unwrap_or(1));
    let one = (most * 26.0).max(210.0) / real(all.max(1));
    // A thin node has the room of its name.
    let high = |count: i64| (one * real(count)).max(16.0);
    let tall = |side: &Side<'_>| side.iter().map(|(_, count)| high(*count) + GAP).sum::<f64>();
    let mut drawing = Drawing::new(WIDTH, TOP + tall(left).max(tall(right)) + 2.0);
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
    const MOST: usize = 18;
    if name.chars().count() <= MOST {
        name.to_owned()
    } else {
        name.chars().take(MOST - 1).chain(['…']).collect()
    }
}

/// The heaviest pairs of people.
fn table(pairs: &[Pair<'_>], lang: Language, out: &mut String) {
    let Some(most) = pairs.iter().map(|pair| pair.2).max() else { return };
    out.push_str("<table class=\"grid\"><thead><tr>");
    for (head, class) in [(texts::FROM, " class=\"t\""), (texts::TO, " class=\"t\""), (texts::CALLS_HEAD, "")]
    {
        _ = write!(out, "<th scope=\"col\"{class}>{}</th>", lang.say(head));
    }
    out.push_str("</tr></thead><tbody>");
    for (from, to, count) in pairs.iter().take(PAIRS) {
        let (from, to, width) = (escape(from), escape(to), 100 * count / most.max(1));
        _ = write!(
            out,
            "<tr><td class=\"t\">{from}</td><td class=\"t\">{to}</td>\
             <td class=\"meter\"><b style=\"width:{width}%\"></b><span>{}</span></td></tr>",
            lang.integer(*count)
        );
    }
    out.push_str("</tbody></table>");
}
