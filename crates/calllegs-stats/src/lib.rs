//! Numbers a manager can trust, from call legs: legs become sessions (calls), sessions become metrics.
//!
//! | module | what |
//! |---|---|
//! | [`table`] | results: named tables whose quotients are exact decimals |
//! | [`shape`] | which results there are, and their columns |
//! | [`report`] | results for people: a page, a workbook (feature `report`) |
//! | [`parameters`] | what may be chosen: the answer goal, what a short abandon is, windows |
//! | [`sql`] | the same as SQL of six engines; computed in a database (feature `store`) |
//! | [`By`] | what results are split by |
//! | [`Metric`] | what the metrics mean, in words |
//! | [`ReasonClass`] | why rings end, by what helps |
//! | [`erlang`] | how many people or lines a load needs |
//! | [`Analysis`] | legs of Arrow batches in, in one pass and any order, results out |
//! | [`Calls`] | calls one by one, in figures that the vendor's report of sessions has too |
//!
//! Not here: how legs are read from the API or kept.

pub mod erlang;
pub mod parameters;
#[cfg(feature = "report")]
pub mod report;
pub mod shape;
pub mod sql;
pub mod table;

mod analysis;
mod calls;
mod error;
mod language;
mod legs;
mod metric;
mod names;
mod parts;
mod reason_class;
mod reason_words;
mod session;
mod split;
mod tally;

pub use self::{
    analysis::{Analysis, Finish, Results},
    calls::{CallFigures, Calls},
    error::Error,
    language::Language,
    legs::{COLUMNS, NEEDED},
    metric::Metric,
    names::name_in_words,
    parameters::Parameters,
    reason_class::ReasonClass,
    reason_words::reason_in_words,
    shape::Shape,
    split::By,
    table::{Cell, Decimal, Table},
    tally::{After, GroupTransfer, HalfHour, MissedCall, ServiceLevel, ServiceLevelVariant, Summary},
};
