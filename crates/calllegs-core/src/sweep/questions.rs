//! Questions that are asked by calls of their own, because pages alone do not tell: what the server selects by, whether two
//! copies are one leg, how many rows there are in all. Not here: when pages fit.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    Gap, PageCall, Placed, Sweep,
    in_flight::Wanted,
    listing::{PATIENCE, WindowKind, WindowListing},
    plan::around,
};
use crate::{
    filter::{Filter, Value},
    projection::{Projection, RowKey},
    query::Page,
    window::{MARGIN, Period, SECOND},
};

/// Something that pages alone do not tell: asked by a call of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// How often does the server list each of these legs?
    Copies(Vec<i64>),
    /// The same of legs that an earlier run gave.
    EarlierCopies(Vec<i64>),
    /// How many rows are in the window now? It is the slice, or what its parts make up.
    Count { window: Period, of_parts: bool },
    /// Which of these legs, whose sessions no leg places before the end of the period, does a window list that begins
    /// there? Those are the next period's.
    Seam(Vec<i64>),
    /// Is this leg in a window around its start, although its session began before that?
    Selected { id: i64, window: Period },
}

/// Legs that one question is about at most; a page must hold all their copies.
pub(super) const ASKED_TOGETHER: usize = 500;

/// How often the rows of a slice are counted as a whole before the difference is believed.
pub(super) const COUNTS: u8 = 2;

impl<R, P: Projection<R>> Sweep<R, P> {
    /// A session that began before the period has legs in it. Whether they belong to the period depends on what the server
    /// selects by; a call of its own tells, before the first of them is given.
    pub(super) fn ask_what_selects(&mut self, kind: WindowKind, page: &Page<Placed<P::Row>>) -> bool {
        if matches!(kind, WindowKind::Second(..))
            || self.traits.by_session.is_some()
            || self.attempts.strikes > 0
        {
            return false;
        }
        let keys = || page.rows.iter().map(|row| &row.key).filter(|key| key.session != i64::MAX);
        for key in keys().filter(|key| key.start < self.plan.asked.from()) {
            let first = self.carry.early.entry(key.session).or_insert(key.start);
            *first = key.start.min(*first);
        }
        let begins = |key: &RowKey| self.carry.early.get(&key.session).copied();
        let mut ours = keys().filter(|key| self.plan.asked.contains(key.start));
        self.question = ours.find_map(|key| self.selected(key, begins(key)?));
        self.question.is_some()
    }

    /// The question whether a window around a leg lists it, although its session began before that.
    fn selected(&self, leg: &RowKey, first: NaiveDateTime) -> Option<Question> {
        if !self.can_ask_by_id() {
            return None;
        }
        let before = if first + SECOND < leg.start {
            SECOND
        } else if first + SECOND == leg.start && first == self.plan.reading.from() - MARGIN {
            // The server includes the first second of a window, or the session would not have come.
            TimeDelta::zero()
        } else {
            return None;
        };
        let window = Period::raw(leg.start - before, leg.start + SECOND);
        // Where the clock is changed nobody knows what bounds mean.
        (!self.changes_at(leg.start)).then_some(Question::Selected { id: leg.id, window })
    }

    /// At the end of a window: a leg on the seam of the period, of a session that began on the other side of it. As
    /// [`ask_what_selects`](Self::ask_what_selects), of a session whose legs are in no order.
    pub(super) fn leg_on_a_seam(&self, listing: &WindowListing<P::Row>) -> Option<Question> {
        if self.traits.by_session.is_some() || matches!(listing.kind, WindowKind::Second(..)) {
            return None;
        }
        let begins =
            |key: &RowKey| listing.sessions.get(&key.session).copied().filter(|first| *first < key.start);
        let waiting = listing.waiting.values().map(|(key, _)| key);
        let early = |key: &&RowKey| begins(key).is_some_and(|first| first < self.plan.asked.from());
        let mut ours = waiting.filter(|key| self.plan.asked.contains(key.start)).filter(early);
        let question = ours.find_map(|key| self.selected(key, begins(key)?));
        let outside = listing.outside.iter().chain(listing.waiting.values()).map(|(key, _)| key);
        let mut behind = outside.filter(|key| self.plan.asked.till() <= key.start);
        // A leg behind the window that lists it began before that, whatever the order.
        let latest = |key: &RowKey| Some(listing.asked.till()).filter(|till| *till < key.start);
        question.or_else(|| behind.find_map(|key| self.selected(key, begins(key).or_else(|| latest(key))?)))
    }

    /// Rows outside the window that was asked, each of a session that began in it: the server selects by sessions.
    pub(super) fn learn_what_selects(&mut self, listing: &WindowListing<P::Row>) {
        if self.traits.by_session.is_some() || listing.out_of_window.is_empty() {
            return;
        }
        let window = listing.asked;
        let belongs = |key: &RowKey| {
            let first = listing.sessions.get(&key.session);
            first.is_some_and(|first| *first < key.start && window.encloses(*first))
        };
        if listing.out_of_window.values().all(belongs) {
            self.learn_by_session();
        }
    }

    fn learn_by_session(&mut self) {
        self.traits.by_session = Some(true);
        self.tally.by_session = true;
    }

    /// Takes the answer to the question that is open.
    pub(super) fn answered(&mut self, page: &Page<Placed<P::Row>>) {
        let promised = page.total.unwrap_or_default().min(self.plan.reach.limit().into());
        let is_short = (page.rows.len() as u64) < promised;
        if is_short
            && self.attempts.strikes < PATIENCE
            && !matches!(self.question, Some(Question::Count { .. }))
        {
            // It is asked again.
            self.attempts.strikes += 1;
            self.tally.rereads += 1;
            return;
        }
        match self.question.take() {
            None => {}
            Some(Question::Copies(ids)) => self.counted_copies(&ids, page),
            Some(Question::EarlierCopies(ids)) => self.counted_earlier_copies(&ids, page),
            Some(Question::Count { window, of_parts }) => self.counted_again(window, of_parts, page.total),
            Some(Question::Seam(ids)) => self.give_seam(ids.len(), page),
            Some(Question::Selected { id, window }) => {
                if page.rows.iter().any(|row| row.key.id == id) {
                    self.traits.by_session = Some(false);
                } else if is_short {
                    // It is taken for the usual, and nobody knows whether that is right.
                    self.traits.by_session = Some(false);
                    let (expected, received) = (page.total, page.rows.len() as u64);
                    self.miss(Gap::new(window, expected, received));
                } else {
                    self.learn_by_session();
                }
                // The question came before the first page, or behind the last.
                if let Some(listing) = self.listing.take_if(|listing| listing.is_read()) {
                    self.close(listing);
                }
            }
        }
    }

    /// Asks about the first rows on the seam.
    pub(super) fn ask_about_seam(&mut self) {
        let rows = self.carry.seam.iter().flat_map(|(_, rows)| rows);
        let ids: Vec<_> = rows.map(|(key, _)| key.id).take(self.asked_together()).collect();
        self.question = (!ids.is_empty()).then_some(Question::Seam(ids));
    }

    /// Gives the rows that the next period will not list.
    fn give_seam(&mut self, asked: usize, page: &Page<Placed<P::Row>>) {
        let Some((way, mut rows)) = self.carry.seam.take() else { return };
        let rest = rows.split_off(asked.min(rows.len()));
        let theirs: BTreeSet<_> = page.rows.iter().map(|row| row.key.id).collect();
        rows.retain(|(key, _)| !theirs.contains(&key.id));
        self.carry.given.extend(rows.iter().map(|(key, _)| key.id));
        self.tally.out_of_window += rows.len() as u64;
        self.hand_over(rows, way.clone());
        self.carry.seam = Some((way, rest)).filter(|(_, rest)| !rest.is_empty());
        self.ask_about_seam();
    }

    /// The slice was counted as a whole, or what its parts make up was.
    fn counted_again(&mut self, window: Period, is_rest: bool, total: Option<u64>) {
        let Some(slice) = &mut self.slice else { return };
        let all = slice.listed + slice.known.len() + slice.copies.all();
        let listed = if is_rest { slice.counted() } else { all };
        let agreed = std::mem::replace(&mut slice.agreed, total == Some(listed));
        if slice.agreed && !agreed {
            // Something did not fit before: a total that fits is believed when it is said twice.
            self.question = Some(Question::Count { window, of_parts: is_rest });
            return;
        }
        slice.counts += 1;
        match total {
            Some(total) if total == listed => {
                slice.agreed = false;
                match &mut slice.whole {
                    Some(whole) if is_rest => whole.1 = total,
                    _ => slice.is_counted = true,
                }
            }
            // Something appeared or went away meanwhile: what is not verified is read once more.
            Some(_) if slice.counts < COUNTS => {
                self.tally.rereads += 1;
                self.read_in_parts();
            }
            // An earlier run gave what does not come out, as far as anybody knows.
            Some(_) if !is_rest && slice.given_before(self.carry.knows_given).is_some() => {
                slice.counts = 0;
                self.tally.rereads += 1;
                self.begin_anew();
            }
            total => {
                let from = if is_rest { slice.verified } else { slice.period.from() };
                let period = Period::raw(from, slice.period.till());
                self.miss(Gap::new(period, total, listed));
            }
        }
    }

    /// The call that puts a question, unless it is on its way.
    pub(super) fn asks(&self, question: &Question) -> Option<PageCall<R, P>> {
        if self.calls.awaits(Wanted::Answer) {
            return None;
        }
        let condition = self.condition(question);
        Some(match question {
            Question::EarlierCopies(_) => {
                let window = self.slice.as_ref().map_or(self.plan.asked, |slice| slice.period);
                self.plan.call(condition, window.widened(), self.plan.reach.limit(), 0)
            }
            Question::Copies(_) => {
                let window = self.listing.as_ref().map_or(self.plan.asked, |listing| listing.asked);
                self.plan.call(condition, window, self.plan.reach.limit(), 0)
            }
            Question::Count { window, .. } => self.plan.call(condition, *window, 1, 0),
            Question::Seam(_) => {
                // What the next period reads first, and this one last.
                let next = around(
                    Period::raw(self.plan.asked.till(), self.plan.asked.till()),
                    &self.plan.selection.changes,
                );
                let window = Period::raw(next.from(), self.plan.reading.till()).widened();
                self.plan.call(condition, window, self.plan.reach.limit(), 0)
            }
            Question::Selected { window, .. } => {
                self.plan.call(condition, *window, self.plan.reach.limit(), 0)
            }
        })
    }

    /// The condition of a question, beside those of the query; `None` where the report cannot be asked so.
    fn condition(&self, question: &Question) -> Option<Filter<R>> {
        let method = self.plan.selection.method;
        let id = method.filterable_number()?;
        let ids = match question {
            Question::Copies(ids) | Question::EarlierCopies(ids) | Question::Seam(ids) => ids.as_slice(),
            Question::Selected { id, .. } => std::slice::from_ref(id),
            Question::Count { .. } => return None,
        };
        let (operator, value) = match ids {
            [id] => ("=", Value::Number(*id)),
            ids => ("in", Value::List(ids.iter().map(|id| Value::Number(*id)).collect())),
        };
        Filter::by_name_in(method, id.name(), operator, value).ok()
    }

    pub(super) fn asked_together(&self) -> usize {
        ASKED_TOGETHER.min(self.plan.reach.limit() as usize / 4).max(1)
    }
}
