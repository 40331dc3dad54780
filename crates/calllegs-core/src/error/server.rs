//! The server's own errors: mnemonic, code, message, field, as docs/api.md 2 and 3 describe them.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    generated::mnemonics::{MNEMONICS, Mnemonic},
    limits::{Limits, QuotaWindow},
    metadata::Metadata,
    schema::{MnemonicInfo, Retryability},
    value::lenient::LenientValue,
};

impl Mnemonic {
    /// The specification's line; `None` for a mnemonic that the tables do not have.
    pub fn info(&self) -> Option<&'static MnemonicInfo> {
        Self::ALL.iter().zip(&MNEMONICS).find(|(known, _)| *known == self).map(|(_, info)| info)
    }
}

/// An error that the server answered with, under any HTTP status.
#[derive(Clone)]
pub struct ServerError {
    code: i64,
    mnemonic: Mnemonic,
    message: Box<str>,
    field: Option<Box<str>>,
    params: BTreeMap<String, Value>,
    pub(crate) metadata: Metadata,
}

impl ServerError {
    /// Which error it is. The member to decide by: codes are not unique and drift.
    pub fn mnemonic(&self) -> &Mnemonic {
        &self.mnemonic
    }

    /// The numeric code as sent, 0 when there is none.
    pub fn code(&self) -> i64 {
        self.code
    }

    /// The server's words, empty when there are none. Control characters are replaced, and a long text is cut.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The parameter or field at fault, nested with dots.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// A substitution of the message template, as text: `ip`, `components`, `limit_type`.
    pub fn param(&self, name: &str) -> Option<String> {
        self.params.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// The limits that came with the error, if any did.
    pub fn limits(&self) -> &Limits {
        &self.metadata.limits
    }

    /// Which limit `limit_exceeded` speaks of; a minute when it does not say.
    pub fn exceeded(&self) -> QuotaWindow {
        self.stated_limit().unwrap_or(QuotaWindow::Minute)
    }

    /// Which limit `limit_exceeded` speaks of, by its parameter or else by its message, which names it too.
    pub(crate) fn stated_limit(&self) -> Option<QuotaWindow> {
        let text = self.param("limit_type").unwrap_or_else(|| self.message.to_string()).to_ascii_lowercase();
        let said =
            |span: &QuotaWindow| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == span.as_str());
        QuotaWindow::ALL.iter().copied().find(said)
    }

    /// On what condition the call can succeed later, by mnemonic; by code where the mnemonic is missing.
    pub fn retryability(&self) -> Retryability {
        match self.mnemonic.info() {
            Some(info) => info.retryability,
            None if self.mnemonic.as_str().is_empty() => match self.code {
                -32001 => Retryability::AfterLogin,
                -32029 => Retryability::AtReset,
                -32603 => Retryability::IfIdempotent,
                _ => Retryability::Never,
            },
            None => Retryability::Never,
        }
    }

    /// When the exceeded limit resets, if the error itself says so.
    pub(crate) fn reset(&self) -> Option<Duration> {
        self.limits().quota(self.exceeded()).and_then(|quota| quota.reset)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.message.is_empty() { "an error without words" } else { &self.message })?;
        match (self.mnemonic.as_str(), self.code) {
            ("", 0) => {}
            ("", code) => write!(f, " ({code})")?,
            (mnemonic, code) => write!(f, " ({mnemonic}, {code})")?,
        }
        match &self.field {
            Some(field) => write!(f, ", field {field}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerError")
            .field("mnemonic", &self.mnemonic)
            .field("code", &self.code)
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ServerError {}

/// Reads `error` of an envelope: an object of which every member may be missing, or no object at all. `value` is never
/// kept: it is what the caller sent, so it may be a phone number.
impl<'de> Deserialize<'de> for ServerError {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut error = Value::deserialize(deserializer)?;
        // A list of errors: the first one speaks for the others.
        while let Value::Array(errors) = error {
            error = errors.into_iter().next().unwrap_or_default();
        }
        let empty = Value::Null;
        let member = |holder: &Value, name: &str| holder.get(name).cloned().unwrap_or_default();
        let text = |holder: &Value, name: &str| holder.get(name).and_then(Value::as_str).map(words);
        // Without an object the whole is the code or the message, and without an object in `data` so is that.
        let data = error.get("data").unwrap_or(&empty);
        let code = if error.is_object() { member(&error, "code") } else { error.clone() };
        let number = LenientValue::deserialize(&code).ok().and_then(|code| code.integer());
        let known = |word: &Value| word.as_str().filter(|word| Mnemonic::WORDS.contains(word)).map(words);
        let mnemonic = text(data, "mnemonic").or_else(|| text(&error, "mnemonic"));
        let mnemonic = mnemonic.or_else(|| known(data)).or_else(|| known(&code));
        let message = text(&error, "message").filter(|message| !message.is_empty());
        let message = message.or_else(|| [&error, data].into_iter().find_map(Value::as_str).map(words));
        let metadata = data.get("metadata").or_else(|| error.get("metadata")).unwrap_or(&empty);
        Ok(Self {
            code: number.unwrap_or_default(),
            mnemonic: Mnemonic::from(&*mnemonic.unwrap_or_default()),
            message: message.unwrap_or_default(),
            field: text(data, "field").filter(|field| !field.is_empty()),
            params: data
                .get("params")
                .and_then(Value::as_object)
                .map(|params| params.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
                .unwrap_or_default(),
            metadata: Metadata::deserialize(metadata).unwrap_or_default(),
        })
    }
}

/// What a server wrote, fit for one line of a message.
fn words(text: &str) -> Box<str> {
    let text = text.trim();
    let mut kept: String =
        text.chars().take(LONGEST_WORDS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if kept.len() < text.len() && text.chars().nth(LONGEST_WORDS).is_some() {
        kept.push('…');
    }
    kept.into()
}

/// Characters of the server's words that are kept: the longest documented message has half as many.
const LONGEST_WORDS: usize = 300;
