//! Zone data in miniature. Shared with the unit tests of `zone_rules`.

/// A file of one rule for all time, as `zic` writes it.
pub(crate) fn tzif(rule: &str) -> Vec<u8> {
    let mut file = Vec::new();
    for _ in 0..2 {
        file.extend_from_slice(b"TZif2");
        file.extend_from_slice(&[0; 15]);
        for count in [0_u8, 0, 0, 0, 1, 4] {
            file.extend_from_slice(&[0, 0, 0, count]);
        }
        file.extend_from_slice(b"\0\0\0\0\0\0LMT\0");
    }
    file.extend_from_slice(format!("\n{rule}\n").as_bytes());
    file
}
