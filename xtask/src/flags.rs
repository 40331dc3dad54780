//! The command line of xtask: words to a command, nothing else.

use std::path::PathBuf;

use clap::Parser;

use crate::{bench::GROUPS, ci::Job, dist, engines::ENGINES};

/// Commands of the repository.
#[derive(Debug, PartialEq, Eq, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) enum Command {
    /// Run the benchmarks and, where it is all of them, write their figures into benches/README.md
    Bench {
        /// All of them by default
        #[arg(value_parser = GROUPS, value_name = "GROUP")]
        groups: Vec<String>,
        /// Measure programs in Python too, in an environment below target
        #[arg(long)]
        peers: bool,
    },
    /// Run the checks of the repository
    Ci {
        /// All of them by default, in the order of the repository
        #[arg(value_name = "JOB")]
        only: Vec<Job>,
        /// Leave one out; can be given several times
        #[arg(long, value_name = "JOB")]
        skip: Vec<Job>,
    },
    /// Write the tables of the core and of the columns from xtask/spec/
    Codegen {
        /// Only name the stale files; exit 1 where there are any
        #[arg(long)]
        check: bool,
    },
    /// Build the tool as it is handed out, and pack it: archives, a Debian package, their digests
    Dist {
        /// Of the build; dev tries the packages in less time
        #[arg(long, default_value = dist::PROFILE, value_name = "PROFILE")]
        profile: String,
    },
    /// Run the SQL that the tool prints in the engines that it is for, in an environment below target; exit 1 where a cell is
    /// not that of SQLite
    Engines {
        /// All of them by default; Spark where there is Java
        #[arg(value_parser = ENGINES, value_name = "ENGINE")]
        only: Vec<String>,
        /// Of the legs that are made up
        #[arg(long, default_value_t = 7, value_name = "N")]
        seed: u64,
    },
    /// Run many seeds of the simulation, or one again; exit 1 where a law was broken
    Simulate {
        /// How many seeds; 10000 by default, with --seed one
        #[arg(long, value_name = "N")]
        seeds: Option<u64>,
        /// The first seed; alone it is run again and says what it is
        #[arg(long, value_name = "S")]
        seed: Option<u64>,
        /// What a shrunk seed was spared, as it was printed
        #[arg(long, default_value = "", hide_default_value = true, value_name = "WORDS")]
        without: String,
    },
    /// Compare the vendor's documentation with xtask/spec/
    #[command(subcommand)]
    Spec(Spec),
    /// Check what compilers do not: layers, circles, twins, prose, leftovers
    Tidy {
        /// Only print which file uses which, as DOT
        #[arg(long)]
        graph: bool,
    },
}

#[derive(Debug, PartialEq, Eq, clap::Subcommand)]
pub(crate) enum Spec {
    /// Say how pages differ; exit 0 without drift, 1 with drift, 2 where a page is unreadable
    Import {
        /// A page, as published or its flattened text, or a folder of published pages
        #[arg(value_name = "PAGE|FOLDER", required_unless_present = "facts")]
        paths: Vec<PathBuf>,
        /// Whose pages they are; comagic unless a file of facts is called otherwise
        #[arg(long, value_name = "BRAND")]
        brand: Option<String>,
        /// A file of facts: every method of a brand in one table
        #[arg(long, value_name = "FILE.csv")]
        facts: Vec<PathBuf>,
        /// The same methods on another brand
        #[arg(long, value_name = "BRAND=PATH", value_parser = brand_and_path)]
        also: Vec<(String, PathBuf)>,
        /// A table over every method: same, drifted, new, gone
        #[arg(long, conflicts_with = "emit")]
        all: bool,
        /// The lines of methods that the spec does not have, with what could not be read marked
        #[arg(long, conflicts_with = "json")]
        emit: bool,
        #[arg(long)]
        json: bool,
    },
}

fn brand_and_path(text: &str) -> Result<(String, PathBuf), &'static str> {
    let (brand, path) = text.split_once('=').ok_or("expected BRAND=PATH")?;
    Ok((brand.to_owned(), path.into()))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, error::ErrorKind};

    use super::*;

    fn parsed(line: &str) -> Result<Command, ErrorKind> {
        let words = std::iter::once("xtask").chain(line.split_whitespace());
        Command::try_parse_from(words).map_err(|error| error.kind())
    }

    #[test]
    fn commands_are_read() {
        Command::command().debug_assert();
        assert_eq!(parsed("codegen --check"), Ok(Command::Codegen { check: true }));
        let import = Spec::Import {
            paths: vec!["p.html".into()],
            brand: Some("novofon".to_owned()),
            facts: Vec::new(),
            also: vec![("callgear".to_owned(), "q.html".into())],
            all: false,
            emit: false,
            json: true,
        };
        let line = "spec import --brand novofon p.html --json --also callgear=q.html";
        assert_eq!(parsed(line), Ok(Command::Spec(import)));
        let (seeds, seed, without) = (None, Some(7), "kills,login".to_owned());
        assert_eq!(
            parsed("simulate --seed 7 --without kills,login"),
            Ok(Command::Simulate { seeds, seed, without })
        );
        let (only, skip) = (vec![Job::Tidy, Job::Fmt], vec![Job::Test, Job::Wasm]);
        assert_eq!(parsed("ci tidy fmt --skip test --skip wasm"), Ok(Command::Ci { only, skip }));
    }

    #[test]
    fn mistakes_are_refused() {
        assert_eq!(parsed(""), Err(ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand));
        assert_eq!(parsed("codgen"), Err(ErrorKind::InvalidSubcommand));
        assert_eq!(parsed("ci tests"), Err(ErrorKind::InvalidValue));
        assert_eq!(parsed("spec import"), Err(ErrorKind::MissingRequiredArgument));
        assert_eq!(parsed("spec import p.html --also q.html"), Err(ErrorKind::ValueValidation));
        assert_eq!(parsed("bench speed"), Err(ErrorKind::InvalidValue));
        assert_eq!(parsed("simulate --seeds many"), Err(ErrorKind::ValueValidation));
    }
}
