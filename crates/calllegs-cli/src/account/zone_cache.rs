//! The zones and numbers of accounts, in one small file: so that runs in quick succession ask once, and a change is noticed.
//! An account in it is a fingerprint: the file gives no access and names nobody. It never stops a run: what cannot be read
//! is asked for again, and what cannot be written is only mentioned. Not here: what is asked, and when (`identity`).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use calllegs_core::{Endpoint, session::Credentials};
use ring::digest::{Context as Digest, SHA256};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::{env, failure::Failure};

/// Seconds after which an answer is forgotten.
const KEPT: i64 = 400 * 86_400;

const FILE: &str = "zones.json";

/// Where the zone of one account is remembered.
#[derive(Clone, Debug)]
pub(crate) struct ZoneCache {
    pub(crate) folder: PathBuf,
    account: String,
}

/// What an account says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountInfo {
    pub(crate) zone: Option<String>,
    pub(crate) id: Option<u64>,
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

impl ZoneCache {
    /// `None` where nothing is to be remembered: no folder is known, or the endpoint is on this machine, where emulators
    /// start again with other zones.
    pub(crate) fn of(endpoint: &Endpoint, account: &str) -> Result<Option<Self>, Failure> {
        if is_local(endpoint) {
            return Ok(None);
        }
        Ok(folder()?.map(|folder| Self { folder, account: account.to_owned() }))
    }

    #[cfg(test)]
    pub(crate) fn in_folder(folder: &Path, account: &str) -> Self {
        Self { folder: folder.to_owned(), account: account.to_owned() }
    }

    /// What was said, and how many seconds ago.
    pub(crate) fn recall(&self, now: i64) -> Option<(AccountInfo, i64)> {
        let mut entries = self.read();
        let entry = entries.remove(&self.account)?;
        let age = entry.age(now)?;
        Some((AccountInfo { zone: entry.zone, id: entry.id }, age))
    }

    pub(crate) fn keep(&self, info: &AccountInfo, now: i64) -> io::Result<()> {
        let mut entries = self.read();
        entries.retain(|_, entry| entry.age(now).is_some());
        let entry = Entry { zone: info.zone.clone(), at: now, id: info.id };
        entries.insert(self.account.clone(), entry);
        make_private(&self.folder)?;
        // Two runs at once replace the file one after the other, each as a whole. The owner alone may read it.
        let mut file = NamedTempFile::with_prefix_in(FILE, &self.folder)?;
        file.write_all(&serde_json::to_vec(&entries)?)?;
        file.persist(self.folder.join(FILE))?;
        Ok(())
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
pub(crate) fn fingerprint(endpoint: &Endpoint, credentials: &Credentials) -> String {
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
    hex(digest)
}

/// The same for a user of a partner's client.
pub(crate) fn of_user(print: &str, user: u64) -> String {
    let mut digest = Digest::new(&SHA256);
    digest.update(format!("{print}\nuser\n{user}").as_bytes());
    hex(digest)
}

fn hex(digest: Digest) -> String {
    digest.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Where things are remembered, where that is known.
pub(super) fn folder() -> Result<Option<PathBuf>, Failure> {
    if let Some(folder) = env::text("CALLLEGS_CACHE_DIR")? {
        return Ok(Some(PathBuf::from(folder.as_str())));
    }
    // What the system says of itself is not ours to complain about.
    let absolute = |name: &str| {
        let text = env::text(name).ok().flatten()?;
        Some(PathBuf::from(text.as_str())).filter(|path| path.is_absolute())
    };
    let home = || absolute("HOME").map(|home| home.join(".cache"));
    Ok(absolute("XDG_CACHE_HOME").or_else(home).map(|cache| cache.join("calllegs")))
}

/// Makes a folder that its owner alone may read.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use calllegs_core::value::secret::{AccessKey, Password};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn info(zone: &str, id: Option<u64>) -> AccountInfo {
        AccountInfo { zone: Some(zone.to_owned()), id }
    }

    fn cache(folder: &Path, account: &str) -> ZoneCache {
        ZoneCache::in_folder(&folder.join("a/b"), account)
    }

    #[test]
    fn an_answer_is_remembered_by_account_with_its_age() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (cache(folder.path(), "one"), cache(folder.path(), "other"));
        assert_eq!(one.recall(NOW), None);
        let jerusalem = info("Asia/Jerusalem", Some(1103));
        one.keep(&jerusalem, NOW).unwrap();
        other.keep(&info("UTC", None), NOW + 1).unwrap();
        for (age, told) in [(0, true), (600, true), (KEPT, true), (KEPT + 1, false), (-1, false)] {
            assert_eq!(one.recall(NOW + age), told.then(|| (jerusalem.clone(), age)), "{age}");
        }
        // What is too old goes when something is written.
        other.keep(&info("UTC", None), NOW + KEPT + 1).unwrap();
        assert_eq!(other.read().len(), 1);
    }

    #[test]
    fn a_broken_file_is_nothing_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), "one");
        let utc = info("UTC", None);
        for broken in
            ["", "{", "[]", r#"{"one":{"zone":7,"at":1800000000}}"#, r#"{"one":{"zone":"UTC","day":20000}}"#]
        {
            cache.keep(&utc, NOW).unwrap();
            fs::write(cache.folder.join(FILE), broken).unwrap();
            assert_eq!(cache.recall(NOW), None, "{broken}");
        }
        cache.keep(&utc, NOW).unwrap();
        assert_eq!(cache.recall(NOW), Some((utc, 0)));
        let names: Vec<_> =
            fs::read_dir(&cache.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [FILE]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), "one");
        cache.keep(&info("UTC", None), NOW).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&cache.folder), 0o700);
        assert_eq!(mode(&cache.folder.join(FILE)), 0o600);
    }

    #[test]
    fn a_folder_that_is_none_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "").unwrap();
        assert!(cache(folder.path(), "one").keep(&info("UTC", None), NOW).is_err());
        assert_eq!(cache(folder.path(), "one").recall(NOW), None);
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
        let of_first = |user| of_user(&prints[0], user);
        assert!(of_first(1) != prints[0] && of_first(1) != of_first(2));
    }

    #[test]
    fn emulators_are_not_remembered() {
        for url in [
            "http://127.0.0.1:1/v2.0",
            "http://localhost/v2.0",
            "http://[::1]:1/v2.0",
            "https://127.1.2.3/v2.0",
        ] {
            assert!(ZoneCache::of(&Endpoint::custom(url).unwrap(), "one").unwrap().is_none(), "{url}");
        }
        assert!(!is_local(&Endpoint::custom("https://localhost.example/v2.0").unwrap()));
    }
}
