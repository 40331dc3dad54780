//! Rings of employees: why they were not answered, by whom they were, in which groups, recorded and rated.

use std::collections::{BTreeMap, HashMap};

use crate::{
    error::Error,
    legs::{Leg, Role},
    names::{NONE, Name, Names},
    session::{CALLER_LEFT, Call},
    shape::{EMPLOYEES, GROUPS, PARETO, QUALITY, TRANSFERS},
    table::{Cell, Decimal, Table},
};

/// A colleague was faster: nobody missed anything.
const COLLEAGUE: &str = "another_operator_answer";

/// So many pairs of transfers are shown.
const PAIRS: usize = 20;

#[derive(Default)]
pub(super) struct Rings {
    reasons: HashMap<Name, i64>,
    people: BTreeMap<i64, Person>,
    groups: HashMap<Name, Group>,
    transfers: HashMap<(Name, Option<Name>), i64>,
    group_transfers: HashMap<(Option<Name>, Option<Name>), i64>,
    quality: Quality,
}

/// Calls that went on from one group to another, or within one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupTransfer {
    /// The group of the ring by which the one who handed it on had the call; `None` where there was none.
    pub from: Option<String>,
    /// The group of the ring by which the next one got it.
    pub to: Option<String>,
    /// How many calls.
    pub count: i64,
}

impl GroupTransfer {
    /// So many calls.
    pub const fn new(from: Option<String>, to: Option<String>, count: i64) -> Self {
        Self { from, to, count }
    }
}

#[derive(Default)]
struct Person {
    name: Option<Name>,
    rung: i64,
    answered: i64,
    colleague_was_faster: i64,
    caller_left: i64,
    /// Rings that were theirs to answer.
    theirs: i64,
    ring: i64,
    talk: Option<i64>,
    rating: i64,
    rated: i64,
}

#[derive(Default)]
struct Group {
    rings: i64,
    answered: i64,
    calls: i64,
    calls_answered: i64,
    picked: i64,
    ring: i64,
}

#[derive(Default)]
struct Quality {
    talked: i64,
    /// Nobody may have asked for recordings.
    recorded: Option<i64>,
    rated: i64,
    rating: i64,
}

impl Rings {
    pub(super) fn leg(&mut self, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        if !leg.is_ring() {
            return Ok(());
        }
        if leg.t1.is_none()
            && let Some(reason) = leg.reason.filter(|reason| *reason != COLLEAGUE)
        {
            *self.reasons.entry(names.of(reason)?).or_default() += 1;
        }
        if leg.is_outwards() {
            self.person(leg, names)?;
        }
        if leg.role != Role::Operator {
            return Ok(());
        }
        if leg.is_outwards() {
            let group = names.of(leg.group.unwrap_or(NONE))?;
            let group = self.groups.entry(group).or_default();
            group.rings += 1;
            group.answered += i64::from(leg.is_answer());
            if let Some(at) = leg.t1 {
                group.picked += 1;
                group.ring += at - leg.t0;
            }
        }
        if leg.talked {
            self.quality.talked += 1;
            if let Some(recorded) = leg.recorded {
                *self.quality.recorded.get_or_insert(0) += i64::from(recorded);
            }
            self.quality.rated += i64::from(leg.rating.is_some());
            self.quality.rating += leg.rating.unwrap_or_default();
        }
        Ok(())
    }

    fn person(&mut self, leg: &Leg<'_>, names: &mut Names) -> Result<(), Error> {
        let Some(id) = leg.employee_id else { return Ok(()) };
        let person = self.people.entry(id).or_default();
        if let Some(name) = leg.employee {
            let name = names.of(name)?;
            person.name = names.max(person.name, Some(name));
        }
        if leg.role == Role::Operator {
            person.rung += 1;
            match (leg.t1, leg.reason) {
                (Some(at), _) => {
                    person.answered += 1;
                    person.theirs += 1;
                    person.ring += at - leg.t0;
                }
                (None, Some(COLLEAGUE)) => person.colleague_was_faster += 1,
                (None, Some(reason)) if CALLER_LEFT.contains(&reason) => person.caller_left += 1,
                (None, Some(_)) => person.theirs += 1,
                (None, None) => {}
            }
        }
        if leg.talked
            && let Some(duration) = leg.duration
        {
            *person.talk.get_or_insert(0) += duration;
        }
        if let Some(rating) = leg.rating {
            person.rated += 1;
            person.rating += rating;
        }
        Ok(())
    }

    pub(super) fn call(&mut self, call: &Call) {
        for (group, answered) in &call.groups {
            let group = self.groups.entry(*group).or_default();
            group.calls += 1;
            group.calls_answered += i64::from(*answered);
        }
        for transfer in &call.transfers {
            *self.transfers.entry(*transfer).or_default() += 1;
        }
        for transfer in &call.group_transfers {
            *self.group_transfers.entry(*transfer).or_default() += 1;
        }
    }

    /// Most frequent first, then by names.
    pub(super) fn group_transfers(&self, names: &Names) -> Vec<GroupTransfer> {
        let text = |name: Option<Name>| name.map(|name| names.text(name).to_owned());
        let transfers = self.group_transfers.iter();
        let mut transfers: Vec<_> = transfers
            .map(|((from, to), count)| GroupTransfer { from: text(*from), to: text(*to), count: *count })
            .collect();
        transfers.sort_by(|one, other| {
            (-one.count, &one.from, &one.to).cmp(&(-other.count, &other.from, &other.to))
        });
        transfers
    }

    pub(super) fn tables(self, names: &Names, tables: &mut Vec<Table>) {
        tables.push(pareto(self.reasons, names));
        tables.push(employees(self.people, names));
        tables.push(groups(self.groups, names));
        tables.push(transfers(self.transfers, names));
        let Quality { talked, recorded, rated, rating } = self.quality;
        let row = vec![
            talked.into(),
            recorded.and_then(|recorded| Decimal::quotient(100 * recorded, talked, 1)).into(),
            Decimal::quotient(100 * rated, talked, 1).into(),
            Decimal::quotient(rating, 100 * rated, 2).into(),
        ];
        tables.push(Table::new(&QUALITY, vec![row]));
    }
}

fn pareto(reasons: HashMap<Name, i64>, names: &Names) -> Table {
    let mut reasons: Vec<_> = reasons.into_iter().map(|(reason, legs)| (-legs, names.text(reason))).collect();
    reasons.sort_unstable();
    let total: i64 = reasons.iter().map(|(legs, _)| -legs).sum();
    let mut sum = 0;
    let row = |(legs, reason): (i64, &str)| {
        sum -= legs;
        let share = Decimal::quotient(100 * sum, total, 1);
        vec![reason.to_owned().into(), (-legs).into(), share.into()]
    };
    Table::new(&PARETO, reasons.into_iter().map(row).collect())
}

fn employees(people: BTreeMap<i64, Person>, names: &Names) -> Table {
    let mut people: Vec<_> = people.into_iter().collect();
    people.sort_by_key(|(id, person)| (-person.answered, *id));
    let row = |(id, person): (i64, Person)| {
        vec![
            id.into(),
            person.name.map(|name| names.text(name).to_owned()).into(),
            person.rung.into(),
            person.answered.into(),
            person.colleague_was_faster.into(),
            person.caller_left.into(),
            Decimal::quotient(100 * person.answered, person.theirs, 1).into(),
            Decimal::quotient(person.ring, person.answered, 1).into(),
            person.talk.into(),
            Decimal::quotient(person.rating, 100 * person.rated, 2).into(),
            person.rated.into(),
        ]
    };
    Table::new(&EMPLOYEES, people.into_iter().map(row).collect())
}

fn groups(groups: HashMap<Name, Group>, names: &Names) -> Table {
    let mut groups: Vec<_> = groups.into_iter().map(|(name, group)| (names.text(name), group)).collect();
    groups.sort_by_key(|(name, group)| (-group.rings, *name));
    let row = |(name, group): (&str, Group)| {
        vec![
            name.to_owned().into(),
            group.rings.into(),
            group.answered.into(),
            group.calls.into(),
            group.calls_answered.into(),
            Decimal::quotient(group.ring, group.picked, 1).into(),
        ]
    };
    Table::new(&GROUPS, groups.into_iter().map(row).collect())
}

fn transfers(transfers: HashMap<(Name, Option<Name>), i64>, names: &Names) -> Table {
    let text = |name: Option<Name>| name.map(|name| names.text(name));
    let mut transfers: Vec<_> =
        transfers.into_iter().map(|((from, to), count)| (-count, names.text(from), text(to))).collect();
    // Who has no name comes last.
    transfers.sort_by_key(|(count, from, to)| (*count, *from, to.is_none(), *to));
    let row = |(count, from, to): (i64, &str, Option<&str>)| {
        vec![Cell::from(from.to_owned()), to.map(str::to_owned).into(), (-count).into()]
    };
    Table::new(&TRANSFERS, transfers.into_iter().take(PAIRS).map(row).collect())
}
