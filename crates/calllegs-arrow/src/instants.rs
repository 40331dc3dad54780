//! From the wall clock of an account to instants. Not here: the rules of its zone (`zone`).

use chrono::{DateTime, FixedOffset, MappedLocalTime};

use crate::zone::Zone;

/// Turns wall times into instants, in microseconds since 1970. Neighbours in time are cheap: the offset of a quarter of an
/// hour is looked up once, as no zone changes its clock twice in one.
///
/// A time that the clock showed twice means the earlier instant, and one that it jumped over the earlier of the two that it
/// can be said to mean. Servers write `0001-01-01` or `9999-12-31` for no time; in UTC such a time can lie in a year that
/// Python and others cannot represent, and one such value makes a whole column unreadable there, so it has no instant.
#[derive(Clone, Debug)]
pub(crate) struct Instants {
    zone: Zone,
    block: Option<i64>,
    /// Of the block, in microseconds; `None` while the clock changes in it.
    offset: Option<i64>,
}

const BLOCK: i64 = 15 * 60 * SECOND;
const SECOND: i64 = 1_000_000;

/// The years 1 to 9999.
const REPRESENTABLE: std::ops::Range<i64> = -62_135_596_800 * SECOND..253_402_300_800 * SECOND;

impl Instants {
    pub(crate) const fn new(zone: Zone) -> Self {
        Self { zone, block: None, offset: None }
    }

    /// The instant of this wall time, both in microseconds; `None` outside the years 1 to 9999.
    pub(crate) fn at(&mut self, wall: i64) -> Option<i64> {
        let block = wall.div_euclid(BLOCK);
        if self.block != Some(block) {
            let only = |wall| self.offsets(wall).single();
            let (first, last) = (only(block * BLOCK), only(block * BLOCK + BLOCK - SECOND));
            self.block = Some(block);
            self.offset = first.filter(|offset| last == Some(*offset));
        }
        let offset = self.offset.unwrap_or_else(|| self.rare(wall));
        Some(wall - offset).filter(|instant| REPRESENTABLE.contains(instant))
    }

    /// The offsets that the clock may have had when it showed this time, in microseconds.
    fn offsets(&self, wall: i64) -> MappedLocalTime<i64> {
        let Some(local) = DateTime::from_timestamp_micros(wall) else { return MappedLocalTime::None };
        self.zone.offsets(local.naive_utc()).map(micros)
    }

    /// Where the clock changes.
    fn rare(&self, wall: i64) -> i64 {
        DateTime::from_timestamp_micros(wall).map_or(0, |local| micros(self.zone.offset(local.naive_utc())))
    }
}

fn micros(offset: FixedOffset) -> i64 {
    i64::from(offset.local_minus_utc()) * SECOND
}
