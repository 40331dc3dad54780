//! Counts what stopped runs left unverified, so that nothing is final that came behind their backs, and nothing is bought a
//! second time. Not here: which windows wait for that (`calllegs_store::ledger`), and what is done with a count
//! (`calllegs_store::ledger_check`).

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, hash_map::Entry},
};

use calllegs_core::{CallLegs, LegId, Order, Period, Query, pager::MAX_LIMIT, projection::Unfit};
use calllegs_store::{
    ledger::{Window, WindowStatus, joined},
    ledger_check::{differing, restate},
    windows::Shared,
};
use chrono::NaiveDateTime;

use crate::{
    account::session::{Line, Session},
    failure::Failure,
    lang::say,
    ui::{diagnostics, terminal::Terminal, text::counted},
};

/// Points that counting a stretch costs: its first rows, and its last where a page does not hold all.
pub(super) const COST: u64 = 2;

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

/// What of a run is counted.
#[derive(Clone, Copy)]
pub(super) enum Left<'r> {
    /// By runs before this one.
    Before(&'r str),
    /// By any run, this one included: large accounts are read in turns.
    ByAny,
}

/// Counts what stopped runs left in the places: it is final where the server has the same, and open where it has not.
/// Returns what is to be read once more.
pub(super) fn recount(
    left: Left<'_>,
    places: &[Shared],
    session: &Session,
    line: &mut Line,
    terminal: &Terminal,
) -> Result<Vec<Period>, Failure> {
    let mut again = Vec::new();
    let mut counts: HashMap<Period, Option<Count>> = HashMap::new();
    let account = session.account();
    let is_due = |group: &Vec<Window>| match left {
        Left::Before(run) => group.iter().all(|window| window.run_id != run),
        Left::ByAny => true,
    };
    for group in waiting(places, account)?.into_iter().filter(is_due) {
        let mut other = differing(&group, |period| {
            let counted = match counts.entry(period) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(line.wait(count(session, period))?),
            };
            Ok::<_, Failure>(counted.as_ref().map(|count| count.legs))
        })?;
        // As many are not the same: where the ids are known, none of them may be missing.
        if other.is_empty() && lacks_some(&group, &counts, places, account)? {
            other = &group;
        }
        let from = group.first().map_or_else(|| session.clock.local(), |window| window.period.from());
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

/// Whether a place lacks legs that the server has, as far as their ids are known.
fn lacks_some(
    group: &[Window],
    counts: &HashMap<Period, Option<Count>>,
    places: &[Shared],
    account: &str,
) -> Result<bool, Failure> {
    let Some((period, ids)) = counts.iter().find_map(|(period, count)| {
        let is_whole =
            group.first()?.period.from() == period.from() && group.last()?.period.till() == period.till();
        count.as_ref()?.ids.as_ref().filter(|_| is_whole).map(|ids| (*period, ids))
    }) else {
        return Ok(false);
    };
    for place in places {
        let known = place.lock().hashes(account, period)?;
        if ids.iter().any(|id| !known.contains_key(id)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the server has in a stretch.
struct Count {
    legs: u64,
    /// Which they are, where a page holds all.
    ids: Option<BTreeSet<i64>>,
}

/// What the server has in a period, whichever of its bounds it includes; `None` where its order does not tell.
async fn count(session: &Session, period: Period) -> Result<Option<Count>, Failure> {
    let explain = |error| diagnostics::explain(&error, &session.connection.context());
    let end = async |order| {
        let query = Query::<CallLegs>::new(period.widened()).select((CallLegs::ID, CallLegs::START_TIME));
        let query = query.sort_by(CallLegs::START_TIME, order).limit(MAX_LIMIT);
        let page = session.connection.client.call(query).await.map_err(explain)?;
        let key = |row: &Result<(Option<LegId>, Option<NaiveDateTime>), Unfit>| {
            let (id, start) = row.as_ref().ok()?;
            Some((id.as_ref()?.get(), (*start)?))
        };
        let keys = page.rows.iter().map(key).collect::<Option<Vec<_>>>();
        Ok::<_, Failure>(keys.zip(page.total))
    };
    let Some((first, total)) = end(Order::Ascending).await? else { return Ok(None) };
    if first.len() as u64 == total {
        let within = first.iter().filter(|(_, start)| period.contains(*start));
        let ids: BTreeSet<_> = within.filter_map(|(id, _)| i64::try_from(*id).ok()).collect();
        return Ok(Some(Count { legs: ids.len() as u64, ids: Some(ids) }));
    }
    let Some((last, again)) = end(Order::Descending).await? else { return Ok(None) };
    let before = first.iter().take_while(|(_, start)| *start < period.from()).count();
    let behind = last.iter().take_while(|(_, start)| period.till() <= *start).count();
    let is_told = first.is_sorted_by_key(|(_, start)| *start)
        && last.is_sorted_by_key(|(_, start)| Reverse(*start))
        && before < first.len()
        && behind < last.len()
        && again == total;
    let legs = total.saturating_sub((before + behind) as u64);
    Ok(is_told.then_some(Count { legs, ids: None }))
}
