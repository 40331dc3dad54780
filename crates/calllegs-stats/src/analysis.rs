//! Legs in, results out: which legs are a call, and when a call is over.
//!
//! Calls are told by account and id, never by the order of their legs. Legs usually come by start; a call whose last leg
//! ended an hour before the latest start that was seen is counted and forgotten, so memory holds the calls of about an hour.
//! If a leg of such a call comes all the same, that is noticed at the end: the call was counted twice then. [`Finish::Again`]
//! asks for a second reading, in which those calls are kept until the end, so the results do not depend on the order.
//!
//! With a [period](crate::Parameters::period), rings are counted that start in it, and calls that begin in it, with all their
//! legs: legs from beside the period complete calls at its ends, and count nowhere else.
//! Not here: where legs come from.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt, mem,
};

use arrow_array::RecordBatch;

use crate::{
    error::Error,
    legs::{Leg, Legs},
    names::Names,
    parameters::Parameters,
    session::Session,
    tally::{Summary, Tally},
};

/// How long after its last leg a call is taken to be over.
const MARGIN: i64 = 3600;
/// How often calls that are over are looked for, in seconds of the legs' time.
const STEP: i64 = 900;

/// Counts calls while their legs go by.
///
/// ```
/// use arrow_array::RecordBatch;
/// use calllegs_stats::{Analysis, Finish, Parameters, shape};
///
/// # fn legs() -> Vec<RecordBatch> { Vec::new() }
/// let mut analysis = Analysis::new(Parameters::default());
/// let results = loop {
///     for batch in legs() {
///         analysis.push(&batch)?;
///     }
///     match analysis.finish()? {
///         Finish::Done(results) => break results,
///         Finish::Again(second) => analysis = *second,
///     }
/// };
/// let offered = results.total().and_then(|summary| summary.table(&shape::SERVICE_LEVEL));
/// assert_eq!(offered.map(|table| table.rows.len()), Some(1));
/// # Ok::<(), calllegs_stats::Error>(())
/// ```
pub struct Analysis {
    parameters: Parameters,
    period: Option<(i64, i64)>,
    by_account: bool,
    names: Names,
    accounts: Vec<Account>,
    numbers: HashMap<Box<str>, u16>,
    /// One, or one for each account.
    tallies: Vec<Tally>,
    /// Calls that have to be kept until the end, by account: legs of them came late before.
    late: Option<HashMap<Box<str>, HashSet<i64>>>,
}

struct Account {
    name: Box<str>,
    open: HashMap<i64, Session>,
    late: HashSet<i64>,
    /// Calls that were counted.
    over: Vec<i64>,
    latest: i64,
    looked: i64,
}

/// What an [`Analysis`] ends with.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "both have to be handled")]
pub enum Finish {
    /// The results.
    Done(Results),
    /// Legs came too late for their calls. Give the same legs to this one.
    Again(Box<Analysis>),
}

/// Results of all legs together, or of each account.
#[derive(Clone, Debug)]
pub struct Results {
    summaries: Vec<(Option<String>, Summary)>,
}

impl Results {
    /// Those of all legs together, unless they are asked for by account.
    pub fn total(&self) -> Option<&Summary> {
        self.summaries.iter().find(|(account, _)| account.is_none()).map(|(_, summary)| summary)
    }

    /// Those of each account, by name; or those of all, without one.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &Summary)> {
        self.summaries.iter().map(|(account, summary)| (account.as_deref(), summary))
    }
}

impl Analysis {
    /// Of all accounts together.
    pub fn new(parameters: Parameters) -> Self {
        let seconds = |time: chrono::NaiveDateTime| time.and_utc().timestamp();
        Self {
            period: parameters.period.map(|(from, till)| (seconds(from), seconds(till))),
            parameters,
            by_account: false,
            names: Names::default(),
            accounts: Vec::new(),
            numbers: HashMap::new(),
            tallies: Vec::new(),
            late: None,
        }
    }

    /// Of each account alone. People and calls of different accounts may have the same ids.
    #[must_use]
    pub const fn by_account(mut self) -> Self {
        self.by_account = true;
        self
    }

    /// Counts the legs of a batch. Columns are found by name; see [`COLUMNS`](crate::COLUMNS).
    ///
    /// # Errors
    /// When a column is missing or has another type, or a leg has no value where it must have one.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let legs = Legs::of(batch)?;
        let mut last: Option<(&str, u16)> = None;
        for row in 0..batch.num_rows() {
            let leg = legs.leg(row)?;
            let number = match last {
                Some((account, number)) if account == leg.account => number,
                Some(_) | None => self.number(leg.account)?,
            };
            last = Some((leg.account, number));
            self.add(number, &leg)?;
        }
        Ok(())
    }

    /// The number of an account.
    fn number(&mut self, account: &str) -> Result<u16, Error> {
        if let Some(number) = self.numbers.get(account) {
            return Ok(*number);
        }
        let number = u16::try_from(self.accounts.len()).map_err(|_| Error::TooMany("accounts"))?;
        let late = self.late.as_mut().and_then(|late| late.remove(account));
        self.accounts.push(Account {
            name: account.into(),
            open: HashMap::new(),
            late: late.unwrap_or_default(),
            over: Vec::new(),
            latest: i64::MIN,
            looked: i64::MIN,
        });
        self.numbers.insert(account.into(), number);
        if self.by_account || self.tallies.is_empty() {
            self.tallies.push(Tally::default());
        }
        Ok(number)
    }

    fn add(&mut self, number: u16, leg: &Leg<'_>) -> Result<(), Error> {
        let names = &mut self.names;
        let Some(tally) = self.tallies.get_mut(if self.by_account { number.into() } else { 0 }) else {
            return Ok(());
        };
        if within(self.period, leg.wall) {
            tally.leg(leg, names)?;
        }
        let Some(account) = self.accounts.get_mut(usize::from(number)) else { return Ok(()) };
        match account.open.entry(leg.session) {
            Entry::Occupied(mut open) => open.get_mut().add(leg, names)?,
            Entry::Vacant(place) => {
                place.insert(Session::new(leg, names)?);
            }
        }
        account.latest = account.latest.max(leg.t0);
        if account.latest.saturating_sub(account.looked) >= STEP {
            account.looked = account.latest;
            let at = account.latest - MARGIN;
            let late = &account.late;
            let over = account.open.extract_if(|id, session| session.is_over(at) && !late.contains(id));
            for (id, session) in over {
                account.over.push(id);
                count(tally, number, session, names, &self.parameters, self.period)?;
            }
        }
        Ok(())
    }

    /// The results, unless legs came too late for their calls.
    ///
    /// # Errors
    /// When a leg was there twice, or when legs came late that did not at the first reading.
    pub fn finish(mut self) -> Result<Finish, Error> {
        let mut late: HashMap<Box<str>, HashSet<i64>> = HashMap::new();
        for (number, account) in (0..).zip(&mut self.accounts) {
            let place = if self.by_account { usize::from(number) } else { 0 };
            let Some(tally) = self.tallies.get_mut(place) else { continue };
            for (id, session) in mem::take(&mut account.open) {
                account.over.push(id);
                count(tally, number, session, &self.names, &self.parameters, self.period)?;
            }
            let mut over = mem::take(&mut account.over);
            over.sort_unstable();
            let twice = over.iter().zip(over.iter().skip(1)).filter(|(one, other)| one == other);
            let twice: HashSet<i64> = twice.map(|(id, _)| *id).collect();
            if !twice.is_empty() {
                late.insert(account.name.clone(), twice);
            }
        }
        if !late.is_empty() {
            if self.late.is_some() {
                return Err(Error::Changed);
            }
            let again = Self { by_account: self.by_account, late: Some(late), ..Self::new(self.parameters) };
            return Ok(Finish::Again(Box::new(again)));
        }
        Ok(Finish::Done(self.results()))
    }

    fn results(mut self) -> Results {
        let accounts: Vec<Box<str>> = self.accounts.into_iter().map(|account| account.name).collect();
        if self.tallies.is_empty() && !self.by_account {
            self.tallies.push(Tally::default());
        }
        let by_account = self.by_account;
        let names = |place: usize| accounts.get(place).filter(|_| by_account).map(|name| (**name).to_owned());
        let tallies = self.tallies.into_iter().enumerate();
        let summary = |(place, tally): (usize, Tally)| {
            (names(place), tally.summary(&self.names, &accounts, &self.parameters))
        };
        let mut summaries: Vec<_> = tallies.map(summary).collect();
        summaries.sort_by(|(one, _), (other, _)| one.cmp(other));
        Results { summaries }
    }
}

/// Shows no name.
impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis")
            .field("parameters", &self.parameters)
            .field("by_account", &self.by_account)
            .field("is_second", &self.late.is_some())
            .finish_non_exhaustive()
    }
}

fn within(period: Option<(i64, i64)>, wall: i64) -> bool {
    period.is_none_or(|(from, till)| from <= wall && wall < till)
}

fn count(
    tally: &mut Tally,
    account: u16,
    session: Session,
    names: &Names,
    parameters: &Parameters,
    period: Option<(i64, i64)>,
) -> Result<(), Error> {
    let call = session.call(names, parameters.short_abandon)?;
    if within(period, call.wall) { tally.call(account, &call, parameters) } else { Ok(()) }
}
