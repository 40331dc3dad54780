//! The first sentences: what happened, and what to do about it.

use std::fmt::Write as _;

use super::{
    Report,
    locale::FEW,
    reading::{Results, Row},
    reason_words::{self, Fixer},
    svg::escape,
    texts, tiles,
};
use crate::{language::Language, shape};

/// What happened, its numbers as `strong` marks them.
pub(super) fn happened(report: &Report, lang: Language, strong: fn(&str) -> String) -> String {
    let results = Results(&report.tables);
    let offered = tiles::offered(results).unwrap_or(0);
    let missed = results.row(&shape::ABANDONMENT).map_or(0, |row| row.count("missed"));
    let lost = lost_people(results);
    let calls = format!("{} {}", lang.integer(offered), lang.counted(offered, texts::OF_CALLS));
    if offered == 0 {
        return lang.say(texts::NO_CALLS).to_owned();
    }
    if missed == 0 {
        return lang.fill(texts::NONE_MISSED, &[&calls]);
    }
    let share = lang.share(missed, offered).filter(|share| share.contains('%'));
    let share = share.map_or_else(String::new, |share| format!(" ({share})"));
    let mut said = lang.fill(texts::YOU_MISSED, &[&strong(&lang.integer(missed)), &calls, &share]);
    if lost > 0 {
        let people = format!("{} {}", lang.integer(lost), lang.counted(lost, texts::PEOPLE));
        said.push(' ');
        said.push_str(&lang.fill(texts::NOT_REACHED, &[&strong(&people)]));
    }
    said
}

/// What to do about it, with the part of the page that tells more.
pub(super) fn todo(report: &Report, lang: Language) -> Vec<(&'static str, String)> {
    let results = Results(&report.tables);
    let lost = lost_people(results);
    let call_back = (lost > 0).then(|| {
        let people = format!("{} {}", lang.integer(lost), lang.counted(lost, texts::PEOPLE_DATIVE));
        ("callbacks", lang.fill(texts::DO_CALL_BACK, &[&people]))
    });
    [call_back, reason(results, lang), hour(results, lang)].into_iter().flatten().collect()
}

pub(super) fn write(report: &Report, lang: Language, out: &mut String) {
    let happened = happened(report, lang, |text| format!("<b>{text}</b>"));
    _ = write!(out, "<p class=\"lead\">{happened}</p>");
    let todo = todo(report, lang);
    if todo.is_empty() {
        return;
    }
    _ = write!(out, "<h2 class=\"todo\">{}</h2><ol class=\"todo\">", lang.say(texts::WHAT_TO_DO));
    for (anchor, text) in todo {
        _ = write!(out, "<li><a href=\"#{anchor}\">{}</a></li>", escape(&text));
    }
    out.push_str("</ol>");
}

fn lost_people(results: Results<'_>) -> i64 {
    results.row(&shape::NOT_CALLED_BACK).map_or(0, |row| row.count("lost_people"))
}

/// The most frequent reason that an administrator or the owner can do away with, or else people.
fn reason(results: Results<'_>, lang: Language) -> Option<(&'static str, String)> {
    let rows: Vec<_> = results.rows(&shape::PARETO).collect();
    let all = rows.iter().map(|row| row.count("legs")).sum::<i64>();
    // One in twenty is worth a walk.
    let heavy = rows.iter().filter(|row| row.count("legs") * 20 >= all).filter_map(|row| {
        let (name, fixer) = reason_words::of(row.text("finish_reason")?, lang);
        Some((name, fixer, row.count("legs")))
    });
    let heavy: Vec<_> = heavy.collect();
    let by = |wanted: &[Fixer]| heavy.iter().find(|(_, fixer, _)| wanted.contains(fixer));
    let (name, fixer, legs) = by(&[Fixer::Admin, Fixer::Owner]).or_else(|| by(&[Fixer::People]))?;
    let of = match lang.share(*legs, all)? {
        share if share.contains('%') => format!("{} ({share})", lang.of(*legs, all)),
        share => share,
    };
    let ask = match fixer {
        Fixer::Admin => texts::DO_ADMIN,
        Fixer::Owner => texts::DO_OWNER,
        Fixer::People | Fixer::Nobody => texts::DO_PEOPLE,
    };
    Some(("reasons", lang.fill(ask, &[name, &of])))
}

/// The hour of the week in which most calls are missed.
fn hour(results: Results<'_>, lang: Language) -> Option<(&'static str, String)> {
    let many = |row: &Row<'_>| row.count("offered") >= FEW && row.count("missed") * 10 > row.count("offered");
    let rows = results.rows(&shape::HEATMAP).filter(many);
    let worst = rows.max_by_key(|row| (row.count("missed"), -row.count("weekday"), -row.count("hour")))?;
    let when =
        format!("{} {}", lang.long_weekday(worst.count("weekday")), Language::hour(worst.count("hour")));
    let of = lang.of(worst.count("missed"), worst.count("offered"));
    Some(("hours", lang.fill(texts::DO_STAFF, &[&when, &of])))
}
