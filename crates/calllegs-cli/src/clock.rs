//! When it is, and where: the moment of a run on the wall clock of an account. Not here: who reads the clock of the machine
//! (`main`), or that of an emulator (`account::server_clock`).

use calllegs_arrow::Zone;
use chrono::{DateTime, NaiveDateTime, Utc};

/// When it is, and where.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    pub(crate) now: DateTime<Utc>,
    /// The zone of the account: the clock of its legs and of every request.
    pub(crate) zone: Zone,
    /// The zone that dates are meant in, where it is another one.
    pub(crate) dates: Option<Zone>,
}

impl Clock {
    /// The wall clock of the account.
    pub(crate) fn local(&self) -> NaiveDateTime {
        self.zone.wall(self.now)
    }

    /// The wall clock that dates are meant by.
    pub(crate) fn of_dates(&self) -> NaiveDateTime {
        self.dates.as_ref().unwrap_or(&self.zone).wall(self.now)
    }

    /// What the clock of the account shows when the one of dates shows this.
    pub(crate) fn at(&self, date: NaiveDateTime) -> NaiveDateTime {
        self.dates.as_ref().map_or(date, |dates| self.zone.wall(dates.instant(date)))
    }
}
