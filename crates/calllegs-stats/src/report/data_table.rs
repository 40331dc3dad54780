//! The numbers of a drawing as a table, for whoever wants to read them or cannot see it.

use std::fmt::Write as _;

use super::{chapter::Chapter, svg::escape};
use crate::language::{Both, Language};

/// Texts on the left, numbers on the right.
pub(super) struct DataTable {
    columns: Vec<Both>,
    /// How many of them are texts.
    texts: usize,
    /// What both parts of a bar are.
    signs: Option<[Both; 2]>,
    rows: Vec<(Vec<String>, [i64; 2])>,
}

impl DataTable {
    pub(super) const fn new(columns: Vec<Both>, texts: usize) -> Self {
        Self { columns, texts, signs: None, rows: Vec::new() }
    }

    /// Whose bars have these two parts.
    pub(super) const fn signs(mut self, good: Both, bad: Both) -> Self {
        self.signs = Some([good, bad]);
        self
    }

    pub(super) fn push(&mut self, row: Vec<String>) {
        self.push_drawn(row, [0; 2]);
    }

    /// A row that is a bar where there are no other drawings: what is good of it, and what is not.
    pub(super) fn push_drawn(&mut self, row: Vec<String>, bar: [i64; 2]) {
        self.rows.push((row, bar));
    }

    pub(super) fn heads(&self, lang: Language) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(move |column| lang.say(*column))
    }

    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &[String]> {
        self.rows.iter().map(|(row, _)| row.as_slice())
    }

    /// The same for an outline.
    pub(super) fn into_chapter(
        self,
        name: &'static str,
        title: Both,
        says: Option<String>,
        lang: Language,
    ) -> Chapter {
        Chapter {
            name,
            title: lang.say(title),
            says,
            heads: self.columns.into_iter().map(|column| lang.say(column)).collect(),
            texts: self.texts,
            signs: self.signs.map(|signs| signs.map(|sign| lang.say(sign))),
            rows: self.rows,
        }
    }

    pub(super) fn write(&self, lang: Language, caption: &str, out: &mut String) {
        _ = write!(
            out,
            "<div class=\"scroll\"><table class=\"data\"><caption>{caption}</caption><thead><tr>"
        );
        for (index, column) in self.columns.iter().enumerate() {
            _ = write!(out, "<th scope=\"col\"{}>{}</th>", self.side(index), lang.say(*column));
        }
        out.push_str("</tr></thead><tbody>");
        for (row, _) in &self.rows {
            out.push_str("<tr>");
            for (index, cell) in row.iter().enumerate() {
                _ = write!(out, "<td{}>{}</td>", self.side(index), escape(cell));
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
    }

    const fn side(&self, index: usize) -> &'static str {
        if index < self.texts { " class=\"t\"" } else { "" }
    }
}
