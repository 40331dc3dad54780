//! Framing of requests: what makes bytes a request of this API, checked in its order (docs/api.md 2 and question 15).

use std::collections::BTreeMap;

use calllegs_core::Mnemonic;
use serde_json::{Map, Value, value::RawValue};

use crate::denial::Denial;

/// A request that is well framed. The id is kept as it was written: a number stays that number.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) id: &'a RawValue,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

impl<'a> Request<'a> {
    /// Reads a body. An error comes with the id that the answer must carry: null unless the request has a good one.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, (&'a RawValue, Denial)> {
        let refuse = |mnemonic: Mnemonic| (RawValue::NULL, Denial::from(mnemonic));
        let json: &RawValue = serde_json::from_slice(body).map_err(|_| refuse(Mnemonic::ParseError))?;
        if json.get().starts_with('[') {
            return Err(refuse(Mnemonic::BatchOpreationsNotSupported));
        }
        if !json.get().starts_with('{') {
            return Err(refuse(Mnemonic::InvalidRequest));
        }
        // A key that is there twice: the last one holds.
        let members: BTreeMap<String, &RawValue> =
            serde_json::from_str(json.get()).map_err(|_| refuse(Mnemonic::ParseError))?;
        let text =
            |name: &str| members.get(name).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        let id = members.get("id").copied();
        let good = id.filter(|id| {
            id.get().starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit())
        });
        let invalid = |()| (good.unwrap_or(RawValue::NULL), Denial::from(Mnemonic::InvalidRequest));
        text("jsonrpc").filter(|version| version == "2.0").ok_or(()).map_err(invalid)?;
        if id.is_none() {
            return Err(refuse(Mnemonic::NotificationsNotSupported));
        }
        let id = good.ok_or(()).map_err(invalid)?;
        let method = text("method").ok_or(()).map_err(invalid)?;
        let params = match members.get("params") {
            None => Map::new(),
            Some(params) if params.get().starts_with('{') => {
                serde_json::from_str(params.get()).map_err(|_| refuse(Mnemonic::ParseError))?
            }
            Some(_) => return Err(invalid(())),
        };
        Ok(Self { id, method, params })
    }
}
