//! `cargo xtask bench`: runs the benchmarks and writes their figures into `benches/README.md`. Not here: what is measured,
//! see `benches/`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use crate::{python, step::Step};

/// The benchmarks, in the order of the table.
pub(crate) const GROUPS: [&str; 10] =
    ["decode", "columns", "write", "warehouse", "sync", "stats", "report", "end_to_end", "calls", "memory"];

const PAGE: &str = "benches/README.md";
const PEERS: &str = "-r benches/peers/requirements.txt";
const BEGIN: &str = "<!-- results: written by cargo xtask bench -->\n";
const END: &str = "<!-- end of results -->\n";

/// Runs these groups; the page is written when it is all of them.
pub(crate) fn run(root: &Path, groups: &[String], peers: bool) -> Result<(), String> {
    Step::cargo("build --release --locked -p calllegs-cli").run(root)?;
    let python = peers.then(|| python::environment(root, "peers", PEERS)).transpose()?;
    let python = python.map(|programs| programs.join("python"));
    let mut figures = Vec::new();
    for group in
        GROUPS.iter().filter(|group| groups.is_empty() || groups.iter().any(|wanted| wanted == *group))
    {
        let mut command = Command::new(cargo_program());
        command.args(["bench", "--locked", "-p", "calllegs-benches", "--bench", group]).current_dir(root);
        if let Some(python) = &python {
            command.env("CALLLEGS_PEERS", python);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("cargo: {error}"))?;
        let lines = child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines());
        for line in lines.map_while(Result::ok) {
            crate::say(&format!("{line}\n"));
            figures.extend(line.strip_prefix("figure ").map(str::to_owned));
        }
        let status = child.wait().map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err(format!("the benchmark {group} failed"));
        }
    }
    if !groups.is_empty() {
        return Ok(());
    }
    let page = root.join(PAGE);
    let text = fs::read_to_string(&page).map_err(|error| format!("{PAGE}: {error}"))?;
    let text = with_table(&text, &table(&figures, &machine(python.as_deref())))?;
    fs::write(&page, text).map_err(|error| format!("{PAGE}: {error}"))
}

fn table(figures: &[String], machine: &str) -> String {
    let rows = figures.join("\n");
    format!(
        "{machine}\n\n| Work | Reference, in the same run | Figure | First bar | Goal | In this run |\n\
         |---|---|---|---|---|---|\n{rows}\n"
    )
}

/// The page with another table.
fn with_table(page: &str, table: &str) -> Result<String, String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, behind) = parts.ok_or_else(|| format!("{PAGE} has no place for results"))?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{behind}"))
}

/// Date, processor, compiler, and what peers ran on.
fn machine(python: Option<&Path>) -> String {
    let told = |command: &mut Command| {
        let output = command.output().ok().filter(|output| output.status.success());
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models =
        processors.lines().filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut parts = vec![
        told(Command::new("date").args(["-u", "+%F"])),
        format!("{cores} cores, {}", models.next().unwrap_or(std::env::consts::ARCH)),
        told(Command::new("rustc").arg("--version")),
    ];
    if let Some(python) = python {
        parts.push(told(Command::new(python).arg("--version")));
        let packages = told(Command::new(python).args(["-m", "pip", "freeze"]));
        let named = ["aiohttp", "comagic", "dlt", "duckdb", "orjson", "pandas", "pyarrow", "requests"];
        let peers = packages.lines().filter(|line| named.iter().any(|name| line.starts_with(name)));
        parts.extend(peers.map(|line| line.replace("==", " ")));
    }
    format!("{}.", parts.join("; "))
}

fn cargo_program() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_one_before() {
        let page = format!("# A\n{BEGIN}old\n{END}behind\n");
        let once = with_table(&page, "new\n").unwrap();
        assert_eq!(once, format!("# A\n{BEGIN}\nnew\n\n{END}behind\n"));
        assert_eq!(with_table(&once, "new\n").unwrap(), once);
        assert!(with_table("# A\n", "new\n").is_err());
    }
}
