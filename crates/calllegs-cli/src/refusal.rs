//! A wrong command line in the form of all failures: what happened, why, and what to write instead.
//!
//! A word that stands where none belongs is named by its place and repeated, unless it may be a key: people paste keys
//! where they do not belong. Not here: what is wrong with a value that only the command understands.

use std::{error::Error, ffi::OsString};

use calllegs_core::{
    CallLegs,
    filter::{Operator, nearest},
    schema::Listing,
};
use calllegs_sandbox::FAULTS;
use clap::{
    Arg, Command, CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::cli::{BadValue, BrandName, Cli};
use crate::{
    failure::Failure,
    input::dates::Date,
    lang::say,
    ui::{
        command_line::quoted,
        echo::{is_private, may_be_phone, may_be_secret, shown},
        text::clean,
    },
};

/// What clap refuses, as a failure.
pub(crate) fn explain(error: &clap::Error, arguments: &[OsString]) -> Failure {
    let line = Line::read(arguments);
    let flag = || text(error, ContextKind::InvalidArg).map(|shape| name_of(&shape).to_owned());
    let help = line.help();
    match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => match line.offender() {
            Some((at, Role::Stray)) => line.stray(at),
            Some((at, _)) => line.unknown_flag(at),
            None => line.value_with_a_sign().unwrap_or_else(|| other(error).next(help)),
        },
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Failure::usage(say!("no command is given"))
                .because(say!("flags alone do nothing"))
                .next(say!("`{line} --help` lists the commands", line = line.name()))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            value(error).unwrap_or_else(|| other(error).next(help))
        }
        ErrorKind::ArgumentConflict => {
            let prior = text(error, ContextKind::PriorArg).map(|shape| name_of(&shape).to_owned());
            match (flag(), prior) {
                (Some(flag), Some(prior)) if flag == prior && flag.starts_with("--where") => {
                    Failure::usage(say!("`{flag}` is given more than once", flag))
                        .because(say!("one condition decides, and it may have several parts"))
                        .next(say!("join them with `and`: {flag} 'direction = in and duration > 30'", flag))
                }
                (Some(flag), Some(prior)) if flag == prior => {
                    let what = match line.other_name_of(&flag) {
                        Some(other) => {
                            say!("`{other}` is `{flag}` by another name, and given beside it", other, flag)
                        }
                        None => say!("`{flag}` is given more than once", flag),
                    };
                    Failure::usage(what)
                        .because(say!("once says all of it"))
                        .next(say!("leave all but one of them out"))
                }
                (Some(flag), Some(prior)) if [&*flag, &*prior].contains(&"--count") => {
                    let other = if flag == "--count" { &prior } else { &flag };
                    Failure::usage(say!("`{flag}` cannot be used with `{prior}`", flag, prior))
                        .because(say!(
                            "a count is one number: it reads the ids of all legs, and writes no rows"
                        ))
                        .next(say!("leave {other} out to count, or --count to get the rows", other))
                }
                (Some(flag), Some(prior)) => {
                    Failure::usage(say!("`{flag}` cannot be used with `{prior}`", flag, prior))
                        .because(if [&flag, &prior].iter().all(|flag| PERIODS.contains(&flag.as_str())) {
                            say!("both say which period is meant")
                        } else {
                            say!("they do not go together: one command does the one or the other")
                        })
                        .next(say!("leave one of them out"))
                }
                _ if text(error, ContextKind::InvalidSubcommand).is_some() => {
                    Failure::usage(say!("`{line}` takes one file or place at a time", line = line.name()))
                        .because(say!("more than one is named"))
                        .next(say!("run it once for each of them"))
                }
                _ => other(error).next(say!("leave one of them out")),
            }
        }
        ErrorKind::TooManyValues => match flag() {
            Some(flag) => Failure::usage(say!("`{flag}` takes no value", flag))
                .because(say!("it is on when it is there"))
                .next(say!("write {flag} alone", flag)),
            None => other(error).next(help),
        },
        ErrorKind::MissingRequiredArgument => match flag() {
            Some(flag) => {
                let failure = Failure::usage(say!("`{flag}` is missing", flag))
                    .because(say!("nothing stands in for it"));
                let is_named_otherwise =
                    flag == "--data" && line.words.iter().any(|(word, _)| word == "--to");
                failure.next(if is_named_otherwise {
                    say!("the place is named with --data here: did you mean `--data` in place of `--to`?")
                        .to_owned()
                } else {
                    help
                })
            }
            None => other(error).next(help),
        },
        // Kinds that this command line cannot cause, and what clap may add.
        ErrorKind::NoEquals
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::InvalidUtf8
        | ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => other(error).next(help),
    }
}

/// What a word of the command line is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    Command,
    Flag {
        is_known: bool,
    },
    /// A word where none is expected.
    Stray,
    /// Of this flag.
    Value(String),
}

/// The words behind the name of the program.
struct Line {
    root: Command,
    words: Vec<(String, Role)>,
    /// The names of the commands that are called, for example `sandbox serve`.
    path: Vec<String>,
}

impl Line {
    fn read(arguments: &[OsString]) -> Self {
        let mut root = Cli::command();
        root.build();
        let mut command = &root;
        let (mut words, mut path) = (Vec::new(), Vec::new());
        let mut flag: Option<String> = None;
        for word in arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()) {
            let role = if let Some(flag) = flag.take() {
                Role::Value(flag)
            } else if word.len() > 1 && word.starts_with('-') {
                let known = flag_of(command, &word);
                let is_open = |known: &&Arg| known.get_action().takes_values() && !has_value(known, &word);
                flag = known.filter(is_open).and_then(Arg::get_long).map(|long| format!("--{long}"));
                Role::Flag { is_known: known.is_some() || word == "--" }
            } else if let Some(inner) = command.find_subcommand(&word) {
                command = inner;
                path.push(word.clone());
                Role::Command
            } else {
                Role::Stray
            };
            words.push((word, role));
        }
        Self { root, words, path }
    }

    /// The first word that belongs nowhere.
    fn offender(&self) -> Option<(usize, &Role)> {
        let roles = self.words.iter().map(|(_, role)| role).enumerate();
        roles.into_iter().find(|(_, role)| matches!(role, Role::Stray | Role::Flag { is_known: false }))
    }

    /// The innermost command that is called.
    fn command(&self) -> &Command {
        self.path.iter().fold(&self.root, |command, name| command.find_subcommand(name).unwrap_or(command))
    }

    fn name(&self) -> String {
        ["calllegs"].into_iter().chain(self.path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    fn help(&self) -> String {
        match self.path.as_slice() {
            [help] if help == "help" => say!("`calllegs --help` lists the commands").to_owned(),
            [help, inner @ ..] if help == "help" => {
                say!("`calllegs {inner} --help` is the same help", inner = inner.join(" "))
            }
            _ => say!("`{value} --help` lists what it takes", value = self.name()),
        }
    }

    /// Whether help is asked for by the command of that name.
    fn is_help(&self) -> bool {
        self.path.first().is_some_and(|first| first == "help")
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |(word, _)| word)
    }

    /// The words from here on that no flag and no command begins.
    fn run(&self, at: usize) -> Vec<&str> {
        let rest = self.words.iter().skip(at);
        rest.take_while(|(_, role)| *role == Role::Stray).map(|(word, _)| word.as_str()).collect()
    }

    /// How a flag was written that has another name.
    fn other_name_of(&self, flag: &str) -> Option<&str> {
        let command = self.command();
        let names = self.words.iter().map(|(word, _)| word.split('=').next().unwrap_or(word));
        names.filter(|name| name.starts_with("--") && *name != flag).find(|name| {
            flag_of(command, name).and_then(Arg::get_long).is_some_and(|long| flag == format!("--{long}"))
        })
    }

    /// A word where none is expected.
    fn stray(&self, at: usize) -> Failure {
        let word = self.word(at);
        let before = at.checked_sub(1).and_then(|before| self.words.get(before));
        let of_flag = before.and_then(|(value, role)| match role {
            Role::Value(flag) => Some((value.as_str(), flag.as_str())),
            Role::Command | Role::Flag { .. } | Role::Stray => None,
        });
        let place = say!("word {at} after `calllegs`", at = at + 1);
        // Conditions can name people.
        let is_condition = of_flag.is_some_and(|(_, flag)| flag.starts_with("--where"));
        let is_number = may_be_phone(word);
        let is_unsaid = may_be_secret(word) || is_number || (is_condition && !is_of_the_language(word));
        let what = if is_unsaid {
            say!("{place} belongs to no flag or command", place)
        } else {
            say!("{place}, {word}, belongs to no flag or command", place, word = shown(word))
        };
        let failure = Failure::usage(what);
        if let Some((value, flag)) = of_flag
            && let Some(next) = self.unquoted(value, flag, at)
        {
            return failure
                .because(say!("`{flag}` takes one word; a text with spaces stands in quotes", flag))
                .next(next);
        }
        let failure = match is_unsaid {
            true if may_be_secret(word) => {
                failure.because(say!("it is not repeated here, because it looks like a key"))
            }
            true if is_number => {
                failure.because(say!("it is not repeated here, because it may be somebody's phone number"))
            }
            _ if self.is_help() && !self.command().has_subcommands() => failure.because(say!(
                "`{value}` shows the help of one command, and takes nothing more",
                value = self.name()
            )),
            _ if self.command().has_subcommands() => {
                failure.because(say!("the name of a command is expected here"))
            }
            _ => failure
                .because(say!("`{value}` takes flags, and values that follow a flag", value = self.name())),
        };
        if may_be_secret(word) {
            return failure.next(self.meant(word).filter(|_| is_file(word)).unwrap_or_else(|| self.help()));
        }
        failure.next(self.meant(word).unwrap_or_else(|| self.help()))
    }

    /// What to write when the words are the rest of a value.
    fn unquoted(&self, value: &str, flag: &str, at: usize) -> Option<String> {
        let joined = [value].into_iter().chain(self.run(at)).collect::<Vec<_>>().join(" ");
        match flag {
            "--where" | "--where-local" => Some(say!(
                "put the whole condition in quotes, for example {flag} 'is_operator and duration > 30'",
                flag
            )),
            "--fields" => {
                Some(say!("separate columns with commas alone: --fields id,start_time,duration").to_owned())
            }
            "--on" | "--from" | "--till" | "--last" | "--month" if !may_be_secret(&joined) => {
                // One word more may belong to the date, and the rest not.
                let two = format!("{value} {}", self.word(at));
                let length = |text: &str| Date::find(&format!("-{}", text.replace(' ', ""))).is_some();
                let fits = |text: &String| Date::find(text).is_some() || (flag == "--last" && length(text));
                let date = [joined, two].into_iter().find(fits)?;
                Some(say!("put it in quotes: {flag} '{date}'", flag, date = clean(&date)))
            }
            _ => None,
        }
    }

    /// What a word alone probably stands for.
    fn meant(&self, word: &str) -> Option<String> {
        let (command, name, folded) = (self.command(), self.name(), word.to_lowercase());
        let has = |flag: &str| command.get_arguments().any(|known| known.get_long() == Some(flag));
        if command.has_subcommands() {
            let names = command.get_subcommands().map(Command::get_name);
            let names: Vec<_> = names.filter(|inner| *inner != "help" || self.path.is_empty()).collect();
            let near = SYNONYMS.iter().find(|(synonym, _)| *synonym == folded).map(|(_, meant)| *meant);
            let near = near.and_then(|near| match self.path.last().map(String::as_str) {
                None | Some("help") => Some(near),
                Some(inner) => near.strip_prefix(inner).map(str::trim_start).filter(|rest| !rest.is_empty()),
            });
            let begun = || names.iter().copied().find(|name| folded.len() > 1 && name.starts_with(&folded));
            let near = near.or_else(|| nearest(&folded, names.iter().copied())).or_else(begun);
            if let Some(near) = near {
                return Some(match near {
                    WITHOUT_LOGIN => {
                        say!("put the key into CALLLEGS_TOKEN and choose --brand; `calllegs --help` names the other ways")
                            .to_owned()
                    }
                    near => say!("did you mean `{name} {near}`?", name, near),
                });
            }
            if Date::find(word).is_some() && self.path.is_empty() {
                return Some(say!("did you mean `calllegs get --on {word}`?", word = quoted(&clean(word))));
            }
            let name = if self.is_help() { name.replacen(" help", "", 1) } else { name };
            return Some(say!(
                "`{name} --help` lists the commands; there are {names}",
                name,
                names = names.join(", ")
            ));
        }
        if has("on") && Date::find(word).is_some() {
            return Some(say!("did you mean `{name} --on {word}`?", name, word = quoted(&clean(word))));
        }
        if has("output") && is_file(word) {
            return Some(say!("name a file with -o, for example -o legs.parquet").to_owned());
        }
        if let Some(flag) = ["to", "data"].into_iter().find(|flag| has(flag) && is_place(word)) {
            return Some(say!(
                "did you mean `{name} --{flag} {word}`?",
                name,
                flag,
                word = quoted(&clean(word))
            ));
        }
        let brand: Result<BrandName, _> = folded.parse();
        if brand.is_ok() {
            return Some(say!("did you mean `--brand {folded}`?", folded));
        }
        if has("where") && (is_of_the_language(word) || word.contains(['=', '<', '>', ' '])) {
            return Some(
                say!("put a condition in quotes behind --where, for example --where 'duration > 30'")
                    .to_owned(),
            );
        }
        if has("json") && matches!(name.as_str(), "calllegs fields" | "calllegs reasons") {
            return Some(say!(
                "`{name}` lists all of them; look for one with: {name} | grep {word}",
                name,
                word = quoted(&clean(word))
            ));
        }
        let longs = command.get_arguments().filter_map(Arg::get_long);
        nearest(&folded, longs).map(|flag| say!("did you mean `--{flag}`?", flag))
    }

    /// A value that is taken for a flag.
    fn value_with_a_sign(&self) -> Option<Failure> {
        let signed = self.words.iter().find_map(|(word, role)| match role {
            Role::Value(flag) if word.starts_with('-') => Some((word, flag)),
            Role::Command | Role::Flag { .. } | Role::Stray | Role::Value(_) => None,
        });
        let (word, flag) = signed?;
        let failure = Failure::usage(say!("`{flag}` does not take {word}", flag, word = shown(word)))
            .because(say!("what begins with `-` is taken for a flag"));
        let is_of_a_file =
            ["--output", "--summary-file", "--port-file", "--data", "--dir"].contains(&flag.as_str());
        Some(if is_of_a_file && !may_be_secret(word) {
            failure.next(say!("write {word}", word = quoted(&format!("./{}", clean(word)))))
        } else {
            failure.next(say!("write the value of {flag} without `-`", flag))
        })
    }

    /// A flag of the command, written before its name.
    fn before_its_command(&self, at: usize) -> Option<Failure> {
        let command = self.words.iter().position(|(_, role)| *role == Role::Command)?;
        let word = self.word(at);
        let known = flag_of(self.command(), word).filter(|known| !known.is_hide_set() && at < command)?;
        let (flag, attached) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        let is_open = known.get_action().takes_values() && !has_value(known, word);
        let value = attached.or_else(|| is_open.then(|| self.word(at + 1)));
        // Conditions can name people.
        let is_unsaid = |value: &str| may_be_secret(value) || flag.starts_with("--where");
        let moved = match value {
            Some(value) if is_unsaid(value) => format!("{flag} …"),
            Some(value) => format!("{flag} {}", quoted(&clean(value))),
            None => flag.to_owned(),
        };
        let name = self.name();
        Some(
            Failure::usage(say!("`{flag}` stands before the name of its command", flag))
                .because(say!("it is a flag of `{name}`", name))
                .next(say!("it stands behind the command: {name} {moved}", name, moved)),
        )
    }

    /// A flag that the command does not have.
    fn unknown_flag(&self, at: usize) -> Failure {
        let word = self.word(at);
        let (flag, name) = (word.split('=').next().unwrap_or(word), self.name());
        if self.is_help() {
            return Failure::usage(say!("`{name}` takes no flags", name))
                .because(say!("it shows the help of one command, and nothing else"))
                .next(self.help());
        }
        if let Some(told) = self.before_its_command(at) {
            return told;
        }
        let bare = flag.trim_start_matches('-').replace('_', "-").to_lowercase();
        let failure = if may_be_secret(flag) {
            Failure::usage(say!("word {at} after `calllegs` is no flag of `{name}`", at = at + 1, name))
                .because(say!("it is not repeated here, because it looks like a key"))
        } else {
            Failure::usage(say!("`{name}` has no flag {flag}", name, flag = shown(flag)))
                .because(say!("flags are written in full, as --help lists them"))
        };
        let longs = |command: &Command| -> Vec<String> {
            let shown = command.get_arguments().filter(|known| !known.is_hide_set());
            shown.filter_map(Arg::get_long).map(str::to_owned).collect()
        };
        let own = longs(self.command());
        let synonym = FLAG_SYNONYMS.iter().find(|(synonym, meant)| {
            let target = meant.trim_start_matches('-').split(' ').next().unwrap_or_default();
            *synonym == bare && own.iter().any(|known| known == target)
        });
        if let Some((_, meant)) = synonym {
            return failure.next(say!("did you mean `{meant}`?", meant));
        }
        let inner = self.command().get_subcommands().find(|inner| flag_of(inner, flag).is_some());
        if let Some(inner) = inner.filter(|_| !self.path.is_empty()) {
            return failure.because(say!("the commands of `{name}` take it", name)).next(say!(
                "did you mean `{name} {command} {flag}`?",
                name,
                command = inner.get_name(),
                flag
            ));
        }
        let elsewhere: Vec<_> = self
            .root
            .get_subcommands()
            .filter(|other| {
                other.get_name() != "help" && flag_of(other, flag).is_some_and(|known| !known.is_hide_set())
            })
            .map(|other| say!("`calllegs {command}`", command = other.get_name()))
            .collect();
        if !elsewhere.is_empty() {
            return failure
                .because(say!("it is a flag of {elsewhere}", elsewhere = elsewhere.join(", ")))
                .next(if self.path.is_empty() {
                    say!("write the command first").to_owned()
                } else {
                    self.help()
                });
        }
        let begun = own.iter().find(|known| bare.len() > 2 && known.starts_with(&bare));
        let near = begun.map(String::as_str).or_else(|| nearest(&bare, own.iter().map(String::as_str)));
        match near {
            Some(near) => failure.next(say!("did you mean `--{near}`?", near)),
            None => failure.next(self.help()),
        }
    }
}

/// The flag that a word names.
fn flag_of<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let word = word.split('=').next().unwrap_or(word);
    let arguments = || command.get_arguments();
    if let Some(long) = word.strip_prefix("--") {
        return arguments().find(|known| {
            known.get_long() == Some(long) || known.get_all_aliases().unwrap_or_default().contains(&long)
        });
    }
    // Letters in one word: the first that takes a value ends them.
    let mut last = None;
    for letter in word.chars().skip(1) {
        last = Some(arguments().find(|known| known.get_short() == Some(letter))?);
        if last.is_some_and(|known| known.get_action().takes_values()) {
            break;
        }
    }
    last
}

/// Whether the value of a flag stands in the same word.
fn has_value(flag: &Arg, word: &str) -> bool {
    word.contains('=')
        || !word.starts_with("--") && flag.get_short().is_some_and(|letter| !word.ends_with(letter))
}

/// A value that its flag does not take.
fn value(error: &clap::Error) -> Option<Failure> {
    let shape = text(error, ContextKind::InvalidArg)?;
    let flag = name_of(&shape);
    let written = text(error, ContextKind::InvalidValue).unwrap_or_default();
    if written.is_empty() {
        return Some(
            Failure::usage(say!("`{flag}` is there without its value", flag))
                .because(say!("a value follows its flag, behind a space or `=`"))
                .next(say!("write {shape}", shape)),
        );
    }
    let mut reason = error.source().map(ToString::to_string).unwrap_or_default();
    let bad = error.source().and_then(|source| source.downcast_ref::<BadValue>());
    // Where a number is expected, it is none of a phone.
    let is_count =
        matches!(bad, Some(BadValue::Number { .. })) && written.bytes().all(|byte| byte.is_ascii_digit());
    let said = if is_count { format!("`{written}`") } else { shown(&written) };
    let failure = Failure::usage(say!("`{flag}` does not take {said}", flag, said));
    if is_private(&written) {
        reason = reason.replace(&*written, "…");
    }
    if flag == "--fault" && reason.starts_with("there is no fault") {
        let name = written.split([':', '=']).next().unwrap_or_default().to_lowercase();
        let failure = failure.because(say!("there is no such fault"));
        return Some(match nearest(&name, FAULTS.iter().map(|fault| fault.name)) {
            Some(near) => failure.next(say!("did you mean `{near}`? `--fault help` lists all", near)),
            None => failure.next(say!("calllegs sandbox serve --fault help lists all of them")),
        });
    }
    let legal = match (error.get(ContextKind::ValidValue), bad) {
        (Some(ContextValue::Strings(values)), _) => values.clone(),
        (_, Some(BadValue::Choice(words))) => words.split(", ").map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if legal.iter().any(|word| !word.is_empty()) {
        let failure = failure.because(say!("it takes one of {legal}", legal = legal.join(", ")));
        let folded = written.to_lowercase();
        return Some(match nearest(&folded, legal.iter().map(String::as_str)) {
            Some(near) => failure.next(say!("did you mean `{near}`?", near)),
            None if flag == "--format" && folded.starts_with("xls") => {
                failure.next(say!("spreadsheets open CSV: --format csv --csv-preset excel-ru, or excel-en"))
            }
            None => failure.next(say!("write one of these")),
        });
    }
    Some(if matches!(bad, Some(BadValue::Form(_) | BadValue::Number { .. })) {
        let is_number = written.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        let is_too_large = matches!(bad, Some(BadValue::Number { is_too_large: true, .. }));
        let failure = if is_number && is_too_large {
            failure.because(say!("the number is too large"))
        } else if is_number && written.starts_with('-') {
            failure.because(say!("a number below zero means nothing there"))
        } else {
            failure.because(say!("`{shape}` takes a value of another form", shape))
        };
        failure.next(reason)
    } else {
        failure.because(reason).next(say!("write {shape}; --help tells more", shape))
    })
}

/// What clap says, in one line.
fn other(error: &clap::Error) -> Failure {
    let said = error.to_string();
    let line = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let may_be_one = line.split_whitespace().any(is_private);
    let line = if may_be_one { say!("the command line cannot be understood").into() } else { clean(line) };
    Failure::usage(line).because(say!("the command line is not complete, or holds too much"))
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    let value = error.get(kind)?;
    if let ContextValue::String(text) = value {
        return Some(text.clone());
    }
    if let ContextValue::Strings(texts) = value { texts.first().cloned() } else { None }
}

/// `--on` of `--on <DATE>`.
fn name_of(shape: &str) -> &str {
    shape.split([' ', '=', '[']).next().unwrap_or(shape)
}

/// Whether the word is one of the language of conditions, and not a value in it.
fn is_of_the_language(word: &str) -> bool {
    ["and", "or", "not", "is", "null", "(", ")"].contains(&word)
        || CallLegs::field(word).is_some()
        || word.parse::<Operator>().is_ok()
}

fn is_file(word: &str) -> bool {
    [".parquet", ".csv", ".jsonl", ".arrow", ".json", ".xlsx", ".gz", ".zst", "/"]
        .iter()
        .any(|end| word.ends_with(end))
}

/// Whether it names a place with a ledger.
fn is_place(word: &str) -> bool {
    [".db", ".sqlite", ".sqlite3", "/"].iter().any(|end| word.ends_with(end)) || word.starts_with("postgres")
}

/// Names of commands in other programs; `!` is none that a key is given to.
const SYNONYMS: [(&str, &str); 26] = [
    ("auth", WITHOUT_LOGIN),
    ("calls", "get"),
    ("columns", "fields"),
    ("config", WITHOUT_LOGIN),
    ("cost", "plan"),
    ("count", "get --count"),
    ("download", "get"),
    ("emulator", "sandbox"),
    ("estimate", "plan"),
    ("export", "get"),
    ("fetch", "get"),
    ("forecast", "plan"),
    ("legs", "get"),
    ("load", "get"),
    ("login", WITHOUT_LOGIN),
    ("ls", "get"),
    ("mock", "sandbox"),
    ("points", "limits"),
    ("pull", "get"),
    ("quota", "limits"),
    ("report", "get"),
    ("run", "get"),
    ("schema", "fields"),
    ("serve", "sandbox serve"),
    ("start", "sandbox serve"),
    ("sync", "get"),
];

/// Flags each of which says the whole period.
const PERIODS: [&str; 5] = ["--from", "--last", "--month", "--on", "--till"];

const WITHOUT_LOGIN: &str = "!";

/// Names of flags in other programs.
const FLAG_SYNONYMS: [(&str, &str); 31] = [
    ("account", "--user-id"),
    ("begin", "--from"),
    ("columns", "--fields"),
    ("csv", "--format csv"),
    ("customer", "--user-id"),
    ("data", "--to PLACE"),
    ("date", "--on"),
    ("day", "--on"),
    ("days", "--last 7d"),
    ("dry-run", "--explain"),
    ("end", "--till"),
    ("file", "--output"),
    ("filter", "--where"),
    ("host", "--endpoint"),
    ("jsonl", "--format jsonl"),
    ("out", "--output"),
    ("parquet", "--format parquet"),
    ("period", "--on"),
    ("select", "--fields"),
    ("silent", "--quiet"),
    ("since", "--from"),
    ("start", "--from"),
    ("threads", "--concurrency"),
    ("timezone", "--tz"),
    ("to", "--data PLACE"),
    ("until", "--till"),
    ("url", "--endpoint"),
    ("user", "--user-id"),
    ("week", "--on last-week"),
    ("xlsx", "--format xlsx"),
    ("zone", "--tz"),
];

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn told(line: &str) -> Failure {
        let words: Vec<OsString> =
            ["calllegs"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
        explain(&Cli::try_parse_from(&words).unwrap_err(), &words)
    }

    #[test]
    fn words_that_belong_nowhere_are_named_by_their_place() {
        for (line, what, next) in [
            ("gte", "word 1 after `calllegs`, `gte`,", "`calllegs get`"),
            ("GET", "`GET`", "`calllegs get`"),
            ("lim", "`lim`", "`calllegs limits`"),
            ("fetch --on today", "word 1", "`calllegs get`"),
            ("login", "word 1", "CALLLEGS_TOKEN"),
            ("serve", "word 1", "`calllegs sandbox serve`"),
            ("вчера", "`вчера`", "`calllegs get --on вчера`"),
            ("help gte", "word 2 after `calllegs`, `gte`", "`calllegs help get`"),
            ("sandbox sevre", "word 2", "`calllegs sandbox serve`"),
            ("sandbox start", "word 2", "`calllegs sandbox serve`"),
            ("sandbox stop", "word 2", "there are serve"),
            ("get yesterday", "word 2 after `calllegs`, `yesterday`", "`calllegs get --on yesterday`"),
            ("plan 2026-09", "word 2", "`calllegs plan --on 2026-09`"),
            ("get --on last week", "word 4 after `calllegs`, `week`", "--on 'last week'"),
            ("get --from 2026-10-05 14:00 --till now", "`14:00`", "--from '2026-10-05 14:00'"),
            ("get --last 7 days", "word 4", "--last '7 days'"),
            ("get --where is_operator and duration", "word 4 after `calllegs`, `and`", "in quotes"),
            ("get --where employee_full_name Петрова", "word 4 after `calllegs` belongs", "in quotes"),
            ("get --fields id, duration", "word 4", "commas"),
            ("get --on today legs.csv", "word 4 after `calllegs`, `legs.csv`", "-o"),
            ("get uis", "word 2", "--brand uis"),
            ("fields duration", "word 2", "grep duration"),
            ("sync calls.db", "word 2", "`calllegs sync --to calls.db`"),
            ("sync --data calls.db", "`--data`", "`--to PLACE`"),
            ("state show --to calls.db", "`--to`", "`--data PLACE`"),
            ("state --data calls.db", "`--data`", "`calllegs state show --data`"),
            ("verify --to calls.db", "`--data` is missing", "`--data` in place of `--to`"),
            ("--brand sandbox gett", "word 3", "`calllegs get`"),
        ] {
            let failure = told(line);
            assert!(failure.what.contains(what), "{line}: {}", failure.what);
            assert!(failure.next.as_ref().unwrap().contains(next), "{line}: {:?}", failure.next);
            assert!(failure.cause.is_some(), "{line}");
        }
    }

    #[test]
    fn words_that_may_be_keys_are_not_repeated() {
        for key in [
            "0123456789abcdef0123456789abcdef",
            "hush-4711-key",
            "ztdetmqxvtbxqwxtbpxkqo",
            "Zm9v+YmFy/YmF6Cg==",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2lnbmF0dXJl",
            "ab12:cd34:ef56:7890",
        ] {
            for line in [
                key.to_owned(),
                format!("get {key}"),
                format!("get --on {key} --on today"),
                format!("get --on today {key}"),
                format!("--brand {key} get"),
                format!("get --concurrency {key}"),
                format!("get --{key}"),
                format!("get --{key}=1"),
                format!("sandbox serve --fault {key}"),
            ] {
                let failure = told(&line);
                assert!(!format!("{failure:?}").contains(key), "{line}: {failure:?}");
            }
            assert!(!shown(key).contains(key), "{key}");
        }
        for word in
            ["yesterdy", "employee_full_name", "2026-10-05T14:00:00", "Europe/Moscow", "operator_disconnects"]
        {
            assert!(shown(word).contains(word), "{word}");
        }
    }

    #[test]
    fn numbers_of_people_are_not_repeated_and_other_numbers_are() {
        let failure = told("get --on today 74951234567");
        assert!(!format!("{failure:?}").contains("74951234567"), "{failure:?}");
        assert!(failure.cause.unwrap().contains("phone number"));
        assert!(told("--concurrency 74951234567 limits").what.contains("`74951234567`"));
    }

    #[test]
    fn flags_that_do_not_exist_get_one_that_does() {
        for (line, next) in [
            ("get --date yesterday", "`--on`"),
            ("get --since yesterday", "`--from`"),
            ("get --form csv", "`--format`"),
            ("get --wher x", "`--where`"),
            ("get --filter x", "`--where`"),
            ("--on yesterday", "write the command first"),
            ("fields --where x", "calllegs fields --help"),
            ("get -x", "calllegs get --help"),
        ] {
            let failure = told(line);
            assert!(failure.next.as_ref().unwrap().contains(next), "{line}: {failure:?}");
            assert!(!failure.next.as_ref().unwrap().contains("date_"), "{line}");
        }
        let flags = Cli::command()
            .get_subcommands()
            .flat_map(|command| command.get_arguments().cloned().collect::<Vec<_>>())
            .chain(Cli::command().get_arguments().cloned())
            .filter_map(|known| known.get_long().map(str::to_owned))
            .collect::<Vec<_>>();
        for (_, meant) in FLAG_SYNONYMS {
            let name = meant.trim_start_matches('-').split(' ').next().unwrap();
            assert!(flags.iter().any(|flag| flag == name), "{meant}");
        }
    }

    #[test]
    fn values_are_refused_with_what_is_legal() {
        for (line, what, next) in [
            ("--brand sanbox limits", "`--brand` does not take `sanbox`", "`sandbox`"),
            ("--concurrency 99 limits", "`99`", "a whole number from 1 to 16"),
            ("--max-points many limits", "`many`", "a whole number"),
            ("--user-id abc limits", "`abc`", "a whole number"),
            ("get --limit ten --on today", "`ten`", "from 1"),
            ("get --limit -5 --on today", "`-5`", "from 1"),
            ("get --format json", "`json`", "`jsonl`"),
            ("get --csv-preset exel-ru", "`exel-ru`", "`excel-ru`"),
            ("get --on", "`--on` is there without", "--on <DATE>"),
            ("get --on today --on today", "more than once", "all but one"),
            ("get --on today --last 7d", "cannot be used with", "one of them"),
            ("get --report employees --with costs", "cannot be used with", "one of them"),
            (
                "get --columns people --fields numbers",
                "`--columns` is `--fields` by another name",
                "all but one",
            ),
            ("redact --check a.csv b.csv", "`calllegs redact` takes one file", "once for each"),
            ("auth", "no command", "`calllegs auth --help`"),
            ("redact key", "no command", "`calllegs redact key --help`"),
            ("--quiet=yes get", "takes no value", "--quiet alone"),
            ("sandbox serve --listen localhost", "`localhost`", "127.0.0.1"),
            ("sandbox serve --port 99999", "`99999`", "from 0 to 65535"),
            ("sandbox serve --fault nope", "`nope`", "--fault help"),
            ("sandbox serve --fault htp-500:p=0.1", "`htp-500:p=0.1`", "`http-500`"),
            (
                "get --limit 99999999999999999999999",
                "`99999999999999999999999`",
                "at most 18446744073709551615",
            ),
            ("--max-points 99999999999 limits", "`99999999999`", "at most 4294967295"),
            ("--max-points -1 limits", "`-1`", "a whole number from 0"),
            ("--reserve -5 limits", "`-5`", "0% to 100%"),
            ("--timeout -1 limits", "`-1`", "from 1 to 86400"),
            ("--timeout 9999999999999 limits", "`9999999999999`", "from 1 to 86400"),
            ("get --session -5", "`-5`", "the number"),
            ("get -o -x.csv", "`-x.csv`", "write ./-x.csv"),
            ("get --count --limit 5", "cannot be used with", "to get the rows"),
            ("get --where is_coach --where is_operator", "more than once", "join them with `and`"),
            ("--on yesterday get", "`--on` stands before", "behind the command: calllegs get --on yesterday"),
            ("--where=is_coach get", "`--where` stands before", "calllegs get --where …"),
            ("help get --help", "takes no flags", "`calllegs get --help`"),
            ("help get nonsense", "`nonsense`", "`calllegs get --help`"),
            ("help nope", "`nope`", "`calllegs --help`"),
            ("demo --seed -1", "`--seed` does not take `-1`", "without `-`"),
            ("--no-input", "no command", "calllegs --help"),
            ("--reserve 1.5 limits", "`1.5`", "0% to 100%"),
        ] {
            let failure = told(line);
            assert!(failure.what.contains(what), "{line}: {}", failure.what);
            assert!(failure.next.as_ref().unwrap().contains(next), "{line}: {failure:?}");
            assert!(failure.cause.as_ref().is_some_and(|cause| !cause.is_empty()), "{line}");
        }
    }
}
