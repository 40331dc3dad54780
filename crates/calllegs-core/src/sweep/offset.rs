//! A listing that is read by offset, without windows: what is asked next, and whether what came is all of it. Not here: how
//! pages make up one reading (`reading`), and calls.
//!
//! ```text
//!   the listing ──> one page holds it ─────────────────────────────────────────────> whole
//!        │ no
//!        ├── sorted by a number that tells rows apart: pages that share rows ───────> whole, if all rows are there
//!        ├── or filtered by it: cut in two, each read like the listing ─────────────> whole, if together they are
//!        │                                                                            as many as the listing has
//!        └── or neither: page after page, until two readings list the same ─────────> whole
//! ```

mod reading;

use std::collections::VecDeque;

pub(super) use self::reading::Means;
use self::reading::{Reading, Verdict};
use super::{
    CallId, Gap, IdRange, PageCall, Placed, Sweep, in_flight::Wanted, listing::PATIENCE, slice::MOST_GAPS,
};
use crate::{
    filter::{Filter, Value},
    projection::Projection,
    query::{Page, PageRequest},
    schema::{MethodInfo, Shape},
};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct OffsetListing<T> {
    means: Means,
    /// What is not read yet, the next one last. What is being read is the last one.
    ranges: Vec<IdRange>,
    reading: Reading<T>,
    /// What is read, in order.
    read: Vec<IdRange>,
    rows: Vec<T>,
    /// How many rows the server counts in it.
    counted: u64,
    /// Ranges are counted together before they are believed.
    counts: bool,
    /// How often ranges may still be cut; decided when the listing is.
    cuts: Option<u64>,
    /// How often the count of all did not fit.
    strikes: u8,
    has_gaps: bool,
    ready: VecDeque<T>,
    ended: bool,
}

/// What the listing comes to after a page.
enum Outcome {
    /// It goes on.
    More,
    /// Something is missing.
    Missing(Gap),
}

impl<T> OffsetListing<T> {
    /// For a method that is read so.
    pub(super) fn of(method: &'static MethodInfo) -> Option<Self> {
        let means = match method.shape() {
            Shape::Hops | Shape::Windows => return None,
            Shape::Offset | Shape::Single => Means::of(method),
        };
        Some(Self {
            means,
            ranges: vec![IdRange::ALL],
            reading: Reading::new(IdRange::ALL),
            read: Vec::new(),
            rows: Vec::new(),
            counted: 0,
            counts: false,
            cuts: None,
            strikes: 0,
            has_gaps: false,
            ready: VecDeque::new(),
            ended: false,
        })
    }

    /// Whether all was read and every row was given.
    pub(super) fn is_finished(&self) -> bool {
        self.ended && self.ready.is_empty()
    }

    /// Whether all was read.
    pub(super) const fn is_read(&self) -> bool {
        self.ended
    }

    pub(super) fn next_row(&mut self) -> Option<T> {
        self.ready.pop_front()
    }

    /// Goes on to the next range; `false` at the end.
    fn next_range(&mut self) -> bool {
        let Some(range) = self.ranges.last() else { return false };
        let page = self.reading.page();
        self.reading = Reading::new(*range).with_page(page);
        true
    }

    /// The range that was being read is over.
    fn finish_range(&mut self) {
        self.read.extend(self.ranges.pop());
        if self.next_range() {
            return;
        }
        // Rows without a number are in no range.
        self.counts = self.read.len() > 1 && !self.has_gaps;
        if !self.counts {
            self.end();
        }
    }

    /// A listing whose total promises more than its ranges hold is not cut for ever.
    fn decide(&mut self, verdict: Verdict, total: u64) -> Verdict {
        let Verdict::Cut(_) = verdict else { return verdict };
        let pages = total.div_ceil(u64::from(self.reading.page().max(1)));
        let cuts = self.cuts.get_or_insert_with(|| pages.saturating_mul(4));
        if *cuts == 0 {
            return self.reading.give_up();
        }
        *cuts -= 1;
        verdict
    }

    fn end(&mut self) {
        (self.counts, self.ended) = (false, true);
        self.ready.extend(std::mem::take(&mut self.rows));
    }

    /// The listing was counted. What does not fit is read again.
    fn judge_count(&mut self, total: Option<u64>) -> Option<(Option<u64>, u64)> {
        if total == Some(self.counted) {
            self.end();
            return None;
        }
        self.strikes += 1;
        if self.strikes > PATIENCE {
            let counted = self.counted;
            self.end();
            return Some((total, counted));
        }
        self.counts = false;
        self.counted = 0;
        self.rows.clear();
        self.ranges.extend(self.read.drain(..).rev());
        self.next_range();
        None
    }
}

impl<R, P: Projection<R>> Sweep<R, P> {
    /// The next call of a listing that is read by offset.
    pub(super) fn ask_by_offset(&mut self) -> Option<(Wanted, PageCall<R, P>)> {
        let listing = self.offset.as_ref()?;
        if listing.ended || !self.calls.in_flight.is_empty() {
            return None;
        }
        let (range, limit, offset, wanted) = if listing.counts {
            (IdRange::ALL, 1, 0, Wanted::Answer)
        } else {
            let offset = listing.reading.offset();
            if offset == 0 {
                self.tally.hops += 1;
            }
            (listing.reading.range(), self.plan.reach.limit(), offset, Wanted::Page(offset))
        };
        let limit = Some(limit).filter(|_| !listing.means.single);
        let page = PageRequest { period: self.plan.period, sort: self.plan.sort.clone(), limit, offset };
        Some((wanted, self.plan.page(self.within(range), page)))
    }

    /// The condition of a range.
    fn within(&self, range: IdRange) -> Option<Filter<R>> {
        let method = self.plan.selection.method;
        let id = method.filterable_number()?;
        let bound = |operator: &str, bound: Option<i64>| {
            Filter::by_name_in(method, id.name(), operator, Value::Number(bound?)).ok()
        };
        match (bound(">=", range.first), bound("<=", range.last)) {
            (Some(first), Some(last)) => Some(first & last),
            (first, last) => first.or(last),
        }
    }

    /// Takes a page of a listing that is read by offset.
    pub(super) fn accept_by_offset(&mut self, page: Page<Placed<P::Row>>) {
        let Some(listing) = &mut self.offset else { return };
        self.counted = page.total;
        let outcome = if listing.counts {
            match listing.judge_count(page.total) {
                None => {
                    self.tally.rereads += u64::from(!listing.ended);
                    Outcome::More
                }
                Some((expected, received)) => {
                    let gap = Gap::new(self.plan.asked, expected, received);
                    Outcome::Missing(Gap { ids: Some(IdRange::ALL), ..gap })
                }
            }
        } else {
            let page_total = page.total.unwrap_or_default();
            let verdict = listing.reading.take(page, self.plan.reach, listing.means);
            self.tally.rereads += u64::from(matches!(verdict, Verdict::Again));
            match listing.decide(verdict, page_total) {
                Verdict::More | Verdict::Again => Outcome::More,
                Verdict::Cut(middle) => {
                    let range = listing.ranges.pop().unwrap_or(IdRange::ALL);
                    listing.ranges.push(IdRange { first: middle.checked_add(1), ..range });
                    listing.ranges.push(IdRange { last: Some(middle), ..range });
                    listing.next_range();
                    Outcome::More
                }
                Verdict::Ends => {
                    let reading = listing.reading.end(listing.means);
                    listing.rows.extend(reading.rows);
                    listing.counted += reading.counted.unwrap_or_default();
                    self.tally.windows += u64::from(reading.is_whole);
                    let range = listing.reading.range();
                    // A listing that is not cut is what the query says.
                    let ids = (range != IdRange::ALL || self.plan.period.is_none()).then_some(range);
                    let gap = Gap::new(self.plan.asked, reading.counted, reading.received);
                    let gap = Gap { unplaced: reading.unplaced, outdated: reading.outdated, ids, ..gap };
                    listing.has_gaps |= !reading.is_whole || reading.unplaced > 0;
                    listing.finish_range();
                    if reading.is_whole && reading.unplaced == 0 {
                        Outcome::More
                    } else {
                        Outcome::Missing(gap)
                    }
                }
            }
        };
        if let Outcome::Missing(gap) = outcome {
            self.miss(gap);
            self.give_up_rest_of_listing();
        }
    }

    /// Takes the first page for a look at it, and reads no further.
    pub(super) fn leave_listing(&mut self, id: CallId, page: Page<Placed<P::Row>>) -> Page<Placed<P::Row>> {
        if self.calls.take(id).is_some() {
            self.tally.observe(&page, self.plan.selection.method.cost);
        }
        if let Some(listing) = &mut self.offset {
            listing.ended = true;
        }
        page
    }

    /// A server whose counts are wrong everywhere is not asked about each range: what is left is one gap.
    fn give_up_rest_of_listing(&mut self) {
        let Some(listing) = &mut self.offset else { return };
        if self.tally.gaps.len() < MOST_GAPS {
            return;
        }
        let Some(range) = listing.ranges.last() else { return };
        let ids = Some(IdRange { first: range.first, last: None });
        listing.ranges.clear();
        listing.end();
        self.miss(Gap { ids, ..Gap::new(self.plan.asked, None, 0) });
    }
}
