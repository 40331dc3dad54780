//! Numbers of people, so that nobody can call them.

/// `+7 9•• •••‑12‑34`: enough to recognise a number that one has, too little to call it.
///
/// ```
/// assert_eq!(calllegs_stats::report::masked("79261231234"), "+7 9•• •••‑12‑34");
/// ```
pub fn masked(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let [country, area, .., a, b, c, d] = *digits.as_slice() else { return "•••".to_owned() };
    if digits.len() < 10 {
        return "•••".to_owned();
    }
    format!("+{country} {area}•• •••‑{a}{b}‑{c}{d}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_number_cannot_be_called() {
        assert_eq!(masked("79261231234"), "+7 9•• •••‑12‑34");
        assert_eq!(masked("123456"), "•••");
        assert_eq!(masked("анна"), "•••");
    }
}
