//! Everything that decides what an emulator answers, in one place.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use calllegs_core::Brand;
use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use crate::{
    emulator::Emulator,
    error::Error,
    read,
    server::Sandbox,
    store::Store,
    world::{self, Plan},
};

/// Which ends of `date_from` to `date_till` belong to a window. The documentation does not say; the one report from
/// practice is [`Exclusive`](Self::Exclusive).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth way that anybody reported")]
pub enum Bounds {
    /// Neither end.
    #[default]
    Exclusive,
    /// The first end only.
    HalfOpen,
    /// Both ends.
    Inclusive,
}

impl Bounds {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Exclusive, Self::HalfOpen, Self::Inclusive];

    /// The word of the switch `--bounds`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::HalfOpen => "half-open",
            Self::Inclusive => "inclusive",
        }
    }

    /// The bounds of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bounds| bounds.name() == name)
    }

    /// Whether the first and the last second belong to the window.
    pub(crate) const fn ends(self) -> (bool, bool) {
        match self {
            Self::Exclusive => (false, false),
            Self::HalfOpen => (true, false),
            Self::Inclusive => (true, true),
        }
    }
}

/// Options of an emulator. The same options give the same answers on every platform.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) bind: SocketAddr,
    pub(crate) bounds: Bounds,
    pub(crate) brand: Brand,
    pub(crate) data: Option<PathBuf>,
    pub(crate) day_limit: Option<u32>,
    pub(crate) days: u32,
    pub(crate) legs_per_day: u32,
    pub(crate) minute_limit: Option<u32>,
    pub(crate) seed: u64,
    pub(crate) since: Option<NaiveDate>,
    pub(crate) until: NaiveDate,
    pub(crate) zone: Tz,
}

impl Default for Builder {
    /// Brand UIS, seed 42, zone Europe/Moscow, 30 days of 14,000 legs up to 2026-03-01, exclusive bounds, 60 points a
    /// minute and 3,000 a day, any free port of 127.0.0.1.
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bounds: Bounds::default(),
            brand: Brand::Uis,
            data: None,
            day_limit: Some(3000),
            days: 30,
            legs_per_day: 14_000,
            minute_limit: Some(60),
            seed: 42,
            since: None,
            until: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap_or_default(),
            zone: Tz::Europe__Moscow,
        }
    }
}

impl Builder {
    /// Address to listen on; port 0 takes any free one.
    #[must_use]
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.bind = address;
        self
    }

    /// Which ends of a window belong to it.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Whose fields, operators and spellings hold.
    #[must_use]
    pub fn brand(mut self, brand: Brand) -> Self {
        self.brand = brand;
        self
    }

    /// A file of rows in the form of `result.data`, one a line, plain or gzip. It replaces the made-up rows of every
    /// account; `seed`, `since`, `until` and `legs_per_day` then decide nothing.
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Points a day; `None` switches the limit off.
    #[must_use]
    pub fn day_limit(mut self, points: Option<u32>) -> Self {
        self.day_limit = points;
        self
    }

    /// How many days of rows before `until`, unless `since` says it.
    #[must_use]
    pub fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Size of the made-up call centre: legs on an ordinary working day, roughly. The customers of the partner key
    /// have a tenth of it.
    #[must_use]
    pub fn legs_per_day(mut self, legs: u32) -> Self {
        self.legs_per_day = legs;
        self
    }

    /// Points a minute; `None` switches the limit off.
    #[must_use]
    pub fn minute_limit(mut self, points: Option<u32>) -> Self {
        self.minute_limit = points;
        self
    }

    /// The seed of every choice. A day has the same rows in every period that holds it.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The first day of the rows.
    #[must_use]
    pub fn since(mut self, day: NaiveDate) -> Self {
        self.since = Some(day);
        self
    }

    /// The day before which the rows end.
    #[must_use]
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.until = day;
        self
    }

    /// The time zone of every account.
    #[must_use]
    pub fn zone(mut self, zone: Tz) -> Self {
        self.zone = zone;
        self
    }

    /// The emulator alone, without a server: [`Emulator::handle`] is a function of its arguments.
    ///
    /// # Errors
    /// Of kind [`Data`](crate::ErrorKind::Data) for a bad file, of kind [`Period`](crate::ErrorKind::Period) for a
    /// period without days.
    pub fn emulator(self) -> Result<Emulator, Error> {
        Emulator::new(&self)
    }

    /// The emulator behind a server in a thread of its own. It stops when the sandbox is dropped.
    ///
    /// # Errors
    /// As [`emulator`](Self::emulator), and of kind [`Bind`](crate::ErrorKind::Bind).
    pub fn start(self) -> Result<Sandbox, Error> {
        Sandbox::start(self.bind, self.brand, self.emulator()?)
    }

    /// The rows of the file, if one is given.
    pub(crate) fn read(&self) -> Result<Option<Store>, Error> {
        self.data.as_deref().map(read::file).transpose()
    }

    /// Makes up the rows of one account.
    pub(crate) fn generate(&self, account: u64, legs_per_day: u32) -> Result<Store, Error> {
        let since = self.since.or_else(|| self.until.checked_sub_days(Days::new(self.days.into())));
        let Some(since) = since.filter(|since| *since < self.until) else {
            return Err(Error::period("the period of the made-up rows has no day"));
        };
        // Years that the wire can write, with room on both sides for zones and for calls that cross midnight.
        if since.year() < 1000 || self.until.year() > 9000 {
            return Err(Error::period("the period of the made-up rows leaves the years 1000 to 9000"));
        }
        let plan = Plan { seed: self.seed, account, since, until: self.until, zone: self.zone, legs_per_day };
        Ok(world::generate(&plan))
    }
}
