//! What becomes of the rows of a window: given, known already, or nobody's. Not here: whether the window is whole.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::{
    Gap, Sweep,
    handed::{Mark, Way},
    ids::IdSet,
    listing::{WindowKind, WindowListing},
};
use crate::{
    projection::{Projection, RowKey},
    window::MARGIN,
};

/// What goes from one window to the next.
#[derive(Debug)]
pub(super) struct Carry<T> {
    /// Rows of the window before that are not in [`Slice::known`](super::slice::Slice::known) any more.
    pub(super) before: IdSet,
    /// All rows that this run has made ready, and those of earlier runs where they are known, so that none is given twice.
    pub(super) given: IdSet,
    /// Given rows that start behind the slice that listed them.
    pub(super) given_early: IdSet,
    /// What earlier runs gave is known by its id.
    pub(super) knows_given: bool,
    /// Rows outside the period that a window listed which has not ended: the next one that lists them decides.
    pub(super) pending: IdSet,
    /// Sessions that began before the period, and when.
    pub(super) early: BTreeMap<i64, NaiveDateTime>,
    /// Rows of sessions that may be the next period's, and where they come from.
    pub(super) seam: Option<(Way, Vec<(RowKey, T)>)>,
}

impl<T> Carry<T> {
    /// No window was read yet.
    pub(super) fn new() -> Self {
        Self {
            before: IdSet::default(),
            given: IdSet::default(),
            knows_given: true,
            given_early: IdSet::default(),
            pending: IdSet::default(),
            early: BTreeMap::new(),
            seam: None,
        }
    }
}

impl<R, P: Projection<R>> Sweep<R, P> {
    /// Gives the rows of a page that keeps its order; those that the next page lists again wait for it.
    pub(super) fn stream(
        &mut self,
        listing: &mut WindowListing<P::Row>,
        news: Vec<(RowKey, P::Row)>,
        ends: bool,
    ) {
        let mut rows: Vec<_> = std::mem::take(&mut listing.waiting).into_values().chain(news).collect();
        rows.sort_by_key(|(key, _)| *key);
        let wait = if ends { 0 } else { (self.plan.reach.overlap() as usize).min(rows.len()) };
        let waiting = rows.split_off(rows.len() - wait);
        listing.waiting = waiting.into_iter().map(|(key, row)| (key.id, (key, row))).collect();
        let mut ready = Vec::with_capacity(rows.len());
        let watermark = self.slice.as_ref().map(|slice| &slice.watermark);
        let watermark = watermark
            .filter(|watermark| listing.coverage.tail().is_some_and(|tail| tail.start <= watermark.at()));
        let again = watermark.map_or(0, |watermark| {
            watermark.ids_at().filter(|id| !listing.seen.contains_key(id)).count() as u64
        });
        for (key, row) in rows {
            if let Some(row) = self.place(listing, key, row) {
                ready.push((key, row));
            }
        }
        // Named at once: a stop must not forget it.
        self.miss_late_copies(listing);
        if ready.is_empty() && !ends {
            return;
        }
        // What the server lists behind these rows: without those of the watermark that are still to be listed again, and with
        // those that start behind the period, which a later window lists again.
        let behind =
            listing.outside.iter().filter(|(key, _)| key.start >= self.plan.asked.till()).count() as u64;
        let listed = listing.seen.len() as u64 - listing.waiting.len() as u64;
        let left = listing.coverage.total().map(|total| total.saturating_sub(listed + again) + behind);
        let way = self.way(listing, left, behind);
        self.hand_over(ready, way);
    }

    /// What becomes of a row: it is given, or was given before, or is nobody's.
    fn place(&mut self, listing: &mut WindowListing<P::Row>, key: RowKey, row: P::Row) -> Option<P::Row> {
        let slice = self.slice.as_mut()?;
        if let WindowKind::Second(second, _) = listing.kind
            && slice.hops
            && key.start != second
        {
            // Its neighbours are read by the hops before and after.
            return None;
        }
        let is_new = slice.known.insert(key.id);
        slice.unlisted.remove(key.id);
        if slice.hops {
            slice.watermark.take(key, self.plan.reading.contains(key.start));
        }
        if listing.twice.contains_key(&key.id) {
            listing.repeated.insert((key.start, key.id));
        }
        let was_given = self.carry.given.contains(key.id);
        if !is_new {
            let given = listing.given.get(&key.id);
            if given.is_some() && given != listing.seen.get(&key.id) {
                listing.twice.insert(key.id, true);
            }
        }
        // Where no window before can have listed it, it is another copy, unless a slice before gave it as out of the window.
        let begins = if listing.streams { listing.begins } else { slice.verified.max(slice.period.from()) };
        let is_behind = begins + MARGIN < key.start && key.start < slice.period.till();
        let is_unexpected = if listing.streams { slice.again.is_none() } else { is_new };
        let is_again = slice.again.is_some_and(|again| is_new && key.start < again.at);
        if was_given
            && is_behind
            && is_unexpected
            && !is_again
            && !self.carry.before.contains(key.id)
            && !self.carry.given_early.contains(key.id)
        {
            listing.late_copies.insert(key.id);
        }
        let is_of_earlier_run = was_given || !self.carry.knows_given || !self.plan.asked.contains(key.start);
        if let Some(again) = slice.again.as_mut().filter(|_| is_again && is_of_earlier_run) {
            again.met += 1;
            return None;
        }
        let is_unknown = is_new && !was_given && !self.carry.before.contains(key.id);
        if !self.plan.asked.contains(key.start) && (is_unknown || self.carry.pending.contains(key.id)) {
            self.carry.pending.insert(key.id);
            listing.outside.push((key, row));
            return None;
        }
        if !is_new {
            return None;
        }
        if self.carry.before.contains(key.id) {
            return None;
        }
        let is_part = matches!(listing.kind, WindowKind::Part(part) if slice.period.encloses(part.from()));
        if was_given || !slice.hops && is_part && slice.is_forgotten(key.start) {
            // Outside the window that was asked, where counts showed that every row was given. What an earlier run gave is
            // not known by its id: whether it is one of those, the count of the whole slice tells.
            slice.known.remove(key.id);
            slice.is_sure = false;
            return None;
        }
        self.carry.given.insert(key.id);
        if slice.period.till() <= key.start {
            self.carry.given_early.insert(key.id);
        }
        if listing.out_of_window.contains_key(&key.id) {
            self.tally.out_of_window += 1;
        }
        slice.received += 1;
        Some(row)
    }

    /// What is known where rows of this window end: how many are left, how many of the known ones start behind the period.
    fn way(&self, listing: &WindowListing<P::Row>, left: Option<u64>, behind: u64) -> Way {
        match &self.slice {
            Some(slice) if slice.hops => Way::Hops {
                left,
                listed: (slice.listed + slice.known.len()).saturating_sub(behind),
                copies: slice.copies.all() - slice.copies.of(|id| listing.seen.contains_key(&id)),
                repeated: listing.repeated.clone(),
                is_sure: self.is_sure(slice),
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

    /// Gives the rows of a window that waited for its end. Of a server that selects by sessions, those of sessions behind the
    /// end of the period wait for a question.
    pub(super) fn settle(&mut self, listing: &mut WindowListing<P::Row>) {
        self.learn_what_selects(listing);
        let by_session = self.traits.by_session == Some(true);
        let mut rows: Vec<_> = std::mem::take(&mut listing.waiting).into_values().collect();
        rows.sort_by_key(|(key, _)| *key);
        let mut ready = Vec::with_capacity(rows.len());
        for (key, row) in rows {
            if let Some(row) = self.place(listing, key, row) {
                ready.push((key, row));
            }
        }
        self.miss_late_copies(listing);
        self.judge_outside(listing);
        let mut behind = Vec::new();
        if by_session {
            // The period has the sessions that start in it, whole.
            let begins = |key: &RowKey| *listing.sessions.get(&key.session).unwrap_or(&key.start);
            ready.retain(|(key, _)| self.plan.asked.contains(begins(key)));
            for (key, row) in std::mem::take(&mut listing.outside) {
                if self.plan.asked.contains(begins(&key)) {
                    self.carry.given.insert(key.id);
                    self.tally.out_of_window += 1;
                    ready.push((key, row));
                } else if self.plan.reading.till() <= begins(&key) {
                    behind.push((key, row));
                }
            }
            ready.sort_by_key(|(key, _)| *key);
        }
        self.miss_unplaced(listing);
        let later =
            listing.outside.iter().filter(|(key, _)| key.start >= self.plan.asked.till()).count() as u64;
        let left = Some(later).filter(|_| listing.streams);
        let way = self.way(listing, left, later);
        self.hand_over(ready, way.clone());
        if !behind.is_empty() {
            self.carry.seam = Some((way, behind));
            self.ask_about_seam();
        }
    }

    /// The window has ended: what becomes of its rows outside the period is decided.
    pub(super) fn judge_outside(&mut self, listing: &WindowListing<P::Row>) {
        listing.outside.iter().for_each(|(key, _)| self.carry.pending.remove(key.id));
    }

    /// Names the rows that have no place.
    pub(super) fn miss_unplaced(&mut self, listing: &WindowListing<P::Row>) {
        if !listing.unplaced.is_empty() {
            let (period, unplaced) = (self.extent(listing.kind), listing.unplaced.len() as u64);
            let received = listing.seen.len() as u64;
            self.miss(Gap { unplaced, ..Gap::new(period, listing.coverage.total(), received) });
        }
    }
}
