//! Errors as the API answers them: mnemonic, field, value and substitutions. Codes and messages are the tables' own.

use std::fmt;

use calllegs_core::{Brand, Mnemonic, filter::Refusal};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

/// Why a request is refused.
#[derive(Clone)]
pub(crate) struct Denial {
    mnemonic: Mnemonic,
    field: Option<String>,
    value: Value,
    params: Map<String, Value>,
}

/// What the user sent stays out of logs.
impl fmt::Debug for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Denial({:?}, {:?})", self.mnemonic, self.field)
    }
}

impl From<Mnemonic> for Denial {
    fn from(mnemonic: Mnemonic) -> Self {
        Self { mnemonic, field: None, value: Value::Null, params: Map::new() }
    }
}

/// The filter's own checks answer with the server's words.
impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Self::at(refusal.mnemonic().clone(), refusal.field())
    }
}

impl Denial {
    /// An error at a parameter, nested with dots.
    pub(crate) fn at(mnemonic: Mnemonic, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..Self::from(mnemonic) }
    }

    /// Echoes what the user sent there. Secrets are not echoed.
    pub(crate) fn value(mut self, value: &Value) -> Self {
        if !matches!(self.field.as_deref(), Some("access_token" | "password")) {
            self.value = value.clone();
        }
        self
    }

    /// A substitution of the message template.
    pub(crate) fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// The word that programs go by.
    pub(crate) fn mnemonic(&self) -> &Mnemonic {
        &self.mnemonic
    }

    /// The HTTP status, where errors have one of their own.
    pub(crate) fn status(&self) -> u16 {
        let key = [
            Mnemonic::AccessTokenBlocked,
            Mnemonic::AccessTokenExpired,
            Mnemonic::AccessTokenInvalid,
            Mnemonic::AuthError,
        ];
        let right = [
            Mnemonic::AccountInactive,
            Mnemonic::Forbidden,
            Mnemonic::IpNotWhitelisted,
            Mnemonic::MethodComponentDisabled,
            Mnemonic::ParameterComponentDisabled,
        ];
        let status: [(&[Mnemonic], u16); 5] = [
            (&key, 401),
            (&right, 403),
            (&[Mnemonic::MethodNotFound], 404),
            (&[Mnemonic::LimitExceeded], 429),
            (&[Mnemonic::InternalError], 500),
        ];
        let own = status.into_iter().find(|(mnemonics, _)| mnemonics.contains(&self.mnemonic));
        own.map_or(400, |(_, status)| status)
    }

    /// The body of the answer.
    pub(crate) fn answer(self, brand: Brand, id: &RawValue) -> Vec<u8> {
        let (code, template) = self.mnemonic.info().map_or((-32603, ""), |info| (info.code, info.message));
        let message = self.params.iter().fold(template.to_owned(), |message, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            message.replace(&format!("{{{name}}}"), &text)
        });
        // One brand's pages spell it right.
        let batch = self.mnemonic == Mnemonic::BatchOpreationsNotSupported && brand == Brand::Callgear;
        let mnemonic = if batch { "batch_operations_not_supported" } else { self.mnemonic.as_str() };
        let data =
            Data { mnemonic, field: self.field, value: self.value, params: self.params, extended_helper: () };
        let answer = Answer { jsonrpc: "2.0", id, error: Body { code, message, data } };
        let body = serde_json::to_vec(&answer);
        debug_assert!(body.is_ok(), "an error did not serialise");
        body.unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: i32,
    message: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    mnemonic: &'a str,
    field: Option<String>,
    value: Value,
    params: Map<String, Value>,
    extended_helper: (),
}
