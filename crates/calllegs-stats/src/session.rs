//! Legs of one call put together: in any order, one by one, without keeping them. The rules are those of the view
//! `v_session`. Not here: which calls there are.

use crate::{
    error::Error,
    legs::{Leg, Role},
    names::{Contact, NONE, Name, Names},
};

/// What a caller who hangs up is called, by brand.
pub(crate) const CALLER_LEFT: [&str; 2] = ["subscriber_disconnects", "caller_disconnects"];

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    In,
    Out,
    Internal,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answered,
    Abandoned,
    NoAnswer,
    IvrOnly,
    NotReached,
    Internal,
}

/// A leg that was picked up, for the order of transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Picked {
    at: i64,
    id: i64,
    is_transfer: bool,
}

/// What is known of a call by the legs that were seen.
#[derive(Clone)]
pub(crate) struct Session {
    /// The leg that comes first, by start and id.
    first: (i64, i64),
    /// When that started on the wall clock.
    wall: i64,
    starts_with_caller: bool,
    /// Whether a leg says that there is somebody outside; none may say anything.
    has_external: Option<bool>,
    end: i64,
    contact: Option<Contact>,
    scenario: Option<Name>,
    /// The company's number.
    number: Option<Name>,
    offer: Option<i64>,
    answer: Option<i64>,
    reached: Option<i64>,
    talk: Option<i64>,
    rings: i64,
    caller_reason: Option<Name>,
    has_transfer: bool,
    /// By whom, and for which group.
    picked: Vec<(Picked, Option<Name>, Option<Name>)>,
    /// Groups that were rung, and whether one of theirs talked.
    groups: Vec<(Name, bool)>,
    ids: Vec<i64>,
}

impl Session {
    pub(crate) fn new(leg: &Leg<'_>, names: &mut Names) -> Result<Self, Error> {
        let mut session = Self {
            first: (leg.t0, leg.id),
            wall: leg.wall,
            starts_with_caller: begins_with_caller(leg),
            has_external: None,
            end: leg.t2(),
            contact: None,
            scenario: None,
            number: None,
            offer: None,
            answer: None,
            reached: None,
            talk: None,
            rings: 0,
            caller_reason: None,
            has_transfer: false,
            picked: Vec::new(),
            groups: Vec::new(),
            ids: Vec::new(),
        };
        session.add(leg, names)?;
        Ok(session)
    }

    pub(crate) fn add(&mut self, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        if (leg.t0, leg.id) < self.first {
            self.first = (leg.t0, leg.id);
            self.wall = leg.wall;
            self.starts_with_caller = begins_with_caller(leg);
        }
        self.end = self.end.max(leg.t2());
        if let Some(is_operator) = leg.is_operator {
            *self.has_external.get_or_insert(false) |= !is_operator;
        }
        if let Some(contact) = leg.contact {
            let contact = Contact::of(contact, names)?;
            self.contact = Contact::max(self.contact, Some(contact), names);
        }
        if let Some(scenario) = leg.scenario {
            let scenario = names.of(scenario)?;
            self.scenario = names.max(self.scenario, Some(scenario));
        }
        if let Some(number) = leg.number {
            let number = names.of(number)?;
            self.number = names.max(self.number, Some(number));
        }
        match leg.role {
            Role::Coach => {}
            Role::Subscriber => {
                if leg.talked {
                    self.reached = earlier(self.reached, leg.t1);
                }
                if let Some(reason) = leg.reason {
                    let reason = names.of(reason)?;
                    self.caller_reason = names.max(self.caller_reason, Some(reason));
                }
            }
            Role::Operator | Role::Transfer => self.ring(leg, names)?,
        }
        self.ids.push(leg.id);
        Ok(())
    }

    fn ring(&mut self, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        self.rings += 1;
        let is_transfer = leg.role == Role::Transfer;
        if !is_transfer {
            self.offer = earlier(self.offer, Some(leg.t0));
            if leg.is_outwards() {
                let group = names.of(leg.group.unwrap_or(NONE))?;
                match self.groups.iter_mut().find(|(known, _)| *known == group) {
                    Some((_, answered)) => *answered |= leg.is_answer(),
                    None => self.groups.push((group, leg.is_answer())),
                }
            }
        }
        if leg.talked
            && let Some(duration) = leg.duration
        {
            *self.talk.get_or_insert(0) += duration;
        }
        if leg.is_answer() {
            self.answer = earlier(self.answer, leg.t1);
        }
        if let Some(at) = leg.t1 {
            let who = leg.employee.map(|name| names.of(name)).transpose()?;
            let group = leg.group.map(|group| names.of(group)).transpose()?;
            self.picked.push((Picked { at, id: leg.id, is_transfer }, who, group));
            self.has_transfer |= is_transfer;
        }
        Ok(())
    }

    /// Whether nothing of the call is left at this time.
    pub(crate) const fn is_over(&self, at: i64) -> bool {
        self.end < at
    }

    /// The call. An error where a leg is there twice.
    pub(crate) fn call(mut self, names: &Names, short_abandon: i64) -> Result<Call, Error> {
        self.ids.sort_unstable();
        let twice = self.ids.iter().zip(self.ids.iter().skip(1)).find(|(one, other)| one == other);
        if let Some((id, _)) = twice {
            return Err(Error::Twice(*id));
        }
        let (way, outcome) = self.outcome(names);
        let (start, _) = self.first;
        let abandon = if self.answer.is_none() { self.offer.map(|offer| self.end - offer) } else { None };
        let is_short = outcome == Outcome::Abandoned && abandon.unwrap_or_default() < short_abandon;
        let is_missed = matches!(outcome, Outcome::Abandoned | Outcome::NoAnswer) && !is_short;
        let is_answered = way == Way::In && outcome == Outcome::Answered;
        Ok(Call {
            wall: self.wall,
            start,
            end: self.end,
            way,
            outcome,
            wait: self.answer.map(|answer| answer - start),
            queue_wait: self.answer.zip(self.offer).map(|(answer, offer)| answer - offer),
            abandon,
            first_talk: match (outcome, way) {
                (Outcome::Answered, Way::In) => self.answer,
                (Outcome::Answered, _) => self.reached,
                (_, _) => None,
            },
            talk: self.talk,
            rings: self.rings,
            is_short,
            is_offered: is_missed || is_answered,
            is_missed,
            contact: self.contact,
            scenario: self.scenario,
            number: self.number,
            transfers: self.transfers(),
            group_transfers: self.group_transfers(),
            groups: self.groups,
        })
    }

    fn outcome(&self, names: &Names) -> (Way, Outcome) {
        if self.has_external == Some(false) {
            return (Way::Internal, Outcome::Internal);
        }
        if !self.starts_with_caller {
            let reached = self.reached.is_some();
            return (Way::Out, if reached { Outcome::Answered } else { Outcome::NotReached });
        }
        let left = || self.caller_reason.is_some_and(|reason| CALLER_LEFT.contains(&names.text(reason)));
        let outcome = match (self.answer, self.offer) {
            (Some(_), _) => Outcome::Answered,
            (None, None) => Outcome::IvrOnly,
            (None, Some(_)) if left() => Outcome::Abandoned,
            (None, Some(_)) => Outcome::NoAnswer,
        };
        (Way::In, outcome)
    }

    /// From whom to whom, where the one who had the call before is known by name.
    fn transfers(&mut self) -> Vec<(Name, Option<Name>)> {
        if !self.has_transfer {
            return Vec::new();
        }
        self.picked.sort_unstable_by_key(|(picked, ..)| *picked);
        let pairs = self.picked.iter().zip(self.picked.iter().skip(1));
        let transfers = pairs.filter(|(_, (to, ..))| to.is_transfer);
        transfers.filter_map(|((_, from, _), (_, to, _))| Some(((*from)?, *to))).collect()
    }

    /// From which group to which, where either is known; after [`transfers`](Self::transfers), which puts rings in order.
    fn group_transfers(&self) -> Vec<(Option<Name>, Option<Name>)> {
        if !self.has_transfer {
            return Vec::new();
        }
        let pairs = self.picked.iter().zip(self.picked.iter().skip(1));
        let transfers = pairs.filter(|(_, (to, ..))| to.is_transfer);
        let groups = transfers.map(|((.., from), (.., to))| (*from, *to));
        groups.filter(|(from, to)| from.is_some() || to.is_some()).collect()
    }
}

fn begins_with_caller(leg: &Leg<'_>) -> bool {
    leg.is_operator == Some(false) && leg.direction == Some("in")
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

/// A call.
pub(crate) struct Call {
    /// When it started, on the wall clock.
    pub(crate) wall: i64,
    /// When it started and ended, as [`Leg::t0`].
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) way: Way,
    pub(crate) outcome: Outcome,
    /// What the caller lived through, menu included.
    pub(crate) wait: Option<i64>,
    /// From the first ring to a human voice.
    pub(crate) queue_wait: Option<i64>,
    /// From the first ring to the end, where nobody talked.
    pub(crate) abandon: Option<i64>,
    /// When both sides talked for the first time.
    pub(crate) first_talk: Option<i64>,
    pub(crate) talk: Option<i64>,
    pub(crate) rings: i64,
    pub(crate) is_short: bool,
    pub(crate) is_offered: bool,
    pub(crate) is_missed: bool,
    pub(crate) contact: Option<Contact>,
    pub(crate) scenario: Option<Name>,
    /// The virtual number, where calls are split by it.
    pub(crate) number: Option<Name>,
    pub(crate) transfers: Vec<(Name, Option<Name>)>,
    pub(crate) group_transfers: Vec<(Option<Name>, Option<Name>)>,
    pub(crate) groups: Vec<(Name, bool)>,
}
