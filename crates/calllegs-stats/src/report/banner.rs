//! What the figures are of, and how far they can be trusted.

use std::fmt::Write as _;

use super::{Header, Report, reading::Results, svg::escape, texts};
use crate::{language::Language, shape};

/// In words, how complete it is first.
pub(super) fn facts(report: &Report, lang: Language) -> Vec<String> {
    let header = &report.header;
    let days = header.day_count();
    let complete = if header.is_recorded {
        let all = || format!("✓ {}", lang.fill(texts::COMPLETE, &[&lang.of(days, days)]));
        incomplete(header, lang).map_or_else(all, |said| format!("⚠ {said}"))
    } else {
        let with_calls = Results(&report.tables).rows(&shape::BY_DAY).count();
        let with_calls = i64::try_from(with_calls).unwrap_or(i64::MAX);
        lang.fill(texts::NOT_RECORDED, &[&lang.of(with_calls, days)])
    };
    let facts = [
        Some(complete),
        header.as_of.map(|as_of| lang.fill(texts::AS_OF, &[&lang.moment(as_of)])),
        header.settles_from.map(|from| lang.fill(texts::NOT_FINAL, &[&lang.moment(from)])),
        match &header.filters {
            Some(filters) => Some(lang.fill(texts::FILTERS, &[filters])),
            // Of a file nobody knows with which conditions it was written.
            None => header.is_recorded.then(|| lang.say(texts::NO_FILTERS).to_owned()),
        },
        report.previous.as_ref().map(|previous| lang.fill(texts::COMPARED, &[&previous.when(lang)])),
        header.agreement.map(|(same, all)| {
            lang.fill(texts::AGREEMENT, &[&lang.share(same, all).unwrap_or_default(), &lang.integer(all)])
        }),
    ];
    facts.into_iter().flatten().collect()
}

/// Which days the data lacks, where it lacks any.
pub(super) fn incomplete(header: &Header, lang: Language) -> Option<String> {
    let missing = i64::try_from(header.missing.len()).ok().filter(|missing| *missing > 0)?;
    let of = lang.of(header.day_count() - missing, header.day_count());
    // A long list says no more than a short one.
    let list: Vec<_> = header.missing.iter().take(7).map(|day| lang.short_date(*day)).collect();
    let more = if missing > 7 { " …" } else { "" };
    Some(lang.fill(texts::INCOMPLETE, &[&of, &format!("{}{more}", list.join(", "))]))
}

pub(super) fn write(report: &Report, lang: Language, out: &mut String) {
    let header = &report.header;
    let class = match (header.is_recorded, header.missing.is_empty()) {
        (false, _) => "banner unrecorded",
        (true, true) => "banner",
        (true, false) => "banner incomplete",
    };
    _ = write!(out, "<ul class=\"{class}\">");
    for fact in facts(report, lang) {
        _ = write!(out, "<li>{}</li>", escape(&fact));
    }
    out.push_str("</ul>");
}
