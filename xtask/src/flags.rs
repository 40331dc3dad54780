//! The command line of xtask: words to a command, nothing else.

use std::path::PathBuf;

use crate::{bench::GROUPS, ci::Job};

pub(crate) const HELP: &str = "\
Commands of the repository.

cargo xtask bench [--peers] [GROUP...]
    Runs the benchmarks: decode columns write end_to_end calls memory. All of them by default, and then writes their
    figures into benches/README.md. --peers measures programs in Python too, in an environment below target.
cargo xtask codegen [--check]
    Writes the tables of the core and of the columns from xtask/spec/. --check only names the stale files and exits 1.
cargo xtask simulate [--seeds N] [--seed S] [--without WORDS]
    Runs N seeds of the simulation from S on, 10000 from 0 by default. --seed alone runs that one again and says what it
    is; --without WORDS leaves out what a shrunk seed was spared, as it was printed.
    Exit: 0 no law was broken, 1 one was.
cargo xtask spec import PAGE [--brand BRAND] [--json]
    Reads the text of a documentation page and says how it differs from xtask/spec/. BRAND is comagic by default.
    Exit: 0 no drift, 1 drift, 2 the page is unreadable.
cargo xtask tidy
    Checks what compilers do not: layers, twins, prose, leftovers.
cargo xtask ci [JOB...] [--skip JOB]...
    Runs the checks of the repository: fmt clippy test fuzz doc codegen tidy wasm. All of them by default.
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Bench { groups: Vec<String>, peers: bool },
    Ci(Vec<Job>),
    Codegen { check: bool },
    Help,
    Simulate { first: u64, count: u64, without: String },
    SpecImport { page: PathBuf, brand: String, json: bool },
    Tidy,
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter().peekable();
    let Some(command) = arguments.next() else { return Ok(Command::Help) };
    let mut rest: Vec<String> = arguments.collect();
    if take(&mut rest, "--help") || take(&mut rest, "-h") {
        return Ok(Command::Help);
    }
    let parsed = match &*command {
        "help" | "--help" | "-h" => Command::Help,
        "bench" => {
            let peers = take(&mut rest, "--peers");
            let groups = std::mem::take(&mut rest);
            if let Some(word) = groups.iter().find(|group| !GROUPS.contains(&group.as_str())) {
                return Err(format!("no benchmark `{word}`; there are {}", GROUPS.join(", ")));
            }
            Command::Bench { groups, peers }
        }
        "codegen" => Command::Codegen { check: take(&mut rest, "--check") },
        "simulate" => {
            let seed = take_number(&mut rest, "--seed")?;
            let usual = if seed.is_some() { 1 } else { 10_000 };
            let count = take_number(&mut rest, "--seeds")?.unwrap_or(usual);
            let without = take_value(&mut rest, "--without")?.unwrap_or_default();
            Command::Simulate { first: seed.unwrap_or(0), count, without }
        }
        "tidy" => Command::Tidy,
        "spec" => {
            if rest.first().is_none_or(|word| word != "import") {
                return Err("`spec` has one subcommand: `import PAGE`".to_owned());
            }
            rest.remove(0);
            let json = take(&mut rest, "--json");
            let brand = take_value(&mut rest, "--brand")?.unwrap_or_else(|| "comagic".to_owned());
            let position = rest.iter().position(|word| !word.starts_with('-'));
            let page = position.map(|position| rest.remove(position)).ok_or("`spec import` needs a PAGE")?;
            Command::SpecImport { page: page.into(), brand, json }
        }
        "ci" => {
            let mut skipped = Vec::new();
            while let Some(name) = take_value(&mut rest, "--skip")? {
                skipped.push(Job::from_name(&name)?);
            }
            let words: Vec<_> = std::mem::take(&mut rest);
            let named = words.iter().map(|name| Job::from_name(name)).collect::<Result<Vec<_>, _>>()?;
            let wanted = |job: &Job| (named.is_empty() || named.contains(job)) && !skipped.contains(job);
            Command::Ci(Job::ALL.into_iter().filter(wanted).collect())
        }
        other => return Err(format!("no command `{other}`")),
    };
    match rest.first() {
        Some(word) => Err(format!("`{command}` takes no `{word}`")),
        None => Ok(parsed),
    }
}

fn take(words: &mut Vec<String>, flag: &str) -> bool {
    let position = words.iter().position(|word| word == flag);
    position.map(|position| words.remove(position)).is_some()
}

fn take_value(words: &mut Vec<String>, flag: &str) -> Result<Option<String>, String> {
    let Some(position) = words.iter().position(|word| word == flag) else { return Ok(None) };
    words.remove(position);
    if position < words.len() {
        Ok(Some(words.remove(position)))
    } else {
        Err(format!("{flag} needs a value"))
    }
}

fn take_number(words: &mut Vec<String>, flag: &str) -> Result<Option<u64>, String> {
    let value = take_value(words, flag)?;
    let number = value.map(|word| word.parse().map_err(|_| format!("{flag} needs a number, not `{word}`")));
    number.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn commands_are_read() {
        assert_eq!(parsed(""), Ok(Command::Help));
        assert_eq!(parsed("ci --help"), Ok(Command::Help));
        assert_eq!(parsed("codegen --check"), Ok(Command::Codegen { check: true }));
        let (page, brand) = (PathBuf::from("p.txt"), "novofon".to_owned());
        let import = Command::SpecImport { page, brand, json: true };
        assert_eq!(parsed("spec import --brand novofon p.txt --json"), Ok(import));
        let simulate =
            |first, count, without: &str| Ok(Command::Simulate { first, count, without: without.to_owned() });
        assert_eq!(parsed("simulate"), simulate(0, 10_000, ""));
        assert_eq!(parsed("simulate --seeds 50 --seed 7"), simulate(7, 50, ""));
        assert_eq!(parsed("simulate --seed 7 --without kills,login"), simulate(7, 1, "kills,login"));
        assert_eq!(parsed("ci"), Ok(Command::Ci(Job::ALL.to_vec())));
        assert_eq!(parsed("ci tidy fmt"), Ok(Command::Ci(vec![Job::Fmt, Job::Tidy])));
        assert_eq!(
            parsed("ci --skip test --skip wasm --skip doc"),
            Ok(Command::Ci(vec![Job::Fmt, Job::Clippy, Job::Fuzz, Job::Codegen, Job::Tidy]))
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parsed("codgen"), Err("no command `codgen`".to_owned()));
        assert_eq!(parsed("codegen --chekc"), Err("`codegen` takes no `--chekc`".to_owned()));
        assert_eq!(parsed("spec import"), Err("`spec import` needs a PAGE".to_owned()));
        assert_eq!(parsed("simulate --seed"), Err("--seed needs a value".to_owned()));
        assert_eq!(parsed("simulate --seeds many"), Err("--seeds needs a number, not `many`".to_owned()));
        assert_eq!(parsed("ci --skip"), Err("--skip needs a value".to_owned()));
        assert!(parsed("ci tests").unwrap_err().contains("fmt, clippy, test"));
    }
}
