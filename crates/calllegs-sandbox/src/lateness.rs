//! What comes late: ratings, recordings, rows, and reasons that are corrected. A function of the seed, the leg and the
//! time alone. Not here: how a page is written (`store`), which rows it has (`view`).
//!
//! | what | when, after the end of the leg |
//! |---|---|
//! | the row | at once; 0.9 % within six hours, 0.1 % within a day |
//! | `employee_rating`, where there is one | 61 % within an hour, 28 % within six, 10 % within a day, 0.9 % within three, 0.1 % within seven |
//! | `call_records`, `wav_call_records` | 97 % within an hour, 3 % within six |
//! | `finish_reason` and its description | at once; one leg in a thousand has another one at first, for two hours to three days |

use calllegs_core::{FINISH_REASONS, FinishReason};

use crate::random::Random;

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

/// Seconds after which nothing of a leg changes any more.
pub(crate) const SETTLED: i64 = 7 * 86_400;

/// Streams of the seed.
const ROW: u64 = 0x1a7e_0001;
const RATING: u64 = 0x1a7e_0002;
const RECORDS: u64 = 0x1a7e_0003;
const REASON: u64 = 0x1a7e_0004;

/// Shares in ten thousand, and the seconds that they lie between.
type Spread = [(u32, u32, u32)];

const OF_ROWS: &Spread = &[(9900, 0, 0), (90, 1, 6 * HOUR), (10, 6 * HOUR, DAY)];
const OF_RATINGS: &Spread = &[
    (6100, 60, HOUR - 1),
    (2800, HOUR, 6 * HOUR - 1),
    (1000, 6 * HOUR, DAY - 1),
    (90, DAY, 3 * DAY - 1),
    (10, 3 * DAY, 7 * DAY - 1),
];
const OF_RECORDS: &Spread = &[(9700, 30, HOUR - 1), (300, HOUR, 6 * HOUR - 1)];
const OF_REASONS: &Spread = &[(9990, 0, 0), (10, 2 * HOUR, 3 * DAY)];

/// The delays of one account's legs, in seconds after their end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lateness {
    /// Of the account.
    pub(crate) seed: u64,
}

impl Lateness {
    /// Until the row appears.
    pub(crate) fn of_row(self, id: i64) -> i64 {
        self.draw(ROW, id, OF_ROWS)
    }

    /// Until the rating is there.
    pub(crate) fn of_rating(self, id: i64) -> i64 {
        self.draw(RATING, id, OF_RATINGS)
    }

    /// Until the recordings are there.
    pub(crate) fn of_records(self, id: i64) -> i64 {
        self.draw(RECORDS, id, OF_RECORDS)
    }

    /// Until the reason is corrected; 0 where it was right at once.
    pub(crate) fn of_reason(self, id: i64) -> i64 {
        self.draw(REASON, id, OF_REASONS)
    }

    fn draw(self, stream: u64, id: i64, spread: &Spread) -> i64 {
        let mut random = Random::new(self.seed ^ stream, id.cast_unsigned());
        let mut share = random.below(10_000);
        for (part, least, most) in spread {
            if share < *part {
                return random.between(*least, *most);
            }
            share -= part;
        }
        0
    }
}

/// The reason that stood there before this one, in the language of its description.
pub(crate) fn earlier_reason(reason: &str, description: &str) -> (&'static str, &'static str) {
    let earlier = if reason == FinishReason::SubscriberDisconnects.as_str() {
        FinishReason::OperatorDisconnects
    } else if reason == FinishReason::OperatorDisconnects.as_str() {
        FinishReason::SubscriberDisconnects
    } else if reason == FinishReason::OperatorNotResponsible.as_str() {
        FinishReason::Timeout
    } else {
        FinishReason::OperatorNotResponsible
    };
    let info = FINISH_REASONS.iter().find(|info| info.reason == earlier);
    let label = info.map_or("", |info| if description.is_ascii() { info.en } else { info.ru });
    info.map_or(("", ""), |info| (info.reason.as_str(), label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_have_the_shares_that_are_said() {
        let lateness = Lateness { seed: 7 };
        let count = 200_000;
        let share = |delay: fn(Lateness, i64) -> i64, from: u32, till: u32| {
            let within = i64::from(from)..i64::from(till);
            let ids = (11_600_000_000..).take(count);
            ids.filter(|id| within.contains(&delay(lateness, *id))).count() * 10_000 / count
        };
        assert!((6000..6200).contains(&share(Lateness::of_rating, 0, HOUR)));
        assert!((2720..2880).contains(&share(Lateness::of_rating, HOUR, 6 * HOUR)));
        assert!((940..1060).contains(&share(Lateness::of_rating, 6 * HOUR, DAY)));
        assert!((70..110).contains(&share(Lateness::of_rating, DAY, 3 * DAY)));
        assert!((4..18).contains(&share(Lateness::of_rating, 3 * DAY, 7 * DAY)));
        assert!((9650..9750).contains(&share(Lateness::of_records, 0, HOUR)));
        assert!((9880..9920).contains(&share(Lateness::of_row, 0, 1)));
        assert!((5..16).contains(&share(Lateness::of_reason, 1, 4 * DAY)));
        for delay in [Lateness::of_row, Lateness::of_rating, Lateness::of_records, Lateness::of_reason] {
            assert!((0..10_000).all(|id| (0..SETTLED).contains(&delay(lateness, id))));
        }
    }

    #[test]
    fn a_reason_is_corrected_to_another_one() {
        for info in &FINISH_REASONS {
            for label in [info.ru, info.en] {
                let (reason, description) = earlier_reason(info.reason.as_str(), label);
                assert_ne!(reason, info.reason.as_str());
                assert_eq!(description.is_ascii(), label.is_ascii(), "{reason}");
                assert!(!description.is_empty());
            }
        }
    }
}
