//! What is counted in each part of a split, or in the one part of all. Contacts are followed over all parts: who calls back
//! does so on another day. Not here: what results can be split by (`split`).

use std::collections::HashMap;

use chrono::Timelike;

use crate::{
    error::Error,
    legs::Leg,
    names::{NONE, Name, Names},
    parameters::Parameters,
    session::Call,
    split::By,
    table::Cell,
    tally::{Contacts, Summary, Tally, shown},
};

const DAY: i64 = 86_400;

/// The parts that were met.
#[derive(Default)]
pub(crate) struct Parts {
    by: Option<By>,
    places: HashMap<Key, usize>,
    tallies: Vec<Tally>,
    /// One for all, or one for each account: its contacts are its own.
    contacts: Vec<Contacts>,
    /// What employees are called, where results are split by them.
    people: HashMap<i64, Name>,
}

impl Parts {
    pub(crate) fn new(by: Option<By>) -> Self {
        Self { by, ..Self::default() }
    }

    /// What they are split by.
    pub(crate) const fn by(&self) -> Option<By> {
        self.by
    }

    /// An account is there, though nothing of it may be in the period.
    pub(crate) fn account(&mut self, number: u16) {
        match self.by {
            None => _ = self.whole(),
            Some(By::Account) => _ = self.place(Key::Account(number)),
            Some(_) => {}
        }
    }

    pub(crate) fn leg(&mut self, account: u16, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        let place = match self.by {
            None => self.whole(),
            Some(by) => {
                if let (By::Employee, Some(id), Some(name)) = (by, leg.employee_id, leg.employee) {
                    let name = names.of(name)?;
                    let known = self.people.entry(id).or_insert(name);
                    *known = names.max(Some(*known), Some(name)).unwrap_or(name);
                }
                let key = of_leg(by, account, leg, names)?;
                self.place(key)
            }
        };
        self.tallies.get_mut(place).map_or(Ok(()), |tally| tally.leg(leg, names))
    }

    pub(crate) fn call(
        &mut self,
        account: u16,
        call: &Call,
        names: &mut Names,
        parameters: &Parameters,
    ) -> Result<(), Error> {
        let Some(by) = self.by else {
            let place = self.whole();
            return self.count(&[place], account, call, parameters);
        };
        let places: Vec<usize> =
            of_call(by, account, call, names)?.into_iter().map(|key| self.place(key)).collect();
        self.count(&places, account, call, parameters)
    }

    fn count(
        &mut self,
        places: &[usize],
        account: u16,
        call: &Call,
        parameters: &Parameters,
    ) -> Result<(), Error> {
        for place in places {
            if let Some(tally) = self.tallies.get_mut(*place) {
                tally.call(call, parameters);
            }
        }
        let own = if self.by == Some(By::Account) { places.first().copied() } else { None };
        let own = own.unwrap_or_default();
        if self.contacts.len() <= own {
            self.contacts.resize_with(own + 1, Contacts::default);
        }
        let is_split = self.by.is_some_and(|by| by != By::Account);
        let parts = if is_split { places } else { &[] };
        self.contacts.get_mut(own).map_or(Ok(()), |contacts| contacts.call(account, call, parts))
    }

    /// The place of the only part.
    fn whole(&mut self) -> usize {
        if self.tallies.is_empty() {
            self.tallies.push(Tally::default());
        }
        0
    }

    fn place(&mut self, key: Key) -> usize {
        let next = self.tallies.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.tallies.push(Tally::default());
        }
        place
    }

    /// What each part is called and what was counted in it, in the order of their names.
    pub(crate) fn summaries(
        mut self,
        names: &Names,
        accounts: &[Box<str>],
        parameters: &Parameters,
    ) -> Vec<(Vec<Cell>, Summary)> {
        if self.by.is_none() {
            self.whole();
        }
        let mut labels = vec![Vec::new(); self.tallies.len()];
        for (key, place) in &self.places {
            if let Some(label) = labels.get_mut(*place) {
                *label = self.label(*key, names, accounts);
            }
        }
        let is_split = self.by.is_some_and(|by| by != By::Account);
        let last = self.tallies.iter().filter_map(Tally::last_start).max();
        let days = self.tallies.iter().filter_map(Tally::days);
        // Parts of one time share its calendar.
        let days = days.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).filter(|_| is_split);
        self.contacts.resize_with(if is_split { 1 } else { self.tallies.len() }, Contacts::default);
        let lasts: Vec<_> = self.tallies.iter().map(Tally::last_start).collect();
        let followed: Vec<_> = self
            .contacts
            .into_iter()
            .enumerate()
            .map(|(place, contacts)| {
                let last = if is_split { last } else { lasts.get(place).copied().flatten() };
                contacts.follow_all(parameters, last)
            })
            .collect();
        let mut summaries: Vec<_> = labels
            .into_iter()
            .zip(self.tallies)
            .enumerate()
            .filter_map(|(place, (label, tally))| {
                let followed = followed.get(if is_split { 0 } else { place })?;
                let part = is_split.then_some(place);
                Some((label, tally.summary(names, accounts, parameters, days, (followed, part))))
            })
            .collect();
        summaries.sort_by_cached_key(|(label, _)| label.iter().rev().map(order).collect::<Vec<_>>());
        summaries
    }

    fn label(&self, key: Key, names: &Names, accounts: &[Box<str>]) -> Vec<Cell> {
        let account = |number: u16| accounts.get(usize::from(number)).map_or("", |name| name);
        match key {
            Key::Account(number) => vec![account(number).to_owned().into()],
            Key::Day(day) => vec![shown(day.saturating_mul(DAY)).date().into()],
            Key::Employee(id) => {
                let name = id.and_then(|id| self.people.get(&id)).map(|name| names.text(*name).to_owned());
                vec![id.into(), name.into()]
            }
            Key::Hour(hour) => vec![hour.into()],
            Key::Name(name) => vec![names.text(name).to_owned().into()],
        }
    }
}

/// A part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(u16),
    /// Days since 1970.
    Day(i64),
    Employee(Option<i64>),
    Hour(i64),
    Name(Name),
}

/// The part of a leg.
fn of_leg(by: By, account: u16, leg: &Leg<'_>, names: &mut Names) -> Result<Key, Error> {
    Ok(match by {
        By::Account => Key::Account(account),
        By::Day => Key::Day(leg.wall.div_euclid(DAY)),
        By::Employee => Key::Employee(leg.employee_id),
        By::Group => Key::Name(names.of(leg.group.unwrap_or(NONE))?),
        By::Hour => Key::Hour(hour(leg.wall)),
        By::Number => Key::Name(names.of(leg.number.unwrap_or(NONE))?),
        By::Scenario => Key::Name(names.of(leg.scenario.unwrap_or(NONE))?),
    })
}

/// The parts of a call.
fn of_call(by: By, account: u16, call: &Call, names: &mut Names) -> Result<Vec<Key>, Error> {
    let mut key = |name: Option<Name>| name.map_or_else(|| names.of(NONE), Ok).map(Key::Name);
    Ok(match by {
        By::Account => vec![Key::Account(account)],
        By::Day => vec![Key::Day(call.wall.div_euclid(DAY))],
        By::Employee => vec![Key::Employee(None)],
        By::Group if call.groups.is_empty() => vec![key(None)?],
        By::Group => call.groups.iter().map(|(group, _)| Key::Name(*group)).collect(),
        By::Hour => vec![Key::Hour(hour(call.wall))],
        By::Number => vec![key(call.number)?],
        By::Scenario => vec![key(call.scenario)?],
    })
}

fn hour(wall: i64) -> i64 {
    shown(wall).hour().into()
}

/// Names before what has none.
fn order(cell: &Cell) -> (bool, i64, String) {
    match cell {
        Cell::Integer(number) => (false, *number, String::new()),
        Cell::Text(text) => (false, 0, text.clone()),
        Cell::Date(day) => (false, 0, day.to_string()),
        Cell::Null | Cell::Decimal(_) => (true, 0, String::new()),
    }
}
