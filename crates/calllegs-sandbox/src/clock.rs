//! The clock of a sandbox: real, faster, or standing still, and moved on when told to. Not here: who reads the clock of
//! the machine (`server`); an emulator takes the time as an argument.

use std::{fmt, str::FromStr, time::Duration};

use calllegs_core::value::wall_time;
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// How time passes in a sandbox: `real`, `xN` or `fixed:T`.
///
/// Everything follows it: which legs are over, what comes late, how long a session lives, and the header `Date` of every
/// answer. Points have a rule of their own: a minute, hour or day of points ends when so much time has passed by this
/// clock or by that of the machine, whichever is first, and the seconds to its end that replies state are real ones. So
/// points come back while the clock stands, a clock that is moved on by a day brings a day of points, and a client that
/// waits as it was told waits long enough.
///
/// ```
/// use calllegs_sandbox::Clock;
///
/// let clock: Clock = "fixed:2026-03-02 10:00:00".parse()?;
/// assert_eq!(clock.to_string(), "fixed:2026-03-02 10:00:00");
/// assert_eq!("x60".parse(), Ok(Clock::Fast(60)));
/// # Ok::<(), calllegs_sandbox::ClockError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// That of the machine.
    #[default]
    Real,
    /// So many times as fast, from the time of its start on.
    Fast(u32),
    /// It stands at this instant.
    Fixed(DateTime<Utc>),
    /// It stands at this time of the wall clock in the sandbox's zone.
    FixedWall(NaiveDateTime),
}

impl Clock {
    /// Whether it is that of the machine.
    pub(crate) fn is_real(self) -> bool {
        self == Self::Real
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Fast(times) => write!(f, "x{times}"),
            Self::Fixed(at) => write!(f, "fixed:{}", written(*at)),
            Self::FixedWall(at) => write!(f, "fixed:{}", wall_time::format(*at)),
        }
    }
}

/// Why a text is no [`Clock`], no span and no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockError(&'static str);

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ClockError {}

/// No day is shorter than a second of the machine's, or a client could not see it.
const FASTEST: u32 = 86_400;

impl FromStr for Clock {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        const FORMS: ClockError = ClockError(
            "write real, x60 (2 to 86400 times as fast), or fixed:2026-03-02T10:00:00, with Z or +03:00 for an instant",
        );
        if text == "real" {
            return Ok(Self::Real);
        }
        if let Some(times) = text.strip_prefix('x') {
            let times = times.parse().ok().filter(|times| (2..=FASTEST).contains(times));
            return times.map(Self::Fast).ok_or(FORMS);
        }
        let at = text.strip_prefix("fixed:").ok_or(FORMS)?;
        Ok(match time(at).ok_or(FORMS)? {
            Time::Instant(at) => Self::Fixed(at),
            Time::Wall(at) => Self::FixedWall(at),
        })
    }
}

/// A time as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    Instant(DateTime<Utc>),
    Wall(NaiveDateTime),
}

impl Time {
    fn instant(self, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(at) => Some(at),
            // In an hour that the zone skips: by the clock before it was put forward.
            Self::Wall(at) => {
                let earliest = |at: NaiveDateTime| zone.from_local_datetime(&at).earliest();
                Some(earliest(at).or_else(|| earliest(at + TimeDelta::hours(1)))?.to_utc())
            }
        }
    }
}

/// A day is its midnight.
fn time(text: &str) -> Option<Time> {
    let spaced = text.replacen('T', " ", 1);
    let wall = match spaced.len() {
        10 => wall_time::parse(&format!("{spaced} 00:00:00")),
        _ => wall_time::parse(&spaced),
    };
    let read = match wall {
        Ok(at) => Time::Wall(at),
        Err(_) => Time::Instant(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
    };
    let year = match read {
        Time::Instant(at) => at.year(),
        Time::Wall(at) => at.year(),
    };
    // What a header can write, with room for zones.
    (1000..=9000).contains(&year).then_some(read)
}

/// The instant of a time as it is written for `fixed:`.
pub(crate) fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, ClockError> {
    const FORMS: ClockError =
        ClockError("write a time as 2026-03-02T10:00:00, with Z or +03:00 for an instant");
    time(text).and_then(|time| time.instant(zone)).ok_or(FORMS)
}

/// A span such as `26h`.
pub(crate) fn span(text: &str) -> Result<Duration, ClockError> {
    const FORMS: ClockError = ClockError("write a span as 30s, 90m, 26h or 7d");
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        text.strip_suffix(unit)?.parse::<u32>().ok().map(|count| u64::from(count) * seconds)
    });
    seconds.map(Duration::from_secs).ok_or(FORMS)
}

/// An instant as everybody reads it.
pub(crate) fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// When a request arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// Unix seconds of the sandbox's clock.
    pub(crate) now: i64,
    /// Seconds of the time that points go by: it never stands.
    pub(crate) points: i64,
    /// How many of those pass in a real one.
    pub(crate) pace: u32,
}

impl Arrival {
    /// On a clock that is the machine's, or a simulation's own.
    pub(crate) fn at(now: i64) -> Self {
        Self { now, points: now, pace: 1 }
    }
}

/// A clock that goes. Milliseconds of Unix time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hands {
    /// Seconds that it shows go by in a real one; 0 for a clock that stands.
    pace: u32,
    /// The machine's time at which it showed `shown`.
    origin: i64,
    shown: i64,
    /// What it was moved on by, and put back by.
    jumps: i64,
    back: i64,
}

impl Hands {
    /// The clock at this time of the machine.
    pub(crate) fn new(clock: Clock, zone: Tz, real: Duration) -> Self {
        let real = milliseconds(real);
        let (pace, shown) = match clock {
            Clock::Real => (1, real),
            Clock::Fast(times) => (times.max(1), real),
            Clock::Fixed(at) => (0, at.timestamp_millis()),
            Clock::FixedWall(at) => {
                let at = Time::Wall(at).instant(zone);
                (0, at.map_or(real, |at| at.timestamp_millis()))
            }
        };
        Self { pace, origin: real, shown, jumps: 0, back: 0 }
    }

    /// What it shows.
    pub(crate) fn arrival(&self, real: Duration) -> Arrival {
        let shown = self.shown(real);
        // Time goes on for points where the clock stands, and never back.
        let points = match self.pace {
            0 => milliseconds(real).saturating_add(self.jumps),
            _ => shown.saturating_add(self.back),
        };
        Arrival { now: seconds(shown), points: seconds(points), pace: self.pace.max(1) }
    }

    fn shown(&self, real: Duration) -> i64 {
        let passed = milliseconds(real).saturating_sub(self.origin);
        self.shown.saturating_add(passed.saturating_mul(self.pace.into()))
    }

    /// Moves it on.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = milliseconds(by);
        let latest = LATEST.saturating_sub(by);
        if self.shown <= latest {
            self.shown += by;
            self.jumps = self.jumps.saturating_add(by);
        }
    }

    /// Makes it show this. A clock that goes goes on from there.
    pub(crate) fn set(&mut self, at: DateTime<Utc>, real: Duration) {
        let before = self.shown(real);
        (self.origin, self.shown) = (milliseconds(real), at.timestamp_millis());
        let by = self.shown.saturating_sub(before);
        self.jumps = self.jumps.saturating_add(by.max(0));
        self.back = self.back.saturating_sub(by.min(0));
    }
}

/// The end of the year 9000: no clock is moved beyond.
const LATEST: i64 = 221_876_928_000_000;

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn seconds(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(1000)
}

/// The time as the header `Date` has it.
pub(crate) fn http_date(unix: i64) -> String {
    let at = DateTime::from_timestamp(unix, 0).unwrap_or_default();
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: Duration = Duration::from_secs(1_772_000_000);

    fn hands(text: &str) -> Hands {
        Hands::new(text.parse().unwrap(), Tz::Europe__Moscow, REAL)
    }

    #[test]
    fn clocks_are_written_and_read() {
        for text in ["real", "x60", "fixed:2026-03-02 10:00:00", "fixed:2026-03-02T07:00:00Z"] {
            assert_eq!(text.parse::<Clock>().unwrap().to_string(), text);
        }
        for text in ["", "x1", "x0", "x-2", "x99999", "fixed:", "fixed:noon", "fixed:9999-01-01", "Real"] {
            assert!(text.parse::<Clock>().unwrap_err().to_string().starts_with("write real"), "{text}");
        }
        assert_eq!(span("26h").unwrap(), Duration::from_secs(93_600));
        assert!(span("26").is_err() && span("-1h").is_err());
    }

    #[test]
    fn a_wall_time_is_one_of_the_zone() {
        let later = REAL + Duration::from_secs(7);
        for text in ["fixed:2026-03-02T10:00:00", "fixed:2026-03-02T10:00:00+03:00"] {
            assert_eq!(hands(text).arrival(later).now, 1_772_434_800, "{text}");
        }
        assert_eq!(http_date(1_772_434_800), "Mon, 02 Mar 2026 07:00:00 GMT");
    }

    #[test]
    fn a_clock_goes_at_its_pace_and_is_moved() {
        let later = REAL + Duration::from_millis(1500);
        let shown = |hands: &Hands| hands.arrival(later).now - 1_772_000_000;
        let mut fast = hands("x60");
        assert_eq!(shown(&fast), 90);
        fast.advance(Duration::from_secs(3600));
        assert_eq!(shown(&fast), 3690);
        let mut real = hands("real");
        assert_eq!((shown(&real), real.arrival(later).points), (1, 1_772_000_001));
        real.set(DateTime::from_timestamp(1_772_000_100, 0).unwrap(), REAL);
        assert_eq!((shown(&real), real.arrival(later).points), (101, 1_772_000_101));
        real.set(DateTime::from_timestamp(1_772_000_000, 0).unwrap(), REAL);
        assert_eq!((shown(&real), real.arrival(later).points), (1, 1_772_000_101), "points go on");
    }

    #[test]
    fn points_go_by_real_time_and_by_jumps_where_the_clock_stands() {
        let mut fixed = hands("fixed:2026-03-02");
        let points = |hands: &Hands, seconds| hands.arrival(REAL + Duration::from_secs(seconds)).points;
        let first = points(&fixed, 0);
        assert_eq!(points(&fixed, 60) - first, 60);
        fixed.advance(Duration::from_secs(86_400));
        assert_eq!(points(&fixed, 60) - first, 86_460);
        fixed.set(DateTime::from_timestamp(0, 0).unwrap(), REAL);
        assert_eq!(points(&fixed, 60) - first, 86_460, "what was set back takes no points away");
    }
}
