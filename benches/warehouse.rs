//! Legs from pages in memory into databases that are there: PostgreSQL against its plain COPY, SQLite against a prepared
//! INSERT in one transaction. Both references write values that were made before; ours hashes rows, reads what is there,
//! and keeps the ledger. Not here: the server's disk, whose `fsync` is off for both.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints, and stops at the first surprise"
)]

#[cfg(unix)]
#[path = "../crates/calllegs-store/tests/support/server.rs"]
mod server;

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use calllegs_arrow::{Leg, Zone, origin::Origin};
use calllegs_benches::{Figure, FullPage};
use calllegs_core::{Period, rpc, value::wall_time};
use calllegs_store::{
    Destination as _, ExportSpec, Postgres, Sqlite, WindowsDestination,
    destination::{Page, Request},
    warehouse::Warehouse,
    windows::Shared,
};
use chrono::DateTime;
use rusqlite::{Connection, params_from_iter, types::Value};

/// Whose legs the pages are.
const ACCOUNT: &str = "uis:1103";

/// Each is measured so often, the others in between; the median counts.
const ROUNDS: usize = 5;

fn main() {
    // A debug build only shows that it runs.
    let pages = if cfg!(debug_assertions) { 1 } else { 10 };
    let pages: Vec<_> = FullPage::ask_many(pages)
        .into_iter()
        .map(|FullPage { body, columns, id, .. }| rpc::reply(&columns, id, &body).unwrap().rows)
        .collect();
    // As with criterion, a word on the command line leaves out what has another name.
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(&**word));
    #[cfg(unix)]
    if is_wanted("postgres") {
        match server::server() {
            Some(server) => postgres(server, &pages),
            None => println!("warehouse: there is no PostgreSQL (initdb) on this machine"),
        }
    }
    if is_wanted("sqlite") {
        sqlite(&pages);
    }
}

/// Reads the pages into a place that is leased.
fn load(place: &Shared, pages: &[Vec<Leg>]) {
    let time = |text| wall_time::parse(text).unwrap();
    let period = Period::new(time("2026-02-26 00:00:00"), time("2026-03-01 00:00:00")).unwrap();
    let spec = ExportSpec::default();
    let origin = Origin::new(ACCOUNT, &spec.written(), period);
    let now = DateTime::from_timestamp(calllegs_benches::NOW, 0).unwrap();
    let request =
        Request::new("bench", spec.written(), origin, (now, Zone::built_in("Europe/Moscow").unwrap()));
    let destination = Box::new(WindowsDestination::new([place.clone()], "run"));
    let mut writer = destination.open().unwrap().begin(request).unwrap().writer;
    for legs in pages {
        writer.write(Page { legs: legs.clone(), resume: None }).unwrap();
    }
    writer.commit().unwrap();
}

fn leased(mut place: impl Warehouse + 'static) -> Shared {
    place.lease(ACCOUNT, "run").unwrap();
    Shared::new(place)
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.swap_remove(times.len() / 2)
}

/// Prints a figure for each work, against the reference that stands first.
fn say<const N: usize>(rows: usize, reference: &str, works: [&str; N], mut rounds: Vec<[Duration; N]>) {
    // The first one warms up.
    rounds.remove(0);
    let time = |place: usize| median(rounds.iter().filter_map(|round| round.get(place).copied()).collect());
    for (place, work) in works.into_iter().enumerate().skip(1) {
        Figure { work, reference, bars: ("", "") }.ratio(rows as u64, time(place), time(0));
    }
}

#[cfg(unix)]
fn postgres(server: &server::Server, pages: &[Vec<Leg>]) {
    let url = server.url("bench");
    let place = leased(Postgres::open(&url).unwrap());
    let mut client = server.client("bench");
    load(&place, pages);
    // The end of a first load makes the indexes.
    place.lock().release(ACCOUNT);
    place.lock().lease(ACCOUNT, "run").unwrap();
    let mut copy = Vec::new();
    client.copy_out("COPY call_legs TO STDOUT (FORMAT binary)").unwrap().read_to_end(&mut copy).unwrap();
    let rows: i64 = client.query_one("SELECT count(*) FROM call_legs", &[]).unwrap().get(0);
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let mut sql = |sql: &str| client.batch_execute(sql).unwrap();
        let empty = "TRUNCATE call_legs, _calllegs_windows";
        sql(empty);
        let first = timed(|| load(&place, pages));
        sql("VACUUM ANALYZE call_legs");
        let unchanged = timed(|| load(&place, pages));
        sql("UPDATE call_legs SET cl_row_hash = 0, employee_rating = -1 WHERE id % 100 = 0");
        let changed = timed(|| load(&place, pages));
        let made = timed(|| {
            let place = leased(Postgres::open(&server.url(&format!("bench_{round}"))).unwrap());
            load(&place, pages);
            place.lock().release(ACCOUNT);
        });
        sql(empty);
        let plain = timed(|| {
            let mut writer = client.copy_in("COPY call_legs FROM STDIN (FORMAT binary)").unwrap();
            copy.chunks(1 << 16).for_each(|chunk| writer.write_all(chunk).unwrap());
            assert_eq!(writer.finish().unwrap().cast_signed(), rows);
        });
        rounds.push([plain, first, made, unchanged, changed]);
    }
    let works = [
        "",
        "pages → PostgreSQL, first load",
        "pages → PostgreSQL, tables made too",
        "pages → PostgreSQL, nothing changed",
        "pages → PostgreSQL, 1 % changed",
    ];
    say(usize::try_from(rows).unwrap(), "binary COPY of the same rows, same table", works, rounds);
}

fn sqlite(pages: &[Vec<Leg>]) {
    let folder = tempfile::tempdir_in(calllegs_benches::folder()).unwrap();
    let (mut rounds, mut count) = (Vec::new(), 0);
    for round in 0..=ROUNDS {
        let path = folder.path().join(format!("{round}.db"));
        let place = leased(Sqlite::open(&path).unwrap());
        let first = timed(|| load(&place, pages));
        let unchanged = timed(|| load(&place, pages));
        drop(place);
        // The same values into the same table.
        let ours = Connection::open(&path).unwrap();
        let mut tables =
            ours.prepare("SELECT sql FROM sqlite_master WHERE tbl_name = 'call_legs' AND sql > ''").unwrap();
        let tables: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut select = ours.prepare("SELECT * FROM call_legs ORDER BY start_time").unwrap();
        let columns = select.column_count();
        let values = select.query_map([], |row| (0..columns).map(|place| row.get(place)).collect());
        let values: Vec<Vec<Value>> = values.unwrap().map(Result::unwrap).collect();
        count = values.len();
        let theirs = Connection::open(folder.path().join("plain.db")).unwrap();
        theirs.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;").unwrap();
        theirs.execute_batch("DROP TABLE IF EXISTS call_legs").unwrap();
        theirs.execute_batch(&tables.join(";")).unwrap();
        let plain = timed(|| {
            theirs.execute_batch("BEGIN").unwrap();
            let places = vec!["?"; columns].join(",");
            let mut insert = theirs.prepare(&format!("INSERT INTO call_legs VALUES ({places})")).unwrap();
            for row in &values {
                insert.execute(params_from_iter(row)).unwrap();
            }
            theirs.execute_batch("COMMIT").unwrap();
        });
        rounds.push([plain, first, unchanged]);
    }
    let works = ["", "pages → SQLite, first load", "pages → SQLite, nothing changed"];
    say(count, "a prepared INSERT of the same rows, one transaction", works, rounds);
}
