//! Tables for people, fitted to the terminal. Machines read JSON Lines and CSV.

use std::io::{self, IsTerminal};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{
    failure::Failure,
    lang::say,
    ui::{stdout, text::clean},
};

/// On a terminal a column of texts is never wider than this, but the last one; longer texts end with `…`.
const WIDEST: usize = 40;

/// A column of texts that is cut keeps at least this, or is left out.
const NARROWEST: usize = 10;

/// A column that is wrapped is never narrower than this.
const NARROWEST_WRAPPED: usize = 20;

/// Two spaces between columns.
const GAP: &str = "  ";

/// Rows of texts.
pub(crate) type Grid = Vec<Vec<String>>;

/// Rows under a header, as wide as the terminal; for a pipe as wide as they are. So many of the first columns are shown in
/// whatever width, and cut for that.
pub(crate) fn text(header: &[String], rows: Grid, vital: usize) -> String {
    layout(header, rows, width(), vital)
}

/// Prints rows under a header to standard output.
pub(crate) fn print(header: &[String], rows: Grid) -> Result<(), Failure> {
    stdout::print(&layout(header, rows, width(), header.len()))
}

/// Prints rows under a header to standard output; on a terminal texts go on in the next line, so that none is cut.
pub(crate) fn print_wrapped(header: &[String], rows: Grid) -> Result<(), Failure> {
    stdout::print(&match width() {
        Some(width) => wrapped(header, &rows, width),
        None => layout(header, rows, None, header.len()),
    })
}

/// The width of the terminal that standard output is.
pub(crate) fn width() -> Option<usize> {
    let stdout = io::stdout();
    let size = stdout.is_terminal().then(|| terminal_size::terminal_size_of(&stdout)).flatten();
    size.map(|(terminal_size::Width(columns), _)| columns.into())
}

/// The lines, cut to the width. Texts of the vital columns are cut so that all of these fit; of the others, those that do
/// not fit are left out from the right, and the last line says so.
pub(crate) fn layout(header: &[String], rows: Grid, width: Option<usize>, vital: usize) -> String {
    let rows: Grid =
        rows.into_iter().map(|row| row.into_iter().map(|cell| clean(&cell).into_owned()).collect()).collect();
    let widths = widths(header, &rows, width, vital);
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
        let hidden = match header.len() - widths.len() {
            1 => say!("(1 more column does not fit)").to_owned(),
            hidden => say!("({hidden} more columns do not fit)", hidden),
        };
        text.push_str(&fitted(&hidden, width.unwrap_or(usize::MAX)));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// The widths of the columns that fit, from the left.
fn widths(header: &[String], rows: &Grid, width: Option<usize>, vital: usize) -> Vec<usize> {
    let cells = |index: usize| rows.iter().filter_map(move |row| row.get(index)).map(|cell| cell.width());
    let widest = |index: usize| cells(index).max().unwrap_or_default();
    let natural = header.iter().enumerate().map(|(index, name)| widest(index).max(name.width()));
    let Some(width) = width else { return natural.collect() };
    // Times and numbers say nothing when they are cut.
    let is_text = |index: usize| {
        rows.iter().filter_map(|row| row.get(index)).any(|cell| cell.contains(char::is_alphabetic))
    };
    let natural: Vec<usize> = natural.collect();
    let least = |index: usize, natural: usize| {
        let short = natural.min(NARROWEST);
        if is_text(index) { short } else { widest(index).max(short) }
    };
    let mut widths: Vec<usize> = Vec::new();
    for (index, natural) in natural.into_iter().enumerate() {
        let wanted = if index + 1 == header.len() || !is_text(index) { natural } else { natural.min(WIDEST) };
        let taken: usize = widths.iter().map(|width| width + GAP.len()).sum();
        let mut room = width.saturating_sub(taken);
        // The gap before this column may already lie beyond the edge.
        let mut beyond = taken.saturating_sub(width);
        let least_here = least(index, natural);
        if index > 0 && room < least_here {
            // What the vital ones have beyond the least, the widest first.
            let mut narrower = widths.clone();
            while index < vital && room < least_here {
                let spare =
                    narrower.iter_mut().enumerate().filter(|(index, width)| **width > least(*index, **width));
                let Some((_, widest)) = spare.max_by_key(|(_, width)| **width) else { break };
                *widest -= 1;
                if beyond > 0 { beyond -= 1 } else { room += 1 }
            }
            if room < least_here {
                break;
            }
            widths = narrower;
        }
        widths.push(wanted.min(room).max(1));
    }
    widths
}

/// The lines, none wider than the width: what does not fit into its column goes on in the next line. Where even the
/// longest words do not fit side by side, a row is a paragraph.
fn wrapped(header: &[String], rows: &Grid, width: usize) -> String {
    let all: Vec<&[String]> = [header].into_iter().chain(rows.iter().map(Vec::as_slice)).collect();
    let columns = || 0..header.len();
    let natural = |column: usize| {
        all.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default()
    };
    // Names are whole in their line; texts of several words are not.
    let least = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let longest =
            cells.flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or_default();
        if longest < natural(column) {
            longest.max(NARROWEST_WRAPPED).min(natural(column))
        } else {
            natural(column)
        }
    };
    let mut widths: Vec<usize> = columns().map(least).collect();
    let gaps = GAP.len() * header.len().saturating_sub(1);
    let taken = widths.iter().sum::<usize>() + gaps;
    let Some(mut spare) = width.checked_sub(taken) else { return paragraphs(rows, width) };
    // Column by column where most is missing, one by one.
    while spare > 0 {
        let missing = widths
            .iter_mut()
            .enumerate()
            .map(|(column, width)| (natural(column).saturating_sub(*width), width));
        match missing.max_by_key(|(missing, _)| *missing) {
            Some((missing, width)) if missing > 0 => *width += 1,
            _ => break,
        }
        spare -= 1;
    }
    let mut text = String::new();
    for row in all {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| folded(cell, *width)).collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
            let parts = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| fitted(cell.get(line).map_or("", String::as_str), *width));
            let parts = parts.collect::<Vec<_>>().join(GAP);
            text.push_str(parts.trim_end());
            text.push('\n');
        }
    }
    text
}

/// A line for the first cell, and the others below it.
fn paragraphs(rows: &Grid, width: usize) -> String {
    let mut text = String::new();
    for row in rows {
        let (first, others) =
            row.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
        let others =
            others.iter().filter(|cell| !cell.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" · ");
        for line in folded(first, width) {
            text.push_str(&line);
            text.push('\n');
        }
        for line in folded(&others, width.saturating_sub(GAP.len()).max(1)) {
            text.push_str(GAP);
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// The text in lines of at most this width, broken between words, and inside of them where they are longer.
pub(crate) fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest = word;
        while let Some(line) = lines.last_mut() {
            let gap = usize::from(!line.is_empty());
            if line.width() + gap + rest.width() <= width {
                line.push_str(if gap > 0 { " " } else { "" });
                line.push_str(rest);
                break;
            }
            if !line.is_empty() {
                lines.push(String::new());
                continue;
            }
            let at = rest
                .char_indices()
                .map(|(at, char)| at + char.len_utf8())
                .take_while(|end| rest.get(..*end).is_some_and(|start| start.width() <= width))
                .last();
            // A character that is wider than the line stands alone.
            let at = at.or_else(|| rest.chars().next().map(char::len_utf8)).unwrap_or(rest.len());
            let (start, more) = rest.split_at(at);
            line.push_str(start);
            rest = more;
            if rest.is_empty() {
                break;
            }
            lines.push(String::new());
        }
    }
    lines
}

/// The text at exactly this width, with spaces or with `…` at its end. Without a bound it is not padded.
pub(crate) fn fitted(text: &str, width: usize) -> String {
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
        for vital in 0..4 {
            for width in 1..100 {
                for line in layout(&header, rows.clone(), Some(width), vital).lines() {
                    assert!(line.width() <= width, "{width}: {line}");
                }
            }
        }
        let figures = ["employee", "reason", "rings", "so far"].map(str::to_owned);
        let cells =
            grid(&[&["Черновикова Ольга (тест)", "employee_status_do_not_disturb", "  224", "100.0 %"]]);
        for width in 40..70 {
            for line in layout(&figures, cells.clone(), Some(width), 4).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
        let narrow = layout(&header, rows.clone(), Some(44), 0);
        assert!(narrow.contains("(1 more column does not fit)"), "{narrow}");
        let whole = layout(&header, rows, None, 0);
        let second = whole.lines().nth(1).unwrap();
        assert_eq!(second, "2026-10-12 09:01:44  Петрова Анна        sip_offline");
    }

    #[test]
    fn wrapped_texts_are_whole_in_every_width() {
        let header = ["reason", "English", "Russian"].map(str::to_owned);
        let rows = grid(&[
            &[
                "subscriber_disconnects",
                "The subscriber hung up before the end",
                "Абонент разорвал соединение до конца",
            ],
            &["timeout", "Too long", "田中さん さん"],
        ]);
        for width in 8..120 {
            let text = wrapped(&header, &rows, width);
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
            let told: String = text.chars().filter(|char| !char.is_whitespace() && *char != '·').collect();
            for word in ["hung", "соединение", "田中さん", "subscriber_disconnects"] {
                assert!(told.contains(word) || text.contains(word), "{width}: {text}");
            }
        }
        assert_eq!(wrapped(&header, &rows, 200).lines().count(), 3);
    }

    #[test]
    fn a_row_is_one_line_whatever_it_holds() {
        let text = layout(&["a".to_owned()], grid(&[&["one\ntwo\x1b[31m"]]), None, 1);
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains('\x1b'));
    }
}
