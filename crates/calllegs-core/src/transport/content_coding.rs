//! `Content-Encoding`: whether a reply is packed with gzip, by the names of RFC 9110 8.4. Not here: unpacking.

use http::{HeaderMap, StatusCode, header::CONTENT_ENCODING};

use super::{TransportError, TransportErrorKind};

/// Whether a [`Transport`](super::Transport) has to unpack the body with gzip.
///
/// Names are compared without case, `x-gzip` is gzip, `identity` is nothing.
///
/// # Errors
/// When a successful reply is packed in a way that was not asked for; the cause names it. Under any other status the
/// body is passed on as it is, because the status says enough.
pub fn is_gzipped(status: StatusCode, headers: &HeaderMap) -> Result<bool, TransportError> {
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    let names = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    // `none` has never been a coding, but servers write it.
    let is_plain = |name: &str| ["", "identity", "none"].iter().any(|plain| name.eq_ignore_ascii_case(plain));
    let codings: Vec<_> = names.filter(|name| !is_plain(name)).collect();
    match codings.as_slice() {
        [] => Ok(false),
        [gzip] if ["gzip", "x-gzip"].iter().any(|name| gzip.eq_ignore_ascii_case(name)) => Ok(true),
        _ if !status.is_success() => Ok(false),
        strange => {
            let shown: String =
                strange.join(", ").chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
            let cause = format!("the reply has the content coding `{shown}`; only gzip is understood");
            Err(TransportError::new(TransportErrorKind::Other, cause))
        }
    }
}

/// Characters of a name in a message.
const LONGEST_NAME: usize = 60;

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn of(status: StatusCode, lines: &[&str]) -> Result<bool, String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_ENCODING, line.parse().unwrap());
        }
        is_gzipped(status, &headers).map_err(|error| error.source().unwrap().to_string())
    }

    #[test]
    fn names_have_no_case_and_identity_is_nothing() {
        for line in
            ["gzip", "GZIP", "Gzip", "x-gzip", "X-GZip", "identity, gzip", "gzip , Identity", ",gzip,"]
        {
            assert_eq!(of(StatusCode::OK, &[line]), Ok(true), "{line}");
        }
        for line in ["", "identity", "Identity, IDENTITY", "none", " , "] {
            assert_eq!(of(StatusCode::OK, &[line]), Ok(false), "{line}");
        }
        assert_eq!(of(StatusCode::OK, &["identity", "GZIP"]), Ok(true));
        assert_eq!(of(StatusCode::OK, &[]), Ok(false));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named) in [
            ("br", "`br`"),
            ("Deflate", "`Deflate`"),
            ("gzip, br", "`gzip, br`"),
            ("gzip, gzip", "`gzip, gzip`"),
        ] {
            assert!(of(StatusCode::OK, &[line]).unwrap_err().contains(named), "{line}");
            assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, &[line]), Ok(false), "{line}");
        }
    }
}
