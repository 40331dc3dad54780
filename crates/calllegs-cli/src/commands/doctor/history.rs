//! `doctor --history`: how far back legs go, by bisection of windows of nearly three months. Not here: what is done with it.

use calllegs_core::{CallLegs, Error, Mnemonic, Order, Period, Query};
use chrono::{NaiveDateTime, TimeDelta};

use super::report::Report;
use crate::{
    account::session::{Line, Session},
    failure::Failure,
    lang::say,
    ui::diagnostics,
};

/// Days of a window: no three months are shorter.
const DAYS: i64 = 88;

/// Windows that are looked through: fifteen years.
const WINDOWS: i64 = 64;

/// Points that it costs at most: the latest window, and one for each halving.
pub(super) const COST: u32 = 1 + WINDOWS.ilog2();

const NAME: &str = "history";

/// Finds the oldest window with legs. Between it and now there are taken to be legs in each.
pub(super) fn find(session: &Session, line: &mut Line, report: &mut Report) -> Result<(), Failure> {
    let explain = |error: Error| diagnostics::explain(&error, &session.connection.context());
    let mut first = |window| line.wait(async { first(session, window).await.map_err(explain) });
    let mut oldest = match first(0) {
        Ok(Some(start)) => start,
        Ok(None) => {
            let text = say!("no legs in the last {DAYS} days, so where they begin was not looked for", DAYS);
            return report.warn(NAME, text, say!("calllegs plan --from DATE counts those of other times"));
        }
        Err(failure) => return report.fail(NAME, &failure),
    };
    let (mut has, mut lacks) = (0, WINDOWS);
    while lacks - has > 1 {
        let middle = i64::midpoint(has, lacks);
        match first(middle) {
            Ok(Some(start)) => (has, oldest) = (middle, start),
            Ok(None) => lacks = middle,
            Err(failure) => return report.fail(NAME, &failure),
        }
    }
    let until =
        if lacks == WINDOWS { say!("it was not looked further back") } else { say!("found by halving") };
    report.ok(NAME, say!("the first leg is of {oldest}: {until}, {COST} points at most", oldest, until, COST))
}

/// The start of the first leg of a window, counted back from now.
async fn first(session: &Session, window: i64) -> Result<Option<NaiveDateTime>, Error> {
    let till = session.clock.local() - TimeDelta::days(DAYS * window);
    let period = Period::new(till - TimeDelta::days(DAYS), till)?;
    let query = Query::<CallLegs>::new(period).sort_by(CallLegs::START_TIME, Order::Ascending).limit(1);
    match session.connection.client.call(query).await {
        Ok(page) => Ok(page.rows.first().and_then(|leg| leg.start_time)),
        // Some servers refuse what is older than they keep.
        Err(error) if window > 0 && error.server().is_some_and(|told| is_of_dates(told.mnemonic())) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn is_of_dates(mnemonic: &Mnemonic) -> bool {
    [Mnemonic::InvalidParameterValue, Mnemonic::DateIntervalLimitReached].contains(mnemonic)
}
