//! Listings that are read whole beside legs, to be joined to them (`get --with`) or held against them (`verify --against`).
//!
//! All of their rows come or the run fails: no leg gets a null because a page did not come. A run that stops keeps nothing of
//! them, and the next one reads them again: they are the smaller part, and what legs get is of one reading. Not here: which
//! listings there are (`input::with`), the join itself (`calllegs_store`).

use calllegs_arrow::report::ReportColumns;
use calllegs_core::{
    Error, Period,
    client::Rows,
    schema::{AnyListing, MethodInfo},
    sweep::{Tally, forecast},
};
use calllegs_store::{
    self as store, Companion, JoinRows, JoinTable, JoinedWriter, ListingSpec, RowSpec, destination::Writer,
};

use crate::{
    account::{connect::Connection, identity::AccountIdentity},
    commands::export::{UNANNOUNCED, legs_left},
    failure::{Exit, Failure},
    lang::say,
    signals::Interruptions,
    ui::{
        diagnostics::{self, Context},
        outcome::Without,
        terminal::Terminal,
        text::counted,
    },
};

/// Reads them.
pub(super) struct Companions<'r> {
    connection: &'r Connection,
    owner: &'r AccountIdentity,
    context: &'r Context,
    terminal: &'r Terminal,
    interruptions: &'r mut Interruptions,
    ahead: usize,
}

/// A listing under way.
struct Reading {
    companion: &'static Companion,
    rows: Rows<AnyListing, ReportColumns<AnyListing>>,
    table: JoinTable,
    /// Calls that are still to come, as the first page lets expect.
    expected: u64,
    is_over: bool,
}

impl<'r> Companions<'r> {
    /// Over a connection, to the account of this owner.
    pub(super) const fn new(
        connection: &'r Connection,
        (owner, context): (&'r AccountIdentity, &'r Context),
        terminal: &'r Terminal,
        interruptions: &'r mut Interruptions,
        ahead: usize,
    ) -> Self {
        Self { connection, owner, context, terminal, interruptions, ahead }
    }

    /// A writer that joins them to legs, with the legs that it finds no row for; or the one that it was, and why.
    pub(super) async fn join(
        self,
        companions: &[&'static Companion],
        period: Period,
        writer: Box<dyn Writer>,
    ) -> (Box<dyn Writer>, Result<Without, Failure>) {
        if companions.is_empty() {
            return (writer, Ok(Without::default()));
        }
        match self.read(companions, period).await {
            Ok(tables) => {
                let writer = JoinedWriter::new(writer, tables);
                let names = companions.iter().map(|companion| companion.method().name).collect();
                let without = Without { names, counts: writer.unmatched() };
                (Box::new(writer), Ok(without))
            }
            Err(failure) => (writer, Err(failure)),
        }
    }

    /// All rows of all listings for the legs of a period.
    ///
    /// # Errors
    /// Of any kind; then nothing of them is left.
    pub(super) async fn read(
        mut self,
        companions: &[&'static Companion],
        period: Period,
    ) -> Result<Vec<JoinRows>, Failure> {
        let mut readings = Vec::new();
        // A page of each first: what it all costs is said before the rest is bought.
        for companion in companions {
            readings.push(self.begin(companion, period).await?);
        }
        self.announce(&readings).await?;
        let mut tables = Vec::new();
        for mut reading in readings {
            while !reading.is_over {
                self.page(&mut reading).await?;
            }
            let method = reading.companion.method();
            self.complete(reading.companion, reading.rows.sweep().tally())?;
            let rows = counted(reading.table.rows(), "row");
            self.terminal.note(&say!("{name}: {rows} read", name = method.name, rows));
            tables.push(reading.table.finish()?);
        }
        Ok(tables)
    }

    async fn begin(&mut self, companion: &'static Companion, legs: Period) -> Result<Reading, Failure> {
        let period = companion.period(legs);
        let spec = ListingSpec::of_companion(companion, self.context.brand);
        let query = spec.whole(period, &self.owner.zone, None)?;
        let rows = self.connection.client.sweep(query).map_err(|error| self.explain(&error))?;
        let rows = rows.ahead(self.ahead);
        let table = JoinTable::new(companion);
        let mut reading = Reading { companion, rows, table, expected: 0, is_over: false };
        self.page(&mut reading).await?;
        let sweep = reading.rows.sweep();
        if let Some(total) = sweep.counted().filter(|_| !reading.is_over) {
            let left = legs_left(period.from(), period, 0, total).unwrap_or(total);
            reading.expected = forecast(period, left).calls.saturating_sub(1);
        }
        Ok(reading)
    }

    /// Takes the next page.
    async fn page(&mut self, reading: &mut Reading) -> Result<(), Failure> {
        let told = |error: Error| diagnostics::explain(&error, self.context);
        let page = self.interruptions.or(async { reading.rows.next_page().await.map_err(told) }).await;
        let page = page.map_err(|failure| Failure {
            kept: failure.kept.or_else(|| Some(unkept(reading.companion.method()))),
            ..failure
        })?;
        match page {
            Some(rows) => reading.table.take(&rows).map_err(unjoined)?,
            None => reading.is_over = true,
        }
        let (name, rows) = (reading.companion.method().name, counted(reading.table.rows(), "row"));
        self.terminal.detail(&say!("{name}: {rows} so far", name, rows));
        Ok(())
    }

    /// Says what the rest of the listings costs, and asks where somebody can answer. Legs that come behind have a word of
    /// their own.
    async fn announce(&self, readings: &[Reading]) -> Result<(), Failure> {
        let expected: u64 = readings.iter().map(|reading| reading.expected).sum();
        if expected <= UNANNOUNCED {
            return Ok(());
        }
        let names: Vec<_> = readings.iter().map(|reading| reading.companion.method().name).collect();
        let said = say!(
            "{names}: about {points} more",
            names = names.join(", "),
            points = counted(expected, "point")
        );
        if !self.terminal.asks() {
            self.terminal.note(&said);
            return Ok(());
        }
        if self.terminal.ask(&say!("{said}. Go on?", said), true).await {
            return Ok(());
        }
        Err(Failure::new(Exit::Interrupted, say!("stopped before more points were spent"))
            .next(say!("ask for a shorter period, or bound the run with --max-points")))
    }

    /// Refuses to go on where rows are missing, or may be.
    fn complete(&self, companion: &'static Companion, tally: &Tally) -> Result<(), Failure> {
        let name = companion.method().name;
        if !tally.gaps.is_empty() {
            let gaps: Vec<_> = tally.gaps.iter().map(ToString::to_string).collect();
            let holes = gaps.join("\n  ");
            return Err(Failure::new(
                Exit::Incomplete,
                say!("{name} is not complete:\n  {holes}", name, holes),
            )
            .because(say!("what the server gives is not what it counts, also when it is asked again"))
            .next(say!("run the command again")));
        }
        if !tally.absent.is_empty() {
            let columns: Vec<_> = tally.absent.iter().map(|column| column.name()).collect();
            let columns = columns.join(", ");
            self.terminal.warn(&say!("{name}: {columns} missing in the replies, and null", name, columns));
        }
        if tally.repeats == 0 {
            return Ok(());
        }
        let rows = counted(tally.repeats, "row");
        if companion.has_amounts() {
            return Err(Failure::new(
                Exit::Incomplete,
                say!("{name} lists {rows} more than once", name, rows),
            )
            .because(say!("one row a leg is documented, and two may be two charges as well as copies of one"))
            .next(say!("leave `costs` out of --with, and look at the report by itself")));
        }
        self.terminal
            .warn(&say!("the server lists {legs} more than once: given as listed last", legs = rows));
        Ok(())
    }

    fn explain(&self, error: &Error) -> Failure {
        diagnostics::explain(error, self.context)
    }
}

/// Rows that the server gives, and that cannot be joined.
fn unjoined(error: store::Error) -> Failure {
    let failure = Failure::from(error);
    if failure.exit == Exit::Bug { failure } else { Failure { exit: Exit::Incomplete, ..failure } }
}

/// What is left of a listing that did not come whole.
fn unkept(method: &'static MethodInfo) -> String {
    say!("nothing of {name}: it is read whole or not at all", name = method.name)
}
