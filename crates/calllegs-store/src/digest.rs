//! SHA-256 as text: what tells requests and lines of a record apart without saying them.

use std::fmt::Write;

pub(crate) fn digest(said: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, said);
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
