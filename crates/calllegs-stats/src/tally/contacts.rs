//! Calls of the same contact: repeats, what became of missed calls, first responses. Calls are kept in a few bytes each until
//! the end, since any of them may answer another.
//!
//! A contact is of an account: who calls two customers of an agency is two contacts, but lost once.

use std::{collections::HashMap, fmt};

use chrono::NaiveDateTime;

use super::{histogram::Histogram, shown};
use crate::{
    error::Error,
    names::{Contact, Name, Names},
    parameters::Parameters,
    session::{Call, Outcome, Way},
    shape::{FIRST_RESPONSE, NOT_CALLED_BACK, REPEAT_CALLERS},
    table::{Decimal, Table},
};

/// A call back within this is a fast one; the column is called so.
const FAST: i64 = 15 * 60;

#[derive(Default)]
pub(crate) struct Contacts {
    /// In parts, so that none of them is copied whole when it grows.
    calls: HashMap<u64, Vec<Kept>>,
    missed: Vec<Missed>,
}

/// A call of a contact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    contact: Contact,
    account: u16,
    start: u32,
    /// When both talked for the first time; 0 where they did not.
    talked: u32,
    is_in: bool,
    /// Its place among missed calls, counted from one.
    missed: u32,
}

struct Missed {
    account: u16,
    /// The parts of a split that it is in.
    parts: Box<[usize]>,
    wall: i64,
    start: i64,
    end: i64,
    contact: Option<Contact>,
    scenario: Option<Name>,
    waited: Option<i64>,
    caller_left: bool,
    after: Option<After>,
    fixed_after: Option<i64>,
}

/// What became of a missed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum After {
    /// An employee called back and talked with the caller, within the window.
    CalledBack,
    /// The caller tried again and was answered, before anybody called back.
    TriedAgain,
    /// Nobody talked with the caller within the window.
    Lost,
    /// Nobody did yet, and the window is not over: [`NOT_CALLED_BACK`] counts it as lost, and says how many there are.
    StillOpen,
}

impl After {
    /// The name, as a column spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CalledBack => "called_back",
            Self::TriedAgain => "tried_again",
            Self::Lost => "lost",
            Self::StillOpen => "still_open",
        }
    }
}

/// A missed call.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissedCall {
    /// Whose.
    pub account: String,
    /// When it started, on the wall clock.
    pub start: NaiveDateTime,
    /// The number to ring; hidden numbers have none.
    pub contact: Option<String>,
    /// The scenario that it came through.
    pub scenario: Option<String>,
    /// From the first ring to the end, in seconds.
    pub waited: Option<i64>,
    /// Whether the caller gave up; otherwise the exchange did.
    pub caller_left: bool,
    /// What became of it; unknown where there is no contact.
    pub after: Option<After>,
    /// How long after its end somebody talked with the caller, in seconds.
    pub fixed_after: Option<i64>,
}

/// Shows nobody.
impl fmt::Debug for MissedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MissedCall")
            .field("start", &self.start)
            .field("waited", &self.waited)
            .field("caller_left", &self.caller_left)
            .field("after", &self.after)
            .field("fixed_after", &self.fixed_after)
            .finish_non_exhaustive()
    }
}

impl Contacts {
    /// A call of an account, in these parts of a split.
    pub(crate) fn call(&mut self, account: u16, call: &Call, parts: &[usize]) -> Result<(), Error> {
        let second = |at: i64| u32::try_from(at).map_err(|_| Error::Time("time of a call"));
        if call.is_missed {
            self.missed.push(Missed {
                account,
                parts: parts.into(),
                wall: call.wall,
                start: call.start,
                end: call.end,
                contact: call.contact,
                scenario: call.scenario,
                waited: call.abandon,
                caller_left: call.outcome == Outcome::Abandoned,
                after: None,
                fixed_after: None,
            });
        }
        let Some(contact) = call.contact.filter(|_| call.way != Way::Internal) else { return Ok(()) };
        let missed = if call.is_missed { self.missed.len() } else { 0 };
        let kept = Kept {
            contact,
            account,
            start: second(call.start)?,
            talked: call.first_talk.map_or(Ok(0), second)?,
            is_in: call.way == Way::In,
            missed: u32::try_from(missed).map_err(|_| Error::TooMany("missed calls"))?,
        };
        self.calls.entry(contact.part()).or_default().push(kept);
        Ok(())
    }

    /// What became of all calls. A window that reaches beyond the period, or beyond the start of the last call where there is
    /// no period, is not over.
    pub(crate) fn follow_all(mut self, parameters: &Parameters, last_start: Option<i64>) -> Followed {
        let till = parameters.period.map(|(_, till)| till.and_utc().timestamp()).or(last_start);
        let mut counts = Counts::default();
        for (_, mut calls) in std::mem::take(&mut self.calls) {
            calls.sort_unstable();
            for calls in
                calls.chunk_by(|one, other| (one.contact, one.account) == (other.contact, other.account))
            {
                counts.repeats(calls, parameters.repeat_window);
                counts.first_response(calls);
                self.follow(calls, parameters, till.unwrap_or_default());
            }
        }
        self.missed.sort_by_key(|missed| (missed.wall, missed.start, missed.account, missed.contact));
        Followed { counts, missed: self.missed }
    }

    /// What became of the missed calls among these of one contact, in the order of their starts.
    fn follow(&mut self, calls: &[Kept], parameters: &Parameters, till: i64) {
        for kept in calls {
            let place = usize::try_from(kept.missed).ok().and_then(|number| number.checked_sub(1));
            let Some(missed) = place.and_then(|place| self.missed.get_mut(place)) else { continue };
            let later = calls.get(calls.partition_point(|call| i64::from(call.start) <= missed.end)..);
            let mut talks = later.unwrap_or_default().iter().filter(|call| call.talked > 0).peekable();
            let reach = missed.end + parameters.callback_window;
            let fixed = talks.peek().map(|call| i64::from(call.start)).filter(|start| *start <= reach);
            missed.fixed_after = fixed.map(|start| start - missed.end);
            missed.after = Some(match fixed {
                Some(start) => {
                    let mut at_once = talks.take_while(|call| i64::from(call.start) == start);
                    if at_once.any(|call| !call.is_in) { After::CalledBack } else { After::TriedAgain }
                }
                None if missed.wall + (reach - missed.start) > till => After::StillOpen,
                None => After::Lost,
            });
        }
    }
}

/// What became of calls: of all of them, or of those in one part of a split.
pub(crate) struct Followed {
    counts: Counts,
    missed: Vec<Missed>,
}

impl Followed {
    /// Results are added. Of a part only missed calls are told: other calls of a contact go through several.
    pub(super) fn tables(&self, part: Option<usize>, tables: &mut Vec<Table>) {
        if part.is_none() {
            tables.push(self.counts.repeat_callers());
            tables.push(self.counts.first_responses());
        }
        tables.push(not_called_back(&self.of(part).collect::<Vec<_>>()));
    }

    /// Missed calls by start.
    pub(super) fn missed_calls(
        &self,
        names: &Names,
        accounts: &[Box<str>],
        part: Option<usize>,
    ) -> Vec<MissedCall> {
        let text = |contact: Contact| contact.text(names).into_owned();
        let name = |name: Name| names.text(name).to_owned();
        let account =
            |number: u16| accounts.get(usize::from(number)).map_or("", |account| account).to_owned();
        let call = |missed: &Missed| MissedCall {
            account: account(missed.account),
            start: shown(missed.wall),
            contact: missed.contact.map(text),
            scenario: missed.scenario.map(name),
            waited: missed.waited,
            caller_left: missed.caller_left,
            after: missed.after,
            fixed_after: missed.fixed_after,
        };
        self.of(part).map(call).collect()
    }

    fn of(&self, part: Option<usize>) -> impl Iterator<Item = &Missed> {
        self.missed.iter().filter(move |missed| part.is_none_or(|part| missed.parts.contains(&part)))
    }
}

#[derive(Default)]
struct Counts {
    inbound: i64,
    repeats: i64,
    people: i64,
    reached: i64,
    responses: Histogram,
}

impl Counts {
    fn repeats(&mut self, calls: &[Kept], window: i64) {
        let mut before: Option<u32> = None;
        for call in calls.iter().filter(|call| call.is_in) {
            self.inbound += 1;
            let is_repeat = before.is_some_and(|before| i64::from(call.start - before) <= window);
            self.repeats += i64::from(is_repeat);
            before = Some(call.start);
        }
    }

    fn first_response(&mut self, calls: &[Kept]) {
        self.people += 1;
        let talk = calls.iter().map(|call| call.talked).filter(|talked| *talked > 0).min();
        if let Some((first, talk)) = calls.first().zip(talk) {
            self.reached += 1;
            self.responses.add(i64::from(talk) - i64::from(first.start));
        }
    }

    fn repeat_callers(&self) -> Table {
        let share = Decimal::quotient(100 * self.repeats, self.inbound, 1);
        Table::new(&REPEAT_CALLERS, vec![vec![self.inbound.into(), self.repeats.into(), share.into()]])
    }

    fn first_responses(&self) -> Table {
        let median = self.responses.tenths(5, 0).map(Decimal::units);
        Table::new(&FIRST_RESPONSE, vec![vec![self.people.into(), self.reached.into(), median.into()]])
    }
}

/// Calls of hidden numbers are left out: nobody can call them back.
fn not_called_back(missed: &[&Missed]) -> Table {
    let known = || missed.iter().copied().filter(|missed| missed.contact.is_some());
    let count = |is: &dyn Fn(&Missed) -> bool| {
        i64::try_from(known().filter(|missed| is(missed)).count()).unwrap_or(i64::MAX)
    };
    let is_lost = |missed: &Missed| missed.fixed_after.is_none();
    let called_back = |missed: &Missed| missed.after == Some(After::CalledBack);
    let times = known().filter_map(|missed| missed.fixed_after);
    let (sum, fixed) = times.fold((0, 0), |(sum, count), after| (sum + after, count + 1));
    let mut people: Vec<_> = known().filter(|missed| is_lost(missed)).map(|missed| missed.contact).collect();
    people.sort_unstable();
    people.dedup();
    let row = vec![
        count(&|_| true).into(),
        count(&called_back).into(),
        count(&|missed| missed.after == Some(After::TriedAgain)).into(),
        count(&is_lost).into(),
        i64::try_from(people.len()).unwrap_or(i64::MAX).into(),
        Decimal::quotient(sum, 60 * fixed, 1).into(),
        count(&|missed| called_back(missed) && missed.fixed_after.is_some_and(|after| after <= FAST)).into(),
        count(&|missed| missed.after == Some(After::StillOpen)).into(),
    ];
    Table::new(&NOT_CALLED_BACK, vec![row])
}
