//! Points: what the server says is left, and the gate that a call passes before it is sent.
//!
//! Every successful call costs points of a minute, an hour or a day (docs/api.md 4); which of them exist, and how many
//! points they hold, is the server's word alone. Pure: time is an argument.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::value::{lenient::LenientValue, word::serde_words};

/// The span of time that one limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum QuotaWindow {
    /// Points per day.
    Day,
    /// Points per hour; undocumented, seen in newer methods.
    Hour,
    /// Points per minute.
    Minute,
}

impl QuotaWindow {
    /// All windows, the longest first.
    pub const ALL: &'static [Self] = &[Self::Day, Self::Hour, Self::Minute];

    /// The word of `limit_type` and of the metadata members.
    pub const fn as_str(self) -> &'static str {
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

serde_words!(QuotaWindow, "span of a limit");

/// One limit as a reply states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// Points of a whole window.
    pub limit: Option<u32>,
    /// Points left, the call that was answered already counted.
    pub remaining: Option<u32>,
    /// Time until the window starts anew.
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
    /// The limit of one window.
    pub fn quota(&self, window: QuotaWindow) -> Option<&Quota> {
        match window {
            QuotaWindow::Day => self.day.as_ref(),
            QuotaWindow::Hour => self.hour.as_ref(),
            QuotaWindow::Minute => self.minute.as_ref(),
        }
    }
}

/// Lenient by design: limits that are not an object, or members that are not numbers, are no limits.
impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut limits = Self::default();
        let members = Value::deserialize(deserializer)?;
        for (key, value) in members.as_object().into_iter().flatten() {
            let value = LenientValue::deserialize(value).ok().and_then(|value| value.integer());
            let points = value.and_then(|points| u32::try_from(points.max(0)).ok());
            let Some((window, member)) = key.split_once('_') else { continue };
            let quota = match window {
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

/// Which bound a call would have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Budget {
    /// The caller's own bound on points ([`Gate::with_budget`]).
    Points,
    /// The account's day, by the server's last word.
    Day,
    /// The account's hour, by the server's last word.
    Hour,
    /// What is kept of the day for others ([`Gate::with_reserve`]).
    Reserve,
}

/// Points of a day that a gate keeps for others who use the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reserve {
    /// So many.
    Points(u32),
    /// A share of what the server states as the day's limit; nothing while it states none.
    Percent(u8),
}

/// Admits calls so that the server need not refuse them. Pure: it keeps the server's last word and what is in flight.
///
/// Behind a reset the server's stated limit is all that is known: the gate then counts by itself, until the server
/// speaks again. A window of which no limit was ever stated stops nothing.
///
/// ```
/// use std::time::{Duration, Instant};
/// use calllegs_core::limits::{Admission, Gate, Limits};
/// # let start = Instant::now();
/// let mut gate = Gate::default();
/// assert_eq!(gate.admit(start, 1), Admission::Now); // nothing is known yet
/// gate.settle(1, true);
/// let limits: Limits = serde_json::from_str(r#"{"minute_remaining": 0, "minute_reset": 23}"#).unwrap();
/// gate.observe(start, start, 1, &limits);
/// assert_eq!(gate.admit(start, 1), Admission::At(start + Duration::from_secs(24)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gate {
    day: Option<QuotaState>,
    hour: Option<QuotaState>,
    minute: Option<QuotaState>,
    in_flight: u32,
    spent: u32,
    budget: Option<u32>,
    reserve: Option<Reserve>,
}

/// What is known of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaState {
    /// Points of a whole window, as the server states them.
    pub limit: Option<u32>,
    /// Points left by the server's word, calls in flight not yet subtracted.
    pub remaining: u32,
    /// When the window starts anew.
    pub resets: Instant,
    /// The server has not said when it starts anew: it may be later.
    is_guessed: bool,
    /// Since then the gate counts by itself: the server has not spoken since the reset.
    since: Option<Instant>,
    /// Points of calls whose replies were lost, and when the last one was: a reply to an earlier call does not count
    /// them yet.
    lost: u32,
    last_lost: Option<Instant>,
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

    /// A gate that leaves so much of the day to others.
    #[must_use]
    pub fn with_reserve(mut self, reserve: Reserve) -> Self {
        self.reserve = Some(reserve);
        self
    }

    /// Another bound on points from now on, or none. It counts what was [spent](Self::spent) before too.
    pub fn replace_budget(&mut self, points: Option<u32>) {
        self.budget = points;
    }

    /// Leaves so much of the day to others from now on, or nothing.
    pub fn replace_reserve(&mut self, reserve: Option<Reserve>) {
        self.reserve = reserve;
    }

    /// Asks for `cost` points. On [`Admission::Now`] they are reserved: [`settle`](Self::settle) them.
    pub fn admit(&mut self, now: Instant, cost: u32) -> Admission {
        if cost == 0 {
            return Admission::Now;
        }
        let wanted = self.in_flight.saturating_add(cost);
        if self.budget.is_some_and(|budget| self.spent.saturating_add(wanted) > budget) {
            return Admission::Refused(Budget::Points, None);
        }
        for window in QuotaWindow::ALL.iter().copied() {
            let Some(state) = self.quota_state_mut(window) else { continue };
            if !state.roll(now, window) {
                continue;
            }
            let (remaining, resets) = (state.remaining.saturating_sub(state.lost), state.resets);
            let known = state.known_reset();
            let kept = if window == QuotaWindow::Day { self.reserved().unwrap_or_default() } else { 0 };
            match window {
                _ if remaining >= wanted.saturating_add(kept) => {}
                QuotaWindow::Minute => return Admission::At(resets),
                QuotaWindow::Hour => return Admission::Refused(Budget::Hour, known),
                QuotaWindow::Day if remaining >= wanted => {
                    return Admission::Refused(Budget::Reserve, known);
                }
                QuotaWindow::Day => return Admission::Refused(Budget::Day, known),
            }
        }
        self.in_flight = wanted;
        Admission::Now
    }

    /// Ends the reservation of a call whose reply was [observed](Self::observe), or that the server refused; a failed
    /// call costs nothing (docs/api.md 4).
    pub fn settle(&mut self, cost: u32, charged: bool) {
        self.in_flight = self.in_flight.saturating_sub(cost);
        if charged {
            self.spent = self.spent.saturating_add(cost);
        }
    }

    /// Takes note that a call was charged, or may have been, and that its reply was lost.
    pub fn charge_unseen(&mut self, now: Instant, cost: u32) {
        for window in QuotaWindow::ALL.iter().copied() {
            if let Some(state) = self.quota_state_mut(window) {
                state.charge_unseen(now, window, cost);
            }
        }
    }

    /// Takes the server's word. Inside one window a reply never raises the points left: it may be older than another, or
    /// than a call that was charged and whose reply was lost. `sent` is when the call was sent that the reply answers,
    /// `cost` what it was charged.
    pub fn observe(&mut self, sent: Instant, now: Instant, cost: u32, limits: &Limits) {
        for window in QuotaWindow::ALL.iter().copied() {
            let quota = limits.quota(window).copied().unwrap_or_default();
            let slot = self.slot(window);
            let (Some(remaining), Some(reset)) = (quota.remaining, quota.reset) else {
                if let Some(known) = slot {
                    known.charge_unseen(now, window, cost);
                }
                continue;
            };
            let resets = now + reset.min(window.length()) + RESET_MARGIN;
            let half = window.length() / 2;
            let mut word = QuotaState::said(quota.limit, remaining, resets);
            if let Some(known) = slot {
                let is_over = known.resets <= now;
                if !is_over && known.since.is_some_and(|since| sent < since) {
                    // Nobody knows whether it was charged before the reset or after it.
                    known.charge_unseen(now, window, cost);
                    continue;
                }
                if !is_over && known.since.is_none() && resets + half < known.resets {
                    // The word of the window before, overtaken.
                    continue;
                }
                // A reply that took long makes the same reset look later; a new window resets a whole window later.
                if !is_over && (known.since.is_some() || resets <= known.resets + half) {
                    word.remaining = remaining.min(known.remaining);
                    if known.since.is_none() {
                        word.resets = resets.min(known.resets);
                    }
                }
                if known.last_lost.is_some_and(|last| sent <= last) {
                    (word.lost, word.last_lost) = (known.lost, known.last_lost);
                }
                word.limit = word.limit.or(known.limit);
            }
            *slot = Some(word);
        }
    }

    /// Takes note of a new session, which may have points and resets of its own: when the windows end is the server's to
    /// say anew.
    pub fn renew(&mut self, now: Instant) {
        for window in QuotaWindow::ALL.iter().copied() {
            if let Some(state) = self.quota_state_mut(window) {
                state.since = Some(now);
            }
        }
    }

    /// Takes a refusal: the limit of this window is used up until its reset, or for a whole window (a day: nothing is
    /// known of its end, so an hour is assumed before asking again).
    pub fn exhausted(&mut self, now: Instant, window: QuotaWindow, reset: Option<Duration>) {
        let state = self.quota_state(window);
        let known = state.filter(|known| known.since.is_none() && now < known.resets);
        let stated = reset.map(|reset| now + reset.min(window.length()) + RESET_MARGIN);
        let resets = stated
            .or_else(|| known.map(|known| known.resets))
            .unwrap_or_else(|| now + window.length().min(QuotaWindow::Hour.length()));
        let limit = state.and_then(|known| known.limit);
        let is_stated = reset.is_some() || known.is_some_and(|known| !known.is_guessed);
        let is_guessed = window == QuotaWindow::Day && !is_stated;
        *self.slot(window) = Some(QuotaState { is_guessed, ..QuotaState::said(limit, 0, resets) });
    }

    /// Points that successful calls have cost so far.
    pub fn spent(&self) -> u32 {
        self.spent
    }

    /// Points of calls whose outcome is not known yet.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// What is known of the limit of a window: the server's last word, as of then.
    pub fn quota_state(&self, window: QuotaWindow) -> Option<QuotaState> {
        match window {
            QuotaWindow::Day => self.day,
            QuotaWindow::Hour => self.hour,
            QuotaWindow::Minute => self.minute,
        }
    }

    /// Points of the day that are kept for others, as far as the limit is known.
    pub fn reserved(&self) -> Option<u32> {
        match self.reserve? {
            Reserve::Points(points) => Some(points),
            Reserve::Percent(share) => {
                let kept = u64::from(self.day?.limit?) * u64::from(share) / 100;
                Some(u32::try_from(kept).unwrap_or(u32::MAX))
            }
        }
    }

    fn quota_state_mut(&mut self, window: QuotaWindow) -> Option<&mut QuotaState> {
        self.slot(window).as_mut()
    }

    fn slot(&mut self, window: QuotaWindow) -> &mut Option<QuotaState> {
        match window {
            QuotaWindow::Day => &mut self.day,
            QuotaWindow::Hour => &mut self.hour,
            QuotaWindow::Minute => &mut self.minute,
        }
    }
}

impl QuotaState {
    const fn said(limit: Option<u32>, remaining: u32, resets: Instant) -> Self {
        Self { limit, remaining, resets, is_guessed: false, since: None, lost: 0, last_lost: None }
    }

    /// When the window starts anew, where the server has said so.
    pub(crate) fn known_reset(&self) -> Option<Instant> {
        Some(self.resets).filter(|_| !self.is_guessed)
    }

    /// Begins the next window when this one is over; `false` when nothing is known of it then.
    fn roll(&mut self, now: Instant, window: QuotaWindow) -> bool {
        if now < self.resets {
            return true;
        }
        // A limit of nothing would never let anything pass: the server cannot mean it.
        let Some(limit) = self.limit.filter(|limit| *limit > 0) else { return false };
        // The window may have begun at any time since, and at the latest begins with the next call.
        let resets = now + window.length() + RESET_MARGIN;
        // When the window before really ended is known only as well as replies are quick: what was lost lately may have
        // been charged after it.
        let lately = self.last_lost.filter(|last| {
            self.resets < *last + window.length() / 2 && now < *last + window.length() + RESET_MARGIN
        });
        let lost = lately.map_or(0, |_| self.lost);
        *self = Self { since: Some(now), lost, last_lost: lately, ..Self::said(Some(limit), limit, resets) };
        true
    }

    fn charge_unseen(&mut self, now: Instant, window: QuotaWindow, cost: u32) {
        if cost == 0 {
            return;
        }
        self.lost = self.lost.saturating_add(cost);
        self.last_lost = Some(now);
        if self.since.is_some() {
            // The window may have begun with this very call.
            self.resets = self.resets.max(now + window.length() + RESET_MARGIN);
        }
    }
}
