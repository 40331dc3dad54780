//! Periods: examples; the laws are in `props`.

use calllegs_core::{Mnemonic, Period, window::LONGEST_SLICE};
use chrono::TimeDelta;

use super::{period, time};

#[test]
fn a_year_is_cut_into_slices_that_the_server_accepts() {
    let year = period("2026-01-01 00:00:00", "2027-01-01 00:00:00");
    let slices: Vec<_> = year.slices(LONGEST_SLICE).collect();
    assert_eq!(slices.len(), 12);
    assert_eq!(slices[0].from(), year.from());
    assert_eq!(slices[11].till(), year.till());
    assert!(slices.windows(2).all(|pair| pair[0].till() == pair[1].from()));
}

#[test]
fn a_period_that_ends_before_it_starts_is_refused() {
    let refusal = Period::new(time("2026-01-02 00:00:00"), time("2026-01-01 00:00:00")).unwrap_err();
    assert_eq!(*refusal.mnemonic(), Mnemonic::InvalidParametersCombination);
}

#[test]
fn a_period_is_read_as_it_is_written() {
    let period = period("2026-01-31 10:00:00", "2026-02-01 00:00:00");
    assert_eq!(period.to_string().parse(), Ok(period));
    let json = serde_json::to_string(&period).unwrap();
    assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), period);
    assert_eq!(Period::day(time("2026-01-31 00:00:00").date()), "2026-01-31..2026-02-01".parse());
    for text in ["2026-01-31", "2026-01-31..", "2026-02-01..2026-01-31", "31.01.2026..01.02.2026", ""] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
    assert!(Period::days(chrono::NaiveDate::MAX..=chrono::NaiveDate::MAX).is_err());
}

#[test]
fn nothing_is_asked_for_an_empty_period() {
    let nothing = period("2026-01-01 00:00:00", "2026-01-01 00:00:00");
    assert!(nothing.is_empty());
    assert_eq!(nothing.slices(TimeDelta::days(1)).count(), 0);
    assert_eq!(nothing.bisect(), None);
}
