//! Reads the legs of a period into a sink: all of them with the sweep of core, or the first few with one page.
//!
//! What a page means, which slices there are and when a period is complete is the core's word. Here are the loop
//! around it, the cut of `--limit`, the filter of `--where-local`, the forecast of points and what is noticed on the
//! way. Not here: where rows go (`calllegs_store`), what errors mean, how a run ends.

use std::{collections::BTreeSet, time::Instant};

use calllegs_arrow::{Columns as Columnar, Leg};
use calllegs_core::{
    CallLegs, Client, Error, Order, Period, Query,
    limits::Span,
    pager::MAX_LIMIT,
    sweep::{Sweep, forecast, refused_columns},
    value::wall_time,
    window::LONGEST_SLICE,
};
use calllegs_store::{
    ExportSpec, WriterThread,
    destination::{Page, ResumeState},
    export::Filling,
};
use chrono::NaiveDateTime;

use crate::{
    account::identity::AccountIdentity,
    failure::{Exit, Failure},
    input::columns::Columns,
    signals::Interruptions,
    ui::{
        diagnostics::{self, Context},
        outcome::Outcome,
        progress::{Facts, Progress},
        terminal::{self, Terminal},
        text::{counted, grouped},
    },
};

/// The page that holds the first rows of a slice, and the window that it asks for.
///
/// The window is wider before its beginning only: what lies there comes first and is seen and cut, while what
/// lies beyond the end would be counted unseen.
pub(crate) fn first_page(
    spec: &ExportSpec,
    slice: Period,
    columns: &Columns,
    owner: &AccountIdentity,
    (rows, offset): (u64, u32),
) -> Result<(Query<CallLegs, Columnar>, Period), Failure> {
    let window = Period::new(slice.widened().from(), slice.till())?;
    let limit = u32::try_from(rows.saturating_add(SPARE)).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
    let query = spec.query(window, columns, &owner.zone, owner.account.as_deref());
    let query = query.sort_by(CallLegs::START_TIME, Order::Ascending);
    let query = query.sort_by(CallLegs::CALL_SESSION_ID, Order::Ascending).limit(limit).offset(offset);
    Ok((query, window))
}

/// How many rows one page is enough for; `None` when the period has to be read page by page.
pub(crate) fn few(spec: &ExportSpec) -> Option<u64> {
    spec.limit.filter(|limit| *limit <= FEW && spec.local.is_none())
}

/// Up to so many rows are asked for by number; more come in full pages.
const FEW: u64 = 5000;

/// Rows of the second before a slice that a page has room for.
const SPARE: u64 = 20;

/// Points that may be spent without a word.
const UNANNOUNCED: u64 = 20;

/// Everything that reading needs.
pub(crate) struct Reader<'a> {
    pub(crate) client: &'a Client,
    pub(crate) spec: &'a ExportSpec,
    pub(crate) context: &'a Context,
    pub(crate) terminal: &'a Terminal,
    pub(crate) outcome: &'a mut Outcome,
    /// Whose legs they are.
    pub(crate) owner: &'a AccountIdentity,
    pub(crate) writing: &'a WriterThread,
    pub(crate) ahead: usize,
    pub(crate) progress: Progress,
}

impl Reader<'_> {
    /// Reads the period, or as much of it as the limit asks for.
    ///
    /// # Errors
    /// Of any kind; what was read before is on its way to its place.
    pub(crate) async fn read(
        &mut self,
        period: Period,
        resumed: Option<ResumeState>,
        interruptions: &mut Interruptions,
    ) -> Result<(), Failure> {
        match few(self.spec) {
            Some(rows) if resumed.is_none() => interruptions.or(self.few(period, rows)).await,
            _ => self.all(period, resumed, interruptions).await,
        }
    }

    async fn all(
        &mut self,
        period: Period,
        resumed: Option<ResumeState>,
        interruptions: &mut Interruptions,
    ) -> Result<(), Failure> {
        let query = self.spec.whole(period, &self.owner.zone, self.owner.account.as_deref());
        let mut filling = Filling::new(self.spec, resumed.as_ref());
        let (base, mut begun) = (filling.base(), period.from());
        let legs = match resumed {
            Some(state) => {
                self.outcome.rows = state.rows;
                begun = state.checkpoint.at();
                self.progress.resume(base, covered(period, begun));
                self.client.resume(query, state.checkpoint)
            }
            None => self.client.sweep(query),
        };
        let mut legs = legs.map_err(|error| self.explain(&error))?.ahead(self.ahead);
        let mut stopped: Option<Failure> = None;
        loop {
            let page = tokio::select! {
                biased;
                failure = interruptions.next() => {
                    if let Some(first) = stopped {
                        return Err(first);
                    }
                    legs.stop();
                    stopped = Some(failure);
                    if self.client.usage().in_flight > 0 {
                        self.terminal.note("finishing the page in flight; once more stops now");
                    }
                    continue;
                }
                page = legs.next_page() => page,
            };
            let Some(page) = page.map_err(|error| self.explain(&error))? else { break };
            let sweep = legs.sweep();
            let page = filling.take(page, sweep)?;
            let cut = filling.is_cut();
            self.outcome.rows = filling.rows();
            self.observe(sweep, period, base, cut);
            self.pass_on(page).await?;
            if cut {
                return Ok(());
            }
            if sweep.tally().pages == 1
                && stopped.is_none()
                && let Some(total) = sweep.counted()
            {
                interruptions.or(self.announce(begun, period, base, total)).await?;
            }
        }
        if let Some(stopped) = stopped.filter(|_| !legs.sweep().is_finished()) {
            return Err(stopped);
        }
        match self.outcome.holes.len() {
            0 => Ok(()),
            count => Err(Failure::new(
                Exit::Incomplete,
                format!("{} not complete:\n  {}", windows_are(count), self.outcome.holes.join("\n  ")),
            )
            .because("what the server gives is not what it counts, also when it is asked again")
            .next("run the command again; if a window stays short, ask for shorter periods")),
        }
    }

    /// One page of each slice until there are enough rows: mostly one page.
    async fn few(&mut self, period: Period, wanted: u64) -> Result<(), Failure> {
        let mut columns = self.spec.fetched();
        let mut filling = Filling::new(self.spec, None);
        let mut expected = 0;
        let mut later = None;
        for slice in period.slices(LONGEST_SLICE) {
            if self.is_full() {
                later = Some(slice.from());
                break;
            }
            let mut counted = 0;
            let (mut offset, mut outside, mut copies) = (0, 0, 0);
            let mut seen = BTreeSet::new();
            loop {
                let missing = wanted.saturating_sub(self.outcome.rows);
                let (query, window) = first_page(self.spec, slice, &columns, self.owner, (missing, offset))?;
                let page = match self.client.call(query).await {
                    Ok(page) => page,
                    Err(error) => {
                        self.leave_out(&mut columns, &error)?;
                        continue;
                    }
                };
                let in_margin = |start: NaiveDateTime| {
                    !slice.contains(start) && window.from() <= start && start <= window.till()
                };
                let received = u32::try_from(page.rows.len() + page.unplaced.len()).unwrap_or(u32::MAX);
                self.outcome.notes.repaired += page.repaired;
                for row in &page.unplaced {
                    self.hole(slice, &format!("row {} of a page is {}", row.row, row.reason));
                }
                self.outcome.notes.absent.extend(page.absent.iter().map(|column| column.name()));
                let mut legs: Vec<Leg> = Vec::new();
                for leg in page.rows {
                    if let Some(key) = leg.key().filter(|key| !seen.insert(key.id)) {
                        let is_it = |leg: &&mut Leg| leg.key().is_some_and(|known| known.id == key.id);
                        copies += u64::from(!in_margin(key.start));
                        if let Some(copy) = legs.iter_mut().find(is_it) {
                            *copy = leg;
                        } else if !in_margin(key.start) {
                            self.hole(
                                slice,
                                "a leg is listed twice, so far apart that the earlier copy was given",
                            );
                        }
                    } else if leg.key().is_some_and(|key| in_margin(key.start)) {
                        outside += 1;
                    } else {
                        legs.push(leg);
                    }
                }
                let (legs, _) = filling.choose(legs)?;
                self.outcome.rows = filling.rows();
                self.pass_on(Page { legs, resume: None }).await?;
                offset = offset.saturating_add(received);
                let Some(total) = page.total else {
                    self.hole(slice, "the server did not say how many legs there are");
                    break;
                };
                counted = total.saturating_sub(outside + copies);
                if u64::from(offset) >= total || self.is_full() {
                    break;
                }
                if received == 0 {
                    self.hole(
                        slice,
                        &format!(
                            "the server counts {} and gave {}",
                            crate::ui::text::counted(total, "leg"),
                            grouped(offset.into())
                        ),
                    );
                    break;
                }
            }
            self.outcome.windows += 1;
            self.outcome.duplicates += copies;
            self.outcome.notes.repeats += copies;
            expected += counted;
        }
        self.outcome.expected = later.is_none().then_some(expected);
        let more = expected.saturating_sub(self.outcome.rows);
        self.outcome.complete = later.is_none() && more == 0 && self.outcome.holes.is_empty();
        self.outcome.more = (more > 0 || later.is_some()).then_some((more, later));
        if self.outcome.holes.is_empty() {
            return Ok(());
        }
        Err(Failure::new(Exit::Incomplete, self.outcome.holes.join("\n  ")).next("run the command again"))
    }

    fn is_full(&self) -> bool {
        self.spec.limit.is_some_and(|limit| self.outcome.rows >= limit)
    }

    /// Hands a page to the thread that writes.
    async fn pass_on(&self, page: Page) -> Result<(), Failure> {
        if self.writing.write(page).await {
            return Ok(());
        }
        // Its own error, which comes first, is known once it has ended.
        Err(Failure::new(Exit::Bug, "nothing is written any more"))
    }

    /// Brings the outcome up to date and says where the run stands.
    fn observe(&mut self, sweep: &Sweep<CallLegs, Columnar>, period: Period, base: u64, cut: bool) {
        let tally = sweep.tally();
        let ended = tally.windows - self.outcome.windows;
        // The number of windows grows when the core reads a slice in parts.
        let windows = tally.windows + sweep.slices_left() as u64;
        let outcome = &mut *self.outcome;
        outcome.windows = tally.windows;
        outcome.duplicates = tally.repeats;
        outcome.rereads = tally.rereads;
        outcome.expected = sweep.is_finished().then_some(base + tally.expected);
        outcome.complete = sweep.is_complete() && !cut;
        outcome.more = cut.then_some((0, None));
        outcome.holes = tally.holes.iter().map(ToString::to_string).collect();
        outcome.strays = tally.strays;
        outcome.begins_anew |= tally.outdated;
        outcome.notes.repeats = tally.repeats;
        outcome.notes.by_session = tally.by_session;
        outcome.notes.disordered = tally.disordered;
        outcome.notes.repaired = tally.repaired;
        outcome.notes.dropped = tally.dropped.iter().map(|column| column.name()).collect();
        outcome.notes.absent = tally.absent.iter().map(|column| column.name()).collect();
        let (points, minute) = {
            let usage = self.client.usage();
            let minute = usage.minute.and_then(|minute| Some((minute.remaining, minute.limit?)));
            (usage.spent, minute)
        };
        let (rows, pages) = (counted(outcome.rows, "leg"), tally.pages);
        let window = (tally.windows + 1).min(windows);
        let points = counted(points.into(), "point");
        let at = wall_time::format(sweep.at());
        if tally.pages == 1
            && windows == 1
            && let Some(total) = sweep.counted()
        {
            self.progress.count(total);
        }
        let facts = Facts {
            read: base + tally.expected,
            covered: covered(period, sweep.at()),
            pages: tally.pages,
            minute,
        };
        let now = Instant::now();
        let parts = self.progress.parts(now, &facts);
        let more = [format!("window {window} of {windows}"), at.to_string(), points.clone()];
        let left = self.points_left();
        self.terminal.progress(&parts.iter().cloned().chain(more).chain(left).collect::<Vec<_>>());
        let is_window = ended > 0 && windows > 1;
        if is_window || self.progress.is_due(now) {
            self.progress.tell(now);
            let parts = parts.join(" · ");
            self.terminal.step(&format!("window {} of {windows} read · {parts} · {points}", tally.windows));
        }
        self.terminal.detail(&format!("page {}, up to {at}: {rows} so far, {points}", grouped(pages)));
    }

    /// What the server said last of the points that are left: `minute 12 of 60 left`.
    fn points_left(&self) -> Vec<String> {
        let usage = self.client.usage();
        let of = |span: Span| {
            let standing = usage.standing(span)?;
            let (remaining, limit) = (grouped(standing.remaining.into()), grouped(standing.limit?.into()));
            Some(format!("{} {remaining} of {limit} left", span.as_str()))
        };
        [Span::Minute, Span::Hour, Span::Day].into_iter().filter_map(of).collect()
    }

    /// Says what a long run will cost, and asks where somebody can answer. Of a run that goes on behind `base` legs, that
    /// is what is left: the server has counted `total` legs from there to the end of the window.
    async fn announce(
        &self,
        begun: NaiveDateTime,
        period: Period,
        base: u64,
        total: u64,
    ) -> Result<(), Failure> {
        let Some(left) = legs_left(begun, period, base, total) else { return Ok(()) };
        let Ok(rest) = Period::new(begun.min(period.till()), period.till()) else { return Ok(()) };
        let mut pages = forecast(rest, left).calls;
        if let Some(limit) = self.spec.limit.filter(|_| self.spec.local.is_none()) {
            pages = pages.min(limit.saturating_sub(self.outcome.rows).div_ceil(MAX_LIMIT.into()) + 1);
        }
        if pages <= UNANNOUNCED {
            return Ok(());
        }
        // The first page is paid for, and what was asked before it.
        let points = pages + u64::from(self.client.usage().spent.saturating_sub(1));
        let legs = grouped(left);
        let said = format!("about {legs} legs to read, about {} in all", counted(points, "point"));
        if !self.terminal.asks() {
            self.terminal.note(&said);
            return Ok(());
        }
        self.terminal.ask(&format!("{said}. Go on?"));
        if tokio::task::spawn_blocking(terminal::answer).await.unwrap_or(false) {
            return Ok(());
        }
        Err(Failure::new(Exit::Interrupted, "stopped before more points were spent")
            .next("ask for a shorter period, or bound the run with --max-points"))
    }

    /// Leaves out the columns that the server refuses, or hands the error on.
    fn leave_out(&mut self, columns: &mut Columns, error: &Error) -> Result<(), Failure> {
        let refused = refused_columns(columns, error, self.context.brand);
        if refused.is_empty() {
            return Err(self.explain(error));
        }
        columns.retain(|column| !refused.contains(column));
        self.outcome.notes.dropped.extend(refused.iter().map(|column| column.name()));
        Ok(())
    }

    fn hole(&mut self, slice: Period, what: &str) {
        let (from, till) = (wall_time::format(slice.from()), wall_time::format(slice.till()));
        self.outcome.holes.push(format!("{from} … {till}: {what}"));
    }

    fn explain(&self, error: &Error) -> Failure {
        diagnostics::explain(error, self.context)
    }
}

/// The share of the period that lies before this moment.
fn covered(period: Period, at: NaiveDateTime) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a share is rounded to a hundredth")]
    let seconds = |from: NaiveDateTime, till: NaiveDateTime| (till - from).num_seconds().max(0) as f64;
    seconds(period.from(), at) / seconds(period.from(), period.till()).max(1.0)
}

/// How many legs lie behind a moment of the period, when those before it and those up to the end of its window are
/// counted: the windows after it are taken to be as dense.
fn legs_left(begun: NaiveDateTime, period: Period, base: u64, total: u64) -> Option<u64> {
    let window = period.slices(LONGEST_SLICE).find(|slice| begun < slice.till())?;
    let seconds =
        |from: NaiveDateTime, till: NaiveDateTime| u64::try_from((till - from).num_seconds()).unwrap_or(0);
    let known = seconds(period.from(), window.till()).max(1);
    let later = (base + total).saturating_mul(seconds(window.till(), period.till())).div_ceil(known);
    Some(total + later)
}

fn windows_are(count: usize) -> String {
    if count == 1 { "1 window is".to_owned() } else { format!("{count} windows are") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_has_only_the_rest_before_it() {
        let at = |text: &str| wall_time::parse(&format!("{text} 00:00:00")).unwrap();
        let period = Period::new(at("2026-01-01"), at("2026-03-04")).unwrap();
        let left = |begun, base, total| legs_left(at(begun), period, base, total).unwrap();
        // Two windows of 31 days, with 31,000 legs each.
        assert_eq!(left("2026-01-01", 0, 31_000), 62_000);
        assert_eq!(left("2026-01-31", 30_000, 1_000), 32_000);
        assert_eq!(left("2026-02-01", 31_000, 31_000), 31_000);
        assert_eq!(left("2026-03-03", 61_000, 1_000), 1_000);
        assert_eq!(legs_left(at("2026-03-04"), period, 62_000, 0), None);
    }
}
