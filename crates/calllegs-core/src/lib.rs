//! Messages and state machines of the Data API of CoMagic, UIS, Novofon and CallGear, without I/O.
//!
//! The API is JSON-RPC 2.0 over HTTPS POST; its method `get.call_legs_report` lists call legs, one row for every leg
//! of a call session. This crate knows its fields, filters, errors, limits and pages. It opens no socket, reads no
//! clock and spawns nothing: time, randomness and the network are arguments.
//!
//! # Three doors, each built on the one above it
//!
//! | door | for | begins with |
//! |---|---|---|
//! | messages | queues, tests, foreign HTTP clients | [`rpc::request`], [`Endpoint::http`], [`rpc::reply`] |
//! | machines | event loops of one's own | [`exchange::Exchange`], [`sweep::Sweep`] |
//! | client | applications | [`Client`], [`blocking::Client`], with a transport of `calllegs-hyper` or `calllegs-ureq` |
//!
//! A message from typed code:
//!
//! ```
//! use calllegs_core::{CallLegs, Order, Query, rpc};
//!
//! let query = Query::<CallLegs>::new("2026-03-02..2026-03-03".parse()?)
//!     .filter(CallLegs::IS_OPERATOR.equals(true) & CallLegs::DURATION.greater_than(30))
//!     .sort_by(CallLegs::START_TIME, Order::Ascending)
//!     .records_of((CallLegs::ID, CallLegs::START_TIME))
//!     .limit(100);
//!
//! let body = rpc::request(&query, &rpc::Identity::key("secret"), rpc::RequestId::new(1))?;
//! let sent: serde_json::Value = serde_json::from_slice(body.as_bytes()).unwrap();
//! assert_eq!(
//!     sent,
//!     serde_json::json!({
//!         "jsonrpc": "2.0",
//!         "id": 1,
//!         "method": "get.call_legs_report",
//!         "params": {
//!             "access_token": "secret",
//!             "offset": 0,
//!             "limit": 100,
//!             "date_from": "2026-03-02 00:00:00",
//!             "date_till": "2026-03-03 00:00:00",
//!             "filter": {"condition": "and", "filters": [
//!                 {"field": "is_operator", "operator": "=", "value": true},
//!                 {"field": "duration", "operator": ">", "value": 30},
//!             ]},
//!             "sort": [{"field": "start_time", "order": "asc"}],
//!             "fields": ["id", "start_time"],
//!         },
//!     })
//! );
//!
//! // The reply comes from anywhere.
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"metadata":{"total_items":1},
//!     "data":[{"id":11692454785,"start_time":"2026-03-02 10:15:04"}]}}"#;
//! let page = rpc::reply(&query, rpc::RequestId::new(1), reply)?;
//! assert_eq!(page.rows[0].id.unwrap().get(), 11_692_454_785);
//! # Ok::<(), calllegs_core::Error>(())
//! ```
//!
//! The fields of a leg are the constants of [`CallLegs`] and the members of [`CallLeg`].
//!
//! # Times
//!
//! A time of a row is what the clock of the account shows. With the account's zone it is a moment:
//!
//! ```
//! use calllegs_core::chrono::{FixedOffset, NaiveDateTime, TimeZone};
//!
//! # let start_time: NaiveDateTime = "2026-03-02T10:15:04".parse().unwrap(); // of a leg
//! let zone = FixedOffset::east_opt(3 * 3600).unwrap(); // or of `Accounts::TIMEZONE`, by `chrono_tz::Tz`
//! // An hour that the clock shows twice has two moments, one that it leaves out has none.
//! let moment = zone.from_local_datetime(&start_time).earliest();
//! assert_eq!(moment.unwrap().to_utc().to_string(), "2026-03-02 07:15:04 UTC");
//! ```
//!
//! The columns of `calllegs-arrow` have both.
//!
//! # What is not here
//!
//! HTTP clients, files, time zones (wall times are the account's own; docs/api.md Q1), Arrow, destinations.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `match` | local evaluation of the filter operator `regexp` |
//! | `stream` | the [rows](client::Rows) of the async client are a `futures_core::Stream` |
//! | `tracing` | a span for every attempt of a call, of target `calllegs`: its method and its number, never a value |

pub mod call;
pub mod client;
pub mod endpoint;
pub mod error;
pub mod exchange;
pub mod filter;
#[doc = include_str!("generated/FIELDS.md")]
pub mod generated;
pub mod limits;
mod metadata;
pub mod page;
pub mod pager;
pub mod projection;
pub mod query;
pub mod retry;
pub mod rpc;
pub mod schema;
pub mod session;
pub mod sweep;
mod trace;
pub mod transport;
pub mod value;
pub mod window;

// What stands in the public interface.
pub use bytes;
pub use chrono;
pub use http;

pub use client::{Client, blocking};
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind};
pub use exchange::{Account, Usage};
pub use filter::Filter;
#[doc(inline)]
pub use generated::{
    calls::{login_user::*, logout_user::*},
    enums::*,
    ids::*,
    mnemonics::Mnemonic,
    reports::{account::*, call_legs::*, customer_users::*},
};
pub use query::{Order, Page, Query};
pub use rpc::{Identity, RequestId};
pub use schema::Brand;
pub use session::Credentials;
pub use value::secret::AccessKey;
pub use window::Period;
