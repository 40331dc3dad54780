//! What is counted in each part of a split, or in the one part of all. Contacts are followed over all parts: who calls back
//! does so on another day. Not here: to which parts a leg belongs (`split`).

use std::collections::HashMap;

use crate::{
    error::Error,
    legs::Leg,
    names::{Name, Names},
    parameters::Parameters,
    session::Call,
    split::{By, Key},
    table::Cell,
    tally::{Contacts, Summary, Tally, shown},
};

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
                let key = by.leg(account, leg, names)?;
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
            by.call(account, call, names)?.into_iter().map(|key| self.place(key)).collect();
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
            Key::Day(day) => vec![shown(day.saturating_mul(86_400)).date().into()],
            Key::Employee(id) => {
                let name = id.and_then(|id| self.people.get(&id)).map(|name| names.text(*name).to_owned());
                vec![id.into(), name.into()]
            }
            Key::Hour(hour) => vec![hour.into()],
            Key::Name(name) => vec![names.text(name).to_owned().into()],
        }
    }
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
