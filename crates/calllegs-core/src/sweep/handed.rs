//! What the caller was given: rows leave the sweep one by one, and a checkpoint speaks of those that left. Not here: how
//! rows are read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::{
    projection::RowKey,
    value::wall_time,
    window::{MARGIN, Period},
};

/// How far rows were given: a second, and the ids of rows in it and in the second before. A window that begins there can
/// list them again.
#[derive(Clone, Debug)]
pub(super) struct Watermark {
    at: NaiveDateTime,
    rows: BTreeSet<(NaiveDateTime, i64)>,
}

impl Watermark {
    pub(super) const fn new(at: NaiveDateTime) -> Self {
        Self { at, rows: BTreeSet::new() }
    }

    pub(super) const fn at(&self) -> NaiveDateTime {
        self.at
    }

    /// The rows of this second and later ones.
    pub(super) fn ids_from(&self, second: NaiveDateTime) -> impl Iterator<Item = i64> {
        self.rows.range((second, i64::MIN)..).map(|(_, id)| *id)
    }

    /// The rows of the second itself.
    pub(super) fn ids_at(&self) -> impl Iterator<Item = i64> {
        self.rows.range((self.at, i64::MIN)..=(self.at, i64::MAX)).map(|(_, id)| *id)
    }

    /// The rows of the second before another one.
    pub(super) fn ids_before(&self, second: NaiveDateTime) -> impl Iterator<Item = i64> {
        self.rows.range((second - MARGIN, i64::MIN)..(second, i64::MIN)).map(|(_, id)| *id)
    }

    /// All of them.
    pub(super) fn ids(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().map(|(_, id)| *id)
    }

    /// Adds a row, which may be of a later second.
    pub(super) fn take(&mut self, key: RowKey, rises: bool) {
        if rises {
            self.rise(key.start);
        }
        if key.start >= self.at - MARGIN {
            self.rows.insert((key.start, key.id));
        }
    }

    /// Goes on to a later second.
    pub(super) fn rise(&mut self, at: NaiveDateTime) {
        if at > self.at {
            self.at = at;
            self.rows = self.rows.split_off(&(at - MARGIN, i64::MIN));
        }
    }
}

/// Where rows end that are ready.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// The slice that they are of.
    pub(super) slice: Period,
    pub(super) way: Way,
}

/// How the slice is read.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Hops {
        /// How many rows the server counts behind these.
        left: Option<u64>,
        /// Distinct rows of the slice that were listed up to here.
        listed: u64,
        /// Further copies of them.
        copies: u64,
        /// Legs of this window that seem to be listed more than once: `left` counts each as one.
        repeated: BTreeSet<(NaiveDateTime, i64)>,
        is_sure: bool,
    },
    Parts {
        /// The part that they came from.
        window: Period,
    },
}

/// A midnight that was passed. A checkpoint keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    #[serde(with = "wall_time")]
    pub(super) at: NaiveDateTime,
    /// Rows of the second before.
    pub(super) earlier: BTreeSet<i64>,
    /// How many rows the server had from then on.
    pub(super) expected: Option<u64>,
    /// How many rows of the slice were listed before those.
    pub(super) listed: u64,
    /// Further copies of them.
    #[serde(default)]
    pub(super) copies: u64,
    /// Legs before it that seem to be listed more than once.
    #[serde(default)]
    pub(super) repeated: BTreeSet<i64>,
    pub(super) is_sure: bool,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Handed<T> {
    /// Rows that are ready, batch by batch, each with where it ends.
    batches: VecDeque<(VecDeque<(RowKey, T)>, Mark)>,
    /// How far the caller has come.
    pub(super) recent: Watermark,
    /// Where the batch that was begun last ends, and how many of its rows are still here.
    mark: Option<Mark>,
    /// The last midnight that was passed.
    day: Option<Day>,
}

impl<T> Handed<T> {
    pub(super) const fn new(at: NaiveDateTime) -> Self {
        Self { batches: VecDeque::new(), recent: Watermark::new(at), mark: None, day: None }
    }

    pub(super) fn give(&mut self, rows: Vec<(RowKey, T)>, mark: Mark) {
        self.batches.push_back((rows.into(), mark));
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Option<(RowKey, T)> {
        loop {
            let (rows, mark) = self.batches.front_mut()?;
            let left = rows.len() as u64;
            let Some((key, row)) = rows.pop_front() else {
                self.pass();
                continue;
            };
            let midnight = key.start.date().and_time(chrono::NaiveTime::MIN);
            let passed = self.recent.at();
            let begins = passed < midnight || passed == midnight && self.recent.ids().next().is_none();
            match &mark.way {
                Way::Hops { left: behind, listed, copies, repeated, is_sure }
                    if begins && mark.slice.from() <= midnight =>
                {
                    let earlier: BTreeSet<_> = self.recent.ids_before(midnight).collect();
                    self.day = Some(Day {
                        at: midnight,
                        expected: behind.map(|behind| behind + left),
                        listed: listed.saturating_sub(left + earlier.len() as u64),
                        copies: *copies,
                        repeated: repeated_before(repeated, midnight),
                        is_sure: *is_sure,
                        earlier,
                    });
                }
                // A row that comes late belongs to a day that was passed.
                Way::Hops { .. } if self.day.as_ref().is_none_or(|day| day.at <= key.start) => {}
                Way::Hops { .. } | Way::Parts { .. } => self.day = None,
            }
            self.recent.take(key, true);
            return Some((key, row));
        }
    }

    /// Batches that are empty have been passed.
    fn pass(&mut self) {
        if let Some((_, mark)) = self.batches.pop_front() {
            self.mark = Some(mark);
        }
    }

    /// Goes past batches without rows.
    pub(super) fn skip_empty(&mut self) {
        while self.batches.front().is_some_and(|(rows, _)| rows.is_empty()) {
            self.pass();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.iter().all(|(rows, _)| rows.is_empty())
    }

    /// Where the caller stands: the mark that holds there, and how many rows of it are still to come.
    pub(super) fn stands(&self) -> Option<(&Mark, u64)> {
        match self.batches.front() {
            Some((rows, mark)) => Some((mark, rows.len() as u64)),
            None => self.mark.as_ref().map(|mark| (mark, 0)),
        }
    }

    /// The ids of the rows that are ready.
    pub(super) fn waiting(&self) -> impl Iterator<Item = i64> {
        self.batches.iter().flat_map(|(rows, _)| rows.iter().map(|(key, _)| key.id))
    }

    /// The parts whose rows have not all left, the next one last.
    pub(super) fn parts(&self) -> Vec<Period> {
        let waiting = self.batches.iter().rev().filter(|(rows, _)| !rows.is_empty());
        let window = |(_, mark): &(_, Mark)| match &mark.way {
            Way::Parts { window } => Some(*window),
            Way::Hops { .. } => None,
        };
        waiting.filter_map(window).collect()
    }

    /// The server was asked about these legs, and has so many further copies of them: a checkpoint says so from now on. Legs
    /// that the next window lists again are left for that.
    pub(super) fn count_copies(&mut self, asked: &[i64], further: &BTreeMap<i64, u64>) {
        let Some(Mark { way: Way::Hops { left, copies, repeated, is_sure, .. }, .. }) = &mut self.mark else {
            return;
        };
        *is_sure &= further.len() == asked.len();
        let near: BTreeSet<_> = self.recent.ids().collect();
        for id in asked.iter().filter(|id| !near.contains(id)) {
            let further = further.get(id).copied().unwrap_or_default();
            *left = left.map(|left| left.saturating_sub(further));
            *copies += further;
        }
        repeated.retain(|(_, id)| near.contains(id) || !asked.contains(id));
    }

    /// Goes on from a checkpoint.
    pub(super) fn resume(&mut self, recent: Watermark, mark: Mark, day: Option<Day>) {
        (self.recent, self.mark, self.day) = (recent, Some(mark), day);
    }

    pub(super) const fn day(&self) -> Option<&Day> {
        self.day.as_ref()
    }
}

/// The legs that start before this second.
pub(super) fn repeated_before(
    repeated: &BTreeSet<(NaiveDateTime, i64)>,
    second: NaiveDateTime,
) -> BTreeSet<i64> {
    repeated.range(..(second, i64::MIN)).map(|(_, id)| *id).collect()
}
