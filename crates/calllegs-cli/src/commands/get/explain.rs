//! `get --explain`: the requests of a job, which are printed and not sent. Not here: what they are (`calllegs_core`).

use std::io::{self, Write};

use calllegs_core::{
    Accounts, Brand, Query,
    call::Raw,
    rpc::{self, Identity, RequestId},
    sweep::{Preview, Sweep},
};
use calllegs_store::{ListingSpec, RowSpec, export::readable};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Job;
use crate::{
    account::identity::AccountIdentity,
    cli::Common,
    clock::Clock,
    commands::export,
    failure::Failure,
    input::dates::{Range, describe},
    lang::say,
    ui::{
        diagnostics::{self, Context},
        stdout,
        terminal::Terminal,
    },
};

/// Prints the requests of a job, one a line, and sends nothing.
pub(super) fn explain<S: RowSpec>(
    job: &Job<S>,
    brand: Option<Brand>,
    common: &Common,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    stdout::check()?;
    let mut identity = Identity::key("…");
    let mut bodies = Vec::new();
    let mut number = 0;
    let mut id = || {
        number += 1;
        RequestId::new(number)
    };
    let refused = |error: calllegs_core::Error| diagnostics::explain(&error, &Context::default());
    identity.user_id = common.one_user()?;
    let is_dated = job.range != Range::None;
    if is_dated || job.spec.is_typed() {
        bodies.push(
            match identity.user_id {
                Some(_) => rpc::request(&Raw::new("getobj.account", serde_json::Map::new()), &identity, id()),
                None => rpc::request(&Query::<Accounts>::all(), &identity, id()),
            }
            .map_err(refused)?,
        );
    }
    let (zone, source) = match &job.zone {
        Some(zone) => (zone.clone(), say!("--tz, taken for the zone of the account, which a real run reads")),
        None => (Tz::UTC.into(), say!("not asked; a real run reads the zone of the account")),
    };
    let clock = Clock { now, zone: zone.clone(), dates: None };
    let resolved = job.range.resolve(&clock)?;
    let owner = AccountIdentity { zone, dates: None, source, account: None };
    let reading = readable(resolved.period, clock.local());
    let query = job.spec.whole(reading, &owner.zone, None)?;
    for companion in job.spec.companions() {
        let query = ListingSpec::of_companion(companion, brand).whole(
            companion.period(reading),
            &owner.zone,
            None,
        )?;
        for call in Sweep::new(query)?.first_calls() {
            bodies.push(rpc::request(&call, &identity, id()).map_err(refused)?);
        }
    }
    let calls = match export::previewed(&job.spec) {
        Some(rows) => Preview::new(query, rows)?.next_call().map(|(_, call)| call).into_iter().collect(),
        // What can be known in advance.
        None => Sweep::new(query)?.first_calls(),
    };
    for call in calls {
        bodies.push(rpc::request(&call, &identity, id()).map_err(refused)?);
    }
    if is_dated {
        terminal.note(&describe(resolved.period, &owner.zone, source).to_string());
    }
    for warning in &resolved.warnings {
        terminal.warn(warning);
    }
    terminal.note(if is_dated {
        say!("nothing is sent; a window of more than one page is asked again with a larger offset")
    } else {
        say!("nothing is sent; a listing of more than one page is asked again with a larger offset")
    });
    let mut stdout = io::stdout().lock();
    for body in bodies {
        let written = stdout.write_all(body.as_bytes()).and_then(|()| stdout.write_all(b"\n"));
        written.map_err(|error| Failure::stdout(&error))?;
    }
    stdout.flush().map_err(|error| Failure::stdout(&error))
}
