//! Who may call: accounts, their permanent keys, and sessions of one hour.
//!
//! Three parties: Acme (`sandbox-acme`, or login `demo` with password `demo`), the partner Agency (`sandbox-agency`),
//! and two customers of Agency, which only its key reaches. On demand there is one partner more, with as many clients as
//! are asked for (`sandbox-hundred`, see `agency`): of them some have not allowed the caller, or are disabled. Elsewhere
//! that exists as faults only. None of the keys is a secret.

use std::{collections::BTreeMap, fmt, sync::Arc};

use calllegs_core::{
    Accounts as AccountListing, CallLegs, CustomerUsers, Mnemonic,
    schema::{Audience, FieldInfo, Listing, MethodInfo},
};
use calllegs_reports::customers::Customers;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::{
    agency::{self, Condition, Customer},
    companions::Companions,
    denial::Denial,
    error::Error,
    jsonb,
    options::Builder,
    quota::{Points, Quota},
    random::Random,
    store::{Roles, Slot, Store, StoreBuilder},
    switches::LimitsOf,
    table::Table,
    truth::{Truth, TruthQuery},
    world::{Made, Plan, World},
};

/// Seconds that a session lives (docs/api.md 1.3).
const SESSION: i64 = 3600;

/// Seconds after its end in which a session is still known to have existed.
const REMEMBERED: i64 = 86_400;

const ACME: usize = 0;
const AGENCY: usize = 1;
/// There on demand.
const HUNDRED: usize = 4;

/// Legs of a world on demand up to which it is told what happened in their calls.
const MOST_TOLD: usize = 1_000_000;

/// Permanent keys and the place of their account.
const KEYS: [(&str, usize); 3] =
    [("sandbox-acme", ACME), ("sandbox-agency", AGENCY), ("sandbox-hundred", HUNDRED)];

/// Login, password, account.
const LOGINS: [(&str, &str, usize); 1] = [("demo", "demo", ACME)];

/// Users that are always there: id, login, name, description, account.
const USERS: [(i64, &str, &str, &str, usize); 4] = [
    (310_001, "demo", "Демонстрационный пользователь (тест)", "", ACME),
    (320_001, "lavka", "Лавка, администратор (тест)", "Магазин", 2),
    (320_002, "lavka-api", "Лавка, выгрузка (тест)", "", 2),
    (330_001, "klinika", "Клиника, администратор (тест)", "Приём звонков", 3),
];

/// A user that `user_id` may name.
struct User {
    id: i64,
    login: String,
    name: String,
    description: String,
    account: usize,
    /// Who may act for its account, beside the account itself.
    partner: Option<usize>,
}

/// Whether the token is a permanent key, else that of a session or of nobody.
pub(crate) fn is_permanent(token: &str) -> bool {
    KEYS.iter().any(|(key, _)| *key == token)
}

/// One account.
pub(crate) struct Account {
    pub(crate) app_id: i64,
    name: String,
    pub(crate) is_partner: bool,
    pub(crate) legs: Table,
    /// `get.account` of it: one row.
    card: Table,
    /// `get.customers` and `get.customer_users` of a partner.
    customers: Table,
    customer_users: Table,
    companions: Companions,
    pub(crate) condition: Condition,
    /// What its legs are made of; none where they are from a file, or where there are none.
    pub(crate) plan: Option<Plan>,
}

impl Account {
    fn new(options: &Builder, app_id: i64, name: &str, is_partner: bool, legs: Table) -> Self {
        Self {
            app_id,
            name: name.to_owned(),
            is_partner,
            legs,
            card: card(app_id, name, options.zone_in_force().name()).into(),
            customers: AllAccounts::blank(Customers::METHOD),
            customer_users: AllAccounts::blank(CustomerUsers::METHOD),
            companions: Companions::default(),
            condition: Condition::Sound,
            plan: None,
        }
    }

    /// Whether keys of the account may call methods for this audience.
    pub(crate) fn may_call(&self, audience: Audience) -> bool {
        match audience {
            Audience::Partner => self.is_partner,
            Audience::Client => !self.is_partner,
            Audience::Everybody | _ => true,
        }
    }
}

/// All accounts: what emulators over the same rows share.
pub(crate) struct AllAccounts {
    pub(crate) all: Vec<Account>,
    users: Vec<User>,
    /// The zone that the times of the rows are written in.
    pub(crate) zone: Tz,
    /// The world that the rows are made of, and its seed, unless they are from a file.
    pub(crate) made: Option<(World, u64)>,
}

/// The accounts of one emulator, with its sessions and points.
#[derive(Clone)]
pub(crate) struct Accounts {
    pub(crate) world: Arc<AllAccounts>,
    sessions: BTreeMap<String, Session>,
    tokens: Random,
    /// What a purse holds when it is new; `None`: nothing is counted.
    points: Option<Points>,
    by_token: bool,
    purses: BTreeMap<Purse, Quota>,
}

/// Who shares points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purse {
    Account(usize),
    Token(String),
}

#[derive(Clone)]
struct Session {
    account: usize,
    /// Unix seconds.
    expires: i64,
}

/// Tokens are not shown.
impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("sessions", &self.sessions.len()).finish_non_exhaustive()
    }
}

impl AllAccounts {
    pub(crate) fn new(options: &Builder) -> Result<Self, Error> {
        let file = options.read()?.map(Arc::new);
        // Size of each account in percent of the option.
        let parties = [
            (100_001, "Акме (тест)", 100),
            (100_002, "Агентство (тест)", 0),
            (100_003, "Лавка (тест)", 10),
            (100_004, "Клиника (тест)", 10),
        ];
        let mut all = Vec::new();
        for (number, (app_id, name, percent)) in (0..).zip(parties) {
            let mut plan = None;
            let legs = match &file {
                Some(file) => Table::Held(Arc::clone(file)),
                // Calls that are given are the first account's alone.
                None if percent == 0 || number > 0 && options.world.is_scripted() => {
                    Table::made(Made::Legs, None)
                }
                None => {
                    let legs_per_day = options.legs_per_day_in_force() / 100 * percent;
                    plan = Some(options.plan(number, legs_per_day)?);
                    Table::made(Made::Legs, plan.as_ref())
                }
            };
            all.push(Account { plan, ..Account::new(options, app_id, name, percent == 0, legs) });
        }
        let mut users = Vec::new();
        for (id, login, name, description, account) in USERS {
            let partner = (account > AGENCY).then_some(AGENCY);
            let (login, name, description) = (login.to_owned(), name.to_owned(), description.to_owned());
            users.push(User { id, login, name, description, account, partner });
        }
        if options.agency > 0 {
            Self::add_agency(options, file.as_ref(), &mut all, &mut users)?;
        }
        for partner in [AGENCY, HUNDRED] {
            let (listed, users) = (customers(&all, &users, partner), customer_users(&all, &users, partner));
            if let Some(account) = all.get_mut(partner) {
                (account.customers, account.customer_users) = (listed.into(), users.into());
            }
        }
        let made = file.is_none().then_some((options.world, options.seed));
        Ok(Self { all, users, zone: options.zone_in_force(), made })
    }

    /// The partner with many clients, in the place that its key means.
    fn add_agency(
        options: &Builder,
        file: Option<&Arc<Store>>,
        all: &mut Vec<Account>,
        users: &mut Vec<User>,
    ) -> Result<(), Error> {
        all.push(Account::new(
            options,
            100_005,
            "Агентство «Сто» (тест)",
            true,
            Table::made(Made::Legs, None),
        ));
        for client in agency::clients(options.seed, options.agency, options.legs_per_day_in_force()) {
            let account = all.len();
            let mut plan = None;
            let legs = match file {
                Some(file) => Table::Held(Arc::clone(file)),
                None if client.legs_per_day == 0 || options.world.is_scripted() => {
                    Table::made(Made::Legs, None)
                }
                None => {
                    plan = Some(options.plan(account as u64, client.legs_per_day)?);
                    Table::made(Made::Legs, plan.as_ref())
                }
            };
            let mut made = Account::new(options, client.app_id, &client.name, false, legs);
            (made.condition, made.plan) = (client.condition, plan);
            all.push(made);
            for (id, login, name) in client.users {
                let partner = Some(HUNDRED);
                users.push(User { id, login, name, description: String::new(), account, partner });
            }
        }
        users.sort_by_key(|user| user.id);
        Ok(())
    }

    /// The clients of all partners.
    pub(crate) fn clients(&self) -> impl Iterator<Item = Customer> {
        let clients = self.all.iter().enumerate().map(|(place, account)| {
            let own = self.users.iter().filter(move |user| user.account == place && user.partner.is_some());
            Customer {
                app_id: account.app_id,
                name: account.name.clone(),
                users: own.map(|user| user.id).collect(),
                legs: account.legs.len(),
                condition: account.condition,
            }
        });
        clients.filter(|client| !client.users.is_empty())
    }

    /// What happened in the made-up calls of the first account, or of the one that the user means; none where these would
    /// fill the memory that a world on demand does without.
    pub(crate) fn truth<'a>(&'a self, user: Option<i64>, query: &'a TruthQuery) -> Option<Truth<'a>> {
        let account = user.map_or(Some(ACME), |user| self.account_of(user))?;
        let account = self.all.get(account)?;
        let plan = account.plan.as_ref()?;
        let legs = account.legs.places(query.period).map(|place| account.legs.count(place)).sum::<usize>();
        (!plan.world.is_on_demand() || legs <= MOST_TOLD).then(|| Truth::new(plan, query))
    }

    /// The rows that an account has of a listing; `None` where nobody makes any.
    pub(crate) fn table(&self, place: usize, method: &'static MethodInfo) -> Result<Option<Table>, Denial> {
        let account = self.get(place)?;
        let own = [
            (CallLegs::METHOD, &account.legs),
            (AccountListing::METHOD, &account.card),
            (Customers::METHOD, &account.customers),
            (CustomerUsers::METHOD, &account.customer_users),
        ];
        let own = own.into_iter().find(|(own, _)| own.name == method.name).map(|(_, table)| table.clone());
        // A file has legs, and nothing that they could be told with.
        let plan = account.plan.as_ref();
        let made = || (self.made.is_some()).then(|| account.companions.table(method, plan)).flatten();
        Ok(own.or_else(made))
    }

    /// No rows.
    pub(crate) fn blank(method: &'static MethodInfo) -> Table {
        StoreBuilder::new(method.fields, Roles::TIMELESS).finish().into()
    }

    /// `getobj.account`, as JSON: of the user that is named, else of the first one that the account has.
    pub(crate) fn object(&self, place: usize, params: &Map<String, Value>) -> Result<String, Denial> {
        let account = self.get(place)?;
        let named = params.get("user_id").and_then(Value::as_i64);
        let mut users = self.users.iter().filter(|user| user.account == place);
        let user = users.find(|user| named.is_none_or(|named| named == user.id));
        let state = if account.condition == Condition::Disabled { "inactive" } else { "active" };
        Ok(jsonb::text(&json!({"app_id": account.app_id, "app_name": account.name, "app_state": state,
            "customer_id": account.app_id, "is_agent_app": account.is_partner, "timezone": self.zone.name(),
            "user_id": user.map(|user| user.id), "user_login": user.map(|user| user.login.as_str())})))
    }

    /// The account of a user, whoever asks.
    pub(crate) fn account_of(&self, user: i64) -> Option<usize> {
        self.users.iter().find(|known| known.id == user).map(|known| known.account)
    }

    pub(crate) fn get(&self, index: usize) -> Result<&Account, Denial> {
        self.all.get(index).ok_or_else(|| Mnemonic::InternalError.into())
    }
}

impl Accounts {
    pub(crate) fn new(options: &Builder, world: Arc<AllAccounts>) -> Self {
        let points = match options.limits_of {
            LimitsOf::Account | LimitsOf::Token => Some(options.points()),
            LimitsOf::Nobody => None,
        };
        Self {
            world,
            sessions: BTreeMap::new(),
            tokens: Random::new(options.seed, 0x5e55_1045),
            points,
            by_token: options.limits_of == LimitsOf::Token,
            purses: BTreeMap::new(),
        }
    }

    /// The points that calls with this token take from, where points are counted.
    pub(crate) fn quota(&mut self, caller: usize, params: &Map<String, Value>) -> Option<&mut Quota> {
        let points = self.points?;
        let purse = match params.get("access_token").and_then(Value::as_str).filter(|_| self.by_token) {
            Some(token) => Purse::Token(token.to_owned()),
            None => Purse::Account(caller),
        };
        Some(self.purses.entry(purse).or_insert_with(|| Quota::new(points)))
    }

    /// Another kind of limits, all points unused.
    pub(crate) fn limit(&mut self, points: Points) {
        self.points = self.points.map(|_| points);
        self.purses.clear();
    }

    /// All points unused, nobody signed in.
    pub(crate) fn reset(&mut self) {
        self.purses.clear();
        self.sessions.clear();
    }

    /// Ends the session of this token before its time. A permanent key has none.
    pub(crate) fn expire(&mut self, params: &Map<String, Value>, now: i64) {
        let token = params.get("access_token").and_then(Value::as_str);
        if let Some(session) = token.and_then(|token| self.sessions.get_mut(token)) {
            session.expires = session.expires.min(now);
        }
    }

    /// The account of the request's key.
    pub(crate) fn holder(&self, params: &Map<String, Value>, now: i64) -> Result<usize, Denial> {
        let token = match params.get("access_token") {
            Some(Value::String(token)) => token,
            Some(_) => return Err(Denial::at(Mnemonic::DataTypeError, "access_token")),
            None => return Err(Denial::at(Mnemonic::RequiredParameterMissed, "access_token")),
        };
        if let Some((_, account)) = KEYS.iter().find(|(key, _)| key == token)
            && *account < self.world.all.len()
        {
            return Ok(*account);
        }
        match self.sessions.get(token) {
            Some(session) if now < session.expires => Ok(session.account),
            Some(_) => Err(Mnemonic::AccessTokenExpired.into()),
            None => Err(Mnemonic::AccessTokenInvalid.into()),
        }
    }

    /// The account that a call is about: the caller's own, or the one of the user it names. A client may name its own
    /// users, a partner those of its customers.
    ///
    /// # Errors
    /// For a user that the caller may not name.
    pub(crate) fn subject(&self, caller: usize, params: &Map<String, Value>) -> Result<usize, Denial> {
        let Some(value) = params.get("user_id") else { return Ok(caller) };
        let user = self.world.users.iter().find(|user| {
            value.as_i64() == Some(user.id) && (user.partner == Some(caller) || user.account == caller)
        });
        match user {
            Some(user) => Ok(user.account),
            None => Err(Denial::at(Mnemonic::InvalidParameterValue, "user_id").value(value)),
        }
    }

    /// Opens a session: its token, its end in Unix seconds, its account.
    pub(crate) fn log_in(
        &mut self,
        params: &Map<String, Value>,
        now: i64,
    ) -> Result<(String, i64, usize), Denial> {
        let said = |name: &str| params.get(name).and_then(Value::as_str).unwrap_or_default();
        let known = LOGINS
            .iter()
            .find(|(login, password, _)| said("login") == *login && said("password") == *password);
        let Some((.., account)) = known else { return Err(Mnemonic::AuthError.into()) };
        self.sessions.retain(|_, session| now < session.expires.saturating_add(REMEMBERED));
        let (token, expires) = (self.tokens.hex(), now.saturating_add(SESSION));
        self.sessions.insert(token.clone(), Session { account: *account, expires });
        Ok((token, expires, *account))
    }

    /// Ends the session of this token. A permanent key has no session and stays valid.
    pub(crate) fn log_out(&mut self, params: &Map<String, Value>) {
        if let Some(token) = params.get("access_token").and_then(Value::as_str) {
            self.sessions.remove(token);
        }
    }
}

fn card(app_id: i64, name: &str, zone: &str) -> Store {
    let mut builder = StoreBuilder::new(AccountListing::METHOD.fields, Roles::TIMELESS);
    let mut row = builder.row();
    row.put(AccountListing::APP_ID.info(), Slot::Number(app_id));
    text(&mut builder, &mut row, AccountListing::NAME.info(), name);
    text(&mut builder, &mut row, AccountListing::TIMEZONE.info(), zone);
    builder.push(&row);
    builder.finish()
}

/// `get.customers` of the partner.
fn customers(accounts: &[Account], users: &[User], partner: usize) -> Store {
    let mut rows = StoreBuilder::new(Customers::METHOD.fields, Roles::TIMELESS);
    for (place, account) in accounts.iter().enumerate() {
        if users.iter().any(|user| user.partner == Some(partner) && user.account == place) {
            let status = if account.condition == Condition::Disabled { "manual_lock" } else { "active" };
            rows.push_object(&json!({"id": account.app_id, "name": account.name, "status": status,
                "creation_date_time": "2020-01-01 00:00:00"}));
        }
    }
    rows.finish()
}

/// `get.customer_users` of the partner.
fn customer_users(accounts: &[Account], users: &[User], partner: usize) -> Store {
    let mut builder = StoreBuilder::new(CustomerUsers::METHOD.fields, Roles::TIMELESS);
    for user in users.iter().filter(|user| user.partner == Some(partner)) {
        let Some(customer) = accounts.get(user.account) else { continue };
        let mut row = builder.row();
        row.put(CustomerUsers::ID.info(), Slot::Number(user.id));
        row.put(CustomerUsers::CUSTOMER_ID.info(), Slot::Number(customer.app_id));
        text(&mut builder, &mut row, CustomerUsers::LOGIN.info(), &user.login);
        text(&mut builder, &mut row, CustomerUsers::NAME.info(), &user.name);
        if !user.description.is_empty() {
            text(&mut builder, &mut row, CustomerUsers::DESCRIPTION.info(), &user.description);
        }
        builder.push(&row);
    }
    builder.finish()
}

fn text(builder: &mut StoreBuilder, row: &mut crate::store::Row, field: &FieldInfo, text: &str) {
    let text = builder.text(text);
    row.put(field, Slot::Text(text));
}
