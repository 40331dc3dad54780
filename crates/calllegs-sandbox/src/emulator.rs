//! The emulator: `exchange(now, request) -> answer`, with no socket, no clock and no randomness but the seed's.
//!
//! Checks run in this order (docs/api.md, question 16): JSON, array, object with version and id, method, token, address,
//! account, rights, limits, parameters (type, unknown, required, value, combination). Then the call runs, and then it
//! is charged: a refused call costs nothing. Faults hit in the same order: before the API, at the check that they
//! break, in the page, in the finished body, on the way.

mod answering;
mod oracle;

use std::{collections::BTreeMap, sync::Arc};

use calllegs_core::{
    Brand, CallLegs,
    schema::{Listing, MethodInfo},
};
use calllegs_reports::financial_call_legs_report::FinancialCallLegsReport;
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use crate::{
    accounts::{Accounts, AllAccounts},
    agency::Customer,
    answer::Answer,
    clock::Arrival,
    error::Error,
    fault::{Fault, Faults, Kind, Turn},
    journal::{Entry, Journal, Stats},
    lateness::Lateness,
    listing::{Dates, Rules},
    new_field::NewField,
    options::Builder,
    quota::Points,
    report::Latest,
    request::Request,
    store::Store,
    switches::{DateAppliesTo, FutureDates, HttpErrors, Ids, ListingOrder, Unfinished},
    view::{Late, Moment, View},
};

/// The API on made-up or given rows. A clone shares the rows and goes its own way from there; emulators with other
/// options over the same rows come from [`Builder::over`].
///
/// ```
/// use calllegs_sandbox::Sandbox;
///
/// let mut emulator = Sandbox::builder().seed(7).days(1).emulator()?;
/// let reply = emulator.handle(1_772_000_000, br#"{"jsonrpc":"2.0","id":1,"method":"get.account",
///     "params":{"access_token":"sandbox-acme"}}"#);
/// let reply: serde_json::Value = serde_json::from_slice(&reply).unwrap();
/// assert_eq!(reply["result"]["data"][0]["timezone"], "Europe/Moscow");
/// # Ok::<(), calllegs_sandbox::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Emulator {
    rules: Rules,
    dates: Dates,
    order: ListingOrder,
    repeats: u32,
    http_errors: HttpErrors,
    future: FutureDates,
    unfinished: Unfinished,
    ids: Ids,
    min_age: TimeDelta,
    seed: u64,
    points: Points,
    accounts: Accounts,
    faults: Faults,
    latest: Latest,
    journal: Journal,
    /// Unix time of the latest request, or what the clock was put to since.
    now: Option<i64>,
    /// Whether some things come late by the clock.
    late_data: bool,
    /// A member of every row that no page documents.
    new_field: Option<NewField>,
    /// Pages of legs that were answered.
    answered: u64,
    /// Pages that accounts answered which answer a few only, by place.
    lives: BTreeMap<usize, u32>,
}

impl Emulator {
    pub(crate) fn new(options: &Builder) -> Result<Self, Error> {
        Ok(Self::with(options, Arc::new(AllAccounts::new(options)?)))
    }

    /// An emulator of these options over the rows of another.
    pub(crate) fn over(options: &Builder, other: &Self) -> Self {
        Self::with(options, Arc::clone(&other.accounts.world))
    }

    fn with(options: &Builder, world: Arc<AllAccounts>) -> Self {
        let mut emulator = Self {
            rules: options.rules(),
            dates: Dates {
                bounds: options.bounds,
                applies_to: options.date_applies_to,
                clock_change: options.clock_change,
                zone: world.zone,
            },
            order: options.listing_order,
            repeats: options.repeats,
            http_errors: options.http_errors,
            future: options.future_dates,
            unfinished: options.unfinished,
            ids: options.ids,
            min_age: TimeDelta::from_std(options.min_age).unwrap_or(TimeDelta::MAX),
            seed: options.seed,
            points: options.points(),
            accounts: Accounts::new(options, world),
            faults: Faults::default(),
            latest: Latest::default(),
            journal: Journal::default(),
            now: None,
            late_data: options.late_data.unwrap_or_else(|| !options.clock.is_real()),
            new_field: options.new_field.clone(),
            answered: 0,
            lives: BTreeMap::new(),
        };
        emulator.set_faults(options.faults.clone());
        emulator
    }

    /// Answers the body of a request with the body of a reply. `now` is Unix time in seconds: it decides when
    /// sessions end, limits reset, and which legs are over. Faults that are a matter of HTTP show only in
    /// [`exchange`](Self::exchange).
    pub fn handle(&mut self, now: i64, body: &[u8]) -> Vec<u8> {
        self.exchange(now, body).body
    }

    /// Answers the body of a request with everything that goes over HTTP: the same function in full.
    pub fn exchange(&mut self, now: i64, body: &[u8]) -> Answer {
        self.receive(Arrival::at(now), body)
    }

    /// [`exchange`](Self::exchange) by a clock of its own.
    pub(crate) fn receive(&mut self, arrival: Arrival, body: &[u8]) -> Answer {
        let now = arrival.now;
        self.put_to(now);
        self.journal.stats.calls += 1;
        let mut entry = Entry::new(self.journal.stats.calls, now);
        let request = Request::read(body);
        let mut turn = match &request {
            Ok(request) => {
                entry.describe(request);
                self.faults.turn(entry.number, &request.method, &request.params)
            }
            Err(_) => Turn::none(),
        };
        let mut answer = match Answer::gateway(&mut turn).or_else(|| self.down(now, &request)) {
            Some(answer) => answer,
            None => self.respond(arrival, request, &mut turn, &mut entry),
        };
        self.faults.settle(&turn);
        answer.fault = turn.name();
        if answer.fault.is_none() && entry.refused.is_none() && entry.method == CallLegs::METHOD.name {
            answer.fault = self.faults.list().find(|fault| fault.is_standing()).map(Fault::name);
        }
        (entry.fault, entry.status) = (answer.fault, answer.status);
        self.journal.push(entry);
        answer
    }

    /// Calls so far.
    pub fn stats(&self) -> Stats {
        self.journal.stats
    }

    /// The latest requests, the oldest of them first, 100,000 at most.
    pub fn journal(&self) -> impl Iterator<Item = &Entry> {
        self.journal.entries()
    }

    /// The faults in force.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.list()
    }

    /// Replaces all faults; what was counted of the old ones is forgotten. Where this changes the kind of limits,
    /// all points are unused again.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        let hours = |faults: &Faults| faults.standing(Kind::HourLimits).is_some();
        let before = hours(&self.faults);
        self.faults = Faults::new(self.seed, faults);
        self.latest = Latest::default();
        if before != hours(&self.faults) {
            let hour = self.points.hour.or(Some(USUAL_HOUR));
            self.accounts.limit(if before { self.points } else { Points { day: None, minute: None, hour } });
        }
    }

    /// As it was at its start: no journal, no sessions, all points unused, faults not yet come up. The faults remain.
    pub fn reset(&mut self) {
        self.accounts.reset();
        self.faults.reset();
        self.latest = Latest::default();
        self.journal = Journal::default();
        self.answered = 0;
        self.lives.clear();
    }

    /// Looks at the rows as of this Unix time from now on, as a request at it would.
    pub(crate) fn put_to(&mut self, now: i64) {
        // Rows that were found may be there no longer.
        if self.now.is_some_and(|before| now < before) {
            self.latest = Latest::default();
        }
        self.now = Some(now);
    }

    /// Whose tables it has.
    pub(crate) fn brand(&self) -> Brand {
        self.rules.brand
    }

    /// Points that there are in each span of time.
    pub(crate) fn points(&self) -> Points {
        self.points
    }

    /// Where the rows come from, in words.
    pub(crate) fn described(&self) -> String {
        match self.accounts.world.made {
            Some((world, seed)) => format!("world {}, seed {seed}", world.as_str()),
            None => "a file".to_owned(),
        }
    }

    /// The zone of every account.
    pub(crate) fn zone(&self) -> Tz {
        self.accounts.world.zone
    }

    /// Gives every row a member that no page documents, from the next page on; `None` ends that.
    pub fn set_new_field(&mut self, field: Option<NewField>) {
        self.new_field = field;
    }

    /// The member that no page documents.
    pub fn new_field(&self) -> Option<&NewField> {
        self.new_field.as_ref()
    }

    /// The clients of all partners, in the order of their `app_id`.
    pub fn customers(&self) -> Vec<Customer> {
        let mut clients: Vec<_> = self.accounts.world.clients().collect();
        clients.sort_by_key(|client| client.app_id);
        clients
    }

    pub(crate) fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// What emulators over the same rows share.
    pub(crate) fn world(&self) -> Arc<AllAccounts> {
        Arc::clone(&self.accounts.world)
    }

    /// The rows of an account as of the latest request.
    fn view<'a>(&self, account: usize, method: &MethodInfo, store: &'a Store) -> View<'a> {
        let is_legs = method.name == CallLegs::METHOD.name;
        // A charged leg has the id of its leg, and comes and goes with it.
        let has_legs = is_legs || method.name == FinancialCallLegsReport::METHOD.name;
        let late = self.faults.standing(Kind::Overlap).filter(|_| has_legs).map(|fault| Late {
            seed: self.seed,
            share: fault.chance.unwrap_or(USUAL_SHARE),
            after: fault.after.into(),
            spread: fault.times.unwrap_or(USUAL_SPREAD),
            answered: self.answered,
        });
        View {
            store,
            now: self.now.map(|unix| Moment { unix, zone: self.accounts.world.zone }),
            unfinished: if is_legs { self.unfinished } else { Unfinished::Hide },
            late,
            lateness: self.late_data.then(|| Lateness { seed: self.seed.wrapping_add(account as u64) }),
            shift: if has_legs && self.faults.standing(Kind::HugeIds).is_some() { HUGE } else { 0 },
        }
    }

    /// How a period selects rows of the method.
    fn dates_of(&self, method: &MethodInfo) -> Dates {
        let is_legs = method.name == CallLegs::METHOD.name;
        Dates { applies_to: if is_legs { self.dates.applies_to } else { DateAppliesTo::Leg }, ..self.dates }
    }

    /// The account's wall clock.
    fn wall(&self, now: i64) -> Option<NaiveDateTime> {
        Some(DateTime::from_timestamp(now, 0)?.with_timezone(&self.accounts.world.zone).naive_local())
    }
}

/// Points an hour under the fault `hour-limits` when no limit is set (docs/api.md 4).
const USUAL_HOUR: u32 = 4000;

/// The share of late rows under the fault `overlap`, in millionths, and the calls over which they appear.
const USUAL_SHARE: u32 = 100_000;
const USUAL_SPREAD: u32 = 20;

/// Added to ids by the fault `huge-ids`: a floating point number does not hold the sum.
const HUGE: i64 = 1 << 53;
