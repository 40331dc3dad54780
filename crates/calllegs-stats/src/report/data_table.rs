//! The numbers of a drawing as a table, for whoever wants to read them or cannot see it.

use std::fmt::Write as _;

use super::svg::escape;
use crate::language::{Both, Language};

/// Texts on the left, numbers on the right.
pub(super) struct DataTable {
    columns: Vec<Both>,
    /// How many of them are texts.
    texts: usize,
    rows: Vec<Vec<String>>,
}

impl DataTable {
    pub(super) const fn new(columns: Vec<Both>, texts: usize) -> Self {
        Self { columns, texts, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
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
        for row in &self.rows {
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
