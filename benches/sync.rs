//! `calllegs sync` as it is shipped, into a PostgreSQL of its own without `fsync`: end to end from a server that answers
//! from memory, with dlt taking turns where Python is asked for (`CALLLEGS_PEERS`); a partner's hundred accounts by one
//! worker and by three, against a run for each account. Not here: memory (`memory`), the load alone (`warehouse`).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints, and stops at the first surprise"
)]

#[cfg(unix)]
#[path = "../crates/calllegs-store/tests/support/server.rs"]
mod server;

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use calllegs_benches::{Canned, Figure, call_centre, tool};

/// About so many legs in 90 days.
const LEGS_PER_DAY: u32 = 7_450;

/// Days of the world.
const DAYS: u32 = 90;

/// Clients of the partner, and the legs of all of them in a day.
const CLIENTS: u32 = 100;
const CLIENTS_LEGS: u32 = 10_000;

/// Days of the clients.
const CLIENTS_DAYS: u32 = 10;

#[cfg(not(unix))]
fn main() {
    println!("sync: PostgreSQL is started on Unix alone");
}

#[cfg(unix)]
fn main() {
    let Some(tool) = tool() else { return };
    let Some(server) = server::server() else {
        println!("sync: there is no PostgreSQL (initdb) on this machine");
        return;
    };
    end_to_end(&tool, server);
    partner(&tool, server);
}

/// How long a program takes, which has to end well or, with customers that are not ready, incomplete.
fn timed(command: &mut Command) -> Duration {
    let begun = Instant::now();
    let done = command.stdin(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(matches!(done.status.code(), Some(0 | 9)), "{:?}: {told}", done.status);
    begun.elapsed()
}

fn sync(tool: &Path, endpoint: &str, key: &str, place: &str, since: &str) -> Command {
    let mut command = Command::new(tool);
    command.args(["--brand", "sandbox", "--endpoint", endpoint, "-q", "sync", "--tz", "Europe/Moscow"]);
    command.args(["--to", place, "--since", since]).env("CALLLEGS_TOKEN", key);
    command
}

/// Ours and theirs by turns, the best of three of each; each into a schema of its own.
#[cfg(unix)]
fn end_to_end(tool: &Path, server: &server::Server) {
    let canned = Canned::start(call_centre(DAYS, LEGS_PER_DAY), false);
    let count = |schema: &str| -> i64 {
        server.client(schema).query_one("SELECT count(*) FROM call_legs", &[]).unwrap().get(0)
    };
    let ours = |round: &str| {
        let schema = format!("ours_{round}");
        let time = timed(&mut sync(tool, &canned.url(), "sandbox-acme", &server.url(&schema), "2025-12-01"));
        (time, count(&schema))
    };
    // The first one fills the memory of the server.
    let (_, rows) = ours("first");
    let (time, _) = (0..3).map(|round| ours(&round.to_string())).min().unwrap();
    let figure = |reference, bars| Figure { work: "`sync --to postgres://…`, first load", reference, bars };
    let rows_read = u64::try_from(rows).unwrap();
    figure("M rows/s", ("", ""))
        .say(&calllegs_benches::rate(rows_read, time), "absolute; server on the same cores");
    let Some(python) = env::var_os("CALLLEGS_PEERS") else { return };
    let theirs = || {
        let mut command = Command::new(&python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/dlt_rest_api.py"));
        let address = server.url("");
        let folder = address.split_once("?host=").unwrap().1.split_once('&').unwrap().0;
        command.arg(canned.url()).arg(folder);
        let begun = Instant::now();
        let told = command.stderr(Stdio::inherit()).output().unwrap();
        let loaded = String::from_utf8_lossy(&told.stdout).trim().parse::<i64>();
        assert_eq!(loaded, Ok(rows), "a peer that loads other rows is none");
        begun.elapsed()
    };
    let theirs = (0..2).map(|_| theirs()).min().unwrap();
    figure("dlt, rest_api → Postgres", ("10", "30")).ratio(rows_read, time, theirs);
}

/// A hundred accounts by one process, by three, and by a process for each.
#[cfg(unix)]
fn partner(tool: &Path, server: &server::Server) {
    let world = call_centre(CLIENTS_DAYS, CLIENTS_LEGS).agency(CLIENTS);
    let sandbox = world.start().unwrap();
    let endpoint = format!("http://{}/v2.0", sandbox.address());
    let since = "2026-02-19";
    let command = |schema: &str| sync(tool, &endpoint, "sandbox-hundred", &server.url(schema), since);
    let mut listed = Command::new(tool);
    listed.args(["--brand", "sandbox", "--endpoint", &endpoint, "-q", "accounts", "--json"]);
    let listed = listed.env("CALLLEGS_TOKEN", "sandbox-hundred").output().unwrap();
    let customers: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let users: Vec<String> =
        customers.as_array().unwrap().iter().map(|it| it["users"][0]["id"].to_string()).collect();
    // Doors that are closed end one-account runs otherwise than well.
    let each: Duration = users
        .iter()
        .map(|user| {
            let begun = Instant::now();
            command("each").args(["--user-id", user]).stdin(Stdio::null()).output().unwrap();
            begun.elapsed()
        })
        .sum();
    let one = timed(command("one").arg("--all-customers"));
    let begun = Instant::now();
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let mut worker = command("three");
            worker.arg("--all-customers").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            worker.spawn().unwrap()
        })
        .collect();
    for mut worker in workers {
        worker.wait().unwrap();
    }
    let three = begun.elapsed();
    let count = |schema: &str| -> i64 {
        server.client(schema).query_one("SELECT count(*) FROM call_legs", &[]).unwrap().get(0)
    };
    let rows = count("one");
    // The client that dies half-way answers its pages only once: whoever comes first has them.
    for other in [count("three"), count("each")] {
        assert!(rows.abs_diff(other) * 10 < rows.unsigned_abs(), "a way that loads other rows is none");
    }
    let reference = "the sum of a run for each";
    let figure = |work, bars| Figure { work, reference, bars };
    let rows = u64::try_from(rows).unwrap();
    figure("`sync --all-customers`, 100 accounts, one worker", ("1.5", "2")).ratio(rows, one, each);
    figure("the same by three workers", ("3", "6")).ratio(rows, three, each);
}
