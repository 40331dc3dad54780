//! Every reading method of the Data API that `calllegs-core` does not have itself, a module each: the listing with its
//! fields as typed constants, the record of its rows, and records of what is nested in them.
//!
//! ```
//! use calllegs_core::{Order, Query, RequestId, rpc};
//! use calllegs_reports::{calls_report::CallsReport, employees::Employees};
//!
//! // What the server would refuse does not compile.
//! let lost = Query::<CallsReport>::new("2026-03-02..2026-03-03".parse()?)
//!     .filter(CallsReport::IS_LOST.equals(true))
//!     .sort_by(CallsReport::START_TIME, Order::Ascending);
//! let body = rpc::request(&lost, &rpc::Identity::key("key"), RequestId::new(1))?;
//! assert!(!body.as_bytes().is_empty());
//!
//! // What is nested has a type, and its JSON.
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[
//!     {"id":7,"coach":{"coach_id":8},"groups":[{"group_id":1,"group_name":"Sales"}]}]}}"#;
//! let page = rpc::reply(&Query::<Employees>::all(), RequestId::new(1), reply)?;
//! let employee = &page.rows[0];
//! assert_eq!(employee.coach.as_ref().unwrap().coach_id, Some(8.into()));
//! let groups = employee.groups.as_ref().unwrap();
//! assert_eq!(groups[0].group_name.as_deref(), Some("Sales"));
//! assert_eq!(groups.json().get(), r#"[{"group_id":1,"group_name":"Sales"}]"#);
//! # Ok::<(), calllegs_core::Error>(())
//! ```
//!
//! ```compile_fail
//! use calllegs_reports::calls_report::CallsReport;
//! let filter = CallsReport::START_TIME.equals(chrono::NaiveDateTime::default()); // the server refuses it
//! ```
//!
//! [`METHODS`] is the same for code that learns names at run time, as tools do; [`ALL`] has those of the core too. A client
//! reads the listing of any of them whole, whatever its shape:
//!
//! ```
//! use calllegs_core::{Error, Query, blocking::Client, schema::{AnyListing, Shape}};
//!
//! fn print(client: &Client, name: &str) -> Result<(), Error> {
//!     let Some(method) = calllegs_reports::method(name) else { return Ok(()) };
//!     for row in client.sweep(Query::<AnyListing>::of(method))? {
//!         println!("{}", row?.get()); // a listing that is not complete ends with an error
//!     }
//!     Ok(())
//! }
//!
//! assert_eq!(calllegs_reports::method("employees").unwrap().shape(), Shape::Offset);
//! assert_eq!(calllegs_reports::method("get.calls_report").unwrap().shape(), Shape::Hops);
//! ```
#![doc = include_str!("generated/METHODS.md")]
//!
//! # What is not here
//!
//! Legs, accounts and customers, which `calllegs-core` has, and every method that changes something.

// Tables of fields name each type with its path, whether the module uses it or not.
#![allow(rustdoc::redundant_explicit_links)]

mod generated;

pub use generated::*;

use calllegs_core::schema::MethodInfo;

/// The reading method of this name, with or without `get.`: `calls_report`, `get.call_legs_report`.
pub fn method(name: &str) -> Option<&'static MethodInfo> {
    let object = name.strip_prefix("get.").unwrap_or(name);
    let is_meant = |method: &&&MethodInfo| method.name.strip_prefix("get.") == Some(object);
    ALL.iter().find(is_meant).copied()
}
