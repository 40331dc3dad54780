//! The rows of one window, page after page, as far as they are known without a gap. Arithmetic over keys, no rows.
//!
//! In a listing that keeps to the order that was asked for, a page continues what is covered when it begins before the last
//! row that is covered: then nothing can stand between the two, whatever appeared or moved since. So pages share
//! [`Reach::overlap`] rows. What totals say is compared page by page with what pages hold. In a listing that keeps no
//! order only totals tell.

use crate::{pager::Reach, projection::RowKey};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct WindowCoverage {
    reach: Reach,
    /// Rows of a full page: the limit, unless the server has shown that it gives fewer.
    page: u32,
    /// Rows from the beginning of the window, by the offset and length of the last page.
    end: u32,
    tail: Option<RowKey>,
    /// Rows at the end that the server does not put in an order: the next page must hold all of them.
    equals: u32,
    /// What the server counted when it gave the last page.
    total: Option<u64>,
    /// The most that it counted on any page. Pages that are asked for together are answered in any order, and rows do not
    /// go away: this is its latest word.
    most: u64,
    /// Pages that were added.
    pages: u32,
    /// The total was the same on every page.
    steady: bool,
    /// The last page was not full and reached the total.
    ended: bool,
    /// Some page was shorter than its total promised, also when it was asked again.
    trimmed: bool,
    /// Offset and length of a page that was shorter than its total promised.
    short: Option<(u32, u32)>,
}

/// Why a page does not continue what is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It begins after the last row that is covered: rows may stand between.
    Apart,
    /// It holds fewer rows than its own total and offset promise.
    Short,
    /// It holds nothing after the last row that is covered, and is not the end.
    Stale,
}

/// How far a window is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// At the end of the window.
    End,
    /// There is a next page.
    More,
    /// At the last row that offsets reach.
    Limit,
}

impl WindowCoverage {
    /// A window of which nothing is known. `page` is how many rows the server was seen to give at most.
    pub(super) const fn new(reach: Reach, page: u32) -> Self {
        let trimmed = page < reach.limit();
        Self {
            reach,
            page,
            end: 0,
            tail: None,
            equals: 0,
            total: None,
            most: 0,
            pages: 0,
            steady: true,
            ended: false,
            trimmed,
            short: None,
        }
    }

    /// The offset of the page that continues what is covered.
    pub(super) fn expecting(&self) -> u32 {
        if self.end == 0 { 0 } else { self.after(self.end).unwrap_or(self.end) }
    }

    /// The offset of the page after the one at this offset, if there will be one: pages of a known total can be asked
    /// for together.
    pub(super) fn following(&self, offset: u32) -> Option<u32> {
        let (end, total) = (offset + self.page, self.total?);
        if u64::from(end) >= total || self.ended {
            None
        } else {
            self.after(end).filter(|next| *next > offset)
        }
    }

    /// The offset behind so many rows that are covered; `None` beyond the reach.
    fn after(&self, end: u32) -> Option<u32> {
        let most = self.page.saturating_sub(1);
        let equals = if end == self.end && self.equals < most { self.equals + 1 } else { 0 };
        let shared = self.reach.overlap().min(most).max(equals);
        let next = end - shared.min(end);
        if next <= self.reach.offset() {
            return Some(next);
        }
        // The last rows of a window that just fits share more with the page before.
        let fits = self.total.is_some_and(|total| total <= self.reach.rows());
        (fits && end > self.reach.offset() && u64::from(end) < self.reach.rows())
            .then_some(self.reach.offset())
    }

    /// What speaks against a page of this length and these keys, in order, if anything does. Without an order, where a
    /// page begins says nothing.
    pub(super) fn doubt(
        &mut self,
        offset: u32,
        length: u32,
        keys: &[RowKey],
        total: Option<u64>,
        in_order: bool,
    ) -> Option<Doubt> {
        let promised = total.map_or(0, |total| total.saturating_sub(offset.into())).min(self.page.into());
        if u64::from(length) < promised && !self.is_confirmed(offset, length) {
            self.short = Some((offset, length));
            return Some(Doubt::Short);
        }
        let tail = self.tail.filter(|_| offset > 0 && in_order)?;
        if keys.first().is_none_or(|first| first.order() >= tail.order()) {
            return Some(Doubt::Apart);
        }
        let news = keys.last().is_some_and(|last| last.order() >= tail.order() && last.id != tail.id);
        (!news && !self.ends(offset, length, total)).then_some(Doubt::Stale)
    }

    /// A short page came twice the same: the server gives no more at once. Below the overlap pages of it share no rows.
    fn is_confirmed(&self, offset: u32, length: u32) -> bool {
        self.short == Some((offset, length)) && length > self.reach.overlap()
    }

    /// Whether the window ends with a page of this length.
    pub(super) fn ends(&self, offset: u32, length: u32, total: Option<u64>) -> bool {
        length < self.page && total.is_none_or(|total| u64::from(offset + length) >= total)
    }

    /// Adds a page.
    pub(super) fn extend(&mut self, offset: u32, length: u32, total: Option<u64>) {
        self.ended = self.ends(offset, length, total);
        if self.is_confirmed(offset, length) {
            (self.page, self.trimmed) = (length, true);
        }
        self.page = self.page.max(length);
        self.pages += 1;
        self.steady &= offset == 0 || self.total == total;
        self.end = offset + length;
        self.total = total;
        self.most = self.most.max(total.unwrap_or_default());
    }

    /// Takes note of a row that no page before held, in a listing that keeps its order.
    pub(super) fn note(&mut self, key: RowKey) {
        let equals = self.tail.filter(|tail| key.order() <= tail.order());
        self.equals = match equals {
            None => 1,
            Some(tail) => self.equals + u32::from(key.order() == tail.order()),
        };
        self.tail = self.tail.max(Some(key));
    }

    /// Takes note of another copy of a row: it takes a place at the end too.
    pub(super) fn note_copy(&mut self, key: RowKey) {
        self.equals += u32::from(self.tail.is_some_and(|tail| tail.order() == key.order()));
    }

    /// What follows.
    pub(super) fn reached(&self) -> Reached {
        // A full page at the end that the total claims is followed by one more, if offsets allow it: totals lie.
        let claimed = self.total.is_some_and(|total| u64::from(self.end) >= total);
        match self.after(self.end) {
            _ if self.ended => Reached::End,
            // A page of equals has no row before which the next one could begin.
            _ if claimed && self.equals >= self.page.saturating_sub(1) => Reached::End,
            Some(_) => Reached::More,
            None if claimed && self.steady && self.total <= Some(self.reach.rows()) => Reached::End,
            None => Reached::Limit,
        }
    }

    /// Rows from the beginning of the window up to the end of the last page.
    pub(super) const fn end(&self) -> u32 {
        self.end
    }

    /// Whether some page was shorter than its total promised, also when it was asked again: the server gives no more at
    /// once, or it counts rows that it does not give.
    pub(super) const fn is_trimmed(&self) -> bool {
        self.trimmed
    }

    /// How many pages were added.
    pub(super) const fn pages(&self) -> u32 {
        self.pages
    }

    /// Whether the total was the same on every page.
    pub(super) const fn is_steady(&self) -> bool {
        self.steady
    }

    /// Whether a page was added.
    pub(super) const fn is_begun(&self) -> bool {
        self.end > 0 || self.ended
    }

    /// The last row.
    pub(super) const fn tail(&self) -> Option<RowKey> {
        self.tail
    }

    /// Rows of a full page, as the server was seen to give them.
    pub(super) const fn page(&self) -> u32 {
        self.page
    }

    /// What the server counts, by its latest word; `None` when the last page did not say.
    pub(super) fn total(&self) -> Option<u64> {
        self.latest(self.total)
    }

    /// The same behind a page with this total.
    pub(super) fn latest(&self, total: Option<u64>) -> Option<u64> {
        total.map(|total| total.max(self.most))
    }
}
