//! `-h` on one screen of 80 by 24: examples, what it is, and what is mostly needed, a line each. Not here: `--help`, which has
//! all of it (clap).

use std::fmt::Write as _;

use clap::{Arg, Command};

use crate::lang::{Text, say, text};

/// Lines of a screen, the last of which has the prompt.
const LINES: usize = 23;

/// Columns of a screen.
const COLUMNS: usize = 80;

/// The commands by what they are for.
const GROUPS: [(Text, &str); 5] = [
    (text!("start"), "demo init doctor auth profile config"),
    (text!("look"), "plan get limits accounts fields reasons explain"),
    (text!("keep"), "sync state verify compact redact"),
    (text!("analyse"), "report stats staff sql"),
    (text!("more"), "sandbox completions man version"),
];

/// Flags of many commands that one of them is not understood without.
const ALSO: [(&str, &str); 3] = [("init", "token_stdin"), ("stats", "tz"), ("sync", "lookback")];

/// The help of the command that these words name, where they ask for the short one.
pub(crate) fn find(root: impl FnOnce() -> Command, words: &[String]) -> Option<String> {
    let mut words = words.iter().take_while(|word| *word != "--");
    if !words.clone().any(|word| word == "-h") {
        return None;
    }
    // With the flags of every command in each.
    let mut root = root();
    root.build();
    let root = &root;
    let (mut command, mut path) = (root, vec![root.get_name()]);
    words.by_ref().for_each(|word| {
        if let Some(inner) = command.find_subcommand(word) {
            command = inner;
            path.push(inner.get_name());
        }
    });
    Some(short(command, &path.join(" ")))
}

fn short(command: &Command, path: &str) -> String {
    let mut text = String::new();
    for said in [command.get_before_help(), command.get_about()].into_iter().flatten() {
        text.extend(
            said.to_string().trim_end().lines().flat_map(|line| [clipped(line, COLUMNS), "\n".to_owned()]),
        );
    }
    let usage = if command.is_subcommand_required_set() { "COMMAND" } else { "[OPTIONS]" };
    let places = command.get_positionals().filter(|place| !place.is_hide_set());
    let places = places.map(|place| format!(" {}", value(place))).collect::<Vec<_>>().concat();
    // Writing to a string does not fail.
    let _infallible = writeln!(text, "\n{} {path} {usage}{places}\n", say!("Usage:"));
    let is_also = |arg: &&Arg| ALSO.contains(&(command.get_name(), arg.get_id().as_str()));
    let options: Vec<_> = command.get_arguments().filter(|arg| is_shown(arg) || is_also(arg)).collect();
    let mut rows: Vec<(String, String)> = Vec::new();
    if path.contains(' ') {
        let inner =
            command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help");
        rows.extend(inner.map(|inner| (inner.get_name().to_owned(), said(inner.get_about()))));
    } else {
        rows.extend(GROUPS.map(|(group, names)| (group.into(), names.to_owned())));
    }
    rows.extend(options.iter().map(|option| (name(option), said(option.get_help()))));
    // The last line, and a line of names for what has no room.
    let room = LINES.saturating_sub(text.lines().count() + 1);
    let mut left = rows.split_off(room.min(rows.len()));
    while !left.is_empty() && names(&left).len() + rows.len() > room {
        let Some(last) = rows.pop() else { break };
        left.insert(0, last);
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default().min(30);
    for (name, said) in &rows {
        text.push_str(&clipped(format!("  {name:width$}  {said}").trim_end(), COLUMNS));
        text.push('\n');
    }
    for line in names(&left) {
        text.extend([&*line, "\n"]);
    }
    text + &say!("All of it: {path} --help", path) + "\n"
}

/// What has no room for a line of its own: names, several a line.
fn names(left: &[(String, String)]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (name, _) in left {
        let name = name.split(' ').find(|word| word.starts_with("--")).unwrap_or(name);
        match lines.last_mut().filter(|line| line.len() + name.len() + 2 <= COLUMNS) {
            Some(line) => line.extend([" ", name]),
            None => lines.push(format!("  {name}")),
        }
    }
    lines
}

fn is_shown(arg: &Arg) -> bool {
    let is_asked = !arg.is_hide_set() && !arg.is_hide_short_help_set() && !arg.is_positional();
    is_asked && arg.get_long() != Some("help")
}

/// `-o, --output FILE`
fn name(arg: &Arg) -> String {
    let short = arg.get_short().map_or_else(String::new, |short| format!("-{short}, "));
    let long = arg.get_long().map_or_else(String::new, |long| format!("--{long}"));
    let value = if arg.get_action().takes_values() { format!(" {}", value(arg)) } else { String::new() };
    format!("{short}{long}{value}")
}

fn value(arg: &Arg) -> String {
    arg.get_value_names().and_then(<[_]>::first).map_or_else(|| "VALUE".to_owned(), ToString::to_string)
}

/// The first line of a help.
fn said(help: Option<&clap::builder::StyledStr>) -> String {
    help.map(ToString::to_string).and_then(|help| help.lines().next().map(str::to_owned)).unwrap_or_default()
}

/// As much of a line as there is room for, up to the end of a word.
fn clipped(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let head: String = line.chars().take(width - 1).collect();
    let end = head.rfind(' ').unwrap_or(head.len());
    format!("{}…", head.get(..end).unwrap_or(&head).trim_end_matches([',', ':', ';', ' ']))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn walk(command: &Command, path: &str, each: &mut impl FnMut(&Command, &str)) {
        each(command, path);
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            walk(inner, &format!("{path} {}", inner.get_name()), each);
        }
    }

    #[test]
    fn the_short_help_of_every_command_fits_a_screen() {
        let mut root = Cli::command();
        root.build();
        walk(&root, "calllegs", &mut |command, path| {
            let help = short(command, path);
            assert!(help.lines().count() <= LINES, "{path}: {} lines\n{help}", help.lines().count());
            let wide = help.lines().find(|line| line.chars().count() > COLUMNS);
            assert_eq!(wide, None, "{path}");
            assert!(help.contains(&format!("Usage: {path}")), "{help}");
        });
    }

    #[test]
    fn every_command_is_in_a_group() {
        let known: Vec<_> = GROUPS.iter().flat_map(|(_, names)| names.split(' ')).collect();
        for command in Cli::command().get_subcommands() {
            assert!(known.contains(&command.get_name()), "{}", command.get_name());
        }
    }

    #[test]
    fn only_the_short_help_is_short() {
        let find = |words: &[&str]| {
            find(Cli::command, &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(find(&["get", "--help"]), None);
        assert!(find(&["state", "show", "-h"]).unwrap().contains("Usage: calllegs state show"));
        assert!(find(&["-h"]).unwrap().starts_with("Examples:"));
    }
}
