//! Conditions that are legal and that, as far as this version knows, decide nothing: they match no row, or every one.
//!
//! The server may know words that are newer, so this is no reason to refuse. Not here: what is illegal ([`super::Leaf`]).

use super::{Filter, Leaf, Operator, Refusal, Value, matching, suggest, text::few_words};
use crate::{generated::mnemonics::Mnemonic, schema::Kind};

impl<R> Filter<R> {
    /// What is doubtful about the filter, one for each condition: words that no enum has, and phone numbers with more
    /// than digits, which is how the API writes them; with the feature `match` also expressions that are probably none. A text that may be a number or a name is not repeated.
    ///
    /// ```
    /// use calllegs_core::{CallLegs, filter::Filter};
    ///
    /// let filter = Filter::<CallLegs>::parse("virtual_phone_number = '+7 495 123-45-67'")?;
    /// assert!(filter.doubts()[0].to_string().contains("digits"));
    /// assert!(Filter::<CallLegs>::parse("virtual_phone_number like '7495%'")?.doubts().is_empty());
    /// # Ok::<(), calllegs_core::filter::Refusal>(())
    /// ```
    pub fn doubts(&self) -> Vec<Refusal> {
        let mut doubts = Vec::new();
        self.node.each_leaf(&mut |leaf| doubts.extend(leaf.doubt()));
        doubts
    }
}

impl Leaf {
    /// The first doubtful value of the condition.
    fn doubt(&self) -> Option<Refusal> {
        let values =
            if let Value::List(items) = &self.value { items } else { std::slice::from_ref(&self.value) };
        values.iter().find_map(|value| self.doubt_of(value))
    }

    fn doubt_of(&self, value: &Value) -> Option<Refusal> {
        let Value::Text(text) = value else { return None };
        let name = self.field.name();
        let refusal =
            |reason| Refusal::new(Mnemonic::InvalidParameterValue, format!("filter.{name}"), reason);
        if self.operator == Operator::Regexp {
            // The server has another engine, which may understand it.
            let told = matching::check_regexp(text).err()?;
            return Some(Refusal::new(
                Mnemonic::InvalidParameterValue,
                format!("filter.{name}"),
                format!("the server may refuse the expression for `{name}`: {}", told.reason),
            ));
        }
        if self.field.kind() == Kind::Enum {
            let words = self.field.words();
            if words.contains(&&**text)
                || !matches!(
                    self.operator,
                    Operator::Equals | Operator::Differs | Operator::In | Operator::NotIn
                )
            {
                return None;
            }
            let told =
                refusal(format!("`{text}` is not a known word of `{name}`: the condition {}", self.fate()));
            let told = suggest(told, &text.to_lowercase(), words.iter().copied());
            return Some(match few_words(self.field) {
                Some(words) if told.next_step().is_none() => told.hint(format!("there are {words}")),
                _ => told,
            });
        }
        // Extensions and logins have letters; a pattern is a part of a number.
        let is_dressing = |char: char| char.is_whitespace() || "+-().".contains(char);
        let is_number = |char: char| char.is_ascii_digit() || is_dressing(char) || "%_".contains(char);
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_dressed = name.ends_with("phone_number")
            && digits >= FEWEST_DIGITS
            && text.chars().all(is_number)
            && text.contains(is_dressing);
        is_dressed.then(|| {
            refusal(format!(
                "numbers in `{name}` have nothing but digits, and this one has other characters: the condition {}",
                self.fate()
            ))
            .hint("write it as 74951234567")
        })
    }

    fn fate(&self) -> &'static str {
        use Operator::{Differs, NotIlike, NotIn, NotLike, NotOverlap};

        let leaves_out = matches!(self.operator, Differs | NotIn | NotLike | NotIlike | NotOverlap);
        if leaves_out { "leaves out nothing" } else { "matches no leg" }
    }
}

/// With fewer, a text is no phone number.
const FEWEST_DIGITS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CallLegs;

    fn doubts(text: &str) -> Vec<String> {
        let filter = Filter::<CallLegs>::parse(text).unwrap();
        filter.doubts().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_can_never_hold_is_told() {
        for (text, said) in [
            ("direction = 'inbound'", "there are in, out"),
            ("finish_reason in (timeout, 'timeot')", "did you mean `timeout`?"),
            ("is_operator and not finish_reason = 'TIMEOUT'", "leaves out nothing; did you mean `timeout`?"),
            ("virtual_phone_number = '+7 495 123-45-67'", "74951234567"),
            ("calling_phone_number like '%123-45%'", "digits"),
            ("called_phone_number in ('74951234567', '+74951234567')", "matches no leg"),
            #[cfg(feature = "match")]
            ("called_phone_number regexp '^(7495'", "may refuse the expression"),
        ] {
            let told = doubts(text);
            assert_eq!(told.len(), 1, "{text}");
            assert!(told[0].contains(said), "{text}: {told:?}");
            assert!(!told[0].contains("123-45"), "{told:?}");
        }
    }

    #[test]
    fn what_may_hold_is_not() {
        for text in [
            "direction = 'in' and duration > 30",
            "finish_reason = timeout",
            "virtual_phone_number = +74951234567",
            "called_phone_number = 'sip-12345'",
            "employee_phone_number = '10-1'",
            "calling_phone_number regexp '^7(495|499).*'",
            "employee_full_name like 'Анна-%'",
            "is_operator or duration is null",
        ] {
            assert_eq!(doubts(text), [""; 0], "{text}");
        }
    }
}
