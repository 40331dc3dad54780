//! How a window is read: what its first page decides, what a page that does not fit leads to, when it is whole, and where
//! it goes on. Not here: the calls, what becomes of rows, what windows together make up.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    Gap, Placed, Sweep,
    coverage::{Doubt, Reached, WindowCoverage},
    in_flight::Wanted,
    listing::{PATIENCE, WindowKind, WindowListing, length_of},
    slice::{Expected, MOST_GAPS, Slice, WAYS},
};
use crate::{
    pager::{MAX_LIMIT, Reach},
    projection::{Projection, RowKey},
    query::Page,
    schema::Shape,
    window::{MARGIN, Period, SECOND},
};

/// What the server was seen to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerTraits {
    /// It listed a row before one that starts earlier: no hops any more.
    pub(super) disordered: bool,
    /// Whether a period selects legs by the start of their session; `None` while nothing tells.
    pub(super) by_session: Option<bool>,
    /// Totals were seen to change while a window was read.
    pub(super) moves: bool,
    /// How much earlier a window is asked: nothing once the server has shown that it includes its first second.
    pub(super) lower: TimeDelta,
    /// Rows that it was seen to give at once at most.
    pub(super) page: u32,
}

impl ServerTraits {
    /// Nothing was seen yet.
    pub(super) const fn new() -> Self {
        Self { disordered: false, by_session: None, moves: false, lower: MARGIN, page: MAX_LIMIT }
    }
}

/// How often something was asked again, and whether that helped.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// How often in a row something did not fit.
    pub(super) strikes: u8,
    /// The most rows that were known while the window was read.
    pub(super) reached: u64,
}

/// Stands for a total that was not said and is more than offsets reach.
const UNCOUNTED: u64 = Reach::DOCUMENTED.rows() + 1;

impl<R, P: Projection<R>> Sweep<R, P> {
    /// Begins the next window, if none is being read.
    pub(super) fn begin(&mut self) {
        while self.listing.is_none() && self.question.is_none() {
            if self.slice.is_none() {
                let Some(period) = self.plan.slices.pop() else { return };
                let hops = self.streams();
                let windows = if hops { Vec::new() } else { vec![period] };
                self.slice = Some(Slice { hops, windows, hops_only: hops, ..Slice::new(period) });
            }
            let Some(slice) = &self.slice else { return };
            if slice.hops {
                let at = slice.watermark.at();
                self.question = self.asks_about_earlier_copies();
                if self.question.is_none() {
                    self.open(WindowKind::Hop(at));
                }
            } else if self.gaps_of(slice) >= MOST_GAPS && !slice.windows.is_empty() {
                self.give_up_rest();
            } else if let Some(window) = slice.windows.last() {
                self.open(WindowKind::Part(*window));
            } else if !self.finish_slice() {
                return;
            }
        }
    }

    /// Whether rows can be given as they come.
    const fn streams(&self) -> bool {
        !self.traits.disordered && !matches!(self.traits.by_session, Some(true))
    }

    /// Starts to read a window from its beginning. Pages of another one that are still out are not wanted any more.
    pub(super) fn open(&mut self, kind: WindowKind) {
        if let Some(listing) = &self.listing {
            self.traits.page = listing.coverage.page();
        }
        self.calls.mark_stale();
        let streams = match kind {
            WindowKind::Hop(_) => true,
            WindowKind::Part(_) => false,
            WindowKind::Second(..) => self.slice.as_ref().is_some_and(|slice| slice.hops),
        };
        let begins =
            self.slice.as_ref().map_or_else(|| self.plan.reading.from(), |slice| slice.watermark.at());
        let coverage = WindowCoverage::new(self.plan.reach, self.traits.page);
        self.listing = Some(WindowListing::new(kind, self.window(kind), coverage, streams, begins));
        self.tally.hops += 1;
    }

    /// The window as it is asked.
    pub(super) fn window(&self, kind: WindowKind) -> Period {
        let till = self.slice.as_ref().map_or(self.plan.reading, |slice| slice.period).till();
        match kind {
            WindowKind::Hop(from) => Period::raw(from - self.traits.lower, till + MARGIN),
            WindowKind::Part(part) => self.around_changes(part),
            WindowKind::Second(second, 0) => Period::raw(second, second),
            WindowKind::Second(second, 1) => Period::raw(second, second + SECOND),
            WindowKind::Second(second, _) => Period::raw(second - SECOND, second + SECOND),
        }
    }

    /// The part, a second wider on both sides. A bound that this moves into an hour that the clock shows twice or never could
    /// mean an hour earlier or later, so it goes beyond that hour.
    fn around_changes(&self, part: Period) -> Period {
        let (mut from, mut till) = (part.from() - MARGIN, part.till() + MARGIN);
        for change in &self.plan.selection.changes {
            if change.till() == part.from() {
                from = change.from() - MARGIN;
            }
            if change.from() == part.till() {
                till = change.till() + MARGIN;
            }
        }
        Period::raw(from, till)
    }

    /// Takes the pages that continue the window, as far as they have come.
    pub(super) fn proceed(&mut self) {
        while self.question.is_none()
            && let Some((offset, page)) = self.listing.as_mut().and_then(|listing| {
                let offset = listing.coverage.expecting();
                Some((offset, listing.arrived.remove(&offset)?))
            })
        {
            self.accept(offset, page);
        }
    }

    /// Takes the page that continues the window that is being read.
    fn accept(&mut self, offset: u32, page: Page<Placed<P::Row>>) {
        let Some(mut listing) = self.listing.take() else { return };
        let (kind, total) = (listing.kind, page.total);
        self.counted = total;
        if self.ask_what_selects(kind, &page) {
            listing.arrived.insert(offset, page);
            self.listing = Some(listing);
            return;
        }
        let mut keys: Vec<_> = page.rows.iter().map(|row| row.key).collect();
        // A row before the window that was asked is out of order too: a hop would not get past it.
        let first = listing.asked.from();
        let is_before = |key: &RowKey| matches!(kind, WindowKind::Hop(_)) && key.start < first;
        if !keys.is_sorted_by_key(|key| key.start) || keys.first().is_some_and(is_before) {
            self.traits.disordered = true;
            // Where no order was asked for, none is missing.
            self.tally.disordered |= self.plan.shape == Shape::Hops;
        }
        if self.is_unknown_before_resumed(&keys)
            || offset == 0 && self.is_nothing_new_to_resumed(&keys, total)
        {
            self.read_anew(listing);
            return;
        }
        let is_sorted = keys.is_sorted_by_key(RowKey::order);
        keys.sort_by_key(RowKey::order);
        let in_order = listing.streams && self.streams();
        if offset == 0 && self.turns(kind, &keys, total, in_order) {
            return;
        }
        if listing.streams && !self.streams() {
            if self.slice.as_ref().is_some_and(|slice| slice.unverified().is_some()) {
                // Without an order, that an earlier run came to a second does not say what it gave before.
                self.read_anew(listing);
                return;
            }
            if let WindowKind::Hop(_) = kind
                && total.is_none_or(|total| total > self.plan.reach.rows())
            {
                // The rows that wait come again.
                self.listing = Some(listing);
                self.read_in_parts();
                return;
            }
            listing.streams = false;
        }
        let doubt = listing.coverage.doubt(offset, length_of(&page), &keys, total, listing.streams);
        if matches!(doubt, Some(Doubt::Apart | Doubt::Stale)) && !is_sorted {
            // It sorts by the start alone: where rows stand in a second says nothing.
            (self.traits.disordered, self.tally.disordered) = (true, true);
            listing.arrived.insert(offset, page);
            self.listing = Some(listing);
            return;
        }
        let rest = if doubt.is_none() && offset == 0 { self.rest(kind, &keys, total) } else { Rest::Fits };
        if rest == Rest::Fewer && self.attempts.strikes > 0 {
            self.read_anew(listing);
            return;
        }
        let known_before = listing.coverage.end();
        let length = length_of(&page);
        // A page that stayed short was asked again already.
        let counted_out = listing.streams && listing.coverage.is_trimmed();
        let falls_short = doubt.is_none() && !counted_out && !listing.adds_up(offset, &page);
        let given_up = if doubt.is_some() || falls_short || rest == Rest::Fewer {
            self.attempts.strikes += 1;
            self.tally.rereads += u64::from(self.attempts.strikes <= PATIENCE);
            match self.attempts.strikes {
                1 => {
                    self.listing = Some(listing);
                    return;
                }
                2..=PATIENCE => {
                    self.listing = Some(listing);
                    self.read_window_again();
                    return;
                }
                _ => true,
            }
        } else {
            listing.coverage.extend(offset, length, total);
            if offset == 0
                && let (Some(slice), WindowKind::Hop(_)) = (&mut self.slice, kind)
            {
                match rest {
                    Rest::Fits => slice.verify(&mut self.carry.before),
                    Rest::Unsure | Rest::Fewer => slice.is_sure = false,
                }
            }
            false
        };
        self.take_page(listing, offset, page, (known_before, given_up));
    }

    /// Takes the rows of a page that fits, or that is not asked for any more, and says what follows. Up to `known` pages
    /// before have reached.
    fn take_page(
        &mut self,
        mut listing: WindowListing<P::Row>,
        offset: u32,
        page: Page<Placed<P::Row>>,
        (known_before, given_up): (u32, bool),
    ) {
        let total = page.total;
        let unplaced =
            page.unplaced.iter().filter_map(|row| offset.checked_add(u32::try_from(row.row).ok()?));
        listing.unplaced.extend(unplaced);
        let mut rows = listing.sift(offset, page.rows, known_before);
        let is_hop = matches!(listing.kind, WindowKind::Hop(_));
        if is_hop && listing.streams && !given_up && listing.coverage.reached() == Reached::Limit {
            listing.leave_last(&mut rows);
        }
        let ends = given_up || listing.coverage.reached() != Reached::More;
        if listing.streams {
            self.stream(&mut listing, rows, ends);
        } else {
            listing.waiting.extend(rows.into_iter().map(|(key, row)| (key.id, (key, row))));
        }
        let known = self.slice.as_ref().map_or(0, |slice| slice.known.len()) + listing.waiting.len() as u64;
        if known > self.attempts.reached {
            (self.attempts.strikes, self.attempts.reached) = (0, known);
        }
        self.traits.moves |= !listing.coverage.is_steady();
        if let Some(slice) = &mut self.slice {
            slice.uncounted |= total.is_none();
            if !given_up && !listing.coverage.is_trimmed() {
                slice.whole_until = slice.watermark.at();
            }
        }
        match listing.coverage.reached() {
            _ if given_up => self.give_up(listing),
            Reached::More => {
                self.keep_grid(&mut listing);
                self.listing = Some(listing);
            }
            Reached::End | Reached::Limit => self.end(listing),
        }
    }

    /// The window was read as far as it goes. Copies that it lists are counted first.
    pub(super) fn end(&mut self, listing: WindowListing<P::Row>) {
        if let Some(question) = self.asks_about_copies(&listing) {
            self.question = Some(question);
            self.listing = Some(listing);
        } else if listing.is_read() {
            self.close(listing);
        } else {
            self.leap(listing);
        }
    }

    /// Pages that were asked for in the belief that the one before them would end elsewhere do not meet what is covered.
    fn keep_grid(&mut self, listing: &mut WindowListing<P::Row>) {
        let next = listing.coverage.expecting();
        let meets = listing.arrived.contains_key(&next) || self.calls.awaits(Wanted::Page(next));
        if !meets {
            listing.arrived.clear();
            listing.furthest = 0;
            self.calls.mark_stale();
        }
    }

    /// What the first page of a part or of a single second decides; `true` when the window is not read any further.
    fn turns(&mut self, kind: WindowKind, keys: &[RowKey], total: Option<u64>, in_order: bool) -> bool {
        let too_many = total.filter(|total| *total > self.plan.reach.rows());
        // Without an order, a page says nothing of rows that are not on it.
        let ids = || keys.iter().map(|key| key.id).collect::<BTreeSet<_>>().len() as u64;
        let is_telling = in_order || total.is_none_or(|total| ids() >= total);
        match (kind, too_many) {
            (WindowKind::Part(part), Some(total)) => {
                self.cut(part, total, self.plan.reach.rows());
                true
            }
            // An empty page of a window that is not empty says nothing.
            (WindowKind::Second(second, way), _)
                if is_telling
                    && !keys.iter().any(|key| key.start == second)
                    && (!keys.is_empty() || total.is_none_or(|total| total == 0)) =>
            {
                self.try_next_way(second, way, total);
                true
            }
            (WindowKind::Second(second, _), Some(total)) => {
                self.give_up_second(second, Some(total), 0);
                true
            }
            (WindowKind::Hop(_), _) | (WindowKind::Part(_) | WindowKind::Second(..), None) => false,
        }
    }

    /// A window holds no row of the second that it was asked for: bounds may be meant in another way.
    fn try_next_way(&mut self, second: NaiveDateTime, way: u8, total: Option<u64>) {
        let watermark = self.slice.as_ref().map(|slice| &slice.watermark);
        let known = watermark
            .is_some_and(|watermark| watermark.at() == second && watermark.ids_at().next().is_some());
        match way + 1 {
            WAYS if known => self.give_up_second(second, total, 0),
            WAYS => self.finish_second(second, 0),
            way => self.open(WindowKind::Second(second, way)),
        }
    }

    /// Whether a hop counts the rows that the window before left.
    fn rest(&self, kind: WindowKind, keys: &[RowKey], total: Option<u64>) -> Rest {
        let expected = self.slice.as_ref().and_then(|slice| slice.expected);
        let (WindowKind::Hop(_), Some(expected)) = (kind, expected) else { return Rest::Fits };
        let Some(total) = total else { return Rest::Unsure };
        // The second before comes along where the server includes its bounds.
        let earlier = keys.iter().take_while(|key| key.start < expected.start).count();
        let left = total.saturating_sub(earlier as u64);
        match left.cmp(&expected.rows) {
            std::cmp::Ordering::Less => Rest::Fewer,
            // A page full of earlier rows does not tell.
            _ if earlier > 0 && earlier == keys.len() => Rest::Unsure,
            std::cmp::Ordering::Equal => Rest::Fits,
            std::cmp::Ordering::Greater => Rest::Unsure,
        }
    }

    /// Whether there is a row that starts before the place that an earlier run had come to, and that nobody remembers.
    fn is_unknown_before_resumed(&self, keys: &[RowKey]) -> bool {
        self.slice.as_ref().and_then(|slice| Some((slice, slice.unverified()?.0))).is_some_and(
            |(slice, at)| {
                let known = |key: &RowKey| slice.known.contains(key.id) || self.carry.before.contains(key.id);
                keys.iter().any(|key| key.start < at && !known(key))
            },
        )
    }

    /// Whether the first page behind an earlier run is all its rows, and there are more: they may hide that the order
    /// is none.
    fn is_nothing_new_to_resumed(&self, keys: &[RowKey], total: Option<u64>) -> bool {
        self.slice.as_ref().filter(|slice| slice.unverified().is_some()).is_some_and(|slice| {
            let known = |key: &RowKey| slice.known.contains(key.id) || self.carry.before.contains(key.id);
            total.is_none_or(|total| total > keys.len() as u64) && keys.iter().all(known)
        })
    }

    /// Goes on at the last row that offsets reach.
    fn leap(&mut self, mut listing: WindowListing<P::Row>) {
        if listing.streams {
            self.note_copies(&mut listing);
            self.miss_unplaced(&listing);
            self.judge_outside(&listing);
        }
        let (tail, total) = (listing.coverage.tail(), listing.coverage.total());
        let listed = self.places(&listing);
        let Some(slice) = &mut self.slice else { return };
        let till = slice.period.till();
        match listing.kind {
            // What is left starts behind the slice: the server does not select by the start.
            WindowKind::Hop(_) if !listing.streams || tail.is_none_or(|tail| tail.start >= till) => {
                self.listing = Some(listing);
                self.read_in_parts();
            }
            WindowKind::Hop(from) => {
                let at = slice.watermark.at();
                // A window full of rows of the second before it says nothing new.
                if tail.is_some_and(|tail| tail.start >= at) {
                    let rows = total.map(|total| total.saturating_sub(listed) + slice.at_watermark());
                    slice.expected = rows.map(|rows| Expected { start: at, rows });
                }
                slice.is_sure &= slice.expected.is_some() && !listing.may_hide_a_row();
                slice.hopped = true;
                if at > from {
                    let rows = slice.expected.map(|expected| expected.rows);
                    self.go_on_from_watermark(&listing, rows);
                    return;
                }
                self.listing = Some(listing);
                if tail.is_some_and(|tail| tail.start < from) && !self.traits.lower.is_zero() {
                    self.traits.lower = TimeDelta::zero();
                    self.open(WindowKind::Hop(from));
                } else if self.changes_at(from) {
                    self.read_in_parts();
                } else {
                    self.open(WindowKind::Second(from, 0));
                }
            }
            WindowKind::Part(part) => self.cut(part, total.unwrap_or(UNCOUNTED), self.plan.reach.rows()),
            WindowKind::Second(..) => self.give_up(listing),
        }
    }

    /// The page did not help: reads the window again from its beginning.
    fn read_window_again(&mut self) {
        let Some(listing) = self.listing.take() else { return };
        if let (WindowKind::Hop(from), Some(slice)) = (listing.kind, &self.slice)
            && listing.streams
            && slice.watermark.at() > from
            && listing.unplaced.is_empty()
            && let Some(total) = listing.coverage.total()
        {
            // What was given in order need not be read again, if what is left is counted. A row without a place would be
            // forgotten; read again, it may have one.
            let rows = total.saturating_sub(self.places(&listing)) + slice.at_watermark();
            self.go_on_from_watermark(&listing, Some(rows));
            return;
        }
        self.traits.page = listing.coverage.page();
        self.open(listing.kind);
        if let Some(again) = self.listing.as_mut().filter(|_| !listing.streams) {
            (again.streams, again.waiting) = (false, listing.waiting);
            (again.sessions, again.out_of_window) = (listing.sessions, listing.out_of_window);
        }
    }

    /// The next hop. It has to count so many rows.
    fn go_on_from_watermark(&mut self, listing: &WindowListing<P::Row>, rows: Option<u64>) {
        let Some(slice) = &mut self.slice else { return };
        slice.is_sure &= !listing.may_hide_a_row();
        slice.hopped = true;
        let start = slice.watermark.at();
        slice.expected = rows.map(|rows| Expected { start, rows });
        let again = slice.watermark.ids().filter_map(|id| Some((id, *listing.seen.get(&id)?)));
        let again = again.collect();
        self.traits.page = listing.coverage.page();
        self.open(WindowKind::Hop(start));
        if let Some(next) = &mut self.listing {
            next.given = again;
        }
    }

    /// A window is read to its end: whole, or not.
    pub(super) fn close(&mut self, mut listing: WindowListing<P::Row>) {
        let listed = listing.seen.len() as u64 + listing.unplaced.len() as u64;
        let total = listing.coverage.total();
        let further = listing.copies.unwrap_or_default();
        // All copies count; what the server says of them is believed when it fits.
        // What several readings listed together is whole if the total stood still.
        let together = listing.waiting.len() as u64;
        let is_still = !listing.streams && listing.coverage.is_steady() && listing.coverage.pages() > 1;
        let is_whole = total.is_none_or(|total| {
            listed == total || further > 0 && listed + further == total || is_still && together == total
        });
        if let Some(question) = self.leg_on_a_seam(&listing).filter(|_| is_whole) {
            self.question = Some(question);
            self.listing = Some(listing);
            return;
        }
        if is_whole {
            self.tally.windows += 1;
            self.note_copies(&mut listing);
            self.attempts.strikes = 0;
            let lacks = |second| !listing.waiting.values().any(|(key, _)| key.start == second);
            let other_way = match listing.kind {
                WindowKind::Second(second, way) if !listing.streams && lacks(second) => Some((second, way)),
                WindowKind::Second(..) | WindowKind::Hop(_) | WindowKind::Part(_) => None,
            };
            self.settle(&mut listing);
            match other_way {
                Some((second, way)) => self.try_next_way(second, way, total),
                None => self.finish(listing.kind, total.unwrap_or(listed)),
            }
            return;
        }
        let missing = total.is_some_and(|total| total > listed);
        self.attempts.strikes += 1;
        if self.attempts.strikes > PATIENCE || missing && listing.streams && listing.coverage.is_trimmed() {
            self.give_up(listing);
        } else {
            self.tally.rereads += 1;
            self.listing = Some(listing);
            self.read_window_again();
        }
    }

    /// A window cannot be read whole: gives what there is, names it and goes on behind it.
    fn give_up(&mut self, mut listing: WindowListing<P::Row>) {
        let total = listing.coverage.total().or(self.counted);
        let (kind, page) = (listing.kind, u64::from(listing.coverage.page()));
        // Whatever the order, a window of one page is listed by one reply.
        let part = self.extent(kind);
        // Only where each reading lists other rows; a total that is wrong stays wrong.
        let is_unstable = listing.waiting.len() > listing.seen.len();
        if !matches!(kind, WindowKind::Second(..))
            && self.traits.disordered
            && is_unstable
            && let Some(total) = total.filter(|total| *total > page)
            && (part.till() - part.from()) >= SECOND * 2
        {
            if let WindowKind::Hop(_) = kind {
                self.read_in_parts();
            }
            let window = self.slice.as_ref().and_then(|slice| slice.windows.last().copied());
            self.cut(window.unwrap_or(part), total, page);
            return;
        }
        let received = listing.seen.len() as u64;
        if let WindowKind::Second(second, _) = kind {
            self.settle(&mut listing);
            self.give_up_second(second, total, received);
            return;
        }
        let period = match (kind, &self.slice) {
            (WindowKind::Hop(_), Some(slice)) => {
                let (from, till) = (slice.whole_until, slice.period.till());
                if listing.streams && from < till { Period::raw(from, till) } else { slice.period }
            }
            _ => self.extent(kind),
        };
        let unplaced = listing.unplaced.len() as u64;
        self.miss(Gap { unplaced, ..Gap::new(period, total, received) });
        listing.unplaced.clear();
        self.attempts.strikes = 0;
        self.settle(&mut listing);
        self.finish(kind, total.unwrap_or_default());
    }

    /// The part of the asked period that a window stands for.
    pub(super) fn extent(&self, kind: WindowKind) -> Period {
        let slice = self.slice.as_ref().map_or(self.plan.reading, |slice| slice.period);
        match kind {
            WindowKind::Hop(from) => Period::raw(from, slice.till()),
            WindowKind::Part(part) => part,
            WindowKind::Second(second, _) => Period::raw(second, second + SECOND),
        }
    }
}

/// What the first page of a hop says of the window before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// It counts fewer rows than were left.
    Fewer,
    /// It counts just as many, so that nothing stands between the two.
    Fits,
    /// Rows appeared meanwhile, or it does not tell.
    Unsure,
}
