//! Listings of every shape, read from a server in miniature whose rows come and go, whose pages are wrong now and then,
//! and whose order is what it likes.
//!
//! The laws are those of the simulation of legs: a sweep that says that it is complete gave every row that was there all
//! the time, and none twice; what it does not have, it names; it ends; and where nothing goes wrong it is complete. Not
//! here: transports, limits and sessions, which the simulation of legs has.

mod server;

use std::collections::{BTreeMap, BTreeSet};

use calllegs_core::{
    Period, Query, RequestId,
    projection::JsonRows,
    rpc::{self, Identity},
    schema::{AnyListing, Shape},
    sweep::{Checkpoint, Sweep, forecast_of},
};
use serde_json::Value;

use self::server::Server;
use super::{End, Violation, dice::Dice};

/// Calls of a run at most.
const PATIENCE: u64 = 6000;

/// What a seed led to, when no law was broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Read {
    /// Rows that were given in the end.
    pub rows: usize,
    /// Calls that were made.
    pub calls: u64,
    /// Times that the program was killed and started again.
    pub kills: u32,
    /// How it ended.
    pub end: End,
}

type AnySweep = Sweep<AnyListing, JsonRows>;

/// Runs one seed.
///
/// # Errors
/// The law that it broke.
pub fn run(shape: Shape, seed: u64) -> Result<Read, Violation> {
    run_losing(shape, seed, None)
}

/// Runs one seed with a program that loses a row: the laws must not hold.
///
/// # Errors
/// The law that it broke.
pub fn run_losing(shape: Shape, seed: u64, lost: Option<usize>) -> Result<Read, Violation> {
    let mut dice = Dice(seed ^ (shape as u64) << 56);
    let server = Server::draw(&mut dice, shape);
    let said = server.describe();
    let mut run = Run { dice, server, given: Vec::new(), calls: 0, kills: 0, lost };
    run.live().map_err(|law| Violation::of(seed, &law, &format!("{shape}: {said}")))
}

/// Whether a lost row would be forgiven: where totals lie, or an order that changes has no identities, nothing tells.
pub fn is_blind(shape: Shape, seed: u64) -> bool {
    Server::draw(&mut Dice(seed ^ (shape as u64) << 56), shape).is_blind()
}

/// Calls that a listing of so many rows is forecast to take, and those that it takes where nothing goes wrong; `None` where
/// the shape has no such table. Pages hold 10 rows, and offsets end at 100.
///
/// # Errors
/// When it does not come out.
pub fn cost(shape: Shape, table: usize, rows: u64) -> Option<Result<(u64, u64), String>> {
    let server = Server::calm(shape, table, rows)?;
    let period = server.period.unwrap_or(Period::NONE);
    let told = forecast_of(server.method, period, rows, server.reach).calls;
    let mut run = Run { dice: Dice(1), server, given: Vec::new(), calls: 0, kills: 0, lost: None };
    let read = run.start(None).and_then(|mut sweep| run.read(&mut sweep, &mut None));
    let is_whole = run.given.len() as u64 == rows;
    Some(read.and_then(|_| is_whole.then_some((told, run.calls)).ok_or_else(|| format!("{rows} rows"))))
}

struct Run {
    dice: Dice,
    server: Server,
    /// The rows that the program has.
    given: Vec<Value>,
    calls: u64,
    kills: u32,
    lost: Option<usize>,
}

impl Run {
    fn live(&mut self) -> Result<Read, String> {
        let mut kept: Option<(Checkpoint, usize)> = None;
        loop {
            let mut sweep = self.start(kept.as_ref().map(|(checkpoint, _)| checkpoint.clone()))?;
            if self.read(&mut sweep, &mut kept)? {
                return self.judge(&sweep);
            }
            self.kills += 1;
            self.given.truncate(kept.as_ref().map_or(0, |(_, rows)| *rows));
        }
    }

    fn start(&mut self, checkpoint: Option<Checkpoint>) -> Result<AnySweep, String> {
        let query = Query::<AnyListing>::of(self.server.method);
        let query = match self.server.period {
            Some(period) => query.within(period),
            None => query,
        };
        let sweep = match checkpoint {
            None => Sweep::new(query),
            Some(checkpoint) => {
                let text = serde_json::to_string(&checkpoint).map_err(|error| error.to_string())?;
                let kept: Checkpoint = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                let ids = self.given.iter().filter_map(|row| self.server.id(row));
                Sweep::resume(query, kept.with_given(ids))
            }
        };
        let sweep = sweep.map_err(|refusal| refusal.to_string())?;
        Ok(sweep.with_reach(self.server.reach).ahead(1 + self.dice.index(3)))
    }

    /// Reads until the sweep has ended. `false`: the program was killed.
    fn read(&mut self, sweep: &mut AnySweep, kept: &mut Option<(Checkpoint, usize)>) -> Result<bool, String> {
        let mut out = Vec::new();
        loop {
            while let Some(call) = sweep.next_call() {
                out.push(call);
            }
            if out.is_empty() {
                if !sweep.is_finished() {
                    return Err("nothing is asked any more, and the listing is not read".to_owned());
                }
                return Ok(true);
            }
            let (id, call) = out.swap_remove(self.dice.index(out.len()));
            self.calls += 1;
            if self.calls > PATIENCE {
                return Err("the calls do not end".to_owned());
            }
            if self.server.fails(&mut self.dice) {
                sweep.forget_call(id);
                continue;
            }
            let number = RequestId::new(self.calls);
            let body =
                rpc::request(&call, &Identity::key("key"), number).map_err(|error| error.to_string())?;
            let body: Value = serde_json::from_slice(body.as_bytes()).map_err(|error| error.to_string())?;
            let reply = self.server.answer(&mut self.dice, &body)?;
            let page = rpc::reply(&call, number, reply.as_bytes()).map_err(|error| error.to_string())?;
            sweep.absorb(id, page);
            let dies = self.kills < 3 && self.dice.chance(self.server.kill);
            while let Some(row) = sweep.next_row() {
                self.given.push(serde_json::from_str(row.get()).map_err(|error| error.to_string())?);
            }
            if let Some(checkpoint) = sweep.checkpoint() {
                *kept = Some((checkpoint, self.given.len()));
            }
            if dies {
                return Ok(false);
            }
        }
    }

    fn judge(&mut self, sweep: &AnySweep) -> Result<Read, String> {
        let tally = sweep.tally();
        if self.kills == 0 && tally.rows != self.given.len() as u64 {
            return Err(format!("{} rows are there and {} were given", self.given.len(), tally.rows));
        }
        if let Some(lost) = self.lost.filter(|lost| *lost < self.given.len()) {
            self.given.remove(lost);
        }
        let is_complete = sweep.is_complete();
        if is_complete != sweep.shortfall().is_none() {
            return Err("what is complete is said to be short, or the other way round".to_owned());
        }
        let count = |rows: &mut dyn Iterator<Item = String>| {
            let mut counts = BTreeMap::<String, u64>::new();
            rows.for_each(|row| *counts.entry(row).or_default() += 1);
            counts
        };
        let given = count(&mut self.given.iter().map(ToString::to_string));
        for (row, times) in &given {
            let most = self.server.most.get(row).copied().unwrap_or_default();
            if *times > most && !self.server.is_blind() {
                return Err(format!("{row} was given {times} times and was there {most} times"));
            }
        }
        let ids: Vec<_> = self.given.iter().filter_map(|row| self.server.id(row)).collect();
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            return Err("rows were given twice".to_owned());
        }
        if is_complete && !self.server.is_blind() {
            for (row, times) in &self.server.least {
                if given.get(row).copied().unwrap_or_default() < *times {
                    return Err(format!("{row} is missing, and nothing says so"));
                }
            }
        }
        if self.server.is_calm() && !is_complete {
            return Err(format!("gaps where nothing went wrong: {:?}", tally.gaps));
        }
        let end = if is_complete { End::Complete } else { End::Gaps };
        Ok(Read { rows: self.given.len(), calls: self.calls, kills: self.kills, end })
    }
}

/// Whether the period has it; everything does where there is none.
fn is_within(period: Option<Period>, at: chrono::NaiveDateTime) -> bool {
    period.is_none_or(|period| period.contains(at))
}
