//! `cargo xtask engines`: the SQL that the tool prints, run by the engines that it is for. The same legs give the same cells as
//! in SQLite, which the tests hold against the code. Not here: how an engine is called, see `engines/engines.py`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{python, step::Step};

/// The engines, the quick ones first.
pub(crate) const ENGINES: [&str; 4] = ["duckdb", "datafusion", "clickhouse", SPARK];

const SPARK: &str = "spark";
/// What the others are compared with.
const REFERENCE: &str = "sqlite";
const PACKAGES: &str = "-r xtask/engines/requirements.txt";
const SCRIPT: &str = "xtask/engines/engines.py";

/// A Python that has the engines.
pub(crate) fn python(root: &Path) -> Result<PathBuf, String> {
    python::environment(root, "engines", PACKAGES).map(|programs| programs.join("python"))
}

/// Whether Spark can be started.
pub(crate) fn has_java() -> bool {
    Step::new("java").words("-version").works()
}

/// Those that can be started here.
pub(crate) fn possible() -> Vec<String> {
    ENGINES.into_iter().filter(|engine| *engine != SPARK || has_java()).map(str::to_owned).collect()
}

/// Runs the engines over the legs of a seed.
pub(crate) fn run(root: &Path, python: &Path, engines: &[String], seed: u64) -> Result<(), String> {
    let folder = root.join(format!("target/engines-legs/{seed}"));
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let tool = |words: &str| Step::cargo("run --quiet --locked -p calllegs-cli -- --quiet").words(words);
    let demo = tool(&format!("demo --seed {seed} --days 10 --legs-per-day 1500 --dir"));
    demo.path(&folder).output(root)?;
    for engine in [REFERENCE].into_iter().chain(engines.iter().map(String::as_str)) {
        for what in ["ddl", "views", "metrics"] {
            let sql = tool(&format!("sql {what} --dialect {engine}")).output(root)?;
            let path = folder.join(format!("{engine}.{what}.sql"));
            fs::write(path, sql).map_err(|error| error.to_string())?;
        }
        Step::new(python).words(SCRIPT).path(&folder).words(engine).run(root)?;
    }
    Ok(())
}
