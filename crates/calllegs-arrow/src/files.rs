//! What stands beside a file while it is written, and the rights that it has in the end. Not here: what is in it.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The longest name, in bytes, that common file systems take.
const LONGEST: usize = 255;

/// How much of a name is kept where the whole is too long.
const STEM: usize = 200;

/// The name beside this one with these letters behind it. Where that is longer than a name can be, its beginning and a
/// digest of it stand for the name.
pub fn beside(path: &Path, letters: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    if name.as_encoded_bytes().len() + letters.len() > LONGEST {
        let digest = fnv1a(name.as_encoded_bytes());
        let text = name.to_string_lossy();
        let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= STEM).last();
        let stem = text.get(..end.unwrap_or_default()).unwrap_or_default();
        name = format!("{stem}~{digest:016x}").into();
    }
    name.push(letters);
    path.with_file_name(name)
}

/// Short and of every version; names that people choose do not collide by chance.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |digest: u64, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Gives a file, or a folder, the rights, owner and group of the old one whose place it takes; where there is none, this mode.
/// On Unix; elsewhere nothing is done.
///
/// # Errors
/// When the file system keeps no rights. That a group or an owner cannot be given is none: then the group that it has
/// instead may do what everybody may.
#[cfg(unix)]
pub fn settle(file: &File, old: Option<&fs::Metadata>, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let mut mode = mode;
    if let Some(old) = old {
        let new = file.metadata()?;
        let group = Some(old.gid());
        mode = old.mode() & 0o777;
        if (new.uid(), new.gid()) != (old.uid(), old.gid())
            && fchown(file, Some(old.uid()), group).is_err()
            && fchown(file, None, group).is_err()
        {
            mode = mode & 0o707 | (mode & 0o007) << 3;
        }
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// As on Unix, where files have rights of this kind.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn settle(_: &File, _: Option<&fs::Metadata>, _: u32) -> io::Result<()> {
    Ok(())
}

/// The rights of a folder whose files have these: who may read them may enter it.
pub(crate) const fn of_folder(mode: u32) -> u32 {
    mode | (mode & 0o444) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_beside_is_never_too_long_and_never_anothers() {
        for stem in ["a", "я", "名"] {
            let names = (1..=LONGEST / stem.len()).map(|length| stem.repeat(length));
            let mut seen = std::collections::BTreeSet::new();
            for name in names {
                for letters in [".part", ".footer.new"] {
                    let side = beside(&Path::new("d").join(&name), letters);
                    let length = side.file_name().unwrap().len();
                    assert!(length <= LONGEST && side.starts_with("d"), "{length}");
                    assert!(length > STEM || side == Path::new("d").join(format!("{name}{letters}")));
                    assert!(seen.insert(side));
                }
            }
        }
        // A side file of a side file.
        let part = beside(Path::new(&"a".repeat(251)), ".part");
        assert!(beside(&part, ".new").to_str().unwrap().ends_with(".part.new"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_hands_its_rights_on() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        let file = File::create(&new).unwrap();
        settle(&file, None, 0o640).unwrap();
        assert_eq!(mode(&new), 0o640);
        fs::write(&old, "").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o664)).unwrap();
        settle(&file, fs::metadata(&old).ok().as_ref(), 0o640).unwrap();
        assert_eq!(mode(&new), 0o664);
        assert_eq!((of_folder(0o640), of_folder(0o600), of_folder(0o644)), (0o750, 0o700, 0o755));
    }
}
