//! A slice: the windows that it is read in, and whether they make it whole. Not here: what the pages of a window say.

use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{
    Gap, Sweep,
    copies::Copies,
    handed::Watermark,
    ids::IdSet,
    listing::{WindowKind, WindowListing},
    questions::Question,
};
use crate::{
    projection::Projection,
    value::wall_time,
    window::{MARGIN, Period, SECOND},
};

/// How many rows the server had from this second on when it was asked last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) start: NaiveDateTime,
    pub(super) rows: u64,
}

/// Rows before this second that an earlier run gave, and that are met again. A checkpoint keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Again {
    #[serde(with = "wall_time")]
    pub(super) at: NaiveDateTime,
    /// How many the earlier run had listed.
    pub(super) listed: u64,
    /// How many were met.
    pub(super) met: u64,
}

/// The slice that is being read.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is seen by itself: no two of them make a state")]
pub(super) struct Slice {
    pub(super) period: Period,
    /// Read by hops. Otherwise `windows` are read one by one, the next one last.
    pub(super) hops: bool,
    pub(super) windows: Vec<Period>,
    /// How often windows may still be cut; decided when the first one is.
    pub(super) cuts: Option<u64>,
    /// What the window before left.
    pub(super) expected: Option<Expected>,
    /// Everything before this second was listed: the counts of two windows say so.
    pub(super) verified: NaiveDateTime,
    /// Distinct rows that were listed before `verified`.
    pub(super) listed: u64,
    /// Rows that were listed since, and those of the second before it.
    pub(super) known: IdSet,
    /// Those of the second before it: a window that begins at `verified` lists them where the server includes its bounds.
    pub(super) near: IdSet,
    /// Those of them that no part has listed.
    pub(super) unlisted: IdSet,
    /// An earlier run gave the rows before this second, and their ids are not known.
    pub(super) remembered: NaiveDateTime,
    /// Whether each window so far counted what the one before left: then no further count is needed.
    pub(super) is_sure: bool,
    /// The rest of the slice in short windows: they must hold what it counts as a whole.
    pub(super) whole: Option<(Period, u64)>,
    /// More than one hop was made, or an earlier run made some.
    pub(super) hopped: bool,
    /// The slice holds what it counts as a whole.
    pub(super) is_counted: bool,
    /// The last count was as many as were listed.
    pub(super) agreed: bool,
    pub(super) copies: Copies,
    /// How often the count of all of it was asked.
    pub(super) counts: u8,
    /// An earlier run gave the rows before this second; it had listed so many.
    pub(super) resumed: Option<(NaiveDateTime, u64)>,
    /// Rows before that second are met again: they are taken to be the same, if they are as many.
    pub(super) again: Option<Again>,
    /// No window but hops was read.
    pub(super) hops_only: bool,
    /// In hops: how far rows were given.
    pub(super) watermark: Watermark,
    /// In hops: up to here no page was given up.
    pub(super) whole_until: NaiveDateTime,
    /// Some page did not say how many rows there are.
    pub(super) uncounted: bool,
    pub(super) received: u64,
}

impl Slice {
    pub(super) fn new(period: Period) -> Self {
        Self {
            period,
            hops: true,
            windows: Vec::new(),
            cuts: None,
            expected: None,
            verified: period.from(),
            listed: 0,
            known: IdSet::default(),
            near: IdSet::default(),
            unlisted: IdSet::default(),
            remembered: period.from(),
            is_sure: true,
            whole: None,
            hopped: false,
            is_counted: false,
            agreed: false,
            copies: Copies::default(),
            counts: 0,
            resumed: None,
            again: None,
            hops_only: true,
            watermark: Watermark::new(period.from()),
            whole_until: period.from(),
            uncounted: false,
            received: 0,
        }
    }

    /// What the server counts in the rest of it: rows, and further copies of them.
    pub(super) fn counted(&self) -> u64 {
        let is_counted = |id| self.known.contains(id) && !self.unlisted.contains(id);
        self.known.len() - self.unlisted.len() + self.copies.of(is_counted)
    }

    /// What the server counts in the second in which the watermark is, as far as it was given.
    pub(super) fn at_watermark(&self) -> u64 {
        self.copies.places(self.watermark.ids_at())
    }

    /// How far an earlier run had come and how many rows it had listed, while no count of this run agrees with that.
    pub(super) fn unverified(&self) -> Option<(NaiveDateTime, u64)> {
        self.resumed.filter(|(at, _)| self.again.is_none() && *at == self.verified)
    }

    /// Up to where rows were given that can be read once more and told by their ids, and how many were listed before.
    pub(super) fn given_before(&self, knows_given: bool) -> Option<(NaiveDateTime, u64)> {
        let is_once = knows_given && self.resumed.is_some() && self.again.is_none();
        self.unverified().or_else(|| is_once.then(|| (self.verified, self.listed + self.near.len())))
    }

    /// Whether an earlier run gave the rows of this second, and their ids are not known.
    pub(super) fn is_forgotten(&self, start: NaiveDateTime) -> bool {
        self.period.from() <= start && start + MARGIN < self.remembered
    }

    /// Everything before the watermark was listed.
    pub(super) fn verify(&mut self, before: &mut IdSet) {
        let expected = self.expected.filter(|expected| self.is_sure && expected.start > self.verified);
        let Some(expected) = expected else { return };
        let recent: IdSet = self.watermark.ids().collect();
        self.listed += self.known.len() - recent.len();
        *before = std::mem::replace(&mut self.known, recent);
        self.verified = expected.start;
        self.near = self.watermark.ids_before(expected.start).collect();
    }
}

/// Gaps of a slice after which the rest of it is not asked for any more.
pub(super) const MOST_GAPS: usize = 16;

/// Ways in which a single second can be asked for: closed, half-open, open bounds.
pub(super) const WAYS: u8 = 3;

/// Calls come in bursts: room is left in each part, and a part that is still too full is cut again.
fn comfortable(room: u64) -> u64 {
    (room / 11 * 8).max(1)
}

/// Into how many parts a window with so many rows is cut.
pub(super) fn parts(total: u64, room: u64) -> i64 {
    i64::try_from(total / comfortable(room) + 1).unwrap_or(i64::MAX).max(2)
}

impl<R, P: Projection<R>> Sweep<R, P> {
    /// Whether no further count is needed when the slice goes on from here in another run.
    pub(super) const fn is_sure(&self, slice: &Slice) -> bool {
        slice.is_sure && !slice.uncounted && !self.traits.moves
    }

    /// Gaps in this slice.
    pub(super) fn gaps_of(&self, slice: &Slice) -> usize {
        self.tally.gaps.iter().filter(|gap| slice.period.encloses(gap.period.from())).count()
    }

    /// A server whose totals are wrong everywhere is not asked about each window: what is left is one gap.
    pub(super) fn give_up_rest(&mut self) {
        let Some(slice) = &mut self.slice else { return };
        let from = slice.windows.last().unwrap_or(&slice.period).from();
        slice.windows.clear();
        let period = Period::raw(from, slice.period.till());
        self.miss(Gap::new(period, None, 0));
    }

    /// Hops do not do: reads what is not verified again, in windows that are short enough.
    pub(super) fn read_in_parts(&mut self) {
        if let Some(listing) = self.listing.take() {
            self.traits.page = listing.coverage.page();
        }
        self.calls.mark_stale();
        (self.attempts.strikes, self.attempts.reached) = (0, 0);
        if let Some(slice) = &mut self.slice {
            (slice.hops, slice.hops_only) = (false, false);
            slice.expected = None;
            slice.whole = None;
            slice.windows = vec![Period::raw(slice.verified, slice.period.till())];
            slice.unlisted.clone_from(&slice.near);
        }
    }

    /// An earlier run gave the beginning in the order of starts, and what is left is not all. So the slice is read from
    /// its beginning once more, and what lies before the place that the earlier run had come to is what it gave.
    pub(super) fn read_anew(&mut self, listing: WindowListing<P::Row>) {
        self.listing = Some(listing);
        self.begin_anew();
    }

    /// The same between two windows.
    pub(super) fn begin_anew(&mut self) {
        let Some(slice) = &mut self.slice else { return };
        // What two windows of this run agreed on is known to be whole, unless some came behind it.
        if let Some((at, listed)) = slice.given_before(self.carry.knows_given) {
            (slice.again, slice.listed) = (Some(Again { at, listed, met: 0 }), 0);
            slice.copies.forget_earlier_run();
            (slice.verified, slice.remembered) = (slice.period.from(), slice.period.from());
            slice.near = IdSet::default();
            self.carry.before.extend(std::mem::take(&mut slice.known).iter());
        }
        self.read_in_parts();
    }

    /// Puts shorter windows in the place of one that holds too many rows. A single second has no shorter ones, and a
    /// server that counts more in the parts than in the whole is not asked without end.
    pub(super) fn cut(&mut self, part: Period, total: u64, room: u64) {
        let seconds = (part.till() - part.from()).num_seconds();
        if seconds < 2 && !self.changes_at(part.from()) {
            if let Some(slice) = &mut self.slice {
                // A second is asked without its margin, so the sum of the parts differs from the count of the whole.
                let is_edge = part.from() <= slice.verified || slice.period.till() <= part.till();
                slice.is_counted |= is_edge;
            }
            self.open(WindowKind::Second(part.from(), 0));
            return;
        }
        self.listing = None;
        self.calls.mark_stale();
        self.attempts.strikes = 0;
        let window = self.window(WindowKind::Part(part));
        let Some(slice) = &mut self.slice else { return };
        if !slice.is_counted {
            slice.whole.get_or_insert((window, total));
        }
        let cuts = slice.cuts.get_or_insert_with(|| 64 + total / comfortable(room) * 8);
        // A second that the clock shows twice cannot be asked alone: the window may hold the hour between the two.
        let Some(left) = cuts.checked_sub(1).filter(|_| seconds >= 2) else {
            let hour = self.plan.selection.changes.iter().find(|change| change.contains(part.from()));
            let period = hour.copied().filter(|_| seconds < 2).unwrap_or(part);
            self.miss(Gap::new(period, Some(total), 0));
            self.finish_part();
            return;
        };
        *cuts = left;
        let parts = parts(total, room);
        // Rounded down, so that each part is shorter than the whole; `slices` takes a second at least.
        let shorter: Vec<_> = part.slices(TimeDelta::seconds(seconds / parts)).collect();
        slice.windows.pop();
        slice.windows.extend(shorter.into_iter().rev());
    }

    /// A window is done with, whole or not.
    pub(super) fn finish(&mut self, kind: WindowKind, total: u64) {
        self.calls.mark_stale();
        match kind {
            WindowKind::Hop(_) => {
                self.listing = None;
                if let Some(slice) = &mut self.slice {
                    slice.hops = false;
                }
            }
            WindowKind::Part(_) => self.finish_part(),
            WindowKind::Second(second, way) => {
                if way + 1 < WAYS {
                    self.traits.lower = TimeDelta::zero();
                }
                self.finish_second(second, total);
            }
        }
    }

    pub(super) fn finish_part(&mut self) {
        (self.attempts.strikes, self.attempts.reached) = (0, 0);
        self.listing = None;
        if let Some(slice) = &mut self.slice {
            slice.windows.pop();
        }
    }

    pub(super) fn finish_second(&mut self, second: NaiveDateTime, total: u64) {
        let next = second + SECOND;
        self.listing = None;
        let Some(slice) = self.slice.as_mut() else { return };
        if !slice.hops {
            self.finish_part();
            return;
        }
        slice.expected = slice
            .expected
            .filter(|expected| expected.start == second)
            .map(|expected| Expected { start: next, rows: expected.rows.saturating_sub(total) });
        slice.watermark.rise(next);
        self.attempts.strikes = 0;
        if next >= slice.period.till() {
            slice.hops = false;
        }
    }

    pub(super) fn give_up_second(&mut self, second: NaiveDateTime, total: Option<u64>, mut received: u64) {
        // The hop that did not get past it has given what it reached.
        if let Some(slice) = self.slice.as_ref().filter(|slice| slice.watermark.at() == second) {
            received = received.max(slice.watermark.ids_at().count() as u64);
        }
        let period = Period::raw(second, second + SECOND);
        self.miss(Gap::new(period, total, received));
        self.attempts.strikes = 0;
        self.finish_second(second, total.unwrap_or_default());
    }

    /// All windows of the slice are read. Where their counts alone do not show that nothing stands between them, the
    /// slice is counted as a whole. `false`: the rows that are ready have to be taken first.
    pub(super) fn finish_slice(&mut self) -> bool {
        let Some(slice) = &self.slice else { return true };
        let has_gap = self.gaps_of(slice) > 0;
        let beginning = slice.verified == slice.period.from();
        let count = match slice.whole {
            _ if has_gap || slice.uncounted => None,
            // A total that was said before rows came is not the one that they add up to.
            _ if slice.is_counted => None,
            Some((window, total)) if total != slice.counted() || self.traits.moves && slice.counts == 0 => {
                Some((window, true))
            }
            // Where rows come and go, one that came can hide one that two windows left out. And while nobody looked, some
            // may have come behind the rows that an earlier run was given.
            whole
                if slice.is_sure && slice.resumed.is_none() && !(self.traits.moves && slice.hopped)
                    || whole.is_some() && beginning =>
            {
                None
            }
            _ => Some((self.window(WindowKind::Hop(slice.period.from())), false)),
        };
        if let Some((window, of_parts)) = count {
            let earlier = self.asks_about_earlier_copies();
            self.question = earlier.or(Some(Question::Count { window, of_parts }));
            return true;
        }
        if let Some(Again { at, listed, met }) = slice.again.filter(|again| again.met != again.listed) {
            let period = Period::raw(slice.period.from(), at);
            self.miss(Gap::new(period, Some(met), listed));
            self.tally.outdated = true;
            if let Some(slice) = &mut self.slice {
                slice.again = None;
            }
            return true;
        }
        if !self.handed.is_empty() && !slice.hops_only {
            return false;
        }
        self.end_slice();
        true
    }

    fn end_slice(&mut self) {
        (self.attempts.strikes, self.attempts.reached) = (0, 0);
        self.listing = None;
        let Some(slice) = self.slice.take() else { return };
        if slice.uncounted {
            let (period, received) = (slice.period, slice.received);
            self.miss(Gap::new(period, None, received));
        }
        self.carry.before = slice.known;
    }

    /// Names what could not be read whole.
    pub(super) fn miss(&mut self, mut gap: Gap) {
        gap.rows = self.plan.rows;
        // A slice that is read again in parts meets its gaps again.
        let known =
            self.tally.gaps.iter_mut().find(|known| known.period == gap.period && known.ids == gap.ids);
        match known {
            Some(known) => {
                let (unplaced, outdated) = (known.unplaced, known.outdated);
                *known = gap;
                known.unplaced = known.unplaced.max(unplaced);
                known.outdated = known.outdated.max(outdated);
            }
            None => self.tally.gaps.push(gap),
        }
        let missing = |gap: &Gap| gap.expected.unwrap_or_default().saturating_sub(gap.received);
        self.missing = self.tally.gaps.iter().map(missing).sum();
        self.tally.expected = self.tally.rows + self.missing;
    }
}
