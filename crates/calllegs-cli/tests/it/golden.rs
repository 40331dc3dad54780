//! The bytes of each kind of output, by their digests: whoever moves code around sees that nothing else changed. A digest
//! changes with the form of the output, with the emulator's world, or with a compressor; then it is pinned anew.

use std::fmt::Write;

use crate::support::{BOTH, contents, get, run};

/// The name, further flags, and the digest of all files, by name.
const PINNED: &[(&str, &[&str], &str)] = &[
    ("a.csv", &[], "57e86b982d91cd1c"),
    ("a.csv", &["--csv-preset", "excel-ru"], "f2acedf49476246f"),
    ("a.csv.gz", &[], "442358c721aff1c6"),
    ("a.csv.zst", &[], "8192a029cae6e058"),
    ("a.jsonl", &[], "aabbaadc0444a211"),
    ("a.jsonl", &["--where", "is_operator"], "fdf00635a9ec9bda"),
    ("a.jsonl.gz", &[], "f3a43af87bd3e8e6"),
    ("a.jsonl.zst", &[], "a5fbb1b915fd5b7b"),
    ("a.parquet", &[], "f34b6c9a24babba8"),
    ("a.parquet", &["--tz", "Asia/Tokyo"], "ce73d7cf8dd0a8c9"),
    ("a.parquet", &["--fields", "id,start_time"], "816d0dbff58ac9dd"),
    ("a.arrow", &[], "4a8e3b05d4e04678"),
    ("a.arrow.gz", &[], "eb219f94e8c4dcd6"),
    ("a/", &[], "4eb039161ab218d2"),
    ("a/", &["--where-local", "duration > 30"], "db79dc9fcc395c27"),
];

fn digest(files: &std::collections::BTreeMap<String, Vec<u8>>) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for (name, bytes) in files {
        context.update(name.as_bytes());
        context.update(&(bytes.len() as u64).to_le_bytes());
        context.update(bytes);
    }
    context.finish().as_ref()[..8].iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn outputs_are_what_they_were() {
    let mut changed = Vec::new();
    for (name, flags, pinned) in PINNED {
        let folder = tempfile::tempdir().unwrap();
        let place = format!("{}/{name}", folder.path().display());
        let told = run(get(&BOTH).args(*flags).args(["-o", &place]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let found = digest(&contents(place.trim_end_matches('/').as_ref()));
        if found != *pinned {
            changed.push(format!("(\"{name}\", &{flags:?}, \"{found}\"),"));
        }
    }
    assert!(changed.is_empty(), "changed:\n{}", changed.join("\n"));
}
