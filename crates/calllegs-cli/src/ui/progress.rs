//! Where a long run stands: its share, what is left, and when to say so. Texts and arithmetic; the moment is an argument.
//!
//! Not here: how a line gets on the screen (`terminal`), what a run costs before it begins (`export`).

use std::time::{Duration, Instant};

use crate::{
    lang::say,
    ui::text::{counted, grouped},
};

/// A log hears of a run at least so often.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// From so large a share on, the rest can be told from it.
const TELLING: f64 = 0.01;

/// The share of a run that is done, and when it was told last.
#[derive(Debug)]
pub(crate) struct Progress {
    begun: Instant,
    told: Instant,
    /// Legs that an earlier run has read, and the share of the period that they cover.
    kept: (u64, f64),
    /// Legs of the whole period, once the server counts them in one window.
    total: Option<u64>,
}

/// A moment of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Legs that were read, those of an earlier run too.
    pub(crate) read: u64,
    /// The share of the period that is read, by its time.
    pub(crate) covered: f64,
    /// Pages of this run.
    pub(crate) pages: u64,
    /// Points of the minute: left, and in all.
    pub(crate) minute: Option<(u32, u32)>,
}

impl Progress {
    pub(crate) fn begin(now: Instant) -> Self {
        Self { begun: now, told: now, kept: (0, 0.0), total: None }
    }

    /// An earlier run has read so many legs, which cover this share of the period.
    pub(crate) fn resume(&mut self, legs: u64, covered: f64) {
        self.kept = (legs, covered);
    }

    /// The server counts so many legs beside those of the earlier run.
    pub(crate) fn count(&mut self, legs: u64) {
        self.total = Some(self.kept.0.saturating_add(legs));
    }

    /// Whether a log has heard nothing for long; then it hears now.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.told) >= LONGEST_SILENCE
    }

    /// A log hears of the run now.
    pub(crate) fn tell(&mut self, now: Instant) {
        self.told = now;
    }

    /// The share, the rows, which are called so, and the time that is left, the most wanted first.
    pub(crate) fn parts(&self, now: Instant, facts: &Facts, noun: &str) -> Vec<String> {
        let (begun, share) = self.shares(facts);
        let percent = format!("{:.0} %", (share * 100.0).floor());
        let legs = match self.total {
            Some(total) if total >= facts.read => {
                say!("{read} of {legs}", read = grouped(facts.read), legs = counted(total, noun))
            }
            Some(_) | None => counted(facts.read, noun),
        };
        let left = (share < 1.0).then(|| self.left(now, facts, begun, share)).flatten();
        [percent, legs]
            .into_iter()
            .chain(left.map(|left| say!("{time} left", time = roughly(left))))
            .collect()
    }

    /// What was done before this run, and what is done now.
    fn shares(&self, facts: &Facts) -> (f64, f64) {
        #[expect(clippy::cast_precision_loss, reason = "a share is rounded to a hundredth")]
        let of = |legs: u64, total: u64| legs as f64 / total.max(1) as f64;
        let (begun, share) = match self.total {
            Some(total) => (of(self.kept.0, total), of(facts.read, total)),
            None => (self.kept.1, facts.covered),
        };
        (begun.clamp(0.0, 1.0), share.clamp(0.0, 1.0))
    }

    /// The larger of the time that reading takes at the speed so far, and of the wait for points.
    fn left(&self, now: Instant, facts: &Facts, begun: f64, share: f64) -> Option<Duration> {
        let done = share - begun;
        if done < TELLING {
            return None;
        }
        let rest = (1.0 - share) / done;
        let reading = now.saturating_duration_since(self.begun).as_secs_f64() * rest;
        #[expect(clippy::cast_precision_loss, reason = "pages are some thousands")]
        let pages = facts.pages as f64 * rest;
        let waiting = facts.minute.filter(|(_, limit)| *limit > 0).map_or(0.0, |(left, limit)| {
            ((pages - f64::from(left)).max(0.0) / f64::from(limit)).ceil() * 60.0
        });
        Duration::try_from_secs_f64(reading.max(waiting)).ok()
    }
}

/// As exact as a guess is: `a few seconds`, `about 50 s`, `about 4 min`, `about 3 h`.
fn roughly(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..8 => say!("a few seconds").to_owned(),
        8..60 => say!("about {seconds} s", seconds = seconds.div_ceil(10) * 10),
        60..600 => say!("about {minutes} min", minutes = seconds.div_ceil(60)),
        600..7200 => say!("about {minutes} min", minutes = seconds.div_ceil(300) * 5),
        _ => say!("about {hours} h", hours = seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_rounded() {
        for (seconds, text) in [
            (0, "a few seconds"),
            (8, "about 10 s"),
            (47, "about 50 s"),
            (59, "about 60 s"),
            (61, "about 2 min"),
            (601, "about 15 min"),
            (7201, "about 3 h"),
        ] {
            assert_eq!(roughly(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_known_total_gives_a_share_and_the_time_that_is_left() {
        let begun = Instant::now();
        let later = begun + Duration::from_secs(20);
        let mut progress = Progress::begin(begun);
        let facts = Facts { read: 30_000, covered: 0.9, pages: 3, minute: None };
        // By time alone.
        assert_eq!(progress.parts(later, &facts, "leg"), ["90 %", "30,000 legs", "a few seconds left"]);
        progress.count(100_000);
        assert_eq!(
            progress.parts(later, &facts, "leg"),
            ["30 %", "30,000 of 100,000 legs", "about 50 s left"]
        );
        // Seven pages more, and three points in a minute.
        let slow = Facts { minute: Some((1, 3)), ..facts.clone() };
        assert_eq!(progress.parts(later, &slow, "leg")[2], "about 2 min left");
        let done = Facts { read: 100_000, ..facts };
        assert_eq!(progress.parts(later, &done, "leg"), ["100 %", "100,000 of 100,000 legs"]);
    }

    #[test]
    fn the_speed_of_a_resumed_run_is_its_own() {
        let begun = Instant::now();
        let mut progress = Progress::begin(begun);
        progress.resume(80_000, 0.8);
        progress.count(20_000);
        let facts = Facts { read: 90_000, covered: 0.9, pages: 1, minute: None };
        let parts = progress.parts(begun + Duration::from_secs(30), &facts, "leg");
        assert_eq!(parts, ["90 %", "90,000 of 100,000 legs", "about 30 s left"]);
    }

    #[test]
    fn a_log_hears_of_a_long_run_now_and_then() {
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let mut progress = Progress::begin(begun);
        let heard: Vec<_> =
            [1, 29, 30, 31, 59].into_iter().filter(|at| progress.is_due(after(*at))).collect();
        assert_eq!(heard, [30, 31, 59]);
        progress.tell(after(70));
        assert!(!progress.is_due(after(99)) && progress.is_due(after(100)));
    }
}
