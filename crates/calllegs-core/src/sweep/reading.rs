//! How pages become rows: what the first page of a window decides, what a page that does not fit leads to, which rows
//! are given, and where a window goes on. Not here: the calls, what a caller sees.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    CallId, Hole, Sweep,
    chain::{Chain, Reached},
};
use crate::{
    pager::Reach,
    projection::{Projection, RowKey},
    query::Page,
    schema::Report,
    window::{MARGIN, Period},
};

/// A call whose answer is waited for. Without an offset nobody wants it any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Out {
    pub(super) id: CallId,
    pub(super) offset: Option<u32>,
    pub(super) columns: usize,
}

/// What is behind: everything before the second, and these rows of it.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) start: NaiveDateTime,
    pub(super) ids: BTreeSet<i64>,
}

impl Floor {
    pub(super) const fn new(start: NaiveDateTime) -> Self {
        Self { start, ids: BTreeSet::new() }
    }

    /// Whether it is at the very beginning of this second or before.
    pub(super) fn is_at(&self, second: NaiveDateTime) -> bool {
        self.start <= second && self.ids.is_empty()
    }

    pub(super) fn is_above(&self, key: RowKey) -> bool {
        key.start < self.start || (key.start == self.start && self.ids.contains(&key.id))
    }

    pub(super) fn rise(&mut self, key: RowKey) {
        if key.start > self.start {
            *self = Self::new(key.start);
        }
        self.ids.insert(key.id);
    }
}

/// From this second on the server had so many rows when it was asked last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) start: NaiveDateTime,
    pub(super) rows: u64,
    /// Its totals did not change while the window before was read.
    pub(super) steady: bool,
}

/// The slice that is being read.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) period: Period,
    /// Windows to be read one by one, the next one last; `None` while the slice is read by hops.
    pub(super) parts: Option<Vec<Period>>,
    /// How often parts may still be cut; decided when the first one is.
    pub(super) cuts: Option<u64>,
    pub(super) expected: Option<Expected>,
    /// Where the rows are known to be whole up to.
    pub(super) verified: NaiveDateTime,
    /// Some page did not say how many rows there are.
    pub(super) uncounted: bool,
    /// Rows that the server listed twice.
    pub(super) repeats: u64,
    pub(super) received: u64,
}

impl Slice {
    pub(super) const fn new(period: Period) -> Self {
        Self {
            period,
            parts: None,
            cuts: None,
            expected: None,
            verified: period.from(),
            uncounted: false,
            repeats: 0,
            received: 0,
        }
    }
}

/// The window that is being read.
#[derive(Debug)]
pub(super) struct Listing<T> {
    pub(super) aim: Aim,
    pub(super) chain: Chain,
    pub(super) seen: BTreeSet<i64>,
    /// The first start that was seen of each session, until it is known what the server selects by.
    pub(super) sessions: BTreeMap<i64, NaiveDateTime>,
    pub(super) arrived: BTreeMap<u32, Page<(RowKey, T)>>,
    /// The largest offset that was asked.
    pub(super) furthest: u32,
}

/// What a window is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The rest of the slice from this second on.
    Hop(NaiveDateTime),
    /// A part of the slice.
    Part(Period),
    /// One second, in the n-th way in which bounds can be meant.
    Second(NaiveDateTime, u8),
}

/// How often in a row something may not fit before it is given up: the page is asked again, then the window twice.
const PATIENCE: u8 = 3;

/// Ways in which a single second can be asked for: closed, half-open, open bounds.
const WAYS: u8 = 3;

/// Stands for a total that was not said and is more than offsets reach.
const UNCOUNTED: u64 = Reach::DOCUMENTED.rows() + 1;

const SECOND: TimeDelta = TimeDelta::seconds(1);

impl<R: Report, P: Projection<R> + Clone> Sweep<R, P> {
    /// Begins the next window, if none is being read.
    pub(super) fn begin(&mut self) {
        while self.listing.is_none() {
            if self.slice.is_none() {
                let Some(period) = self.slices.pop() else { return };
                let parts = self.by_parts.then(|| vec![period]);
                self.slice = Some(Slice { parts, ..Slice::new(period) });
                (self.floor, self.part_floor) = (Floor::new(period.from()), Floor::new(period.from()));
            }
            let Some(slice) = &self.slice else { return };
            match &slice.parts {
                None => self.open(Aim::Hop(self.hop_from())),
                Some(parts) => match parts.last() {
                    Some(part) => self.open(Aim::Part(*part)),
                    None => self.finish_slice(),
                },
            }
        }
    }

    /// Starts to read a window from its beginning. Pages of another one that are still out are not wanted any more.
    pub(super) fn open(&mut self, aim: Aim) {
        if let Some(listing) = &self.listing {
            self.page = listing.chain.page();
        }
        self.forsake();
        self.left.clear();
        let chain = Chain::new(self.reach, self.page);
        self.listing = Some(Listing {
            aim,
            chain,
            seen: BTreeSet::new(),
            sessions: BTreeMap::new(),
            arrived: BTreeMap::new(),
            furthest: 0,
        });
        self.tally.hops += 1;
    }

    /// Nobody wants the pages that are out any more.
    fn forsake(&mut self) {
        for out in &mut self.out {
            out.offset = None;
        }
    }

    /// Where the next hop begins: early enough to see a witness again, while it is not known what the server selects by.
    fn hop_from(&self) -> NaiveDateTime {
        let witness = self.witness.filter(|_| !self.selects_by_start);
        witness.map_or(self.floor.start, |witness| witness.start.min(self.floor.start))
    }

    /// The window as it is asked.
    pub(super) fn window(&self, aim: Aim) -> Period {
        let till = self.slice.as_ref().map_or(self.asked, |slice| slice.period).till();
        match aim {
            Aim::Hop(from) => Period::raw(from - self.lower, till + MARGIN),
            Aim::Part(part) => part.widened(),
            Aim::Second(second, 0) => Period::raw(second, second),
            Aim::Second(second, 1) => Period::raw(second, second + SECOND),
            Aim::Second(second, _) => Period::raw(second - SECOND, second + SECOND),
        }
    }

    /// Takes the page that continues the window that is being read.
    pub(super) fn accept(&mut self, offset: u32, page: Page<(RowKey, P::Row)>, ready: &mut Vec<P::Row>) {
        let Some(mut listing) = self.listing.take() else { return };
        let (mut rows, total) = (page.rows, page.total);
        self.counted = total;
        if !rows.is_sorted_by(|(a, _), (b, _)| a.order() <= b.order()) {
            rows.sort_by_key(|(key, _)| *key);
        }
        let aim = listing.aim;
        if offset == 0 && self.turns(aim, &rows, total) {
            return;
        }
        let tail = listing.chain.tail();
        let doubt = listing.chain.doubt(offset, &rows, total);
        let is_other = doubt.is_none() && offset == 0 && !self.is_rest(aim, &rows, total);
        if is_other && self.strikes > 0 {
            self.read_in_parts();
            return;
        }
        let given_up = if doubt.is_some() || is_other {
            self.strikes += 1;
            self.tally.rereads += u64::from(self.strikes <= PATIENCE);
            match self.strikes {
                1 => {
                    self.listing = Some(listing);
                    return;
                }
                2..=PATIENCE => {
                    self.keep_expectation(&listing);
                    self.listing = Some(listing);
                    self.open(if let Aim::Hop(_) = aim { Aim::Hop(self.hop_from()) } else { aim });
                    return;
                }
                _ => true,
            }
        } else {
            listing.chain.extend(offset, &rows, total);
            false
        };
        self.return_held(&mut rows, given_up || listing.chain.reached() == Reached::End);
        let given = ready.len();
        for (key, row) in rows {
            self.take(&mut listing, (key, row), tail, ready);
        }
        if ready.len() > given {
            self.strikes = 0;
        }
        if let Some(slice) = &mut self.slice {
            slice.uncounted |= total.is_none();
            slice.received += (ready.len() - given) as u64;
            if !given_up && total.is_some() && !listing.chain.is_trimmed() {
                slice.verified = slice.verified.max(self.floor.start);
            }
        }
        let distinct = listing.seen.len() as u64;
        match listing.chain.reached() {
            _ if given_up => self.give_up(aim, total, distinct),
            Reached::End | Reached::Brink if !listing.chain.is_whole(distinct) => {
                self.give_up(aim, total, distinct);
            }
            Reached::More => {
                self.keep_grid(&mut listing);
                self.listing = Some(listing);
            }
            Reached::End => self.close(listing),
            Reached::Brink => self.leap(listing),
        }
    }

    /// Pages that were asked for in the belief that the one before them would end elsewhere do not meet the chain.
    fn keep_grid(&mut self, listing: &mut Listing<P::Row>) {
        let next = listing.chain.expecting();
        let meets =
            listing.arrived.contains_key(&next) || self.out.iter().any(|out| out.offset == Some(next));
        if !meets {
            listing.arrived.clear();
            listing.furthest = 0;
            self.forsake();
        }
    }

    /// What the first page of a part or of a single second decides; `true` when the window is not read any further.
    fn turns(&mut self, aim: Aim, rows: &[(RowKey, P::Row)], total: Option<u64>) -> bool {
        let too_many = total.filter(|total| *total > self.reach.rows());
        match (aim, too_many) {
            (Aim::Part(part), Some(total)) => {
                self.cut(part, total);
                true
            }
            // An empty page of a window that is not empty says nothing.
            (Aim::Second(second, way), _)
                if !rows.iter().any(|(key, _)| key.start == second)
                    && (!rows.is_empty() || total.is_none_or(|total| total == 0)) =>
            {
                let known = self.floor.start == second && !self.floor.ids.is_empty();
                match way + 1 {
                    WAYS if known => self.give_up(aim, total, 0),
                    WAYS => self.finish_second(second, 0),
                    way => self.open(Aim::Second(second, way)),
                }
                true
            }
            (Aim::Second(..), Some(total)) => {
                self.give_up(aim, Some(total), 0);
                true
            }
            (Aim::Hop(_), _) | (Aim::Part(_) | Aim::Second(..), None) => false,
        }
    }

    /// Whether the first page of a hop is what the window before left: its rows are all counted, and a row whose session
    /// began before this window is in it, so that the server selects by the start of the leg. Where there is no such
    /// row, nothing must have changed meanwhile, or rows that appeared could stand for rows that are not selected.
    fn is_rest(&mut self, aim: Aim, rows: &[(RowKey, P::Row)], total: Option<u64>) -> bool {
        let expected = self.slice.as_ref().and_then(|slice| slice.expected);
        let (Aim::Hop(from), Some(total), Some(expected)) = (aim, total, expected) else { return true };
        // The second before comes along where the server includes its bounds.
        let earlier = rows.iter().take_while(|(key, _)| key.start < expected.start).count() as u64;
        let left = total.saturating_sub(earlier);
        if left < expected.rows {
            return false;
        }
        if earlier > 0 && earlier == rows.len() as u64 {
            // A page full of earlier rows does not tell.
            return true;
        }
        let witness = self.witness.filter(|witness| from <= witness.start);
        let passed = |witness: RowKey| rows.last().is_none_or(|(last, _)| last.order() > witness.order());
        match witness {
            _ if self.selects_by_start => true,
            Some(witness) if rows.iter().any(|(key, _)| key.id == witness.id) => {
                self.selects_by_start = true;
                true
            }
            Some(witness) if passed(witness) => false,
            Some(_) | None => left == expected.rows && expected.steady,
        }
    }

    /// How many rows the server had from the floor on when it was asked last.
    pub(super) fn expectation(&self) -> Option<Expected> {
        let of_chain = self.listing.as_ref().and_then(|listing| self.expectation_of(listing));
        of_chain.or_else(|| self.slice.as_ref()?.expected)
    }

    fn expectation_of(&self, listing: &Listing<P::Row>) -> Option<Expected> {
        let Aim::Hop(_) = listing.aim else { return None };
        let start = listing.chain.tail().filter(|tail| tail.start == self.floor.start)?.start;
        Some(Expected { start, rows: listing.chain.since_tail()?, steady: listing.chain.is_steady() })
    }

    fn keep_expectation(&mut self, listing: &Listing<P::Row>) {
        let expected = self.expectation_of(listing);
        if let (Some(slice), Some(_)) = (&mut self.slice, expected) {
            slice.expected = expected;
        }
    }

    /// Puts rows that the window before left to this one among those of the page, when this one has passed them by: a
    /// server that selects by something else than the start returns them only once.
    fn return_held(&mut self, rows: &mut Vec<(RowKey, P::Row)>, ends: bool) {
        if self.held.is_empty() {
            return;
        }
        let last = rows.last().map(|(key, _)| key.order());
        for (key, row) in std::mem::take(&mut self.held) {
            if rows.iter().any(|(other, _)| other.id == key.id) {
                continue;
            }
            if ends || last > Some(key.order()) {
                let place = rows.partition_point(|(other, _)| *other < key);
                rows.insert(place, (key, row));
            } else {
                self.held.push((key, row));
            }
        }
    }

    /// Takes one row of a page: gives it, leaves it to a neighbour, or drops it because it was given.
    fn take(
        &mut self,
        listing: &mut Listing<P::Row>,
        (key, row): (RowKey, P::Row),
        tail: Option<RowKey>,
        ready: &mut Vec<P::Row>,
    ) {
        let Some(slice) = &mut self.slice else { return };
        if !listing.seen.insert(key.id) {
            // Rows up to the last one of the page before were asked for again; where a row stands that has lost its
            // session, nobody knows.
            let is_sure = |tail: RowKey| key.session != i64::MAX || key.start > tail.start;
            if tail.is_none_or(|tail| key.order() > tail.order() && is_sure(tail)) {
                self.tally.duplicates += 1;
                slice.repeats += 1;
            }
            return;
        }
        listing.chain.note(key);
        // A row without its session bears witness of nothing.
        if !self.selects_by_start && key.session != i64::MAX {
            let first = listing.sessions.entry(key.session).or_insert(key.start);
            if *first < key.start - MARGIN && slice.period.contains(key.start) {
                self.witness = Some(key);
            }
        }
        if key.start >= slice.period.from() && self.floor.is_above(key) {
            return;
        }
        let window = match listing.aim {
            Aim::Hop(_) => slice.period,
            Aim::Part(part) => part,
            Aim::Second(second, _) => Period::raw(second, second + SECOND),
        };
        if slice.parts.is_some() && key.start >= window.from() && self.part_floor.is_above(key) {
            // Given before its part was read again, or cut.
            return;
        }
        if window.contains(key.start) {
            if self.strays.contains(&key.id) {
                self.tally.duplicates += 1;
                return;
            }
            let floor = if slice.parts.is_some() { &mut self.part_floor } else { &mut self.floor };
            floor.rise(key);
            ready.push(row);
        } else if matches!(listing.aim, Aim::Second(..)) && slice.parts.is_none() {
            // Its neighbours are read by the hops before and after.
        } else if window.widened().encloses(key.start) {
            let neighbour = key.start >= window.till() && self.asked.contains(key.start);
            if neighbour && !self.strays.contains(&key.id) {
                self.left.push((key, row));
            }
        } else if !self.before.contains(&key.id) && self.strays.insert(key.id) {
            self.tally.strays += 1;
            ready.push(row);
        } else {
            self.tally.duplicates += 1;
        }
    }

    /// Goes on at the last row that offsets reach.
    fn leap(&mut self, listing: Listing<P::Row>) {
        let (tail, total) = (listing.chain.tail(), listing.chain.total());
        let till = self.slice.as_ref().map_or(self.asked, |slice| slice.period).till();
        match listing.aim {
            // What is left starts behind the slice: the server does not select by the start.
            Aim::Hop(_) if tail.is_none_or(|tail| tail.start >= till) => self.read_in_parts(),
            Aim::Hop(from) => {
                self.keep_expectation(&listing);
                self.listing = Some(listing);
                if self.floor.start > from {
                    let next = self.hop_from();
                    self.open(Aim::Hop(if next > from { next } else { self.floor.start }));
                } else if tail.is_some_and(|tail| tail.start < from) && !self.lower.is_zero() {
                    self.lower = TimeDelta::zero();
                    self.open(Aim::Hop(from));
                } else {
                    self.open(Aim::Second(from, 0));
                }
            }
            Aim::Part(part) => self.cut(part, total.unwrap_or(UNCOUNTED)),
            Aim::Second(..) => self.give_up(listing.aim, total, listing.seen.len() as u64),
        }
    }

    /// Hops do not do: reads the slice again from its beginning, in windows that are short enough.
    fn read_in_parts(&mut self) {
        self.listing = None;
        self.forsake();
        self.left.clear();
        self.strikes = 0;
        if let Some(slice) = &mut self.slice {
            self.part_floor = Floor::new(slice.period.from());
            slice.parts = Some(vec![slice.period]);
        }
    }

    /// Puts shorter windows in the place of one that holds too many rows. A single second has no shorter ones, and a
    /// server that counts more in the parts than in the whole is not asked without end.
    fn cut(&mut self, part: Period, total: u64) {
        let seconds = (part.till() - part.from()).num_seconds();
        if seconds < 2 {
            self.open(Aim::Second(part.from(), 0));
            return;
        }
        self.listing = None;
        let comfortable = (self.reach.rows() / 11 * 8).max(1);
        let Some(slice) = &mut self.slice else { return };
        let cuts = slice.cuts.get_or_insert(64 + total / comfortable * 8);
        let Some(left) = cuts.checked_sub(1) else {
            self.give_up(Aim::Part(part), Some(total), 0);
            return;
        };
        *cuts = left;
        // Calls come in bursts: room is left in each part, and a part that is still too full is cut again.
        let parts = i64::try_from(total / comfortable + 1).unwrap_or(i64::MAX).max(2);
        // Rounded down, so that each part is shorter than the whole; `slices` takes a second at least.
        let shorter: Vec<_> = part.slices(TimeDelta::seconds(seconds / parts)).collect();
        if let Some(parts) = &mut slice.parts {
            parts.pop();
            parts.extend(shorter.into_iter().rev());
        }
    }

    /// A window is read to its end.
    fn close(&mut self, listing: Listing<P::Row>) {
        let total = listing.chain.total().unwrap_or(listing.seen.len() as u64);
        self.tally.windows += 1;
        self.before = listing.seen;
        match listing.aim {
            Aim::Hop(_) => self.finish_slice(),
            Aim::Part(part) => self.finish_part(part),
            Aim::Second(second, way) => {
                if way + 1 < WAYS {
                    self.lower = TimeDelta::zero();
                }
                self.finish_second(second, total);
            }
        }
    }

    /// A window cannot be read whole: names it and goes on behind it.
    fn give_up(&mut self, aim: Aim, total: Option<u64>, mut received: u64) {
        let Some(slice) = &self.slice else { return };
        let period = match aim {
            Aim::Hop(_) if slice.verified < slice.period.till() => {
                Period::raw(slice.verified, slice.period.till())
            }
            Aim::Hop(_) => slice.period,
            Aim::Part(part) => part,
            Aim::Second(second, _) => {
                // The hop that did not get past it has given what it reached.
                let floor = if slice.parts.is_some() { &self.part_floor } else { &self.floor };
                if floor.start == second {
                    received = received.max(floor.ids.len() as u64);
                }
                Period::raw(second, second + SECOND)
            }
        };
        self.miss(Hole { period, expected: total, received });
        self.listing = None;
        match aim {
            Aim::Hop(_) => self.finish_slice(),
            Aim::Part(part) => self.finish_part(part),
            Aim::Second(second, _) => self.finish_second(second, total.unwrap_or_default()),
        }
    }

    fn miss(&mut self, hole: Hole) {
        // A slice that is read again in parts meets its holes again.
        if self.tally.holes.contains(&hole) {
            return;
        }
        self.tally.expected += hole.expected.unwrap_or_default().saturating_sub(hole.received);
        self.tally.holes.push(hole);
    }

    fn finish_second(&mut self, second: NaiveDateTime, total: u64) {
        let next = second + SECOND;
        let Some(slice) = &mut self.slice else { return };
        let till = slice.period.till();
        if slice.parts.is_some() {
            self.finish_part(Period::raw(second, next));
            return;
        }
        let expected = slice.expected.filter(|expected| expected.start == second);
        slice.expected = expected.map(|expected| Expected {
            start: next,
            rows: expected.rows.saturating_sub(total),
            ..expected
        });
        self.floor = Floor::new(next);
        self.strikes = 0;
        if next < till { self.open(Aim::Hop(next)) } else { self.finish_slice() }
    }

    fn finish_part(&mut self, part: Period) {
        self.strikes = 0;
        self.listing = None;
        self.held.append(&mut self.left);
        if self.part_floor.start < part.till() {
            self.part_floor = Floor::new(part.till());
        }
        let Some(slice) = &mut self.slice else { return };
        if let Some(parts) = &mut slice.parts {
            parts.pop();
            if parts.is_empty() {
                self.finish_slice();
            }
        }
    }

    fn finish_slice(&mut self) {
        self.strikes = 0;
        self.listing = None;
        self.witness = None;
        self.held.append(&mut self.left);
        let Some(slice) = self.slice.take() else { return };
        self.by_parts |= slice.parts.is_some() && self.tally.strays > 0;
        if slice.uncounted {
            self.miss(Hole { period: slice.period, expected: None, received: slice.received });
        } else if slice.repeats > 0 {
            let expected = Some(slice.received + slice.repeats);
            self.miss(Hole { period: slice.period, expected, received: slice.received });
        }
    }
}
