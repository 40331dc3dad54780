//! `config.toml` of the user and `calllegs.toml` of the project: profiles, with the place of every value. A key that nothing
//! reads is refused with the nearest one that is known. Not here: secrets (`secrets`), which value wins (`settings`).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use calllegs_core::filter::nearest;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

use crate::{
    env,
    failure::{Exit, Failure},
    lang::say,
    ui::echo::{may_be_phone, may_be_secret, shown, shown_path},
};

/// The file of a project, in the folder of work.
const PROJECT_FILE: &str = "calllegs.toml";

/// What stands above the profiles.
const TOP_KEYS: [&str; 3] = ["default_profile", "lang", "profile"];

/// What a profile says.
const PROFILE_KEYS: [&str; 10] = [
    "brand",
    "concurrency",
    "endpoint",
    "key",
    "max_points",
    "redact",
    "reserve",
    "sync",
    "timezone",
    "user_id",
];

/// What a profile says of `sync`.
const SYNC_KEYS: [&str; 6] = ["lookback", "redact", "refresh", "settle", "since", "to"];

/// What a project's file may not say: whoever wrote it would decide where a key goes, or which program runs.
const USER_ONLY: [&str; 2] = ["endpoint", "key"];

/// A file of configuration.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    document: DocumentMut,
}

/// Both files; the project's speaks first.
#[derive(Debug, Default)]
pub(crate) struct Config {
    files: Vec<ConfigFile>,
}

impl Config {
    /// Reads what is there. No file is no mistake, unless it was named.
    pub(crate) fn read() -> Result<Self, Failure> {
        let project = ConfigFile::read(Path::new(PROJECT_FILE))?;
        if let Some(file) = &project {
            file.check(&USER_ONLY)?;
        }
        let user = match user_path()? {
            Some((path, is_named)) => {
                let file = ConfigFile::read(&path)?;
                if file.is_none() && is_named {
                    return Err(Failure::new(
                        Exit::Config,
                        say!("there is no file {path}", path = shown_path(&path)),
                    )
                    .because(say!("CALLLEGS_CONFIG names it"))
                    .next(say!("correct or unset CALLLEGS_CONFIG")));
                }
                file
            }
            None => None,
        };
        if let Some(file) = &user {
            file.check(&[])?;
        }
        Ok(Self { files: project.into_iter().chain(user).collect() })
    }

    /// The profile that is used where none is named.
    pub(crate) fn default_profile(&self) -> Result<Option<Found>, Failure> {
        self.top("default_profile")
    }

    /// The language that people are told things in.
    pub(crate) fn language(&self) -> Result<Option<Found>, Failure> {
        self.top("lang")
    }

    /// What stands above the profiles.
    fn top(&self, key: &str) -> Result<Option<Found>, Failure> {
        let found = self.files.iter().find_map(|file| file.found(file.document.get(key)?, key));
        found.transpose()
    }

    /// The names of all profiles, in order, each once.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .files
            .iter()
            .filter_map(ConfigFile::profiles)
            .flat_map(names_of)
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// One profile.
    pub(crate) fn profile(&self, name: &str) -> Result<Profile<'_>, Failure> {
        check_profile_name(name)?;
        let tables: Vec<_> = self.files.iter().filter_map(|file| Some((file, file.profile(name)?))).collect();
        if tables.is_empty() {
            let known = self.profiles();
            let next = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => say!("did you mean {near}?", near),
                None if known.is_empty() => say!("calllegs init makes one").to_owned(),
                None => say!("there are: {known}", known = known.join(", ")),
            };
            return Err(Failure::new(Exit::Config, say!("there is no profile {value}", value = shown(name)))
                .because(say!("neither the user's config.toml nor the project's calllegs.toml has it"))
                .next(next));
        }
        Ok(Profile { tables })
    }
}

/// Refuses what is no name of a profile. People paste keys where a name belongs, and names are kept and printed.
pub(crate) fn check_profile_name(name: &str) -> Result<(), Failure> {
    let is_legal = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let may_be_key = may_be_secret(name)
        && (name.chars().filter(char::is_ascii_digit).count() > 1
            || name.split(['-', '_', '.']).any(|part| part.len() >= 16));
    if !name.is_empty() && name.chars().all(is_legal) && !may_be_key && !may_be_phone(name) {
        return Ok(());
    }
    let what = if name.is_empty() { say!("an empty name").to_owned() } else { shown(name) };
    Err(Failure::usage(say!("{what} cannot be the name of a profile", what))
        .because(say!(
            "names are letters, digits, `-`, `_` and `.`; what may be a key or a phone number is none"
        ))
        .next(say!("choose a short name, for example -p acme")))
}

/// A value of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// As text, whatever type it was written in.
    pub(crate) text: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// The key with its table.
    pub(crate) key: String,
}

/// What the files say of a profile.
pub(crate) struct Profile<'a> {
    tables: Vec<(&'a ConfigFile, &'a dyn TableLike)>,
}

impl Profile<'_> {
    /// The value of a key, `sync.to` for one of a table in it.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Found>, Failure> {
        let found = self.tables.iter().find_map(|(file, table)| file.found(item(*table, key)?, key));
        found.transpose()
    }

    /// Everything that it says, each key by the file that speaks first.
    pub(crate) fn said(&self) -> Result<Vec<Found>, Failure> {
        let outer = PROFILE_KEYS.iter().filter(|key| **key != "sync").map(|key| (*key).to_owned());
        let inner = SYNC_KEYS.iter().map(|key| format!("sync.{key}"));
        let found = outer.chain(inner).map(|key| self.all(&key)).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The values of a key that takes several.
    pub(crate) fn all(&self, key: &str) -> Result<Vec<Found>, Failure> {
        let Some((file, item)) =
            self.tables.iter().find_map(|(file, table)| Some((file, item(*table, key)?)))
        else {
            return Ok(Vec::new());
        };
        match item.as_array() {
            Some(array) => array.iter().map(|value| file.text(value, key)).collect(),
            None => file.found(item, key).transpose().map(|found| found.into_iter().collect()),
        }
    }
}

fn item<'a>(table: &'a dyn TableLike, key: &str) -> Option<&'a Item> {
    match key.split_once('.') {
        Some((outer, inner)) => table.get(outer)?.as_table_like()?.get(inner),
        None => table.get(key),
    }
}

fn names_of(table: &dyn TableLike) -> impl Iterator<Item = &str> {
    table.iter().map(|(name, _)| name)
}

impl ConfigFile {
    /// Reads a file; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let bad = |what: String| {
            Failure::new(Exit::Config, format!("{}: {what}", shown_path(path)))
                .because(say!("settings are read from it"))
                .next(say!("correct the file, or move it away"))
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(bad(error.to_string())),
        };
        // The parser's message repeats the line, in which there may be anything.
        let document = text.trim_start_matches('\u{feff}').parse::<DocumentMut>().map_err(|error| {
            let at = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.lines().count().max(1));
            let at = at.map_or_else(String::new, |line| say!("line {line}: ", line));
            bad(format!("{at}{}", error.message()))
        })?;
        Ok(Some(Self { path: path.to_owned(), document }))
    }

    /// Refuses what nothing reads, and what this file may not say.
    fn check(&self, forbidden: &[&str]) -> Result<(), Failure> {
        self.only(self.document.as_table(), &TOP_KEYS, "")?;
        for (name, item) in self.profiles().into_iter().flat_map(TableLike::iter) {
            let Some(profile) = item.as_table_like() else {
                return Err(self.wrong(
                    &format!("profile.{name}"),
                    say!("is not a table"),
                    say!("write [profile.NAME]"),
                ));
            };
            self.only(profile, &PROFILE_KEYS, &format!("profile.{name}."))?;
            if let Some(key) = forbidden.iter().find(|key| profile.contains_key(key)) {
                return Err(self
                    .wrong(
                        &format!("profile.{name}.{key}"),
                        say!("does not belong into the file of a project"),
                        say!("move it into your own config.toml"),
                    )
                    .because(say!(
                        "whoever writes that file would decide where a key comes from and goes to"
                    )));
            }
            if let Some(sync) = profile.get("sync").and_then(Item::as_table_like) {
                self.only(sync, &SYNC_KEYS, &format!("profile.{name}.sync."))?;
            }
        }
        Ok(())
    }

    fn only(&self, table: &dyn TableLike, known: &[&str], prefix: &str) -> Result<(), Failure> {
        let Some(strange) = names_of(table).find(|name| !known.contains(name)) else { return Ok(()) };
        let next = match nearest(strange, known.iter().copied()) {
            _ if prefix.starts_with("profile.")
                && !prefix.ends_with(".sync.")
                && SYNC_KEYS.contains(&strange) =>
            {
                say!("write it below [{prefix}sync]", prefix)
            }
            Some(near) => say!("did you mean {near}?", near),
            None => say!("it takes: {known}", known = known.join(", ")),
        };
        let strange = if prefix.is_empty() { shown(strange) } else { format!("{prefix}{strange}") };
        Err(self.wrong(&strange, say!("is not known"), &next))
    }

    fn wrong(&self, key: &str, what: &str, next: &str) -> Failure {
        Failure::new(Exit::Config, format!("{}: {key} {what}", shown_path(&self.path)))
            .because(say!("a setting that is not read would change nothing without a word"))
            .next(next)
    }

    fn profiles(&self) -> Option<&dyn TableLike> {
        self.document.get("profile")?.as_table_like()
    }

    fn profile(&self, name: &str) -> Option<&dyn TableLike> {
        self.profiles()?.get(name)?.as_table_like()
    }

    fn found(&self, item: &Item, key: &str) -> Option<Result<Found, Failure>> {
        match item {
            Item::None => None,
            Item::Value(value) => Some(self.text(value, key)),
            Item::Table(_) | Item::ArrayOfTables(_) => Some(Err(self.not_text(key))),
        }
    }

    fn text(&self, value: &Value, key: &str) -> Result<Found, Failure> {
        let text = match value {
            Value::String(text) => text.value().clone(),
            Value::Integer(number) => number.value().to_string(),
            Value::Datetime(time) => time.value().to_string(),
            Value::Float(_) | Value::Boolean(_) | Value::Array(_) | Value::InlineTable(_) => {
                return Err(self.not_text(key));
            }
        };
        Ok(Found { text, path: self.path.clone(), key: key.to_owned() })
    }

    fn not_text(&self, key: &str) -> Failure {
        self.wrong(key, say!("is neither a text nor a number"), say!("write it in quotation marks"))
    }

    /// The user's own file, or a new one.
    pub(crate) fn of_user() -> Result<Self, Failure> {
        let (path, _) = user_path()?.ok_or_else(no_home)?;
        let new = || Self { path: path.clone(), document: DocumentMut::new() };
        Ok(Self::read(&path)?.unwrap_or_else(new))
    }

    /// The brand of a profile.
    pub(crate) fn brand_of(&self, profile: &str) -> Result<Option<String>, Failure> {
        let brand = self.profile(profile).and_then(|table| self.found(table.get("brand")?, "brand"));
        Ok(brand.transpose()?.map(|found| found.text))
    }

    /// Whether a profile holds where none is named.
    pub(crate) fn has_default(&self) -> bool {
        self.document.contains_key("default_profile")
    }

    /// Sets what stands above the profiles.
    pub(crate) fn set_default_profile(&mut self, name: &str) {
        self.document.insert("default_profile", value(name));
    }

    /// Sets a key of a profile, which is made where it is not there.
    pub(crate) fn set(&mut self, profile: &str, key: &str, text: &str) {
        let implicit = || {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        };
        let profiles = self.document.entry("profile").or_insert_with(implicit);
        if let Some(profiles) = profiles.as_table_like_mut() {
            let table = profiles.entry(profile).or_insert_with(|| Item::Table(Table::new()));
            if let Some(table) = table.as_table_like_mut() {
                table.insert(key, value(text));
            }
        }
    }

    /// Removes a profile, and the word that it is the default; whether it was there.
    pub(crate) fn remove(&mut self, profile: &str) -> bool {
        if self.document.get("default_profile").and_then(Item::as_str) == Some(profile) {
            self.document.remove("default_profile");
        }
        let profiles = self.document.get_mut("profile").and_then(Item::as_table_like_mut);
        profiles.is_some_and(|profiles| profiles.remove(profile).is_some())
    }

    /// Writes the file, with its comments as they were; the owner alone can read it.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        write_private(&self.path, self.document.to_string().as_bytes())
    }
}

/// Replaces a file of settings as a whole; the owner alone can read it.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let write = || {
        make_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error: io::Error| {
        Failure::new(Exit::Config, say!("cannot write {path}: {error}", path = shown_path(path), error))
            .because(say!("settings are kept in it"))
            .next(say!("correct the rights of the folder, or name another file in CALLLEGS_CONFIG"))
    })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The user's file, and whether it was named.
pub(crate) fn user_path() -> Result<Option<(PathBuf, bool)>, Failure> {
    if let Some(named) = env::text("CALLLEGS_CONFIG")? {
        return Ok(Some((PathBuf::from(named.as_str()), true)));
    }
    let folder = |name: &str| -> Result<Option<PathBuf>, Failure> {
        Ok(env::text(name)?.map(|path| PathBuf::from(path.as_str())).filter(|path| path.is_absolute()))
    };
    let base = match folder(if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" })? {
        Some(base) => Some(base),
        None => folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?.map(|home| home.join(".config")),
    };
    Ok(base.map(|base| (base.join("calllegs").join("config.toml"), false)))
}

/// No folder is known in which a user's settings could be.
pub(crate) fn no_home() -> Failure {
    Failure::new(Exit::Config, say!("there is no place for settings"))
        .because(say!("neither CALLLEGS_CONFIG nor XDG_CONFIG_HOME nor HOME is set"))
        .next(say!("set CALLLEGS_CONFIG to a path such as ./config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> ConfigFile {
        ConfigFile { path: PathBuf::from("config.toml"), document: text.parse().unwrap() }
    }

    #[test]
    fn the_project_speaks_before_the_user() {
        let project = file("[profile.acme]\nreserve = 300\n[profile.acme.sync]\nto = \"calls.db\"");
        let user = file("default_profile = \"acme\"\n[profile.acme]\nreserve = \"10%\"\nbrand = \"uis\"\n");
        let config = Config { files: vec![project, user] };
        let profile = config.profile("acme").unwrap();
        let text = |key: &str| profile.get(key).unwrap().map(|found| found.text);
        assert_eq!(text("reserve").as_deref(), Some("300"));
        assert_eq!(text("brand").as_deref(), Some("uis"));
        assert_eq!(text("timezone"), None);
        assert_eq!(profile.all("sync.to").unwrap().len(), 1);
        assert_eq!(config.default_profile().unwrap().unwrap().text, "acme");
        let failure = config.profile("amce").err().unwrap();
        assert!(failure.next.unwrap().contains("acme"));
    }

    #[test]
    fn what_nothing_reads_is_named() {
        for (text, named) in [
            ("defualt_profile = \"a\"", "default_profile"),
            ("[profile.a]\nbrnad = \"uis\"", "brand"),
            ("[profile.a]\nto = \"calls.db\"", "[profile.a.sync]"),
            ("[profile.a.sync]\nlokback = \"3d\"", "lookback"),
            ("[profile]\na = 1", "[profile.NAME]"),
        ] {
            let failure = file(text).check(&[]).unwrap_err();
            assert_eq!(failure.exit, Exit::Config);
            assert!(failure.next.unwrap().contains(named), "{text}");
        }
        assert!(file("[profile.a]\nkey = \"file\"").check(&USER_ONLY).is_err());
    }

    #[test]
    fn a_name_is_a_word_and_no_key() {
        for name in ["acme", "acme-production-uis", "Ромашка_2", "a.b", "default"] {
            assert!(check_profile_name(name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a'b", "a/b", "0123456789abcdef0123", "ztdetmqxvtbxqwxtbpxkqo", "79161234567"]
        {
            let failure = check_profile_name(name).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{name}");
            assert!(name.len() < 10 || !failure.what.contains(name), "{}", failure.what);
        }
    }

    #[test]
    fn a_change_keeps_comments() {
        let mut config = file("# mine\n[profile.b] # second\nbrand = \"uis\" # of ours\n");
        config.set("a", "brand", "novofon");
        config.set_default_profile("a");
        let text = config.document.to_string();
        assert!(text.contains("# mine") && text.contains("# of ours"), "{text}");
        assert!(config.remove("a") && !config.remove("a"));
        assert!(!config.document.to_string().contains("default_profile"));
    }
}
