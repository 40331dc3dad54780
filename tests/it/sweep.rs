//! Whole periods: complete, or a gap with a name. A server in miniature answers: pages of 10 rows, offsets up to 100.

mod copies;
mod order;
mod resume;
mod windows;

use std::collections::BTreeSet;

use calllegs_core::{
    CallLegs, Period, Query, blocking,
    pager::Reach,
    projection::Records,
    rpc::{self, Identity, RequestId},
    sweep::{Checkpoint, Sweep, Tally},
    value::wall_time,
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use crate::{period, time};

const DAY: (&str, &str) = ("2026-03-02 00:00:00", "2026-03-03 00:00:00");

/// Sweeps a period with a script; the rows, the tally and the error at the end.
fn sweep(
    from: &str,
    till: &str,
    answers: Vec<Answer>,
) -> (Vec<u64>, Tally, Option<calllegs_core::Error>, Script) {
    let script = Script::new(answers);
    let client =
        blocking::Client::builder(script.clone(), account_with_key()).timer(VirtualClock::default()).build();
    let mut rows = client.sweep(Query::<CallLegs>::new(period(from, till))).unwrap();
    let mut ids = Vec::new();
    let mut failure = None;
    for row in rows.by_ref() {
        match row {
            Ok(row) => ids.push(row.id.unwrap().get()),
            Err(error) => failure = Some(error),
        }
    }
    (ids, rows.sweep().tally().clone(), failure, script)
}

/// A leg: id, start, start of its session.
#[derive(Clone, Copy, Debug)]
struct Leg(i64, NaiveDateTime, NaiveDateTime);

/// A server that keeps the rules: what it selects by, and which ends of a window it includes, is its own.
#[derive(Clone, Debug)]
struct Server {
    legs: Vec<Leg>,
    by_session: bool,
    ends: (bool, bool),
}

/// One answer on its way: what was asked, the rows and the total.
struct Reply<'a> {
    offset: usize,
    /// A condition was sent, which this server overlooks.
    filtered: bool,
    /// All rows of the window.
    all: Vec<Leg>,
    rows: &'a mut Vec<Leg>,
    total: &'a mut Option<usize>,
}

impl Server {
    /// So many legs, each its own session, so many a second, from the beginning of the day.
    fn dense(legs: i64, a_second: i64) -> Self {
        let at = |id| time(DAY.0) + TimeDelta::seconds(id / a_second);
        let legs = (0..legs).map(|id| Leg(id, at(id), at(id))).collect();
        Self { legs, by_session: false, ends: (false, false) }
    }

    /// The rows of a window, in order.
    fn rows(&self, params: &Value) -> Vec<Leg> {
        let bound = |name: &str| wall_time::parse(params[name].as_str().unwrap()).unwrap();
        let (from, till) = (bound("date_from"), bound("date_till"));
        let within = |at: NaiveDateTime| {
            (from < at || (self.ends.0 && from == at)) && (at < till || (self.ends.1 && at == till))
        };
        let mut rows: Vec<_> = self.legs.clone();
        rows.retain(|leg| within(if self.by_session { leg.2 } else { leg.1 }));
        rows.sort_by_key(|leg| (leg.1, leg.0));
        rows
    }

    fn page(&self, params: &Value) -> (Vec<Leg>, usize) {
        let rows = self.rows(params);
        let total = rows.len();
        let number = |name: &str| usize::try_from(params[name].as_u64().unwrap()).unwrap();
        assert!(number("offset") <= 100 && number("limit") <= 10, "{params}");
        (rows.into_iter().skip(number("offset")).take(number("limit")).collect(), total)
    }
}

/// What a sweep gave and asked.
#[derive(Debug, Default)]
struct Outcome {
    ids: Vec<i64>,
    tally: Tally,
    asked: Vec<Value>,
    checkpoints: Vec<(Checkpoint, usize)>,
}

impl Outcome {
    fn is_exactly(&self, legs: &[Leg]) {
        let given: BTreeSet<_> = self.ids.iter().copied().collect();
        assert_eq!(given.len(), self.ids.len(), "a row twice");
        assert!(self.tally.gaps.is_empty(), "{:?}", self.tally.gaps);
        let missing: Vec<_> = legs.iter().filter(|leg| !given.contains(&leg.0)).collect();
        assert!(missing.is_empty(), "{} missing, first {:?}", missing.len(), missing.first());
        assert_eq!(given.len(), legs.len());
        assert_eq!(self.tally.expected, self.tally.rows);
    }

    /// Windows that were asked for their rows, not to be counted.
    fn windows(&self) -> BTreeSet<(String, String)> {
        let text = |body: &Value, name: &str| body["params"][name].as_str().unwrap().to_owned();
        let listed = self.asked.iter().filter(|body| body["params"]["limit"] != 1);
        listed.map(|body| (text(body, "date_from"), text(body, "date_till"))).collect()
    }
}

type Machine = Sweep<CallLegs, Records>;

fn machine(period: Period) -> Machine {
    Sweep::new(Query::<CallLegs>::new(period)).unwrap().with_reach(Reach::new(10, 100))
}

fn day() -> Period {
    period(DAY.0, DAY.1)
}

/// Runs a sweep with one call at a time; `tamper` may change each answer, and is told its number.
fn read(mut sweep: Machine, server: &Server, mut tamper: impl FnMut(usize, Reply<'_>)) -> Outcome {
    let mut outcome = Outcome::default();
    while let Some((id, call)) = sweep.next_call() {
        let number = outcome.asked.len();
        assert!(number < 3000, "the sweep does not end");
        let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).unwrap();
        let body: Value = serde_json::from_slice(body.as_bytes()).unwrap();
        let (mut rows, total) = server.page(&body["params"]);
        let mut total = Some(total);
        let offset = usize::try_from(body["params"]["offset"].as_u64().unwrap()).unwrap();
        let filtered = body["params"].get("filter").is_some();
        let all = server.rows(&body["params"]);
        tamper(number, Reply { offset, filtered, all, rows: &mut rows, total: &mut total });
        let rows: Vec<_> = rows
            .iter()
            .map(|leg| json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": if server.by_session { leg.0 / 10 } else { leg.0 }}))
            .collect();
        let reply =
            json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": total}}});
        let page = rpc::reply(&call, RequestId::new(1), reply.to_string().as_bytes()).unwrap();
        outcome.asked.push(body);
        sweep.absorb(id, page);
        outcome.ids.extend(sweep.take_rows().iter().map(|row| i64::try_from(row.id.unwrap().get()).unwrap()));
        outcome.checkpoints.extend(sweep.checkpoint().map(|checkpoint| (checkpoint, outcome.ids.len())));
    }
    outcome.tally = sweep.tally().clone();
    outcome
}

const ALL_ENDS: [(bool, bool); 3] = [(false, false), (true, false), (true, true)];

/// Sessions of ten legs, one leg in 40 seconds: legs start long after their session.
fn sessions() -> Server {
    let start = |id: i64| time(DAY.0) + TimeDelta::seconds(id / 10 * 6);
    let legs = (0..2000).map(|id| Leg(id, start(id) + TimeDelta::seconds(id % 10 * 40), start(id))).collect();
    Server { legs, by_session: true, ends: (false, false) }
}

/// A server that lists the legs in an order of its own, sorted by nothing that was asked for.
fn in_order_of(server: &Server, place: impl Fn(&Leg) -> i64, sweep: Machine) -> Outcome {
    let mut legs = server.legs.clone();
    legs.sort_by_key(|leg| place(leg));
    read(sweep, server, |_, reply| {
        let listed: BTreeSet<_> = reply.all.iter().map(|leg| leg.0).collect();
        let mut rows: Vec<_> = legs.iter().filter(|leg| listed.contains(&leg.0)).copied().collect();
        rows = rows.into_iter().skip(reply.offset).take(10).collect();
        *reply.rows = rows;
    })
}

fn answer(server: &Server, body: &Value) -> Vec<u8> {
    let (rows, total) = server.page(&body["params"]);
    let rows: Vec<_> = rows
        .iter()
        .map(|leg| json!({"id": leg.0, "start_time": wall_time::format(leg.1).to_string(), "call_session_id": leg.0}))
        .collect();
    let reply =
        json!({"jsonrpc": "2.0", "id": 1, "result": {"data": rows, "metadata": {"total_items": total}}});
    reply.to_string().into_bytes()
}
