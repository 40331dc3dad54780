//! Counts what stopped runs left unverified, so that nothing is final that came behind their backs, and nothing is bought a
//! second time. Not here: which windows wait for that (`calllegs_store::ledger`), and what is done with a count
//! (`calllegs_store::ledger_check`).

use std::collections::HashMap;

use calllegs_core::{CallLegs, Order, Period, Query};
use calllegs_store::{
    ledger::{Window, WindowStatus, joined},
    ledger_check::{differing, restate},
    windows::Shared,
};

use crate::{
    account::session::{Line, Session},
    failure::Failure,
    lang::say,
    ui::{diagnostics, terminal::Terminal, text::counted},
};

/// Points that counting a stretch costs at least: its first rows, and its last.
pub(super) const COST: u64 = 2;

/// Rows of an end: more than any second has.
const END: u32 = 500;

/// The stretches that wait for a count, each once.
pub(super) fn waiting(places: &[Shared], account: &str) -> Result<Vec<Vec<Window>>, Failure> {
    let mut all: Vec<Vec<Window>> = Vec::new();
    for place in places {
        let ledger = place.lock().ledger(account)?;
        for group in ledger.unverified() {
            if !all.iter().any(|known| known == group) {
                all.push(group.to_vec());
            }
        }
    }
    Ok(all)
}

/// Counts what stopped runs left in the places: it is final where the server has the same, and open where it has not.
/// Returns what is to be read once more.
pub(super) fn recount(
    places: &[Shared],
    session: &Session,
    line: &mut Line,
    terminal: &Terminal,
) -> Result<Vec<Period>, Failure> {
    let mut again = Vec::new();
    let mut counts: HashMap<Period, Option<u64>> = HashMap::new();
    let account = session.account();
    for group in waiting(places, account)? {
        let other = differing(&group, |period| match counts.get(&period) {
            Some(count) => Ok(*count),
            None => {
                let count = line.wait(count(session, period))?;
                counts.insert(period, count);
                Ok::<_, Failure>(count)
            }
        })?;
        let from = group.first().map_or(session.clock.local(), |window| window.period.from());
        for place in places {
            restate(&mut **place.lock(), account, from, |line| match () {
                () if other.contains(line) => Some(WindowStatus::Open),
                () if group.contains(line) => Some(WindowStatus::Final),
                () => None,
            })?;
        }
        again.extend(other.iter().map(|window| window.period));
        let windows = counted(group.len() as u64, "window");
        terminal.note(&if other.is_empty() {
            say!("{windows} of a run that was stopped are counted: nothing has come since", windows)
        } else {
            say!(
                "{windows} of a run that was stopped are counted: the server has other legs in {other}, which are read again",
                windows,
                other = counted(other.len() as u64, "window")
            )
        });
    }
    Ok(joined(again))
}

/// How many legs the server has in a period, whichever of its bounds it includes; `None` where its order does not tell.
async fn count(session: &Session, period: Period) -> Result<Option<u64>, Failure> {
    let explain = |error| diagnostics::explain(&error, &session.connection.context());
    let end = async |order| {
        let query = Query::<CallLegs>::new(period.widened()).select((CallLegs::START_TIME,));
        let query = query.sort_by(CallLegs::START_TIME, order).limit(END);
        session.connection.client.call(query).await.map_err(explain)
    };
    let (first, last) = (end(Order::Ascending).await?, end(Order::Descending).await?);
    let Some(total) = first.total.filter(|total| last.total == Some(*total)) else { return Ok(None) };
    let mut outside = 0;
    for (page, is_first) in [(&first, true), (&last, false)] {
        let starts = page.rows.iter().map(|row| row.as_ref().ok()?.0).collect::<Option<Vec<_>>>();
        let Some(starts) = starts else { return Ok(None) };
        let is_in_order =
            starts.is_sorted_by(|one, other| if is_first { one <= other } else { other <= one });
        let is_behind =
            |start: &&_| if is_first { **start < period.from() } else { period.till() <= **start };
        let beyond = starts.iter().filter(is_behind).count();
        if !is_in_order || beyond == starts.len() && (beyond as u64) < total {
            return Ok(None);
        }
        outside += beyond as u64;
    }
    Ok(Some(total.saturating_sub(outside)))
}
