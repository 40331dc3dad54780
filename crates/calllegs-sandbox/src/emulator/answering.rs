//! What the API itself says to a request: its checks in their order, then the call, then the points.

use std::sync::Arc;

use calllegs_core::{
    CallLegs, Mnemonic,
    limits::QuotaWindow,
    schema::{Listing, MethodInfo},
};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::Emulator;
use crate::{
    accounts::AllAccounts,
    agency::{Condition, PAGES_OF_LIFE},
    answer::{Answer, ENVELOPE},
    clock::Arrival,
    denial::Denial,
    fault::{Kind, Turn},
    journal::Entry,
    listing::Query,
    methods::Method,
    new_field::NewField,
    openrpc, params,
    quota::Limits,
    report::{self, PageCounts, Scene},
    request::Request,
    switches::{FutureDates, HttpErrors, ListingOrder, Unfinished},
};

/// Why a listing that is answered has no rows.
const NO_ROWS: &str = "no rows are made for this method";

/// The parameter that asks for sessions that are going on.
const ONGOING: &str = "include_ongoing_calls";

/// `result.metadata`.
#[derive(Serialize)]
struct Metadata {
    /// Of the verb `get`.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_items: Option<usize>,
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

/// A call that may run.
#[derive(Clone, Copy)]
struct Call<'a> {
    now: i64,
    caller: usize,
    method: &'static MethodInfo,
    params: &'a Map<String, Value>,
}

/// What became of it.
struct Page {
    counts: PageCounts,
    remark: Option<&'static str>,
}

impl Emulator {
    /// What the API itself says.
    pub(super) fn respond(
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
        let method = Method::find(&request.method, self.rules.brand)?;
        let info = method.info();
        if matches!(method, Method::Discover) {
            params::check(info, params, false)?;
            // The document is the result itself, without `data`. Its last brace is added as that of every result.
            out.truncate(ENVELOPE.len() + request.id.get().len());
            out.extend_from_slice(br#","result":"#);
            write(out, &openrpc::document(self.rules.brand, None))?;
            out.pop();
            return Ok(());
        }
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
        // Of an object a partner may ask on its own behalf.
        params::check(info, params, account.is_partner && !matches!(method, Method::Object))?;
        forbid_fields(params, turn)?;
        break_down(turn)?;
        let total_items = match method {
            Method::Discover | Method::Login | Method::Logout => {
                self.accounts.log_out(params);
                return write(out, &Map::new());
            }
            Method::Object => {
                let subject = self.accounts.subject(caller, params)?;
                out.extend_from_slice(world.object(subject, params)?.as_bytes());
                entry.rows = 1;
                None
            }
            Method::Listing(info) => {
                let page = self.page(Call { now, caller, method: info, params }, turn, out)?;
                (entry.rows, entry.remark) = (page.counts.rows as u64, page.remark);
                Some(page.counts.total_items)
            }
        };
        let quota = self.accounts.quota(caller, params);
        let limits = quota.map(|quota| {
            quota.charge(arrival.points, info.cost);
            entry.points = info.cost;
            quota.limits(arrival.points, arrival.pace)
        });
        let limits = limits.filter(|_| !turn.hits(Kind::LimitsMissing));
        out.extend_from_slice(br#","metadata":"#);
        write(out, &Metadata { total_items, version: (), limits })
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

    /// Writes a page of a listing.
    fn page(&mut self, call: Call<'_>, turn: &mut Turn, out: &mut Vec<u8>) -> Result<Page, Denial> {
        let Call { now, caller, method, params } = call;
        let account = self.accounts.subject(caller, params)?;
        let query = Query::read(method, &self.rules, params)?;
        self.check_age(now, &query, params)?;
        let world = Arc::clone(&self.accounts.world);
        let table = world.table(account, method)?;
        let remark = table.is_none().then_some(NO_ROWS);
        let table = table.unwrap_or_else(|| AllAccounts::blank(method));
        let is_legs = method.name == CallLegs::METHOD.name;
        let mut view = self.view(account, method, table.sample());
        if method.takes(ONGOING) && params.get(ONGOING) == Some(&Value::Bool(true)) {
            view.unfinished = Unfinished::Show;
        }
        let scene = Scene {
            account,
            view,
            dates: self.dates_of(method),
            order: if is_legs { self.order } else { ListingOrder::Asked },
            repeats: if is_legs { self.repeats } else { 0 },
            ids: self.ids,
            new_field: self.new_field.as_ref().map(NewField::as_str),
            seed: self.seed ^ self.journal.stats.calls,
        };
        let counts = report::write(scene, &table, query, &mut self.latest, turn, out)?;
        if is_legs {
            self.answered += 1;
            if world.get(account)?.condition == Condition::DiesHalfWay {
                *self.lives.entry(account).or_default() += 1;
            }
        }
        Ok(Page { counts, remark })
    }

    /// What stands before the server of an account that is down says so.
    pub(super) fn down(
        &self,
        now: i64,
        request: &Result<Request<'_>, (&RawValue, Denial)>,
    ) -> Option<Answer> {
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
    fn check_age(&self, now: i64, query: &Query, params: &Map<String, Value>) -> Result<(), Denial> {
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
