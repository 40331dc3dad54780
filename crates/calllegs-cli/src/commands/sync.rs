//! `calllegs sync`: what is due by the ledgers of some places, read once and put into all of them. Not here: what is due
//! ([`Ledger`](calllegs_store::Ledger)), how rows become windows (`calllegs_store::windows`).

mod account;
mod fan_out;
mod job;
mod reading;
mod summary;

use std::{path::PathBuf, sync::Arc};

use calllegs_store::{AtomicFile, windows::run_id};
use chrono::{DateTime, Utc};

pub(crate) use self::reading::{Reading, name};
use self::{
    account::Loader,
    job::Job,
    summary::{METRICS_BEGIN, SUMMARY_BEGINS, Synced},
};
use crate::{
    account::{connect, identity},
    cli::{Common, SyncArgs},
    commands::customers,
    failure::{Exit, Failure},
    ui::{stdout, terminal::Terminal},
};

/// Runs the command.
pub(crate) fn run(
    args: &SyncArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    let job = Job::read(args, common)?;
    let places = job.open()?;
    let file = |path: &Option<PathBuf>, flag, what, begins: &'static str| {
        let ours = move |first: &[u8]| first.starts_with(begins.as_bytes());
        let file = path.as_deref().map(|path| AtomicFile::create_over(path, (flag, what), ours));
        file.transpose().map_err(|error| Failure::from(error).unspent())
    };
    let summary = file(&args.summary_file, "--summary-file", "summary", SUMMARY_BEGINS)?;
    let metrics = file(&args.metrics_file, "--metrics-file", "file of figures", METRICS_BEGIN)?;
    let run_id = run_id(now);
    let mut synced = Synced::of(&run_id);
    let ended = (|| {
        let given = identity::given(common, now)?;
        let loader = Loader { job: &job, run_id: &run_id, given: given.as_ref(), now };
        if customers::are_asked(&args.customers, common) {
            stdout::check()?;
            return fan_out::sync(&loader, &places, &args.customers, common, terminal, &mut synced);
        }
        if job.dry_run {
            stdout::check()?;
        }
        loader.alone(&connect::find(common, terminal)?, &places, terminal, &mut synced)
    })();
    synced.end(&ended);
    if let Some(told) = &synced.shared {
        terminal.note(told);
    }
    let written =
        [(summary, summary::json(&synced)?), (metrics, summary::prometheus(&synced, now).into_bytes())]
            .into_iter()
            .try_for_each(|(file, text)| file.map_or(Ok(()), |file| summary::fill(file, &text)));
    ended.and(written).map(|()| Exit::Done)
}
