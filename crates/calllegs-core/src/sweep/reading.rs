//! How pages become rows: what the first page of a window decides, what a page that does not fit leads to, when a window
//! is whole, which rows are given, and where a window goes on. Not here: the calls, what a caller sees.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    CallId, Hole, Placed, Sweep,
    chain::{Chain, Doubt, Reached},
    checkpoint::Again,
    copies::Copies,
    handed::{Mark, Recent, Way},
    ids::IdSet,
    listing::{Listing, WindowKind, length_of},
    questions::{Question, SESSION_MARGIN},
};
use crate::{
    pager::Reach,
    projection::{Projection, RowKey},
    query::Page,
    schema::Report,
    window::{MARGIN, Period},
};

/// A call whose answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) id: CallId,
    pub(super) wanted: Wanted,
    pub(super) columns: usize,
}

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The question that is open.
    Answer,
    /// Nothing any more: the window was begun anew.
    Nothing,
    /// The page at this offset of the window that is being read.
    Page(u32),
}

/// What the server was seen to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Habits {
    /// It listed a row before one that starts earlier: no hops any more.
    pub(super) disordered: bool,
    /// Whether a period selects legs by the start of their session; `None` while nothing tells.
    pub(super) by_session: Option<bool>,
}

/// How many rows the server had from this second on when it was asked last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) start: NaiveDateTime,
    pub(super) rows: u64,
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
    /// Rows that were listed since.
    pub(super) known: IdSet,
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
    /// The sessions that begin before the period are to be read.
    pub(super) sessions: bool,
    /// An earlier run gave the rows before this second; it had listed so many.
    pub(super) resumed: Option<(NaiveDateTime, u64)>,
    /// Rows before that second are met again: they are taken to be the same, if they are as many.
    pub(super) again: Option<Again>,
    /// No window but hops was read.
    pub(super) hops_only: bool,
    /// In hops: how far rows were given.
    pub(super) floor: Recent,
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
            is_sure: true,
            whole: None,
            hopped: false,
            is_counted: false,
            agreed: false,
            copies: Copies::default(),
            counts: 0,
            sessions: false,
            resumed: None,
            again: None,
            hops_only: true,
            floor: Recent::new(period.from()),
            whole_until: period.from(),
            uncounted: false,
            received: 0,
        }
    }
}

/// How often in a row something may not fit before it is given up: the page is asked again, then the window twice.
pub(super) const PATIENCE: u8 = 3;

/// Holes of a slice after which the rest of it is not asked for any more.
const MOST_HOLES: usize = 16;

/// Ways in which a single second can be asked for: closed, half-open, open bounds.
const WAYS: u8 = 3;

/// Stands for a total that was not said and is more than offsets reach.
const UNCOUNTED: u64 = Reach::DOCUMENTED.rows() + 1;

pub(super) const SECOND: TimeDelta = TimeDelta::seconds(1);

impl<R: Report, P: Projection<R> + Clone> Sweep<R, P> {
    /// Begins the next window, if none is being read.
    pub(super) fn begin(&mut self) {
        while self.listing.is_none() && self.question.is_none() {
            if self.slice.is_none() {
                let Some(period) = self.slices.pop() else { return };
                let hops = self.streams();
                let windows = if hops { Vec::new() } else { vec![period] };
                self.slice = Some(Slice { hops, windows, hops_only: hops, ..Slice::new(period) });
            }
            let Some(slice) = &self.slice else { return };
            if slice.hops {
                self.open(WindowKind::Hop(slice.floor.at()));
            } else if self.holes_of(slice) >= MOST_HOLES && !slice.windows.is_empty() {
                self.give_up_rest();
            } else if let Some(window) = slice.windows.last() {
                self.open(WindowKind::Part(*window));
            } else if !self.finish_slice() {
                return;
            }
        }
    }

    /// Holes in this slice.
    fn holes_of(&self, slice: &Slice) -> usize {
        self.tally.holes.iter().filter(|hole| slice.period.encloses(hole.period.from())).count()
    }

    /// A server whose totals are wrong everywhere is not asked about each window: what is left is one hole.
    fn give_up_rest(&mut self) {
        let Some(slice) = &mut self.slice else { return };
        let from = slice.windows.last().unwrap_or(&slice.period).from();
        slice.windows.clear();
        let period = Period::raw(from, slice.period.till());
        self.miss(Hole { period, expected: None, received: 0, unplaced: 0, outdated: 0 });
    }

    /// Whether rows can be given as they come.
    const fn streams(&self) -> bool {
        !self.habits.disordered && !matches!(self.habits.by_session, Some(true))
    }

    /// Starts to read a window from its beginning. Pages of another one that are still out are not wanted any more.
    fn open(&mut self, kind: WindowKind) {
        if let Some(listing) = &self.listing {
            self.page = listing.chain.page();
        }
        self.mark_stale();
        let streams = match kind {
            WindowKind::Hop(_) => true,
            WindowKind::Part(_) => false,
            WindowKind::Second(..) => self.slice.as_ref().is_some_and(|slice| slice.hops),
        };
        self.listing = Some(Listing {
            kind,
            asked: self.window(kind),
            chain: Chain::new(self.reach, self.page),
            seen: BTreeMap::new(),
            streams,
            waiting: BTreeMap::new(),
            outside: Vec::new(),
            strays: BTreeMap::new(),
            sessions: BTreeMap::new(),
            twice: BTreeMap::new(),
            copies: None,
            proven: BTreeMap::new(),
            given: BTreeMap::new(),
            repeated: BTreeSet::new(),
            late_copies: BTreeSet::new(),
            begins: self.slice.as_ref().map_or_else(|| self.reading.from(), |slice| slice.floor.at()),
            unplaced: BTreeSet::new(),
            arrived: BTreeMap::new(),
            furthest: 0,
        });
        self.tally.hops += 1;
    }

    /// Marks all pages in flight as stale.
    fn mark_stale(&mut self) {
        for call in &mut self.in_flight {
            if let Wanted::Page(_) = call.wanted {
                call.wanted = Wanted::Nothing;
            }
        }
    }

    /// The window as it is asked.
    pub(super) fn window(&self, kind: WindowKind) -> Period {
        let till = self.slice.as_ref().map_or(self.reading, |slice| slice.period).till();
        match kind {
            WindowKind::Hop(from) => Period::raw(from - self.lower, till + MARGIN),
            WindowKind::Part(part) => part.widened(),
            WindowKind::Second(second, 0) => Period::raw(second, second),
            WindowKind::Second(second, 1) => Period::raw(second, second + SECOND),
            WindowKind::Second(second, _) => Period::raw(second - SECOND, second + SECOND),
        }
    }

    /// Takes the pages that continue the window, as far as they have come.
    pub(super) fn proceed(&mut self) {
        while self.question.is_none()
            && let Some((offset, page)) = self.listing.as_mut().and_then(|listing| {
                let offset = listing.chain.expecting();
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
        if offset == 0 && (self.ask_about_earlier_copies(kind) || self.ask_what_selects(kind, &page)) {
            listing.arrived.insert(offset, page);
            self.listing = Some(listing);
            return;
        }
        let mut keys: Vec<_> = page.rows.iter().map(|row| row.key).collect();
        // A row before the window that was asked is out of order too: a hop would not get past it.
        let first = listing.asked.from();
        let is_before = |key: &RowKey| matches!(kind, WindowKind::Hop(_)) && key.start < first;
        if !keys.is_sorted_by_key(|key| key.start) || keys.first().is_some_and(is_before) {
            self.habits.disordered = true;
            self.tally.disordered = true;
        }
        if self.is_unknown_before_resumed(&keys)
            || offset == 0 && self.is_nothing_new_to_resumed(&keys, total)
        {
            self.listing = Some(listing);
            self.read_resumed_again();
            self.read_in_parts();
            return;
        }
        let is_sorted = keys.is_sorted_by_key(RowKey::order);
        keys.sort_by_key(RowKey::order);
        if offset == 0 && self.turns(kind, &keys, total) {
            return;
        }
        if listing.streams && !self.streams() {
            let slice = self.slice.as_ref().filter(|slice| slice.again.is_none());
            if slice.is_some_and(|slice| slice.resumed.is_some_and(|(at, _)| at == slice.verified)) {
                // Without an order, that an earlier run came to a second does not say what it gave before.
                self.listing = Some(listing);
                self.read_resumed_again();
                self.read_in_parts();
                return;
            }
            if let WindowKind::Hop(_) = kind
                && total.is_none_or(|total| total > self.reach.rows())
            {
                // The rows that wait come again.
                self.listing = Some(listing);
                self.read_in_parts();
                return;
            }
            listing.streams = false;
        }
        let doubt = listing.chain.doubt(offset, length_of(&page), &keys, total, listing.streams);
        if matches!(doubt, Some(Doubt::Gap | Doubt::Stale)) && !is_sorted {
            // It sorts by the start alone: where rows stand in a second says nothing.
            (self.habits.disordered, self.tally.disordered) = (true, true);
            listing.arrived.insert(offset, page);
            self.listing = Some(listing);
            return;
        }
        let rest = if doubt.is_none() && offset == 0 { self.rest(kind, &keys, total) } else { Rest::Fits };
        if rest == Rest::Fewer && self.strikes > 0 {
            self.listing = Some(listing);
            self.read_resumed_again();
            self.read_in_parts();
            return;
        }
        let known_before = listing.chain.end();
        let length = length_of(&page);
        // A page that stayed short was asked again already.
        let counted_out = listing.streams && listing.chain.is_trimmed();
        let falls_short = doubt.is_none() && !counted_out && !listing.adds_up(offset, &page);
        let given_up = if doubt.is_some() || falls_short || rest == Rest::Fewer {
            self.strikes += 1;
            self.tally.rereads += u64::from(self.strikes <= PATIENCE);
            match self.strikes {
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
            listing.chain.extend(offset, length, total);
            if offset == 0
                && let (Some(slice), WindowKind::Hop(_)) = (&mut self.slice, kind)
            {
                match rest {
                    Rest::Fits => slice.verify(&mut self.before),
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
        mut listing: Listing<P::Row>,
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
        if is_hop && listing.streams && !given_up && listing.chain.reached() == Reached::Limit {
            listing.leave_last(&mut rows);
        }
        let ends = given_up || listing.chain.reached() != Reached::More;
        if listing.streams {
            self.stream(&mut listing, rows, ends);
        } else {
            listing.waiting.extend(rows.into_iter().map(|(key, row)| (key.id, (key, row))));
        }
        let known = self.slice.as_ref().map_or(0, |slice| slice.known.len()) + listing.waiting.len() as u64;
        if known > self.reached {
            (self.strikes, self.reached) = (0, known);
        }
        self.moves |= !listing.chain.is_steady();
        if let Some(slice) = &mut self.slice {
            slice.uncounted |= total.is_none();
            if !given_up && !listing.chain.is_trimmed() {
                slice.whole_until = slice.floor.at();
            }
        }
        match listing.chain.reached() {
            _ if given_up => self.give_up(listing),
            Reached::More => {
                self.keep_grid(&mut listing);
                self.listing = Some(listing);
            }
            Reached::End | Reached::Limit => self.end(listing),
        }
    }

    /// The window was read as far as it goes. Copies that it lists are counted first.
    pub(super) fn end(&mut self, listing: Listing<P::Row>) {
        if let Some(question) = self.asks_about_copies(&listing) {
            self.question = Some(question);
            self.listing = Some(listing);
        } else if listing.is_read() {
            self.close(listing);
        } else {
            self.leap(listing);
        }
    }

    /// Pages that were asked for in the belief that the one before them would end elsewhere do not meet the chain.
    fn keep_grid(&mut self, listing: &mut Listing<P::Row>) {
        let next = listing.chain.expecting();
        let meets = listing.arrived.contains_key(&next)
            || self.in_flight.iter().any(|call| call.wanted == Wanted::Page(next));
        if !meets {
            listing.arrived.clear();
            listing.furthest = 0;
            self.mark_stale();
        }
    }

    /// What the first page of a part or of a single second decides; `true` when the window is not read any further.
    fn turns(&mut self, kind: WindowKind, keys: &[RowKey], total: Option<u64>) -> bool {
        let too_many = total.filter(|total| *total > self.reach.rows());
        match (kind, too_many) {
            (WindowKind::Part(part), Some(total)) => {
                self.cut(part, total, self.reach.rows());
                true
            }
            // An empty page of a window that is not empty says nothing.
            (WindowKind::Second(second, way), _)
                if !keys.iter().any(|key| key.start == second)
                    && (!keys.is_empty() || total.is_none_or(|total| total == 0)) =>
            {
                let floor = self.slice.as_ref().map(|slice| &slice.floor);
                let known =
                    floor.is_some_and(|floor| floor.at() == second && floor.ids_at().next().is_some());
                match way + 1 {
                    WAYS if known => self.give_up_second(second, total, 0),
                    WAYS => self.finish_second(second, 0),
                    way => self.open(WindowKind::Second(second, way)),
                }
                true
            }
            (WindowKind::Second(second, _), Some(total)) => {
                self.give_up_second(second, Some(total), 0);
                true
            }
            (WindowKind::Hop(_), _) | (WindowKind::Part(_) | WindowKind::Second(..), None) => false,
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
        let slice = self.slice.as_ref().filter(|slice| slice.again.is_none());
        let resumed = slice.and_then(|slice| Some((slice, slice.resumed?.0)));
        resumed.is_some_and(|(slice, at)| {
            let known = |key: &RowKey| slice.known.contains(key.id) || self.before.contains(key.id);
            slice.verified == at && keys.iter().any(|key| key.start < at && !known(key))
        })
    }

    /// Whether the first page behind an earlier run is all its rows, and there are more: they may hide that the order
    /// is none.
    fn is_nothing_new_to_resumed(&self, keys: &[RowKey], total: Option<u64>) -> bool {
        let slice = self.slice.as_ref().filter(|slice| slice.again.is_none());
        slice.and_then(|slice| Some((slice, slice.resumed?.0))).is_some_and(|(slice, at)| {
            let known = |key: &RowKey| slice.known.contains(key.id) || self.before.contains(key.id);
            slice.verified == at
                && total.is_none_or(|total| total > keys.len() as u64)
                && keys.iter().all(known)
        })
    }

    /// An earlier run gave the beginning in the order of starts, and what is left is not all. So the slice is read from
    /// its beginning once more, and what lies before the place that the earlier run had come to is what it gave.
    fn read_resumed_again(&mut self) {
        let Some(slice) = self.slice.as_mut().filter(|slice| slice.again.is_none()) else { return };
        // What two windows of this run agreed on is known to be whole.
        if let Some((at, listed)) = slice.resumed.filter(|(at, _)| *at == slice.verified) {
            (slice.again, slice.listed) = (Some(Again { at, listed, met: 0 }), 0);
            slice.copies.forget_earlier_run();
            slice.verified = slice.period.from();
            let known = std::mem::take(&mut slice.known);
            known.iter().for_each(|id| _ = self.before.insert(id));
        }
    }

    /// Gives the rows of a page that keeps its order; those that the next page lists again wait for it.
    fn stream(&mut self, listing: &mut Listing<P::Row>, news: Vec<(RowKey, P::Row)>, ends: bool) {
        let mut rows: Vec<_> = std::mem::take(&mut listing.waiting).into_values().chain(news).collect();
        rows.sort_by_key(|(key, _)| *key);
        let wait = if ends { 0 } else { (self.reach.overlap() as usize).min(rows.len()) };
        let waiting = rows.split_off(rows.len() - wait);
        listing.waiting = waiting.into_iter().map(|(key, row)| (key.id, (key, row))).collect();
        let mut ready = Vec::with_capacity(rows.len());
        let floor = self.slice.as_ref().map(|slice| &slice.floor);
        let floor = floor.filter(|floor| listing.chain.tail().is_some_and(|tail| tail.start <= floor.at()));
        let again = floor
            .map_or(0, |floor| floor.ids_at().filter(|id| !listing.seen.contains_key(id)).count() as u64);
        for (key, row) in rows {
            if let Some(row) = self.place(listing, key, row) {
                ready.push((key, row));
            }
        }
        if ready.is_empty() && !ends {
            return;
        }
        // What the server counts behind the rows of this page. Rows that were given before and are still to be listed
        // again are not behind.
        // Rows behind the period are listed again.
        let behind = listing.outside.iter().filter(|(key, _)| key.start >= self.asked.till()).count() as u64;
        let listed = listing.seen.len() as u64 - listing.waiting.len() as u64;
        let left = listing.chain.total().map(|total| total.saturating_sub(listed + again) + behind);
        let way = self.way(listing, left, behind);
        self.hand_over(ready, way);
    }

    /// What becomes of a row: it is given, or was given before, or is nobody's.
    fn place(&mut self, listing: &mut Listing<P::Row>, key: RowKey, row: P::Row) -> Option<P::Row> {
        let slice = self.slice.as_mut()?;
        if let WindowKind::Second(second, _) = listing.kind
            && slice.hops
            && key.start != second
        {
            // Its neighbours are read by the hops before and after.
            return None;
        }
        let is_new = slice.known.insert(key.id);
        if slice.hops {
            slice.floor.take(key, self.reading.contains(key.start));
        }
        if listing.twice.contains_key(&key.id) {
            listing.repeated.insert((key.start, key.id));
        }
        if !is_new {
            let given = listing.given.get(&key.id);
            if given.is_some() && given != listing.seen.get(&key.id) {
                listing.twice.insert(key.id, true);
            }
        }
        // The slice before may have given rows that start in this one.
        let was_given = !is_new || slice.verified > slice.period.from() && self.before.contains(key.id);
        if was_given && slice.hops && listing.streams && slice.again.is_none() {
            let is_late = listing.begins + MARGIN < key.start && key.start < slice.period.till();
            listing.late_copies.extend(is_late.then_some(key.id));
        }
        if !is_new {
            return None;
        }
        if let Some(again) = slice.again.as_mut().filter(|again| key.start < again.at) {
            again.met += 1;
            return None;
        }
        if self.before.contains(key.id) {
            return None;
        }
        if !slice.hops && slice.period.from() <= key.start && key.start + MARGIN < slice.verified {
            // Outside the window that was asked, where counts showed that every row was given and ids are forgotten.
            // Whether it is one of them, the count of the whole slice tells.
            slice.known.remove(key.id);
            slice.is_sure = false;
            return None;
        }
        if !self.asked.contains(key.start) {
            listing.outside.push((key, row));
            return None;
        }
        if listing.strays.contains_key(&key.id) {
            self.tally.strays += 1;
        }
        slice.received += 1;
        Some(row)
    }

    /// What is known where rows of this window end: how many are left, how many of the known ones start behind the period.
    fn way(&self, listing: &Listing<P::Row>, left: Option<u64>, behind: u64) -> Way {
        match &self.slice {
            Some(slice) if slice.hops => Way::Hops {
                left,
                listed: (slice.listed + slice.known.len()).saturating_sub(behind),
                copies: slice.copies.all() - slice.copies.of(|id| listing.seen.contains_key(&id)),
                repeated: listing.repeated.clone(),
                is_sure: slice.is_sure,
            },
            _ => Way::Parts { window: self.extent(listing.kind) },
        }
    }

    /// Rows that are ready.
    pub(super) fn hand_over(&mut self, rows: Vec<(RowKey, P::Row)>, way: Way) {
        if let Some(slice) = &self.slice {
            self.handed.give(rows, Mark { slice: slice.period, way });
        }
    }

    /// Goes on at the last row that offsets reach.
    fn leap(&mut self, mut listing: Listing<P::Row>) {
        if listing.streams {
            self.note_copies(&mut listing);
        }
        let (tail, total) = (listing.chain.tail(), listing.chain.total());
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
                let at = slice.floor.at();
                // A window full of rows of the second before it says nothing new.
                if tail.is_some_and(|tail| tail.start >= at) {
                    let rows = total.map(|total| total.saturating_sub(listed) + slice.at_floor());
                    slice.expected = rows.map(|rows| Expected { start: at, rows });
                }
                slice.hopped = true;
                if at > from {
                    let rows = slice.expected.map(|expected| expected.rows);
                    self.go_on_from_floor(&listing, rows);
                    return;
                }
                self.listing = Some(listing);
                if tail.is_some_and(|tail| tail.start < from) && !self.lower.is_zero() {
                    self.lower = TimeDelta::zero();
                    self.open(WindowKind::Hop(from));
                } else if self.changes_at(from) {
                    self.read_in_parts();
                } else {
                    self.open(WindowKind::Second(from, 0));
                }
            }
            WindowKind::Part(part) => self.cut(part, total.unwrap_or(UNCOUNTED), self.reach.rows()),
            WindowKind::Second(..) => self.give_up(listing),
        }
    }

    /// Hops do not do: reads what is not verified again, in windows that are short enough.
    pub(super) fn read_in_parts(&mut self) {
        if let Some(listing) = self.listing.take() {
            self.page = listing.chain.page();
        }
        self.mark_stale();
        (self.strikes, self.reached) = (0, 0);
        if let Some(slice) = &mut self.slice {
            (slice.hops, slice.hops_only) = (false, false);
            slice.expected = None;
            slice.whole = None;
            slice.windows = vec![Period::raw(slice.verified, slice.period.till())];
        }
    }

    /// The page did not help: reads the window again from its beginning.
    fn read_window_again(&mut self) {
        let Some(listing) = self.listing.take() else { return };
        if let (WindowKind::Hop(from), Some(slice)) = (listing.kind, &self.slice)
            && listing.streams
            && slice.floor.at() > from
            && let Some(total) = listing.chain.total()
        {
            // What was given in order need not be read again, if what is left is counted.
            let rows = total.saturating_sub(self.places(&listing)) + slice.at_floor();
            self.go_on_from_floor(&listing, Some(rows));
            return;
        }
        self.page = listing.chain.page();
        self.open(listing.kind);
        if let Some(again) = self.listing.as_mut().filter(|_| !listing.streams) {
            (again.streams, again.waiting) = (false, listing.waiting);
            (again.sessions, again.strays) = (listing.sessions, listing.strays);
        }
    }

    /// The next hop. It has to count so many rows.
    fn go_on_from_floor(&mut self, listing: &Listing<P::Row>, rows: Option<u64>) {
        let Some(slice) = &mut self.slice else { return };
        let start = slice.floor.at();
        slice.expected = rows.map(|rows| Expected { start, rows });
        let again = slice.floor.ids().filter_map(|id| Some((id, *listing.seen.get(&id)?)));
        let again = again.collect();
        self.page = listing.chain.page();
        self.open(WindowKind::Hop(start));
        if let Some(next) = &mut self.listing {
            next.given = again;
        }
    }

    /// Puts shorter windows in the place of one that holds too many rows. A single second has no shorter ones, and a
    /// server that counts more in the parts than in the whole is not asked without end.
    fn cut(&mut self, part: Period, total: u64, room: u64) {
        let seconds = (part.till() - part.from()).num_seconds();
        if seconds < 2 && !self.changes_at(part.from()) {
            if let Some(slice) = &mut self.slice {
                // Alone, it comes without the second beside it that the slice was asked with.
                let is_edge = part.from() <= slice.verified || slice.period.till() <= part.till();
                slice.is_counted |= is_edge;
            }
            self.open(WindowKind::Second(part.from(), 0));
            return;
        }
        self.listing = None;
        self.mark_stale();
        self.strikes = 0;
        let window = self.window(WindowKind::Part(part));
        let comfortable = (room / 11 * 8).max(1);
        let Some(slice) = &mut self.slice else { return };
        if !slice.is_counted {
            slice.whole.get_or_insert((window, total));
        }
        let cuts = slice.cuts.get_or_insert(64 + total / comfortable * 8);
        // A second that the clock shows twice cannot be asked alone: the window may hold the hour between the two.
        let Some(left) = cuts.checked_sub(1).filter(|_| seconds >= 2) else {
            let hour = self.query.changes.iter().find(|change| change.contains(part.from()));
            let period = hour.copied().filter(|_| seconds < 2).unwrap_or(part);
            self.miss(Hole { period, expected: Some(total), received: 0, unplaced: 0, outdated: 0 });
            self.finish_part();
            return;
        };
        *cuts = left;
        // Calls come in bursts: room is left in each part, and a part that is still too full is cut again.
        let parts = i64::try_from(total / comfortable + 1).unwrap_or(i64::MAX).max(2);
        // Rounded down, so that each part is shorter than the whole; `slices` takes a second at least.
        let shorter: Vec<_> = part.slices(TimeDelta::seconds(seconds / parts)).collect();
        slice.windows.pop();
        slice.windows.extend(shorter.into_iter().rev());
    }

    /// A window is read to its end: whole, or not.
    pub(super) fn close(&mut self, mut listing: Listing<P::Row>) {
        let listed = listing.seen.len() as u64 + listing.unplaced.len() as u64;
        let total = listing.chain.total();
        let further = listing.copies.unwrap_or_default();
        // All copies count; what the server says of them is believed when it fits.
        // What several readings listed together is whole if the total stood still.
        let together = listing.waiting.len() as u64;
        let is_still = !listing.streams && listing.chain.is_steady() && listing.chain.pages() > 1;
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
            self.strikes = 0;
            self.settle(&mut listing);
            self.finish(listing.kind, total.unwrap_or(listed));
            return;
        }
        let missing = total.is_some_and(|total| total > listed);
        self.strikes += 1;
        if self.strikes > PATIENCE || missing && listing.streams && listing.chain.is_trimmed() {
            self.give_up(listing);
        } else {
            self.tally.rereads += 1;
            self.listing = Some(listing);
            self.read_window_again();
        }
    }

    /// A window cannot be read whole: gives what there is, names it and goes on behind it.
    fn give_up(&mut self, mut listing: Listing<P::Row>) {
        let total = listing.chain.total().or(self.counted);
        let (kind, page) = (listing.kind, u64::from(listing.chain.page()));
        // Whatever the order, a window of one page is listed by one reply.
        let part = self.extent(kind);
        // Only where each reading lists other rows; a total that is wrong stays wrong.
        let is_unstable = listing.waiting.len() > listing.seen.len();
        if !matches!(kind, WindowKind::Second(..))
            && self.habits.disordered
            && is_unstable
            && let Some(total) = total.filter(|total| *total > page)
            && (part.till() - part.from()) >= SECOND * 2
        {
            if let WindowKind::Hop(_) = kind {
                self.read_in_parts();
            }
            self.cut(part, total, page);
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
        self.miss(Hole { period, expected: total, received, unplaced, outdated: 0 });
        listing.unplaced.clear();
        self.strikes = 0;
        self.settle(&mut listing);
        self.finish(kind, total.unwrap_or_default());
    }

    fn give_up_second(&mut self, second: NaiveDateTime, total: Option<u64>, mut received: u64) {
        // The hop that did not get past it has given what it reached.
        if let Some(slice) = self.slice.as_ref().filter(|slice| slice.floor.at() == second) {
            received = received.max(slice.floor.ids_at().count() as u64);
        }
        let period = Period::raw(second, second + SECOND);
        self.miss(Hole { period, expected: total, received, unplaced: 0, outdated: 0 });
        self.strikes = 0;
        self.finish_second(second, total.unwrap_or_default());
    }

    /// The part of the asked period that a window stands for.
    pub(super) fn extent(&self, kind: WindowKind) -> Period {
        let slice = self.slice.as_ref().map_or(self.reading, |slice| slice.period);
        match kind {
            WindowKind::Hop(from) => Period::raw(from, slice.till()),
            WindowKind::Part(part) => part,
            WindowKind::Second(second, _) => Period::raw(second, second + SECOND),
        }
    }

    /// Gives the rows of a window that waited for its end.
    pub(super) fn settle(&mut self, listing: &mut Listing<P::Row>) {
        self.learn_what_selects(listing);
        let by_session = self.habits.by_session == Some(true);
        let mut rows: Vec<_> = std::mem::take(&mut listing.waiting).into_values().collect();
        rows.sort_by_key(|(key, _)| *key);
        let mut ready = Vec::with_capacity(rows.len());
        for (key, row) in rows {
            if let Some(row) = self.place(listing, key, row) {
                ready.push((key, row));
            }
        }
        if by_session {
            // The period has the sessions whose first leg starts in it, whole.
            let begins = |key: &RowKey| *listing.sessions.get(&key.session).unwrap_or(&key.start);
            ready.retain(|(key, _)| self.asked.contains(begins(key)));
            let outside = std::mem::take(&mut listing.outside);
            let ours = outside.into_iter().filter(|(key, _)| self.asked.contains(begins(key)));
            let before = ready.len();
            ready.extend(ours);
            self.tally.strays += (ready.len() - before) as u64;
            ready.sort_by_key(|(key, _)| *key);
            if self.learnt_late && self.extent(listing.kind).from() < self.reading.from() && !ready.is_empty()
            {
                // Nobody remembers which of them the first window has given.
                self.doubtful = ready;
                self.ask_about_doubtful();
                return;
            }
        }
        if !listing.unplaced.is_empty() {
            let (period, unplaced) = (self.extent(listing.kind), listing.unplaced.len() as u64);
            let received = listing.seen.len() as u64;
            self.miss(Hole { period, expected: listing.chain.total(), received, unplaced, outdated: 0 });
        }
        let behind = listing.outside.iter().filter(|(key, _)| key.start >= self.asked.till()).count() as u64;
        let left = Some(behind).filter(|_| listing.streams);
        let way = self.way(listing, left, behind);
        self.hand_over(ready, way);
    }

    fn finish(&mut self, kind: WindowKind, total: u64) {
        self.mark_stale();
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
                    self.lower = TimeDelta::zero();
                }
                self.finish_second(second, total);
            }
        }
    }

    fn finish_part(&mut self) {
        (self.strikes, self.reached) = (0, 0);
        self.listing = None;
        if let Some(slice) = &mut self.slice {
            slice.windows.pop();
        }
    }

    fn finish_second(&mut self, second: NaiveDateTime, total: u64) {
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
        slice.floor.rise(next);
        self.strikes = 0;
        if next >= slice.period.till() {
            slice.hops = false;
        }
    }

    /// All windows of the slice are read. Where their counts alone do not show that nothing stands between them, the
    /// slice is counted as a whole. `false`: the rows that are ready have to be taken first.
    fn finish_slice(&mut self) -> bool {
        let Some(slice) = &self.slice else { return true };
        let has_hole = self.holes_of(slice) > 0;
        let beginning = slice.verified == slice.period.from();
        let count = match slice.whole {
            _ if has_hole || slice.uncounted => None,
            // A total that was said before rows came is not the one that they add up to.
            _ if slice.is_counted => None,
            Some((window, total)) if total != slice.counted() || self.moves && slice.counts == 0 => {
                Some((window, true))
            }
            // Where rows come and go, one that came can hide one that two windows left out.
            whole if slice.is_sure && !(self.moves && slice.hopped) || whole.is_some() && beginning => None,
            _ => Some((self.window(WindowKind::Hop(slice.period.from())), false)),
        };
        if let Some((window, of_parts)) = count {
            let earlier = self.asks_about_earlier_copies();
            self.question = earlier.or(Some(Question::Count { window, of_parts }));
            return true;
        }
        if let Some(Again { at, listed, met }) = slice.again.filter(|again| again.met != again.listed) {
            let period = Period::raw(slice.period.from(), at);
            self.miss(Hole { period, expected: Some(met), received: listed, unplaced: 0, outdated: 0 });
            self.tally.outdated = true;
            if let Some(slice) = &mut self.slice {
                slice.again = None;
            }
            return true;
        }
        if slice.sessions {
            let from = self.reading.from();
            if let Some(slice) = &mut self.slice {
                slice.sessions = false;
                // What comes now is not part of what was counted.
                (slice.whole, slice.is_counted, slice.again) = (None, true, None);
                slice.windows.push(Period::raw(from - SESSION_MARGIN, from));
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
        (self.strikes, self.reached) = (0, 0);
        self.listing = None;
        let Some(slice) = self.slice.take() else { return };
        if slice.uncounted {
            let (period, received) = (slice.period, slice.received);
            self.miss(Hole { period, expected: None, received, unplaced: 0, outdated: 0 });
        }
        self.before = slice.known;
    }

    pub(super) fn miss(&mut self, hole: Hole) {
        // A slice that is read again in parts meets its holes again.
        if self.tally.holes.contains(&hole) {
            return;
        }
        self.missing += hole.expected.unwrap_or_default().saturating_sub(hole.received);
        self.tally.expected = self.tally.rows + self.missing;
        self.tally.holes.push(hole);
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

impl Slice {
    /// What the server counts in the rest of it: rows, and further copies of them.
    pub(super) fn counted(&self) -> u64 {
        self.known.len() + self.copies.of(|id| self.known.contains(id))
    }

    /// What the server counts in the second in which the floor is, as far as it was given.
    fn at_floor(&self) -> u64 {
        self.copies.places(self.floor.ids_at())
    }

    /// Everything before the floor was listed.
    fn verify(&mut self, before: &mut IdSet) {
        let expected = self.expected.filter(|expected| self.is_sure && expected.start > self.verified);
        let Some(expected) = expected else { return };
        let recent: IdSet = self.floor.ids().collect();
        self.listed += self.known.len() - recent.len();
        *before = std::mem::replace(&mut self.known, recent);
        self.verified = expected.start;
    }
}
