//! What may be chosen before a number is computed. Every result is shown with what it was computed with.

use chrono::NaiveDateTime;

/// Choices behind the numbers. Times are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameters {
    /// A call is answered in time within so many seconds of the first ring of an employee; 20.
    pub answer_within: i64,
    /// Percent of calls that should be answered in time; 80.
    pub goal_percent: u8,
    /// A caller who hangs up earlier than this after the first ring is a short abandon, and counts neither as offered
    /// nor as missed; 5. With 0 there are none.
    pub short_abandon: i64,
    /// A missed call is lost where nobody talked with the caller within this time after it; 24 hours.
    pub callback_window: i64,
    /// A call of the same contact within this time after the one before is a repeat; 24 hours.
    pub repeat_window: i64,
    /// The period that the legs are from, in the account's wall clock, half-open. Without it the days from the first to
    /// the last session.
    pub period: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            answer_within: 20,
            goal_percent: 80,
            short_abandon: 5,
            callback_window: 24 * 3600,
            repeat_window: 24 * 3600,
            period: None,
        }
    }
}
