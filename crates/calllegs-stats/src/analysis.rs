//! Legs in, results out: which legs are a call, and when a call is over.
//!
//! Calls are told by account and id, never by the order of their legs. Legs usually come by start; a call whose last leg
//! ended an hour before the latest start that was seen is counted and forgotten, so memory holds the calls of about an hour.
//! If a leg of such a call comes all the same, that is noticed at the end: the call was counted twice then. [`Finish::Again`]
//! asks for another reading, in which those calls are kept until the end. Where that would be too many, further readings take
//! the calls in parts, each in any order. So results depend neither on the order nor on how much fits into memory.
//!
//! With a [period](crate::Parameters::period), rings are counted that start in it, and calls that begin in it, with all their
//! legs: legs from beside the period complete calls at its ends, and count nowhere else.
//! Not here: where legs come from.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt, mem,
};

use arrow_array::{Array as _, RecordBatch};

use crate::{
    error::Error,
    legs::{COLUMNS, Leg, Legs, NEEDED},
    names::Names,
    parameters::Parameters,
    parts::Parts,
    session::Session,
    split::By,
    table::Cell,
    tally::Summary,
};

/// How long after its last leg a call is taken to be over.
const MARGIN: i64 = 3600;
/// How often calls that are over are looked for, in seconds of the legs' time.
const STEP: i64 = 900;
/// So many legs are held at once where their order does not help.
const HELD: u64 = 1 << 19;

/// Counts calls while their legs go by.
///
/// ```
/// use arrow_array::RecordBatch;
/// use calllegs_stats::{Analysis, Parameters, shape};
///
/// # fn legs() -> Vec<RecordBatch> { Vec::new() }
/// let analysis = Analysis::new(Parameters::default());
/// // Read once, or twice where legs come late.
/// let results = analysis.run(|analysis| legs().iter().try_for_each(|batch| analysis.push(batch)))?;
/// let offered = results.total().and_then(|summary| summary.table(&shape::SERVICE_LEVEL));
/// assert_eq!(offered.map(|table| table.rows.len()), Some(1));
/// # Ok::<(), calllegs_stats::Error>(())
/// ```
pub struct Analysis {
    parameters: Parameters,
    period: Option<(i64, i64)>,
    names: Names,
    accounts: Vec<Account>,
    numbers: HashMap<Box<str>, u16>,
    parts: Parts,
    reading: Reading,
    held: u64,
    /// Of the needed columns, those that have had a value.
    known: [bool; NEEDED],
    /// Legs of this reading, and those that came more than the margin behind others.
    legs: u64,
    behind: u64,
}

/// What a reading does with calls.
enum Reading {
    /// Counts those that are over, but not these, by account: legs of them came late before.
    Once { late: Option<HashMap<Box<str>, HashSet<i64>>> },
    /// Only says how many legs there are: there is no order to rely on.
    Counting,
    /// Counts this part of them, none before the end. All readings have so many legs.
    Part { part: u64, of: u64, legs: u64 },
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
    /// Legs came too late for their calls, or do not fit into memory. Give the same legs to this one.
    Again(Box<Analysis>),
}

/// Results of all legs together, or of each part of a split.
#[derive(Clone)]
pub struct Results {
    summaries: Vec<(Vec<Cell>, Summary)>,
}

impl Results {
    /// Those of all legs together, unless they are asked for in parts.
    pub fn total(&self) -> Option<&Summary> {
        self.summaries.iter().find(|(name, _)| name.is_empty()).map(|(_, summary)| summary)
    }

    /// Those of each part, in the order of their names, which are as [`By::columns`] has them; or those of all, without one.
    pub fn parts(&self) -> impl Iterator<Item = (&[Cell], &Summary)> {
        self.summaries.iter().map(|(name, summary)| (name.as_slice(), summary))
    }
}

/// Shows no name.
impl fmt::Debug for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").field("parts", &self.summaries.len()).finish_non_exhaustive()
    }
}

impl Analysis {
    /// Of all accounts together.
    pub fn new(parameters: Parameters) -> Self {
        let seconds = |time: chrono::NaiveDateTime| time.and_utc().timestamp();
        Self {
            period: parameters.period.map(|(from, till)| (seconds(from), seconds(till))),
            parameters,
            names: Names::default(),
            accounts: Vec::new(),
            numbers: HashMap::new(),
            parts: Parts::default(),
            reading: Reading::Once { late: None },
            held: HELD,
            known: [false; NEEDED],
            legs: 0,
            behind: 0,
        }
    }

    /// In parts.
    #[must_use]
    pub fn by(mut self, by: By) -> Self {
        self.parts = Parts::new(Some(by));
        self
    }

    /// How many legs may be held at once where they come in no order; half a million. Fewer take more readings.
    #[must_use]
    pub const fn held(mut self, legs: u64) -> Self {
        self.held = legs;
        self
    }

    /// Counts the legs of a batch. Columns are found by name; see [`COLUMNS`].
    ///
    /// # Errors
    /// When a column is missing or has another type, or a leg has no value where it must have one.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let legs = Legs::of(batch, self.parts.by())?;
        self.legs += batch.num_rows() as u64;
        for (known, name) in self.known.iter_mut().zip(COLUMNS) {
            *known = *known || batch.column_by_name(name).is_some_and(|it| it.null_count() < it.len());
        }
        if matches!(self.reading, Reading::Counting) {
            return Ok(());
        }
        if self.behind > self.held / 4 {
            self.reading = Reading::Counting;
            self.forget();
            return Ok(());
        }
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

    /// The results of all batches that are pushed by this reading, which is done again where legs come late.
    ///
    /// # Errors
    /// Those of the reading, of [`push`](Self::push) and of [`finish`](Self::finish).
    pub fn run<E: From<Error>>(
        mut self,
        mut read: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<Results, E> {
        loop {
            read(&mut self)?;
            match self.finish()? {
                Finish::Done(results) => return Ok(results),
                Finish::Again(second) => self = *second,
            }
        }
    }

    /// The number of an account.
    fn number(&mut self, account: &str) -> Result<u16, Error> {
        if let Some(number) = self.numbers.get(account) {
            return Ok(*number);
        }
        let number = u16::try_from(self.accounts.len()).map_err(|_| Error::TooMany("accounts"))?;
        let late = match &mut self.reading {
            Reading::Once { late: Some(late) } => late.remove(account),
            Reading::Once { late: None } | Reading::Counting | Reading::Part { .. } => None,
        };
        self.accounts.push(Account {
            name: account.into(),
            open: HashMap::new(),
            late: late.unwrap_or_default(),
            over: Vec::new(),
            latest: i64::MIN,
            looked: i64::MIN,
        });
        self.numbers.insert(account.into(), number);
        self.parts.account(number);
        Ok(number)
    }

    fn add(&mut self, number: u16, leg: &Leg<'_>) -> Result<(), Error> {
        let names = &mut self.names;
        let Some(account) = self.accounts.get_mut(usize::from(number)) else { return Ok(()) };
        let is_first = !matches!(self.reading, Reading::Part { part: 1.., .. });
        if is_first && within(self.period, leg.wall) {
            self.parts.leg(number, leg, names)?;
        }
        if let Reading::Part { part, of, .. } = self.reading
            && leg.session.unsigned_abs() % of != part
        {
            return Ok(());
        }
        match account.open.entry(leg.session) {
            Entry::Occupied(mut open) => open.get_mut().add(leg, names)?,
            Entry::Vacant(place) => {
                place.insert(Session::new(leg, names)?);
            }
        }
        if !matches!(self.reading, Reading::Once { .. }) {
            return Ok(());
        }
        self.behind += u64::from(leg.t0 < account.latest.saturating_sub(MARGIN));
        account.latest = account.latest.max(leg.t0);
        if account.latest.saturating_sub(account.looked) >= STEP {
            account.looked = account.latest;
            let at = account.latest - MARGIN;
            let late = &account.late;
            let over = account.open.extract_if(|id, session| session.is_over(at) && !late.contains(id));
            for (id, session) in over {
                account.over.push(id);
                count(&mut self.parts, number, session, names, &self.parameters, self.period)?;
            }
        }
        Ok(())
    }

    /// The results, unless legs came too late for their calls.
    ///
    /// # Errors
    /// When a leg was there twice, when another reading had other legs, or when a column that is needed had no value at all.
    pub fn finish(mut self) -> Result<Finish, Error> {
        // Nobody may have been connected.
        let unknown = COLUMNS.iter().zip(self.known).find(|(name, known)| !known && **name != "connect_time");
        if let Some((name, _)) = unknown.filter(|_| self.legs > 0) {
            return Err(Error::Unknown(name));
        }
        let mut late: HashMap<Box<str>, HashSet<i64>> = HashMap::new();
        for (number, account) in (0..).zip(&mut self.accounts) {
            for (id, session) in mem::take(&mut account.open) {
                account.over.push(id);
                count(&mut self.parts, number, session, &mut self.names, &self.parameters, self.period)?;
            }
            let mut over = mem::take(&mut account.over);
            over.sort_unstable();
            let twice = over.iter().zip(over.iter().skip(1)).filter(|(one, other)| one == other);
            let twice: HashSet<i64> = twice.map(|(id, _)| *id).collect();
            if !twice.is_empty() {
                late.insert(account.name.clone(), twice);
            }
        }
        let calls: usize = late.values().map(HashSet::len).sum();
        let legs = mem::take(&mut self.legs);
        let next = match self.reading {
            Reading::Once { .. } if calls == 0 => None,
            Reading::Once { late: Some(_) } => return Err(Error::Changed),
            // A call has several legs.
            Reading::Once { late: None } if calls as u64 <= self.held / 4 => {
                self.forget();
                Some(Reading::Once { late: Some(late) })
            }
            Reading::Once { late: None } | Reading::Counting => {
                self.forget();
                Some(Reading::Part { part: 0, of: legs / self.held.max(1) + 1, legs })
            }
            Reading::Part { legs: before, .. } if before != legs => return Err(Error::Changed),
            Reading::Part { part, of, .. } if part + 1 == of => None,
            Reading::Part { part, of, .. } => Some(Reading::Part { part: part + 1, of, legs }),
        };
        Ok(match next {
            Some(reading) => Finish::Again(Box::new(Self { reading, ..self })),
            None => Finish::Done(self.results()),
        })
    }

    /// As if no leg had been seen.
    fn forget(&mut self) {
        self.names = Names::default();
        self.accounts = Vec::new();
        self.numbers = HashMap::new();
        self.parts = Parts::new(self.parts.by());
        self.behind = 0;
    }

    fn results(self) -> Results {
        let accounts: Vec<Box<str>> = self.accounts.into_iter().map(|account| account.name).collect();
        Results { summaries: self.parts.summaries(&self.names, &accounts, &self.parameters) }
    }
}

/// Shows no name.
impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis")
            .field("parameters", &self.parameters)
            .field("by", &self.parts.by())
            .field("legs", &self.legs)
            .finish_non_exhaustive()
    }
}

fn within(period: Option<(i64, i64)>, wall: i64) -> bool {
    period.is_none_or(|(from, till)| from <= wall && wall < till)
}

fn count(
    parts: &mut Parts,
    account: u16,
    session: Session,
    names: &mut Names,
    parameters: &Parameters,
    period: Option<(i64, i64)>,
) -> Result<(), Error> {
    let call = session.call(names, parameters.short_abandon)?;
    if within(period, call.wall) { parts.call(account, &call, names, parameters) } else { Ok(()) }
}
