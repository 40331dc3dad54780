//! Plain CSV and JSON Lines, as the tool writes them. Not here: packing.

use std::{
    collections::{BTreeSet, HashMap},
    io::{self, BufRead, BufReader, Read},
    ops::ControlFlow,
    path::Path,
};

use arrow_schema::ArrowError;
use calllegs_arrow::schema::Column;
use serde_json::{Value, value::RawValue};

use super::unreadable;
use crate::{
    error::{Error, ErrorKind},
    rows::{Cells, Rows},
    wanted::{Each, Wanted},
};

/// CSV with names of columns in its first line. Which of the other presets a file has cannot always be told.
pub(super) fn csv(
    path: &Path,
    stream: Box<dyn Read + Send>,
    wanted: &Wanted,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Error> {
    let mut reader = csv::ReaderBuilder::new().from_reader(stream);
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let other = || io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is no CSV of ours"));
        let is_io = error.is_io_error();
        unreadable(path, &if is_io { io::Error::from(error) } else { other() })
    };
    let header = reader.headers().map_err(broken)?.clone();
    if header.iter().all(|name| Column::all().iter().all(|column| column.name() != name)) {
        return Err(Error::new(ErrorKind::Unreadable, format!("{} is no plain CSV", path.display()))
            .because("its first line does not name the columns of legs with commas between")
            .next("extract the legs again as a plain CSV, without a preset, or as Parquet"));
    }
    no_name_twice(path, header.iter())?;
    let columns = wanted.of_files();
    let columns: Vec<_> =
        columns.into_iter().filter(|column| header.iter().any(|name| name == column.name())).collect();
    let of = |column: &&Column| header.iter().position(|name| name == column.name());
    let places: Vec<usize> = columns.iter().filter_map(of).collect();
    let mut rows = Rows::new(columns);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        let line = record.position().map_or(0, csv::Position::line);
        for (place, (column, cells)) in places.iter().zip(rows.cells()) {
            match record.get(*place) {
                None | Some("") => cells.null(),
                Some(text) => cells.text(text).ok_or_else(|| unfit(path, line, column))?,
            }
        }
        if let Some(batch) = rows.end().map_err(|error| arrow(path, error))?
            && each(batch).is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(each(rows.batch().map_err(|error| arrow(path, error))?))
}

/// An object a line. A value that a line leaves out is null there; a column that no line has is none of the file's.
pub(super) fn jsonl(
    path: &Path,
    stream: impl Fn() -> Result<Box<dyn Read + Send>, Error>,
    wanted: &Wanted,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Error> {
    let (columns, is_empty) = columns(path, stream()?, wanted.of_files())?;
    if columns.is_empty() {
        return if is_empty { Ok(ControlFlow::Continue(())) } else { Err(no_leg(path, 1)) };
    }
    let mut rows = Rows::new(columns);
    let mut left = ControlFlow::Continue(());
    lines(path, stream()?, |number, line| {
        let object: HashMap<&str, Value> = serde_json::from_str(line).map_err(|_| no_leg(path, number))?;
        for (column, cells) in rows.cells() {
            json(object.get(column.name()), cells).ok_or_else(|| unfit(path, number, column))?;
        }
        if let Some(batch) = rows.end().map_err(|error| arrow(path, error))? {
            left = each(batch);
        }
        Ok(left)
    })?;
    if left.is_break() {
        return Ok(left);
    }
    Ok(each(rows.batch().map_err(|error| arrow(path, error))?))
}

/// Refuses a header with a name that stands there twice: which of the two is meant nobody knows.
pub(super) fn no_name_twice<'a>(path: &Path, header: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    for name in header {
        if !name.is_empty() && !names.insert(name) {
            return Err(Error::new(
                ErrorKind::Unreadable,
                format!("{} has two columns of one name", path.display()),
            )
            .because("which of them is meant is not said")
            .next("rename or remove one of them"));
        }
    }
    Ok(())
}

/// Those of the columns that some line has, and whether there is no line. The first one of most files has all of them, but
/// scripts leave out what is null.
fn columns(
    path: &Path,
    stream: Box<dyn Read + Send>,
    mut columns: Vec<&'static Column>,
) -> Result<(Vec<&'static Column>, bool), Error> {
    let mut is_empty = true;
    let mut absent: Vec<_> =
        columns.iter().map(|column| (column.name(), format!("\"{}\"", column.name()))).collect();
    lines(path, stream, |number, line| {
        is_empty = false;
        if absent.iter().any(|(_, quoted)| line.contains(quoted)) {
            let object: HashMap<String, &RawValue> =
                serde_json::from_str(line).map_err(|_| no_leg(path, number))?;
            absent.retain(|(name, _)| !object.contains_key(*name));
        }
        Ok(if absent.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    columns.retain(|column| absent.iter().all(|(name, _)| *name != column.name()));
    Ok((columns, is_empty))
}

fn lines(
    path: &Path,
    stream: Box<dyn Read + Send>,
    mut take: impl FnMut(u64, &str) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream);
    for number in 1.. {
        line.clear();
        if reader.read_line(&mut line).map_err(|error| unreadable(path, &error))? == 0
            || take(number, &line)?.is_break()
        {
            break;
        }
    }
    Ok(())
}

fn no_leg(path: &Path, line: u64) -> Error {
    unreadable(path, &io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is no leg")))
}

fn json(value: Option<&Value>, cells: &mut Cells) -> Option<()> {
    match (value, cells) {
        (None | Some(Value::Null), cells) => {
            cells.null();
            Some(())
        }
        (Some(Value::Bool(truth)), Cells::Boolean(cells)) => {
            cells.append_value(*truth);
            Some(())
        }
        (Some(Value::Number(number)), Cells::Double(cells)) => {
            cells.append_value(number.as_f64()?);
            Some(())
        }
        (Some(Value::Number(number)), cells @ (Cells::Int32(_) | Cells::Int64(_))) => {
            cells.integer(number.as_i64()?)
        }
        (Some(Value::Array(items)), Cells::Texts(cells)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            cells.append_value(texts?.into_iter().map(Some));
            Some(())
        }
        // Also what the server spelled in another way: it stands as it came.
        (Some(Value::String(text)), cells) => cells.text(text),
        (Some(_), _) => None,
    }
}

fn unfit(path: &Path, line: u64, column: &Column) -> Error {
    Error::new(
        ErrorKind::Unreadable,
        format!("line {line} of {}: {} is not as calllegs writes it", path.display(), column.name()),
    )
    .because("the file has another form, was changed, or the server sent what fits no column")
    .next("write plain CSV, or Parquet, which has the types of its columns")
}

fn arrow(path: &Path, error: ArrowError) -> Error {
    unreadable(path, &io::Error::new(io::ErrorKind::InvalidData, error))
}
