//! Points of an account, or of one key, in fixed windows, each of which begins with the first call that is charged in it.

use calllegs_core::{Mnemonic, limits::QuotaWindow};
use serde::Serialize;

use crate::denial::Denial;

/// Points a span; `None` is off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Points {
    pub(crate) day: Option<u32>,
    pub(crate) hour: Option<u32>,
    pub(crate) minute: Option<u32>,
}

/// The limits of whoever shares them. Times are Unix seconds.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    day: Option<Window>,
    hour: Option<Window>,
    minute: Option<Window>,
}

#[derive(Clone, Debug)]
struct Window {
    span: QuotaWindow,
    limit: u32,
    used: u32,
    opened: Option<i64>,
}

impl Quota {
    pub(crate) fn new(points: Points) -> Self {
        let window = |span| move |limit| Window { span, limit, used: 0, opened: None };
        Self {
            day: points.day.map(window(QuotaWindow::Day)),
            hour: points.hour.map(window(QuotaWindow::Hour)),
            minute: points.minute.map(window(QuotaWindow::Minute)),
        }
    }

    /// Whether a call of this cost may run. The longest span is told first: waiting for a shorter one would not help.
    pub(crate) fn admit(&mut self, now: i64, cost: u32) -> Result<(), Denial> {
        for window in self.windows() {
            window.roll(now);
            if window.remaining() < cost {
                return Err(exceeded(window.span, Some(window.limit)));
            }
        }
        Ok(())
    }

    /// Takes the points of a call that was admitted and succeeded.
    pub(crate) fn charge(&mut self, now: i64, cost: u32) {
        for window in self.windows() {
            window.opened.get_or_insert(now);
            window.used += cost;
        }
    }

    /// Whether two thirds of the minute's points are used, which is all when the limit lies.
    pub(crate) fn is_past_two_thirds(&self) -> bool {
        self.minute.as_ref().is_some_and(|minute| u64::from(minute.used) * 3 >= u64::from(minute.limit) * 2)
    }

    /// The refusal for a span whose points are said to be used up.
    pub(crate) fn refuse(&self, span: QuotaWindow) -> Denial {
        let window = if span == QuotaWindow::Day { &self.day } else { &self.minute };
        exceeded(span, window.as_ref().map(|window| window.limit))
    }

    /// `metadata.limits`: what is left after this call. A limit that is off is left out.
    /// Times to a reset are in real seconds, of which each is `pace` of these.
    pub(crate) fn limits(&self, now: i64, pace: u32) -> Limits {
        let reset = |window: &Window| {
            window.reset(now).div_euclid(pace.into())
                + i64::from(window.reset(now).rem_euclid(pace.into()) > 0)
        };
        let (day, hour, minute) = (self.day.as_ref(), self.hour.as_ref(), self.minute.as_ref());
        Limits {
            day_limit: day.map(|window| window.limit),
            day_remaining: day.map(Window::remaining),
            day_reset: day.map(reset),
            hour_limit: hour.map(|window| window.limit),
            hour_remaining: hour.map(Window::remaining),
            hour_reset: hour.map(reset),
            minute_limit: minute.map(|window| window.limit),
            minute_remaining: minute.map(Window::remaining),
            minute_reset: minute.map(reset),
        }
    }

    fn windows(&mut self) -> impl Iterator<Item = &mut Window> {
        self.day.iter_mut().chain(&mut self.hour).chain(&mut self.minute)
    }
}

/// Where a limit is off, the samples of the vendor say what it would be.
fn exceeded(span: QuotaWindow, limit: Option<u32>) -> Denial {
    let limit = limit.unwrap_or(if span == QuotaWindow::Minute { 60 } else { 3000 });
    Denial::from(Mnemonic::LimitExceeded).param("limit_type", span.as_str()).param("limit_max_value", limit)
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
    hour_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hour_remaining: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hour_reset: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute_remaining: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minute_reset: Option<i64>,
}
