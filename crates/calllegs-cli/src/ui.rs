//! What people and programs see: standard error and output, tables, words for errors, the summary of a run. Not here: what
//! happens (`commands`).

pub(crate) mod bodies;
pub(crate) mod command_line;
pub(crate) mod diagnostics;
pub(crate) mod echo;
pub(crate) mod findings;
pub(crate) mod log;
pub(crate) mod outcome;
pub(crate) mod progress;
pub(crate) mod stdout;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod terminal;
pub(crate) mod text;
