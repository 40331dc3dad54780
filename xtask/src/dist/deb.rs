//! A Debian package: an `ar` of two tars, written here so that any machine can make one. Nothing runs when it is installed or
//! removed, and it has no settings: what it brings is what `dpkg` takes away.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

use super::{
    Release,
    archive::{Entry, gzip, hex, tar_gz},
};

/// How Debian calls the architecture of a target.
pub(super) fn architecture(target: &str) -> Option<&'static str> {
    let is_linux = ["linux-gnu", "linux-musl"].iter().any(|system| target.ends_with(system));
    match target.split('-').next().filter(|_| is_linux) {
        Some("x86_64") => Some("amd64"),
        Some("aarch64") => Some("arm64"),
        _ => None,
    }
}

/// The bytes of the package.
pub(super) fn package(release: &Release, tool: &Entry, architecture: &str) -> Result<Vec<u8>, String> {
    let files = files(release, tool)?;
    let control = control(release, tool, architecture, &files);
    let sum = |file: &Entry| format!("{}  {}\n", hex(&Md5::digest(&file.bytes)), file.path);
    let sums = files.iter().map(sum).collect::<Vec<_>>().concat();
    let about =
        vec![Entry::file("./control", control.into_bytes()), Entry::file("./md5sums", sums.into_bytes())];
    let files = files.iter().map(|file| file.below(".")).collect();
    Ok(ar(
        &[
            ("debian-binary", b"2.0\n".to_vec()),
            ("control.tar.gz", tar_gz(about, release.time)?),
            ("data.tar.gz", tar_gz(files, release.time)?),
        ],
        release.time,
    ))
}

/// Where everything is installed.
fn files(release: &Release, tool: &Entry) -> Result<Vec<Entry>, String> {
    const SHELLS: [(&str, &str); 3] = [
        ("completions/calllegs.bash", "usr/share/bash-completion/completions/calllegs"),
        ("completions/_calllegs", "usr/share/zsh/vendor-completions/_calllegs"),
        ("completions/calllegs.fish", "usr/share/fish/vendor_completions.d/calllegs.fish"),
    ];
    let mut files = vec![Entry::program("usr/bin/calllegs", tool.bytes.clone())];
    let mut copyright = COPYRIGHT.to_owned();
    for paper in &release.papers {
        let shell = SHELLS.iter().find(|(path, _)| *path == paper.path);
        let (path, bytes) = match (shell, paper.path.as_str()) {
            (Some((_, place)), _) => ((*place).to_owned(), paper.bytes.clone()),
            // Debian's own copy of the text is named in `copyright`.
            (None, "LICENSE-APACHE" | "completions/calllegs.ps1") => continue,
            (None, "LICENSE-MIT") => {
                copyright.push_str(&indented(&String::from_utf8_lossy(&paper.bytes)));
                continue;
            }
            (None, "CHANGELOG.md") => ("usr/share/doc/calllegs/changelog.gz".to_owned(), gzip(&paper.bytes)?),
            (None, path) => match path.strip_prefix("man/") {
                Some(page) => (format!("usr/share/man/man1/{page}.gz"), gzip(&paper.bytes)?),
                None => (format!("usr/share/doc/calllegs/{path}"), paper.bytes.clone()),
            },
        };
        files.push(Entry::file(path, bytes));
    }
    files.push(Entry::file("usr/share/doc/calllegs/copyright", copyright.into_bytes()));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn control(release: &Release, tool: &Entry, architecture: &str, files: &[Entry]) -> String {
    // By whole blocks, as `du` counts.
    let kilobytes: usize = files.iter().map(|file| file.bytes.len().div_ceil(4096) * 4).sum();
    let depends = match newest_glibc(&tool.bytes) {
        Some((major, minor)) => format!("Depends: libc6 (>= {major}.{minor}), libgcc-s1\n"),
        None => String::new(),
    };
    format!(
        "Package: calllegs\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: the calllegs authors <calllegs@localhost>\n\
         Installed-Size: {kilobytes}\n\
         {depends}\
         Section: comm\n\
         Priority: optional\n\
         Description: every call leg of a CoMagic, UIS, Novofon or CallGear account\n \
         Reads the call-legs report of the Data API into files, SQLite, PostgreSQL or a\n \
         lake of Parquet: complete, or with an error that names what is missing.\n \
         An emulator of the API is inside, so that all of it works without an account.\n",
        version = release.version,
    )
}

/// The newest version of glibc that the tool asks for; none where it is static.
fn newest_glibc(tool: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let asked = |at: &[u8]| {
        let version = at.strip_prefix(MARK)?.split(|byte| !byte.is_ascii_digit() && *byte != b'.').next()?;
        let mut parts = std::str::from_utf8(version).ok()?.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    tool.windows(MARK.len() + 8).filter(|at| at.starts_with(MARK)).filter_map(asked).max()
}

/// The archive that packages are: a line of sixty characters before each file.
fn ar(files: &[(&str, Vec<u8>)], time: u64) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in files {
        let mut head = String::new();
        _ = writeln!(head, "{name:<16}{time:<12}{:<6}{:<6}{:<8}{:<10}`", 0, 0, "100644", content.len());
        bytes.extend(head.into_bytes());
        bytes.extend(content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// As a value of many lines: an empty one is a dot.
fn indented(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { " .\n".to_owned() } else { format!(" {line}\n") };
    text.lines().map(line).collect()
}

const COPYRIGHT: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: calllegs

Files: *
Copyright: the calllegs authors
License: Expat or Apache-2.0
Comment: What others wrote and the tool is linked from, with its licences, is in
 LICENSES-OF-DEPENDENCIES.txt beside this file.

License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.

License: Expat
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_is_found_and_a_static_tool_asks_for_none() {
        let tool = b"..GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_PRIVATE\0............";
        assert_eq!(newest_glibc(tool), Some((2, 34)));
        assert_eq!(newest_glibc(b"nothing of the kind is in here"), None);
    }

    #[test]
    fn targets_have_the_names_of_debian() {
        assert_eq!(architecture("x86_64-unknown-linux-gnu"), Some("amd64"));
        assert_eq!(architecture("aarch64-unknown-linux-musl"), Some("arm64"));
        assert_eq!(architecture("x86_64-pc-windows-msvc"), None);
        assert_eq!(architecture("aarch64-apple-darwin"), None);
    }

    #[test]
    fn parts_of_odd_length_are_padded() {
        let packed = ar(&[("debian-binary", b"2.0".to_vec()), ("b", Vec::new())], 7);
        assert_eq!(packed.len(), 8 + 60 + 4 + 60);
        assert!(
            packed
                .starts_with(b"!<arch>\ndebian-binary   7           0     0     100644  3         `\n2.0\n")
        );
    }
}
