//! The `calllegs` command: reads the arguments and the clock once, and runs the command that is named.
//!
//! The tool holds no rules of the protocol: `calllegs-core` decides what is legal, what is complete and what is worth
//! another try.

mod account;
mod cli;
mod clock;
mod commands;
mod env;
mod failure;
mod input;
mod key_source;
mod lang;
mod refusal;
mod signals;
mod ui;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use calllegs_store::windows::run_id;
use chrono::{DateTime, Utc};
use clap::{CommandFactory as _, Parser, error::ErrorKind};

use crate::{
    account::{
        credentials, language, server_clock,
        settings::{self, Settings},
        zone_rules,
    },
    cli::{
        AuthCommand, BrandName, Cli, Command, Common, ConfigCommand, LanguageName, SandboxCommand, short_help,
    },
    commands::{
        accounts, auth, compact, completions, config, demo, doctor, explain, get, init, limits, manual, plan,
        redact, report, sandbox, sql, state, stats, sync, tables, verify,
    },
    failure::{Exit, Failure},
    lang::say,
    ui::{
        log::{Event, Facts, Log},
        stdout,
        terminal::Terminal,
    },
};

fn main() -> ExitCode {
    completions::answer();
    survive_file_size_limit();
    hush_workbooks();
    let exit = match read_arguments() {
        Ok(cli) => run(cli),
        Err(exit) => exit,
    };
    ExitCode::from(exit.code())
}

/// Writing beyond the size limit of files fails as other writing does: without a handler, the signal would end the process
/// on the spot. Programs that are started from here are not affected.
fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        let _best_effort = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// What the library of workbooks cannot write makes it panic, which `calllegs_store` makes an error: that is told, once.
fn hush_workbooks() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_of_workbooks = |at: &std::panic::Location<'_>| at.file().contains("rust_xlsxwriter");
        if !panic.location().is_some_and(is_of_workbooks) {
            usual(panic);
        }
    }));
}

/// A run that may open too few files would end in the middle, in places that cannot say why.
fn check_open_files() -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        const NEEDED: u64 = 64;
        let limit = getrlimit(Resource::Nofile);
        if let Some(current) = limit.current.filter(|current| *current < NEEDED) {
            let most = limit.maximum.unwrap_or(NEEDED).min(NEEDED);
            let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum });
            if most < NEEDED || raised.is_err() {
                return Err(Failure::new(
                    Exit::Config,
                    say!("only {current} files may be open at a time", current),
                )
                .because(say!("connections and files need up to {NEEDED}", NEEDED))
                .next(say!("raise the limit, for example with: ulimit -n 256")));
            }
        }
    }
    Ok(())
}

fn run(cli: Cli) -> Exit {
    let flags = cli.common.clone();
    let settings = check_open_files().and_then(|()| {
        if makes_settings(&cli.command) {
            env::value::<LanguageName>("CALLLEGS_LANG", LanguageName::LEGAL.say())?;
            return Ok(Settings { common: cli.common, ..Settings::default() });
        }
        settings::resolve(cli.common)
    });
    let prepared = settings.and_then(|settings| Ok((terminal(&settings.common)?, settings)));
    let (terminal, settings) = match prepared {
        Ok((terminal, settings)) => (Arc::new(terminal), settings),
        Err(failure) => {
            // Why the run ends is worth more than why a file does not say so.
            let _best_effort = unbegun(&cli.command, &failure);
            return report(&flags, &failure);
        }
    };
    terminal.event(Event::RunStart, &Facts::default());
    let ended = dispatch(&cli.command, &settings, &terminal);
    if let Err(failure) = &ended {
        terminal.fail(failure);
    }
    if let Some(log) = terminal.log() {
        log.end(ended.as_ref().copied());
    }
    ended.unwrap_or_else(|failure| failure.exit)
}

/// Where messages go, and the log.
fn terminal(common: &Common) -> Result<Terminal, Failure> {
    let now = now();
    let log = Log::open(common.log_format, common.log_file.as_deref(), run_id(now), now)?;
    Ok(Terminal::new(common.manners())?.logging(log))
}

/// Tells the programs that wait for its result of a command that ended before it could begin.
fn unbegun(command: &Command, failure: &Failure) -> Result<(), Failure> {
    if let Command::Get(args) = command {
        return get::unbegun(args, failure);
    }
    if let Command::Sync(args) = command { sync::unbegun(args, failure, now()) } else { Ok(()) }
}

/// Whether the command is about settings that need not be there yet, or need no mending to be mended.
const fn makes_settings(command: &Command) -> bool {
    matches!(
        command,
        Command::Profile(_)
            | Command::Auth(AuthCommand::Login(_) | AuthCommand::Logout(_))
            | Command::Config(ConfigCommand::Path(_) | ConfigCommand::Edit(_))
            | Command::Completions(_)
            | Command::Explain(_)
            | Command::Init(_)
            | Command::Man(_)
            | Command::Version(_)
    )
}

fn dispatch(command: &Command, settings: &Settings, terminal: &Arc<Terminal>) -> Result<Exit, Failure> {
    let common = &settings.common;
    let brand = common.brand.and_then(BrandName::brand);
    let done = |()| Exit::Done;
    match command {
        Command::Get(_) | Command::Report(_) | Command::Sandbox(_) | Command::Sync(_) => {}
        // Nothing is spent for a text that nobody can see.
        Command::Demo(_)
        | Command::Accounts(_)
        | Command::Auth(_)
        | Command::Completions(_)
        | Command::Config(_)
        | Command::Compact(_)
        | Command::Doctor(_)
        | Command::Explain(_)
        | Command::Fields(_)
        | Command::Init(_)
        | Command::Limits(_)
        | Command::Man(_)
        | Command::Plan(_)
        | Command::Profile(_)
        | Command::Reasons(_)
        | Command::Redact(_)
        | Command::Sql(_)
        | Command::Staff(_)
        | Command::State(_)
        | Command::Stats(_)
        | Command::Verify(_)
        | Command::Version(_) => stdout::check()?,
    }
    match command {
        Command::Demo(args) => demo::run(args, common, now()).map(done),
        Command::Init(args) => init::run(args, common, terminal, now),
        Command::Doctor(args) => doctor::run(args, common, terminal, now),
        Command::Explain(args) => explain::run(args).map(done),
        Command::Get(args) => {
            // To explain sends nothing.
            let now = if args.explain || args.report.as_deref() == Some("list") {
                now()
            } else {
                server_clock::now(common, now())
            };
            get::run(args, common, terminal, now)
        }
        Command::Plan(args) => plan::run(args, common, terminal, server_clock::now(common, now())).map(done),
        Command::Accounts(args) => accounts::run(args, common, terminal).map(done),
        Command::Sync(args) => {
            sync::run(&args.or(&settings.sync), common, terminal, server_clock::now(common, now()))
        }
        Command::Redact(args) => redact::run(args, common, terminal, now()),
        Command::Compact(args) => compact::run(args, terminal, now()).map(done),
        Command::Report(args) => report::run(args, common, &settings.sync, terminal, now()).map(done),
        Command::Stats(args) => stats::run(args, common, &settings.sync, terminal, now()).map(done),
        Command::Staff(args) => stats::staff(args, common, &settings.sync, terminal, now()).map(done),
        Command::Sql(command) => sql::run(command).map(done),
        Command::State(command) => state::run(command, terminal, now()).map(done),
        Command::Verify(args) => {
            verify::run(args, common, &settings.sync, terminal, server_clock::now(common, now()))
        }
        Command::Limits(args) => limits::run(args, common, terminal).map(done),
        Command::Sandbox(SandboxCommand::Serve(args)) => {
            sandbox::serve(args, common, terminal, now()).map(done)
        }
        Command::Sandbox(SandboxCommand::Generate(args)) => sandbox::generate(args, common).map(done),
        Command::Sandbox(SandboxCommand::Truth(args)) => sandbox::truth(args, common).map(done),
        Command::Auth(command) => auth::run(command, common, terminal).map(done),
        Command::Config(command) => config::run(command, settings, terminal).map(done),
        Command::Profile(command) => config::profile(command, terminal).map(done),
        Command::Completions(args) => completions::run(args).map(done),
        Command::Man(args) => manual::run(args).map(done),
        Command::Fields(args) => tables::fields(args, brand).map(done),
        Command::Reasons(args) => tables::reasons(args.json, brand).map(done),
        Command::Version(args) => version(args.json).map(done),
    }
}

/// Prints which version this is, and what it knows of time zones.
fn version(as_json: bool) -> Result<(), Failure> {
    let (rules, version) = (zone_rules::Rules::of_this_machine()?, env!("CARGO_PKG_VERSION"));
    if as_json {
        let rules = rules.to_string();
        return stdout::print_json(&serde_json::json!({"version": version, "time_zone_rules": rules}));
    }
    let rules = say!("rules of time zones: {rules}", rules);
    stdout::print(&format!("calllegs {version}\n{rules}\n"))
}

/// The command line, or how the run ends without one.
fn read_arguments() -> Result<Cli, Exit> {
    let refused = |failure: &Failure| report(&Common::default(), failure);
    let arguments: Vec<_> = std::env::args_os().collect();
    lang::speak(language::of(&arguments));
    credentials::refuse_arguments(
        arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()),
    )
    .map_err(|failure| refused(&failure))?;
    Cli::try_parse_from(&arguments).map_err(|error| {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            let words: Vec<_> =
                arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
            let help = short_help::find(|| lang::help::localized(Cli::command()), &words)
                .unwrap_or_else(|| localized(error, &arguments).to_string());
            return stdout::print(&help).map_or_else(|failure| refused(&failure), |()| Exit::Done);
        }
        if arguments.len() <= 1 {
            let help = short_help::find(|| lang::help::localized(Cli::command()), &["-h".to_owned()]);
            let _best_effort = write!(io::stderr(), "{}", help.unwrap_or_default());
            return Exit::Usage;
        }
        refused(&refusal::explain(&error, &arguments))
    })
}

/// Help, asked for again in the language of the run.
fn localized(english: clap::Error, arguments: &[OsString]) -> clap::Error {
    // A pipe has no width: what is read there is mostly read on a terminal too.
    let width = terminal_size::terminal_size().map_or(80, |(terminal_size::Width(columns), _)| columns);
    let command = lang::help::localized(Cli::command()).term_width(width.clamp(60, 110).into());
    let again = command.try_get_matches_from(arguments);
    again.err().unwrap_or(english)
}

/// Reports a failure that came before the terminal was set up.
fn report(common: &Common, failure: &Failure) -> Exit {
    match Terminal::new(common.manners()) {
        Ok(terminal) => terminal.fail(failure),
        Err(_) => {
            let _best_effort = writeln!(io::stderr(), "{} {}", say!("error:"), failure.what);
        }
    }
    failure.exit
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the calendar")]
fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .unwrap_or_default()
}
