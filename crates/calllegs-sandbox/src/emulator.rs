//! The emulator: `handle(now, request) -> response`, with no socket, no clock and no randomness but the seed's.
//!
//! Checks run in this order (API.md, question 16): JSON, array, object with version and id, method, token, rights,
//! limits, parameters (type, unknown, required, value, combination). Then the call runs, and then it is charged:
//! a refused call costs nothing. What precedes rights on the live servers, white lists and blocked accounts, has no
//! counterpart here.

use std::sync::Arc;

use calllegs_core::{
    Accounts as AccountListing, Brand, CallLegs, CustomerUsers, LOGIN_USER, LOGOUT_USER, Mnemonic,
    schema::{Listing, MethodInfo},
};
use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use crate::{
    accounts::Accounts,
    error::Error,
    fault::Fault,
    listing::{Query, Selection},
    options::{Bounds, Builder},
    params,
    quota::Limits,
    request::Request,
    store::Store,
};

/// The API on made-up or given rows.
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
#[derive(Debug)]
pub struct Emulator {
    brand: Brand,
    bounds: Bounds,
    accounts: Accounts,
    /// The latest selection of legs: the pages of one listing share it.
    latest: Option<Latest>,
    stats: Stats,
}

/// Calls so far, of all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Requests received, whatever became of them.
    pub calls: u64,
    /// Requests answered with an error.
    pub refused: u64,
    /// Points charged.
    pub points: u64,
}

#[derive(Debug)]
struct Latest {
    account: usize,
    selection: Selection<CallLegs>,
    rows: Arc<[u32]>,
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
    limits: Limits,
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
        let accounts = Accounts::new(options)?;
        let (brand, bounds) = (options.brand, options.bounds);
        Ok(Self { brand, bounds, accounts, latest: None, stats: Stats::default() })
    }

    /// Answers the body of a request with the body of a reply, which always goes under HTTP status 200. `now` is Unix
    /// time in seconds: it decides when sessions end and limits reset.
    pub fn handle(&mut self, now: i64, body: &[u8]) -> Vec<u8> {
        self.stats.calls += 1;
        let (id, fault) = match Request::read(body) {
            Ok(request) => {
                let mut out = begin(request.id);
                match self.answer(now, &request.method, &request.params, &mut out) {
                    Ok(()) => {
                        out.extend_from_slice(b"}}");
                        return out;
                    }
                    Err(fault) => (request.id, fault),
                }
            }
            Err(refused) => refused,
        };
        self.stats.refused += 1;
        fault.answer(self.brand, id)
    }

    /// Calls so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// The truth that replies can be compared with: id and start of every leg of the account of `sandbox-acme` from
    /// the first time up to, not including, the second, in the order of their starts. Costs no points.
    pub fn legs(&self, from: NaiveDateTime, till: NaiveDateTime) -> Vec<(i64, NaiveDateTime)> {
        let legs = self.accounts.all().first().map(|account| &account.legs);
        legs.map_or_else(Vec::new, |legs| legs.ids(legs.window((from, true), (till, false))))
    }

    /// How many accounts have legs, and how many legs they have together. With a data file all accounts share it.
    pub fn size(&self) -> (usize, usize) {
        let mut sizes = Vec::new();
        for account in self.accounts.all() {
            if !account.is_partner {
                sizes.push(account.legs.len());
            }
        }
        (sizes.len(), sizes.iter().sum())
    }

    /// Writes everything of `result` but its closing brace.
    fn answer(
        &mut self,
        now: i64,
        name: &str,
        params: &Map<String, Value>,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let method = Method::ALL.into_iter().find(|method| method.info().name == name);
        let method = method.ok_or(Mnemonic::MethodNotFound)?;
        let info = method.info();
        if matches!(method, Method::Login) {
            params::check(info, params, false)?;
            let (access_token, expire_at, account) = self.accounts.log_in(params, now)?;
            let app_id = self.accounts.get(account)?.app_id;
            return write(out, &Opened { access_token, expire_at, app_id });
        }
        let caller = self.accounts.holder(params, now)?;
        let account = self.accounts.get_mut(caller)?;
        if !account.may_call(info.audience) {
            return Err(Mnemonic::Forbidden.into());
        }
        account.quota.admit(now, info.cost)?;
        params::check(info, params, account.is_partner)?;
        let total_items = match method {
            Method::Login | Method::Logout => {
                self.accounts.log_out(params);
                return write(out, &Map::new());
            }
            Method::Account => self.list::<AccountListing>(&self.accounts.get(caller)?.card, params, out)?,
            Method::CustomerUsers => self.list::<CustomerUsers>(&self.accounts.customers, params, out)?,
            Method::CallLegs => self.legs_page(caller, params, out)?,
        };
        self.stats.points += u64::from(info.cost);
        let quota = &mut self.accounts.get_mut(caller)?.quota;
        quota.charge(now, info.cost);
        let limits = quota.limits(now);
        out.extend_from_slice(br#","metadata":"#);
        write(out, &Metadata { total_items, version: (), limits })
    }

    fn list<R: Listing>(
        &self,
        store: &Store,
        params: &Map<String, Value>,
        out: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        let query = Query::<R>::read(self.brand, params)?;
        let rows = query.selection().rows(store, self.bounds)?;
        query.write(store, &rows, out);
        Ok(rows.len())
    }

    fn legs_page(
        &mut self,
        caller: usize,
        params: &Map<String, Value>,
        out: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        let account = self.accounts.subject(caller, params)?;
        let query = Query::<CallLegs>::read(self.brand, params)?;
        let store = Arc::clone(&self.accounts.get(account)?.legs);
        let latest = self.latest.as_ref();
        let latest =
            latest.filter(|latest| latest.account == account && latest.selection == *query.selection());
        let rows = match latest {
            Some(latest) => Arc::clone(&latest.rows),
            None => query.selection().rows(&store, self.bounds)?.into(),
        };
        query.write(&store, &rows, out);
        let total = rows.len();
        self.latest = Some(Latest { account, selection: query.into_selection(), rows });
        Ok(total)
    }
}

/// The envelope up to the value of `data`.
fn begin(id: &RawValue) -> Vec<u8> {
    let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    out.extend_from_slice(id.get().as_bytes());
    out.extend_from_slice(br#","result":{"data":"#);
    out
}

fn write(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Fault> {
    serde_json::to_writer(out, value).map_err(|_| Mnemonic::InternalError.into())
}
