//! What an error of a call means to a user: the exit code, the cause, the next step. One table.
//!
//! The text of the server stays as it was sent and comes first. Not here: which errors are tried again.

use std::time::Duration;

use calllegs_core::{
    Brand, Error, ErrorKind, Mnemonic, Period,
    error::{Budget, ServerError},
    limits::{QuotaWindow, Reserve},
    transport::{TransportError, TransportErrorKind},
    value::wall_time,
};
use calllegs_stats::Language;

use crate::{
    clock::Clock,
    failure::{Exit, Failure, chain},
    lang::{self, Text, say, text},
    ui::text::{clean, counted, human_duration},
};

/// What is known around a call that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    pub(crate) brand: Option<Brand>,
    /// The address is on this machine.
    pub(crate) local: bool,
    /// The zone of the account, once it is known.
    pub(crate) clock: Option<Clock>,
    pub(crate) period: Option<Period>,
    /// A user is named on whose behalf is asked.
    pub(crate) is_for_user: bool,
    /// What the user keeps of a day, where that was said.
    pub(crate) reserve: Option<Reserve>,
}

/// One line of the table.
struct Diagnosis {
    mnemonic: Mnemonic,
    exit: Exit,
    cause: Text,
    next: Text,
}

const fn diagnosis(mnemonic: Mnemonic, exit: Exit, cause: Text, next: Text) -> Diagnosis {
    Diagnosis { mnemonic, exit, cause, next }
}

/// The failure that an error of a call is to the user.
pub(crate) fn explain(error: &Error, context: &Context) -> Failure {
    let what = told(intro(error), clean(&chain(error)).into_owned());
    match error.kind() {
        ErrorKind::Build => Failure::usage(what)
            .because(say!("such a request is not sent, because the API would refuse it"))
            .next(say!("correct the command; --explain shows the request")),
        ErrorKind::Decode => Failure::new(Exit::Network, what)
            .because(say!("something answered that does not speak this API as documented: often a proxy or a wrong address"))
            .next(say!("check --endpoint and HTTPS_PROXY; if they are right, report this message")),
        ErrorKind::Http => http(error, what),
        ErrorKind::Incomplete => Failure::new(Exit::Incomplete, what)
            .because(say!("what the server gave is not what it counts"))
            .next(say!("run the command again; if a window stays short, ask for shorter periods")),
        ErrorKind::Limit => limit(error, context),
        ErrorKind::Server => match error.server() {
            Some(server) => of_server(server, what, error.retry_after(), context),
            None => Failure::new(Exit::Refused, what)
                .because(say!("the API refused the request"))
                .next(say!("--explain shows the request")),
        },
        ErrorKind::Transport => transport(error, what, context),
        // Core may learn of further kinds before this table does.
        _ => Failure::new(Exit::Bug, what)
            .because(say!("this version does not know such an error"))
            .next(say!("report this message")),
    }
}

/// What happened, as core and the server say it: core in English, so in Russian its kind stands before that.
fn told(intro: Text, details: String) -> String {
    match lang::spoken() {
        Language::English => details,
        Language::Russian => format!("{intro}: {details}"),
    }
}

fn intro(error: &Error) -> Text {
    match error.kind() {
        ErrorKind::Build => text!("the request is not a legal one"),
        ErrorKind::Decode => text!("the reply is not understood"),
        ErrorKind::Http => text!("it was not the API that answered"),
        ErrorKind::Incomplete => text!("not everything came"),
        ErrorKind::Limit => text!("points are short"),
        ErrorKind::Server => text!("the API refused"),
        ErrorKind::Transport => intro_of_transport(error.transport().map(TransportError::kind)),
        _ => text!("an unknown error"),
    }
}

fn intro_of_transport(kind: Option<TransportErrorKind>) -> Text {
    match kind {
        Some(TransportErrorKind::Connect) => text!("there is no connection"),
        Some(TransportErrorKind::Timeout) => text!("no reply came in time"),
        Some(TransportErrorKind::BodyTooLarge) => text!("the reply is too large"),
        Some(_) | None => text!("the exchange failed"),
    }
}

/// What a mnemonic means to a user: exit code, cause and next step, apart from any call.
pub(crate) fn of_mnemonic(mnemonic: &Mnemonic) -> Option<(Exit, Text, Text)> {
    let diagnosis = TABLE.iter().find(|diagnosis| diagnosis.mnemonic == *mnemonic)?;
    Some((diagnosis.exit, diagnosis.cause, diagnosis.next))
}

/// The failure that an exchange without a reply is to the user.
pub(crate) fn unreachable(error: &TransportError, context: &Context) -> Failure {
    let what = told(intro_of_transport(Some(error.kind())), clean(&chain(error)).into_owned());
    of_transport(Some(error.kind()), what, context)
}

fn http(error: &Error, what: String) -> Failure {
    let next = match error.status().map_or(0, |status| status.as_u16()) {
        407 => say!("give HTTPS_PROXY the user name and password of the proxy").to_owned(),
        429 | 500..=599 => say!(
            "the server or a gateway before it is overloaded: run the command again {when}",
            when = later(error.retry_after())
        ),
        _ => say!("check --endpoint, which ends with the version as in /v2.0, and HTTPS_PROXY").to_owned(),
    };
    Failure::new(Exit::Network, what)
        .because(say!("a gateway or proxy answered in place of the API"))
        .next(next)
}

fn limit(error: &Error, context: &Context) -> Failure {
    // No call was made: its name would only be in the way.
    let chained = clean(&chain(error)).into_owned();
    let what = chained.split_once(": ").map_or(chained.as_str(), |(_, what)| what).to_owned();
    let failure = Failure::new(Exit::Points, told(intro(error), what));
    match error.budget() {
        Some(Budget::Points) | None => {
            let failure =
                Failure { what: say!("the points of --max-points are spent").to_owned(), ..failure };
            let cause =
                say!("each page of 10,000 rows costs a point, and so does reading the account's zone");
            let failure =
                failure.because(cause).next(say!("raise --max-points, or ask for a shorter period"));
            Failure { is_out_of_budget: true, ..failure }
        }
        Some(Budget::Reserve) => failure.because(kept(context.reserve)).next(say!(
            "use them with --reserve 0, or run the command again {when}",
            when = after(error.retry_after())
        )),
        Some(Budget::Day) if error.retry_after().is_none() => failure.because(USED_UP).next(AFTER_THE_DAY),
        Some(_) => failure
            .because(USED_UP)
            .next(say!("run the command again {when}", when = after(error.retry_after()))),
    }
}

const USED_UP: Text = text!("the points that the server grants are used up");

/// The server has not said when the day of its points ends.
const AFTER_THE_DAY: Text = text!(
    "run the command again when the day's points are back, which is within 24 h: the server does not say when"
);

/// Why points are left that may not be spent.
fn kept(reserve: Option<Reserve>) -> String {
    match reserve {
        None => say!("others may use the same account: a tenth of its daily points is reserved for them, unless --reserve says otherwise").to_owned(),
        Some(Reserve::Percent(100)) => {
            say!("others may use the same account: --reserve (or CALLLEGS_RESERVE) of 100% leaves all points of the day to \
             them, and none for this run")
                .to_owned()
        }
        Some(Reserve::Percent(share)) => say!("others may use the same account: --reserve (or CALLLEGS_RESERVE) leaves {share}% of the points of the day \
             to them", share),
        Some(Reserve::Points(points)) => say!("others may use the same account: --reserve (or CALLLEGS_RESERVE) leaves {points} of the day to them", points = counted(points.into(), "point")),
        Some(_) => say!("--reserve (or CALLLEGS_RESERVE) leaves them to others").to_owned(),
    }
}

fn transport(error: &Error, what: String, context: &Context) -> Failure {
    of_transport(error.transport().map(TransportError::kind), what, context)
}

fn of_transport(kind: Option<TransportErrorKind>, what: String, context: &Context) -> Failure {
    let failure = Failure::new(Exit::Network, what);
    match kind {
        Some(TransportErrorKind::Connect) if context.local => failure
            .because(say!("nothing listens at this address of this machine"))
            .next(say!("start the emulator in another terminal: calllegs sandbox serve")),
        Some(TransportErrorKind::Connect) => failure
            .because(say!("name, route, firewall or certificate: the request was not sent and cost nothing"))
            .next(say!("check the network, HTTPS_PROXY and SSL_CERT_FILE, then run the command again")),
        Some(TransportErrorKind::Other) if failure.what.contains("speaks plain http") => failure
            .because(say!("no TLS was begun, so the key was not sent"))
            .next(say!("write http:// in --endpoint for an emulator on this machine; otherwise check the port and HTTPS_PROXY")),
        Some(TransportErrorKind::Other) => failure
            .because(
                say!("what came is not a reply that this tool can read: often the work of a proxy or a gateway"),
            )
            .next(say!("check HTTPS_PROXY and --endpoint; if they are right, report this message")),
        Some(TransportErrorKind::BodyTooLarge) => failure
            .because(say!("a page of 10,000 rows is bounded, so that no reply fills the memory"))
            .next(say!("ask for fewer columns with --fields, so that pages get smaller")),
        Some(TransportErrorKind::Timeout) => failure
            .because(say!("the server or the way to it is slower than --timeout allows, 60 seconds unless it is given"))
            .next(say!("run the command again, with a longer --timeout")),
        Some(_) | None => failure
            .because(say!("the connection broke before the whole reply was there"))
            .next(say!("run the command again")),
    }
}

fn of_server(
    server: &ServerError,
    what: String,
    retry_after: Option<Duration>,
    context: &Context,
) -> Failure {
    let Some(diagnosis) = TABLE.iter().find(|diagnosis| diagnosis.mnemonic == *server.mnemonic()) else {
        return by_code(server, what, retry_after, context);
    };
    let failure = Failure::new(diagnosis.exit, what);
    let param = |name: &str| server.param(name).map(|text| clean(&text).into_owned());
    if diagnosis.mnemonic == Mnemonic::IpNotWhitelisted {
        let address = param("ip").unwrap_or_else(|| say!("the address named above").to_owned());
        return failure.because(diagnosis.cause).next(say!(
            "open {place} and add {address}; partners: in the account of the client",
            place = white_list(context.brand),
            address
        ));
    }
    if diagnosis.mnemonic == Mnemonic::LimitExceeded {
        return failure.because(diagnosis.cause).next(after_limit(server, retry_after));
    }
    if diagnosis.mnemonic == Mnemonic::InternalError && retry_after.is_some() {
        return failure
            .because(diagnosis.cause)
            .next(say!("run the command again {when}", when = later(retry_after)));
    }
    let names_user = server.field().is_some_and(|field| field.contains("user_id"));
    if context.is_for_user && (names_user || *server.mnemonic() == Mnemonic::Forbidden) {
        return failure
            .because(
                say!("this key may not act for the user of --user-id (or CALLLEGS_USER_ID): a partner's key acts for users of the partner's clients, every other \
                 key for users of its own account"),
            )
            .next(say!("leave --user-id out, or name a user of the client whose legs are wanted; the client's cabinet shows the ids"));
    }
    if let Some(cause) = too_recent(server, context) {
        return failure
            .because(cause)
            .next(say!("end the period some hours earlier, for example with --till -7h"));
    }
    match param("components") {
        Some(components) => {
            failure.because(format!("{}: {components}", diagnosis.cause)).next(diagnosis.next)
        }
        None => failure.because(diagnosis.cause).next(diagnosis.next),
    }
}

/// The failure by the code of an error alone (docs/api.md 3.1): the mnemonic is optional, and can be newer than this tool.
fn by_code(server: &ServerError, what: String, retry_after: Option<Duration>, context: &Context) -> Failure {
    let nameless = server.mnemonic().as_str().is_empty();
    let (exit, cause, next) = match server.code() {
        -32001 => (
            Exit::Login,
            say!("the server does not accept the key, or login and password"),
            WAYS_AND_BRAND.into(),
        ),
        -32003 => (
            Exit::Denied,
            say!(
                "the user of the key has no right to this, or the white list of the account lacks this machine's address"
            ),
            say!(
                "give the user the right to reports, and add the address in {place}",
                place = white_list(context.brand)
            ),
        ),
        -32008 => (
            Exit::Denied,
            say!("the account lacks a component that this needs"),
            say!("order the component for the account, or ask the platform to switch it on").to_owned(),
        ),
        -32009 => (
            Exit::Denied,
            say!("the account itself is switched off or restricted"),
            say!("ask the support of the platform about the account").to_owned(),
        ),
        -32029 => (
            Exit::Points,
            say!("a limit of the account is used up, and others may use the same account"),
            after_limit(server, retry_after),
        ),
        -32603 => (
            Exit::Network,
            say!("the server failed, at every attempt"),
            say!("run the command again {when}", when = later(retry_after)),
        ),
        _ if !nameless => (
            Exit::Refused,
            say!("this error is newer than this version of the tool"),
            say!("look it up in the documentation of the API, and report this message").to_owned(),
        ),
        code => (
            Exit::Refused,
            if code == 0 {
                say!("the server gives no code for this error")
            } else {
                say!("the server refused the request")
            },
            say!("follow the words of the server; check --endpoint, and look at the request with --explain")
                .to_owned(),
        ),
    };
    Failure::new(exit, what).because(cause).next(next)
}

fn after_limit(server: &ServerError, retry_after: Option<Duration>) -> String {
    match (server.exceeded(), retry_after) {
        (QuotaWindow::Minute, wait) if wait.is_none_or(|wait| wait <= QuotaWindow::Minute.length() * 2) => {
            say!("run the command again in a minute").to_owned()
        }
        (QuotaWindow::Day, None) => AFTER_THE_DAY.into(),
        (_, wait) => say!("run the command again {wait}", wait = after(wait)),
    }
}

/// When a server in trouble wants to be asked again.
fn later(wait: Option<Duration>) -> String {
    wait.filter(|wait| !wait.is_zero()).map_or_else(
        || say!("later").to_owned(),
        |wait| say!("in {wait}, as the server asks", wait = human_duration(wait)),
    )
}

/// A refused `date_from` or `date_till` can mean that the account's clock shows another time than ours (docs/api.md Q3).
fn too_recent(server: &ServerError, context: &Context) -> Option<String> {
    let field = server.field()?;
    let dates = field.contains("date_from") || field.contains("date_till");
    if *server.mnemonic() != Mnemonic::InvalidParameterValue || !dates {
        return None;
    }
    let (clock, period) = (context.clock.as_ref()?, context.period?);
    Some(say!(
        "some accounts refuse times of the last 6 to 7 hours, and all refuse times of their future: the period is {period} … \
         {till}, and it is {local} in {zone}, {utc} in UTC",
        period = wall_time::format(period.from()),
        till = wall_time::format(period.till()),
        local = wall_time::format(clock.local()),
        zone = clock.zone,
        utc = wall_time::format(clock.now.naive_utc())
    ))
}

/// Where a cabinet has the list of addresses that may ask.
pub(crate) fn white_list(brand: Option<Brand>) -> &'static str {
    match brand {
        Some(Brand::Comagic | Brand::Uis) => {
            say!("Администратор → Аккаунт → Правила и настройки безопасности → API in the cabinet")
        }
        Some(Brand::Novofon) => say!("Настройки → Правила и настройки безопасности → API in the cabinet"),
        _ => say!("the account's security rules, tab API, in the cabinet"),
    }
}

fn after(wait: Option<Duration>) -> String {
    match wait.map(|wait| wait.as_secs().div_ceil(60)) {
        None => say!("after the limit has reset").to_owned(),
        Some(minutes) if minutes < 120 => say!("in {minutes} min, when the limit resets", minutes),
        Some(minutes) => say!("in {hours} h, when the limit resets", hours = minutes.div_ceil(60)),
    }
}

#[rustfmt::skip] // a table is read in rows
static TABLE: [Diagnosis; 34] = [
    diagnosis(Mnemonic::AccessTokenBlocked, Exit::Login, text!("the key was blocked in the cabinet"),
        text!("unblock the key in the cabinet, or make another and put it into CALLLEGS_TOKEN")),
    diagnosis(Mnemonic::AccessTokenExpired, Exit::Login, text!("temporary keys end at a date, sessions after an hour"),
        text!("make a new key in the cabinet, or use CALLLEGS_LOGIN and CALLLEGS_PASSWORD, which renew by themselves")),
    diagnosis(Mnemonic::AccessTokenInvalid, Exit::Login, text!("this API does not know the key; CoMagic and UIS do not share keys"),
        WAYS_AND_BRAND),
    diagnosis(Mnemonic::AccountInactive, Exit::Denied, text!("the account itself is switched off"),
        text!("ask the support of the platform why the account is disabled")),
    diagnosis(Mnemonic::AlreadyInUse, Exit::Refused, text!("the value belongs to something else"),
        text!("choose another value")),
    diagnosis(Mnemonic::AuthError, Exit::Login, text!("login and password do not fit together on this brand"),
        text!("correct CALLLEGS_LOGIN and CALLLEGS_PASSWORD, and check --brand")),
    diagnosis(Mnemonic::BatchOpreationsNotSupported, Exit::Refused, text!("the API takes one request at a time"),
        text!("send requests one by one; this tool never sends several, so report this message")),
    diagnosis(Mnemonic::CampaignIsInactive, Exit::Refused, text!("the campaign is switched off"),
        text!("activate the campaign in the cabinet")),
    diagnosis(Mnemonic::DataLimitExceeded, Exit::Refused, text!("the account holds as many of these as it may"),
        text!("delete what is not needed in the cabinet, or ask the platform for a higher bound")),
    diagnosis(Mnemonic::DataTypeError, Exit::Refused, text!("a value has another type than the API expects"),
        text!("compare the value with `calllegs fields`; --explain shows the request")),
    diagnosis(Mnemonic::DateIntervalLimitReached, Exit::Refused, text!("one request covers three months at most"),
        text!("report this message: this tool asks for 31 days at a time")),
    diagnosis(Mnemonic::DependencyError, Exit::Refused, text!("other things depend on it"),
        text!("remove what depends on it first")),
    diagnosis(Mnemonic::DuplicateEntity, Exit::Refused, text!("it exists already"),
        text!("use the one that exists")),
    diagnosis(Mnemonic::EntityNotFound, Exit::Refused, text!("an id names nothing in this account"),
        text!("check the ids of the command, and --user-id")),
    diagnosis(Mnemonic::Error, Exit::Refused, text!("the server gives its reason in its own words, above"),
        text!("follow the words of the server; --explain shows the request")),
    diagnosis(Mnemonic::FilterProhibited, Exit::Refused, text!("the server does not filter by this field"),
        text!("move the condition from --where to --where-local")),
    diagnosis(Mnemonic::Forbidden, Exit::Denied, text!("the user of the key has no right to this"),
        text!("give the user the right to reports in the cabinet; partners need --tz, and --all-customers or --user-id")),
    diagnosis(Mnemonic::InternalError, Exit::Network, text!("the server failed, at every attempt"),
        text!("run the command again later; if it stays, tell the support of the platform the method and the time")),
    diagnosis(Mnemonic::InvalidDateTime, Exit::Refused, text!("a time is not one"),
        text!("write times as 2026-10-05T14:00")),
    diagnosis(Mnemonic::InvalidParameterValue, Exit::Refused, text!("a value is not one that the API takes there"),
        text!("check the field that is named; --explain shows the request")),
    diagnosis(Mnemonic::InvalidParametersCombination, Exit::Refused, text!("values do not fit together, for example the two dates"),
        text!("check the period and the filter together; --explain shows the request")),
    diagnosis(Mnemonic::InvalidRequest, Exit::Refused, text!("the frame of the request was not understood"),
        text!("check whether --endpoint is this API; if it is, report this message")),
    diagnosis(Mnemonic::IpNotWhitelisted, Exit::Denied, text!("the account answers only to addresses on its white list"),
        text!("add the address of this machine to the white list in the cabinet")),
    diagnosis(Mnemonic::LimitExceeded, Exit::Points, text!("every call costs points, and others may use the same account"),
        text!("run the command again in a minute")),
    diagnosis(Mnemonic::MethodComponentDisabled, Exit::Denied, text!("the account lacks a component that the method needs"),
        text!("order the component for the account, or ask the platform to switch it on")),
    diagnosis(Mnemonic::MethodNotFound, Exit::Refused, text!("this API does not have the method"),
        text!("check the version at the end of --endpoint, which is /v2.0")),
    diagnosis(Mnemonic::NotificationsNotSupported, Exit::Refused, text!("the request arrived without its id"),
        text!("something on the way changes requests: check HTTPS_PROXY, or report this message")),
    diagnosis(Mnemonic::ParameterComponentDisabled, Exit::Denied, text!("the account lacks a component that a parameter needs"),
        text!("leave the column or condition out, or have the component switched on")),
    diagnosis(Mnemonic::ParseError, Exit::Refused, text!("the body did not arrive as JSON"),
        text!("something on the way damages requests: check HTTPS_PROXY")),
    diagnosis(Mnemonic::RequiredParameterMissed, Exit::Refused, text!("the API wants a parameter that was not sent"),
        text!("with a partner's key add --all-customers, or --user-id; `calllegs accounts` lists the users")),
    diagnosis(Mnemonic::SortProhibited, Exit::Refused, text!("the server does not sort by this field"),
        text!("report this message: this tool sorts by start_time and call_session_id only")),
    diagnosis(Mnemonic::TariffRestrictions, Exit::Denied, text!("the tariff plan does not include this"),
        text!("change the plan in the cabinet, or ask the support of the platform")),
    diagnosis(Mnemonic::UnexpectedParameters, Exit::Refused, text!("this brand does not know a column or parameter"),
        text!("leave the named column out: --fields -NAME")),
    diagnosis(Mnemonic::VirtualPhoneNumberNotFound, Exit::Refused, text!("the number is not one that the account rents"),
        text!("take a virtual number of this account")),
];

const WAYS_AND_BRAND: Text = text!(
    "check --brand and that the key is whole; keys are made in the cabinet and given in \
                              CALLLEGS_TOKEN, CALLLEGS_TOKEN_FILE or by --token-stdin"
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use calllegs_core::{CallLegs, Query, rpc, rpc::RequestId};
    use chrono::TimeZone;

    use super::*;

    /// An error as it arrives.
    fn served(mnemonic: &str, code: i32, field: &str, params: &str) -> Error {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":{code},"message":"As sent","data":{{"mnemonic":"{mnemonic}",
            "field":"{field}","params":{params}}}}}}}"#
        );
        rpc::reply(&Query::<CallLegs>::all(), RequestId::new(1), body.as_bytes()).unwrap_err()
    }

    #[test]
    fn every_mnemonic_has_a_cause_and_a_next_step_of_its_own() {
        let mut steps = BTreeSet::new();
        for mnemonic in Mnemonic::ALL {
            let failure = explain(&served(mnemonic.as_str(), -32602, "", "{}"), &Context::default());
            assert!(failure.what.contains("As sent"), "{mnemonic}");
            assert!(failure.what.contains(mnemonic.as_str()), "{mnemonic}");
            assert!(failure.cause.is_some(), "{mnemonic}");
            let next = failure.next.unwrap();
            assert!(!next.is_empty() && steps.insert(next), "{mnemonic}");
            let documented = [Exit::Login, Exit::Denied, Exit::Points, Exit::Network, Exit::Refused]
                .contains(&failure.exit);
            assert!(documented, "{mnemonic}");
        }
        assert_eq!(steps.len(), Mnemonic::ALL.len());
    }

    #[test]
    fn exit_codes_are_those_of_the_contract() {
        let table = [
            ("auth_error", 4),
            ("access_token_expired", 4),
            ("ip_not_whitelisted", 5),
            ("forbidden", 5),
            ("method_component_disabled", 5),
            ("account_inactive", 5),
            ("limit_exceeded", 6),
            ("internal_error", 7),
            ("invalid_parameter_value", 8),
            ("never_heard_of", 8),
        ];
        for (mnemonic, code) in table {
            let failure = explain(&served(mnemonic, -32602, "", "{}"), &Context::default());
            assert_eq!(failure.exit.code(), code, "{mnemonic}");
        }
        assert_eq!(explain(&served("", -32603, "", "{}"), &Context::default()).exit, Exit::Network);
    }

    #[test]
    fn the_address_to_add_is_named_with_the_place_to_add_it() {
        let error = served("ip_not_whitelisted", -32003, "", r#"{"ip":"203.0.113.7"}"#);
        let context = Context { brand: Some(Brand::Uis), ..Context::default() };
        let next = explain(&error, &context).next.unwrap();
        assert!(
            next.contains("add 203.0.113.7") && next.contains("Правила и настройки безопасности"),
            "{next}"
        );
        let hostile = served("ip_not_whitelisted", -32003, "", r#"{"ip":"\u001b[2J"}"#);
        assert!(!explain(&hostile, &context).next.unwrap().contains('\u{1b}'));
    }

    #[test]
    fn a_refused_date_is_explained_with_both_clocks() {
        let at = |text| wall_time::parse(text).unwrap();
        let context = Context {
            clock: Some(Clock {
                now: chrono::Utc.with_ymd_and_hms(2026, 10, 14, 21, 30, 5).unwrap(),
                zone: chrono_tz::Tz::Europe__Berlin.into(),
                dates: None,
            }),
            period: Period::new(at("2026-10-14 20:00:00"), at("2026-10-14 23:00:00")).ok(),
            ..Context::default()
        };
        let cause =
            explain(&served("invalid_parameter_value", -32602, "date_from", "{}"), &context).cause.unwrap();
        for part in
            ["2026-10-14 20:00:00", "2026-10-14 23:30:05 in Europe/Berlin", "2026-10-14 21:30:05 in UTC"]
        {
            assert!(cause.contains(part), "{part}");
        }
        let other =
            explain(&served("invalid_parameter_value", -32602, "filter", "{}"), &context).cause.unwrap();
        assert!(!other.contains("UTC"));
    }

    #[test]
    fn a_user_who_is_not_the_keys_own_is_explained() {
        let context = Context { is_for_user: true, ..Context::default() };
        for (mnemonic, field) in [("invalid_parameter_value", "user_id"), ("forbidden", "")] {
            let failure = explain(&served(mnemonic, -32602, field, "{}"), &context);
            assert!(failure.next.unwrap().contains("leave --user-id out"), "{mnemonic}");
            let other = explain(&served(mnemonic, -32602, field, "{}"), &Context::default());
            assert!(!other.next.unwrap().contains("leave --user-id out"), "{mnemonic}");
        }
    }

    #[test]
    fn what_is_kept_for_others_is_told_as_it_was_said() {
        assert!(kept(None).contains("a tenth"));
        assert!(kept(Some(Reserve::Percent(100))).contains("100% leaves all points of the day"));
        assert!(kept(Some(Reserve::Percent(25))).contains("25% of the points"));
        assert!(kept(Some(Reserve::Points(12_401))).contains("12,401 points"));
    }

    #[test]
    fn a_used_up_day_says_when_to_come_back() {
        let error = served("limit_exceeded", -32029, "", r#"{"limit_type":"day"}"#);
        assert!(explain(&error, &Context::default()).next.unwrap().contains("within 24 h"));
        assert_eq!(after(Some(Duration::from_secs(61))), "in 2 min, when the limit resets");
        assert_eq!(after(Some(Duration::from_secs(7201))), "in 3 h, when the limit resets");
    }
}
