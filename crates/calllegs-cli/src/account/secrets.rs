//! Where a profile's key is: in `secrets.toml` beside the configuration, in a variable, or said by a program. Not here: the
//! sources that need no profile (`credentials`).

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use toml_edit::{DocumentMut, Item, Table, value};
use zeroize::Zeroizing;

use crate::{
    account::config::{self, no_home},
    env,
    failure::{Exit, Failure},
    ui::{command_line::quoted, echo::shown_path},
};

const FILE: &str = "secrets.toml";

/// The word of a configuration for where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// In the file of secrets, under the name of the profile.
    File(String),
    /// In a variable.
    Variable(String),
    /// On the standard output of a program.
    Command(Vec<String>),
}

impl KeySource {
    /// What may be written, for messages.
    pub(crate) const LEGAL: &str = "file, env:NAME or command:[\"PROGRAM\", \"ARGUMENT\"]";

    /// Reads it; `None` where it is none, or perhaps the key itself.
    pub(crate) fn read(text: &str, profile: &str) -> Option<Self> {
        if text == "file" {
            return Some(Self::File(profile.to_owned()));
        }
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "env" if !rest.trim().is_empty() => Some(Self::Variable(rest.trim().to_owned())),
            "command" => {
                let words: Vec<String> = serde_json::from_str(rest).ok()?;
                (!words.is_empty()).then_some(Self::Command(words))
            }
            _ => None,
        }
    }

    /// For people: which place, never what is in it.
    pub(crate) fn place(&self) -> Result<String, Failure> {
        Ok(match self {
            Self::File(_) => shown_path(&path()?),
            Self::Variable(name) => format!("the variable {name}"),
            Self::Command(words) => format!("the program {}", words.first().map_or("", String::as_str)),
        })
    }

    /// The secret itself.
    pub(crate) fn secret(&self) -> Result<Zeroizing<String>, Failure> {
        match self {
            Self::File(profile) => {
                let path = path()?;
                let missing = || {
                    Failure::new(
                        Exit::Login,
                        format!("there is no key of profile {profile} in {}", shown_path(&path)),
                    )
                    .because("the profile says that its key is there")
                    .next(format!("calllegs auth login -p {}", quoted(profile)))
                };
                let document = read(&path)?.ok_or_else(missing)?;
                let secret = document.get(profile).and_then(|table| table.get("key")).and_then(Item::as_str);
                secret.map(|secret| Zeroizing::new(secret.to_owned())).ok_or_else(missing)
            }
            Self::Variable(name) => env::text(name)?.ok_or_else(|| {
                Failure::new(Exit::Login, format!("{name} is not set"))
                    .because("the profile says that its key is there")
                    .next(format!("set {name}"))
            }),
            Self::Command(words) => output(words),
        }
    }
}

/// What a program says. It may ask: its standard error is the user's.
fn output(words: &[String]) -> Result<Zeroizing<String>, Failure> {
    let (program, arguments) =
        words.split_first().map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
    let bad = |what: String| {
        Failure::new(Exit::Config, format!("the program that says the key, {program}: {what}"))
            .because("the profile says that it prints the key on its standard output")
            .next("run it by hand, or correct `key` in config.toml")
    };
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::inherit()).stdin(Stdio::inherit());
    let done = command.output().map_err(|error| bad(error.to_string()))?;
    if !done.status.success() {
        return Err(bad(done.status.to_string()));
    }
    let bytes = Zeroizing::new(done.stdout);
    let text = str::from_utf8(&bytes).map_err(|_| bad("it prints no text in UTF-8".to_owned()))?;
    let first = text.lines().next().unwrap_or_default().trim();
    if first.is_empty() {
        return Err(bad("it prints nothing".to_owned()));
    }
    Ok(Zeroizing::new(first.to_owned()))
}

/// Keeps the key of a profile; where.
pub(crate) fn keep(profile: &str, key: &str) -> Result<PathBuf, Failure> {
    let path = path()?;
    let mut document = read(&path)?.unwrap_or_default();
    let table = document.entry(profile).or_insert_with(|| Item::Table(Table::new()));
    if let Some(table) = table.as_table_like_mut() {
        table.insert("key", value(key));
    }
    write(&path, &document)?;
    Ok(path)
}

/// Removes the key of a profile; whether there was one.
pub(crate) fn forget(profile: &str) -> Result<bool, Failure> {
    let path = path()?;
    let Some(mut document) = read(&path)? else { return Ok(false) };
    let was_there = document.remove(profile).is_some();
    if was_there {
        write(&path, &document)?;
    }
    Ok(was_there)
}

fn write(path: &Path, document: &DocumentMut) -> Result<(), Failure> {
    let text = Zeroizing::new(document.to_string());
    config::write_private(path, text.as_bytes())
}

fn path() -> Result<PathBuf, Failure> {
    let (config, _) = config::user_path()?.ok_or_else(no_home)?;
    Ok(config.with_file_name(FILE))
}

/// The file, which nobody else may read. Its text is in no message.
fn read(path: &Path) -> Result<Option<DocumentMut>, Failure> {
    let bad = |what: &str, next: String| {
        Failure::new(Exit::Config, format!("{}: {what}", shown_path(path)))
            .because("keys are kept in it")
            .next(next)
    };
    let unreadable = |error: io::Error| bad(&error.to_string(), "correct the rights of the file".to_owned());
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            let next = format!(
                "chmod 600 {}; and if somebody may have read it, replace the keys",
                quoted(&path.to_string_lossy())
            );
            return Err(bad("others can read it", next));
        }
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(unreadable)?;
    let document = text.parse::<DocumentMut>();
    document.map(Some).map_err(|_| bad("it is not TOML", "move it away, then calllegs auth login".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_no_key() {
        let read = |text| KeySource::read(text, "acme");
        assert_eq!(read("file"), Some(KeySource::File("acme".to_owned())));
        assert_eq!(read("env:KEY"), Some(KeySource::Variable("KEY".to_owned())));
        let words = ["pass", "show", "uis/acme"].map(str::to_owned).to_vec();
        assert_eq!(read(r#"command:["pass","show","uis/acme"]"#), Some(KeySource::Command(words)));
        for text in ["", "env:", "command:", "command:[]", "command:pass show", "f1l3k3y0000000000000"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_says_the_key_on_its_first_line() {
        let say = |script: &str| output(&["/bin/sh", "-c", script].map(str::to_owned));
        assert_eq!(*say("echo ' hush '; echo more").unwrap(), "hush");
        for script in ["true", "exit 3", "printf '\\377'"] {
            assert_eq!(say(script).unwrap_err().exit, Exit::Config, "{script}");
        }
    }
}
