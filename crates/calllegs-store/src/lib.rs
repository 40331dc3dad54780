//! Where call legs are kept: files and folders that appear whole, go on where they were stopped, and never replace more
//! than they bring; and the loop that reads a period into one.
//!
//! | module | what |
//! |---|---|
//! | [`destination`] | what every place can do, and in which order |
//! | [`export`] | a period into a place, async and blocking |
//! | [`FileDestination`] | CSV, JSON Lines, Parquet or an Arrow stream, also compressed |
//! | [`FolderDestination`] | Parquet by account and date |
//! | [`Sqlite`], [`Postgres`], [`Lake`] | tables, or Parquet by account and date, with a ledger, kept up to date (features `sqlite`, `postgres`) |
//! | [`ledger`], [`warehouse`], [`windows`] | which windows a place has and what is due; what such a place can do; rows as windows |
//! | [`listings`] | other listings than legs in such a place, each in a table or folder of its own |
//! | [`ledger_check`], [`verify`] | a ledger held against the rows of its place; such a place held against the API |
//! | [`redact`], [`redact_check`] | legs without numbers, names and recordings; what is left of them in a place |
//! | [`Reading`] | what any of these wrote, as batches |
//! | [`Companion`], [`JoinTable`], [`JoinedWriter`] | legs with columns of their session, or of what they cost |
//! | [`StreamDestination`] | a pipe or a buffer; nothing is kept |
//! | `conformance` | the suite that every destination has to pass (with the feature of that name) |
//!
//! A month into a Parquet file, resumable: run it again after whatever stopped it, and it goes on behind the rows that are
//! kept and pays for the rest alone.
//!
//! ```
//! use calllegs_core::{AccessKey, Account, blocking::Client};
//! use calllegs_store::{Export, FileDestination};
//! use calllegs_ureq::UreqTransport;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("march.parquet");
//! # let sandbox = calllegs_sandbox::Sandbox::builder().seed(7).days(2).legs_per_day(500).start()?;
//! # let endpoint = sandbox.endpoint()?;
//! // let (endpoint, path) = (Brand::Uis, "march.parquet");
//! let account = Account::new(endpoint, AccessKey::new("sandbox-acme"));
//! let client = Client::new(UreqTransport::new()?, account);
//!
//! let zone = chrono_tz::Europe::Moscow; // that of the account, which `get.account` tells
//! let export = Export::new("2026-02-27..2026-03-01".parse()?, zone, chrono::Utc::now()).account("uis:1103");
//! let done = export.run_blocking(&client, FileDestination::new(&path)?, &mut ())?;
//! println!("{} legs, {} of them kept by an earlier run", done.rows, done.resumed.unwrap_or_default());
//! # assert!(done.rows > 0 && path.exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same over an async client: [`Export::run`] with `.await`, on any runtime. Somebody who looks on is an
//! [`Observer`](export::Observer), and [`Stop`](export::Stop) ends it from elsewhere with everything kept:
//!
//! ```
//! # async fn example(client: &calllegs_core::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use calllegs_store::{Export, FolderDestination, export::{Seen, Stop}};
//!
//! let stop = Stop::default();
//! let export = Export::new("2026-03-01..2026-04-01".parse()?, chrono_tz::Europe::Moscow, chrono::Utc::now());
//! let mut observer = |seen: Seen<'_>| eprintln!("{} legs, {} points", seen.rows, seen.sweep.tally().points);
//! // elsewhere: stop.request()
//! let ended = export.stopped_by(&stop).run(client, FolderDestination::new("legs"), &mut observer).await;
//! if let Err(error) = &ended {
//!     eprintln!("{error}");
//! }
//! # Ok(()) }
//! ```

//!
//! A table that stays complete: what is due by its ledger is read, and rows and windows change in one transaction. Run it
//! again whenever there may be something new, and after whatever stopped it:
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use calllegs_core::{AccessKey, Account, blocking::Client};
//! use calllegs_store::{Export, Sqlite, WindowsDestination, ledger::Schedule, windows::{Shared, run_id}};
//! use calllegs_ureq::UreqTransport;
//! use chrono::TimeDelta;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("calls.db");
//! # let sandbox = calllegs_sandbox::Sandbox::builder().seed(7).days(2).legs_per_day(500).start()?;
//! # let endpoint = sandbox.endpoint()?;
//! # let now: chrono::DateTime<chrono::Utc> = "2026-03-01T09:00:00Z".parse()?;
//! // let (endpoint, path, now) = (Brand::Uis, "calls.db", chrono::Utc::now());
//! let client = Client::new(UreqTransport::new()?, Account::new(endpoint, AccessKey::new("sandbox-acme")));
//! let (account, zone, schedule) = ("uis:1103", chrono_tz::Europe::Moscow, Schedule::default());
//! let clock = calllegs_arrow::Zone::from(zone);
//!
//! let (calls, run) = (Shared::new(Sqlite::open(path)?), run_id(now));
//! calls.lock().lease(account, &run)?;
//! let since = clock.wall(now) - TimeDelta::days(30);
//! let due = calls.lock().ledger(account)?.due(Some(since), clock.wall(now), &schedule, |window| clock.wall(window.fetched_at));
//! for period in due {
//!     let windows = WindowsDestination::new([calls.clone()], &run).settle(schedule.settle);
//!     Export::new(period, zone, now).account(account).run_blocking(&client, windows, &mut ())?;
//! }
//! calls.lock().release(account);
//! assert_eq!(calls.lock().ledger(account)?.complete_until(), Some(clock.wall(now) - schedule.settle));
//! # Ok(())
//! # }
//! # #[cfg(feature = "sqlite")]
//! # example()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod destination;
pub mod export;
pub mod lake;
pub mod ledger;
pub mod ledger_check;
pub mod listings;
#[cfg(feature = "postgres")]
mod postgres;
pub mod redact;
pub mod redact_check;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod verify;
pub mod warehouse;
pub mod windows;

mod cells;
mod change;
mod companion;
mod digest;
mod error;
mod file;
mod findings;
mod folder;
mod format;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod found;
mod joined;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod layout;
mod listing_spec;
mod listing_writer;
mod read;
mod row_hash;
mod rows;
mod spec;
mod stream;
mod wanted;
mod writer_thread;

#[cfg(feature = "postgres")]
pub use self::postgres::Postgres;
#[cfg(feature = "sqlite")]
pub use self::sqlite::Sqlite;
pub use self::{
    companion::Companion,
    destination::Destination,
    error::{Error, ErrorKind},
    export::Export,
    file::{AtomicFile, FileDestination, resolved, usual_mode},
    findings::Findings,
    folder::FolderDestination,
    format::{Compression, Format},
    joined::{JoinRows, JoinTable, JoinedWriter, Unmatched},
    lake::Lake,
    ledger::Ledger,
    listing_spec::ListingSpec,
    listing_writer::ListingWriter,
    read::Reading,
    row_hash::content_hash,
    spec::{ExportSpec, RowSpec},
    stream::StreamDestination,
    wanted::Wanted,
    windows::WindowsDestination,
    writer_thread::WriterThread,
};
