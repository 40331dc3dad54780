//! `metadata` of a reply: what the server says beside the data. Not here: the envelope that holds both
//! ([`rpc`](crate::rpc)), what becomes of limits ([`Gate`](crate::limits::Gate)).

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{limits::Limits, value::lenient::LenientValue};

/// `metadata` of a reply. Any part may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// How many rows the query matches, before `limit` and `offset`.
    pub total_items: Option<u64>,
    /// Points left.
    pub limits: Limits,
    /// How many values of the reply were not JSON and were repaired.
    pub repaired: u64,
}

/// Lenient by design: metadata that is not an object is no metadata.
impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text.get()).unwrap_or_default();
        let total = members.get("total_items").and_then(|total| LenientValue::from_raw(total)?.integer());
        let limits = members.get("limits").and_then(|limits| serde_json::from_str(limits.get()).ok());
        Ok(Self {
            total_items: total.and_then(|total| u64::try_from(total).ok()),
            limits: limits.unwrap_or_default(),
            repaired: 0,
        })
    }
}
