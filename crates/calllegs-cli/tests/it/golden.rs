//! The bytes of each kind of output, by their digests: whoever moves code around sees that nothing else changed. A digest
//! changes with the form of the output, with the emulator's world, or with a compressor; then it is pinned anew.

use std::fmt::Write;

use crate::support::{BOTH, contents, get, run};

/// The name, further flags, and the digest of all files, by name.
const PINNED: &[(&str, &[&str], &str)] = &[
    ("a.csv", &[], "2c74261bb2285243"),
    ("a.csv", &["--csv-preset", "excel-ru"], "ba8e180b8e7b8488"),
    ("a.csv.gz", &[], "4597e04f18173944"),
    ("a.csv.zst", &[], "6d204495fc01102a"),
    ("a.jsonl", &[], "24b24fec3a68a762"),
    ("a.jsonl", &["--where", "is_operator"], "a6f7018849270bdf"),
    ("a.jsonl.gz", &[], "a6a046d8eb960d13"),
    ("a.jsonl.zst", &[], "d5b501b009ecf2fb"),
    ("a.parquet", &[], "d23a27a9b592acac"),
    ("a.parquet", &["--tz", "Asia/Tokyo"], "4c1db197c5641103"),
    ("a.parquet", &["--fields", "id,start_time"], "816d0dbff58ac9dd"),
    ("a.arrow", &[], "1afa042a5d990349"),
    ("a.arrow.gz", &[], "fe0c92fad8694c4b"),
    ("a/", &[], "81956394ebdf72e5"),
    ("a/", &["--where-local", "duration > 30"], "ec48fa71da7a1cd6"),
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
