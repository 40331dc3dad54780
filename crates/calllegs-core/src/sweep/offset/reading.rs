//! One reading of a listing, or of a range of it, page after page. Arithmetic over keys; no calls.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{IdRange, Placed, listing::length_of};
use crate::{
    pager::{MAX_LIMIT, Reach},
    query::Page,
    schema::{MethodInfo, Shape},
};

/// What a listing allows.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each follows from the tables by itself")]
pub(in crate::sweep) struct Means {
    /// One answer holds it.
    pub(super) single: bool,
    /// Rows have something that tells them apart.
    identified: bool,
    /// That is a number.
    numbered: bool,
    /// The server sorts by it.
    pub(in crate::sweep) sortable: bool,
    /// The server filters by it.
    pub(in crate::sweep) filterable: bool,
}

impl Means {
    pub(in crate::sweep) fn of(method: &'static MethodInfo) -> Self {
        Self {
            single: method.shape() == Shape::Single,
            identified: method.identity().next().is_some(),
            numbered: method.number().is_some(),
            sortable: method.sortable_number().is_some(),
            filterable: method.filterable_number().is_some(),
        }
    }
}

/// How often a listing is begun anew before it is given up. Where two readings have to agree, the second is one of those.
const READINGS: u8 = 5;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Reading<T> {
    range: IdRange,
    rows: Listed<T>,
    /// Rows behind those that pages have listed.
    offset: u32,
    /// Rows of a full page: the limit, unless the server has shown that it gives fewer.
    page: u32,
    /// Offset and length of a page that was shorter than its total promised.
    short: Option<(u32, u32)>,
    /// What the server counted last.
    total: Option<u64>,
    /// The server did not sort by the number.
    disordered: bool,
    /// The page was asked again.
    again: bool,
    /// How often it was begun anew.
    readings: u8,
    /// What the reading before listed, where two have to agree.
    before: Option<Vec<i64>>,
    /// The reading that listed the most.
    best: Listed<T>,
    is_whole: bool,
}

/// The rows that pages listed.
#[derive(Debug)]
struct Listed<T> {
    rows: Vec<Placed<T>>,
    /// By what tells rows apart: where they are.
    places: BTreeMap<i64, usize>,
    /// Rows that stand beside one with the same identity.
    twice: u64,
    /// Places of rows that nothing tells apart.
    unplaced: BTreeSet<u32>,
}

/// What a reading came to.
pub(super) struct Ended<T> {
    pub(super) rows: Vec<T>,
    pub(super) is_whole: bool,
    pub(super) counted: Option<u64>,
    pub(super) received: u64,
    pub(super) unplaced: u64,
    pub(super) outdated: u64,
}

/// What follows a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same page, or the reading, once more.
    Again,
    /// Too much for a page: two ranges, the first one up to this number.
    Cut(i64),
    /// It has ended, whole or not.
    Ends,
    /// The next page.
    More,
}

impl<T> Listed<T> {
    const fn new() -> Self {
        Self { rows: Vec::new(), places: BTreeMap::new(), twice: 0, unplaced: BTreeSet::new() }
    }

    /// Takes a page. Of rows with the same identity the one that is listed last is kept.
    fn take(&mut self, offset: u32, page: Page<Placed<T>>, means: Means) {
        let places = page.unplaced.iter().filter_map(|row| offset.checked_add(u32::try_from(row.row).ok()?));
        self.unplaced.extend(places);
        for row in page.rows {
            let place = means.identified.then(|| self.places.insert(row.key.id, self.rows.len())).flatten();
            match place.and_then(|place| Some((place, self.rows.get_mut(place)?))) {
                None => self.rows.push(row),
                Some((place, known)) => {
                    self.twice += 1;
                    self.places.insert(row.key.id, place);
                    *known = row;
                }
            }
        }
    }

    /// Rows, each once, and those that nothing tells apart.
    fn len(&self) -> u64 {
        (self.rows.len() + self.unplaced.len()) as u64
    }

    /// What tells the rows apart, in order: of each as often as it is listed.
    fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<_> = self.rows.iter().map(|row| row.key.id).collect();
        ids.sort_unstable();
        ids
    }
}

impl<T> Reading<T> {
    /// Nothing has come yet.
    pub(super) const fn new(range: IdRange) -> Self {
        Self {
            range,
            rows: Listed::new(),
            offset: 0,
            page: MAX_LIMIT,
            short: None,
            total: None,
            disordered: false,
            again: false,
            readings: 0,
            before: None,
            best: Listed::new(),
            is_whole: false,
        }
    }

    /// The server was seen to give so many rows at once at most.
    pub(super) fn with_page(self, page: u32) -> Self {
        Self { page, ..self }
    }

    pub(super) const fn page(&self) -> u32 {
        self.page
    }

    pub(super) const fn range(&self) -> IdRange {
        self.range
    }

    /// Of the page that is wanted.
    pub(super) const fn offset(&self) -> u32 {
        self.offset
    }

    /// Takes the page that was wanted.
    pub(super) fn take(&mut self, page: Page<Placed<T>>, reach: Reach, means: Means) -> Verdict {
        let (offset, length) = (self.offset, length_of(&page));
        self.page = self.page.min(reach.limit());
        let total = page.total.or_else(|| means.single.then_some(length.into()));
        let counted = std::mem::replace(&mut self.total, total);
        let Some(total) = total else { return self.doubt() };
        let left = total.saturating_sub(offset.into());
        let is_foreign = means.numbered && page.rows.iter().any(|row| !self.range.contains(row.key.id));
        if is_foreign || u64::from(length) > left || !means.single && length > reach.limit() {
            return self.doubt();
        }
        let promised = if means.single { left } else { left.min(self.page.into()) };
        if u64::from(length) < promised {
            let is_confirmed = self.short.replace((offset, length)) == Some((offset, length));
            // Pages that share rows must be longer than what they share.
            if means.single || !is_confirmed || length <= reach.overlap() + 1 {
                return self.doubt();
            }
            // The server gives no more at once.
            self.page = length;
        }
        if offset == 0 && u64::from(length) == total {
            self.rows.take(0, page, means);
            return if self.rows.len() == total { self.whole() } else { self.doubt() };
        }
        if means.sortable && !self.disordered && total <= reach.rows() {
            return self.take_sorted(page, total, reach, means);
        }
        if means.filterable
            && let Some(middle) = middle(&page)
        {
            return Verdict::Cut(middle);
        }
        if total > reach.rows() {
            return self.give_up();
        }
        if offset > 0 && counted != Some(total) {
            return self.begin_anew();
        }
        self.take_unsorted(page, total, reach, means)
    }

    /// A page of a listing that is sorted by what tells rows apart: it must begin with a row that is known.
    fn take_sorted(&mut self, page: Page<Placed<T>>, total: u64, reach: Reach, means: Means) -> Verdict {
        let (offset, length) = (self.offset, length_of(&page));
        if !page.rows.is_sorted_by(|one, next| one.key.id < next.key.id) {
            self.disordered = true;
            return self.begin_anew();
        }
        let tail = self.rows.rows.iter().map(|row| row.key.id).max();
        let continues = match (tail, page.rows.first()) {
            (Some(tail), Some(first)) => first.key.id <= tail,
            (None, _) => offset == 0,
            (Some(_), None) => false,
        };
        if !continues {
            return self.doubt();
        }
        self.rows.take(offset, page, means);
        let end = offset + length;
        if u64::from(end) == total {
            return if self.rows.len() == total { self.whole() } else { self.begin_anew() };
        }
        // What offsets reach at last shares more with the page before.
        let next = end.saturating_sub(reach.overlap().max(1)).min(reach.offset());
        if next <= offset {
            return self.begin_anew();
        }
        (self.offset, self.again) = (next, false);
        Verdict::More
    }

    /// A page of a listing without an order: only counts tell, and two readings that list the same.
    fn take_unsorted(&mut self, page: Page<Placed<T>>, total: u64, reach: Reach, means: Means) -> Verdict {
        let (offset, end) = (self.offset, self.offset + length_of(&page));
        self.rows.take(offset, page, means);
        if self.rows.len() != u64::from(end) {
            // A row that is listed twice stands where another one belongs.
            return self.begin_anew();
        }
        if u64::from(end) < total {
            if end > reach.offset() {
                return self.give_up();
            }
            (self.offset, self.again) = (end, false);
            return Verdict::More;
        }
        let ids = self.rows.ids();
        if self.before.as_ref() == Some(&ids) {
            return self.whole();
        }
        let verdict = self.begin_anew();
        self.before = Some(ids);
        verdict
    }

    fn whole(&mut self) -> Verdict {
        self.is_whole = true;
        Verdict::Ends
    }

    /// What came does not fit: the page is asked again, then all of it.
    fn doubt(&mut self) -> Verdict {
        if self.offset == 0 || std::mem::replace(&mut self.again, true) {
            return self.begin_anew();
        }
        Verdict::Again
    }

    fn begin_anew(&mut self) -> Verdict {
        self.keep_best();
        self.readings += 1;
        if self.readings > READINGS {
            return self.give_up();
        }
        (self.offset, self.again, self.before) = (0, false, None);
        Verdict::Again
    }

    fn keep_best(&mut self) {
        let rows = std::mem::replace(&mut self.rows, Listed::new());
        if rows.len() >= self.best.len() {
            self.best = rows;
        }
    }

    /// It will not come out.
    pub(super) fn give_up(&mut self) -> Verdict {
        self.keep_best();
        Verdict::Ends
    }

    /// What it has come to.
    pub(super) fn end(&mut self, means: Means) -> Ended<T> {
        let is_whole = self.is_whole;
        let listed = if is_whole { &mut self.rows } else { &mut self.best };
        let mut rows = std::mem::take(&mut listed.rows);
        if !is_whole && !means.identified {
            // Which of them are there twice nobody can tell.
            rows.clear();
        }
        let (received, unplaced) = (rows.len() as u64, listed.unplaced.len() as u64);
        let outdated = if is_whole { 0 } else { listed.twice };
        if means.numbered {
            rows.sort_by_key(|row| row.key);
        }
        let rows = rows.into_iter().map(|row| row.row).collect();
        Ended { rows, is_whole, counted: self.total, received, unplaced, outdated }
    }
}

/// Where to cut a listing of which a page is known: so that both parts have rows.
fn middle<T>(page: &Page<Placed<T>>) -> Option<i64> {
    let ids: BTreeSet<_> = page.rows.iter().map(|row| row.key.id).collect();
    let middle = ids.iter().nth(ids.len().checked_sub(1)? / 2).copied()?;
    ids.last().is_some_and(|last| middle < *last).then_some(middle)
}
