//! The emulator: `exchange(now, request) -> answer`, with no socket, no clock and no randomness but the seed's.
//!
//! Checks run in this order (docs/api.md, question 16): JSON, array, object with version and id, method, token, address,
//! account, rights, limits, parameters (type, unknown, required, value, combination). Then the call runs, and then it
//! is charged: a refused call costs nothing. Faults hit in the same order: before the API, at the check that they
//! break, in the page, in the finished body, on the way.

use std::{collections::BTreeMap, sync::Arc};

use calllegs_core::{
    Accounts as AccountListing, CallLegs, CustomerUsers, LOGIN_USER, LOGOUT_USER, Mnemonic,
    limits::QuotaWindow,
    schema::{FieldInfo, Listing, MethodInfo},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use crate::{
    accounts::{Accounts, AllAccounts},
    agency::{Condition, Customer, PAGES_OF_LIFE},
    answer::{Answer, ENVELOPE},
    clock::Arrival,
    denial::Denial,
    error::Error,
    fault::{Fault, Faults, Kind, Turn},
    journal::{Entry, Journal, Stats},
    lateness::Lateness,
    listing::{Dates, Query, Rows, Rules},
    new_field::NewField,
    options::Builder,
    params,
    quota::{Limits, Points},
    report::{self, Latest, PageCounts, Scene},
    request::Request,
    store::{Member, Store},
    switches::{ClockChange, FutureDates, HttpErrors, Ids, ListingOrder, Unfinished},
    truth::{SessionTruth, TruthQuery},
    view::{Early, Late, Moment, View},
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

/// The methods that are answered.
#[derive(Clone, Copy, Debug)]
enum Method {
    Account,
    CallLegs,
    CustomerUsers,
    Login,
    Logout,
}

impl Method {
    const ALL: [Self; 5] = [Self::Account, Self::CallLegs, Self::CustomerUsers, Self::Login, Self::Logout];

    fn info(self) -> &'static MethodInfo {
        match self {
            Self::Account => AccountListing::METHOD,
            Self::CallLegs => CallLegs::METHOD,
            Self::CustomerUsers => CustomerUsers::METHOD,
            Self::Login => &LOGIN_USER,
            Self::Logout => &LOGOUT_USER,
        }
    }
}

/// `result.metadata` of the verb `get`.
#[derive(Serialize)]
struct Metadata {
    total_items: usize,
    /// Always null in the vendor's samples.
    version: (),
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
}

/// `result.data` of `login.user`.
#[derive(Serialize)]
struct Opened {
    access_token: String,
    expire_at: i64,
    app_id: i64,
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

    /// The truth that replies can be compared with: id and start of every leg of the account of `sandbox-acme` that
    /// the dates from the first up to, not including, the second mean, in the order of start, session and id. It
    /// follows the switches and the standing faults as of the latest request: a leg that is not listed yet is not
    /// there. Before the first request all legs are over. Costs no points.
    pub fn legs(&self, from: NaiveDateTime, till: NaiveDateTime) -> Vec<(i64, NaiveDateTime)> {
        let mut legs = Vec::new();
        let key = |view: View<'_>, row| {
            Some((view.store.id(row)?.saturating_add(view.shift), view.store.start(row)?))
        };
        let _told = self.there(0, from, till, |view, row| legs.extend(key(view, row as usize)));
        legs
    }

    /// The days of the first and the last of [all](Self::legs) legs, as far as that is known without making any.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let legs = &self.accounts.world.all.first()?.legs;
        if let Some(days) = legs.days() {
            return Some(days);
        }
        let view = self.view(0, legs.table());
        let there = |row: &usize| view.has(*row);
        let day = |row| view.store.start(row).map(|start| start.date());
        let mut rows = 0..view.store.len();
        let first = rows.find(there)?;
        let last = rows.rfind(there).unwrap_or(first);
        Some((day(first)?, day(last)?))
    }

    /// The truth about these fields: each leg that [`legs`](Self::legs) lists as the JSON object that a reply has, ids as
    /// numbers, in the same order and as of the same time: a rating that comes late is not there before. With a user,
    /// those of the account that `user_id` means; `None` where there is no such user.
    pub fn truth<'a>(
        &self,
        user: Option<i64>,
        from: NaiveDateTime,
        till: NaiveDateTime,
        fields: impl IntoIterator<Item = &'a FieldInfo>,
    ) -> Option<Vec<String>> {
        let account = user.map_or(Some(0), |user| self.accounts.world.account_of(user))?;
        let table = self.view(account, self.accounts.world.all.get(account)?.legs.table());
        let known = fields.into_iter().filter_map(|field| CallLegs::field(field.name()));
        let members: Vec<_> = known.map(|field| report::member(table, Ids::Number, field)).collect();
        let mut objects = Vec::new();
        self.there(account, from, till, |view, row| {
            let mut object = Vec::new();
            view.store.write(&members, &[row], |row| view.early(row), "", &mut object);
            objects.extend(String::from_utf8(object));
        })?;
        Some(objects)
    }

    /// What became of the made-up calls of Acme, or of the account that a user means, as the simulation decided it; see
    /// [`SessionTruth`]. In the order of start and id. The time and the switches change nothing. `None` where there is
    /// no such user or no made-up call, and for more than a million legs of the world `huge`.
    pub fn truth_sessions(&self, user: Option<i64>, query: &TruthQuery) -> Option<Vec<SessionTruth>> {
        Some(self.accounts.world.truth(user, query)?.sessions())
    }

    /// The metrics D1 to D14 of the same calls, counted while they happen: by the name of the result, rows by the name of
    /// the column. Quotients are texts with the digits that the result has, rounded half up.
    pub fn truth_metrics(&self, user: Option<i64>, query: &TruthQuery) -> Option<Map<String, Value>> {
        Some(self.accounts.world.truth(user, query)?.metrics())
    }

    /// What emulators over the same rows share.
    pub(crate) fn world(&self) -> Arc<AllAccounts> {
        Arc::clone(&self.accounts.world)
    }

    /// The rows of an account that these dates mean and that are there, one by one.
    fn there(
        &self,
        account: usize,
        from: NaiveDateTime,
        till: NaiveDateTime,
        mut each: impl FnMut(View<'_>, u32),
    ) -> Option<()> {
        let legs = &self.accounts.world.all.get(account)?.legs;
        let dates =
            Dates { bounds: crate::Bounds::HalfOpen, clock_change: ClockChange::Written, ..self.dates };
        for place in legs.places(Some((from, till))) {
            let store = legs.store(place);
            let view = self.view(account, &store);
            for row in dates.rows(view, from, till).iter().filter(|row| view.has(*row as usize)) {
                each(view, row);
            }
        }
        Some(())
    }

    /// How many accounts have legs, and how many legs they have together. With a data file all accounts share it.
    pub fn size(&self) -> (usize, usize) {
        let mut sizes = Vec::new();
        for account in &self.accounts.world.all {
            if !account.is_partner {
                sizes.push(account.legs.len());
            }
        }
        (sizes.len(), sizes.iter().sum())
    }

    /// What the API itself says.
    fn respond(
        &mut self,
        arrival: Arrival,
        request: Result<Request<'_>, (&RawValue, Denial)>,
        turn: &mut Turn,
        entry: &mut Entry,
    ) -> Answer {
        let (id, outcome) = match request {
            Ok(request) => {
                let mut out = begin(request.id);
                let outcome = self.answer(arrival, &request, turn, entry, &mut out);
                (request.id, outcome.map(|()| out))
            }
            Err((id, denial)) => (id, Err(denial)),
        };
        let mut answer = match outcome {
            Ok(mut out) => {
                out.extend_from_slice(b"}}");
                let mut answer = Answer::json(200, out);
                answer.spoil(turn, id);
                answer
            }
            Err(denial) => {
                entry.refused = Some(denial.mnemonic().as_str().to_owned());
                let status = match self.http_errors {
                    HttpErrors::Always200 => 200,
                    HttpErrors::Status => denial.status(),
                };
                Answer::json(status, denial.answer(self.rules.brand, id))
            }
        };
        answer.send(turn);
        answer
    }

    /// Writes everything of `result` but its closing brace.
    fn answer(
        &mut self,
        arrival: Arrival,
        request: &Request<'_>,
        turn: &mut Turn,
        entry: &mut Entry,
        out: &mut Vec<u8>,
    ) -> Result<(), Denial> {
        let (params, now) = (&request.params, arrival.now);
        let method = Method::ALL.into_iter().find(|method| method.info().name == request.method);
        let method = method.ok_or(Mnemonic::MethodNotFound)?;
        let info = method.info();
        if matches!(method, Method::Login) {
            params::check(info, params, false)?;
            break_down(turn)?;
            let (access_token, expire_at, account) = self.accounts.log_in(params, now)?;
            self.journal.stats.sign_ins += 1;
            let app_id = self.accounts.world.get(account)?.app_id;
            entry.account = Some(app_id);
            return write(out, &Opened { access_token, expire_at, app_id });
        }
        let caller = self.accounts.holder(params, now)?;
        let world = Arc::clone(&self.accounts.world);
        let account = world.get(caller)?;
        entry.account = Some(account.app_id);
        self.access(now, caller, params, turn)?;
        if !account.may_call(info.audience) {
            return Err(Mnemonic::Forbidden.into());
        }
        self.admit(arrival, caller, info, params, turn)?;
        params::check(info, params, account.is_partner)?;
        forbid_fields(params, turn)?;
        break_down(turn)?;
        let page = match method {
            Method::Login | Method::Logout => {
                self.accounts.log_out(params);
                return write(out, &Map::new());
            }
            Method::Account => self.list::<AccountListing>(&account.card, params, out)?,
            Method::CustomerUsers => self.list::<CustomerUsers>(&account.customers, params, out)?,
            Method::CallLegs => self.legs_page(now, caller, params, turn, out)?,
        };
        entry.rows = page.rows as u64;
        let quota = self.accounts.quota(caller, params);
        let limits = quota.map(|quota| {
            quota.charge(arrival.points, info.cost);
            entry.points = info.cost;
            quota.limits(arrival.points, arrival.pace)
        });
        let limits = limits.filter(|_| !turn.hits(Kind::LimitsMissing));
        out.extend_from_slice(br#","metadata":"#);
        write(out, &Metadata { total_items: page.total_items, version: (), limits })
    }

    /// What lies in the key, its user or its account, or in the account that it acts for.
    fn access(
        &mut self,
        now: i64,
        caller: usize,
        params: &Map<String, Value>,
        turn: &mut Turn,
    ) -> Result<(), Denial> {
        if turn.hits(Kind::TokenExpired) {
            self.accounts.expire(params, now);
            return Err(Mnemonic::AccessTokenExpired.into());
        }
        if turn.hits(Kind::TokenBlocked) {
            return Err(Mnemonic::AccessTokenBlocked.into());
        }
        // The white list that counts for a partner is that of its client (docs/api.md 1.5).
        let condition = match self.accounts.subject(caller, params) {
            Ok(subject) => self.accounts.world.get(subject)?.condition,
            // A user that the caller may not name is told among the parameters.
            Err(_) => Condition::Sound,
        };
        if turn.hits(Kind::IpNotWhitelisted) || condition == Condition::NotWhitelisted {
            // An address that is reserved for documentation.
            return Err(Denial::from(Mnemonic::IpNotWhitelisted).param("ip", "192.0.2.1"));
        }
        if turn.hits(Kind::AccountInactive) || condition == Condition::Disabled {
            return Err(Mnemonic::AccountInactive.into());
        }
        if turn.hits(Kind::ComponentDisabled) {
            return Err(Denial::from(Mnemonic::MethodComponentDisabled).param("components", "call_center"));
        }
        Ok(())
    }

    /// Points, and the faults that lie about them.
    fn admit(
        &mut self,
        arrival: Arrival,
        caller: usize,
        info: &MethodInfo,
        params: &Map<String, Value>,
        turn: &mut Turn,
    ) -> Result<(), Denial> {
        let Some(quota) = self.accounts.quota(caller, params) else { return Ok(()) };
        quota.admit(arrival.points, info.cost)?;
        if turn.hits(Kind::DayLimit) {
            return Err(quota.refuse(QuotaWindow::Day));
        }
        if turn.hits(Kind::MinuteLimit) || quota.is_past_two_thirds() && turn.hits(Kind::LimitsLying) {
            return Err(quota.refuse(QuotaWindow::Minute));
        }
        Ok(())
    }

    fn list<R: Listing>(
        &self,
        store: &Store,
        params: &Map<String, Value>,
        out: &mut Vec<u8>,
    ) -> Result<PageCounts, Denial> {
        let query = Query::<R>::read(&self.rules, params)?;
        let rows = query.selection().rows(View::of(store), Rows::Range(0..store.len()), true)?;
        let page: Vec<u32> = rows.page(query.offset, query.limit).collect();
        let members: Vec<_> = query.fields.iter().map(|field| Member::new(field)).collect();
        store.write_array(&members, &page, |_| Early::default(), "", out);
        Ok(PageCounts { total_items: rows.len(), rows: page.len() })
    }

    fn legs_page(
        &mut self,
        now: i64,
        caller: usize,
        params: &Map<String, Value>,
        turn: &mut Turn,
        out: &mut Vec<u8>,
    ) -> Result<PageCounts, Denial> {
        let account = self.accounts.subject(caller, params)?;
        let query = Query::<CallLegs>::read(&self.rules, params)?;
        self.check_age(now, &query, params)?;
        let world = Arc::clone(&self.accounts.world);
        let legs = &world.get(account)?.legs;
        let scene = Scene {
            account,
            view: self.view(account, legs.table()),
            dates: self.dates,
            order: self.order,
            repeats: self.repeats,
            ids: self.ids,
            new_field: self.new_field.as_ref().map(NewField::as_str),
            seed: self.seed ^ self.journal.stats.calls,
        };
        let page = report::write(scene, legs, query, &mut self.latest, turn, out)?;
        self.answered += 1;
        if self.accounts.world.get(account)?.condition == Condition::DiesHalfWay {
            *self.lives.entry(account).or_default() += 1;
        }
        Ok(page)
    }

    /// What stands before the server of an account that is down says so.
    fn down(&self, now: i64, request: &Result<Request<'_>, (&RawValue, Denial)>) -> Option<Answer> {
        let request = request.as_ref().ok().filter(|request| request.method == CallLegs::METHOD.name)?;
        if self.lives.is_empty() {
            return None;
        }
        let caller = self.accounts.holder(&request.params, now).ok()?;
        let subject = self.accounts.subject(caller, &request.params).ok()?;
        let is_down = self.lives.get(&subject).is_some_and(|pages| *pages >= PAGES_OF_LIFE);
        is_down.then(Answer::unavailable)
    }

    /// Refuses dates that are too young, where a switch says so.
    fn check_age(
        &self,
        now: i64,
        query: &Query<CallLegs>,
        params: &Map<String, Value>,
    ) -> Result<(), Denial> {
        let (Some((from, till)), Some(now)) = (query.selection().period(), self.wall(now)) else {
            return Ok(());
        };
        let future = self.future == FutureDates::Refuse && from > now;
        let young = !self.min_age.is_zero()
            && now.checked_sub_signed(self.min_age).is_none_or(|latest| till > latest);
        if future || young {
            let said = params.get("date_from").unwrap_or(&Value::Null);
            return Err(Denial::at(Mnemonic::InvalidParameterValue, "date_from").value(said));
        }
        Ok(())
    }

    /// The rows of an account as of the latest request.
    fn view<'a>(&self, account: usize, store: &'a Store) -> View<'a> {
        let late = self.faults.standing(Kind::Overlap).map(|fault| Late {
            seed: self.seed,
            share: fault.chance.unwrap_or(USUAL_SHARE),
            after: fault.after.into(),
            spread: fault.times.unwrap_or(USUAL_SPREAD),
            answered: self.answered,
        });
        View {
            store,
            now: self.now.map(|unix| Moment { unix, zone: self.accounts.world.zone }),
            unfinished: self.unfinished,
            late,
            lateness: self.late_data.then(|| Lateness { seed: self.seed.wrapping_add(account as u64) }),
            shift: if self.faults.standing(Kind::HugeIds).is_some() { HUGE } else { 0 },
        }
    }

    /// The account's wall clock.
    fn wall(&self, now: i64) -> Option<NaiveDateTime> {
        Some(DateTime::from_timestamp(now, 0)?.with_timezone(&self.accounts.world.zone).naive_local())
    }
}

/// The fault `internal-error`.
fn break_down(turn: &mut Turn) -> Result<(), Denial> {
    if turn.hits(Kind::InternalError) { Err(Mnemonic::InternalError.into()) } else { Ok(()) }
}

/// The fault `forbidden-fields`, where a field is asked for that comes only when it is named.
fn forbid_fields(params: &Map<String, Value>, turn: &mut Turn) -> Result<(), Denial> {
    let asked = params.get("fields").and_then(Value::as_array).into_iter().flatten();
    let optional = asked
        .filter_map(Value::as_str)
        .find(|name| CallLegs::field(name).is_some_and(|field| !field.is_default(None)));
    match optional {
        Some(name) if turn.hits(Kind::ForbiddenFields) => {
            Err(Denial::at(Mnemonic::ParameterComponentDisabled, "fields")
                .value(&name.into())
                .param("components", "call_center"))
        }
        Some(_) | None => Ok(()),
    }
}

/// The envelope up to the value of `data`.
fn begin(id: &RawValue) -> Vec<u8> {
    let mut out = ENVELOPE.to_vec();
    out.extend_from_slice(id.get().as_bytes());
    out.extend_from_slice(br#","result":{"data":"#);
    out
}

fn write(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Denial> {
    serde_json::to_writer(out, value).map_err(|_| Mnemonic::InternalError.into())
}

/// Points an hour under the fault `hour-limits` when no limit is set (docs/api.md 4).
const USUAL_HOUR: u32 = 4000;

/// The share of late rows under the fault `overlap`, in millionths, and the calls over which they appear.
const USUAL_SHARE: u32 = 100_000;
const USUAL_SPREAD: u32 = 20;

/// Added to ids by the fault `huge-ids`: a floating point number does not hold the sum.
const HUGE: i64 = 1 << 53;
