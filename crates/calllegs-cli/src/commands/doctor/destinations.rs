//! `doctor --dest`: whether a place of `sync` can be opened and written. Not here: the places (`calllegs-store`).

use super::report::Report;
use crate::{failure::Failure, input::place::Place, lang::say, ui::echo::without_passwords};

/// Tries it, and leaves nothing behind.
pub(super) fn check(text: &str, report: &mut Report) -> Result<(), Failure> {
    let shown = without_passwords(text);
    let tried = Place::read(text).and_then(|place| place.open(true)).and_then(|place| {
        let mut place = place.lock();
        Ok((place.try_writing()?, place.address().to_owned()))
    });
    match tried {
        Ok((true, address)) => report.ok("place", say!("{address} is there and can be written", address)),
        Ok((false, address)) => {
            report.ok("place", say!("{address} is not there yet and can be made", address))
        }
        Err(failure) => {
            report.fail("place", &Failure { what: format!("{shown}: {}", failure.what), ..failure })
        }
    }
}
