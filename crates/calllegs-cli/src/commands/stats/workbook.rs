//! One result, or a list of calls, as a workbook. Not here: its cells (`calllegs_stats::report::sheet`).

use std::path::Path;

use calllegs_stats::report;
use calllegs_store::AtomicFile;

use super::machine::Rows;
use crate::{
    failure::{Exit, Failure},
    lang::say,
};

/// Writes it, over a workbook that is there.
pub(super) fn write(
    path: &Path,
    key: &str,
    titles: &[&str],
    rows: &Rows,
    notes: &[String],
) -> Result<(), Failure> {
    let file = AtomicFile::create_over(path, ("-o", "workbook"), |first: &[u8]| first.starts_with(b"PK"))?;
    let bytes = report::sheet(key, (&rows.columns, titles), &rows.rows, notes).map_err(|error| {
        Failure::new(Exit::Destination, say!("no workbook can be made: {error}", error))
            .because(say!("a cell takes 32,767 letters"))
            .next(say!("take --format csv"))
    });
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(failure) => {
            file.discard();
            return Err(failure);
        }
    };
    Ok(file.write_all(&bytes)?)
}
