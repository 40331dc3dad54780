//! Points of an account in fixed windows, each of which begins with the first call that is charged in it.

use calllegs_core::{Mnemonic, limits::Span};
use serde::Serialize;

use crate::fault::Fault;

/// The limits of one account. Times are Unix seconds.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    day: Option<Window>,
    minute: Option<Window>,
}

#[derive(Clone, Debug)]
struct Window {
    span: Span,
    limit: u32,
    used: u32,
    opened: Option<i64>,
}

impl Quota {
    pub(crate) fn new(day: Option<u32>, minute: Option<u32>) -> Self {
        let window = |span| move |limit| Window { span, limit, used: 0, opened: None };
        Self { day: day.map(window(Span::Day)), minute: minute.map(window(Span::Minute)) }
    }

    /// Whether a call of this cost may run. The day is told first: waiting for the minute would not help.
    pub(crate) fn admit(&mut self, now: i64, cost: u32) -> Result<(), Fault> {
        for window in self.day.iter_mut().chain(&mut self.minute) {
            window.roll(now);
            if window.remaining() < cost {
                return Err(Fault::from(Mnemonic::LimitExceeded)
                    .param("limit_type", window.span.word())
                    .param("limit_max_value", window.limit));
            }
        }
        Ok(())
    }

    /// Takes the points of a call that was admitted and succeeded.
    pub(crate) fn charge(&mut self, now: i64, cost: u32) {
        for window in self.day.iter_mut().chain(&mut self.minute) {
            window.opened.get_or_insert(now);
            window.used += cost;
        }
    }

    /// `metadata.limits`: what is left after this call. A limit that is off is left out.
    pub(crate) fn limits(&self, now: i64) -> Limits {
        let (day, minute) = (self.day.as_ref(), self.minute.as_ref());
        Limits {
            day_limit: day.map(|window| window.limit),
            day_remaining: day.map(Window::remaining),
            day_reset: day.map(|window| window.reset(now)),
            minute_limit: minute.map(|window| window.limit),
            minute_remaining: minute.map(Window::remaining),
            minute_reset: minute.map(|window| window.reset(now)),
        }
    }
}

impl Window {
    fn seconds(&self) -> i64 {
        i64::try_from(self.span.length().as_secs()).unwrap_or(i64::MAX)
    }

    fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// Seconds to the end of the window; a clock that was set back makes none longer.
    fn reset(&self, now: i64) -> i64 {
        let length = self.seconds();
        self.opened
            .map_or(length, |opened| opened.saturating_add(length).saturating_sub(now).clamp(0, length))
    }

    fn roll(&mut self, now: i64) {
        if self.opened.is_some() && self.reset(now) == 0 {
            (self.opened, self.used) = (None, 0);
        }
    }
}

/// The member `limits` of `metadata`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    day_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day_remaining: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day_reset: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute_remaining: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute_reset: Option<i64>,
}
