//! A workbook out of the rows that were kept. It cannot be gone on with in its middle, so rows are kept as an Arrow stream, and
//! the workbook is made of them when all are there: what was paid for is never bought again.

use std::{
    io::{self, BufWriter, Write as _},
    panic::{self, AssertUnwindSafe},
    path::Path,
};

use calllegs_arrow::{ipc, origin::Origin, schema::Column, xlsx::XlsxWriter};

use super::atomic::AtomicFile;
use crate::error::{Error, ErrorKind};

/// Makes a workbook of so many rows of the part, and gives it the name.
pub(super) fn commit(
    part: &AtomicFile,
    columns: &[&'static Column],
    origin: &Origin,
    rows: u64,
) -> Result<(), Error> {
    let folder = part.target().parent().unwrap_or_else(|| Path::new(""));
    let made = || -> io::Result<_> {
        let workbook = part.another()?;
        let mut writer = XlsxWriter::new(folder, columns, origin)?;
        let mut found = 0;
        for batch in ipc::read_back(part.decompressed_stream()?)? {
            let batch = batch?;
            writer.write(&batch)?;
            found += batch.num_rows() as u64;
        }
        let mut out = BufWriter::with_capacity(1 << 20, workbook.file());
        writer.finish(&mut out)?;
        out.flush()?;
        drop(out);
        Ok((workbook, found))
    };
    // The library panics where a file of its own cannot be written.
    let made = panic::catch_unwind(AssertUnwindSafe(made)).unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::StorageFull, "there is no room for its sheets"))
    });
    let (workbook, found) = made.map_err(|error| Error::writing(part.target().display(), &error))?;
    if found != rows {
        return Err(Error::new(ErrorKind::Internal, format!("{found} of {rows} rows could be read back")));
    }
    part.commit_as(&workbook)
}
