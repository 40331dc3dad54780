//! What a sweep will cost, before it is begun. Arithmetic over a total; where calls come in bursts it is an estimate.

use crate::{
    pager::Reach,
    window::{LONGEST_SLICE, Period},
};

/// How a sweep reads so many rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forecast {
    /// Slices of at most 31 days.
    pub windows: u64,
    /// Windows that are asked in them, one after the other.
    pub hops: u64,
    /// Pages, and so calls; each costs a point.
    pub calls: u64,
}

/// Forecasts a sweep over a period with so many rows, as if they were spread evenly.
///
/// ```
/// use calllegs_core::{Period, sweep::forecast, value::wall_time};
/// let time = |text| wall_time::parse(text).unwrap();
/// let quarter = Period::new(time("2026-07-01 00:00:00"), time("2026-10-01 00:00:00"))?;
/// let cost = forecast(quarter, 1_842_117);
/// assert_eq!((cost.windows, cost.hops, cost.calls), (3, 18, 187));
/// assert_eq!(forecast(quarter, 0).calls, 3); // one call says that a window is empty
/// # Ok::<(), calllegs_core::filter::Refusal>(())
/// ```
pub fn forecast(period: Period, legs: u64) -> Forecast {
    let seconds = |period: Period| u64::try_from((period.till() - period.from()).num_seconds()).unwrap_or(0);
    let whole = seconds(period).max(1);
    let mut sum = Forecast::default();
    let (mut passed, mut read) = (0, 0);
    for slice in period.slices(LONGEST_SLICE) {
        passed += seconds(slice);
        // Of the rows up to its end, rounded once: the slices' rows are together all rows.
        let until = u128::from(legs) * u128::from(passed) / u128::from(whole);
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        let of_slice = of_slice(until - read);
        read = until;
        sum.windows += 1;
        sum.hops += of_slice.hops;
        sum.calls += of_slice.calls;
    }
    sum
}

/// Hops and pages of one slice.
fn of_slice(legs: u64) -> Forecast {
    let reach = Reach::DOCUMENTED;
    let (limit, stride) = (u64::from(reach.limit()), u64::from(reach.limit() - reach.overlap()));
    let pages = u64::from(reach.offset()) / stride + 1;
    let of_hop = (pages - 1) * stride + limit;
    let (mut rest, mut hops, mut calls) = (legs, 1, 0);
    while rest > reach.rows() {
        rest -= of_hop;
        hops += 1;
        calls += pages;
    }
    let last = 1 + rest.saturating_sub(limit).div_ceil(stride);
    Forecast { windows: 1, hops, calls: calls + last }
}
