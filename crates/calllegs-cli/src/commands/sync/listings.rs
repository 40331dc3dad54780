//! `sync --report`: listings other than legs, each into a table of its own. Not here: legs (`account`), how rows become
//! windows (`calllegs_store::listings`).

use std::sync::Arc;

use calllegs_core::{Period, schema::MethodInfo, window::LONGEST_SLICE};
use calllegs_store::{
    Findings, ListingSpec, ListingWriter, RowSpec,
    export::readable,
    ledger::{Window, joined},
    listings::{ListingCounts, has_windows, takes_legs_alone},
    windows::Shared,
};

use super::{
    account::{Loader, kept},
    reading::Leased,
    summary::Synced,
};
use crate::{
    account::session::{Line, Session},
    commands::plan::{self, Counted, Expected},
    failure::{Exit, Failure},
    input::listing::of_brand,
    lang::say,
    ui::{
        diagnostics, findings,
        outcome::Outcome,
        stdout,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Reads what is due of the listings that are asked for into the places, or says what that would cost.
pub(super) fn sync(
    loader: &Loader<'_>,
    session: &Session,
    line: &mut Line,
    places: &[Shared],
    terminal: &Arc<Terminal>,
    synced: &mut Synced,
) -> Result<(), Failure> {
    if loader.asked.listings.is_empty() {
        return Ok(());
    }
    let mut reader =
        Reader { loader, session, places, terminal, line, drifted: Vec::new(), is_shared: false };
    if loader.job.dry_run {
        return reader.tell_forecasts();
    }
    let leased = Leased::take(places, session.account(), loader.run_id)?;
    // Legs have told what is new in the place, where they are read too.
    for told in leased.told.iter().filter(|_| !loader.asked.legs) {
        terminal.note(told);
    }
    reader.read_all(synced).map_err(kept)
}

/// Reads what is due of the listings of one account of several, which is leased: what another run of this round has read
/// into a database is not due.
pub(super) fn read(
    loader: &Loader<'_>,
    session: &Session,
    line: &mut Line,
    places: &[Shared],
    terminal: &Arc<Terminal>,
    synced: &mut Synced,
) -> Result<(), Failure> {
    let mut reader = Reader { loader, session, places, terminal, line, drifted: Vec::new(), is_shared: true };
    reader.read_all(synced)
}

/// What reading the listings of an account costs.
pub(super) fn forecast(
    loader: &Loader<'_>,
    session: &Session,
    line: &mut Line,
    places: &[Shared],
    terminal: &Arc<Terminal>,
) -> Result<Counted, Failure> {
    let mut reader =
        Reader { loader, session, places, terminal, line, drifted: Vec::new(), is_shared: false };
    let mut all = Counted::default();
    for method in &loader.asked.listings {
        for slice in reader.due(method)? {
            let forecast = reader.forecast(method, slice)?;
            all += Counted {
                legs: forecast.rows.unwrap_or_default(),
                calls: forecast.calls * u64::from(method.cost),
                ..Counted::default()
            };
        }
    }
    Ok(all)
}

/// What came of a listing.
#[derive(Default)]
struct Listed {
    rows: u64,
    counts: ListingCounts,
}

struct Reader<'r> {
    loader: &'r Loader<'r>,
    session: &'r Session,
    places: &'r [Shared],
    terminal: &'r Arc<Terminal>,
    line: &'r mut Line,
    /// In what rows are not as they are documented.
    drifted: Vec<String>,
    /// Other runs of the same round may read the account.
    is_shared: bool,
}

impl Reader<'_> {
    /// The slices of time that are to be read; of a listing without a period one of no time.
    fn due(&self, method: &'static MethodInfo) -> Result<Vec<Period>, Failure> {
        let Self { loader: Loader { job, run_id, .. }, session, .. } = self;
        of_brand(method, session.connection.context().brand)?;
        let is_windowed = has_windows(method)?;
        let (mut due, mut is_read) = (Vec::new(), true);
        for (place, known) in self.places.iter().zip(&job.places) {
            let mut place = place.lock();
            let address = place.address().to_owned();
            let listings = place.listings().ok_or_else(|| takes_legs_alone(&address))?;
            let ledger = listings.ledger_of(method, session.account())?;
            let is_of_round = |window: &Window| self.is_shared && job.is_read(known, window, session, run_id);
            if is_windowed {
                let lacks = say!("the place has no rows of {name}", name = method.name);
                due.extend(job.due_by(&ledger, &session.clock, &lacks, is_of_round)?);
            } else {
                is_read &= ledger.windows().iter().any(is_of_round);
            }
        }
        if !is_windowed {
            return Ok(if is_read { Vec::new() } else { vec![Period::NONE] });
        }
        Ok(joined(due).into_iter().flat_map(|period| period.slices(LONGEST_SLICE)).collect())
    }

    /// Reads what is due of each, and tells of it.
    fn read_all(&mut self, synced: &mut Synced) -> Result<(), Failure> {
        for place in self.places {
            let mut place = place.lock();
            let address = place.address().to_owned();
            let listings = place.listings().ok_or_else(|| takes_legs_alone(&address))?;
            for method in &self.loader.asked.listings {
                listings.prepare(method)?;
            }
        }
        let (mut holes, mut has_replaced) = (Vec::new(), false);
        for method in &self.loader.asked.listings {
            let read = self.read(method, &mut holes);
            synced.spent(&self.session.connection);
            synced.drift.extend(self.drifted.drain(..));
            let Listed { rows, counts } = read?;
            synced.listed(method, rows, counts);
            has_replaced |= counts.has_replaced;
            let [new, changed] = [counts.inserted, counts.changed].map(grouped);
            self.terminal.note(&say!(
                "{name}: {rows} read, {new} new, {changed} changed",
                name = method.name,
                rows = counted(rows, "row"),
                new,
                changed
            ));
            if counts.gone > 0 {
                let removed = self.loader.job.exact || !has_windows(method)?;
                let what = if removed { say!("removed") } else { say!("kept: --exact removes them") };
                let gone = counted(counts.gone, "row");
                self.terminal.warn(&say!(
                    "{name}: the server does not have {gone} any more, {what}",
                    name = method.name,
                    gone,
                    what
                ));
            }
        }
        if has_replaced {
            self.terminal.note(say!(
                "some text has characters that PostgreSQL cannot hold (U+0000): U+FFFD stands there"
            ));
        }
        if holes.is_empty() {
            return Ok(());
        }
        synced.holes.extend(holes.iter().cloned());
        let holes = holes.join("\n  ");
        Err(Failure::new(Exit::Incomplete, say!("not everything came:\n  {holes}", holes))
            .because(say!("what the server gives is not what it counts, also when it is asked again"))
            .next(say!("run the command again: what is missing is still due")))
    }

    fn read(&mut self, method: &'static MethodInfo, holes: &mut Vec<String>) -> Result<Listed, Failure> {
        let mut all = Listed::default();
        for slice in self.due(method)? {
            let Listed { rows, counts } = self.slice(method, slice, holes)?;
            all.rows += rows;
            all.counts.add(counts);
        }
        Ok(all)
    }

    /// The rows of a listing that are wanted: all that the brand documents.
    fn spec(&self, method: &'static MethodInfo) -> ListingSpec {
        let mut spec = ListingSpec::new(method);
        let brand = self.session.connection.context().brand;
        spec.columns.retain(|field| brand.is_none_or(|brand| field.is_documented(brand)));
        spec
    }

    fn forecast(&mut self, method: &'static MethodInfo, slice: Period) -> Result<Expected, Failure> {
        let Session { connection, clock, .. } = self.session;
        let mut context = connection.context();
        context.clock = Some(clock.clone());
        let period = readable(slice, clock.local());
        let spec = self.spec(method);
        self.line.wait(plan::expected(&connection.client, &spec, period, &context))
    }

    /// Says what would be read, and what that costs.
    fn tell_forecasts(&mut self) -> Result<(), Failure> {
        for method in &self.loader.asked.listings {
            let due = self.due(method)?;
            if has_windows(method)? {
                self.line.wait(plan::agree(self.terminal, &due))?;
            }
            let mut all = Expected::default();
            for slice in due {
                all += self.forecast(method, slice)?;
            }
            let points = counted(all.calls * u64::from(method.cost), "point");
            let rows = all.rows.map(|rows| counted(rows, "row"));
            let rows = rows.unwrap_or_else(|| say!("one answer holds all").to_owned());
            let name = method.name;
            stdout::print(&say!("{name}  {rows}, about {points}\n", name, rows, points))?;
        }
        Ok(())
    }

    /// Reads a slice of the time of a listing, or all of one without a period, and puts it.
    fn slice(
        &mut self,
        method: &'static MethodInfo,
        period: Period,
        holes: &mut Vec<String>,
    ) -> Result<Listed, Failure> {
        let spec = self.spec(method);
        let Self { loader, session, places, terminal, line, drifted, .. } = self;
        let Session { connection, owner, clock } = session;
        let before = connection.client.usage().spent;
        let mut context = connection.context();
        context.clock = Some(clock.clone());
        context.period = Some(period).filter(|period| !period.is_empty());
        let reading = readable(period, clock.local());
        let query = spec.whole(reading, &owner.zone, owner.account.as_deref())?;
        let told = |error: calllegs_core::Error| diagnostics::explain(&error, &context);
        let mut rows = connection.client.sweep(query).map_err(told)?.ahead(loader.job.ahead);
        let keys = (session.account(), loader.run_id);
        let mut writer = ListingWriter::new(places, method, keys, clock.now).exact(loader.job.exact);
        loop {
            let page = line.wait(async { rows.next_page().await.map_err(told) })?;
            let Some(page) = page else { break };
            writer.take(page)?;
            terminal.detail(&say!(
                "{name}: {rows} so far",
                name = method.name,
                rows = counted(writer.rows(), "row")
            ));
        }
        let tally = rows.sweep().tally();
        let mut outcome = Outcome::default();
        outcome.observe(tally);
        for warning in outcome.warnings("row") {
            terminal.warn(&format!("{}: {warning}", method.name));
        }
        let drift = findings::drift(&Findings::default(), &outcome.notes);
        drifted.extend(drift.into_iter().map(|drift| format!("{}: {drift}", method.name)));
        let of_method = tally.gaps.iter().map(|gap| format!("{}: {gap}", method.name));
        holes.extend(of_method);
        let read = writer.rows();
        let points = u64::from(connection.client.usage().spent.saturating_sub(before));
        let counts = if !period.is_empty() {
            writer.end(period, &tally.gaps, clock.local() - loader.job.schedule.settle, points)?
        } else if tally.gaps.is_empty() {
            writer.replace(points)?
        } else {
            // A part of it takes the place of nothing.
            ListingCounts::default()
        };
        Ok(Listed { rows: read, counts })
    }
}
