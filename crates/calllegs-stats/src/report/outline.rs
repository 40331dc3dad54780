//! What a report says as texts alone: for a terminal, or wherever nothing can be drawn. Not here: how wide that is.

use super::{Report, banner, chapter::Chapter, lead, page, texts, tiles};
use crate::language::Language;

/// A report in words and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// Of which days it is.
    pub title: String,
    /// Of which account, in which zone.
    pub of: String,
    /// What is to be known before it is passed on.
    pub warning: Option<String>,
    /// What happened, in a sentence or two.
    pub lead: String,
    /// The head of what is to be done.
    pub todo_title: &'static str,
    /// What is to be done first; there may be nothing.
    pub todo: Vec<String>,
    /// How complete the data is, and what it is of.
    pub banner: Vec<String>,
    /// The figures at the top.
    pub figures: Vec<Figure>,
    /// The parts of the page, in its order.
    pub chapters: Vec<Chapter>,
    /// How it was counted.
    pub foot: &'static str,
}

/// A figure at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figure {
    /// The key of its definition.
    pub key: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Its value with its unit.
    pub value: String,
    /// What it is made of.
    pub said: String,
    /// What it was in the earlier period, where there is one.
    pub change: Option<String>,
}

pub(super) fn outline(report: &Report, lang: Language) -> Outline {
    let figures = tiles::shown(report, lang).into_iter().map(|tile| Figure {
        key: tile.key(),
        title: tile.title(lang),
        value: tile.value().to_owned(),
        said: tile.said().to_owned(),
        change: tile.change(),
    });
    let chapters = page::sections(report, lang)
        .into_iter()
        .map(|section| section.data.into_chapter(section.name, section.title, section.says, lang));
    Outline {
        title: lang.fill(texts::TITLE, &[&report.header.when(lang)]),
        of: report.header.of(),
        warning: report.has_phones().then(|| lang.say(texts::HAS_PHONES).to_owned()),
        lead: lead::happened(report, lang, str::to_owned),
        todo_title: lang.say(texts::WHAT_TO_DO),
        todo: lead::todo(report, lang).into_iter().map(|(_, text)| text).collect(),
        banner: banner::facts(report, lang),
        figures: figures.collect(),
        chapters: chapters.collect(),
        foot: lang.say(texts::FOOT),
    }
}
