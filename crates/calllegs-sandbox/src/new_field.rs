//! A member of every row that no page documents, from a moment on: what a server does that learns something new.

use std::{fmt, str::FromStr};

use calllegs_core::{CallLegs, schema::Listing};

/// The name of a field that no table has: lower-case letters, digits and underscores. Its value is 0 in every row, and it
/// comes whatever fields are asked for.
///
/// ```
/// use calllegs_sandbox::NewField;
///
/// assert_eq!("ai_score".parse::<NewField>()?.as_str(), "ai_score");
/// assert!("duration".parse::<NewField>().is_err());
/// # Ok::<(), calllegs_sandbox::NewFieldError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewField(String);

impl NewField {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NewField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is no [`NewField`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFieldError(&'static str);

impl fmt::Display for NewFieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NewFieldError {}

impl FromStr for NewField {
    type Err = NewFieldError;

    fn from_str(name: &str) -> Result<Self, NewFieldError> {
        let is_word = |name: &str| {
            let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            (1..=64).contains(&name.len())
                && name.bytes().all(legal)
                && name.starts_with(|first: char| first.is_ascii_lowercase())
        };
        if !is_word(name) {
            return Err(NewFieldError("write a name of letters, digits and underscores, such as ai_score"));
        }
        if CallLegs::field(name).is_some() {
            return Err(NewFieldError("legs have this field already"));
        }
        Ok(Self(name.to_owned()))
    }
}
