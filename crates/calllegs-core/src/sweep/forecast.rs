//! What a sweep will cost, before it is begun. Arithmetic over a total; where calls come in bursts it is an estimate.

use super::offset::Means;
use crate::{
    CallLegs,
    pager::Reach,
    schema::{Listing, MethodInfo, Shape},
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
    forecast_of(CallLegs::METHOD, period, legs, Reach::DOCUMENTED)
}

/// The same for any listing, of so many rows; its period is [`Period::NONE`] where it has none. Each call costs what the
/// method does. Rows are taken to come in the order of their numbers where the server is asked for no order.
pub fn forecast_of(method: &'static MethodInfo, period: Period, rows: u64, reach: Reach) -> Forecast {
    let of_slice: fn(u64, Reach, i64) -> Forecast = match method.shape() {
        Shape::Hops => of_hops,
        Shape::Windows => of_windows,
        Shape::Single => return Forecast { windows: 1, hops: 1, calls: 1 },
        Shape::Offset => return of_offsets(Means::of(method), rows, reach),
    };
    let seconds = |period: Period| u64::try_from((period.till() - period.from()).num_seconds()).unwrap_or(0);
    let whole = seconds(period).max(1);
    let mut sum = Forecast::default();
    let (mut passed, mut read) = (0, 0);
    for slice in period.slices(LONGEST_SLICE) {
        passed += seconds(slice);
        // Of the rows up to its end, rounded once: the slices' rows are together all rows.
        let until = u128::from(rows) * u128::from(passed) / u128::from(whole);
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        let of_slice = of_slice(until - read, reach, (slice.till() - slice.from()).num_seconds());
        read = until;
        sum.windows += 1;
        sum.hops += of_slice.hops;
        sum.calls += of_slice.calls;
    }
    sum
}

/// Rows by which a page goes on: pages share some.
fn stride(reach: Reach) -> u64 {
    u64::from(reach.limit() - reach.overlap()).max(1)
}

/// Pages of a window that offsets reach.
fn pages(rows: u64, reach: Reach) -> u64 {
    1 + rows.saturating_sub(reach.limit().into()).div_ceil(stride(reach))
}

/// The same of a window of a period: behind a last page that is full there may be more.
fn pages_of_window(rows: u64, reach: Reach) -> u64 {
    let behind = rows.checked_sub(reach.limit().into());
    pages(rows, reach) + u64::from(behind.is_some_and(|behind| behind % stride(reach) == 0))
}

/// Hops and pages of one slice.
fn of_hops(rows: u64, reach: Reach, _: i64) -> Forecast {
    let limit = u64::from(reach.limit());
    let pages_of_hop = u64::from(reach.offset()) / stride(reach) + 1;
    let of_hop = (pages_of_hop - 1) * stride(reach) + limit;
    let (mut rest, mut hops, mut calls) = (rows, 1, 0);
    while rest > reach.rows() {
        rest -= of_hop;
        hops += 1;
        calls += pages_of_hop;
    }
    Forecast { windows: 1, hops, calls: calls + pages_of_window(rest, reach) }
}

/// The parts and pages of one slice: one that is too full is cut, and its first page was for nothing.
fn of_windows(rows: u64, reach: Reach, seconds: i64) -> Forecast {
    if rows <= reach.rows() {
        return Forecast { windows: 1, hops: 1, calls: pages_of_window(rows, reach) };
    }
    let parts = super::slice::parts(rows, reach.rows());
    let length = (seconds / parts).max(1);
    let hops = seconds.unsigned_abs().div_ceil(length.unsigned_abs());
    Forecast { windows: 1, hops: 1 + hops, calls: 1 + hops * pages_of_window(rows.div_ceil(hops), reach) }
}

/// Pages of a listing without a period.
fn of_offsets(means: Means, rows: u64, reach: Reach) -> Forecast {
    let limit = u64::from(reach.limit());
    let (mut rest, mut hops, mut calls) = (rows, 1, 0);
    let fits = |rest| rest <= limit || means.sortable && rest <= reach.rows();
    while means.filterable && !fits(rest) {
        // A page says where to cut: the first half of it is a range of its own, which is read first.
        rest -= limit / 2;
        hops += 2;
        calls += 2;
    }
    // Without a number that cuts it, two readings have to agree.
    calls += if fits(rest) { pages(rest, reach) } else { 2 * rest.div_ceil(limit) };
    // Ranges are counted together.
    Forecast { windows: 1, hops, calls: calls + u64::from(hops > 1) }
}
