//! JSON Lines: one object a leg, its members in the order of the columns. Bytes are written as serde would write them,
//! without a tree in between. Not here: files and packing.

use std::{
    io::{self, Write},
    mem,
};

use arrow_array::RecordBatch;
use calllegs_core::schema::Extra;

use crate::{
    schema::{Column, Source},
    text::{Cell, Clock, DateForm, Extras, Values, double, integer},
};

/// Rows are passed on in pieces of about so many bytes.
const PIECE: usize = 64 << 10;

/// Writes legs as JSON Lines.
///
/// Every column is a member, null where there is no value. A value that does not fit its column, or that is spelled
/// otherwise than the column would be, appears in its place as the server wrote it, and members that nobody documents follow at the end, by name; so the column `extra` is a member of its
/// own only when it is asked for.
#[derive(Debug)]
pub struct JsonlWriter<W> {
    out: W,
    columns: Vec<(&'static Column, Box<[u8]>)>,
    piece: Vec<u8>,
    clock: Clock,
}

impl<W: Write> JsonlWriter<W> {
    /// These columns, in this order. Batches may have more.
    pub fn new(out: W, columns: &[&'static Column]) -> Self {
        let named = |(index, column): (usize, &&'static Column)| {
            let comma = if index == 0 { "{" } else { "," };
            (*column, format!("{comma}\"{}\":", column.name()).into_bytes().into())
        };
        let columns = columns.iter().enumerate().map(named).collect();
        Self { out, columns, piece: Vec::with_capacity(2 * PIECE), clock: Clock::new(DateForm::Iso) }
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// Of the writer.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let columns = mem::take(&mut self.columns);
        let values: Vec<_> =
            columns.iter().map(|(column, name)| (*column, &**name, Values::of(batch, column))).collect();
        let extras = Extras::of(batch);
        let of_legs = !columns.iter().any(|(column, _)| matches!(column.source(), Source::Listed(_)));
        let has_extra = columns.iter().any(|(column, _)| column.source() == Source::Extra);
        let mut written = Ok(());
        for row in 0..batch.num_rows() {
            let extra = extras.of_row(row);
            for (column, name, values) in &values {
                self.piece.extend_from_slice(name);
                match (extra.as_ref().and_then(|extra| extra.get(column.name())), values.cell(row)) {
                    (Some(misfit), _) => self.piece.extend_from_slice(misfit.get().as_bytes()),
                    (None, Some(Cell::Text(json))) if column.is_json() => {
                        self.piece.extend_from_slice(json.as_bytes());
                    }
                    (None, Some(cell)) => self.cell(cell),
                    (None, None) => self.piece.extend_from_slice(b"null"),
                }
            }
            // Misfits of columns that nobody asked for stay out, as the columns do.
            let is_column = |name: &str| batch.column_by_name(name).is_some();
            let undocumented = |name: &str| {
                !is_column(name) && (!of_legs || Column::all().iter().all(|column| column.name() != name))
            };
            let members = extra.iter().flat_map(Extra::iter);
            for (name, value) in members.filter(|(name, _)| undocumented(name)) {
                if !has_extra {
                    self.piece.push(if columns.is_empty() { b'{' } else { b',' });
                    self.text(name);
                    self.piece.push(b':');
                    self.piece.extend_from_slice(value.get().as_bytes());
                }
            }
            self.piece.extend_from_slice(b"}\n");
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
        let written = self.out.write_all(&self.piece);
        self.piece.clear();
        written
    }

    #[inline]
    fn cell(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Boolean(value) => self.piece.extend_from_slice(if value { b"true" } else { b"false" }),
            Cell::Double(value) => double(value, &mut self.piece),
            Cell::Integer(value) => integer(value, &mut self.piece),
            Cell::Text(text) => self.text(text),
            Cell::TextList(texts) => {
                self.piece.push(b'[');
                for (index, text) in texts.iter().enumerate() {
                    if index > 0 {
                        self.piece.push(b',');
                    }
                    self.text(text);
                }
                self.piece.push(b']');
            }
            Cell::Instant(micros) => {
                self.piece.push(b'"');
                self.clock.write(micros, b'T', &mut self.piece);
                self.piece.extend_from_slice(b"Z\"");
            }
            Cell::WallTime(micros) => {
                self.piece.push(b'"');
                self.clock.write(micros, b' ', &mut self.piece);
                self.piece.push(b'"');
            }
        }
    }

    #[inline]
    fn text(&mut self, text: &str) {
        let special = |byte| u8::from(byte < 0x20 || matches!(byte, b'"' | b'\\'));
        // Without an early end, so that it is done many bytes at a time.
        if text.bytes().map(special).fold(0, u8::max) > 0 {
            // Text always serialises, and a vector takes everything.
            let _infallible = serde_json::to_writer(&mut self.piece, text);
            return;
        }
        self.piece.push(b'"');
        self.piece.extend_from_slice(text.as_bytes());
        self.piece.push(b'"');
    }
}
