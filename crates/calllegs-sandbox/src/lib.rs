//! Emulator of the Data API of CoMagic, UIS, Novofon and CallGear: answers as the documentation says, offline.
//!
//! ```
//! use std::{io::{Read, Write}, net::TcpStream};
//! use calllegs_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::builder().seed(7).days(1).start()?;
//! let body = r#"{"jsonrpc":"2.0","id":1,"method":"get.call_legs_report","params":{"access_token":"sandbox-acme",
//!     "date_from":"2026-02-28 00:00:00","date_till":"2026-03-01 00:00:00","limit":1}}"#;
//! let mut stream = TcpStream::connect(sandbox.address())?;
//! write!(stream, "POST /v2.0 HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
//!     body.len())?;
//! let mut reply = String::new();
//! stream.read_to_string(&mut reply)?;
//! assert!(reply.starts_with("HTTP/1.1 200 OK"));
//! assert!(reply.contains("\"call_session_id\":51"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Two layers: [`Emulator`] is a pure function of the time and a request, for simulations; [`Sandbox`] is a server
//! around it in a thread of its own, one per test, stopped when dropped. [`Builder`] has the options of both. Legs that
//! are not over by the time of a request are not there yet, so a simulation moves through the made-up days by its clock.
//!
//! # What it answers
//!
//! Every reading method. Names, types, flags, operators and error codes come from the tables of `calllegs-core` and
//! `calllegs-reports`, so a brand differs here exactly as its pages do: a field that a brand's page leaves out is
//! `unexpected_parameters`, a method `method_not_found`. `/openrpc.json` and the method `rpc.discover` have these tables as
//! an `OpenRPC` document.
//!
//! | method | rows |
//! |---|---|
//! | `get.call_legs_report` | the legs |
//! | `get.calls_report` | the sessions of the legs, as the simulation knows them; visitors and campaigns are null |
//! | `get.financial_call_legs_report` | the legs to a number outside that were answered, with prices of the seed |
//! | `get.employees`, `get.group_employees`, `get.scenarios`, `get.virtual_numbers`, `get.sip_lines`, `get.statuses`, `get.tags` | whoever and whatever legs name, with the same ids, and what belongs to them |
//! | `get.account`, `getobj.account`, `get.customers`, `get.customer_users` | the parties below |
//! | any other `get.` | none: parameters are checked as everywhere, and [`Entry::remark`] says so |
//!
//! `login.user` and `logout.user` open and end sessions. Methods that change something are refused with the reason, any
//! other name is `method_not_found`. A filter by `jsquery` is refused: nobody evaluates it here. Rows of a
//! [file](Builder::data) are legs only, and have no sessions, charges or employees.
//!
//! | who | how | legs |
//! |---|---|---|
//! | Acme, a client | key `sandbox-acme`, or login `demo` with password `demo` | all |
//! | Agency, a partner | key `sandbox-agency`; `get.customer_users` lists its customers' users | of the customer whose user `user_id` names |
//! | a partner with many clients, with [`Builder::agency`] | key `sandbox-hundred` | the same; [`Sandbox::customers`] tells which of them are not sound |
//!
//! # Worlds and their truth
//!
//! A [`World`] is simulated call by call: callers arrive, go through menus, wait, give up and ring again; employees have
//! shifts, breaks and phones; calls are passed on, listened to, made from lists and called back. What happens is noted
//! when it is decided, so [`Sandbox::truth_sessions`] and [`Sandbox::truth_metrics`] are what sessions and metrics that
//! are computed from legs can be compared with. Two edges to know: a period counts the calls that begin in it with all
//! their legs, so of served rows take the sessions that the truth lists; and calls that begin before
//! [`Builder::since`] or at or after [`Builder::until`] are in no truth, although legs of the former may be served.
//! `halves` has quotients that are exact halves, `tiny` twenty calls that can be counted by hand.
//!
//! # Time
//!
//! The server has a [`Clock`] of its own, which every answer carries in its header `Date`. It can be faster than the real
//! one or stand still, and is moved on by [`Sandbox::advance`] or by the address `clock`: what comes late by
//! [`Builder::late_data`] is seen without waiting. Rows are there up to [`Builder::until`] however the clock stands.
//!
//! Where the documentation is silent, the answer is a switch: [`Bounds`], [`DateAppliesTo`], [`OffsetCap`],
//! [`FutureDates`], [`LimitsOf`], [`HttpErrors`], [`Unfinished`], [`Ids`], [`ClockChange`], [`ListingOrder`],
//! [`Builder::repeats`] and [`Builder::min_age`]. The defaults are what
//! was reported, else the safest reading. A program that passes its tests with every answer does not depend on luck.
//!
//! # What goes wrong
//!
//! [`Fault`] lists everything that can be made to go wrong, [`Chaos`] has two fixed mixes of it. The seed decides when.
//! [`Emulator::exchange`] says with each [`Answer`] how its bytes go out; [`Sandbox`] carries that out on a socket.
//!
//! # Control and reading back
//!
//! The library's own calls, and on the server these addresses, unless [`Builder::admin`] hides them:
//!
//! | address | does |
//! |---|---|
//! | `GET /__sandbox/` | a page for people: what is served, how to ask, the last requests |
//! | `GET /__sandbox/requests?since=N` | the journal after request number `N` as JSON Lines, without keys |
//! | `GET /__sandbox/stats` | the sums of the journal |
//! | `GET /__sandbox/truth?from=&till=` | id and start of every leg of Acme between two times, as JSON Lines; other fields with `fields=id,employee_rating`, of a client with `user_id=`, rows of another method with `method=get.employees` |
//! | `GET /__sandbox/truth/employees?from=&till=` | cost and talk of every employee, counted while calls are played, as JSON Lines: [`EmployeeTruth`] |
//! | `GET /__sandbox/truth/sessions?from=&till=` | what became of each made-up call, as JSON Lines: [`SessionTruth`]; of a client with `user_id=` |
//! | `GET /__sandbox/truth/metrics?from=&till=` | the metrics D1 to D14 of these calls; also `answer_within=`, `short_abandon=`, `callback_window=`, `repeat_window=` in seconds |
//! | `GET /__sandbox/clock` | the clock: `now` in UTC, `local` by the sandbox's zone |
//! | `POST /__sandbox/clock` | moves it on, `{"advance":"26h"}`, or puts it, `{"set":"2026-03-02T10:00:00"}` |
//! | `GET /__sandbox/customers` | the clients of all partners with their users and conditions, as JSON Lines |
//! | `GET /__sandbox/new-field` | the member of every row that no page documents |
//! | `POST /__sandbox/new-field` | puts it, `{"name":"ai_score"}`, or ends it, `{"name":null}` |
//! | `GET /__sandbox/faults` | the faults in force, as a JSON array of texts |
//! | `POST /__sandbox/faults` | replaces them by such an array |
//! | `POST /__sandbox/reset` | empties the journal, gives back all points, ends all sessions; the clock stays |
//!
//! # What is not here
//!
//! Recordings, rows of the reports that are empty above, writing. Nothing here is a secret: the keys open made-up data.

mod accounts;
mod admin;
mod agency;
mod answer;
mod clock;
mod clocked;
mod companions;
mod denial;
mod disorder;
mod emulator;
mod error;
mod fault;
mod journal;
mod jsonb;
mod lateness;
mod listing;
mod methods;
mod new_field;
mod openrpc;
mod options;
mod page;
mod params;
mod quota;
mod random;
mod read;
mod report;
mod request;
mod server;
mod store;
mod switches;
mod table;
mod truth;
mod view;
mod world;

pub use crate::{
    agency::{Condition, Customer},
    answer::{Answer, Delivery},
    clock::{Clock, ClockError},
    emulator::Emulator,
    error::{Error, ErrorKind},
    fault::{Chaos, FAULTS, Fault, FaultError, FaultGroup, FaultInfo},
    journal::{Entry, Stats},
    new_field::{NewField, NewFieldError},
    options::Builder,
    server::Sandbox,
    switches::{
        Bounds, ClockChange, DateAppliesTo, FutureDates, HttpErrors, Ids, LimitsOf, ListingOrder, OffsetCap,
        Unfinished,
    },
    truth::{EmployeeTruth, SessionTruth, TruthQuery},
    world::World,
};
pub use chrono_tz::Tz;
