//! Where call legs are kept: files and folders that appear whole, go on where they were stopped, and never replace more
//! than they bring; and the loop that reads a period into one.
//!
//! | module | what |
//! |---|---|
//! | [`destination`] | what every place can do, and in which order |
//! | [`export`] | a period into a place, async and blocking |
//! | [`FileDestination`] | CSV, JSON Lines, Parquet or an Arrow stream, also compressed |
//! | [`FolderDestination`] | Parquet by account and date |
//! | [`StreamDestination`] | a pipe or a buffer; nothing is kept |
//! | `conformance` | the suite that every destination has to pass (with the feature of that name) |
//!
//! A month into a Parquet file, resumable: run it again after whatever stopped it, and it goes on behind the rows that are
//! kept and pays for the rest alone.
//!
//! ```
//! use calllegs_arrow::Zone;
//! use calllegs_core::{Account, Period, blocking::Client, value::wall_time};
//! use calllegs_core::{session::Credentials, value::secret::AccessKey};
//! use calllegs_store::{Export, FileDestination};
//! use calllegs_ureq::{ThreadTimer, UreqTransport};
//!
//! # let folder = tempfile::tempdir()?;
//! # let sandbox = calllegs_sandbox::Sandbox::builder().seed(7).days(2).legs_per_day(500).start()?;
//! # let endpoint = sandbox.endpoint()?;
//! # let path = folder.path().join("march.parquet");
//! // let (endpoint, path) = (Endpoint::of(Brand::Uis), "march.parquet");
//! let account = Account::new(endpoint, Credentials::Key(AccessKey::new("sandbox-acme")));
//! let client = Client::new(UreqTransport::new()?, ThreadTimer, account);
//!
//! let time = |text| wall_time::parse(text).unwrap();
//! let days = Period::new(time("2026-02-27 00:00:00"), time("2026-03-01 00:00:00"))?;
//! let zone: Zone = chrono_tz::Europe::Moscow.into(); // that of the account
//! let export = Export::new(days, zone, chrono::Utc::now()).account("uis:1103");
//! let done = export.run_blocking(&client, FileDestination::new(&path)?, &mut ())?;
//! println!("{} legs in {}", done.rows, path.display());
//! # assert!(done.rows > 0 && path.exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod destination;
pub mod export;

mod error;
mod file;
mod findings;
mod folder;
mod format;

mod spec;
mod stream;
mod writer_thread;

pub use self::{
    destination::Destination,
    error::{Error, ErrorKind},
    export::Export,
    file::{AtomicFile, FileDestination, usual_mode},
    findings::Findings,
    folder::FolderDestination,
    format::{Compression, Format},
    spec::ExportSpec,
    stream::StreamDestination,
    writer_thread::WriterThread,
};
