//! The rules of time zones: those that are built in, or those of this machine where they are newer. Not here: which zone an
//! account is in (`identity`).
//!
//! Governments change clocks at short notice, and a machine that is kept up to date knows of it before this tool does. Its
//! data say of which release they are in `tzdata.zi` or `+VERSION`; where they do not, only `TZDIR`, which somebody has set,
//! is preferred to what is built in.

mod names;

use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use calllegs_arrow::Zone;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{env, failure::Failure, lang::say};

/// Where systems keep their data.
const FOLDERS: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo", "/var/db/timezone/zoneinfo"];

/// No file of a zone is longer.
const LONGEST: u64 = 1 << 20;

/// Days before and after now in which rules are compared whose release is not said.
const COMPARED: i64 = 400;

/// The rules that hold.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The data of the machine.
    folder: Option<PathBuf>,
    /// Their release, where they say it.
    release: Option<String>,
    /// Whether they are preferred to what is built in.
    preferred: bool,
    /// What is wrong with `TZDIR`.
    trouble: Option<String>,
}

impl Rules {
    /// Looks where this machine has its data, and of which release they are.
    pub(crate) fn of_this_machine() -> Result<Self, Failure> {
        let given = env::text("TZDIR")?.map(|folder| PathBuf::from(folder.as_str()));
        Ok(Self::of(given, FOLDERS.iter().map(PathBuf::from)))
    }

    fn of(given: Option<PathBuf>, mut usual: impl Iterator<Item = PathBuf>) -> Self {
        let missing = given.as_ref().filter(|folder| !folder.is_dir());
        let trouble =
            missing.map(|folder| say!("TZDIR names no folder: {folder}", folder = folder.display()));
        let is_given = given.is_some();
        let folder = match given {
            Some(folder) => Some(folder).filter(|folder| folder.is_dir()),
            None => usual.find(|folder| folder.is_dir()),
        };
        let release = folder.as_deref().and_then(release_of);
        let preferred = match &release {
            Some(release) => rank(release) > rank(Zone::RELEASE),
            None => folder.is_some() && is_given,
        };
        Self { folder, release, preferred, trouble }
    }

    /// The zone of this name, and what there is to say about its rules.
    ///
    /// # Errors
    /// When nobody knows it.
    pub(crate) fn find(&self, name: &str, now: DateTime<Utc>) -> Result<(Zone, Option<String>), Failure> {
        let built_in = Zone::built_in(name);
        let Some(folder) = self.folder.as_deref().filter(|_| is_name(name)) else {
            return built_in.map(|zone| (zone, self.trouble.clone())).ok_or_else(|| names::unknown(name));
        };
        let read = read(folder, name);
        match (self.preferred, read, built_in) {
            (true, Err(error), Some(zone)) => {
                let word = say!(
                    "the zone data of this machine are not used for {name}, but those built in ({release}): {folder}: {error}",
                    name,
                    release = Zone::RELEASE,
                    folder = folder.display(),
                    error
                );
                Ok((zone, Some(word)))
            }
            (false, Ok(theirs), Some(zone)) if self.release.is_none() => {
                let word = differ(&theirs, &zone, now).then(|| {
                    say!("the zone data of this machine do not say of which release they are, and differ from those built \
                         in ({release}), which are used for {name}; TZDIR={folder} prefers the former", release = Zone::RELEASE, name, folder = folder.display())
                });
                Ok((zone, word))
            }
            // Where they are not preferred, a name that is newer than this version.
            (true, Ok(zone), _) | (false, Ok(zone), None) | (false, _, Some(zone)) => Ok((zone, None)),
            (_, Err(_), None) => Err(names::unknown(name)),
        }
    }
}

/// As in `2026f of /usr/share/zoneinfo`.
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_machine = self.folder.as_deref().filter(|_| self.preferred);
        let Some(folder) = of_machine else {
            f.write_str(&say!("{release}, built in", release = Zone::RELEASE))?;
            return match (&self.release, &self.folder, &self.trouble) {
                (Some(release), Some(folder), _) => {
                    f.write_str(&say!("; {folder} has {release}", folder = folder.display(), release))
                }
                (None, Some(folder), _) => {
                    f.write_str(&say!("; {folder} does not say its release", folder = folder.display()))
                }
                (_, None, Some(trouble)) => write!(f, "; {trouble}"),
                (_, None, None) => Ok(()),
            };
        };
        let release = self.release.as_deref().unwrap_or_else(|| say!("an unnamed release"));
        f.write_str(&say!(
            "{release} of {folder}; {own} is built in",
            release,
            folder = folder.display(),
            own = Zone::RELEASE
        ))
    }
}

/// The built-in zone of this name.
pub(crate) fn built_in(name: &str) -> Result<Tz, Failure> {
    name.parse().map_err(|_| names::unknown(name))
}

/// Whether it can be the name of a zone, and no path to something else.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_+-/".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_plain) && !name.ends_with('/')
}

fn read(folder: &Path, name: &str) -> io::Result<Zone> {
    let mut bytes = Vec::new();
    fs::File::open(folder.join(name))?.take(LONGEST).read_to_end(&mut bytes)?;
    Zone::from_tzif(name, &bytes)
}

/// The release that data say they are of: the first line of `tzdata.zi`, or `+VERSION`.
fn release_of(folder: &Path) -> Option<String> {
    let line = |name: &str| {
        let mut text = Vec::new();
        fs::File::open(folder.join(name)).ok()?.take(100).read_to_end(&mut text).ok()?;
        String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
    };
    let named = |line: String| {
        let word = line.trim_start_matches("# version").trim();
        let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
        word.get(..end).filter(|word| rank(word).is_some()).map(str::to_owned)
    };
    ["tzdata.zi", "+VERSION"].into_iter().find_map(|name| line(name).and_then(named))
}

/// What orders releases: the year, and the letters in it, of which `z` is followed by `za`.
fn rank(release: &str) -> Option<(u32, &str)> {
    let (year, letters) = release.split_at_checked(4)?;
    let is_release = letters.bytes().all(|byte| byte.is_ascii_lowercase()) && !letters.is_empty();
    Some((year.parse().ok()?, letters)).filter(|_| is_release)
}

/// Whether the clocks show different times in the months around now.
fn differ(one: &Zone, other: &Zone, now: DateTime<Utc>) -> bool {
    (-COMPARED..=COMPARED)
        .filter_map(|day| now.checked_add_signed(TimeDelta::days(day)))
        .any(|instant| one.wall(instant) != other.wall(instant))
}

#[cfg(test)]
#[path = "../../tests/it/tzif.rs"]
mod tzif;

#[cfg(test)]
mod tests {
    use super::{tzif::tzif, *};

    fn data(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    const CASABLANCA: &str = "Africa/Casablanca";

    fn now() -> DateTime<Utc> {
        "2026-11-28T12:00:00Z".parse().unwrap()
    }

    /// The hour in Casablanca, and whether something is said.
    fn noon(rules: &Rules) -> (String, bool) {
        let (zone, word) = rules.find(CASABLANCA, now()).unwrap();
        (zone.wall(now()).format("%H").to_string(), word.is_some())
    }

    #[test]
    fn newer_data_of_the_machine_are_used_and_older_ones_are_not() {
        let east = tzif("<+02>-2");
        for (version, hour) in [
            (("tzdata.zi", &b"# version 2099f\n# more"[..]), "14"),
            (("+VERSION", b"2099f\n"), "14"),
            (("tzdata.zi", b"# version 2099f-dirty\n"), "14"),
            (("tzdata.zi", b"# version 2013c\n"), "12"),
            (("+VERSION", b"2013c"), "12"),
        ] {
            let folder = data(&[version, (CASABLANCA, &east)]);
            let path = || folder.path().to_owned();
            for rules in [Rules::of(Some(path()), [].into_iter()), Rules::of(None, [path()].into_iter())] {
                assert_eq!(noon(&rules), (hour.to_owned(), false), "{version:?}");
                let said = rules.to_string();
                let release = if hour == "14" { "2099f of" } else { ", built in; " };
                assert!(said.contains(release) && said.contains(Zone::RELEASE), "{said}");
            }
        }
    }

    #[test]
    fn data_of_no_release_count_when_somebody_chose_them_and_are_told_when_they_differ() {
        let folder = data(&[(CASABLANCA, &tzif("<+02>-2")), ("Europe/Moscow", &tzif("MSK-3"))]);
        let path = || folder.path().to_owned();
        assert_eq!(noon(&Rules::of(Some(path()), [].into_iter())), ("14".to_owned(), false));
        let found = Rules::of(None, [path()].into_iter());
        assert_eq!(noon(&found), ("12".to_owned(), true));
        assert_eq!(found.find("Europe/Moscow", now()).unwrap().1, None);
    }

    #[test]
    fn broken_data_fall_back_with_a_word() {
        let whole = tzif("<+02>-2");
        let version = ("tzdata.zi", &b"# version 2099f\n"[..]);
        for broken in [&b""[..], b"TZif", &whole[..70], &whole[..whole.len() - 9], b"no such thing"] {
            let folder = data(&[version, (CASABLANCA, broken)]);
            let rules = Rules::of(Some(folder.path().to_owned()), [].into_iter());
            assert_eq!(noon(&rules), ("12".to_owned(), true), "{broken:?}");
            assert_eq!(rules.find("Europe/Moscow", now()).unwrap().0.name(), "Europe/Moscow");
            assert!(rules.find("Mars/Base", now()).is_err());
        }
        let folder = data(&[("Africa/Casablanca/x", b"")]);
        let rules = Rules::of(Some(folder.path().to_owned()), [].into_iter());
        assert_eq!(noon(&rules), ("12".to_owned(), true));
        let rules = Rules::of(Some(folder.path().join("none")), [].into_iter());
        assert_eq!(noon(&rules), ("12".to_owned(), true));
        assert!(rules.to_string().contains("TZDIR"));
    }

    #[test]
    fn a_name_is_no_path() {
        let folder =
            data(&[("tzdata.zi", b"# version 2099f\n"), ("in/A", &tzif("<+02>-2")), ("B", &tzif("<+02>-2"))]);
        let rules = Rules::of(Some(folder.path().join("in")), [].into_iter());
        assert!(rules.find("A", now()).is_ok());
        let absolute = folder.path().join("B");
        for name in ["../B", "A/../../B", absolute.to_str().unwrap(), "", "/", "A/"] {
            assert!(rules.find(name, now()).is_err(), "{name}");
        }
    }

    #[test]
    fn releases_have_an_order() {
        let order = ["2013c", "2025b", "2026a", "2026f", "2026z", "2026za", "2027a"];
        assert!(order.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
        assert!(rank(Zone::RELEASE).is_some());
        for none in ["", "2026", "2026F", "soon", "26f"] {
            assert_eq!(rank(none), None, "{none}");
        }
    }
}
