//! `calllegs sync`: what is due by the ledgers of some places, read once and put into all of them. Not here: what is due
//! ([`Ledger`](calllegs_store::Ledger)), how rows become windows (`calllegs_store::windows`).

mod account;
mod asked;
mod fan_out;
mod job;
mod listings;
mod reading;
mod recount;
mod summary;

use std::sync::Arc;

use calllegs_store::windows::{Shared, run_id};
use chrono::{DateTime, Utc};

use self::{
    account::Loader,
    asked::Asked,
    job::Job,
    summary::{Reports, Synced},
};
pub(crate) use self::{
    reading::{Reading, name},
    summary::stretches,
};
use crate::{
    account::{
        connect::{self, Connection},
        identity,
        session::Line,
    },
    cli::{Common, SyncArgs, SyncSettings},
    commands::customers,
    failure::{Exit, Failure},
    input::{place::Place, redaction},
    lang::say,
    ui::{findings, stdout, terminal::Terminal, text::counted},
};

/// Runs the command.
pub(crate) fn run(
    args: &SyncArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    let (reports, opened) = Reports::open(args);
    // A log has the same name for the run.
    let run_id = terminal.log().map_or_else(|| run_id(now), |log| log.run_id().to_owned());
    let mut synced = Synced::of(&run_id);
    let ended = opened.and_then(|()| {
        if args.json {
            stdout::check()?;
        }
        let asked = Asked::read(&args.report)?;
        let job = Job::read(args, common)?;
        let places = job.open()?;
        asked.check(&places)?;
        if !asked.listings.is_empty() {
            redaction::refuse(job.redaction.as_ref())?;
        }
        if let Some(redaction) = &job.redaction {
            terminal.note(&say!("redacted: {redaction}", redaction));
        }
        let given = identity::given(common, now)?;
        let loader = Loader { job: &job, asked: &asked, run_id: &run_id, given: given.as_ref(), now };
        if job.dry_run || customers::are_asked(&args.customers, common) {
            stdout::check()?;
        }
        if customers::are_asked(&args.customers, common) {
            return fan_out::sync(&loader, &places, &args.customers, common, terminal, &mut synced);
        }
        one(&loader, &connect::find(common, terminal)?, &places, terminal, &mut synced)
    });
    let ended = ended.and_then(|()| {
        if args.strict {
            findings::strict(&synced.drift.iter().cloned().collect::<Vec<_>>())?;
        }
        if args.fail_if_empty && synced.all_rows() == 0 && !args.dry_run {
            let is_of_legs = args.report.is_empty();
            let what = if is_of_legs { say!("no legs were read") } else { say!("no rows were read") };
            return Err(Failure::new(Exit::Empty, what)
                .because(say!("nothing was due, or the server has none in what was"))
                .next(say!("leave --fail-if-empty out where that is no error")));
        }
        Ok(())
    });
    synced.end(&ended);
    if let Some(log) = terminal.log() {
        log.total(synced.facts());
    }
    if let Some(told) = &synced.shared {
        terminal.note(told);
    }
    let written = reports.write(&synced, now);
    if args.json {
        stdout::print_json(&synced)?;
    }
    ended.and(written).map(|()| Exit::Done)
}

/// Reads what is due of the one account of a connection: legs, then the other reports.
fn one(
    loader: &Loader<'_>,
    connection: &Connection,
    places: &[Shared],
    terminal: &Arc<Terminal>,
    synced: &mut Synced,
) -> Result<(), Failure> {
    let mut line = Line::open()?;
    let session = loader.open(connection, &mut line, terminal, synced)?;
    let mut ended = Ok(());
    if loader.asked.legs {
        ended = loader.alone(&session, &mut line, places, terminal, synced);
        // What is missing of legs keeps no other report back.
        if matches!(&ended, Err(failure) if failure.exit != Exit::Incomplete) {
            return ended;
        }
    }
    let listed = listings::sync(loader, &session, &mut line, places, terminal, synced);
    if loader.job.dry_run && listed.is_ok() {
        let spent = connection.client.usage().spent;
        terminal.note(&say!(
            "nothing is read; {points} spent to learn this",
            points = counted(spent.into(), "point")
        ));
    }
    listed.and(ended)
}

/// Looks at what a profile says of a sync, as far as that can be done without its account.
pub(crate) fn check(profile: &SyncSettings) -> Result<(), Failure> {
    let args = SyncArgs::default().or(profile);
    job::times(&args)?;
    redaction::check(&profile.redact)?;
    args.to.iter().try_for_each(|place| Place::read(place).map(drop))
}

/// Tells programs of a run that ended before it could begin.
pub(crate) fn unbegun(args: &SyncArgs, failure: &Failure, now: DateTime<Utc>) -> Result<(), Failure> {
    let (reports, opened) = Reports::open(args);
    let mut synced = Synced::of(&run_id(now));
    synced.end(&Err(failure.brief()));
    let written = reports.write(&synced, now);
    opened.and(written)
}
