//! The emulator as its users see it: requests in, replies out, time as an argument.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests state what they expect")]

mod access;
mod admin;
mod agency;
mod bursts;
mod clock;
mod companions;
mod data;
mod delivery;
mod errors;
mod faults;
mod huge;
mod limits;
mod listing;
mod openrpc;
mod server;
mod support;
mod switches;
mod truth;
mod window;
mod world;
