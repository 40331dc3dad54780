//! What each job does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    Job, Need, Stop, handout,
    packages::{Package, metadata, published},
};
use crate::{
    codegen, engines, python,
    step::{Step, has_target, host},
    tidy,
};

const FUZZ: &str = "tests/fuzz/Cargo.toml";
const NATIVE_TLS: &str = "native-tls";
const WASM: &str = "wasm32-unknown-unknown";

/// The version that CI takes, so that a new dictionary is a change of its own.
const TYPOS: &str = "typos==1.52.0";

/// What `cargo fuzz` gives to the compiler, without the address sanitizer: the crates have no unsafe code.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";

/// Runs a job.
pub(super) fn run(job: Job, root: &Path, in_ci: bool) -> Result<(), Stop> {
    let cargo = |words: &str| Ok(Step::cargo(words).run(root)?);
    match job {
        Job::Fmt => {
            needed(Step::cargo("fmt --version").works(), Need::Component("rustfmt"))?;
            cargo("fmt --all --check")
        }
        Job::Clippy => {
            needed(Step::cargo("clippy --version").works(), Need::Component("clippy"))?;
            let features = every_feature(&metadata(root, "")?);
            cargo(&format!("clippy --workspace --all-targets {features} --locked -- -D warnings"))?;
            needed(has_openssl(), Need::OpenSsl)
        }
        Job::Test => {
            cargo("test --workspace --locked")?;
            needed(has_openssl(), Need::OpenSsl)?;
            cargo("test -p calllegs-tests --test conformance --features native-tls --locked native")
        }
        Job::Features => features(root),
        Job::Msrv => msrv(root),
        Job::Minimal => minimal(root),
        Job::Fuzz => fuzz(root),
        Job::Doc => {
            let doc = Step::cargo("doc --workspace --no-deps --document-private-items --locked");
            Ok(doc.env("RUSTDOCFLAGS", "-D warnings").run(root)?)
        }
        Job::Codegen => Ok(codegen::run(root, true)?),
        Job::Tidy => Ok(tidy::run(root)?),
        Job::Package => package(root),
        Job::Dist => handout::try_out(root, in_ci),
        Job::Typos => typos(root),
        Job::Deny => {
            needed(Step::cargo("deny --version").works(), Need::CargoDeny)?;
            cargo("deny --all-features --locked check")
        }
        Job::Engines => {
            let python = engines::python(root).map_err(|_| Stop::Missing(Need::Engines))?;
            engines::run(root, &python, &engines::possible(), 7)?;
            needed(engines::has_java(), Need::Java)
        }
        Job::Semver => semver(root),
        Job::Wasm => {
            needed(has_target(root, WASM), Need::Target(WASM))?;
            cargo(&format!("build -p calllegs-core --target {WASM} --locked"))
        }
    }
}

fn features(root: &Path) -> Result<(), Stop> {
    for package in published(root)? {
        let alone = package.features.keys().filter(|feature| can_build(feature));
        let alone = alone.map(|feature| format!(" --features {feature}"));
        for features in [String::new()].into_iter().chain(alone) {
            let name = &package.name;
            let words = format!("check -p {name} --no-default-features{features} --locked");
            Step::cargo(&words).run(root)?;
        }
    }
    needed(has_openssl(), Need::OpenSsl)
}

/// All features of these packages, but for those that this machine cannot build.
fn every_feature(packages: &[Package]) -> String {
    let of = |package: &Package| {
        let features = package.features.keys().filter(|feature| can_build(feature));
        features.map(|feature| format!("{}/{feature}", package.name)).collect::<Vec<_>>()
    };
    let features: Vec<_> = packages.iter().flat_map(of).collect();
    if features.is_empty() { String::new() } else { format!("--features {}", features.join(",")) }
}

fn can_build(feature: &str) -> bool {
    feature != NATIVE_TLS || has_openssl()
}

/// Whether `native-tls` can be built: Windows and macOS have a TLS of their own.
fn has_openssl() -> bool {
    cfg!(any(windows, target_os = "macos")) || Step::new("pkg-config").words("--exists openssl").works()
}

fn msrv(root: &Path) -> Result<(), Stop> {
    let mut promises: BTreeMap<String, Vec<Package>> = BTreeMap::new();
    for package in published(root)? {
        let Some(version) = package.rust_version.clone() else {
            return Err(Stop::Failed(format!("{} promises no oldest compiler", package.name)));
        };
        promises.entry(version).or_default().push(package);
    }
    let mut missing = Vec::new();
    for (version, packages) in promises {
        if has_toolchain(&version) {
            let features = every_feature(&packages);
            let packages = named(&packages);
            Step::cargo_of(&version, &format!("check {packages} {features} --locked")).run(root)?;
        } else {
            missing.push(version);
        }
    }
    needed(missing.is_empty(), Need::Toolchains(missing))?;
    needed(has_openssl(), Need::OpenSsl)
}

/// With a lock file of its own, so that the repository's stays.
fn minimal(root: &Path) -> Result<(), Stop> {
    needed(has_toolchain("nightly"), Need::Nightly)?;
    let folder = root.join("target/minimal");
    // A lock that is there would be kept.
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let packages = published(root)?;
    let (packages, features) = (named(&packages), every_feature(&packages));
    // The second flag is for nightlies before 1.97.
    let oldest = "-Z direct-minimal-versions -Z lockfile-path";
    let lock = "target/minimal/Cargo.lock";
    let fetch =
        Step::cargo_of("nightly", &format!("fetch {oldest}")).env("CARGO_RESOLVER_LOCKFILE_PATH", lock);
    needed(fetch.run(root).is_ok(), Need::OldestVersions)?;
    let words = format!("check {oldest} {packages} {features}");
    Step::cargo_of("nightly", &words).env("CARGO_RESOLVER_LOCKFILE_PATH", lock).run(root)?;
    needed(has_openssl(), Need::OpenSsl)
}

/// As arguments of cargo.
fn named(packages: &[Package]) -> String {
    packages.iter().map(|package| format!("-p {}", package.name)).collect::<Vec<_>>().join(" ")
}

/// From the same seed each time, so that a run differs from the one before by what the code is.
fn fuzz(root: &Path) -> Result<(), Stop> {
    needed(has_toolchain("nightly"), Need::Nightly)?;
    let host = host(root)?;
    Step::cargo_of("nightly", &format!("build --manifest-path {FUZZ} --target {host} --locked"))
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .env("RUSTFLAGS", COVERAGE)
        .run(root)?;
    let targets =
        metadata(root, &format!("--manifest-path {FUZZ}"))?.into_iter().flat_map(|package| package.targets);
    for target in targets.filter(|target| target.kind == ["bin"]) {
        let artifacts = format!("tests/fuzz/artifacts/{}/", target.name);
        fs::create_dir_all(root.join(&artifacts)).map_err(|error| error.to_string())?;
        Step::new(PathBuf::from(format!("tests/fuzz/target/{host}/debug/{}", target.name)))
            .words(&format!(
                "-seed=1 -max_total_time=10 -print_funcs=0 -verbosity=0 -artifact_prefix={artifacts}"
            ))
            .run(root)?;
    }
    Ok(())
}

/// Each published crate holds its sources, its licences, and what the registry shows of it.
fn package(root: &Path) -> Result<(), Stop> {
    let mut complaints = Vec::new();
    for package in published(root)? {
        let name = &package.name;
        let listed = Step::cargo(&format!("package --list --allow-dirty --locked -p {name}")).output(root)?;
        let listed: BTreeSet<_> = listed.lines().map(|line| line.replace('\\', "/")).collect();
        complaints
            .extend(absent(&package.files()?, &listed).map(|file| format!("{name}: {file} is not packaged")));
        let shown = [("description", package.description.is_some()), ("readme", package.readme.is_some())];
        let shown = shown.into_iter().chain([
            ("license", package.license.is_some()),
            ("keywords", !package.keywords.is_empty()),
            ("categories", !package.categories.is_empty()),
        ]);
        complaints.extend(shown.filter(|(_, told)| !told).map(|(key, _)| format!("{name}: no {key}")));
    }
    if complaints.is_empty() { Ok(()) } else { Err(Stop::Failed(complaints.join("\n"))) }
}

fn absent<'a>(expected: &'a [String], listed: &BTreeSet<String>) -> impl Iterator<Item = &'a String> {
    expected.iter().filter(|file| !listed.contains(*file))
}

/// By a tool that is there, or by one of the job's own.
fn typos(root: &Path) -> Result<(), Stop> {
    let mut tool = PathBuf::from("typos");
    if !Step::new(&tool).words("--version").works() {
        let programs = python::environment(root, "typos", TYPOS);
        tool = programs.map_err(|_| Stop::Missing(Need::Typos))?.join("typos");
    }
    Ok(Step::new(tool).words("--format brief").run(root)?)
}

fn semver(root: &Path) -> Result<(), Stop> {
    let tags = Step::new("git").words("tag --list v* --sort=-v:refname").output(root)?;
    let Some(release) = tags.lines().next() else { return Err(Stop::Missing(Need::Release)) };
    needed(Step::cargo("semver-checks --version").works(), Need::CargoSemverChecks)?;
    Ok(Step::cargo(&format!("semver-checks --workspace --baseline-rev {release}")).run(root)?)
}

fn needed(there: bool, need: Need) -> Result<(), Stop> {
    if there { Ok(()) } else { Err(Stop::Missing(need)) }
}

fn has_toolchain(name: &str) -> bool {
    Step::new("rustup").words(&format!("run {name} cargo --version")).works()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_packaged_is_named() {
        let files = |names: &str| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let listed = files("Cargo.toml src/lib.rs").into_iter().collect();
        assert_eq!(
            absent(&files("Cargo.toml README.md src/lib.rs"), &listed).collect::<Vec<_>>(),
            ["README.md"]
        );
    }
}
