//! Text on standard output, and values as text.

use std::io::{self, Write};
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

use calllegs_arrow::Leg;
use calllegs_core::{
    schema::{Cell, Cells, FieldInfo},
    value::wall_time,
};
#[cfg(unix)]
use rustix::fs::OFlags;
use serde::Serialize;

use crate::failure::Failure;
#[cfg(unix)]
use crate::{failure::Exit, lang::say};

/// Whether standard output was open for writing before `main`. The standard library opens `/dev/null` in place of what is
/// closed and takes the error of what cannot be written for success, so that later nobody can tell.
#[cfg(unix)]
static OPEN: AtomicBool = AtomicBool::new(true);

#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look() {
        let flags = rustix::fs::fcntl_getfl(rustix::stdio::stdout());
        OPEN.store(flags.is_ok_and(|flags| flags & OFlags::ACCMODE != OFlags::RDONLY), Ordering::Relaxed);
    }
}

/// Whether there is somewhere to print data to, for commands whose data would be gone otherwise.
pub(crate) fn check() -> Result<(), Failure> {
    #[cfg(unix)]
    if !OPEN.load(Ordering::Relaxed) {
        return Err(Failure::new(Exit::Destination, say!("standard output is closed"))
            .because(say!("it was closed, or opened for reading only, by whoever started this program"))
            .next(say!("leave `>&-` out; to see nothing, write to /dev/null; `get` writes a file with -o")));
    }
    Ok(())
}

/// Writes a text to standard output, all of it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    check()?;
    write(text).map_err(|error| Failure::stdout(&error))
}

/// The same, where it is known that there is somewhere to print to.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

/// Writes a value to standard output, as JSON that people can read too.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value);
    print(&format!("{}\n", text.map_err(|error| Failure::stdout(&error.into()))?))
}

/// A value as text: nothing for no value, lists joined with a space, what does not fit its type as the server wrote it.
pub(crate) fn text(leg: &Leg, column: &FieldInfo) -> String {
    match leg.cell(column) {
        Cell::Boolean(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Decimal(value) => value.to_string(),
        Cell::Text(value) => value.to_owned(),
        Cell::Time(value) => wall_time::format(value).to_string(),
        Cell::List(items) => items.iter().collect::<Vec<_>>().join(" "),
        // No value, and kinds of cells that core may learn of.
        Cell::Null | _ => {
            leg.extra().and_then(|extra| Some(extra.text(column.name())?.into_owned())).unwrap_or_default()
        }
    }
}
