//! What holds for every command, by the first that says it: a flag, a variable, the project's file, the user's file. Not here:
//! what a setting means, how files are read (`config`).

use std::{
    fmt::{self, Display},
    num::ParseIntError,
    str::FromStr,
};

use calllegs_core::Brand;
use chrono::DateTime;

use crate::{
    account::{
        config::{Config, Found, Profile},
        connect, secrets,
        zone_rules::Rules,
    },
    cli::{BrandName, Common, LanguageName, ReserveArg, SyncSettings},
    env,
    failure::{Exit, Failure},
    key_source::KeySource,
    lang::say,
    ui::{
        command_line::quoted,
        echo::{shown, shown_path, without_passwords},
    },
};

/// What holds.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    pub(crate) sync: SyncSettings,
    /// What was said, and where.
    pub(crate) said: Vec<Said>,
}

/// A setting with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) origin: String,
}

/// The flags, and where one is missing its variable, and where that is missing the profile.
pub(crate) fn resolve(flags: Common) -> Result<Settings, Failure> {
    let config = Config::read()?;
    let named = match flags.profile.clone() {
        Some(name) => Some((name, "--profile".to_owned())),
        None => {
            env::text("CALLLEGS_PROFILE")?.map(|name| (name.trim().to_owned(), "CALLLEGS_PROFILE".to_owned()))
        }
    };
    let brand = flags.brand.or(env::value("CALLLEGS_BRAND", BrandName::LEGAL.say())?);
    let is_aimed = flags.endpoint.is_some() || env::text("CALLLEGS_ENDPOINT")?.is_some();
    // A profile that nobody named has no say where the call goes elsewhere: its key is not for others.
    let is_for_others = |name: &str| -> Result<bool, Failure> {
        let Some(brand) = brand else { return Ok(is_aimed) };
        let own = config.profile(name)?.get("brand")?;
        Ok(is_aimed || own.is_none_or(|own| own.text.trim().parse() != Ok(brand)))
    };
    let chosen = match named {
        Some(named) => Some(named),
        None => match config.default_profile()? {
            Some(found) if !is_for_others(&found.text)? => Some((found.text.clone(), place(&found))),
            _ => None,
        },
    };
    let profile = chosen.as_ref().map(|(name, _)| config.profile(name)).transpose()?;
    let mut layers = Layers { profile, said: Vec::new() };
    if let Some((name, origin)) = &chosen {
        layers.say("profile", name, origin.clone());
    }
    let name = chosen.map(|(name, _)| name);
    let level = env::value::<Level>("CALLLEGS_LOG", say!("error, info or debug"))?;
    let address = |text: &str| connect::endpoint(text).map(drop);
    // Whether there is such a zone, by whatever rules.
    let zone = |text: &str| Rules::of_this_machine()?.find(text, DateTime::UNIX_EPOCH).map(drop);
    let users = Some(UserIds(flags.user_id.clone())).filter(|ids| !ids.0.is_empty());
    let common = Common {
        brand: layers.value("brand", flags.brand, Some("CALLLEGS_BRAND"), BrandName::LEGAL.say())?,
        endpoint: layers.text("endpoint", flags.endpoint, Some("CALLLEGS_ENDPOINT"), &address)?,
        key: layers.key(name.as_deref())?,
        user_id: layers
            .value("user_id", users, Some("CALLLEGS_USER_ID"), say!("a number"))?
            .map_or(Vec::new(), |ids| ids.0),
        tz: layers.text("timezone", flags.tz, Some("CALLLEGS_TZ"), &zone)?.filter(|zone| zone != "auto"),
        max_points: layers.value(
            "max_points",
            flags.max_points,
            Some("CALLLEGS_MAX_POINTS"),
            say!("a number"),
        )?,
        reserve: layers.value("reserve", flags.reserve, Some("CALLLEGS_RESERVE"), ReserveArg::LEGAL.say())?,
        concurrency: layers
            .value("concurrency", flags.concurrency.map(Pages), None, say!("a number from 1 to 16"))?
            .map(|pages| pages.0),
        progress: flags.progress.or(env::value("CALLLEGS_PROGRESS", say!("auto, plain, json or never"))?),
        log_format: flags.log_format.or(env::value("CALLLEGS_LOG_FORMAT", say!("text or json"))?),
        quiet: flags.quiet || (level == Some(Level::Error) && flags.verbose == 0),
        verbose: flags.verbose.max(u8::from(level == Some(Level::Debug) && !flags.quiet)),
        redact: layers.all("redact")?,
        profile: name,
        lang: layers.language(flags.lang, &config)?,
        ..flags
    };
    layers.check_aim(&common)?;
    let sync = layers.sync()?;
    Ok(Settings { common, sync, said: layers.said })
}

/// Where a value of a file is.
fn place(found: &Found) -> String {
    format!("{}, {}", shown_path(&found.path), found.key)
}

/// The value of a file, as its flag would take it.
fn read<T: FromStr>(found: &Found, legal: &str) -> Result<T, Failure> {
    found.text.trim().parse().map_err(|_| {
        Failure::new(Exit::Config, say!("{found} is not {legal}", found = place(found), legal))
            .because(say!("it stands in for a flag that is not given"))
            .next(say!("correct the file"))
    })
}

struct Layers<'a> {
    profile: Option<Profile<'a>>,
    said: Vec<Said>,
}

impl Layers<'_> {
    fn say(&mut self, name: &'static str, value: &str, origin: String) {
        self.said.push(Said { name, value: value.to_owned(), origin });
    }

    fn found(&self, key: &str) -> Result<Option<Found>, Failure> {
        self.profile.as_ref().map_or(Ok(None), |profile| profile.get(key))
    }

    /// A setting with a type of its own.
    fn value<T: FromStr + Display>(
        &mut self,
        key: &'static str,
        flag: Option<T>,
        variable: Option<&str>,
        legal: &str,
    ) -> Result<Option<T>, Failure> {
        let (value, origin) = if let Some(value) = flag {
            (value, "flag".to_owned())
        } else if let Some((value, name)) = variable
            .map(|name| Ok::<_, Failure>(env::value(name, legal)?.map(|value| (value, name.to_owned()))))
            .transpose()?
            .flatten()
        {
            (value, name)
        } else if let Some(found) = self.found(key)? {
            let value = read(&found, legal)?;
            (value, place(&found))
        } else {
            return Ok(None);
        };
        self.say(key, &value.to_string(), origin);
        Ok(Some(value))
    }

    /// The language, which no profile has a say in. Where nothing says it, the locale does.
    fn language(
        &mut self,
        flag: Option<LanguageName>,
        config: &Config,
    ) -> Result<Option<LanguageName>, Failure> {
        let (language, origin) = if let Some(language) = flag {
            (language, "flag".to_owned())
        } else if let Some(language) = env::value("CALLLEGS_LANG", LanguageName::LEGAL.say())? {
            (language, "CALLLEGS_LANG".to_owned())
        } else if let Some(found) = config.language()? {
            (read(&found, LanguageName::LEGAL.say())?, place(&found))
        } else {
            return Ok(None);
        };
        self.say("lang", language.as_str(), origin);
        Ok(Some(language))
    }

    /// A setting that is looked at where it is used. A flag is told there with other words for the same mistake.
    fn text(
        &mut self,
        key: &'static str,
        flag: Option<String>,
        variable: Option<&str>,
        look: &dyn Fn(&str) -> Result<(), Failure>,
    ) -> Result<Option<String>, Failure> {
        let (text, origin) = if let Some(text) = flag {
            (text, "flag".to_owned())
        } else if let Some((text, name)) = variable
            .map(|name| Ok::<_, Failure>(env::text(name)?.map(|text| (text, name))))
            .transpose()?
            .flatten()
        {
            look(text.trim()).map_err(|failure| failure.of_variable(name))?;
            (text.trim().to_owned(), name.to_owned())
        } else if let Some(found) = self.found(key)? {
            if found.text != "auto" {
                look(found.text.trim()).map_err(|failure| failure.of_variable(&place(&found)))?;
            }
            (found.text.trim().to_owned(), place(&found))
        } else {
            return Ok(None);
        };
        self.say(key, &text, origin);
        Ok(Some(text))
    }

    /// Where the key of the profile is. What is no source is not repeated: it may be the key.
    fn key(&mut self, profile: Option<&str>) -> Result<Option<KeySource>, Failure> {
        let (Some(name), Some(found)) = (profile, self.found("key")?) else { return Ok(None) };
        let Some(source) = KeySource::read(found.text.trim(), name) else {
            return Err(Failure::new(
                Exit::Config,
                say!("{found}: `key` names no place", found = place(&found)),
            )
            .because(say!("it says where the key is: {legal}", legal = KeySource::LEGAL))
            .next(say!(
                "write key = \"file\" and run calllegs auth login -p {value}",
                value = quoted(name)
            )));
        };
        self.say("key", &secrets::place(&source)?, place(&found));
        Ok(Some(source))
    }

    /// A key of a profile goes where the profile says, and nowhere else.
    fn check_aim(&self, common: &Common) -> Result<(), Failure> {
        let (Some(_), Some(profile)) = (&common.key, &common.profile) else { return Ok(()) };
        let own_brand = self.found("brand")?.and_then(|found| found.text.trim().parse::<BrandName>().ok());
        let own_endpoint = self.found("endpoint")?.map(|found| found.text);
        let other_brand = common.brand != own_brand;
        if !other_brand && common.endpoint == own_endpoint {
            return Ok(());
        }
        let what = if other_brand { "brand" } else { "endpoint" };
        let is_of = own_brand.and_then(BrandName::brand).map_or_else(|| say!("the emulator"), Brand::as_str);
        Err(Failure::usage(say!("profile {profile} has another {what}", profile = shown(profile), what))
            .because(say!("its key is of {is_of}, and would be sent elsewhere", is_of))
            .next(say!(
                "leave out --profile, or the {what} (also as a variable), or make a profile for it",
                what
            )))
    }

    fn sync(&mut self) -> Result<SyncSettings, Failure> {
        let to = self.profile.as_ref().map_or(Ok(Vec::new()), |profile| profile.all("sync.to"))?;
        for found in &to {
            // A password there is refused where the place is opened.
            self.say("sync.to", &without_passwords(&found.text), place(found));
        }
        let mut one = |key: &'static str| -> Result<Option<String>, Failure> {
            let found = self.found(key)?;
            if let Some(found) = &found {
                self.say(key, &found.text, place(found));
            }
            Ok(found.map(|found| found.text))
        };
        Ok(SyncSettings {
            since: one("sync.since")?,
            lookback: one("sync.lookback")?,
            settle: one("sync.settle")?,
            refresh: one("sync.refresh")?,
            to: to.into_iter().map(|found| found.text).collect(),
            redact: self.all("sync.redact")?,
        })
    }

    /// A setting that only files have, with several values.
    fn all(&mut self, key: &'static str) -> Result<Vec<String>, Failure> {
        let found = self.profile.as_ref().map_or(Ok(Vec::new()), |profile| profile.all(key))?;
        for found in &found {
            self.say(key, &found.text, place(found));
        }
        Ok(found.into_iter().map(|found| found.text).collect())
    }
}

/// How much is said, as a variable has it.
#[derive(PartialEq, Eq)]
enum Level {
    Debug,
    Error,
    Info,
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "debug" => Ok(Self::Debug),
            "error" => Ok(Self::Error),
            "info" => Ok(Self::Info),
            _ => Err(()),
        }
    }
}

/// Pages in flight together, as the flag takes them.
struct Pages(u8);

impl Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Pages {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().filter(|pages| (1..=16).contains(pages)).map(Self).ok_or(())
    }
}

/// Ids of users, with commas between them.
struct UserIds(Vec<u64>);

impl Display for UserIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&ids.join(","))
    }
}

impl FromStr for UserIds {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|id| id.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}
