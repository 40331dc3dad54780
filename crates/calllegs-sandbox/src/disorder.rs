//! Listings in another order than asked, legs that are listed twice, and what times mean in the night in which the clock
//! is changed: habits of a server that the documentation rules out nowhere. Not here: pages and totals (`report`).

use chrono::{LocalResult, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::{
    random::Random,
    switches::{ClockChange, ListingOrder},
    view::View,
};

/// Marks the first copy of a leg that is listed twice. The store numbers fewer rows than this.
pub(crate) const FIRST_COPY: u32 = 1 << 31;

/// One leg in so many stands somewhere else under [`ListingOrder::Scattered`].
const SCATTERED: u32 = 200;

/// The moment of a bound, in Unix seconds.
pub(crate) fn moment_of_bound(time: NaiveDateTime, meaning: ClockChange, zone: Tz) -> i64 {
    let (earlier, later) = both(time, zone);
    if meaning == ClockChange::Later { later } else { earlier }
}

/// The moment at which a leg starts. In an hour that the clock shows twice, its session decides which one it is.
pub(crate) fn moment_of_row(view: View<'_>, row: usize, zone: Tz) -> i64 {
    let start = view.store.start(row).unwrap_or_default();
    let (earlier, later) = both(start, zone);
    let session = view.store.session(row).unwrap_or_default();
    if Random::new(7, session.cast_unsigned()).chance(500) { later } else { earlier }
}

/// The two moments that a time of the wall clock can be; mostly one.
fn both(time: NaiveDateTime, zone: Tz) -> (i64, i64) {
    match zone.from_local_datetime(&time) {
        LocalResult::Single(moment) => (moment.timestamp(), moment.timestamp()),
        LocalResult::Ambiguous(earlier, later) => (earlier.timestamp(), later.timestamp()),
        // A time that is skipped: by the clock as it was before, or as it is after.
        LocalResult::None => {
            let shifted = |hours| {
                let near = zone.from_local_datetime(&(time + TimeDelta::hours(hours))).earliest();
                near.map_or(0, |near| near.timestamp() - hours * 3600)
            };
            (shifted(2), shifted(-2))
        }
    }
}

/// Puts the rows of a listing into the order that the server has instead of the one that was asked for.
pub(crate) fn arrange(view: View<'_>, rows: &mut [u32], order: ListingOrder, zone: Tz, request: u64) {
    let dice = |seed: u64, row: u32| Random::new(seed, row.into()).next();
    let start = |row: u32| view.store.start(row as usize).unwrap_or_default();
    match order {
        ListingOrder::Asked => {}
        ListingOrder::End => rows.sort_by_key(|row| {
            let seconds = view.store.seconds(*row as usize);
            (start(*row).and_utc().timestamp().saturating_add(seconds), *row)
        }),
        ListingOrder::Id => rows.sort_by_key(|row| view.store.id(*row as usize)),
        ListingOrder::Moment => rows.sort_by_key(|row| (moment_of_row(view, *row as usize, zone), *row)),
        ListingOrder::Nothing => rows.sort_by_key(|row| dice(1, *row)),
        ListingOrder::Scattered => {
            let bound = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let mut placed: Vec<(u32, u32)> = (0..).zip(rows.iter().copied()).collect();
            for (place, row) in &mut placed {
                let mut random = Random::new(2, (*row).into());
                if random.below(SCATTERED) == 0 {
                    *place = random.below(bound);
                }
            }
            placed.sort_unstable();
            for (slot, (_, row)) in rows.iter_mut().zip(placed) {
                *slot = row;
            }
        }
        ListingOrder::Shuffled => rows.sort_by_key(|row| dice(request, *row)),
    }
}

/// Lists some rows twice, one copy behind the other.
pub(crate) fn repeat(rows: &[u32], per_mille: u32) -> Vec<u32> {
    let mut twice = Vec::with_capacity(rows.len());
    for row in rows {
        if Random::new(3, (*row).into()).chance(per_mille) {
            twice.push(*row | FIRST_COPY);
        }
        twice.push(*row);
    }
    twice
}
