//! Texts as they are, column by column, whoever wrote them: for those who look for something in them. Not here: legs
//! (`texts`).

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read},
    ops::ControlFlow,
    path::Path,
    sync::Arc,
};

use arrow_array::{ArrayRef, RecordBatch, builder::StringBuilder};
use serde_json::{Map, Value};

use super::unreadable;
use crate::{error::Error, wanted::Each};

/// Rows of a batch.
const ROWS: usize = 8192;

/// Any CSV with a header: `,`, `;` or tabs between values. Bytes that are no UTF-8 are of some other alphabet than digits.
pub(super) fn csv(
    path: &Path,
    stream: Box<dyn Read + Send>,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Error> {
    let mut stream = BufReader::new(stream);
    let first = stream.fill_buf().map_err(|error| unreadable(path, &error))?;
    let first = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: &&u8| first.split(|byte| byte == *mark).count();
    let mark = [b',', b';', b'\t'].iter().max_by_key(count).copied().unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(mark).flexible(true).has_headers(false).from_reader(stream);
    let (mut header, mut cells): (Vec<String>, Vec<Vec<Option<String>>>) = (Vec::new(), Vec::new());
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(path, &io::Error::other(error)))? {
        let texts = record.iter().map(|text| String::from_utf8_lossy(text).into_owned());
        if header.is_empty() {
            header = texts.map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
            super::texts::no_name_twice(path, header.iter().map(String::as_str))?;
            continue;
        }
        cells.push(texts.map(|text| Some(text).filter(|text| !text.is_empty())).collect());
        // A line may be longer than the header.
        while header.len() < record.len() {
            header.push(format!("column {}", header.len() + 1));
        }
        if cells.len() >= ROWS && each(batch(path, &header, &mut cells)?).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(each(batch(path, &header, &mut cells)?))
}

/// Any objects, one a line.
pub(super) fn jsonl(
    path: &Path,
    stream: Box<dyn Read + Send>,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Error> {
    let (mut header, mut cells): (Vec<String>, Vec<Vec<Option<String>>>) = (Vec::new(), Vec::new());
    let mut places = BTreeMap::new();
    for (number, line) in (1..).zip(BufReader::new(stream).lines()) {
        let line = line.map_err(|error| unreadable(path, &error))?;
        let object: Map<String, Value> = serde_json::from_str(&line).map_err(|_| {
            let what = format!("line {number} is no object of JSON");
            unreadable(path, &io::Error::new(io::ErrorKind::InvalidData, what))
        })?;
        let mut row = vec![None; header.len()];
        for (name, value) in object {
            let place = *places.entry(name).or_insert_with_key(|name| {
                header.push(name.clone());
                header.len() - 1
            });
            row.resize(header.len().max(row.len()), None);
            let text = match value {
                Value::Null => None,
                Value::Array(items) if items.is_empty() => None,
                Value::String(text) => Some(text).filter(|text| !text.is_empty()),
                other @ (Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                    Some(other.to_string())
                }
            };
            if let Some(cell) = row.get_mut(place) {
                *cell = text;
            }
        }
        cells.push(row);
        if cells.len() >= ROWS && each(batch(path, &header, &mut cells)?).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(each(batch(path, &header, &mut cells)?))
}

/// The rows so far, which are then gone.
fn batch(path: &Path, header: &[String], rows: &mut Vec<Vec<Option<String>>>) -> Result<RecordBatch, Error> {
    let rows = std::mem::take(rows);
    let columns = header.iter().enumerate().map(|(place, name)| {
        let mut cells = StringBuilder::new();
        for row in &rows {
            cells.append_option(row.get(place).and_then(Option::as_deref));
        }
        (name.clone(), Arc::new(cells.finish()) as ArrayRef, true)
    });
    if header.is_empty() {
        return Ok(RecordBatch::new_empty(Arc::new(arrow_schema::Schema::empty())));
    }
    let batch = RecordBatch::try_from_iter_with_nullable(columns);
    batch.map_err(|error| unreadable(path, &io::Error::new(io::ErrorKind::InvalidData, error)))
}
