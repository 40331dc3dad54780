//! Periods of account-local wall clock time and their cuts. Pure arithmetic.

use std::{borrow::Cow, fmt, ops::RangeInclusive, str::FromStr};

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{filter::Refusal, generated::mnemonics::Mnemonic, value::wall_time};

/// The longest slice of a sweep: 31 days never break the server's rule of three months (docs/api.md 6.1, question 4).
pub const LONGEST_SLICE: TimeDelta = TimeDelta::days(31);

/// How much wider a window is asked on both sides, because the server's bounds may be inclusive or exclusive
/// (docs/api.md Q2).
pub const MARGIN: TimeDelta = TimeDelta::seconds(1);

/// What times of the wire are counted in: the shortest window.
pub(crate) const SECOND: TimeDelta = TimeDelta::seconds(1);

/// A half-open period `[from, till)` of whole seconds, in the account's wall clock.
///
/// ```
/// use calllegs_core::{Period, chrono::NaiveDate};
///
/// let monday = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
/// let week = Period::days(monday..=monday + chrono::TimeDelta::days(6))?;
/// assert_eq!(week.to_string(), "2026-03-02 00:00:00..2026-03-09 00:00:00");
/// assert_eq!("2026-03-02..2026-03-09".parse(), Ok(week)); // a date alone is its midnight
/// # Ok::<(), calllegs_core::filter::Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    from: NaiveDateTime,
    till: NaiveDateTime,
}

impl Period {
    /// A period; fractions of a second are cut.
    ///
    /// # Errors
    /// When it ends before it starts, or leaves the years 1 to 9998 that the wire can write with a margin.
    pub fn new(from: NaiveDateTime, till: NaiveDateTime) -> Result<Self, Refusal> {
        let whole = |time: NaiveDateTime| time.with_nanosecond(0).unwrap_or(time);
        let (from, till) = (whole(from), whole(till));
        if from > till {
            let reason = format!("{} is after {}", wall_time::format(from), wall_time::format(till));
            return Err(Refusal::new(Mnemonic::InvalidParametersCombination, "date_from", reason)
                .hint("the period ends before it starts"));
        }
        if from.year() < 1 || till.year() > 9998 {
            let reason = "the period leaves the years 1 to 9998";
            return Err(Refusal::new(Mnemonic::InvalidParameterValue, "date_from", reason));
        }
        Ok(Self { from, till })
    }

    /// One day, from midnight to midnight.
    ///
    /// # Errors
    /// When it leaves the years 1 to 9998.
    pub fn day(date: NaiveDate) -> Result<Self, Refusal> {
        Self::days(date..=date)
    }

    /// Whole days, the last one included.
    ///
    /// # Errors
    /// When the last one is before the first, or they leave the years 1 to 9998.
    pub fn days(dates: RangeInclusive<NaiveDate>) -> Result<Self, Refusal> {
        let (first, last) = dates.into_inner();
        let till = last.succ_opt().unwrap_or(last);
        Self::new(first.and_time(NaiveTime::MIN), till.and_time(NaiveTime::MIN))
    }

    /// A window that follows from a checked period: whole seconds, in order.
    /// No time: the period of a listing that has none.
    pub const NONE: Self = Self::raw(DateTime::UNIX_EPOCH.naive_utc(), DateTime::UNIX_EPOCH.naive_utc());

    pub(crate) const fn raw(from: NaiveDateTime, till: NaiveDateTime) -> Self {
        Self { from, till }
    }

    /// The first second.
    pub const fn from(self) -> NaiveDateTime {
        self.from
    }

    /// The first second after the last.
    pub const fn till(self) -> NaiveDateTime {
        self.till
    }

    /// Whether there is no second in it.
    pub fn is_empty(self) -> bool {
        self.from == self.till
    }

    /// Whether the time lies in it.
    pub fn contains(self, time: NaiveDateTime) -> bool {
        self.from <= time && time < self.till
    }

    /// Whether the time lies in it, or is its very end.
    pub(crate) fn encloses(self, time: NaiveDateTime) -> bool {
        self.from <= time && time <= self.till
    }

    /// The same period, one [`MARGIN`] wider on both sides.
    #[must_use]
    pub fn widened(self) -> Self {
        // Years are bounded by `new`, so neither sum leaves chrono's range; if it did, the bound itself is used.
        Self {
            from: self.from.checked_sub_signed(MARGIN).unwrap_or(self.from),
            till: self.till.checked_add_signed(MARGIN).unwrap_or(self.till),
        }
    }

    /// Consecutive slices of at most this length: disjoint, in order, together the period. An empty period has none.
    pub fn slices(self, longest: TimeDelta) -> impl Iterator<Item = Self> {
        let longest = longest.max(TimeDelta::seconds(1));
        let mut from = self.from;
        std::iter::from_fn(move || {
            if from >= self.till {
                return None;
            }
            let till = from.checked_add_signed(longest).map_or(self.till, |till| till.min(self.till));
            let slice = Self { from, till };
            from = till;
            Some(slice)
        })
    }

    /// The two halves, cut at a whole second; `None` when it is one second or less.
    pub fn bisect(self) -> Option<(Self, Self)> {
        let half = TimeDelta::seconds((self.till - self.from).num_seconds() / 2);
        let middle = self.from.checked_add_signed(half)?;
        (middle > self.from).then_some((Self { till: middle, ..self }, Self { from: middle, ..self }))
    }

    /// Whether the server refuses it for being longer than three calendar months (`date_interval_limit_reached`).
    pub(crate) fn exceeds_three_months(self) -> bool {
        self.from.checked_add_months(Months::new(3)).is_some_and(|bound| self.till > bound)
    }
}

/// As `FROM..TILL`, which [`FromStr`] reads.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", wall_time::format(self.from), wall_time::format(self.till))
    }
}

/// Reads `FROM..TILL`, each `YYYY-MM-DD hh:mm:ss` or a date, which is its midnight. As in Rust, the end is outside.
impl FromStr for Period {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let bound = |text: &str| {
            wall_time::parse(text).or_else(|_| wall_time::parse(&format!("{text} 00:00:00"))).ok()
        };
        let bounds = text.split_once("..").and_then(|(from, till)| bound(from).zip(bound(till)));
        let (from, till) = bounds.ok_or_else(|| {
            let reason = "a period is written as FROM..TILL, each YYYY-MM-DD or YYYY-MM-DD hh:mm:ss";
            Refusal::new(Mnemonic::InvalidParameterValue, "date_from", reason)
        })?;
        Self::new(from, till)
    }
}

/// As text.
impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
