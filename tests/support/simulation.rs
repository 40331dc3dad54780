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
//! Not here: what the command line makes of it.

mod law;
mod spare;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use calllegs_core::{
    Account, Brand, CallLegs, Endpoint, Error, Period, Query,
    exchange::{Exchange, Step},
    limits::Gate,
    pager::Reach,
    projection::Records,
    retry::{Exponential, RetryPolicy},
    session::Credentials,
    sweep::{CallId, Checkpoint, PageCall, Sweep},
    transport::{Body, HttpResponse, TransportError, TransportErrorKind},
    value::{secret::AccessKey, secret::Password, wall_time},
    window::LONGEST_SLICE,
};
use calllegs_sandbox::{
    Answer, Bounds, Builder, Chaos, ClockChange, DateAppliesTo, Delivery, Emulator, Fault, HttpErrors, Ids,
    LimitsOf, ListingOrder, OffsetCap, Sandbox, Tz, Unfinished,
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::Value;

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

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A small generator, the same on every platform (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound.max(1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()].clone()
    }
}

/// Everything that a seed decides before the run begins.
#[expect(clippy::struct_excessive_bools, reason = "switches that are drawn one by one")]
struct Scenario {
    emulator: Emulator,
    period: Period,
    reach: Reach,
    by_session: bool,
    order: ListingOrder,
    clock_change: ClockChange,
    /// Legs in a thousand that are listed twice.
    repeats: u32,
    /// Hours around the period that the clock shows twice or never, if the program knows of them.
    changes: Vec<Period>,
    /// The program takes rows one by one, and may be killed between any two.
    one_by_one: bool,
    /// When it goes on, it says which rows it has.
    says_given: bool,
    /// Nothing goes wrong but what the switches and limits say.
    calm: bool,
    /// The limits are not what the server says they are.
    lying: bool,
    /// Totals are not what there is.
    lies: bool,
    /// Rows come without their session now and then.
    hides: bool,
    ahead: usize,
    login: bool,
    retries: u32,
    budget: Option<u32>,
    /// Points that the server has for a minute and for a day.
    points: [Option<u32>; 2],
    /// Milliseconds that an exchange takes at most.
    latency: u64,
    /// In percent of the pages: the program is killed.
    kill: u64,
}

impl Scenario {
    /// Faults and the server's points are left out where they are drawn.
    fn do_without(&mut self, spare: Spare) {
        let (from, till) = (self.period.from(), self.period.till());
        let middle = from + TimeDelta::seconds((till - from).num_seconds() / 2);
        match spare {
            Spare::Fault(_) => {}
            Spare::Kills => self.kill = 0,
            Spare::Login => self.login = false,
            Spare::Concurrency => self.ahead = 1,
            Spare::Latency => self.latency = 1,
            Spare::Limits => self.budget = None,
            Spare::LaterHalf => self.period = Period::new(from, middle).unwrap(),
            Spare::EarlierHalf => self.period = Period::new(middle, till).unwrap(),
        }
    }

    /// Whether where a row starts does not say which window lists it, or when.
    fn is_strange(&self) -> bool {
        self.by_session || self.order != ListingOrder::Asked || self.clock_change != ClockChange::Written
    }

    /// For whoever looks for the reason of a violation.
    fn describe(&self) -> String {
        let faults: Vec<_> = self.emulator.faults().map(ToString::to_string).collect();
        format!(
            "{:?}, {} rows a page, by session {}, order {}, clock {}, {} in a thousand twice, changes {:?}, one by one {}, says given {}, \
             {} in flight within {} ms, login {}, budget {:?}, points {:?}, \
             {} % kills, faults {faults:?}",
            self.period,
            self.reach.limit(),
            self.by_session,
            self.order.as_str(),
            self.clock_change.as_str(),
            self.repeats,
            self.changes,
            self.one_by_one,
            self.says_given,
            self.ahead,
            self.latency,
            self.login,
            self.budget,
            self.points,
            self.kill,
        )
    }
}

/// The worlds that seeds share.
fn worlds() -> &'static [Emulator] {
    static WORLDS: OnceLock<Vec<Emulator>> = OnceLock::new();
    WORLDS.get_or_init(|| {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let at = |hour, minute| day.pred_opt().unwrap().and_hms_opt(hour, minute, 7).unwrap();
        let hour = |year, month, day, hour, minute| {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            date.and_hms_opt(hour, minute, 0).unwrap()
        };
        let night = |zone, year, month, day| {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            Sandbox::builder().seed(11).zone(zone).until(date.succ_opt().unwrap()).days(2).legs_per_day(200)
        };
        let small = |days, legs| Sandbox::builder().seed(11).until(day).days(days).legs_per_day(legs);
        [
            small(2, 300),
            small(70, 100),
            small(1, 100).burst(at(12, 0), 500, 60).burst(at(12, 5), 90, 1),
            small(1, 100).burst(at(9, 0), 260, 1).burst(at(9, 1), 130, 1),
            small(3, 900),
            small(1, 100).burst(at(3, 0), 700, 7),
            // Nights in which the clock is put back by an hour, by half an hour, and forward.
            night(Tz::Europe__Berlin, 2025, 10, 26).burst(hour(2025, 10, 26, 2, 20), 300, 2000),
            night(Tz::America__New_York, 2025, 11, 2).burst(hour(2025, 11, 2, 1, 20), 300, 2000),
            night(Tz::Australia__Lord_Howe, 2025, 4, 6).burst(hour(2025, 4, 6, 1, 20), 300, 2000),
            night(Tz::Europe__Berlin, 2025, 3, 30).burst(hour(2025, 3, 30, 1, 40), 300, 2000),
        ]
        .map(|builder| builder.emulator().unwrap())
        .to_vec()
    })
}

/// Faults that can be met one by one; those that end a run for good are drawn more rarely by their own `n`.
const FAULTS: &[&str] = &[
    "minute-limit:p=0.1",
    "limits-missing",
    "limits-lying:p=0.2",
    "hour-limits",
    "token-expired:p=0.05",
    "http-429:p=0.1",
    "http-500:p=0.15",
    "http-502-html:p=0.1",
    "http-503:p=0.1",
    "reset:p=0.1",
    "slow-first-byte:p=0.2:ms=9000",
    "dribble:p=0.2",
    "hang:p=0.03",
    "truncate:p=0.1",
    "gzip-broken:p=0.1",
    "bad-json:p=0.1",
    "empty-body:p=0.1",
    "error-as-200:p=0.1",
    "internal-error:p=0.1",
    "result-null:p=0.1",
    "wrong-id:p=0.1",
    "bom:p=0.5",
    "dup-page:p=0.15",
    "overlap",
    "overlap:p=0.3:n=60",
    "lost-page:p=0.15",
    "total-drift:p=0.15",
    "total-wrong",
    "unsorted:p=0.3",
    "shuffled-ties",
    "new-field",
    "missing-field",
    "type-change",
    "unknown-reason",
    "null-everywhere:p=0.3",
    "huge-ids",
    "negative-duration",
    "day-limit:n=1:after=9",
    "token-blocked:n=1:after=7",
    "account-inactive:n=1:after=5",
    "total-drift",
    "dup-page:n=3",
    "lost-page:n=3:after=4",
];

fn scenario(dice: &mut Dice, spared: &Spared) -> Scenario {
    let world = dice.pick(worlds());
    let all = world.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    let limit = dice.pick(&[8, 10, 20, 50]);
    let reach = Reach::new(limit, limit * 10);
    // At most some forty pages of legs.
    let most = u64::from(limit) * 40;
    let first = dice.below(all.len() as u64);
    let last = (first + 1 + dice.below(most)).min(all.len() as u64 - 1);
    let at = |index: u64| all[usize::try_from(index).unwrap()].1;
    let before = TimeDelta::seconds(i64::try_from(dice.below(3)).unwrap());
    let tail = if dice.chance(20) { 40 * 86_400 } else { 3 };
    let after = TimeDelta::seconds(i64::try_from(dice.below(tail)).unwrap());
    let period = Period::new(at(first) - before, at(last) + after).unwrap();
    let by_session = dice.chance(20);
    let minute = dice.chance(50).then(|| u32::try_from(2 + dice.below(30)).unwrap());
    let day = dice.chance(10).then(|| u32::try_from(5 + dice.below(60)).unwrap());
    let points = if spared.has(Spare::Limits) { [None; 2] } else { [minute, day] };
    let order = if dice.chance(60) { ListingOrder::Asked } else { dice.pick(&ListingOrder::ALL) };
    let clock_change = dice.pick(&ClockChange::ALL);
    // Pages that share two rows can share two copies of one leg; real ones share twenty.
    let repeats = if dice.chance(15) && limit >= 20 { 30 } else { 0 };
    let knows_changes = dice.chance(50);
    let mut builder = builder(dice, limit, by_session)
        .minute_limit(points[0])
        .day_limit(points[1])
        .listing_order(order)
        .clock_change(clock_change)
        .repeats(repeats);
    let mut faults: Vec<String> = match dice.below(10) {
        0..=2 => Vec::new(),
        3 => Chaos::Mild.faults().iter().map(|fault| (*fault).to_owned()).collect(),
        4..=5 => Chaos::Rude.faults().iter().map(|fault| (*fault).to_owned()).collect(),
        _ => (0..=dice.below(3)).map(|_| dice.pick(FAULTS).to_owned()).collect(),
    };
    let mut number = 0;
    faults.retain(|_| {
        number += 1;
        !spared.has(Spare::Fault(number))
    });
    for fault in &faults {
        builder = builder.fault(fault.parse::<Fault>().unwrap());
    }
    let hides = ["missing-field", "null-everywhere", "type-change"];
    let lies = ["limits-lying", "minute-limit", "limits-missing", "day-limit", "hour-limits"];
    let mut scenario = Scenario {
        emulator: builder.over(&world),
        period,
        reach,
        by_session,
        order,
        clock_change,
        repeats,
        changes: Vec::new(),
        one_by_one: dice.chance(30),
        says_given: dice.chance(70),
        calm: faults.is_empty(),
        lying: faults.iter().any(|fault| lies.iter().any(|lie| fault.starts_with(lie))),
        lies: faults.iter().any(|fault| fault.starts_with("total-")),
        hides: faults.iter().any(|fault| hides.iter().any(|hidden| fault.starts_with(hidden))),
        ahead: usize::try_from(1 + dice.below(6)).unwrap(),
        login: dice.chance(40),
        retries: u32::try_from(3 + dice.below(5)).unwrap(),
        budget: dice.chance(15).then_some(u32::try_from(1 + dice.below(30)).unwrap()),
        points,
        latency: dice.pick(&[1, 300, 4000]),
        kill: if dice.chance(30) { 10 } else { 0 },
    };
    spared.iter().for_each(|spare| scenario.do_without(spare));
    scenario.changes = changes_near(scenario.period, knows_changes);
    scenario
}

/// The hours near the period that the clock of some world shows twice or never: where the program knows of them, and
/// where the period begins or ends in one, so that it has to.
fn changes_near(period: Period, known: bool) -> Vec<Period> {
    let change = |year, month, day, from: (u32, u32), till: (u32, u32)| {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let time = |(hour, minute)| date.and_hms_opt(hour, minute, 0).unwrap();
        Period::new(time(from), time(till)).unwrap()
    };
    let mut changes = vec![
        change(2025, 10, 26, (2, 0), (3, 0)),
        change(2025, 11, 2, (1, 0), (2, 0)),
        change(2025, 4, 6, (1, 30), (2, 0)),
        change(2025, 3, 30, (2, 0), (3, 0)),
    ];
    let touches = |hour: &Period| {
        let hour = hour.widened().widened();
        [period.from(), period.till()].iter().any(|bound| hour.from() <= *bound && *bound <= hour.till())
    };
    changes.retain(|hour| {
        touches(hour) || known && hour.from() <= period.till() && period.from() <= hour.till()
    });
    changes
}

fn builder(dice: &mut Dice, limit: u32, by_session: bool) -> Builder {
    Sandbox::builder()
        .seed(dice.roll())
        .reach(limit, limit * 10)
        .bounds(dice.pick(&Bounds::ALL))
        .date_applies_to(if by_session { DateAppliesTo::Session } else { DateAppliesTo::Leg })
        .http_errors(dice.pick(&[HttpErrors::Always200, HttpErrors::Status]))
        .ids(dice.pick(&[Ids::Number, Ids::Number, Ids::Text]))
        .limits_of(dice.pick(&[LimitsOf::Account, LimitsOf::Account, LimitsOf::Token, LimitsOf::Nobody]))
        .offset_cap(dice.pick(&[OffsetCap::Error, OffsetCap::Empty]))
        .unfinished(dice.pick(&[Unfinished::Hide, Unfinished::Show]))
}

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
struct Process {
    sweep: Sweep<CallLegs, Records>,
    account: Account,
    calls: BTreeMap<CallId, Exchange<PageCall<CallLegs, Records>>>,
    events: BTreeMap<(u64, u64), Event>,
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

/// Unix seconds when a run begins: long after the worlds' last leg.
const BEGINNING: i64 = 1_780_000_000;

/// The deadline of a transport, milliseconds.
const DEADLINE: u64 = 60_000;

/// Requests of a run at most, beside one per page: what faults and limits may cost.
const PATIENCE: u64 = 4000;

/// The longest wait: a minute and its margin, or the longest `Retry-After` that is honoured.
const LONGEST_WAIT: Duration = Duration::from_secs(62);

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
    simulation.live().map_err(|law| Violation(format!("seed {seed}: {law}\n  {said}")))?;
    Ok(simulation.report)
}

/// The legs of a row as the machine gives it.
fn key(row: &calllegs_core::CallLeg) -> (i64, NaiveDateTime) {
    (i64::try_from(row.id.unwrap().get()).unwrap(), row.start_time.unwrap())
}

impl Simulation {
    /// Starts the program, kills it now and then, starts it again, and judges the end.
    fn live(&mut self) -> Result<(), String> {
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
