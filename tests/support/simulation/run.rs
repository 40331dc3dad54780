//! How a run goes: the program starts, calls, is killed and starts again, and requests and replies take their time.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use calllegs_core::{
    Account, Brand, CallLegs, Endpoint, Error, Query,
    exchange::{Exchange, Step},
    limits::Gate,
    projection::Records,
    retry::{Exponential, RetryPolicy},
    session::Credentials,
    sweep::{CallId, Checkpoint, PageCall, Sweep},
    transport::{Body, HttpResponse, TransportError, TransportErrorKind},
    value::{secret::AccessKey, secret::Password, wall_time},
};
use calllegs_sandbox::{Answer, Delivery, ListingOrder};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;

use super::Simulation;

/// Unix seconds when a run begins: long after the worlds' last leg.
const BEGINNING: i64 = 1_780_000_000;

/// The deadline of a transport, milliseconds.
const DEADLINE: u64 = 60_000;

/// Requests of a run at most, beside one per page: what faults and limits may cost.
const PATIENCE: u64 = 4000;

/// The longest wait: a minute and its margin, or the longest `Retry-After` that is honoured.
const LONGEST_WAIT: Duration = Duration::from_secs(62);

/// Something that happens at a moment.
enum Event {
    /// The request reaches the server.
    Evaluate(CallId, Vec<u8>),
    /// The reply, or what became of it, reaches the client.
    Arrive(CallId, Result<HttpResponse, TransportError>),
    /// The call asked to be polled now.
    Poll(CallId),
}

/// One start of the program, until it ends or is killed.
pub(super) struct Process {
    pub(super) sweep: Sweep<CallLegs, Records>,
    pub(super) account: Account,
    calls: BTreeMap<CallId, Exchange<PageCall<CallLegs, Records>>>,
    events: BTreeMap<(u64, u64), Event>,
}

/// The legs of a row as the machine gives it.
fn key(row: &calllegs_core::CallLeg) -> (i64, NaiveDateTime) {
    (i64::try_from(row.id.unwrap().get()).unwrap(), row.start_time.unwrap())
}

impl Simulation {
    /// Starts the program, kills it now and then, starts it again, and judges the end.
    pub(super) fn live(&mut self) -> Result<(), String> {
        let mut checkpoint: Option<(Checkpoint, usize)> = None;
        loop {
            let mut process = self.start(checkpoint.as_ref().map(|(checkpoint, _)| checkpoint.clone()))?;
            let ended = self.process(&mut process, &mut checkpoint)?;
            self.rereads += process.sweep.tally().rereads;
            self.disordered |= process.sweep.tally().disordered;
            match ended {
                Ended::Killed => {
                    self.report.kills += 1;
                    self.given.truncate(checkpoint.as_ref().map_or(0, |(_, rows)| *rows));
                    checkpoint = checkpoint.map(|(checkpoint, _)| self.forget_some(checkpoint));
                }
                Ended::Finished => return self.judge(&process, None),
                Ended::Failed(error) => return self.judge(&process, Some(&error)),
            }
        }
    }

    /// Some programs keep less than the checkpoint speaks of: whole days.
    fn forget_some(&mut self, checkpoint: Checkpoint) -> (Checkpoint, usize) {
        let kept = self.given.len() as u64;
        if kept > 0 && self.dice.chance(50) {
            let midnight = checkpoint.at().date().into();
            if let Some(earlier) = checkpoint.back_to(midnight) {
                self.given.retain(|(_, start)| *start < midnight);
                self.report.returns += 1;
                return (earlier, self.given.len());
            }
        }
        (checkpoint, self.given.len())
    }

    fn start(&mut self, checkpoint: Option<Checkpoint>) -> Result<Process, String> {
        let credentials = if self.scenario.login {
            Credentials::Login { login: "demo".into(), password: Password::new("demo") }
        } else {
            Credentials::Key(AccessKey::new("sandbox-acme"))
        };
        let gate =
            self.scenario.budget.map_or_else(Gate::default, |points| Gate::default().with_budget(points));
        let account = Account::new(Endpoint::of(Brand::Uis), credentials).with_gate(gate);
        let query = Query::<CallLegs>::new(self.scenario.period)
            .records_of((CallLegs::ID, CallLegs::START_TIME, CallLegs::DURATION))
            .around(self.scenario.changes.clone());
        let sweep = match checkpoint {
            None => Sweep::new(query),
            Some(checkpoint) => {
                let kept = serde_json::to_string(&checkpoint).map_err(|error| error.to_string())?;
                let kept: Checkpoint = serde_json::from_str(&kept).map_err(|error| error.to_string())?;
                let given = self.given.iter().map(|(id, _)| *id).filter(|_| self.scenario.says_given);
                Sweep::resume(query, kept.with_given(given))
            }
        };
        let sweep = sweep.map_err(|refusal| refusal.to_string())?.with_reach(self.scenario.reach);
        let sweep = sweep.ahead(self.scenario.ahead);
        Ok(Process { sweep, account, calls: BTreeMap::new(), events: BTreeMap::new() })
    }

    fn process(
        &mut self,
        process: &mut Process,
        checkpoint: &mut Option<(Checkpoint, usize)>,
    ) -> Result<Ended, String> {
        loop {
            while let Some((id, call)) = process.sweep.next_call() {
                let policy = Exponential::default().at_most(self.scenario.retries);
                process.calls.insert(id, Exchange::new(call, Arc::new(policy)));
                self.after(process, 0, Event::Poll(id));
            }
            let Some(((at, _), event)) = process.events.pop_first() else {
                return if process.sweep.is_finished() {
                    Ok(Ended::Finished)
                } else {
                    Err("nothing happens any more, and the period is not read".to_owned())
                };
            };
            self.now = self.now.max(at);
            match event {
                Event::Evaluate(id, body) => self.evaluate(process, id, &body)?,
                Event::Arrive(id, outcome) => {
                    let (now, entropy) = (self.instant(), self.dice.roll());
                    if let Some(call) = process.calls.get_mut(&id) {
                        call.receive(now, entropy, outcome, &mut process.account);
                        self.after(process, 0, Event::Poll(id));
                    }
                }
                Event::Poll(id) => {
                    let now = self.instant();
                    let Some(call) = process.calls.get_mut(&id) else { continue };
                    match call.poll(now, &mut process.account) {
                        Step::Send(request) => {
                            let body = request.into_body().into_bytes().to_vec();
                            let latency = self.dice.below(self.scenario.latency);
                            self.after(process, latency, Event::Evaluate(id, body));
                        }
                        Step::Wait(until) => {
                            let wait = until.saturating_duration_since(now);
                            if wait > LONGEST_WAIT {
                                return Err(format!("a wait of {wait:?}"));
                            }
                            let wait = u64::try_from(wait.as_millis()).unwrap() + 1;
                            self.after(process, wait, Event::Poll(id));
                        }
                        Step::Done(outcome) => {
                            process.calls.remove(&id);
                            if let Some(ended) = self.landed(process, id, outcome, checkpoint) {
                                return Ok(ended);
                            }
                        }
                    }
                }
            }
        }
    }

    fn landed(
        &mut self,
        process: &mut Process,
        id: CallId,
        outcome: Result<<PageCall<CallLegs, Records> as calllegs_core::call::Call>::Reply, Error>,
        checkpoint: &mut Option<(Checkpoint, usize)>,
    ) -> Option<Ended> {
        let page = match outcome {
            Ok(page) => page,
            Err(error) => {
                return process.sweep.absorb_error(id, error, Some(Brand::Uis)).err().map(Ended::Failed);
            }
        };
        process.sweep.absorb(id, page);
        let dies = self.report.kills < 3 && self.dice.chance(self.scenario.kill);
        // A program that takes rows one by one may die with some of them in its hands.
        let mut left = if dies && self.scenario.one_by_one { self.dice.below(30) } else { u64::MAX };
        while left > 0
            && let Some(row) = process.sweep.next_row()
        {
            left -= 1;
            let (id, start) = key(&row);
            self.lost = match self.lost {
                Some(0) => {
                    self.lost_id = Some(id);
                    None
                }
                Some(rows) => Some(rows - 1),
                None => None,
            };
            if self.lost_id == Some(id) {
                continue;
            }
            self.given.push((id, start));
            if row.duration.is_some() {
                self.partial.remove(&id)
            } else {
                self.partial.insert(id)
            };
        }
        if let Some(point) = process.sweep.checkpoint() {
            *checkpoint = Some((point, self.given.len()));
        }
        dies.then_some(Ended::Killed)
    }

    /// The request is at the server: it answers as of now, and the answer goes on its way.
    fn evaluate(&mut self, process: &mut Process, id: CallId, body: &[u8]) -> Result<(), String> {
        self.requests += 1;
        // Without a stable order, a page at a time is what it takes.
        let patience = if self.scenario.order == ListingOrder::Shuffled { 5 * PATIENCE } else { PATIENCE };
        if self.requests > patience {
            return Err("the calls do not end".to_owned());
        }
        let seconds = BEGINNING + i64::try_from(self.now / 1000).unwrap();
        self.owe(body);
        let answer = self.scenario.emulator.exchange(seconds, body);
        let entry = self.scenario.emulator.journal().last().unwrap();
        if let Some(refused) = entry.refused.as_deref().filter(|_| entry.fault.is_none()) {
            // A program that has just started knows nothing of the points that are left.
            let begins = process.sweep.tally().pages == 0;
            let limits = refused == "limit_exceeded" && (self.scenario.lying || begins);
            let session = refused.starts_with("access_token_") && self.scenario.login;
            if !limits && !session {
                return Err(format!("the server refused a call: {refused}, {entry:?}"));
            }
        }
        let (wait, outcome) = self.delivered(answer);
        self.after(process, wait, Event::Arrive(id, outcome));
        Ok(())
    }

    /// Takes note of the rows of a slice when it is asked for the first time: those are owed.
    fn owe(&mut self, body: &[u8]) {
        let body: Value = serde_json::from_slice(body).unwrap();
        let Some(till) = body["params"]["date_till"].as_str().and_then(|text| wall_time::parse(text).ok())
        else {
            return;
        };
        while let Some(slice) = self.slices.front().copied() {
            // The window ends in this slice, or in its margin.
            let begun = till > slice.from() + TimeDelta::seconds(1);
            if !begun {
                break;
            }
            self.slices.pop_front();
            let emulator = &self.scenario.emulator;
            if self.scenario.changes.is_empty() || self.scenario.by_session {
                self.owed.extend(emulator.legs(slice.from(), slice.till()));
            } else {
                // Both passes of an hour that the clock shows twice, whichever of them the server means by a bound.
                let all = emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX).into_iter();
                self.owed.extend(all.filter(|(_, start)| slice.contains(*start)));
            }
        }
    }

    /// What a transport makes of an answer, and when.
    fn delivered(&mut self, answer: Answer) -> (u64, Result<HttpResponse, TransportError>) {
        let lost = |kind| Err(TransportError::new(kind, "simulated"));
        let mut response = HttpResponse::new(Body::new(answer.body));
        *response.status_mut() = answer.status.try_into().unwrap();
        if let Some(seconds) = answer.retry_after {
            response.headers_mut().insert("retry-after", seconds.into());
        }
        let latency = self.dice.below(self.scenario.latency);
        let late = |milliseconds: u64, outcome| {
            if milliseconds > DEADLINE {
                (DEADLINE, lost(TransportErrorKind::Timeout))
            } else {
                (milliseconds, outcome)
            }
        };
        match answer.delivery {
            Delivery::Whole => (latency, Ok(response)),
            Delivery::Late { milliseconds } => late(latency + milliseconds, Ok(response)),
            Delivery::Dribbled { piece, milliseconds } => {
                let pieces = response.body().as_bytes().len().div_ceil(piece.max(1)) as u64;
                late(latency + pieces * milliseconds, Ok(response))
            }
            Delivery::Cut { .. } | Delivery::Closed | Delivery::BrokenGzip => {
                (latency, lost(TransportErrorKind::Interrupted))
            }
            Delivery::Never | _ => (DEADLINE, lost(TransportErrorKind::Timeout)),
        }
    }

    fn after(&mut self, process: &mut Process, milliseconds: u64, event: Event) {
        self.sequence += 1;
        process.events.insert((self.now + milliseconds, self.sequence), event);
    }

    fn instant(&self) -> Instant {
        self.base + Duration::from_millis(self.now)
    }
}

/// How a start of the program ended.
enum Ended {
    Finished,
    Failed(Error),
    Killed,
}
