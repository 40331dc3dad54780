//! What is sent and answered, as it may be shown: of texts those alone that the name of their member says to be nobody's, by
//! an allow-list. Not here: when it is shown (`terminal`).

use calllegs_core::{
    CallLegs,
    schema::{Kind, Listing},
};
use serde_json::{Map, Number, Value};

use super::{
    echo::{is_private, may_be_phone},
    log::public,
};

/// Rows that are shown of a list.
const SHOWN: usize = 3;

/// Members of requests and replies, whose texts are words of the API.
const WORDS: [&str; 17] = [
    "condition",
    "date_from",
    "date_till",
    "field",
    "fields",
    "jsonrpc",
    "limit_type",
    "method",
    "mnemonic",
    "operator",
    "order",
    "param",
    "parameter",
    "sort",
    "timezone",
    "until",
    "version",
];

/// A number with fewer digits is nobody's.
const DIGITS: usize = 7;

/// A body without keys, numbers of people, names and recordings.
pub(crate) fn masked(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(value) => without_people("", value),
        Err(_) => Value::String(format!("… {} B", body.len())),
    }
}

fn without_people(name: &str, value: Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value,
        Value::Number(number) => of_number(name, number),
        Value::String(text) => Value::String(of_text(name, &text)),
        Value::Array(items) => {
            let more = items.len().saturating_sub(SHOWN);
            let more = (name != "fields" && more > 0).then(|| Value::String(format!("… +{more}")));
            let most = if more.is_some() { SHOWN } else { items.len() };
            let shown = items.into_iter().take(most).map(|item| without_people(name, item));
            shown.chain(more).collect()
        }
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let value = without_people(&name, value);
                (if is_private(&name) { "…".to_owned() } else { name }, value)
            };
            Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
    }
}

fn of_number(name: &str, number: Number) -> Value {
    let is_known = CallLegs::field(name).is_some_and(|field| matches!(field.kind(), Kind::Id | Kind::Number));
    let text = number.to_string();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if is_known || digits < DIGITS { Value::Number(number) } else { Value::String("…".to_owned()) }
}

fn of_text(name: &str, text: &str) -> String {
    let is_word = WORDS.contains(&name)
        || CallLegs::field(name).is_some_and(|field| matches!(field.kind(), Kind::Enum | Kind::Iso8601));
    if name == "message" {
        let words = text.split(' ').map(|word| if is_private(word) { "…" } else { word });
        return public(&words.collect::<Vec<_>>().join(" "));
    }
    if is_word && (is_name(text) || !is_private(text)) {
        return text.to_owned();
    }
    if may_be_phone(text) {
        // Enough to tell two callers apart, too little to call.
        let digits: Vec<_> = text.chars().filter(char::is_ascii_digit).collect();
        return format!("…{}", digits.iter().skip(digits.len().saturating_sub(2)).collect::<String>());
    }
    if text.is_empty() { String::new() } else { "…".to_owned() }
}

/// Whether the documentation has this name of a method or a field, however much it looks like a key.
fn is_name(text: &str) -> bool {
    let known = calllegs_reports::ALL.iter();
    text == CallLegs::METHOD.name
        || text == "getobj.account"
        || known
            .map(|method| (method.name, method.field(text)))
            .any(|(name, field)| name == text || field.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_keys_and_recordings_are_in_no_body() {
        let sent = json!({"jsonrpc": "2.0", "id": 1, "method": "get.call_legs_report", "params": {
            "access_token": "S3cretS3cretS3cretS3cret", "limit": 10_000, "fields": ["id", "start_time", "duration", "direction"],
            "date_from": "2026-02-27 00:00:00",
            "filter": {"field": "contact_phone_number", "operator": "=", "value": "79161234567"},
        }});
        let sent = masked(sent.to_string().as_bytes()).to_string();
        assert!(sent.contains(r#""limit":10000"#) && sent.contains("2026-02-27 00:00:00"), "{sent}");
        assert!(sent.contains(r#""direction"]"#) && sent.contains(r#""value":"…67""#), "{sent}");
        assert!(sent.contains(r#""access_token":"…""#), "{sent}");
        let row = json!({"id": 11_692_455_301_i64, "contact_full_name": "Анна", "start_time": "2026-02-27 10:00:00",
            "call_records": ["0123456789abcdef0123456789abcdef"], "contact_phone_number": "79161234567",
            "finish_reason": "79161234567", "ai_note": 79_161_234_567_i64, "79161234567": true});
        let reply = json!({"result": {"data": vec![row; 5], "metadata": {"total_items": 5}}});
        let reply = masked(reply.to_string().as_bytes()).to_string();
        assert!(reply.contains("11692455301") && reply.contains("… +2"), "{reply}");
        for hidden in ["Анна", "0123456789abcdef", "79161234567", "S3cret"] {
            assert!(!reply.contains(hidden) && !sent.contains(hidden), "{hidden}: {sent} {reply}");
        }
        assert_eq!(masked(b"<html>"), "… 6 B");
    }
}
