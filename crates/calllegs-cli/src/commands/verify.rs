//! `calllegs verify`: a place held against the API, window by window. Not here: the comparison itself
//! (`calllegs_store::verify`), calls held against the report of sessions (`sessions`).

mod sessions;

use std::sync::Arc;

use calllegs_core::Period;
use calllegs_store::{
    verify::{Compared, Verification, Verifier},
    windows::{Shared, run_id},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::{
    account::{
        connect, identity,
        session::{Line, Session},
    },
    cli::{Common, RedactFlags, SyncSettings, VerifyArgs},
    commands::{
        get,
        sync::{Reading, name},
    },
    failure::{Exit, Failure},
    input::{dates::Range, place::Place, redaction},
    lang::say,
    ui::{
        command_line, stdout,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Ids that a line has room for.
const IDS: usize = 5;

/// Runs the command.
pub(crate) fn run(
    args: &VerifyArgs,
    common: &Common,
    profile: &SyncSettings,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    if args.against.is_some() {
        return sessions::run(args, common, terminal, now);
    }
    let place = Place::of_data(&args.data)?.existing()?;
    let range = args.period.is_asked().then(|| Range::read(&args.period)).transpose()?;
    let flags = RedactFlags { profile: profile.redact.clone(), ..args.redact.clone() };
    let redaction = redaction::read(&flags, common)?;
    let given = identity::given(common, now)?;
    let connection = connect::find(common, terminal)?;
    let mut line = Line::open()?;
    let session = Session::open(connection, &mut line, given.as_ref(), terminal, now)?;
    let account = session.account().to_owned();
    let ledger = place.lock().ledger(&account)?;
    let within =
        range.map(|range| range.resolve(&session.clock)).transpose()?.map(|resolved| resolved.period);
    let periods = match (&within, args.rebuild) {
        (Some(period), true) => vec![*period],
        (None, true) => {
            return Err(Failure::usage(say!("--rebuild asks for a period"))
                .because(say!("a ledger that was lost does not say what it spoke of"))
                .next(say!("add --from and --till, as the table has legs")));
        }
        (within, false) => {
            let windows = ledger.windows().iter().map(|window| window.period);
            let overlaps = |period: &Period| {
                within.is_none_or(|within| period.from() < within.till() && within.from() < period.till())
            };
            calllegs_store::ledger::joined(windows.filter(overlaps).collect())
        }
    };
    let known = place.lock().accounts()?;
    if periods.is_empty() && !known.is_empty() && !known.contains(&account) {
        return Err(Failure::usage(say!("the place has no legs of {account}", account))
            .because(say!("it has those of {known}", known = known.join(", ")))
            .next(say!("for a customer of a partner: --user-id, as calllegs accounts shows it")));
    }
    if periods.is_empty() {
        return Err(Failure::usage(say!("the ledger has no window of {account} in this time", account))
            .because(say!("windows of the ledger are what is compared"))
            .next(say!("calllegs state show says what there is; --rebuild makes a ledger anew")));
    }
    let (verifier, verification) = Verifier::new(place.clone());
    let run_id = run_id(now);
    let places = [Shared::new(verifier)];
    let ahead = get::ahead(common);
    let mut reading = Reading {
        places: &places,
        run_id: &run_id,
        settle: calllegs_store::ledger::Schedule::default().settle,
        exact: false,
        redaction: redaction.as_ref(),
        ahead,
        turn: u64::MAX,
        session: &session,
        line: &mut line,
        terminal,
        tells: false,
    };
    let mut holes = Vec::new();
    for period in periods {
        let read = reading.read(period)?;
        read.ended?;
        holes.extend(read.holes);
    }
    let spent = session.connection.client.usage().spent;
    if args.rebuild {
        rebuild(&place, &account, &run_id, &verification)?;
    }
    let compared = verification.compared();
    told(&compared, args.json)?;
    terminal.note(&say!("{points} spent", points = counted(spent.into(), "point")));
    if !holes.is_empty() {
        return Err(Failure::new(
            Exit::Incomplete,
            say!("the server did not give all:\n  {holes}", holes = holes.join("\n  ")),
        )
        .next(say!("run the command again")));
    }
    let differ: Vec<_> = compared.iter().filter(|window| !window.is_equal()).collect();
    if differ.is_empty() {
        return Ok(Exit::Done);
    }
    let differs = if differ.len() == 1 { "differs" } else { "differ" };
    let exact = differ.iter().any(|window| !window.extra.is_empty() || !window.different.is_empty());
    let exact = if exact { " --exact" } else { "" };
    let place = command_line::quoted(&args.data);
    let command = |dates: &String| {
        say!("calllegs sync --to {place} --full-refresh {dates}{exact}", place, dates, exact)
    };
    let days = days_of(differ.iter().map(|window| window.period));
    let mut commands: Vec<_> = days.iter().take(RANGES).map(command).collect();
    if days.len() > RANGES {
        commands.push(say!("and {ranges} more", ranges = counted((days.len() - RANGES) as u64, "range")));
    }
    Err(Failure::new(Exit::Differs, format!("{} {differs}", counted(differ.len() as u64, "window")))
        .next(say!("read them anew:\n  {commands}", commands = commands.join("\n  "))))
}

/// Ranges of days that are told at most.
const RANGES: usize = 5;

/// The days of periods in order, those that follow each other as one range.
fn days_of(periods: impl Iterator<Item = Period>) -> Vec<String> {
    let mut ranges: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for period in periods {
        let first = period.from().date();
        let last = (period.till() - TimeDelta::seconds(1)).date().max(first);
        match ranges.last_mut() {
            Some((_, end)) if first <= *end + TimeDelta::days(1) => *end = last.max(*end),
            _ => ranges.push((first, last)),
        }
    }
    let range = |(first, last)| if first == last { format!("{first}") } else { format!("{first}..{last}") };
    ranges.into_iter().map(range).collect()
}

/// A ledger of what is equal.
fn rebuild(place: &Shared, account: &str, run_id: &str, verification: &Verification) -> Result<(), Failure> {
    let equal: Vec<Period> = verification
        .compared()
        .iter()
        .filter(|window| window.is_equal())
        .map(|window| window.period)
        .collect();
    let mut place = place.lock();
    let mut ledger = place.ledger(account)?;
    for line in verification.lines().into_iter().filter(|line| equal.contains(&line.period)) {
        ledger.put(line);
    }
    place.lease(account, run_id)?;
    let done = place.replace_lines(account, NaiveDateTime::MIN, ledger.windows());
    place.release(account);
    Ok(done?)
}

fn told(compared: &[Compared], json: bool) -> Result<(), Failure> {
    if json {
        return stdout::print_json(&compared);
    }
    let equal = compared.iter().filter(|window| window.is_equal()).count();
    let mut text = say!(
        "{windows}: {equal} equal, {different} different\n",
        windows = counted(compared.len() as u64, "window"),
        equal = grouped(equal as u64),
        different = grouped((compared.len() - equal) as u64)
    );
    for window in compared.iter().filter(|window| !window.is_equal()) {
        let ids = |what: &str, ids: &[i64]| {
            let shown: Vec<_> = ids.iter().take(IDS).map(ToString::to_string).collect();
            let more =
                if ids.len() > IDS { say!(" and {ids} more", ids = ids.len() - IDS) } else { String::new() };
            (!ids.is_empty()).then(|| format!("{what} {}{more}", shown.join(" ")))
        };
        let parts = [
            ids(say!("missing"), &window.missing),
            ids(say!("other values"), &window.different),
            ids(say!("too many"), &window.extra),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let [api, place] = [window.api, window.place].map(grouped);
        let (window, parts) = (name(window.period), parts.join("; "));
        text.push_str(&say!("{window}  API {api}, place {place}: {parts}\n", window, api, place, parts));
    }
    stdout::print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_follow_each_other_are_one_range() {
        let period = |text: &str| text.parse::<Period>().unwrap();
        let periods =
            ["2026-10-02..2026-10-03", "2026-10-03..2026-10-04", "2026-10-07..2026-10-08"].map(period);
        assert_eq!(days_of(periods.into_iter()), ["2026-10-02..2026-10-03", "2026-10-07"]);
    }
}
