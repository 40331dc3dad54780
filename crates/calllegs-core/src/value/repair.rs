//! Bodies that are JSON but for single values: what serialisers, and databases behind them, let through.
//!
//! | seen | becomes |
//! |---|---|
//! | half a surrogate pair, `\ud83d` | U+FFFD |
//! | bytes in a text that are no UTF-8 | U+FFFD |
//! | a raw control character in a text, a line feed above all | its escape |
//! | an escape that JSON does not have, `\x41` | the backslash and what follows, as text |
//! | a bare word, `NaN`, `-Infinity`, `007`, `+5` | the same word as a text |
//!
//! Only for bodies that were refused as they are. Quotes, brackets, commas and colons are never added or taken away, so
//! a body that was cut stays broken. Not here: what a value means once it is JSON (`lenient`), when a reply is read again
//! ([`rpc`](crate::rpc)).

use std::{borrow::Cow, fmt::Write as _};

use serde_json::value::RawValue;

/// A body after its repair.
pub(crate) struct Repaired {
    pub(crate) text: String,
    /// How many values are not what the server wrote. At least one.
    pub(crate) values: u64,
}

/// Repairs a body; `None` when there is nothing to repair, or nothing that could be.
pub(crate) fn repair(body: &[u8]) -> Option<Repaired> {
    let mut text = String::with_capacity(body.len());
    let mut values = 0;
    let mut rest = body;
    while let Some((first, behind)) = rest.split_first() {
        rest = match first {
            b'"' => {
                let (inner, behind) = behind.split_at_checked(closing_quote(behind)?)?;
                values += u64::from(string(inner, &mut text));
                behind.get(1..)?
            }
            _ if is_of_word(*first) => {
                let length = rest.iter().take_while(|byte| is_of_word(**byte)).count();
                let (word, behind) = rest.split_at_checked(length)?;
                let word = std::str::from_utf8(word).ok()?;
                if serde_json::from_str::<&RawValue>(word).is_ok() {
                    text.push_str(word);
                } else {
                    text.extend(["\"", word, "\""]);
                    values += 1;
                }
                behind
            }
            b'\t' | b'\n' | b'\r' | b' '..=b'~' => {
                text.push(char::from(*first));
                behind
            }
            _ => return None,
        };
    }
    (values > 0).then_some(Repaired { text, values })
}

/// Bytes of literals and numbers, whether JSON has them or not.
const fn is_of_word(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'_')
}

/// Where the text that begins here ends.
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    })
}

/// Writes what stands between two quotes, quotes included. Whether anything was repaired.
fn string(inner: &[u8], out: &mut String) -> bool {
    let inner = String::from_utf8_lossy(inner);
    let mut repaired = matches!(inner, Cow::Owned(_));
    let mut rest = &*inner;
    out.push('"');
    while let Some((plain, special)) =
        rest.find(|char| char == '\\' || char < ' ').and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let kept = escape_length(special);
        let (piece, behind) = special.split_at(kept.unwrap_or(1));
        rest = behind;
        match (kept, piece) {
            (Some(_), piece) => out.push_str(piece),
            (None, "\\") => match unit(special) {
                Some(_) => {
                    out.push_str("\\ufffd");
                    rest = special.get(6..).unwrap_or_default();
                }
                None => out.push_str("\\\\"),
            },
            (None, control) => {
                // A vector of text takes everything.
                let code = control.bytes().next().unwrap_or_default();
                _ = write!(out, "\\u{code:04x}");
            }
        }
        repaired |= kept.is_none();
    }
    out.push_str(rest);
    out.push('"');
    repaired
}

/// How long the escape is that stands here, if it is one of JSON and half of nothing.
fn escape_length(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'\\', b'u', ..] => match unit(text)? {
            0xd800..0xdc00 => {
                let low = text.get(6..).and_then(unit)?;
                (0xdc00..0xe000).contains(&low).then_some(12)
            }
            0xdc00..0xe000 => None,
            _ => Some(6),
        },
        _ => None,
    }
}

/// The number of the `\u` escape that stands here.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::repair;

    #[test]
    fn each_odd_value_becomes_json() {
        let cases: [(&[u8], &str, u64); 14] = [
            (br#"["B \ud83d"]"#, r#"["B \ufffd"]"#, 1),
            (br#"["\ude00\ud83d x"]"#, r#"["\ufffd\ufffd x"]"#, 1),
            (br#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#, 1),
            (b"[\"a\nb\x00\", 1]", r#"["a\u000ab\u0000", 1]"#, 1),
            (b"[\"\xff\xfe\", \"\xd0\"]", "[\"\u{fffd}\u{fffd}\", \"\u{fffd}\"]", 2),
            (br#"["\x41\'"]"#, r#"["\\x41\\'"]"#, 1),
            (br#"["\u12g4", "\u"]"#, r#"["\\u12g4", "\\u"]"#, 2),
            (br#"{"a":NaN,"b":-Infinity}"#, r#"{"a":"NaN","b":"-Infinity"}"#, 2),
            (b"[007,+5,.5,1.,-]", r#"["007","+5",".5","1.","-"]"#, 5),
            (b"[True, None, nan]", r#"["True", "None", "nan"]"#, 3),
            (b"{\"a\tb\":1e400}", r#"{"a\u0009b":1e400}"#, 1),
            (b"[\"\\\xff\"]", "[\"\\\\\u{fffd}\"]", 1),
            ("[\"имя\", inf]".as_bytes(), "[\"имя\", \"inf\"]", 1),
            (br#"["\\\ud83d", "\""]"#, r#"["\\\ufffd", "\""]"#, 1),
        ];
        for (body, text, values) in cases {
            let repaired = repair(body).unwrap();
            assert_eq!((&*repaired.text, repaired.values), (text, values));
        }
    }

    #[test]
    fn what_needs_no_repair_or_takes_none_is_left_alone() {
        for body in [
            &br#"{"a":[1,-0.5e+3,true,null,"\ud83d\ude00\n\u0000\/"]}"#[..],
            b"",
            b"[\"cut",
            b"[\"cut\\\"",
            b"<html>\xd0</html>",
            b"\x00\x01",
        ] {
            assert!(repair(body).is_none(), "{body:?}");
        }
    }
}
