//! `doctor --semantics`: what is assumed of the API, held against the account's own legs. Nothing of a leg is shown. Not here:
//! what the tool does where it is otherwise (the sweep of core).

use std::collections::{BTreeMap, BTreeSet};

use calllegs_core::{CallLeg, CallLegs, CallSessionId, Direction, Error, LegId, Order, Period, Query};
use chrono::{NaiveDateTime, TimeDelta};

use super::report::Report;
use crate::{
    account::session::{Line, Session},
    failure::{Exit, Failure},
    lang::say,
    ui::{diagnostics, text::grouped},
};

/// Legs that are looked at.
const LEGS: u32 = 200;

/// Points that it costs at most: the legs, three windows around one of them, one around another, and the last hour.
pub(super) const COST: u32 = 6;

const NAME: &str = "semantics";

/// Looks at the latest legs that no server keeps back.
pub(super) fn examine(session: &Session, line: &mut Line, report: &mut Report) -> Result<(), Failure> {
    let explain = |error: Error| diagnostics::explain(&error, &session.connection.context());
    let now = session.clock.local();
    let page = line.wait(async {
        let period = Period::new(now - TimeDelta::days(31), now - TimeDelta::hours(8))?;
        let query = Query::<CallLegs>::new(period);
        let query = query.sort_by(CallLegs::START_TIME, Order::Descending).limit(LEGS);
        session.connection.client.call(query).await.map_err(explain)
    });
    let legs = match page {
        Ok(page) if page.rows.is_empty() => {
            return report.warn(
                NAME,
                say!("no legs in the last 31 days to look at"),
                say!("look again when there are"),
            );
        }
        Ok(page) => page.rows,
        Err(failure) => return report.fail(NAME, &failure),
    };
    of_rows(&legs, report)?;
    let mut lists = |id: LegId, from: NaiveDateTime, till: NaiveDateTime| {
        line.wait(async {
            let query = Query::<CallLegs>::new(Period::new(from, till)?);
            let query = query.filter(CallLegs::ID.equals(id)).limit(1);
            let page = session.connection.client.call(query).await.map_err(explain)?;
            Ok(!page.rows.is_empty())
        })
    };
    match Probe::of(&legs) {
        Some(probe) => of_windows(&probe, &mut lists, report)?,
        None => report.warn(
            "bounds",
            say!("no session among the legs has two of them with seconds between"),
            say!("look again when there are more calls"),
        )?,
    }
    let recent = line.wait(async {
        let query = Query::<CallLegs>::new(Period::new(now - TimeDelta::hours(1), now)?).limit(1);
        session.connection.client.call(query).await.map_err(explain)
    });
    match recent {
        Ok(_) => report.ok("recent", say!("the last hour can be asked for")),
        Err(failure) if failure.exit == Exit::Refused => report.warn(
            "recent",
            say!("the last hour is refused: this server keeps back what is too young"),
            say!("end periods earlier, for example: calllegs get --from yesterday --till -7h"),
        ),
        Err(failure) => report.fail("recent", &failure),
    }
}

/// How many of so many.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    held: u64,
    of: u64,
}

impl Share {
    fn count(facts: impl Iterator<Item = bool>) -> Self {
        facts.fold(Self::default(), |Self { held, of }, holds| Self {
            held: held + u64::from(holds),
            of: of + 1,
        })
    }

    const fn is_all(self) -> bool {
        self.held == self.of
    }

    fn told(self) -> String {
        say!("in {held} of {of}", held = grouped(self.held), of = grouped(self.of))
    }

    /// A fact with its share; where there is no leg to tell, that is what is told.
    fn tell(self, report: &mut Report, name: &str, fact: &str, next: &str) -> Result<(), Failure> {
        if self.of == 0 {
            return report.warn(
                name,
                say!("no leg tells whether {fact}", fact),
                say!("look again when there are"),
            );
        }
        report.held(name, format!("{fact} {}", self.told()), self.is_all(), next)
    }
}

/// What the legs themselves tell.
fn of_rows(legs: &[CallLeg], report: &mut Report) -> Result<(), Failure> {
    let ids: BTreeSet<_> = legs.iter().filter_map(|leg| leg.id).map(LegId::get).collect();
    let distinct = Share { held: ids.len() as u64, of: legs.len() as u64 };
    let sorted = Share::count(legs.windows(2).map(|pair| match pair {
        [later, earlier] => later.start_time >= earlier.start_time,
        _ => true,
    }));
    let is_sound = distinct.is_all() && sorted.is_all();
    let text = say!(
        "legs come once {told}, in the order asked {told2}",
        told = distinct.told(),
        told2 = sorted.told()
    );
    report.held(
        "listing",
        text,
        is_sound,
        say!("reading stays complete, and costs more calls than need be"),
    )?;

    let over = || legs.iter().filter(|leg| leg.finish_reason.is_some());
    let lasts = over().filter_map(|leg| Some((leg, leg.duration?)));
    let connected = Share::count(lasts.map(|(leg, seconds)| leg.connect_time.is_some() == (seconds > 0)));
    let fact = say!("connect_time is there where duration > 0");
    connected.tell(
        report,
        "connect_time",
        fact,
        say!("who counts answers by duration gets other numbers"),
    )?;

    let failed = over().filter_map(|leg| Some((leg, leg.is_failed?)));
    let failed = Share::count(failed.map(|(leg, is_failed)| leg.connect_time.is_none() == is_failed));
    let fact = say!("is_failed means not connected");
    failed.tell(report, "is_failed", fact, say!("pick-up is told by connect_time, not by is_failed"))?;

    let inbound = inbound(legs);
    let answered = legs.iter().filter(|leg| {
        let is_answer = leg.is_operator == Some(true) && leg.is_coach != Some(true);
        is_answer && leg.connect_time.is_some() && session_of(leg).is_some_and(|id| inbound.contains(&id))
    });
    let out = Share::count(answered.map(|leg| leg.direction == Some(Direction::Out)));
    let fact = say!("answered employee legs of inbound calls are 'out'");
    out.tell(
        report,
        "direction",
        fact,
        say!("direction belongs to the leg: a call's is that of its first leg"),
    )
}

fn session_of(leg: &CallLeg) -> Option<u64> {
    leg.call_session_id.map(CallSessionId::get)
}

/// Sessions that begin with a caller, among those that begin within the legs: latest first, so the last of a session is its
/// first.
fn inbound(legs: &[CallLeg]) -> BTreeSet<u64> {
    let mut firsts = BTreeMap::new();
    for leg in legs {
        if let Some(session) = session_of(leg) {
            let first = firsts.entry(session).or_insert(leg);
            if (leg.start_time, leg.id) < (first.start_time, first.id) {
                *first = leg;
            }
        }
    }
    let by_caller = |leg: &CallLeg| leg.is_operator != Some(true) && leg.direction == Some(Direction::In);
    firsts.into_iter().filter(|(_, leg)| by_caller(leg)).map(|(session, _)| session).collect()
}

/// Two legs of one session, seconds apart: the first is where both ways of selecting agree, the other where they differ.
#[derive(Clone, Copy, Debug)]
struct Probe {
    first: (LegId, NaiveDateTime),
    later: (LegId, NaiveDateTime),
}

impl Probe {
    /// Of the latest session that has them: its first leg is surely among these.
    fn of(legs: &[CallLeg]) -> Option<Self> {
        let mut sessions: BTreeMap<u64, Self> = BTreeMap::new();
        for leg in legs {
            let (Some(session), Some(id), Some(start)) = (session_of(leg), leg.id, leg.start_time) else {
                continue;
            };
            let own = (id, start);
            let probe = sessions.entry(session).or_insert(Self { first: own, later: own });
            if start < probe.first.1 {
                probe.first = own;
            }
            if start > probe.later.1 {
                probe.later = own;
            }
        }
        let apart = |probe: &Self| probe.later.1 - probe.first.1 >= TimeDelta::seconds(3);
        sessions.into_values().filter(apart).max_by_key(|probe| probe.first.1)
    }
}

/// What windows around single legs tell.
fn of_windows(
    probe: &Probe,
    lists: &mut impl FnMut(LegId, NaiveDateTime, NaiveDateTime) -> Result<bool, Failure>,
    report: &mut Report,
) -> Result<(), Failure> {
    let (second, minute) = (TimeDelta::seconds(1), TimeDelta::minutes(1));
    let (id, at) = probe.first;
    let told = (|| {
        Ok((lists(id, at - minute, at + minute)?, lists(id, at, at + minute)?, lists(id, at - minute, at)?))
    })();
    match told {
        Err(failure) => report.fail("bounds", &failure)?,
        Ok((false, ..)) => report.warn(
            "bounds",
            say!("a leg is not in a window around its start"),
            say!("run the check again; if it stays, report it with the brand"),
        )?,
        Ok((true, first, last)) => {
            let word = match (first, last) {
                (false, false) => {
                    say!("exclusive: neither the first nor the last second of a window belongs to it")
                }
                (true, false) => {
                    say!("half-open: the first second of a window belongs to it, the last does not")
                }
                (true, true) => say!("inclusive: the first and the last second of a window belong to it"),
                (false, true) => say!("the last second of a window belongs to it, the first does not"),
            };
            report.ok("bounds", say!("{word} (each window is asked a second wider)", word))?;
        }
    }
    let (id, at) = probe.later;
    match lists(id, at - second, at + second) {
        Err(failure) => report.fail("dates", &failure),
        Ok(true) => report.ok("dates", say!("a period selects legs by their own start")),
        Ok(false) => report.warn(
            "dates",
            say!("a period selects legs by the start of their session, not by their own"),
            say!("rows stay complete; a leg can start after the period that lists it"),
        ),
    }
}
