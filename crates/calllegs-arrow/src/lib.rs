//! Call legs as Arrow columns: a page of the Data API becomes a record batch without rows in between, and batches become
//! Parquet, CSV, JSON Lines or an Arrow stream. Each writer is a feature with the name of its module; none is on by default.

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
pub mod schema;

mod decode;
#[cfg(any(feature = "ipc", feature = "parquet"))]
mod even;
mod gather;
mod generated;
mod instants;
mod leg;
#[cfg(any(feature = "csv", feature = "jsonl"))]
mod text;
mod zone;

pub use decode::Columns;
pub use gather::batches;
pub use leg::Leg;
pub use zone::Zone;
