//! Numbers a manager can trust, from call legs: legs become sessions (calls), sessions become metrics.
//!
//! | module | what |
//! |---|---|
//! | [`table`] | results: named tables whose quotients are exact decimals |
//! | [`shape`] | which results there are, and their columns |
//! | [`report`] | results for people: a page, a workbook (features `report`, `xlsx`) |
//! | [`parameters`] | what may be chosen: the answer goal, what a short abandon is, windows |
//!
//! Not here: how legs are read from the API or kept.

pub mod parameters;
#[cfg(feature = "report")]
pub mod report;
pub mod shape;
pub mod table;

pub use self::{
    parameters::Parameters,
    shape::Shape,
    table::{Cell, Decimal, Table},
};
