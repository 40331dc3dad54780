//! What there is, as an `OpenRPC` document: methods, parameters, fields and errors, from the tables that answers are checked
//! with. Whatever the pages of a brand leave out is not in its document.

use calllegs_core::{
    Brand, Mnemonic,
    schema::{FieldInfo, Kind, MethodInfo, ParamInfo},
};
use serde_json::{Map, Value, json};

use crate::methods;

/// Where a server has it.
pub(crate) const PATH: &str = "/openrpc.json";

/// The version of the specification that it follows.
const VERSION: &str = "1.3.2";

/// A time of the wire.
const TIME: &str = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$";

/// The document. `host` is the address that it was asked at.
pub(crate) fn document(brand: Brand, host: Option<&str>) -> Value {
    let known = methods::all().into_iter().filter(|method| method.is_documented(brand));
    let methods: Vec<_> = known.map(|method| described(method, brand)).collect();
    let mut document = json!({
        "openrpc": VERSION,
        "info": {
            "title": format!("Data API of {} (sandbox)", brand.as_str()),
            "version": "2.0",
            "description": "Every call is a POST to one address; parameters go by name. Methods that change something are \
                            refused here.",
        },
        "methods": methods,
        "components": {"schemas": schemas(), "errors": errors()},
    });
    let servers = host.map(|host| json!([{"name": "sandbox", "url": format!("http://{host}/v2.0")}]));
    if let Some((document, servers)) = document.as_object_mut().zip(servers) {
        document.insert("servers".to_owned(), servers);
    }
    document
}

fn described(method: &MethodInfo, brand: Brand) -> Value {
    let params: Vec<_> = method.params.iter().map(|param| parameter(method, param, brand)).collect();
    let fields: Vec<_> = method.fields.iter().filter(|field| field.is_documented(brand)).collect();
    let row = object(fields.iter().map(|field| (field.name(), field_schema(field, Some(brand)))));
    let is_list = method.name.starts_with("get.");
    let data = if is_list { json!({"type": "array", "items": row}) } else { row };
    json!({
        "name": method.name,
        "paramStructure": "by-name",
        "params": params,
        "result": {"name": "result", "schema": {"type": "object", "required": ["data"], "properties": {
            "data": data, "metadata": {"$ref": "#/components/schemas/metadata"}}}},
        "errors": Mnemonic::ALL.iter().filter(|mnemonic| is_common(mnemonic)).map(|mnemonic| {
            json!({"$ref": format!("#/components/errors/{}", mnemonic.as_str())})
        }).collect::<Vec<_>>(),
        "x-points": method.cost,
    })
}

fn parameter(method: &MethodInfo, param: &ParamInfo, brand: Brand) -> Value {
    let names = |of: &dyn Fn(&FieldInfo) -> bool| -> Vec<_> {
        let fields = method.fields.iter().filter(|field| field.is_documented(brand) && of(field));
        fields.map(FieldInfo::name).collect()
    };
    let schema = match param.name {
        "limit" => json!({"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000}),
        "offset" => json!({"type": "integer", "minimum": 0, "maximum": 100_000, "default": 0}),
        "fields" => {
            let names = names(&|_| true);
            json!({"type": "array", "items": if names.is_empty() { json!({"type": "string"}) } else { json!({"enum": names}) }})
        }
        "sort" => {
            let names = names(&|field| field.is_sortable(Some(brand)));
            let field = if names.is_empty() { json!(false) } else { json!({"enum": names}) };
            json!({"type": "array", "items": {"type": "object", "required": ["field"], "additionalProperties": false,
                "properties": {"field": field, "order": {"enum": ["asc", "desc"], "default": "asc"}}}})
        }
        "filter" => json!({"$ref": "#/components/schemas/filter"}),
        _ if param.kind == Kind::Iso8601 => json!({"type": "string", "pattern": TIME}),
        _ => json!({"type": kind_word(param.kind, false)}),
    };
    json!({"name": param.name, "required": param.required, "schema": schema})
}

/// A field, and what may be done with it; `None`: it is a part of another one. Any may be null.
fn field_schema(field: &FieldInfo, brand: Option<Brand>) -> Value {
    let mut schema =
        Map::from_iter([("type".to_owned(), json!([kind_word(field.kind(), field.is_decimal()), "null"]))]);
    let mut put = |name: &str, value: Value| schema.insert(name.to_owned(), value);
    if !field.parts().is_empty() {
        let parts = field.parts().iter().map(|part| (part.name(), field_schema(part, None)));
        if field.kind() == Kind::Array {
            put("items", object(parts));
        } else {
            put("properties", properties(parts));
        }
    }
    if field.kind() == Kind::Iso8601 {
        put("pattern", TIME.into());
    }
    if !field.summary().is_empty() {
        put("description", field.summary().into());
    }
    // A server may have newer ones.
    if !field.words().is_empty() {
        put("examples", json!(field.words()));
    }
    if let Some(brand) = brand {
        put("x-filter", field.is_filterable(Some(brand)).into());
        put("x-sort", field.is_sortable(Some(brand)).into());
        put("x-default", field.is_default(Some(brand)).into());
    }
    if field.is_deprecated() {
        put("deprecated", true.into());
    }
    schema.into()
}

/// The word of JSON Schema.
const fn kind_word(kind: Kind, is_decimal: bool) -> &'static str {
    match kind {
        Kind::Array => "array",
        Kind::Boolean => "boolean",
        Kind::Number if is_decimal => "number",
        Kind::Id | Kind::Number => "integer",
        Kind::Object => "object",
        Kind::Enum | Kind::Iso8601 | Kind::String | _ => "string",
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a str, Value)>) -> Value {
    json!({"type": "object", "properties": properties(members)})
}

fn properties<'a>(members: impl Iterator<Item = (&'a str, Value)>) -> Value {
    members.map(|(name, schema)| (name.to_owned(), schema)).collect::<Map<_, _>>().into()
}

fn schemas() -> Value {
    let number = json!({"type": "integer"});
    let limits: Map<_, _> = ["day", "hour", "minute"]
        .iter()
        .flat_map(|span| ["limit", "remaining", "reset"].map(|what| format!("{span}_{what}")))
        .map(|name| (name, number.clone()))
        .collect();
    let condition = json!({"type": "object", "required": ["field", "operator"], "properties": {
        "field": {"type": "string"}, "operator": {"type": "string"}, "value": true}});
    let tree = json!({"type": "object", "required": ["filters"], "properties": {
        "filters": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/filter"}},
        "condition": {"enum": ["and", "or"]}}});
    json!({
        "filter": {"title": "filter", "anyOf": [condition, tree, {"type": "object", "maxProperties": 0}]},
        "metadata": {"title": "metadata", "type": "object", "properties": {
            "total_items": number, "version": {"type": "null"},
            "limits": {"type": "object", "properties": limits}}},
    })
}

fn errors() -> Map<String, Value> {
    let known = Mnemonic::ALL.iter().filter_map(|mnemonic| Some((mnemonic, mnemonic.info()?)));
    let described = known.map(|(mnemonic, info)| {
        let error =
            json!({"code": info.code, "message": info.message, "data": {"mnemonic": mnemonic.as_str()}});
        (mnemonic.as_str().to_owned(), error)
    });
    described.collect()
}

/// Whether a method that reads may answer with it.
fn is_common(mnemonic: &Mnemonic) -> bool {
    [
        Mnemonic::AccessTokenBlocked,
        Mnemonic::AccessTokenExpired,
        Mnemonic::AccessTokenInvalid,
        Mnemonic::AccountInactive,
        Mnemonic::DataTypeError,
        Mnemonic::DateIntervalLimitReached,
        Mnemonic::FilterProhibited,
        Mnemonic::Forbidden,
        Mnemonic::InternalError,
        Mnemonic::InvalidParameterValue,
        Mnemonic::InvalidParametersCombination,
        Mnemonic::IpNotWhitelisted,
        Mnemonic::LimitExceeded,
        Mnemonic::MethodComponentDisabled,
        Mnemonic::ParameterComponentDisabled,
        Mnemonic::RequiredParameterMissed,
        Mnemonic::SortProhibited,
        Mnemonic::UnexpectedParameters,
    ]
    .contains(mnemonic)
}
