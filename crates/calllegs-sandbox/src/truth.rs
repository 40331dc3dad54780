//! What happened in the made-up calls, as the simulation decided it: sessions, and the metrics D1 to D14 counted from
//! them (`tally`). The calls are played again for it, so a server that nobody asks keeps nothing.
//!
//! Nothing is read back from rows, and no rule of sessions is applied: it is what such rules can be compared with. Times
//! and waits are those that people lived through, also in a night in which the clock is changed. Ratings and recordings
//! are those of the end, however late they come. Not here: legs ([`Emulator::truth`](crate::Emulator::truth)).

mod employees;
mod tally;

use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::employees::EmployeeTruth;
use self::tally::Tally;
use crate::world::{self, Cast, Outcome, Plan, Session, TimeSlot, Way, wall};

/// What is asked of the truth: a period, and what may be chosen before metrics are counted.
///
/// ```
/// use calllegs_sandbox::{Sandbox, TruthQuery, World};
///
/// let emulator = Sandbox::builder().world(World::Tiny).emulator()?;
/// let truth = emulator.truth_metrics(None, &TruthQuery::default()).unwrap();
/// assert_eq!(truth["service_level"][0]["service_level_pct"], "57.1");
/// # Ok::<(), calllegs_sandbox::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TruthQuery {
    /// Sessions that begin from the first time up to, not including, the second, by the account's clock, count with all
    /// their legs. Without it all do.
    pub period: Option<(NaiveDateTime, NaiveDateTime)>,
    /// A call is answered in time within so many seconds of the first ring; 20.
    pub answer_within: i64,
    /// A caller who hangs up earlier than so many seconds after the first ring is a short abandon; 5.
    pub short_abandon: i64,
    /// Seconds after a missed call in which a conversation makes up for it; 24 hours.
    pub callback_window: i64,
    /// Seconds after a call in which another one of the same contact is a repeat; 24 hours.
    pub repeat_window: i64,
}

impl Default for TruthQuery {
    fn default() -> Self {
        Self {
            period: None,
            answer_within: 20,
            short_abandon: 5,
            callback_window: 86_400,
            repeat_window: 86_400,
        }
    }
}

impl TruthQuery {
    /// Of sessions that begin from the first time up to, not including, the second.
    pub fn between(from: NaiveDateTime, till: NaiveDateTime) -> Self {
        Self { period: Some((from, till)), ..Self::default() }
    }

    /// What the rules of counting make of a session.
    fn judge(&self, session: &Session) -> Judged {
        let inbound = session.way == Way::In;
        let answered = session.answered.map(|(at, _)| at).filter(|_| inbound);
        let offered = session.offered.filter(|_| inbound);
        let abandon = offered.filter(|_| answered.is_none()).map(|offered| session.end - offered);
        let is_short =
            session.outcome == Outcome::Abandoned && abandon.is_some_and(|wait| wait < self.short_abandon);
        let is_missed = matches!(session.outcome, Outcome::Abandoned | Outcome::NoAnswer) && !is_short;
        Judged {
            wait: answered.map(|at| at - session.start),
            queue_wait: answered.zip(offered).map(|(at, offered)| at - offered),
            abandon,
            is_short,
            is_missed,
            is_offered: is_missed || inbound && session.outcome == Outcome::Answered,
        }
    }
}

struct Judged {
    wait: Option<i64>,
    queue_wait: Option<i64>,
    abandon: Option<i64>,
    is_short: bool,
    is_missed: bool,
    is_offered: bool,
}

/// A made-up call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionTruth {
    /// As its legs have it.
    pub call_session_id: i64,
    /// By the account's clock, as `2026-03-02 10:15:04`.
    pub session_start: String,
    /// `in`, `out`, `internal`: whose call it was.
    pub dir: &'static str,
    /// `answered`, `abandoned`, `no_answer`, `ivr_only`, `not_reached`, `internal`.
    pub outcome: &'static str,
    /// The subscriber's number, unless it was withheld.
    pub contact: Option<String>,
    /// The scenario that led it.
    pub scenario_name: Option<String>,
    /// The first employee who talked.
    pub answered_by: Option<i64>,
    /// Seconds from the start to a human voice; of inbound calls, as the other waits.
    pub wait_s: Option<i64>,
    /// Seconds from the first ring to a human voice.
    pub queue_wait_s: Option<i64>,
    /// Seconds from the first ring to the end of a call that nobody answered.
    pub abandon_s: Option<i64>,
    /// Seconds of employees in conversation, each counted.
    pub talk_s: Option<i64>,
    /// Employees and groups that were tried.
    pub rings: i64,
    /// Transfers that were picked up.
    pub transfers: i64,
    /// People who listened in.
    pub coach_legs: i64,
    /// It counts as offered.
    pub is_offered: bool,
    /// It counts as missed.
    pub is_missed: bool,
    /// The caller hung up too early for it to count.
    pub is_short_abandon: bool,
}

/// Plays a plan's calls again.
pub(crate) struct Truth<'a> {
    plan: &'a Plan,
    cast: Cast,
    query: &'a TruthQuery,
}

impl<'a> Truth<'a> {
    pub(crate) fn new(plan: &'a Plan, query: &'a TruthQuery) -> Self {
        Self { plan, cast: Cast::without_texts(plan), query }
    }

    /// In the order of start and id.
    pub(crate) fn sessions(&self) -> Vec<SessionTruth> {
        let mut sessions = Vec::new();
        let each = |sessions: &mut Vec<_>, session: &Session, _: &[_]| {
            sessions.extend(self.started(session).map(|start| (start, self.describe(session, start))));
        };
        world::tell(self.plan, &self.cast, self.query.period, &mut sessions, each, |_, _| {});
        sessions.sort_by_key(|(start, session)| (*start, session.call_session_id));
        sessions.into_iter().map(|(_, session)| session).collect()
    }

    /// By the name of the result: rows by the name of the column.
    pub(crate) fn metrics(&self) -> Map<String, Value> {
        let mut tally = Tally::new(self.query, self.plan.zone);
        world::tell(
            self.plan,
            &self.cast,
            self.query.period,
            &mut tally,
            |tally, session, legs| {
                if let Some(start) = self.started(session) {
                    tally.add(session, start, legs, &self.cast);
                }
            },
            Tally::settle,
        );
        tally.finish(&self.cast)
    }

    /// Whether the moment is in the period by the account's clock.
    fn is_in_period(&self, at: i64) -> bool {
        let within = |(from, till): (NaiveDateTime, NaiveDateTime)| {
            wall(self.plan.zone, at).is_some_and(|at| (from..till).contains(&at))
        };
        self.query.period.is_none_or(within)
    }

    /// Of a world that is made on demand the slots near the period; of another one all of it.
    fn slots(&self) -> Vec<Option<TimeSlot>> {
        if self.plan.world.is_on_demand() {
            self.plan.slots(self.query.period).map(Some).collect()
        } else {
            vec![None]
        }
    }

    /// When it began by the account's clock, if that is in the period.
    fn started(&self, session: &Session) -> Option<NaiveDateTime> {
        let start = wall(self.plan.zone, session.start)?;
        let within = |(from, till): (NaiveDateTime, NaiveDateTime)| (from..till).contains(&start);
        self.query.period.is_none_or(within).then_some(start)
    }

    fn describe(&self, session: &Session, start: NaiveDateTime) -> SessionTruth {
        let judged = self.query.judge(session);
        let employee = session.answered.and_then(|(_, employee)| self.cast.employee(employee));
        SessionTruth {
            call_session_id: session.id,
            session_start: calllegs_core::value::wall_time::format(start).to_string(),
            dir: session.way.as_str(),
            outcome: session.outcome.as_str(),
            contact: session.contact.map(|caller| self.cast.phone(caller)),
            scenario_name: scenario(session, &self.cast).map(str::to_owned),
            answered_by: employee.map(|employee| employee.id),
            wait_s: judged.wait,
            queue_wait_s: judged.queue_wait,
            abandon_s: judged.abandon,
            talk_s: session.talk,
            rings: session.rings,
            transfers: i64::try_from(session.handed.len()).unwrap_or_default(),
            coach_legs: session.coaches,
            is_offered: judged.is_offered,
            is_missed: judged.is_missed,
            is_short_abandon: judged.is_short,
        }
    }
}

/// The name of the scenario that led the call.
fn scenario(session: &Session, cast: &Cast) -> Option<&'static str> {
    cast.line_name(session.via.filter(|_| session.routed)?)
}
