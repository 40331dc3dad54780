//! The server's own errors: mnemonic, code, message, field, as API.md 2 and 3 describe them.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::Retryability;
use crate::{
    generated::mnemonics::{MNEMONICS, Mnemonic},
    limits::{Limits, Span},
    rpc::Metadata,
};

/// What the specification says about one mnemonic.
#[derive(Debug)]
#[non_exhaustive]
pub struct MnemonicInfo {
    /// The documented code. The server was seen sending others, so errors are told apart by mnemonic.
    pub code: i32,
    /// The documented message; `{name}` stands for a member of `params`.
    pub message: &'static str,
    /// On what condition the call can succeed later.
    pub retryability: Retryability,
}

impl MnemonicInfo {
    pub(crate) const fn new(code: i32, message: &'static str, retryability: Retryability) -> Self {
        Self { code, message, retryability }
    }
}

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

    /// The numeric code as sent.
    pub fn code(&self) -> i64 {
        self.code
    }

    /// The message as sent.
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
    pub fn exceeded(&self) -> Span {
        match self.param("limit_type").as_deref() {
            Some("day") => Span::Day,
            Some("hour") => Span::Hour,
            _ => Span::Minute,
        }
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
        if self.mnemonic.as_str().is_empty() {
            write!(f, "{} ({})", self.message, self.code)?;
        } else {
            write!(f, "{} ({}, {})", self.message, self.mnemonic, self.code)?;
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

/// Reads `error` of an envelope: every member but the object itself may be missing. `value` is never kept: it is
/// what the caller sent, so it may be a phone number.
impl<'de> Deserialize<'de> for ServerError {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let error = Value::deserialize(deserializer)?;
        let empty = Value::Null;
        let data = error.get("data").unwrap_or(&empty);
        let text =
            |holder: &Value, name: &str| holder.get(name).and_then(Value::as_str).map(Box::<str>::from);
        let metadata = data.get("metadata").or_else(|| error.get("metadata")).unwrap_or(&empty);
        Ok(Self {
            code: error.get("code").and_then(Value::as_i64).unwrap_or_default(),
            mnemonic: Mnemonic::from(&*text(data, "mnemonic").unwrap_or_default()),
            message: text(&error, "message").unwrap_or_default(),
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
