//! What each command does. Not here: how its flags are read (`cli`), how things are said (`ui`).

pub(crate) mod accounts;
pub(crate) mod auth;
pub(crate) mod compact;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod get;
pub(crate) mod init;
pub(crate) mod limits;
pub(crate) mod manual;
pub(crate) mod numbers;
pub(crate) mod plan;
pub(crate) mod redact;
pub(crate) mod report;
pub(crate) mod sandbox;
pub(crate) mod sql;
pub(crate) mod state;
pub(crate) mod stats;
pub(crate) mod sync;
pub(crate) mod tables;
pub(crate) mod verify;

mod companions;
mod customers;
mod export;
mod shown;
