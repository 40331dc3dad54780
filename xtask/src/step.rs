//! A command, printed as it can be repeated by hand.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

pub(crate) struct Step {
    command: Command,
    line: String,
}

impl Step {
    pub(crate) fn new(program: impl AsRef<Path>) -> Self {
        let program = program.as_ref();
        Self { command: Command::new(program), line: program.display().to_string() }
    }

    /// The cargo of this run; words are separated by spaces.
    pub(crate) fn cargo(words: &str) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self { command: Command::new(cargo), line: "cargo".to_owned() }.words(words)
    }

    /// Another toolchain's cargo, found by rustup's.
    pub(crate) fn cargo_of(toolchain: &str, words: &str) -> Self {
        let mut command = Command::new("cargo");
        // What `cargo +toolchain` sets.
        command.env("RUSTUP_TOOLCHAIN", toolchain);
        Self { command, line: format!("cargo +{toolchain}") }.words(words)
    }

    pub(crate) fn words(mut self, words: &str) -> Self {
        self.command.args(words.split_whitespace());
        _ = write!(self.line, " {words}");
        self
    }

    pub(crate) fn path(mut self, path: &Path) -> Self {
        self.command.arg(path);
        _ = write!(self.line, " {}", path.display());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self.line = format!("{name}={value:?} {}", self.line);
        self
    }

    /// Prints the command and runs it.
    pub(crate) fn run(mut self, root: &Path) -> Result<(), String> {
        eprintln!("+ {}", self.line);
        match self.command.current_dir(root).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{}: {status}", self.line)),
            Err(error) => Err(format!("{}: {error}", self.line)),
        }
    }

    /// What the command prints.
    pub(crate) fn output(mut self, root: &Path) -> Result<String, String> {
        let output = self.command.stderr(Stdio::inherit()).current_dir(root).output();
        match output {
            Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Ok(output) => Err(format!("{}: {}", self.line, output.status)),
            Err(error) => Err(format!("{}: {error}", self.line)),
        }
    }

    /// Whether the command can be run at all.
    pub(crate) fn works(mut self) -> bool {
        let status = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

/// Whether the standard library of the target is there.
pub(crate) fn has_target(root: &Path, target: &str) -> bool {
    let folder = Step::new("rustc").words(&format!("--print target-libdir --target {target}")).output(root);
    folder.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

/// The target that is built for unless another one is named.
pub(crate) fn host(root: &Path) -> Result<String, String> {
    let version = Step::new("rustc").words("-vV").output(root)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc names no host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_copied() {
        let doc = Step::cargo("doc --locked").env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(doc.line, "RUSTDOCFLAGS=\"-D warnings\" cargo doc --locked");
        assert_eq!(Step::cargo_of("nightly", "check").words("-p x").line, "cargo +nightly check -p x");
    }
}
