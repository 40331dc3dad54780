//! Legs that the server lists more than once: how often, and what that does to counts. A total counts every copy, a
//! sweep gives each leg once. Not here: which copy is given ([`listing`](super::listing)).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Gap, Placed, Sweep, listing::WindowListing, questions::Question};
use crate::{projection::Projection, query::Page};

/// What is known of them in a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copies {
    /// Rows beyond the first of each leg, as the server confirmed.
    confirmed: BTreeMap<i64, u64>,
    /// Rows beyond the first of legs that an earlier run gave, all together.
    earlier: u64,
    /// Legs that an earlier run gave, and that seemed to be listed twice; the server was not asked about them.
    unasked: BTreeSet<i64>,
}

impl Copies {
    /// Those of legs that an earlier run gave.
    pub(super) const fn of_earlier_run(earlier: u64, unasked: BTreeSet<i64>) -> Self {
        Self { confirmed: BTreeMap::new(), earlier, unasked }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Further copies in the whole slice.
    pub(super) fn all(&self) -> u64 {
        self.earlier + self.confirmed.values().sum::<u64>()
    }

    /// Further copies of legs that `is_meant`.
    pub(super) fn of(&self, is_meant: impl Fn(i64) -> bool) -> u64 {
        self.confirmed.iter().filter(|(id, _)| is_meant(**id)).map(|(_, further)| further).sum()
    }

    /// How often the server counts these legs.
    pub(super) fn places(&self, ids: impl Iterator<Item = i64>) -> u64 {
        ids.map(|id| 1 + self.confirmed.get(&id).copied().unwrap_or_default()).sum()
    }

    pub(super) fn unasked(&self) -> impl Iterator<Item = i64> {
        self.unasked.iter().copied()
    }

    /// What an earlier run gave is read again.
    pub(super) fn forget_earlier_run(&mut self) {
        (self.earlier, self.unasked) = (0, BTreeSet::new());
    }

    fn confirm(&mut self, further: &mut BTreeMap<i64, u64>) -> u64 {
        let before = self.confirmed.len();
        self.confirmed.append(further);
        (self.confirmed.len() - before) as u64
    }
}

impl<R, P: Projection<R>> Sweep<R, P> {
    /// The question whether the legs that a window lists twice are one each; `None` if it needs not be asked.
    pub(super) fn asks_about_copies(&self, listing: &WindowListing<P::Row>) -> Option<Question> {
        let total = listing.coverage.total().unwrap_or(u64::MAX);
        let fits = listing.seen.len() as u64 + listing.unplaced.len() as u64 <= total;
        let ids: Vec<_> = listing.twice.keys().copied().take(self.asked_together()).collect();
        (fits && self.can_ask_by_id() && listing.copies.is_none() && !ids.is_empty())
            .then_some(Question::Copies(ids))
    }

    pub(super) fn counted_copies(&mut self, ids: &[i64], page: &Page<Placed<P::Row>>) {
        let Some(mut listing) = self.listing.take() else { return };
        let further = further_copies(ids, page);
        listing.is_misled |= ids.iter().any(|id| !further.contains_key(id));
        listing.twice.retain(|id, _| !ids.contains(id) || further.contains_key(id));
        *listing.copies.get_or_insert(0) += further.values().sum::<u64>();
        listing.proven.extend(further);
        let last = ids.last().copied().unwrap_or(i64::MAX);
        let next = listing.twice.keys().copied().filter(|id| *id > last);
        let next: Vec<_> = next.take(self.asked_together()).collect();
        if next.is_empty() {
            self.end(listing);
        } else {
            self.question = Some(Question::Copies(next));
            self.listing = Some(listing);
        }
    }

    /// Takes note of the copies that the server confirmed, and of those that came when the leg was given.
    pub(super) fn note_copies(&mut self, listing: &mut WindowListing<P::Row>) {
        if let Some(slice) = &mut self.slice {
            self.tally.repeats += slice.copies.confirm(&mut listing.proven);
        }
        let differs = listing.twice.values().filter(|differs| listing.copies.is_some() && **differs).count();
        self.miss_outdated(listing, differs as u64);
    }

    /// Legs that an earlier window gave, and that this one lists again at a later second.
    pub(super) fn miss_late_copies(&mut self, listing: &mut WindowListing<P::Row>) {
        let late = std::mem::take(&mut listing.late_copies).len() as u64;
        self.miss_outdated(listing, late);
    }

    fn miss_outdated(&mut self, listing: &WindowListing<P::Row>, outdated: u64) {
        if outdated > 0 {
            let (period, expected) = (self.extent(listing.kind), listing.coverage.total());
            let received = listing.seen.len() as u64;
            self.miss(Gap { outdated, ..Gap::new(period, expected, received) });
        }
    }

    /// How many rows the server counts up to where this window was given.
    pub(super) fn places(&self, listing: &WindowListing<P::Row>) -> u64 {
        let is_given = |id: i64| listing.seen.contains_key(&id) && !listing.waiting.contains_key(&id);
        let given = listing.seen.keys().filter(|id| is_given(**id)).count() + listing.unplaced.len();
        given as u64 + self.slice.as_ref().map_or(0, |slice| slice.copies.of(is_given))
    }

    /// The question about legs that an earlier run gave: without it the counts of the first hop behind them do not fit.
    pub(super) fn asks_about_earlier_copies(&self) -> Option<Question> {
        let slice = self.slice.as_ref()?;
        let ids: Vec<_> = slice.copies.unasked().take(self.asked_together()).collect();
        (!ids.is_empty() && self.can_ask_by_id()).then_some(Question::EarlierCopies(ids))
    }

    /// Whether the server can be asked for rows by what tells them apart.
    pub(super) fn can_ask_by_id(&self) -> bool {
        self.plan.selection.method.filterable_number().is_some()
    }

    pub(super) fn counted_earlier_copies(&mut self, ids: &[i64], page: &Page<Placed<P::Row>>) {
        let Some(slice) = &mut self.slice else { return };
        slice.copies.unasked.retain(|id| !ids.contains(id));
        let mut further = further_copies(ids, page);
        if let Some(expected) = &mut slice.expected {
            expected.rows = expected.rows.saturating_sub(further.values().sum());
        }
        // One that is a single row stood in the place of another, which no count of what was left misses.
        slice.is_sure &= further.len() == ids.len();
        self.handed.count_copies(ids, &further);
        self.tally.repeats += slice.copies.confirm(&mut further);
    }
}

/// Further copies of these legs on a page, where there are any.
fn further_copies<T>(ids: &[i64], page: &Page<Placed<T>>) -> BTreeMap<i64, u64> {
    let mut further = BTreeMap::new();
    let mut listed = BTreeSet::new();
    for row in page.rows.iter().filter(|row| ids.contains(&row.key.id)) {
        if !listed.insert(row.key.id) {
            *further.entry(row.key.id).or_insert(0) += 1;
        }
    }
    further
}
