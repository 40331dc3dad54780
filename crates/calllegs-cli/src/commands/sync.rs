//! `calllegs sync`: what is due by the ledgers of some places, read once and put into all of them. Not here: what is due
//! ([`Ledger`](calllegs_store::Ledger)), how rows become windows (`calllegs_store::windows`).

mod account;
mod fan_out;
mod job;
mod listings;
mod reading;
mod recount;
mod summary;

use std::sync::Arc;

use calllegs_store::windows::run_id;
use chrono::{DateTime, Utc};

pub(crate) use self::reading::{Reading, name};
use self::{
    account::Loader,
    job::Job,
    summary::{Reports, Synced},
};
use crate::{
    account::{connect, identity},
    cli::{Common, SyncArgs, SyncSettings},
    commands::customers,
    failure::{Exit, Failure},
    input::{place::Place, redaction},
    lang::say,
    ui::{findings, stdout, terminal::Terminal},
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
        let asked = listings::Asked::read(&args.report)?;
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
        let loader = Loader { job: &job, run_id: &run_id, given: given.as_ref(), now };
        if !asked.listings.is_empty() && (job.dry_run || customers::are_asked(&args.customers, common)) {
            let (flag, instead) = if job.dry_run {
                ("--dry-run", say!("calllegs plan --report NAME forecasts one"))
            } else {
                ("--report", say!("name one account with --user-id"))
            };
            return Err(Failure::usage(say!("{flag} is for legs, or for one account", flag))
                .because(say!("other reports are read one after the other, into tables of one account"))
                .next(instead)
                .unspent());
        }
        if customers::are_asked(&args.customers, common) {
            stdout::check()?;
            return fan_out::sync(&loader, &places, &args.customers, common, terminal, &mut synced);
        }
        if job.dry_run {
            stdout::check()?;
        }
        let connection = connect::find(common, terminal)?;
        let ended =
            if asked.legs { loader.alone(&connection, &places, terminal, &mut synced) } else { Ok(()) };
        match &ended {
            // What is missing of legs keeps no other report back.
            Err(failure) if failure.exit != Exit::Incomplete => return ended,
            Ok(()) | Err(_) if asked.listings.is_empty() => return ended,
            Ok(()) | Err(_) => {}
        }
        let listed = listings::sync(&loader, &asked.listings, &connection, &places, terminal, &mut synced);
        listed.and(ended)
    });
    let ended = ended.and_then(|()| {
        if args.strict {
            findings::strict(&synced.drift.iter().cloned().collect::<Vec<_>>())?;
        }
        if args.fail_if_empty && synced.rows == 0 && !args.dry_run {
            return Err(Failure::new(Exit::Empty, say!("no legs were read"))
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
