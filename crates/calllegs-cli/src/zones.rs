//! The zone of an account: named by `--tz`, remembered, or asked for with `get.account`, which costs a point.
//!
//! An answer is remembered for a month in one small file. An account in it is a fingerprint: the file opens nothing and
//! names nobody. It never stops a run: what cannot be read is asked for again, what cannot be written is only told.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use calllegs_core::{Accounts, AppId, Endpoint, Query, filter::nearest, session::Credentials};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ring::digest::{Context as Digest, SHA256};
use serde::{Deserialize, Serialize};

use crate::{
    advice::{self, Context},
    args::Common,
    connect::Link,
    environment,
    exit::{Exit, Failure},
    screen::{Screen, clean},
};

/// Days after which a zone is asked for again: accounts do move.
const KEPT_DAYS: i64 = 30;

const FILE: &str = "zones.json";

/// The zone of this name.
pub(crate) fn named(name: &str) -> Result<Tz, Failure> {
    name.parse().map_err(|_| {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let failure = Failure::usage(format!("there is no time zone `{name}`"));
        match nearest(name, names) {
            Some(name) => failure.next(format!("did you mean `{name}`?")),
            None => failure.next("write an IANA name such as Europe/Moscow, Asia/Yekaterinburg or UTC"),
        }
    })
}

/// The zone of `--tz`; `None` is the account's.
pub(crate) fn given(common: &Common) -> Result<Option<Tz>, Failure> {
    let zone = common.tz.as_deref().map(named).transpose()?;
    if zone.is_none() && common.user_id.is_some() {
        return Err(Failure::usage("the zone of a customer's account cannot be read with a partner's key")
            .next("add --tz, for example --tz Europe/Moscow"));
    }
    Ok(zone)
}

/// The account that legs are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The zone that dates are meant in.
    pub(crate) zone: Tz,
    /// The word for where it comes from.
    pub(crate) source: &'static str,
    /// Brand and account id, as in `uis:1103`.
    pub(crate) account: Option<String>,
}

/// The zone of the account, and who it is, if that is wanted too.
pub(crate) async fn find(
    given: Option<Tz>,
    wants_account: bool,
    link: &Link,
    context: &Context,
    screen: &Screen,
    now: DateTime<Utc>,
) -> Result<Found, Failure> {
    // A partner's key says nothing of a customer's account.
    let wants_account = wants_account && link.client.account().user_id().is_none();
    if let Some(zone) = given.filter(|_| !wants_account) {
        return Ok(Found { zone, source: "--tz", account: None });
    }
    let today = now.timestamp().div_euclid(86_400);
    let remembered = link.zones.as_ref().and_then(|memory| memory.recall(today));
    let (known, source) = match remembered.filter(|known| known.id.is_some() || !wants_account) {
        Some(known) => (known, "account, cached"),
        None => match of_account(link, context).await {
            Ok(known) => {
                if let Some(memory) = &link.zones
                    && let Err(error) = memory.keep(known, today)
                {
                    screen.detail(&format!("the zone is not kept in {}: {error}", memory.folder.display()));
                }
                (known, "account")
            }
            Err(failure) => {
                // Without its name the legs are as good.
                let is_no_obstacle = matches!(failure.exit, Exit::Denied | Exit::Refused);
                let Some(zone) = given.filter(|_| is_no_obstacle) else { return Err(failure) };
                screen.warn(&format!("the column `account` stays empty: {}", failure.what));
                (Known { zone, id: None }, "--tz")
            }
        },
    };
    let account = known.id.map(|id| format!("{}:{id}", brand(link.client.account().endpoint())));
    Ok(match given {
        Some(zone) => Found { zone, source: "--tz", account },
        None => Found { zone: known.zone, source, account },
    })
}

/// Whose account it is: the brand, or where that is not known the host.
fn brand(endpoint: &Endpoint) -> &str {
    match endpoint.brand() {
        Some(brand) => brand.name(),
        None if is_local(endpoint) => "sandbox",
        None => endpoint.uri().host().unwrap_or_default(),
    }
}

/// What an account says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    zone: Tz,
    id: Option<u64>,
}

async fn of_account(link: &Link, context: &Context) -> Result<Known, Failure> {
    let asked = link.client.call(Query::<Accounts>::all()).await;
    let page = asked.map_err(|error| advice::explain(&error, context))?;
    let account = page.rows.first();
    let id = account.and_then(|account| account.app_id).map(AppId::get);
    let name = account.and_then(|account| account.timezone.as_deref());
    let name = name.ok_or_else(|| {
        Failure::new(Exit::Refused, "get.account does not say the time zone of the account")
            .next("add --tz, for example --tz Europe/Moscow")
    })?;
    let zone = named(name).map_err(|_| {
        let name = clean(name).into_owned();
        Failure::new(
            Exit::Refused,
            format!("the account is in a time zone that this version does not know: {name}"),
        )
        .next("add --tz with a zone of the same offset")
    })?;
    Ok(Known { zone, id })
}

/// Where the zone of one account is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    folder: PathBuf,
    account: String,
}

/// A remembered zone, by its IANA name, and the Unix day on which the account said so.
#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    zone: String,
    day: i64,
    #[serde(default)]
    id: Option<u64>,
}

impl Entry {
    fn holds(&self, today: i64) -> bool {
        // A day to come was written by a clock that was wrong, or is wrong now.
        (0..=KEPT_DAYS).contains(&today.saturating_sub(self.day))
    }
}

impl Memory {
    /// `None` where nothing is to be remembered: no folder is known, or the endpoint is on this machine, where emulators
    /// start again with other zones.
    pub(crate) fn of(endpoint: &Endpoint, credentials: &Credentials) -> Result<Option<Self>, Failure> {
        if is_local(endpoint) {
            return Ok(None);
        }
        let account = fingerprint(endpoint, credentials);
        Ok(folder()?.map(|folder| Self { folder, account }))
    }

    fn recall(&self, today: i64) -> Option<Known> {
        let entries = self.read();
        let entry = entries.get(&self.account).filter(|entry| entry.holds(today))?;
        Some(Known { zone: entry.zone.parse().ok()?, id: entry.id })
    }

    fn keep(&self, known: Known, today: i64) -> io::Result<()> {
        let mut entries = self.read();
        entries.retain(|_, entry| entry.holds(today));
        entries.insert(
            self.account.clone(),
            Entry { zone: known.zone.name().to_owned(), day: today, id: known.id },
        );
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
fn fingerprint(endpoint: &Endpoint, credentials: &Credentials) -> String {
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
    use chrono::TimeZone;

    use super::*;

    const TODAY: i64 = 20_000;
    const UTC: Known = Known { zone: Tz::UTC, id: None };

    fn memory(folder: &Path, account: &str) -> Memory {
        Memory { folder: folder.join("a/b"), account: account.to_owned() }
    }

    #[test]
    fn a_zone_is_remembered_for_a_month_and_by_account() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (memory(folder.path(), "one"), memory(folder.path(), "other"));
        assert_eq!(one.recall(TODAY), None);
        let known = |zone| Known { zone, id: Some(1103) };
        one.keep(known(Tz::Asia__Jerusalem), TODAY).unwrap();
        other.keep(known(Tz::UTC), TODAY + 1).unwrap();
        for (day, zone) in [(0, true), (1, true), (30, true), (31, false), (-1, false)] {
            assert_eq!(one.recall(TODAY + day), zone.then_some(known(Tz::Asia__Jerusalem)), "{day}");
        }
        assert_eq!(other.recall(TODAY + 31), Some(known(Tz::UTC)));
        // What is too old goes when something is written.
        other.keep(known(Tz::UTC), TODAY + 31).unwrap();
        assert_eq!(other.read().len(), 1);
    }

    #[test]
    fn a_broken_file_is_nothing_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path(), "one");
        for broken in
            ["", "{", "[]", r#"{"one":{"zone":7,"day":20000}}"#, r#"{"one":{"zone":"Mars","day":20000}}"#]
        {
            memory.keep(UTC, TODAY).unwrap();
            fs::write(memory.folder.join(FILE), broken).unwrap();
            assert_eq!(memory.recall(TODAY), None, "{broken}");
        }
        memory.keep(UTC, TODAY).unwrap();
        assert_eq!(memory.recall(TODAY), Some(UTC));
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
        memory.keep(UTC, TODAY).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&memory.folder), 0o700);
        assert_eq!(mode(&memory.folder.join(FILE)), 0o600);
    }

    #[test]
    fn a_folder_that_is_none_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "").unwrap();
        assert!(memory(folder.path(), "one").keep(UTC, TODAY).is_err());
        assert_eq!(memory(folder.path(), "one").recall(TODAY), None);
    }

    #[test]
    fn fingerprints_tell_endpoints_and_credentials_apart_and_show_neither() {
        let at = |url| Endpoint::custom(url).unwrap();
        let key = |key: &str| Credentials::Key(AccessKey::new(key));
        let login = |login: &str, password: &str| Credentials::Login {
            login: login.into(),
            password: Password::new(password),
        };
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
    }

    #[test]
    fn emulators_are_not_remembered() {
        let key = Credentials::Key(AccessKey::new("hush"));
        for url in [
            "http://127.0.0.1:1/v2.0",
            "http://localhost/v2.0",
            "http://[::1]:1/v2.0",
            "https://127.1.2.3/v2.0",
        ] {
            assert!(Memory::of(&Endpoint::custom(url).unwrap(), &key).unwrap().is_none(), "{url}");
        }
        assert!(!is_local(&Endpoint::custom("https://localhost.example/v2.0").unwrap()));
    }

    #[test]
    fn the_account_is_asked_once() {
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
        let now = Utc.with_ymd_and_hms(2026, 10, 14, 21, 30, 5).unwrap();
        let find = |given, wants_account| {
            let context = Context::default();
            let found = find(given, wants_account, &link, &context, &screen, now);
            let Found { zone, source, account } = crate::connect::block_on(found).unwrap();
            assert_eq!(account.is_some(), wants_account || given.is_none());
            (zone, source)
        };
        assert_eq!(find(Some(Tz::UTC), false), (Tz::UTC, "--tz"));
        assert_eq!(emulator.stats().calls, 0);
        assert_eq!(find(Some(Tz::UTC), true), (Tz::UTC, "--tz"));
        assert_eq!(find(None, false), (Tz::Asia__Jerusalem, "account, cached"));
        assert_eq!(find(None, true), (Tz::Asia__Jerusalem, "account, cached"));
        assert_eq!(emulator.stats().calls, 1);
    }
}
