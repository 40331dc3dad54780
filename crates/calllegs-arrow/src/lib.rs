//! Call legs as Arrow columns: a page of the Data API becomes a record batch without rows in between, and batches become
//! Parquet, CSV, JSON Lines or an Arrow stream.

pub mod schema;

mod decode;
mod gather;
mod generated;
mod instants;
mod leg;

pub use decode::Columns;
pub use gather::batches;
pub use leg::Leg;
