//! Values where they stand: plain ones in one pass over their bytes, any other by serde. `None` is "not JSON".

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::value::lenient::LenientValue;

/// Reads the value that begins here into its slot, and tells where it ends.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "a call per value took a sixth of the time of a page: benches/decode.rs"
)]
pub(super) fn value<'a>(text: &'a str, at: usize, slot: &mut LenientValue<'a>) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.get(at)? {
        b'"' => match plain_end(bytes, at + 1)? {
            (end, b'"') => {
                slot.set(LenientValue::Text(Cow::Borrowed(text.get(at + 1..end)?)));
                Some(end + 1)
            }
            _ => any(text, at, slot),
        },
        b'n' => {
            slot.set(LenientValue::Null);
            literal(bytes, at, b"null")
        }
        b't' => {
            slot.set(LenientValue::Bool(true));
            literal(bytes, at, b"true")
        }
        b'f' => {
            slot.set(LenientValue::Bool(false));
            literal(bytes, at, b"false")
        }
        b'-' | b'0'..=b'9' => match integer(bytes, at) {
            Some((number, end)) => {
                slot.set(LenientValue::Integer(number));
                Some(end)
            }
            None => any(text, at, slot),
        },
        b'[' => match list(text, at) {
            Some((items, end)) => {
                slot.set(LenientValue::List(items));
                Some(end)
            }
            None => any(text, at, slot),
        },
        _ => any(text, at, slot),
    }
}

/// Any value, by serde.
#[cold]
fn any<'a>(text: &'a str, at: usize, slot: &mut LenientValue<'a>) -> Option<usize> {
    let mut stream = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<&RawValue>();
    *slot = LenientValue::from_raw(stream.next()?.ok()?)?;
    Some(at + stream.byte_offset())
}

/// Where the whitespace that begins here ends.
pub(super) fn spaces(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Where these bytes end, if they stand here.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as `value`: it stands before each")]
pub(super) fn literal(bytes: &[u8], at: usize, literal: &[u8]) -> Option<usize> {
    let end = at + literal.len();
    is_same(bytes.get(at..end)?, literal).then_some(end)
}

/// Whether two slices of one length are equal. They are short: eight bytes at a time are faster than a call of `memcmp`.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (Some(last), Some(other_last)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().eq(other);
    };
    let (chunks, others) = (one.chunks_exact(8), other.chunks_exact(8));
    chunks.zip(others).all(|(one, other)| one == other) && last == other_last
}

/// The first byte from here on that is a quote, a backslash or a control character, and where it is.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> Option<(usize, u8)> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // Marks the lowest byte that is zero; above it, marks may be wrong.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    while let Some((chunk, _)) = bytes.get(at..)?.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control;
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            return Some((at, *bytes.get(at)?));
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let (length, byte) = rest.iter().enumerate().find(|(_, byte)| ends(byte))?;
    Some((at + length, *byte))
}

/// An integer of up to eighteen digits without a fraction, as the value that serde would make of it.
#[inline]
fn integer(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    const MOST: usize = 18;
    let negative = bytes.get(at) == Some(&b'-');
    let first = at + usize::from(negative);
    let mut end = first;
    let mut number = 0_i64;
    while let Some(digit @ b'0'..=b'9') = bytes.get(end) {
        number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        end += 1;
    }
    let digits = end - first;
    let zero_first = bytes.get(first) == Some(&b'0') && (digits > 1 || negative);
    if digits == 0 || digits > MOST || zero_first || matches!(bytes.get(end), Some(b'.' | b'e' | b'E')) {
        return None;
    }
    Some((if negative { -number } else { number }, end))
}

/// A list of plain texts without whitespace.
fn list(text: &str, at: usize) -> Option<(Vec<LenientValue<'_>>, usize)> {
    let bytes = text.as_bytes();
    let mut items = Vec::new();
    let mut at = at + 1;
    if bytes.get(at) == Some(&b']') {
        return Some((items, at + 1));
    }
    loop {
        at = literal(bytes, at, b"\"")?;
        let (end, b'"') = plain_end(bytes, at)? else { return None };
        items.push(LenientValue::Text(Cow::Borrowed(text.get(at..end)?)));
        at = end + 1;
        match bytes.get(at)? {
            b',' => at += 1,
            b']' => return Some((items, at + 1)),
            _ => return None,
        }
    }
}
