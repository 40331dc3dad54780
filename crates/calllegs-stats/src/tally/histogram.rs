//! Whole seconds by how often they occur: exact percentiles whatever the number of calls.

use std::collections::BTreeMap;

use crate::table::Decimal;

/// How often each value occurs.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    counts: BTreeMap<i64, u64>,
    total: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, value: i64) {
        *self.counts.entry(value).or_default() += 1;
        self.total += 1;
    }

    pub(super) fn largest(&self) -> Option<i64> {
        self.counts.keys().next_back().copied()
    }

    /// What `percentile_cont` of a database gives for so many tenths: between two values it lies on the line that joins
    /// them.
    pub(super) fn tenths(&self, tenths: u64, places: u8) -> Option<Decimal> {
        let position = tenths * self.total.checked_sub(1)?;
        let (low, part) = (self.at(position / 10)?, i64::try_from(position % 10).ok()?);
        let high = if part == 0 { low } else { self.at(position / 10 + 1)? };
        Decimal::quotient(10 * low + part * (high - low), 10, places)
    }

    /// The value at this place of all values in order.
    fn at(&self, place: u64) -> Option<i64> {
        let mut before = 0;
        let found = self.counts.iter().find(|(_, count)| {
            before += **count;
            before > place
        });
        found.map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_lies_between_its_neighbours() {
        let of = |values: &[i64], tenths, places| {
            let mut histogram = Histogram::default();
            for value in values {
                histogram.add(*value);
            }
            histogram.tenths(tenths, places).map(|it| it.to_string())
        };
        assert_eq!(of(&[7, 4], 5, 1).as_deref(), Some("5.5"));
        assert_eq!(of(&[4, 7], 5, 0).as_deref(), Some("6"));
        assert_eq!(of(&[1, 2, 3, 10], 9, 1).as_deref(), Some("7.9"));
        assert_eq!(of(&[5, 5, 5], 9, 1).as_deref(), Some("5.0"));
        assert_eq!(of(&[-3, -2], 5, 0).as_deref(), Some("-2"));
        assert_eq!(of(&[], 5, 1), None);
    }
}
