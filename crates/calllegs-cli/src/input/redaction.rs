//! What is taken off legs before they are written: by flags, by the profile, with the key of pseudonyms. Not here: doing it
//! (`calllegs_store::redact`).

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use calllegs_arrow::schema::Column;
use calllegs_store::redact::{RedactKey, Redaction, Transform};
use zeroize::Zeroizing;

use crate::{
    cli::{Common, RedactFlags},
    env,
    failure::{Exit, Failure},
    input::with,
    lang::say,
    ui::{command_line::quoted, echo::shown_path},
};

/// Names the file with the key of pseudonyms.
const KEY_FILE: &str = "CALLLEGS_REDACT_KEY_FILE";

/// What the flags and the profile say; `None` where nothing is taken off. Times stay: rows are placed and found again by them.
pub(crate) fn read(flags: &RedactFlags, common: &Common) -> Result<Option<Redaction>, Failure> {
    for_copy(flags, common).and_then(with_times)
}

/// The same for a copy, whose times may be rounded.
pub(crate) fn for_copy(flags: &RedactFlags, common: &Common) -> Result<Option<Redaction>, Failure> {
    let profile = if flags.profile.is_empty() { &common.redact } else { &flags.profile };
    let usual = if profile.is_empty() { None } else { Some(of(profile).map_err(of_profile)?) };
    if flags.no_redact {
        return match usual {
            Some(_) if !common.yes => Err(needs_yes(say!("--no-redact writes what the profile takes off"))),
            _ => Ok(None),
        };
    }
    if flags.redact.is_empty() {
        return usual.map(with_key).transpose();
    }
    // The flag has the last word, but not without a word.
    of(&flags.redact)?;
    let both = of(profile.iter().chain(&flags.redact))?;
    let is_loose = |column: &&Column| {
        let was = usual.as_ref().map_or(Transform::Keep, |usual| usual.of(column.name()));
        was != Transform::Keep && both.of(column.name()) == Transform::Keep
    };
    match Column::all().iter().find(is_loose) {
        Some(column) if !common.yes => Err(needs_yes(&say!(
            "--redact keeps {column}, which the profile takes off",
            column = column.name()
        ))),
        _ => with_key(both).map(Some),
    }
}

/// Refuses to read other rows than legs where people are to be taken off: what says who they are is known of legs alone.
pub(crate) fn refuse(redaction: Option<&Redaction>) -> Result<(), Failure> {
    if redaction.is_none() {
        return Ok(());
    }
    Err(Failure::usage(say!("people are taken off legs, not off other reports"))
        .because(say!("which columns of a report say who people are is not known"))
        .next(say!("choose columns without people: --fields A,B with --no-redact --yes"))
        .unspent())
}

/// What the flag says, where there is no profile to heed.
pub(crate) fn of_flag(specs: &[String]) -> Result<Option<Redaction>, Failure> {
    if specs.is_empty() { Ok(None) } else { with_times(Some(of(specs).and_then(with_key)?)) }
}

fn with_times(redaction: Option<Redaction>) -> Result<Option<Redaction>, Failure> {
    if !redaction.as_ref().is_some_and(Redaction::rounds_times) {
        return Ok(redaction);
    }
    Err(Failure::usage(say!("times are rounded in a copy alone"))
        .because(say!("legs are placed by their times, and waits are computed from them"))
        .next(say!("round those of a copy: calllegs redact DATA -o FILE --redact times=bucket:1h"))
        .unspent())
}

/// Looks at what a profile says, as far as that can be done without its key.
pub(crate) fn check(specs: &[String]) -> Result<(), Failure> {
    if specs.is_empty() { Ok(()) } else { of(specs).map(drop).map_err(of_profile) }
}

fn of<'s>(specs: impl IntoIterator<Item = &'s String> + Clone) -> Result<Redaction, Failure> {
    Redaction::read(specs.clone().into_iter().map(String::as_str)).map_err(|error| {
        let parts = specs.into_iter().flat_map(|spec| spec.split(','));
        let joined =
            parts.map(|part| part.split('=').next().unwrap_or(part).trim()).find_map(with::not_of_legs);
        joined.unwrap_or_else(|| Failure::from(error)).unspent()
    })
}

fn of_profile(failure: Failure) -> Failure {
    Failure {
        exit: Exit::Config,
        what: say!("`redact` of the profile: {what}", what = failure.what),
        ..failure
    }
}

fn needs_yes(what: &str) -> Failure {
    Failure::usage(what)
        .because(say!("a profile that takes people off does so for good"))
        .next(say!("add --yes to do it once"))
        .unspent()
}

/// With the key of pseudonyms, where there are any.
pub(crate) fn with_key(redaction: Redaction) -> Result<Redaction, Failure> {
    if !redaction.needs_key() {
        return Ok(redaction);
    }
    let path = key_path(say!("pseudonyms (hmac) need a key"))?;
    let bad = |what: String, next: String| {
        Failure::new(Exit::Config, format!("{KEY_FILE}: {}: {what}", shown_path(&path)))
            .because(say!("the key of pseudonyms is in it"))
            .next(next)
            .unspent()
    };
    let unreadable =
        |error: std::io::Error| bad(error.to_string(), say!("make one: calllegs redact key new").to_owned());
    let mut file = fs::File::open(&path).map_err(unreadable)?;
    if path.is_dir() {
        return Err(is_folder(&path));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
            let next = say!(
                "chmod 600 {path}; and if somebody may have read it: calllegs redact key rotate",
                path = quoted(&path.to_string_lossy())
            );
            return Err(bad(say!("others can read it").to_owned(), next));
        }
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    let key = RedactKey::new(&bytes).map_err(|error| Failure { exit: Exit::Config, ..error.into() })?;
    Ok(redaction.with_key(key))
}

/// A folder is named, whose rights are no matter of the key.
pub(crate) fn is_folder(path: &Path) -> Failure {
    let path = shown_path(path);
    Failure::new(Exit::Config, say!("{KEY_FILE}: {path} is a folder", KEY_FILE, path))
        .because(say!("the key of pseudonyms is a file"))
        .next(say!("name a file in it: export {name}={path}/redact.key", name = KEY_FILE, path))
        .unspent()
}

/// Where the key is.
pub(crate) fn key_path(what: &str) -> Result<PathBuf, Failure> {
    let path = env::text(KEY_FILE)?.ok_or_else(|| {
        Failure::new(Exit::Config, what)
            .because(say!("{name} names its file, and is not set", name = KEY_FILE))
            .next(say!("export {name}=redact.key, and once: calllegs redact key new", name = KEY_FILE))
            .unspent()
    })?;
    Ok(Path::new(path.as_str()).to_owned())
}
