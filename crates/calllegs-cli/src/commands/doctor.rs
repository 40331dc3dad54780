//! `calllegs doctor`: whether all is ready, from the network to the points, one line each with what to do. Not here: what an
//! error means (`diagnostics`), where the key is (`credentials`).

mod destinations;
mod door;
mod history;
mod report;
mod semantics;
mod team;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::report::Report;
use crate::{
    account::{
        connect::{self, ApiTarget},
        credentials,
        session::Line,
    },
    cli::{Common, DoctorArgs},
    commands::customers,
    failure::{Exit, Failure},
    lang::say,
    ui::{terminal::Terminal, text::counted},
};

/// Runs the command. `now` reads the clock of the machine.
pub(crate) fn run(
    args: &DoctorArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: impl Fn() -> DateTime<Utc>,
) -> Result<Exit, Failure> {
    let mut report = Report::new(args.json);
    let spent = examine(args, common, terminal, &now, &mut report)?;
    for place in &args.dest {
        destinations::check(place, &mut report)?;
    }
    if spent > 0 {
        terminal.note(&say!("{points} spent", points = counted(spent.into(), "point")));
    }
    report.end(spent)
}

/// Looks at one thing after the other until one is in the way of the next; returns the points that it took.
fn examine(
    args: &DoctorArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: &impl Fn() -> DateTime<Utc>,
    report: &mut Report,
) -> Result<u32, Failure> {
    let target = ApiTarget::find(common, terminal)?;
    let mut line = Line::open()?;
    let is_open = door::network(&target, common, &mut line, terminal, now, report)?;
    let (credentials, source) = match credentials::find(common, target.name, terminal) {
        Ok(found) => found,
        Err(failure) => {
            report.fail("key source", &failure)?;
            return Ok(0);
        }
    };
    report.ok("key source", door::told(&credentials, &source))?;
    if !is_open {
        return Ok(0);
    }
    if customers::are_asked(&args.customers, common) {
        let partner = customers::as_partner(common);
        let connection = connect::with_credentials(&partner, target.endpoint, credentials, terminal)?;
        team::examine(&args.customers, common, &connection, &mut line, terminal, now(), report)?;
        return Ok(connection.client.usage().spent);
    }
    let connection = connect::with_credentials(common, target.endpoint, credentials, terminal)?;
    if let Some(session) = door::account(&connection, common, &mut line, terminal, now(), report)? {
        if args.history {
            terminal.note(&say!(
                "--history: up to {points} more",
                points = counted(history::COST.into(), "point")
            ));
            history::find(&session, &mut line, report)?;
        }
        if args.semantics {
            terminal.note(&say!(
                "--semantics: up to {points} more",
                points = counted(semantics::COST.into(), "point")
            ));
            semantics::examine(&session, &mut line, report)?;
        }
    }
    Ok(connection.client.usage().spent)
}
