//! Slices and halves lose no second and share none.

use calllegs_core::{
    Period,
    pager::{Cursor, Progress},
    sweep::forecast,
    value::wall_time,
    window::LONGEST_SLICE,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use proptest::prelude::*;

fn moment() -> impl Strategy<Value = NaiveDateTime> {
    (0_i64..4_102_444_800).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap().naive_utc())
}

fn period() -> impl Strategy<Value = Period> {
    (moment(), 0_i64..400 * 86_400)
        .prop_map(|(from, length)| Period::new(from, from + TimeDelta::seconds(length)).unwrap())
}

proptest! {
    #[test]
    fn the_wire_form_of_a_time_reads_back(time in moment()) {
        prop_assert_eq!(wall_time::parse(&wall_time::format(time).to_string()), Ok(time));
    }

    #[test]
    fn no_text_panics_the_time_parser(text in ".{0,24}") {
        let _ = wall_time::parse(&text);
    }

    #[test]
    fn slices_are_disjoint_and_together_the_period(period in period(), longest in 1_i64..90 * 86_400) {
        let longest = TimeDelta::seconds(longest);
        let mut at = period.from();
        for slice in period.slices(longest).take(10_000) {
            prop_assert_eq!(slice.from(), at);
            prop_assert!(!slice.is_empty());
            prop_assert!(slice.till() - slice.from() <= longest);
            at = slice.till();
            if at >= period.till() { break; }
        }
        if longest > TimeDelta::seconds(3600) {
            prop_assert_eq!(at, period.till());
        }
    }

    #[test]
    fn halves_meet(period in period()) {
        match period.bisect() {
            Some((left, right)) => {
                prop_assert_eq!((left.from(), left.till(), right.till()), (period.from(), right.from(), period.till()));
                prop_assert!(!left.is_empty() && !right.is_empty());
            }
            None => prop_assert!(period.till() - period.from() <= TimeDelta::seconds(1)),
        }
    }

    #[test]
    fn a_forecast_is_never_below_what_pages_hold_and_hardly_above(period in period(), legs in 0_u64..50_000_000) {
        let forecast = forecast(period, legs);
        let windows = period.slices(LONGEST_SLICE).count() as u64;
        prop_assert_eq!(forecast.windows, windows);
        if windows > 0 {
            prop_assert!(forecast.calls >= legs.div_ceil(10_000).max(windows));
            // Rows that pages share, and a last page of each window that is not full.
            prop_assert!(forecast.calls <= legs / 9_980 + 2 * windows);
            prop_assert!(forecast.hops >= windows && forecast.hops <= legs / 109_000 + windows);
        }
    }

    #[test]
    fn a_cursor_always_ends_and_never_asks_beyond_the_offsets(
        limit in 1_u32..10_000, total in prop::option::of(0_u64..300_000), seed in any::<u32>(),
    ) {
        let mut cursor = Cursor::new(limit);
        let mut state = seed;
        let mut seen = 0_u64;
        for _ in 0..1_000_000 {
            prop_assert!(cursor.offset() <= 100_000);
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let left = total.unwrap_or(100_000).saturating_sub(seen);
            let received = u64::from(state >> 16).min(left).min(limit.into());
            seen += received;
            match cursor.advance(u32::try_from(received).unwrap(), total) {
                Progress::More(next) => {
                    prop_assert!(next.offset() > cursor.offset() || received == 0);
                    prop_assert!(received > 0, "an empty page never continues");
                    cursor = next;
                }
                Progress::Done => {
                    prop_assert!(total.is_none_or(|total| seen >= total));
                    return Ok(());
                }
                Progress::Ceiling { .. } | Progress::Shortfall { .. } => return Ok(()),
            }
        }
        prop_assert!(false, "the listing did not end");
    }
}
