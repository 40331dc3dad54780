//! Every command with its flags as one Markdown text, for `docs/commands.md`, or as JSON. Not here: manual pages.

use std::fmt::Write as _;

use clap::{
    Arg, Command,
    builder::{Str, StyledStr},
};
use serde_json::{Value, json};

use super::shown_commands;

/// The reference of the tool and everything in it.
pub(super) fn of(tool: &Command) -> String {
    let mut text = "# Commands\n\nWritten from the flags themselves by `calllegs man --format markdown`; `--help` of a command says the \
                    same. Flags of every command stand at the tool alone.\n"
        .to_owned();
    add(&mut text, tool, tool);
    text
}

fn add(text: &mut String, tool: &Command, command: &Command) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    _ = write!(text, "\n## {name}\n\n{}\n", plain(command.get_long_about().or_else(|| command.get_about())));
    let usage = command.clone().render_usage().to_string();
    _ = write!(text, "\n```text\n{}\n", usage.trim());
    if let Some(examples) = command.get_before_help() {
        _ = write!(text, "\n{}\n", examples.to_string().trim());
    }
    text.push_str("```\n");
    let inner: Vec<_> = shown_commands(command).collect();
    if !inner.is_empty() {
        text.push_str("\nCommands:\n\n");
    }
    for inner in &inner {
        let name = inner.get_bin_name().unwrap_or_else(|| inner.get_name());
        let anchor = name.replace(' ', "-");
        _ = writeln!(text, "- [`{name}`](#{anchor}): {}", plain(inner.get_about()));
    }
    let is_tool = command.get_name() == tool.get_name();
    let shown = |arg: &&Arg| {
        let is_own = is_tool || !tool.get_arguments().any(|global| global.get_id() == arg.get_id());
        is_own && !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str())
    };
    let mut heading = None;
    let mut args: Vec<_> = command.get_arguments().filter(shown).collect();
    // What stands alone first, then flags, then those below a heading of their own.
    args.sort_by_key(|arg| (arg.get_help_heading().is_some(), !arg.is_positional()));
    for arg in args {
        let usual = if arg.is_positional() { "Arguments" } else { "Flags" };
        let own = arg.get_help_heading().unwrap_or(usual);
        if heading != Some(own) {
            _ = write!(text, "\n{own}:\n\n");
            heading = Some(own);
        }
        _ = writeln!(text, "- `{}`: {}", spelt(arg), plain(arg.get_long_help().or_else(|| arg.get_help())));
    }
    if let Some(manual) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        _ = write!(text, "\n```text\n{}\n```\n", wrapped(&manual.to_string()));
    }
    for inner in inner {
        add(text, tool, inner);
    }
}

/// A command and those in it, for programs: a list of objects.
pub(super) fn json(command: &Command) -> Vec<Value> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let shown = |arg: &&Arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str());
    let flags = command.get_arguments().filter(shown).map(|arg| {
        let about = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string);
        json!({"written": spelt(arg), "about": about, "required": arg.is_required_set()})
    });
    let inner: Vec<_> =
        command.get_subcommands().filter(|inner| inner.get_name() != "help").flat_map(json).collect();
    let own = json!({
        "command": name,
        "about": command.get_about().map(ToString::to_string),
        "has_commands": !inner.is_empty(),
        "flags": flags.collect::<Vec<_>>(),
    });
    [vec![own], inner].concat()
}

/// As it is written on a command line.
fn spelt(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.iter().map(Str::as_str).collect::<Vec<_>>().join(" ");
    let takes = arg.get_action().takes_values();
    if arg.is_positional() {
        return if arg.is_required_set() { value } else { format!("[{value}]") };
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let spelt = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    if takes { format!("{spelt} {value}") } else { spelt }
}

/// In one line, with nothing that Markdown would take for its own.
fn plain(text: Option<&StyledStr>) -> String {
    let text = text.map_or_else(String::new, ToString::to_string);
    let mut plain = String::new();
    let mut is_code = false;
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        is_code ^= c == '`';
        if !is_code && "<>*_|[]".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

/// Paragraphs of one line each become lines that a page can show; tables stay.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 100;
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        if line.chars().count() <= WIDTH {
            lines.push(line.trim_end().to_owned());
            continue;
        }
        let mut next = String::new();
        for word in line.split(' ') {
            if next.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut next));
            }
            if !next.is_empty() {
                next.push(' ');
            }
            next.push_str(word);
        }
        lines.push(next);
    }
    lines.join("\n")
}
