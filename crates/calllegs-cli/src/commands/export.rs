//! Reads the legs of a period, or the rows of another listing, into a sink: all of them with the sweep of core, or the first few with one page.
//!
//! What a page means, which slices there are and when a period is complete is the core's word. Here are the loop
//! around it, the cut of `--limit`, the filter of `--where-local`, the forecast of points and what is noticed on the
//! way. Not here: where rows go (`calllegs_store`), what errors mean, how a run ends.

use std::time::Instant;

use calllegs_core::{
    Client, Error, Period,
    limits::QuotaWindow,
    pager::MAX_LIMIT,
    schema::Shape,
    sweep::{Preview, Sweep, forecast},
    value::wall_time,
    window::LONGEST_SLICE,
};
use calllegs_store::{
    ExportSpec, RowSpec, WriterThread,
    destination::{Page, ResumeState},
    export::Filling,
};
use chrono::NaiveDateTime;
use serde_json::json;

use crate::{
    account::identity::AccountIdentity,
    failure::{Exit, Failure},
    lang::{self, say},
    signals::Interruptions,
    ui::{
        diagnostics::{self, Context},
        log::{self, Event},
        outcome::Outcome,
        progress::{Facts, Progress},
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// How many rows one page is enough for; `None` when the period has to be read page by page.
pub(crate) fn previewed(spec: &impl RowSpec) -> Option<u32> {
    let limit = spec.limit().and_then(|limit| u32::try_from(limit).ok());
    let has_pages = spec.method().shape() != Shape::Single;
    limit.filter(|limit| *limit <= FEW && !spec.is_chosen_here() && has_pages)
}

/// Up to so many rows are asked for by number; more come in full pages.
const FEW: u32 = 5000;

/// Points that may be spent without a word.
pub(crate) const UNANNOUNCED: u64 = 20;

/// Windows that nobody was asked about, if the first of them has no legs: ten years of them.
const MANY_WINDOWS: u64 = 120;

/// So many windows of a run have a line each.
const MOST_LINES: u64 = 100;

/// Everything that reading needs.
pub(crate) struct Export<'a, S = ExportSpec> {
    pub(crate) client: &'a Client,
    pub(crate) spec: &'a S,
    pub(crate) context: &'a Context,
    pub(crate) terminal: &'a Terminal,
    pub(crate) outcome: &'a mut Outcome,
    /// Whose legs they are.
    pub(crate) owner: &'a AccountIdentity,
    pub(crate) writing: &'a WriterThread,
    pub(crate) ahead: usize,
    /// Pages after which it stops, to go on another time.
    pub(crate) turn: u64,
    /// Somebody has said how much may be spent, or all that is read stays read.
    pub(crate) is_bounded: bool,
    pub(crate) progress: Progress,
}

impl<S: RowSpec> Export<'_, S> {
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
        let window = Some(wall_period(period));
        self.terminal.event(Event::WindowPlan, &log::Facts { window, ..self.facts() });
        match previewed(self.spec) {
            Some(rows) if resumed.is_none() => interruptions.or(self.preview(period, rows)).await,
            _ => self.all(period, resumed, interruptions).await,
        }
    }

    async fn all(
        &mut self,
        period: Period,
        resumed: Option<ResumeState>,
        interruptions: &mut Interruptions,
    ) -> Result<(), Failure> {
        let query = self.spec.whole(period, &self.owner.zone, self.owner.account.as_deref())?;
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
        let mut is_cut = false;
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
                        self.terminal.note(say!("finishing the page in flight; once more stops now"));
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
            // Where there is a doubt, only the end of the sweep tells whether all came.
            if sweep.tally().pages >= self.turn
                && !is_cut
                && sweep.checkpoint().is_some_and(|here| here.is_sure())
            {
                legs.stop();
                is_cut = true;
                continue;
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
        self.outcome.is_cut = is_cut && !legs.sweep().is_finished();
        match self.outcome.holes.len() {
            0 => Ok(()),
            count => Err(Failure::new(Exit::Incomplete, self.what_lacks(count))
                .because(say!("what the server gives is not what it counts, also when it is asked again"))
                .next(say!("run the command again; if a window stays short, ask for shorter periods"))),
        }
    }

    /// One page of each slice until there are enough rows: mostly one page.
    async fn preview(&mut self, period: Period, wanted: u32) -> Result<(), Failure> {
        let query = self.spec.whole(period, &self.owner.zone, self.owner.account.as_deref())?;
        let mut preview = Preview::new(query, wanted)?;
        while let Some((id, call)) = preview.next_call() {
            match self.client.call(call).await {
                Ok(page) => preview.absorb(id, page),
                Err(error) => {
                    preview
                        .absorb_error(id, error, self.context.brand)
                        .map_err(|error| self.explain(&error))?;
                }
            }
        }
        self.outcome.observe(preview.tally());
        let rest = preview.rest();
        let shortfall = preview.shortfall();
        self.outcome.expected = rest.is_none().then_some(preview.tally().expected);
        self.outcome.complete = rest.is_none() && shortfall.is_none();
        self.outcome.more = rest.map(|rest| (rest.counted, rest.unread));
        let mut filling = Filling::new(self.spec, None);
        let (legs, _) = filling.choose(preview.into_rows())?;
        self.outcome.rows = filling.rows();
        self.pass_on(Page { legs, resume: None }).await?;
        if shortfall.is_none() {
            return Ok(());
        }
        Err(Failure::new(Exit::Incomplete, self.outcome.holes.join("\n  "))
            .next(say!("run the command again")))
    }

    /// Hands a page to the thread that writes.
    async fn pass_on(&self, page: Page) -> Result<(), Failure> {
        if self.writing.write(page).await {
            return Ok(());
        }
        // Its own error, which comes first, is known once it has ended.
        Err(Failure::new(Exit::Bug, say!("nothing is written any more")))
    }

    /// Brings the outcome up to date and says where the run stands.
    fn observe(&mut self, sweep: &Sweep<S::Listing, S::Rows>, period: Period, base: u64, cut: bool) {
        let tally = sweep.tally();
        let ended = tally.windows - self.outcome.windows;
        // The number of windows grows when the core reads a slice in parts.
        let windows = tally.windows + sweep.slices_left() as u64;
        let outcome = &mut *self.outcome;
        outcome.expected = sweep.is_finished().then_some(base + tally.expected);
        outcome.complete = sweep.is_complete() && !cut;
        outcome.more = cut.then_some((0, None));
        outcome.begins_anew |= tally.outdated;
        outcome.observe(tally);
        let (points, minute) = {
            let usage = self.client.usage();
            let minute = usage.minute.and_then(|minute| Some((minute.remaining, minute.limit?)));
            (usage.spent, minute)
        };
        let (rows, pages) = (counted(outcome.rows, self.spec.noun()), tally.pages);
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
        let parts = self.progress.parts(now, &facts, self.spec.noun());
        let more = if period.is_empty() {
            vec![points.clone()]
        } else {
            vec![say!("window {window} of {windows}", window, windows), at.to_string(), points.clone()]
        };
        let left = self.points_left();
        self.terminal.progress(&parts.iter().cloned().chain(more).chain(left).collect::<Vec<_>>());
        // Of very many windows a hundred lines tell as much.
        let is_told = tally.windows % windows.div_ceil(MOST_LINES).max(1) == 0;
        let is_window = ended > 0 && windows > 1 && is_told;
        if is_window || self.progress.is_due(now) {
            self.progress.tell(now);
            let parts = parts.join(" · ");
            self.terminal.step(&say!(
                "window {windows2} of {windows} read · {parts} · {points}",
                windows2 = tally.windows,
                windows,
                parts,
                points
            ));
        }
        let logged = self.facts();
        self.terminal.event(Event::PageOk, &logged);
        self.terminal.progress_json(|| {
            json!({"event": "progress", "rows": logged.rows, "pages": pages, "window": window, "windows": windows,
                "at": at.to_string(), "share": facts.covered, "points": logged.points})
        });
        let pages = grouped(pages);
        self.terminal.detail(&if period.is_empty() {
            say!("page {pages}: {rows} so far, {points}", pages, rows, points)
        } else {
            say!("page {pages}, up to {at}: {rows} so far, {points}", pages, at, rows, points)
        });
    }

    /// Where the run stands, for its log.
    fn facts(&self) -> log::Facts {
        let usage = self.client.usage();
        log::Facts {
            account: self.owner.account.clone(),
            rows: Some(self.outcome.rows),
            points: Some(usage.spent),
            day_remaining: usage.quota_state(QuotaWindow::Day).map(|state| state.remaining),
            ..log::Facts::default()
        }
    }

    /// What the server said last of the points that are left: `minute 12 of 60 left`.
    fn points_left(&self) -> Vec<String> {
        let usage = self.client.usage();
        let of = |span: QuotaWindow| {
            let state = usage.quota_state(span)?;
            let (remaining, limit) = (grouped(state.remaining.into()), grouped(state.limit?.into()));
            Some(say!("{span} {remaining} of {limit} left", span = span.as_str(), remaining, limit))
        };
        [QuotaWindow::Minute, QuotaWindow::Hour, QuotaWindow::Day].into_iter().filter_map(of).collect()
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
        let is_cut = matches!(self.spec.method().shape(), Shape::Hops | Shape::Windows);
        let left = if is_cut { legs_left(begun, period, base, total) } else { Some(total) };
        let Some(left) = left else { return Ok(()) };
        let Ok(rest) = Period::new(begun.min(period.till()), period.till()) else { return Ok(()) };
        let mut pages = if is_cut { forecast(rest, left).calls } else { total.div_ceil(MAX_LIMIT.into()) };
        if let Some(limit) = self.spec.limit().filter(|_| !self.spec.is_chosen_here()) {
            pages = pages.min(limit.saturating_sub(self.outcome.rows).div_ceil(MAX_LIMIT.into()) + 1);
        }
        // The first page is paid for, and what was asked before it.
        let points = pages + u64::from(self.client.usage().spent.saturating_sub(1));
        let unsaid = if self.spec.companions().is_empty() { pages } else { points };
        if unsaid <= UNANNOUNCED {
            return Ok(());
        }
        // A window without legs says nothing of those behind it.
        let is_known = left > 0;
        let said = if is_known {
            say!(
                "about {rows} to read, about {points} in all",
                rows = counted(left, self.spec.noun()),
                points = counted(points, "point")
            )
        } else {
            let windows = rest.slices(LONGEST_SLICE).count() as u64;
            let (points, windows) = (counted(points, "point"), counted(windows, "window"));
            let noun = lang::noun(0, self.spec.noun());
            say!("{noun}: not known yet; at least {points} for {windows}", noun, points, windows)
        };
        if !self.terminal.asks() {
            let is_dear = !is_known && pages > MANY_WINDOWS && !self.is_bounded;
            if is_dear && !self.terminal.has_agreed() {
                return Err(Failure::usage(said)
                    .because(say!(
                        "the period begins long before the first call, and nobody is here to be asked"
                    ))
                    .next(say!(
                        "begin it later; or say how much may be spent: --max-points N, or --yes for all of it"
                    )));
            }
            self.terminal.note(&said);
            return Ok(());
        }
        if self.terminal.ask(&say!("{said}. Go on?", said), is_known).await {
            return Ok(());
        }
        Err(Failure::new(Exit::Interrupted, say!("stopped before more points were spent"))
            .next(say!("ask for a shorter period, or bound the run with --max-points")))
    }

    /// How many windows, or which other part of it all, is not complete, and why.
    fn what_lacks(&self, count: usize) -> String {
        let holes = self.outcome.holes.join("\n  ");
        match (self.spec.method().shape(), count) {
            (Shape::Hops | Shape::Windows, 1) => say!("1 window is not complete:\n  {holes}", holes),
            (Shape::Hops | Shape::Windows, _) => {
                say!("{count} windows are not complete:\n  {holes}", count, holes)
            }
            _ => say!("{name} is not complete:\n  {holes}", name = self.spec.method().name, holes),
        }
    }

    fn explain(&self, error: &Error) -> Failure {
        diagnostics::explain(error, self.context)
    }
}

/// A period as logs have it.
pub(crate) fn wall_period(period: Period) -> String {
    format!("{}..{}", wall_time::format(period.from()), wall_time::format(period.till()))
}

/// The share of the period that lies before this moment.
fn covered(period: Period, at: NaiveDateTime) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a share is rounded to a hundredth")]
    let seconds = |from: NaiveDateTime, till: NaiveDateTime| (till - from).num_seconds().max(0) as f64;
    seconds(period.from(), at) / seconds(period.from(), period.till()).max(1.0)
}

/// How many legs lie behind a moment of the period, when those before it and those up to the end of its window are
/// counted: the windows after it are taken to be as dense.
pub(crate) fn legs_left(begun: NaiveDateTime, period: Period, base: u64, total: u64) -> Option<u64> {
    let window = period.slices(LONGEST_SLICE).find(|slice| begun < slice.till())?;
    let seconds =
        |from: NaiveDateTime, till: NaiveDateTime| u64::try_from((till - from).num_seconds()).unwrap_or(0);
    let known = seconds(period.from(), window.till()).max(1);
    let later = (base + total).saturating_mul(seconds(window.till(), period.till())).div_ceil(known);
    Some(total + later)
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
