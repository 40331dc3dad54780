//! XLSX: sheets of legs, and one that explains their columns. Rows go to a scratch file as they come, so memory does not grow
//! with them; the workbook is put together when they have ended.
//!
//! A sheet ends at 1,048,576 rows and the next one, `legs 2`, goes on. Texts are texts: a telephone number keeps its digits,
//! and a name that begins with `=` is no formula. Wall clocks are dates; an integer with more than the 15 digits that a
//! spreadsheet keeps is a text. The same legs make the same bytes. Not here: files and packing.

mod meanings;

use std::{
    borrow::Cow,
    fmt,
    fmt::Write as _,
    io::{self, Read, Seek, Write},
    path::Path,
};

use arrow_array::RecordBatch;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use zip::ZipArchive;

use crate::{
    origin::{Origin, Said},
    schema::{Column, ColumnKind},
    text::{Cell, Clock, DateForm, Extras, Values},
};

/// Rows of a sheet, its head among them: what spreadsheets take.
pub const SHEET_ROWS: u32 = 1_048_576;

/// Letters of a cell: what spreadsheets take.
const LONGEST: usize = 32_767;

/// Whole numbers below this are kept to the last digit.
const EXACT: u64 = 1_000_000_000_000_000;

/// 1900-03-01, from which on all spreadsheets count days alike, and the end of the year 9999.
const DAYS: std::ops::Range<f64> = 61.0..2_958_466.0;

/// Days from the first day of spreadsheets to 1970.
const EPOCH: f64 = 25_569.0;

/// The properties of a document hold texts of so many letters.
const PROPERTY: usize = 255;

/// Writes legs as a workbook.
pub struct XlsxWriter {
    workbook: Workbook,
    sheet: Worksheet,
    columns: Vec<&'static Column>,
    /// The next row of the sheet.
    row: u32,
    /// Rows of a sheet.
    limit: u32,
    sheets: u32,
    text: String,
}

impl XlsxWriter {
    /// These columns, in this order; batches may have others, and what they lack is empty. Rows are kept in nameless files
    /// in the folder until [`finish`](Self::finish).
    ///
    /// # Errors
    /// When no file can be made in the folder.
    pub fn new(scratch: &Path, columns: &[&'static Column], origin: &Origin) -> io::Result<Self> {
        Self::with_rows(scratch, columns, origin, SHEET_ROWS)
    }

    fn with_rows(
        scratch: &Path,
        columns: &[&'static Column],
        origin: &Origin,
        limit: u32,
    ) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        // A path without a folder is in this one.
        let scratch = if scratch.as_os_str().is_empty() { Path::new(".") } else { scratch };
        workbook.set_tempdir(scratch).map_err(broken)?;
        // Not the time of writing.
        let made = ExcelDateTime::from_ymd(2000, 1, 1).map_err(broken)?;
        let mut properties = DocProperties::new().set_creation_datetime(&made);
        for (name, value) in origin.pairs() {
            for (index, piece) in pieces(&value).enumerate() {
                properties = properties.set_custom_property(piece_name(name, index), piece);
            }
        }
        workbook.set_properties(&properties);
        let columns = columns.to_vec();
        let sheet = begin(&mut workbook, &columns, 1)?;
        Ok(Self { workbook, sheet, columns, row: 1, limit, sheets: 1, text: String::new() })
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// Of the scratch file, or when a text is longer than a cell can be: then CSV or Parquet can hold it.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let columns = self.columns.clone();
        let values: Vec<_> = columns.iter().map(|column| (*column, Values::of(batch, column))).collect();
        let extras = Extras::of(batch);
        for row in 0..batch.num_rows() {
            if self.row == self.limit {
                self.next_sheet()?;
            }
            let extra = extras.of_row(row);
            for (place, (column, values)) in (0..).zip(&values) {
                match values.cell(row) {
                    Some(cell) => self.put(place, column, cell)?,
                    // Of another type than its column: as the server wrote it.
                    None => {
                        if let Some(misfit) = extra.as_ref().and_then(|extra| extra.text(column.name())) {
                            self.text.clear();
                            self.text.push_str(&misfit);
                            self.put_text(place, column)?;
                        }
                    }
                }
            }
            self.row += 1;
        }
        Ok(())
    }

    /// Puts the workbook together.
    ///
    /// # Errors
    /// Of the writer and of the scratch files.
    pub fn finish<W: Write + Seek + Send>(mut self, out: W) -> io::Result<()> {
        self.workbook.push_worksheet(self.sheet);
        meanings::write(self.workbook.add_worksheet(), &self.columns).map_err(broken)?;
        self.workbook.save_to_writer(out).map_err(broken)
    }

    fn next_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        let next = begin(&mut self.workbook, &self.columns, self.sheets)?;
        self.workbook.push_worksheet(std::mem::replace(&mut self.sheet, next));
        self.row = 1;
        Ok(())
    }

    fn put(&mut self, place: u16, column: &Column, cell: Cell<'_>) -> io::Result<()> {
        self.text.clear();
        match cell {
            Cell::Boolean(value) => {
                self.sheet.write_boolean(self.row, place, value).map_err(broken)?;
                return Ok(());
            }
            Cell::Double(value) => return self.put_number(place, value),
            #[expect(clippy::cast_precision_loss, reason = "numbers that are not exact are texts")]
            Cell::Integer(value) if value.unsigned_abs() < EXACT => {
                return self.put_number(place, value as f64);
            }
            Cell::Integer(value) => _ = write!(self.text, "{value}"),
            Cell::Text(text) => self.text.push_str(text),
            Cell::TextList(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    self.text.push_str(if index == 0 { "" } else { " " });
                    self.text.push_str(text);
                }
            }
            Cell::Instant(micros) | Cell::WallTime(micros) => {
                // Seconds are what the API tells: fractions of one would only show as noise.
                let seconds = i32::try_from(micros.div_euclid(1_000_000).rem_euclid(86_400)).unwrap_or(0);
                let days = i32::try_from(micros.div_euclid(86_400_000_000)).unwrap_or(0);
                let day = f64::from(days) + EPOCH + f64::from(seconds) / 86_400.0;
                if DAYS.contains(&day) {
                    return self.put_number(place, day);
                }
                let mut told = Vec::new();
                Clock::new(DateForm::Iso).write(micros, b' ', &mut told);
                self.text.push_str(&String::from_utf8_lossy(&told));
            }
        }
        self.put_text(place, column)
    }

    fn put_number(&mut self, place: u16, number: f64) -> io::Result<()> {
        self.sheet.write_number(self.row, place, number).map(drop).map_err(broken)
    }

    fn put_text(&mut self, place: u16, column: &Column) -> io::Result<()> {
        if self.text.encode_utf16().count() > LONGEST {
            return Err(io::Error::other(format!(
                "a value of {} is longer than the {LONGEST} letters that a cell of a workbook holds; CSV and Parquet hold it",
                column.name()
            )));
        }
        self.sheet.write_string(self.row, place, self.text.as_str()).map(drop).map_err(broken)
    }
}

/// Shows no value.
impl fmt::Debug for XlsxWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XlsxWriter")
            .field("sheets", &self.sheets)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

/// What a workbook says of the request that wrote it. One that cannot be read is foreign.
pub fn said(file: impl Read + Seek) -> Said {
    let properties = ZipArchive::new(file).ok().and_then(|mut archive| {
        let mut text = String::new();
        archive.by_name("docProps/custom.xml").ok()?.take(1 << 20).read_to_string(&mut text).ok()?;
        Some(text)
    });
    let Some(properties) = properties else { return Said::Foreign };
    let value = |name: &str| {
        let pieces = (0..).map_while(|index| property(&properties, &piece_name(name, index)));
        let whole: String = pieces.collect();
        property(&properties, name).map(|_| Cow::Owned(whole))
    };
    Origin::read(value).map_or(Said::Foreign, |origin| Said::Origin(Box::new(origin)))
}

/// Whether a workbook has rows of legs. One that cannot be read may have.
pub fn holds_rows(file: impl Read + Seek) -> bool {
    let second = ZipArchive::new(file).ok().and_then(|mut archive| {
        let mut begin = Vec::new();
        archive.by_name("xl/worksheets/sheet1.xml").ok()?.take(64 << 10).read_to_end(&mut begin).ok()?;
        Some(String::from_utf8_lossy(&begin).contains("<row r=\"2\""))
    });
    second.unwrap_or(true)
}

/// A sheet with its head, which stays in view.
fn begin(workbook: &mut Workbook, columns: &[&'static Column], number: u32) -> io::Result<Worksheet> {
    let mut sheet = workbook.new_worksheet_with_constant_memory().map_err(broken)?;
    let made = (|| {
        sheet.set_name(if number == 1 { "legs".to_owned() } else { format!("legs {number}") })?;
        sheet.set_freeze_panes(1, 0)?;
        let (bold, moment, text) = (
            Format::new().set_bold(),
            Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            Format::new().set_num_format("@"),
        );
        for (place, column) in (0..).zip(columns) {
            let (format, wide) = match column.kind() {
                ColumnKind::WallTime | ColumnKind::Instant => (Some(&moment), 19),
                ColumnKind::Text | ColumnKind::TextList => (Some(&text), 18),
                ColumnKind::Boolean | ColumnKind::Double | ColumnKind::Int32 | ColumnKind::Int64 => {
                    (None, 12)
                }
            };
            if let Some(format) = format {
                sheet.set_column_format(place, format)?;
            }
            sheet.set_column_width(place, wide)?;
            sheet.write_string_with_format(0, place, column.name(), &bold)?;
        }
        Ok(())
    })();
    made.map_err(broken).map(|()| sheet)
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    // Names of columns, times and fingerprints are ASCII; what is not is one piece.
    let step = if text.is_ascii() { PROPERTY } else { text.len().max(1) };
    (0..text.len().max(1))
        .step_by(step)
        .map(move |from| text.get(from..text.len().min(from + step)).unwrap_or_default())
}

fn piece_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}.{index}") }
}

/// A property of the document as the writer above puts it.
fn property(document: &str, name: &str) -> Option<String> {
    let (_, found) = document.split_once(&format!("name=\"{name}\""))?;
    let (value, _) = found.split_once("<vt:lpwstr>")?.1.split_once("</vt:lpwstr>")?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

fn broken(error: XlsxError) -> io::Error {
    // Another one may quote a cell.
    if let XlsxError::IoError(error) = error {
        error
    } else {
        io::Error::other("the workbook could not be written")
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, sync::Arc};

    use arrow_array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
    use calllegs_core::Period;

    use super::*;
    use crate::schema::schema;

    fn columns() -> Vec<&'static Column> {
        let names = ["id", "start_time", "contact_full_name", "contact_phone_number"];
        names.map(|name| Column::all().iter().find(|column| column.name() == name).unwrap()).to_vec()
    }

    fn origin() -> Origin {
        let period = "2026-03-02..2026-03-03".parse::<Period>().unwrap();
        Origin::new("uis:1103", &Column::all().iter().collect::<Vec<_>>(), period)
    }

    fn legs(ids: Vec<Option<i64>>, name: &str) -> RecordBatch {
        let count = ids.len();
        let columns_of: [ArrayRef; 4] = [
            Arc::new(Int64Array::from(ids)),
            Arc::new(TimestampMicrosecondArray::from(vec![1_772_446_504_000_000; count])),
            Arc::new(StringArray::from(vec![name; count])),
            Arc::new(StringArray::from(vec!["007"; count])),
        ];
        RecordBatch::try_new(schema(&columns()), columns_of.to_vec()).unwrap()
    }

    fn written(batches: &[RecordBatch], rows: u32) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = XlsxWriter::with_rows(folder.path(), &columns(), &origin(), rows).unwrap();
        for batch in batches {
            writer.write(batch).unwrap();
        }
        let mut bytes = Cursor::new(Vec::new());
        writer.finish(&mut bytes).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        bytes.into_inner()
    }

    fn part(workbook: &[u8], name: &str) -> String {
        let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn texts_are_texts_and_times_are_dates() {
        let beyond = 9_007_199_254_740_993;
        let book =
            written(&[legs(vec![Some(7), None, Some(beyond)], "=HYPERLINK(\"x\") & <_x0041_>")], SHEET_ROWS);
        let sheet = part(&book, "xl/worksheets/sheet1.xml");
        let name = "<t>=HYPERLINK(\"x\") &amp; &lt;_x005F_x0041_&gt;</t>";
        assert_eq!(sheet.matches(name).count(), 3, "{sheet}");
        assert!(!sheet.contains("<f>") && sheet.contains("<t>007</t>") && sheet.contains("<v>7"));
        assert!(sheet.contains(&format!("<t>{beyond}</t>")));
        // 2026-03-02 10:15:04.
        assert_eq!(sheet.matches("<v>46083.4271296").count(), 3, "{sheet}");
        assert!(part(&book, "xl/styles.xml").contains("yyyy-mm-dd hh:mm:ss"));
        assert!(sheet.contains("state=\"frozen\""));
    }

    #[test]
    fn rows_beyond_a_sheet_are_on_the_next_one() {
        let book = written(&[legs((1..=5).map(Some).collect(), "a")], 3);
        let names = part(&book, "xl/workbook.xml");
        for name in ["legs", "legs 2", "legs 3", "fields"] {
            assert!(names.contains(&format!("<sheet name=\"{name}\"")), "{names}");
        }
        let rows =
            |sheet: u8| part(&book, &format!("xl/worksheets/sheet{sheet}.xml")).matches("<row ").count();
        assert_eq!([1, 2, 3, 4].map(rows), [3, 3, 2, 5]);
    }

    #[test]
    fn a_workbook_says_which_request_wrote_it_and_is_the_same_each_time() {
        let batch = legs(vec![Some(1)], "a");
        let book = written(std::slice::from_ref(&batch), SHEET_ROWS);
        assert!(book == written(&[batch], SHEET_ROWS));
        assert_eq!(said(Cursor::new(&book)), Said::Origin(Box::new(origin())));
        assert!(holds_rows(Cursor::new(&book)) && !holds_rows(Cursor::new(written(&[], SHEET_ROWS))));
        assert_eq!(said(Cursor::new(b"PK")), Said::Foreign);
    }

    #[test]
    fn what_no_cell_holds_is_an_error_that_quotes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = XlsxWriter::new(folder.path(), &columns(), &origin()).unwrap();
        let error = writer.write(&legs(vec![Some(1)], &"z".repeat(LONGEST + 1))).unwrap_err().to_string();
        assert!(error.contains("contact_full_name") && !error.contains("zz"), "{error}");
    }
}
