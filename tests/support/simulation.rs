//! A deterministic simulation: the real machines of core against the emulator, on a virtual clock, without sockets.
//!
//! A seed decides everything: the world, the period, switches, faults, limits, latencies, how many calls are in flight,
//! and when the program is killed and started again. What happens is compared with laws that hold for any seed:
//!
//! - the outcome is complete and exact, or an error, and then every missing row lies in a gap that is named;
//! - no row is given twice, and rows come in the order of their starts where the server selects by them;
//! - no rule of the API is broken: the emulator refuses nothing but what a fault makes it refuse;
//! - no wait is longer than the server's own reset, or its `Retry-After`, or the longest pause of the policy;
//! - the calls stay within a bound, and the run ends;
//! - a run that was killed goes on from its last checkpoint, and both together are exact.
//!
//! This is for legs; [`shapes`] has listings of other shapes. Not here: what the command line makes of it.

mod dice;
mod law;
mod run;
mod scenario;
pub mod shapes;
mod spare;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    time::Instant,
};

use calllegs_core::{Period, window::LONGEST_SLICE};
use chrono::NaiveDateTime;

use self::{
    dice::Dice,
    scenario::{Scenario, scenario},
};
pub use spare::{Spare, Spared, shrink, smallest};

/// What a seed led to, when no law was broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Whether a missing row is forgiven: totals lie, and there is no order either.
    pub blind: bool,
    /// Rows that were given in the end.
    pub rows: usize,
    /// Requests that the emulator saw.
    pub requests: u64,
    /// Pages and windows that were asked again.
    pub rereads: u64,
    /// Windows that could not be read whole.
    pub gaps: usize,
    /// Times that the program was killed and started again.
    pub kills: u32,
    /// Times that it went on from an earlier second than it could have.
    pub returns: u32,
    /// How it ended.
    pub end: End,
}

/// How a simulated run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum End {
    /// Every row that existed was given.
    #[default]
    Complete,
    /// Gaps are named.
    Gaps,
    /// The server, its limits or the network ended it.
    Error,
}

/// A law that a seed broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(String);

impl Violation {
    fn of(seed: u64, law: &str, said: &str) -> Self {
        Self(format!("seed {seed}: {law}\n  {said}"))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
struct Simulation {
    scenario: Scenario,
    dice: Dice,
    base: Instant,
    /// Milliseconds since the beginning.
    now: u64,
    sequence: u64,
    /// Rows in the order in which they were given.
    given: Vec<(i64, NaiveDateTime)>,
    /// Rows that were given last as if they were still going on.
    partial: BTreeSet<i64>,
    /// The row that was lost.
    lost_id: Option<i64>,
    /// The row that the program loses, counted among those that it gets.
    lost: Option<usize>,
    /// Some start of the program said that rows are out of order.
    disordered: bool,
    /// Rows that existed when their slice was asked for first.
    owed: BTreeMap<i64, NaiveDateTime>,
    slices: VecDeque<Period>,
    requests: u64,
    rereads: u64,
    report: Report,
}

/// Runs one seed.
///
/// # Errors
/// The law that it broke.
pub fn run(seed: u64) -> Result<Report, Violation> {
    run_without(seed, &Spared::NOTHING)
}

/// Runs one seed with a program that loses a row on the way to its file: the laws must not hold.
///
/// # Errors
/// The law that it broke.
pub fn run_losing(seed: u64, row: usize) -> Result<Report, Violation> {
    run_with(seed, &Spared::NOTHING, Some(row))
}

/// The scenario of a seed, in words.
pub fn describe(seed: u64, spared: &Spared) -> String {
    scenario(&mut Dice(seed), spared).describe()
}

/// Runs one seed without what it is spared.
///
/// # Errors
/// The law that it broke.
pub fn run_without(seed: u64, spared: &Spared) -> Result<Report, Violation> {
    run_with(seed, spared, None)
}

fn run_with(seed: u64, spared: &Spared, lost: Option<usize>) -> Result<Report, Violation> {
    let mut dice = Dice(seed);
    let scenario = scenario(&mut dice, spared);
    let slices = scenario.period.slices(LONGEST_SLICE).collect();
    let mut simulation = Simulation {
        scenario,
        dice,
        base: Instant::now(),
        now: 0,
        sequence: 0,
        given: Vec::new(),
        partial: BTreeSet::new(),
        disordered: false,
        lost_id: None,
        lost,
        owed: BTreeMap::new(),
        slices,
        requests: 0,
        rereads: 0,
        report: Report::default(),
    };
    let said = simulation.scenario.describe();
    simulation.live().map_err(|law| Violation::of(seed, &law, &said))?;
    Ok(simulation.report)
}
