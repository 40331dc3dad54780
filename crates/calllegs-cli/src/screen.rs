//! Everything that is said to a person: standard error, its colours, the progress line, questions.
//!
//! Texts of servers pass through [`clean`] before they get here. Not here: standard output, which carries data only.

use std::{
    borrow::Cow,
    io::{self, BufRead, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use unicode_width::UnicodeWidthStr;

use crate::{
    args::{Color, Common, Progress},
    environment,
    exit::{Exit, Failure},
    table::fitted,
};

/// Standard error with manners. Shared with the timer, which announces long waits.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct Screen {
    quiet: bool,
    verbose: bool,
    colour: bool,
    progress: Progress,
    asks: bool,
    yes: bool,
    /// A progress line stands on the screen without its line end.
    open: AtomicBool,
}

impl Screen {
    pub(crate) fn new(common: &Common) -> Result<Self, Failure> {
        let terminal = io::stderr().is_terminal();
        let dumb = environment::text("TERM")?.is_some_and(|text| *text == "dumb");
        let colour = match common.color.unwrap_or_default() {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if environment::text("NO_COLOR")?.is_some() => false,
            Color::Auto => environment::text("FORCE_COLOR")?.is_some() || (terminal && !dumb),
        };
        let progress = match common.progress.unwrap_or_default() {
            Progress::Auto if terminal && !dumb => Progress::Auto,
            Progress::Auto | Progress::Plain => Progress::Plain,
            Progress::Never => Progress::Never,
        };
        let asks = terminal && io::stdin().is_terminal() && !common.no_input;
        Ok(Self {
            quiet: common.quiet,
            verbose: common.verbose,
            colour,
            progress,
            asks,
            yes: common.yes,
            open: AtomicBool::new(false),
        })
    }

    /// What a reader wants to know; `-q` silences it.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.line(text);
        }
    }

    /// What a reader should look at; `-q` silences it.
    pub(crate) fn warn(&self, text: &str) {
        if !self.quiet {
            self.line(&format!("{} {text}", self.paint("warning:", "33")));
        }
    }

    /// What only `-v` shows.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose && !self.quiet {
            self.line(text);
        }
    }

    /// Where a long run stands: one line that is rewritten, with as many of the parts as it has room for.
    pub(crate) fn progress(&self, parts: &[String]) {
        if self.progress == Progress::Auto && !self.quiet {
            self.open.store(true, Ordering::Relaxed);
            let width = terminal_size::terminal_size_of(io::stderr());
            let width = width.map_or(80, |(terminal_size::Width(columns), _)| usize::from(columns));
            // Behind its last column a terminal begins a new line.
            write(&format!("\r\x1b[2K{}", one_line(parts, width.saturating_sub(1))));
        }
    }

    /// A step of a long run, for logs.
    pub(crate) fn step(&self, text: &str) {
        if self.progress == Progress::Plain {
            self.note(text);
        }
    }

    /// Why the run fails. Nothing silences it, except a reader that went away.
    pub(crate) fn fail(&self, failure: &Failure) {
        if failure.exit == Exit::PipeClosed {
            return;
        }
        self.line(&format!("{} {}", self.paint("error:", "1;31"), failure.what));
        let parts = [
            ("kept:    ", failure.kept.as_deref()),
            ("cause:   ", failure.cause.as_deref()),
            ("next:    ", failure.next.as_deref()),
            ("continue:", failure.goes_on.as_deref()),
        ];
        for (label, text) in parts {
            if let Some(text) = text {
                self.line(&format!("{label} {text}"));
            }
        }
    }

    /// Whether somebody can be asked. `--yes` has answered already.
    pub(crate) fn asks(&self) -> bool {
        self.asks && !self.yes
    }

    /// Shows a question; [`answer`] reads what comes.
    pub(crate) fn ask(&self, question: &str) {
        self.clear();
        write(&format!("{question} [Y/n] "));
    }

    fn line(&self, text: &str) {
        self.clear();
        write(&format!("{text}\n"));
    }

    fn clear(&self) {
        if self.open.swap(false, Ordering::Relaxed) {
            write("\r\x1b[2K");
        }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The first of the parts that fit side by side; the first alone is cut where even that does not.
fn one_line(parts: &[String], width: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { " · " };
        if line.width() + gap.width() + part.width() > width {
            break;
        }
        line.push_str(gap);
        line.push_str(part);
    }
    match parts.first() {
        Some(first) if line.is_empty() && width > 0 => fitted(first, width),
        _ => line,
    }
}

/// The terminal has shown `^C` where the cursor stood: what follows begins a line of its own.
pub(crate) fn after_echo() {
    if io::stderr().is_terminal() {
        write("\n");
    }
}

/// Waits for a line on standard input: nothing or a word that begins with `y` or `д` is a yes.
pub(crate) fn answer() -> bool {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    let first = line.trim().chars().flat_map(char::to_lowercase).next();
    read.is_ok_and(|bytes| bytes > 0) && matches!(first, None | Some('y' | 'д'))
}

/// Standard error may be closed; there is nobody left to tell.
fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    let _best_effort = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Foreign text without what would move the cursor, change colours or turn the direction of writing.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(harmful) { text.replace(harmful, "\u{fffd}").into() } else { text.into() }
}

/// `412906` as `412,906`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 leg`, `2 legs`, `412,906 legs`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `23 s`, `3 min 20 s`, `14 h`: as exact as a person who waits wants to know it.
pub(crate) fn spoken(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) if minutes < 120 => format!("{minutes} min"),
        (minutes, seconds) if minutes < 10 => format!("{minutes} min {seconds} s"),
        (minutes, _) if minutes < 120 => format!("{} min", minutes + 1),
        (minutes, _) => format!("{} h", minutes.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_exact_as_they_are_short() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (601, "11 min"),
            (7199, "120 min"),
            (7200, "2 h"),
            (50_000, "14 h"),
            (86_400, "24 h"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)), text);
        }
        assert_eq!(spoken(Duration::from_millis(1)), "1 s");
    }

    #[test]
    fn a_progress_line_is_one_line() {
        let parts = ["71 %", "12,401 of 15,000 legs", "窓 3", "1 point"].map(str::to_owned);
        assert_eq!(one_line(&parts, 80), "71 % · 12,401 of 15,000 legs · 窓 3 · 1 point");
        assert_eq!(one_line(&parts, 40), "71 % · 12,401 of 15,000 legs · 窓 3");
        assert_eq!(one_line(&parts, 34), "71 % · 12,401 of 15,000 legs");
        for width in 0..50 {
            assert!(one_line(&parts, width).width() <= width, "{width}");
        }
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "point"), "1 point");
        assert_eq!(counted(0, "point"), "0 points");
    }

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\r\n\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}c");
        assert!(matches!(clean("Петрова Анна"), Cow::Borrowed(_)));
    }
}
