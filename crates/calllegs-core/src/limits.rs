//! Points: what the server says is left, and the gate that a call passes before it is sent.
//!
//! Every successful call costs points of a minute, an hour or a day (API.md 4); which of them exist, and how many
//! points they hold, is the server's word alone. Pure: time is an argument.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::{error::Budget, value::lenient::Loose};

/// The span of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Span {
    /// Points per day.
    Day,
    /// Points per hour; undocumented, seen in newer methods.
    Hour,
    /// Points per minute.
    Minute,
}

impl Span {
    const ALL: [Self; 3] = [Self::Day, Self::Hour, Self::Minute];

    /// The word of `limit_type` and of the metadata members.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
        }
    }

    /// Its length, which bounds any reset.
    pub const fn length(self) -> Duration {
        match self {
            Self::Day => Duration::from_secs(86_400),
            Self::Hour => Duration::from_secs(3600),
            Self::Minute => Duration::from_secs(60),
        }
    }
}

/// One limit as a reply states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// Points of a whole span.
    pub limit: Option<u32>,
    /// Points left, the call that was answered already counted.
    pub remaining: Option<u32>,
    /// Time until the span starts anew.
    pub reset: Option<Duration>,
}

/// `metadata.limits` of a reply. Any part may be missing, and then nothing is assumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Points per day.
    pub day: Option<Quota>,
    /// Points per hour.
    pub hour: Option<Quota>,
    /// Points per minute.
    pub minute: Option<Quota>,
}

impl Limits {
    /// The limit of one span.
    pub fn quota(&self, span: Span) -> Option<&Quota> {
        match span {
            Span::Day => self.day.as_ref(),
            Span::Hour => self.hour.as_ref(),
            Span::Minute => self.minute.as_ref(),
        }
    }
}

/// Lenient by design: limits that are not an object, or members that are not numbers, are no limits.
impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut limits = Self::default();
        let members = Value::deserialize(deserializer)?;
        for (key, value) in members.as_object().into_iter().flatten() {
            let value = Loose::deserialize(value).ok().and_then(|value| value.integer());
            let points = value.and_then(|points| u32::try_from(points.max(0)).ok());
            let Some((span, member)) = key.split_once('_') else { continue };
            let quota = match span {
                "day" => &mut limits.day,
                "hour" => &mut limits.hour,
                "minute" => &mut limits.minute,
                _ => continue,
            };
            let quota = quota.get_or_insert_default();
            match member {
                "limit" => quota.limit = points,
                "remaining" => quota.remaining = points,
                "reset" => quota.reset = points.map(|seconds| Duration::from_secs(seconds.into())),
                _ => {}
            }
        }
        Ok(limits)
    }
}

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all three")]
pub enum Admission {
    /// Go. The points are reserved until the outcome is known.
    Now,
    /// Wait until then and ask again.
    At(Instant),
    /// Not on this run: a bound of hours or of the caller is reached. With the reset, where it is known.
    Refused(Budget, Option<Instant>),
}

/// Admits calls so that the server need not refuse them. Pure: it keeps the server's last word and what is in flight.
///
/// ```
/// use std::time::{Duration, Instant};
/// use calllegs_core::limits::{Admission, Gate, Limits};
/// # let start = Instant::now();
/// let mut gate = Gate::default();
/// assert_eq!(gate.admit(start, 1), Admission::Now); // nothing is known yet
/// gate.settle(1, true);
/// let limits: Limits = serde_json::from_str(r#"{"minute_remaining": 0, "minute_reset": 23}"#).unwrap();
/// gate.observe(start, &limits);
/// assert_eq!(gate.admit(start, 1), Admission::At(start + Duration::from_secs(24)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gate {
    day: Option<Standing>,
    hour: Option<Standing>,
    minute: Option<Standing>,
    in_flight: u32,
    spent: u32,
    budget: Option<u32>,
}

/// What is known of one limit.
#[derive(Clone, Copy, Debug)]
struct Standing {
    remaining: u32,
    resets: Instant,
}

/// Added to every reset: the server counts whole seconds, so its reset can lie up to one second later than it says.
const RESET_MARGIN: Duration = Duration::from_secs(1);

impl Gate {
    /// A gate that lets at most so many points through.
    #[must_use]
    pub fn with_budget(mut self, points: u32) -> Self {
        self.budget = Some(points);
        self
    }

    /// Asks for `cost` points. On [`Admission::Now`] they are reserved: [`settle`](Self::settle) them.
    pub fn admit(&mut self, now: Instant, cost: u32) -> Admission {
        if cost == 0 {
            return Admission::Now;
        }
        if self.budget.is_some_and(|budget| self.spent + self.in_flight + cost > budget) {
            return Admission::Refused(Budget::Points, None);
        }
        for (standing, budget) in
            [(self.day, Some(Budget::Day)), (self.hour, Some(Budget::Hour)), (self.minute, None)]
        {
            let Some(standing) = standing.filter(|standing| now < standing.resets) else { continue };
            if standing.remaining < self.in_flight + cost {
                return match budget {
                    Some(budget) => Admission::Refused(budget, Some(standing.resets)),
                    None => Admission::At(standing.resets),
                };
            }
        }
        self.in_flight += cost;
        Admission::Now
    }

    /// Ends the reservation of a call; a failed call costs nothing (API.md 4).
    pub fn settle(&mut self, cost: u32, charged: bool) {
        self.in_flight = self.in_flight.saturating_sub(cost);
        if charged {
            self.spent += cost;
        }
    }

    /// Takes the server's word. It replaces what was known, but inside one span an older reply that arrives late
    /// never raises the points left.
    pub fn observe(&mut self, now: Instant, limits: &Limits) {
        for span in Span::ALL {
            let Some(quota) = limits.quota(span) else { continue };
            let (Some(remaining), Some(reset)) = (quota.remaining, quota.reset) else { continue };
            let resets = now + reset.min(span.length()) + RESET_MARGIN;
            let standing = self.standing(span);
            let same_span =
                standing.filter(|known| now < known.resets && resets <= known.resets + RESET_MARGIN);
            let remaining = same_span.map_or(remaining, |known| known.remaining.min(remaining));
            *standing = Some(Standing { remaining, resets });
        }
    }

    /// Takes a refusal: the limit of this span is used up until its reset, or for a whole span (a day: nothing is
    /// known of its end, so an hour is assumed before asking again).
    pub fn exhausted(&mut self, now: Instant, span: Span, reset: Option<Duration>) {
        let known = self.standing(span).map(|standing| standing.resets).filter(|resets| *resets > now);
        let stated = reset.map(|reset| now + reset.min(span.length()) + RESET_MARGIN);
        let resets = stated.or(known).unwrap_or_else(|| now + span.length().min(Span::Hour.length()));
        *self.standing(span) = Some(Standing { remaining: 0, resets });
    }

    /// Points that successful calls have cost so far.
    pub fn spent(&self) -> u32 {
        self.spent
    }

    /// Points of calls whose outcome is not known yet.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// When the span starts anew, as far as it is known.
    pub fn resets(&self, span: Span) -> Option<Instant> {
        let standing = match span {
            Span::Day => self.day,
            Span::Hour => self.hour,
            Span::Minute => self.minute,
        };
        standing.map(|standing| standing.resets)
    }

    fn standing(&mut self, span: Span) -> &mut Option<Standing> {
        match span {
            Span::Day => &mut self.day,
            Span::Hour => &mut self.hour,
            Span::Minute => &mut self.minute,
        }
    }
}
