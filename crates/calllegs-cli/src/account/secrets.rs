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
    key_source::KeySource,
    lang::say,
    ui::{command_line::quoted, echo::shown_path},
};

const FILE: &str = "secrets.toml";

/// For people: which place, never what is in it.
pub(crate) fn place(source: &KeySource) -> Result<String, Failure> {
    Ok(match source {
        KeySource::File(_) => shown_path(&path()?),
        KeySource::Variable(name) => say!("the variable {name}", name),
        KeySource::Command(words) => {
            say!("the program {first}", first = words.first().map_or("", String::as_str))
        }
    })
}

/// The secret itself.
pub(crate) fn secret(source: &KeySource) -> Result<Zeroizing<String>, Failure> {
    match source {
        KeySource::File(profile) => {
            let path = path()?;
            let missing = || {
                Failure::new(
                    Exit::Login,
                    say!("there is no key of profile {profile} in {path}", profile, path = shown_path(&path)),
                )
                .because(say!("the profile says that its key is there"))
                .next(say!("calllegs auth login -p {profile}", profile = quoted(profile)))
            };
            let document = read(&path)?.ok_or_else(missing)?;
            let secret = document.get(profile).and_then(|table| table.get("key")).and_then(Item::as_str);
            secret.map(|secret| Zeroizing::new(secret.to_owned())).ok_or_else(missing)
        }
        KeySource::Variable(name) => env::text(name)?.ok_or_else(|| {
            Failure::new(Exit::Login, say!("{name} is not set", name))
                .because(say!("the profile says that its key is there"))
                .next(say!("set {name}", name))
        }),
        KeySource::Command(words) => output(words),
    }
}

/// What a program says. It may ask: its standard error is the user's.
fn output(words: &[String]) -> Result<Zeroizing<String>, Failure> {
    let (program, arguments) =
        words.split_first().map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
    let bad = |what: String| {
        Failure::new(Exit::Config, say!("the program that says the key, {program}: {what}", program, what))
            .because(say!("the profile says that it prints the key on its standard output"))
            .next(say!("run it by hand, or correct `key` in config.toml"))
    };
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::inherit()).stdin(Stdio::inherit());
    let done = command.output().map_err(|error| bad(error.to_string()))?;
    if !done.status.success() {
        return Err(bad(done.status.to_string()));
    }
    let bytes = Zeroizing::new(done.stdout);
    let text = str::from_utf8(&bytes).map_err(|_| bad(say!("it prints no text in UTF-8").to_owned()))?;
    let first = text.lines().next().unwrap_or_default().trim();
    if first.is_empty() {
        return Err(bad(say!("it prints nothing").to_owned()));
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
            .because(say!("keys are kept in it"))
            .next(next)
    };
    let unreadable =
        |error: io::Error| bad(&error.to_string(), say!("correct the rights of the file").to_owned());
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if path.is_dir() {
        return Err(bad(say!("it is a folder"), say!("move it away, then calllegs auth login").to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            let next = say!(
                "chmod 600 {path}; and if somebody may have read it, replace the keys",
                path = quoted(&path.to_string_lossy())
            );
            return Err(bad(say!("others can read it"), next));
        }
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(unreadable)?;
    let document = text.parse::<DocumentMut>();
    document
        .map(Some)
        .map_err(|_| bad(say!("it is not TOML"), say!("move it away, then calllegs auth login").to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
