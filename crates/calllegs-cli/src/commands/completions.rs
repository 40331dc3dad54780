//! `calllegs completions`, and the answers to a shell that completes: commands and flags by themselves, and values that this
//! machine knows: profiles, customers as they were listed last, fields, reasons, accounts of a file. Nothing is asked of the API
//! and nothing is told: a shell that gets no answer completes nothing. Not here: the flags (`cli`).

use std::{env, ffi::OsStr, path::Path};

use calllegs_arrow::csv::CsvPreset;
use calllegs_core::{
    CallLegs,
    generated::enums::FINISH_REASONS,
    schema::{FieldInfo, Listing},
};
use chrono_tz::TZ_VARIANTS;
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::{
    ArgValueCandidates, ArgValueCompleter, CompleteEnv, CompletionCandidate, Shell,
    env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh},
};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::explain;
use crate::{
    account::{config::Config, customer_cache},
    cli::{Cli, CompletionsArgs, With},
    failure::{Exit, Failure},
    lang::{self, say},
    ui::stdout,
};

const NAME: &str = "calllegs";

/// Set by the scripts, to the name of their shell.
const VARIABLE: &str = "CALLLEGS_COMPLETE";

/// Answers a shell that completes, and ends the program; otherwise does nothing.
pub(crate) fn answer() {
    CompleteEnv::with_factory(|| knowing(lang::help::localized(Cli::command()))).var(VARIABLE).complete();
}

/// Prints what a shell reads.
pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let shell = args.shell;
    let script: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Zsh => &Zsh,
        _ => {
            return Err(Failure::usage(say!("no completions for this shell"))
                .next(say!("calllegs completions --help lists them")));
        }
    };
    let mut text = Vec::new();
    script
        .write_registration(VARIABLE, NAME, NAME, NAME, &mut text)
        .map_err(|error| Failure::new(Exit::Bug, say!("no completions: {error}", error)))?;
    if shell == Shell::Zsh {
        text.extend(FIRST_TAB.bytes());
    }
    let script = String::from_utf8_lossy(&text);
    if args.json {
        return stdout::print_json(&json!({"shell": shell.to_string(), "script": script}));
    }
    stdout::print(&script)
}

/// A file on zsh's `fpath` is read at the first completion, which it has to answer too.
const FIRST_TAB: &str = "\
if [[ $funcstack[1] == _calllegs ]]; then
    _clap_dynamic_completer_calllegs \"$@\"
fi
";

/// The command line, with what is known of values.
fn knowing(command: Command) -> Command {
    let within = command.get_name().to_owned();
    command.mut_args(|arg| with_values(&within, arg)).mut_subcommands(knowing)
}

fn with_values(command: &str, arg: Arg) -> Arg {
    match (command, arg.get_id().as_str()) {
        (_, "profile") | ("show" | "use" | "remove", "name") => arg.add(ArgValueCandidates::new(profiles)),
        (_, "customer") => arg.add(ArgValueCandidates::new(customers)),
        (_, "account") => arg.add(ArgValueCandidates::new(accounts)),
        (_, "tz") => arg.add(ArgValueCandidates::new(zones)),
        (_, "fields") => arg.add(ArgValueCompleter::new(column)),
        (_, "filter" | "where_local") => arg.add(ArgValueCompleter::new(condition)),
        (_, "on" | "from" | "till" | "since") => arg.add(ArgValueCandidates::new(|| words(&DATES))),
        (_, "csv_preset") => {
            arg.add(ArgValueCandidates::new(|| words(&CsvPreset::ALL.map(CsvPreset::as_str))))
        }
        (_, "with") => arg.add(ArgValueCandidates::new(|| words(&With::ALL.map(With::as_str)))),
        (_, "reason") => arg.add(ArgValueCandidates::new(|| {
            owned(FINISH_REASONS.iter().map(|info| info.reason.as_str().to_owned()))
        })),
        (_, "month") => arg.add(ArgValueCandidates::new(|| words(&["last-month", "this-month"]))),
        ("explain", "words") => arg.add(ArgValueCandidates::new(|| owned(explain::names()))),
        (_, "against" | "data" | "to" | "dest") => arg.value_hint(ValueHint::AnyPath),
        _ => arg,
    }
}

const DATES: [&str; 7] =
    ["today", "yesterday", "this-week", "last-week", "this-month", "last-month", "last-7d"];

fn words(words: &[&'static str]) -> Vec<CompletionCandidate> {
    words.iter().map(CompletionCandidate::new).collect()
}

fn owned(names: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    names.into_iter().map(CompletionCandidate::new).collect()
}

fn profiles() -> Vec<CompletionCandidate> {
    owned(Config::read().map(|config| config.profiles()).unwrap_or_default())
}

fn customers() -> Vec<CompletionCandidate> {
    owned(customer_cache::recall())
}

fn zones() -> Vec<CompletionCandidate> {
    owned(TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()))
}

/// The accounts of the file that the same line names with `--data`.
fn accounts() -> Vec<CompletionCandidate> {
    let line: Vec<_> = env::args_os().collect();
    let place = line.iter().skip_while(|word| *word != "--data").nth(1);
    let read = |place: &Path| {
        let file = Connection::open_with_flags(place, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut rows = file.prepare("SELECT DISTINCT account FROM _calllegs_windows ORDER BY 1")?;
        rows.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()
    };
    owned(place.and_then(|place| read(Path::new(place)).ok()).unwrap_or_default())
}

fn fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    CallLegs::METHOD.fields.iter().map(|field: &FieldInfo| (field.name(), field.summary()))
}

/// The last of columns that are written so far, which may be left out with a hyphen.
fn column(written: &OsStr) -> Vec<CompletionCandidate> {
    let written = written.to_string_lossy();
    let (before, last) = written.rsplit_once(',').map_or(("", &*written), |(before, last)| (before, last));
    let comma = if before.is_empty() { "" } else { "," };
    let (hyphen, last) = last.strip_prefix('-').map_or(("", last), |last| ("-", last));
    let sets = [("all", say!("every column")), ("default", say!("what the server answers by itself"))];
    let sets = sets.into_iter().filter(|_| hyphen.is_empty() && before.is_empty());
    let fitting = fields().chain(sets).filter(|(name, _)| name.starts_with(last));
    fitting
        .map(|(name, summary)| {
            CompletionCandidate::new(format!("{before}{comma}{hyphen}{name}")).help(Some(summary.into()))
        })
        .collect()
}

/// The last word of a condition: a field, or behind `finish_reason` and an operator a reason.
fn condition(written: &OsStr) -> Vec<CompletionCandidate> {
    let written = written.to_string_lossy();
    let at = written.rfind([' ', '(', ',']).map_or(0, |at| at + 1);
    let Some((before, last)) = written.split_at_checked(at) else { return Vec::new() };
    let clause =
        before.rsplit(" and ").next().and_then(|clause| clause.rsplit(" or ").next()).unwrap_or(before);
    let is_reason = clause.trim_start().starts_with("finish_reason ");
    let reasons = FINISH_REASONS.iter().map(|info| (info.reason.as_str(), info.en)).filter(|_| is_reason);
    let fields = fields().filter(|_| !is_reason);
    let fitting = reasons.chain(fields).filter(|(name, _)| name.starts_with(last));
    fitting
        .map(|(name, summary)| CompletionCandidate::new(format!("{before}{name}")).help(Some(summary.into())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(candidates: &[CompletionCandidate]) -> Vec<String> {
        candidates.iter().map(|candidate| candidate.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn columns_are_completed_one_after_the_other() {
        assert_eq!(values(&column("is_o".as_ref())), ["is_operator"]);
        assert_eq!(values(&column("id,is_o".as_ref())), ["id,is_operator"]);
        assert_eq!(values(&column("-contact_f".as_ref())), ["-contact_full_name"]);
        assert_eq!(values(&column("al".as_ref())), ["all"]);
    }

    #[test]
    fn conditions_are_completed_with_fields_and_reasons() {
        assert_eq!(values(&condition("is_operat".as_ref())), ["is_operator"]);
        assert_eq!(
            values(&condition("duration > 30 and is_operat".as_ref())),
            ["duration > 30 and is_operator"]
        );
        assert_eq!(values(&condition("finish_reason = timeo".as_ref())), ["finish_reason = timeout"]);
        let listed = "is_operator and finish_reason in (timeout, sip_off";
        assert_eq!(values(&condition(listed.as_ref())), [format!("{listed}line")]);
    }
}
