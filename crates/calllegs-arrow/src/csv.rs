//! CSV for machines, for Excel and for 1C.
//!
//! | preset | encoding | columns | lines | times | numbers | booleans |
//! |---|---|---|---|---|---|---|
//! | `plain` | UTF-8 | `,` | LF | `2026-03-02 10:15:04` | `4.5` | `true` |
//! | `excel-en` | UTF-8 with a mark | `,` | CRLF | `2026-03-02 10:15:04` | `4.5` | `TRUE` |
//! | `excel-ru` | UTF-8 with a mark | `;` | CRLF | `02.03.2026 10:15:04` | `4,5` | `ИСТИНА` |
//! | `1c` | CP1251 | `;` | CRLF | `02.03.2026 10:15:04` | `4,5` | `ИСТИНА` |
//!
//! `plain` is exact: what the server sent comes out again. A spreadsheet takes text that begins like a formula for one, so
//! the presets for Excel put an apostrophe before such text (OWASP ASVS 1.2.10). `1c` does not: it is read by programs,
//! which would keep the apostrophe. Excel also turns texts into numbers and dates when it opens a file; the option
//! [`excel_text`](CsvOptions::excel_text) prevents that. Not here: files and packing.

use std::{
    io::{self, Write},
    mem,
};

use arrow_array::RecordBatch;
use encoding_rs::{EncoderResult, WINDOWS_1251};
use serde_json::Value;

use crate::{
    schema::{Column, ColumnKind},
    text::{Cell, Clock, DateForm, Extras, Values, double, integer},
};

/// Rows are passed on in pieces of about so many bytes.
const PIECE: usize = 64 << 10;

/// What the file is for. See the [module](self).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvPreset {
    /// Programs.
    #[default]
    Plain,
    /// Excel with English settings.
    ExcelEn,
    /// Excel with Russian settings.
    ExcelRu,
    /// 1C:Enterprise.
    OneC,
}

impl CsvPreset {
    /// All presets.
    pub const ALL: [Self; 4] = [Self::Plain, Self::ExcelEn, Self::ExcelRu, Self::OneC];

    /// The name, as a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ExcelEn => "excel-en",
            Self::ExcelRu => "excel-ru",
            Self::OneC => "1c",
        }
    }

    const fn is_excel(self) -> bool {
        matches!(self, Self::ExcelEn | Self::ExcelRu)
    }

    const fn is_russian(self) -> bool {
        matches!(self, Self::ExcelRu | Self::OneC)
    }
}

calllegs_core::words!(CsvPreset, "preset");

/// What lists become in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrays {
    /// Their texts with a space between.
    #[default]
    Joined,
    /// JSON.
    Json,
}

impl Arrays {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Joined, Self::Json];

    /// The name, as a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Json => "json",
        }
    }
}

calllegs_core::words!(Arrays, "form of a list");

/// How cells are written.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CsvOptions {
    /// Whom the file is for.
    pub preset: CsvPreset,
    /// What stands for no value; an empty cell unless given. An empty text is written as `""`, which differs from both.
    pub null: Option<Box<str>>,
    /// Whether Excel is kept from changing texts: those that it would take for a number, a date, a time, a truth value or
    /// a formula, such as `0288122`, `24/7`, `1-2`, `10.05` or `1e5`, are written as `="…"`, and so are integers of twelve
    /// digits and more, of which it shows a rounded form. Other programs do not understand that. Without effect outside
    /// the presets for Excel.
    pub excel_text: bool,
    /// What lists become.
    pub arrays: Arrays,
}

/// Writes legs as CSV.
#[derive(Debug)]
pub struct CsvWriter<W> {
    out: W,
    columns: Vec<&'static Column>,
    options: CsvOptions,
    delimiter: u8,
    piece: Vec<u8>,
    /// A cell before it is known whether it needs quotes.
    cell: Vec<u8>,
    clock: Clock,
    lost: u64,
}

impl<W: Write> CsvWriter<W> {
    /// These columns, in this order. Batches may have more.
    pub fn new(out: W, columns: &[&'static Column], options: CsvOptions) -> Self {
        let russian = options.preset.is_russian();
        Self {
            out,
            columns: columns.to_vec(),
            options,
            delimiter: if russian { b';' } else { b',' },
            piece: Vec::with_capacity(2 * PIECE),
            cell: Vec::new(),
            clock: Clock::new(if russian { DateForm::DayFirst } else { DateForm::Iso }),
            lost: 0,
        }
    }

    /// Writes the names of the columns, behind the mark of UTF-8 that Excel wants. To be left out when a file is gone on
    /// with.
    ///
    /// # Errors
    /// Of the writer.
    pub fn header(&mut self) -> io::Result<()> {
        if self.options.preset.is_excel() {
            self.out.write_all("\u{feff}".as_bytes())?;
        }
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                self.piece.push(self.delimiter);
            }
            self.piece.extend_from_slice(column.name().as_bytes());
        }
        self.end_line();
        Ok(())
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// Of the writer.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let columns = mem::take(&mut self.columns);
        let values: Vec<_> = columns.iter().map(|column| (*column, Values::of(batch, column))).collect();
        let extras = Extras::of(batch);
        let is_exact = self.options.preset == CsvPreset::Plain;
        let mut written = Ok(());
        for row in 0..batch.num_rows() {
            let extra = extras.of_row(row);
            for (index, (column, values)) in values.iter().enumerate() {
                if index > 0 {
                    self.piece.push(self.delimiter);
                }
                let misfit = || extra.as_ref().and_then(|extra| extra.text(column.name()));
                // Spelt otherwise than its column writes it: programs get what the server wrote.
                let cell = values.cell(row);
                let spelt = if is_exact || cell.is_none() { misfit() } else { None };
                match (spelt, cell) {
                    (Some(misfit), _) => self.text(column, &misfit),
                    (None, Some(cell)) => self.value(column, cell),
                    (None, None) => self.null(columns.len() == 1),
                }
            }
            self.end_line();
            if self.piece.len() >= PIECE {
                written = self.pass_on();
                if written.is_err() {
                    break;
                }
            }
        }
        self.columns = columns;
        written
    }

    /// How many characters CP1251 does not have: a `?` stands for each of them.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Passes on what was written.
    ///
    /// # Errors
    /// Of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.out.flush()
    }

    /// The writer, once all is passed on.
    ///
    /// # Errors
    /// Of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.pass_on()?;
        Ok(self.out)
    }

    /// What is written to.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    fn pass_on(&mut self) -> io::Result<()> {
        if self.options.preset == CsvPreset::OneC {
            let (bytes, lost) = to_cp1251(&self.piece);
            self.piece = bytes;
            self.lost += lost;
        }
        let written = self.out.write_all(&self.piece);
        self.piece.clear();
        written
    }

    fn end_line(&mut self) {
        let end: &[u8] = if self.options.preset == CsvPreset::Plain { b"\n" } else { b"\r\n" };
        self.piece.extend_from_slice(end);
    }

    #[inline]
    fn value(&mut self, column: &Column, cell: Cell<'_>) {
        let between = b' ';
        match cell {
            Cell::Boolean(value) => self.piece.extend_from_slice(match (self.options.preset, value) {
                (CsvPreset::Plain, true) => b"true",
                (CsvPreset::Plain, false) => b"false",
                (CsvPreset::ExcelEn, true) => b"TRUE",
                (CsvPreset::ExcelEn, false) => b"FALSE",
                (CsvPreset::ExcelRu | CsvPreset::OneC, true) => "ИСТИНА".as_bytes(),
                (CsvPreset::ExcelRu | CsvPreset::OneC, false) => "ЛОЖЬ".as_bytes(),
            }),
            Cell::Double(value) => self.double(value),
            Cell::Integer(value) => {
                self.cell.clear();
                integer(value, &mut self.cell);
                if self.options.excel_text && self.options.preset.is_excel() && is_long(&self.cell) {
                    let digits = String::from_utf8_lossy(&self.cell).into_owned();
                    self.as_excel_text(&digits);
                } else {
                    self.piece.extend_from_slice(&self.cell);
                }
            }
            Cell::Instant(micros) if self.options.preset == CsvPreset::Plain => {
                self.clock.write(micros, b'T', &mut self.piece);
                self.piece.push(b'Z');
            }
            Cell::Instant(micros) | Cell::WallTime(micros) => {
                self.clock.write(micros, between, &mut self.piece);
            }
            Cell::Text(text) => self.text(column, text),
            Cell::TextList(texts) => {
                let text = match self.options.arrays {
                    Arrays::Joined => texts.iter().collect::<Vec<_>>().join(" "),
                    Arrays::Json => texts.iter().map(Value::from).collect::<Value>().to_string(),
                };
                self.text(column, &text);
            }
        }
    }

    /// No value. A line of one empty cell would be no line.
    fn null(&mut self, alone: bool) {
        match &self.options.null {
            Some(text) => {
                let text = text.clone();
                self.quoted(text.as_bytes(), false);
            }
            None if alone => self.piece.extend_from_slice(b"\"\""),
            None => {}
        }
    }

    fn double(&mut self, value: f64) {
        self.cell.clear();
        double(value, &mut self.cell);
        if self.options.preset.is_russian() {
            for byte in self.cell.iter_mut().filter(|byte| **byte == b'.') {
                *byte = b',';
            }
        }
        let cell = mem::take(&mut self.cell);
        self.quoted(&cell, false);
        self.cell = cell;
    }

    fn text(&mut self, column: &Column, text: &str) {
        let is_null = self.options.null.as_deref() == Some(text);
        if !self.options.preset.is_excel() {
            self.quoted(text.as_bytes(), is_null || text.is_empty());
            return;
        }
        let begins_formula = is_formula(column, text);
        if self.options.excel_text && (begins_formula || is_changed(text)) {
            self.as_excel_text(text);
        } else if begins_formula {
            self.quoted(format!("'{text}").as_bytes(), false);
        } else {
            self.quoted(text.as_bytes(), is_null || text.is_empty());
        }
    }

    /// The cell as a formula that is nothing but a text, in pieces, since a text in a formula has at most 255 characters.
    fn as_excel_text(&mut self, text: &str) {
        let mut formula = String::with_capacity(text.len() + 3);
        formula.push_str("=\"");
        let mut length = 0;
        for char in text.chars() {
            length += char.len_utf16();
            if length > 255 {
                formula.push_str("\"&\"");
                length = char.len_utf16();
            }
            formula.push(char);
            if char == '"' {
                formula.push(char);
            }
        }
        formula.push('"');
        self.quoted(formula.as_bytes(), true);
    }

    /// A cell, in quotes where it must be or is said to.
    fn quoted(&mut self, cell: &[u8], always: bool) {
        let delimiter = self.delimiter;
        let special = |&byte: &u8| u8::from(byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'));
        // Without an early end, so that it is done many bytes at a time.
        if !always && cell.iter().map(special).fold(0, u8::max) == 0 {
            self.piece.extend_from_slice(cell);
            return;
        }
        self.piece.push(b'"');
        for part in cell.split_inclusive(|byte| *byte == b'"') {
            self.piece.extend_from_slice(part);
            if part.ends_with(b"\"") {
                self.piece.push(b'"');
            }
        }
        self.piece.push(b'"');
    }
}

/// Whether a spreadsheet would take the text for a formula. Phone numbers with a plus are none.
fn is_formula(column: &Column, text: &str) -> bool {
    let mut chars = text.chars();
    let begins = matches!(
        chars.next(),
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    );
    let is_phone = || {
        let digits = chars.as_str();
        column.kind() == ColumnKind::Text
            && column.name().ends_with("_phone_number")
            && text.starts_with('+')
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    begins && !is_phone()
}

/// Whether an Excel with Russian or English settings would make a number, a date, a time, a truth value or an error of the
/// text: it consists of digits, the signs between them, and words that dates and amounts have. Rather too many than too few:
/// a text that stays one looks the same either way.
fn is_changed(text: &str) -> bool {
    const WORDS: [&str; 14] =
        ["a", "am", "d", "e", "p", "pm", "t", "z", "г", "год", "года", "р", "руб", "rub"];
    const MONTHS: [&str; 36] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "январь",
        "января",
        "февраль",
        "февраля",
        "март",
        "марта",
        "апрель",
        "апреля",
        "май",
        "мая",
        "июнь",
        "июня",
        "июль",
        "июля",
        "август",
        "августа",
        "сентябрь",
        "сентября",
        "октябрь",
        "октября",
        "ноябрь",
        "ноября",
        "декабрь",
        "декабря",
    ];
    let text = text.trim();
    if !text.contains(char::is_numeric) {
        // Errors look like `#N/A`.
        let is_truth = |word: &&str| text.chars().flat_map(char::to_lowercase).eq(word.chars());
        return text.starts_with('#') || ["true", "false", "истина", "ложь"].iter().any(is_truth);
    }
    let is_sign =
        |char: char| char.is_numeric() || char.is_whitespace() || ".,:/\\-−–+%()'$€₽£¥".contains(char);
    text.starts_with('#')
        || text.split(is_sign).filter(|word| !word.is_empty()).all(|word| {
            let word = word.to_lowercase();
            let is_month = |month: &&str| word.chars().count() >= 3 && month.starts_with(&word);
            WORDS.contains(&&*word) || MONTHS.iter().any(is_month)
        })
}

/// Whether Excel would show the integer rounded.
fn is_long(digits: &[u8]) -> bool {
    digits.strip_prefix(b"-").unwrap_or(digits).len() >= 12
}

/// The text in CP1251, and how many characters of it are not there.
fn to_cp1251(text: &[u8]) -> (Vec<u8>, u64) {
    let mut rest = std::str::from_utf8(text).unwrap_or_default();
    let mut encoder = WINDOWS_1251.new_encoder();
    let mut bytes = Vec::with_capacity(rest.len());
    let mut lost = 0;
    loop {
        bytes.reserve(rest.len());
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return (bytes, lost),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => {
                bytes.push(b'?');
                lost += 1;
            }
        }
    }
}
