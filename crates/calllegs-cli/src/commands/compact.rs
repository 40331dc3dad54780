//! `calllegs compact`: the small files of a lake put together. Nothing is asked of the API and no row changes.

use calllegs_store::{warehouse::Warehouse as _, windows::run_id};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::{
    cli::CompactArgs,
    clock::Clock,
    failure::Failure,
    input::{
        dates::{Date, Range},
        place::{Place, chosen},
    },
    lang::say,
    ui::{stdout, terminal::Terminal, text::counted},
};

/// Runs the command.
pub(crate) fn run(args: &CompactArgs, terminal: &Terminal, now: DateTime<Utc>) -> Result<(), Failure> {
    let mut lake = Place::of_data(&args.data)?.lake()?;
    // Dates of a lake are the account's; one more or less is put together the next time.
    let clock = Clock { now, zone: Tz::UTC.into(), dates: None };
    let before = Range::Between(Date::read(&args.before)?, Date::Now).resolve(&clock)?.period.from().date();
    let accounts = chosen(args.account.as_deref(), lake.accounts()?)?;
    let mut all = Vec::new();
    for account in accounts {
        lake.lease(&account, &run_id(now))?.iter().for_each(|told| terminal.note(told));
        let compacted = lake.compact(&account, before);
        lake.release(&account);
        let dates = compacted?;
        if !args.json {
            stdout::print(&say!(
                "{account}: {dates} put together\n",
                account,
                dates = counted(dates as u64, "date")
            ))?;
        }
        all.push(json!({ "account": account, "dates": dates }));
    }
    if args.json { stdout::print_json(&all) } else { Ok(()) }
}
