//! `calllegs limits`: the points that are left, as the reply to the cheapest call states them.

use std::sync::Arc;

use calllegs_core::{
    Accounts, CustomerUsers, Mnemonic, Query,
    error::Error,
    limits::{Limits, Quota, QuotaWindow},
};
use serde_json::{Map, Value, json};

use crate::{
    account::connect::{self, ApiTarget, Connection},
    cli::{Common, LimitsArgs},
    failure::Failure,
    lang::say,
    signals::Interruptions,
    ui::{
        diagnostics, stdout, table,
        terminal::Terminal,
        text::{counted, grouped, human_duration},
    },
};

const SPANS: [QuotaWindow; 3] = [QuotaWindow::Day, QuotaWindow::Hour, QuotaWindow::Minute];

/// Runs the command.
pub(crate) fn run(args: &LimitsArgs, common: &Common, terminal: &Arc<Terminal>) -> Result<(), Failure> {
    let target = ApiTarget::find(common, terminal)?;
    let connection = connect::to(common, &target, terminal)?;
    let limits = connect::block_on(async {
        let asked = async {
            ask(&connection).await.map_err(|error| diagnostics::explain(&error, &connection.context()))
        };
        Interruptions::watch().or(asked).await
    })?;
    let (reserved, spent) = {
        let usage = connection.client.usage();
        (usage.reserved, usage.spent)
    };
    if args.json {
        return stdout::print_json(&as_json(&limits, reserved, spent));
    }
    let rows: Vec<_> = SPANS.iter().filter_map(|span| row(*span, limits.quota(*span)?, reserved)).collect();
    if rows.is_empty() {
        stdout::print(say!("the server states no limits\n"))?;
    } else {
        table::print(
            &[say!("points"), say!("limit"), say!("left"), say!("resets"), say!("kept for others")]
                .map(str::to_owned),
            rows,
        )?;
    }
    terminal.note(&say!("{points} spent to learn this", points = counted(spent.into(), "point")));
    Ok(())
}

/// The limits, as the reply to one call states them.
async fn ask(connection: &Connection) -> Result<Limits, Error> {
    match connection.client.call(Query::<Accounts>::all()).await {
        Ok(page) => Ok(page.limits),
        // A partner's key has no account of its own to read.
        Err(error) if error.server().is_some_and(|server| *server.mnemonic() == Mnemonic::Forbidden) => {
            Ok(connection.client.call(Query::<CustomerUsers>::all().limit(1)).await?.limits)
        }
        Err(error) => Err(error),
    }
}

/// `None` for a span of which nothing is said.
fn row(span: QuotaWindow, quota: &Quota, reserved: Option<u32>) -> Option<Vec<String>> {
    if *quota == Quota::default() {
        return None;
    }
    let points = |points: Option<u32>| points.map_or_else(|| "?".to_owned(), |points| grouped(points.into()));
    let reset =
        quota.reset.map_or_else(|| "?".to_owned(), |reset| say!("in {reset}", reset = human_duration(reset)));
    let kept = reserved.filter(|reserved| span == QuotaWindow::Day && *reserved > 0);
    let kept = kept.map_or_else(|| "–".to_owned(), |reserved| grouped(reserved.into()));
    Some(vec![
        format!("{} {}", if span == QuotaWindow::Hour { "an" } else { "a" }, span.as_str()),
        points(quota.limit),
        points(quota.remaining),
        reset,
        kept,
    ])
}

/// Members in the words of the API, whether it says something or not.
fn as_json(limits: &Limits, reserved: Option<u32>, spent: u32) -> Value {
    let mut members = Map::new();
    for span in SPANS {
        let quota = limits.quota(span).copied().unwrap_or_default();
        let word = span.as_str();
        members.insert(format!("{word}_limit"), json!(quota.limit));
        members.insert(format!("{word}_remaining"), json!(quota.remaining));
        members.insert(format!("{word}_reset"), json!(quota.reset.map(|reset| reset.as_secs())));
    }
    members.insert("day_reserved".to_owned(), json!(reserved));
    members.insert("spent".to_owned(), json!(spent));
    members.into()
}
