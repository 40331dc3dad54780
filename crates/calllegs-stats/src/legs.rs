//! The legs of a batch, by the names of its columns, as the views of the database see them.
//!
//! Where a value or an optional column is missing:
//!
//! | column | then |
//! |---|---|
//! | `account` | one account without a name |
//! | `start_at`, `connect_at` | wall clocks take their place: right but for nights when the clock changes |
//! | `is_talked` | `duration > 0` |
//! | `is_coach`, `is_transfered` (a value) | false |
//! | `total_duration` (a value) | 0 |
//! | `contact_phone_number` (empty) | unknown: a withheld number is nobody's |
//! | other names and numbers | unknown |
//!
//! A column of instants that lacks single values is an error: wall clocks and instants do not mix.
//! Not here: what legs make up together.

use arrow_array::{
    Array, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};

use crate::{error::Error, split::By};

/// Columns that are read where they are there, those that have to be first. A split may need [another](By::needs).
pub const COLUMNS: [&str; 22] = [
    "id",
    "call_session_id",
    "start_time",
    "connect_time",
    "duration",
    "total_duration",
    "finish_reason",
    "direction",
    "is_operator",
    "is_transfered",
    "is_coach",
    "account",
    "start_at",
    "connect_at",
    "is_talked",
    "contact_phone_number",
    "scenario_name",
    "employee_id",
    "employee_full_name",
    "employee_rating",
    "group_name",
    "call_records",
];

/// How many of [`COLUMNS`] have to be there.
pub const NEEDED: usize = 11;

/// What a leg is in its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Coach,
    Subscriber,
    Transfer,
    Operator,
}

/// A leg. Times are whole seconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Leg<'a> {
    pub(crate) account: &'a str,
    pub(crate) id: i64,
    pub(crate) session: i64,
    /// When it started, on the wall clock.
    pub(crate) wall: i64,
    /// When it started: an instant where instants are known, the wall clock otherwise.
    pub(crate) t0: i64,
    /// When it was picked up, like `t0`.
    pub(crate) t1: Option<i64>,
    pub(crate) duration: Option<i64>,
    pub(crate) total: i64,
    pub(crate) reason: Option<&'a str>,
    pub(crate) direction: Option<&'a str>,
    pub(crate) is_operator: Option<bool>,
    pub(crate) role: Role,
    pub(crate) talked: bool,
    pub(crate) contact: Option<&'a str>,
    pub(crate) scenario: Option<&'a str>,
    /// The company's number.
    pub(crate) number: Option<&'a str>,
    pub(crate) employee_id: Option<i64>,
    pub(crate) employee: Option<&'a str>,
    /// In hundredths.
    pub(crate) rating: Option<i64>,
    pub(crate) group: Option<&'a str>,
    /// `None` where nobody asked for recordings.
    pub(crate) recorded: Option<bool>,
}

impl Leg<'_> {
    /// When it ended.
    pub(crate) const fn t2(&self) -> i64 {
        self.t0 + self.total
    }

    /// Whether it rang somebody of the company: coaches are nobody that a call waits for.
    pub(crate) const fn is_ring(&self) -> bool {
        matches!(self.role, Role::Operator | Role::Transfer)
    }

    /// Whether an employee talked with the caller: a picked up leg may have played a greeting only.
    pub(crate) const fn is_answer(&self) -> bool {
        self.is_ring() && self.talked && self.t1.is_some()
    }

    pub(crate) fn is_outwards(&self) -> bool {
        self.direction == Some("out")
    }
}

/// A batch, each column found once.
pub(crate) struct Legs<'a> {
    account: Option<&'a StringArray>,
    id: &'a Int64Array,
    session: &'a Int64Array,
    start: &'a TimestampMicrosecondArray,
    start_at: Option<&'a TimestampMicrosecondArray>,
    connect: &'a TimestampMicrosecondArray,
    connect_at: Option<&'a TimestampMicrosecondArray>,
    duration: &'a Int32Array,
    total: &'a Int32Array,
    reason: &'a StringArray,
    direction: &'a StringArray,
    is_operator: &'a BooleanArray,
    is_transfered: &'a BooleanArray,
    is_coach: &'a BooleanArray,
    is_talked: Option<&'a BooleanArray>,
    contact: Option<&'a StringArray>,
    scenario: Option<&'a StringArray>,
    number: Option<&'a StringArray>,
    employee_id: Option<&'a Int64Array>,
    employee: Option<&'a StringArray>,
    rating: Option<&'a Float64Array>,
    group: Option<&'a StringArray>,
    records: Option<&'a ListArray>,
}

impl<'a> Legs<'a> {
    /// The columns, and whether the one that results are split by is there.
    pub(crate) fn of(batch: &'a RecordBatch, by: Option<By>) -> Result<Self, Error> {
        fn find<'a, A: 'static>(batch: &'a RecordBatch, name: &'static str) -> Result<Option<&'a A>, Error> {
            let Some(array) = batch.column_by_name(name) else { return Ok(None) };
            array.as_any().downcast_ref().map(Some).ok_or(Error::Type(name))
        }
        fn need<'a, A: 'static>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a A, Error> {
            find(batch, name)?.ok_or(Error::NoColumn(name))
        }
        if let Some(name) = by.and_then(By::needs)
            && batch.column_by_name(name).is_none()
        {
            return Err(Error::NothingToSplitBy(name));
        }
        Ok(Self {
            account: find(batch, "account")?,
            id: need(batch, "id")?,
            session: need(batch, "call_session_id")?,
            start: need(batch, "start_time")?,
            start_at: find(batch, "start_at")?,
            connect: need(batch, "connect_time")?,
            connect_at: find(batch, "connect_at")?,
            duration: need(batch, "duration")?,
            total: need(batch, "total_duration")?,
            reason: need(batch, "finish_reason")?,
            direction: need(batch, "direction")?,
            is_operator: need(batch, "is_operator")?,
            is_transfered: need(batch, "is_transfered")?,
            is_coach: need(batch, "is_coach")?,
            is_talked: find(batch, "is_talked")?,
            contact: find(batch, "contact_phone_number")?,
            scenario: find(batch, "scenario_name")?,
            number: if by == Some(By::Number) { find(batch, "virtual_phone_number")? } else { None },
            employee_id: find(batch, "employee_id")?,
            employee: find(batch, "employee_full_name")?,
            rating: find(batch, "employee_rating")?,
            group: find(batch, "group_name")?,
            records: find(batch, "call_records")?,
        })
    }

    pub(crate) fn leg(&self, row: usize) -> Result<Leg<'a>, Error> {
        let boolean = |array: &BooleanArray| array.is_valid(row).then(|| array.value(row));
        let int32 = |array: &Int32Array| array.is_valid(row).then(|| i64::from(array.value(row)));
        let int64 = |array: &Int64Array| array.is_valid(row).then(|| array.value(row));
        let text = |array: &'a StringArray| array.is_valid(row).then(|| array.value(row));
        let (start, connect) = (seconds(self.start, row), seconds(self.connect, row));
        let wall = start.ok_or(Error::NoValue("start_time"))?;
        let t0 = match self.start_at {
            Some(array) => seconds(array, row).ok_or(Error::NoValue("start_at"))?,
            None => wall,
        };
        let t1 = match (connect, self.connect_at) {
            (None, _) => None,
            (Some(_), Some(array)) => Some(seconds(array, row).ok_or(Error::NoValue("connect_at"))?),
            (Some(connect), None) => Some(t0 + (connect - wall)),
        };
        let is_operator = boolean(self.is_operator);
        let role = match (boolean(self.is_coach), is_operator, boolean(self.is_transfered)) {
            (Some(true), ..) => Role::Coach,
            (_, None | Some(false), _) => Role::Subscriber,
            (_, _, Some(true)) => Role::Transfer,
            (_, _, _) => Role::Operator,
        };
        let duration = int32(self.duration);
        let is_talked = self.is_talked.and_then(boolean);
        Ok(Leg {
            account: self.account.and_then(text).unwrap_or_default(),
            id: int64(self.id).ok_or(Error::NoValue("id"))?,
            session: int64(self.session).ok_or(Error::NoValue("call_session_id"))?,
            wall,
            t0,
            t1,
            duration,
            total: int32(self.total).unwrap_or_default(),
            reason: text(self.reason),
            direction: text(self.direction),
            is_operator,
            role,
            talked: is_talked.or_else(|| duration.map(|duration| duration > 0)).unwrap_or_default(),
            contact: self.contact.and_then(text).filter(|number| !number.is_empty()),
            scenario: self.scenario.and_then(text),
            number: self.number.and_then(text),
            employee_id: self.employee_id.and_then(int64),
            employee: self.employee.and_then(text),
            rating: self.rating.filter(|array| array.is_valid(row)).map(|array| hundredths(array.value(row))),
            group: self.group.and_then(text),
            recorded: self.records.map(|array| array.is_valid(row) && array.value_length(row) > 0),
        })
    }
}

fn seconds(array: &TimestampMicrosecondArray, row: usize) -> Option<i64> {
    array.is_valid(row).then(|| array.value(row).div_euclid(1_000_000))
}

/// Ratings have at most two digits behind the point; as integers their sums are exact.
fn hundredths(rating: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and ratings are small")]
    let units = (rating * 100.0).round() as i64;
    units
}
