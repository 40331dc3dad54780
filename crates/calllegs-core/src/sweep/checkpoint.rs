//! Where a sweep can go on after it was stopped: a value that is kept beside the rows, how it is taken, and how a sweep goes
//! on from it. Not here: which rows the caller was given (`handed`).

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Sweep,
    copies::Copies,
    handed::{Day, Mark, Watermark, Way, repeated_before},
    ids::IdSet,
    listing::WindowListing,
    slice::{Again, Expected, Slice},
};
use crate::{
    filter::Refusal,
    generated::mnemonics::Mnemonic,
    projection::{Projection, RowKey},
    query::Query,
    schema::Shape,
    value::wall_time,
    window::{LONGEST_SLICE, MARGIN, Period},
};

/// Which rows of a period were given. What a [`Sweep`] that is resumed from it gives, and what was given
/// before, is together the period, each row once.
///
/// Keep it with the rows that it speaks of: as JSON it is some hundred bytes, and where the server keeps no order about two
/// more for each row of the slice. It names ids of legs, no people.
///
/// ```
/// use calllegs_core::{CallLegs, Period, Query, rpc, sweep::{Checkpoint, Sweep}, value::wall_time};
///
/// let time = |text| wall_time::parse(text).unwrap();
/// let days = Period::new(time("2026-03-02 00:00:00"), time("2026-03-04 00:00:00"))?;
/// let query = Query::<CallLegs>::new(days).select((CallLegs::ID,));
/// let sweep = Sweep::new(query.clone())?;
///
/// let kept = serde_json::to_string(&sweep.checkpoint().unwrap()).unwrap();
/// let kept: Checkpoint = serde_json::from_str(&kept).unwrap();
/// assert_eq!(kept.at(), time("2026-03-02 00:00:00")); // nothing was read yet
/// let resumed = Sweep::resume(query, kept)?;
/// assert!(!resumed.is_finished());
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The slice that was being read.
    #[serde(with = "wall_time")]
    pub(super) from: NaiveDateTime,
    #[serde(with = "wall_time")]
    pub(super) till: NaiveDateTime,
    /// How far rows were given.
    #[serde(with = "wall_time")]
    pub(super) at: NaiveDateTime,
    /// Rows of that second that were given.
    pub(super) ids: BTreeSet<i64>,
    /// Rows of the second before it.
    pub(super) earlier: BTreeSet<i64>,
    /// How many rows the server had from that second on.
    pub(super) expected: Option<u64>,
    /// How many rows of the slice were listed before those that are named here.
    pub(super) listed: u64,
    /// Each window up to here counted what the one before left.
    pub(super) is_sure: bool,
    /// Legs up to there that the server lists more than once.
    #[serde(default, skip_serializing_if = "Copies::is_empty")]
    pub(super) copies: Copies,
    /// The slice is read in parts, not by hops.
    pub(super) parts: Option<Parts>,
    /// The last midnight.
    pub(super) day: Option<Day>,
    /// The server listed rows out of order.
    pub(super) disordered: bool,
    /// The server selects by sessions.
    pub(super) by_session: Option<bool>,
    /// All rows that were given, if the program says which: see [`with_given`](Self::with_given).
    #[serde(skip)]
    pub(super) given: IdSet,
}

/// A slice that is read in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// Parts to be read, the next one last.
    pub(super) windows: Vec<WindowBounds>,
    /// What the parts make up, and how many rows the server counted in it.
    pub(super) whole: Option<(WindowBounds, u64)>,
    #[serde(with = "wall_time")]
    pub(super) verified: NaiveDateTime,
    /// Rows that were listed since.
    pub(super) known: IdSet,
    /// Rows that were given before, as far as a window may list them again.
    pub(super) before: IdSet,
    /// The beginning is read once more.
    pub(super) again: Option<Again>,
    /// An earlier run gave it, and its rows are not all known.
    pub(super) resumed: Option<Again>,
    /// Rows of the second before `verified`.
    #[serde(default)]
    pub(super) near: IdSet,
    /// Those of them that no part has listed.
    #[serde(default)]
    pub(super) unlisted: IdSet,
    /// The slice holds what it counts as a whole.
    #[serde(default)]
    pub(super) is_counted: bool,
}

/// A window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WindowBounds(pub(super) Period);

impl Serialize for WindowBounds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (wall_time::format(self.0.from()), wall_time::format(self.0.till())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WindowBounds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Bounds(#[serde(with = "wall_time")] NaiveDateTime, #[serde(with = "wall_time")] NaiveDateTime);

        Bounds::deserialize(deserializer).map(|Bounds(from, till)| Self(Period::raw(from, till)))
    }
}

impl Checkpoint {
    /// The beginning of a slice.
    pub(super) fn new(slice: Period) -> Self {
        Self {
            from: slice.from(),
            till: slice.till(),
            at: slice.from(),
            ids: BTreeSet::new(),
            earlier: BTreeSet::new(),
            expected: None,
            listed: 0,
            is_sure: true,
            copies: Copies::default(),
            parts: None,
            day: None,
            disordered: false,
            by_session: None,
            given: IdSet::default(),
        }
    }

    /// Tells which rows were given up to it: the `id` of each. They are kept by the program, beside the rows, because
    /// there are too many of them to be written with every checkpoint.
    ///
    /// Without them a leg that the server lists a second time, far behind the first and behind the place where a run was
    /// stopped, is given twice; and where a listing turns out to keep no order, what was given is known by its number alone.
    ///
    /// An example stands at the [blocking client](crate::blocking).
    #[must_use]
    pub fn with_given(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.given = ids.into_iter().collect();
        self
    }

    /// How far rows were given. In a listing that keeps the order of starts, every row before this second was.
    pub fn at(&self) -> NaiveDateTime {
        self.at
    }

    /// The second before which every row of the period was given; `None` where rows do not come in the order of their
    /// starts.
    pub fn complete_before(&self) -> Option<NaiveDateTime> {
        let is_ordered = !self.disordered && self.by_session != Some(true) && self.parts.is_none();
        is_ordered.then_some(self.at)
    }

    /// Whether nothing so far speaks against the rows that were given in the slice that is being read: no page moved
    /// while it was listed, and each window counted what the one before left. Where it is not, more rows from before
    /// this second may still come.
    pub fn is_sure(&self) -> bool {
        self.is_sure && !self.disordered && self.parts.is_none()
    }

    /// Where the slice begins that was being read: everything before it was given and counted.
    pub fn slice_begin(&self) -> NaiveDateTime {
        self.from
    }

    /// Goes back to the last midnight before it: what was given from then on will be given again. For those who keep
    /// whole days; [`with_given`](Self::with_given) comes behind it. `None` when the time is no midnight that was passed
    /// last in this slice, or rows do not come in the order of their starts.
    #[must_use]
    pub fn back_to(&self, midnight: NaiveDateTime) -> Option<Self> {
        if midnight == self.at && self.ids.is_empty() && self.parts.is_none() {
            return Some(Self { given: IdSet::default(), ..self.clone() });
        }
        let Day { at, earlier, expected, listed, copies, repeated, is_sure } = self.day.clone()?;
        // Of a slice before this one nothing else is known.
        let is_of_slice = at == midnight && self.from <= at;
        (self.parts.is_none() && is_of_slice).then(|| Self {
            at,
            ids: BTreeSet::new(),
            earlier,
            expected,
            listed,
            copies: Copies::of_earlier_run(copies, repeated),
            is_sure,
            day: None,
            given: IdSet::default(),
            ..self.clone()
        })
    }

    /// Whether it speaks of this period, and of a slice that a sweep would make of it.
    pub(super) fn fits(&self, period: Period) -> bool {
        let within = |time: NaiveDateTime| self.from <= time && time <= self.till;
        let is_part = |part: &WindowBounds| {
            let (from, till) = (part.0.from(), part.0.till());
            from <= till && self.from <= from && till <= self.till
        };
        let parts = self.parts.as_ref().is_none_or(|parts| {
            let whole = parts.whole.is_none_or(|(whole, _)| {
                whole.0.from() <= whole.0.till() && whole.0.till() - whole.0.from() <= LONGEST_SLICE * 2
            });
            whole && within(parts.verified) && parts.windows.iter().all(is_part)
        });
        period.from() <= self.from
            && self.till <= period.till()
            && self.from < self.till
            && self.till - self.from <= LONGEST_SLICE
            && (within(self.at) || self.parts.is_some())
            && parts
    }
}

impl<R, P: Projection<R>> Sweep<R, P> {
    /// Goes on where another sweep over the same query was stopped. The tally begins anew.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the checkpoint is not one of this period.
    pub fn resume(query: Query<R, P>, checkpoint: Checkpoint) -> Result<Self, Refusal> {
        let mut sweep = Self::new(query)?;
        if sweep.offset.is_some() {
            let reason = "a listing that is read by offset is read from its beginning";
            return Err(Refusal::new(Mnemonic::InvalidParameterValue, "offset", reason));
        }
        if !checkpoint.fits(sweep.plan.reading) {
            let reason = "the checkpoint belongs to another period";
            return Err(Refusal::new(Mnemonic::InvalidParameterValue, "date_from", reason));
        }
        let Checkpoint {
            from,
            till,
            at,
            ids,
            earlier,
            expected,
            listed,
            is_sure,
            copies,
            parts,
            day,
            disordered,
            by_session,
            given,
        } = checkpoint;
        let rest = Period::raw(till, sweep.plan.reading.till());
        sweep.plan.slices = rest.slices(LONGEST_SLICE).collect();
        sweep.plan.slices.reverse();
        let mut recent = Watermark::new(at);
        let key = |start, id| RowKey { start, session: i64::MAX, id };
        for id in &earlier {
            recent.take(key(at - MARGIN, *id), false);
        }
        for id in &ids {
            recent.take(key(at, *id), false);
        }
        let mut slice = Slice::new(Period::raw(from, till));
        // At its beginning a slice is listed anew.
        let near: IdSet = recent.ids().collect();
        if at > from {
            (slice.known, slice.listed) = (near, listed);
        } else {
            sweep.carry.before = near;
        }
        slice.watermark = recent.clone();
        slice.whole_until = at;
        slice.expected = expected.map(|rows| Expected { start: at, rows });
        (slice.verified, slice.is_sure) = (at, is_sure);
        slice.copies = copies;
        // What nobody can be asked about, a count has to prove.
        slice.is_sure &= sweep.can_ask_by_id() || slice.copies.unasked().next().is_none();
        (slice.remembered, slice.hopped) = (at, at > from);
        slice.near = earlier.iter().copied().filter(|_| at > from).collect();
        slice.resumed = (at > from && parts.is_none()).then_some((at, listed + earlier.len() as u64));
        if let Some(Parts {
            windows,
            whole,
            verified,
            known,
            before,
            again,
            resumed,
            near,
            unlisted,
            is_counted,
        }) = parts
        {
            slice.hops = false;
            // A slice read in parts must not end while rows of its parts wait.
            slice.hops_only = false;
            slice.windows = windows.into_iter().map(|window| window.0).collect();
            slice.whole = whole.map(|(window, rows)| (window.0, rows));
            (slice.verified, slice.known, slice.listed) = (verified, known, listed);
            (slice.near, slice.unlisted, slice.is_counted) = (near, unlisted, is_counted);
            slice.remembered = verified;
            sweep.carry.before = before;
            slice.again = again;
            slice.resumed = resumed.map(|resumed| (resumed.at, resumed.listed));
        }
        let left = expected.map(|rows| rows.saturating_sub(ids.len() as u64));
        let (listed, copies) = (slice.listed + slice.known.len(), slice.copies.all());
        let earlier = NaiveDateTime::MIN;
        let repeated = slice.copies.unasked().map(|id| (earlier, id)).collect();
        let way = Way::Hops { left, listed, copies, repeated, is_sure };
        if given.len() > 0 {
            slice.remembered = slice.period.from();
        }
        (sweep.carry.knows_given, sweep.carry.given) = (given.len() > 0, given);
        sweep.handed.resume(recent, Mark { slice: slice.period, way }, day);
        sweep.slice = Some(slice);
        (sweep.traits.disordered, sweep.traits.by_session) = (disordered, by_session);
        let is_sorted = sweep.plan.shape == Shape::Hops;
        (sweep.tally.disordered, sweep.tally.by_session) =
            (disordered && is_sorted, by_session == Some(true));
        Ok(sweep)
    }

    /// Where to go on if the sweep ends here, when the rows that it has given so far are kept. `None` at the end, behind
    /// a gap, where the clock was changed, and while a question about rows is open that a stop would forget: then the
    /// last one still holds, with the rows that were given up to it.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let may_be_outdated = |listing: &WindowListing<_>| listing.twice.values().any(|differs| *differs);
        if !self.tally.gaps.is_empty()
            || self.offset.is_some()
            || self.is_finished()
            || self.carry.seam.is_some()
            || self.listing.as_ref().is_some_and(may_be_outdated)
        {
            return None;
        }
        let with_traits = |checkpoint: Checkpoint| Checkpoint {
            disordered: self.traits.disordered,
            by_session: self.traits.by_session,
            ..checkpoint
        };
        let recent = &self.handed.recent;
        let behind = |slice: Period| {
            let at = slice.from();
            Checkpoint {
                ids: recent.ids_from(at).collect(),
                earlier: recent.ids_before(at).collect(),
                ..Checkpoint::new(slice)
            }
        };
        let checkpoint = match (self.handed.stands(), &self.slice) {
            (None, None) => behind(*self.plan.slices.last()?),
            // Between two slices.
            (Some((mark, 0)), None) if mark.slice.till() <= self.plan.slices.last()?.from() => {
                behind(*self.plan.slices.last()?)
            }
            (stands, Some(slice)) if !slice.hops => {
                self.checkpoint_of_parts(slice, stands.map(|(mark, _)| mark))?
            }
            (None, Some(slice)) => Checkpoint { is_sure: self.is_sure(slice), ..behind(slice.period) },
            (Some((mark, 0)), Some(slice)) if mark.slice != slice.period => behind(slice.period),
            // No row of the period came yet.
            (Some((mark, _)), _) if recent.at() < self.plan.asked.from() => behind(mark.slice),
            (Some((Mark { slice, way: Way::Hops { left, listed, copies, repeated, is_sure } }, rows)), _) => {
                let at = recent.at().max(slice.from()).min(slice.till());
                let (ids, earlier) = (recent.ids_from(at).collect(), recent.ids_before(at).collect());
                let (ids, earlier): (BTreeSet<_>, BTreeSet<_>) = (ids, earlier);
                let near = ids.len() as u64 + earlier.len() as u64;
                Checkpoint {
                    at,
                    expected: left.map(|left| left + rows + ids.len() as u64),
                    listed: listed.saturating_sub(rows + near),
                    earlier,
                    is_sure: *is_sure,
                    copies: Copies::of_earlier_run(*copies, repeated_before(repeated, at)),
                    ids,
                    day: self.handed.day().cloned(),
                    ..Checkpoint::new(*slice)
                }
            }
            (Some((Mark { way: Way::Parts { .. }, .. }, _)), _) => return None,
        };
        let is_change = self.changes_at(checkpoint.at);
        (checkpoint.parts.is_some() || !is_change).then(|| with_traits(checkpoint))
    }

    /// In parts, those that were not given to their end are read again; what was given is known by its id.
    fn checkpoint_of_parts(&self, slice: &Slice, mark: Option<&Mark>) -> Option<Checkpoint> {
        // Rows of hops that are still here end at another place.
        if let Some(Mark { way: Way::Hops { .. }, .. }) = mark.filter(|_| !self.handed.is_empty()) {
            return None;
        }
        let mut known = slice.known.clone();
        self.handed.waiting().chain(self.carry.pending.iter()).for_each(|id| known.remove(id));
        let mut windows = slice.windows.clone();
        windows.extend(self.handed.parts());
        windows.dedup();
        let parts = Parts {
            windows: windows.into_iter().map(WindowBounds).collect(),
            whole: slice.whole.map(|(window, rows)| (WindowBounds(window), rows)),
            verified: slice.verified,
            known,
            before: self.carry.before.clone(),
            near: slice.near.clone(),
            unlisted: slice.unlisted.clone(),
            is_counted: slice.is_counted,
            again: slice.again,
            resumed: slice.resumed.map(|(at, listed)| Again { at, listed, met: 0 }),
        };
        Some(Checkpoint {
            at: self.handed.recent.at(),
            listed: slice.listed,
            is_sure: self.is_sure(slice),
            copies: slice.copies.clone(),
            parts: Some(parts),
            ..Checkpoint::new(slice.period)
        })
    }
}
