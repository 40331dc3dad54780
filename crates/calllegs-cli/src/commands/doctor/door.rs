//! The way to the account: network, clock, account, rights and points. Not here: what is beyond it (`history`, `semantics`).

use std::time::Duration;

use calllegs_core::{
    Accounts, CallLegs, Credentials, CustomerUsers, Error, ErrorKind, Mnemonic, Period, Query,
    call::Raw,
    error::ServerError,
    http::{Method, header},
    limits::{Limits, QuotaWindow},
    transport::{Body, Timer, Transport, TransportErrorKind},
};
use calllegs_hyper::TokioTimer;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Map;

use super::report::Report;
use crate::{
    account::{
        connect::{self, ApiTarget, Connection},
        identity::{self, AccountIdentity, Need},
        server_clock,
        session::{Line, Session},
        zone_cache::is_local,
        zone_rules::Rules,
    },
    cli::{BrandName, Common},
    clock::Clock,
    failure::{Exit, Failure},
    lang::say,
    ui::{
        diagnostics,
        terminal::Terminal,
        text::{clean, counted, grouped, human_duration},
    },
};

/// A clock that is off by more moves what "yesterday" means.
const DRIFT: TimeDelta = TimeDelta::seconds(60);

/// What a header says of seconds only, and the way of it, is no drift.
const EXACT: TimeDelta = TimeDelta::seconds(2);

/// For people: what opens the account, and where that is.
pub(super) fn told(credentials: &Credentials, source: &str) -> String {
    match credentials {
        Credentials::Login { .. } => say!("login and password: {source}", source),
        Credentials::Key(_) | _ => source.to_owned(),
    }
}

/// Whether there is a way to the server, and what time it has. It is asked for nothing: no key is sent.
pub(super) fn network(
    target: &ApiTarget,
    common: &Common,
    line: &mut Line,
    terminal: &Terminal,
    now: impl Fn() -> DateTime<Utc>,
    report: &mut Report,
) -> Result<bool, Failure> {
    let transport = match connect::transport(common, &target.endpoint, terminal) {
        Ok(transport) => transport,
        Err(failure) => {
            report.fail("network", &failure)?;
            return Ok(false);
        }
    };
    let mut request = target.endpoint.http(Body::default());
    *request.method_mut() = Method::GET;
    request.headers_mut().remove(header::CONTENT_TYPE);
    request.headers_mut().remove(header::CONTENT_LENGTH);
    let begun = TokioTimer.now();
    let reply = line.wait(async { Ok(transport.send(request).await) })?;
    let took = TokioTimer.now().saturating_duration_since(begun);
    let uri = target.endpoint.uri();
    let host = uri.host().unwrap_or_default();
    let local = uri.scheme_str() == Some("http");
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            let context = diagnostics::Context { local, brand: target.brand(), ..Default::default() };
            let failure = diagnostics::unreachable(&error, &context);
            // Whoever ends a connection that asks for nothing may still take calls.
            let is_closed = matches!(error.kind(), TransportErrorKind::Connect | TransportErrorKind::Timeout);
            if is_closed {
                report.fail("network", &failure)?;
            } else {
                report.doubt("network", &failure)?;
            }
            return Ok(!is_closed);
        }
    };
    let way = if local { say!("plain http on this machine") } else { say!("DNS, TLS and a reply") };
    report.ok("network", say!("{host}: {way} in {max} ms", host, way, max = took.as_millis().max(1)))?;
    let date = reply.headers().get(header::DATE).and_then(|date| date.to_str().ok());
    if let Some(server) = date.and_then(server_clock::read) {
        clock(target, server, now() - half(took), report)?;
    }
    Ok(true)
}

fn half(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time / 2).unwrap_or_default()
}

fn clock(
    target: &ApiTarget,
    server: DateTime<Utc>,
    machine: DateTime<Utc>,
    report: &mut Report,
) -> Result<(), Failure> {
    if target.name == Some(BrandName::Sandbox) && is_local(&target.endpoint) {
        let time = server.naive_utc();
        return report
            .ok("clock", say!("the emulator has its own: {time} UTC, which dates are meant by", time));
    }
    let off = (machine - server).abs();
    let seconds = human_duration(off.to_std().unwrap_or_default());
    match off {
        off if off <= EXACT => report.ok("clock", say!("as the server's, to the second")),
        off if off <= DRIFT => report.ok("clock", say!("{seconds} off the server's", seconds)),
        _ => report.warn(
            "clock",
            if machine > server {
                say!("this machine is {seconds} ahead of the server", seconds)
            } else {
                say!("this machine is {seconds} behind the server", seconds)
            },
            say!("set the clock, for example with NTP: `today` and `-2h` are meant by it"),
        ),
    }
}

/// Whose account it is, what the key may do there, and what that leaves; `None` where something is in the way.
pub(super) fn account(
    connection: &Connection,
    common: &Common,
    line: &mut Line,
    terminal: &Terminal,
    machine: DateTime<Utc>,
    report: &mut Report,
) -> Result<Option<Session>, Failure> {
    let now = server_clock::now(common, machine);
    let found = line.wait(async { Ok(whose(connection, common, terminal, now).await) })?;
    let (owner, text) = match found {
        Ok(Whose::Account(owner, text)) => (*owner, text),
        Ok(Whose::Partner(text, limits)) => {
            report.ok("white list", say!("this machine's address may ask"))?;
            report.warn(
                "account",
                text,
                say!("name a customer with --customer or --user-id, or ask for --all-customers"),
            )?;
            points(connection, &limits, report)?;
            return Ok(None);
        }
        Err(Closed { name, failure }) => {
            report.fail(name, &failure)?;
            return Ok(None);
        }
    };
    report.ok("white list", say!("this machine's address may ask"))?;
    report.ok("account", text)?;
    let clock = Clock { now, zone: owner.zone.clone(), dates: owner.dates.clone() };
    let session = Session { connection: connection.clone(), owner, clock };
    let rights = line.wait(async { Ok(rights(&session).await) })?;
    match rights {
        Ok((text, limits)) => {
            report.ok("rights", text)?;
            points(connection, &limits, report)?;
            Ok(Some(session))
        }
        Err(Closed { name, failure }) => {
            report.fail(name, &failure)?;
            Ok(None)
        }
    }
}

enum Whose {
    Account(Box<AccountIdentity>, String),
    /// A partner's own, which has no legs.
    Partner(String, Limits),
}

/// What is in the way, and the check that it belongs to.
struct Closed {
    name: &'static str,
    failure: Failure,
}

impl Closed {
    fn of(error: &Error, connection: &Connection) -> Self {
        let failure = diagnostics::explain(error, &connection.context());
        let name = match error.server().map(ServerError::mnemonic) {
            Some(Mnemonic::IpNotWhitelisted) => "white list",
            Some(Mnemonic::AccountInactive) => "account",
            Some(_) | None => Self::name(failure.exit),
        };
        Self { name, failure }
    }

    /// The check that such an end belongs to.
    fn name(exit: Exit) -> &'static str {
        const NAMES: [(Exit, &str); 5] = [
            (Exit::Login, "key"),
            (Exit::Config, "key"),
            (Exit::Points, "points"),
            (Exit::Network, "network"),
            (Exit::Denied, "rights"),
        ];
        NAMES.iter().find(|(known, _)| *known == exit).map_or("account", |(_, name)| name)
    }
}

async fn whose(
    connection: &Connection,
    common: &Common,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<Whose, Closed> {
    let account = |failure: Failure| Closed { name: Closed::name(failure.exit), failure };
    let given = identity::given(common, now).map_err(account)?;
    if connection.client.usage().user_id.is_some() {
        let context = connection.context();
        let found =
            identity::find(given.as_ref(), Need::Name, &connection.forgetful(), &context, terminal, now)
                .await;
        let owner = found.map_err(account)?;
        let text = format!("{}, {}", owner.account.as_deref().unwrap_or_default(), owner.zone);
        return Ok(Whose::Account(Box::new(owner), text));
    }
    let page = match connection.client.call(Query::<Accounts>::all()).await {
        Ok(page) => page,
        Err(error) if is(&error, &Mnemonic::Forbidden) => {
            let query = Query::<CustomerUsers>::all().limit(1);
            let page = connection.client.call(query).await.map_err(|_| Closed::of(&error, connection))?;
            let users = counted(page.total.unwrap_or_default(), "user");
            return Ok(Whose::Partner(
                say!("a partner's, which acts for {users} of its customers", users),
                page.limits,
            ));
        }
        Err(error) => return Err(Closed::of(&error, connection)),
    };
    let card = page.rows.first();
    let id = card.and_then(|card| card.app_id);
    let name = card
        .and_then(|card| card.name.as_deref())
        .map_or_else(String::new, |name| format!(" \"{}\"", clean(name)));
    let zone = card.and_then(|card| card.timezone.as_deref());
    let zone = match (zone, &given) {
        (Some(zone), _) => {
            let found = Rules::of_this_machine().and_then(|rules| rules.find(zone, now));
            found.map_err(account)?.0
        }
        (None, Some(given)) => given.clone(),
        (None, None) => {
            let failure =
                Failure::new(Exit::Refused, say!("the API does not say the time zone of the account"));
            return Err(account(failure.next(say!("add --tz, for example --tz Europe/Moscow"))));
        }
    };
    let id = id.map(calllegs_core::AppId::get);
    let text = format!("{}{name}, {zone}", id.map_or_else(|| "?".to_owned(), |id| id.to_string()));
    let owner = AccountIdentity {
        dates: given.filter(|given| given.name() != zone.name()),
        zone,
        source: "account",
        account: id.map(|id| identity::name_of(connection, id)),
    };
    Ok(Whose::Account(Box::new(owner), text))
}

fn is(error: &Error, mnemonic: &Mnemonic) -> bool {
    error.server().is_some_and(|server| server.mnemonic() == mnemonic)
}

/// A day that no server keeps back.
pub(super) fn day(now: NaiveDateTime) -> Result<Period, Failure> {
    Ok(Period::new(now - TimeDelta::days(2), now - TimeDelta::days(1))?)
}

/// What the key may read. Without the legs there is nothing to do; the others are for those who ask for them.
async fn rights(session: &Session) -> Result<(String, Limits), Closed> {
    let connection = &session.connection;
    let closed = |failure: Failure| Closed { name: "rights", failure };
    let period = day(session.clock.local()).map_err(closed)?;
    let page = connection.client.call(Query::<CallLegs>::new(period).limit(1)).await;
    let mut limits = page.map_err(|error| Closed::of(&error, connection))?.limits;
    let mut text = say!("call legs: yes").to_owned();
    let others = [(say!("sessions"), "get.calls_report"), (say!("costs"), "get.financial_call_legs_report")];
    for (what, method) in others {
        let mut params = Map::new();
        for (name, at) in [("date_from", period.from()), ("date_till", period.till())] {
            params.insert(name.to_owned(), calllegs_core::value::wall_time::format(at).to_string().into());
        }
        params.insert("limit".to_owned(), 1.into());
        let word = match connection.client.call(Raw::new(method, params)).await {
            Ok((_, metadata)) => {
                limits = metadata.limits;
                say!("yes").to_owned()
            }
            Err(error) => match error.server().map(ServerError::mnemonic) {
                Some(Mnemonic::MethodComponentDisabled) => say!("no (component off)").to_owned(),
                Some(Mnemonic::Forbidden) => say!("no (no right)").to_owned(),
                Some(Mnemonic::MethodNotFound) => say!("no (not there)").to_owned(),
                Some(other) => say!("no ({other})", other),
                None if error.kind() == ErrorKind::Limit => say!("not asked (no points left)").to_owned(),
                None => say!("not known (no reply)").to_owned(),
            },
        };
        text = format!("{text} · {what}: {word}");
    }
    Ok((text, limits))
}

/// What is left, by the last reply.
fn points(connection: &Connection, limits: &Limits, report: &mut Report) -> Result<(), Failure> {
    let reserved = connection.client.usage().reserved.unwrap_or_default();
    let left = |span: QuotaWindow| {
        let quota = limits.quota(span)?;
        let points =
            |points: Option<u32>| points.map_or_else(|| "?".to_owned(), |points| grouped(points.into()));
        let left = quota.remaining?;
        Some(say!(
            "{span} {left} of {limit}",
            span = span.as_str(),
            left = grouped(left.into()),
            limit = points(quota.limit)
        ))
    };
    let parts: Vec<_> =
        [QuotaWindow::Day, QuotaWindow::Hour, QuotaWindow::Minute].into_iter().filter_map(left).collect();
    if parts.is_empty() {
        return report.ok("points", say!("the server states no limits"));
    }
    let kept = if reserved > 0 {
        say!(" · {reserved} kept for others", reserved = grouped(reserved.into()))
    } else {
        String::new()
    };
    let text = format!("{}{kept}", parts.join(" · "));
    let day = limits.quota(QuotaWindow::Day).and_then(|day| day.remaining);
    if day.is_some_and(|day| day <= reserved) {
        return report.warn(
            "points",
            text,
            say!("wait for the next day, or use those that are kept with --reserve 0"),
        );
    }
    report.ok("points", text)
}
