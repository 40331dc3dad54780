//! `calllegs sandbox`: the emulator as a command. What it prints is read from the emulator that it started. Not here:
//! legs and truth without a server (`made`).

mod made;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::Path,
};

use calllegs_sandbox::{Builder, Chaos, Clock, ErrorKind, FAULTS, Sandbox, Tz, World};
use calllegs_store::AtomicFile;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

pub(crate) use self::made::{generate, truth};
use crate::{
    account::zone_rules,
    cli::{BrandName, Common, FaultArg, Limit, ServeArgs, SwitchArgs, WorldArgs},
    failure::{Exit, Failure, chain},
    lang::{self, say},
    signals::Interruptions,
    ui::{stdout, terminal::Terminal, text::counted},
};

/// The port that `--brand sandbox` means.
const USUAL_PORT: u16 = 8321;

/// Days of legs beyond today for a clock that may come to them.
const DAYS_AHEAD: u64 = 14;

/// What an emulator makes up, and whose tables it has.
pub(crate) fn builder(common: &Common, world: &WorldArgs) -> Builder {
    let mut builder = Sandbox::builder().seed(world.seed).bounds(world.bounds);
    if let Some(days) = world.days {
        builder = builder.days(days);
    }
    if let Some(legs) = world.legs_per_day {
        builder = builder.legs_per_day(legs);
    }
    match common.brand.and_then(BrandName::brand) {
        Some(brand) => builder.brand(brand),
        None => builder,
    }
}

/// The zone of the accounts: what the user says, else the world's own.
fn zone(common: &Common, world: World) -> Result<Tz, Failure> {
    Ok(common.tz.as_deref().map(zone_rules::built_in).transpose()?.unwrap_or_else(|| world.zone()))
}

/// The failure that an emulator's error is to the user.
pub(crate) fn failed(error: &calllegs_sandbox::Error) -> Failure {
    let exit = match error.kind() {
        ErrorKind::Bind => Exit::Network,
        // A bad file, an impossible period, and what the emulator may learn to refuse.
        ErrorKind::Data | ErrorKind::Period | _ => Exit::Usage,
    };
    let (chained, own) = (chain(error), error.to_string());
    let what =
        lang::heard(&own).map_or_else(|| chained.clone(), |russian| chained.replacen(&own, &russian, 1));
    let failure = Failure::new(exit, what).because(say!("the emulator cannot start like this"));
    // The library names its own options.
    if error.kind() == ErrorKind::Period {
        return failure
            .next(say!("legs are made from --since (or --days back) up to --until, which is not included and is tomorrow by itself"));
    }
    let next = error.next_step();
    failure.next(lang::heard(next).unwrap_or_else(|| next.to_owned()))
}

/// The first day with a leg of the main account, and the first day after the last one.
pub(crate) fn extent(sandbox: &Sandbox) -> Option<(NaiveDate, NaiveDate)> {
    let (first, last) = sandbox.days()?;
    Some((first, last.succ_opt()?))
}

/// Serves until Ctrl-C, or lists the faults.
pub(crate) fn serve(
    args: &ServeArgs,
    common: &Common,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if args.fault.iter().any(|fault| matches!(fault, FaultArg::Help)) {
        stdout::check()?;
        if args.json {
            let faults = FAULTS.iter().map(
                |fault| json!({"name": fault.name, "group": fault.group.name(), "meaning": fault.meaning}),
            );
            return stdout::print_json(&faults.collect::<Vec<_>>());
        }
        return list_faults(&mut io::stdout().lock()).map_err(|error| Failure::stdout(&error));
    }
    let port_file = args.port_file.as_deref().map(port_file).transpose()?;
    let zone = zone(common, args.kind)?;
    // Legs of today too: each is there once it has happened. A clock that is not the real one comes to later days.
    let today = match args.clock {
        Clock::Fixed(at) => at.with_timezone(&zone).date_naive(),
        Clock::FixedWall(at) => at.date(),
        Clock::Real | Clock::Fast(_) | _ => now.with_timezone(&zone).date_naive(),
    };
    let ahead = if args.clock == Clock::Real { 1 } else { 1 + DAYS_AHEAD };
    let tomorrow = today.checked_add_days(Days::new(ahead)).unwrap_or(today);
    let switches = &args.switches;
    let mut builder = builder(common, &args.world)
        .bind(SocketAddr::new(args.listen, args.port))
        .zone(zone)
        .until(args.until().unwrap_or(tomorrow))
        .world(args.kind)
        .minute_limit(args.limit.minute)
        .hour_limit(args.limit.hour)
        .day_limit(args.limit.day)
        .date_applies_to(switches.date_applies_to)
        .offset_cap(switches.offset_cap)
        .future_dates(switches.future)
        .limits_of(switches.limits)
        .http_errors(switches.http_errors)
        .unfinished(switches.unfinished)
        .min_age(switches.min_age.unwrap_or_default())
        .ids(switches.ids)
        .listing_order(switches.listing_order)
        .clock_change(switches.clock_change)
        .repeats(switches.repeats)
        .admin(!args.no_admin)
        .clock(args.clock)
        .agency(args.agency);
    if let Some(late) = args.late {
        builder = builder.late_data(late);
    }
    if let Some(field) = &args.new_field {
        builder = builder.new_field(field.clone());
    }
    let days = Days::new(args.world.days.unwrap_or_else(|| args.kind.days()).into());
    let first = today.checked_sub_days(days).filter(|_| args.until().is_none());
    if let Some(since) = args.since.or(first) {
        builder = builder.since(since);
    }
    if let Some(file) = &args.data {
        builder = builder.data(file);
    }
    for burst in &args.burst {
        builder = builder.burst(burst.at, burst.legs, burst.seconds);
    }
    for fault in &args.fault {
        if let FaultArg::Fault(fault) = fault {
            builder = builder.fault(fault.clone());
        }
    }
    if let Some(chaos) = args.chaos {
        builder = builder.chaos(chaos);
    }
    let sandbox = builder.start().map_err(|error| failed(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Bug, say!("no runtime: {error}", error)))?;
    runtime.block_on(async {
        // Before anybody can know that it serves: whoever reads the greeting may stop it at once.
        let mut interruptions = Interruptions::watch();
        if let Some(mut file) = port_file {
            file.fill(format!("{}\n", sandbox.address().port()).as_bytes())?;
            file.commit()?;
        }
        if args.json {
            let (accounts, legs) = sandbox.size();
            let (url, zone) = (sandbox.url(), zone.name());
            stdout::print_json(&json!({"url": url, "zone": zone, "accounts": accounts, "legs": legs}))?;
        } else {
            for line in greeting(args, common, &sandbox, zone) {
                terminal.note(&line);
            }
        }
        // Both ways of stopping a server are its regular end.
        interruptions.next().await;
        Ok(())
    })
}

/// What can go wrong, by group.
fn list_faults(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "NAME[:p=0.1][:n=3][:after=5][:match=offset>0][:ms=30000]")?;
    writeln!(out, "{}", say!("  p      chance for each request that it may hit"))?;
    writeln!(out, "{}", say!("  n      at most so many times"))?;
    writeln!(out, "{}", say!("  after  so many requests that it may hit go by first"))?;
    writeln!(
        out,
        "{}",
        say!(
            "  match  only where method, offset, limit or date_from compares so, or key=session, key=permanent"
        )
    )?;
    writeln!(out, "{}", say!("  ms     milliseconds, where it has to do with time"))?;
    let width = FAULTS.iter().map(|fault| fault.name.len()).max().unwrap_or_default();
    let mut group = None;
    for fault in FAULTS {
        if group.replace(fault.group) != Some(fault.group) {
            writeln!(out, "\n{}", fault.group.name())?;
        }
        writeln!(out, "  {:width$}  {}", fault.name, fault.meaning.replace('`', ""))?;
    }
    for chaos in Chaos::ALL {
        writeln!(out, "\n--chaos {}\n  {}", chaos.as_str(), chaos.faults().join("\n  "))?;
    }
    Ok(())
}

/// Opens it, in the place of an earlier one.
fn port_file(path: &Path) -> Result<AtomicFile, Failure> {
    let is_port = |first: &[u8]| str::from_utf8(first).is_ok_and(|port| port.trim().parse::<u16>().is_ok());
    Ok(AtomicFile::create_over(path, ("--port-file", "port"), is_port)?)
}

fn greeting(args: &ServeArgs, common: &Common, sandbox: &Sandbox, zone: Tz) -> Vec<String> {
    let brand = common.brand.and_then(BrandName::brand).map_or("uis", calllegs_core::Brand::as_str);
    let url = sandbox.url();
    let seed =
        if args.data.is_some() { String::new() } else { say!(", seed {seed}", seed = args.world.seed) };
    let (accounts, legs) = sandbox.size();
    let extent = extent(sandbox);
    // Legs of today are there once they have happened.
    let is_live = args.until().is_none() && args.data.is_none();
    let period = match extent {
        Some((first, _)) if is_live => say!("{first} … today", first),
        Some((first, after)) => format!("{first} … {}", after.pred_opt().unwrap_or(after)),
        None => "none".to_owned(),
    };
    let size = if let Some(file) = &args.data {
        let own = u64::try_from(legs.checked_div(accounts).unwrap_or_default()).unwrap_or(u64::MAX);
        say!("{legs}, {period} from {file}", legs = counted(own, "leg"), period, file = file.display())
    } else {
        let (accounts, legs) = (counted(accounts as u64, "account"), counted(legs as u64, "leg"));
        say!("{accounts}, {legs}, {period}, world {kind}", accounts, legs, period, kind = args.kind.as_str())
    };
    let target = if sandbox.address() == SocketAddr::from(([127, 0, 0, 1], USUAL_PORT)) {
        say!("--brand sandbox").to_owned()
    } else {
        say!("--brand sandbox --endpoint {url}", url)
    };
    let day = extent
        .filter(|_| !is_live)
        .and_then(|(_, after)| after.pred_opt())
        .map_or_else(|| "yesterday".to_owned(), |day| day.to_string());
    vec![
        say!("sandbox  {url}   brand {brand}, zone {zone}{seed}", url, brand, zone, seed),
        say!("data     {size}", size),
        say!("key      {args}", args = keys(args)),
        say!("clock    {sandbox}", sandbox = clock(args, sandbox)),
        say!("limits   {limit}", limit = limits(args.limit)),
        say!("faults   {sandbox}", sandbox = faults(args, sandbox)),
        say!("switches {args}", args = switches(args)),
        say!("control  {sandbox}", sandbox = control(args, sandbox)),
        say!("try      {program} {target} get --on {day}", program = program(), target, day),
        say!("stop     Ctrl-C").to_owned(),
    ]
}

fn keys(args: &ServeArgs) -> String {
    let keys = say!("sandbox-acme · login demo, password demo · partner's key sandbox-agency");
    match args.agency {
        0 => keys.to_owned(),
        clients => say!(
            "{keys} · with {clients}, sandbox-hundred",
            keys,
            clients = counted(clients.into(), "client")
        ),
    }
}

/// The clock, and what follows it.
fn clock(args: &ServeArgs, sandbox: &Sandbox) -> String {
    let late = if args.late.unwrap_or(args.clock != Clock::Real) { "on" } else { "off" };
    let field = args.new_field.as_ref().map_or("none", |field| field.as_str());
    let now = sandbox.now().format("%Y-%m-%dT%H:%M:%SZ");
    let now = if args.clock == Clock::Real { String::new() } else { say!(", now {now}", now) };
    say!("{clock}{now}, late data {late}, new field {field}", clock = args.clock, now, late, field)
}

fn faults(args: &ServeArgs, sandbox: &Sandbox) -> String {
    let faults: Vec<_> = sandbox.faults().iter().map(ToString::to_string).collect();
    let faults = if faults.is_empty() { "none".to_owned() } else { faults.join(" ") };
    args.chaos.map_or_else(
        || faults.clone(),
        |chaos| say!("{faults}   with chaos {chaos}", faults, chaos = chaos.as_str()),
    )
}

/// Every switch with its answer.
fn switches(args: &ServeArgs) -> String {
    let SwitchArgs {
        date_applies_to,
        offset_cap,
        future,
        limits,
        http_errors,
        unfinished,
        min_age,
        listing_order,
        clock_change,
        repeats,
        ids,
    } = &args.switches;
    let age = min_age.map_or_else(|| "none".to_owned(), |age| format!("{} s", age.as_secs()));
    say!(
        "bounds {bounds}, date-applies-to {date_applies_to}, offset-cap {offset_cap}, future {future}, limits {limits}, http-errors {http_errors}, unfinished {unfinished}, \
         min-age {age}, listing-order {listing_order}, clock-change {clock_change}, repeats {repeats}, ids {ids}",
        bounds = args.world.bounds.as_str(),
        date_applies_to = date_applies_to.as_str(),
        offset_cap = offset_cap.as_str(),
        future = future.as_str(),
        limits = limits.as_str(),
        http_errors = http_errors.as_str(),
        unfinished = unfinished.as_str(),
        age,
        listing_order = listing_order.as_str(),
        clock_change = clock_change.as_str(),
        repeats,
        ids = ids.as_str()
    )
}

fn control(args: &ServeArgs, sandbox: &Sandbox) -> String {
    if args.no_admin {
        return "none".to_owned();
    }
    let url = sandbox.url();
    let root = url.strip_suffix("/v2.0").unwrap_or(&url);
    say!(
        "{root}/__sandbox/   requests, stats, truth, truth/sessions, truth/metrics, truth/employees, customers, faults, clock, new-field, reset",
        root
    )
}

fn limits(limit: Limit) -> String {
    let hour = limit.hour.map(|points| say!("{points} an hour", points = counted(points.into(), "point")));
    let minute =
        limit.minute.map(|points| say!("{points} a minute", points = counted(points.into(), "point")));
    let day = limit.day.map(|points| say!("{points} a day", points = counted(points.into(), "point")));
    let known: Vec<_> = minute.into_iter().chain(hour).chain(day).collect();
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
}

/// The tool as the user called it, so that a command line that is shown can be copied.
pub(crate) fn program() -> String {
    let name = std::env::args_os().next().filter(|name| !name.is_empty());
    name.map_or_else(|| "calllegs".to_owned(), |name| name.to_string_lossy().into_owned())
}
