//! Numbers a manager can trust, from call legs: legs become sessions (calls), sessions become metrics.
//!
//! | module | what |
//! |---|---|
//! | [`table`] | results: named tables whose quotients are exact decimals |
//! | [`shape`] | which results there are, and their columns |
//! | [`parameters`] | what may be chosen: the answer goal, what a short abandon is, windows |
//! | [`Analysis`] | legs of Arrow batches in, in one pass and any order, results out |
//!
//! Not here: how legs are read from the API or kept.

pub mod parameters;
pub mod shape;
pub mod table;

mod analysis;
mod error;
mod legs;
mod names;
mod session;
mod tally;

pub use self::{
    analysis::{Analysis, Finish, Results},
    error::Error,
    legs::{COLUMNS, NEEDED},
    parameters::Parameters,
    shape::Shape,
    table::{Cell, Decimal, Table},
    tally::{After, MissedCall, ServiceLevel, ServiceLevelVariant, Summary},
};
