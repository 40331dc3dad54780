//! Checks that hold for the parameters of every method, from the method's table: type, then unknown, then required
//! (docs/api.md, question 16). Values and combinations are the method's own matter (`listing`).

use calllegs_core::{
    Mnemonic,
    schema::{Kind, MethodInfo},
};
use serde_json::{Map, Value};

use crate::denial::Denial;

/// Checks the parameters of a method; a partner must say on whose behalf a call is made.
pub(crate) fn check(method: &MethodInfo, params: &Map<String, Value>, partner: bool) -> Result<(), Denial> {
    for param in method.params {
        match params.get(param.name) {
            Some(value) if !fits(param.kind, value) => {
                return Err(Denial::at(Mnemonic::DataTypeError, param.name).value(value));
            }
            Some(_) | None => {}
        }
    }
    // The value is not echoed: it may be a key under a misspelt name.
    if let Some(name) = params.keys().find(|name| !method.takes(name)) {
        return Err(Denial::at(Mnemonic::UnexpectedParameters, name));
    }
    let missing = method.params.iter().find(|param| {
        (param.required || partner && param.name == "user_id") && !params.contains_key(param.name)
    });
    match missing {
        Some(param) => Err(Denial::at(Mnemonic::RequiredParameterMissed, param.name)),
        None => Ok(()),
    }
}

/// Whether the value has the JSON type of the kind. Null has none: a parameter that is not meant is left out.
fn fits(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Array => value.is_array(),
        Kind::Boolean => value.is_boolean(),
        Kind::Id | Kind::Number => value.is_number(),
        Kind::Object => value.is_object(),
        Kind::Enum | Kind::Iso8601 | Kind::String | _ => value.is_string(),
    }
}
