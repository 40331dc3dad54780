//! Where the key comes from. It is never an argument: arguments are shown to everybody by `ps`.
//!
//! What editors and shells put around a key is dropped where that is safe (white space, a byte order mark) and named
//! where it is not, before anything is sent: the server could only say that it does not know the key.
//!
//! Not here: what is done with it. Messages name sources, never values.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Read},
    path::Path,
};

use calllegs_core::{
    filter::nearest,
    session::Credentials,
    value::secret::{AccessKey, Password},
};
use zeroize::Zeroizing;

use crate::{
    account::{config::Config, secrets},
    cli::{BrandName, Common},
    env,
    failure::{Exit, Failure},
    lang::{Text, say, text},
    ui::{
        command_line,
        echo::{is_word, shown, shown_path},
        terminal::Terminal,
    },
};

/// The key of the emulator's made-up account. It opens nothing else.
pub(crate) const SANDBOX_KEY: &str = "sandbox-acme";

/// The ways that exist, for messages.
pub(crate) const WAYS: Text = text!(
    "calllegs auth login keeps one; or put the key into CALLLEGS_TOKEN; or its file into CALLLEGS_TOKEN_FILE; or pipe it to \
                               --token-stdin; or set CALLLEGS_LOGIN with CALLLEGS_PASSWORD or CALLLEGS_PASSWORD_FILE"
);

/// Longest secret, bytes. Keys have tens of characters; a file beyond this is another file.
const LONGEST: u64 = 64 << 10;

/// Refuses a secret on the command line without repeating it.
pub(crate) fn refuse_arguments(arguments: impl Iterator<Item = String>) -> Result<(), Failure> {
    const PREFIXES: [&str; 7] =
        ["--token", "--access-token", "--access_token", "--api-key", "--key", "--password", "--secret"];
    for argument in arguments {
        let told = PREFIXES.iter().find(|prefix| argument.starts_with(**prefix));
        if let Some(flag) = told.filter(|_| argument != "--token-stdin") {
            return Err(Failure::usage(say!("there is no flag {flag} that takes a secret", flag))
                .because(say!(
                    "arguments are visible to every user of the machine and stay in the shell's history"
                ))
                .next(WAYS));
        }
    }
    Ok(())
}

/// The credentials, and the name of their source.
pub(crate) fn find(
    common: &Common,
    brand: Option<BrandName>,
    terminal: &Terminal,
) -> Result<(Credentials, String), Failure> {
    for (name, meant) in near_misses() {
        terminal.warn(&say!("{name} is not read; did you mean {meant}?", name, meant));
    }
    if common.token_stdin {
        return Ok((key("--token-stdin", &from_stdin()?)?, "--token-stdin".to_owned()));
    }
    let of_profile = common.key.as_ref().zip(common.profile.as_deref());
    let overrules = |name: &str| {
        if let Some((_, profile)) = of_profile {
            terminal.warn(&say!("{name} is set: the key of profile {profile} is not used", name, profile));
        }
    };
    if let Some(secret) = env::text("CALLLEGS_TOKEN")? {
        overrules("CALLLEGS_TOKEN");
        if env::text("CALLLEGS_TOKEN_FILE")?.is_some() {
            terminal.warn(say!(
                "CALLLEGS_TOKEN and CALLLEGS_TOKEN_FILE are both set: the key is that of CALLLEGS_TOKEN"
            ));
        }
        return Ok((key("CALLLEGS_TOKEN", &secret)?, "CALLLEGS_TOKEN".to_owned()));
    }
    if let Some(path) = env::text("CALLLEGS_TOKEN_FILE")? {
        overrules("CALLLEGS_TOKEN_FILE");
        let secret = from_file("CALLLEGS_TOKEN_FILE", Path::new(&*path), terminal)?;
        return Ok((key("CALLLEGS_TOKEN_FILE", &secret)?, "CALLLEGS_TOKEN_FILE".to_owned()));
    }
    if let Some(login) = env::text("CALLLEGS_LOGIN")? {
        overrules("CALLLEGS_LOGIN");
        let (source, password) = match env::text("CALLLEGS_PASSWORD")? {
            Some(password) => ("CALLLEGS_PASSWORD", password),
            None => match env::text("CALLLEGS_PASSWORD_FILE")? {
                Some(path) => (
                    "CALLLEGS_PASSWORD_FILE",
                    from_file("CALLLEGS_PASSWORD_FILE", Path::new(&*path), terminal)?,
                ),
                None => {
                    return Err(Failure::new(Exit::Config, say!("CALLLEGS_LOGIN is set without a password"))
                        .because(say!("a login opens a session together with its password"))
                        .next(say!("set CALLLEGS_PASSWORD or CALLLEGS_PASSWORD_FILE too")));
                }
            },
        };
        let credentials = login_with(("CALLLEGS_LOGIN", &login), (source, &password))?;
        return Ok((credentials, "CALLLEGS_LOGIN".to_owned()));
    }
    for name in ["CALLLEGS_PASSWORD", "CALLLEGS_PASSWORD_FILE"] {
        if env::text(name)?.is_some() {
            return Err(Failure::new(Exit::Config, say!("{name} is set without a login", name))
                .because(say!("a password opens a session together with its login"))
                .next(say!("set CALLLEGS_LOGIN too, or unset the password")));
        }
    }
    if let Some((source, profile)) = of_profile {
        let place = secrets::place(source)?;
        return Ok((
            key(&place, &secrets::secret(source)?)?,
            say!("{place}, profile {profile}", place, profile),
        ));
    }
    if let Some(found) = brand.map(of_brand).transpose()?.flatten() {
        return Ok(found);
    }
    if brand == Some(BrandName::Sandbox) {
        let key = Credentials::Key(AccessKey::new(SANDBOX_KEY));
        return Ok((key, say!("the emulator's own key").to_owned()));
    }
    let failure = Failure::new(Exit::Login, say!("there is no key")).next(WAYS);
    let passed_over = if common.profile.is_none() { Config::read()?.default_profile()? } else { None };
    let Some(profile) = passed_over.map(|found| shown(&found.text)) else {
        return Err(failure.because(say!("every call to the API carries one")));
    };
    Err(failure.because(say!(
        "the key of the profile {profile} is not sent to another address or brand than the profile's",
        profile
    )))
}

/// The key on standard input.
pub(crate) fn key_from_stdin() -> Result<Zeroizing<String>, Failure> {
    checked_key("--token-stdin", &from_stdin()?)
}

/// A key without what surrounds it.
pub(crate) fn checked_key(source: &str, text: &str) -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(sound(source, text, Secret::Key)?.to_owned()))
}

/// Variables that are set and mean nothing here, with those that are probably meant.
fn near_misses() -> Vec<(String, String)> {
    const PREFIX: &str = "CALLLEGS_";
    const KNOWN: [&str; 15] = [
        "BRAND",
        "CACHE_DIR",
        "CONFIG",
        "ENDPOINT",
        "LOGIN",
        "MAX_POINTS",
        "PASSWORD",
        "PASSWORD_FILE",
        "PROFILE",
        "PROGRESS",
        "RESERVE",
        "TOKEN",
        "TOKEN_FILE",
        "TZ",
        "USER_ID",
    ];
    const SYNONYMS: [(&str, &str); 12] = [
        ("ACCESS_KEY", "TOKEN"),
        ("ACCESS_TOKEN", "TOKEN"),
        ("API_KEY", "TOKEN"),
        ("APIKEY", "TOKEN"),
        ("KEY", "TOKEN"),
        ("KEY_FILE", "TOKEN_FILE"),
        ("PASS", "PASSWORD"),
        ("TIMEZONE", "TZ"),
        ("TZ_NAME", "TZ"),
        ("URL", "ENDPOINT"),
        ("USER", "LOGIN"),
        ("USERNAME", "LOGIN"),
    ];
    let near = |name: &str| {
        let rest = name.strip_prefix(PREFIX).filter(|rest| !KNOWN.contains(rest))?;
        let synonym = SYNONYMS.iter().find(|(synonym, _)| *synonym == rest).map(|(_, meant)| *meant);
        synonym.or_else(|| nearest(rest, KNOWN.into_iter()))
    };
    let names = env::names(PREFIX).into_iter();
    names.filter_map(|name| near(&name).map(|meant| (name.clone(), format!("{PREFIX}{meant}")))).collect()
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
    let Some(prefix) = brand.brand().map(|brand| brand.as_str().to_uppercase()) else { return Ok(None) };
    let name = format!("{prefix}_ACCESS_TOKEN");
    if let Some(secret) = env::text(&name)? {
        return Ok(Some((key(&name, &secret)?, name)));
    }
    let (name, password_name) = (format!("{prefix}_LOGIN"), format!("{prefix}_PASSWORD"));
    match (env::text(&name)?, env::text(&password_name)?) {
        (Some(login), Some(password)) => {
            Ok(Some((login_with((&name, &login), (&password_name, &password))?, name)))
        }
        (Some(_) | None, _) => Ok(None),
    }
}

fn key(source: &str, secret: &str) -> Result<Credentials, Failure> {
    Ok(Credentials::Key(AccessKey::new(sound(source, secret, Secret::Key)?)))
}

/// Both with the names of their sources.
fn login_with(login: (&str, &str), password: (&str, &str)) -> Result<Credentials, Failure> {
    let login = sound(login.0, login.1, Secret::Phrase)?;
    let password = sound(password.0, password.1, Secret::Phrase)?;
    Ok(Credentials::Login { login: login.into(), password: Password::new(password) })
}

/// What a secret may consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secret {
    /// Made by a machine: visible ASCII.
    Key,
    /// Made by a person, who may like quotes and spaces.
    Phrase,
}

/// The secret without what surrounds it.
fn sound<'a>(source: &str, text: &'a str, kind: Secret) -> Result<&'a str, Failure> {
    let secret = text.trim().trim_start_matches('\u{feff}').trim();
    let bad = |what: &str| Failure::new(Exit::Config, format!("{source}: {what}"));
    if secret.is_empty() {
        return Err(bad(say!("there is nothing but white space"))
            .because(say!("every call carries a key"))
            .next(say!("put the key into {source}", source)));
    }
    let is_name = |name: &str| name.starts_with("CALLLEGS_") || name.starts_with("export ");
    if secret.split_once('=').is_some_and(|(name, _)| is_name(name)) {
        return Err(bad(say!("the secret stands behind a name and `=`"))
            .because(say!("all of it would be sent as the secret, and the server would refuse it"))
            .next(say!("give {source} the bare secret", source)));
    }
    match secret
        .lines()
        .nth(1)
        .map(|_| say!("more than one line").to_owned())
        .or_else(|| strange(secret, kind))
    {
        None => Ok(secret),
        Some(found) => Err(bad(&say!("the secret has {found}", found))
            .because(say!("it would be sent as a part of the secret, and the server would refuse it"))
            .next(say!("give {source} the bare secret: one line of plain text, without quotes", source))),
    }
}

/// The first character that does not belong there, by its kind. Which letter it is stays unsaid.
fn strange(secret: &str, kind: Secret) -> Option<String> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '«' | '»' | '‹' | '›' | '‘'..='‟');
    secret.chars().find_map(|c| {
        let code = u32::from(c);
        match c {
            '\0' => Some(say!("a NUL in it, as text in UTF-16 has").to_owned()),
            '\u{2028}' | '\u{2029}' | '\u{85}' => Some(say!("more than one line").to_owned()),
            ' ' if kind == Secret::Phrase => None,
            c if c.is_control() => {
                Some(say!("a control character in it, U+{code}", code = format!("{code:04X}")))
            }
            c if c.is_whitespace() => Some(say!("white space in it, U+{code}", code = format!("{code:04X}"))),
            c if is_invisible(c) => {
                Some(say!("an invisible character in it, U+{code}", code = format!("{code:04X}")))
            }
            c if kind == Secret::Phrase || c.is_ascii_graphic() && !is_quote(c) => None,
            c if is_quote(c) => Some(say!("a quotation mark in it").to_owned()),
            _ => Some(say!("a letter or sign in it that is not ASCII").to_owned()),
        }
    })
}

/// What has no width and no ink, and comes along when text is copied.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text of a file or a pipe.
fn decoded(source: &str, bytes: Vec<u8>) -> Result<Zeroizing<String>, Failure> {
    let bytes = Zeroizing::new(bytes);
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0);
    let encoding = if wide { say!("in UTF-16") } else { say!("not in UTF-8") };
    let text = str::from_utf8(&bytes).ok().filter(|_| !wide).map(|text| Zeroizing::new(text.to_owned()));
    text.ok_or_else(|| {
        Failure::new(Exit::Config, say!("{source}: the text is {encoding}", source, encoding))
            .because(say!("a key is read as UTF-8, and nothing else is guessed"))
            .next(say!("save it as UTF-8; in PowerShell: Set-Content -Encoding utf8"))
    })
}

fn from_stdin() -> Result<Zeroizing<String>, Failure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Failure::usage(say!("--token-stdin reads a pipe, and this is a terminal"))
            .because(say!("typing would show the key"))
            .next(say!("for example: pass show telephony | calllegs get --token-stdin ...")));
    }
    let mut line = Vec::new();
    stdin.lock().take(LONGEST).read_until(b'\n', &mut line).map_err(|error| {
        Failure::new(Exit::Config, say!("cannot read the key from standard input: {error}", error))
            .because(say!("--token-stdin takes it from there"))
            .next(say!("for example: pass show telephony | calllegs get --token-stdin ..."))
    })?;
    let line = decoded("--token-stdin", line)?;
    if line.trim().is_empty() {
        return Err(Failure::new(Exit::Login, say!("standard input holds no key"))
            .because(say!("--token-stdin takes it from the first line, and there is none"))
            .next(WAYS));
    }
    Ok(line)
}

fn from_file(name: &str, path: &Path, terminal: &Terminal) -> Result<Zeroizing<String>, Failure> {
    let bad = |error: io::Error| {
        Failure::new(
            Exit::Config,
            say!("cannot read the file of {name}, {path}: {error}", name, path = shown_path(path), error),
        )
        .because(say!("the secret is read from the file that it names"))
        .next(say!("correct {name} or the rights of the file", name))
    };
    let found =
        fs::metadata(path).map_err(|error| if is_word(path) { not_a_file(name) } else { bad(error) })?;
    if found.is_dir() {
        let what = say!("{name} names a folder, {path}", name, path = shown_path(path));
        return Err(Failure::new(Exit::Config, what)
            .because(say!("the key is read from a file"))
            .next(say!("put the name of the file in that folder into {name}", name)));
    }
    if !is_file_or_pipe(&found) {
        let what = say!("{name} names a device or a socket, {path}", name, path = shown_path(path));
        return Err(Failure::new(Exit::Config, what)
            .because(say!("a key is in a file, or comes through a pipe"))
            .next(say!("put the name of a file into {name}", name)));
    }
    let file = fs::File::open(path).map_err(bad)?;
    warn_of_readers(&file, name, path, terminal);
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).map_err(bad)?;
    let text = decoded(name, bytes)?;
    if text.trim().is_empty() {
        return Err(Failure::new(
            Exit::Config,
            say!("the file of {name}, {path}, is empty", name, path = shown_path(path)),
        )
        .because(say!("every call carries a key"))
        .next(say!("write the key into it")));
    }
    Ok(text)
}

/// A word that names no file. It may be the secret, so it stays unsaid.
fn not_a_file(name: &str) -> Failure {
    let direct = name.trim_end_matches("_FILE");
    let secret = if direct.ends_with("TOKEN") { say!("key") } else { say!("password") };
    Failure::new(Exit::Config, say!("the file of {name} is not there", name))
        .because(say!("its value is no path: this looks like the {secret} itself", secret))
        .next(say!("use {direct} for a {secret}, or write the path of the file as ./NAME", direct, secret))
}

#[cfg(unix)]
fn is_file_or_pipe(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    found.is_file() || found.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_file_or_pipe(found: &fs::Metadata) -> bool {
    found.is_file()
}

/// Containers mount secrets for everybody, so this is a word and no refusal.
#[cfg(unix)]
fn warn_of_readers(file: &fs::File, name: &str, path: &Path, terminal: &Terminal) {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
        let path = command_line::quoted(&path.to_string_lossy());
        terminal.warn(&say!(
            "others can read the file of {name}; close it with: chmod 600 {path}",
            name,
            path
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &fs::File, _: &str, _: &Path, _: &Terminal) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_secret_is_dropped_or_named() {
        for text in ["hush-4711", "\u{feff}hush-4711", " \thush-4711\r\n", "\u{feff}\n hush-4711\u{a0}"] {
            assert_eq!(sound("X", text, Secret::Key).unwrap(), "hush-4711");
        }
        assert_eq!(sound("X", "a.b_c=+/~", Secret::Key).unwrap(), "a.b_c=+/~");
        for (text, named) in [
            ("\"hush\"", "quotation mark"),
            ("'hush'", "quotation mark"),
            ("“hush”", "quotation mark"),
            ("«hush»", "quotation mark"),
            ("hush`", "quotation mark"),
            ("\u{200b}hush", "invisible character in it, U+200B"),
            ("hush\u{200b}", "invisible character in it, U+200B"),
            ("hu\u{ad}sh", "invisible character in it, U+00AD"),
            ("hush\u{feff}", "invisible character in it, U+FEFF"),
            ("\u{2066}hush\u{2069}", "invisible character in it, U+2066"),
            ("hush\nmore", "more than one line"),
            ("hush\r\nmore", "more than one line"),
            ("hush\u{2028}more", "more than one line"),
            ("hu sh", "white space in it, U+0020"),
            ("hu\u{a0}sh", "white space in it, U+00A0"),
            ("hu\tsh", "control character in it, U+0009"),
            ("hu\u{1b}[0msh", "control character in it, U+001B"),
            ("h\0u\0", "UTF-16"),
            ("hu\u{441}h", "not ASCII"),
            ("hush…", "not ASCII"),
            ("\u{feff}", "nothing but white space"),
        ] {
            let failure = sound("X", text, Secret::Key).unwrap_err();
            assert_eq!(failure.exit, Exit::Config, "{named}");
            assert!(failure.what.starts_with("X: ") && failure.what.contains(named), "{}", failure.what);
            assert!(!format!("{failure:?}").contains("hu"), "{failure:?}");
        }
        // A person may choose these.
        for text in ["\"pass word\"", "пароль", "it's"] {
            assert_eq!(sound("X", text, Secret::Phrase).unwrap(), text);
        }
        for text in ["pass\u{200b}", "pass\nword", "pass\tword", "pass\u{a0}word"] {
            assert!(sound("X", text, Secret::Phrase).is_err(), "{text:?}");
        }
    }

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
