//! One value: masked, cut or replaced by a pseudonym. Not here: which values.

use std::fmt;

use calllegs_core::value::phone::{self, HIDDEN};
use ring::hmac;

use super::Transform;
use crate::error::{Error, ErrorKind};

/// What a value is of. The same number is the same pseudonym in every column of numbers, and no name is that of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Phone,
    Record,
    Text,
}

impl Kind {
    pub(super) fn of(column: &str) -> Self {
        if column.ends_with("phone_number") {
            Self::Phone
        } else if column.ends_with("full_name") {
            Self::Name
        } else if column.ends_with("call_records") {
            Self::Record
        } else {
            Self::Text
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Record => "record",
            Self::Text => "text",
        }
    }
}

/// The key of pseudonyms: whoever has it can make them again from numbers. It shows nothing of itself.
pub struct RedactKey(hmac::Key);

impl RedactKey {
    /// A key of these bytes, without white space around them.
    ///
    /// # Errors
    /// When they are fewer than 32: guessing would be cheap.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.trim_ascii();
        if bytes.len() < LEAST {
            return Err(Error::new(ErrorKind::Spec, "the key of pseudonyms is too short")
                .because(format!(
                    "a key that can be guessed gives every number away: {LEAST} characters at least"
                ))
                .next("make one: calllegs redact key new"));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// A new key, as text for a file.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<String, Error> {
        let mut bytes = [0; 32];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
            .map_err(|_| Error::new(ErrorKind::Internal, "the system gives no randomness"))?;
        Ok(words_of(&bytes).collect())
    }

    /// What tells it from other keys, and says nothing of it.
    pub(super) fn fingerprint(&self) -> String {
        words_of(hmac::sign(&self.0, b"fingerprint of the key").as_ref()).take(PSEUDONYM).collect()
    }
}

impl fmt::Debug for RedactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedactKey(…)")
    }
}

/// Characters of a key.
const LEAST: usize = 32;

/// Characters of a pseudonym: 110 bits.
pub(super) const PSEUDONYM: usize = 22;

/// Lower-case letters and digits: neither a spreadsheet nor a shell reads anything else in them.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Whether a text is as pseudonyms are.
pub(crate) fn is_pseudonym(text: &str) -> bool {
    text.len() == PSEUDONYM && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// HMAC-SHA-256 of the value, in letters.
pub(super) fn pseudonym(key: &RedactKey, kind: Kind, text: &str) -> String {
    let mut context = hmac::Context::with_key(&key.0);
    context.update(kind.label().as_bytes());
    context.update(&[0]);
    match phone::digits(text).filter(|_| kind == Kind::Phone) {
        // However it is written.
        Some(digits) => context.update(digits.as_bytes()),
        None => context.update(text.as_bytes()),
    }
    words_of(context.sign().as_ref()).take(PSEUDONYM).collect()
}

/// What is left of a value that is masked or cut.
pub(super) fn without(kind: Kind, transform: Transform, text: &str) -> String {
    let hidden = || HIDDEN.to_owned();
    let Some(digits) = phone::digits(text).filter(|_| kind == Kind::Phone) else { return hidden() };
    if let Transform::Prefix(most) = transform {
        let kept = usize::from(most).min(digits.len().saturating_sub(TAKEN_OFF));
        return digits.get(..kept).filter(|kept| !kept.is_empty()).map_or_else(hidden, str::to_owned);
    }
    phone::masked(&digits)
}

/// Digits that are taken off a number at least.
const TAKEN_OFF: usize = 6;

/// Bytes as letters, five bits each.
fn words_of(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.chunks(5).flat_map(|chunk| {
        let number = chunk.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let bits = chunk.len() * 8;
        let number = number << (40 - bits);
        (0..bits.div_ceil(5)).map(move |place| {
            let index = (number >> (35 - place * 5)) & 31;
            usize::try_from(index)
                .ok()
                .and_then(|index| ALPHABET.get(index))
                .map_or('a', |byte| char::from(*byte))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RedactKey {
        RedactKey::new(b"  0123456789abcdef0123456789abcdef\n").unwrap()
    }

    #[test]
    fn a_pseudonym_stays_the_same_and_is_of_its_kind() {
        let of = |kind, text| pseudonym(&key(), kind, text);
        // Exports that were made earlier join with it.
        assert_eq!(of(Kind::Phone, "79161234567"), PINNED);
        assert_eq!(of(Kind::Phone, "+7 (916) 123-45-67"), PINNED);
        assert_ne!(of(Kind::Name, "79161234567"), PINNED);
        assert!(is_pseudonym(PINNED) && !is_pseudonym("79161234567"));
        let other = RedactKey::new(&[b'k'; 32]).unwrap();
        assert_ne!(pseudonym(&other, Kind::Phone, "79161234567"), PINNED);
        assert!(RedactKey::new(&[b'k'; 31]).is_err());
        assert_eq!(format!("{:?}", key()), "RedactKey(…)");
    }

    /// Base 32 of what HMAC-SHA-256 gives for `phone`, a zero byte and the digits.
    const PINNED: &str = "m6vgv7bnwstnqulmvnrrm5";

    #[test]
    fn a_new_key_is_long_enough_and_another_each_time() {
        let [one, other] = [(); 2].map(|()| RedactKey::generate().unwrap());
        assert!(one != other && one.len() == 52);
        assert!(RedactKey::new(one.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_left_cannot_be_called() {
        let mask = |text| without(Kind::Phone, Transform::Mask, text);
        assert_eq!(mask("79161234567"), "+7 9•• •••-45-67");
        assert_eq!([mask("101"), mask("sip_anna"), mask("790")], ["•••"; 3]);
        let prefix = |most, text| without(Kind::Phone, Transform::Prefix(most), text);
        assert_eq!(prefix(4, "74951234567"), "7495");
        assert_eq!(prefix(6, "7495123"), "7");
        assert_eq!([prefix(4, "101"), prefix(4, "anna")], ["•••"; 2]);
        assert_eq!(without(Kind::Name, Transform::Mask, "Анна"), "•••");
    }
}
