//! Numbers a manager can trust, from call legs: legs become sessions (calls), sessions become metrics.
//!
//! | module | what |
//! |---|---|
//! | [`table`] | results: named tables whose quotients are exact decimals |
//! | [`shape`] | which results there are, and their columns |
//! | [`parameters`] | what may be chosen: the answer goal, what a short abandon is, windows |
//! | [`sql`] | the same as SQL of six engines; computed in a database (feature `store`) |
//!
//! Not here: how legs are read from the API or kept.

pub mod parameters;
pub mod shape;
pub mod sql;
pub mod table;

pub use self::{
    parameters::Parameters,
    shape::Shape,
    table::{Cell, Decimal, Table},
};
