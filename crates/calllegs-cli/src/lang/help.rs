//! The help of the command line in the language of the run: a walk over the tree of commands that replaces what is read, and
//! none of what is typed. Not here: the help itself (`cli`).

use std::borrow::Cow;

use calllegs_stats::Language;
use clap::{
    Arg, ArgAction, Command,
    builder::{StyledStr, ValueRange},
};

use super::{Text, russian, spoken, text};

/// What clap itself says, but for the help of its own flags and commands, which stands in the tree.
const USAGE: Text = text!("Usage:");
const COMMANDS: Text = text!("Commands");
const OPTIONS: Text = text!("Options");
const ARGUMENTS: Text = text!("Arguments");
const DEFAULT: Text = text!("default:");

/// The commands with their help in the language of the run.
pub(crate) fn localized(command: Command) -> Command {
    match spoken() {
        Language::English => command,
        Language::Russian => Walk { translate: &mut russian::of }.root(command),
    }
}

/// Replaces texts by what `translate` finds for them.
pub(super) struct Walk<'a> {
    pub(super) translate: &'a mut dyn FnMut(&str) -> Option<&'static str>,
}

impl Walk<'_> {
    /// The tool with all its commands.
    pub(super) fn root(&mut self, command: Command) -> Command {
        // Adds what clap gives to each command, which is replaced too.
        let mut command = command;
        command.build();
        self.command(command)
    }

    fn command(&mut self, command: Command) -> Command {
        let command = self.texts(command).mut_args(|arg| self.arg(arg));
        let names: Vec<_> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
        names
            .into_iter()
            .fold(command, |command, name| command.mut_subcommand(name, |inner| self.command(inner)))
    }

    fn texts(&mut self, command: Command) -> Command {
        let template = format!(
            "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
            self.word(USAGE)
        );
        let heading = self.word(COMMANDS);
        let command = command.help_template(template).subcommand_help_heading(heading);
        let mut translated = |text: Option<&StyledStr>| text.map(|text| self.of(&text.to_string()));
        let about = translated(command.get_about());
        let long_about = translated(command.get_long_about());
        let before = translated(command.get_before_help());
        let after = translated(command.get_after_help());
        let after_long = translated(command.get_after_long_help());
        let command = about.into_iter().fold(command, Command::about);
        let command = long_about.into_iter().fold(command, Command::long_about);
        let command = before.into_iter().fold(command, Command::before_help);
        let command = after.into_iter().fold(command, Command::after_help);
        after_long.into_iter().fold(command, Command::after_long_help)
    }

    fn arg(&mut self, arg: Arg) -> Arg {
        let heading = match arg.get_help_heading() {
            Some(heading) => (self.translate)(heading),
            None if arg.is_positional() => Some(self.word(ARGUMENTS)),
            None => Some(self.word(OPTIONS)),
        };
        let mut helps =
            [arg.get_help(), arg.get_long_help()].map(|help| help.map(|help| self.of(&help.to_string())));
        let takes_values = arg.get_num_args().is_none_or(|range| range != ValueRange::EMPTY);
        let defaults = arg.get_default_values();
        let is_shown = !arg.is_hide_default_value_set() && takes_values && !defaults.is_empty();
        if is_shown && matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
            let values: Vec<Cow<'_, str>> = defaults.iter().map(|value| value.to_string_lossy()).collect();
            let suffix = format!(" [{} {}]", self.word(DEFAULT), values.join(" "));
            for help in helps.iter_mut().flatten() {
                help.push_str(&suffix);
            }
        }
        let [help, long_help] = helps;
        let arg = heading.into_iter().fold(arg, Arg::help_heading).hide_default_value(true);
        let arg = help.into_iter().fold(arg, Arg::help);
        long_help.into_iter().fold(arg, Arg::long_help)
    }

    fn word(&mut self, text: Text) -> &'static str {
        (self.translate)(text.0).unwrap_or(text.0)
    }

    /// A text, whole or by paragraphs; a list of examples by its lines.
    fn of(&mut self, english: &str) -> String {
        if let Some(whole) = (self.translate)(english) {
            return whole.to_owned();
        }
        let paragraphs = english.split("\n\n").map(|paragraph| {
            if !paragraph.starts_with(EXAMPLES) {
                return (self.translate)(paragraph).unwrap_or(paragraph).to_owned();
            }
            let lines: Vec<_> = paragraph.lines().map(|line| self.line(line)).collect();
            lines.join("\n")
        });
        let paragraphs: Vec<_> = paragraphs.collect();
        paragraphs.join("\n\n")
    }

    /// A line of a list of examples: its heading, or a command with a comment behind it.
    fn line(&mut self, line: &str) -> String {
        if line == EXAMPLES {
            return (self.translate)(line).unwrap_or(line).to_owned();
        }
        match line.trim_start().rsplit_once("  ") {
            Some((_, comment)) => {
                let command = line.strip_suffix(comment).unwrap_or(line);
                let said = (self.translate)(comment);
                format!("{command}{}", said.unwrap_or(comment))
            }
            None => line.to_owned(),
        }
    }
}

/// How a list of examples begins.
const EXAMPLES: &str = "Examples:";
