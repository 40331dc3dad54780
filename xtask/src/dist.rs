//! `cargo xtask dist`: the tool as it is handed out: an archive and a Debian package for each target, and their digests. The
//! same sources make the same bytes: what goes in is sorted, and its time is that of the commit, or of `SOURCE_DATE_EPOCH`.
//! Not here: how files are packed (`archive`), what Debian wants (`deb`), whose code is linked (`notices`).

mod archive;
mod deb;
mod notices;

use std::{fs, path::Path};

use sha2::{Digest as _, Sha256};

use self::archive::{Entry, hex};
use crate::step::{Step, has_target, host};

/// The profile of what is handed out.
pub(crate) const PROFILE: &str = "dist";

const STATIC: &str = "x86_64-unknown-linux-musl";

/// Where everything goes, from the root.
pub(crate) const FOLDER: &str = "target/handout";

/// The most that the tool may weigh.
const MEGABYTES: u64 = 20;

/// A release, before it is packed for a target.
#[derive(Debug)]
struct Release {
    version: String,
    /// Of every file, in seconds since 1970.
    time: u64,
    /// What every package has: papers, manual pages, completions.
    papers: Vec<Entry>,
}

/// Builds and packs the tool, and says where the files are and what they weigh.
pub(crate) fn run(root: &Path, profile: &str) -> Result<(), String> {
    let folder = root.join(FOLDER);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
    let host = host(root)?;
    let tool = build(root, profile, None)?;
    let release = Release { version: version(root)?, time: time(root)?, papers: papers(root, &tool)? };
    pack(root, &release, &tool, &host)?;
    if host != STATIC && has_target(root, STATIC) {
        let tool = build(root, profile, Some(STATIC))?;
        pack(root, &release, &tool, STATIC)?;
    } else if host.ends_with("linux-gnu") {
        eprintln!("no static tool: rustup target add {STATIC}, and musl-gcc for what is written in C");
    }
    let sums = sums(&folder)?;
    fs::write(folder.join("SHA256SUMS"), &sums).map_err(|error| format!("SHA256SUMS: {error}"))?;
    crate::say(&format!("{FOLDER}:\n{sums}"));
    Ok(())
}

/// The tool for a target; its path from the root.
fn build(root: &Path, profile: &str, target: Option<&str>) -> Result<String, String> {
    let words = target.map_or_else(String::new, |target| format!(" --target {target}"));
    let mut step = Step::cargo(&format!(
        "build --profile {profile} -p calllegs-cli --locked --message-format short{words}"
    ));
    if profile == PROFILE {
        step = step.env("RUSTFLAGS", &nameless(root));
    }
    step.run(root)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let target = target.map_or_else(String::new, |target| format!("{target}/"));
    let file = format!("target/{target}{folder}/calllegs{}", std::env::consts::EXE_SUFFIX);
    let bytes = fs::metadata(root.join(&file)).map_err(|error| format!("{file}: {error}"))?.len();
    if profile == PROFILE {
        crate::say(&format!("{file}: {}\n", weighed(bytes)?));
    }
    Ok(file)
}

/// Paths of this machine, which panics and assertions would name, become names that mean the same everywhere.
fn nameless(root: &Path) -> String {
    let home = std::env::var("CARGO_HOME").ok().or_else(|| Some(std::env::var("HOME").ok()? + "/.cargo"));
    let home = home.map_or_else(String::new, |home| format!(" --remap-path-prefix={home}=cargo"));
    format!("--remap-path-prefix={}=calllegs{home}", root.display())
}

fn weighed(bytes: u64) -> Result<String, String> {
    let tenths = bytes.div_ceil(100_000);
    let size = format!("{}.{} MB", tenths / 10, tenths % 10);
    if bytes > MEGABYTES * 1_000_000 { Err(format!("{size}, more than {MEGABYTES} MB")) } else { Ok(size) }
}

fn version(root: &Path) -> Result<String, String> {
    let manifest = read(root, "Cargo.toml")?;
    let manifest: toml::Table =
        String::from_utf8_lossy(&manifest).parse().map_err(|error: toml::de::Error| error.to_string())?;
    let version = manifest.get("workspace").and_then(|table| table.get("package")?.get("version")?.as_str());
    version.map(str::to_owned).ok_or_else(|| "the workspace has no version".to_owned())
}

/// The moment that every file is given.
fn time(root: &Path) -> Result<u64, String> {
    let said = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(said) => said,
        Err(_) => Step::new("git").words("log -1 --format=%ct").output(root)?,
    };
    said.trim().parse().map_err(|_| {
        format!(
            "SOURCE_DATE_EPOCH: `{}` is no number of seconds; it is needed where there is no commit",
            said.trim()
        )
    })
}

/// What the tool says of itself and what stands in the root, by its place in the archive.
fn papers(root: &Path, tool: &str) -> Result<Vec<Entry>, String> {
    let mut papers = Vec::new();
    for name in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "README.ru.md"] {
        papers.push(Entry::file(name, read(root, name)?));
    }
    papers.push(Entry::file("LICENSES-OF-DEPENDENCIES.txt", notices::of(root)?.into_bytes()));
    let shells = [
        ("bash", "calllegs.bash"),
        ("zsh", "_calllegs"),
        ("fish", "calllegs.fish"),
        ("powershell", "calllegs.ps1"),
    ];
    for (shell, file) in shells {
        let text = Step::new(root.join(tool)).words(&format!("completions {shell}")).output(root)?;
        papers.push(Entry::file(format!("completions/{file}"), text.into_bytes()));
    }
    let pages = root.join(FOLDER).join("man");
    Step::new(root.join(tool)).words("man --dir").path(&pages).output(root)?;
    for page in fs::read_dir(&pages).map_err(|error| format!("{}: {error}", pages.display()))? {
        let name = page.map_err(|error| error.to_string())?.file_name().to_string_lossy().into_owned();
        let text = fs::read(pages.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        papers.push(Entry::file(format!("man/{name}"), text));
    }
    fs::remove_dir_all(&pages).map_err(|error| format!("{}: {error}", pages.display()))?;
    Ok(papers)
}

/// The archive of a target, and for Linux with glibc or without any the Debian package.
fn pack(root: &Path, release: &Release, tool: &str, target: &str) -> Result<(), String> {
    let Release { version, time, papers } = release;
    let binary = Entry::program(format!("calllegs{}", std::env::consts::EXE_SUFFIX), read(root, tool)?);
    let name = format!("calllegs-{version}-{target}");
    let entries: Vec<_> = papers.iter().chain([&binary]).map(|entry| entry.below(&name)).collect();
    let (file, bytes) = if target.contains("windows") {
        (format!("{name}.zip"), archive::zip(entries, *time)?)
    } else {
        (format!("{name}.tar.gz"), archive::tar_gz(entries, *time)?)
    };
    write(root, &file, &bytes)?;
    if let Some(architecture) = deb::architecture(target) {
        let file =
            format!("calllegs_{version}_{architecture}{}.deb", if target == STATIC { "_static" } else { "" });
        write(root, &file, &deb::package(release, &binary, architecture)?)?;
    }
    Ok(())
}

fn sums(folder: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{FOLDER}: {error}");
    let mut lines = Vec::new();
    for file in fs::read_dir(folder).map_err(failed)? {
        let file = file.map_err(failed)?;
        let sum = hex(&Sha256::digest(fs::read(file.path()).map_err(failed)?));
        lines.push((file.file_name().to_string_lossy().into_owned(), sum));
    }
    lines.sort();
    let lines: Vec<_> = lines.into_iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    Ok(lines.concat())
}

fn read(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

fn write(root: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    fs::write(root.join(FOLDER).join(name), bytes).map_err(|error| format!("{FOLDER}/{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_tool_is_refused() {
        assert_eq!(weighed(8_400_001), Ok("8.5 MB".to_owned()));
        assert_eq!(weighed(20_000_000), Ok("20.0 MB".to_owned()));
        assert_eq!(weighed(20_000_001), Err("20.1 MB, more than 20 MB".to_owned()));
    }
}
