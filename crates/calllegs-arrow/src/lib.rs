//! Call legs as Arrow columns: a page of the Data API becomes a record batch without rows in between, and batches become
//! Parquet, CSV, JSON Lines or an Arrow stream.
//!
//! [`Columns`] is what a query of `calllegs-core` selects; [`batches`] puts the legs of a page together again:
//!
//! ```
//! use calllegs_arrow::{Columns, batches, schema::Column};
//! use calllegs_core::{CallLegs, Query, RequestId, rpc};
//!
//! let columns = Columns::new(Column::all(), chrono_tz::Europe::Moscow).account("uis:1103");
//! let query = Query::<CallLegs>::new("2026-03-02..2026-03-03".parse()?).select(columns);
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[
//!     {"id":7,"start_time":"2026-03-02 10:15:04"},{"id":8,"start_time":"2026-03-02 10:15:09"}]}}"#;
//! let page = rpc::reply(&query, RequestId::new(1), reply)?; // or a page of a client
//! let batches = batches(&page.rows)?;
//! assert_eq!((batches.len(), batches[0].num_rows()), (1, 2));
//! assert_eq!(batches[0].schema().field(0).name(), "account");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! Each writer is a feature with the name of its module; none is on by default.
//!
//! | feature | writes |
//! |---|---|
//! | `csv` | CSV for programs, for Excel in English and Russian, for 1C |
//! | `ipc` | the Arrow IPC stream |
//! | `jsonl` | one JSON object a line, members that nobody documents at its end |
//! | `parquet` | Parquet files, and folders by account and date |
//! | `xlsx` | workbooks, with a sheet that explains the columns |

#[cfg(feature = "parquet")]
pub mod checksum;
#[cfg(feature = "csv")]
pub mod csv;
#[cfg(feature = "parquet")]
pub mod files;
#[cfg(feature = "ipc")]
pub mod ipc;
#[cfg(feature = "jsonl")]
pub mod jsonl;
pub mod origin;
#[cfg(feature = "parquet")]
pub mod parquet;
#[cfg(feature = "parquet")]
pub mod partition;
pub mod report;
pub mod schema;
#[cfg(feature = "xlsx")]
pub mod xlsx;

mod decode;
mod generated;
mod instants;
mod leg;
#[cfg(any(feature = "ipc", feature = "parquet"))]
mod rebatch;
mod regroup;
#[cfg(any(feature = "csv", feature = "jsonl", feature = "xlsx"))]
mod text;
mod zone;

pub use decode::Columns;
pub use leg::Leg;
pub use regroup::{batches, mapped};
pub use zone::Zone;
