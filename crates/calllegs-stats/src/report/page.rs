//! The page around the parts: head, banner, order, foot.

use std::fmt::Write as _;

use super::{
    Report, breakdown,
    charts::{callbacks, days, heatmap, load, reasons, transfers, waits},
    lead, people,
    svg::escape,
    texts, tiles,
};
use crate::language::Language;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Of the script: no other runs.
const SCRIPT_SHA256: &str = "rULZ6/ooAXAyXMLIOKK2kBvrPTwRDFforYYCZYt/rV8=";

/// Stripes, so that colour is not the only sign.
const PATTERNS: &str = "<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><title></title><desc></desc><defs>\
    <pattern id=\"stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <rect class=\"p-missed\" width=\"6\" height=\"6\"/><rect class=\"p-gap\" width=\"1.6\" height=\"6\"/></pattern>\
    <pattern id=\"dots\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">\
    <rect class=\"p-dropped\" width=\"5\" height=\"5\"/><circle class=\"p-gap\" cx=\"2.5\" cy=\"2.5\" r=\"1\"/></pattern>\
    <pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\">\
    <rect class=\"p-none\" width=\"1.4\" height=\"7\"/></pattern></defs></svg>";

pub(super) fn write(report: &Report, lang: Language) -> String {
    let mut out = String::with_capacity(200_000);
    let days_said = lang.days(report.header.days);
    let title = lang.fill(texts::TITLE, &[&days_said]);
    let tag = lang.as_str();
    _ = write!(
        out,
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · {}</title><style>{STYLE}</style></head>\
         <body>{PATTERNS}<main><header>",
        escape(&report.header.account)
    );
    if report.show_phones && !report.lost_callers.is_empty() {
        _ = write!(out, "<p class=\"phones\" role=\"note\">{}</p>", lang.say(texts::HAS_PHONES));
    }
    let (account, zone) = (escape(&report.header.account), escape(&report.header.zone));
    _ = write!(out, "<p class=\"of\">{account} · {zone}</p><h1>{title}</h1>");
    lead::write(report, lang, &mut out);
    out.push_str("</header>");
    write_banner(report, lang, &mut out);
    tiles::write(report, lang, &mut out);
    let sections = [
        days::section(report, lang),
        heatmap::section(report, lang),
        waits::section(report, lang),
        load::section(report, lang),
        reasons::section(report, lang),
        callbacks::section(report, lang),
        people::section(report, lang),
        transfers::section(report, lang),
        breakdown::scenarios(report, lang),
        breakdown::groups(report, lang),
        breakdown::figures(report, lang),
    ];
    out.push_str("<div class=\"sections\">");
    for section in sections.iter().flatten() {
        section.write(lang, &report.parameters, &mut out);
    }
    out.push_str("</div>");
    let version = env!("CARGO_PKG_VERSION");
    _ = write!(
        out,
        "<footer><p>{}</p><p>calllegs {version}</p></footer></main><script>{SCRIPT}</script></body></html>",
        lang.say(texts::FOOT)
    );
    out.push('\n');
    out
}

/// What the figures are of, and how far they can be trusted.
fn write_banner(report: &Report, lang: Language, out: &mut String) {
    let header = &report.header;
    let days = header.day_count();
    let missing = i64::try_from(header.missing.len()).unwrap_or(i64::MAX);
    let class = if missing == 0 { "banner" } else { "banner incomplete" };
    _ = write!(out, "<ul class=\"{class}\">");
    let of = lang.of(days - missing, days);
    let complete = if missing == 0 {
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
        Some(header.filters.as_ref().map_or_else(
            || lang.say(texts::NO_FILTERS).to_owned(),
            |filters| lang.fill(texts::FILTERS, &[filters]),
        )),
        report.previous.as_ref().map(|previous| lang.fill(texts::COMPARED, &[&lang.days(previous.days)])),
        header.agreement.map(|(same, all)| {
            lang.fill(texts::AGREEMENT, &[&lang.share(same, all).unwrap_or_default(), &lang.integer(all)])
        }),
    ];
    for fact in facts.into_iter().flatten() {
        _ = write!(out, "<li>{}</li>", escape(&fact));
    }
    out.push_str("</ul>");
}
