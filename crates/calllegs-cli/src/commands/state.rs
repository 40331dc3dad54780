//! `calllegs state`: what the ledger of a place says, and changes to it. Nothing is asked of the API and no row changes.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, IsTerminal},
};

use calllegs_core::value::wall_time;
use calllegs_store::{
    Ledger,
    ledger::{Window, WindowStatus},
    ledger_check,
    warehouse::{Late, Warehouse},
    windows::run_id,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    account::connect,
    cli::{PlaceArgs, ResetArgs, StateCommand},
    clock::Clock,
    commands::sync::{name, stretches},
    failure::{Exit, Failure},
    input::{
        dates::{Date, Range},
        place::{Place, chosen},
    },
    lang::say,
    ui::{
        stdout, table,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// A line of a ledger with its account: what `export` prints and `import` reads.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    account: String,
    #[serde(flatten)]
    window: Window,
}

/// Runs the command.
pub(crate) fn run(command: &StateCommand, terminal: &Terminal, now: DateTime<Utc>) -> Result<(), Failure> {
    match command {
        StateCommand::Show(args) => show(args),
        StateCommand::Windows(args) => windows(args),
        StateCommand::Runs(args) => runs(args),
        StateCommand::Lateness(args) => lateness(args),
        StateCommand::Export(args) => export(args),
        StateCommand::Import(args) => import(args, terminal, now),
        StateCommand::Reset(args) => reset(args, terminal, now),
    }
}

/// The place, and the accounts that are asked about.
fn open(args: &PlaceArgs) -> Result<(calllegs_store::windows::Shared, Vec<String>), Failure> {
    let place = Place::of_data(&args.data)?.existing()?;
    let known = place.lock().accounts()?;
    Ok((place, chosen(args.account.as_deref(), known)?))
}

fn ledgers(args: &PlaceArgs) -> Result<Vec<(String, Ledger)>, Failure> {
    let (place, accounts) = open(args)?;
    let mut place = place.lock();
    accounts
        .into_iter()
        .map(|account| place.ledger(&account).map(|ledger| (account, ledger)).map_err(Failure::from))
        .collect()
}

fn show(args: &PlaceArgs) -> Result<(), Failure> {
    let ledgers = ledgers(args)?;
    let count =
        |ledger: &Ledger, status| ledger.windows().iter().filter(|window| window.status == status).count();
    let text = |time: NaiveDateTime| wall_time::format(time).to_string();
    if args.json {
        let accounts: Vec<_> = ledgers
            .iter()
            .map(|(account, ledger)| {
                json!({
                    "account": account,
                    "from": ledger.windows().first().map(|window| text(window.period.from())),
                    "complete_until": ledger.complete_until().map(text),
                    "complete": stretches(ledger),
                    "windows": ledger.windows().len(),
                    "open": count(ledger, WindowStatus::Open),
                    "unverified": count(ledger, WindowStatus::Unverified),
                    "gaps": ledger.gaps().iter().map(|gap| (text(gap.from()), text(gap.till()))).collect::<Vec<_>>(),
                    "legs": ledger.windows().iter().map(|window| window.legs).sum::<u64>(),
                    "fetched_at": ledger.windows().iter().map(|window| window.fetched_at).max(),
                })
            })
            .collect();
        return stdout::print_json(&accounts);
    }
    let rows = ledgers.iter().map(|(account, ledger)| {
        let gaps = ledger.gaps();
        let first = gaps.first().map(|gap| say!(", the first {gap}", gap = name(*gap))).unwrap_or_default();
        vec![
            account.clone(),
            complete(ledger),
            grouped(ledger.windows().iter().map(|window| window.legs).sum()),
            count(ledger, WindowStatus::Open).to_string(),
            count(ledger, WindowStatus::Unverified).to_string(),
            if gaps.is_empty() { say!("none").to_owned() } else { format!("{}{first}", gaps.len()) },
        ]
    });
    print(
        &[
            say!("account"),
            say!("complete until"),
            say!("legs"),
            say!("open windows"),
            say!("to be counted"),
            say!("gaps"),
        ],
        rows.collect(),
    )
}

/// Up to when a ledger is complete, or which of its stretches is complete last.
fn complete(ledger: &Ledger) -> String {
    match (ledger.complete_until(), ledger.complete().last()) {
        (Some(until), _) => wall_time::format(until).to_string(),
        (None, Some(stretch)) => say!("only {stretch}", stretch = name(*stretch)),
        (None, None) => say!("nothing").to_owned(),
    }
}

fn windows(args: &PlaceArgs) -> Result<(), Failure> {
    let ledgers = ledgers(args)?;
    if args.json {
        return export_lines(ledgers);
    }
    let lines = ledgers.iter().flat_map(|(account, ledger)| {
        ledger.windows().iter().map(move |window| {
            vec![
                account.clone(),
                name(window.period),
                window.status.as_str().to_owned(),
                grouped(window.total_items),
                grouped(window.legs),
                grouped(window.inserted),
                grouped(window.changed),
                window.fetched_at.format("%Y-%m-%d %H:%M").to_string(),
            ]
        })
    });
    let heads = [
        say!("account"),
        say!("window"),
        say!("status"),
        say!("counted"),
        say!("legs"),
        say!("new"),
        say!("changed"),
        say!("read at, UTC"),
    ];
    print(&heads, lines.collect())
}

/// What the ledger has of a run.
#[derive(Debug, Serialize)]
struct RunOf {
    account: String,
    run_id: String,
    fetched_at: DateTime<Utc>,
    version: String,
    windows: u64,
    legs: u64,
    inserted: u64,
    changed: u64,
    points: u64,
}

/// The runs of a ledger, in the order of time.
fn runs_of(account: &str, ledger: &Ledger) -> Vec<RunOf> {
    let mut runs: BTreeMap<(DateTime<Utc>, &str), RunOf> = BTreeMap::new();
    for window in ledger.windows() {
        let run = runs.entry((window.fetched_at, &window.run_id)).or_insert_with(|| RunOf {
            account: account.to_owned(),
            run_id: window.run_id.clone(),
            fetched_at: window.fetched_at,
            version: window.version.clone(),
            windows: 0,
            legs: 0,
            inserted: 0,
            changed: 0,
            points: 0,
        });
        run.windows += 1;
        run.legs += window.legs;
        run.inserted += window.inserted;
        run.changed += window.changed;
        run.points += u64::from(window.points);
    }
    runs.into_values().collect()
}

fn runs(args: &PlaceArgs) -> Result<(), Failure> {
    let ledgers = ledgers(args)?;
    let runs: Vec<_> = ledgers.iter().flat_map(|(account, ledger)| runs_of(account, ledger)).collect();
    if args.json {
        return stdout::print_json(&runs);
    }
    let rows = runs.into_iter().map(|run| {
        let counts = [run.windows, run.legs, run.inserted, run.changed, run.points].map(grouped);
        let at = run.fetched_at.format("%Y-%m-%d %H:%M").to_string();
        [run.account, run.run_id, at, run.version].into_iter().chain(counts).collect()
    });
    let heads = [
        say!("account"),
        say!("run"),
        say!("read at, UTC"),
        "calllegs",
        say!("windows"),
        say!("legs"),
        say!("new"),
        say!("changed"),
        say!("points"),
    ];
    print(&heads, rows.collect())
}

fn export(args: &PlaceArgs) -> Result<(), Failure> {
    export_lines(ledgers(args)?)
}

fn export_lines(ledgers: Vec<(String, Ledger)>) -> Result<(), Failure> {
    let mut text = String::new();
    for (account, ledger) in ledgers {
        for window in ledger.windows() {
            let line = Line { account: account.clone(), window: window.clone() };
            let line = serde_json::to_string(&line)
                .map_err(|error| Failure::new(Exit::Bug, say!("a window is not JSON: {error}", error)))?;
            text.push_str(&line);
            text.push('\n');
        }
    }
    stdout::print(&text)
}

fn import(args: &PlaceArgs, terminal: &Terminal, now: DateTime<Utc>) -> Result<(), Failure> {
    let mut ledgers: BTreeMap<String, Vec<Window>> = BTreeMap::new();
    if io::stdin().is_terminal() {
        terminal
            .note(say!("what `calllegs state export` prints is read from standard input; Ctrl-D ends it"));
    }
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line =
            line.map_err(|error| Failure::usage(say!("standard input cannot be read: {error}", error)))?;
        let line: Line = serde_json::from_str(&line).map_err(|error| {
            Failure::usage(say!(
                "line {number} is no window of a ledger: {error}",
                number = number + 1,
                error
            ))
            .because(say!("an import reads what `calllegs state export` prints"))
            .next(say!("nothing was changed; export the ledger again"))
        })?;
        ledgers.entry(line.account).or_default().push(line.window);
    }
    if ledgers.is_empty() {
        terminal.warn(say!("standard input has no window of a ledger: nothing was changed"));
    }
    let place = Place::of_data(&args.data)?.open(true)?;
    let mut taken = Vec::new();
    for (account, windows) in &ledgers {
        let ledger = Ledger::new(windows.clone());
        let mut place = place.lock();
        place.lease(account, &run_id(now))?;
        let done = put(&mut **place, account, &ledger);
        place.release(account);
        terminal.note(&format!("{account}: {}", done?));
        taken.push(json!({"account": account, "windows": windows.len()}));
    }
    if args.json { stdout::print_json(&taken) } else { Ok(()) }
}

/// Puts a ledger that came from elsewhere: what the rows of the place do not bear out is open. Says what was done.
fn put(place: &mut dyn Warehouse, account: &str, ledger: &Ledger) -> Result<String, Failure> {
    let replaced = place.ledger(account)?.windows().len();
    let lines = ledger_check::believed(place, account, ledger.windows())?;
    let opened =
        lines.iter().zip(ledger.windows()).filter(|(now, before)| now.status != before.status).count();
    place.replace_lines(account, NaiveDateTime::MIN, &lines)?;
    let told = counted(lines.len() as u64, "window");
    let replaced = match replaced {
        0 => String::new(),
        replaced => say!(" in the place of {replaced}", replaced),
    };
    let opened = match opened {
        0 => String::new(),
        opened => say!("; the place has not the legs of {opened} of them, which the next sync reads", opened),
    };
    Ok(told + &replaced + &opened)
}

fn reset(args: &ResetArgs, terminal: &Terminal, now: DateTime<Utc>) -> Result<(), Failure> {
    let from = args.from.as_deref().map(Date::read).transpose()?.unwrap_or(Date::Now);
    // Days of a ledger are the account's, and a day that is forgotten too many is read once more.
    let clock = Clock { now, zone: Tz::UTC.into(), dates: None };
    let from = Range::Between(from, Date::Now).resolve(&clock)?.period.from();
    let (place, accounts) = open(&args.place)?;
    let mut all = Vec::new();
    for account in accounts {
        let mut place = place.lock();
        let ledger = place.ledger(&account)?;
        let kept: Vec<_> =
            ledger.windows().iter().filter(|window| window.period.till() <= from).cloned().collect();
        let windows = ledger.windows().len() - kept.len();
        let forgotten = counted(windows as u64, "window");
        if terminal.asks() {
            let question =
                say!("{account}: forget {forgotten}, so that they are read again?", account, forgotten);
            let answer = terminal.ask(&question, false);
            if !connect::runtime()?.block_on(answer) {
                return Err(Failure::new(Exit::Interrupted, say!("nothing was forgotten"))
                    .next(say!("--yes answers")));
            }
        }
        place.lease(&account, &run_id(now))?;
        let done = place.replace_lines(&account, NaiveDateTime::MIN, &kept);
        place.release(&account);
        done?;
        terminal.note(&say!("{account}: {forgotten} forgotten; the rows stay", account, forgotten));
        all.push(json!({"account": account, "forgotten": windows}));
    }
    if args.place.json { stdout::print_json(&all) } else { Ok(()) }
}

fn lateness(args: &PlaceArgs) -> Result<(), Failure> {
    let (place, accounts) = open(args)?;
    let mut place = place.lock();
    let mut late: BTreeMap<String, BTreeMap<i64, u64>> = BTreeMap::new();
    for account in accounts {
        for Late { field, age, legs } in place.lateness(&account)? {
            *late.entry(field).or_default().entry(age).or_default() += legs;
        }
    }
    drop(place);
    if args.json {
        return stdout::print_json(&late);
    }
    let ages = calllegs_store::warehouse::AGES;
    let rows = late.iter().map(|(field, ages_of)| {
        let all: u64 = ages_of.values().sum();
        let share = |age: &i64| match ages_of.get(age) {
            None => "–".to_owned(),
            Some(legs) if all < 20 => say!("{legs} of {all}", legs, all),
            Some(legs) => tenths(*legs, all),
        };
        std::iter::once(field.clone()).chain(ages.iter().map(share)).collect()
    });
    print(
        &[say!("age of change"), "<1 h", "<6 h", "<1 d", "<3 d", "<7 d", "<30 d", say!("later")],
        rows.collect(),
    )?;
    match advice(&late) {
        Some(advice) => stdout::print(&format!("{advice}\n")),
        None => Ok(()),
    }
}

/// `61.2 %`, from integers.
fn tenths(part: u64, all: u64) -> String {
    let tenths = (part * 2000 + all) / (2 * all.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// The shortest look-back that would have seen 99.9 % of all changes; nothing where there are few.
fn advice(late: &BTreeMap<String, BTreeMap<i64, u64>>) -> Option<String> {
    let mut all: BTreeMap<i64, u64> = BTreeMap::new();
    for ages in late.values() {
        for (age, legs) in ages {
            *all.entry(*age).or_default() += legs;
        }
    }
    let total: u64 = all.values().sum();
    if total < 20 {
        return Some(say!("advice: none yet: {changes} seen so far", changes = counted(total, "change")));
    }
    let mut seen = 0;
    let enough = all.iter().find(|(_, legs)| {
        seen += **legs;
        seen * 1000 >= total * 999
    });
    let (age, _) = enough?;
    let last = counted(total - seen, "change");
    Some(match *age {
        i64::MAX => {
            say!("advice: some changes come after 30 days; keep --refresh 30d or add a later one").to_owned()
        }
        hours => {
            let days = (hours + 23) / 24;
            say!(
                "advice: --lookback {days}d covers {total}; {last} came later",
                days,
                total = tenths(seen, total),
                last
            )
        }
    })
}

fn print(heads: &[&str], rows: Vec<Vec<String>>) -> Result<(), Failure> {
    if rows.is_empty() {
        return stdout::print(say!("there is nothing yet\n"));
    }
    let heads: Vec<_> = heads.iter().map(|head| (*head).to_owned()).collect();
    table::print(&heads, rows)
}
