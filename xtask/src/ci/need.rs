//! What jobs need that a checkout does not bring, how it is installed, and where its absence is excused.

use std::fmt;

/// A tool, a toolchain or a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    CargoDeny,
    CargoSemverChecks,
    /// Of the toolchain that is used.
    Component(&'static str),
    /// What installs packages of Debian.
    Dpkg,
    /// Engines of SQL, as packages of Python.
    Engines,
    /// What Spark runs on; the other engines were asked.
    Java,
    Nightly,
    /// What `native-tls` is built against where the platform has no TLS of its own.
    OpenSsl,
    /// The oldest versions of dependencies that manifests allow.
    OldestVersions,
    /// A version of the interface to compare with.
    Release,
    Target(&'static str),
    Toolchains(Vec<String>),
    Typos,
}

impl Need {
    /// Why CI goes on without it. What is not on this list fails there.
    pub(super) const fn excuse(&self) -> Option<&'static str> {
        Some(match self {
            Self::CargoDeny => {
                "it takes minutes to build, and its advisories come from a server that a closed network does not reach"
            }
            Self::CargoSemverChecks => "it takes minutes to build; who releases has it",
            Self::Dpkg => "only Debian and its kin have it; the archives were tried",
            Self::Engines => {
                "a machine may have neither pip nor a way to its index; the tests ask SQLite and PostgreSQL"
            }
            Self::Java => "a machine may have no Java; all engines but Spark were asked",
            Self::Nightly => "a machine may have one toolchain and no way to rustup's server",
            Self::OpenSsl => "a machine may have no headers of OpenSSL; all but native-tls was checked",
            Self::Release => "there is nothing to compare with before the first release",
            Self::Target(_) => "a machine may have one target and no way to rustup's server",
            Self::Toolchains(_) => {
                "as for nightly; of the standard library, clippy's incompatible_msrv watches the minimum all the same"
            }
            Self::OldestVersions => "a closed network may have no versions but those of the lock",
            Self::Typos => "a machine may have neither pip nor a way to its index",
            Self::Component(_) => return None,
        })
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CargoDeny => f.write_str("no cargo-deny: cargo install --locked cargo-deny"),
            Self::CargoSemverChecks => {
                f.write_str("no cargo-semver-checks: cargo install --locked cargo-semver-checks")
            }
            Self::Component(name) => write!(f, "no {name}: rustup component add {name}"),
            Self::Dpkg => f.write_str("no dpkg to try the package with"),
            Self::Engines => f.write_str("no engines of SQL: python3 with pip, see above"),
            Self::Java => f.write_str("no Java for Spark: apt install default-jre-headless"),
            Self::Nightly => f.write_str("no nightly toolchain: rustup toolchain install nightly"),
            Self::OpenSsl => {
                f.write_str("no OpenSSL to build native-tls with: apt install libssl-dev pkg-config")
            }
            Self::OldestVersions => f.write_str("the oldest versions cannot be fetched: see above"),
            Self::Release => f.write_str("nothing is published yet: no tag v*"),
            Self::Target(target) => write!(f, "no target {target}: rustup target add {target}"),
            Self::Toolchains(versions) => {
                let versions = versions.join(" ");
                write!(f, "no toolchain {versions}: rustup toolchain install --profile minimal {versions}")
            }
            Self::Typos => f.write_str("no typos: cargo install --locked typos-cli, or python3 with pip"),
        }
    }
}
