//! Programs that come from Python's registry, in an environment of their own below `target`.

use std::path::{Path, PathBuf};

use crate::step::Step;

/// The folder of programs of an environment that has these packages, by the words of pip.
pub(crate) fn environment(root: &Path, name: &str, packages: &str) -> Result<PathBuf, String> {
    let folder = root.join("target").join(name);
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = programs.join("python");
    if !Step::new(&python).words("--version").works() {
        Step::new("python3").words("-m venv").path(&folder).run(root)?;
    }
    Step::new(python).words("-m pip install --quiet").words(packages).run(root)?;
    Ok(programs)
}
