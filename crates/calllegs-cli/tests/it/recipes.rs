//! The pages of `docs/recipes`, as they stand: blocks of `sh` are run in their order, in a folder of the page's own, blocks with
//! `file=NAME` are files there, and comments `<!-- check` say in `sh` what has to hold then. The profiles `acme` and `agency`
//! are those of an emulator with ten days of legs. A block that is none of these is `text`, or says `untested`; then the page
//! says why in a paragraph `Not tested:`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use calllegs_sandbox::Sandbox;
use chrono::{Days, Utc};

/// What a page has to be run.
#[derive(Debug, PartialEq, Eq)]
enum Step<'p> {
    File(&'p str, String),
    /// With what it needs of the machine.
    Run(Option<&'p str>, String),
}

/// What may be missing in CI too, and why.
const EXCUSED: [(&str, &str); 2] = [
    ("bwrap-that-works", "kernels of containers often let nobody make namespaces"),
    ("python-duckdb", "a machine may have no way to Python's index; `cargo xtask engines` asks DuckDB too"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recipes")
}

/// The emulator of the recipes: now is now, as for who reads them.
fn emulator() -> &'static Sandbox {
    static EMULATOR: OnceLock<Sandbox> = OnceLock::new();
    EMULATOR.get_or_init(|| {
        let today = Utc::now().date_naive();
        let builder = Sandbox::builder().seed(7).legs_per_day(300).agency(20);
        let builder = builder.since(today - Days::new(10)).until(today + Days::new(2));
        builder.minute_limit(None).day_limit(None).start().unwrap()
    })
}

/// Reads a page.
fn steps(page: &str) -> Result<Vec<Step<'_>>, String> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    let mut is_untested = false;
    while let Some(line) = lines.next() {
        if let Some(needs) = line.strip_prefix("<!-- check") {
            let needs = needs.trim().strip_prefix("needs ");
            steps.push(Step::Run(needs, body(&mut lines, "-->")?));
        } else if let Some(info) = line.strip_prefix("```") {
            let (language, marks) = info.split_once(' ').unwrap_or((info, ""));
            let text = body(&mut lines, "```")?;
            match (marks.strip_prefix("file="), marks, language) {
                (Some(name), _, _) => steps.push(Step::File(name, text)),
                (None, "untested", _) => is_untested = true,
                (None, "", "sh") => steps.push(Step::Run(None, text)),
                (None, "", "text") => {}
                _ => return Err(format!("```{info}: neither run, nor a file, nor `untested`")),
            }
        }
    }
    let says_why = page.lines().any(|line| line.starts_with("Not tested: "));
    if is_untested && !says_why {
        return Err("a block is untested, and no paragraph `Not tested:` says why".to_owned());
    }
    Ok(steps)
}

fn body<'p>(lines: &mut impl Iterator<Item = &'p str>, end: &str) -> Result<String, String> {
    let mut text = String::new();
    for line in lines {
        if line == end {
            return Ok(text);
        }
        text.push_str(line);
        text.push('\n');
    }
    Err(format!("no `{end}`"))
}

/// A home with the tool and both profiles.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calllegs"), bin.join("calllegs")).unwrap();
    let mut config = "default_profile = \"acme\"\n".to_owned();
    for (profile, key) in [("acme", "sandbox-acme"), ("agency", "sandbox-hundred")] {
        let url = emulator().url();
        let variable = key.to_uppercase().replace('-', "_");
        let lines = format!(
            "[profile.{profile}]\nbrand = \"sandbox\"\nendpoint = \"{url}\"\nkey = \"env:{variable}\"\n"
        );
        config.push_str(&lines);
    }
    let folder = home.path().join(".config/calllegs");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), config).unwrap();
    home
}

/// A shell in this home, that stops at the first command that fails.
fn shell(home: &Path, script: &str) -> Command {
    let mut command = Command::new("sh");
    // Engines of SQL, where `cargo xtask engines` has brought them.
    let engines = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/engines/bin");
    let path = format!("{}:{}:/usr/bin:/bin", home.join("bin").display(), engines.display());
    command.args(["-euc", script]).current_dir(home).env_clear().stdin(Stdio::null());
    command.env("PATH", path).env("HOME", home).env("LC_ALL", "C.UTF-8").env("EMULATOR", emulator().url());
    command.env("SANDBOX_ACME", "sandbox-acme").env("SANDBOX_HUNDRED", "sandbox-hundred");
    command
}

/// Whether this machine has what a check needs; what it has not fails in CI, unless it is excused.
fn has(home: &Path, need: &str) -> bool {
    let asked = match need {
        "bwrap-that-works" => "bwrap --unshare-all --ro-bind / / true",
        "python-duckdb" => "python3 -c 'import duckdb'",
        tool => &format!("command -v {tool}"),
    };
    let is_there = shell(home, asked).output().unwrap().status.success();
    if !is_there {
        let is_excused = EXCUSED.iter().any(|(excused, _)| *excused == need);
        #[expect(
            clippy::disallowed_methods,
            reason = "it asks whether this is CI, as the tests of the store do"
        )]
        let in_ci = std::env::var("CI").is_ok();
        assert!(is_excused || !in_ci, "{need} is not here");
        eprintln!("not tested: {need} is not on this machine");
    }
    is_there
}

fn follow(page: &str) {
    let text = fs::read_to_string(folder().join(page)).unwrap();
    let home = home();
    for step in steps(&text).unwrap_or_else(|complaint| panic!("{page}: {complaint}")) {
        match step {
            Step::File(name, text) => fs::write(home.path().join(name), text).unwrap(),
            Step::Run(Some(need), _) if !has(home.path(), need) => {}
            Step::Run(_, script) => {
                let told = shell(home.path(), &script).output().unwrap();
                let said = [told.stdout, told.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
                assert!(
                    told.status.success(),
                    "{page}: {:?}\n{script}\n{}",
                    told.status.code(),
                    said.join("\n")
                );
            }
        }
    }
}

macro_rules! recipes {
    ($($test:ident $page:literal)*) => {
        $(#[test] fn $test() { follow($page); })*

        #[test]
        fn every_page_is_followed() {
            let mut pages = crate::support::names(&folder());
            pages.retain(|page| page != "README.md");
            let mut followed = vec![$($page.to_owned()),*];
            followed.sort();
            assert_eq!(pages, followed);
            let index = fs::read_to_string(folder().join("README.md")).unwrap();
            steps(&index).unwrap();
            for page in pages {
                assert!(index.contains(&format!("({page})")), "{page} is not in the index");
            }
        }
    };
}

recipes! {
    a_list_of_calls_to_return_is_sent "callbacks-by-mail.md"
    a_container_holds_the_tool "container.md"
    cron_keeps_legs "cron.md"
    airflow_keeps_legs "airflow.md"
    duckdb_reads_legs "duckdb.md"
    excel_reads_legs "excel.md"
    one_c_reads_legs "1c.md"
    partners_read_all_customers "partners.md"
    power_bi_finds_its_columns "power-bi.md"
    systemd_keeps_legs "systemd.md"
    windows_keeps_legs "windows-task.md"
}

/// The commands of the first page, in either language, with the emulator of the recipes in the place of that on its port.
#[test]
fn the_first_page_can_be_typed() {
    for page in ["README.md", "README.ru.md"] {
        let text = fs::read_to_string(folder().join("../..").join(page)).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix("$ calllegs"));
        // What serves does not end.
        let lines: Vec<_> = lines.filter(|line| !line.contains(" serve ")).collect();
        assert!(lines.len() >= 9, "{page}: {lines:?}");
        let home = home();
        // Not every machine has what reads JSON behind a pipe.
        let typed = |line: &&str| format!("calllegs{}\n", line.split(" | ").next().unwrap());
        let script = lines.iter().map(typed).collect::<Vec<_>>().concat();
        let told = shell(home.path(), &script).env("CALLLEGS_ENDPOINT", emulator().url()).output().unwrap();
        assert!(told.status.success(), "{page}: {}\n{script}", String::from_utf8_lossy(&told.stderr));
        assert!(home.path().join("month.parquet").exists() && home.path().join("calls.db").exists());
    }
}

#[test]
fn a_page_hides_nothing_that_is_not_run() {
    let page = "# A\n```sh\na\n```\n```ini file=b\nc\n```\n<!-- check needs d\ne\n-->\n";
    let run = |needs, text: &str| Step::Run(needs, text.to_owned());
    assert_eq!(
        steps(page).unwrap(),
        [run(None, "a\n"), Step::File("b", "c\n".to_owned()), run(Some("d"), "e\n")]
    );
    for bad in ["```ini\na\n```\n", "```sh untested\na\n```\n", "```sh\na\n", "```sh maybe\na\n```\n"] {
        assert!(steps(bad).is_err(), "{bad}");
    }
    assert!(steps("```sh untested\na\n```\nNot tested: a, it asks.\n").unwrap().is_empty());
}
