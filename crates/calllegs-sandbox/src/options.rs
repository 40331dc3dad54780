//! Everything that decides what an emulator answers, in one place.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use calllegs_core::{
    Brand,
    pager::{MAX_LIMIT, MAX_OFFSET},
};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use crate::{
    clock::Clock,
    emulator::Emulator,
    error::Error,
    fault::{Chaos, Fault},
    listing::Rules,
    new_field::NewField,
    quota::Points,
    read,
    server::Sandbox,
    store::Store,
    switches::{
        Bounds, ClockChange, DateAppliesTo, FutureDates, HttpErrors, Ids, LimitsOf, ListingOrder, OffsetCap,
        Unfinished,
    },
    world::{Burst, Plan, World},
};

/// Options of an emulator. The same options give the same answers on every platform.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) admin: bool,
    pub(crate) agency: u32,
    pub(crate) bind: SocketAddr,
    pub(crate) bounds: Bounds,
    pub(crate) brand: Brand,
    pub(crate) bursts: Vec<Burst>,
    pub(crate) clock: Clock,
    pub(crate) clock_change: ClockChange,
    pub(crate) data: Option<PathBuf>,
    pub(crate) date_applies_to: DateAppliesTo,
    pub(crate) day_limit: Option<u32>,
    pub(crate) days: Option<u32>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) future_dates: FutureDates,
    pub(crate) hour_limit: Option<u32>,
    pub(crate) http_errors: HttpErrors,
    pub(crate) ids: Ids,
    pub(crate) late_data: Option<bool>,
    pub(crate) legs_per_day: Option<u32>,
    pub(crate) limits_of: LimitsOf,
    pub(crate) listing_order: ListingOrder,
    pub(crate) max_limit: u32,
    pub(crate) max_offset: u32,
    pub(crate) min_age: Duration,
    pub(crate) minute_limit: Option<u32>,
    pub(crate) new_field: Option<NewField>,
    pub(crate) offset_cap: OffsetCap,
    pub(crate) repeats: u32,
    pub(crate) seed: u64,
    pub(crate) since: Option<NaiveDate>,
    pub(crate) unfinished: Unfinished,
    pub(crate) until: Option<NaiveDate>,
    pub(crate) world: World,
    pub(crate) zone: Option<Tz>,
}

/// The day before which the rows of most worlds end.
const UNTIL: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day of the calendar");

impl Default for Builder {
    /// Brand UIS, seed 42, the world's own zone, days and legs, which are Europe/Moscow and 30 days of 14,000 legs up to
    /// 2026-03-01 for the default one, 60 points a minute and 3,000 a day, every switch at its default, no faults, any
    /// free port of 127.0.0.1.
    fn default() -> Self {
        Self {
            admin: true,
            agency: 0,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bounds: Bounds::default(),
            brand: Brand::Uis,
            bursts: Vec::new(),
            clock: Clock::default(),
            clock_change: ClockChange::default(),
            data: None,
            date_applies_to: DateAppliesTo::default(),
            day_limit: Some(3000),
            days: None,
            faults: Vec::new(),
            future_dates: FutureDates::default(),
            hour_limit: None,
            http_errors: HttpErrors::default(),
            ids: Ids::default(),
            late_data: None,
            legs_per_day: None,
            limits_of: LimitsOf::default(),
            listing_order: ListingOrder::default(),
            max_limit: MAX_LIMIT,
            max_offset: MAX_OFFSET,
            min_age: Duration::ZERO,
            minute_limit: Some(60),
            new_field: None,
            offset_cap: OffsetCap::default(),
            repeats: 0,
            seed: 42,
            since: None,
            unfinished: Unfinished::default(),
            until: None,
            world: World::default(),
            zone: None,
        }
    }
}

impl Builder {
    /// Whether the server has the addresses under `/__sandbox/` that tell what was asked and change what goes wrong;
    /// it has unless told otherwise.
    #[must_use]
    pub fn admin(mut self, there: bool) -> Self {
        self.admin = there;
        self
    }

    /// Adds a partner with so many clients, whose key is `sandbox-hundred`. Together they have about `legs_per_day`, the
    /// largest twice as many as the second, three times as many as the third, and so on; the smallest has none. Every
    /// tenth has two users. From five clients on, three are not sound; see [`Condition`](crate::Condition). Points are
    /// the partner's, whoever it acts for.
    #[must_use]
    pub fn agency(mut self, clients: u32) -> Self {
        self.agency = clients;
        self
    }

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

    /// That many legs more in so many seconds from this time on, by the account's wall clock; repeatable. They belong
    /// to Acme alone, in sessions of up to three legs that begin in the same second.
    #[must_use]
    pub fn burst(mut self, at: NaiveDateTime, legs: u32, seconds: u32) -> Self {
        self.bursts.push(Burst { at, legs, seconds });
        self
    }

    /// Adds the faults of a mix.
    #[must_use]
    pub fn chaos(mut self, chaos: Chaos) -> Self {
        let faults = chaos.faults().iter().map(|fault| fault.parse());
        self.faults.extend(faults.filter_map(Result::ok));
        self
    }

    /// How time passes on the server; an [`Emulator`] alone is told the time with every request.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// What times mean in a night in which the clock is changed.
    #[must_use]
    pub fn clock_change(mut self, meaning: ClockChange) -> Self {
        self.clock_change = meaning;
        self
    }

    /// A file of rows in the form of `result.data`, one a line, plain or gzip. It replaces the made-up rows of every
    /// account: `since`, `until`, `legs_per_day`, `world` and `burst` then decide nothing.
    #[must_use]
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Which time of a leg the dates select by.
    #[must_use]
    pub fn date_applies_to(mut self, time: DateAppliesTo) -> Self {
        self.date_applies_to = time;
        self
    }

    /// Points a day; `None` switches the limit off.
    #[must_use]
    pub fn day_limit(mut self, points: Option<u32>) -> Self {
        self.day_limit = points;
        self
    }

    /// How many days of rows before `until`, unless `since` says it; [`World::days`] unless given.
    #[must_use]
    pub fn days(mut self, days: u32) -> Self {
        self.days = Some(days);
        self
    }

    /// Adds a fault.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// What a `date_from` in the account's future gets.
    #[must_use]
    pub fn future_dates(mut self, answer: FutureDates) -> Self {
        self.future_dates = answer;
        self
    }

    /// Points an hour, which no page documents; `None`, as it is unless set, switches the limit off.
    #[must_use]
    pub fn hour_limit(mut self, points: Option<u32>) -> Self {
        self.hour_limit = points;
        self
    }

    /// The HTTP status of errors of the API.
    #[must_use]
    pub fn http_errors(mut self, answer: HttpErrors) -> Self {
        self.http_errors = answer;
        self
    }

    /// How ids are written.
    #[must_use]
    pub fn ids(mut self, form: Ids) -> Self {
        self.ids = form;
        self
    }

    /// Whether ratings, recordings, some rows and some corrected reasons come only some time after a leg is over, by the
    /// clock. Unless told otherwise they do where the clock is not the real one. A function of the seed, the leg and the
    /// time alone: the same clock shows the same bytes. After a week nothing of a leg changes any more.
    #[must_use]
    pub fn late_data(mut self, late: bool) -> Self {
        self.late_data = Some(late);
        self
    }

    /// Size of the made-up call centre: legs on an ordinary working day, roughly; [`World::legs_per_day`] unless given.
    /// The customers of the partner key have a tenth of it.
    #[must_use]
    pub fn legs_per_day(mut self, legs: u32) -> Self {
        self.legs_per_day = Some(legs);
        self
    }

    /// Who shares points.
    #[must_use]
    pub fn limits_of(mut self, sharing: LimitsOf) -> Self {
        self.limits_of = sharing;
        self
    }

    /// In which order legs are listed.
    #[must_use]
    pub fn listing_order(mut self, order: ListingOrder) -> Self {
        self.listing_order = order;
        self
    }

    /// Refuses a period that ends, or begins, less than this before the account's now; zero refuses none.
    #[must_use]
    pub fn min_age(mut self, age: Duration) -> Self {
        self.min_age = age;
        self
    }

    /// Points a minute; `None` switches the limit off.
    #[must_use]
    pub fn minute_limit(mut self, points: Option<u32>) -> Self {
        self.minute_limit = points;
        self
    }

    /// A member of every row that no page documents.
    #[must_use]
    pub fn new_field(mut self, field: NewField) -> Self {
        self.new_field = Some(field);
        self
    }

    /// What an `offset` beyond the largest one gets.
    #[must_use]
    pub fn offset_cap(mut self, answer: OffsetCap) -> Self {
        self.offset_cap = answer;
        self
    }

    /// The largest `limit` and `offset` that are accepted, 10,000 and 100,000 as documented unless set. Smaller ones
    /// make a small world as hard to read as a large one.
    #[must_use]
    pub fn reach(mut self, limit: u32, offset: u32) -> Self {
        (self.max_limit, self.max_offset) = (limit, offset);
        self
    }

    /// How many legs in a thousand are listed twice: first as if they were still going on, then whole (docs/api.md Q14). Both
    /// count in `total_items`.
    #[must_use]
    pub fn repeats(mut self, per_mille: u32) -> Self {
        self.repeats = per_mille;
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

    /// Whether legs that are still going on are listed.
    #[must_use]
    pub fn unfinished(mut self, answer: Unfinished) -> Self {
        self.unfinished = answer;
        self
    }

    /// The day before which the rows end; [`World::until`] unless given, else 2026-03-01.
    #[must_use]
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.until = Some(day);
        self
    }

    /// What the made-up rows are like.
    #[must_use]
    pub fn world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// The time zone of every account; [`World::zone`] unless given.
    #[must_use]
    pub fn zone(mut self, zone: Tz) -> Self {
        self.zone = Some(zone);
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

    /// An emulator of these options over the rows of another one, which both share: a simulation makes a world once and
    /// thousands of emulators over it. Options that make rows, and the zone, are those of the other one.
    #[must_use]
    pub fn over(&self, other: &Emulator) -> Emulator {
        Emulator::over(self, other)
    }

    /// The emulator behind a server in a thread of its own. It stops when the sandbox is dropped.
    ///
    /// # Errors
    /// As [`emulator`](Self::emulator), and of kind [`Bind`](crate::ErrorKind::Bind).
    pub fn start(self) -> Result<Sandbox, Error> {
        let emulator = Emulator::new(&self)?;
        Sandbox::start(&self, emulator)
    }

    /// The rows of the file, if one is given.
    pub(crate) fn read(&self) -> Result<Option<Store>, Error> {
        self.data.as_deref().map(read::file).transpose()
    }

    /// The zone of every account.
    pub(crate) fn zone_in_force(&self) -> Tz {
        self.zone.unwrap_or_else(|| self.world.zone())
    }

    pub(crate) fn legs_per_day_in_force(&self) -> u32 {
        self.legs_per_day.unwrap_or_else(|| self.world.legs_per_day())
    }

    /// What the rows of one account are made of.
    pub(crate) fn plan(&self, account: u64, legs_per_day: u32) -> Result<Plan, Error> {
        let until = self.until.or_else(|| self.world.until()).unwrap_or(UNTIL);
        let days = self.days.unwrap_or_else(|| self.world.days());
        let since = self.since.or_else(|| until.checked_sub_days(Days::new(days.into())));
        let Some(since) = since.filter(|since| *since < until) else {
            return Err(Error::period("the period of the made-up rows has no day"));
        };
        // Years that the wire can write, with room on both sides for zones and for calls that cross midnight.
        if since.year() < 1000 || until.year() > 9000 {
            return Err(Error::period("the period of the made-up rows leaves the years 1000 to 9000"));
        }
        let mut bursts = self.bursts.clone();
        bursts.extend(until.pred_opt().and_then(|day| self.world.burst(day)));
        if bursts.iter().any(|burst| !(1000..=9000).contains(&burst.at.year())) {
            return Err(Error::period("a burst leaves the years 1000 to 9000"));
        }
        if self.world.is_on_demand() && !bursts.is_empty() {
            return Err(Error::world(
                "the world `huge` has no bursts: its legs are counted before they are made",
            ));
        }
        // Only the first account has them.
        let bursts = if account == 0 { bursts } else { Vec::new() };
        Ok(Plan {
            world: self.world,
            seed: self.seed,
            account,
            since,
            until,
            zone: self.zone_in_force(),
            legs_per_day,
            bursts,
        })
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            brand: self.brand,
            max_limit: self.max_limit,
            max_offset: self.max_offset,
            offset_cap: self.offset_cap,
        }
    }

    pub(crate) fn points(&self) -> Points {
        Points { day: self.day_limit, hour: self.hour_limit, minute: self.minute_limit }
    }
}
