//! A part of the page: its heading, what it says, the drawing, and how it is counted.

use std::fmt::Write as _;

use super::{data_table::DataTable, svg::escape, texts};
use crate::{
    language::{Both, Language},
    metric::Metric,
    parameters::Parameters,
};

/// How wide a drawing of the whole page is, and one of half of it.
pub(super) const WIDE: f64 = 900.0;
pub(super) const HALF: f64 = 430.0;

/// A part of the page.
pub(super) struct Section {
    /// Its anchor.
    pub(super) name: &'static str,
    pub(super) is_wide: bool,
    pub(super) title: Both,
    /// What stands out.
    pub(super) says: Option<String>,
    /// Signs and what they stand for.
    pub(super) legend: Vec<(&'static str, String)>,
    pub(super) figure: Figure,
    /// Keys of the definitions that it uses.
    pub(super) metrics: &'static [&'static str],
    /// How it is counted.
    pub(super) counted: Vec<String>,
    /// The numbers of the figure.
    pub(super) data: DataTable,
}

/// What a part shows.
pub(super) enum Figure {
    /// A drawing, whose numbers are told below it.
    Drawing(String),
    /// The numbers themselves.
    Table(String),
}

impl Section {
    pub(super) fn write(&self, lang: Language, parameters: &Parameters, out: &mut String) {
        let Self { name, is_wide, title, says, legend, figure, metrics, counted, data } = self;
        let class = if *is_wide { "card wide" } else { "card" };
        let heading = lang.say(*title);
        let (Figure::Drawing(shown) | Figure::Table(shown)) = figure;
        _ = write!(
            out,
            "<section class=\"{class}\" id=\"{name}\" aria-labelledby=\"{name}-h\"><h2 id=\"{name}-h\">{heading}</h2>"
        );
        if let Some(says) = says {
            _ = write!(out, "<p class=\"says\">{}</p>", escape(says));
        }
        if !legend.is_empty() {
            out.push_str("<p class=\"legend\">");
            for (sign, text) in legend {
                _ = write!(out, "<span><i class=\"{sign}\"></i>{}</span>", escape(text));
            }
            out.push_str("</p>");
        }
        // What is wider than a telephone is moved there, also by keys.
        let region = if *is_wide {
            format!(" role=\"region\" tabindex=\"0\" aria-labelledby=\"{name}-h\"")
        } else {
            String::new()
        };
        _ = write!(out, "<div class=\"figure\"{region}>{shown}</div>");
        _ = write!(out, "<details><summary>{}</summary>", lang.say(texts::HOW_COUNTED));
        for text in counted {
            _ = write!(out, "<p>{}</p>", escape(text));
        }
        for metric in *metrics {
            let Some(found) = Metric::find(metric) else { continue };
            let [meaning, exclusions] = [found.meaning(lang, parameters), found.exclusions(lang, parameters)]
                .map(|text| escape(&text));
            let pitfall = escape(found.pitfall(lang));
            let [title, without] = [found.title(lang), lang.say(texts::LEFT_OUT)];
            _ = write!(
                out,
                "<p><b>{title}</b> <code>{metric}</code> {meaning} {without} {exclusions} <em>{pitfall}</em></p>"
            );
        }
        if matches!(figure, Figure::Drawing(_)) {
            data.write(lang, heading, out);
        }
        out.push_str("</details></section>");
    }
}
