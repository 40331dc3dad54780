//! Places as flags and addresses name them: a table of another name, months, a lake with few files, runs.

use std::{path::Path, process::Command};

use calllegs_sandbox::{Clock, Sandbox};
use serde_json::Value;

use super::support::{Run, run, tool};

/// A week that is older than any look-back.
fn week() -> Sandbox {
    let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
    let builder = Sandbox::builder().seed(5).legs_per_day(40).clock(clock).minute_limit(None).day_limit(None);
    builder.since("2026-03-28".parse().unwrap()).until("2026-04-04".parse().unwrap()).start().unwrap()
}

fn at(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = tool(&["--brand", "sandbox", "--endpoint", &sandbox.url()]);
    command.args(words);
    command
}

fn printed(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[cfg(unix)]
#[test]
fn a_table_of_another_name_is_found_by_its_address() {
    let Some(server) = super::server::server() else { return };
    let (sandbox, url) = (week(), server.url("named"));
    let words =
        ["sync", "--since", "2026-03-28", "--to", &url, "--table", "named.legs", "--pg-partition", "month"];
    let told = run(&mut at(&sandbox, &words));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let mut client = server.client("named");
    let count = |table: &str, client: &mut postgres::Client| -> i64 {
        client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap().get(0)
    };
    let [march, april] = ["legs_2026_03", "legs_2026_04"].map(|table| count(table, &mut client));
    assert!(march > 0 && april > 0);

    let named = format!("{url}&table=legs");
    let shown = run(&mut tool(&["state", "show", "--json", "--data", &named]));
    assert_eq!(printed(&shown)[0]["legs"], march + april);
    assert_eq!(run(&mut at(&sandbox, &["verify", "--data", &named])).code, Some(0));
    let again = run(&mut at(&sandbox, &["sync", "--to", &named]));
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    run(&mut tool(&["state", "show", "--data", &url])).refused(10, &["the table legs", "?table=legs"]);
    for (to, words) in [("calls.db", ["--table", "legs"]), ("lake/", ["--pg-partition", "month"])] {
        run(at(&sandbox, &["sync", "--to", to]).args(words)).refused(2, &[words[0], "PostgreSQL"]);
    }
    run(&mut at(&sandbox, &["sync", "--to", &named, "--table", "other"])).refused(2, &["two tables"]);
}

/// Files of legs below a folder.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            let is_file = path.extension().is_some_and(|ending| ending == "parquet");
            if path.is_dir() { files(&path) } else { usize::from(is_file) }
        })
        .sum()
}

#[test]
fn a_lake_gets_a_file_for_each_date_and_keeps_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let place = format!("{}/", lake.display());
    let sandbox = week();
    let sync = |words: &[&str]| {
        let told = run(at(&sandbox, &["sync", "--to", &place]).args(words));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
    };
    sync(&["--from", "2026-03-28", "--till", "2026-03-29T12:00"]);
    sync(&["--from", "2026-03-29T12:00", "--till", "2026-03-31"]);
    assert_eq!(files(&lake), 5, "four dates, one of them in two halves");
    let compact = |words: &[&str]| run(tool(&["compact", "--data", &place]).args(words));
    let none = compact(&["--before", "2026-03-29"]);
    assert!(none.stdout.contains("0 dates put together"), "{none:?}");
    let one = compact(&["--json"]);
    assert_eq!(printed(&one)[0]["dates"], 1);
    assert_eq!(files(&lake), 4);
    assert_eq!(run(&mut at(&sandbox, &["verify", "--data", &place])).code, Some(0));
    run(&mut tool(&["compact", "--data", "calls.db"])).refused(2, &["no lake"]);
    run(&mut tool(&["compact", "--data", "nowhere/"])).refused(10, &["is not there"]);

    let runs = run(&mut tool(&["state", "runs", "--json", "--data", &place]));
    let runs = printed(&runs);
    let windows: u64 = runs.as_array().unwrap().iter().map(|run| run["windows"].as_u64().unwrap()).sum();
    assert_eq!(windows, 5, "{runs}");
    assert_eq!(runs[0]["version"], env!("CARGO_PKG_VERSION"));
    let table = run(&mut tool(&["state", "runs", "--data", &place]));
    assert!(table.stdout.contains("read at, UTC") && table.stdout.contains("sandbox:100001"), "{table:?}");
}

#[cfg(unix)]
#[test]
fn two_names_of_a_place_are_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = week();
    std::os::unix::fs::symlink("k.db", folder.path().join("kl.db")).unwrap();
    std::fs::create_dir(folder.path().join("lake")).unwrap();
    std::os::unix::fs::symlink("lake", folder.path().join("link")).unwrap();
    for (one, other) in [("k.db", "./k.db"), ("k.db", "kl.db"), ("lake/", "link"), ("lake:lake", "link/")] {
        let mut command = at(&sandbox, &["sync", "--since", "2026-03-28", "--to", one, "--to", other]);
        run(command.current_dir(folder.path())).refused(2, &["twice"]);
    }
    let mut held = calllegs_store::Sqlite::open(folder.path().join("k.db")).unwrap();
    calllegs_store::warehouse::Warehouse::lease(&mut held, "sandbox:1", "another").unwrap();
    let mut command = at(&sandbox, &["sync", "--since", "2026-03-28", "--to", "kl.db"]);
    run(command.current_dir(folder.path())).refused(13, &["another run"]);
}

#[test]
fn an_account_that_a_place_does_not_have_is_named_with_those_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = week();
    let [file, lake] = ["calls.db", "lake/"].map(|name| folder.path().join(name).display().to_string());
    let told = run(&mut at(&sandbox, &["sync", "--since", "2026-03-28", "--to", &file, "--to", &lake]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for words in [
        &["state", "show", "--data", &file][..],
        &["state", "windows", "--json", "--data", &lake],
        &["state", "reset", "--yes", "--from", "2026-03-28", "--data", &file],
        &["compact", "--data", &lake],
    ] {
        run(tool(words).args(["--account", "sandbox:100010"])).refused(2, &["did you mean sandbox:100001?"]);
        run(tool(words).args(["--account", "foo"])).refused(2, &["`foo`", "there are sandbox:100001"]);
    }
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let shown = run(tool(&["state", "show", "--data"]).arg(&empty));
    assert_eq!((shown.code, shown.stdout.as_str()), (Some(0), "there is nothing yet\n"), "{}", shown.stderr);
}

#[test]
fn an_address_that_is_no_place_is_told_without_its_password() {
    for (address, said) in [
        ("mysql://u:S3cretPw@h/db", &["mysql://", "postgres://", "sqlite:FILE"][..]),
        ("postgre://u:S3cretPw@h/db", &["did you mean postgres:?"]),
        ("postgres://u@h/db?tabel=legs", &["tabel", "did you mean table?"]),
        ("postgres://u@h/db?table=x.y.z", &["name of a table"]),
        (
            "postgres://u@h/db?schema=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            &["63 bytes"],
        ),
    ] {
        let told = run(&mut tool(&["--brand", "sandbox", "sync", "--to", address]));
        told.refused(2, said);
        assert!(!told.stderr.contains("S3cretPw"), "{}", told.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_schema_that_is_made_is_told_and_one_that_is_not_there_is_missed() {
    let Some(server) = super::server::server() else { return };
    let (sandbox, url) = (week(), server.url("told"));
    run(&mut tool(&["state", "show", "--data", &url])).refused(10, &["is not there"]);
    let first = run(&mut at(&sandbox, &["sync", "--since", "2026-03-28", "--to", &url]));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    for said in ["the schema \"told\" was made", "was made"] {
        assert!(first.stderr.contains(said), "{}", first.stderr);
    }
    let other = server.url("tolt");
    run(&mut tool(&["state", "show", "--data", &other])).refused(10, &["is not there"]);
    let months = run(&mut at(&sandbox, &["sync", "--to", &url, "--pg-partition", "month"]));
    assert_eq!(months.code, Some(0), "{}", months.stderr);
    assert!(months.stderr.contains("without partitions"), "{}", months.stderr);
}

/// Whatever would be written, and by whatever command.
#[test]
fn a_place_below_a_file_is_told_of_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("legs.csv");
    std::fs::write(&file, "id,start_time\n1,2026-02-27 10:00:00\n").unwrap();
    let (file, below) = (file.display().to_string(), |name: &str| file.join(name).display().to_string());
    for words in [
        &["--brand", "sandbox", "get", "--on", "2026-02-27", "-o", &below("a.csv")][..],
        &["--brand", "sandbox", "sync", "--on", "2026-02-27", "--to", &below("a.db")],
        &["--brand", "sandbox", "sync", "--on", "2026-02-27", "--to", &format!("{}/", below("lake"))],
        &["man", "--dir", &below("man")],
        &["redact", &file, "-o", &below("a.csv")],
    ] {
        run(&mut tool(words)).refused(10, &["is a file and no folder"]);
    }
}
