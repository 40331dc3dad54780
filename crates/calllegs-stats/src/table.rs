//! Results: named tables whose quotients are exact decimals.
//!
//! A quotient is rounded from integer sums, half up, so code and SQL of every engine agree to the last digit.
//! Not here: which results there are ([`shape`](crate::shape)), how they look.

use std::fmt;

use chrono::NaiveDate;

use crate::shape::Shape;

/// A number with a fixed count of digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i64,
    places: u8,
}

impl Decimal {
    /// So many units of the last place: `new(607, 1)` is 60.7.
    pub const fn new(units: i64, places: u8) -> Self {
        Self { units, places }
    }

    /// A quotient of sums, rounded half up (towards positive infinity); `None` where the divisor is not positive.
    pub fn quotient(dividend: i64, divisor: i64, places: u8) -> Option<Self> {
        let [dividend, divisor] = [dividend, divisor].map(i128::from);
        let scale = 10_i128.checked_pow(places.into())?;
        let units =
            (2 * scale * dividend + divisor).checked_div_euclid(2 * divisor).filter(|_| divisor > 0)?;
        Some(Self { units: i64::try_from(units).ok()?, places })
    }

    /// Units of the last place.
    pub const fn units(self) -> i64 {
        self.units
    }

    /// Digits behind the point.
    pub const fn places(self) -> u8 {
        self.places
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(self.places.into());
        let units = self.units.unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        match self.places {
            0 => write!(f, "{sign}{units}"),
            places => write!(f, "{sign}{}.{:0width$}", units / scale, units % scale, width = places.into()),
        }
    }
}

/// A value of a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cell {
    /// There is nothing to say: a quotient of no calls.
    Null,
    /// A count, or whole seconds.
    Integer(i64),
    /// A quotient.
    Decimal(Decimal),
    /// A name.
    Text(String),
    /// A day of the account's calendar.
    Date(NaiveDate),
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Decimal> for Cell {
    fn from(value: Decimal) -> Self {
        Self::Decimal(value)
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<NaiveDate> for Cell {
    fn from(value: NaiveDate) -> Self {
        Self::Date(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A result: rows in the order of its definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// What it is and its columns.
    pub shape: &'static Shape,
    /// Rows; each has a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A result with these rows.
    pub const fn new(shape: &'static Shape, rows: Vec<Vec<Cell>>) -> Self {
        Self { shape, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn a_half_goes_up() {
        let shown =
            |dividend, divisor, places| Decimal::quotient(dividend, divisor, places).map(|it| it.to_string());
        assert_eq!(shown(2281, 40, 2).as_deref(), Some("57.03"));
        assert_eq!(shown(100 * 43, 80, 1).as_deref(), Some("53.8"));
        assert_eq!(shown(-1, 4, 1).as_deref(), Some("-0.2"));
        assert_eq!(shown(5, 2, 0).as_deref(), Some("3"));
        assert_eq!(shown(1, 0, 1), None);
    }
}
