//! `Retry-After`: a number of seconds or a date (RFC 9110 10.2.3), and the `Date` that a date is compared with.
//!
//! The clock of the server is the one that its dates mean, so its own `Date` is the present moment. No clock is read
//! here. Not here: how long a wait may be ([`retry`](crate::retry) decides).

use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDateTime};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{DATE, RETRY_AFTER},
};

/// Adds `Date` to a reply that has none that can be read, as RFC 9110 6.6.1 asks the receiver to: without it nobody could
/// tell how far away a `Retry-After` with a date is. For a [`Transport`](super::Transport), which has a wall clock.
pub fn date_if_missing(headers: &mut HeaderMap, received: SystemTime) {
    if text(headers, DATE).and_then(instant).is_some() {
        return;
    }
    let since = received.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let date = i64::try_from(since.as_secs()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let text = date.map(|date| date.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(DATE, value);
    }
}

/// How long a reply asks to wait, if it does so in a form that is understood. A moment that has passed is no wait.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, RETRY_AFTER)?;
    if let Some(seconds) = seconds(asked) {
        return Some(seconds);
    }
    let seconds = instant(asked)?.checked_sub(instant(text(headers, DATE)?)?)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// `120`, and what programs write that count in fractions: `4.0`. Parts of a second are a whole one.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let more = fraction.bytes().any(|digit| digit != b'0');
    // Digits that do not fit are a wait that nobody lives to see the end of.
    let whole = whole.parse::<u32>().unwrap_or(u32::MAX);
    Some(Duration::from_secs(u64::from(whole.saturating_add(more.into()))))
}

/// A date in any of the three forms of RFC 9110 5.6.7, as Unix seconds. The day of the week adds nothing and is not
/// looked at.
fn instant(text: &str) -> Option<i64> {
    let without_day = text.split_once(',').map_or(text, |(_, rest)| rest.trim());
    let zoneless = without_day.strip_suffix("GMT").map_or(without_day, str::trim_end);
    // Sun, 06 Nov 1994 08:49:37 GMT, and the same with the zones that mail uses.
    let imf = || DateTime::parse_from_rfc2822(without_day).ok().map(|date| date.timestamp());
    // Sunday, 06-Nov-94 08:49:37 GMT
    let rfc850 = || NaiveDateTime::parse_from_str(zoneless, "%d-%b-%y %H:%M:%S").ok();
    // Sun Nov  6 08:49:37 1994
    let asctime = || {
        let (_, rest) = zoneless.split_once(' ')?;
        NaiveDateTime::parse_from_str(rest, "%b %e %H:%M:%S %Y").ok()
    };
    let utc = |date: NaiveDateTime| date.and_utc().timestamp();
    imf().or_else(|| rfc850().map(utc)).or_else(|| asctime().map(utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
        super::retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_whole_and_rounded_up() {
        for (text, wait) in [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("4.0", 4),
            ("4.", 4),
            ("0.2", 1),
            ("4.000001", 5),
            ("99999999999999999999999", u32::MAX.into()),
        ] {
            assert_eq!(asked(text, None), Some(wait), "{text}");
        }
        for text in ["", "-3", "+3", "1e3", "inf", "NaN", ".5", "4s", "soon", "4.x"] {
            assert_eq!(asked(text, None), None, "{text}");
        }
    }

    #[test]
    fn dates_of_every_form_are_compared_with_the_date_of_the_reply() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for text in [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
            // Not legal, and meant all the same.
            "Sun, 06 Nov 1994 08:50:37 +0000",
            "Mon, 06 Nov 1994 08:50:37 GMT",
            "06 Nov 1994 09:50:37 +0100",
        ] {
            assert_eq!(asked(text, Some(now)), Some(60), "{text}");
            assert_eq!(asked(text, Some("Sun Nov  6 08:50:07 1994")), Some(30), "{text}");
            assert_eq!(asked(text, Some("Sunday, 06-Nov-94 08:50:36 GMT")), Some(1), "{text}");
            assert_eq!(asked(text, Some("Mon, 07 Nov 1994 08:50:36 GMT")), Some(0), "{text}: passed");
            assert_eq!(asked(text, None), None, "{text}");
        }
        assert_eq!(asked("Wed Nov 16 08:49:38 1994", Some("Wed, 16 Nov 1994 08:49:37 GMT")), Some(1));
        assert_eq!(asked("Thursday, 01-Jan-26 00:00:01 GMT", Some("Thu, 01 Jan 2026 00:00:00 GMT")), Some(1));
        for text in ["Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994", "1994-11-06T08:49:37Z", "GMT"] {
            assert_eq!(asked(text, Some(now)), None, "{text}");
        }
    }

    #[test]
    fn the_date_of_the_server_wins_over_ours() {
        let received = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let mut headers = HeaderMap::new();
        date_if_missing(&mut headers, received);
        assert_eq!(headers[DATE], "Sun, 06 Nov 1994 08:49:37 GMT");
        headers.insert(DATE, HeaderValue::from_static("Mon, 07 Nov 1994 08:49:37 GMT"));
        date_if_missing(&mut headers, received);
        assert_eq!(headers[DATE], "Mon, 07 Nov 1994 08:49:37 GMT");
        headers.insert(DATE, HeaderValue::from_static("yesterday"));
        date_if_missing(&mut headers, received);
        assert_eq!(headers[DATE], "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
