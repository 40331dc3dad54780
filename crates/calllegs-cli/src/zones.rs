//! Whose legs are read: the zone of the account, and its name. Both are asked for with `get.account`, which costs a point;
//! of a partner's customer with `getobj.account` and `get.customer_users`.
//!
//! The zone is asked for at every run whose last question is ten minutes old: nothing else in the API tells that it has
//! changed, and by an old zone every instant is wrong without a word. Runs that follow each other closer share an answer,
//! so that one a minute does not spend twice as many points. Answers are kept in one small file; that of before says
//! whether something has changed. An account in it is a fingerprint: the file opens nothing and names nobody. It never
//! stops a run: what cannot be read is asked for again, what cannot be written is only told. Not here: the rules of zones
//! (`rules`).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use calllegs_arrow::Zone;
use calllegs_core::{
    Accounts, AppId, CustomerUsers, Endpoint, Error, Mnemonic, Query, call::Raw,
    filter::Value as FilterValue, session::Credentials,
};
use chrono::{DateTime, Utc};
use ring::digest::{Context as Digest, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    advice::{self, Context},
    args::Common,
    connect::Link,
    environment,
    exit::{Exit, Failure},
    rules::Rules,
    screen::{Screen, clean},
};

/// Seconds in which an answer is good for other runs.
const FRESH: i64 = 600;

/// Seconds in which it is good for a forecast, which writes nothing.
const GOOD_ENOUGH: i64 = 30 * 86_400;

/// Seconds after which an answer is forgotten.
const KEPT: i64 = 400 * 86_400;

const FILE: &str = "zones.json";

/// The zone of `--tz`; `None` is the account's.
pub(crate) fn given(common: &Common, now: DateTime<Utc>) -> Result<Option<Zone>, Failure> {
    let Some(name) = &common.tz else { return Ok(None) };
    Ok(Some(Rules::of_this_machine()?.find(name, now)?.0))
}

/// The account that legs are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
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
    link: &Link,
    context: &Context,
    screen: &Screen,
    now: DateTime<Utc>,
) -> Result<Found, Failure> {
    let rules = Rules::of_this_machine()?;
    screen.detail(&format!("rules of time zones: {rules}"));
    let named = |name: &str| {
        let (zone, word) = rules.find(name, now)?;
        if let Some(word) = word {
            screen.warn(&word);
        }
        Ok::<_, Failure>(zone)
    };
    let given = given.map(|zone| named(zone.name())).transpose()?;
    if let (Some(zone), Need::Forecast) = (&given, need) {
        return Ok(Found { zone: zone.clone(), dates: None, source: "--tz", account: None });
    }
    let second = now.timestamp();
    let remembered = link.zones.as_ref().and_then(|memory| memory.recall(second));
    let longest = if need == Need::Forecast { GOOD_ENOUGH } else { FRESH };
    let fresh =
        remembered.clone().filter(|(known, age)| *age <= longest && known.tells(need, given.is_some()));
    let (known, source, refused) = if let Some((known, _)) = fresh {
        (known, "account, cached", None)
    } else {
        let (known, refused) = learn(link, context, need, given.is_some()).await?;
        if let Some(memory) = &link.zones
            && refused.is_none()
            && let Err(error) = memory.keep(&known, second)
        {
            screen.detail(&format!("the zone is not kept in {}: {error}", memory.folder.display()));
        }
        if let (Some(new), Some((Known { zone: Some(old), .. }, _))) = (&known.zone, &remembered)
            && new != old
        {
            screen.warn(&format!(
                "the account has moved from {} to {}: files of before have their instants by the former",
                clean(old),
                clean(new)
            ));
        }
        (known, "account", refused)
    };
    let zone = known.zone.as_deref().map(|name| {
        if let Some(given) = given.as_ref().filter(|given| given.name() == name) {
            return Ok(given.clone());
        }
        named(name).map_err(|_| {
            let what =
                format!("the account is in a time zone that this version does not know: {}", clean(name));
            Failure::new(Exit::Refused, what).next("add --tz with a zone of the same offset")
        })
    });
    let (zone, source) = match (zone, given.clone(), refused) {
        (Some(Ok(zone)), ..) => (zone, source),
        (Some(Err(failure)), Some(zone), _) | (None, Some(zone), Some(failure)) => {
            screen.warn(&format!("{}; {zone} of --tz is taken for its zone", failure.what));
            (zone, "--tz")
        }
        (Some(Err(failure)), None, _) | (None, None, Some(failure)) => return Err(failure),
        (None, zone, None) => match zone {
            Some(zone) => (zone, "--tz"),
            None => return Err(unsaid("get.account")),
        },
    };
    let dates = given.filter(|given| given.name() != zone.name());
    if let Some(dates) = &dates {
        screen.warn(&format!(
            "{dates} of --tz is not the zone of the account, {zone}: dates are meant in the former, legs keep the clock of \
             the latter"
        ));
    }
    let account = (need == Need::Name).then(|| name(link, known.id));
    Ok(Found { zone, dates, source, account })
}

/// What legs say whose they are: brand and account id, or what else tells the account from others.
fn name(link: &Link, id: Option<u64>) -> String {
    let usage = link.client.usage();
    let brand = brand(&usage.endpoint);
    match (id, usage.user_id) {
        (Some(id), _) => format!("{brand}:{id}"),
        (None, Some(user)) => format!("{brand}:user:{user}"),
        (None, None) => format!("{brand}:key:{}", link.print.get(..12).unwrap_or_default()),
    }
}

/// The name of the account as far as it is known without asking.
pub(crate) fn remembered_name(link: &Link, now: DateTime<Utc>) -> Option<String> {
    let (known, _) = link.zones.as_ref()?.recall(now.timestamp())?;
    known.id.map(|id| name(link, Some(id)))
}

/// Whose account it is: the brand, or where that is not known the host.
fn brand(endpoint: &Endpoint) -> &str {
    match endpoint.brand() {
        Some(brand) => brand.as_str(),
        None if is_local(endpoint) => "sandbox",
        None => endpoint.uri().host().unwrap_or_default(),
    }
}

/// What an account says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    zone: Option<String>,
    id: Option<u64>,
}

impl Known {
    /// Whether it is all that is needed.
    fn tells(&self, need: Need, has_zone: bool) -> bool {
        (self.zone.is_some() || has_zone) && (self.id.is_some() || need != Need::Name)
    }
}

/// Asks, and says what was refused, if something was. Refused calls cost nothing.
async fn learn(
    link: &Link,
    context: &Context,
    need: Need,
    has_zone: bool,
) -> Result<(Known, Option<Failure>), Failure> {
    let Some(user) = link.client.usage().user_id else {
        return Ok(match allowed(of_account(link).await, context)? {
            Ok(known) if known.zone.is_none() => (known, Some(unsaid("get.account"))),
            Ok(known) => (known, None),
            Err(failure) => (Known::default(), Some(failure)),
        });
    };
    let mut known = allowed(of_customer(link).await, context)?.unwrap_or_default();
    if known.zone.is_none() && !has_zone {
        let what = "the zone of a customer's account cannot be read with this key";
        return Err(Failure::usage(what).next("add --tz, for example --tz Europe/Moscow"));
    }
    if known.id.is_none() && need == Need::Name {
        if let Ok(id) = allowed(of_users(link, user).await, context)? {
            known.id = id;
        } else {
            // No partner's key: the user is one of the account's own.
            let own = allowed(of_account(link).await, context)?.unwrap_or_default();
            known = Known { zone: known.zone.or(own.zone), id: own.id };
        }
    }
    let refused = known.zone.is_none().then(|| unsaid("getobj.account"));
    Ok((known, refused))
}

/// Keeps what this call may not do apart from what no call may, and from all else that ends the run.
fn allowed<T>(asked: Result<T, Error>, context: &Context) -> Result<Result<T, Failure>, Failure> {
    let error = match asked {
        Ok(answer) => return Ok(Ok(answer)),
        Err(error) => error,
    };
    let failure = advice::explain(&error, context);
    let whole = [Mnemonic::AccountInactive, Mnemonic::IpNotWhitelisted];
    let is_of_account = error.server().is_none_or(|server| whole.contains(server.mnemonic()));
    if !is_of_account && matches!(failure.exit, Exit::Denied | Exit::Refused) {
        Ok(Err(failure))
    } else {
        Err(failure)
    }
}

fn unsaid(method: &str) -> Failure {
    Failure::new(Exit::Refused, format!("{method} does not say the time zone of the account"))
        .next("add --tz, for example --tz Europe/Moscow")
}

async fn of_account(link: &Link) -> Result<Known, Error> {
    let page = link.client.call(Query::<Accounts>::all()).await?;
    let account = page.rows.first();
    Ok(Known {
        zone: account.and_then(|account| account.timezone.as_deref()).map(str::to_owned),
        id: account.and_then(|account| account.app_id).map(AppId::get),
    })
}

/// `getobj.account`, which takes a user and is documented by the members that are read here (API.md 1.6, 7).
async fn of_customer(link: &Link) -> Result<Known, Error> {
    let (data, _) = link.client.call(Raw::new("getobj.account", serde_json::Map::new())).await?;
    let data: Value = serde_json::from_str(data.get()).unwrap_or_default();
    let account = if data.is_array() { data.get(0) } else { Some(&data) };
    let member = |name: &str| account.and_then(|account| account.get(name));
    let id = member("app_id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    Ok(Known { zone: member("timezone").and_then(Value::as_str).map(str::to_owned), id })
}

/// The customer of this user.
async fn of_users(link: &Link, user: u64) -> Result<Option<u64>, Error> {
    let number = i64::try_from(user).unwrap_or(i64::MAX);
    let query = Query::<CustomerUsers>::all().filter_by_name("id", "=", FilterValue::Number(number))?;
    let page = link.client.call(query).await?;
    let row = page.rows.iter().find(|row| row.id.is_some_and(|id| id.get() == user));
    Ok(row.and_then(|row| row.customer_id).map(calllegs_core::CustomerId::get))
}

/// Where the zone of one account is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    folder: PathBuf,
    account: String,
}

/// What an account said, and when, in Unix seconds.
#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    at: i64,
    #[serde(default)]
    id: Option<u64>,
}

impl Entry {
    /// How old it is. What comes from a time to come was written by a clock that was wrong, or is wrong now.
    fn age(&self, now: i64) -> Option<i64> {
        Some(now.saturating_sub(self.at)).filter(|age| (0..=KEPT).contains(age))
    }
}

impl Memory {
    /// `None` where nothing is to be remembered: no folder is known, or the endpoint is on this machine, where emulators
    /// start again with other zones.
    pub(crate) fn of(endpoint: &Endpoint, account: &str) -> Result<Option<Self>, Failure> {
        if is_local(endpoint) {
            return Ok(None);
        }
        Ok(folder()?.map(|folder| Self { folder, account: account.to_owned() }))
    }

    /// What was said, and how many seconds ago.
    fn recall(&self, now: i64) -> Option<(Known, i64)> {
        let mut entries = self.read();
        let entry = entries.remove(&self.account)?;
        let age = entry.age(now)?;
        Some((Known { zone: entry.zone, id: entry.id }, age))
    }

    fn keep(&self, known: &Known, now: i64) -> io::Result<()> {
        let mut entries = self.read();
        entries.retain(|_, entry| entry.age(now).is_some());
        let entry = Entry { zone: known.zone.clone(), at: now, id: known.id };
        entries.insert(self.account.clone(), entry);
        make_private(&self.folder)?;
        // Of this process alone: two runs at once replace the file one after the other, each as a whole.
        let part = self.folder.join(format!("{FILE}.{}", std::process::id()));
        let written = write_private(&part, &serde_json::to_vec(&entries)?)
            .and_then(|()| fs::rename(&part, self.folder.join(FILE)));
        if written.is_err() {
            let _best_effort = fs::remove_file(&part);
        }
        written
    }

    /// What is remembered of all accounts; of a file that is broken, nothing.
    fn read(&self) -> BTreeMap<String, Entry> {
        let text = fs::read(self.folder.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

/// Whether the endpoint is on this machine.
pub(crate) fn is_local(endpoint: &Endpoint) -> bool {
    let host = endpoint.uri().host().unwrap_or_default();
    host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// What tells accounts apart. A key is random, so its digest says nothing of it. A password need not be: its digest could
/// be guessed at, and the login alone names the account.
pub(crate) fn fingerprint(endpoint: &Endpoint, credentials: &Credentials, user: Option<u64>) -> String {
    let mut digest = Digest::new(&SHA256);
    digest.update(endpoint.uri().to_string().as_bytes());
    match credentials {
        Credentials::Key(key) => {
            digest.update(b"\nkey\n");
            digest.update(key.expose().as_bytes());
        }
        Credentials::Login { login, .. } => {
            digest.update(b"\nlogin\n");
            digest.update(login.as_bytes());
        }
        // A kind that core may add: one entry for all of it would mix accounts up, so it gets one that is never found.
        _ => digest.update(&std::process::id().to_le_bytes()),
    }
    if let Some(user) = user {
        digest.update(format!("\nuser\n{user}").as_bytes());
    }
    digest.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn folder() -> Result<Option<PathBuf>, Failure> {
    if let Some(folder) = environment::text("CALLLEGS_CACHE_DIR")? {
        return Ok(Some(PathBuf::from(folder.as_str())));
    }
    // What the system says of itself is not ours to complain about.
    let absolute = |name: &str| {
        let text = environment::text(name).ok().flatten()?;
        Some(PathBuf::from(text.as_str())).filter(|path| path.is_absolute())
    };
    let home = || absolute("HOME").map(|home| home.join(".cache"));
    Ok(absolute("XDG_CACHE_HOME").or_else(home).map(|cache| cache.join("calllegs")))
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A process of the same number may have died here.
    let _absent = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use calllegs_core::value::secret::{AccessKey, Password};
    use chrono_tz::Tz;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn known(zone: &str, id: Option<u64>) -> Known {
        Known { zone: Some(zone.to_owned()), id }
    }

    fn memory(folder: &Path, account: &str) -> Memory {
        Memory { folder: folder.join("a/b"), account: account.to_owned() }
    }

    #[test]
    fn an_answer_is_remembered_by_account_with_its_age() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (memory(folder.path(), "one"), memory(folder.path(), "other"));
        assert_eq!(one.recall(NOW), None);
        let jerusalem = known("Asia/Jerusalem", Some(1103));
        one.keep(&jerusalem, NOW).unwrap();
        other.keep(&known("UTC", None), NOW + 1).unwrap();
        for (age, told) in [(0, true), (600, true), (KEPT, true), (KEPT + 1, false), (-1, false)] {
            assert_eq!(one.recall(NOW + age), told.then(|| (jerusalem.clone(), age)), "{age}");
        }
        // What is too old goes when something is written.
        other.keep(&known("UTC", None), NOW + KEPT + 1).unwrap();
        assert_eq!(other.read().len(), 1);
    }

    #[test]
    fn a_broken_file_is_nothing_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path(), "one");
        let utc = known("UTC", None);
        for broken in
            ["", "{", "[]", r#"{"one":{"zone":7,"at":1800000000}}"#, r#"{"one":{"zone":"UTC","day":20000}}"#]
        {
            memory.keep(&utc, NOW).unwrap();
            fs::write(memory.folder.join(FILE), broken).unwrap();
            assert_eq!(memory.recall(NOW), None, "{broken}");
        }
        memory.keep(&utc, NOW).unwrap();
        assert_eq!(memory.recall(NOW), Some((utc, 0)));
        let names: Vec<_> =
            fs::read_dir(&memory.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [FILE]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path(), "one");
        memory.keep(&known("UTC", None), NOW).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&memory.folder), 0o700);
        assert_eq!(mode(&memory.folder.join(FILE)), 0o600);
    }

    #[test]
    fn a_folder_that_is_none_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "").unwrap();
        assert!(memory(folder.path(), "one").keep(&known("UTC", None), NOW).is_err());
        assert_eq!(memory(folder.path(), "one").recall(NOW), None);
    }

    #[test]
    fn fingerprints_tell_endpoints_and_credentials_apart_and_show_neither() {
        let at = |url| Endpoint::custom(url).unwrap();
        let key = |key: &str| Credentials::Key(AccessKey::new(key));
        let login = |login: &str, password: &str| Credentials::Login {
            login: login.into(),
            password: Password::new(password),
        };
        let fingerprint =
            |endpoint: &Endpoint, credentials: &Credentials| fingerprint(endpoint, credentials, None);
        let (a, b) = (at("https://a.example/v2.0"), at("https://b.example/v2.0"));
        let prints = [
            fingerprint(&a, &key("hush")),
            fingerprint(&b, &key("hush")),
            fingerprint(&a, &key("hushed")),
            fingerprint(&a, &login("hush", "x")),
            fingerprint(&a, &login("me", "hush")),
        ];
        let distinct: std::collections::BTreeSet<_> = prints.iter().collect();
        assert_eq!(distinct.len(), prints.len());
        assert!(prints.iter().all(|print| print.len() == 64 && !print.contains("hush")));
        assert_eq!(prints[4], fingerprint(&a, &login("me", "another password")));
        let of_user = |user| super::fingerprint(&a, &key("hush"), user);
        assert!(of_user(None) != of_user(Some(1)) && of_user(Some(1)) != of_user(Some(2)));
    }

    #[test]
    fn emulators_are_not_remembered() {
        for url in [
            "http://127.0.0.1:1/v2.0",
            "http://localhost/v2.0",
            "http://[::1]:1/v2.0",
            "https://127.1.2.3/v2.0",
        ] {
            assert!(Memory::of(&Endpoint::custom(url).unwrap(), "one").unwrap().is_none(), "{url}");
        }
        assert!(!is_local(&Endpoint::custom("https://localhost.example/v2.0").unwrap()));
    }

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
        let screen = std::sync::Arc::new(Screen::new(&common).unwrap());
        let key = Credentials::Key(AccessKey::new(crate::secrets::SANDBOX_KEY));
        let mut link = crate::connect::link(&common, emulator.endpoint().unwrap(), key, &screen).unwrap();
        link.zones = Some(memory(folder.path(), "one"));
        let utc = Zone::from(Tz::UTC);
        let find = |given: Option<&Zone>, need, seconds| {
            let context = Context::default();
            let now = DateTime::from_timestamp(NOW + seconds, 0).unwrap();
            let found = find(given, need, &link, &context, &screen, now);
            let found = crate::connect::block_on(found).unwrap();
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
