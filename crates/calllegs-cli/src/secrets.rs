//! Where the key comes from. It is never an argument: arguments are shown to everybody by `ps`.
//!
//! Not here: what is done with it. Messages name sources, never values.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Read},
    path::Path,
};

use calllegs_core::{
    session::Credentials,
    value::secret::{AccessKey, Password},
};
use zeroize::Zeroizing;

use crate::{
    args::{BrandName, Common},
    environment,
    exit::{Exit, Failure},
    screen::Screen,
};

/// The key of the emulator's made-up account. It opens nothing else.
pub(crate) const SANDBOX_KEY: &str = "sandbox-acme";

/// The ways that exist, for messages.
pub(crate) const WAYS: &str = "put the key into CALLLEGS_TOKEN; or its file into CALLLEGS_TOKEN_FILE; or pipe it to \
                               --token-stdin; or set CALLLEGS_LOGIN with CALLLEGS_PASSWORD or CALLLEGS_PASSWORD_FILE";

/// Longest secret, bytes. Keys have tens of characters; a file beyond this is another file.
const LONGEST: u64 = 64 << 10;

/// Refuses a secret on the command line without repeating it.
pub(crate) fn refuse_arguments(arguments: impl Iterator<Item = String>) -> Result<(), Failure> {
    const PREFIXES: [&str; 7] =
        ["--token", "--access-token", "--access_token", "--api-key", "--key", "--password", "--secret"];
    for argument in arguments {
        let told = PREFIXES.iter().find(|prefix| argument.starts_with(**prefix));
        if let Some(flag) = told.filter(|_| argument != "--token-stdin") {
            return Err(Failure::usage(format!("there is no flag {flag} that takes a secret"))
                .because("arguments are visible to every user of the machine and stay in the shell's history")
                .next(WAYS));
        }
    }
    Ok(())
}

/// The credentials, and the name of their source.
pub(crate) fn find(
    common: &Common,
    brand: Option<BrandName>,
    screen: &Screen,
) -> Result<(Credentials, String), Failure> {
    let key = |secret: &str| Credentials::Key(AccessKey::new(secret));
    if common.token_stdin {
        return Ok((key(&from_stdin()?), "--token-stdin".to_owned()));
    }
    if let Some(secret) = environment::text("CALLLEGS_TOKEN")? {
        return Ok((key(&secret), "CALLLEGS_TOKEN".to_owned()));
    }
    if let Some(path) = environment::text("CALLLEGS_TOKEN_FILE")? {
        return Ok((
            key(&from_file("CALLLEGS_TOKEN_FILE", Path::new(&*path), screen)?),
            "CALLLEGS_TOKEN_FILE".to_owned(),
        ));
    }
    if let Some(login) = environment::text("CALLLEGS_LOGIN")? {
        let password = match environment::text("CALLLEGS_PASSWORD")? {
            Some(password) => password,
            None => match environment::text("CALLLEGS_PASSWORD_FILE")? {
                Some(path) => from_file("CALLLEGS_PASSWORD_FILE", Path::new(&*path), screen)?,
                None => {
                    return Err(Failure::new(Exit::Config, "CALLLEGS_LOGIN is set without a password")
                        .next("set CALLLEGS_PASSWORD or CALLLEGS_PASSWORD_FILE too"));
                }
            },
        };
        return Ok((login_with(&login, &password), "CALLLEGS_LOGIN".to_owned()));
    }
    if let Some(found) = brand.map(of_brand).transpose()?.flatten() {
        return Ok(found);
    }
    if brand == Some(BrandName::Sandbox) {
        return Ok((key(SANDBOX_KEY), "the emulator's own key".to_owned()));
    }
    Err(Failure::new(Exit::Login, "there is no key").next(WAYS))
}

/// The brands whose own variables are set.
pub(crate) fn brands_in_environment() -> Result<Vec<BrandName>, Failure> {
    let mut found = Vec::new();
    for brand in [BrandName::Comagic, BrandName::Uis, BrandName::Novofon, BrandName::Callgear] {
        if of_brand(brand)?.is_some() {
            found.push(brand);
        }
    }
    Ok(found)
}

/// The variables that people have used before.
fn of_brand(brand: BrandName) -> Result<Option<(Credentials, String)>, Failure> {
    let Some(prefix) = brand.brand().map(|brand| brand.name().to_uppercase()) else { return Ok(None) };
    let name = format!("{prefix}_ACCESS_TOKEN");
    if let Some(secret) = environment::text(&name)? {
        return Ok(Some((Credentials::Key(AccessKey::new(secret.as_str())), name)));
    }
    let name = format!("{prefix}_LOGIN");
    let password = environment::text(&format!("{prefix}_PASSWORD"))?;
    let login = environment::text(&name)?;
    Ok(login.zip(password).map(|(login, password)| (login_with(&login, &password), name)))
}

fn login_with(login: &str, password: &str) -> Credentials {
    Credentials::Login { login: login.trim().into(), password: Password::new(password) }
}

fn from_stdin() -> Result<Zeroizing<String>, Failure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Failure::usage("--token-stdin reads a pipe, and typing would show the key")
            .next("for example: pass show telephony | calllegs get --token-stdin ..."));
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().take(LONGEST).read_line(&mut line);
    read.map_err(|error| {
        Failure::new(Exit::Config, format!("cannot read the key from standard input: {error}"))
    })?;
    if line.trim().is_empty() {
        return Err(Failure::new(Exit::Login, "standard input holds no key").next(WAYS));
    }
    Ok(line)
}

fn from_file(name: &str, path: &Path, screen: &Screen) -> Result<Zeroizing<String>, Failure> {
    let bad = |error: io::Error| {
        Failure::new(Exit::Config, format!("cannot read the file of {name}, {}: {error}", path.display()))
            .next(format!("correct {name} or the rights of the file"))
    };
    let file = fs::File::open(path).map_err(bad)?;
    warn_of_readers(&file, name, path, screen);
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text).map_err(bad)?;
    if text.trim().is_empty() {
        return Err(Failure::new(Exit::Config, format!("the file of {name}, {}, is empty", path.display())));
    }
    Ok(text)
}

/// Containers mount secrets for everybody, so this is a word and no refusal.
#[cfg(unix)]
fn warn_of_readers(file: &fs::File, name: &str, path: &Path, screen: &Screen) {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
        let path = path.display();
        screen.warn(&format!("others can read the file of {name}; close it with: chmod 600 {path}"));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &fs::File, _: &str, _: &Path, _: &Screen) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_on_the_command_line_are_refused_and_not_repeated() {
        for argument in
            ["--token", "--token=hush", "--tokenhush", "--token-stdin=hush", "--password=hush", "--api-key"]
        {
            let failure = refuse_arguments([argument.to_owned()].into_iter()).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(!format!("{failure:?}").contains("hush"), "{argument}");
            for way in ["--token-stdin", "CALLLEGS_TOKEN", "CALLLEGS_TOKEN_FILE", "CALLLEGS_LOGIN"] {
                assert!(failure.next.as_deref().unwrap().contains(way), "{way}");
            }
        }
        let legal = ["get", "--token-stdin", "--tz", "UTC"];
        assert!(refuse_arguments(legal.map(str::to_owned).into_iter()).is_ok());
    }
}
