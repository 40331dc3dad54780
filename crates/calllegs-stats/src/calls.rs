//! Calls one by one, in the figures that the vendor's report of sessions has too, so that both can be held against each other.
//!
//! | figure | of legs | of which calls |
//! |---|---|---|
//! | direction | `in` where the first leg is a caller's, else `out`; calls within the house go out | all |
//! | lost | nobody of the company talked to the caller | inbound |
//! | wait | from the start to the first conversation | inbound, answered |
//! | talk | from when both sides are there to the end of the subscriber's leg, and nothing where nobody talked | all but those within the house |
//!
//! A call that was made for somebody rings the subscriber first: it is no talk before the employee is there too.
//!
//! All calls are held until the end: about half a kilobyte each. Not here: what the report says.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use arrow_array::RecordBatch;

use crate::{
    error::Error,
    legs::{Legs, Role},
    names::Names,
    parameters::Parameters,
    session::{Outcome, Session, Way},
};

/// What legs tell of a call; `None` where a figure is not of such calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallFigures {
    /// Whether it came in.
    pub is_inbound: bool,
    /// Whether nobody talked to the caller.
    pub is_lost: Option<bool>,
    /// Seconds from the start to the first conversation.
    pub wait: Option<i64>,
    /// Seconds from the first conversation to the end of it all.
    pub talk: Option<i64>,
}

/// Puts legs together to calls.
#[derive(Default)]
pub struct Calls {
    account: Option<Box<str>>,
    names: Names,
    /// With the end of the subscriber's leg, which lasts as long as the call.
    open: HashMap<i64, (Session, Option<i64>)>,
}

impl Calls {
    /// Of legs of this account, and those that say none.
    pub fn of(account: &str) -> Self {
        Self { account: Some(account.into()), ..Self::default() }
    }

    /// Takes the legs of a batch, in any order. Columns are found by name; see [`COLUMNS`](crate::COLUMNS).
    ///
    /// # Errors
    /// When a column is missing or has another type, or a leg has no value where it must have one.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let legs = Legs::of(batch, None)?;
        for row in 0..batch.num_rows() {
            let leg = legs.leg(row)?;
            if self.account.as_deref().is_some_and(|own| !leg.account.is_empty() && leg.account != own) {
                continue;
            }
            let end = (leg.role == Role::Subscriber).then(|| leg.t2());
            match self.open.entry(leg.session) {
                Entry::Occupied(mut open) => {
                    let (session, known) = open.get_mut();
                    session.add(&leg, &mut self.names)?;
                    *known = end.max(*known);
                }
                Entry::Vacant(place) => {
                    place.insert((Session::new(&leg, &mut self.names)?, end));
                }
            }
        }
        Ok(())
    }

    /// Each call, by its id.
    ///
    /// # Errors
    /// When a leg was there twice.
    pub fn finish(self) -> Result<HashMap<i64, CallFigures>, Error> {
        let Self { names, open, .. } = self;
        let short = Parameters::default().short_abandon;
        open.into_iter().map(|(id, (session, end))| Ok((id, figures(session, end, &names, short)?))).collect()
    }
}

fn figures(session: Session, end: Option<i64>, names: &Names, short: i64) -> Result<CallFigures, Error> {
    let call = session.call(names, short)?;
    let is_inbound = call.way == Way::In;
    let is_answered = call.outcome == Outcome::Answered;
    let both = call.first_talk.map(|first| first.max(call.start + call.wait.unwrap_or_default()));
    let talk = both.map_or(0, |both| end.unwrap_or(call.end) - both);
    Ok(CallFigures {
        is_inbound,
        is_lost: is_inbound.then_some(!is_answered),
        wait: call.wait.filter(|_| is_inbound && is_answered),
        talk: (call.way != Way::Internal).then_some(talk),
    })
}

/// Shows no name.
impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("calls", &self.open.len()).finish_non_exhaustive()
    }
}
