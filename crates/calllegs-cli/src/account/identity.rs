//! Whose legs are read: the zone of the account, and its name. Both are asked for with `get.account`, which costs a point;
//! of a partner's customer with `getobj.account` and `get.customer_users`.
//!
//! The zone is asked for again when the last answer is older than ten minutes: nothing else in the API says that it has
//! changed, and with an old zone every instant would be wrong in silence. Runs in quick succession share an answer, so that
//! one a minute does not cost twice the points. Not here: where answers are kept (`zone_cache`), the rules of zones
//! (`zone_rules`).

use calllegs_arrow::Zone;
use calllegs_core::{
    Accounts, AppId, CustomerUsers, Endpoint, Error, Mnemonic, Query, call::Raw, filter::Value as FilterValue,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    account::{
        connect::Connection,
        zone_cache::{AccountInfo, is_local},
        zone_rules::Rules,
    },
    cli::Common,
    failure::{Exit, Failure},
    lang::say,
    ui::{
        diagnostics::{self, Context},
        terminal::Terminal,
        text::clean,
    },
};

/// Seconds for which other runs use an answer.
const FRESH: i64 = 600;

/// Seconds for which a forecast uses it, which writes nothing.
const GOOD_ENOUGH: i64 = 30 * 86_400;

/// The zone of `--tz`; `None` is the account's.
pub(crate) fn given(common: &Common, now: DateTime<Utc>) -> Result<Option<Zone>, Failure> {
    let Some(name) = &common.tz else { return Ok(None) };
    Ok(Some(Rules::of_this_machine()?.find(name, now)?.0))
}

/// The account that legs are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountIdentity {
    /// Its zone, by which its legs are timed and requests are made.
    pub(crate) zone: Zone,
    /// The zone that dates are meant in, where it is another one.
    pub(crate) dates: Option<Zone>,
    /// The word for where the zone comes from.
    pub(crate) source: &'static str,
    /// Brand and account, as in `uis:1103`; only where it was asked for.
    pub(crate) account: Option<String>,
}

/// What a run has to know of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// About where its days begin: `--tz` will do.
    Forecast,
    /// Its zone.
    Zone,
    /// And who it is.
    Name,
}

/// The zone of the account, and who it is.
pub(crate) async fn find(
    given: Option<&Zone>,
    need: Need,
    connection: &Connection,
    context: &Context,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<AccountIdentity, Failure> {
    let rules = Rules::of_this_machine()?;
    terminal.detail(&say!("rules of time zones: {rules}", rules));
    let named = |name: &str| {
        let (zone, word) = rules.find(name, now)?;
        if let Some(word) = word {
            terminal.warn(&word);
        }
        Ok::<_, Failure>(zone)
    };
    let given = given.map(|zone| named(zone.name())).transpose()?;
    if let (Some(zone), Need::Forecast) = (&given, need) {
        return Ok(AccountIdentity { zone: zone.clone(), dates: None, source: "--tz", account: None });
    }
    let second = now.timestamp();
    let remembered = connection.zones.as_ref().and_then(|cache| cache.recall(second));
    let longest = if need == Need::Forecast { GOOD_ENOUGH } else { FRESH };
    let recent =
        remembered.clone().filter(|(info, age)| *age <= longest && tells(info, need, given.is_some()));
    let (info, source, refused) = if let Some((info, _)) = recent {
        (info, say!("account, cached"), None)
    } else {
        let (info, refused) = learn(connection, context, need, given.is_some()).await?;
        if let Some(cache) = &connection.zones
            && refused.is_none()
            && let Err(error) = cache.keep(&info, second)
        {
            terminal.detail(&say!(
                "the zone is not kept in {folder}: {error}",
                folder = cache.folder.display(),
                error
            ));
        }
        if let (Some(new), Some((AccountInfo { zone: Some(old), .. }, _))) = (&info.zone, &remembered)
            && new != old
        {
            terminal.warn(&say!("the time zone of the account has changed from {old} to {new}: instants in earlier files are by the old one", old = clean(old), new = clean(new)));
        }
        (info, "account", refused)
    };
    let zone = info.zone.as_deref().map(|name| {
        if let Some(given) = given.as_ref().filter(|given| given.name() == name) {
            return Ok(given.clone());
        }
        named(name).map_err(|_| {
            let what = say!(
                "the account is in a time zone that this version does not know: {value}",
                value = clean(name)
            );
            Failure::new(Exit::Refused, what).next(say!("add --tz with a zone of the same offset"))
        })
    });
    let (zone, source) = match (zone, given.clone(), refused) {
        (Some(Ok(zone)), ..) => (zone, source),
        (Some(Err(failure)), Some(zone), _) | (None, Some(zone), Some(failure)) => {
            terminal.warn(&say!("{what}; {zone} of --tz is used as its zone", what = failure.what, zone));
            (zone, "--tz")
        }
        (Some(Err(failure)), None, _) | (None, None, Some(failure)) => return Err(failure),
        (None, zone, None) => match zone {
            Some(zone) => (zone, "--tz"),
            None => return Err(unsaid()),
        },
    };
    let dates = given.filter(|given| given.name() != zone.name());
    if let Some(dates) = &dates {
        terminal.warn(&say!("the account is in {zone}, not in {dates} of --tz: dates are meant in {dates}, and legs show the clock of {zone}", zone, dates));
    }
    let account = (need == Need::Name).then(|| name(connection, info.id));
    Ok(AccountIdentity { zone, dates, source, account })
}

/// What legs say whose they are: brand and account id, or what else tells the account from others.
fn name(connection: &Connection, id: Option<u64>) -> String {
    let usage = connection.client.usage();
    let brand = brand(&usage.endpoint);
    match (id, usage.user_id) {
        (Some(id), _) => format!("{brand}:{id}"),
        (None, Some(user)) => format!("{brand}:user:{user}"),
        (None, None) => format!("{brand}:key:{}", connection.print.get(..12).unwrap_or_default()),
    }
}

/// The name of the account with this number.
pub(crate) fn name_of(connection: &Connection, id: u64) -> String {
    name(connection, Some(id))
}

/// The name of the account as far as it is known without asking.
pub(crate) fn remembered_name(connection: &Connection, now: DateTime<Utc>) -> Option<String> {
    let (info, _) = connection.zones.as_ref()?.recall(now.timestamp())?;
    info.id.map(|id| name(connection, Some(id)))
}

/// Whose account it is: the brand, or where that is not known the host.
fn brand(endpoint: &Endpoint) -> &str {
    match endpoint.brand() {
        Some(brand) => brand.as_str(),
        None if is_local(endpoint) => "sandbox",
        None => endpoint.uri().host().unwrap_or_default(),
    }
}

/// Whether it is all that is needed.
fn tells(info: &AccountInfo, need: Need, has_zone: bool) -> bool {
    (info.zone.is_some() || has_zone) && (info.id.is_some() || need != Need::Name)
}

/// Asks, and says what was refused, if something was. Refused calls cost nothing.
async fn learn(
    connection: &Connection,
    context: &Context,
    need: Need,
    has_zone: bool,
) -> Result<(AccountInfo, Option<Failure>), Failure> {
    let Some(user) = connection.client.usage().user_id else {
        return Ok(match allowed(of_account(connection).await, context)? {
            Ok(info) if info.zone.is_none() => (info, Some(unsaid())),
            Ok(info) => (info, None),
            Err(failure) => (AccountInfo::default(), Some(failure)),
        });
    };
    let mut info = allowed(of_customer(connection).await, context)?.unwrap_or_default();
    if info.zone.is_none() && !has_zone {
        let what = say!("the zone of a customer's account cannot be read with this key");
        return Err(Failure::usage(what)
            .because(say!("dates are meant in that zone, and legs are timed by it"))
            .next(say!("add --tz, for example --tz Europe/Moscow")));
    }
    info.id = info.id.or(connection.listed);
    if info.id.is_none() && need == Need::Name {
        if let Ok(id) = allowed(of_users(connection, user).await, context)? {
            info.id = id;
        } else {
            // No partner's key: the user is one of the account's own.
            let own = allowed(of_account(connection).await, context)?.unwrap_or_default();
            info = AccountInfo { zone: info.zone.or(own.zone), id: own.id };
        }
    }
    let refused = info.zone.is_none().then(unsaid);
    Ok((info, refused))
}

/// Keeps what this call may not do apart from what no call may, and from all else that ends the run.
fn allowed<T>(asked: Result<T, Error>, context: &Context) -> Result<Result<T, Failure>, Failure> {
    let error = match asked {
        Ok(answer) => return Ok(Ok(answer)),
        Err(error) => error,
    };
    let failure = diagnostics::explain(&error, context);
    let whole = [Mnemonic::AccountInactive, Mnemonic::IpNotWhitelisted];
    let is_of_account = error.server().is_none_or(|server| whole.contains(server.mnemonic()));
    if !is_of_account && matches!(failure.exit, Exit::Denied | Exit::Refused) {
        Ok(Err(failure))
    } else {
        Err(failure)
    }
}

fn unsaid() -> Failure {
    Failure::new(Exit::Refused, say!("the API does not say the time zone of the account"))
        .because(say!("dates are meant in that zone, and legs are timed by it"))
        .next(say!("add --tz, for example --tz Europe/Moscow"))
}

async fn of_account(connection: &Connection) -> Result<AccountInfo, Error> {
    let page = connection.client.call(Query::<Accounts>::all()).await?;
    let account = page.rows.first();
    Ok(AccountInfo {
        zone: account.and_then(|account| account.timezone.as_deref()).map(str::to_owned),
        id: account.and_then(|account| account.app_id).map(AppId::get),
    })
}

/// `getobj.account`, which takes a user and is documented by the members that are read here (docs/api.md 1.6, 7).
async fn of_customer(connection: &Connection) -> Result<AccountInfo, Error> {
    let (data, _) = connection.client.call(Raw::new("getobj.account", serde_json::Map::new())).await?;
    let data: Value = serde_json::from_str(data.get()).unwrap_or_default();
    let account = if data.is_array() { data.get(0) } else { Some(&data) };
    let member = |name: &str| account.and_then(|account| account.get(name));
    let id = member("app_id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    Ok(AccountInfo { zone: member("timezone").and_then(Value::as_str).map(str::to_owned), id })
}

/// The customer of this user.
async fn of_users(connection: &Connection, user: u64) -> Result<Option<u64>, Error> {
    let number = i64::try_from(user).unwrap_or(i64::MAX);
    let query = Query::<CustomerUsers>::all().filter_by_name("id", "=", FilterValue::Number(number))?;
    let page = connection.client.call(query).await?;
    let row = page.rows.iter().find(|row| row.id.is_some_and(|id| id.get() == user));
    Ok(row.and_then(|row| row.customer_id).map(calllegs_core::CustomerId::get))
}

#[cfg(test)]
mod tests {
    use calllegs_core::{Credentials, value::secret::AccessKey};
    use chrono_tz::Tz;

    use super::*;
    use crate::account::zone_cache::ZoneCache;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn the_account_is_asked_again_after_ten_minutes_and_a_forecast_after_a_month() {
        let folder = tempfile::tempdir().unwrap();
        let emulator = calllegs_sandbox::Sandbox::builder()
            .days(1)
            .legs_per_day(10)
            .zone(Tz::Asia__Jerusalem)
            .start()
            .unwrap();
        let common = Common { quiet: true, ..Common::default() };
        let terminal = std::sync::Arc::new(Terminal::new(common.manners()).unwrap());
        let key = Credentials::Key(AccessKey::new(crate::account::credentials::SANDBOX_KEY));
        let mut connection =
            crate::account::connect::with_credentials(&common, emulator.endpoint().unwrap(), key, &terminal)
                .unwrap();
        connection.zones = Some(ZoneCache::in_folder(&folder.path().join("a/b"), "one"));
        let utc = Zone::from(Tz::UTC);
        let find = |given: Option<&Zone>, need, seconds| {
            let context = Context::default();
            let now = DateTime::from_timestamp(NOW + seconds, 0).unwrap();
            let found = find(given, need, &connection, &context, &terminal, now);
            let found = crate::account::connect::block_on(found).unwrap();
            assert_eq!(found.account, (need == Need::Name).then(|| "uis:100001".to_owned()));
            assert_eq!(found.dates.as_ref(), given.filter(|_| need != Need::Forecast));
            (found.zone.name().to_owned(), found.source, emulator.stats().calls)
        };
        let jerusalem = |source, calls| ("Asia/Jerusalem".to_owned(), source, calls);
        assert_eq!(find(Some(&utc), Need::Forecast, 0), ("UTC".to_owned(), "--tz", 0));
        assert_eq!(find(Some(&utc), Need::Zone, 0), jerusalem("account", 1));
        assert_eq!(find(None, Need::Name, 600), jerusalem("account, cached", 1));
        assert_eq!(find(None, Need::Forecast, 600_000), jerusalem("account, cached", 1));
        assert_eq!(find(None, Need::Zone, 601), jerusalem("account", 2));
        assert_eq!(find(Some(&utc), Need::Name, 1201), jerusalem("account, cached", 2));
    }
}
