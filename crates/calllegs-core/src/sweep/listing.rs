//! The window that is being read: what its pages listed, and whether that is all of it. Not here: what becomes of the rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::{
    Placed,
    coverage::{Reached, WindowCoverage},
};
use crate::{projection::RowKey, query::Page, window::Period};

/// The window that is being read.
#[derive(Debug)]
pub(super) struct WindowListing<T> {
    pub(super) kind: WindowKind,
    /// The window as it is asked.
    pub(super) asked: Period,
    pub(super) coverage: WindowCoverage,
    /// Ids that its pages listed, with the digest of the row.
    pub(super) seen: BTreeMap<i64, u64>,
    /// Rows are given as they come. Otherwise they wait for the end of the window and are sorted.
    pub(super) streams: bool,
    /// Rows that wait: those that the next page lists again, or all.
    pub(super) waiting: BTreeMap<i64, (RowKey, T)>,
    /// Rows that start outside the asked period: nobody's, unless the server selects by session.
    pub(super) outside: Vec<(RowKey, T)>,
    /// Rows that start outside the window as it was asked.
    pub(super) out_of_window: BTreeMap<i64, RowKey>,
    /// The first start that was seen of each session.
    pub(super) sessions: BTreeMap<i64, NaiveDateTime>,
    /// Legs that it lists more than once, as it seems; `true` where an earlier copy was given that differs.
    pub(super) twice: BTreeMap<i64, bool>,
    /// Further copies of these legs, as the server confirmed; `None` before it was asked.
    pub(super) copies: Option<u64>,
    /// The same, by the leg.
    pub(super) proven: BTreeMap<i64, u64>,
    /// A leg that it seemed to list more than once is one row, as the server said: it stood in the place of another.
    pub(super) is_misled: bool,
    /// Legs that it lists more than once, as it seems, up to where it was given.
    pub(super) repeated: BTreeSet<(NaiveDateTime, i64)>,
    /// Rows that the window before gave and this one lists again, with their digests.
    pub(super) given: BTreeMap<i64, u64>,
    /// How far rows were given before it.
    pub(super) begins: NaiveDateTime,
    /// Legs that an earlier window gave, and that this one lists at a later second.
    pub(super) late_copies: BTreeSet<i64>,
    /// Places of rows that cannot be told apart or placed in time.
    pub(super) unplaced: BTreeSet<u32>,
    pub(super) arrived: BTreeMap<u32, Page<Placed<T>>>,
    /// The largest offset that was asked.
    pub(super) furthest: u32,
}

/// How often in a row something may not fit before it is given up: the page is asked again, then the window twice.
pub(super) const PATIENCE: u8 = 3;

/// What a window is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowKind {
    /// The rest of the slice from this second on.
    Hop(NaiveDateTime),
    /// A part of the slice.
    Part(Period),
    /// One second, in the n-th way in which bounds can be meant.
    Second(NaiveDateTime, u8),
}

impl<T> WindowListing<T> {
    /// Nothing has come yet.
    pub(super) const fn new(
        kind: WindowKind,
        asked: Period,
        coverage: WindowCoverage,
        streams: bool,
        begins: NaiveDateTime,
    ) -> Self {
        Self {
            kind,
            asked,
            coverage,
            seen: BTreeMap::new(),
            streams,
            waiting: BTreeMap::new(),
            outside: Vec::new(),
            out_of_window: BTreeMap::new(),
            sessions: BTreeMap::new(),
            twice: BTreeMap::new(),
            copies: None,
            proven: BTreeMap::new(),
            is_misled: false,
            repeated: BTreeSet::new(),
            given: BTreeMap::new(),
            begins,
            late_copies: BTreeSet::new(),
            unplaced: BTreeSet::new(),
            arrived: BTreeMap::new(),
            furthest: 0,
        }
    }

    /// Whether its last page has come.
    pub(super) fn is_read(&self) -> bool {
        self.coverage.is_begun() && self.coverage.reached() == Reached::End
    }

    /// Whether the window comes out if it ends with this page, or the page leads on. Where a leg seems to be listed
    /// twice, that is asked first.
    pub(super) fn adds_up(&self, offset: u32, page: &Page<Placed<T>>) -> bool {
        let ends = self.coverage.ends(offset, length_of(page), page.total);
        let ids: BTreeSet<_> = page.rows.iter().map(|row| row.key.id).collect();
        if !ends && !self.streams && offset > 0 {
            // Without an order, a page of known rows leads nowhere.
            return ids.iter().any(|id| !self.seen.contains_key(id)) || !page.unplaced.is_empty();
        }
        let (Some(total), true) = (self.coverage.latest(page.total), ends) else { return true };
        // Of a window that waits for its end, places are known: a row that was seen stands at another one too.
        let is_copy = |(place, row): (u32, &Placed<T>)| {
            place >= self.coverage.end() && self.seen.contains_key(&row.key.id)
        };
        let has_copy = !self.streams && (offset..).zip(&page.rows).any(is_copy);
        let twice = !self.twice.is_empty() || ids.len() < page.rows.len() || has_copy;
        let news = ids.iter().filter(|id| !self.seen.contains_key(id)).count();
        let unplaced = self.unplaced.range(..offset).count() + page.unplaced.len();
        let listed = (self.seen.len() + news + unplaced) as u64;
        listed == total
            || twice && listed < total
            || !self.streams && self.coverage.is_steady() && self.waiting.len() as u64 + news as u64 == total
    }

    /// Whether a row may have been left out for a leg that is listed twice. Then the count of what it left is no proof: a
    /// row that comes fills it up. Where totals changed, rows move from page to page, and the slice is counted anyway.
    pub(super) fn may_hide_a_row(&self) -> bool {
        let is_unasked = self.copies.is_none() && !self.twice.is_empty();
        (self.is_misled || is_unasked) && self.coverage.is_steady()
    }

    /// Leaves the last rows that the server puts in no order to the next window, which lists them again: further copies
    /// of them may stand behind the end of this one. `rows` are those of the last page.
    pub(super) fn leave_last(&mut self, rows: &mut Vec<(RowKey, T)>) {
        let Some(tail) = self.coverage.tail() else { return };
        let (seen, twice) = (&mut self.seen, &mut self.twice);
        let mut stays = |key: &RowKey| {
            let stays = key.order() != tail.order();
            if !stays {
                seen.remove(&key.id);
                twice.remove(&key.id);
            }
            stays
        };
        self.waiting.retain(|_, (key, _)| stays(key));
        rows.retain(|(key, _)| stays(key));
    }

    /// The rows of a page that were not given yet, each once: of copies the one that is listed last. Up to `known` pages
    /// before have reached.
    pub(super) fn sift(&mut self, offset: u32, rows: Vec<Placed<T>>, known: u32) -> Vec<(RowKey, T)> {
        let mut news: Vec<(RowKey, T)> = Vec::with_capacity(rows.len());
        let mut relisted = BTreeSet::new();
        let mut place = offset;
        for Placed { key, digest, row } in rows {
            while self.unplaced.contains(&place) {
                place += 1;
            }
            let is_new_place = place >= known;
            place += 1;
            if key.session != i64::MAX {
                let first = self.sessions.entry(key.session).or_insert(key.start);
                *first = key.start.min(*first);
            }
            let before = self.seen.insert(key.id, digest);
            if before.is_none() {
                if self.streams {
                    self.coverage.note(key);
                }
                if !self.asked.encloses(key.start) {
                    self.out_of_window.insert(key.id, key);
                }
                news.push((key, row));
            } else if let Some(copy) = news.iter_mut().rev().find(|(copy, _)| copy.id == key.id) {
                *copy = (key, row);
                self.coverage.note_copy(key);
                self.twice.entry(key.id).or_insert(false);
            } else if let Some(waiting) = self.waiting.get_mut(&key.id) {
                *waiting = (key, row);
                if !relisted.insert(key.id) || !self.streams && is_new_place {
                    self.coverage.note_copy(key);
                    self.twice.entry(key.id).or_insert(false);
                }
            } else if is_new_place {
                let differs = self.twice.entry(key.id).or_insert(false);
                *differs |= before != Some(digest);
            }
        }
        news
    }
}

/// Rows of a page, also those without a place.
pub(super) fn length_of<T>(page: &Page<Placed<T>>) -> u32 {
    u32::try_from(page.rows.len() + page.unplaced.len()).unwrap_or(u32::MAX)
}
