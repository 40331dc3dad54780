//! Numbers of people, so that nobody can call them.

/// What stands for a value of which nothing is shown.
pub const HIDDEN: &str = "•••";

/// What is left of a number by which its owner recognises it, and nobody can call it; nothing of a text that is no whole
/// number.
///
/// ```
/// use calllegs_core::value::phone::masked;
///
/// assert_eq!(masked("79261231234"), "+7 9•• •••-12-34");
/// assert_eq!(masked("+7 (926) 123-12-34"), "+7 9•• •••-12-34");
/// assert_eq!(masked("101"), "•••");
/// ```
pub fn masked(phone: &str) -> String {
    let Some(digits) = digits(phone) else { return HIDDEN.to_owned() };
    let digits: Vec<char> = digits.chars().collect();
    match digits.as_slice() {
        [country, area, .., a, b, c, d] if digits.len() >= WHOLE => {
            format!("+{country} {area}•• •••-{a}{b}-{c}{d}")
        }
        _ => HIDDEN.to_owned(),
    }
}

/// Whether a text is what [`masked`] leaves.
pub fn is_masked(text: &str) -> bool {
    text.contains('•')
}

/// The digits of a number, however it is written; `None` where it is none, as the login of a SIP phone.
///
/// ```
/// use calllegs_core::value::phone::digits;
///
/// assert_eq!(digits("+7 (926) 123-12-34").as_deref(), Some("79261231234"));
/// assert_eq!(digits("sip_anna"), None);
/// ```
pub fn digits(text: &str) -> Option<String> {
    let is_of_number = |c: char| c.is_ascii_digit() || "+-() ".contains(c);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(is_of_number) && !digits.is_empty()).then_some(digits)
}

/// Digits of a number with its area.
const WHOLE: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_cannot_be_called() {
        assert_eq!(masked("9261231234"), "+9 2•• •••-12-34");
        assert_eq!([masked("123456"), masked("анна"), masked("79161234567x"), masked("")], [HIDDEN; 4]);
        assert!(is_masked(&masked("79261231234")) && is_masked(HIDDEN) && !is_masked("79261231234"));
    }
}
