//! Tables for people, fitted to the terminal. Machines read JSON Lines and CSV.

use std::io::{self, IsTerminal};

use calllegs_arrow::Leg;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{columns::Columns, exit::Failure, output, screen::clean};

/// On a terminal a column is never wider than this, but the last one; longer texts end with `…`.
const WIDEST: usize = 40;

/// A column that is cut by the edge of the screen keeps at least this, or is left out.
const NARROWEST: usize = 10;

/// Two spaces between columns.
const GAP: &str = "  ";

/// Rows of text under a header.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Columns,
    rows: Grid,
}

type Grid = Vec<Vec<String>>;

impl Table {
    pub(crate) fn new(columns: Columns) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, leg: &Leg) {
        self.rows.push(self.columns.iter().map(|column| output::text(leg, column)).collect());
    }

    /// Prints it, as wide as the terminal; into a pipe as wide as it is.
    pub(crate) fn print(self) -> Result<(), Failure> {
        let header: Vec<_> = self.columns.iter().map(|column| column.name().to_owned()).collect();
        print(&header, self.rows)
    }
}

/// Prints rows under a header to standard output.
pub(crate) fn print(header: &[String], rows: Grid) -> Result<(), Failure> {
    let stdout = io::stdout();
    let width = stdout.is_terminal().then(|| terminal_size::terminal_size_of(&stdout)).flatten();
    let text = layout(header, rows, width.map(|(terminal_size::Width(columns), _)| columns.into()));
    output::print(&text)
}

/// The lines, cut to the width. Columns that do not fit are left out from the right, and the header says so.
fn layout(header: &[String], rows: Grid, width: Option<usize>) -> String {
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.into_iter().map(|cell| clean(&cell).into_owned()).collect()).collect();
    let widest = if width.is_some() { WIDEST } else { usize::MAX };
    let natural = header.iter().enumerate().map(|(index, name)| {
        let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.width());
        let natural = cells.chain([name.width()]).max().unwrap_or_default();
        if index + 1 == header.len() { natural } else { natural.min(widest) }
    });
    let mut left = width.unwrap_or(usize::MAX);
    let mut widths = Vec::new();
    for (index, natural) in natural.enumerate() {
        let gap = if index == 0 { 0 } else { GAP.len() };
        let room = left.saturating_sub(gap);
        if index > 0 && room < natural.min(NARROWEST) {
            break;
        }
        let taken = natural.min(room).max(1);
        widths.push(taken);
        left = room.saturating_sub(taken);
    }
    let mut text = String::new();
    for row in [header].into_iter().chain(rows.iter().map(Vec::as_slice)) {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if index > 0 {
                line.push_str(GAP);
            }
            line.push_str(&fitted(cell, *width));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if widths.len() < header.len() {
        let hidden = header.len() - widths.len();
        text.push_str(&fitted(&format!("({hidden} more columns do not fit)"), width.unwrap_or(usize::MAX)));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// The text at exactly this width, with spaces or with `…` at its end. Without a bound it is not padded.
fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        let padding = if width == usize::MAX { 0 } else { width - text.width() };
        return format!("{text}{}", " ".repeat(padding));
    }
    let mut cut = String::new();
    let mut taken = 0;
    for char in text.chars() {
        let next = taken + char.width().unwrap_or_default();
        if next >= width {
            break;
        }
        cut.push(char);
        taken = next;
    }
    cut.push('…');
    cut.push_str(&" ".repeat(width.saturating_sub(taken + 1)));
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: &[&[&str]]) -> Grid {
        rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect()
    }

    #[test]
    fn lines_never_exceed_the_terminal() {
        let header = ["start_time", "employee_full_name", "finish_reason"].map(str::to_owned);
        let rows = grid(&[&["2026-10-12 09:01:44", "Петрова Анна", "sip_offline"], &["", "田中さん", ""]]);
        for width in 1..100 {
            for line in layout(&header, rows.clone(), Some(width)).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
        let narrow = layout(&header, rows.clone(), Some(44));
        assert!(narrow.contains("(1 more columns do not fit)"), "{narrow}");
        let whole = layout(&header, rows, None);
        let second = whole.lines().nth(1).unwrap();
        assert_eq!(second, "2026-10-12 09:01:44  Петрова Анна        sip_offline");
    }

    #[test]
    fn a_row_is_one_line_whatever_it_holds() {
        let text = layout(&["a".to_owned()], grid(&[&["one\ntwo\x1b[31m"]]), None);
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains('\x1b'));
    }
}
