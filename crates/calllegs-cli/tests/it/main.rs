//! The real binary, run as a user runs it, against the emulator or a server that misbehaves.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed, which is what it is for"
)]

mod commands;
mod companions;
#[cfg(unix)]
mod completions;
mod config;
mod cover;
mod customers;
mod failures;
mod files;
mod forms;
mod get;
mod golden;
mod hour;
mod json;
mod kept;
mod languages;
mod listings;
mod log;
mod on_demand;
mod orders;
mod output;
mod places;
mod plan;
mod points;
mod promises;
#[cfg(unix)]
mod recipes;
mod redact;
mod refusals;
mod report;
mod resume;
mod sandbox;
mod secrets;
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "it asks whether this is CI, as the tests of the store do")]
#[path = "../../../calllegs-store/tests/support/server.rs"]
mod server;
mod sql;
mod stats;
mod stub;
mod support;
mod sync;
mod tzif;
mod unknown;
mod values;
mod whose;
mod with;
mod words;
