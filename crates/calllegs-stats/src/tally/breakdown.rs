//! Offered calls by account, group, number or scenario: the figures of the tiles, a line each.

use std::{collections::HashMap, str::FromStr};

use crate::{
    names::{Name, Names},
    parameters::Parameters,
    session::{Call, Outcome},
    table::Decimal,
};

/// What calls are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dimension {
    /// The account.
    Account,
    /// The groups that were rung: a call may ring several, and is counted in each.
    Group,
    /// The company's number that was called; the legs need `virtual_phone_number`.
    Number,
    /// The scenario.
    Scenario,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Account, Self::Group, Self::Number, Self::Scenario];

    /// The name, as a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Group => "group",
            Self::Number => "number",
            Self::Scenario => "scenario",
        }
    }
}

impl FromStr for Dimension {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == text).ok_or(())
    }
}

/// Calls of one account, group, number or scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slice {
    /// Which; `None` where the legs do not say.
    pub name: Option<String>,
    /// Offered calls.
    pub offered: i64,
    /// Those that were answered; of a group, by one of its people.
    pub answered: i64,
    /// Those that nobody answered.
    pub missed: i64,
    /// Those that were answered in time.
    pub in_time: i64,
    /// Mean seconds from the first ring to an answer.
    pub wait: Option<Decimal>,
    /// Mean seconds of talk.
    pub talk: Option<Decimal>,
}

impl Slice {
    /// Without calls.
    pub const fn new(name: Option<String>) -> Self {
        Self { name, offered: 0, answered: 0, missed: 0, in_time: 0, wait: None, talk: None }
    }
}

/// Sums of a slice.
#[derive(Default)]
struct Sums {
    offered: i64,
    answered: i64,
    missed: i64,
    in_time: i64,
    wait: (i64, i64),
    talk: (i64, i64),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Account(u16),
    Name(Option<Name>),
}

/// Calls by one dimension, or by none.
#[derive(Default)]
pub(super) struct Breakdown {
    by: Option<Dimension>,
    sums: HashMap<Key, Sums>,
}

impl Breakdown {
    pub(super) fn new(by: Option<Dimension>) -> Self {
        Self { by, sums: HashMap::new() }
    }

    pub(super) fn call(&mut self, account: u16, call: &Call, parameters: &Parameters) {
        let Some(by) = self.by.filter(|_| call.is_offered) else { return };
        let is_answered = call.outcome == Outcome::Answered;
        match by {
            Dimension::Account => self.add(Key::Account(account), call, is_answered, parameters),
            Dimension::Number => self.add(Key::Name(call.number), call, is_answered, parameters),
            Dimension::Scenario => self.add(Key::Name(call.scenario), call, is_answered, parameters),
            Dimension::Group => {
                for (group, answered) in &call.groups {
                    self.add(Key::Name(*group), call, *answered, parameters);
                }
            }
        }
    }

    fn add(&mut self, key: Key, call: &Call, is_answered: bool, parameters: &Parameters) {
        let sums = self.sums.entry(key).or_default();
        sums.offered += 1;
        sums.missed += i64::from(call.is_missed);
        if !is_answered {
            return;
        }
        sums.answered += 1;
        if let Some(wait) = call.queue_wait {
            sums.in_time += i64::from(wait <= parameters.answer_within);
            sums.wait = (sums.wait.0 + wait, sums.wait.1 + 1);
        }
        if let Some(talk) = call.talk {
            sums.talk = (sums.talk.0 + talk, sums.talk.1 + 1);
        }
    }

    /// Most calls first, then by name.
    pub(super) fn finish(self, names: &Names, accounts: &[Box<str>]) -> Vec<Slice> {
        let name = |key| match key {
            Key::Account(number) => accounts.get(usize::from(number)).map(|name| (**name).to_owned()),
            Key::Name(name) => name.map(|name| names.text(name).to_owned()),
        };
        let mean = |(sum, count)| Decimal::quotient(sum, count, 1);
        let slice = |(key, sums): (Key, Sums)| Slice {
            name: name(key),
            offered: sums.offered,
            answered: sums.answered,
            missed: sums.missed,
            in_time: sums.in_time,
            wait: mean(sums.wait),
            talk: mean(sums.talk),
        };
        let mut slices: Vec<_> = self.sums.into_iter().map(slice).collect();
        slices.sort_by(|one, other| (-one.offered, &one.name).cmp(&(-other.offered, &other.name)));
        slices
    }
}
