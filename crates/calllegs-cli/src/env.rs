//! Environment variables. An empty one counts as not set, as in container files that declare what they do not fill.

use std::{env, str::FromStr};

use zeroize::Zeroizing;

use crate::{
    failure::{Exit, Failure},
    lang::say,
};

/// The text of a variable. It may be a secret: it is wiped when dropped.
///
/// # Errors
/// Names the variable, not its value, when it is not text.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn text(name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(Zeroizing::new(value)).filter(|value| !value.trim().is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::new(Exit::Config, say!("{name} is not text in UTF-8", name))
                .because(say!("other encodings are not guessed"))
                .next(say!("correct or unset {name}", name)))
        }
    }
}

/// The names of the variables that are set and begin like this.
pub(crate) fn names(prefix: &str) -> Vec<String> {
    let names = env::vars_os().filter(|(_, value)| !value.is_empty());
    names.filter_map(|(name, _)| name.into_string().ok()).filter(|name| name.starts_with(prefix)).collect()
}

/// The value of a variable that stands in for a flag.
///
/// # Errors
/// Says what would be legal.
pub(crate) fn value<T: FromStr>(name: &str, legal: &str) -> Result<Option<T>, Failure> {
    let Some(text) = text(name)? else { return Ok(None) };
    let bad = || {
        Failure::new(Exit::Config, say!("{name} is not {legal}", name, legal))
            .because(say!("the variable stands in for a flag that is not given"))
            .next(say!("correct or unset {name}", name))
    };
    text.trim().parse().map(Some).map_err(|_| bad())
}
