//! What the figures are of, and how far they can be trusted.

use std::fmt::Write as _;

use super::{Report, reading::Results, svg::escape, texts};
use crate::{language::Language, shape};

/// In words, how complete it is first.
pub(super) fn facts(report: &Report, lang: Language) -> Vec<String> {
    let header = &report.header;
    let days = header.day_count();
    let missing = i64::try_from(header.missing.len()).unwrap_or(i64::MAX);
    let of = lang.of(days - missing, days);
    let complete = if !header.is_recorded {
        let with_calls = Results(&report.tables).rows(&shape::BY_DAY).count();
        let with_calls = i64::try_from(with_calls).unwrap_or(i64::MAX);
        lang.fill(texts::NOT_RECORDED, &[&lang.of(with_calls, days)])
    } else if missing == 0 {
        format!("✓ {}", lang.fill(texts::COMPLETE, &[&of]))
    } else {
        // A long list says no more than a short one.
        let list: Vec<_> = header.missing.iter().take(7).map(|day| lang.short_date(*day)).collect();
        let more = if missing > 7 { " …" } else { "" };
        format!("⚠ {}", lang.fill(texts::INCOMPLETE, &[&of, &format!("{}{more}", list.join(", "))]))
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
