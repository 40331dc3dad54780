//! Offset pages of one window, and the one place where a listing ends.
//!
//! A listing ends when `total_items` rows were seen, never because a page is short or empty. What offsets cannot
//! reach, and rows that the server counts but does not give, are outcomes of their own. Pure.

pub use crate::page::{MAX_LIMIT, MAX_OFFSET};
use crate::{
    call::Call,
    projection::Projection,
    query::{Page, Query},
};

/// How far one window can be read: rows of a page, rows that can be skipped, and how many rows two pages share when
/// a [`Sweep`](crate::sweep::Sweep) reads them.
///
/// Pages that share rows show that nothing slipped between them: a row that appears or goes away moves all later
/// ones, and totals alone do not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    limit: u32,
    offset: u32,
    overlap: u32,
}

impl Reach {
    /// What the API documents (5.1): pages of 10,000 rows, offsets up to 100,000. Two pages share 20 rows: a call
    /// rings more people than that at once so rarely that reading anew is cheaper.
    pub const DOCUMENTED: Self = Self { limit: MAX_LIMIT, offset: MAX_OFFSET, overlap: 20 };

    /// Smaller bounds, for servers that have them and for simulations.
    pub fn new(limit: u32, offset: u32) -> Self {
        let (limit, offset) = (limit.clamp(1, MAX_LIMIT), offset.min(MAX_OFFSET));
        let overlap = Self::DOCUMENTED.overlap.min(limit / 5);
        Self { limit, offset, overlap }
    }

    /// Rows of a page at most.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// Rows that can be skipped at most.
    pub const fn offset(self) -> u32 {
        self.offset
    }

    /// Rows that a page shares with the page before it.
    pub const fn overlap(self) -> u32 {
        self.overlap
    }

    /// Rows of one window that offsets reach: 110,000.
    pub const fn rows(self) -> u64 {
        self.offset as u64 + self.limit as u64
    }
}

impl Default for Reach {
    fn default() -> Self {
        Self::DOCUMENTED
    }
}

/// Where the next page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    offset: u32,
    limit: u32,
}

/// What follows a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a reader must handle all four")]
pub enum Progress {
    /// There is more: ask for the page at the cursor.
    More(Cursor),
    /// Every row that the server counts was seen.
    Done,
    /// The server counts more rows than offsets reach: ask for a narrower window.
    Ceiling {
        /// How many rows the server counts.
        total: u64,
    },
    /// The server counts more rows than it gives.
    Shortfall {
        /// How many rows are missing.
        missing: u64,
    },
}

impl Cursor {
    /// The first page. The limit is brought into 1 to 10,000.
    pub fn new(limit: u32) -> Self {
        Self { offset: 0, limit: limit.clamp(1, MAX_LIMIT) }
    }

    /// Rows to skip.
    pub const fn offset(self) -> u32 {
        self.offset
    }

    /// Rows to ask for.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// What follows a page of `received` rows out of `total`. Without a total only an empty page ends the listing.
    ///
    /// ```
    /// use calllegs_core::pager::{Cursor, Progress};
    /// let first = Cursor::new(10_000);
    /// assert_eq!(first.advance(10_000, Some(10_000)), Progress::Done);
    /// assert_eq!(first.advance(0, Some(3)), Progress::Shortfall { missing: 3 });
    /// // A short page is not the end.
    /// assert!(matches!(first.advance(4_000, Some(9_000)), Progress::More(next) if next.offset() == 4_000));
    /// assert_eq!(first.advance(10_000, Some(200_000)), Progress::Ceiling { total: 200_000 });
    /// ```
    pub fn advance(self, received: u32, total: Option<u64>) -> Progress {
        let seen = self.offset.saturating_add(received);
        match total {
            Some(total) if u64::from(seen) >= total => Progress::Done,
            Some(total) if total > u64::from(MAX_OFFSET) + u64::from(self.limit) => {
                Progress::Ceiling { total }
            }
            Some(total) if received == 0 => Progress::Shortfall { missing: total - u64::from(seen) },
            None if received == 0 => Progress::Done,
            Some(_) | None if seen <= MAX_OFFSET => Progress::More(Self { offset: seen, ..self }),
            Some(total) => Progress::Shortfall { missing: total - u64::from(seen) },
            None => Progress::Ceiling { total: seen.into() },
        }
    }
}

/// Reads one window page by page, in the order of the query's sort.
#[derive(Debug)]
pub struct Pager<R, P: Projection<R>> {
    query: Query<R, P>,
    cursor: Option<Cursor>,
}

impl<R, P: Projection<R> + Clone> Pager<R, P> {
    /// Starts at the first row, with pages of the query's limit or the largest there are.
    pub fn new(query: Query<R, P>) -> Self {
        let cursor = Some(Cursor::new(query.page.limit.unwrap_or(MAX_LIMIT)));
        Self { query, cursor }
    }

    /// The call for the next page; `None` at the end.
    pub fn next_call(&self) -> Option<impl Call<Reply = Page<P::Row>> + use<R, P>> {
        let cursor = self.cursor?;
        Some(self.query.clone().limit(cursor.limit).offset(cursor.offset))
    }

    /// Takes a page and says what follows. After anything but [`Progress::More`] there is no next call.
    pub fn absorb(&mut self, page: &Page<P::Row>) -> Progress {
        let Some(cursor) = self.cursor.take() else { return Progress::Done };
        let progress = cursor.advance(u32::try_from(page.rows.len()).unwrap_or(u32::MAX), page.total);
        if let Progress::More(next) = progress {
            self.cursor = Some(next);
        }
        progress
    }
}
