//! `calllegs sync`: what is due by the ledgers of some places, read once and put into all of them. Not here: what is due
//! ([`Ledger`]), how rows become windows (`calllegs_store::windows`).

use std::{
    fmt::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use calllegs_arrow::origin::Origin;
use calllegs_core::{Period, value::wall_time};
use calllegs_store::{
    AtomicFile, ExportSpec, Ledger, WindowsDestination, WriterThread,
    destination::{Destination, Ending, Request},
    ledger::{Schedule, Window, WindowStatus},
    windows::{Put, Shared, run_id},
};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::{
    account::{
        connect::{self, ApiTarget, Connection},
        identity::{self, AccountIdentity, Need},
    },
    cli::{Common, CreateTable, SyncArgs},
    clock::Clock,
    commands::{
        accounts::{self, Customer},
        export::Export,
        get, plan,
    },
    failure::{Exit, Failure},
    input::{
        dates::{Date, Range, Span, describe},
        place::Place,
    },
    signals::Interruptions,
    ui::{
        command_line::{self, Bound},
        diagnostics::Context,
        echo::shown,
        findings,
        outcome::Outcome,
        progress::Progress,
        stdout, table,
        terminal::Terminal,
        text::{clean, counted, grouped},
    },
};

/// What is asked for, before it is known whose legs they are.
struct Job {
    places: Vec<Place>,
    creates: bool,
    schedule: Schedule,
    wanted: Wanted,
    exact: bool,
    ahead: usize,
}

/// What is to be read.
enum Wanted {
    /// What is due; the first load begins here.
    Due(Option<Date>),
    /// What is due of this time.
    Within(Range),
    /// All of it, whatever the ledger says.
    Anew(Range),
}

impl Job {
    fn read(args: &SyncArgs, common: &Common) -> Result<Self, Failure> {
        let read = |text: &String| Place::read(text)?.in_table(args.table.as_deref(), args.pg_partition);
        let places = args.to.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut named = places.iter().zip(&args.to).enumerate();
        let is_known = |index: usize, place: &Place| places.iter().take(index).any(|known| known == place);
        if let Some((_, (_, text))) = named.find(|(index, (place, _))| is_known(*index, place)) {
            return Err(Failure::usage(format!("--to names {} twice", shown(text)))
                .because("a place takes a reading once")
                .next("leave one of them out"));
        }
        let defaults = Schedule::default();
        let span = |flag: &str, text: &Option<String>, default: TimeDelta| match text {
            None => Ok(default),
            Some(text) => length(flag, text),
        };
        let refresh = match args.refresh.as_deref() {
            None => defaults.refresh,
            Some("none") => Vec::new(),
            Some(text) => text.split(',').map(|age| length("--refresh", age)).collect::<Result<_, _>>()?,
        };
        let schedule = Schedule {
            settle: span("--settle", &args.settle, defaults.settle)?,
            lookback: span("--lookback", &args.lookback, defaults.lookback)?,
            refresh,
        };
        let wanted = match (&args.full_refresh, &args.since, args.period.period()) {
            (Some(dates), ..) => Wanted::Anew(Range::of_dates("--full-refresh", dates)?),
            (None, Some(since), _) => Wanted::Due(Some(Date::read(since)?)),
            (None, None, Some(period)) => Wanted::Within(Range::read(&period)?),
            (None, None, None) => Wanted::Due(None),
        };
        let creates = args.create_table == CreateTable::Auto;
        Ok(Self { places, creates, schedule, wanted, exact: args.exact, ahead: get::ahead(common) })
    }

    /// What is to be read into a place with this ledger.
    fn due(&self, ledger: &Ledger, clock: &Clock) -> Result<Vec<Period>, Failure> {
        let now = clock.local();
        let read_at = |window: &Window| clock.zone.wall(window.fetched_at);
        let due = |since| ledger.due(since, now, &self.schedule, read_at);
        match &self.wanted {
            Wanted::Due(since) => {
                let since = since.map(|since| begin_of(since, clock)).transpose()?;
                if since.is_none() && ledger.windows().is_empty() {
                    return Err(Failure::usage("nothing says where the first load begins")
                        .because("the place has no legs of this account")
                        .next("add --since DATE, for example --since 2026-01-01"));
                }
                Ok(due(since))
            }
            Wanted::Within(range) => {
                let asked = until_now(range.resolve(clock)?.period, now)?;
                let due = due(Some(asked.from()));
                // Windows stay whole, so that none is cut by a bound of the period.
                let overlaps = |period: &Period| period.from() < asked.till() && asked.from() < period.till();
                let due = due.into_iter().filter(overlaps);
                Ok(due.filter_map(|period| clipped(period, ledger.whole_windows(asked))).collect())
            }
            Wanted::Anew(range) => {
                let asked = until_now(range.resolve(clock)?.period, now)?;
                Ok(vec![ledger.whole_windows(asked)])
            }
        }
    }
}

/// The first moment of a date.
fn begin_of(date: Date, clock: &Clock) -> Result<NaiveDateTime, Failure> {
    let period = Range::Between(date, Date::Now).resolve(clock)?.period;
    Ok(period.from().date().and_time(NaiveTime::MIN))
}

fn until_now(period: Period, now: NaiveDateTime) -> Result<Period, Failure> {
    Ok(Period::new(period.from().min(now), period.till().min(now))?)
}

fn clipped(period: Period, within: Period) -> Option<Period> {
    let clipped = Period::new(period.from().max(within.from()), period.till().min(within.till()));
    clipped.ok().filter(|period| !period.is_empty())
}

/// A length of time such as `3d`.
fn length(flag: &str, text: &str) -> Result<TimeDelta, Failure> {
    match Span::read(text.trim()) {
        Some(Span::Days(days)) => Ok(TimeDelta::days(days.into())),
        Some(Span::Minutes(minutes)) => Ok(TimeDelta::minutes(minutes.into())),
        None if text.trim() == "0" => Ok(TimeDelta::zero()),
        None => Err(Failure::usage(format!("{flag} does not take {}", shown(text)))
            .because("it takes a length of time")
            .next("write 90m, 2h, 3d or 2w")),
    }
}

/// What every summary of a sync begins with.
const SUMMARY_BEGINS: &str = "{\"accou";

/// What every file of figures begins with.
const METRICS_BEGIN: &str = "# HELP c";

/// What became of a sync. Its keys in JSON are a contract.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Synced {
    account: String,
    run_id: String,
    /// Legs that were read.
    rows: u64,
    inserted: u64,
    changed: u64,
    /// Legs that a place has and the server has not.
    gone: u64,
    points: u32,
    calls: u64,
    windows: u64,
    /// What is missing.
    holes: Vec<String>,
    /// Everything that was due was read.
    complete: bool,
    places: Vec<PlaceState>,
    exit: u8,
    error: Option<String>,
    /// Of a partner: what became of each customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customers: Vec<Self>,
}

impl Synced {
    fn end(&mut self, ended: &Result<(), Failure>) {
        self.complete = ended.is_ok();
        self.exit = ended.as_ref().map_or_else(|failure| failure.exit, |()| Exit::Done).code();
        self.error = ended.as_ref().err().map(|failure| failure.what.clone());
    }

    /// Adds what became of a customer.
    fn take(&mut self, customer: Self) {
        self.rows += customer.rows;
        self.inserted += customer.inserted;
        self.changed += customer.changed;
        self.gone += customer.gone;
        self.points += customer.points;
        self.calls += customer.calls;
        self.windows += customer.windows;
        let account = &customer.account;
        self.holes.extend(customer.holes.iter().map(|hole| format!("{account}: {hole}")));
        self.customers.push(customer);
    }

    fn add(&mut self, read: &Read) {
        self.rows += read.rows;
        self.holes.extend_from_slice(&read.holes);
        for put in &read.put {
            self.windows += put.windows.len() as u64;
            self.inserted += put.windows.iter().map(|window| window.inserted).sum::<u64>();
            self.changed += put.windows.iter().map(|window| window.changed).sum::<u64>();
            self.gone += put.gone.len() as u64;
        }
    }
}

/// Up to when a place is complete.
#[derive(Debug, Serialize)]
struct PlaceState {
    place: String,
    complete_until: Option<String>,
    /// Stretches that no window covers.
    gaps: usize,
    /// Windows that are read again by the next run.
    open: usize,
}

/// Runs the command.
pub(crate) fn run(
    args: &SyncArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    let job = Job::read(args, common)?;
    let unspent = Failure::unspent;
    let open = |place: &Place| place.open(job.creates).map_err(unspent);
    let places = job.places.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let file = |path: &Option<PathBuf>, flag, what, begins: &'static str| {
        let ours = move |first: &[u8]| first.starts_with(begins.as_bytes());
        let file = path.as_deref().map(|path| AtomicFile::create_over(path, (flag, what), ours));
        file.transpose().map_err(|error| Failure::from(error).unspent())
    };
    let summary = file(&args.summary_file, "--summary-file", "summary", SUMMARY_BEGINS)?;
    let metrics = file(&args.metrics_file, "--metrics-file", "file of figures", METRICS_BEGIN)?;
    let run_id = run_id(now);
    let (synced, ended) = if args.all_customers || !args.customer.is_empty() {
        for_customers(args, &job, &places, common, terminal, now, &run_id)
    } else {
        one(args, &job, &places, common, terminal, now, &run_id)
    };
    let written = [(summary, json(&synced)?), (metrics, prometheus(&synced, now).into_bytes())]
        .into_iter()
        .try_for_each(|(file, text)| file.map_or(Ok(()), |file| fill(file, &text)));
    ended.and(written).map(|()| Exit::Done)
}

/// One account.
fn one(
    args: &SyncArgs,
    job: &Job,
    places: &[Shared],
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    run_id: &str,
) -> (Synced, Result<(), Failure>) {
    let mut synced = Synced { run_id: run_id.to_owned(), ..Synced::default() };
    let ended = attempt(args, job, places, common, terminal, now, &mut synced);
    synced.end(&ended);
    (synced, ended)
}

/// The customers of a partner, one after the other: a door that is closed stops none of the others.
fn for_customers(
    args: &SyncArgs,
    job: &Job,
    places: &[Shared],
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    run_id: &str,
) -> (Synced, Result<(), Failure>) {
    let mut all = Synced { run_id: run_id.to_owned(), ..Synced::default() };
    let customers = match wanted_customers(args, common, terminal, &mut all) {
        Ok(customers) => customers,
        Err(failure) => {
            let ended = Err(failure);
            all.end(&ended);
            return (all, ended);
        }
    };
    let total = customers.len() as u64;
    let mut failed: Vec<(String, Failure)> = Vec::new();
    let mut rows = Vec::new();
    let mut stopped = None;
    for customer in customers {
        let mut common = common.clone();
        common.user_id = customer.users.first().map(|user| user.id);
        common.max_points = common.max_points.map(|points| points.saturating_sub(all.points));
        let name = clean(customer.name()).into_owned();
        terminal.detail(&name);
        let (synced, ended) = one(args, job, places, &common, terminal, now, run_id);
        let told = ended.as_ref().map_or_else(|failure| failure.what.clone(), |()| "ok".to_owned());
        rows.push(vec![
            name.clone(),
            synced.account.clone(),
            grouped(synced.rows),
            grouped(synced.inserted + synced.changed),
            synced.points.to_string(),
            told,
        ]);
        all.take(synced);
        match ended {
            Ok(()) => {}
            Err(failure) if ends_all(failure.exit) => {
                stopped = Some(failure);
                break;
            }
            Err(failure) => failed.push((name, failure)),
        }
    }
    let count = rows.len();
    let heads = ["customer", "account", "legs", "written", "points", "result"].map(str::to_owned);
    let ended = match (stopped, failed.as_slice()) {
        (Some(mut failure), _) => {
            failure.kept = Some(format!(
                "{count} of {} were begun; those that are ok are complete",
                counted(total, "customer")
            ));
            Err(failure)
        }
        (None, []) => Ok(()),
        (None, failed) => {
            let told = |(name, failure): &(String, Failure)| {
                let next = failure.next.as_ref().map_or_else(String::new, |next| format!(" ({next})"));
                format!("{name}: {}{next}", failure.what)
            };
            let told: Vec<_> = failed.iter().map(told).collect();
            let complete = count - failed.len();
            Err(Failure::new(
                Exit::Incomplete,
                format!("{complete} of {count} are complete; not ready:\n  {}", told.join("\n  ")),
            )
            .because("each of them has its own door")
            .next("mend what is said, then run the command again: what is complete is not bought again"))
        }
    };
    let ended = table::print(&heads, rows).and(ended);
    all.end(&ended);
    (all, ended)
}

/// What ends the run for the other customers too.
const fn ends_all(exit: Exit) -> bool {
    matches!(
        exit,
        Exit::Points
            | Exit::Destination
            | Exit::Interrupted
            | Exit::Terminated
            | Exit::HungUp
            | Exit::Bug
            | Exit::Usage
    )
}

/// The customers that were asked for.
fn wanted_customers(
    args: &SyncArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    synced: &mut Synced,
) -> Result<Vec<Customer>, Failure> {
    stdout::check()?;
    let target = ApiTarget::find(common, terminal)?;
    let connection = connect::to(common, &target, terminal)?;
    let asked = connect::block_on(async { Interruptions::watch().or(accounts::all(&connection)).await });
    let usage = connection.client.usage();
    (synced.points, synced.calls) = (usage.spent, usage.requests);
    let mut customers = asked?;
    let is_named = |customer: &Customer, name: &String| customer.users.iter().any(|user| user.name == *name);
    if let Some(name) = args.customer.iter().find(|name| !customers.iter().any(|known| is_named(known, name)))
    {
        return Err(Failure::usage(format!("no customer has a user named {}", shown(name)))
            .because("customers are found by the names of their users")
            .next("calllegs accounts lists them"));
    }
    if !args.all_customers {
        customers.retain(|customer| args.customer.iter().any(|name| is_named(customer, name)));
    }
    Ok(customers)
}

fn fill(mut file: AtomicFile, text: &[u8]) -> Result<(), Failure> {
    file.fill(text)?;
    Ok(file.commit()?)
}

fn json(synced: &Synced) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec(synced)
        .map_err(|error| Failure::new(Exit::Bug, format!("the summary is not JSON: {error}")))?;
    text.push(b'\n');
    Ok(text)
}

/// The text format of Prometheus. Names are a contract.
fn prometheus(synced: &Synced, now: DateTime<Utc>) -> String {
    let account = synced.account.replace(['"', '\\', '\n'], "_");
    let mut text = String::new();
    let figures: [(&str, &str, u64); 7] = [
        ("legs", "Legs that the last run read", synced.rows),
        ("inserted", "Legs that were new to the first place", synced.inserted),
        ("changed", "Legs that the first place had otherwise", synced.changed),
        ("points", "Points that the last run spent", synced.points.into()),
        ("holes", "Windows that the server did not give whole", synced.holes.len() as u64),
        ("exit_code", "How the last run ended; 0 is complete", synced.exit.into()),
        ("run_timestamp_seconds", "When the last run began", now.timestamp().unsigned_abs()),
    ];
    for (name, help, value) in figures {
        // Writing to a string does not fail.
        let _infallible = write!(
            text,
            "# HELP calllegs_sync_{name} {help}\n# TYPE calllegs_sync_{name} gauge\n\
             calllegs_sync_{name}{{account=\"{account}\"}} {value}\n"
        );
    }
    text
}

fn attempt(
    args: &SyncArgs,
    job: &Job,
    places: &[Shared],
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    synced: &mut Synced,
) -> Result<(), Failure> {
    if args.dry_run {
        stdout::check()?;
    }
    let given = identity::given(common, now)?;
    let target = ApiTarget::find(common, terminal)?;
    let connection = connect::to(common, &target, terminal)?;
    let runtime = connect::runtime()?;
    let mut interruptions = runtime.block_on(async { Interruptions::watch() });
    let context = connection.context();
    let asked = identity::find(given.as_ref(), Need::Name, &connection, &context, terminal, now);
    let owner = runtime.block_on(interruptions.or(asked));
    let spent = |synced: &mut Synced| {
        let usage = connection.client.usage();
        (synced.points, synced.calls) = (usage.spent, usage.requests);
    };
    spent(synced);
    let owner = owner?;
    let clock = Clock { now, zone: owner.zone.clone(), dates: owner.dates.clone() };
    synced.account = owner.account.clone().unwrap_or_default();
    if args.dry_run {
        let due = due(job, places, &synced.account, &clock)?;
        let mut context = context;
        context.clock = Some(clock.clone());
        return dry_run(&due, &connection, &runtime, &mut interruptions, &context, terminal);
    }
    let leased = Leased::take(places, &synced.account, &synced.run_id)?;
    for told in &leased.told {
        terminal.note(told);
    }
    let due = due(job, places, &synced.account, &clock)?;
    let run_id = synced.run_id.clone();
    let mut reading = Reading {
        places,
        run_id: &run_id,
        settle: job.schedule.settle,
        exact: job.exact,
        ahead: job.ahead,
        connection: &connection,
        runtime: &runtime,
        owner: &owner,
        clock: &clock,
        terminal,
        tells: !args.all_customers && args.customer.is_empty(),
    };
    let mut ended = Ok(());
    for period in due {
        let read = reading.read(period, &mut interruptions)?;
        synced.add(&read);
        ended = read.ended;
        spent(synced);
        if ended.is_err() {
            break;
        }
    }
    for place in places {
        let mut place = place.lock();
        let ledger = place.ledger(&synced.account)?;
        let state = PlaceState {
            place: place.address().to_owned(),
            complete_until: ledger.complete_until().map(|until| wall_time::format(until).to_string()),
            gaps: ledger.gaps().len(),
            open: ledger.windows().iter().filter(|window| window.status == WindowStatus::Open).count(),
        };
        let until = state.complete_until.as_deref().map_or_else(
            || "nothing is complete yet".to_owned(),
            |until| format!("complete until {until} {}", clock.zone),
        );
        terminal.note(&format!("{}: {until}", state.place));
        synced.places.push(state);
    }
    drop(leased);
    if ended.is_ok() && !synced.holes.is_empty() {
        ended = Err(Failure::new(
            Exit::Incomplete,
            format!("not everything came:\n  {}", synced.holes.join("\n  ")),
        )
        .because("what the server gives is not what it counts, also when it is asked again")
        .next("run the command again: those windows are open and will be read anew"));
    }
    let [legs, points, calls] =
        [counted(synced.rows, "leg"), counted(synced.points.into(), "point"), counted(synced.calls, "call")];
    let [new, changed] = [grouped(synced.inserted), grouped(synced.changed)];
    terminal.note(&format!("{legs} read: {new} new, {changed} changed, {points}, {calls}"));
    ended.map_err(|mut failure| {
        if matches!(
            failure.exit,
            Exit::Points | Exit::Network | Exit::Interrupted | Exit::Terminated | Exit::HungUp
        ) {
            let bound = if failure.is_out_of_budget { Bound::LeftOut } else { Bound::Kept };
            failure.kept = Some("the windows that were told are in their places".to_owned());
            failure.resume_with = Some(command_line::to_go_on(bound).into());
        }
        failure
    })
}

/// Says what would be read, and what that costs.
fn dry_run(
    due: &[Period],
    connection: &Connection,
    runtime: &Runtime,
    interruptions: &mut Interruptions,
    context: &Context,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let spec = ExportSpec::default();
    let (mut legs, mut points, mut text) = (0, 0, String::new());
    for period in due {
        let counting = plan::count(connection, &spec, context, *period);
        let forecast = runtime.block_on(interruptions.or(counting))?;
        legs += forecast.legs;
        points += forecast.calls;
        let [legs, calls] = [counted(forecast.legs, "leg"), counted(forecast.calls, "point")];
        // Writing to a string does not fail.
        let _infallible = writeln!(text, "{}  {legs}, about {calls}", name(*period));
    }
    let [legs, points] = [counted(legs, "leg"), counted(points, "point")];
    stdout::print(&format!("{text}{legs} in all, about {points}\n"))?;
    let spent = connection.client.usage().spent;
    terminal.note(&format!("nothing is read; {} spent to learn this", counted(spent.into(), "point")));
    Ok(())
}

/// Whatever any of the places needs.
fn due(job: &Job, places: &[Shared], account: &str, clock: &Clock) -> Result<Vec<Period>, Failure> {
    let mut due = Vec::new();
    for place in places {
        let ledger = place.lock().ledger(account)?;
        due.extend(job.due(&ledger, clock)?);
    }
    Ok(calllegs_store::ledger::joined(due))
}

/// An account that is this run's in all places, until this is dropped.
struct Leased<'p> {
    places: &'p [Shared],
    account: String,
    told: Vec<String>,
}

impl<'p> Leased<'p> {
    fn take(places: &'p [Shared], account: &str, run_id: &str) -> Result<Self, Failure> {
        let mut leased = Self { places: &[], account: account.to_owned(), told: Vec::new() };
        for (index, place) in places.iter().enumerate() {
            let told = place.lock().lease(account, run_id).map_err(|error| Failure::from(error).unspent());
            leased.told.extend(told?);
            leased.places = places.get(..=index).unwrap_or_default();
        }
        Ok(leased)
    }
}

impl Drop for Leased<'_> {
    fn drop(&mut self) {
        self.places.iter().for_each(|place| place.lock().release(&self.account));
    }
}

/// What reading a period into places needs.
pub(crate) struct Reading<'r> {
    pub(crate) places: &'r [Shared],
    pub(crate) run_id: &'r str,
    pub(crate) settle: TimeDelta,
    pub(crate) exact: bool,
    /// Pages in flight together.
    pub(crate) ahead: usize,
    pub(crate) connection: &'r Connection,
    pub(crate) runtime: &'r Runtime,
    pub(crate) owner: &'r AccountIdentity,
    pub(crate) clock: &'r Clock,
    pub(crate) terminal: &'r Arc<Terminal>,
    /// Each window is told.
    pub(crate) tells: bool,
}

/// What became of a period.
pub(crate) struct Read {
    pub(crate) rows: u64,
    /// What is missing.
    pub(crate) holes: Vec<String>,
    /// Windows that are in all places, however it ended.
    pub(crate) put: Vec<Put>,
    pub(crate) ended: Result<(), Failure>,
}

impl Reading<'_> {
    /// Reads a period into the places.
    ///
    /// # Errors
    /// When it cannot be begun.
    pub(crate) fn read(
        &mut self,
        period: Period,
        interruptions: &mut Interruptions,
    ) -> Result<Read, Failure> {
        let Self { connection, owner, clock, terminal, .. } = self;
        terminal.note(&describe(period, &clock.zone, owner.source).to_string());
        let spec = ExportSpec::default();
        let put = Arc::new(Mutex::new(Vec::new()));
        let (seen, shown, tells) = (Arc::clone(&put), Arc::clone(terminal), self.tells);
        let destination = WindowsDestination::new(self.places.iter().cloned(), self.run_id)
            .settle(self.settle)
            .exact(self.exact)
            .watched_by(move |put: &Put| {
                if tells {
                    tell(put, &shown);
                }
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(put.clone());
            });
        let account = owner.account.as_deref().unwrap_or_default();
        let origin = Origin::new(account, &spec.written(), period);
        let request = Request::new("", spec.written(), origin, (clock.now, clock.zone.clone()));
        let opened = Box::new(destination).open()?;
        let writing = WriterThread::begin(opened.begin(request)?.writer)?;
        let mut outcome = Outcome::default();
        let mut context = connection.context();
        context.clock = Some((*clock).clone());
        context.period = Some(period);
        let mut export = Export {
            client: &connection.client,
            spec: &spec,
            context: &context,
            terminal,
            outcome: &mut outcome,
            owner,
            writing: &writing,
            ahead: self.ahead,
            progress: Progress::begin(Instant::now()),
        };
        let read = self.runtime.block_on(export.read(period, None, interruptions));
        let (writer, written) = writing.end();
        // What is missing is named at the end; the other windows are put.
        let is_told = |failure: &Failure| failure.exit == Exit::Incomplete && !outcome.holes.is_empty();
        let read = read.or_else(|failure| if is_told(&failure) { Ok(()) } else { Err(failure) });
        let ended = written.map_err(Failure::from).and(read);
        let (ended, noticed) = match ended {
            Ok(()) => match writer.commit() {
                Ok(committed) => (Ok(()), committed.findings),
                Err(failed) => (Err(Failure::from(failed.error)), failed.suspended.findings),
            },
            Err(failure) => {
                let suspended = writer.suspend(Ending::behind(outcome.rows));
                (Err(failure), suspended.findings)
            }
        };
        for line in outcome.warnings().iter().chain(&findings::lines(&noticed)) {
            terminal.warn(line);
        }
        let put = std::mem::take(&mut *put.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Read { rows: outcome.rows, holes: outcome.holes, put, ended })
    }
}

/// One line a window.
fn tell(put: &Put, terminal: &Terminal) {
    for told in &put.told {
        terminal.note(told);
    }
    for window in &put.windows {
        let legs = counted(window.legs, "leg");
        let [new, changed] = [grouped(window.inserted), grouped(window.changed)];
        let open = match window.status {
            WindowStatus::Final => "",
            WindowStatus::Open if window.legs < window.total_items => ", open: the server counts more",
            WindowStatus::Open => ", open: it is not settled",
        };
        terminal.note(&format!("{}  {legs}, {new} new, {changed} changed{open}", name(window.period)));
    }
    if let Some(first) = put.gone.first() {
        terminal.warn(&format!(
            "{} in the place that the server does not have any more, the first with id {first}",
            counted(put.gone.len() as u64, "leg")
        ));
    }
}

/// A window as people write it: a day by its date.
pub(crate) fn name(period: Period) -> String {
    let (from, till) = (period.from(), period.till());
    if from.time() == NaiveTime::MIN && till == from + TimeDelta::days(1) {
        return from.date().to_string();
    }
    format!("{} … {}", wall_time::format(from), wall_time::format(till))
}
