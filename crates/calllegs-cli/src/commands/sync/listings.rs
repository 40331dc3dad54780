//! `sync --report`: listings other than legs, each into a table of its own. Not here: legs (`account`), how rows become
//! windows (`calllegs_store::listings`).

use std::sync::Arc;

use calllegs_core::{Period, schema::MethodInfo, window::LONGEST_SLICE};
use calllegs_store::{
    ListingSpec, ListingWriter, RowSpec,
    export::readable,
    listings::{ListingCounts, has_windows, takes_legs_alone},
    windows::Shared,
};

use super::{account::Loader, reading::Leased, summary::Synced};
use crate::{
    account::{
        connect::Connection,
        session::{Line, Session},
    },
    failure::{Exit, Failure},
    input::listing::{is_legs, method},
    lang::say,
    ui::{
        diagnostics,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// The reports that a sync is asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Legs among them, or nothing else was said.
    pub(super) legs: bool,
    pub(super) listings: Vec<&'static MethodInfo>,
}

impl Asked {
    /// Reads the names.
    ///
    /// # Errors
    /// Of a name that is none, a report that no database keeps, and one that needs parameters.
    pub(super) fn read(names: &[String]) -> Result<Self, Failure> {
        let mut asked = Self { legs: names.is_empty(), listings: Vec::new() };
        for name in names {
            if is_legs(name) {
                asked.legs = true;
                continue;
            }
            let method = method(name)?;
            has_windows(method)?;
            let own = ["access_token", "date_from", "date_till"];
            let mut required = method.params.iter().filter(|param| param.required);
            if let Some(param) = required.find(|param| !own.contains(&param.name)) {
                return Err(Failure::usage(say!("{name} is not kept in a database", name = method.name))
                    .because(say!(
                        "it needs `{param}`, and a table would hold the rows of one value of it",
                        param = param.name
                    ))
                    .next(say!("calllegs get --report writes them to a file, with --param")));
            }
            if !asked.listings.iter().any(|known| known.name == method.name) {
                asked.listings.push(method);
            }
        }
        Ok(asked)
    }

    /// Refuses places that keep legs alone, before anything is spent.
    pub(super) fn check(&self, places: &[Shared]) -> Result<(), Failure> {
        for place in places.iter().filter(|_| !self.listings.is_empty()) {
            let mut place = place.lock();
            if place.listings().is_none() {
                return Err(Failure::from(takes_legs_alone(place.address())).unspent());
            }
        }
        Ok(())
    }
}

/// Reads what is due of these listings into the places.
pub(super) fn sync(
    loader: &Loader<'_>,
    listings: &[&'static MethodInfo],
    connection: &Connection,
    places: &[Shared],
    terminal: &Arc<Terminal>,
    synced: &mut Synced,
) -> Result<(), Failure> {
    let mut line = Line::open()?;
    let session = loader.open(connection, &mut line, terminal, synced)?;
    let _leased = Leased::take(places, session.account(), loader.run_id)?;
    let mut reader = Reader { loader, session: &session, places, terminal, line: &mut line };
    let mut holes = Vec::new();
    for method in listings {
        let read = reader.read(method, &mut holes);
        synced.spent(connection);
        let Listed { rows, counts } = read?;
        let [new, changed] = [counts.inserted, counts.changed].map(grouped);
        terminal.note(&say!(
            "{name}: {rows} read, {new} new, {changed} changed",
            name = method.name,
            rows = counted(rows, "row"),
            new,
            changed
        ));
        if counts.gone > 0 {
            let removed = loader.job.exact || !has_windows(method)?;
            let what = if removed { say!("removed") } else { say!("kept: --exact removes them") };
            let gone = counted(counts.gone, "row");
            terminal.warn(&say!(
                "{name}: the server does not have {gone} any more, {what}",
                name = method.name,
                gone,
                what
            ));
        }
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
    terminal: &'r Terminal,
    line: &'r mut Line,
}

impl Reader<'_> {
    fn read(&mut self, method: &'static MethodInfo, holes: &mut Vec<String>) -> Result<Listed, Failure> {
        if !has_windows(method)? {
            return self.slice(method, Period::NONE, holes);
        }
        let mut due = Vec::new();
        for place in self.places {
            let mut place = place.lock();
            let address = place.address().to_owned();
            let listings = place.listings().ok_or_else(|| takes_legs_alone(&address))?;
            let ledger = listings.ledger_of(method, self.session.account())?;
            due.extend(self.loader.job.due_by(&ledger, &self.session.clock)?);
        }
        let mut all = Listed::default();
        for period in calllegs_store::ledger::joined(due) {
            for slice in period.slices(LONGEST_SLICE) {
                let Listed { rows, counts } = self.slice(method, slice, holes)?;
                all.rows += rows;
                all.counts.inserted += counts.inserted;
                all.counts.changed += counts.changed;
                all.counts.gone += counts.gone;
            }
        }
        Ok(all)
    }

    /// Reads a slice of the time of a listing, or all of one without a period, and puts it.
    fn slice(
        &mut self,
        method: &'static MethodInfo,
        period: Period,
        holes: &mut Vec<String>,
    ) -> Result<Listed, Failure> {
        let Self { loader, session, places, terminal, line } = self;
        let Session { connection, owner, clock } = session;
        let before = connection.client.usage().spent;
        let mut spec = ListingSpec::new(method);
        let brand = connection.context().brand;
        spec.columns.retain(|field| brand.is_none_or(|brand| field.is_documented(brand)));
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
