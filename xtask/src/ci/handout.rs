//! What is handed out, tried: packed twice it is the same, unpacked it runs, and a package leaves nothing when it is removed. It
//! is installed below `target`; on a machine of CI, where that breaks nothing, also as its users do.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Need, Stop};
use crate::{dist, step::Step};

/// A build of the tests is as good: what is tried is the packing.
const PROFILE: &str = "dev";

/// What a package has to bring, among other things.
const BROUGHT: [&str; 7] = [
    "usr/bin/calllegs",
    "usr/share/bash-completion/completions/calllegs",
    "usr/share/doc/calllegs/copyright",
    "usr/share/fish/vendor_completions.d/calllegs.fish",
    "usr/share/man/man1/calllegs-get.1.gz",
    "usr/share/man/man1/calllegs.1.gz",
    "usr/share/zsh/vendor-completions/_calllegs",
];

pub(super) fn try_out(root: &Path, in_ci: bool) -> Result<(), Stop> {
    let sums = || -> Result<String, Stop> {
        dist::run(root, PROFILE)?;
        read(&root.join(dist::FOLDER).join("SHA256SUMS"))
    };
    if sums()? != sums()? {
        return Err(Stop::Failed("packed twice, and not the same".to_owned()));
    }
    let folder = root.join("target/handout-tried");
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    if cfg!(unix) {
        let archive = packed(root, ".tar.gz")?;
        Step::new("tar").words("-xzf").path(&archive).words("-C").path(&folder).run(root)?;
        for unpacked in entries(&folder)? {
            Step::new(unpacked.join("calllegs")).words("--version").run(root)?;
        }
    }
    if !Step::new("dpkg").words("--version").works() {
        return Err(Stop::Missing(Need::Dpkg));
    }
    let package = packed(root, ".deb")?;
    install_below(root, &package, &folder.join("root"))?;
    let is_root = Step::new("id").words("-u").output(root).is_ok_and(|user| user.trim() == "0");
    let is_installed = Step::new("dpkg").words("-s calllegs").works();
    if in_ci && is_root && !is_installed { install(root, &package) } else { Ok(()) }
}

/// As anybody may: into a folder that has nothing, and so not even what the package depends on.
fn install_below(root: &Path, package: &Path, folder: &Path) -> Result<(), Stop> {
    let database = folder.join("var/lib/dpkg");
    for part in ["info", "updates", "triggers"] {
        fs::create_dir_all(database.join(part)).map_err(|error| error.to_string())?;
    }
    for file in ["status", "available"] {
        fs::write(database.join(file), "").map_err(|error| error.to_string())?;
    }
    let dpkg = || {
        let at = format!("--root={}", folder.display());
        Step::new("dpkg").words("--force-not-root --force-depends --log=/dev/null").path(Path::new(&at))
    };
    dpkg().words("-i").path(package).run(root)?;
    for file in BROUGHT {
        fs::metadata(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    let damaged = dpkg().words("-V calllegs").output(root)?;
    if !damaged.is_empty() {
        return Err(Stop::Failed(damaged));
    }
    Step::new(folder.join("usr/bin/calllegs")).words("--version").run(root)?;
    dpkg().words("-P calllegs").run(root)?;
    match fs::metadata(folder.join("usr")) {
        Err(_) => Ok(()),
        Ok(_) => Err(Stop::Failed(format!("something is left in {}", folder.display()))),
    }
}

/// As its users do.
fn install(root: &Path, package: &Path) -> Result<(), Stop> {
    Step::new("dpkg").words("-i").path(package).run(root)?;
    let mut tried = Step::new("calllegs").words("--version").run(root);
    if Step::new("man").words("--version").works() {
        tried = tried.and_then(|()| Step::new("man").words("-w calllegs calllegs-sandbox-serve").run(root));
    }
    let listed = Step::new("dpkg").words("-L calllegs").output(root);
    Step::new("dpkg").words("-P calllegs").run(root)?;
    tried?;
    let ours = |file: &&str| file.contains("calllegs") && Path::new(file).exists();
    let left: Vec<_> = listed.iter().flat_map(|text| text.lines()).filter(ours).collect();
    if left.is_empty() { Ok(()) } else { Err(Stop::Failed(format!("left: {}", left.join(" ")))) }
}

/// The file that was packed for this machine: the first of its kind.
fn packed(root: &Path, ending: &str) -> Result<PathBuf, Stop> {
    let found =
        entries(&root.join(dist::FOLDER))?.into_iter().find(|path| path.to_string_lossy().ends_with(ending));
    found.ok_or_else(|| Stop::Failed(format!("{}: no {ending}", dist::FOLDER)))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, Stop> {
    fs::read_to_string(path).map_err(|error| Stop::Failed(format!("{}: {error}", path.display())))
}
