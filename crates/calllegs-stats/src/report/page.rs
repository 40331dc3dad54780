//! The page around the parts: head, banner, order, foot.

use std::fmt::Write as _;

use super::{
    Report, Topic, banner, breakdown,
    charts::{callbacks, days, heatmap, load, reasons, transfers, waits},
    lead, people,
    section::Section,
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
    let days_said = report.header.when(lang);
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
    if report.has_phones() {
        _ = write!(out, "<p class=\"phones\" role=\"note\">{}</p>", lang.say(texts::HAS_PHONES));
    }
    _ = write!(out, "<p class=\"of\">{}</p><h1>{title}</h1>", escape(&report.header.of()));
    lead::write(report, lang, &mut out);
    out.push_str("</header>");
    banner::write(report, lang, &mut out);
    tiles::write(report, lang, &mut out);
    out.push_str("<div class=\"sections\">");
    for section in sections(report, lang) {
        section.write(lang, &report.parameters, &mut out);
    }
    out.push_str("</div>");
    let version = env!("CARGO_PKG_VERSION");
    out.push_str("<footer>");
    if let Some((name, text)) = &report.attachment {
        let (name, said) = (escape(name), lang.say(texts::DATA));
        _ = write!(
            out,
            "<p><a download=\"{name}\" href=\"data:application/json;charset=utf-8,{}\">{said}: {name}</a></p>",
            escape(&text.replace('%', "%25").replace('#', "%23"))
        );
    }
    _ = write!(
        out,
        "<p>{}</p><p>calllegs {version}</p></footer></main><script>{SCRIPT}</script></body></html>",
        lang.say(texts::FOOT)
    );
    out.push('\n');
    out
}

/// The parts that are asked for and have something to show.
pub(super) fn sections(report: &Report, lang: Language) -> Vec<Section> {
    let sections = [
        days::section(report, lang),
        breakdown::slices(report, lang),
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
    let is_wanted = |section: &Section| {
        let is_named = |topic: &Topic| topic.as_str() == section.name;
        report.topics.is_empty() || report.topics.iter().any(is_named)
    };
    sections.into_iter().flatten().filter(is_wanted).collect()
}
