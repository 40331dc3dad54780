//! `cargo xtask simulate`: many seeds of the simulation, or one again. Not here: the simulation, see `tests/support/`.

use std::{path::Path, process::Command};

/// Runs seeds, optimised, and gives the exit code: 0 no law was broken, 1 one was.
pub(crate) fn run(root: &Path, first: u64, count: u64, without: &str) -> Result<u8, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "run",
        "--quiet",
        "--release",
        "--locked",
        "-p",
        "calllegs-tests",
        "--example",
        "simulate",
    ]);
    command.args(["--", &first.to_string(), &count.to_string(), without]).current_dir(root);
    let status = command.status().map_err(|error| format!("cargo: {error}"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
